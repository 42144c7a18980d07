"""An error that no evaluation sees of itself: a bias that matching leaves, a trend not shared.

One draw for all cohorts and follow-ups, so that more people never make it smaller. It is no part of
what an evaluation states of its error, and so of no test.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Provenance
from sibsim.core.spec import Number
from sibsim.core.stages import Context
from sibsim.evaluation.base import noise


class UnseenError(Provenance):
    """An error of the estimate that nobody sees, the same for all cohorts and follow-ups."""

    mean: Number
    """Its mean: estimate less truth on average, in the outcome's unit."""

    sd: Annotated[Number, Field(ge=0)]
    """How far it may lie from its mean, as a standard deviation, at least 0."""

    def drawn(self, *names: object, context: Context) -> FloatArray:
        """Return the error, or its mean with the measurement layer off, (1, 1, 1 or D).

        Parameters
        ----------
        names
            End of the name of the stream.
        context
            At the path of the measure.
        """
        return self.mean + noise(context, *names, sd=np.full((1, 1, 1), self.sd))
