"""Luck: exact marginals, exact dependence between follow-ups, and common random numbers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sibsim.core.arrays import FloatArray
from sibsim.core.luck import count, lucks, successes
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName

ERRORS = 5
"""Monte Carlo standard errors within which a simulated frequency must lie."""

PEOPLE = 50
NAMES = ("job/0/0", "job/0/1", "job/0/2")
RATES = (0.45, 0.6, 0.3)


def _lucky(
    seed: int,
    *,
    rates: tuple[float, ...] = RATES,
    persistence: float | FloatArray = 0.8,
    people: int = PEOPLE,
) -> NDArray[np.bool_]:
    lucky = successes(
        Layer(LayerName.CHANCE, seed),
        streams=NAMES[: len(rates)],
        people=people,
        probability=np.array(rates)[:, np.newaxis],
        persistence=np.atleast_1d(persistence),
    )
    assert lucky.dtype == np.bool_
    return lucky.astype(np.bool_)


def _near(found: NDArray[np.bool_], probability: float) -> bool:
    error = np.sqrt(probability * (1 - probability) / found.size)
    return bool(abs(found.mean() - probability) <= ERRORS * error)


def _joint(first: float, second: float, *, kept: float) -> float:
    return kept * min(first, second) + (1 - kept) * first * second


PERSISTENCES = [0.0, 0.25, 0.8, 1.0]


@pytest.mark.parametrize("persistence", PERSISTENCES)
def test_marginals_are_exact(seed: int, persistence: float) -> None:
    """At every follow-up the rate is the probability, whatever the persistence."""
    lucky = _lucky(seed, persistence=persistence)
    for k, rate in enumerate(RATES):
        assert _near(lucky[:, k], rate), k


@pytest.mark.parametrize("persistence", [0.3, 1.0])
def test_a_probability_between_two_words_is_exact(seed: int, persistence: float) -> None:
    """Half of the smallest step of a word, at the first follow-up and at a later one."""
    rate = 0.5 / 2**16
    lucky = _lucky(seed, rates=(rate, rate), persistence=persistence, people=5_000)
    for k in range(2):
        assert _near(lucky[:, k], rate), k


@pytest.mark.parametrize("persistence", PERSISTENCES)
def test_two_follow_ups_depend_as_stated(seed: int, persistence: float) -> None:
    """P(1, 1) = kept min(p, q) + (1 - kept) p q, kept = kappa between neighbours, else kappa^2."""
    lucky = _lucky(seed, persistence=persistence)
    for j, k in ((0, 1), (1, 2), (0, 2)):
        both = _joint(RATES[j], RATES[k], kept=persistence ** (k - j))
        assert _near(lucky[:, j] & lucky[:, k], both), (j, k)


@pytest.mark.parametrize("persistence", PERSISTENCES)
def test_three_follow_ups_depend_as_stated(seed: int, persistence: float) -> None:
    """P(1, 1, 1) sums over which lucks are shared: both, the first two, the last two, none."""
    p, q, r = RATES
    kept, anew = persistence, 1 - persistence
    expected = (
        kept * kept * min(p, q, r)
        + kept * anew * min(p, q) * r
        + anew * kept * p * min(q, r)
        + anew * anew * p * q * r
    )
    always: NDArray[np.bool_] = np.all(_lucky(seed, persistence=persistence), axis=1)
    assert _near(always, expected)


def test_people_are_independent(seed: int) -> None:
    """The count of successes has binomial variance, and neighbours meet as independents do."""
    lucky = _lucky(seed)
    for k, rate in enumerate(RATES):
        variance = PEOPLE * rate * (1 - rate)
        # The sampling error of a variance is about variance x sqrt(2 / draws).
        allowed = ERRORS * variance * np.sqrt(2 / BLOCK_DRAWS)
        assert abs(count(lucky[:, k]).var() - variance) <= allowed
    # Disjoint pairs of people, so that the pairs are independent of one another.
    assert _near(lucky[::2, 1] & lucky[1::2, 0], RATES[1] * RATES[0])


def test_raising_any_probability_lowers_nobody(seed: int) -> None:
    """With the same words a person who succeeds at p succeeds at every higher p."""
    low = _lucky(seed)
    for k in range(len(RATES)):
        rates = list(RATES)
        rates[k] += 0.01
        high = _lucky(seed, rates=tuple(rates))
        assert np.all(high >= low)
        assert np.any(high[:, k] > low[:, k])


@pytest.mark.parametrize("persistence", PERSISTENCES)
def test_zero_is_never_and_one_is_sure(seed: int, persistence: float) -> None:
    """The ends hold in every draw, also for a luck drawn anew."""
    lucky = _lucky(seed, rates=(0.0, 1.0, 0.0), persistence=persistence)
    assert not lucky[:, 0].any()
    assert lucky[:, 1].all()
    assert not lucky[:, 2].any()


def test_more_people_change_no_earlier_person(seed: int) -> None:
    """Person i is the same in a larger group."""
    assert np.array_equal(_lucky(seed, people=70)[:PEOPLE], _lucky(seed))


def test_a_later_follow_up_changes_no_earlier_one(seed: int) -> None:
    """Adding a follow-up at the end leaves the others as they were."""
    assert np.array_equal(_lucky(seed)[:, :2], _lucky(seed, rates=RATES[:2]))


def test_persistence_may_differ_between_draws(seed: int) -> None:
    """Each draw uses its own persistence: those with 1 keep everyone's luck."""
    kept = np.where(np.arange(BLOCK_DRAWS) % 2, 1.0, 0.3)
    lucky = _lucky(seed, rates=(0.5, 0.5), persistence=kept)
    same: NDArray[np.bool_] = np.equal(lucky[:, 0], lucky[:, 1])
    assert same[:, 1::2].all()
    # P(same) = kept + (1 - kept) / 2 at p = 1/2.
    assert _near(same[:, ::2], 0.3 + 0.7 / 2)


def test_with_the_layer_off_probabilities_come_back() -> None:
    """Off means expectations, one row per person."""
    rates = np.array([[0.2, 0.3], [0.4, 0.5]])
    found = successes(
        Layer(LayerName.CHANCE, on=False),
        streams=NAMES[:2],
        people=3,
        probability=rates,
        persistence=np.array([0.8]),
    )
    assert found.shape == (3, 2, 2)
    assert np.array_equal(found[2], rates)
    np.testing.assert_allclose(count(found), 3 * rates, rtol=1e-15)


@pytest.mark.parametrize("people", [0, 1, 255, 256, 65_536])
def test_counts_do_not_overflow(people: int) -> None:
    """A count of everyone is the number of people, at and above the range of narrow integers."""
    assert count(np.ones((people, 2), dtype=np.bool_)).tolist() == [people, people]


@pytest.mark.parametrize("persistence", [0.0, 0.4, 1.0])
def test_luck_is_kept_with_the_persistence(seed: int, persistence: float) -> None:
    """It is uniform at every follow-up, and kept in the stated share of people."""
    layer = Layer(LayerName.CHANCE, seed)
    names = ("a", "b", "c")
    luck = lucks(layer, streams=names, people=90, persistence=np.array([persistence]))
    assert luck.shape == (90, 3, BLOCK_DRAWS)
    assert 0 < luck.min() < luck.max() < 1
    size = 90 * BLOCK_DRAWS
    for k in range(3):
        for x in (0.1, 0.5, 0.9):
            error = np.sqrt(x * (1 - x) / size)
            assert abs((luck[:, k] < x).mean() - x) <= ERRORS * error
    for k in (1, 2):
        kept = (luck[:, k] == luck[:, k - 1]).mean()
        error = np.sqrt(persistence * (1 - persistence) / size)
        assert abs(kept - persistence) <= ERRORS * error
    few = lucks(layer, streams=names, people=7, persistence=np.array([persistence]))
    assert np.array_equal(few, luck[:7])
    short = lucks(layer, streams=names[:2], people=7, persistence=np.array([persistence]))
    assert np.array_equal(short, luck[:7, :2])
