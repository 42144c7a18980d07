"""Attrition: people of a trial whose results the evaluator does not get.

A person is lost with one share, or with one share at each follow-up where the outcome is achieved
and another where it is not: then the rate among those observed is not the rate of all (differential
attrition). Each has one luck for all follow-ups.

Little and Rubin 2019, "Statistical Analysis with Missing Data", 3rd ed., Wiley, ch. 1: results
missing at random and not at random.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

import numpy as np
from pydantic import BeforeValidator, TypeAdapter, model_validator

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.distributions import fault
from sibsim.core.luck import count, successes
from sibsim.core.parameters import Provenance
from sibsim.core.spec import Probability
from sibsim.core.stages import Context
from sibsim.evaluation.base import observed_number, rate

NOBODY_LOST = 0.0
"""Attrition of a trial that follows everyone in registers, as Danish trials do."""

_SHARE: TypeAdapter[float] = TypeAdapter(Probability)


class LostByResult(Provenance):
    """Shares of people lost to follow-up by their result at the follow-up."""

    achieved: Probability
    """Share lost of those who achieve the outcome, in [0, 1]."""

    not_achieved: Probability
    """Share lost of those who do not, in [0, 1]."""


def _read(value: object) -> object:
    """Return what a share or a table says, so that a fault is told of the one that is meant."""
    if isinstance(value, LostByResult):
        return value
    if isinstance(value, Mapping):
        return LostByResult.model_validate(value)
    return _SHARE.validate_python(value)


Loss = Annotated[float | LostByResult, BeforeValidator(_read)]
"""A share in [0, 1], or a table of two, `{achieved, not_achieved}`."""


class Attrition(Provenance):
    """Share of people lost to follow-up, at random or by their result."""

    treated: Loss = NOBODY_LOST
    """Share of participants lost, in [0, 1], or `{achieved, not_achieved}`."""

    control: Loss = NOBODY_LOST
    """Share of controls lost, in [0, 1], or `{achieved, not_achieved}`."""

    @model_validator(mode="after")
    def _leaves_somebody(self) -> Self:
        for arm in ("treated", "control"):
            if min(_shares(getattr(self, arm))) >= 1:
                message = (
                    f"got a loss of everybody in {arm}; nothing is then measured; give shares "
                    "below 1"
                )
                raise fault(message)
        return self

    @property
    def by_result(self) -> bool:
        """Whether the result decides who is lost, in either arm."""
        return any(isinstance(loss, LostByResult) for loss in (self.treated, self.control))


def loses_anybody(loss: float | LostByResult) -> bool:
    """Tell whether anybody is lost."""
    return any(share > 0 for share in _shares(loss))


def reported_rate(loss: float | LostByResult, rates: FloatArray) -> FloatArray:
    """Return the mean result expected among those observed, in the shape of the rates.

    r = p (1 - a) / (p (1 - a) + (1 - p) (1 - b)), a and b the shares lost of those who achieve and
    of those who do not; p where both are one.
    """
    if not isinstance(loss, LostByResult):
        return rates
    return rate(rates * (1.0 - loss.achieved), number=_share_observed(loss, rates))


def slope(loss: float | LostByResult, rates: FloatArray) -> FloatArray:
    """Return dr / dp = (1 - a) (1 - b) / (p (1 - a) + (1 - p) (1 - b))^2, in their shape."""
    if not isinstance(loss, LostByResult):
        return np.ones((1, 1, 1))
    both = np.full(rates.shape, (1.0 - loss.achieved) * (1.0 - loss.not_achieved))
    return rate(both, number=_share_observed(loss, rates) ** 2)


def reported_variance(
    loss: float | LostByResult, rates: FloatArray, *, variance: FloatArray
) -> FloatArray:
    """Return the variance of the result of a person who is observed.

    Given N observed, the successes among them are Binomial(N, r).

    Parameters
    ----------
    loss
        Who is lost.
    rates
        Expected result of a person, (C, K, 1 or D).
    variance
        Variance of a person's result, (C, K, 1 or D).
    """
    if not isinstance(loss, LostByResult):
        return variance
    reported = reported_rate(loss, rates)
    return reported * (1.0 - reported)


def people_observed(
    loss: float | LostByResult, rates: FloatArray, *, number: FloatArray
) -> FloatArray:
    """Return 1 / E[1 / N], N the people observed of `number`, (C, 1 or K, 1 or D).

    Parameters
    ----------
    loss
        Who is lost.
    rates
        Expected result of a person, (C, K, 1 or D).
    number
        People, (C, 1, 1 or D).
    """
    if not isinstance(loss, LostByResult):
        return observed_number(number, share=1.0 - loss)
    return observed_number(number, share=_share_observed(loss, rates))


def observed(
    results: Indicator,
    who: Indicator,
    *names: object,
    loss: float | LostByResult,
    context: Context,
) -> tuple[FloatArray, FloatArray]:
    """Return the sum of results and the number of those observed, each (K, 1 or D).

    Parameters
    ----------
    results
        The result of each person at each follow-up, (P, K, 1 or D).
    who
        Who counts, (P, 1 or D).
    names
        End of the name of the stream.
    loss
        Who is lost.
    context
        At the path of the measure.
    """
    each = results.shape[1]
    if not loses_anybody(loss):
        number = count(who)
        return count(who[:, np.newaxis] * results), np.broadcast_to(number, (each, len(number)))
    achieved, failed = _shares(loss)
    kept = who * _seen(context, *names, people=len(who), lost=achieved)
    total = count(kept[:, np.newaxis] * results)
    if not isinstance(loss, LostByResult):
        number = count(kept)
        return total, np.broadcast_to(number, (each, len(number)))
    other = who * _seen(context, *names, people=len(who), lost=failed)
    return total, total + (count(other) - count(other[:, np.newaxis] * results))


def _seen(context: Context, *names: object, people: int, lost: float) -> Indicator:
    """Return whose results the evaluator gets, (P, 1 or D); the luck is that of the stream."""
    return successes(
        context.measurement,
        streams=[context.stream("lost", *names)],
        people=people,
        probability=np.full((1, 1), 1.0 - lost),
        persistence=np.ones(1),
    )[:, 0]


def _shares(loss: float | LostByResult) -> tuple[float, float]:
    """Return the shares lost of those who achieve and of those who do not."""
    if isinstance(loss, LostByResult):
        return loss.achieved, loss.not_achieved
    return loss, loss


def _share_observed(loss: LostByResult, rates: FloatArray) -> FloatArray:
    return rates * (1.0 - loss.achieved) + (1.0 - rates) * (1.0 - loss.not_achieved)
