"""Budget lines that follow states in a whole case: it runs, it is explained, faults are plain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import sibsim
from sibsim.casefile import build
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.outcomes.states import MultiState
from tests.faults import faults_of

OWN: dict[str, Any] = {
    "model": "states",
    "among": "started",
    "follow_up_months": [4],
    "states": ["sick", "job"],
    "step": "month",
    "counts": ["job"],
    "counted": "start",
    "support": ["sick"],
    "self_support": ["job"],
    "start_in": {"sick": 1.0},
    "transitions": {"sick": {"job": 0.1}},
}
"""An outcome with states of its own."""


def holbaek(line: Mapping[str, Any] | None = None, **labour: object) -> dict[str, Any]:
    """Return the shipped case with a benefit that is paid in states of sick leave."""
    document = sibsim.load_case("holbaek").document
    document["outcomes"]["labour"] = {
        "model": "states",
        "state_set": "sick-leave",
        "among": "started",
        "follow_up_months": [12, 24],
        "horizon_months": 48,
        "counts": ["job", "uddannelse"],
        "counted": "start",
        "start_in": {"sygedagpenge": 0.4, "jobafklaring": 0.6},
        "effects": [
            {
                "from": ["sygedagpenge", "jobafklaring"],
                "to": "job",
                "scale": "odds_ratio",
                "value": 1.7,
            }
        ],
        **labour,
    }
    benefit = document["budget"]["benefit"]
    del benefit["lasts"]
    benefit |= {"follows": "labour", "states": ["sygedagpenge", "jobafklaring", "kontanthjaelp"]}
    benefit |= line or {}
    return document


def test_a_case_runs_in_base_case_and_simulation(seed: int) -> None:
    """Both save money, of the same size; `check` says what is followed, `explain` how much."""
    case = build(holbaek())
    base = case.base_case()
    run = case.simulate(draws=BLOCK_DRAWS, rng=seed)
    expected = float(base.metric("municipality_realisable")[0])
    found = run.metric("municipality_realisable")
    assert 0 < expected < 20_000_000
    assert found.std() > 0
    assert 0.5 < found.mean() / expected < 1.5
    report = str(case.check())
    assert "budget.benefit: saves the time less in sygedagpenge, jobafklaring" in report
    assert "in the first 48 months of labour" in report
    walk_through = base.explain()
    rows = walk_through[walk_through["what"].str.contains("time in sygedagpenge, jobafklaring")]
    assert len(rows) == len(case.delivery.cohorts if case.delivery else ())
    assert rows["value"].astype(float).lt(0).all()
    assert rows["how"].str.contains("in 48 months").all()


@pytest.mark.parametrize(
    ("line", "labour", "path", "words"),
    [
        ({"states": ["sygedagpeng"]}, {}, "states", "did you mean 'sygedagpenge'"),
        ({"states": ["sygedagpenge"], "follows": "job"}, {}, "states", "of model 'binary'"),
        ({"states": ["sygedagpenge", "job"]}, {}, "refund", "does not count as support"),
        (
            {"states": ["in_home"]},
            {
                "state_set": None,
                "states": ["in_home", "home"],
                "step": "month",
                "counts": ["home"],
                "start_in": {"in_home": 1.0},
                "transitions": {"in_home": {"home": 0.1}},
                "effects": [],
            },
            "refund",
            "name them there with support",
        ),
        (
            {"states": ["away"]},
            {
                "state_set": None,
                "states": ["away", "home"],
                "step": "quarter",
                "support": ["away"],
                "counts": ["home"],
                "start_in": {"away": 1.0},
                "transitions": {"away": {"home": 0.1}},
                "effects": [],
            },
            "refund",
            "at most one month",
        ),
    ],
)
def test_a_line_that_does_not_fit_its_outcome_is_a_fault(
    line: dict[str, Any], labour: dict[str, Any], path: str, words: str
) -> None:
    """Each names what to write instead."""
    assert faults_of(holbaek()) == {}
    document = holbaek(line, **labour)
    outcome = document["outcomes"]["labour"]
    document["outcomes"]["labour"] = {k: each for k, each in outcome.items() if each is not None}
    faults = faults_of(document)
    assert list(faults) == [f"budget.benefit.{path}"]
    assert words in faults[f"budget.benefit.{path}"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"support": ["sick", "job"]}, "in support too"),
        ({"support": None}, "without support"),
        ({"support": ["sic"]}, "did you mean 'sick'"),
        ({"self_support": []}, "at least 1 item"),
    ],
)
def test_roles_of_own_states_are_checked(change: dict[str, Any], words: str) -> None:
    """Support and self-support exclude each other; self-support alone says nothing."""
    stated = {key: each for key, each in {**OWN, **change}.items() if each is not None}
    with pytest.raises(ValueError, match=words):
        MultiState.model_validate(stated)


def test_a_shipped_set_says_what_is_support() -> None:
    """Its roles are read from the set, and own ones beside it are refused."""
    stated = holbaek()["outcomes"]["labour"]
    model = MultiState.model_validate(stated)
    assert model.with_role("self_support") == ("job",)
    assert model.with_role("other") == ("uddannelse",)
    assert len(model.with_role("support")) == 6
    own = MultiState.model_validate(OWN)
    assert [own.with_role(role) for role in ("support", "self_support", "other")] == [
        ("sick",),
        ("job",),
        (),
    ]
    with pytest.raises(ValueError, match="a shipped set has its own"):
        MultiState.model_validate({**stated, "support": ["sygedagpenge"]})
