"""What all pictures share: brightnesses, axes, units of money, and text that is drawn as it stands.

Series differ in brightness, hatching or line style, not in hue alone, so that they can be told
apart in greyscale and by readers who see colours otherwise. Text of a case is never read as
mathematics, and what a font cannot draw is drawn as a box.
"""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from sibsim.case import Case
from sibsim.core.amounts import in_both
from sibsim.core.wording import KRONER, Language, percent, said
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.metric_words import value_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

MILLION, THOUSAND = 1e6, 1e3
"""Units of money on axes."""

IN_THOUSANDS_FROM = 1e4
"""Smaller amounts stand on an axis in whole currency."""

DARK, MIDDLE, LIGHT = "#1b4965", "#5fa8d3", "#cae9ff"
"""Three brightnesses of one colour: lines, middle half, nine tenths."""

BANDS = ((0.05, 0.95, LIGHT), (0.25, 0.75, MIDDLE))
"""Bands of a fan: lower and upper quantile, colour; the widest first."""

SIZE = (7.0, 4.0)
"""Inches of a new picture."""

HEAD, ROW = 1.4, 0.34
"""Inches that title and axis of a picture of rows take, and a row of it."""

LONGEST_NAME, LONGEST_TITLE = 60, 80
"""Characters of a name beside a bar and of a title, of which more would leave the picture."""

LINE = 34
"""Characters of a line of a name beside a bar."""

TITLE_LINE, NOTE_LINE = 58, 80
"""Characters of a line of a title, and of a note below a picture of the usual width."""

BESIDE_NAMES = 0.65
"""Share of these lines that is left where names take the left part of a picture."""

LONGEST_HEAD = 44
"""Characters of a name that stands alone on the first line of a title."""

ELLIPSIS = "…"
"""Stands where a text is cut."""

BOX = "\N{WHITE SQUARE}"
"""Stands for a character that the font does not have."""

DOLLAR = "\ue000"
"""Stands for an escaped `$` while lines are broken; a character of no text that is drawn."""

EDGE = "black"
"""Colour of outlines."""

TICK_DIGITS = 10
"""Significant digits of a number at a tick: more than any axis needs, fewer than rounding shows."""


def new_axes(ax: Axes | None, *, size: tuple[float, float] = SIZE) -> Axes:
    """Return the axes given, or new ones of a size in inches; what is no axes is refused."""
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.subplots(figsize=size, layout="constrained")[1]
    if hasattr(ax, "get_xaxis_transform"):
        return ax
    message = (
        f"ax: got {type(ax).__name__}, which is no axes to draw on; give one of plt.subplots(), "
        "such as figure, ax = plt.subplots()"
    )
    raise ArgumentError(message)


def plain(text: str, *, most: int = LONGEST_NAME) -> str:
    """Return a text that is drawn as it stands, cut with an ellipsis where it is too long.

    Control characters and marks of direction are left out, `$` is no mathematics, and no name is
    left out of a legend because of its first character.

    Parameters
    ----------
    text
        Any text.
    most
        Most characters of it.
    """
    from matplotlib import font_manager

    spaced = " ".join(text.split())
    visible = "".join(each for each in spaced if not unicodedata.category(each).startswith("C"))
    if len(visible) > most:
        visible = visible[: most - 1].rstrip() + ELLIPSIS
    font = font_manager.get_font(font_manager.findfont(font_manager.FontProperties()))
    drawn = "".join(each if font.get_char_index(ord(each)) else BOX for each in visible)
    first = " " if drawn.startswith("_") else ""
    return first + drawn.replace("$", r"\$")


def lines_of(text: str, *, width: int = LINE) -> str:
    """Return a text broken into lines, long words too, but never between a `$` and its escape."""
    whole = textwrap.wrap(text.replace(r"\$", DOLLAR), width)
    return "\n".join(whole).replace(DOLLAR, r"\$")


def outcome_title(case: Case, name: str, *, lang: Language) -> str:
    """Return the title of an outcome, its name where it has none, ready to be drawn."""
    title = case.outcomes[name].title
    return plain(title.in_language(lang) if title else name)


def line_title(case: Case, name: str, *, lang: Language) -> str:
    """Return the title of a payment line, or else of the outcome of what it reads first."""
    line = case.contract.payments[name]
    if line.title is not None:
        return plain(line.title.in_language(lang))
    if line.readings:
        return outcome_title(case, case.measures[line.readings[0].measure].outcome, lang=lang)
    return plain(name)


def number_words(value: float) -> Words:
    """Return a number at a tick, as both languages write it."""
    return in_both(f"{value + 0.0:,.{TICK_DIGITS}g}")


def money_axis(axis: Axis, *, largest: float, currency: str, lang: Language) -> str:
    """Write the ticks of an axis of money in a unit of its size; return what the unit is called.

    Parameters
    ----------
    axis
        The axis, on which amounts stand in whole currency.
    largest
        The amount furthest from zero.
    currency
        ISO 4217 code.
    lang
        `da` or `en`.
    """
    kroner = "kr." if currency == KRONER else currency
    size, unit = 1.0, Words(da=kroner, en=currency)
    if largest >= MILLION:
        size, unit = MILLION, Words(da=f"mio. {kroner}", en=f"{currency} million")
    elif largest >= IN_THOUSANDS_FROM:
        size, unit = THOUSAND, Words(da=f"1.000 {kroner}", en=f"{currency} 1,000")
    axis.set_major_formatter(lambda value, _: said(number_words(value / size), lang))
    return unit.in_language(lang)


def share_axis(axis: Axis, *, lang: Language) -> None:
    """Write the ticks of an axis of shares in per cent."""
    axis.set_major_formatter(lambda value, _: said(percent(round(value, TICK_DIGITS) + 0.0), lang))


def number_axis(axis: Axis, *, lang: Language) -> None:
    """Write the ticks of an axis of numbers as the language writes them."""
    axis.set_major_formatter(lambda value, _: said(number_words(value), lang))


def metric_axis(axis: Axis, metric: str, *, largest: float, currency: str, lang: Language) -> str:
    """Write the ticks of an axis of a metric; return its unit, empty where it has none.

    Parameters
    ----------
    axis
        The axis.
    metric
        Name of the metric, which says what it is measured in.
    largest
        The value furthest from zero.
    currency
        ISO 4217 code of the case's currency.
    lang
        `da` or `en`.
    """
    example = value_words(1.0, metric=metric, currency=currency).in_language("en")
    if currency in example:
        return money_axis(axis, largest=largest, currency=currency, lang=lang)
    if "%" in example:
        share_axis(axis, lang=lang)
    elif metric.endswith("year"):
        year_axis(axis)
    else:
        number_axis(axis, lang=lang)
    return ""


def furthest(*values: object) -> float:
    """Return the size of the number furthest from zero; 0 of nothing that is finite."""
    flat = np.concatenate([np.ravel(np.asarray(each, dtype=np.float64)) for each in values])
    return float(np.abs(flat[np.isfinite(flat)]).max(initial=0.0))


def legend(ax: Axes) -> None:
    """Draw the legend where it hides least."""
    ax.legend(fontsize="small", framealpha=0.8, edgecolor="black", loc="best")


def year_axis(axis: Axis) -> None:
    """Write whole calendar years at the ticks of an axis."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True))
    axis.set_major_formatter(lambda value, _: f"{value:.0f}")


def headed(ax: Axes, *lines: str, share: float = 1.0) -> None:
    """Write the title of a picture, a line that is long on two.

    Parameters
    ----------
    ax
        The axes.
    lines
        Lines of the title.
    share
        Share of the usual width that the axes have.
    """
    width = round(TITLE_LINE * share)
    ax.set_title("\n".join(lines_of(each, width=width) for each in lines))


def rows_below(ax: Axes, label: str, *notes: str, share: float = 1.0) -> None:
    """Write what the horizontal axis shows, and below it what has to be known of the picture.

    Parameters
    ----------
    ax
        The axes.
    label
        What the axis shows; empty: nothing.
    notes
        What has to be known; empty ones are left out.
    share
        Share of the usual width that the axes have.
    """
    width = round(NOTE_LINE * share)
    ax.set_xlabel("\n".join(lines_of(each, width=width) for each in (label, *notes) if each))
