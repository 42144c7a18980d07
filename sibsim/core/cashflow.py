"""Cash flows on nodes in time: present value, rates of return and the figures taken beside them.

Axes: N nodes one period apart, D draws (D may be 1). Node j lies j / m years after node 0, m
periods per year. Money received is positive, money paid negative, both nominal. Sums run over
nodes one by one, so that the number of draws changes no bit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date
from typing import SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray, running_sums, summed
from sibsim.core.rates import dated_returns, returns
from sibsim.errors import ArgumentError

ROUNDING = 1e-12
"""Share of all that is paid by which a running sum may miss zero and still count as paid back."""

VECTOR, MATRIX = 1, 2
"""Numbers of axes of one flow and of one flow per draw."""

NUMBERS = "biufO"
"""Kinds of array that may hold amounts; an object array may hold Decimals and Fractions."""

RateSteps = Sequence[tuple[float, float]]
"""(from year, effective annual rate) of each step, rising from year 0."""


def discount_factors(years: FloatArray, *, rate: float | RateSteps) -> FloatArray:
    """Return what money at each time is worth at time 0, same shape as `years`.

    (1 + r)^(-t); with steps, prod_k (1 + r_k)^(-years of t in step k), the form of HM Treasury
    (2022), The Green Book, annex 6.

    Parameters
    ----------
    years
        Times in years from now, >= 0.
    rate
        Effective annual rate above -1, or its steps: `((0, 0.035), (30, 0.03))`.

    Raises
    ------
    ArgumentError
        If a rate is -1 or below, or the steps do not rise from year 0.
    """
    try:
        pairs = [(0.0, rate)] if isinstance(rate, SupportsFloat) else list(rate)
        steps = [(float(start), float(step_rate)) for start, step_rate in pairs]
    except (TypeError, ValueError):
        message = f"got the rate {rate!r:.60}; it is a number, or steps such as ((0, 0.035),)"
        raise ArgumentError(message) from None
    starts = [start for start, _ in steps]
    if not steps or starts[0] != 0 or sorted(set(starts)) != starts:
        message = f"got steps from the years {starts}; they must rise from year 0"
        raise ArgumentError(message)
    log_factor = np.zeros(np.shape(years))
    for (start, step_rate), end in zip(steps, [*starts[1:], np.inf], strict=True):
        if not step_rate > -1:
            message = f"got the discount rate {step_rate}; it must be above -1 (-100 %)"
            raise ArgumentError(message)
        log_factor -= np.log1p(step_rate) * (np.clip(years, start, end) - start)
    return np.exp(log_factor)


def npv(
    flows: ArrayLike, *, rate: float | RateSteps, periods_per_year: float = 1
) -> float | FloatArray:
    """Return the net present value at node 0 of one flow or of many.

    sum_j a_j (1 + r)^(-j / m): the first flow is not discounted. The NPV function of spreadsheets
    discounts it by one period.

    Parameters
    ----------
    flows
        Money received (+) and paid (-) at equal intervals: a sequence, or an array (N, D).
    rate
        Effective annual rate above -1: 0.04 is 4 % a year. Or its steps, (from year, rate), rising
        from year 0: `((0, 0.035), (30, 0.03))`.
    periods_per_year
        Intervals per year (m): 4 for quarters.

    Returns
    -------
    float or array
        A number for a sequence, shape (D,) for an array (N, D); in the currency of the flows.

    Raises
    ------
    ArgumentError
        If flows are not finite numbers, there is none, `periods_per_year` is not above zero, a
        rate is -1 or below, or its steps do not rise from year 0.

    Examples
    --------
    >>> npv([-100, 104], rate=0.04)
    0.0
    """
    amounts = _amounts(flows)
    if not np.isfinite(amounts).all() or not len(amounts):
        message = "got no flow, or one that is infinite or not a number; give finite amounts"
        raise ArgumentError(message)
    if not periods_per_year > 0:
        message = f"got periods_per_year = {periods_per_year}; it must be above zero"
        raise ArgumentError(message)
    columns = amounts.reshape(len(amounts), -1)
    value = _discounted(columns, rate=rate, periods_per_year=periods_per_year)
    return float(value[0]) if amounts.ndim == VECTOR else value


def present_value(flows: FloatArray, *, rate: float | None, periods_per_year: float) -> FloatArray:
    """Return the net present value as `npv` does, (D,); NaN where no rate is stated."""
    if rate is None:
        return np.full(flows.shape[1:], np.nan)
    return _discounted(flows, rate=rate, periods_per_year=periods_per_year)


def _discounted(
    flows: FloatArray, *, rate: float | RateSteps, periods_per_year: float
) -> FloatArray:
    factors = discount_factors(np.arange(len(flows)) / periods_per_year, rate=rate)
    return summed(flows * factors[:, np.newaxis])


def _amounts(flows: ArrayLike) -> FloatArray:
    """Return flows as an array with one or two axes; refuse what is no number."""
    amounts: FloatArray | None = None
    with contextlib.suppress(TypeError, ValueError):
        given = np.asarray(flows)
        if given.dtype.kind in NUMBERS:
            amounts = given.astype(np.float64, copy=False)
    if amounts is None:
        message = f"got {flows!r:.60}; flows are numbers, such as [-100, 60, 60]"
        raise ArgumentError(message)
    if amounts.ndim not in (VECTOR, MATRIX):
        message = f"got an array with {amounts.ndim} axes; flows are a sequence or an array (N, D)"
        raise ArgumentError(message)
    return amounts


def irr(flows: ArrayLike, *, periods_per_year: float = 1) -> float | FloatArray:
    """Return the effective annual internal rate of return of one flow or of many.

    The rate r at which sum_j a_j (1 + r)^(-j / m) falls through zero as r rises, nearest to 0.
    Only payments and no receipt: -1, total loss. NaN where there is no such rate: only receipts,
    all zeros, receipts that come before the payments, or no root although the signs differ, as in
    [-100, 50, -10]. For flows on dates see `xirr`.

    Parameters
    ----------
    flows
        Money received (+) and paid (-) at equal intervals: a sequence, or an array (N, D).
    periods_per_year
        Intervals per year (m): 4 for quarters.

    Returns
    -------
    float or array
        A number for a sequence, shape (D,) for an array: 0.05 is 5 % a year.

    Raises
    ------
    ArgumentError
        If flows are not finite numbers, there is none, or `periods_per_year` is not above zero.

    Examples
    --------
    >>> round(irr([-100, 60, 60]), 4)
    0.1307
    """
    amounts = _amounts(flows)
    if amounts.ndim == VECTOR:
        return float(returns(amounts[:, np.newaxis], periods_per_year=periods_per_year).rate[0])
    return returns(amounts, periods_per_year=periods_per_year).rate


def xirr(flows: ArrayLike, dates: Sequence[date]) -> float:
    """Return the effective annual internal rate of return of one flow on dates (act/365).

    The rate r at which sum_i a_i (1 + r)^(-(d_i - d_0) / 365) falls through zero as r rises,
    nearest to 0; -1 and NaN mean the same as for `irr`.

    Parameters
    ----------
    flows
        Money received (+) and paid (-).
    dates
        The date of each, in any order.

    Raises
    ------
    ArgumentError
        If the lengths differ, there is no flow, or flows are not finite numbers.

    Examples
    --------
    >>> from datetime import date
    >>> round(xirr([-100, 110], [date(2023, 1, 1), date(2024, 1, 1)]), 4)
    0.1
    """
    return float(dated_returns(_amounts(flows), dates).rate[0])


def profit(flows: FloatArray) -> FloatArray:
    """Return all that is received less all that is paid, sum_j a_j, (D,); flows (N, D)."""
    return summed(flows)


def multiple(received: FloatArray, *, drawn: FloatArray) -> FloatArray:
    """Return gross received / gross drawn (MOIC), NaN where nothing is drawn, (D,).

    Parameters
    ----------
    received, drawn
        Totals over all nodes before netting, >= 0, (1 or D,).
    """
    shape = np.broadcast_shapes(received.shape, drawn.shape)
    share: FloatArray = np.divide(received, drawn, out=np.full(shape, np.nan), where=drawn > 0)
    return share


def peak_capital(flows: FloatArray) -> FloatArray:
    """Return the most money tied up at any node, max(0, -min_j sum_{i<=j} a_i), (D,).

    Parameters
    ----------
    flows
        Money received and paid, (N, D).
    """
    lowest: FloatArray = running_sums(flows).min(axis=0, initial=0.0)
    return np.abs(lowest)


def payback_years(flows: FloatArray, *, periods_per_year: float) -> FloatArray:
    """Return when the running sum is first back at zero after having been below it, (D,).

    min {j : sum_{i<=j} a_i >= -1e-12 G and sum_{i<=l} a_i < 0 for some l < j} / m in years from
    node 0, G all that is paid; NaN if never.

    Parameters
    ----------
    flows
        Money received and paid, (N, D).
    periods_per_year
        Periods per year (m).
    """
    below = running_sums(flows) < ROUNDING * summed(np.minimum(flows, 0.0))
    back = (below[:-1] > below[1:]).view(np.uint8)
    left = np.arange(len(flows) - 1, 0, -1, dtype=np.min_scalar_type(len(flows)))[:, np.newaxis]
    most = (back * left).max(axis=0, initial=0)
    return np.where(most > 0, (len(flows) - most) / periods_per_year, np.nan)


def weighted_average_life(flows: FloatArray, *, periods_per_year: float) -> FloatArray:
    """Return the mean time until money comes back, weighted by the amounts received, (D,).

    sum_j (j / m) max(a_j, 0) / sum_j max(a_j, 0) in years from node 0; NaN if nothing is received.

    Parameters
    ----------
    flows
        Money received and paid, (N, D); payments carry no weight.
    periods_per_year
        Periods per year (m).
    """
    received = np.maximum(flows, 0.0)
    years = np.arange(len(flows))[:, np.newaxis] / periods_per_year
    total, weighted = profit(received), profit(received * years)
    life: FloatArray = np.divide(weighted, total, out=np.full(total.shape, np.nan), where=total > 0)
    return life
