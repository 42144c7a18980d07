"""What a Bayesian meta-regression takes to change the effect, and by how much it may.

Every coefficient has a prior of its own that is stated, so that a term may be kept where the
studies alone could not tell it: what is lost between a trial and daily practice, what a weak design
adds, how another country differs. A word stands for 0 or 1 per level against a stated reference; a
number stands as its distance from the reference.

Sources: Turner, Spiegelhalter, Smith and Thompson 2009, Bias modelling in evidence synthesis,
Journal of the Royal Statistical Society A 172(1), for priors of bias by design; Welton, Ades,
Carlin, Altman and Sterne 2009, Models for potentially biased evidence in meta-analysis using
empirically based priors, the same volume. Assumption: terms add up on the additive scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import nearest
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.assumptions import MeanAndSd, checked_normal
from sibsim.evidence.studies import Studies


@dataclass(frozen=True, slots=True)
class Term:
    """One moderator with the priors of its coefficients."""

    moderator: str
    """Name of the moderator in the studies, such as `design`."""

    prior: MeanAndSd | Mapping[str, MeanAndSd]
    """Normal prior of the change per unit of a number; of words one for each level that is not the
    reference, how much larger the effect is there."""

    reference: float | str | None = 0.0
    """Where the term adds nothing: a number, a word, or None for every word without a prior."""

    def __post_init__(self) -> None:
        """Refuse priors that are not valid, and a reference that does not go with them."""
        name = f"terms.{self.moderator}"
        if not isinstance(self.prior, Mapping):
            checked_normal(self.prior, name=name)
            if isinstance(self.reference, int | float) and math.isfinite(self.reference):
                return
            message = (
                f"{name}: got the reference {self.reference!r} beside one prior; one prior is for "
                "a number, whose reference is a number; for words state a prior for each"
            )
            raise ArgumentError(message)
        for level, prior in self.prior.items():
            checked_normal(prior, name=f"{name}.{level}")
        if (
            not self.prior
            or self.reference in self.prior
            or isinstance(self.reference, int | float)
        ):
            message = (
                f"{name}: got priors for {', '.join(self.prior) or 'no word'} and the reference "
                f"{self.reference!r}; words have a prior each but for the reference, which is one "
                "more word, or None for all others"
            )
            raise ArgumentError(message)

    @property
    def levels(self) -> tuple[str, ...]:
        """Words with a coefficient; none for a number."""
        return tuple(self.prior) if isinstance(self.prior, Mapping) else ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its coefficients: `latitude`, or `design: before_after` and so on."""
        return tuple(f"{self.moderator}: {level}" for level in self.levels) or (self.moderator,)

    @property
    def priors(self) -> tuple[MeanAndSd, ...]:
        """Prior of each coefficient."""
        given = self.prior
        return tuple(given.values()) if isinstance(given, Mapping) else (given,)

    def coded(self, value: float | str, *, where: str) -> list[float]:
        """Return a value of the moderator as columns.

        Parameters
        ----------
        value
            The value.
        where
            Where it was given, for the error.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a number is not one, or a word has neither a prior nor is the reference.
        """
        if self.levels:
            known = (*self.levels, *([] if self.reference is None else [str(self.reference)]))
            if not isinstance(value, str) or (value not in known and self.reference is not None):
                message = (
                    f"{where}: got {value!r}; the term has {', '.join(known)}"
                    f"{nearest(str(value), known) or '; state a prior for it'}"
                )
                raise UnknownNameError(message)
            return [float(value == level) for level in self.levels]
        if isinstance(value, str) or not math.isfinite(value):
            message = f"{where}: got {value!r}; the term takes a number; write one"
            raise ArgumentError(message)
        reference = self.reference if isinstance(self.reference, int | float) else 0.0
        return [float(value) - reference]


def design_bias(*, reference: str = "randomised", **priors: MeanAndSd) -> Term:
    """Return the term of what a design adds to the true effect, moderator `design`.

    `design_bias(quasi_experimental=(0.0, 0.2), before_after=(0.2, 0.3))` takes a comparison without
    lottery to err by 0.2 either way, and one without comparison to flatter besides. A prediction at
    the reference leaves the bias out.

    Parameters
    ----------
    reference
        Design without bias.
    priors
        Prior of the bias of every other design, by its name in the studies.

    Raises
    ------
    ArgumentError
        If none is stated, or one is not valid.
    """
    return Term(moderator="design", prior=priors, reference=reference)


def practice_loss(prior: MeanAndSd) -> Term:
    """Return the term of what an effect loses between research and practice, moderator `setting`.

    The effect in `practice` is the one in `research` plus a number with this prior: negative where
    larger effects are better and daily work reaches less than a trial.

    Raises
    ------
    ArgumentError
        If the prior is not valid.
    """
    return Term(moderator="setting", prior={"practice": prior}, reference="research")


def place_difference(here: str, *, prior: MeanAndSd, moderator: str = "country") -> Term:
    """Return the term of how effects here differ from those everywhere else.

    Parameters
    ----------
    here
        The place, such as `Denmark`.
    prior
        Prior of the difference; kept as it is where no study is from here.
    moderator
        Moderator that names the place of each study.

    Raises
    ------
    ArgumentError
        If the prior is not valid.
    """
    return Term(moderator=moderator, prior={here: prior}, reference=None)


@dataclass(frozen=True, eq=False)
class Regression:
    """The terms of a meta-regression and the studies as columns."""

    terms: tuple[Term, ...]
    """The terms; empty without moderators."""

    matrix: FloatArray
    """X without intercept, (k, q)."""

    @classmethod
    def of(cls, studies: Studies, *, terms: Sequence[Term]) -> Self:
        """Return the studies as columns of the terms.

        Parameters
        ----------
        studies
            The studies, k of them.
        terms
            The terms, of different moderators.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a moderator is not known or stands twice, or a value does not fit its term.
        """
        names = [term.moderator for term in terms]
        known = sorted(studies.moderators)
        for position, name in enumerate(names):
            if name not in known:
                message = (
                    f"terms: got {name!r}; these studies have {', '.join(known) or 'no moderators'}"
                    f"{nearest(name, known)}"
                )
                raise UnknownNameError(message)
            if name in names[:position]:
                message = f"terms: got {name!r} twice; a moderator has one term; drop the other"
                raise ArgumentError(message)
        rows = [
            [
                column
                for term in terms
                for column in term.coded(
                    studies.moderators[term.moderator][study],
                    where=f"moderators.{term.moderator} of {studies.names[study]!r}",
                )
            ]
            for study in range(studies.number)
        ]
        matrix = np.array(rows, dtype=np.float64).reshape(studies.number, -1)
        return cls(terms=tuple(terms), matrix=matrix)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients, q of them."""
        return tuple(name for term in self.terms for name in term.columns)

    @property
    def priors(self) -> tuple[MeanAndSd, ...]:
        """Prior of each coefficient."""
        return tuple(prior for term in self.terms for prior in term.priors)

    def row(self, at: Mapping[str, float | str] | None) -> FloatArray:
        """Return the columns of a place, (q,).

        Parameters
        ----------
        at
            Value of the moderator of every term; None only without terms.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a moderator is missing, has no term, or its value does not fit.
        """
        given = {} if at is None else at
        known = [term.moderator for term in self.terms]
        for name in given:
            if name not in known:
                message = (
                    f"at: got {name!r}; this posterior has terms for "
                    f"{', '.join(known) or 'no moderators'}{nearest(name, known)}"
                )
                raise UnknownNameError(message)
        missing = [name for name in known if name not in given]
        if missing:
            message = (
                f"at: got no {', '.join(missing)}; the effect hangs on every term; say which place "
                f"is meant, such as at={{{missing[0]!r}: ...}}"
            )
            raise ArgumentError(message)
        values = [
            column
            for term in self.terms
            for column in term.coded(given[term.moderator], where=f"at.{term.moderator}")
        ]
        return np.array(values, dtype=np.float64)

    @property
    def unseen(self) -> tuple[str, ...]:
        """Coefficients of which the studies say nothing: their column is zero throughout."""
        seen = np.any(self.matrix != 0.0, axis=0)
        return tuple(name for name, there in zip(self.names, seen, strict=True) if not there)

    @property
    def inseparable(self) -> tuple[str, ...]:
        """Coefficients that the studies tell only together with the mean: all studies alike."""
        same = np.all(self.matrix == self.matrix[:1], axis=0) & np.any(self.matrix != 0.0, axis=0)
        return tuple(name for name, alike in zip(self.names, same, strict=True) if alike)
