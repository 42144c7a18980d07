"""What a contract pays: every line's claim, then every limit in its order.

Limits apply in the order person, line, year, contract; each meets what the ones before have left.
No randomness and no matrix products: sums are taken in the order of the lines and periods, so that
the same world gives the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray, added
from sibsim.core.stages import Measurement, Standing
from sibsim.payments.base import Claim, PaymentModel, Terms, collect
from sibsim.payments.limits import ContractLimit, cut_per_person, cut_running


@dataclass(frozen=True, slots=True)
class Payments:
    """What is owed, what is paid and what each limit took away.

    Over all lines and periods: sum of due = sum of paid + sum of cut, in every draw.
    """

    due: Mapping[str, FloatArray]
    """Owed before limits, by line, (T, 1 or D)."""

    paid: Mapping[str, FloatArray]
    """Paid after limits, by line, (T, 1 or D)."""

    lapsed: Mapping[str, FloatArray]
    """Owed after the last payment date or beyond the case, by line, before limits, (1 or D,); not
    part of `due`."""

    cut: Mapping[str, FloatArray]
    """Cut by each limit that is set, (T, 1 or D): `person`, `line.<name>`, `year`, `contract`. A
    limit bound where it is above zero."""


def settle_payments(
    lines: Mapping[str, PaymentModel],
    *,
    measured: Mapping[str, Measurement],
    standing: Standing,
    limits: ContractLimit,
    terms: Terms,
) -> Payments:
    """Return what a contract owes and pays.

    Parameters
    ----------
    lines
        The payment lines, by name.
    measured
        What is reported, by measure; with claims by person when there is a limit per person.
    standing
        Which cohorts are served.
    limits
        The limits over all lines; those of one line stand with the line.
    terms
        When the contract pays.

    Raises
    ------
    ArgumentError
        If a limit per person meets a report without claims by person, or a line that pays each
        cohort its share meets terms without planned participants.
    """
    owed = {
        name: line.due(measured, standing=standing, terms=terms) for name, line in lines.items()
    }
    due = {name: claim.amount for name, claim in owed.items()}
    paid = dict(due)
    cut: dict[str, FloatArray] = {}
    if limits.person is not None:
        lost = _lost_by_person(
            lines, measured=measured, standing=standing, terms=terms, cap=limits.person
        )
        paid |= {name: np.maximum(due[name] - amount, 0.0) for name, amount in lost.items()}
        cut["person"] = added(
            (due[name] - paid[name] for name in lost), shape=(terms.timeline.periods, 1)
        )
    cut |= _limit(lines, paid=paid, limits=limits, terms=terms)
    lapsed = {name: claim.lapsed for name, claim in owed.items()}
    return Payments(due=due, paid=paid, lapsed=lapsed, cut=cut)


def _limit(
    lines: Mapping[str, PaymentModel],
    *,
    paid: dict[str, FloatArray],
    limits: ContractLimit,
    terms: Terms,
) -> dict[str, FloatArray]:
    """Apply the limits of lines, years and contract to `paid`; return what each cuts, (T, 1 or D).

    Only the periods in which anything is claimed are looked at.
    """
    claimed = _claimed(paid, terms=terms)
    order = range(len(claimed))
    years = terms.timeline.year_of_period[claimed]
    whole = np.zeros_like(years)
    caps = [
        (f"line.{name}", [name], line.limit.line, whole)
        for name, line in lines.items()
        if line.limit is not None
    ]
    every = list(lines)
    caps += [
        (name, every, cap, groups)
        for name, cap, groups in (
            ("year", limits.year, years),
            ("contract", limits.contract, whole),
        )
        if cap is not None
    ]
    before = {name: amount[claimed] for name, amount in paid.items()}
    left = dict(before)
    cut = {}
    for name, of, cap, groups in caps:
        kept, lost = cut_running(
            {line: left[line] for line in of}, cap=cap, groups=groups, periods=order
        )
        left |= kept
        cut[name] = _spread(lost, periods=claimed, terms=terms)
    for name, amount in left.items():
        if amount is not before[name]:
            paid[name] = _spread(amount, periods=claimed, terms=terms)
    return cut


def _lost_by_person(
    lines: Mapping[str, PaymentModel],
    *,
    measured: Mapping[str, Measurement],
    standing: Standing,
    terms: Terms,
    cap: float,
) -> dict[str, FloatArray]:
    """Return what the limit per person cuts from each line it applies to, (T, 1 or D)."""
    reports = {name: measured[line.reads] for name, line in lines.items()}
    prices = {}
    for name, line in lines.items():
        of_line = line.person_prices(reports[name].follow_up_months)
        if of_line is not None:
            prices[name] = of_line
    if not prices:
        return {}
    cuts = cut_per_person(prices, measured=reports, cap=cap)
    return {
        name: collect(_dated(amount, report=reports[name], standing=standing), terms=terms).amount
        for name, amount in cuts.items()
    }


def _dated(amount: FloatArray, *, report: Measurement, standing: Standing) -> Iterator[Claim]:
    for k in range(amount.shape[1]):
        for cohort, served in enumerate(standing.served):
            yield Claim(amount[cohort, k] * served, report.when[cohort, k])


def _claimed(due: Mapping[str, FloatArray], *, terms: Terms) -> IntArray:
    """Return the periods in which any line claims anything in any draw, in order."""
    claimed = np.zeros(terms.timeline.periods, dtype=np.bool_)
    for amount in due.values():
        claimed |= amount.any(axis=1)
    return np.flatnonzero(claimed)


def _spread(amount: FloatArray, *, periods: IntArray, terms: Terms) -> FloatArray:
    """Return amounts of some periods, (S, 1 or D), in all periods, (T, 1 or D)."""
    whole = np.zeros((terms.timeline.periods, amount.shape[-1]))
    whole[periods] = amount
    return whole
