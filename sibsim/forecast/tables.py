"""A table of actuals as rows of cells: from a frame, a CSV file or a list of mappings."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sibsim.core.tables import Columns, table_of
from sibsim.forecast.persons import Person
from sibsim.reported import Reported, stated

TEXTS = frozenset({"kind", "measure", "line", "person", "date", "note"})
"""Columns that hold text."""

COLUMNS = Columns(
    words=TEXTS,
    numbers=frozenset({*Reported.model_fields, *Person.model_fields, "amount"}) - TEXTS,
)
"""The columns of actuals."""


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
    CaseError
        If cells cannot be read; holds every one.
    """
    table = table_of(data, what="actuals", columns=COLUMNS)
    rows = ((path, dict[Hashable, Any](cells.items())) for path, cells in table.rows)
    return [(path, stated(cells)) for path, cells in rows]
