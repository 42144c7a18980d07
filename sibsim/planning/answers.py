"""What is answered about a design: how it errs, how often it finds something, what it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.wording import decimal, percent, percentage_points
from sibsim.core.words import Words
from sibsim.planning.detection import Detected
from sibsim.planning.setting import Findings

DIGITS = 3
"""Significant digits of a figure in a sentence."""

NOTICED = 1.2
"""A share of false positives that is this many times alpha is worth a warning."""


@dataclass(frozen=True, slots=True)
class DesignPower:
    """How a design errs and how often its test finds something, in the shape that was asked."""

    comparison_people: FloatArray
    """People that participants are compared with; 0 where there is no comparison."""

    bias: FloatArray
    """Mean of estimate - true effect, in the outcome's unit."""

    standard_error: FloatArray
    """Standard deviation of estimate - true effect."""

    stated_error: FloatArray
    """Standard error that the evaluator states and tests with."""

    power: FloatArray
    """Probability that the evaluator's test finds something; in a two-sided test, either way."""

    power_for_better: FloatArray
    """Probability that it finds something in the good direction."""

    false_positive: FloatArray
    """Probability that it finds something without any effect."""

    size_adjusted_power: FloatArray
    """Probability that it finds the good effect with false positives held at alpha; NaN without a
    comparison."""

    least_p: FloatArray
    """Smallest p-value that the evaluation can come to."""

    @property
    def rmse(self) -> FloatArray:
        """Root mean square of estimate - true effect."""
        return np.hypot(self.bias, self.standard_error)

    @classmethod
    def of(cls, found: Findings, *, at_effect: Detected, at_none: Detected) -> DesignPower:
        """Return the answer from how a design errs and what its test finds, (W,) or broadcast."""
        shape = np.shape(at_effect.better)

        def full(values: FloatArray | float) -> FloatArray:
            return np.broadcast_to(np.asarray(values, dtype=np.float64), shape)

        return cls(
            comparison_people=full(found.comparison_people),
            bias=full(found.bias),
            standard_error=full(found.standard_error),
            stated_error=full(found.stated),
            power=at_effect.better + at_effect.worse,
            power_for_better=at_effect.better,
            false_positive=full(at_none.better + at_none.worse),
            size_adjusted_power=at_effect.adjusted,
            least_p=full(found.least_p),
        )

    @classmethod
    def stacked(cls, rows: Sequence[DesignPower], *, shape: tuple[int, ...]) -> DesignPower:
        """Return several answers as one.

        Parameters
        ----------
        rows
            One answer per size, (W,) each.
        shape
            Shape of the whole.
        """
        return cls(
            **{
                each.name: np.stack([getattr(row, each.name) for row in rows]).reshape(shape)
                for each in fields(cls)
            }
        )


@dataclass(frozen=True, slots=True)
class PeopleNeeded:
    """How many people a design needs, or why no number is enough and what it can detect."""

    people: int | None
    """Fewest people planned to start; None: no number is enough."""

    effect: float
    """The effect that was to be detected, in the outcome's unit."""

    power: float
    """Probability with which it was to be found."""

    alpha: float
    """Level of the test."""

    standard_error: float
    """Standard error with that many people; where none is enough, with the most looked at."""

    floor: float
    """What the standard error does not fall below with more people; 0 where it falls without
    end."""

    most: int
    """People up to whom was looked."""

    detectable: float
    """Smallest effect that is detected with the most people looked at; NaN: none is."""

    least_p: float
    """Smallest p-value that the evaluation can come to."""

    compares: bool
    """Whether the design has a comparison."""

    false_positive: float
    """Probability that the evaluator's own test finds something without any effect."""

    in_points: bool
    """Whether effects are differences of shares, said in percentage points."""

    @property
    def words(self) -> Words:
        """The answer in a sentence, in Danish and English."""
        effect, error = self._size(self.effect), self._size(self.standard_error)
        sure, level = percent(self.power), percent(self.alpha)
        if self.people is not None:
            wrong = self._wrong_words()
            return Words(
                da=f"kræver {self.people} deltagere for at vise {effect.da} med {sure.da} styrke"
                f"{wrong.da}",
                en=f"needs {self.people} participants to detect {effect.en} with {sure.en} power"
                f"{wrong.en}",
            )
        if not self.compares:
            return Words(
                da="kan ikke vise nogen effekt, uanset hvor mange der deltager: uden en "
                "sammenligning kan effekten ikke skelnes fra det, der var sket alligevel; vælg et "
                "design med en sammenligning",
                en="cannot detect an effect at any size: without a comparison it is not told from "
                "what would have come about anyway; choose a design with a comparison",
            )
        if self.least_p > self.alpha:
            least = percent(_rounded(self.least_p))
            return Words(
                da=f"kan ikke vise nogen effekt i en test på {level.da}-niveau: den mindste "
                f"p-værdi er {least.da}; brug flere steder at sammenligne med",
                en=f"cannot detect any effect in a test at the {level.en} level: its smallest "
                f"p-value is {least.en}; compare with more places",
            )
        can = Words(
            da="ingen mulig effekt er stor nok; vælg et andet design",
            en="no possible effect is large enough; choose another design",
        )
        if not np.isnan(self.detectable):
            smallest = self._size(self.detectable)
            can = Words(
                da=f"den mindste effekt, den viser med {sure.da} styrke, er {smallest.da}",
                en=f"the smallest effect it detects with {sure.en} power is {smallest.en}",
            )
        if self.floor > 0:
            floor = self._size(self.floor)
            return Words(
                da=f"kan ikke vise {effect.da}, uanset hvor mange der deltager: dens usikkerhed "
                f"falder ikke under {floor.da}; {can.da}",
                en=f"cannot detect {effect.en} at any size: its error does not fall below "
                f"{floor.en}; {can.en}",
            )
        return Words(
            da=f"kan ikke vise {effect.da} med op til {self.most} deltagere: dens usikkerhed er da "
            f"{error.da}; {can.da}",
            en=f"cannot detect {effect.en} with up to {self.most} participants: its error is then "
            f"{error.en}; {can.en}",
        )

    def __str__(self) -> str:
        """Return the answer in English."""
        return self.words.in_language("en")

    def _wrong_words(self) -> Words:
        """Return a warning where the evaluator's own test finds too much where there is nothing."""
        if self.false_positive <= NOTICED * self.alpha:
            return Words(da="", en="")
        wrong, level = percent(_rounded(self.false_positive)), percent(self.alpha)
        return Words(
            da=f", når dens skjulte fejl er kendt og regnet med; dens egen test på {level.da}-"
            f"niveau finder en effekt, hvor der ingen er, i {wrong.da} af tilfældene",
            en=f", its hidden error being known and allowed for; its own test at the {level.en} "
            f"level finds an effect where there is none in {wrong.en} of cases",
        )

    def _size(self, size: float) -> Words:
        rounded = _rounded(abs(size))
        return percentage_points(rounded) if self.in_points else decimal(rounded)


def _rounded(figure: float) -> float:
    return float(f"{figure:.{DIGITS}g}")
