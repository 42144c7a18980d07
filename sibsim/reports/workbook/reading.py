"""Reads a case back from a workbook, with what was changed on its input sheet.

The case is the one that stands as text on the sheet of the case file; on it come the changes: a
number in place of a value that followed the base value makes the quantity certain, other low, base
and high values are other quantiles, other numbers and dates are what they are. Everything wrong is
said at once, with the cell in which it stands. No number or date that was changed is passed over in
silence; unit, source, status and note are those of the case as text, whatever their cells say.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

from sibsim.case import Case
from sibsim.casefile import build
from sibsim.core.documents import LARGEST_BYTES, parsed
from sibsim.core.parameters import Quantity
from sibsim.core.validation import shown
from sibsim.core.words import Words
from sibsim.errors import CaseError, Fault, FileError
from sibsim.reports.workbook import case_text, inputs
from sibsim.reports.workbook.input_table import LANGUAGES, Table
from sibsim.reports.workbook.inputs import (
    BASE,
    HIGH,
    LOW,
    PATH,
    VALUE,
    WRITTEN,
    text_digest,
)
from sibsim.reports.workbook.opening import EMPTY, Cell, Rows, sheets_of
from sibsim.reports.workbook.rows import QUANTILES, Row, rows_of, value_at

CHANGED = Words(da="ændret i regnearket", en="changed in the workbook")
"""Note of a quantity that was changed."""

KEPT = frozenset(("unit", "may_be_negative"))
"""What stays of a quantity that is made certain, beside what its kind states of its own."""

SHOWN_AS = {VALUE: "value", LOW: "low", BASE: "base", HIGH: "high"}
"""What messages call the columns."""


def case_from_workbook(path: str | PathLike[str]) -> Case:
    """Read a case from a workbook that sibsim wrote, with what was changed on its input sheet.

    Parameters
    ----------
    path
        The `.xlsx` file, saved by Excel, LibreOffice or as it was written.

    Returns
    -------
    Case
        Equal to the case that the workbook was written of, where nothing was changed. A quantity
        that was made certain keeps its unit and loses source, status and note.

    Raises
    ------
    FileError
        If the file is missing, damaged, too large or no workbook of sibsim.
    CaseError
        If a cell holds what it must not, a row is gone, or the changed case is invalid; holds
        every fault, each with its path and its cell.
    """
    where = Path(path).name
    found = sheets_of(path, *_names(inputs.SHEET), *_names(case_text.SHEET))
    sheet = _named(found, inputs.SHEET, where=where)
    of_text = _named(found, case_text.SHEET, where=where)
    text = _text(found[of_text])
    if len(text.encode()) > LARGEST_BYTES:
        message = f"{where}: the text on the sheet {of_text} is too long for a case file"
        raise FileError(message)
    case = build(parsed(text, where=f"{where}, sheet {of_text}"), where=f"{where}, sheet {of_text}")
    reader = _Reader(case, Table.of(found[sheet], name=sheet, where=where), Path(path), text)
    document = reader.document()
    if reader.faults:
        raise CaseError(tuple(reader.faults), where=where)
    if not reader.changed:
        return case
    try:
        return build(document, where=where)
    except CaseError as error:
        raise CaseError(tuple(map(reader.placed, error.faults)), where=where) from None


def _names(words: Words) -> tuple[str, ...]:
    return tuple(words.in_language(lang) for lang in LANGUAGES)


def _named(found: Mapping[str, Rows], words: Words, *, where: str) -> str:
    """Return the name that a sheet has in this workbook."""
    for name in _names(words):
        if name in found:
            return name
    wanted = " or ".join(_names(words))
    message = (
        f"{where} has no sheet {wanted}; it was renamed or deleted, or the file is no workbook "
        "that sibsim wrote; give the sheet its name back, or write the workbook again"
    )
    raise FileError(message)


def _text(rows: Rows) -> str:
    return "\n".join("".join(_as_text(cell.content) for cell in row) for row in rows)


def _as_text(content: object) -> str:
    if isinstance(content, bool):
        return str(content).lower()
    return "" if content is None else str(content)


@dataclass
class _Reader:
    """Finds what was changed, row by row, and every fault."""

    case: Case
    table: Table
    path: Path
    text: str
    faults: list[Fault] = field(default_factory=list)
    changed: dict[str, str] = field(default_factory=dict)
    computed: Rows | None = None

    def document(self) -> dict[str, Any]:
        """Return the case file with the changes."""
        document = copy.deepcopy(self.case.document)
        known = {row.path: row for row in rows_of(self.case)}
        places = self._places(known)
        for path, row in known.items():
            if path not in places:
                continue
            found = self._new(row, places[path])
            if found is not None:
                column, new = found
                self.changed[path] = self.table.place(places[path], column)
                self._put(document, path, new)
                if column == VALUE:
                    _drop_correlations(document, path)
        return document

    def placed(self, fault: Fault) -> Fault:
        """Return a fault of the changed case with the cell that it stands in."""
        for path, cell in self.changed.items():
            if _overlap(path, fault.path):
                return Fault(f"{cell} {fault.path}", fault.problem)
        return fault

    def _places(self, known: Mapping[str, Row]) -> dict[str, int]:
        """Return the row of each parameter; say which are gone, doubled or not known."""
        edited = self.table.digest != text_digest(self.text)
        places: dict[str, int] = {}
        for number in range(self.table.head + 1, len(self.table.rows)):
            path = self.table.cell(number, PATH).content
            if path is None:
                continue
            here = self.table.place(number, PATH)
            if not isinstance(path, str) or (path not in known and not edited):
                self._fault(here, f"got {shown(path)}; the case has no such parameter; undo that")
            elif path in places:
                self._fault(here, f"has a second row for {path}; delete one of the two")
            elif path in known:
                places[path] = number
            elif self._differs(number):
                self._fault(here, f"was changed, but the case file has no {path} any more")
        if not edited:
            for path in known:
                if path not in places:
                    problem = (
                        f"has no row on the sheet {self.table.name} any more; undo that, or write "
                        "the workbook again"
                    )
                    self._fault(path, problem)
        return places

    def _differs(self, number: int) -> bool:
        """Tell whether a number of a row, not the one that follows the base, was changed."""
        return any(
            self.table.cell(number, column).kind != "f"
            and self.table.cell(number, column).content
            != self.table.cell(number, WRITTEN + column - VALUE).content
            for column in SHOWN_AS
        )

    def _new(self, row: Row, number: int) -> tuple[int, object] | None:
        """Return the column and the content of what stands in place of a parameter, if any."""
        if row.way == "date":
            return self._dated(row, number)
        own = row.low is not None and self._follows_base(number)
        if row.way == "fixed":
            self._still(row, number, SHOWN_AS if row.low is not None else (VALUE,), own=own)
            return None
        value = None if own else self._number(row, number, VALUE)
        was = self.table.cell(number, WRITTEN).content
        around = {} if row.low is None else self._around(row, number)
        if row.low is None:
            return None if value is None or value == was else (VALUE, self._certain(row, value))
        if not own and around and value is not None:
            problem = (
                f"got a value beside other quantiles ({', '.join(map(str, around.values()))}); a "
                "number as value makes the quantity certain; put back one of the two"
            )
            self._fault_in(row, number, VALUE, problem)
            return None
        if around:
            return min(around), self._spread(row, number)
        return None if value is None else (VALUE, self._certain(row, value))

    def _still(self, row: Row, number: int, columns: Iterable[int], *, own: bool) -> None:
        """Say which cells of a row that cannot be changed were changed all the same."""
        for column in columns:
            if column == VALUE and own:
                continue
            cell = self._content(row, number, column)
            if cell is not None and cell.content != self._written(number, column):
                self._grey(row, number, column)

    def _dated(self, row: Row, number: int) -> tuple[int, object] | None:
        cell = self._content(row, number, VALUE)
        was = self.table.cell(number, WRITTEN).content
        if cell is None or cell.content == was:
            return None
        if not isinstance(cell.content, date):
            problem = (
                f"got {shown(cell.content)}; it must be a date: format the cell as a date and type "
                "it again"
            )
            self._fault_in(row, number, VALUE, problem)
            return None
        return VALUE, cell.content

    def _around(self, row: Row, number: int) -> dict[int, float]:
        """Return what of low, base and high was changed, by column."""
        found = {}
        for column in (LOW, BASE, HIGH):
            value = self._number(row, number, column)
            if value is None or value == self.table.cell(number, WRITTEN + column - VALUE).content:
                continue
            if row.way == "quantiles":
                found[column] = value
            else:
                self._grey(row, number, column)
        return found

    def _certain(self, row: Row, value: float) -> object:
        """Return what the case file says of a parameter that is one number."""
        quantity = self.case.quantities.get(row.path)
        given = value_at(self.case.read, row.path)
        if quantity is None:
            return _as_whole(value, like=given)
        stated = given if isinstance(given, Mapping) else {"value": given}
        kept = KEPT | (frozenset(type(quantity).model_fields) - frozenset(Quantity.model_fields))
        aliases = {
            each.alias for each in type(quantity).model_fields.values() if each.alias is not None
        }
        return {
            **{key: part for key, part in stated.items() if key in kept | aliases},
            "value": _as_whole(value, like=stated.get("value")),
            "note": CHANGED.in_language(self.table.lang),
        }

    def _spread(self, row: Row, number: int) -> object:
        """Return what the case file says of a quantity with other quantiles."""
        given = value_at(self.case.read, row.path)
        new = dict(given) if isinstance(given, Mapping) else {}
        for key, column in zip(QUANTILES, (LOW, BASE, HIGH), strict=True):
            value = self._number(row, number, column)
            was = self.table.cell(number, WRITTEN + column - VALUE).content
            if value is not None and value != was:
                new[key] = value
        kept = {key: part for key, part in new.items() if key not in {"source", "status"}}
        return {**kept, "note": CHANGED.in_language(self.table.lang)}

    def _follows_base(self, number: int) -> bool:
        """Tell whether a value still is the formula that was written: the cell of the base."""
        cell = self.table.cell(number, VALUE)
        text = re.sub(r"[\s$']", "", str(cell.content))
        text = re.sub(rf"^=\+?(?:{re.escape(self.table.name)}[!.])?", "", text)
        return cell.kind == "f" and text == f"{self.table.letters(BASE)}{number + 1}"

    def _number(self, row: Row, number: int, column: int) -> float | None:
        """Return the number in a cell; None, and a fault, where there is none."""
        cell = self._content(row, number, column)
        if cell is None:
            return None
        content = cell.content
        if isinstance(content, bool) or not isinstance(content, int | float):
            text = ", text" if isinstance(content, str) else ", what the program takes for a date"
            got = "" if isinstance(content, bool) else text
            problem = (
                f"got {shown(content)}{got}; it must be a number: format the cell as a number and "
                "type it again"
            )
            self._fault_in(row, number, column, problem)
            return None
        return content

    def _content(self, row: Row, number: int, column: int) -> Cell | None:
        """Return a cell, of a formula what it came to; None, and a fault, where it is empty."""
        cell = self.table.cell(number, column)
        if cell.kind == "f":
            cell = self._computed(number, column)
            if cell.content is None:
                problem = (
                    "holds a formula without a result; open the file in Excel or LibreOffice, save "
                    "it there once, and read it again"
                )
                self._fault_in(row, number, column, problem)
                return None
        if cell.kind == "e":
            self._fault_in(row, number, column, f"got the error {shown(cell.content)}; mend it")
            return None
        if cell.content is None:
            problem = f"is empty; it was {shown(self._written(number, column))}; put a value there"
            self._fault_in(row, number, column, problem)
            return None
        return cell

    def _written(self, number: int, column: int) -> object:
        return self.table.cell(number, WRITTEN + column - VALUE).content

    def _computed(self, number: int, column: int) -> Cell:
        """Return what the program last found a formula to be."""
        if self.computed is None:
            found = sheets_of(self.path, self.table.name, computed=True)
            self.computed = found.get(self.table.name, [])
        cells = self.computed[number] if number < len(self.computed) else []
        place = self.table.columns[column]
        return cells[place] if place < len(cells) else EMPTY

    def _put(self, document: dict[str, Any], path: str, new: object) -> None:
        """Put a value at a path; tables that only defaults stood for are made."""
        here: Any = document
        *steps, last = path.split(".")
        for step in steps:
            here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
            if isinstance(here, int | float):
                self._fault(path, "cannot be stated beside a plain number; change the case file")
                return
        if isinstance(here, list):
            here[int(last)] = new
        else:
            here[last] = new

    def _grey(self, row: Row, number: int, column: int) -> None:
        problem = (
            f"got {shown(self.table.cell(number, column).content)} in a grey cell, which is only "
            f"shown; it was {shown(self._written(number, column))}; put that back, and change it "
            "in the case file"
        )
        self._fault_in(row, number, column, problem)

    def _fault_in(self, row: Row, number: int, column: int, problem: str) -> None:
        self._fault(f"{self.table.place(number, column)} {row.path}", problem)

    def _fault(self, path: str, problem: str) -> None:
        fault = Fault(path, problem)
        if fault not in self.faults:
            self.faults.append(fault)


def _as_whole(value: float, *, like: object) -> float:
    """Return a whole number as an integer where one stood before."""
    whole = isinstance(like, int) and not isinstance(like, bool) and float(value).is_integer()
    return int(value) if whole else float(value)


def _drop_correlations(document: dict[str, Any], path: str) -> None:
    """Drop the correlations of a quantity that is certain now, which is correlated with nothing."""
    stated = document.get("correlations")
    if stated:
        document["correlations"] = [each for each in stated if path not in each["between"]]


def _overlap(first: str, second: str) -> bool:
    """Tell whether one path lies in the other."""
    one, other = f"{first}.", f"{second}."
    return one.startswith(other) or other.startswith(one)
