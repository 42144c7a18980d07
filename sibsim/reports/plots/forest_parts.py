"""The parts of a forest: rows of text, squares on intervals, a diamond, the axis of effects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.amounts import in_both
from sibsim.core.wording import Language, percent, said
from sibsim.evidence.estimates import figure
from sibsim.reports.plots.style import DARK, number_words
from sibsim.reports.plots.words import word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sibsim.core.arrays import FloatArray
    from sibsim.evidence.meta import MetaAnalysis
    from sibsim.evidence.prior import Prior

GAP = 0.6
"""Rows left free above what is put together."""

HALF_DIAMOND = 0.32
"""Half the height of a diamond, in rows."""

SMALLEST_SQUARE = 4.0
"""Area below which a square would not be seen."""

CHARACTER = 4.4
"""Points that a character of a column takes, at the size `TEXT`."""

TEXT = "small"
"""Size of the columns of text."""

BETWEEN_COLUMNS = 2
"""Characters left free before a column."""

MANY_DECADES, FEW_TIMES = 1e3, 8.0
"""Where the ends of a logarithmic axis are this many times apart: from the first on it is labelled
at powers of ten, below the second like any other axis, between them at 1, 2 and 5."""

HALF_A_PER_CENT = 0.005
"""What would be rounded to nothing."""

MARGIN_OF_AXIS = 0.05
"""Share of the horizontal axis left free at both ends."""

WHOLE_PER_CENTS = 2
"""Digits of a share after the point."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a forest."""

    name: str
    """What stands to the left."""

    texts: tuple[str, ...]
    """What stands to the right, one text per column."""


def interval(ends: Iterable[float], lang: Language) -> str:
    """Return an estimate and its ends as `0.49 (0.34 to 0.70)`."""
    estimate, low, high = (figure(float(each)) for each in ends)
    return word("interval", lang, estimate=estimate, low=low, high=high)


def range_of(ends: Iterable[float], lang: Language) -> str:
    """Return ends alone, beside an estimate that stands one row above."""
    _, low, high = (figure(float(each)) for each in ends)
    return word("range", lang, low=low, high=high)


def share(value: float, lang: Language) -> str:
    """Return a share in tenths of a per cent, the last one always written."""
    return said(in_both(f"{value:.1%}".replace("%", " %")), lang)


def harm(prior: Prior, lang: Language) -> str:
    """Return how likely harm is in whole per cents; nothing where the scale does not tell."""
    if prior.p_harm is None:
        return ""
    if 0.0 < prior.p_harm < HALF_A_PER_CENT:
        return word("rarely", lang)
    return said(percent(round(prior.p_harm, WHOLE_PER_CENTS)), lang)


def places_of(rows: int, *, together: int) -> FloatArray:
    """Return where each row stands, from the top; the last `together` below a gap."""
    place = np.arange(rows, dtype=np.float64)
    return np.where(place < rows - together, place, place + GAP)


def squares(
    ax: Axes, ends: FloatArray, *, places: FloatArray, area: FloatArray, lang: Language
) -> None:
    """Draw estimates as squares on their intervals, (n, 3)."""
    estimate, low, high = ends.T
    ax.hlines(
        places, low, high, color="black", linewidth=1.0, zorder=2, label=word("intervals", lang)
    )
    size = np.maximum(area, SMALLEST_SQUARE)
    ax.scatter(
        estimate, places, s=size, marker="s", color=DARK, zorder=3, label=word("studies", lang)
    )


def diamond(ax: Axes, found: MetaAnalysis, *, place: float, lang: Language) -> None:
    """Draw the mean with its interval, and a dashed line through it."""
    low, middle, high = (found.shown(each) for each in (found.low, found.estimate, found.high))
    across = [place, place - HALF_DIAMOND, place, place + HALF_DIAMOND]
    ax.fill(
        [low, middle, high, middle],
        across,
        color=DARK,
        label=word("mean over places", lang),
        zorder=3,
    )
    ax.plot([middle] * 2, [-GAP, place], color=DARK, linestyle="--", linewidth=0.9, zorder=1)


def write(ax: Axes, rows: Sequence[Row], *, places: FloatArray, heads: Sequence[str]) -> None:
    """Write names to the left and columns of text to the right; an empty column is left out."""
    ax.set_yticks(places, [row.name for row in rows])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(places[-1] + GAP, -GAP)
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    reach = 0.0
    for column, head in enumerate(heads):
        texts = [row.texts[column] for row in rows]
        if not any(texts):
            continue
        longest = max(map(len, (*texts, *head.split("\n"))))
        reach += (longest + BETWEEN_COLUMNS) * CHARACTER
        for text, place, low in [
            *zip(texts, places, ["center"] * len(rows), strict=True),
            (head, -GAP, "bottom"),
        ]:
            ax.annotate(
                text,
                xy=(1.0, float(place)),
                xycoords=ax.get_yaxis_transform(),
                xytext=(reach, 0.0),
                textcoords="offset points",
                ha="right",
                va=low,
                fontsize=TEXT,
                annotation_clip=False,
            )


def horizontal(
    ax: Axes, *, name: str, is_ratio: bool, lang: Language, no_effect: bool = True
) -> None:
    """Label the axis of the effect; a ratio stands on a logarithmic one."""
    from matplotlib.ticker import AutoLocator, LogLocator, NullFormatter, NullLocator

    neutral = 1.0 if is_ratio else 0.0
    if no_effect:
        ax.axvline(neutral, color="black", linewidth=0.8, zorder=0)
        name = word("is no effect", lang, name=name, neutral=f"{neutral:g}")
    ax.set_xlabel(name)
    if is_ratio:
        ax.set_xscale("log")
    ax.use_sticky_edges = False
    ax.margins(x=MARGIN_OF_AXIS)
    ax.autoscale(axis="x")
    ax.xaxis.set_major_formatter(lambda value, _: said(number_words(value), lang))
    if not is_ratio:
        return
    low, high = ax.get_xlim()
    locator = LogLocator(subs=(1.0, 2.0, 5.0)) if high / low < MANY_DECADES else LogLocator()
    ax.xaxis.set_major_locator(AutoLocator() if high / low < FEW_TIMES else locator)
    ax.xaxis.set_major_formatter(lambda value, _: said(number_words(value), lang))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
