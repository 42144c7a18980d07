"""Pictures of evidence: what studies found, what they say of the next place, what a case assumes.

As in `sibsim.reports.plots` every function takes `ax`, returns it, and never shows or saves
anything, and all works in greyscale. Ratios stand on a logarithmic axis, on which intervals are as
long to either side. Texts stand beside the axes: take a figure with `layout="constrained"`.

Sources: Lewis and Clarke 2001, Forest plots: trying to see the wood and the trees, BMJ 322; Sterne
and Egger 2001, Funnel plots for detecting bias in meta-analysis, Journal of Clinical Epidemiology
54(10), for the standard error as the vertical axis of a funnel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from sibsim.core.wording import percent
from sibsim.errors import ArgumentError
from sibsim.evidence.estimates import SCALE_WORDS, figure
from sibsim.evidence.small_studies import P_DECIMALS, egger_test
from sibsim.reports.plots import BANDS, DARK, MIDDLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sibsim.core.arrays import FloatArray
    from sibsim.evidence.influence import LeaveOneOut
    from sibsim.evidence.meta import MetaAnalysis
    from sibsim.evidence.prior import Prior

WIDTH, ROW, MARGIN = 8.0, 0.27, 1.2
"""Inches of a new picture: its width, a row, and what title and axis take."""

FUNNEL_SIZE = (7.0, 4.5)
"""Inches of a new funnel."""

GAP = 0.6
"""Rows left free above what is put together."""

HALF_DIAMOND = 0.32
"""Half the height of a diamond, in rows."""

LARGEST_SQUARE = 90.0
"""Area of the square of the study with the largest weight, in square points; of others less by
their weight."""

SMALLEST_SQUARE = 4.0
"""Area below which a square would not be seen."""

BAND_HEIGHTS = (0.24, 0.48)
"""Heights of the bands of a prior, in rows: nine tenths and the middle half."""

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

FUNNEL_DEPTH = 1.08
"""How far a funnel reaches, in the largest standard errors."""

MEAN, NEXT_PLACE = "mean over places", "next place"
"""What the two rows below the studies are called."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a forest."""

    name: str
    """What stands to the left."""

    texts: tuple[str, ...]
    """What stands to the right, one text per column."""


def forest(found: MetaAnalysis, *, ax: Axes | None = None) -> Axes:
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
    """
    studies, level = found.studies, percent(found.level).in_language("en")
    ends = found.table()[_ENDS].to_numpy(dtype=float)
    *of_studies, mean, next_place = ends
    shown = zip(studies.names, of_studies, found.weights, strict=True)
    rows = [_Row(name, (_interval(each), _share(weight))) for name, each, weight in shown]
    rows += [_Row(MEAN, (_interval(mean), "")), _Row(NEXT_PLACE, (_range(next_place), ""))]
    places = _places(len(rows), together=2)
    ax = _axes(ax, rows=len(rows))
    area = LARGEST_SQUARE * found.weights / found.weights.max()
    _squares(ax, ends[:-2], places=places[:-2], area=area)
    _diamond(ax, found, place=places[-2])
    low, high = next_place[1:]
    ax.hlines(places[-1], low, high, color=MIDDLE, linewidth=6, label=NEXT_PLACE, zorder=2)
    ax.plot([low, high], [places[-1]] * 2, color="black", linestyle="", marker="|", markersize=9)
    name = SCALE_WORDS[found.scale].in_language("en")
    _write(ax, rows, places=places, heads=(f"{name}\n({level} interval)", "weight"))
    _horizontal(ax, name=name, is_ratio=studies.is_ratio)
    ax.set_title(studies.outcome or "")
    return ax


def leave_one_out(found: LeaveOneOut, *, ax: Axes | None = None) -> Axes:
    """Draw the mean over places without each study in turn, and with all of them.

    Parameters
    ----------
    found
        A leave-one-out analysis.
    ax
        Axes to draw on; by default new ones.
    """
    whole, ends = found.whole, found.table()[_ENDS].to_numpy(dtype=float)
    level = percent(whole.level).in_language("en")
    shown = zip(whole.studies.names, ends, found.without, strict=True)
    rows = [_Row(f"without {name}", (_interval(row), _share(each.i2))) for name, row, each in shown]
    all_of_them = [whole.shown(each) for each in (whole.estimate, whole.low, whole.high)]
    rows.append(_Row("with all", (_interval(all_of_them), _share(whole.i2))))
    places = _places(len(rows), together=1)
    ax = _axes(ax, rows=len(rows))
    area = np.full(len(ends), LARGEST_SQUARE / 2.0)
    _squares(ax, ends, places=places[:-1], area=area)
    _diamond(ax, whole, place=places[-1])
    name = SCALE_WORDS[whole.scale].in_language("en")
    _write(ax, rows, places=places, heads=(f"{name}\n({level} interval)", "I²"))
    _horizontal(ax, name=name, is_ratio=whole.studies.is_ratio)
    ax.set_title(whole.studies.outcome or "")
    return ax


def funnel(found: MetaAnalysis, *, egger_line: bool = False, ax: Axes | None = None) -> Axes:
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

    Raises
    ------
    ArgumentError
        If there are moderators; with `egger_line`, if there are too few studies or all are as sure.
    """
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
        label="studies",
    )
    ax.plot([found.shown(found.estimate)] * 2, depth, color=DARK, label=MEAN)
    limits = f"{percent(found.level).in_language('en')} of studies, were places alike"
    for side, label in ((-1.0, limits), (1.0, "_")):
        ends = studies.shown(found.estimate + side * reach)
        ax.plot(ends, depth, color="black", linestyle="--", linewidth=0.9, label=label)
    if egger_line:
        test = egger_test(studies)
        ends = studies.shown(test.intercept + test.slope * depth)
        label = f"Egger's test, p = {test.p:.{P_DECIMALS}f}"
        ax.plot(ends, depth, color="black", linestyle=":", linewidth=1.8, label=label)
    ax.set_ylim(depth[1], 0.0)
    name = SCALE_WORDS[studies.scale].in_language("en")
    ax.set_ylabel(f"standard error{' of its logarithm' if studies.is_ratio else ''}")
    _horizontal(ax, name=name, is_ratio=studies.is_ratio)
    ax.set_title(studies.outcome or "")
    ax.legend(fontsize="small", framealpha=0.8, edgecolor="black", loc="best")
    return ax


def priors(found: Mapping[str, Prior], *, ax: Axes | None = None) -> Axes:
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

    Raises
    ------
    ArgumentError
        If there is none, or they are on several scales.
    """
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
    rows = [_Row(name, (_interval(ends), _harm(each))) for (name, each), ends in shown]
    places = _places(len(rows), together=0)
    ax = _axes(ax, rows=len(rows) + 1)
    for place, prior, (median, *_) in zip(places, found.values(), quantiles, strict=True):
        for (low, high, colour), height in zip(BANDS, BAND_HEIGHTS, strict=True):
            left, right = prior.quantiles((low, high)).values()
            ax.barh(place, right - left, left=left, color=colour, height=height, edgecolor="black")
        ax.plot([median] * 2, [place - GAP / 2, place + GAP / 2], color=DARK, linewidth=2)
    name = "value" if scale is None else scale.replace("_", " ")
    _write(ax, rows, places=places, heads=(f"{name}\n(90 % range)", "harm"))
    is_ratio = next(iter(found.values())).is_ratio
    has_no_effect = any(each.p_harm is not None for each in found.values())
    _horizontal(ax, name=name, is_ratio=is_ratio, no_effect=has_no_effect)
    return ax


_NINE_TENTHS = (0.05, 0.95)
"""Probabilities of the ends that stand beside a prior."""

_ENDS = ["estimate", "low", "high"]
"""Columns of the tables of an effect."""


def _interval(ends: Iterable[float]) -> str:
    """Return an estimate and its ends as `0.49 (0.34 to 0.70)`."""
    estimate, low, high = (figure(float(each)).in_language("en") for each in ends)
    return f"{estimate} ({low} to {high})"


def _range(ends: Iterable[float]) -> str:
    """Return ends alone, beside an estimate that stands one row above."""
    _, low, high = (figure(float(each)).in_language("en") for each in ends)
    return f"({low} to {high})"


def _share(value: float) -> str:
    return f"{value:.1%}".replace("%", " %")


def _harm(prior: Prior) -> str:
    """Return how likely harm is in whole per cents; nothing where the scale does not tell."""
    if prior.p_harm is None:
        return ""
    rare = 0.0 < prior.p_harm < HALF_A_PER_CENT
    return "under 1 %" if rare else f"{prior.p_harm:.0%}".replace("%", " %")


def _places(rows: int, *, together: int) -> FloatArray:
    """Return where each row stands, from the top; the last `together` below a gap."""
    place = np.arange(rows, dtype=np.float64)
    return np.where(place < rows - together, place, place + GAP)


def _squares(ax: Axes, ends: FloatArray, *, places: FloatArray, area: FloatArray) -> None:
    """Draw estimates as squares on their intervals, (n, 3)."""
    estimate, low, high = ends.T
    ax.hlines(places, low, high, color="black", linewidth=1.0, zorder=2, label="intervals")
    size = np.maximum(area, SMALLEST_SQUARE)
    ax.scatter(estimate, places, s=size, marker="s", color=DARK, zorder=3, label="studies")


def _diamond(ax: Axes, found: MetaAnalysis, *, place: float) -> None:
    """Draw the mean with its interval, and a dashed line through it."""
    low, middle, high = (found.shown(each) for each in (found.low, found.estimate, found.high))
    across = [place, place - HALF_DIAMOND, place, place + HALF_DIAMOND]
    ax.fill([low, middle, high, middle], across, color=DARK, label=MEAN, zorder=3)
    ax.plot([middle] * 2, [-GAP, place], color=DARK, linestyle="--", linewidth=0.9, zorder=1)


def _write(ax: Axes, rows: Sequence[_Row], *, places: FloatArray, heads: Sequence[str]) -> None:
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


def _horizontal(ax: Axes, *, name: str, is_ratio: bool, no_effect: bool = True) -> None:
    """Label the axis of the effect; a ratio stands on a logarithmic one."""
    from matplotlib.ticker import AutoLocator, LogLocator, NullFormatter, NullLocator

    neutral = 1.0 if is_ratio else 0.0
    if no_effect:
        ax.axvline(neutral, color="black", linewidth=0.8, zorder=0)
        name = f"{name}; {neutral:g} is no effect"
    ax.set_xlabel(name)
    if is_ratio:
        ax.set_xscale("log")
    ax.use_sticky_edges = False
    ax.margins(x=MARGIN_OF_AXIS)
    ax.autoscale(axis="x")
    if not is_ratio:
        return
    low, high = ax.get_xlim()
    locator = LogLocator(subs=(1.0, 2.0, 5.0)) if high / low < MANY_DECADES else LogLocator()
    ax.xaxis.set_major_locator(AutoLocator() if high / low < FEW_TIMES else locator)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())


def _axes(ax: Axes | None, *, rows: int = 0, size: tuple[float, float] | None = None) -> Axes:
    """Return the axes given, or new ones as high as the rows need."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    size = size or (WIDTH, MARGIN + ROW * rows)
    return plt.subplots(figsize=size, layout="constrained")[1]
