"""Monte Carlo errors and tail figures against closed forms and repeated simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtri

from sibsim.core.arrays import FloatArray
from sibsim.core.sampling import NET_DRAWS
from sibsim.core.statistics import (
    Estimate,
    expected_shortfall,
    loss_given_loss,
    mc_error_of_mean,
    mc_error_of_probability,
    mc_error_of_quantile,
    undefined_share,
    value_at_risk,
)

ROUNDING = 1e-12
"""A few hundred roundings of double precision."""

DENSITY_AT_ZERO = 1 / np.sqrt(2 * np.pi)
"""Density of the standard normal at its median."""

REPEATS = 400
"""Runs whose spread is compared with the error that each run states."""

SPREAD = 5 / np.sqrt(2 * (REPEATS - 1))
"""Five standard errors of a standard deviation from so many runs, as a share of it."""


def normals(seed: int, *, shape: tuple[int, ...]) -> FloatArray:
    """Return independent standard normal values."""
    return np.random.Generator(np.random.SFC64(seed)).standard_normal(shape)


def stratified(seed: int, *, nets: int, runs: int) -> FloatArray:
    """Return normals in nets of 512, in each one value from every 512th of the distribution."""
    generator = np.random.Generator(np.random.SFC64(seed))
    shape = (runs, nets, NET_DRAWS)
    uniforms = (np.arange(NET_DRAWS) + generator.random(shape)) / NET_DRAWS
    # one common shift per net: the nets differ, and their means by more than the strata alone
    shift = 0.1 * generator.standard_normal((runs, nets, 1))
    return (ndtri(uniforms) + shift).reshape(runs, nets * NET_DRAWS)


def test_error_of_a_mean_by_hand() -> None:
    """1, 2, 3, 4: standard deviation sqrt(5 / 3), divided by sqrt(4)."""
    found = mc_error_of_mean(np.array([1.0, 2.0, 3.0, 4.0]))
    assert found == pytest.approx(np.sqrt(5 / 3) / 2, rel=ROUNDING)


def test_error_of_a_mean_in_nets_comes_from_net_means() -> None:
    """Net means 0 and 2 have a mean with error 1; the incomplete third net is left out."""
    values = np.repeat([0.0, 2.0], NET_DRAWS)
    assert mc_error_of_mean(values, nets=True) == pytest.approx(1.0, rel=ROUNDING)
    longer = np.append(values, [1.0] * 10)
    assert mc_error_of_mean(longer, nets=True) == pytest.approx(1.0, rel=ROUNDING)


@pytest.mark.parametrize(("nets", "size"), [(False, 1), (True, NET_DRAWS)])
def test_one_repeat_tells_no_error(size: int, *, nets: bool) -> None:
    """One draw, or one net, has no spread."""
    assert np.isnan(mc_error_of_mean(np.ones(size), nets=nets))


@pytest.mark.parametrize(
    "error",
    [
        mc_error_of_mean,
        mc_error_of_probability,
        lambda values, nets=False: mc_error_of_quantile(values, probability=0.5, nets=nets),
    ],
)
@pytest.mark.parametrize("nets", [False, True])
def test_error_of_nothing_is_nan(error: Callable[..., float], *, nets: bool) -> None:
    """No draw, or none in which the figure is defined."""
    assert np.isnan(error(np.array([]), nets=nets))
    assert np.isnan(error(np.full(2 * NET_DRAWS, np.nan), nets=nets))


def test_undefined_draws_widen_the_error_as_fewer_draws_do(seed: int) -> None:
    """The error over defined draws is that of those draws alone, but for terms of order 1 / n."""
    values = normals(seed, shape=(1000,))
    holed = np.where(np.arange(1000) % 2, values, np.nan)
    alone = mc_error_of_mean(values[1::2])
    assert mc_error_of_mean(holed) == pytest.approx(alone, rel=2e-3)  # sqrt(499 / 500) and the like
    assert undefined_share(holed) == 0.5


def test_nets_stay_in_place_around_undefined_draws() -> None:
    """Undefined draws shorten their own net and move no draw into another one."""
    values = np.repeat([0.0, 2.0, 0.0, 2.0], NET_DRAWS)
    values[: NET_DRAWS // 2] = np.nan
    weights, means = np.array([0.5, 1, 1, 1]), np.array([0.0, 2, 0, 2])
    mean = weights @ means / weights.sum()
    influence = weights * (means - mean) / weights.mean()
    expected = influence.std(ddof=1) / 2
    assert mc_error_of_mean(values, nets=True) == pytest.approx(expected, rel=ROUNDING)


def test_error_of_a_probability_by_hand() -> None:
    """Three of ten: q = 5 / 14."""
    event = np.arange(10) < 3
    expected = np.sqrt(5 / 14 * 9 / 14 / 14)
    assert mc_error_of_probability(event) == pytest.approx(expected, rel=ROUNDING)
    holed = np.append(event.astype(float), [np.nan, np.nan])
    assert mc_error_of_probability(holed) == pytest.approx(expected, rel=ROUNDING)


def test_an_event_that_never_happens_is_not_called_exact() -> None:
    """0 of 100 has an error above zero."""
    assert mc_error_of_probability(np.zeros(100)) > 0.01


def test_error_of_the_median_is_the_asymptotic_one(seed: int) -> None:
    """1 / (2 f sqrt(n)) for a normal; the estimate itself varies by some n^(-1/4)."""
    n = 100_000
    found = mc_error_of_quantile(normals(seed, shape=(n,)), probability=0.5)
    assert found == pytest.approx(1 / (2 * DENSITY_AT_ZERO * np.sqrt(n)), rel=5 * n**-0.25)


def test_error_of_a_quantile_survives_ties() -> None:
    """Where most draws have one value its quantile is sure."""
    values = np.append(np.full(900, -1.0), np.linspace(0, 1, 100))
    assert mc_error_of_quantile(values, probability=0.5) == 0.0


FIGURES: dict[str, tuple[Callable[[FloatArray], float], Callable[..., float]]] = {
    "mean": (lambda x: float(x.mean()), mc_error_of_mean),
    "probability": (
        lambda x: float((x < -1).mean()),
        lambda x, nets: mc_error_of_probability(x < -1, nets=nets),
    ),
    "quantile": (
        lambda x: float(np.quantile(x, 0.95)),
        lambda x, nets: mc_error_of_quantile(x, probability=0.95, nets=nets),
    ),
    "value at risk": (
        lambda x: value_at_risk(x).value,
        lambda x, nets: value_at_risk(x, nets=nets).mc_error,
    ),
    "expected shortfall": (
        lambda x: expected_shortfall(x).value,
        lambda x, nets: expected_shortfall(x, nets=nets).mc_error,
    ),
    "loss given loss": (
        lambda x: loss_given_loss(x).value,
        lambda x, nets: loss_given_loss(x, nets=nets).mc_error,
    ),
}


@pytest.mark.parametrize("nets", [False, True])
@pytest.mark.parametrize("name", FIGURES)
def test_stated_error_is_the_spread_over_runs(seed: int, name: str, *, nets: bool) -> None:
    """Runs repeated with fresh randomness differ by as much as each run says on average."""
    draws = 20 * NET_DRAWS
    runs = (
        stratified(seed, nets=20, runs=REPEATS) if nets else normals(seed, shape=(REPEATS, draws))
    )
    figure, error = FIGURES[name]
    spread = np.std([figure(run) for run in runs], ddof=1)
    stated = np.sqrt(np.mean([error(run, nets=nets) ** 2 for run in runs]))
    # beyond chance: Woodruff's distance at one error and the terms of order 1 / n, below 3 %
    assert stated == pytest.approx(spread, rel=SPREAD + 0.03)


def test_tail_figures_by_hand() -> None:
    """Profits 1 ... 100 less 10: the worst five are -9 ... -5, nine of them are losses."""
    profit = np.arange(100.0, 0.0, -1.0) - 10.0
    assert expected_shortfall(profit).value == pytest.approx(7.0, rel=ROUNDING)
    assert value_at_risk(profit).value == pytest.approx(4.05, rel=ROUNDING)
    assert loss_given_loss(profit).value == pytest.approx(5.0, rel=ROUNDING)
    assert loss_given_loss(profit).undefined == pytest.approx(0.91, rel=ROUNDING)


def test_boundary_draw_counts_in_part() -> None:
    """A tail of a quarter of ten draws: the two worst and half of the third."""
    profit = np.arange(10.0)
    assert expected_shortfall(profit, tail=0.25).value == pytest.approx(-(0 + 1 + 0.5 * 2) / 2.5)


def test_tail_figures_of_a_normal_have_closed_forms(seed: int) -> None:
    """VaR = -z, ES = phi(z) / 0.05, E[loss | loss] = sqrt(2 / pi), within five errors."""
    profit = normals(seed, shape=(100_000,))
    z = float(ndtri(0.05))
    density = np.exp(-z * z / 2) * DENSITY_AT_ZERO
    for found, expected in [
        (value_at_risk(profit), -z),
        (expected_shortfall(profit), density / 0.05),
        (loss_given_loss(profit), np.sqrt(2 / np.pi)),
    ]:
        assert abs(found.value - expected) < 5 * found.mc_error


def test_undefined_draws_are_counted_not_dropped_in_silence() -> None:
    """A fifth of the draws is undefined, and every figure says so."""
    profit = np.append(np.arange(-4.0, 4.0), [np.nan, np.nan])
    assert value_at_risk(profit).undefined == 0.2
    assert expected_shortfall(profit).undefined == 0.2
    assert expected_shortfall(profit).value == expected_shortfall(profit[:8]).value
    assert loss_given_loss(profit) == Estimate(
        2.5, mc_error=loss_given_loss(profit).mc_error, undefined=0.6
    )


@pytest.mark.parametrize("figure", [value_at_risk, expected_shortfall, loss_given_loss])
def test_no_defined_draw_gives_nan(figure: Callable[[FloatArray], Estimate]) -> None:
    """Nothing to look at: value and error are NaN, all is undefined."""
    found = figure(np.full(3, np.nan))
    assert np.isnan(found.value)
    assert np.isnan(found.mc_error)
    assert found.undefined == 1.0
    assert np.isnan(figure(np.array([])).undefined)


def test_no_loss_has_no_size() -> None:
    """Loss given loss is undefined where no draw makes a loss."""
    assert np.isnan(loss_given_loss(np.array([0.0, 1.0])).value)
