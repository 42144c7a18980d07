"""Whether small studies find larger effects than large ones, and the effect with that taken out.

Small studies with disappointing results are the likeliest to stay in a drawer, so that the small
ones that are seen find too much. Both parts regress the estimates on their standard errors, weights
1 / v, errors scaled by the residual variance, t with k - 2 degrees of freedom.

- Egger's test asks whether the slope on the standard error is 0: Egger, Davey Smith, Schneider and
  Minder 1997, Bias in meta-analysis detected by a simple, graphical test, BMJ 315. It is the
  regression of estimate / error on 1 / error, whose intercept is that slope.
- The bias-limited estimate is the intercept, the effect that a study without error would find: PET
  regresses on the standard error, PEESE on the variance. Where PET finds an effect PEESE is taken,
  else PET: Stanley and Doucouliagos 2014, Meta-regression approximations to reduce publication
  selection bias, Research Synthesis Methods 5(1).

Neither proves a drawer: small studies can find more because they are done where a programme works
best. PET-PEESE does badly with few studies, with only small ones and where places differ very much
(Stanley 2017, Limitations of PET-PEESE and other meta-analysis methods, Social Psychological and
Personality Science 8(5)): read it beside `meta_analysis`, not in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.wording import Language, Sentence, language
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.evidence.estimates import LEVEL, Estimated, check_level
from sibsim.evidence.moderators import INTERCEPT
from sibsim.evidence.regression import Coefficient, coefficients_of
from sibsim.evidence.studies import Studies
from sibsim.evidence.weighting import fitted

if TYPE_CHECKING:
    import pandas as pd

FEWEST_STUDIES = 3
"""A line through two studies leaves nothing to judge it by."""

ENOUGH_STUDIES = 10
"""Below this the test has too little power to tell chance from asymmetry: Sterne et al. 2011,
Recommendations for examining and interpreting funnel plot asymmetry, BMJ 343:d4002."""

PET_LEVEL = 0.10
"""p-value below which PET counts as having found an effect: Stanley 2017."""

STATED_LEVEL = 0.05
"""p-value below which asymmetry is called likely, by convention."""

P_DECIMALS = 3
"""Decimals of a p-value in a sentence."""


@dataclass(frozen=True, slots=True)
class EggerTest:
    """Egger's test of whether estimates depend on their standard errors."""

    intercept: float
    """Estimate, on the additive scale, where the line meets a standard error of 0: what a study
    without error would find (PET). Egger's own intercept is `slope`."""

    slope: float
    """Change of the estimate, on the additive scale, per unit of standard error; 0: none. It is the
    intercept of the regression of estimate / error on 1 / error that Egger et al. state."""

    standard_error: float
    """Standard error of the slope."""

    t: float
    """Slope / standard error."""

    degrees: int
    """Degrees of freedom of t, k - 2."""

    p: float
    """Two-sided p-value of no dependence."""

    notes: tuple[str, ...] = ()
    """What limits the test here, in words."""

    def table(self) -> pd.DataFrame:
        """Return one row with intercept, slope, its standard error, t, degrees of freedom and p."""
        import pandas as pd

        columns = ["intercept", "slope", "standard_error", "t", "degrees", "p"]
        return pd.DataFrame(
            [[getattr(self, name) for name in columns]],
            index=pd.Index(["Egger's test"]),
            columns=columns,
        )

    def sentence(self, lang: Language = "en") -> str:
        """Return the result in one sentence, in Danish (`da`) or English (`en`).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        pattern = Words(
            da="Eggers test finder ikke, at små studier finder andet end store (p = {p}), hvilket "
            "ikke viser, at de ikke gør",
            en="Egger's test does not find that small studies find other effects than large ones "
            "(p = {p}), which does not show that they do not",
        )
        if self.p < STATED_LEVEL:
            pattern = Words(
                da="Eggers test tyder på, at små studier finder andre effekter end store (p = {p})",
                en="Egger's test suggests that small studies find other effects than large ones "
                "(p = {p})",
            )
        english = f"{self.p:.{P_DECIMALS}f}"
        values = {"p": Words(da=english.replace(".", ","), en=english)}
        return Sentence(pattern, values).say(language(lang))


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class BiasLimited(Estimated):
    """The effect that a study without error would find, by PET-PEESE."""

    taken: Literal["pet", "peese"]
    """Which of the two is the estimate."""

    pet: Coefficient
    """Intercept of the regression on the standard error."""

    peese: Coefficient
    """Intercept of the regression on the variance."""

    number: int
    """Number of studies."""

    def table(self) -> pd.DataFrame:
        """Return `PET` and `PEESE` with estimate and interval, ratios as ratios, and `taken`."""
        import pandas as pd

        rows = {
            name.upper(): [
                *(self.shown(value) for value in (each.estimate, each.low, each.high)),
                each.p,
                name == self.taken,
            ]
            for name, each in (("pet", self.pet), ("peese", self.peese))
        }
        return pd.DataFrame.from_dict(
            rows, orient="index", columns=["estimate", "low", "high", "p", "taken"]
        )

    def __repr__(self) -> str:
        """Return what it says, in one line."""
        return f"<{self.sentence()}>"

    def sentence(self, lang: Language = "en") -> str:
        """Return the result in one sentence, in Danish (`da`) or English (`en`).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        pattern = Words(
            da="Hvad et studie uden usikkerhed ville finde efter {taken}: {effect}{doubt}",
            en="What a study without error would find by {taken}: {effect}{doubt}",
        )
        doubt = Words(da="", en="")
        if self.number < ENOUGH_STUDIES:
            doubt = Words(
                da=f"; med {self.number} studier siger det kun lidt",
                en=f"; with {self.number} studies that says little",
            )
        values: dict[str, Words | str] = {
            "taken": self.taken.upper(),
            "effect": self.words,
            "doubt": doubt,
        }
        return Sentence(pattern, values).say(language(lang))


def egger_test(studies: Studies) -> EggerTest:
    """Return Egger's test of whether small studies find other effects than large ones.

    Under 10 studies its power is low, and a large p-value says nothing. On the odds ratio the
    standard error depends on the estimate, so that it finds asymmetry where there is none.

    Parameters
    ----------
    studies
        The studies, at least 3, whose standard errors differ.

    Raises
    ------
    ArgumentError
        If there are fewer, or all have the same standard error.
    """
    intercept, slope = _regression(studies, on=np.sqrt(studies.variance), level=LEVEL)
    return EggerTest(
        intercept=intercept.estimate,
        slope=slope.estimate,
        standard_error=slope.standard_error,
        t=slope.estimate / slope.standard_error,
        degrees=studies.number - 2,
        p=slope.p,
        notes=_notes(studies),
    )


def pet_peese(studies: Studies, *, level: float = LEVEL) -> BiasLimited:
    """Return the effect that a study without error would find.

    PEESE where PET finds an effect (two-sided p below 0.10), else PET.

    Parameters
    ----------
    studies
        The studies, at least 3, whose standard errors differ.
    level
        Probability that the interval is to cover, in (0, 1).

    Raises
    ------
    ArgumentError
        If there are fewer, all have the same standard error, or the level is no probability.
    """
    check_level(level)
    pet, _ = _regression(studies, on=np.sqrt(studies.variance), level=level)
    peese, _ = _regression(studies, on=studies.variance, level=level)
    found = pet.p < PET_LEVEL
    taken = peese if found else pet
    return BiasLimited(
        scale=studies.scale,
        level=level,
        taken="peese" if found else "pet",
        estimate=taken.estimate,
        standard_error=taken.standard_error,
        low=taken.low,
        high=taken.high,
        pet=pet,
        peese=peese,
        number=studies.number,
        notes=_notes(studies),
    )


def _regression(
    studies: Studies, *, on: FloatArray, level: float
) -> tuple[Coefficient, Coefficient]:
    """Return intercept and slope of the estimates on one column, weights 1 / v."""
    if studies.number < FEWEST_STUDIES:
        message = (
            f"studies: got {studies.number}; whether small ones find more takes at least "
            f"{FEWEST_STUDIES}, and means little under {ENOUGH_STUDIES}; leave it out"
        )
        raise ArgumentError(message)
    design = np.column_stack([np.ones(studies.number), on])
    if np.linalg.matrix_rank(design / np.linalg.norm(design, axis=0)) < design.shape[1]:
        message = (
            f"studies.variance: got {studies.variance[0]:g} for every study; none is smaller or "
            "larger than the others, so nothing can be told from their size; leave it out"
        )
        raise ArgumentError(message)
    # A common effect with errors scaled by the residual variance is ordinary weighted regression.
    fit = fitted(
        studies.estimate,
        variance=studies.variance,
        design=design,
        method="fixed",
        knapp_hartung=True,
    )
    intercept, slope = coefficients_of(fit, names=(INTERCEPT, "slope"), level=level)
    return intercept, slope


def _notes(studies: Studies) -> tuple[str, ...]:
    notes = []
    if studies.number < ENOUGH_STUDIES:
        notes.append(
            f"{studies.number} studies, under {ENOUGH_STUDIES}: too few to tell chance from "
            "small studies that find more"
        )
    if studies.scale == "odds_ratio":
        notes.append(
            "the standard error of a log odds ratio depends on its size, which looks like small "
            "studies that find more"
        )
    return tuple(notes)
