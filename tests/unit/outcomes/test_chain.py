"""Markov chains: traces by hand, people and counts against them, common luck between two chains."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray
from sibsim.core.luck import ROWS
from sibsim.core.paths import States
from sibsim.core.streams import BLOCK_DRAWS, SHORT_RANGE, Layer, LayerName
from sibsim.outcomes.chain import Chain, Split

ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""

OFF = Layer(LayerName.CHANCE, on=False)
STREAM = "outcomes.work/0"
PEOPLE = 30
NUMBER = 25.0
UP = ((0.5, 0.5, 0.0), (0.2, 0.3, 0.5), (0.0, 0.1, 0.9))
DOWN = ((0.9, 0.0, 0.1), (0.6, 0.4, 0.0), (0.25, 0.25, 0.5))
START = (0.5, 0.25, 0.25)


def _wide(rows: ArrayLike) -> FloatArray:
    return np.asarray(rows, dtype=np.float64)[..., np.newaxis]


def _chain(*matrices: ArrayLike, start: ArrayLike = START) -> Chain:
    return Chain(_wide(start), tuple(map(_wide, matrices)))


def _layer(seed: int, *, block: int = 0) -> Layer:
    return Layer(LayerName.CHANCE, seed, block)


def _people(chain: Chain, *, seed: int, people: int = PEOPLE) -> States:
    return chain.people(_layer(seed), stream=STREAM, people=people)


def _counts(chain: Chain, *, seed: int, people: FloatArray | None = None) -> FloatArray:
    number = np.array([NUMBER]) if people is None else people
    return chain.counts(_layer(seed), stream=STREAM, people=number)


def _pair(chain: Chain, *, m: int, n: int) -> FloatArray:
    """Return P(X_m = i, X_n = j), (S, S), of a chain of width 1, by matrix products."""
    between = np.eye(chain.states)
    for step in chain.transitions[m:n]:
        between = between @ step[..., 0]
    shares: FloatArray = chain.trace()[m, :, 0]
    return shares[:, np.newaxis] * between


def _ordered(seed: int, *, states: int, width: int, monotone: bool) -> tuple[FloatArray, ...]:
    """Return two matrices, (S, S, width), the second better in every row.

    Cumulative probabilities c and c^2; with `monotone` no row of either is worse than the one
    above it.
    """
    worse = np.random.default_rng(seed).random((states, states, width)).cumsum(axis=1)
    worse /= worse[:, -1:]
    if monotone:
        worse = np.sort(worse, axis=0)[::-1]
    return tuple(np.diff(each, axis=1, prepend=0.0) for each in (worse, worse**2))


def test_two_states_by_hand() -> None:
    """All start in the first state: half leave, then 1/2 x 1/2 + 1/2 x 1/4 = 3/8 are there."""
    chain = _chain(*[((0.5, 0.5), (0.25, 0.75))] * 2, start=(1.0, 0.0))
    assert chain.trace()[..., 0].tolist() == [[1, 0], [0.5, 0.5], [0.375, 0.625]]
    assert (chain.states, chain.steps) == (2, 2)


def test_a_matrix_of_its_own_at_every_step() -> None:
    """Up and then down, by hand: (.5, .25, .25) -> (.3, .35, .35) -> (.5675, .2275, .205)."""
    trace = _chain(UP, DOWN).trace()[..., 0]
    np.testing.assert_allclose(trace[1], [0.3, 0.35, 0.35], rtol=1e-15)
    np.testing.assert_allclose(trace[2], [0.5675, 0.2275, 0.205], rtol=1e-15)


def test_the_published_life_years_of_an_hiv_cohort() -> None:
    """Briggs, Sculpher and Claxton's example gives 7.9912066 life years without lamivudine.

    Yearly moves counted from A, B and C to worse states and death, 20 years, credited at the end of
    each. Source: tests of the package heemod, Health Economic Evaluation MODels,
    https://cran.r-project.org/package=heemod (read 2026).
    """
    counts = np.array([[1, 0, 0, 0], [437, 1312, 0, 0], [15, 512, 731, 0], [17, 116, 350, 1251]])
    matrix = counts / counts.sum(axis=1, keepdims=True)
    alive = _chain(*[matrix] * 20, start=(0, 0, 0, 1)).trace()[1:, 1:, 0]
    assert alive.sum() == pytest.approx(7.9912066, abs=5e-8)


def test_the_trace_is_the_power_of_the_matrix() -> None:
    """The start times the matrix to the power n, to rounding."""
    chain = _chain(*[UP] * 6)
    for n, share in enumerate(chain.trace()[..., 0]):
        expected = np.array(START) @ np.linalg.matrix_power(np.array(UP), n)
        np.testing.assert_allclose(share, expected, rtol=1e-14)


def test_the_trace_has_a_column_only_for_what_varies() -> None:
    """One column without variation; else each draw has that of its own chain, bit by bit."""
    assert _chain(UP, DOWN).trace().shape == (3, 3, 1)
    worse, better = _ordered(1, states=3, width=7, monotone=False)
    trace = Chain(_wide(START), (worse, better, worse)).trace()
    assert trace.shape == (4, 3, 7)
    for d in range(7):
        steps = tuple(each[..., d : d + 1] for each in (worse, better, worse))
        assert (Chain(_wide(START), steps).trace()[..., 0] == trace[..., d]).all()


def test_the_trace_is_worked_out_once_and_kept() -> None:
    """The same array again, which nobody can write to."""
    chain = _chain(UP)
    assert chain.trace() is chain.trace()
    assert not chain.trace().flags.writeable


def test_people_follow_the_trace(seed: int) -> None:
    """The share in each state after each step lies within 5 errors of the expectation."""
    chain = _chain(UP, UP, DOWN)
    history = _people(chain, seed=seed)
    assert history.shape == (PEOPLE, 4, BLOCK_DRAWS)
    assert history.dtype == np.uint8
    expected = chain.trace()[..., 0]
    found = np.stack([(history == state).mean(axis=(0, 2)) for state in range(3)], axis=1)
    error = np.sqrt(expected * (1 - expected) / (PEOPLE * BLOCK_DRAWS))
    assert (np.abs(found - expected) < ERRORS * error).all()


@pytest.mark.parametrize(("m", "n"), [(0, 1), (1, 2), (0, 3), (1, 3)])
def test_people_move_as_the_matrices_say(seed: int, m: int, n: int) -> None:
    """P(X_m = i, X_n = j) = pi_m(i) (P_m .. P_{n-1})(i, j), and 0 where no move leads there."""
    chain = _chain(UP, UP, DOWN)
    history = _people(chain, seed=seed)
    expected = _pair(chain, m=m, n=n)
    found = np.array(
        [[((history[:, m] == i) & (history[:, n] == j)).mean() for j in range(3)] for i in range(3)]
    )
    error = np.sqrt(expected * (1 - expected) / (PEOPLE * BLOCK_DRAWS))
    assert (np.abs(found - expected) <= ERRORS * error).all()


def test_people_are_independent_of_each_other(seed: int) -> None:
    """The variance over draws of how many are in a state is n p (1 - p), however many they are."""
    chain, people = _chain(UP, UP), 2 * ROWS
    inside = (_people(chain, seed=seed, people=people)[:, 2] == 2).sum(axis=0)
    share = chain.trace()[2, 2, 0]
    squares = (inside - people * share) ** 2
    expected = people * share * (1 - share)
    assert abs(squares.mean() - expected) < ERRORS * squares.std() / np.sqrt(BLOCK_DRAWS)


def test_every_draw_has_its_own_matrix(seed: int) -> None:
    """Draws that take turns between two matrices follow each its own; what is sure happens."""
    turns = np.arange(BLOCK_DRAWS) % 2 == 0
    sure = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    steps = np.where(turns, _wide(sure), _wide(UP))
    history = Chain(_wide(START), (steps, steps)).people(_layer(seed), stream=STREAM, people=PEOPLE)
    assert (history[:, 1:, turns] == (history[:, :-1, turns] + 1) % 3).all()
    expected = _chain(UP, UP).trace()[2, :, 0]
    there = history[:, 2, ~turns]
    found = np.array([(there == state).mean() for state in range(3)])
    error = np.sqrt(expected * (1 - expected) / there.size)
    assert (np.abs(found - expected) < ERRORS * error).all()


def test_rare_and_nearly_sure_moves_are_exact() -> None:
    """Over all words and an even grid of v, 5, 2^24 - 8 and 3 parts of 2^24 are met exactly."""
    parts, grid = 2**24, 2**8
    wanted = np.array([5, parts - 8, 3])
    words = np.arange(SHORT_RANGE, dtype=np.uint16)[:, np.newaxis]
    landed = Split.of(_wide(wanted / parts)).landed(
        np.broadcast_to(words, (len(words), grid)), edge=np.arange(grid) / grid
    )
    assert np.bincount(landed.ravel()).tolist() == wanted.tolist()


def test_moves_rarer_than_a_word_happen_as_often_as_stated(seed: int) -> None:
    """Of 16 million moves 125 are expected with probability 2^-17, half that of one word."""
    rare, people, steps = 2.0**-17, 100, 40
    chain = _chain(*[((rare, 1 - rare),) * 2] * steps, start=(0.0, 1.0))
    found = (_people(chain, seed=seed, people=people)[:, 1:] == 0).sum()
    expected = people * steps * BLOCK_DRAWS * rare
    assert abs(found - expected) < ERRORS * np.sqrt(expected)


def test_a_state_without_probability_is_never_reached() -> None:
    """Ten times 0.1 adds up to less than 1, and yet the highest word leads to the tenth state."""
    probability = np.array([[0.1, 0.05]] * 10 + [[0.0, 0.5]])
    words = np.full((1, 2), SHORT_RANGE - 1, dtype=np.uint16)
    landed = Split.of(probability).landed(words, edge=np.zeros(2))
    assert landed.tolist() == [[9, 10]]


@pytest.mark.parametrize("width", [1, BLOCK_DRAWS])
def test_a_better_monotone_chain_puts_nobody_lower(seed: int, width: int) -> None:
    """With the same luck, better rows of monotone matrices mean no worse state at any step."""
    worse, better = _ordered(seed, states=5, width=width, monotone=True)
    start = np.full((5, 1), 0.2)
    low, high = (
        _people(Chain(start, (each,) * 6), seed=seed, people=PEOPLE) for each in (worse, better)
    )
    assert (high >= low).all()
    assert all((high[:, n] > low[:, n]).any() for n in range(1, 7))


@pytest.mark.parametrize("width", [1, BLOCK_DRAWS])
def test_better_rows_move_nobody_lower_at_that_step(seed: int, width: int) -> None:
    """From the same state, for any matrix with better rows."""
    worse, better = _ordered(seed, states=5, width=width, monotone=False)
    start = np.full((5, 1), 0.2)
    low, high = (_people(Chain(start, (each,)), seed=seed) for each in (worse, better))
    assert (high[:, 0] == low[:, 0]).all()
    assert (high[:, 1] >= low[:, 1]).all()
    assert (high[:, 1] > low[:, 1]).any()


def test_more_people_and_steps_change_no_earlier_ones(seed: int) -> None:
    """Nor does it matter how many people are worked on together."""
    short = _people(_chain(UP, DOWN), seed=seed, people=7)
    longer = _people(_chain(UP, DOWN, UP), seed=seed, people=ROWS + 5)
    assert (longer[:7, :3] == short).all()


def test_nobody_is_a_history_of_nobody(seed: int) -> None:
    """No person gives no rows."""
    assert _people(_chain(UP), seed=seed, people=0).shape == (0, 2, BLOCK_DRAWS)


def test_the_same_stream_gives_the_same_people_and_counts(seed: int) -> None:
    """Another block gives others."""
    chain = _chain(UP, DOWN)
    number = np.array([NUMBER])
    for draw in (
        lambda layer: chain.people(layer, stream=STREAM, people=PEOPLE),
        lambda layer: chain.counts(layer, stream=STREAM, people=number),
    ):
        assert (draw(_layer(seed)) == draw(_layer(seed))).all()
        assert (draw(_layer(seed)) != draw(_layer(seed, block=1))).any()


def test_counts_have_the_mean_and_covariance_of_a_multinomial(seed: int) -> None:
    """Cov(N_m(i), N_n(j)) = people (P(X_m = i, X_n = j) - pi_m(i) pi_n(j)), variances included."""
    chain = _chain(UP, UP, DOWN)
    numbers = _counts(chain, seed=seed)
    assert (numbers.sum(axis=1) == NUMBER).all()
    assert (numbers % 1 == 0).all()
    expected = NUMBER * chain.trace()
    error = np.sqrt(expected * (1 - expected / NUMBER) / BLOCK_DRAWS)
    assert (np.abs(numbers.mean(axis=-1, keepdims=True) - expected) < ERRORS * error).all()
    away = numbers - expected
    for m, n in ((0, 0), (0, 1), (1, 3), (2, 2), (2, 3)):
        shares = np.outer(chain.trace()[m, :, 0], chain.trace()[n, :, 0])
        wanted = NUMBER * (_pair(chain, m=m, n=n) - shares)
        products = away[m][:, np.newaxis] * away[n]
        spread = products.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
        assert (np.abs(products.mean(axis=-1) - wanted) < ERRORS * spread).all()


def test_counts_take_the_people_and_the_matrix_of_every_draw(seed: int) -> None:
    """A draw with nobody counts nobody; one whose moves are sure moves all."""
    turns = np.arange(BLOCK_DRAWS) % 2 == 0
    sure = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    chain = Chain(_wide((1.0, 0.0, 0.0)), (np.where(turns, _wide(sure), _wide(UP)),) * 2)
    people = np.where(np.arange(BLOCK_DRAWS) < 100, 0.0, 40.0)
    numbers = _counts(chain, seed=seed, people=people)
    assert (numbers.sum(axis=1) == people).all()
    assert (numbers[1, 1, turns] == people[turns]).all()
    assert (numbers[2, 2, turns] == people[turns]).all()
    assert numbers[1, 0, ~turns].any()


def test_more_steps_change_no_earlier_count(seed: int) -> None:
    """The counts of the first steps stay."""
    longer = _counts(_chain(UP, DOWN, UP), seed=seed)
    assert (longer[:3] == _counts(_chain(UP, DOWN), seed=seed)).all()


def test_counts_without_chance_are_the_expectation() -> None:
    """25 people times the trace, on one column."""
    chain = _chain(UP, DOWN)
    found = chain.counts(OFF, stream=STREAM, people=np.array([NUMBER]))
    np.testing.assert_allclose(found[2, :, 0], [14.1875, 5.6875, 5.125], rtol=1e-14)
