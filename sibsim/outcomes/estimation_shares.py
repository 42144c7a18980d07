"""From shares of people by state at two or more dates to the matrices that reproduce them.

Where a cohort stands after a year does not identify the matrix: many matrices lead there. What is
returned is what the shares say: a typical matrix, the range of every probability, and a sample of
matrices that all reproduce the shares, to run a case with each.

    x_0 P^n_k = x_k at every date k,  P zero outside the stay and the moves that are possible

The typical matrix moves least: of all that reproduce the shares it has the smallest sum of squared
probabilities to move, which spreads movement evenly over the possible moves; spells last as long as
the shares allow. The range of a cell is
its minimum and maximum over the set. The sample holds the matrices nearest to points that are
spread evenly over the ranges (an additive recurrence with the generalised golden ratio, Roberts
2018, "The unreasonable effectiveness of quasirandom sequences"), distances in units of the range.

Assumptions: the matrix is the same at every step; shares are exact (a sampling error of the shares
comes on top); the searches are local, from several starts, so a range is at least as wide as said.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from annotated_types import Gt
from numpy.typing import NDArray
from pydantic import Field

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import PER_CENT, Number, Probability
from sibsim.core.timeline import MONTHS_PER_STEP, Step
from sibsim.core.validation import known_or_fault, shown, validated
from sibsim.errors import ArgumentError, Fault
from sibsim.outcomes.estimation import (
    TransitionMatrix,
    faults_of_moves,
    faults_of_shares,
    faults_of_states,
    stop_at,
)
from sibsim.outcomes.matrix_search import (
    EXACT,
    REPRODUCED,
    Wanted,
    as_matrices,
    fits_of,
    nearest_fit,
    ranges_of,
    sample_of,
)

SAMPLES = 40
"""Matrices in the sample: the 10 % and 90 % quantiles of a result then rest on 4 each."""

LEAST_DATES = 2
"""A change needs two dates."""

UNKNOWN = 0.9
"""A cell whose range is wider than this share of what is allowed is not identified at all."""


@dataclass(frozen=True, kw_only=True)
class ShareTransitions(TransitionMatrix):
    """The matrices that reproduce shares by state; `matrix` is the typical one."""

    lowest: FloatArray
    """Lowest probability of every cell over the set, shape (S, S)."""

    highest: FloatArray
    """Highest probability of every cell over the set, shape (S, S)."""

    identified: NDArray[np.str_]
    """Whether the shares identify a cell: "yes", "in part" or "no", shape (S, S)."""

    sample: FloatArray
    """Matrices spread over the set, shape (M, S, S)."""

    misfit: float
    """Largest difference between a published share and that of the typical matrix."""

    def member(self, number: int) -> dict[str, dict[str, object]]:
        """Return one matrix of the sample as rows of a case file; numbers count from 0.

        Raises
        ------
        ArgumentError
            If the sample has no such member.
        """
        if not 0 <= number < len(self.sample):
            message = f"got member {number}; the sample has members 0 to {len(self.sample) - 1}"
            raise ArgumentError(message)
        return self._rows_of(self.sample[number])

    def _columns(self) -> dict[str, NDArray[np.generic]]:
        return {
            "probability": self.matrix,
            "lowest": self.lowest,
            "highest": self.highest,
            "identified": self.identified,
        }

    def _listed(self, i: int, j: int) -> bool:
        return i == j or bool(self.highest[i, j] > 0)

    def _summary(self) -> str:
        size = len(self.states)
        moves = [
            str(self.identified[i, j])
            for i, j in np.ndindex(size, size)
            if i != j and self._listed(i, j)
        ]
        return (
            f"Per {self.step}; of {len(moves)} moves the shares identify {moves.count('yes')}, "
            f"bound {moves.count('in part')} and say nothing of {moves.count('no')}; "
            f"{len(self.sample)} matrices span what is possible."
        )


def transitions_from_shares(
    shares: Mapping[float, Mapping[str, float]],
    *,
    moves: Mapping[str, Collection[str]],
    states: Sequence[str],
    step: Step,
    leave_at_most: Mapping[str, float] | None = None,
    samples: int = SAMPLES,
) -> ShareTransitions:
    """Find the matrices under which a cohort has the shares by state that were published.

    Every move and every state that people leave has four searches for its range. Months at 0, 12
    and 24 with 40 samples took, on two cores: 1 second for 4 states and 6 moves, 1.2 for 6 states
    and 15 moves, 8 for the 8 states and 36 moves of the set "sick-leave"; 3, 4 and 16 seconds while
    another run of the same took place. More moves and shorter steps take longer.

    Parameters
    ----------
    shares
        Shares of the same people by state, by months: the first date is the start, such as
        `{0: {"ill": 1}, 12: {"ill": 0.3, "work": 0.7}}`. Every set sums to 1; a state that is left
        out has nobody. A date is read at the nearest whole step from the first.
    moves
        The moves that are possible within a step, by state; staying always is. Fewer moves are
        better identified.
    states
        Names of the states, worst to best.
    step
        Length of one step of the states model.
    leave_at_most
        Highest probability per step to leave a state, in (0, 1]; 1 where left out. Where people can
        move back and forth the shares alone allow any speed of it: what is known of durations
        belongs here.
    samples
        Matrices in the sample, each a search of 5 to 50 milliseconds; fewer are returned if some
        searches fail, which a warning says.

    Returns
    -------
    ShareTransitions
        If no matrix with these moves reproduces the shares, those that come nearest: `misfit` and a
        warning say by how much they miss.

    Raises
    ------
    CaseError
        If a name, share or date is faulty; holds every fault.
    """
    faults = faults_of_states(states, step=step)
    limits = dict(leave_at_most or {})
    faults += _faults(shares, moves=moves, limits=limits, states=states)
    faults += validated(samples, Annotated[int, Field(strict=True, ge=1)], path="samples")[1]
    stop_at(faults, where="shares")
    names, dates = tuple(states), sorted(shares)
    reads = [math.floor((date - dates[0]) / MONTHS_PER_STEP[step] + 0.5) for date in dates[1:]]
    if not reads[0] or len(set(reads)) < len(reads):
        listed = ", ".join(f"{date:g}" for date in dates)
        problem = f"got months {listed}; each date must be another {step}; take a shorter step"
        stop_at([Fault("shares", problem)], where="shares")
    pairs = sorted({(names.index(i), names.index(j)) for i, row in moves.items() for j in row})
    everyone = np.array([[shares[date].get(name, 0.0) for name in names] for date in dates])
    origin = np.array([i for i, _ in pairs])
    wanted = Wanted(
        start=everyone[0],
        reads=tuple(reads),
        shares=everyone[1:],
        origin=origin,
        goal=np.array([j for _, j in pairs]),
        limits=np.array([limits.get(names[i], 1.0) for i in np.unique(origin)]),
    )
    return _described(wanted, states=names, step=step, samples=samples)


def _faults(
    shares: Mapping[float, Mapping[str, float]],
    *,
    moves: Mapping[str, Collection[str]],
    limits: Mapping[str, float],
    states: Sequence[str],
) -> list[Fault]:
    """Return what is wrong with shares, possible moves and the limits of leaving."""
    faults = validated(shares, dict[Number, dict[str, Probability]], path="shares")[1]
    faults += validated(moves, dict[str, tuple[str, ...]], path="moves")[1]
    faults += validated(limits, dict[str, Annotated[Probability, Gt(0)]], path="leave_at_most")[1]
    if faults:
        return faults
    if len(shares) < LEAST_DATES:
        problem = f"got {len(shares)} dates; give the shares at the start and at a later date"
        faults.append(Fault("shares", problem))
    for months, row in shares.items():
        faults += faults_of_shares(f"shares.{months}", row, states=states)
    if not any(moves.values()):
        faults.append(Fault("moves", "got no move; name those that are possible"))
    faults += faults_of_moves(moves, states=states)
    for state in limits:
        here = f"leave_at_most.{state}"
        faults += known_or_fault(here, state, moves, what="a state that people can leave")
    for state, goals in moves.items():
        if state in goals:
            problem = f"got {shown(state)}; staying is always possible and no move; leave it out"
            faults.append(Fault(f"moves.{state}", problem))
    return faults


def _described(
    wanted: Wanted, *, states: tuple[str, ...], step: Step, samples: int
) -> ShareTransitions:
    """Search the matrices that reproduce the shares and return what they have in common."""
    fits = fits_of(wanted)
    nearest = wanted.gap(fits[0])
    misfit = float(np.abs(nearest).max())
    reached = wanted
    if misfit > REPRODUCED:
        reached = replace(wanted, shares=wanted.shares + nearest.reshape(wanted.shares.shape))
    fits = [moves for moves in fits if reached.fits(moves)]
    calm = [nearest_fit(reached, start=moves, towards=np.zeros_like(moves)) for moves in fits]
    typical = min([*filter(reached.fits, calm), fits[0]], key=lambda x: float(x @ x))
    low, high = ranges_of(reached, starts=[typical, *fits])
    sample = sample_of(reached, low=low, high=high, starts=[typical, *fits], samples=samples)
    lowest, highest = as_matrices(reached, low=low, high=high)
    allowed = np.eye(len(states))
    allowed[wanted.origin] = (wanted.limits @ wanted.rows)[:, np.newaxis]
    width = highest - lowest
    identified = np.select([width < EXACT, width > UNKNOWN * allowed], ["yes", "no"], "in part")
    warnings = []
    if misfit > REPRODUCED:
        warnings.append(_missed(nearest, reads=wanted.reads, states=states, step=step))
    unknown = [
        f"{states[i]} -> {states[j]}"
        for i, j in zip(wanted.origin, wanted.goal, strict=True)
        if identified[i, j] == "no"
    ]
    if unknown:
        warnings.append(
            f"The shares say nothing of {', '.join(unknown)}: add a date, rule out moves or limit "
            "how many leave."
        )
    if len(sample) < samples:
        warnings.append(f"Searches that failed and are left out: {samples - len(sample)}.")
    return ShareTransitions(
        states=states,
        step=step,
        matrix=wanted.matrix(typical),
        warnings=tuple(warnings),
        lowest=lowest,
        highest=highest,
        identified=identified,
        sample=np.array([wanted.matrix(moves) for moves in sample]).reshape(-1, *lowest.shape),
        misfit=misfit,
    )


def _missed(gap: FloatArray, *, reads: tuple[int, ...], states: tuple[str, ...], step: Step) -> str:
    """Return the sentence for shares that no matrix with these moves reproduces."""
    date, state = divmod(int(np.abs(gap).argmax()), len(states))
    more = "more" if gap.max() > -gap.min() else "fewer"
    points = PER_CENT * np.abs(gap).max()
    return (
        "No matrix with these moves and limits was found that reproduces the shares: the nearest "
        f"has {points:.2g} percentage points {more} people in {states[state]} after {reads[date]} "
        f"steps of a {step}. What is given are the matrices that come as near."
    )
