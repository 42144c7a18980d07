"""References that stay where they are when a formula is copied, and titles of lines."""

from __future__ import annotations

from sibsim.core.words import Words
from sibsim.reports.workbook.formulas import Formula


def fixed_place(cell: Formula) -> Formula:
    """Return a cell as a reference that stays where formulas are copied down."""
    sheet, _, place = cell.text.partition("!")
    letters = place.rstrip("0123456789")
    return Formula(f"{sheet}!${letters}${place[len(letters) :]}", cell.value)


def titled(title: Words, *, name: str) -> Words | str:
    """Return the title of a line, or its name where it has none.

    Parameters
    ----------
    title
        The title, which may be empty.
    name
        Name of the line in the case file.
    """
    return title if title.da or title.en else name
