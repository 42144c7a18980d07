"""The sections of a case file, and those that belong to no room: who, when, terms, sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from sibsim.budget.lines import BudgetLine
from sibsim.capital.spec import Capital
from sibsim.core.currency import CURRENCIES
from sibsim.core.distributions import fault
from sibsim.core.prices import Index
from sibsim.core.sampling import Correlation
from sibsim.core.spec import Date, Frozen, Months, Name, Rate, Sourced, Spec, family, nearest
from sibsim.core.timeline import MONTHS_PER_PERIOD, Period, Timeline
from sibsim.core.words import Words
from sibsim.delivery.costs import CostLine
from sibsim.delivery.plan import Delivery, Size
from sibsim.delivery.segments import Segments, Selection
from sibsim.evaluation.base import EvaluationDesign
from sibsim.outcomes.base import OutcomeModel
from sibsim.payments.base import PaymentModel
from sibsim.payments.limits import ContractLimit
from sibsim.payments.payers import Payer, shares_of
from sibsim.payments.termination import Rights

SCHEMA = 1
"""Version of the case-file schema that this version of sibsim reads."""

LONGEST_YEARS = 100
"""A case may span at most this many years: enough for any programme, small enough for memory."""

Year = Annotated[int, Field(strict=True, ge=1900, le=2200)]
"""A calendar year."""


LETTERS = 3
"""Letters of a currency code."""


def _check_case_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        kind = "case_name"
        message = (
            "got '{name}'; the name of a case is lower-case letters, digits, hyphens and "
            "underscores, letter first, such as 'holbaek'"
        )
        raise PydanticCustomError(kind, message, {"name": name})
    return name


def _check_address(url: str) -> str:
    if not re.fullmatch(r"https?://\S+", url):
        kind = "address"
        message = "got '{url}'; an address is on the web, such as 'https://golab.bsg.ox.ac.uk'"
        raise PydanticCustomError(kind, message, {"url": url})
    return url


def _check_currency(code: str) -> str:
    if code not in CURRENCIES:
        kind = "currency"
        message = "got '{code}'; a currency is its three-letter ISO 4217 code, such as 'DKK'{hint}"
        hint = nearest(code.upper(), CURRENCIES) if len(code) == LETTERS else ""
        context = {"code": code, "hint": hint}
        raise PydanticCustomError(kind, message, context)
    return code


class Head(Spec):
    """The first lines of a case file: which case, which money, which time."""

    schema_version: Literal[1] = Field(alias="schema")
    """Version of the case-file schema, 1."""

    name: Annotated[str, AfterValidator(_check_case_name)]
    """Short name of the case: lower-case letters, digits, hyphens and underscores."""

    title: Words
    """Title of the case."""

    story: Words | None = None
    """The case in five lines: problem, people, what is done, what is paid for, what is known."""

    currency: Annotated[str, AfterValidator(_check_currency)]
    """ISO 4217 code of the currency of every amount."""

    price_year: Year
    """Year of the price level that indexed amounts are stated in."""

    start: Date
    """First day of the case: the first day of a calendar month or quarter."""

    end: Date
    """Last day of the case: the last day of a calendar month or quarter."""

    period: Period
    """Length of one period: `month` or `quarter`."""

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        months = MONTHS_PER_PERIOD[self.period]
        after = self.end + timedelta(days=1)
        kind = "dates"
        if self.end <= self.start:
            message = "start {start}, end {end}: the case must end after it starts"
        elif (self.end - self.start).days > LONGEST_YEARS * 366:
            message = "start {start}, end {end}: a case spans at most a hundred years"
        elif self.start.day != 1 or (self.start.month - 1) % months:
            message = "start {start}: it must be the first day of a {period}, such as 2024-01-01"
        elif after.day != 1 or (after.month - 1) % months:
            message = "end {end}: it must be the last day of a {period}, such as 2030-12-31"
        else:
            return self
        context = {"start": self.start, "end": self.end, "period": f"calendar {self.period}"}
        raise PydanticCustomError(kind, message, context)

    @property
    def timeline(self) -> Timeline:
        """The periods of the case."""
        return Timeline(start=self.start, end=self.end, period=self.period)


class Problem(Spec):
    """Phase 1: who has the problem, who helps, who invests."""

    authority: Name
    """Ledger party of the outcome payer's side, such as `municipality`."""

    provider: Name
    """Ledger party that delivers; the same as `authority` when it delivers itself."""

    municipality: str | None = None
    """Name of the municipality."""

    investors: Frozen[str]
    """Ledger party of each investor and its name."""

    text: Words
    """The social problem in a sentence or two."""

    note: str | None = None
    """Anything a reader must know."""


class TargetGroup(Spec):
    """Phase 1: who the intervention is for, and how many."""

    description: Words
    """Who belongs to the group, and how it is known."""

    size: Size
    """Participants planned to start."""

    segments: Segments = Frozen({})
    """Parts of the group with baselines, effects and costs of their own, by name."""

    selection: Selection = Selection()
    """Who of the segments is let in and helped more than others."""

    note: str | None = None
    """Anything a reader must know."""

    @model_validator(mode="after")
    def _check_selection(self) -> Self:
        for name in ("creaming", "parking"):
            if getattr(self.selection, name).per_cohort:
                message = f"got {name} per cohort; it is of the service; drop per_cohort"
                raise fault(message)
        if not self.segments and self.selection != Selection():
            message = (
                "got a selection without segments; people can only be picked from segments of "
                "another difficulty; state target_group.segments"
            )
            raise fault(message)
        return self


class Drift(Sourced):
    """A random walk of what would have happened anyway, shared by all outcomes that name it.

    D(t) ~ N(0, sd_per_year^2 x years since `since`), added to the counterfactual probability.
    """

    sd_per_year: Annotated[Rate, Field(ge=0)]
    """Standard deviation after one year, as a probability, in [0, 1]."""

    since: Date
    """Date of the baseline, from which on today's counterfactual may have moved."""


class ContractTerms(Sourced):
    """Phase 3: the terms of the contract that hold for every payment line."""

    payer: Payer
    """Ledger party that pays for outcomes, or the share of each of several; shares sum to 1."""

    evaluation_lag_months: Months
    """Whole months from a measurement to its result."""

    payment_lag_months: Months
    """Whole months from a result to its payment."""

    last_payment: Date
    """Last date on which a payment can fall due; later ones lapse and are counted."""

    limit: ContractLimit = ContractLimit()
    """Limits per person, calendar year and for the whole contract."""

    committee: str | None = None
    """Political committee of the payer that receives the grant and pays for outcomes."""

    overrun: Literal["authority", "provider", "stop"]
    """Who bears costs beyond the commitments; `stop`: the service ends."""

    termination: Rights = ()
    """Rights to end the contract early: one table, or a list of them."""

    @property
    def payers(self) -> Mapping[str, float]:
        """Share of every payer."""
        return shares_of(self.payer)

    @property
    def lag_months(self) -> int:
        """Months from a measurement to its payment."""
        return self.evaluation_lag_months + self.payment_lag_months


class Discount(Spec):
    """Effective annual rates at which present values are taken."""

    municipality: Annotated[Rate, Field(gt=-1)]
    """Rate of the municipality, above -1 and at most 1."""

    investor: Annotated[Rate, Field(gt=-1)]
    """Rate of the investor, above -1 and at most 1."""


class Valuation(Sourced):
    """Assumptions about the value of time."""

    discount: Discount
    """Discount rates."""

    prices: Name | None = None
    """Index that turns money into prices of the price year in tables of fixed prices; without it
    tables stand in current prices."""


class Source(Spec):
    """Where a published figure was read."""

    title: str
    """Title, with author or publisher."""

    url: Annotated[str, AfterValidator(_check_address)] | None = None
    """Address; None: it has none, such as a municipality's own records."""

    year: Year
    """Year of publication or of reading."""


@dataclass(frozen=True)
class Contract:
    """What is owed and who funds it: terms, payment lines and capital.

    Complete in itself, so that a published deal can be settled without a model of delivery.
    """

    terms: ContractTerms | None
    """Terms that hold for every line."""

    payments: Mapping[str, PaymentModel]
    """Payment lines by name."""

    capital: Capital | None
    """Tranches, order of repayment, surplus."""


SECTIONS: Mapping[str, Any] = {
    "problem": Problem,
    "target_group": TargetGroup,
    "delivery": Delivery,
    "costs": Frozen[CostLine],
    "outcomes": Frozen[Annotated[OutcomeModel, family("sibsim.outcomes", key="model")]],
    "drifts": Frozen[Drift],
    "measures": Frozen[Annotated[EvaluationDesign, family("sibsim.evaluation", key="design")]],
    "payments": Frozen[Annotated[PaymentModel, family("sibsim.payments", key="model")]],
    "budget": Frozen[BudgetLine],
    "contract": ContractTerms,
    "capital": Capital,
    "valuation": Valuation,
    "indices": Frozen[Index],
    "correlations": tuple[Correlation, ...],
    "sources": Frozen[Source],
}
"""The sections of a case file beside its first lines, in order, with what each is validated as."""
