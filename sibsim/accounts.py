"""All the money: from one world to standing, payments, capital and the ledger. No randomness.

`settle` is the second of the two functions everything is made of. It reads what chance decided and
what the contract says, and returns every krone that moves: who pays whom, for what, when. The
budget's gains and the ledger are worked out when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from sibsim.budget.lines import NATURE
from sibsim.budget.savings import savings
from sibsim.capital.account import NEVER, ROUNDING, CapitalAccount, settle_capital
from sibsim.capital.postings import ACCOUNT, capital_postings
from sibsim.capital.spec import Capital
from sibsim.case import Case
from sibsim.core.arrays import FloatArray, IntArray, added
from sibsim.core.postings import BudgetResult, CostFlow, Frame, Posting, transfer
from sibsim.core.stages import Context, Measurement, Standing, World
from sibsim.core.streams import Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.payments.base import Terms
from sibsim.payments.set_off import SetOff, set_off
from sibsim.payments.settlement import NOTHING_MADE, Payments, settle_payments
from sibsim.payments.standing import service_ends
from sibsim.payments.standing import standing as standing_of
from sibsim.payments.termination import Known
from sibsim.sections import Contract

COMPENSATION = "contract.termination"
"""Line of the ledger for what the payers owe at an early end."""

CONTRACT_FRAME: Frame = "service"
"""Frame of what capital finances and of what is paid for outcomes: a conditional grant is booked as
income under the service ceiling and its repayment uses room under it (DSI toolbox, budgeting)."""


@dataclass(frozen=True, slots=True)
class Funding:
    """What is paid and who funds, with what the investors owe back."""

    payments: Payments
    """What is owed, paid and cut by limits, before set-off."""

    account: CapitalAccount
    """What the tranches put in and get out."""

    set_off: Mapping[tuple[str, str], FloatArray]
    """What of the payers' claims is set off against payments, by line and payer, (T, 1 or D)."""

    called: Mapping[tuple[str, str], FloatArray]
    """What of them is called from the capital, by line and payer, (T, 1 or D)."""

    @property
    def called_back(self) -> FloatArray:
        """What of the calls the capital meets, before other costs of the period, (T, 1 or D)."""
        called: FloatArray = np.minimum(added(self.called.values()), self.account.funded)
        return called


@dataclass(frozen=True, eq=False)
class Accounts:
    """Every krone of one block of draws."""

    case: Case
    """The case whose contract is settled."""

    world: World
    """What chance decided."""

    standing: Standing
    """How far the contract goes."""

    costs: tuple[CostFlow, ...]
    """What delivery and evaluation cost, less what an early end saves."""

    funding: Funding
    """What is paid and who funds."""

    @property
    def payments(self) -> Payments:
        """What is owed, paid and cut by limits."""
        return self.funding.payments

    @property
    def capital(self) -> CapitalAccount:
        """What the tranches put in and get out."""
        return self.funding.account

    @cached_property
    def saved(self) -> BudgetResult:
        """What the budget lines gain and cost; its postings are part of the ledger."""
        case, world = self.case, self.world
        if world.saved is not None and self.standing.served.all():
            return world.saved
        return savings(
            case.budget,
            paths=world.paths,
            participation_start=world.participation.start,
            standing=self.standing,
            context=Context(case.timeline, world.values, _OFF, _OFF),
            indices=case.indices,
            price_year=case.head.price_year,
        )

    @cached_property
    def postings(self) -> tuple[Posting, ...]:
        """The ledger."""
        return (
            *_cost_postings(self),
            *capital_postings(self.capital),
            *payment_postings(self.funding),
            *_compensation_postings(self),
            *self.saved.postings,
        )


def settle(case: Case, world: World) -> Accounts:
    """Return the money that follows from a world under the contract of a case.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    world
        What chance decided, of this case or of one that differs in its contract only.
    """
    terms, capital, delivery = case.contract.terms, case.contract.capital, case.delivery
    assert delivery is not None  # noqa: S101 - a case that runs has them, `simulate` checks
    assert terms is not None  # noqa: S101 - as above
    assert capital is not None  # noqa: S101 - as above
    timeline, who = case.timeline, world.participation
    stop_at = None
    if terms.overrun == "stop":
        stop_at = _money_runs_out(world.costs, capital=capital, months=timeline.months_per_period)
    standing = standing_of(
        terms.termination,
        known=Known(world.measured, who, timeline, terms.evaluation_lag_months),
        stop_at=stop_at,
        went_on=world.went_on,
    )
    ends = service_ends(
        standing, participation_start=who.start, programme_months=delivery.programme_months
    )
    costs = _still_paid(
        world.costs, standing=standing, ends=ends, months=timeline.months_per_period
    )
    if terms.overrun == "stop":
        costs = _within(costs, capital=capital, periods=timeline.periods)
    funding = pay_and_fund(
        case.contract,
        measured=world.measured,
        standing=standing,
        costs=_financed(costs, periods=timeline.periods),
        planned=who.planned,
        timeline=timeline,
        factors={
            name: index.factor(timeline.year_of_period, price_year=case.head.price_year)
            for name, index in case.indices.items()
            if any(line.index == name for line in case.contract.payments.values())
        },
        ends=ends,
        paid=world.paid,
    )
    return Accounts(case, world, standing, costs, funding)


def pay_and_fund(
    contract: Contract,
    *,
    measured: Mapping[str, Measurement],
    standing: Standing,
    costs: FloatArray,
    planned: FloatArray,
    timeline: Timeline,
    factors: Mapping[str, FloatArray],
    ends: FloatArray = NEVER,
    paid: Mapping[str, FloatArray] = NOTHING_MADE,
) -> Funding:
    """Return what is paid and what the tranches put in and get out.

    What the investors owe back is set off against payments; what is open after the last payment is
    called from the capital like a cost, at the start of the period after it, and what the
    commitments do not cover lapses. Lines that change once the investors are repaid are settled
    twice: first as if they never were, then with the change from the period after the one in which
    receipts reach all that is drawn in that first round.

    Parameters
    ----------
    contract
        Terms, payment lines and capital, all of them given.
    measured
        What is reported, by measure.
    standing
        How far the contract goes.
    costs
        Nominal costs that the capital finances, (T, 1 or D).
    planned
        Participants planned to start per cohort, (C,).
    timeline
        The periods.
    factors
        Factor of every index that a payment line follows, (T,).
    ends
        When the service as a whole ends, in months since the start of the case, (1 or D,); deferred
        fees are earned until then.
    paid
        What was really paid in each period, by payment line, (T,); NaN: as the contract gives.
    """
    agreed, capital = contract.terms, contract.capital
    assert agreed is not None  # noqa: S101 - a contract that is settled has them
    assert capital is not None  # noqa: S101 - as above
    last = timeline.months_at(agreed.last_payment)
    terms = Terms(
        timeline, lag_months=agreed.lag_months, last=last, planned=planned, factors=factors
    )

    last_period = int(timeline.period_at(np.array(last)))

    def settled(terms: Terms) -> Funding:
        payments = settle_payments(
            contract.payments,
            measured=measured,
            standing=standing,
            limits=agreed.limit,
            terms=terms,
            payers=agreed.payers,
            made=paid,
        )
        net = set_off(payments)
        open_claims = _called(net, last=last_period, periods=timeline.periods)
        account = settle_capital(
            capital,
            costs=added((costs, *open_claims.values()), shape=(timeline.periods, 1)),
            payments=net.paid,
            timeline=timeline,
            last_payment_period=last_period,
            overrun=agreed.overrun,
            ends=ends,
            owed_at_end=_owed_at_end(standing, timeline=timeline),
        )
        return Funding(payments, account, net.taken, open_claims)

    found = settled(terms)
    if any(line.waits_for_repayment for line in contract.payments.values()):
        found = settled(replace(terms, repaid_from=_repaid_from(found.account)))
    return found


def _owed_at_end(standing: Standing, *, timeline: Timeline) -> tuple[IntArray, FloatArray] | None:
    """Return the period of the early end and the share of principal owed then, (1 or D,) each."""
    if standing.owes is None:
        return None
    ended = np.where(np.isfinite(standing.end), standing.end, np.inf)
    last = timeline.periods * timeline.months_per_period
    return timeline.period_at(np.minimum(ended, last)), standing.owes


def _called(net: SetOff, *, last: int, periods: int) -> dict[tuple[str, str], FloatArray]:
    """Return what is called from the capital for claims still open, (T, 1 or D), by line and payer.

    At the start of the period after the last payment, or of the last period if there is none.
    """
    called = {}
    for key, amount in net.still_open.items():
        called[key] = np.zeros((periods, *amount.shape))
        called[key][min(last + 1, periods - 1)] = amount
    return called


def _repaid_from(account: CapitalAccount) -> IntArray:
    """Return the period after the one in which receipts reach all that is drawn, (1 or D,)."""
    invested, shape = account.capital.investments, (len(account.balance), 1)
    drawn = added((account.drawn[name] for name in invested), shape=shape).sum(axis=0)
    received = added((account.received[name] for name in invested), shape=shape).cumsum(axis=0)
    repaid = (received >= drawn * (1.0 - ROUNDING)) & (drawn > 0)
    return np.where(repaid.any(axis=0), repaid.argmax(axis=0) + 1, len(repaid))


def payment_postings(funding: Funding) -> Iterator[Posting]:
    """Yield what is paid, then what is returned, as lines of the ledger.

    What is set off is paid and returned in the same period.

    Parameters
    ----------
    funding
        What is paid, set off and called.
    """
    for (name, payer), amount in funding.payments.paid_by.items():
        yield _transfer(amount, payer=payer, payee=ACCOUNT, line=f"payments.{name}")
    if funding.set_off:
        called = added(funding.called.values())
        share = funding.called_back / np.where(called > 0, called, 1.0)
    for (name, payer), amount in funding.set_off.items():
        returned = amount + funding.called[name, payer] * share
        yield _transfer(returned, payer=ACCOUNT, payee=payer, line=f"payments.{name}.returned")


_OFF = Layer(LayerName.CHANCE, on=False)
"""A layer that never plays: the money has no chance in it."""


_transfer = partial(transfer, frame=CONTRACT_FRAME)
"""A posting in the frame of the contract."""


def _financed(costs: tuple[CostFlow, ...], *, periods: int) -> FloatArray:
    """Return the costs that the capital is to finance, (T, 1 or D)."""
    return added((flow.amount for flow in costs if flow.payer is None), shape=(periods, 1))


def _money_runs_out(costs: tuple[CostFlow, ...], *, capital: Capital, months: int) -> FloatArray:
    """Return the start of the first period whose costs exceed the commitments, (1 or D,)."""
    periods = len(costs[0].amount) if costs else 1
    spent = np.cumsum(_financed(costs, periods=periods), axis=0)
    over = spent > capital.committed * (1.0 + ROUNDING)
    return np.where(over.any(axis=0), over.argmax(axis=0) * float(months), np.inf)


def _within(costs: tuple[CostFlow, ...], *, capital: Capital, periods: int) -> tuple[CostFlow, ...]:
    """Cut the costs that the commitments no longer cover, all lines of a period in proportion."""
    financed = _financed(costs, periods=periods)
    spent = np.minimum(np.cumsum(financed, axis=0), capital.committed)
    covered = np.diff(spent, axis=0, prepend=0.0)
    share = np.divide(covered, financed, out=np.zeros_like(financed), where=financed > 0)
    return tuple(
        flow if flow.payer is not None else replace(flow, amount=flow.amount * share)
        for flow in costs
    )


def _still_paid(
    costs: tuple[CostFlow, ...], *, standing: Standing, ends: FloatArray, months: int
) -> tuple[CostFlow, ...]:
    """Drop the costs that an early end saves, unless they survive termination.

    A cost of a cohort goes with the cohort. A cost of the service as a whole stops when that ends:
    paid once it is paid whole before then or not at all; else, of its amount in the period of the
    end, the share of the period that is over by then.
    """
    if np.isinf(standing.end).all():
        return costs
    kept = []
    for flow in costs:
        if flow.survives:
            kept.append(flow)
            continue
        if flow.cohort is not None:
            share: FloatArray = standing.served[flow.cohort].astype(np.float64)
        elif flow.at is not None:
            share = (flow.at < ends).astype(np.float64)
        else:
            opens = np.arange(len(flow.amount))[:, np.newaxis] * float(months)
            share = np.clip((ends - opens) / months, 0.0, 1.0)
        kept.append(replace(flow, amount=flow.amount * share))
    return tuple(kept)


def _cost_postings(accounts: Accounts) -> Iterator[Posting]:
    """Yield who pays for delivery and evaluation, and what resources they use up."""
    terms, problem = accounts.case.contract.terms, accounts.case.problem
    assert terms is not None  # noqa: S101 - a case that is settled has them, see `settle`
    assert problem is not None  # noqa: S101 - as above
    authority, provider = problem.authority, problem.provider
    funded, overrun = accounts.capital.funded, accounts.capital.overrun
    if accounts.funding.called:
        called, back = added(accounts.funding.called.values()), accounts.funding.called_back
        funded, overrun = funded - back, overrun - (called - back)
    if provider != ACCOUNT:
        yield _transfer(funded, payer=ACCOUNT, payee=provider, line="costs.financed")
    if terms.overrun == "authority" and authority != provider:
        yield _transfer(overrun, payer=authority, payee=provider, line="costs.overrun")
    for flow in accounts.costs:
        line, payer = f"costs.{flow.line}", flow.payer or provider
        if payer != flow.payee:
            yield transfer(flow.amount, payer=payer, payee=flow.payee, line=line, frame=flow.frame)
        yield Posting(flow.payee, NATURE, line, flow.frame, "use", flow.amount)


def _compensation_postings(accounts: Accounts) -> Iterator[Posting]:
    """Yield what the payers pay at an early end, where the contract says what they owe then."""
    terms, owed = accounts.case.contract.terms, accounts.capital.compensation
    if terms is not None and accounts.standing.owes is not None:
        for payer, share in terms.payers.items():
            yield _transfer(owed * share, payer=payer, payee=ACCOUNT, line=COMPENSATION)
