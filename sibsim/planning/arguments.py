"""Checks of what planning functions are given: each refuses with the rule and the way out."""

from __future__ import annotations

from typing import Literal, NoReturn, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.distributions import shown
from sibsim.core.spec import as_share
from sibsim.errors import ArgumentError

Sided = Literal[1, 2]
"""Whether a test looks at one direction or at both."""

Better = Literal["more", "fewer"]
"""Which direction of an effect is the good one."""

ALPHA = 0.05
"""Share of false positives that a test accepts by convention (Fisher 1925)."""

POWER = 0.8
"""Share of true effects that a study should find by convention (Cohen 1988)."""

FEWEST_PEOPLE = 2.0
"""An arm of one person shows no spread, so nothing can be tested on it."""


def refuse(name: str, got: object, *, rule: str, way_out: str) -> NoReturn:
    """Raise the error that says which argument breaks which rule, and what to write instead."""
    got = got.tolist() if isinstance(got, np.ndarray) else got
    written = repr(got)
    if isinstance(got, SupportsFloat) and not isinstance(got, bool):
        written = shown(float(got))
    message = f"{name}: got {written}; {rule}; {way_out}"
    raise ArgumentError(message)


def one(name: str, given: object) -> float:
    """Return a number where an array would be another question."""
    values = np.asarray(given)
    if values.ndim:
        refuse(
            name,
            values,
            rule="it is one number here",
            way_out="write one, and ask once for each of several",
        )
    return float(number(name, values))


def _checked(name: str, given: ArrayLike) -> FloatArray:
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        refuse(name, given, rule="it is a number or an array of numbers", way_out="write numbers")
    if not values.size:
        refuse(name, given, rule="it holds one number or more", way_out="write at least one")
    if np.isnan(values).any():
        refuse(name, np.nan, rule="every value is a number", way_out="drop what is missing")
    return values


def _all(name: str, values: FloatArray, *, holds: BoolArray, rule: str, way_out: str) -> FloatArray:
    wrong = values[~np.asarray(holds)]
    if wrong.size:
        refuse(name, float(wrong.flat[0]), rule=rule, way_out=way_out)
    return values


def number(name: str, given: ArrayLike) -> FloatArray:
    """Return finite numbers."""
    values = _checked(name, given)
    return _all(
        name, values, holds=np.isfinite(values), rule="it is finite", way_out="write a number"
    )


def people(name: str, given: ArrayLike) -> FloatArray:
    """Return numbers of people in one arm, at least 2."""
    values = number(name, given)
    return _all(
        name,
        values,
        holds=values >= FEWEST_PEOPLE,
        rule="a group needs 2 people or more to show how much results differ between people",
        way_out="plan for at least 2",
    )


def positive(name: str, given: ArrayLike) -> FloatArray:
    """Return numbers above zero."""
    values = number(name, given)
    return _all(name, values, holds=values > 0, rule="it is above 0", way_out="write one that is")


def positive_or_infinite(name: str, given: ArrayLike) -> FloatArray:
    """Return numbers above zero, infinity among them."""
    values = _checked(name, given)
    return _all(name, values, holds=values > 0, rule="it is above 0", way_out="write one that is")


def at_least_zero(name: str, given: ArrayLike) -> FloatArray:
    """Return numbers of zero or more."""
    values = number(name, given)
    return _all(name, values, holds=values >= 0, rule="it is 0 or more", way_out="write 0 for none")


def deviation(name: str, given: ArrayLike) -> FloatArray:
    """Return standard deviations above zero."""
    values = number(name, given)
    return _all(
        name,
        values,
        holds=values > 0,
        rule="a standard deviation is above 0",
        way_out="write how far a person's result typically lies from the mean",
    )


def share(name: str, given: ArrayLike) -> FloatArray:
    """Return shares in [0, 1]."""
    values = number(name, given)
    percentage = next((as_share(each) for each in values.flat if as_share(each)), "")
    return _all(
        name,
        values,
        holds=(values >= 0) & (values <= 1),
        rule="a share lies in [0, 1]",
        way_out=percentage.removeprefix("; it is a share: ") or "write one in that range",
    )


def inside(name: str, given: ArrayLike) -> FloatArray:
    """Return shares in (0, 1)."""
    values = share(name, given)
    return _all(
        name,
        values,
        holds=(values > 0) & (values < 1),
        rule="it lies above 0 and below 1",
        way_out="write a share such as 0.05 or 0.8",
    )


def icc(name: str, given: ArrayLike) -> FloatArray:
    """Return intraclass correlations in [0, 1)."""
    values = number(name, given)
    return _all(
        name,
        values,
        holds=(values >= 0) & (values < 1),
        rule="an intraclass correlation lies in [0, 1)",
        way_out="write 0 where people of a cluster are no more alike than others",
    )


def tails(sided: int) -> float:
    """Return the number of directions that a test looks at."""
    if np.ndim(sided) or sided not in (1, 2):
        refuse(
            "sided",
            sided,
            rule="a test looks in one direction or in both",
            way_out="write 1 or 2",
        )
    return float(sided)


def control(given: ArrayLike | None, *, of: FloatArray) -> FloatArray:
    """Return the people of the control arm, as many as in the other one where nothing is said."""
    return of if given is None else people("people_control", given)


def direction(better: str) -> float:
    """Return 1 where more is better and -1 where fewer is."""
    if np.ndim(better) or better not in ("more", "fewer"):
        refuse(
            "better",
            better,
            rule="an effect is good in one direction",
            way_out="write 'more' or 'fewer'",
        )
    return 1.0 if better == "more" else -1.0
