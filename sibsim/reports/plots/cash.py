"""A party's cash over time: money in and out by year, and the fan of its running sum.

`investor` stands for all tranches that put money in and claim it back: drawings are at the start of
a period, receipts and guarantees at its end, so that the most that is out is the metric
`investor_peak_capital`. Of ledger parties all is at the end of a period. Memo rows move no money.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sibsim.budget.ledger import by_year
from sibsim.core.amounts import rounded
from sibsim.core.arrays import FloatArray, added
from sibsim.core.wording import Language, language, percent
from sibsim.metrics import ROUNDING
from sibsim.reports.cash import check_party, kept_postings
from sibsim.reports.plots.style import (
    BANDS,
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
from sibsim.reports.plots.words import averaged, counted_draws, party_title, word
from sibsim.results import INVESTOR, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MONTHS_PER_YEAR = 12
"""Months in a year."""

BAR_WIDTH = 0.8
"""Width of the bar of a year, in years."""

HATCH = "///"
"""Hatching of money out, which tells it from money in without colour."""

MOST_YEARS = 12
"""Years that are written below the bars; of more every second one and so on."""

HALF_A_DAY = 0.001
"""Years by which a node may miss the year it opens, since quarters are added up."""


def cash_flow(
    results: Results, party: str = INVESTOR, *, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Draw what a party receives and pays by year, and how much it has out in all.

    Bars are means over the draws, or the base case; the line is their running sum by period, its
    deepest point marked.

    Parameters
    ----------
    results
        A run that kept its flows.
    party
        A ledger party, or `investor`.
    ax
        Axes to draw on; by default new ones.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError, UnknownNameError
        If the run did not keep flows, the language is not known, or no party is so named.
    """
    lang = language(lang)
    received, paid = (each.mean(axis=1, keepdims=True) for each in _in_and_out(results, party))
    ax, case = new_axes(ax), results.case
    years = np.array(case.timeline.years) + 0.5
    yearly = [by_year(each, case.timeline)[:, 0] for each in (received, -paid)]
    ax.bar(years, yearly[0], BAR_WIDTH, color=MIDDLE, edgecolor=EDGE, label=word("money in", lang))
    ax.bar(
        years,
        yearly[1],
        BAR_WIDTH,
        color=LIGHT,
        edgecolor=EDGE,
        hatch=HATCH,
        label=word("money out", lang),
    )
    nodes = _nodes(received[:, 0], paid[:, 0], party=party)
    running, when = np.cumsum(nodes), _dates(results, nodes=len(nodes))
    ax.plot(when, running, color=EDGE, linewidth=1.6, label=word("cumulative", lang))
    _mark_deepest(ax, results, when=when, running=running, lang=lang)
    ax.axhline(0.0, color=EDGE, linewidth=0.8)
    _label(ax, results, amounts=(running, *yearly), lang=lang)
    shown = slice(None, None, 1 + len(years) // MOST_YEARS)
    ax.set_xticks(years[shown], [str(each) for each in results.case.timeline.years[shown]])
    headed(ax, word("money by year", lang, party=party_title(results, party, lang=lang)))
    draws = counted_draws(results.draws)
    note = word("means", lang, draws=draws) if results.kind == "run" else averaged(results, lang)
    rows_below(ax, "", note)
    legend(ax)
    return ax


def cumulative_cash(
    results: Results, party: str = INVESTOR, *, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Draw a party's cumulative cash flow: median, middle half and nine tenths of all draws.

    Parameters
    ----------
    results
        A run that kept its flows.
    party
        A ledger party, or `investor`.
    ax
        Axes to draw on; by default new ones.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError, UnknownNameError
        If the run did not keep flows, the language is not known, or no party is so named.
    """
    lang = language(lang)
    flow = _from_zero(results.party_flow(party))
    ax, when = new_axes(ax), _dates(results, nodes=len(flow))
    if results.kind == "run":
        for low, high, colour in BANDS:
            bottom, top = np.quantile(flow, [low, high], axis=1)
            name = word("of draws", lang, share=percent(round(high - low, 2)))
            ax.fill_between(when, bottom, top, color=colour, label=name, linewidth=0)
        ax.plot(when, np.median(flow, axis=1), color=DARK, label=word("median", lang))
    one = flow if results.kind != "run" else _from_zero(results.base_case().party_flow(party))
    ax.plot(when, one[:, 0], color=EDGE, linestyle=":", label=word("base case", lang))
    ax.axhline(0.0, color=EDGE, linewidth=0.8)
    _label(ax, results, amounts=(flow,), lang=lang)
    year_axis(ax.xaxis)
    headed(ax, word("cumulative cash", lang, party=party_title(results, party, lang=lang)))
    if party == INVESTOR:
        rows_below(ax, "", word("at ends", lang))
    legend(ax)
    return ax


def _from_zero(flow: FloatArray) -> FloatArray:
    """Return running sums from before the first period on, (T + 1, D)."""
    return np.vstack([np.zeros((1, flow.shape[1])), np.cumsum(flow, axis=0)])


def _in_and_out(results: Results, party: str) -> tuple[FloatArray, FloatArray]:
    """Return what a party receives and what it pays, (T, 1 or D) each, never negative."""
    postings, shape = kept_postings(results), (results.case.timeline.periods, 1)
    if party != INVESTOR:
        check_party(results, party)
        moved = [each for each in postings if each.kind != "memo"]
        return (
            added((each.amount for each in moved if each.payee == party), shape=shape),
            added((each.amount for each in moved if each.payer == party), shape=shape),
        )
    capital = results.case.contract.capital
    invested = capital.investments if capital else ()
    guarantees = capital.guarantees if capital else {}
    covered = [name for name, each in guarantees.items() if each.tranche in invested]
    put_in = {f"capital.{name}.drawing" for name in invested}
    back = {
        *(f"capital.{name}.repayment" for name in invested),
        *(f"capital.{name}.guarantee" for name in covered),
    }
    return (
        added((each.amount for each in postings if each.line in back), shape=shape),
        added((each.amount for each in postings if each.line in put_in), shape=shape),
    )


def _nodes(received: FloatArray, paid: FloatArray, *, party: str) -> FloatArray:
    """Return flows on the T + 1 nodes of time: what an investor pays is at the start of a period.

    Parameters
    ----------
    received, paid
        Money in and out by period, (T,).
    party
        Whose it is.
    """
    nodes = np.zeros(len(received) + 1)
    nodes[1:] += received
    start = slice(None, -1) if party == INVESTOR else slice(1, None)
    nodes[start] -= paid
    return nodes


def _dates(results: Results, *, nodes: int) -> FloatArray:
    """Return the nodes of time as calendar years, (T + 1,)."""
    timeline = results.case.timeline
    first = timeline.start.year + (timeline.start.month - 1) / MONTHS_PER_YEAR
    dates: FloatArray = first + np.arange(nodes) / timeline.periods_per_year
    return dates


def _mark_deepest(
    ax: Axes, results: Results, *, when: FloatArray, running: FloatArray, lang: Language
) -> None:
    """Mark the deepest point of a running sum and say its amount and year."""
    at = int(np.argmin(running))
    if running[at] >= -ROUNDING:
        ax.plot([], [], linestyle="", label=word("never below", lang))
        return
    amount = rounded(float(running[at]), currency=results.case.head.currency)
    text = word("deepest", lang, amount=amount, year=str(int(when[at] + HALF_A_DAY)))
    ax.plot(when[at], running[at], color=EDGE, marker="o", linestyle="", label=text)


def _label(ax: Axes, results: Results, *, amounts: tuple[FloatArray, ...], lang: Language) -> None:
    """Label an axis of money and one of calendar years."""
    currency, largest = results.case.head.currency, furthest(*amounts)
    unit = money_axis(ax.yaxis, largest=largest, currency=currency, lang=lang)
    ax.set_ylabel(word("current prices", lang, unit=unit))
