r"""Binary outcome: each person achieves it at a follow-up, or does not.

p0 is the counterfactual plus drift; p1 follows from p0 by an effect on its scale, by an uplift, or
is a success rate stated directly. People have a luck that they keep from one follow-up to the next
with probability `persistence` (`sibsim.core.luck`).

Assumption: a success rate stated directly is independent of the counterfactual over draws, unless
the case correlates the two parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault
from sibsim.core.effects import LARGEST_LOG, Effect, TimeProfile, Transport, apply, localise
from sibsim.core.luck import retention
from sibsim.core.parameters import Differences, Quantity, Share, Shares
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Context, Participation
from sibsim.errors import ArgumentError
from sibsim.outcomes.base import Laws, OutcomeModel
from sibsim.outcomes.binary_law import BinaryLaw
from sibsim.outcomes.links import Given, Mediation, carried_on, drawn_given
from sibsim.outcomes.stated import (
    GRID,
    LIKELY_HARM,
    counted_twice,
    each,
    kept_luck,
    on_evidence,
    per_follow_up,
    prob_lower,
    problem_with,
)

RARE = 0.001
"""Highest accepted probability that a risk ratio would lift a probability above 1."""

TINY = float(np.finfo(np.float64).tiny)
"""Stands for a probability of 0 where its logarithm is taken."""

NO_EFFECT = {"odds_ratio": 1.0, "risk_ratio": 1.0, "hazard_ratio": 1.0}
"""Value that stands for no effect on each ratio scale; on the others it is 0."""

_FORMS = ("effect", "uplift", "success_rate")


class Binary(OutcomeModel):
    """Outcome that a person has achieved or has not."""

    takes_drift: ClassVar[bool] = True

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

    given: Given | None = None
    """That those who achieve another outcome achieve this one with other odds."""

    mediation: Mediation | None = None
    """That what is added to another outcome is carried on to this one, beside the effect stated
    here or instead of it."""

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        given = [name for name in _FORMS if getattr(self, name) is not None]
        if len(given) != 1 and (given or self.mediation is None):
            got = " and ".join(given) or "none of them"
            message = f"got {got}; state exactly one of effect, uplift and success_rate"
        else:
            message = problem_with(
                {name: getattr(self, name) for name in ("counterfactual", *given)},
                follow_ups=len(self.follow_up_months),
                persistence=self.persistence,
                carried=self.effect is None and bool(self.transport or self.profile),
            )
        if message:
            raise fault(message)
        return self

    @model_validator(mode="after")
    def _check_effect(self) -> Self:
        if self.effect is None:
            return self
        message = counted_twice((self.effect,), transport=self.transport)
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
            return max(quantity.prob_below(0.0) for quantity in each(self.uplift))
        rate, without = self.success_rate or self.effect, self.counterfactual
        assert rate is not None  # noqa: S101 - one of the forms is stated
        return prob_lower(rate, than=without, follow_ups=len(self.follow_up_months))

    @property
    def takes_clusters(self) -> bool:
        """Whether it can make people of a cluster more alike than others."""
        return not self.reads

    @property
    def _direct(self) -> Quantity | tuple[Quantity, ...] | None:
        """The effect that is stated here, in whatever form."""
        return self.effect or self.uplift or self.success_rate

    def harm_is_meant(self) -> bool:
        """Return whether the case says that the effect may be negative."""
        return any(quantity.may_be_negative for quantity in each(self._direct))

    def laws(
        self,
        when: FloatArray,
        *,
        context: Context,
    ) -> Laws:
        """Return the probabilities of achieving the outcome at each follow-up."""
        p0, p1, clipped = self._probabilities(when, context=context)
        persistence = kept_luck(context, self.persistence)
        kept = [persistence[min(c, len(persistence) - 1)] for c in range(len(when))]
        return Laws(
            treated=tuple(BinaryLaw(p, kept[c]) for c, p in enumerate(p1)),
            untreated=tuple(BinaryLaw(p, kept[c]) for c, p in enumerate(p0)),
            clipped=clipped,
        )

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the outcomes that it is linked to."""
        linked = (
            self.given.outcome if self.given else None,
            self.mediation.through if self.mediation else None,
        )
        return tuple(dict.fromkeys(name for name in linked if name is not None))

    @property
    def of_people(self) -> tuple[str, ...]:
        """None: it draws its own, also where it is linked to another outcome."""
        return ()

    @property
    def needs_persons(self) -> bool:
        """Whether it is given the result of each person in another outcome."""
        return self.given is not None

    def check_against(self, other: OutcomeModel, *, name: str) -> Iterator[str]:
        """Yield why the outcome cannot be linked to another one."""
        months = other.follow_up_months
        if self.given is not None and self.given.outcome == name:
            if not other.is_indicator:
                yield f"is given {name!r}, whose result is a number and no yes or no; use mediation"
            if months[0] > self.follow_up_months[0]:
                yield (
                    f"is given {name!r}, which is first looked at after {months[0]} months and "
                    f"this one after {self.follow_up_months[0]}; look at {name!r} earlier"
                )
        if self.mediation is not None and self.mediation.through == name:
            at = self.mediation.at_months
            if at not in months:
                yield (
                    f"is mediated by {name!r} at {at} months; it is looked at after "
                    f"{', '.join(map(str, months))} months; use one of these"
                )
            elif at > self.follow_up_months[0]:
                yield (
                    f"is mediated by {name!r} at {at} months, but is itself looked at after "
                    f"{self.follow_up_months[0]}; name a follow-up of {name!r} before that"
                )

    def realise_group(
        self,
        participation: Participation,
        *,
        context: Context,
    ) -> OutcomePath:
        """Return who achieves the outcome; given another one, by their own result there."""
        path = super().realise_group(participation, context=context)
        if self.given is None or not context.chance.on:
            return path
        odds_ratio = context.at("given").value("odds_ratio")
        value = tuple(
            drawn_given(
                context.upstream[self.given.outcome],
                cohort=c,
                law=law,
                odds_ratio=odds_ratio[min(c, len(odds_ratio) - 1)],
                follow_up_months=self.follow_up_months,
                layer=context.chance,
                stream=context.stream(c),
            )
            for c, law in enumerate(path.treated)
            if isinstance(law, BinaryLaw)
        )
        laws = Laws(path.treated, path.untreated, path.clipped)
        return self.path(participation, laws=laws, value=value)

    def remarks(self, *, context: Context) -> tuple[str, ...]:
        """Return the chance of harm, how the effect was carried over, and what persistence means.

        Retention is P(success at a follow-up and at the next) / P(success at the first), in the
        base case and without drift.
        """
        return (self._on_harm(), *self._on_evidence(), *self._on_persistence(context))

    def _on_harm(self) -> str:
        if self._direct is None:
            return "the effect is what another outcome adds; it is negative where that is"
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
        yield from on_evidence((self.effect,), transport=self.transport, among=self.among)

    def _on_persistence(self, context: Context) -> Iterator[str]:
        if self.persistence is None or self.mediation is not None:
            return
        months = self.follow_up_months
        _, p1, _ = self._probabilities(np.zeros((1, len(months), 1)), context=context)
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
        self,
        when: FloatArray,
        *,
        context: Context,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return p0 and p1, each (C, K, 1 or D), and how many cells were cut, (1 or D,)."""
        cohorts, follow_ups = when.shape[:2]
        p0 = per_follow_up(context, "counterfactual", self.counterfactual)
        cut = np.zeros(1)
        if context.drift is not None:
            p0, cut = apply(p0, context.drift(when), scale="risk_difference")
        p1, cut_again = self._with_intervention(p0, context=context)
        if self.mediation is not None:
            p1 = carried_on(
                p1,
                path=context.upstream[self.mediation.through],
                at_months=self.mediation.at_months,
                odds_ratio_per_unit=context.at("mediation").value("odds_ratio_per_unit"),
            )
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
        effort = context.effort[:, np.newaxis]
        if self.effect is not None:
            local = _local_effect(self.effect, transport=self.transport, context=context)
            g = self._course() * effort
            return apply(p0, local[:, np.newaxis], scale=self.effect.scale, g=g)
        if self.uplift is not None:
            uplift = per_follow_up(context, "uplift", self.uplift)
            return apply(p0, uplift, scale="risk_difference", g=effort)
        if self.success_rate is not None:
            rate = per_follow_up(context, "success_rate", self.success_rate)
            return apply(p0, rate, scale="success_rate", g=effort)
        return p0, np.zeros(1)

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
        quantiles = [quantity.ppf(GRID) for quantity in each(self.counterfactual)]
        logs = [-np.log(np.maximum(values, TINY)) for values in quantiles]
        limits = [np.exp(np.minimum(log / tau, LARGEST_LOG)) for log in logs]
        return max(float(1.0 - cdf(limit).mean()) for limit in limits)


def _local_effect(effect: Effect, *, transport: Transport | None, context: Context) -> FloatArray:
    """Return the effect as it holds here, on its scale, (1 or C, 1 or D)."""
    found = context.value("effect")
    if transport is None:
        return found
    here = context.at("transport")
    noise = here.value("omega") * here.value("noise")
    return localise(found, scale=effect.scale, tau=here.value("tau"), noise=noise)


Model = Binary
