"""How far a contract goes: the agreed right to end it early on the first measured result.

A step of its own between evaluation and payments. All cohorts are simulated, then those that the
early end keeps from starting are masked, which is exact. Assumes that cohorts under way at the end
are served in full, measured and paid, and that later ones never start. The service as a whole runs
on, and costs, until the last served cohort has finished its programme.

Source: Rikers Island, where the investor could decline year four after an interim reading
(https://www.payforsuccess.org/project/nyc-able-project-incarcerated-youth, 2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import numpy as np
from annotated_types import Ge, Le
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import Months, Name, Number, Spec
from sibsim.core.stages import Measurement, Standing
from sibsim.core.wording import Sentence
from sibsim.core.words import Words
from sibsim.payments.reading import EDGE_TOLERANCE, OF_WORDS, Of, additional, level_words

RESULT = 1
"""Cause of an early end: the first measured result is below the agreed level."""

MONEY = 2
"""Cause of an early end: the money has run out."""


_PATTERN = Words(
    da="kontrakten ophører {notice} måneder efter, at resultatet er kendt, hvis {of} for "
    "»{outcome}« i det første hold {months} måneder efter indsatsens start er under {level}; hold, "
    "der da ikke er begyndt, begynder ikke",
    en='the contract ends {notice} months after the result is known if {of} of "{outcome}" in the '
    "first cohort {months} months after the start of service is below {level}; cohorts that have "
    "not started by then never do",
)


class Termination(Spec):
    """The right to end the contract when the first measured result is below a level."""

    measure: Name
    """Name of the measure that is read."""

    at_months: Months
    """The follow-up that is read, in months from the start of service."""

    compare: Literal["rate", "effect"]
    """What is read: the rate of the treated, or treated rate less comparison rate."""

    below: Annotated[Number, Ge(-1), Le(1)]
    """The contract ends when the result is below this level: a rate in [0, 1], an effect in
    [-1, 1]. The level itself does not end it (tolerance 1e-9)."""

    notice_months: Months
    """Months from the day the result is known to the end."""

    @model_validator(mode="after")
    def _level_is_possible(self) -> Self:
        if self.compare == "rate" and self.below < 0:
            kind = "termination"
            message = (
                "got below = {below}; a rate lies in [0, 1]; write compare = 'effect' for a "
                "difference to the comparison"
            )
            raise PydanticCustomError(kind, message, {"below": self.below})
        return self

    def sentence(self, outcome: Words | str) -> Sentence:
        """Return the right as one sentence; `outcome` is the title of what is measured."""
        of: Of = "effect" if self.compare == "effect" else "rate"
        values: dict[str, Words | str] = {
            "of": OF_WORDS[of],
            "outcome": outcome,
            "months": str(self.at_months),
            "level": level_words(self.below, of=of),
            "notice": str(self.notice_months),
        }
        return Sentence(_PATTERN, values)

    @property
    def needs_comparison(self) -> bool:
        """Whether the measure has to report a comparison."""
        return self.compare == "effect"


def standing(
    termination: Termination | None,
    *,
    measured: Mapping[str, Measurement],
    participation_start: FloatArray,
    evaluation_lag_months: float,
    stop_at: FloatArray | None = None,
) -> Standing:
    """Return which cohorts are served, and when and why the contract ends early.

    Parameters
    ----------
    termination
        The right to end early; None: there is none.
    measured
        What is reported, by measure.
    participation_start
        Real start of each cohort in months since the start of the case, (C, 1 or D).
    evaluation_lag_months
        Months from measurement to the day the result is known.
    stop_at
        Date at which the money runs out in months since the start of the case, (1 or D,), infinite
        where it does not; None: never.

    Returns
    -------
    Standing
        A cohort is served when it starts before the end, and then in full.
    """
    end = np.full(1, np.inf)
    if termination is not None:
        report = measured[termination.measure]
        end = _ends_at(
            termination,
            report=report,
            first=int(np.argmin(participation_start[:, 0])),
            lag=evaluation_lag_months,
        )
    cause = np.where(np.isfinite(end), RESULT, 0)
    if stop_at is not None:
        cause = np.where(stop_at < end, MONEY, cause)
        end = np.minimum(end, stop_at)
    return Standing(served=participation_start < end, end=end, cause=cause.astype(np.int8))


def service_ends(
    standing: Standing, *, participation_start: FloatArray, programme_months: int
) -> FloatArray:
    """Return when the service as a whole ends in months since the start of the case, (1 or D,).

    max(early end, max over served cohorts of start + programme months); infinite without an early
    end. Costs of the service as a whole stop then; costs of a cohort go with the cohort.

    Parameters
    ----------
    standing
        Which cohorts are served, and the early end.
    participation_start
        Real start of each cohort in months since the start of the case, (C, 1 or D).
    programme_months
        Length of the programme of one participant.
    """
    finishes = np.where(standing.served, participation_start + programme_months, -np.inf)
    ends: FloatArray = np.maximum(standing.end, finishes.max(axis=0))
    return ends


def _ends_at(
    termination: Termination, *, report: Measurement, first: int, lag: float
) -> FloatArray:
    k = report.follow_up_months.index(termination.at_months)
    people = report.treated_n[first, k]
    number = report.treated_sum[first, k]
    if termination.compare == "effect":
        number = additional(report, position=k)[first]
    short = number < (termination.below - EDGE_TOLERANCE) * people
    known = report.when[first, k] + lag
    return np.where(short, known + termination.notice_months, np.inf)
