"""Where the capital's money comes from and where it goes, tranche by tranche, summing to zero.

Into the account of the contract come drawings, outcome payments less what of claims is set off
against them, and what is owed at an early end; out of it go costs, what the tranches receive,
surplus, and what is left. Principal repaid is what was drawn by the last payment less the principal
that is then open; the rest of what a tranche receives is its return, coupon included. A guarantee
is paid to its tranche beside the account and stands on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sibsim.accounts import Accounts
from sibsim.case import Case
from sibsim.core.amounts import rounded
from sibsim.core.arrays import FloatArray, added, summed
from sibsim.core.wording import Language, language, said
from sibsim.metrics import ROUNDING
from sibsim.reports.plots.style import (
    BESIDE_NAMES,
    DARK,
    EDGE,
    HEAD,
    LIGHT,
    ROW,
    furthest,
    headed,
    lines_of,
    money_axis,
    new_axes,
    plain,
    rows_below,
)
from sibsim.reports.plots.words import averaged, in_capitals, word
from sibsim.reports.replay import blocks_of
from sibsim.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 8.0
"""Inches of a new picture."""

ROOM_FOR_AMOUNTS = 0.16
"""Share of the width that is left free to the right for amounts."""

HEIGHT = 0.7
"""Height of a bar, in rows."""

Key = tuple[str, str]
"""What an amount is and of which tranche; empty: of none."""


def tranche_waterfall(results: Results, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what comes in (drawn, paid, guaranteed) and where it goes, as a waterfall to zero.

    Sums over the whole case, mean over the draws or the base case, current prices.

    Parameters
    ----------
    results
        A run, base case or settlement; a run is realised again from its seed.
    ax
        Axes to draw on; by default new ones, as high as the rows need.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If the results are a settlement whose reports were not kept, or the language is not known.
    """
    lang, amounts = language(lang), _amounts(results)
    shown = {key: each for key, each in amounts.items() if abs(each) > ROUNDING}
    ax = new_axes(ax, size=(WIDTH, HEAD + ROW * len(shown)))
    case, level, levels = results.case, 0.0, [0.0]
    for place, amount in enumerate(shown.values()):
        colour, hatch = (DARK, "") if amount > 0 else (LIGHT, "///")
        ax.barh(place, amount, HEIGHT, left=level, color=colour, hatch=hatch, edgecolor=EDGE)
        after = level + amount
        ax.plot([after, after], [place, place + 1.0], color=EDGE, linewidth=0.7)
        right = max(level, after)
        text = said(rounded(amount, currency=case.head.currency), lang)
        ax.annotate(
            text,
            (right, place),
            (5, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
        )
        level = after
        levels.append(level)
    names = [lines_of(_title(case, key, lang=lang)) for key in shown]
    ax.set_yticks(range(len(shown)), names)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.axvline(0.0, color=EDGE, linewidth=0.8)
    top = furthest(levels)
    ax.set_xlim(min(*levels, 0.0), max(top, 1.0) * (1.0 + ROOM_FOR_AMOUNTS))
    unit = money_axis(ax.xaxis, largest=top, currency=case.head.currency, lang=lang)
    headed(ax, word("waterfall", lang), share=BESIDE_NAMES)
    rows_below(
        ax, word("current prices", lang, unit=unit), averaged(results, lang), share=BESIDE_NAMES
    )
    return ax


def _amounts(results: Results) -> dict[Key, float]:
    """Return the mean of every movement, in positive and out negative; they sum to zero."""
    totals: dict[Key, float] = {}
    for _, accounts, draws in blocks_of(results):
        for key, each in _movements(results.case, accounts):
            whole = np.broadcast_to(each, (max(draws, len(each)),))[:draws]
            totals[key] = totals.get(key, 0.0) + float(whole.sum())
    return {key: total / results.draws for key, total in totals.items()}


def _movements(case: Case, accounts: Accounts) -> Iterator[tuple[Key, FloatArray]]:
    """Yield what comes in, then what goes out, by draw, (1 or D,) each."""
    account, funding = accounts.capital, accounts.funding
    terms, shape = account.capital, account.balance.shape
    for name, drawn in account.drawn.items():
        yield ("drawn", name), summed(drawn)
    paid = added(accounts.payments.paid.values(), shape=shape)
    yield ("payments", ""), summed(paid - added(funding.set_off.values(), shape=shape))
    yield ("compensation", ""), summed(account.compensation)
    covered = {name: terms.guarantees[name].tranche for name in account.guarantee_paid}
    for name, of in covered.items():
        yield ("guarantee", of), summed(account.guarantee_paid[name])
    called = summed(np.broadcast_to(funding.called_back, shape))
    yield ("costs", ""), called - summed(account.funded)
    yield ("returned", ""), -called
    last = _last_payment(case)
    for name, tranche in terms.tranches.items():
        received = summed(account.received[name])
        if not tranche.is_drawn:
            yield ("fee", name), -received
            continue
        if not tranche.is_investment:
            continue
        repaid = summed(account.drawn[name][: last + 1]) - account.lost[name]
        yield ("principal", name), -repaid
        yield ("return", name), repaid - received
    for name, of in covered.items():
        yield ("covered", of), -summed(account.guarantee_paid[name])
    yield ("surplus", ""), -summed(account.surplus)
    yield ("left", ""), -account.balance[-1]


def _last_payment(case: Case) -> int:
    """Return the period of the last payment."""
    terms, timeline = case.contract.terms, case.timeline
    assert terms is not None  # noqa: S101 - a case that was run has them
    return int(timeline.period_at(np.array(timeline.months_at(terms.last_payment))))


def _title(case: Case, key: Key, *, lang: Language) -> str:
    """Return what an amount is called, with the investor behind its tranche."""
    what, tranche = key
    investors = dict(case.problem.investors) if case.problem else {}
    capital = case.contract.capital
    behind = capital.investor(tranche) if capital and tranche else ""
    named = plain(investors.get(behind, tranche.replace("_", " ")))
    shared = (
        [each for each in capital.tranches if capital.investor(each) == behind] if capital else []
    )
    alone = len(shared) <= 1
    title = named if alone else f"{named} ({plain(tranche.replace('_', ' '))})"
    return in_capitals(word(what, lang, tranche=title))
