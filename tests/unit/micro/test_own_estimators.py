"""Estimators of one's own: what they may return, what is refused, and what help says of them."""

from __future__ import annotations

import doctest
import inspect
import math
import re
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim import micro
from sibsim.errors import ArgumentError
from sibsim.micro.designs import PLANS
from sibsim.micro.trial import Replicates, people_of, simulate_evaluation

TRIAL: dict[str, Any] = {"design": "randomised", "controls_per_participant": 1.0}
SHARES: dict[str, Any] = {"people": 20, "counterfactual": 0.3, "effect": 0.1}
CLUSTERS: dict[str, Any] = {"number": 4, "icc": 0.1}
TIMES: dict[str, Any] = {"kind": "time_to_event", "follow_up_ends": 12.0}
ONE_EACH: dict[str, Any] = {"controls_per_participant": 1.0}
BASELINE: dict[str, Any] = {"rate": 0.3, "people": 50, "date": date(2020, 1, 1)}
NO_BIAS: dict[str, Any] = {"mean": 0.0, "sd": 0.0}

MADE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"design": "verification"}, {}),
    ({"design": "historical_baseline", "baseline": BASELINE}, {}),
    ({"design": "before_after", "regression_to_the_mean": 0.0, "correlation": 0.5}, {}),
    ({"design": "matched_comparison", **ONE_EACH, "residual_bias": NO_BIAS}, {}),
    (
        {
            "design": "difference_in_differences",
            **ONE_EACH,
            "periods_before": 1,
            "correlation": 0.5,
            "analysis": "difference",
            "trend": NO_BIAS,
        },
        {},
    ),
    ({**TRIAL, "covariates_r2": 0.1}, {}),
    (TRIAL, {"clusters": CLUSTERS}),
    (TRIAL, TIMES),
    (
        {"design": "cluster_randomised", **ONE_EACH, "control_clusters": 4},
        {"clusters": CLUSTERS},
    ),
    (
        {"design": "stepped_wedge", "sequences": [2, 2], "people": 10, "tau": 0.05},
        {},
    ),
    ({"design": "regression_discontinuity", **ONE_EACH, "assignment": "normal"}, {}),
    (
        {
            "design": "interrupted_time_series",
            "points_before": 6,
            "points_after": 3,
            "people_per_point": 10,
            "autocorrelation": 0.2,
            "shock_sd": 0.0,
            "change": "level",
        },
        {},
    ),
    (
        {
            "design": "synthetic_control",
            "donors": 3,
            "placebo_sd": 0.05,
            "residual_bias": NO_BIAS,
        },
        {},
    ),
]
"""Every design, with all columns that it may have: its table, and what is said of the people."""


def run(said: object) -> Replicates:
    """Return an evaluation whose estimator always says the same."""

    def estimator(people: object) -> Any:  # noqa: ANN401 - any answer, wrong ones too
        del people
        return said

    return simulate_evaluation(TRIAL, **SHARES, replicates=3, rng=1, estimator=estimator)


@pytest.mark.parametrize(
    ("said", "upper"),
    [
        ((0.1, 0.5), 0.1 + 0.5 * 1.959963984540054),
        ((np.float64(0.1), np.float32(0.5)), 0.1 + 0.5 * 1.959963984540054),
        ((0.1, 0.5, 3), 0.1 + 0.5 * 3.182446305284263),
        (micro.Estimate(0.1, 0.5, 3.0), 0.1 + 0.5 * 3.182446305284263),
        ((1, 0), 1.0),
    ],
)
def test_two_or_three_numbers_are_an_estimate(said: object, upper: float) -> None:
    """Without degrees of freedom the interval is that of the normal distribution."""
    found = run(said)
    assert found.upper.tolist() == pytest.approx([upper] * 3, rel=1e-12)


@pytest.mark.parametrize(
    ("said", "shows"),
    [
        (0.1, "got float 0.1 for"),
        (None, "got NoneType None for"),
        ((0.1,), r"got tuple \(0.1,\) for"),
        ((0.1, 0.2, 3.0, 4.0), r"got tuple \(0.1, 0.2, 3.0, 4.0\) for"),
        ((0.1, "0.2"), "got tuple "),
        ((0.1, True), "got tuple "),
        ((0.1, None), "got tuple "),
        (np.array([0.1, 0.2]), "got ndarray "),
        ({"estimate": 0.1}, "got dict a table with estimate for"),
    ],
)
def test_anything_else_is_refused(said: object, shows: str) -> None:
    """The message shows it and says what an estimator returns."""
    rule = "an estimator returns an Estimate, or a tuple of estimate, standard error and"
    with pytest.raises(ArgumentError, match=f"estimator: {shows}.*{rule}"):
        run(said)


@pytest.mark.parametrize("said", [(0.1, -0.2), (0.1, 0.2, 0.0), (0.1, 0.2, -1)])
def test_an_error_below_zero_is_refused(said: object) -> None:
    """So are degrees of freedom that are not above 0."""
    with pytest.raises(ArgumentError, match="a standard error is at least 0 and degrees"):
        run(said)


@pytest.mark.parametrize("said", [(math.nan, 0.2), (0.1, math.nan), (math.nan, 0.0, 5)])
def test_without_an_estimate_it_is_undefined(said: object) -> None:
    """In every replicate: all of them are undefined and nothing else is known."""
    found = run(said)
    assert np.isnan([found.estimate, found.lower, found.upper, found.p_value]).all()
    values = found.table()["value"]
    assert values["undefined"] == 1
    assert values.drop("undefined").isna().all()


def test_replicates_without_an_estimate_are_left_out() -> None:
    """Of 1, NaN, 3 the mean is 2 and a third is undefined."""
    said = iter([(1.0, 0.5), (math.nan, 0.5), (3.0, 0.5)])
    found = simulate_evaluation(
        TRIAL, **SHARES, replicates=3, rng=1, estimator=lambda _: next(said)
    ).table()["value"]
    assert (found["mean"], found["mean_standard_error"]) == (2.0, 0.5)
    assert found["undefined"] == pytest.approx(1 / 3)


def test_help_shows_an_example_that_runs() -> None:
    """Its figures are those that come out."""
    found = doctest.testmod(micro)
    assert found.attempted > 0
    assert found.failed == 0


def columns_in_help() -> dict[str, list[str]]:
    """Return the columns of each design in the table that help shows, without conditions."""
    text = (inspect.getdoc(people_of) or "").split("=\n")[2]
    designs: list[str] = []
    said: dict[str, str] = {}
    for line in text.splitlines()[:-1]:
        design, columns = line[:26].strip(), line[44:]
        if design:
            designs.append(design)
        said[designs[-1]] = f"{said.get(designs[-1], '')} {columns.strip()}"
    plain = {name: re.sub(r"\([^)]*\)", "", columns) for name, columns in said.items()}
    return {name: [each.strip() for each in columns.split(",")] for name, columns in plain.items()}


def test_help_lists_every_design() -> None:
    """And no other."""
    assert set(columns_in_help()) == set(PLANS)


@pytest.mark.parametrize("name", PLANS)
def test_help_lists_the_columns(name: str) -> None:
    """All that the design may have, in their order."""
    frames = [
        people_of(design, **{**SHARES, **more}, rng=1)
        for design, more in MADE
        if design["design"] == name
    ]
    listed = columns_in_help()[name]
    made = {column for frame in frames for column in frame}
    assert made == set(listed)
    for frame in frames:
        assert frame.columns.tolist() == [column for column in listed if column in frame]


def test_the_effect_is_that_on_those_who_are_treated() -> None:
    """By intention to treat 0.08 (1 - 20 % no-shows - 5 % crossovers) = 0.06 is aimed at."""
    apart = {"no_shows": 0.2, "crossovers": 0.05}
    for estimand, truth in (("itt", 0.06), ("cace", 0.08)):
        design = {**TRIAL, "non_compliance": {**apart, "estimand": estimand}}
        found = simulate_evaluation(
            design, people=100, counterfactual=0.3, effect=0.08, replicates=2, rng=1
        )
        assert found.truth == pytest.approx(truth, rel=1e-12)
