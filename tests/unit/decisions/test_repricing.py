"""Metrics of a contract on given worlds: only what is asked for, the same to the bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.accounts import settle
from sibsim.core.arrays import FloatArray
from sibsim.decisions.repricing import CEILING_ROOM, metric_names, priced, repriced
from sibsim.decisions.ways.comparison import compare
from sibsim.decisions.worlds import Luck, worlds_of
from sibsim.metrics import metrics_of

OTHER_TERMS: Mapping[str, Any] = {"payments.job.price": [17_000, 23_000, 20_000]}
"""Other terms of Holbæk; the other cases keep theirs."""

DRAWS = 5_000
"""More than one block of draws, and the last one cut."""


def run_and_other(name: str, *, seed: int, draws: int = 64) -> tuple[sib.Results, sib.Case]:
    """Return a run that kept its worlds and the case with other terms."""
    case = sib.load_case(name)
    run = case.simulate(draws=draws, rng=seed, keep="world")
    return run, case.with_(OTHER_TERMS) if name == "holbaek" else case


@pytest.mark.parametrize(
    "name",
    [
        "holbaek",
        "prototype-to-scale",
        "guldborgsund",
        pytest.param("aarhus-schooling", marks=pytest.mark.slow),
    ],
)
def test_every_metric_alone_is_that_of_all_together(name: str, seed: int) -> None:
    """A metric that is asked for alone has the bits that it has among all others."""
    run, other = run_and_other(name, seed=seed)
    whole = run.reprice(other)
    assert len(whole.metrics) > 0
    for metric in whole.metrics:
        alone = repriced(run, other, metrics=(metric,))
        assert list(alone) == [metric]
        assert alone[metric].tobytes() == whole.metric(metric).tobytes(), metric


def test_several_blocks_stand_side_by_side(seed: int) -> None:
    """Draws of a second block follow those of the first, cut to the number of draws."""
    run, other = run_and_other("holbaek", seed=seed, draws=DRAWS)
    names = ("investor_irr", "municipality_net", "participants")
    found, whole = repriced(run, other, metrics=names), run.reprice(other)
    for name in names:
        assert found[name].shape == (DRAWS,)
        assert found[name].tobytes() == whole.metric(name).tobytes()


def test_base_case_is_one_draw(seed: int) -> None:
    """A base case is re-priced too, and has one draw."""
    _, other = run_and_other("holbaek", seed=seed, draws=1)
    base = other.base_case()
    found = repriced(base, other, metrics=("investor_profit", CEILING_ROOM))
    assert found["investor_profit"].shape == (1,)
    assert found["investor_profit"] == base.metric("investor_profit")


def refuses(*_: object, **__: object) -> FloatArray:
    """Fail: what is not asked for is worked out."""
    message = "worked out although nobody asked"
    raise AssertionError(message)


def test_only_what_is_asked_for_is_worked_out(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """An investor's metric needs no budget, a budget's metric no rate of return."""
    case = sib.load_case("holbaek")
    world = worlds_of(case, draws=1, luck=Luck.of(seed)).told[0].world
    with monkeypatch.context() as without_budget:
        without_budget.setattr("sibsim.accounts.savings", refuses)
        priced(case, world, metrics=("investor_irr", "payments_total", "p_investor_loss"))
        with pytest.raises(AssertionError, match="nobody asked"):
            priced(case, world, metrics=("municipality_net",))
    monkeypatch.setattr("sibsim.capital.returns.returns", refuses)
    monkeypatch.setattr("sibsim.metrics.break_even_year", refuses)
    priced(case, world, metrics=("municipality_net", "public_net", "investor_profit", "surplus"))
    with pytest.raises(AssertionError, match="nobody asked"):
        priced(case, world, metrics=("tranche.dsi.irr",))


def test_unknown_metric_names_the_nearest(seed: int) -> None:
    """A metric that the case has not is refused, whichever group its name begins like."""
    run, other = run_and_other("holbaek", seed=seed, draws=1)
    for name, meant in (
        ("investor_ir", "investor_irr"),
        ("payments.jobb", "payments.job"),
        ("ceiling_rooms", CEILING_ROOM),
    ):
        with pytest.raises(sib.UnknownNameError, match=f"{name!r}; did you mean {meant!r}"):
            repriced(run, other, metrics=("investor_profit", name))


def test_groups_give_no_name_that_they_are_not_asked_by(seed: int) -> None:
    """Every metric is found by the first part of its name, and by no other."""
    run, other = run_and_other("holbaek", seed=seed, draws=1)
    assert run.worlds is not None
    world = run.worlds[0]
    accounts = settle(other, world)
    names = list(metrics_of(other, world, accounts))
    assert names == list(run.metrics)
    assert list(metrics_of(other, world, accounts, only=names)) == names


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"delivery.volume": 0.5}, r"differs in \[delivery\]"),
        ({"target_group.size": 100}, r"differs in \[target_group\]"),
    ],
)
def test_cases_with_other_worlds_are_refused(
    changes: dict[str, float], words: str, seed: int
) -> None:
    """What changes what happens cannot be re-priced; the error is that of `reprice`."""
    case = sib.load_case("holbaek")
    run, other = case.simulate(draws=1, rng=seed, keep="world"), case.with_(changes)
    with pytest.raises(sib.ArgumentError, match=words) as error:
        repriced(run, other, metrics=("investor_irr",))
    with pytest.raises(sib.ArgumentError) as expected:
        run.reprice(other)
    assert str(error.value) == str(expected.value)


def test_a_run_without_worlds_is_refused(seed: int) -> None:
    """A run that forgot its worlds says how to keep them."""
    case = sib.load_case("holbaek")
    with pytest.raises(sib.ArgumentError, match="keep='world'"):
        repriced(case.simulate(draws=1, rng=seed), case, metrics=("investor_irr",))


@pytest.mark.parametrize(
    "name",
    [
        "holbaek",
        pytest.param("aarhus-schooling", marks=pytest.mark.slow),
        pytest.param("guldborgsund", marks=pytest.mark.slow),
    ],
)
def test_ceiling_room_is_that_of_the_comparison(name: str, seed: int) -> None:
    """The metric's mean is the figure `ceiling` of the contract, and it is not nothing."""
    case = sib.load_case(name)
    run = case.simulate(draws=64, rng=seed, keep="world")
    room = repriced(run, case, metrics=(CEILING_ROOM,))[CEILING_ROOM]
    table = compare(case, draws=64, rng=seed).table()
    assert np.abs(room).max() > 0
    assert room.mean() == table.loc[("ceiling", "contract"), "value"]
    base = repriced(case.base_case(), case, metrics=(CEILING_ROOM,))[CEILING_ROOM]
    assert base == table.loc[("ceiling", "contract"), "base"]


def test_metric_names_are_those_of_a_run_and_the_room(seed: int) -> None:
    """A case and its run have the same names; the room under the ceiling is one more."""
    case = sib.load_case("aarhus-schooling")
    run = case.simulate(draws=1, rng=seed)
    assert metric_names(case) == metric_names(run) == (*run.metrics, CEILING_ROOM)
    assert CEILING_ROOM not in run.metrics
