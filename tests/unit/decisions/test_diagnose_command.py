"""The command `sibsim evaluate`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sibsim import cli, console
from sibsim.casefile import to_toml
from tests.small_case import TRIAL, VERIFIED, small_case

COLUMNS = 80
DRAWS = ("--draws", "256")


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.chdir(tmp_path)


def evaluate(*words: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.app, ["evaluate", *words])


def test_every_measure_that_is_paid_by() -> None:
    """Three tables and their sentences for Holbæk, each with three other designs."""
    result = evaluate("holbaek", *DRAWS)
    assert result.exit_code == 0
    for measure, at in (("job", 24), ("fit_for_work", 12), ("wellbeing", 12)):
        assert f"payment lines that read {measure}: {measure}; 256" in result.stdout
        assert f"{measure}, 180 people, at {at} months" in result.stdout
    assert result.stdout.count("p_paid_for_nothing") == 3
    assert max(map(len, result.stdout.splitlines())) <= COLUMNS
    assert re.search(r"^paid_for_nothing +[0-9,]+±[0-9]+ ", result.stdout, re.MULTILINE)


def test_one_measure_in_danish() -> None:
    """Sentences in Danish; the same seed gives the same text."""
    words = ("holbaek", "--measure", "wellbeing", "--lang", "da", "--seed", "7", *DRAWS)
    result = evaluate(*words)
    assert result.exit_code == 0
    assert result.stdout == evaluate(*words).stdout
    assert "virker indsatsen ikke" in " ".join(result.stdout.split())
    assert "p_paid_for_nothing" in result.stdout
    assert "job, 180 people" not in result.stdout


def test_a_file(tmp_path: Path) -> None:
    """A case file of one's own, and a design that its line cannot read."""
    path = tmp_path / "small.toml"
    path.write_text(to_toml(small_case(design=TRIAL)), encoding="utf-8")
    result = evaluate("small.toml", *DRAWS)
    assert result.exit_code == 0
    assert "job, 100 people, at 12 months" in result.stdout
    assert VERIFIED["design"] not in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("holbaek", "--measure", "wellbein"), "did you mean 'wellbeing'"),
        (("holbaek", "--lang", "sv"), "lang: got 'sv'; it is one of da, en"),
        (("holbaek", "--draws", "0"), "draws: got 0"),
        (("holbaek", "--seed", "-1"), "rng: got -1"),
        (("holbek",), "holbaek"),
    ],
)
def test_bad_input(words: tuple[str, ...], message: str) -> None:
    """Exit code 2, a plain message, nothing on standard output."""
    result = evaluate(*words)
    assert result.exit_code == console.BAD_INPUT
    assert isinstance(result.exception, SystemExit)
    assert message in result.stderr
    assert result.stdout == ""
