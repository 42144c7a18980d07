"""The search for a break-even value, on figures that are functions of one number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sibsim.decisions.breakeven.closing import Found, searched
from sibsim.decisions.breakeven.levers import Lever, Point
from sibsim.decisions.conditions import Condition, Figure

NET = Figure("mean", "municipality_net")


def found_of(
    net: Callable[[float], float],
    *,
    now: float,
    whole: bool = False,
    more_is_better: bool = True,
    low: float = 0.0,
    high: float = 10.0,
    tolerance: float = 1e-6,
) -> Found:
    """Return what is found where the mean net is a function of the driver, in two draws."""

    def at(setting: float) -> Point:
        values = net(setting) + np.array([-1.0, 1.0])
        return Point(setting, setting, setting, {"municipality_net": values})

    lever = Lever(
        name="driver",
        unit="people",
        now=now,
        low=low,
        high=high,
        tolerance=0.5 if whole else tolerance,
        at=at,
        more_is_better=more_is_better,
        whole=whole,
    )
    return searched(lever, Condition(NET, ">=", 0.0))


def value_of(found: Found) -> float:
    """Return the value that was found."""
    assert found.kind == "found"
    assert found.there is not None
    return found.there.point.value


@pytest.mark.parametrize("now", [1.0, 9.0])
def test_it_lies_where_the_figure_crosses(now: float) -> None:
    """Whether today's value is too little or more than enough."""
    found = found_of(lambda x: 2 * x - 7, now=now)
    assert value_of(found) == pytest.approx(3.5, abs=1e-5)
    assert found.good_above
    assert found.there is not None
    assert found.there.slack >= 0


def test_it_may_be_the_most() -> None:
    """Where less is better, what lies below the value is enough."""
    found = found_of(lambda x: 7 - 2 * x, now=1.0, more_is_better=False)
    assert value_of(found) == pytest.approx(3.5, abs=1e-5)
    assert not found.good_above


def test_its_error_is_that_of_the_figure_over_the_slope() -> None:
    """An error of 1 in the mean and a slope of 2 are an error of a half."""
    assert found_of(lambda x: 2 * x - 7, now=9.0).error == pytest.approx(0.5)


@pytest.mark.parametrize(("now", "rising"), [(1.0, True), (9.0, True), (1.0, False), (9.0, False)])
def test_whole_values_are_the_last_that_is_enough(*, now: float, rising: bool) -> None:
    """3.3 is crossed: from 4 on where more is better, up to 3 where less is."""
    sign = 1 if rising else -1
    found = found_of(lambda x: sign * (x - 3.3), now=now, whole=True, more_is_better=rising)
    assert value_of(found) == (4 if rising else 3)


@pytest.mark.parametrize("power", [1, 3, 5])
def test_whole_values_are_exact_wherever_the_figure_crosses(power: int) -> None:
    """The next whole number above the crossing, also where the figure bends."""
    for at in np.linspace(0.1, 8.9, 45):

        def net(x: float, at: float = float(at)) -> float:
            return float(x**power - at**power)

        assert value_of(found_of(net, now=9.0, whole=True)) == np.ceil(at)


def test_a_whole_value_that_is_just_enough_counts() -> None:
    """A figure of exactly the target keeps it."""
    assert value_of(found_of(lambda x: x - 4.0, now=9.0, whole=True)) == 4


def test_of_several_whole_values_at_the_target_the_last_is_taken() -> None:
    """A figure that stays at its target for a while keeps it from the first of them on."""
    for bend in range(4, 9):

        def net(x: float, bend: float = bend) -> float:
            return -1.0 if x < 3 else max(x - bend, 0.0)

        assert value_of(found_of(net, now=9.0, whole=True)) == 3


def test_a_jump_is_found_on_its_good_side() -> None:
    """A contract that pays all or nothing has no value in between."""
    found = found_of(lambda x: 5.0 if x >= 6.2 else -5.0, now=1.0, tolerance=0.01)
    assert 6.2 <= value_of(found) <= 6.21


def test_no_value_may_be_enough_and_every_one_may() -> None:
    """The ends say what the figure comes to."""
    never = found_of(lambda x: x - 20.0, now=5.0)
    assert (never.kind, never.there, never.high.figure.value) == ("never", None, -10.0)
    assert np.isnan(never.error)
    always = found_of(lambda x: x + 20.0, now=5.0)
    assert (always.kind, always.low.figure.value) == ("always", 20.0)


def test_a_second_crossing_is_said() -> None:
    """Too few and too many: the lower value is found, and that there is another is known."""
    found = found_of(lambda x: 4.0 - (x - 5.0) ** 2, now=5.0)
    assert value_of(found) == pytest.approx(3.0, abs=1e-5)
    assert found.again
    assert not found_of(lambda x: x - 3.0, now=5.0).again


@pytest.mark.parametrize("undefined_from", [-1.0, 1.0])
def test_where_the_figure_is_undefined_it_is_not_enough(undefined_from: float) -> None:
    """A rate of return of nothing drawn keeps no target, at an end of the range or inside it."""

    def net(x: float) -> float:
        if x >= 2.5:
            return 1.0
        return np.nan if x >= undefined_from else -1.0

    found = found_of(net, now=5.0, tolerance=0.01)
    assert 2.5 <= value_of(found) <= 2.51


def test_every_value_is_looked_at_once_and_in_order() -> None:
    """The curve that is drawn rises from end to end."""
    settings = [each.point.setting for each in found_of(lambda x: x - 3.3, now=9.0).seen]
    assert settings == sorted(set(settings))
    assert (settings[0], settings[-1]) == (0.0, 10.0)
