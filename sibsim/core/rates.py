"""The internal rate of return of many cash flows at once: the rule, its codes and two solvers.

A flow is money received (+) and paid (-) at nodes in time. With y = -ln(1 + r) its present value is
a sum of exponentials, f(y) = sum_j a_j exp(t_j y), t_j in periods or years. **The IRR is the rate
at which the net present value falls through zero as the rate rises, nearest to 0**: f rises
through zero in y. A root at which the value *rises* with the rate is the cost of a loan, not a
return, and does not count; so money received first and paid back later has no IRR.

Two solvers, chosen column by column:

- *Halley's method* on g(y) = ln(P(y) / N(y)), P the discounted receipts and N the discounted
  payments, from y = 0. Where exactly one root exists, because the flow changes sign once
  (Descartes' rule of signs) or its running sums do so when taken from both ends (Norstrom 1972, "A
  sufficient condition for a unique nonnegative internal rate of return", J. Financial and
  Quantitative Analysis 7(3):1835-1839), g crosses zero once. g' is the difference of the two
  durations, at least one period for a single change of sign.
- *Isolation* of every root otherwise, and for dated flows: `sibsim.core.roots`.

Every column is computed as if it were alone: neither its neighbours nor its place change a bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sibsim.core.arrays import BoolArray, FloatArray, IntArray
from sibsim.core.roots import all_roots, sign_changes
from sibsim.errors import ArgumentError

CHUNK_DRAWS = 4096
"""Columns worked on together: fewer pay more for each call, more fall out of the cache."""

LANES = 8
"""Columns are padded to a multiple of this, so that a sum always runs over nodes one by one."""

HALLEY_STEPS = 12
"""Steps before a column is handed to the isolation of roots; one or two are usual."""

ERROR_LEFT = 1e-12
"""A column has converged when the leading error term of its last step is below this, in y."""

LARGEST_LAST_STEP = 1e-2
"""Largest last step times nodes: the series behind the error term converges fast inside it."""

SHRINK = 4
"""Columns not yet solved are set apart when fewer than one in so many are left."""

LEAST_DAMPING = 0.25
"""A step is at most four times Newton's."""

LEAST_SLOPE = 0.5
"""g' below which a column is handed to the isolation of roots: there the value may not fall."""

LOG_RANGE = 700.0
"""Largest |y| times nodes for which powers of exp(y) are finite and above zero."""

ACT_365_DAYS = 365.0
"""Days of the year of dated flows: act/365, as in spreadsheets."""


class IrrCode(IntEnum):
    """What kind of number an internal rate of return is."""

    UNIQUE = 0
    """The net present value falls through zero at one rate only."""

    TOTAL_LOSS = 1
    """Money was paid and nothing received: the rate is -1 (-100 %)."""

    UNDEFINED = 2
    """There is no such rate (NaN): only receipts, all zeros, or receipts come before payments."""

    SEVERAL = 3
    """The value falls through zero at several rates; the one nearest to 0 is reported."""


@dataclass(frozen=True, slots=True)
class Returns:
    """Internal rates of return and what kind of number each is."""

    rate: FloatArray
    """Effective annual rate, (D,): 0.05 is 5 %; -1 at total loss, NaN where undefined."""

    code: NDArray[np.int8]
    """`IrrCode` of every draw, (D,)."""


def returns(flows: FloatArray, *, periods_per_year: float) -> Returns:
    """Return the effective annual internal rate of return of every draw, with its code.

    r solves sum_j a_j (1 + r)^(-j / m) = 0, m periods per year, where the sum falls as r rises;
    nearest to 0 if several. Only payments: -1 (total loss). Only receipts, or all zero: NaN.

    Parameters
    ----------
    flows
        Money received (+) and paid (-) on equidistant nodes, shape (N, D).
    periods_per_year
        Periods between nodes per year (m): 4 for quarters.

    Raises
    ------
    ArgumentError
        If a flow is not finite, there is no node, or `periods_per_year` is not above zero.
    """
    if not periods_per_year > 0:
        message = f"got periods_per_year = {periods_per_year}; it must be above zero"
        raise ArgumentError(message)
    if not len(flows):
        message = "got no flows; an internal rate of return needs at least one"
        raise ArgumentError(message)
    nodes, draws = flows.shape
    padded = -(-draws // LANES) * LANES
    amounts = np.ascontiguousarray(flows)
    if padded > draws:
        amounts = np.zeros((nodes, padded))
        amounts[:, :draws] = flows
    log_discount = np.empty(padded)
    solved = np.empty(padded, dtype=np.bool_)
    buffers = np.empty((4, nodes, min(CHUNK_DRAWS, padded)))
    for first in range(0, padded, CHUNK_DRAWS):
        part = slice(first, min(first + CHUNK_DRAWS, padded))
        log_discount[part], solved[part] = _by_halley(amounts[:, part], buffers=buffers)
    log_discount, solved = log_discount[:draws], solved[:draws]
    with np.errstate(over="ignore"):
        rate = np.expm1(-periods_per_year * log_discount)
    code = np.zeros(draws, dtype=np.int8)
    rest = np.flatnonzero(~solved)
    years = np.arange(nodes) / periods_per_year
    for first in range(0, len(rest), CHUNK_DRAWS):
        part_of_rest = rest[first : first + CHUNK_DRAWS]
        found = _by_isolation(flows[:, part_of_rest], years=years)
        rate[part_of_rest], code[part_of_rest] = found.rate, found.code
    return Returns(rate=rate, code=code)


def dated_returns(flows: ArrayLike, dates: Sequence[date]) -> Returns:
    """Return the internal rate of return of one dated flow (act/365), with its code; D = 1.

    r solves sum_i a_i (1 + r)^(-(d_i - d_0) / 365) = 0 by the same rule as `returns`. Dates may
    come in any order; amounts on one date are added up.

    Raises
    ------
    ArgumentError
        If the lengths differ, there is no flow, or a flow is not finite.
    """
    amounts = np.asarray(flows, dtype=np.float64)
    days = np.asarray(list(dates), dtype="datetime64[D]")
    if amounts.shape != days.shape or not amounts.size:
        message = f"got {amounts.size} flows and {days.size} dates; every flow needs a date"
        raise ArgumentError(message)
    _check_finite(amounts)
    dated, place = np.unique(days, return_inverse=True)
    totals = np.zeros((len(dated), 1))
    np.add.at(totals[:, 0], place, amounts)
    years = (dated - dated[0]).astype(np.float64) / ACT_365_DAYS
    return _by_isolation(totals, years=years)


def _check_finite(amounts: FloatArray) -> None:
    if not np.isfinite(amounts).all():
        message = "got a flow that is infinite or not a number; every flow must be a finite amount"
        raise ArgumentError(message)


def _by_halley(flows: FloatArray, *, buffers: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return y per period, (C,), and whether it was found, (C,); buffers (4, N, C or more)."""
    nodes, columns = flows.shape
    powers, work, received, paid = (buffer[:, :columns] for buffer in buffers)
    if not flows.flags.c_contiguous:
        received[:] = flows
        flows = received
    highest, lowest = flows.max(axis=1), flows.min(axis=1)
    _check_finite(np.concatenate([highest, lowest]))
    receipts, payments = _reach(highest > 0), _reach(lowest < 0)
    active = _may_be_solved(flows, mixed=range(receipts.start, payments.stop))
    used = slice(0, max(receipts.stop, payments.stop))
    flows, powers, work, received, paid = (
        each[used] for each in (flows, powers, work, received, paid)
    )
    if receipts.start < payments.stop:
        np.minimum(flows, 0.0, out=paid)
        np.maximum(flows, 0.0, out=received)
    else:
        received = paid = flows
    with np.errstate(all="ignore"):
        y, third = _start(received[receipts], paid[payments], receipts, payments)
        found, solved = y.copy(), np.zeros(columns, dtype=np.bool_)
        place = np.arange(columns)
        for _ in range(HALLEY_STEPS):
            active &= np.abs(y) * nodes < LOG_RANGE
            left = np.flatnonzero(active)
            if not len(left):
                break
            if len(left) * SHRINK < len(place):
                keep = np.resize(left, -(-len(left) // LANES) * LANES)
                place, y, third, active = place[keep], y[keep], third[keep], active[keep]
                received, paid = np.take(received, keep, axis=1), np.take(paid, keep, axis=1)
                powers, work = powers[:, : len(keep)], work[:, : len(keep)]
            _fill_powers(powers, np.exp(y))
            inflow = _discounted_moments(received, powers, work, receipts)
            outflow = _discounted_moments(paid, powers, work, payments)
            step, error, slope = _halley_step(inflow, outflow, third)
            y = y - step
            active &= slope > LEAST_SLOPE
            close = active & (error < ERROR_LEFT) & (np.abs(step) * nodes < LARGEST_LAST_STEP)
            found[place[close]] = y[close]
            solved[place[close]] = True
            active &= ~close
    return found, solved


def _start(
    received: FloatArray, paid: FloatArray, receipts: slice, payments: slice
) -> tuple[FloatArray, FloatArray]:
    """Return a first y and the third derivative of g there as a share of 6 g', each (C,).

    Householder's method of order 3, one step from y = 0; Newton's where that goes astray.
    """
    inflow, in_mean, in_variance = _moments(received, receipts)
    outflow, out_mean, out_variance = _moments(paid, payments)
    slope = in_mean - out_mean
    third = _third_moment(received, receipts) / inflow - _third_moment(paid, payments) / outflow
    third -= in_mean * (3.0 * in_variance + in_mean * in_mean)
    third += out_mean * (3.0 * out_variance + out_mean * out_mean)
    third /= 6.0 * slope
    newton = np.log(inflow / -outflow) / slope
    bend = newton * (in_variance - out_variance) / (2.0 * slope)
    factor = (1.0 - bend) / (1.0 - 2.0 * bend + newton * newton * third)
    usable = (factor > LEAST_DAMPING) & (factor < 1.0 / LEAST_DAMPING)
    return -newton * np.where(usable, factor, 1.0), np.abs(third)


def _halley_step(
    inflow: tuple[FloatArray, FloatArray, FloatArray],
    outflow: tuple[FloatArray, FloatArray, FloatArray],
    third: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return by how much y falls, the error then left (leading term), and g', each (C,)."""
    received, in_mean, in_variance = inflow
    paid, out_mean, out_variance = outflow
    slope = in_mean - out_mean
    newton = np.log(received / -paid) / slope
    bend = newton * (in_variance - out_variance) / (2.0 * slope)
    error = np.abs(newton) * (bend * bend + newton * newton * third)
    return newton / np.maximum(1.0 - bend, LEAST_DAMPING), error, slope


def _reach(live: BoolArray) -> slice:
    """Return the rows from the first live one to the last; an empty slice if none is live."""
    rows = np.flatnonzero(live)
    return slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) else slice(0, 0)


def _fill_powers(powers: FloatArray, base: FloatArray) -> None:
    """Fill row j with base^j, doubling the rows known so far."""
    powers[:1] = 1.0
    powers[1:2] = base
    known = 2
    while known < len(powers):
        fresh = min(known - 1, len(powers) - known)
        np.multiply(powers[1 : fresh + 1], powers[known - 1], out=powers[known : known + fresh])
        known += fresh


def _discounted_moments(
    amounts: FloatArray, powers: FloatArray, work: FloatArray, rows: slice
) -> tuple[FloatArray, FloatArray, FloatArray]:
    return _moments(np.multiply(amounts[rows], powers[rows], out=work[rows]), rows)


def _moments(present: FloatArray, rows: slice) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return sum, mean node and variance of the node of discounted amounts, each (C,)."""
    node = np.arange(rows.start, rows.stop, dtype=np.float64)
    total = np.add.reduce(present, axis=0)
    mean = np.einsum("j,jc->c", node, present) / total
    variance = np.einsum("j,jc->c", node * node, present) / total - mean * mean
    return total, mean, variance


def _third_moment(present: FloatArray, rows: slice) -> FloatArray:
    node = np.arange(rows.start, rows.stop, dtype=np.float64)
    moment: FloatArray = np.einsum("j,jc->c", node**3, present)
    return moment


def _may_be_solved(amounts: FloatArray, *, mixed: range) -> BoolArray:
    """Return which columns, (C,), surely have one root at most.

    Parameters
    ----------
    amounts
        Flows, shape (N, C).
    mixed
        Rows outside which payments only precede, or receipts only follow, all others.
    """
    received = np.zeros(amounts.shape[1], dtype=np.bool_)
    again = np.zeros_like(received)
    for row in mixed:
        received |= amounts[row] > 0
        again |= received & (amounts[row] < 0)
    sure = ~again
    doubtful = np.flatnonzero(again)
    if len(doubtful):
        sure[doubtful] = _running_sums_change_once(amounts[:, doubtful])
    return sure


def _running_sums_change_once(amounts: FloatArray) -> BoolArray:
    """Return where the running sums from both ends change sign once, (C,).

    The changes of the sums from the start bound the number of roots with r > 0, those of the sums
    from the end the number with r < 0.
    """
    forward = np.cumsum(amounts, axis=0)
    total = forward[-1].copy()
    changes = _changes_down(forward)
    np.subtract(total, forward, out=forward)
    changes += _changes_down(np.concatenate([total[np.newaxis], forward[:-1]]))
    once: BoolArray = (changes == 1) & (total != 0)
    return once


def _changes_down(rows: FloatArray) -> IntArray:
    """Return how often the sign changes from row to row, zeros skipped, (C,); rows (N, C)."""
    changes = np.zeros(rows.shape[1], dtype=np.int64)
    was_above = np.zeros(rows.shape[1], dtype=np.bool_)
    was_below = was_above.copy()
    for row in rows:
        above, below = row > 0, row < 0
        changes += (above & was_below) | (below & was_above)
        was_above = above | (was_above & ~below)
        was_below = below | (was_below & ~above)
    return changes


def _by_isolation(flows: FloatArray, *, years: FloatArray) -> Returns:
    """Return rate and code of every column from all its roots; flows (M, C), years (M,)."""
    rows = np.ascontiguousarray(flows.T)
    changes = sign_changes(rows)
    count = changes.sum(axis=1)
    lost = (count == 0) & (rows.min(axis=1) < 0)
    rate = np.where(lost, -1.0, np.nan)
    code = np.where(lost, IrrCode.TOTAL_LOSS, IrrCode.UNDEFINED).astype(np.int8)
    for number in np.unique(count[count > 0]).tolist():
        which = np.flatnonzero(count == number)
        roots, falling = all_roots(rows[which], times=years, changes=changes[which])
        with np.errstate(over="ignore"):
            rates = np.expm1(-roots)
        distance = np.where(falling, np.abs(rates), np.inf)
        nearest = distance.argmin(axis=1)[:, np.newaxis]
        fallings = falling.sum(axis=1)
        rate[which] = np.where(
            fallings > 0, np.take_along_axis(rates, nearest, axis=1)[:, 0], np.nan
        )
        code[which] = np.select(
            [fallings == 0, fallings == 1], [IrrCode.UNDEFINED, IrrCode.UNIQUE], IrrCode.SEVERAL
        )
    return Returns(rate=rate, code=code)
