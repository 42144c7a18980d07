"""What is asked of a break-even, checked before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sibsim.case import Case
from sibsim.core.spec import nearest
from sibsim.core.validation import shown
from sibsim.decisions.asking import Faults, asked_figure, check_draws
from sibsim.decisions.breakeven.drivers import Drivers, drivers_of
from sibsim.decisions.conditions import Condition, Figure, check_limit
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.figures import NEVER

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
    faults = Faults()
    found = faults.of(partial(asked_figure, case, wanted)) or Figure("mean", "municipality_net")
    limit = _finite(target)
    if limit is None:
        message = f"target: got {shown(target)}; it is a finite number in the unit of the figure"
        faults.add(ArgumentError(message))
    else:
        faults.of(partial(check_limit, found, limit, given=f"target = {shown(target)}"))
    faults.of(partial(check_draws, draws, rng))
    own = drivers_of(case, metric=found.metric)
    names = _named(faults, own, drivers)
    faults.refuse()
    return Asked(Condition(found, "<=" if _at_most(found) else ">=", limit or 0.0), own, names)


def _finite(target: object) -> float | None:
    if isinstance(target, bool) or not isinstance(target, int | float):
        return None
    return float(target) if math.isfinite(target) else None


def _named(faults: Faults, own: Drivers, drivers: object) -> tuple[str, ...]:
    """Return the drivers that are asked for, in the order of tables."""
    if drivers is None:
        return own.names
    given = [drivers] if isinstance(drivers, str) else drivers
    if not isinstance(given, Sequence) or not given:
        message = (
            f"drivers: got {shown(drivers)}; it is a list of names, or None for all; the case has "
            f"{', '.join(own.names)}"
        )
        faults.add(ArgumentError(message))
        return ()
    for name in given:
        if name in own.missing:
            message = f"drivers: got {name!r}, but {own.missing[name].en}; leave it out"
            faults.add(ArgumentError(message))
        elif name not in own.names:
            hint = nearest(str(name), own.names)
            message = f"there is no driver {shown(name)}{hint}; the case has {', '.join(own.names)}"
            faults.add(UnknownNameError(message))
    return tuple(name for name in own.names if name in given)


def _at_most(wanted: Figure) -> bool:
    """Return whether less of a figure is better."""
    less = wanted.metric.endswith(LESS_IS_BETTER)
    if wanted.kind == "probability":
        return (wanted.event in {"<", "<="}) != less
    return wanted.kind == "shortfall" or less
