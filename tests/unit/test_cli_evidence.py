"""The command that shows the evidence that ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.evidence.influence import leave_one_out
from sibsim.evidence.meta import meta_analysis
from sibsim.evidence.shipped import findings, list_evidence, load_evidence
from tests.command_line import COLUMNS, fault_of, sibsim

NAMES = tuple(dict.fromkeys(list_evidence()["name"]))


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.chdir(tmp_path)


def shown(*words: str) -> str:
    """Return what the command says, on one line."""
    result = sibsim("evidence", *words)
    assert result.exit_code == 0
    return " ".join(result.stdout.split())


def test_the_list_names_every_table_and_how_many_studies_it_has() -> None:
    """Each with its interventions, outcomes and scales; what lacks an interval is counted."""
    said = sibsim("evidence").stdout
    assert [line for line in said.splitlines() if not line.startswith(" ")] == list(NAMES)
    assert "  - competitive employment, odds ratio: 18 studies, 4 without an interval" in said
    assert "  - stably housed, odds ratio: 1 study\n" in said
    assert "finding a job, hazard ratio: 1 study, 1 without an interval" in said
    assert "  multisystemic therapy (MST)\n  - out-of-home placement, odds ratio: 1 study\n" in said


@pytest.mark.parametrize("name", NAMES)
def test_every_table_shows_each_row_with_its_source(name: str) -> None:
    """Names, notes and addresses of all rows; nothing runs over the edge but an address."""
    result = sibsim("evidence", name)
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    for each in findings(name):
        assert each.study in said
        assert each.source_url in said
        assert f"({each.status})" in said
    long = [line for line in result.stdout.splitlines() if len(line) > COLUMNS]
    assert [line for line in long if "http" not in line] == []


def test_studies_are_put_together_as_in_python() -> None:
    """Weights, the mean and the next place in the table; the sentence of the Python call."""
    found = meta_analysis(load_evidence("ips-worldwide"))
    said = shown("ips-worldwide")
    assert found.sentence() in said
    table = found.table()
    for name in ("mean", "next place"):
        low, high = table.loc[name, ["low", "high"]]
        assert f"{low:.2f} to {high:.2f}" in said
    assert (
        f"1.88 to 2.64 {100 * found.weights[found.studies.names.index('Drake 2013')]:.1f}%" in said
    )


def test_leaving_one_out_stands_below() -> None:
    """A row for each study left out, and the sentence."""
    found = leave_one_out(load_evidence("ips-denmark"))
    said = shown("ips-denmark")
    assert found.sentence() in said
    _, below = said.split("without each study in turn")
    for name, row in found.table().iterrows():
        assert f"{name} {row['estimate']:.2f} {row['low']:.2f} to {row['high']:.2f}" in below


def test_what_a_reader_must_know_of_the_result_is_said_once() -> None:
    """Notes of the analysis follow its sentence; notes of studies stand beside them only."""
    said = shown("ips-denmark")
    assert said.count("tau^2 is estimated at 0, which does not show that places are alike") == 1
    assert said.count("the odds ratio of the counts without adjustment is 1.316") == 1


def test_one_study_is_shown_and_not_put_together() -> None:
    """Its own effect with a normal interval, and that it says nothing of differences."""
    said = shown("ips-denmark-30-months")
    # (158 / 85) / (127 / 112) = 1.639; error sqrt(1/158 + 1/85 + 1/127 + 1/112) = 0.1868.
    assert "1 study: odds ratio 1.64 (95 % confidence interval 1.14 to 2.36)" in said
    assert "mean over places" not in said


def test_of_several_outcomes_each_stands_alone() -> None:
    """What is measured in two ways is never put together."""
    said = shown("family-treatment")
    for effect in ("odds ratio 1.25", "standardised mean difference -1.06"):
        assert f"1 study: {effect}" in said


@pytest.mark.parametrize("name", ["mentoring", "ips-primary-care", "active-labour-market"])
def test_a_table_without_intervals_says_that_nothing_is_put_together(name: str) -> None:
    """Rows are shown, and why there is no result."""
    said = shown(name)
    assert "without an interval" in said
    assert "No studies here can be put together" in said


def test_danish_has_danish_sentences_and_numbers() -> None:
    """Titles, numbers and sentences; names, notes and sources stay as they are."""
    said = shown("ips-denmark", "--lang", "da")
    assert meta_analysis(load_evidence("ips-denmark")).sentence("da") in said
    assert "det næste sted 1,55 1,24 til 1,95" in said
    assert "146 ud af 243 mod 111 ud af 239, efter 18 måneder (antagelse)" in said
    assert "1,34 (0,86 til 2,1); 72 ud af 162" in said
    assert "39,2 %" in said
    assert "Bemærkninger, på engelsk: - 3 studies" in said
    assert "1 studie: oddsratio 1,64" in shown("ips-denmark-30-months", "--lang", "da")


def test_every_word_between_figures_has_its_danish() -> None:
    """The list and every table are shown in Danish too."""
    listed = shown("--lang", "da")
    assert "competitive employment, oddsratio: 18 studier, 4 uden interval" in listed
    for name in NAMES:
        assert "(published)" not in shown(name, "--lang", "da")


def test_bad_input_ends_with_a_plain_message() -> None:
    """A misspelt table names the nearest one; a language is Danish or English."""
    assert "did you mean 'ips-denmark'?" in fault_of("evidence", "ips-denmrk")
    assert "lang: got 'sv'" in fault_of("evidence", "ips-denmark", "--lang", "sv")
