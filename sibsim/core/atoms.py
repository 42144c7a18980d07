"""Distributions on a list of values: stated, observed, or a column of a table of joint draws."""

from __future__ import annotations

import math
from abc import ABC
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from annotated_types import MinLen
from pydantic import model_validator

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.distributions import Distribution, fault, shown
from sibsim.core.spec import Money, Name, Number, Probability

SUM_TOLERANCE = 1e-9
"""How far probabilities may sum from one: rounding of decimals, no more."""


class Atoms(Distribution, ABC):
    """Base of the distributions on a list of values."""

    needs_base: ClassVar[bool] = True

    values: Annotated[tuple[Number, ...], MinLen(1)]
    """The values it may take."""

    @property
    def _mass(self) -> FloatArray:
        """Probability of each value, shape as `values`."""
        return np.full(len(self.values), 1.0 / len(self.values))

    @cached_property
    def _steps(self) -> tuple[FloatArray, FloatArray]:
        """Values in rising order and the probability of lying at or below each."""
        values = np.array(self.values)
        order = np.argsort(values, kind="stable")
        cumulative = np.cumsum(self._mass[order])
        return values[order], cumulative / cumulative[-1]

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return min(self.values), max(self.values)

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the lowest value whose cumulative probability reaches u."""
        values, cumulative = self._steps
        return values[np.searchsorted(cumulative, u, side="left")]

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the total probability of the values at or below x."""
        values, cumulative = self._steps
        return np.concatenate([[0.0], cumulative])[np.searchsorted(values, x, side="right")]


class Discrete(Atoms):
    """Stated values with stated probabilities."""

    dist: Literal["discrete"] = "discrete"
    """Name of the family."""

    probabilities: tuple[Probability, ...]
    """Probability of each value; they sum to one."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_length(self.probabilities, self.values, "probabilities")
        total = math.fsum(self.probabilities)
        if abs(total - 1.0) > SUM_TOLERANCE:
            message = (
                f"got probabilities that sum to {shown(total)}; they sum to 1; "
                "for weights of any size use dist = 'empirical'"
            )
            raise fault(message)
        return self

    @property
    def _mass(self) -> FloatArray:
        return np.array(self.probabilities)


class Empirical(Atoms):
    """Observed values, each as likely as its weight; a draw is one of them."""

    dist: Literal["empirical"] = "empirical"
    """Name of the family."""

    weights: tuple[Money, ...] | None = None
    """Weight of each value, zero or more; without them all are equally likely."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.weights is not None:
            _check_length(self.weights, self.values, "weights")
            if not sum(self.weights) > 0:
                message = "got weights that are all zero; at least one is above zero; drop them"
                raise fault(message)
        return self

    @property
    def _mass(self) -> FloatArray:
        return super()._mass if self.weights is None else np.array(self.weights)


class JointEmpirical(Atoms):
    """One column of a table of equally likely rows, such as draws from a posterior.

    Quantities that name the same table are drawn row by row, so that they keep their dependence;
    `Empirical` draws on its own.
    """

    dist: Literal["joint"] = "joint"
    """Name of the family."""

    rows: Name
    """Name of the table."""

    def at_row(self, u: FloatArray) -> FloatArray:
        """Return the value in row floor(u n), the same row in every column of the table."""
        return np.array(self.values)[row_of(u, number=len(self.values))]


def row_of(u: FloatArray, *, number: int) -> IntArray:
    """Return the row floor(u n) of a table of n equally likely rows, same shape as `u`.

    Parameters
    ----------
    u
        Probabilities in (0, 1).
    number
        Rows of the table, n.
    """
    return np.minimum((u * number).astype(np.int64), number - 1)


def _check_length(given: tuple[float, ...], values: tuple[float, ...], what: str) -> None:
    if len(given) != len(values):
        message = (
            f"got {len(given)} {what} for {len(values)} values; there is one for each value; "
            "add or drop some"
        )
        raise fault(message)
