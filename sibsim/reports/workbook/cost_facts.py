"""What holds for a cost line in all periods, and who causes it when.

Dates move by whole months with the start and the end of the service where the line says so (section
5 of the model); who is in a cohort that is not served causes no cost, unless the line survives an
early end (section 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibsim.core.prices import NO_INDEX
from sibsim.core.wording import index_words, party_words
from sibsim.core.words import Words
from sibsim.delivery.costs import CostLine
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.days import months_later
from sibsim.reports.workbook.delivery import Served, people_of
from sibsim.reports.workbook.formulas import Formula, largest, lift, whole
from sibsim.reports.workbook.model import Live, Periods, Standing
from sibsim.reports.workbook.periods import position
from sibsim.reports.workbook.sheets import Sheet

BY_PEOPLE = ("start", "completion")
"""Lines that are counted by people on a date."""

COUNTED_BY: Mapping[str, Words] = {
    "year": Words(da="pr. år", en="per year"),
    "start": Words(da="pr. person, der starter", en="per person who starts"),
    "person_period": Words(da="pr. person og periode", en="per person and period"),
    "completion": Words(da="pr. person, der gennemfører", en="per person who completes"),
    "once": Words(da="én gang", en="once"),
}
"""What a line is counted by."""

CAUSES: Mapping[str, Words] = {
    "start": Words(da="starter", en="start"),
    "completion": Words(da="gennemfører", en="complete"),
}
"""Who causes a cost."""

NOT_INDEXED = Words(da="intet", en="none")
"""Index of an amount in current prices."""

FINANCED = Words(da="kapitalen", en="the capital")
"""Who pays a line that names nobody."""


@dataclass(frozen=True, eq=False)
class Before:
    """The parts of the base case that costs follow from."""

    live: Live
    periods: Periods
    delivery: Served
    standing: Standing

    @property
    def end(self) -> Formula:
        """Position at which the last period ends."""
        return lift(self.periods.number * self.periods.months)

    def pays_everyone(self, line: CostLine) -> bool:
        """Return whether a line is paid for cohorts that are not served too, or all are."""
        return self.standing.ends is None or line.survives_termination

    def period_of(self, place: Formula) -> Formula:
        """Return the number of the period that contains a position; before the start, the first."""
        return whole(largest(place, 0) / self.periods.months)


@dataclass(frozen=True, eq=False)
class Facts:
    """What holds for a line in all periods, a cell each."""

    amount: Formula
    """Amount per unit, in prices of the price year."""

    opens: Formula | None
    """First day of a line per year, moved."""

    closes: Formula | None
    """Day after the last day of such a line, moved."""

    at: Formula | None
    """Position of a line that is paid once, moved."""


@dataclass(frozen=True, eq=False)
class Causes:
    """Who causes a cost, and when, by cohort."""

    period: Mapping[str, Column]
    """Number of the period of the start and of the completion, by `start` and `completion`."""

    people: Mapping[tuple[str, str | None, bool], Column]
    """People by `start` or `completion`, segment and whether those not served count too."""


def facts_of(book: Before, sheet: Sheet) -> dict[str, Facts]:
    """Write what holds for each line in all periods, a row each."""
    live, costs = book.live, book.live.case.costs
    if not costs:
        return {}
    block = sheet.block(
        [title_of(name, line) for name, line in costs.items()],
        title=Words(da="udgift", en="cost"),
    )
    block.text(Words(da="opgjort", en="counted"), [COUNTED_BY[line.per] for line in costs.values()])
    block.text(
        Words(da="betales af", en="paid by"),
        [FINANCED if line.payer is None else _party(live, line.payer) for line in costs.values()],
    )
    block.text(
        Words(da="indeks", en="index"),
        [
            NOT_INDEXED if line.index == NO_INDEX else index_words(line.index)
            for line in costs.values()
        ],
    )
    amount = block.column(
        Words(da="beløb", en="amount"),
        (live.inputs[f"costs.{name}.amount"] for name in costs),
        kind="money",
    )
    moved = Words(
        da="Flyttet med forsinkelser, hvis linjen følger dem.",
        en="Moved with delays where the line follows them.",
    )
    opens = block.reserve(Words(da="første dag", en="first day"), kind="date", note=moved)
    closes = block.reserve(
        Words(da="dagen efter sidste dag", en="day after the last"), kind="date", note=moved
    )
    at = block.reserve(
        Words(da="betales, position", en="paid at, position"), kind="number", note=moved
    )
    found = {}
    for row, (name, line) in enumerate(costs.items()):
        first = after = place = None
        delay = book.delivery.delay if line.moves_with_start else None
        if line.per == "year":
            first = opens.set(row, _later(live.inputs[f"costs.{name}.from"], delay))
            last = live.inputs[f"costs.{name}.to"] + 1
            late = book.delivery.finish_delay if line.runs_over else None
            after = closes.set(row, _later(_later(last, late), delay))
        if line.per == "once":
            day = live.inputs[f"costs.{name}.at"]
            here = position(day, case_start=book.periods.case_start)
            place = at.set(row, here if delay is None else here + delay)
        found[name] = Facts(amount.at(row), first, after, place)
    return found


def _later(day: Formula, months: Formula | None) -> Formula:
    return day if months is None else months_later(day, months)


def causes_of(book: Before, sheet: Sheet) -> Causes:
    """Write who causes costs by cohort, where a line is counted by people."""
    lines = [line for line in book.live.case.costs.values() if line.per in BY_PEOPLE]
    if not lines:
        return Causes({}, {})
    delivery, served = book.delivery, book.standing.served
    length = book.live.inputs["delivery.programme_months"]
    block = sheet.block(
        [
            Words(da=f"hold {number}", en=f"cohort {number}")
            for number in range(1, len(delivery.start) + 1)
        ],
        title=Words(da="hold", en="cohort"),
    )
    dates = {
        "start": (Words(da="periode for start", en="period of start"), lift(0)),
        "completion": (Words(da="periode for afslutning", en="period of completion"), length),
    }
    numbers = {"start": delivery.started, "completion": delivery.completed}
    period: dict[str, Column] = {}
    people: dict[tuple[str, str | None, bool], Column] = {}
    for line in lines:
        title, later = dates[line.per]
        if line.per not in period:
            period[line.per] = block.column(
                title,
                [book.period_of(start + later) for start in delivery.start],
                kind="count",
            )
        for everyone in (True, book.pays_everyone(line)):
            key = (line.per, line.segment, everyone)
            if key in people:
                continue
            each = [people_of(delivery, number, line.segment) for number in numbers[line.per]]
            if not everyone:
                each = [number * here for number, here in zip(each, served, strict=True)]
            people[key] = block.column(_counted(line, everyone=everyone), each, kind="number")
    return Causes(period, people)


def _counted(line: CostLine, *, everyone: bool) -> Words:
    who = CAUSES[line.per]
    of = "" if line.segment is None else f" ({line.segment})"
    da, en = ("", "") if everyone else (" af hold, der gennemføres", " of cohorts served")
    return Words(da=f"{who.da}{of}{da}", en=f"{who.en}{of}{en}")


def title_of(name: str, line: CostLine) -> Words:
    """Return what a cost line is called: its title, else its name.

    Parameters
    ----------
    name, line
        Name and line.
    """
    return line.title or party_words(name)


def _party(live: Live, party: str) -> Words:
    problem = live.case.problem
    named = problem.investors.get(party) if problem else None
    return Words(da=named, en=named) if named else party_words(party)
