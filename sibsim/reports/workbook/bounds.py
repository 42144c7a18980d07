"""Which numbers a field of a case file allows, as far as its type says so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from sibsim.case import Case
from sibsim.core.parameters import OneOrEach, Quantity, Support
from sibsim.core.spec import Spec
from sibsim.outcomes.variant import Variant

NUMBERS = (float, int, Quantity)
"""Types of what a number of a case file is read as."""


class Bounds(NamedTuple):
    """Lowest and highest number that is allowed; infinite where there is none."""

    low: float
    """Lowest."""

    high: float
    """Highest."""


ANY = Bounds(-math.inf, math.inf)
"""Any number."""


def bounds_of(case: Case, path: str) -> Bounds:
    """Return the numbers that may stand at a path; any, where its type does not tell.

    Parameters
    ----------
    case
        The case.
    path
        Dotted path in its file.
    """
    field = field_of(case, path)
    if field is None:
        return ANY
    found = set(_within(field.annotation, field.metadata))
    return found.pop() if len(found) == 1 else ANY


def field_of(case: Case, path: str) -> FieldInfo | None:
    """Return the field that a path ends in, or the list or table that it ends within.

    Parameters
    ----------
    case
        The case.
    path
        Dotted path in its file.
    """
    section, *steps = path.split(".")
    here: Any = case.sections.get(section, case.head)
    if section not in case.sections:
        steps = [section]
    field: FieldInfo | None = None
    for step in steps:
        if isinstance(here, Variant):
            here = here.model
        if isinstance(here, Spec):
            fields = type(here).model_fields
            name = next((key for key, each in fields.items() if step in (key, each.alias)), None)
            if name is None:
                return None
            field, here = fields[name], getattr(here, name)
        elif isinstance(here, Mapping) and step in here:
            here = here[step]
        elif isinstance(here, tuple) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return None
    return field


def _within(annotation: object, metadata: Iterable[object]) -> Iterator[Bounds]:
    """Yield the bounds of every kind of number that an annotation allows."""
    constraints = list(_flat(metadata))
    each = next((found.item for found in constraints if isinstance(found, OneOrEach)), None)
    inner = get_args(annotation)
    if each is not None:
        yield from _within(each, ())
    elif hasattr(annotation, "__metadata__"):
        yield from _within(inner[0], [*constraints, *inner[1:]])
    elif isinstance(annotation, type) and issubclass(annotation, NUMBERS):
        if annotation is not bool:
            yield _bounds(constraints)
    else:
        for part in inner:
            yield from _within(part, ())


def _flat(metadata: Iterable[object]) -> Iterator[object]:
    for each in metadata:
        if isinstance(each, FieldInfo):
            yield from each.metadata
        else:
            yield each


def _bounds(constraints: Iterable[object]) -> Bounds:
    low, high = ANY
    for each in constraints:
        match each:
            case Support():
                low, high = max(low, each.lower), min(high, each.upper)
            case Ge(bound) | Gt(bound):
                low = max(low, float(bound))  # type: ignore[arg-type]  # bounds of numbers
            case Le(bound) | Lt(bound):
                high = min(high, float(bound))  # type: ignore[arg-type]  # as above
            case _:
                pass
    return Bounds(low, high)
