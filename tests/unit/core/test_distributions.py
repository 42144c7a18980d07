"""Distributions: quantile functions against closed forms and scipy as the oracle."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats
from scipy.special import betaincinv, gammaincinv

from sibsim.core.atoms import JointEmpirical
from sibsim.core.distributions import Distribution
from sibsim.core.forms import FAMILIES, read_distribution
from sibsim.core.metalog import SKEW_LIMIT, Metalog
from sibsim.core.priors import priors
from sibsim.core.tabulated import Beta, Gamma

LEVELS = np.array([1e-6, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1 - 1e-6])

FORMS: dict[str, dict[str, Any]] = {
    "normal": {"dist": "normal", "mean": 2, "sd": 3},
    "truncated_normal": {"dist": "truncated_normal", "mean": 2, "sd": 3, "lower": 0, "upper": 4},
    "upper_tail": {"dist": "truncated_normal", "mean": -9, "sd": 1, "lower": 0, "upper": 2},
    "lognormal": {"dist": "lognormal", "log_mean": 0.542, "log_sd": 0.185},
    "beta": {"dist": "beta", "alpha": 2, "beta": 5},
    "pert": {"dist": "pert", "min": 1, "mode": 2, "max": 5},
    "triangular": {"dist": "triangular", "min": 1, "mode": 2, "max": 5},
    "uniform": {"dist": "uniform", "min": 1, "max": 5},
    "gamma": {"dist": "gamma", "mean": 3, "sd": 2},
}
ORACLES: dict[str, Any] = {
    "normal": stats.norm(2, 3),
    "truncated_normal": stats.truncnorm(-2 / 3, 2 / 3, 2, 3),
    "upper_tail": stats.truncnorm(9, 11, -9, 1),
    "lognormal": stats.lognorm(0.185, scale=math.exp(0.542)),
    "beta": stats.beta(2, 5),
    "pert": stats.beta(2, 4, 1, 4),
    "triangular": stats.triang(0.25, 1, 4),
    "uniform": stats.uniform(1, 4),
    "gamma": stats.gamma(2.25, scale=4 / 3),
}

CONTINUOUS: list[dict[str, Any]] = [
    *FORMS.values(),
    {"p10": 0.3, "p50": 0.4, "p90": 0.55},
    {"dist": "beta", "p10": 0.2, "p90": 0.7},
    {"dist": "gamma", "p10": 0.2, "p90": 7.0},
    {
        "dist": "mixture",
        "parts": [
            {"weight": 0.7, "dist": "normal", "mean": 1, "sd": 0.05},
            {"weight": 0.3, "p10": 0.2, "p50": 0.5, "p90": 0.9},
        ],
    },
]


def refusal(form: dict[str, Any], **bounds: float) -> str:
    """Return the text with which a form is refused."""
    with pytest.raises((ValidationError, ValueError)) as caught:
        read_distribution(form, **bounds)
    return str(caught.value)


@pytest.mark.parametrize("name", FORMS)
def test_family_agrees_with_the_oracle(name: str) -> None:
    """Quantile and distribution function are those of scipy.stats."""
    own, oracle = read_distribution(FORMS[name]), ORACLES[name]
    # 3e-7 is the stated accuracy of the tables; closed forms are far nearer.
    np.testing.assert_allclose(own.ppf(LEVELS), oracle.ppf(LEVELS), rtol=3e-7)
    x = oracle.ppf(LEVELS)
    np.testing.assert_allclose(own.cdf(x), oracle.cdf(x), rtol=1e-9, atol=1e-12)
    assert own.median == pytest.approx(oracle.median(), rel=3e-7)


@pytest.mark.parametrize("form", CONTINUOUS, ids=str)
def test_distribution_function_undoes_the_quantile_function(form: dict[str, Any]) -> None:
    """Cdf(ppf(u)) is u, and the median is the quantile at one half."""
    own = read_distribution(form)
    # The table's 3e-7 in x is at most about 1e-6 in u for these densities.
    np.testing.assert_allclose(own.cdf(own.ppf(LEVELS)), LEVELS, atol=1e-6)
    assert own.median == pytest.approx(float(own.ppf(np.array(0.5))), rel=1e-9)


@pytest.mark.parametrize(
    ("alpha", "beta"), [(1, 1), (0.5, 0.5), (0.05, 2), (30, 0.2), (200, 300), (3, 1e5), (1e6, 1e6)]
)
def test_beta_table_is_as_accurate_as_stated(alpha: float, beta: float, seed: int) -> None:
    """The table differs from the inverse incomplete beta function by less than 3e-7 of it."""
    u = np.sort(np.random.default_rng(seed).random(5000))
    own, exact = Beta(alpha=alpha, beta=beta).ppf(u), betaincinv(alpha, beta, u)
    kept = exact > 1e-300
    np.testing.assert_allclose(own[kept], exact[kept], rtol=3e-7)
    assert np.all(np.diff(own) >= 0)


@pytest.mark.parametrize("shape", [0.05, 0.3, 1, 2.5, 50, 1e4, 1e6])
def test_gamma_table_is_as_accurate_as_stated(shape: float, seed: int) -> None:
    """The table differs from the inverse incomplete gamma function by less than 3e-7 of it."""
    u = np.sort(np.random.default_rng(seed).random(5000))
    own, exact = Gamma(mean=shape, sd=math.sqrt(shape)).ppf(u), gammaincinv(shape, u)
    np.testing.assert_allclose(own, exact, rtol=3e-7)
    assert np.all(np.diff(own) >= 0)


@pytest.mark.parametrize("bounds", [(-math.inf, math.inf), (0.0, math.inf), (0.0, 1.0)])
def test_metalog_is_exact_at_its_quantiles_and_keeps_to_its_bounds(
    bounds: tuple[float, float], seed: int
) -> None:
    """The three stated quantiles come out, the function rises and never leaves the support."""
    lower, upper = bounds
    own = Metalog(p10=0.3, p50=0.36, p90=0.55, lower=lower, upper=upper)
    quantiles = own.ppf(np.array([0.1, 0.5, 0.9]))
    np.testing.assert_allclose(quantiles, [0.3, 0.36, 0.55], rtol=1e-14)
    values = own.ppf(np.sort(np.random.default_rng(seed).random(10_000)))
    assert np.all(np.diff(values) > 0)
    assert lower <= values[0] < values[-1] <= upper


def test_symmetric_unbounded_metalog_is_logistic() -> None:
    """With p50 in the middle the third term is zero: a logistic distribution."""
    own = Metalog(p10=-1.0, p50=0.0, p90=1.0)
    oracle = stats.logistic(scale=1 / math.log(9))
    np.testing.assert_allclose(own.ppf(LEVELS), oracle.ppf(LEVELS), rtol=1e-12)


def test_skew_limit_is_where_the_metalog_stops_rising() -> None:
    """One over the largest value of (y - 1/2) + y (1 - y) logit y, found on a fine grid."""
    y = np.linspace(0.5, 0.999, 2_000_001)
    bend = (y - 0.5) + y * (1 - y) * np.log(y / (1 - y))
    # The constant has four decimals.
    assert pytest.approx(1 / bend.max(), abs=5e-5) == SKEW_LIMIT


@pytest.mark.parametrize("bounds", [(-math.inf, math.inf), (0.0, math.inf), (0.0, 1.0)])
def test_infeasible_triple_is_told_a_range_that_works(bounds: tuple[float, float]) -> None:
    """Both ends of the range in the message are accepted, a step outside is not."""
    lower, upper = bounds
    text = refusal({"p10": 0.3, "p50": 0.301, "p90": 0.9}, lower=lower, upper=upper)
    words = text.split()
    low, high = (
        float(words[words.index("from") + 1]),
        float(words[words.index("to") + 1].strip(";")),
    )
    for p50 in (low, high):
        accepted = Metalog(p10=0.3, p50=p50, p90=0.9, lower=lower, upper=upper)
        assert accepted.ppf(np.array([0.5]))[0] == pytest.approx(p50, abs=1e-12)
    # The ends are rounded inwards to a thousandth of the range.
    for p50 in (low - 0.002, high + 0.002):
        again = refusal({"p10": 0.3, "p50": p50, "p90": 0.9}, lower=lower, upper=upper)
        assert words[words.index("from") + 1] in again


@pytest.mark.parametrize("family", ["normal", "lognormal", "beta", "gamma"])
@pytest.mark.parametrize("quantiles", [(0.2, 0.7), (0.301, 0.302), (0.001, 0.9), (0.97, 0.995)])
def test_two_quantiles_are_met(family: str, quantiles: tuple[float, float]) -> None:
    """The fitted family has the stated p10 and p90."""
    own = read_distribution({"dist": family, "p10": quantiles[0], "p90": quantiles[1]})
    # Root finding to 1e-12 and the table's 3e-7.
    np.testing.assert_allclose(own.ppf(np.array([0.1, 0.9])), quantiles, rtol=4e-7)


def test_atoms_step_where_their_probabilities_add_up() -> None:
    """Values come in order with their probabilities; at a boundary the lower one."""
    own = read_distribution({"dist": "discrete", "values": [3, 1], "probabilities": [0.25, 0.75]})
    np.testing.assert_array_equal(own.ppf(np.array([0.1, 0.75, 0.76])), [1, 1, 3])
    np.testing.assert_array_equal(own.cdf(np.array([0.9, 1.0, 2.9, 3.0])), [0, 0.75, 0.75, 1])
    weighted = read_distribution({"dist": "empirical", "values": [3, 1], "weights": [1, 3]})
    np.testing.assert_array_equal(weighted.ppf(LEVELS), own.ppf(LEVELS))


def test_joint_rows_keep_the_order_of_the_table() -> None:
    """A row is chosen by position, not by size, and the last one by the largest uniform."""
    own = JointEmpirical(rows="ips", values=(5.0, 1.0, 3.0))
    np.testing.assert_array_equal(own.at_row(np.array([0.1, 0.5, 1 - 2**-53])), [5, 1, 3])


def test_mixture_finds_an_atom_and_the_quantile_of_its_parts() -> None:
    """Half a point mass at 1, half uniform on [1, 3]: u = 3/4 is at 2, below one half at 1."""
    own = read_distribution(
        {
            "dist": "mixture",
            "parts": [
                {"weight": 0.5, "value": 1},
                {"weight": 0.5, "dist": "uniform", "min": 1, "max": 3},
            ],
        }
    )
    np.testing.assert_allclose(own.ppf(np.array([0.2, 0.5, 0.75])), [1, 1, 2], rtol=1e-14)


def test_shipped_priors_have_the_published_quantiles() -> None:
    """The quantiles of volume and delay are those computed from the INDIGO data, with n, source."""
    volume = read_distribution({"prior": "indigo-volume"})
    levels = np.array([0.05, 0.10, 0.25, 0.50, 0.75, 0.90])
    np.testing.assert_allclose(volume.ppf(levels), [0.32, 0.65, 0.88, 1.00, 1.01, 1.24])
    assert volume.support == (0.16, 2.0)
    delay = read_distribution({"prior": "indigo-start-delay"})
    np.testing.assert_allclose(delay.ppf(levels[1:]), [-3, 0, 1, 3, 9])
    assert delay.support == (-6.0, 24.0)
    assert {name: prior.n for name, prior in priors().items()} == {
        "indigo-volume": 48,
        "indigo-start-delay": 215,
        "indigo-overrun": 29,
        "indigo-ramp-up": 28,
    }
    assert all(prior.url.startswith("https://") and prior.year for prior in priors().values())


def test_piecewise_distribution_function_is_linear_between_the_points() -> None:
    """Half way from p25 = 0.88 to p50 = 1.00 lies probability 0.375; outside it is 0 or 1."""
    volume = read_distribution({"prior": "indigo-volume"})
    np.testing.assert_allclose(
        volume.cdf(np.array([0.1, 0.94, 1.0, 2.0, 3.0])), [0, 0.375, 0.5, 1, 1]
    )


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"dist": "lognorm", "log_mean": 0, "log_sd": 1}, "did you mean 'lognormal'?"),
        ({"prior": "indigo-volum"}, "did you mean 'indigo-volume'?"),
        ({"p10": 0.4, "p50": 0.3, "p90": 0.5}, "quantiles rise"),
        ({"p10": 0.3, "p50": 0.3, "p90": 0.3}, "one plain number"),
        ({"p10": 0.3, "p50": 0.4}, "complete one of them"),
        ({"p10": 0.3, "p50": 0.4, "p90": 0.5, "upper": 1}, "not known there"),
        ({"dist": "beta", "p10": 0.3, "p90": 1.2}, "strictly between 0 and 1"),
        ({"dist": "beta", "p10": 0.3, "p50": 0.4, "p90": 0.5}, "drop p50 or dist"),
        ({"dist": "normal", "mean": 1, "sd": 0}, "greater than 0"),
        ({"dist": "normal", "mean": math.nan, "sd": 1}, "finite"),
        ({"dist": "uniform", "min": 3, "max": 1}, "swap them"),
        ({"dist": "pert", "min": 1, "mode": 9, "max": 5}, "between the ends"),
        ({"dist": "discrete", "values": [1, 2], "probabilities": [0.5, 0.4]}, "sum to 1"),
        ({"dist": "discrete", "values": [1, 2], "probabilities": [1]}, "one for each value"),
        ({"dist": "empirical", "values": [1], "weights": [0]}, "at least one is above zero"),
        ({"dist": "mixture", "parts": [{"weight": 0.9, "value": 1}]}, "sum to 1"),
        ({"dist": "mixture"}, "without a list of parts"),
        ({"dist": "gamma", "p10": 1, "p90": 1.0000000001}, "no gamma distribution is found"),
        (
            {"dist": "truncated_normal", "mean": 99, "sd": 1, "lower": 0, "upper": 1},
            "must reach the interval",
        ),
    ],
)
def test_bad_forms_are_refused_with_the_way_out(form: dict[str, Any], says: str) -> None:
    """Each fault names the rule it breaks."""
    assert says in refusal(form)


def test_every_family_has_an_example_here() -> None:
    """A family added to the table without a test would show."""
    atoms = {"discrete", "empirical", "joint"}
    assert set(FAMILIES) == {form["dist"] for form in FORMS.values()} | atoms
    assert all(issubclass(family, Distribution) for family in FAMILIES.values())
