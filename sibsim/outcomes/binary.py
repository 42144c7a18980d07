r"""Binary outcome: each person achieves it at a follow-up, or does not.

p0 is the counterfactual plus drift; p1 follows from p0 by an effect on its scale, by an uplift, or
is a success rate stated directly. People have a luck that they keep from one follow-up to the next
with probability `persistence` (`sibsim.core.luck`).

Assumption: a success rate stated directly is independent of the counterfactual over draws, unless
the case correlates the two parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.distributions import fault
from sibsim.core.effects import LARGEST_LOG, Effect, TimeProfile, Transport, apply, localise
from sibsim.core.luck import count, retention, successes
from sibsim.core.parameters import Differences, Quantity, Share, Shares
from sibsim.core.stages import Context, OutcomePath, Participation
from sibsim.errors import ArgumentError
from sibsim.outcomes.base import LIKELY_HARM, Drift, OutcomeModel

GRID = (np.arange(1000) + 0.5) / 1000
"""Equally likely quantiles over which a probability of two parameters is integrated."""

RARE = 0.001
"""Highest accepted probability that a risk ratio would lift a probability above 1."""

TINY = float(np.finfo(np.float64).tiny)
"""Stands for a probability of 0 where its logarithm is taken."""

NO_EFFECT = {"odds_ratio": 1.0, "risk_ratio": 1.0, "hazard_ratio": 1.0}
"""Value that stands for no effect on each ratio scale; on the others it is 0."""

SINGLE_FOLLOW_UP = 1.0
"""Persistence where there is no second follow-up for it to matter."""

_FORMS = ("effect", "uplift", "success_rate")


class Binary(OutcomeModel):
    """Outcome that a person has achieved or has not."""

    model: Literal["binary"]
    """Name of the outcome model."""

    counterfactual: Shares
    """Probability without the intervention, one or one per follow-up, in [0, 1]."""

    effect: Effect | None = None
    """Effect on the counterfactual, with its scale; else `uplift` or `success_rate`."""

    uplift: Differences | None = None
    """Percentage points / 100 on top of the counterfactual, one or one per follow-up."""

    success_rate: Shares | None = None
    """Probability with the intervention, one or one per follow-up, in [0, 1]."""

    transport: Transport | None = None
    """How much of an effect found elsewhere holds here; without it all."""

    profile: TimeProfile | None = None
    """Course of the effect over time; without it the same at every follow-up."""

    persistence: Share | None = None
    """Probability of keeping one's luck from one follow-up to the next; needed from two on."""

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        given = [name for name in _FORMS if getattr(self, name) is not None]
        follow_ups = len(self.follow_up_months)
        lists = {name: getattr(self, name) for name in ("counterfactual", *given)}
        wrong = [
            name
            for name, value in lists.items()
            if isinstance(value, tuple) and len(value) != follow_ups
        ]
        message = ""
        if len(given) != 1:
            got = " and ".join(given) or "none of them"
            message = f"got {got}; state exactly one of effect, uplift and success_rate"
        elif wrong:
            message = (
                f"got {len(lists[wrong[0]])} values of {wrong[0]} for {follow_ups} follow-ups; "
                "give one for all or one for each"
            )
        elif follow_ups > 1 and self.persistence is None:
            message = (
                "got several follow-ups without persistence; state the probability that a person "
                "keeps the luck from one to the next"
            )
        elif self.effect is None and (self.transport or self.profile):
            message = "got transport or profile without an effect; they act on an effect"
        if message:
            raise fault(message)
        return self

    @model_validator(mode="after")
    def _check_effect(self) -> Self:
        if self.effect is None:
            return self
        message = ""
        if self.effect.scale == "success_rate" and self.transport:
            message = "got a transport of a success rate; it is stated for here; drop transport"
        elif self.effect.scale == "risk_ratio" and (above := self._p_above_one()) > RARE:
            message = (
                f"got a risk ratio that lifts the probability above 1 with probability "
                f"{above:.1%}; convert it to an odds ratio at the study's own baseline"
            )
        try:
            self._course()
        except ArgumentError as error:
            message = message or str(error)
        if message:
            raise fault(message)
        return self

    def p_harm(self) -> float:
        """Return the probability that the intervention does worse than nothing.

        As stated, before transport; the highest over follow-ups. Quantities are independent.
        """
        if self.effect is not None and self.effect.scale != "success_rate":
            return self.effect.prob_below(NO_EFFECT.get(self.effect.scale, 0.0))
        if self.uplift is not None:
            return max(each.prob_below(0.0) for each in _each(self.uplift))
        rates = _each(self.success_rate or self.effect)
        without = _each(self.counterfactual)
        pairs = [
            (rates[min(k, len(rates) - 1)], without[min(k, len(without) - 1)])
            for k in range(len(self.follow_up_months))
        ]
        return max(float(rate.distribution.cdf(p0.ppf(GRID)).mean()) for rate, p0 in pairs)

    def harm_is_meant(self) -> bool:
        """Return whether the case says that the effect may be negative."""
        stated = self.effect or self.uplift or self.success_rate
        return any(each.may_be_negative for each in _each(stated))

    def realise(
        self, participation: Participation, *, context: Context, drift: Drift | None = None
    ) -> OutcomePath:
        """Return who achieves the outcome at each follow-up."""
        months = np.array(self.follow_up_months, dtype=np.float64)
        when = participation.start[:, np.newaxis] + months[:, np.newaxis]
        p0, p1, clipped = self._probabilities(when, context=context, drift=drift)
        persistence = (
            context.value("persistence")
            if self.persistence is not None
            else np.full((1, 1), SINGLE_FOLLOW_UP)
        )
        cohorts = range(len(when))
        member = tuple(participation.member(self.among, cohort=c) for c in cohorts)
        value = tuple(
            successes(
                context.chance,
                streams=[context.stream(c, k) for k in range(len(months))],
                people=len(member[c]),
                probability=p1[c],
                persistence=persistence[min(c, len(persistence) - 1)],
            )
            for c in cohorts
        )
        achieved = [_achieved(member[c], value=value[c]) for c in cohorts]
        return OutcomePath(
            follow_up_months=self.follow_up_months,
            when=when,
            people=participation.people(self.among),
            member=member,
            value=value,
            achieved=np.stack(np.broadcast_arrays(*achieved)),
            expected=p1,
            counterfactual=p0,
            persistence=persistence,
            clipped=clipped,
        )

    def remarks(self, *, context: Context) -> tuple[str, ...]:
        """Return the chance of harm, how the effect was carried over, and what persistence means.

        Retention is P(success at a follow-up and at the next) / P(success at the first), in the
        base case and without drift.
        """
        return (self._on_harm(), *self._on_evidence(), *self._on_persistence(context))

    def _on_harm(self) -> str:
        harm = self.p_harm()
        remark = f"P(effect < 0) = {harm:.1%}"
        if self.transport is not None:
            remark += " as stated, before transport"
        if harm <= LIKELY_HARM:
            return remark
        if self.harm_is_meant():
            return f"{remark}, which may_be_negative confirms"
        return f"{remark}; if that is meant, confirm it with may_be_negative = true"

    def _on_evidence(self) -> Iterator[str]:
        if self.effect is None or self.effect.scale == "success_rate":
            return
        transport = self.transport or Transport()
        if transport.tau == Quantity.fixed(1.0) and transport.omega == Quantity.fixed(0.0):
            yield (
                "the effect is taken over in full (tau = 1, omega = 0), as if here were the place "
                "of the study; state transport"
            )
        if self.effect.status == "published" and self.among != "started":
            yield (
                f"counts those {self.among}, but a trial reports its effect among all who were to "
                "start; use among = 'started' or say in a note why it holds"
            )

    def _on_persistence(self, context: Context) -> Iterator[str]:
        if self.persistence is None:
            return
        months = self.follow_up_months
        _, p1, _ = self._probabilities(np.zeros((1, len(months), 1)), context=context, drift=None)
        kept = self.persistence.base_value
        still = [
            f"{retention(float(now), then=float(then), persistence=kept):.0%} at {month}"
            for now, then, month in zip(p1[0, :-1, 0], p1[0, 1:, 0], months[1:], strict=True)
        ]
        if still:
            yield (
                f"persistence {kept:g} means that of those who achieve it at one follow-up, these "
                f"still do at the next: {', '.join(still)} months"
            )

    def _probabilities(
        self, when: FloatArray, *, context: Context, drift: Drift | None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return p0 and p1, each (C, K, 1 or D), and how many cells were cut, (1 or D,)."""
        cohorts, follow_ups = when.shape[:2]
        p0 = _per_follow_up(context, "counterfactual", self.counterfactual)
        cut = np.zeros(1)
        if drift is not None:
            p0, cut = apply(p0, drift(when), scale="risk_difference")
        p1, cut_again = self._with_intervention(p0, context=context)
        # One value may stand for several cohorts and follow-ups; each of them is counted.
        repeats = cohorts * follow_ups / (p1.shape[0] * p1.shape[1])
        shape = (cohorts, follow_ups)
        return (
            np.broadcast_to(p0, (*shape, p0.shape[-1])),
            np.broadcast_to(p1, (*shape, p1.shape[-1])),
            cut + cut_again * repeats,
        )

    def _with_intervention(
        self, p0: FloatArray, *, context: Context
    ) -> tuple[FloatArray, FloatArray]:
        """Return p1, (1 or C, 1 or K, 1 or D), and how many cells were cut, (1 or D,)."""
        if self.effect is not None:
            local = _local_effect(self.effect, transport=self.transport, context=context)
            return apply(p0, local[:, np.newaxis], scale=self.effect.scale, g=self._course())
        if self.uplift is not None:
            uplift = _per_follow_up(context, "uplift", self.uplift)
            return apply(p0, uplift, scale="risk_difference")
        return _per_follow_up(context, "success_rate", self.success_rate), np.zeros(1)

    def _course(self) -> FloatArray:
        """Return the time profile at the follow-ups, shape (K, 1)."""
        months = np.array(self.follow_up_months, dtype=np.float64)[:, np.newaxis]
        if self.profile is None or self.effect is None:
            return np.ones(months.shape)
        return self.profile.at(months, measured_at=self.effect.measured_at_months)

    def _p_above_one(self) -> float:
        """Return the highest P(p0 RR^tau > 1) over follow-ups, tau at its base value."""
        tau = 1.0 if self.transport is None else self.transport.tau.base_value
        if self.effect is None or tau <= 0:
            return 0.0
        cdf = self.effect.distribution.cdf
        logs = [-np.log(np.maximum(each.ppf(GRID), TINY)) for each in _each(self.counterfactual)]
        limits = [np.exp(np.minimum(log / tau, LARGEST_LOG)) for log in logs]
        return max(float(1.0 - cdf(limit).mean()) for limit in limits)


def _achieved(member: Indicator, *, value: Indicator) -> FloatArray:
    """Return how many of those who count have achieved it, (K, 1 or D)."""
    everyone = member.dtype == np.bool_ and bool(member.all())
    return count(value if everyone else member[:, np.newaxis] * value)


def _local_effect(effect: Effect, *, transport: Transport | None, context: Context) -> FloatArray:
    """Return the effect as it holds here, on its scale, (1 or C, 1 or D)."""
    found = context.value("effect")
    if transport is None:
        return found
    here = context.at("transport")
    noise = here.value("omega") * here.value("noise")
    return localise(found, scale=effect.scale, tau=here.value("tau"), noise=noise)


def _each(stated: Quantity | tuple[Quantity, ...] | None) -> tuple[Quantity, ...]:
    if stated is None:
        return ()
    return stated if isinstance(stated, tuple) else (stated,)


def _per_follow_up(
    context: Context, field: str, stated: Quantity | tuple[Quantity, ...] | None
) -> FloatArray:
    """Return the values of a field at each follow-up, (1 or C, 1 or K, 1 or D)."""
    if isinstance(stated, tuple):
        values = [context.value(f"{field}.{k}") for k in range(len(stated))]
        return np.stack(np.broadcast_arrays(*values), axis=1)
    return context.value(field)[:, np.newaxis]


Model = Binary
