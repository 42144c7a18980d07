"""What the investors earn: flows on the nodes of time and the figures taken from them.

The drawing of period t stands on node t (its start), a receipt of period t on node t + 1 (its end).
Receipts include what guarantees pay; surplus and costs that an investor bears itself are no part of
them. Figures are per draw; rates of return are never averaged here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sibsim.capital.account import CapitalAccount
from sibsim.core.arrays import FloatArray, added
from sibsim.core.cashflow import multiple, payback_years, peak_capital, present_value, profit
from sibsim.core.rates import IrrCode, returns

METRICS = ("irr", "multiple", "npv", "profit", "peak_capital", "payback_years")
"""The figures of an investment, by the name each has behind `investor_` or `tranche.<name>.`."""

IRR_KINDS = {"p_irr_undefined": IrrCode.UNDEFINED, "p_irr_several": IrrCode.SEVERAL}
"""Indicators of a rate of return that is no single number, by the code it carries."""


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


def _nodes_used(account: CapitalAccount) -> int:
    """Return the number of nodes up to the last one on which a tranche pays or receives."""
    used = np.zeros(len(account.balance) + 1, dtype=np.bool_)
    for name in account.capital.tranches:
        used[:-1] |= account.drawn[name].any(axis=1)
        for received in receipts(account, name):
            used[1:] |= received.any(axis=1)
    return int(np.flatnonzero(used).max(initial=0)) + 1


def investor_metrics(
    account: CapitalAccount, *, rate: float | None, periods_per_year: int
) -> dict[str, FloatArray]:
    """Return every figure of all tranches together and of each tranche, each (1 or D,).

    Keys are `investor_irr` and so on for all tranches, `tranche.<name>.irr` for one. The internal
    rate of return is effective annual, undefined (NaN) for flows of one sign and -1 at total loss;
    `p_irr_undefined` and `p_irr_several` say where that of all tranches is undefined, and where it
    is the one of several rates that is nearest to 0. The multiple is gross received / gross drawn,
    undefined where nothing is drawn.

    Parameters
    ----------
    account
        The settled contract account.
    rate
        Investor's effective annual discount rate; None: present values are undefined (NaN).
    periods_per_year
        Periods in one year.
    """
    names = tuple(account.capital.tranches)
    nodes = _nodes_used(account)
    found: dict[str, FloatArray] = {}
    together: dict[str, FloatArray] = {}
    if len(names) > 1:
        together = _figures(
            account, names, nodes=nodes, rate=rate, periods_per_year=periods_per_year
        )
    for name in names:
        figures = _figures(
            account, (name,), nodes=nodes, rate=rate, periods_per_year=periods_per_year
        )
        together = together or figures
        found |= {f"tranche.{name}.{metric}": figures[metric] for metric in METRICS}
    return {
        **{f"investor_{metric}": together[metric] for metric in METRICS},
        **{kind: together[kind] for kind in IRR_KINDS},
        **found,
    }


def _figures(
    account: CapitalAccount,
    names: Sequence[str],
    *,
    nodes: int,
    rate: float | None,
    periods_per_year: int,
) -> dict[str, FloatArray]:
    """Return the figures of some tranches; nothing moves after the first nodes."""
    flows = investor_flows(account, tranches=names)
    earned = returns(flows, periods_per_year=periods_per_year)
    flows = flows[:nodes]
    gross_in = added(row for name in names for row in account.drawn[name][:nodes])
    gross_out = added(
        row for name in names for received in receipts(account, name) for row in received[:nodes]
    )
    return {
        "irr": earned.rate,
        **{kind: (earned.code == code).astype(np.float64) for kind, code in IRR_KINDS.items()},
        "multiple": multiple(gross_out, drawn=gross_in),
        "npv": present_value(flows, rate=rate, periods_per_year=periods_per_year),
        "profit": profit(flows),
        "peak_capital": peak_capital(flows),
        "payback_years": payback_years(flows, periods_per_year=periods_per_year),
    }
