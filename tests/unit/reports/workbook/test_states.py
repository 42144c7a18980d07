"""People who move between states, in a workbook: who is where is what the library says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core.arrays import FloatArray
from sibsim.outcomes.credit import FIRST_CREDITED
from sibsim.reports.workbook.outcomes import SeenOutcome
from sibsim.reports.workbook.outcomes.chains import Trace
from tests.small_case import BAND, VERIFIED, small_case
from tests.workbook_results import SAME, assert_measures_agree, assert_outcomes_agree, written

STATES: Mapping[str, Any] = {
    "model": "states",
    "follow_up_months": [6, 12],
    "horizon_months": 24,
    "step": "month",
    "states": ["out", "help", "job"],
    "support": ["help"],
    "counts": ["job"],
    "counted": "start",
    "start_in": {"out": 0.6, "help": 0.4},
    "transitions": {
        "out": {"help": 0.10, "job": 0.05},
        "help": {"out": 0.08, "job": 0.12},
        "job": {"out": 0.06},
    },
    "effects": [
        {"from": ["out", "help"], "to": "job", "scale": "hazard_ratio", "value": 1.6},
        {"from": "job", "to": "out", "scale": "odds_ratio", "value": 0.5},
    ],
}
LATER = [
    {"from_month": 4, "transitions": {"out": {"job": 0.2}}},
    {"from_month": 9, "transitions": {"help": {"job": 0.3}}},
]
COUNTED = {
    "out": {"counts": {"out": 80, "help": 15, "job": 5}},
    "help": {"counts": {"out": 10, "job": 30}},
}
PROFILE = {"full_after_months": 5, "until_months": 10}
TOO_MUCH = [{"from": "out", "to": ["help", "job"], "scale": "odds_ratio", "value": 60.0}]

FORMS: Mapping[str, Mapping[str, Any]] = {
    "plain": STATES,
    "by the end of a step": {**STATES, "counted": "end"},
    "weeks": {**STATES, "step": "week"},
    "quarters": {**STATES, "step": "quarter"},
    "later rows": {**STATES, "later": LATER},
    "numbers of moves": {**STATES, "transitions": COUNTED, "effects": STATES["effects"][:1]},
    "with a course": {
        **STATES,
        "profile": PROFILE,
        "transport": {"tau": 0.7, "omega": 0.1},
        "effects": [{**STATES["effects"][0], "measured_at_months": 4}],
    },
    "two on one move": {**STATES, "effects": [*STATES["effects"], STATES["effects"][0]]},
    "cut": {**STATES, "effects": TOO_MUCH},
}
"""Every way in which moves are stated."""

READ: Mapping[str, Mapping[str, Any]] = {
    "states": {"model": "in_states", "states": ["help", "job"], "follow_up_months": [6, 18]},
    "weeks": {
        "model": "time_in_states",
        "states": ["out", "help"],
        "unit": "weeks",
        "follow_up_months": [3, 12],
    },
    "days": {
        "model": "time_in_states",
        "states": ["job"],
        "unit": "days",
        "cumulative": True,
        "follow_up_months": [6, 12],
    },
    "held": {"model": "sustained", "states": ["job"], "weeks": 13, "follow_up_months": [6, 12]},
    "held_with_breaks": {
        "model": "sustained",
        "states": ["help", "job"],
        "weeks": 26,
        "gap_weeks": 9,
        "follow_up_months": [12, 24],
    },
}
"""Every way in which states are read."""


LONG = ("weeks", "quarters")
"""Forms whose steps are too many, or too long, for runs with breaks."""


@pytest.mark.parametrize("form", FORMS)
def test_every_chain_and_all_that_is_read_from_it_is_live(form: str, tmp_path: Path) -> None:
    """Shares, time and runs are the library's, whichever way the moves are stated."""
    case = small_case(outcome=FORMS[form], design=VERIFIED, line={**BAND, "of": "rate"})
    document = case.document
    for name, outcome in READ.items():
        if form not in LONG or outcome["model"] != "sustained":
            document["outcomes"][name] = {**outcome, "among": "started", "of": "job"}
    found = written(build(document), tmp_path)
    assert_outcomes_agree(found)
    assert_measures_agree(found)
    assert not found.live.fixed


@pytest.mark.parametrize("name", ["vejle", "eftervaern", "slagelse"])
def test_the_shares_in_states_are_those_of_the_library(name: str, tmp_path: Path) -> None:
    """Savings that follow states can be worked out from the shares: people x months beyond."""
    found = written(sib.load_case(name), tmp_path)
    for of, outcome in found.outcomes.items():
        assert isinstance(outcome, SeenOutcome)
        occupancy = found.world.paths[of].occupancy
        if occupancy is None:
            continue
        for trace in outcome.traces.values():
            for columns in trace.shares:
                whole = sum(column.values for column in columns)
                np.testing.assert_allclose(whole, 1.0, rtol=SAME)
        state = next(iter(outcome.traces.values())).spec.names[0]
        months = sum(
            _weight(outcome, segment) * _more(trace, state)
            for segment, trace in outcome.traces.items()
        )
        people = np.array([cell.number for cell in outcome.people])
        np.testing.assert_allclose(
            people[:, np.newaxis] * months, occupancy.more((state,))[..., 0], atol=SAME
        )


def _weight(outcome: SeenOutcome, segment: str) -> float:
    return outcome.shares[segment].number if segment else 1.0


def _more(trace: Trace, state: str) -> FloatArray:
    """Return the months beyond what is expected anyway, by step, of one person."""
    first = FIRST_CREDITED[trace.spec.counted]
    without, treated = (columns[trace.spec.names.index(state)].values for columns in trace.shares)
    more = (treated - without)[first : first + trace.spec.steps]
    return np.asarray(trace.spec.step_months * more)


def test_moves_above_one_are_divided(tmp_path: Path) -> None:
    """The form that is said to be cut is cut, so that the formula for it is used."""
    case = small_case(outcome=FORMS["cut"], design=VERIFIED, line={**BAND, "of": "rate"})
    found = written(case, tmp_path)
    assert found.live.base.metrics["clipped.job"][0] > 0
