"""The ledger in cells: who pays whom for what, one column of amounts each.

Written from section 13 of docs/model.md. What of a base case's ledger no part of the workbook has
as formulas (claims of payers that are returned, what is owed at an early end) is a fixed value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.accounts import CONTRACT_FRAME
from sibsim.budget.lines import NATURE, STATE
from sibsim.capital.postings import ACCOUNT, FEE_FRAME, INVESTOR_FRAME, SURPLUS_FRAME
from sibsim.core.postings import Frame, Posting, PostingKind
from sibsim.core.words import Words
from sibsim.reports.cash import kept_postings
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.model import Capital, Costs, Live, Payments, Saving
from sibsim.reports.workbook.sheets import Sheet

RETURNED = ".returned"
"""How lines end of what investors give back to payers."""

WHY_RETURNED = Words(
    da="Hvad betalere får tilbage, eller skylder ved tidligt ophør, er regnet af sibsim og følger "
    "ikke input.",
    en="What payers get back, or owe at an early end, is worked out by sibsim and does not follow "
    "the inputs.",
)
PERIOD = Words(da="periode", en="period")


@dataclass(frozen=True, eq=False)
class Flow:
    """One line of the ledger; a negative amount goes the other way."""

    payer: str
    """Party that pays."""

    payee: str
    """Party that receives."""

    line: str
    """What for: path of the line."""

    frame: Frame
    """Spending frame."""

    kind: PostingKind
    """Transfer, resources set free or used up, or a note that moves no money."""

    amount: Column
    """One amount per period."""

    less: tuple[Column, ...] = ()
    """What is to be taken off it."""

    def posting(self) -> Posting:
        """Return the line as a posting without money, which tables of the library can read."""
        nothing = np.zeros((1, 1))
        return Posting(self.payer, self.payee, self.line, self.frame, self.kind, nothing)


def flows_of(
    live: Live,
    sheet: Sheet,
    *,
    costs: Costs,
    payments: Payments,
    capital: Capital,
    savings: Mapping[str, Saving],
) -> tuple[Flow, ...]:
    """Return the ledger in cells.

    Parameters
    ----------
    live
        The workbook.
    sheet
        Where amounts are written that no other part has.
    costs, payments, capital, savings
        What moves money.
    """
    fixed = _returned(live)
    columns = {}
    if fixed:
        live.fixed["payments.returned"] = WHY_RETURNED
        sheet.line(WHY_RETURNED)
        block = sheet.block(live.case.timeline.labels, title=PERIOD)
        for each in fixed:
            values = np.broadcast_to(each.amount, (block.rows, each.amount.shape[-1]))[:, 0]
            columns[each.payer, each.payee, each.line] = block.fixed(each.line, values)
    found = (
        *_of_costs(live, costs=costs, capital=capital),
        *_of_capital(live, capital=capital),
        *_of_payments(payments),
        *_of_savings(live, savings=savings),
    )
    stated = [each for each in found if (each.payer, each.payee, each.line) not in columns]
    added = [
        Flow(each.payer, each.payee, each.line, each.frame, each.kind, column)
        for each, column in zip(fixed, columns.values(), strict=True)
    ]
    return (*stated, *added)


def _returned(live: Live) -> list[Posting]:
    """Return what is given back to payers or owed at an early end; then also what costs follow."""
    ledger = kept_postings(live.base)
    odd = [each for each in ledger if each.line.endswith(RETURNED)]
    met = {"costs.financed", "costs.overrun"} if odd else set()
    return [
        each
        for each in ledger
        if each in odd or each.line in met or each.line.startswith("contract.")
    ]


def _of_costs(live: Live, *, costs: Costs, capital: Capital) -> Iterator[Flow]:
    terms, problem = live.case.contract.terms, live.case.problem
    assert terms is not None  # noqa: S101 - a case that runs has them
    assert problem is not None  # noqa: S101 - as above
    authority, provider = problem.authority, problem.provider
    if provider != ACCOUNT:
        yield Flow(ACCOUNT, provider, "costs.financed", CONTRACT_FRAME, "transfer", capital.funded)
    if terms.overrun == "authority" and authority != provider:
        line = "costs.overrun"
        yield Flow(authority, provider, line, CONTRACT_FRAME, "transfer", capital.overrun)
    for name, column in costs.lines.items():
        spec, line = live.case.costs[name], f"costs.{name}"
        payer, payee = spec.payer or provider, spec.payee or provider
        if payer != payee:
            yield Flow(payer, payee, line, spec.frame, "transfer", column)
        yield Flow(payee, NATURE, line, spec.frame, "use", column)


def _of_capital(live: Live, *, capital: Capital) -> Iterator[Flow]:
    agreed = live.case.contract.capital
    assert agreed is not None  # noqa: S101 - a case that runs has it
    for name, tranche in agreed.tranches.items():
        investor = agreed.investor(name)
        if name in capital.drawn and tranche.is_drawn:
            line = f"capital.{name}.drawing"
            drawn = capital.drawn[name]
            yield Flow(investor, ACCOUNT, line, INVESTOR_FRAME, "transfer", drawn)
        if tranche.parts:
            part, frame = ("repayment", INVESTOR_FRAME) if tranche.is_drawn else ("fee", FEE_FRAME)
            paid = tuple(amount for (_, to), amount in capital.guarantees.items() if to == name)
            yield Flow(
                ACCOUNT,
                investor,
                f"capital.{name}.{part}",
                frame,
                "transfer",
                capital.received[name],
                less=paid,
            )
    seen = set()
    for name, guarantee in agreed.guarantees.items():
        key = (guarantee.guarantor, guarantee.tranche)
        if key not in seen:
            seen.add(key)
            to, line = agreed.investor(guarantee.tranche), f"capital.{name}.guarantee"
            amount = capital.guarantees[key]
            yield Flow(guarantee.guarantor, to, line, INVESTOR_FRAME, "transfer", amount)
    for (payer, guarantor), amount in capital.fees.items():
        name = next(name for name, each in agreed.guarantees.items() if each.guarantor == guarantor)
        line = f"capital.{name}.guarantee_fee"
        yield Flow(payer, guarantor, line, INVESTOR_FRAME, "transfer", amount)
    for party, amount in capital.surplus.items():
        yield Flow(ACCOUNT, party, "capital.surplus", SURPLUS_FRAME, "transfer", amount)


def _of_payments(payments: Payments) -> Iterator[Flow]:
    for (name, payer), amount in payments.paid.items():
        yield Flow(payer, ACCOUNT, f"payments.{name}", CONTRACT_FRAME, "transfer", amount)


def _of_savings(live: Live, *, savings: Mapping[str, Saving]) -> Iterator[Flow]:
    for name, saving in savings.items():
        line, path = live.case.budget[name], f"budget.{name}"
        other = line.counterparty or NATURE
        kind: PostingKind = "transfer" if line.counterparty else "production"
        yield Flow(other, line.party, path, line.frame, kind, saving.gross)
        for part in ("refund", "equalisation", "guarantee"):
            amount = getattr(saving, part)
            if amount is not None:
                yield Flow(line.party, STATE, f"{path}.{part}", line.frame, "transfer", amount)
        memo = f"{path}.not_released"
        if saving.held_back is not None:
            yield Flow(line.party, line.party, memo, line.frame, "memo", saving.held_back)
        if saving.held_back_of_state is not None:
            yield Flow(STATE, STATE, memo, line.frame, "memo", saving.held_back_of_state)
