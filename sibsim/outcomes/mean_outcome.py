"""What outcomes whose result is a number have in common: a mean without and with an intervention.

The mean with the intervention follows from the counterfactual by an effect on its scale, or is
stated directly. People have a luck that they keep from one follow-up to the next with probability
`persistence` (`sibsim.core.luck.lucks`); a person's result is the quantile of that luck.

Assumptions: the effect on what happens between two follow-ups is the one at the later of them; a
mean stated directly is independent of the counterfactual over draws, unless the case correlates
the two parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Self, TypeVar

import numpy as np
from pydantic import model_validator

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.distributions import fault
from sibsim.core.effects import TimeProfile, Transport
from sibsim.core.mean_effects import (
    NO_MEAN_EFFECT,
    MeanEffect,
    MeanScale,
    localise_mean,
    moved_mean,
)
from sibsim.core.parameters import Amounts, Share
from sibsim.core.paths import Law
from sibsim.core.stages import Context
from sibsim.errors import ArgumentError
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.stated import (
    counted_twice,
    kept_luck,
    on_evidence,
    per_follow_up,
    prob_lower,
    problem_with,
)

SomeLaw = TypeVar("SomeLaw", bound=Law)
"""The law that an outcome model makes."""


class MeanOutcome(OutcomeModel):
    """Outcome whose result is a number of events, days or points."""

    scales: ClassVar[tuple[MeanScale, ...]] = ("rate_ratio", "mean_difference")
    """Scales on which its effect may be stated."""

    one_or_each: ClassVar[tuple[str, ...]] = ("counterfactual", "with_intervention")
    """Fields that are stated once or once per follow-up."""

    counterfactual: Amounts
    """Mean result of a person without the intervention, one or one per follow-up, 0 or more."""

    effect: MeanEffect | None = None
    """Effect on the counterfactual, with its scale; else `with_intervention`."""

    with_intervention: Amounts | None = None
    """Mean result of a person with the intervention, one or one per follow-up, 0 or more."""

    transport: Transport | None = None
    """How much of an effect found elsewhere holds here; without it all."""

    profile: TimeProfile | None = None
    """Course of the effect over time; without it the same at every follow-up."""

    persistence: Share | None = None
    """Probability of keeping one's luck from one follow-up to the next; needed from two on."""

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        message = ""
        if (self.effect is None) == (self.with_intervention is None):
            got = "neither" if self.effect is None else "both"
            message = f"got {got} of effect and with_intervention; state exactly one of them"
        elif self.effect is not None and self.effect.scale not in self.scales:
            message = (
                f"got an effect with scale = {self.effect.scale!r}; this outcome takes "
                f"{' or '.join(self.scales)}; convert it"
            )
        message = message or problem_with(
            {name: getattr(self, name) for name in self.one_or_each},
            follow_ups=len(self.follow_up_months),
            persistence=self.persistence,
            carried=self.effect is None and bool(self.transport or self.profile),
        )
        effects = () if self.effect is None else (self.effect,)
        message = message or counted_twice(effects, transport=self.transport)
        try:
            self._course()
        except ArgumentError as error:
            message = message or str(error)
        if message:
            raise fault(message)
        return self

    @property
    def takes_clusters(self) -> bool:
        """Whether it can make people of a cluster more alike than others."""
        return True

    def p_lower(self) -> float:
        """Return the probability that the intervention lowers the mean, which may be its aim.

        As stated, before transport; the highest over follow-ups. Quantities are independent.
        """
        if self.effect is not None:
            return self.effect.prob_below(NO_MEAN_EFFECT[self.effect.scale])
        if self.with_intervention is None:
            return 0.0
        follow_ups = len(self.follow_up_months)
        return prob_lower(self.with_intervention, than=self.counterfactual, follow_ups=follow_ups)

    def remarks(self, *, context: Context) -> tuple[str, ...]:
        """Return which way the effect may go, and how it was carried over."""
        del context
        remark = f"P(the intervention lowers the mean) = {self.p_lower():.1%}"
        if self.transport is not None:
            remark += " as stated, before transport"
        return (remark, *self._on_evidence())

    def _on_evidence(self) -> Iterator[str]:
        if self.effect is None:
            return
        yield from on_evidence((self.effect,), transport=self.transport, among=self.among)

    def means(
        self, context: Context, *, sd: FloatArray | float = 1.0
    ) -> tuple[FloatArray, FloatArray]:
        """Return the mean without and with the intervention, (1 or C, 1 or K, 1 or D) each.

        They are as stated, and may leave what is possible.

        Parameters
        ----------
        context
            At the path of the outcome.
        sd
            Standard deviation that a standardised difference counts in.
        """
        without = per_follow_up(context, "counterfactual", self.counterfactual)
        effort = context.effort[:, np.newaxis]
        if self.effect is None:
            stated = per_follow_up(context, "with_intervention", self.with_intervention)
            change = stated - without
            return without, moved_mean(without, change, scale="mean_difference", g=effort)
        found = context.value("effect")
        if self.transport is not None:
            here = context.at("transport")
            noise = here.value("omega") * here.value("noise")
            scale, tau = self.effect.scale, here.value("tau")
            found = localise_mean(found, scale=scale, tau=tau, noise=noise)
        g = self._course() * effort
        scale = self.effect.scale
        return without, moved_mean(without, found[:, np.newaxis], scale=scale, g=g, sd=sd)

    def _course(self) -> FloatArray:
        """Return the time profile at the follow-ups, shape (K, 1)."""
        months = np.array(self.follow_up_months, dtype=np.float64)[:, np.newaxis]
        if self.profile is None or self.effect is None:
            return np.ones(months.shape)
        return self.profile.at(months, measured_at=self.effect.measured_at_months)

    def by_cohort(
        self, make: Callable[..., SomeLaw], *arrays: FloatArray, context: Context, cohorts: int
    ) -> tuple[SomeLaw, ...]:
        """Return the law of every cohort, one object where all cohorts are alike.

        Parameters
        ----------
        make
            Returns the law of a persistence, (1 or D,), and of arrays, each (K, 1 or D).
        arrays
            What the law is made of, each (1 or C, 1 or K, 1 or D).
        context
            At the path of the outcome.
        cohorts
            Number of cohorts.
        """
        kept = kept_luck(context, self.persistence)
        follow_ups = len(self.follow_up_months)
        differ = max(len(kept), *(len(array) for array in arrays))
        whole = [np.broadcast_to(array, (differ, follow_ups, array.shape[-1])) for array in arrays]
        laws = [
            make(kept[min(c, len(kept) - 1)], *(array[c] for array in whole)) for c in range(differ)
        ]
        return tuple(laws * cohorts if differ == 1 else laws)


def cells(outside: BoolArray, *, when: FloatArray) -> FloatArray:
    """Return how many cells of cohort and follow-up are marked, per draw, (1 or D,).

    Parameters
    ----------
    outside
        Shape (1 or C, 1 or K, 1 or D); one mark may stand for several cohorts and follow-ups.
    when
        Dates of the follow-ups, (C, K, 1 or D).
    """
    cohorts, follow_ups, width = outside.shape
    repeats = when.shape[0] * when.shape[1] / (cohorts * follow_ups)
    marked: FloatArray = outside.reshape(-1, width).sum(axis=0, dtype=np.float64)
    return np.asarray(marked * repeats)
