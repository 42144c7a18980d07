"""The capital sheet: the account of every shipped case, Holbæk as by hand, changes of inputs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

import sibsim as sib
from sibsim.accounts import settle
from sibsim.casefile import shipped_cases
from sibsim.reports.workbook.model import Capital, Live
from tests.office import recalculated
from tests.workbook_parts import assert_totals, capital_of, live_of

HALF_A_CENT = 0.005
"""Rounding of sums of some hundred amounts of millions stays far below it."""

PRINTED = 0.005
"""Amounts by hand are printed with two decimals."""

BY_HAND = {
    "2024Q1": (1_060_403.83, 0.00, 1_060_403.83, 13_013.52),
    "2024Q4": (617_111.57, 0.00, 2_905_030.80, 98_583.13),
    "2025Q2": (629_936.76, 624_691.16, 3_533_290.77, 195_873.72),
    "2026Q2": (650_094.73, 1_940_962.59, 2_820_484.95, 428_709.71),
    "2027Q2": (0.00, 1_003_925.85, 0.00, 533_149.13),
    "2027Q4": (0.00, 401_570.34, 0.00, 144_744.95),
}
"""Drawing, receipt, principal after and return owed after, from docs/model.md, Holbæk by hand."""

CHANGES: Mapping[str, Mapping[str, Any]] = {
    "too little capital": {"capital.tranches.dsi.commitment.value": 3_000_000},
    "a lower cap": {"capital.tranches.dsi.return_cap.rate": 0.02},
    "an earlier last payment": {"contract.last_payment": date(2027, 10, 1)},
    "another hurdle": {"valuation.discount.investor": 0.09},
    "dearer follow-up": {"costs.management.amount.value": 90_000},
}
"""Changes of inputs, by what they are."""


def assert_as_library(live: Live, written: Capital) -> None:
    """Compare the written account with the library's, period by period."""
    assert live.base.worlds is not None
    account = settle(live.case, live.base.worlds[0]).capital
    columns = {"funded": account.funded, "overrun": account.overrun}
    for name, amount in columns.items():
        found = getattr(written, name).values
        np.testing.assert_allclose(found, amount[:, 0], rtol=0, atol=HALF_A_CENT)
    for name, column in written.drawn.items():
        drawn = account.drawn[name][:, 0]
        np.testing.assert_allclose(column.values, drawn, rtol=0, atol=HALF_A_CENT)
    for name, column in written.received.items():
        back = account.received[name][:, 0].copy()
        for key, guarantee in account.capital.guarantees.items():
            if guarantee.tranche == name:
                back += account.guarantee_paid[key][:, 0]
        np.testing.assert_allclose(column.values, back, rtol=0, atol=HALF_A_CENT)
    released = sum((each.values for each in written.surplus.values()), np.zeros(1))
    np.testing.assert_allclose(released, account.surplus[:, 0], rtol=0, atol=HALF_A_CENT)


@pytest.mark.parametrize("name", shipped_cases())
def test_every_shipped_case_is_live(name: str, tmp_path: Path) -> None:
    """The account and all that investors earn follow inputs and equal the base case."""
    live = live_of(sib.load_case(name), tmp_path)
    assert_as_library(live, capital_of(live))
    assert_totals(live)
    earned = {key for key in live.base.metrics if key.startswith(("investor_", "tranche."))}
    assert earned <= set(live.totals)
    assert {"surplus", "overrun", "p_investor_loss", "p_total_loss"} <= set(live.totals)
    assert not live.fixed


UNLESS = {"reads": "job", "at_months": 24, "at_least": 0.99}
JUNIOR = {
    "kind": "junior",
    "commitment": {"value": 1_000_000, "unit": "DKK"},
    "drawdown": "as_needed",
    "return_cap": {"basis": "irr", "rate": 0.05},
    "paid_from": ["job"],
}
OTHERS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "owed at an early end": (
        {"contract.termination": {"cause": "policy", "on": date(2025, 2, 1), "owes": 0.75}},
        "contract.termination.owes",
    ),
    "owed back": (
        {"payments.job.clawback": {"share": 1.0, "unless": UNLESS}},
        "payments.owed_back",
    ),
    "owed back by a line of its own": (
        {
            "payments.job.clawback": {"share": 0.5, "unless": UNLESS},
            "capital.tranches.junior": JUNIOR,
            "capital.order": ["dsi.principal", "dsi.return", "junior.principal", "junior.return"],
        },
        "payments.owed_back",
    ),
}
"""What is not live, and the path by which the front page says so."""


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_live_is_the_librarys_and_said(name: str, tmp_path: Path) -> None:
    """The amount is taken from the library, all after it follows, and the reason is given."""
    changes, path = OTHERS[name]
    live = live_of(sib.load_case("holbaek").with_(changes), tmp_path)
    assert_as_library(live, capital_of(live))
    assert_totals(live)
    assert list(live.fixed) == [path]


def sheet_of(live: Live, title: str) -> Worksheet:
    """Close the workbook and read one of its sheets back."""
    live.book.file.close()
    return openpyxl.load_workbook(live.book.path, data_only=True)[title]


def column_of(sheet: Worksheet, title: str) -> dict[str, object]:
    """Return the column of a title of the account by period."""
    (top,) = (cell for row in sheet.iter_rows() for cell in row if cell.value == "period")
    titles = {cell.value: place for place, cell in enumerate(sheet[top.row], start=1)}
    found: dict[str, object] = {}
    row = top.row + 1
    while sheet.cell(row, 1).value:
        found[str(sheet.cell(row, 1).value)] = sheet.cell(row, titles[title]).value
        row += 1
    return found


def test_holbaek_is_the_calculation_by_hand(tmp_path: Path) -> None:
    """The sheet shows what the description prints: drawing, receipt, principal, return owed."""
    live = live_of(sib.load_case("holbaek"), tmp_path)
    capital_of(live)
    sheet = sheet_of(live, "Capital")
    titles = (
        "drawn: dsi",
        "dsi: received in all",
        "dsi: principal after",
        "dsi: return owed after",
    )
    columns = [column_of(sheet, title) for title in titles]
    for period, printed in BY_HAND.items():
        found = [float(str(column[period])) for column in columns]
        np.testing.assert_allclose(found, printed, rtol=0, atol=PRINTED, err_msg=period)
    owed_after = columns[-1]
    assert owed_after["2034Q4"] == owed_after["2028Q4"] != owed_after["2028Q3"]


@pytest.mark.parametrize("change", CHANGES)
def test_changes_follow(change: str, tmp_path: Path) -> None:
    """A workbook of a changed case equals the base case of that case."""
    case = sib.load_case("holbaek").with_(CHANGES[change])
    live = live_of(case, tmp_path)
    assert_as_library(live, capital_of(live))
    assert_totals(live)


def assert_recalculated(found: openpyxl.Workbook, written: Path) -> None:
    """Every number that LibreOffice finds is the one that Python wrote."""
    for sheet in openpyxl.load_workbook(written, data_only=True):
        for row in sheet.iter_rows():
            for cell in row:
                now = found[sheet.title][cell.coordinate].value
                if isinstance(cell.value, int | float):
                    # A part in 1e9, and half an øre where amounts cancel.
                    np.testing.assert_allclose(now, cell.value, rtol=1e-9, atol=1e-6)
                else:
                    assert (now or "") == (cell.value or "") or hasattr(now, "year")


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize("name", ["holbaek", "aarhus-youth-early"])
def test_the_text_of_formulas_is_their_value(name: str, tmp_path: Path, soffice: str) -> None:
    """LibreOffice, given the formulas alone, comes to the values that Python wrote."""
    live = live_of(sib.load_case(name), tmp_path)
    capital_of(live)
    live.book.file.close()
    found = recalculated(soffice, live.book.path, folder=tmp_path / "office")
    assert_recalculated(found, live.book.path)


@pytest.mark.office
@pytest.mark.slow
def test_cells_can_be_changed(tmp_path: Path, soffice: str) -> None:
    """Inputs changed in the workbook give what the library gives for the changed case."""
    live = live_of(sib.load_case("holbaek"), tmp_path)
    capital_of(live)
    live.book.file.close()
    new: dict[str, float | date] = {
        "capital.tranches.dsi.commitment": 3_000_000,
        "capital.tranches.dsi.return_cap.rate": 0.02,
        "contract.last_payment": date(2027, 10, 1),
    }
    names = openpyxl.load_workbook(live.book.path).defined_names
    changes: dict[tuple[str, str], float | str | date] = {}
    for path, value in new.items():
        sheet, _, place = names[live.inputs[path].text].attr_text.partition("!")
        changes[sheet, place.replace("$", "")] = value
    found = recalculated(soffice, live.book.path, folder=tmp_path / "office", changes=changes)
    changed = live.case.with_(
        {
            "capital.tranches.dsi.commitment.value": 3_000_000,
            "capital.tranches.dsi.return_cap.rate": 0.02,
            "contract.last_payment": date(2027, 10, 1),
        }
    ).base_case()
    for name, cell in live.totals.items():
        sheet, _, place = cell.text.partition("!")
        expected = float(changed.metrics[name][0])
        value = found[sheet][place].value
        # Half an øre, and of a rate what a spreadsheet's own search for it leaves.
        tolerance = 1e-7 if name.endswith(("irr", "multiple")) else HALF_A_CENT
        if np.isnan(expected):
            assert value in (None, "")
        else:
            assert value == pytest.approx(expected, abs=tolerance, rel=0)
