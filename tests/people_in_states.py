"""A small outcome of states and what is derived from it, realised for two cohorts."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import walk
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.states import MultiState

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2030, 12, 31), period="quarter")
PEOPLE = (20.0, 12.0)

WHERE: Mapping[str, Any] = {
    "model": "states",
    "among": "started",
    "follow_up_months": [6, 12, 24],
    "counts": ["job"],
    "counted": "start",
    "states": ["sick", "benefit", "study", "job"],
    "step": "month",
    "start_in": {"sick": 0.6, "benefit": 0.3, "job": 0.1},
    "transitions": {
        "sick": {"benefit": 0.1, "job": 0.1},
        "benefit": {"sick": 0.05, "study": 0.05, "job": 0.08},
        "study": {"benefit": 0.1, "job": 0.1},
        "job": {"sick": 0.04, "benefit": 0.06},
    },
    "effects": [{"from": "benefit", "to": "job", "scale": "odds_ratio", "value": 2.0}],
}
"""People between sickness benefit, another benefit, education and a job."""


@dataclass(frozen=True)
class Realised:
    """The outcome of states and the derived one, of the same people."""

    where: OutcomePath
    derived: OutcomePath


def people(planned: tuple[float, ...] = PEOPLE) -> Participation:
    """Return cohorts in which everyone starts and completes."""
    number = np.array(planned)[:, np.newaxis]
    return Participation(
        planned=np.array(planned),
        start=np.arange(0.0, 6.0 * len(planned), 6.0)[:, np.newaxis],
        delay=np.zeros((1, 1)),
        referred=number,
        started=number,
        completed=number,
        completes=tuple(np.ones((int(n), 1), dtype=np.bool_) for n in planned),
    )


def states(**changes: object) -> MultiState:
    """Return the outcome of states, with changes."""
    return MultiState.model_validate({**WHERE, **changes})


def derived(name: str, **stated: object) -> OutcomeModel:
    """Return a derived outcome that reads it."""
    module = importlib.import_module(f"sibsim.outcomes.{name}")
    whole = {
        "model": name,
        "among": "started",
        "of": "where",
        "states": ["job"],
        "follow_up_months": WHERE["follow_up_months"],
    }
    model = module.Model.model_validate({**whole, **stated})
    assert isinstance(model, OutcomeModel)
    return model


def realise(
    model: OutcomeModel,
    *,
    seed: int = 0,
    on: bool = True,
    where: MultiState | None = None,
    values: Mapping[str, FloatArray] | None = None,
    who: Participation | None = None,
) -> Realised:
    """Return both outcomes; every quantity has its base value unless `values` says otherwise."""
    where = where or states()
    base = {
        f"outcomes.where.{path}": np.array([[quantity.base_value]])
        for path, quantity in walk(where, Quantity)
    }
    context = Context(
        timeline=TIMELINE,
        values=base | dict(values or {}),
        chance=Layer(LayerName.CHANCE, seed, on=on),
        measurement=Layer(LayerName.MEASUREMENT, seed, on=on),
    )
    who = who or people()
    path = where.realise(who, context=context.at("outcomes", "where"))
    here = replace(context.at("outcomes", "derived"), upstream={"where": path})
    found = model.realise(who, context=here)
    return Realised(path, found)
