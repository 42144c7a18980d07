"""Delivery in trouble in a whole case: what it adds to a run, and what it leaves alone."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.casefile import build, load_case
from sibsim.core import catalogue
from sibsim.core.arrays import FloatArray
from sibsim.errors import CaseError
from sibsim.results import Results
from sibsim.world import layers_of, realise

Document = dict[str, Any]

DRAWS = 256


@pytest.fixture
def document() -> Document:
    """Return the shipped case."""
    return tomllib.loads(catalogue.text("cases", "holbaek"))


def _run(document: Document, *, seed: int, **delivery: object) -> Results:
    changed = copy.deepcopy(document)
    changed["delivery"] |= delivery
    return build(changed).simulate(draws=DRAWS, rng=seed, progress=False)


def test_nothing_of_it_changes_no_number(document: Document, seed: int) -> None:
    """No overrun and places for everyone: the same numbers as without a word about them."""
    plain = _run(document, seed=seed)
    stated = _run(document, seed=seed, finish_delay=0, capacity=10_000)
    assert set(stated.metrics) - set(plain.metrics) == {"turned_away"}
    assert not stated.metric("turned_away").any()
    for name, values in plain.metrics.items():
        assert np.array_equal(values, stated.metric(name), equal_nan=True), name


def test_who_is_turned_away_is_reported_where_there_is_a_capacity(
    document: Document, seed: int
) -> None:
    """In every draw those who start and those turned away are those who start without a limit."""
    plain = _run(document, seed=seed)
    full = _run(document, seed=seed, capacity=60, waiting_list={"gives_up": 0.3})
    assert "turned_away" not in plain.metrics
    assert full.metric("turned_away").any()
    both = full.metric("participants") + full.metric("turned_away")
    assert np.array_equal(both, plain.metric("participants"))


def test_waves_that_never_start_turn_nobody_away(document: Document) -> None:
    """36, 54, 54 and 36 come for 30 places of nine months: 6, then 54 find none, then 24 of 54.

    Stopped at the start of 2025 the contract has only the first two waves.
    """
    document["delivery"] |= {"volume": 1, "capacity": 30}
    assert build(document).base_case().metric("turned_away").tolist() == [6 + 54 + 24 + 36]
    document["contract"]["termination"] = {"cause": "policy", "on": date(2025, 1, 1)}
    stopped = build(document).base_case()
    assert stopped.metric("turned_away").tolist() == [6 + 54]
    assert stopped.metric("participants").tolist() == [30]


def _team(document: Document) -> FloatArray:
    """Return what the team costs in each period of the base case."""
    world = realise(build(document), layers_of(seed=0, block=0, on=frozenset()))
    (flow,) = (each for each in world.costs if each.line == "team")
    return flow.amount[:, 0]


def test_a_team_runs_over_where_its_line_says_so(document: Document) -> None:
    """Three months late: 92 days of July to September 2026, at the prices of 2026."""
    planned = _team(document)
    document["delivery"]["finish_delay"] = 3
    assert np.array_equal(_team(document), planned)
    document["costs"]["team"]["runs_over"] = True
    wages = build(document).indices["wages"].factor(np.array([2026]), price_year=2024)[0]
    more = _team(document) - planned
    assert np.flatnonzero(more).tolist() == [10]
    np.testing.assert_allclose(more[10], 2_450_000 * 92 / 365.25 * wages, rtol=1e-12)


@pytest.mark.parametrize(
    ("delivery", "path", "words"),
    [
        ({"capacity": 1.5}, "delivery.capacity", "whole number"),
        ({"waiting_list": {"gives_up": 0.1}}, "delivery", "state capacity"),
        ({"capacity": 9, "waiting_list": {}}, "delivery.waiting_list.gives_up", "is missing"),
        ({"ramp_up": {"months": [3], "share": [80]}}, "delivery.ramp_up", "write 0.8"),
        ({"ramp_up": {"prior": "indigo-volume"}}, "delivery.ramp_up", "indigo-ramp-up"),
        ({"finish_delay": -2}, "delivery.finish_delay", "allowed is"),
    ],
)
def test_faults_name_the_place_and_the_way_out(
    document: Document, delivery: Document, path: str, words: str
) -> None:
    """A fault in the trouble of a delivery is reported like any other."""
    document["delivery"] |= delivery
    with pytest.raises(CaseError) as caught:
        build(document)
    (fault,) = caught.value.faults
    assert fault.path == path
    assert words in str(fault)


def test_those_who_have_waited_belong_to_a_segment_too(seed: int) -> None:
    """Of 36, 54, 54 and 36 with 45 places 45 start with the last wave; 40 are referred with it."""
    delivery = {"volume": 1, "take_up": 0.9, "programme_months": 5, "capacity": 45}
    case = load_case("holbaek").with_(
        {
            "target_group.segments": {
                "near": {"share": 0.5, "difficulty": -0.5},
                "far": {"share": 0.5, "difficulty": 0.5},
            },
            **{f"delivery.{key}": value for key, value in delivery.items()},
            "delivery.waiting_list": {"gives_up": 0},
        }
    )
    worlds = case.simulate(draws=1, rng=seed, keep="world").worlds
    assert worlds is not None
    who = worlds[0].participation
    assert who.started[-1].max() == 45
    assert who.referred[-1].max() == 40
    of_segments = sum(group.people["started"] for group in who.segments.values())
    assert np.array_equal(of_segments, np.broadcast_to(who.started, np.shape(of_segments)))
