"""Refunds by days, thresholds and a flat share in a whole case: it runs, and faults are plain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sibsim
from sibsim.budget.ledger import party_net
from sibsim.casefile import build
from sibsim.core.arrays import FloatArray
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.results import Results
from tests.faults import faults_of

HOME: dict[str, Any] = {
    "model": "states",
    "among": "started",
    "follow_up_months": [12],
    "horizon_months": 36,
    "states": ["shelter", "home"],
    "step": "month",
    "counts": ["home"],
    "counted": "start",
    "start_in": {"shelter": 0.7, "home": 0.3},
    "transitions": {"shelter": {"home": 0.08}, "home": {"shelter": 0.02}},
    "effects": [{"from": "shelter", "to": "home", "scale": "odds_ratio", "value": 2.0}],
}
"""People without a home; no state is one of support."""

DAYS = {"days": "dk-shelter-refund", "running_counts": "new_limit"}


def shelter(refund: dict[str, Any], **changes: object) -> dict[str, Any]:
    """Return the shipped case with a line of shelter stays and this refund."""
    document = sibsim.load_case("holbaek").document
    document["outcomes"]["home"] = {**HOME, **changes}
    benefit = document["budget"]["benefit"]
    del benefit["lasts"]
    line = {**benefit, "follows": "home", "states": ["shelter"], "refund": refund}
    document["budget"]["shelter"] = line | {"amount": 45_000, "per": "month"}
    del document["budget"]["benefit"]
    return document


def lost(result: Results) -> FloatArray:
    """Return what the state no longer refunds over the whole case, (1 or D,)."""
    assert result.postings is not None
    lines = [each for each in result.postings if each.line == "budget.shelter.refund"]
    return np.asarray(party_net(lines, "state").sum(axis=0))


@pytest.mark.parametrize(
    "refund",
    [
        DAYS,
        {"thresholds": "dk-expensive-cases"},
        {"share": {"p10": 0.4, "p50": 0.5, "p90": 0.6}, "until_months": 24},
    ],
    ids=["days", "thresholds", "share"],
)
def test_a_case_runs_in_base_case_and_simulation(refund: dict[str, Any], seed: int) -> None:
    """The state loses a part of what is saved; a simulation agrees with the base case."""
    document = shelter(refund)
    document["budget"]["shelter"]["amount"] = 120_000
    case = build(document)
    base, run = case.base_case(), case.simulate(draws=BLOCK_DRAWS, rng=seed)
    expected, found = lost(base), lost(run)
    assert expected[0] > 100_000
    assert found.std() > 0
    assert 0.5 < found.mean() / expected[0] < 1.5


@pytest.mark.parametrize(
    ("refund", "changes", "path", "words"),
    [
        (DAYS, {"simulate": "counts"}, "refund", "simulate = 'people'"),
        (
            {"thresholds": "dk-expensive-cases"},
            {"simulate": "counts"},
            "refund",
            "simulate = 'people'",
        ),
        (DAYS, {"step": "quarter"}, "refund.days", "at most one month"),
        ({"days": "dk-shelter-refund"}, {}, "refund.running_counts", "from 120 days to 90 days"),
        (
            {**DAYS, "days": "dk-sheltr-refund"},
            {},
            "refund.days",
            "did you mean 'dk-shelter-refund'",
        ),
        ({"thresholds": "dk-expensive"}, {}, "refund.thresholds", "no such rule ships"),
    ],
)
def test_a_refund_that_does_not_fit_is_a_fault(
    refund: dict[str, Any], changes: dict[str, Any], path: str, words: str
) -> None:
    """Each names what to write instead."""
    assert faults_of(shelter(DAYS)) == {}
    faults = faults_of(shelter(refund, **changes))
    assert list(faults) == [f"budget.shelter.{path}"]
    assert words in faults[f"budget.shelter.{path}"]


@pytest.mark.parametrize("simulate", ["people", "counts"])
def test_a_flat_share_needs_no_support_and_no_persons(simulate: str) -> None:
    """Neither does a quarter as a step keep it from anything."""
    document = shelter({"share": 0.5}, simulate=simulate, step="quarter")
    assert faults_of(document) == {}


def test_days_need_states() -> None:
    """How long each person is in shelter is not known of additional people."""
    document = sibsim.load_case("holbaek").document
    document["budget"]["benefit"]["refund"] = DAYS
    faults = faults_of(document)
    assert list(faults) == ["budget.benefit.refund.days"]
    assert "without `states`" in faults["budget.benefit.refund.days"]


def test_the_limit_of_days_bounds_the_refund() -> None:
    """It is at most half of what is saved, which a flat half with no limit is."""
    by_days = lost(build(shelter(DAYS)).base_case())
    half = lost(build(shelter({"share": 0.5})).base_case())
    assert 0.2 * half < by_days < 0.9 * half
