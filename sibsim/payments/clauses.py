"""Clauses that can stand around any payment line: holdback and clawback.

A holdback keeps a share of every payment until a test is passed, and a clawback returns a share of
what has been paid when a later test fails. Tests read the last report of a measure, all cohorts
together.

Sources: Denver Supportive Housing, whose jail payment waits five years
(https://resources.nhpfoundation.org/view/679239/38, 2021), for payment held to the end; the
toolbox of Den Sociale Investeringsfond for settlement at a later date
(https://socialeinvesteringer.nu/vaerktoejskasse/, 2025). No readable contract holds a clawback of
what was paid for an outcome; the clause is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import Field

from sibsim.core.arrays import BoolArray, FloatArray, IntArray
from sibsim.core.spec import Probability, Spec
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, percent
from sibsim.core.words import Words
from sibsim.payments.reading import Of
from sibsim.payments.schedule import Level, PooledResult

Share = Annotated[Probability, Field(gt=0)]
"""A share in (0, 1]."""


class Test(PooledResult):
    """A level that one report has to reach."""

    of: Of = "rate"
    """What is read of it."""

    at_least: Level
    """Level that passes; the level itself does (tolerance 1e-9)."""

    @property
    def asked(self) -> tuple[float, ...]:
        """The one level."""
        return (self.at_least,)

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
        read, level = self.words(words), self.level_words(self.at_least, words=words)
        return Words(da=f"{read.da} er mindst {level.da}", en=f"{read.en} is at least {level.en}")


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
