"""Reports, terms and standing written by hand, for tests of payments."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.stages import Measurement, Standing
from sibsim.core.timeline import Timeline
from sibsim.payments.base import Terms
from sibsim.payments.limits import ContractLimit
from sibsim.payments.rate_card import RateCard
from sibsim.payments.settlement import Payments, settle_payments

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2031, 12, 31), period="quarter")
"""Eight years of quarters."""

MONTHS_BETWEEN_COHORTS = 6
"""Cohorts of a hand-written report start half a year apart."""


def cell(value: ArrayLike, *, draws: bool = False) -> FloatArray:
    """Return a table by cohort and follow-up as (C, K, D); `draws`: the last axis is there."""
    array = np.asarray(value, dtype=np.float64)
    return array if draws else array[..., np.newaxis]


def report(
    treated_sum: ArrayLike,
    *,
    months: tuple[int, ...],
    treated_n: ArrayLike = 50.0,
    rate: ArrayLike | None = None,
    draws: bool = False,
    claims: tuple[Indicator, ...] | None = None,
) -> Measurement:
    """Return a report of cohorts that start half a year apart.

    Parameters
    ----------
    treated_sum
        Reported successes, (C, K) or with `draws` (C, K, D).
    months
        Follow-ups, K of them.
    treated_n
        Participants in the report, broadcast to the successes.
    rate
        Rate of the comparison (100 people), broadcast to the successes; None: no comparison.
    draws
        Whether `treated_sum` has an axis of draws.
    claims
        Claims by person, if any.
    """
    successes = cell(treated_sum, draws=draws)
    compared = np.zeros_like(successes)
    if rate is not None:
        compared = compared + 100.0
    starts = MONTHS_BETWEEN_COHORTS * np.arange(len(successes))
    when = starts[:, np.newaxis, np.newaxis] + np.array(months)[np.newaxis, :, np.newaxis]
    return Measurement(
        follow_up_months=months,
        when=when.astype(np.float64),
        treated_sum=successes,
        treated_n=np.zeros_like(successes) + np.asarray(treated_n),
        comparison_sum=compared * (0.0 if rate is None else np.asarray(rate)),
        comparison_n=compared,
        claims=claims,
    )


def all_served(cohorts: int) -> Standing:
    """Return the standing of a contract that runs to its end."""
    return Standing(
        served=np.ones((cohorts, 1), dtype=np.bool_),
        end=np.full(1, np.inf),
        cause=np.zeros(1, dtype=np.int8),
    )


def served_first(number: int, *, of: int) -> Standing:
    """Return the standing of a contract in which only the first cohorts are served."""
    return Standing(
        served=(np.arange(of) < number)[:, np.newaxis],
        end=np.full(1, 12.0),
        cause=np.ones(1, dtype=np.int8),
    )


def terms(
    *, lag: float = 3.0, last: float = np.inf, planned: tuple[float, ...] | None = None
) -> Terms:
    """Return terms on eight years of quarters."""
    shares = None if planned is None else np.array(planned)
    return Terms(timeline=TIMELINE, lag_months=lag, last=last, planned=shares)


def card(**fields: Any) -> RateCard:  # noqa: ANN401 - any field
    """Return a rate card of 1,000 for each success at every follow-up."""
    return RateCard.model_validate(
        {"reads": "job", "pays_for": "achieved", "price": 1_000} | fields
    )


def settled(line: RateCard, measured: Measurement, *, at: Terms | None = None) -> Payments:
    """Settle a contract of one line without limits; payments fall due on the day of measurement."""
    return settle_payments(
        {"job": line},
        measured={"job": measured},
        standing=all_served(len(measured.when)),
        limits=ContractLimit(),
        terms=at or terms(lag=0.0),
    )


def owed(line: RateCard, measured: Measurement) -> float:
    """Return what is paid in all."""
    return float(settled(line, measured).paid["job"].sum())
