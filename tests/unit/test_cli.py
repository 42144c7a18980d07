"""The command line: readable at eighty columns, plain about faults, and always the right code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sibsim import cli, console
from sibsim.casefile import load_case, to_toml
from sibsim.core import catalogue
from sibsim.storage import load_results
from tests.command_line import COLUMNS, fault_of, sibsim

TEXT = catalogue.text("cases", "holbaek")


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.chdir(tmp_path)


def test_cases_lists_what_ships() -> None:
    """Each shipped case stands with its title, municipality, size and progress."""
    result = sibsim("cases")
    assert result.exit_code == 0
    assert "holbaek" in result.stdout
    assert "Holbæk Kommune, 180 people, 2024-2034, 3 of 3 phases complete" in result.stdout


def test_check_of_a_complete_case_succeeds() -> None:
    """A complete case is said to be complete and its assumptions are counted."""
    result = sibsim("check", "holbaek")
    assert result.exit_code == 0
    assert result.stdout.count(": complete") == 3
    assert re.search(r"figures: \d+, of which \d+ published and \d+ assumed", result.stdout)


def test_check_of_an_incomplete_case_fails(tmp_path: Path) -> None:
    """A case that lacks a section is read, and the check says which and exits with 1."""
    path = tmp_path / "part.toml"
    head, _, _ = TEXT.partition("[outcomes.job]")
    tail = TEXT[TEXT.index("[valuation]") :]
    path.write_text(head + tail)
    result = sibsim("check", str(path))
    assert result.exit_code == console.CHECK_FAILED
    told = " ".join(result.stdout.split())
    assert "missing: outcomes, payments, budget" in told
    assert "missing: measures, contract, capital" in told
    refusal = fault_of("run", str(path))
    assert "is not complete enough to be run" in refusal
    assert "`sibsim check`" in refusal


def test_run_prints_the_answers_and_saves_them() -> None:
    """A run prints goals, payments, returns, budgets, bad endings and assumptions."""
    result = sibsim("run", "holbaek", "--draws", "50", "--seed", "7")
    assert result.exit_code == 0
    for line in (
        "50 draws, seed 7",
        "what is achieved",
        "what is paid",
        "what the investor earns",
        "what public budgets gain",
        "the municipality ends below zero",
        "figures of the case are assumptions",
    ):
        assert line in result.stdout
    found = load_results("holbaek-results")
    assert (found.draws, found.seed) == (50, 7)


def test_two_files_of_one_case_do_not_share_a_folder(tmp_path: Path) -> None:
    """Results are named after the file, and a run that replaces results says so."""
    assert sibsim("run", "holbaek", "-n", "5", "-s", "7").exit_code == 0
    (tmp_path / "mine.toml").write_text(TEXT, encoding="utf-8")
    first = sibsim("run", "mine.toml", "-n", "5", "-s", "8")
    again = sibsim("run", "mine.toml", "-n", "5", "-s", "9")
    assert "replaced" not in first.stdout
    assert "replaced earlier ones" in " ".join(again.stdout.split())
    assert load_results("holbaek-results").seed == 7
    assert load_results("mine-results").seed == 9


@pytest.mark.parametrize(
    "words",
    [
        ("cases",),
        ("check", "holbaek"),
        ("run", "holbaek", "-n", "20"),
        ("explain", "holbaek", "--base"),
        ("explain", "holbaek"),
        ("--help",),
        ("run", "--help"),
    ],
    ids=" ".join,
)
def test_every_line_fits_the_terminal(words: tuple[str, ...]) -> None:
    """Nothing runs over the edge of eighty columns, and no value is cut off."""
    result = sibsim(*words)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= COLUMNS
    assert "…" not in result.stdout


def test_explain_walks_a_draw_of_a_saved_run() -> None:
    """A folder of results is explained with its own seed; a case with the seed given."""
    assert sibsim("run", "holbaek", "-n", "20", "-s", "7", "-o", "run").exit_code == 0
    saved = sibsim("explain", "run", "--draw", "13")
    again = sibsim("explain", "holbaek", "--draw", "13", "--seed", "7")
    assert saved.exit_code == again.exit_code == 0
    assert saved.stdout == again.stdout
    assert "draw 13 of seed 7" in saved.stdout
    assert "this run has draws 0 to 19" in fault_of("explain", "run", "--draw", "20")


def test_version_is_said() -> None:
    """`--version` gives the version."""
    assert re.fullmatch(r"sibsim \d+\.\d+\.\d+\S*\n", sibsim("--version").stdout)


@pytest.mark.parametrize(
    "words",
    [
        ("run", "holbaek", "--drws", "5"),
        ("run", "holbaek", "--draws", "many"),
        ("run",),
        ("nope",),
        ("explain", "holbaek", "--draw", "-1"),
    ],
    ids=" ".join,
)
def test_bad_options_are_refused_without_a_traceback(words: tuple[str, ...]) -> None:
    """The usage is shown, and the code is that of bad input."""
    assert "Usage" in fault_of(*words)


def test_all_bad_arguments_of_a_run_are_named_at_once() -> None:
    """Draws, seed and sampling are refused together, before anything is written."""
    message = fault_of("run", "holbaek", "-n", "0", "--seed", "-1", "--sampling", "dice")
    assert all(given in message for given in ("got 0", "got -1", "got 'dice'"))
    assert not Path("holbaek-results").exists()
    assert "multiple of 512" in sibsim("run", "--help").stdout or "512" in fault_of(
        "run", "holbaek", "-n", "100", "--sampling", "lhs"
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no file"),
        (b"", "is empty"),
        (b"\xff\xfe", "UTF-8"),
        (b"a = = 1", "not valid TOML"),
        (b"a = " + b"[" * 10_000, "too deep"),
        (TEXT.replace("price    = 12_000", "price = -1").encode(), "payments.fit_for_work.price"),
    ],
    ids=["missing", "empty", "not UTF-8", "not TOML", "deep", "fault"],
)
@pytest.mark.parametrize("command", ["check", "run", "explain"])
def test_a_bad_file_is_a_plain_message(
    tmp_path: Path, command: str, content: bytes | None, says: str
) -> None:
    """Whatever is wrong with the file, every command says so and exits with 2."""
    path = tmp_path / "case.toml"
    if content is not None:
        path.write_bytes(content)
    assert says in fault_of(command, str(path))
    assert not list(tmp_path.glob("*results*"))


def test_a_bad_folder_is_found_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for a run that cannot be saved."""

    def never(*_: object, **__: object) -> None:
        pytest.fail("the run began")

    monkeypatch.setattr("sibsim.simulate.simulate", never)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    assert "holds other files" in fault_of("run", "holbaek", "--out", "mine")
    assert "disk has" in fault_of("run", "holbaek", "--draws", "100000000")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


def test_a_damaged_folder_is_a_plain_message(tmp_path: Path) -> None:
    """Explaining a run whose files are damaged is refused."""
    assert sibsim("run", "holbaek", "-n", "5", "-o", "run").exit_code == 0
    (tmp_path / "run" / "metrics.npz").write_bytes(b"nothing")
    assert "holds damaged results" in fault_of("explain", "run")


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyboardInterrupt(), console.INTERRUPTED, ""),
        (MemoryError(), console.BAD_INPUT, "take fewer draws"),
    ],
)
def test_an_end_from_outside_is_quiet(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, says: str
) -> None:
    """Ctrl-C and a lack of memory end the command without a traceback or a folder."""

    def end(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("sibsim.simulate.simulate", end)
    result = sibsim("run", "holbaek")
    assert result.exit_code == code
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert not Path("holbaek-results").exists()


def command(*words: str, before: str = "", **options: str) -> subprocess.Popen[str]:
    """Start the command as a process of its own."""
    root = Path(cli.__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, "-c", f"{before}from sibsim.cli import main; main()", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(root), "COLUMNS": str(COLUMNS), **options},
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix matter")
def test_an_interrupted_process_leaves_nothing(tmp_path: Path) -> None:
    """A process that is interrupted in its run exits with 130, says nothing and leaves nothing."""
    interrupt = (
        "import os, signal, sibsim.simulate as s; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "
        "s.simulate = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT); "
    )
    with command("run", "holbaek", before=interrupt) as process:
        stdout, stderr = process.communicate()
    assert (process.returncode, stdout, stderr) == (console.INTERRUPTED, "", "")
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_without_danish_letters_is_served() -> None:
    """An ASCII terminal shows question marks instead of a traceback."""
    with command("cases", PYTHONIOENCODING="ascii", LC_ALL="C") as process:
        stdout, stderr = process.communicate()
    assert process.returncode == 0
    assert stderr == ""
    assert "Holb?k Kommune" in stdout


def test_brackets_in_titles_are_shown_as_they_are(tmp_path: Path) -> None:
    """A title that looks like markup is printed, not obeyed."""
    case = load_case("holbaek").with_({"title": "[/bold] [red]x", "outcomes.job.title": "[/y]"})
    path = tmp_path / "odd.toml"
    path.write_text(to_toml(case), encoding="utf-8")
    result = sibsim("run", str(path), "-n", "5")
    assert result.exit_code == 0
    assert "[/bold] [red]x" in result.stdout
    assert "[/y]" in result.stdout


def test_the_run_file_says_how_to_run_it_again(tmp_path: Path) -> None:
    """Seed, draws, sampling and versions stand in the folder."""
    assert sibsim("run", "holbaek", "-n", "512", "--sampling", "sobol", "-o", "run").exit_code == 0
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (run["draws"], run["seed"], run["sampling"]) == (512, cli.SEED, "sobol")


def test_payment_models_are_listed_and_explained() -> None:
    """Every model by name and rule; one with its keys, inner tables by their path."""
    listed = sibsim("payments")
    assert listed.exit_code == 0
    assert "rate_card\n  A price for each success" in listed.output
    one = sibsim("payments", "cliff")
    assert "conditions.at_least (required)" in one.output
    wrong = sibsim("payments", "clif")
    assert wrong.exit_code == console.BAD_INPUT
    assert "did you mean 'cliff'?" in wrong.output


def test_outcome_models_are_listed_and_explained() -> None:
    """Every model by name and meaning; one with its keys, beside those of every outcome."""
    listed = sibsim("outcomes")
    assert listed.exit_code == 0
    assert "binary\n  Outcome that a person has achieved or has not." in listed.output
    one = sibsim("outcomes", "binary")
    assert "given.odds_ratio (required with it)" in one.output
    assert "follow_up_months" not in one.output.split("\n\n")[-1]
    wrong = sibsim("outcomes", "binry")
    assert wrong.exit_code == console.BAD_INPUT
    assert "no outcome model 'binry'; did you mean 'binary'?" in " ".join(wrong.output.split())


def test_a_case_is_no_deal() -> None:
    """A shipped name of the other kind says which command takes it."""
    for words, way_out in (
        (["settle", "holbaek"], "use `sibsim run`"),
        (["run", "newpin"], "use `sibsim settle`"),
        (["settle", "none.toml"], "`sibsim deals` lists what ships"),
    ):
        found = sibsim(*words)
        assert found.exit_code == console.BAD_INPUT
        assert way_out in " ".join(found.output.split())


def test_published_figures_are_compared_deal_by_deal() -> None:
    """Exit 0 as no binding figure is missed; the counterexample is shown as missed."""
    found = sibsim("replicate", "newpin", "cuyahoga")
    assert found.exit_code == 0
    assert "coupon of year 2" in found.output
    assert "missed" in found.output
    assert "0 forward or boundary figures graded A are missed" in found.output


def test_designs_are_listed_and_shown() -> None:
    """All of the family; of one, its keys with the values they may have and plain defaults."""
    listed = sibsim("designs").stdout.split()
    assert {"verification", "stepped_wedge", "combined"} <= set(listed)
    shown = " ".join(sibsim("designs", "regression_discontinuity").stdout.split())
    assert "assignment (required) How the score is spread over people. One of `normal`," in shown
    assert "attrition (treated = 0, control = 0)" in sibsim("designs", "randomised").stdout
    assert "did you mean 'randomised'" in fault_of("designs", "randomized")
