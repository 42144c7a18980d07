"""Power, people needed and smallest detectable effect for shares, and how others find theirs.

All arguments broadcast. People are per arm and need not be whole: round up. A number of people that
no study has is infinite; an effect that cannot be detected within its range is NaN.

Sources: Fleiss, Levin and Paik 2003, "Statistical Methods for Rates and Proportions", Wiley, ch. 4
(two proportions, as in R's `power.prop.test`); Cohen 1988, "Statistical Power Analysis for the
Behavioral Sciences", 2nd ed. (h, as in R's package `pwr`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from sibsim.core.arrays import FloatArray
from sibsim.planning.arguments import (
    ALPHA,
    FEWEST_PEOPLE,
    POWER,
    Better,
    Sided,
    control,
    direction,
    inside,
    number,
    positive,
    share,
)
from sibsim.planning.arguments import people as people_in
from sibsim.planning.solving import first_reached
from sibsim.planning.testing import critical, mde_multiplier, power_of_test

EQUAL_ARMS = 1.0
"""Controls per participant where both arms are of one size, best where people cost the same."""

MOST_PEOPLE = 1e10
"""More people than live; whatever needs more cannot be detected."""

WIDE = 10.0
"""Times the usual minimum detectable effect: an effect so large is found whatever the degrees."""


def cohen_h(p1: ArrayLike, p0: ArrayLike) -> FloatArray:
    """Return Cohen's h = 2 asin(sqrt(p1)) - 2 asin(sqrt(p0)) of two shares in [0, 1]."""
    return np.asarray(
        2.0 * np.arcsin(np.sqrt(share("p1", p1))) - 2.0 * np.arcsin(np.sqrt(share("p0", p0)))
    )


def power_of_proportions(
    p0: ArrayLike,
    p1: ArrayLike,
    *,
    people: ArrayLike,
    people_control: ArrayLike | None = None,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return the power of a comparison of two shares, pooled variance under the null.

    Phi((d - z sqrt(p (1 - p) (1/n1 + 1/n0))) / sqrt(p1 (1 - p1) / n1 + p0 (1 - p0) / n0)), d the
    size of p1 - p0, p the mean share of all people, z the normal quantile 1 - alpha / sided. As R's
    `power.prop.test`, significance in the wrong direction does not count. So a trial is tested in a
    contract; `designs.power` tests by the unpooled error, which differs by about a point, and its
    `size_adjusted_power` of a trial is this one.

    Parameters
    ----------
    p0, p1
        Shares without and with the intervention, in [0, 1].
    people
        Participants, at least 2.
    people_control
        Controls, at least 2; without it as many as participants.
    alpha
        Level of the test, in (0, 1).
    sided
        1 or 2 directions.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    p0, p1 = share("p0", p0), share("p1", p1)
    treated = people_in("people", people)
    others = control(people_control, of=treated)
    pooled = (treated * p1 + others * p0) / (treated + others)
    null = np.sqrt(pooled * (1.0 - pooled) * (1.0 / treated + 1.0 / others))
    own = np.sqrt(p1 * (1.0 - p1) / treated + p0 * (1.0 - p0) / others)
    beyond = np.abs(p1 - p0) - critical(alpha, sided=sided) * null
    # Shares of 0 and 1 leave nothing to chance: the test finds the difference or it does not.
    certain = np.where(beyond > 0, np.inf, -np.inf)
    score = np.where(own > 0, beyond / np.where(own > 0, own, 1.0), certain)
    return np.asarray(ndtr(score))


def people_for_proportions(
    p0: ArrayLike,
    p1: ArrayLike,
    *,
    power: ArrayLike = POWER,
    controls_per_participant: ArrayLike = EQUAL_ARMS,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return how many participants a comparison of two shares needs; infinite where they are equal.

    Parameters
    ----------
    p0, p1
        Shares without and with the intervention, in [0, 1].
    power
        Probability of finding the difference, in (0, 1).
    controls_per_participant
        Controls for each participant, above 0.
    alpha, sided
        As in `power_of_proportions`.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    p0, p1 = share("p0", p0), share("p1", p1)
    return people_needed_by(
        lambda treated, others: power_of_proportions(
            p0, p1, people=treated, people_control=others, alpha=alpha, sided=sided
        ),
        power=power,
        controls_per_participant=controls_per_participant,
        shape=np.broadcast_shapes(p0.shape, p1.shape, np.shape(alpha)),
    )


def detectable_proportion(
    p0: ArrayLike,
    *,
    people: ArrayLike,
    people_control: ArrayLike | None = None,
    power: ArrayLike = POWER,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
    better: Better = "more",
) -> FloatArray:
    """Return the share nearest to p0 that is told from it; NaN where none in [0, 1] is.

    Parameters
    ----------
    p0
        Share without the intervention, in [0, 1].
    people, people_control
        Participants and controls, at least 2 each.
    power
        Probability of finding the difference, in (0, 1).
    alpha, sided
        As in `power_of_proportions`.
    better
        Whether a larger or a smaller share is looked for.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    p0, power = share("p0", p0), inside("power", power)
    sign = direction(better)
    treated = people_in("people", people)
    others = control(people_control, of=treated)
    shape = np.broadcast_shapes(p0.shape, treated.shape, others.shape, np.shape(alpha))
    reach = np.broadcast_to(1.0 - p0 if sign > 0 else p0, shape)
    found = first_reached(
        lambda gap: power_of_proportions(
            p0,
            np.clip(p0 + sign * gap, 0.0, 1.0),
            people=treated,
            people_control=others,
            alpha=alpha,
            sided=sided,
        ),
        target=power,
        lower=0.0,
        upper=reach,
    )
    return np.asarray(p0 + sign * found)


def power_of_arcsine(
    h: ArrayLike,
    *,
    people: ArrayLike,
    people_control: ArrayLike | None = None,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return the power of a comparison of two shares by Cohen's h: z = h sqrt(n1 n0 / (n1 + n0)).

    Parameters
    ----------
    h
        Difference of arcsine roots (`cohen_h`).
    people, people_control
        Participants and controls, at least 2 each.
    alpha, sided
        Level, and 1 (a positive h) or 2 directions.
    """
    treated = people_in("people", people)
    others = control(people_control, of=treated)
    ratio = number("h", h) * np.sqrt(treated * others / (treated + others))
    return power_of_test(ratio, alpha=alpha, sided=sided)


def people_for_arcsine(
    h: ArrayLike,
    *,
    power: ArrayLike = POWER,
    controls_per_participant: ArrayLike = EQUAL_ARMS,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return how many participants a difference h needs; arguments as in `power_of_arcsine`."""
    return people_needed_by(
        lambda treated, others: power_of_arcsine(
            h, people=treated, people_control=others, alpha=alpha, sided=sided
        ),
        power=power,
        controls_per_participant=controls_per_participant,
        shape=np.broadcast_shapes(np.shape(h), np.shape(alpha)),
    )


def detectable_arcsine(
    *,
    people: ArrayLike,
    people_control: ArrayLike | None = None,
    power: ArrayLike = POWER,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return the smallest h that is found; arguments as in `power_of_arcsine`."""
    treated = people_in("people", people)
    others = control(people_control, of=treated)
    error = np.sqrt(1.0 / treated + 1.0 / others)
    return detected_by(
        error, np.full(error.shape, np.inf), power=power, alpha=alpha, sided=sided, strict=True
    )


def people_needed_by(
    power_with: Callable[[FloatArray, FloatArray], FloatArray],
    *,
    power: ArrayLike,
    controls_per_participant: ArrayLike,
    shape: tuple[int, ...] = (),
) -> FloatArray:
    """Return how many participants give the power; infinite where no number does.

    Parameters
    ----------
    power_with
        The power with some participants and controls, rising in both.
    power
        Probability of finding the effect, in (0, 1).
    controls_per_participant
        Controls for each participant, above 0.
    shape
        Shape of the other arguments.
    """
    power = inside("power", power)
    ratio = positive("controls_per_participant", controls_per_participant)
    fewest = FEWEST_PEOPLE * np.maximum(1.0, 1.0 / ratio)
    whole = np.broadcast_shapes(shape, power.shape, ratio.shape)
    logs = first_reached(
        lambda log: power_with(np.exp(log), np.maximum(np.exp(log) * ratio, FEWEST_PEOPLE)),
        target=power,
        lower=np.broadcast_to(np.log(fewest), whole),
        upper=np.log(MOST_PEOPLE),
    )
    return np.where(np.isnan(logs), np.inf, np.exp(logs))


def detected_by(
    error: FloatArray,
    degrees: FloatArray,
    *,
    power: ArrayLike,
    alpha: ArrayLike,
    sided: Sided,
    strict: bool,
) -> FloatArray:
    """Return the smallest effect that a t test with this standard error finds."""
    multiplier = mde_multiplier(degrees=degrees, alpha=alpha, sided=sided, power=power)
    ratio = first_reached(
        lambda ratio: power_of_test(
            ratio, degrees=degrees, alpha=alpha, sided=sided, strict=strict
        ),
        target=power,
        lower=0.0,
        upper=WIDE * np.abs(multiplier),
    )
    return np.asarray(ratio * error)
