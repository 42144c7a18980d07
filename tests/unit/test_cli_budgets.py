"""The commands of a municipality: budget tables, ways of paying, new cases, dated rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.casefile import load_case
from tests.command_line import COLUMNS, fault_of, sibsim


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        ("budget", "holbaek", "-n", "64", "--year", "2025", "--prices", "wages"),
        ("budget", "holbaek", "-n", "64", "--party", "state", "--lang", "da"),
        ("compare", "holbaek", "-n", "64", "--lang", "da"),
        ("compare", "holbaek", "-n", "64", "--grant", "0.1"),
        ("rules", "dk-shelter-refund"),
    ],
    ids=" ".join,
)
def test_every_line_fits_the_terminal(words: tuple[str, ...]) -> None:
    """Nothing runs over the edge of eighty columns but an address, which is never broken."""
    result = sibsim(*words)
    assert result.exit_code == 0
    long = [line for line in result.stdout.splitlines() if len(line) > COLUMNS]
    assert [line for line in long if "http" not in line] == []


def test_budget_prints_the_tables_of_a_memo() -> None:
    """The unit stands first; every table follows, with the figures of the Python call."""
    shown = sibsim("budget", "holbaek", "-n", "64", "-s", "3", "--year", "2025").stdout
    assert "1,000 DKK" in shown
    for title in ("service ceiling", "who saves", "suffices with 80%"):
        assert title in shown
    results = load_case("holbaek").simulate(draws=64, rng=3)
    net = float(results.municipal_budget(budget_year=2025).totals()["total"]["mean"])
    assert f"{net:,.0f}" in shown


def test_expenses_can_be_positive() -> None:
    """The sign turns every amount round."""
    saved = sibsim("budget", "holbaek", "-n", "64").stdout
    spent = sibsim("budget", "holbaek", "-n", "64", "--expense-positive").stdout
    assert "P(net < 0)" in saved
    assert "P(net > 0)" in spent


def test_compare_says_the_price_and_the_trade() -> None:
    """Each figure of the five ways, then the price in parts, then sentences."""
    shown = " ".join(sibsim("compare", "holbaek", "-n", "64").stdout.split())
    for part in ("own_money", "no_cure_no_pay", "price, premium", "With own money"):
        assert part in shown


def test_new_writes_a_case_that_runs() -> None:
    """The file is the case; an existing file is left alone."""
    made = sibsim("new", "school", "mine.toml", "-m", "Køge Kommune", "-n", "60")
    assert made.exit_code == 0
    case = load_case(Path("mine.toml"))
    assert case.target_group is not None
    assert case.target_group.size.base_value == 60
    before = Path("mine.toml").read_text(encoding="utf-8")
    assert "mine.toml" in fault_of("new", "school", "mine.toml", "-m", "Køge", "-n", "90")
    assert Path("mine.toml").read_text(encoding="utf-8") == before


def test_rules_are_listed_by_day() -> None:
    """With a day only what holds on it, with its source."""
    every = sibsim("rules", "dk-shelter-refund.days").stdout
    one = sibsim("rules", "dk-shelter-refund.days", "--on", "2026-04-01").stdout
    assert every.count("dk-shelter-refund.days:") == 3
    assert "dk-shelter-refund.days: 90" in one
    assert "https://" in one


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("budget", "holbaek", "--party", "municipalty"), "did you mean 'municipality'"),
        (("budget", "holbaek", "-n", "8", "--prices", "wage"), "wages"),
        (("budget", "holbaek", "-n", "8", "--probability", "2"), "probability"),
        (("budget", "holbaek", "-n", "8", "--lang", "sv"), "'sv'"),
        (("compare", "holbaek", "-n", "8", "--grant", "-1"), "grant"),
        (("new", "schol", "x.toml", "-m", "Køge", "-n", "60"), "did you mean 'school'"),
        (("new", "school", "x.toml", "-m", "Køge", "-n", "0"), "size"),
        (("rules", "dk-sheltr"), "dk-shelter"),
        (("rules", "dk-shelter", "--on", "tomorrow"), "2026-04-01"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_a_plain_message(words: tuple[str, ...], told: str) -> None:
    """The message names the way out; there is no traceback."""
    assert told in fault_of(*words)
