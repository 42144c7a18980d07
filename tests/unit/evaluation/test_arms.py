"""What is expected of the arms of a trial, against sums over everything that can happen."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.evaluation.arms import Tally, arm_of, mixed, of_compliers, of_two_kinds
from sibsim.evaluation.attrition import LostByResult


def _cell(value: float) -> FloatArray:
    return np.full((1, 1, 1), value)


@pytest.mark.parametrize("kept", [0.5, 0.8])
def test_who_is_observed_of_two_kinds_is_drawn_without_replacement(kept: float) -> None:
    """40 who all achieve and 27 who never do: the variance is that of a hypergeometric share."""
    people, achieve = 67, 40
    exact = 0.0
    for n in range(1, people + 1):
        share = achieve * (people - achieve) / people**2
        variance = share / n * (people - n) / (people - 1)
        exact += comb(people, n) * kept**n * (1 - kept) ** (people - n) * variance
    found = of_two_kinds(
        1 - kept,
        share=_cell(achieve / people),
        number=_cell(people),
        means=(_cell(1.0), _cell(0.0)),
        variances=(_cell(0.0), _cell(0.0)),
        between=_cell(0.01),
        common=_cell(0.01),
    )
    assert found.mean.item() == pytest.approx(achieve / people)
    # 1 / E[1 / N] is exact to the third order in 1 / (n s); the difference to 1 / M magnifies it.
    magnified = 1 / (1 - kept)
    assert found.own.item() == pytest.approx(exact, rel=3 * magnified / (people * kept) ** 2)
    assert found.common.item() == 0.01


def test_of_two_kinds_nobody_lost_leaves_no_doubt_about_kinds() -> None:
    """(40 x 0.25 + 10 x 0.16) / 50^2, whatever the two rates."""
    found = of_two_kinds(
        0.0,
        share=_cell(0.8),
        number=_cell(50),
        means=(_cell(0.5), _cell(0.2)),
        variances=(_cell(0.25), _cell(0.16)),
        between=_cell(0.0),
        common=_cell(0.0),
    )
    assert found.own.item() == pytest.approx((40 * 0.25 + 10 * 0.16) / 50**2)


def test_a_mixture_by_hand() -> None:
    """A quarter at 0.8, the others at 0.4: a yes or no at 0.5."""
    mean, variance = mixed(
        0.25, means=(_cell(0.8), _cell(0.4)), variances=(_cell(0.16), _cell(0.24))
    )
    assert mean.item() == pytest.approx(0.5)
    assert variance.item() == pytest.approx(0.25)


def test_what_lies_between_clusters_is_reported_by_the_slope() -> None:
    """Losing half of those who fail and nobody else: dr / dp is 0.5 / 0.75^2 at p = 0.5."""
    loss = LostByResult(achieved=0.0, not_achieved=0.5)
    found = arm_of(
        loss,
        _cell(0.5),
        variance=_cell(0.25),
        number=_cell(100),
        between=_cell(0.001),
        common=_cell(0.0012),
    )
    share = (0.5 / 0.75**2) ** 2
    assert found.mean.item() == pytest.approx(2 / 3)
    assert found.common.item() == pytest.approx(share * 0.0012)
    assert found.own.item() == pytest.approx(2 / 9 / 75 * (1 + 0.25 / 75) - share * 0.0002)


def test_compliers_by_hand() -> None:
    """25 of 50 allotted against 16 of 40: 0.1 over 0.8 is 0.125; participants have 0.55."""
    treated, allotted = Tally(_cell(22), _cell(40)), Tally(_cell(25), _cell(50))
    control = Tally(_cell(16), _cell(40))
    found = of_compliers(treated, allotted, control, share=_cell(0.8))
    assert found.mean.item() == pytest.approx(0.55 - 0.125)
    assert found.number.item() == 40
    assert of_compliers(treated, allotted, control, share=_cell(-0.1)).number.item() == 0
