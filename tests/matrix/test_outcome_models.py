"""Every outcome model passes the same checks; a new one joins by adding its example here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim import outcomes
from sibsim.core.parameters import Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import load_family_member, walk
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.outcomes.base import OutcomeModel

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2028, 12, 31), period="quarter")
ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""

_COMMON = {"among": "started", "follow_up_months": (12, 18, 24)}
_NIGHTS = {"lowest": 0, "window_days": 183, "share_lowest": 0.5, "share_bound": 0.05}

SPECS: Mapping[str, Mapping[str, Any]] = {
    "binary": {"counterfactual": 0.4, "uplift": 0.1, "persistence": 0.8},
    "count": {
        "counterfactual": 1.5,
        "effect": {"scale": "rate_ratio", "value": 1.2},
        "dispersion": 0.8,
        "persistence": 0.8,
    },
    "days": {
        "counterfactual": 40.0,
        "sd": 55.0,
        **_NIGHTS,
        "effect": {"scale": "rate_ratio", "value": 1.2},
        "persistence": 0.8,
    },
    "score": {
        "counterfactual": 2.0,
        "effect": {"scale": "mean_difference", "value": 3.0},
        "sd": 10.0,
        "reliability": 0.8,
        "persistence": 0.8,
    },
    "threshold": {"of": "days", "at_least": 6},
    "states": {
        "states": ("out", "work"),
        "step": "month",
        "transitions": {"out": {"work": 0.05}, "work": {"out": 0.03}},
        "start_in": {"out": 1.0},
        "counts": ("work",),
        "counted": "start",
        "horizon_months": 36,
        "effects": ({"scale": "odds_ratio", "value": 1.5, "from": "out", "to": "work"},),
    },
    "in_states": {"of": "states", "states": ("work",)},
    "time_in_states": {"of": "states", "states": ("work",), "unit": "weeks"},
    "sustained": {"of": "states", "states": ("work",), "weeks": 26},
}
"""A small example of each shipped model, without what all of them have."""

BETTER: Mapping[str, Mapping[str, float]] = {
    "binary": {"uplift": 0.12},
    "count": {"effect": 1.4},
    "days": {"effect": 1.3},
    "score": {"effect": 4.0},
    "states": {"effects.0": 1.8},
}
"""A higher effect; a model that reads another gains by that one's."""


def _people(planned: tuple[float, ...] = (20.0, 30.0)) -> Participation:
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


def _model(name: str, **changes: object) -> OutcomeModel:
    found = load_family_member("sibsim.outcomes", "sibsim.outcomes", name)
    assert found is not None
    model = found.model_validate({"model": name, **_COMMON, **SPECS[name], **changes})
    assert isinstance(model, OutcomeModel)
    return model


def _realise(
    name: str,
    *,
    seed: int = 0,
    on: bool = True,
    block: int = 0,
    people: Participation | None = None,
    model: OutcomeModel | None = None,
    values: Mapping[str, float] | None = None,
) -> OutcomePath:
    model = model or _model(name)
    people = people or _people()
    stated = {path: each.base_value for path, each in walk(model, Quantity)}
    if not model.reads:
        stated |= values or {}
    context = Context(
        timeline=TIMELINE,
        values={f"outcomes.{name}.{key}": np.array([[value]]) for key, value in stated.items()},
        chance=Layer(LayerName.CHANCE, seed, block, on=on),
        measurement=Layer(LayerName.MEASUREMENT, seed, block, on=False),
        path=f"outcomes.{name}",
    )
    upstream = {
        each: _realise(
            each,
            seed=seed,
            on=on,
            block=block,
            people=people,
            model=_model(each, follow_up_months=model.follow_up_months),
            values=values,
        )
        for each in model.reads
    }
    return model.realise(people, context=replace(context, upstream=upstream))


def _better(name: str) -> Mapping[str, float]:
    """Return values with a higher effect of the model, or of the one that it reads."""
    return BETTER[name] if name in BETTER else _better(_model(name).reads[0])


every_model = pytest.mark.parametrize("name", outcomes.MEMBERS)


def test_every_shipped_model_has_an_example() -> None:
    """The matrix covers the family."""
    assert set(SPECS) == set(outcomes.MEMBERS)
    assert all(_better(name) for name in SPECS)


@every_model
def test_a_model_names_itself_and_explains_its_fields(name: str) -> None:
    """The model key is the name of its file, and every field has a docstring."""
    model = _model(name)
    assert model.model == name
    assert type(model).__doc__
    for field, about in type(model).model_fields.items():
        assert about.description, field


@every_model
def test_with_chance_off_it_is_the_expectation(name: str) -> None:
    """Off: one draw; achieved is people times the mean."""
    path = _realise(name, on=False)
    expected = path.people[:, np.newaxis] * path.expected
    assert path.achieved.shape == (2, 3, 1)
    np.testing.assert_allclose(path.achieved, expected, rtol=1e-14)


@every_model
def test_with_chance_on_the_mean_is_the_expectation(seed: int, name: str) -> None:
    """On: every cell's mean lies within the Monte Carlo error of people times the mean."""
    path = _realise(name, seed=seed)
    expected = path.people[:, np.newaxis] * path.expected
    error = path.achieved.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
    assert np.all(np.abs(path.achieved.mean(axis=-1) - expected[..., 0]) <= ERRORS * error)


@every_model
def test_achieved_counts_the_members_who_achieve(seed: int, name: str) -> None:
    """The sum by cohort is the sum over members, person by person."""
    path = _realise(name, seed=seed)
    for cohort, (member, value) in enumerate(zip(path.member, path.value, strict=True)):
        counted = (member[:, np.newaxis] * value).sum(axis=0)
        assert np.array_equal(path.achieved[cohort], counted)


@every_model
def test_the_same_seed_gives_the_same_bits_and_another_block_others(seed: int, name: str) -> None:
    """A block is decided by seed, name and index alone."""
    first, again = _realise(name, seed=seed), _realise(name, seed=seed)
    assert np.array_equal(first.achieved, again.achieved)
    assert not np.array_equal(first.achieved, _realise(name, seed=seed, block=1).achieved)
    assert not np.array_equal(first.achieved, _realise(name, seed=seed + 1).achieved)


@every_model
def test_more_people_and_cohorts_leave_the_others_as_they_were(seed: int, name: str) -> None:
    """Persons and cohorts at the end change no earlier person."""
    few = _realise(name, seed=seed)
    many = _realise(name, seed=seed, people=_people((20.0, 45.0, 10.0)))
    assert np.array_equal(few.value[0], many.value[0])
    assert np.array_equal(few.value[1], many.value[1][:30])


@every_model
def test_another_follow_up_leaves_the_earlier_ones_as_they_were(seed: int, name: str) -> None:
    """A follow-up at the end changes no earlier one."""
    short = _realise(name, seed=seed)
    model = _model(name, follow_up_months=(12, 18, 24, 36))
    long = _realise(name, seed=seed, model=model)
    assert np.array_equal(short.achieved, long.achieved[:, :3])


@every_model
def test_a_better_effect_lowers_no_draw(seed: int, name: str) -> None:
    """Common random numbers: no person loses by a better effect, and some gain."""
    worse, better = _realise(name, seed=seed), _realise(name, seed=seed, values=_better(name))
    for low, high in zip(worse.value, better.value, strict=True):
        assert np.all(high >= low)
    assert np.any(better.achieved > worse.achieved)


@every_model
def test_cohorts_are_independent(seed: int, name: str) -> None:
    """Given the parameters, luck in one cohort says nothing about another."""
    path = _realise(name, seed=seed)
    for first, second in zip(path.achieved[0], path.achieved[1], strict=True):
        # The correlation of independent draws has a standard error of 1 / sqrt(draws).
        assert abs(np.corrcoef(first, second)[0, 1]) <= ERRORS / np.sqrt(BLOCK_DRAWS)


@every_model
def test_a_law_has_the_moments_of_what_it_draws(seed: int, name: str) -> None:
    """People drawn from the laws, such as controls, have their mean, variance and tail."""
    path = _realise(name, seed=seed, on=False)
    layer = Layer(LayerName.MEASUREMENT, seed)
    for law, mean in ((path.treated[0], path.expected), (path.untreated[0], path.counterfactual)):
        assert np.array_equal(law.mean[:, 0], mean[0, :, 0])
        drawn = law.draw(layer, stream="controls", people=40).astype(np.float64)
        assert drawn.shape == (40, 3, BLOCK_DRAWS)
        # Persons are independent, but their follow-ups are not: each is looked at by itself.
        for k in range(3):
            sample = drawn[:, k].ravel()
            error = sample.std() / np.sqrt(sample.size)
            assert abs(sample.mean() - law.mean[k, 0]) <= ERRORS * error
            square = (sample - law.mean[k, 0]) ** 2
            error = square.std() / np.sqrt(sample.size)
            assert abs(square.mean() - law.variance[k, 0]) <= ERRORS * error
            level = float(np.quantile(sample, 0.7))
            tail = law.at_least(level)[k, 0]
            error = np.sqrt(max(tail * (1 - tail), 1 / sample.size) / sample.size)
            assert abs((sample >= level).mean() - tail) <= ERRORS * error


@pytest.mark.parametrize("name", BETTER)
def test_without_effort_there_is_no_effect(name: str) -> None:
    """No effort, no effect: what is expected is the counterfactual."""
    model = _model(name)
    stated = {path: each.base_value for path, each in walk(model, Quantity)}
    context = Context(
        timeline=TIMELINE,
        values={f"outcomes.{name}.{key}": np.array([[value]]) for key, value in stated.items()},
        chance=Layer(LayerName.CHANCE, on=False),
        measurement=Layer(LayerName.MEASUREMENT, on=False),
        path=f"outcomes.{name}",
        effort=np.zeros((1, 1)),
    )
    path = model.realise(_people(), context=context)
    np.testing.assert_allclose(path.expected, path.counterfactual, rtol=1e-12)
