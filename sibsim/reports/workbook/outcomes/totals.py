"""Totals of what is achieved, of the cohorts that are served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sibsim.core.words import Words
from sibsim.outcomes.goal import Goal
from sibsim.reports.workbook.formulas import Formula, added, both, where
from sibsim.reports.workbook.model import Delivery, Live, Measure, Outcome, Standing
from sibsim.reports.workbook.sheets import Sheet

SHEET = Words(da="Samlet", en="Totals")
_PARTICIPANTS = Words(da="Deltagere", en="Participants")
_ACHIEVED = Words(da="Opnået", en="Achieved")
_ADDITIONAL = Words(da="Ekstra", en="Additional")
_PEOPLE = Words(da="Personer, der tæller", en="People who count")
_REPORTED = Words(da="Rapporteret", en="Reported")

TOLERANCE = 1e-9
"""Results by which a goal may be missed and still count as reached: rounding of a product."""


def write_outcome_totals(
    live: Live,
    *,
    delivery: Delivery,
    outcomes: Mapping[str, Outcome],
    measures: Mapping[str, Measure],
    standing: Standing,
) -> None:
    """Write participants, results, goals and reports of the cohorts that are served.

    Parameters
    ----------
    live
        The workbook, whose totals they become.
    delivery
        Who comes.
    outcomes, measures
        What is achieved and reported, by name.
    standing
        Which cohorts are served.
    """
    found = dict(_results(live, outcomes=outcomes, standing=standing))
    found["participants"] = (_PARTICIPANTS, _served(delivery.started, standing=standing))
    for name, measure in measures.items():
        title = live.case.outcomes[live.case.measures[name].outcome].title or name
        label = _about(_REPORTED, said_title(title))
        reported = _served(_at(measure.reported, -1), standing=standing)
        found[f"measured.{name}"] = (label, reported)
    sheet = live.book.sheet(SHEET)
    sheet.heading(
        Words(da="I alt af hold, der gennemføres", en="In all, of cohorts that are served")
    )
    block = sheet.block([label for label, _ in found.values()], title="")
    column = block.reserve(Words(da="i alt", en="in all"), kind="number")
    for row, (name, (_, number)) in enumerate(found.items()):
        live.totals[name] = column.set(row, number)
    _goals(live, sheet, outcomes=outcomes, standing=standing)


def _results(
    live: Live, *, outcomes: Mapping[str, Outcome], standing: Standing
) -> Iterator[tuple[str, tuple[Words, Formula]]]:
    """Yield by the name of the metric what is achieved of each outcome: in words, and the sum."""
    for name, outcome in outcomes.items():
        spec = live.case.outcomes[name]
        title = said_title(spec.title or name)
        last = len(outcome.follow_up) - 1
        for k, months in enumerate(spec.follow_up_months):
            key = f"achieved.{name}" if k == last else f"achieved.{name}.{months}"
            achieved = _served(_at(outcome.achieved, k), standing=standing)
            yield key, (_about(_ACHIEVED, title, months=months), achieved)
        more = _served(_at(outcome.additional, last), standing=standing)
        yield f"additional.{name}", (_about(_ADDITIONAL, title), more)
        people = _served(outcome.people, standing=standing)
        yield f"people.{name}", (_about(_PEOPLE, title), people)


def _goals(
    live: Live, sheet: Sheet, *, outcomes: Mapping[str, Outcome], standing: Standing
) -> None:
    """Write whether each goal is reached, 1 or 0."""
    goals = {name: spec.goal for name, spec in live.case.outcomes.items() if spec.goal is not None}
    if not goals:
        return
    sheet.heading(Words(da="Resultatmål", en="Result goals"))
    titles = [live.case.outcomes[name].title or name for name in goals]
    block = sheet.block(titles, title="")
    column = block.reserve(
        Words(da="nået (1 = ja)", en="reached (1 = yes)"),
        kind="count",
        note=Words(
            da="opnået mindst (eller højst) målet gange dem, der tæller",
            en="achieved at least (or at most) the goal times those who count",
        ),
    )
    for row, (name, goal) in enumerate(goals.items()):
        k = live.case.outcomes[name].follow_up_months.index(goal.at_months)
        achieved = _served(_at(outcomes[name].achieved, k), standing=standing)
        people = _served(outcomes[name].people, standing=standing)
        live.totals[f"p_goal.{name}"] = column.set(
            row, _reached(live, name=name, goal=goal, achieved=achieved, people=people)
        )


def _reached(live: Live, *, name: str, goal: Goal, achieved: Formula, people: Formula) -> Formula:
    fields = ("share", "mean_at_least", "mean_at_most")
    field = next(field for field in fields if getattr(goal, field) is not None)
    level = live.inputs.get(f"outcomes.{name}.goal.{field}", getattr(goal, field))
    needed = level * people
    if field == "mean_at_most":
        enough = achieved <= needed + TOLERANCE
    else:
        enough = achieved >= needed - TOLERANCE
    return where(both(enough, people > 0), 1, 0)


def _at(grid: Sequence[Sequence[Formula]], k: int) -> list[Formula]:
    return [row[k] for row in grid]


def _served(numbers: Sequence[Formula], *, standing: Standing) -> Formula:
    return added([n * s for n, s in zip(numbers, standing.served, strict=True)])


def _about(what: Words, title: Words, *, months: int | None = None) -> Words:
    after = Words(da="", en="")
    if months is not None:
        after = Words(da=f", {months} måneder", en=f", {months} months")
    return Words(da=f"{what.da}: {title.da}{after.da}", en=f"{what.en}: {title.en}{after.en}")


def said_title(title: Words | str) -> Words:
    """Return a title in both languages, the other one where one is missing."""
    if isinstance(title, str):
        return Words(da=title, en=title)
    return Words(da=title.in_language("da"), en=title.in_language("en"))
