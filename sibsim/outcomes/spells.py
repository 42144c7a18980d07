"""Spells of people in states, read at whole steps; what is faulty in them is said, never dropped.

A spell runs from its start up to, not including, its end, which is the start of the person's next
one. A person is read on the day the first spell starts and every step after it; calendar steps
(month, quarter, year) fall on the same day of the month, or its last day where it has fewer.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sibsim.core.arrays import BoolArray, IntArray
from sibsim.core.timeline import MONTHS_PER_YEAR, Step
from sibsim.core.validation import known_or_fault, shown
from sibsim.errors import CaseError, Fault

if TYPE_CHECKING:
    import pandas as pd

DAYS_PER_WEEK = 7
"""Days in a step of a week."""

CALENDAR_MONTHS = {"month": 1, "quarter": 3, "year": MONTHS_PER_YEAR}
"""Calendar months in a step, by its name."""

LAST_STEP = 1_000_000
"""Highest step number, also below 0: many lifetimes of weeks."""

STEP_NUMBER = f"a whole step number, between -{LAST_STEP:,} and {LAST_STEP:,}"
"""What a step number must be, as a message says it."""

ONE_DAY = np.timedelta64(1, "D")
"""Gap that a frame shows whose ends are the last days of spells."""

Columns = tuple[str, str, str, str]
"""Names of the columns of person, state, start and end."""

Times = NDArray[Any]
"""Step numbers (int64) or days (datetime64[D])."""


@dataclass(frozen=True, kw_only=True)
class Spells:
    """Spells in the order of people and time; arrays of shape (spells,)."""

    person: IntArray
    """Number of the person, from 0."""

    state: IntArray
    """Position of the state."""

    start: Times
    """First step number or day."""

    end: Times
    """First step number or day after it; where it is open, any."""

    open: BoolArray
    """Whether the person is still in the state at the end of observation."""

    row: IntArray
    """Row of the frame, from 1."""

    @property
    def last(self) -> BoolArray:
        """Whether a spell is the person's last one."""
        return np.append(self.person[1:] != self.person[:-1], [True])[: self.person.size]

    def only(self, kept: BoolArray | IntArray) -> Spells:
        """Return the spells that are kept: where True, or at these positions."""
        return Spells(**{each.name: getattr(self, each.name)[kept] for each in fields(self)})


def read_spells(
    frame: object,
    *,
    columns: Columns,
    states: Sequence[str],
    until: float | date | None,
) -> tuple[Spells, list[Fault]]:
    """Return the spells of a frame in order, up to the end of observation, and every fault.

    Spells that start after it are left out.

    Parameters
    ----------
    frame
        A pandas DataFrame with one row per spell.
    columns
        Names of the columns of person, state, start and end.
    states
        Names of the states.
    until
        Last step number or day at which the states of people are known.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        problem = f"got {shown(frame)}; it must be a pandas DataFrame with one row per spell"
        raise CaseError((Fault("frame", problem),), where="spells")
    missing = [name for name in columns if name not in frame.columns]
    if missing or frame.empty:
        known = ", ".join(map(str, frame.columns))
        lacking = f"got no column {', '.join(missing)}; the frame has {known or 'none'}"
        raise CaseError(
            (Fault("frame", lacking if missing else "got no row; give one row per spell"),),
            where="spells",
        )
    person, state, start, end = (frame[name] for name in columns)
    numbers = pd.api.types.is_numeric_dtype(start)
    starts, no_start = _times(start, numbers=numbers)
    ends, no_end = _times(end, numbers=numbers)
    named = person.map(lambda name: isinstance(name, Hashable)).to_numpy(dtype=bool)
    codes, _ = pd.factorize(person.where(named))
    positions = {name: position for position, name in enumerate(states)}
    place = np.array([_place(name, positions) for name in state], dtype=np.int64)
    kind = STEP_NUMBER if numbers else "a date; read text with pandas.to_datetime"
    empty = start.isna().to_numpy()
    problems: list[tuple[BoolArray, str, Any]] = [
        (named & (codes < 0), columns[0], lambda _: "is missing; name the person"),
        (~named, columns[0], lambda at: f"got {shown(person.iloc[at])}; name the person"),
        (place < 0, columns[1], lambda at: _unknown(state.iloc[at], states)),
        (empty, columns[2], lambda _: "is missing; every spell has a start"),
        (no_start, columns[2], lambda at: f"got {shown(start.iloc[at])}; it must be {kind}"),
        (no_end, columns[3], lambda at: f"got {shown(end.iloc[at])}; it must be {kind}"),
    ]
    faults = [
        Fault(f"row {at + 1}.{name}", say(at))
        for wrong, name, say in problems
        for at in np.flatnonzero(wrong)
    ]
    faulty = np.logical_or.reduce([wrong for wrong, *_ in problems])
    last_seen, found = _end_of_observation(until, numbers=numbers, needed=bool(end.isna().any()))
    order = np.lexsort((starts, codes)).astype(np.int64)
    spells = Spells(
        person=codes.astype(np.int64),
        state=place,
        start=starts,
        end=ends,
        open=end.isna().to_numpy(),
        row=np.arange(1, len(frame) + 1),
    ).only(order)
    if last_seen is not None:
        spells = spells.only(spells.start <= last_seen)
        if not spells.row.size:
            problem = f"got {last_seen}, before the start of every spell; correct one"
            faults.append(Fault("observed_until", problem))
    checked = spells.only(~np.isin(spells.person, codes[faulty]))
    faults += found + _faults_of_order(checked, columns=columns)
    return (spells if faults else _observed(spells, last_seen=last_seen)), faults


def reads_before(times: Times, *, first: Times, step: Step) -> IntArray:
    """Return how many readings of a person lie before each time, all of shape (spells,).

    Readings are at first + n steps, n = 0, 1, ...; step numbers count themselves. No day lies after
    the last one of a month, so that a month which lacks the day of the first reading needs no rule.
    """
    if times.dtype.kind == "i":
        return np.asarray(times - first, dtype=np.int64)
    if step == "week":
        days = (times - first).astype(np.int64)
        return np.asarray(-(-days // DAYS_PER_WEEK))
    month, anchor = times.astype("datetime64[M]"), first.astype("datetime64[M]")
    day = times - month.astype("datetime64[D]")
    months = (month - anchor).astype(np.int64) + (day > first - anchor.astype("datetime64[D]"))
    return np.asarray(-(-months // CALENDAR_MONTHS[step]))


def _place(name: object, positions: Mapping[str, int]) -> int:
    """Return the position of a state, -1 for what is the name of none."""
    return positions.get(name, -1) if isinstance(name, str) else -1


def _unknown(name: object, states: Sequence[str]) -> str:
    if not isinstance(name, str):
        return f"got {shown(name)}; it must name a state, as text"
    return known_or_fault("", name, states, what="a state")[0].problem


def _times(column: pd.Series[Any], *, numbers: bool) -> tuple[Times, BoolArray]:
    """Return step numbers or days, any where the column is empty, and where it holds neither."""
    import pandas as pd

    empty = column.isna().to_numpy()
    if numbers:
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
        whole = (np.abs(values) <= LAST_STEP) & (values == np.floor(values))
        return np.where(whole, values, 0.0).astype(np.int64), ~whole & ~empty
    is_date = column.map(lambda value: isinstance(value, date)).to_numpy(dtype=bool) & ~empty
    days = [
        (value.date() if isinstance(value, datetime) else value) if known else date.min
        for value, known in zip(column, is_date, strict=True)
    ]
    return np.array(days, dtype="datetime64[D]"), ~is_date & ~empty


def _end_of_observation(
    until: float | date | None, *, numbers: bool, needed: bool
) -> tuple[Any, list[Fault]]:
    """Return the last step number or day that is observed, or None, and what is wrong with it."""
    import pandas as pd

    path = "observed_until"
    if until is None:
        problem = "is missing; some spells have no end: say until when people are known to be there"
        return None, [Fault(path, problem)] if needed else []
    if numbers:
        if isinstance(until, int | float | np.integer):
            number = float(until)
            if abs(number) <= LAST_STEP and number.is_integer():
                return int(number), []
        return None, [Fault(path, f"got {shown(until)}; it must be {STEP_NUMBER}")]
    if isinstance(until, date) and not pd.isna(until):
        day = until.date() if isinstance(until, datetime) else until
        return np.datetime64(day, "D"), []
    return None, [Fault(path, f"got {shown(until)}; it must be a date")]


def _faults_of_order(spells: Spells, *, columns: Columns) -> list[Fault]:
    """Return what is wrong with the order of spells: of each itself, and with the next."""
    faults = []
    backwards = ~spells.open & (spells.end <= spells.start)
    for at in np.flatnonzero(backwards):
        problem = (
            f"got {spells.end[at]} after a start at {spells.start[at]}; an end is the first time "
            "after the spell, later than its start"
        )
        faults.append(Fault(f"row {spells.row[at]}.{columns[3]}", problem))
    for at in np.flatnonzero(~spells.last & ~backwards):
        faults += _faults_of_pair(spells, at=int(at), columns=columns)
    return faults


def _faults_of_pair(spells: Spells, *, at: int, columns: Columns) -> list[Fault]:
    """Return what is wrong between a spell and the person's next one."""
    _, _, start, end = columns
    ends, follows, row = spells.end[at], spells.start[at + 1], spells.row[at + 1]
    if spells.open[at]:
        problem = f"is missing although row {row} is a later spell of the person; only the last"
        return [Fault(f"row {spells.row[at]}.{end}", f"{problem} spell may be open")]
    if follows < ends:
        problem = (
            f"got {follows}, before the end at {ends} of row {spells.row[at]}; a person is in one "
            "state at a time: decide which"
        )
        return [Fault(f"row {row}.{start}", problem)]
    if follows > ends:
        one_day = spells.end.dtype.kind == "M" and follows - ends == ONE_DAY
        hint = "; if ends are the last days of spells, add a day to each" if one_day else ""
        problem = (
            f"got {follows}, after the end at {ends} of row {spells.row[at]}; fill the gap with a "
            f"state{hint}"
        )
        return [Fault(f"row {row}.{start}", problem)]
    return []


def _observed(spells: Spells, *, last_seen: Any) -> Spells:  # noqa: ANN401 - number, day or None
    """Return spells that end after the last observation at the latest, open if they reach it."""
    if last_seen is None:
        return spells
    after = last_seen + (ONE_DAY if spells.end.dtype.kind == "M" else 1)
    is_open = spells.open | (spells.last & (spells.end >= after))
    return replace(spells, end=np.where(is_open, after, spells.end), open=is_open)
