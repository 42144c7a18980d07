"""Meta-analysis: several studies of one effect put together, with or without moderators.

A common effect, or effects that differ between places with variance tau^2. Assumes that estimates
are normal on the additive scale with known variances, that studies are independent, and that the
places of the studies are a sample of the places the next one is from. Sources of the parts stand
with them: tau^2 in `heterogeneity`, intervals in `weighting`, moderators in `moderators`. What is
said of the whole is as in Borenstein, Hedges, Higgins and Rothstein 2009, Introduction to
Meta-Analysis, and Viechtbauer 2010, Conducting meta-analyses in R with the metafor package, Journal
of Statistical Software 36(3), whose terms are used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
from scipy.special import chdtrc, ndtri

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import nearest
from sibsim.core.wording import Language, Sentence, language, listing, percent
from sibsim.core.words import Words
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.estimates import LEVEL, check_level
from sibsim.evidence.expectation import Expectation, differences_in_words, numbers_of
from sibsim.evidence.heterogeneity import Contrasts, q_profile
from sibsim.evidence.moderators import Design, design_of
from sibsim.evidence.regression import (
    Coefficient,
    ModeratorTest,
    coefficients_of,
    moderator_test,
)
from sibsim.evidence.studies import Studies
from sibsim.evidence.weighting import Fit, KnappHartung, Method, fitted

if TYPE_CHECKING:
    import pandas as pd

FEWEST_STUDIES = 2
"""One study is no meta-analysis."""

VERY_FEW_STUDIES = 5
"""Below this the spread between places is hardly known: Bender et al. 2018, Methods for evidence
synthesis in the case of very few studies, Research Synthesis Methods 9(3)."""

LARGEST_VARIANCE_RATIO = 1e9
"""Largest variance over the smallest: beyond it tau^2 is known to fewer than six digits, and no
study is that much larger than another, so that one of them is mistyped."""

SHARE_DECIMALS = 2
"""Decimals of the share of variation in a sentence: whole percentages."""

METHOD_WORDS: Mapping[Method, str] = {
    "fixed": "common effect",
    "dl": "random effects, DerSimonian-Laird",
    "reml": "random effects, restricted maximum likelihood",
    "ml": "random effects, maximum likelihood",
    "pm": "random effects, Paule-Mandel",
    "sj": "random effects, Sidik-Jonkman",
    "he": "random effects, Hedges",
}
"""What the methods are called."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class MetaAnalysis(Expectation):
    """What several studies found together; estimate and intervals on the additive scale.

    With moderators the estimate is for a place like the average of the studies, each column of the
    moderators at its mean; `predict` answers for others, `coefficients` are the regression.
    """

    studies: Studies
    """What was put together."""

    method: Method
    """Common effect, or estimator of tau^2."""

    knapp_hartung: KnappHartung
    """Whether errors are scaled by how far the estimates lie apart."""

    tau2_error: float | None
    """Standard error of tau^2; None where the method states none (all but `ml` and `reml`)."""

    tau2_low: float
    """Lower end of the interval of tau^2 by the profile of Q."""

    tau2_high: float
    """Upper end."""

    q: float
    """Cochran's Q; with moderators QE, of what they leave unexplained."""

    q_degrees: int
    """Its degrees of freedom, k - p."""

    q_p: float
    """p-value of all places having the same effect, or one that the moderators explain."""

    i2: float
    """Share of the variation between estimates that is between places, in [0, 1]:
    tau^2 / (tau^2 + typical variance within studies); for a common effect 1 - (k - p) / Q."""

    h2: float
    """Variation between estimates relative to that within studies; 1 where places do not differ
    (for a common effect Q / (k - p))."""

    weights: FloatArray
    """Share of each study in the weights, (k,), summing to 1."""

    coefficients: tuple[Coefficient, ...]
    """Coefficients, the intercept first; without moderators that alone, the mean effect."""

    moderator_test: ModeratorTest | None
    """What the moderators explain; None without any."""

    design: Design
    """The columns of the regression."""

    fit: Fit
    """The regression itself."""

    def predict(self, at: Mapping[str, float | str]) -> Expectation:
        """Return what is expected of a place with these values of the moderators.

        Parameters
        ----------
        at
            Value of every moderator, by name: `{"latitude": 30.0}`.

        Raises
        ------
        ArgumentError, UnknownNameError
            If there are no moderators, one is missing or not known, or its value is not valid.
        """
        if not self.design.moderators:
            message = (
                "predict: got a meta-analysis without moderators; it says the same of every place; "
                "read estimate, next_low and next_high, or name moderators"
            )
            raise ArgumentError(message)
        row = self.design.row(at)
        outside = self.design.outside(row)
        notes = self.notes
        if outside:
            notes = (*notes, f"{', '.join(outside)}: outside what the studies have seen")
        return Expectation(
            scale=self.scale,
            at=dict(at),
            level=self.level,
            tau2=self.tau2,
            origin=f"{self.origin}, at {', '.join(f'{name} {each}' for name, each in at.items())}",
            sources=self.sources,
            degrees=self.degrees,
            common=self.common,
            notes=notes,
            **numbers_of(self.fit.at(row, level=self.level)),
        )

    def table(self) -> pd.DataFrame:
        """Return studies, `mean` and `next place`: estimate, interval and weight, ratios as ratios.

        The column `of` says `study`, `mean` or `next place`. Intervals of studies are normal.
        """
        import pandas as pd

        reach = ndtri((1.0 + self.level) / 2.0) * np.sqrt(self.studies.variance)
        rows = pd.DataFrame(
            {
                "of": "study",
                "estimate": self.studies.shown(self.studies.estimate),
                "low": self.studies.shown(self.studies.estimate - reach),
                "high": self.studies.shown(self.studies.estimate + reach),
                "weight": self.weights,
            },
            index=pd.Index(self.studies.names),
        )
        whole = super().table().assign(of=lambda frame: frame.index, weight=[1.0, np.nan])
        return pd.concat([rows, whole[rows.columns]])

    def coefficients_table(self) -> pd.DataFrame:
        """Return the coefficients on the additive scale, one row each."""
        import pandas as pd

        columns = ["estimate", "standard_error", "low", "high", "p"]
        return pd.DataFrame(
            [[getattr(each, name) for name in columns] for each in self.coefficients],
            index=pd.Index([each.name for each in self.coefficients]),
            columns=columns,
        )

    def sentence(self, lang: Language = "en") -> str:
        """Return the result in one sentence, in Danish (`da`) or English (`en`).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        subject = [Words(da="{k} studier", en="{k} studies")]
        if self.method == "fixed":
            subject.append(
                Words(da="samme effekt overalt antaget", en="the same effect assumed everywhere")
            )
        if self.moderator_test is not None:
            subject.append(
                Words(da="ved gennemsnittet af {moderators}", en="at the mean of {moderators}")
            )
        said = self.words
        if self.method != "fixed":
            effect = self.words_with_next_place
            between = differences_in_words(self.tau2, explained=self.moderator_test is not None)
            said = Words(da=f"{effect.da}; {between.da}", en=f"{effect.en}; {between.en}")
        values: dict[str, Words | str] = {
            "k": str(self.studies.number),
            "moderators": listing([each.name for each in self.design.moderators] or [""]),
            "share": percent(round(self.i2, SHARE_DECIMALS)),
        }
        pattern = Words(
            da=f"{', '.join(each.in_language('da') for each in subject)}: {said.da}",
            en=f"{', '.join(each.in_language('en') for each in subject)}: {said.en}",
        )
        return Sentence(pattern, values).say(language(lang))


def meta_analysis(
    studies: Studies,
    *,
    method: Method = "reml",
    knapp_hartung: KnappHartung = False,
    level: float = LEVEL,
    moderators: str | Sequence[str] = (),
) -> MetaAnalysis:
    """Return what several studies found together.

    Parameters
    ----------
    studies
        What they found, on one scale; at least 2.
    method
        `fixed` (one effect common to all), or how tau^2 is estimated: `dl` (DerSimonian-Laird),
        `reml`, `ml`, `pm` (Paule-Mandel), `sj` (Sidik-Jonkman), `he` (Hedges).
    knapp_hartung
        Whether intervals are those of t with k - p degrees of freedom, errors scaled by how far
        the estimates lie apart; `adhoc`: never scaled down. The interval of the next place takes
        the same t.
    level
        Probability that intervals are to cover, in (0, 1).
    moderators
        Names of moderators of the studies that effects are explained by.

    Raises
    ------
    ArgumentError
        If there are fewer than 2 studies, an estimate or variance is not valid, the level is no
        probability, Knapp-Hartung is asked of a common effect, or moderators do not fit.
    UnknownNameError
        If the method or a moderator is not known.
    SolveError
        If tau^2 is not found.
    """
    _check(studies, method=method, knapp_hartung=knapp_hartung, level=level)
    design = design_of(studies, moderators=moderators)
    contrasts = Contrasts.of(studies.estimate, variance=studies.variance, design=design.matrix)
    fit = fitted(
        studies.estimate,
        variance=studies.variance,
        design=design.matrix,
        method=method,
        knapp_hartung=knapp_hartung,
        contrasts=contrasts,
    )
    tau2_low, tau2_high = (float(each) for each in q_profile(contrasts, level=level))
    tau2, q = float(fit.tau2), float(contrasts.q(np.zeros(())))
    typical = float(contrasts.typical_variance)
    h2 = q / contrasts.degrees if method == "fixed" else 1.0 + tau2 / typical
    return MetaAnalysis(
        studies=studies,
        scale=studies.scale,
        at={},
        method=method,
        knapp_hartung=knapp_hartung,
        level=level,
        **numbers_of(fit.at(design.average, level=level)),
        tau2=tau2,
        degrees=fit.degrees,
        common=method == "fixed",
        tau2_error=None if fit.tau2_error is None else float(fit.tau2_error),
        tau2_low=tau2_low,
        tau2_high=tau2_high,
        q=q,
        q_degrees=contrasts.degrees,
        q_p=float(chdtrc(contrasts.degrees, q)),
        i2=max(0.0, 1.0 - 1.0 / h2) if h2 > 0 else 0.0,
        h2=h2,
        weights=fit.weights / fit.weights.sum(),
        coefficients=coefficients_of(fit, names=design.names, level=level),
        moderator_test=moderator_test(studies, method=method, fit=fit)
        if design.moderators
        else None,
        design=design,
        fit=fit,
        sources=studies.sources,
        origin=f"{studies.number} studies, {METHOD_WORDS[method]}",
        notes=(
            *studies.notes,
            *design.references,
            *_notes(fit, method=method, degrees=contrasts.degrees, high=tau2_high, q=q),
        ),
    )


def _check(studies: Studies, *, method: str, knapp_hartung: KnappHartung, level: float) -> None:
    if studies.number < FEWEST_STUDIES:
        message = (
            f"studies: got {studies.number}; a meta-analysis puts at least {FEWEST_STUDIES} "
            "together; use the study itself as the effect of the case, with its own uncertainty"
        )
        raise ArgumentError(message)
    for name in ("estimate", "variance"):
        values = getattr(studies, name)
        wrong = ~np.isfinite(values) | ((values <= 0) if name == "variance" else False)
        if wrong.any():
            which = int(np.argmax(wrong))
            message = (
                f"studies.{name}: got {values[which]:g} for {studies.names[which]!r}; it is a "
                f"finite number{' above 0' if name == 'variance' else ''}; correct it or leave "
                "the study out"
            )
            raise ArgumentError(message)
    smallest, largest = int(np.argmin(studies.variance)), int(np.argmax(studies.variance))
    if studies.variance[largest] > LARGEST_VARIANCE_RATIO * studies.variance[smallest]:
        message = (
            f"studies.variance: got {studies.variance[smallest]:g} for "
            f"{studies.names[smallest]!r} and {studies.variance[largest]:g} for "
            f"{studies.names[largest]!r}; no study is so much more certain than another; correct "
            "the one that is wrong"
        )
        raise ArgumentError(message)
    known = get_args(Method)
    if method not in known:
        message = (
            f"method: got {method!r}; known are {', '.join(known)}"
            f"{nearest(str(method).lower(), known)}"
        )
        raise UnknownNameError(message)
    check_level(level)
    if knapp_hartung not in (False, True, "adhoc"):
        message = f"knapp_hartung: got {knapp_hartung!r}; it is True, False or 'adhoc'; choose one"
        raise ArgumentError(message)
    if knapp_hartung and method == "fixed":
        message = (
            "knapp_hartung: got it with method = 'fixed'; it is about how far places lie apart, "
            "and a common effect says that they do not; take a random-effects method such as "
            "'reml', or leave it out"
        )
        raise ArgumentError(message)


def _notes(fit: Fit, *, method: Method, degrees: int, high: float, q: float) -> tuple[str, ...]:
    """Return what a reader must know of the result, in words."""
    notes, number = [], fit.weights.size
    if number < VERY_FEW_STUDIES:
        notes.append(
            f"{number} studies hardly tell how much places differ: tau^2 may be anything up to "
            f"{high:.3g}; a prior for it (`posterior`) says more than they do"
        )
    if method == "fixed" and q > degrees:
        notes.append(
            "a common effect takes the next place to be no different from the mean, while the "
            f"studies lie further apart than chance alone makes likely (Q {q:.1f}, {degrees} "
            "expected); a case needs a random-effects method"
        )
    if method != "fixed" and float(fit.tau2) == 0.0:
        notes.append(
            f"tau^2 is estimated at 0, which does not show that places are alike: {high:.3g} "
            "fits the studies too"
        )
    if fit.degrees == 1:
        notes.append(
            "Knapp-Hartung with 1 degree of freedom: intervals reach "
            f"{fit.quantile(LEVEL):.1f} errors to either side and say next to nothing"
        )
    if float(fit.scale) < 1.0:
        notes.append(
            f"Knapp-Hartung makes the standard errors smaller here, by a factor of "
            f"{np.sqrt(float(fit.scale)):.2f}; knapp_hartung = 'adhoc' never does"
        )
    return tuple(notes)
