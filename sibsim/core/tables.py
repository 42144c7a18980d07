"""A table of figures as rows of cells: from a frame, a CSV file or a list of mappings.

A file is text in UTF-8 with commas, semicolons or tabs between its cells. Danish spreadsheets write
semicolons, and commas in numbers.

Assumption: a comma or a point in a number marks decimals. Where it may as well mark thousands the
cell is refused: `1.234` in a file with semicolons, `1,234` in one with commas, and both where
nothing tells, in files with tabs and in text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sibsim.core.spec import PER_CENT
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError, CaseError, Fault, FileError

EMPTY = frozenset({"", "na", "nan"})
"""What an empty cell may hold as text, in lower case."""

BEYOND = "cells beyond the last column"
"""Name of what stands in a row of a file after its last column."""

MISSING_KINDS = frozenset({"NAType", "NaTType"})
"""Classes of what pandas writes for a missing cell, by name, so that pandas need not be loaded."""

DECIMAL_MARKS: Mapping[str, str | None] = {";": ",", ",": ".", "\t": None}
"""What marks decimals beside each mark between cells; None: nothing tells."""

MARKS = {".": "points", ",": "commas"}
"""What may stand in a number, in words."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(
    r"[+-]?[1-9]\d{0,2}(?P<mark>[.,])\d{3}(?P<more>(?:(?P=mark)\d{3})*(?:(?!(?P=mark))[.,]\d+)?)"
)
_PERCENTAGE = re.compile(r"(?P<number>[+-]?\d+(?:[.,]\d+)?)\s*%")
_QUOTED = re.compile(r'"[^"]*"')

Cells = dict[str, Any]
"""What one row holds, by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns that a table is known to have; what else it has is numbers or words."""

    words: frozenset[str]
    """Columns of words, even where these look like numbers; in lower case."""

    numbers: frozenset[str]
    """Columns of numbers; in lower case."""

    def name_of(self, heading: object) -> str:
        """Return the column under a heading: trimmed, and a known one in any case."""
        name = str(heading).strip()
        lower = name.lower()
        return lower if lower in self.words | self.numbers else name


class Table(NamedTuple):
    """Rows that hold something."""

    where: str
    """What was read, for messages: the path of a file, or what its rows are."""

    rows: list[tuple[str, Cells]]
    """Where each row stands, `row 1` for the first below the headings, and its cells that hold
    something."""


def table_of(given: object, *, what: str, columns: Columns) -> Table:
    """Return a table without empty rows and cells, text that is a number as a number.

    Parameters
    ----------
    given
        A frame, the path of a CSV file, or a list with one mapping per row.
    what
        What the rows are, for messages, such as `studies`.
    columns
        The columns it is known to have.

    Raises
    ------
    FileError
        If the file cannot be read.
    ArgumentError
        If it is none of these.
    CaseError
        If cells cannot be read; holds every one.
    """
    where, decimal = what, None
    if isinstance(given, str | PathLike):
        where = str(given)
        decimal, records = _of_file(Path(given))
    else:
        records = _of_memory(given, what=what)
    faults: list[Fault] = []
    rows = [
        (path, cells)
        for number, record in enumerate(records, start=1)
        if (
            cells := _cells(
                record,
                path=(path := f"row {number}"),
                columns=columns,
                decimal=decimal,
                into=faults,
            )
        )
    ]
    if faults:
        raise CaseError(tuple(dict.fromkeys(faults)), where=where)
    return Table(where, rows)


def _of_memory(given: object, *, what: str) -> list[list[tuple[object, object]]]:
    """Return headings and cells of each row of a frame or of mappings."""
    is_frame = hasattr(given, "columns") and hasattr(given, "to_dict")
    rows = given.to_dict("records") if is_frame else given  # type: ignore[attr-defined]  # seen above
    listed = list(rows) if isinstance(rows, Iterable) else [rows]
    mappings = [each for each in listed if isinstance(each, Mapping)]
    if isinstance(rows, Mapping | bytes) or len(mappings) < len(listed):
        message = (
            f"got {shown(given)}; {what} are a frame, the path of a CSV file, or a list with one "
            "mapping per row"
        )
        raise ArgumentError(message)
    return [list(each.items()) for each in mappings]


def _of_file(path: Path) -> tuple[str | None, list[list[tuple[object, object]]]]:
    """Return what marks decimals in a CSV file, and headings and cells of each of its rows."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        message = f"there is no file {path}; check the path"
        raise FileError(message) from None
    except UnicodeDecodeError:
        message = f"{path} is not text in UTF-8; save it as CSV in UTF-8"
        raise FileError(message) from None
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise FileError(message) from None
    text = text.lstrip("\r\n")
    first = _QUOTED.sub("", text.partition("\n")[0])
    between = next((mark for mark in (";", "\t") if mark in first), ",")
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=between, strict=True))
    except csv.Error as error:
        message = f"{path} is no CSV file: {error}; save it as CSV in UTF-8"
        raise FileError(message) from None
    if not text.strip():
        message = f"{path} is empty; its first line names the columns"
        raise FileError(message)
    headings, *rows = lines
    return DECIMAL_MARKS[between], [list(_under(headings, row)) for row in rows]


def _under(headings: list[str], row: list[str]) -> Iterator[tuple[object, object]]:
    """Yield each cell of a row with its heading; what stands beyond the headings is one cell."""
    yield from zip(headings, row, strict=False)
    beyond = [each for each in row[len(headings) :] if each.strip()]
    if beyond:
        yield BEYOND, beyond


def _cells(
    record: Iterable[tuple[object, object]],
    *,
    path: str,
    columns: Columns,
    decimal: str | None,
    into: list[Fault],
) -> Cells:
    """Return the cells of a row that hold something, and add what is wrong with them."""
    found: Cells = {}
    for heading, given in record:
        cell = _plain(given)
        if cell is None:
            continue
        name = columns.name_of(heading)
        if heading == BEYOND:
            problem = (
                f"got {shown(cell)}; put words with a comma in quotes; a decimal comma needs "
                "semicolons between cells"
            )
            into.append(Fault(f"{path}.{BEYOND}", problem))
        elif not name:
            problem = "a column with cells has no heading; name it in the first line or delete it"
            into.append(Fault("columns", problem))
        elif name in found:
            into.append(Fault(f"column {name}", "stands twice; keep one of the two"))
        elif isinstance(cell, str) and name not in columns.words:
            problem = _grouped(cell, decimal=decimal)
            number = None if problem else _number(cell)
            if number is None and not problem and name in columns.numbers:
                problem = _no_number(cell)
            if problem:
                into.append(Fault(f"{path}.{name}", problem))
            found[name] = cell if number is None else number
        else:
            found[name] = cell
    return found


def _plain(cell: object) -> object:
    """Return a cell as Python's own kind, text trimmed; None where it is empty."""
    value = cell.item() if isinstance(cell, np.generic) else cell
    if isinstance(value, str):
        text = value.strip()
        return None if text.lower() in EMPTY else text
    is_missing = type(value).__name__ in MISSING_KINDS
    return None if is_missing or (isinstance(value, float) and value != value) else value  # noqa: PLR0124 - only NaN differs from itself


def _number(text: str) -> float | None:
    """Return the number that text is, with a point or a comma before its decimals."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _grouped(text: str, *, decimal: str | None) -> str:
    """Return what is wrong with a number that may have its thousands marked, else nothing."""
    found = _GROUPED.fullmatch(text)
    if found is None:
        return ""
    mark, is_single = found["mark"], not found["more"]
    if is_single and mark == decimal:
        return ""
    way_out = f"write {text.replace(mark, '')}"
    if is_single:
        # Four digits behind the mark are no thousands, where nothing else tells the two apart.
        written = text.replace(mark, decimal) if decimal else f"{text}0"
        way_out += f", or {written} if it is a decimal"
    return f"got {shown(text)}; {MARKS[mark]} are not read as thousands; {way_out}"


def _no_number(text: str) -> str:
    """Return what is wrong with text in a column of numbers."""
    percentage = _PERCENTAGE.fullmatch(text)
    if percentage is not None:
        share = float(percentage["number"].replace(",", ".")) / PER_CENT
        return (
            f"got {shown(text)}; it must be a number and no percentage; write a count such as 14, "
            f"not {text}, or a share such as {share:g}"
        )
    return f"got {shown(text)}; it must be a number; write one, such as 14"
