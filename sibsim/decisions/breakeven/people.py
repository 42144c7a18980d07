"""Drivers that change what happens to people: how many, how well, for how long, how late."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.stages import World
from sibsim.core.statistics import mc_error_of_mean
from sibsim.decisions.breakeven.durations import Duration
from sibsim.decisions.breakeven.effort import effort_world
from sibsim.decisions.breakeven.levers import PART, Basis, Lever, Metrics, Point, accepted
from sibsim.decisions.worlds import Told, metrics_of_run, retold

MOST_PARTICIPANTS = 5
"""The number of participants is tried up to this many times the planned one: a service still larger
is another organisation, with other fixed costs."""

MOST_EFFECT = 3.0
"""The effect is tried up to this many times the assumed one: one that would have to be larger is
another programme and no matter of uncertainty."""

HALF = 0.5
"""Half a participant and half a month: nearer than that nobody plans."""

LEAST_PARTS = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Parts of a duration that are tried as the low end until the case accepts one."""


def participants(basis: Basis) -> Lever:
    """Return the driver `participants`: how many are planned to start."""
    case = basis.case
    assert case.target_group is not None  # noqa: S101 - a case that runs has one
    planned = case.target_group.size.base_value
    path = _value_path(case, "target_group.size")

    def at(size: float) -> Point:
        metrics = basis.now
        if size != planned:
            other, worlds = case.with_({path: int(size)}), basis.worlds
            metrics = metrics_of_run(other, basis.names, draws=worlds.draws, luck=worlds.luck)
        return Point(size, size, float(metrics["participants"].mean()), metrics)

    def changes(size: float) -> dict[str, object]:
        return {path: int(size)}

    fewest = [2.0**power for power in range(math.ceil(math.log2(planned)))]
    most = [times * planned for times in range(MOST_PARTICIPANTS, 0, -1)]
    return Lever(
        name="participants",
        unit="people",
        now=planned,
        low=accepted(case, changes, settings=[*fewest, planned]),
        high=accepted(case, changes, settings=most),
        tolerance=HALF,
        at=at,
        drawn=basis.now["participants"],
        whole=True,
    )


def effect(basis: Basis) -> Lever:
    """Return the driver `effect`: the effect on all outcomes, as a factor on what is assumed."""
    return Lever(
        name="effect",
        unit="factor",
        now=1.0,
        low=0.0,
        high=MOST_EFFECT,
        tolerance=PART,
        at=_of_effort(basis, tuple(basis.case.outcomes)),
    )


def success(basis: Basis, outcome: str, *, group: tuple[str, ...]) -> Lever:
    """Return the driver of an outcome: its success rate, or its mean result where that is a number.

    Parameters
    ----------
    basis
        The case as it stands.
    outcome
        Name of the outcome.
    group
        The outcomes that move with it, itself included.
    """
    kind, unit = kind_of(basis.case, outcome)
    return Lever(
        name=f"{kind}.{outcome}",
        unit=unit,
        now=1.0,
        low=0.0,
        high=MOST_EFFECT,
        tolerance=PART,
        at=_of_effort(basis, group, outcome=outcome),
        drawn=_rates(basis.now, outcome),
    )


def kind_of(case: Case, outcome: str) -> tuple[str, str]:
    """Return the first part of the name of an outcome's driver, and its unit."""
    if case.outcomes[outcome].is_indicator:
        return "success", "share"
    return "result", "per person"


def rate_of(metrics: Metrics, outcome: str, *, part: str = "achieved") -> float:
    """Return what is achieved, or additional, per person who counts, at the last follow-up."""
    people = float(metrics[f"people.{outcome}"].mean())
    return float(metrics[f"{part}.{outcome}"].mean()) / people if people else np.nan


def _rates(metrics: Metrics, outcome: str) -> FloatArray:
    """Return what is achieved per person who counts in every draw, NaN where nobody does, (D,)."""
    achieved, people = metrics[f"achieved.{outcome}"], metrics[f"people.{outcome}"]
    found: FloatArray = np.where(people > 0, achieved / np.maximum(people, 1.0), np.nan)
    return found


def _of_effort(
    basis: Basis, outcomes: tuple[str, ...], *, outcome: str | None = None
) -> Callable[[float], Point]:
    """Return how the effect on outcomes is moved; the value is the factor, or a success rate."""

    def at(factor: float) -> Point:
        key = (outcomes, factor)
        if key not in basis.efforts:
            basis.efforts[key] = basis.told(
                lambda _, told: effort_world(basis.case, told, factor=factor, outcomes=outcomes),
                factor=factor,
            )
        metrics = basis.efforts[key]
        if outcome is None:
            return Point(factor, factor, factor, metrics)
        rate, error = rate_of(metrics, outcome), mc_error_of_mean(_rates(metrics, outcome))
        return Point(factor, rate, rate, metrics, error)

    return at


def duration(basis: Basis, durations: tuple[Duration, ...]) -> Lever:
    """Return the driver `duration`: every stated duration scaled, in months of the first one."""
    case, first = basis.case, durations[0]
    touched = {".".join(each.path.split(".")[:2]) for each in durations}

    def changes(factor: float) -> dict[str, object]:
        return {each.path: each.times(factor) for each in durations}

    def at(factor: float) -> Point:
        other = case.with_(changes(factor))

        def change(block: int, told: Told) -> World:
            layers = basis.worlds.luck.layers(block)
            return retold(other, told, layers=layers, touched=touched)

        months = first.months_at(factor)
        return Point(factor, months, months, basis.told(change, factor=factor, case=other))

    timeline = case.timeline
    horizon = timeline.periods * timeline.months_per_period
    return Lever(
        name="duration",
        unit="months",
        now=1.0,
        low=accepted(case, changes, settings=[*LEAST_PARTS, 1.0]),
        high=max(horizon / first.months, 1.0),
        tolerance=HALF / first.months,
        at=at,
    )


def delay(basis: Basis) -> Lever:
    """Return the driver `delay`: whole months by which the service starts late, in every draw."""
    case = basis.case
    assert case.delivery is not None  # noqa: S101 - a case that runs has one
    drawn = basis.drawn(lambda told: told.world.participation.delay[0])
    today = float(round(drawn.mean()))
    path = "delivery.start_delay"

    def at(months: float) -> Point:
        metrics = basis.worlds.otherwise(basis.names, touched=[path], instead={path: months})
        return Point(months, months, months, metrics)

    timeline = case.timeline
    first = min(timeline.months_at(each.start) for each in case.delivery.cohorts)
    last = timeline.periods * timeline.months_per_period - math.ceil(first) - 1
    return Lever(
        name="delay",
        unit="months",
        now=today,
        low=min(0.0, today),
        high=max(float(last), today),
        tolerance=HALF,
        at=at,
        drawn=drawn if np.ptp(drawn) > 0 else None,
        more_is_better=False,
        whole=True,
    )


def _value_path(case: Case, path: str) -> str:
    """Return the path of the number of a quantity: its table's `value`, or itself."""
    section, name = path.split(".")
    return f"{path}.value" if isinstance(case.read[section][name], dict) else path
