"""A yearly coupon on a principal, by the result to date, and the principal at maturity.

On each coupon date the payer pays one full year's rate on the whole principal, found in a table of
the cumulative result to date; the first coupons can have a least rate whatever the result. At
maturity a share of the principal can be repaid by the final result.

Source: the Newpin bond of AUD 7 m: 15, 12, 7.5 and 3 % by restoration rate, at least 5 % in the
first three years (Emma Tomkinson, "NSW social benefit bond returns to investors",
http://emmatomkinson.com/2013/06/03/nsw-social-benefit-bond-returns-to-investors/, 2013); coupons
follow the cumulative rate (Brisbane Times,
http://www.brisbanetimes.com.au/business/nsw-social-impact-bond-returns-75-per-cent-20140831-10ajsa.html,
2014).

Assumptions. Every coupon is one full year's interest, whatever the number of days since the last;
interest is not added to the principal. The result to date is that of each cohort served at its last
follow-up, all cohorts together, as far as it is known: measured the lags before the coupon date.
A least rate is paid whatever happens, also after an early end of the contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.spec import Date, Money, Name, Spec
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, day_words, listing, money, percent
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.reading import Of, Reading, latest, of_words
from sibsim.payments.schedule import (
    RateTable,
    ShareTable,
    Table,
    YearlyRate,
    by_steps,
    by_table,
    is_lowest,
    point_words,
    table_words,
)
from sibsim.payments.table_line import holding

_PATTERN = Words(
    da="{payer} betaler {dates} en årlig rente af {principal} efter {of} for »{outcome}« ved hvert "
    "holds seneste opfølgning, målt ved {design} og opgjort for alle hold under ét: {rates}"
    "{minimum}{redemption}{closing}",
    en='{payer} pays on {dates} a yearly coupon on {principal} by {of} of "{outcome}" at '
    "each cohort's latest follow-up, measured by {design} and settled for all cohorts together: "
    "{rates}{minimum}{redemption}{closing}",
)


class Minimum(Spec):
    """The least rate of the first coupons, whatever the result."""

    rate: YearlyRate
    """Least rate a year, at least 0; 5 % is 0.05."""

    coupons: Annotated[int, Field(strict=True, ge=1)]
    """How many of the first coupons it applies to, at least 1."""


class Coupon(PaymentModel):
    """A yearly coupon by the result to date.

    coupon = principal x max(rate(result to date), least rate); redemption = principal x
    share(result at maturity). Differs from a terminal bullet in that interest is paid each year.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"homogeneous"})

    model: Literal["coupon"] = "coupon"
    """Name of the payment model."""

    reads: Name
    """Name of the measure the line reads, at all of its follow-ups."""

    of: Of
    """What is read to date: the rate of the treated, treated rate less comparison rate, or their
    relative fall or rise."""

    principal: Money
    """What interest is paid on, in the case's currency; the same for every coupon."""

    table: Table
    """How `points` is read: the rate of the highest point reached (`steps`), or a straight line
    between points (`lines`); no interest below the first point."""

    points: RateTable
    """Rate by result: `at` strictly rising, `rate` never falling; a point itself is reached."""

    coupon_dates: tuple[Date, ...]
    """Days on which a coupon is paid, in order, one in a calendar year; each is a full year's."""

    minimum: Minimum | None = None
    """Least rate of the first coupons; without it there is none."""

    redemption: ShareTable | None = None
    """Share of the principal repaid at maturity, by steps of the result by then: `at` strictly
    rising, `share` never falling, nothing below the first point. Without it none is repaid."""

    matures: Date | None = None
    """Day on which the principal is repaid; needed with `redemption`."""

    @model_validator(mode="after")
    def _dates_agree(self) -> Self:
        kind = "coupon"
        days = self.coupon_dates
        context: dict[str, object] = {"days": ", ".join(map(str, days)), "matures": self.matures}
        if not days or any(first.year >= then.year for first, then in pairwise(days)):
            message = (
                "got coupon_dates = [{days}]; a yearly coupon has dates in order, one in a "
                "calendar year; write one date a year"
            )
            raise PydanticCustomError(kind, message, context)
        if self.minimum is not None and self.minimum.coupons > len(days):
            message = (
                "got minimum.coupons = {coupons} and {dates} coupon dates; the least rate is for "
                "some of the coupons; lower it or add dates"
            )
            context |= {"coupons": self.minimum.coupons, "dates": len(days)}
            raise PydanticCustomError(kind, message, context)
        if (self.redemption is None) != (self.matures is None):
            message = (
                "got one of redemption and matures without the other; the principal is repaid by "
                "a table on a day; write both, or none if the line repays no principal"
            )
            raise PydanticCustomError(kind, message)
        if self.minimum is not None and self.minimum.rate > self.points[-1].rate:
            message = (
                "got a minimum of {least} above the highest rate of the table, {most}; the table "
                "would never be read; lower the minimum or raise the table"
            )
            context |= {"least": self.minimum.rate, "most": self.points[-1].rate}
            raise PydanticCustomError(kind, message, context)
        if self.matures is not None and self.matures < days[-1]:
            message = (
                "got matures = {matures} and coupons on {days}; no coupon follows the repayment; "
                "move the day or drop coupons"
            )
            raise PydanticCustomError(kind, message, context)
        return self

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line: unconditional where there is a least rate."""
        held = holding(self.declares, readings=self.readings)
        least = self.minimum is not None and self.minimum.rate * self.principal > 0
        return held | {"unconditional"} if least else held

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report that is paid for, at all its follow-ups."""
        return (Reading(self.reads, self.of),)

    @property
    def least(self) -> float:
        """The coupons that have a least rate."""
        if self.minimum is None:
            return 0.0
        coupons = min(self.minimum.coupons, len(self.coupon_dates))
        return self.minimum.rate * self.principal * coupons

    @property
    def dates(self) -> tuple[date, ...]:
        """The days of the coupons and of the repayment."""
        return self.coupon_dates if self.matures is None else (*self.coupon_dates, self.matures)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        claims = self._claims(measured[self.reads], standing=standing, terms=terms)
        return collect(claims, terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        unit = words.unit(self.reads)
        points = point_words(self.points, of=self.of, unit=unit, worth=percent)
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "dates": listing([day_words(day) for day in self.coupon_dates]),
            "principal": money(self.principal, currency=words.currency),
            "of": of_words(self.of, unit=unit),
            "outcome": words.outcome,
            "design": words.design,
            "rates": table_words(
                points, table=self.table, lowest=is_lowest(self.points, of=self.of, unit=unit)
            ),
            "minimum": self._minimum_words(),
            "redemption": self._redemption_words(unit),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _claims(self, report: Measurement, *, standing: Standing, terms: Terms) -> Iterator[Claim]:
        at = terms.timeline.months_at
        known = partial(latest, report, of=self.of, served=standing.served)
        for number, day in enumerate(self.coupon_dates):
            rate = by_table(
                self.points, table=self.table, result=known(on=at(day) - terms.lag_months)
            )
            if self.minimum is not None and number < self.minimum.coupons:
                rate = np.maximum(rate, self.minimum.rate)
            yield Claim(self.principal * rate, np.array([at(day)]), lagged=False)
        if self.redemption is not None and self.matures is not None:
            end = at(self.matures)
            share = by_steps(self.redemption, result=known(on=end - terms.lag_months))
            yield Claim(self.principal * share, np.array([end]), lagged=False)

    def _minimum_words(self) -> Words:
        if self.minimum is None:
            return Words(da="", en="")
        rate, number = percent(self.minimum.rate), self.minimum.coupons
        first = Words(
            da=f"hver af de første {number} rentebetalinger",
            en=f"each of the first {number} coupons",
        )
        if number == 1:
            first = Words(da="den første rentebetaling", en="the first coupon")
        return Words(
            da=f", dog mindst {rate.da} i {first.da} uanset resultatet",
            en=f", but at least {rate.en} in {first.en} whatever the result",
        )

    def _redemption_words(self, unit: str) -> Words:
        if self.redemption is None or self.matures is None:
            return Words(da="", en="")
        points = point_words(self.redemption, of=self.of, unit=unit, worth=percent)
        lowest = is_lowest(self.redemption, of=self.of, unit=unit)
        shares = table_words(points, table="steps", lowest=lowest)
        day = day_words(self.matures)
        return Words(
            da=f"; {day.da} tilbagebetales en andel af hovedstolen efter resultatet på den dag: "
            f"{shares.da}",
            en=f"; on {day.en} a share of the principal is repaid by the result to that day: "
            f"{shares.en}",
        )


Model = Coupon
