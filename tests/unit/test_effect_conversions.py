"""Effects from one scale to another and back, with their variances."""

from __future__ import annotations

import itertools
import math
from typing import Any, get_args

import numpy as np
import pytest

from sibsim.core.effect_conversions import (
    Moments,
    RiskScale,
    convert,
    d_to_g,
    from_logarithm,
    g_to_d,
    small_sample_factor,
    to_logarithm,
)
from sibsim.core.effect_sizes import EffectSize
from sibsim.core.effects import apply
from sibsim.errors import ArgumentError, UnknownNameError

SCALES = get_args(RiskScale)

ROUND_TRIP = 1e-12
"""Relative; there and back is a dozen operations, each of which costs about 1e-16 times the
condition of a logit at these risks, below 100."""

EXACT = 1e-12
"""Relative; a closed form computed two ways."""

STEP = 1e-6
"""Step of central differences: their error is of order STEP^2 plus 1e-16 / STEP, near 1e-10."""

DIFFERENCES = 1e-8
"""Relative; a hundred times the error of central differences."""

BASELINES = np.array([0.05, 0.3, 0.65])

RISKS = np.array([0.08, 0.22, 0.7])
"""With the intervention, at each baseline."""


def effect(estimate: object, variance: object = 0.04) -> EffectSize:
    """Return an effect with arrays."""
    return EffectSize(np.asarray(estimate, dtype=np.float64), np.asarray(variance))


def on(scale: RiskScale) -> EffectSize:
    """Return the effect of `RISKS` against `BASELINES` on a scale, with variances."""
    difference = effect(RISKS - BASELINES, np.array([1e-4, 4e-4, 9e-4]))
    return convert(difference, given="risk_difference", wanted=scale, baseline=BASELINES)


@pytest.mark.parametrize(("given", "wanted"), list(itertools.permutations(SCALES, 2)))
def test_there_and_back(given: RiskScale, wanted: RiskScale) -> None:
    """Estimate and variance return from every scale."""
    start = on(given)
    there = convert(start, given=given, wanted=wanted, baseline=BASELINES)
    back = convert(there, given=wanted, wanted=given, baseline=BASELINES)
    np.testing.assert_allclose(back.estimate, start.estimate, rtol=ROUND_TRIP)
    np.testing.assert_allclose(back.variance, start.variance, rtol=ROUND_TRIP)


@pytest.mark.parametrize("scale", SCALES)
def test_a_converted_effect_leads_to_the_same_risk(scale: RiskScale) -> None:
    """A case that applies the effect on any scale gets the risk it came from."""
    found = on(scale).estimate
    natural = np.exp(found) if scale.endswith("_ratio") else found
    risks, _ = apply(BASELINES, natural, scale=scale)
    np.testing.assert_allclose(risks, RISKS, rtol=EXACT)


@pytest.mark.parametrize(("given", "wanted"), list(itertools.permutations(SCALES, 2)))
def test_variance_is_the_squared_slope(given: RiskScale, wanted: RiskScale) -> None:
    """The delta method, against central differences in the effect and in the baseline."""
    start = on(given)

    def converted(shift: float, *, moved: float = 0.0) -> np.ndarray:
        return convert(
            effect(start.estimate + shift), given=given, wanted=wanted, baseline=BASELINES + moved
        ).estimate

    slope = (converted(STEP) - converted(-STEP)) / (2 * STEP)
    by_baseline = (converted(0.0, moved=STEP) - converted(0.0, moved=-STEP)) / (2 * STEP)
    found = convert(start, given=given, wanted=wanted, baseline=BASELINES, baseline_variance=0.0025)
    expected = slope**2 * start.variance
    if {given, wanted} & {"risk_difference", "risk_ratio", "hazard_ratio"}:
        expected = expected + by_baseline**2 * 0.0025
    np.testing.assert_allclose(found.variance, expected, rtol=DIFFERENCES)


def test_no_effect_is_none_on_every_scale() -> None:
    """0 stays 0, and its variance does not feel the baseline's."""
    for given, wanted in itertools.permutations(SCALES, 2):
        known = convert(effect(0.0), given=given, wanted=wanted, baseline=0.3)
        unsure = convert(
            effect(0.0), given=given, wanted=wanted, baseline=0.3, baseline_variance=0.01
        )
        assert float(known.estimate) == pytest.approx(0.0, abs=ROUND_TRIP)
        assert float(unsure.variance) == pytest.approx(float(known.variance), rel=EXACT)


def test_odds_ratio_to_risk_difference_as_in_the_handbook() -> None:
    """Cochrane Handbook 5.1, 12.5.4.3: odds ratio 0.73 at a risk of 0.3 is 62 fewer of 1,000."""
    found = convert(
        effect(math.log(0.73)), given="odds_ratio", wanted="risk_difference", baseline=0.3
    )
    assert round(1000 * float(found.estimate)) == -62


def test_odds_ratio_to_risk_ratio_by_zhang_and_yu() -> None:
    """RR = OR / (1 - p0 + p0 OR)."""
    found = convert(effect(math.log(3.0)), given="odds_ratio", wanted="risk_ratio", baseline=0.2)
    assert float(found.estimate) == pytest.approx(math.log(3.0 / (0.8 + 0.6)), rel=EXACT)


def test_hazard_ratio_to_risk_ratio_by_hand() -> None:
    """Risk 0.36 and hazard ratio 0.5: 1 - p1 = 0.64^0.5 = 0.8, risk ratio 0.2 / 0.36."""
    found = convert(effect(math.log(0.5)), given="hazard_ratio", wanted="risk_ratio", baseline=0.36)
    assert float(found.estimate) == pytest.approx(math.log(0.2 / 0.36), rel=EXACT)


@pytest.mark.parametrize(
    ("scale", "factor"),
    [("standardised_difference", math.pi / math.sqrt(3)), ("standardised_difference_cox", 1.65)],
)
def test_log_odds_are_d_in_another_unit(scale: RiskScale, factor: float) -> None:
    """Dividing ln OR by 1.81 (Chinn 2000: pi / sqrt 3) or 1.65 (Cox), at any baseline."""
    found = convert(effect(1.2, 0.09), given="odds_ratio", wanted=scale)
    assert float(found.estimate) == pytest.approx(1.2 / factor, rel=EXACT)
    assert float(found.variance) == pytest.approx(0.09 / factor**2, rel=EXACT)
    at_baseline = convert(found, given=scale, wanted="risk_ratio", baseline=0.2)
    direct = convert(effect(1.2, 0.09), given="odds_ratio", wanted="risk_ratio", baseline=0.2)
    assert float(at_baseline.estimate) == pytest.approx(float(direct.estimate), rel=EXACT)
    assert float(at_baseline.variance) == pytest.approx(float(direct.variance), rel=EXACT)


def test_the_baseline_is_asked_for_where_it_decides() -> None:
    """Between odds ratio and risk ratio it decides; between a scale and itself nothing happens."""
    with pytest.raises(ArgumentError, match="give baseline"):
        convert(effect(0.5), given="odds_ratio", wanted="risk_ratio")
    start = effect(0.5)
    assert convert(start, given="risk_ratio", wanted="risk_ratio") is start


@pytest.mark.parametrize("baseline", [0.0, 1.0, -0.1, 35.0, math.nan])
def test_impossible_baselines_are_refused(baseline: float) -> None:
    """A risk lies between 0 and 1."""
    with pytest.raises(ArgumentError, match="baseline"):
        convert(effect(0.5), given="odds_ratio", wanted="risk_ratio", baseline=baseline)


def test_an_impossible_risk_is_refused() -> None:
    """A risk ratio of 3 at 0.5 would be a risk of 1.5."""
    with pytest.raises(ArgumentError, match=r"a risk of 1\.5"):
        convert(effect(math.log(3)), given="risk_ratio", wanted="odds_ratio", baseline=[0.1, 0.5])


def test_unknown_scales_and_variances_are_refused() -> None:
    """The nearest scale is named; a variance below zero is none."""
    with pytest.raises(UnknownNameError, match="did you mean 'risk_ratio'"):
        convert(effect(0.1), given="risk_rato", wanted="odds_ratio")  # type: ignore[arg-type]  # the point
    with pytest.raises(ArgumentError, match="baseline_variance = -1"):
        convert(
            effect(0.1),
            given="odds_ratio",
            wanted="risk_ratio",
            baseline=0.3,
            baseline_variance=-1,
        )


@pytest.mark.parametrize(
    ("df", "expected"),
    [
        (2, 1 / math.sqrt(math.pi)),
        (3, 0.5 * math.sqrt(math.pi) / math.sqrt(1.5)),
        (4, math.sqrt(2 / math.pi)),
    ],
)
def test_small_sample_factor(df: float, expected: float) -> None:
    """Closed forms of the gamma function at half integers."""
    assert float(small_sample_factor(df)) == pytest.approx(expected, rel=EXACT)


def test_small_sample_factor_is_near_its_approximation() -> None:
    """1 - 3 / (4 f - 1) is too large by 1 / (32 f^2), the first term in which the series differ."""
    df = np.array([1e2, 1e3])
    excess = 1 - 3 / (4 * df - 1) - small_sample_factor(df)
    np.testing.assert_allclose(32 * df**2 * excess, 1.0, rtol=1 / df.min())  # the next term


def test_g_has_no_bias() -> None:
    """E d = delta / J: the mean of a noncentral t, by quadrature over the chi of the deviation."""
    df, delta = 6.0, 0.8
    points = np.linspace(1e-6, 40.0, 400_001)
    density = points ** (df - 1) * np.exp(-(points**2) / 2)
    density /= np.trapezoid(density, points)
    mean_of_d = delta * np.trapezoid(density * math.sqrt(df) / points, points)
    assert mean_of_d * float(small_sample_factor(df)) == pytest.approx(delta, rel=1e-8)


def test_d_and_g_there_and_back() -> None:
    """Estimate and variance return."""
    start = effect([0.2, 0.9], [0.04, 0.09])
    back = g_to_d(d_to_g(start, df=[8, 40]), df=[8, 40])
    np.testing.assert_allclose(back.estimate, start.estimate, rtol=ROUND_TRIP)
    np.testing.assert_allclose(back.variance, start.variance, rtol=ROUND_TRIP)
    with pytest.raises(ArgumentError, match="got df = 1"):
        d_to_g(start, df=1)


@pytest.mark.parametrize("moments", ["lognormal", "delta"])
def test_logarithm_there_and_back(moments: Moments) -> None:
    """Mean and variance return from the natural scale."""
    start = effect([-0.43, 0.7], [0.0016, 0.25])
    back = to_logarithm(from_logarithm(start, moments=moments), moments=moments)
    np.testing.assert_allclose(back.estimate, start.estimate, rtol=ROUND_TRIP)
    np.testing.assert_allclose(back.variance, start.variance, rtol=ROUND_TRIP)


def test_lognormal_moments_are_exact() -> None:
    """Against Gauss-Hermite quadrature of exp over the normal."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    values = np.exp(0.7 + 0.5 * nodes)
    mean = float((weights * values).sum())
    found = from_logarithm(effect(0.7, 0.25), moments="lognormal")
    assert float(found.estimate) == pytest.approx(mean, rel=EXACT)
    spread = float((weights * (values - mean) ** 2).sum())
    assert float(found.variance) == pytest.approx(spread, rel=EXACT)


def test_delta_moments_by_hand() -> None:
    """exp(m) and v exp(2 m): ln 2 with variance 0.01 is 2 with variance 0.04."""
    found = from_logarithm(effect(math.log(2.0), 0.01), moments="delta")
    assert float(found.estimate) == pytest.approx(2.0, rel=EXACT)
    assert float(found.variance) == pytest.approx(0.04, rel=EXACT)


def test_a_logarithm_is_not_taken_of_what_is_no_ratio() -> None:
    """A value below zero is a logarithm already."""
    with pytest.raises(ArgumentError, match="a ratio is above 0"):
        to_logarithm(effect(-0.43), moments="delta")
    with pytest.raises(UnknownNameError, match="lognormal"):
        from_logarithm(effect(0.1), moments="exact")  # type: ignore[arg-type]  # the point


def test_what_is_no_effect_says_what_one_is() -> None:
    """A ratio alone, or a pair without names, has no variance on a known scale."""
    for given in (2.07, (0.73, 0.004), None):
        effect: Any = given
        says = r"an effect is sib\.evidence\.EffectSize"
        with pytest.raises(ArgumentError, match=says):
            convert(effect, given="risk_ratio", wanted="odds_ratio", baseline=0.2)
        with pytest.raises(ArgumentError, match=says):
            d_to_g(effect, df=10)
        with pytest.raises(ArgumentError, match=says):
            from_logarithm(effect, moments="delta")
        with pytest.raises(ArgumentError, match=says):
            to_logarithm(effect, moments="delta")


def test_short_names_of_scales_are_told() -> None:
    """OR is read as odds_ratio by nobody but the reader of the message."""
    effect = EffectSize(np.array(0.7), np.array(0.01))
    with pytest.raises(UnknownNameError, match="did you mean 'odds_ratio'"):
        convert(effect, given="OR", wanted="risk_ratio", baseline=0.2)  # type: ignore[arg-type]  # the point
