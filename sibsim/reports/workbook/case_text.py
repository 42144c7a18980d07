"""The sheet that holds the whole case file as text, so that a workbook can be read back exactly.

One line of the file stands in each row. A line that is longer than a cell holds goes on in the next
column. What a spreadsheet would change inside a text is written as an escape of TOML, which reads
the same: characters that XML does not allow, and letters that look like an escape of Office Open
XML.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sibsim.case import Case
from sibsim.casefile import to_toml
from sibsim.core.words import Words
from sibsim.reports.workbook.sheets import Book

SHEET = Words(da="Sagsfil", en="CaseFile")
ABOUT = Words(
    da="Casen, som den blev læst; læses ind igen", en="The case as it was read; read back from here"
)
"""Name of the sheet."""

LONGEST_PIECE = 16_000
"""Characters in one cell: half of what Excel holds, since it counts some characters twice."""

WIDTH = 120
"""Width of the column in characters."""

_UNSAFE = re.compile("[\x7f-\x9f\ufffe\uffff\u2028\u2029]|x(?=005F_)")
"""Characters that would not come back as they are: openpyxl drops every `x005F_`."""


def write_case_text(book: Book, case: Case) -> None:
    """Write the case file on a sheet of its own.

    Parameters
    ----------
    book
        The workbook.
    case
        The case.
    """
    sheet = book.sheet(SHEET, about=ABOUT)
    sheet.paper.set_column(0, 0, WIDTH)
    look = book.file.add_format({"num_format": "@", "font_name": "Consolas", "font_size": 9})
    for row, line in enumerate(lines_of(case)):
        for column, piece in enumerate(pieces(line)):
            sheet.paper.write_string(row, column, piece, look)
        sheet.row = row + 1


@lru_cache(maxsize=1)
def lines_of(case: Case) -> tuple[str, ...]:
    """Return the lines of the case file, safe for cells; those of the last case are kept."""
    return tuple(_UNSAFE.sub(_escaped, line) for line in to_toml(case).split("\n"))


def pieces(line: str) -> list[str]:
    """Return a line in pieces that fit into a cell; none of an empty line."""
    return [line[start : start + LONGEST_PIECE] for start in range(0, len(line), LONGEST_PIECE)]


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
