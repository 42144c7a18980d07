"""The clause that decides whether a report counts at all: point, lower limit, test, least number.

What does not pass is read as if it had not been measured. The rule is separate from the estimate:
a payment reads the estimate, whatever has to be shown about it first.

Sources: Cuyahoga (no reduction, no payment,
https://nff.org/blog/results-and-reflections-cuyahoga-pay-success-project, 2020) and Rikers Island
for levels; tests and limits are those of the evaluation's own standard error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import BoolArray
from sibsim.core.precision import passes
from sibsim.core.spec import Flag, Number, Spec
from sibsim.core.stages import Measurement, Standing
from sibsim.core.wording import decimal, listing, percent
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.payments.reading import (
    Of,
    Result,
    by_cohort,
    last_date,
    level_words,
    masked,
    of_words,
    pooled,
)
from sibsim.payments.schedule import Level


class Trigger(Spec):
    """What a report has to show before the line reads it at all.

    A report that does not pass counts as not measured; of all cohorts together it is known when the
    last of them is measured, and paid then. With `alpha` the difference to the comparison must be
    significant in a one-sided test, by the error that the evaluation states of itself: of two
    shares the test is z = (p1 - p0) / sqrt(p (1 - p) (1 / n1 + 1 / n0)) >= Phi^-1(1 - alpha), p the
    share of both together; with `lower_limit` the limit is p1 - p0 less the quantile times
    sqrt(p1 (1 - p1) / n1 + p0 (1 - p0) / n0).
    """

    pooled: Flag
    """All cohorts served together at each follow-up, or each cohort by itself."""

    of: Of | None = None
    """What `at_least` is compared with; needed with it."""

    at_least: Level | None = None
    """Smallest result that passes; the level itself does (tolerance 1e-9)."""

    alpha: Annotated[Number, Field(gt=0, lt=1)] | None = None
    """Level of the one-sided test, such as 0.05; of days and events only where the evaluation
    states how sure it is."""

    better: Literal["more", "fewer"] | None = None
    """Whether more successes than in the comparison are tested for, or fewer; needed with
    `alpha`."""

    lower_limit: Level | None = None
    """Level that the lower limit d - q sd has to reach, with `alpha`; without it 0, so that there
    is a difference at all."""

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
        if self.lower_limit is not None and self.alpha is None:
            kind = "trigger"
            message = "got lower_limit without alpha, which says how sure it has to be; write both"
            raise PydanticCustomError(kind, message)
        return self

    @property
    def levels(self) -> dict[str, tuple[float, Of]]:
        """Every level that is stated and what it is a level of, by field."""
        found: dict[str, tuple[float, Of]] = {}
        if self.at_least is not None and self.of is not None:
            found["at_least"] = self.at_least, self.of
        if self.lower_limit is not None:
            found["lower_limit"] = self.lower_limit, "effect"
        return found

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
            asked.append(self._tested(report, position=position, served=served))
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

    def _tested(
        self, report: Measurement, *, position: int, served: BoolArray
    ) -> tuple[BoolArray, ...]:
        """Return whether the lower limit is reached, by cohort or pooled, (1 or D,) each.

        False where nothing is measured or the difference is not for the better.
        """
        assert self.alpha is not None  # noqa: S101 - asked for where it is stated only
        self._check_shares(report, position=position)
        groups = [served] if self.pooled else list(_one_by_one(served))
        return tuple(
            passes(
                report,
                position=position,
                served=group,
                alpha=self.alpha,
                sign=1.0 if self.better == "more" else -1.0,
                limit=self.lower_limit,
            )
            for group in groups
        )

    def _check_shares(self, report: Measurement, *, position: int) -> None:
        """Refuse a test of numbers whose precision nobody states."""
        if report.precision is not None:
            return
        groups = (
            (report.treated_sum, report.treated_n),
            (report.comparison_sum, report.comparison_n),
        )
        if any((total[:, position] > number[:, position]).any() for total, number in groups):
            message = (
                "trigger.alpha: the report counts more than its people; the test is of shares of "
                "people; use at_least for days and events"
            )
            raise ArgumentError(message)

    def words(self, *, unit: str) -> Words:
        """Return the trigger as the end of a sentence.

        Parameters
        ----------
        unit
            What results are counted in, such as `days`; empty where they are yes or no.
        """
        asked = []
        if self.at_least is not None and self.of is not None:
            of = of_words(self.of, unit=unit)
            level = level_words(self.at_least, of=self.of, unit=unit)
            asked.append(
                Words(da=f"{of.da} er mindst {level.da}", en=f"{of.en} is at least {level.en}")
            )
        if self.lower_limit is not None and self.alpha is not None:
            asked.append(self._limit_words(self.lower_limit, alpha=self.alpha, unit=unit))
        elif self.alpha is not None:
            alpha, better = percent(self.alpha), _BETTER[self.better or "more"]
            asked.append(
                Words(
                    da=f"deltagernes resultat er signifikant {better.da} end sammenligningens i "
                    f"en ensidet test på {alpha.da}-niveau",
                    en=f"participants' result is significantly {better.en} than the comparison's "
                    f"in a one-sided test at the {alpha.en} level",
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

    def _limit_words(self, level: float, *, alpha: float, unit: str) -> Words:
        sure, limit = percent(1.0 - alpha), level_words(level, of="effect", unit=unit)
        which = _LIMITED[self.better or "more"]
        return Words(
            da=f"{which.da} er mindst {limit.da} med {sure.da} sikkerhed (ensidig nedre grænse)",
            en=f"{which.en} is at least {limit.en} with {sure.en} confidence (one-sided lower "
            "limit)",
        )


def _one_by_one(served: BoolArray) -> Iterator[BoolArray]:
    """Yield for each cohort whether it alone is served, (C, 1 or D)."""
    for cohort in range(len(served)):
        alone = np.arange(len(served))[:, np.newaxis] == cohort
        yield served & alone


_BETTER = {
    "more": Words(da="højere", en="higher"),
    "fewer": Words(da="lavere", en="lower"),
}
_LIMITED = {
    "more": Words(
        da="deltagernes forspring til sammenligningen",
        en="participants' lead on the comparison",
    ),
    "fewer": Words(
        da="deltagernes fald i forhold til sammenligningen",
        en="participants' fall against the comparison",
    ),
}
_POOLED = {
    True: Words(da="alle hold under ét", en="all cohorts together"),
    False: Words(da="hvert hold for sig", en="each cohort by itself"),
}
