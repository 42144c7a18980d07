"""The sheet of people: what differs between 1,000 equally likely people, as quantiles.

The value of person i is the quantile at u = (i + 1/2) / 1000 of a three-term metalog with lower
bound 0 (Keelin 2016, *The Metalog Distributions*, Decision Analysis 13(4)), through the 10, 50 and
90 % that the case states; a plain number is the same for all and needs one cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sibsim.core.parameters import BetweenPeople
from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.formulas import (
    Formula,
    above_zero,
    lift,
    logarithm,
    lower_of,
    power_of_e,
    sum_product,
)
from sibsim.reports.workbook.model import Live
from sibsim.reports.workbook.savings import words as w
from sibsim.reports.workbook.savings.references import fixed_place, titled
from sibsim.reports.workbook.sheets import Sheet

PEOPLE = 1_000
"""People on the grid."""

QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
"""Quantiles that a case states."""

LASTS, WEEKS_BEFORE = "lasts", "refund.weeks_before"
"""Fields of a budget line that differ between people."""


@dataclass(frozen=True, eq=False)
class Grid:
    """What one quantity is for each person."""

    values: Formula
    """The cells, one per person, or the one cell that holds for all."""

    people: int
    """Number of cells."""

    def up_to(self, months: Formula) -> Formula:
        """Return the mean over people of the smaller of their value and a number."""
        return sum_product(lower_of(self.values, months)) / self.people

    def beyond(self, threshold: Formula) -> Formula:
        """Return the mean over people of what their value is above a number, at least 0."""
        return sum_product(above_zero(self.values - threshold)) / self.people


Grids = Mapping[tuple[str, str], Grid]
"""Grids by budget line and field."""


def write_people(live: Live) -> Grids:
    """Write what differs between people on a sheet of its own; no sheet where nothing does.

    Parameters
    ----------
    live
        The workbook.
    """
    wanted = dict(_between_people(live))
    if not wanted:
        return {}
    sheet = live.book.sheet(w.PEOPLE_SHEET)
    sheet.heading(w.PEOPLE_HEADING, note=w.PEOPLE_NOTE)
    lines = live.case.budget
    labels = [
        w.of(w.LASTS_OF if field == LASTS else w.WEEKS_OF, titled(lines[name].title, name=name))
        for name, field in wanted
    ]
    spread = [key for key in wanted if f"{_path(*key)}.between_people.p50" in live.inputs]
    alike = [key for key in wanted if key not in spread]
    named = dict(zip(wanted, labels, strict=True))
    found: dict[tuple[str, str], Grid] = {}
    if alike:
        block = sheet.block([named[key] for key in alike], title=w.QUANTITY)
        column = block.column(
            w.VALUE,
            (_stated(live, _path(*key), wanted[key]) for key in alike),
            kind="number",
        )
        found |= {key: Grid(column.at(row), 1) for row, key in enumerate(alike)}
    if spread:
        grids = _spread(live, sheet, labels=[named[key] for key in spread], keys=spread)
        found |= {key: Grid(column.all, PEOPLE) for key, column in grids.items()}
    return found


def _between_people(live: Live) -> Iterator[tuple[tuple[str, str], BetweenPeople]]:
    for name, line in live.case.budget.items():
        if line.lasts is not None:
            yield (name, LASTS), line.lasts
        counts_weeks = line.states is None and line.refund is not None
        if counts_weeks and line.refund is not None and line.refund.weeks_before is not None:
            yield (name, WEEKS_BEFORE), line.refund.weeks_before


def _path(name: str, field: str) -> str:
    return f"budget.{name}.{field}"


def _stated(live: Live, path: str, given: BetweenPeople) -> Formula:
    """Return the cell of a number that is the same for all."""
    value = f"{path}.value"
    return (
        live.inputs[value if value in live.inputs else path]
        if (value in live.inputs or path in live.inputs)
        else lift(float(given.grid[0]))
    )


def _spread(
    live: Live, sheet: Sheet, *, labels: list[Words], keys: list[tuple[str, str]]
) -> dict[tuple[str, str], Column]:
    """Write the terms of each metalog, then the people, and return each quantity's column."""
    block = sheet.block(labels, title=w.QUANTITY)
    stated = {
        name: block.column(
            f"{100 * level:g} %",
            (live.inputs[f"{_path(*key)}.between_people.{name}"] for key in keys),
            kind="number",
        )
        for name, level in QUANTILES.items()
    }
    logs = {
        name: block.column(
            f"z{100 * level:g} = ln({100 * level:g} %)",
            (logarithm(stated[name].at(row)) for row in range(block.rows)),
            kind="factor",
        )
        for name, level in QUANTILES.items()
    }
    low, middle, high = (logs[name] for name in QUANTILES)
    nine = logarithm(lift(9))
    second = block.column(
        "a2",
        lambda row: (high.at(row) - low.at(row)) / (2 * nine),
        kind="factor",
        note="(z90 - z10) / (2 ln 9)",
    )
    third = block.column(
        "a3",
        lambda row: (high.at(row) + low.at(row) - 2 * middle.at(row)) / (0.8 * nine),
        kind="factor",
        note="(z90 + z10 - 2 z50) / (0.8 ln 9)",
    )
    people = sheet.block([str(number + 1) for number in range(PEOPLE)], title=w.PERSON)
    rank = people.column(
        w.RANK, ((number + 0.5) / PEOPLE for number in range(PEOPLE)), kind="factor"
    )
    odds = people.column(
        w.LOG_ODDS, lambda row: logarithm(rank.at(row) / (1 - rank.at(row))), kind="factor"
    )
    found = {}
    for place, (key, label) in enumerate(zip(keys, labels, strict=True)):
        a1, a2, a3 = (fixed_place(column.at(place)) for column in (middle, second, third))
        found[key] = people.column(
            label,
            (
                power_of_e(a1 + (a2 + a3 * (rank.at(row) - 0.5)) * odds.at(row))
                for row in range(PEOPLE)
            ),
            kind="number",
        )
    return found
