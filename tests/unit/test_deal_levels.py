"""Levels of published contracts: shares of what is yes or no, numbers of what is counted."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from sibsim.deals.file import build_deal
from tests.unit.test_deals import TEXT, faults_of

Document = dict[str, Any]

BAND = {"model": "linear_band", "reads": "job", "of": "rate", "at_months": 24, "pooled": True}
"""A band on the last follow-up, without its points."""


@pytest.fixture
def document() -> Document:
    """Return the tables of a valid deal, to be changed."""
    return tomllib.loads(TEXT)


def test_a_level_of_a_share_lies_in_zero_to_one(document: Document) -> None:
    """Of a measure that says nothing else a result is yes or no, and 55 is 55 %."""
    document["payments"]["job"] = BAND | {"schedule": [{"at": 55, "pays": 1_000}]}
    said = "got 55; a level is at most 1; it is a share: write 0.55"
    assert faults_of(document)["payments.job.schedule.0.at"] == said
    document["payments"]["job"]["schedule"][0]["at"] = 0.5
    assert build_deal(document).settle("final").metric("payments_total") == 1_000


def test_a_level_of_a_number_is_in_its_unit(document: Document) -> None:
    """800 days of 40 people are 20 each: half way from 10 to 30, and said in days."""
    document["measures"]["job"]["counted_in"] = "days"
    schedule = [{"at": 10, "pays": 1_000}, {"at": 30, "pays": 3_000}]
    document["payments"]["job"] = BAND | {"schedule": schedule}
    document["contract"]["termination"] = {
        "measure": "job",
        "at_months": 12,
        "compare": "rate",
        "below": 5,
        "notice_months": 3,
    }
    document["runs"]["final"]["reported"][1]["achieved"] = 800
    deal = build_deal(document)
    assert deal.settle().metric("payments_total") == 2_000
    rule, *others = deal.describe("en")
    assert "by the measured mean per person" in rule
    assert "nothing below 10 days, DKK 1,000 at 10 days and DKK 3,000 at 30 days" in rule
    assert any("is below 5 days" in each for each in others)
    document["contract"]["termination"]["below"] = -5
    said = "got -5; what is read is at least 0 days; write a level in days within that"
    assert faults_of(document) == {"contract.termination.below": said}
