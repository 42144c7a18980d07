"""What an intervention does to a probability: effect scales, transport and the course over time.

An effect acts on an *additive scale*: ln OR, ln RR, ln HR, the risk difference. The time profile
and the transport from the study to here both act there. A standardised mean difference d becomes a
log odds ratio by d pi / sqrt(3) (logistic outcomes), or 1.65 d (Cox).

Sources: Hasselblad and Hedges (1995), Psychological Bulletin 117(1); Cox (1970), Analysis of
Binary Data; Chinn (2000), Statistics in Medicine 19(22).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, ValidationInfo, field_validator, model_serializer, model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import Distribution, Normal, fault, shown
from sibsim.core.parameters import REAL, Amount, Quantity, Support
from sibsim.core.spec import Flag, Number, Positive, Probability, Spec, nearest
from sibsim.core.timeline import MONTHS_PER_YEAR
from sibsim.errors import ArgumentError

Scale = Literal[
    "risk_difference",
    "odds_ratio",
    "risk_ratio",
    "hazard_ratio",
    "standardised_difference",
    "standardised_difference_cox",
    "success_rate",
]
"""The scale an effect is stated on; `success_rate` states the probability with it directly."""

LOG_ODDS_PER_D: Mapping[str, float] = {
    "standardised_difference": math.pi / math.sqrt(3.0),
    "standardised_difference_cox": 1.65,
}
"""Log odds ratio per standardised mean difference."""

_RATIOS = ("odds_ratio", "risk_ratio", "hazard_ratio")

LARGEST_LOG = 700.0
"""Logarithm beyond which exp leaves the range of a double; a ratio is cut there."""

_SUPPORTS: Mapping[str, Support] = {
    "risk_difference": Support(-1.0, 1.0),
    **dict.fromkeys(_RATIOS, Support(0.0, math.inf)),
    **dict.fromkeys(LOG_ODDS_PER_D, REAL),
    "success_rate": Support(0.0, 1.0),
}


class ScaledEffect(Quantity):
    """An effect: a quantity that says its scale and when it was measured."""

    supports: ClassVar[Mapping[str, Support]]
    """Values that are allowed, by scale."""

    ratios: ClassVar[Collection[str]]
    """Scales that are ratios."""

    way_to_zero: ClassVar[str]
    """What to write instead of a ratio of zero."""

    scale: str
    """Scale it is stated on."""

    measured_at_months: Number | None = Field(default=None, ge=0)
    """Months from the start of service at which it was measured."""

    predictive: Flag = False
    """Whether it is what the next place may see, differences between places included; then nothing
    is added for them: a `transport` beside it has omega = 0, and a tau other than 1 would shrink
    them."""

    @model_validator(mode="before")
    @classmethod
    def _read_on_scale(cls, given: object) -> object:
        if isinstance(given, Mapping) and isinstance(given.get("distribution"), Distribution):
            return given
        known = tuple(cls.supports)
        if not isinstance(given, Mapping) or "scale" not in given:
            message = (
                f"got {given!r}; an effect is a table that states its scale, one of "
                f"{', '.join(known)}; add scale = ..."
            )
            raise fault(message)
        scale = given["scale"]
        if scale not in known:
            way_out = nearest(str(scale), known) or "; choose one of them"
            message = f"got scale = {scale!r}; known are {', '.join(known)}{way_out}"
            raise fault(message)
        return cls._split(given, support=cls.supports[scale])

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.status == "published" and self.measured_at_months is None:
            message = (
                "got a published effect without measured_at_months; an effect holds at the time "
                "at which it was measured; add it, in months from the start of service"
            )
            raise fault(message)
        if self.scale in self.ratios and not self.base_value > 0:
            message = (
                f"got {shown(self.base_value)}; a ratio is above zero; "
                f"for no effect write 1, {self.way_to_zero}"
            )
            raise fault(message)
        return self

    @model_serializer(mode="plain")
    def table(self) -> dict[str, Any]:
        """Return the form in which a case file states it."""
        form = super().table()
        at = {"measured_at_months": self.measured_at_months}
        return {
            "scale": self.scale,
            **(form if isinstance(form, dict) else {"value": form}),
            **(at if self.measured_at_months is not None else {}),
            **({"predictive": True} if self.predictive else {}),
        }


class Effect(ScaledEffect):
    """An effect on a probability: a quantity that says its scale and when it was measured."""

    supports: ClassVar[Mapping[str, Support]] = _SUPPORTS
    ratios: ClassVar[Collection[str]] = _RATIOS
    way_to_zero: ClassVar[str] = "for a sure failure use scale = 'success_rate'"

    scale: Scale
    """Scale it is stated on."""


class Transport(Spec):
    """How much of an effect found elsewhere holds here: local = tau effect + N(0, omega).

    On the additive scale of the effect: for a ratio ln local = tau ln effect + N(0, omega).
    """

    tau: Amount = Quantity.fixed(1.0)
    """Share of the effect that carries over; 1 all of it, 0 nothing."""

    omega: Amount = Quantity.fixed(0.0)
    """Standard deviation between places, on the additive scale of the effect."""

    note: str | None = None
    """Why."""

    noise: Quantity = Field(default=Quantity.fixed(0.0), exclude=True, validate_default=True)
    """Standard normal number that omega is multiplied by; drawn as a parameter, never stated."""

    @field_validator("noise", mode="before")
    @classmethod
    def _draw_where_needed(cls, given: object, info: ValidationInfo) -> Quantity:
        if given != Quantity.fixed(0.0):
            message = f"got {given!r}; the noise is drawn, not stated; drop it and state omega"
            raise fault(message)
        omega = info.data.get("omega")
        if omega is None or omega == Quantity.fixed(0.0):
            return Quantity.fixed(0.0)
        return Quantity(distribution=Normal(mean=0.0, sd=1.0))


class TimeProfile(Spec):
    """How an effect comes and goes with the time since the start of service.

    A linear ramp to `full_after_months`; full for `hold_months` from the end of the ramp; then it
    loses half of its distance to `floor` every `half_life_months`, or grows by `growth_per_year`.
    After `until_months` nothing is left of it, not even the floor.
    """

    full_after_months: Number = Field(default=0.0, ge=0)
    """Months from the start of service until the effect is full."""

    hold_months: Number = Field(default=0.0, ge=0)
    """Months for which it stays full, counted from the end of the ramp."""

    half_life_months: Positive | None = None
    """Months in which half of what exceeds the floor fades; None: it does not fade."""

    floor: Probability = 0.0
    """Share of the full effect that stays for ever."""

    growth_per_year: Number | None = Field(default=None, gt=-1)
    """Growth of the effect per year after the hold, compounding; instead of a half-life."""

    until_months: Positive | None = None
    """Months from the start of service after which the effect is gone at once; None: never."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.half_life_months is not None and self.growth_per_year is not None:
            message = (
                f"got half_life_months = {shown(self.half_life_months)} and growth_per_year = "
                f"{shown(self.growth_per_year)}; an effect fades or grows; drop one of them"
            )
            raise fault(message)
        return self

    def at(self, months: FloatArray, *, measured_at: float | None = None) -> FloatArray:
        """Return g, the factor on the additive scale of the effect.

        Parameters
        ----------
        months
            Months from the start of service, any shape.
        measured_at
            When the effect was measured, in months: g is 1 there; None: g is 1 at full effect.

        Raises
        ------
        ArgumentError
            If the profile is zero where the effect was measured.
        """
        months = np.asarray(months, dtype=np.float64)
        if measured_at is None:
            return self._share(months)
        there = float(self._share(np.array(measured_at)))
        if not there > 0:
            message = (
                f"got an effect measured at {shown(measured_at)} months, where the profile is "
                f"zero; {self._way_out(measured_at)}"
            )
            raise ArgumentError(message)
        return self._share(months) / there

    def _share(self, months: FloatArray) -> FloatArray:
        """Return the share of the full effect, same shape as `months`."""
        ramp = self.full_after_months
        rising = np.clip(months / ramp, 0.0, 1.0) if ramp > 0 else np.where(months < 0, 0.0, 1.0)
        after = np.maximum(months - ramp - self.hold_months, 0.0)
        if self.half_life_months is not None:
            kept = self.floor + (1.0 - self.floor) * np.exp2(-after / self.half_life_months)
        else:
            kept = (1.0 + (self.growth_per_year or 0.0)) ** (after / MONTHS_PER_YEAR)
        share = rising * kept
        if self.until_months is not None:
            share = np.where(months > self.until_months, 0.0, share)
        return np.asarray(share)

    def _way_out(self, measured_at: float) -> str:
        """Say how a measurement comes to lie where there is an effect."""
        if self.until_months is not None and measured_at > self.until_months:
            return "measure it earlier or raise until_months"
        return "measure it later or shorten full_after_months"


def localise(effect: FloatArray, *, scale: Scale, tau: FloatArray, noise: FloatArray) -> FloatArray:
    """Return the effect here of an effect found elsewhere, on the same scale.

    Ratios: exp(tau ln effect + noise); differences: tau effect + noise.

    Parameters
    ----------
    effect
        Effect in the study, shape (1 or C, 1 or D).
    scale
        Its scale.
    tau
        Share that carries over, broadcast with `effect`.
    noise
        N(0, omega) on the additive scale, broadcast with `effect`: omega times a standard normal.

    Raises
    ------
    ArgumentError
        For a success rate stated directly: it is about here already.
    """
    if scale == "success_rate":
        message = "got a transport of a success rate; it is stated for here already; drop transport"
        raise ArgumentError(message)
    if scale in _RATIOS:
        return np.exp(np.clip(tau * _log(effect) + noise, -LARGEST_LOG, LARGEST_LOG))
    return tau * effect + noise


def apply(
    p0: FloatArray, effect: FloatArray, *, scale: Scale, g: FloatArray | float = 1.0
) -> tuple[FloatArray, FloatArray]:
    """Return the probability with the intervention, and how many had to be cut to [0, 1].

    With b = g ln effect (g d pi / sqrt(3) or g 1.65 d for a standardised difference):
    odds ratio logit p1 = logit p0 + b; risk ratio p1 = p0 e^b; hazard ratio
    1 - p1 = (1 - p0)^(e^b); risk difference p1 = p0 + g effect; success rate
    p1 = p0 + g (effect - p0).

    Parameters
    ----------
    p0
        Probability without the intervention, shape (..., 1 or D).
    effect
        Effect, broadcast with `p0`.
    scale
        Scale of the effect.
    g
        Factor of the time profile, broadcast with `p0`.

    Returns
    -------
    p1
        Probability with the intervention, the broadcast shape.
    clipped
        How many probabilities per draw left [0, 1] and were cut, shape (1 or D,).
    """
    if scale == "hazard_ratio":
        return _unclipped(_by_hazard(p0, g * _log(effect)))
    if scale == "odds_ratio":
        return _unclipped(by_odds(p0, g * _log(effect)))
    if scale in LOG_ODDS_PER_D:
        return _unclipped(by_odds(p0, g * LOG_ODDS_PER_D[scale] * effect))
    if scale == "risk_ratio":
        raw = p0 * np.exp(np.clip(g * _log(effect), -LARGEST_LOG, LARGEST_LOG))
    elif scale == "risk_difference":
        raw = p0 + g * effect
    else:
        raw = p0 + g * (effect - p0)
    p1 = np.clip(raw, 0.0, 1.0)
    outside = np.abs(raw - p1) > np.finfo(np.float64).eps
    return p1, outside.reshape(-1, outside.shape[-1]).sum(axis=0, dtype=np.float64)


def _log(ratio: FloatArray) -> FloatArray:
    """Return the logarithm; of zero, that of the smallest double, so that g = 0 undoes it."""
    return np.log(np.maximum(ratio, np.finfo(np.float64).tiny))


def by_odds(p0: FloatArray, log_ratio: FloatArray) -> FloatArray:
    """Return p1 with logit p1 = logit p0 + log_ratio, without overflow, exact at p0 = 0 and 1."""
    log_ratio = np.clip(log_ratio, -LARGEST_LOG, LARGEST_LOG)
    for_it = p0 * np.exp(np.minimum(log_ratio, 0.0))
    return for_it / (for_it + (1.0 - p0) * np.exp(-np.maximum(log_ratio, 0.0)))


def _by_hazard(p0: FloatArray, log_ratio: FloatArray) -> FloatArray:
    """Return p1 with 1 - p1 = (1 - p0)^ratio, exact at p0 = 0 and 1."""
    ratio = np.exp(np.clip(log_ratio, -LARGEST_LOG, LARGEST_LOG))
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(-np.expm1(ratio * np.log1p(-p0)))


def _unclipped(p1: FloatArray) -> tuple[FloatArray, FloatArray]:
    return p1, np.zeros(p1.shape[-1])
