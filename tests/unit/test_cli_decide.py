"""The commands that ask what to decide: price, break-even, tornado."""

from __future__ import annotations

from pathlib import Path

import pytest

import sibsim as sib
from tests.command_line import COLUMNS, fault_of, sibsim

FEW = ("-n", "128", "-s", "3")
NO_LOSS = ("--investor", "mean investor_profit >= 0")


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.chdir(tmp_path)


def shown_by(*words: str) -> str:
    """Return what a command prints, on one line."""
    result = sibsim(*words)
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if len(line) > COLUMNS] == []
    return " ".join(result.stdout.split())


def test_price_says_the_corridor() -> None:
    """The sentences of the Python call, in the language asked for."""
    shown = shown_by("price", "holbaek", "payments.job.price", *NO_LOSS, *FEW, "--lang", "da")
    found = sib.decisions.price_corridor(
        sib.load_case("holbaek"),
        "payments.job.price",
        investor=NO_LOSS[1],
        draws=128,
        rng=3,
    )
    assert all(sentence in shown for sentence in found.sentences("da"))


def test_several_prices_move_together_and_openings_are_said() -> None:
    """Every TERM is taken; a hurdle above the cap on the return opens with the cap."""
    prices = ("payments.job.price", "payments.wellbeing.price")
    hurdle = ("--investor", "median investor_irr >= 0.08")
    shown = shown_by("price", "holbaek", *prices, *hurdle, *FEW, "--openings")
    assert "and another in proportion" in shown
    assert "A zone opens if" in shown


def test_break_even_takes_drivers_and_target() -> None:
    """Only the drivers asked for are said, for the figure asked for."""
    shown = shown_by("break-even", "holbaek", "-d", "costs", *FEW)
    assert "cost" in shown
    assert "participants on" not in shown
    asked = ("-f", "P(municipality_net < 0)", "-t", "0.25", "-d", "participants")
    assert "25 %" in shown_by("break-even", "holbaek", *asked, *FEW)


def test_tornado_prints_every_quantity() -> None:
    """The sentences and one row per uncertain quantity."""
    shown = shown_by("tornado", "holbaek", "-f", "mean investor_profit", *FEW)
    case = sib.load_case("holbaek")
    uncertain = [path for path, each in case.quantities.items() if not each.is_fixed]
    assert all(path in shown for path in uncertain)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("price", "holbaek", "payments.jobb.price", *NO_LOSS), "payments.job.price"),
        (("price", "holbaek", "payments.job.price", "--investor", "irr > 4"), "condition"),
        (("break-even", "holbaek", "-f", "mean municipality_nett"), "municipality_net"),
        (("tornado", "holbaek", "-f", "mean investor_irr"), "median investor_irr"),
        (("tornado", "holbaek", "--lang", "se"), "lang"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_bad_input_ends_plainly(words: tuple[str, ...], says: str) -> None:
    """Exit 2 with a way out, and nothing printed."""
    assert says in fault_of(*words)
