"""From referred to paid: people who come, and of each payment line the results that follow.

People are counted once; results of a line are counted over all cohorts and follow-ups that it pays
for, so that a person may count several times. *Achieved*, *reported* and *paid* are those of
`Results.outcomes`. A line whose results are no yes or no, such as days, stands on a scale of its
own, on which its longest bar is as long as the bar of those who start.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.amounts import in_both
from sibsim.core.arrays import summed
from sibsim.core.wording import UNITS, Language, language, said
from sibsim.payments.base import PaymentModel
from sibsim.reports.plots.style import (
    DARK,
    EDGE,
    HEAD,
    LIGHT,
    MIDDLE,
    ROW,
    headed,
    line_title,
    new_axes,
    rows_below,
)
from sibsim.reports.plots.words import averaged, in_capitals, word
from sibsim.reports.replay import blocks_of
from sibsim.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sibsim.case import Case

WIDTH = 8.0
"""Inches of a new picture."""

ROOM_FOR_NUMBERS = 0.14
"""Share of the longest bar that is left free beside it for its number."""

GAP = 0.6
"""Rows left free between the groups."""

HEIGHT = 0.78
"""Height of a bar, in rows."""

SMALL = 10.0
"""Numbers below it have one decimal."""

LOOKS = {"true": (DARK, ""), "reported": (MIDDLE, ""), "paid": (LIGHT, "///")}
"""Colour and hatching of what is counted of a line, by column of `Results.outcomes`."""

STEPS = {"true": "achieved", "reported": "reported", "paid": "paid"}
"""Word of each column."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Bars that belong together."""

    title: str
    """What they count."""

    names: tuple[str, ...]
    """What each bar is."""

    numbers: tuple[float, ...]
    """How many; NaN where it is not counted."""

    looks: tuple[tuple[str, str], ...]
    """Colour and hatching of each bar."""

    own_scale: bool = False
    """Whether its unit is another than people."""


def payment_funnel(results: Results, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw how many are referred, start and complete, and what of results is reported and paid.

    Parameters
    ----------
    results
        A run or base case; a run is realised again from its seed.
    ax
        Axes to draw on; by default new ones, as high as the lines need.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If the results are a settlement whose reports were not kept, or the language is not known.
    """
    lang = language(lang)
    groups = [_who_comes(results, lang), *_lines(results, lang)]
    rows = sum(len(each.names) for each in groups) + GAP * (len(groups) - 1) + len(groups)
    ax = new_axes(ax, size=(WIDTH, HEAD + ROW * rows * 0.9))
    people = max(groups[0].numbers)
    place, longest, ticks = 0.0, people, {}
    for group in groups:
        scale = 1.0
        if group.own_scale:
            scale = groups[0].numbers[1] / (np.nanmax(np.abs(group.numbers)) or 1.0)
        ax.text(
            0.0,
            place,
            group.title,
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize="small",
            fontweight="bold",
        )
        place += 1.0
        for name, number, (colour, hatch) in zip(
            group.names, group.numbers, group.looks, strict=True
        ):
            length = 0.0 if math.isnan(number) else number * scale
            ax.barh(place, length, HEIGHT, color=colour, hatch=hatch, edgecolor=EDGE)
            text = word("not by result", lang) if math.isnan(number) else _number(number, lang)
            ax.annotate(
                text,
                (max(length, 0.0), place),
                (4, 0),
                textcoords="offset points",
                va="center",
                fontsize="small",
            )
            longest, ticks[place] = max(longest, length), name
            place += 1.0
        place += GAP
    ax.set_yticks(list(ticks), list(ticks.values()))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(place - GAP - 0.4, -0.6)
    low = ax.get_xlim()[0]
    ax.set_xlim(min(low, 0.0), longest * (1.0 + ROOM_FOR_NUMBERS))
    ax.set_xticks([])
    for side in ("right", "top", "bottom"):
        ax.spines[side].set_visible(False)
    headed(ax, word("funnel", lang))
    rows_below(ax, "", word("funnel note", lang, averaged=averaged(results, lang)))
    return ax


def _who_comes(results: Results, lang: Language) -> _Group:
    """Return how many are referred, start and complete, mean over draws, of cohorts served."""
    steps = ("referred", "started", "completed")
    totals = dict.fromkeys(steps, 0.0)
    for world, accounts, draws in blocks_of(results):
        served, who = accounts.standing.served, world.participation
        for step in steps:
            each = summed(getattr(who, step) * served)
            totals[step] += float(np.broadcast_to(each, (max(draws, len(each)),))[:draws].sum())
    return _Group(
        title=in_capitals(word("people", lang)),
        names=tuple(word(step, lang) for step in steps),
        numbers=tuple(total / results.draws for total in totals.values()),
        looks=(("white", ""),) * len(steps),
    )


def _lines(results: Results, lang: Language) -> Iterator[_Group]:
    """Yield what each payment line that reads a measure pays for."""
    case, table = results.case, results.outcomes()
    for name, row in table.iterrows():
        line = case.contract.payments[str(name)]
        outcome = case.outcomes[case.measures[line.readings[0].measure].outcome]
        months = ", ".join(map(str, paid_months(case, line)))
        title = word("at months", lang, title=line_title(case, str(name), lang=lang), months=months)
        if line.cohorts is not None:
            cohorts = ", ".join(map(str, line.cohorts))
            title = word("of cohorts", lang, title=title, cohorts=cohorts)
        if not outcome.is_indicator:
            unit = UNITS[outcome.counted_in][1] if outcome.counted_in in UNITS else ""
            title = word("own scale", lang, title=title, unit=unit or outcome.counted_in)
        yield _Group(
            title=title,
            names=tuple(word(STEPS[column], lang) for column in STEPS),
            numbers=tuple(float(row[column]) for column in STEPS),
            looks=tuple(LOOKS.values()),
            own_scale=not outcome.is_indicator,
        )


def paid_months(case: Case, line: PaymentModel) -> tuple[int, ...]:
    """Return the follow-ups that a line pays for by what it reads first, months from the start.

    Parameters
    ----------
    case
        The case.
    line
        One of its payment lines, which reads a measure.
    """
    reading = line.readings[0]
    measured = case.outcomes[case.measures[reading.measure].outcome].follow_up_months
    prices = line.person_prices(measured) or (1.0,) * len(measured)
    return tuple(
        months
        for months, price in zip(measured, prices, strict=True)
        if price > 0 and months in (reading.at_months or measured)
    )


def _number(value: float, lang: Language) -> str:
    """Return a number beside its bar; small ones with one decimal."""
    digits = 1 if abs(value) < SMALL and value != round(value) else 0
    return said(in_both(f"{value:,.{digits}f}"), lang)
