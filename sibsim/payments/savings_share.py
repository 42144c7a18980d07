"""A savings share: part of the measured units times the tariff the contract names (gevinstdeling).

The saving is what the contract says it is: units measured against the comparison, times an agreed
tariff. It is never read from the budget, so that what the payer books cannot move what it owes.

Sources: Koto-SIB, 50 % of the measured difference in taxes and benefits against a randomised
control, EUR 2,670 a person for 2,636 people (QSA, "KOTO-SIB external evaluation",
https://qsa.fi/article/koto-sib-external-evaluation/, 2024); Utah High Quality Preschool, 95 % of
special education avoided until the investors are repaid (United Way of Salt Lake, "Paying for
success: the story of how Utah became a leader in social impact investing",
https://uw.org/news_post/paying-for-success-the-story-of-how-utah-became-a-leader-in-social-impact-investing/,
2018). Assumes that the share after repayment holds from the first period whose payments come after
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.spec import Money, Months, Name, Probability
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, money, percent
from sibsim.core.words import Words
from sibsim.payments.base import Declaration, PaymentModel, Terms, collect
from sibsim.payments.floors import FLOOR_WORDS, Floor, floored
from sibsim.payments.reading import Reading, follow_up_words

_PATTERN = Words(
    da="{payer} betaler {share} af besparelsen på »{outcome}«: det antal {unit}, som deltagerne "
    "har haft {counts} af, end sammenligningen tilsiger, ganget med kontraktens takst på "
    "{tariff}, målt ved {design} {months}, opgjort {floor}{after}{closing}",
    en='{payer} pays {share} of the saving on "{outcome}": the number of {unit} that participants '
    "have had {counts} of than the comparison leads to expect times the tariff of {tariff} in the "
    "contract, measured by {design} {months}, settled {floor}{after}{closing}",
)
_COUNTS = {
    "fewer": Words(da="færre", en="fewer"),
    "more": Words(da="flere", en="more"),
}


class SavingsShare(PaymentModel):
    """A share of measured units times a tariff.

    due = share x max(0, units beyond the comparison) x tariff, the maximum taken in the scope of
    the floor; another share once the investors are repaid. Differs from a rate card for what is
    additional in that fewer units can be the saving and that the share can change.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset()

    model: Literal["savings_share"] = "savings_share"
    """Name of the payment model."""

    reads: Name
    """Name of the measure of the units; it needs a comparison."""

    counts: Literal["fewer", "more"]
    """Which units save money: fewer than in the comparison (days in care), or more (weeks in
    work)."""

    unit: Words
    """What one unit is called, in the plural: `{ da = "døgn", en = "nights" }`."""

    tariff: Money
    """What the contract counts as saved by one unit, in the case's currency."""

    share: Probability
    """Share of the saving that is paid, in [0, 1]."""

    share_after_repayment: Probability | None = None
    """Share that is paid once the investors have been repaid, in [0, 1]; without it the same."""

    floor: Floor
    """Where the saving is floored at zero: for each cohort and follow-up; for each follow-up over
    all cohorts, settled when the last is measured; or over the whole contract, settled at the last
    measurement."""

    follow_up_months: tuple[Months, ...] | None = None
    """Follow-ups that are paid, in months from the start of service; without it all of the
    measure's."""

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line.

        One whose share changes once the investors are repaid depends on what was paid before.
        Of the others, more units are more money where more of them save it; additive where no floor
        pools cohorts.
        """
        if self.waits_for_repayment:
            return frozenset({"path_dependent"})
        found: set[Declaration] = {"homogeneous"}
        if self.counts == "more":
            found.add("monotone")
        if self.floor == "cohort":
            found.add("additive")
        return frozenset(found)

    @property
    def waits_for_repayment(self) -> bool:
        """Whether the share changes once the investors are repaid."""
        return self.share_after_repayment not in {None, self.share}

    @property
    def pays_for_fewer(self) -> bool:
        """Whether fewer units than in the comparison save money."""
        return self.counts == "fewer"

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report that is paid for."""
        return (Reading(self.reads, "effect", self.follow_up_months),)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        report = measured[self.reads]
        saving = floored(
            report,
            prices=dict.fromkeys(self.follow_ups(report.follow_up_months), self.tariff),
            floor=self.floor,
            served=standing.served,
            fewer=self.counts == "fewer",
        )
        due = collect(saving, terms=terms)
        periods = terms.timeline.periods
        shares = self._shares(np.arange(periods)[:, np.newaxis], terms=terms)
        # What lapses would have been paid after every period.
        last = self._shares(np.array([periods]), terms=terms)
        return Due(amount=due.amount * shares, lapsed=due.lapsed * last)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "share": percent(self.share),
            "unit": self.unit,
            "counts": _COUNTS[self.counts],
            "outcome": words.outcome,
            "tariff": money(self.tariff, currency=words.currency),
            "design": words.design,
            "months": follow_up_words(self.follow_up_months or words.follow_up_months),
            "floor": FLOOR_WORDS[self.floor],
            "after": self._after_words(),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _shares(self, period: IntArray, *, terms: Terms) -> FloatArray:
        """Return the share in each period, (1,) or (T or 1, 1 or D)."""
        if self.share_after_repayment is None or terms.repaid_from is None:
            return np.full(1, self.share)
        return np.where(period >= terms.repaid_from, self.share_after_repayment, self.share)

    def _after_words(self) -> Words:
        if self.share_after_repayment is None:
            return Words(da="", en="")
        after = percent(self.share_after_repayment)
        return Words(
            da=f", og {after.da}, når investorerne har fået deres penge tilbage",
            en=f", and {after.en} once the investors have been repaid",
        )


Model = SavingsShare
