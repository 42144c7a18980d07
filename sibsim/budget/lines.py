"""A budget line: what one more person in the followed outcome saves whom, for how long.

A line takes one of two forms. `amount` and `per` are money per unit of time (or per day or event
where the outcome counts those); `per_year` is money year by year for each additional person at the
last follow-up, as the yearly consequences of a SØM calculation are. SØM (Den Socialøkonomiske
Investeringsmodel) sums such consequences by municipality, region and state, after refund and
without equalisation (VIVE: Socialøkonomisk investeringsmodel (SØM) - Dokumentation,
https://9pdf.org/document/y4wxj43r-social%C3%B8konomisk-investeringsmodel-s%C3%B8m.html, 2018).

A line that names states of its outcome saves the time in them that is less than it would have been;
a gain in tax is the time in them that is more. A subsidy of a state that people enter is such a
line too: more time in it costs.

A *transfer* is money that moves between two parties, such as a benefit; society as a whole neither
gains nor loses. A *resource* is time and goods that are set free, such as a place in a shelter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from sibsim.budget.refund import refund_problems
from sibsim.budget.terms import Guarantee, Refund, Tax
from sibsim.core.parameters import Amount, BetweenPeople, Quantity, Real, Share
from sibsim.core.postings import Frame
from sibsim.core.prices import Index
from sibsim.core.spec import Date, Months, Name, Sourced
from sibsim.core.timeline import DAYS_PER_YEAR, MONTHS_PER_YEAR, WEEKS_PER_MONTH, Timeline
from sibsim.core.words import Words
from sibsim.errors import Fault, UnknownNameError

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
"""Party that refunds benefits, equalises tax and gives the budget guarantee."""

COUNTED = {"day": "days", "event": "events", "week": "weeks", "month": "months"}
"""By unit of an amount, what an outcome counts whose results it prices one by one."""

ALONE = ("amount", "per", "lasts", "states", "refund", "tax", "guarantee")
"""Fields that do not go with `per_year`, which states the whole saving by itself."""

ALL = Quantity.fixed(1.0)
"""Default of `share` on transfers: a benefit that is not paid is cash kept."""

NONE = Quantity.fixed(0.0)
"""Default of `backfill`: nobody else fills what is set free."""

Party = Annotated[str, Field(min_length=1)]
"""A party of the ledger: `municipality`, `state`, `region`, `citizens`."""


def _fault(message: str) -> PydanticCustomError:
    kind = "budget_line"
    return PydanticCustomError(kind, "{text}", {"text": message})


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

    amount: Amount | None = None
    """Money per person and unit of time, or per event, in the price level of the price year; 0 or
    more; with `tax` the taxable income. Required unless `per_year` stands instead."""

    per: Literal["month", "week", "year", "day", "event"] | None = None
    """Unit of `amount`: per person-month, person-week, person-year or person-day; where the outcome
    counts days, events, weeks or months, one of these. Goes with `amount`."""

    saves: Literal["more", "fewer"] = "more"
    """Whether more results than otherwise save money (people in work), or fewer (days in shelter);
    absent with `states`, of which less time saves."""

    per_year: Annotated[tuple[Real, ...], Field(min_length=1)] | None = None
    """Money per additional person in the first, second, ... year from `from_months` on, in prices
    of the price year, such as the yearly consequences of a SØM calculation; below 0 it costs."""

    from_months: Months | None = None
    """Months from the real start of service to the first of the years of `per_year`."""

    index: str
    """Index that moves the amount over the years; `none` must be said."""

    refund: Refund | None = None
    """The state's refund; without it the party bears all."""

    tax: Tax | None = None
    """The line is a gain in tax on the taxable income `amount`; None: it is no tax."""

    guarantee: Guarantee | None = None
    """How the budget guarantee answers the saving; None: the party keeps it."""

    states: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """States of the outcome in which the amount is paid for each person and unit of time; the
    saving is the time in them that is less than it would have been, the gain in `tax` the time that
    is more. None: the line follows the outcome's additional results."""

    lasts: BetweenPeople | None = None
    """Months that the outcome lasts after the last follow-up, between people; required with
    `amount` unless `states` are named, absent with them: time in states is followed to the
    outcome's horizon and no further. """

    lag_months: Months = 0
    """Months from the person-time to the cash; it shifts cash, not duration."""

    release_from: Date | None = None
    """First day from which the saving is taken out of the budget: what is cashed in periods that
    open before it is not released. None: from the first day on."""

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
        equalisation = self.tax.equalisation if self.tax else None
        for field, verb, given in (
            ("refund", "refund", self.refund),
            ("guarantee", "guarantee", self.guarantee),
            ("tax.equalisation", "equalise", equalisation),
        ):
            if given is not None and self.party == STATE:
                message = (
                    f"the state cannot {verb} itself; leave `{field}` out or name another party"
                )
                raise _fault(message)
        return self

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        message = ""
        if self.per_year is None:
            if self.amount is None:
                message = (
                    "got neither `amount` nor `per_year`; say what one person saves per unit of "
                    "time with `amount` and `per`, or year by year with `per_year` and "
                    "`from_months`"
                )
            elif self.per is None:
                message = (
                    "got `amount` without `per`; say per what: 'month', 'week', 'year', 'day' or "
                    "'event'"
                )
            elif self.from_months is not None:
                message = "got `from_months` without `per_year`; it goes with it; leave it out"
        elif beside := [name for name in ALONE if getattr(self, name) is not None]:
            message = (
                f"got {' and '.join(f'`{name}`' for name in beside)} beside `per_year`, which "
                "states the whole saving year by year; keep `per_year` and `from_months`, or the "
                "other"
            )
        elif self.from_months is None:
            message = (
                "got `per_year` without `from_months`; say how many months after the real start of "
                "service its first year begins, such as 0 or 12"
            )
        if message:
            raise _fault(message)
        return self

    @model_validator(mode="after")
    def _check_tax(self) -> Self:
        if self.tax is None:
            return self
        message = ""
        if self.frame != "outside":
            message = (
                f"got tax with frame = {self.frame!r}; tax is income outside the spending frames; "
                "write frame = 'outside'"
            )
        for name in ("refund", "guarantee"):
            if getattr(self, name) is not None:
                message = (
                    f"got `{name}` beside `tax`; it answers spending on a benefit, which is a line "
                    "of its own; move it there"
                )
        if message:
            raise _fault(message)
        return self

    @model_validator(mode="after")
    def _check_time(self) -> Self:
        message = ""
        if self.per_year is not None:
            return self
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
        if self.states is not None and self.per == "event":
            message = (
                "got per = 'event' with `states`; a line with states counts time in them; write "
                "per = 'month', 'week', 'year' or 'day'"
            )
            raise _fault(message)
        if self.states is not None and "saves" in self.model_fields_set:
            message = (
                "got `saves` with `states`; less time in the states saves, and more time in them "
                "costs (with `tax` the other way round); leave it out"
            )
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
    def is_equalised(self) -> bool:
        """Whether equalisation takes part of what the line gains."""
        equalisation = self.tax.equalisation if self.tax else None
        return equalisation is not None and equalisation.on

    @property
    def sign(self) -> float:
        """1 where more results, or more time in the states, save money; -1 where fewer do."""
        if self.states is not None:
            return -1.0 if self.tax is None else 1.0
        return 1.0 if self.saves == "more" else -1.0

    @property
    def base_price(self) -> float | None:
        """Money per unit of `per` at base values; None where it is stated year by year."""
        if self.amount is None:
            return None
        amount = self.amount.base_value
        if self.tax is None:
            return amount
        return self.tax.rate.base_value * (amount - self.tax.instead_of.base_value)

    @property
    def releases_all(self) -> bool:
        """Whether every saving is taken out of the budget, in every draw and from the first day."""
        return self.release_from is None and all(
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
    """Return a fault for each price or date that does not fit the time that the lines run.

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
            faults += [
                Fault(f"budget.{name}.refund.{field}", problem)
                for field, problem in refund_problems(
                    line.refund, index=index, price_year=price_year, timeline=timeline
                )
            ]
        if line.guarantee is not None:
            try:
                line.guarantee.listed()
            except UnknownNameError as error:
                faults.append(Fault(f"budget.{name}.guarantee.rule", str(error)))
        day = line.release_from
        if day is not None and not timeline.start <= day <= timeline.end:
            problem = (
                f"got {day}; the case runs from {timeline.start} to {timeline.end}; move one of "
                "them, or leave it out where all is released from the first day"
            )
            faults.append(Fault(f"budget.{name}.release_from", problem))
    return tuple(faults)
