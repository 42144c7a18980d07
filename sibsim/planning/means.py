"""Power, people needed and smallest detectable effect for means of two groups and of several.

All arguments broadcast. People are per arm and need not be whole: round up. A number of people that
no study has is infinite.

Sources: R Core Team, R 4.2, package stats (`power.t.test`); Cohen 1988, "Statistical Power Analysis
for the Behavioral Sciences", 2nd ed. (d and f, as in R's package `pwr`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtri, ncfdtr

from sibsim.core.arrays import FloatArray
from sibsim.planning.arguments import (
    ALPHA,
    POWER,
    Sided,
    control,
    deviation,
    inside,
    number,
    refuse,
)
from sibsim.planning.arguments import people as people_in
from sibsim.planning.proportions import EQUAL_ARMS, detected_by, people_needed_by
from sibsim.planning.solving import first_reached
from sibsim.planning.testing import power_of_test

FEWEST_GROUPS = 2
"""Groups that a comparison of means needs."""

LARGEST_F = 100.0
"""Groups 100 standard deviations apart are told apart by two people each."""


def power_of_means(
    difference: ArrayLike,
    *,
    sd: ArrayLike = 1.0,
    people: ArrayLike,
    people_control: ArrayLike | None = None,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
    strict: bool = False,
) -> FloatArray:
    """Return the power of the t test of two means: noncentral t on n1 + n0 - 2 degrees.

    Noncentrality difference / (sd sqrt(1/n1 + 1/n0)). With sd 1 the difference is Cohen's d.

    Parameters
    ----------
    difference
        Mean with less mean without the intervention, in the outcome's unit.
    sd
        Standard deviation of a person's result, above 0, the same in both arms.
    people, people_control
        Participants and controls, at least 2 each.
    alpha, sided
        Level, and 1 (a positive difference) or 2 directions.
    strict
        Whether significance in the wrong direction counts too, as in R's package `pwr`.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    treated = people_in("people", people)
    others = control(people_control, of=treated)
    error = deviation("sd", sd) * np.sqrt(1.0 / treated + 1.0 / others)
    return power_of_test(
        number("difference", difference) / error,
        degrees=treated + others - 2.0,
        alpha=alpha,
        sided=sided,
        strict=strict,
    )


def people_for_means(
    difference: ArrayLike,
    *,
    sd: ArrayLike = 1.0,
    power: ArrayLike = POWER,
    controls_per_participant: ArrayLike = EQUAL_ARMS,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
    strict: bool = False,
) -> FloatArray:
    """Return how many participants a t test of two means needs; see `power_of_means`."""
    return people_needed_by(
        lambda treated, others: power_of_means(
            difference,
            sd=sd,
            people=treated,
            people_control=others,
            alpha=alpha,
            sided=sided,
            strict=strict,
        ),
        power=power,
        controls_per_participant=controls_per_participant,
        shape=np.broadcast_shapes(np.shape(difference), np.shape(sd), np.shape(alpha)),
    )


def detectable_mean(
    *,
    sd: ArrayLike = 1.0,
    people: ArrayLike,
    people_control: ArrayLike | None = None,
    power: ArrayLike = POWER,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
    strict: bool = False,
) -> FloatArray:
    """Return the smallest difference of two means that a t test finds; see `power_of_means`."""
    treated = people_in("people", people)
    others = control(people_control, of=treated)
    error = deviation("sd", sd) * np.sqrt(1.0 / treated + 1.0 / others)
    degrees = np.broadcast_to(treated + others - 2.0, error.shape)
    return detected_by(error, degrees, power=power, alpha=alpha, sided=sided, strict=strict)


def power_of_anova(
    f: ArrayLike, *, groups: ArrayLike, people: ArrayLike, alpha: ArrayLike = ALPHA
) -> FloatArray:
    """Return the power of a one-way analysis of variance: noncentral F with f^2 k n.

    Parameters
    ----------
    f
        Cohen's f: sd of the groups' means / sd of a person's result, at least 0.
    groups
        Number of groups, k, at least 2.
    people
        People in each group, n, at least 2.
    alpha
        Level of the test, in (0, 1).

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    f, each, k = np.abs(number("f", f)), people_in("people", people), _groups(groups)
    between, within = k - 1.0, k * (each - 1.0)
    level = fdtri(between, within, 1.0 - inside("alpha", alpha))
    return np.asarray(1.0 - ncfdtr(between, within, f**2 * k * each, level))


def people_for_anova(
    f: ArrayLike, *, groups: ArrayLike, power: ArrayLike = POWER, alpha: ArrayLike = ALPHA
) -> FloatArray:
    """Return how many people each group needs; arguments as in `power_of_anova`."""
    return people_needed_by(
        lambda each, _: power_of_anova(f, groups=groups, people=each, alpha=alpha),
        power=power,
        controls_per_participant=EQUAL_ARMS,
        shape=np.broadcast_shapes(np.shape(f), np.shape(groups), np.shape(alpha)),
    )


def detectable_anova(
    *, groups: ArrayLike, people: ArrayLike, power: ArrayLike = POWER, alpha: ArrayLike = ALPHA
) -> FloatArray:
    """Return the smallest f that is found; arguments as in `power_of_anova`."""
    each, k = people_in("people", people), _groups(groups)
    shape = np.broadcast_shapes(each.shape, k.shape, np.shape(alpha))
    return first_reached(
        lambda f: power_of_anova(f, groups=k, people=each, alpha=alpha),
        target=inside("power", power),
        lower=0.0,
        upper=np.full(shape, LARGEST_F),
    )


def _groups(given: ArrayLike) -> FloatArray:
    groups = number("groups", given)
    if (groups < FEWEST_GROUPS).any():
        refuse(
            "groups",
            float(groups.min()),
            rule="means are compared between 2 groups or more",
            way_out="write how many groups there are",
        )
    return groups
