"""Pictures of a run. Every function takes `ax`, returns it, and never shows or saves anything.

They work in greyscale: series differ in brightness, hatching or line style, not in hue alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sibsim.results import INVESTOR, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MILLION = 1e6
"""Money on axes is in millions."""

DARK, MIDDLE, LIGHT = "#1b4965", "#5fa8d3", "#cae9ff"
"""Three brightnesses of one colour: lines, middle half, nine tenths."""

BANDS = ((0.05, 0.95, LIGHT), (0.25, 0.75, MIDDLE))
"""Bands of a fan: lower and upper quantile, colour; the widest first."""


def cumulative_cash(results: Results, party: str = INVESTOR, *, ax: Axes | None = None) -> Axes:
    """Draw a party's cumulative cash flow: median, middle half and nine tenths of all draws.

    Parameters
    ----------
    results
        A run that kept its flows.
    party
        A ledger party, or `investor`.
    ax
        Axes to draw on; by default new ones.
    """
    ax = _axes(ax)
    timeline = results.case.timeline
    flow = np.cumsum(results.party_flow(party), axis=0) / MILLION
    flow = np.vstack([np.zeros((1, flow.shape[1])), flow])
    years = timeline.start.year + np.arange(len(flow)) / timeline.periods_per_year
    for low, high, colour in BANDS:
        bottom, top = np.quantile(flow, [low, high], axis=1)
        ax.fill_between(
            years, bottom, top, color=colour, label=f"{high - low:.0%} of draws", linewidth=0
        )
    ax.plot(years, np.median(flow, axis=1), color=DARK, label="median")
    if not results.is_base_case:
        base = np.cumsum(results.base_case().party_flow(party)[:, 0]) / MILLION
        ax.plot(years, np.r_[0.0, base], color="black", linestyle=":", label="base case")
    ax.axhline(0.0, color="black", linewidth=0.8)
    ax.set_title(f"{party}: cumulative cash")
    ax.set_ylabel(f"{results.case.head.currency} million, current prices")
    ax.legend(fontsize="small", framealpha=0.8, edgecolor="black", loc="best")
    return ax


def goals(results: Results, *, ax: Axes | None = None) -> Axes:
    """Draw for each goal that is a share what is achieved over the draws, and the target.

    Parameters
    ----------
    results
        A run.
    ax
        Axes to draw on; by default new ones.
    """
    ax = _axes(ax)
    rows = [
        (name, outcome)
        for name, outcome in reversed(list(results.case.outcomes.items()))
        if outcome.goal is not None and outcome.goal.share is not None
    ]
    labels = []
    for position, (name, outcome) in enumerate(rows):
        months = outcome.goal.at_months if outcome.goal else 0
        last = months == outcome.follow_up_months[-1]
        achieved = results.metric(f"achieved.{name}" if last else f"achieved.{name}.{months}")
        share = np.divide(
            achieved,
            results.metric(f"people.{name}"),
            out=np.zeros_like(achieved),
            where=results.metric(f"people.{name}") > 0,
        )
        for low, high, colour in BANDS:
            left, right = np.quantile(share, [low, high])
            ax.barh(position, right - left, left=left, color=colour, height=0.5)
        ax.plot(np.median(share), position, marker="|", color=DARK, markersize=16)
        target = outcome.goal.share if outcome.goal else None
        ax.plot(
            np.nan if target is None else target, position, marker="D", color="black", markersize=5
        )
        chance = results.metric(f"p_goal.{name}").mean()
        title = outcome.title.in_language("en") if outcome.title else name
        labels.append(f"{title}\n{months} months, P = {chance:.0%}")
    ax.set_yticks(range(len(rows)), labels)
    ax.set_xlim(0.0, 1.0)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set_title("goals: share achieved, target (diamond)")
    return ax


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(7, 4), layout="constrained")[1]
