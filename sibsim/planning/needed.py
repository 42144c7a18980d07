"""How many people a design needs, in figures and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.core.wording import decimal, percent, percentage_points
from sibsim.core.words import Words

DIGITS = 3
"""Significant digits of a figure in a sentence."""

NOTICED = 1.2
"""A share of false positives that is this many times alpha is worth a warning."""


@dataclass(frozen=True, slots=True)
class PeopleNeeded:
    """How many people a design needs, or why no number is enough and what it can detect.

    `str` of it is the answer in a sentence, `words` that in Danish and English.

    Attributes
    ----------
    people
        Fewest people planned to start; None: no number is enough. Where controls are drawn among
        those referred, both arms; else participants alone.
    participants
        Those of them who are served; None with `people`.
    controls
        People of the control group, beside the participants or out of those referred; None where
        the design draws no controls for its participants, or no number is enough.
    effect
        The effect that was to be detected, on those who take part, in the outcome's unit.
    power
        Probability with which it was to be found.
    alpha
        Level of the test.
    standard_error
        Standard error with that many people; where none is enough, with the most looked at.
    floor
        What the standard error does not fall below with more people; 0 where it falls without end.
    falls
        Whether the standard error falls with more participants; not where the design counts people
        of its own, such as a stepped wedge, and states how many.
    most
        People up to whom was looked.
    detectable
        Smallest effect that is detected with the most people looked at; NaN: none is.
    clusters
        Clusters with which the effect is detected where no number of people in those that are
        stated is enough; None: not asked, or no number is enough.
    people_per_cluster
        Participants of each of these clusters; None with `clusters`.
    both_arms
        Whether controls are in as many clusters.
    least_p
        Smallest p-value that the evaluation can come to.
    compares
        Whether the design has a comparison.
    false_positive
        Probability that the evaluator's own test finds something without any effect; NaN without a
        comparison.
    in_points
        Whether effects are differences of shares, said in percentage points.
    """

    people: int | None
    participants: int | None
    controls: int | None
    effect: float
    power: float
    alpha: float
    standard_error: float
    floor: float
    falls: bool
    most: int
    detectable: float
    clusters: int | None
    people_per_cluster: int | None
    both_arms: bool
    least_p: float
    compares: bool
    false_positive: float
    in_points: bool

    @property
    def words(self) -> Words:
        """The answer in a sentence, in Danish and English."""
        if self.people is not None:
            return self._enough_words()
        effect, error = self._size(self.effect), self._size(self.standard_error)
        if not self.compares:
            return Words(
                da="kan ikke vise nogen effekt, uanset hvor mange der deltager: uden en "
                "sammenligning kan effekten ikke skelnes fra det, der var sket alligevel; vælg et "
                "design med en sammenligning",
                en="cannot detect an effect at any size: without a comparison it is not told from "
                "what would have come about anyway; choose a design with a comparison",
            )
        if self.least_p > self.alpha:
            least, level = percent(_rounded(self.least_p)), percent(self.alpha)
            return Words(
                da=f"kan ikke vise nogen effekt i en test på {level.da}-niveau: den mindste "
                f"p-værdi er {least.da}; brug flere steder at sammenligne med",
                en=f"cannot detect any effect in a test at the {level.en} level: its smallest "
                f"p-value is {least.en}; compare with more places",
            )
        can, floor, most = self._can_words(), self._size(self.floor), _whole(self.most)
        if not self.falls:
            return Words(
                da=f"kan ikke vise {effect.da}: dens usikkerhed på {error.da} afhænger ikke af "
                "antallet af deltagere, kun flere klynger, personer eller målepunkter mindsker "
                f"den; {can.da}",
                en=f"cannot detect {effect.en}: its error of {error.en} does not depend on the "
                "number of participants, only more clusters, people or points lower it; "
                f"{can.en}",
            )
        if self.floor > 0:
            return Words(
                da=f"kan ikke vise {effect.da}, uanset hvor mange der deltager: dens usikkerhed "
                f"falder ikke under {floor.da}; {can.da}",
                en=f"cannot detect {effect.en} at any size: its error does not fall below "
                f"{floor.en}; {can.en}",
            )
        return Words(
            da=f"kan ikke vise {effect.da} med op til {most.da} deltagere: dens usikkerhed er da "
            f"{error.da}; {can.da}",
            en=f"cannot detect {effect.en} with up to {most.en} participants: its error is then "
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
            f"niveau finder en effekt, hvor der ingen er, i {wrong.da} af forløbene",
            en=f", its hidden error being known and allowed for; its own test at the {level.en} "
            f"level finds an effect where there is none in {wrong.en} of simulations",
        )

    def _enough_words(self) -> Words:
        """Return how many people are needed, of both arms where there is a control group."""
        effect, sure, wrong = self._size(self.effect), percent(self.power), self._wrong_words()
        if not self.falls:
            error = self._size(self.standard_error)
            return Words(
                da=f"viser {effect.da} med mindst {sure.da} styrke, uanset hvor mange der deltager:"
                f" dens usikkerhed på {error.da} afhænger ikke af antallet af deltagere, men af "
                f"dens klynger, personer og målepunkter{wrong.da}",
                en=f"detects {effect.en} with {sure.en} power or more however many take part: its "
                f"error of {error.en} does not depend on the number of participants, but on its "
                f"clusters, people and points{wrong.en}",
            )
        people, served = _whole(self.people), _whole(self.participants)
        needs = Words(da=f"{people.da} deltagere", en=f"{people.en} participants")
        if self.controls is not None:
            controls = _whole(self.controls)
            needs = Words(
                da=f"{needs.da} og {controls.da} i kontrolgruppen",
                en=f"{needs.en} and {controls.en} controls",
            )
            if self.participants != self.people:
                needs = Words(
                    da=f"{people.da} henviste, hvoraf {served.da} får indsatsen og {controls.da} "
                    "er i kontrolgruppen,",
                    en=f"{people.en} people referred, of whom {served.en} are served and "
                    f"{controls.en} are controls,",
                )
        return Words(
            da=f"kræver {needs.da} for at vise {effect.da} med {sure.da} styrke{wrong.da}",
            en=f"needs {needs.en} to detect {effect.en} with {sure.en} power{wrong.en}",
        )

    def _can_words(self) -> Words:
        """Return what can be detected with the most people looked at, and by more clusters."""
        sure = percent(self.power)
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
        if self.clusters is None or self.people_per_cluster is None:
            return can
        number, people = _whole(self.clusters), _whole(self.people_per_cluster)
        arms = Words(da=" i hver arm", en=" in each arm") if self.both_arms else Words(da="", en="")
        return Words(
            da=f"{can.da}; flere klynger hjælper: {number.da}{arms.da} med {people.da} deltagere "
            "pr. klynge er nok",
            en=f"{can.en}; more clusters help: {number.en}{arms.en} with {people.en} participants "
            "per cluster are enough",
        )

    def _size(self, size: float) -> Words:
        rounded = _rounded(abs(size))
        return percentage_points(rounded) if self.in_points else decimal(rounded)


def _whole(number: int | None) -> Words:
    english = f"{number or 0:,}"
    return Words(da=english.replace(",", "."), en=english)


def _rounded(figure: float) -> float:
    return float(f"{figure:.{DIGITS}g}")
