"""Studies of a case: what the evaluator of another form of it would report, draw by draw.

A study is the case with some changes: more people, another design, other follow-ups. In every draw
its quantities are those of the same draw of the case, as far as they are called the same (a
quantity that every cohort draws for itself by the number of the cohort), while what happens to
people and what the evaluator gets wrong are drawn anew. A quantity whose distribution is changed
keeps its rank.

The data are summed up per measure over cohorts: the people in the first report; at each follow-up
the reported rate or mean, and its difference from the comparison where there is one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.stages import Measurement
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.core.validation import shown
from sibsim.decisions.information.estimators import study_faults
from sibsim.decisions.worlds import Luck
from sibsim.errors import ArgumentError
from sibsim.world import outcomes_in, reports_in, setting

OTHER = 1
"""Added to the seed of a run for the luck of its studies, which is independent of the run's."""


@dataclass(frozen=True)
class Study:
    """What is done to learn before deciding: the evaluation of the case in another form."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    """New values by dotted path in the case file, such as `{"target_group.size": 200}`; none: the
    evaluation of the case as it is."""

    cohorts: int | None = None
    """Number of cohorts, the first ones, whose results are awaited, at least 1; None: all."""

    cost: float | None = None
    """What it costs whoever decides, in present value and the case's currency, at least 0; None:
    not known, and then no net value is told."""

    decisions: float = 1.0
    """Number of decisions of this size that the results serve, above 0."""


@dataclass(frozen=True, eq=False)
class Reported:
    """What a study reports in every draw."""

    summary: Mapping[str, FloatArray]
    """Figures that sum up its data, (D,) each."""

    nobody: int
    """Draws in which some measure reports nobody, so that its rate is taken at its mean."""


def read_studies(case: Case, studies: object) -> dict[str, tuple[Study, Case]]:
    """Return the studies by name, each with the case that its evaluator sees.

    Parameters
    ----------
    case
        The case.
    studies
        Studies by name.

    Raises
    ------
    ArgumentError
        If one is no `Study`, or its cost, cohorts or number of decisions is out of range.
    CaseError
        If the changes of one lead nowhere or make the case invalid.
    """
    if not isinstance(studies, Mapping):
        message = (
            f"studies: got {shown(studies)}; give them by name, such as "
            "{'trial with 200': Study(changes={'target_group.size': 200}, cost=300_000)}"
        )
        raise ArgumentError(message)
    faults = [
        f"studies.{name}: {problem}"
        for name, study in studies.items()
        for problem in _faults(study)
    ]
    if faults:
        raise ArgumentError("\n  ".join(faults))
    found = {
        str(name): (study, case.with_(study.changes) if study.changes else case)
        for name, study in studies.items()
    }
    for name, (study, changed) in found.items():
        check_complete(changed)
        number = len(changed.delivery.cohorts) if changed.delivery else 0
        if not changed.measures:
            faults.append(
                f"studies.{name}: got a case without measures, whose evaluator reports nothing; "
                "add one to its changes, such as measures.<name>"
            )
        elif study.cohorts is not None and study.cohorts > number:
            faults.append(
                f"studies.{name}: cohorts: got {study.cohorts}; there are {number} cohorts; ask "
                "for no more, or leave it out for all of them"
            )
    if faults:
        raise ArgumentError("\n  ".join(faults))
    return found


def _faults(study: object) -> list[str]:
    if not isinstance(study, Study):
        return [f"got {shown(study)}; a study is sib.decisions.Study(changes=..., cost=...)"]
    cost = 0.0 if study.cost is None else study.cost
    faults = study_faults(cost=cost, decisions=study.decisions)
    changes: object = study.changes
    if not isinstance(changes, Mapping):
        faults.append(f"changes: got {shown(changes)}; give new values by path in the case")
    if study.cohorts is not None and (type(study.cohorts) is not int or study.cohorts < 1):
        faults.append(f"cohorts: got {shown(study.cohorts)}; it is a whole number of at least 1")
    return faults


def reported(case: Case, *, cohorts: int | None, draws: int, luck: Luck) -> Reported:
    """Return what the evaluator of a study reports in every draw.

    Parameters
    ----------
    case
        The case as the study changes it.
    cohorts
        Number of cohorts whose results are awaited; None: all.
    draws
        Number of draws (D).
    luck
        Seeds of the run, whose parameters are the study's.
    """
    other = luck.chance + OTHER
    luck = replace(luck, chance=other, measurement=other)
    blocks = []
    for block in range(math.ceil(draws / BLOCK_DRAWS)):
        found = setting(case, luck.layers(block))
        measured = {design.outcome for design in case.measures.values()}
        reports = reports_in(case, found, paths=outcomes_in(case, found, only=measured))
        blocks.append(_summary(reports, cohorts=cohorts))
    summary = {
        name: np.concatenate([np.broadcast_to(each[name], (BLOCK_DRAWS,)) for each in blocks])
        for name in blocks[0]
    }
    summary = {name: values[:draws] for name, values in summary.items()}
    undefined = np.any([np.isnan(values) for values in summary.values()], axis=0)
    return Reported(
        {name: _filled(each) for name, each in summary.items()}, nobody=int(undefined.sum())
    )


def _summary(reports: Mapping[str, Measurement], *, cohorts: int | None) -> dict[str, FloatArray]:
    """Return the figures of one block, (1 or D,) each; NaN where nobody is reported."""
    found = {}
    for name, report in reports.items():
        achieved, people, compared, beside = (
            each[:cohorts].sum(axis=0)
            for each in (
                report.treated_sum,
                report.treated_n,
                report.comparison_sum,
                report.comparison_n,
            )
        )
        found[f"{name}.people"] = people[0]
        for k, months in enumerate(report.follow_up_months):
            rate = _share(achieved[k], of=people[k])
            found[f"{name}.{months}"] = rate
            if beside[k].any():
                found[f"{name}.{months}.difference"] = rate - _share(compared[k], of=beside[k])
    return found


def _share(number: FloatArray, *, of: FloatArray) -> FloatArray:
    number, of = np.broadcast_arrays(number, of)
    share = np.full(of.shape, np.nan)
    np.divide(number, of, out=share, where=of > 0)
    return share


def _filled(values: FloatArray) -> FloatArray:
    undefined = np.isnan(values)
    return np.where(undefined, 0.0 if undefined.all() else np.nanmean(values), values)
