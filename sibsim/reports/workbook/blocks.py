"""Blocks of a sheet: tables that grow to the right, column by column, cell by cell.

A block is a table with one row per thing (a period, a cohort and follow-up, a party) to which
columns are added; each cell is a `Formula` that later cells build on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.words import Words
from sibsim.reports.workbook.formulas import Formula, Operand, lift
from sibsim.reports.workbook.sheets import FIRST_WIDTH, WIDTH, Sheet, letters_of
from sibsim.reports.workbook.styles import Kind, Style

_LONE_REFERENCE = re.compile(r"[^\W\d]\w*!\$?[A-Z]{1,3}\$?\d+")
"""A formula that is nothing but a cell of another sheet."""


@dataclass(eq=False)
class Block:
    """A table that grows to the right."""

    sheet: Sheet
    """Where it stands."""

    top: int
    """Row of the titles of its columns."""

    rows: int
    """Number of rows below them."""

    width: int = 0
    """Number of columns so far."""

    def reserve(
        self, title: Words | str, *, kind: Kind = "money", note: Words | str = ""
    ) -> Column:
        """Add an empty column, to be filled with `Column.set`.

        Parameters
        ----------
        title
            What stands over it.
        kind
            How its numbers are shown.
        note
            A comment on the title: the formula in words.
        """
        sheet, book = self.sheet, self.sheet.book
        self._write_title(title, width=WIDTH, kind="head")
        if note:
            sheet.paper.write_comment(self.top, self.width, book.say(note))
        column = Column(self, self.width, kind, np.full(self.rows, np.nan))
        self.width += 1
        return column

    def column(
        self,
        title: Words | str,
        cells: Callable[[int], Operand] | Iterable[Operand | date],
        *,
        kind: Kind = "money",
        note: Words | str = "",
        style: Style | None = None,
    ) -> Column:
        """Add a column and fill it.

        Parameters
        ----------
        title, kind, note
            As in `reserve`.
        cells
            Its cells from the top, or what gives the cell of a row.
        style
            What the cells are; None: formulas, links and fixed numbers are told apart.
        """
        column = self.reserve(title, kind=kind, note=note)
        given = map(cells, range(self.rows)) if callable(cells) else cells
        for row, content in enumerate(given):
            column.set(row, content, style=style)
        return column

    def fixed(self, title: Words | str, values: Iterable[float], *, kind: Kind = "money") -> Column:
        """Add a column of values of the library, which follow no input of the workbook.

        Parameters
        ----------
        title, kind
            As in `reserve`.
        values
            The values.
        """
        return self.column(title, (float(value) for value in values), kind=kind, style="fixed")

    def text(self, title: Words | str, texts: Iterable[Words | str]) -> None:
        """Add a column of texts.

        Parameters
        ----------
        title
            What stands over it.
        texts
            Its cells.
        """
        sheet, look = self.sheet, self.sheet.book.look("text")
        width = WIDTH if self.width else FIRST_WIDTH
        self._write_title(title, width=width)
        for row, text in enumerate(texts, start=self.top + 1):
            sheet.put(row, self.width, text, look)
            sheet.make_room(row, text=sheet.book.say(text), width=width)
        self.width += 1

    def _write_title(self, title: Words | str, *, width: int, kind: Kind = "text") -> None:
        sheet, text = self.sheet, self.sheet.book.say(title)
        sheet.paper.write_string(self.top, self.width, text, sheet.book.look(kind, "total"))
        sheet.paper.set_column(self.width, self.width, width if self.width else FIRST_WIDTH)
        sheet.make_room(self.top, text=text, width=width)


@dataclass(eq=False)
class Column:
    """A column of a block."""

    block: Block
    """The block."""

    place: int
    """Which column of the sheet, from zero."""

    kind: Kind
    """How its numbers are shown."""

    values: FloatArray
    """What its cells come to; NaN until they are set."""

    def set(self, row: int, content: Operand | date, *, style: Style | None = None) -> Formula:
        """Write a cell and return it as a formula that refers to it.

        Parameters
        ----------
        row
            Row of the block, from zero.
        content
            A formula, a number or a day.
        style
            What it is; None: a formula, or a link where it only refers to another sheet's cell.
        """
        sheet = self.block.sheet
        if style is None:
            style = "formula"
            if isinstance(content, Formula) and _LONE_REFERENCE.fullmatch(content.text):
                style = "link"
        look = sheet.book.look(self.kind, style)
        cell = sheet.put(self.block.top + 1 + row, self.place, content, look)
        self.values[row] = cell.value
        return cell

    def at(self, row: int) -> Formula:
        """Return the cell of a row of the block, from zero."""
        return Formula(self._place(row), float(self.values[row]))

    def before(self, row: int) -> Formula:
        """Return the cell above a row; zero for the first."""
        return self.at(row - 1) if row else lift(0)

    def up_to(self, row: int) -> Formula:
        """Return the range from the first row to this one."""
        return self.between(0, row)

    def between(self, first: int, last: int) -> Formula:
        """Return the range of some rows, both included.

        Parameters
        ----------
        first, last
            Rows of the block, from zero.
        """
        letter = letters_of(self.place)
        top = self.block.top + 2
        text = f"{self.block.sheet.name}!${letter}${top + first}:${letter}${top + last}"
        return Formula(text, self.values[first : last + 1].copy())

    @property
    def all(self) -> Formula:
        """The whole column as a range."""
        return self.between(0, self.block.rows - 1)

    def _place(self, row: int) -> str:
        return f"{self.block.sheet.name}!{letters_of(self.place)}{self.block.top + 2 + row}"
