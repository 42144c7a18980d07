"""Meta-analyses with known digits: thirteen trials of the BCG vaccine, eight schools.

BCG as in the R package metafor 3.8 (Viechtbauer 2010, Conducting meta-analyses in R with the
metafor package, Journal of Statistical Software 36(3)); eight schools: Rubin 1981, Estimation in
parallel randomized experiments, Journal of Educational Statistics 6(4). Five of metafor's digits
are those of a search that stops early; here stands what the search finds when it goes on, and that
its early stop gives the digits of metafor.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import chi2

from sibsim.core.arrays import FloatArray
from sibsim.evidence.common_effect import mantel_haenszel
from sibsim.evidence.heterogeneity import Contrasts
from sibsim.evidence.meta import meta_analysis
from sibsim.evidence.studies import Studies
from sibsim.evidence.weighting import Method
from tests.bcg import LATITUDES, bcg

METAFOR_ROOT = float(np.finfo(np.float64).eps ** 0.25)
"""Tolerance of R's uniroot, with which metafor searches for Paule-Mandel and the profile of Q."""

METAFOR_STEP = 1e-5
"""Change of tau^2 at which metafor stops searching for the restricted likelihood."""


def digits(*values: float | None, number: int = 6) -> list[str]:
    """Return values rounded to so many decimals, as they are printed."""
    return [f"{value:.{number}f}" for value in values if value is not None]


def q_of_bcg(tau2: float) -> float:
    """Return Q of the trials at a tau^2, by its definition."""
    trials = bcg()
    weights = 1 / (trials.variance + tau2)
    mean = (weights * trials.estimate).sum() / weights.sum()
    return float((weights * (trials.estimate - mean) ** 2).sum())


def eight_schools() -> Studies:
    """Return the effects of coaching in eight schools."""
    return Studies(
        scale="mean_difference",
        names=tuple("ABCDEFGH"),
        estimate=np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0]),
        variance=np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0]) ** 2,
    )


def fisher_scoring(design: FloatArray, *, stop: float) -> float:
    """Return tau^2 of the trials by the steps that metafor makes, from Hedges' estimate on."""
    trials = bcg()
    y, v = trials.estimate, trials.variance
    count, columns = design.shape
    free = np.eye(count) - design @ np.linalg.inv(design.T @ design) @ design.T
    tau2 = max(0.0, float(y @ free @ y - (np.diag(free) * v).sum()) / (count - columns))
    change = np.inf
    while change >= stop:
        w = np.diag(1 / (v + tau2))
        p = w - w @ design @ np.linalg.inv(design.T @ w @ design) @ design.T @ w
        following = max(0.0, tau2 + float((y @ p @ p @ y - np.trace(p)) / np.trace(p @ p)))
        tau2, change = following, abs(following - tau2)
    return float(tau2)


@pytest.mark.parametrize(
    ("method", "tau2", "estimate", "error"),
    [
        ("fixed", "0.000000", "-0.430285", "0.040499"),
        ("dl", "0.308760", "-0.714117", "0.178742"),
        ("reml", "0.313243", "-0.714532", "0.179782"),
        ("ml", "0.280028", None, None),
        ("he", "0.328564", None, None),
        ("sj", "0.345516", None, None),
    ],
)
def test_bcg_in_every_method(
    method: Method, tau2: str, estimate: str | None, error: str | None
) -> None:
    """The log risk ratio and tau^2 to every digit of metafor."""
    found = meta_analysis(bcg(), method=method)
    assert digits(found.tau2) == [tau2]
    if estimate is not None:
        assert digits(found.estimate, found.standard_error) == [estimate, error]


def test_bcg_by_restricted_likelihood() -> None:
    """Everything that is said of it, to every digit."""
    found = meta_analysis(bcg())
    assert digits(found.tau2_error) == ["0.166426"]
    assert digits(found.low, found.high) == ["-1.066898", "-0.362167"]
    assert digits(found.next_low, found.next_high) == ["-1.866692", "0.437628"]
    assert digits(found.q, number=4) == ["152.2330"]
    assert digits(100 * found.i2, number=2) == ["92.22"]


def test_bcg_by_knapp_and_hartung() -> None:
    """Error, interval and that of the next place, to every digit."""
    found = meta_analysis(bcg(), knapp_hartung=True)
    assert digits(found.standard_error) == ["0.180792"]
    assert digits(found.low, found.high) == ["-1.108444", "-0.320621"]
    assert digits(found.next_low, found.next_high) == ["-1.996017", "0.566952"]


def test_bcg_by_paule_and_mandel() -> None:
    """Q is 12 to rounding; metafor's 0.318094 is where a root search of its tolerance stops."""
    found = meta_analysis(bcg(), method="pm").tau2
    assert q_of_bcg(found) == pytest.approx(12, abs=1e-12)
    early = brentq(lambda tau2: q_of_bcg(tau2) - 12, 0, 100, xtol=METAFOR_ROOT)
    assert digits(early) == ["0.318094"]
    assert abs(found - early) < METAFOR_ROOT


def test_bcg_interval_of_tau2() -> None:
    """Q is at its quantiles to rounding; metafor's 0.119695 and 1.111486 are such stops too."""
    found = meta_analysis(bcg())
    ends = (found.tau2_low, found.tau2_high)
    for end, above, published in zip(ends, (0.975, 0.025), ("0.119695", "1.111486"), strict=True):
        target = chi2.ppf(above, 12)
        assert q_of_bcg(end) == pytest.approx(target, abs=1e-11)
        early = brentq(lambda tau2, at=target: q_of_bcg(tau2) - at, 0, 100, xtol=METAFOR_ROOT)
        assert digits(early) == [published]
        assert abs(end - early) < METAFOR_ROOT


def test_bcg_and_latitude() -> None:
    """Slope and what it leaves, to every digit that does not hang on metafor's early stop."""
    found = meta_analysis(bcg(), moderators="latitude")
    intercept, slope = found.coefficients
    assert (intercept.name, slope.name) == ("intercept", "latitude")
    assert digits(slope.estimate) == ["-0.029102"]
    assert digits(found.q, number=4) == ["30.7331"]
    # metafor: 0.251464 (0.249104), error of the slope 0.007196: its tau^2 is 7e-6 off.
    assert intercept.estimate == pytest.approx(0.251464, abs=METAFOR_STEP)
    assert intercept.standard_error == pytest.approx(0.249104, abs=METAFOR_STEP)
    assert slope.standard_error == pytest.approx(0.007196, abs=METAFOR_STEP)


def test_bcg_and_latitude_stopped_early() -> None:
    """The tau^2 of metafor, 0.076355, and 75.62 % are a search stopped at a step below 0.00001."""
    found = meta_analysis(bcg(), moderators="latitude")
    with_latitude = np.column_stack([np.ones(13), LATITUDES])
    early, alone = (
        fisher_scoring(design, stop=METAFOR_STEP) for design in (with_latitude, np.ones((13, 1)))
    )
    assert digits(early) == ["0.076355"]
    assert digits(100 * (1 - early / alone), number=2) == ["75.62"]
    assert found.tau2 == pytest.approx(fisher_scoring(with_latitude, stop=1e-14), abs=1e-12)
    assert found.moderator_test is not None
    assert found.moderator_test.r2 is not None
    assert digits(found.tau2) == ["0.076348"]
    assert digits(100 * found.moderator_test.r2, number=2) == ["75.63"]


def test_bcg_by_mantel_and_haenszel() -> None:
    """Risk ratio with its interval, to every digit."""
    found = mantel_haenszel(bcg())
    ratio, low, high = (found.shown(each) for each in (found.estimate, found.low, found.high))
    assert digits(ratio, low, high) == ["0.635267", "0.588129", "0.686184"]


@pytest.mark.parametrize("method", ["fixed", "dl", "reml"])
def test_eight_schools(method: Method) -> None:
    """Schools do not differ more than chance allows, so that all methods agree, to every digit."""
    found = meta_analysis(eight_schools(), method=method)
    assert digits(found.estimate, found.standard_error) == ["7.685617", "4.071919"]
    assert digits(found.q) == ["4.707079"]
    assert found.tau2 == 0.0


def test_contrasts_are_the_definition_of_q() -> None:
    """The sum over contrasts is the weighted residual sum of squares, to rounding."""
    trials = bcg()
    contrasts = Contrasts.of(trials.estimate, variance=trials.variance, design=np.ones((13, 1)))
    for tau2 in (0.0, 0.01, 0.3, 5.0):
        assert float(contrasts.q(np.array(tau2))) == pytest.approx(q_of_bcg(tau2), rel=1e-12)
