"""The live savings of a workbook: every line and period is what the library's base case saves."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.accounts import settle
from sibsim.case import Case
from sibsim.core.postings import BudgetResult
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.model import Live, Saving
from sibsim.reports.workbook.periods import write_periods
from sibsim.reports.workbook.savings import write_savings
from tests.workbook_parts import (
    HALF_A_CENT,
    Public,
    delivery_of,
    live_of,
    outcomes_of,
    public_of,
    standing_of,
)

CASES = Path("data/cases")
LIVE_CASES = (
    "holbaek",
    "ballerup",
    "early-investment",
    "medvind",
    "aarhus-schooling",
    "aarhus-diabetes",
    "aarhus-violence",
    "prototype-to-scale",
    "rudersdal",
    "small-steps",
    "vordingborg",
    "viborg",
    "school-and-family",
)
"""Cases of which no saving is a fixed value."""


def load(name: str) -> Case:
    """Return a shipped case."""
    return sib.load_case(CASES / f"{name}.toml")


def saved(case: Case, folder: Path) -> tuple[Live, dict[str, Saving]]:
    """Write the savings of a case on figures of its base case."""
    live = live_of(case, folder)
    delivery, periods = delivery_of(live), write_periods(live)
    found = write_savings(live, periods, delivery, outcomes_of(live), standing_of(live))
    live.book.file.close()
    return live, found


def of_library(live: Live) -> BudgetResult:
    """Return what the library's base case saves."""
    assert live.base.worlds is not None
    return settle(live.case, live.base.worlds[0]).saved


def posted(live: Live, line: str, *, to: str, memo: bool = False) -> np.ndarray:
    """Return what the ledger moves to a party on a line less what it moves from it, (T,)."""
    net = np.zeros(live.case.timeline.periods)
    for each in of_library(live).postings:
        if each.line == line and (each.kind == "memo") == memo:
            amount = np.broadcast_to(each.amount, (len(net), 1))[:, 0]
            net += amount * ((each.payee == to) if memo else (each.payee == to) * 2 - 1)
    return net


def assert_saved(live: Live, found: dict[str, Saving]) -> None:
    """Every part of every line is the library's in every period."""
    for name, saving in found.items():
        line, path = live.case.budget[name], f"budget.{name}"
        expected = of_library(live).realisable[name]
        assert_column(saving.released, np.broadcast_to(expected, (len(expected), 1))[:, 0])
        assert_column(saving.gross, posted(live, path, to=line.party))
        for part in ("refund", "equalisation", "guarantee"):
            assert_column(getattr(saving, part), -posted(live, f"{path}.{part}", to=line.party))
        memo = f"{path}.not_released"
        assert_column(saving.held_back, posted(live, memo, to=line.party, memo=True))
        if line.party != "state":
            assert_column(saving.held_back_of_state, posted(live, memo, to="state", memo=True))


def assert_column(column: Column | None, expected: np.ndarray) -> None:
    """Compare a column with the library's, to half an øre; a missing one is nothing."""
    found = np.zeros_like(expected) if column is None else column.values
    np.testing.assert_allclose(found, expected, rtol=0, atol=HALF_A_CENT)


@pytest.mark.parametrize("name", ["holbaek", "ballerup", "rudersdal"])
def test_savings_are_those_of_the_base_case(name: str, tmp_path: Path) -> None:
    """Gross, refund, tax, what is held back and what is released agree in every period."""
    assert_saved(*saved(load(name), tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_savings_of_every_case_are_those_of_the_base_case(path: Path, tmp_path: Path) -> None:
    """The same holds for all cases that ship; those without states have no fixed value."""
    live, found = saved(sib.load_case(path), tmp_path)
    assert_saved(live, found)
    if path.stem in LIVE_CASES:
        assert not live.fixed
    follows_states = {f"budget.{name}" for name, line in live.case.budget.items() if line.states}
    assert set(live.fixed) == follows_states


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("holbaek", {"budget.benefit.amount": 9_000}),
        ("holbaek", {"budget.benefit.lag_months": 0}),
        ("holbaek", {"budget.benefit.lag_months": 5}),
        ("holbaek", {"budget.benefit.share": 0.7, "budget.benefit.backfill": 0.2}),
        ("holbaek", {"budget.benefit.lasts.between_people.p50": 20}),
        ("holbaek", {"budget.benefit.lasts": 18}),
        ("holbaek", {"budget.benefit.refund.weeks_before.between_people.p50": 30}),
        ("holbaek", {"budget.benefit.refund.weeks_before": 2}),
        ("holbaek", {"indices.benefit_rates.per_year": 0.01}),
        ("holbaek", {"budget.benefit.release_from": date(2026, 4, 1)}),
        ("holbaek", {"budget.benefit.saves": "fewer", "budget.benefit.share": 0.5}),
        (
            "holbaek",
            {"budget.benefit.guarantee": {"benefit": "kontanthjaelp", "roll_out": "national"}},
        ),
        ("holbaek", {"budget.benefit.refund": {"share": 0.3, "until_months": 20}}),
        ("holbaek", {"budget.benefit.refund": {"share": 0.3}}),
        ("holbaek", {"budget.benefit.refund": {"thresholds": "dk-expensive-cases"}}),
        ("ballerup", {"budget.tax.tax.equalisation.retained_share": 0.6}),
        ("ballerup", {"budget.tax.tax.rate": 0.2, "budget.tax.tax.instead_of": 4_000}),
        ("aarhus-diabetes", {"budget.care.per_year.2": 5_000, "budget.care.from_months": 5}),
        ("aarhus-violence", {"budget.refuge.amount": 100, "budget.refuge.refund.share": 0.1}),
    ],
    ids=str,
)
def test_savings_follow_the_inputs(name: str, changes: dict[str, Any], tmp_path: Path) -> None:
    """A workbook of a changed case saves what the changed case does."""
    assert_saved(*saved(load(name).with_(changes), tmp_path))


def test_holbaek_can_be_followed_by_hand(tmp_path: Path) -> None:
    """The sheet shows the figures of the first quarter that the documentation works out."""
    import openpyxl

    live, _ = saved(load("holbaek"), tmp_path)
    book = openpyxl.load_workbook(live.book.path, data_only=True)
    first = next(
        [cell.value for cell in row]
        for row in book["Savings"].iter_rows()
        if row[0].value == "2024Q1"
    )
    for expected, digits in ((1.444949, 6), (17_810.44, 2), (0.260497, 6)):
        assert any(
            isinstance(value, float) and round(value, digits) == expected for value in first
        ), expected
    lasts = [
        [float(str(cell.value)) for cell in row[3:5]]
        for row in book["People"].iter_rows()
        if row[0].value in {"1", "1000"}
    ]
    np.testing.assert_allclose(np.array(lasts), [[0.1753, 2.5881], [948.1257, 470.4310]], atol=5e-5)


def test_of_two_routes_to_a_gain_the_larger_counts(tmp_path: Path) -> None:
    """The line of the smaller route saves nothing, and what it would save is told."""
    case = load("small-steps")
    support = case.document["budget"]["support"]
    twin = {**support, "gain": "one", "follows": "work", "amount": 10}
    changed = case.with_({"budget.support.gain": "one", "budget.twin": twin})
    live, found = saved(changed, tmp_path)
    assert_saved(live, found)
    for metric in ("counted_elsewhere", "trumped"):
        for name in ("support", "twin"):
            key = f"{metric}.{name}"
            np.testing.assert_allclose(
                live.totals[key].number, live.base.metrics[key][0], rtol=0, atol=HALF_A_CENT
            )
    assert live.totals["trumped.twin"].number == 1


def test_hostile_titles_are_text(tmp_path: Path) -> None:
    """A title that looks like a formula is written as text, and formulas hold no user text."""
    import openpyxl

    case = load("holbaek").with_({"budget.benefit.title": {"da": "=1+1", "en": "=1+1"}})
    live, _ = saved(case, tmp_path)
    sheet = openpyxl.load_workbook(live.book.path)["Savings"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert cells
    assert all(cell.data_type == "s" for cell in cells)


def test_public_parts_are_written_in_danish(tmp_path: Path) -> None:
    """A Danish workbook has Danish sheets."""
    found: Public = public_of(load("holbaek"), tmp_path, lang="da")
    assert {"Mennesker", "Budget", "Parter", "Budgetskema", "HvemSparer"} <= set(
        found.live.book.sheets
    )
