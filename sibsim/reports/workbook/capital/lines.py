"""The columns of the account while its periods are written one after the other.

A column comes into being when its first cell is written, so that columns stand in the order in
which a period is worked out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sibsim.capital.spec import Capital as Agreed
from sibsim.core.arrays import FloatArray
from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.capital.terms import Terms
from sibsim.reports.workbook.formulas import Formula, Operand, lift, total
from sibsim.reports.workbook.model import Costs, Live, Payments, Periods, Standing
from sibsim.reports.workbook.styles import Kind, Style

NOTHING: Words = Words(da="", en="")


@dataclass(eq=False)
class Lines:
    """A block with one row per period whose columns are found by key."""

    block: Block
    """The block."""

    columns: dict[str, Column] = field(default_factory=dict)
    """Its columns by key."""

    def put(
        self,
        key: str,
        t: int,
        content: Operand,
        *,
        title: Words,
        note: Words = NOTHING,
        kind: Kind = "money",
        style: Style | None = None,
    ) -> Formula:
        """Write a cell, in a new column where there is none of that key, and return it.

        Parameters
        ----------
        key
            What the column is found by.
        t
            The period.
        content
            A formula or a number.
        title, note, kind, style
            As of a column.
        """
        if key not in self.columns:
            self.columns[key] = self.block.reserve(title, kind=kind, note=note)
        return self.columns[key].set(t, content, style=style)

    def at(self, key: str, t: int) -> Formula:
        """Return the cell of a period.

        Parameters
        ----------
        key
            Which column.
        t
            The period.
        """
        return self.columns[key].at(t)

    def before(self, key: str, t: int) -> Formula:
        """Return the cell of the period before; zero before the first.

        Parameters
        ----------
        key
            Which column; it need not have a cell yet.
        t
            The period.
        """
        return self.columns[key].at(t - 1) if t else lift(0)

    def so_far(self, key: str, t: int) -> Formula:
        """Return the sum of the periods before; zero before the first.

        Parameters
        ----------
        key
            Which column; it need not have a cell yet.
        t
            The period.
        """
        return total(self.columns[key].up_to(t - 1)) if t else lift(0)


@dataclass(frozen=True, eq=False)
class Setting:
    """What the account is written from."""

    live: Live
    """The workbook."""

    agreed: Agreed
    """The capital of the case."""

    terms: Terms
    """The cells of its terms."""

    periods: Periods
    """The periods."""

    costs: Costs
    """What is to be financed."""

    payments: Payments
    """What is paid."""

    standing: Standing
    """How far the contract goes."""

    lines: Lines
    """The columns."""

    fixed: Mapping[str, FloatArray]
    """What no formula gives, by key, one amount per period: `called`, `compensation`, `set_off` of
    the common money and `set_off.<line>`; only what there is."""
