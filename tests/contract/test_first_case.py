"""The tutorial is true: its commands, its changes of the file and what it says they print."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import docx
import pytest
import tomlkit
from tomlkit.items import Table

from tests.command_line import sibsim
from tests.pages import DOCS

PAGE = (DOCS / "first-case.md").read_text("utf-8")
PRINTED = dict(re.findall(r"<!-- output: ([\w-]+) -->\n\n```text\n(.*?)```", PAGE, re.DOTALL))
"""What the page says that each command prints."""

EDITS = re.findall(r"<!-- code: edit-\w+ -->\n\n```toml\n(.*?)```", PAGE, re.DOTALL)
"""Rows that the page asks to change, each with its section."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the case of the page as written by its command, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    (command,) = re.findall(r"^sibsim (new .*)$", PAGE, re.MULTILINE)
    words = [quoted or plain for quoted, plain in re.findall(r'"(.*?)"|(\S+)', command)]
    assert_prints(sibsim(*words).stdout, "new")
    return tmp_path / "koege.toml"


def assert_prints(found: str, name: str) -> None:
    """Assert that what the page says was printed, word for word, wherever lines break."""
    shown, printed = (" ".join(text.split()) for text in (PRINTED[name], found))
    assert shown in printed


def change(table: Table | tomlkit.TOMLDocument, *, rows: Mapping[str, object]) -> None:
    """Put other values into rows that are there."""
    for key, value in rows.items():
        assert key in table
        below = table[key]
        if isinstance(below, Table) and isinstance(value, Mapping):
            change(below, rows=value)
        else:
            table[key] = value


def edited(file: Path) -> None:
    """Change the file as the page asks."""
    document = tomlkit.parse(file.read_text("utf-8"))
    for rows in EDITS:
        change(document, rows=tomlkit.parse(rows))
    file.write_text(tomlkit.dumps(document), "utf-8")


def test_the_case_is_written_changed_and_checked(file: Path) -> None:
    """Five rows in four sections; then the check says what the page shows."""
    assert len(EDITS) == 4
    edited(file)
    assert_prints(sibsim("check", "koege.toml").stdout, "check")
    assert "payments.labour: pays also for what would have happened anyway" in PAGE
    assert "payments.labour: pays also for what would" in sibsim("check", "koege.toml").stdout


def test_mistakes_are_reported_as_shown(file: Path) -> None:
    """A negative price and a misspelt word, both at once."""
    text = file.read_text("utf-8")
    for right, wrong in (("[32_000,", "[-30_000,"), ('"achieved"', '"achived"')):
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    file.write_text(text, "utf-8")
    assert_prints(sibsim("check", "koege.toml").stderr, "faults")


@pytest.mark.slow
def test_the_run_and_the_tornado_print_what_is_shown(file: Path) -> None:
    """The table of risks, the answer party by party, and the first sentence of the tornado."""
    edited(file)
    run = sibsim("run", "koege.toml").stdout
    assert_prints(run, "run-risk")
    assert_prints(run, "run-answer")
    assert re.search(r"internal rate of return +2\.3%", run)
    assert "(the investor earns 2.3 % a year)" in PAGE
    assert_prints(sibsim("tornado", "koege.toml").stdout, "tornado")


def test_the_last_step_writes_a_memo_in_danish(file: Path) -> None:
    """What the page ends with: the memo of the case that it made, with a heading in Danish."""
    edited(file)
    (command,) = re.findall(r"^sibsim (report koege.toml .*docx.*)$", PAGE, re.MULTILINE)
    found = sibsim(*command.split(), "--draws", "64")
    assert found.exit_code == 0, found.output
    (path,) = found.stdout.split()
    memo = docx.Document(str(file.parent / path))
    assert "Svaret kort" in [each.text for each in memo.paragraphs]


def test_every_command_of_the_page_exists(file: Path) -> None:
    """What the page asks to type is a command of the program, with these options."""
    del file
    for command in re.findall(r"^sibsim (.+)$", PAGE, re.MULTILINE):
        name, *words = command.split()
        if name == "--version":
            continue
        shown = sibsim(name, "--help")
        assert shown.exit_code == 0, command
        options = [word for word in words if word.startswith("--")]
        assert all(option in shown.stdout for option in options), command
