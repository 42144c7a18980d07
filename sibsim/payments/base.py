"""What every payment model is: a line of a contract that reads a measure and owes money.

A line turns reported results into *claims*, amounts with the date they were measured. A claim is
owed evaluation lag + payment lag later and paid at the end of the period that contains that date;
one that falls after the last payment date, or beyond the case, lapses and is counted. Limits come
after (`limits`). Assumes that a cohort that is not served is neither measured nor paid.

Sources: GO Lab, "Payment mechanisms" (https://golab.bsg.ox.ac.uk/community/events/payment-mech/,
2025); GO Lab, "How to write rules for payment" (golab.bsg.ox.ac.uk, 2025) for the elements of the
sentence.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, IntArray
from sibsim.core.spec import Money, Name, Sourced, Spec
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.timeline import Timeline
from sibsim.core.wording import Language, MeasureWords, Sentence, money
from sibsim.core.words import Words

EDGE_TOLERANCE = 1e-9
"""A rate this close below an edge has reached it: k / n is not exact in binary."""

Declaration = Literal["unconditional", "monotone", "homogeneous", "additive", "path_dependent"]
"""What a payment model declares of itself, before limits.

- `unconditional`: owes money without any measurement.
- `monotone`: one more reported success never lowers what it owes.
- `homogeneous`: all its amounts times x is x times what it owes.
- `additive`: owes for two cohorts what it owes for the one plus what it owes for the other.
- `path_dependent`: what it owes depends on what was paid before.
"""


class LineLimit(Spec):
    """The limit of one payment line."""

    line: Money
    """Most that the line pays over the whole contract, in the case's currency; what is above
    lapses."""


@dataclass(frozen=True, slots=True)
class Terms:
    """When a contract pays."""

    timeline: Timeline
    """The periods of the case."""

    lag_months: float = 0.0
    """Months from measurement to payment: evaluation lag + payment lag."""

    last: float = np.inf
    """Last payment date in months since the start of the case; what falls after it lapses."""

    planned: FloatArray | None = None
    """Participants planned to start per cohort, (C,); read by lines that pay each cohort its
    share."""

    def period(self, when: FloatArray) -> IntArray:
        """Return the period in which what is measured at `when` is paid; T where it lapses.

        The rule of `Timeline.post`. What falls before the case begins is paid in its first period.

        Parameters
        ----------
        when
            Dates of measurement in months since the start of the case, (1,) or (D,).
        """
        paid = when + self.lag_months
        inside = np.clip(self.timeline.period_at(paid), 0, self.timeline.periods)
        return np.where(paid > self.last, self.timeline.periods, inside)


@dataclass(frozen=True, slots=True)
class Claim:
    """An amount that a line claims for what was measured on one date."""

    amount: FloatArray
    """Money, (1,) or (D,), never negative."""

    when: FloatArray
    """Date of measurement in months since the start of the case, (1,) or (D,)."""


class PaymentModel(Sourced, ABC):
    """One line of a contract: reads a measure and owes money."""

    declares: ClassVar[frozenset[Declaration]]
    """What holds for every line of the model."""

    model: str
    """Name of the payment model."""

    reads: Name
    """Name of the measure the line reads."""

    title: Words | None = None
    """Title of the line."""

    limit: LineLimit | None = None
    """Limit of the line; without it there is none."""

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line: what the model declares, and what its fields add."""
        return self.declares

    @property
    def needs_comparison(self) -> bool:
        """Whether the measure has to report a comparison."""
        return False

    @abstractmethod
    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits.

        Parameters
        ----------
        measured
            What is reported, by measure.
        standing
            Which cohorts are served, (C, 1 or D).
        terms
            When the contract pays.

        Returns
        -------
        Due
            Amounts by period, (T, 1 or D), and what lapses, (1 or D,).
        """

    @abstractmethod
    def follow_ups(self, measured_at: tuple[int, ...]) -> tuple[int, ...]:
        """Return the follow-ups that are paid, of those the measure is read at."""

    @abstractmethod
    def check_follow_ups(self, measured_at: tuple[int, ...]) -> tuple[str, ...]:
        """Return in words what does not fit the follow-ups of the measure."""

    @abstractmethod
    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence.

        Who pays, for what, compared with what, measured how, when and how much.
        """

    def describe(self, lang: Language, *, words: MeasureWords) -> str:
        """Return the rule as one sentence in Danish or English."""
        return self.sentence(words).say(lang)

    def person_prices(
        self,
        measured_at: tuple[int, ...],  # noqa: ARG002
    ) -> tuple[float, ...] | None:
        """Return the price of one person's success at every follow-up of the measure, (K,).

        None where the line does not pay by person, so that a limit per person cannot apply.
        """
        return None

    def at_most(self, words: MeasureWords) -> Words:
        """Return the end of the sentence that names the limit of the line, or nothing."""
        if self.limit is None:
            return Words(da="", en="")
        cap = money(self.limit.line, currency=words.currency)
        return Words(da=f", i alt højst {cap.da}", en=f", at most {cap.en} in total")


def collect(claims: Iterable[Claim], *, terms: Terms) -> Due:
    """Place claims in the periods in which they are paid.

    Parameters
    ----------
    claims
        The claims of one line, added in the order given.
    terms
        When the contract pays.

    Returns
    -------
    Due
        Amounts by period, (T, 1 or D), and what lapses, (1 or D,).
    """
    found = tuple(claims)
    draws = max((max(len(claim.amount), len(claim.when)) for claim in found), default=1)
    periods = terms.timeline.periods
    posted = np.zeros((periods, draws))
    lapsed = np.zeros(draws)
    for claim in found:
        period = terms.period(claim.when)
        if len(period) == 1:
            row = lapsed if period[0] == periods else posted[period[0]]
            row += claim.amount
            continue
        amount = np.broadcast_to(claim.amount, (draws,))
        inside = np.flatnonzero(period < periods)
        posted[period[inside], inside] += amount[inside]
        lapsed += np.where(period < periods, 0.0, amount)
    return Due(amount=posted, lapsed=lapsed)


def additional(measurement: Measurement, *, position: int) -> FloatArray:
    """Return successes beyond what the comparison leads to expect, by cohort.

    additional = treated sum - treated n x comparison sum / comparison n, each cohort against its
    own comparison; may be negative. Where nobody is in the comparison nothing is shown to be
    additional, and it is zero. It is what is *reported*; `OutcomePath.additional` is what is true.

    Parameters
    ----------
    measurement
        What is reported.
    position
        Index of the follow-up.

    Returns
    -------
    FloatArray
        People, (C, 1 or D).
    """
    people = measurement.comparison_n[:, position]
    rate = measurement.comparison_sum[:, position] / np.where(people > 0, people, 1.0)
    expected = measurement.treated_n[:, position] * rate
    return np.where(people > 0, measurement.treated_sum[:, position] - expected, 0.0)


def last_date(when: FloatArray, *, served: BoolArray) -> FloatArray:
    """Return the date on which the last cohort that is served is measured, (1 or D,).

    The start of the case where no cohort is served, as nothing is then owed.

    Parameters
    ----------
    when
        Dates of measurement in months since the start of the case, (C, 1 or D).
    served
        Whether the cohort is served, (C, 1 or D).
    """
    if served.all():
        return np.asarray(when.max(axis=0))
    latest = np.where(served, when, -np.inf).max(axis=0)
    return np.where(np.isneginf(latest), 0.0, latest)
