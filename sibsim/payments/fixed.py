"""Fixed payments on agreed days, whatever the result (fast andel, block payment).

The part of a contract that is not for results: a delivery fee, a standing charge, a coupon. It
reads no measure and is owed without any.

Sources: Department for Work and Pensions, "Work and Health Programme provider guidance, chapter 13:
Funding model", a delivery fee of 30 % of the estimated contract value in equal monthly payments
(https://gov.uk/government/publications/work-and-health-programme-provider-guidance/
chapter-13-funding-model, 2020); GO Lab, INDIGO, POJ-0002 (Aspire, a standing charge of 6 m of
17 m) and POJ-0245 (Japan, JPY 95 m of 370 m for results)
(https://golab-indigo-data-store.herokuapp.com, 2025). Assumes that an early end of the contract
does not stop them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.spec import Date, Money, Spec
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, day_words, listing, money
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.reading import Reading

_PATTERN = Words(
    da="{payer} betaler uanset resultatet og uden måling {payments}{closing}",
    en="{payer} pays, whatever the result and without any measurement, {payments}{closing}",
)


class Payment(Spec):
    """A payment on an agreed day."""

    on: Date
    """Day on which it is paid."""

    pays: Money
    """Amount, in the case's currency."""


def _check_payments(payments: tuple[Payment, ...]) -> tuple[Payment, ...]:
    kind = "fixed"
    if not payments:
        message = "got no payments; write [{ on = 2025-01-01, pays = 100_000 }]"
        raise PydanticCustomError(kind, message)
    for before, after in pairwise(payments):
        if after.on <= before.on:
            message = (
                "got {after} after {before}; days stand once each, earliest first; write them in "
                "order and add what is paid on one day"
            )
            context = {"after": str(after.on), "before": str(before.on)}
            raise PydanticCustomError(kind, message, context)
    return payments


class Fixed(PaymentModel):
    """Payments on agreed days, without lag.

    due = the amount of each day in the period that contains it. Differs from all others in that
    nothing is measured.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset(
        {"unconditional", "monotone", "homogeneous"}
    )

    model: Literal["fixed"] = "fixed"
    """Name of the payment model."""

    payments: Annotated[tuple[Payment, ...], AfterValidator(_check_payments)]
    """Days and amounts, earliest first."""

    @model_validator(mode="after")
    def _has_nothing_to_trigger(self) -> Self:
        if self.trigger is not None:
            kind = "fixed"
            message = (
                "got a trigger; a fixed payment reads no report that could pass; leave it out or "
                "use a model that reads a measure"
            )
            raise PydanticCustomError(kind, message)
        return self

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Nothing."""
        return ()

    @property
    def least(self) -> float:
        """All payments."""
        return sum(payment.pays for payment in self.payments)

    @property
    def dates(self) -> tuple[date, ...]:
        """The days on which it is paid."""
        return tuple(payment.on for payment in self.payments)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        del measured, standing
        claims = [
            Claim(
                np.array([payment.pays]),
                np.array([terms.timeline.months_at(payment.on)]),
                lagged=False,
            )
            for payment in self.payments
        ]
        return collect(claims, terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        payments = [
            (money(payment.pays, currency=words.currency), day_words(payment.on))
            for payment in self.payments
        ]
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "payments": listing(
                [Words(da=f"{pay.da} {on.da}", en=f"{pay.en} on {on.en}") for pay, on in payments]
            ),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)


Model = Fixed
