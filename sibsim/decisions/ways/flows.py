"""What each way of paying for the same service brings the authority, period by period.

The authority is the party of the outcome payer's side (`problem.authority`). S are its realisable
savings, F the costs of the service that capital finances, O those that it pays itself, L the costs
of the contract that it pays itself, Y what it pays for outcomes, Z what it is owed back and
returned:

- *nothing*: 0;
- *own money*: S - F - O with everybody served to the end, whatever ends the contract early; lines
  marked `contract_cost` fall away, whoever pays them;
- *contract*: the case, everything that the ledger says of the party;
- *no cure, no pay*: S - O - L - (Y - Z): the provider, or who backs it, pays F and bears the loss;
- *grant*: the contract, of whose F a foundation pays a part as it falls due, so that less is drawn
  from the investors and more is left when they are repaid.

Sources: no cure, no pay as for Specialisterne in Ballerup, whose backer finances it meanwhile
(Ballerup Bladet, https://ballerupbladet.dk/node/51358, 2018); a grant partnership as MedVind in
Esbjerg, 12 years from 2017 (https://medvind-oesterbyen.dk/maalsaetning-baggrund/, undated); own
money as the pools of Aarhus (Rådet for Sociale Investeringer, https://www.aarhus.dk/demokrati/
politik/raad-og-naevn/specifikke-maalgrupper/raadet-for-sociale-investeringer/, undated) and
Ringsted (Social Investeringsfond, https://ringsted.dk/social-investeringsfond, 2019).

Assumptions: a cost of the service that a party behind the capital pays itself falls to the
authority with its own money, and to the provider with no cure, no pay; what any other party pays
it goes on paying. Where the authority delivers itself, a provider outside it does so with no cure,
no pay, at the same cost, and the contract's rights to end early hold for it too, but nobody pays
compensation for capital. Payment lines that change once investors are repaid change as under the
contract. What is saved outside the authority is the same as under the contract and is left out.
Costs of the contract that capital finances are the authority's, which repays them with the
payments. Under the service ceiling refunds by the state are left out of the room.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sibsim.accounts import Accounts, settle
from sibsim.budget.ledger import realised_net
from sibsim.capital.postings import ACCOUNT
from sibsim.case import Case
from sibsim.core.arrays import FloatArray, added
from sibsim.core.postings import BudgetResult, CostFlow, Posting
from sibsim.core.stages import World
from sibsim.decisions.ceiling import UNDER_CEILING, under_ceiling
from sibsim.decisions.ways.capital import (
    ByLine,
    gifts,
    investors_own,
    premium_causes,
    spent,
    sum_of,
)

WAYS = ("nothing", "own_money", "contract", "no_cure_no_pay", "grant")
"""The ways of paying, in the order of tables."""

GRANT_GIVER = "foundation beside the contract"
"""Ledger party that gives the grant; no party of a case can be called so, as names have no blanks.
"""

ALL_OF_IT = 1.0
"""A grant up to this is a share of the costs, above it an amount of money."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Names of the cost lines by who bears them."""

    delivery: frozenset[str]
    """Costs of the service that capital finances, or that a party behind it pays itself."""

    own: frozenset[str]
    """Costs of the service that the authority pays itself under every way."""

    contract: frozenset[str]
    """Costs of the contract that the authority pays itself."""

    evaluation: frozenset[str]
    """Costs of evaluating the contract that the authority pays itself or repays, as capital
    finances them."""

    management: frozenset[str]
    """Management and legal costs of the contract, likewise."""

    others: frozenset[str]
    """Costs of the contract that others bear."""

    provider: frozenset[str]
    """What a provider without an investor pays: delivery, costs of the contract that capital would
    have financed, and what it pays itself anyway."""


@dataclass(frozen=True, slots=True)
class Flows:
    """What one block of draws brings, (T, 1 or D) each."""

    net: Mapping[str, FloatArray]
    """What the authority gains, by way of paying; savings that no budget can take out left out."""

    provider: FloatArray
    """What the provider gains with no cure, no pay."""

    granted: FloatArray
    """What the grant pays, or a grant that the case has."""

    price: Mapping[str, FloatArray]
    """What the contract costs the authority beyond own money for the same delivery, by part."""

    causes: Mapping[str, FloatArray]
    """What the premium is made of, by cause."""

    investors: FloatArray
    """What others put into the contract and get back, less costs that they bear themselves, on the
    nodes of time, (T + 1, 1 or D)."""

    room: Mapping[str, FloatArray]
    """What the authority gains under the service ceiling, by way of paying."""

    early_end: FloatArray
    """What own money gains beyond that, as it serves those whom the contract's early end leaves."""

    others: FloatArray
    """Costs of the contract that others bear."""

    others_pay: FloatArray
    """What others pay for outcomes under the contract."""


def lines_of(case: Case) -> Lines:
    """Return the cost lines by who bears them.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    """
    problem, capital = case.problem, case.contract.capital
    assert problem is not None  # noqa: S101 - a case that runs has them, `check_complete`
    assert capital is not None  # noqa: S101 - as above
    authority = problem.authority
    behind = {None, *map(capital.investor, capital.tranches)} - {authority}

    def named(*kinds: str | None, payers: Collection[str | None]) -> frozenset[str]:
        return frozenset(
            name
            for name, line in case.costs.items()
            if line.contract_cost in kinds and line.payer in payers
        )

    contract_costs = ("evaluation", "management", "legal")
    delivery = named(None, payers=behind)
    borne = (authority, None)
    evaluation = named("evaluation", payers=borne)
    management = named("management", "legal", payers=borne)
    every = frozenset(name for name, line in case.costs.items() if line.contract_cost)
    return Lines(
        delivery=delivery,
        own=named(None, payers=(authority,)),
        contract=named(*contract_costs, payers=(authority,)),
        evaluation=evaluation,
        management=management,
        others=every - evaluation - management,
        provider=delivery
        | named(None, *contract_costs, payers={None, problem.provider} - {authority}),
    )


def flows_of(case: Case, world: World, *, grant: float | None) -> Flows:
    """Return what every way of paying brings on one block.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    world
        What chance decided.
    grant
        Share of the delivery costs, in (0, 1], or amount of money, above 1, that a foundation pays;
        None: the contract stays as it is.
    """
    lines, periods, authority = lines_of(case), case.timeline.periods, _authority(case)
    agreed = settle(case, world)
    alone = _without_capital(case, world, agreed=agreed)
    with_grant = agreed if grant is None else settle(case, _granted(world, lines, grant=grant))
    books = _Books(
        planned=world.costs,
        saved=_to_the_end(case, world, agreed=agreed).postings,
        agreed=agreed.postings,
        alone=alone.postings,
        with_grant=with_grant.postings,
    )
    net = _nets(books, lines, authority=authority, periods=periods)
    used = spent(agreed.postings)
    same = _service(used, agreed.saved.postings, lines=lines, authority=authority, periods=periods)
    evaluation, management, others = (
        sum_of(used, names, periods=periods)
        for names in (lines.evaluation, lines.management, lines.others)
    )
    premium = same - net["contract"] - evaluation - management
    given = gifts(case)
    paid = (
        each.amount
        for each in with_grant.postings
        if each.payer == GRANT_GIVER or each.line in given
    )
    return Flows(
        net=net,
        provider=_paid_by(alone, ACCOUNT, periods=periods)
        - sum_of(spent(alone.postings), lines.provider, periods=periods),
        granted=added(paid, shape=(periods, 1)),
        price={
            "evaluation": evaluation,
            "management_and_legal": management,
            "premium": premium,
        },
        causes=premium_causes(case, agreed, premium=premium),
        investors=investors_own(case, agreed),
        room=_nets(books.under_ceiling(case), lines, authority=authority, periods=periods),
        early_end=net["own_money"] - same,
        others=others,
        others_pay=_paid_by(agreed, ACCOUNT, periods=periods)
        + _paid_by(agreed, authority, periods=periods),
    )


@dataclass(frozen=True, slots=True)
class _Books:
    """What every way of paying is read from: all of it, or what the service ceiling holds."""

    planned: tuple[CostFlow, ...]
    """Costs where nothing ends early."""

    saved: tuple[Posting, ...]
    """What the budget lines gain where nothing ends early."""

    agreed: tuple[Posting, ...]
    """The ledger of the contract."""

    alone: tuple[Posting, ...]
    """The ledger where money never runs out, of whose capital nothing is read."""

    with_grant: tuple[Posting, ...]
    """The ledger with a grant beside the contract."""

    def under_ceiling(self, case: Case) -> _Books:
        """Return what of it the service ceiling holds, refunds by the state left out."""
        return _Books(
            planned=tuple(each for each in self.planned if each.frame == UNDER_CEILING),
            saved=under_ceiling(self.saved, case=case),
            agreed=under_ceiling(self.agreed, case=case),
            alone=under_ceiling(self.alone, case=case),
            with_grant=under_ceiling(self.with_grant, case=case),
        )


def _nets(books: _Books, lines: Lines, *, authority: str, periods: int) -> dict[str, FloatArray]:
    """Return what the authority gains, by way of paying, (T, 1 or D) each."""
    bears = sum_of(spent(books.alone), lines.own | lines.contract, periods=periods)
    read = [each for each in books.alone if each.line.startswith(("budget.", "payments."))]
    return {
        "nothing": np.zeros((periods, 1)),
        "own_money": _service(
            _planned(books.planned),
            books.saved,
            lines=lines,
            authority=authority,
            periods=periods,
        ),
        "contract": realised_net(books.agreed, authority, periods=periods),
        "no_cure_no_pay": realised_net(read, authority, periods=periods) - bears,
        "grant": realised_net(books.with_grant, authority, periods=periods),
    }


def _service(
    costs: ByLine,
    saved: Iterable[Posting],
    *,
    lines: Lines,
    authority: str,
    periods: int,
) -> FloatArray:
    """Return savings less all costs of the service, (T, 1 or D)."""
    bears = sum_of(costs, lines.delivery | lines.own, periods=periods)
    return realised_net(saved, authority, periods=periods) - bears


def _paid_by(accounts: Accounts, party: str, *, periods: int) -> FloatArray:
    """Return what a party gains on the payment lines, below zero for who pays, (T, 1 or D)."""
    payments = (each for each in accounts.postings if each.line.startswith("payments."))
    return realised_net(payments, party, periods=periods)


def _without_capital(case: Case, world: World, *, agreed: Accounts) -> Accounts:
    """Return the accounts in which money never runs out, as a provider finances itself."""
    terms = case.contract.terms
    if terms is not None and terms.overrun == "stop":
        return settle(_with_terms(case, overrun="provider"), world)
    return agreed


def _to_the_end(case: Case, world: World, *, agreed: Accounts) -> BudgetResult:
    """Return what the budget lines gain where nothing ends the service early."""
    if agreed.standing.served.all():
        return agreed.saved
    return settle(_with_terms(case, overrun="provider", termination=()), world).saved


def _with_terms(case: Case, **terms: object) -> Case:
    """Return the case with other terms of the contract, which are known to be valid."""
    agreed = case.contract.terms
    assert agreed is not None  # noqa: S101 - a case that runs has them, `check_complete`
    return replace(case, contract=replace(case.contract, terms=agreed.model_copy(update=terms)))


def _granted(world: World, lines: Lines, *, grant: float) -> World:
    """Return the world in which a foundation pays part of what capital would finance.

    A share of every cost; or the costs as they fall due, until the amount is used up.
    """

    def is_helped(flow: CostFlow) -> bool:
        return flow.payer is None and flow.line in lines.delivery

    shares: FloatArray = np.full((1, 1), grant)
    if grant > ALL_OF_IT:
        due = added((each.amount for each in world.costs if is_helped(each)), shape=(1, 1))
        paid = np.diff(np.minimum(np.cumsum(due, axis=0), grant), axis=0, prepend=0.0)
        # A period that is paid in full is 1 up to the rounding of running sums, or just above.
        shares = np.minimum(np.divide(paid, due, out=np.zeros_like(due), where=due > 0), 1.0)
    costs: list[CostFlow] = []
    for each in world.costs:
        if is_helped(each):
            costs.append(replace(each, amount=each.amount * (1.0 - shares)))
            costs.append(replace(each, payer=GRANT_GIVER, amount=each.amount * shares))
        else:
            costs.append(each)
    return replace(world, costs=tuple(costs))


def _authority(case: Case) -> str:
    assert case.problem is not None  # noqa: S101 - a case that runs has one, `check_complete`
    return case.problem.authority


def _planned(costs: Iterable[CostFlow]) -> ByLine:
    """Return what every cost line comes to where nothing ends early."""
    found: dict[str, FloatArray] = {}
    for each in costs:
        found[each.line] = found.get(each.line, np.zeros((len(each.amount), 1))) + each.amount
    return found
