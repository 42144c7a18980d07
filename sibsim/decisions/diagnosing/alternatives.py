"""Other evaluation designs that a contract could have had, at the same number of participants.

Four designs that evaluations of such contracts use (a trial, a matched group, an earlier rate, two
groups before and after), of which the first three that differ from the case's own are compared with
it. Every figure of theirs is an assumption of ours, to be replaced by one's own table of designs:

- one control for each participant, the usual choice where people and not follow-up are scarce;
- 400 people behind an earlier rate, about one year's intake of a large municipality, counted when
  the drift of the outcome begins, or else when the case does;
- a bias of the comparison of 0 on average with an sd of 5 percentage points, a tenth of the sd of a
  result of yes or no at one half, for a matched group as for a trend that is not parallel; for
  results that are numbers a tenth of a person's sd;
- a correlation of 0.5 between a person's results before and after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from operator import attrgetter
from typing import Any

import numpy as np

from sibsim.case import Case
from sibsim.core.paths import OutcomePath
from sibsim.core.wording import day_words, decimal
from sibsim.core.words import Words

Table = Mapping[str, Any]
"""The table of a design as a case file writes it, without `outcome`."""

CONTROLS_PER_PARTICIPANT = 1.0
"""Controls for each participant."""

BASELINE_PEOPLE = 400
"""People on whom an earlier rate is counted."""

BIAS_IN_SD = 0.1
"""Sd of a comparison's bias, as a share of a person's sd: 5 points where that is one half."""

SD_OF_YES_OR_NO = 0.5
"""Sd of a result of yes or no where the probability is one half."""

CORRELATION = 0.5
"""Correlation of a person's results at two times."""

PERIODS_BEFORE = 1
"""Measurements before the start of service."""

FIGURE_WORDS: Mapping[str, Words] = {
    "controls_per_participant": Words(
        da="kontrolpersoner for hver deltager", en="controls for each participant"
    ),
    "residual_bias.mean": Words(
        da="sammenligningens skævhed i gennemsnit", en="bias of the comparison on average"
    ),
    "residual_bias.sd": Words(
        da="skævhedens standardafvigelse", en="standard deviation of that bias"
    ),
    "baseline.people": Words(da="personer bag baselinen", en="people behind the baseline"),
    "baseline.date": Words(da="baselinens dato", en="date of the baseline"),
    "periods_before": Words(da="målinger før indsatsen", en="measurements before the service"),
    "correlation": Words(
        da="korrelation mellem en persons resultater før og efter",
        en="correlation of a person's results before and after",
    ),
    "trend.mean": Words(
        da="de to gruppers forskel i udvikling i gennemsnit",
        en="difference of the two groups' trends on average",
    ),
    "trend.sd": Words(
        da="den forskels standardafvigelse", en="standard deviation of that difference"
    ),
}
"""What the figures of the four designs are called; what is no figure is in the design's words."""

HOW_MANY = 3
"""Alternatives that a case is compared with when none are named."""


def alternatives(case: Case, measure: str, *, path: OutcomePath) -> dict[str, Table]:
    """Return three designs that differ from the one of a measure, by name.

    Parameters
    ----------
    case
        The case.
    measure
        Name of the measure.
    path
        What is achieved in the outcome that is measured, in the base case.
    """
    own = case.measures[measure]
    outcome = case.outcomes[own.outcome]
    is_indicator = outcome.is_indicator
    drift = case.drifts.get(outcome.drift or "")
    sd = SD_OF_YES_OR_NO if is_indicator else float(np.sqrt(path.variance_without).mean())
    unseen = {"mean": 0.0, "sd": BIAS_IN_SD * sd}
    found: dict[str, Table] = {
        "randomised": {"controls_per_participant": CONTROLS_PER_PARTICIPANT},
        "matched_comparison": {
            "controls_per_participant": CONTROLS_PER_PARTICIPANT,
            "residual_bias": unseen,
        },
        "historical_baseline": {
            "baseline": {
                "to_be_counted": True,
                "people": BASELINE_PEOPLE,
                "date": drift.since if drift else case.head.start,
            },
        },
        "difference_in_differences": {
            "controls_per_participant": CONTROLS_PER_PARTICIPANT,
            "periods_before": PERIODS_BEFORE,
            "correlation": CORRELATION,
            "analysis": "difference",
            "trend": unseen,
        },
    }
    others = [name for name in found if name != own.design][:HOW_MANY]
    return {name: {"design": name, **found[name]} for name in others}


def with_design(
    case: Case, measure: str, *, table: Table | None = None, people: float | None = None
) -> Case:
    """Return the case with another design of a measure, or another number of participants.

    People whom a design counts of its own (`sized_by`) become as many times more or fewer as the
    participants, rounded, at least one.

    Parameters
    ----------
    case
        The case.
    measure
        Name of the measure.
    table
        The design; None: the case's own.
    people
        Participants planned; None: as in the case.

    Raises
    ------
    CaseError
        If the changed case is invalid, such as where a payment line cannot read the design.
    """
    if table is not None:
        outcome = case.measures[measure].outcome
        case = case.with_({f"measures.{measure}": {"outcome": outcome, **table}})
    if people is None:
        return case
    assert case.target_group is not None  # noqa: S101 - a case that runs has one
    times = people / case.target_group.size.base_value
    counted = {
        f"measures.{name}.{field}": max(1, round(attrgetter(field)(design) * times))
        for name, design in case.measures.items()
        for field in design.sized_by
    }
    return case.with_({"target_group.size": people, **counted})


def figures_of(table: Table) -> Words:
    """Return the figures of one of the four designs in words, as `name = value`.

    Parameters
    ----------
    table
        The design.
    """
    said = [
        (FIGURE_WORDS[path], day_words(value) if isinstance(value, date) else decimal(value))
        for path, value in _figures(table)
    ]
    return Words(
        da=", ".join(f"{name.da} = {value.da}" for name, value in said),
        en=", ".join(f"{name.en} = {value.en}" for name, value in said),
    )


def _figures(table: Table, *, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the numbers and dates of a table with their dotted paths; no choices of a way."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _figures(value, path=f"{path}{key}.")
        elif not isinstance(value, bool | str):
            yield f"{path}{key}", value
