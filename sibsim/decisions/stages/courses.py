"""What every course brings if the service is scaled and if it stops, and what it should have done.

Two settlements of the same worlds give everything: with no right to stop after the first cohort,
and with one that is always used. A rule r(d) in {scale, stop} gives NB(d) = where(r, NB_scale,
NB_stop) in every draw d, to the last bit what settling the contract with that rule gives.

Whether a programme is worth scaling is a matter of what is true and not of what is measured: of
E[NB_scale - NB_stop | parameters]. It is estimated in every draw by telling the same parameters
again with other chance and other measurement, R times, and taking the mean; the draw's own luck is
no part of it. The standard error of that mean, sd / sqrt(R), says which draws it leaves unsure.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.progress import watched
from sibsim.core.stages import World
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.decisions.repricing import priced
from sibsim.decisions.stages.decision import Decision
from sibsim.decisions.worlds import Luck, joined
from sibsim.world import setting, world_in

NUMBER, PEOPLE, STARTED = "result.number", "result.people", "started"
"""Names under which what is judged, and how many started, stand among what a block finds."""

SCALE, STOP, KNOWN = "scale.", "stop.", "known."
"""Beginnings of the names of metrics if scaled and if stopped, and of what is reported."""

UNSURE_ERRORS = 2.0
"""Standard errors from zero within which the sign of an expected gain is called unsure."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Whether it is right to scale, by what is true, for one party."""

    expected: FloatArray
    """Expected gain of scaling given the parameters, in money, (D,)."""

    error: FloatArray
    """Standard error of each by the luck of the replications, (D,)."""

    @property
    def is_good(self) -> BoolArray:
        """Whether scaling gains or does not lose, (D,)."""
        return np.asarray(self.expected >= 0)

    @property
    def unsure(self) -> float:
        """Share of draws in [0, 1] whose gain lies within two standard errors of zero."""
        return float((np.abs(self.expected) < UNSURE_ERRORS * self.error).mean())


@dataclass(frozen=True, eq=False)
class Courses:
    """Every draw twice, scaled and stopped, with what the first cohort showed."""

    scale: Mapping[str, FloatArray]
    """Every metric if the service is scaled, (D,) each."""

    stop: Mapping[str, FloatArray]
    """Every metric if it stops after the first cohort, (D,) each."""

    number: FloatArray
    """What is judged: a number of the first cohort's people, (D,)."""

    people: FloatArray
    """The people it is of, (D,); zero where nothing is reported."""

    known: Mapping[str, FloatArray]
    """What is known of the first cohort by the decision, (D,) each, finite."""

    truth: Mapping[str, Truth]
    """Whether it is right to scale, by the metric of each party that decides."""

    @property
    def draws(self) -> int:
        """Number of draws (D)."""
        return len(self.number)

    @property
    def result(self) -> FloatArray:
        """What a threshold is compared with, (D,); infinite where nothing is reported.

        Such a draw goes on, as the contract has it.
        """
        reported = self.people > 0
        return np.where(reported, self.number / np.where(reported, self.people, 1.0), np.inf)

    def gain(self, metric: str) -> FloatArray:
        """Return what scaling gains over stopping, (D,)."""
        return self.scale[metric] - self.stop[metric]

    def under(self, rule: BoolArray, metric: str) -> FloatArray:
        """Return a metric under a rule that says where to scale, (D,)."""
        return np.where(rule, self.scale[metric], self.stop[metric])


def courses_of(
    case: Case,
    decision: Decision,
    *,
    metrics: Collection[str],
    parties: Collection[str],
    replications: int,
    draws: int,
    seed: int,
) -> Courses:
    """Return every draw scaled and stopped.

    Parameters
    ----------
    case
        The case.
    decision
        The decision after the first cohort.
    metrics
        Metrics that are looked at.
    parties
        Those of them by which a party decides.
    replications
        Times that the same parameters are told with other luck (R), at least 2.
    draws
        Number of draws (D).
    seed
        Seed of the run; the replications take the seeds that follow for chance and measurement.
    """
    told = _Told(case, decision.scale_always(case), decision.stop_always(case), decision)
    luck = Luck.of(seed)
    found = told.run(luck, metrics=metrics, draws=draws, reports=True)
    sums = {party: (np.zeros(draws), np.zeros(draws)) for party in parties}
    numbers = range(1, replications + 1)
    for number in watched(numbers, total=replications, what="living the draws again"):
        again = replace(luck, chance=seed + number, measurement=seed + number)
        other = told.run(again, metrics=parties, draws=draws, reports=False)
        for party, (total, squares) in sums.items():
            gain = other[SCALE + party] - other[STOP + party]
            sums[party] = (total + gain, squares + gain**2)
    return Courses(
        scale=_named(found, SCALE),
        stop=_named(found, STOP),
        number=found[NUMBER],
        people=found[PEOPLE],
        known=_named(found, KNOWN),
        truth={party: _truth(*each, replications=replications) for party, each in sums.items()},
    )


def _named(found: Mapping[str, FloatArray], beginning: str) -> dict[str, FloatArray]:
    return {
        name.removeprefix(beginning): values
        for name, values in found.items()
        if name.startswith(beginning)
    }


def _truth(total: FloatArray, squares: FloatArray, *, replications: int) -> Truth:
    mean = total / replications
    spread = np.maximum(squares - replications * mean**2, 0.0) / (replications - 1)
    return Truth(mean, np.sqrt(spread / replications))


@dataclass(frozen=True, slots=True)
class _Told:
    """A case whose worlds are settled under both contracts."""

    case: Case
    scaled: Case
    stopped: Case
    decision: Decision

    def run(
        self, luck: Luck, *, metrics: Collection[str], draws: int, reports: bool
    ) -> dict[str, FloatArray]:
        """Return metrics under both contracts and, if asked for, reports, (D,) each."""
        blocks = range(math.ceil(draws / BLOCK_DRAWS))
        return joined(
            (self._block(luck, block, metrics=metrics, reports=reports) for block in blocks),
            draws=draws,
        )

    def _block(
        self, luck: Luck, block: int, *, metrics: Collection[str], reports: bool
    ) -> dict[str, FloatArray]:
        world = world_in(self.case, setting(self.case, luck.layers(block)))
        found = {}
        for beginning, case in ((SCALE, self.scaled), (STOP, self.stopped)):
            for name, values in priced(case, world, metrics=metrics).items():
                found[beginning + name] = values
        if reports:
            number, people = self.decision.result(world)
            found |= {NUMBER: number, PEOPLE: people}
            found |= _reported(self.case, world, decision=self.decision)
        return {name: np.broadcast_to(values, (BLOCK_DRAWS,)) for name, values in found.items()}


def _reported(case: Case, world: World, *, decision: Decision) -> dict[str, FloatArray]:
    """Return what is known of the first cohort on the day of the decision, (1 or D,) each.

    Who started; of every report known by then the people in it and its rate, and the comparison's
    rate where there is one. Where nobody is in a report its rate is not known: it stands as the
    mean of the others, and the number of people says so.
    """
    terms = case.contract.terms
    assert terms is not None  # noqa: S101 - a case that runs has them, `check_complete`
    first = int(np.argmin(world.participation.start[:, 0]))
    found = {STARTED: world.participation.started[first]}
    judged = world.measured[decision.right.measure]
    by = judged.when[first, judged.follow_up_months.index(decision.right.at_months)]
    for measure, report in world.measured.items():
        for k, months in enumerate(report.follow_up_months):
            if (report.when[first, k] > by).any():
                continue
            name, people = f"{measure}.{months}", report.treated_n[first, k]
            found[f"{name}.people"] = people
            found[f"{name}.rate"] = _rate(report.treated_sum[first, k], people)
            compared = report.comparison_n[first, k]
            found[f"{name}.comparison"] = _rate(report.comparison_sum[first, k], compared)
    return {KNOWN + name: values for name, values in found.items()}


def _rate(number: FloatArray, people: FloatArray) -> FloatArray:
    """Return number / people, the mean of the known ones where there are no people, (1 or D,)."""
    known = np.broadcast_to(people > 0, np.broadcast_shapes(number.shape, people.shape))
    rate = number / np.where(people > 0, people, 1.0)
    if not known.any():
        return np.zeros(1)
    return np.where(known, rate, rate[known].mean())
