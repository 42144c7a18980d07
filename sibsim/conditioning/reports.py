"""Reports and expectations in which what was really reported stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sibsim.case import Case
from sibsim.conditioning.paths import rows_of
from sibsim.conditioning.people import Chosen, Pool, reported_places
from sibsim.core.arrays import BoolArray, FloatArray, Indicator
from sibsim.core.facts import Facts, Reports
from sibsim.core.paths import OutcomePath
from sibsim.core.precision import precision_of
from sibsim.core.stages import Measurement, Precision
from sibsim.evaluation.base import EvaluationDesign, rate


def as_reported(
    case: Case,
    measured: Mapping[str, Measurement],
    *,
    facts: Facts,
    pool: Pool | None = None,
    chosen: Chosen | None = None,
) -> dict[str, Measurement]:
    """Return the reports with those that were really made in the place of simulated ones.

    Parameters
    ----------
    case
        The case.
    measured
        Simulated reports, by measure.
    facts
        What was really reported.
    pool, chosen
        Simulated people and who of them were chosen, who keep what is said of each; None: nobody.
    """
    found = dict(measured)
    for name, report in facts.reports.items():
        plan = measured[name]
        claims = plan.claims
        if pool is not None and chosen and claims is not None:
            path = pool.paths[case.measures[name].outcome].shown
            claims = tuple(
                _claims_of(
                    each, name=name, cohort=c, path=path, pool=pool, facts=facts, chosen=chosen
                )
                if c in chosen
                else each
                for c, each in enumerate(claims)
            )
        reported = replace(
            plan,
            treated_sum=_instead(plan.treated_sum, report.treated_sum),
            treated_n=_instead(plan.treated_n, report.treated_n),
            comparison_sum=_instead(plan.comparison_sum, report.comparison_sum),
            comparison_n=_instead(plan.comparison_n, report.comparison_n),
            claims=claims,
        )
        found[name] = replace(reported, precision=_stated(reported, report=report))
    return found


def _claims_of(
    now: Indicator,
    *,
    name: str,
    cohort: int,
    path: OutcomePath,
    pool: Pool,
    facts: Facts,
    chosen: Chosen,
) -> Indicator:
    """Return claims that stand where there is a report and are made anew elsewhere, (P, K, D).

    People whom a report leaves out have no claim.
    """
    report, measured = facts.reports[name], pool.measured[name]
    assert measured.claims is not None  # noqa: S101 - the design names people in every block
    then = rows_of(chosen[cohort], measured.claims[cohort], rows=len(now)).copy()
    known = report.known[cohort]
    for k in np.flatnonzero(known):
        at = (cohort, int(k))
        within = reported_places(measured, path=path, report=report, at=at)
        if within is not None:
            then[within:, k] = 0
    return np.where(known[:, np.newaxis], then, now)


def _instead(simulated: FloatArray, really: FloatArray) -> FloatArray:
    """Return what was really reported, and what is simulated where nothing was, (C, K, 1 or D)."""
    fact = really[..., np.newaxis]
    return np.where(np.isnan(fact), simulated, fact)


def _stated(measured: Measurement, *, report: Reports) -> Precision | None:
    """Return the error of each report as it states it; what cohorts share of it is as planned."""
    if np.isnan(report.standard_error).all():
        return measured.precision
    plan = precision_of(measured)
    own, common = np.broadcast_arrays(plan.own, plan.common)
    variance = report.standard_error[..., np.newaxis] ** 2
    shared = np.divide(common, own + common, out=np.zeros(own.shape), where=own + common > 0)
    stated = ~np.isnan(variance)
    return replace(
        plan,
        own=np.where(stated, variance * (1.0 - shared), own),
        common=np.where(stated, variance * shared, common),
    )


def expected_paths(
    case: Case, paths: Mapping[str, OutcomePath], *, facts: Facts
) -> dict[str, OutcomePath]:
    """Return the paths of expectations, given what was reported.

    A person who is reported a success is one with probability p r1 / (p r1 + (1 - p) r0), one who
    is not with probability p (1 - r1) / (p (1 - r1) + (1 - p) (1 - r0)); p is what is expected, r1
    and r0 are the chances that a success and a failure are reported a success. Where reports are
    right, that is what was reported. Of several measures of an outcome the first that the facts
    name says what is so.

    Parameters
    ----------
    case
        The case.
    paths
        What is expected, by outcome.
    facts
        What was really reported.
    """
    found = dict(paths)
    for name in reversed(list(facts.reports)):
        report, design = facts.reports[name], case.measures[name]
        path = paths.get(design.outcome)
        if path is None or not path.value:
            continue
        shown = rate(report.treated_sum, number=report.treated_n)[..., np.newaxis]
        mean = _given(shown, path=path, design=design)
        known = report.known[..., np.newaxis]
        people = path.people[:, np.newaxis]
        found[design.outcome] = replace(
            path,
            achieved=np.where(known, mean * people, path.achieved),
            value=tuple(np.where(known[c], mean[c], each) for c, each in enumerate(path.value)),
            parts={
                segment: _in_proportion(part, whole=path, mean=mean, known=known)
                for segment, part in path.parts.items()
            },
        )
    return found


def _in_proportion(
    part: OutcomePath, *, whole: OutcomePath, mean: FloatArray, known: BoolArray
) -> OutcomePath:
    """Return the path of a segment whose share of what was reported is what is expected of it."""
    share = rate(part.achieved, number=whole.achieved)
    reported = share * mean * whole.people[:, np.newaxis]
    return replace(part, achieved=np.where(known, reported, part.achieved))


def _given(shown: FloatArray, *, path: OutcomePath, design: EvaluationDesign) -> FloatArray:
    """Return the mean result of participants of whom a share is reported, (C, K, 1)."""
    if design.compares or path.counted:
        return shown
    likely = path.shown.expected
    recognised, wrong = (
        each + design.bias(replace(path.shown, expected=each))
        for each in (np.ones(likely.shape), np.zeros(likely.shape))
    )
    of_reported = rate(likely * recognised, number=likely * recognised + (1.0 - likely) * wrong)
    missed, right = likely * (1.0 - recognised), (1.0 - likely) * (1.0 - wrong)
    of_others = rate(missed, number=missed + right)
    return np.asarray(shown * of_reported + (1.0 - shown) * of_others)
