"""The sheet of payments: shipped cases, changes of inputs, and what LibreOffice makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

import sibsim as sib
from sibsim.accounts import settle
from sibsim.case import Case
from sibsim.casefile import shipped_cases
from sibsim.core.wording import Language
from sibsim.reports.workbook.inputs import VALUE
from sibsim.reports.workbook.measures import write_measures
from sibsim.reports.workbook.model import Live, Payments
from sibsim.reports.workbook.outcomes import write_outcomes
from sibsim.reports.workbook.payments import write_payments
from sibsim.reports.workbook.periods import write_periods
from sibsim.reports.workbook.standing import write_standing
from tests.office import recalculated
from tests.workbook_parts import HALF_A_CENT, assert_totals, delivery_of, live_of

OF_PAYMENTS = ("payments", "paid_by", "limit_bound")
"""How the names of metrics about payments begin."""

FIXED: Mapping[str, set[str]] = {
    "small-steps": {"contract.limit.person"},
    "svendborg": {"payments.weeks.share_after_repayment"},
    "vordingborg": {"payments.work"},
}
"""What follows no input: a limit per person, a share after repayment, a test of significance."""

CHANGES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "a price": ("holbaek", {"payments.job.price.1": 30_000}),
    "a limit of a line that binds": ("holbaek", {"payments.job.limit.line": 3_000_000}),
    "a limit of the contract that binds": ("holbaek", {"contract.limit.contract": 5_000_000}),
    "a longer lag": ("holbaek", {"contract.evaluation_lag_months": 7}),
    "claims after the last payment": (
        "holbaek",
        {"contract.last_payment": date(2027, 10, 1), "delivery.start_delay.value": 5},
    ),
    "a later start": ("holbaek", {"delivery.start_delay.value": 4}),
    "a level that is missed": ("ikast-brande", {"payments.completes.conditions.0.at_least": 0.95}),
    "a steeper band": ("vejle", {"payments.hours.schedule.1.at": 14}),
    "a dearer step": ("viborg", {"payments.absence.schedule.0.pays": 1_000_000}),
    "a tariff": ("slagelse", {"payments.weeks.tariff": 9_000}),
    "shares of payers": (
        "aarhus-youth-early",
        {
            "payments.no_shelter.payer.municipality": 0.2,
            "payments.no_shelter.payer.dsi_udviklingsfond": 0.8,
        },
    ),
    "a trigger that is missed": (
        "aarhus-diabetes",
        {"payments.hba1c_person.trigger.at_least": 0.6},
    ),
    "an end for poor results": ("prototype-to-scale", {"contract.termination.below": 0.9}),
}
"""Changes of inputs, by what they are: the case, and new values by path."""


@dataclass(frozen=True, eq=False)
class Paid:
    """What is written of a case."""

    live: Live
    """The workbook, its file closed."""

    payments: Payments
    """Its payments."""


def paid_by(case: Case, folder: Path, *, lang: Language = "en") -> Paid:
    """Write a case down to its payments and close the file."""
    live = live_of(case, folder, lang=lang)
    periods, delivery = write_periods(live), delivery_of(live)
    measures = write_measures(live, delivery, write_outcomes(live, periods, delivery))
    standing = write_standing(live, periods, delivery, measures)
    live.totals.clear()
    payments = write_payments(live, periods, delivery, measures, standing)
    live.book.file.close()
    return Paid(live, payments)


def assert_as_library(found: Paid) -> None:
    """Check what is owed and paid in every period, and all totals, against the base case."""
    live, payments = found.live, found.payments
    assert live.base.worlds is not None
    expected = settle(live.case, live.base.worlds[0]).payments
    assert set(payments.due) == set(expected.due)
    assert set(payments.paid) == set(expected.paid_by)
    for name, column in payments.due.items():
        amount = expected.due[name][:, 0]
        np.testing.assert_allclose(column.values, amount, rtol=0, atol=HALF_A_CENT, err_msg=name)
    for key, column in payments.paid.items():
        amount = expected.paid_by[key][:, 0]
        np.testing.assert_allclose(
            column.values, amount, rtol=0, atol=HALF_A_CENT, err_msg=str(key)
        )
    total = np.sum([amount[:, 0] for amount in expected.paid_by.values()], axis=0)
    np.testing.assert_allclose(payments.total.values, total, rtol=0, atol=HALF_A_CENT)
    assert_totals(live)
    asked = {name for name in live.base.metrics if name.partition(".")[0] in OF_PAYMENTS}
    asked |= {"payments_due", "payments_total", "payments_lapsed"}
    assert asked <= set(live.totals)


def fixed_of(live: Live) -> set[str]:
    """Return what of contract and payments follows no input."""
    return {path for path in live.fixed if path.partition(".")[0] in {"payments", "contract"}}


@pytest.mark.parametrize("name", shipped_cases())
def test_every_shipped_case_is_live(name: str, tmp_path: Path) -> None:
    """All that is owed, cut and paid follows inputs, but for what is said, as in the base case."""
    found = paid_by(sib.load_case(name), tmp_path)
    assert_as_library(found)
    assert fixed_of(found.live) == FIXED.get(name, set())


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_an_input_is_followed(change: str, tmp_path: Path) -> None:
    """The payments of a changed case are those of its base case, and not those from before."""
    name, changes = CHANGES[change]
    case = sib.load_case(name)
    found = paid_by(case.with_(changes), tmp_path)
    assert_as_library(found)
    before = paid_by(case, tmp_path).payments
    moved = [
        np.abs(column.values - before.paid[key].values).max()
        for key, column in found.payments.paid.items()
    ]
    assert max(moved) > HALF_A_CENT


def test_every_number_that_may_change_is_read_from_its_input(tmp_path: Path) -> None:
    """Lags, last payment, prices, levels, shares and limits are cells that formulas read."""
    for name in ("holbaek", "viborg", "aarhus-youth-early", "aarhus-schooling"):
        live = paid_by(sib.load_case(name), tmp_path).live
        structure = ("follow_up_months", "at_months")
        numbers = {
            path
            for path in live.inputs.cells
            if path.partition(".")[0] == "payments" and not any(each in path for each in structure)
        }
        numbers |= {"contract.evaluation_lag_months", "contract.payment_lag_months"}
        numbers |= {"contract.last_payment", "contract.limit.contract"}
        assert numbers <= live.inputs.used, name


def test_what_is_claimed_too_late_lapses(tmp_path: Path) -> None:
    """Of a service that starts late, all that was claimed is still either owed or lapsed."""
    case = sib.load_case("holbaek")
    whole = paid_by(case, tmp_path).live.totals
    _, changes = CHANGES["claims after the last payment"]
    late = paid_by(case.with_(changes), tmp_path).live.totals
    assert late["payments_lapsed"].number > 0
    claimed = late["payments_due"].number + late["payments_lapsed"].number
    assert claimed == pytest.approx(whole["payments_due"].number)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_sheet_is_in_one_language(lang: Language, tmp_path: Path) -> None:
    """Sheet, titles and rules are in the language of the workbook."""
    live = paid_by(sib.load_case("holbaek"), tmp_path, lang=lang).live
    sheet = openpyxl.load_workbook(live.book.path)["Betaling" if lang == "da" else "Payments"]
    texts = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
    own, other = ("krav", "claim") if lang == "da" else ("claim", "krav")
    assert own in texts
    assert other not in texts
    rule = live.case.describe(lang)["rule"]["job"]
    assert rule in texts


def assert_recalculated(path: Path, soffice: str, *, folder: Path) -> None:
    """Check that LibreOffice finds in every cell of the sheet what was written there."""
    written = openpyxl.load_workbook(path, data_only=True)["Payments"]
    again = recalculated(soffice, path, folder=folder)["Payments"]
    numbers, enough = 0, 100
    for row in written.iter_rows():
        for cell in row:
            if isinstance(cell.value, int | float):
                numbers += 1
                value = again[cell.coordinate].value
                assert value == pytest.approx(cell.value, rel=1e-9, abs=1e-6), cell.coordinate
    assert numbers > enough


@pytest.mark.slow
@pytest.mark.office
@pytest.mark.parametrize("name", ["viborg", "aarhus-diabetes"])
def test_text_and_value_are_the_same_formula(name: str, soffice: str, tmp_path: Path) -> None:
    """LibreOffice calculates every cell to the value that Python wrote."""
    live = paid_by(sib.load_case(name), tmp_path).live
    assert_recalculated(live.book.path, soffice, folder=tmp_path / "office")


@pytest.mark.office
def test_changed_cells_are_followed_in_libreoffice(soffice: str, tmp_path: Path) -> None:
    """Inputs changed in the file give what the library gives of the changed case."""
    case = sib.load_case("holbaek")
    changes: Mapping[str, Any] = {
        "payments.job.price.2": 35_000,
        "contract.limit.contract": 6_500_000,
        "contract.last_payment": date(2027, 12, 1),
        "contract.payment_lag_months": 2,
    }
    live = paid_by(case, tmp_path).live
    assert live.inputs.sheet is not None
    cells = {
        (live.inputs.sheet.name, f"{'ABC'[VALUE]}{live.inputs.places[path] + 1}"): value
        for path, value in changes.items()
    }
    book = recalculated(soffice, live.book.path, folder=tmp_path / "office", changes=cells)
    expected = case.with_(changes).base_case().metrics
    for name, cell in live.totals.items():
        sheet, _, place = cell.text.partition("!")
        assert book[sheet][place].value == pytest.approx(expected[name][0], abs=HALF_A_CENT), name
