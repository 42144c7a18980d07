"""Values of all draws, put together from the values of one block after another."""

from __future__ import annotations

import numpy as np

from sibsim.core.stages import FloatArray


class Placed:
    """One array over all draws, filled in their order; one column as long as no draw differs."""

    def __init__(self, values: FloatArray, *, draws: int) -> None:
        """Begin with the values of the first block.

        Parameters
        ----------
        values
            Shape (..., 1) where they are the same in every draw of the block, else one column per
            draw.
        draws
            Draws in all blocks.
        """
        self._draws = draws
        self._values = values if values.shape[-1] == 1 else np.empty((*values.shape[:-1], draws))

    def place(self, values: FloatArray, *, first: int, last: int) -> None:
        """Take the values of the draws from `first` to before `last`, (..., 1 or last - first)."""
        if self._values.shape[-1] < self._draws:
            if values.shape[-1] == 1 and np.array_equal(values, self._values, equal_nan=True):
                return
            self._values = np.repeat(self._values, self._draws, axis=-1)
        self._values[..., first:last] = values

    def whole(self) -> FloatArray:
        """Return the array, (..., draws)."""
        return np.broadcast_to(self._values, (*self._values.shape[:-1], self._draws))
