"""Who saves, party by party, and the net result as the socio-economic investment model has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.budget.ledger import parties
from sibsim.capital.postings import ACCOUNT
from sibsim.decisions.ways.flows import lines_of
from sibsim.metrics import ROUNDING
from sibsim.reports.municipal_money import CITIZENS, Flow, Item, Role, Row, row_of
from sibsim.reports.municipal_presentation import Presentation

if TYPE_CHECKING:
    import pandas as pd

AFTER_REFUND = ("gross", "refund")
"""Parts of a saving that the model counts: prices after statutory refund, without equalisation."""

NOT_RELEASED = "not_released"
"""Part of a saving that moves no money: what cannot be taken out of a budget."""

BRIDGE = ("equalisation", "guarantee", NOT_RELEASED)
"""Parts of a saving between the model's net result and the net of the party's budget."""

_COSTS: tuple[Role, ...] = ("cost", "grant", "capital")
_PAYMENTS: tuple[Role, ...] = ("payment", "surplus")


def who_saves_table(shown: Presentation) -> pd.DataFrame:
    """Return the net of every party, summing to resources set free less resources used.

    Parameters
    ----------
    shown
        Whose money, and how it is shown; gains are positive whatever the sign.
    """
    shown = shown.with_sign("saving_positive")
    problem = shown.results.case.problem
    present = parties(shown.ledger)
    investors = tuple(problem.investors) if problem else ()
    provider = (problem.provider,) if problem else ()
    named = dict.fromkeys((*shown.public_parties, CITIZENS, *investors, *provider))
    rows: dict[tuple[str, ...], Row] = {}
    for name in named:
        if name in present:
            rows |= _party_rows(shown, name)
    others = [name for name in present if name not in {*named, ACCOUNT}]
    theirs = row_of((item for name in others for item in _moved(shown, name)), chance=True)
    if not _is_nothing(shown, theirs.flows):
        rows[(shown.word("others"),)] = theirs
    if ACCOUNT in present:
        rows[(shown.word("contract account"),)] = row_of(_moved(shown, ACCOUNT), chance=True)
    rows[(without_work(shown, "society"),)] = Row(
        (*resources(shown, "production"), *resources(shown, "use")), chance=True
    )
    return shown.frame(rows, names=("party",))


def _party_rows(shown: Presentation, party: str) -> dict[tuple[str, ...], Row]:
    """Return what a party gains, with what of it cannot be released where there is such a part."""
    title, whole = shown.party_title(party), row_of(_moved(shown, party), chance=True)
    held = [item.flow for item in shown.items_of(party) if item.part == NOT_RELEASED]
    if _is_nothing(shown, held):
        return {(title,): whole}
    return {
        (f"{title}, {shown.word('before release')}",): whole,
        (f"{title}, {shown.word('held back')}",): Row((shown.flow(-shown.sum_of(held)),)),
    }


def _is_nothing(shown: Presentation, flows: Iterable[Flow]) -> bool:
    """Return whether flows sum to nothing in every year and draw."""
    return bool((np.abs(shown.sum_of(flows)) < ROUNDING).all())


def without_work(shown: Presentation, key: str) -> str:
    """Return what a sum over society is called: without the value of work, unless it has some."""
    lines = shown.results.case.budget.values()
    counted = any(line.kind == "resource" and line.party == CITIZENS for line in lines)
    return shown.word(key) if counted else f"{shown.word(key)}, {shown.word('no work')}"


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
        Whose money, and how it is shown; gains are positive whatever the sign.
    """
    shown = shown.with_sign("saving_positive")
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
            if contract == "with contract":
                rows |= {(*start, name): row for name, row in _bridge(shown, items).items()}
        key = (shown.word(contract), shown.word("public"), shown.word("net result"))
        rows[key] = Row(tuple(public), chance=True)
    table = shown.frame(rows, names=("contract", "party", "item"))
    people = shown.results.metrics.get("participants")
    each = table[shown.word("total")] / (float("nan") if people is None else float(people.mean()))
    table.insert(len(shown.columns.names), shown.word("per participant"), each)
    return table


def _bridge(shown: Presentation, items: tuple[Item, ...]) -> dict[str, Row]:
    """Return what leads from a party's net result to the net of its budget, where they differ."""
    between = {
        part: row_of(item for item in items if item.role == "saving" and item.part == part)
        for part in BRIDGE
    }
    rows = {
        shown.word(part): row for part, row in between.items() if not _is_nothing(shown, row.flows)
    }
    return rows and {**rows, shown.word("net in totals"): row_of(items, chance=True)}


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

    What capital finances, or a party behind it pays itself, falls on the authority, as with own
    money in `decisions.ways.flows`. What another party pays itself stays, unless it is a cost of
    the contract.
    """
    case = shown.results.case
    delivery = lines_of(case).delivery
    stays = {
        name
        for name, cost in case.costs.items()
        if cost.contract_cost is None and cost.payer == party and name not in delivery
    }
    own = [item.flow for item in items if item.role == "cost" and item.name in stays]
    if case.problem is not None and party == case.problem.authority:
        lines = {f"costs.{name}" for name in delivery}
        used = (each for each in shown.ledger if each.kind == "use" and each.line in lines)
        own += [shown.flow(-each.amount) for each in used]
    return {"costs": tuple(own)}
