"""What each way of paying for the same service brings the authority, period by period.

The authority is the party of the outcome payer's side (`problem.authority`). S are its realisable
savings, F the costs of the service that capital finances, O those that it pays itself, K the costs
of the contract that it bears, Y what it pays for outcomes, Z what it is owed back and returned:

- *nothing*: 0;
- *own money*: S - F - O with everybody served to the end, whatever ends the contract early; lines
  marked `contract_cost` fall away, whoever pays them;
- *contract*: the case, everything that the ledger says of the party;
- *no cure, no pay*: S - O - K - (Y - Z): the provider, or who backs it, pays F and bears the loss;
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

    evaluation: frozenset[str]
    """Costs of evaluating the contract that the authority bears."""

    management: frozenset[str]
    """Management and legal costs of the contract that the authority bears."""

    others: frozenset[str]
    """Costs of the contract that others bear, or that capital finances."""

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
    mine = named(*contract_costs, payers=(authority,))
    return Lines(
        delivery=delivery,
        own=named(None, payers=(authority,)),
        evaluation=named("evaluation", payers=(authority,)),
        management=named("management", "legal", payers=(authority,)),
        others=frozenset(n for n, each in case.costs.items() if each.contract_cost) - mine,
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
    lines, periods = lines_of(case), case.timeline.periods
    authority = _authority(case)
    agreed = settle(case, world)
    spent, planned = _spent(agreed.postings), _planned(world.costs)

    def service(costs: _ByLine, *, saved: BudgetResult) -> FloatArray:
        """Return savings less all costs of the service, (T, 1 or D)."""
        bears = _sum(costs, lines.delivery | lines.own, periods=periods)
        return realised_net(saved.postings, authority, periods=periods) - bears

    same = service(spent, saved=agreed.saved)
    own = service(planned, saved=_to_the_end(case, world, agreed=agreed))
    contract = realised_net(agreed.postings, authority, periods=periods)
    evaluation, management, others = (
        _sum(spent, names, periods=periods)
        for names in (lines.evaluation, lines.management, lines.others)
    )
    no_cure, provider = _no_cure_no_pay(case, world, agreed=agreed, lines=lines)
    with_grant = agreed if grant is None else settle(case, _granted(world, lines, grant=grant))
    gifts = _gifts(case)
    paid = (
        each.amount
        for each in with_grant.postings
        if each.payer == GRANT_GIVER or each.line in gifts
    )
    return Flows(
        net={
            "nothing": np.zeros((periods, 1)),
            "own_money": own,
            "contract": contract,
            "no_cure_no_pay": no_cure,
            "grant": realised_net(with_grant.postings, authority, periods=periods),
        },
        provider=provider,
        granted=added(paid, shape=(periods, 1)),
        price={
            "evaluation": evaluation,
            "management_and_legal": management,
            "premium": same - contract - evaluation - management,
        },
        early_end=own - same,
        others=others,
        others_pay=_paid_by(agreed, ACCOUNT, periods=periods)
        + _paid_by(agreed, authority, periods=periods),
    )


def _gifts(case: Case) -> frozenset[str]:
    """Return the lines of the ledger on which grants of the case are drawn."""
    capital = case.contract.capital
    assert capital is not None  # noqa: S101 - a case that runs has it, `check_complete`
    kinds = {name: each.kind for name, each in capital.tranches.items()}
    return frozenset(f"capital.{name}.drawing" for name, kind in kinds.items() if kind == "grant")


def _paid_by(accounts: Accounts, party: str, *, periods: int) -> FloatArray:
    """Return what a party gains on the payment lines, below zero for who pays, (T, 1 or D)."""
    payments = (each for each in accounts.postings if each.line.startswith("payments."))
    return realised_net(payments, party, periods=periods)


def _no_cure_no_pay(
    case: Case, world: World, *, agreed: Accounts, lines: Lines
) -> tuple[FloatArray, FloatArray]:
    """Return what authority and provider gain where the provider finances itself, (T, 1 or D)."""
    terms, periods, authority = case.contract.terms, case.timeline.periods, _authority(case)
    if terms is not None and terms.overrun == "stop":
        agreed = settle(_with_terms(case, overrun="provider"), world)
    spent = _spent(agreed.postings)
    bears = lines.own | lines.evaluation | lines.management
    gains = realised_net(agreed.saved.postings, authority, periods=periods)
    pays = _paid_by(agreed, authority, periods=periods)
    provider = _paid_by(agreed, ACCOUNT, periods=periods)
    return (
        gains + pays - _sum(spent, bears, periods=periods),
        provider - _sum(spent, lines.provider, periods=periods),
    )


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
        shares = np.divide(paid, due, out=np.zeros_like(due), where=due > 0)
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


_ByLine = Mapping[str, FloatArray]
"""What each cost line comes to, (T, 1 or D)."""


def _spent(postings: Iterable[Posting]) -> _ByLine:
    """Return what every cost line comes to in a ledger: the resources that it uses."""
    found: dict[str, FloatArray] = {}
    for each in postings:
        section, _, name = each.line.partition(".")
        if each.kind == "use" and section == "costs":
            found[name] = found.get(name, np.zeros((len(each.amount), 1))) + each.amount
    return found


def _planned(costs: Iterable[CostFlow]) -> _ByLine:
    """Return what every cost line comes to where nothing ends early."""
    found: dict[str, FloatArray] = {}
    for each in costs:
        found[each.line] = found.get(each.line, np.zeros((len(each.amount), 1))) + each.amount
    return found


def _sum(costs: _ByLine, names: Collection[str], *, periods: int) -> FloatArray:
    """Return what some cost lines come to together, (T, 1 or D)."""
    return added((each for name, each in costs.items() if name in names), shape=(periods, 1))
