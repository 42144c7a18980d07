"""Opens a workbook that somebody hands in: any file, of any size, damaged or hostile.

Only values, formulas and texts of cells are read: no macro, no link to another file, no picture.
A file that is too large, unpacked or as it is, is refused unread.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sibsim.core.validation import shown
from sibsim.errors import FileError

if TYPE_CHECKING:
    from openpyxl import Workbook

LARGEST_BYTES = 30_000_000
"""A workbook above this size is refused: one of sibsim has less than a tenth of it."""

LARGEST_UNPACKED = 150_000_000
"""A workbook that unpacks to more is refused: a small file can unpack to what fills a memory."""

MOST_ROWS, MOST_COLUMNS = 60_000, 400
"""Cells beyond are not read: no case file has so many lines, or such long ones."""

_ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1")
"""How files of old Excel, and files with a password, begin."""

_DOCTYPE_WITHIN = 4096
"""Bytes at the start of a part within which a document type would stand."""

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)
"""What openpyxl raises on files that are damaged or no workbook; it has no error of its own."""


class Cell(NamedTuple):
    """What stands in a cell."""

    content: object
    """A number, text, day, truth value, the text of a formula, or None."""

    kind: str
    """`f` for a formula, `e` for an error of the program, else a value."""


EMPTY = Cell(None, "n")
"""A cell with nothing in it."""

Rows = list[list[Cell]]
"""Rows of cells; each ends with its last cell that holds something."""


def sheets_of(path: str | PathLike[str], *names: str, computed: bool = False) -> dict[str, Rows]:
    """Return the cells of those of the named sheets that a workbook has.

    Parameters
    ----------
    path
        The file.
    names
        Names of sheets.
    computed
        Whether formulas stand as what the program last found them to be.

    Raises
    ------
    FileError
        If the file is missing, too large, damaged or no workbook.
    """
    file = Path(path)
    try:
        _check(file)
        with _opened(file, computed=computed) as book:
            return {name: list(_rows(book, name)) for name in names if name in book.sheetnames}
    except FileNotFoundError:
        message = f"there is no file {file.name}; check the path"
    except MemoryError:
        message = f"{file.name} needs more memory than there is; is it the right file?"
    except _DAMAGED as error:
        said = getattr(error, "strerror", None) or f"{error}"
        if file.suffix.lower() == ".toml":
            message = f"{file.name} is a case file and no workbook; read it with load_case"
            raise FileError(message) from None
        message = (
            f"{file.name} cannot be read as a workbook ({shown(said)}); open it in Excel or "
            "LibreOffice and save it anew as .xlsx"
        )
    raise FileError(message)


@contextmanager
def _opened(file: Path, *, computed: bool) -> Iterator[Workbook]:
    import openpyxl

    with warnings.catch_warnings():
        # openpyxl warns of what it leaves out: drawings, extensions, its own missing styles.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(file, read_only=True, data_only=computed, keep_links=False)
        try:
            yield book
        finally:
            book.close()


def _check(file: Path) -> None:
    """Refuse what should not be opened."""
    message = ""
    if file.is_dir():
        message = f"{file} is a folder; name the .xlsx file in it"
    elif file.exists() and not file.is_file():
        message = f"{file.name} is not a regular file; name an .xlsx file"
    elif file.stat().st_size > LARGEST_BYTES:
        message = (
            f"{file.name} has {file.stat().st_size / 1e6:,.0f} MB; a workbook has at most "
            f"{LARGEST_BYTES / 1e6:,.0f} MB; is it the right file?"
        )
    if message:
        raise FileError(message)
    with file.open("rb") as opened:
        if opened.read(len(_ENCRYPTED)) == _ENCRYPTED:
            message = (
                f"{file.name} has a password or is of an old version of Excel; save it without a "
                "password as .xlsx"
            )
            raise FileError(message)
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        size = sum(part.file_size for part in parts)
        if size > LARGEST_UNPACKED:
            message = (
                f"{file.name} unpacks to {size / 1e6:,.0f} MB; a workbook unpacks to at most "
                f"{LARGEST_UNPACKED / 1e6:,.0f} MB; is it the right file?"
            )
            raise FileError(message)
        for part in parts:
            with packed.open(part) as unpacked:
                start = unpacked.read(_DOCTYPE_WITHIN).replace(b"\0", b"")
            if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                message = f"{file.name} holds a document type, as no workbook does; it is not read"
                raise FileError(message)


def _rows(book: Workbook, name: str) -> Iterator[list[Cell]]:
    sheet = book[name]
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS):
        length = max((at for at, each in enumerate(row, 1) if each.value is not None), default=0)
        yield [_cell(each.value, str(each.data_type)) for each in row[:length]]


def _cell(content: object, kind: str) -> Cell:
    if isinstance(content, datetime) and content == datetime.combine(content, datetime.min.time()):
        return Cell(content.date(), kind)
    if content is not None and not isinstance(content, str | float | int | date):
        # A formula over several cells is an object of openpyxl, which holds its text.
        return Cell(str(getattr(content, "text", content)), "f")
    return Cell(content, kind)
