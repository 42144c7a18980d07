"""The price corridor: ends of both sides with their errors, the deal zone, tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.core.statistics import Estimate
from sibsim.core.wording import Language, language
from sibsim.decisions.conditions import Condition
from sibsim.decisions.corridor.asked import Question
from sibsim.decisions.corridor.pricing import Pricing
from sibsim.decisions.corridor.shortfall import Shortfall, shortfalls
from sibsim.decisions.corridor.stretches import Stretch
from sibsim.decisions.showing import paragraphs

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.case import Case
    from sibsim.decisions.corridor.openings import Openings

SideName = Literal["investor", "payer"]
"""A side of a contract."""

Holds = Literal["within", "everywhere", "nowhere"]
"""Whether a side's conditions hold on part of what was looked at, on all of it or nowhere."""


@dataclass(frozen=True, slots=True)
class End:
    """A value of the term at which a side's conditions cease to hold."""

    value: float
    """The value, which still holds."""

    mc_error: float
    """Its Monte Carlo standard error: that of the figure over the size of the slope; NaN where the
    figure does not move."""

    condition: Condition
    """The condition that ceases to hold: the binding one."""

    figure: Estimate
    """Its figure at the end."""

    slope: float
    """Change of the figure per unit of the term there, a central difference."""


@dataclass(frozen=True)
class Side:
    """Where a side's conditions hold."""

    name: SideName
    """Which side."""

    conditions: tuple[Condition, ...]
    """What it asks for; all must hold."""

    numbers: tuple[int, ...]
    """Their numbers among the conditions of both sides."""

    holds: Holds
    """Whether they hold on part of what was looked at, on all of it or nowhere."""

    lowest: float
    """Lowest value at which they hold; the bound of the search where `low_end` is None."""

    highest: float
    """Highest value at which they hold; the bound of the search where `high_end` is None."""

    low_end: End | None
    """The end below; None: they hold down to the bound, or nowhere."""

    high_end: End | None
    """The end above; None: they hold up to the bound, or nowhere."""

    end: End | None
    """The end that faces the other side."""

    stretches: int
    """Number of separate stretches on which they hold; more than one is said."""


@dataclass(frozen=True, eq=False)
class Corridor:
    """Values of a contract term at which each side's conditions hold, and at which both do."""

    question: Question
    """What was asked: the term, the conditions, the values looked at first."""

    pricing: Pricing
    """The worlds and what re-pricing them found."""

    investor: Side
    """Where the investor's conditions hold."""

    payer: Side
    """Where the payer's conditions hold."""

    lowest: float
    """Lowest value of the zone in which both hold; NaN without one."""

    highest: float
    """Highest value of the zone; NaN without one."""

    stretches: tuple[tuple[Stretch, ...], ...]
    """Where each condition by itself holds, in the order of the conditions."""

    zones: int
    """Number of separate zones; the one of the present value, or nearest to it, is given."""

    @property
    def is_zone(self) -> bool:
        """Return whether there is a value at which both sides' conditions hold."""
        return self.zones > 0

    @property
    def headroom(self) -> float:
        """Return the width of the zone; without one below zero, how far the two ends are apart."""
        if self.is_zone:
            return self.highest - self.lowest
        if self.investor_end is None or self.payer_end is None:
            return np.nan
        return -abs(self.investor_end.value - self.payer_end.value)

    @property
    def present(self) -> float:
        """Return the present value of the term."""
        return self.question.term.value

    @property
    def investor_end(self) -> End | None:
        """Return the end of the investor: lowest price it needs, or highest threshold."""
        return self.investor.end

    @property
    def payer_end(self) -> End | None:
        """Return the end of the payer: highest price it accepts, or lowest threshold."""
        return self.payer.end

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return both sides, the investor first."""
        return self.investor, self.payer

    @property
    def between(self) -> tuple[float, float]:
        """Return the lowest and the highest value that were looked at."""
        return self.question.grid[0], self.question.grid[-1]

    @property
    def case(self) -> Case:
        """Return the case."""
        return self.pricing.run.case

    @property
    def is_unmoved(self) -> bool:
        """Return whether no figure moves with the term at all."""
        return len({self.pricing.at(value) for value in self.question.grid}) == 1

    @cached_property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Return by how much each side that is short is short; empty where there is a zone."""
        return shortfalls(self)

    def end_at(self, value: float) -> End | None:
        """Return the end of a side that lies at a value; None for a bound of the search."""
        ends = [end for side in self.sides for end in (side.low_end, side.high_end) if end]
        return next((end for end in ends if end.value == value), None)

    def table(self) -> pd.DataFrame:
        """Return the ends, today's value and the zone, with the figures there.

        Returns
        -------
        DataFrame
            Rows `investor_end`, `payer_end` (missing where a side holds everywhere or nowhere),
            `present`, `zone_lowest`, `zone_highest` (missing without a zone). `value`: of the term,
            or of its first number; `mc_error`: Monte Carlo standard error of an end, empty for what
            has none; `binding`: the condition that ends there; `investor`, `payer`: whether all
            conditions of the side hold; then for every condition its figure at the value, under the
            condition itself, and its Monte Carlo error.
        """
        import pandas as pd

        ends = {"investor_end": self.investor_end, "payer_end": self.payer_end}
        rows: dict[str, tuple[float, End | None]] = {
            name: (end.value, end) for name, end in ends.items() if end is not None
        }
        rows["present"] = (self.present, None)
        if self.is_zone:
            rows["zone_lowest"] = (self.lowest, self.end_at(self.lowest))
            rows["zone_highest"] = (self.highest, self.end_at(self.highest))
        frame = pd.DataFrame.from_dict(
            {name: self._row(value, end) for name, (value, end) in rows.items()}, orient="index"
        )
        frame.index.name = "point"
        return frame

    def _row(self, value: float, end: End | None) -> dict[str, object]:
        row: dict[str, object] = {
            "value": value,
            "mc_error": end.mc_error if end else np.nan,
            "binding": str(end.condition) if end else "",
        }
        figures = self.pricing.at(value)
        row |= {side.name: self.pricing.margin(side.numbers, value) >= 0 for side in self.sides}
        for each, figure in zip(self.pricing.conditions, figures, strict=True):
            row |= {str(each): figure.value, f"{each} mc_error": figure.mc_error}
        return row

    def frame(self) -> pd.DataFrame:
        """Return the figures at the values of the term that were looked at, ready to be drawn.

        Returns
        -------
        DataFrame
            One row per value and condition that was priced there, values rising: the grid, and what
            closed the condition's ends. `value`: of the term; `side`: `investor`
            or `payer`; `condition`; `figure`, `mc_error`: its figure and Monte Carlo error;
            `slack`: by how much the limit is kept, below zero where it is not; `holds`;
            `undefined`: share of draws that the figure leaves out.
        """
        import pandas as pd

        low, high = self.between
        rows = [
            self._looked_at(value, side, number)
            for value in self.pricing.looked_at(())
            if low <= value <= high
            for side in self.sides
            for number in side.numbers
            if value in self.pricing.looked_at([number])
        ]
        return pd.DataFrame(rows)

    def _looked_at(self, value: float, side: Side, number: int) -> dict[str, object]:
        asked, figure = self.pricing.conditions[number], self.pricing.figure(number, value)
        return {
            "value": value,
            "side": side.name,
            "condition": str(asked),
            "figure": figure.value,
            "mc_error": figure.mc_error,
            "slack": asked.slack(figure.value),
            "holds": self.pricing.slack(number, value) >= 0,
            "undefined": figure.undefined,
        }

    def openings(self) -> Openings:
        """Return which single change opens a zone, the smallest first; on the same worlds.

        Relaxed are, one at a time, the limit of each condition and every other term of the contract
        that is an amount, a price, a share or a rate.
        """
        from sibsim.decisions.corridor.opening import openings

        return openings(self)

    def sentence(self, lang: Language = "en") -> str:
        """Return where both sides' conditions hold, or that they nowhere do; Danish or English."""
        return self.sentences(lang)[0]

    def sentences(self, lang: Language = "en") -> list[str]:
        """Return the zone, each side, what is short, what was assumed; Danish or English.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        from sibsim.decisions.corridor.words import sentences

        lang = language(lang)
        return [each.say(lang) for each in sentences(self)]

    def __repr__(self) -> str:
        """Return the sentences and the table as text."""
        table = self.table().to_string(float_format="{:,.4g}".format)
        return "\n".join([*self.sentences(), "", table])

    def _repr_html_(self) -> str:
        said = paragraphs(self.sentences())
        return said + self.table().to_html(border=0, float_format="{:,.4g}".format)
