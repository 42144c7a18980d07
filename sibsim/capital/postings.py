"""The movements of capital as lines of the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sibsim.capital.account import CapitalAccount
from sibsim.core.arrays import FloatArray
from sibsim.core.postings import Frame, Posting, transfer

ACCOUNT = "contract"
"""Ledger party that stands for the account of the contract."""

INVESTOR_FRAME: Frame = "outside"
"""Frame of drawings, repayments and guarantees: capital is no public expenditure by itself."""

SURPLUS_FRAME: Frame = "service"
"""Default frame of the surplus: it gives back part of the payments, which are service spending."""

FEE_FRAME: Frame = "service"
"""Frame of a deferred fee: it pays for delivery."""


def capital_postings(
    account: CapitalAccount, *, surplus_frame: Frame = SURPLUS_FRAME
) -> tuple[Posting, ...]:
    """Return drawings, repayments, guarantees and surplus as transfers, in that order.

    Lines are `capital.<tranche>.drawing` and `capital.<tranche>.repayment` (a grant has no
    repayment, a deferred fee is one line `capital.<tranche>.fee`), `capital.<guarantee>.guarantee`
    and `capital.<guarantee>.guarantee_fee`, and `capital.surplus` to each party that receives some;
    amounts are (T, 1 or D). A drawing is paid at the start of its period, all else at the end.

    Parameters
    ----------
    account
        The settled contract account.
    surplus_frame
        Spending frame of the party that receives the surplus.
    """
    terms = account.capital
    posted = []
    for name, tranche in terms.tranches.items():
        investor = terms.investor(name)
        if tranche.is_drawn:
            posted.append(
                transfer(
                    account.drawn[name],
                    payer=investor,
                    payee=ACCOUNT,
                    line=f"capital.{name}.drawing",
                    frame=INVESTOR_FRAME,
                )
            )
        if tranche.parts:
            posted.append(
                transfer(
                    account.received[name],
                    payer=ACCOUNT,
                    payee=investor,
                    line=f"capital.{name}.{'repayment' if tranche.is_drawn else 'fee'}",
                    frame=INVESTOR_FRAME if tranche.is_drawn else FEE_FRAME,
                )
            )
    posted += _of_guarantees(account)
    for party, share in terms.surplus_shares.items():
        posted.append(
            transfer(
                account.surplus * share if share < 1.0 else account.surplus,
                payer=ACCOUNT,
                payee=party,
                line="capital.surplus",
                frame=surplus_frame,
            )
        )
    return tuple(posted)


def _of_guarantees(account: CapitalAccount) -> Iterator[Posting]:
    """Yield what every guarantee pays, then its fee if it has one."""
    for name, guarantee in account.capital.guarantees.items():
        yield transfer(
            account.guarantee_paid[name],
            payer=guarantee.guarantor,
            payee=account.capital.investor(guarantee.tranche),
            line=f"capital.{name}.guarantee",
            frame=INVESTOR_FRAME,
        )
        if guarantee.fee is not None:
            yield transfer(
                account.guarantee_fees[name],
                payer=guarantee.fee.payer,
                payee=guarantee.guarantor,
                line=f"capital.{name}.guarantee_fee",
                frame=INVESTOR_FRAME,
            )


def costs_borne(
    account: CapitalAccount, postings: Iterable[Posting], *, aside: Collection[str]
) -> Iterator[FloatArray]:
    """Yield the costs that the investors bear themselves, with guarantee fees, (T, 1 or D) each.

    Parameters
    ----------
    account
        The settled contract account.
    postings
        The ledger.
    aside
        Lines of costs that a stated party pays itself.
    """
    investors = {account.capital.investor(name) for name in account.capital.investments}
    borne = {*aside, *(f"capital.{name}.guarantee_fee" for name in account.guarantee_fees)}
    for posting in postings:
        if posting.line in borne and posting.kind == "transfer" and posting.payer in investors:
            yield posting.amount
