"""From pydantic's findings to faults in plain words: path, value given, rule, way out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from sibsim.core.spec import as_share, nearest
from sibsim.errors import Fault

SHOWN_CHARACTERS = 60
"""A value longer than this is shortened in a message; nobody needs to read back a whole table."""

LISTED_NAMES = 8
"""At most this many known names are listed in a message; the rest is counted."""

_RULES = {
    "missing": "is missing; it must be stated",
    "greater_than_equal": "got {input}; it must be at least {ge}",
    "greater_than": "got {input}; it must be above {gt}",
    "less_than_equal": "got {input}; it must be at most {le}",
    "less_than": "got {input}; it must be below {lt}",
    "finite_number": "got {input}; it must be a finite number",
    "float_type": "got {input}; it must be a number, without quotes",
    "float_parsing": "got {input}; it must be a number, without quotes",
    "int_type": "got {input}; it must be a whole number, without quotes",
    "int_parsing": "got {input}; it must be a whole number, without quotes",
    "int_from_float": "got {input}; it must be a whole number",
    "string_type": "got {input}; it must be text in quotes",
    "bool_type": "got {input}; it must be true or false",
    "bool_parsing": "got {input}; it must be true or false",
    "date_type": "got {input}; it must be a date such as 2024-01-31, without quotes",
    "date_parsing": "got {input}; it must be a date such as 2024-01-31, without quotes",
    "date_from_datetime_parsing": "got {input}; it must be a date such as 2024-01-31",
    "date_from_datetime_inexact": "got {input}; it must be a date without a time of day",
    "literal_error": "got {input}; it must be {expected}",
    "dict_type": "got {input}; it must be a table",
    "mapping_type": "got {input}; it must be a table",
    "model_type": "got {input}; it must be a table",
    "model_attributes_type": "got {input}; it must be a table",
    "tuple_type": "got {input}; it must be a list in square brackets",
    "list_type": "got {input}; it must be a list in square brackets",
    "too_short": "got {input}; it needs at least {min_length}",
    "string_too_short": "got {input}; it needs at least {min_length} characters",
}
"""Our words for pydantic's types of error; the braces are filled from its context."""

_BOUNDS_OF_SHARES = {"le": 1, "lt": 1, "ge": -1, "gt": -1}
"""Bounds of fields that hold a share, a difference between shares or a correlation."""


def shown(value: object) -> str:
    """Return a value as a message shows it: short, on one line."""
    if isinstance(value, Mapping):
        return f"a table with {', '.join(map(str, value))}" if value else "an empty table"
    text = repr(value) if isinstance(value, str) else _plain(value)
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _plain(value: object) -> str:
    """Return a value the way a case file writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return str(value)
    except ValueError:  # Python refuses to write out an integer of thousands of digits
        return "a number of thousands of digits"


def _bound(value: object) -> str:
    """Return a bound of a rule as a message shows it: 0 and not 0.0."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def known_or_fault(
    path: str, name: str, known: Iterable[str], *, what: str, way_out: str = ""
) -> list[Fault]:
    """Return a fault if `name` is not among the known names.

    Parameters
    ----------
    path
        Where the name was used.
    what
        What it should name, such as `an outcome`.
    way_out
        What to do when nothing is near.
    """
    known = sorted(known)
    if name in known:
        return []
    listed = f"; known are {listing_of(known)}" if known else "; none is defined"
    hint = nearest(name, known) or (f"; {way_out}" if way_out else "")
    return [Fault(path, f"got {shown(name)}; it must name {what}{listed}{hint}")]


def listing_of(names: list[str]) -> str:
    """Return names as a message lists them: the first few, and how many more there are."""
    if len(names) <= LISTED_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:LISTED_NAMES])} and {len(names) - LISTED_NAMES} more"


def validated(value: object, kind: Any, *, path: str) -> tuple[Any, list[Fault]]:  # noqa: ANN401
    """Validate a value as `kind`; return it, or None and every fault.

    Parameters
    ----------
    value
        What was read.
    kind
        A spec class or an annotated type.
    path
        Path of the value in the file.
    """
    try:
        return _adapter(kind).validate_python(value), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults = [_fault(detail, value=value, path=path) for detail in found]
        return None, list(dict.fromkeys(faults))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - any annotated type
    return TypeAdapter(kind)


def _fault(detail: ErrorDetails, *, value: object, path: str) -> Fault:
    steps = _steps_in(value, detail["loc"])
    full = ".".join([path, *steps] if path else steps)
    context = {"input": shown(detail["input"])}
    context |= {key: _bound(given) for key, given in detail.get("ctx", {}).items()}
    rule = _RULES.get(detail["type"])
    if rule is not None:
        return Fault(full, rule.format(**context) + _share_hint(detail))
    message = detail["msg"]
    if detail["type"] in get_args(ErrorType):
        message = f"got {context['input']}; {message[:1].lower()}{message[1:]}"
    return Fault(full, message)


def _share_hint(detail: ErrorDetails) -> str:
    """Say how a percentage is written, where it broke a bound of one or minus one."""
    context = detail.get("ctx", {})
    value = detail["input"]
    broken = any(context.get(name) == bound for name, bound in _BOUNDS_OF_SHARES.items())
    return as_share(value) if broken and isinstance(value, float | int) else ""


def _steps_in(value: object, location: tuple[int | str, ...]) -> list[str]:
    """Keep the steps that lead through the given value; pydantic adds names of types between."""
    steps: list[str] = []
    here: Any = value
    for step in location:
        in_table = isinstance(here, Mapping) and step in here
        in_list = isinstance(here, list | tuple) and isinstance(step, int) and step < len(here)
        if in_table or in_list:
            here = here[step]
        elif step != location[-1] or not isinstance(here, Mapping):
            continue
        steps.append(str(step))
    return steps
