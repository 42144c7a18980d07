"""What a payment reads in a report: a rate, an effect or a relative change, compared exactly.

A result is kept as the number and the base it is a share of, because k / n is not exact in binary:
a level is reached where number >= level x base, with a tolerance of 1e-9 of the base, so that a tie
pays as the contract says whatever the number of people.

Sources: GO Lab, "Payment mechanisms" (https://golab.bsg.ox.ac.uk/community/events/payment-mech/,
2025) for rates and effects; the Peterborough pilot (142 against 155 reconvictions per 100, a fall
of 8.4 %, http://docplayer.net/16364006-The-peterborough-pilot-social-impact-bond.html, 2014) for
the relative change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.stages import Measurement
from sibsim.core.wording import counted, listing, percent, percentage_points
from sibsim.core.words import Words

EDGE_TOLERANCE = 1e-9
"""A result this close to an edge, as a share of its base, is on it: k / n is not exact."""

Of = Literal["rate", "effect", "reduction", "uplift"]
"""What is read of a report.

- `rate`: treated sum / people, such as the share who achieved it or mean days a person.
- `effect`: treated rate less comparison rate.
- `reduction`: comparison rate less treated rate, as a share of the comparison rate.
- `uplift`: treated rate less comparison rate, as a share of the comparison rate.
"""

_MEAN = Words(da="det målte gennemsnit pr. person", en="the measured mean per person")
"""The rate of results that are numbers, in words."""

_OF_WORDS: Mapping[Of, Words] = {
    "rate": Words(da="den målte andel", en="the measured rate"),
    "effect": Words(
        da="den målte forskel til sammenligningen", en="the measured difference to the comparison"
    ),
    "reduction": Words(
        da="det målte fald i forhold til sammenligningen",
        en="the measured fall relative to the comparison",
    ),
    "uplift": Words(
        da="den målte stigning i forhold til sammenligningen",
        en="the measured rise relative to the comparison",
    ),
}
"""What is read of results that are yes or no, in words."""

_RELATIVE: tuple[Of, ...] = ("reduction", "uplift")
"""What is a share whatever the results are counted in."""


def of_words(of: Of, *, unit: str) -> Words:
    """Return what is read in words.

    Parameters
    ----------
    of
        What is read of the report.
    unit
        What results are counted in, such as `days`; empty where they are yes or no.
    """
    return _MEAN if unit and of == "rate" else _OF_WORDS[of]


def unit_of(of: Of, *, unit: str) -> str:
    """Return what a level is counted in: nothing where it is a share or a difference of shares.

    Parameters
    ----------
    of, unit
        As in `of_words`.
    """
    return "" if of in _RELATIVE else unit


def level_words(level: float, *, of: Of, unit: str) -> Words:
    """Return a level as 65 %, for an effect 3 percentage points, or 8.5 points of a number.

    Parameters
    ----------
    level
        The level.
    of, unit
        As in `of_words`.
    """
    if counted_in := unit_of(of, unit=unit):
        return counted(level, unit=counted_in)
    return percentage_points(level) if of == "effect" else percent(level)


def follow_up_words(months: tuple[int, ...]) -> Words:
    """Return follow-ups as `at 12 and 24 months after the start of service`.

    Without any, `at every follow-up`.
    """
    if not months:
        return Words(da="ved hver opfølgning", en="at every follow-up")
    at = listing([str(month) for month in months])
    return Words(
        da=f"ved {at.da} måneder efter indsatsens start",
        en=f"at {at.en} months after the start of service",
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """Which report a line reads, what of it, and when."""

    measure: str
    """Name of the measure."""

    of: Of = "rate"
    """What is read of it; all but a rate need a comparison."""

    at_months: tuple[int, ...] | None = None
    """Follow-ups that are read, in months from the start of service; None: all of the measure's."""

    field: str = "reads"
    """Field of the line that names the measure."""


@dataclass(frozen=True, slots=True)
class Result:
    """A measured result: a number as a share of its base."""

    number: FloatArray
    """What is counted, (1 or D,)."""

    base: FloatArray
    """What it is a share of, (1 or D,); zero where nothing is measured."""

    when: FloatArray
    """Date of measurement in months since the start of the case, (1 or D,)."""

    @property
    def known(self) -> BoolArray:
        """Whether anything is measured, (1 or D,)."""
        return np.asarray(self.base > 0)

    @property
    def value(self) -> FloatArray:
        """Number / base, zero where nothing is measured, (1 or D,)."""
        return np.where(self.known, self.number / np.where(self.known, self.base, 1.0), 0.0)

    def reaches(self, level: float, *, inclusive: bool = True) -> BoolArray:
        """Return whether the result lies at or above a level, or above it, (1 or D,).

        number >= (level - 1e-9) base; exclusive: number > (level + 1e-9) base. False where nothing
        is measured.
        """
        if inclusive:
            return np.asarray(self.known & (self.number >= (level - EDGE_TOLERANCE) * self.base))
        return np.asarray(self.known & (self.number > (level + EDGE_TOLERANCE) * self.base))


def cells(report: Measurement, *, of: Of, position: int) -> tuple[FloatArray, FloatArray]:
    """Return number and base of what is read of each cohort at one follow-up, (C, 1 or D) each.

    rate: sum, people. effect: additional, people. uplift and reduction: additional and its
    opposite, what the comparison leads to expect. Zero bases where the comparison is of nobody, but
    for the rate and effect of people who are reported.

    Parameters
    ----------
    report
        What is reported.
    of
        What is read.
    position
        Index of the follow-up.
    """
    treated, people = report.treated_sum[:, position], report.treated_n[:, position]
    if of == "rate":
        return treated, people
    beyond = additional(report, position=position)
    if of == "effect":
        return beyond, people
    expected = np.where(report.comparison_n[:, position] > 0, treated - beyond, 0.0)
    return (beyond if of == "uplift" else -beyond), expected


def pooled(report: Measurement, *, of: Of, position: int, served: BoolArray) -> Result:
    """Return the result of all cohorts served together, known when the last is measured.

    Parameters
    ----------
    report, of, position
        As in `cells`.
    served
        Whether the cohort is served, (C, 1 or D).
    """
    number, base = cells(report, of=of, position=position)
    return Result(
        number=(number * served).sum(axis=0),
        base=(base * served).sum(axis=0),
        when=last_date(report.when[:, position], served=served),
    )


def by_cohort(
    report: Measurement, *, of: Of, position: int, served: BoolArray
) -> tuple[Result, ...]:
    """Return the result of each cohort by itself; nothing is measured of one that is not served.

    Parameters
    ----------
    report, of, position, served
        As in `pooled`.
    """
    number, base = cells(report, of=of, position=position)
    return tuple(
        Result(number[c] * each, base[c] * each, report.when[c, position])
        for c, each in enumerate(served)
    )


def masked(report: Measurement, *, keep: BoolArray) -> Measurement:
    """Return a report in which only some cells are measured.

    Parameters
    ----------
    report
        What is reported.
    keep
        Whether a cohort's report at a follow-up counts, (1 or C, 1 or K, 1 or D).
    """
    claims = report.claims
    if claims is not None:
        claims = tuple(claim * keep[min(c, len(keep) - 1)] for c, claim in enumerate(claims))
    return replace(
        report,
        treated_sum=report.treated_sum * keep,
        treated_n=report.treated_n * keep,
        comparison_sum=report.comparison_sum * keep,
        comparison_n=report.comparison_n * keep,
        claims=claims,
    )


def latest(report: Measurement, *, of: Of, on: float, served: BoolArray) -> Result:
    """Return the result to date: each cohort served at its last follow-up up to `on`, pooled.

    Parameters
    ----------
    report, of, served
        As in `pooled`.
    on
        Date in months since the start of the case.
    """
    number = base = np.zeros((len(report.when), 1))
    for position in range(report.when.shape[1]):
        here, out_of = cells(report, of=of, position=position)
        by_then = (report.when[:, position] <= on) & (report.treated_n[:, position] > 0)
        number, base = np.where(by_then, here, number), np.where(by_then, out_of, base)
    return Result((number * served).sum(axis=0), (base * served).sum(axis=0), np.full(1, on))


def additional(measurement: Measurement, *, position: int) -> FloatArray:
    """Return successes beyond what the comparison leads to expect, by cohort.

    additional = treated sum - treated n x comparison sum / comparison n, each cohort against its
    own comparison; may be negative. Where nobody is in the comparison nothing is shown to be
    additional, and it is zero. It is what is *reported*; `OutcomePath.additional` is what is true.

    Parameters
    ----------
    measurement
        What is reported.
    position
        Index of the follow-up.

    Returns
    -------
    FloatArray
        People, (C, 1 or D).
    """
    people = measurement.comparison_n[:, position]
    rate = measurement.comparison_sum[:, position] / np.where(people > 0, people, 1.0)
    expected = measurement.treated_n[:, position] * rate
    return np.where(people > 0, measurement.treated_sum[:, position] - expected, 0.0)


def last_date(when: FloatArray, *, served: BoolArray) -> FloatArray:
    """Return the date on which the last cohort that is served is measured, (1 or D,).

    The start of the case where no cohort is served, as nothing is then owed.

    Parameters
    ----------
    when
        Dates of measurement in months since the start of the case, (C, 1 or D).
    served
        Whether the cohort is served, (C, 1 or D).
    """
    if served.all():
        return np.asarray(when.max(axis=0))
    found = np.where(served, when, -np.inf).max(axis=0)
    return np.where(np.isneginf(found), 0.0, found)
