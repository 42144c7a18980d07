"""The search for the price corridor: where each side's conditions hold, and the deal zone.

Both sides look at the same worlds, simulated once; every value of the term re-prices them. What
more of the term does to either side is found and not assumed: the slack of every condition is taken
over a grid of values, and every change of its sign is closed by Brent's method (Brent 1973,
"Algorithms for minimization without derivatives", ch. 4). A side holds where all of its conditions
do. Price setting between what delivery costs and what the outcome is worth to the payer: GO Lab,
University of Oxford, introductory guide to pricing outcomes.

The Monte Carlo error of an end is that of the figure there divided by how fast the figure moves
with the term (delta method), a central difference on the same draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce
from typing import TYPE_CHECKING

import numpy as np

from sibsim.blocks import check_complete
from sibsim.core.streams import Rng
from sibsim.decisions.asking import check_draws
from sibsim.decisions.corridor.asked import PAYER, Asked, Question, asked
from sibsim.decisions.corridor.pricing import Pricing
from sibsim.decisions.corridor.result import Corridor, End, Holds, Side, SideName
from sibsim.decisions.corridor.stretches import Stretch, common, nearest_to, stretches_of
from sibsim.errors import ArgumentError
from sibsim.results import Results
from sibsim.simulate import simulate

if TYPE_CHECKING:
    from sibsim.case import Case

DRAWS = 10_000
"""Draws of a corridor: the median of a rate of return to a few tenths of a point."""

SLOPE_STEP = 0.01
"""The slope at an end is taken over one per cent of the term to either side: wide enough that a
probability or a quantile moves by many draws, narrow beside any corridor."""


def price_corridor(
    case: Case,
    term: str | Sequence[str],
    *,
    investor: Asked | None = None,
    payer: Asked = PAYER,
    between: tuple[float, float] | None = None,
    draws: int = DRAWS,
    rng: Rng = 0,
) -> Corridor:
    """Find the values of a contract term at which both sides' conditions hold.

    Parameters
    ----------
    case
        The case.
    term
        Dotted path of a number or a list of numbers in payments, contract or capital: a price, a
        limit, a threshold, the amount of a guarantee. Several paths move in fixed proportion; the
        first number names them all.
    investor
        What the investor asks for, such as `median investor_irr >= 0.04`; several must all hold.
        There is no default: a hurdle is the fund's own.
    payer
        What the payer asks for; by default `mean municipality_net >= 0`, which the result says.
    between
        Lowest and highest value to look at; None: a sixteenth to sixteen times the present value,
        or as far as the case accepts by halving that. The result says which.
    draws, rng
        Size and seed of the one simulation that every value re-prices.

    Returns
    -------
    Corridor
        The ends of both sides with their Monte Carlo errors, and the zone between them.

    Raises
    ------
    ArgumentError, UnknownNameError
        If an argument is out of range, there is no such term or metric, no condition moves with the
        term, or the case is not complete enough to be run.
    """
    check_draws(draws, rng)
    check_complete(case)
    question = asked(case, term, investor=investor, payer=payer, between=between)
    run = simulate(case, draws=draws, rng=rng, keep="world", progress=False)
    found = corridor_of(question, run)
    if found.is_unmoved:
        low, high = found.between
        message = (
            f"term: got {question.term}, but no condition moves with it from {low:,.6g} to "
            f"{high:,.6g}: nothing reads it there; take a term that is paid by, or widen `between`"
        )
        raise ArgumentError(message)
    return found


def corridor_of(question: Question, run: Results) -> Corridor:
    """Return the corridor on the worlds of a run.

    Parameters
    ----------
    question
        What is asked.
    run
        A run that kept its worlds.
    """
    first = len(question.investor)
    pricing = Pricing(run, question.term, (*question.investor, *question.payer), question.grid)
    for value in question.grid:
        pricing.at(value)
    kept = [
        stretches_of(partial(pricing.slack, number), grid=question.grid, by=number)
        for number in range(len(pricing.conditions))
    ]
    held = reduce(common, kept[:first]), reduce(common, kept[first:])
    both = common(*held)
    zone = nearest_to(both, question.term.value) if both else None
    investor, payer = (_chosen(each, zone=zone, present=question.term.value) for each in held)
    return Corridor(
        question=question,
        pricing=pricing,
        investor=_side(question, pricing, "investor", held[0], chosen=investor, facing=payer),
        payer=_side(question, pricing, "payer", held[1], chosen=payer, facing=investor),
        lowest=zone.low if zone else np.nan,
        highest=zone.high if zone else np.nan,
        stretches=tuple(map(tuple, kept)),
        zones=len(both),
    )


def _chosen(held: list[Stretch], *, zone: Stretch | None, present: float) -> Stretch | None:
    """Return the stretch of a side that holds the zone, else the present value or the nearest."""
    if zone is not None:
        return next(each for each in held if each.low <= zone.low and zone.high <= each.high)
    return nearest_to(held, present) if held else None


def _side(
    question: Question,
    pricing: Pricing,
    name: SideName,
    held: list[Stretch],
    *,
    chosen: Stretch | None,
    facing: Stretch | None,
) -> Side:
    first = len(question.investor)
    numbers = range(first) if name == "investor" else range(first, len(pricing.conditions))
    conditions = tuple(pricing.conditions[number] for number in numbers)
    if chosen is None:
        nothing = np.nan, np.nan, None, None, None, 0
        return Side(name, conditions, tuple(numbers), "nowhere", *nothing)
    low, high = (
        _end(question, pricing, value, by=by) if by is not None else None
        for value, by in ((chosen.low, chosen.low_by), (chosen.high, chosen.high_by))
    )
    ends = [each for each in (low, high) if each is not None]
    toward = question.term.value if facing is None else np.sqrt(facing.low * facing.high)
    end = min(ends, key=lambda each: abs(np.log(each.value / toward))) if ends else None
    holds: Holds = "within" if ends else "everywhere"
    return Side(
        name, conditions, tuple(numbers), holds, chosen.low, chosen.high, low, high, end, len(held)
    )


def _end(question: Question, pricing: Pricing, value: float, *, by: int) -> End:
    """Return an end with its Monte Carlo error: that of the figure over its slope."""
    figure = pricing.figure(by, value)
    low = max(value * (1 - SLOPE_STEP), question.grid[0])
    high = min(value * (1 + SLOPE_STEP), question.grid[-1])
    at_low, at_high = (pricing.figure(by, each).value for each in (low, high))
    slope = (at_high - at_low) / (high - low)
    error = abs(figure.mc_error / slope) if slope else np.nan
    return End(value, float(error), pricing.conditions[by], figure, float(slope))
