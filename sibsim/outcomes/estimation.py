"""From what is published to the transition matrix of the states model: durations, other steps.

All results are a `TransitionMatrix` (`estimation_shares` and `estimation_spells` add theirs). A
matrix holds probabilities per step, the same at every step: the chance to leave a state does not
depend on how long a person has been in it (constant hazard). Where real hazards fall with time, as
they do on most benefits, a matrix with the right mean has too few very short and very long spells;
`TransitionMatrix.durations` shows what it implies, to be held against what is known.

Sources: Gidwani and Russell 2020, "Estimating transition probabilities from published evidence: a
tutorial for decision modelers", PharmacoEconomics 38, https://doi.org/10.1007/s40273-020-00937-z
(rates and probabilities, change of step). Higham and Lin 2011, "On pth roots of stochastic
matrices", Linear Algebra and its Applications 435:448-463 (when a root is a matrix of
probabilities). Kreinin and Sidelnikova 2001, "Regularization algorithms for transition matrices",
Algo Research Quarterly 4(1):23-40, and Lin 2011, "Roots of stochastic matrices and fractional
matrix powers", http://eprints.maths.manchester.ac.uk/1563/ (the nearest one where it is not).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sibsim.core.arrays import FloatArray
from sibsim.core.atoms import SUM_TOLERANCE
from sibsim.core.spec import PER_CENT, Positive, Probability
from sibsim.core.timeline import MONTHS_PER_STEP, Step
from sibsim.core.validation import known_or_fault, shown, validated
from sibsim.errors import CaseError, Fault
from sibsim.outcomes.matrix_roots import error_of, power_of, probabilities_near

if TYPE_CHECKING:
    import pandas as pd

Statistic = Literal["mean", "median"]
"""What a published duration is."""

ROUNDING = 1e-9
"""A cell that misses the known one by less is exact, a probability below it 0: rounding."""

QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)
"""Shares of spells that have ended, for which the implied duration is given."""

LEAST_STATES = 2
"""A matrix needs this many states for anybody to move."""


@dataclass(frozen=True, kw_only=True)
class TransitionMatrix:
    """Probabilities per step of moving from each state to each other."""

    states: tuple[str, ...]
    """Names of the states, worst to best."""

    step: Step
    """Length of one step."""

    matrix: FloatArray
    """Probability per step, [from, to], shape (S, S); rows sum to 1."""

    warnings: tuple[str, ...]
    """What a reader must know before using it."""

    def transitions(self) -> dict[str, dict[str, object]]:
        """Return the rows of a case file: `transitions` of the states model.

        The probability of staying is left out, it is the remainder; a state that nobody leaves has
        no row.
        """
        return self._rows_of(self.matrix)

    def table(self) -> pd.DataFrame:
        """Return one row per possible move or stay, with its probability per step."""
        import pandas as pd

        pairs = [(i, j) for i, j in np.ndindex(*self.matrix.shape) if self._listed(i, j)]
        names = [(self.states[i], self.states[j]) for i, j in pairs]
        columns = {name: [array[pair] for pair in pairs] for name, array in self._columns().items()}
        return pd.DataFrame(columns, index=pd.MultiIndex.from_tuples(names, names=["from", "to"]))

    def durations(self) -> pd.DataFrame:
        """Return the months in each state that the matrix implies: mean and quantiles.

        With the probability s of staying a step of h months, the share still in the state after t
        months is s^(t/h): mean -h / ln s, quantile q -h ln(1 - q) / -ln s. Infinite where nobody
        leaves.
        """
        import pandas as pd

        with np.errstate(divide="ignore"):
            hazard = -np.log(np.diag(self.matrix)) / MONTHS_PER_STEP[self.step]
            mean = 1 / np.abs(hazard)
        columns = {"mean": mean}
        columns |= {f"p{PER_CENT * q:.0f}": -math.log1p(-q) * mean for q in QUANTILES}
        return pd.DataFrame(columns, index=pd.Index(self.states, name="state"))

    def sentence(self) -> str:
        """Return what the matrix is and every warning, in plain words."""
        return " ".join([self._summary(), *self.warnings])

    def _summary(self) -> str:
        moves = sum(len(row) for row in self._rows_of(self.matrix).values())
        return f"{moves} moves between {len(self.states)} states, per {self.step}."

    def _columns(self) -> Mapping[str, NDArray[np.generic]]:
        """Return the columns of the table, each of shape (S, S)."""
        return {"probability": self.matrix}

    def _listed(self, i: int, j: int) -> bool:
        """Return whether a cell stands in the table."""
        return i == j or bool(self.matrix[i, j] > 0)

    def _rows_of(self, matrix: FloatArray) -> dict[str, dict[str, object]]:
        rows: dict[str, dict[str, object]] = {}
        for i, state in enumerate(self.states):
            row: dict[str, object] = {
                goal: float(matrix[i, j])
                for j, goal in enumerate(self.states)
                if i != j and matrix[i, j] > 0
            }
            if row:
                rows[state] = row
        return rows


@dataclass(frozen=True, kw_only=True)
class ConvertedTransitions(TransitionMatrix):
    """A matrix for another step than the one that is known."""

    given_step: Step
    """Step of the matrix that is known."""

    error: float
    """Largest difference between the known matrix and this one over the same time, in any cell."""

    most_negative: float
    """Lowest entry of the root before it was made a matrix of probabilities; 0 if it was one."""

    def _summary(self) -> str:
        exact = self.error <= ROUNDING
        how = "exactly" if exact else f"with an error of up to {self.error:.2g} in a probability"
        return f"Per {self.step}; gives the known matrix per {self.given_step} {how}."


def transitions_from_durations(
    months: Mapping[str, float],
    *,
    moves: Mapping[str, Mapping[str, float]],
    states: Sequence[str],
    step: Step,
    statistic: Statistic,
) -> TransitionMatrix:
    """Turn months in each state, and where people go next, into probabilities per step.

    With a constant hazard 1 / m the chance to leave within a step of h months is 1 - exp(-h / m)
    for a mean of m months and 1 - 2^(-h / m) for a median, whatever the step: the share still in
    the state is right at every follow-up, and a month twelve times is a year. Counted in whole
    steps a spell then lasts half a step too long when a step is credited to the state at its start
    and half a step too short when to the state at its end; h / m would make the first right and
    every share wrong. A person moves at most once in a step.

    Parameters
    ----------
    months
        Months in each state that people leave, above 0; a state that is left out is never left.
    moves
        For each of those states, the shares of those who leave it that go to each other state,
        summing to 1.
    states
        Names of the states, worst to best.
    step
        Length of one step of the states model.
    statistic
        Whether `months` are means or medians; with a constant hazard a median is 69 % of the mean.

    Raises
    ------
    CaseError
        If a name, duration or share is faulty; holds every fault.
    """
    faults = faults_of_states(states, step=step)
    if statistic not in get_args(Statistic):
        faults.append(Fault("statistic", f"got {shown(statistic)}; it must be 'mean' or 'median'"))
    faults += validated(months, dict[str, Positive], path="months")[1]
    faults += validated(moves, dict[str, dict[str, Probability]], path="moves")[1]
    stop_at(faults, where="durations")
    for state in months:
        faults += known_or_fault(f"months.{state}", state, states, what="a state")
        if state not in moves:
            problem = f"is missing; say where those go who leave {state}"
            faults.append(Fault(f"moves.{state}", problem))
    for state, goals in moves.items():
        if state not in months:
            problem = f"has no duration; state months.{state}, or leave the row out"
            faults.append(Fault(f"moves.{state}", problem))
        faults += faults_of_shares(f"moves.{state}", goals, states=states)
        if state in goals:
            problem = "is no move; give shares of those who leave"
            faults.append(Fault(f"moves.{state}.{state}", problem))
    stop_at(faults, where="durations")
    names, length = tuple(states), MONTHS_PER_STEP[step]
    matrix = np.eye(len(names))
    warnings = []
    for state, duration in months.items():
        mean = duration if statistic == "mean" else duration / math.log(2)
        i, leaves = names.index(state), -math.expm1(-length / mean)
        matrix[i, i] = 1 - leaves
        for goal, share in moves[state].items():
            matrix[i, names.index(goal)] = leaves * share
        if mean < length:
            warnings.append(
                f"{state} lasts {mean:.2g} months, less than a {step}: people move on within the "
                "step, which the model does not see; use a shorter step."
            )
    return TransitionMatrix(states=names, step=step, matrix=matrix, warnings=tuple(warnings))


def transitions_from_other_step(
    transitions: Mapping[str, Mapping[str, float]],
    *,
    states: Sequence[str],
    given_step: Step,
    step: Step,
) -> ConvertedTransitions:
    """Convert probabilities per year to per month, or between any two steps.

    A longer step that holds whole shorter ones is a power, always exact. Otherwise it is the
    principal power A^r, r = months per step / months per known step. If that has negative entries,
    as when two states exchange no people within a year although a way leads over a third, each row
    is replaced by the nearest row of probabilities (Kreinin and Sidelnikova 2001), and where 1 / r
    is whole, moved on until its power is nearest to the known matrix (Lin 2011): the result says
    how far off it stays.

    Parameters
    ----------
    transitions
        Probability per known step, by state and state that is moved to, as in a case file: a row
        states the probability of staying and sums to 1, or leaves it out. A frame `f` of
        probabilities is `f.to_dict("index")`.
    states
        Names of the states, worst to best.
    given_step
        Step of `transitions`.
    step
        Step that is wanted.

    Raises
    ------
    CaseError
        If a name or a probability is faulty; holds every fault.
    """
    faults = faults_of_states(states, step=step)
    if not _is_step(given_step):
        faults.append(_unknown_step("given_step", given_step))
    rows, found = validated(transitions, dict[str, dict[str, Probability]], path="transitions")
    stop_at(faults + found, where="transitions")
    for state, row in rows.items():
        path = f"transitions.{state}"
        faults += known_or_fault(path, state, states, what="a state")
        whole = row if state in row else {**row, state: max(1 - sum(row.values()), 0.0)}
        faults += faults_of_shares(path, whole, states=states)
    stop_at(list(dict.fromkeys(faults)), where="transitions")
    names = tuple(states)
    known = _matrix_of(transitions, states=names)
    power = MONTHS_PER_STEP[step] / MONTHS_PER_STEP[given_step]
    root = power_of(known, power)
    lowest, error = float(root.min()), error_of(root, known=known, power=power)
    if lowest < -ROUNDING or error > ROUNDING:
        root = probabilities_near(root, known=known, power=power)
    root = np.where(root < ROUNDING, 0.0, root)
    root /= root.sum(axis=1, keepdims=True)
    error = error_of(root, known=known, power=power)
    warnings: tuple[str, ...] = ()
    if error > ROUNDING:
        why = f"has entries down to {lowest:.2g}" if lowest < -ROUNDING else "is not real"
        warned = (
            f"No matrix of probabilities per {step} was found that gives the known one: its "
            f"principal root {why}. This is the nearest that was found; over a {given_step} it is "
            f"off by up to {error:.2g}."
        )
        warnings = (warned,)
    return ConvertedTransitions(
        states=names,
        step=step,
        matrix=root,
        warnings=warnings,
        given_step=given_step,
        error=error,
        most_negative=lowest if lowest < -ROUNDING else 0.0,
    )


def faults_of_states(states: Sequence[str], *, step: str) -> list[Fault]:
    """Return what is wrong with the names of states and the step."""
    found = validated(states, tuple[str, ...], path="states")[1]
    names = [] if found else list(states)
    if not found and len(names) < LEAST_STATES:
        found.append(Fault("states", f"got {shown(names)}; list at least two names of states"))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        found.append(Fault("states", f"got {', '.join(twice)} twice; a state stands once"))
    if not _is_step(step):
        found.append(_unknown_step("step", step))
    return found


def _is_step(step: object) -> bool:
    return isinstance(step, str) and step in MONTHS_PER_STEP


def _unknown_step(path: str, step: str) -> Fault:
    return Fault(path, f"got {shown(step)}; it must be {', '.join(MONTHS_PER_STEP)}")


def faults_of_shares(
    path: str, shares: Mapping[str, float], *, states: Iterable[str]
) -> list[Fault]:
    """Return what is wrong with shares by state, each in [0, 1], which must sum to 1."""
    faults = [
        fault
        for state in shares
        for fault in known_or_fault(f"{path}.{state}", state, states, what="a state")
    ]
    total = sum(shares.values())
    if abs(total - 1) > SUM_TOLERANCE:
        problem = (
            f"got shares that sum to {total:.10g}; they must sum to 1; if they are rounded, "
            "divide each by their sum"
        )
        faults.append(Fault(path, problem))
    return faults


def faults_of_moves(moves: Mapping[str, Iterable[str]], *, states: Sequence[str]) -> list[Fault]:
    """Return the states in a list of possible moves that are none."""
    return [
        fault
        for state, goals in moves.items()
        for name in (state, *goals)
        for fault in known_or_fault(f"moves.{state}", name, states, what="a state")
    ]


def stop_at(faults: Sequence[Fault], *, where: str) -> None:
    """Raise `CaseError` if there is any fault."""
    if faults:
        raise CaseError(tuple(faults), where=where)


def _matrix_of(
    transitions: Mapping[str, Mapping[str, float]], *, states: tuple[str, ...]
) -> FloatArray:
    """Return the matrix (S, S) of rows that leave the probability of staying out or state it."""
    matrix = np.zeros((len(states), len(states)))
    for state, row in transitions.items():
        for goal, probability in row.items():
            matrix[states.index(state), states.index(goal)] = probability
    for i, state in enumerate(states):
        if state not in transitions.get(state, {}):
            matrix[i, i] = max(1 - matrix[i].sum(), 0.0)
    return np.asarray(matrix / matrix.sum(axis=1, keepdims=True), dtype=np.float64)
