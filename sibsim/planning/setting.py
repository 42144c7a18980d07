"""One cohort, one follow-up and a stated result: what a design is asked about when one plans.

The outcome is written down by hand, with the effect on the draw axis: a design's own bias and
standard error then come for many effects at once. Neither chance nor the evaluator's errors are
drawn, so that a report is the expected one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, TypedDict, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.clusters import Clusters
from sibsim.core.distributions import shown
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import as_share
from sibsim.core.stages import Participation
from sibsim.core.streams import Layer
from sibsim.core.timeline import MONTHS_PER_YEAR, Timeline
from sibsim.core.validation import validated
from sibsim.errors import ArgumentError
from sibsim.evaluation.base import Measurable
from sibsim.planning.arguments import (
    at_least_zero,
    deviation,
    number,
    one,
    people,
    positive,
    refuse,
    share,
)

Kind = Literal["binary", "count", "continuous"]
"""What a person's result is: `binary`, yes or no; `count`, a number of events; `continuous`, a
number such as points or days."""


class Result(TypedDict, total=False):
    """What may be stated of a result beside its mean; see `Setting`."""

    kind: Kind
    """What a result is: `binary`, `count` or `continuous`; binary unless stated."""

    sd: float | None
    """Standard deviation of a person's result; of a continuous one only, and needed."""

    dispersion: float | None
    """Dispersion k of events, variance m + m^2 / k; of a count only."""

    clusters: Clusters | Mapping[str, object] | None
    """Teams, schools or districts whose people are alike, such as `{"number": 6, "icc": 0.03}`."""

    drift_sd: float
    """How far what would happen anyway has moved since a baseline was counted, as an sd."""


FOLLOW_UP_MONTHS = MONTHS_PER_YEAR
"""A year after the start: the formulas of one follow-up do not depend on it."""

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2027, 12, 31), period="quarter")
"""Any horizon that holds the follow-up: nothing that is planned depends on dates."""


@dataclass(frozen=True, slots=True)
class StatedLaw:
    """The law of a result as far as planning knows it: its mean and its variance."""

    mean: FloatArray
    """Expected result of a person, (1, 1 or W)."""

    variance: FloatArray
    """Variance of a person's result, (1, 1 or W)."""

    is_indicator: bool
    """Whether the result is yes or no."""

    def at_least(self, level: float) -> FloatArray:
        """Return P(result >= level), (1, 1 or W); of a number as if it were normal."""
        if self.is_indicator:
            inside = np.where(level <= 1, self.mean, 0.0)
            return np.where(level <= 0, 1.0, inside)
        return np.asarray(ndtr((self.mean - level) / np.sqrt(self.variance)))

    def draw(self, layer: Layer, *, stream: str, people: int) -> Indicator:
        """Return the mean for everybody, (P, 1, 1 or W): in planning nothing is drawn."""
        del layer, stream
        return np.broadcast_to(self.mean, (people, *self.mean.shape))


@dataclass(frozen=True)
class Setting:
    """What is planned for: how many people, what would happen anyway, and by how much it changes.

    Raises
    ------
    ArgumentError
        If a figure is outside its range, or the effect takes the result out of it.
    """

    people: int
    """People planned to start, 2 or more."""

    counterfactual: float
    """Mean result without the intervention: a share in [0, 1], mean events, or a mean."""

    effect: ArrayLike
    """Change of that mean, (W,) or one number: in points / 100 for a share."""

    kind: Kind = "binary"
    """What a person's result is: `binary` (yes or no), `count` (a number of events) or `continuous`
    (a number such as points or days)."""

    sd: float | None = None
    """Standard deviation of a person's result, above 0; of a continuous one only, and needed."""

    dispersion: float | None = None
    """Dispersion k of events, above 0: variance m + m^2 / k; of a count only. None: Poisson."""

    clusters: Clusters | Mapping[str, object] | None = None
    """Teams, schools or districts whose people are more alike, also as a table such as
    `{"number": 6, "icc": 0.03}`; None: there are none."""

    drift_sd: float = 0.0
    """How far what would happen anyway has moved since an earlier figure was counted or agreed on,
    as a standard deviation, 0 or more, in the outcome's unit (0.05 is 5 points of a share). Only a
    historical baseline compares with such a figure; its evaluator does not see the error."""

    effects: FloatArray = field(init=False)
    """The effects, (W,)."""

    grouped: Clusters | None = field(init=False)
    """The clusters, as read."""

    def __post_init__(self) -> None:
        """Check every figure."""
        for name in ("people", "counterfactual", "sd", "dispersion", "drift_sd"):
            if getattr(self, name) is not None:
                one(name, getattr(self, name))
        people("people", self.people)
        if self.people != int(self.people):
            refuse("people", self.people, rule="people are whole", way_out="write a whole number")
        self._check_kind()
        at_least_zero("drift_sd", self.drift_sd)
        _check_mean(self.counterfactual, name="counterfactual", kind=self.kind)
        effects = np.atleast_1d(number("effect", self.effect))
        object.__setattr__(self, "effects", effects)
        object.__setattr__(self, "grouped", _clusters_of(self.clusters))
        for effect in (effects.min(), effects.max()):
            _check_effect(float(effect), kind=self.kind, counterfactual=self.counterfactual)

    def _check_kind(self) -> None:
        if np.ndim(self.kind) or self.kind not in get_args(Kind):
            refuse(
                "kind",
                self.kind,
                rule="a result is yes or no, a number of events, or a number such as points",
                way_out="write 'binary', 'count' or 'continuous'",
            )
        for name, kind in (("sd", "continuous"), ("dispersion", "count")):
            given = getattr(self, name)
            if given is not None and self.kind != kind:
                refuse(
                    name,
                    given,
                    rule=f"it belongs to a {kind} result, and this one is {self.kind}",
                    way_out=f"leave it out, or write kind='{kind}'",
                )
        if self.kind == "continuous":
            if self.sd is None:
                refuse(
                    "sd",
                    None,
                    rule="how much a number varies between people does not follow from its mean",
                    way_out="write the standard deviation of a person's result",
                )
            deviation("sd", self.sd)
        if self.dispersion is not None:
            positive("dispersion", self.dispersion)

    @property
    def range(self) -> tuple[float, float]:
        """Least and greatest effect that leaves the result possible."""
        if self.kind == "binary":
            return -self.counterfactual, 1.0 - self.counterfactual
        return (-self.counterfactual if self.kind == "count" else -np.inf), np.inf

    @property
    def person_sd(self) -> float:
        """Standard deviation of a person's result without the intervention."""
        return float(np.sqrt(self._variance(np.array(self.counterfactual))))

    @property
    def measurable(self) -> Measurable:
        """What a design has to know to tell whether it can measure the outcome."""
        return Measurable(
            is_indicator=self.kind == "binary",
            by_person=True,
            follow_up_months=(FOLLOW_UP_MONTHS,),
            in_clusters=self.grouped is not None,
        )

    def path(self, *, served: float) -> OutcomePath:
        """Return the outcome of the people served, effects on the draw axis.

        Parameters
        ----------
        served
            Number of them; the last may count in part.
        """
        without = np.full((1, 1), float(self.counterfactual))
        with_it = without + self.effects
        laws = [
            StatedLaw(mean, self._variance(mean), self.kind == "binary")
            for mean in (with_it, without)
        ]
        heads = int(np.ceil(served))
        member: Indicator = np.ones((heads, 1), dtype=np.bool_)
        return OutcomePath(
            follow_up_months=(FOLLOW_UP_MONTHS,),
            when=np.full((1, 1, 1), float(FOLLOW_UP_MONTHS)),
            people=np.full((1, 1), served),
            member=(member,),
            value=(np.broadcast_to(with_it, (heads, *with_it.shape)),),
            achieved=served * with_it[np.newaxis],
            expected=with_it[np.newaxis],
            counterfactual=without[np.newaxis],
            treated=(laws[0],),
            untreated=(laws[1],),
            clipped=np.zeros(1),
            clusters=self.grouped,
        )

    def path_of_no_effect(self, path: OutcomePath, *, of_all: float) -> OutcomePath:
        """Return the outcome that would most likely be taken for one with the effects.

        Without an effect participants and comparison have one mean: that of all of them together,
        counterfactual + effect x `of_all`.

        Parameters
        ----------
        path
            The outcome with the effects.
        of_all
            Participants' share of all people, in [0, 1]; 0 where the comparison is agreed on.
        """
        mean = np.full((1, 1), float(self.counterfactual)) + of_all * self.effects
        law = StatedLaw(mean, self._variance(mean), self.kind == "binary")
        both = mean[np.newaxis]
        return replace(path, expected=both, counterfactual=both, treated=(law,), untreated=(law,))

    def participation(self, *, served: float) -> Participation:
        """Return who comes and stays: everybody who is served."""
        number_served = np.full((1, 1), served)
        return Participation(
            planned=np.array([served]),
            start=np.zeros((1, 1)),
            delay=np.zeros((1, 1)),
            referred=number_served,
            started=number_served,
            completed=number_served,
            completes=(np.ones((int(np.ceil(served)), 1), dtype=np.bool_),),
        )

    def _variance(self, mean: FloatArray) -> FloatArray:
        if self.kind == "binary":
            return np.asarray(mean * (1.0 - mean))
        if self.kind == "count":
            spread = 0.0 if self.dispersion is None else 1.0 / self.dispersion
            return np.asarray(mean + mean**2 * spread)
        return np.full(np.shape(mean), float(self.sd or 0.0) ** 2)


def _clusters_of(given: Clusters | Mapping[str, object] | None) -> Clusters | None:
    if given is None:
        return None
    read, faults = validated(given, Clusters, path="clusters")
    if faults:
        raise ArgumentError("; ".join(map(str, faults)))
    assert isinstance(read, Clusters)  # noqa: S101 - what was asked for
    return read


def _check_mean(mean: float, *, name: str, kind: Kind) -> None:
    if kind == "binary":
        share(name, mean)
    elif kind == "count":
        positive(name, mean)
    else:
        number(name, mean)


def _check_effect(effect: float, *, kind: Kind, counterfactual: float) -> None:
    after = counterfactual + effect
    # A hair beyond the ends is rounding of counterfactual + effect.
    hair = np.finfo(np.float64).eps
    if kind == "binary" and not -hair <= after <= 1 + hair:
        hint = as_share(effect).removeprefix("; ") if abs(effect) > 1 else ""
        refuse(
            "effect",
            effect,
            rule=f"with a counterfactual of {shown(counterfactual)} the share would be "
            f"{shown(after)}, and a share lies in [0, 1]",
            way_out=hint
            or f"write one from {shown(-counterfactual)} to {shown(1 - counterfactual)}",
        )
    if kind == "count" and not after > 0:
        refuse(
            "effect",
            effect,
            rule=f"with {shown(counterfactual)} events without it there would be {shown(after)}",
            way_out="write a smaller fall, so that some events are left",
        )
