"""What each way of paying comes to over all draws, with Monte Carlo errors on the same luck.

Every figure is, but for terms of order 1 / D, a mean over draws of a *contribution*: the value
itself, an indicator, or max(q - x, 0) / 0.05 of the expected shortfall (q the 5 % quantile of x).
All ways have the same luck in a draw, so the error of a difference of two ways is that of the mean
of the differences of their contributions, far below the errors of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from sibsim.budget.ledger import by_year
from sibsim.case import Case
from sibsim.core.arrays import FloatArray, added
from sibsim.core.cashflow import peak_capital, present_value
from sibsim.core.statistics import (
    TAIL,
    expected_shortfall,
    mc_error_of_mean,
    mc_error_of_probability,
)
from sibsim.decisions.ceiling import worst_year
from sibsim.decisions.ways.flows import Flows
from sibsim.figures import figures
from sibsim.metrics import ROUNDING, break_even_year

PROBABILITIES = ("p_loss", "p_break_even", "p_no_room")
"""Figures that are probabilities."""

SHORTFALL = "expected_shortfall"
"""The mean loss in the worst twentieth of draws."""

BREAK_EVEN = "break_even_year"
"""The median year; no mean, and no difference, as it may never come."""

FIGURES = (
    "net",
    "present_value",
    "p_loss",
    SHORTFALL,
    "peak_cash",
    "peak_year",
    "p_break_even",
    "ceiling",
    "p_no_room",
)
"""Figures that two ways can be compared on, in the order of tables."""

CLEAR = 2.0
"""Monte Carlo errors from which on a difference is one: one in twenty by luck alone."""

PRICE_PARTS = ("evaluation", "management_and_legal", "premium", "value_of_time")
"""What the price of the contract against own money is the sum of."""

PREMIUM_CAUSES = (
    "repayment_and_return",
    "overrun_borne_by_others",
    "outcomes_paid_by_others",
    "grants",
)
"""What the premium is the sum of."""


@dataclass(frozen=True, slots=True)
class Way:
    """What one way of paying comes to for a party, one number per draw, (D,) each."""

    net: FloatArray
    """All it gains to the end of the case, nominal, savings that no budget can take out left out.
    """

    present_value: FloatArray
    """The same at its discount rate; NaN where the case states none."""

    peak_cash: FloatArray
    """The most by which it is out of pocket at the end of any period."""

    peak_year: FloatArray
    """The most that it pays net in one calendar year."""

    break_even_year: FloatArray
    """Calendar year from whose end on it stays at zero or above; NaN if never."""

    years: FloatArray
    """What it gains in each calendar year, (years, D)."""

    ceiling: FloatArray
    """Change of its room under the service ceiling in the calendar year in which that is worst."""

    @property
    def no_room(self) -> FloatArray:
        """Whether it takes room under the service ceiling in any calendar year, 1 or 0, (D,)."""
        return (self.ceiling < -ROUNDING).astype(np.float64)

    @property
    def loses(self) -> FloatArray:
        """Whether it ends below zero, 1 or 0, (D,)."""
        return (self.net < -ROUNDING).astype(np.float64)


@dataclass(frozen=True)
class Run:
    """Every way of paying on the same draws, or in the base case."""

    ways: Mapping[str, Way]
    """What the authority gains, by way."""

    provider: Way
    """What the provider gains with no cure, no pay."""

    granted: FloatArray
    """What the grant pays, nominal, (D,)."""

    price: Mapping[str, FloatArray]
    """Parts of the price of the contract against own money, in `PRICE_PARTS`, (D,) each."""

    causes: Mapping[str, FloatArray]
    """What the premium is made of, in `PREMIUM_CAUSES`, nominal, (D,) each."""

    investors: FloatArray
    """Present value, at the investors' rate, of what they gain after costs that they bear
    themselves, (D,); NaN where the case states none."""

    early_end: FloatArray
    """Present value of what own money gains by serving those whom an early end leaves, (D,)."""

    others: FloatArray
    """Present value of the costs of the contract that others bear, (D,)."""

    others_pay: FloatArray
    """Present value of what others pay for outcomes under the contract, (D,)."""

    @property
    def total(self) -> FloatArray:
        """The price of the contract against own money, (D,)."""
        return added(self.price[part] for part in PRICE_PARTS)


def run_of(case: Case, blocks: Iterable[tuple[Flows, int]]) -> Run:
    """Return every way of paying over all draws.

    Parameters
    ----------
    case
        The case.
    blocks
        What each block of draws brings, and how many of its draws count.
    """
    found = [(_run_of_block(case, flows), draws) for flows, draws in blocks]

    def joined(values: Iterable[FloatArray]) -> FloatArray:
        widened = [
            np.broadcast_to(each, (*each.shape[:-1], max(each.shape[-1], draws)))[..., :draws]
            for each, (_, draws) in zip(values, found, strict=True)
        ]
        return np.concatenate(widened, axis=-1)

    def joined_ways(ways: Iterable[Way]) -> Way:
        ways = list(ways)
        names = [field.name for field in fields(Way)]
        return Way(**{name: joined(getattr(each, name) for each in ways) for name in names})

    runs = [each for each, _ in found]
    return Run(
        ways={name: joined_ways(each.ways[name] for each in runs) for name in runs[0].ways},
        provider=joined_ways(each.provider for each in runs),
        granted=joined(each.granted for each in runs),
        price={part: joined(each.price[part] for each in runs) for part in PRICE_PARTS},
        causes={name: joined(each.causes[name] for each in runs) for name in PREMIUM_CAUSES},
        investors=joined(each.investors for each in runs),
        early_end=joined(each.early_end for each in runs),
        others=joined(each.others for each in runs),
        others_pay=joined(each.others_pay for each in runs),
    )


def _run_of_block(case: Case, flows: Flows) -> Run:
    def worth(flow: FloatArray) -> FloatArray:
        return _present_value(case, flow)

    premium = flows.price["premium"]
    undiscounted = _total(premium)
    return Run(
        ways={name: _way(case, net, room=flows.room[name]) for name, net in flows.net.items()},
        provider=_way(case, flows.provider, room=np.zeros_like(flows.provider)),
        granted=_total(flows.granted),
        price={
            "evaluation": worth(flows.price["evaluation"]),
            "management_and_legal": worth(flows.price["management_and_legal"]),
            "premium": undiscounted,
            "value_of_time": worth(premium) - undiscounted,
        },
        causes={name: _total(cause) for name, cause in flows.causes.items()},
        investors=present_value(
            flows.investors,
            rate=case.valuation.discount.investor if case.valuation else None,
            periods_per_year=case.timeline.periods_per_year,
        ),
        early_end=worth(flows.early_end),
        others=worth(flows.others),
        others_pay=worth(flows.others_pay),
    )


def _way(case: Case, net: FloatArray, *, room: FloatArray) -> Way:
    years = by_year(net, case.timeline)
    return Way(
        net=_total(net),
        present_value=_present_value(case, net),
        peak_cash=peak_capital(net),
        peak_year=np.maximum(-years.min(axis=0), 0.0),
        break_even_year=break_even_year(net, timeline=case.timeline),
        years=years,
        ceiling=worst_year(room, timeline=case.timeline),
    )


def _total(flow: FloatArray) -> FloatArray:
    """Return the sum over periods, (T, 1 or D) to (1 or D,)."""
    return added([np.add.reduce(flow, axis=0)])


def _present_value(case: Case, flow: FloatArray) -> FloatArray:
    """Return the present value at the authority's rate, every flow at the end of its period."""
    opening = np.zeros((1, flow.shape[1]))
    return present_value(
        np.concatenate([opening, flow]),
        rate=case.valuation.discount.municipality if case.valuation else None,
        periods_per_year=case.timeline.periods_per_year,
    )


def contributions(way: Way, figure: str) -> FloatArray:
    """Return what each draw adds to a figure, (D,): its mean over draws is the figure.

    That of the expected shortfall lacks a constant, the quantile.

    Parameters
    ----------
    way
        A way of paying.
    figure
        One of `FIGURES`.
    """
    if figure == "p_loss":
        return way.loses
    if figure == "p_no_room":
        return way.no_room
    if figure == "p_break_even":
        return (~np.isnan(way.break_even_year)).astype(np.float64)
    if figure == SHORTFALL:
        boundary = np.sort(way.net)[int(TAIL * way.net.size)]
        excess: FloatArray = np.maximum(boundary - way.net, 0.0) / TAIL
        return excess
    values: FloatArray = getattr(way, figure)
    return values


def value_of(way: Way, figure: str) -> float:
    """Return a figure of `FIGURES` over all draws."""
    if figure == SHORTFALL:
        return expected_shortfall(way.net).value
    return float(contributions(way, figure).mean())


def error_of(way: Way, figure: str) -> float:
    """Return the Monte Carlo error of a figure of `FIGURES`."""
    if figure == SHORTFALL:
        return expected_shortfall(way.net).mc_error
    values = contributions(way, figure)
    if figure in PROBABILITIES:
        return mc_error_of_probability(values)
    return mc_error_of_mean(values)


def difference(way: Way, other: Way, figure: str) -> tuple[float, float]:
    """Return how much more a way has of a figure than another on the same luck, and its error."""
    apart = contributions(way, figure) - contributions(other, figure)
    return value_of(way, figure) - value_of(other, figure), mc_error_of_mean(apart)


def is_clear(apart: float, *, error: float, least: float = ROUNDING) -> bool:
    """Return whether a difference is more than Monte Carlo error and rounding."""
    return abs(apart) > least and not abs(apart) <= CLEAR * error


def median_break_even(way: Way) -> tuple[float, float]:
    """Return the median calendar year of break-even, infinite for never, and its error."""
    found = figures(way.break_even_year, metric=BREAK_EVEN, nets=False, chance=True)
    return found["p50"], found["mc_error"]
