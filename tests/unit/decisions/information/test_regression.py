"""The basis on which what is expected is fitted, and that no draw speaks for itself."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.decisions.information.regression import DRAWS_PER_TERM, FOLDS, basis_of, fitted

DRAWS = 4_000


def test_the_terms_are_orthonormal_and_nested(seed: int) -> None:
    """One parameter has a line and three bends; a second adds as many, and their product."""
    x, y = np.random.default_rng(seed).normal(0, 1, (2, DRAWS))
    one, two = basis_of({"x": x}), basis_of({"x": x, "y": y})
    assert (one.terms, two.terms, two.knots, two.left_out) == (5, 10, 5, 0)
    # Orthonormal up to rounding.
    np.testing.assert_allclose(two.columns.T @ two.columns / DRAWS, np.eye(9), atol=1e-9)
    inside = two.columns @ (two.columns.T @ one.columns) / DRAWS
    np.testing.assert_allclose(inside, one.columns, atol=1e-6)


def test_a_natural_spline_is_straight_in_its_tails(seed: int) -> None:
    """Beyond the outer knots every term is a line: three points there have no bend."""
    x = np.sort(np.random.default_rng(seed).uniform(0, 1, DRAWS))
    found = basis_of({"x": x}).columns
    for tail in (x < 0.04, x > 0.96):
        line = np.polyfit(x[tail], found[tail], 1)
        # A cubic over this stretch would depart from its line by far more.
        np.testing.assert_allclose(
            found[tail], x[tail, None] * line[0] + line[1], rtol=0, atol=1e-7
        )


def test_what_others_tell_already_adds_no_term(seed: int) -> None:
    """A parameter given twice, or one that never varies, adds nothing."""
    x = np.random.default_rng(seed).normal(0, 1, DRAWS)
    alone = basis_of({"x": x})
    again = basis_of({"x": x, "same": 2 * x + 1, "fixed": np.full(DRAWS, 3.0)})
    assert again.terms == alone.terms + 1  # the square, which is their product
    assert basis_of({"fixed": np.full(DRAWS, 3.0)}).terms == 1


@pytest.mark.parametrize(("number", "knots", "products"), [(10, 5, 9), (20, 3, 9), (40, 0, 9)])
def test_few_draws_carry_few_terms(number: int, knots: int, products: int, seed: int) -> None:
    """A thousand draws carry fifty terms: products give way first, then knots, never the lines."""
    draws = 1_000
    rng = np.random.default_rng(seed)
    found = basis_of({f"x{i}": rng.normal(0, 1, draws) for i in range(number)})
    assert found.terms * DRAWS_PER_TERM == draws
    assert found.knots == knots
    assert found.left_out == number * (number - 1) // 2 - products


def test_no_draw_speaks_for_itself(seed: int) -> None:
    """What is expected in a fold stays the same to the bit whatever happens in that fold."""
    rng = np.random.default_rng(seed)
    x, luck = rng.normal(0, 1, (2, DRAWS))
    basis = basis_of({"x": x})
    before = (x + luck)[:, np.newaxis]
    after = before.copy()
    after[2::FOLDS] += 1e3 * rng.normal(0, 1, after[2::FOLDS].shape)
    fits = fitted(basis, before).expected, fitted(basis, after).expected
    np.testing.assert_array_equal(fits[0][2::FOLDS], fits[1][2::FOLDS])
    assert not np.allclose(fits[0][3::FOLDS], fits[1][3::FOLDS])


def test_a_line_is_found(seed: int) -> None:
    """Of a straight relation under luck the fit comes as near as its leverage says."""
    rng = np.random.default_rng(seed)
    x, luck = rng.normal(0, 1, (2, 20_000))
    fit = fitted(basis_of({"x": x}), (2 * x + luck)[:, np.newaxis])
    inner = np.abs(x) < 1.5
    off = fit.expected[inner, 0] - 2 * x[inner]
    expected = float(np.sqrt(fit.residual[0, 0] * fit.leverage[inner].mean()))
    # The root mean square of an error with some thirty degrees of freedom, to within a factor.
    assert 0.3 * expected < np.sqrt(np.mean(off**2)) < 2 * expected
    assert abs(fit.residual[0, 0] - 1) < 5 * np.sqrt(2 / 20_000) + fit.leverage.mean()
