"""The law of a result that is yes or no, by one luck per person."""

from __future__ import annotations

from dataclasses import dataclass

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.luck import successes
from sibsim.core.streams import Layer
from sibsim.outcomes.yes_or_no import YesOrNo


@dataclass(frozen=True, slots=True)
class BinaryLaw(YesOrNo):
    """Yes or no at each follow-up, by one luck that is kept from one to the next."""

    mean: FloatArray
    """Probability of yes, (K, 1 or D)."""

    persistence: FloatArray
    """Probability of keeping one's luck from one follow-up to the next, (1 or D,)."""

    def draw(self, layer: Layer, *, stream: str, people: int) -> Indicator:
        """Return who achieves the outcome at each follow-up, (P, K, D); layer off: the mean."""
        return successes(
            layer,
            streams=[f"{stream}/{k}" for k in range(len(self.mean))],
            people=people,
            probability=self.mean,
            persistence=self.persistence,
        )
