"""A rate card: a price for each success reported at each follow-up (takstkort).

The form most Danish contracts take: a unit price times the number who meet the goal at each fixed
follow-up date. It pays either for all that is achieved, also what would have happened anyway, or
for what is additional to the comparison, never below zero.

Sources: contract of Aarhus on homeless young people, DKK 20,000 at each of four follow-ups
(https://lawinsider.com/da/contracts/hNPm8P65EAS, 2021); Urban Institute, pfs.urban.org, for the
term. Assumes that the price of a follow-up is the same for every cohort.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import Money, Months
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, listing, money
from sibsim.core.words import Words
from sibsim.payments.base import (
    Claim,
    Declaration,
    PaymentModel,
    Terms,
    additional,
    collect,
    last_date,
)

Floor = Literal["cohort", "follow_up", "contract"]
"""Where a shortfall is set against a surplus before the floor at zero."""

_ACHIEVED = Words(
    da="{payer} betaler for hver deltager, der har opnået »{outcome}«, uden fradrag for dem, der "
    "havde opnået det alligevel, målt ved {design}: {prices}{limit}",
    en='{payer} pays for each participant who has achieved "{outcome}", without deducting those '
    "who would have achieved it anyway, measured by {design}: {prices}{limit}",
)
_ADDITIONAL = Words(
    da="{payer} betaler for hver deltager, der har opnået »{outcome}«, ud over det antal, som "
    "sammenligningen tilsiger, målt ved {design}: {prices}, opgjort {floor}{limit}",
    en='{payer} pays for each participant who has achieved "{outcome}" beyond the number that the '
    "comparison leads to expect, measured by {design}: {prices}, settled {floor}{limit}",
)
_FLOORS: Mapping[Floor, Words] = {
    "cohort": Words(
        da="for hvert hold og hver opfølgning for sig og aldrig under nul",
        en="for each cohort and follow-up by itself and never below zero",
    ),
    "follow_up": Words(
        da="ved hver opfølgning for alle hold under ét, når det sidste hold er målt, og aldrig "
        "under nul",
        en="at each follow-up for all cohorts together, once the last cohort is measured, and "
        "never below zero",
    ),
    "contract": Words(
        da="for alle hold og opfølgninger under ét efter den sidste måling og aldrig under nul",
        en="for all cohorts and follow-ups together after the last measurement and never below "
        "zero",
    ),
}


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
    (`achieved`) or those beyond the comparison (`additional`), floored at zero as `floor` says.
    Differs from a linear band in that more people are more money.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"monotone", "homogeneous"})

    model: Literal["rate_card"] = "rate_card"
    """Name of the payment model."""

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
        """What holds for this line; it is additive over cohorts where no floor pools them."""
        pools = self.floor in {"follow_up", "contract"}
        return self.declares if pools else self.declares | {"additive"}

    @property
    def needs_comparison(self) -> bool:
        """Whether the measure has to report a comparison."""
        return self.pays_for == "additional"

    def follow_ups(self, measured_at: tuple[int, ...]) -> tuple[int, ...]:
        """Return the follow-ups that are paid, of those the measure is read at."""
        return measured_at if self.follow_up_months is None else self.follow_up_months

    def check_follow_ups(self, measured_at: tuple[int, ...]) -> tuple[str, ...]:
        """Return in words what does not fit the follow-ups of the measure."""
        unknown = [months for months in self.follow_ups(measured_at) if months not in measured_at]
        if unknown:
            problem = (
                f"got follow_up_months = {unknown}; the measure has no such follow-up; choose "
                f"among {list(measured_at)}"
            )
            return (problem,)
        if isinstance(self.price, tuple) and len(self.price) != len(self.follow_ups(measured_at)):
            problem = (
                f"got {len(self.price)} prices for the follow-ups {list(measured_at)} of the "
                "measure; a price list has one price for each follow-up; write follow_up_months "
                "to pay some of them"
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

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        report = measured[self.reads]
        pooled = self.floor in {"follow_up", "contract"}
        claims = self._pooled if pooled else self._by_cohort
        return collect(claims(report, standing=standing), terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "outcome": words.outcome,
            "design": words.design,
            "prices": self._price_words(words),
            "limit": self.at_most(words),
        }
        if self.floor is None:
            return Sentence(_ACHIEVED, values)
        return Sentence(_ADDITIONAL, values | {"floor": _FLOORS[self.floor]})

    def _positions(self, report: Measurement) -> Iterator[tuple[int, float]]:
        for months, price in self.prices(report.follow_up_months).items():
            yield report.follow_up_months.index(months), price

    def _by_cohort(self, report: Measurement, *, standing: Standing) -> Iterator[Claim]:
        for k, price in self._positions(report):
            number = report.treated_sum[:, k]
            if self.pays_for == "additional":
                number = np.maximum(additional(report, position=k), 0.0)
            for cohort, served in enumerate(standing.served):
                yield Claim(price * number[cohort] * served, report.when[cohort, k])

    def _pooled(self, report: Measurement, *, standing: Standing) -> Iterator[Claim]:
        served = standing.served
        nets: list[tuple[FloatArray, FloatArray]] = []
        for k, price in self._positions(report):
            net = price * (additional(report, position=k) * served).sum(axis=0)
            nets.append((net, last_date(report.when[:, k], served=served)))
        if self.floor == "follow_up":
            for net, when in nets:
                yield Claim(np.maximum(net, 0.0), when)
        else:
            total, latest = nets[0]
            for net, when in nets[1:]:
                total = total + net
                latest = np.maximum(latest, when)
            yield Claim(np.maximum(total, 0.0), latest)

    def _price_words(self, words: MeasureWords) -> Words:
        months = self.follow_up_months or words.follow_up_months
        if not isinstance(self.price, tuple):
            price = money(self.price, currency=words.currency)
            if not months:
                return Words(
                    da=f"{price.da} ved hver opfølgning", en=f"{price.en} at every follow-up"
                )
            at = listing([str(month) for month in months])
            return Words(
                da=f"{price.da} ved {at.da} måneder efter indsatsens start",
                en=f"{price.en} at {at.en} months after the start of service",
            )
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
