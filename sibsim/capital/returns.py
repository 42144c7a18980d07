"""What the investors earn: flows on the nodes of time and the figures taken from them.

The drawing of period t stands on node t (its start), a receipt of period t on node t + 1 (its end).
Receipts include what guarantees pay; surplus and costs that an investor bears itself are no part of
them. Figures are per draw; rates of return are never averaged here. Where several rates exist, the
code of `sibsim.core.rates.returns` on `investor_flows` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sibsim.capital.account import CapitalAccount
from sibsim.core.cashflow import multiple, npv, payback_years, peak_capital, profit
from sibsim.core.rates import returns
from sibsim.core.stages import FloatArray

METRICS = ("irr", "multiple", "npv", "profit", "peak_capital", "payback_years")
"""The figures of an investment, by the name each has behind `investor_` or `tranche.<name>.`."""


def receipts(account: CapitalAccount, tranche: str) -> tuple[FloatArray, ...]:
    """Return what a tranche receives: from the waterfall, then from each guarantee, (T, 1 or D)."""
    guarantees = account.capital.guarantees
    paid = (
        account.guarantee_paid[name]
        for name, guarantee in guarantees.items()
        if guarantee.tranche == tranche
    )
    return (account.received[tranche], *paid)


def investor_flows(account: CapitalAccount, *, tranches: Sequence[str] | None = None) -> FloatArray:
    """Return the node flows of the tranches together: receipts less drawings, (T + 1, 1 or D).

    Parameters
    ----------
    account
        The settled contract account.
    tranches
        Names of tranches; by default all.
    """
    names = tuple(account.capital.tranches) if tranches is None else tranches
    flows = np.zeros((len(account.balance) + 1, account.balance.shape[1]))
    for name in names:
        flows[:-1] -= account.drawn[name]
        for received in receipts(account, name):
            flows[1:] += received
    return flows


def investor_metrics(
    account: CapitalAccount, *, rate: float, periods_per_year: int
) -> dict[str, FloatArray]:
    """Return every figure of all tranches together and of each tranche, each (1 or D,).

    Keys are `investor_irr` and so on for all tranches, `tranche.<name>.irr` for one. The internal
    rate of return is effective annual, undefined (NaN) for flows of one sign and -1 at total loss.
    The multiple is gross received / gross drawn, undefined where nothing is drawn.

    Parameters
    ----------
    account
        The settled contract account.
    rate
        Investor's effective annual discount rate.
    periods_per_year
        Periods in one year.
    """
    names = tuple(account.capital.tranches)
    found: dict[str, FloatArray] = {}
    together: dict[str, FloatArray] = {}
    if len(names) > 1:
        together = _figures(account, names, rate=rate, periods_per_year=periods_per_year)
    for name in names:
        figures = _figures(account, (name,), rate=rate, periods_per_year=periods_per_year)
        together = together or figures
        found |= {f"tranche.{name}.{metric}": figures[metric] for metric in METRICS}
    return {f"investor_{metric}": together[metric] for metric in METRICS} | found


def _figures(
    account: CapitalAccount, names: Sequence[str], *, rate: float, periods_per_year: int
) -> dict[str, FloatArray]:
    flows = investor_flows(account, tranches=names)
    gross_in = _total(account.drawn[name] for name in names)
    gross_out = _total(received for name in names for received in receipts(account, name))
    return {
        "irr": returns(flows, periods_per_year=periods_per_year).rate,
        "multiple": multiple(gross_out, drawn=gross_in),
        "npv": npv(flows, rate=rate, periods_per_year=periods_per_year),
        "profit": profit(flows),
        "peak_capital": peak_capital(flows),
        "payback_years": payback_years(flows, periods_per_year=periods_per_year),
    }


def _total(amounts: Iterable[FloatArray]) -> FloatArray:
    """Return the sum over periods, added one by one so that the width changes no bit, (1 or D,)."""
    found = tuple(amounts)
    total = np.zeros(np.broadcast_shapes((1,), *(amount.shape[1:] for amount in found)))
    for amount in found:
        for row in amount:
            total += row
    return total
