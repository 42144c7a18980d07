"""Randomised by cluster: whole teams, schools or districts are drawn to the service or not.

Participants are in the clusters of the outcome; controls are in clusters of the same intraclass
correlation (ICC) and the same spread of sizes. Clusters are the same ones for all cohorts and keep
their luck, so the variance between them is common to cohorts. A test has J1 + J0 - 2 degrees of
freedom, J1 and J0 the clusters of the two arms.

Donner and Klar 2000, "Design and Analysis of Cluster Randomization Trials in Health Research",
Arnold, ch. 6-7, for the variance and the degrees of freedom; Eldridge, Ashby and Kerry 2006,
International Journal of Epidemiology 35(5):1292-1300, for clusters of unequal size.

Assumptions: everybody is followed, in registers; a cluster has no effect of its own, and its
luck shows in the same way with and without the service.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field

from sibsim.core.arrays import FloatArray
from sibsim.core.clusters import Clusters
from sibsim.core.distributions import fault
from sibsim.core.luck import count
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Context, Measurement, Participation, Precision
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    Measurable,
    compared_with,
    estimated,
    rate,
    sampling_variance,
    stacked,
)
from sibsim.evaluation.controls import PerParticipant, controls_of, results_of

FEWEST_CLUSTERS = 2
"""One cluster cannot tell the service from its own luck."""


def _enough(number: int) -> int:
    if number < FEWEST_CLUSTERS:
        message = (
            f"got {number}; a single cluster cannot be told from its own luck; give "
            f"{FEWEST_CLUSTERS} or more control clusters"
        )
        raise fault(message)
    return number


class ClusterRandomised(EvaluationDesign):
    """Trial with random allocation of clusters."""

    design: Literal["cluster_randomised"]
    """Name of the design."""

    controls_per_participant: PerParticipant
    """Controls per planned participant, above 0; at least one control in each cohort."""

    control_clusters: Annotated[int, Field(strict=True), AfterValidator(_enough)]
    """Clusters over which the controls of every cohort are spread, 2 or more."""

    def check_outcome(self, outcome: Measurable) -> Iterator[str]:
        """Yield a fault where nobody is in a cluster."""
        if not outcome.in_clusters:
            yield (
                "its outcome has no clusters; people who are drawn by cluster are more alike than "
                "others; write outcomes.NAME.clusters = { number = ..., icc = ... }, or design = "
                "'randomised'"
            )

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return participants' successes beside those of controls in clusters of their own."""
        controls, clusters = self._controls(participation), self._clusters(path)
        control = [
            count(
                results_of(
                    law,
                    "control",
                    cohort,
                    people=int(controls[cohort]),
                    context=context,
                    clusters=clusters,
                )
            )
            / controls[cohort]
            for cohort, law in enumerate(path.untreated)
        ]
        return compared_with(
            path,
            stacked(control),
            number=controls[:, np.newaxis, np.newaxis],
            precision=self._precision(path, participation=participation, context=context),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(e1 v1 / n1 + e0 v0 / n0), e the design effect, v a person's variance."""
        within, between = self._variances(path, participation=participation)
        return np.sqrt(within + between)

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return zero: the lot makes the arms alike."""
        return np.zeros((*path.expected.shape[:-1], 1))

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(
                da="opfølgning på deltagerne i et klyngerandomiseret forsøg",
                en="following the participants of a cluster-randomised trial",
            )
        controls, clusters = decimal(self.controls_per_participant), decimal(self.control_clusters)
        return Words(
            da=f"et klyngerandomiseret forsøg med {controls.da} i kontrolgruppen pr. "
            f"deltager, fordelt på {clusters.da} klynger",
            en=f"a cluster-randomised trial with {controls.en} in the control group per "
            f"participant, spread over {clusters.en} clusters",
        )

    def _controls(self, participation: Participation) -> FloatArray:
        """Return the controls of each cohort, (C,)."""
        return controls_of(participation.planned, per_participant=self.controls_per_participant)

    def _clusters(self, path: OutcomePath) -> Clusters:
        """Return the clusters of the controls."""
        assert path.clusters is not None  # noqa: S101 - `check_outcome` refuses it
        return path.clusters.of_number(self.control_clusters)

    def _variances(
        self, path: OutcomePath, *, participation: Participation
    ) -> tuple[FloatArray, FloatArray]:
        """Return the variance within clusters, (1 - ICC) (v1 / n1 + v0 / n0), and the rest.

        Each (C, K, 1 or D); 0 where nobody counts.
        """
        clusters, controls = self._clusters(path), self._controls(participation)
        people, others = path.people[:, np.newaxis], controls[:, np.newaxis, np.newaxis]
        effects = [
            clusters.design_effect(np.ones((int(number), 1), dtype=np.bool_)) for number in controls
        ]
        control = rate(path.variance_without, number=others)
        total = sampling_variance(path) + np.stack(effects)[:, np.newaxis] * control
        within = (1.0 - clusters.icc) * (rate(path.variance, number=people) + control)
        return np.where(people > 0, within, 0.0), np.where(people > 0, total - within, 0.0)

    def _precision(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Precision:
        """Return the variances as they are estimated from that many clusters."""
        assert path.clusters is not None  # noqa: S101 - `check_outcome` refuses it
        degrees = float(path.clusters.number + self.control_clusters - 2)
        own, common = (
            estimated(variance, "variance", degrees=degrees, context=context)
            for variance in self._variances(path, participation=participation)
        )
        return Precision(own=own, common=common, degrees=degrees)


Model = ClusterRandomised
