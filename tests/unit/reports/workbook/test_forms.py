"""The tables of a workbook for budgets: the library's own, made of live cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import sibsim as sib
from sibsim.reports.payment_table import payment_table
from sibsim.reports.workbook.by_year import Table
from tests.workbook_parts import public_of

CASES = Path("data/cases")
ROUNDING = 5e-6
"""Half an øre in thousands."""


def assert_shows(table: Table, expected: pd.DataFrame, *, sheet: object) -> None:
    """Every row of a table of the library stands in the sheet under its title, with its amounts."""
    rows: dict[object, list[list[float]]] = {}
    for row in sheet.iter_rows(values_only=True):  # type: ignore[attr-defined]  # a sheet of openpyxl
        rows.setdefault(row[0], []).append(
            [each for each in row[1:] if isinstance(each, int | float)]
        )
    width = len(table.cells[-1])
    for keys, amounts in zip(expected.index, expected.to_numpy(), strict=True):
        titles = (keys,) if isinstance(keys, str) else keys[:2]
        shown = [row[:width] for title in titles for row in rows.get(title, ())]
        wanted = amounts[:width]
        assert any(
            len(row) == width and np.allclose(row, wanted, rtol=0, atol=ROUNDING) for row in shown
        ), (titles, wanted, shown)


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("name", ["holbaek", "rudersdal"])
def test_forms_are_the_tables_of_the_library(name: str, lang: str, tmp_path: Path) -> None:
    """The budget form and who saves hold what the library's tables of the base case hold."""
    assert_forms(CASES / f"{name}.toml", lang, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_forms_of_every_case_are_the_tables_of_the_library(path: Path, tmp_path: Path) -> None:
    """The same holds for all cases that ship."""
    assert_forms(path, "da", tmp_path)


def assert_forms(path: Path, lang: str, folder: Path) -> None:
    """Both tables of a case are the library's."""
    found = public_of(sib.load_case(path), folder, lang=lang)
    case, base = found.live.case, found.live.base
    assert case.problem is not None
    form, who = ("Budgetskema", "HvemSparer") if lang == "da" else ("BudgetForm", "WhoSaves")
    book = openpyxl.load_workbook(found.live.book.path, data_only=True)
    shown = base.municipal_budget(case.problem.authority, sign="expense_positive", lang=lang)
    assert_shows(found.form, shown.copenhagen_form(), sheet=book[form])
    assert_shows(found.who, shown.who_saves(), sheet=book[who])


def test_the_payment_table_is_written_as_text(tmp_path: Path) -> None:
    """The sheet holds what the payment table says; a title that begins with = is text."""
    case = sib.load_case(CASES / "holbaek.toml").with_(
        {"outcomes.job.title": {"da": "=1+1", "en": "=1+1"}}
    )
    found = public_of(case, tmp_path, lang="da")
    sheet = openpyxl.load_workbook(found.live.book.path)["Betalingstabel"]
    texts = {cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "s"}
    table = payment_table(case, lang="da")
    assert {*map(str, table.columns), *map(str, table.to_numpy().ravel())} <= texts
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
