"""Share of people in named states, by hand and against the outcome that they belong to."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.outcomes.states import MultiState
from tests.people_in_states import derived, realise, states

TWO_STEPS = {
    "model": "states",
    "among": "started",
    "follow_up_months": [2],
    "counts": ["job"],
    "counted": "start",
    "states": ["out", "study", "job"],
    "step": "month",
    "start_in": {"out": 1.0},
    "transitions": {"out": {"study": 0.2, "job": 0.5}, "study": {"job": 0.25}, "job": {"out": 0.1}},
}


@pytest.mark.parametrize(
    ("wanted", "share"),
    # After one step 0.3, 0.2, 0.5; after two out = 0.3 x 0.3 + 0.5 x 0.1 = 0.14,
    # study = 0.3 x 0.2 + 0.2 x 0.75 = 0.21, job = 0.3 x 0.5 + 0.2 x 0.25 + 0.5 x 0.9 = 0.65.
    [(["out"], 0.14), (["study"], 0.21), (["job"], 0.65), (["study", "out"], 0.35)],
)
def test_two_steps_by_hand(wanted: list[str], share: float) -> None:
    """The expected share is that of the trace, for one state and for several."""
    model = derived("in_states", states=wanted, follow_up_months=[2])
    path = realise(model, on=False, where=MultiState.model_validate(TWO_STEPS)).derived
    assert path.expected.ravel().tolist() == pytest.approx([share] * 2)
    assert path.variance.ravel().tolist() == pytest.approx([share * (1 - share)] * 2)
    law = path.treated[0]
    assert law.at_least(1.0).item() == pytest.approx(share)
    assert law.at_least(0.0).item() == 1
    assert law.at_least(1.5).item() == 0


def test_the_states_that_count_give_the_same_people(seed: int) -> None:
    """Asked for the states that the other outcome counts it is that outcome, bit for bit."""
    both = realise(derived("in_states"), seed=seed)
    for there, here in zip(both.where.value, both.derived.value, strict=True):
        np.testing.assert_array_equal(there, here)
    np.testing.assert_array_equal(both.where.expected, both.derived.expected)


def test_states_divide_the_people(seed: int) -> None:
    """At follow-ups of its own each person is in exactly one state."""
    where = states(horizon_months=30)
    total = sum(
        realise(
            derived("in_states", states=[name], follow_up_months=[1, 7, 30]),
            seed=seed,
            where=where,
        )
        .derived.value[0]
        .astype(np.int64)
        for name in where.names
    )
    assert np.all(total == 1)


def test_it_names_at_least_one_state() -> None:
    """Nothing to look for is a fault."""
    with pytest.raises(ValidationError, match="at least 1"):
        derived("in_states", states=[])
