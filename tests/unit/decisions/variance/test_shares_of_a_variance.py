"""Shares of a variance from runs with some luck in common, where the shares are known."""

from __future__ import annotations

from itertools import product
from math import pi, sqrt

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.decisions.variance.estimators import Part, Share, crossed, one_at_a_time

ERRORS = 5
"""Monte Carlo standard errors within which an estimate must lie."""

DRAWS = 8_192

A, B = 7.0, 0.1
"""Constants of the Ishigami function: sin x + A sin^2 y + B z^4 sin x on [-pi, pi]^3 (Ishigami and
Homma 1990, "An importance quantification technique in uncertainty analysis for computer models",
Proceedings of the First International Symposium on Uncertainty Modeling and Analysis, 398-403)."""

V1 = (1.0 + B * pi**4 / 5.0) ** 2 / 2.0
V2 = A**2 / 8.0
V13 = B**2 * pi**8 * 8.0 / 225.0
V = V1 + V2 + V13
FIRST = [V1 / V, V2 / V, 0.0]
TOTAL = [(V1 + V13) / V, V2 / V, V13 / V]


def ishigami(x: FloatArray) -> FloatArray:
    """Return the function of three uniform numbers, (3, D)."""
    value: FloatArray = np.sin(x[0]) + A * np.sin(x[1]) ** 2 + B * x[2] ** 4 * np.sin(x[0])
    return value


def points(rng: np.random.Generator, *, draws: int = DRAWS) -> FloatArray:
    """Return two independent points a draw, (2, 3, D)."""
    return rng.uniform(-pi, pi, size=(2, 3, draws))


def crossed_runs(x: FloatArray) -> FloatArray:
    """Return the function at all mixtures of the two points, (2, 2, 2, D)."""
    values = np.empty((2, 2, 2, x.shape[-1]))
    for mixture in product((0, 1), repeat=3):
        values[mixture] = ishigami(np.stack([x[each, i] for i, each in enumerate(mixture)]))
    return values


def singly(x: FloatArray) -> tuple[dict[str, Part], Share]:
    """Return the indices of the function with one number at a time from the second point."""
    mixed = {}
    for i in range(3):
        point = x[0].copy()
        point[i] = x[1, i]
        mixed[f"x{i}"] = ishigami(point)
    return one_at_a_time(ishigami(x[0]), ishigami(x[1]), mixed=mixed)


def assert_near(found: Share, expected: float) -> None:
    """Check an estimate against what it should be, within five of its errors."""
    assert 0 < found.mc_error < 0.1
    assert abs(found.value - expected) < ERRORS * found.mc_error, (found, expected)


def test_constants_are_the_published_ones() -> None:
    """The formulas give what the literature prints of the function."""
    assert pytest.approx([0.3139, 0.4424, 0.0], abs=5e-5) == FIRST
    assert pytest.approx([0.5576, 0.4424, 0.2437], abs=5e-5) == TOTAL


def test_crossed_runs_give_the_shares_of_the_ishigami_function(seed: int) -> None:
    """First orders, totals, interaction and variance lie within five errors of the formulas."""
    found = crossed(crossed_runs(points(np.random.default_rng(seed))))
    for part, first, total in zip(found.parts, FIRST, TOTAL, strict=True):
        assert_near(part.first, first)
        assert_near(part.total, total)
    assert_near(found.interaction, V13 / V)
    assert abs(found.variance.value - V) < ERRORS * found.variance.mc_error


def test_salib_gives_the_indices_of_the_ishigami_function(seed: int) -> None:
    """Runs are laid out as SALib reads them; the sum of first orders leaves out the interaction."""
    parts, both = singly(points(np.random.default_rng(seed)))
    for part, first, total in zip(parts.values(), FIRST, TOTAL, strict=True):
        assert_near(part.first, first)
        assert_near(part.total, total)
    assert_near(both, 1.0 - V13 / V)
    assert both.value == pytest.approx(sum(part.first.value for part in parts.values()))


def test_salib_errors_are_the_same_in_every_call(seed: int) -> None:
    """The bootstrap has a seed of its own."""
    x = points(np.random.default_rng(seed), draws=512)
    assert singly(x) == singly(x)


def test_first_orders_and_interaction_sum_to_one(seed: int) -> None:
    """What is left is left of all, and no share depends on where zero or the unit is."""
    values = crossed_runs(points(np.random.default_rng(seed)))
    found, moved = crossed(values), crossed(1e6 - 1e3 * values)
    alone = sum(part.first.value for part in found.parts)
    assert alone + found.interaction.value == pytest.approx(1.0, abs=1e-12)
    # Squared differences of numbers near 1e6 keep nine digits.
    assert moved.interaction.value == pytest.approx(found.interaction.value, abs=1e-7)
    assert moved.parts[0].first.mc_error == pytest.approx(found.parts[0].first.mc_error, rel=1e-7)


def test_what_changes_nothing_brings_exactly_zero(seed: int) -> None:
    """A layer that does not exist has no share and no error; the only one that does has all."""
    values = np.empty((2, 2, 2, DRAWS))
    values[:] = np.random.default_rng(seed).normal(size=(2, 1, 1, DRAWS))
    found = crossed(values)
    everything, nothing = Share(1.0, 0.0), Share(0.0, 0.0)
    assert found.parts[0] == Part(everything, everything)
    assert found.parts[1:] == (Part(nothing, nothing),) * 2
    assert found.interaction == nothing
    assert not nothing.told_from_zero


def test_what_only_shows_together_is_not_called_exactly_zero_alone() -> None:
    """With 1 of 512 draws showing a group, and that in one cell, the error is that draw's part."""
    values = np.zeros((2, 2, 2, 512))
    values[0] = np.arange(512) % 2
    values[0, 0, 0, 2] = 1.0
    alone, total = crossed(values).parts[2].first, crossed(values).parts[2].total
    # Draw 2 differs by 1 in one of four pairs: half of a quarter, over the draws' squared halves.
    varies = 256 / 2 + 1 / 8
    assert total.value == pytest.approx(1 / 8 / varies)
    assert alone.value == 0
    assert alone.mc_error == pytest.approx(1 / 8 / varies)
    assert not alone.told_from_zero


def test_told_from_zero_is_two_errors_either_way() -> None:
    """Noise as large as a share, or nearly, does not tell it from zero."""
    assert [Share(x, 0.02).told_from_zero for x in (-0.05, -0.03, 0.03, 0.05)] == [1, 0, 0, 1]


def test_small_share_has_a_small_error(seed: int) -> None:
    """A group that brings a thousandth is told from zero at 512 draws, where 1 / sqrt(D) is 4 %."""
    x = np.random.default_rng(seed).normal(size=(2, 3, 512))
    small = sqrt(0.001)
    values = x[0:2, 0, :][:, None, None] + small * x[0:2, 1, :][None, :, None]
    values = values + 0.0 * x[0:2, 2, :][None, None]
    share = crossed(values).parts[1].first
    assert_near(share, 0.001 / 1.001)
    assert share.told_from_zero


def test_errors_are_the_spread_over_seeds(seed: int) -> None:
    """The mean stated error is the standard deviation of estimates, of every share."""
    repeats = 400
    rng = np.random.default_rng(seed)
    found = [crossed(crossed_runs(points(rng, draws=512))) for _ in range(repeats)]
    shares = [
        [each for part in run.parts for each in (part.first, part.total)] + [run.interaction]
        for run in found
    ]
    values = np.array([[each.value for each in row] for row in shares])
    stated = np.array([[each.mc_error for each in row] for row in shares]).mean(axis=0)
    # A standard deviation of 400 numbers is known to 1 / sqrt(2 x 400) = 3.5 %; five of that.
    assert values.std(axis=0, ddof=1) == pytest.approx(stated, rel=ERRORS / sqrt(2 * repeats))


@pytest.mark.slow
def test_errors_of_salib_are_the_spread_over_seeds(seed: int) -> None:
    """Its confidence divided by 1.96 is the standard deviation of estimates."""
    repeats = 200
    rng = np.random.default_rng(seed)
    found = [singly(points(rng, draws=512)) for _ in range(repeats)]
    shares = [
        [each for part in parts.values() for each in (part.first, part.total)] + [both]
        for parts, both in found
    ]
    values = np.array([[each.value for each in row] for row in shares])
    stated = np.array([[each.mc_error for each in row] for row in shares]).mean(axis=0)
    # As above; the bootstrap of 100 resamples is unbiased to 1 / 100, well inside.
    assert values.std(axis=0, ddof=1) == pytest.approx(stated, rel=ERRORS / sqrt(2 * repeats))
