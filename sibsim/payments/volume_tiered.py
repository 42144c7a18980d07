"""A volume-tiered price: the unit price changes with the cumulative number (trappepris).

Successes are numbered over all cohorts and follow-ups in order of date. The first so many are paid
at one price, the next at another. A tier may be cheaper than the one before it (fixed costs are
covered) or dearer (a bonus for going beyond the target).

Source: GO Lab, INDIGO, POJ-0302 (Istanbul: USD 1,100 for each of the first 370, 1,000 for the next
40 and 1,350 beyond 410; https://golab-indigo-data-store.herokuapp.com, 2025). Its bonus for women
is a line of its own that reads a measure of women. Assumes that successes of one date are numbered
in the order of the cohorts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.spec import Money, Months, Name, Spec
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, listing, money
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.cumulative import counted_before
from sibsim.payments.reading import Reading, follow_up_words

_PATTERN = Words(
    da="{payer} betaler for hver deltager, der har opnået »{outcome}«, uden fradrag for dem, der "
    "havde opnået det alligevel, målt ved {design} {months}, efter det samlede antal i den "
    "rækkefølge, de måles, på tværs af hold og opfølgninger: {tiers}{closing}",
    en='{payer} pays for each participant who has achieved "{outcome}", without deducting those '
    "who would have achieved it anyway, measured by {design} {months}, by the cumulative number in "
    "the order in which they are measured, over cohorts and follow-ups: {tiers}{closing}",
)


class Tier(Spec):
    """A range of the cumulative number and its price."""

    up_to: Annotated[int, Field(strict=True, ge=1)] | None = None
    """Last number that is paid at this price; the last tier has none."""

    price: Money
    """Price of one success in this tier, in the case's currency."""


def _check_tiers(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    kind = "tiers"
    limits = [tier.up_to for tier in tiers]
    if len(tiers) == 1 or not tiers:
        message = (
            "got {number} tiers; a price that changes needs two at least; for one price use "
            "model = 'rate_card'"
        )
        raise PydanticCustomError(kind, message, {"number": len(tiers)})
    if limits[-1] is not None or None in limits[:-1]:
        message = (
            "got up_to = {limits}; every tier but the last has an up_to, and the last has none as "
            "it goes on; for an end write a last tier with price = 0"
        )
        raise PydanticCustomError(kind, message, {"limits": str(limits)})
    known = [limit for limit in limits if limit is not None]
    if any(after <= before for before, after in pairwise(known)):
        message = (
            "got up_to = {limits}; it is the cumulative number; write the tiers in rising order"
        )
        raise PydanticCustomError(kind, message, {"limits": str(known)})
    return tiers


class VolumeTiered(PaymentModel):
    """A price that changes with the cumulative number of successes.

    due of a cohort and follow-up = V(before + number) - V(before), with V(n) the price of the first
    n successes and `before` those measured earlier. A limit per person does not apply: the price of
    one person's success depends on how many came before.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"monotone", "homogeneous"})

    model: Literal["volume_tiered"] = "volume_tiered"
    """Name of the payment model."""

    reads: Name
    """Name of the measure the line reads."""

    tiers: Annotated[tuple[Tier, ...], AfterValidator(_check_tiers)]
    """Tiers in rising order of the cumulative number."""

    follow_up_months: tuple[Months, ...] | None = None
    """Follow-ups that are paid, in months from the start of service; without it all of the
    measure's."""

    @property
    def needs_indicator(self) -> bool:
        """Always: each success is paid."""
        return True

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report that is paid for."""
        return (Reading(self.reads, "rate", self.follow_up_months),)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        return collect(self._claims(measured[self.reads], served=standing.served), terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "outcome": words.outcome,
            "months": follow_up_words(self.follow_up_months or words.follow_up_months),
            "design": words.design,
            "tiers": self._tier_words(words.currency),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _claims(self, report: Measurement, *, served: BoolArray) -> Iterator[Claim]:
        measured_at = report.follow_up_months
        paid = [measured_at.index(months) for months in self.follow_ups(measured_at)]
        number = report.treated_sum[:, paid] * served[:, np.newaxis]
        number = number.reshape(-1, number.shape[-1])
        when = report.when[:, paid]
        when = when.reshape(-1, when.shape[-1])
        before = counted_before(number, when=when)
        amounts = self._value(before + number) - self._value(before)
        for amount, date in zip(amounts, when, strict=True):
            yield Claim(amount, date)

    def _value(self, number: FloatArray) -> FloatArray:
        """Return V(n), the price of the first n successes, in the shape of `number`."""
        total: FloatArray = np.zeros_like(number)
        first = 0.0
        for tier in self.tiers:
            last = np.inf if tier.up_to is None else float(tier.up_to)
            total += tier.price * (np.clip(number, first, last) - first)
            first = last
        return total

    def _tier_words(self, currency: str) -> Words:
        parts, first = [], 0
        for tier in self.tiers:
            price = money(tier.price, currency=currency)
            if tier.up_to is None:
                part = Words(
                    da=f"{price.da} for hver ud over {first}",
                    en=f"{price.en} for each one beyond {first}",
                )
            else:
                here = tier.up_to - first
                order = Words(da="næste", en="next") if first else Words(da="første", en="first")
                part = Words(
                    da=f"{price.da} for hver af de {order.da} {here}",
                    en=f"{price.en} for each of the {order.en} {here}",
                )
                first = tier.up_to
            parts.append(part)
        return listing(parts)


Model = VolumeTiered
