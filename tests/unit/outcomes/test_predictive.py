"""An effect that has the differences between places inside, beside a transport that adds them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from sibsim.core.effects import Effect, Transport
from sibsim.core.mean_effects import MeanEffect
from sibsim.outcomes.binary import Binary
from sibsim.outcomes.count import Count
from sibsim.outcomes.stated import on_evidence
from sibsim.outcomes.states import MultiState

COMMON: dict[str, Any] = {"among": "started", "follow_up_months": [12]}
BINARY = COMMON | {
    "model": "binary",
    "counterfactual": 0.4,
    "effect": {"scale": "odds_ratio", "value": 1.5, "predictive": True},
}
COUNT = COMMON | {
    "model": "count",
    "counterfactual": 2.0,
    "dispersion": 1.0,
    "effect": {"scale": "rate_ratio", "value": 0.8, "predictive": True},
}
STATES = COMMON | {
    "model": "states",
    "states": ["idle", "job"],
    "step": "month",
    "transitions": {"idle": {"job": 0.1}, "job": {"idle": 0.1}},
    "start_in": {"idle": 1.0},
    "counts": ["job"],
    "counted": "end",
    "effects": [
        {"from": "idle", "to": "job", "scale": "odds_ratio", "value": 1.5, "predictive": True}
    ],
}
MODELS = [(Binary, BINARY), (Count, COUNT), (MultiState, STATES)]
OMEGA = {"p10": 0.05, "p50": 0.1, "p90": 0.2}


@pytest.mark.parametrize(("model", "stated"), MODELS)
@pytest.mark.parametrize("omega", [0.1, OMEGA])
def test_differences_between_places_do_not_count_twice(
    model: type[Any], stated: dict[str, Any], omega: object
) -> None:
    """A predictive effect beside an omega above 0, certain or not, is refused; a mean is not."""
    given = stated | {"transport": {"tau": 0.5, "omega": omega}}
    with pytest.raises(ValidationError, match=r"would count twice; set omega to 0, or state the"):
        TypeAdapter(model).validate_python(given)
    mean: dict[str, Any] = {"predictive": False}
    if "effects" in stated:
        given["effects"] = [stated["effects"][0] | mean]
    else:
        given["effect"] = stated["effect"] | mean
    assert TypeAdapter(model).validate_python(given).transport.omega.base_value == 0.1


@pytest.mark.parametrize(("model", "stated"), MODELS)
@pytest.mark.parametrize("omega", [{}, {"omega": 0}, {"omega": {"value": 0, "note": "inside"}}])
def test_a_share_of_a_predictive_effect_may_carry_over(
    model: type[Any], stated: dict[str, Any], omega: dict[str, Any]
) -> None:
    """With omega at 0, stated or not, with a note or not, tau is free."""
    given = stated | {"transport": {"tau": 0.5, **omega}}
    assert TypeAdapter(model).validate_python(given).transport.tau.base_value == 0.5
    assert TypeAdapter(model).validate_python(stated).transport is None


@pytest.mark.parametrize(
    ("kind", "given"), [(Effect, BINARY["effect"]), (MeanEffect, COUNT["effect"])]
)
def test_the_flag_is_written_back(kind: type[Effect | MeanEffect], given: dict[str, Any]) -> None:
    """True is read and written; false, the default, is left out; no word stands for it."""
    assert kind.model_validate(given).model_dump() == given
    plain = {key: value for key, value in given.items() if key != "predictive"}
    assert kind.model_validate(plain | {"predictive": False}).model_dump() == plain
    with pytest.raises(ValidationError, match="predictive"):
        kind.model_validate(plain | {"predictive": "yes"})


def test_a_careful_reader_is_asked_for_tau_alone() -> None:
    """What is taken over in full is asked about; of a predictive effect omega is not."""
    predictive = Effect.model_validate(BINARY["effect"])
    mean = Effect.model_validate(BINARY["effect"] | {"predictive": False})
    (asked,) = on_evidence((predictive,), transport=None, among="started")
    assert "state transport.tau" in asked
    assert "omega" not in asked
    (asked,) = on_evidence((mean,), transport=None, among="started")
    assert "omega = 0" in asked
    (asked,) = on_evidence((mean, predictive), transport=None, among="started")
    assert "omega = 0" in asked


def test_a_share_beside_a_predictive_effect_is_remarked() -> None:
    """Tau below 1, certain or not, shrinks differences too; 1 does not, whatever its note."""
    predictive = Effect.model_validate(BINARY["effect"])
    mean = Effect.model_validate(BINARY["effect"] | {"predictive": False})

    def asked(effect: Effect, tau: object) -> list[str]:
        transport = Transport.model_validate({"tau": tau})
        return [
            each
            for each in on_evidence((effect,), transport=transport, among="started")
            if "tau shrinks the differences between places as well" in each
        ]

    for tau in (0.8, {"p10": 0.3, "p50": 0.8, "p90": 1.1}):
        (remark,) = asked(predictive, tau)
        assert "state the mean effect, without predictive" in remark
        assert "doubt about how much is lost on average" in remark
        assert asked(mean, tau) == []
    assert asked(predictive, 1.0) == []
    assert asked(predictive, {"value": 1.0, "note": "stated for here"}) == []
