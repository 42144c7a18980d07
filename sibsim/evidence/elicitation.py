"""What experts know, as a distribution: from quantiles they state, or from a question of citizens.

An expert states values that the truth undercuts with stated probabilities, or says how many of
every 20 citizens would succeed in the long run: surely at least, surely at most, and in the middle.
The bounds are asked first, since a middle that is said first draws them to itself (Tversky and
Kahneman 1974, Judgment under uncertainty: heuristics and biases, Science 185(4157)). Two quantiles
determine a distribution of two parameters; of three the nearest is taken, and how far it is off is
said. The answer is said back in other words (`said_back` in `sibsim.evidence.prior_words`,
`Prior.sentences`), as an expert corrects what they can picture.

Sources: O'Hagan et al. 2006, Uncertain Judgements: Eliciting Experts' Probabilities, Wiley; Morris,
Oakley and Crowe 2014, A web-based tool for eliciting probability distributions from experts,
Environmental Modelling and Software 52 (the fit by least squares of probabilities); Cooke 1991,
Experts in Uncertainty, Oxford University Press (quantiles at 5, 50 and 95 %); Genest and Zidek
1986, Combining probability distributions, Statistical Science 1(1) (linear and logarithmic pools).

Assumption: an expert is asked about the place at hand, so that what they say has the differences
between places inside (`predictive`) and nothing is carried over (`carried_over`). Experts are on
average too sure of themselves (O'Hagan et al. 2006, chapter 4); nothing is widened here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal, Unpack, get_args

import numpy as np
from scipy.special import bdtr, betainc, expit, logit, ndtr, ndtri

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import shown
from sibsim.core.spec import PER_CENT, as_share
from sibsim.errors import ArgumentError
from sibsim.evidence.prior import Details, Prior, PriorScale
from sibsim.evidence.prior_mixture import mixture
from sibsim.evidence.studies import RATIOS

Family = Literal["beta", "lognormal"]
"""A share in (0, 1), or a number above zero such as a ratio."""

Pooling = Literal["linear", "logarithmic"]
"""How several experts are put together."""

SURELY = 0.05
"""Probability of being wrong that `surely` leaves on each side: the outer quantiles of Cooke
(1991), as far out as experts can judge and as near to the ends as a fit still follows."""

EXACT = 1e-9
"""Miss of a probability at which two quantiles are taken as met: rounding of the root search."""

FIT_TOLERANCE = 1e-14
"""Relative change of the parameters at which the search ends."""

LOG_SHAPES = (-20.0, 30.0)
"""Logarithms of shapes between which a beta distribution is looked for: beyond them it is a number
or two, and its distribution function is not worked out well."""

VISIBLE_MISFIT = 0.02
"""Miss of a probability above which a fit does not say what the expert said: 12 instead of 10 of
100 is the finest difference that natural frequencies show."""

MOST_OF = 1_000
"""Most citizens the question is asked of; nobody pictures more."""

_LEVEL = re.compile(r"p(\d{1,2}(?:\.\d+)?)")
"""A probability by its name: `p10`, `p2.5`."""


def elicit_quantiles(
    quantiles: Mapping[str, float],
    *,
    family: Family,
    scale: PriorScale | None = None,
    **details: Unpack[Details],
) -> Prior:
    """Return the distribution with two quantiles, or the nearest to three or more.

    Two are met exactly. Of more the sum of (F(x) - p)^2 is least, and the largest miss is noted.

    Parameters
    ----------
    quantiles
        Values by probability, such as `{"p10": 0.3, "p50": 0.4, "p90": 0.55}`; any from p1 to p99.
    family
        `beta` for a share, `lognormal` for a number above zero such as a ratio.
    scale
        Scale of an effect: `success_rate` with `beta`, a ratio with `lognormal`; None for a plain
        share or amount.
    details
        Other fields of the prior: `measured_at_months`, `source`, `status`, `note`, ...

    Raises
    ------
    ArgumentError
        If there are fewer than two, they do not rise, lie outside the family or are met by none.
    """
    _check_family(family, scale=scale)
    levels, values = _read(quantiles, family=family)
    form, cdf = (_beta if family == "beta" else _lognormal)(levels, values)
    off = cdf(values) - levels
    if len(values) > 2:  # noqa: PLR2004 - two parameters meet two quantiles
        details["notes"] = (*details.get("notes", ()), _misfit(quantiles, off=off, family=family))
    elif np.abs(off).max() > EXACT:
        message = (
            f"quantiles: got {_listed(quantiles)}; no {family} distribution was found with these; "
            "move them apart or away from the ends"
        )
        raise ArgumentError(message)
    about_here: Details = {"carried_over": True}
    return Prior(scale=scale, form=form, predictive=True, **(about_here | details))


def elicit_citizens(
    *,
    surely_at_least: float,
    surely_at_most: float,
    likely: float,
    of: int = 20,
    scale: Literal["success_rate"] | None = None,
    **details: Unpack[Details],
) -> Prior:
    """Return the share of citizens who would succeed, from how many of every 20 would.

    Ask about the long run, bounds first: "if very many citizens like these came, of every 20 how
    many would surely succeed at least, and at most, so that you would be wrong 1 time in 20 on each
    side; and which number is as likely to be too low as too high?" One group of 20 also has luck,
    which the case adds. Surely at least 0, or at most all, says nothing and is left out. A beta
    distribution, nearest by probability.

    Parameters
    ----------
    surely_at_least, surely_at_most
        Fewest and most of every 20; the expert would be wrong 1 time in 20 on each side.
    likely
        The middle: as likely more as fewer.
    of
        How many citizens the question counts out of, 2 to 1,000.
    scale
        `success_rate` for the effect of an outcome; None for a plain share.
    details
        Other fields of the prior: `measured_at_months`, `source`, `status`, `note`, ...

    Raises
    ------
    ArgumentError
        If the numbers do not rise, or say nothing but the middle.
    """
    if not 2 <= of <= MOST_OF:  # noqa: PLR2004 - one citizen is no share
        message = f"of: got {of}; the question is about 2 to {MOST_OF:,} citizens; ask about 20"
        raise ArgumentError(message)
    asked = f"surely at least {surely_at_least:g}, likely {likely:g}, surely at most"
    asked = f"{asked} {surely_at_most:g} of {of}"
    if not 0 <= surely_at_least < likely < surely_at_most <= of:
        message = (
            f"likely: got {asked}; they rise from 0 to {of}, and the likely number lies strictly "
            "between the other two; correct them, or ask about more citizens"
        )
        raise ArgumentError(message)
    said = {f"p{PER_CENT * SURELY:g}": surely_at_least, "p50": likely}
    said[f"p{PER_CENT * (1 - SURELY):g}"] = surely_at_most
    kept = {name: number / of for name, number in said.items() if 0 < number < of}
    if len(kept) == 1:
        message = (
            f"surely_at_least: got {asked}; that only says what is in the middle; say a number "
            "above 0 that surely succeed, or one below all"
        )
        raise ArgumentError(message)
    if len(kept) < len(said):
        dropped = f"of {asked}, what says nothing (surely at least 0, at most all) is left out"
        details["notes"] = (*details.get("notes", ()), dropped)
    elif by_chance := _no_wider_than_chance(said, of=of):
        details["notes"] = (*details.get("notes", ()), by_chance)
    note = (f"elicited: {asked}", details.get("note"))
    details["note"] = "; ".join(each for each in note if each)
    return elicit_quantiles(kept, family="beta", scale=scale, **details)


def _no_wider_than_chance(said: Mapping[str, float], *, of: int) -> str:
    """Return a note where the range is no wider than luck in one group makes it; else nothing.

    Luck is binomial: the number in one group of `of` citizens if the middle were known.
    """
    least, likely, most = said.values()
    below = bdtr(np.arange(of + 1), of, likely / of)
    low, high = np.searchsorted(below, [SURELY, 1.0 - SURELY])
    if most - least > high - low:
        return ""
    return (
        f"the range of {least:g} to {most:g} is no wider than luck alone makes it in one group of "
        f"{of} ({low} to {high}), so that luck was probably counted in, which the case adds again; "
        f"ask how many of every {of} in the long run"
    )


def pool(
    priors: Sequence[Prior],
    *,
    weights: Sequence[float] | None = None,
    method: Pooling = "linear",
    note: str | None = None,
) -> Prior:
    """Return what several experts say together.

    Linear: one of them is right, each with their weight (a mixture, as wide as they disagree).
    Logarithmic: density proportional to the product of f_i^w_i, narrower, near where all agree:
    for betas the weighted means of both shapes, for lognormals (and normals) the mean weighted by
    w / sd^2 and the precision sum of w / sd^2.

    Parameters
    ----------
    priors
        One of each expert, on one scale.
    weights
        Weight of each, summing to 1; None: all the same.
    method
        `linear` or `logarithmic`.
    note
        Why these weights.

    Raises
    ------
    ArgumentError
        If weights do not fit, or a logarithmic pool has no closed form.
    """
    if method not in get_args(Pooling):
        message = f"method: got {method!r}; it is one of {', '.join(get_args(Pooling))}"
        raise ArgumentError(message)
    shares = [1.0 / max(len(priors), 1)] * len(priors) if weights is None else list(weights)
    if not priors or len(shares) != len(priors):
        message = f"weights: got {len(shares)} for {len(priors)} experts; give one for each"
        raise ArgumentError(message)
    mixed = mixture(list(zip(shares, priors, strict=True)), note=note)
    if method == "linear":
        return mixed
    said = str(mixed.note).replace("mixture", "logarithmic pool", 1)
    return replace(mixed, form=_logarithmic(priors, shares), base=None, note=said)


def _check_family(family: str, *, scale: str | None) -> None:
    allowed = {"beta": (None, "success_rate"), "lognormal": (None, *sorted(RATIOS))}
    if family not in allowed:
        message = f"family: got {family!r}; it is 'beta' for a share or 'lognormal' for a ratio"
        raise ArgumentError(message)
    if scale not in allowed[family]:
        message = (
            f"scale: got {scale!r} with family = {family!r}; a beta distribution is a share or "
            "success_rate, a lognormal one an amount or a ratio; change one of them, or write p10, "
            "p50 and p90 into the case"
        )
        raise ArgumentError(message)


def _read(quantiles: Mapping[str, float], *, family: str) -> tuple[FloatArray, FloatArray]:
    """Return probabilities and values, (n,) each, in rising order."""
    found = {name: _LEVEL.fullmatch(name) for name in quantiles}
    wrong = [name for name, match in found.items() if match is None or not float(match[1])]
    given = f"quantiles: got {_listed(quantiles)}"
    if wrong or len(found) < 2:  # noqa: PLR2004 - two parameters need two quantiles
        message = (
            f"{given}; at least two are needed, each named by its probability in per cent, p1 to "
            'p99; write {"p10": ..., "p90": ...}'
        )
        raise ArgumentError(message)
    pairs = sorted((float(match[1]) / PER_CENT, name) for name, match in found.items() if match)
    values = [float(quantiles[name]) for _, name in pairs]
    upper = 1.0 if family == "beta" else math.inf
    if not all(0 < value < upper for value in values):
        message = (
            f"{given}; with family = {family!r} they lie strictly between 0 and {shown(upper)}; "
            f"move them inside{as_share(max(values)) if family == 'beta' else ''}"
        )
        raise ArgumentError(message)
    if any(high <= low for low, high in pairwise(values)):
        message = f"{given}; a higher quantile is a higher value; put them in order"
        raise ArgumentError(message)
    return np.array([level for level, _ in pairs]), np.array(values)


def _listed(quantiles: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in quantiles.items()) or "none"


def _line(levels: FloatArray, z: FloatArray) -> tuple[float, float]:
    """Return mean and sd of the normal distribution whose quantiles are nearest to z."""
    slope, intercept = np.polyfit(ndtri(levels), z, 1)
    return float(intercept), float(slope)


def _lognormal(
    levels: FloatArray, values: FloatArray
) -> tuple[dict[str, Any], Callable[[FloatArray], FloatArray]]:
    """Return the form of the nearest lognormal distribution and its distribution function."""
    logs = np.log(values)
    mean, sd = _line(levels, logs)
    if len(values) > 2:  # noqa: PLR2004 - two are met by the line

        def miss(at: FloatArray) -> FloatArray:
            return np.asarray(ndtr((logs - at[0]) / math.exp(at[1])) - levels)

        mean, log_sd = _least_squares(miss, np.array([mean, math.log(sd)]))
        sd = math.exp(log_sd)
    form = {"dist": "lognormal", "log_mean": mean, "log_sd": sd}
    return form, lambda x: np.asarray(ndtr((np.log(x) - mean) / sd))


def _beta(
    levels: FloatArray, values: FloatArray
) -> tuple[dict[str, Any], Callable[[FloatArray], FloatArray]]:
    """Return the form of the nearest beta distribution and its distribution function."""
    mean, sd = _line(levels, logit(values))
    centre = float(expit(mean))
    # For a narrow beta the variance of the log odds is 1 / (n p (1 - p)).
    size = 1.0 / (sd**2 * centre * (1.0 - centre))

    def miss(at: FloatArray) -> FloatArray:
        alpha, beta = np.exp(np.clip(at, *LOG_SHAPES))
        return np.asarray(betainc(alpha, beta, values) - levels)

    start = np.log([centre * size, (1.0 - centre) * size])
    alpha, beta = np.exp(np.clip(_least_squares(miss, start), *LOG_SHAPES)).tolist()
    form = {"dist": "beta", "alpha": alpha, "beta": beta}
    return form, lambda x: np.asarray(betainc(alpha, beta, x))


def _least_squares(
    miss: Callable[[FloatArray], FloatArray], start: FloatArray
) -> tuple[float, float]:
    from scipy.optimize import least_squares

    ends = FIT_TOLERANCE
    found = least_squares(miss, start, x_scale="jac", xtol=ends, ftol=ends, gtol=ends).x
    return float(found[0]), float(found[1])


def _misfit(quantiles: Mapping[str, float], *, off: FloatArray, family: str) -> str:
    """Say how far the fit is off where it is furthest."""
    worst = float(np.abs(off).max())
    text = (
        f"the {family} distribution nearest to {_listed(quantiles)} misses a stated probability "
        f"by up to {PER_CENT * worst:.2g} percentage points"
    )
    if worst > VISIBLE_MISFIT:
        text += ", which a reader would see; state p10, p50 and p90 in the case instead"
    return text


def _logarithmic(priors: Sequence[Prior], weights: Sequence[float]) -> dict[str, Any]:
    """Return the form of the logarithmic pool of distributions of one family."""
    names = {
        frozenset({"dist", "alpha", "beta"}): ("alpha", "beta"),
        frozenset({"dist", "log_mean", "log_sd"}): ("log_mean", "log_sd"),
        frozenset({"dist", "mean", "sd"}): ("mean", "sd"),
    }
    forms = [prior.form for prior in priors]
    families = {str(form.get("dist", "a number")) for form in forms}
    keys = names.get(frozenset(forms[0]))
    if len(families) > 1 or keys is None or not families <= {"beta", "lognormal", "normal"}:
        message = (
            f"method: got {', '.join(sorted(families))}; a logarithmic pool is of betas, of "
            "lognormals or of normals; use method = 'linear'"
        )
        raise ArgumentError(message)
    share = np.asarray(weights)
    first, second = (np.array([form[key] for form in forms]) for key in keys)
    if keys == ("alpha", "beta"):
        pooled = (share @ first, share @ second)
    else:
        precision = share / second**2
        pooled = (precision @ first / precision.sum(), precision.sum() ** -0.5)
    return {"dist": families.pop(), **dict(zip(keys, map(float, pooled), strict=True))}
