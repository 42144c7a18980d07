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
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sibsim.core.wording import Language, said
from sibsim.core.words import Words
from sibsim.reports.workbook.days import day_number
from sibsim.reports.workbook.formulas import ATOM, Formula, Operand
from sibsim.reports.workbook.styles import (
    COLOURS,
    FILLS,
    NUMBER_FORMATS,
    TABS,
    Kind,
    Style,
    Tab,
    plain_text,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from sibsim.reports.workbook.blocks import Block

WIDTH, FIRST_WIDTH = 15, 34
"""Width of a column, and of the first one, in characters."""

A4 = 9
"""Excel's number of the paper."""

MOST_FROZEN = 8
"""Rows above a table that may stay on the screen while it scrolls."""

HEADING_SIZE = 13
"""Size of the letters of a heading, in points; all else has 11."""

LINE_HEIGHT, MOST_LINES = 15.0, 20
"""Height of a line in points, and the most lines that a row shows of a wrapped text."""


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

    def sheet(self, title: Words, *, tab: Tab = "working", about: Words | str = "") -> Sheet:
        """Add a sheet.

        Parameters
        ----------
        title
            What it is called: one word in each language, at most 31 letters, no user text.
        tab
            What it is, which the colour of its tab says.
        about
            What the front page says of it; empty: its first heading.
        """
        name = said(title, self.lang)
        paper = self.file.add_worksheet(name)
        # Formulas are written as files store them; looking for the names of younger functions in
        # each would take half of the time of the whole workbook.
        paper._prepare_formula = lambda formula, *_: formula.removeprefix("=")  # noqa: SLF001 - as above
        paper.set_paper(A4)
        paper.set_landscape()
        paper.fit_to_pages(1, 0)
        paper.set_footer("&L&F&C&A&R&P / &N")
        paper.set_tab_color(TABS[tab])
        self.sheets[name] = Sheet(self, name, paper, about=said(about, self.lang))
        return self.sheets[name]

    def close(self) -> None:
        """Freeze labels of tables, and titles where a sheet has one table; write the file."""
        for sheet in self.sheets.values():
            if sheet.tops:
                is_alone = len(sheet.tops) == 1 and sheet.tops[0] < MOST_FROZEN
                sheet.paper.freeze_panes(sheet.tops[0] + 1 if is_alone else 0, 1)
        self.file.close()

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
            if kind in {"text", "head"}:
                shown["text_wrap"] = True
            if kind == "head":
                shown["align"] = "right"
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

    about: str = ""
    """What the front page says of it; its first heading where nothing was said."""

    tops: list[int] = field(default_factory=list)
    """Rows of the titles of its tables."""

    heights: dict[int, float] = field(default_factory=dict)
    """Height of the rows that are higher than one line, in points."""

    def heading(self, title: Words | str, *, note: Words | str = "") -> None:
        """Write a heading, and a note below it; the next block begins under them.

        Parameters
        ----------
        title
            The heading.
        note
            What the reader should know, such as the formula in words.
        """
        self.about = self.about or self.book.say(title)
        self._line(title, {"bold": True, "font_size": HEADING_SIZE})
        if note:
            self.line(note)

    def line(self, text: Words | str) -> None:
        """Write a line of text over the width of the sheet.

        Parameters
        ----------
        text
            The text.
        """
        self._line(text, {"italic": True, "font_color": "#595959"})

    def _line(self, text: Words | str, shown: dict[str, object]) -> None:
        look = self.book.file.add_format(shown)
        self.paper.write_string(self.row, 0, self.book.say(text), look)
        self.row += 1

    def make_room(self, row: int, *, text: str, width: int) -> None:
        """Make a row high enough for a text that is wrapped, as no program does so by itself.

        Parameters
        ----------
        row
            The row.
        text
            The text.
        width
            Width of its column, in characters.
        """
        lines = sum(len(textwrap.wrap(part, width)) or 1 for part in text.split("\n"))
        needed = LINE_HEIGHT * min(lines, MOST_LINES)
        if lines > 1 and needed > self.heights.get(row, 0.0):
            self.heights[row] = needed
            self.paper.set_row(row, needed)

    def block(self, labels: Sequence[Words | str], *, title: Words | str) -> Block:
        """Begin a table under what is there, with a first column of labels.

        Parameters
        ----------
        labels
            What each row is, at least one.
        title
            What stands over the labels.
        """
        from sibsim.reports.workbook.blocks import Block

        block = Block(self, top=self.row, rows=len(labels))
        self.tops.append(self.row)
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
        place = f"{self.name}!{letters_of(column)}{row + 1}"
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


@cache
def letters_of(column: int) -> str:
    """Return the letters of a column: A, B, ..., Z, AA."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _compatible(text: str) -> str:
    """Return a formula with the prefix that files want for functions younger than 2007."""
    return re.sub(r"(?<![\w.])NORM\.S\.(?=DIST|INV)", "_xlfn.NORM.S.", text)
