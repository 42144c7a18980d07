"""People in clusters, and people measured several times.

Columns as in `individuals`. A panel has one row per person and period, sorted by person.
"""

from __future__ import annotations

import numpy as np

from sibsim.errors import ArgumentError
from sibsim.micro.individuals import Columns, Fields, others_of
from sibsim.micro.truth import Truth


def cluster_randomised(
    fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int
) -> Columns:
    """Return participants in their clusters beside controls in theirs.

    Raises
    ------
    ArgumentError
        If the clusters are not stated.
    """
    if truth.clusters is None:
        message = (
            "got no clusters; people drawn by cluster are more alike than others; give "
            'clusters = {"number": ..., "icc": ...}'
        )
        raise ArgumentError(message)
    own = truth.of_participants(rng, replicates=replicates)
    number = fields["control_clusters"]
    cluster = truth.clusters.of_number(number).of_people(others_of(fields, truth))
    others = truth.results_in(
        rng,
        mean=truth.counterfactual,
        cluster=cluster,
        icc=truth.clusters.icc,
        replicates=replicates,
    )
    place = np.concatenate(
        [truth.clusters.of_people(truth.people), truth.clusters.number + cluster]
    ).astype(np.float64)
    return {
        "person": np.arange(len(place), dtype=np.float64),
        "treated": np.repeat([1.0, 0.0], [truth.people, len(cluster)]),
        "cluster": place,
        "outcome": np.hstack([own, others]),
    }


def difference_in_differences(
    fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int
) -> Columns:
    """Return participants and a comparison group before, and once after.

    What a person keeps from period to period explains the share `correlation` of his results, so
    any two of them correlate by that.
    """
    others, before = others_of(fields, truth), fields["periods_before"]
    number = truth.people + others
    participant = (np.arange(number) < truth.people).astype(np.float64)
    after = (np.arange(before + 1) == before).astype(np.float64)
    treated = participant[:, np.newaxis] * after
    trend = fields["trend"]
    error = trend["mean"] + trend["sd"] * rng.standard_normal((replicates, 1, 1))
    apart = (1.0 - participant[:, np.newaxis]) * (fields["gap"] + error * after)
    mean = truth.counterfactual + truth.effect * treated - apart
    person = truth.factor(
        rng, around=truth.counterfactual + truth.effect / 2.0, shape=(replicates, number, 1)
    )
    outcome = truth.results(
        rng,
        mean=mean,
        shape=(replicates, number, before + 1),
        factor=person,
        share=fields["correlation"],
    )
    return {
        "person": np.repeat(np.arange(float(number)), before + 1),
        "period": np.tile(np.arange(before + 1.0), number),
        "participant": np.repeat(participant, before + 1),
        "treated": treated.ravel(),
        "outcome": outcome.reshape(replicates, -1),
    }
