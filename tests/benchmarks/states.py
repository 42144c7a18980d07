"""People against counts in a chain of eight states: `python -m tests.benchmarks.states`.

Forty quarterly steps, four cohorts. The same chain is drawn as people, as multinomial counts, and
person by person in plain Python; with a matrix that all draws share or one for every draw, and with
few or all moves possible. People carry the duration band that they are in; counts do not. Counts
take little longer for more people, people take time in proportion, so there is a number from which
on counts are faster. Nothing is asserted.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from itertools import accumulate

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.outcomes.automaton import Automaton
from sibsim.outcomes.chain import Chain
from tests.benchmarks.table import MICRO, medians

STATES, STEPS, COHORTS = 8, 40, 4
PEOPLE = (180, 720, 1440)
"""People in all four cohorts; the first is the case that the target of 100 us speaks of."""

LOOP_DRAWS = 16
ROUNDS = 3
SEED = 1
STAY = 0.8
NEAREST, ALL = 1, STATES
"""How many places up or down a person may move in one step."""

SPREAD = 0.5
"""By how much the chance of a move differs between draws, up or down."""

BANDS = 4
"""Duration bands: steps on support so far, the last band for all that are beyond it."""

ON_SUPPORT = 5
"""States on support, the worst ones."""


def matrix(*, reach: int, own: bool) -> FloatArray:
    """Return a matrix, (S, S, 1 or D): most stay, the others move up to `reach` places alike.

    With `own` every draw has its own.
    """
    away = np.abs(np.subtract.outer(np.arange(STATES), np.arange(STATES)))
    moves = ((away > 0) & (away <= reach))[..., np.newaxis].astype(np.float64)
    if own:
        uniform = Layer(LayerName.PARAMETERS, SEED).uniforms("states", rows=STATES * STATES)
        moves = moves * (1 - SPREAD + 2 * SPREAD * uniform.reshape(STATES, STATES, BLOCK_DRAWS))
    moved = (1 - STAY) * moves / moves.sum(axis=1, keepdims=True).mean(axis=-1, keepdims=True)
    staying = np.eye(STATES)[..., np.newaxis] * (1 - moved.sum(axis=1, keepdims=True))
    return np.ascontiguousarray(moved + staying)


def chain(*, reach: int, own: bool) -> Chain:
    """Return the chain of forty such steps; half start in each of two low states."""
    start = np.zeros((STATES, 1))
    start[1:3] = 0.5
    return Chain(start, (matrix(reach=reach, own=own),) * STEPS)


def bands() -> Automaton:
    """Return what reads the duration band of a person."""
    support = np.arange(STATES) < ON_SUPPORT
    tags = np.arange(BANDS)[:, np.newaxis]
    longer = np.minimum(tags + 1, BANDS - 1)
    return Automaton(np.zeros(STATES, dtype=np.int64), np.where(support, longer, tags))


def draw_people(of: Chain, *, people: int) -> None:
    """Draw one block of the people of all cohorts, each with the duration band at every step."""
    layer, reader = Layer(LayerName.CHANCE, SEED), bands()
    for cohort in range(COHORTS):
        reader.follow(of.people(layer, stream=f"states/{cohort}", people=people // COHORTS))


def draw_counts(of: Chain, *, people: int) -> None:
    """Draw one block of the counts of all cohorts."""
    layer = Layer(LayerName.CHANCE, SEED)
    for cohort in range(COHORTS):
        number = np.array([people / COHORTS])
        of.counts(layer, stream=f"states/{cohort}", people=number)


def loop(of: Chain, *, people: int) -> int:
    """Move person after person, draw after draw; return how many end in the best state."""
    rng = random.Random(SEED)  # noqa: S311 - what a plain loop would use
    rows = [list(accumulate(map(float, row[:, 0]))) for row in of.transitions[0]]
    first = list(accumulate(map(float, of.start[:, 0])))
    best = 0
    for _ in range(LOOP_DRAWS * people):
        state = min(bisect_right(first, rng.random()), STATES - 1)
        for _ in range(STEPS):
            state = min(bisect_right(rows[state], rng.random()), STATES - 1)
        best += state == STATES - 1
    return best


def rows(*, reach: int, own: bool) -> list[tuple[str, ...]]:
    """Measure one chain: what, then microseconds per draw by number of people."""
    of = chain(reach=reach, own=own)
    subjects: dict[str, Callable[[], object]] = {}
    for people in PEOPLE:
        subjects[f"people {people}"] = partial(draw_people, of, people=people)
        subjects[f"counts {people}"] = partial(draw_counts, of, people=people)
    if not own:
        subjects["loop"] = partial(loop, of, people=PEOPLE[0])
    subjects["trace"] = lambda: Chain(of.start, of.transitions).trace()
    taken = medians(subjects, rounds=ROUNDS)
    per_draw = {name: MICRO * time / BLOCK_DRAWS for name, time in taken.items()}
    by_people = np.array([per_draw[f"people {people}"] for people in PEOPLE])
    by_counts = np.array([per_draw[f"counts {people}"] for people in PEOPLE])
    found = [
        ("people with bands", *(f"{time:.0f}" for time in by_people)),
        ("counts", *(f"{time:.0f}" for time in by_counts)),
        ("counts are faster from", crossing(by_people - by_counts)),
        ("trace of one cohort", f"{per_draw['trace']:.1f}"),
    ]
    if not own:
        slow = per_draw["loop"] * BLOCK_DRAWS / LOOP_DRAWS
        times = f"{slow:.0f}, people are {slow / by_people[0]:.0f} x faster"
        found.append(("plain loop", times))
    return found


def crossing(slower: FloatArray) -> str:
    """Return the number of people from which on people take longer than counts.

    Between two numbers measured, on the straight line.

    Parameters
    ----------
    slower
        Time of people less time of counts, by number of people.
    """
    if (slower > 0).all():
        return f"fewer than {PEOPLE[0]} people"
    if (slower <= 0).all():
        return f"more than {PEOPLE[-1]} people"
    k = int(np.argmax(slower > 0))
    return f"{np.interp(0.0, slower[k - 1 : k + 1], PEOPLE[k - 1 : k + 1]):.0f} people"


def main() -> None:
    """Print one table per chain in Markdown."""
    lines = []
    for reach, moves in ((NEAREST, "moves to neighbours"), (ALL, "moves to all states")):
        for own, whose in ((False, "one matrix for all draws"), (True, "every draw its own")):
            lines += [
                f"\n{moves}, {whose}: microseconds per draw\n",
                f"| people | {' | '.join(map(str, PEOPLE))} |",
                "|---" * (len(PEOPLE) + 1) + "|",
            ]
            lines += [f"| {' | '.join(row)} |" for row in rows(reach=reach, own=own)]
    lines.append(
        f"\n{STATES} states, {STEPS} steps, {COHORTS} cohorts; one block of {BLOCK_DRAWS:,} draws, "
        f"the loop {LOOP_DRAWS}; medians of {ROUNDS} rounds in turn."
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
