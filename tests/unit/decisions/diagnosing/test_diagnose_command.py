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
    assert result.stdout.count("p_paid_for_nothing") == 4
    assert result.stdout.count("type_s: share of significant estimates") == 1
    assert max(map(len, result.stdout.splitlines())) <= COLUMNS
    assert re.search(r"^paid_for_nothing +[0-9,]+±[0-9]+ ", result.stdout, re.MULTILINE)


def test_designs_that_pay_the_same_are_said_in_short() -> None:
    """Holbæk's line on jobs reads no comparison, so that three other designs change no money."""
    said = " ".join(evaluate("holbaek", "--measure", "job", *DRAWS).stdout.split())
    assert said.count("These designs lead to the same payment") == 1
    assert said.count(": if the intervention does nothing") == 1


def test_one_measure_in_danish() -> None:
    """Head, titles, numbers, sentences and legend; the same seed gives the same text."""
    words = ("holbaek", "--measure", "wellbeing", "--lang", "da", "--seed", "7", *DRAWS)
    result = evaluate(*words)
    assert result.exit_code == 0
    assert result.stdout == evaluate(*words).stdout
    said = " ".join(result.stdout.split())
    assert said.startswith("holbaek: betalingslinjer, der læser wellbeing: wellbeing; 256 forløb")
    assert "wellbeing, 180 deltagere, efter 12 måneder; beløb i 1.000 kr." in said
    assert re.search(r"coverage +0,\d{3}±0,\d{3} ", result.stdout)
    assert "casens eget evalueringsdesign (" in said
    assert "virker indsatsen ikke" in said
    assert "deserved: gennemsnitlig betaling, sandheden berettiger til" in said
    assert not re.search(r"\b(the|people|money|mean)\b", said)
    assert "job, 180 people" not in result.stdout


def test_other_numbers_of_people() -> None:
    """The option may be given again; one table for each number, in order."""
    result = evaluate("holbaek", "-m", "job", "--people", "400", "-p", "45", *DRAWS)
    assert result.exit_code == 0
    assert re.findall(r"job, (\d+) people", result.stdout) == ["45", "180", "400"]


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
        (("holbaek", "--draws", "1"), "draws: got 1; one course has no spread"),
        (("holbaek", "--people", "1"), "sizes: got 1; an evaluation of one person"),
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
