"""What can be wrong with a multi-state outcome, taken as a whole: names, rows, times, moves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.atoms import SUM_TOLERANCE
from sibsim.core.distributions import shown
from sibsim.core.spec import nearest
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.outcomes.state_chains import course_of, moves_of, tables_of
from sibsim.outcomes.stated import counted_twice
from sibsim.outcomes.transitions import COUNTS, CountsRow, Row, base_shares

if TYPE_CHECKING:
    from sibsim.outcomes.states import MultiState

MOST_STATES = 256
"""Positions of states are kept in one byte each."""

Fault = tuple[tuple[str | int, ...], str]
"""Where something is wrong, below the outcome, and what."""


def faults_of(model: MultiState) -> list[Fault]:
    """Return what is wrong; what makes further checks senseless comes alone."""
    for checks in (
        (_source,),
        (_names, _rows, _times),
        (_start, _effects, _reach, _roles),
    ):
        found = [fault for check in checks for fault in check(model)]
        if found:
            return found
    return []


def _source(model: MultiState) -> Iterator[Fault]:
    """Yield what is wrong with where the states come from."""
    own = [
        name
        for name in ("states", "step", "support", "self_support")
        if getattr(model, name) is not None
    ]
    missing = [name for name in ("states", "step") if name not in own]
    if model.state_set is None:
        if missing:
            message = (
                f"got neither state_set nor {' and '.join(missing)}; name a shipped set, or give "
                "states, step and transitions of your own"
            )
            yield (), message
        return
    if own:
        message = (
            f"got state_set and {' and '.join(own)}; a shipped set has its own; drop one of them "
            "(own transitions beside a set replace its rows)"
        )
        yield (own[0],), message
    try:
        _ = model.shipped
    except UnknownNameError as error:
        yield ("state_set",), str(error)


def _names(model: MultiState) -> Iterator[Fault]:
    """Yield names of states that do not serve or are none."""
    states = model.names
    if len(set(states)) < len(states) or COUNTS in states or len(states) > MOST_STATES:
        message = (
            f"got {', '.join(states)}; states are at most {MOST_STATES} different names, none of "
            f"them {COUNTS!r}; rename or merge them"
        )
        yield ("states",), message
    named: list[tuple[tuple[str | int, ...], str]] = [(("counts",), name) for name in model.counts]
    named += [(("start_in", name), name) for name in model.start_in]
    named += [(("support",), name) for name in model.support or ()]
    named += [(("self_support",), name) for name in model.self_support or ()]
    for place, table in _tables(model):
        named += [((*place, state), state) for state in table]
        for state, row in table.items():
            step = (COUNTS,) if isinstance(row, CountsRow) else ()
            named += [((*place, state, *step, to), to) for to in base_shares(row)]
    for k, effect in enumerate(model.effects):
        named += [(("effects", k, "from"), name) for name in effect.origins]
        named += [(("effects", k, "to"), name) for name in effect.targets]
    for place, name in named:
        if name not in states:
            way_out = nearest(name, states) or "; name one of them"
            yield place, f"got {name!r}; the states are {', '.join(states)}{way_out}"


def _roles(model: MultiState) -> Iterator[Fault]:
    """Yield roles on the refund ladder that exclude each other or need one another."""
    support, alone = model.support or (), model.self_support or ()
    both = [name for name in alone if name in support]
    if both:
        message = (
            f"got {', '.join(both)} in support too; weeks in a state count on the refund ladder or "
            "start its count again, not both; drop it from one of them"
        )
        yield ("self_support",), message
    if alone and not support:
        message = (
            f"got {', '.join(alone)} without support; self-support starts the count of weeks on "
            "support again; name the states of support too, or drop it"
        )
        yield ("self_support",), message


def _tables(
    model: MultiState,
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Row]]]:
    """Yield the model's own tables of transitions and where they stand."""
    yield ("transitions",), model.transitions
    for k, later in enumerate(model.later):
        yield ("later", k, "transitions"), later.transitions


def _rows(model: MultiState) -> Iterator[Fault]:
    """Yield rows of probabilities that do not sum as they should."""
    for place, table in _tables(model):
        for state, row in table.items():
            if isinstance(row, CountsRow):
                continue
            total = math.fsum(share.base_value for share in row.values())
            stays = state in row
            problem = ""
            if stays and any(not share.is_fixed for share in row.values()):
                problem = (
                    f"got a probability of staying in {state!r} beside uncertain moves; what they "
                    f"leave stays; leave {state!r} out of its own row"
                )
            elif stays and abs(total - 1.0) > SUM_TOLERANCE:
                problem = (
                    f"got a row of {state!r} that sums to {shown(total)}; with the probability of "
                    f"staying it sums to 1; correct it, or leave {state!r} out of its own row: "
                    "what the moves leave stays"
                )
            elif total > 1.0 + SUM_TOLERANCE:
                problem = (
                    f"got a row of {state!r} that sums to {shown(total)}; the moves out of a state "
                    "sum to at most 1, what they leave stays; lower them"
                )
            if problem:
                yield (*place, state), problem


def _times(model: MultiState) -> Iterator[Fault]:
    """Yield times that do not fit each other or the step."""
    first, last = model.follow_up_months[0], model.follow_up_months[-1]
    horizon, step = model.horizon_months, model.step_name
    if model.at[0] == 0:
        message = (
            f"got a follow-up at {first} months, nearer to the start than to the end of the first "
            f"{step}; there nothing has happened yet; look later, or use a shorter step"
        )
        yield ("follow_up_months",), message
    if horizon is not None and horizon < last:
        message = (
            f"got {horizon} with a follow-up at {last} months; people are followed at least to the "
            "last follow-up; raise it"
        )
        yield ("horizon_months",), message
    elif horizon is not None and step != "week" and horizon % model.step_months:
        message = (
            f"got {horizon}; with a step of one {step} it is a multiple of "
            f"{shown(model.step_months)} months; round it"
        )
        yield ("horizon_months",), message
    months = [each.from_month for each in model.later]
    if any(after <= before for before, after in pairwise(months)):
        listed = ", ".join(map(shown, months))
        yield ("later",), f"got from_month {listed}; list each once, in rising order"
    last_step = (model.steps - 0.5) * model.step_months
    for k, month in enumerate(months):
        if month > last_step:
            message = (
                f"got {shown(month)}; the middle of the last step is at {shown(last_step)} months, "
                "so that these rows would never hold; raise horizon_months or drop them"
            )
            yield ("later", k, "from_month"), message


def _start(model: MultiState) -> Iterator[Fault]:
    """Yield shares at the start that are not those of everybody."""
    total = math.fsum(share.base_value for share in model.start_in.values())
    if abs(total - 1.0) > SUM_TOLERANCE:
        message = f"got shares that sum to {shown(total)}; they sum to 1; correct them"
        yield ("start_in",), message
    elif all(share.distribution.cdf(np.zeros(1))[0] > 0 for share in model.start_in.values()):
        message = (
            "got shares that may all be 0 in the same draw; together they are everybody; give one "
            "of them a distribution that stays above 0"
        )
        yield ("start_in",), message


def _effects(model: MultiState) -> Iterator[Fault]:
    """Yield effects that act on nothing, or whose differences between places count twice."""
    if not model.effects and (model.transport or model.profile):
        yield (), "got transport or profile without effects; they act on effects; drop them"
    if twice := counted_twice(model.effects, transport=model.transport):
        yield ("transport", "omega"), twice
    for k, effect in enumerate(model.effects):
        moves = moves_of(model, effect)
        left, to = {move[0] for move in moves}, {move[1] for move in moves}
        idle = [f"none of them from {name}" for name in effect.origins if name not in left]
        idle += [f"none of them to {name}" for name in effect.targets if name not in to]
        both = f"{' or '.join(effect.origins)} to {' or '.join(effect.targets)}"
        if idle:
            which = "which has no" if not moves else f"but {idle[0]} has a"
            message = (
                f"got an effect on {both}, {which} probability above zero; an effect changes "
                "moves that happen; give the move a probability, or leave it out here"
            )
            yield ("effects", k), message
        try:
            course_of(model, effect)
        except ArgumentError as error:
            yield ("effects", k), str(error)


def _reach(model: MultiState) -> Iterator[Fault]:
    """Yield states in which nobody can ever be: all own ones, those that count of a shipped set."""
    found = {name for name, share in model.start_in.items() if share.base_value > 0}
    tables = [{state: each.row for state, each in rows.items()} for _, rows in tables_of(model)]
    found = _reached(found, tables=tables)
    wanted = model.names if model.shipped is None else model.counts
    never = [name for name in wanted if name not in found]
    if never:
        message = (
            f"got {', '.join(never)}, which nobody comes to from start_in by moves with a "
            "probability above zero; add such a move or a share at the start, or drop the state"
        )
        yield ("transitions",), message


def _reached(start: set[str], *, tables: Sequence[Mapping[str, Row]]) -> set[str]:
    """Return the states that people come to by moves that happen in any table."""
    found, waiting = set(start), list(start)
    while waiting:
        state = waiting.pop()
        shares = [base_shares(table[state]) for table in tables if state in table]
        new = {to for each in shares for to, share in each.items() if share > 0} - found
        found |= new
        waiting.extend(new)
    return found
