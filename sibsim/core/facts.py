"""What has really happened in a case so far: counts of people, reports, payments.

Everything is by cohort, follow-up or period; NaN stands for what is not known yet and is left to
the simulation. Beside it stand the joint rows of what the uncertain parameters may be after all
that, for those that a case file cannot hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray

NO_TABLE = "nothing"
"""Name of the table of a case of which nothing is known."""


@dataclass(frozen=True, eq=False)
class Reports:
    """What was really reported for one measure, (C, K) each; NaN where nothing is yet."""

    treated_sum: FloatArray
    """Participants reported to have achieved the outcome, or the sum of their results."""

    treated_n: FloatArray
    """Participants in the report."""

    comparison_sum: FloatArray
    """The same sum in the comparison; NaN where the report has none."""

    comparison_n: FloatArray
    """People in the comparison."""

    standard_error: FloatArray
    """Standard error of the difference as the evaluation states it; NaN where it states none."""

    @property
    def known(self) -> BoolArray:
        """Where there is a report, (C, K)."""
        return ~np.isnan(self.treated_sum)


@dataclass(frozen=True, eq=False)
class Facts:
    """What has really happened in a case; NaN: not known yet."""

    start: FloatArray
    """Real start of each cohort in months since the start of the case, (C,)."""

    referred: FloatArray
    """People really referred per cohort, (C,)."""

    started: FloatArray
    """People who really started per cohort, (C,)."""

    completed: FloatArray
    """People who really completed per cohort, (C,)."""

    reports: Mapping[str, Reports] = field(default_factory=dict)
    """What was really reported, by measure."""

    paid: Mapping[str, FloatArray] = field(default_factory=dict)
    """What was really paid in each period, by payment line, (T,), nominal; NaN: not known yet."""

    table: str = NO_TABLE
    """Name of the table of joint rows that a draw takes one row of."""

    rows: Mapping[str, FloatArray] = field(default_factory=dict)
    """Values in each of N joint rows, by path of the quantity, (1 or C, N)."""

    walks: Mapping[str, FloatArray] = field(default_factory=dict)
    """How far each drift has moved at the start of the case and at the end of each of its first
    periods in each row, (nodes, N)."""

    @classmethod
    def nothing(cls, cohorts: int) -> Facts:
        """Return that nothing is known yet of any of the cohorts."""
        unknown = np.full(cohorts, np.nan)
        return cls(unknown, unknown, unknown, unknown)

    @property
    def seen(self) -> tuple[int, ...]:
        """Positions of the cohorts of whose people something is known beside how many started."""
        known = ~np.isnan(self.completed)
        for report in self.reports.values():
            known |= report.known.any(axis=1)
        return tuple(int(c) for c in np.flatnonzero(known & ~np.isnan(self.started)))

    def of_delivery(self) -> Facts:
        """Return only who came when, without results, payments and rows."""
        return Facts(self.start, self.referred, self.started, self.completed)

    def with_rows(
        self, table: str, *, rows: Mapping[str, FloatArray], walks: Mapping[str, FloatArray]
    ) -> Facts:
        """Return the same facts with joint rows of what the parameters may be."""
        return replace(self, table=table, rows=rows, walks=walks)
