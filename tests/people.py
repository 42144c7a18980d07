"""People and contexts written by hand, for tests of outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import Law, OutcomePath
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.outcomes.base import OutcomeModel

NOTHING_UPSTREAM: Mapping[str, OutcomePath] = MappingProxyType({})
"""No other outcome is read."""

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2028, 12, 31), period="quarter")
"""Five years of quarters."""

ERRORS = 5
"""Monte Carlo standard errors within which a simulated moment must lie."""


OUT_OR_WORK: Mapping[str, Any] = {
    "model": "states",
    "among": "started",
    "follow_up_months": [12, 24],
    "states": ["out", "work"],
    "step": "month",
    "transitions": {"out": {"work": 0.05}, "work": {"out": 0.03}},
    "counted": "start",
    "counts": ["work"],
    "start_in": {"out": 1.0},
    "effects": [{"scale": "odds_ratio", "value": 1.5, "from": "out", "to": "work"}],
}
"""An outcome of people who are out of work or in it, month by month."""


def participation(planned: tuple[int, ...] = (20, 30)) -> Participation:
    """Return cohorts half a year apart in which everybody starts and completes."""
    number = np.array(planned, dtype=np.float64)[:, np.newaxis]
    return Participation(
        planned=number[:, 0],
        start=np.arange(0.0, 6.0 * len(planned), 6.0)[:, np.newaxis],
        delay=np.zeros((1, 1)),
        referred=number,
        started=number,
        completed=number,
        completes=tuple(np.ones((n, 1), dtype=np.bool_) for n in planned),
    )


def realised(
    model: OutcomeModel,
    values: Mapping[str, ArrayLike],
    *,
    name: str = "it",
    seed: int = 0,
    chance: bool = False,
    measurement: bool = False,
    planned: tuple[int, ...] = (20, 30),
    effort: float = 1.0,
    upstream: Mapping[str, OutcomePath] = NOTHING_UPSTREAM,
) -> OutcomePath:
    """Return the path of an outcome whose quantities have these values, by name of the field."""
    context = Context(
        timeline=TIMELINE,
        values={
            f"outcomes.{name}.{field}": np.atleast_2d(np.asarray(value, dtype=np.float64))
            for field, value in values.items()
        },
        chance=Layer(LayerName.CHANCE, seed, on=chance),
        measurement=Layer(LayerName.MEASUREMENT, seed, on=measurement),
        path=f"outcomes.{name}",
        effort=np.array([[effort]]),
        upstream=upstream,
    )
    return model.realise(participation(planned), context=context)


def assert_moments(law: Law, drawn: FloatArray) -> None:
    """Check the mean and variance over draws of a sum over people, at each follow-up.

    Parameters
    ----------
    law
        The law of a person, the same in every draw.
    drawn
        Results of people, (P, K, D).
    """
    people = len(drawn)
    total = drawn.sum(axis=0, dtype=np.float64)
    for k, each in enumerate(total):
        mean, variance = people * law.mean[k, 0], people * law.variance[k, 0]
        assert abs(each.mean() - mean) <= ERRORS * np.sqrt(variance / BLOCK_DRAWS), k
        # The error of a variance is sqrt((fourth moment - variance^2) / draws), from the draws.
        fourth = ((each - each.mean()) ** 4).mean()
        error = np.sqrt((fourth - each.var() ** 2) / BLOCK_DRAWS)
        assert abs(each.var() - variance) <= ERRORS * error, k
