"""How many clusters show an effect that no number of people in a few clusters shows.

The error of a trial in J clusters of one arm does not fall below that of the clusters themselves,
whose part of a mean's variance is v ICC / J however many people they hold. What helps is more of
them. They are looked for with (1 - ICC) / ICC people in each, with which people add as much to the
variance as clusters do: design effect 1 + (m - 1) ICC, of which (m - 1) ICC / m stays (Kish 1965,
"Survey Sampling", Wiley, ch. 5).
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from sibsim.core.clusters import Clusters
from sibsim.evaluation.base import EvaluationDesign
from sibsim.planning.solving import fewest

MOST_CLUSTERS = 500
"""More teams or schools than any contract has."""

FEWEST_PEOPLE = 2
"""A cluster of one person is none."""

Enough = Callable[[EvaluationDesign, int, Clusters], bool]
"""Whether a design with so many people planned to start, in such clusters, has the power."""


def has_control_clusters(design: EvaluationDesign) -> bool:
    """Return whether controls are in clusters too, whose number the design states."""
    return "control_clusters" in type(design).model_fields


def more_clusters(
    design: EvaluationDesign, *, clusters: Clusters | None, most: int, enough: Enough
) -> tuple[int, int] | None:
    """Return the fewest clusters that are enough and the participants of each; None: none are.

    Parameters
    ----------
    design
        The design; its control clusters become as many.
    clusters
        The clusters that are too few; None: there are none.
    most
        People up to whom is looked.
    enough
        Whether a design, people and clusters have the power.
    """
    if clusters is None or clusters.icc == 0:
        return None
    per_cluster = max(ceil((1.0 - clusters.icc) / clusters.icc), FEWEST_PEOPLE)

    def reached(number: int) -> bool:
        update = {"control_clusters": number} if has_control_clusters(design) else {}
        people = ceil(number * per_cluster / design.served_share)
        return enough(design.model_copy(update=update), people, clusters.of_number(number))

    number = fewest(
        reached, above=clusters.number, most=min(MOST_CLUSTERS, int(most // per_cluster))
    )
    return None if number is None else (number, per_cluster)
