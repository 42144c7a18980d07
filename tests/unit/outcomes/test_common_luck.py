"""Two variants of an outcome share their luck: what differs between them is the variant."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import walk
from sibsim.outcomes.state_sets import list_state_sets, load_state_set
from sibsim.outcomes.states import MultiState
from sibsim.outcomes.sustained import Sustained
from tests.people import realised

PEOPLE = 180
A_THIRD = 1 / 3
NOTICED = 0.01
"""People leave a state whose moves sum to more than this a step."""


def _labour(name: str, *, odds_ratio: float) -> MultiState:
    """Return a shipped set from its worst state that people leave, every better move helped."""
    shipped = load_state_set(name)
    begin = next(
        state
        for state in shipped.names
        if sum(shipped.transitions.get(state, {}).values()) > NOTICED
    )
    effects = [
        {"scale": "odds_ratio", "value": odds_ratio, "from": begin, "to": to}
        for to, p in shipped.transitions[begin].items()
        if p > 0 and shipped.names.index(to) > shipped.names.index(begin)
    ]
    return MultiState.model_validate(
        {
            "model": "states",
            "among": "started",
            "follow_up_months": [12, 24],
            "state_set": name,
            "counted": "start",
            "counts": [shipped.names[-1]],
            "start_in": {begin: 1.0},
            "effects": effects,
        }
    )


def _realised(model: MultiState, *, seed: int) -> OutcomePath:
    values = {path: each.base_value for path, each in walk(model, Quantity)}
    return realised(model, values, seed=seed, chance=True, planned=(PEOPLE,))


def _achieved(name: str, *, odds_ratio: float, seed: int) -> FloatArray:
    achieved: FloatArray = _realised(_labour(name, odds_ratio=odds_ratio), seed=seed).achieved
    return np.asarray(achieved[0, -1])


@pytest.mark.parametrize("name", list_state_sets())
def test_a_better_variant_differs_by_less_than_a_third_of_the_luck(seed: int, name: str) -> None:
    """The sd of the paired difference is at most a third of the sd of an unpaired one."""
    worse = _achieved(name, odds_ratio=1.3, seed=seed)
    better = _achieved(name, odds_ratio=1.4, seed=seed)
    other_luck = _achieved(name, odds_ratio=1.4, seed=seed + 1)
    assert (better - worse).mean() > 0
    assert (better - worse).std() <= A_THIRD * (other_luck - worse).std()


def test_more_success_ends_nobody_s_stay_where_moves_keep_the_order(seed: int) -> None:
    """Out of work and in work: raising the chance of work lowers no draw's sustained count."""

    def sustained(chance: float) -> FloatArray:
        labour = MultiState.model_validate(
            {
                "model": "states",
                "among": "started",
                "follow_up_months": [24],
                "states": ["out", "work"],
                "step": "month",
                "transitions": {"out": {"work": chance}, "work": {"out": 0.03}},
                "counted": "start",
                "counts": ["work"],
                "start_in": {"out": 1.0},
            }
        )
        stays = Sustained.model_validate(
            {
                "model": "sustained",
                "among": "started",
                "of": "labour",
                "states": ["work"],
                "weeks": 26,
                "follow_up_months": [12, 24],
            }
        )
        path = _realised(labour, seed=seed)
        upstream = {"labour": path}
        found = realised(stays, {}, seed=seed, chance=True, planned=(PEOPLE,), upstream=upstream)
        achieved: FloatArray = found.achieved
        return achieved

    worse, better = sustained(0.05), sustained(0.06)
    assert np.all(better >= worse)
    assert better.mean() > worse.mean()
