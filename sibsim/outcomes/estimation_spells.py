"""From individual spells to counted moves per step and what they say of each probability.

Each row of the matrix has a Dirichlet posterior: observed moves plus the prior number of each
possible one. The states model draws it from the counts (`{ counts = { ... } }`), so that few people
mean wide results.

Source: Briggs, Ades and Price 2003, "Probabilistic sensitivity analysis for decision trees with
multiple branches: use of the Dirichlet distribution in a Bayesian framework", Medical Decision
Making 23(4):341-350, https://doi.org/10.1177/0272989X03255922 (the Dirichlet distribution for the
rows of a transition matrix, and a prior where counts are 0).

Assumptions: the next state depends on the present one only, so that the steps of one person count
as much as those of many; where people differ lastingly, the intervals are too narrow.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from sibsim.core.arrays import BoolArray, FloatArray, IntArray
from sibsim.core.spec import Number
from sibsim.core.timeline import Step
from sibsim.core.validation import validated
from sibsim.errors import Fault
from sibsim.outcomes.estimation import (
    TransitionMatrix,
    faults_of_moves,
    faults_of_states,
    stop_at,
)
from sibsim.outcomes.spells import Columns, Spells, read_spells, reads_before

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Columns = ("person", "state", "start", "end")
"""Names of the columns of person, state, start and end, unless others are given."""

OBSERVED_ONLY = 0.0
"""Prior number of each possible move: none, what was never seen never happens."""

INTERVAL = (0.1, 0.9)
"""Quantiles between which 80 % of the posterior lies."""


@dataclass(frozen=True, kw_only=True)
class SpellTransitions(TransitionMatrix):
    """Counted moves and their posterior; `matrix` is the posterior mean."""

    counts: IntArray
    """Observed moves and stays, [from, to], shape (S, S)."""

    prior: FloatArray
    """Prior number of each possible move and stay, shape (S, S)."""

    low: FloatArray
    """10 % quantile of the posterior of every probability, shape (S, S)."""

    high: FloatArray
    """90 % quantile of the posterior of every probability, shape (S, S)."""

    persons: int
    """People with a spell."""

    person_steps: int
    """Steps of people with a known state at the start and the end of it: the sum of the counts."""

    def transitions(self) -> dict[str, dict[str, object]]:
        """Return the rows of a case file as counts, prior included: they keep the uncertainty."""
        weight = self.counts + self.prior
        return {
            self.states[i]: {
                "counts": {self.states[j]: float(weight[i, j]) for j in np.flatnonzero(weight[i])}
            }
            for i in range(len(self.states))
            if np.delete(weight[i], i).any()
        }

    def _columns(self) -> Mapping[str, NDArray[np.generic]]:
        return {
            "count": self.counts,
            "prior": self.prior,
            "probability": self.matrix,
            "low": self.low,
            "high": self.high,
        }

    def _summary(self) -> str:
        moves = int(self.counts.sum() - np.trace(self.counts))
        return (
            f"Per {self.step}; {self.persons} people, {self.person_steps} person-steps, {moves} "
            "moves."
        )


def transitions_from_spells(
    frame: pd.DataFrame,
    *,
    states: Sequence[str],
    step: Step,
    observed_until: float | date | None = None,
    prior: float = OBSERVED_ONLY,
    moves: Mapping[str, Collection[str]] | None = None,
    columns: Columns = COLUMNS,
) -> SpellTransitions:
    """Count the moves per step in individual spells and give their posterior.

    A person is read on the day the first spell starts and every step after it; a spell between two
    readings is not seen, which a warning counts. Row i has the posterior Dirichlet(counts + prior),
    a cell Beta(c, C - c), c its number and C the sum of the row.

    Parameters
    ----------
    frame
        One row per spell: person, state, start and end. A spell runs from its start up to, not
        including, its end, at which the person's next one starts. Start and end are dates or whole
        step numbers. An empty end: the person is still there at `observed_until`.
    states
        Names of the states, worst to best.
    step
        Length of one step of the states model; of step numbers too.
    observed_until
        Last date or step number at which the states of people are known; what lies after is not
        read; spells that start after it are left out, which a warning counts. A last spell that
        ends before leads to an unknown state: no move is counted.
    prior
        Number added to staying and to each possible move: 0 for the observed counts alone, 0.5 for
        Jeffreys' prior.
    moves
        The moves that are possible within a step, by state; without it all. A state without a row
        is never left.
    columns
        Names of the columns of person, state, start and end.

    Raises
    ------
    CaseError
        If spells are faulty (overlaps, gaps, ends before starts, unknown states), if a move was
        observed that is not possible, or if nothing is known of a state that people leave; holds
        every fault.
    """
    faults = faults_of_states(states, step=step)
    faults += validated(moves or {}, dict[str, tuple[str, ...]], path="moves")[1]
    stop_at(faults, where="spells")
    names = tuple(states)
    faults += validated(prior, Annotated[Number, Ge(0)], path="prior")[1]
    faults += faults_of_moves(moves or {}, states=names)
    spells, found = read_spells(frame, columns=columns, states=names, until=observed_until)
    stop_at(faults + found, where="spells")
    possible = np.ones((len(names), len(names)), dtype=bool)
    if moves is not None:
        goals = [set(moves.get(name, ())) | {name} for name in names]
        possible = np.array([[name in row for name in names] for row in goals])
    counts, warnings = _counted(spells, size=len(names), step=step, until=observed_until)
    if later := len(frame) - spells.row.size:
        warnings.append(f"Spells that start after observed_until and are not read: {later}.")
    added = np.where(possible, prior, 0.0)
    stop_at(_faults_of_counts(counts, added, possible=possible, states=names), where="spells")
    weight = counts.astype(np.float64) + added
    unseen = weight.sum(axis=1) == 0
    weight[unseen] = np.eye(len(names))[unseen]
    low, high = (_quantile(weight, q) for q in INTERVAL)
    stays = weight.sum(axis=1) == np.diag(weight)
    stuck = [names[i] for i in np.flatnonzero(stays & (possible.sum(axis=1) > 1))]
    if stuck:
        warnings.append(f"Nobody was seen to leave {', '.join(stuck)}: with a prior of 0 none can.")
    return SpellTransitions(
        states=names,
        step=step,
        matrix=weight / weight.sum(axis=1, keepdims=True),
        warnings=tuple(warnings),
        counts=counts,
        prior=added,
        low=low,
        high=high,
        persons=np.unique(spells.person).size,
        person_steps=int(counts.sum()),
    )


def _counted(
    spells: Spells, *, size: int, step: Step, until: float | date | None
) -> tuple[IntArray, list[str]]:
    """Return the moves and stays between readings, (S, S), and what was not seen."""
    firsts = np.flatnonzero(np.append([True], spells.last[:-1]))
    first = spells.start[firsts][np.cumsum(np.append([0], spells.last[:-1]))]
    opens = reads_before(spells.start, first=first, step=step)
    reads = reads_before(spells.end, first=first, step=step) - opens
    seen = spells.only(reads > 0)
    counts = np.zeros((size, size), dtype=np.int64)
    np.add.at(counts, (seen.state, seen.state), reads[reads > 0] - 1)
    follows = ~seen.last[:-1]
    np.add.at(counts, (seen.state[:-1][follows], seen.state[1:][follows]), 1)
    warnings = []
    if hidden := int((reads == 0).sum()):
        warnings.append(
            f"{hidden} of {reads.size} spells lie between two readings and are not seen; a "
            f"shorter step than a {step} sees them."
        )
    lost = int((spells.last & ~spells.open).sum())
    if until is not None and lost:
        warnings.append(
            f"Last spells that end by observed_until: {lost}. Where these people went is unknown "
            "and not counted; if leaving sight depends on where they went, the result is biased."
        )
    return counts, warnings


def _quantile(weight: FloatArray, probability: float) -> FloatArray:
    """Return a quantile of every cell of the rows' Dirichlet distributions, (S, S)."""
    from scipy.special import betaincinv

    rest = weight.sum(axis=1, keepdims=True) - weight
    inside = (weight > 0) & (rest > 0)
    found = betaincinv(np.where(inside, weight, 1.0), np.where(inside, rest, 1.0), probability)
    return np.where(inside, found, (weight > 0).astype(np.float64))


def _faults_of_counts(
    counts: IntArray, prior: FloatArray, *, possible: BoolArray, states: tuple[str, ...]
) -> list[Fault]:
    """Return the moves that were observed but are not possible, and rows without any data."""
    faults = []
    for i, j in zip(*np.nonzero((counts > 0) & ~possible), strict=True):
        problem = (
            f"got {counts[i, j]} moves from {states[i]} to {states[j]} in the spells, which is not "
            "a possible one; add it, or correct the spells"
        )
        faults.append(Fault(f"moves.{states[i]}", problem))
    empty = ((counts + prior).sum(axis=1) == 0) & (possible.sum(axis=1) > 1)
    for i in np.flatnonzero(empty):
        problem = (
            f"nobody is observed for a step in {states[i]}; state a prior above 0, leave the state "
            "out, or give `moves` without a row for it if it is never left"
        )
        faults.append(Fault("frame", problem))
    return faults
