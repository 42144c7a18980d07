"""One quantity at a time at its ends: closed forms, bits of whole simulations, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.decisions.conditions import figure
from sibsim.decisions.drivers.ends import ends_of, surely
from sibsim.decisions.drivers.one_way import tornado
from sibsim.errors import ArgumentError, UnknownNameError
from tests.small_case import ERRORS
from tests.unit.decisions.drivers.two_costs import EXACT, MIDDLE, SD, WIDTH, A, B, two_costs

DRAWS = 4096
"""One block."""

FEW = 64
"""Draws where bits are compared, not figures."""


def test_ends_of_a_linear_case_are_worked_out_by_hand(seed: int) -> None:
    """N - a - b: the swing is minus p90 less p10, a change the mean of a less its end."""
    found = tornado(two_costs(), draws=DRAWS, rng=seed)
    assert {bar.path for bar in found.bars} == {A, B}
    for bar in found.bars:
        assert bar.low.quantity == pytest.approx(MIDDLE - 0.4 * WIDTH)
        assert bar.high.quantity == pytest.approx(MIDDLE + 0.4 * WIDTH)
        assert bar.swing.value == pytest.approx(-0.8 * WIDTH, abs=EXACT)
        assert bar.swing.mc_error == pytest.approx(0.0, abs=EXACT)
        error = SD / DRAWS**0.5
        # sd of 4,096 uniforms has a relative error below 1 %, of which five are 5 %.
        assert bar.low.change.mc_error == pytest.approx(error, rel=0.05)
        assert abs(bar.low.change.value - 0.4 * WIDTH) < ERRORS * error
        assert abs(bar.high.change.value + 0.4 * WIDTH) < ERRORS * error


def test_changes_of_a_linear_case_add_up(seed: int) -> None:
    """With both costs known at their ends the net is what both changes make of the reference."""
    case = two_costs()
    found = tornado(case, draws=DRAWS, rng=seed)
    known = case
    for bar in found.bars:
        known = surely(known, bar.path, value=bar.low.quantity)
    net = known.simulate(draws=DRAWS, rng=seed, progress=False).metric("municipality_net").mean()
    changes = sum(bar.low.change.value for bar in found.bars)
    assert found.reference.value + changes == pytest.approx(net, abs=EXACT)


@pytest.mark.parametrize(
    "path", ["outcomes.job.effect", "outcomes.job.transport.tau", "delivery.volume"]
)
@pytest.mark.parametrize("what", ["mean municipality_net", "p5 investor_profit"])
def test_an_end_is_a_whole_simulation_with_that_value(path: str, what: str, seed: int) -> None:
    """Each end is, to the bit, the run of the case in which the quantity is that number."""
    case = sib.load_case("holbaek")
    found = tornado(case, what, draws=FEW, rng=seed, quantities=[path])
    of = figure(what)
    (bar,) = found.bars
    for end in (bar.low, bar.high):
        known = surely(case, path, value=end.quantity)
        run = known.simulate(draws=FEW, rng=seed, progress=False)
        assert end.figure == of.of(run.metric(of.metric))
    unchanged = case.simulate(draws=FEW, rng=seed, progress=False)
    assert found.reference == of.of(unchanged.metric(of.metric))


def test_a_quantity_that_is_known_leaves_all_others_as_they_were(seed: int) -> None:
    """Fixing one quantity changes no draw of any other."""
    case = sib.load_case("holbaek")
    path = "outcomes.job.effect"
    known = surely(case, path, value=1.5)
    runs = [each.simulate(draws=FEW, rng=seed, keep="world") for each in (case, known)]
    worlds = [run.worlds for run in runs]
    assert worlds[0] is not None
    assert worlds[1] is not None
    before, after = worlds[0][0].values, worlds[1][0].values
    assert (after[path] == 1.5).all()
    for name in set(before) - {path}:
        assert before[name].tobytes() == after[name].tobytes(), name


def test_the_plan_is_made_on_what_was_expected(seed: int) -> None:
    """A low take-up brings fewer people, where a case that plans on it refers more of them."""
    case, path = sib.load_case("holbaek"), "delivery.take_up"
    (bar,) = tornado(case, "mean participants", draws=FEW, rng=seed, quantities=path).bars
    planned = surely(case, path, value=bar.low.quantity)
    run = planned.simulate(draws=FEW, rng=seed, progress=False)
    assert bar.low.figure.value < 0.95 * run.metric("participants").mean()


def test_a_quantity_of_every_cohort_is_set_in_all(seed: int) -> None:
    """Each cohort's own value is set with the others': one bar, the same as one shared value."""
    case = sib.load_case("holbaek")
    path = "outcomes.wellbeing.uplift"
    stated = {**case.document["outcomes"]["wellbeing"]["uplift"], "per_cohort": True}
    each = tornado(case.with_({path: stated}), draws=FEW, rng=seed, quantities=[path]).bars[0]
    shared = tornado(case, draws=FEW, rng=seed, quantities=[path]).bars[0]
    assert each.low.figure == shared.low.figure
    assert each.high.figure == shared.high.figure


def test_what_moves_nothing_stands_with_zero(seed: int) -> None:
    """An outcome that nobody counts moves nothing: zero, no error, and the sentence says so."""
    found = tornado(sib.load_case("holbaek"), draws=FEW, rng=seed)
    row = found.table().loc["delivery.completion"]
    assert row["swing"] == row["change_low"] == row["change_high"] == 0
    assert row["swing_mc_error"] == row["change_low_mc_error"] == 0
    assert "Nothing changes in any draw with how many complete." in found.sentences()
    assert abs(found.table()["swing"]).is_monotonic_decreasing


def test_sentences_name_the_widest_and_what_is_left_out(seed: int) -> None:
    """The first sentence names the widest bar; drifts and ties are said to be as drawn."""
    found = tornado(sib.load_case("holbaek"), draws=FEW, rng=seed)
    assert found.bars[0].path == "outcomes.job.transport.tau"
    assert "hangs most on how much of the effect" in found.sentences()[0]
    assert any("Drifts over time (labour market)" in each for each in found.sentences())
    assert "afhænger mest af hvor meget af effekten" in found.sentences("da")[0]
    tied = tornado(sib.load_case("aarhus-diabetes"), draws=FEW, rng=seed)
    assert any("hang together" in each for each in tied.sentences())
    with pytest.raises(ArgumentError, match="lang"):
        found.sentences("fr")  # type: ignore[arg-type]  # refused


def test_a_bar_that_the_reference_is_outside_of_is_said(seed: int) -> None:
    """A tail shrinks at both ends of what makes it: the reference lies outside, which is said."""
    found = tornado(two_costs(), "p5 municipality_net", draws=DRAWS, rng=seed, level=(0.45, 0.55))
    assert all(bar.low.change.value > 0 < bar.high.change.value for bar in found.bars)
    assert any("may lie outside a bar" in each for each in found.sentences())


def test_ends_that_are_the_same_value_are_said(seed: int) -> None:
    """A quantity that is nearly always one number has no bar, and that is said."""
    stated = {"dist": "discrete", "values": [250e3, 300e3], "probabilities": [0.95, 0.05]}
    case = two_costs().with_({A: {**stated, "base": 250e3}})
    found = tornado(case, draws=FEW, rng=seed)
    assert found.table().loc[A, "swing"] == 0
    assert any("are the same value" in each for each in found.sentences())


def test_dates_that_never_come_are_said_and_have_no_error(seed: int) -> None:
    """A median date may be never: infinite, no error of the difference, and `never` in words."""
    found = tornado(sib.load_case("holbaek"), "median break_even_year", draws=FEW, rng=seed)
    widest = found.bars[0]
    assert np.isinf(widest.swing.value)
    assert np.isnan(widest.swing.mc_error)
    assert "never" in found.sentences()[0]


def test_the_frame_is_ready_to_be_drawn(seed: int) -> None:
    """One row per bar in its order, with both ends and the reference."""
    found = tornado(two_costs(), draws=FEW, rng=seed)
    frame = found.frame()
    assert list(frame["order"]) == [0, 1]
    assert {"quantity", "low", "high", "reference"} <= set(frame.columns)
    assert (frame["low"] > frame["high"]).all()
    assert (frame["quantity_low"] < frame["quantity_high"]).all()
    assert frame["reference"].nunique() == 1
    assert repr(found).startswith("The mean of the municipality's net")
    assert "<table" in found._repr_html_()


def test_other_ends_are_taken_as_asked(seed: int) -> None:
    """Ends at p25 and p75 are the quartiles."""
    case = two_costs()
    (bar,) = tornado(case, draws=FEW, rng=seed, quantities=[A], level=(0.25, 0.75)).bars
    assert (bar.low.quantity, bar.high.quantity) == ends_of(case.quantities[A], (0.25, 0.75))
    assert bar.swing.value == pytest.approx(-0.5 * WIDTH, abs=EXACT)


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"figure": "mean muncipality_net"}, UnknownNameError, "did you mean 'municipality_net'"),
        ({"figure": "mean investor_irr"}, ArgumentError, "rates.*have no mean"),
        ({"figure": "municipality_net"}, ArgumentError, "does not say what of"),
        ({"quantities": ["costs.audit.amoun"]}, UnknownNameError, "did you mean 'costs.audit"),
        ({"quantities": ["costs.team.amount"]}, ArgumentError, "fixed at 2,450,000.*case.with_"),
        ({"quantities": []}, ArgumentError, "quantities: got none"),
        ({"quantities": [A, A]}, ArgumentError, "each is named once"),
        ({"draws": 1}, ArgumentError, "draws: got 1"),
        ({"draws": 0}, ArgumentError, "draws: got 0"),
        ({"rng": "one"}, ArgumentError, "rng: got 'one'"),
        ({"level": (0.9, 0.1)}, ArgumentError, "level: got"),
        ({"level": 0.1}, ArgumentError, "level: got"),
        ({"draws": 1, "quantities": []}, ArgumentError, "(?s)draws: got 1.*quantities: got none"),
    ],
)
def test_bad_input_is_refused(asked: dict[str, Any], error: type[Exception], said: str) -> None:
    """What cannot be done is refused in plain words, several faults at once."""
    with pytest.raises(error, match=said):
        tornado(two_costs(), **asked)


def test_a_case_without_uncertainty_is_refused() -> None:
    """A case in which every quantity is fixed has nothing to hang on."""
    case = two_costs().with_({A: 1.0, B: 1.0})
    with pytest.raises(ArgumentError, match="no uncertain quantity"):
        tornado(case)
