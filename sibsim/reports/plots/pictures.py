"""The pictures of a run and of a case as methods, such as `results.plot.goals()`.

Each method draws what the function of its name in this package draws, with the same arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sibsim.case import Case
from sibsim.core.streams import Rng
from sibsim.reports.plots import (
    attainment,
    cash,
    distribution,
    evaluation,
    funnel,
    parties,
    waterfall,
)
from sibsim.results import INVESTOR, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a run; every method takes `ax`, returns it, and shows or saves nothing."""

    _results: Results
    """The run."""

    def cash_flow(self, party: str = INVESTOR, *, ax: Axes | None = None, lang: str = "en") -> Axes:
        """Draw money in and out by year, the running sum and its deepest point."""
        return cash.cash_flow(self._results, party, ax=ax, lang=lang)

    def cumulative_cash(
        self, party: str = INVESTOR, *, ax: Axes | None = None, lang: str = "en"
    ) -> Axes:
        """Draw the fan of a party's cumulative cash flow."""
        return cash.cumulative_cash(self._results, party, ax=ax, lang=lang)

    def s_curve(
        self, metric: str = "investor_irr", *, ax: Axes | None = None, lang: str = "en"
    ) -> Axes:
        """Draw the distribution of a metric, with its median and the chance to stay below zero."""
        return distribution.s_curve(self._results, metric, ax=ax, lang=lang)

    def who_saves(self, *, ax: Axes | None = None, lang: str = "en") -> Axes:
        """Draw what each public party and the citizens gain or lose by year."""
        return parties.who_saves(self._results, ax=ax, lang=lang)

    def payment_funnel(self, *, ax: Axes | None = None, lang: str = "en") -> Axes:
        """Draw how many are referred, start, complete, achieve, are reported and paid for."""
        return funnel.payment_funnel(self._results, ax=ax, lang=lang)

    def tranche_waterfall(self, *, ax: Axes | None = None, lang: str = "en") -> Axes:
        """Draw what the capital takes in and where it goes, down to zero."""
        return waterfall.tranche_waterfall(self._results, ax=ax, lang=lang)

    def goals(self, *, ax: Axes | None = None, lang: str = "en") -> Axes:
        """Draw target, prediction and what has been achieved of each result goal."""
        return attainment.goals(self._results, ax=ax, lang=lang)


@dataclass(frozen=True, slots=True)
class CasePictures:
    """The pictures of a case; every method takes `ax`, returns it, and shows or saves nothing."""

    _case: Case
    """The case."""

    def power_curve(
        self,
        measure: str | None = None,
        *,
        draws: int = evaluation.DRAWS,
        rng: Rng = 0,
        ax: Axes | None = None,
        lang: str = "en",
    ) -> Axes:
        """Draw the chance that the contract's test is passed, and that it pays, by what is true."""
        return evaluation.power_curve(self._case, measure, draws=draws, rng=rng, ax=ax, lang=lang)

    def false_payment_curve(
        self,
        measure: str | None = None,
        *,
        sizes: Sequence[float] | None = None,
        draws: int = evaluation.DRAWS_OF_A_SIZE,
        rng: Rng = 0,
        ax: Axes | None = None,
        lang: str = "en",
    ) -> Axes:
        """Draw the chance to pay where the intervention does nothing, by participants."""
        return evaluation.false_payment_curve(
            self._case, measure, sizes=sizes, draws=draws, rng=rng, ax=ax, lang=lang
        )
