"""Effects from counts, means and log-rank tests, and standard errors from limits and p values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sibsim.core.effect_conversions import d_to_g
from sibsim.core.effect_sizes import (
    CountScale,
    EffectSize,
    effect_of_counts,
    hazard_ratio_of_log_rank,
    mean_difference,
    shows_no_ratio,
    standardised_difference,
)
from sibsim.core.standard_errors import (
    design_effect,
    effective_number,
    hazard_ratio_variance,
    standard_error_of_limits,
    standard_error_of_p,
)
from sibsim.errors import ArgumentError, UnknownNameError
from tests.bcg import CASES_AND_OTHERS, bcg

PRINTED = 0.5e-4
"""Half a unit of the last of the four decimals that a book prints."""

EXACT = 1e-12
"""Relative; a dozen operations of 1e-16 each leave this much."""


def of_counts(
    *cells: float, scale: CountScale = "odds_ratio", correction: float = 0.5
) -> EffectSize:
    """Return the effect of events and people in two groups."""
    events, people, comparison_events, comparison_people = cells
    return effect_of_counts(
        events=events,
        people=people,
        comparison_events=comparison_events,
        comparison_people=comparison_people,
        scale=scale,
        correction=correction,
    )


@pytest.mark.parametrize(
    ("scale", "estimate", "variance", "half_a_unit"),
    [
        ("risk_ratio", -0.6932, 0.2800, 1.0e-4),  # the book rounds ln 0.5 = -0.69315 upwards
        ("odds_ratio", -0.7472, 0.3216, PRINTED),
        ("risk_difference", -0.0500, 0.001375, 0.5e-6),
    ],
)
def test_counts_as_in_the_textbook(
    scale: CountScale, estimate: float, variance: float, half_a_unit: float
) -> None:
    """Borenstein et al. 2009, ch. 5, table 5.2: 5 of 100 and 10 of 100 die."""
    found = of_counts(5, 100, 10, 100, scale=scale)
    assert float(found.estimate) == pytest.approx(estimate, abs=half_a_unit)
    assert float(found.variance) == pytest.approx(variance, abs=half_a_unit)


def test_many_studies_at_once() -> None:
    """The trials of BCG give the published fixed-effect log risk ratio, -0.430285 (0.040499)."""
    cases, others, comparison_cases, comparison_others = CASES_AND_OTHERS.T
    found = effect_of_counts(
        events=cases,
        people=cases + others,
        comparison_events=comparison_cases,
        comparison_people=comparison_cases + comparison_others,
        scale="risk_ratio",
    )
    weight = 1 / found.variance
    assert (weight * found.estimate).sum() / weight.sum() == pytest.approx(-0.430285, abs=0.5e-6)
    assert weight.sum() ** -0.5 == pytest.approx(0.040499, abs=0.5e-6)
    np.testing.assert_allclose(found.estimate, bcg().estimate, rtol=EXACT)
    np.testing.assert_allclose(found.variance, bcg().variance, rtol=EXACT)


@pytest.mark.parametrize("scale", ["risk_difference", "risk_ratio", "odds_ratio"])
def test_an_empty_cell_adds_to_all_four_of_that_study_only(scale: CountScale) -> None:
    """0 of 10 against 4 of 10 counts as 0.5 of 11 against 4.5 of 11; its neighbour is untouched."""
    found = effect_of_counts(
        events=[0, 3],
        people=[10, 10],
        comparison_events=[4, 4],
        comparison_people=[10, 10],
        scale=scale,
    )
    corrected = of_counts(0.5, 11, 4.5, 11, scale=scale)
    untouched = of_counts(3, 10, 4, 10, scale=scale)
    np.testing.assert_allclose(found.estimate, [corrected.estimate, untouched.estimate])
    np.testing.assert_allclose(found.variance, [corrected.variance, untouched.variance])


def test_the_caller_says_the_correction() -> None:
    """0.25 instead of 0.5: 0.25 of 10.5 against 4.25 of 10.5, by hand."""
    found = of_counts(0, 10, 4, 10, correction=0.25)
    assert float(found.estimate) == pytest.approx(math.log(0.25 * 6.25 / (10.25 * 4.25)), rel=EXACT)
    assert float(found.variance) == pytest.approx(4 + 1 / 10.25 + 1 / 4.25 + 0.16, rel=EXACT)


@pytest.mark.parametrize("cells", [(0, 10, 0, 12), (10, 10, 12, 12)])
def test_a_study_that_shows_no_ratio_is_refused(cells: tuple[float, ...]) -> None:
    """Nobody or everybody in both groups: no ratio; the difference is there."""
    with pytest.raises(ArgumentError, match="use the risk difference"):
        of_counts(*cells)
    assert float(of_counts(*cells, scale="risk_difference").variance) > 0


def test_where_no_ratio_shows() -> None:
    """Empty in both groups, or full in both; not full in one and empty in the other."""
    found = shows_no_ratio(
        events=[0, 10, 0, 10, 1],
        people=[10] * 5,
        comparison_events=[0, 12, 12, 0, 2],
        comparison_people=[12] * 5,
    )
    assert found.tolist() == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ((-1, 10, 2, 10), "events = -1"),
        ((1, 0, 2, 10), "people = 0"),
        ((1, 10, 11, 10), "comparison_events = 11"),
        ((1, 10, 2, math.nan), "comparison_people = nan"),
    ],
)
def test_impossible_counts_are_refused(cells: tuple[float, ...], message: str) -> None:
    """The error shows the argument and its value."""
    with pytest.raises(ArgumentError, match=message):
        of_counts(*cells)


def test_no_correction_of_an_empty_cell_is_refused() -> None:
    """Without a correction an empty cell leaves no logarithm."""
    with pytest.raises(ArgumentError, match="correction = 0"):
        of_counts(0, 10, 2, 10, correction=0.0)
    with pytest.raises(ArgumentError, match="correction = -1"):
        of_counts(0, 10, 2, 10, correction=-1.0)


def test_an_unknown_scale_names_the_nearest() -> None:
    """A scale that counts cannot give is not guessed."""
    with pytest.raises(UnknownNameError, match="did you mean 'odds_ratio'"):
        of_counts(1, 10, 2, 10, scale="odd_ratio")  # type: ignore[arg-type]  # the point


MEANS = {
    "mean": 103.0,
    "sd": 5.5,
    "people": 50.0,
    "comparison_mean": 100.0,
    "comparison_sd": 4.5,
    "comparison_people": 50.0,
}
"""Borenstein et al. 2009, ch. 4."""


def test_means_as_in_the_textbook() -> None:
    """Cohen's d 0.5970, variance 0.0418; g 0.5924, standard error 0.2028."""
    d = standardised_difference(**MEANS)
    assert float(d.estimate) == pytest.approx(0.5970, abs=PRINTED)
    assert float(d.variance) == pytest.approx(0.0418, abs=PRINTED)
    g = d_to_g(d, df=98)
    assert float(g.estimate) == pytest.approx(0.5924, abs=PRINTED)
    assert float(g.standard_error) == pytest.approx(0.2028, abs=PRINTED)


def test_mean_difference_keeps_the_unit() -> None:
    """3 points; variance 5.5^2 / 50 + 4.5^2 / 50 = 1.01."""
    found = mean_difference(**MEANS)
    assert float(found.estimate) == pytest.approx(3.0, rel=EXACT)
    assert float(found.variance) == pytest.approx(1.01, rel=EXACT)


def test_pooled_deviation_weighs_by_people() -> None:
    """An sd of 2 of 3 people and 4 of 11: s^2 = (2 x 4 + 10 x 16) / 12 = 14; d = 7 / sqrt 14."""
    found = standardised_difference(
        mean=7, sd=2, people=3, comparison_mean=0, comparison_sd=4, comparison_people=11
    )
    assert float(found.estimate) == pytest.approx(math.sqrt(3.5), rel=EXACT)
    assert float(found.variance) == pytest.approx(14 / 33 + 3.5 / 28, rel=EXACT)


@pytest.mark.parametrize(("name", "value"), [("sd", 0.0), ("comparison_people", 1.0)])
def test_impossible_spreads_are_refused(name: str, value: float) -> None:
    """A spread of nothing, or of one person."""
    with pytest.raises(ArgumentError, match=f"got {name} = {value:g}"):
        standardised_difference(**(MEANS | {name: value}))


def test_log_rank() -> None:
    """O - E = -6 with V = 12: ln HR -0.5, variance 1/12."""
    found = hazard_ratio_of_log_rank(observed_minus_expected=-6, variance=12)
    assert float(found.estimate) == pytest.approx(-0.5, rel=EXACT)
    assert float(found.variance) == pytest.approx(1 / 12, rel=EXACT)


def test_hazard_ratio_variance_from_events() -> None:
    """4 / events with equal groups; 1 / (events x 2/3 x 1/3) with two to one."""
    assert float(hazard_ratio_variance(events=100)) == pytest.approx(0.04, rel=EXACT)
    assert float(hazard_ratio_variance(events=90, share_treated=2 / 3)) == pytest.approx(0.05)


def test_standard_error_from_limits() -> None:
    """From -+ 1.959964 standard errors; 90 % limits are 1.644854 away."""
    assert float(standard_error_of_limits(lower=-1.959964, upper=1.959964)) == pytest.approx(
        1.0, abs=1e-6
    )
    found = standard_error_of_limits(lower=1 - 0.3289707, upper=1 + 0.3289707, level=0.9)
    assert float(found) == pytest.approx(0.2, abs=1e-7)


def test_limits_the_wrong_way_round_are_refused() -> None:
    """Lower above upper."""
    with pytest.raises(ArgumentError, match="swap them"):
        standard_error_of_limits(lower=2, upper=1)


def test_standard_error_from_a_p_value() -> None:
    """Cochrane Handbook 6.3.1: a risk difference of 0.03 with P = 0.008 has z 2.652, se 0.011."""
    found = float(standard_error_of_p(-0.03, p_value=0.008))
    assert 0.03 / found == pytest.approx(2.652, abs=0.5e-3)
    assert found == pytest.approx(0.011, abs=0.5e-3)


@pytest.mark.parametrize(("estimate", "p_value"), [(0.0, 0.5), (1.0, 0.0), (1.0, 1.0)])
def test_p_values_that_say_nothing_are_refused(estimate: float, p_value: float) -> None:
    """No effect at all, or a p value of 0 or 1."""
    with pytest.raises(ArgumentError):
        standard_error_of_p(estimate, p_value=p_value)


def test_effective_numbers_of_a_cluster_trial() -> None:
    """Cochrane Handbook 23.1.5: ICC 0.02, 29.8 a class: 1.576; 63/295 is 40.0/187.2."""
    assert float(design_effect(cluster_size=29.8, icc=0.02)) == pytest.approx(1.576, rel=EXACT)
    found = effective_number([63, 295, 84, 330], cluster_size=29.8, icc=0.02)
    np.testing.assert_allclose(found, [40.0, 187.2, 53.3, 209.4], atol=0.05)


def test_dividing_counts_multiplies_the_variance() -> None:
    """Both corrections are the same: the share stays, the variance grows by the design effect."""
    whole = of_counts(63, 295, 84, 330)
    counts = effective_number([63, 295, 84, 330], cluster_size=29.8, icc=0.02)
    fewer = of_counts(*counts)
    assert float(fewer.estimate) == pytest.approx(float(whole.estimate), rel=EXACT)
    assert float(fewer.variance) == pytest.approx(1.576 * float(whole.variance), rel=EXACT)


@pytest.mark.parametrize(
    ("size", "icc", "expected"), [(20, 0.05, 1.95), (50, 0.01, 1.49), (1, 0.3, 1)]
)
def test_design_effect(size: float, icc: float, expected: float) -> None:
    """1 + (m - 1) ICC; one person a cluster: no clusters."""
    assert float(design_effect(cluster_size=size, icc=icc)) == pytest.approx(expected, rel=EXACT)


@pytest.mark.parametrize(("size", "icc"), [(0.5, 0.1), (10, 1.0), (10, -0.1)])
def test_impossible_clusters_are_refused(size: float, icc: float) -> None:
    """Less than a person a cluster, or an ICC outside [0, 1)."""
    with pytest.raises(ArgumentError):
        design_effect(cluster_size=size, icc=icc)
