"""How large the first cohort should be: the same total, another part of it first.

With n people first, the first cohort's share is n / total and the later cohorts keep their
proportions. Everything else stays as the case says: dates, capital, limits, and costs by what they
are counted by. Every size is simulated with the same seed and has its own programmes that are worth
scaling, since what is left to scale differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sibsim.case import Case
from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.statistics import Estimate
from sibsim.core.validation import shown
from sibsim.decisions.stages.courses import Courses
from sibsim.decisions.stages.decision import Decision
from sibsim.decisions.stages.rules import at_least, chances, expected_gain, sweep, weighed


@dataclass(frozen=True, eq=False)
class Sized:
    """What one size of the first cohort comes to for one party under one rule."""

    people: int
    """Participants planned to start in the first cohort."""

    rule: str
    """`threshold` (the best for the party), `reports` or `contract`."""

    party: str
    """The metric by which the party decides."""

    threshold: float | None
    """Least result with which to scale; None where the rule has none."""

    metric: FloatArray
    """The metric under the rule, (D,)."""

    mean: Estimate
    """Its mean."""

    option: Estimate
    """The mean less that of the best choice that looks at nothing."""

    p_stop_good: Estimate
    """Chance that a programme that is good for the party is stopped."""

    p_scale_bad: Estimate
    """Chance that a programme that is bad for the party is scaled."""


def size_faults(decision: Decision, sizes: Sequence[object]) -> Iterator[str]:
    """Yield what is wrong with sizes of the first cohort.

    Parameters
    ----------
    decision
        The decision after the first cohort.
    sizes
        The sizes.
    """
    total = f"{decision.all_people:g}"
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            yield (
                f"sizes: got {shown(size)}; a first cohort is a whole number of people from 1 to "
                f"below {total}, all who are planned to start"
            )
        elif size >= decision.all_people:
            yield (
                f"sizes: got {size}, but {total} are planned to start in all, which leaves nobody "
                f"to scale to; take fewer than {total}, or raise target_group.size"
            )


def with_first(case: Case, decision: Decision, people: int) -> Case:
    """Return the case with so many in the first cohort and the same total.

    Parameters
    ----------
    case
        The case.
    decision
        Its decision after the first cohort.
    people
        Participants planned to start in the first cohort.
    """
    assert case.delivery is not None  # noqa: S101 - a case that runs has one
    first, *later = (cohort.share for cohort in case.delivery.cohorts)
    share = people / decision.all_people
    shares = [share, *(each * (1.0 - share) / (1.0 - first) for each in later)]
    return case.with_({f"delivery.cohorts.{c}.share": each for c, each in enumerate(shares)})


def sized(
    courses: Courses, decision: Decision, *, people: int, thresholds: Sequence[float] | None
) -> Iterator[Sized]:
    """Yield what a size comes to, by party and rule.

    Parameters
    ----------
    courses
        The courses with that size.
    decision
        Its decision.
    people
        Participants planned to start in the first cohort.
    thresholds
        Thresholds that may be chosen; None: all results.
    """
    swept = sweep(courses, thresholds=thresholds)
    for party in courses.truth:
        best = swept.best(party)
        rules: dict[str, tuple[float | None, BoolArray]] = {
            "threshold": (best, at_least(courses, best)),
            "reports": (None, expected_gain(courses, party) >= 0),
        }
        if decision.is_own:
            own = decision.goes_on(courses.number, courses.people)
            rules["contract"] = (decision.right.below, own)
        for name, (threshold, rule) in rules.items():
            values, often = courses.under(rule, party), chances(courses, rule)
            found = weighed(courses, values, metric=party)
            yield Sized(
                people=people,
                rule=name,
                party=party,
                threshold=threshold,
                metric=values,
                mean=found.mean,
                option=found.option,
                p_stop_good=often[f"p_stop_good.{party}"],
                p_scale_bad=often[f"p_scale_bad.{party}"],
            )
