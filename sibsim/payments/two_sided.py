"""A two-sided payment: the payer pays for good results, the investors pay back for bad ones.

A straight line through points whose amounts may be negative. Below the first point the amount of
that point holds, which is the most the investors can owe, above the last the amount of the last.

Source: GO Lab, INDIGO, which records a risk share by which the provider pays back for
under-performance (https://golab-indigo-data-store.herokuapp.com, 2025); no readable contract shows
the table, so its shape is ours. What the investors owe is settled as the payments are, on the
date of the measurement plus the lags; limits of the line cut payments, not what is paid back.
Further assumptions: those of `table_line`.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray
from sibsim.core.wording import MeasureWords, money
from sibsim.core.words import Words
from sibsim.payments.reading import Result
from sibsim.payments.schedule import (
    SignedSchedule,
    by_lines,
    point_words,
    table_words,
)
from sibsim.payments.table_line import TableLine


class TwoSided(TableLine):
    """A payment on straight lines between points, below zero on bad results.

    due = interpolation of the schedule at x, the first amount below the first point and the last
    above the last; what is below zero is owed by the investors to the payer. Nothing is owed either
    way where nothing is measured.
    """

    model: Literal["two_sided"] = "two_sided"
    """Name of the payment model."""

    schedule: SignedSchedule
    """Points of the table: `at` strictly rising, `pays` never falling, below zero at first."""

    @model_validator(mode="after")
    def _pays_both_ways(self) -> Self:
        if self.schedule[0].pays >= 0:
            kind = "two_sided"
            message = (
                "got pays = {pays} at the first point; a two-sided table starts below zero; take "
                "interpolated_table where the investors never pay back"
            )
            raise PydanticCustomError(kind, message, {"pays": self.schedule[0].pays})
        return self

    @property
    def may_be_returned(self) -> bool:
        """On bad results the investors owe the payer."""
        return True

    def _pays(self, result: Result) -> FloatArray:
        return by_lines(self.schedule, result=result, below="first")

    def _schedule_words(self, words: MeasureWords) -> Words:
        def amount(pays: float) -> Words:
            said = money(abs(pays), currency=words.currency)
            if pays >= 0:
                return said
            return Words(
                da=f"{said.da} tilbage fra investorerne", en=f"{said.en} back from the investors"
            )

        points = point_words(self.schedule, of=self.of, unit=words.unit(self.reads), worth=amount)
        return table_words(points, table="lines", below=None)


Model = TwoSided
