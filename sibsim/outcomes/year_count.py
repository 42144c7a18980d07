"""Time in states by a count that starts again once a year: of people, and as it is expected.

Both read each step by the tables of the count (`sibsim.core.year_count`), so the expectation over
histories is exact: the pair of tag and state is itself a Markov chain, as for
`sibsim.outcomes.automaton`, whose tables however are the same at every step.

Assumption: people are independent of each other given the probabilities.
"""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, Indicator, IntArray, added, summed
from sibsim.core.luck import ROWS
from sibsim.core.memory import keep_freed_memory
from sibsim.core.paths import States
from sibsim.core.year_count import NOT_BEGUN, Reading, YearCount
from sibsim.outcomes.chain import Chain, moved
from sibsim.outcomes.credit import FIRST_CREDITED, LARGEST_SHARES, Credit, is_in


def counted_of_people(
    count: YearCount, *, history: States, member: Indicator, wanted: BoolArray, credit: Credit
) -> FloatArray:
    """Return the months that count of people's time at each step, in sum, (B, N, D).

    Parameters
    ----------
    count
        The count.
    history
        State of each person at each step, (P, N + 1, D).
    member
        Who counts, (P, 1 or D).
    wanted
        States in which time counts, (S,).
    credit
        Whether a step is credited to the state at its start or at its end.
    """
    keep_freed_memory()
    steps, first = history.shape[1] - 1, FIRST_CREDITED[credit]
    parts = [slice(begin, begin + ROWS) for begin in range(0, len(history), ROWS)]
    # Twice the tag before a step, so that adding whether a person is in the states gives the cell.
    before = [
        np.where(is_in(history[part, 0], wanted=wanted), 2 * count.starts_inside, 2 * NOT_BEGUN)
        for part in parts
    ]
    found = []
    for n, reading in enumerate(count.readings(steps)):
        counts = reading.credit(np.arange(count.tags))
        by_cell = np.stack((np.zeros_like(counts), counts), axis=2)
        by_cell = by_cell.reshape(len(counts), 2 * count.tags, -1)
        after = 2 * np.stack((reading.outside, reading.inside), axis=1).ravel()
        step: list[FloatArray] = []
        for number, part in enumerate(parts):
            inside = is_in(history[part, first + n], wanted=wanted)
            # Time of those who do not count adds nothing, so their tags need not be right.
            np.logical_and(inside, member[part], out=inside)
            cells = before[number] + inside.view(np.uint8)
            step.append(_looked_up(by_cell, cells=cells, member=member[part]))
            before[number] = after.take(cells)
        found.append(added(step, shape=(len(counts), history.shape[-1])))
    return np.stack(found, axis=1)


def _looked_up(by_cell: FloatArray, *, cells: IntArray, member: Indicator) -> FloatArray:
    """Return the months that count of the time of some people in a step, in sum, (B, D).

    Parameters
    ----------
    by_cell
        Months that count of each part of it, by tag and then by whether a person is in the states,
        (B, 2 G, 1 or D).
    cells
        Cell of each person, (P, D); outside the states for those who do not count.
    member
        Who counts, (P, 1 or D).
    """
    months = np.zeros((len(by_cell), cells.shape[-1]))
    for part, months_of in enumerate(by_cell):
        if not months_of.any():
            continue
        if months_of.shape[-1] == 1:
            each = months_of[:, 0].take(cells)
        else:
            each = months_of[cells, np.arange(cells.shape[-1])]
        months[part] = summed(each if member.dtype == np.bool_ else each * member)
    return months


def counted_expected(
    count: YearCount, *, chain: Chain, wanted: BoolArray, credit: Credit
) -> FloatArray:
    """Return the months that count of a person's time at each step in expectation, (B, N, 1 or D).

    Parameters
    ----------
    count
        The count.
    chain
        How people move.
    wanted, credit
        As in `counted_of_people`.
    """
    width = chain.trace().shape[-1]
    each = max(LARGEST_SHARES // (count.tags * chain.states), 1)
    if width <= each:
        return _expected(count, chain=chain, wanted=wanted, credit=credit)
    draws = np.arange(width)
    parts = (draws[begin : begin + each] for begin in range(0, width, each))
    return np.concatenate(
        [
            _expected(count.of(part), chain=chain.in_draws(part), wanted=wanted, credit=credit)
            for part in parts
        ],
        axis=-1,
    )


def _expected(count: YearCount, *, chain: Chain, wanted: BoolArray, credit: Credit) -> FloatArray:
    """Return the same, all draws at once; only tags that somebody has are followed."""
    at_end = FIRST_CREDITED[credit] > 0
    first = np.where(wanted, count.starts_inside, NOT_BEGUN)
    tags = np.unique(first)
    now = np.zeros((len(tags), chain.states, chain.trace().shape[-1]))
    now[np.searchsorted(tags, first), np.arange(chain.states)] = chain.start
    found = []
    for splits, reading in zip(chain.splits, count.readings(chain.steps), strict=True):
        if at_end:
            now = moved(now, splits=splits)
        there = added((now[:, state] for state in np.flatnonzero(wanted)), shape=(len(tags), 1))
        # A running sum adds tag by tag whatever the width, which a plain sum does not.
        found.append(np.add.accumulate(reading.credit(tags) * there, axis=1)[:, -1])
        tags, now = _read(now, tags=tags, reading=reading, wanted=wanted)
        if not at_end:
            now = moved(now, splits=splits)
    return np.stack(found, axis=1)


def _read(
    now: FloatArray, *, tags: IntArray, reading: Reading, wanted: BoolArray
) -> tuple[IntArray, FloatArray]:
    """Return the tags after a step that somebody has, (G',), and who has them, (G', S, 1 or D).

    Parameters
    ----------
    now
        Share with each tag before it in each state that the step is credited to, (G, S, 1 or D).
    tags
        The tags before it, rising, (G,).
    reading
        How the step is read.
    wanted
        States in which time counts, (S,).
    """
    from scipy.sparse import csr_array

    then = [reading.inside[tags], reading.outside[tags]]
    after = np.unique(np.concatenate(then))
    later = np.zeros((len(after), *now.shape[1:]))
    for states, target in zip((wanted, ~wanted), then, strict=True):
        cells = (np.searchsorted(after, target), np.arange(len(tags)))
        moving = csr_array((np.ones(len(tags)), cells), shape=(len(after), len(tags)))
        flat = now[:, states].reshape(len(tags), -1)
        part = np.asarray(moving @ flat)
        later[:, states] = part.reshape(len(after), -1, now.shape[-1])
    held = later.any(axis=(1, 2))
    return after[held], later[held]
