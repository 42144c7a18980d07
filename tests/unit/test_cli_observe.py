"""The command that takes in what has really happened."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sibsim.case import Case
from sibsim.casefile import load_case, to_toml
from sibsim.forecast import observed
from sibsim.forecast.observations import KINDS
from tests.actuals import two_cohorts
from tests.command_line import COLUMNS, fault_of, sibsim

ACTUALS = """\
kind,cohort,people,measure,at_months,achieved,line,date,amount
started,1,50,,,,,,
result,1,50,job,12,15,,,
payment,,,,,,job,2025-05-20,100000
"""


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(to_toml(two_cohorts()), encoding="utf-8")
    Path("actuals.csv").write_text(ACTUALS, encoding="utf-8")


def test_observe_prints_warnings_tables_and_the_bridge() -> None:
    """Every line fits the terminal, and what is found is what Python finds."""
    shown = sibsim("observe", "small.toml", "actuals.csv", "-n", "256", "-s", "3")
    assert shown.exit_code == 0
    assert [line for line in shown.stdout.splitlines() if len(line) > COLUMNS] == []
    for title in (
        "probability to miss each goal",
        "what was observed beside the plan",
        "what was paid beside the contract",
        "uncertain quantities before and after",
        "from the plan to the re-forecast, by cause",
    ):
        assert title in shown.stdout
    plain = " ".join(shown.stdout.split())
    found = load_case("small.toml").observe("actuals.csv", rng=3)
    assert found.sentences(draws=256)[0] in plain
    assert found.bridge(draws=256).sentence() in plain


def test_observe_speaks_danish() -> None:
    """Titles, sentences and verdicts."""
    shown = sibsim("observe", "small.toml", "actuals.csv", "-n", "64", "--lang", "da").stdout
    assert "Målet »job«" in shown
    assert "usikre størrelser før og efter" in shown
    assert "job, hold 1, 12 måneder" in shown
    assert re.search(r"^alle linjer +2025Q2 +100\.000 +150\.000 +-50\.000$", shown, re.MULTILINE)
    assert "ikke nået" in shown
    assert "betalingsafvigelse" in shown


def test_figures_stand_beside_their_names_and_empty_columns_are_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line holds the name in words and the figures; the verdict is in the same block."""
    monkeypatch.setenv("COLUMNS", "100")
    shown = sibsim("observe", "small.toml", "actuals.csv", "-n", "64").stdout
    assert re.search(r"^started, cohort 1 +50 ", shown, re.MULTILINE)
    assert re.search(r"^job, cohort 1, 12 months +50 .* 0\.300 +\d+%$", shown, re.MULTILINE)
    assert re.search(r"^all lines +2025Q2 +100,000 +150,000 +-50,000$", shown, re.MULTILINE)
    learned = shown[shown.index("uncertain quantities before and after") :]
    assert re.search(
        r"^outcomes\.job\.counterfactual(: | +)(learned|a little)$", learned, re.MULTILINE
    )
    assert "cohort" not in learned[: learned.index("from the plan to")]
    assert not re.search(r"\de-\d", shown)


def test_help_names_every_kind_and_column_and_the_page() -> None:
    """So does the docstring of `Case.observe`."""
    listed = sibsim("observe", "--help").stdout
    for kind, model in KINDS.items():
        for name in (kind, *model.model_fields):
            assert name in listed
            assert name in str(Case.observe.__doc__)
    assert "docs/actuals.md" in listed


def test_a_file_that_is_there_is_found_before_anything_is_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So is a folder that is not there."""

    def learn(*_: object, **__: object) -> None:
        pytest.fail("it was computed first")

    monkeypatch.setattr(observed, "observe", learn)
    words = ("observe", "small.toml", "actuals.csv", "-o")
    assert "small.toml exists; name a new file" in fault_of(*words, "small.toml")
    assert "nowhere is no folder" in fault_of(*words, "nowhere/next.toml")


def test_the_updated_case_can_be_written() -> None:
    """It is a case; a file that is there is left alone."""
    done = sibsim("observe", "small.toml", "actuals.csv", "-n", "64", "-o", "next.toml")
    assert done.exit_code == 0
    assert load_case("next.toml").quantities["outcomes.job.counterfactual"].source == "observed"
    told = fault_of("observe", "small.toml", "actuals.csv", "-n", "64", "-o", "small.toml")
    assert "small.toml exists" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("small.toml", "actual.csv"), "there is no file actual.csv"),
        (("smal", "actuals.csv"), "smal"),
        (("holbaek", "wrong.csv"), "row 1.kind: got 'strted'"),
        (("small.toml", "actuals.csv", "-n", "0"), "draws"),
        (("small.toml", "actuals.csv", "-s", "-1"), "rng"),
        (("small.toml", "actuals.csv", "--lang", "sv"), "'sv'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_a_plain_message(words: tuple[str, ...], told: str) -> None:
    """The message names the way out; there is no traceback."""
    Path("wrong.csv").write_text("kind,cohort,people\nstrted,1,3\n", encoding="utf-8")
    assert told in fault_of("observe", *words)
