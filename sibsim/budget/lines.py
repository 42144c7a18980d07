"""A budget line: what one more person in the followed outcome saves whom, for how long.

A line that names states of its outcome saves the time in them that is less than it would have been.

A *transfer* is money that moves between two parties, such as a benefit; society as a whole neither
gains nor loses. A *resource* is time and goods that are set free, such as a place in a shelter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from sibsim.core.parameters import Amount, BetweenPeople, Quantity, Share
from sibsim.core.postings import Frame
from sibsim.core.prices import Index, refund_ladder
from sibsim.core.spec import Months, Name, Sourced, Spec
from sibsim.core.timeline import DAYS_PER_YEAR, MONTHS_PER_YEAR, WEEKS_PER_MONTH, Timeline
from sibsim.core.words import Words
from sibsim.errors import ArgumentError, Fault, UnknownNameError

PER_MONTH = {
    "month": 1.0,
    "week": WEEKS_PER_MONTH,
    "year": 1.0 / MONTHS_PER_YEAR,
    "day": DAYS_PER_YEAR / MONTHS_PER_YEAR,
}
"""How many of each unit of time one person-month holds."""

NATURE = "nature"
"""Stands opposite resources set free or used up; no party may have its name."""

STATE = "state"
"""Party that refunds benefits."""

ALL = Quantity.fixed(1.0)
"""Default of `share` on transfers: a benefit that is not paid is cash kept."""

NONE = Quantity.fixed(0.0)
"""Default of `backfill`: nobody else fills what is set free."""

Party = Annotated[str, Field(min_length=1)]
"""A party of the ledger: `municipality`, `state`, `region`, `citizens`."""


def _fault(message: str) -> PydanticCustomError:
    kind = "budget_line"
    return PydanticCustomError(kind, "{text}", {"text": message})


class Refund(Spec):
    """The state's refund of a benefit, by weeks on support."""

    ladder: str
    """Name of the refund ladder, such as `dk-refund`."""

    weeks_before: BetweenPeople
    """Weeks on support before the service starts, between people."""


class BudgetLine(Sourced):
    """What a person more in an outcome, or time less in its states, saves one party."""

    title: Words = Words()
    """Name of the line in reports."""

    follows: Name
    """Outcome whose additional people the line follows."""

    gain: Name | None = None
    """Gain that the line reaches; of the routes to it (lines by outcome) only the larger counts."""

    kind: Literal["transfer", "resource"]
    """Money that moves between two parties, or resources set free."""

    party: Party
    """Who pays for the line today, and saves."""

    counterparty: Party | None = None
    """Who receives the transfer today, and loses it; only on a transfer, where it is required."""

    frame: Frame
    """Spending frame of the party that the line is booked in."""

    committee: str | None = None
    """Political committee whose budget it is."""

    amount: Amount
    """Money per person and unit of time, in the price level of the price year; 0 or more."""

    per: Literal["month", "week", "year", "day"]
    """Unit of time of `amount`: per person-month, person-week, person-year or person-day."""

    index: str
    """Index that moves the amount over the years; `none` must be said."""

    refund: Refund | None = None
    """The state's refund; without it the party bears all."""

    states: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """States of the outcome in which the amount is paid for each person and unit of time; the
    saving is the time in them that is less than it would have been. None: the line follows the
    outcome's additional people."""

    lasts: BetweenPeople | None = None
    """Months that the outcome lasts after the last follow-up, between people; required without
    `states`, absent with them: time in states is followed to the outcome's horizon and no further.
    """

    lag_months: Months = 0
    """Months from the person-time to the cash; it shifts cash, not duration."""

    share: Share = ALL
    """Share of the saving that can be taken out of the budget; must be stated off transfers."""

    backfill: Share = NONE
    """Share of what is set free that others fill."""

    @model_validator(mode="after")
    def _check_parties(self) -> Self:
        if self.kind == "transfer" and self.counterparty is None:
            message = "a transfer needs `counterparty`, who receives it today, such as 'citizens'"
            raise _fault(message)
        if self.kind == "resource" and self.counterparty is not None:
            message = (
                f"got counterparty = {self.counterparty!r}; a resource has none; "
                "leave it out or say kind = 'transfer'"
            )
            raise _fault(message)
        if self.party == self.counterparty:
            message = f"got {self.party!r} on both sides; party and counterparty must differ"
            raise _fault(message)
        if NATURE in {self.party, self.counterparty}:
            message = f"got {NATURE!r} as a party; that name stands for resources; say who pays"
            raise _fault(message)
        if self.refund is not None and self.party == STATE:
            message = "the state cannot refund itself; leave `refund` out or name another party"
            raise _fault(message)
        return self

    @model_validator(mode="after")
    def _check_time(self) -> Self:
        message = ""
        if self.states is None and self.lasts is None:
            message = (
                "got neither `lasts` nor `states`; a saving ends some time; say how long the "
                "outcome lasts after the last follow-up, in months, or name the states of the "
                "outcome in which the amount is paid"
            )
        elif self.states is not None and self.lasts is not None:
            message = (
                "got `lasts` beside `states`; time in states is followed step by step to the "
                "horizon of the outcome and no further; drop one of them"
            )
        if message:
            found: InitErrorDetails = {"type": _fault(message), "loc": ("lasts",), "input": None}
            raise ValidationError.from_exception_data(type(self).__name__, [found])
        if self.states is not None and len(set(self.states)) < len(self.states):
            message = f"got states = {list(self.states)}; time in a state counts once; list it once"
            raise _fault(message)
        return self

    @model_validator(mode="after")
    def _check_release(self) -> Self:
        if self.frame != "transfers" and "share" not in self.model_fields_set:
            message = (
                f"frame = {self.frame!r} needs `share`, the part of the saving that can be taken "
                "out of the budget; only on transfers is it 1 unless stated"
            )
            raise _fault(message)
        for name in ("share", "backfill"):
            if getattr(self, name).per_cohort:
                message = f"`{name}` holds for the whole line; leave out its per_cohort = true"
                raise _fault(message)
        return self

    @property
    def releases_all(self) -> bool:
        """Whether every saving is taken out of the budget, in every draw."""
        return all(
            quantity.is_fixed and quantity.base_value == sure.base_value
            for quantity, sure in ((self.share, ALL), (self.backfill, NONE))
        )


def check_lines(
    lines: Mapping[str, BudgetLine],
    *,
    indices: Mapping[str, Index],
    timeline: Timeline,
    price_year: int,
) -> tuple[Fault, ...]:
    """Return a fault for each price that is not known over the time that the lines run.

    Parameters
    ----------
    lines
        The lines by name.
    indices
        The indices of the case; a line that names another one is left to the case.
    timeline
        The periods of the case.
    price_year
        Calendar year whose price level the amounts are in.
    """
    years = np.array([price_year, *timeline.years])
    faults: list[Fault] = []
    for name, line in lines.items():
        index = indices.get(line.index)
        if index is not None:
            problem = index.problem(years)
            if not problem and not index.goes_on:
                problem = (
                    f"{line.index!r} has no growth after its last year, but savings go on beyond "
                    "the end of the case; add `then_per_year` to the index"
                )
            if problem:
                faults.append(Fault(f"budget.{name}.index", problem))
        if line.refund is not None:
            try:
                for day in timeline.starts[:-1]:
                    refund_ladder(line.refund.ladder, day=day)
            except (ArgumentError, UnknownNameError) as error:
                faults.append(Fault(f"budget.{name}.refund.ladder", str(error)))
    return tuple(faults)
