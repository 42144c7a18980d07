"""The rows of the input sheet: every number and date of a case, and what may be done with it.

Writing and reading a workbook both begin here, so that a missing or strange row is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np

from sibsim.case import Case
from sibsim.core.parameters import Quantity
from sibsim.reports.parameter_words import HEAD
from sibsim.reports.workbook.bounds import ANY, Bounds, bounds_of, field_of

Way = Literal["quantiles", "spread", "number", "date", "fixed"]
"""What may be changed: `quantiles`: the value, or 10, 50 and 90 %; `spread`: the value alone,
beside another distribution; `number`, `date`: the value, all there is; `fixed`: nothing."""

QUANTILES = ("p10", "p50", "p90")
"""Keys of three quantiles."""

LEVELS = np.array([0.1, 0.9])
"""Probabilities of what is shown as low and high."""

UNREAD = frozenset(("schema", "sources"))
"""First lines and sections whose numbers are no parameters of the calculation."""

FIXED = frozenset(("start", "end"))
"""What the periods of a workbook are made from, so that it cannot be changed in one."""

_CHOOSING = re.compile(
    r"(payments\..+|contract\.termination|outcomes\..+\.goal)\.(at_months|follow_up_months)(\.\d+)?"
)
"""What chooses among the follow-ups of an outcome, and so which cells a formula reads."""


IN_ITS_UNIT = ("p10", "p50", "p90", "value", "base", "mean", "rate", "sd", "min", "mode", "max")
"""Numbers of a part that are in the unit it states; others, such as a number of people, are not."""


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter."""

    path: str
    """Path in the case file."""

    way: Way
    """What may be changed."""

    value: float | date
    """Value in the base case."""

    low: float | None = None
    """10 % quantile; None: it is one number."""

    high: float | None = None
    """90 % quantile; None: it is one number."""

    told: Mapping[str, str] = field(default_factory=dict)
    """Unit, key of the source, status and note, as the case file states them."""

    bounds: Bounds = ANY
    """Numbers that are allowed."""

    @property
    def section(self) -> str:
        """Section of the case file."""
        first, _, rest = self.path.partition(".")
        return first if rest else HEAD


def rows_of(case: Case) -> tuple[Row, ...]:
    """Return the rows of a case, section by section in the order of its file.

    Parameters
    ----------
    case
        The case.
    """
    quantities = dict(case.quantities)
    found = [
        _row(case, path, given, quantities.get(path)) for path, given in _stated(case, quantities)
    ]
    there = {row.path for row in found}
    found += [
        _row(case, path, None, each) for path, each in quantities.items() if path not in there
    ]
    order = {name: place for place, name in enumerate((HEAD, *case.sections))}
    parts: dict[tuple[str, ...], int] = {}
    for row in found:
        parts.setdefault(_part(row.path), len(parts))
    return tuple(sorted(found, key=lambda row: (order[row.section], parts[_part(row.path)])))


def _part(path: str) -> tuple[str, ...]:
    """Return the section and the named part that a path lies in."""
    return tuple(path.split(".")[:-1][:2])


def value_at(document: object, path: str) -> object:
    """Return what stands at a path of a document, None where nothing does.

    Parameters
    ----------
    document
        Plain tables and lists.
    path
        Dotted path.
    """
    here: Any = document
    for step in path.split("."):
        if isinstance(here, Mapping):
            here = here.get(step)
        elif isinstance(here, list | tuple) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return None
    return here


def _stated(case: Case, quantities: Mapping[str, Quantity]) -> Iterator[tuple[str, object]]:
    """Yield every quantity, number and date that the case file states, by path, in its order."""
    for name, part in case.document.items():
        if name not in UNREAD:
            yield from _within(part, path=str(name), quantities=quantities)


def _within(
    here: object, *, path: str, quantities: Mapping[str, Quantity]
) -> Iterator[tuple[str, object]]:
    own: frozenset[str] | None = None
    if path in quantities:
        yield path, here
        # Beside its distribution an effect states when it was measured, a number of its own.
        own = frozenset(type(quantities[path]).model_fields) - frozenset(Quantity.model_fields)
    elif isinstance(here, int | float | date) and not isinstance(here, bool):
        yield path, here
    if isinstance(here, Mapping):
        for key, part in here.items():
            if own is None or key in own:
                yield from _within(part, path=f"{path}.{key}", quantities=quantities)
    elif isinstance(here, list | tuple) and own is None:
        for place, part in enumerate(here):
            yield from _within(part, path=f"{path}.{place}", quantities=quantities)


def _row(case: Case, path: str, given: object, quantity: Quantity | None) -> Row:
    told, bounds = _told(case, path, quantity), bounds_of(case, path)
    if quantity is None:
        value: float | date = given if isinstance(given, date) else float(given)  # type: ignore[arg-type]  # a number, as `_within` says
        way: Way = "date" if isinstance(given, date) else "number"
        return Row(
            path,
            "fixed" if path in FIXED or _CHOOSING.fullmatch(path) else way,
            value,
            told=told,
            bounds=bounds,
        )
    base = quantity.base_value
    here = field_of(case, path)
    drawn = given is None and here is not None and bool(here.exclude)
    if quantity.is_fixed:
        return Row(path, "fixed" if drawn else "number", base, told=told, bounds=bounds)
    low, high = (float(each) for each in quantity.ppf(LEVELS))
    if drawn:
        return Row(path, "fixed", base, low, high, told, bounds)
    if isinstance(given, Mapping) and set(QUANTILES) <= set(given) and "base" not in given:
        ends = float(given["p10"]), float(given["p90"])
        return Row(path, "quantiles", base, *ends, told, bounds)
    return Row(path, "spread", base, low, high, told, bounds)


def _told(case: Case, path: str, quantity: Quantity | None) -> dict[str, str]:
    """Return unit, source, status and note: its own, else those of the part that it lies in."""
    if quantity is not None:
        stated = {key: getattr(quantity, key) for key in ("unit", "source", "status", "note")}
        if value_at(case.read, path) is None:
            stated["status"] = "default"
        return {key: text for key, text in stated.items() if text is not None}
    steps = path.split(".")
    found: dict[str, str] = {}
    for depth in range(len(steps) - 1, 0, -1):
        part = value_at(case.read, ".".join(steps[:depth]))
        if not isinstance(part, Mapping):
            continue
        for key in ("unit", "source", "status", "note"):
            if isinstance(part.get(key), str):
                found.setdefault(key, part[key])
        if {"source", "status", "note"} & set(part):
            break
    if steps[-1] not in IN_ITS_UNIT:
        found.pop("unit", None)
    return {"status": "assumption", **found}
