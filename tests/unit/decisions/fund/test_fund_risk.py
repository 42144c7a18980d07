"""Contributions to the shortfall and the diversification curve, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

import sibsim as sib
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import TAIL, expected_shortfall
from sibsim.core.streams import Layer, LayerName
from sibsim.decisions.fund.concentration import Concentration
from sibsim.decisions.fund.pooling import portfolio
from sibsim.decisions.fund.risk import (
    SUBSETS,
    Diversification,
    benefit,
    contributions,
    curve,
    tail_weights,
)
from sibsim.errors import ArgumentError
from tests.small_case import small_case

ERRORS = 5
DRAWS = 4096
SHORTFALL = float(norm.pdf(norm.ppf(TAIL)) / TAIL)
"""Expected shortfall of a standard normal: phi(z) / s."""


def normals(seed: int, *, number: int, rows: int = 1, block: int = 0) -> FloatArray:
    """Return standard normals, (number, rows x DRAWS)."""
    layer = Layer(LayerName.PARAMETERS, seed=seed, block=block)
    uniforms = layer.uniforms("tests", rows=number * rows)
    return np.asarray(norm.ppf(uniforms)).reshape(number, rows * DRAWS)


def equicorrelated(seed: int, *, number: int, rho: float, rows: int = 1) -> FloatArray:
    """Return standard normals any two of which correlate by rho, (number, rows x DRAWS)."""
    own = normals(seed, number=number, rows=rows)
    shared = normals(seed + 1, number=1, rows=rows)
    return math.sqrt(rho) * shared + math.sqrt(1 - rho) * own


@pytest.mark.parametrize("draws", [2, 7, 20, 33, 4096])
def test_contributions_sum_to_the_shortfall(draws: int, seed: int) -> None:
    """Whatever the number of draws, a part of a draw at the boundary or not."""
    profits = normals(seed, number=3)[:, :draws]
    whole = expected_shortfall(profits.sum(axis=0)).value
    # Sums of the same draws in another order.
    assert sum(each.value for each in contributions(profits)) == pytest.approx(whole, rel=1e-12)
    assert tail_weights(profits.sum(axis=0)).sum() == pytest.approx(1.0, rel=1e-12)


def test_draws_that_tie_at_the_boundary_share_what_is_left() -> None:
    """Of 40 draws two count: one is worse, three tie and count a third each, in any order."""
    fund = np.full(40, 5.0)
    fund[[3, 30, 31]], fund[7] = -1.0, -4.0
    weights = tail_weights(fund)
    assert weights[7] == pytest.approx(1 / 2)
    assert weights[[3, 30, 31]] == pytest.approx([1 / 6] * 3)
    assert weights.sum() == pytest.approx(1.0)
    order = np.argsort(np.arange(40) * 7 % 40)
    np.testing.assert_allclose(tail_weights(fund[order]), weights[order])


def test_contributions_of_normal_deals_are_those_of_the_closed_form(seed: int) -> None:
    """C_k = ES Cov(x_k, X) / Var(X): of independent deals, in proportion to their variances."""
    sds = np.array([1.0, 2.0, 3.0])
    profits = normals(seed, number=3, rows=10) * sds[:, np.newaxis]
    expected = SHORTFALL * sds**2 / math.sqrt((sds**2).sum())
    for found, right in zip(contributions(profits), expected, strict=True):
        assert abs(found.value - right) < ERRORS * found.mc_error
        assert found.mc_error < 0.1


def test_errors_of_contributions_are_those_of_repeated_simulation(seed: int) -> None:
    """The sd over 200 simulations is the error that each one gives."""
    found = [
        contributions(normals(seed, number=2, block=block) * np.array([[1.0], [2.0]]))
        for block in range(200)
    ]
    for position in range(2):
        values = np.array([each[position].value for each in found])
        errors = np.array([each[position].mc_error for each in found])
        # A standard deviation over n simulations has a relative error of 1 / sqrt(2 n).
        tolerance = ERRORS / math.sqrt(2 * 200)
        assert errors.mean() == pytest.approx(values.std(ddof=1), rel=tolerance)


def test_the_benefit_of_normal_deals_is_that_of_the_closed_form(seed: int) -> None:
    """ES (sum of sds - sd of the sum); none for deals that are the same."""
    profits = normals(seed, number=2, rows=10) * np.array([[3.0], [4.0]])
    found = benefit(profits)
    assert abs(found.value - 2 * SHORTFALL) < ERRORS * found.mc_error
    same = benefit(np.stack([profits[0], profits[0]]))
    assert same.value == pytest.approx(0.0, abs=1e-9)
    assert same.mc_error == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("rho", [0.0, 0.3])
def test_the_curve_of_equal_deals_is_that_of_the_closed_form(rho: float, seed: int) -> None:
    """The root of rho + (1 - rho) / n, and phi(z) / s times it; rho = 0 as if independent."""
    profits = equicorrelated(seed, number=6, rho=rho, rows=4)
    for point in curve(profits, commitments=np.ones(6), seed=seed):
        sd = math.sqrt(rho + (1 - rho) / point.deals)
        apart = 1 / math.sqrt(point.deals)
        for found, right in (
            (point.sd, sd),
            (point.shortfall, SHORTFALL * sd),
            (point.independent_sd, apart),
            (point.independent_shortfall, SHORTFALL * apart),
        ):
            assert 0 < found.mc_error < 0.05
            assert abs(found.value - right) < ERRORS * found.mc_error


def test_the_ends_of_the_curve_are_one_deal_and_the_fund(seed: int) -> None:
    """N = 1 is the mean over deals of each alone, n = all the fund, also for many deals."""
    profits = normals(seed, number=60)[:, :500]
    commitments = np.arange(1.0, 61.0)
    points = curve(profits, commitments=commitments, seed=seed)
    assert [point.deals for point in points] == list(range(1, 61))
    alone, all_of_them = points[0], points[-1]
    assert alone.groups == 60
    assert all_of_them.groups == 1
    assert {point.groups for point in points[1:-2]} == {SUBSETS}
    sds = profits.std(axis=1, ddof=1)
    shortfalls = np.array([expected_shortfall(each).value for each in profits])
    total = profits.sum(axis=0)
    assert alone.sd.value == pytest.approx((sds / commitments).mean(), rel=1e-9)
    assert alone.shortfall.value == pytest.approx((shortfalls / commitments).mean(), rel=1e-9)
    assert all_of_them.sd.value == pytest.approx(total.std(ddof=1) / commitments.sum(), rel=1e-9)
    assert all_of_them.shortfall.value == pytest.approx(
        expected_shortfall(total).value / commitments.sum(), rel=1e-9
    )


def test_a_curve_is_ready_to_be_drawn(seed: int) -> None:
    """One row per size and curve in the frame, one row per size in the table."""
    found = Diversification(
        curve(normals(seed, number=3), commitments=np.ones(3), seed=seed), DRAWS
    )
    frame, table = found.frame(), found.table()
    assert len(frame) == 3 * 4
    assert set(frame["dependence"]) == {"as_simulated", "independent"}
    one = frame.query("deals == 2 and dependence == 'independent' and figure == 'sd'")
    assert one["value"].item() == table.loc[2, "independent_sd"]
    assert "4,096 draws" in repr(found)
    assert "<table" in found._repr_html_()


def test_concentration_is_worked_out_by_hand(seed: int) -> None:
    """Commitments of 1, 1 and 2: Herfindahl 6 / 16; shares of risk sum to one."""
    case = small_case()
    money = case.contract.capital
    assert money is not None
    double = case.with_({"capital.tranches.dsi.commitment": 13_800_000})
    fund = portfolio({"a": case, "b": case, "c": double}, draws=200, rng=seed)
    found = fund.concentration()
    assert found.shares == (0.25, 0.25, 0.5)
    assert found.herfindahl == pytest.approx(6 / 16)
    assert found.largest == "c"
    assert sum(found.risk_shares) == pytest.approx(1.0)
    assert found.shortfall == expected_shortfall(fund.metric("profit"))
    table = found.table()
    assert list(table.index) == ["a", "b", "c", "fund"]
    parts = table.loc[["a", "b", "c"]].sum()
    assert parts["alone"] - parts["contribution"] == pytest.approx(found.benefit.value)
    assert table["alone"].iloc[-1] == pytest.approx(parts["alone"])
    assert found.riskiest in {"a", "b", "c"}
    assert repr(found).count("\n") >= 5
    assert "<table" in found._repr_html_()


def test_a_fund_that_gains_in_its_worst_cases_shares_out_no_loss(seed: int) -> None:
    """Contributions stand, shares of a loss that is none do not, and the sentence says so."""
    profits = normals(seed, number=2) + 100.0
    found = Concentration(
        names=("a", "b"),
        commitments=(1.0, 1.0),
        contributions=contributions(profits),
        alone=tuple(map(expected_shortfall, profits)),
        shortfall=expected_shortfall(profits.sum(axis=0)),
        benefit=benefit(profits),
        currency="DKK",
    )
    assert found.shortfall.value < 0
    assert np.isnan(found.risk_shares).all()
    assert "The fund gains even in its worst twentieth" in " ".join(found.sentences())
    assert "overskud selv i den værste tyvendedel" in " ".join(found.sentences("da"))


def test_a_fund_needs_two_draws() -> None:
    """One draw has no spread and no error: refused with the way out; two have both."""
    case = sib.load_case("holbaek")
    with pytest.raises(ArgumentError, match=r"draws: got 1; .*take at least 2"):
        portfolio([case], draws=1)
    fund = portfolio([case, case], draws=2)
    assert len(fund.diversification().points) == 2
    assert fund.sentences()
