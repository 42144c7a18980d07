"""People who have been seen: simulated people exchanged until they have the reported results.

Given the parameters, the people of a cohort are alike and independent. What is known of them are
sums: how many completed, how many achieved an outcome at a follow-up. So the people of a draw are
drawn given those sums: of five times as many simulated people those in the programme are exchanged
for others, one pair at a time, until the sums agree. A pair that brings no sum further away is
exchanged always, any other with a probability that falls to nothing (simulated annealing); among
choices that agree all are equally likely. Everything else that a person carries, later follow-ups,
other outcomes, states week by week, goes along, so that what is yet to come depends on what was
seen as the outcome models say.

Source: Kirkpatrick, Gelatt, Vecchi (1983), Optimization by simulated annealing, Science 220(4598).
Assumptions: outcomes of which only numbers of people are drawn stay as simulated. People of a
cohort are alike given the parameters; where clusters make them more alike, what their luck was in
one cohort says nothing of the next. The comparison group of a report is not carried on: at later
follow-ups it is what is expected of anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray, Indicator, IntArray
from sibsim.core.facts import Facts, Reports
from sibsim.core.luck import count
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Measurement, Participation
from sibsim.core.streams import BLOCK_DRAWS, SHORT_BITS, SHORT_RANGE, Short

POOL, LEAST_POOL = 5, 60
"""Simulated people for each one who started, and at least how many more: enough that results that
were not likely can still be made up of them. Where 30 people of whom 20 succeed at one follow-up
keep their luck with probability 0.8 and only 15 succeed at the next, though more were expected, the
people of three times as many meet both in 28 % of draws, those of six times as many in 82 %."""

EXCHANGES = 20
"""Pairs that are tried per person who started. Twice as many change neither how often the sums are
met nor mean and variance of what comes later, as far as 4,096 draws can tell."""

WARMTH = 0.5
"""Probability scale at the first pair: what brings the sums 0.5 further away, in results of people,
is exchanged with probability 1 / e."""

COOL_AFTER = 0.6
"""Share of the pairs after which nothing is exchanged that brings the sums further away."""

AGREED = 0.5
"""Distance, in results of people, within which a sum counts as met: it cannot be nearer where a
report is no whole number of simulated results."""

ALL_OF_THEM = 1e-9
"""Share of people that may be lost to rounding before a design counts as one that loses people."""

Words = Callable[[int], Short]
"""Reads rows of uniform 16-bit words of a stream, (rows, D)."""

Chosen = Mapping[int, IntArray]
"""By cohort, which simulated person stands in each place, (P, D)."""


@dataclass(frozen=True, slots=True)
class Pool:
    """More simulated people than there were, of the cohorts that were seen."""

    participation: Participation
    """Who could have come and stayed."""

    paths: Mapping[str, OutcomePath]
    """What each of them achieves, by outcome."""

    measured: Mapping[str, Measurement]
    """What is reported of them, by measure."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum that is known of a cohort's people."""

    of: Indicator
    """What each simulated person adds to it, (P, 1 or D)."""

    target: float
    """What it came to."""

    places: int
    """Whose it is: those in so many of the first places."""

    unit: float
    """Result that counts as one when sums are compared: 1 for yes or no, else a standard deviation
    between people."""


def pool_of(facts: Facts) -> dict[int, int]:
    """Return how many people are simulated of each cohort that was seen, by position."""
    found = {}
    for cohort in facts.seen:
        people = _places(facts, cohort=cohort)
        found[cohort] = max(POOL * people, people + LEAST_POOL)
    return found


def _places(facts: Facts, *, cohort: int) -> int:
    """Return how many people of a cohort are known to be there: referred, or else started."""
    return int(np.nanmax([facts.started[cohort], facts.referred[cohort]]))


def choose(
    case: Case, pool: Pool, *, facts: Facts, words_of: Callable[[str], Words]
) -> tuple[Chosen, FloatArray]:
    """Return who stands in which place, and how many results are not met in each draw, (D,).

    Parameters
    ----------
    case
        The case.
    pool
        Simulated people of the cohorts that were seen.
    facts
        What is known of them.
    words_of
        Gives the reader of a stream of the chance layer by its name.
    """
    chosen, missed = {}, np.zeros(BLOCK_DRAWS)
    for cohort in facts.seen:
        sums = list(_sums(case, pool, facts=facts, cohort=cohort))
        people = len(pool.participation.completes[cohort])
        if not sums or not people:
            continue
        order, gap = _exchanged(
            sums,
            there=_places(facts, cohort=cohort),
            people=people,
            read=words_of(f"seen/{cohort}"),
        )
        chosen[cohort] = order
        missed += np.maximum(np.abs(gap) - AGREED, 0.0).sum(axis=1)
    return chosen, missed


def _sums(case: Case, pool: Pool, *, facts: Facts, cohort: int) -> Iterator[Sum]:
    """Yield what is known of a cohort's people."""
    people = len(pool.participation.completes[cohort])
    started, completed = int(facts.started[cohort]), facts.completed[cohort]
    if not np.isnan(completed):
        yield Sum(pool.participation.completes[cohort], float(completed), started, 1.0)
    for name, report in facts.reports.items():
        outcome = case.outcomes[case.measures[name].outcome]
        if not outcome.by_person:
            continue
        path = pool.paths[case.measures[name].outcome].shown
        claims = _claims(pool.measured[name], path=path, cohort=cohort)[:people]
        count_among = {
            "started": started,
            "completed": completed,
            "referred": _places(facts, cohort=cohort),
        }[outcome.among]
        for k in np.flatnonzero(report.known[cohort]):
            yield _sum_of(
                claims[:, k],
                measured=pool.measured[name],
                path=path,
                report=report,
                at=(cohort, int(k)),
                among=float(count_among),
                places=_places(facts, cohort=cohort) if outcome.among == "referred" else started,
                by_place=outcome.among != "completed",
                is_indicator=outcome.is_indicator,
            )


def _claims(measured: Measurement, *, path: OutcomePath, cohort: int) -> Indicator:
    """Return what the report says of each person, or what is so, (P, K, 1 or D)."""
    if measured.claims is not None:
        return measured.claims[cohort]
    result: Indicator = path.member[cohort][:, np.newaxis] * path.value[cohort]
    return result


def reported_places(
    measured: Measurement, *, path: OutcomePath, report: Reports, at: tuple[int, int]
) -> int | None:
    """Return how many of the first places a report is of; None: it loses people by design.

    Parameters
    ----------
    measured
        What is reported of the simulated people.
    path
        What they achieve.
    report
        What was really reported.
    at
        Positions of cohort and follow-up.
    """
    cohort, _ = at
    if measured.treated_n[at].mean() < path.people[cohort].mean() * (1.0 - ALL_OF_THEM):
        return None
    return int(report.treated_n[at])


def _sum_of(
    claims: Indicator,
    *,
    measured: Measurement,
    path: OutcomePath,
    report: Reports,
    at: tuple[int, int],
    among: float,
    places: int,
    by_place: bool,
    is_indicator: bool,
) -> Sum:
    """Return the sum that a report makes known.

    A report of fewer people than count is one of those in the first places, the others being left
    to chance; of those who completed it says it of the others in proportion. Where the design
    itself loses people, what is claimed stands to what is reported as it does in simulation.
    """
    target = float(report.treated_sum[at])
    within = reported_places(measured, path=path, report=report, at=at)
    if within is None:
        shown = float(measured.treated_sum[at].mean())
        target *= float(count(claims).mean()) / shown if shown > 0 else 1.0
    elif by_place:
        places = min(places, within)
    elif not np.isnan(among):
        target *= among / max(float(report.treated_n[at]), 1.0)
    if is_indicator:
        return Sum(claims, float(np.rint(target)), places, 1.0)
    return Sum(claims, target, places, max(float(claims.std()), np.finfo(np.float64).tiny))


def _exchanged(
    sums: list[Sum], *, there: int, people: int, read: Words
) -> tuple[IntArray, FloatArray]:
    """Return who stands in which place, (P, D), and how far the sums are off, (D, m).

    Parameters
    ----------
    sums
        What is known, m sums.
    there
        People who were there, n: the first n places. Those behind the last place that a sum is of
        are not exchanged. Places that different sums are of are exchanged for different others, so
        that those whom a report leaves out are not what it has left over.
    people
        Simulated people, P.
    read
        Reads the words that decide.
    """
    draws = np.arange(BLOCK_DRAWS)
    each = np.stack([np.broadcast_to(s.of / s.unit, (people, BLOCK_DRAWS)) for s in sums], axis=-1)
    places = np.array([s.places for s in sums])
    gap = np.stack([each[: s.places, :, j].sum(axis=0) for j, s in enumerate(sums)], axis=-1)
    gap -= np.array([s.target / s.unit for s in sums])
    far = np.abs(gap).sum(axis=1)
    # One index instead of two: person and draw together, which is read much faster.
    results = each.astype(np.float32).reshape(people * BLOCK_DRAWS, len(sums))
    order = np.arange(people * BLOCK_DRAWS)
    others = people - there
    bounds = np.unique(places)
    seen = int(bounds[-1])
    # Others of each run of places between two bounds, as many as its part of the places.
    begins = there + others * np.concatenate([[0], bounds]) // max(seen, 1)
    steps = EXCHANGES * seen if others else 0
    for step in range(steps):
        words = read(3)
        place = _place(words[0], of=seen)
        run = np.searchsorted(bounds, place, side="right")
        other = begins[run] + _place(words[1], of=begins[run + 1] - begins[run])
        here, instead = place * BLOCK_DRAWS + draws, other * BLOCK_DRAWS + draws
        one, two = order.take(here), order.take(instead)
        change = results.take(two, axis=0) - results.take(one, axis=0)
        moved = gap + change * (place[:, np.newaxis] < places)
        further = np.abs(moved).sum(axis=1)
        warmth = WARMTH * max(0.0, 1.0 - step / (COOL_AFTER * steps))
        taken = further <= far - warmth * np.log((words[2] + 0.5) / SHORT_RANGE)
        order[here[taken]], order[instead[taken]] = two[taken], one[taken]
        gap[taken], far[taken] = moved[taken], further[taken]
    return order.reshape(people, BLOCK_DRAWS) // BLOCK_DRAWS, gap


def _place(words: Short, *, of: int | IntArray) -> IntArray:
    """Return a place among so many from 16-bit words, each as likely but for 2^-16, (D,)."""
    return np.asarray((words.astype(np.int64) * of) >> SHORT_BITS)
