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
Assumption: people who were referred and did not start stay as simulated; so do outcomes that count
those referred, and outcomes of which only numbers of people are drawn.
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
from sibsim.evaluation.base import rate

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

    target: FloatArray
    """What it came to, (1 or D,)."""

    unit: FloatArray
    """Result that counts as one when sums are compared: 1 for yes or no, else a standard deviation
    between people, (1,)."""


def pooled(facts: Facts) -> Facts:
    """Return the facts with as many people as are simulated of the cohorts that were seen."""
    started = facts.started.copy()
    for cohort in facts.seen:
        started[cohort] = max(POOL * started[cohort], started[cohort] + LEAST_POOL)
    return facts.with_started(started)


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
            started=int(facts.started[cohort]),
            people=people,
            read=words_of(f"seen/{cohort}"),
        )
        chosen[cohort] = order
        missed += np.maximum(np.abs(gap) - AGREED, 0.0).sum(axis=1)
    return chosen, missed


def _sums(case: Case, pool: Pool, *, facts: Facts, cohort: int) -> Iterator[Sum]:
    """Yield what is known of a cohort's people."""
    people = len(pool.participation.completes[cohort])
    if not np.isnan(facts.completed[cohort]):
        completes = pool.participation.completes[cohort]
        yield Sum(completes, facts.completed[[cohort]], np.ones(1))
    for name, report in facts.reports.items():
        outcome = case.outcomes[case.measures[name].outcome]
        if not outcome.by_person or outcome.among == "referred":
            continue
        path = pool.paths[case.measures[name].outcome].shown
        measured = pool.measured[name]
        claims = _claims(measured, path=path, cohort=cohort)[:people]
        for k in np.flatnonzero(report.known[cohort]):
            yield _sum_of(
                claims[:, k],
                measured=measured,
                report=report,
                at=(cohort, int(k)),
                started=float(facts.started[cohort]),
                is_indicator=outcome.is_indicator,
            )


def _claims(measured: Measurement, *, path: OutcomePath, cohort: int) -> Indicator:
    """Return what the report says of each person, or what is so, (P, K, 1 or D)."""
    if measured.claims is not None:
        return measured.claims[cohort]
    result: Indicator = path.member[cohort][:, np.newaxis] * path.value[cohort]
    return result


def _sum_of(
    claims: Indicator,
    *,
    measured: Measurement,
    report: Reports,
    at: tuple[int, int],
    started: float,
    is_indicator: bool,
) -> Sum:
    """Return the sum that a report makes known.

    A report that counts fewer people than took part (lost results) says it of the others in
    proportion.
    """
    reported = float(report.treated_sum[at])
    shown = rate(measured.treated_sum[at].mean(), number=measured.treated_n[at].mean())
    of_all = rate(count(claims).mean(), number=np.array(float(len(claims))))
    seen = float(rate(of_all, number=shown)) if shown > 0 else 1.0
    per_person = reported / max(float(report.treated_n[at]), 1.0)
    target = np.full(1, per_person * started * seen)
    if is_indicator:
        return Sum(claims, np.rint(target), np.ones(1))
    spread = np.maximum(claims.std(), np.finfo(np.float64).tiny)
    return Sum(claims, target, np.full(1, spread))


def _exchanged(
    sums: list[Sum], *, started: int, people: int, read: Words
) -> tuple[IntArray, FloatArray]:
    """Return who stands in which place, (P, D), and how far the sums are off, (D, m).

    Parameters
    ----------
    sums
        What is known, m sums.
    started
        People who started, n: the first n places.
    people
        Simulated people, P.
    read
        Reads the words that decide.
    """
    draws = np.arange(BLOCK_DRAWS)
    each = np.stack([np.broadcast_to(s.of / s.unit, (people, BLOCK_DRAWS)) for s in sums], axis=-1)
    target = np.stack([np.broadcast_to(s.target / s.unit, BLOCK_DRAWS) for s in sums], axis=-1)
    gap = each[:started].sum(axis=0) - target
    far = np.abs(gap).sum(axis=1)
    # One index instead of two: person and draw together, which is read much faster.
    results = each.astype(np.float32).reshape(people * BLOCK_DRAWS, len(sums))
    order = np.arange(people * BLOCK_DRAWS)
    others = people - started
    steps = EXCHANGES * started if others else 0
    for step in range(steps):
        words = read(3)
        place = _place(words[0], of=started)
        other = started + _place(words[1], of=others)
        here, there = place * BLOCK_DRAWS + draws, other * BLOCK_DRAWS + draws
        one, two = order.take(here), order.take(there)
        moved = gap + (results.take(two, axis=0) - results.take(one, axis=0))
        further = np.abs(moved).sum(axis=1)
        warmth = WARMTH * max(0.0, 1.0 - step / (COOL_AFTER * steps))
        taken = further <= far - warmth * np.log((words[2] + 0.5) / SHORT_RANGE)
        order[here[taken]], order[there[taken]] = two[taken], one[taken]
        gap[taken], far[taken] = moved[taken], further[taken]
    return order.reshape(people, BLOCK_DRAWS) // BLOCK_DRAWS, gap


def _place(words: Short, *, of: int) -> IntArray:
    """Return a place among so many from 16-bit words, each as likely but for 2^-16, (D,)."""
    return (words.astype(np.int64) * of) >> SHORT_BITS
