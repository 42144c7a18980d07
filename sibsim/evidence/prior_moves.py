"""A prior carried from where it was found to here, or to another scale.

What is lost on the way is lost of the mean over places. Places differ from each other here as they
do there, so that a predictive effect, which has these differences inside, is not carried over:
tau (mean + u) would shrink them too, and harm would be too rare.

Where one number is uncertain its 1,000 equally likely quantiles are moved, which is exact for each.
Where two are, every quantile of the one meets every quantile of the other, and the million results
are kept at 1,000 quantiles: probabilities are right to about 1e-4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.effect_conversions import RiskScale, convert
from sibsim.core.effect_sizes import EffectSize
from sibsim.core.effects import LARGEST_LOG
from sibsim.core.parameters import Amount, Quantity
from sibsim.core.validation import validated
from sibsim.errors import ArgumentError, CaseError
from sibsim.evidence.studies import RATIOS

if TYPE_CHECKING:
    from sibsim.evidence.prior import Prior


def transported(
    prior: Prior,
    *,
    tau: float | Mapping[str, float],
    omega: float | Mapping[str, float],
    note: str | None,
) -> Prior:
    """Return the prior here of a mean effect found elsewhere: tau mean + N(0, omega).

    Parameters
    ----------
    prior
        What was found: the mean over places, on a scale.
    tau
        Share that carries over, or its quantiles.
    omega
        Standard deviation between places, on the additive scale, or its quantiles.
    note
        Why this much carries over.
    """
    from sibsim.evidence.prior import UNSCALED, normal_form

    if prior.scale in UNSCALED:
        message = "got a transport of a share; it is stated for here already; carry over an effect"
        raise ArgumentError(message)
    if prior.carried_over:
        message = (
            "got a transport of an effect that is stated for here already; what is lost on the way "
            "is lost once; carry over the effect as it was found"
        )
        raise ArgumentError(message)
    if prior.predictive:
        message = (
            "got a transport of a predictive effect, which has the differences between places "
            "inside; tau would shrink them as well, while places here differ as much; take the "
            "mean (of = 'mean') and give omega = the standard deviation between places "
            "(`between_places` of the result)"
        )
        raise ArgumentError(message)
    share, wrong_share = validated(tau, Amount, path="tau")
    spread, wrong_spread = validated(omega, Amount, path="omega")
    if wrong_share or wrong_spread:
        raise CaseError((*wrong_share, *wrong_spread), where="transport")
    moved = _closed_form(prior, share=share, spread=spread)
    base = None
    if moved is None:
        form, base = _on_grid(prior, share=share, spread=spread)
    else:
        form = normal_form(prior.scale, *moved)
    said = f"carried over with tau = {_words(share)}, omega = {_words(spread)}"
    notes = [each for each in (said, note, prior.note) if each]
    return replace(
        prior,
        form=form,
        base=base,
        predictive=_is_above_zero(spread),
        carried_over=True,
        status="assumption",
        note="; ".join(notes),
    )


def at_baseline(prior: Prior, *, scale: str, p0: float) -> Prior:
    """Return the same effect on another scale, converted at the study's own baseline.

    Parameters
    ----------
    prior
        An effect on a probability.
    scale
        The scale that is asked for.
    p0
        Probability without the intervention in the study, in (0, 1).
    """
    from sibsim.evidence.prior import LARGEST_EMPIRICAL, midpoints

    known = get_args(RiskScale)
    for name in (prior.scale, scale):
        if name not in known:
            message = (
                f"scale: got {name!r}; only effects on a probability convert at a baseline, on "
                f"{', '.join(known)}; state the prior on the scale that the outcome takes"
            )
            raise ArgumentError(message)
    if prior.scale == scale:
        return prior
    given, wanted = cast("RiskScale", prior.scale), cast("RiskScale", scale)
    try:
        moved = convert(
            EffectSize(_additive(prior, midpoints(LARGEST_EMPIRICAL)), np.zeros(1)),
            given=given,
            wanted=wanted,
            baseline=p0,
        ).estimate
    except ArgumentError as error:
        message = f"{error}; or truncate the prior below 1 / baseline"
        raise ArgumentError(message if 0 < p0 < 1 else str(error)) from None
    values = np.sort(np.exp(moved) if scale in RATIOS else moved)
    said = f"converted from {prior.scale} at a baseline of {p0:g}"
    return replace(
        prior,
        scale=wanted,
        form={"dist": "empirical", "values": values.tolist()},
        base=float(np.median(values)),
        note="; ".join(each for each in (said, prior.note) if each),
        notes=(*prior.notes, f"{said}, at {LARGEST_EMPIRICAL:,} equally likely quantiles"),
    )


def _additive(prior: Prior, levels: FloatArray) -> FloatArray:
    """Return quantiles on the additive scale, same shape as `levels`."""
    values = prior.quantity.ppf(levels)
    return np.log(np.maximum(values, np.finfo(np.float64).tiny)) if prior.is_ratio else values


def _closed_form(prior: Prior, *, share: Quantity, spread: Quantity) -> tuple[float, float] | None:
    """Return mean and sd here of an effect that is normal and of which a known share holds."""
    found: Any = prior.quantity.distribution
    family = prior.form.get("dist")
    known = share.is_fixed and spread.is_fixed
    if family not in {"normal", "lognormal"} or "p10" in prior.form or not known:
        return None
    mean, sd = (found.mean, found.sd) if family == "normal" else (found.log_mean, found.log_sd)
    tau = share.base_value
    return tau * mean, float(np.hypot(tau * sd, spread.base_value))


def _on_grid(prior: Prior, *, share: Quantity, spread: Quantity) -> tuple[dict[str, Any], float]:
    """Return form and base value of tau mean + N(0, omega), worked out on quantiles."""
    from scipy.special import ndtri

    from sibsim.evidence.prior import LARGEST_EMPIRICAL, midpoints

    levels = midpoints(LARGEST_EMPIRICAL)
    here = _times(share, _additive(prior, levels), levels=levels)
    if _is_above_zero(spread):
        between = _times(spread, ndtri(levels), levels=levels)
        here = np.quantile(np.add.outer(here, between), levels)
    if prior.is_ratio:
        here = np.exp(np.clip(here, -LARGEST_LOG, LARGEST_LOG))
    elif prior.scale == "risk_difference":
        here = np.clip(here, -1.0, 1.0)
    return {"dist": "empirical", "values": here.tolist()}, float(np.median(here))


def _times(factor: Quantity, values: FloatArray, *, levels: FloatArray) -> FloatArray:
    """Return quantiles of a quantity times a number with these quantiles, same shape."""
    if factor.is_fixed:
        return factor.base_value * values
    return np.quantile(np.multiply.outer(factor.ppf(levels), values), levels)


def _is_above_zero(spread: Quantity) -> bool:
    return not spread.is_fixed or spread.base_value > 0


def _words(quantity: Quantity) -> str:
    if quantity.is_fixed:
        return f"{quantity.base_value:g}"
    low, mid, high = quantity.ppf(np.array([0.1, 0.5, 0.9]))
    return f"{mid:.3g} ({low:.3g} to {high:.3g})"
