"""Errors of differences on the same luck: against their spread over repeated draws."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.decisions.conditions import Figure, figure
from sibsim.decisions.drivers.one_way import tornado
from sibsim.decisions.drivers.paired import difference, error_of_difference
from tests.small_case import small_case

DRAWS, REPEATS = 2000, 400
"""Draws of each run, and runs."""

RELATIVE = 5 / (2 * REPEATS) ** 0.5
"""Five standard errors of a standard deviation over the repeats, in proportion."""


def pairs(seed: int, *, undefined: float) -> tuple[FloatArray, FloatArray]:
    """Return correlated normals and the same moved and stretched, some undefined, (R, D) each."""
    generator = np.random.default_rng(seed)
    x, noise, u = generator.normal(size=(3, REPEATS, DRAWS))
    y = 0.3 + 0.8 * x + 0.3 * noise
    out = u < np.quantile(u, undefined) if undefined else np.zeros_like(u, dtype=bool)
    return np.where(out & (x > 0), np.nan, x), y


@pytest.mark.parametrize("undefined", [0.0, 0.8])
@pytest.mark.parametrize(
    "text",
    ["mean investor_profit", "P(investor_profit < 0)", "shortfall investor_profit"],
)
def test_errors_are_the_spread_over_repeats(text: str, undefined: float, seed: int) -> None:
    """The error of a difference is its standard deviation over repeated runs."""
    of, (x, y) = figure(text), pairs(seed, undefined=undefined)
    found = [difference(of, one, two) for one, two in zip(y, x, strict=True)]
    spread = np.std([each.value for each in found], ddof=1)
    errors = np.mean([each.mc_error for each in found])
    assert errors == pytest.approx(spread, rel=RELATIVE)
    apart = np.hypot(
        np.mean([of.of(each).mc_error for each in x]), np.mean([of.of(each).mc_error for each in y])
    )
    assert errors < 0.8 * apart


@pytest.mark.parametrize("text", ["median investor_profit", "p5 investor_profit"])
def test_errors_of_quantiles_are_a_little_too_large(text: str, seed: int) -> None:
    """The slope of a quantile is noisy, so its error is at least the spread, and not far above."""
    of, (x, y) = figure(text), pairs(seed, undefined=0.0)
    found = [difference(of, one, two) for one, two in zip(y, x, strict=True)]
    spread = np.std([each.value for each in found], ddof=1)
    errors = np.mean([each.mc_error for each in found])
    apart = np.hypot(
        np.mean([of.of(each).mc_error for each in x]), np.mean([of.of(each).mc_error for each in y])
    )
    assert spread * (1 - RELATIVE) < errors < apart
    # Two slopes from about sqrt(D) draws each differ by a tenth to a fifth, which adds less than a
    # quarter to an error of correlated draws.
    assert errors < 1.25 * spread * (1 + RELATIVE)


def test_a_shift_moves_a_quantile_without_error(seed: int) -> None:
    """Where every draw moves by the same the difference of quantiles is sure."""
    x = pairs(seed, undefined=0.0)[0][0]
    found = difference(Figure("quantile", "investor_profit", at=0.05), x + 3.0, x)
    assert found.value == pytest.approx(3.0)
    assert found.mc_error == pytest.approx(0.0, abs=1e-12)


def test_no_draw_that_differs_is_no_error(seed: int) -> None:
    """The same metric in every draw, undefined ones included, differs by exactly nothing."""
    for undefined in (0.0, 0.8):
        x = pairs(seed, undefined=undefined)[0][0]
        found = difference(figure("P(investor_profit < 0)"), x, x.copy())
        assert (found.value, found.mc_error) == (0.0, 0.0)


def test_no_probability_is_called_exact() -> None:
    """Draws that differ but cross nothing leave an error: half a draw in each of two cells."""
    x = np.linspace(1.0, 2.0, 100)
    error = error_of_difference(figure("P(investor_profit < 0)"), x, x + 1)
    assert error == pytest.approx(1 / 102)


def test_nothing_defined_has_no_error() -> None:
    """A metric that is never defined has neither a difference nor an error."""
    never = np.full(10, np.nan)
    found = difference(figure("median investor_irr"), np.ones(10), never)
    assert np.isnan(found.value)
    assert np.isnan(found.mc_error)


@pytest.mark.slow
def test_the_error_of_an_end_is_its_spread_over_seeds(seed: int) -> None:
    """Over 200 seeds the change of a tornado spreads by the error that each of them states."""
    uplift = {"p10": 0.02, "p50": 0.1, "p90": 0.18, "may_be_negative": True}
    case = small_case(outcome={"counterfactual": 0.4, "uplift": uplift})
    path, seeds = "outcomes.job.uplift", 200
    for text in ("mean payments_total", "P(payments_total < 50000)"):
        ends = [
            tornado(case, text, draws=256, rng=seed + each, quantities=[path]).bars[0].high
            for each in range(seeds)
        ]
        spread = np.std([end.change.value for end in ends], ddof=1)
        errors = np.mean([end.change.mc_error for end in ends])
        assert spread > 0
        assert errors == pytest.approx(spread, rel=5 / (2 * seeds) ** 0.5)
