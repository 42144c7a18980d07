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
    tags = [
        np.where(is_in(history[part, 0], wanted=wanted), count.starts_inside, NOT_BEGUN)
        for part in parts
    ]
    found = []
    for n, reading in enumerate(count.readings(steps)):
        credit_of = reading.credit(np.arange(count.tags))
        step: list[FloatArray] = []
        then = np.concatenate((reading.outside, reading.inside))
        for number, part in enumerate(parts):
            inside = is_in(history[part, first + n], wanted=wanted)
            weight = inside * member[part]
            step.append(_looked_up(credit_of, tags=tags[number], weight=weight))
            tags[number] = then.take(tags[number] + count.tags * inside)
        found.append(added(step, shape=(len(credit_of), history.shape[-1])))
    return np.stack(found, axis=1)


def _looked_up(credit: FloatArray, *, tags: IntArray, weight: Indicator) -> FloatArray:
    """Return the months that count of the time of some people in a step, in sum, (B, D).

    Parameters
    ----------
    credit
        Months that count of each part of it, by tag, (B, G, 1 or D).
    tags
        Tag of each person before it, (P, D).
    weight
        Who is in the states and counts, (P, D).
    """
    months = np.zeros((len(credit), tags.shape[-1]))
    for part, by_tag in enumerate(credit):
        if not by_tag.any():
            continue
        if by_tag.shape[-1] == 1:
            each = by_tag[:, 0].take(tags)
        else:
            each = by_tag[tags, np.arange(tags.shape[-1])]
        months[part] = summed(each * weight)
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
