"""What every outcome derived from states has in common: the same people, exact expectations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pytest

from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.outcomes import credit as module
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.binary import Binary
from sibsim.outcomes.derived import HistoryLaw
from tests.people_in_states import PEOPLE, derived, people, realise, states

ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""

MODELS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "in_states": ("in_states", {"states": ["study", "job"]}),
    "time": ("time_in_states", {"unit": "weeks"}),
    "time_in_all": ("time_in_states", {"unit": "days", "cumulative": True}),
    "sustained": ("sustained", {"weeks": 26, "gap_weeks": 9}),
    "sustained_unbroken": ("sustained", {"weeks": 13, "states": ["study", "job"]}),
}

every_model = pytest.mark.parametrize("name", MODELS)
both_credits = pytest.mark.parametrize("counted", ["start", "end"])


def _model(name: str, **changes: object) -> OutcomeModel:
    kind, stated = MODELS[name]
    return derived(kind, **{**stated, **changes})


@every_model
@both_credits
def test_the_mean_of_people_is_the_expectation(seed: int, name: str, counted: str) -> None:
    """Every cell of every cohort lies within five Monte Carlo errors."""
    path = realise(_model(name), seed=seed, where=states(counted=counted)).derived
    expected = path.people[:, np.newaxis] * path.expected
    error = path.achieved.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
    assert np.all(error > 0)
    assert np.all(np.abs(path.achieved.mean(axis=-1) - expected[..., 0]) <= ERRORS * error)


@every_model
@both_credits
def test_the_variance_of_people_is_the_exact_one(seed: int, name: str, counted: str) -> None:
    """The variance over people and draws is the law's, within five errors of a variance."""
    path = realise(_model(name), seed=seed, where=states(counted=counted)).derived
    value = path.value[0].astype(np.float64)
    for k, exact in enumerate(path.treated[0].variance[:, 0]):
        # Sampling error of a variance: sqrt((fourth central moment - variance^2) / number).
        centred = value[:, k] - value[:, k].mean()
        error = np.sqrt(((centred**4).mean() - exact**2) / centred.size)
        assert abs((centred**2).mean() - exact) <= ERRORS * error


@every_model
def test_with_chance_off_it_is_the_expectation(name: str) -> None:
    """Off: one draw, achieved is people times the mean, and nobody has a history."""
    path = realise(_model(name), on=False).derived
    expected = path.people[:, np.newaxis] * path.expected
    assert path.achieved.shape == (2, 3, 1)
    np.testing.assert_allclose(path.achieved, expected, rtol=1e-13)


@every_model
def test_values_are_read_from_the_people_of_the_other_outcome(seed: int, name: str) -> None:
    """Each person's result is what the law reads in that person's own history."""
    both = realise(_model(name), seed=seed)
    for c, history in enumerate(both.where.history):
        law = cast("HistoryLaw", both.derived.treated[c])
        assert len(history) == PEOPLE[c]
        np.testing.assert_array_equal(both.derived.value[c], law.read(history))
    assert np.array_equal(both.derived.when, both.where.when)


@every_model
def test_controls_have_histories_of_their_own(seed: int, name: str) -> None:
    """Controls follow the law without the intervention; more of them change no earlier one."""
    path = realise(_model(name), seed=seed).derived
    layer = Layer(LayerName.MEASUREMENT, seed)
    few, more = (path.untreated[0].draw(layer, stream="control", people=n) for n in (20, 25))
    np.testing.assert_array_equal(few, more[:20])
    assert not np.array_equal(few, path.value[0])
    assert not np.array_equal(few, path.untreated[0].draw(layer, stream="other", people=20))
    mean = more.astype(np.float64).mean(axis=0)
    error = mean.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
    assert np.all(np.abs(mean.mean(axis=-1) - path.counterfactual[0, :, 0]) <= ERRORS * error)
    off = path.untreated[0].draw(Layer(LayerName.MEASUREMENT, on=False), stream="", people=3)
    np.testing.assert_array_equal(off, np.broadcast_to(path.counterfactual[0], off.shape))


@every_model
def test_the_intervention_moves_more_people_to_a_job(name: str) -> None:
    """An odds ratio of 2 on the move to a job raises every result; without it none moves."""
    path = realise(_model(name), on=False).derived
    assert np.all(path.expected > path.counterfactual)
    same = realise(_model(name), on=False, where=states(effects=[])).derived
    np.testing.assert_array_equal(same.expected, same.counterfactual)


@every_model
def test_expectations_of_many_draws_are_those_of_each(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Draws that differ in a quantity are worked out part by part and each by itself."""
    moves = np.linspace(0.01, 0.2, 7)
    values = {"outcomes.where.transitions.benefit.job": moves[np.newaxis]}
    where = states(later=[{"from_month": 9, "transitions": {"job": {"sick": 0.2}}}])
    wide = realise(_model(name), on=False, where=where, values=values).derived
    monkeypatch.setattr(module, "LARGEST_SHARES", 1)
    parts = realise(_model(name), on=False, where=where, values=values).derived
    assert wide.expected.shape == (2, 3, 7)
    levels = (wide.expected[0].mean(axis=-1) - 0.01).tolist()
    for level in levels:
        np.testing.assert_array_equal(
            parts.treated[0].at_least(level), wide.treated[0].at_least(level)
        )
    np.testing.assert_array_equal(parts.expected, wide.expected)
    np.testing.assert_array_equal(parts.variance, wide.variance)
    for draw, move in enumerate(moves):
        values = {path: np.array([[move]]) for path in values}
        one = realise(_model(name), on=False, where=where, values=values).derived
        np.testing.assert_allclose(wide.expected[..., draw], one.expected[..., 0], rtol=1e-12)


@every_model
def test_more_people_change_no_earlier_one(seed: int, name: str) -> None:
    """The first 20 people of a larger cohort have the results they have anyway."""
    few = realise(_model(name), seed=seed).derived
    more = realise(_model(name), seed=seed, who=people((31.0, 12.0))).derived
    np.testing.assert_array_equal(more.value[0][:20], few.value[0])
    np.testing.assert_array_equal(more.value[1], few.value[1])


@every_model
def test_cohorts_that_share_a_chain_share_a_law(name: str) -> None:
    """A law is worked out once for all cohorts that differ in nothing."""
    path = realise(_model(name), on=False).derived
    assert path.treated[0] is path.treated[1]
    assert path.treated[0] is not path.untreated[0]


@every_model
def test_what_it_cannot_be_worked_out_from_is_refused(name: str) -> None:
    """It reads states only, those that there are, and while people are followed."""
    binary = Binary.model_validate(
        {
            "model": "binary",
            "among": "started",
            "follow_up_months": [12],
            "counterfactual": 0.4,
            "uplift": 0.1,
        }
    )

    def faults(other: OutcomeModel | None = None, **changes: object) -> str:
        problems = _model(name, **changes).check_against(other or states(), name="where")
        return " | ".join(problems)

    assert not faults()
    assert "of model 'binary'; name an outcome of model 'states'" in faults(binary)
    assert "got states with 'jobb'" in faults(states=["jobb"])
    assert "did you mean 'job'" in faults(states=["jobb"])
    assert "a follow-up at 30 months; 'where' follows people for 24" in faults(
        follow_up_months=[12, 30]
    )
    assert not faults(states(horizon_months=30), follow_up_months=[12, 30])
    coarse = states(step="year", follow_up_months=[12, 24])
    assert "got 12 and 15 months, which are the same step of one year" in faults(
        coarse, follow_up_months=[12, 15]
    )
    assert _model(name).reads == ("where",)
