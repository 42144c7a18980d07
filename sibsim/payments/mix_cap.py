"""A mix cap: a price for each group, and at most a share of what is paid from one (anti-creaming).

The harder group has the higher price, and of the outcomes paid only so many may come from the
easier one, so that nobody earns on those who would manage anyway.

Source: GO Lab, INDIGO, POJ-0001 (Buenos Aires: at most 70 % of the outcomes paid from the less
vulnerable group, prices about 1.4 times as high for the more vulnerable;
https://golab-indigo-data-store.herokuapp.com, 2025). Settled once, at one follow-up, over all
cohorts together when the last cohort of the last group is measured: before that nobody knows the
mix. Assumes that what is above the share is not paid at all, not even when others follow later, and
that parts of a person are paid in proportion.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import BoolArray, FloatArray, summed
from sibsim.core.spec import Money, Months, Name, Probability, Spec
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, listing, money, percent, said
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.reading import EDGE_TOLERANCE, Reading, last_date

_PATTERN = Words(
    da="{payer} betaler for hver deltager, der {months} måneder efter indsatsens start har opnået "
    "målet, uden fradrag for dem, der havde opnået det alligevel, målt ved {design}: {groups}, "
    "opgjort for alle hold under ét, når det sidste hold er målt{closing}",
    en="{payer} pays for each participant who has reached the goal {months} months after the start "
    "of service, without deducting those who would have reached it anyway, measured by {design}: "
    "{groups}, settled for all cohorts together once the last cohort is measured{closing}",
)


class Group(Spec):
    """A group of participants with a price of its own."""

    reads: Name
    """Name of the measure that counts the group's successes."""

    price: Money
    """Price of one success, in the case's currency."""

    at_most_share: Annotated[Probability, Field(gt=0, lt=1)] | None = None
    """Largest share of all outcomes paid that may come from this group, in (0, 1)."""


def _check_groups(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    kind = "mix_cap"
    if len({group.reads for group in groups}) < max(len(groups), 2):
        message = "got {number} groups; a mix needs two at least, each with a measure of its own"
        raise PydanticCustomError(kind, message, {"number": len(groups)})
    shares = [group.at_most_share for group in groups if group.at_most_share is not None]
    if not shares:
        message = (
            "got no at_most_share; without a limit on a group there is no mix to keep; write one "
            "or use a rate card for each group"
        )
        raise PydanticCustomError(kind, message)
    if len(shares) == len(groups) and sum(shares) < 1 - EDGE_TOLERANCE:
        message = (
            "got shares that add to {total}; all groups together make up what is paid, so that "
            "nothing could be; write shares that add to 1 or more, or leave one group without"
        )
        raise PydanticCustomError(kind, message, {"total": f"{sum(shares):g}"})
    return groups


class MixCap(PaymentModel):
    """A price for each group, with a largest share of what is paid from some.

    With n_g successes of group g and s_g its share, paid_g = min(n_g, s_g X), X = sum of paid_g, at
    the largest X for which this holds: paid_A = s / (1 - s) x paid_rest where one group is limited.
    Differs from a rate card for each group in that the groups wait for each other.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"monotone", "homogeneous"})

    model: Literal["mix_cap"] = "mix_cap"
    """Name of the payment model."""

    at_months: Months
    """The follow-up that is paid, in months from the start of service."""

    groups: Annotated[tuple[Group, ...], AfterValidator(_check_groups)]
    """The groups, each a measure with a price and perhaps a largest share."""

    @property
    def needs_indicator(self) -> bool:
        """Always: each success is paid."""
        return True

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report of each group."""
        return tuple(
            Reading(group.reads, "rate", (self.at_months,), field=f"groups.{place}.reads")
            for place, group in enumerate(self.groups)
        )

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        served = standing.served
        found = [self._group(measured[group.reads], served=served) for group in self.groups]
        paid = self._paid(np.stack(np.broadcast_arrays(*(number for number, _ in found))))
        dates = np.stack(np.broadcast_arrays(*(when for _, when in found)))
        when: FloatArray = dates.max(axis=0)
        claims = [
            Claim(group.price * number, when)
            for group, number in zip(self.groups, paid, strict=True)
        ]
        return collect(claims, terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "months": str(self.at_months),
            "design": words.design,
            "groups": listing([self._group_words(group, words=words) for group in self.groups]),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _group(self, report: Measurement, *, served: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Return successes over all cohorts and when the last is measured, (1 or D,) each."""
        k = report.follow_up_months.index(self.at_months)
        number = summed(report.treated_sum[:, k] * served)
        return number, last_date(report.when[:, k], served=served)

    def _paid(self, number: FloatArray) -> FloatArray:
        """Return how many of each group are paid, (G, 1 or D).

        Starts with no group at its share. Each that is above it is set to it, which lowers the
        total; after as many rounds as there are groups none is left above.
        """
        shares = np.array([[group.at_most_share or 1.0] for group in self.groups])
        bound = np.zeros(number.shape, dtype=np.bool_)
        total = summed(number)
        for _ in self.groups:
            bound |= number > shares * total * (1 + EDGE_TOLERANCE)
            free, taken = summed(np.where(bound, 0.0, number)), summed(np.where(bound, shares, 0.0))
            total = free / (1.0 - taken)
        return np.where(bound, shares * total, number)

    def _group_words(self, group: Group, *, words: MeasureWords) -> Words:
        price = money(group.price, currency=words.currency)
        title = words.titles.get(group.reads, group.reads)
        danish = f"{price.da} for »{said(title, 'da')}«"
        english = f'{price.en} for "{said(title, "en")}"'
        if group.at_most_share is None:
            return Words(da=danish, en=english)
        share = percent(group.at_most_share)
        return Words(
            da=f"{danish} (højst {share.da} af de betalte)",
            en=f"{english} (at most {share.en} of those paid)",
        )


Model = MixCap
