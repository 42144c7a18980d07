"""People whom participants are compared with: how many, and what happens to them.

Each has a luck of their own, by the law of the outcome without the intervention, and keeps it from
one follow-up to the next as participants do. Their luck is measurement.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.clusters import Clusters
from sibsim.core.luck import count
from sibsim.core.paths import Law, OutcomePath, drawn
from sibsim.core.spec import Positive
from sibsim.core.stages import Context

MOST_CONTROLS = 100.0
"""Controls per participant beyond which more tell nothing: nine tenths of the error and more are
participants' own luck from nine on."""

PerParticipant = Annotated[Positive, Field(le=MOST_CONTROLS)]
"""People compared with per participant, in (0, 100]."""

FEWEST_CONTROLS = 1
"""A comparison needs at least one control in each cohort."""

HALF = 0.5
"""Half a control counts as a whole one."""

SAME = 1e-12
"""Variances this near each other differ by rounding only."""


def controls_of(planned: FloatArray, *, per_participant: float) -> FloatArray:
    """Return the controls of each cohort, rounded half up, at least one, (C,).

    Parameters
    ----------
    planned
        Participants planned to start, (C,).
    per_participant
        Controls for each of them, above 0.
    """
    return np.maximum(np.floor(per_participant * planned + HALF), FEWEST_CONTROLS)


def results_of(
    law: Law,
    *names: object,
    people: int,
    context: Context,
    clusters: Clusters | None = None,
) -> Indicator:
    """Return what happens to people who are not participants, (P, K, 1 or D).

    Parameters
    ----------
    law
        How a person's result is spread.
    names
        End of the name of the stream, such as `"control", cohort`.
    people
        Number of people, P; more of them change no earlier one.
    context
        At the path of the measure.
    clusters
        Their clusters, if they are in any; these keep their luck over cohorts.
    """
    return drawn(
        law,
        context.measurement,
        stream=context.stream(*names),
        people=people,
        clusters=clusters,
        of_clusters=context.stream(names[0], "clusters"),
    )


def mean_of_controls(path: OutcomePath, *, number: FloatArray, context: Context) -> FloatArray:
    """Return the mean result of a comparison group of each cohort, (C, K, 1 or D).

    Parameters
    ----------
    path
        What is achieved; its law without the intervention is that of the comparison group.
    number
        People of the comparison group, whole, (C,).
    context
        At the path of the measure.
    """
    means = [
        count(results_of(law, "control", cohort, people=int(number[cohort]), context=context))
        / number[cohort]
        for cohort, law in enumerate(path.untreated)
    ]
    return np.stack(np.broadcast_arrays(*means))


def is_yes_or_no(path: OutcomePath) -> bool:
    """Tell whether a result is 1 or 0 in both arms, its variance then being m (1 - m), m the mean.

    An evaluator can then read the variance from the shares that are observed.
    """
    return all(
        np.allclose(variance, mean * (1.0 - mean), rtol=SAME, atol=SAME)
        for mean, variance in (
            (path.expected, path.variance),
            (path.counterfactual, path.variance_without),
        )
    )
