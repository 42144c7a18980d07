"""The result goals: how likely each was to be missed in the plan, how likely it is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.case import Case
from sibsim.core.facts import Facts, Reports
from sibsim.core.statistics import mc_error_of_probability
from sibsim.forecast.learning_error import with_error_of_share
from sibsim.outcomes.goal import Goal
from sibsim.results import Results


@dataclass(frozen=True, slots=True)
class Outlook:
    """One goal in the plan and now."""

    outcome: str
    """Name of the outcome."""

    goal: Goal
    """What is to be achieved."""

    p_missed_plan: float
    """Probability that it is missed, in the plan."""

    mc_error_plan: float
    """Monte Carlo standard error of that."""

    p_missed: float
    """Probability that it is missed, after what has happened."""

    mc_error: float
    """Standard error of that: Monte Carlo error and learning error."""

    reached: float
    """Share or mean result that was reported so far at the follow-up of the goal; NaN: none."""

    people: float
    """People in those reports."""


def outlooks(
    plan: Results, now: Results, *, facts: Facts, independent: float
) -> tuple[Outlook, ...]:
    """Return every goal of a case in the plan and now.

    Parameters
    ----------
    plan, now
        Runs of the plan and of the re-forecast, on the same seed.
    facts
        What has happened.
    independent
        Independent draws that the rows of what was learned are worth; infinity: there are none.
    """
    return tuple(
        _outlook(name, outcome.goal, plan=plan, now=now, facts=facts, independent=independent)
        for name, outcome in plan.case.outcomes.items()
        if outcome.goal is not None
    )


def _outlook(
    name: str, goal: Goal, *, plan: Results, now: Results, facts: Facts, independent: float
) -> Outlook:
    missed = [1.0 - run.metric(f"p_goal.{name}") for run in (plan, now)]
    before, after = missed
    reached, people = _reached(plan.case, facts.reports, outcome=name, at_months=goal.at_months)
    return Outlook(
        outcome=name,
        goal=goal,
        p_missed_plan=float(before.mean()),
        mc_error_plan=mc_error_of_probability(before, nets=plan.in_nets),
        p_missed=float(after.mean()),
        mc_error=with_error_of_share(
            mc_error_of_probability(after, nets=now.in_nets),
            share=float(after.mean()),
            independent=independent,
        ),
        reached=reached,
        people=people,
    )


def _reached(
    case: Case, reports: Mapping[str, Reports], *, outcome: str, at_months: int
) -> tuple[float, float]:
    """Return what was reported per person at a follow-up, by the first measure that did, of whom.

    NaN of 0 people where nobody was.
    """
    k = case.outcomes[outcome].follow_up_months.index(at_months)
    for name, report in reports.items():
        if case.measures[name].outcome == outcome and report.known[:, k].any():
            people = float(np.nansum(report.treated_n[:, k]))
            total = float(np.nansum(report.treated_sum[:, k]))
            return (total / people if people else np.nan), people
    return np.nan, 0.0
