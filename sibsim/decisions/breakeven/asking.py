"""What is asked of a break-even, checked before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sibsim.case import Case
from sibsim.core.spec import nearest
from sibsim.core.streams import fault_of
from sibsim.core.validation import shown
from sibsim.decisions.breakeven.drivers import Drivers, drivers_of
from sibsim.decisions.conditions import Condition, Figure, figure, known
from sibsim.decisions.repricing import metric_names
from sibsim.errors import ArgumentError, SibsimError, UnknownNameError
from sibsim.figures import NEVER
from sibsim.simulate import MOST_DRAWS

LEAST_DRAWS = 2
"""Draws without which no Monte Carlo error can be told."""

LESS_IS_BETTER = ("_loss", "terminated", *NEVER)
"""Ends of metrics of which less is better: a target of theirs is kept at most."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked for, found sound."""

    wanted: Condition
    """The figure and its target as a limit."""

    own: Drivers
    """The drivers of the case."""

    names: tuple[str, ...]
    """Those that are asked for."""


def asked(
    case: Case,
    wanted: str | Figure,
    *,
    target: float,
    drivers: Sequence[str] | None,
    draws: int,
    rng: object,
) -> Asked:
    """Return what is asked for, or refuse it with every fault at once.

    Parameters
    ----------
    case, wanted, target, drivers, draws, rng
        As in `break_even`.

    Raises
    ------
    ArgumentError, UnknownNameError
        As in `break_even`.
    """
    faults: list[SibsimError] = []
    found = Figure("mean", "municipality_net")
    try:
        found = known(figure(wanted), metrics=metric_names(case))
    except (ArgumentError, UnknownNameError) as fault:
        faults.append(fault)
    limit = _finite(target)
    if limit is None:
        message = f"target: got {shown(target)}; it is a finite number in the unit of the figure"
        faults.append(ArgumentError(message))
    if type(draws) is not int or not LEAST_DRAWS <= draws <= MOST_DRAWS:
        message = (
            f"draws: got {shown(draws)}; it is a whole number from {LEAST_DRAWS} to {MOST_DRAWS:,}"
        )
        faults.append(ArgumentError(message))
    wrong_seed = fault_of(rng)
    if wrong_seed is not None:
        faults.append(ArgumentError(wrong_seed))
    own = drivers_of(case, metric=found.metric)
    names, problems = _named(own, drivers)
    faults += problems
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ArgumentError("\n  ".join(map(str, faults)))
    return Asked(Condition(found, "<=" if _at_most(found) else ">=", limit or 0.0), own, names)


def _finite(target: object) -> float | None:
    if isinstance(target, bool) or not isinstance(target, int | float):
        return None
    return float(target) if math.isfinite(target) else None


def _named(own: Drivers, drivers: object) -> tuple[tuple[str, ...], list[SibsimError]]:
    """Return the drivers that are asked for, in the order of tables, and what is wrong."""
    if drivers is None:
        return own.names, []
    given = [drivers] if isinstance(drivers, str) else drivers
    if not isinstance(given, Sequence) or not given:
        message = (
            f"drivers: got {shown(drivers)}; it is a list of names, or None for all; the case has "
            f"{', '.join(own.names)}"
        )
        return (), [ArgumentError(message)]
    faults: list[SibsimError] = []
    for name in given:
        if name in own.missing:
            message = f"drivers: got {name!r}, but {own.missing[name].en}; leave it out"
            faults.append(ArgumentError(message))
        elif name not in own.names:
            hint = nearest(str(name), own.names)
            message = f"there is no driver {shown(name)}{hint}; the case has {', '.join(own.names)}"
            faults.append(UnknownNameError(message))
    return tuple(name for name in own.names if name in given), faults


def _at_most(wanted: Figure) -> bool:
    """Return whether less of a figure is better."""
    less = wanted.metric.endswith(LESS_IS_BETTER)
    if wanted.kind == "probability":
        return (wanted.event in {"<", "<="}) != less
    return wanted.kind == "shortfall" or less
