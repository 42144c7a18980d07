"""How likely what has happened is, given the uncertain parameters of a case.

What is expected is read from the pipeline itself, with the parameter layer on and chance and
measurement off (a systematic error stays), for the people who really came: so every outcome model
and every evaluation design has its likelihood. The laws are those of `sibsim.forecast.data`; the
margins of reports that depend on each other are joined as `sibsim.forecast.dependence` says. One
report of a group of people has exactly its binomial likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts
from sibsim.core.precision import precision_of
from sibsim.core.streams import Layer
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.forecast import collected
from sibsim.forecast.data import Datum, Reported, View, log_density, score, standardised
from sibsim.forecast.dependence import Dependence, dependence_of
from sibsim.forecast.uniforms import expecting, given_layer
from sibsim.world import Layers, Setting, layers_of, outcomes_in, reports_in, setting

FAR = 4.0
"""Standard deviations of its law beyond which a count is called far off."""

FIRST_BLOCK = 0
"""Block of draws by which the dependence of reports is found."""


@dataclass(frozen=True, eq=False)
class Expected:
    """The law of every datum in each draw, and the parameters that it follows from."""

    found: Setting
    """Values of the quantities and drifts."""

    center: FloatArray
    """Probability or mean of each datum, (M, 1 or D)."""

    spread: FloatArray
    """Standard deviation of a normal law, design effect of a binomial one, (M, 1 or D)."""


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The likelihood of the facts of a case as a function of its parameters."""

    case: Case
    """The case."""

    facts: Facts
    """Who came when, everybody's number known: they stand in where it is not."""

    data: tuple[Datum, ...]
    """The numbers that have really happened, counts of people first."""

    dependence: Dependence
    """How the reports depend on each other; those that repeat another one do not count."""

    notes: tuple[Words, ...]
    """What was left out, and why."""

    @classmethod
    def of(cls, case: Case, facts: Facts, *, seed: int) -> Likelihood:
        """Return the likelihood of the facts.

        Parameters
        ----------
        case
            A case that is complete enough to be run.
        facts
            What has happened.
        seed
            Seed of the block by which the dependence of reports is found.
        """
        people, notes = collected.counts(case, facts)
        base = setting(case, layers_of(seed=seed, block=FIRST_BLOCK, on=frozenset()))
        frozen = collected.stand_in(case, facts, base=base.participation)
        bare = cls(case, frozen, tuple(people), dependence_of(np.zeros((0, 1))), ())
        _, expected = bare.seen(expecting(given_layer({})), measures=facts.reports)
        reports, more = collected.reports(
            case,
            facts,
            of_people={
                name for name, report in expected.reports.items() if report.precision is None
            },
        )
        whole = replace(bare, data=(*people, *reports), notes=(*notes, *more))
        return _joined(whole, facts, seed=seed)

    @property
    def reports(self) -> tuple[Reported, ...]:
        """The reports among the data."""
        return tuple(datum for datum in self.data if isinstance(datum, Reported))

    def expected(self, layer: Layer) -> Expected:
        """Return the law of every datum by the draws of a parameter layer."""
        measures = {each.measure for each in self.reports}
        found, view = self.seen(expecting(layer), measures=measures)
        return Expected(found, *_laws(self.data, view=view))

    def log_density(self, expected: Expected) -> FloatArray:
        """Return the logarithm of the likelihood in each draw, (1 or D,).

        sum over data of log f(x) + log c(z), c the copula of the reports.
        """
        total = np.zeros(1)
        laws = zip(self.data, expected.center, expected.spread, strict=True)
        for datum, center, spread in laws:
            total = total + log_density(datum, center=center, spread=spread)
        if not self.dependence.joined:
            return total
        first = len(self.data) - len(self.reports)
        scores = [
            score(
                self.reports[i],
                center=expected.center[first + i],
                spread=expected.spread[first + i],
            )
            for i in self.dependence.joined
        ]
        joint = self.dependence.log_density(np.stack(np.broadcast_arrays(*scores)))
        # Where the margins say that it cannot be, the copula has nothing to add.
        return np.where(np.isfinite(total), total + joint, total)

    def impossible(self, center: FloatArray) -> str:
        """Return which data no draw can give, in words; empty where each can be given by some.

        Parameters
        ----------
        center
            Probability or mean of each datum, (M, N).
        """
        found = [
            f"{datum.words.en} {datum.value:g}"
            for datum, row in zip(self.data, center, strict=True)
            if not np.isfinite(log_density(datum, center=row, spread=np.ones(1))).any()
        ]
        return "; ".join(found) or "each could be, but not all of them together"

    def unlikely(self, center: FloatArray) -> tuple[Words, ...]:
        """Return which counts lie far off even from what is expected after learning, in words.

        |x - m| > 4 sd, m and sd of the binomial or Poisson law at the mean over rows: 1 in 16,000.

        Parameters
        ----------
        center
            Probability or mean of each datum in the rows, (M, N).
        """
        found = []
        for datum, row in zip(self.data, center, strict=True):
            if datum.law not in ("binomial", "poisson"):
                continue
            share = float(row.mean())
            mean = share * datum.number if datum.law == "binomial" else share
            sd = math.sqrt(max(mean * (1.0 - share) if datum.law == "binomial" else mean, 0.0))
            if abs(datum.value - mean) > FAR * sd:
                came, expected = decimal(datum.value), decimal(round(mean, 1))
                found.append(
                    Words(
                        da=f"{datum.words.da} {came.da} er langt fra de {expected.da}, der ventes "
                        "selv efter opdateringen; kontrollér tallet, eller udvid antagelserne",
                        en=f"{datum.words.en} {came.en} is far from the {expected.en} that is "
                        "expected even after learning; check the number, or widen what the case "
                        "assumes",
                    )
                )
        return tuple(found)

    @cached_property
    def _unlimited(self) -> Case:
        """The case without a capacity, in which everybody who would start does."""
        assert self.case.delivery is not None  # noqa: S101 - a case that runs has it
        if self.case.delivery.capacity is None:
            return self.case
        places = {"capacity": None, "waiting_list": None}
        return replace(self.case, delivery=self.case.delivery.model_copy(update=places))

    def seen(self, layers: Layers, *, measures: Iterable[str]) -> tuple[Setting, View]:
        """Return the parameters of a block, and what is reported of the people who really came.

        Parameters
        ----------
        layers
            The layers of the block; with chance and measurement off what is expected.
        measures
            Names of the measures that are looked at.
        """
        wanted = set(measures)
        found = setting(self.case, layers, facts=self.facts)
        arrivals = setting(self._unlimited, layers).participation
        outcomes = {self.case.measures[name].outcome for name in wanted}
        paths = outcomes_in(self.case, found, only=outcomes)
        reports = reports_in(self.case, found, paths=paths, only=wanted)
        shown = {name: path.shown for name, path in paths.items()}
        return found, View(found.context.values, arrivals, shown, reports)


def _joined(of: Likelihood, facts: Facts, *, seed: int) -> Likelihood:
    """Return a likelihood with the dependence of its reports, found by simulation."""
    constructed = [i for i, each in enumerate(of.reports) if each.constructed]
    if len(of.reports) < 2 and not constructed:  # noqa: PLR2004 - two depend on each other
        return replace(of, dependence=dependence_of(np.zeros((len(of.reports), 1))))
    measures = {each.measure for each in of.reports}
    layers = layers_of(seed=seed, block=FIRST_BLOCK)
    _, expected = of.seen(expecting(layers.parameters), measures=measures)
    _, simulated = of.seen(layers, measures=measures)
    center, spread = _laws(of.reports, view=expected)
    errors = [
        standardised(
            each, share=each.share(simulated.reports[each.measure]), center=mean, spread=sd
        )
        for each, mean, sd in zip(of.reports, center, spread, strict=True)
    ]
    stacked = np.stack(np.broadcast_arrays(*errors))
    sds = stacked.std(axis=1)
    exact = [i for i in constructed if sds[i] == 0]
    left = [i for i in range(len(of.reports)) if i not in exact]
    found = dependence_of(stacked[left])
    notes = [
        Words(
            da=f"{each.da} rammer aldrig ved siden af i simuleringen; intet læres af den",
            en=f"the {each.en} never errs in simulation; nothing is learned from it",
        )
        for each in (of.reports[i].words for i in exact)
    ]
    for i, twin in found.same_as.items():
        again, first = of.reports[left[i]].words, of.reports[left[twin]].words
        notes.append(
            Words(
                da=f"{again.da} gentager {first.da}; den tæller én gang",
                en=f"the {again.en} repeats the {first.en}; it counts once",
            )
        )
    reports = []
    for i in (left[i] for i in found.kept):
        each = of.reports[i]
        if each.constructed:
            each = replace(each, sd=float(sds[i]) * _stated(each, facts=facts, view=expected))
        reports.append(each)
    people = tuple(datum for datum in of.data if not isinstance(datum, Reported))
    return replace(of, data=(*people, *reports), dependence=found, notes=(*of.notes, *notes))


def _laws(data: Iterable[Datum], *, view: View) -> tuple[FloatArray, FloatArray]:
    """Return centre and spread of each datum, (M, 1 or D) each."""
    laws = [datum.expected(view) for datum in data]
    if not laws:
        return np.zeros((0, 1)), np.zeros((0, 1))
    rows = np.broadcast_arrays(*(each for law in laws for each in law))
    return np.stack(rows[::2]), np.stack(rows[1::2])


def _stated(datum: Reported, *, facts: Facts, view: View) -> float:
    """Return the standard error that a report states over the one that the case expects, or 1."""
    at, reports = (datum.cohort, datum.position), facts.reports[datum.measure]
    stated = float(reports.standard_error[at])
    precision = precision_of(view.reports[datum.measure])
    variance = precision.own + precision.common
    known = np.broadcast_to(variance, (*reports.treated_sum.shape, variance.shape[-1]))[at].mean()
    return float(stated / np.sqrt(known)) if known > 0 and stated > 0 else 1.0
