"""The follow-up: goals and dates, what to watch, who does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from sibsim.core.timeline import shifted
from sibsim.core.wording import counted, day_words, decimal, listing, percent
from sibsim.core.words import Words
from sibsim.reports import plots
from sibsim.reports.document.drivers import Drivers
from sibsim.reports.document.economy import LONGEST_ALT
from sibsim.reports.document.material import Material
from sibsim.reports.document.more_words import FOLLOW_UP
from sibsim.reports.document.names import called_in_case
from sibsim.reports.document.parts import (
    Block,
    Bullets,
    Figure,
    Paragraph,
    Picture,
    Pieces,
    Row,
    Said,
    Table,
    headed,
)
from sibsim.reports.document.text import shortened

if TYPE_CHECKING:
    from sibsim.outcomes.base import OutcomeModel
    from sibsim.outcomes.goal import Goal

MOST_WATCHED = 3
"""Quantities that are named as those to watch."""


def follow_up(material: Material, drivers: Drivers | None) -> tuple[Block, ...]:
    """Return goals and dates, what to watch, and who follows up.

    Parameters
    ----------
    material
        The run.
    drivers
        What would change the net result; None where that is not known.
    """
    return tuple(_follow_up(material, drivers))


def _follow_up(material: Material, drivers: Drivers | None) -> Iterator[Block]:
    yield _table(material)
    if any(outcome.goal is not None for outcome in material.case.outcomes.values()):
        yield _picture(material)
    yield Paragraph(material.say(FOLLOW_UP["watch"]))
    watched = [material.say(FOLLOW_UP[f"watch {each}"]) for each in ("people", "results", "money")]
    if drivers is not None and drivers.rows:
        names = [
            called_in_case(material.case, row[0], lang=material.lang)
            for row in drivers.rows[:MOST_WATCHED]
        ]
        listed = listing([_in_a_sentence(each) for each in names]).in_language(material.lang)
        watched.append(material.say(FOLLOW_UP["watch drivers"], quantities=listed))
    yield Bullets(tuple(watched))
    yield Paragraph(_who(material))


def _in_a_sentence(name: str) -> str:
    """Return a name without its capital, which an abbreviation keeps."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def _table(material: Material) -> Table:
    case = material.case
    rows = []
    for name, design in case.measures.items():
        outcome = case.outcomes[design.outcome]
        title = material.word(outcome.title) if outcome.title else design.outcome
        first, last = _span(material, outcome)
        lag = case.contract.terms.lag_months if case.contract.terms else 0
        paid = tuple(shifted(each, months=lag) for each in (first, last))
        rows.append(
            Row(
                (
                    (Said(title),),
                    _goal(material, outcome.goal, outcome),
                    (material.word(design.words()),),
                    (_dates(material, first, last, path=f"measures.{name}"),),
                    (_dates(material, *paid, path=f"measures.{name}, paid"),),
                )
            )
        )
    titles = ("outcome", "goal", "measured by", "measured", "paid")
    return Table(
        caption=material.word(FOLLOW_UP["goals"]),
        columns=headed(*(material.word(FOLLOW_UP[each]) for each in titles)),
        rows=tuple(rows),
        widths=(3.2, 2.6, 4.6, 3.2, 3.2),
        numbers=range(0),
        note=material.word(FOLLOW_UP["dates note"]),
    )


def _span(material: Material, outcome: OutcomeModel) -> tuple[date, date]:
    """Return the first and the last day on which an outcome is measured, as planned."""
    delivery = material.case.delivery
    assert delivery is not None  # noqa: S101 - a case that was run has one
    starts = [cohort.start for cohort in delivery.cohorts]
    months = outcome.follow_up_months
    return shifted(min(starts), months=min(months)), shifted(max(starts), months=max(months))


def _dates(material: Material, first: date, last: date, *, path: str) -> Figure:
    days = [material.word(day_words(each)) for each in (first, last)]
    text = days[0]
    if last != first:
        text = material.word(FOLLOW_UP["from to"]).format(first=days[0], last=days[1])
    return Figure(text, path, "case")


def _goal(material: Material, goal: Goal | None, outcome: OutcomeModel) -> Pieces:
    if goal is None:
        return (material.word(FOLLOW_UP["no goal"]),)
    path = f"outcomes.{outcome.title or ''}.goal"
    level = Figure(material.word(_level(goal, outcome)), path, "case")
    months = Figure(str(goal.at_months), f"{path}.at_months", "case")
    return material.say(FOLLOW_UP["after"], level=level, months=months)


def _level(goal: Goal, outcome: OutcomeModel) -> Words:
    """Return the level that a goal asks for: `mindst 50 %`, `højst 6 dage`."""
    if goal.share is not None:
        key, level = "at least", percent(goal.share)
    else:
        key = "at least" if goal.mean_at_least is not None else "at most"
        mean = goal.mean_at_least if goal.mean_at_least is not None else goal.mean_at_most
        assert mean is not None  # noqa: S101 - a goal states exactly one level
        unit = outcome.counted_in
        level = counted(mean, unit=unit) if unit else decimal(mean)
    words = FOLLOW_UP[key]
    return Words(
        da=words.in_language("da").format(level=level.in_language("da")),
        en=words.in_language("en").format(level=level.in_language("en")),
    )


def _who(material: Material) -> Pieces:
    """Return which committees follow up: the contract's own, and those of the budget lines."""
    case = material.case
    own = case.contract.terms.committee if case.contract.terms else None
    if own is None:
        return material.say(FOLLOW_UP["who open"])
    committees = (
        *(line.committee for line in case.budget.values()),
        *(line.committee for line in case.costs.values()),
    )
    others = [each for each in dict.fromkeys(committees) if each and each != own]
    if not others:
        told = (
            "who some"
            if any(each.committee is None for each in case.budget.values())
            else "who one"
        )
        return material.say(FOLLOW_UP[told], committee=own)
    listed = listing(others).in_language(material.lang)
    return material.say(FOLLOW_UP["who"], committee=own, others=listed)


def _picture(material: Material) -> Picture:
    caption = material.word(FOLLOW_UP["goals picture"])
    titles = [
        material.word(outcome.title) if outcome.title else name
        for name, outcome in material.case.outcomes.items()
        if outcome.goal is not None
    ]
    return Picture(
        name="goals",
        caption=caption,
        alt=shortened(f"{caption}: {', '.join(titles)}", LONGEST_ALT),
        draw=lambda ax: plots.goals(material.results, ax=ax, lang=material.lang),
    )
