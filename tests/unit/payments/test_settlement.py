"""A whole contract by hand: lines, limits in their order, what lapses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.core.stages import Measurement
from sibsim.payments.limits import ContractLimit
from sibsim.payments.rate_card import RateCard
from sibsim.payments.settlement import Payments, settle_payments
from tests.reported import all_served, report, served_first, terms

EXACT = 1e-12
"""Relative: a handful of additions in double precision."""


def card(price: float | list[float], **fields: Any) -> RateCard:  # noqa: ANN401 - fields of a spec
    """Return a rate card that pays for what is achieved."""
    return RateCard(**({"reads": "job", "pays_for": "achieved", "price": price} | fields))


def settle(
    lines: dict[str, RateCard], measured: dict[str, Measurement], **limits: float
) -> Payments:
    """Settle with every cohort served and all paid three months after."""
    cohorts = len(next(iter(measured.values())).when)
    return settle_payments(
        lines,
        measured=measured,
        standing=all_served(cohorts),
        limits=ContractLimit(**limits),
        terms=terms(),
    )


def by_quarter(amount: FloatArray) -> dict[int, float]:
    """Return what is paid in each quarter of one draw, without empty quarters."""
    return {int(t): float(amount[t, 0]) for t in np.flatnonzero(amount[:, 0])}


def test_without_limits_everything_owed_is_paid() -> None:
    """Paid is due, bit for bit, and no limit is reported."""
    settled = settle({"job": card(1_000)}, {"job": report([[20, 15]], months=(12, 24))})
    assert by_quarter(settled.paid["job"]) == {5: 20_000, 9: 15_000}
    assert settled.paid["job"] is settled.due["job"]
    assert settled.cut == {}


def test_line_limit_comes_before_year_and_contract() -> None:
    """The line cuts 60 + 60 to 100, the year 90 to 75, the contract 75 + 70 to 130."""
    measured = {"job": report([[60, 60]], months=(12, 24))}
    lines = {"a": card(1, limit={"line": 100}), "b": card(0.5)}
    settled = settle(lines, measured, year=75, contract=130)
    # Due a 60, 60; b 30, 30. Line: a 60, 40. Year: 90 -> 75 and 70. Contract: 75, 55.
    assert by_quarter(settled.cut["line.a"]) == pytest.approx({9: 20}, rel=EXACT)
    assert by_quarter(settled.cut["year"]) == pytest.approx({5: 15}, rel=EXACT)
    assert by_quarter(settled.cut["contract"]) == pytest.approx({9: 15}, rel=EXACT)
    a, b = by_quarter(settled.paid["a"]), by_quarter(settled.paid["b"])
    assert a == pytest.approx({5: 50, 9: 40 * 55 / 70}, rel=EXACT)
    assert b == pytest.approx({5: 25, 9: 30 * 55 / 70}, rel=EXACT)
    assert "line.b" not in settled.cut


def test_a_limit_that_never_binds_is_reported_as_zero() -> None:
    """A set limit has its row even where nothing was cut."""
    settled = settle({"a": card(1)}, {"job": report([[60]], months=(12,))}, contract=100)
    assert not settled.cut["contract"].any()


def test_the_limit_per_person_comes_first() -> None:
    """Prices 50 and 80, cap 100: of 100 and 80 due the person cap cuts 30, a line cap 10 more."""
    persons = np.array([[1, 1], [1, 0]], dtype=np.bool_)[:, :, np.newaxis]
    measured = {"job": report([[2, 1]], months=(12, 24), claims=(persons,))}
    lines = {"job": card([50, 80], limit={"line": 140})}
    settled = settle(lines, measured, person=100)
    assert by_quarter(settled.cut["person"]) == pytest.approx({9: 30}, rel=EXACT)
    assert by_quarter(settled.cut["line.job"]) == pytest.approx({9: 10}, rel=EXACT)
    assert by_quarter(settled.paid["job"]) == pytest.approx({5: 100, 9: 40}, rel=EXACT)


def test_the_limit_per_person_leaves_lines_without_persons_alone() -> None:
    """What is additional is paid by number, not by person."""
    measured = {"job": report([[30]], months=(12,), rate=0.4)}
    line = card(500, pays_for="additional", floor="cohort")
    settled = settle({"job": line}, measured, person=100)
    assert by_quarter(settled.paid["job"]) == pytest.approx({5: 5_000}, rel=EXACT)
    assert not settled.cut["person"].any()


def test_a_cohort_not_served_loses_nothing_by_the_limit_per_person() -> None:
    """Its cut of 20 would fall in quarter 7, in which the first cohort is owed 60."""
    first = np.array([[1, 0], [0, 1]], dtype=np.bool_)[:, :, np.newaxis]
    never = np.array([[1, 0], [1, 0]], dtype=np.bool_)[:, :, np.newaxis]
    settled = settle_payments(
        {"job": card([110, 60])},
        measured={"job": report([[1, 1], [2, 0]], months=(12, 18), claims=(first, never))},
        standing=served_first(1, of=2),
        limits=ContractLimit(person=100),
        terms=terms(),
    )
    assert by_quarter(settled.cut["person"]) == {5: 10}
    assert by_quarter(settled.paid["job"]) == {5: 100, 7: 60}


def test_what_lapses_is_counted_and_uses_up_no_limit() -> None:
    """The second follow-up falls after the last payment date: the contract cap has room."""
    settled = settle_payments(
        {"job": card(1_000)},
        measured={"job": report([[20, 15]], months=(12, 24))},
        standing=all_served(1),
        limits=ContractLimit(contract=20_000),
        terms=terms(last=20.0),
    )
    assert settled.lapsed["job"].tolist() == [15_000]
    assert by_quarter(settled.paid["job"]) == {5: 20_000}
    assert not settled.cut["contract"].any()


def test_year_limit_follows_the_calendar_year_of_payment() -> None:
    """Due in October 2024 and in January and April 2025: two years, two limits."""
    measured = {"job": report([[60, 60, 60]], months=(6, 9, 12))}
    settled = settle({"job": card(1)}, measured, year=100)
    assert by_quarter(settled.paid["job"]) == pytest.approx({3: 60, 4: 60, 5: 40}, rel=EXACT)


def test_a_line_limit_before_a_year_limit_can_make_a_higher_price_pay_less() -> None:
    """Price 1: 60 + 60. Price 2: 120 + 0 under the line limit, and the year keeps 60 of it."""
    measured = {"job": report([[60, 60]], months=(12, 24))}
    paid = [
        by_quarter(settle({"a": card(price, limit={"line": 120})}, measured, year=60).paid["a"])
        for price in (1, 2)
    ]
    assert paid[0] == pytest.approx({5: 60, 9: 60}, rel=EXACT)
    assert paid[1] == pytest.approx({5: 60}, rel=EXACT)


def test_a_contract_without_lines_pays_nothing() -> None:
    """Limits over no lines cut nothing."""
    settled = settle_payments(
        {},
        measured={},
        standing=all_served(1),
        limits=ContractLimit(person=1, year=1, contract=1),
        terms=terms(),
    )
    assert settled.paid == {}
    assert all(not cut.any() for cut in settled.cut.values())
