"""Parties of the ledger: nobody takes a reserved name, nobody is misspelt.

A party need not be declared, since a case may have an evaluator or a foundation that stands
nowhere else. But money that goes to a misspelt party would be missing from the real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from sibsim.budget.lines import NATURE
from sibsim.capital.postings import ACCOUNT
from sibsim.case import Case
from sibsim.consistency.seen import Check, Seen
from sibsim.errors import Fault
from sibsim.payments.payers import shares_of

PUBLIC = ("municipality", "region", "state", "citizens")
"""Parties that every case knows."""

RESERVED = {
    NATURE: "that name stands for resources, which nobody pays with",
    ACCOUNT: "that name stands for the account that capital and payments go through",
}
"""Names of the ledger that no party may have, and why."""

SLIP = 0.8
"""Similarity from which an unknown party counts as a slip of the pen for a known one."""


def _parties(seen: Seen) -> list[Fault]:
    """Refuse reserved names, and names that are nearly those of a known party."""
    problem = seen.case.problem
    if problem is None:
        return []
    known = {*PUBLIC, problem.authority, problem.provider, *problem.investors}
    faults: list[Fault] = []
    for path, name in _named_parties(seen.case):
        if name in RESERVED:
            faults.append(Fault(path, f"got {name!r}; {RESERVED[name]}; say who it is"))
        elif name not in known and (near := get_close_matches(name, known, n=1, cutoff=SLIP)):
            way_out = f"did you mean {near[0]!r}? If not, take a name that is less alike"
            faults.append(Fault(path, f"got {name!r}, a party that nothing else names; {way_out}"))
    return faults


def _named_parties(case: Case) -> Iterator[tuple[str, str]]:
    """Yield every name of a party that the ledger will show, with its path."""
    if case.problem is not None:
        yield "problem.authority", case.problem.authority
        for name in case.problem.investors:
            yield f"problem.investors.{name}", name
    if case.contract.terms is not None:
        for name in case.contract.terms.payers:
            yield "contract.payer", name
        for name in case.contract.terms.limit.payer:
            yield f"contract.limit.payer.{name}", name
    for name, rule in case.contract.payments.items():
        for payer in shares_of(rule.payer) if rule.payer else ():
            yield f"payments.{name}.payer", payer
    yield from _of_capital(case)
    for name, cost in case.costs.items():
        yield from _stated(f"costs.{name}", payer=cost.payer, payee=cost.payee)
    for name, line in case.budget.items():
        yield from _stated(f"budget.{name}", party=line.party, counterparty=line.counterparty)


def _of_capital(case: Case) -> Iterator[tuple[str, str]]:
    capital = case.contract.capital
    if capital is None:
        return
    yield from (("capital.surplus", name) for name in capital.surplus_shares)
    for name in capital.tranches:
        yield f"capital.tranches.{name}", capital.investor(name)
    for name, guarantee in capital.guarantees.items():
        yield f"capital.guarantees.{name}.guarantor", guarantee.guarantor
        if guarantee.fee is not None:
            yield f"capital.guarantees.{name}.fee.payer", guarantee.fee.payer


def _stated(path: str, **sides: str | None) -> Iterator[tuple[str, str]]:
    return ((f"{path}.{side}", party) for side, party in sides.items() if party is not None)


CHECKS: tuple[Check, ...] = (_parties,)
"""The checks of parties."""
