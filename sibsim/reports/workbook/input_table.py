"""Finds the table of an input sheet that was saved by a spreadsheet, perhaps with columns moved."""

from __future__ import annotations

from dataclasses import dataclass

from sibsim.errors import FileError
from sibsim.reports.workbook.inputs import COLUMNS, PATH_TITLE, WRITTEN
from sibsim.reports.workbook.opening import EMPTY, Cell, Rows

LANGUAGES = ("da", "en")
"""Languages in which a workbook may have been written."""


@dataclass(frozen=True)
class Table:
    """The table of an input sheet."""

    name: str
    """Name of the sheet."""

    rows: Rows
    """Its cells."""

    columns: tuple[int, ...]
    """Where each of the columns stands now, in the order in which they were written."""

    head: int
    """Row of their titles."""

    lang: str
    """Language of the titles."""

    @classmethod
    def of(cls, rows: Rows, *, name: str, where: str) -> Table:
        """Find the columns by their titles.

        Parameters
        ----------
        rows
            Cells of the sheet.
        name, where
            Names of the sheet and of the file.

        Raises
        ------
        FileError
            If a column has gone.
        """
        for lang in LANGUAGES:
            titles = [title.in_language(lang) for title, _ in COLUMNS]
            for head, row in enumerate(rows):
                texts = [cell.content for cell in row]
                if PATH_TITLE.in_language(lang) not in texts:
                    continue
                gone = [title for title in titles if title not in texts]
                if gone:
                    message = (
                        f"{where}: the sheet {name} has no column {', '.join(map(repr, gone))} any "
                        "more; undo that, or write the workbook again"
                    )
                    raise FileError(message)
                return cls(name, rows, tuple(map(texts.index, titles)), head, lang)
        message = (
            f"{where}: the sheet {name} has no column {PATH_TITLE.en!r} ({PATH_TITLE.da!r}); "
            "undo that, or write the workbook again"
        )
        raise FileError(message)

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell by its row and the column as written."""
        cells, place = self.rows[row], self.columns[column]
        return cells[place] if place < len(cells) else EMPTY

    def place(self, row: int, column: int) -> str:
        """Return what a cell is called, such as `Inputs!B17`."""
        return f"{self.name}!{self.letters(column)}{row + 1}"

    def letters(self, column: int) -> str:
        """Return the letters of a column as it stands now."""
        from openpyxl.utils import get_column_letter

        return str(get_column_letter(self.columns[column] + 1))

    @property
    def digest(self) -> str:
        """Checksum of the case file as it was written."""
        above = (self.cell(row, WRITTEN).content for row in range(self.head))
        return next((each for each in above if isinstance(each, str)), "")
