"""All the money: from one world to standing, payments, capital and the ledger. No randomness.

`settle` is the second of the two functions everything is made of. It reads what chance decided and
what the contract says, and returns every krone that moves: who pays whom, for what, when.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sibsim.budget.lines import NATURE
from sibsim.budget.savings import savings
from sibsim.capital.account import ROUNDING, CapitalAccount, settle_capital
from sibsim.capital.postings import ACCOUNT, capital_postings
from sibsim.capital.spec import Capital
from sibsim.case import Case
from sibsim.core.arrays import FloatArray, added
from sibsim.core.stages import (
    BudgetResult,
    Context,
    CostFlow,
    Frame,
    Posting,
    Standing,
    World,
    transfer,
)
from sibsim.core.streams import Layer, LayerName
from sibsim.payments.base import Terms
from sibsim.payments.settlement import Payments, settle_payments
from sibsim.payments.standing import service_ends
from sibsim.payments.standing import standing as standing_of
from sibsim.sections import ContractTerms

CONTRACT_FRAME: Frame = "service"
"""Frame of what capital finances and of what is paid for outcomes: a conditional grant is booked as
income under the service ceiling and its repayment uses room under it (DSI toolbox, budgeting)."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Every krone of one block of draws."""

    standing: Standing
    """How far the contract goes."""

    payments: Payments
    """What is owed, paid and cut by limits."""

    capital: CapitalAccount
    """What the tranches put in and get out."""

    postings: tuple[Posting, ...]
    """The ledger."""

    saved: BudgetResult
    """What the budget lines gain and cost; its postings are part of the ledger."""


def settle(case: Case, world: World) -> Accounts:
    """Return the money that follows from a world under the contract of a case.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    world
        What chance decided, of this case or of one that differs in its contract only.
    """
    terms, capital, problem = case.contract.terms, case.contract.capital, case.problem
    delivery = case.delivery
    assert delivery is not None  # noqa: S101 - a case that runs has them, `simulate` checks
    assert terms is not None  # noqa: S101
    assert capital is not None  # noqa: S101
    assert problem is not None  # noqa: S101
    timeline, who = case.timeline, world.participation
    stop_at = None
    if terms.overrun == "stop":
        stop_at = _money_runs_out(world.costs, capital=capital, months=timeline.months_per_period)
    standing = standing_of(
        terms.termination,
        measured=world.measured,
        participation_start=who.start,
        evaluation_lag_months=terms.evaluation_lag_months,
        stop_at=stop_at,
    )
    ends = service_ends(
        standing, participation_start=who.start, programme_months=delivery.programme_months
    )
    costs = _still_paid(
        world.costs, standing=standing, ends=ends, months=timeline.months_per_period
    )
    last = timeline.months_at(terms.last_payment)
    payments = settle_payments(
        case.contract.payments,
        measured=world.measured,
        standing=standing,
        limits=terms.limit,
        terms=Terms(timeline, lag_months=terms.lag_months, last=last, planned=who.planned),
    )
    if terms.overrun == "stop":
        costs = _within(costs, capital=capital, periods=timeline.periods)
    shape = (timeline.periods, 1)
    account = settle_capital(
        capital,
        costs=_financed(costs, periods=timeline.periods),
        payments=added(payments.paid.values(), shape=shape),
        timeline=timeline,
        last_payment_period=int(timeline.period_at(np.array(last))),
        overrun=terms.overrun,
    )
    saved = world.saved if standing.served.all() else None
    if saved is None:
        saved = savings(
            case.budget,
            paths=world.paths,
            participation_start=who.start,
            standing=standing,
            context=Context(timeline, world.values, _OFF, _OFF),
            indices=case.indices,
            price_year=case.head.price_year,
        )
    postings = (
        *_cost_postings(
            costs,
            account=account,
            terms=terms,
            authority=problem.authority,
            provider=problem.provider,
        ),
        *capital_postings(account),
        *(
            _transfer(amount, payer=terms.payer, payee=ACCOUNT, line=f"payments.{name}")
            for name, amount in payments.paid.items()
        ),
        *saved.postings,
    )
    return Accounts(standing, payments, account, postings, saved)


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


def _cost_postings(
    costs: tuple[CostFlow, ...],
    *,
    account: CapitalAccount,
    terms: ContractTerms,
    authority: str,
    provider: str,
) -> list[Posting]:
    """Return who pays for delivery and evaluation, and what resources they use up."""
    postings = []
    if provider != ACCOUNT:
        postings.append(
            _transfer(account.funded, payer=ACCOUNT, payee=provider, line="costs.financed")
        )
    if terms.overrun == "authority" and authority != provider:
        postings.append(
            _transfer(account.overrun, payer=authority, payee=provider, line="costs.overrun")
        )
    for flow in costs:
        line, payer = f"costs.{flow.line}", flow.payer or provider
        if payer != flow.payee:
            postings.append(
                transfer(flow.amount, payer=payer, payee=flow.payee, line=line, frame=flow.frame)
            )
        postings.append(Posting(flow.payee, NATURE, line, flow.frame, "use", flow.amount))
    return postings
