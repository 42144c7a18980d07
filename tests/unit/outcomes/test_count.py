"""The count outcome: events of a person are negative binomial, with the mean that is stated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from sibsim.core.arrays import FloatArray
from sibsim.core.luck import lucks
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.outcomes.count import Count, CountLaw
from sibsim.outcomes.tabulated_law import KEPT, Columns, _places
from tests.people import ERRORS, assert_moments, realised

CRIMES: dict[str, Any] = {
    "model": "count",
    "among": "started",
    "follow_up_months": [12, 24],
    "counterfactual": 2.0,
    "effect": {"scale": "rate_ratio", "value": 0.75},
    "dispersion": 0.8,
    "persistence": 0.7,
}
VALUES: dict[str, Any] = {
    "counterfactual": 2.0,
    "effect": 0.75,
    "dispersion": 0.8,
    "persistence": 0.7,
}

LEAST_TAIL = 2.0**-33
"""Least that a luck from a word of 32 bits leaves above it."""

ROUNDING = 1e-11
"""Rounding of a distribution function, below the step of 2^-32 from one luck to the next."""


@dataclass(frozen=True)
class _Counted(CountLaw):
    """A law that notes the shape of every table it makes."""

    made: list[tuple[int, ...]] = field(default_factory=list)

    def cdf(self, k: int, *, columns: Columns) -> FloatArray:
        """Return the table of a count, noted."""
        table = super().cdf(k, columns=columns)
        self.made.append(table.shape)
        return table


def _spread(seed: int, *, middle: float = 1.4) -> _Counted:
    """Return a law whose mean and dispersion are uncertain, as a case states them."""
    random = np.random.default_rng(seed)
    rate = middle * np.exp(0.8 * random.standard_normal((2, BLOCK_DRAWS)))
    dispersion = 0.8 * np.exp(0.75 * random.standard_normal((1, BLOCK_DRAWS)))
    return _Counted(np.array([0.6]), rate, np.repeat(dispersion, 2, axis=0))


def _model(**changes: object) -> Count:
    merged = CRIMES | changes
    return Count.model_validate({key: each for key, each in merged.items() if each is not None})


def _law(
    rate: float | FloatArray, *, dispersion: float = 0.8, persistence: float = 0.7
) -> CountLaw:
    rates = np.atleast_2d(rate)
    return CountLaw(np.array([persistence]), rates, np.full((len(rates), 1), dispersion))


@pytest.mark.parametrize("rate", [0.0, 0.05, 2.0, 40.0])
@pytest.mark.parametrize("dispersion", [0.05, 0.8, 1e6])
def test_the_law_is_the_negative_binomial(rate: float, dispersion: float) -> None:
    """Mean, variance, tail and table are those of scipy.stats at n = k, p = k / (k + lambda)."""
    law = _law(rate, dispersion=dispersion)
    known = stats.nbinom(dispersion, dispersion / (dispersion + rate))
    # At a dispersion of a million 1 - p in scipy, and logarithms here, lose eight of 16 digits.
    np.testing.assert_allclose(law.mean, known.mean(), rtol=1e-8)
    np.testing.assert_allclose(law.variance, known.var(), rtol=1e-8)
    rows = law.rows(0).item()
    events = np.arange(min(rows, 200))
    tails = [law.at_least(float(x)).item() for x in events]
    np.testing.assert_allclose(tails, known.sf(events - 1), rtol=1e-8, atol=1e-14)
    table = law.cdf(0, columns=slice(0, 1))[: len(events), 0]
    np.testing.assert_allclose(table, known.cdf(events), rtol=1e-8)
    assert known.sf(rows - 1) < LEAST_TAIL
    assert law.at_least(1.5) == law.at_least(2.0)
    assert law.at_least(-1.0) == 1


def test_the_base_case_is_the_expectation() -> None:
    """2 events x 0.75 = 1.5 a person: 30 of 20 people and 45 of 30, 10 and 15 fewer."""
    path = realised(_model(), VALUES)
    np.testing.assert_allclose(path.achieved[..., 0], [[30, 30], [45, 45]])
    np.testing.assert_allclose(path.additional[..., 0], [[-10, -10], [-15, -15]])
    np.testing.assert_allclose(path.variance, 1.5 + 1.5**2 / 0.8)
    np.testing.assert_allclose(path.variance_without, 2 + 4 / 0.8)
    assert path.value[0].shape == (20, 2, 1)
    assert path.clipped.tolist() == [0]


def test_a_sum_over_people_is_negative_binomial_with_n_lambda_and_n_k(seed: int) -> None:
    """The total of 20 people has P(total <= x) of NB(20 lambda, 20 k), by draws."""
    total = realised(_model(), VALUES, seed=seed, chance=True).achieved[0, 1]
    known = stats.nbinom(20 * 0.8, 0.8 / (0.8 + 1.5))
    for x in (15, 25, 30, 40):
        share = known.cdf(x)
        error = np.sqrt(share * (1 - share) / BLOCK_DRAWS)
        assert abs((total <= x).mean() - share) <= ERRORS * error


@pytest.mark.parametrize("rates", [[[0.3], [4.0]], np.array([[0.3], [4.0]]) * np.ones(BLOCK_DRAWS)])
def test_people_drawn_have_the_mean_and_variance(seed: int, rates: list[list[float]]) -> None:
    """One table for all draws and one table per draw give the same people, of the law."""
    law = _law(np.array(rates))
    drawn = law.draw(Layer(LayerName.CHANCE, seed), stream="it", people=25)
    assert_moments(law, drawn)
    one = _law(np.array(rates)[:, :1]).draw(Layer(LayerName.CHANCE, seed), stream="it", people=25)
    assert np.array_equal(drawn, one)


@pytest.mark.parametrize("width", [1, 2])
def test_a_result_is_the_first_whose_probability_lies_above_the_luck(width: int) -> None:
    """F = 0.25, 0.75, 1: a luck of 0.25 is no longer 0, one of 0.75 no longer 1."""
    table = np.repeat([[0.25], [0.75], [1.0]], width, axis=1)
    luck = np.repeat([[0.0], [0.24], [0.25], [0.5], [0.75], [0.99]], width, axis=1)
    known = np.repeat([[0], [0], [1], [1], [2], [2]], width, axis=1)
    assert np.array_equal(_places(table, luck=luck), known)


def test_results_that_differ_by_draw_are_each_of_their_own_law(seed: int) -> None:
    """With a mean of 1 in even draws and 3 in odd ones, each half has its own mean."""
    rates = np.where(np.arange(BLOCK_DRAWS) % 2 == 0, 1.0, 3.0)[np.newaxis]
    drawn = _law(rates).draw(Layer(LayerName.CHANCE, seed), stream="it", people=25)
    for rate, part in ((1.0, drawn[..., ::2]), (3.0, drawn[..., 1::2])):
        error = np.sqrt((rate + rate**2 / 0.8) / part.size)
        assert abs(part.mean() - rate) <= ERRORS * error


def test_each_draw_is_of_its_own_mean_and_dispersion(seed: int) -> None:
    """In each quarter of the draws by dispersion, mean and variance are those of its laws."""
    law, people = _spread(seed), 40
    drawn = law.draw(Layer(LayerName.CHANCE, seed), stream="it", people=people)
    for k in range(2):
        for draws in np.array_split(np.argsort(law.dispersion[k]), 4):
            known = stats.nbinom(
                law.dispersion[k, draws],
                law.dispersion[k, draws] / (law.dispersion[k, draws] + law.rate[k, draws]),
            )
            mean, variance, _, excess = known.stats(moments="mvsk")
            away = drawn[:, k, draws] - mean
            error = np.sqrt(variance.sum() / people) / len(draws)
            assert abs(away.mean()) <= ERRORS * error
            # A square has the variance (excess + 2) variance^2.
            error = np.sqrt(((excess + 2) * variance**2).sum() / people) / len(draws)
            assert abs((away**2).mean() - variance.mean()) <= ERRORS * error


def test_each_person_has_the_quantile_of_the_luck(seed: int) -> None:
    """F(x - 1) <= u < F(x) by scipy, for every person of every draw, whatever its table."""
    law, layer = _spread(seed), Layer(LayerName.CHANCE, seed)
    drawn = law.draw(layer, stream="it", people=10)
    streams = [f"it/{k}" for k in range(2)]
    luck = lucks(layer, streams=streams, people=10, persistence=law.persistence)
    known = stats.nbinom(law.dispersion, law.dispersion / (law.dispersion + law.rate))
    assert np.all(known.cdf(drawn) > luck - ROUNDING)
    assert np.all(known.cdf(drawn - 1) <= luck + ROUNDING)


def test_the_work_follows_what_each_draw_needs(seed: int) -> None:
    """A table is at most twice as long as its draw needs, 16 rows at least, and made once."""
    law, layer = _spread(seed), Layer(LayerName.CHANCE, seed)
    law.draw(layer, stream="it", people=3)
    share = law.dispersion / (law.dispersion + law.rate)
    needed = np.asarray(stats.nbinom(law.dispersion, share).isf(LEAST_TAIL / 2)) + 1
    cells = sum(rows * columns for rows, columns in law.made)
    assert cells <= np.maximum(2 * needed, 16).sum()
    assert cells < needed.max() * needed.size / 10
    made = len(law.made)
    law.draw(layer, stream="another", people=3)
    assert len(law.made) == made


def test_tables_too_long_to_be_kept_are_made_again_and_give_the_same_people(seed: int) -> None:
    """With a mean around 10 the tables of the second follow-up have no room; nobody changes."""
    law, layer = _spread(seed, middle=10.0), Layer(LayerName.CHANCE, seed)
    first = law.draw(layer, stream="it", people=3)
    made = len(law.made)
    assert law.rows(0).sum() <= KEPT < law.rows(0).sum() + law.rows(1).sum()
    assert np.array_equal(first, law.draw(layer, stream="it", people=3))
    assert len(law.made) > made


def test_a_lower_rate_gives_nobody_more_events(seed: int) -> None:
    """Common random numbers, person by person, where rate and dispersion vary by draw too."""
    law = _spread(seed)
    layer = Layer(LayerName.CHANCE, seed)
    high = law.draw(layer, stream="it", people=30)
    low = replace(law, rate=0.97 * law.rate).draw(layer, stream="it", people=30)
    assert np.all(low <= high)
    assert np.any(low < high)


def test_a_difference_below_zero_is_cut_and_counted() -> None:
    """2 - 3 events is none, in all four cells of the draw in which it happens."""
    model = _model(effect={"scale": "mean_difference", "value": -0.5, "may_be_negative": True})
    path = realised(model, VALUES | {"effect": [[-0.5, -3.0]]})
    assert path.clipped.tolist() == [0, 4]
    assert path.expected[0, 0].tolist() == [1.5, 0.0]


def test_a_mean_stated_directly_is_taken_as_it_is() -> None:
    """By follow-up, and halfway to it at half the effort."""
    model = _model(effect=None, with_intervention=[1.0, 1.6])
    values = VALUES | {"with_intervention.0": 1.0, "with_intervention.1": 1.6}
    path = realised(model, values)
    np.testing.assert_allclose(path.expected[0, :, 0], [1.0, 1.6])
    half = realised(model, values, effort=0.5)
    np.testing.assert_allclose(half.expected[0, :, 0], [1.5, 1.8])


def test_transport_profile_and_effort_act_on_the_logarithm() -> None:
    """The log of 0.25, half of it here, halved at 24 months, at half effort: 1/4 and 1/8 of it."""
    model = _model(
        effect={"scale": "rate_ratio", "value": 0.25, "measured_at_months": 12},
        transport={"tau": 0.5, "omega": 0.1},
        profile={"full_after_months": 12, "half_life_months": 12},
    )
    values = VALUES | {
        "effect": 0.25,
        "transport.tau": 0.5,
        "transport.omega": 0.1,
        "transport.noise": 0.0,
    }
    path = realised(model, values, effort=0.5)
    np.testing.assert_allclose(path.expected[0, :, 0], [2 * 0.25**0.25, 2 * 0.25**0.125])
    lucky = realised(model, values | {"transport.noise": 2.0}, effort=0.5)
    np.testing.assert_allclose(lucky.expected[0, 0, 0], 2 * 0.25**0.25 * np.exp(0.2 * 0.5))


def test_cohorts_may_have_means_of_their_own() -> None:
    """A counterfactual drawn by cohort gives each cohort its own law."""
    path = realised(_model(), VALUES | {"counterfactual": [[2.0], [4.0]]})
    np.testing.assert_allclose(path.expected[:, 0, 0], [1.5, 3.0])
    assert path.treated[0] is not path.treated[1]


def test_a_careful_reader_is_told_which_way_it_may_go() -> None:
    """A rate ratio that is below 1 half the time lowers the mean half the time."""
    spread = {"scale": "rate_ratio", "dist": "lognormal", "log_mean": 0.0, "log_sd": 0.2}
    assert _model().p_lower() == 1
    assert _model(effect=spread).p_lower() == pytest.approx(0.5)
    direct = {"dist": "uniform", "min": 1.0, "max": 3.0}
    model = _model(effect=None, with_intervention=direct)
    assert model.p_lower() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"effect": None}, "got neither of effect and with_intervention"),
        ({"with_intervention": 1.0}, "got both"),
        ({"persistence": None}, "without persistence"),
        ({"counterfactual": [1.0, 2.0, 3.0]}, "3 values of counterfactual for 2 follow-ups"),
        ({"counterfactual": -1.0}, "allowed is"),
        ({"dispersion": 0}, "between 0.01"),
        ({"dispersion": 1e9}, "between 0.01"),
        ({"effect": {"scale": "odds_ratio", "value": 2.0}}, "rate_ratio, mean_difference"),
        ({"effect": {"scale": "standardised_difference", "value": 0.2}}, "convert it"),
        ({"effect": {"scale": "rate_ratio", "value": 0.0}}, "state with_intervention = 0"),
        ({"effect": None, "with_intervention": 1, "transport": {"tau": 0.5}}, "without an effect"),
        (
            {
                "effect": {"scale": "rate_ratio", "value": 0.8, "measured_at_months": 0},
                "profile": {"full_after_months": 6},
            },
            "profile is zero",
        ),
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(changes: dict[str, Any], words: str) -> None:
    """Each rule of a count is a fault that says what is wrong."""
    with pytest.raises(ValidationError, match=words):
        _model(**changes)
