"""One draw, line by line: who came, what they achieved, what was reported, paid, earned, saved.

Every number stands beside how it was made, so that a reader can follow a single draw, or the base
case, with pencil and paper. A block is recomputed from the seed; nothing has to be kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sibsim.accounts import Accounts, settle
from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.postings import Posting
from sibsim.core.stages import World
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.core.timeline import Timeline, shifted
from sibsim.errors import ArgumentError
from sibsim.reports.replay import world_of
from sibsim.reports.tables import text
from sibsim.results import Results

if TYPE_CHECKING:
    import pandas as pd

Row = tuple[str, str, str, str]
"""Stage, what, value and how it is made."""


def explain(results: Results, *, draw: int) -> pd.DataFrame:
    """Return one draw of a run, step by step.

    Parameters
    ----------
    results
        The run, or a base case.
    draw
        Which draw, from 0.

    Returns
    -------
    DataFrame
        One row per step: stage, what, value and how it is made.

    Raises
    ------
    ArgumentError
        If the run has no such draw.
    """
    import pandas as pd

    if not 0 <= draw < results.draws:
        message = f"draw: got {draw}; this run has draws 0 to {results.draws - 1}"
        raise ArgumentError(message)
    world = world_of(results, block=draw // BLOCK_DRAWS)
    walk = _Walk(results, world, settle(results.case, world), draw=draw)
    frame = pd.DataFrame(list(walk.rows()), columns=["stage", "what", "value", "how"])
    frame.index.name = "step"
    return frame


class _Walk:
    """One draw and how to read its column out of any array."""

    def __init__(self, results: Results, world: World, accounts: Accounts, *, draw: int) -> None:
        self.results, self.world, self.accounts = results, world, accounts
        self.case = results.case
        self.column = draw % BLOCK_DRAWS
        self.draw = draw

    def at(self, amount: FloatArray | BoolArray) -> FloatArray:
        """Return the draw's column of an array."""
        return np.asarray(amount[..., self.column if amount.shape[-1] > 1 else 0])

    def rows(self) -> Iterator[Row]:
        """Walk the stages in their order."""
        yield from self._quantities()
        yield from self._participation()
        yield from self._outcomes()
        yield from self._time_in_states()
        yield from self._measures()
        yield from self._payments()
        yield from self._ledger()
        yield from self._metrics()

    def _quantities(self) -> Iterator[Row]:
        for path, quantity in self.case.quantities.items():
            if quantity.is_fixed:
                continue
            how = "base value" if self.results.seed is None else "drawn from its distribution"
            facts = self.results.facts
            if facts is not None and path in facts.rows:
                how = "as learned from what has happened"
            drawn = self.world.values[path]  # noqa: PD011 - a mapping, not a frame
            for value in self.at(drawn):
                yield "quantities", path, f"{value:,.4f}", f"{how}; {quantity.unit or ''}"

    def _participation(self) -> Iterator[Row]:
        who = self.world.participation
        served = self.at(self.accounts.standing.served)
        for c, planned in enumerate(who.planned):
            start = _day(self.at(who.start)[c], timeline=self.case.timeline)
            yield (
                "delivery",
                f"cohort {c + 1} starts {start}",
                f"{self.at(who.started)[c]:,.2f}",
                f"planned {planned:,.0f}; referred {self.at(who.referred)[c]:,.2f}, "
                f"completed {self.at(who.completed)[c]:,.2f}"
                + ("" if served[c] else "; not served, the contract has ended"),
            )

    def _outcomes(self) -> Iterator[Row]:
        for name, path in self.world.paths.items():
            what = "probability" if self.case.outcomes[name].is_indicator else "mean"
            parts = {f"{name} ({segment})": part for segment, part in path.parts.items()}
            for title, each in ({name: path} | parts).items():
                yield from self._of_path(each, title=title, what=what)

    def _of_path(self, path: OutcomePath, *, title: str, what: str) -> Iterator[Row]:
        for c, k in np.ndindex(path.achieved.shape[:2]):
            expected, without = self.at(path.expected)[c, k], self.at(path.counterfactual)[c, k]
            yield (
                "outcomes",
                f"{title}, cohort {c + 1}, {path.follow_up_months[k]} months",
                f"{self.at(path.achieved)[c, k]:,.2f}",
                (
                    f"of {self.at(path.people)[c]:,.2f}; {what} {expected:.4f} with, "
                    f"{without:.4f} without; additional {self.at(path.additional)[c, k]:,.2f}"
                ),
            )

    def _time_in_states(self) -> Iterator[Row]:
        for name, line in self.case.budget.items():
            time = self.world.paths[line.follows].occupancy
            if line.states is None or time is None:
                continue
            months = time.steps * time.step_months
            direction = "less saves" if line.tax is None else "more is taxed"
            for c, by_step in enumerate(self.at(time.more(line.states))):
                yield (
                    "outcomes",
                    f"budget.{name}, cohort {c + 1}, time in {', '.join(line.states)}",
                    f"{by_step.sum():,.2f}",
                    f"person-months above what is expected in {months:.0f} months; {direction}",
                )

    def _measures(self) -> Iterator[Row]:
        for name, report in self.world.measured.items():
            for c, k in np.ndindex(report.treated_sum.shape[:2]):
                compared = self.at(report.comparison_n)[c, k]
                against = (
                    f"; comparison {self.at(report.comparison_sum)[c, k]:,.2f} of {compared:,.2f}"
                )
                when = _day(self.at(report.when)[c, k], timeline=self.case.timeline)
                yield (
                    "evaluation",
                    f"{name}, cohort {c + 1}, {report.follow_up_months[k]} months ({when})",
                    f"{self.at(report.treated_sum)[c, k]:,.2f}",
                    f"reported of {self.at(report.treated_n)[c, k]:,.2f}"
                    + (against if compared else ""),
                )

    def _payments(self) -> Iterator[Row]:
        payments, labels = self.accounts.payments, self.case.timeline.labels
        for name, due in payments.due.items():
            paid = self.at(payments.paid[name])
            for t in np.flatnonzero(self.at(due)):
                how = f"owed {self.at(due)[t]:,.2f} before limits"
                yield "payments", f"{name}, {labels[t]}", f"{paid[t]:,.2f}", how
        for name, cut in payments.cut.items():
            by_period = self.at(cut)
            yield "payments", f"limit {name}", f"{by_period.sum():,.2f}", "cut by the limit in all"
            for t in np.flatnonzero(by_period):
                how = "cut by the limit in this period"
                yield "payments", f"limit {name}, {labels[t]}", f"{by_period[t]:,.2f}", how

    def _ledger(self) -> Iterator[Row]:
        timeline = self.case.timeline
        for posting in self.accounts.postings:
            amount, how = self.at(posting.amount), _booking(posting)
            for year in timeline.years:
                total = amount[timeline.year_of_period == year].sum()
                if total:
                    yield "ledger", f"{posting.line}, {year}", f"{total:,.2f}", how

    def _metrics(self) -> Iterator[Row]:
        for name, values in self.results.metrics.items():
            value = values[self.draw]
            yield "metrics", name, text(value, metric=name) or "undefined", ""


def _booking(posting: Posting) -> str:
    """Return how a posting is booked, in words."""
    between = f"{posting.payer} to {posting.payee}"
    if posting.kind == "memo" and posting.payer != posting.payee:
        return f"{between}, memo of what another line of the gain counts, {posting.frame}"
    return f"{between}, {posting.kind}, {posting.frame}"


def _day(months: float | FloatArray, *, timeline: Timeline) -> str:
    return shifted(timeline.start, months=int(np.floor(months))).isoformat()
