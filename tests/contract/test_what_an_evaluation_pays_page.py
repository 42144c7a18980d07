"""The executed page on what an evaluation pays: its tables against independent calculations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "what-an-evaluation-pays.md").read_text("utf-8")

POINT = 1
"""Tables below are whole per cents from another calculation, and so compared with whole ones."""

SEEN = {20: 10, 25: 11, 45: 17, 70: 23, 120: 37, 180: 51, 450: 88, 1000: 100}
"""Power for ten points from 30 %, two-sided 5 %, by people in each group."""

SMALLEST = {
    0.10: (39, 34, 24, 19, 13, 11, 6, 4),
    0.30: (43, 39, 29, 23, 18, 14, 9, 6),
    0.50: (39, 36, 28, 23, 18, 15, 9, 6),
}
"""Smallest lift found with 80 % power, by rate without it."""

GOAL_OF_60 = {
    20: (25, 41, 60, 76, 89),
    45: (12, 30, 56, 81, 95),
    70: (6, 24, 55, 84, 97),
    120: (2, 16, 54, 89, 99),
    180: (0.4, 10, 53, 93, 100),
}
"""Chance of payment where 60 % is the goal, by true rates of 50 to 70 %."""

LIFTS: Mapping[str, Mapping[int, tuple[float, float]]] = {
    "earlier rate": {20: (23, 75), 45: (10, 79), 120: (1, 88), 180: (0, 92), 450: (0, 99)},
    "earlier rate, drift": {20: (25, 73), 45: (15, 75), 120: (7, 79), 180: (6, 80), 450: (4, 82)},
    "controls": {20: (30, 69), 45: (15, 69), 120: (5, 81), 180: (2, 85), 450: (0, 95)},
    "controls, one-sided 5 % test": {
        20: (5, 25),
        45: (5, 45),
        120: (5, 78),
        180: (5, 91),
        450: (5, 100),
    },
}
"""Chance of payment for nothing and for a lift of 15 points, by design and people."""


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Return the names that the cells of the page define, each cell run as it stands."""
    names: dict[str, Any] = {}
    for cell in re.findall(r"```{code-cell} python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(ast.parse(cell), "cell", "exec"), names)  # noqa: S102 - the code is our own
    return names


def assert_within_a_point(found: Iterable[float], expected: Iterable[float]) -> None:
    """Check that chances in per cent, rounded, are the expected ones within one."""
    pairs = zip(found, expected, strict=True)
    assert [(a, b) for a, b in pairs if abs(round(a) - round(b)) > POINT] == []


@pytest.mark.slow
def test_how_small_an_effect_can_be_seen(page: dict[str, Any]) -> None:
    """Power and smallest lifts."""
    seen = 100 * page["seen"]
    assert_within_a_point(seen.iloc[:, 0], SEEN.values())
    for rate, lifts in SMALLEST.items():
        assert_within_a_point(seen[f"smallest lift from {rate:.0%}"], lifts)


@pytest.mark.slow
def test_pay_if_60_percent_succeed(page: dict[str, Any]) -> None:
    """By true rate and people."""
    for people, chances in GOAL_OF_60.items():
        assert_within_a_point(100 * page["goal_of_60"].loc[people], chances)


@pytest.mark.slow
@pytest.mark.parametrize("design", LIFTS)
def test_an_earlier_rate_or_controls(page: dict[str, Any], design: str) -> None:
    """Paid for nothing and for a lift of 15 points."""
    found: pd.DataFrame = page["lifts"][design]
    for people, chances in LIFTS[design].items():
        row = found[["does nothing", "lifts 15"]].loc[[people]].to_numpy(dtype=float)
        assert_within_a_point(row[0].tolist(), chances)


@pytest.mark.slow
def test_a_counted_baseline_never_becomes_certain(page: dict[str, Any]) -> None:
    """400 people behind a rate leave an error of 2.3 points, and with drift of 5.5, at any size.

    At 450 people the errors are 2.3 and 3.2 points: Phi(-5 / 3.2) of a lift of 15 stays unpaid.
    """
    lifts = page["lifts"].loc[450]
    assert lifts["earlier rate", "lifts 15"] - lifts["rate counted on 400", "lifts 15"] > 3
    assert lifts["rate counted on 400", "lifts 15"] == pytest.approx(94, abs=1.5)


@pytest.mark.slow
def test_a_goal_is_a_coin_toss_where_the_rate_is_unknown(page: dict[str, Any]) -> None:
    """50 to 57 % at any size; the rate card varies by 0.31 of its mean at 20 and 0.22 at 450."""
    found = page["uncertain"]
    assert found["goal: paid, %"].between(49, 57.5).all()
    spread = found["rate card: sd / mean"]
    assert (spread[20], spread[450]) == pytest.approx((0.31, 0.22), abs=0.01)
    assert found["rate card: below 80 % of plan, %"].between(18, 22).all()
