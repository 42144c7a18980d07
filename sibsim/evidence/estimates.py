"""An effect as studies estimate it: estimate, error and interval, and how they are said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from sibsim.core.spec import as_share
from sibsim.core.wording import percent
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.evidence.studies import RATIOS, StudyScale

LEVEL = 0.95
"""Probability that intervals cover by convention."""

SCALE_WORDS: Mapping[StudyScale, Words] = MappingProxyType(
    {
        "risk_difference": Words(da="risikodifferens", en="risk difference"),
        "risk_ratio": Words(da="relativ risiko", en="risk ratio"),
        "odds_ratio": Words(da="oddsratio", en="odds ratio"),
        "hazard_ratio": Words(da="hazardratio", en="hazard ratio"),
        "rate_ratio": Words(da="rateratio", en="rate ratio"),
        "mean_difference": Words(da="gennemsnitsforskel", en="mean difference"),
        "standardised_difference": Words(
            da="standardiseret gennemsnitsforskel", en="standardised mean difference"
        ),
    }
)
"""What the scales are called."""

CONFIDENCE = Words(da="konfidensinterval", en="confidence interval")
"""An interval that covers in as many of all samples as it says."""

CREDIBLE = Words(da="sandsynlighedsinterval", en="credible interval")
"""An interval that holds the effect with a probability, given studies and priors."""

DECIMALS = 2
"""Decimals of an effect in a sentence: studies tell no more of it."""

SMALLEST_SHOWN = 0.1
"""Size below which significant digits count instead, so that 0.004 is not written as 0.00."""


def figure(value: float) -> Words:
    """Return an effect as a sentence writes it: 0,49 and 0.49."""
    small = 0.0 < abs(value) < SMALLEST_SHOWN
    english = f"{value:.{DECIMALS}g}" if small else f"{value:,.{DECIMALS}f}"
    return Words(da=english.translate(str.maketrans(",.", ".,")), en=english)


def check_level(level: float) -> None:
    """Refuse what is no probability between 0 and 1.

    Raises
    ------
    ArgumentError
        If it is not.
    """
    if not 0.0 < level < 1.0:
        message = f"level: got {level:g}; it lies between 0 and 1{as_share(level)}"
        raise ArgumentError(message)


@dataclass(frozen=True, eq=False, kw_only=True)
class Estimated:
    """An effect with its interval, on the additive scale: the natural logarithm of a ratio."""

    scale: StudyScale
    """Scale of the effect."""

    level: float
    """Probability that each interval is to cover, in (0, 1)."""

    estimate: float
    """The effect."""

    standard_error: float
    """Its standard error."""

    low: float
    """Lower end of its interval."""

    high: float
    """Upper end."""

    notes: tuple[str, ...] = ()
    """What was corrected, left out or is unusual, in words."""

    def shown(self, additive: float) -> float:
        """Return a value of the additive scale as readers know it: exp of a logarithm."""
        return float(np.exp(additive)) if self.scale in RATIOS else additive

    @property
    def interval_words(self) -> Words:
        """What its interval is called."""
        return CONFIDENCE

    @property
    def words(self) -> Words:
        """The effect and interval: `risk ratio 0.49 (95 % confidence interval 0.34 to 0.70)`."""
        name, level, kind = SCALE_WORDS[self.scale], percent(self.level), self.interval_words
        value, low, high = (
            figure(self.shown(each)) for each in (self.estimate, self.low, self.high)
        )
        return Words(
            da=f"{name.da} {value.da} ({level.da}-{kind.da} {low.da} til {high.da})",
            en=f"{name.en} {value.en} ({level.en} {kind.en} {low.en} to {high.en})",
        )
