"""Minimise over probabilities to move, with or without shares to be reproduced.

    minimise f(x)  so that  g(x) = 0,  R x + y = l,  x >= 0,  y >= 0

x are the probabilities of the possible moves, g the gaps in the shares, R x the probabilities to
leave each state and l their limits. Primal-dual interior points with exact second derivatives: the
equations of Newton's method are solved with each bound replaced by -m ln, m falling to 0; a step is
shortened until the barrier function plus the summed gaps falls. Bounds are relaxed by
`RELAXED` and the equations regularised, since some follow from others (shares sum to 1) and some
sets have no inner point. The systems are small and solved whole: `scipy.optimize` (SLSQP) has its
small systems solved on several processors, which took it 30 times as long on a busy machine.

Source: Nocedal and Wright 2006, "Numerical optimization", 2nd ed., chapter 19,
https://doi.org/10.1007/978-0-387-40065-5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray

LONGEST_SEARCH = 150
"""Steps after which a search gives up; its result counts only if it reproduces the shares."""

INWARDS = 0.02
"""Share of the way from a start to the middle of the set that a search starts at."""

RELAXED = 1e-9
"""How far below 0 a search takes a probability to be possible, where no point is inside."""

FALL = 0.15
"""Factor by which the weight of the barrier falls once a search has come near its minimum."""

NEAR = 10.0
"""Multiple of the weight below which the residuals of a search count as near."""

TO_BOUND = 0.99
"""Share of the way to the nearest bound that a step may go."""

REGULAR = 1e-9
"""Regularisation of equations that follow from others."""

CURVED = 1e4
"""Weight of the equations where it is tested that the rest curves upwards along them."""

UPWARDS = (1e-4, 8.0, 1e12)
"""First curvature that is added where it does not, its factor of growth and its highest value."""

HALVINGS = 12
"""Times that a step is halved before it is taken as it is."""

FUNNEL = 100.0
"""Multiple of the weight of the barrier: a step that misses the shares by no more is taken whole,
since on a curved set shortening steps until their sum falls takes them forever (Maratos)."""

SUFFICIENT = 1e-4
"""Share of the expected fall that a step must reach."""


@dataclass(frozen=True)
class Problem:
    """What is minimised: functions of the probabilities x, (F,), and limits of leaving."""

    value: Callable[[FloatArray], float]
    """What is minimised."""

    slope: Callable[[FloatArray], FloatArray]
    """Its slope, (F,)."""

    curvature: Callable[[FloatArray], FloatArray]
    """Its second derivatives, (F, F)."""

    gap: Callable[[FloatArray], FloatArray]
    """What must be 0, (G,)."""

    bends: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
    """Slope (G, F) of the gap, and second derivatives (F, F) of the gap weighted by (G,)."""

    rows: FloatArray
    """Which moves leave each state that is left, (R, F)."""

    limits: FloatArray
    """Highest probability to leave each of them, (R,)."""

    barriers: tuple[float, float]
    """First and last weight of the barrier, on the scale of what is minimised."""


def minimised(problem: Problem, *, start: FloatArray) -> FloatArray:
    """Return the probabilities (F,) of a local minimum, or where the search gave up."""
    rows, limits = problem.rows, problem.limits
    moves, states = start.size, limits.size
    middle = (limits / (rows.sum(axis=1) + 1)) @ rows
    x = (1 - INWARDS) * start + INWARDS * middle
    z = np.concatenate([x, limits - rows @ x])
    number = problem.gap(x).size + states
    barrier, y = problem.barriers[0], np.zeros(number)
    s = barrier / (z + RELAXED)
    penalty = 1.0
    linear = np.hstack([rows, np.eye(states)])

    def missed(z: FloatArray) -> FloatArray:
        return np.concatenate([problem.gap(z[:moves]), linear @ z - limits])

    def merit(z: FloatArray) -> float:
        logs = float(np.log(z + RELAXED).sum())
        return problem.value(z[:moves]) - barrier * logs + penalty * float(np.abs(missed(z)).sum())

    gaps = missed(z)
    for _ in range(LONGEST_SEARCH):
        at = z[:moves]
        slopes, bent = problem.bends(at, y[: number - states])
        turned = np.zeros((number, moves + states))
        turned[: number - states, :moves], turned[number - states :] = slopes, linear
        pull = np.concatenate([problem.slope(at), np.zeros(states)])
        room = z + RELAXED
        worst = max(
            float(np.abs(pull + y @ turned - s).max()) / max(1.0, float(np.abs(s).max())),
            float(np.abs(gaps).max()),
        )
        while max(worst, float(np.abs(room * s - barrier).max())) < NEAR * barrier:
            if barrier <= problem.barriers[1]:
                return z[:moves]
            barrier = max(FALL * barrier, problem.barriers[1])
        curved = np.diag(s / room)
        curved[:moves, :moves] += problem.curvature(at) + bent
        downhill = pull - barrier / room
        step, y_new = _step(curved, turned, downhill=downhill, gaps=gaps)
        ds = barrier / room - s - s / room * step
        length, dual = _longest(step, room), _longest(ds, s)
        penalty = max(penalty, 2 * float(np.abs(y_new).max()))
        here, fall = merit(z), float(downhill @ step) - penalty * float(np.abs(gaps).sum())
        for _ in range(HALVINGS):
            there = z + length * step
            close = float(np.abs(missed(there)).max()) <= FUNNEL * barrier
            if close or merit(there) <= here + SUFFICIENT * length * min(fall, 0.0):
                break
            length /= 2
        z, s, y = z + length * step, s + dual * ds, y + length * (y_new - y)
        gaps = missed(z)
    return z[:moves]


def _step(
    curved: FloatArray, turned: FloatArray, *, downhill: FloatArray, gaps: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the step of Newton's method and the weights of the equations that go with it."""
    number, size = turned.shape
    added, weighted = 0.0, CURVED * turned.T @ turned
    while added < UPWARDS[2]:
        try:
            np.linalg.cholesky(curved + weighted + added * np.eye(size))
            break
        except np.linalg.LinAlgError:
            added = max(UPWARDS[1] * added, UPWARDS[0])
    system = np.zeros((size + number, size + number))
    system[:size, :size] = curved + added * np.eye(size)
    system[:size, size:], system[size:, :size] = turned.T, turned
    system[size:, size:] = -REGULAR * np.eye(number)
    solved = np.linalg.solve(system, -np.concatenate([downhill, gaps]))
    return solved[:size], solved[size:]


def _longest(step: FloatArray, room: FloatArray) -> float:
    """Return the share of a step, at most 1, that keeps all of `room` above 0."""
    return float(min(1.0, TO_BOUND / max(float((-step / room).max()), TO_BOUND)))
