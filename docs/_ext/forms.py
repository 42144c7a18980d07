"""What a key of a case file takes, in words: its kind and its range, as its annotation says."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo

from sibsim.core.parameters import BetweenPeople, OneOrEach, Quantity, Support
from sibsim.core.spec import Frozen, Name, Rate, Spec
from sibsim.core.words import Words

_IS_NAME = get_args(Name)[1]
"""What says of a text that it is the name of a part."""

_IS_RATE = get_args(Rate)[-1]
"""What says of a number that it is a share a year, at most 1."""

_PLAIN: Mapping[object, str] = {
    bool: "`true` or `false`",
    dt.date: "date",
    str: "text",
    int: "whole number",
    float: "number",
}
"""Words for what TOML itself knows."""


_End = tuple[float, bool]
"""An end of a range, and whether it is left out."""

_NO_LOWER: _End = (-math.inf, False)
_NO_UPPER: _End = (math.inf, False)


def form(annotation: object, *, metadata: Iterable[object] = ()) -> str:
    """Return what a value of an annotation is, such as `quantity, 0 to 1`.

    Parameters
    ----------
    annotation
        The annotation, as pydantic keeps it.
    metadata
        What stands beside it in `Annotated`.
    """
    marks = list(_flat(metadata))
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return form(parts[0], metadata=(*parts[1:], *marks))
    if each := [mark for mark in marks if isinstance(mark, OneOrEach)]:
        return f"{form(each[0].item)}; or a list of them"
    if origin in {Union, UnionType}:
        kinds = (form(part, metadata=marks) for part in parts if part is not NoneType)
        return ", or ".join(dict.fromkeys(kinds))
    return _one(annotation, marks=marks) if origin is None else _several(annotation, marks=marks)


def _several(annotation: object, *, marks: list[object]) -> str:
    """Return the form of a list, of a choice or of parts by name."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return _either([f"`{part}`" for part in parts])
    return f"by name: {form(parts[0])}" if origin is Frozen else _list(parts, marks=marks)


def _one(annotation: object, *, marks: list[object]) -> str:
    """Return the form of one value."""
    if annotation is Words:
        return "text, or one each in Danish and English"
    if isinstance(annotation, type) and issubclass(annotation, BetweenPeople):
        return "number, or quantiles between people, 0 or more"
    if isinstance(annotation, type) and issubclass(annotation, Quantity):
        return _with_range("quantity", marks=marks)
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return "table"
    kind = "name" if _IS_NAME in marks else _PLAIN[annotation]
    return _with_range(kind, marks=marks) if annotation in {int, float} else kind


def _list(parts: tuple[Any, ...], *, marks: list[object]) -> str:
    if parts[-1] is not Ellipsis:
        return f"list of {len(parts)}: {'; '.join(dict.fromkeys(map(form, parts)))}"
    least = max((mark.min_length for mark in marks if isinstance(mark, MinLen)), default=0)
    most = min((mark.max_length for mark in marks if isinstance(mark, MaxLen)), default=None)
    count = f", at least {least}" if least else ""
    return f"list of: {form(parts[0])}{count}" + (f", at most {most}" if most else "")


def _with_range(kind: str, *, marks: list[object]) -> str:
    """Return a kind with the values that it may have, such as `number, above 0`."""
    ends = [_ends(mark) for mark in marks]
    least, above = max(lower for lower, _ in ends) if ends else _NO_LOWER
    most, below = min((upper for _, upper in ends), key=_tightest, default=_NO_UPPER)
    if not above and not below and math.isfinite(least) and math.isfinite(most):
        return f"{kind}, {least:g} to {most:g}"
    said = [kind]
    if math.isfinite(least):
        said.append(f"above {least:g}" if above else f"{least:g} or more")
    if math.isfinite(most):
        said.append(f"below {most:g}" if below else f"at most {most:g}")
    return ", ".join(said)


def _ends(mark: object) -> tuple[_End, _End]:
    """Return the lowest and the highest value that a mark allows."""
    match mark:
        case Support():
            return (mark.lower, False), (mark.upper, False)
        case Ge(ge=float() | int() as least):
            return (least, False), _NO_UPPER
        case Gt(gt=float() | int() as least):
            return (least, True), _NO_UPPER
        case Le(le=float() | int() as most):
            return _NO_LOWER, (most, False)
        case Lt(lt=float() | int() as most):
            return _NO_LOWER, (most, True)
    return _NO_LOWER, (1.0, False) if mark is _IS_RATE else _NO_UPPER


def _tightest(end: _End) -> tuple[float, bool]:
    """Return the order of upper ends: of two at one value the one that leaves it out is first."""
    most, below = end
    return most, not below


def _flat(metadata: Iterable[object]) -> Iterator[object]:
    """Yield marks, those inside a nested field too."""
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            yield from _flat(mark.metadata)
        else:
            yield mark


def _either(choices: list[str]) -> str:
    """Return choices as `a, b or c`."""
    *first, last = choices
    return f"{', '.join(first)} or {last}" if first else last
