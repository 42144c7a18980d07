"""Where a measure is written, and what it reads of its outcome, row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Block
from sibsim.reports.workbook.formulas import Formula
from sibsim.reports.workbook.model import Live
from sibsim.reports.workbook.styles import Kind


@dataclass(frozen=True, eq=False)
class Report:
    """What a design reports in each row."""

    total: Sequence[Formula]
    """Sum of reported results, X."""

    people: Sequence[Formula]
    """People reported, M."""

    comparison: Sequence[Formula] | None
    """Mean result of the comparison, Y / Z; None without one."""

    def estimates(self) -> list[Formula]:
        """Return the reported effect, X / M - Y / Z, in each row."""
        assert self.comparison is not None  # noqa: S101 - asked of designs that compare
        return [
            x / m - mean
            for x, m, mean in zip(self.total, self.people, self.comparison, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Place:
    """A block with one row per cohort and follow-up, and what the outcome comes to there."""

    live: Live
    """The workbook."""

    path: str
    """Path of the design, such as `measures.job`."""

    block: Block
    """The block."""

    follow_ups: int
    """Number of follow-ups: row c x follow_ups + k is cohort c at follow-up k."""

    people: Sequence[Formula]
    """People who count."""

    achieved: Sequence[Formula]
    """Sum of results as an instrument shows them."""

    without: Sequence[Formula]
    """Mean result of a person without the intervention, as it is shown."""

    treated: Sequence[Formula]
    """Mean result of a person with it, as it is shown."""

    is_indicator: bool
    """Whether a result is yes or no."""

    @property
    def rows(self) -> range:
        """The rows."""
        return range(len(self.people))

    def cell(self, field: str, otherwise: float) -> Formula:
        """Return the cell of a field of the design, or a plain number where no row holds it.

        Parameters
        ----------
        field
            Its path below the design.
        otherwise
            The number.
        """
        return self.live.inputs.get(f"{self.path}.{field}", otherwise)

    def states(self, field: str) -> bool:
        """Return whether the case file states a field of the design."""
        return f"{self.path}.{field}" in self.live.inputs

    def column(
        self,
        title: Words,
        cells: Callable[[int], Formula] | Sequence[Formula],
        *,
        kind: Kind | None = None,
        note: Words | str = "",
    ) -> list[Formula]:
        """Write a column and return its cells.

        Parameters
        ----------
        title
            What stands over it.
        cells
            Its cells, or what gives that of a row.
        kind
            How they are shown; None: a result, as a share or a number.
        note
            The formula in words.
        """
        shown: Kind = kind or ("share" if self.is_indicator else "number")
        column = self.block.column(title, cells, kind=shown, note=note)
        return [column.at(row) for row in self.rows]
