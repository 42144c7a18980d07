"""Stretches on which a slack is kept, closed at their ends, and what they have in common."""

from __future__ import annotations

from math import inf, sin

import pytest

from sibsim.decisions.corridor.stretches import (
    TOLERANCE,
    Stretch,
    common,
    nearest_to,
    stretches_of,
)

WIDE = 2 * TOLERANCE
"""A bracket is closed on either side, in proportion to the upper neighbour of the grid."""

GRID = [1.0, 2.0, 4.0, 8.0, 16.0]


def test_an_end_is_closed_and_holds() -> None:
    """A slack of x - 5 is kept from 5 on, and the end is on the side that holds."""
    (found,) = stretches_of(lambda value: value - 5, grid=GRID, by=3)
    assert found.low == pytest.approx(5, abs=8 * WIDE)
    assert found.low >= 5
    assert (found.high, found.low_by, found.high_by) == (16.0, 3, None)


def test_a_jump_is_closed_on_the_side_that_holds() -> None:
    """A slack that jumps from 1 to -1 at 5 is kept up to just there."""
    (found,) = stretches_of(lambda value: 1.0 if value <= 5 else -1.0, grid=GRID, by=0)
    assert found.high <= 5
    assert found.high == pytest.approx(5, abs=8 * WIDE)
    assert (found.low, found.low_by, found.high_by) == (1.0, None, 0)


def test_what_is_undefined_does_not_hold() -> None:
    """A figure that is undefined below 5 begins to hold where it is defined."""
    (found,) = stretches_of(lambda value: value - 3 if value > 5 else -inf, grid=GRID, by=0)
    assert found.low == pytest.approx(5, abs=8 * WIDE)
    assert found.low > 5


def test_several_stretches_are_all_found() -> None:
    """The sine is at least zero up to pi, and from 2 pi to 3 pi."""
    grid = [1.0, 2.0, 4.0, 6.0, 8.0, 9.0, 10.0]
    first, second = stretches_of(sin, grid=grid, by=0)
    assert (first.low, second.high_by) == (1.0, 0)
    assert first.high == pytest.approx(3.14159265, abs=10 * WIDE)
    assert second.low == pytest.approx(6.28318531, abs=10 * WIDE)
    assert second.high == pytest.approx(9.42477796, abs=10 * WIDE)
    assert nearest_to([first, second], 3.5) == first
    assert nearest_to([first, second], 5.9) == second
    assert nearest_to([first, second], 7.0) == second


@pytest.mark.parametrize("kept", [True, False])
def test_without_a_change_of_sign_there_is_all_or_nothing(kept: bool) -> None:  # noqa: FBT001 - what is varied
    """A slack that never changes its sign is kept everywhere or nowhere."""
    found = stretches_of(lambda _: 1.0 if kept else -1.0, grid=GRID, by=0)
    assert found == ([Stretch(1.0, 16.0)] if kept else [])


def test_common_stretches_keep_whose_ends_they_are() -> None:
    """Of two overlapping sets the later beginning and the earlier end count."""
    first = [Stretch(1, 5, None, 0), Stretch(8, 16, 0, None)]
    second = [Stretch(3, 10, 1, 1)]
    assert common(first, second) == [Stretch(3, 5, 1, 0), Stretch(8, 10, 0, 1)]
    assert common([Stretch(1, 2)], [Stretch(3, 4)]) == []
