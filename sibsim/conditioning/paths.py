"""Who really came and what they achieve, with everything that those chosen for them carry."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar, cast, get_args

import numpy as np

from sibsim.conditioning.people import Chosen
from sibsim.core.arrays import FloatArray, Indicator, IntArray
from sibsim.core.luck import count
from sibsim.core.paths import OutcomePath, States
from sibsim.core.stages import Among, Group, Participation
from sibsim.outcomes.base import stacked
from sibsim.outcomes.mixture import together
from sibsim.outcomes.occupancy import TimeInStates

Rows = TypeVar("Rows", Indicator, States)


def participation_of(who: Participation, pool: Participation, *, chosen: Chosen) -> Participation:
    """Return who really came, with what those chosen for them carry.

    Parameters
    ----------
    who
        Who came, in numbers.
    pool
        The simulated people.
    chosen
        Who stands in which place.
    """
    completes = tuple(
        rows_of(chosen[c], pool.completes[c], rows=len(own)) if c in chosen else own
        for c, own in enumerate(who.completes)
    )
    found = replace(who, completes=completes)
    found = replace(found, completed=_numbers(found, among="completed"))
    groups = {}
    for name, group in who.segments.items():
        within = tuple(
            rows_of(chosen[c], pool.segments[name].within[c], rows=len(own)) if c in chosen else own
            for c, own in enumerate(group.within)
        )
        groups[name] = _recounted(replace(group, within=within), who=found)
    return replace(found, segments=groups)


def _recounted(group: Group, *, who: Participation) -> Group:
    only = replace(who, segments={}, only=group)
    return replace(group, people={among: _numbers(only, among=among) for among in get_args(Among)})


def _numbers(who: Participation, *, among: Among) -> FloatArray:
    """Return how many people count in each cohort, (C, 1 or D)."""
    rows = [count(who.member(among, cohort=c)) for c in range(len(who.planned))]
    return np.stack(np.broadcast_arrays(*rows))


def path_of(path: OutcomePath, *, among: Among, who: Participation, chosen: Chosen) -> OutcomePath:
    """Return what those chosen achieve.

    Parameters
    ----------
    path
        What all simulated people achieve.
    among
        Whom the outcome counts.
    who
        Who really came, of all of them or of one segment.
    chosen
        Who stands in which place.
    """
    reported = path.reported
    if path.parts:
        parts = {
            name: path_of(part, among=among, who=who.of_segment(name), chosen=chosen)
            for name, part in path.parts.items()
        }
        return replace(together(parts, groups=who.segments), drift=path.drift)
    member = tuple(who.member(among, cohort=c) for c in range(len(path.member)))
    value = _all_of(path.value, member=member, chosen=chosen)
    history = _all_of(path.history, member=member, chosen=chosen)
    occupancy = path.occupancy
    if isinstance(occupancy, TimeInStates):
        occupancy = replace(occupancy, people=who.people(among), member=member, history=history)
    return replace(
        path,
        people=who.people(among),
        member=member,
        value=value,
        history=history,
        achieved=stacked(
            [count(here[:, np.newaxis] * each) for here, each in zip(member, value, strict=True)]
        ),
        occupancy=occupancy,
        reported=None
        if reported is None
        else path_of(reported, among=among, who=who, chosen=chosen),
    )


def _all_of(
    rows: tuple[Rows, ...],
    *,
    member: tuple[Indicator, ...],
    chosen: Chosen,
) -> tuple[Rows, ...]:
    """Return by cohort the rows of those who count, (P_c, ..., D)."""
    return tuple(
        rows_of(chosen[c], each, rows=len(member[c])) if c in chosen else each[: len(member[c])]
        for c, each in enumerate(rows)
    )


def rows_of(order: IntArray, each: Rows, *, rows: int) -> Rows:
    """Return the rows of those who stand in the first places, (rows, ..., D)."""
    wide = np.broadcast_to(each, (*each.shape[:-1], order.shape[-1]))
    index = order[:rows]
    for _ in range(each.ndim - 2):
        index = index[:, np.newaxis]
    return cast("Rows", np.take_along_axis(wide, index, axis=0))
