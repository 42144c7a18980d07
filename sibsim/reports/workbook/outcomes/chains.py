"""States on a sheet of their own: who is expected to be where after each step.

Tables of probabilities per step stand first, one for each time from which rows hold; the
probability of staying is what the moves leave. Then one row per step: the share of people in each
state, without the intervention and with it,

    share of j one step later = sum over i of share of i x probability of moving from i to j,

with the probabilities of the moves on which an effect acts in columns of their own. Where moves sum
above 1, each is divided by their sum and nobody stays. Which moves there are, how long a step is
and how many steps are followed is fixed when the workbook is written. Source: docs/model.md,
section 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sibsim.core.words import Words
from sibsim.outcomes.state_chains import Stated, moves_of, tables_of
from sibsim.outcomes.states import MultiState
from sibsim.outcomes.transitions import COUNTS, CountsRow, base_shares
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import (
    Formula,
    added,
    largest,
    lift,
    logarithm,
    total,
    where,
)
from sibsim.reports.workbook.outcomes.effects import raised, share_of_full
from sibsim.reports.workbook.outcomes.kinds import Kind
from sibsim.reports.workbook.outcomes.state_titles import move_title, state_title, with_words
from sibsim.reports.workbook.sheets import Sheet

SHEET = Words(da="Tilstande", en="States")
MIDDLE = 0.5
"""A step counts as lying at its middle."""

WITHOUT, TREATED = 0, 1
"""Position of what holds without the intervention, and with it."""

SIDES = (Words(da="uden", en="without"), Words(da="med", en="with"))
"""What the two are called."""

Move = tuple[int, int]
"""Positions of the state that is left and of the one that is reached."""


@dataclass(frozen=True, eq=False)
class Changed:
    """The probabilities of moves on which effects act, by step."""

    moves: Mapping[Move, Column]
    """Probability of each move with the effects, before it is divided."""

    sums: Mapping[int, Column]
    """Sum of all moves out of each state that an effect acts on."""


@dataclass(frozen=True, eq=False)
class Trace:
    """Who is where after each step; one row per step, from the day service starts."""

    spec: MultiState
    """The outcome of states."""

    block: Block
    """The block."""

    steps: Column
    """Number of each step, from 0."""

    shares: tuple[Sequence[Column], Sequence[Column]]
    """Share of people in each state, without the intervention and with it."""

    moving: Callable[[int, Move, int], Formula | None]
    """Returns the probability of a move in a step, without (0) or with (1) the intervention; None:
    it never happens."""


def sheet_of(kind: Kind) -> Sheet:
    """Return the sheet of states, which the first outcome of states begins."""
    book = kind.live.book
    known = book.sheets.get(book.say(SHEET))
    return book.sheet(SHEET) if known is None else known


def write_trace(spec: MultiState, *, kind: Kind) -> Trace:
    """Write how people move between states, and who is where after each step.

    Parameters
    ----------
    spec
        The outcome of states.
    kind
        The people.
    """
    sheet = sheet_of(kind)
    title = spec.title or kind.name
    names = [title if isinstance(title, str) else title.in_language(lang) for lang in ("da", "en")]
    sheet.heading(kind.titled(Words(da=names[0], en=names[1])))
    tables = [
        _table(sheet, rows, kind=kind, spec=spec, number=number, begins=begins)
        for number, (begins, rows) in enumerate(tables_of(spec))
    ]
    here = _effects(sheet, spec=spec, kind=kind)
    labels = [Words(da=f"trin {n}", en=f"step {n}") for n in range(spec.steps + 1)]
    block = sheet.block(labels, title=Words(da="trin", en="step"))
    steps = block.column("n", (float(n) for n in range(block.rows)), kind="count")
    middle = block.column(
        Words(da="midt i trinnet, måneder", en="middle of the step, months"),
        lambda n: in_months(steps.at(n) + MIDDLE, spec=spec),
        kind="number",
    )
    probability = _base(tables, spec=spec, kind=kind, block=block, middle=middle)
    changed = _changed(probability, spec=spec, kind=kind, block=block, middle=middle, here=here)

    @cache
    def moving(n: int, move: Move, side: int) -> Formula | None:
        found = probability(n, move)
        origin, target = move
        if side == WITHOUT or origin not in changed.sums:
            return found
        moves = changed.sums[origin].at(n)
        if origin == target:
            return largest(0, 1 - moves)
        if move in changed.moves:
            found = changed.moves[move].at(n)
        return None if found is None else found / largest(1, moves)

    shares = tuple(
        _shares(spec, kind=kind, block=block, moving=moving, side=side)
        for side in (WITHOUT, TREATED)
    )
    return Trace(spec, block, steps, (shares[0], shares[1]), moving)


def in_months(steps: Formula, *, spec: MultiState) -> Formula:
    """Return a number of steps in months."""
    return steps if spec.step_months == 1 else steps * spec.step_months


def _table(
    sheet: Sheet,
    rows: Mapping[str, Stated],
    *,
    kind: Kind,
    spec: MultiState,
    number: int,
    begins: float,
) -> dict[Move, Formula]:
    """Write the probabilities per step that hold from a time on and return them by move."""
    title = Words(da="sandsynlighed pr. trin: fra", en="probability per step: from")
    if begins:
        title = Words(da=f"{title.da} (senere, {number})", en=f"{title.en} (later, {number})")
    block = sheet.block([state_title(spec, name) for name in spec.names], title=title)
    stated = {
        (i, spec.names.index(to)): cell
        for i, state in enumerate(spec.names)
        if state in rows
        for to, cell in _stated_row(rows[state], state=state, kind=kind).items()
    }
    leaving = {
        i: [cell for (origin, target), cell in stated.items() if origin == i != target]
        for i in range(block.rows)
    }
    sums = block.column(
        Words(da="flytter i alt", en="moves in all"), lambda i: added(leaving[i]), kind="factor"
    )
    found: dict[Move, Formula] = {}
    for j, state in enumerate(spec.names):
        column = block.reserve(
            _to(state_title(spec, state)),
            kind="factor",
            note=Words(
                da="at blive er 1 - det, der flytter; over 1 i alt deles med summen",
                en="staying is 1 - what moves; above 1 in all each is divided by the sum",
            ),
        )
        for i in range(block.rows):
            if i == j:
                found[i, j] = column.set(i, largest(0, 1 - sums.at(i)))
            elif (i, j) in stated:
                found[i, j] = column.set(i, stated[i, j] / largest(1, sums.at(i)))
    return found


def _to(state: Words) -> Words:
    return Words(da=f"til: {state.in_language('da')}", en=f"to: {state.in_language('en')}")


def _stated_row(row: Stated, *, state: str, kind: Kind) -> dict[str, Formula]:
    """Return the moves out of a state as they are stated, numbers divided by their sum."""
    shares = base_shares(row.row)
    if row.path is None:
        return {to: lift(share) for to, share in shares.items()}
    place = ".".join(row.path)
    if not isinstance(row.row, CountsRow):
        return {to: kind.cell(f"{place}.{to}", otherwise=share) for to, share in shares.items()}
    counts = {
        to: kind.cell(f"{place}.{COUNTS}.{to}", otherwise=count.base_value)
        for to, count in row.row.counts.items()
    }
    return {to: count / added(list(counts.values())) for to, count in counts.items() if to != state}


def _effects(sheet: Sheet, *, spec: MultiState, kind: Kind) -> list[Formula]:
    """Write the logarithm of each effect as it holds here."""
    if not spec.effects:
        return []
    labels = [move_title(spec, effect.origins, effect.targets) for effect in spec.effects]
    block = sheet.block(labels, title=Words(da="effekt på", en="effect on"))
    logs = block.column(
        "ln",
        (
            logarithm(kind.cell(f"effects.{k}", otherwise=effect.base_value))
            for k, effect in enumerate(spec.effects)
        ),
        kind="factor",
    )
    tau = kind.cell("transport.tau", otherwise=1.0) if spec.transport else lift(1)
    found = block.column(
        Words(da="her (gange tau)", en="here (times tau)"),
        lambda k: tau * logs.at(k),
        kind="factor",
    )
    return [found.at(k) for k in range(block.rows)]


def _base(
    tables: Sequence[Mapping[Move, Formula]],
    *,
    spec: MultiState,
    kind: Kind,
    block: Block,
    middle: Column,
) -> Callable[[int, Move], Formula | None]:
    """Return what gives the probability of a move in a step without the intervention."""
    stated = tables_of(spec)
    names = spec.names
    number: Column | None = None
    if len(tables) > 1:
        begins = [
            kind.cell(f"later.{k}.from_month", otherwise=later.from_month)
            for k, later in enumerate(spec.later)
        ]
        number = block.column(
            Words(da="tabel, der gælder", en="table in force"),
            lambda n: 1 + added([middle.at(n) >= month for month in begins]),
            kind="count",
        )

    def probability(n: int, move: Move) -> Formula | None:
        origin = names[move[0]]
        rows = [table.get(origin) for _, table in stated]
        found = tables[0].get(move)
        if number is None:
            return found
        for k in range(1, len(tables)):
            if rows[k] is rows[k - 1]:
                continue
            later = tables[k].get(move)
            if found is not None or later is not None:
                found = where(number.at(n) > k, later or lift(0), found or lift(0))
        return found

    return probability


def _changed(
    probability: Callable[[int, Move], Formula | None],
    *,
    spec: MultiState,
    kind: Kind,
    block: Block,
    middle: Column,
    here: Sequence[Formula],
) -> Changed:
    """Write the moves on which effects act, and the sums of moves out of their states."""
    rows = range(block.rows)
    moves: dict[Move, Column] = {}
    for k, effect in enumerate(spec.effects):
        shift = _course(spec, k, kind=kind, block=block, middle=middle, here=here[k])
        for origin, target in moves_of(spec, effect):
            move = spec.names.index(origin), spec.names.index(target)
            before = moves.get(move)
            base = [before.at(n) if before else probability(n, move) or lift(0) for n in rows]
            moves[move] = block.column(
                with_words(move_title(spec, [origin], [target]), SIDES[TREATED]),
                [raised(base[n], shift[n], scale=effect.scale) for n in rows],
                kind="factor",
                note=Words(
                    da="sandsynligheden uden, flyttet med effekten",
                    en="the probability without, moved by the effect",
                ),
            )
    sums = {}
    for left in sorted({move[0] for move in moves}):
        others = [(left, to) for to in range(len(spec.names)) if to != left]
        leaving = [
            [moves[move].at(n) if move in moves else probability(n, move) for move in others]
            for n in rows
        ]
        name = state_title(spec, spec.names[left])
        moves_from = Words(da=f"flytter: {name.da}", en=f"moves from: {name.en}")
        sums[left] = block.column(
            with_words(moves_from, SIDES[TREATED]),
            [added([cell for cell in row if cell is not None]) for row in leaving],
            kind="factor",
        )
    return Changed(moves, sums)


def _course(
    spec: MultiState, k: int, *, kind: Kind, block: Block, middle: Column, here: Formula
) -> list[Formula]:
    """Write the shift by an effect at each step: the effect here times its course and effort."""
    profile, effort = spec.profile, kind.effort
    if profile is None and effort is None:
        return [here for _ in range(block.rows)]
    effect = spec.effects[k]

    def cell(field: str, value: float | None) -> Formula | None:
        return kind.stated(f"profile.{field}", value=value)

    there: Formula | None = None
    if profile is not None and effect.measured_at_months is not None:
        at = kind.cell(f"effects.{k}.measured_at_months", otherwise=effect.measured_at_months)
        measured = block.column(
            Words(
                da=f"andel, da effekt {k + 1} blev målt",
                en=f"share when effect {k + 1} was measured",
            ),
            lambda _: share_of_full(profile, at, cell=cell),
            kind="factor",
        )
        there = measured.at(0)

    def shift(n: int) -> Formula:
        found = here if effort is None else here * effort
        if profile is None:
            return found
        share = share_of_full(profile, middle.at(n), cell=cell)
        return found * (share if there is None else share / there)

    column = block.column(
        Words(da=f"forskydning, effekt {k + 1}", en=f"shift, effect {k + 1}"),
        shift,
        kind="factor",
        note=Words(
            da="effekten her * dens forløb midt i trinnet",
            en="the effect here * its course at the middle of the step",
        ),
    )
    return [column.at(n) for n in range(block.rows)]


def _shares(
    spec: MultiState,
    *,
    kind: Kind,
    block: Block,
    moving: Callable[[int, Move, int], Formula | None],
    side: int,
) -> list[Column]:
    """Write the share of people in each state after each step, on one side."""
    columns = [
        block.reserve(
            with_words(state_title(spec, state), SIDES[side]),
            kind="share",
            note=Words(
                da="sum over tilstande: andel før * sandsynlighed for at flytte hertil",
                en="sum over states: share before * probability of moving here",
            ),
        )
        for state in spec.names
    ]
    start = {
        spec.names.index(name): kind.cell(f"start_in.{name}", otherwise=share.base_value)
        for name, share in spec.start_in.items()
    }
    whole = total(*start.values())
    for j, column in enumerate(columns):
        column.set(0, start[j] / whole if j in start else 0.0)
    for n in range(block.rows - 1):
        for j, column in enumerate(columns):
            parts = []
            for i in range(len(columns)):
                chance = moving(n, (i, j), side)
                if chance is not None:
                    parts.append(columns[i].at(n) * chance)
            column.set(n + 1, added(parts))
    return columns
