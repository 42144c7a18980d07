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

from dataclasses import replace

import numpy as np

from sibsim.core.arrays import FloatArray, Indicator, added
from sibsim.core.facts import Facts
from sibsim.core.luck import count, successes
from sibsim.core.stages import Context, Participation
from sibsim.delivery.plan import HALF_MONTH, WHOLE_TOLERANCE, Delivery, snapped

LEAST_TAKE_UP = 0.01
"""Take-up below which no more people are taken to have been referred for each who started."""


def realise(
    delivery: Delivery, *, size: float, context: Context, facts: Facts | None = None
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
    """
    planned, opens = delivery.planned(size), delivery.opens(context.timeline)
    delay = np.floor(context.value("start_delay") + HALF_MONTH)
    start = opens[:, np.newaxis] + delay
    ramped = delivery.ramped(size, timeline=context.timeline)
    started, referred = _arrivals(delivery, ramped=ramped, context=context)
    if facts is not None:
        start, delay = _as_begun(opens, delay=delay, facts=facts)
        started, referred = _as_counted(started, referred=referred, facts=facts, context=context)
    turned_away = None
    if delivery.capacity is not None:
        counted = np.full(len(planned), np.nan) if facts is None else facts.started
        started, turned_away = _with_places(
            started, counted=counted, delivery=delivery, context=context
        )
    completion = np.broadcast_to(
        value := context.value("completion"), (len(planned), value.shape[-1])
    )
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


def _arrivals(
    delivery: Delivery, *, ramped: FloatArray, context: Context
) -> tuple[FloatArray, FloatArray]:
    """Return how many would start and how many are referred, each (C, 1 or D)."""
    reached = ramped[:, np.newaxis] * context.value("volume")
    take_up = context.value("take_up")
    if delivery.guaranteed_referrals:
        started, referred = reached, reached / take_up
    else:
        base = delivery.take_up.base_value
        started, referred = reached * (take_up / base), reached / base
    extra = np.maximum(referred - started, 0.0)
    whole_started = _whole(snapped(started), name="started", context=context)
    return whole_started, whole_started + _whole(snapped(extra), name="referred", context=context)


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
    started: FloatArray, *, referred: FloatArray, facts: Facts, context: Context
) -> tuple[FloatArray, FloatArray]:
    """Return who would start and who is referred, each (C, 1 or D), after what has been counted.

    Of people who were referred, the take-up starts where it is not known who did; where it is known
    who started but not who was referred, as many were as the take-up says.
    """
    take_up = context.value("take_up")
    shares = [take_up[min(c, len(take_up) - 1)] for c in range(len(started))]
    begun = [
        _really_started(would, facts=facts, share=shares[c], cohort=c, context=context)
        for c, would in enumerate(started)
    ]
    sent = [
        _really_referred(would, facts=facts, share=shares[c], cohort=c, context=context)
        for c, would in enumerate(referred)
    ]
    found = np.stack(np.broadcast_arrays(*begun))
    return found, np.maximum(np.stack(np.broadcast_arrays(*sent)), found)


def _really_started(
    would: FloatArray, *, facts: Facts, share: FloatArray, cohort: int, context: Context
) -> FloatArray:
    """Return how many start, (1 or D,): as counted, or the take-up of those referred."""
    started, referred = facts.started[cohort], facts.referred[cohort]
    if not np.isnan(started):
        return np.full(1, started)
    if np.isnan(referred):
        return would
    number = snapped(referred * share)[np.newaxis]
    return np.asarray(context.chance.whole(context.stream("of_referred", cohort), number)[0])


def _really_referred(
    would: FloatArray, *, facts: Facts, share: FloatArray, cohort: int, context: Context
) -> FloatArray:
    """Return how many are referred, (1 or D,): as counted, or those who started by the take-up."""
    started, referred = facts.started[cohort], facts.referred[cohort]
    if not np.isnan(referred):
        return np.full(1, referred)
    if np.isnan(started):
        return would
    extra = snapped(started / np.maximum(share, LEAST_TAKE_UP) - started)[np.newaxis]
    stream = context.stream("beside_started", cohort)
    return np.asarray(started + context.chance.whole(stream, extra)[0])


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
