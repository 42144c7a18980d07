"""The state's share falls with the weeks on support, prorated inside a period."""

from __future__ import annotations

from datetime import date

import numpy as np

from sibsim.budget.refund import state_share
from sibsim.core.prices import refund_ladder

LADDER = refund_ladder("dk-refund", day=date(2024, 1, 1))
WEEKS = 13.04
"""Weeks in a quarter."""

EXACT = 1e-12
"""Differences of sums below 1,000 weeks are right to about 1e-13."""


def test_from_the_first_week_by_hand() -> None:
    """A quarter from week 0 has 4 weeks at 80 % and 9.04 at 40 %."""
    share = state_share(np.array([0.0, 3.0]), ladder=LADDER, weeks_before=np.zeros(1000))
    np.testing.assert_allclose(share, [(4 * 0.8 + 9.04 * 0.4) / WEEKS], rtol=EXACT)


def test_weeks_before_the_start_count() -> None:
    """From week 45 a quarter has 7 weeks at 30 % and 6.04 at 20 %, later ones 20 %."""
    share = state_share(np.array([0.0, 3.0, 6.0]), ladder=LADDER, weeks_before=np.full(1000, 45.0))
    np.testing.assert_allclose(share, [(7 * 0.3 + 6.04 * 0.2) / WEEKS, 0.2], rtol=EXACT)


def test_only_the_part_after_the_start_counts() -> None:
    """A start two months into the quarter averages over its last month; before it there is none."""
    share = state_share(
        np.array([-5.0, -2.0, 1.0]), ladder=LADDER, weeks_before=np.full(1000, 24.0)
    )
    weeks = WEEKS / 3
    np.testing.assert_allclose(share, [0.0, (2 * 0.4 + (weeks - 2) * 0.3) / weeks], rtol=EXACT)


def test_agrees_with_numerical_integration(seed: int) -> None:
    """A fine sum over people and days gives the same share."""
    rng = np.random.default_rng(seed)
    before = np.sort(rng.lognormal(3.0, 0.8, 1000))
    since = np.arange(0.0, 25.0, 3.0)
    share = state_share(since, ladder=LADDER, weeks_before=before)
    days = (np.arange(400) + 0.5) / 400 * WEEKS
    for quarter, value in enumerate(share):
        weeks = before[:, np.newaxis] + quarter * WEEKS + days
        step = np.searchsorted(LADDER.from_week, weeks, side="left") - 1
        numeric = np.array(LADDER.state_share)[step].mean()
        # A person's step falls between two of 400 points: at most 0.6 / 400 off, and never all.
        np.testing.assert_allclose(value, numeric, rtol=0, atol=0.6 / 400)


def test_share_never_rises_over_time() -> None:
    """The longer on support, the less the state refunds."""
    before = np.linspace(0.0, 80.0, 1000)
    share = state_share(np.arange(0.0, 61.0), ladder=LADDER, weeks_before=before)
    # Where all are beyond 52 weeks the share is 20 % but for rounding.
    assert np.all(np.diff(share) <= EXACT)
    np.testing.assert_allclose(share[-1], 0.2, rtol=1e-11)
