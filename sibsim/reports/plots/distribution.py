"""The distribution of a metric over all draws, as a curve that rises from 0 to 1.

The curve says how many courses come to at most a value. Draws in which a metric is undefined are
left out and counted; of a date that may never come they rank last, as in `Results.summary`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.amounts import chance
from sibsim.core.arrays import FloatArray
from sibsim.core.wording import Language, language, percent, said
from sibsim.errors import ArgumentError
from sibsim.figures import NEVER, QUANTILES, figures, is_probability
from sibsim.metric_words import value_words
from sibsim.reports.metric_titles import metric_title
from sibsim.reports.plots.style import (
    DARK,
    EDGE,
    MIDDLE,
    furthest,
    headed,
    legend,
    metric_axis,
    new_axes,
    plain,
    rows_below,
    share_axis,
)
from sibsim.reports.plots.words import counted_draws, in_capitals, word
from sibsim.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEDIAN = "p50"
"""Quantile in the middle."""

LABEL_OFFSETS = {"p5": (-7, 4), "p50": (8, -4), "p95": (8, -11)}
"""Points from the mark of a quantile to its label: above the curve at its foot, then below it."""

BEHIND_VALUES = {
    "boxstyle": "round,pad=0.1",
    "facecolor": "white",
    "edgecolor": "none",
    "alpha": 0.7,
}
"""What parts a value from lines behind it."""

ROOM_FOR_VALUES = 0.12
"""Share of the axis that is left free at both ends, for what is written beside the curve."""

ONE_VALUE = 1.5
"""How far the axis of a single value reaches, in times that value."""

TOP = 1.05
"""Top of the axis: the curve ends at 1."""


def s_curve(
    results: Results, metric: str = "investor_irr", *, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Draw how many courses come to at most each value of a metric.

    Median and the quantiles at 5 and 95 % are marked; zero and, of the investor's rate of return,
    the case's hurdle are lines, and the chances to stay below them are said.

    Parameters
    ----------
    results
        A run; of a base case, which has no distribution, its one value.
    metric
        Name of a metric that is no indicator, such as `investor_irr` or `municipality_net`.
    ax
        Axes to draw on; by default new ones.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If the metric is an indicator, or the language is not known.
    UnknownNameError
        If there is no such metric; names the nearest one.
    """
    lang, values = language(lang), results.metric(metric)
    if is_probability(metric):
        message = (
            f"metric: got {metric!r}; it is yes or no in every draw and has no curve; read its "
            "mean, a probability, from results.summary(), or draw a metric such as 'investor_irr'"
        )
        raise ArgumentError(message)
    defined = np.sort(values[~np.isnan(values)])
    of = len(values) if metric.endswith(NEVER) else len(defined)
    ax, notes = new_axes(ax), []
    if defined.size:
        heights = np.arange(1, len(defined) + 1) / of
        ax.step(
            np.r_[defined[0], defined], np.r_[0.0, heights], where="post", color=DARK, label="_"
        )
        if results.kind == "run":
            _mark_quantiles(ax, results, metric=metric, lang=lang)
            notes = _references(ax, results, metric=metric, values=defined, lang=lang)
        else:
            value = value_words(float(defined[0]), metric=metric, currency=_currency(results))
            notes = [word("one value", lang, value=value)]
            ax.set_xlim(min(0.0, ONE_VALUE * defined[0]), max(0.0, ONE_VALUE * defined[0]) or 1.0)
    else:
        ax.text(0.5, 0.5, word("all undefined", lang), ha="center", transform=ax.transAxes)
    left_out = ""
    if missing := len(values) - len(defined):
        key = "never" if metric.endswith(NEVER) else "undefined"
        count, draws = counted_draws(missing), counted_draws(len(values))
        left_out = word(key, lang, count=count, draws=draws)
    name, currency = plain(said(metric_title(results.case, metric), lang)), _currency(results)
    unit = metric_axis(ax.xaxis, metric, largest=furthest(defined), currency=currency, lang=lang)
    low, high = ax.get_xlim()
    room = ROOM_FOR_VALUES * (high - low)
    ax.set_xlim(low - room, high + room)
    share_axis(ax.yaxis, lang=lang)
    if any(not str(each.get_label()).startswith("_") for each in ax.lines):
        legend(ax)
    ax.set_ylim(0.0, TOP)
    ax.set_ylabel(word("share at most", lang))
    headed(ax, word("distribution", lang, metric=in_capitals(name)))
    rows_below(ax, f"{name}, {unit}" if unit else name, "; ".join(notes), left_out)
    return ax


def _currency(results: Results) -> str:
    return results.case.head.currency


def _mark_quantiles(ax: Axes, results: Results, *, metric: str, lang: Language) -> None:
    """Mark the quantiles that tables show, each with its value."""
    values = results.metric(metric)
    row = figures(values, metric=metric, nets=results.in_nets, chance=True)
    lowest, highest = float(np.nanmin(values)), float(np.nanmax(values))
    for name, level in QUANTILES.items():
        if not np.isfinite(row[name]):
            continue
        across, up = LABEL_OFFSETS[name]
        if row[name] > highest - ROOM_FOR_VALUES * (highest - lowest):
            # Right of the last values there is no room.
            across = -abs(across)
        value = value_words(row[name], metric=metric, currency=_currency(results))
        key = "median is" if name == MEDIAN else "quantile"
        ax.plot(row[name], level, marker="o", color=EDGE, linestyle="", markersize=5)
        ax.annotate(
            word(key, lang, level=percent(level), value=value),
            xy=(row[name], level),
            xytext=(across, up),
            ha="right" if across < 0 else "left",
            bbox=BEHIND_VALUES,
            textcoords="offset points",
            fontsize="small",
        )


def _references(
    ax: Axes, results: Results, *, metric: str, values: FloatArray, lang: Language
) -> list[str]:
    """Draw zero and the hurdle where the metric can lie on either side; return the chances."""
    valuation, notes = results.case.valuation, []
    hurdle = valuation.discount.investor if valuation else None
    levels = {} if metric.endswith(NEVER) else {"zero": 0.0}
    if metric.endswith("irr") and hurdle is not None:
        levels["hurdle"] = hurdle
    for key, level in levels.items():
        if key == "zero" and values[0] >= 0.0 and not metric.endswith(("irr", "net", "npv")):
            continue
        at = value_words(level, metric=metric, currency=_currency(results))
        style, colour = ("-", EDGE) if key == "zero" else ("--", MIDDLE)
        label = word("hurdle", lang, at=at) if key == "hurdle" else "_"
        ax.axvline(level, color=colour, linestyle=style, linewidth=1.2, label=label)
        below = float(np.mean(values < level))
        notes.append(word("below", lang, at=at, chance=chance(below)))
    return notes
