"""Clauses that can stand around any payment line: trigger, holdback, clawback.

A trigger decides whether a report counts: what does not pass is read as if it had not been
measured. A holdback keeps a share of every payment until a test is passed, and a clawback returns a
share of what has been paid when a later test fails. Tests read the last report of a measure, all
cohorts together.

Sources: Cuyahoga (no reduction, no payment,
https://nff.org/blog/results-and-reflections-cuyahoga-pay-success-project, 2020) and Rikers Island
for triggers; Denver Supportive Housing, whose jail payment waits five years
(https://resources.nhpfoundation.org/view/679239/38, 2021), for payment held to the end; the
toolbox of Den Sociale Investeringsfond for settlement at a later date
(https://socialeinvesteringer.nu/vaerktoejskasse/, 2025). No readable contract holds a clawback of
what was paid for an outcome; the clause is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from statistics import NormalDist
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import BoolArray, FloatArray, IntArray
from sibsim.core.spec import Flag, Number, Probability, Spec
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, decimal, listing, percent
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.payments.reading import (
    OF_WORDS,
    Of,
    Result,
    by_cohort,
    last_date,
    level_words,
    masked,
    pooled,
)
from sibsim.payments.schedule import Level, PooledResult

Share = Annotated[Probability, Field(gt=0)]
"""A share in (0, 1]."""


class Test(PooledResult):
    """A level that one report has to reach."""

    of: Of = "rate"
    """What is read of it."""

    at_least: Level
    """Level that passes; the level itself does (tolerance 1e-9)."""

    def outcome(
        self, measured: Mapping[str, Measurement], *, standing: Standing
    ) -> tuple[BoolArray, BoolArray, FloatArray]:
        """Return whether it is passed, whether failed, and its date in months, (1 or D,) each.

        Neither is true of a test that is not measured yet.
        """
        result = self.result(measured, standing=standing)
        passed = result.reaches(self.at_least)
        return passed, np.logical_and(result.known, ~passed), result.when

    def condition(self, words: MeasureWords) -> Words:
        """Return the test in words."""
        read, level = self.words(words), level_words(self.at_least, of=self.of)
        return Words(da=f"{read.da} er mindst {level.da}", en=f"{read.en} is at least {level.en}")


class Trigger(Spec):
    """What a report has to show before the line reads it at all.

    A report that does not pass counts as not measured; of all cohorts together it is known when the
    last of them is measured, and paid then. With `alpha` the difference to the comparison must be
    significant in a one-sided test of two proportions, each with its own variance: with `better`
    more, z = (p1 - p0) / sqrt(p1 (1 - p1) / n1 + p0 (1 - p0) / n0) >= Phi^-1(1 - alpha).
    """

    pooled: Flag
    """All cohorts served together at each follow-up, or each cohort by itself."""

    of: Of | None = None
    """What `at_least` is compared with; needed with it."""

    at_least: Level | None = None
    """Smallest result that passes; the level itself does (tolerance 1e-9)."""

    alpha: Annotated[Number, Field(gt=0, lt=1)] | None = None
    """Level of the one-sided test, such as 0.05; of shares of people, not of days or events."""

    better: Literal["more", "fewer"] | None = None
    """Whether more successes than in the comparison are tested for, or fewer; needed with
    `alpha`."""

    people: Annotated[Number, Field(gt=0)] | None = None
    """Fewest participants in the report."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.at_least is None and self.alpha is None and self.people is None:
            kind = "trigger"
            message = (
                "got a trigger that asks nothing; write at_least, alpha or people, or leave it out"
            )
            raise PydanticCustomError(kind, message)
        for asked, how in (("at_least", "of"), ("alpha", "better")):
            if (getattr(self, asked) is None) != (getattr(self, how) is None):
                kind = "trigger"
                message = (
                    "got one of {asked} and {how} without the other; {how} says what {asked} is "
                    "asked of; write both or none"
                )
                raise PydanticCustomError(kind, message, {"asked": asked, "how": how})
        return self

    @property
    def needs_comparison(self) -> bool:
        """Whether the report has to have a comparison."""
        return self.alpha is not None or (self.at_least is not None and self.of != "rate")

    def applied(self, report: Measurement, *, standing: Standing) -> Measurement:
        """Return the report with what does not pass read as not measured.

        Parameters
        ----------
        report
            What is reported.
        standing
            Which cohorts are served.
        """
        follow_ups = range(len(report.follow_up_months))
        served = standing.served
        passed = (self._passed(report, position=k, served=served) for k in follow_ups)
        keep = np.stack(np.broadcast_arrays(*passed), axis=1)
        when = report.when
        if self.pooled:
            last = [last_date(when[:, k], served=served) for k in follow_ups]
            when = np.broadcast_to(np.stack(last), (len(when), *np.stack(last).shape))
        return replace(masked(report, keep=keep), when=when)

    def _passed(self, report: Measurement, *, position: int, served: BoolArray) -> BoolArray:
        """Return whether each cohort's report passes at one follow-up, (1 or C, 1 or D)."""
        asked: list[tuple[BoolArray, ...]] = []
        if self.at_least is not None and self.of is not None:
            found = self._results(report, of=self.of, position=position, served=served)
            asked.append(tuple(each.reaches(self.at_least) for each in found))
        if self.people is not None:
            found = self._results(report, of="rate", position=position, served=served)
            asked.append(tuple(np.asarray(each.base >= self.people) for each in found))
        if self.alpha is not None:
            lower = self._lower_limit(report, position=position, served=served)
            asked.append(tuple(np.asarray(each >= 0) for each in lower))
        cohorts = [
            np.logical_and.reduce(np.broadcast_arrays(*of)) for of in zip(*asked, strict=True)
        ]
        return np.stack(np.broadcast_arrays(*cohorts))

    def _results(
        self, report: Measurement, *, of: Of, position: int, served: BoolArray
    ) -> tuple[Result, ...]:
        if self.pooled:
            return (pooled(report, of=of, position=position, served=served),)
        return by_cohort(report, of=of, position=position, served=served)

    def _lower_limit(self, report: Measurement, *, position: int, served: BoolArray) -> FloatArray:
        """Return effect - Phi^-1(1 - alpha) standard errors, (1 or C, 1 or D).

        Pooled, effect and variance are those of cohorts weighted by their participants; below zero
        where nothing is measured.
        """
        assert self.alpha is not None  # noqa: S101 - asked for where it is stated only
        people = report.treated_n[:, position] * served
        others = report.comparison_n[:, position] * served
        rates = (
            _share(report.treated_sum[:, position], of=people),
            _share(report.comparison_sum[:, position], of=others),
        )
        if any((rate > 1).any() for rate in rates):
            message = (
                "trigger.alpha: the report counts more than its people; the test is of shares of "
                "people; use at_least for days and events"
            )
            raise ArgumentError(message)
        sign = 1.0 if self.better == "more" else -1.0
        effect = sign * people * (rates[0] - rates[1])
        variance = people**2 * (
            _share(rates[0] * (1 - rates[0]), of=people)
            + _share(rates[1] * (1 - rates[1]), of=others)
        )
        known: BoolArray = np.logical_and(people > 0, others > 0)
        effect, variance = effect * known, variance * known
        if self.pooled:
            effect, variance = (each.sum(axis=0, keepdims=True) for each in (effect, variance))
        lower = effect - NormalDist().inv_cdf(1 - self.alpha) * np.sqrt(variance)
        return np.where(effect > 0, lower, -1.0)

    def words(self, words: MeasureWords) -> Words:  # noqa: ARG002 - tests read it
        """Return the trigger as the end of a sentence."""
        asked = []
        if self.at_least is not None and self.of is not None:
            of, level = OF_WORDS[self.of], level_words(self.at_least, of=self.of)
            asked.append(
                Words(da=f"{of.da} er mindst {level.da}", en=f"{of.en} is at least {level.en}")
            )
        if self.alpha is not None:
            alpha, better = percent(self.alpha), _BETTER[self.better or "more"]
            asked.append(
                Words(
                    da=f"deltagerne har signifikant {better.da} end sammenligningen i en ensidet "
                    f"test på {alpha.da}-niveau",
                    en=f"participants have significantly {better.en} than the comparison in a "
                    f"one-sided test at the {alpha.en} level",
                )
            )
        if self.people is not None:
            fewest = decimal(self.people)
            asked.append(
                Words(
                    da=f"mindst {fewest.da} deltagere indgår",
                    en=f"at least {fewest.en} participants are in the report",
                )
            )
        all_asked = listing(asked)
        who = _POOLED[self.pooled]
        return Words(
            da=f", kun hvis {all_asked.da} ({who.da})", en=f", only if {all_asked.en} ({who.en})"
        )


_BETTER = {
    "more": Words(da="flere", en="more"),
    "fewer": Words(da="færre", en="fewer"),
}
_POOLED = {
    True: Words(da="alle hold under ét", en="all cohorts together"),
    False: Words(da="hvert hold for sig", en="each cohort by itself"),
}


class Holdback(Spec):
    """A share of every payment that is kept until a test is passed."""

    share: Share
    """Share of every payment that is kept, in (0, 1]."""

    until: Test
    """The test; what is kept is paid with its result, or never."""

    def applied(self, due: Due, *, passed: BoolArray, period: IntArray, periods: int) -> Due:
        """Return what is due with the share kept and paid later.

        Parameters
        ----------
        due
            What the line owes.
        passed
            Whether the test is passed, (1 or D,).
        period
            Period in which its result is paid on, (1 or D,); T or more: never.
        periods
            Number of periods, T.
        """
        waits = np.arange(periods)[:, np.newaxis] < period
        kept = np.where(waits, self.share * due.amount, 0.0)
        owed = np.array(np.broadcast_to(due.amount, kept.shape)) - kept
        released = np.where(passed, kept.sum(axis=0), 0.0)
        return _posted(replace(due, amount=owed), released, period=period, periods=periods)

    def words(self, words: MeasureWords) -> Words:
        """Return the clause as the end of a sentence."""
        share, test = percent(self.share), self.until.condition(words)
        return Words(
            da=f"; {share.da} af hver betaling holdes tilbage, til {test.da}",
            en=f"; {share.en} of every payment is held back until {test.en}",
        )


class Clawback(Spec):
    """A share of what has been paid that is returned when a later test fails."""

    share: Share
    """Share of what has been paid before the result that is returned, in (0, 1]."""

    unless: Test
    """The test."""

    def applied(self, paid: FloatArray, *, failed: BoolArray, period: IntArray) -> FloatArray:
        """Return what is owed back in each period, (T, 1 or D).

        Parameters
        ----------
        paid
            What the line has paid after limits, (T, 1 or D).
        failed
            Whether the test is failed, (1 or D,).
        period
            Period in which its result is settled, (1 or D,); T or more: never.
        """
        rows = np.arange(len(paid))[:, np.newaxis]
        before = np.where(rows < period, paid, 0.0).sum(axis=0)
        owed = np.where(failed, self.share * before, 0.0)
        return np.where(rows == period, owed, 0.0)

    def words(self, words: MeasureWords) -> Words:
        """Return the clause as the end of a sentence."""
        share, test = percent(self.share), self.unless.condition(words)
        return Words(
            da=f"; {share.da} af det betalte betales tilbage, medmindre {test.da}",
            en=f"; {share.en} of what has been paid is returned unless {test.en}",
        )


def _posted(due: Due, amount: FloatArray, *, period: IntArray, periods: int) -> Due:
    """Return what is due with an amount added in a period, or lapsed, (1 or D,) each."""
    rows = np.arange(periods)[:, np.newaxis]
    return replace(
        due,
        amount=due.amount + np.where(rows == period, amount, 0.0),
        lapsed=due.lapsed + np.where(period < periods, 0.0, amount),
    )


def _share(number: FloatArray, *, of: FloatArray) -> FloatArray:
    """Return number / of, zero where `of` is."""
    return np.where(of > 0, number / np.where(of > 0, of, 1.0), 0.0)
