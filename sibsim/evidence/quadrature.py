r"""The normal-normal hierarchical model without simulation: exact up to one smooth integral.

    y_i | theta_i ~ N(theta_i, v_i),   theta_i | mu, tau ~ N(mu, tau^2),   mu ~ N(m_0, s_0^2)

and tau has one of the priors of `sibsim.evidence.heterogeneity_priors`. Given tau everything is
normal: mu | tau, y ~ N(m(tau), V(tau)), and p(y | tau) is known. So every posterior is a mixture of
normals over tau, whose weights p(y | tau) p(tau) are summed at equal steps of x = ln tau (of the
log odds of tau / upper where tau has an upper end). The integrand is analytic in a strip around the
axis and falls exponentially at both ends, so that the sum converges exponentially in the number of
steps (Trefethen and Weideman 2014, The exponentially convergent trapezoidal rule, SIAM Review
56(3)): what is left is rounding.

Source of the model: Gelman et al. 2013, Bayesian Data Analysis, 3rd edition, section 5.4.
Assumptions: the variances v_i are known; effects of places are exchangeable and normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, Unpack

import numpy as np
from scipy.special import expit

from sibsim.core.arrays import FloatArray
from sibsim.core.wording import Sentence, decimal, language
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.evidence.assumptions import MeanAndSd, checked_normal, checked_tau, tau_words
from sibsim.evidence.estimates import CREDIBLE, SCALE_WORDS
from sibsim.evidence.heterogeneity_priors import (
    HalfCauchy,
    HeterogeneityPrior,
    LogNormalVariance,
    UniformDeviation,
)
from sibsim.evidence.mixed import NormalMixture, OnNodes
from sibsim.evidence.posteriors import TAU_LEVELS, tau_quantiles
from sibsim.evidence.prior import LARGEST_EMPIRICAL, Details, Prior, midpoints
from sibsim.evidence.studies import Studies

if TYPE_CHECKING:
    import pandas as pd

REACH = 36.0
"""How far the sum goes on either side of the middle, in units of x, or of its standard deviation
where ln tau is normal: e^-36 is the rounding of a double."""

NEGLIGIBLE = 1e-18
"""Share of the largest weight below which a value of tau is left out: all such together are less
than rounding."""

LARGEST_STEP = 1.0 / 32.0
"""Longest step in x. The nearest singularities lie pi / 2 off the axis (tau^2 = -v), so that the
error of the sum is of the order of e^(-pi^2 / step), far below rounding; the step is this short for
the integral up to a value of tau, which is interpolated by cubics."""

STEPS_PER_WIDTH = 4.0
"""Steps in the narrowest width of the integrand: the sum over a normal peak is then right to
2 e^(-2 pi^2 16)."""

DIGITS = 3
"""Significant digits of a number in a sentence."""

LEVELS = (0.025, 0.5, 0.975)
"""Probabilities at which `table` gives quantiles."""

_SENTENCE = Words(
    da="i gennemsnit over steder er effekten ({scale}) {mean_mid} (95 %-{interval} {mean_low} til "
    "{mean_high}); det næste sted kan forvente {next_mid} ({next_low} til {next_high})",
    en="on average over places the effect ({scale}) is {mean_mid} (95 % {interval} {mean_low} to "
    "{mean_high}); the next place may expect {next_mid} ({next_low} to {next_high})",
)
"""What is said of the mean and of the next place."""

Of = Literal["next_site", "mean"]
"""What a prior is of: the effect in the next place, or the mean over places."""


@dataclass(frozen=True, eq=False, repr=False)
class HierarchicalNormal:
    """Posterior of a normal-normal hierarchical model, on the additive scale of the effect."""

    studies: Studies
    """What it was learned from, k studies."""

    mu_prior: MeanAndSd
    """Mean and standard deviation of the normal prior of the mean over places."""

    tau_prior: HeterogeneityPrior
    """What was assumed of the standard deviation between places."""

    mu: NormalMixture
    """The mean over places."""

    next_site: NormalMixture
    """The effect in the next place: differences between places included."""

    tau: OnNodes
    """The standard deviation between places."""

    study_effects: tuple[NormalMixture, ...]
    """The true effect of each study, k of them. Given tau and mu an estimate y is shrunk to
    (1 - B) y + B mu, B = v / (v + tau^2)."""

    notes: tuple[str, ...] = ()
    """What is unusual, in words."""

    @property
    def shrunken(self) -> FloatArray:
        """Posterior mean of the true effect of each study, (k,)."""
        return np.array([each.mean for each in self.study_effects])

    @property
    def between_places(self) -> dict[str, float]:
        """Quantiles of tau, as the `omega` of a transport states them: `p10`, `p50`, `p90`."""
        return tau_quantiles(self.tau.quantiles(TAU_LEVELS))

    @property
    def origin(self) -> str:
        """How it was found, in words, for the note of a prior."""
        mean, sd = self.mu_prior
        return (
            f"{self.studies.number} studies, hierarchical normal model, "
            f"mu normal({mean:.3g}, {sd:.3g}), {tau_words(self.tau_prior)}"
        )

    def prior(self, *, of: Of = "next_site", **details: Unpack[Details]) -> Prior:
        """Return what a case may assume: the effect in the next place, or the mean over places.

        Parameters
        ----------
        of
            `next_site`: differences between places included, for a place like those of the studies;
            `mean`: without, for `Prior.transported` with omega = `between_places`.
        details
            Other fields of the prior, such as `measured_at_months`, `source` and `status`. Unless
            given, `note` says how the effect was found, `notes` are those here, and a `source`
            that the studies name is taken from them.

        Raises
        ------
        ArgumentError, CaseError
            If `of` is neither, or the details are not valid in a case.
        """
        if of not in ("next_site", "mean"):
            message = f"of: got {of!r}; it is 'next_site' (what a case needs) or 'mean'"
            raise ArgumentError(message)
        found = self.next_site if of == "next_site" else self.mu
        draws = self.studies.shown(found.quantiles(midpoints(LARGEST_EMPIRICAL)))
        source, sources = details.get("source"), self.studies.sources
        own: Details = {
            "note": self.origin,
            "notes": self.notes,
            "sources": {name: each for name, each in sources.items() if name == source},
        }
        return Prior.of_draws(
            scale=self.studies.scale,
            draws=draws,
            predictive=of == "next_site",
            **(own | details),
        )

    def table(self) -> pd.DataFrame:
        """Return mean, deviation and quantiles of mu, the next place, tau and each study.

        They are on the additive scale of the effect: of the natural logarithm of a ratio.
        """
        import pandas as pd

        found: dict[str, NormalMixture | OnNodes] = {
            "mean over places": self.mu,
            "next place": self.next_site,
            "between places (tau)": self.tau,
            **dict(zip(self.studies.names, self.study_effects, strict=True)),
        }
        rows = {name: (each.mean, each.sd, *each.quantiles(LEVELS)) for name, each in found.items()}
        names = ["mean", "sd", *(f"p{100 * level:g}" for level in LEVELS)]
        return pd.DataFrame.from_dict(rows, orient="index", columns=names)

    def __repr__(self) -> str:
        """Return what it says, in one line."""
        return f"<{self.sentence()}>"

    def sentence(self, lang: str = "en") -> str:
        """Return what the next place may see beside the mean over places, in one sentence."""
        values = {
            f"{name}_{end}": decimal(float(f"{value:.{DIGITS}g}"))
            for name, each in (("mean", self.mu), ("next", self.next_site))
            for end, value in zip(
                ("low", "mid", "high"), self.studies.shown(each.quantiles(LEVELS)), strict=True
            )
        }
        names = {"scale": SCALE_WORDS[self.studies.scale], "interval": CREDIBLE}
        return Sentence(_SENTENCE, {**values, **names}).say(language(lang))


def hierarchical_normal(
    studies: Studies, *, mu: MeanAndSd, tau: HeterogeneityPrior
) -> HierarchicalNormal:
    """Return the posterior of the normal-normal hierarchical model, by quadrature.

    It is deterministic, and exact to rounding for what is asked of mu and of the next place, to
    about 1e-8 for quantiles of tau. `posterior` draws from the same model and from others.

    Parameters
    ----------
    studies
        What k studies found; one is enough, since both priors are proper.
    mu
        Prior of the mean over places, on the additive scale of the effect: mean and standard
        deviation of a normal distribution, such as `(0.0, 1.0)`.
    tau
        Prior of the standard deviation between places, on the same scale.

    Raises
    ------
    ArgumentError
        If a prior is not valid, or for one study with a half-Cauchy prior: tau would have no finite
        variance.
    """
    mu, tau = checked_normal(mu, name="mu"), checked_tau(tau)
    if studies.number == 1 and isinstance(tau, HalfCauchy):
        message = (
            "studies: got one study with a half-Cauchy prior of tau; one study says nothing of "
            "tau, whose deviation is then infinite; use HalfNormal or LogNormalVariance"
        )
        raise ArgumentError(message)
    x, nodes = nodes_of(studies.variance, tau=tau)
    given = given_tau(studies.estimate, variance=studies.variance, mu=mu, tau=tau, nodes=nodes)
    kept = given[0] > NEGLIGIBLE * given[0].max()
    x, nodes, weights, mean, variance = (each[kept] for each in (x, nodes, *given))
    alone = "one study says nothing of the differences between places: they are assumed"
    return HierarchicalNormal(
        studies=studies,
        mu_prior=mu,
        tau_prior=tau,
        mu=NormalMixture(weights, mean, variance),
        next_site=NormalMixture(weights, mean, variance + nodes**2),
        tau=OnNodes(nodes, weights, x, partial(_position, prior=tau), partial(_tau_of, prior=tau)),
        study_effects=tuple(
            NormalMixture(
                weights,
                (1.0 - shrunk) * y + shrunk * mean,
                (1.0 - shrunk) * v + shrunk**2 * variance,
            )
            for y, v in zip(studies.estimate, studies.variance, strict=True)
            for shrunk in (v / (v + nodes**2),)
        ),
        notes=(*studies.notes, *((alone,) if studies.number == 1 else ())),
    )


def given_tau(
    estimate: FloatArray,
    *,
    variance: FloatArray,
    mu: MeanAndSd,
    tau: HeterogeneityPrior,
    nodes: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the posterior weight of each tau, and mean and variance of mu given it.

    With w_i = 1 / (v_i + tau^2), 1 / V = 1 / s_0^2 + sum w_i and m = V (m_0 / s_0^2 + sum w_i y_i):
    p(y | tau) is proportional to sqrt(V prod w_i) exp(-(sum w_i (y_i - m)^2 + (m - m_0)^2 / s_0^2)
    / 2).

    Parameters
    ----------
    estimate, variance
        Estimates and their variances on the additive scale, (..., k): leading axes are as many
        sets of studies at once.
    mu
        Mean m_0 and standard deviation s_0 of the normal prior of mu.
    tau
        Prior of tau.
    nodes
        Values of tau, (n,), equally spaced in x.

    Returns
    -------
    weights, mean, variance
        Shape (..., n) each; the weights sum to 1 over the last axis.
    """
    y, v = estimate[..., np.newaxis, :], variance[..., np.newaxis, :]
    precision = 1.0 / (v + nodes[:, np.newaxis] ** 2)
    expected, sd = mu
    before = 1.0 / sd**2
    variance_of_mu = 1.0 / (before + precision.sum(axis=-1))
    mean = variance_of_mu * (expected * before + (precision * y).sum(axis=-1))
    misfit = (precision * (y - mean[..., np.newaxis]) ** 2).sum(axis=-1)
    misfit += before * (mean - expected) ** 2
    log_weight = 0.5 * (np.log(variance_of_mu) + np.log(precision).sum(axis=-1) - misfit)
    log_weight += tau.log_density(nodes) + np.log(_slope(nodes, prior=tau))
    weights = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True), mean, variance_of_mu


def nodes_of(variance: FloatArray, *, tau: HeterogeneityPrior) -> tuple[FloatArray, FloatArray]:
    """Return equal steps of x and the values of tau there, (n,) each.

    Parameters
    ----------
    variance
        Variances of the estimates, (..., k).
    tau
        Prior of tau.
    """
    narrowest, reach = 1.0 / math.sqrt(2.0 * variance.shape[-1]), REACH
    middle = 0.0 if isinstance(tau, UniformDeviation) else 0.5 * float(np.log(variance).mean())
    if isinstance(tau, LogNormalVariance):
        width = 0.5 * tau.log_sd
        narrowest, reach = min(narrowest, width), REACH * width
        middle = 0.5 * tau.log_mean
    step = min(LARGEST_STEP, narrowest / STEPS_PER_WIDTH)
    x = middle + np.arange(-reach, reach, step)
    return x, _tau_of(x, prior=tau)


def _tau_of(x: FloatArray, *, prior: HeterogeneityPrior) -> FloatArray:
    return prior.upper * expit(x) if isinstance(prior, UniformDeviation) else np.exp(x)


def _position(tau: FloatArray, *, prior: HeterogeneityPrior) -> FloatArray:
    if isinstance(prior, UniformDeviation):
        return np.log(tau) - np.log(prior.upper - tau)
    return np.log(tau)


def _slope(tau: FloatArray, *, prior: HeterogeneityPrior) -> FloatArray:
    """Return d tau / d x at each node."""
    if isinstance(prior, UniformDeviation):
        return tau * (1.0 - tau / prior.upper)
    return tau
