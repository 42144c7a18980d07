"""Every evaluation design passes the same checks; a new one joins by adding its example here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pytest

from sibsim import evaluation
from sibsim.core.precision import pooled_difference
from sibsim.core.spec import load_family_member
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.evaluation.base import EvaluationDesign, luck
from sibsim.outcomes.base import OutcomeModel
from tests.evaluations import (
    CLUSTERED,
    JOB,
    SIX_COHORTS,
    assert_it_errs_as_stated,
    assert_nobody_is_no_effect,
    measured,
    missed,
    outcome,
    path_of,
    stated_error,
)
from tests.people import ERRORS, participation

MISSING = {"share": 0.15}
UNSEEN_ERROR = {"mean": 0.02, "sd": 0.03}
"""An error that nobody sees: 2 points on average, 3 either way."""

DID = {
    "controls_per_participant": 1.5,
    "periods_before": 2,
    "correlation": 0.5,
    "analysis": "difference",
    "gap": 0.1,
    "trend": UNSEEN_ERROR,
}
TRIAL = {"design": "randomised", "controls_per_participant": 1.0}

SPECS: Mapping[str, Mapping[str, Any]] = {
    "verification": {},
    "verification, misread": {"sensitivity": 0.9, "specificity": 0.95},
    "verification, missing is failure": {
        "missing": MISSING | {"rule": "counts_as_not_achieved"},
        "sensitivity": 0.9,
    },
    "verification, missing is success": {"missing": MISSING | {"rule": "counts_as_achieved"}},
    "verification, missing is excluded": {
        "missing": MISSING | {"rule": "excluded"},
        "specificity": 0.9,
    },
    "historical_baseline": {
        "baseline": {"rate": 0.35, "people": 400, "date": date(2023, 12, 31)},
    },
    "historical_baseline, to be counted": {
        "baseline": {"to_be_counted": True, "people": 150, "date": date(2023, 12, 31)},
    },
    "before_after": {"regression_to_the_mean": 0.08, "correlation": 0.4},
    "randomised": {"controls_per_participant": 0.8},
    "randomised, attrition": {
        "controls_per_participant": 1.5,
        "attrition": {"treated": 0.1, "control": 0.3},
    },
    "randomised, attrition by result": {
        "controls_per_participant": 1.5,
        "attrition": {
            "treated": {"achieved": 0.05, "not_achieved": 0.25},
            "control": {"achieved": 0.1, "not_achieved": 0.2},
        },
    },
    "randomised, covariates": {"controls_per_participant": 0.8, "covariates_r2": 0.4},
    "randomised, as allotted": {
        "controls_per_participant": 1.0,
        "non_compliance": {"no_shows": 0.2, "crossovers": 0.1, "estimand": "itt"},
    },
    "randomised, compliers": {
        "controls_per_participant": 1.0,
        "covariates_r2": 0.3,
        "non_compliance": {"no_shows": 0.2, "crossovers": 0.1, "estimand": "cace"},
    },
    "cluster_randomised": {"controls_per_participant": 1.0, "control_clusters": 6},
    "stepped_wedge": {"sequences": [3, 3, 2], "people": 20, "tau": 0.05, "eta": 0.04, "rho": 0.3},
    "stepped_wedge, transition": {
        "sequences": [3, 3, 2],
        "people": 20,
        "tau": 0.05,
        "periods_after": 1,
        "transition_periods": 1,
    },
    "matched_comparison": {"controls_per_participant": 1.5, "residual_bias": UNSEEN_ERROR},
    "difference_in_differences": DID,
    "difference_in_differences, ancova": DID | {"periods_before": 1, "analysis": "ancova"},
    "regression_discontinuity": {
        "controls_per_participant": 1.5,
        "assignment": "normal",
        "bandwidth": 0.6,
        "score_r2": 0.2,
        "local_difference": -0.03,
    },
    "interrupted_time_series": {
        "points_before": 12,
        "points_after": 8,
        "people_per_point": 50,
        "autocorrelation": 0.3,
        "shock_sd": 0.03,
        "change": "level_and_slope",
    },
    "synthetic_control": {"donors": 38, "placebo_sd": 0.04, "residual_bias": UNSEEN_ERROR},
    "combined": {
        "first": TRIAL,
        "second": DID | {"design": "difference_in_differences", "trend": {"mean": 0.02, "sd": 0.3}},
        "weights": [0.8, 0.2],
        "switch": {"power_below": 0.8, "effect": 0.05, "alpha": 0.05, "sided": 2},
    },
    "combined, alone": {
        "first": TRIAL,
        "second": {
            "design": "matched_comparison",
            "controls_per_participant": 1.5,
            "residual_bias": UNSEEN_ERROR,
        },
        "weights": [0.8, 0.2],
        "switch": {"power_below": 0.8, "effect": 0.3, "alpha": 0.05, "sided": 2},
    },
}
"""Examples of each shipped design, by its name and what is special."""

CASES = tuple(SPECS)
LAYERS = tuple(product([True, False], repeat=2))

ONE_ANALYSIS = ("stepped_wedge", "stepped_wedge, transition", "interrupted_time_series")
"""One analysis of all cohorts: another one changes its error, and the luck of all is in it."""

UNSHARED = (
    "verification",
    "historical_baseline",
    "before_after",
    "randomised",
    "regression_discontinuity",
    "combined, alone",
)
"""Beginnings of the cases in which every cohort errs by itself."""

MODELLED = (
    *ONE_ANALYSIS,
    "matched_comparison",
    "difference_in_differences",
    "regression_discontinuity",
    "synthetic_control",
    "combined",
)
"""Beginnings of the cases whose comparison is the answer of a model and may be no possible rate."""

NEEDS_YES_OR_NO = ("misread", "missing is failure", "missing is success", "by result")
"""Ends of the cases that measure nothing but yes or no."""


def _design(case: str, *, fields: Mapping[str, Any] | None = None) -> EvaluationDesign:
    name = case.split(",", maxsplit=1)[0]
    found = load_family_member("sibsim.evaluation", "sibsim.evaluation", name)
    assert found is not None
    design = found.model_validate({"design": name, "outcome": "job", **(fields or SPECS[case])})
    assert isinstance(design, EvaluationDesign)
    return design


def _example(case: str) -> tuple[EvaluationDesign, OutcomeModel]:
    """Return the design and what it measures; people are in clusters where these are drawn."""
    return _design(case), CLUSTERED if case == "cluster_randomised" else JOB


every_case = pytest.mark.parametrize("case", CASES)


def test_every_shipped_design_has_an_example() -> None:
    """The matrix covers the family."""
    assert {case.split(",")[0] for case in CASES} == set(evaluation.MEMBERS)


@every_case
def test_a_design_names_itself_and_explains_its_fields(case: str) -> None:
    """The design key is the name of its file, and every field has a docstring."""
    design = _design(case)
    assert design.design == case.split(",", maxsplit=1)[0]
    for field, about in type(design).model_fields.items():
        assert about.description, field


@every_case
def test_with_both_layers_off_the_estimate_is_truth_and_bias(case: str) -> None:
    """Expectations all the way: the estimate misses the truth by the stated bias exactly."""
    errors = missed(*_example(case), chance=False, measurement=False)
    np.testing.assert_allclose(errors, np.zeros((2, 3, 1)), atol=1e-14)


@every_case
@pytest.mark.parametrize(("chance", "measurement"), LAYERS)
def test_the_estimate_misses_by_its_bias_on_average(
    seed: int, case: str, *, chance: bool, measurement: bool
) -> None:
    """Whichever layers are on, the mean of estimate - truth is the stated bias."""
    errors = missed(*_example(case), seed=seed, chance=chance, measurement=measurement)
    error = errors.std(axis=-1) / np.sqrt(errors.shape[-1])
    # 1e-12 covers rounding where nothing is random.
    assert np.all(np.abs(errors.mean(axis=-1)) <= ERRORS * error + 1e-12)


@every_case
def test_the_standard_error_is_the_sd_over_both_layers(seed: int, case: str) -> None:
    """With chance and measurement redrawn the sd of the miss is the closed form."""
    errors = missed(*_example(case), seed=seed)
    stated = stated_error(*_example(case))
    assert stated.shape == (2, 3, 1)
    # An estimated sd has a relative error of about 1 / sqrt(2 draws).
    relative = errors.std(axis=-1) / stated[..., 0] - 1
    assert np.all(np.abs(relative) <= ERRORS / np.sqrt(2 * BLOCK_DRAWS))


@every_case
def test_with_measurement_off_the_error_is_chance_alone(seed: int, case: str) -> None:
    """The report is what it would be on average, given who succeeded: so much of their luck."""
    design, model = _example(case)
    errors = missed(design, model, seed=seed, measurement=False)
    path = path_of(model, seed=seed, chance=True)
    found = luck(path)
    if case in ONE_ANALYSIS:
        people = path.people[:, np.newaxis]
        found = (found * people).sum(axis=0, keepdims=True) / people.sum()
    slope = (errors * found).sum(axis=-1) / (found * found).sum(axis=-1)
    if case not in ONE_ANALYSIS:
        # Where losses follow the result the share is the slope at the expectation.
        allowed = 0.05 if case.endswith("by result") else 1e-12
        stated = np.broadcast_to(design.luck_share(path)[..., 0], slope.shape)
        np.testing.assert_allclose(slope, stated, rtol=allowed)
    if not case.endswith("by result"):
        off = np.abs(errors - slope[..., np.newaxis] * found)
        assert off.max() <= 1e-13


@every_case
@pytest.mark.parametrize(("chance", "measurement"), LAYERS)
def test_a_report_is_consistent(seed: int, case: str, *, chance: bool, measurement: bool) -> None:
    """Successes are among people, claims sum to them, and every array has its shape."""
    path, report = measured(*_example(case), seed=seed, chance=chance, measurement=measurement)
    draws = BLOCK_DRAWS if chance or measurement else 1
    for name in ("treated_sum", "treated_n", "comparison_sum", "comparison_n"):
        array = getattr(report, name)
        assert array.shape[:2] == (2, 3)
        assert array.shape[-1] in {1, draws}
    assert np.all(report.treated_sum <= report.treated_n + 1e-12)
    if not case.startswith(MODELLED) and case != "randomised, compliers":
        assert np.all(report.comparison_sum <= report.comparison_n + 1e-12)
    if case != "randomised, as allotted":
        assert np.all(report.treated_n <= path.people[:, np.newaxis] + 1e-12)
    if report.claims is not None:
        claimed = np.stack(
            [np.broadcast_to(claim.sum(axis=0), (3, claim.shape[-1])) for claim in report.claims]
        )
        np.testing.assert_allclose(claimed, report.treated_sum, atol=1e-10)


@every_case
def test_reports_are_whole_when_both_layers_are_on(seed: int, case: str) -> None:
    """People are whole in a draw that could have happened."""
    _, report = measured(*_example(case), seed=seed)
    assert np.all(report.treated_sum % 1 == 0)
    assert np.all(report.treated_n % 1 == 0)


@every_case
def test_the_same_seed_gives_the_same_bits_and_another_block_others(seed: int, case: str) -> None:
    """A block is decided by seed, name and index alone."""
    first, again, other = (
        measured(*_example(case), seed=seed, block=block)[1] for block in (0, 0, 1)
    )
    assert np.array_equal(first.treated_sum, again.treated_sum)
    assert np.array_equal(first.comparison_sum, again.comparison_sum)
    assert not np.array_equal(first.treated_sum, other.treated_sum)


@every_case
def test_more_people_leave_the_others_as_they_were(seed: int, case: str) -> None:
    """A cohort at the end changes no earlier one, a person at the end no earlier person."""
    few, more_cohorts, more_people = (
        measured(*_example(case), seed=seed, people=participation(planned))[1]
        for planned in ((40, 60), (40, 60, 10), (40, 75))
    )
    for name in ("treated_sum", "treated_n", "comparison_sum", "comparison_n"):
        if case in ONE_ANALYSIS and name == "comparison_sum":
            continue
        assert np.array_equal(getattr(few, name), getattr(more_cohorts, name)[:2]), name
    if few.claims is not None and more_people.claims is not None:
        assert np.array_equal(few.claims[1], more_people.claims[1][:60])


@every_case
def test_nobody_is_no_effect_and_no_error(seed: int, case: str) -> None:
    """A cohort without people has estimate 0 and standard error 0, never a NaN."""
    assert_nobody_is_no_effect(*_example(case), seed=seed)


@every_case
def test_more_people_never_raise_the_standard_error(case: str) -> None:
    """Twice the people in the same arms and clusters are measured no worse."""
    stated = [
        stated_error(*_example(case), people=participation(planned))
        for planned in ((40, 60), (80, 120), (160, 240))
    ]
    assert np.all(stated[1] <= stated[0] + 1e-15)
    assert np.all(stated[2] <= stated[1] + 1e-15)


@every_case
def test_only_errors_that_cohorts_share_survive_many_cohorts(seed: int, case: str) -> None:
    """Over eight equal cohorts an error of their own shrinks to 1 / sqrt 8, a shared one less."""
    people = participation((40,) * 8)
    errors = missed(*_example(case), seed=seed, people=people)
    stated = stated_error(*_example(case), people=people)
    averaged = errors.mean(axis=0).std(axis=-1) / (stated.mean(axis=0)[:, 0] / np.sqrt(8))
    if case.startswith(UNSHARED) and case != "historical_baseline, to be counted":
        # An estimated sd has a relative error of about 1 / sqrt(2 draws).
        assert np.all(np.abs(averaged - 1) <= ERRORS / np.sqrt(2 * BLOCK_DRAWS))
    else:
        assert np.all(averaged > 1.1)


UNSEEN = {
    "combined": (0.2 * 0.3) ** 2,
    "historical_baseline": -0.35 * 0.65 / 400,
}
"""Variance that is no part of the stated precision, where it is not that of an unseen error; a
fixed baseline is exact for the contract, but an evaluator counts how few people it was taken of."""


@every_case
def test_a_stated_precision_is_the_sampling_error(seed: int, case: str) -> None:
    """On average it is the variance of the estimate, less what nobody sees."""
    precision = measured(*_example(case), seed=seed)[1].precision
    if precision is None:
        assert case.startswith(("verification", "randomised"))
        return
    variance = stated_error(*_example(case)) ** 2
    stated = (precision.own + precision.common).mean(axis=-1, keepdims=True)
    hidden = SPECS[case].get("residual_bias", SPECS[case].get("trend", {"sd": 0.0}))
    unseen = UNSEEN.get(case, hidden["sd"] ** 2)
    # Estimated on 8 degrees of freedom it has a relative sd of sqrt(2 / 8) in each draw.
    allowed = ERRORS * 0.5 / np.sqrt(BLOCK_DRAWS)
    np.testing.assert_allclose(stated, variance - unseen, rtol=allowed)


@pytest.mark.parametrize("case", [case for case in CASES if not case.startswith("verification")])
def test_what_is_stated_of_all_cohorts_knows_that_clusters_are_the_same(
    seed: int, case: str
) -> None:
    """In four teams the luck of a team is in every cohort, and does not average out over six."""
    design = _design(case)
    _, report = measured(design, CLUSTERED, seed=seed, people=SIX_COHORTS)
    served = np.ones((len(report.treated_n), 1), dtype=np.bool_)
    hidden = SPECS[case].get("residual_bias", SPECS[case].get("trend", {"sd": 0.0}))
    unseen = UNSEEN.get(case, hidden["sd"] ** 2)
    errors = missed(design, CLUSTERED, seed=seed, people=SIX_COHORTS).mean(axis=0)
    for k, error in enumerate(errors):
        stated = pooled_difference(report, position=k, served=served)[1].mean()
        kurtosis = ((error - error.mean()) ** 4).mean() / error.var() ** 2
        allowed = ERRORS * np.sqrt((kurtosis - 1.0) / BLOCK_DRAWS)
        assert abs(error.var() / (stated + unseen) - 1.0) <= allowed + OF_FEW, k


OF_FEW = 0.02
"""Loss by result, and people of two kinds, are exact but for terms of order 1 / n, n = 40."""


@pytest.mark.parametrize("case", [case for case in CASES if not case.endswith(NEEDS_YES_OR_NO)])
def test_numbers_are_measured_like_shares(seed: int, case: str) -> None:
    """Of events the miss has the stated mean and sd too, by the variance of a person's number."""
    fields = dict(SPECS[case])
    if "baseline" in fields and not fields["baseline"].get("to_be_counted"):
        fields["baseline"] = {"mean": 1.8, "people": 400, "date": date(2023, 12, 31)}
    if case == "before_after":
        fields["sd_before"] = 2.0
    fields.pop("specificity", None)
    events = outcome("crimes", clusters=_example(case)[1].clusters)
    assert_it_errs_as_stated(_design(case, fields=fields), events, seed=seed)


@every_case
def test_a_design_says_itself_in_both_languages(case: str) -> None:
    """As a whole sentence, with and without its comparison."""
    design = _design(case)
    assert design.describe("da").endswith(".")
    assert design.describe("da") != design.describe("en")
    assert design.words(compared=False).en


def test_controls_keep_their_luck_and_share_none(seed: int) -> None:
    """Controls' counts correlate with the persistence over follow-ups, and not with the treated."""
    path, report = measured(_design("randomised"), seed=seed)
    control = report.comparison_sum[0]
    # The correlation r of many draws has a standard error of (1 - r^2) / sqrt(draws).
    allowed = ERRORS / np.sqrt(BLOCK_DRAWS)
    assert abs(np.corrcoef(control[0], control[1])[0, 1] - 0.8) <= allowed * (1 - 0.8**2)
    assert abs(np.corrcoef(control[0], control[2])[0, 1] - 0.8**2) <= allowed * (1 - 0.8**4)
    assert abs(np.corrcoef(control[0], path.achieved[0, 0])[0, 1]) <= allowed
    assert abs(np.corrcoef(control[0], report.comparison_sum[1, 0])[0, 1]) <= allowed
