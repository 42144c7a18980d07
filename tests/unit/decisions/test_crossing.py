"""Closing a bracket on where a function goes through zero, and on the side that reaches it."""

from __future__ import annotations

import math

import pytest

from sibsim.decisions.crossing import TOLERANCE, crossing, reaching


def test_crossing_of_a_line_and_a_curve() -> None:
    """A root known beforehand is found to the tolerance."""
    assert crossing(lambda x: 2 * x - 30, low=0, high=100) == pytest.approx(15, abs=100 * TOLERANCE)
    found = crossing(lambda x: x**3 - 2, low=0, high=2, tolerance=1e-12)
    assert found == pytest.approx(2 ** (1 / 3), rel=1e-11)


def test_crossing_of_a_jump_is_the_jump() -> None:
    """Where the function jumps over zero the bracket closes on the jump."""
    found = crossing(lambda x: -1.0 if x < 7 else 5.0, low=1, high=16)
    assert found == pytest.approx(7, abs=16 * TOLERANCE)


def test_crossing_at_an_end_is_the_end() -> None:
    """An end at which the function is zero is the crossing."""
    assert crossing(lambda x: x - 3, low=3, high=9) == 3


@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_reaching_lies_on_the_reaching_side_of_a_jump(slope: float) -> None:
    """The value of the function there is at or above zero, rising or falling."""

    def jumps(x: float) -> float:
        return math.copysign(1.0, slope * (x - 7.0))

    found = reaching(jumps, low=1, high=16)
    assert jumps(found) > 0
    assert found == pytest.approx(7, rel=2 * TOLERANCE)


def test_reaching_is_the_edge_of_a_stretch_at_zero() -> None:
    """Rising, the first value that is enough; falling, the last: a cap binds from 7 on."""
    found = reaching(lambda x: min(x, 7.0) - 7.0, low=1, high=16)
    assert found == pytest.approx(7, rel=2 * TOLERANCE)
    found = reaching(lambda x: min(9.0 - x, 0.0), low=1, high=16)
    assert found == pytest.approx(9, rel=2 * TOLERANCE)


def test_reaching_where_both_ends_reach() -> None:
    """Where everything between reaches, it is the end at which the least is reached."""
    assert reaching(lambda x: x - 1.0, low=1, high=16) == 1
    assert reaching(lambda x: 16.0 - x, low=1, high=16) == 16


def test_reaching_is_as_close_as_its_value_wants() -> None:
    """The tolerance is in proportion to the value, however far the upper end is."""
    found = reaching(lambda x: x - 0.02, low=0.01, high=1e6)
    assert found == pytest.approx(0.02, rel=TOLERANCE)
    assert reaching(lambda x: x - 0.5, low=0, high=1) == pytest.approx(0.5, rel=4 * TOLERANCE)
