"""What a budget line says of public finance: refund, tax and equalisation, budget guarantee.

Each of them moves part of what a line saves from its party to the state. The rules behind the names
ship dated, with their source (`sibsim.core.rules`).

A gain in tax is rate x (income - income that falls away); benefits are taxed, so what is lost of
them counts. Equalisation then takes a share of it. In the ministry's own split of one person who
goes from kontanthjælp to work, before 2007, equalisation took 78 to 164 % of the extra tax (L 194,
answer to question 8, 2005-06, https://www.ft.dk/samling/20051/lovforslag/L194/spm/8/svar/252550/276899/index.htm,
2006). From 2021 on 75 % of the gap in tax base is equalised, and 20 % more of the part of it below
90 % of the national base (L 196, https://www.ft.dk/samling/20191/lovforslag/l196/20191_l196_som_fremsat.htm,
2020). How it works at the margin of one municipality was not read, so the share that it retains
must be stated.

Assumptions: tax is proportional; a share of the gain in tax is equalised in the period it is paid.
The budget guarantee answers in the period of the cash, krone for krone, what in truth is first
estimated and corrected later (Finansministeriet: Budgetgarantien,
https://www.fm.dk/arbejdsomraader/kommuner-og-regioner/aftalesystemet/budgetgarantien/, 2014).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sibsim.core.distributions import fault
from sibsim.core.parameters import Amount, BetweenPeople, Quantity, Share
from sibsim.core.rules import Rule, rules_named
from sibsim.core.spec import Flag, Months, Number, Spec

FORMS = ("ladder", "share", "days", "thresholds")
"""Fields that say by what the state refunds; a refund has exactly one of them."""

GOES_WITH = {
    "weeks_before": "ladder",
    "until_months": "share",
    "days_before": "days",
    "running_counts": "days",
}
"""Fields of a refund that belong to one form, and which."""


class Refund(Spec):
    """What the state refunds of an expenditure: exactly one of four forms.

    By weeks on support (`ladder`), a flat share (`share`), for so many days a year of each person
    (`days`), or of what one person costs in a year above thresholds (`thresholds`).
    """

    ladder: str | None = None
    """Name of the refund ladder, such as `dk-refund`: a share that falls with weeks on support."""

    weeks_before: BetweenPeople | None = None
    """Weeks on support before the service starts, between people; required with `ladder`."""

    share: Share | None = None
    """Flat share of the expenditure that the state refunds, in [0, 1]."""

    until_months: Months | None = None
    """Months after the real start of service during which the flat share is refunded; None: always.
    """

    days: str | None = None
    """Name of the rule that refunds a share for at most so many days a year of each person, such as
    `dk-shelter-refund`; the line follows states."""

    days_before: Annotated[Number, Field(ge=0)] = 0.0
    """Days of the running year used before service starts, of each person who starts in the states
    of the line; 0 or more."""

    running_counts: Literal["old_limit", "new_limit"] | None = None
    """What holds for a year that runs when the limit of days changes: the limit of the day it
    began, or the new one at once. Required where the limit changes within the case."""

    thresholds: str | None = None
    """Name of the rule that refunds shares of what one person costs in a calendar year above
    thresholds, such as `dk-expensive-cases`."""

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        stated = [name for name in FORMS if getattr(self, name) is not None]
        if len(stated) != 1:
            got = " and ".join(stated) or "none of them"
            message = (
                f"got {got}; a refund states exactly one of ladder, share, days and thresholds; "
                "give two lines where the state refunds by two rules"
            )
            raise fault(message)
        for name, form in GOES_WITH.items():
            if name in self.model_fields_set and form != stated[0]:
                message = f"got {name} beside {stated[0]}; it goes with {form}; leave it out"
                raise fault(message)
        if self.ladder is not None and self.weeks_before is None:
            message = (
                "got a ladder without weeks_before; say how many weeks on support people have had "
                "when service starts, such as { between_people = { p10, p50, p90 } }"
            )
            raise fault(message)
        if self.share is not None and self.share.per_cohort:
            message = "the share of a refund holds for the whole line; leave out per_cohort = true"
            raise fault(message)
        return self


class Equalisation(Spec):
    """What equalisation between municipalities takes of a gain in tax."""

    on: Flag = True
    """Whether it is counted; false: the gain in tax stands without it."""

    retained_share: Share
    """Share of the gain in tax that the municipality keeps, in [0, 1]."""


class Tax(Spec):
    """The line is a gain in tax: its `amount` is taxable income, of which the party gets a rate."""

    rate: Share
    """Rate of tax, in [0, 1]."""

    instead_of: Amount = Quantity.fixed(0.0)
    """Taxable income that falls away at the same time, such as the benefit, money per unit of time
    as `amount`, in prices of the price year; the tax on it is lost."""

    equalisation: Equalisation | None = None
    """What equalisation takes; None: nothing is said of it, and nothing taken."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        retained = self.equalisation.retained_share if self.equalisation else None
        for each in (self.rate, self.instead_of, retained):
            if each is not None and each.per_cohort:
                message = "tax holds for the whole line; leave out its per_cohort = true"
                raise fault(message)
        return self


class Guarantee(Spec):
    """How the budget guarantee answers a saving on a benefit.

    The state's block grant follows what all municipalities together spend on some benefits. One
    municipality keeps its saving; where all save, the grant falls as much.
    """

    benefit: str
    """Benefit as the list of the guarantee names it, such as `kontanthjaelp`."""

    roll_out: Literal["one_municipality", "national"]
    """Whether one municipality runs the service or all do. National: what is saved on a benefit of
    the list goes to the state."""

    rule: str = "dk-budget-guarantee"
    """Name of the list."""

    def listed(self) -> tuple[Rule, ...]:
        """Return the rows of the list, of every benefit and day.

        Raises
        ------
        UnknownNameError
            If no such list ships; names the nearest rule.
        """
        return rules_named(f"{self.rule}.")

    def lists(self, days: Iterable[date]) -> tuple[bool, ...]:
        """Return whether the benefit is on the list on each day.

        Raises
        ------
        UnknownNameError
            If no such list ships.
        """
        name = f"{self.rule}.{self.benefit}"
        rows = [each for each in self.listed() if each.name == name and each.value > 0]
        return tuple(any(each.covers(day) for each in rows) for day in days)
