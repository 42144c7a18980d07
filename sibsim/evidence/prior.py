"""What evidence or experts say of one quantity, in the form in which it enters a case.

A prior is the table of a quantity in a case file with its source. It is made from a normal
distribution on the additive scale of an effect, from draws, or as a mixture of priors
(`sibsim.evidence.prior_mixture`); it is moved from where it was found to here by `transported`, and
to another scale by `at_baseline`.

Assumption: what `predictive` priors say is what the next place may see, differences between places
included; other priors say what holds on average over places, which is narrower.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self, TypedDict, Unpack, cast, get_args

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.effects import Effect, Scale
from sibsim.core.mean_effects import MeanEffect, MeanScale
from sibsim.core.parameters import Quantity
from sibsim.core.spec import nearest
from sibsim.core.validation import validated
from sibsim.errors import ArgumentError, CaseError, UnknownNameError
from sibsim.evidence.studies import RATIOS

PriorScale = Scale | MeanScale
"""The scale an effect is stated on in a case."""

UNSCALED = frozenset({None, "success_rate"})
"""What is no effect on top of something: a share or amount, or a success rate stated directly."""

Better = Literal["higher", "lower"]
"""Whether higher or lower values are better for people."""

LARGEST_EMPIRICAL = 1_000
"""Most values a prior keeps of its draws: quantiles half a thousandth apart from the ends, which
moves no result of a case by as much as its own simulation error, and keeps its file readable."""

ALREADY_HERE = {"value": 1.0, "note": "the effect is stated for here: what is lost is inside it"}
"""Share that a case carries over of an effect that was carried over before."""

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
"""Probabilities at which quantiles are given."""

_SOURCE_KEYS = frozenset({"title", "url", "year"})
"""What a case file says of a source."""


class Details(TypedDict, total=False):
    """Fields that a prior has however it is made; `Prior` says what each means."""

    measured_at_months: float | None
    better: Better
    may_be_negative: bool
    carried_over: bool
    status: Literal["published", "assumption"]
    source: str | None
    sources: Mapping[str, Mapping[str, str | int]]
    unit: str | None
    note: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Prior:
    """What may be assumed of one quantity of a case, and where that comes from."""

    scale: PriorScale | None
    """Scale of the effect; None for a plain share or amount."""

    form: Mapping[str, Any]
    """The distribution as a case file states it, such as `{"dist": "beta", "alpha": ...}`."""

    base: float | None = None
    """Value in the base case; None: the median, where the form does not need one stated."""

    predictive: bool = False
    """Whether it is what the next place may see, differences between places included."""

    carried_over: bool = False
    """Whether it is stated for here already, moved from where it was found or asked of here, so
    that the case carries over nothing more."""

    measured_at_months: float | None = None
    """Months from the start of service at which the effect was measured, 0 or more; required of a
    published effect."""

    better: Better = "higher"
    """Whether higher or lower values are better for people."""

    may_be_negative: bool = False
    """Whether the case is to say that harm is possible and meant."""

    status: Literal["published", "assumption"] = "assumption"
    """`published`: read in `source`; `assumption`: ours, and `note` says why."""

    source: str | None = None
    """Name of the source in `[sources]` of the case; required where the status is `published`."""

    sources: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    """Sources that the case is given: name to `title`, `url` and `year`."""

    unit: str | None = None
    """Unit in words."""

    note: str | None = None
    """Reasoning, and anything a reader must know."""

    notes: tuple[str, ...] = ()
    """What was thinned, corrected or is unusual, in words."""

    def __post_init__(self) -> None:
        """Refuse what a case would refuse.

        Raises
        ------
        UnknownNameError
            If the scale is not known.
        ArgumentError
            If a source lacks title, address or year, or has a dot in its name.
        CaseError
            If the table is not valid in a case; holds every fault.
        """
        known = (*get_args(Scale), *get_args(MeanScale))
        if self.scale is not None and self.scale not in known:
            way_out = nearest(str(self.scale), known) or f"; known are {', '.join(known)}"
            message = f"scale: got {self.scale!r}, which is not known{way_out}"
            raise UnknownNameError(message)
        for name, details in self.sources.items():
            if set(details) != _SOURCE_KEYS or "." in name:
                message = (
                    f"sources: got {name!r} with {', '.join(details) or 'nothing'}; a source has a "
                    "name without a dot, and title, url and year; state these"
                )
                raise ArgumentError(message)
        _ = self.quantity

    @classmethod
    def of_normal(
        cls,
        *,
        scale: PriorScale,
        mean: float,
        sd: float,
        predictive: bool,
        **details: Unpack[Details],
    ) -> Self:
        """Return the prior of an effect that is normal on its additive scale.

        Ratios are lognormal; a risk difference is truncated to [-1, 1]; with sd = 0 it is one
        number.

        Parameters
        ----------
        scale
            Scale of the effect, not `success_rate`.
        mean, sd
            Mean and standard deviation on the additive scale: of the natural logarithm of a ratio,
            of a difference as it is.
        predictive
            Whether differences between places are inside.
        details
            Other fields of the prior: `measured_at_months`, `source`, `status`, `note`, ...
        """
        if scale in UNSCALED:
            message = (
                f"scale: got {scale!r}; a share is not normal; state it as a beta distribution, or "
                "use Prior.of_draws"
            )
            raise ArgumentError(message)
        if not (math.isfinite(mean) and math.isfinite(sd) and sd >= 0):
            message = (
                f"mean, sd: got {mean:g} and {sd:g}; both are finite and sd is 0 or more, on the "
                "additive scale of the effect; correct them"
            )
            raise ArgumentError(message)
        return cls(scale=scale, form=normal_form(scale, mean, sd), predictive=predictive, **details)

    @classmethod
    def of_draws(
        cls,
        *,
        scale: PriorScale | None,
        draws: FloatArray,
        predictive: bool,
        **details: Unpack[Details],
    ) -> Self:
        """Return the prior of equally likely draws, thinned to 1,000 quantiles.

        Of more draws the quantiles at (i + 1/2) / 1000 are kept. The base value is the median.

        Parameters
        ----------
        scale
            Scale of the effect; None for a plain share or amount.
        draws
            Values as readers know them (a ratio, not its logarithm), shape (D,), D at least 1.
        predictive
            Whether differences between places are inside.
        details
            Other fields of the prior: `measured_at_months`, `source`, `status`, `note`, ...
        """
        values = np.asarray(draws, dtype=np.float64)
        if values.ndim != 1 or not values.size or not np.isfinite(values).all():
            message = (
                f"draws: got shape {values.shape}, or a number that is not finite; draws are a "
                "list of finite numbers, at least one; drop the others"
            )
            raise ArgumentError(message)
        base = float(np.median(values))
        if values.size > LARGEST_EMPIRICAL:
            thinned = (
                f"{values.size:,} draws are thinned to {LARGEST_EMPIRICAL:,} equally likely "
                "quantiles"
            )
            details["notes"] = (*details.get("notes", ()), thinned)
            values = np.quantile(values, midpoints(LARGEST_EMPIRICAL))
        form = {"dist": "empirical", "values": np.sort(values).tolist()}
        return cls(scale=scale, form=form, base=base, predictive=predictive, **details)

    @property
    def table(self) -> dict[str, Any]:
        """The quantity as a case file states it."""
        stated = {
            "scale": self.scale,
            **self.form,
            "base": self.base,
            "measured_at_months": self.measured_at_months,
            "predictive": (self.predictive and self.scale is not None) or None,
            "may_be_negative": self.may_be_negative or None,
            "unit": self.unit,
            "status": None if self.status == "assumption" else self.status,
            "source": self.source,
            "note": self.note,
        }
        return {key: value for key, value in stated.items() if value is not None}

    @cached_property
    def quantity(self) -> Quantity:
        """The quantity as a case reads it.

        Raises
        ------
        CaseError
            If the table is not valid in a case; holds every fault.
        """
        kind: type[Quantity] = Quantity if self.scale is None else MeanEffect
        if self.scale in get_args(Scale):
            kind = Effect
        quantity, faults = validated(self.table, kind, path="")
        if faults:
            raise CaseError(tuple(faults), where="prior")
        return cast("Quantity", quantity)

    @property
    def p_harm(self) -> float | None:
        """Probability that it does worse than nothing; None where that needs a baseline."""
        return None if self.scale in UNSCALED else self.p_worse(1.0 if self.is_ratio else 0.0)

    @property
    def is_ratio(self) -> bool:
        """Whether its additive scale is the natural logarithm."""
        return self.scale in RATIOS

    def p_worse(self, value: float) -> float:
        """Return the probability of a value worse than this one, in [0, 1]."""
        if self.better == "higher":
            return self.quantity.prob_below(value)
        return 1.0 - float(self.quantity.distribution.cdf(np.array(value)))

    def quantiles(self, levels: Sequence[float] = LEVELS) -> dict[float, float]:
        """Return the quantile at each probability.

        Parameters
        ----------
        levels
            Probabilities, each strictly between 0 and 1.
        """
        for level in levels:
            if not 0 < level < 1:
                message = (
                    f"levels: got {level:g}; a probability lies strictly between 0 and 1; write "
                    "0.1 for the value that one in ten undercuts"
                )
                raise ArgumentError(message)
        values = self.quantity.ppf(np.asarray(levels, dtype=np.float64))
        return dict(zip(map(float, levels), values.tolist(), strict=True))

    def changes(self, path: str) -> dict[str, Any]:
        """Return what `case.with_` takes to set a quantity to this prior and to add its sources.

        Beside an effect that was carried over `transport` becomes tau = 1: it would act twice. A
        success rate has none, and a case that states one refuses it.

        Parameters
        ----------
        path
            Dotted path of the quantity, such as `outcomes.job.effect`. The case must have
            `[sources]` where the prior has any.
        """
        sources = {f"sources.{name}": dict(details) for name, details in self.sources.items()}
        beside, found, _ = path.partition(".effect")
        acts_twice = found and self.carried_over and self.scale not in UNSCALED
        once = {f"{beside}.transport": {"tau": ALREADY_HERE}} if acts_twice else {}
        return {path: self.table, **once, **sources}

    def __repr__(self) -> str:
        """Return the first of its sentences."""
        return f"<{self.sentences()[0]}>"

    def sentences(self, lang: str = "en", *, baseline: float | None = None) -> tuple[str, ...]:
        """Return what it says, so that a reader can see whether that is meant.

        Parameters
        ----------
        lang
            `da` or `en`.
        baseline
            Share of people who succeed without the intervention, in (0, 1); None: not said.
        """
        from sibsim.evidence.prior_words import sentences_on

        return sentences_on(self, lang=lang, baseline=baseline)

    def transported(
        self,
        tau: float | Mapping[str, float],
        *,
        omega: float | Mapping[str, float] = 0.0,
        note: str | None = None,
    ) -> Prior:
        """Return the prior here of a mean effect found elsewhere: tau mean + N(0, omega).

        On the additive scale: for a ratio ln local = tau ln mean + N(0, omega). What is lost on the
        way is lost of the mean; how much places differ stays. A case that takes it states no
        `transport`.

        Parameters
        ----------
        tau
            Share that carries over, 0 or more; or its quantiles as in a case file, such as
            `{"p10": 0.3, "p50": 0.8, "p90": 1.1}`.
        omega
            Standard deviation between places on the additive scale, 0 or more, or its quantiles:
            `between_places` of what the mean is from. Above 0 the prior is predictive.
        note
            Why this much carries over.

        Raises
        ------
        ArgumentError
            If the prior is predictive, is stated for here already, or is of a share.
        CaseError
            If `tau` or `omega` is not valid in a case.
        """
        from sibsim.evidence.prior_moves import transported

        return transported(self, tau=tau, omega=omega, note=note)

    def at_baseline(self, scale: PriorScale, *, p0: float) -> Prior:
        """Return the same effect on another scale, converted at the study's own baseline.

        Parameters
        ----------
        scale
            The scale that is asked for: a ratio or difference of probabilities.
        p0
            Probability without the intervention in the study, in (0, 1).
        """
        from sibsim.evidence.prior_moves import at_baseline

        return at_baseline(self, scale=scale, p0=p0)


def normal_form(scale: str | None, mean: float, sd: float) -> dict[str, Any]:
    """Return the form of an effect that is normal on its additive scale; one number if sd is 0."""
    if sd == 0:
        return {"value": math.exp(mean) if scale in RATIOS else mean}
    if scale in RATIOS:
        return {"dist": "lognormal", "log_mean": mean, "log_sd": sd}
    if scale == "risk_difference":
        return {"dist": "truncated_normal", "mean": mean, "sd": sd, "lower": -1.0, "upper": 1.0}
    return {"dist": "normal", "mean": mean, "sd": sd}


def midpoints(number: int) -> FloatArray:
    """Return the probabilities (i + 1/2) / n, (n,)."""
    return (np.arange(number) + 0.5) / number
