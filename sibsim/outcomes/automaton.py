"""Tags that read the states: what a person's history so far comes down to, for spells and totals.

A finite automaton beside the chain: after reading X_0 .. X_n a person has one of G tags, and the
next tag follows from this one and the next state alone. So "weeks in a job without a break" or
"weeks on benefit in all" is a count that the tag holds, capped where more would say no more. The
pair of tag and state is itself a Markov chain, so its expectation is exact.

Assumption: whoever lists the tags chooses their meaning; the chain does not depend on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.luck import ROWS
from sibsim.core.memory import keep_freed_memory
from sibsim.core.paths import States
from sibsim.outcomes.chain import Chain, moved

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Tags = NDArray[np.uint8] | NDArray[np.uint16]
"""Tags by number: bytes where G <= 256."""


@dataclass(frozen=True, eq=False)
class Automaton:
    """A finite automaton that reads a person's states one by one."""

    first: IntArray
    """Tag after reading X_0, by state, (S,)."""

    then: IntArray
    """Tag after reading a state, by the tag before and the state, (G, S)."""

    def follow(self, history: States) -> Tags:
        """Return each person's tag after reading X_0 .. X_n, (P, N + 1, D).

        Parameters
        ----------
        history
            Each person's states, (P, N + 1, D).
        """
        keep_freed_memory()
        tags, states = self.then.shape
        found = np.empty(history.shape, dtype=np.min_scalar_type(tags - 1))
        first = self.first.astype(found.dtype)
        then = self.then.astype(found.dtype).ravel()
        cell = np.min_scalar_type(then.size - 1)
        for begin in range(0, len(history), ROWS):
            part, seen = found[begin : begin + ROWS], history[begin : begin + ROWS]
            now = first.take(seen[:, 0])
            part[:, 0] = now
            for n in range(1, history.shape[1]):
                now = then.take(np.multiply(now, states, dtype=cell) + seen[:, n])
                part[:, n] = now
        return found

    def shares(self, chain: Chain) -> Iterator[FloatArray]:
        """Yield the expected share with each tag in each state after each step, (G, S, 1 or D).

        Parameters
        ----------
        chain
            The chain whose states are read.
        """
        tags, states = self.then.shape
        width = chain.trace().shape[-1]
        now = np.zeros((tags, states, width))
        now[self.first, np.arange(states)] = chain.start
        read = self._reading()
        yield now
        for splits in chain.splits:
            unread = moved(now, splits=splits).reshape(tags * states, width)
            now = (read @ unread).reshape(tags, states, width)
            yield now

    def trace(self, chain: Chain) -> FloatArray:
        """Return the expected share with each tag in each state, (N + 1, G, S, 1 or D).

        Parameters
        ----------
        chain
            The chain whose states are read; its trace is the sum over tags.
        """
        return np.stack(list(self.shares(chain)))

    def _reading(self) -> csr_array:
        """Return the matrix of ones that takes [tag, state] to [tag after the state, state]."""
        from scipy.sparse import csr_array

        cells = np.arange(self.then.size)
        states = self.then.shape[1]
        target = self.then.ravel() * states + cells % states
        return csr_array((np.ones(cells.size), (target, cells)), shape=(cells.size, cells.size))
