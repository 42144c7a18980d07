"""What a re-forecast says, in plain Danish and English: early warnings, causes, limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sibsim.case import Case
from sibsim.core.amounts import chance, rounded
from sibsim.core.wording import (
    Language,
    Sentence,
    counted,
    decimal,
    listing,
    percent,
    percentage_points,
)
from sibsim.core.words import Words
from sibsim.forecast.against_plan import ALL_LINES
from sibsim.forecast.bridge import Bridge, Cause
from sibsim.forecast.goals import Outlook
from sibsim.forecast.learned import Learned, Method
from sibsim.forecast.quantity_words import quoted
from sibsim.metric_words import METRIC_WORDS, NUMBER_DIGITS, RATE_DIGITS, value_words

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.forecast.observed import Observed

CAUSE_WORDS: Mapping[Cause, Words] = {
    "volume": Words(da="hvor mange der kommer", en="how many come"),
    "take_up": Words(da="hvor mange der starter og gennemfører", en="how many start and complete"),
    "success": Words(da="resultaterne", en="results"),
    "delay": Words(da="forsinkelse", en="delay"),
    "price": Words(da="betalingsafvigelse", en="payment difference"),
}
"""What the causes are called."""

MISSED_RESULTS = 0.5
"""From this many results on average by which simulated people miss the reports, it is said."""

SAME_AMOUNT = 0.5
"""Amounts this near each other are the same: payments are booked in whole units."""

_GOAL = Words(
    da="målet »{title}«, {level} efter {months} måneder: nås ikke med sandsynligheden {now} "
    "(plan: {plan}){reached}",
    en='goal "{title}", {level} at {months} months: missed with probability {now} '
    "(plan: {plan}){reached}",
)
_REACHED = Words(
    da="; indberettet indtil nu er {reached} for {people}",
    en="; reported so far is {reached} of {people}",
)
_NOTHING = Words(
    da="intet er observeret endnu: prognosen er planen",
    en="nothing has been observed yet: the forecast is the plan",
)
_METHOD = Words(
    da="usikre størrelser er opdateret ved {method}, hvad der svarer til {effective} uafhængige "
    "udtrækninger: den usikkerhed er med i fejlene på mål og på trin fra planen til prognosen, men "
    "ikke i en simulerings egne",
    en="uncertain quantities are updated by {method}, worth {effective} independent draws: that "
    "error is in those of goals and of steps from the plan, but not in those of a simulation's "
    "own summary",
)
_METHODS: Mapping[Method, Words] = {
    "resampling": Words(
        da="vægtning og genudtrækning af planens udtrækninger",
        en="weighing and resampling the draws of the plan",
    ),
    "numpyro": Words(
        da="Markovkæder (numpyro), fordi observationerne ligger langt fra planen",
        en="Markov chains (numpyro), as what was observed lies far from the plan",
    ),
}
"""How quantities were updated."""
_PAID = Words(
    da="på linjen {line} er der til og med {through} betalt {apart} {more} end kontrakten giver "
    "på det indberettede",
    en="on line {line}, {apart} {more} has been paid through {through} than the contract gives "
    "on what was reported",
)
_MISSED = Words(
    da="de simulerede borgere rammer i gennemsnit {number} af de indberettede resultater forkert: "
    "planens model kan næppe give dem",
    en="simulated people miss what was reported by {number} results on average: the plan's model "
    "can hardly give them",
)
_BRIDGE = Words(
    da="{metric} går fra {plan} i planen til {now}{center}: {steps}; trinene er taget i denne "
    "rækkefølge, og en anden rækkefølge giver andre trin",
    en="{metric} goes from {plan} in the plan to {now}{center}: {steps}; steps are taken in this "
    "order, and another order gives other steps",
)


def warnings(plan: Case, found: tuple[Outlook, ...]) -> Iterator[Sentence]:
    """Yield how likely each goal is to be missed, the most likely first."""
    for each in sorted(found, key=lambda each: -each.p_missed):
        values: dict[str, Words | str] = {
            "title": _title(plan, each.outcome),
            "level": _level(plan, each),
            "months": str(each.goal.at_months),
            "now": chance(each.p_missed),
            "plan": chance(each.p_missed_plan),
            "reached": _so_far(plan, each),
        }
        yield Sentence(_GOAL, values)


def sentences(
    found: Observed, lang: Language, *, outlooks: tuple[Outlook, ...], missed: float
) -> Iterator[str]:
    """Yield early warnings, then what differs from the contract and what the data cannot tell.

    Parameters
    ----------
    found
        The re-forecast.
    lang
        `da` (Danish) or `en` (English).
    outlooks
        Its goals.
    missed
        Results by which simulated people miss the reports, on average.
    """
    if found.is_empty:
        yield Sentence(_NOTHING, {}).say(lang)
    for warning in warnings(found.plan, outlooks):
        yield warning.say(lang)
    for line, row in found.payments().drop(ALL_LINES, errors="ignore").iterrows():
        apart = float(row["difference"])
        if abs(apart) > SAME_AMOUNT:
            yield _apart(found.plan, line=str(line), row=row).say(lang)
    if missed > MISSED_RESULTS:
        yield Sentence(_MISSED, {"number": decimal(round(missed, NUMBER_DIGITS))}).say(lang)
    if found.learned is not None:
        yield from _of_learning(found.learned, lang)
    for note in found.notes:
        yield Sentence(note, {}).say(lang)


def _of_learning(learned: Learned, lang: Language) -> Iterator[str]:
    """Yield what was learned, what the data cannot tell, how it was done and what was left out."""
    yield from learned.sentences(lang)
    if learned.method in _METHODS:
        effective = decimal(round(learned.effective))
        values = {"method": _METHODS[learned.method], "effective": effective}
        yield Sentence(_METHOD, values).say(lang)
    for note in learned.notes:
        yield Sentence(note, {}).say(lang)


def _apart(plan: Case, *, line: str, row: pd.Series) -> Sentence:
    """Return by how much the payments of a line differ from what the contract gives."""
    apart = float(row["difference"])
    more = Words(da="mere", en="more") if apart > 0 else Words(da="mindre", en="less")
    title = plan.contract.payments[line].title
    values: dict[str, Words | str] = {
        "line": quoted(title) if title else line,
        "through": str(row["through"]),
        "apart": rounded(abs(apart), currency=plan.head.currency),
        "more": more,
    }
    return Sentence(_PAID, values)


def bridge_sentence(found: Bridge) -> Sentence:
    """Return a bridge in one sentence; steps of nothing are left out."""
    steps = [
        Words(
            da=f"{CAUSE_WORDS[step.cause].da} {change.da}",
            en=f"{CAUSE_WORDS[step.cause].en} {change.en}",
        )
        for step in found.steps
        if step.change
        for change in [_signed(step.change, found)]
    ]
    none = Words(da="intet trin ændrer noget", en="no step changes anything")
    named = quoted(Words(da=found.metric, en=found.metric))
    center = Words(da=" (medianer)", en=" (medians)") if found.is_median else Words(da="", en="")
    values = {
        "metric": METRIC_WORDS.get(found.metric, named),
        "plan": _value(found.plan, found),
        "now": _value(found.now, found),
        "center": center,
        "steps": listing(steps) if steps else none,
    }
    return Sentence(_BRIDGE, values)


def _signed(change: float, found: Bridge) -> Words:
    """Return a change of a metric with its sign: +DKK 0.3 m, -2.2 percentage points."""
    words = _value(change, found)
    if found.is_rate:
        words = percentage_points(round(change, RATE_DIGITS) + 0.0)
    return Words(da=f"+{words.da}", en=f"+{words.en}") if change > 0 else words


def _value(value: float, found: Bridge) -> Words:
    return value_words(value, metric=found.metric, currency=found.case.head.currency)


def _title(plan: Case, outcome: str) -> Words | str:
    return plan.outcomes[outcome].title or outcome


def _level(plan: Case, each: Outlook) -> Words:
    """Return the level of a goal: 50 %, at least 5 points, at most 6 days."""
    goal, unit = each.goal, plan.outcomes[each.outcome].counted_in
    if goal.share is not None:
        return percent(goal.share)
    if goal.mean_at_least is not None:
        least = counted(goal.mean_at_least, unit=unit)
        return Words(da=f"mindst {least.da}", en=f"at least {least.en}")
    most = counted(goal.mean_at_most or 0.0, unit=unit)
    return Words(da=f"højst {most.da}", en=f"at most {most.en}")


def _so_far(plan: Case, each: Outlook) -> Words:
    """Return what was reported so far at the follow-up of a goal; nothing where nothing was."""
    if not each.people:
        return Words(da="", en="")
    unit = plan.outcomes[each.outcome].counted_in
    reached = (
        counted(round(each.reached, 2), unit=unit) if unit else percent(round(each.reached, 2))
    )
    people = counted(each.people, unit="people")
    danish = "borgere" if each.people != 1 else "borger"
    return Words(
        da=(_REACHED.da or "").format(
            reached=reached.da, people=f"{decimal(each.people).da} {danish}"
        ),
        en=(_REACHED.en or "").format(reached=reached.en, people=people.en),
    )
