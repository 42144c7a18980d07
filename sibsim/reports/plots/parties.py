"""Who gains and who pays, year by year: the net of each public party and of the citizens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sibsim.budget.ledger import by_year, parties, realised_net
from sibsim.core.arrays import FloatArray
from sibsim.core.wording import language
from sibsim.metrics import PUBLIC_PARTIES, ROUNDING
from sibsim.reports.cash import kept_postings
from sibsim.reports.municipal_money import CITIZENS
from sibsim.reports.plots.style import (
    DARK,
    EDGE,
    LIGHT,
    MIDDLE,
    furthest,
    headed,
    legend,
    money_axis,
    new_axes,
    rows_below,
    year_axis,
)
from sibsim.reports.plots.words import averaged, party_title, word
from sibsim.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR_WIDTH = 0.8
"""Width of a bar, in years."""

LOOKS = {
    PUBLIC_PARTIES[0]: (DARK, ""),
    "region": ("white", "..."),
    "state": (MIDDLE, "///"),
    CITIZENS: (LIGHT, ""),
}
"""Colour and hatching of each party, the same in every case, told apart by brightness and
pattern."""

OTHER_LOOK = ("lightgrey", "xxx")
"""Those of an authority that is none of these."""


def who_saves(results: Results, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what municipality, region, state and citizens gain or lose in each year, stacked.

    Net flows with payments, capital and costs, mean over the draws or the base case, current
    prices; savings that no budget can take out are left out, so that the bars of the municipality
    add up to the mean of `municipality_net`. An authority that is another party stands first.

    Parameters
    ----------
    results
        A run that kept its flows.
    ax
        Axes to draw on; by default new ones.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If the run did not keep flows, or the language is not known.
    """
    lang = language(lang)
    ax, years = new_axes(ax), np.array(results.case.timeline.years)
    nets = _nets(results)
    above, below = np.zeros(len(years)), np.zeros(len(years))
    for party, net in nets.items():
        colour, hatch = LOOKS.get(party, OTHER_LOOK)
        start = np.where(net >= 0, above, below)
        ax.bar(
            years,
            net,
            BAR_WIDTH,
            bottom=start,
            color=colour,
            hatch=hatch,
            edgecolor=EDGE,
            linewidth=0.6,
            label=party_title(results, party, lang=lang),
        )
        above, below = above + np.maximum(net, 0.0), below + np.minimum(net, 0.0)
    whole = above + below
    name = word("net of all", lang)
    ax.plot(years, whole, color=EDGE, marker="D", markersize=4, markerfacecolor="white", label=name)
    ax.axhline(0.0, color=EDGE, linewidth=0.8)
    year_axis(ax.xaxis)
    unit = money_axis(
        ax.yaxis, largest=furthest(above, below), currency=results.case.head.currency, lang=lang
    )
    ax.set_ylabel(word("current prices", lang, unit=unit))
    headed(ax, word("who saves", lang))
    rows_below(ax, "", f"{averaged(results, lang)}; {word('not all parties', lang)}")
    legend(ax)
    return ax


def _nets(results: Results) -> dict[str, FloatArray]:
    """Return the mean net of each party by year, those that money moves to or from."""
    postings, timeline = kept_postings(results), results.case.timeline
    problem = results.case.problem
    authority = problem.authority if problem else PUBLIC_PARTIES[0]
    present = parties(postings)
    nets = {}
    for party in dict.fromkeys((authority, *PUBLIC_PARTIES, CITIZENS)):
        if party not in present:
            continue
        flow = realised_net(postings, party, periods=timeline.periods)
        yearly = by_year(flow.mean(axis=1, keepdims=True), timeline)[:, 0]
        if np.abs(yearly).max() > ROUNDING:
            nets[party] = yearly
    return nets
