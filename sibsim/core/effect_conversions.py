"""Effects from one scale to another, with their variances.

Between scales of probabilities: each has a *link* eta on which it adds, eta(p1) = eta(p0) + b, with
b the effect on its additive scale. Through p1, an effect on one scale at baseline risk p0 is an
effect on every other one, exactly; its variance follows by the delta method.

    risk difference          eta(p) = p
    risk ratio               eta(p) = ln p
    odds ratio               eta(p) = logit p
    hazard ratio             eta(p) = ln(-ln(1 - p)), so that 1 - p1 = (1 - p0)^HR
    standardised difference  eta(p) = logit p / k, k = pi / sqrt(3) (logistic), or 1.65 (Cox)

Assumptions: the baseline is the risk without the intervention, over the time the effect is about;
hazards are proportional; an odds ratio is the marginal one (one that was adjusted for covariates is
further from 1, and its conversion overstates the effect).

Sources: Hasselblad and Hedges 1995, "Meta-analysis of screening and diagnostic tests",
Psychological Bulletin 117(1):167-178; Cox 1970, "Analysis of Binary Data"; Chinn 2000, "A simple
method for converting an odds ratio to effect size for use in meta-analysis", Statistics in Medicine
19(22):3127-3131; Zhang and Yu 1998, "What's the relative risk?", JAMA 280(19):1690-1691; Grant
2014, "Converting an odds ratio to a range of plausible relative risks", BMJ 348:f7450; VanderWeele
2020, "Optimal approximate conversions of odds ratios and hazard ratios to risk ratios", Biometrics
76(3):746-752; Hedges 1981, "Distribution theory for Glass's estimator of effect size and related
estimators", Journal of Educational Statistics 6(2):107-128; Borenstein, Hedges, Higgins and
Rothstein 2009, "Introduction to Meta-Analysis", Wiley, ch. 4 and 7; Johnson, Kotz and Balakrishnan
1994, "Continuous Univariate Distributions" vol. 1, Wiley, ch. 14 (lognormal).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, gammaln, logit

from sibsim.core.arrays import FloatArray
from sibsim.core.effect_checks import finite, inside, refuse_where
from sibsim.core.effect_sizes import EffectSize
from sibsim.core.effects import LOG_ODDS_PER_D
from sibsim.core.spec import nearest
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError, UnknownNameError

RiskScale = Literal[
    "risk_difference",
    "risk_ratio",
    "odds_ratio",
    "hazard_ratio",
    "standardised_difference",
    "standardised_difference_cox",
]
"""Scales between which effects on a probability convert."""

Moments = Literal["lognormal", "delta"]
"""How mean and variance go between a logarithm and the natural scale: exactly for a normal
logarithm, or to first order around the estimate."""


SHORT_NAMES: Mapping[str, str] = {
    "or": "odds_ratio",
    "rr": "risk_ratio",
    "hr": "hazard_ratio",
    "irr": "rate_ratio",
    "rd": "risk_difference",
    "md": "mean_difference",
    "smd": "standardised_difference",
}
"""What studies write for scales, in lower case; told and not taken, since RR has two meanings."""


class _Link(NamedTuple):
    """Where the effects of one scale add."""

    of: Callable[[FloatArray], FloatArray]
    """eta(p)."""

    back: Callable[[FloatArray], FloatArray]
    """p of eta."""

    slope: Callable[[FloatArray], FloatArray]
    """d eta / d p."""


def _log_odds_over(factor: float) -> _Link:
    return _Link(
        of=lambda p: np.asarray(logit(p) / factor),
        back=lambda eta: np.asarray(expit(factor * eta)),
        slope=lambda p: 1.0 / (factor * p * (1.0 - p)),
    )


_LINKS: Mapping[str, _Link] = {
    "risk_difference": _Link(of=lambda p: p, back=lambda eta: eta, slope=np.ones_like),
    "risk_ratio": _Link(of=np.log, back=np.exp, slope=lambda p: 1.0 / p),
    "odds_ratio": _log_odds_over(1.0),
    "hazard_ratio": _Link(
        of=lambda p: np.log(-np.log1p(-p)),
        back=lambda eta: -np.expm1(-np.exp(eta)),
        slope=lambda p: -1.0 / ((1.0 - p) * np.log1p(-p)),
    ),
    **{scale: _log_odds_over(factor) for scale, factor in LOG_ODDS_PER_D.items()},
}

_PER_LOG_ODDS: Mapping[str, float] = {
    "odds_ratio": 1.0,
    **{scale: 1.0 / factor for scale, factor in LOG_ODDS_PER_D.items()},
}
"""Effects that are a log odds ratio in another unit, whatever the baseline risk."""


def convert(
    effect: EffectSize,
    *,
    given: RiskScale,
    wanted: RiskScale,
    baseline: ArrayLike | None = None,
    baseline_variance: ArrayLike = 0.0,
) -> EffectSize:
    """Return an effect on another scale of probabilities, with its variance.

    p1 = eta_given^-1(eta_given(p0) + b), then eta_wanted(p1) - eta_wanted(p0): exact. Variance
    (eta_wanted'(p1) / eta_given'(p1))^2 Var b, by the delta method; a baseline that was itself
    estimated, independently, adds
    (eta_wanted'(p1) eta_given'(p0) / eta_given'(p1) - eta_wanted'(p0))^2 Var p0. With a known
    baseline, converting back returns estimate and variance; with an estimated one it does not, as
    its error would be counted twice.

    Parameters
    ----------
    effect
        The effect on the additive scale of `given`: the natural logarithm of a ratio.
    given
        Scale it is on.
    wanted
        Scale it is wanted on.
    baseline
        Risk without the intervention, p0, in (0, 1), broadcast with the effect. Not needed between
        odds ratio and standardised differences, which are the same in other units.
    baseline_variance
        Variance of `baseline`, at least 0; 0 takes it as known.

    Returns
    -------
    EffectSize
        On the additive scale of `wanted`.

    Raises
    ------
    UnknownNameError
        If a scale is not known.
    ArgumentError
        If `effect` is no `EffectSize`, the baseline is missing or outside (0, 1), or the effect
        would lead to a risk outside (0, 1), as a risk ratio of 3 does at a baseline of 0.5.
    """
    _check_effect(effect)
    for name in (given, wanted):
        check_scale(name, known=get_args(RiskScale))
    if given in _PER_LOG_ODDS and wanted in _PER_LOG_ODDS:
        return _scaled(effect, by=_PER_LOG_ODDS[wanted] / _PER_LOG_ODDS[given])
    if given == wanted:
        return effect
    p0 = _baseline(baseline, given=given, wanted=wanted)
    spread = finite("baseline_variance", baseline_variance)
    refuse_where(spread < 0, "baseline_variance", spread, rule="a variance is 0 or more")
    of, to = _LINKS[given], _LINKS[wanted]
    p1 = of.back(of.of(p0) + effect.estimate)
    _check_risk(p1, p0=p0, effect=effect, scale=given)
    slope = to.slope(p1) / of.slope(p1)
    of_baseline = slope * of.slope(p0) - to.slope(p0)
    return EffectSize(
        np.asarray(to.of(p1) - to.of(p0)),
        np.asarray(slope**2 * effect.variance + of_baseline**2 * spread),
    )


def check_scale(scale: str | None, *, known: tuple[str, ...]) -> None:
    """Refuse what is no scale of an effect.

    Parameters
    ----------
    scale
        What was given; None: nothing.
    known
        The scales to choose from.

    Raises
    ------
    ArgumentError
        If none is given.
    UnknownNameError
        If it is not known; names the one it is short for, or the nearest.
    """
    listed = ", ".join(known)
    if scale is None:
        message = f"got no scale; say what the figures are, such as scale = {known[0]!r}: {listed}"
        raise ArgumentError(message)
    if scale not in known:
        meant = SHORT_NAMES.get(str(scale).strip().lower())
        way_out = f"; did you mean {meant!r}?" if meant in known else nearest(str(scale), known)
        message = f"got scale = {scale!r}; known are {listed}{way_out or '; choose one of them'}"
        raise UnknownNameError(message)


def small_sample_factor(df: ArrayLike) -> FloatArray:
    """Return J = Gamma(f / 2) / (sqrt(f / 2) Gamma((f - 1) / 2)); J d has no bias (Hedges 1981).

    Exact for normal data; the approximation 1 - 3 / (4 f - 1) is too large by
    1 / (32 f^2) to first order.

    Parameters
    ----------
    df
        Degrees of freedom, f, above 1: n + m - 2 for two groups.

    Raises
    ------
    ArgumentError
        If the degrees of freedom are not above 1.
    """
    freedom = finite("df", df)
    rule = "the correction needs more than 1; for two groups it is all people less 2"
    refuse_where(freedom <= 1, "df", freedom, rule=rule)
    half = freedom / 2.0
    return np.asarray(np.exp(gammaln(half) - gammaln(half - 0.5)) / np.sqrt(half))


def d_to_g(effect: EffectSize, *, df: ArrayLike) -> EffectSize:
    """Return Hedges' g = J d, variance J^2 Var d: d without its bias in small samples.

    Parameters
    ----------
    effect
        The standardised difference d.
    df
        Degrees of freedom of its standard deviation, above 1: n + m - 2.

    Raises
    ------
    ArgumentError
        If the degrees of freedom are not above 1.
    """
    return _scaled(effect, by=small_sample_factor(df))


def g_to_d(effect: EffectSize, *, df: ArrayLike) -> EffectSize:
    """Return d = g / J, variance Var g / J^2: the reverse of `d_to_g`.

    Parameters
    ----------
    effect
        Hedges' g.
    df
        Degrees of freedom, above 1: n + m - 2.

    Raises
    ------
    ArgumentError
        If the degrees of freedom are not above 1.
    """
    return _scaled(effect, by=1.0 / small_sample_factor(df))


def from_logarithm(effect: EffectSize, *, moments: Moments) -> EffectSize:
    """Return mean and variance of a ratio whose logarithm has these.

    `lognormal`: mean exp(m + v / 2), variance (exp(v) - 1) exp(2 m + v), exact for a normal
    logarithm. `delta`: exp(m) and v exp(2 m), to first order: the median of the same ratio.

    Parameters
    ----------
    effect
        Mean m and variance v of the natural logarithm.
    moments
        `lognormal` or `delta`.

    Raises
    ------
    UnknownNameError
        If `moments` is neither.
    """
    _check_effect(effect)
    m, v = effect
    _check_moments(moments)
    if moments == "delta":
        return EffectSize(np.exp(m), v * np.exp(2.0 * m))
    return EffectSize(np.exp(m + v / 2.0), np.expm1(v) * np.exp(2.0 * m + v))


def to_logarithm(effect: EffectSize, *, moments: Moments) -> EffectSize:
    """Return mean and variance of the logarithm of a ratio that has these: undoes `from_logarithm`.

    `lognormal`: v = ln(1 + variance / mean^2), m = ln mean - v / 2. `delta`: ln mean and
    variance / mean^2.

    Parameters
    ----------
    effect
        Mean, above zero, and variance of the ratio.
    moments
        `lognormal` or `delta`.

    Raises
    ------
    ArgumentError
        If the ratio is not above zero.
    UnknownNameError
        If `moments` is neither.
    """
    _check_effect(effect)
    ratio, variance = effect
    _check_moments(moments)
    rule = "a ratio is above 0; a logarithm of it needs no conversion"
    refuse_where(np.asarray(ratio <= 0), "estimate", ratio, rule=rule)
    relative = variance / ratio**2
    if moments == "delta":
        return EffectSize(np.log(ratio), np.asarray(relative))
    v = np.log1p(relative)
    return EffectSize(np.asarray(np.log(ratio) - v / 2.0), v)


def _scaled(effect: EffectSize, *, by: FloatArray | float) -> EffectSize:
    _check_effect(effect)
    return EffectSize(np.asarray(by * effect.estimate), np.asarray(by**2 * effect.variance))


def _baseline(baseline: ArrayLike | None, *, given: str, wanted: str) -> FloatArray:
    if baseline is None:
        message = (
            f"got no baseline; between {given} and {wanted} the risk without the intervention "
            "decides; give baseline = ..., in (0, 1)"
        )
        raise ArgumentError(message)
    return inside("baseline", baseline)


def _check_risk(p1: FloatArray, *, p0: FloatArray, effect: EffectSize, scale: str) -> None:
    wrong = ~((p1 > 0) & (p1 < 1))
    if wrong.any():
        risk, without, size = (
            np.broadcast_to(each, wrong.shape)[wrong].flat[0]
            for each in (p1, p0, np.asarray(effect.estimate))
        )
        message = (
            f"got an effect of {size:.4g} on the additive scale of {scale} at baseline = "
            f"{without:g}: a risk of {risk:.4g}; a risk lies between 0 and 1; take a baseline at "
            "which the effect is possible"
        )
        raise ArgumentError(message)


def _check_effect(effect: object) -> None:
    if not isinstance(effect, EffectSize):
        message = (
            f"got {shown(effect)}; an effect is sib.evidence.EffectSize(estimate, variance) on its "
            "additive scale, for a ratio math.log(ratio) and the variance of that"
        )
        raise ArgumentError(message)


def _check_moments(moments: str) -> None:
    if moments not in get_args(Moments):
        message = f"got moments = {moments!r}; choose 'lognormal' (exact) or 'delta' (first order)"
        raise UnknownNameError(message)
