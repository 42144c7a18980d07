"""One cohort, one follow-up and a stated result: what a design is asked about when one plans.

The outcome is written down by hand, with the effect on the draw axis: a design's own bias and
standard error then come for many effects at once. Neither chance nor the evaluator's errors are
drawn, so that a report is the expected one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.clusters import Clusters
from sibsim.core.distributions import shown
from sibsim.core.paths import OutcomePath
from sibsim.core.precision import precision_of
from sibsim.core.spec import as_share
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.streams import Layer, LayerName
from sibsim.core.timeline import MONTHS_PER_YEAR, Timeline
from sibsim.errors import ArgumentError
from sibsim.evaluation.base import EvaluationDesign, Measurable
from sibsim.planning.arguments import deviation, number, people, positive, refuse, share

Kind = Literal["binary", "count", "continuous"]
"""What a person's result is: yes or no, a number of events, or a number such as points or days."""


class Result(TypedDict, total=False):
    """What may be stated of a person's result beside its mean; see `Setting`."""

    kind: Kind
    """What a result is; binary unless stated."""

    sd: float | None
    """Standard deviation of a person's result; of a continuous one only, and needed."""

    dispersion: float | None
    """Dispersion k of events, variance m + m^2 / k; of a count only."""

    clusters: Clusters | None
    """Teams, schools or districts whose people are more alike."""


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
    """What a person's result is."""

    sd: float | None = None
    """Standard deviation of a person's result, above 0; of a continuous one only, and needed."""

    dispersion: float | None = None
    """Dispersion k of events, above 0: variance m + m^2 / k; of a count only. None: Poisson."""

    clusters: Clusters | None = None
    """Teams, schools or districts whose people are more alike; None: there are none."""

    effects: FloatArray = field(init=False)
    """The effects, (W,)."""

    def __post_init__(self) -> None:
        """Check every figure."""
        people("people", self.people)
        if self.people != int(self.people):
            refuse("people", self.people, rule="people are whole", way_out="write a whole number")
        self._check_kind()
        _check_mean(self.counterfactual, name="counterfactual", kind=self.kind)
        effects = np.atleast_1d(number("effect", self.effect))
        object.__setattr__(self, "effects", effects)
        for effect in (effects.min(), effects.max()):
            _check_effect(float(effect), kind=self.kind, counterfactual=self.counterfactual)

    def _check_kind(self) -> None:
        if self.kind not in ("binary", "count", "continuous"):
            refuse(
                "kind",
                self.kind,
                rule="a result is binary, a count or continuous",
                way_out="write one of these",
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
            in_clusters=self.clusters is not None,
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
            clusters=self.clusters,
        )

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


@dataclass(frozen=True, slots=True)
class Findings:
    """How a design errs, and what its evaluator says of that, at W effects."""

    bias: FloatArray
    """Mean of estimate - effect, (W,)."""

    standard_error: FloatArray
    """Standard deviation of estimate - effect, (W,)."""

    stated: FloatArray
    """Standard error that the evaluator states, (W,)."""

    degrees: FloatArray | float
    """Degrees of freedom of the evaluator's test."""

    least_p: FloatArray | float
    """Smallest p-value that the evaluation can come to."""

    comparison_people: FloatArray | float
    """People that participants are compared with; 0 where there is no comparison."""

    def part(self, which: slice) -> Findings:
        """Return the same at some of the effects."""
        arrays = (self.bias[which], self.standard_error[which], self.stated[which])
        return Findings(*arrays, self.degrees, self.least_p, self.comparison_people)


_QUIET = Context(
    timeline=TIMELINE,
    values={},
    chance=Layer(LayerName.CHANCE, on=False),
    measurement=Layer(LayerName.MEASUREMENT, on=False),
    path="measures.planned",
)
"""With both layers off a design reports what is expected."""


def findings(design: EvaluationDesign, *, setting: Setting) -> Findings:
    """Return what a design finds in a setting.

    A design without a comparison is read as if the whole result were the effect: what would have
    come about anyway is then its bias.

    Parameters
    ----------
    design
        The design.
    setting
        What it is asked about.

    Raises
    ------
    ArgumentError
        If the design cannot measure such a result.
    """
    faults = list(design.check_outcome(setting.measurable))
    if faults:
        message = f"design: {design.design} cannot measure this result: {'; '.join(faults)}"
        if not any(design.check_outcome(replace(setting.measurable, in_clusters=True))):
            message += "; here: clusters=Clusters(number=..., icc=...)"
        raise ArgumentError(message)
    served = setting.people * design.served_share
    path, participation = setting.path(served=served), setting.participation(served=served)
    width = len(setting.effects)
    error = _row(design.standard_error(path, participation=participation), width)
    bias = _row(design.bias(path), width)
    if not design.compares:
        return Findings(bias + setting.counterfactual, error, error, np.inf, 0.0, 0.0)
    report = design.measure(path, participation=participation, context=_QUIET)
    compared = float(report.comparison_n[0, 0].max())
    if report.precision is None and setting.kind != "binary":
        return Findings(bias, error, error, np.inf, 0.0, compared)
    stated, degrees, least_p = _stated(report, width=width)
    return Findings(bias, error, stated, degrees, least_p, compared)


def _stated(report: Measurement, *, width: int) -> tuple[FloatArray, float, float]:
    precision = precision_of(report)
    stated = np.sqrt(_row(precision.own, width) + _row(precision.common, width))
    return stated, precision.degrees, precision.least_p


def _row(values: FloatArray, width: int) -> FloatArray:
    """Return the one cohort's values at the one follow-up, (W,)."""
    return np.broadcast_to(values[0, 0], (width,))


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
