"""Verification: each participant's result is checked; there is no comparison.

Errors: a success is recognised with probability `sensitivity`, a failure with probability
`specificity`; the result of a participant is missing at a follow-up with a stated share and then
counted by a rule. All are independent between people and follow-ups.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.parameters import Provenance
from sibsim.core.spec import Probability
from sibsim.core.stages import Context, Measurement, OutcomePath, Participation
from sibsim.core.streams import Layer, below
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    claimed,
    counted,
    no_comparison,
    observed_number,
    variance_of_rate,
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


class Verification(EvaluationDesign):
    """Check of each participant's result."""

    compares: ClassVar[bool] = False

    design: Literal["verification"]
    """Name of the design."""

    sensitivity: Probability = ALWAYS_RIGHT
    """Share of successes that are recognised, in [0, 1]."""

    specificity: Probability = ALWAYS_RIGHT
    """Share of failures that are recognised, in [0, 1]."""

    missing: Missing | None = None
    """Missing results."""

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
        """Return sqrt(r (1 - r) / n), r the probability of a reported success."""
        del participation
        people = path.people[:, np.newaxis]
        if self.missing and self.missing.rule == "excluded":
            people = observed_number(people, share=1.0 - self.missing.share)
        return np.sqrt(variance_of_rate(self._reported(path.expected), number=people))

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        del compared
        missing = _MISSING[self.missing.rule] if self.missing else Words(da="", en="")
        return Words(
            da=f"kontrol af hver deltagers resultat{missing.da}",
            en=f"a check of each participant's result{missing.en}",
        )

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return the probability of a reported success less that of a true one."""
        return self._reported(path.expected) - path.expected

    @property
    def _is_perfect(self) -> bool:
        misses = self.missing is not None and self.missing.share > 0
        return self.sensitivity == self.specificity == 1 and not misses

    def _reported(self, probability: FloatArray) -> FloatArray:
        """Return the probability that a result in the report says success."""
        seen = probability * self.sensitivity + (1.0 - probability) * (1.0 - self.specificity)
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
            chances=(self.sensitivity, 1.0 - self.specificity),
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
