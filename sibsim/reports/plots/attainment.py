"""Result goals: what is asked for, what is predicted, and what has been reported so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.amounts import chance, in_both
from sibsim.core.arrays import FloatArray
from sibsim.core.wording import Language, counted, language, percent
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.forecast.goals import Outlook, outlooks
from sibsim.outcomes.goal import Goal
from sibsim.reports.plots.style import (
    BANDS,
    BESIDE_NAMES,
    DARK,
    EDGE,
    HEAD,
    headed,
    lines_of,
    new_axes,
    outcome_title,
    rows_below,
    share_axis,
)
from sibsim.reports.plots.words import word
from sibsim.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, ROW = 8.0, 0.62
"""Inches of a new picture and of a goal."""

HEIGHT = 0.5
"""Height of a bar, in rows."""

MARGIN = 0.1
"""Share of an own scale that is left free at its ends."""

DIGITS = 1
"""Digits after the point of a mean result."""

SHARE_DIGITS = 2
"""Digits after the point of a share: whole per cents."""

TITLE_LINE = 44
"""Characters of a line beside a bar."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One goal with what is predicted."""

    outcome: str
    """Name of the outcome."""

    goal: Goal
    """What is to be achieved."""

    values: FloatArray
    """Share or mean result of those who count by draw, those draws where somebody does, (D,)."""

    reached: float
    """Share or mean reported so far; NaN: nothing is."""

    people: float
    """People in those reports."""

    @property
    def target(self) -> float:
        """Return the level that is asked for."""
        levels = (self.goal.share, self.goal.mean_at_least, self.goal.mean_at_most)
        return next(each for each in levels if each is not None)

    def scaled(self, values: FloatArray) -> FloatArray:
        """Return where values stand on the axis of shares; means on a scale of their own."""
        if self.goal.share is not None:
            return values
        known = np.array([*np.quantile(self.values, [0.0, 1.0]), self.target, self.reached])
        low, high = min(0.0, float(np.nanmin(known))), float(np.nanmax(known))
        return (values - low) / (((high - low) or 1.0) * (1.0 + MARGIN))


def goals(results: Results, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw for each result goal the target, what is achieved over the draws and what has been.

    A goal that is a share stands on the axis; one that is a mean result stands on a scale of its
    own and is said in numbers beside it. Bars are the middle half and nine tenths of the draws,
    the line in them the median.

    Parameters
    ----------
    results
        A run or base case; where something has really happened, what was reported is a cross.
    ax
        Axes to draw on; by default new ones, as high as the goals need.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If the results are settled on reports, which tell of no outcome, or the language is not
        known.
    """
    lang = language(lang)
    if results.kind == "settled":
        message = (
            "results: got a contract settled on reports, which has no outcomes to compare with "
            "goals; draw those of case.base_case(), case.simulate() or case.observe(...)"
        )
        raise ArgumentError(message)
    rows = list(_rows(results))[::-1]
    ax = new_axes(ax, size=(WIDTH, HEAD + ROW * max(len(rows), 1)))
    seen, labels = False, []
    for place, row in enumerate(rows):
        _draw(ax, row, place=place)
        seen = seen or not np.isnan(row.reached)
        labels.append(_label(results, row, lang=lang))
    if not rows:
        ax.text(0.5, 0.5, word("no goals", lang), ha="center", transform=ax.transAxes)
    ax.set_yticks(range(len(rows)), labels)
    ax.tick_params(axis="y", labelsize="small")
    ax.set_ylim(-0.6, max(len(rows), 1) - 0.4)
    ax.set_xlim(0.0, 1.0)
    share_axis(ax.xaxis, lang=lang)
    headed(ax, word("goals seen" if seen else "goals", lang), share=BESIDE_NAMES)
    rows_below(ax, word("share who achieve", lang), share=BESIDE_NAMES)
    return ax


def _rows(results: Results) -> Iterator[_Row]:
    """Yield every goal with what is predicted and reported."""
    seen: dict[str, Outlook] = {}
    if results.facts is not None:
        now = outlooks(results, results, facts=results.facts, independent=np.inf)
        seen = {each.outcome: each for each in now}
    for name, outcome in results.case.outcomes.items():
        goal = outcome.goal
        if goal is None:
            continue
        last = goal.at_months == outcome.follow_up_months[-1]
        of = f"achieved.{name}" if last else f"achieved.{name}.{goal.at_months}"
        people = results.metric(f"people.{name}")
        some = people > 0
        values = results.metric(of)[some] / people[some]
        outlook = seen.get(name)
        reached, of_people = (outlook.reached, outlook.people) if outlook else (np.nan, 0.0)
        yield _Row(name, goal, values if some.any() else np.zeros(1), reached, of_people)


def _draw(ax: Axes, row: _Row, *, place: int) -> None:
    """Draw the bands, the median, the target and what is reported of a goal."""
    for low, high, colour in BANDS:
        left, right = row.scaled(np.quantile(row.values, [low, high]))
        ax.barh(
            place,
            right - left,
            left=left,
            color=colour,
            height=HEIGHT,
            edgecolor=EDGE,
            linewidth=0.5,
        )
    median = row.scaled(np.array([np.median(row.values)]))
    ax.plot(median, [place], marker="|", color=DARK, markersize=18, markeredgewidth=2)
    target = row.scaled(np.array([row.target]))
    ax.plot(target, [place], marker="D", color=EDGE, markersize=5, clip_on=False)
    if not np.isnan(row.reached):
        reached = row.scaled(np.array([row.reached]))
        ax.plot(reached, [place], marker="X", color="white", markeredgecolor=EDGE, markersize=9)


def _label(results: Results, row: _Row, *, lang: Language) -> str:
    """Return what stands beside a goal: title, follow-up, target, median, chance, achieved."""
    goal, case = row.goal, results.case
    unit = case.outcomes[row.outcome].counted_in

    def level(value: float) -> Words:
        if goal.share is not None:
            return percent(round(value, SHARE_DIGITS))
        return counted(round(value, DIGITS), unit=unit)

    target = level(row.target)
    if goal.share is None:
        key = "at least" if goal.mean_at_least is not None else "at most"
        target = Words(da=word(key, "da", value=target), en=word(key, "en", value=target))
    met = float(results.metric(f"p_goal.{row.outcome}").mean())
    said_so = word(
        "goal row" if results.kind == "run" else "goal row of base case",
        lang,
        months=str(goal.at_months),
        target=target,
        median=level(float(np.median(row.values))),
        chance=chance(met),
        met=word("met" if met else "missed", lang),
    )
    title = outcome_title(case, row.outcome, lang=lang)
    if goal.share is None:
        title = f"{title} ({word('own scale goal', lang)})"
    rows = [lines_of(title, width=TITLE_LINE), said_so]
    if not np.isnan(row.reached):
        reached, people = level(row.reached), in_both(f"{row.people:,.0f}")
        rows.append(word("goal seen", lang, reached=reached, people=people))
    return "\n".join(rows)
