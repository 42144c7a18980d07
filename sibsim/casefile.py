"""Case files: TOML in and out, every fault at once.

Sections are validated one by one; checks across sections run on what survived; then one report.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args, get_origin

from sibsim.case import SECTIONS, Case, Contract
from sibsim.consistency import HEAD, Unread, check_across
from sibsim.core import catalogue
from sibsim.core.spec import Frozen, nearest
from sibsim.core.validation import shown, validated
from sibsim.core.words import Words
from sibsim.errors import CaseError, Fault, FileError, UnknownNameError
from sibsim.sections import Head

LARGEST_BYTES = 5_000_000
"""A case file above this size is refused unread: the largest real case is under 100 kB."""

LARGEST_WHOLE = 10**15
"""Whole numbers above it are surely slips, and lose digits when they meet a fraction."""

LONGEST_LABEL = 200
"""Characters of a file's path that a message shows."""

DEEPEST = 12
"""Tables and lists may nest this deep; no section needs more than half of it."""

_EMPTY: Mapping[str, Any] = {
    name: {}
    for name in (
        "costs",
        "outcomes",
        "drifts",
        "measures",
        "payments",
        "budget",
        "indices",
        "sources",
    )
} | {"correlations": ()}

_STAND_IN = Head(
    schema=1,
    name="unread",
    title=Words(),
    currency="DKK",
    price_year=2000,
    start=date(2000, 1, 1),
    end=date(2000, 12, 31),
    period="quarter",
)
"""First lines of a file whose own are at fault, so that names can be checked all the same."""

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

_ITEM = re.compile(r"[A-Za-z0-9_-]+")
"""What the items of a section may be called; a dot would make paths ambiguous."""


def shipped_cases() -> tuple[str, ...]:
    """Return the names of the cases that ship with sibsim."""
    return catalogue.names("cases")


def load_case(source: str | Path) -> Case:
    """Load a case by the name of one that ships, or from a TOML file.

    Parameters
    ----------
    source
        Name of a shipped case (`"holbaek"`) or path to a `.toml` file.

    Raises
    ------
    FileError
        If the file cannot be read.
    CaseError
        If its content is not a valid case; holds every fault.
    UnknownNameError
        If no case of that name ships; names the nearest one.
    """
    known = shipped_cases()
    if isinstance(source, str) and source in known:
        return build(parsed(catalogue.text("cases", source), where=source), where=source)
    path = Path(source)
    if isinstance(source, str) and not path.suffix and not _exists(path):
        message = (
            f"no case {shown(source)} ships with sibsim{nearest(source, known)}; "
            f"shipped are {', '.join(known)}; a file is named with its ending .toml"
        )
        raise UnknownNameError(message)
    where = _label(path)
    return build(parsed(_text_of(path), where=where), where=where)


def _label(path: Path) -> str:
    """Return a path as messages name it: of a very long one the end."""
    name = str(path)
    return name if len(name) <= LONGEST_LABEL else f"…{name[-LONGEST_LABEL:]}"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file could have
        return False


def _text_of(path: Path) -> str:
    name = _label(path)
    try:
        if path.is_dir():
            message = f"{name} is a folder; name the .toml file in it"
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
        message = f"there is no file {name}; `sibsim cases` lists what ships"
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


def build(document: Mapping[str, Any], *, where: str = "case") -> Case:
    """Return the case that a document describes.

    Parameters
    ----------
    document
        Plain tables, lists, numbers, texts and dates, as TOML gives them.
    where
        Name of the file for messages.

    Raises
    ------
    CaseError
        If the document is not a valid case; holds every fault.
    """
    if _is_too_deep(document):
        raise CaseError((Fault("", _TOO_DEEP),), where=where)
    large = tuple(_too_large(document, path=""))
    if large:
        raise CaseError(large, where=where)
    faults = _unknown_sections(document)
    fields = {field.alias or key for key, field in Head.model_fields.items()}
    first = {key: value for key, value in document.items() if key in fields}
    head: Head | None
    head, found = validated(first, Head, path="")
    faults += found
    unread = {HEAD} if head is None else set()
    broken_items: dict[str, frozenset[str]] = {}
    parts: dict[str, Any] = {}
    for name, kind in SECTIONS.items():
        given = document.get(name, _EMPTY.get(name))
        value = None
        if name in document or name in _EMPTY:
            value, found, broken_items[name] = _section(given, kind, path=name)
            faults += found
            if value is None:
                unread.add(name)
        parts[name] = value if value is not None or name not in _EMPTY else _EMPTY[name]
    contract = Contract(
        terms=parts.pop("contract"), payments=parts.pop("payments"), capital=parts.pop("capital")
    )
    read = copy.deepcopy(dict(document))
    case = Case(head=head or _STAND_IN, contract=contract, read=read, **parts)
    faults += check_across(case, unread=Unread(frozenset(unread), broken_items))
    if faults:
        raise CaseError(tuple(faults), where=where)
    return case


@dataclass(frozen=True)
class _Document:
    """A document that can be looked up by its text."""

    text: str
    content: Mapping[str, Any] = field(compare=False)


def rebuilt(document: Mapping[str, Any]) -> Case:
    """Return the case of a document that has crossed a process boundary; the last one is kept."""
    return _rebuilt(_Document(repr(document), document))


@lru_cache(maxsize=1)
def _rebuilt(document: _Document) -> Case:
    return build(document.content)


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


def _section(given: object, kind: Any, *, path: str) -> tuple[Any, list[Fault], frozenset[str]]:  # noqa: ANN401
    """Return what of a section is valid, its faults, and the names of the items that have them.

    A section of named items is read item by item, so that a fault of one hides no other.
    """
    if get_origin(kind) is not Frozen or not isinstance(given, Mapping):
        value, faults = validated(given, kind, path=path)
        return value, faults, frozenset()
    (item,) = get_args(kind)
    valid: dict[str, Any] = {}
    faults = []
    for name, each in given.items():
        if not _ITEM.fullmatch(str(name)):
            problem = (
                f"got {shown(name)} as a name; a name is letters, digits, underscores and hyphens"
            )
            faults.append(Fault(path, problem))
            continue
        value, found = validated(each, item, path=f"{path}.{name}")
        faults += found
        if not found:
            valid[name] = value
    return Frozen(valid), faults, frozenset(map(str, given)) - frozenset(valid)


def _unknown_sections(document: Mapping[str, Any]) -> list[Fault]:
    known = {field.alias or key for key, field in Head.model_fields.items()} | set(SECTIONS)
    listed = "; known are " + ", ".join([*SECTIONS])
    return [
        Fault(str(key), f"is not known here{nearest(str(key), known) or listed}")
        for key in document
        if key not in known
    ]


def changed(case: Case, changes: Mapping[str, Any]) -> Case:
    """Return a validated copy of a case with other values at dotted paths.

    Parameters
    ----------
    case
        The case to copy.
    changes
        New value by path; a new key is added where its table exists, positions in lists count
        from zero.
    """
    document = case.document
    faults: list[Fault] = []
    for path, value in changes.items():
        faults += _set(document, path, value)
    if faults:
        raise CaseError(tuple(faults), where=f"{case.name} with changes")
    return build(document, where=f"{case.name} with changes")


def _set(document: dict[str, Any], path: str, value: object) -> list[Fault]:
    here: Any = document
    *steps, last = path.split(".")
    for number, step in enumerate(steps):
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            walked = ".".join(steps[: number + 1])
            return [Fault(path, f"the case has no {walked!r}{nearest(step, _keys(here))}")]
    if isinstance(here, dict):
        here[last] = value
    elif isinstance(here, list) and last.isdigit() and int(last) < len(here):
        here[int(last)] = value
    else:
        return [Fault(path, f"got {shown(here)} there, which has no part {last!r}")]
    return []


def _keys(here: object) -> Iterable[str]:
    return here if isinstance(here, dict) else ()


def to_toml(case: Case) -> str:
    """Return the case as the text of a TOML file that `load_case` reads back to an equal case."""
    import tomlkit

    return tomlkit.dumps(case.document)
