"""A report is written whole or not at all, by the ending of its name."""

from __future__ import annotations

from pathlib import Path

import pytest

import sibsim as sib
from sibsim.reports import writing


@pytest.fixture(scope="module")
def base() -> sib.Results:
    """Return a base case, which is quick to report on."""
    return sib.load_case("rudersdal").base_case()


@pytest.mark.parametrize(
    ("ending", "begins"), [("xlsx", b"PK"), ("docx", b"PK"), ("html", b"<!DOCTYPE html>")]
)
def test_the_ending_says_what_is_written(
    base: sib.Results, tmp_path: Path, ending: str, begins: bytes
) -> None:
    """A folder that is not there is made; nothing but the file is left in it."""
    path = base.write_report(tmp_path / "new" / f"report.{ending}", lang="da")
    assert path.read_bytes().startswith(begins)
    assert [each.name for each in path.parent.iterdir()] == [f"report.{ending}"]


def test_capital_letters_in_the_ending_are_read(base: sib.Results, tmp_path: Path) -> None:
    """Windows writes them now and then."""
    assert base.write_report(tmp_path / "REPORT.HTML").is_file()


def test_an_unknown_ending_is_refused(base: sib.Results, tmp_path: Path) -> None:
    """The message says which endings there are, and nothing is written."""
    with pytest.raises(sib.UnknownNameError, match=r"'\.pdf'.*\.xlsx, \.docx or \.html"):
        base.write_report(tmp_path / "report.pdf")
    assert not list(tmp_path.iterdir())


def test_an_unknown_language_is_refused(base: sib.Results, tmp_path: Path) -> None:
    """Before anything is written."""
    with pytest.raises(sib.ArgumentError, match="lang: got 'dk'"):
        base.write_report(tmp_path / "report.html", lang="dk")
    assert not list(tmp_path.iterdir())


def test_what_is_there_stays_when_writing_fails(
    base: sib.Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk in the middle leaves the old file as it was, and nothing beside it."""
    path = tmp_path / "report.html"
    path.write_text("before", encoding="utf-8")

    def fails(_: object, target: Path, *, lang: str) -> None:
        target.write_text(f"half, {lang}", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "_writer", lambda _: fails)
    with pytest.raises(sib.FileError, match="No space left on device"):
        base.write_report(path)
    assert path.read_text(encoding="utf-8") == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_a_folder_in_the_way_is_said(base: sib.Results, tmp_path: Path) -> None:
    """A report does not replace a folder."""
    (tmp_path / "report.html").mkdir()
    with pytest.raises(sib.FileError, match=r"report\.html cannot be written"):
        base.write_report(tmp_path / "report.html")


def test_a_run_without_flows_has_no_report(tmp_path: Path) -> None:
    """The message says how to run it instead."""
    run = sib.load_case("rudersdal").simulate(draws=8, rng=1, keep="metrics")
    with pytest.raises(sib.ArgumentError, match="keep='flows'"):
        run.write_report(tmp_path / "report.html")


def test_a_settlement_has_no_report(tmp_path: Path) -> None:
    """What has happened is no expectation; the message says how to show it."""
    case = sib.load_case("rudersdal")
    settled = case.settle(
        [{"measure": "satisfied", "cohort": 1, "at_months": 3, "achieved": 0, "people": 10}]
    )
    with pytest.raises(sib.ArgumentError, match=r"print\(results\)"):
        settled.write_report(tmp_path / "report.html")
