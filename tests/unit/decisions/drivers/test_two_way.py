"""A figure over a grid: corners are ends, terms are re-priced, plans are simulated again."""

from __future__ import annotations

from typing import Any

import pytest

import sibsim as sib
from sibsim.decisions.conditions import figure
from sibsim.decisions.drivers.axis import FACTORS, LEVELS
from sibsim.decisions.drivers.ends import ends_of
from sibsim.decisions.drivers.grid import two_way
from sibsim.decisions.drivers.one_way import tornado
from sibsim.errors import ArgumentError, CaseError, UnknownNameError
from tests.unit.decisions.drivers.two_costs import EXACT, A, B, two_costs

DRAWS = 64
"""Few draws: cells are compared with runs to the bit."""

PRICE, SIZE, EFFECT = "payments.job.price", "target_group.size", "outcomes.job.effect"

NET = figure("mean municipality_net")


def simulated(case: sib.Case, seed: int) -> float:
    """Return the mean net of a whole simulation."""
    run = case.simulate(draws=DRAWS, rng=seed, progress=False)
    return NET.of(run.metric("municipality_net")).value


def test_a_term_at_its_present_value_gives_the_ends_of_the_tornado(seed: int) -> None:
    """With today's price the outer levels of a quantity are both ends of its bar, to the bit."""
    case = sib.load_case("holbaek")
    found = two_way(case, EFFECT, PRICE, draws=DRAWS, rng=seed)
    (bar,) = tornado(case, draws=DRAWS, rng=seed, quantities=[EFFECT]).bars
    assert found.x.levels == ends_of(case.quantities[EFFECT], LEVELS)
    assert found.y.levels == tuple(16_000 * factor for factor in FACTORS)
    cells = {(cell.x, cell.y): cell for cell in found.cells}
    for end in (bar.low, bar.high):
        cell = cells[end.quantity, 16_000]
        assert cell.figure == end.figure
        assert cell.change == end.change


def test_two_quantities_of_a_linear_case_add_up(seed: int) -> None:
    """The change in a cell is the sum of what each of both costs does alone."""
    case = two_costs()
    found = two_way(case, A, B, draws=DRAWS, rng=seed)
    alone = {bar.path: bar for bar in tornado(case, draws=DRAWS, rng=seed).bars}
    corner = found.cells[0]
    assert (corner.x, corner.y) == (alone[A].low.quantity, alone[B].low.quantity)
    together = alone[A].low.change.value + alone[B].low.change.value
    assert corner.change.value == pytest.approx(together, abs=EXACT)
    last = found.cells[-1]
    apart = (last.x - corner.x) + (last.y - corner.y)
    assert last.figure.value - corner.figure.value == pytest.approx(-apart, abs=EXACT)


def test_cells_are_whole_simulations_of_the_changed_case(seed: int) -> None:
    """A size, a price and a fixed quantity are those of the case with both, on the same seed."""
    case = sib.load_case("holbaek")
    at: dict[str, list[float]] = {SIZE: [90, 180], PRICE: [8_000, 16_000]}
    found = two_way(case, PRICE, SIZE, at=at, draws=DRAWS, rng=seed)
    for cell in found.cells:
        prices = [cell.x, cell.x * 22 / 16, cell.x * 22 / 16]
        changed = case.with_({PRICE: prices, SIZE: cell.y})
        assert cell.figure.value == simulated(changed, seed)
    assert found.reference.value == found.cells[-1].figure.value == simulated(case, seed)
    team, benefit = "costs.team.amount", "budget.benefit.amount.value"
    found = two_way(
        case, team, benefit, at={team: [2e6], benefit: [10_000, 12_326]}, draws=DRAWS, rng=seed
    )
    for cell in found.cells:
        changed = case.with_({team: cell.x, benefit: cell.y})
        assert cell.figure.value == simulated(changed, seed)
    lag, price = "budget.benefit.lag_months", "payments.wellbeing.price"
    found = two_way(case, lag, price, at={lag: [13], price: [4_000]}, draws=DRAWS, rng=seed)
    changed = case.with_({lag: 13, price: 4_000})
    assert simulated(changed, seed) != simulated(case.with_({price: 4_000}), seed)
    assert found.cells[0].figure.value == simulated(changed, seed)


def test_a_quantity_in_a_changed_plan_is_set_there(seed: int) -> None:
    """A quantity is set in the worlds of the other size, not in those of the case."""
    case = sib.load_case("holbaek")
    found = two_way(case, SIZE, EFFECT, at={SIZE: [90], EFFECT: [1.2]}, draws=DRAWS, rng=seed)
    stated = {**case.document["outcomes"]["job"]["effect"], "value": 1.2}
    for key in ("dist", "log_mean", "log_sd"):
        del stated[key]
    assert found.cells[0].figure.value == simulated(case.with_({SIZE: 90, EFFECT: stated}), seed)


def test_table_and_frame_hold_the_same_cells(seed: int) -> None:
    """The pivot has `x` in rows and `y` in columns; the frame has a row per cell and errors."""
    at = {A: [250e3, 200e3, 350e3], B: [210e3, 390e3]}
    found = two_way(two_costs(), A, B, at=at, draws=DRAWS, rng=seed)
    table, frame = found.table(), found.frame()
    assert (table.index.name, table.columns.name) == (A, B)
    assert list(table.index) == at[A]
    assert [float(level) for level in table.columns] == at[B]
    assert list(zip(frame["x"], frame["y"], strict=True)) == [(x, y) for x in at[A] for y in at[B]]
    assert (table.to_numpy().ravel() == frame["value"]).all()
    assert [cell.figure.value for cell in found.cells] == list(frame["value"])
    assert found.errors().shape == (3, 2)
    assert (found.errors().to_numpy() < EXACT).all()
    assert repr(found).startswith("The mean of the municipality's net lies between")
    assert "<table" in found._repr_html_()


def test_sentences_say_how_each_is_moved_and_which_levels(seed: int) -> None:
    """Levels that nobody stated are said, and how each number is moved."""
    case = sib.load_case("holbaek")
    found = two_way(case, SIZE, PRICE, at={SIZE: [90, 180]}, draws=DRAWS, rng=seed)
    said = found.sentences()
    assert any(each.startswith(f"{SIZE}: changed in the case") for each in said)
    assert any("settled again" in each and "0.5 to 1.5 times" in each for each in said)
    assert any(each.startswith('The price of "Job, education') for each in said)
    assert not any(SIZE in each and "none are stated" in each for each in said)
    assert any("gjort op igen" in each for each in found.sentences("da"))


def test_stated_levels_are_said_with_all_their_digits(seed: int) -> None:
    """A price of 20,125 is not said as one of 20,100."""
    at = {A: [250_125.0], B: [210_333.0]}
    said = two_way(two_costs(), A, B, at=at, draws=DRAWS, rng=seed).sentences()[0]
    assert "250,125" in said
    assert "210,333" in said


@pytest.mark.parametrize(
    ("x", "y", "at", "error", "said"),
    [
        (A, A, None, ArgumentError, "two different numbers"),
        (A, "costs.audit", None, UnknownNameError, "no number 'costs.audit'"),
        (A, "payments.job.pric", None, UnknownNameError, "no number"),
        (A, "delivery.start_delay", None, ArgumentError, "is 0.*state levels"),
        (A, "delivery.completio", {"delivery.completio": [0.5]}, CaseError, "did you mean"),
        (A, "delivery.take_up", {"delivery.take_up": [1.5]}, CaseError, "allowed is"),
        (A, "delivery.take_up", None, ArgumentError, "got no levels, and 1.25.*refused.*at="),
        (A, B, {A: []}, ArgumentError, "list of different numbers"),
        (A, B, {A: 1.0}, ArgumentError, "got 1.0 for .*; it is a list of different numbers"),
        (A, B, {A: [1.0, 1.0]}, ArgumentError, "list of different numbers"),
        (A, B, {A: ["x"]}, ArgumentError, "list of different numbers"),
        (A, B, {A: [-5.0]}, CaseError, "allowed is"),
        (A, B, {"other": [1.0]}, ArgumentError, "table of levels by path"),
        (A, B, {A: [], B: [-1.0]}, ArgumentError, "(?s)list of different numbers.*allowed is"),
    ],
)
def test_bad_grids_are_refused(
    x: str, y: str, at: dict[str, Any] | None, error: type[Exception], said: str
) -> None:
    """Paths that lead to no number and levels that the case refuses are refused, with a way out."""
    with pytest.raises(error, match=said):
        two_way(two_costs(), x, y, at=at, draws=DRAWS)
