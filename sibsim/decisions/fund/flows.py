"""The money of a fund on common nodes in time, from its deals to its investors.

Drawings and costs of a period stand on the node at its start, receipts on the node at its end, as
they do in a case. The nodes of a fund lie as far apart as the longest step that meets the nodes of
all its deals, a quarter or a month, so that a fund of one case has the nodes of that case.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from sibsim.accounts import Accounts
from sibsim.capital.postings import costs_borne
from sibsim.capital.returns import investor_flows, receipts
from sibsim.case import Case
from sibsim.core.arrays import FloatArray, IntArray, added, summed
from sibsim.core.timeline import MONTHS_PER_YEAR, Timeline
from sibsim.decisions.fund.fees import Fees, carried_interest, on_deal


@dataclass(frozen=True, slots=True)
class Grid:
    """The nodes of a fund."""

    start: date
    """Date of the first node: the earliest start of any deal."""

    months: int
    """Months between nodes."""

    nodes: int
    """Number of nodes (N): up to the latest end of any deal."""

    @classmethod
    def of(cls, timelines: Sequence[Timeline]) -> Grid:
        """Return the nodes that meet those of all timelines."""
        start = min(each.start for each in timelines)
        offsets = [_months(start, each.start) for each in timelines]
        step = math.gcd(*offsets, *(each.months_per_period for each in timelines))
        ends = [
            offset + each.periods * each.months_per_period
            for offset, each in zip(offsets, timelines, strict=True)
        ]
        return cls(start, step, max(ends) // step + 1)

    @property
    def steps_per_year(self) -> int:
        """Nodes in one year."""
        return MONTHS_PER_YEAR // self.months

    def places(self, timeline: Timeline) -> slice:
        """Return where the nodes of a deal lie among those of the fund."""
        first = _months(self.start, timeline.start) // self.months
        step = timeline.months_per_period // self.months
        return slice(first, first + timeline.periods * step + 1, step)

    @property
    def years(self) -> tuple[int, ...]:
        """The calendar years of the fund, in order."""
        last = self._year(np.array([(self.nodes - 1) * self.months - 1]))[0]
        return tuple(range(self.start.year, int(last) + 1))

    def by_year(self, amounts: FloatArray, *, at_end: bool) -> FloatArray:
        """Return amounts on nodes by calendar year, (Y, D).

        Parameters
        ----------
        amounts
            Shape (N, D).
        at_end
            Whether they are of the period that ends at the node, not of the one that begins.
        """
        position = np.arange(self.nodes) * self.months - int(at_end)
        years = self._year(np.maximum(position, 0)) - self.start.year
        found = np.zeros((len(self.years), amounts.shape[1]))
        for year, amount in zip(np.minimum(years, len(found) - 1), amounts, strict=True):
            found[year] += amount
        return found

    def _year(self, months: IntArray) -> IntArray:
        return self.start.year + (self.start.month - 1 + months) // MONTHS_PER_YEAR


def _months(first: date, second: date) -> int:
    return (second.year - first.year) * MONTHS_PER_YEAR + second.month - first.month


@dataclass(frozen=True, slots=True)
class DealFlows:
    """The investors' money in one deal: on its own nodes, (T + 1, 1 or D) each, and in all."""

    net: FloatArray
    """Receipts less drawings."""

    drawn: FloatArray
    """Drawings of all investments."""

    received: FloatArray
    """Receipts of all investments."""

    borne: FloatArray
    """Costs that the investors bear themselves."""

    put_in: FloatArray
    """All drawings, (1 or D,)."""

    got_back: FloatArray
    """All receipts, (1 or D,)."""

    def first(self, draws: int) -> DealFlows:
        """Return the first draws of the block."""
        return DealFlows(*(getattr(self, each.name)[..., :draws] for each in fields(self)))


def flows_of(case: Case, accounts: Accounts) -> DealFlows:
    """Return what investors pay into a deal and get out of it.

    Parameters
    ----------
    case
        The case.
    accounts
        Its money.
    """
    account = accounts.capital
    net = investor_flows(account)
    invested = account.capital.investments
    drawings = [account.drawn[name] for name in invested]
    returned = [each for name in invested for each in receipts(account, name)]
    drawn, received = np.zeros(net.shape), np.zeros(net.shape)
    drawn[:-1] = added(drawings)
    received[1:] = added(returned)
    own = added(
        costs_borne(account, accounts.postings, aside=case.lines_paid_aside),
        shape=(case.timeline.periods, 1),
    )
    borne = np.zeros((len(net), own.shape[1]))
    borne[:-1] = own
    return DealFlows(
        net,
        drawn,
        received,
        borne,
        put_in=summed(np.concatenate(drawings)),
        got_back=summed(np.concatenate(returned)),
    )


def last_paid_period(case: Case) -> int:
    """Return the period of the last payment, within the case; a fund's life in the deal ends then.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    """
    terms, timeline = case.contract.terms, case.timeline
    assert terms is not None  # noqa: S101 - a case that runs has them
    last = int(timeline.period_at(np.array(timeline.months_at(terms.last_payment))))
    return min(last, timeline.periods - 1)


class FundFlows:
    """The money of all deals on the nodes of the fund, on one block of draws, (N, D) each."""

    def __init__(self, grid: Grid, *, draws: int) -> None:
        """Begin with nothing.

        Parameters
        ----------
        grid
            The nodes.
        draws
            Number of draws (D).
        """
        self.grid = grid
        shape = (grid.nodes, draws)
        self.net = np.zeros(shape)
        self.drawn, self.received = np.zeros(shape), np.zeros(shape)
        self.borne, self.fees = np.zeros(shape), np.zeros(shape)
        self.put_in, self.got_back = np.zeros(1), np.zeros(1)

    def add(self, case: Case, flows: DealFlows, *, fees: Fees, commitment: float) -> None:
        """Add the money of a deal and the fees on it.

        Parameters
        ----------
        case
            The case of the deal.
        flows
            Its money, (T + 1, 1 or D).
        fees
            What the manager takes.
        commitment
            What the deal commits, money.
        """
        at = self.grid.places(case.timeline)
        self.net[at] += flows.net
        self.drawn[at] += flows.drawn
        self.received[at] += flows.received
        self.borne[at] += flows.borne
        self.put_in = self.put_in + flows.put_in
        self.got_back = self.got_back + flows.got_back
        if fees.of_committed or fees.of_drawn:
            self.fees[at] += on_deal(
                fees,
                commitment=commitment,
                flows=flows.net,
                last_period=last_paid_period(case),
                months=case.timeline.months_per_period,
            )


@dataclass(frozen=True, slots=True)
class Investors:
    """What the investors of a fund pay in and get, on the nodes of the fund, (N, D) each."""

    called: FloatArray
    """What they pay in: drawings, costs and fees, less what receipts pay."""

    distributed: FloatArray
    """What they get before carried interest."""

    carried: FloatArray
    """Carried interest, taken out of what is distributed; below zero what is returned of it."""

    @property
    def paid_out(self) -> FloatArray:
        """What they get."""
        return self.distributed - self.carried

    @property
    def net(self) -> FloatArray:
        """What they get less what they pay in."""
        return self.paid_out - self.called


def investors_of(flows: FundFlows, *, fees: Fees, still_planned: FloatArray | None) -> Investors:
    """Return what the investors of a fund pay in and get.

    Parameters
    ----------
    flows
        The money of all deals.
    fees
        What the manager takes; the fees in `flows` are taken as they are.
    still_planned
        With recycling: drawings that the base case has still to make after each node, (N,). Money
        that comes in pays drawings, costs and fees first; of what is left that much is kept, and
        the rest is distributed. None: all is distributed when it comes, and all needs are called.
    """
    needed = flows.drawn + flows.borne + flows.fees
    called, distributed = needed, flows.received
    if still_planned is not None:
        called, distributed = np.empty(needed.shape), np.empty(needed.shape)
        held = np.zeros(needed.shape[1])
        for node, (need, received) in enumerate(zip(needed, flows.received, strict=True)):
            held = held + received
            paid = np.minimum(held, need)
            called[node] = need - paid
            held = held - paid
            distributed[node] = np.maximum(held - still_planned[node], 0.0)
            held = held - distributed[node]
    kept = carried_interest(called, distributed, fees=fees, years=1.0 / flows.grid.steps_per_year)
    return Investors(called, distributed, kept)
