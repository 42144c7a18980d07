"""Low, base, high: the base case with one quantity at a time at the ends of what is likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.case import Case
from sibsim.simulate import base_case

if TYPE_CHECKING:
    import pandas as pd

LOW, HIGH = 0.1, 0.9
"""The ends: one chance in ten on either side, the quantiles that experts are asked for."""


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
    base = float(base_case(case).metric(metric)[0])
    rows = []
    for path, quantity in case.quantities.items():
        if quantity.is_fixed:
            continue
        low, high = (float(value) for value in quantity.ppf(np.array([LOW, HIGH])))
        at_low, at_high = (
            float(base_case(case, instead={path: value}).metric(metric)[0]) for value in (low, high)
        )
        rows.append((path, low, quantity.base_value, high, at_low, at_high))
    rows.sort(key=lambda row: -abs(row[5] - row[4]))
    return LowBaseHigh(metric, base, tuple(rows))
