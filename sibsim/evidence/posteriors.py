"""What a Bayesian meta-analysis found, as draws, and what a case may take from it.

Source: Higgins, Thompson and Spiegelhalter 2009, A re-evaluation of random-effects meta-analysis,
Journal of the Royal Statistical Society A 172(1), for the effect in the next place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Unpack, get_args

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import nearest
from sibsim.core.wording import Language, Sentence, decimal, language, listing
from sibsim.core.words import Words
from sibsim.errors import UnknownNameError
from sibsim.evidence.assumptions import Assumptions, tau_words
from sibsim.evidence.diagnostics import Diagnosis, diagnose
from sibsim.evidence.expectation import Expectation, PriorOf
from sibsim.evidence.studies import RATIOS, Studies, StudyScale
from sibsim.evidence.terms import Regression

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.evidence.prior import Details, Prior

Model = Literal["normal", "binomial"]
"""`normal`: estimates with known variances; `binomial`: people and events, on the log odds."""

TAU_LEVELS = (0.1, 0.5, 0.9)
"""Probabilities of the quantiles of tau that a transport is given."""

PRACTICE = "practice"
"""Level of the term `practice_loss` at which an effect is that of daily work."""

IN_THE_TERMS = (
    "stated for here: what is lost on the way is in the terms, and the case carries over nothing "
    "more"
)
"""Said of a prior of a place that terms speak of."""

NOT_CARRIED_OVER = (
    "stated for places like those of the studies: the case's own transport applies to it"
)
"""Said of every other prior."""

_KNOWN = ("r_hat", "ess", "mcse")
"""Fields of a diagnosis that stand in the table."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Posterior:
    """What studies and priors say together, as draws on the additive scale; S draws.

    The additive scale is the natural logarithm of a ratio; `sentence()` and `prior()` show ratios.
    """

    studies: Studies
    """What was put together."""

    model: Model
    """How the studies were read."""

    scale: StudyScale
    """Scale of the effect; of the binomial model the odds ratio, whatever the studies state."""

    assumptions: Assumptions
    """Priors."""

    regression: Regression
    """Terms, and the studies as columns."""

    level: float
    """Probability that intervals hold, in (0, 1)."""

    chains: int
    """Number of chains; draws stand chain after chain."""

    mu: FloatArray
    """Mean effect with all terms at their reference, (S,)."""

    tau: FloatArray
    """Standard deviation of true effects between places, (S,), 0 or more."""

    coefficients: Mapping[str, FloatArray]
    """Coefficients of the terms by name, (S,) each."""

    effects: FloatArray
    """True effect in each study, (S, k), shrunk towards those of its like."""

    noise: FloatArray
    """Standard normal numbers that the next place differs by, in units of tau, (S,)."""

    diagnoses: tuple[Diagnosis, ...]
    """How well each quantity is known: mu, tau, coefficients, effects of the studies."""

    notes: tuple[str, ...] = ()
    """What was assumed, corrected, left out or is unusual, in words."""

    def mean(self, at: Mapping[str, float | str] | None = None) -> FloatArray:
        """Return draws of the mean effect over places of one kind, (S,), on the additive scale.

        Parameters
        ----------
        at
            Value of the moderator of every term, such as
            `{"design": "randomised", "setting": "practice", "country": "Denmark"}`; needed where
            there are terms.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a moderator is missing, has no term, or its value does not fit.
        """
        parts = zip(self.regression.row(at), self.coefficients.values(), strict=True)
        return np.asarray(self.mu + sum(column * beta for column, beta in parts))

    def next_site(self, at: Mapping[str, float | str] | None = None) -> FloatArray:
        """Return draws of the effect in one more place, mean + tau z, (S,), on the additive scale.

        Parameters
        ----------
        at
            The place, as in `mean`.

        Raises
        ------
        ArgumentError, UnknownNameError
            If a moderator is missing, has no term, or its value does not fit.
        """
        return self.mean(at) + self.tau * self.noise

    @property
    def between_places(self) -> dict[str, float]:
        """Quantiles of tau, as the `omega` of a transport states them: `p10`, `p50`, `p90`."""
        return tau_quantiles(np.quantile(self.tau, TAU_LEVELS))

    def table(self, at: Mapping[str, float | str] | None = None) -> pd.DataFrame:
        """Return every quantity with mean, sd, quantiles and how well it is known.

        The column `of` says `mean`, `tau`, `coefficient`, `study` or `next place`; the last, and
        the mean there, stand in the table where `at` is given or there are no terms. All is on the
        additive scale but `ratio`, `ratio_low` and `ratio_high`, which are the median and the
        interval as ratios and missing on other scales and for tau.

        Parameters
        ----------
        at
            The place, as in `mean`.

        Raises
        ------
        ArgumentError, UnknownNameError
            If `at` does not fit.
        """
        import pandas as pd

        draws = self._quantities()
        kinds = ["mean", "tau"] + ["coefficient"] * len(self.coefficients)
        kinds += ["study"] * self.studies.number
        known = list(self.diagnoses)
        if at is not None or not self.regression.terms:
            there = {"next place": self.next_site(at)}
            if at:
                there = {"mean there": self.mean(at), **there}
            draws |= there
            kinds += ["mean", "next place"][-len(there) :]
            known += diagnose({name: self._by_chain(each) for name, each in there.items()})
        low, median, high = np.quantile(list(draws.values()), self._levels, axis=1)
        columns: dict[str, Any] = {
            "of": kinds,
            "mean": [each.mean() for each in draws.values()],
            "sd": [each.std(ddof=1) for each in draws.values()],
            "low": low,
            "median": median,
            "high": high,
        }
        is_ratio = np.array([self.scale in RATIOS and kind != "tau" for kind in kinds])
        for name, values in (("ratio", median), ("ratio_low", low), ("ratio_high", high)):
            columns[name] = np.where(is_ratio, np.exp(values), np.nan)
        columns |= {name: [getattr(each, name) for each in known] for name in _KNOWN}
        return pd.DataFrame(columns, index=pd.Index(list(draws)))

    def __repr__(self) -> str:
        """Return the model, the studies and how many draws there are, in one line."""
        return f"<posterior of {len(self.studies.names)} studies, {len(self.mu):,} draws>"

    def sentence(
        self, lang: Language = "en", *, at: Mapping[str, float | str] | None = None
    ) -> str:
        """Return what is expected of a place in one sentence, in Danish (`da`) or English (`en`).

        Parameters
        ----------
        lang
            The language.
        at
            The place, as in `mean`.

        Raises
        ------
        ArgumentError, UnknownNameError
            If the language is neither, or `at` does not fit.
        """
        said = self._expectation(at)
        k = Words(da=f"{self.studies.number} studier", en=f"{self.studies.number} studies")
        if self.studies.number == 1:
            k = Words(da="1 studie", en="1 study")
        pattern = Words(da="{k} og a priori-fordelinger: {effect}", en="{k} and priors: {effect}")
        if at:
            pattern = Words(
                da="{k} og a priori-fordelinger, ved {place}: {effect}",
                en="{k} and priors, at {place}: {effect}",
            )
        place = listing([_value_words(name, value) for name, value in (at or {}).items()] or [""])
        values = {"k": k, "place": place, "effect": said.words_with_next_place}
        return Sentence(pattern, values).say(language(lang))

    def prior(
        self,
        *,
        of: PriorOf = "next_site",
        at: Mapping[str, float | str] | None = None,
        **details: Unpack[Details],
    ) -> Prior:
        """Return what a case may assume of the effect: the draws, thinned to 1,000 quantiles.

        A case is about one place: `next_site` is for a place like those of the studies, in full;
        where less of the effect is expected here, take the `mean` to `Prior.transported` with omega
        = `between_places`. With `at` in practice, or at a level of a `place_difference`, what is
        lost on the way is in the terms: the prior is carried over already (`carried_over`), and the
        case adds no transport. A note says which.

        Parameters
        ----------
        of
            `next_site` or `mean`.
        at
            The place, as in `mean`.
        details
            Other fields of the prior, such as `measured_at_months`, `source` and `status`. Unless
            given, `note` says how the effect was found, `notes` are those here, and a `source`
            that the studies name is taken from them.

        Raises
        ------
        UnknownNameError
            If `of` is neither.
        ArgumentError, CaseError
            If `at` does not fit, or the details are not valid in a case.
        """
        from sibsim.evidence.prior import Prior

        known = get_args(PriorOf)
        if of not in known:
            message = f"of: got {of!r}; it is {' or '.join(known)}{nearest(str(of), known)}"
            raise UnknownNameError(message)
        draws = self.next_site(at) if of == "next_site" else self.mean(at)
        notes = self.notes
        if self.scale == "risk_difference":
            possible = np.abs(draws) <= 1.0
            dropped = int(draws.size - possible.sum())
            if dropped:
                notes += (f"{dropped:,} draws of a risk difference beyond -1 or 1 are dropped",)
            draws = draws[possible]
        here = self._is_here(at)
        source = details.get("source")
        own: Details = {
            "note": self.origin,
            "carried_over": here,
            "notes": (*notes, IN_THE_TERMS if here else NOT_CARRIED_OVER),
            "sources": {key: each for key, each in self.studies.sources.items() if key == source},
        }
        return Prior.of_draws(
            scale=self.scale,
            draws=np.exp(draws) if self.scale in RATIOS else draws,
            predictive=of == "next_site",
            **(own | details),
        )

    @property
    def origin(self) -> str:
        """How it was found, in words, for the note of a prior."""
        mean, sd = self.assumptions.mu
        return (
            f"{self.studies.number} studies, Bayesian {self.model} model, "
            f"mu normal({mean:.3g}, {sd:.3g}), {tau_words(self.assumptions.tau)}"
        )

    def _is_here(self, at: Mapping[str, float | str] | None) -> bool:
        """Return whether terms say what is lost on the way to a place: practice, or one named."""
        return any(
            at[term.moderator] in term.levels
            and (term.reference is None or at[term.moderator] == PRACTICE)
            for term in self.regression.terms
            if at and term.levels
        )

    def _expectation(self, at: Mapping[str, float | str] | None) -> Expectation:
        """Return medians and intervals of a place, for their words."""
        mean = self.mean(at)
        low, median, high = np.quantile(mean, self._levels)
        next_low, _, next_high = np.quantile(self.next_site(at), self._levels)
        return Expectation(
            scale=self.scale,
            at=at or {},
            level=self.level,
            estimate=float(median),
            standard_error=float(mean.std(ddof=1)),
            low=float(low),
            high=float(high),
            tau2=float(np.mean(self.tau**2)),
            next_low=float(next_low),
            next_high=float(next_high),
            origin=self.origin,
            sources=self.studies.sources,
            credible=True,
        )

    @property
    def _levels(self) -> tuple[float, float, float]:
        """Probabilities of the lower end, the median and the upper end of an interval."""
        tail = (1.0 - self.level) / 2.0
        return tail, 0.5, 1.0 - tail

    def _quantities(self) -> dict[str, FloatArray]:
        """Return draws by the names of the diagnoses, (S,) each."""
        draws = [self.mu, self.tau, *self.coefficients.values(), *self.effects.T]
        return {each.name: drawn for each, drawn in zip(self.diagnoses, draws, strict=True)}

    def _by_chain(self, draws: FloatArray) -> FloatArray:
        """Return draws as (chains, draws)."""
        return draws.reshape(self.chains, -1)


def tau_quantiles(values: FloatArray) -> dict[str, float]:
    """Return the quantiles of tau at `TAU_LEVELS` by the names that a case file has for them."""
    return dict(zip(("p10", "p50", "p90"), map(float, values), strict=True))


def _value_words(name: str, value: float | str) -> Words:
    """Return the value of a moderator as `latitude 33,5` and `latitude 33.5`."""
    shown = Words(da=value, en=value) if isinstance(value, str) else decimal(value)
    return Words(da=f"{name} {shown.da}", en=f"{name} {shown.en}")
