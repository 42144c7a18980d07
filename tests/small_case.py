"""A contract small enough to work out by hand: one outcome, one payment line, and its figures."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sibsim as sib
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.decisions.diagnosing.diagnosis import Diagnosis, Row

DRAWS = 20_000
"""Courses of a diagnosis that is compared with figures worked out by hand."""

ERRORS = 5
"""Monte Carlo standard errors within which a figure must lie."""

PEOPLE = 100
RATE, UPLIFT = 0.40, 0.10
SLOPE = 1_000_000.0
"""What a whole effect, from nobody to everybody, is worth in the band: 10,000 a point."""

BASELINE = {"rate": RATE, "people": 400, "date": date(2023, 12, 31)}

BAND: Mapping[str, Any] = {
    "model": "linear_band",
    "reads": "job",
    "of": "effect",
    "at_months": 12,
    "pooled": True,
    "schedule": [{"at": 0.0, "pays": 0.0}, {"at": 1.0, "pays": SLOPE}],
}

VERIFIED: Mapping[str, Any] = {"design": "verification"}
AGAINST_RATE: Mapping[str, Any] = {"design": "historical_baseline", "baseline": BASELINE}
TRIAL: Mapping[str, Any] = {"design": "randomised", "controls_per_participant": 1}


def small_case(
    *,
    people: int = PEOPLE,
    outcome: Mapping[str, Any] | None = None,
    design: Mapping[str, Any] = AGAINST_RATE,
    line: Mapping[str, Any] = BAND,
    shares: Sequence[float] = (1.0,),
) -> sib.Case:
    """Return the contract; all start, nobody is lost, nothing but luck is uncertain.

    Cohorts of the stated shares start year by year.
    """
    document = tomllib.loads(catalogue.text("cases", "holbaek"))
    document["target_group"]["size"] = people
    first = document["start"]
    cohorts = [
        {"start": first.replace(year=first.year + years), "share": share}
        for years, share in enumerate(shares)
    ]
    document["delivery"] |= {"cohorts": cohorts, "volume": 1, "take_up": 1, "completion": 1}
    stated = outcome or {"counterfactual": RATE, "uplift": UPLIFT}
    job = {"model": "binary", "among": "started", "follow_up_months": [12], **stated}
    document |= {
        "outcomes": {"job": job},
        "measures": {"job": {"outcome": "job", **design}},
        "payments": {"job": dict(line)},
        "contract": {**document["contract"], "limit": {}},
        "budget": {},
    }
    del document["drifts"]
    return build(document)


def own(found: Diagnosis) -> Row:
    """Return the row of the case's own design."""
    return found.rows[0]


def assert_close(row: Row, name: str, expected: float) -> None:
    """Check a figure against what it should be, within five Monte Carlo errors."""
    figure = row.figures[name]
    assert figure.mc_error > 0
    assert abs(figure.value - expected) < ERRORS * figure.mc_error, (name, figure, expected)
