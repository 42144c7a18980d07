"""Power, people needed and smallest detectable effect for times to an event and numbers of events.

Time to an event, by the log-rank test (Schoenfeld 1983, "Sample-size formula for the
proportional-hazards regression model", Biometrics 39(2):499-503): the log hazard ratio has
standard error 1 / sqrt(d q (1 - q)), d the events and q the share of people who are participants.

Numbers of events, negative binomial (Zhu and Lakkis 2014, "Sample size calculation for comparing
two negative binomial rates", Statistics in Medicine 33(3):376-387, with the variance at the true
rates under both hypotheses): the log rate ratio has variance
1 / (n1 m1) + 1 / (n0 m0) + (1 / n1 + 1 / n0) / k, m the mean events of a person and k the
dispersion, so that a person's variance is m + m^2 / k.

Both are normal on the log scale; significance in the wrong direction does not count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import lambertw, ndtr

from sibsim.core.arrays import FloatArray
from sibsim.planning.arguments import (
    ALPHA,
    POWER,
    Better,
    Sided,
    control,
    direction,
    inside,
    positive,
    positive_or_infinite,
    share,
)
from sibsim.planning.arguments import people as people_in
from sibsim.planning.proportions import EQUAL_ARMS, people_needed_by
from sibsim.planning.solving import first_reached
from sibsim.planning.testing import critical, mde_multiplier

LARGEST_LOG = 20.0
"""Logarithm of a ratio of 500 million: one that is larger is no effect that anybody plans for."""


def events_for_hazard_ratio(
    ratio: ArrayLike,
    *,
    power: ArrayLike = POWER,
    share_treated: ArrayLike = 0.5,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return the events needed: (z(1 - alpha/sided) + z(power))^2 / (q (1 - q) ln(ratio)^2).

    Parameters
    ----------
    ratio
        Hazard ratio, above 0; 1 needs infinitely many.
    power
        Probability of finding it, in (0, 1).
    share_treated
        Share of people who are participants, q, in (0, 1).
    alpha, sided
        Level, and 1 or 2 directions.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    q = inside("share_treated", share_treated)
    multiplier = mde_multiplier(alpha=alpha, sided=sided, power=power)
    information = q * (1.0 - q) * np.log(positive("ratio", ratio)) ** 2
    shape = np.broadcast_shapes(multiplier.shape, information.shape)
    found: FloatArray = np.full(shape, np.inf)
    np.divide(multiplier**2, information, out=found, where=information > 0)
    return found


def power_of_hazard_ratio(
    ratio: ArrayLike,
    *,
    people: ArrayLike,
    people_control: ArrayLike | None = None,
    event_share: ArrayLike = 1.0,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return the power of the log-rank test to find a hazard ratio.

    Parameters
    ----------
    ratio
        Hazard ratio, above 0.
    people, people_control
        Participants and controls, at least 2 each.
    event_share
        Share of all of them who have the event in the time observed, in [0, 1].
    alpha, sided
        Level, and 1 or 2 directions.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    treated = people_in("people", people)
    others = control(people_control, of=treated)
    error = _error_of_hazards(treated, others, event_share=event_share)
    return _power(positive("ratio", ratio), error=error, alpha=alpha, sided=sided)


def people_for_hazard_ratio(
    ratio: ArrayLike,
    *,
    event_share: ArrayLike,
    power: ArrayLike = POWER,
    controls_per_participant: ArrayLike = EQUAL_ARMS,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return how many participants the log-rank test needs; see `power_of_hazard_ratio`."""
    return people_needed_by(
        lambda treated, others: power_of_hazard_ratio(
            ratio,
            people=treated,
            people_control=others,
            event_share=event_share,
            alpha=alpha,
            sided=sided,
        ),
        power=power,
        controls_per_participant=controls_per_participant,
        shape=np.broadcast_shapes(np.shape(ratio), np.shape(event_share), np.shape(alpha)),
    )


def detectable_hazard_ratio(
    *,
    people: ArrayLike,
    people_control: ArrayLike | None = None,
    event_share: ArrayLike = 1.0,
    power: ArrayLike = POWER,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
    better: Better = "fewer",
) -> FloatArray:
    """Return the hazard ratio nearest to 1 that is found, below 1 unless `better` is more.

    exp(+-(z(1 - alpha/sided) + z(power)) x standard error); arguments as in
    `power_of_hazard_ratio`.
    """
    treated = people_in("people", people)
    others = control(people_control, of=treated)
    error = _error_of_hazards(treated, others, event_share=event_share)
    multiplier = mde_multiplier(alpha=alpha, sided=sided, power=power)
    return np.asarray(np.exp(direction(better) * multiplier * error))


def power_of_rate_ratio(
    ratio: ArrayLike,
    *,
    mean: ArrayLike,
    dispersion: ArrayLike = np.inf,
    people: ArrayLike,
    people_control: ArrayLike | None = None,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return the power of the Wald test of a ratio of mean events.

    Parameters
    ----------
    ratio
        Mean events with over mean events without the intervention, above 0.
    mean
        Mean events of a person without the intervention in the time observed, above 0.
    dispersion
        k, above 0: a person's variance is m + m^2 / k; infinite: Poisson.
    people, people_control
        Participants and controls, at least 2 each.
    alpha, sided
        Level, and 1 or 2 directions.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    ratio = positive("ratio", ratio)
    at_one, rest = _variances(mean, dispersion, people=people, people_control=people_control)
    return _power(ratio, error=np.sqrt(at_one / ratio + rest), alpha=alpha, sided=sided)


def people_for_rate_ratio(
    ratio: ArrayLike,
    *,
    mean: ArrayLike,
    dispersion: ArrayLike = np.inf,
    power: ArrayLike = POWER,
    controls_per_participant: ArrayLike = EQUAL_ARMS,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return how many participants a ratio of mean events needs; see `power_of_rate_ratio`."""
    given = (ratio, mean, dispersion, alpha)
    return people_needed_by(
        lambda treated, others: power_of_rate_ratio(
            ratio,
            mean=mean,
            dispersion=dispersion,
            people=treated,
            people_control=others,
            alpha=alpha,
            sided=sided,
        ),
        power=power,
        controls_per_participant=controls_per_participant,
        shape=np.broadcast_shapes(*(np.shape(each) for each in given)),
    )


def detectable_rate_ratio(
    *,
    mean: ArrayLike,
    dispersion: ArrayLike = np.inf,
    people: ArrayLike,
    people_control: ArrayLike | None = None,
    power: ArrayLike = POWER,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
    better: Better = "fewer",
) -> FloatArray:
    """Return the ratio of mean events nearest to 1 that is found; NaN where none is.

    Below 1 unless `better` is more; arguments as in `power_of_rate_ratio`. The fewer events
    are left, the less certain is the log of the ratio, so that no fall may be detectable.
    """
    at_one, rest = _variances(mean, dispersion, people=people, people_control=people_control)
    sign = direction(better)
    shape = np.broadcast_shapes(rest.shape, np.shape(alpha))
    furthest = _turning_point(at_one, rest) if sign < 0 else np.asarray(LARGEST_LOG)
    logs = first_reached(
        lambda log: _power(
            np.exp(sign * log),
            error=np.sqrt(at_one * np.exp(-sign * log) + rest),
            alpha=alpha,
            sided=sided,
        ),
        target=inside("power", power),
        lower=np.zeros(shape),
        upper=furthest,
    )
    return np.asarray(np.exp(sign * logs))


def _power(ratio: FloatArray, *, error: FloatArray, alpha: ArrayLike, sided: Sided) -> FloatArray:
    return np.asarray(ndtr(np.abs(np.log(ratio)) / error - critical(alpha, sided=sided)))


def _error_of_hazards(
    treated: FloatArray, others: FloatArray, *, event_share: ArrayLike
) -> FloatArray:
    """Return 1 / sqrt(d q (1 - q)); infinite where nobody has the event."""
    everyone = treated + others
    with_event = share("event_share", event_share) * treated * others / everyone
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / np.sqrt(with_event))


def _variances(
    mean: ArrayLike,
    dispersion: ArrayLike,
    *,
    people: ArrayLike,
    people_control: ArrayLike | None,
) -> tuple[FloatArray, FloatArray]:
    """Return the variance of the log ratio at a ratio of 1: what falls with the ratio, the rest."""
    treated = people_in("people", people)
    others = control(people_control, of=treated)
    mean, k = positive("mean", mean), positive_or_infinite("dispersion", dispersion)
    spread = (1.0 / treated + 1.0 / others) / k
    return 1.0 / (treated * mean), np.asarray(1.0 / (others * mean) + spread)


def _turning_point(at_one: FloatArray, rest: FloatArray) -> FloatArray:
    """Return the fall of the log ratio with the greatest power, 2 + W(2 b / (a e^2)).

    z = l / sqrt(a e^l + b) rises until (l - 2) e^l = 2 b / a; W is Lambert's function.

    Parameters
    ----------
    at_one
        a, the participants' part of the variance at a ratio of 1.
    rest
        b, the part that does not change with the ratio.
    """
    return np.asarray(2.0 + lambertw(2.0 * rest / at_one * np.exp(-2.0)).real)
