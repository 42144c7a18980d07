"""A workbook that was changed is read back as the case that it now describes, or not at all."""

from __future__ import annotations

import struct
import tomllib
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook

import sibsim as sib
from sibsim.case import Case
from sibsim.casefile import build, shipped_cases
from sibsim.core import catalogue
from sibsim.core.wording import Language
from sibsim.errors import CaseError, FileError
from sibsim.reports.workbook import opening
from sibsim.reports.workbook.case_text import write_case_text
from sibsim.reports.workbook.inputs import write_inputs
from sibsim.reports.workbook.reading import case_from_workbook
from sibsim.reports.workbook.sheets import Book
from tests.office import converted

Places = Mapping[str, int]
"""Rows of parameters, as a program counts them."""


def written(case: Case, folder: Path, *, lang: Language = "en") -> tuple[Path, Places]:
    """Write the two sheets that a case is read from."""
    book = Book(folder / "case.xlsx", lang)
    inputs = write_inputs(book, case)
    write_case_text(book, case)
    inputs.finish(all_follows=True)
    book.file.close()
    return book.path, {path: row + 1 for path, row in inputs.places.items()}


def edited(
    folder: Path, change: Callable[[Workbook, Places], None], *, name: str = "holbaek"
) -> Path:
    """Write a workbook of a case, change it as a program would, and return its file."""
    path, places = written(sib.load_case(name), folder)
    book = openpyxl.load_workbook(path)
    change(book, places)
    book.save(path)
    return path


def with_cells(folder: Path, cells: Mapping[tuple[str, str], Any]) -> Path:
    """Return the file of Holbæk with other cells, by path and column."""

    def change(book: Workbook, places: Places) -> None:
        for (path, column), content in cells.items():
            book["Inputs"][f"{column}{places[path]}"] = content

    return edited(folder, change)


def faults(path: Path) -> list[str]:
    """Return the faults with which a workbook is refused."""
    with pytest.raises(CaseError) as caught:
        case_from_workbook(path)
    return [str(fault) for fault in caught.value.faults]


def refusal(path: Path) -> str:
    """Return the words with which a file is refused."""
    with pytest.raises(FileError) as caught:
        case_from_workbook(path)
    return str(caught.value)


@pytest.mark.parametrize("name", shipped_cases())
def test_an_untouched_workbook_is_the_case(name: str, tmp_path: Path) -> None:
    """Every shipped case comes back equal, its file too, from both languages."""
    case = sib.load_case(name)
    for lang in ("da", "en"):
        found = case_from_workbook(written(case, tmp_path, lang=lang)[0])
        assert found == case
        assert found.document == case.document


@pytest.mark.office
def test_a_workbook_saved_by_libreoffice_is_the_case(soffice: str, tmp_path: Path) -> None:
    """LibreOffice keeps text, numbers, dates and the formula of values as they are."""
    case = sib.load_case("guldborgsund")
    path, _ = written(case, tmp_path, lang="da")
    saved = converted(soffice, path, to="xlsx", folder=tmp_path / "office")
    assert case_from_workbook(saved) == case


def test_changed_cells_are_the_changed_case(tmp_path: Path) -> None:
    """Certain values, numbers, dates and defaults give the base case of the same changes."""
    changes = {
        "delivery.volume": 0.9,
        "target_group.size": 200,
        "outcomes.job.persistence": 0.7,
        "payments.job.price.1": 25_000,
        "contract.payment_lag_months": 3,
        "contract.last_payment": date(2029, 6, 30),
        "delivery.cohorts.1.start": date(2024, 8, 1),
        "delivery.finish_delay": 2,
        "indices.wages.per_year": 0.04,
        "budget.benefit.lasts.between_people.p90": 80,
    }
    found = case_from_workbook(
        with_cells(tmp_path, {(path, "B"): value for path, value in changes.items()})
    )
    expected = sib.load_case("holbaek").with_(changes)
    assert {name: float(value[0]) for name, value in found.base_case().metrics.items()} == {
        name: pytest.approx(float(value[0]), rel=1e-12, nan_ok=True)
        for name, value in expected.base_case().metrics.items()
    }
    assert found.document["delivery"]["volume"] == {
        "value": 0.9,
        "unit": "reached / planned participants",
        "note": "changed in the workbook",
    }
    assert isinstance(found.document["contract"]["payment_lag_months"], int)
    assert isinstance(found.document["target_group"]["size"]["value"], int)


def test_a_certain_effect_keeps_its_scale(tmp_path: Path) -> None:
    """What an effect states beside its distribution stays; source and status go."""
    found = case_from_workbook(with_cells(tmp_path, {("outcomes.job.effect", "B"): 1.5}))
    assert found.document["outcomes"]["job"]["effect"] == {
        "scale": "odds_ratio",
        "measured_at_months": 18,
        "unit": "odds ratio",
        "value": 1.5,
        "note": "changed in the workbook",
    }


def test_changed_quantiles_are_the_new_distribution(tmp_path: Path) -> None:
    """Low, base and high become 10, 50 and 90 %, and the value follows the base."""
    path = "delivery.completion"
    found = case_from_workbook(with_cells(tmp_path, {(path, "C"): 0.5, (path, "D"): 0.7}))
    quantity = found.quantities[path]
    assert quantity.base_value == 0.7
    assert {
        key: found.document["delivery"]["completion"][key] for key in ("p10", "p50", "p90")
    } == {
        "p10": 0.5,
        "p50": 0.7,
        "p90": 0.88,
    }


def test_all_faults_are_said_with_path_and_cell(tmp_path: Path) -> None:
    """Text, nothing, a truth value, a grey cell, both ways at once and a number for a date."""
    found = faults(
        with_cells(
            tmp_path,
            {
                ("payments.job.price.0", "B"): "16.000 kr.",
                ("payments.job.price.1", "B"): None,
                ("delivery.programme_months", "B"): True,
                ("delivery.volume", "E"): 1.5,
                ("delivery.completion", "B"): 0.6,
                ("delivery.completion", "C"): 0.5,
                ("contract.last_payment", "B"): "end of 2029",
                ("start", "B"): date(2025, 1, 1),
            },
        )
    )
    text = "\n".join(found)
    assert len(found) == 7, text
    assert "payments.job.price.0: got '16.000 kr.', text; it must be a number" in text
    assert "payments.job.price.1: is empty; it was 22000" in text
    assert "delivery.programme_months: got true; it must be a number" in text
    assert "delivery.volume: got 1.5 in a grey cell" in text
    assert "delivery.completion: got a value beside other quantiles (0.5)" in text
    assert "contract.last_payment: got 'end of 2029'; it must be a date" in text
    assert "start: got 2025-01-01 in a grey cell" in text
    assert all(fault.startswith("Inputs!") for fault in found)


def test_faults_of_the_case_name_the_cell(tmp_path: Path) -> None:
    """What the case file refuses is refused in its words, with the cell, all at once."""
    path = with_cells(
        tmp_path, {("payments.job.price.0", "B"): -5000, ("delivery.cohorts.0.share", "B"): 0.5}
    )
    found = faults(path)
    places = written(sib.load_case("holbaek"), tmp_path)[1]
    price = f"Inputs!B{places['payments.job.price.0']} payments.job.price: got -"
    assert any(each.startswith(price) for each in found), found
    assert any("delivery" in each and "sum to 1.3" in each for each in found), found


def test_a_formula_of_the_user_is_read_by_its_result(tmp_path: Path) -> None:
    """A result that no program has worked out is asked for; an own formula is no change."""
    cells = {("payments.job.price.0", "B"): "=8000*2.5"}
    assert "formula without a result" in faults(with_cells(tmp_path, cells))[0]
    same = {("delivery.completion", "B"): "=0.5+0.1"}
    places = written(sib.load_case("holbaek"), tmp_path)[1]
    own = {("delivery.completion", "B"): f"=+Inputs!$D${places['delivery.completion']}"}
    assert case_from_workbook(with_cells(tmp_path, own)) == sib.load_case("holbaek")
    assert "formula without a result" in faults(with_cells(tmp_path, same))[0]


@pytest.mark.office
def test_a_result_of_libreoffice_is_read(soffice: str, tmp_path: Path) -> None:
    """What LibreOffice finds a formula to be is the changed value."""
    path = with_cells(tmp_path, {("payments.job.price.0", "B"): "=8000*2.5"})
    saved = converted(soffice, path, to="xlsx", folder=tmp_path / "office")
    assert case_from_workbook(saved).document["payments"]["job"]["price"][0] == 20_000


def test_rows_that_are_gone_or_doubled_are_told(tmp_path: Path) -> None:
    """A deleted row, a doubled path and an unknown one are faults, all at once."""

    def change(book: Workbook, places: Places) -> None:
        sheet = book["Inputs"]
        sheet[f"J{places['payments.wellbeing.price']}"] = "payments.job.price.0"
        sheet[f"J{places['payments.fit_for_work.price']}"] = "payments.other.price"

    text = "\n".join(faults(edited(tmp_path, change)))
    assert "has a second row for payments.job.price.0" in text
    assert "got 'payments.other.price'; the case has no such parameter" in text
    assert "payments.wellbeing.price: has no row on the sheet Inputs any more" in text
    assert "payments.fit_for_work.price: has no row" in text


def test_rows_and_columns_may_be_moved(tmp_path: Path) -> None:
    """An inserted row and column change nothing but where cells are."""

    def change(book: Workbook, places: Places) -> None:
        sheet = book["Inputs"]
        row = places["payments.job.price.0"]
        sheet[f"B{row}"] = 17_000
        for formula in (cell for cells in sheet["B"] for cell in [cells]):
            if formula.data_type == "f":
                formula.value = f"=E{formula.row + 1}"
        sheet.insert_cols(2)
        sheet.insert_rows(3)

    found = case_from_workbook(edited(tmp_path, change))
    assert found == sib.load_case("holbaek").with_({"payments.job.price.0": 17_000})


def test_the_text_of_the_case_file_may_be_edited(tmp_path: Path) -> None:
    """What stands on the sheet of the case file counts, and changes of inputs come on top."""

    def change(book: Workbook, places: Places) -> None:
        for row in book["CaseFile"].iter_rows(max_col=1):
            if row[0].value == "price = 12000":
                row[0].value = "price = 13500"
        book["Inputs"][f"B{places['payments.wellbeing.price']}"] = 7_000

    found = case_from_workbook(edited(tmp_path, change))
    assert found.document["payments"]["fit_for_work"]["price"] == 13_500
    assert found.document["payments"]["wellbeing"]["price"] == 7_000


def test_hostile_texts_come_back_as_they_were(tmp_path: Path) -> None:
    """Long lines, marks, escapes of Office Open XML and forbidden characters are kept exactly."""
    document = tomllib.loads(catalogue.text("cases", "holbaek"))
    note = "=1+1\n@x\r\t\u202e <b> _x0041_ _x005F_ \x01 \x7f \ufffe \U0001f600" + "'\"\\ " * 4_000
    document["delivery"]["note"] = note
    case = build(document)
    found = case_from_workbook(written(case, tmp_path)[0])
    assert found.document["delivery"]["note"] == note
    assert found == case


def test_sheets_and_columns_that_are_gone_are_named(tmp_path: Path) -> None:
    """A renamed or missing sheet, a missing column and broken text say what to do."""

    def rename(book: Workbook, _: Places) -> None:
        book["Inputs"].title = "Mine"

    def drop(book: Workbook, _: Places) -> None:
        del book["CaseFile"]

    def cut(book: Workbook, _: Places) -> None:
        book["Inputs"].delete_cols(3)

    def garble(book: Workbook, _: Places) -> None:
        book["CaseFile"]["A1"] = "schema = = 1"

    assert "has no sheet Input or Inputs" in refusal(edited(tmp_path, rename))
    assert "has no sheet Sagsfil or CaseFile" in refusal(edited(tmp_path, drop))
    assert "has no column 'low (10 %)'" in refusal(edited(tmp_path, cut))
    assert "sheet CaseFile is not valid TOML" in refusal(edited(tmp_path, garble))


def test_files_that_are_no_workbook_are_refused(tmp_path: Path) -> None:
    """Nothing there, a folder, text, a locked workbook, another archive, another workbook."""
    assert "there is no file gone.xlsx" in refusal(tmp_path / "gone.xlsx")
    assert "is a folder" in refusal(tmp_path)
    other = tmp_path / "other.xlsx"
    other.write_text("what;not\n")
    assert "cannot be read as a workbook" in refusal(other)
    other.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    assert "has a password" in refusal(other)
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "cannot be read as a workbook" in refusal(other)
    Workbook().save(other)
    assert "no workbook that sibsim wrote" in refusal(other)


def test_what_would_fill_the_memory_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is large, unpacks to too much or declares entities is not opened."""
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(200_000_000))
    assert "unpacks to 200 MB" in refusal(bomb)
    path, _ = written(sib.load_case("holbaek"), tmp_path)
    evil = tmp_path / "evil.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(evil, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            if part.endswith("workbook.xml"):
                text = text.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "a">]>', 1)
            new.writestr(part, text)
    assert "document type" in refusal(evil)
    monkeypatch.setattr(opening, "LARGEST_BYTES", 1_000)
    assert "has at most" in refusal(path)


def test_damaged_files_are_refused_without_a_traceback(tmp_path: Path, seed: int) -> None:
    """Bytes that are lost or changed give the case, or one of our own errors, and nothing else."""
    case = sib.load_case("vordingborg")
    path, _ = written(case, tmp_path)
    whole = path.read_bytes()
    damaged = tmp_path / "damaged.xlsx"
    state, refused = seed, 0
    for _ in range(40):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        place = (state >> 20) % len(whole)
        cut = state % 3 == 0
        spoilt = struct.pack("<Q", state)
        damaged.write_bytes(
            whole[:place] if cut else whole[:place] + spoilt + whole[place + len(spoilt) :]
        )
        try:
            found = case_from_workbook(damaged)
        except (FileError, CaseError):
            refused += 1
        else:
            assert found == case
    assert refused > 0
