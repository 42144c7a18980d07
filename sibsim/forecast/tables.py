"""A table of actuals as rows of cells: from a frame, a CSV file or a list of mappings."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from sibsim.core.validation import shown
from sibsim.errors import ArgumentError, FileError
from sibsim.reported import stated

TEXTS = frozenset({"kind", "measure", "line", "person", "date"})
"""Columns of a CSV file that hold text; all others hold numbers."""

EMPTY = frozenset({"", "na", "nan"})
"""What an empty cell of a CSV file may hold, in lower case."""

BEYOND = "cells beyond the last column"
"""Name of what stands in a row of a CSV file after its last column."""


def rows_of(data: object) -> list[tuple[str, dict[str, Any]]]:
    """Return where each row stands, `row 1`, and its cells that hold something, by column.

    Parameters
    ----------
    data
        A frame, the path of a CSV file in UTF-8, or a list with one mapping per row.

    Raises
    ------
    FileError
        If the file cannot be read.
    ArgumentError
        If it is none of these.
    """
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        records: Iterable[Any] = data.to_dict("records")
    elif isinstance(data, str | PathLike):
        records = _of_file(Path(data))
    elif isinstance(data, Iterable) and not isinstance(data, bytes | Mapping):
        records = list(data)
    else:
        records = [data]
    if not all(isinstance(each, Mapping) for each in records) or isinstance(data, Mapping):
        message = (
            f"got {shown(data)}; actuals are a frame, the path of a CSV file, or a list with one "
            "mapping per row"
        )
        raise ArgumentError(message)
    return [
        (f"row {number}", _with_date(stated(each))) for number, each in enumerate(records, start=1)
    ]


def _of_file(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a CSV file, with commas or, as Danish spreadsheets write, semicolons."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        message = f"there is no file {path}"
        raise FileError(message) from None
    except UnicodeDecodeError:
        message = f"{path} is not text in UTF-8; save it as CSV in UTF-8"
        raise FileError(message) from None
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise FileError(message) from None
    lines = text.splitlines()
    if not lines:
        message = f"{path} is empty; its first line names the columns"
        raise FileError(message)
    danish = ";" in lines[0]
    try:
        rows = list(csv.DictReader(lines, delimiter=";" if danish else ",", restkey=BEYOND))
    except csv.Error as error:
        message = f"{path} is no CSV file: {error}"
        raise FileError(message) from None
    return [
        {
            name.strip(): _cell(cell, column=name.strip(), danish=danish)
            for name, cell in row.items()
            if isinstance(cell, list) or (cell or "").strip().lower() not in EMPTY
        }
        for row in rows
    ]


def _cell(text: str | list[str], *, column: str, danish: bool) -> object:
    """Return a cell as a number where its column holds numbers and it is one, else as text."""
    if isinstance(text, list) or column in TEXTS:
        return text.strip() if isinstance(text, str) else text
    try:
        return float(text.replace(",", ".") if danish else text)
    except ValueError:
        return text


def _with_date(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose date is one, where it is written as one."""
    given = row.get("date")
    if isinstance(given, dt.datetime) and given.time() == dt.time():
        return {**row, "date": given.date()}
    if isinstance(given, str):
        try:
            return {**row, "date": dt.date.fromisoformat(given)}
        except ValueError:
            return row
    return row
