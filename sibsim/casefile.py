"""Case files: TOML in and out, every fault at once.

Sections are validated one by one; checks across sections run on what survived; then one report.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args, get_origin

from sibsim.case import Case
from sibsim.consistency import HEAD, Unread, check_across
from sibsim.core import catalogue
from sibsim.core.documents import check_bounds, read_document
from sibsim.core.spec import Frozen, nearest
from sibsim.core.validation import shown, validated
from sibsim.core.words import Words
from sibsim.errors import CaseError, Fault
from sibsim.sections import SECTIONS, Contract, Head

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
    document, where = read_document(source, folder="cases", what="case")
    return build(document, where=where)


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
    check_bounds(document, where=where)
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


def _section(given: object, kind: Any, *, path: str) -> tuple[Any, list[Fault], frozenset[str]]:  # noqa: ANN401 - what pydantic takes
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
        New value by path; a new key is added where its table exists or is a section of named parts,
        positions in lists count from zero.
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
        if number == 0 and _EMPTY.get(step) == {}:
            here = here.setdefault(step, {})
        elif isinstance(here, dict) and step in here:
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
