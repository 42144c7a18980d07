"""Pictures of evidence: what studies found, what they say of the next place, what a case assumes.

As in `sibsim.reports.plots` every function takes `ax` and `lang`, returns the axes, and never shows
or saves anything, and all works in greyscale. Ratios stand on a logarithmic axis, on which
intervals are as long to either side. Texts stand beside the axes: take a figure with
`layout="constrained"`.

Sources: Lewis and Clarke 2001, Forest plots: trying to see the wood and the trees, BMJ 322; Sterne
and Egger 2001, Funnel plots for detecting bias in meta-analysis, Journal of Clinical Epidemiology
54(10), for the standard error as the vertical axis of a funnel.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from sibsim.core.amounts import in_both
from sibsim.core.wording import Language, language, percent, said
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.evidence.estimates import SCALE_WORDS
from sibsim.evidence.small_studies import P_DECIMALS, egger_test
from sibsim.reports.plots.forest_parts import (
    GAP,
    Row,
    diamond,
    harm,
    horizontal,
    interval,
    places_of,
    range_of,
    share,
    squares,
    write,
)
from sibsim.reports.plots.style import BANDS, DARK, LONGEST_TITLE, MIDDLE, number_words, plain
from sibsim.reports.plots.words import word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sibsim.evidence.influence import LeaveOneOut
    from sibsim.evidence.meta import MetaAnalysis
    from sibsim.evidence.prior import Prior

WIDTH, ROW, MARGIN = 8.0, 0.27, 1.2
"""Inches of a new picture: its width, a row, and what title and axis take."""

FUNNEL_SIZE = (7.0, 4.5)
"""Inches of a new funnel."""

LARGEST_SQUARE = 90.0
"""Area of the square of the study with the largest weight, in square points; of others less by
their weight."""

BAND_HEIGHTS = (0.24, 0.48)
"""Heights of the bands of a prior, in rows: nine tenths and the middle half."""

FUNNEL_DEPTH = 1.08
"""How far a funnel reaches, in the largest standard errors."""

_SUCCESS_RATE = "success_rate"
"""Scale of a prior that is no effect."""

_COX = "standardised_difference_cox"
"""Scale of a prior that is a standardised difference by the rule of Cox."""


def forest(found: MetaAnalysis, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what each study found, the mean over places, and where the next place lies.

    A square is a study, its area its weight, the line its interval; the diamond is the mean with
    its interval; the bar below is the interval of the next place, the wider one where places
    differ. Studies stand in the order in which they were read.

    Parameters
    ----------
    found
        A meta-analysis.
    ax
        Axes to draw on; by default new ones.
    lang
        `da` or `en`.
    """
    lang, studies = language(lang), found.studies
    mean_name, next_name = word("mean over places", lang), word("next place", lang)
    ends = found.table()[_ENDS].to_numpy(dtype=float)
    *of_studies, mean, next_place = ends
    shown = zip(studies.names, of_studies, found.weights, strict=True)
    rows = [
        Row(plain(name), (interval(each, lang), share(weight, lang)))
        for name, each, weight in shown
    ]
    rows += [Row(mean_name, (interval(mean, lang), ""))]
    rows += [Row(next_name, (range_of(next_place, lang), ""))]
    places = places_of(len(rows), together=2)
    ax = _axes(ax, rows=len(rows))
    area = LARGEST_SQUARE * found.weights / found.weights.max()
    squares(ax, ends[:-2], places=places[:-2], area=area, lang=lang)
    diamond(ax, found, place=places[-2], lang=lang)
    low, high = next_place[1:]
    ax.hlines(places[-1], low, high, color=MIDDLE, linewidth=6, label=next_name, zorder=2)
    ax.plot([low, high], [places[-1]] * 2, color="black", linestyle="", marker="|", markersize=9)
    name = SCALE_WORDS[found.scale].in_language(lang)
    head = word("interval head", lang, name=name, level=percent(found.level))
    write(ax, rows, places=places, heads=(head, word("weight", lang)))
    horizontal(ax, name=name, is_ratio=studies.is_ratio, lang=lang)
    ax.set_title(plain(studies.outcome or "", most=LONGEST_TITLE))
    return ax


def leave_one_out(found: LeaveOneOut, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the mean over places without each study in turn, and with all of them.

    Parameters
    ----------
    found
        A leave-one-out analysis.
    ax
        Axes to draw on; by default new ones.
    lang
        `da` or `en`.
    """
    lang, whole = language(lang), found.whole
    ends = found.table()[_ENDS].to_numpy(dtype=float)
    shown = zip(whole.studies.names, ends, found.without, strict=True)
    rows = [
        Row(word("without", lang, name=plain(name)), (interval(row, lang), share(each.i2, lang)))
        for name, row, each in shown
    ]
    all_of_them = [whole.shown(each) for each in (whole.estimate, whole.low, whole.high)]
    own = (interval(all_of_them, lang), share(whole.i2, lang))
    rows.append(Row(word("with all", lang), own))
    places = places_of(len(rows), together=1)
    ax = _axes(ax, rows=len(rows))
    area = np.full(len(ends), LARGEST_SQUARE / 2.0)
    squares(ax, ends, places=places[:-1], area=area, lang=lang)
    diamond(ax, whole, place=places[-1], lang=lang)
    name = SCALE_WORDS[whole.scale].in_language(lang)
    head = word("interval head", lang, name=name, level=percent(whole.level))
    write(ax, rows, places=places, heads=(head, "I²"))
    horizontal(ax, name=name, is_ratio=whole.studies.is_ratio, lang=lang)
    ax.set_title(plain(whole.studies.outcome or "", most=LONGEST_TITLE))
    return ax


def funnel(
    found: MetaAnalysis,
    *,
    egger_line: bool = False,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Draw what each study found against its standard error, the surest on top.

    Between the dashed lines the given share of studies would lie if all places had the same effect
    and nothing stayed in a drawer. More on one side at the bottom is small studies that find other
    effects; places that differ widen it on both sides.

    Parameters
    ----------
    found
        A meta-analysis without moderators.
    egger_line
        Whether to draw the regression of the estimates on their standard errors.
    ax
        Axes to draw on; by default new ones.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If there are moderators; with `egger_line`, if there are too few studies or all are as sure.
    """
    lang = language(lang)
    if found.design.moderators:
        message = (
            "found: got a meta-analysis with moderators; a funnel is drawn around one mean, and "
            "here it differs between studies; put the studies together without moderators"
        )
        raise ArgumentError(message)
    studies = found.studies
    errors = np.sqrt(studies.variance)
    depth = np.array([0.0, FUNNEL_DEPTH * errors.max()])
    reach = float(ndtri((1.0 + found.level) / 2.0)) * depth
    ax = _axes(ax, size=FUNNEL_SIZE)
    ax.scatter(
        studies.shown(studies.estimate),
        errors,
        s=30,
        color=MIDDLE,
        edgecolor="black",
        zorder=3,
        label=word("studies", lang),
    )
    ax.plot(
        [found.shown(found.estimate)] * 2, depth, color=DARK, label=word("mean over places", lang)
    )
    limits = word("were places alike", lang, level=percent(found.level))
    for side, label in ((-1.0, limits), (1.0, "_")):
        ends = studies.shown(found.estimate + side * reach)
        ax.plot(ends, depth, color="black", linestyle="--", linewidth=0.9, label=label)
    if egger_line:
        test = egger_test(studies)
        ends = studies.shown(test.intercept + test.slope * depth)
        label = word("egger", lang, p=in_both(f"{test.p:.{P_DECIMALS}f}"))
        ax.plot(ends, depth, color="black", linestyle=":", linewidth=1.8, label=label)
    ax.set_ylim(depth[1], 0.0)
    name = SCALE_WORDS[studies.scale].in_language(lang)
    ax.set_ylabel(word(f"standard error{' of logarithm' if studies.is_ratio else ''}", lang))
    ax.yaxis.set_major_formatter(lambda value, _: said(number_words(value), lang))
    horizontal(ax, name=name, is_ratio=studies.is_ratio, lang=lang)
    ax.set_title(plain(studies.outcome or "", most=LONGEST_TITLE))
    ax.legend(fontsize="small", framealpha=0.8, edgecolor="black", loc="best")
    return ax


def priors(found: Mapping[str, Prior], *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what may be assumed of an effect, one row each: the mean against the next place.

    The line in the middle is the median, the dark band the middle half and the light one nine
    tenths of the distribution. Beside them stands how likely harm is, where the scale says so.

    Parameters
    ----------
    found
        Priors on one scale by their name, such as
        `{"mean": meta.prior(of="mean"), "next place": meta.prior()}`.
    ax
        Axes to draw on; by default new ones.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If there is none, or they are on several scales.
    """
    lang = language(lang)
    scales = dict.fromkeys(each.scale for each in found.values())
    if len(scales) != 1:
        message = (
            f"found: got {', '.join(str(each) for each in scales) or 'no priors'}; one axis shows "
            "one scale; convert them with Prior.at_baseline, or draw several pictures"
        )
        raise ArgumentError(message)
    (scale,) = scales
    quantiles = [list(each.quantiles((0.5, *_NINE_TENTHS)).values()) for each in found.values()]
    shown = zip(found.items(), quantiles, strict=True)
    rows = [
        Row(plain(name), (interval(ends, lang), harm(each, lang))) for (name, each), ends in shown
    ]
    places = places_of(len(rows), together=0)
    ax = _axes(ax, rows=len(rows) + 1)
    for place, prior, (median, *_) in zip(places, found.values(), quantiles, strict=True):
        for (low, high, colour), height in zip(BANDS, BAND_HEIGHTS, strict=True):
            left, right = prior.quantiles((low, high)).values()
            ax.barh(place, right - left, left=left, color=colour, height=height, edgecolor="black")
        ax.plot([median] * 2, [place - GAP / 2, place + GAP / 2], color=DARK, linewidth=2)
    name = _scale_name(scale, lang)
    heads = (word("range head", lang, name=name), word("harm", lang))
    write(ax, rows, places=places, heads=heads)
    is_ratio = next(iter(found.values())).is_ratio
    has_no_effect = any(each.p_harm is not None for each in found.values())
    horizontal(ax, name=name, is_ratio=is_ratio, no_effect=has_no_effect, lang=lang)
    return ax


_NINE_TENTHS = (0.05, 0.95)
"""Probabilities of the ends that stand beside a prior."""

_ENDS = ["estimate", "low", "high"]
"""Columns of the tables of an effect."""


def _scale_name(scale: str | None, lang: Language) -> str:
    """Return what the scale of a prior is called."""
    if scale is None:
        return word("value", lang)
    if scale == _SUCCESS_RATE:
        return word("success rate", lang)
    if scale == _COX:
        scale = "standardised_difference"
    known: Mapping[str, Words] = {str(name): each for name, each in SCALE_WORDS.items()}
    return said(known.get(scale, Words(da=scale, en=scale)), lang)


def _axes(ax: Axes | None, *, rows: int = 0, size: tuple[float, float] | None = None) -> Axes:
    """Return the axes given, or new ones as high as the rows need."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    size = size or (WIDTH, MARGIN + ROW * rows)
    return plt.subplots(figsize=size, layout="constrained")[1]
