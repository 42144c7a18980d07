"""The numbers that have really happened, each with the law it follows given the parameters.

Counts of people: referred_c ~ Poisson(expected referrals), started_c ~ Binomial(referred_c,
take-up) or, where it is not known who was referred, Poisson(expected starts); completed_c ~
Binomial(started_c, completion). Where referrals are guaranteed, starts are Poisson and referrals
go on until they are reached, whose likelihood in the take-up is the same binomial. A cohort that
filled all places says of its starts only that at least as many would have started.

Reports: the sum of results of yes or no is binomial with the share that the pipeline expects to be
reported; a mean result is normal with the variance of the law. A comparison group of people is
binomial; a comparison that is worked out (difference in differences, a synthetic control, ...) is
normal with the standard deviation that it has in simulation, times the standard error that the
report states over the one that the case's design expects. An agreed comparison is no data.

Assumption: arrivals are Poisson, the usual law of arrivals that have nothing to do with each other;
where few case workers refer they come in bunches, and it is too narrow. The plan itself has no luck
in how many come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Measurement, Participation
from sibsim.core.words import Words
from sibsim.evaluation.base import design_effects, rate
from sibsim.forecast import margins

Law = Literal["binomial", "poisson", "normal", "binomial_at_least", "poisson_at_least"]
"""Law of a number given the parameters."""

_COUNTED = {
    "referred": Words(da="henviste", en="referred"),
    "started": Words(da="startede", en="started"),
    "take_up": Words(da="startede af de henviste", en="started of those referred"),
    "completion": Words(da="gennemførte af de startede", en="completed of those started"),
}
"""What numbers of people are called."""

NO_ERROR = 1e-12
"""Least variance of a normal law, so that a report without any error stays a density."""


@dataclass(frozen=True, eq=False)
class View:
    """What is expected given the parameters, in each draw."""

    values: Mapping[str, FloatArray]
    """Value of every quantity by path, (1 or C, 1 or D)."""

    arrivals: Participation
    """Who would come and start as the plan says, whatever the capacity."""

    paths: Mapping[str, OutcomePath]
    """What is achieved as an evaluator can see it, by outcome, by the people who really came."""

    reports: Mapping[str, Measurement]
    """What is reported, by measure."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of people who were referred, started or completed."""

    what: Literal["referred", "started", "take_up", "completion"]
    """What it tells of: how many come, or which share of them starts or completes."""

    cohort: int
    """Position of the cohort."""

    law: Law
    """Its law."""

    value: float
    """The number."""

    number: float = 0.0
    """Of how many, for a share."""

    @property
    def words(self) -> Words:
        """Which number it is, for a note."""
        name, cohort = _COUNTED[self.what], self.cohort + 1
        return Words(da=f"{name.da}, hold {cohort}:", en=f"{name.en}, cohort {cohort}:")

    def expected(self, view: View) -> tuple[FloatArray, FloatArray]:
        """Return centre and spread of its law, (1 or D,) each."""
        if self.what in ("take_up", "completion"):
            rows = view.values[f"delivery.{self.what}"]
        else:
            rows = view.arrivals.people("referred" if self.what == "referred" else "started")
        return rows[min(self.cohort, len(rows) - 1)], np.ones(1)


@dataclass(frozen=True, slots=True)
class Reported:
    """What was reported of one cohort at one follow-up, of participants or of their comparison."""

    measure: str
    """Name of the measure."""

    outcome: str
    """Name of its outcome."""

    cohort: int
    """Position of the cohort."""

    position: int
    """Position of the follow-up."""

    arm: Literal["treated", "comparison"]
    """Whose results."""

    law: Law
    """Its law."""

    value: float
    """Successes, or the mean result."""

    number: float
    """People in the report."""

    sd: float | None = None
    """Standard deviation where it is the same in every draw; None: by the law."""

    @property
    def constructed(self) -> bool:
        """Whether it is a comparison that is worked out, and no group of people."""
        return self.arm == "comparison" and self.law == "normal"

    @property
    def words(self) -> Words:
        """Which report it is, for a note."""
        treated, cohort, follow_up = self.arm == "treated", self.cohort + 1, self.position + 1
        danish = "deltagerne" if treated else "sammenligningen"
        english = "participants" if treated else "the comparison"
        return Words(
            da=f"opgørelsen af {danish} i måling {self.measure}, hold {cohort}, "
            f"opfølgning {follow_up}",
            en=f"report on {english} of measure {self.measure}, cohort {cohort}, "
            f"follow-up {follow_up}",
        )

    def share(self, report: Measurement) -> FloatArray:
        """Return the share or mean result in a report, simulated or expected, (1 or D,)."""
        at = (self.cohort, self.position)
        total, number = (
            (report.treated_sum[at], report.treated_n[at])
            if self.arm == "treated"
            else (report.comparison_sum[at], report.comparison_n[at])
        )
        return rate(total, number=number)

    def expected(self, view: View) -> tuple[FloatArray, FloatArray]:
        """Return centre and spread of its law, (1 or D,) each."""
        center = self.share(view.reports[self.measure])
        if self.sd is not None:
            return center, np.full(1, self.sd)
        if self.arm == "comparison":
            return center, np.ones(1)
        path = view.paths[self.outcome]
        inflation = design_effects(path)[self.cohort, 0]
        if self.law == "binomial":
            return center, inflation
        variance = path.variance[self.cohort, self.position] * inflation / self.number
        return center, np.sqrt(np.maximum(variance, NO_ERROR))


Datum = Counted | Reported
"""One number that has really happened."""


def log_density(datum: Datum, *, center: FloatArray, spread: FloatArray) -> FloatArray:
    """Return the log density of a number under its law, (1 or D,).

    Parameters
    ----------
    datum
        The number.
    center, spread
        As `expected` gives them.
    """
    value, number = datum.value, datum.number
    match datum.law:
        case "binomial":
            return margins.log_binomial(value, trials=number, probability=center, inflation=spread)
        case "poisson":
            return margins.log_poisson(value, mean=center)
        case "binomial_at_least":
            return margins.log_binomial_at_least(value, trials=number, probability=center)
        case "poisson_at_least":
            return margins.log_poisson_at_least(value, mean=center)
        case _:
            return margins.log_normal(value, mean=center, sd=spread)


def score(datum: Reported, *, center: FloatArray, spread: FloatArray) -> FloatArray:
    """Return the normal score of a report under its law, (1 or D,); as `log_density`."""
    if datum.law == "binomial":
        return margins.binomial_score(
            datum.value, trials=datum.number, probability=center, inflation=spread
        )
    return margins.normal_score(datum.value, mean=center, sd=spread)


def standardised(
    datum: Reported, *, share: FloatArray, center: FloatArray, spread: FloatArray
) -> FloatArray:
    """Return the simulated error of a report, over its standard deviation where the law gives it.

    Parameters
    ----------
    datum
        The report.
    share
        Simulated share or mean result, (D,).
    center, spread
        What is expected of it in the same draws.
    """
    if datum.arm == "comparison":
        sd = np.ones(1)
    elif datum.law == "binomial":
        sd = np.sqrt(np.maximum(center * (1.0 - center), 0.0))
    else:
        sd = spread
    error = np.broadcast_to(share - center, np.broadcast_shapes(share.shape, center.shape))
    return np.asarray(rate(error, number=sd))
