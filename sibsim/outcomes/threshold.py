"""Threshold outcome: whether another outcome's result of the same person is beyond a level.

Contracts pay for *fewer than 6 nights in a half-year* or *at most one conviction*: that is yes or
no for each person, read from the days or events that the other outcome has drawn for the same
person. With chance off, and for people simulated elsewhere (controls), it follows from the other
outcome's law.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import inf, nextafter
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from sibsim.core.arrays import BoolArray, FloatArray, Indicator
from sibsim.core.distributions import fault
from sibsim.core.paths import Law, OutcomePath
from sibsim.core.spec import Name, Number
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import Layer
from sibsim.outcomes.base import Laws, OutcomeModel
from sibsim.outcomes.binary_law import BinaryLaw
from sibsim.outcomes.score import Score

SIDES = ("below", "at_most", "at_least", "above")
"""The sides of a level on which a result may lie."""

WITH_THE_LEVEL_BELOW = ("at_most", "above")
"""The sides of which a result on the level itself belongs to the lower part."""

ROUNDING = 1e-12
"""Share of a level by which a result may miss it and still lie on it: three months in weeks are a
product that is rounded, by some 1e-16. Nobody states a level to so many digits."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a level, at some of the follow-ups of another outcome."""

    at: tuple[int, ...]
    """Position of each follow-up among those of the other outcome."""

    level: float
    """The lowest result on the upper side; the highest on the lower side is less."""

    upper: bool
    """Whether it is the upper side."""

    def probability(self, law: Law) -> FloatArray:
        """Return how likely a result of a law lies on it, (K, 1 or D)."""
        above = law.at_least(self.level)[list(self.at)]
        return above if self.upper else 1.0 - above

    def read(self, value: Indicator) -> BoolArray:
        """Return which results (P, K', D) of the other outcome lie on it, (P, K, D)."""
        result = value[:, list(self.at)]
        return result >= self.level if self.upper else result < self.level


@dataclass(frozen=True)
class ThresholdLaw:
    """Yes or no at each follow-up, read from another result of the same person."""

    of: Law
    """The law of the other result."""

    side: Side
    """Where it is yes."""

    @cached_property
    def mean(self) -> FloatArray:
        """Probability of yes, (K, 1 or D)."""
        return self.side.probability(self.of)

    @property
    def variance(self) -> FloatArray:
        """Return p (1 - p), (K, 1 or D)."""
        return self._yes_or_no.variance

    def at_least(self, level: float) -> FloatArray:
        """Return P(result >= level): 1 up to 0, the probability of yes up to 1, then 0."""
        return self._yes_or_no.at_least(level)

    def draw(self, layer: Layer, *, stream: str, people: int) -> Indicator:
        """Return yes or no of people of their own, (P, K, D); layer off: the probability."""
        if not layer.on:
            return np.broadcast_to(self.mean, (people, *self.mean.shape))
        return self.side.read(self.of.draw(layer, stream=stream, people=people))

    @property
    def _yes_or_no(self) -> BinaryLaw:
        return BinaryLaw(self.mean, persistence=np.ones(1))


class Threshold(OutcomeModel):
    """Outcome of yes or no: another outcome's result lies on one side of a level."""

    model: Literal["threshold"]
    """Name of the outcome model."""

    of: Name
    """Name of the outcome whose result is read; it counts the same people."""

    below: Number | None = None
    """Yes where the result is below this level, in the unit of the other outcome."""

    at_most: Number | None = None
    """Yes where the result is at most this level."""

    at_least: Number | None = None
    """Yes where the result is at least this level."""

    above: Number | None = None
    """Yes where the result is above this level."""

    @model_validator(mode="after")
    def _check_side(self) -> Self:
        given = [side for side in SIDES if getattr(self, side) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none of them"
            message = f"got {got}; state exactly one of {', '.join(SIDES)}"
            raise fault(message)
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """The other outcome."""
        return (self.of,)

    def check_against(self, other: OutcomeModel, *, name: str) -> Iterator[str]:
        """Yield why it cannot be worked out from the other outcome."""
        missing = [k for k in self.follow_up_months if k not in other.follow_up_months]
        if missing:
            yield (
                f"got a follow-up at {missing[0]} months; {name!r} is looked at after "
                f"{', '.join(map(str, other.follow_up_months))} months; use some of these"
            )
        if other.is_indicator:
            yield f"got of = {name!r}, whose result is yes or no already; name a number"
        elif not missing:
            yield from self._out_of_reach(other, name=name)
        if isinstance(other, Score) and other.reliability < 1:
            yield (
                f"got of = {name!r}, which an instrument shows with error; state the level there, "
                "as minimum_important_change with counts = 'improved'"
            )

    def _out_of_reach(self, other: OutcomeModel, *, name: str) -> Iterator[str]:
        """Yield why every result lies on one side of the level."""
        for months in self.follow_up_months:
            low, high = other.bounds(other.follow_up_months.index(months))
            if self._lowest_above <= low or self._lowest_above > high:
                side, level = self._stated
                yield (
                    f"got {side} = {level:g}, but a result of {name!r} at {months} months lies "
                    f"from {low:g} to {high:g} {other.counted_in}, all on one side of it; take a "
                    "level in between"
                )

    def laws(
        self,
        when: FloatArray,
        *,
        context: Context,
    ) -> Laws:
        """Return the probability of each side, by the other outcome's laws."""
        del when
        path = context.upstream[self.of]
        side = self._side(path)
        # Cohorts that are alike share one law, whose probability is worked out once.
        made = {id(law): ThresholdLaw(law, side) for law in (*path.treated, *path.untreated)}
        treated, untreated = (
            tuple(made[id(law)] for law in laws) for laws in (path.treated, path.untreated)
        )
        return Laws(treated, untreated, clipped=np.zeros(1))

    def realise_group(
        self,
        participation: Participation,
        *,
        context: Context,
    ) -> OutcomePath:
        """Return on which side each person's result lies."""
        if not context.chance.on:
            return super().realise_group(participation, context=context)
        laws = self.laws(self.dates(participation), context=context)
        path = context.upstream[self.of]
        side = self._side(path)
        return self.path(participation, laws=laws, value=tuple(map(side.read, path.value)))

    @property
    def _stated(self) -> tuple[str, float]:
        """The side and the level that are stated."""
        return next((side, level) for side in SIDES if (level := getattr(self, side)) is not None)

    @property
    def _lowest_above(self) -> float:
        """The lowest number on the upper side; a result that misses the level by rounding is on it.

        Beyond a level is from the next number on: for whole results, from the next whole one.
        """
        side, level = self._stated
        margin = ROUNDING * abs(level)
        return nextafter(level + margin, inf) if side in WITH_THE_LEVEL_BELOW else level - margin

    def _side(self, path: OutcomePath) -> Side:
        """Return the side of the level, at follow-ups of the other outcome's path."""
        at = tuple(path.follow_up_months.index(month) for month in self.follow_up_months)
        return Side(at, self._lowest_above, upper=self._stated[0] in {"at_least", "above"})


Model = Threshold
