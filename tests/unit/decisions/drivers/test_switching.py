"""Switching values: closed forms, both sides, several crossings, none, refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.core.statistics import Estimate
from sibsim.decisions.conditions import figure
from sibsim.decisions.drivers.ends import surely
from sibsim.decisions.drivers.one_way import tornado
from sibsim.decisions.drivers.switching import TOLERANCE, _Sight, _switch, switching_values
from sibsim.decisions.worlds import Luck, worlds_of
from sibsim.errors import ArgumentError, UnknownNameError
from tests.small_case import ERRORS
from tests.unit.decisions.drivers.two_costs import MIDDLE, MOST, SD, WIDTH, A, B, two_costs

DRAWS = 4096

FEW = 64


def test_the_value_of_a_linear_case_is_worked_out_by_hand(seed: int) -> None:
    """N - a - b is 50,000 below its mean where a is 50,000 above its own: p75, a chance of 1/4."""
    case, off = two_costs(), WIDTH / 4
    bars = {bar.path: bar for bar in tornado(case, draws=DRAWS, rng=seed).bars}
    base = case.base_case().metric("municipality_net")[0]
    found = switching_values(case, target=base - off, draws=DRAWS, rng=seed)
    assert {each.path for each in found.switches} == {A, B}
    for each in found.switches:
        low = bars[each.path].low
        expected = low.quantity + low.figure.value - (base - off)
        assert each.value == pytest.approx(expected, rel=TOLERANCE)
        # Slope -1: the error of the value is that of the mean of the other cost.
        assert each.mc_error == pytest.approx(SD / DRAWS**0.5, rel=0.05)
        assert abs(each.value - (MIDDLE + off)) < ERRORS * each.mc_error
        assert each.p_switch == pytest.approx((MOST - each.value) / WIDTH, rel=1e-9)
        assert each.p_switch_mc_error == pytest.approx(each.mc_error / WIDTH, rel=1e-6)
        assert each.distance == pytest.approx((each.value - MIDDLE) / (0.8 * WIDTH))
        assert not each.below
    assert (found.table()["across"] == "above").all()


def test_an_error_of_rounding_is_said_as_none(seed: int) -> None:
    """A figure that stays the same in all draws gives an error of 1e-15, which is said as 0."""
    base = two_costs().base_case().metric("municipality_net")[0]
    found = switching_values(two_costs(), target=base, draws=FEW, rng=seed, quantities=[A])
    sure = replace(found, switches=(replace(found.switches[0], mc_error=2e-15),))
    assert "e-15" not in sure.sentences()[1]
    assert " ± 0 (in the base case" in sure.sentences()[1]


def test_the_other_side_is_where_the_answer_is_another(seed: int) -> None:
    """Where the case falls short, the chance is that of reaching the target: below the value."""
    case, off = two_costs(), WIDTH / 4
    base = case.base_case().metric("municipality_net")[0]
    found = switching_values(case, target=base + off, draws=DRAWS, rng=seed, quantities=[A])
    (each,) = found.switches
    assert each.below
    assert abs(each.p_switch - 0.25) < ERRORS * each.p_switch_mc_error
    loss = switching_values(
        case, f"P(municipality_net < {base})", target=0.9, draws=DRAWS, rng=seed, quantities=[A]
    )
    # a + b > 600,000 in nine of ten draws of b: a = 380,000.
    assert abs(loss.switches[0].value - 380_000) < ERRORS * loss.switches[0].mc_error
    assert not loss.switches[0].below


def test_at_the_value_a_whole_simulation_meets_the_target(seed: int) -> None:
    """The figure of the case in which the quantity is the switching value is the target."""
    case, target = sib.load_case("holbaek"), 0.0
    path = "outcomes.job.transport.tau"
    found = switching_values(case, target=target, draws=FEW, rng=seed, quantities=[path])
    (each,) = found.switches
    run = surely(case, path, value=each.value).simulate(draws=FEW, rng=seed, progress=False)
    reached = run.metric("municipality_net").mean()
    # A thousandth of the distance between the ends: TOLERANCE of a quantity that spans about 1.7.
    assert abs(reached - target) < 1e-3 * (each.at_ends[1].value - each.at_ends[0].value)
    assert each.p_switch == pytest.approx(case.quantities[path].prob_below(each.value))


def test_what_cannot_switch_says_so_with_both_ends(seed: int) -> None:
    """Out of reach there is no value, no chance, and the figure at both ends stands beside."""
    case = two_costs()
    found = switching_values(case, target=-1e9, draws=FEW, rng=seed)
    for each in found.switches:
        assert each.kind == "nowhere"
        assert np.isnan(each.value)
        assert (each.p_switch, each.p_switch_mc_error) == (0.0, 0.0)
        # From p99.9 to p0.1 of a uniform, with slope -1.
        assert each.at_ends[0].value - each.at_ends[1].value == pytest.approx(0.998 * WIDTH)
    assert any("No value" in each for each in found.sentences())
    assert any("Ingen værdi" in each for each in found.sentences("da"))


def test_the_likeliest_stands_first(seed: int) -> None:
    """Rows fall by the chance to switch; what cannot stands last."""
    table = switching_values(sib.load_case("holbaek"), draws=FEW, rng=seed).table()
    assert table["p_switch"].is_monotonic_decreasing
    assert table["kind"].iloc[0] == "at"
    assert table["kind"].iloc[-1] == "nowhere"


class Made(_Sight):
    """A figure that is a function of the quantity, made by hand."""

    def at(self, value: float) -> Estimate:
        """Return (a - 250,000) (350,000 - a) in units of 1e10, less a tenth."""
        return Estimate((value - 250e3) * (350e3 - value) / 1e10, mc_error=1e-3, undefined=0.0)


def test_several_values_are_all_found_and_their_chances_add_up(seed: int) -> None:
    """A hump between 250,000 and 350,000 switches at both: a quarter on either side."""
    case = two_costs()
    worlds = worlds_of(case, draws=FEW, luck=Luck.of(seed))
    sight = Made(worlds, A, figure("mean municipality_net"), 0.0)
    found = _switch(case.quantities[A], sight, reference=1.0)
    values = sorted([found.value, *found.others])
    assert values == pytest.approx([250e3, 350e3], rel=TOLERANCE)
    # Both values are found to TOLERANCE of at most 400,000, a 2e-4 of the width each.
    assert found.p_switch == pytest.approx(0.5, abs=4e-4)
    assert found.below
    other = _switch(case.quantities[A], sight, reference=-1.0)
    assert other.p_switch == pytest.approx(0.5, abs=4e-4)
    assert not other.below
    everywhere = Made(worlds, A, figure("mean municipality_net"), 2.0)
    always = _switch(case.quantities[A], everywhere, reference=3.0)
    assert (always.kind, always.p_switch) == ("everywhere", 1.0)


def test_it_shows_itself(seed: int) -> None:
    """Sentences in both languages with value and chance, a frame, text and a table."""
    case = two_costs()
    found = switching_values(case, target=-650e3, draws=DRAWS, rng=seed)
    said = found.sentences()
    assert said[0].endswith("as the case stands, at least DKK -0.65 m.")
    assert any(f"{A}: the answer switches above 350,000 ±" in each for each in said)
    assert any("from p0.1 to p99.9" in each for each in said)
    assert any("svaret vender over 350.000 ±" in each for each in found.sentences("da"))
    assert list(found.frame()["order"]) == [0, 1]
    assert "switching_value" in repr(found)
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"figure": "median break_even_year"}, ArgumentError, "ask for its probability"),
        ({"figure": "mean investor_irr"}, ArgumentError, "have no mean"),
        ({"figure": "median investor_ir"}, UnknownNameError, "did you mean 'investor_irr'"),
        ({"target": "zero"}, ArgumentError, "target: got 'zero'"),
        ({"target": float("nan")}, ArgumentError, "target: got nan"),
        ({"quantities": ["costs.team.amount"]}, ArgumentError, "fixed at"),
        ({"quantities": ["costs.tem.amount"]}, UnknownNameError, "no quantity"),
        ({"quantities": []}, ArgumentError, "quantities: got none"),
        ({"draws": 1}, ArgumentError, "draws: got 1"),
        ({"draws": 1, "target": None}, ArgumentError, "(?s)draws.*target"),
    ],
)
def test_bad_input_is_refused(asked: dict[str, Any], error: type[Exception], said: str) -> None:
    """What cannot be done is refused in plain words, several faults at once."""
    with pytest.raises(error, match=said):
        switching_values(two_costs(), **asked)
