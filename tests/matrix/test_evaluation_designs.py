"""Every evaluation design passes the same checks; a new one joins by adding its example here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pytest

from sibsim import evaluation
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import load_family_member
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.evaluation.base import EvaluationDesign
from sibsim.outcomes.binary import Binary

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2028, 12, 31), period="quarter")
ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean or sd must lie."""

MISSING = {"share": 0.15}

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
    "randomised": {"controls_per_participant": 0.8},
    "randomised, attrition": {
        "controls_per_participant": 1.5,
        "attrition": {"treated": 0.1, "control": 0.3},
    },
}
"""Examples of each shipped design, by its name and what is special."""

CASES = tuple(SPECS)
LAYERS = tuple(product([True, False], repeat=2))


def _people(planned: tuple[float, ...] = (40.0, 60.0)) -> Participation:
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


PEOPLE = _people()
JOB = Binary.model_validate(
    {
        "model": "binary",
        "among": "started",
        "follow_up_months": (12, 18, 24),
        "counterfactual": 0.4,
        "uplift": 0.15,
        "persistence": 0.8,
    }
)


def _context(seed: int, *, chance: bool, measurement: bool, block: int = 0) -> Context:
    values = {"counterfactual": 0.4, "uplift": 0.15, "persistence": 0.8}
    return Context(
        timeline=TIMELINE,
        values={f"outcomes.job.{key}": np.array([[value]]) for key, value in values.items()},
        chance=Layer(LayerName.CHANCE, seed, block, on=chance),
        measurement=Layer(LayerName.MEASUREMENT, seed, block, on=measurement),
    )


def _design(case: str) -> EvaluationDesign:
    name = case.split(",", maxsplit=1)[0]
    found = load_family_member("sibsim.evaluation", "sibsim.evaluation", name)
    assert found is not None
    design = found.model_validate({"design": name, "outcome": "job", **SPECS[case]})
    assert isinstance(design, EvaluationDesign)
    return design


def _measure(
    case: str,
    *,
    seed: int = 0,
    chance: bool = True,
    measurement: bool = True,
    block: int = 0,
    people: Participation = PEOPLE,
) -> tuple[OutcomePath, Measurement]:
    context = _context(seed, chance=chance, measurement=measurement, block=block)
    path = JOB.realise(people, context=context.at("outcomes", "job"))
    measured = _design(case).measure(
        path, participation=people, context=context.at("measures", "job")
    )
    return path, measured


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
    design = _design(case)
    path, measured = _measure(case, chance=False, measurement=False)
    missed = design.estimate(measured) - design.truth(path)
    assert missed.shape == (2, 3, 1)
    np.testing.assert_allclose(missed, design.bias(path), atol=1e-14)


@every_case
@pytest.mark.parametrize(("chance", "measurement"), LAYERS)
def test_the_estimate_misses_by_its_bias_on_average(
    seed: int, case: str, *, chance: bool, measurement: bool
) -> None:
    """Whichever layers are on, the mean of estimate - truth is the stated bias."""
    design = _design(case)
    path, measured = _measure(case, seed=seed, chance=chance, measurement=measurement)
    missed = design.estimate(measured) - design.truth(path) - design.bias(path)
    error = missed.std(axis=-1) / np.sqrt(missed.shape[-1])
    # 1e-12 covers rounding where nothing is random.
    assert np.all(np.abs(missed.mean(axis=-1)) <= ERRORS * error + 1e-12)


@every_case
def test_the_standard_error_is_the_sd_over_both_layers(seed: int, case: str) -> None:
    """With chance and measurement redrawn the sd of the miss is the closed form."""
    design = _design(case)
    path, measured = _measure(case, seed=seed)
    missed = design.estimate(measured) - design.truth(path)
    stated = design.standard_error(path, participation=PEOPLE)
    assert stated.shape == (2, 3, 1)
    # An estimated sd has a relative error of about 1 / sqrt(2 draws).
    relative = missed.std(axis=-1) / stated[..., 0] - 1
    assert np.all(np.abs(relative) <= ERRORS / np.sqrt(2 * BLOCK_DRAWS))


@every_case
def test_with_measurement_off_the_error_is_chance_alone(seed: int, case: str) -> None:
    """The report is what it would be on average, given who succeeded."""
    design = _design(case)
    path, measured = _measure(case, seed=seed, measurement=False)
    luck = (path.achieved / path.people[:, np.newaxis]) - path.expected
    missed = design.estimate(measured) - design.truth(path) - design.bias(path)
    # Both are linear in achieved; the slope is how much of a success the report shows.
    slope = (missed * luck).sum(axis=-1) / (luck * luck).sum(axis=-1)
    np.testing.assert_allclose(missed, slope[..., np.newaxis] * luck, atol=1e-13)
    assert np.all(slope <= 1 + 1e-13)


@every_case
@pytest.mark.parametrize(("chance", "measurement"), LAYERS)
def test_a_report_is_consistent(seed: int, case: str, *, chance: bool, measurement: bool) -> None:
    """Successes are among people, claims sum to them, and every array has its shape."""
    path, measured = _measure(case, seed=seed, chance=chance, measurement=measurement)
    draws = BLOCK_DRAWS if chance or measurement else 1
    for name in ("treated_sum", "treated_n", "comparison_sum", "comparison_n"):
        array = getattr(measured, name)
        assert array.shape[:2] == (2, 3)
        assert array.shape[-1] in {1, draws}
    assert np.all(measured.treated_sum <= measured.treated_n + 1e-12)
    assert np.all(measured.comparison_sum <= measured.comparison_n + 1e-12)
    assert np.all(measured.treated_n <= path.people[:, np.newaxis] + 1e-12)
    if measured.claims is not None:
        claimed = np.stack(
            [np.broadcast_to(claim.sum(axis=0), (3, claim.shape[-1])) for claim in measured.claims]
        )
        np.testing.assert_allclose(claimed, measured.treated_sum, atol=1e-10)


@every_case
def test_reports_are_whole_when_both_layers_are_on(seed: int, case: str) -> None:
    """People are whole in a draw that could have happened."""
    _, measured = _measure(case, seed=seed)
    assert np.all(measured.treated_sum % 1 == 0)
    assert np.all(measured.treated_n % 1 == 0)


@every_case
def test_the_same_seed_gives_the_same_bits_and_another_block_others(seed: int, case: str) -> None:
    """A block is decided by seed, name and index alone."""
    first, again = _measure(case, seed=seed)[1], _measure(case, seed=seed)[1]
    other = _measure(case, seed=seed, block=1)[1]
    assert np.array_equal(first.treated_sum, again.treated_sum)
    assert np.array_equal(first.comparison_sum, again.comparison_sum)
    assert not np.array_equal(first.treated_sum, other.treated_sum)


@every_case
def test_more_people_leave_the_others_as_they_were(seed: int, case: str) -> None:
    """A cohort at the end changes no earlier one, a person at the end no earlier person."""
    few = _measure(case, seed=seed)[1]
    more_cohorts = _measure(case, seed=seed, people=_people((40.0, 60.0, 10.0)))[1]
    for name in ("treated_sum", "treated_n", "comparison_sum", "comparison_n"):
        assert np.array_equal(getattr(few, name), getattr(more_cohorts, name)[:2]), name
    more_people = _measure(case, seed=seed, people=_people((40.0, 75.0)))[1]
    if few.claims is not None and more_people.claims is not None:
        assert np.array_equal(few.claims[1], more_people.claims[1][:60])


@every_case
def test_nobody_is_no_effect_and_no_error(seed: int, case: str) -> None:
    """A cohort without people has estimate 0 and standard error 0, never a NaN."""
    nobody = replace(
        PEOPLE,
        started=np.array([[0.0], [60.0]]),
        completes=(PEOPLE.completes[0][:0], PEOPLE.completes[1]),
    )
    design = _design(case)
    path, measured = _measure(case, seed=seed, people=nobody)
    assert np.all(design.estimate(measured)[0] == 0)
    stated = design.standard_error(path, participation=nobody)
    assert np.all(stated[0] == 0)
    assert np.all(stated[1] > 0)


def test_controls_keep_their_luck_and_share_none(seed: int) -> None:
    """Controls' counts correlate with the persistence over follow-ups, and not with the treated."""
    path, measured = _measure("randomised", seed=seed)
    control = measured.comparison_sum[0]
    # The correlation r of many draws has a standard error of (1 - r^2) / sqrt(draws).
    allowed = ERRORS / np.sqrt(BLOCK_DRAWS)
    assert abs(np.corrcoef(control[0], control[1])[0, 1] - 0.8) <= allowed * (1 - 0.8**2)
    assert abs(np.corrcoef(control[0], control[2])[0, 1] - 0.8**2) <= allowed * (1 - 0.8**4)
    assert abs(np.corrcoef(control[0], path.achieved[0, 0])[0, 1]) <= allowed
    assert abs(np.corrcoef(control[0], measured.comparison_sum[1, 0])[0, 1]) <= allowed
