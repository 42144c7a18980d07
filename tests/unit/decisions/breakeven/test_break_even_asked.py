"""What a break-even refuses, before anything is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sibsim.casefile import build
from sibsim.decisions.breakeven import analysis
from sibsim.decisions.breakeven.analysis import break_even
from sibsim.decisions.breakeven.asking import asked
from sibsim.errors import ArgumentError, UnknownNameError
from tests.unit.decisions.breakeven.hand_case import document, hand_case


@pytest.fixture(autouse=True)
def draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where worlds are drawn."""

    def drawn(*_: object, **__: object) -> None:
        pytest.fail("worlds were drawn before the arguments were checked")

    monkeypatch.setattr(analysis, "worlds_of", drawn)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"target": np.nan}, "target: got nan; it is a finite number"),
        ({"target": np.inf}, "target: got inf"),
        ({"target": "0"}, "target: got '0'"),
        ({"target": True}, "target: got true"),
        ({"draws": 1}, "draws: got 1; every figure stands with its Monte Carlo error"),
        ({"draws": 10.0}, "draws: got 10.0"),
        ({"rng": -1}, "rng: got -1; a seed is a whole number of at least 0"),
        ({"figure": "mean investor_irr"}, "rates, and dates that may never come, have no mean"),
        ({"figure": "largest municipality_net"}, "a figure is 'mean METRIC'"),
        ({"figure": 3}, "got 3; a figure is"),
        ({"drivers": []}, "drivers: got .*it is a list of names"),
        ({"drivers": 3}, "drivers: got 3; it is a list of names"),
        ({"drivers": ["prices"]}, "one budget line only; see price.benefit; leave it out"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], words: str) -> None:
    """Each is refused in words that say what was given and what it has to be."""
    with pytest.raises(ArgumentError, match=words):
        break_even(hand_case(), **arguments)


@pytest.mark.parametrize(
    ("figure", "direction"),
    [
        ("mean municipality_net", ">="),
        ("p5 investor_profit", ">="),
        ("P(municipality_net < 0)", "<="),
        ("P(municipality_net >= 0)", ">="),
        ("shortfall investor_profit", "<="),
        ("p_municipality_loss", "<="),
        ("p_goal.job", ">="),
        ("median break_even_year", "<="),
        ("P(break_even_year <= 2030)", ">="),
        ("P(break_even_year > 2030)", "<="),
    ],
)
def test_a_target_is_kept_on_the_side_that_is_better(figure: str, direction: str) -> None:
    """At least of what is a gain, at most of what is a loss or comes late."""
    found = asked(hand_case(), figure, target=0.5, drivers=None, draws=10, rng=0)
    assert found.wanted.direction == direction


@pytest.mark.parametrize(
    ("metric", "level", "expected"),
    [
        ("municipality_net", 1.0, [0.0, 1.0, 1.0, np.nan]),
        ("p_investor_loss", 1.0, [1.0, 1.0, 0.0, np.nan]),
        ("break_even_year", 1.0, [1.0, 1.0, 0.0, 0.0]),
    ],
)
def test_a_draw_keeps_a_target_on_the_same_side(
    metric: str, level: float, expected: list[float]
) -> None:
    """The target itself is kept; what is undefined is neither, a date that never comes is not."""
    found = analysis.kept(np.array([0.5, 1.0, 2.0, np.nan]), metric=metric, level=level)
    np.testing.assert_array_equal(found, expected)


def test_an_unknown_metric_names_the_nearest() -> None:
    """A slip of the hand is answered with the metric that was meant."""
    with pytest.raises(UnknownNameError, match="did you mean 'municipality_net'"):
        break_even(hand_case(), "mean municipality_nett")


def test_an_unknown_driver_lists_those_of_the_case() -> None:
    """The names that may be asked for are said, the nearest first."""
    words = (
        r"no driver 'particpants'; did you mean 'participants'\?; the case has participants, eff"
    )
    with pytest.raises(UnknownNameError, match=words):
        break_even(hand_case(), drivers=["particpants"])


def test_all_faults_are_said_at_once() -> None:
    """Whoever gets two arguments wrong is told of both."""
    with pytest.raises(ArgumentError) as refused:
        break_even(hand_case(), "mean nothing_net", target=np.nan, draws=0, drivers=["luck"])
    for part in ("nothing_net", "target: got nan", "draws: got 0", "no driver 'luck'"):
        assert part in str(refused.value)


def test_a_year_is_of_public_nets_only() -> None:
    """What is not kept year by year has no year in which the account may end."""
    with pytest.raises(ArgumentError, match="investor_profit is not kept year by year"):
        break_even(hand_case(), "mean investor_profit", drivers=["year"])


def test_a_case_that_cannot_be_run_is_refused() -> None:
    """A case without capital has no contract that could break even."""
    read = document()
    del read["capital"]
    case = build(read)
    with pytest.raises(ArgumentError, match="capital"):
        break_even(case)
