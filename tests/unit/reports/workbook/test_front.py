"""The front page and the simulated figures: they are the run's own, and checks can fail."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

import sibsim as sib
from sibsim.core.wording import language
from sibsim.core.words import Words
from sibsim.figures import is_probability
from sibsim.reports.document.provenance import case_checksum
from sibsim.reports.document.words import FRONT
from sibsim.reports.workbook.formulas import Formula
from sibsim.reports.workbook.front import begin_front, write_front
from sibsim.reports.workbook.inputs import write_inputs
from sibsim.reports.workbook.model import Live
from sibsim.reports.workbook.sheets import Book
from sibsim.reports.workbook.simulated import STATISTICS, write_simulated
from sibsim.results import Results
from tests.office import recalculated
from tests.workbook_parts import capital_of

DRAWS = 600


def written(
    results: Results,
    folder: Path,
    *,
    lang: str = "en",
    wrong: bool = False,
    fixed: Words | None = None,
) -> Path:
    """Write a workbook of capital, front page and simulation; a wrong one differs by a krone."""
    book = Book(folder / f"front-{lang}.xlsx", language(lang))
    front = begin_front(book)
    case = results.case
    live = Live(book, case, case.base_case(), write_inputs(book, case))
    capital_of(live)
    if wrong:
        cell = live.totals["investor_profit"]
        live.totals["investor_profit"] = Formula(f"{cell.text}+1", cell.number + 1)
    if fixed is not None:
        live.fixed["outcomes.job"] = fixed
    write_simulated(live, results)
    write_front(live, results, front)
    book.file.close()
    return book.path


def texts(sheet: Worksheet) -> list[str]:
    """Return all texts of a sheet."""
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def row_of(sheet: Worksheet, name: str) -> list[object]:
    """Return the row of a metric."""
    (row,) = (row for row in sheet.iter_rows(values_only=True) if name in row)
    return list(row)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_front_page_is_first_and_says_the_answer(lang: str, tmp_path: Path) -> None:
    """It stands first and holds the title, every answer, and key totals with their check."""
    results = sib.load_case("holbaek").base_case()
    book = openpyxl.load_workbook(written(results, tmp_path, lang=lang), data_only=True)
    sheet = book[{"da": "Forside", "en": "Front"}[lang]]
    assert book.sheetnames[0] == sheet.title
    said = texts(sheet)
    assert results.case.head.title.in_language(lang) in said
    assert set(results.answers(lang)["answer"]) <= set(said)
    row = row_of(sheet, "investor_profit")
    profit = float(results.metrics["investor_profit"][0])
    assert [row[1], row[3]] == pytest.approx([profit, profit], abs=0.005)  # half an øre
    assert row[2] == {"da": "kr., løbende priser", "en": "DKK, current prices"}[lang]
    assert row[5] == "OK"
    assert any(case_checksum(results.case)[:12] in text for text in said)
    nothing = {"da": "Alt i base casen følger input.", "en": "Everything in the base case"}
    assert any(text.startswith(nothing[lang]) for text in said)


def test_a_wrong_total_is_seen(tmp_path: Path) -> None:
    """A live total that is a krone off is not OK, on the front page and beside the simulation."""
    path = written(sib.load_case("holbaek").base_case(), tmp_path, wrong=True)
    book = openpyxl.load_workbook(path, data_only=True)
    assert row_of(book["Front"], "investor_profit")[5] == "DIFFERS"
    assert row_of(book["Simulation"], "investor_profit")[5] == "DIFFERS"
    assert row_of(book["Front"], "investor_npv")[5] == "OK"


def test_what_is_fixed_is_said(tmp_path: Path) -> None:
    """Every part that follows no input stands on the front page with its reason."""
    why = Words(da="Modellen er egen.", en="The model is of one's own.")
    path = written(sib.load_case("holbaek").base_case(), tmp_path, fixed=why)
    said = texts(openpyxl.load_workbook(path)["Front"])
    wanted = "Job, education or self-sufficiency (outcomes.job): The model is of one's own."
    assert wanted in said
    assert not any(text.startswith("Everything in the base case") for text in said)


def test_orange_cells_warn_once_inputs_change(tmp_path: Path) -> None:
    """The warning is a formula that the count of changes feeds; without orange cells none is."""
    case = sib.load_case("holbaek")

    def warnings(fixed: Words | None) -> list[str]:
        sheet = openpyxl.load_workbook(written(case.base_case(), tmp_path, fixed=fixed))["Front"]
        cells = (cell.value for row in sheet.iter_rows() for cell in row)
        return [each for each in cells if isinstance(each, str) and "orange cells do not" in each]

    (warning,) = warnings(Words(da="Egen.", en="Own."))
    assert re.fullmatch(r'=IF\(B\d+>0,"Inputs are changed, .*",""\)', warning)
    assert not warnings(None)


def test_simulated_figures_are_the_summary(tmp_path: Path) -> None:
    """Every statistic of every metric is the run's own; quartiles lie between their neighbours."""
    results = sib.load_case("holbaek").simulate(draws=DRAWS, rng=1)
    path = written(results, tmp_path)
    sheet = openpyxl.load_workbook(path, data_only=True)["Simulation"]
    summary = results.summary()
    for name, figures in summary.iterrows():
        row = row_of(sheet, str(name))
        assert row[3] == pytest.approx(figures["base"], nan_ok=True, rel=1e-12, abs=1e-9)
        if is_probability(str(name)):
            assert row[6] == pytest.approx(figures["mean"])
            continue
        for place, statistic in enumerate(STATISTICS, start=6):
            expected = figures.get(statistic)
            if expected is None:
                level = float(statistic.removeprefix("p")) / 100
                values = results.metrics[str(name)]
                filled = np.where(np.isnan(values), np.inf, values)
                never = np.isnan(values).any()
                method = "inverted_cdf" if str(name).endswith(("years", "year")) else "linear"
                expected = float(np.quantile(filled, level, method=method))  # type: ignore[call-overload]  # a name of a method
                assert not never or method == "inverted_cdf"
            if statistic == "mc_error" and str(name).endswith(("years", "year")):
                expected = float("nan")  # years come whole: the error of a median says nothing
            if np.isnan(expected):
                assert row[place] is None
            elif np.isinf(expected):
                assert row[place] == FRONT["never"].en
            else:
                assert row[place] == pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert {str(DRAWS), "1", case_checksum(results.case)} <= set(texts(sheet))


def test_a_base_case_says_that_nothing_was_simulated(tmp_path: Path) -> None:
    """Without draws there are no quantiles, and the sheet says why."""
    path = written(sib.load_case("holbaek").base_case(), tmp_path)
    said = texts(openpyxl.load_workbook(path, data_only=True)["Simulation"])
    assert any(text.startswith("Nothing was simulated") for text in said)
    assert "median" not in said


@pytest.mark.parametrize("text", ["=1+1", "+A1", "@SUM(A1)", "<b>x</b>", "\u202eabc", "x" * 10_000])
def test_text_of_a_case_stays_text(text: str, tmp_path: Path) -> None:
    """A hostile title stands on the front page as it is, and no formula comes of it."""
    case = sib.load_case("holbaek").with_({"title": text})
    sheet = openpyxl.load_workbook(written(case.base_case(), tmp_path))["Front"]
    cell = sheet["A1"]
    assert (cell.value, cell.data_type) == (text, "s")


@pytest.mark.office
@pytest.mark.slow
def test_a_changed_input_is_told(tmp_path: Path, soffice: str) -> None:
    """As written the recalculated checks say OK; after a change of an input they say so."""
    path = written(sib.load_case("holbaek").base_case(), tmp_path)
    names = openpyxl.load_workbook(path).defined_names
    sheet, _, place = names["capital_tranches_dsi_return_cap_rate"].attr_text.partition("!")
    as_written = recalculated(soffice, path, folder=tmp_path / "same")
    assert row_of(as_written["Front"], "investor_irr")[5] == "OK"
    changes = {(sheet, place.replace("$", "")): 0.01}
    changed = recalculated(soffice, path, folder=tmp_path / "new", changes=changes)
    assert row_of(changed["Front"], "investor_irr")[5] == "changed"
    assert row_of(changed["Front"], "inputs that are changed")[1] == 1
    sheet, _, place = names["delivery_volume"].attr_text.partition("!")
    high = place.replace("$", "").replace("B", "E")
    wider = recalculated(soffice, path, folder=tmp_path / "wide", changes={(sheet, high): 1.5})
    assert row_of(wider["Front"], "inputs that are changed")[1] == 1
