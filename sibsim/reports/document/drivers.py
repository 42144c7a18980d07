"""What would change the answer: the base case with one quantity at a time low and high."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from sibsim.accounts import settle
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity
from sibsim.decisions.drivers.base_ends import LowBaseHigh
from sibsim.decisions.drivers.ends import HIGH, LOW, ends_of, uncertain
from sibsim.metrics import ROUNDING, metrics_of
from sibsim.world import layers_of, realise

ENDS = (LOW, HIGH)
"""The ends of a quantity, a column each."""

Drivers = LowBaseHigh
"""A metric of the base case with each uncertain quantity low and high."""


class Turning(NamedTuple):
    """An end of a quantity at which a metric has the other sign."""

    path: str
    """Path of the quantity."""

    value: float
    """The end."""

    base: float
    """Base value of the quantity."""

    result: float
    """The metric at that end."""


def drivers_of(case: Case, metrics: Collection[str]) -> Mapping[str, Drivers]:
    """Return several metrics with each uncertain quantity low and high, in one pass.

    The base case is realised once with a column for itself and two for each quantity, low and
    high, so that it is what `case.low_base_high` gives one base case at a time.

    Parameters
    ----------
    case
        The case.
    metrics
        Names of the metrics.
    """
    quantities = uncertain(case)
    ends = {path: ends_of(each, (LOW, HIGH)) for path, each in quantities.items()}
    columns = 1 + len(ENDS) * len(quantities)
    instead: dict[str, FloatArray] = {}
    for number, (path, quantity) in enumerate(quantities.items()):
        values = np.full((1, columns), quantity.base_value)
        values[0, _columns(number)] = ends[path]
        instead[path] = values
    world = realise(case, layers_of(seed=0, block=0, on=frozenset()), instead=instead)
    found = metrics_of(case, world, settle(case, world), only=metrics)
    return {
        metric: _sorted(metric, np.broadcast_to(found[metric], columns), quantities, ends)
        for metric in metrics
    }


def _columns(number: int) -> slice:
    """Return the columns of a quantity, low and high, after that of the base case."""
    first = 1 + len(ENDS) * number
    return slice(first, first + len(ENDS))


def _sorted(
    metric: str,
    values: FloatArray,
    quantities: Mapping[str, Quantity],
    ends: Mapping[str, tuple[float, ...]],
) -> Drivers:
    """Return a metric at the ends of each quantity, the widest swing first."""
    rows = []
    for number, (path, quantity) in enumerate(quantities.items()):
        low, high = ends[path]
        at_low, at_high = map(float, values[_columns(number)])
        rows.append((path, low, quantity.base_value, high, at_low, at_high))
    return LowBaseHigh(metric, float(values[0]), tuple(sorted(rows, key=_swing)))


def _swing(row: tuple[str, float, float, float, float, float]) -> float:
    """Return a key that puts the widest swing first and what has none last."""
    return -float(np.nan_to_num(abs(row[5] - row[4])))


def turning(drivers: Drivers) -> Iterator[Turning]:
    """Yield the ends at which a metric has the other sign, the widest swing first."""
    for path, low, base, high, at_low, at_high in drivers.rows:
        for end, result in ((low, at_low), (high, at_high)):
            if drivers.base * result < 0 and min(abs(result), abs(drivers.base)) > ROUNDING:
                yield Turning(path, end, base, result)
