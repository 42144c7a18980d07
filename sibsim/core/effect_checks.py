"""Checks of the arrays that effects are made of: what was given, the rule and the way out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.distributions import shown
from sibsim.core.spec import as_share
from sibsim.errors import ArgumentError


def refuse_where(wrong: BoolArray | np.bool_, name: str, got: FloatArray, *, rule: str) -> None:
    """Raise an error that shows the first value that is wrong, if one is.

    Parameters
    ----------
    wrong
        Where the rule is broken; `got` broadcasts to it.
    name
        Name of the argument.
    got
        Its values.
    rule
        The rule it breaks, and the way out.
    """
    if np.any(wrong):
        first = np.broadcast_to(got, np.shape(wrong))[np.asarray(wrong)].flat[0]
        message = f"got {name} = {shown(float(first))}; {rule}"
        raise ArgumentError(message)


def finite(name: str, given: ArrayLike) -> FloatArray:
    """Return finite numbers, any shape."""
    values = np.asarray(given, dtype=np.float64)
    rule = "it must be a finite number; leave out what is missing"
    refuse_where(~np.isfinite(values), name, values, rule=rule)
    return values


def positive(name: str, given: ArrayLike) -> FloatArray:
    """Return numbers above zero, any shape."""
    values = finite(name, given)
    refuse_where(values <= 0, name, values, rule="it must be above 0; write one that is")
    return values


def inside(name: str, given: ArrayLike) -> FloatArray:
    """Return numbers between 0 and 1, any shape."""
    values = finite(name, given)
    outside = (values <= 0) | (values >= 1)
    percentage = as_share(float(values[outside].flat[0])) if outside.any() else ""
    rule = f"it must lie above 0 and below 1{percentage or '; write one that does'}"
    refuse_where(outside, name, values, rule=rule)
    return values
