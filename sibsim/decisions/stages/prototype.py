"""Simulate a case once, settle it scaled and stopped, and weigh every rule for the decision."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.arrays import BoolArray
from sibsim.core.streams import Rng, seed_from
from sibsim.decisions.stages.asked import (
    DRAWS,
    INVESTOR_METRICS,
    PRESENT_VALUE,
    PUBLIC_METRICS,
    REPLICATIONS,
    SHOWN_METRICS,
    listed,
    metric_faults,
    number_faults,
    threshold_faults,
)
from sibsim.decisions.stages.courses import Courses, courses_of
from sibsim.decisions.stages.decision import Decision, decision_of
from sibsim.decisions.stages.rules import Sweep, at_least, expected_gain, sweep
from sibsim.decisions.stages.sizes import Sized, size_faults, sized, with_first
from sibsim.decisions.stages.staged import Staging
from sibsim.errors import ArgumentError


def staging(
    case: Case,
    *,
    measure: str | None = None,
    at_months: int | None = None,
    thresholds: Iterable[float] | None = None,
    sizes: Iterable[int] | None = None,
    investor: str = INVESTOR_METRICS[0],
    municipality: str = PUBLIC_METRICS[0],
    replications: int = REPLICATIONS,
    draws: int = DRAWS,
    rng: Rng = 0,
) -> Staging:
    """Return what it is worth to decide on the scale-up by the result of the first cohort.

    Parameters
    ----------
    case
        A case with two cohorts or more.
    measure
        Measure that decides; None: that of the contract's right to end, else the only one.
    at_months
        Follow-up that decides, in months from the start of service; None: that of the right, else
        the measure's first.
    thresholds
        Least results with which to scale that are tried; None: every result that occurs.
    sizes
        Numbers of people in the first cohort to compare, the total staying the same; None: none.
    investor
        What the investor decides by: `investor_npv`, `investor_profit` or
        `investor_profit_after_costs`.
    municipality
        What the municipality decides by: `municipality_net`, `municipality_npv` or `public_net`.
    replications
        Times that the same parameters are told with other luck to know which programmes are worth
        scaling, at least 2.
    draws
        Number of draws (D), at least 512.
    rng
        Seed, a generator to take one from, or None for a fresh one.

    Raises
    ------
    ArgumentError, UnknownNameError
        If an argument is out of range, there is nothing to scale, or the result that decides is
        known only after the next cohort has started.
    """
    check_complete(case)
    decision = decision_of(case, measure=measure, at_months=at_months)
    levels = None if thresholds is None else listed("thresholds", thresholds)
    wanted = listed("sizes", sizes)
    faults = [
        *metric_faults(case, investor=investor, municipality=municipality),
        *number_faults(draws=draws, rng=rng, replications=replications),
        *threshold_faults(case, decision, levels),
        *size_faults(decision, wanted),
    ]
    if faults:
        raise ArgumentError("\n  ".join(faults))
    seed, parties = seed_from(rng), (investor, municipality)

    def told(case: Case, decision: Decision) -> Courses:
        shown = [
            name for name in SHOWN_METRICS if case.valuation or not name.endswith(PRESENT_VALUE)
        ]
        return courses_of(
            case,
            decision,
            metrics=tuple(dict.fromkeys((*shown, *parties))),
            parties=parties,
            replications=replications,
            draws=draws,
            seed=seed,
        )

    courses, found = told(case, decision), list[Sized]()
    swept = sweep(courses, thresholds=levels)
    for people in sorted(set(wanted)):
        other, there = case, decision
        if people != decision.first_people:
            other = with_first(case, decision, people)
            right = decision.right
            there = decision_of(other, measure=right.measure, at_months=right.at_months)
        here = courses if other is case else told(other, there)
        found += sized(here, there, people=people, thresholds=levels)
    return Staging(
        case=case,
        decision=decision,
        investor=investor,
        municipality=municipality,
        draws=draws,
        seed=seed,
        replications=replications,
        courses=courses,
        swept=swept,
        rules=_rules(courses, decision, swept=swept),
        sized=tuple(found),
    )


def _rules(courses: Courses, decision: Decision, *, swept: Sweep) -> dict[str, BoolArray]:
    """Return where each rule scales, by its name."""
    rules: dict[str, BoolArray] = {
        "scale always": np.ones(courses.draws, dtype=np.bool_),
        "stop always": np.zeros(courses.draws, dtype=np.bool_),
    }
    if decision.is_own:
        rules["contract"] = decision.goes_on(courses.number, courses.people)
    for party in courses.truth:
        rules[f"threshold {party}"] = at_least(courses, swept.best(party))
        rules[f"reports {party}"] = np.asarray(expected_gain(courses, party) >= 0)
    reports = [rules[f"reports {party}"] for party in courses.truth]
    return {**rules, "reports both": np.logical_and.reduce(reports)}
