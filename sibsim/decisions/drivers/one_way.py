"""One quantity at a time at its low and its high end, all others as uncertain as they are.

The picture is the tornado diagram of decision analysis (Howard 1988, "Decision analysis: practice
and promise", Management Science 34(6):679-695). Every end is told with the luck of one run: the
draws of all other quantities, what happens to people and what is reported stay as they were, so
that a bar is what the quantity does and no noise. What the bars add up to is no variance: how far
each goes depends on the two ends, and quantities that work together are moved alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.amounts import in_both
from sibsim.core.arrays import FloatArray
from sibsim.core.progress import watched
from sibsim.core.statistics import Estimate
from sibsim.core.streams import Rng, seed_from
from sibsim.core.wording import Sentence, listing
from sibsim.core.words import Words
from sibsim.decisions.asking import asked_figure, check_all, check_draws
from sibsim.decisions.conditions import Figure
from sibsim.decisions.drivers import words
from sibsim.decisions.drivers.asked import DRAWS
from sibsim.decisions.drivers.ends import HIGH, LOW, check_level, chosen, ends_of
from sibsim.decisions.drivers.paired import difference
from sibsim.decisions.showing import Answer
from sibsim.decisions.worlds import Luck, worlds_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class End:
    """A figure with one quantity at one end."""

    quantity: float
    """The quantity, in its own unit."""

    figure: Estimate
    """The figure there."""

    change: Estimate
    """The figure there less the reference, with the error of that difference on the same luck."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What one quantity does to a figure."""

    path: str
    """Path of the quantity."""

    low: End
    """At its low end."""

    high: End
    """At its high end."""

    swing: Estimate
    """The figure at the high end less that at the low end, with the error of that difference."""

    moves: bool
    """Whether the metric differs from the reference in any draw, at either end."""


@dataclass(frozen=True, eq=False, repr=False)
class Tornado(Answer):
    """What a figure hangs on, one quantity at a time, the widest swing first."""

    case: Case
    """The case."""

    figure: Figure
    """What is looked at."""

    draws: int
    """Number of draws (D)."""

    seed: int
    """Seed of the run."""

    level: tuple[float, float]
    """Probabilities of the low and of the high end."""

    reference: Estimate
    """The figure of the unchanged run."""

    bars: tuple[Bar, ...]
    """One per quantity, the widest swing first."""

    def table(self) -> pd.DataFrame:
        """Return one row per quantity, the widest swing first.

        Returns
        -------
        DataFrame
            Index `quantity`, its path. `low`, `high`: its ends in its own unit. `at_low`,
            `at_high`: the figure there; `reference`: the figure of the unchanged run; each with
            `_mc_error`. `change_low`, `change_high`: the figure there less the reference, and
            `swing`: the figure at the high end less that at the low end, each with the `_mc_error`
            of the difference on the same luck, NaN where that cannot be told. `undefined_low`,
            `undefined_high`: shares of draws that are left out. What moves nothing has zeros.
        """
        import pandas as pd

        rows = {bar.path: self._row(bar) for bar in self.bars}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("quantity")

    def _row(self, bar: Bar) -> dict[str, float]:
        row = {"low": bar.low.quantity, "high": bar.high.quantity}
        estimates = {
            "at_low": bar.low.figure,
            "at_high": bar.high.figure,
            "reference": self.reference,
            "change_low": bar.low.change,
            "change_high": bar.high.change,
            "swing": bar.swing,
        }
        for name, each in estimates.items():
            row |= {name: each.value, f"{name}_mc_error": each.mc_error}
        return row | {
            "undefined_low": bar.low.figure.undefined,
            "undefined_high": bar.high.figure.undefined,
        }

    def frame(self) -> pd.DataFrame:
        """Return the bars ready to be drawn, one row each.

        Returns
        -------
        DataFrame
            `order`: 0 for the widest; `quantity`; `low`, `high`: the figure at the two ends;
            `low_mc_error`, `high_mc_error`: of their differences to the reference; `reference`;
            `quantity_low`, `quantity_high`: the ends.
        """
        table = self.table().reset_index()
        names = {
            "at_low": "low",
            "at_high": "high",
            "change_low_mc_error": "low_mc_error",
            "change_high_mc_error": "high_mc_error",
        }
        table = table.rename(columns={"low": "quantity_low", "high": "quantity_high"})
        table.insert(0, "order", range(len(table)))
        table = table.rename(columns=names)
        columns = ["order", "quantity", *names.values(), "reference"]
        return table[[*columns, "quantity_low", "quantity_high"]]

    def _said(self) -> Iterable[Sentence]:
        return _sentences(self)

    def _shown(self) -> pd.DataFrame:
        columns = ["low", "high", "at_low", "at_high", "swing", "swing_mc_error"]
        return self.table()[columns].map(lambda number: f"{number:,.6g}")


def tornado(
    case: Case,
    figure: str | Figure = "mean municipality_net",
    *,
    draws: int = DRAWS,
    rng: Rng = 0,
    quantities: Collection[str] | None = None,
    level: tuple[float, float] = (LOW, HIGH),
) -> Tornado:
    """Return a figure with each uncertain quantity at its low and its high end, on the same luck.

    All others are as uncertain as they are. A quantity of which every cohort has its own value is
    set in all cohorts together.

    Parameters
    ----------
    case
        The case.
    figure
        What is looked at, such as `mean municipality_net` or `median investor_irr`.
    draws, rng
        Size, at least 2, and seed of the run.
    quantities
        Paths of the quantities; None: all that are uncertain.
    level
        Probabilities of the two ends; by default one chance in ten on either side.

    Raises
    ------
    ArgumentError, UnknownNameError
        If an argument is out of range, a quantity or a metric is not known, a quantity is fixed,
        or the case is not complete enough to be run.
    """
    check_complete(case)
    check_all(
        lambda: check_draws(draws, rng),
        lambda: asked_figure(case, figure),
        lambda: chosen(case, quantities),
        lambda: check_level(level),
    )
    wanted, seed = asked_figure(case, figure), seed_from(rng)
    metric = wanted.metric
    worlds = worlds_of(case, draws=draws, luck=Luck.of(seed))
    unchanged = worlds.metrics((metric,))[metric]
    bars = []
    asked = chosen(case, quantities)
    for path, quantity in watched(asked.items(), total=len(asked), what="moving quantities"):
        ends = ends_of(quantity, level)
        low, high = (
            worlds.otherwise((metric,), touched=(path,), instead={path: value})[metric]
            for value in ends
        )
        bars.append(_bar(path, ends, of=wanted, values=(low, high), unchanged=unchanged))
    bars.sort(key=lambda bar: -np.nan_to_num(abs(bar.swing.value), posinf=np.inf))
    return Tornado(
        case=case,
        figure=wanted,
        draws=draws,
        seed=seed,
        level=(float(level[0]), float(level[1])),
        reference=wanted.of(unchanged),
        bars=tuple(bars),
    )


def _bar(
    path: str,
    ends: tuple[float, ...],
    *,
    of: Figure,
    values: tuple[FloatArray, FloatArray],
    unchanged: FloatArray,
) -> Bar:
    low, high = (
        End(quantity, of.of(each), difference(of, each, unchanged))
        for quantity, each in zip(ends, values, strict=True)
    )
    moves = any(each.tobytes() != unchanged.tobytes() for each in values)
    return Bar(path, low, high, difference(of, values[1], values[0]), moves)


def _sentences(found: Tornado) -> Iterator[Sentence]:
    case, figure, bars = found.case, found.figure, found.bars
    low, high = words.per_cents(found.level)
    what = figure.words(currency=case.head.currency)
    reference = words.with_error(found.reference, figure=figure, case=case)
    still = [words.called(case, bar.path) for bar in bars if not bar.moves]
    if len(still) < len(bars):
        widest = bars[0]
        pattern = Words(
            da="{what} afhænger mest af {quantity}: fra {at_low}, hvis tallet er lavt ({low}), til "
            "{at_high}, hvis det er højt ({high}); som casen står, er det {reference}",
            en="{what} hangs most on {quantity}: from {at_low} if that is low ({low}) to {at_high} "
            "if it is high ({high}); as the case stands it is {reference}",
        )
        values: dict[str, Words | str] = {
            "what": what,
            "quantity": words.called(case, widest.path),
            "at_low": words.with_error(widest.low.figure, figure=figure, case=case),
            "at_high": words.with_error(widest.high.figure, figure=figure, case=case),
            "low": words.amount(widest.low.quantity),
            "high": words.amount(widest.high.quantity),
            "reference": reference,
        }
        yield Sentence(pattern, values)
    pattern = Words(
        da="lavt og højt er {low} og {high} af det, casen holder for muligt; alt andet er så "
        "usikkert, som det er, med samme tilfældigheder i alle {draws} trækninger; ± er én "
        "Monte Carlo-standardfejl",
        en="low and high are {low} and {high} of what the case holds possible; all else is as "
        "uncertain as it is, with the same luck in all {draws} draws; ± is one Monte Carlo "
        "standard error",
    )
    yield Sentence(pattern, {"low": low, "high": high, "draws": in_both(f"{found.draws:,}")})
    if still:
        pattern = Words(
            da="intet ændrer sig i nogen trækning ved {quantities}",
            en="nothing changes in any draw with {quantities}",
        )
        yield Sentence(pattern, {"quantities": listing(still)})
    same = [words.called(case, bar.path) for bar in bars if bar.low.quantity == bar.high.quantity]
    if same:
        pattern = Words(
            da="{low} og {high} er samme værdi for {quantities}, så søjlen er nul, selv om "
            "størrelsen er usikker",
            en="{low} and {high} are the same value of {quantities}, so that the bar is zero "
            "though the quantity is uncertain",
        )
        yield Sentence(pattern, {"low": low, "high": high, "quantities": listing(same)})
    if any(_is_outside(found.reference.value, bar) for bar in bars):
        pattern = Words(
            da="at sætte en størrelse fjerner også dens egen usikkerhed, så tallet uden ændring "
            "kan ligge uden for søjlen",
            en="to set a quantity also takes its own uncertainty away, so that the figure of the "
            "unchanged run may lie outside a bar",
        )
        yield Sentence(pattern, {})
    paths = [bar.path for bar in bars]
    yield from words.notes(case, paths, figure=figure, of=found.reference)


def _is_outside(reference: float, bar: Bar) -> bool:
    ends = bar.low.figure.value, bar.high.figure.value
    return bool(not np.isnan(ends).any() and not min(ends) <= reference <= max(ends))
