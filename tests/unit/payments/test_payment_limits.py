"""Limits by hand: who is cut, when, and in what proportion."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError
from sibsim.payments.limits import cut_per_person, cut_running
from tests.reported import report

EXACT = 1e-12
"""Relative: a handful of additions in double precision."""


def column(*amounts: float) -> FloatArray:
    """Return amounts by period for one draw, (T, 1)."""
    return np.array(amounts, dtype=np.float64)[:, np.newaxis]


def running(
    amounts: dict[str, FloatArray], *, cap: float, groups: list[int] | None = None
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Cut a running total over all periods."""
    length = len(next(iter(amounts.values())))
    return cut_running(
        amounts,
        cap=cap,
        groups=np.array(groups or [0] * length),
        periods=range(length),
    )


def test_what_is_owed_first_is_paid_first() -> None:
    """Of 40 + 40 + 40 a cap of 100 pays 40 + 40 + 20."""
    kept, cut = running({"job": column(40, 0, 40, 40)}, cap=100)
    np.testing.assert_allclose(kept["job"], column(40, 0, 40, 20), rtol=EXACT)
    np.testing.assert_allclose(cut, column(0, 0, 0, 20), rtol=EXACT)


def test_lines_of_one_period_are_cut_in_proportion() -> None:
    """Room for 40 of 60 + 20: both keep half."""
    kept, cut = running({"a": column(60, 60), "b": column(0, 20)}, cap=100)
    np.testing.assert_allclose(kept["a"], column(60, 30), rtol=EXACT)
    np.testing.assert_allclose(kept["b"], column(0, 10), rtol=EXACT)
    np.testing.assert_allclose(cut, column(0, 40), rtol=EXACT)


def test_a_year_starts_again_and_carries_nothing_over() -> None:
    """40 + 40 a year with a cap of 50: 30 lapses each year, whatever the next has room for."""
    kept, cut = running({"a": column(40, 40, 10, 10)}, cap=50, groups=[0, 0, 1, 1])
    np.testing.assert_allclose(kept["a"], column(40, 10, 10, 10), rtol=EXACT)
    np.testing.assert_allclose(cut, column(0, 30, 0, 0), rtol=EXACT)


def test_a_cap_that_does_not_bind_leaves_every_bit() -> None:
    """The same arrays come back, and nothing counts as cut."""
    amount = column(0.1, 0.2, 0.7)
    kept, cut = running({"a": amount}, cap=1.0)
    assert kept["a"] is amount
    assert cut.any() == np.False_


def test_rounding_error_is_no_cut() -> None:
    """0.1 + 0.2 is above 0.3 in the last bit."""
    _, cut = running({"a": column(0.1, 0.2)}, cap=0.3)
    assert not cut.any()


def test_a_cap_of_zero_pays_nothing() -> None:
    """Everything is cut."""
    kept, cut = running({"a": column(1, 2)}, cap=0)
    assert not kept["a"].any()
    np.testing.assert_array_equal(cut, column(1, 2))


def test_each_draw_is_cut_by_itself() -> None:
    """A line that is the same in every draw is cut only where the other leaves no room."""
    kept, cut = running({"a": np.array([[80.0, 20.0]]), "b": column(40)}, cap=90)
    np.testing.assert_allclose(kept["a"], [[60, 20]], rtol=EXACT)
    np.testing.assert_allclose(kept["b"], [[30, 40]], rtol=EXACT)
    np.testing.assert_allclose(cut, [[30, 0]], rtol=EXACT)


def claims(*people: tuple[int, ...]) -> np.ndarray:
    """Return who succeeds at each follow-up, one tuple a person, as (P, K, 1)."""
    return np.array(people, dtype=np.bool_)[:, :, np.newaxis]


def test_a_persons_claims_add_up_to_the_cap() -> None:
    """Prices 50 and 80, cap 100: who succeeds twice loses 30 of the second, others nothing."""
    persons = claims((1, 1), (1, 0), (0, 1))
    measured = {"a": report([[2, 2]], months=(12, 24), claims=(persons,))}
    cuts = cut_per_person({"a": (50, 80)}, measured=measured, cap=100)
    np.testing.assert_allclose(cuts["a"][:, :, 0], [[0, 30]], rtol=EXACT)


def test_a_single_price_above_the_cap_is_cut_every_time() -> None:
    """Price 150, cap 100: 50 is cut at the first success and all at the second."""
    measured = {"a": report([[2, 1]], months=(12, 24), claims=(claims((1, 1), (1, 0)),))}
    cuts = cut_per_person({"a": (150, 150)}, measured=measured, cap=100)
    np.testing.assert_allclose(cuts["a"][:, :, 0], [[100, 150]], rtol=EXACT)


def test_lines_of_one_month_share_a_persons_room() -> None:
    """60 + 30 at month 12 with a cap of 60 lose 20 and 10; what follows at 18 loses all."""
    measured = {
        "a": report([[1]], months=(12,), claims=(claims((1,)),)),
        "b": report([[1, 1]], months=(12, 18), claims=(claims((1, 1)),)),
    }
    cuts = cut_per_person({"a": (60,), "b": (30, 40)}, measured=measured, cap=60)
    np.testing.assert_allclose(cuts["a"][:, :, 0], [[20]], rtol=EXACT)
    np.testing.assert_allclose(cuts["b"][:, :, 0], [[10, 40]], rtol=EXACT)


def test_the_earlier_month_is_paid_first_over_lines() -> None:
    """The line named first but measured later finds no room."""
    measured = {
        "late": report([[1]], months=(24,), claims=(claims((1,)),)),
        "early": report([[1]], months=(6,), claims=(claims((1,)),)),
    }
    cuts = cut_per_person({"late": (80,), "early": (80,)}, measured=measured, cap=100)
    assert cuts["early"].sum() == 0
    assert cuts["late"].sum() == pytest.approx(60, rel=EXACT)


def test_reports_may_list_fewer_people_and_fewer_draws() -> None:
    """People are the same by their place in the list; one column stands for every draw."""
    everyone = np.ones((3, 1, 2), dtype=np.bool_)
    everyone[0, 0, 1] = False
    measured = {
        "a": report([[3]], months=(12,), claims=(everyone,)),
        "b": report([[1]], months=(18,), claims=(claims((1,)),)),
    }
    cuts = cut_per_person({"a": (70,), "b": (70,)}, measured=measured, cap=100)
    np.testing.assert_allclose(cuts["b"], [[[40, 0]]], rtol=EXACT)


def test_each_cohort_is_counted_by_itself() -> None:
    """The cap of a person in one cohort is not used up by a person in another."""
    measured = {
        "a": report([[1, 1], [1, 0]], months=(12, 24), claims=(claims((1, 1)), claims((1, 0))))
    }
    cuts = cut_per_person({"a": (70, 70)}, measured=measured, cap=100)
    np.testing.assert_allclose(cuts["a"][:, :, 0], [[0, 40], [0, 0]], rtol=EXACT)


def test_a_report_without_persons_is_refused() -> None:
    """The limit cannot be kept, so it is not quietly left out."""
    measured = {"a": report([[1]], months=(12,))}
    with pytest.raises(ArgumentError, match="a: a limit per person needs results by person"):
        cut_per_person({"a": (70,)}, measured=measured, cap=100)


def test_a_cap_on_persons_equals_a_loop_over_them(seed: int) -> None:
    """On random claims of two lines the cuts are those of a plain loop, person by person."""
    rng = np.random.default_rng(seed)
    prices = {"a": (40.0, 50.0, 60.0), "b": (30.0, 0.0)}
    months = {"a": (6, 12, 24), "b": (12, 18)}
    cap = 100.0
    persons = {line: rng.random((20, len(prices[line]), 7)) < 0.6 for line in prices}
    measured = {
        line: report(np.zeros((1, len(months[line]))), months=months[line], claims=(claim,))
        for line, claim in persons.items()
    }
    expected = {line: np.zeros((len(prices[line]), 7)) for line in prices}
    for d in range(7):
        for p in range(20):
            total = 0.0
            for month in (6, 12, 18, 24):
                claimed = {
                    (line, k): prices[line][k] * persons[line][p, k, d]
                    for line in prices
                    for k, at in enumerate(months[line])
                    if at == month
                }
                together = sum(claimed.values())
                lost = max(total + together - cap, 0.0)
                total += together - lost
                for (line, k), claim in claimed.items():
                    expected[line][k, d] += claim * lost / together if together else 0.0
    cuts = cut_per_person(prices, measured=measured, cap=cap)
    for line in prices:
        np.testing.assert_allclose(cuts[line][0], expected[line], rtol=1e-12, atol=1e-9)
