"""Non-compliance: people who do not do as the lot says.

No-shows are allotted to the service and stay away; they live by the law without it. Crossovers are
controls who get the service all the same; they live by the law with it. Being allotted does
nothing by itself (exclusion restriction), and nobody does the opposite of what they are allotted.
With shares s of no-shows among those allotted and c of crossovers among controls, the effect of
being allotted (intention to treat, ITT) is 1 - s - c times the effect on who takes part, and the
effect on those who comply (complier average causal effect, CACE) is ITT / (1 - s - c).

Bloom 1984, "Accounting for no-shows in experimental evaluation designs", Evaluation Review
8(2):225-246; Angrist, Imbens and Rubin 1996, "Identification of causal effects using instrumental
variables", Journal of the American Statistical Association 91(434):444-455.

Assumptions: participants, crossovers and those who comply have the same effect; the shares are
known, so that CACE has the standard error of ITT divided by 1 - s - c, the usual approximation.
"""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.distributions import fault
from sibsim.core.luck import successes
from sibsim.core.parameters import Provenance
from sibsim.core.paths import Law
from sibsim.core.spec import Probability
from sibsim.core.stages import Context
from sibsim.evaluation.base import rate
from sibsim.evaluation.controls import HALF, results_of

EVERYBODY_COMPLIES = 0.0
"""Share of no-shows and of crossovers where none is stated."""


class NonCompliance(Provenance):
    """People who do not do as the lot says, and whose effect is reported."""

    no_shows: Probability = EVERYBODY_COMPLIES
    """Share of those allotted to the service who never start, in [0, 1)."""

    crossovers: Probability = EVERYBODY_COMPLIES
    """Share of controls who get the service, in [0, 1)."""

    estimand: Literal["itt", "cace"]
    """`itt`: the effect of being allotted, everybody as allotted; `cace`: the effect on who takes
    part because of the lot."""

    @model_validator(mode="after")
    def _somebody_complies(self) -> Self:
        total = self.no_shows + self.crossovers
        if total >= 1:
            message = (
                f"got no_shows + crossovers = {total:g}; somebody must take part because of the "
                "lot; let the two sum to less than 1"
            )
            raise fault(message)
        return self

    def no_shows_beside(self, people: FloatArray) -> FloatArray:
        """Return the no-shows beside those who take part, n s / (1 - s) rounded half up."""
        return np.floor(people * (self.no_shows / (1.0 - self.no_shows)) + HALF)

    def showing(self, people: FloatArray) -> FloatArray:
        """Return the share of those allotted who take part, 1 - s, 0 where there is nobody.

        Of whole people, so that it may differ a little from the share that is stated.
        """
        return rate(people, number=people + self.no_shows_beside(people))

    def complying(self, people: FloatArray) -> FloatArray:
        """Return the share who take part because of the lot, 1 - s - c.

        Not above 0 only where whole people are so few that rounding leaves nobody.
        """
        return self.showing(people) - self.crossovers

    def results_of_controls(
        self, treated: Law, untreated: Law, *, cohort: int, people: int, context: Context
    ) -> Indicator:
        """Return what happens to controls, each crossing over or not for good, (P, K, 1 or D).

        A control has one luck, by whichever law.

        Parameters
        ----------
        treated, untreated
            How a person's result is spread with and without the service.
        cohort
            Position of the cohort.
        people
            Number of controls, P.
        context
            At the path of the measure.
        """
        names = ("control", cohort)
        without = results_of(untreated, *names, people=people, context=context)
        if self.crossovers == 0:
            return without
        crosses = successes(
            context.measurement,
            streams=[context.stream("crosses", cohort)],
            people=people,
            probability=np.full((1, 1), self.crossovers),
            persistence=np.ones(1),
        )
        served = results_of(treated, *names, people=people, context=context)
        if crosses.dtype == np.bool_:
            return np.where(crosses, served, without)
        return crosses * served + (1.0 - crosses) * without
