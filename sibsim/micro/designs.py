"""How each design is simulated: its people, the usual analysis, what it aims at, what it refuses.

A combination of two designs is two evaluations: each is simulated by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import get_args

import numpy as np

from sibsim.core.spec import nearest
from sibsim.errors import ArgumentError, Fault
from sibsim.evaluation.base import EvaluationDesign, Measurable
from sibsim.evaluation.randomised import Randomised
from sibsim.micro import adjusted, estimators, individuals, panels, serial, series
from sibsim.micro.estimators import Estimator
from sibsim.micro.individuals import Fields, Maker
from sibsim.micro.truth import Kind, Truth

NUMBERS: tuple[Kind, ...] = ("binary", "count", "continuous")
"""Kinds whose mean is compared."""

NORMAL: tuple[Kind, ...] = ("binary", "continuous")
"""Kinds that can be shifted by what people have in common and keep their variance."""

ANY_DATE = (12,)
"""Months to the only follow-up; people are seen once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a design is simulated."""

    kinds: tuple[Kind, ...]
    """Kinds of results that it can measure."""

    people: Maker
    """Makes the people."""

    usual: Callable[[Fields, Truth], Estimator]
    """The analysis that is usual."""

    in_clusters: bool = False
    """Whether participants may be in clusters."""

    def target(self, design: EvaluationDesign, truth: Truth) -> float:
        """Return what the estimate aims at: the effect, or the rate where nothing is compared."""
        if not design.compares:
            return truth.expected
        rules = design.non_compliance if isinstance(design, Randomised) else None
        if rules is not None and rules.estimand == "itt":
            return truth.effect * rules.complying(np.array([float(truth.people)])).item()
        return truth.effect

    def faults(self, design: EvaluationDesign, truth: Truth) -> Iterator[Fault]:
        """Yield why the design cannot measure such results."""
        name = design.design
        if truth.kind not in self.kinds:
            message = (
                f"got {truth.kind}; {name} is simulated for results that are "
                f"{' or '.join(self.kinds)}; choose one of these, or design = 'randomised', which "
                "takes any"
            )
            yield Fault("kind", message)
        if truth.clusters is not None and not self.in_clusters:
            yield Fault(
                "clusters",
                f"got clusters for {name}; people in clusters are made for randomised and "
                "cluster_randomised; drop them, or choose one of these designs",
            )
        outcome = Measurable(
            is_indicator=truth.kind in {"binary", "time_to_event"},
            by_person=True,
            follow_up_months=ANY_DATE,
            in_clusters=truth.clusters is not None,
        )
        for problem in design.check_outcome(outcome):
            yield Fault("design", problem)
        if isinstance(design, Randomised):
            yield from _of_a_trial(design, truth)


def plan_of(design: str) -> Plan:
    """Return how a design is simulated.

    Parameters
    ----------
    design
        Its name.

    Raises
    ------
    ArgumentError
        If it is not simulated.
    """
    found = PLANS.get(design)
    if found is None:
        hint = nearest(design, PLANS) or f"; it is done for {', '.join(PLANS)}"
        message = (
            f"got design = {design!r}; nobody has said how its people are made{hint}; of a "
            "combination simulate each design by itself"
        )
        raise ArgumentError(message)
    return found


def _of_a_trial(design: Randomised, truth: Truth) -> Iterator[Fault]:
    """Yield what of a trial is made for some kinds of results only."""
    if design.covariates_r2 > 0 and truth.kind not in NORMAL:
        yield Fault(
            "design.covariates_r2",
            f"got {design.covariates_r2} for {truth.kind} results; covariates are made for results "
            "that are binary or continuous; write 0",
        )
    if truth.kind == "time_to_event" and design.non_compliance is not None:
        yield Fault(
            "design.non_compliance",
            "got non_compliance for times to an event; hazards are then no longer proportional; "
            "drop it, or use kind = 'binary'",
        )


def _of_trial(fields: Fields, truth: Truth) -> Estimator:
    if truth.kind == "time_to_event":
        return estimators.log_hazard_ratio
    if fields["non_compliance"] is not None:
        if fields["non_compliance"]["estimand"] == "cace":
            return estimators.complier_effect
        return estimators.assigned_difference
    if truth.clusters is not None:
        return estimators.cluster_means
    if fields["covariates_r2"] > 0:
        return estimators.adjusted_difference
    return estimators.difference_in_means


def _of_baseline(fields: Fields, truth: Truth) -> Estimator:
    del truth
    if fields["baseline"].get("to_be_counted"):
        return estimators.difference_in_means
    return estimators.mean_above_comparison


def _of_matching(fields: Fields, truth: Truth) -> Estimator:
    """Return matching with as many as are wanted; fewer than one each: weighting."""
    per_participant = individuals.others_of(fields, truth) // truth.people
    if per_participant < 1:
        return adjusted.propensity_weighted
    return partial(adjusted.matched_pairs, per_participant=per_participant)


def _of_changes(fields: Fields, truth: Truth) -> Estimator:
    del truth
    if fields["analysis"] == "ancova":
        return adjusted.ancova
    return adjusted.two_way_fixed_effects


def _of_wedge(fields: Fields, truth: Truth) -> Estimator:
    means = np.array([truth.counterfactual, truth.expected])
    return partial(
        serial.hussey_hughes,
        sigma2=float(truth.variance(means).mean()),
        **{name: fields[name] for name in ("tau", "eta", "rho")},
    )


def _of_series(fields: Fields, truth: Truth) -> Estimator:
    del truth
    return partial(
        serial.segmented,
        autocorrelation=fields["autocorrelation"],
        slope=fields["change"] == "level_and_slope",
    )


def _of_donors(fields: Fields, truth: Truth) -> Estimator:
    del fields
    own = float(truth.variance(truth.expected)) / truth.people
    return partial(serial.synthetic_control, sampling_variance=own)


def _always(estimator: Estimator) -> Callable[[Fields, Truth], Estimator]:
    return lambda _fields, _truth: estimator


PLANS = {
    "verification": Plan(
        NUMBERS, individuals.verification, _always(estimators.mean_above_comparison)
    ),
    "historical_baseline": Plan(NUMBERS, individuals.historical_baseline, _of_baseline),
    "before_after": Plan(NORMAL, individuals.before_after, _always(adjusted.change_from_before)),
    "matched_comparison": Plan(NORMAL, individuals.matched_comparison, _of_matching),
    "difference_in_differences": Plan(NORMAL, panels.difference_in_differences, _of_changes),
    "randomised": Plan(get_args(Kind), individuals.randomised, _of_trial, in_clusters=True),
    "cluster_randomised": Plan(
        NUMBERS, panels.cluster_randomised, _always(estimators.cluster_means), in_clusters=True
    ),
    "stepped_wedge": Plan(NORMAL, series.stepped_wedge, _of_wedge),
    "regression_discontinuity": Plan(
        NORMAL, individuals.regression_discontinuity, _always(adjusted.jump_at_cutoff)
    ),
    "interrupted_time_series": Plan(NUMBERS, series.interrupted_time_series, _of_series),
    "synthetic_control": Plan(NUMBERS, series.synthetic_control, _of_donors),
}
"""How each design is simulated, by its name."""
