"""What an outcome states once or once per follow-up, and the values it has on a block of draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.effects import ScaledEffect, Transport
from sibsim.core.parameters import Quantity
from sibsim.core.stages import Among, Context

GRID = (np.arange(1000) + 0.5) / 1000
"""Equally likely quantiles over which a probability of two quantities is integrated."""

SINGLE_FOLLOW_UP = 1.0
"""Persistence where there is no second follow-up for it to matter."""

LIKELY_HARM = 0.05
"""Above this probability of a negative effect a case must say `may_be_negative = true`: one in
twenty, the usual size of a test."""

ALL_OF_IT, NO_DEVIATION = Quantity.fixed(1.0), Quantity.fixed(0.0)
"""A transport that carries an effect over as it was found."""

Stated = Quantity | tuple[Quantity, ...]
"""One quantity for all follow-ups, or one for each."""


def each(stated: Stated | None) -> tuple[Quantity, ...]:
    """Return the quantities that are stated, one for all follow-ups or one for each."""
    if stated is None:
        return ()
    return stated if isinstance(stated, tuple) else (stated,)


def base_values(stated: Stated, *, follow_ups: int) -> FloatArray:
    """Return the base value at each follow-up, (K, 1)."""
    values = np.array([[quantity.base_value] for quantity in each(stated)])
    return np.broadcast_to(values, (follow_ups, 1))


def per_follow_up(context: Context, field: str, stated: Stated | None) -> FloatArray:
    """Return the values of a field at each follow-up, (1 or C, 1 or K, 1 or D)."""
    if isinstance(stated, tuple):
        values = [context.value(f"{field}.{k}") for k in range(len(stated))]
        return np.stack(np.broadcast_arrays(*values), axis=1)
    return context.value(field)[:, np.newaxis]


def prob_lower(one: Stated, *, than: Stated, follow_ups: int) -> float:
    """Return P(one < than), independent of each other, the highest over follow-ups."""
    lows, highs = each(one), each(than)
    pairs = [
        (lows[min(k, len(lows) - 1)], highs[min(k, len(highs) - 1)]) for k in range(follow_ups)
    ]
    return max(float(low.distribution.cdf(high.ppf(GRID)).mean()) for low, high in pairs)


def kept_luck(context: Context, stated: Quantity | None) -> FloatArray:
    """Return the persistence, (1 or C, 1 or D); 1 where the outcome states none."""
    return np.full((1, 1), SINGLE_FOLLOW_UP) if stated is None else context.value("persistence")


def problem_with(
    lists: Mapping[str, object],
    *,
    follow_ups: int,
    persistence: Quantity | None,
    carried: bool,
) -> str:
    """Return why what an outcome states does not fit together; nothing if it does.

    Parameters
    ----------
    lists
        What is stated once or once per follow-up, by field.
    follow_ups
        Number of follow-ups, K.
    persistence
        Probability of keeping one's luck; needed from two follow-ups on.
    carried
        Whether a transport or a profile is stated without an effect that it could act on.
    """
    for name, value in lists.items():
        if isinstance(value, tuple) and len(value) != follow_ups:
            return (
                f"got {len(value)} values of {name} for {follow_ups} follow-ups; give one for all "
                "or one for each"
            )
    if follow_ups > 1 and persistence is None:
        return (
            "got several follow-ups without persistence; state the probability that a person keeps "
            "the luck from one to the next"
        )
    if carried:
        return "got transport or profile without an effect; they act on an effect"
    return ""


def counted_twice(effects: Iterable[ScaledEffect], *, transport: Transport | None) -> str:
    """Return why the differences between places would count twice; nothing if they do not.

    Parameters
    ----------
    effects
        The effects of the outcome.
    transport
        How much of them holds here; None: nothing is said about it.
    """
    added = transport is not None and transport.omega.distribution.support != (0.0, 0.0)
    if added and any(effect.predictive for effect in effects):
        return (
            "got a predictive effect beside a transport with omega above 0; a predictive effect "
            "has the differences between places inside, which would count twice; set omega to 0, "
            "or state the mean over places and drop predictive"
        )
    return ""


def on_evidence(
    effects: Iterable[ScaledEffect], *, transport: Transport | None, among: Among
) -> Iterator[str]:
    """Yield what to ask about effects that were found elsewhere.

    Parameters
    ----------
    effects
        The effects of the outcome.
    transport
        How much of them holds here; None: nothing is said about it.
    among
        Whom the outcome counts.
    """
    effects, carried = tuple(effects), transport or Transport()
    in_full = carried.tau.is_fixed and carried.tau.base_value == ALL_OF_IT.base_value
    if not in_full and any(effect.predictive for effect in effects):
        yield (
            "a predictive effect stands beside a tau that is not 1: tau shrinks the differences "
            "between places as well, so that harm is too rare; state the mean effect, without "
            "predictive, and the differences as transport.omega; an uncertain tau beside a "
            "predictive effect may hold only doubt about how much is lost on average"
        )
    if effects and carried.tau == ALL_OF_IT and carried.omega == NO_DEVIATION:
        yield (
            "the effect is taken over in full (tau = 1), as if here were one of the places of the "
            "studies; if here is unlike them, state transport.tau"
            if all(effect.predictive for effect in effects)
            else "the effect is taken over in full (tau = 1, omega = 0), as if here were the place "
            "of the study; state transport"
        )
    if any(effect.source is not None for effect in effects) and among != "started":
        yield (
            f"counts those {among}, but a trial reports its effect among all who were to start; "
            "use among = 'started' or say in a note why it holds"
        )
