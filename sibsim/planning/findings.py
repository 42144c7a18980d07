"""What an evaluation design finds in a setting: its bias, its error, and what its evaluator says.

A design is asked for its own closed forms, with both layers off, at many effects at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.precision import precision_of
from sibsim.core.stages import Context, Measurement
from sibsim.core.streams import Layer, LayerName
from sibsim.errors import ArgumentError
from sibsim.evaluation.base import EvaluationDesign
from sibsim.evaluation.historical_baseline import HistoricalBaseline
from sibsim.planning.setting import TIMELINE, Setting

DRIFT_STEP = 2.0**-10
"""A drift that leaves every result possible; a power of two, so that dividing by it is exact."""


@dataclass(frozen=True, slots=True)
class Findings:
    """How a design errs, and what its evaluator says of that, at W effects."""

    estimate: FloatArray
    """Mean of the estimate, (W,): what the design aims at, and its bias."""

    bias: FloatArray
    """Mean of estimate - what it aims at, (W,)."""

    standard_error: FloatArray
    """Standard deviation of estimate - what it aims at, (W,)."""

    null_error: FloatArray
    """The same without an effect, where everybody has the mean that all people have together with
    these effects, (W,)."""

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
        return replace(
            self,
            estimate=self.estimate[which],
            bias=self.bias[which],
            standard_error=self.standard_error[which],
            null_error=self.null_error[which],
            stated=self.stated[which],
        )


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

    The effect that is asked about is that on participants. A design aims at it, or at what is left
    of it among all who are allotted (`EvaluationDesign.truth`). A design without a comparison is
    read as if the whole result were the effect: what would have come about anyway is then its bias.
    A drift is an error that the evaluator does not see: (drift_sd x d bias / d drift)^2 is added to
    the squared standard error.

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
            message += "; here: clusters={'number': ..., 'icc': ...}"
        raise ArgumentError(message)
    served = setting.people * design.served_share
    path, participation = setting.path(served=served), setting.participation(served=served)
    width = len(setting.effects)

    def error_in(path: OutcomePath) -> FloatArray:
        error = _row(design.standard_error(path, participation=participation), width)
        return np.hypot(error, setting.drift_sd * _moved_by_drift(design, path))

    error, bias = error_in(path), _row(design.bias(path), width)
    estimate = _row(design.truth(path), width) + bias
    if not design.compares:
        bias = bias + setting.counterfactual
        return Findings(estimate, bias, error, error, error, np.inf, 0.0, 0.0)
    report = design.measure(path, participation=participation, context=_QUIET)
    compared = float(report.comparison_n[0, 0].max())
    of_all = 0.0 if design.comparison_is_agreed else served / (served + compared)
    null_error = error_in(setting.path_of_no_effect(path, of_all=of_all))
    if report.precision is None and setting.kind != "binary":
        return Findings(estimate, bias, error, null_error, error, np.inf, 0.0, compared)
    stated, degrees, least_p = _stated(report, width=width)
    return Findings(estimate, bias, error, null_error, stated, degrees, least_p, compared)


def _moved_by_drift(design: EvaluationDesign, path: OutcomePath) -> float:
    """Return by how much the bias moves where what would happen anyway has moved by 1."""
    drifted = replace(path, drift=np.full((1, 1, 1), DRIFT_STEP))
    moved = _counted_earlier(design).bias(drifted) - design.bias(path)
    return float(moved[0, 0, 0]) / DRIFT_STEP


def _counted_earlier(design: EvaluationDesign) -> EvaluationDesign:
    """Return the design with every agreed figure as it was before the step of drift."""
    if isinstance(design, HistoricalBaseline) and design.comparison_is_agreed:
        baseline = design.baseline
        name = "mean" if baseline.rate is None else "rate"
        earlier = baseline.model_copy(update={name: baseline.result - DRIFT_STEP})
        return design.model_copy(update={"baseline": earlier})
    nested = {
        name: _counted_earlier(part)
        for name, part in design.fields_stated()
        if isinstance(part, EvaluationDesign)
    }
    return design.model_copy(update=nested)


def _stated(report: Measurement, *, width: int) -> tuple[FloatArray, float, float]:
    precision = precision_of(report)
    stated = np.sqrt(_row(precision.own, width) + _row(precision.common, width))
    return stated, precision.degrees, precision.least_p


def _row(values: FloatArray, width: int) -> FloatArray:
    """Return the one cohort's values at the one follow-up, (W,)."""
    return np.broadcast_to(values[0, 0], (width,))
