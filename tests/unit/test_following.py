"""Budget lines that follow states in a whole case: it runs, it is explained, faults are plain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import sibsim
from sibsim.budget.lines import BudgetLine
from sibsim.casefile import build
from sibsim.consistency.following import check_weeks_before
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


def by_benefit(document: dict[str, Any], *, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the case with a line for each named state, beside 40 % of the benefit by a job."""
    benefit = document["budget"]["benefit"]
    by_job = sibsim.load_case("holbaek").document["budget"]["benefit"]
    by_job["amount"]["value"] *= 0.4
    routes = {"by_job": by_job, **{name: {**benefit, "states": [name]} for name in names}}
    document["budget"] = {name: {**line, "gain": "benefit"} for name, line in routes.items()}
    return document


def worth(document: dict[str, Any]) -> tuple[float, float]:
    """Return what the municipality can take out of its budget in the base case, and later."""
    base = build(document).base_case()
    names = ("municipality_realisable", "municipality_beyond_horizon")
    during, beyond = (float(base.metric(name)[0]) for name in names)
    return during, beyond


def test_benefits_of_one_outcome_are_one_route_in_a_case() -> None:
    """Two benefits together save more than a job, though each saves less, so both count."""
    names = ("sygedagpenge", "jobafklaring")
    both = by_benefit(holbaek(), names=names)
    lines = both["budget"]
    without = {name: {**line, "gain": None} for name, line in lines.items()}
    alone = {name: worth({**both, "budget": {name: line}}) for name, line in without.items()}
    in_states = worth({**both, "budget": {name: without[name] for name in names}})
    assert max(sum(alone[name]) for name in names) < sum(alone["by_job"]) < sum(in_states)
    assert worth(both) == pytest.approx(in_states, rel=1e-12)
    base = build(both).base_case()
    assert [base.metric(f"trumped.{name}")[0] for name in lines] == [1.0, 0.0, 0.0]
    expected = [alone["by_job"][0], 0.0, 0.0]
    assert [base.metric(f"counted_elsewhere.{name}")[0] for name in lines] == pytest.approx(
        expected
    )


WEEKS = {"between_people": {"p10": 5, "p50": 30, "p90": 120}}
"""Weeks on support before the service, between people."""


def problems_of_weeks(*weeks: object, follows: str = "labour") -> dict[str, str]:
    """Return what is wrong with lines of given weeks before; the last follows `follows`."""
    document = holbaek()
    outcomes = build(document).outcomes
    benefit = document["budget"]["benefit"]
    lines = {}
    for position, each in enumerate(weeks):
        refund = {"ladder": "dk-refund", "weeks_before": each} if each is not None else None
        lines[f"line_{position}"] = BudgetLine.model_validate({**benefit, "refund": refund})
    last, line = lines.popitem()
    lines[last] = line.model_copy(update={"follows": follows})
    faults = check_weeks_before(lines, outcomes=outcomes)
    return {fault.path: fault.problem for fault in faults}


def test_a_person_has_one_count_of_weeks() -> None:
    """Lines with a refund that follow one outcome of states start the count alike."""
    (path, problem), *others = problems_of_weeks(WEEKS, WEEKS, 52).items()
    assert (path, others) == ("budget.line_2.refund.weeks_before", [])
    assert problem == (
        "got 52 weeks; budget.line_0 follows 'labour' too, with p10 = 5, p50 = 30, p90 = 120 "
        "weeks; a person has one count of weeks over all benefits; give both the same"
    )
    assert list(problems_of_weeks(26, None, 52)) == ["budget.line_2.refund.weeks_before"]
    sourced = {"value": 52, "note": "the same number, told otherwise"}
    assert problems_of_weeks(52, sourced, 52.0) == {}
    assert problems_of_weeks(52, 30, follows="job") == {}
    assert problems_of_weeks(52, 30, follows="unknown") == {}


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
