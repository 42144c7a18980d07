"""Where the money for costs comes from: what lies in the account, then the tranches on call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.capital.spec import Capital
from sibsim.capital.tranche import Instalment
from sibsim.capital.waterfall import Position, Pot, ratio
from sibsim.core.arrays import FloatArray, added
from sibsim.core.timeline import Timeline
from sibsim.errors import ArgumentError


@dataclass(slots=True)
class OnCall:
    """The tranches of one level of drawing that are drawn as needed."""

    left: FloatArray
    """What can still be called, (1 or D,); changes in place."""

    shares: tuple[tuple[Position, float], ...]
    """Share of every tranche in what is called: pro rata to commitments."""


@dataclass(slots=True)
class Revolving:
    """A level of drawing with a tranche that can be drawn again: pro rata to what is left."""

    limits: tuple[tuple[Position, float, bool], ...]
    """Of every tranche its commitment, and whether that limits what is outstanding (true) or all
    that is drawn (false)."""


Sources = tuple[OnCall | Revolving, ...]
"""What can be called, level by level."""


def take(source: FloatArray, need: FloatArray) -> FloatArray:
    """Take what is needed from a source, as far as it goes, and return it."""
    taken = np.minimum(source, need)
    source -= taken
    return taken


def draw_up_front(capital: Capital, *, positions: Mapping[str, Position], pot: Pot) -> Sources:
    """Draw what is drawn up front and return what can be called for, level by level."""
    sources: list[OnCall | Revolving] = []
    for level in capital.draw_levels:
        on_call = {}
        for name in level:
            tranche = capital.tranches[name]
            commitment = tranche.commitment.base_value
            if tranche.drawdown == "up_front":
                positions[name].draw(0, amount=np.full_like(pot.unspent, commitment))
                pot.unspent += commitment
            elif tranche.drawdown == "as_needed" and commitment > 0:
                on_call[name] = commitment
        if any(capital.tranches[name].revolving for name in on_call):
            limits = tuple(
                (positions[name], commitment, capital.tranches[name].revolving)
                for name, commitment in on_call.items()
            )
            sources.append(Revolving(limits=limits))
            continue
        total = sum(on_call.values())
        shares = tuple((positions[name], each / total) for name, each in on_call.items())
        sources.append(OnCall(left=np.full_like(pot.unspent, total), shares=shares))
    return tuple(sources)


def scheduled_drawings(capital: Capital, *, timeline: Timeline, last: int) -> dict[str, FloatArray]:
    """Return what is drawn by schedule at the start of each period, (T,), by tranche.

    Parameters
    ----------
    capital
        The terms.
    timeline
        The periods.
    last
        Period of the last payment.

    Raises
    ------
    ArgumentError
        If a date lies after the period of the last payment: that money could never be repaid.
    """
    found = {}
    for name, tranche in capital.tranches.items():
        if not tranche.schedule:
            continue
        drawn = np.zeros(timeline.periods)
        for instalment in tranche.schedule:
            t = period_of(instalment, timeline=timeline)
            if t > last:
                message = (
                    f"capital.tranches.{name}.schedule: got {instalment.on}, after the last "
                    "payment; what is drawn then is never repaid"
                )
                raise ArgumentError(message)
            drawn[t] += instalment.amount
        found[name] = drawn
    return found


def draw_scheduled(
    scheduled: Mapping[str, FloatArray], t: int, *, positions: Mapping[str, Position], pot: Pot
) -> None:
    """Draw what is due by schedule at the start of period t; it waits in the account."""
    for name, drawing in scheduled.items():
        positions[name].draw(t, amount=np.full_like(pot.unspent, drawing[t]))
        pot.unspent += drawing[t]


def period_of(instalment: Instalment, *, timeline: Timeline) -> int:
    """Return the period of an instalment; a date before the start counts in the first."""
    return max(int(timeline.period_at(np.array(timeline.months_at(instalment.on)))), 0)


def still_needed(costs: FloatArray, *, drawn: FloatArray | float) -> FloatArray:
    """Return what all later costs need at the end of each period, (T, 1 or D).

    Parameters
    ----------
    costs
        Costs at the start of each period, (T, 1 or D).
    drawn
        What is drawn by schedule at the start of each period, (T, 1), or 0.
    """
    needed = np.zeros_like(costs)
    net = costs - drawn if np.any(drawn) else costs
    for t in range(len(costs) - 1, 0, -1):
        np.add(needed[t], net[t], out=needed[t - 1])
        if net is not costs:
            np.maximum(needed[t - 1], 0.0, out=needed[t - 1])
    return needed


def call(t: int, *, need: FloatArray, pot: Pot, sources: Sources) -> FloatArray:
    """Pay what is needed in period t out of capital and return what is beyond it, (1 or D,)."""
    need = need - take(pot.unspent, need)
    for source in sources:
        if isinstance(source, Revolving):
            need = need - _call_revolving(t, need=need, source=source)
            continue
        called = take(source.left, need)
        need = need - called
        for position, share in source.shares:
            position.draw(t, amount=called * share)
    return need


def _call_revolving(t: int, *, need: FloatArray, source: Revolving) -> FloatArray:
    """Call a level with a revolving tranche and return what it gives, (1 or D,)."""
    left = [
        np.maximum(limit - (each.principal if revolves else each.put_in), 0.0)
        for each, limit, revolves in source.limits
    ]
    total = added(left)
    called = np.minimum(total, need)
    share = ratio(called, total)
    for (position, _, _), most in zip(source.limits, left, strict=True):
        position.draw(t, amount=most * share)
    return called


def give_up_unspent(pot: Pot, *, needed: FloatArray) -> None:
    """Move the unspent capital that no later cost needs to the money held."""
    given_up = np.maximum(pot.unspent - needed, 0.0)
    pot.unspent -= given_up
    pot.held += given_up
