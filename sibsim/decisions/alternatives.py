"""Other evaluation designs that a contract could have had, at the same number of participants.

Four designs of the field (practice in the `docs`: a trial, a matched group, an earlier rate, two
groups before and after), of which the first three that differ from the case's own are compared with
it. Every figure of theirs is an assumption of ours, to be replaced by one's own table of designs:

- one control for each participant, the usual choice where people and not follow-up are scarce;
- 400 people behind an earlier rate, about one year's intake of a large municipality;
- a bias of the comparison of 0 on average with an sd of 5 percentage points, a tenth of the sd of a
  result of yes or no at one half, for a matched group as for a trend that is not parallel; for
  results that are numbers a tenth of a person's sd;
- a correlation of 0.5 between a person's results before and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sibsim.case import Case
from sibsim.core.paths import OutcomePath

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
    is_indicator = case.outcomes[own.outcome].is_indicator
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
                "date": case.head.start,
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
    changes: dict[str, Any] = {}
    if table is not None:
        changes[f"measures.{measure}"] = {"outcome": case.measures[measure].outcome, **table}
    if people is not None:
        changes["target_group.size"] = people
    return case.with_(changes) if changes else case


def figures_of(table: Table, *, path: str = "") -> str:
    """Return the figures of a design as `name = value`, in the words of a case file.

    Parameters
    ----------
    table
        The design.
    path
        Where the table stands.
    """
    said = []
    for key, value in table.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            said.append(figures_of(value, path=name))
        elif name not in {"design", "outcome"}:
            said.append(f"{name} = {_plain(value)}")
    return ", ".join(said)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value)
