"""A rate card: a price for each success reported at each follow-up (takstkort).

The form most Danish contracts take: a unit price times the number who meet the goal at each fixed
follow-up date. It pays either for all that is achieved, also what would have happened anyway, or
for what is additional to the comparison, never below zero.

Sources: contract of Aarhus on homeless young people, DKK 20,000 at each of four follow-ups
(https://lawinsider.com/da/contracts/hNPm8P65EAS, 2021); Urban Institute, pfs.urban.org, for the
term; GO Lab, INDIGO, POJ-0131 to 0137 (Fair Chance Fund: accommodation kept for 3, 6 and 12 months,
GBP 1,500 each; https://golab-indigo-data-store.herokuapp.com, 2025) for follow-ups in order.
Assumes that the price of a follow-up is the same for every cohort. How claims in order are counted
with chance off stands in `persons`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import BoolArray
from sibsim.core.spec import Flag, Money, Months, Name
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, listing, money
from sibsim.core.words import Words
from sibsim.payments.base import (
    Claim,
    Declaration,
    PaymentModel,
    Terms,
    collect,
)
from sibsim.payments.floors import FLOOR_WORDS, Floor, floored
from sibsim.payments.persons import claims_of, expected, with_claims
from sibsim.payments.reading import Of, Reading, follow_up_words

_ACHIEVED = Words(
    da="{payer} betaler for hver deltager, der har opnået »{outcome}«, uden fradrag for dem, der "
    "havde opnået det alligevel, målt ved {design}: {prices}{persons}{closing}",
    en='{payer} pays for each participant who has achieved "{outcome}", without deducting those '
    "who would have achieved it anyway, measured by {design}: {prices}{persons}{closing}",
)
_ADDITIONAL = Words(
    da="{payer} betaler for hver deltager, der har opnået »{outcome}«, ud over det antal, som "
    "sammenligningen tilsiger, målt ved {design}: {prices}, opgjort {floor}{closing}",
    en='{payer} pays for each participant who has achieved "{outcome}" beyond the number that the '
    "comparison leads to expect, measured by {design}: {prices}, settled {floor}{closing}",
)


def _check_price(value: object) -> object:
    kind = "price"
    for price in value if isinstance(value, list | tuple) else (value,):
        if (
            isinstance(price, bool)
            or not isinstance(price, int | float)
            or not math.isfinite(price)
        ):
            message = "got {price}; a price is a number or a list of numbers; write 16_000"
            raise PydanticCustomError(kind, message, {"price": repr(price)})
        if price < 0:
            message = (
                "got {price}; a price cannot be negative; for a shortfall that counts against a "
                "surplus use pays_for = 'additional' with floor = 'contract'"
            )
            raise PydanticCustomError(kind, message, {"price": price})
    return value


class RateCard(PaymentModel):
    """A price for each success at each follow-up.

    due = sum over cohorts c and follow-ups k of price_k x N_ck, with N_ck the reported successes
    (`achieved`, of each person as many and in such an order as agreed) or those beyond the
    comparison (`additional`), floored at zero as `floor` says.
    Differs from a linear band in that more people are more money.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"homogeneous"})

    model: Literal["rate_card"] = "rate_card"
    """Name of the payment model."""

    reads: Name
    """Name of the measure the line reads."""

    price: Annotated[Money | tuple[Money, ...], BeforeValidator(_check_price)]
    """Price of one success, in the case's currency: one for all follow-ups, or a list, one for
    each follow-up paid."""

    follow_up_months: tuple[Months, ...] | None = None
    """Follow-ups that are paid, in months from the start of service; without it all of the
    measure's."""

    pays_for: Literal["achieved", "additional"]
    """All reported successes, or only those beyond the comparison."""

    floor: Floor | None = None
    """Where the additional number is floored at zero, needed when pays_for is `additional`: for
    each cohort and follow-up; for each follow-up over all cohorts, settled when the last is
    measured; or in money over the whole contract, settled at the last measurement."""

    claims_per_person: Annotated[int, Field(strict=True, ge=1)] | None = None
    """Most claims that one person can make on the line, follow-ups in order; without it one at each
    follow-up paid."""

    in_order: Flag = False
    """Whether a follow-up is paid only for a person who was successful at all earlier ones that are
    paid."""

    @model_validator(mode="after")
    def _fields_agree(self) -> Self:
        kind = "rate_card"
        months = self.follow_up_months
        if self.pays_for == "additional" and self.floor is None:
            message = (
                "got no floor; pays_for = 'additional' must say where a shortfall is set against "
                "a surplus; write floor = 'cohort', 'follow_up' or 'contract'"
            )
            raise PydanticCustomError(kind, message)
        if self.pays_for == "achieved" and self.floor is not None:
            message = (
                "got floor = '{floor}'; what is achieved is never below zero; leave floor out or "
                "use pays_for = 'additional'"
            )
            raise PydanticCustomError(kind, message, {"floor": self.floor})
        if self.pays_for == "additional" and self.needs_persons:
            message = (
                "got claims_per_person or in_order; nobody can say which person is additional; "
                "leave them out or use pays_for = 'achieved'"
            )
            raise PydanticCustomError(kind, message)
        if months is not None and (not months or any(a >= b for a, b in pairwise(months))):
            message = (
                "got follow_up_months = {months}; follow-ups stand once each, earliest first; "
                "write them in order or leave the field out for all of the measure's"
            )
            raise PydanticCustomError(kind, message, {"months": str(list(months))})
        if months is not None and isinstance(self.price, tuple) and len(self.price) != len(months):
            message = (
                "got {prices} prices for {months} follow-ups; a price list has one price for "
                "each follow-up; write one number for the same price at all"
            )
            context = {"prices": len(self.price), "months": len(months)}
            raise PydanticCustomError(kind, message, context)
        return self

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line.

        Additive over cohorts where no floor pools them; monotone unless an early, cheap success
        uses up the claim that a later, dearer one would have made.
        """
        found = set(self.declares)
        if self.floor not in {"follow_up", "contract"}:
            found.add("additive")
        prices = self.price if isinstance(self.price, tuple) else ()
        rises = any(before < after for before, after in pairwise(prices))
        if self.claims_per_person is None or self.in_order or not rises:
            found.add("monotone")
        return frozenset(found)

    @property
    def needs_persons(self) -> bool:
        """Whether the line looks at one person's claims together."""
        return self.claims_per_person is not None or self.in_order

    @property
    def needs_indicator(self) -> bool:
        """Always: each success is paid."""
        return True

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report that is paid for."""
        of: Of = "effect" if self.pays_for == "additional" else "rate"
        return (Reading(self.reads, of, self.follow_up_months),)

    def check_follow_ups(self, measured_at: tuple[int, ...]) -> tuple[str, ...]:
        """Return in words what does not fit the follow-ups of the measure."""
        if isinstance(self.price, tuple) and len(self.price) != len(self.follow_ups(measured_at)):
            problem = (
                f"got {len(self.price)} prices for the follow-ups {list(measured_at)} of the "
                "measure; a price list has one price for each follow-up; write follow_up_months "
                "to pay some of them"
            )
            return (problem,)
        most, paid = self.claims_per_person, self.follow_ups(measured_at)
        if self.in_order and most is not None and most < len(paid):
            problem = (
                f"got claims_per_person = {most} with in_order = true; in order the first {most} "
                f"of the follow-ups {list(paid)} use up the claims and later ones never pay; "
                f"write follow_up_months = {list(paid[:most])} or leave claims_per_person out"
            )
            return (problem,)
        return ()

    def prices(self, measured_at: tuple[int, ...]) -> dict[int, float]:
        """Return the price of every follow-up that is paid, by months from the start."""
        paid = self.follow_ups(measured_at)
        price = self.price if isinstance(self.price, tuple) else (self.price,) * len(paid)
        return dict(zip(paid, price, strict=True))

    def person_prices(self, measured_at: tuple[int, ...]) -> tuple[float, ...] | None:
        """Return the price of one person's success at every follow-up of the measure, (K,).

        None when the line pays for what is additional, which no person can be shown to be.
        """
        if self.pays_for == "additional":
            return None
        prices = self.prices(measured_at)
        return tuple(prices.get(months, 0.0) for months in measured_at)

    def as_paid(self, report: Measurement) -> Measurement:
        """Return the report with the claims that the line really pays."""
        if not self.needs_persons:
            return report
        measured_at = report.follow_up_months
        paid = [measured_at.index(months) for months in self.follow_ups(measured_at)]

        def rule(achieved: BoolArray) -> BoolArray:
            kept = achieved[:, paid]
            if self.in_order:
                kept = np.logical_and.accumulate(kept, axis=1)
            if self.claims_per_person is not None:
                kept = kept & (np.cumsum(kept, axis=1) <= self.claims_per_person)
            found = np.zeros_like(achieved)
            found[:, paid] = kept
            return found

        claims = claims_of(report, measure=self.reads)
        return with_claims(report, claims=tuple(expected(each, rule=rule) for each in claims))

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits.

        Raises
        ------
        ArgumentError
            If claims are counted by person and the report has none.
        """
        report, served = measured[self.reads], standing.served
        if self.floor is None:
            return collect(self._achieved(self.as_paid(report), served=served), terms=terms)
        prices = self.prices(report.follow_up_months)
        claims = floored(report, prices=prices, floor=self.floor, served=served)
        return collect(claims, terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "outcome": words.outcome,
            "design": words.design,
            "prices": self._price_words(words),
            "persons": self._person_words(),
            "closing": self.closing(words),
        }
        if self.floor is None:
            return Sentence(_ACHIEVED, values)
        return Sentence(_ADDITIONAL, values | {"floor": FLOOR_WORDS[self.floor]})

    def _achieved(self, report: Measurement, *, served: BoolArray) -> Iterator[Claim]:
        for months, price in self.prices(report.follow_up_months).items():
            k = report.follow_up_months.index(months)
            for cohort, each in enumerate(served):
                amount = price * report.treated_sum[cohort, k] * each
                yield Claim(amount, report.when[cohort, k])

    def _person_words(self) -> Words:
        danish, english = "", ""
        if self.in_order:
            danish += (
                ", ved en senere opfølgning kun for den, der også opnåede det ved de tidligere"
            )
            english += (
                ", at a later follow-up only for those who achieved it at the earlier ones too"
            )
        if self.claims_per_person is not None:
            number = str(self.claims_per_person)
            danish += f", højst {number} {'gange' if number != '1' else 'gang'} for hver deltager"
            english += f", at most {number} {'times' if number != '1' else 'time'} each participant"
        return Words(da=danish, en=english)

    def _price_words(self, words: MeasureWords) -> Words:
        months = self.follow_up_months or words.follow_up_months
        if not isinstance(self.price, tuple):
            price = money(self.price, currency=words.currency)
            at = follow_up_words(months)
            return Words(da=f"{price.da} {at.da}", en=f"{price.en} {at.en}")
        amounts = [money(price, currency=words.currency) for price in self.price]
        if not months:
            listed = listing(amounts)
            return Words(
                da=f"{listed.da} ved opfølgningerne i rækkefølge",
                en=f"{listed.en} at the follow-ups in order",
            )
        each = listing(
            [
                Words(da=f"{amount.da} ved {month}", en=f"{amount.en} at {month}")
                for amount, month in zip(amounts, months, strict=True)
            ]
        )
        return Words(
            da=f"{each.da} måneder efter indsatsens start",
            en=f"{each.en} months after the start of service",
        )


Model = RateCard
