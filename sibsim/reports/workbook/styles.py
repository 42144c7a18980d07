"""How cells look: formats of numbers, colours by what a cell is, and texts that fit a cell.

Inputs are blue on yellow, formulas black, plain links to other sheets green, values that no formula
of the workbook gives orange.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Kind = Literal["money", "number", "share", "factor", "count", "date", "year", "text", "head"]
"""How a number is shown: in whole currency units, with two decimals, in per cent, with four
decimals, without decimals, as a date or a year; or as text, or as the title over numbers."""

Style = Literal["formula", "input", "link", "fixed", "total", "plain"]
"""What a cell is: see the module."""

NUMBER_FORMATS: Mapping[Kind, str] = {
    "money": "#,##0;[Red]-#,##0;-",
    "number": "#,##0.00",
    "share": "0.0%",
    "factor": "0.0000",
    "count": "0",
    "date": "yyyy-mm-dd",
    "year": "0",
    "text": "@",
    "head": "@",
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

Tab = Literal["input", "result", "working"]
"""What a sheet is: where the reader changes figures, reads the answer, or follows it."""

TABS: Mapping[Tab, str] = {"input": "#FFC000", "result": "#1F4E79", "working": "#BFBFBF"}
"""Colour of the tab of a sheet."""

LONGEST_TEXT = 32_767
"""Characters that Excel allows in a cell."""

SHORTENED = " [...]"
"""What ends a text that is longer than a cell holds."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML does not allow."""


def plain_text(text: str) -> str:
    """Return a text as a cell can hold it: no characters that XML forbids, and not too long."""
    clean = _ILLEGAL.sub(" ", text)
    if len(clean) <= LONGEST_TEXT:
        return clean
    return clean[: LONGEST_TEXT - len(SHORTENED)] + SHORTENED
