"""The outcomes of a workbook are those of the base case, and follow the inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import sibsim as sib
from tests.office import recalculated
from tests.small_case import BAND, VERIFIED, small_case
from tests.workbook_results import (
    Written,
    assert_measures_agree,
    assert_outcomes_agree,
    assert_totals_agree,
    written,
)

CASES = sorted(sib.list_cases().index)

LINE = {**BAND, "of": "rate"}
"""A line that reads any result."""

PROFILE = {"full_after_months": 6, "hold_months": 3, "half_life_months": 8, "floor": 0.2}
GROWING = {"full_after_months": 20, "growth_per_year": 0.1, "until_months": 24}
TRANSPORT = {"tau": 0.7, "omega": 0.1}


def _effect(scale: str, value: float, **more: object) -> dict[str, Any]:
    return {"effect": {"scale": scale, "value": value, "measured_at_months": 9}, **more}


TWO = {"follow_up_months": [12, 24, 36], "persistence": 0.5, "counterfactual": [0.3, 0.4, 0.5]}
NUMBER = {"follow_up_months": [12, 24], "persistence": 0.5, "counterfactual": [20, 24]}
DAYS = {
    **NUMBER,
    "model": "days",
    "lowest": 0,
    "window_days": 360,
    "sd": 40,
    "share_lowest": [0.3, 0],
    "share_bound": [0, 0.01],
}
SCORE = {**NUMBER, "model": "score", "sd": [10, 12], "reliability": 0.8}

FORMS: Mapping[str, Mapping[str, Any]] = {
    "uplift, cut": {**TWO, "uplift": [0.2, -0.6, 0.7]},
    "success rates": {**TWO, "success_rate": [0.5, 0.6, 0.7]},
    "success rate with a profile": {**TWO, **_effect("success_rate", 0.8), "profile": PROFILE},
    "odds": {**TWO, **_effect("odds_ratio", 1.8), "profile": PROFILE, "transport": TRANSPORT},
    "odds, no profile": {**TWO, **_effect("odds_ratio", 1.8)},
    "risk ratio": {**TWO, **_effect("risk_ratio", 1.2), "profile": GROWING},
    "hazard": {**TWO, **_effect("hazard_ratio", 1.4), "profile": PROFILE, "transport": TRANSPORT},
    "difference": {**TWO, **_effect("risk_difference", 0.1), "transport": TRANSPORT},
    "d": {**TWO, **_effect("standardised_difference", 0.3), "profile": GROWING},
    "d of Cox": {**TWO, **_effect("standardised_difference_cox", 0.3)},
    "count": {**NUMBER, "model": "count", "dispersion": 1, **_effect("rate_ratio", 0.6)},
    "count, cut": {**NUMBER, "model": "count", "dispersion": 1, **_effect("mean_difference", -22)},
    "days": {**DAYS, **_effect("rate_ratio", 0.6), "profile": PROFILE, "transport": TRANSPORT},
    "days, at the least": {**DAYS, **_effect("mean_difference", -23)},
    "days, stated": {**DAYS, "with_intervention": [10, 12]},
    "points": {**SCORE, **_effect("standardised_difference", 0.4), "transport": TRANSPORT},
    "improved": {
        **SCORE,
        **_effect("mean_difference", 4),
        "counts": "improved",
        "minimum_important_change": 25,
    },
    "steps": {
        **SCORE,
        "with_intervention": 30,
        "counts": "steps",
        "minimum_important_change": 8,
        "most_steps": 4,
    },
}
"""Every form in which an outcome states its effect."""


def assert_agrees(found: Written) -> None:
    """Check outcomes, reports and totals against the library's, nothing of them fixed."""
    assert_outcomes_agree(found)
    assert_measures_agree(found)
    assert_totals_agree(found)


@pytest.mark.parametrize("name", CASES)
def test_every_shipped_case_agrees(name: str, tmp_path: Path) -> None:
    """Outcomes, reports, standing and totals of all shipped cases are the library's."""
    assert_agrees(written(sib.load_case(name), tmp_path))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_outcome_is_live(form: str, tmp_path: Path) -> None:
    """Each form is written as formulas whose values are the library's, in two cohorts."""
    case = small_case(outcome=FORMS[form], design=VERIFIED, line=LINE, shares=(0.5, 0.5))
    found = written(case, tmp_path)
    assert_agrees(found)
    assert not found.live.fixed


CHANGES: Mapping[str, Mapping[str, Any]] = {
    "aarhus-youth-early": {
        "outcomes.work.effect.measured_at_months": 10,
        "outcomes.work.profile.half_life_months": 20,
        "outcomes.work.transport.tau": 0.5,
        "outcomes.mastery.reliability": 0.6,
        "outcomes.mastery.minimum_important_change": 7,
        "measures.mastery.missing.share": 0.3,
    },
    "ikast-brande": {
        "target_group.selection.creaming": 0.4,
        "target_group.selection.parking": 0.6,
        "target_group.segments.shelter.difficulty": 1.5,
        "outcomes.little_support.segments.shelter.counterfactual": 0.07,
        "outcomes.shelter_days.counterfactual": 80.0,
    },
    "small-steps": {
        "outcomes.work.mediation.odds_ratio_per_unit": 1.2,
        "outcomes.mastery.with_intervention.1": 14,
        "outcomes.health.uplift": 0.9,
        "outcomes.work.goal.share": 0.9,
    },
    "vejle": {
        "outcomes.twelve_hours.at_least": 15,
        "outcomes.hours.sd": 8,
        "measures.absence_before_after.regression_to_the_mean.mean": -3,
        "target_group.selection.creaming": -0.7,
    },
    "eftervaern": {
        "outcomes.living.later.0.from_month": 20,
        "outcomes.living.later.0.transitions.doegnophold.egen_bolig": 0.2,
        "outcomes.living.transitions.herberg.midlertidig": 0.3,
        "outcomes.living.transport.tau": 1.4,
    },
    "young-homeless": {
        "outcomes.own_home.transitions.gade_eller_herberg.egen_bolig": 0.05,
        "outcomes.own_home.profile.until_months": 30,
        "outcomes.own_home.transport.tau": 0.6,
        "outcomes.own_home.start_in.gade_eller_herberg": 0.5,
        "outcomes.own_home.start_in.midlertidig": 0.5,
    },
    "prototype-to-scale": {
        "contract.termination.below": 0.45,
    },
}
"""New values of inputs, all of one case at once."""


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_case_is_written_with_its_new_values(name: str, tmp_path: Path) -> None:
    """With other inputs the formulas come to the base case of the case with these inputs."""
    assert_agrees(written(_changed(name), tmp_path))


def _changed(name: str) -> sib.Case:
    """Return the case with its changes, those of a section that it does not state as one table."""
    tables: dict[str, dict[str, Any]] = {}
    found: dict[str, Any] = {}
    for path, new in CHANGES[name].items():
        section, _, field = path.rpartition(".")
        if section == "target_group.selection":
            tables.setdefault(section, {})[field] = new
        else:
            found[path] = new
    return sib.load_case(name).with_(found | tables)


def _cells(path: Path) -> dict[tuple[str, str], float]:
    """Return the numbers that are stored in a workbook."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): float(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    }


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize("name", ["ikast-brande", "young-homeless", "prototype-to-scale"])
def test_libreoffice_finds_the_same_and_follows_changed_cells(
    name: str, soffice: str, tmp_path: Path
) -> None:
    """All cells recalculate to what Python wrote; changed inputs to the changed base case."""
    found = written(sib.load_case(name), tmp_path)
    before = _cells(found.live.book.path)
    again = recalculated(soffice, found.live.book.path, folder=tmp_path / "same")
    assert len(before) > 100
    for (sheet, cell), number in before.items():
        value = again[sheet][cell].value
        assert isinstance(value, int | float), (sheet, cell, value)
        assert value == pytest.approx(number, rel=1e-9, abs=1e-9), (sheet, cell)
    changes = {_place(found, path): new for path, new in CHANGES[name].items()}
    other = recalculated(
        soffice, found.live.book.path, folder=tmp_path / "changed", changes=changes
    )
    metrics = _changed(name).base_case().metrics
    for total, of in found.live.totals.items():
        sheet, _, place = of.text.partition("!")
        expected = pytest.approx(metrics[total][0], rel=1e-9, abs=1e-9)
        if not _fixed(found) & set(total.split(".")):
            assert other[sheet][place].value == expected, total


def _fixed(found: Written) -> set[str]:
    return {path.partition(".")[2] for path in found.live.fixed}


def _place(found: Written, path: str) -> tuple[str, str]:
    """Return sheet and cell of an input."""
    name = found.live.inputs.cells[path].text
    defined = openpyxl.load_workbook(found.live.book.path).defined_names[name].attr_text
    sheet, _, cell = re.sub(r"[$']", "", defined).partition("!")
    return sheet, cell
