"""The input sheet: one row per parameter, each a named cell that formulas read.

A quantity has one row: its value (what the live base case uses, at first its base value), its low
and high value (the 10 % and the 90 % quantile of what the simulation draws), unit, source, status
and note. Every other number and date of the case file has a row of its own. Names of cells are
their paths with underscores, so that a formula reads `delivery_volume`.

What is blue may be changed, and `case_from_workbook` reads it back. The sheet is protected, without
a password, as sorting it would tear the named cells from their rows. Hidden columns hold what was
written, so that a change can be told from what was there.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sibsim.case import Case
from sibsim.core.words import Words
from sibsim.reports.parameter_words import SECTION_TITLES, parameter_words
from sibsim.reports.unit_words import unit_words
from sibsim.reports.workbook.bounds import Bounds
from sibsim.reports.workbook.case_text import lines_of
from sibsim.reports.workbook.days import day_number
from sibsim.reports.workbook.formulas import Formula, lift
from sibsim.reports.workbook.rows import Row, rows_of
from sibsim.reports.workbook.sheets import Book, Sheet
from sibsim.reports.workbook.styles import NUMBER_FORMATS, Kind

SHEET = Words(da="Input", en="Inputs")
ABOUT = Words(
    da="Alle tal og datoer, som kan ændres", en="All numbers and dates that can be changed"
)
"""Name of the sheet."""

VALUE, LOW, BASE, HIGH, PATH, LIVE, WRITTEN = 1, 2, 3, 4, 9, 10, 11
"""Columns that formulas or readers need, from zero; as written, four columns stand from `WRITTEN`
on."""

PATH_TITLE = Words(da="sti i sagsfilen", en="path in the case file")
"""Title of the column by which a row is known when the sheet is read back."""

COLUMNS: tuple[tuple[Words, int], ...] = (
    (Words(da="hvad", en="what"), 56),
    (Words(da="værdi", en="value"), 16),
    (Words(da="lav (10 %)", en="low (10 %)"), 14),
    (Words(da="base", en="base"), 14),
    (Words(da="høj (90 %)", en="high (90 %)"), 14),
    (Words(da="enhed", en="unit"), 26),
    (Words(da="kilde", en="source"), 34),
    (Words(da="status", en="status"), 14),
    (Words(da="begrundelse", en="note"), 90),
    (PATH_TITLE, 38),
    (Words(da="indgår i formler", en="read by formulas"), 16),
    (Words(da="skrevet: værdi", en="written: value"), 14),
    (Words(da="skrevet: lav", en="written: low"), 14),
    (Words(da="skrevet: base", en="written: base"), 14),
    (Words(da="skrevet: høj", en="written: high"), 14),
)
"""Titles and widths of the columns."""

NOTES = (
    Words(
        da="Værdi er det, formlerne regner med. Skriv et tal der, og størrelsen er sikker og uden "
        "korrelationer. Blå felter kan ændres, grå kan ikke: ret dem i sagsfilen.",
        en="Value is what the formulas use. Type a number there and the quantity is certain, "
        "correlated with nothing. Blue cells can be changed, grey ones cannot: change them in the "
        "case file.",
    ),
    Words(
        da="Lav, base og høj er 10, 50 og 90 %-fraktilen, hvor de er blå, og ændres sammen; base "
        "følger med i værdi. Hvor de er grå, hører de til en anden fordeling: 10 %, base, 90 %.",
        en="Low, base and high are the 10, 50 and 90 % quantiles where they are blue, and change "
        "together; value follows base. Where they are grey they are of another distribution: "
        "10 %, base value, 90 %.",
    ),
    Words(
        da="Simuleringens tal i arket er fra før en ændring: læs arket ind igen med "
        "case_from_workbook, og simulér. Indgår et tal ikke i formler, ændrer det kun "
        "simuleringen og de orange felter, hvis der er nogen; de følger ikke med her.",
        en="Simulated figures in this workbook are from before a change: read it back with "
        "case_from_workbook and simulate. A number that no formula reads changes the simulation "
        "only, and orange cells where there are any; these do not follow here.",
    ),
    Words(
        da="Arket er beskyttet uden adgangskode: filtrér gerne, men sortér ikke.",
        en="The sheet is protected without a password: filter it, but do not sort it.",
    ),
)
"""What is said above the table."""

STATUS: Mapping[str, Words] = {
    "published": Words(da="offentliggjort", en="published"),
    "assumption": Words(da="antagelse", en="assumption"),
    "default": Words(da="ikke angivet; standard", en="not stated; default"),
}
"""Where a number stands."""

YES, NO = Words(da="ja", en="yes"), Words(da="nej", en="no")
PERHAPS = Words(da="nej; evt. orange felter", en="no; perhaps orange cells")

_LINE, _MOST_LINES = 15, 20
"""Height of a line in points, and lines that a row shows at most; Excel allows 409 points."""

_ROOM = 1.0
"""Width of a letter in the unit of widths, with what is lost where lines break."""

_LONGEST_NAME = 200
"""Characters of the name of a cell; Excel allows 255."""

_LARGE = 1000
"""Numbers from here on are shown in whole units."""

_FINE = 100
"""Numbers that are not whole in hundredths are shown with six decimals."""

_REFUSED = Words(da="Tallet er ikke tilladt", en="That number is not allowed")
_NO_DATE = Words(da="Det er ingen dato", en="That is no date")
_BETWEEN = Words(da="Skriv et tal fra {low} til {high}.", en="Write a number from {low} to {high}.")
_AT_LEAST = Words(
    da="Skriv et tal på mindst {low}; der er ingen negative her.",
    en="Write a number of at least {low}; none is negative here.",
)
_A_DATE = Words(da="Skriv en dato, fx 2025-06-30.", en="Write a date, such as 2025-06-30.")

FIRST_DAY = date(1900, 3, 1)
"""Days before are numbered in two ways by spreadsheets."""


@dataclass(eq=False)
class Inputs:
    """The named cells of the input sheet."""

    cells: Mapping[str, Formula]
    """Name and value of the cell, by path."""

    used: set[str] = field(default_factory=set)
    """Paths that formulas of the workbook read."""

    places: Mapping[str, int] = field(default_factory=dict)
    """Row of each on the sheet, from zero."""

    sheet: Sheet | None = None
    """The sheet; None: they stand elsewhere."""

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

    def finish(self, *, all_follows: bool) -> None:
        """Say of every row whether a formula of the workbook reads it; called at the end.

        Parameters
        ----------
        all_follows
            Whether every figure of the base case is a formula; else a row that no formula reads
            may change some of those that are none.
        """
        if self.sheet is None:
            return
        unread = NO if all_follows else PERHAPS
        look = self.sheet.book.look("text")
        for path, row in self.places.items():
            self.sheet.put(row, LIVE, YES if path in self.used else unread, look)


def write_inputs(book: Book, case: Case) -> Inputs:
    """Write the input sheet and return its cells.

    Parameters
    ----------
    book
        The workbook.
    case
        The case.
    """
    sheet = book.sheet(SHEET, tab="input", about=ABOUT)
    sheet.heading(SHEET)
    for note in NOTES:
        sheet.line(note)
    top = sheet.row
    for column, (title, width) in enumerate(COLUMNS):
        sheet.put(top, column, title, book.look("text", "total"))
        hidden = {"hidden": True} if column >= WRITTEN else {}
        sheet.paper.set_column(column, column, width, None, hidden)
    sheet.put(0, WRITTEN, text_digest("\n".join(lines_of(case))), book.look("text"))
    sheet.row += 1
    writer = _Writer(sheet, case)
    for row in rows_of(case):
        writer.add(row)
    sheet.paper.freeze_panes(top + 1, 1)
    sheet.paper.repeat_rows(top)
    sheet.paper.autofilter(top, 0, sheet.row - 1, LIVE)
    allowed = ("autofilter", "format_columns", "format_rows", "format_cells")
    sheet.paper.protect("", dict.fromkeys(allowed, True))
    return Inputs(writer.cells, places=writer.places, sheet=sheet)


def text_digest(text: str) -> str:
    """Return the checksum by which a case file that was edited in a workbook is known.

    Parameters
    ----------
    text
        The text as it stands on its sheet; blank lines at its end do not count.
    """
    return hashlib.sha256(text.rstrip().encode()).hexdigest()


class _Writer:
    """Writes row after row."""

    def __init__(self, sheet: Sheet, case: Case) -> None:
        """Begin at the free row of a sheet."""
        self.sheet, self.book, self.case = sheet, sheet.book, case
        self.cells: dict[str, Formula] = {}
        self.places: dict[str, int] = {}
        self.section, self.note = "", ""
        self.names: set[str] = set()
        self.greys = {
            kind: self.book.file.add_format(
                {"num_format": shape, "font_color": "#7F7F7F", "valign": "top"}
            )
            for kind, shape in NUMBER_FORMATS.items()
        }

    def add(self, row: Row) -> None:
        """Write a row, under a heading where it is the first of its section."""
        sheet, place = self.sheet, self.sheet.row
        if row.section != self.section:
            self.section = row.section
            title = SECTION_TITLES.get(row.section, row.section)
            sheet.put(place, 0, title, self.book.look("text", bold=True))
            sheet.row, place = place + 1, place + 1
        words = parameter_words(self.case, row.path)
        sheet.put(place, 0, words, self.book.look("text"))
        kind = _kind(row)
        cell = self._numbers(row, place, kind)
        self._validate(row, place)
        self._told(row, place, self.book.say(words))
        sheet.put(place, PATH, row.path, self.book.look("text"))
        self.cells[row.path] = self.book.name(self._name(row.path), cell)
        self.places[row.path] = place
        sheet.row = place + 1

    def _numbers(self, row: Row, place: int, kind: Kind) -> Formula:
        """Write value, low, base and high, and what they were; return the cell of the value."""
        blue, grey = self.book.look(kind, "input"), self.greys[kind]
        number = float(day_number(row.value)) if isinstance(row.value, date) else row.value
        self.sheet.put(place, WRITTEN, number, grey)
        if row.low is None or row.high is None:
            return self.sheet.put(place, VALUE, number, grey if row.way == "fixed" else blue)
        around = blue if row.way == "quantiles" else grey
        for column, each in ((LOW, row.low), (BASE, number), (HIGH, row.high)):
            self.sheet.put(place, column, each, around)
            self.sheet.put(place, WRITTEN + column - VALUE, each, grey)
        base = Formula(f"{self.sheet.name}!D{place + 1}", number)
        return self.sheet.put(place, VALUE, base, grey if row.way == "fixed" else blue)

    def _told(self, row: Row, place: int, words: str) -> None:
        """Write unit, source, status and note; a note that the row above has stands there alone."""
        source = self.case.sources.get(row.told.get("source", ""))
        texts = (
            unit_words(row.told.get("unit", "")),
            f"{source.title} ({source.year})" if source else row.told.get("source", ""),
            STATUS.get(row.told.get("status", ""), ""),
            "" if row.told.get("note") == self.note else row.told.get("note", ""),
        )
        self.note = row.told.get("note", "")
        shown = {0: words, PATH: row.path}
        for column, text in enumerate(texts, HIGH + 1):
            if text:
                shown[column] = self.book.say(text)
                self.sheet.put(place, column, text, self.book.look("text"))
        lines = max(math.ceil(len(text) * _ROOM / COLUMNS[at][1]) for at, text in shown.items())
        self.sheet.paper.set_row(place, _LINE * min(lines, _MOST_LINES))

    def _validate(self, row: Row, place: int) -> None:
        """Let the program refuse what the case file refuses, as far as that is known."""
        rule = self._rule(row)
        if rule is None or row.way == "fixed":
            return
        last = HIGH if row.way == "quantiles" else VALUE
        self.sheet.paper.data_validation(place, VALUE, place, last, rule)

    def _rule(self, row: Row) -> dict[str, object] | None:
        say = self.book.say
        if row.way == "date":
            words = {"error_title": say(_NO_DATE), "error_message": say(_A_DATE)}
            return {"validate": "date", "criteria": ">=", "value": FIRST_DAY, **words}
        low, high = row.bounds
        shown = {"low": f"{low:g}", "high": f"{high:g}"}
        title = {"error_title": say(_REFUSED)}
        if math.isfinite(low) and math.isfinite(high):
            message = {"error_message": say(_BETWEEN).format(**shown)}
            span = {"minimum": low, "maximum": high}
            return {"validate": "decimal", "criteria": "between", **span, **title, **message}
        if math.isfinite(low):
            message = {"error_message": say(_AT_LEAST).format(**shown)}
            return {"validate": "decimal", "criteria": ">=", "value": low, **title, **message}
        return None

    def _name(self, path: str) -> str:
        """Return a name of its own: Excel takes capitals and small letters for the same."""
        plain = re.sub(r"[^A-Za-z0-9_]", "_", path)
        name = (plain if "." in path else f"case_{plain}")[:_LONGEST_NAME]
        found, number = name, 1
        while found.lower() in self.names:
            number += 1
            found = f"{name}_{number}"
        self.names.add(found.lower())
        return found


def _kind(row: Row) -> Kind:
    """Return how the numbers of a row are shown."""
    if isinstance(row.value, date):
        return "date"
    largest = max(abs(each) for each in (row.value, row.low or 0.0, row.high or 0.0))
    if row.bounds in (Bounds(0.0, 1.0), Bounds(-1.0, 1.0)):
        return "share"
    if row.path.endswith("year") and not row.path.endswith("per_year"):
        return "year"
    if largest >= _LARGE:
        return "money"
    shown = [each for each in (row.value, row.low, row.high) if isinstance(each, float)]
    if row.low is None and float(row.value).is_integer():
        return "count"
    fine = any(abs(each * _FINE - round(each * _FINE)) > 1 / _LARGE for each in shown)
    return "factor" if fine and largest < 1 else "number"
