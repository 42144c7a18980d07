"""Case files: TOML in and out, every fault at once.

Sections are validated one by one; checks across sections run on what survived; then one report.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sibsim.case import SECTIONS, Case, Contract
from sibsim.consistency import check_across
from sibsim.core import catalogue
from sibsim.core.spec import nearest
from sibsim.core.validation import shown, validated
from sibsim.errors import CaseError, Fault, FileError, UnknownNameError
from sibsim.sections import Head

LARGEST_BYTES = 5_000_000
"""A case file above this size is refused unread: the largest real case is under 100 kB."""

DEEPEST = 12
"""Tables and lists may nest this deep; no section needs more than half of it."""

_EMPTY: Mapping[str, Any] = {
    name: {} for name in ("costs", "outcomes", "drifts", "measures", "payments", "budget",
                          "indices", "sources")
} | {"correlations": ()}


def shipped_cases() -> tuple[str, ...]:
    """Return the names of the cases that ship with sibsim."""
    return catalogue.names("cases")


def list_cases() -> dict[str, Case]:
    """Return the cases that ship with sibsim, by name."""
    return {name: load_case(name) for name in shipped_cases()}


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
    if isinstance(source, str) and not path.suffix and not path.exists():
        message = (
            f"no case {source!r} ships with sibsim{nearest(source, known)}; "
            f"shipped are {', '.join(known)}; a file is named with its ending .toml"
        )
        raise UnknownNameError(message)
    return build(parsed(_text_of(path), where=str(path)), where=str(path))


def _text_of(path: Path) -> str:
    try:
        size = path.stat().st_size
        if path.is_dir():
            message = f"{path} is a folder; name the .toml file in it"
            raise FileError(message)
        if size > LARGEST_BYTES:
            message = (
                f"{path} has {size / 1e6:,.0f} MB; a case file has at most "
                f"{LARGEST_BYTES / 1e6:,.0f} MB; is it the right file?"
            )
            raise FileError(message)
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        message = f"there is no file {path}; `sibsim cases` lists what ships"
        raise FileError(message) from None
    except UnicodeDecodeError:
        message = f"{path} is not text in UTF-8; save it as UTF-8"
        raise FileError(message) from None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise FileError(message) from None


def parsed(text: str, *, where: str) -> dict[str, Any]:
    if not text.strip():
        message = f"{where} is empty; start from a shipped case"
        raise FileError(message)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{where} is not valid TOML: {error}"
        raise FileError(message) from None
    except RecursionError:
        message = f"{where} nests tables too deep; at most {DEEPEST} levels are read"
        raise FileError(message) from None
    if _depth(document) > DEEPEST:
        message = f"{where} nests tables too deep; at most {DEEPEST} levels are read"
        raise FileError(message)
    return document


def _depth(document: object) -> int:
    """Return how deep tables and lists nest, without recursion."""
    depth, level = 0, [document]
    while level:
        depth += 1
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


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
    faults = _unknown_sections(document)
    first = {key: value for key, value in document.items() if key not in SECTIONS}
    known = {field.alias or key for key, field in Head.model_fields.items()}
    head, found = validated({k: v for k, v in first.items() if k in known}, Head, path="")
    faults += found
    parts: dict[str, Any] = {}
    for name, kind in SECTIONS.items():
        value, found = None, []
        if name in document or name in _EMPTY:
            value, found = validated(document.get(name, _EMPTY.get(name)), kind, path=name)
        faults += found
        parts[name] = value if value is not None or name not in _EMPTY else _EMPTY[name]
    if head is None:
        raise CaseError(tuple(faults), where=where)
    contract = Contract(
        terms=parts.pop("contract"), payments=parts.pop("payments"), capital=parts.pop("capital")
    )
    case = Case(head=head, contract=contract, document=document, **parts)
    broken = {fault.path.split(".", maxsplit=1)[0] for fault in faults}
    faults += [fault for fault in check_across(case) if not _follows_from(fault, broken)]
    if faults:
        raise CaseError(tuple(faults), where=where)
    return case


def _follows_from(fault: Fault, broken: set[str]) -> bool:
    """Tell whether a name is missing only because its section has a fault of its own."""
    return any(f"in [{section}]" in fault.problem for section in broken)


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
    document = copy.deepcopy(dict(case.document))
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

    return tomlkit.dumps(dict(case.document))


