"""How far a side is from having its conditions met, and by how much it is short without a zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.core.statistics import Estimate
from sibsim.decisions.conditions import Condition

if TYPE_CHECKING:
    from sibsim.decisions.corridor.result import Corridor, Side

AS_GOOD = 1e-6
"""Values whose margins differ by less are as good as each other: what a limit holds down differs by
rounding only."""

Where = Literal["highest", "lowest", "best", "best alone"]
"""The highest or lowest value that the other side accepts; where the side comes nearest while the
other one holds; where it comes nearest at all."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """By how much a side is short of a limit."""

    side: Side
    """The side that is short."""

    at: float
    """Value of the term."""

    where: Where
    """Why that value."""

    condition: Condition
    """The condition that fails most."""

    figure: Estimate
    """Its figure there."""

    by: float
    """How much it lacks, in its unit; infinity where it is undefined."""


def shortfalls(found: Corridor) -> tuple[Shortfall, ...]:
    """Return by how much each side that is short is short; empty where there is a zone.

    Where both sides hold somewhere, each is looked at where the other one's acceptance ends. A side
    that holds nowhere is looked at where it comes nearest while the other one holds, or at all.

    Parameters
    ----------
    found
        The corridor.
    """
    if found.is_zone:
        return ()
    return tuple(
        _short(found, side, other=other)
        for side, other in (found.sides, found.sides[::-1])
        if side.holds == "nowhere" or other.holds != "nowhere"
    )


def _short(found: Corridor, side: Side, *, other: Side) -> Shortfall:
    where: Where
    if side.holds == "nowhere":
        at = _nearest(found, side, other=other)
        where = "best" if other.holds == "within" else "best alone"
    else:
        assert other.end is not None  # noqa: S101 - a side that held everywhere would leave a zone
        at, where = other.end.value, "highest"
    if other.high_end is not None and at == other.high_end.value:
        where = "highest"
    elif other.low_end is not None and at == other.low_end.value:
        where = "lowest"
    pricing = found.pricing
    broken = (number for number in side.numbers if pricing.slack(number, at) < 0)
    worst = min(broken, key=lambda number: pricing.slack(number, at) / pricing.sizes[number])
    figure = pricing.figure(worst, at)
    return Shortfall(side, at, where, pricing.conditions[worst], figure, -pricing.slack(worst, at))


def _nearest(found: Corridor, side: Side, *, other: Side) -> float:
    """Return where a side comes nearest of what was looked at.

    Of equals it is the end of the other side, else what is next to the present value.
    """
    low, high = found.between if other.holds == "nowhere" else (other.lowest, other.highest)
    values = set(found.pricing.looked_at(side.numbers))
    if other.end is not None:
        values.add(other.end.value)
    margins = {
        value: found.pricing.margin(side.numbers, value) for value in values if low <= value <= high
    }
    best = max(margins.values())
    equal = [value for value, each in margins.items() if each >= best - AS_GOOD or each == best]
    if other.end is not None and other.end.value in equal:
        return other.end.value
    return min(equal, key=lambda value: abs(np.log(value / found.present)))
