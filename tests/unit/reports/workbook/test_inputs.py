"""The input sheet has one row per parameter, and what is blue is what may be changed."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

import sibsim as sib
from sibsim.case import Case
from sibsim.casefile import build, shipped_cases
from sibsim.core import catalogue
from sibsim.core.wording import Language
from sibsim.reports.parameter_words import parameter_words
from sibsim.reports.workbook.bounds import Bounds, bounds_of
from sibsim.reports.workbook.inputs import Inputs, write_inputs
from sibsim.reports.workbook.rows import rows_of
from sibsim.reports.workbook.sheets import Book

BLUE = "FF0000FF"
"""Colour of what may be changed."""


def written(case: Case, folder: Path, *, lang: Language = "en") -> tuple[Inputs, Worksheet]:
    """Write the input sheet of a case, with one cell that a formula reads."""
    book = Book(folder / "inputs.xlsx", lang)
    inputs = write_inputs(book, case)
    assert inputs["delivery.volume"].text == "delivery_volume"
    inputs.finish(all_follows=True)
    book.file.close()
    return inputs, openpyxl.load_workbook(book.path)["Input" if lang == "da" else "Inputs"]


def is_blue(sheet: Worksheet, cell: str) -> bool:
    """Tell whether a cell may be changed."""
    found = sheet[cell]
    assert (found.font.color.rgb == BLUE) == (not found.protection.locked)
    return bool(found.font.color.rgb == BLUE)


@pytest.mark.parametrize("name", shipped_cases())
def test_every_quantity_number_and_date_has_a_named_cell(name: str, tmp_path: Path) -> None:
    """Cells have names of their own and the base value, and rows have words in both languages."""
    case = sib.load_case(name)
    inputs, sheet = written(case, tmp_path)
    rows = rows_of(case)
    assert [row.path for row in rows] == list(inputs.cells)
    assert set(case.quantities) <= set(inputs.cells)
    names = [cell.text.lower() for cell in inputs.cells.values()]
    assert len(set(names)) == len(names)
    for path, quantity in case.quantities.items():
        assert inputs.cells[path].number == quantity.base_value
    for row in rows:
        words = parameter_words(case, row.path)
        assert words.da
        assert words.en
        assert sheet.cell(inputs.places[row.path] + 1, 10).value == row.path


def test_three_kinds_of_rows(tmp_path: Path) -> None:
    """Quantiles are blue, another distribution is grey, one number is blue; value follows base."""
    case = sib.load_case("holbaek")
    inputs, sheet = written(case, tmp_path)

    def row(path: str) -> int:
        return inputs.places[path] + 1

    quantiles, prior = row("delivery.completion"), row("delivery.volume")
    price, last = row("payments.job.price.0"), row("contract.last_payment")
    assert [sheet[f"{column}{quantiles}"].value for column in "CDE"] == [0.65, 0.78, 0.88]
    assert sheet[f"B{quantiles}"].value == f"=D{quantiles}"
    assert all(is_blue(sheet, f"{column}{quantiles}") for column in "BCDE")
    assert sheet[f"B{prior}"].value == f"=D{prior}"
    assert [sheet[f"{column}{prior}"].value for column in "CDE"] == [0.65, 1.0, 1.24]
    assert is_blue(sheet, f"B{prior}")
    assert not any(is_blue(sheet, f"{column}{prior}") for column in "CDE")
    assert sheet[f"B{price}"].value == 16_000
    assert is_blue(sheet, f"B{price}")
    assert sheet[f"D{price}"].value is None
    assert sheet[f"B{last}"].value == datetime(2028, 12, 31)  # noqa: DTZ001 - a cell has no zone
    assert not is_blue(sheet, f"B{row('start')}")


def test_provenance_and_use_stand_beside_the_value(tmp_path: Path) -> None:
    """Unit, title of the source, status, note and whether a formula reads it are in the row."""
    inputs, sheet = written(sib.load_case("holbaek"), tmp_path, lang="da")
    size, volume = inputs.places["target_group.size"] + 1, inputs.places["delivery.volume"] + 1
    assert sheet[f"F{size}"].value == "personer"
    assert sheet[f"G{size}"].value.startswith("INDIGO-POJ-0313")
    assert sheet[f"H{size}"].value == "offentliggjort"
    assert sheet[f"H{volume}"].value == "antagelse"
    assert sheet[f"I{volume}"].value.startswith("no figure of this contract is public")
    assert (sheet[f"K{size}"].value, sheet[f"K{volume}"].value) == ("nej", "ja")
    assert sheet[f"A{volume}"].value == "Hvor mange der kommer"
    assert sheet.freeze_panes == "B7"
    assert sheet.auto_filter.ref.startswith("A6:K")


def test_programs_refuse_what_the_case_file_refuses(tmp_path: Path) -> None:
    """Shares lie in [0, 1], money is not negative, a date is a date; the message is in words."""
    case = sib.load_case("holbaek")
    inputs, sheet = written(case, tmp_path, lang="da")
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}

    def rule(path: str) -> Any:  # noqa: ANN401 - openpyxl has no types
        return rules[f"B{inputs.places[path] + 1}"]

    share = rule("delivery.completion")
    assert (share.operator, share.formula1, share.formula2) == (None, "0.0", "1.0")
    assert str(share.sqref).endswith(f"E{inputs.places['delivery.completion'] + 1}")
    assert share.error == "Skriv et tal fra 0 til 1."
    assert rule("payments.job.price.0").operator == "greaterThanOrEqual"
    assert rule("contract.last_payment").type == "date"
    assert bounds_of(case, "outcomes.fit_for_work.uplift") == Bounds(-1, 1)


HOSTILE = '=HYPERLINK("http://x")\u202e<b>@$_{\x0b}' + "x" * 40_000
"""A formula, a right-to-left mark, markup, a control character and more than a cell holds."""


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """Titles, units, notes and names of sources run nothing and break nothing."""
    document = tomllib.loads(catalogue.text("cases", "holbaek"))
    document["costs"]["team"]["title"] = {"da": HOSTILE, "en": HOSTILE}
    document["costs"]["team"]["amount"] |= {"unit": "+1", "note": "@SUM(A1)"}
    document["sources"]["indigo-0313"]["title"] = "-2+3"
    inputs, sheet = written(build(document), tmp_path)
    at = inputs.places["costs.team.amount"] + 1
    assert sheet[f"A{at}"].data_type == "s"
    assert sheet[f"A{at}"].value.startswith("=HYPERLINK")
    assert [sheet[f"{column}{at}"].data_type for column in "FI"] == ["s", "s"]
    formulas = [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert {cell.column for cell in formulas} == {2}


def test_names_that_differ_in_marks_or_capitals_stay_apart(tmp_path: Path) -> None:
    """Excel takes `Team-a`, `team_a` and `TEAM-A` for one name: each cell has another one."""
    document = tomllib.loads(catalogue.text("cases", "holbaek"))
    team = document["costs"].pop("team")
    document["costs"] |= {"Team-a": team, "team_a": dict(team), "TEAM-A": dict(team)}
    inputs, _ = written(build(document), tmp_path)
    names = [cell.text.lower() for cell in inputs.cells.values()]
    assert len(set(names)) == len(names)
