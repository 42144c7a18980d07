"""The live parties of a workbook: who pays whom is the ledger of the library's base case."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

import sibsim as sib
from sibsim.budget.ledger import realised_net
from sibsim.reports.cash import kept_postings
from sibsim.reports.workbook.parties import TOTAL_NAMES
from tests.office import recalculated
from tests.workbook_parts import HALF_A_CENT, Public, public_of

CASES = Path("data/cases")
CHANGES = {
    "budget.benefit.amount": 15_000.0,
    "budget.benefit.share": 0.8,
    "budget.benefit.lag_months": 4,
    "valuation.discount.municipality": 0.03,
    "indices.benefit_rates.per_year": 0.01,
}
"""Changes that the calculation from outcomes to parties answers by itself."""


def written(name: str, folder: Path, changes: dict[str, Any] | None = None) -> Public:
    """Write the public parts of a shipped case, changed if asked."""
    folder.mkdir(exist_ok=True)
    case = sib.load_case(CASES / f"{name}.toml")
    return public_of(case.with_(changes) if changes else case, folder)


def assert_parties(found: Public) -> None:
    """Nets of all parties are the ledger's, totals the metrics, and transfers sum to zero."""
    live, number = found.live, found.periods.number
    ledger = kept_postings(live.base)
    for party, column in found.parties.net.items():
        net = np.broadcast_to(realised_net(ledger, party, periods=number), (number, 1))[:, 0]
        np.testing.assert_allclose(column.values, net, rtol=0, atol=HALF_A_CENT, err_msg=party)
    named = {name for each in ledger for name in (each.payer, each.payee)} - {"nature"}
    assert set(found.parties.net) == named
    for name, cell in found.live.totals.items():
        np.testing.assert_allclose(
            cell.number, live.base.metrics[name][0], rtol=0, atol=HALF_A_CENT, err_msg=name
        )
    moved = sum(
        each.amount.values
        for flows in found.parties.flows.values()
        for each in flows
        if each.item.part != "not_released"
    )
    np.testing.assert_allclose(moved, found.parties.society.values, rtol=0, atol=HALF_A_CENT)


@pytest.mark.parametrize("name", ["holbaek", "ballerup"])
def test_parties_are_those_of_the_base_case(name: str, tmp_path: Path) -> None:
    """Every net per period and every total is the library's."""
    found = written(name, tmp_path)
    assert_parties(found)
    assert {"municipality_net", "municipality_npv", "break_even_year"} <= set(found.live.totals)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_parties_of_every_case_are_those_of_the_base_case(path: Path, tmp_path: Path) -> None:
    """The same holds for all cases that ship."""
    assert_parties(public_of(sib.load_case(path), tmp_path))


@pytest.mark.parametrize("path", CHANGES)
def test_parties_follow_the_inputs(path: str, tmp_path: Path) -> None:
    """A workbook of a changed case has the changed case's totals."""
    assert_parties(written("holbaek", tmp_path, {path: CHANGES[path]}))


def test_a_case_that_never_breaks_even_has_no_year(tmp_path: Path) -> None:
    """The cell is empty where the municipality stays below zero."""
    found = written("holbaek", tmp_path, {"budget.benefit.amount": 10.0})
    assert_parties(found)
    assert np.isnan(found.live.totals["break_even_year"].number)


def numbers_of(book: openpyxl.Workbook) -> dict[tuple[str, str], float]:
    """Return the numbers of a workbook by sheet and cell."""
    return {
        (sheet.title, cell.coordinate): float(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, int | float) and not isinstance(cell.value, bool | datetime)
    }


def assert_same_numbers(expected: dict[Any, float], found: dict[Any, float]) -> None:
    """Two workbooks show the same numbers: to half an øre, or a part in 10^9 of large ones."""
    assert set(expected) <= set(found)
    keys = list(expected)
    np.testing.assert_allclose(
        [found[key] for key in keys], [expected[key] for key in keys], rtol=1e-9, atol=1e-6
    )


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize("name", ["holbaek", "rudersdal"])
def test_libreoffice_finds_the_values_that_were_written(
    name: str, soffice: str, tmp_path: Path
) -> None:
    """Every cell that LibreOffice calculates anew has the value that Python wrote."""
    path = written(name, tmp_path).live.book.path
    again = recalculated(soffice, path, folder=tmp_path / "office")
    assert_same_numbers(numbers_of(openpyxl.load_workbook(path, data_only=True)), numbers_of(again))


@pytest.mark.office
@pytest.mark.slow
def test_libreoffice_follows_changed_inputs(soffice: str, tmp_path: Path) -> None:
    """Five inputs changed on the sheet give the totals of the case with the same changes."""
    found = written("holbaek", tmp_path)
    names = openpyxl.load_workbook(found.live.book.path).defined_names
    changes: dict[tuple[str, str], float | str | date] = {}
    for path, content in CHANGES.items():
        ((sheet, place),) = names[found.live.inputs.cells[path].text].destinations
        changes[sheet, place.replace("$", "")] = content
    folder = tmp_path / "office"
    again = recalculated(soffice, found.live.book.path, folder=folder, changes=changes)
    expected = sib.load_case(CASES / "holbaek.toml").with_(CHANGES).base_case().metrics
    for name in TOTAL_NAMES:
        sheet, _, place = found.live.totals[name].text.partition("!")
        shown = again[sheet][place].value
        np.testing.assert_allclose(
            np.nan if shown is None else shown, expected[name][0], rtol=0, atol=HALF_A_CENT
        )
