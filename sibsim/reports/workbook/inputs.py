"""The input sheet: one row per parameter, each a named cell that formulas read.

A quantity has one row: its value (what the live base case uses, at first its base value), its low
and high value (the 10 % and the 90 % quantile of what the simulation draws), unit, source, status
and note. Every other number and date of the case file has a row of its own. Names of cells are
their paths with underscores, so that a formula reads `delivery_volume`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from sibsim.case import Case
from sibsim.core.words import Words
from sibsim.reports.workbook.formulas import Formula, day_number, lift
from sibsim.reports.workbook.sheets import Book

SHEET = Words(da="Input", en="Inputs")


@dataclass(eq=False)
class Inputs:
    """The named cells of the input sheet."""

    cells: Mapping[str, Formula]
    """Name and value of the cell, by path."""

    used: set[str] = field(default_factory=set)
    """Paths that formulas of the workbook read."""

    def __getitem__(self, path: str) -> Formula:
        """Return the cell of a parameter and remember that a formula reads it.

        Parameters
        ----------
        path
            Such as `delivery.volume`, `payments.job.price.0` or `contract.last_payment`.
        """
        self.used.add(path)
        return self.cells[path]

    def __contains__(self, path: str) -> bool:
        """Return whether there is such a row."""
        return path in self.cells

    def get(self, path: str, otherwise: float) -> Formula:
        """Return the cell of a parameter, or a plain number where the case file does not state it.

        Parameters
        ----------
        path
            As above.
        otherwise
            What holds where it is not stated.
        """
        return self[path] if path in self else lift(otherwise)


def leaves(case: Case) -> Iterator[tuple[str, float | date]]:
    """Yield every number and date of a case file that belongs to no quantity, by its path."""
    yield from _leaves(case.document, path="", quantities=frozenset(case.quantities))


def _leaves(
    here: object, *, path: str, quantities: frozenset[str]
) -> Iterator[tuple[str, float | date]]:
    if path in quantities or isinstance(here, bool | str):
        return
    if isinstance(here, int | float | date):
        yield path, here
        return
    parts = here.items() if isinstance(here, Mapping) else enumerate(cast("list[object]", here))
    for key, part in parts:
        yield from _leaves(part, path=f"{path}.{key}".lstrip("."), quantities=quantities)


def write_inputs(book: Book, case: Case) -> Inputs:
    """Write the input sheet and return its cells."""
    sheet = book.sheet(SHEET)
    rows: dict[str, float | date] = {
        path: quantity.base_value for path, quantity in case.quantities.items()
    }
    rows.update(leaves(case))
    sheet.heading(SHEET)
    block = sheet.block(list(rows), title="path")
    column = block.reserve(Words(da="værdi", en="value"), kind="number")
    cells = {}
    for row, (path, value) in enumerate(rows.items()):
        number = float(day_number(value)) if isinstance(value, date) else float(value)
        cell = column.set(row, number, style="input")
        name = "case_" + re.sub(r"\W", "_", path) if "." not in path else re.sub(r"\W", "_", path)
        cells[path] = book.name(name, cell)
    return Inputs(cells)
