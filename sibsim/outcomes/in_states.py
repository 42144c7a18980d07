"""Share of people in named states, read from the people of a multi-state outcome.

The result is 1 for a person who is in one of the states at the step nearest to the follow-up. A
multi-state outcome counts one list of states; further lists of the same people stand here.

Assumption: where a person is between two steps is not known; the step decides.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, summed
from sibsim.core.paths import States
from sibsim.outcomes.derived import Derived, IndicatorLaw
from sibsim.outcomes.states import StatesLaw


class InStatesLaw(IndicatorLaw):
    """Whether a person is in one of the states at each follow-up."""

    @cached_property
    def mean(self) -> FloatArray:
        """Expected share in the states, (K, 1 or D)."""
        shares = self.chain.trace()[list(self.at)][:, self.inside]
        return np.minimum(summed(np.moveaxis(shares, 1, 0)), 1.0)

    def read(self, history: States) -> BoolArray:
        """Return who is in one of the states at each follow-up, (P, K, D)."""
        return self.inside[history[:, list(self.at)]]

    def of_numbers(self, numbers: FloatArray) -> FloatArray:
        """Return how many are in one of the states at each follow-up, (K, D)."""
        return summed(np.moveaxis(numbers[list(self.at)][:, self.inside], 1, 0))


class InStates(Derived):
    """Outcome of being in one of the named states of another outcome at a follow-up."""

    model: Literal["in_states"]
    """Name of the outcome model."""

    @property
    def needs_persons(self) -> bool:
        """Never: how many are in the states is enough."""
        return False

    def law(self, seen: StatesLaw) -> InStatesLaw:
        """Return how likely a person is in one of the states at each follow-up."""
        return InStatesLaw(seen.chain, self.inside(seen), self.steps(seen), seen.model.counted)


Model = InStates
