"""Results that are read from people's states: in a state, time in states, states held for a time.

A follow-up is read at the nearest step, INT(months / length of a step + 1/2). States that are held
for so many weeks are followed by the length of the run, and of a break in it, that people have in
each state: one column for each, and one for those who have held them long enough. Source:
docs/model.md, section 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sibsim.case import Case
from sibsim.core.timeline import WEEKS_PER_MONTH
from sibsim.core.words import Words
from sibsim.outcomes.credit import FIRST_CREDITED
from sibsim.outcomes.in_states import InStates
from sibsim.outcomes.states import MultiState
from sibsim.outcomes.sustained import Sustained
from sibsim.outcomes.time_in_states import PER_MONTH, TimeInStates
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import Formula, added, at, lift, sum_product, whole
from sibsim.reports.workbook.outcomes.chains import (
    SIDES,
    TREATED,
    WITHOUT,
    Trace,
    sheet_of,
    write_trace,
)
from sibsim.reports.workbook.outcomes.kinds import Kind, Means
from sibsim.reports.workbook.outcomes.people import TREATED as TITLE_TREATED
from sibsim.reports.workbook.outcomes.people import WITHOUT as TITLE_WITHOUT
from sibsim.reports.workbook.outcomes.people import why_fixed, write_means
from sibsim.reports.workbook.outcomes.state_titles import state_title, with_words

HALF_STEP = 0.5
"""Half a step counts as a whole one."""

REACHED = Words(da="nået", en="reached")
NEAREST = Words(da="trin, der aflæses", en="step that is read")

Tag = tuple[int, int] | None
"""Length of a run and of the break in it so far, in steps; None: no run."""

Lists = tuple[list[Formula], list[Formula]]
"""Without the intervention and with it, at each follow-up."""


@why_fixed.register(MultiState)
@why_fixed.register(InStates)
@why_fixed.register(TimeInStates)
@why_fixed.register(Sustained)
def _live(spec: MultiState | InStates | TimeInStates | Sustained, *, case: Case) -> Words | None:
    del spec, case
    return None


@write_means.register
def _states(spec: MultiState, *, kind: Kind) -> Means:
    trace = write_trace(spec, kind=kind)
    return _in(trace, spec.counts, kind=kind, trace_of=trace)


@write_means.register
def _in_states(spec: InStates, *, kind: Kind) -> Means:
    return _in(_trace(spec.of, kind=kind), spec.states, kind=kind)


def _trace(name: str, *, kind: Kind) -> Trace:
    """Return who is where in the outcome of states that is read."""
    found = kind.upstream[name].trace
    assert found is not None  # noqa: S101 - an outcome of states has one
    return found


def _read_at(trace: Trace, *, kind: Kind) -> list[Formula]:
    """Write the step at which each follow-up is read."""
    months = trace.spec.step_months
    column = kind.block.column(
        kind.titled(NEAREST),
        lambda k: (
            whole(kind.months.at(k) / months + HALF_STEP)
            if months != 1
            else whole(kind.months.at(k) + HALF_STEP)
        ),
        kind="count",
        note=Words(
            da="måneder / et trins længde, afrundet", en="months / length of a step, rounded"
        ),
    )
    return [column.at(k) for k in range(kind.block.rows)]


def _in(trace: Trace, states: Sequence[str], *, kind: Kind, trace_of: Trace | None = None) -> Means:
    """Write the share of people in some states at each follow-up."""
    step = _read_at(trace, kind=kind)
    places = [trace.spec.names.index(state) for state in dict.fromkeys(states)]

    def share(side: int, k: int) -> Formula:
        return added([at(trace.shares[side][j].all, step[k] + 1) for j in places])

    note = Words(
        da="sum af andelene i tilstandene i det trin", en="sum of the shares in the states at it"
    )
    without, treated = _both(kind, share, note=note, shown="share")
    return Means(without, treated, trace=trace_of)


@write_means.register
def _time(spec: TimeInStates, *, kind: Kind) -> Means:
    """Write the expected time in the states since the follow-up before, or since the start."""
    trace = _trace(spec.of, kind=kind)
    step = _read_at(trace, kind=kind)
    places = [trace.spec.names.index(state) for state in dict.fromkeys(spec.states)]
    credited = FIRST_CREDITED[trace.spec.counted]
    unit = lift(PER_MONTH[spec.unit] * trace.spec.step_months)
    steps = trace.steps.all

    def time(side: int, k: int) -> Formula:
        first = lift(credited) if spec.cumulative or not k else step[k - 1] + credited
        within = (steps >= first) * (steps < step[k] + credited)
        inside = [sum_product(within, trace.shares[side][j].all) for j in places]
        return unit * added(inside)

    note = Words(
        da="trinnets længde * sum af andelene i tilstandene over trinene",
        en="length of a step * sum of the shares in the states over the steps",
    )
    return Means(*_both(kind, time, note=note, shown="number"))


@write_means.register
def _sustained(spec: Sustained, *, kind: Kind) -> Means:
    """Write the share of people who have held the states long enough."""
    trace = _trace(spec.of, kind=kind)
    step = _read_at(trace, kind=kind)
    per_step = trace.spec.step_months * WEEKS_PER_MONTH
    run = Run(
        inside=frozenset(trace.spec.names.index(state) for state in spec.states),
        begins=FIRST_CREDITED[trace.spec.counted],
        needed=round(spec.weeks / per_step),
        gap=round(spec.gap_weeks / per_step),
    )
    reached = _runs(spec, trace=trace, run=run, kind=kind)
    note = Words(da="andelen, der har nået det", en="share who have reached it")
    return Means(
        *_both(kind, lambda side, k: at(reached[side].all, step[k] + 1), note=note, shown="share")
    )


def _both(
    kind: Kind,
    mean: Callable[[int, int], Formula],
    *,
    note: Words,
    shown: Literal["share", "number"],
) -> Lists:
    """Write a mean without and with the intervention."""
    found = []
    for side, title in ((WITHOUT, TITLE_WITHOUT), (TREATED, TITLE_TREATED)):
        column = kind.block.column(
            kind.titled(title),
            [mean(side, k) for k in range(kind.block.rows)],
            kind=shown,
            note=note,
        )
        found.append([column.at(k) for k in range(kind.block.rows)])
    return found[0], found[1]


@dataclass(frozen=True)
class Run:
    """When a run in the states begins, goes on and is long enough, in steps."""

    inside: frozenset[int]
    """Positions of the states."""

    begins: int
    """Length of a run when a person is first seen in one: 1 where a step is that of its end."""

    needed: int
    """Length that is asked for."""

    gap: int
    """Longest break that does not end it."""

    @property
    def reached(self) -> Tag:
        """The tag of who has held the states long enough."""
        return self.needed, 0

    def first(self, state: int) -> Tag:
        """Return the tag of a person who is in a state on the day service starts."""
        return self.after(None, state) if self.begins == 0 else None

    def after(self, tag: Tag, state: int) -> Tag:
        """Return the tag of a person one step later, who is then in a state.

        Parameters
        ----------
        tag
            The tag before.
        state
            Position of the state.
        """
        if tag == self.reached:
            return tag
        inside = state in self.inside
        if tag is None:
            return (min(self.begins, self.needed), 0) if inside else None
        longer, broken = min(tag[0] + 1, self.needed), tag[1]
        if inside:
            return longer, 0
        return (longer, broken + 1) if broken < self.gap else None


def _runs(spec: Sustained, *, trace: Trace, run: Run, kind: Kind) -> tuple[Column, Column]:
    """Write by step the share with each run in each state; return the share who have reached it.

    Parameters
    ----------
    spec
        The outcome.
    trace
        Who is where after each step.
    run
        What a run is.
    kind
        The people.
    """
    sheet = sheet_of(kind)
    title = spec.title or kind.name
    names = [title if isinstance(title, str) else title.in_language(lang) for lang in ("da", "en")]
    sheet.heading(
        kind.titled(Words(da=names[0], en=names[1])),
        note=Words(
            da="Andelen af personer efter tilstand og efter, hvor mange trin de har holdt den; et "
            "brud, der tåles, er angivet efter +.",
            en="The share of people by state and by how many steps they have held it; a break that "
            "is tolerated stands after +.",
        ),
    )
    labels = [Words(da=f"trin {n}", en=f"step {n}") for n in range(trace.block.rows)]
    block = sheet.block(labels, title=Words(da="trin", en="step"))
    pairs = _pairs(trace, run)
    return (
        _side(block, pairs, trace=trace, run=run, side=WITHOUT),
        _side(block, pairs, trace=trace, run=run, side=TREATED),
    )


Pair = tuple[Tag, int]
"""A run, and the state that a person is in."""


def _pairs(trace: Trace, run: Run) -> dict[Pair, list[Pair]]:
    """Return by run and state those from which people come to it in a step."""
    states = range(len(trace.spec.names))
    moves = [(i, j) for i in states for j in states if trace.moving(0, (i, j), TREATED) is not None]
    known: dict[Pair, list[Pair]] = {
        (run.first(state), state): []
        for state in states
        if trace.spec.names[state] in trace.spec.start_in
    }
    ahead = list(known)
    while ahead:
        tag, state = ahead.pop()
        if tag == run.reached:
            continue
        for origin, target in moves:
            if origin != state:
                continue
            after = run.after(tag, target), target
            if after not in known:
                known[after] = []
                ahead.append(after)
            known[after].append((tag, state))
    return known


def _side(
    block: Block, pairs: Mapping[Pair, list[Pair]], *, trace: Trace, run: Run, side: int
) -> Column:
    """Write the columns of one side and return that of those who have reached it."""
    open_pairs = [pair for pair in pairs if pair[0] != run.reached]
    columns = {
        pair: block.reserve(
            with_words(_said(pair, trace), SIDES[side]),
            kind="share",
        )
        for pair in sorted(open_pairs, key=lambda pair: (pair[0] or (-1, 0), pair[1]))
    }
    reached = block.reserve(with_words(REACHED, SIDES[side]), kind="share")
    for pair, column in columns.items():
        begins = pair[0] == run.first(pair[1])
        column.set(0, trace.shares[side][pair[1]].at(0) if begins else 0.0)
    starts = [pair for pair in pairs if pair[0] == run.reached == run.first(pair[1])]
    reached.set(0, added([trace.shares[side][state].at(0) for _, state in starts]))
    for n in range(block.rows - 1):
        arrived = []
        for pair, before in pairs.items():
            parts = []
            for origin in before:
                chance = trace.moving(n, (origin[1], pair[1]), side)
                if chance is not None:
                    parts.append(columns[origin].at(n) * chance)
            if pair in columns:
                columns[pair].set(n + 1, added(parts))
            else:
                arrived += parts
        reached.set(n + 1, reached.at(n) + added(arrived))
    return reached


def _said(pair: Pair, trace: Trace) -> Words:
    """Return a run and a state as the title of a column."""
    tag, state = pair
    title = state_title(trace.spec, trace.spec.names[state])
    length = "0" if tag is None else str(tag[0]) + (f" (+{tag[1]})" if tag[1] else "")
    return Words(
        da=f"{title.in_language('da')}: {length}", en=f"{title.in_language('en')}: {length}"
    )
