"""What a driver moves and what else a reader must know, in Danish and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sibsim.case import Case
from sibsim.core.wording import decimal, listing
from sibsim.core.words import Words
from sibsim.decisions.breakeven.drivers import amounts_of, delivery_costs
from sibsim.decisions.breakeven.durations import durations_of
from sibsim.decisions.breakeven.effort import linked_outcomes
from sibsim.decisions.breakeven.levers import Lever, Point
from sibsim.forecast.quantity_words import outcome_words

MONTH_DIGITS = 1
"""Digits after the point of a duration in months."""

PER_PERSON = ("start", "person_period", "completion")
"""What cost lines are counted by that move with the number of participants."""

OF_YEAR = Words(
    da="regnskabet gøres op ved årets udgang; hvad der kommer senere, tæller ikke",
    en="the account ends with the year; what comes later does not count",
)
_PARTICIPANTS = Words(
    da="udgifter der følger deltagerne: {moves}; der ikke gør: {fixed}",
    en="costs that move with participants: {moves}; that do not: {fixed}",
)
_NONE = Words(da="ingen", en="none")
_EFFECT = Words(
    da="effekten på alle resultater ganges med én faktor på sin additive skala",
    en="the effect on every outcome is multiplied by one factor on its additive scale",
)
_SUCCESS = Words(
    da="effekten ganges med en faktor på sin additive skala{factor}",
    en="the effect is multiplied by a factor on its additive scale{factor}",
)
_FACTOR = Words(da=", her {factor}", en=", here {factor}")
_WITH = Words(da="; {others} følger med", en="; {others} moves with it")
_DURATION = Words(
    da="middelværdien af den første varighed; alle skaleres ens: {all}",
    en="the mean of the first duration; all are scaled alike: {all}",
)
_PRICE = Words(da="beløb pr. {per}, prisårets priser", en="amount per {per}, prices of {year}")
_PER: Mapping[str, Words] = {
    "month": Words(da="personmåned", en="person-month"),
    "week": Words(da="personuge", en="person-week"),
    "year": Words(da="personår", en="person-year"),
    "day": Words(da="persondag", en="person-day"),
    "event": Words(da="hændelse", en="event"),
}
"""What the amount of a budget line is counted by."""

_YEARLY = Words(
    da="summen af årene pr. ekstra person, prisårets priser",
    en="the sum of the years per additional person, prices of {year}",
)
_PRICES = Words(
    da="beløbene på alle budgetlinjer ganges med én faktor",
    en="the amounts of all budget lines are multiplied by one factor",
)
_PAYMENTS = Words(
    da="alle beløb ganges med én faktor: {all}; lofter står fast",
    en="all amounts are multiplied by one factor: {all}; limits stay",
)
_COSTS = Words(
    da="i alt i løbende priser, ganget med én faktor: {all}; kontraktens egne udgifter er ikke med",
    en="in all, current prices, multiplied by one factor: {all}; costs of the contract are left "
    "out",
)
_DELAY = Words(
    da="hele måneder, ens i alle trækninger; udgifter uden moves_with_start flytter ikke med, og "
    "hvad der skulle betales efter kontraktens sidste betalingsdag, bortfalder",
    en="whole months, the same in every draw; costs without moves_with_start do not move, and what "
    "would be paid after the last payment date of the contract lapses",
)


def note_of(case: Case, lever: Lever, *, there: Point | None) -> Words:
    """Return what a driver moves, and to what at the value where the target is reached.

    Parameters
    ----------
    case
        The case.
    lever
        The driver.
    there
        The driver at that value; None: there is none.
    """
    kind, _, name = lever.name.partition(".")
    notes: dict[str, Callable[[], Words]] = {
        "participants": lambda: _of_participants(case),
        "effect": lambda: _EFFECT,
        "success": lambda: _of_outcome(case, name, there=there),
        "result": lambda: _of_outcome(case, name, there=there),
        "duration": lambda: _of_durations(case, there=there),
        "price": lambda: _of_price(case, name),
        "prices": lambda: _PRICES,
        "payments": lambda: filled(_PAYMENTS, all=_names(list(amounts_of(case)))),
        "costs": lambda: filled(_COSTS, all=_names(delivery_costs(case))),
        "delay": lambda: _DELAY,
    }
    return notes[kind]()


def filled(words: Words, **values: Words | str) -> Words:
    """Return a pattern with its values in both languages."""
    in_each = {
        lang: {
            name: each if isinstance(each, str) else each.in_language(lang)
            for name, each in values.items()
        }
        for lang in ("da", "en")
    }
    return Words(
        da=words.in_language("da").format(**in_each["da"]),
        en=words.in_language("en").format(**in_each["en"]),
    )


def _of_participants(case: Case) -> Words:
    moves = [key for key, line in case.costs.items() if line.per in PER_PERSON]
    rest = [key for key in case.costs if key not in moves]
    return filled(_PARTICIPANTS, moves=_names(moves), fixed=_names(rest))


def _of_price(case: Case, name: str) -> Words:
    line, year = case.budget[name], str(case.head.price_year)
    if line.per is None:
        return filled(_YEARLY, year=year)
    return filled(_PRICE, per=_PER[line.per], year=year)


def _of_outcome(case: Case, name: str, *, there: Point | None) -> Words:
    factor: Words | str = ""
    if there is not None:
        factor = filled(_FACTOR, factor=decimal(round(there.setting, 3)))
    found = filled(_SUCCESS, factor=factor)
    others = [
        outcome_words(case, each)
        for group in linked_outcomes(case)
        for each in group
        if name in group and each != name
    ]
    if not others:
        return found
    more = filled(_WITH, others=listing(others))
    return Words(da=f"{found.da}{more.da}", en=f"{found.en}{more.en}")


def _of_durations(case: Case, *, there: Point | None) -> Words:
    parts = []
    for each in durations_of(case):
        now = decimal(round(each.months, MONTH_DIGITS))
        if there is None:
            parts.append(Words(da=f"{each.path} {now.da}", en=f"{each.path} {now.en}"))
            continue
        then = decimal(round(each.months_at(there.setting), MONTH_DIGITS))
        parts.append(
            Words(da=f"{each.path} {now.da} -> {then.da}", en=f"{each.path} {now.en} -> {then.en}")
        )
    return filled(_DURATION, all=listing(parts))


def _names(names: Sequence[str]) -> Words:
    return listing(list(names)) if names else _NONE
