"""What is saved before a day is not taken out of the budget; what is lost counts at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.budget.lines import BudgetLine
from tests.unit.budget.test_savings import BENEFIT, CENT, GROSS, LADDER, STATE, row, saved

OWN = GROSS - STATE
"""The municipality's own part of the saving, by quarter of 2024 and 2025."""


@pytest.mark.parametrize(
    ("day", "released"),
    [
        (date(2024, 1, 1), [1, 1, 1, 1, 1, 1, 1, 1]),
        (date(2025, 1, 1), [0, 0, 0, 0, 1, 1, 1, 1]),
        (date(2024, 11, 15), [0, 0, 0, 0, 1, 1, 1, 1]),
    ],
)
def test_nothing_is_released_before_the_day_by_hand(day: date, released: list[int]) -> None:
    """A period is released if it opens on the day or later; what is not stands in the memo."""
    result = saved({"benefit": BudgetLine(**BENEFIT, refund=LADDER, release_from=day)})
    kept = np.array(released) * OWN
    np.testing.assert_allclose(result.realisable["benefit"][:, 0], kept, atol=CENT)
    np.testing.assert_allclose(row(result, "municipality"), OWN, atol=CENT)
    memo, of_state = [each for each in result.postings if each.kind == "memo"]
    np.testing.assert_allclose(memo.amount[:, 0], OWN - kept, atol=CENT)
    late = np.array(released) == 0
    np.testing.assert_allclose(of_state.amount[:, 0], late * row(result, "state"), atol=CENT)


def test_share_and_backfill_hold_from_then_on() -> None:
    """From 2025 on 60 % of three quarters is released."""
    fields: dict[str, Any] = {**BENEFIT, "share": 0.6, "backfill": 0.25}
    result = saved({"benefit": BudgetLine(**fields, release_from=date(2025, 1, 1))})
    expected = np.where(np.arange(8) < 4, 0.0, 0.45 * GROSS)
    np.testing.assert_allclose(result.realisable["benefit"][:, 0], expected, atol=CENT)


def test_a_loss_counts_at_once() -> None:
    """Two people fewer cost from the first quarter on, in full."""
    line = BudgetLine(**BENEFIT, refund=LADDER, share=0.5, release_from=date(2025, 1, 1))
    result = saved({"benefit": line}, additional=np.full((1, 1, 1), -2.0))
    np.testing.assert_allclose(result.realisable["benefit"][:, 0], -OWN, atol=CENT)


def test_what_lies_beyond_the_horizon_is_released() -> None:
    """The day lies in the case, so that what comes after the end comes after it."""
    long = {**BENEFIT, "lasts": 120}
    plain, late = (
        saved({"benefit": BudgetLine(**long, release_from=day)}).beyond_horizon["benefit"]
        for day in (None, date(2025, 12, 31))
    )
    assert late == pytest.approx(plain)
    assert plain[0] > 0
