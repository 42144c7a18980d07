"""What a figure hangs on, one quantity at a time: the tornado diagram of decision analysis.

Source: Howard 1988, Decision analysis: practice and promise, Management Science 34(6):679-695.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.wording import Language, language, said
from sibsim.decisions.drivers import words as of_drivers
from sibsim.decisions.drivers.one_way import Bar, Tornado
from sibsim.reports.parameter_words import parameter_words
from sibsim.reports.plots.style import (
    BESIDE_NAMES,
    DARK,
    EDGE,
    HEAD,
    LIGHT,
    furthest,
    headed,
    lines_of,
    metric_axis,
    new_axes,
    plain,
    rows_below,
)
from sibsim.reports.plots.words import counted_draws, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, ROW = 8.5, 0.48
"""Inches of a new picture and of a quantity."""

MOST_BARS = 12
"""Quantities that are shown: a reader compares no more."""

ROWS_OF_LEGEND = 1.6
"""Rows left free below the bars for the legend."""

HEIGHT = 0.62
"""Height of a bar, in rows."""

ROOM_FOR_VALUES = 0.28
"""Share of the widest bar that is left free at both ends for the values."""

OFFSET = 4
"""Points from the end of a bar to its value."""

MOST_OF_A_NAME = 90
"""Characters of the name of a quantity, on three lines."""

MOST_OF_A_FIGURE = 70
"""Characters of the name of the figure in the title."""


def tornado(found: Tornado, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the figure at the low and the high end of each quantity, the widest swing on top.

    Bars start at the figure of the unchanged run; beside their ends stands the figure there.

    Parameters
    ----------
    found
        What `sib.decisions.tornado` returned.
    ax
        Axes to draw on; by default new ones, as high as the bars need.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If the language is not known.
    """
    lang, reference = language(lang), found.reference.value
    moving = [bar for bar in found.bars if bar.moves]
    defined = [bar for bar in moving if np.isfinite([*_ends(bar), reference]).all()]
    shown = defined[:MOST_BARS]
    ax = new_axes(ax, size=(WIDTH, HEAD + ROW * (len(shown) + ROWS_OF_LEGEND)))
    for place, bar in enumerate(shown):
        for key, end, level, (colour, hatch) in (
            ("low end", bar.low, found.level[0], (LIGHT, "///")),
            ("high end", bar.high, found.level[1], (DARK, "")),
        ):
            label = word(key, lang, level=of_drivers.per_cents((level,))[0])
            ax.barh(
                place,
                end.figure.value - reference,
                HEIGHT,
                left=reference,
                color=colour,
                hatch=hatch,
                edgecolor=EDGE,
                label=label if not place else "_",
            )
        _write_ends(ax, found, bar, place=place, lang=lang)
    currency, figure = found.case.head.currency, found.figure
    if shown:
        ends = [each for bar in shown for each in _ends(bar)]
        width = max(*ends, reference) - min(*ends, reference)
        room = (width or 1.0) * ROOM_FOR_VALUES
        ax.set_xlim(min(*ends, reference) - room, max(*ends, reference) + room)
        at = of_drivers.value(reference, figure=figure, case=found.case)
        ax.axvline(reference, color=EDGE, linewidth=1.0, label=word("reference", lang, value=at))
        ax.legend(fontsize="small", framealpha=0.8, edgecolor=EDGE, loc="lower right")
    names = [
        plain(said(parameter_words(found.case, bar.path), lang), most=MOST_OF_A_NAME)
        for bar in shown
    ]
    ax.set_yticks(range(len(shown)), [lines_of(each) for each in names])
    ax.set_ylim(len(shown) + ROWS_OF_LEGEND, -0.6)
    metric = "p_" if figure.kind == "probability" else figure.metric
    largest = furthest(*ax.get_xlim())
    unit = metric_axis(ax.xaxis, metric, largest=largest, currency=currency, lang=lang)
    what = plain(said(figure.words(currency=currency), lang), most=MOST_OF_A_FIGURE)
    headed(ax, word("tornado", lang, figure=what), share=BESIDE_NAMES)
    rows_below(
        ax,
        f"{what}, {unit}" if unit else what,
        *_left_out(found, moving=len(moving), defined=len(defined), shown=len(shown), lang=lang),
        share=BESIDE_NAMES,
    )
    return ax


def _ends(bar: Bar) -> tuple[float, float]:
    """Return the figure at the low and at the high end."""
    return bar.low.figure.value, bar.high.figure.value


def _write_ends(ax: Axes, found: Tornado, bar: Bar, *, place: int, lang: Language) -> None:
    """Write the figure at both ends of a bar, the lower one to the left."""
    reference, (low, high) = found.reference.value, sorted(_ends(bar))
    texts = [
        said(of_drivers.value(each, figure=found.figure, case=found.case), lang)
        for each in (low, high)
    ]
    both = word("from to", lang, low=texts[0], high=texts[1])
    if low <= reference <= high:
        written = [(low, texts[0], False), (high, texts[1], True)]
    else:
        written = [(high, both, True)] if low > reference else [(low, both, False)]
    for at, text, to_the_right in written:
        ax.annotate(
            text,
            (at, place),
            (OFFSET if to_the_right else -OFFSET, 0),
            textcoords="offset points",
            ha="left" if to_the_right else "right",
            va="center",
            fontsize="small",
        )


def _left_out(
    found: Tornado, *, moving: int, defined: int, shown: int, lang: Language
) -> list[str]:
    """Return in words which quantities are not shown, and why."""
    counts = {
        "left out": defined - shown,
        "undefined ends": moving - defined,
        "still": len(found.bars) - moving,
    }
    return [word(key, lang, count=counted_draws(count)) for key, count in counts.items() if count]
