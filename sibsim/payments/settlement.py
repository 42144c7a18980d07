"""What a contract pays: every line's claim with its clauses, then every limit in its order.

Limits apply in the order person, line, year, payer, contract; each meets what the ones before have
left. Other public money is set off last. A line without a payer of its own is shared by the payers
of the contract.
No randomness and no matrix products: sums are taken in the order of the lines and periods, so that
the same world gives the same bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray, added
from sibsim.core.spec import nearest
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.errors import ArgumentError
from sibsim.payments.base import Claim, PaymentModel, Terms, collect
from sibsim.payments.limits import ContractLimit, cut_per_person, cut_running
from sibsim.payments.payers import shares_of
from sibsim.payments.reading import masked

NOTHING_MADE: Mapping[str, FloatArray] = MappingProxyType({})
"""Nothing is known of what was really paid."""

ONE_PAYER: Mapping[str, float] = MappingProxyType({"payer": 1.0})
"""The payer of a contract that names none."""


@dataclass(frozen=True, slots=True)
class Payments:
    """What is owed, what is paid and what each limit took away.

    Over all lines and periods: sum of due = sum of paid + sum of cut, in every draw. What the
    investors owe back is no part of it.
    """

    due: Mapping[str, FloatArray]
    """Owed before limits, by line, (T, 1 or D)."""

    paid: Mapping[str, FloatArray]
    """Paid after limits, by line, (T, 1 or D)."""

    lapsed: Mapping[str, FloatArray]
    """Owed after the last payment date or beyond the case, by line, before limits, (1 or D,); not
    part of `due`."""

    cut: Mapping[str, FloatArray]
    """Cut by each limit that is set, (T, 1 or D): `person`, `line.<name>`, `year`, `payer.<name>`,
    `contract`, `netting`. A limit bound where it is above zero."""

    paid_by: Mapping[tuple[str, str], FloatArray]
    """Paid after limits, by line and payer, (T, 1 or D)."""

    returned_to: Mapping[tuple[str, str], FloatArray]
    """Owed back by the investors, by line and payer, (T, 1 or D); empty where no line can ask for
    anything back."""

    def as_made(self, paid: Mapping[str, FloatArray]) -> Payments:
        """Return the payments with what was really paid in the place of what the contract gives.

        What differs counts as owed too, and payers share it as they share the line.

        Parameters
        ----------
        paid
            What was really paid in each period, by line, (T,); NaN: not known, as the contract
            gives.
        """
        due, by_line, by_payer = dict(self.due), dict(self.paid), dict(self.paid_by)
        for name, really in paid.items():
            given = self.paid[name]
            made = _as_made(given, made=really)
            due[name] = due[name] + (made - given)
            by_line[name] = made
            payers = [key for key in by_payer if key[0] == name]
            for key in payers:
                even = np.full_like(given, 1.0 / len(payers))
                share = np.divide(by_payer[key], given, out=even, where=given > 0)
                by_payer[key] = made * share
        return replace(self, due=due, paid=by_line, paid_by=by_payer)


def settle_payments(
    lines: Mapping[str, PaymentModel],
    *,
    measured: Mapping[str, Measurement],
    standing: Standing,
    limits: ContractLimit,
    terms: Terms,
    payers: Mapping[str, float] = ONE_PAYER,
    made: Mapping[str, FloatArray] = NOTHING_MADE,
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
    payers
        Share of every payer in the lines that name none; shares sum to 1.
    made
        What was really paid in each period, by line, (T,); NaN: not known. It stands, and limits
        that run on count it.

    Raises
    ------
    ArgumentError
        If payments were made on a line that there is not, a limit per person meets a report
        without claims by person, or a line that pays each cohort its share meets terms without
        planned participants.
    """
    owed = {
        name: _owed(line, measured=measured, standing=standing, terms=terms)
        for name, line in lines.items()
    }
    _check_lines(made, lines=lines)
    due = {name: _as_made(claim.amount, made=made.get(name)) for name, claim in owed.items()}
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
    shares = {name: shares_of(line.payer) if line.payer else payers for name, line in lines.items()}
    by_payer, found = _limit(lines, paid=paid, limits=limits, terms=terms, shares=shares)
    paid = {
        name: parts[0] if len(parts) == 1 else added(parts)
        for name, of in shares.items()
        for parts in [[by_payer[name, payer] for payer in of]]
    }
    whole = Payments(
        due=due,
        paid=paid,
        lapsed={name: claim.lapsed for name, claim in owed.items()},
        cut=cut | found,
        paid_by=by_payer,
        returned_to={
            (name, payer): _returned(
                line,
                shared=owed[name].returned,
                share=share,
                paid=by_payer[name, payer],
                measured=measured,
                standing=standing,
                terms=terms,
            )
            for name, line in lines.items()
            if line.may_be_returned
            for payer, share in shares[name].items()
        },
    )
    return whole.as_made(made)


def _owed(
    line: PaymentModel,
    *,
    measured: Mapping[str, Measurement],
    standing: Standing,
    terms: Terms,
) -> Due:
    """Return what a line owes under its trigger, index and holdback, before limits."""
    due = line.due(
        _as_read(line, measured=measured, standing=standing),
        standing=line.standing_for(standing),
        terms=terms,
    )
    if line.index is not None:
        factor = terms.factors[line.index][:, np.newaxis]
        returned = None if due.returned is None else due.returned * factor
        due = Due(due.amount * factor, due.lapsed, returned)
    if line.holdback is not None:
        passed, _, when = line.holdback.until.outcome(measured, standing=standing)
        due = line.holdback.applied(
            due, passed=passed, period=terms.period(when), periods=terms.timeline.periods
        )
    return due


def _as_read(
    line: PaymentModel, *, measured: Mapping[str, Measurement], standing: Standing
) -> Mapping[str, Measurement]:
    """Return the reports as a line reads them: of its cohorts, and what its trigger lets pass."""
    if line.trigger is None and line.cohorts is None:
        return measured
    own = line.standing_for(standing)
    read = {reading.measure: measured[reading.measure] for reading in line.readings}
    if line.cohorts is not None:
        counts = np.isin(np.arange(1, len(standing.served) + 1), line.cohorts)
        keep = counts[:, np.newaxis, np.newaxis]
        read = {name: masked(report, keep=keep) for name, report in read.items()}
    if line.trigger is not None:
        read = {name: line.trigger.applied(each, standing=own) for name, each in read.items()}
    return {**measured, **read}


def _returned(
    line: PaymentModel,
    *,
    shared: FloatArray | None,
    share: float,
    paid: FloatArray,
    measured: Mapping[str, Measurement],
    standing: Standing,
    terms: Terms,
) -> FloatArray:
    """Return what the investors owe back to one payer of a line, (T, 1 or D).

    Its share of what is owed by the schedule, and by the clawback of what it has paid itself.
    """
    back = np.zeros((terms.timeline.periods, 1)) if shared is None else shared * share
    if line.clawback is None:
        return back
    _, failed, when = line.clawback.unless.outcome(measured, standing=standing)
    return back + line.clawback.applied(paid, failed=failed, period=terms.period(when))


def _check_lines(made: Mapping[str, FloatArray], *, lines: Mapping[str, PaymentModel]) -> None:
    """Refuse payments that were made on a line that there is not."""
    for name in made:
        if name not in lines:
            message = (
                f"got payments made on line {name!r}, which the contract has not"
                f"{nearest(name, lines)}; observe the case again with this contract"
            )
            raise ArgumentError(message)


def _as_made(amount: FloatArray, *, made: FloatArray | None) -> FloatArray:
    """Return what was really paid in the periods in which it is known, (T, 1 or D)."""
    if made is None:
        return amount
    really = made[:, np.newaxis]
    return np.where(np.isnan(really), amount, really)


def _limit(
    lines: Mapping[str, PaymentModel],
    *,
    paid: Mapping[str, FloatArray],
    limits: ContractLimit,
    terms: Terms,
    shares: Mapping[str, Mapping[str, float]],
) -> tuple[dict[tuple[str, str], FloatArray], dict[str, FloatArray]]:
    """Apply the limits of lines, years, payers and contract.

    Only the periods in which anything is claimed are looked at.

    Returns
    -------
    paid
        What is left, by line and payer, (T, 1 or D).
    cut
        What each limit cuts, (T, 1 or D).
    """
    claimed = _claimed(paid, terms=terms)
    order = range(len(claimed))
    years = terms.timeline.year_of_period[claimed]
    whole = np.zeros_like(years)
    before = {
        (name, payer): paid[name][claimed] if share == 1 else paid[name][claimed] * share
        for name, of in shares.items()
        for payer, share in of.items()
    }
    left = dict(before)
    caps: list[tuple[str, Iterable[tuple[str, str]], float, IntArray]] = [
        (f"line.{name}", [each for each in left if each[0] == name], line.limit.line, whole)
        for name, line in lines.items()
        if line.limit is not None
    ]
    by_payer = [
        (f"payer.{payer}", [each for each in left if each[1] == payer], cap, whole)
        for payer, cap in limits.payer.items()
    ]
    every = [
        (name, list(left), cap, groups)
        for name, cap, groups in (
            ("year", limits.year, years),
            ("contract", limits.contract, whole),
            ("netting", limits.netting, whole),
        )
        if cap is not None
    ]
    caps += [each for each in every if each[0] == "year"]
    caps += by_payer
    caps += [each for each in every if each[0] != "year"]
    cut = {}
    for name, of, cap, groups in caps:
        kept, lost = cut_running(
            {each: left[each] for each in of},
            cap=cap,
            groups=groups,
            periods=order,
            below=name == "netting",
        )
        left |= kept
        cut[name] = _spread(lost, periods=claimed, terms=terms)
    return {
        each: paid[each[0]]
        if shares[each[0]][each[1]] == 1 and amount is before[each]
        else _spread(amount, periods=claimed, terms=terms)
        for each, amount in left.items()
    }, cut


def _lost_by_person(
    lines: Mapping[str, PaymentModel],
    *,
    measured: Mapping[str, Measurement],
    standing: Standing,
    terms: Terms,
    cap: float,
) -> dict[str, FloatArray]:
    """Return what the limit per person cuts from each line it applies to, (T, 1 or D)."""
    reports: dict[str, Measurement] = {}
    prices: dict[str, tuple[float, ...]] = {}
    for name, line in lines.items():
        if not line.readings:
            continue
        measure = line.readings[0].measure
        report = _as_read(line, measured=measured, standing=standing)[measure]
        of_line = line.person_prices(report.follow_up_months)
        if of_line is not None:
            prices[name], reports[name] = of_line, line.as_paid(report)
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
