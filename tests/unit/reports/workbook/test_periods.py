"""The sheet of time holds the periods and price levels of the case."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.case import Case
from sibsim.casefile import build, shipped_cases
from sibsim.core import catalogue
from sibsim.reports.workbook.days import DAY_ZERO
from sibsim.reports.workbook.model import Periods
from sibsim.reports.workbook.periods import write_periods
from tests.office import recalculated
from tests.workbook_parts import live_of

RATES = 1e-12
"""Relative error of powers and quotients in another order: a few units in the last place."""


def written(case: Case, folder: Path) -> Periods:
    """Write the sheet of time of a case."""
    live = live_of(case, folder)
    periods = write_periods(live)
    live.book.file.close()
    return periods


def assert_as_library(periods: Periods, case: Case) -> None:
    """Days, years and price levels are those of the case."""
    timeline = case.timeline
    days = [(day - DAY_ZERO).days for day in timeline.starts[:-1]]
    np.testing.assert_array_equal(periods.first_day.values, days)
    np.testing.assert_array_equal(
        periods.start.values, np.arange(timeline.periods) * timeline.months_per_period
    )
    np.testing.assert_array_equal(periods.year.values, timeline.year_of_period)
    assert set(periods.factors) == set(case.indices)
    for name, index in case.indices.items():
        expected = index.factor(timeline.year_of_period, price_year=case.head.price_year)
        np.testing.assert_allclose(periods.factors[name].values, expected, rtol=RATES)


@pytest.mark.parametrize("name", shipped_cases())
def test_time_and_prices_are_those_of_the_library(name: str, tmp_path: Path) -> None:
    """Every shipped case has its periods, years and price levels on the sheet."""
    case = sib.load_case(name)
    assert_as_library(written(case, tmp_path), case)


def monthly() -> Case:
    """Return Holbæk in months, with prices of another year and a dated index."""
    document: dict[str, Any] = tomllib.loads(catalogue.text("cases", "holbaek"))
    document |= {"period": "month", "price_year": 2026}
    levels = {"2024": 100, "2025": 101.5, "2026": 104, "2027": 103}
    document["indices"]["wages"] = {"values": levels, "then_per_year": 0.025}
    return build(document)


def test_months_and_dated_tables_follow_the_library(tmp_path: Path) -> None:
    """A case in months whose price year lies inside a dated table has its own price levels."""
    case = monthly()
    periods = written(case, tmp_path)
    assert_as_library(periods, case)
    assert periods.number == 132


@pytest.mark.office
def test_a_changed_level_is_recalculated_by_libreoffice(soffice: str, tmp_path: Path) -> None:
    """LibreOffice finds every price level of a changed table and of another price year."""
    case, live = monthly(), live_of(monthly(), tmp_path)
    periods = write_periods(live)
    live.book.file.close()
    changes = {"indices.wages.values.2025": 120.0, "price_year": 2025}
    places = live.inputs.places
    book = recalculated(
        soffice,
        live.book.path,
        folder=tmp_path / "office",
        changes={("Inputs", f"B{places[path] + 1}"): value for path, value in changes.items()},
    )
    other = case.with_(changes)
    for name, column in periods.factors.items():
        first = column.block.top + 2
        cells: Any = [
            book["Time"].cell(first + row, column.place + 1).value for row in range(periods.number)
        ]
        years = case.timeline.year_of_period
        expected = other.indices[name].factor(years, price_year=other.head.price_year)
        np.testing.assert_allclose(cells, expected, rtol=RATES)
