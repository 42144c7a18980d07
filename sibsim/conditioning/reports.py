"""Reports and expectations in which what was really reported stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sibsim.case import Case
from sibsim.conditioning.paths import rows_of
from sibsim.conditioning.people import Chosen, Pool
from sibsim.core.arrays import BoolArray, FloatArray, Indicator
from sibsim.core.facts import Facts, Reports
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Measurement, Precision
from sibsim.evaluation.base import rate


def as_reported(
    measured: Mapping[str, Measurement],
    *,
    facts: Facts,
    pool: Pool | None = None,
    chosen: Chosen | None = None,
) -> dict[str, Measurement]:
    """Return the reports with those that were really made in the place of simulated ones.

    Parameters
    ----------
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
            kept = pool.measured[name].claims or claims
            claims = tuple(
                _kept(each, rows_of(chosen[c], kept[c], rows=len(each)), report.known[c])
                if c in chosen
                else each
                for c, each in enumerate(claims)
            )
        found[name] = replace(
            plan,
            treated_sum=_instead(plan.treated_sum, report.treated_sum),
            treated_n=_instead(plan.treated_n, report.treated_n),
            comparison_sum=_instead(plan.comparison_sum, report.comparison_sum),
            comparison_n=_instead(plan.comparison_n, report.comparison_n),
            claims=claims,
            precision=_stated(plan.precision, report=report),
        )
    return found


def _kept(now: Indicator, then: Indicator, known: BoolArray) -> Indicator:
    """Return claims that stand where there is a report and are made anew elsewhere, (P, K, D)."""
    return np.where(known[:, np.newaxis], then, now)


def _instead(simulated: FloatArray, really: FloatArray) -> FloatArray:
    """Return what was really reported, and what is simulated where nothing was, (C, K, 1 or D)."""
    fact = really[..., np.newaxis]
    return np.where(np.isnan(fact), simulated, fact)


def _stated(plan: Precision | None, *, report: Reports) -> Precision | None:
    """Return the error of each report as it states it; what cohorts share of it is as planned."""
    if plan is None or np.isnan(report.standard_error).all():
        return plan
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
    """Return the paths of expectations in which what was reported has come about.

    Where several measures report an outcome, the first of the case says what is so.

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
        report, outcome = facts.reports[name], case.measures[name].outcome
        if outcome not in found or not found[outcome].value:
            continue
        path = found[outcome]
        mean = rate(report.treated_sum, number=report.treated_n)[..., np.newaxis]
        known = report.known[..., np.newaxis]
        people = path.people[:, np.newaxis]
        found[outcome] = replace(
            path,
            achieved=np.where(known, mean * people, path.achieved),
            value=tuple(np.where(known[c], mean[c], each) for c, each in enumerate(path.value)),
        )
    return found
