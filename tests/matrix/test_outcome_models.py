"""Every outcome model passes the same checks; a new one joins by adding its example here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim import outcomes
from sibsim.core.spec import load_family_member
from sibsim.core.stages import Context, OutcomePath, Participation
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.outcomes.base import OutcomeModel

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2028, 12, 31), period="quarter")
ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""

SPECS: Mapping[str, Mapping[str, Any]] = {
    "binary": {
        "model": "binary",
        "among": "started",
        "follow_up_months": (12, 18, 24),
        "counterfactual": 0.4,
        "uplift": 0.1,
        "persistence": 0.8,
    },
}
"""A small example of each shipped model."""

VALUES: Mapping[str, Mapping[str, float]] = {
    "binary": {"counterfactual": 0.4, "uplift": 0.1, "persistence": 0.8},
}
"""Values of the example's parameters."""

BETTER: Mapping[str, Mapping[str, float]] = {"binary": {"uplift": 0.12}}
"""The same with a better effect."""


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
    model = found.model_validate({**SPECS[name], **changes})
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
    stated = {**VALUES[name], **(values or {})}
    context = Context(
        timeline=TIMELINE,
        values={f"outcomes.it.{key}": np.array([[value]]) for key, value in stated.items()},
        chance=Layer(LayerName.CHANCE, seed, block, on=on),
        measurement=Layer(LayerName.MEASUREMENT, seed, block, on=False),
        path="outcomes.it",
    )
    return (model or _model(name)).realise(people or _people(), context=context)


every_model = pytest.mark.parametrize("name", outcomes.MEMBERS)


def test_every_shipped_model_has_an_example() -> None:
    """The matrix covers the family."""
    assert set(SPECS) == set(VALUES) == set(BETTER) == set(outcomes.MEMBERS)


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
    """Off: one draw; achieved is people times probability, and members' values sum to it."""
    path = _realise(name, on=False)
    expected = path.people[:, np.newaxis] * path.expected
    assert path.achieved.shape == (2, 3, 1)
    np.testing.assert_allclose(path.achieved, expected, rtol=1e-14)


@every_model
def test_with_chance_on_the_mean_is_the_expectation(seed: int, name: str) -> None:
    """On: every cell's mean lies within the Monte Carlo error of people times probability."""
    path = _realise(name, seed=seed)
    expected = path.people[:, np.newaxis] * path.expected
    error = path.achieved.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
    assert np.all(np.abs(path.achieved.mean(axis=-1) - expected[..., 0]) <= ERRORS * error)


@every_model
def test_achieved_counts_the_members_who_achieve(seed: int, name: str) -> None:
    """The count by cohort is the sum over members, person by person."""
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
    worse, better = _realise(name, seed=seed), _realise(name, seed=seed, values=BETTER[name])
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
