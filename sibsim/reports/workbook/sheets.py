"""Sheets of a workbook: blocks of columns whose cells are formulas, in few styles.

A block is a table with one row per thing (a period, a cohort and follow-up, a party) to which
columns are added from the left; a column is filled cell by cell, each cell a `Formula` that later
cells build on. Inputs are blue on yellow, formulas black, plain links to other sheets green, values
that no formula of the workbook gives (`fixed`) orange. Text of users is always written as text,
never as a formula or a link.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.core.wording import Language, said
from sibsim.core.words import Words
from sibsim.reports.workbook.formulas import ATOM, Formula, Operand, day_number, lift

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Kind = Literal["money", "number", "share", "factor", "count", "date", "year", "text"]
"""How a number is shown: in whole currency units, with two decimals, in per cent, with six
decimals, without decimals, as a date or a year; or as text."""

Style = Literal["formula", "input", "link", "fixed", "total", "plain"]
"""What a cell is: see the module."""

NUMBER_FORMATS: Mapping[Kind, str] = {
    "money": "#,##0;[Red]-#,##0;-",
    "number": "#,##0.00",
    "share": "0.0%",
    "factor": "0.000000",
    "count": "0",
    "date": "yyyy-mm-dd",
    "year": "0",
    "text": "@",
}
"""Excel's number format of each kind; the program writes separators as its own language does."""

COLOURS: Mapping[Style, str] = {
    "formula": "#000000",
    "input": "#0000FF",
    "link": "#006100",
    "fixed": "#9C5700",
    "total": "#000000",
    "plain": "#000000",
}
"""Colour of the characters, by style."""

FILLS: Mapping[Style, str] = {"input": "#FFFFCC", "fixed": "#FFEB9C", "total": "#DDEBF7"}
"""Colour behind the characters, by style."""

LONGEST_TEXT = 32_767
"""Characters that Excel allows in a cell."""

SHORTENED = " [...]"
"""What ends a text that is longer than a cell holds."""

WIDTH, FIRST_WIDTH = 15, 34
"""Width of a column, and of the first one, in characters."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML does not allow."""

_LONE_REFERENCE = re.compile(r"[^\W\d]\w*!\$?[A-Z]{1,3}\$?\d+")
"""A formula that is nothing but a cell of another sheet."""


def plain_text(text: str) -> str:
    """Return a text as a cell can hold it: no characters that XML forbids, and not too long."""
    clean = _ILLEGAL.sub(" ", text)
    if len(clean) <= LONGEST_TEXT:
        return clean
    return clean[: LONGEST_TEXT - len(SHORTENED)] + SHORTENED


@dataclass(eq=False)
class Book:
    """A workbook that is being written, in one language."""

    path: Path
    """The file."""

    lang: Language
    """Danish or English."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    """Sheets by their name in the language of the workbook, in order."""

    _formats: dict[tuple[Kind, Style, bool], Format] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the file."""
        import xlsxwriter

        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        }
        self.file = xlsxwriter.Workbook(str(self.path), options)

    def sheet(self, title: Words) -> Sheet:
        """Add a sheet.

        Parameters
        ----------
        title
            What it is called: one word in each language, at most 31 letters, no user text.
        """
        name = said(title, self.lang)
        self.sheets[name] = Sheet(self, name, self.file.add_worksheet(name))
        return self.sheets[name]

    def look(self, kind: Kind, style: Style = "plain", *, bold: bool = False) -> Format:
        """Return the format of a kind of number in a style.

        Parameters
        ----------
        kind, style
            What is shown, and what the cell is.
        bold
            Whether it is bold.
        """
        key = (kind, style, bold or style == "total")
        if key not in self._formats:
            shown: dict[str, object] = {
                "num_format": NUMBER_FORMATS[kind],
                "font_color": COLOURS[style],
                "bold": key[2],
                "valign": "top",
            }
            if style in FILLS:
                shown["bg_color"] = FILLS[style]
            if style == "input":
                shown["locked"] = False
            if kind == "text":
                shown["text_wrap"] = True
            self._formats[key] = self.file.add_format(shown)
        return self._formats[key]

    def name(self, name: str, cell: Formula) -> Formula:
        """Give a cell a name that formulas can use, and return the formula that is this name.

        Parameters
        ----------
        name
            Letters, digits and underscores with at least one underscore; no reference to a cell.
        cell
            The cell, with the name of its sheet.
        """
        sheet, _, place = cell.text.partition("!")
        letters, digits = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", place).groups()  # type: ignore[union-attr]  # a cell always has such a place
        self.file.define_name(name, f"={sheet}!${letters}${digits}")
        return Formula(name, cell.value, ATOM)

    def say(self, words: Words | str) -> str:
        """Return a text in the language of the workbook, as a cell can hold it."""
        return plain_text(said(words, self.lang))


@dataclass(eq=False)
class Sheet:
    """One sheet; rows and columns count from zero."""

    book: Book
    """The workbook."""

    name: str
    """Its name."""

    paper: Worksheet
    """The sheet of XlsxWriter."""

    row: int = 0
    """The first row that is still free."""

    def heading(self, title: Words | str, *, note: Words | str = "") -> None:
        """Write a heading, and a note below it; the next block begins under them.

        Parameters
        ----------
        title
            The heading.
        note
            What the reader should know, such as the formula in words.
        """
        self.paper.write_string(
            self.row, 0, self.book.say(title), self.book.look("text", bold=True)
        )
        self.row += 1
        if note:
            self.line(note)

    def line(self, text: Words | str) -> None:
        """Write a line of text over the width of the sheet.

        Parameters
        ----------
        text
            The text.
        """
        look = self.book.file.add_format({"italic": True, "font_color": "#595959"})
        self.paper.write_string(self.row, 0, self.book.say(text), look)
        self.row += 1

    def block(self, labels: Sequence[Words | str], *, title: Words | str) -> Block:
        """Begin a table under what is there, with a first column of labels.

        Parameters
        ----------
        labels
            What each row is, at least one.
        title
            What stands over the labels.
        """
        block = Block(self, top=self.row, rows=len(labels))
        block.text(title, labels)
        self.row += len(labels) + 2
        return block

    def put(
        self, row: int, column: int, content: Operand | date | str | Words, look: Format
    ) -> Formula:
        """Write a cell and return it as a formula that refers to it.

        Parameters
        ----------
        row, column
            Where, from zero.
        content
            A formula, a number, a day or a text.
        look
            Its format.
        """
        place = f"{self.name}!{_letters(column)}{row + 1}"
        if isinstance(content, str | Words):
            self.paper.write_string(row, column, self.book.say(content), look)
            return Formula(f"{place}", math.nan)
        if isinstance(content, date):
            content = float(day_number(content))
        if not isinstance(content, Formula):
            self.paper.write_number(row, column, float(content), look)
            return Formula(place, float(content))
        shown: float | str = content.number if math.isfinite(content.number) else ""
        text = re.sub(rf"(?<!\w){self.name}!", "", content.text)
        self.paper.write_formula(row, column, f"={_compatible(text)}", look, shown)
        return Formula(place, content.number)


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
        sheet.paper.write_string(self.top, self.width, book.say(title), book.look("text", "total"))
        if note:
            sheet.paper.write_comment(self.top, self.width, book.say(note))
        if self.width:
            sheet.paper.set_column(self.width, self.width, WIDTH)
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
        sheet, book = self.sheet, self.sheet.book
        sheet.paper.write_string(self.top, self.width, book.say(title), book.look("text", "total"))
        sheet.paper.set_column(self.width, self.width, WIDTH if self.width else FIRST_WIDTH)
        for row, text in enumerate(texts):
            sheet.put(self.top + 1 + row, self.width, text, book.look("text"))
        self.width += 1


@dataclass(eq=False)
class Column:
    """A column of a block."""

    block: Block
    """The block."""

    place: int
    """Which column of the sheet, from zero."""

    kind: Kind
    """How its numbers are shown."""

    values: np.ndarray
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
        letter = _letters(self.place)
        top = self.block.top + 2
        text = f"{self.block.sheet.name}!${letter}${top + first}:${letter}${top + last}"
        return Formula(text, self.values[first : last + 1].copy())

    @property
    def all(self) -> Formula:
        """The whole column as a range."""
        return self.between(0, self.block.rows - 1)

    def _place(self, row: int) -> str:
        return f"{self.block.sheet.name}!{_letters(self.place)}{self.block.top + 2 + row}"


def _letters(column: int) -> str:
    """Return the letters of a column: A, B, ..., Z, AA."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _compatible(text: str) -> str:
    """Return a formula with the prefix that files want for functions younger than 2007."""
    return re.sub(r"(?<![\w.])NORM\.S\.(?=DIST|INV)", "_xlfn.NORM.S.", text)
