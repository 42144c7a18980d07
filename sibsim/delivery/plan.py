"""The delivery plan: who is planned to start when, how many come, stay and complete.

`size` counts **participants planned to start** (the unit of the INDIGO database's users). Referrals
follow from it: planned / take-up.
"""

from __future__ import annotations

import math
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault
from sibsim.core.parameters import Amount, Quantity, Real, Share
from sibsim.core.spec import Date, Flag, Probability, Spec
from sibsim.core.timeline import Timeline
from sibsim.core.words import Words

SHARE_TOLERANCE = 1e-9
"""Shares of the cohorts may miss 1 by this much: decimal shares are not exact in binary."""

WHOLE_TOLERANCE = 1e-9
"""A number of people this near a whole number is that number: 180 x 0.35 is 63."""

LOW_TAKE_UP = 0.1
"""Below this take-up, guaranteed referrals would ask for more than ten people per start."""

RARE = 0.001
"""Highest probability at which a case that cannot be served is still accepted."""

HALF_MONTH = 0.5
"""Half up: a delay of this much counts as a whole month."""


def _check_size(size: Quantity) -> Quantity:
    if not size.is_fixed or size.base_value < 1 or size.base_value % 1:
        got = f"{size.base_value:g}" if size.is_fixed else "a distribution"
        message = (
            f"got {got}; the size is a whole number of participants planned to start; "
            "uncertainty about how many come belongs to delivery.volume"
        )
        raise fault(message)
    return size


Size = Annotated[Amount, AfterValidator(_check_size)]
"""Participants planned to start: a whole number, or a table with its provenance."""


class Cohort(Spec):
    """One intake wave."""

    start: Date
    """Date on which the cohort is planned to start."""

    share: Annotated[Probability, Field(gt=0)]
    """Share of the planned participants, in (0, 1]; the shares of all cohorts sum to 1."""


class Delivery(Spec):
    """How the service is delivered."""

    intervention: Words | None = None
    """Name of the intervention."""

    programme_months: Annotated[int, Field(strict=True, gt=0)]
    """Length of the programme of one participant in whole months, above zero."""

    cohorts: Annotated[tuple[Cohort, ...], Field(min_length=1)]
    """The intake waves, in order of their start."""

    volume: Amount
    """Participants reached / planned, at least 0; 1 is as planned."""

    start_delay: Real
    """Months by which the service starts late, rounded half up to whole months; negative: early."""

    take_up: Share
    """Share of those referred who start, in (0, 1]."""

    completion: Share
    """Share of those who start who complete the programme, in [0, 1]."""

    guaranteed_referrals: Flag = False
    """Whether referrals are raised until the volume is reached when take-up is low."""

    note: str | None = None
    """Anything a reader must know."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        total = math.fsum(cohort.share for cohort in self.cohorts)
        starts = [cohort.start for cohort in self.cohorts]
        message = ""
        if abs(total - 1) > SHARE_TOLERANCE:
            message = f"got cohorts whose shares sum to {total:g}; they must sum to 1"
        elif starts != sorted(starts):
            message = "got cohorts out of order; list them by their start"
        elif self.start_delay.per_cohort:
            message = "got a start_delay per cohort; a delay shifts the whole service"
        elif self.take_up.base_value <= 0:
            message = "got a base take_up of 0; nobody could start; it must be above 0"
        elif self.guaranteed_referrals and self.take_up.prob_below(LOW_TAKE_UP) > RARE:
            message = (
                f"got guaranteed_referrals with a take_up that may fall below {LOW_TAKE_UP:g}; "
                "they would need more than ten referrals per start; narrow take_up"
            )
        if message:
            raise fault(message)
        return self

    def planned(self, size: float) -> FloatArray:
        """Return the participants planned to start in each cohort, n_c = size x share, (C,)."""
        return snapped(size * np.array([cohort.share for cohort in self.cohorts]))

    def p_before_case(self, timeline: Timeline) -> float:
        """Return the probability that the first cohort would start before the case does."""
        first = timeline.months_at(self.cohorts[0].start)
        return float(self.start_delay.prob_below(-first - HALF_MONTH))


def snapped(number: FloatArray) -> FloatArray:
    """Return numbers of people with those within 1e-9 of a whole number made whole."""
    nearest = np.rint(number)
    return np.where(np.abs(number - nearest) < WHOLE_TOLERANCE, nearest, number)
