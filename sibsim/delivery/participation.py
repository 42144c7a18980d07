"""Who comes and stays: referrals, starts and completions by cohort.

started_c = n_c x volume x (take-up / base take-up), referred_c = n_c x volume / base take-up;
with guaranteed referrals started_c = n_c x volume and referred_c = started_c / take-up. Fractions
are resolved by floor + Bernoulli. People who complete are drawn one by one.
"""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.luck import count, successes
from sibsim.core.stages import Context, Participation
from sibsim.delivery.plan import HALF_MONTH, Delivery, snapped


def realise(delivery: Delivery, *, size: float, context: Context) -> Participation:
    """Return who comes and stays.

    Parameters
    ----------
    delivery
        The plan.
    size
        Participants planned to start, all cohorts.
    context
        At the path of the delivery section.
    """
    planned = delivery.planned(size)
    delay = np.floor(context.value("start_delay") + HALF_MONTH)
    dates = [context.timeline.months_at(cohort.start) for cohort in delivery.cohorts]
    started, referred = _arrivals(delivery, planned=planned, context=context)
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
        start=np.array(dates)[:, np.newaxis] + delay,
        delay=delay,
        referred=referred,
        started=started,
        completed=started,
        completes=completes,
    )
    return _with_completed(partial)


def _arrivals(
    delivery: Delivery, *, planned: FloatArray, context: Context
) -> tuple[FloatArray, FloatArray]:
    """Return how many start and how many are referred, each (C, 1 or D)."""
    reached = planned[:, np.newaxis] * context.value("volume")
    take_up = context.value("take_up")
    if delivery.guaranteed_referrals:
        started, referred = reached, reached / take_up
    else:
        base = delivery.take_up.base_value
        started, referred = reached * (take_up / base), reached / base
    extra = np.maximum(referred - started, 0.0)
    whole_started = _whole(snapped(started), name="started", context=context)
    return whole_started, whole_started + _whole(snapped(extra), name="referred", context=context)


def _whole(number: FloatArray, *, name: str, context: Context) -> FloatArray:
    """Resolve fractions of a person cohort by cohort, each from its own stream."""
    rows = [
        context.chance.whole(context.stream(name, c), number[c : c + 1]) for c in range(len(number))
    ]
    return np.concatenate(np.broadcast_arrays(*rows))


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
    return Participation(
        planned=who.planned,
        start=who.start,
        delay=who.delay,
        referred=who.referred,
        started=who.started,
        completed=completed,
        completes=who.completes,
    )
