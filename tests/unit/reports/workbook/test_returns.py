"""What the investors earn in the workbook: rates of return of losses and of odd flows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

import sibsim as sib
from tests.office import recalculated
from tests.workbook_parts import assert_totals, capital_of, live_of


def prices(job: float, *, fit: float) -> dict[str, Any]:
    """Return changes of Holbæk after which little is paid."""
    return {
        "payments.job.price": [job, job, job],
        "payments.fit_for_work.price": fit,
        "payments.wellbeing.price": 0,
    }


CASES: Mapping[str, Mapping[str, Any]] = {
    "a loss": prices(9_000, fit=9_000),
    "a heavy loss": prices(500, fit=500),
    "nearly all lost": prices(1, fit=0),
    "all lost": prices(0, fit=0),
    "no costs": {"costs.team.amount.value": 0, "costs.start_up.amount.value": 0},
    "paid to the cap": {"capital.tranches.dsi.return_cap.rate": 0.001},
    "no discount rate": {"valuation": None},
    "the fund pays the guarantor": {
        "capital.guarantees": {
            "cover": {
                "guarantor": "foundation",
                "tranche": "dsi",
                "share": 0.5,
                "fee": {"rate": 0.01, "payer": "dsi"},
            }
        }
    },
}


def case_of(name: str) -> sib.Case:
    """Return Holbæk with what is changed; None takes a section away."""
    case = sib.load_case("holbaek")
    gone = [path for path, value in CASES[name].items() if value is None]
    if gone:
        from sibsim.casefile import build

        return build({key: each for key, each in case.document.items() if key not in gone})
    return case.with_(CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_earnings_are_the_librarys(name: str, tmp_path: Path) -> None:
    """Losses, total loss, nothing drawn, a capped return: each figure is the base case's."""
    live = live_of(case_of(name), tmp_path)
    capital_of(live)
    assert_totals(live)


def test_total_loss_and_nothing_drawn(tmp_path: Path) -> None:
    """All that is lost earns -100 %; where nothing is drawn no rate and no multiple is written."""
    lost = live_of(case_of("all lost"), tmp_path)
    capital_of(lost)
    assert lost.totals["investor_irr"].number == -1.0
    assert lost.totals["p_total_loss"].number == 1.0
    folder = tmp_path / "none"
    folder.mkdir()
    none = live_of(case_of("no costs"), folder)
    capital_of(none)
    assert np.isnan(none.totals["investor_irr"].number)
    assert np.isnan(none.totals["investor_multiple"].number)


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize("name", ["nearly all lost", "no costs"])
def test_office_finds_the_rate(name: str, tmp_path: Path, soffice: str) -> None:
    """LibreOffice finds a rate near -100 % from the guess, and nothing where there is none."""
    live = live_of(case_of(name), tmp_path)
    capital_of(live)
    live.book.file.close()
    found = recalculated(soffice, live.book.path, folder=tmp_path / "office")
    written = openpyxl.load_workbook(live.book.path, data_only=True)
    for metric, cell in live.totals.items():
        sheet, _, place = cell.text.partition("!")
        now = found[sheet][place].value
        if np.isnan(cell.number):
            assert now in (None, "")
        else:
            assert now == pytest.approx(written[sheet][place].value, rel=1e-9, abs=1e-9), metric
