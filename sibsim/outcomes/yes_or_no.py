"""What laws of a result of yes or no have in common: all follows from the probability of yes."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sibsim.core.arrays import FloatArray


class _Likely(Protocol):
    @property
    def mean(self) -> FloatArray:
        """Probability of yes, (K, 1 or D)."""


class YesOrNo:
    """A law whose result is 1 for yes and 0 for no, with `mean` the probability of yes."""

    __slots__ = ()

    @property
    def variance(self: _Likely) -> FloatArray:
        """Return p (1 - p), (K, 1 or D)."""
        return self.mean * (1.0 - self.mean)

    def at_least(self: _Likely, level: float) -> FloatArray:
        """Return P(result >= level): 1 up to 0, the probability of yes up to 1, then 0."""
        if level <= 0:
            return np.ones_like(self.mean)
        return self.mean if level <= 1 else np.zeros_like(self.mean)
