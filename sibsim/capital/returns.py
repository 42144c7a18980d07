"""What the investors earn: flows on the nodes of time and the figures taken from them.

The drawing of period t stands on node t (its start), a receipt of period t on node t + 1 (its end).
Receipts include what guarantees pay; surplus and costs that an investor bears itself are no part of
them. Figures are per draw; rates of return are never averaged here.

Four figures are in use for "the return", and none stands for another. Class P of Resilient
Families, New South Wales, matured after five years at 6 % a year (Pro Bono Australia,
https://probonoaustralia.com.au/news/2018/10/resilient-families-becomes-first-sbb-mature-australia,
2018): if that does not compound it is a flat premium of 30 %, a multiple of 1.30 and an internal
rate of 5.4 %. `return_measures` gives all four.

Grants and deferred fees are no investment: they stand by themselves and in no figure of all
tranches together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np

from sibsim.capital.account import CapitalAccount
from sibsim.core.arrays import FloatArray, added, running_sums, summed
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
        Names of tranches; by default all that are investments.
    """
    names = account.capital.investments if tranches is None else tranches
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
    account: CapitalAccount,
    *,
    rate: float | None,
    periods_per_year: int,
    only: Collection[str] | None = None,
) -> dict[str, FloatArray]:
    """Return every figure of all tranches together and of each tranche, each (1 or D,).

    Keys are `investor_irr` and so on for all investments, `tranche.<name>.irr` for one tranche. The
    internal rate of return is effective annual, undefined (NaN) for flows of one sign and -1 at
    total loss;
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
    only
        Names of the figures that are asked for; None: all of them.
    """
    invested = tuple(account.capital.investments)
    asked = {
        **{f"investor_{figure}": (invested, figure) for figure in METRICS},
        **{kind: (invested, kind) for kind in IRR_KINDS},
        **{
            f"tranche.{name}.{figure}": ((name,), figure)
            for name in account.capital.tranches
            for figure in METRICS
        },
    }
    if only is not None:
        asked = {key: of for key, of in asked.items() if key in only}
    figures: dict[tuple[str, ...], set[str]] = {}
    for names, figure in asked.values():
        figures.setdefault(names, set()).add(figure)
    nodes = _nodes_used(account)
    found = {
        names: _figures(
            account,
            names,
            nodes=nodes,
            rate=rate,
            periods_per_year=periods_per_year,
            only=frozenset(each),
        )
        for names, each in figures.items()
    }
    return {key: found[names][figure] for key, (names, figure) in asked.items()}


def _figures(
    account: CapitalAccount,
    names: Sequence[str],
    *,
    nodes: int,
    rate: float | None,
    periods_per_year: int,
    only: frozenset[str],
) -> dict[str, FloatArray]:
    """Return the figures of some tranches that are asked for; nothing moves after the nodes."""
    flows = investor_flows(account, tranches=names)
    found = {}
    if not only.isdisjoint(("irr", *IRR_KINDS)):
        earned = returns(flows, periods_per_year=periods_per_year)
        kinds = {kind: (earned.code == code).astype(np.float64) for kind, code in IRR_KINDS.items()}
        found = {"irr": earned.rate, **kinds}
    flows = flows[:nodes]

    def times() -> FloatArray:
        drawn = [account.drawn[name][:nodes] for name in names]
        received = [each[:nodes] for name in names for each in receipts(account, name)]
        drawn, received = drawn or [flows[:0]], received or [flows[:0]]
        return multiple(summed(np.concatenate(received)), drawn=summed(np.concatenate(drawn)))

    work_out: Mapping[str, Callable[[], FloatArray]] = {
        "multiple": times,
        "npv": lambda: present_value(flows, rate=rate, periods_per_year=periods_per_year),
        "profit": lambda: profit(flows),
        "peak_capital": lambda: peak_capital(flows),
        "payback_years": lambda: payback_years(flows, periods_per_year=periods_per_year),
    }
    return found | {figure: each() for figure, each in work_out.items() if figure in only}


def return_measures(account: CapitalAccount, *, periods_per_year: int) -> dict[str, FloatArray]:
    """Return the four figures that are called the return, each (1 or D,).

    Of all investments together as `investor_<figure>`, of each as `tranche.<name>.<figure>`:

    - `irr`: effective annual internal rate of return;
    - `multiple`: received / drawn;
    - `flat_premium`: multiple - 1, over the whole time and not a year;
    - `simple_yearly`: flat premium / life in years, not compounding;
    - `life_years`: mean time from drawing until capital comes back. Receipts count as capital until
      they reach what is drawn; what is lost has no weight.

    NaN where nothing is drawn; life and simple yearly also where nothing comes back.

    Parameters
    ----------
    account
        The settled contract account.
    periods_per_year
        Periods in one year.
    """
    invested = account.capital.investments
    scopes = {"investor_": invested, **{f"tranche.{name}.": (name,) for name in invested}}
    return {
        f"{scope}{figure}": value
        for scope, names in scopes.items()
        for figure, value in _measures(account, names, periods_per_year=periods_per_year).items()
    }


def _measures(
    account: CapitalAccount, names: Sequence[str], *, periods_per_year: int
) -> dict[str, FloatArray]:
    flows = investor_flows(account, tranches=names)
    drawn, received = np.zeros_like(flows), np.zeros_like(flows)
    for name in names:
        drawn[:-1] += account.drawn[name]
        for each in receipts(account, name):
            received[1:] += each
    put_in = summed(drawn)
    so_far = np.minimum(running_sums(received), put_in)
    repaid = np.diff(so_far, axis=0, prepend=0.0)
    years = np.arange(len(flows))[:, np.newaxis] / periods_per_year
    back = multiple(summed(repaid * years), drawn=summed(repaid))
    life = back - multiple(summed(drawn * years), drawn=put_in)
    times = multiple(summed(received), drawn=put_in)
    return {
        "irr": returns(flows, periods_per_year=periods_per_year).rate,
        "multiple": times,
        "flat_premium": times - 1.0,
        "simple_yearly": np.divide(
            times - 1.0, life, out=np.full(life.shape, np.nan), where=life > 0
        ),
        "life_years": life,
    }


def attribution(
    account: CapitalAccount, payments: Mapping[str, FloatArray], *, tranches: Sequence[str]
) -> dict[str, FloatArray]:
    """Return where the receipts of some tranches come from, each (1 or D,).

    Money mixes in the account: a tranche's receipts are shared out over the payment lines pro rata
    to what each paid in, less what tranches that are paid from it alone took. Keys are
    `payments.<line>`, `unspent` for capital drawn and given back, `termination` for what is owed at
    an early end, and `guarantees.<name>`; they add up to all that the tranches receive.

    Parameters
    ----------
    account
        The settled contract account.
    payments
        What every line paid in, as it was settled, (T, 1 or D).
    tranches
        Names of the tranches.
    """
    terms = account.capital
    paid = {line: summed(amount) for line, amount in payments.items()}
    common = dict(paid)
    found = {f"payments.{line}": np.zeros_like(amount) for line, amount in paid.items()}
    for name, tranche in terms.tranches.items():
        shared = _shared(account, name, sources={line: paid[line] for line in tranche.paid_from})
        for line, amount in shared.items():
            common[line] = np.maximum(common[line] - amount, 0.0)
            if name in tranches:
                found[f"payments.{line}"] = found[f"payments.{line}"] + amount
    put_in = added(map(summed, account.drawn.values()))
    unspent = np.maximum(put_in - summed(account.funded), 0.0)
    found |= {"unspent": np.zeros_like(unspent), "termination": np.zeros_like(unspent)}
    sources = {
        **{f"payments.{line}": each for line, each in common.items()},
        "unspent": unspent,
        "termination": summed(account.compensation),
    }
    for name in tranches:
        if not terms.tranches[name].paid_from:
            for source, amount in _shared(account, name, sources=sources).items():
                found[source] = found[source] + amount
    for name, guarantee in terms.guarantees.items():
        if guarantee.tranche in tranches:
            found[f"guarantees.{name}"] = summed(account.guarantee_paid[name])
    return found


def _shared(
    account: CapitalAccount, tranche: str, *, sources: Mapping[str, FloatArray]
) -> dict[str, FloatArray]:
    """Return what a tranche receives from the waterfall, pro rata to its sources, (1 or D,)."""
    received, total = summed(account.received[tranche]), added(sources.values())
    whole = np.where(total > 0, total, 1.0)
    return {source: received * amount / whole for source, amount in sources.items()}
