"""Tables of a contract: what a result is worth, by steps or on straight lines between points.

On lines a result x is worth w_1 + the sum over points i of slope_i x what of [at_i, at_(i+1)] lies
below x; by steps it is worth the sum of the steps that it reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sibsim.core.words import Words
from sibsim.payments.reading import EDGE_TOLERANCE
from sibsim.payments.schedule import Knot
from sibsim.payments.schedule import Table as HowRead
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.formulas import Formula, sum_product, where
from sibsim.reports.workbook.payments import words
from sibsim.reports.workbook.payments.line import Line
from sibsim.reports.workbook.payments.reports import Result
from sibsim.reports.workbook.styles import Kind

MEASURED_KIND: Kind = "factor"
"""How points of a table are shown: shares, differences and numbers alike."""


@dataclass(frozen=True, eq=False)
class Written:
    """A table of a contract on the sheet."""

    at: Column
    """Points."""

    worth: Column
    """What each is worth."""

    up_to: Column
    """The next point; of the last, itself."""

    slope: Column
    """What a unit above the point adds; 0 for the last."""

    step: Column
    """What the point adds to the one before."""

    def by(self, table: HowRead, *, result: Result) -> Formula:
        """Return what a result is worth; 0 below the first point.

        Parameters
        ----------
        table
            Steps or lines.
        result
            The result.
        """
        return self.by_steps(result) if table == "steps" else self.by_lines(result)

    def by_steps(self, result: Result, *, inclusive: bool = True) -> Formula:
        """Return what the highest point reached is worth.

        Parameters
        ----------
        result
            The result.
        inclusive
            Whether a result on a point has reached it.
        """
        if inclusive:
            reached = result.number >= (self.at.all - EDGE_TOLERANCE) * result.base
        else:
            reached = result.number > (self.at.all + EDGE_TOLERANCE) * result.base
        return where(result.known, sum_product(reached * self.step.all), 0)

    def by_lines(
        self, result: Result, *, below: Literal["nothing", "first"] = "nothing"
    ) -> Formula:
        """Return the straight line between points, the last amount above the last point.

        Parameters
        ----------
        result
            The result.
        below
            What holds below the first point: nothing, or its amount.
        """
        x = result.value
        inside = (x > self.at.all) * (x < self.up_to.all) * (x - self.at.all)
        beyond = (x >= self.up_to.all) * (self.up_to.all - self.at.all)
        line = self.worth.at(0) + sum_product((inside + beyond) * self.slope.all)
        counts = result.known if below == "first" else result.reaches(self.at.at(0))
        return where(counts, line, 0)


def table_of(
    line: Line,
    points: Sequence[Knot],
    *,
    field: str,
    title: Words = words.PAYS,
    kind: Kind = "money",
) -> Written:
    """Write the points of a table.

    Parameters
    ----------
    line
        The line.
    points
        Its points.
    field
        Path of the table below the line.
    title, kind
        What a point is worth, and how it is shown.
    """
    last = len(points) - 1
    block = line.sheet.block(
        [words.of(words.POINT, str(i + 1)) for i in range(len(points))], title=""
    )
    at = block.column(
        words.AT,
        (line.cell(f"{field}.{i}.at", each.at) for i, each in enumerate(points)),
        kind=MEASURED_KIND,
    )
    worth = block.column(
        title,
        (line.cell(f"{field}.{i}.{each.worth_is}", each.worth) for i, each in enumerate(points)),
        kind=kind,
    )
    up_to = block.column(words.UP_TO, lambda i: at.at(min(i + 1, last)), kind=MEASURED_KIND)
    slope = block.column(
        words.SLOPE,
        lambda i: (worth.at(i + 1) - worth.at(i)) / (up_to.at(i) - at.at(i)) if i < last else 0.0,
        kind="number",
        note=words.SLOPE_NOTE,
    )
    step = block.column(
        words.STEP, lambda i: worth.at(i) - worth.before(i), kind=kind, note=words.STEP_NOTE
    )
    return Written(at, worth, up_to, slope, step)
