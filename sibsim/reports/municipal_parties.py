"""Who saves, party by party, and the net result as the socio-economic investment model has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sibsim.budget.ledger import parties
from sibsim.capital.postings import ACCOUNT
from sibsim.reports.municipal_money import Flow, Item, Role, Row, row_of
from sibsim.reports.municipal_presentation import Presentation

if TYPE_CHECKING:
    import pandas as pd

CITIZENS = "citizens"
"""Ledger party of those who receive benefits and pay taxes."""

AFTER_REFUND = ("gross", "refund")
"""Parts of a saving that the model counts: prices after statutory refund, without equalisation."""

NOT_RELEASED = "not_released"
"""Part of a saving that moves no money: what cannot be taken out of a budget."""

_COSTS: tuple[Role, ...] = ("cost", "grant", "capital")
_PAYMENTS: tuple[Role, ...] = ("payment", "surplus")


def who_saves_table(shown: Presentation) -> pd.DataFrame:
    """Return the net of every party, summing to resources set free less resources used.

    Parameters
    ----------
    shown
        Whose money, and how it is shown.
    """
    problem = shown.results.case.problem
    present = parties(shown.ledger)
    investors = tuple(problem.investors) if problem else ()
    provider = (problem.provider,) if problem else ()
    named = dict.fromkeys((*shown.public_parties, CITIZENS, *investors, *provider))
    rows: dict[tuple[str, ...], Row] = {
        (shown.party_title(name),): row_of(_moved(shown, name), chance=True)
        for name in named
        if name in present
    }
    others = [name for name in present if name not in {*named, ACCOUNT}]
    if others:
        items = (item for name in others for item in _moved(shown, name))
        rows[(shown.word("others"),)] = row_of(items, chance=True)
    if ACCOUNT in present:
        rows[(shown.word("contract account"),)] = row_of(_moved(shown, ACCOUNT), chance=True)
    rows[(shown.word("society"),)] = Row(
        (*resources(shown, "production"), *resources(shown, "use")), chance=True
    )
    for name in named:
        memo = [item.flow for item in shown.items_of(name) if item.part == NOT_RELEASED]
        if memo:
            key = f"{shown.party_title(name)}, {shown.word('held back')}"
            rows[(key,)] = Row((shown.flow(-shown.sum_of(memo)),))
    return shown.frame(rows, names=("party",))


def _moved(shown: Presentation, party: str) -> list[Item]:
    """Return the rows of a party that move money or resources."""
    return [item for item in shown.items_of(party) if item.part != NOT_RELEASED]


def resources(shown: Presentation, kind: Literal["production", "use"]) -> tuple[Flow, ...]:
    """Return the resources set free (`production`, +) or used (`use`, -)."""
    sign = 1.0 if kind == "production" else -1.0
    return tuple(shown.flow(sign * each.amount) for each in shown.ledger if each.kind == kind)


def som_table(shown: Presentation) -> pd.DataFrame:
    """Return costs, consequences and net result of public parties, without and with the contract.

    Parameters
    ----------
    shown
        Whose money, and how it is shown.
    """
    rows: dict[tuple[str, ...], Row] = {}
    for contract in ("without contract", "with contract"):
        public: list[Flow] = []
        for party in shown.public_parties:
            items = shown.items_of(party)
            parts = _with(items) if contract == "with contract" else _without(shown, items, party)
            parts["consequences"] = row_of(
                item for item in items if item.role == "saving" and item.part in AFTER_REFUND
            ).flows
            net = [flow for flows in parts.values() for flow in flows]
            public += net
            start = (shown.word(contract), shown.party_title(party))
            rows |= {(*start, shown.word(name)): Row(flows) for name, flows in parts.items()}
            rows[(*start, shown.word("net result"))] = Row(tuple(net), chance=True)
        key = (shown.word(contract), shown.word("public"), shown.word("net result"))
        rows[key] = Row(tuple(public), chance=True)
    table = shown.frame(rows, names=("contract", "party", "item"))
    people = shown.results.metrics.get("participants")
    each = table[shown.word("total")] / (float("nan") if people is None else float(people.mean()))
    table.insert(len(shown.columns.names), shown.word("per participant"), each)
    return table


def _with(items: tuple[Item, ...]) -> dict[str, tuple[Flow, ...]]:
    """Return what a party bears under the contract: costs less grant, payments less surplus."""
    return {
        "costs": row_of(item for item in items if item.role in _COSTS).flows,
        "payments": row_of(item for item in items if item.role in _PAYMENTS).flows,
    }


def _without(
    shown: Presentation, items: tuple[Item, ...], party: str
) -> dict[str, tuple[Flow, ...]]:
    """Return what a party bears without the contract: delivery, if it is the authority's.

    What the capital finances falls on the authority. What a party pays itself stays, unless it is a
    cost of the contract.
    """
    case = shown.results.case
    stays = {name: cost for name, cost in case.costs.items() if cost.contract_cost is None}
    own = [
        item.flow
        for item in items
        if item.role == "cost" and item.name in stays and stays[item.name].payer == party
    ]
    if case.problem is not None and party == case.problem.authority:
        financed = {f"costs.{name}" for name, cost in stays.items() if cost.payer is None}
        used = (each for each in shown.ledger if each.kind == "use" and each.line in financed)
        own += [shown.flow(-each.amount) for each in used]
    return {"costs": tuple(own)}
