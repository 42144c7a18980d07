"""TOML documents in: shipped or from a file, within bounds of size, depth and numbers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sibsim.core import catalogue
from sibsim.core.spec import nearest
from sibsim.core.validation import shown
from sibsim.errors import CaseError, Fault, FileError, UnknownNameError

LARGEST_BYTES = 5_000_000
"""A case file above this size is refused unread: the largest real case is under 100 kB."""

LARGEST_WHOLE = 10**15
"""Whole numbers above it are surely slips, and lose digits when they meet a fraction."""

LONGEST_LABEL = 200
"""Characters of a file's path that a message shows."""

DEEPEST = 12
"""Tables and lists may nest this deep; no section needs more than half of it."""

_TEXT_OR_COMMENT = re.compile(
    r"""["]{3}(?:[^\\]|\\.)*?["]{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*""", re.DOTALL
)
"""What stands in quotes or behind a hash in TOML, where brackets and dots mean nothing."""

_DEEP_KEY = re.compile(rf"(?:[\w-]+[ \t]*\.[ \t]*){{{DEEPEST}}}")
"""A dotted key that nests tables as deep as is allowed, or deeper."""

_PLACE = re.compile(r"at line (\d+)")
"""Where the parser of TOML says that a fault is."""

_HOW_FIGURES_ARE_WRITTEN = (
    "write decimals with a point (0.35), thousands with underscores (5_000_000), "
    "dates as YYYY-MM-DD"
)

_BRACKET = re.compile(r"[\[\]{}]")


def read_document(source: str | Path, *, folder: str, what: str) -> tuple[dict[str, Any], str]:
    """Return the tables of a shipped file or of a TOML file, and its name for messages.

    Parameters
    ----------
    source
        Name of a shipped file or path to a `.toml` file.
    folder
        Folder of the shipped data.
    what
        What the file holds, in a word.

    Raises
    ------
    FileError
        If the file cannot be read.
    UnknownNameError
        If none of that name ships; names the nearest one.
    """
    known = catalogue.names(folder)
    if isinstance(source, str) and source in known:
        return parsed(catalogue.text(folder, source), where=source), source
    path = Path(source)
    for other, command in (("cases", "run"), ("deals", "settle")):
        if other != folder and source in catalogue.names(other):
            message = f"{source} is one of the shipped {other}, no {what}; use `sibsim {command}`"
            raise UnknownNameError(message)
    if isinstance(source, str) and not path.suffix and not _exists(path):
        message = (
            f"no {what} {shown(source)} ships with sibsim{nearest(source, known)}; "
            f"shipped are {', '.join(known)}; a file is named with its ending .toml"
        )
        raise UnknownNameError(message)
    where = _label(path)
    return parsed(_text_of(path, folder=folder), where=where), where


def _label(path: Path) -> str:
    """Return a path as messages name it: of a very long one the end."""
    name = str(path)
    return name if len(name) <= LONGEST_LABEL else f"…{name[-LONGEST_LABEL:]}"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file could have
        return False


def _text_of(path: Path, *, folder: str) -> str:
    name = _label(path)
    try:
        if path.is_dir():
            message = f"{name} is a folder; name the .toml file in it"
            raise FileError(message)
        if path.suffix.lower() == ".xlsx" and path.exists():
            message = (
                f"{name} is a workbook and no TOML file; read it with `sibsim report`, or in "
                "Python with sib.case_from_workbook"
            )
            raise FileError(message)
        if path.exists() and not path.is_file():
            message = f"{name} is not a regular file; save its content as a .toml file"
            raise FileError(message)
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES:
            message = (
                f"{name} has {path.stat().st_size / 1e6:,.0f} MB; a case file has at most "
                f"{LARGEST_BYTES / 1e6:,.0f} MB; is it the right file?"
            )
            raise FileError(message)
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        message = f"there is no file {name}; `sibsim {folder}` lists what ships"
        raise FileError(message) from None
    except UnicodeDecodeError:
        message = f"{name} is not text in UTF-8; save it as UTF-8"
        raise FileError(message) from None
    except (OSError, ValueError) as error:
        message = f"{name} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise FileError(message) from None


def parsed(text: str, *, where: str) -> dict[str, Any]:
    """Return the tables that the text of a TOML file holds.

    Parameters
    ----------
    text
        The text.
    where
        Name of the file for messages.

    Raises
    ------
    FileError
        If it is empty, nests too deep for the parser, or is not TOML.
    """
    if not text.strip():
        message = f"{where} is empty; start from a shipped case"
        raise FileError(message)
    if _nests_too_deep(text):
        message = f"{where} {_TOO_DEEP}"
        raise FileError(message)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{where} is not valid TOML: {error}{_line_of(error, text)}"
    except ValueError:  # Python refuses to read an integer of thousands of digits
        message = f"{where} holds a number of thousands of digits; no amount has so many"
    raise FileError(message)


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> str:
    """Quote the line of a fault and, where it holds a figure, say how figures are written."""
    place = _PLACE.search(str(error))
    if place is None:
        return ""
    line = text.replace("\r\n", "\n").split("\n")[int(place[1]) - 1].strip()
    way_out = f"; {_HOW_FIGURES_ARE_WRITTEN}" if any(map(str.isdigit, line)) else ""
    return f", which reads {shown(line)}{way_out}"


_TOO_DEEP = f"nests tables or lists too deep; at most {DEEPEST} levels are read"


def _nests_too_deep(text: str) -> bool:
    """Tell whether brackets or dotted keys of a TOML text nest deeper than the parser should go."""
    bare = _TEXT_OR_COMMENT.sub("x", text)
    depth = 0
    for bracket in _BRACKET.findall(bare):
        depth = depth + 1 if bracket in "[{" else max(depth - 1, 0)
        if depth > DEEPEST:
            return True
    return _DEEP_KEY.search(bare) is not None


def _is_too_deep(document: object) -> bool:
    """Tell whether tables and lists nest too deep, or in a circle, without recursion."""
    level = [document]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for each in level
            if isinstance(each, Mapping | list | tuple)
            for inner in (each.values() if isinstance(each, Mapping) else each)
        ]
    return bool(level)


def check_bounds(document: Mapping[str, Any], *, where: str) -> None:
    """Refuse a document that nests too deep or holds whole numbers no computer counts to.

    Parameters
    ----------
    document
        Plain tables, lists, numbers, texts and dates.
    where
        Name of the file for messages.

    Raises
    ------
    CaseError
        If it does; holds every fault.
    """
    if _is_too_deep(document):
        raise CaseError((Fault("", _TOO_DEEP),), where=where)
    large = tuple(_too_large(document, path=""))
    if large:
        raise CaseError(large, where=where)


def _too_large(document: object, *, path: str) -> Iterator[Fault]:
    """Yield a fault for each whole number that no computer counts to."""
    if isinstance(document, int) and abs(document) > LARGEST_WHOLE:
        yield Fault(path, f"got {shown(document)}; whole numbers go up to {LARGEST_WHOLE:,}")
    inner: Iterable[tuple[object, object]] = ()
    if isinstance(document, Mapping):
        inner = document.items()
    elif isinstance(document, list | tuple):
        inner = enumerate(document)
    for name, each in inner:
        yield from _too_large(each, path=f"{path}.{name}" if path else str(name))
