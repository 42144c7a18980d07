"""Sampling: streams by name, base values, copula, nets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Amount, Quantity, Real, Share
from sibsim.core.sampling import NET_DRAWS, Correlation, Method, check_correlations, sample
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName

METHODS: tuple[Method, ...] = ("random", "lhs", "sobol")


def quantity(kind: Any, form: object) -> Quantity:  # noqa: ANN401
    """Return the quantity that a form stands for."""
    found = TypeAdapter(kind).validate_python(form)
    assert isinstance(found, Quantity)
    return found


UNIFORM = quantity(Share, {"dist": "uniform", "min": 0, "max": 1})
TRIPLE = quantity(Share, {"p10": 0.3, "p50": 0.4, "p90": 0.5, "base": 0.41})
WIDE = quantity(Real, {"dist": "normal", "mean": 0, "sd": 1})
BY_COHORT = quantity(Share, {"dist": "uniform", "min": 0, "max": 1, "per_cohort": True})


def link(first: str, second: str, spearman: float) -> Correlation:
    """Return a rank correlation."""
    return Correlation(between=(first, second), spearman=spearman)


def draw(
    quantities: dict[str, Quantity],
    seed: int,
    *correlations: Correlation,
    method: Method = "random",
    on: bool = True,
    block: int = 0,
) -> dict[str, FloatArray]:
    """Sample one block with three cohorts."""
    layer = Layer(LayerName.PARAMETERS, seed=seed, block=block, on=on)
    return sample(quantities, correlations=correlations, cohorts=3, layer=layer, method=method)


@pytest.mark.parametrize("method", METHODS)
def test_layer_off_gives_base_values(method: Method) -> None:
    """Every quantity is its base value, once."""
    values = draw({"a": TRIPLE, "b": BY_COHORT}, 1, link("a", "b", 0.5), method=method, on=False)
    assert {name: value.tolist() for name, value in values.items()} == {"a": [[0.41]], "b": [[0.5]]}


@pytest.mark.parametrize("method", METHODS)
def test_shapes_follow_what_varies(method: Method, seed: int) -> None:
    """Fixed (1, 1), shared (1, D), per cohort (C, D) with different cohorts."""
    values = draw({"a": Quantity.fixed(2.0), "b": TRIPLE, "c": BY_COHORT}, seed, method=method)
    assert [values[name].shape for name in "abc"] == [(1, 1), (1, BLOCK_DRAWS), (3, BLOCK_DRAWS)]
    assert not np.any(values["c"][0] == values["c"][1])


@pytest.mark.parametrize("method", ["random", "lhs"])
def test_numbers_depend_on_the_own_name_alone(method: Method, seed: int) -> None:
    """Other quantities, their order and their number change nothing; another name does."""
    alone = draw({"b": TRIPLE}, seed, method=method)["b"]
    among = draw({"z": WIDE, "b": TRIPLE, "a": BY_COHORT}, seed, method=method)["b"]
    np.testing.assert_array_equal(alone, among)
    assert not np.any(alone == draw({"c": TRIPLE}, seed, method=method)["c"])
    assert not np.any(alone == draw({"b": TRIPLE}, seed, method=method, block=1)["b"])


def test_quantity_is_drawn_through_its_quantile_function(seed: int) -> None:
    """10, 50 and 90 % of the draws lie below p10, p50 and p90."""
    values = draw({"b": TRIPLE}, seed)["b"]
    for x, level in ((0.3, 0.1), (0.4, 0.5), (0.5, 0.9)):
        error = np.sqrt(level * (1 - level) / BLOCK_DRAWS)
        assert np.mean(values < x) == pytest.approx(level, abs=5 * error)


@pytest.mark.parametrize("spearman", [-0.9, 0.3, 0.8])
@pytest.mark.parametrize("method", METHODS)
def test_copula_has_the_stated_rank_correlation(spearman: float, method: Method, seed: int) -> None:
    """Spearman's rank correlation comes out, whatever the margins, which stay as they were."""
    quantities = {"a": TRIPLE, "b": WIDE}
    values = draw(quantities, seed, link("b", "a", spearman), method=method)
    found = stats.spearmanr(values["a"][0], values["b"][0]).statistic
    # Standard error of a rank correlation (Bonett and Wright 2000), at most.
    error = np.sqrt((1 + spearman**2 / 2) / (BLOCK_DRAWS - 3)) * (1 - spearman**2)
    assert found == pytest.approx(spearman, abs=5 * error)
    median = 5 * np.sqrt(0.25 / BLOCK_DRAWS)
    assert np.mean(values["b"] < 0) == pytest.approx(0.5, abs=median)


def test_correlated_names_do_not_depend_on_the_order_of_the_list(seed: int) -> None:
    """The same correlations in another order give the same numbers."""
    quantities = {"a": TRIPLE, "b": WIDE, "c": UNIFORM}
    first, second = link("a", "b", 0.5), link("c", "b", -0.3)
    forward = draw(quantities, seed, first, second)
    backward = draw(quantities, seed, second, link("b", "a", 0.5))
    for name in quantities:
        np.testing.assert_array_equal(forward[name], backward[name])


def test_shared_quantity_correlates_with_every_cohort(seed: int) -> None:
    """One shared and one per-cohort quantity: each cohort has the stated correlation."""
    values = draw({"z": WIDE, "b": BY_COHORT}, seed, link("b", "z", 0.7))
    assert values["z"].shape == (1, BLOCK_DRAWS)
    error = np.sqrt((1 + 0.7**2 / 2) / (BLOCK_DRAWS - 3)) * (1 - 0.7**2)
    for cohort in values["b"]:
        found = stats.spearmanr(cohort, values["z"][0]).statistic
        assert found == pytest.approx(0.7, abs=5 * error)


@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_every_net_fills_every_stratum_once(method: Method, seed: int) -> None:
    """In each net of 512 draws each 512th of the range holds one draw, in every row."""
    values = draw({"a": UNIFORM, "c": BY_COHORT}, seed, method=method)
    for row in (values["a"][0], *values["c"]):
        strata = np.sort((row.reshape(-1, NET_DRAWS) * NET_DRAWS).astype(int), axis=1)
        np.testing.assert_array_equal(strata, np.tile(np.arange(NET_DRAWS), (8, 1)))


@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_nets_are_randomised_on_their_own(method: Method, seed: int) -> None:
    """No two nets are alike, and the net means of a smooth function scatter far less."""
    values = draw({"a": UNIFORM, "b": UNIFORM}, seed, method=method)
    nets = (values["a"] + values["b"]).reshape(-1, NET_DRAWS)
    assert len(np.unique(nets[:, 0])) == len(nets)
    # A random net mean of a + b has sd sqrt(1 / 6 / 512) = 0.018; an additive one hardly any.
    assert 0 < nets.mean(axis=1).std() < 0.002


def test_columns_of_a_joint_table_keep_their_rows(seed: int) -> None:
    """Two quantities of one table always come from the same row, each row equally often."""
    form = {"dist": "joint", "rows": "ips", "base": 3}
    first = quantity(Amount, {**form, "values": [1, 2, 3, 4]})
    second = quantity(Amount, {**form, "values": [4, 1, 3, 2]})
    values = draw({"a": first, "b": second, "c": TRIPLE}, seed)
    rows = set(zip(values["a"][0].tolist(), values["b"][0].tolist(), strict=True))
    assert rows == {(1, 4), (2, 1), (3, 3), (4, 2)}
    error = np.sqrt(0.25 * 0.75 / BLOCK_DRAWS)
    assert np.mean(values["a"] == 1) == pytest.approx(0.25, abs=5 * error)
    with pytest.raises(ValueError, match="rows of its table"):
        draw({"a": first, "c": TRIPLE}, seed, link("a", "c", 0.5))


def test_impossible_correlations_are_told_the_nearest_possible() -> None:
    """A and B alike, A and C alike, B and C opposite cannot be; the way out is accepted."""
    impossible = (link("a", "b", 0.9), link("a", "c", 0.9), link("b", "c", -0.9))
    text = check_correlations(impossible)
    assert text is not None
    assert text.startswith("got a ~ b 0.9, a ~ c 0.9, b ~ c -0.9;")
    told = [part.split() for part in text.split("fit are ")[1].split(", ")]
    way_out = tuple(link(first, second, float(value)) for first, _, second, value in told)
    assert check_correlations(way_out) is None
    assert [round(each.spearman, 1) for each in way_out] == [0.5, 0.5, -0.5]


def test_possible_correlations_pass_and_a_pair_stated_twice_does_not() -> None:
    """Nothing is said of what fits."""
    assert check_correlations(()) is None
    assert check_correlations((link("a", "b", 0.9), link("b", "c", 0.4))) is None
    twice = check_correlations((link("a", "b", 0.9), link("b", "a", 0.4)))
    assert twice is not None
    assert "twice" in twice


def test_correlation_needs_two_names_and_a_value_inside() -> None:
    """A name with itself, and a perfect correlation, are refused."""
    with pytest.raises(ValidationError, match="twice"):
        link("a", "a", 0.5)
    with pytest.raises(ValidationError, match="less than 1"):
        link("a", "b", 1.0)
