"""The drivers of a break-even: how each is moved, how far, and what it is as the case stands.

A driver is moved with everything else as it is and as uncertain as it is, on the same luck. What is
uncertain itself is scaled as a whole (effect, durations, prices, costs) or, like the delay, set to
one value in every draw. Only what a driver reaches is worked out again: prices and costs move money
alone, the effect and its duration the outcomes, the number of participants and the delay the world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.stages import World
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.decisions.repricing import priced
from sibsim.decisions.worlds import Told, Worlds, joined
from sibsim.errors import CaseError

Metrics = Mapping[str, FloatArray]
"""Metrics by name, (D,) each."""

PART = 0.005
"""A factor is closed in on to half a per cent of what is assumed, below its Monte Carlo error."""


@dataclass(frozen=True, eq=False)
class Point:
    """A driver at one value."""

    setting: float
    """What the driver is set to: participants, months, or a factor on what is assumed."""

    value: float
    """The driver in its own unit: participants, a success rate, months, money."""

    mark: float
    """What the driver as it stands is compared with, draw by draw, in the unit of `drawn`."""

    metrics: Metrics
    """Metrics of all draws."""

    error: float = 0.0
    """Monte Carlo standard error of the value itself at this setting; 0 where it is no mean."""


@dataclass(frozen=True, eq=False)
class Lever:
    """One driver and how it is moved."""

    name: str
    """Name of the driver."""

    unit: str
    """Unit of its values: `people`, `share`, `per person`, `months`, `factor`, or money."""

    now: float
    """Setting of the case as it stands."""

    low: float
    """Lowest setting that is tried."""

    high: float
    """Highest setting that is tried."""

    tolerance: float
    """How closely a setting is found."""

    at: Callable[[float], Point]
    """The driver at a setting."""

    drawn: FloatArray | None = None
    """The driver in every draw of the case as it stands, (D,); None: it is not uncertain, or is no
    one number."""

    more_is_better: bool = True
    """Which end of the range is looked at first."""

    whole: bool = False
    """Whether only whole settings make sense."""


@dataclass(frozen=True, eq=False)
class Basis:
    """The case as it stands, on whose luck every driver is moved."""

    worlds: Worlds
    """What happens in every draw."""

    names: tuple[str, ...]
    """Metrics that are worked out."""

    now: Metrics
    """These metrics of the case as it stands."""

    efforts: dict[tuple[tuple[str, ...], float], Metrics] = field(default_factory=dict)
    """Metrics with another effect, by outcomes and factor: what moves together is told once."""

    @property
    def case(self) -> Case:
        """The case."""
        return self.worlds.case

    def told(
        self, change: Callable[[int, Told], World], *, factor: float, case: Case | None = None
    ) -> Metrics:
        """Return the metrics where every block is what `change` makes of its number and itself.

        Parameters
        ----------
        change
            What a block becomes.
        factor
            What is scaled; 1 is the case as it stands, of which nothing is worked out again.
        case
            The case that is settled; None: the one that was run.
        """
        if factor == 1:
            return self.now
        found = (
            priced(case or self.case, change(block, told), metrics=self.names)
            for block, told in enumerate(self.worlds.told)
        )
        return joined(found, draws=self.worlds.draws)

    def drawn(self, of: Callable[[Told], FloatArray]) -> FloatArray:
        """Return one number per draw from blocks, (1 or D,) each: (D,)."""
        parts = [np.broadcast_to(of(each), (BLOCK_DRAWS,)) for each in self.worlds.told]
        return np.concatenate(parts)[: self.worlds.draws]


def accepted(
    case: Case, changes: Callable[[float], dict[str, object]], *, settings: list[float]
) -> float:
    """Return the first setting that a case accepts.

    Parameters
    ----------
    case
        The case.
    changes
        What a setting changes in the case file, by path.
    settings
        The settings in the order in which they are tried; the last one is what the case has.
    """
    *tried, last = settings
    for setting in tried:
        try:
            case.with_(changes(setting))
        except CaseError:
            continue
        return setting
    return last
