"""`sibsim report` writes a workbook, a memo and a page, and reads an edited workbook back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import sibsim as sib
from tests.command_line import fault_of, sibsim

DRAWS = ("--draws", "64")


def test_all_formats_are_written_to_a_new_folder(tmp_path: Path) -> None:
    """Each file is named, and named after the case."""
    out = tmp_path / "memo"
    found = sibsim("report", "rudersdal", "--lang", "da", "--out", str(out), *DRAWS)
    assert found.exit_code == 0, found.output
    names = {"rudersdal.xlsx", "rudersdal.docx", "rudersdal.html"}
    assert {each.name for each in out.iterdir()} == names
    assert found.stdout.splitlines() == [
        str(out / f"rudersdal.{ending}") for ending in ("xlsx", "docx", "html")
    ]


def test_an_edited_workbook_takes_the_place_of_a_case(tmp_path: Path) -> None:
    """A changed price is in the new workbook; the command reads what the first one wrote."""
    case = sib.load_case("rudersdal")
    path = case.base_case().write_report(tmp_path / "own.xlsx", lang="da")
    book = openpyxl.load_workbook(path)
    place = str(book.defined_names["payments_satisfied_price"].attr_text)
    sheet, _, cell = place.partition("!")
    book[sheet][cell.replace("$", "")] = 1_234
    book.save(path)
    out = str(tmp_path / "again")
    found = sibsim("report", str(path), "-f", "xlsx", "-o", out, *DRAWS)
    assert found.exit_code == 0, found.output
    again = sib.case_from_workbook(tmp_path / "again" / "own.xlsx")
    assert again == case.with_({"payments.satisfied.price": 1_234})


def test_nothing_that_is_there_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workbook that is read is not written over, and a file is no folder; both at once."""
    monkeypatch.chdir(tmp_path)
    path = sib.load_case("rudersdal").base_case().write_report(tmp_path / "own.xlsx")
    before = path.read_bytes()
    said = "own.xlsx is the workbook that is read; name another folder"
    assert said in fault_of("report", "own.xlsx", *DRAWS)
    assert said in fault_of("report", "own.xlsx", "--out", ".", *DRAWS)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.docx"))
    assert "is a file; name a folder" in fault_of("report", "rudersdal", "--out", "own.xlsx")


def test_bad_input_ends_with_a_message(tmp_path: Path) -> None:
    """Unknown format, language, case and a file that is no workbook: no traceback, exit 2."""
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"no workbook")
    for arguments, message in (
        (["rudersdal", "-f", "pdf"], "--format: got 'pdf'"),
        (["rudersdal", "--lang", "dk"], "lang: got 'dk'"),
        (["rudersdahl"], "rudersdal"),
        ([str(broken)], "broken.xlsx"),
        (["rudersdal", "--draws", "0"], "draws: got 0"),
    ):
        assert message in fault_of("report", *arguments, "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
