"""Simulate several contracts as one fund, block of draws by block of draws.

Of every deal only the profit and the rate of return of each draw are kept; the money of all deals
is added up on the nodes of the fund and forgotten with its block, so that memory grows with draws
and only by two numbers a draw with deals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sibsim.accounts import settle
from sibsim.case import Case
from sibsim.core.arrays import FloatArray, summed
from sibsim.core.cashflow import multiple, peak_capital, present_value
from sibsim.core.progress import watched
from sibsim.core.rates import returns
from sibsim.core.streams import BLOCK_DRAWS, Rng, seed_from
from sibsim.core.validation import shown
from sibsim.decisions.asking import check_draws
from sibsim.decisions.fund.deals import Cases, Deal, FundLuck, faults_of, named, seed_of
from sibsim.decisions.fund.fees import Fees
from sibsim.decisions.fund.flows import (
    FundFlows,
    Grid,
    Investors,
    flows_of,
    investors_of,
    last_paid_period,
)
from sibsim.decisions.fund.leaning import leaning_of
from sibsim.decisions.fund.result import Portfolio
from sibsim.decisions.fund.shocks import Lean, SharedNormals, Shock, layers_of
from sibsim.errors import ArgumentError
from sibsim.metrics import ROUNDING, metrics_of
from sibsim.simulate import base_case
from sibsim.world import realise

DRAWS = 10_000
"""Draws of a fund: Monte Carlo errors of probabilities below half a point."""

NO_SHOCKS: Sequence[Shock] = ()
"""Deals are independent of each other."""

NO_FEES = Fees()
"""Nothing is taken."""

_OF_DEALS = ("investor_profit", "investor_profit_after_costs", "investor_irr")
_OF_PAYERS = ("municipality_net", "public_net")


def portfolio(
    cases: Cases,
    *,
    shocks: Sequence[Shock] = NO_SHOCKS,
    fees: Fees | None = None,
    recycling: bool = False,
    rate: float | None = None,
    luck: FundLuck = "own",
    draws: int = DRAWS,
    rng: Rng = 0,
) -> Portfolio:
    """Simulate several contracts as one fund that makes all their investments.

    Parameters
    ----------
    cases
        Cases in order, or by name; the same case may come several times. They may start on
        different dates and have periods of different length, in one currency.
    shocks
        What deals have in common; none: they are independent.
    fees
        What the manager takes; None: nothing.
    recycling
        Whether what comes back pays what is needed later before investors are called: as much of
        it is kept as the base cases have still to draw, and the rest is distributed.
    rate
        Effective annual rate of present values, above -1 and below 1; None: the investor's
        rate of the cases where all state the same one, else there is no present value.
    luck
        `own`: each deal has luck of its own. `equal`: all have the same seed, so that all goes the
        same way in all of them.
    draws
        Number of draws, at least 2, as every figure stands with its error; a run of N is the first
        N of every longer run.
    rng
        Seed of the run, which is that of the first deal; a generator, or None for a fresh one.

    Raises
    ------
    ArgumentError
        If an argument is out of range, a case cannot be run or invests nothing, currencies differ,
        or a shock moves nothing.
    """
    found = named(cases)
    given = [shocks] if isinstance(shocks, Shock) else shocks
    _check(found, shocks=given, fees=fees, recycling=recycling, rate=rate, luck=luck)
    check_draws(draws, rng)
    leaning = leaning_of(found, given)
    seed = seed_from(rng)
    deals = tuple(
        Deal(name, case, seed if luck == "equal" else seed_of(seed, position=position))
        for position, (name, case) in enumerate(found.items())
    )
    pool = _Pool(deals, fees=fees or NO_FEES, recycling=recycling, rate=_rate(deals, rate))
    kept = _Kept(pool, draws=draws)
    blocks = range(math.ceil(draws / BLOCK_DRAWS))
    for block in watched(blocks, total=len(blocks), what="simulating the fund"):
        kept.place(pool, block, leaning=leaning.of, seed=seed)
    return Portfolio(
        deals=deals,
        draws=draws,
        seed=seed,
        luck=luck,
        shocks=tuple(given),
        leaning=leaning,
        fees=pool.fees,
        recycling=recycling,
        rate=pool.rate,
        profits=kept.profits,
        irrs=kept.irrs,
        metrics=kept.metrics,
        years=pool.grid.years,
        net_by_year=kept.by_year,
        parts_by_year={name: total / draws for name, total in kept.parts.items()},
    )


def _check(
    cases: Mapping[str, Case],
    *,
    shocks: object,
    fees: object,
    recycling: object,
    rate: object,
    luck: object,
) -> None:
    """Refuse what is out of range; all of it at once."""
    faults = list(faults_of(cases, luck=luck))
    if not isinstance(shocks, Sequence) or not all(isinstance(each, Shock) for each in shocks):
        faults.append(
            f'shocks: got {shown(shocks)}; give a list of Shock(...), such as [Shock("labour '
            'market", of=["drifts.*"], spearman=0.2)]'
        )
    if fees is not None and not isinstance(fees, Fees):
        faults.append(f"fees: got {shown(fees)}; give Fees(...), such as Fees(of_committed=0.02)")
    if not isinstance(recycling, bool):
        faults.append(f"recycling: got {shown(recycling)}; it is True or False")
    number = isinstance(rate, int | float) and not isinstance(rate, bool)
    if rate is not None and not (number and -1 < rate < 1):  # type: ignore[operator] # number
        faults.append(f"rate: got {shown(rate)}; it is a rate a year from -1 to 1; 4 % is 0.04")
    if faults:
        raise ArgumentError("\n  ".join(faults))


def _rate(deals: Sequence[Deal], stated: float | None) -> float | None:
    """Return the rate of present values: as stated, or that of all cases where it is the same."""
    if stated is not None:
        return float(stated)
    rates = {
        each.case.valuation.discount.investor if each.case.valuation else None for each in deals
    }
    return rates.pop() if len(rates) == 1 else None


class _Pool:
    """What is the same in every block."""

    def __init__(
        self, deals: tuple[Deal, ...], *, fees: Fees, recycling: bool, rate: float | None
    ) -> None:
        self.deals, self.fees, self.rate = deals, fees, rate
        self.grid = Grid.of([each.case.timeline for each in deals])
        self.fixed = self._fixed()
        self.still_planned = self._still_planned() if recycling else None

    def _fixed(self) -> FloatArray:
        """Return the fixed fee on each node, (N, 1)."""
        lived = max(
            self.grid.places(each.case.timeline).start
            + (last_paid_period(each.case) + 1)
            * each.case.timeline.months_per_period
            // self.grid.months
            for each in self.deals
        )
        fixed = np.zeros((self.grid.nodes, 1))
        fixed[:lived] = self.fees.fixed / self.grid.steps_per_year
        return fixed

    def _still_planned(self) -> FloatArray:
        """Return what the base cases draw after each node, (N,)."""
        planned = np.zeros(self.grid.nodes)
        for each in self.deals:
            base = base_case(each.case)
            assert base.worlds is not None  # noqa: S101 - a base case keeps its world
            flows = flows_of(each.case, settle(each.case, base.worlds[0]))
            planned[self.grid.places(each.case.timeline)] += flows.drawn[:, 0]
        after = np.cumsum(planned[::-1])[::-1]
        return np.append(after[1:], 0.0)


class _Kept:
    """What is kept of every draw."""

    def __init__(self, pool: _Pool, *, draws: int) -> None:
        self._draws = draws
        number, years = len(pool.deals), len(pool.grid.years)
        self.profits, self.irrs = np.empty((number, draws)), np.empty((number, draws))
        self.metrics: dict[str, FloatArray] = {}
        self.by_year = np.empty((years, draws))
        self.parts: dict[str, FloatArray] = {}

    def place(
        self,
        pool: _Pool,
        block: int,
        *,
        leaning: Mapping[str, Mapping[str, Lean]],
        seed: int,
    ) -> None:
        """Run one block and keep what is to be kept of it."""
        first = block * BLOCK_DRAWS
        last = min(first + BLOCK_DRAWS, self._draws)
        width = last - first
        flows = FundFlows(pool.grid, draws=width)
        flows.fees += pool.fixed
        shared = SharedNormals(seed=seed, block=block)
        totals = dict.fromkeys((*_OF_DEALS, *_OF_PAYERS), np.zeros(1))
        for position, deal in enumerate(pool.deals):
            layers = layers_of(deal.seed, block=block, shared=shared.of(leaning[deal.name]))
            world = realise(deal.case, layers)
            accounts = settle(deal.case, world)
            found = metrics_of(deal.case, world, accounts, only=(*_OF_DEALS, *_OF_PAYERS))
            each = {name: values[..., :width] for name, values in found.items()}
            for name in totals:
                totals[name] = each[name] if not position else totals[name] + each[name]
            self.profits[position, first:last] = each["investor_profit"]
            self.irrs[position, first:last] = each["investor_irr"]
            money = flows_of(deal.case, accounts).first(width)
            flows.add(deal.case, money, fees=pool.fees, commitment=deal.commitment)
        investors = investors_of(flows, fees=pool.fees, still_planned=pool.still_planned)
        for name, values in _metrics(flows, investors, totals=totals, rate=pool.rate).items():
            self.metrics.setdefault(name, np.empty(self._draws))[first:last] = values
        by_year = _by_year(flows, investors)
        for name, amounts in by_year.items():
            total = amounts.sum(axis=1)
            self.parts[name] = self.parts[name] + total if name in self.parts else total
        net = by_year["distributed"] - by_year["called"]
        self.by_year[:, first:last] = net


def _metrics(
    flows: FundFlows, investors: Investors, *, totals: Mapping[str, FloatArray], rate: float | None
) -> dict[str, FloatArray]:
    """Return one number per draw of the fund as a whole, (1 or D,) each."""
    per_year = flows.grid.steps_per_year
    net = investors.net
    fees, carried = summed(flows.fees), summed(investors.carried)
    profit = totals["investor_profit"]
    net_profit = totals["investor_profit_after_costs"] - fees - carried
    called = summed(investors.called)
    paid_out = summed(investors.paid_out)
    return {
        "profit": profit,
        "multiple": multiple(flows.got_back, drawn=flows.put_in),
        "irr": returns(flows.net, periods_per_year=per_year).rate,
        "npv": present_value(flows.net, rate=rate, periods_per_year=per_year),
        "peak_capital": peak_capital(flows.net),
        "p_loss": (profit < -ROUNDING).astype(np.float64),
        "costs_borne": summed(flows.borne),
        "management_fees": fees,
        "carried_interest": carried,
        "called": called,
        "distributed": paid_out,
        "net_profit": net_profit,
        "net_multiple": multiple(paid_out, drawn=called),
        "net_irr": returns(net, periods_per_year=per_year).rate,
        "net_npv": present_value(net, rate=rate, periods_per_year=per_year),
        "net_peak_capital": peak_capital(net),
        "p_net_loss": (net_profit < -ROUNDING).astype(np.float64),
        **{name: totals[name] for name in _OF_PAYERS},
    }


def _by_year(flows: FundFlows, investors: Investors) -> dict[str, FloatArray]:
    """Return the parts of the fund's money by calendar year, (Y, D) each."""
    at_start = {
        "drawings": flows.drawn,
        "costs_borne": flows.borne,
        "management_fees": flows.fees,
        "called": investors.called,
    }
    at_end = {
        "receipts": flows.received,
        "distributed": investors.paid_out,
        "carried_interest": investors.carried,
    }
    return {
        name: flows.grid.by_year(amounts, at_end=part is at_end)
        for part in (at_start, at_end)
        for name, amounts in part.items()
    }
