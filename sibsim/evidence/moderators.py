"""What studies differ in, as columns of a regression: numbers as they are, words as 0 and 1.

A moderator of words, such as the design of a study, has one column for each level but the first in
the alphabet, which is the reference: the coefficient of a level says how much larger the effect is
there than at the reference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import nearest
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.studies import Studies

INTERCEPT = "intercept"
"""Name of the coefficient that every model has."""

FEWEST_LEVELS = 2
"""Words that a moderator has at least: one level tells nothing apart."""


@dataclass(frozen=True, slots=True)
class Moderator:
    """One thing that studies differ in."""

    name: str
    """Its name, such as `latitude`."""

    levels: tuple[str, ...] | None
    """Its words in the order of the alphabet, the first the reference; None for a number."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns: `latitude`, or `design: register` and so on."""
        if self.levels is None:
            return (self.name,)
        return tuple(f"{self.name}: {level}" for level in self.levels[1:])

    def coded(self, values: Sequence[float | str]) -> FloatArray:
        """Return values as columns, (n, number of columns).

        Raises
        ------
        ArgumentError, UnknownNameError
            If a number is not one, or a word is none of the levels.
        """
        if self.levels is None:
            return np.array([[self._number(value)] for value in values])
        for value in values:
            if value not in self.levels:
                message = (
                    f"at.{self.name}: got {value!r}; the studies have "
                    f"{', '.join(self.levels)}{nearest(str(value), self.levels)}"
                )
                raise UnknownNameError(message)
        return np.array([[float(value == level) for level in self.levels[1:]] for value in values])

    def _number(self, value: float | str) -> float:
        if isinstance(value, str) or not math.isfinite(value):
            message = (
                f"at.{self.name}: got {value!r}; it is a number in the studies; write a number"
            )
            raise ArgumentError(message)
        return float(value)


@dataclass(frozen=True, slots=True)
class Design:
    """The columns that effects are explained by."""

    moderators: tuple[Moderator, ...]
    """What is asked about, in the order asked; empty for a plain meta-analysis."""

    matrix: FloatArray
    """X, (k, p): a column of ones, then those of the moderators."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients, p of them."""
        return (INTERCEPT, *(name for each in self.moderators for name in each.columns))

    @property
    def references(self) -> tuple[str, ...]:
        """What the coefficients of words compare with, in words."""
        return tuple(
            f"{each.name}: compared with {each.levels[0]!r}, the first in the alphabet"
            for each in self.moderators
            if each.levels is not None
        )

    @property
    def average(self) -> FloatArray:
        """The row of a place like the average of the studies, (p,)."""
        return np.asarray(self.matrix.mean(axis=0))

    def row(self, at: Mapping[str, float | str]) -> FloatArray:
        """Return the row of a place, (p,).

        Parameters
        ----------
        at
            Value of every moderator, by name.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a moderator is missing, not known, or its value is not valid.
        """
        known = [each.name for each in self.moderators]
        for name in at:
            if name not in known:
                message = (
                    f"at: got {name!r}; this meta-analysis has "
                    f"{', '.join(known)}{nearest(name, known)}"
                )
                raise UnknownNameError(message)
        missing = [name for name in known if name not in at]
        if missing:
            message = (
                f"at: got no {', '.join(missing)}; a prediction needs every moderator; "
                "add what is missing"
            )
            raise ArgumentError(message)
        parts = [each.coded([at[each.name]])[0] for each in self.moderators]
        return np.concatenate([np.ones(1), *parts])

    def outside(self, row: FloatArray) -> tuple[str, ...]:
        """Return the columns in which a row lies outside what the studies have seen."""
        low, high = self.matrix.min(axis=0), self.matrix.max(axis=0)
        return tuple(
            name
            for name, beyond in zip(self.names, (row < low) | (row > high), strict=True)
            if beyond
        )


def design_of(studies: Studies, *, moderators: str | Sequence[str]) -> Design:
    """Return the columns that effects are explained by.

    Parameters
    ----------
    studies
        The studies, k of them.
    moderators
        Names of moderators of the studies; one may stand alone.

    Raises
    ------
    ArgumentError, UnknownNameError
        If a moderator is not known, is missing in a study, mixes numbers and words or does not
        vary; if one says the same as others; if there are as many coefficients as studies.
    """
    asked = (moderators,) if isinstance(moderators, str) else tuple(moderators)
    matrix: FloatArray = np.ones((studies.number, 1))
    found: list[Moderator] = []
    for name in asked:
        moderator = _moderator(studies, name=name)
        wider = np.hstack([matrix, moderator.coded(studies.moderators[name])])
        _refuse_too_many(wider, name=name)
        _refuse_collinear(wider, name=name, others=[each.name for each in found])
        found.append(moderator)
        matrix = wider
    return Design(moderators=tuple(found), matrix=matrix)


def _moderator(studies: Studies, *, name: str) -> Moderator:
    if name not in studies.moderators:
        known = sorted(studies.moderators)
        message = (
            f"moderators: got {name!r}; these studies have {', '.join(known) or 'none'}"
            f"{nearest(name, known)}"
        )
        raise UnknownNameError(message)
    values = studies.moderators[name]
    missing = [
        study
        for study, value in zip(studies.names, values, strict=True)
        if not isinstance(value, str) and not math.isfinite(value)
    ]
    if missing:
        message = (
            f"moderators.{name}: got no number for {', '.join(missing)}; every study needs one; "
            "leave those studies out, or the moderator"
        )
        raise ArgumentError(message)
    words = {value for value in values if isinstance(value, str)}
    if words and not all(isinstance(value, str) for value in values):
        message = (
            f"moderators.{name}: got numbers and words ({', '.join(sorted(words))}); a moderator "
            "is either; write all studies the same way"
        )
        raise ArgumentError(message)
    if len(set(values)) < FEWEST_LEVELS:
        message = (
            f"moderators.{name}: got {values[0]!r} in every study; what does not vary explains "
            "nothing; leave it out"
        )
        raise ArgumentError(message)
    return Moderator(name=name, levels=tuple(sorted(words)) if words else None)


def _refuse_too_many(matrix: FloatArray, *, name: str) -> None:
    studies, coefficients = matrix.shape
    if coefficients >= studies:
        message = (
            f"moderators: got {coefficients} coefficients for {studies} studies once {name!r} is "
            "in; more studies than coefficients are needed to tell what differs between places; "
            "use fewer moderators"
        )
        raise ArgumentError(message)


def _refuse_collinear(matrix: FloatArray, *, name: str, others: Sequence[str]) -> None:
    # Columns of length one, so that units do not decide what counts as the same.
    scaled = matrix / np.linalg.norm(matrix, axis=0)
    if np.linalg.matrix_rank(scaled) < matrix.shape[1]:
        message = (
            f"moderators: got {name!r} beside {', '.join(others)}; it says nothing that they do "
            "not say already; leave one of them out"
        )
        raise ArgumentError(message)
