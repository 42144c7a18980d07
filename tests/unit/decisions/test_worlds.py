"""Worlds told again where something is otherwise: the bits of a run made from the start."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import sibsim as sib
from sibsim.decisions.repricing import metric_names, priced
from sibsim.decisions.worlds import (
    Luck,
    Worlds,
    factors_of,
    metrics_of_run,
    reach_of,
    worlds_of,
)
from sibsim.world import setting, world_in
from tests.small_case import small_case

DRAWS = 64
"""Less than a block: the rest of the block is worked out all the same, and cut off."""

CASES = [
    "holbaek",
    pytest.param("aarhus-schooling", marks=pytest.mark.slow),
    pytest.param("guldborgsund", marks=pytest.mark.slow),
    pytest.param("svendborg", marks=pytest.mark.slow),
]
"""Drifts, a table of joint rows, sites and a progression: every kind of reach."""


NO_METRIC_READS = {"delivery.completion"}
"""Who completes counts where an outcome is among those who do, which no outcome of these cases is.
"""


def told(name: str, *, seed: int) -> tuple[sib.Case, Worlds, tuple[str, ...]]:
    """Return a case, what happens in its draws, and its metrics.

    Without rates of return, which take most of the time and follow from the same flows as profits.
    """
    case = sib.load_case(name)
    names = tuple(each for each in metric_names(case) if "irr" not in each)
    return case, worlds_of(case, draws=DRAWS, luck=Luck.of(seed)), names


def assert_same_bits(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    """Check that metrics are the same to the bit, undefined draws included."""
    assert list(found) == list(expected)
    for name, values in found.items():
        assert values.shape == (DRAWS,)
        assert values.tobytes() == expected[name].tobytes(), name


@pytest.mark.parametrize("name", CASES[:2])
def test_worlds_are_those_of_a_simulation(name: str, seed: int) -> None:
    """The metrics of kept worlds, and of forgotten ones, are those of `simulate`."""
    case, worlds, _ = told(name, seed=seed)
    run = case.simulate(draws=DRAWS, rng=seed)
    expected = {metric: run.metric(metric) for metric in run.metrics}
    assert_same_bits(worlds.metrics(list(run.metrics)), expected)
    forgotten = metrics_of_run(case, list(run.metrics), draws=DRAWS, luck=Luck.of(seed))
    assert_same_bits(forgotten, expected)


@pytest.mark.parametrize("name", CASES)
def test_factors_drawn_anew_are_a_run_with_their_seeds(name: str, seed: int) -> None:
    """Every factor told with another seed of its own is the whole run with that seed."""
    case, worlds, names = told(name, seed=seed)
    before = worlds.metrics(names)
    for label, (streams, paths) in factors_of(case).items():
        luck = dataclasses.replace(worlds.luck, anew=dict.fromkeys(streams, seed + 1))
        found = worlds.otherwise(names, touched=paths, luck=luck)
        assert_same_bits(found, metrics_of_run(case, names, draws=DRAWS, luck=luck))
        moved = any(found[each].tobytes() != before[each].tobytes() for each in names)
        assert moved or label in NO_METRIC_READS, label


@pytest.mark.parametrize("name", CASES)
def test_values_instead_are_a_run_with_these_values(name: str, seed: int) -> None:
    """Every uncertain quantity fixed at a value is the whole run with that value."""
    case, worlds, names = told(name, seed=seed)
    uncertain = {path: each for path, each in case.quantities.items() if not each.is_fixed}
    assert uncertain
    for path, quantity in uncertain.items():
        instead = {path: float(quantity.ppf(np.array([0.9]))[0])}
        world = world_in(case, setting(case, worlds.luck.layers(0), instead=instead))
        whole = priced(case, world, metrics=names)
        expected = {metric: values[:DRAWS] for metric, values in whole.items()}
        assert_same_bits(worlds.otherwise(names, touched=(path,), instead=instead), expected)


def test_nothing_otherwise_is_the_same(seed: int) -> None:
    """Told again with nothing touched, the draws are what they were."""
    _, worlds, names = told("holbaek", seed=seed)
    assert_same_bits(worlds.otherwise(names, touched=()), worlds.metrics(names))


def test_another_contract_on_the_same_worlds(seed: int) -> None:
    """Another contract is re-priced, and is the whole run of that contract."""
    case, worlds, names = told("holbaek", seed=seed)
    other = case.with_({"payments.job.price": [20_000, 20_000, 20_000]})
    expected = metrics_of_run(other, names, draws=DRAWS, luck=Luck.of(seed))
    assert_same_bits(worlds.metrics(names, case=other), expected)


def test_layers_have_seeds_of_their_own(seed: int) -> None:
    """With another seed of one layer only, the others keep their luck."""
    case = sib.load_case("holbaek")
    names = ("participants", "measured.job", "achieved.job")
    same = metrics_of_run(case, names, draws=DRAWS, luck=Luck.of(seed))
    measured = metrics_of_run(case, names, draws=DRAWS, luck=Luck(seed, seed, seed + 1))
    assert measured["achieved.job"].tobytes() == same["achieved.job"].tobytes()
    assert measured["participants"].tobytes() == same["participants"].tobytes()
    chance = metrics_of_run(case, names, draws=DRAWS, luck=Luck(seed, seed + 1, seed))
    assert chance["achieved.job"].tobytes() != same["achieved.job"].tobytes()


def test_factors_join_what_is_correlated_or_of_one_table() -> None:
    """Correlated quantities are one factor of several streams; the rest stand by themselves."""
    case = sib.load_case("aarhus-schooling")
    pair = ("outcomes.exam.success_rate", "outcomes.youth_education.success_rate")
    factors = factors_of(case)
    assert factors[" + ".join(pair)] == (tuple(sorted(pair)), pair)
    of_all = [path for _, paths in factors.values() for path in paths]
    uncertain = [path for path, each in case.quantities.items() if not each.is_fixed]
    assert sorted(of_all) == sorted([*uncertain, *(f"drifts.{name}" for name in case.drifts)])
    assert len(of_all) == len(set(of_all))


def test_columns_of_one_table_are_one_factor_of_one_stream() -> None:
    """Two columns of one joint table share the row that is drawn, so they are one factor."""
    columns = {"counterfactual": [0.3, 0.5, 0.4], "uplift": [0.1, 0.2, 0.3]}
    joint = {
        name: {"dist": "joint", "rows": "studies", "values": values, "base": values[0]}
        for name, values in columns.items()
    }
    paths = tuple(f"outcomes.job.{name}" for name in columns)
    assert factors_of(small_case(outcome=joint))[" + ".join(paths)] == (("rows/studies",), paths)


def test_reach_stops_where_the_change_does() -> None:
    """A cost reaches costs, an outcome what reads it, who comes everything."""
    case = sib.load_case("holbaek")
    cost, outcome = next(iter(case.costs)), "job"
    reach = reach_of(case, (f"costs.{cost}.amount",))
    assert reach is not None
    assert (reach.costs, reach.outcomes, reach.measures) == (True, frozenset(), frozenset())
    reach = reach_of(case, (f"outcomes.{outcome}.uplift",))
    assert reach is not None
    assert outcome in reach.outcomes
    assert not reach.costs
    assert {"job"} <= reach.measures
    assert reach_of(case, ("delivery.take_up",)) is None
    assert reach_of(case, ("budget.job.amount",)) == reach_of(case, ())
