"""The delivery plan: who is planned to start when, how many come, stay and complete.

`size` counts **participants planned to start** (the unit of the INDIGO database's users). Referrals
follow from it: planned / take-up.

`ramp_up` is the *shape* of the intake over the waves and `volume` its *level*: they multiply, and
the total is size x volume x the ramp-up's value at the end of the last wave. A ramp-up that ends
below 1 holds a shortfall of its own; used beside a volume whose shortfall was seen in the same
projects (both priors of INDIGO), the shortfall counts twice.
"""

from __future__ import annotations

import math
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault
from sibsim.core.parameters import Amount, Quantity, Real, Share
from sibsim.core.priors import curve_named
from sibsim.core.spec import Date, Flag, Number, Positive, Probability, Sourced, Spec, as_share
from sibsim.core.timeline import Timeline
from sibsim.core.words import Words
from sibsim.errors import UnknownNameError

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

LONGEST_FINISH_DELAY = 1200
"""Months by which a service may end late, as long as the longest case: a hundred years."""

MOST_TO_DATE = 10.0
"""Most that may have started for one planned by then: above it a percentage was meant."""


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


class RampUp(Sourced):
    """How many have started by when, as a share r of those planned to have started by then.

    r is linear between the points from 0 at the start of service, and constant after the last. It
    may fall, and may exceed 1. Read from `{months, share}` or from a shipped curve, `{prior}`.
    """

    prior: str | None = None
    """Name of a shipped curve, instead of months and shares."""

    months: Annotated[tuple[Positive, ...], Field(min_length=1)] | None = None
    """Months from the real start of service, above 0, rising."""

    share: tuple[Number, ...] | None = None
    """Started by then / planned to have started by then, from 0 to 10, one for each month."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        months, share = self.months or (), self.share or ()
        stated = self.months is not None and self.share is not None
        message = ""
        if self.prior is not None and (self.months is not None or self.share is not None):
            message = f"got prior = {self.prior!r} beside months or share; drop one of them"
        elif self.prior is None and not stated:
            message = "got no curve; state prior = 'indigo-ramp-up', or months and share"
        elif len(months) != len(share):
            message = (
                f"got {len(months)} months and {len(share)} shares; each share holds at one month; "
                "give as many of one as of the other"
            )
        elif list(months) != sorted(set(months)):
            message = "got months that do not rise; put them in order, each once"
        elif share and not 0 <= min(share) <= max(share) <= MOST_TO_DATE:
            wrong = min(share) if min(share) < 0 else max(share)
            message = (
                f"got {wrong:g} started for each one planned; it lies from 0 to "
                f"{MOST_TO_DATE:g}{as_share(wrong)}"
            )
        if message:
            raise fault(message)
        try:
            self.curve  # noqa: B018 - the name of a prior is looked up
        except UnknownNameError as error:
            raise fault(str(error)) from None
        return self

    @property
    def curve(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Months and shares of the points, as stated or of the prior."""
        if self.prior is None:
            return self.months or (), self.share or ()
        prior = curve_named(self.prior)
        return prior.months, prior.values

    def at(self, months: FloatArray) -> FloatArray:
        """Return r at months from the real start of service, any shape, at least 0."""
        at, share = self.curve
        return np.interp(months, (0.0, *at), (0.0, *share))


class WaitingList(Spec):
    """Those who find no free place wait for the next wave."""

    gives_up: Share
    """Share of those who wait that give up before the next wave, in [0, 1]."""


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

    finish_delay: Amount = Quantity.fixed(0.0)
    """Months by which the service ends later than planned, beyond the start delay, rounded half up
    to whole months, at least 0. Lines of cost that say `runs_over` run on for as long."""

    ramp_up: RampUp | None = None
    """How slowly people come at first; None: each wave as planned."""

    capacity: Annotated[int, Field(strict=True, gt=0)] | None = None
    """Places: people in the programme at the same time, above zero; None: no limit."""

    waiting_list: WaitingList | None = None
    """Who finds no free place waits for the next wave; None: is turned away."""

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

    @model_validator(mode="after")
    def _check_trouble(self) -> Self:
        too_late = 1.0 - self.finish_delay.prob_below(LONGEST_FINISH_DELAY)
        message = ""
        if self.finish_delay.per_cohort:
            message = "got a finish_delay per cohort; the service ends as a whole; drop per_cohort"
        elif too_late > RARE:
            message = (
                f"got a finish_delay of {LONGEST_FINISH_DELAY} months or more with probability "
                f"{too_late:.1%}; it is in months; narrow it"
            )
        elif self.ramp_up is not None and len({cohort.start for cohort in self.cohorts}) == 1:
            message = (
                "got a ramp_up with all cohorts on one day; it says how many have started when the "
                "next wave begins; state cohorts that start on at least two days, or lower volume"
            )
        elif self.waiting_list is not None and self.capacity is None:
            message = (
                "got a waiting_list without a capacity; nobody waits where there is always a "
                "place; state capacity, or drop waiting_list"
            )
        if message:
            raise fault(message)
        return self

    def planned(self, size: float) -> FloatArray:
        """Return the participants planned to start in each cohort, n_c = size x share, (C,)."""
        return snapped(size * np.array([cohort.share for cohort in self.cohorts]))

    def opens(self, timeline: Timeline) -> FloatArray:
        """Return the planned start of each cohort in months since the start of the case, (C,)."""
        return np.array([timeline.months_at(cohort.start) for cohort in self.cohorts])

    def ramped(self, size: float, *, timeline: Timeline) -> FloatArray:
        r"""Return the participants who start in each cohort at a volume of 1, (C,).

        Without a ramp-up those planned. With it r(e_c) N_c - r(e_{c-1}) N_{c-1}, N_c the number
        planned in the cohorts up to c, e_c the end of their intake in months from the first start:
        the next later start, for the last the same time again as between the two before. Where
        r(e_c) N_c falls, nobody is sent home: each is cut to the least that follows, so that the
        sum is r(e_C) x size.

        Parameters
        ----------
        size
            Participants planned to start, all cohorts.
        timeline
            The periods of the case.
        """
        planned = self.planned(size)
        if self.ramp_up is None:
            return planned
        opens = self.opens(timeline)
        days = np.unique(opens)
        ends = np.append(days[1:], 2 * days[-1] - days[-2])[np.searchsorted(days, opens)]
        due = self.ramp_up.at(ends - days[0]) * np.cumsum(planned)
        to_date = np.minimum.accumulate(due[::-1])[::-1]
        return snapped(np.diff(to_date, prepend=0.0))

    def p_before_case(self, timeline: Timeline) -> float:
        """Return the probability that the first cohort would start before the case does."""
        first = timeline.months_at(self.cohorts[0].start)
        return float(self.start_delay.prob_below(-first - HALF_MONTH))


def snapped(number: FloatArray) -> FloatArray:
    """Return numbers of people with those within 1e-9 of a whole number made whole."""
    nearest = np.rint(number)
    return np.where(np.abs(number - nearest) < WHOLE_TOLERANCE, nearest, number)
