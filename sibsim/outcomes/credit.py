"""What is read from a chain: the state a step is credited to, a stretch of it, tags beside it.

A step lies between two states and is credited whole to one of them, which the outcome names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.paths import States
from sibsim.outcomes.automaton import Automaton
from sibsim.outcomes.chain import Chain

LARGEST_SHARES = 2**21
"""Shares by tag and state that are worked out at once, 16 megabytes: more of them go by draws."""

Credit = Literal["start", "end"]
"""The state that a step is credited to: the one at its start, or the one at its end."""

FIRST_CREDITED: Mapping[Credit, int] = {"start": 0, "end": 1}
"""Index of the state that the first step is credited to."""


def is_in(history: States, *, wanted: BoolArray) -> BoolArray:
    """Return who is in one of the wanted states, (S,), in the shape of the history.

    Some comparisons, one for each run of neighbours, take a tenth of the time of looking each cell
    up in `wanted`.
    """
    edges = np.flatnonzero(np.diff(wanted, prepend=False, append=False))
    found = np.zeros(history.shape, dtype=np.bool_)
    for first, end in edges.reshape(-1, 2).astype(history.dtype):
        # Below the first state the difference wraps round to a large number.
        found |= history - first < end - first
    return found


def stretch(chain: Chain, *, begin: int, end: int) -> Chain:
    """Return the chain of the states X_begin .. X_(end - 1)."""
    return Chain(chain.trace()[begin], chain.transitions[begin : end - 1])


def of_tags(
    automaton: Automaton, *, chain: Chain, read: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Return what is read from the expected shares by tag and state, step by step.

    Unlike `Automaton.trace` it keeps no step but the latest, so that there may be many tags, steps
    and draws.

    Parameters
    ----------
    automaton
        Which tag a history has.
    chain
        The chain whose states it reads.
    read
        From the shares of some draws after a step, (G, S, W), to an array (..., W).

    Returns
    -------
    found
        What is read after reading X_0 .. X_n, (N + 1, ..., 1 or D).
    """
    width = chain.trace().shape[-1]
    each = max(LARGEST_SHARES // automaton.then.size, 1)
    parts = (
        chain if width <= each else chain.in_draws(slice(first, first + each))
        for first in range(0, width, each)
    )
    found = [np.stack([read(now) for now in automaton.shares(part)]) for part in parts]
    return np.concatenate(found, axis=-1)
