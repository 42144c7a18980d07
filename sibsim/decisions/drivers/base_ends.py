"""Low, base, high: the base case with one quantity at a time at the ends of what is likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.case import Case
from sibsim.decisions.drivers.ends import HIGH, LOW, ends_of, uncertain
from sibsim.decisions.repricing import repriced
from sibsim.simulate import base_case
from sibsim.world import NOTHING_INSTEAD

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

    from sibsim.core.arrays import FloatArray


@dataclass(frozen=True)
class LowBaseHigh:
    """What one metric comes to with each uncertain quantity low and high."""

    metric: str
    """Which metric."""

    base: float
    """The metric in the base case."""

    rows: tuple[tuple[str, float, float, float, float, float], ...]
    """Path; quantity low, base and high; metric at low and at high; the widest swing first."""

    def table(self) -> pd.DataFrame:
        """Return one row per uncertain quantity, the widest swing first."""
        import pandas as pd

        columns = ["quantity", "low", "base", "high", "metric_low", "metric_high"]
        frame = pd.DataFrame(list(self.rows), columns=columns).set_index("quantity")
        frame.insert(4, "metric_base", self.base)
        return frame

    def __repr__(self) -> str:
        """Return the table as text."""
        return f"{self.metric}, base case {self.base:,.4f}\n{self.table().to_string()}"

    def _repr_html_(self) -> str:
        return f"<b>{self.metric}</b>{self.table().to_html(border=0)}"


def low_base_high(case: Case, metric: str) -> LowBaseHigh:
    """Return the metric with each uncertain quantity at its p10 and p90, all others at base.

    Parameters
    ----------
    case
        The case.
    metric
        Name of the metric; read off the deterministic base case.
    """

    def at(instead: Mapping[str, float | FloatArray]) -> float:
        return of_base(case, (metric,), instead=instead)[metric]

    base = at(NOTHING_INSTEAD)
    rows = []
    for path, quantity in uncertain(case).items():
        low, high = ends_of(quantity, (LOW, HIGH))
        rows.append((path, low, quantity.base_value, high, at({path: low}), at({path: high})))
    rows.sort(key=lambda row: -np.nan_to_num(abs(row[5] - row[4])))
    return LowBaseHigh(metric, base, tuple(rows))


def of_base(
    case: Case,
    metrics: Collection[str],
    *,
    instead: Mapping[str, float | FloatArray] = NOTHING_INSTEAD,
) -> dict[str, float]:
    """Return metrics of the base case where some quantities are otherwise.

    Parameters
    ----------
    case
        The case.
    metrics
        Names of the metrics.
    instead
        Values that quantities have instead of their base values, by path.

    Raises
    ------
    UnknownNameError, ArgumentError
        If the case has no such metric, or is not complete enough to be run.
    """
    found = repriced(base_case(case, instead=instead), case, metrics=metrics)
    return {name: float(values[0]) for name, values in found.items()}
