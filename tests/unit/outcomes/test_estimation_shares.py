"""Matrices that reproduce shares by state: identified, bounded, missed; faults in words."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError, CaseError
from sibsim.outcomes.estimation_shares import ShareTransitions, transitions_from_shares
from sibsim.outcomes.matrix_search import Wanted, fits_of, sample_of

EXACT = 1e-9
"""Rounding of sums."""

REPRODUCED = 1e-6
"""Largest difference in a share that counts as reproduced."""

FOUND = 1e-4
"""A probability found by searching among shares that are reproduced to 1e-9."""

CHAIN = np.array([[0.90, 0.06, 0.04], [0.05, 0.80, 0.15], [0.03, 0.00, 0.97]])
"""A known chain of three states."""


def _shares_of(chain: FloatArray, *, months: tuple[int, ...]) -> dict[float, dict[str, float]]:
    """Return the shares of people who all start in the first state."""
    found = {m: np.linalg.matrix_power(chain, m)[0] for m in (0, *months)}
    return {m: dict(zip("abc", map(float, row), strict=False)) for m, row in found.items()}


def _reached(result: ShareTransitions, *, steps: int) -> FloatArray:
    """Return the shares that every matrix of the sample leads to from the first state."""
    return np.array([np.linalg.matrix_power(matrix, steps)[0] for matrix in result.sample])


def test_one_move_is_identified_by_one_share() -> None:
    """30 % still there after a year: 1 - 0.3^(1/12) leave a month."""
    result = transitions_from_shares(
        {0: {"a": 1.0}, 12: {"a": 0.3, "b": 0.7}},
        moves={"a": ["b"]},
        states=["a", "b"],
        step="month",
        samples=5,
    )
    leaves = 1 - 0.3 ** (1 / 12)
    assert result.matrix[0, 1] == pytest.approx(leaves, abs=REPRODUCED)
    assert result.table().loc[("a", "b"), "identified"] == "yes"
    np.testing.assert_allclose(result.sample[:, 0, 1], leaves, atol=FOUND)
    assert result.misfit < REPRODUCED
    assert not result.warnings


def test_two_moves_are_identified_by_two_dates() -> None:
    """Leaving with 0.10 and returning with 0.04 is found again from shares at 12 and 24 months."""
    chain = np.array([[0.9, 0.1], [0.04, 0.96]])
    result = transitions_from_shares(
        _shares_of(chain, months=(12, 24)),
        moves={"a": ["b"], "b": ["a"]},
        states=["a", "b"],
        step="month",
        samples=5,
    )
    np.testing.assert_allclose(result.matrix, chain, atol=FOUND)
    assert set(result.identified.ravel()) == {"yes"}


def test_every_matrix_of_the_sample_reproduces_the_shares() -> None:
    """One date, five moves: the chain behind it lies in the ranges, which the sample spans."""
    shares = _shares_of(CHAIN, months=(12,))
    result = transitions_from_shares(
        shares,
        moves={"a": ["b", "c"], "b": ["a", "c"], "c": ["a"]},
        states=["a", "b", "c"],
        step="month",
        leave_at_most={"a": 0.2, "b": 0.5, "c": 0.2},
        samples=60,
    )
    wanted = [shares[12][name] for name in "abc"]
    np.testing.assert_allclose(np.linalg.matrix_power(result.matrix, 12)[0], wanted, atol=1e-8)
    reached = _reached(result, steps=12)
    np.testing.assert_allclose(reached, np.broadcast_to(wanted, reached.shape), atol=REPRODUCED)
    assert (result.lowest <= CHAIN + FOUND).all()
    assert (result.highest >= CHAIN - FOUND).all()
    assert (result.sample >= result.lowest - FOUND).all()
    assert (result.sample <= result.highest + FOUND).all()
    width = result.highest - result.lowest
    spread = np.ptp(result.sample, axis=0)
    assert (spread[width > FOUND] > 0.5 * width[width > FOUND]).all()
    leaves = 1 - np.diagonal(result.sample, axis1=1, axis2=2)
    assert (leaves <= np.array([0.2, 0.5, 0.2]) + EXACT).all()
    assert result.sentence().startswith("Per month; of 5 moves the shares identify 0")


def _wanted() -> Wanted:
    """Return what the known chain leads to after 12 months, by five possible moves."""
    return Wanted(
        start=np.array([1.0, 0.0, 0.0]),
        reads=(12,),
        shares=np.linalg.matrix_power(CHAIN, 12)[:1],
        origin=np.array([0, 0, 1, 1, 2]),
        goal=np.array([1, 2, 0, 2, 0]),
        limits=np.ones(3),
    )


def test_the_typical_matrix_moves_least() -> None:
    """No other fit and no matrix of the sample has a smaller sum of squared moves."""
    result = transitions_from_shares(
        _shares_of(CHAIN, months=(12,)),
        moves={"a": ["b", "c"], "b": ["a", "c"], "c": ["a"]},
        states=["a", "b", "c"],
        step="month",
        samples=20,
    )
    apart = ~np.eye(3, dtype=bool)
    least = (result.matrix[apart] ** 2).sum()
    assert least < (result.sample[:, apart] ** 2).sum(axis=1).min()
    assert least < min(moves @ moves for moves in fits_of(_wanted()))


def test_a_search_that_fails_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """After one step from a point that does not fit no member of the sample fits."""
    wanted = _wanted()
    monkeypatch.setattr("sibsim.outcomes.matrix_interior.LONGEST_SEARCH", 1)
    bounds = np.zeros(8), np.ones(8)
    found = sample_of(wanted, low=bounds[0], high=bounds[1], starts=[np.full(5, 0.3)], samples=5)
    assert found == []


def test_the_sample_is_the_same_every_time() -> None:
    """Nothing is random."""
    first, again = (
        transitions_from_shares(
            _shares_of(CHAIN, months=(12,)),
            moves={"a": ["b", "c"], "b": ["c"]},
            states=["a", "b", "c"],
            step="month",
            samples=4,
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.sample, again.sample)
    assert first.member(2) == again.member(2)
    with pytest.raises(ArgumentError, match="the sample has members 0 to 3"):
        first.member(4)
    assert first.member(2)["a"]["b"] == first.sample[2, 0, 1]


def test_a_move_that_the_shares_say_nothing_of_is_named() -> None:
    """Nobody is ever in c, so leaving it has any probability."""
    result = transitions_from_shares(
        {0: {"a": 1.0}, 12: {"a": 0.3, "b": 0.7}},
        moves={"a": ["b"], "c": ["b"]},
        states=["a", "b", "c"],
        step="month",
        samples=4,
    )
    assert result.lowest[2, 1] == pytest.approx(0, abs=FOUND)
    assert result.highest[2, 1] == pytest.approx(1, abs=FOUND)
    assert "The shares say nothing of c -> b:" in result.sentence()


def test_shares_that_no_matrix_reproduces_are_said_to_be_missed() -> None:
    """With a - b only nobody can be in c: 0.55 and 0.45 are nearest, 50 points short in c."""
    result = transitions_from_shares(
        {0: {"a": 1.0}, 12: {"a": 0.3, "b": 0.2, "c": 0.5}},
        moves={"a": ["b"]},
        states=["a", "b", "c"],
        step="month",
        samples=4,
    )
    assert result.misfit == pytest.approx(0.5)
    assert result.matrix[0, 0] ** 12 == pytest.approx(0.55, abs=FOUND)
    assert "50 percentage points fewer people in c after 12 steps" in result.sentence()


def test_a_date_is_read_at_the_nearest_step() -> None:
    """Eleven months are 48 weeks: 11 x 13.04 / 3 = 47.81."""
    result = transitions_from_shares(
        {0: {"a": 1.0}, 11: {"a": 0.3, "b": 0.7}},
        moves={"a": ["b"]},
        states=["a", "b"],
        step="week",
        samples=2,
    )
    assert result.matrix[0, 0] == pytest.approx(0.3 ** (1 / 48), abs=REPRODUCED)


def test_slopes_are_those_of_differences() -> None:
    """Central differences of width 1e-6 agree to 1e-8 of order one."""
    wanted = Wanted(
        start=np.array([0.7, 0.3, 0.0]),
        reads=(3, 8),
        shares=np.zeros((2, 3)),
        origin=np.array([0, 0, 1, 2]),
        goal=np.array([1, 2, 2, 0]),
        limits=np.ones(3),
    )
    moves = np.array([0.1, 0.05, 0.2, 0.03])
    tiny = 1e-6 * np.eye(4)
    differences = [(wanted.gap(moves + each) - wanted.gap(moves - each)) / 2e-6 for each in tiny]
    np.testing.assert_allclose(wanted.slope(moves), np.array(differences).T, atol=1e-8)
    reached = wanted.start @ np.linalg.matrix_power(wanted.matrix(moves), 8)
    np.testing.assert_allclose(wanted.gap(moves)[3:], reached)
    weights = np.array([0.3, -1.0, 0.5, 2.0, 0.7, -0.2])
    slope, bend = wanted.bends(moves, weights)
    np.testing.assert_array_equal(slope, wanted.slope(moves))
    twice = [
        weights @ (wanted.slope(moves + each) - wanted.slope(moves - each)) / 2e-6 for each in tiny
    ]
    np.testing.assert_allclose(bend, np.array(twice), atol=1e-6)


def test_many_moves_hold_the_chain_behind_the_shares() -> None:
    """Five states, 14 moves: all reproduce the shares, and the chain lies within the ranges."""
    states = tuple("abcde")
    chain = np.full((5, 5), 0.02)
    for i, j in ((0, 4), (1, 3), (2, 0), (4, 1), (4, 2), (3, 0)):
        chain[i, j] = 0.0
    chain[np.diag_indices(5)] = 0.0
    chain[np.diag_indices(5)] = 1 - chain.sum(axis=1)
    reached = {m: np.linalg.matrix_power(chain, m)[0] for m in (0, 12, 24)}
    result = transitions_from_shares(
        {m: dict(zip(states, map(float, row), strict=True)) for m, row in reached.items()},
        moves={
            name: [states[j] for j in range(5) if j != i and chain[i, j] > 0]
            for i, name in enumerate(states)
        },
        states=states,
        step="month",
        samples=6,
    )
    assert len(result.sample) == 6
    assert (result.lowest <= chain + FOUND).all()
    assert (result.highest >= chain - FOUND).all()
    for months in (12, 24):
        rows = _reached(result, steps=months)
        np.testing.assert_allclose(rows, np.broadcast_to(reached[months], rows.shape), atol=1e-6)


def test_every_fault_of_shares_is_reported_at_once() -> None:
    """Sums, names, moves that are none, limits of states that are not left."""
    with pytest.raises(CaseError) as caught:
        transitions_from_shares(
            {0: {"a": 1.0}, 12: {"a": 0.3, "d": 0.6}},
            moves={"a": ["a", "e"]},
            states=["a", "b"],
            step="month",
            leave_at_most={"b": 0.5},
            samples=0,
        )
    message = str(caught.value)
    assert "shares.12.d: got 'd'; it must name a state" in message
    assert "shares.12: got shares that sum to 0.9" in message
    assert "moves.a: got 'e'; it must name a state" in message
    assert "moves.a: got 'a'; staying is always possible" in message
    assert "leave_at_most.b: got 'b'; it must name a state that people can leave" in message
    assert "samples: got 0; it must be at least 1" in message


def test_dates_in_one_step_are_a_fault() -> None:
    """Shares one month apart say nothing of quarters."""
    with pytest.raises(CaseError, match="each date must be another quarter"):
        transitions_from_shares(
            {0: {"a": 1.0}, 1: {"a": 0.9, "b": 0.1}},
            moves={"a": ["b"]},
            states=["a", "b"],
            step="quarter",
        )
    with pytest.raises(CaseError, match="got 1 dates"):
        transitions_from_shares(
            {0: {"a": 1.0}}, moves={"a": ["b"]}, states=["a", "b"], step="month"
        )
