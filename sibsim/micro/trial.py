"""An evaluation carried out many times on people made under a stated truth.

`people_of` shows the people of one replicate; `simulate_evaluation` analyses those of many and says
how the estimates are spread beside what the evaluator says of their error. Morris, White and
Crowther 2019, "Using simulation studies to evaluate statistical methods", Statistics in Medicine
38(11):2074-2102, for what is reported and its Monte Carlo error.

Replicates are made in blocks, each of a stream of its own, so more of them change no earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.clusters import Clusters
from sibsim.core.statistics import mc_error_of_mean, mc_error_of_probability
from sibsim.core.streams import Rng, seed_from
from sibsim.errors import CaseError, Fault
from sibsim.evaluation.base import EvaluationDesign
from sibsim.micro.designs import plan_of
from sibsim.micro.estimators import People, Stated, estimate_of
from sibsim.micro.individuals import Columns
from sibsim.micro.stated import LEAST_REPLICATES, design_of, faults_of_run, truth_of
from sibsim.micro.truth import Kind, Truth

BLOCK = 50
"""Replicates made at once: part of the definition of the numbers, never an argument."""

REPLICATES = 1000
"""Enough for a coverage near 95 % to be told to 0.7 points."""

SIGNIFICANCE = 0.05
"""Level of tests and of 1 - confidence that most evaluations use."""


@dataclass(frozen=True, slots=True)
class Replicates:
    """What an evaluation that is carried out again and again comes to."""

    truth: float
    """What the estimate aims at."""

    estimate: FloatArray
    """The estimate, (R,); NaN, as all that follows from it, where an arm is too small or the
    estimator says so."""

    standard_error: FloatArray
    """Its standard error as the evaluator states it, (R,)."""

    lower: FloatArray
    """Lower end of the confidence interval, (R,)."""

    upper: FloatArray
    """Upper end of the confidence interval, (R,)."""

    p_value: FloatArray
    """Two-sided p-value of no effect, (R,)."""

    alpha: float
    """Level of the test, and 1 - confidence of the interval."""

    def table(self) -> pd.DataFrame:
        """Return what an analyst asks of an estimator, each with its Monte Carlo error.

        Rows: `mean` and `bias` of the estimate, its `sd`, the `mean_standard_error` stated, the
        `coverage` of the interval and the `power` of the test, over the replicates with an
        estimate; and the share `undefined` of those without one, an arm being too small or the
        estimator having returned NaN. Columns: `value`, `mc_error`.
        """
        known = ~np.isnan(self.standard_error)
        estimate, stated = self.estimate[known], self.standard_error[known]
        covered = ((self.lower <= self.truth) & (self.truth <= self.upper))[known]
        rejected = (self.p_value < self.alpha)[known]
        mean, error = _mean(estimate)
        rows = {
            "mean": (mean, error),
            "bias": (mean - self.truth, error),
            "sd": (_sd(estimate), mc_error_of_sd(estimate)),
            "mean_standard_error": _mean(stated),
            "coverage": (_mean(covered)[0], mc_error_of_probability(covered)),
            "power": (_mean(rejected)[0], mc_error_of_probability(rejected)),
            "undefined": (_mean(~known)[0], mc_error_of_probability(~known)),
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "mc_error"])


def _mean(values: FloatArray | BoolArray) -> tuple[float, float]:
    """Return the mean and its Monte Carlo error; NaN of nothing."""
    numbers = values.astype(np.float64)
    return (float(numbers.mean()) if len(numbers) else np.nan), mc_error_of_mean(numbers)


def _sd(values: FloatArray) -> float:
    return float(values.std(ddof=1)) if len(values) >= LEAST_REPLICATES else np.nan


def mc_error_of_sd(values: FloatArray) -> float:
    """Return the Monte Carlo standard error of a standard deviation.

    sqrt((m4 - s^4) / R) / (2 s), m4 the fourth central moment; 0 where nothing varies, NaN of fewer
    than two.
    """
    if len(values) < LEAST_REPLICATES:
        return np.nan
    apart = (values - values.mean()) ** 2
    variance = float(apart.mean())
    if variance == 0:
        return 0.0
    return float(apart.std() / np.sqrt(len(values)) / (2.0 * np.sqrt(variance)))


def people_of(
    design: EvaluationDesign | Mapping[str, object],
    *,
    people: int,
    counterfactual: float,
    effect: float,
    kind: Kind = "binary",
    sd: float | None = None,
    dispersion: float | None = None,
    clusters: Clusters | Mapping[str, object] | None = None,
    confounding: float = 0.0,
    enrolment_ends: float | None = None,
    follow_up_ends: float | None = None,
    rng: Rng = None,
) -> pd.DataFrame:
    """Return the people that an evaluation would see: the first replicate, to look at.

    Arguments as for `simulate_evaluation`. Columns by design:

    ========================= ================= ==================================================
    design                    a row is          columns
    ========================= ================= ==================================================
    verification              a participant     person, treated, achieved, comparison, outcome
    historical_baseline       a person          person, treated, comparison (baseline stated),
                                                outcome
    before_after              a participant     person, treated, before, outcome
    matched_comparison        a person          person, treated, covariate, outcome
    difference_in_differences a person's period person, period, participant, treated, outcome
    randomised                a person          person, assigned, treated, covariate (with
                                                covariates_r2), cluster (with clusters), outcome
                                                (but for times to an event), time, event (for them)
    cluster_randomised        a person          person, treated, cluster, outcome
    stepped_wedge             a cluster's       cluster, period, treated, weight, outcome
                              period
    regression_discontinuity  a person          person, treated, score, weight, outcome
    interrupted_time_series   a period          period, treated, outcome
    synthetic_control         a place's period  unit, period, treated, outcome
    ========================= ================= ==================================================

    `treated` is 1 with the intervention (in that period), 0 without; `assigned` 1 where the lot
    says so; `participant` 1 for those treated at last; `achieved` what is true and `outcome` what
    the evaluator gets, missing (NaN) where nothing; `comparison` the level compared with; `before`
    the same person's result before; `covariate` a characteristic known beforehand; `score` what
    decides about participation, less the cutoff; `weight` the people of a mean, or 1 within the
    bandwidth and 0 outside; `time` months to the event or the end of follow-up, `event` 1 if it
    came.
    """
    checked_design, truth = _checked(
        design,
        faults=faults_of_run(
            rng=rng, replicates=LEAST_REPLICATES, estimator=None, alpha=SIGNIFICANCE
        ),
        people=people,
        counterfactual=counterfactual,
        effect=effect,
        kind=kind,
        sd=sd,
        dispersion=dispersion,
        clusters=clusters,
        confounding=confounding,
        enrolment_ends=enrolment_ends,
        follow_up_ends=follow_up_ends,
    )
    columns = next(_blocks(checked_design, truth, replicates=1, rng=rng))
    return pd.DataFrame(_row(columns, 0))


def simulate_evaluation(
    design: EvaluationDesign | Mapping[str, object],
    *,
    people: int,
    counterfactual: float,
    effect: float,
    kind: Kind = "binary",
    sd: float | None = None,
    dispersion: float | None = None,
    clusters: Clusters | Mapping[str, object] | None = None,
    confounding: float = 0.0,
    enrolment_ends: float | None = None,
    follow_up_ends: float | None = None,
    replicates: int = REPLICATES,
    rng: Rng = None,
    estimator: Callable[[pd.DataFrame], Stated] | None = None,
    alpha: float = SIGNIFICANCE,
) -> Replicates:
    """Return what an evaluation comes to when it is carried out again and again on new people.

    Parameters
    ----------
    design
        A design, or its table as in a case file; `outcome` may be left out.
    people
        Participants, 2 or more.
    counterfactual
        Participants' mean result without the intervention: a share, mean events, or a mean; for
        times to an event the hazard, events a month.
    effect
        Mean result with it less that without it; for times to an event the logarithm of the hazard
        ratio. With non_compliance too it is the effect on those who are treated: what an
        intention-to-treat analysis aims at (`truth` of what is returned) is smaller, 0.06 of 0.08
        with 20 % no-shows and 5 % crossovers.
    kind
        `binary`, `count`, `continuous` or `time_to_event`.
    sd
        Standard deviation of a person's result, above 0; of a continuous one only, and needed.
    dispersion
        k of a number of events, whose variance is m + m^2 / k; of a count only. None: Poisson,
        whose variance is the mean.
    clusters
        Clusters of the participants: `number`, `icc` and `cv`.
    confounding
        Share of the variance of a result that what decides about participation explains, in [0, 1),
        where the design matches. 0 unless stated: participants are then like the others but for
        the residual bias of the design.
    enrolment_ends
        Months over which people enter evenly, of times to an event only. None: all enter at once.
    follow_up_ends
        Month at which follow-up ends, of times to an event only, and needed.
    replicates
        How often it is carried out, 2 or more.
    rng
        Seed or generator; None: a fresh seed.
    estimator
        The analysis: takes the data frame that `people_of` shows, returns an `Estimate` or a tuple
        of estimate, standard error and maybe degrees of freedom (without: infinite); NaN where it
        has no estimate. None: the usual one of the design.
    alpha
        Level of the test, in (0, 1).

    Returns
    -------
    Replicates
        Estimates, their stated errors, intervals and p-values.

    Raises
    ------
    CaseError
        With every fault: an argument of another type, too few people, a continuous result without
        its sd, an ICC outside [0, 1), a cluster alone in its arm, a kind of result that the design
        cannot measure, follow-up that ends before people have entered.
    ArgumentError
        When the truth cannot be, such as a probability above 1, or the estimator returns anything
        else.
    """
    faults = faults_of_run(rng=rng, replicates=replicates, estimator=estimator, alpha=alpha)
    checked_design, truth = _checked(
        design,
        faults=faults,
        people=people,
        counterfactual=counterfactual,
        effect=effect,
        kind=kind,
        sd=sd,
        dispersion=dispersion,
        clusters=clusters,
        confounding=confounding,
        enrolment_ends=enrolment_ends,
        follow_up_ends=follow_up_ends,
    )
    plan = plan_of(checked_design.design)
    usual = plan.usual(checked_design.model_dump(), truth)
    replicates = int(replicates)
    found = np.empty((replicates, 3))
    done = 0
    for columns in _blocks(checked_design, truth, replicates=replicates, rng=rng):
        for row in range(min(BLOCK, replicates - done)):
            each: People = _row(columns, row)
            found[done] = (
                usual(each) if estimator is None else estimate_of(estimator(pd.DataFrame(each)))
            )
            done += 1
    return _replicates(found, truth=plan.target(checked_design, truth), alpha=alpha)


def _replicates(found: FloatArray, *, truth: float, alpha: float) -> Replicates:
    """Return the estimates with their intervals and tests; `found` is (R, 3)."""
    from scipy.special import stdtr, stdtrit

    estimate, error, degrees = found.T
    reach = error * stdtrit(degrees, 1.0 - alpha / 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(error > 0, np.abs(estimate) / error, np.where(estimate == 0, 0.0, np.inf))
    return Replicates(
        truth=truth,
        estimate=estimate.copy(),
        standard_error=error.copy(),
        lower=estimate - reach,
        upper=estimate + reach,
        p_value=2.0 * stdtr(degrees, -ratio),
        alpha=alpha,
    )


def _blocks(
    design: EvaluationDesign, truth: Truth, *, replicates: int, rng: Rng
) -> Iterator[Columns]:
    """Yield the people of one block of replicates after the other."""
    make, fields = plan_of(design.design).people, design.model_dump()
    number = -(-replicates // BLOCK)
    for stream in np.random.SeedSequence(seed_from(rng)).spawn(number):
        yield make(fields, truth, np.random.default_rng(stream), BLOCK)


def _row(columns: Columns, row: int) -> Columns:
    """Return the columns of one replicate, (N,) each."""
    return {name: each[row] if each.ndim > 1 else each for name, each in columns.items()}


def _checked(
    design: object, *, faults: list[Fault], **stated: object
) -> tuple[EvaluationDesign, Truth]:
    """Return the design and the truth, or every fault of both beside those of the run."""
    read, of_design = design_of(design)
    truth, of_truth = truth_of(**stated)
    found = [*faults, *of_design, *of_truth]
    if read is not None and truth is not None and not found:
        found += plan_of(read.design).faults(read, truth)
    if read is None or truth is None or found:
        raise CaseError(tuple(found), where="simulated evaluation")
    return read, truth
