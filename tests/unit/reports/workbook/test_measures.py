"""What measures report in a workbook is the expected report of the base case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.small_case import AGAINST_RATE, BAND, TRIAL, small_case
from tests.workbook_results import assert_measures_agree, assert_totals_agree, written

LINE = {**BAND, "of": "rate"}
"""A line that reads any report."""

JOB: Mapping[str, Any] = {"counterfactual": 0.4, "uplift": 0.15}
SCORE: Mapping[str, Any] = {
    "model": "score",
    "counterfactual": 2,
    "with_intervention": 6,
    "sd": 10,
    "reliability": 0.7,
    "counts": "improved",
    "minimum_important_change": 5,
}
DAYS: Mapping[str, Any] = {
    "model": "days",
    "lowest": 0,
    "window_days": 360,
    "counterfactual": 40,
    "effect": {"scale": "rate_ratio", "value": 0.6},
    "sd": 60,
    "share_lowest": 0.3,
    "share_bound": 0.01,
}
BIAS = {"mean": 0.03, "sd": 0.02}


def _verified(**more: object) -> dict[str, Any]:
    return {"design": "verification", **more}


DESIGNS: Mapping[str, Mapping[str, Any]] = {
    "verification": _verified(),
    "errors": _verified(sensitivity=0.9, specificity=0.8),
    "misreporting": _verified(misreporting={"share": 0.2, "audited": 0.3}, specificity=0.95),
    "excluded": _verified(missing={"share": 0.2, "rule": "excluded"}, sensitivity=0.9),
    "as achieved": _verified(missing={"share": 0.2, "rule": "counts_as_achieved"}),
    "as not": _verified(missing={"share": 0.2, "rule": "counts_as_not_achieved"}),
    "contract's figure": AGAINST_RATE,
    "to be counted": {
        "design": "historical_baseline",
        "baseline": {"to_be_counted": True, "people": 200, "date": date(2023, 12, 31)},
    },
    "before and after": {
        "design": "before_after",
        "regression_to_the_mean": 0.1,
        "correlation": 0.3,
    },
    "before, cut": {
        "design": "before_after",
        "regression_to_the_mean": {"mean": 0.6, "sd": 0.1},
        "correlation": 0.3,
    },
    "trial": TRIAL,
    "loss": {**TRIAL, "attrition": {"treated": 0.2, "control": 0.1}, "covariates_r2": 0.3},
    "loss by result": {
        **TRIAL,
        "attrition": {
            "treated": {"achieved": 0.1, "not_achieved": 0.3},
            "control": {"achieved": 0.2, "not_achieved": 0.15},
        },
    },
    "itt": {
        **TRIAL,
        "attrition": {"treated": 0.2, "control": 0.1},
        "non_compliance": {"no_shows": 0.23, "crossovers": 0.08, "estimand": "itt"},
    },
    "cace": {
        **TRIAL,
        "attrition": {"treated": 0.2, "control": 0.1},
        "non_compliance": {"no_shows": 0.23, "crossovers": 0.08, "estimand": "cace"},
    },
    "matched": {
        "design": "matched_comparison",
        "controls_per_participant": 2,
        "residual_bias": BIAS,
    },
    "synthetic": {
        "design": "synthetic_control",
        "donors": 8,
        "placebo_sd": 0.05,
        "residual_bias": BIAS,
    },
    "differences": {
        "design": "difference_in_differences",
        "controls_per_participant": 1,
        "periods_before": 3,
        "correlation": 0.4,
        "analysis": "difference",
        "gap": 0.1,
        "trend": BIAS,
    },
    "ancova": {
        "design": "difference_in_differences",
        "controls_per_participant": 1,
        "periods_before": 3,
        "correlation": 0.4,
        "analysis": "ancova",
        "gap": 0.1,
        "trend": BIAS,
    },
    "cutoff": {
        "design": "regression_discontinuity",
        "controls_per_participant": 1,
        "assignment": "normal",
        "local_difference": -0.04,
    },
    "series": {
        "design": "interrupted_time_series",
        "points_before": 12,
        "points_after": 6,
        "people_per_point": 30,
        "autocorrelation": 0.3,
        "shock_sd": 0.02,
        "change": "level",
    },
    "wedge": {
        "design": "stepped_wedge",
        "sequences": [2, 2, 2],
        "people": 20,
        "tau": 0.05,
    },
    "combined": {
        "design": "combined",
        "first": {
            **TRIAL,
            "attrition": {"treated": {"achieved": 0.1, "not_achieved": 0.3}, "control": 0.1},
        },
        "second": {
            "design": "matched_comparison",
            "controls_per_participant": 2,
            "residual_bias": BIAS,
        },
        "weights": [0.7, 0.3],
    },
}
"""Every design whose report the workbook works out, with every error that it can have."""


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_is_live(design: str, tmp_path: Path) -> None:
    """Each report is written as formulas whose values are the library's."""
    found = written(
        small_case(outcome=JOB, design=DESIGNS[design], line=LINE, shares=(0.6, 0.4)), tmp_path
    )
    assert_measures_agree(found)
    assert_totals_agree(found)
    assert not found.live.fixed


def test_a_trial_of_clusters_is_live(tmp_path: Path) -> None:
    """Controls in clusters of their own are the counterfactual."""
    outcome = {**JOB, "clusters": {"number": 6, "icc": 0.05}}
    design = {**TRIAL, "design": "cluster_randomised", "control_clusters": 6}
    found = written(small_case(outcome=outcome, design=design), tmp_path)
    assert_measures_agree(found)
    assert not found.live.fixed


@pytest.mark.parametrize("design", ["excluded", "to be counted", "matched", "trial"])
def test_an_instrument_reports_what_it_shows(design: str, tmp_path: Path) -> None:
    """A report reads the score that is shown, not the true one, which counts as achieved."""
    found = written(small_case(outcome=SCORE, design=DESIGNS[design], line=LINE), tmp_path)
    assert_measures_agree(found)
    outcome, measure = found.outcomes["job"], found.measures["job"]
    assert measure.reported[0][0].number != outcome.achieved[0][0].number


NUMBERS: Mapping[str, Mapping[str, Any]] = {
    "mean": {
        "design": "historical_baseline",
        "baseline": {"mean": 44.0, "people": 200, "date": date(2023, 12, 31)},
    },
    "excluded": _verified(missing={"share": 0.2, "rule": "excluded"}),
    "before": {
        "design": "before_after",
        "regression_to_the_mean": {"mean": -8, "sd": 2},
        "correlation": 0.3,
        "sd_before": 50,
    },
    "loss": {**TRIAL, "attrition": {"treated": 0.2, "control": 0.1}},
}


@pytest.mark.parametrize("design", NUMBERS)
def test_results_that_are_numbers_are_live(design: str, tmp_path: Path) -> None:
    """Days are reported as they are: no share is cut, no result filled in."""
    found = written(small_case(outcome=DAYS, design=NUMBERS[design], line=LINE), tmp_path)
    assert_measures_agree(found)
    assert not found.live.fixed


def test_what_has_no_formula_is_fixed_and_said(tmp_path: Path) -> None:
    """A power that decides between two designs is not worked out: values of the library stand."""
    switch = {"power_below": 0.8, "effect": 0.1, "alpha": 0.05, "sided": 2}
    design = {**DESIGNS["combined"], "switch": switch}
    found = written(small_case(outcome=JOB, design=design), tmp_path)
    assert_measures_agree(found)
    assert list(found.live.fixed) == ["measures.job"]
    reason = found.live.fixed["measures.job"]
    assert reason.da
    assert reason.en
