"""Simulated courses of one measure and of the payment lines that read it: with and without effect.

Every draw of a case is simulated twice with the same luck: as it is, and without any effect of the
intervention on any outcome (effort zero). Only the outcomes that are measured, and those that they
read, are simulated; only the lines that read the measure are settled.

Assumptions. Every cohort is served to its end: rights to end early are left out, as are the limits
over several lines; limits and clauses of a line apply. What lapses is not paid. A share that
changes once the investors are repaid stays as it is before. What is *deserved* is what the lines
pay on a report that is the exact truth: for each cohort its people times the expected result,
beside the counterfactual of the same people, known without error. Where a line looks at one person
after the other, the exact truth holds probabilities, with the assumption of `payments.persons`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from scipy.special import stdtrit

from sibsim.case import Case
from sibsim.core.arrays import FloatArray, added
from sibsim.core.paths import OutcomePath
from sibsim.core.precision import differences, passes, pooled_difference, precision_of
from sibsim.core.prices import index_factor
from sibsim.core.stages import Measurement, Precision, Standing
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.decisions.diagnosing.diagnosands import Courses
from sibsim.errors import ArgumentError
from sibsim.evaluation.base import EvaluationDesign
from sibsim.payments.base import PaymentModel, Terms
from sibsim.payments.limits import ContractLimit
from sibsim.payments.settlement import settle_payments
from sibsim.world import Setting, layers_of, outcomes_in, reports_in, setting

STATED_LEVEL = 0.95
"""Level of the interval that evaluators state."""

SAME = 1e-9
"""Expected results with no effort that lie this close to the counterfactual are the same."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at: a measure, the lines that read it, a follow-up, a test."""

    measure: str
    """Name of the measure."""

    lines: Mapping[str, PaymentModel]
    """The payment lines that read it, by name."""

    at_months: int
    """The follow-up of estimate and truth, in months from the start of service."""

    alpha: float
    """Level of tests that the contract does not state."""

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that the lines read, with their clauses."""
        read = [each.measure for line in self.lines.values() for each in line.all_readings]
        return tuple(dict.fromkeys(read))

    @property
    def direction(self) -> float:
        """1 where more is paid for, -1 where fewer is."""
        fewer = any(
            line.pays_for_fewer
            or (line.trigger is not None and line.trigger.better == "fewer")
            or any(
                each.of == "reduction" and each.measure == self.measure for each in line.readings
            )
            for line in self.lines.values()
        )
        return -1.0 if fewer else 1.0

    @property
    def tested(self) -> PaymentModel | None:
        """The first line that pays only where the report shows something; None: none does."""
        triggered = (line for line in self.lines.values() if line.trigger is not None)
        return next(triggered, None)


def asked_of(case: Case, measure: str, *, at_months: int | None, alpha: float) -> Asked:
    """Return what is looked at; by default the last follow-up that any of the lines reads.

    Raises
    ------
    ArgumentError
        If no payment line reads the measure, or it is not measured at the follow-up.
    """
    lines = {
        name: line
        for name, line in case.contract.payments.items()
        if any(each.measure == measure for each in line.readings)
    }
    if not lines:
        message = f"measure: got {measure!r}, which no payment line reads; name one that is paid by"
        raise ArgumentError(message)
    known = case.outcomes[case.measures[measure].outcome].follow_up_months
    if at_months is None:
        read = [
            months
            for line in lines.values()
            for each in line.readings
            if each.measure == measure
            for months in each.at_months or known
        ]
        at_months = max(read)
    if at_months not in known:
        message = (
            f"at_months: got {at_months}; {measure} is measured at "
            f"{', '.join(map(str, known))} months; use one of these"
        )
        raise ArgumentError(message)
    return Asked(measure, lines, at_months, alpha)


def courses_of(case: Case, asked: Asked, *, draws: int, seed: int) -> Courses:
    """Return what the evaluation finds and the lines pay in each simulated course.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    asked
        What is looked at.
    draws
        Number of courses, D.
    seed
        Seed of all chance.

    Raises
    ------
    ArgumentError
        If no effort does not undo the effect of the intervention.
    """
    parts = [
        _block(case, asked, seed=seed, block=block)
        for block in range(math.ceil(draws / BLOCK_DRAWS))
    ]
    return Courses(
        **{
            each.name: np.concatenate([getattr(part, each.name) for part in parts])[:draws]
            for each in fields(Courses)
        }
    )


def _block(case: Case, asked: Asked, *, seed: int, block: int) -> Courses:
    """Return the courses of one block."""
    as_it_is = setting(case, layers_of(seed=seed, block=block))
    outcomes = [case.measures[name].outcome for name in asked.measures]
    paths = outcomes_in(case, as_it_is, only=outcomes)
    without = as_it_is.with_effort(0.0)
    paths_without = outcomes_in(case, without, only=outcomes)
    for name, path in paths_without.items():
        check_undone(name, path=path)
    reports = reports_in(case, as_it_is, paths=paths, only=asked.measures)
    reports_without = reports_in(case, without, paths=paths_without, only=asked.measures)
    exact = {
        name: exact_report(
            paths[case.measures[name].outcome],
            compares=case.measures[name].compares,
            by_person=any(line.needs_persons for line in asked.lines.values()),
        )
        for name in asked.measures
    }
    path, report = paths[case.measures[asked.measure].outcome], reports[asked.measure]
    found = _seen(case, asked, report=report, path=path)
    other = _seen(
        case,
        asked,
        report=reports_without[asked.measure],
        path=paths_without[case.measures[asked.measure].outcome],
    )
    found |= {
        "estimate_without_effect": other["estimate"],
        "significant_without_effect": other["significant"],
    }
    for name, each in (
        ("paid", reports),
        ("deserved", exact),
        ("paid_without_effect", reports_without),
    ):
        found[name] = _paid(case, asked, measured=each, found=as_it_is)
    return Courses(**{name: np.broadcast_to(each, (BLOCK_DRAWS,)) for name, each in found.items()})


def check_undone(name: str, *, path: OutcomePath) -> None:
    """Refuse an outcome whose effect is still there when nobody gets any intervention.

    Parameters
    ----------
    name
        Name of the outcome.
    path
        What is achieved without any effort.

    Raises
    ------
    ArgumentError
        If no effort does not undo the effect.
    """
    if not np.allclose(path.expected, path.counterfactual, rtol=SAME, atol=SAME):
        message = (
            f"outcomes.{name}: without any effort its results still differ from the "
            "counterfactual, so that nothing shows what would be paid without an effect; state "
            "the effect as one on the counterfactual"
        )
        raise ArgumentError(message)


def exact_report(path: OutcomePath, *, compares: bool, by_person: bool) -> Measurement:
    """Return the report of an evaluator who knows the truth.

    Parameters
    ----------
    path
        What is achieved; its expectations are the truth.
    compares
        Whether the report holds a comparison.
    by_person
        Whether it says of each participant with what probability the outcome is achieved.
    """
    people = path.people[:, np.newaxis]
    number = np.broadcast_to(people, (*path.expected.shape[:2], people.shape[-1]))
    nobody = np.zeros((*path.expected.shape[:2], 1))
    return Measurement(
        follow_up_months=path.follow_up_months,
        when=path.when,
        treated_sum=number * path.expected,
        treated_n=number,
        comparison_sum=number * path.counterfactual if compares else nobody,
        comparison_n=number if compares else nobody,
        claims=tuple(
            member[:, np.newaxis] * mean
            for member, mean in zip(path.member, path.expected, strict=True)
        )
        if by_person
        else None,
        precision=Precision(own=nobody, common=nobody),
    )


def _seen(
    case: Case, asked: Asked, *, report: Measurement, path: OutcomePath
) -> dict[str, FloatArray]:
    """Return what the evaluation says, and what is true, of all cohorts together, (1 or D,) each.

    Estimate and truth weight cohorts by the participants in the report, those without a comparison
    being left out as in a test; the effect weights them by those who took part, reported or not.
    NaN where there are none.
    """
    design, k = case.measures[asked.measure], path.follow_up_months.index(asked.at_months)
    shown = path.shown
    truth, said = design.truth(path), design.bias(shown) + design.truth(shown)
    found, people = _estimates(report, design=design, position=k)
    estimate = _mean(found, people=people)
    is_indicator = case.outcomes[design.outcome].is_indicator
    error = _stated_error(report, design=design, position=k, is_indicator=is_indicator)
    degrees = precision_of(report).degrees
    level = (1.0 + STATED_LEVEL) / 2.0
    two_sided = stdtrit(degrees, 1.0 - asked.alpha / 2.0) * error
    nothing = np.isnan(error + estimate) | (not design.compares)
    differs = (np.abs(estimate) > 0) & (np.abs(estimate) >= two_sided)
    effect = _mean((path.expected - path.counterfactual)[:, k], people=path.people)
    return {
        "estimate": estimate,
        "truth": _mean(truth[:, k], people=people),
        "stated_bias": _mean((said - truth)[:, k], people=people),
        "standard_error": error,
        "half_width": stdtrit(degrees, level) * error,
        "stands_out": np.where(nothing, np.nan, differs),
        "effect": asked.direction * effect,
        "significant": _passed(asked, report=report, error=error, position=k)
        if design.compares or asked.tested
        else np.full(1, np.nan),
    }


def _estimates(
    report: Measurement, *, design: EvaluationDesign, position: int
) -> tuple[FloatArray, FloatArray]:
    """Return the estimate of each cohort, and the people it is of, (C, 1 or D) each."""
    if design.compares:
        return differences(report, position=position)
    return design.estimate(report)[:, position], report.treated_n[:, position]


def _mean(values: FloatArray, *, people: FloatArray) -> FloatArray:
    """Return the mean over cohorts weighted by people, NaN where there are none, (1 or D,)."""
    total = people.sum(axis=0)
    found: FloatArray = (values * people).sum(axis=0) / np.where(total > 0, total, np.nan)
    return found


def _stated_error(
    report: Measurement, *, design: EvaluationDesign, position: int, is_indicator: bool
) -> FloatArray:
    """Return the standard error that the evaluator states, (1 or D,); NaN where there is none."""
    if report.precision is None and not is_indicator:
        return np.full(1, np.nan)
    if design.compares:
        served = np.ones((len(report.when), 1), dtype=np.bool_)
        _, variance = pooled_difference(report, position=position, served=served)
        return np.asarray(np.sqrt(variance))
    people, own = report.treated_n[:, position], precision_of(report).own
    here = np.broadcast_to(own, (len(people), *own.shape[1:]))[:, min(position, own.shape[1] - 1)]
    total = people.sum(axis=0)
    found: FloatArray = np.sqrt((people**2 * here).sum(axis=0)) / np.where(total > 0, total, np.nan)
    return found


def _passed(asked: Asked, *, report: Measurement, error: FloatArray, position: int) -> FloatArray:
    """Return whether the report passes the contract's trigger, or a one-sided test, (1 or D,).

    What is not measured does not pass; NaN where no standard error is stated.
    """
    line = asked.tested
    if line is not None and line.trigger is not None:
        standing = line.standing_for(_to_the_end(len(report.when)))
        kept = line.trigger.applied(report, standing=standing)
        read = kept.treated_n[:, position] * standing.served
        return np.asarray((read > 0).any(axis=0), dtype=np.float64)
    served = _to_the_end(len(report.when)).served
    passed = passes(
        report, position=position, served=served, alpha=asked.alpha, sign=asked.direction
    )
    return np.where(np.isnan(error), np.nan, passed)


def _to_the_end(cohorts: int) -> Standing:
    """Return the standing of a contract that no right ends early."""
    return Standing(
        served=np.ones((cohorts, 1), dtype=np.bool_),
        end=np.full(1, np.inf),
        cause=np.zeros(1, dtype=np.int8),
    )


def _paid(
    case: Case, asked: Asked, *, measured: Mapping[str, Measurement], found: Setting
) -> FloatArray:
    """Return what the lines pay less what they ask back, over the contract, (1 or D,)."""
    agreed, timeline = case.contract.terms, case.timeline
    assert agreed is not None  # noqa: S101 - a case that runs has them, `check_complete`
    years = timeline.year_of_period
    terms = Terms(
        timeline,
        lag_months=agreed.lag_months,
        last=timeline.months_at(agreed.last_payment),
        planned=found.participation.planned,
        factors={
            line.index: index_factor(
                line.index, indices=case.indices, years=years, price_year=case.head.price_year
            )
            for line in asked.lines.values()
            if line.index is not None
        },
    )
    payments = settle_payments(
        asked.lines,
        measured=measured,
        standing=_to_the_end(len(found.participation.planned)),
        limits=ContractLimit(),
        terms=terms,
        payers=agreed.payers,
    )
    back = added(payments.returned_to.values(), shape=(timeline.periods, 1))
    whole = added(payments.paid.values(), shape=(timeline.periods, 1)) - back
    return np.asarray(whole.sum(axis=0))
