"""Clauses and limits on the sheet of payments, and what of a contract has no formula."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.unit.reports.workbook.test_payments import (
    assert_as_library,
    assert_recalculated,
    fixed_of,
    paid_by,
)
from tests.unit.reports.workbook.test_payments_models import (
    CARD,
    LINES,
    PAID,
    case_of,
    name_of,
    unread_of,
)

TEST: Mapping[str, Any] = {"reads": "job", "of": "effect", "at_months": 18}
TRIGGER: Mapping[str, Any] = {"pooled": True, "of": "effect"}

CLAUSES: Mapping[str, Mapping[str, Any]] = {
    "trigger": {"trigger": {**TRIGGER, "at_least": 0.1, "people": 50}},
    "trigger, missed": {"trigger": {**TRIGGER, "at_least": 0.2}},
    "trigger of people, missed": {"trigger": {"pooled": True, "people": 1_000}},
    "trigger by cohort": {"trigger": {"pooled": False, "people": 50}},
    "index": {"index": "wages"},
    "holdback": {"holdback": {"share": 0.25, "until": {**TEST, "at_least": 0.05}}},
    "holdback, lost": {"holdback": {"share": 0.25, "until": {**TEST, "at_least": 0.2}}},
    "clawback": {"clawback": {"share": 0.5, "unless": {**TEST, "at_least": 0.05}}},
    "clawback, owed": {"clawback": {"share": 0.5, "unless": {**TEST, "at_least": 0.2}}},
    "index and both": {
        "index": "wages",
        "holdback": {"share": 0.25, "until": {**TEST, "at_least": 0.05}},
        "clawback": {"share": 0.5, "unless": {**TEST, "at_least": 0.2}},
    },
}
"""Clauses around a rate card, by what they are."""

TWO_PAYERS: Mapping[str, Any] = {"payer": {"municipality": 0.7, "state": 0.3}}

LIMITS: Mapping[str, Mapping[str, Any]] = {
    "year": {"limit": {"year": 500_000}},
    "contract": {"limit": {"contract": 1_500_000}},
    "payer": {**TWO_PAYERS, "limit": {"payer": {"state": 200_000}}},
    "netting": {"limit": {"netting": 700_000}},
    "all": {
        **TWO_PAYERS,
        "limit": {
            "year": 700_000,
            "payer": {"state": 400_000, "municipality": 1_400_000},
            "contract": 1_500_000,
            "netting": 250_000,
        },
    },
}
"""Limits of the contract that bind, by what they are."""

WIDE: Mapping[str, Any] = {
    **TWO_PAYERS,
    "limit": {"year": 8_000_000, "payer": {"state": 3_000_000}, "contract": 15_000_000},
}
"""Limits of a contract of many lines."""


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_clause_is_live(clause: str, tmp_path: Path) -> None:
    """A clause around a line gives in every period what the library says."""
    case = case_of({"job": {**PAID, **CLAUSES[clause]}, "plain": PAID})
    found = paid_by(case, tmp_path)
    assert_as_library(found)
    assert not fixed_of(found.live)
    assert not unread_of(found.live)


@pytest.mark.parametrize("limit", LIMITS)
def test_every_limit_is_live(limit: str, tmp_path: Path) -> None:
    """Limits cut in every period what the library says they cut, in their order, and they bind."""
    lines = {
        "job": {**PAID, "limit": {"line": 1_300_000}},
        "band": LINES["band by cohort"],
    }
    found = paid_by(case_of(lines, LIMITS[limit]), tmp_path)
    assert_as_library(found)
    assert not fixed_of(found.live)
    bound = {
        name: cell.number
        for name, cell in found.live.totals.items()
        if name.startswith("limit_bound.")
    }
    assert any(bound.values())


def test_limits_of_lines_and_payers_meet_what_is_left(tmp_path: Path) -> None:
    """A line that several pay is cut by its own limit first."""
    lines = {"job": {**PAID, "limit": {"line": 900_000}}, "plain": {**PAID, "payer": "state"}}
    found = paid_by(case_of(lines, LIMITS["all"]), tmp_path)
    assert_as_library(found)
    assert found.live.totals["limit_bound.line.job"].number == 1


@pytest.mark.parametrize(
    "line",
    [
        {**PAID, "in_order": True},
        {**CARD, "price": 9_000, "trigger": {"pooled": True, "alpha": 0.05, "better": "more"}},
        {
            "model": "sustained",
            "reads": "job",
            "price": 9_000,
            "weeks": 26,
            "gap_weeks": 0,
            "restart": False,
        },
    ],
    ids=["claims in order", "a test", "sustained"],
)
def test_what_has_no_formula_is_fixed_and_said(line: Mapping[str, Any], tmp_path: Path) -> None:
    """What looks at persons or tests is the library's figure; limits after it are live."""
    case = case_of({"job": line, "plain": PAID}, {"limit": {"contract": 1_000_000}})
    found = paid_by(case, tmp_path)
    assert_as_library(found)
    assert fixed_of(found.live) == {"payments.job"}


@pytest.mark.slow
@pytest.mark.office
def test_every_model_is_the_same_formula_in_libreoffice(soffice: str, tmp_path: Path) -> None:
    """LibreOffice calculates lines of all models, clauses and limits to what Python wrote."""
    lines = {name_of(name): line for name, line in LINES.items()}
    lines |= {name_of(name): {**PAID, **clause} for name, clause in CLAUSES.items()}
    live = paid_by(case_of(lines, WIDE), tmp_path).live
    assert_recalculated(live.book.path, soffice, folder=tmp_path / "office")
