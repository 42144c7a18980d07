"""Worlds in which people get more or less of the intervention than assumed, with the same luck.

Effort multiplies an effect on its additive scale (ln OR, ln RR, ln HR, difference): at 0 nobody
gains anything, at 1 the world is the one that was told, to the bit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sibsim.case import Case
from sibsim.core.stages import World
from sibsim.decisions.worlds import Told
from sibsim.world import outcomes_in, reports_in


def effort_world(case: Case, told: Told, *, factor: float, outcomes: Collection[str]) -> World:
    """Return a world in which the effect on some outcomes is `factor` of what it was.

    Parameters
    ----------
    case
        The case.
    told
        What happened in the block.
    factor
        What the effect is multiplied by on its additive scale, at least 0.
    outcomes
        Names of the outcomes, with all that they read and all that read them.
    """
    found = told.setting.with_effort(factor)
    paths = {**told.world.paths, **outcomes_in(case, found, only=outcomes)}
    measures = {name for name, design in case.measures.items() if design.outcome in outcomes}
    measured = {**told.world.measured, **reports_in(case, found, paths=paths, only=measures)}
    return replace(told.world, paths=paths, measured=measured, saved=None)


def linked_outcomes(case: Case) -> tuple[tuple[str, ...], ...]:
    """Return the outcomes in groups that move together, since one is read by another.

    Parameters
    ----------
    case
        The case.
    """
    groups: list[set[str]] = []
    for name, outcome in case.outcomes.items():
        group = {name, *outcome.reads}
        apart = [each for each in groups if not each & group]
        groups = [*apart, group.union(*(each for each in groups if each & group))]
    order = list(case.outcomes)
    return tuple(tuple(sorted(each, key=order.index)) for each in groups)
