"""The movements of capital as lines of the ledger."""

from __future__ import annotations

from sibsim.capital.account import CapitalAccount
from sibsim.core.stages import FloatArray, Frame, Posting

ACCOUNT = "contract"
"""Ledger party that stands for the account of the contract."""

INVESTOR_FRAME: Frame = "outside"
"""Frame of drawings, repayments and guarantees: capital is no public expenditure by itself."""

SURPLUS_FRAME: Frame = "service"
"""Default frame of the surplus: it gives back part of the payments, which are service spending."""


def capital_postings(
    account: CapitalAccount, *, surplus_frame: Frame = SURPLUS_FRAME
) -> tuple[Posting, ...]:
    """Return drawings, repayments, guarantees and surplus as transfers, in that order.

    Lines are `capital.<tranche>.drawing`, `capital.<tranche>.repayment`,
    `capital.<guarantee>.guarantee` and `capital.surplus`; amounts are (T, 1 or D). A drawing is
    paid at the start of its period, all else at the end.

    Parameters
    ----------
    account
        The settled contract account.
    surplus_frame
        Spending frame of the party that receives the surplus.
    """
    terms = account.capital
    posted = []
    for name in terms.tranches:
        investor = terms.investor(name)
        posted += [
            _transfer(investor, ACCOUNT, f"capital.{name}.drawing", account.drawn[name]),
            _transfer(ACCOUNT, investor, f"capital.{name}.repayment", account.received[name]),
        ]
    for name, guarantee in terms.guarantees.items():
        investor = terms.investor(guarantee.tranche)
        line = f"capital.{name}.guarantee"
        amount = account.guarantee_paid[name]
        posted.append(_transfer(guarantee.guarantor, investor, line, amount))
    surplus = _transfer(
        ACCOUNT, terms.surplus, "capital.surplus", account.surplus, frame=surplus_frame
    )
    return (*posted, surplus)


def _transfer(
    payer: str, payee: str, line: str, amount: FloatArray, *, frame: Frame = INVESTOR_FRAME
) -> Posting:
    return Posting(payer=payer, payee=payee, line=line, frame=frame, kind="transfer", amount=amount)
