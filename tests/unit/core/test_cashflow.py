"""Present values, internal rates of return and the figures beside them."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from sibsim.core.arrays import FloatArray
from sibsim.core.cashflow import (
    discount_factors,
    irr,
    multiple,
    npv,
    payback_years,
    peak_capital,
    profit,
    weighted_average_life,
    xirr,
)
from sibsim.core.rates import IrrCode, dated_returns, returns
from sibsim.errors import ArgumentError
from tests.benchmarks.flows import PERIODS_PER_YEAR, SETS

PRINTED = 5e-7
"""Rates printed as per cent with four digits; half a unit of the last one."""

ORACLE = 1e-9
"""Agreed accuracy of a rate against an independent solver."""

REACHED = 1e-10
"""Accuracy that is reached in fact, with room for the unluckiest of some thousand flows."""

ARITHMETIC = 1e-12
"""A few dozen roundings of double precision."""

EXCEL_XIRR = [-10_000, 2_750, 4_250, 3_250, 2_750]
EXCEL_DATES = [
    date(2008, 1, 1),
    date(2008, 3, 1),
    date(2008, 10, 30),
    date(2009, 2, 15),
    date(2009, 4, 1),
]


def column(*amounts: float) -> FloatArray:
    """Return one flow as an array (N, 1)."""
    return np.array(amounts, dtype=np.float64)[:, np.newaxis]


def code_of(*amounts: float) -> IrrCode:
    """Return the code of one yearly flow."""
    return IrrCode(returns(column(*amounts), periods_per_year=1).code[0])


def brent(flow: FloatArray, *, periods_per_year: float) -> float:
    """Return the rate at which Brent's method finds the value of a flow to be zero."""
    years = np.arange(len(flow)) / periods_per_year

    def value(log_rate: float) -> float:
        exponent = -log_rate * years
        return float(flow @ np.exp(exponent - exponent.max()))

    return float(np.expm1(brentq(value, -20.0, 20.0, xtol=1e-14, rtol=1e-14)))


def random_flows(seed: int, *, shape: tuple[int, int]) -> FloatArray:
    """Return flows with many changes of sign, some of them zero, payments first on the whole."""
    generator = np.random.Generator(np.random.SFC64(seed))
    drift = np.where(np.arange(shape[0]) < shape[0] // 3, -0.7, 0.5)
    flows = generator.standard_normal(shape) + drift[:, np.newaxis]
    return np.where(generator.random(shape) < 0.2, 0.0, flows)


@pytest.mark.parametrize(
    ("rate", "year", "printed"),
    [
        (0.035, 1, 0.9662),
        (0.035, 5, 0.8420),
        (0.035, 10, 0.7089),
        (0.035, 20, 0.5026),
        (0.035, 30, 0.3563),
        (((0, 0.035), (30, 0.03)), 31, 0.3459),
        (((0, 0.035), (30, 0.03)), 50, 0.1973),
        (((0, 0.035), (30, 0.03)), 75, 0.0942),
        (0.015, 10, 0.8617),
        (0.02, 10, 0.8203),
        (0.05, 10, 0.6139),
    ],
)
def test_discount_factors_are_the_published_ones(
    rate: float | tuple[tuple[float, float], ...], year: int, printed: float
) -> None:
    """Factors of the Green Book and of finance ministries, to the four printed digits."""
    assert discount_factors(np.array([year]), rate=rate) == pytest.approx(printed, abs=5e-5)


@pytest.mark.parametrize("rate", [-1.0, (), ((1, 0.03),), ((0, 0.03), (0, 0.02))])
def test_discount_rate_must_make_sense(rate: float | tuple[tuple[float, float], ...]) -> None:
    """A rate of -100 % and steps that do not rise from year 0 are refused."""
    with pytest.raises(ArgumentError):
        discount_factors(np.array([1.0]), rate=rate)


def test_npv_is_that_of_spreadsheets_one_period_later() -> None:
    """The published spreadsheet value discounts the first flow too."""
    value = np.asarray(npv(column(-10_000, 3_000, 4_200, 6_800), rate=0.10, periods_per_year=1))
    assert value / 1.10 == pytest.approx([1188.4434], abs=5e-5)


def test_npv_takes_an_effective_annual_rate() -> None:
    """Four quarters at 8 % a year are worth 1 / 1.08."""
    assert npv(column(0, 0, 0, 0, 108), rate=0.08, periods_per_year=4) == pytest.approx(
        [100.0], rel=ARITHMETIC
    )


@pytest.mark.parametrize(
    ("flow", "printed"),
    [
        ([-70_000, 12_000, 15_000, 18_000, 21_000], -0.021245),
        ([-70_000, 12_000, 15_000, 18_000, 21_000, 26_000], 0.086631),
        ([-70_000, 12_000, 15_000], -0.443507),
    ],
)
def test_irr_is_the_published_one(flow: list[float], printed: float) -> None:
    """The examples of the spreadsheet manual, to the printed digits."""
    assert irr(flow) == pytest.approx(printed, abs=PRINTED)


@pytest.mark.parametrize(
    ("repaid", "per_cent"),
    [(10.08, 1.227), (10.176, 1.467), (10.368, 1.943), (10.944, 3.330), (11.712, 5.097)],
)
def test_irr_of_one_repayment_is_the_closed_form(repaid: float, per_cent: float) -> None:
    """Rikers Island: 9.6 paid, one repayment after four years; quarters give the same."""
    closed = (repaid / 9.6) ** (1 / 4) - 1
    assert closed * 100 == pytest.approx(per_cent, abs=5e-4)
    assert irr([-9.6, 0, 0, 0, repaid]) == pytest.approx(closed, abs=ARITHMETIC)
    quarters = [-9.6, *[0.0] * 15, repaid]
    assert irr(quarters, periods_per_year=4) == pytest.approx(closed, abs=ARITHMETIC)


def test_xirr_is_the_published_one() -> None:
    """The example of the spreadsheet manual, act/365, dates in any order."""
    assert xirr(EXCEL_XIRR, EXCEL_DATES) == pytest.approx(0.3733625, abs=5e-8)
    assert xirr(EXCEL_XIRR[::-1], EXCEL_DATES[::-1]) == pytest.approx(0.3733625, abs=5e-8)


def test_xirr_adds_up_amounts_on_one_date() -> None:
    """Two halves on one day are one whole."""
    days = [date(2023, 1, 1), date(2024, 1, 1), date(2024, 1, 1)]
    assert xirr([-100, 55, 55], days) == pytest.approx(0.10, abs=ARITHMETIC)


def test_xirr_of_a_flow_that_multiplies_overnight_does_not_fail() -> None:
    """90 % lost in a day is -100 % a year to the last digit; a hundredfold gain has no number."""
    days = [date(2024, 1, 1), date(2024, 1, 2)]
    assert xirr([-100, 10], days) == -1.0
    assert xirr([-1, 100], days) == np.inf


@pytest.mark.parametrize(
    ("flow", "code"),
    [
        ([-100, 110], IrrCode.UNIQUE),
        ([-100, 0, 0], IrrCode.TOTAL_LOSS),
        ([-100, -5, -1], IrrCode.TOTAL_LOSS),
        ([-100], IrrCode.TOTAL_LOSS),
        ([0, 5, 5], IrrCode.UNDEFINED),
        ([0, 0, 0], IrrCode.UNDEFINED),
        ([100, -110], IrrCode.UNDEFINED),
        ([-1, 6.6, -14.48, 10.56], IrrCode.SEVERAL),
        ([-100, 230, -132], IrrCode.UNIQUE),
    ],
)
def test_code_says_what_kind_of_rate_it_is(flow: list[float], code: IrrCode) -> None:
    """Total loss is -1, undefined NaN, anything else a number; dated flows say the same."""
    expected = {IrrCode.TOTAL_LOSS: True, IrrCode.UNDEFINED: False}
    rate = irr(flow)
    assert isinstance(rate, float)
    assert code_of(*flow) == code
    assert (rate == -1.0) == expected.get(code, False)
    assert np.isnan(rate) == (code == IrrCode.UNDEFINED)
    days = [date(2021 + year, 1, 1) for year in range(len(flow))]
    assert dated_returns(flow, days).code[0] == code


def test_nearest_of_several_rates_is_reported() -> None:
    """(1 + r) = 1.2, 2.2, 3.2: the value falls through zero at 20 % and at 220 %."""
    flow = -np.poly([1.2, 2.2, 3.2])
    assert irr(flow) == pytest.approx(0.2, abs=ORACLE)
    assert code_of(*flow) == IrrCode.SEVERAL


def test_rate_at_which_the_value_rises_does_not_count() -> None:
    """-100, 230, -132 is worth zero at 10 % and at 20 %, but falls through it at 20 % only."""
    assert irr([-100, 230, -132]) == pytest.approx(0.2, abs=ORACLE)


def test_close_roots_are_told_apart() -> None:
    """Three roots within one per cent are all found; the nearest at which the value falls wins."""
    flow = -np.poly([1.05, 1.055, 1.06])
    assert irr(flow) == pytest.approx(0.05, abs=1e-8)  # the roots' condition is 1e5
    assert code_of(*flow) == IrrCode.SEVERAL


@pytest.mark.parametrize("flow", [[-3, 3, 1, -3, 2], [-2, -2, 3, -2, 3], [-2, 0, 1, 1, -3, 3]])
def test_root_on_a_cut_between_two_pieces_is_found(flow: list[float]) -> None:
    """The only root lies where the search cuts the line: the value there is exactly zero."""
    assert irr(flow) == pytest.approx(0.0, abs=ARITHMETIC)
    assert code_of(*flow) == IrrCode.UNIQUE


def test_sum_of_zero_is_a_rate_of_zero() -> None:
    """What is paid comes back without interest, on a flow with one change of sign and with more."""
    assert irr([-100, 40, 60]) == pytest.approx(0.0, abs=ARITHMETIC)
    assert irr([-100, 70, -20, 50]) == pytest.approx(0.0, abs=ARITHMETIC)


@pytest.mark.parametrize("name", SETS)
def test_irr_agrees_with_brent(name: str) -> None:
    """The three sets of the benchmark, each flow solved again one by one."""
    flows = SETS[name](400)
    expected = [brent(flow, periods_per_year=PERIODS_PER_YEAR) for flow in flows.T]
    found = irr(flows, periods_per_year=PERIODS_PER_YEAR)
    np.testing.assert_allclose(found, expected, rtol=0, atol=ORACLE)


@pytest.mark.parametrize("nodes", [2, 3, 12, 40, 120])
def test_irr_agrees_with_brent_on_any_flow_with_one_change_of_sign(seed: int, nodes: int) -> None:
    """Sizes over six powers of ten, the change of sign anywhere, zeros included."""
    generator = np.random.Generator(np.random.SFC64(seed))
    size = 10.0 ** generator.uniform(-3, 3, (nodes, 300)) * (generator.random((nodes, 300)) < 0.7)
    first_receipt = generator.integers(1, nodes, 300)
    flows = np.where(np.arange(nodes)[:, np.newaxis] < first_receipt, -size, size)
    flows[0] -= 1.0
    flows[-1] += 1.0
    found = returns(flows, periods_per_year=1)
    expected = np.array([brent(flow, periods_per_year=1) for flow in flows.T])
    np.testing.assert_allclose(found.rate, expected, rtol=REACHED, atol=REACHED)
    assert not found.code.any()


@pytest.mark.parametrize("nodes", [3, 6, 12, 20])
def test_every_root_of_the_polynomial_is_seen(seed: int, nodes: int) -> None:
    """Rate and code follow from the eigenvalues of the companion matrix, however many roots."""
    flows = random_flows(seed, shape=(nodes, 300))
    found = returns(flows, periods_per_year=1)
    for flow, rate, code in zip(flows.T, found.rate, found.code, strict=True):
        polynomial = np.poly1d(flow[::-1])
        roots = [x.real for x in polynomial.roots if x.real > 0 and abs(x.imag) < 1e-9 * abs(x)]
        falling = sorted((1 / x - 1 for x in roots if polynomial.deriv()(x) > 0), key=abs)
        if falling:
            # eigenvalues of clustered roots are good to the square root of double precision
            assert rate == pytest.approx(falling[0], rel=1e-7, abs=1e-7)
            assert code == (IrrCode.SEVERAL if len(falling) > 1 else IrrCode.UNIQUE)
        else:
            assert code in (IrrCode.UNDEFINED, IrrCode.TOTAL_LOSS)


def test_a_draw_does_not_depend_on_its_neighbours(seed: int) -> None:
    """Any number of draws, any order and any layout give the same bits."""
    sets = [make(4_100) for make in SETS.values()]
    flows = np.hstack([random_flows(seed, shape=(40, 50)), *sets])
    order = np.random.Generator(np.random.SFC64(seed)).permutation(flows.shape[1])
    flows = flows[:, order]
    whole = returns(flows, periods_per_year=4)
    for draws in (*range(1, 18), 4_095, 4_097):
        part = returns(flows[:, :draws], periods_per_year=4)
        np.testing.assert_array_equal(part.rate, whole.rate[:draws])
        np.testing.assert_array_equal(part.code, whole.code[:draws])
    turned = returns(np.asfortranarray(flows[:, ::-1]), periods_per_year=4)
    np.testing.assert_array_equal(turned.rate, whole.rate[::-1])
    assert profit(flows)[:1] == profit(flows[:, :1])


def test_irr_does_not_change_its_argument() -> None:
    """The flows that are handed over stay as they were."""
    flows = SETS["dense"](64)
    before = flows.copy()
    irr(flows, periods_per_year=4)
    np.testing.assert_array_equal(flows, before)


AMOUNTS = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=8)


@given(paid=AMOUNTS, received=AMOUNTS, scale=st.floats(1e-6, 1e6))
def test_irr_does_not_depend_on_the_currency(
    paid: list[float], received: list[float], scale: float
) -> None:
    """Scaling all money leaves the rate."""
    flow = np.array([-amount for amount in paid] + received)
    assert irr(flow * scale) == pytest.approx(irr(flow), rel=ORACLE, abs=ORACLE)


@given(paid=AMOUNTS, received=AMOUNTS, more=st.floats(0, 1e6), data=st.data())
def test_another_receipt_never_lowers_the_irr(
    paid: list[float], received: list[float], more: float, data: st.DataObject
) -> None:
    """With payments before receipts, a higher receipt is a higher rate."""
    flow = np.array([-amount for amount in paid] + received)
    richer = flow.copy()
    richer[data.draw(st.integers(len(paid), len(flow) - 1))] += more
    before, after = returns(np.column_stack([flow, richer]), periods_per_year=1).rate
    assert after >= before - ORACLE * (1 + abs(before))


@given(paid=AMOUNTS, received=AMOUNTS)
def test_value_at_the_irr_is_zero(paid: list[float], received: list[float]) -> None:
    """Discounted at its own rate a flow is worth nothing, compared with all that is moved."""
    flow = column(*[-amount for amount in paid], *received)
    rate = float(returns(flow, periods_per_year=1).rate[0])
    nodes = np.arange(len(flow))
    moved = np.abs(flow[:, 0]) @ (1 + rate) ** -nodes
    # a rate is good to 1e-11 of 1 + rate, and fifteen nodes multiply that by fifteen
    assert npv(flow[:, 0], rate=rate) == pytest.approx(0, abs=1e-8 * moved)


def test_npv_takes_plain_numbers_like_irr() -> None:
    """A sequence, an array with one axis and numpy scalars give a float, at intervals of a year."""
    flows: list[Any] = [[-100, 104], (np.int64(-100), np.float32(104)), np.array([-100, 104])]
    for flow in flows:
        value = npv(flow, rate=0.04)
        assert type(value) is float
        assert value == pytest.approx(0.0, abs=ARITHMETIC * 100)
    none: Any = np.float32(0)
    assert npv([-100, 110], rate=none) == 10.0
    two = npv(np.array([[-100, -50], [110, 50]]), rate=0.0)
    assert np.asarray(two).tolist() == [10.0, 0.0]


@pytest.mark.parametrize(
    ("flow", "rate", "intervals"),
    [
        ("abc", 0.04, 1),
        ([-1, np.nan], 0.04, 1),
        ([], 0.04, 1),
        (-1, 0.04, 1),
        ([-1, 2], 0.04, 0),
        ([-1, 2], "4 %", 1),
        ([-1, 2], None, 1),
    ],
)
def test_npv_refuses_what_is_no_flow_and_no_rate(
    flow: list[float], rate: float, intervals: int
) -> None:
    """Text, a flow that is not finite or missing, no interval, no rate."""
    with pytest.raises(ArgumentError):
        npv(flow, rate=rate, periods_per_year=intervals)


@pytest.mark.parametrize("flow", ["abc", ["-1", "2"], [[1], [1, 2]], [None, "x"], [1j, 2], 5])
def test_flows_that_are_no_numbers_are_refused(flow: list[float]) -> None:
    """Text, rows of different length, complex numbers and a single number."""
    with pytest.raises(ArgumentError):
        irr(flow)
    with pytest.raises(ArgumentError):
        xirr(flow, EXCEL_DATES[:2])


def test_irr_without_a_root_is_undefined_although_the_signs_differ() -> None:
    """The value of -100, 50, -10 is below zero at every rate."""
    assert np.isnan(irr([-100, 50, -10]))
    assert code_of(-100, 50, -10) == IrrCode.UNDEFINED


@pytest.mark.parametrize("flow", [[], [-1, np.nan], [-1, np.inf], [[[1.0]]]])
def test_flows_that_are_none_are_refused(flow: list[float]) -> None:
    """No flow, a flow that is not finite and an array with three axes."""
    with pytest.raises(ArgumentError):
        irr(flow)


def test_periods_must_be_above_zero() -> None:
    """A year has periods."""
    with pytest.raises(ArgumentError, match="above zero"):
        irr([-1, 2], periods_per_year=0)


@pytest.mark.parametrize(("flows", "dates"), [([-1, 2], 3), ([], 0), ([-1, np.nan], 2)])
def test_dated_flows_that_do_not_fit_are_refused(flows: list[float], dates: int) -> None:
    """One date for each flow, at least one flow, all finite."""
    with pytest.raises(ArgumentError):
        xirr(flows, EXCEL_DATES[:dates])


def test_figures_of_an_investment_by_hand() -> None:
    """Paid 100 and 50, back 30, 60 and 90: each figure from its formula."""
    flows = np.array([[-100.0, 5.0], [-50.0, 5.0], [30.0, 0.0], [60.0, 0.0], [90.0, 0.0]])
    np.testing.assert_array_equal(profit(flows), [30.0, 10.0])
    np.testing.assert_array_equal(peak_capital(flows), [150.0, 0.0])
    np.testing.assert_array_equal(payback_years(flows, periods_per_year=4), [1.0, np.nan])
    life = (2 * 30 + 3 * 60 + 4 * 90) / 180 / 4
    found = weighted_average_life(flows, periods_per_year=4)
    np.testing.assert_allclose(found, [life, 0.125], rtol=ARITHMETIC)


def test_payback_forgives_rounding() -> None:
    """Thirds that add up to the whole but for the last bit are paid back."""
    flows = column(-1.0, *[0.1] * 10)
    assert profit(flows)[0] < 0
    assert payback_years(flows, periods_per_year=1) == [10.0]


def test_payback_never_comes_without_enough_receipts() -> None:
    """A loss is never paid back, and neither is nothing."""
    flows = np.array([[-10.0, 0.0], [9.0, 0.0]])
    assert np.isnan(payback_years(flows, periods_per_year=1)).all()
    assert np.isnan(weighted_average_life(-np.abs(flows), periods_per_year=1)).all()


def test_multiple_is_undefined_where_nothing_is_drawn() -> None:
    """Gross received over gross drawn."""
    found = multiple(np.array([120.0, 5.0]), drawn=np.array([100.0, 0.0]))
    np.testing.assert_array_equal(found, [1.2, np.nan])
