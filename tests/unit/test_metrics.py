"""Metrics where nobody takes part, or nothing is discounted."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import pytest

from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.reports.tables import tables

Document = dict[str, Any]


@pytest.fixture
def document() -> Document:
    """Return the tables of the shipped case, to be changed."""
    return tomllib.loads(catalogue.text("cases", "holbaek"))


def test_a_goal_is_not_reached_by_nobody(document: Document) -> None:
    """Half of no people is no people, but nobody has reached anything."""
    document["delivery"]["volume"] = {"value": 0}
    base = build(document).base_case()
    assert base.metric("participants").tolist() == [0.0]
    goals = {name: each.tolist() for name, each in base.metrics.items() if "p_goal." in name}
    assert set(map(tuple, goals.values())) == {(0.0,)}


def test_a_goal_is_reached_by_the_number_it_takes(document: Document) -> None:
    """90 of 180 is half; one expectation less is not."""
    for rate, reached in ((0.5, 1.0), (0.4999, 0.0)):
        goal_at = document["outcomes"]["wellbeing"]
        goal_at |= {"counterfactual": {"value": rate}, "uplift": {"value": 0}}
        goal_at["goal"] = {"at_months": 12, "share": 0.5}
        assert build(document).base_case().metric("p_goal.wellbeing").tolist() == [reached]


def test_without_discount_rates_present_values_are_undefined(document: Document) -> None:
    """No rate is stated, so none is applied: an empty cell, not the undiscounted sum."""
    del document["valuation"]
    run = build(document).simulate(draws=64, rng=1)
    present_values = [name for name in run.metrics if name.endswith("npv")]
    assert present_values == ["investor_npv", "tranche.dsi.npv", "municipality_npv"]
    summary = run.summary()
    for name in present_values:
        assert np.isnan(run.metric(name)).all()
        assert summary.loc[name, "undefined"] == 1.0
    cells = tables(run)["what public budgets gain"].loc["municipality, present value"]
    assert set(cells) == {""}
