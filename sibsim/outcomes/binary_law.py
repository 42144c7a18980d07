"""The law of a result that is yes or no, by one luck per person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.luck import successes
from sibsim.core.streams import Layer


@dataclass(frozen=True, slots=True)
class BinaryLaw:
    """Yes or no at each follow-up, by one luck that is kept from one to the next."""

    mean: FloatArray
    """Probability of yes, (K, 1 or D)."""

    persistence: FloatArray
    """Probability of keeping one's luck from one follow-up to the next, (1 or D,)."""

    @property
    def variance(self) -> FloatArray:
        """Return p (1 - p), (K, 1 or D)."""
        return self.mean * (1.0 - self.mean)

    def at_least(self, level: float) -> FloatArray:
        """Return P(result >= level): 1 up to 0, the probability of yes up to 1, then 0."""
        if level <= 0:
            return np.ones_like(self.mean)
        return self.mean if level <= 1 else np.zeros_like(self.mean)

    def draw(self, layer: Layer, *, stream: str, people: int) -> Indicator:
        """Return who achieves the outcome at each follow-up, (P, K, D); layer off: the mean."""
        return successes(
            layer,
            streams=[f"{stream}/{k}" for k in range(len(self.mean))],
            people=people,
            probability=self.mean,
            persistence=self.persistence,
        )
