"""Uncertain quantities, their low and high ends, and a case in which one of them is sure.

Low and high are quantiles of what the case holds possible, by default its p10 and p90: one chance
in ten on either side, the quantiles that experts are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from sibsim.case import Case
from sibsim.core.parameters import Quantity
from sibsim.core.spec import nearest
from sibsim.core.validation import shown
from sibsim.decisions.asking import is_number
from sibsim.errors import ArgumentError, UnknownNameError

LOW, HIGH = 0.1, 0.9
"""The ends: one chance in ten on either side, the quantiles that experts are asked for."""


def uncertain(case: Case) -> dict[str, Quantity]:
    """Return the uncertain quantities of a case by path, in its order."""
    return {path: each for path, each in case.quantities.items() if not each.is_fixed}


def ends_of(quantity: Quantity, level: tuple[float, ...]) -> tuple[float, ...]:
    """Return the quantiles of a quantity at some probabilities."""
    return tuple(float(value) for value in quantity.ppf(np.array(level)))


def chosen(case: Case, wanted: Collection[str] | None) -> dict[str, Quantity]:
    """Return the uncertain quantities that are asked for.

    Parameters
    ----------
    case
        The case.
    wanted
        Their paths; None: all.

    Raises
    ------
    UnknownNameError, ArgumentError
        If a path is no quantity, which names the nearest; a quantity is fixed; one is named twice;
        or there is none.
    """
    known = uncertain(case)
    if wanted is None:
        if not known:
            message = (
                f"{case.name} has no uncertain quantity; state one by its quantiles, such as "
                "case.with_({path: {'p10': ..., 'p50': ..., 'p90': ...}})"
            )
            raise ArgumentError(message)
        return known
    paths = [wanted] if isinstance(wanted, str) else list(wanted)
    if not paths:
        message = "quantities: got none; name at least one path, or leave it out for all"
        raise ArgumentError(message)
    if len(set(paths)) < len(paths):
        message = f"quantities: got {', '.join(map(str, paths))}; each is named once"
        raise ArgumentError(message)
    return {path: quantity_at(case, path) for path in paths}


def quantity_at(case: Case, path: str) -> Quantity:
    """Return an uncertain quantity.

    Raises
    ------
    UnknownNameError, ArgumentError
        If there is none at the path, which names the nearest, or it is fixed.
    """
    if path not in case.quantities:
        message = f"the case has no quantity {path!r}{nearest(str(path), uncertain(case))}"
        raise UnknownNameError(message)
    quantity = case.quantities[path]
    if quantity.is_fixed:
        value = f"{quantity.base_value:,.10g}"
        message = (
            f"{path}: got a quantity that is fixed at {value}; only an uncertain one has a low and "
            f"a high end; state it by its quantiles, such as "
            f"case.with_({{{path!r}: {{'p10': ..., 'p50': {value}, 'p90': ...}}}})"
        )
        raise ArgumentError(message)
    return quantity


def surely(case: Case, path: str, *, value: float) -> Case:
    """Return the case in which a quantity is one number, the same in every draw.

    Rank correlations are left out, since what is sure is correlated with nothing; the plan follows
    where it is made on the quantity's base value (people referred for a take-up).

    Parameters
    ----------
    case
        The case.
    path
        Path of a quantity.
    value
        The number.

    Raises
    ------
    CaseError
        If the number is not allowed there.
    """
    return case.with_({path: stated(case.quantities[path], value=value), "correlations": []})


def check_value(case: Case, path: str, *, value: float) -> None:
    """Refuse a value of a quantity that its distribution excludes and the case does not accept.

    What the distribution allows is accepted as it is: other parts of the case were checked against
    its base value, and a simulation meets such values too.

    Parameters
    ----------
    case
        The case.
    path
        Path of a quantity.
    value
        The value.

    Raises
    ------
    CaseError
        If it is refused.
    """
    lower, upper = case.quantities[path].distribution.support
    if not lower <= value <= upper:
        surely(case, path, value=value)


def stated(quantity: Quantity, *, value: float) -> float | dict[str, Any]:
    """Return how a case file states a quantity that is one number, its scale and so on kept."""
    table = quantity.table()
    if not isinstance(table, dict):
        return value
    form = {*quantity.distribution.table(), "base"}
    return {key: each for key, each in table.items() if key not in form} | {"value": value}


def check_level(level: tuple[float, ...]) -> None:
    """Refuse ends that are not two rising probabilities.

    Raises
    ------
    ArgumentError
        If they are not.
    """
    given: object = level
    pair = isinstance(given, tuple | list) and len(given) == len((LOW, HIGH))
    if not pair or not all(map(is_number, level)) or not 0 < level[0] < level[1] < 1:
        message = (
            f"level: got {shown(level)}; it is a low and a high probability between 0 and 1, such "
            f"as ({LOW}, {HIGH})"
        )
        raise ArgumentError(message)


def check_mapping(value: object, *, name: str, example: str) -> None:
    """Refuse what is no mapping with text keys, or an empty one.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    if not isinstance(value, Mapping) or not value or not all(isinstance(k, str) for k in value):
        message = f"{name}: got {shown(value)}; it is a table such as {example}, not empty"
        raise ArgumentError(message)
