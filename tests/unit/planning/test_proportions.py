"""Classical power against published figures of R's packages and tables."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.errors import ArgumentError
from sibsim.planning.means import (
    detectable_anova,
    detectable_mean,
    people_for_anova,
    people_for_means,
    power_of_anova,
    power_of_means,
)
from sibsim.planning.proportions import (
    cohen_h,
    detectable_arcsine,
    detectable_proportion,
    people_for_arcsine,
    people_for_proportions,
    power_of_arcsine,
    power_of_proportions,
)
from sibsim.planning.solving import first_reached
from sibsim.planning.testing import mde_multiplier

ROOT = np.finfo(np.float64).eps ** 0.25
"""Tolerance to which R's `uniroot` finds what `power.prop.test` solves for."""


def digits(number: int) -> float:
    """Return half a unit of the last of some decimals, to which a figure is printed."""
    return 0.5000001 * 10.0**-number


def test_two_proportions_as_r_prints_them() -> None:
    """`power.prop.test` of the help page of R 4.2."""
    assert abs(power_of_proportions(0.5, 0.75, people=50) - 0.7401659) < digits(7)
    assert abs(people_for_proportions(0.5, 0.75, power=0.9) - 76.7069) < digits(4)
    wide = people_for_proportions(0.5, 0.75, power=0.9, alpha=0.01)
    assert abs(wide - 109.0952) < digits(4)
    assert abs(detectable_proportion(0.5, people=50, power=0.9) - 0.8026141) < ROOT


def test_effect_sizes_as_pwr_prints_them() -> None:
    """Cohen's h, and the sizes and powers that follow."""
    h = cohen_h(0.5, 0.35)
    assert abs(h - 0.3046927) < digits(7)
    assert abs(people_for_arcsine(h) - 169.0879) < digits(4)
    assert abs(power_of_arcsine(0.3, people=80, sided=1) - 0.5996777) < digits(7)
    assert abs(power_of_arcsine(0.3, people=80) - 0.475101) < digits(6)
    assert abs(detectable_arcsine(people=169.0879) - h) < digits(6)


def test_two_means_as_r_prints_them() -> None:
    """`power.t.test` counts one direction, `pwr` both; arms may differ in size."""
    assert abs(people_for_means(0.5, strict=True) - 63.76561) < digits(5)
    assert abs(power_of_means(1.0, people=20) - 0.8689528) < digits(7)
    assert abs(people_for_means(1.0, power=0.9) - 22.02110) < digits(5)
    unequal = power_of_means(0.6, people=90, people_control=60, sided=1)
    assert abs(unequal - 0.973726) < digits(6)
    assert abs(detectable_mean(people=63.76561, strict=True) - 0.5) < digits(6)


def test_several_groups_as_pwr_prints_them() -> None:
    """One-way analysis of variance by Cohen's f."""
    assert abs(people_for_anova(0.28, groups=4) - 35.75789) < digits(5)
    assert abs(detectable_anova(groups=4, people=35.75789) - 0.28) < digits(6)
    # Two groups are a two-sided t test with d = 2 f.
    two = power_of_anova(0.25, groups=2, people=40)
    assert abs(two - power_of_means(0.5, people=40, strict=True)) < 1e-9


@pytest.mark.parametrize(
    ("degrees", "sided", "multiplier"),
    [(np.inf, 2, 2.8016), (np.inf, 1, 2.4865), (20, 2, 2.9459), (10, 2, 3.1072), (60, 2, 2.8480)],
)
def test_bloom_multipliers(degrees: float, sided: int, multiplier: float) -> None:
    """Standard errors in a minimum detectable effect."""
    found = mde_multiplier(degrees=degrees, sided=1 if sided == 1 else 2)
    assert abs(found - multiplier) < digits(4)


PEOPLE = np.array([20, 25, 45, 70, 120, 180, 450, 1000])
POINTS = {
    0.1: [39, 34, 24, 19, 13, 11, 6, 4],
    0.3: [43, 39, 29, 23, 18, 14, 9, 6],
    0.5: [39, 36, 28, 23, 18, 15, 9, 6],
}
"""Minimum detectable difference in points, by base rate, for deals of Danish sizes."""


@pytest.mark.parametrize("base", POINTS)
def test_detectable_points_by_size_and_base_rate(base: float) -> None:
    """What a trial with arms of this size can show, within 1 point."""
    found = 100 * (detectable_proportion(base, people=PEOPLE) - base)
    assert np.all(np.abs(found - POINTS[base]) <= 1.0)


def test_detectable_points_with_five_controls_each() -> None:
    """The same from 30 %, with five controls for each participant."""
    found = detectable_proportion(0.3, people=PEOPLE, people_control=5 * PEOPLE)
    expected = [33, 29, 22, 18, 13, 11, 7, 5]
    assert np.all(np.abs(100 * (found - 0.3) - expected) <= 1.0)


def test_power_for_ten_points_and_detectable_d() -> None:
    """Power for +10 points from 30 %, and Cohen's d, by size."""
    power = 100 * power_of_proportions(0.3, 0.4, people=PEOPLE)
    assert np.all(np.abs(power - [10, 11, 17, 23, 37, 51, 88, 100]) <= 1.0)
    # That column takes the standard deviation as known, and has two decimals.
    d = mde_multiplier() * np.sqrt(2 / PEOPLE)
    assert np.all(np.abs(d - [0.89, 0.79, 0.59, 0.47, 0.36, 0.30, 0.19, 0.13]) < digits(2))
    assert np.all(detectable_mean(people=PEOPLE) > d)


def test_arguments_broadcast_and_what_cannot_be_is_infinite_or_nan() -> None:
    """Arrays in, arrays out; equal shares need infinitely many, a full scale leaves no room."""
    found = people_for_proportions(np.array([[0.3], [0.4]]), [0.4, 0.5])
    assert found.shape == (2, 2)
    assert np.isinf(found[1, 0])
    assert found[0, 0] == people_for_proportions(0.3, 0.4)
    assert np.isnan(detectable_proportion(0.95, people=20))
    fewer = detectable_proportion(0.5, people=50, power=0.9, better="fewer")
    assert abs(fewer - (1 - detectable_proportion(0.5, people=50, power=0.9))) < 1e-12


def test_fewer_controls_need_more_participants() -> None:
    """With a ratio the power is that of the two arms; half a control each needs more people."""
    treated = people_for_means(0.5, controls_per_participant=0.5)
    assert treated > people_for_means(0.5)
    reached = power_of_means(0.5, people=treated, people_control=0.5 * treated)
    assert abs(reached - 0.8) < 1e-9


def test_shares_without_any_chance_are_found_or_not() -> None:
    """From 0 to 1 nothing is left to chance."""
    assert power_of_proportions(0.0, 1.0, people=10) == 1.0
    assert power_of_proportions(0.0, 0.0, people=10) == 0.0


def test_the_solver_finds_where_a_function_first_reaches_a_target() -> None:
    """In each interval by itself; at the lower end at once, nowhere is NaN."""
    targets = np.array([0.25, 0.0, 5.0])
    found = first_reached(np.square, target=targets, lower=np.zeros(3), upper=np.ones(3))
    np.testing.assert_allclose(found, [0.5, 0.0, np.nan], atol=1e-12)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: power_of_proportions(0.3, 0.4, people=1), "people: got 1; a group needs 2"),
        (lambda: power_of_proportions(30, 0.4, people=20), "p0: got 30; a share .* write 0.3"),
        (lambda: power_of_proportions(0.3, 1.4, people=20), "p1: got 1.4"),
        (lambda: power_of_proportions(0.3, 0.4, people=20, alpha=0), "alpha: got 0; it lies"),
        (lambda: people_for_means(0.5, sd=-1), "sd: got -1; a standard deviation is above 0"),
        (lambda: people_for_means(0.5, power=1), "power: got 1"),
        (lambda: power_of_anova(0.2, groups=1, people=20), "groups: got 1"),
        (lambda: power_of_proportions(0.3, 0.4, people=20, sided=3), "sided: got 3"),  # type: ignore[arg-type]  # meant
        (lambda: power_of_means("half", people=20), "difference: got 'half'; it is a number"),
    ],
)
def test_what_is_out_of_range_is_refused(call: object, said: str) -> None:
    """The argument is named, with what was given, the rule and the way out."""
    assert callable(call)
    with pytest.raises(ArgumentError, match=said):
        call()
