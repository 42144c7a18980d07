"""Verification: each participant's result is checked; there is no comparison.

Errors: a success is recognised with probability `sensitivity`, a failure with probability
`specificity`; a provider that misreports claims a share of the failures as successes, of which an
audit catches the audited share; the result of a participant is missing at a follow-up with a stated
share and then counted by a rule. All are independent between people and follow-ups.

A failure is reported a success with probability 1 - specificity (1 - m (1 - a)), m the share
misreported and a the share audited: what no audit catches, or what the check itself gets wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

import numpy as np

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.parameters import Provenance
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Probability
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.streams import Layer, below
from sibsim.core.wording import percent
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    Measurable,
    claimed,
    counted,
    no_comparison,
    observed_number,
    rate,
    sampling_variance,
)

ALWAYS_RIGHT = 1.0
"""Sensitivity and specificity of a register or a signed document, which is the usual proof."""

MissingRule = Literal["counts_as_not_achieved", "counts_as_achieved", "excluded"]
"""How a missing result is counted."""


_MISSING: Mapping[MissingRule, Words] = {
    "counts_as_not_achieved": Words(
        da=", hvor et manglende resultat tæller som ikke opnået",
        en=", a missing result counting as not achieved",
    ),
    "counts_as_achieved": Words(
        da=", hvor et manglende resultat tæller som opnået",
        en=", a missing result counting as achieved",
    ),
    "excluded": Words(
        da=", hvor et manglende resultat udelades", en=", a missing result being left out"
    ),
}


class Missing(Provenance):
    """Results that the evaluator does not get."""

    share: Probability
    """Share of results that are missing, in [0, 1]."""

    rule: MissingRule
    """How a missing result is counted."""


class Misreporting(Provenance):
    """Failures that the provider claims as successes."""

    share: Probability
    """Share of failures that are claimed, in [0, 1]."""

    audited: Probability
    """Share of claims that are audited, in [0, 1]; an audit finds every false one."""


class Verification(EvaluationDesign):
    """Check of each participant's result."""

    compares: ClassVar[bool] = False

    design: Literal["verification"]
    """Name of the design."""

    sensitivity: Probability = ALWAYS_RIGHT
    """Share of successes that are recognised, in [0, 1]."""

    specificity: Probability = ALWAYS_RIGHT
    """Share of failures that are recognised, in [0, 1]."""

    misreporting: Misreporting | None = None
    """Failures that the provider claims as successes."""

    missing: Missing | None = None
    """Missing results."""

    def check_outcome(self, outcome: Measurable) -> Iterator[str]:
        """Yield a fault where a number would have to be recognised or made up."""
        if not outcome.by_person and not self._is_perfect:
            yield (
                "its outcome draws numbers of people, and errors are made person by person; write "
                "simulate = 'people' there, or drop the errors here"
            )
        if self._changes_results and not outcome.is_indicator:
            yield (
                "a result of its outcome is a number, which is neither recognised nor filled in; "
                "drop sensitivity, specificity and misreporting, and let a missing result be "
                "excluded"
            )

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return the reported successes among those with a result."""
        del participation
        nothing = no_comparison(path)
        treated_sum, treated_n = path.achieved, path.people[:, np.newaxis]
        claims = claimed(path)
        if not self._is_perfect:
            reports = [
                self._report(path, cohort=c, context=context) for c in range(len(path.people))
            ]
            claims = tuple(claim for claim, _ in reports)
            treated_sum = counted(claims)
            treated_n = counted(tuple(seen for _, seen in reports))
        return Measurement(
            follow_up_months=path.follow_up_months,
            when=path.when,
            treated_sum=treated_sum,
            treated_n=np.broadcast_to(treated_n, (*nothing.shape[:2], treated_n.shape[-1])),
            comparison_sum=nothing,
            comparison_n=nothing,
            claims=claims,
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(v / n), v the variance of what is reported of a person.

        r (1 - r) where results are changed on the way, r the probability of a reported success.
        Clusters add w (e - 1) / n times the square of how much of a true result is reported, w the
        variance of a true result and e their design effect.
        """
        del participation
        people, variance = path.people[:, np.newaxis], path.variance
        between = sampling_variance(path) - rate(variance, number=people)
        if self.missing and self.missing.rule == "excluded":
            people = observed_number(people, share=1.0 - self.missing.share)
        if self._changes_results:
            reported = self._reported(path.expected)
            variance = reported * (1.0 - reported)
        return np.sqrt(rate(variance, number=people) + self._slope**2 * between)

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        del compared
        missing = _MISSING[self.missing.rule] if self.missing else Words(da="", en="")
        audit = Words(da="", en="")
        if self.misreporting is not None:
            share = percent(self.misreporting.audited)
            audit = Words(
                da=f" med stikprøvekontrol af {share.da} af de indberettede resultater",
                en=f", {share.en} of the results claimed being audited",
            )
        return Words(
            da=f"opgørelse af hver deltagers resultat{audit.da}{missing.da}",
            en=f"a check of each participant's result{audit.en}{missing.en}",
        )

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return the probability of a reported success less that of a true one."""
        return self._reported(path.expected) - path.expected

    def luck_share(self, path: OutcomePath) -> FloatArray:
        """Return how much of a participant's true result is in the report."""
        del path
        return np.full((1, 1, 1), self._slope)

    @property
    def _slope(self) -> float:
        """Probability that a success is reported as one, less that of a failure."""
        if not self._changes_results:
            return 1.0
        failed, achieved = self._reported(np.array([0.0, 1.0]))
        return float(achieved - failed)

    @property
    def _changes_results(self) -> bool:
        """Whether what is reported of a person may differ from what is so."""
        fills = self.missing is not None and self.missing.rule != "excluded"
        return not self._is_perfect and (fills or self.sensitivity < 1 or self._wrong > 0)

    @property
    def _is_perfect(self) -> bool:
        misses = self.missing is not None and self.missing.share > 0
        return self.sensitivity == 1 and self._wrong == 0 and not misses

    @property
    def _wrong(self) -> float:
        """Probability that a failure is reported a success."""
        claimed_falsely = 0.0
        if self.misreporting is not None:
            claimed_falsely = self.misreporting.share * (1.0 - self.misreporting.audited)
        return 1.0 - self.specificity * (1.0 - claimed_falsely)

    def _reported(self, probability: FloatArray) -> FloatArray:
        """Return the probability that a result in the report says success."""
        seen = probability * self.sensitivity + (1.0 - probability) * self._wrong
        if self.missing is None or self.missing.rule == "excluded":
            return seen
        filled = float(self.missing.rule == "counts_as_achieved")
        return seen * (1.0 - self.missing.share) + filled * self.missing.share

    def _report(
        self, path: OutcomePath, *, cohort: int, context: Context
    ) -> tuple[Indicator, Indicator]:
        """Return who is reported a success and who is in the report, (P_c, 1 or K, 1 or D)."""
        member, value = path.member[cohort][:, np.newaxis], path.value[cohort]
        follow_ups = range(value.shape[1])
        layer = context.measurement
        right, wrong = _recognised(
            layer,
            names=[context.stream("recognised", cohort, k) for k in follow_ups],
            people=len(value),
            chances=(self.sensitivity, self._wrong),
        )
        reported = value * right + _not(value) * wrong
        if self.missing is None:
            return member * reported, member
        (lost,) = _recognised(
            layer,
            names=[context.stream("missing", cohort, k) for k in follow_ups],
            people=len(value),
            chances=(self.missing.share,),
        )
        known = reported * _not(lost)
        if self.missing.rule == "excluded":
            return member * known, member * _not(lost)
        if self.missing.rule == "counts_as_achieved":
            known = known + lost
        return member * known, member


def _recognised(
    layer: Layer, *, names: list[str], people: int, chances: tuple[float, ...]
) -> tuple[Indicator, ...]:
    """Return per chance one indicator per person and follow-up, from the same words: (P, K, D).

    Words are not drawn for chances of 0 and 1 alone. With the layer off: the chances.
    """
    certain = all(chance in (0.0, 1.0) for chance in chances)
    if certain:
        return tuple(np.full((1, 1, 1), bool(chance)) for chance in chances)
    if not layer.on:
        return tuple(np.full((1, 1, 1), chance) for chance in chances)
    words = [layer.words(name, rows=people) for name in names]
    return tuple(
        np.stack([below(each, np.full(1, chance)) for each in words], axis=1) for chance in chances
    )


def _not(indicator: Indicator) -> Indicator:
    """Return the complement of indicators, or of probabilities."""
    if indicator.dtype == np.bool_:
        return np.logical_not(indicator)
    rest: Indicator = 1.0 - indicator.astype(np.float64)
    return rest


Model = Verification
