"""The shipped sets of states, simulated a second time person by person in plain NumPy.

The simulation shares nothing with the package but the moves in the files: one person after another
is in a state, and a generator of its own chooses the next. Spells are found by searching each
person's history as text. Cells are compared by exact binomial tails, at the probability of five
standard errors, so that a rare cell is judged by its own law.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sibsim.core.arrays import BoolArray, FloatArray, IntArray
from sibsim.core.paths import States
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.outcomes.chain import Chain
from sibsim.outcomes.credit import Credit
from sibsim.outcomes.state_sets import list_state_sets, load_state_set
from sibsim.outcomes.sustained import SustainedLaw

ERRORS = 5
"""Monte Carlo standard errors within which two means must agree."""

RARE = float(stats.norm.sf(ERRORS))
"""Probability of each tail beyond five standard errors of a normal mean."""

COHORT = 50
"""People in a cohort; with one cohort per draw of a block, 204,800 people."""

PEOPLE = COHORT * BLOCK_DRAWS

STEPS, CHANGE = 24, 12
"""Steps, and the step from which on every move upwards is a quarter more likely."""

LIFT = 1.25

DATES = (6, 12, 24)
"""Steps at which variances and covariances are compared."""

LEAST_EVENTS = 200
"""Draws in which both of two counts are expected above zero, for the mean of their products to be
close enough to normal that five standard errors mean what they say."""

HELD = 6
"""Steps that a state must be held: 26 weeks where the step is a month."""

every_set = pytest.mark.parametrize("name", list_state_sets())


@dataclass(frozen=True)
class World:
    """One set, as a chain and as people who were simulated without it."""

    chain: Chain
    layer: Layer
    shares: FloatArray
    """Probability of each state after each step, (N + 1, S)."""

    joint: FloatArray
    """Probability of being in two states at two dates, (K, S, K, S)."""

    history: NDArray[np.int64]
    """State of each simulated person after each step, (P, N + 1)."""


def _world(name: str, *, seed: int, pace: int = 1) -> World:
    """Return a set whose every step is so many of the file's."""
    base = np.linalg.matrix_power(_matrix(name), pace)
    better = base.copy()
    upper = np.triu_indices(len(base), 1)
    better[upper] *= LIFT
    np.fill_diagonal(better, 0.0)
    np.fill_diagonal(better, 1.0 - better.sum(axis=1))
    matrices = [base if n < CHANGE else better for n in range(STEPS)]
    start = np.full(len(base), 1.0 / len(base))
    wide = {id(each): each[..., np.newaxis] for each in (base, better)}
    shares = [start]
    for matrix in matrices:
        shares.append(shares[-1] @ matrix)
    return World(
        chain=Chain(start[:, np.newaxis], tuple(wide[id(each)] for each in matrices)),
        layer=Layer(LayerName.CHANCE, seed),
        shares=np.array(shares),
        joint=_joint(np.array(shares), matrices=matrices),
        history=_simulated(start, matrices=matrices, rng=np.random.default_rng(seed)),
    )


def _matrix(name: str) -> FloatArray:
    """Return the moves of a file as a matrix, what is left being the probability of staying."""
    states = load_state_set(name)
    order = {key: index for index, key in enumerate(states.states)}
    matrix = np.zeros((len(order), len(order)))
    for here, row in states.transitions.items():
        for there, probability in row.items():
            matrix[order[here], order[there]] = probability
    np.fill_diagonal(matrix, 1.0 - matrix.sum(axis=1))
    return matrix


def _joint(shares: FloatArray, *, matrices: list[FloatArray]) -> FloatArray:
    """Return P(X_m = i and X_n = j) at every two dates: P(X_m = i) (P_m .. P_{n-1})[i, j]."""
    dates, states = len(DATES), shares.shape[1]
    joint = np.empty((dates, states, dates, states))
    for first, m in enumerate(DATES):
        moved = np.diag(shares[m])
        for second, n in enumerate(DATES):
            if n >= m:
                for matrix in matrices[DATES[second - 1] if second > first else n : n]:
                    moved = moved @ matrix
                joint[first, :, second] = moved
                joint[second, :, first] = moved.T
    return joint


def _simulated(
    start: FloatArray, *, matrices: list[FloatArray], rng: np.random.Generator
) -> NDArray[np.int64]:
    states = len(start)
    history = np.empty((PEOPLE, STEPS + 1), dtype=np.int64)
    history[:, 0] = rng.choice(states, size=PEOPLE, p=start)
    for n, matrix in enumerate(matrices):
        for here, row in enumerate(matrix):
            who = np.flatnonzero(history[:, n] == here)
            history[who, n + 1] = rng.choice(states, size=len(who), p=row)
    return history


def _by_state(history: NDArray[np.int64] | States, *, states: int) -> IntArray:
    """Return how many people are in each state, (N + 1, S), from histories (P, N + 1)."""
    return np.array([np.bincount(each, minlength=states) for each in history.T])


def _assert_expected(number: IntArray, *, probability: FloatArray) -> None:
    """Fail where a number of people is too far from binomial with that probability."""
    chance = np.clip(probability, 0.0, 1.0)
    low = stats.binom.cdf(number, PEOPLE, chance)
    high = stats.binom.sf(number - 1, PEOPLE, chance)
    assert np.minimum(low, high).min() > RARE


def _assert_same(ours: IntArray, theirs: IntArray) -> None:
    """Fail where two numbers of people, of as many, are too far apart.

    Given their sum each is hypergeometric, at most as wide as binomial with probability 1/2. Where
    more than half of the people are in the cell, those who are not are compared.
    """
    both = ours + theirs
    most = both > PEOPLE
    few, both = np.where(most, PEOPLE - ours, ours), np.where(most, 2 * PEOPLE - both, both)
    low = stats.binom.cdf(few, both, 0.5)
    high = stats.binom.sf(few - 1, both, 0.5)
    assert np.minimum(low, high).min() > RARE


@pytest.mark.slow
@every_set
def test_trace_is_the_mean_of_the_people(name: str, seed: int) -> None:
    """The expected shares are those of the people who were simulated, at every step."""
    world = _world(name, seed=seed)
    trace = world.chain.trace()[..., 0]
    np.testing.assert_allclose(trace, world.shares, rtol=1e-12)
    _assert_expected(_by_state(world.history, states=trace.shape[1]), probability=trace)


@pytest.mark.slow
@every_set
def test_people_have_the_law_of_the_people(name: str, seed: int) -> None:
    """As many are in every state at every step, and in every two states at every two dates."""
    world = _world(name, seed=seed)
    states = world.chain.states
    drawn = world.chain.people(world.layer, stream="people", people=COHORT)
    ours = np.moveaxis(drawn, 1, -1).reshape(PEOPLE, STEPS + 1).astype(np.int64)
    _assert_same(_by_state(ours, states=states), _by_state(world.history, states=states))
    for m in DATES:
        for n in DATES:
            pairs = [each[:, m] * states + each[:, n] for each in (ours, world.history)]
            _assert_same(*(np.bincount(each, minlength=states**2) for each in pairs))


@pytest.mark.slow
@every_set
def test_counts_have_the_law_of_the_cohorts(name: str, seed: int) -> None:
    """Means, variances and covariances within and between dates are those of cohorts of 50.

    The mean over D draws of the product of two centred sums of n people has variance
    (n k22 + n^2 (var x var y + cov^2)) / D, k22 being the cumulant of one person's two indicators.
    """
    world = _world(name, seed=seed)
    states = world.chain.states
    counts = world.chain.counts(world.layer, stream="counts", people=np.array([float(COHORT)]))
    assert np.array_equal(counts.sum(axis=1), np.full((STEPS + 1, BLOCK_DRAWS), COHORT))
    total = np.rint(counts.sum(axis=-1)).astype(np.int64)
    _assert_same(total, _by_state(world.history, states=states))

    cohorts = world.history.reshape(BLOCK_DRAWS, COHORT, STEPS + 1)
    theirs = [(cohorts[:, :, n] == state).sum(axis=1) for n in DATES for state in range(states)]
    cells = len(theirs)
    covariances = [np.cov(each) for each in (counts[list(DATES)].reshape(cells, -1), theirs)]
    joint = world.joint.reshape(cells, cells)
    enough, variance = _products(joint)
    assert enough.mean() > 0.75
    apart = np.abs(covariances[0] - covariances[1])
    allowed = ERRORS * np.sqrt(2.0 * variance / BLOCK_DRAWS)
    assert np.all(apart[enough] <= allowed[enough])


def _products(joint: FloatArray) -> tuple[BoolArray, FloatArray]:
    """Return which products of two counts are often not zero, and their variance about the mean."""
    p = np.diag(joint)[:, np.newaxis]
    q = p.T
    covariance = joint - p * q
    squares = (
        joint * ((1 - p) * (1 - q)) ** 2
        + (p - joint) * ((1 - p) * q) ** 2
        + (q - joint) * (p * (1 - q)) ** 2
        + (1 - p - q + joint) * (p * q) ** 2
    )
    spread = p * (1 - p) * q * (1 - q)
    cumulant = squares - spread - 2 * covariance**2
    variance = COHORT * cumulant + COHORT**2 * (spread + covariance**2)
    return BLOCK_DRAWS * (COHORT**2 * p * q + COHORT * joint) >= LEAST_EVENTS, variance


@pytest.mark.slow
@pytest.mark.parametrize(
    ("credit", "gap", "pace"), [("end", 0, 1), ("start", 0, 6), ("start", 1, 6), ("end", 2, 6)]
)
@every_set
def test_sustained_is_the_stays_of_the_people(
    name: str, credit: Credit, gap: int, pace: int, seed: int
) -> None:
    """As many have held one of the two best states for six steps, by every step.

    At the pace of the files hardly anyone leaves and is back within two steps, so that breaks show
    only where several steps of the file are one.

    Each person's stays are found one by one in the history, written as a text of + and -: from a +
    to a +, with no more - in between than the break may last. Where a step is credited to the state
    at its end, X_0 is not read and each + is a step; else the steps lie between them.
    """
    world = _world(name, seed=seed, pace=pace)
    good = np.arange(world.chain.states) >= world.chain.states - 2
    first, signs = (0, HELD + 1) if credit == "start" else (1, HELD)
    stay = re.compile(rb"\+(?:-{0,%d}\+)*" % gap)
    by = np.zeros(STEPS + 1, dtype=np.int64)
    for line in np.where(good[world.history[:, first:]], b"+", b"-"):
        text = line.tobytes()
        whole = next((each for each in stay.finditer(text) if len(each[0]) >= signs), None)
        if whole is not None:
            by[first + text.index(b"+", whole.start() + signs - 1) :] += 1
    assert by[-1] > LEAST_EVENTS

    law = SustainedLaw(
        world.chain, good, tuple(range(STEPS + 1)), credit=credit, needed=HELD, gap=gap
    )
    _assert_expected(by, probability=law.mean[:, 0])
    drawn = world.chain.people(world.layer, stream="people", people=COHORT)
    _assert_same(np.count_nonzero(law.read(drawn), axis=(0, 2)), by)
