"""Who comes and stays: referrals, starts and completions by cohort.

started_c = n_c x volume x (take-up / base take-up), referred_c = n_c x volume / base take-up;
with guaranteed referrals started_c = n_c x volume and referred_c = started_c / take-up. A ramp-up
replaces n_c. Fractions are resolved by floor + Bernoulli. People who complete are drawn one by one.

With a capacity those are the people who *would* start: a wave takes as many as there are free
places, and who finds none is turned away or waits. Assumptions: who drops out keeps the place until
the programme ends; places are offered at the start of each wave only; those who have waited are
like those who have just come, so that their order does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from sibsim.core import inversion
from sibsim.core.arrays import FloatArray, Indicator, added
from sibsim.core.facts import Facts
from sibsim.core.luck import count, successes
from sibsim.core.stages import Context, Participation
from sibsim.delivery.plan import HALF_MONTH, WHOLE_TOLERANCE, Delivery, snapped

NO_POOL: Mapping[int, int] = MappingProxyType({})
"""Nobody but those who start is simulated."""

LEAST_TAKE_UP = 0.01
"""Take-up below which no more people are taken to have been referred for each who started."""


def realise(
    delivery: Delivery,
    *,
    size: float,
    context: Context,
    facts: Facts | None = None,
    pool: Mapping[int, int] = NO_POOL,
) -> Participation:
    """Return who comes and stays.

    Parameters
    ----------
    delivery
        The plan.
    size
        Participants planned to start, all cohorts.
    context
        At the path of the delivery section.
    facts
        What has really happened; cohorts that have started set the delay of those to come, and who
        really came stands in place of who would have.
    pool
        Number of people to simulate of some cohorts, by position, instead of those who start.
    """
    planned, opens = delivery.planned(size), delivery.opens(context.timeline)
    delay = np.floor(context.value("start_delay") + HALF_MONTH)
    start = opens[:, np.newaxis] + delay
    ramped = delivery.ramped(size, timeline=context.timeline)
    began, beside = _expected(delivery, ramped=ramped, context=context)
    if facts is None:
        started, referred = _arrivals(began, beside=beside, context=context)
    else:
        start, delay = _as_begun(opens, delay=delay, facts=facts)
        started, referred = _as_counted(began, beside=beside, facts=facts, context=context)
    turned_away = None
    if delivery.capacity is not None:
        counted = np.full(len(planned), np.nan) if facts is None else facts.started
        started, turned_away = _with_places(
            started, counted=counted, delivery=delivery, context=context
        )
    if pool:
        started = started.copy()
        for cohort, people in pool.items():
            started[cohort] = people
        referred = np.maximum(referred, started)
    completion = _completion(started, facts=facts, context=context)
    completes = tuple(
        _completes(
            started[c],
            completion=completion[c],
            name=context.stream("completion", c),
            context=context,
        )
        for c in range(len(planned))
    )
    partial = Participation(
        planned=planned,
        start=start,
        delay=delay,
        finish_delay=np.floor(context.value("finish_delay") + HALF_MONTH),
        referred=referred,
        started=started,
        completed=started,
        completes=completes,
        turned_away=turned_away,
    )
    return _with_completed(partial)


def _expected(
    delivery: Delivery, *, ramped: FloatArray, context: Context
) -> tuple[FloatArray, FloatArray]:
    """Return how many start and how many more are referred, each (C, 1 or D), before rounding."""
    reached = ramped[:, np.newaxis] * context.value("volume")
    take_up = context.value("take_up")
    if delivery.guaranteed_referrals:
        started, referred = reached, reached / take_up
    else:
        base = delivery.take_up.base_value
        started, referred = reached * (take_up / base), reached / base
    return snapped(started), snapped(np.maximum(referred - started, 0.0))


def _arrivals(
    began: FloatArray, *, beside: FloatArray, context: Context
) -> tuple[FloatArray, FloatArray]:
    """Return how many would start and how many are referred, each (C, 1 or D)."""
    started = _whole(began, name="started", context=context)
    return started, started + _whole(beside, name="referred", context=context)


def _as_begun(
    opens: FloatArray, *, delay: FloatArray, facts: Facts
) -> tuple[FloatArray, FloatArray]:
    """Return when each cohort starts, (C, 1 or D), and the delay of the service, (1, 1 or D).

    A cohort that has started starts when it did; the others are as late, in whole months, as the
    last of those was. The service is as late as its first cohort.
    """
    begun = np.flatnonzero(~np.isnan(facts.start))
    if not len(begun):
        return opens[:, np.newaxis] + delay, delay
    late = np.floor(facts.start - opens + HALF_MONTH)
    start = np.where(np.isnan(facts.start), opens + late[begun[-1]], facts.start)
    first = late[0] if begun[0] == 0 else late[begun[-1]]
    return start[:, np.newaxis], np.full((1, 1), first)


def _as_counted(
    began: FloatArray, *, beside: FloatArray, facts: Facts, context: Context
) -> tuple[FloatArray, FloatArray]:
    """Return who would start and who is referred, each (C, 1 or D), after what has been counted.

    Once arrivals have been counted, what is known of the volume is known from them, as Poisson
    numbers; so those of cohorts to come are Poisson too: starts, and beside them those who are
    referred and do not start.
    """
    take_up = context.value("take_up")
    if np.isnan(facts.started).all() and np.isnan(facts.referred).all():
        return _arrivals(began, beside=beside, context=context)
    begun, sent = [], []
    for c in range(len(began)):
        share = take_up[min(c, len(take_up) - 1)]
        started = _really_started(began[c], facts=facts, share=share, cohort=c, context=context)
        more = _really_beside(beside[c], facts=facts, share=share, cohort=c, context=context)
        begun.append(started)
        known = facts.referred[c]
        sent.append(started + more if np.isnan(known) else np.maximum(known, started))
    return np.stack(np.broadcast_arrays(*begun)), np.stack(np.broadcast_arrays(*sent))


def _really_started(
    would: FloatArray, *, facts: Facts, share: FloatArray, cohort: int, context: Context
) -> FloatArray:
    """Return how many start, (1 or D,): as counted, of those referred, or of those to come."""
    started, referred = facts.started[cohort], facts.referred[cohort]
    if not np.isnan(started):
        return np.full(1, started)
    if np.isnan(referred):
        stream = context.stream("to_come", cohort)
        return inversion.poisson(context.chance, stream=stream, mean=would)
    return inversion.binomial(
        context.chance,
        stream=context.stream("of_referred", cohort),
        number=int(referred),
        probability=share,
    )


def _really_beside(
    would: FloatArray, *, facts: Facts, share: FloatArray, cohort: int, context: Context
) -> FloatArray:
    """Return how many are referred and do not start, (1 or D,), where it is not counted.

    Beside people who started, as many as the take-up says; else of those to come.
    """
    started = facts.started[cohort]
    mean = would
    if not np.isnan(started):
        mean = started / np.maximum(share, LEAST_TAKE_UP) - started
    stream = context.stream("beside", cohort)
    return inversion.poisson(context.chance, stream=stream, mean=mean)


def _whole(number: FloatArray, *, name: str, context: Context) -> FloatArray:
    """Resolve fractions of a person cohort by cohort, each from its own stream."""
    rows = [
        context.chance.whole(context.stream(name, c), number[c : c + 1]) for c in range(len(number))
    ]
    return np.concatenate(np.broadcast_arrays(*rows))


def _with_places(
    arrived: FloatArray, *, counted: FloatArray, delivery: Delivery, context: Context
) -> tuple[FloatArray, FloatArray]:
    """Return how many find a place and how many are lost for want of one, each (C, 1 or D).

    started_c = min(a_c + w_c, capacity - those who started in waves whose programme is not over);
    of the rest, lost_c = all without a waiting list and after the last wave, else the share
    `gives_up`; w_{c+1} = what is left. So sum a = sum started + sum lost.

    Parameters
    ----------
    arrived
        People who would start, a, (C, 1 or D).
    counted
        People who really started, (C,); NaN where that is not known.
    """
    assert delivery.capacity is not None  # noqa: S101 - the caller checks
    opens = delivery.opens(context.timeline)
    over = opens + delivery.programme_months - WHOLE_TOLERANCE
    started: list[FloatArray] = []
    lost: list[FloatArray] = []
    waiting = np.zeros(1)
    for c, here in enumerate(arrived):
        present = added(started[j] for j in range(c) if over[j] > opens[c])
        wanted = here + waiting
        found = np.minimum(wanted, np.maximum(delivery.capacity - present, 0.0))
        if not np.isnan(counted[c]):
            found = np.full(1, counted[c])
        left = np.maximum(wanted - found, 0.0)
        waits = delivery.waiting_list is not None and c + 1 < len(arrived)
        gone = _giving_up(left, cohort=c, context=context) if waits else left
        waiting = left - gone
        started.append(found)
        lost.append(gone)
    return np.stack(np.broadcast_arrays(*started)), np.stack(np.broadcast_arrays(*lost))


def _giving_up(waiting: FloatArray, *, cohort: int, context: Context) -> FloatArray:
    """Return how many of those who wait after a wave give up before the next, (1 or D,)."""
    share = context.value("waiting_list.gives_up")
    gone = snapped(waiting * share[min(cohort, len(share) - 1)])
    whole = context.chance.whole(context.stream("gives_up", cohort), gone[np.newaxis])
    return np.asarray(whole[0])


def _completion(started: FloatArray, *, facts: Facts | None, context: Context) -> FloatArray:
    """Return the probability that a person completes, (C, 1 or D).

    With chance off nobody is chosen, and a person counts in part: as many as really completed.
    """
    value = context.value("completion")
    completion = np.broadcast_to(value, (len(started), value.shape[-1]))
    if facts is None or context.chance.on:
        return completion
    known = ~np.isnan(facts.completed) & ~np.isnan(facts.started) & (facts.started > 0)
    really = np.divide(facts.completed, facts.started, out=np.zeros(len(started)), where=known)
    return np.where(known[:, np.newaxis], really[:, np.newaxis], completion)


def _completes(
    started: FloatArray, *, completion: FloatArray, name: str, context: Context
) -> Indicator:
    """Return whether each person who could start would complete, (P_c, 1 or D)."""
    most = int(np.ceil(started.max()))
    return successes(
        context.chance,
        streams=(name,),
        people=most,
        probability=completion[np.newaxis],
        persistence=np.ones(1),
    )[:, 0]


def _with_completed(who: Participation) -> Participation:
    rows = [count(who.member("completed", cohort=c)) for c in range(len(who.planned))]
    draws = max(row.shape[-1] for row in rows)
    completed = np.stack([np.broadcast_to(row, (draws,)) for row in rows])
    return replace(who, completed=completed)
