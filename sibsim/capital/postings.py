"""The movements of capital as lines of the ledger."""

from __future__ import annotations

from sibsim.capital.account import CapitalAccount
from sibsim.core.stages import Frame, Posting, transfer

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
            transfer(
                account.drawn[name],
                payer=investor,
                payee=ACCOUNT,
                line=f"capital.{name}.drawing",
                frame=INVESTOR_FRAME,
            ),
            transfer(
                account.received[name],
                payer=ACCOUNT,
                payee=investor,
                line=f"capital.{name}.repayment",
                frame=INVESTOR_FRAME,
            ),
        ]
    for name, guarantee in terms.guarantees.items():
        posted.append(
            transfer(
                account.guarantee_paid[name],
                payer=guarantee.guarantor,
                payee=terms.investor(guarantee.tranche),
                line=f"capital.{name}.guarantee",
                frame=INVESTOR_FRAME,
            )
        )
    surplus = transfer(
        account.surplus,
        payer=ACCOUNT,
        payee=terms.surplus,
        line="capital.surplus",
        frame=surplus_frame,
    )
    return (*posted, surplus)
