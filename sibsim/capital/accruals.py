"""What a tranche earns as time passes: the capped return, the coupon, the fee that is deferred.

A rate h a year earns (1 + h)^dt - 1 of the principal in a period, and the unpaid return earns it
too; a simple rate earns h dt of the principal alone, dt = 1 / periods per year. A coupon that ends
inside a period accrues for its share of that period; what is then open stays as it is.
"""

from __future__ import annotations

from datetime import timedelta
from math import expm1, log1p

import numpy as np

from sibsim.capital.drawing import period_of
from sibsim.capital.tranche import Coupon, ReturnCap, Tranche
from sibsim.capital.waterfall import Accrual, Position
from sibsim.core.arrays import FloatArray
from sibsim.core.timeline import DAYS_PER_YEAR, Timeline


def open_position(
    tranche: Tranche,
    *,
    spent: tuple[int, ...],
    width: tuple[int, ...],
    timeline: Timeline,
    ends: FloatArray,
) -> Position:
    """Return a tranche's position before the first period.

    Parameters
    ----------
    tranche
        The terms.
    spent, width
        Shape of what is drawn and of what is paid, (1,) or (D,).
    timeline
        The periods.
    ends
        When the service ends, which earns deferred fees, in months since the start, (1 or D,).
    """
    cap, coupon = tranche.return_cap, tranche.coupon
    return Position(
        drawn=np.zeros((timeline.periods, *spent)),
        received=np.zeros((timeline.periods, *width)),
        put_in=np.zeros(spent),
        principal=np.zeros(width),
        earned=_return(cap, width=width, timeline=timeline),
        coupon=_coupon(coupon, width=width, timeline=timeline) if coupon else None,
        markup=cap.multiple - 1.0 if cap and cap.multiple else 0.0,
        fee=np.zeros(width),
        fees=_fees(tranche, timeline=timeline, ends=ends) if tranche.fee else None,
    )


def _return(cap: ReturnCap | None, *, width: tuple[int, ...], timeline: Timeline) -> Accrual:
    growth, rate = 1.0, 0.0
    if cap and cap.rate:
        rate = cap.rate / timeline.periods_per_year
        if cap.basis == "irr":
            rate = expm1(log1p(cap.rate) / timeline.periods_per_year)
            growth = 1.0 + rate
    periods = timeline.periods
    return Accrual(np.zeros(width), growth=np.full(periods, growth), rate=np.full(periods, rate))


def _coupon(coupon: Coupon, *, width: tuple[int, ...], timeline: Timeline) -> Accrual:
    accrues = np.ones(timeline.periods)
    if coupon.until is not None:
        months = timeline.months_per_period
        stops = timeline.months_at(coupon.until + timedelta(days=1))
        accrues = np.clip(stops / months - np.arange(timeline.periods), 0.0, 1.0)
    years = accrues / timeline.periods_per_year
    if coupon.basis == "simple":
        return Accrual(np.zeros(width), growth=np.ones_like(years), rate=coupon.rate * years)
    rate = np.expm1(log1p(coupon.rate) * years)
    return Accrual(np.zeros(width), growth=1.0 + rate, rate=rate)


def _fees(tranche: Tranche, *, timeline: Timeline, ends: FloatArray) -> FloatArray:
    """Return what is earned of a deferred fee in each period, at most the commitment, (T, D)."""
    earned = np.zeros((timeline.periods, *ends.shape))
    fee = tranche.fee
    if fee is None:
        return earned
    for instalment in fee.at:
        served = timeline.months_at(instalment.on) < ends
        t = period_of(instalment, timeline=timeline)
        if t < timeline.periods:
            earned[t] += instalment.amount * served
    if fee.per_year is not None and fee.from_ is not None and fee.to is not None:
        months = timeline.months_per_period
        opens = np.arange(timeline.periods)[:, np.newaxis]
        served = np.clip(ends / months - opens, 0.0, 1.0)
        years = timeline.days_in_periods(fee.from_, fee.to) / DAYS_PER_YEAR
        earned += fee.per_year * years[:, np.newaxis] * served
    so_far = np.minimum(np.cumsum(earned, axis=0), tranche.commitment.base_value)
    return np.diff(so_far, axis=0, prepend=0.0)
