"""Each design against reports worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.clusters import Clusters
from sibsim.core.paths import OutcomePath, drawn
from sibsim.core.spec import load_family_member
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.evaluation.base import EvaluationDesign, Measurable
from sibsim.evaluation.controls import controls_of
from sibsim.evaluation.historical_baseline import HistoricalBaseline
from sibsim.evaluation.randomised import Randomised
from sibsim.evaluation.verification import Verification
from sibsim.outcomes.binary_law import BinaryLaw
from tests.evaluations import report_of
from tests.people import ERRORS, participation

PEOPLE = 10
ACHIEVED = 6
TEN = participation((PEOPLE,))
BASELINE = {"rate": 0.35, "people": 400, "date": date(2023, 12, 31)}


def _path(*, rate: float = 0.6, without: float = 0.4, chance: bool = True) -> OutcomePath:
    """Return one cohort of 10, of whom the first 6 achieve (or all by 0.6)."""
    who: Indicator = np.ones((PEOPLE, 1), dtype=np.bool_)
    first = (np.arange(PEOPLE) < ACHIEVED)[:, np.newaxis, np.newaxis]
    value: Indicator = first if chance else np.full((PEOPLE, 1, 1), rate)

    def cell(number: float) -> FloatArray:
        return np.full((1, 1, 1), number)

    return OutcomePath(
        follow_up_months=(12,),
        when=cell(12),
        people=np.array([[float(PEOPLE)]]),
        member=(who,),
        value=(value,),
        achieved=cell(ACHIEVED),
        expected=cell(rate),
        counterfactual=cell(without),
        treated=(BinaryLaw(cell(rate)[0], np.ones(1)),),
        untreated=(BinaryLaw(cell(without)[0], np.ones(1)),),
        clipped=np.zeros(1),
    )


def _verification(**fields: object) -> Verification:
    return Verification.model_validate({"design": "verification", "outcome": "job", **fields})


def _randomised(**fields: object) -> Randomised:
    return Randomised.model_validate({"design": "randomised", "outcome": "job", **fields})


@pytest.mark.parametrize("on", [True, False])
def test_perfect_verification_passes_the_truth_through(*, on: bool) -> None:
    """Without error the report is what happened, and everyone who achieved may be claimed."""
    path = _path()
    report = report_of(_verification(), path, people=TEN, measurement=on)
    assert report.treated_sum is path.achieved
    assert report.treated_n.item() == PEOPLE
    assert report.comparison_n.item() == 0
    assert report.claims is not None
    assert report.claims[0][:, 0, 0].tolist() == [True] * 6 + [False] * 4


def test_perfect_verification_of_an_expectation_adds_no_luck() -> None:
    """With chance off and measurement on, 0.6 of 10 is reported as 6 in one draw."""
    report = report_of(_verification(), _path(chance=False), people=TEN, measurement=True)
    assert report.treated_sum.tolist() == [[[6]]]


@pytest.mark.parametrize(
    ("fields", "successes", "people"),
    [
        ({"sensitivity": 0.9}, 5.4, 10),
        ({"specificity": 0.75}, 6 + 1, 10),
        # Half of 4 failures are claimed, and an audit finds 60 % of the claims false.
        ({"misreporting": {"share": 0.5, "audited": 0.6}}, 6 + 0.8, 10),
        # Of the 20 % that no audit finds, and of the rest, the check itself gets 1 in 4 wrong.
        (
            {"misreporting": {"share": 0.5, "audited": 0.6}, "specificity": 0.75},
            6 + 4 * (1 - 0.75 * 0.8),
            10,
        ),
        ({"missing": {"share": 0.2, "rule": "counts_as_not_achieved"}}, 4.8, 10),
        ({"missing": {"share": 0.2, "rule": "counts_as_achieved"}}, 6.8, 10),
        ({"missing": {"share": 0.2, "rule": "excluded"}}, 4.8, 8),
        ({"missing": {"share": 1, "rule": "excluded"}}, 0, 0),
        ({"missing": {"share": 1, "rule": "counts_as_achieved"}}, 10, 10),
        (
            {"sensitivity": 0.9, "missing": {"share": 0.2, "rule": "counts_as_achieved"}},
            0.8 * 5.4 + 2,
            10,
        ),
    ],
)
def test_the_expected_report(
    seed: int, fields: dict[str, Any], successes: float, people: float
) -> None:
    """Of 6 successes among 10: the systematic error by hand, and on average with the layer on."""
    design = _verification(**fields)
    report = report_of(design, _path(), people=TEN)
    assert report.treated_sum.item() == pytest.approx(successes)
    assert report.treated_n.item() == pytest.approx(people)
    drawn = report_of(design, _path(), people=TEN, seed=seed, measurement=True)
    for array, mean in ((drawn.treated_sum, successes), (drawn.treated_n, people)):
        error = array.std() / math.sqrt(BLOCK_DRAWS)
        assert abs(array.mean() - mean) <= ERRORS * error + 1e-12


def test_misreading_falls_on_the_right_people(seed: int) -> None:
    """With perfect specificity only those who achieved are ever claimed."""
    report = report_of(
        _verification(sensitivity=0.5), _path(), people=TEN, seed=seed, measurement=True
    )
    assert report.claims is not None
    assert not report.claims[0][ACHIEVED:].any()
    assert report.claims[0][:ACHIEVED].any(axis=(1, 2)).all()


def test_the_bias_of_verification_by_hand() -> None:
    """0.6 x 0.9 + 0.4 x 0.05 is 0.56, less 0.6; the error is that of the reported rate."""
    design = _verification(sensitivity=0.9, specificity=0.95)
    assert design.bias(_path()).item() == pytest.approx(-0.04)
    found = design.standard_error(_path(), participation=TEN).item()
    assert found == pytest.approx(math.sqrt(0.56 * 0.44 / 10))


def test_clusters_widen_a_check_by_how_much_of_a_result_is_reported() -> None:
    """Sensitivity 0.9 and specificity 0.95 report 0.85 of what is shared within clusters."""
    clusters = Clusters(number=2, icc=0.1)
    path = replace(_path(), clusters=clusters)
    effect = clusters.design_effect(path.member[0]).item()
    assert effect == pytest.approx(1 + 4 * 0.1)
    shared = 0.6 * 0.4 * (effect - 1) / 10
    plain = _verification().standard_error(path, participation=TEN).item()
    assert plain == pytest.approx(math.sqrt(0.024 + shared))
    design = _verification(sensitivity=0.9, specificity=0.95)
    assert design.luck_share(path).item() == pytest.approx(0.85)
    found = design.standard_error(path, participation=TEN).item()
    assert found == pytest.approx(math.sqrt(0.56 * 0.44 / 10 + 0.85**2 * shared))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sensitivity": 0.8, "specificity": 0.9},
        {"missing": {"share": 0.3, "rule": "counts_as_achieved"}},
        {"missing": {"share": 0.3, "rule": "excluded"}, "specificity": 0.8},
    ],
)
def test_the_error_of_a_check_in_clusters_is_the_sd_over_both_layers(
    seed: int, fields: dict[str, Any]
) -> None:
    """With chance and measurement redrawn the sd of the miss is the closed form."""
    clusters = Clusters(number=4, icc=0.1, cv=0.4)
    people, law = 40, BinaryLaw(np.full((1, 1), 0.6), np.ones(1))
    who = np.ones((people, 1), dtype=np.bool_)
    value = drawn(
        law,
        Layer(LayerName.CHANCE, seed),
        stream="job/0",
        people=people,
        clusters=clusters,
        of_clusters="job/clusters",
    )
    path = replace(
        _path(),
        people=np.array([[float(people)]]),
        member=(who,),
        value=(value,),
        achieved=value.sum(axis=0, dtype=np.float64)[np.newaxis],
        clusters=clusters,
    )
    design = _verification(**fields)
    report = report_of(design, path, people=participation((people,)), seed=seed, measurement=True)
    missed = design.estimate(report) - design.truth(path)
    stated = design.standard_error(path, participation=participation((people,))).item()
    # An estimated sd has a relative error of about 1 / sqrt(2 draws).
    assert abs(missed.std() / stated - 1) <= ERRORS / math.sqrt(2 * BLOCK_DRAWS)


@pytest.mark.parametrize(
    ("fields", "share"),
    [
        ({}, 1.0),
        ({"sensitivity": 0.9, "specificity": 0.95}, 0.85),
        ({"missing": {"share": 0.2, "rule": "counts_as_achieved"}}, 0.8),
        ({"missing": {"share": 0.2, "rule": "excluded"}}, 1.0),
        ({"missing": {"share": 0.2, "rule": "excluded"}, "specificity": 0.9}, 0.9),
    ],
)
def test_how_much_of_a_true_result_is_in_the_report(fields: dict[str, Any], share: float) -> None:
    """P(reported | achieved) - P(reported | not), and with measurement off just that much."""
    design = _verification(**fields)
    assert design.luck_share(_path()).item() == pytest.approx(share)
    path = replace(_path(), achieved=np.full((1, 1, 1), 10.0), value=(np.ones((10, 1, 1)) > 0,))
    report = report_of(design, path, people=TEN)
    missed = design.estimate(report) - design.truth(path) - design.bias(path)
    assert missed.item() == pytest.approx(share * (1.0 - 0.6))


def test_the_historical_baseline_is_a_fixed_number() -> None:
    """The comparison is 0.35 x 400 = 140 of 400, whatever happens; the bias is 0.4 - 0.35."""
    design = HistoricalBaseline.model_validate(
        {"design": "historical_baseline", "outcome": "job", "baseline": BASELINE}
    )
    report = report_of(design, _path(), people=TEN, measurement=True)
    assert (report.comparison_sum.item(), report.comparison_n.item()) == (140, 400)
    assert design.estimate(report).item() == pytest.approx(0.25)
    assert design.bias(_path()).item() == pytest.approx(0.05)
    found = design.standard_error(_path(), participation=TEN).item()
    assert found == pytest.approx(math.sqrt(0.6 * 0.4 / 10))


@pytest.mark.parametrize(
    ("ratio", "planned", "controls"), [(1.0, 10, 10), (0.25, 10, 3), (0.24, 10, 2), (0.01, 10, 1)]
)
def test_controls_are_rounded_half_up(ratio: float, planned: float, controls: int) -> None:
    """A quarter of 10 is 3 controls; there is at least one."""
    found = controls_of(np.array([planned]), per_participant=ratio)
    assert found.tolist() == [controls]


def test_a_trial_with_measurement_off_compares_with_the_counterfactual() -> None:
    """The control rate is 0.4 exactly, people lost at random or not."""
    for attrition in ({}, {"attrition": {"treated": 0.1, "control": 0.3}}):
        design = _randomised(controls_per_participant=2.0, **attrition)
        report = report_of(design, _path(), people=TEN)
        assert design.estimate(report).item() == pytest.approx(0.2, abs=1e-15)
    assert report.treated_n.item() == pytest.approx(9)
    assert report.comparison_n.item() == pytest.approx(14)


def test_controls_are_drawn_at_the_counterfactual(seed: int) -> None:
    """Of 20 controls, successes are binomial at 0.4."""
    report = report_of(
        _randomised(controls_per_participant=2.0), _path(), people=TEN, seed=seed, measurement=True
    )
    drawn, variance = report.comparison_sum[0, 0], 20 * 0.4 * 0.6
    assert np.all(report.comparison_n == 20)
    assert abs(drawn.mean() - 8) <= ERRORS * math.sqrt(variance / BLOCK_DRAWS)
    # The sampling error of a variance is about variance x sqrt(2 / draws).
    assert abs(drawn.var() - variance) <= ERRORS * variance * math.sqrt(2 / BLOCK_DRAWS)


def test_the_error_of_a_trial_by_hand() -> None:
    """sqrt(0.6 x 0.4 / 10 + 0.4 x 0.6 / 20) with two controls per participant."""
    design = _randomised(controls_per_participant=2.0)
    found = design.standard_error(_path(), participation=TEN).item()
    assert found == pytest.approx(math.sqrt(0.024 + 0.012))


@pytest.mark.parametrize(
    ("design", "fields"),
    [
        (Verification, {"design": "verification", "sensitivity": 1.1}),
        (Verification, {"design": "verification", "missing": {"share": 0.1}}),
        (Verification, {"design": "verification", "missing": {"share": 0.1, "rule": "drop"}}),
        (HistoricalBaseline, {"design": "historical_baseline"}),
        (
            HistoricalBaseline,
            {"design": "historical_baseline", "baseline": BASELINE | {"people": 0}},
        ),
        (Randomised, {"design": "randomised"}),
        (Randomised, {"design": "randomised", "controls_per_participant": 0}),
        (
            Randomised,
            {"design": "randomised", "controls_per_participant": 1, "attrition": {"control": 2}},
        ),
    ],
)
def test_a_design_that_makes_no_sense_is_refused(
    design: type[Verification | HistoricalBaseline | Randomised], fields: dict[str, Any]
) -> None:
    """Shares lie in [0, 1], people are counted, and what is needed is stated."""
    with pytest.raises(ValidationError):
        design.model_validate({"outcome": "job", **fields})
    with pytest.raises(ValidationError, match="outcome"):
        design.model_validate({key: each for key, each in fields.items() if key == "design"})


POINTS: tuple[tuple[str, dict[str, object], str], ...] = (
    ("matched_comparison", {"residual_bias": {"mean": 0.0, "sd": 5.0}}, "residual_bias.sd = 5"),
    (
        "difference_in_differences",
        {
            "periods_before": 1,
            "correlation": 0.5,
            "analysis": "difference",
            "gap": 30.0,
            "trend": {"mean": 0.0, "sd": 0.0},
        },
        "gap = 30",
    ),
    ("synthetic_control", {"donors": 20, "placebo_sd": 4.0}, "placebo_sd = 4"),
)


@pytest.mark.parametrize(("name", "fields", "said"), POINTS)
def test_points_of_a_share_are_not_per_cents(
    name: str, fields: dict[str, object], said: str
) -> None:
    """5 for 5 points is refused of yes or no, with the share to write, and fine of a number."""
    if name != "synthetic_control":
        fields = fields | {"controls_per_participant": 1.0}
    design = load_family_member("sibsim.evaluation", "sibsim.evaluation", name)
    assert design is not None
    made = design.model_validate({"design": name, "outcome": "job", **fields})
    assert isinstance(made, EvaluationDesign)
    asked = Measurable(is_indicator=True, by_person=True, follow_up_months=(12,))
    (problem,) = made.check_outcome(asked)
    assert said in problem
    assert "write 0." in problem
    assert not list(made.check_outcome(replace(asked, is_indicator=False)))


def test_a_baseline_is_of_the_time_before_and_of_the_drift() -> None:
    """It describes no time after the start, and one that is counted the time drift counts from."""
    baseline = {"to_be_counted": True, "people": 400, "date": date(2023, 12, 31)}
    design = HistoricalBaseline.model_validate(
        {"design": "historical_baseline", "outcome": "job", "baseline": baseline}
    )
    asked = Measurable(
        is_indicator=True,
        by_person=True,
        follow_up_months=(12,),
        starts=date(2024, 1, 1),
        drifts_since=date(2024, 1, 1),
    )
    assert not list(design.check_outcome(asked))
    (early,) = design.check_outcome(replace(asked, starts=date(2023, 6, 1)))
    assert "begins on 2023-06-01" in early
    (apart,) = design.check_outcome(replace(asked, drifts_since=date(2014, 1, 1)))
    assert "give both one date" in apart
