"""Links between outcomes, against two-by-two tables worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sibsim.core.parameters import Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import walk
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.outcomes.binary import Binary
from sibsim.outcomes.links import conditional
from tests.people import NOTHING_UPSTREAM, realised

PEOPLE = 400
ERRORS = 5


def _outcome(*, months: tuple[int, ...] = (12,), **stated: Any) -> Binary:  # noqa: ANN401 - any field
    return Binary.model_validate(
        {"model": "binary", "among": "started", "follow_up_months": months, **stated}
    )


def _realised(
    outcome: Binary,
    *,
    seed: int = 0,
    on: bool = True,
    upstream: dict[str, OutcomePath] | None = None,
) -> OutcomePath:
    values = {path: each.base_value for path, each in walk(outcome, Quantity)}
    return realised(
        outcome,
        values,
        name="b" if upstream else "a",
        seed=seed,
        chance=on,
        planned=(PEOPLE,),
        upstream=upstream or NOTHING_UPSTREAM,
    )


@pytest.mark.parametrize(
    ("p_a", "p_b", "odds_ratio", "expected"),
    [
        # 1 - p_A = 0.5, R - 1 = 8: 4 b^2 + b (1 + 8 x 0) - 0.5 = 0, b = (-1 + 3) / 8.
        (0.5, 0.5, 9.0, (0.75, 0.25)),
        # Nothing to tell: everybody has the chance of all.
        (0.3, 0.4, 1.0, (0.4, 0.4)),
        # Everybody achieves A: those with A are all.
        (1.0, 0.4, 5.0, (0.4, 0.4 / (0.4 + 5 * 0.6))),
        (0.0, 0.4, 5.0, (5 * 0.4 / (1 + 4 * 0.4), 0.4)),
        # A ratio below 1 is the same table with A and not A exchanged.
        (0.5, 0.5, 1 / 9, (0.25, 0.75)),
        (0.5, 0.0, 9.0, (0.0, 0.0)),
        (0.5, 1.0, 9.0, (1.0, 1.0)),
    ],
)
def test_chances_given_another_outcome(
    p_a: float, p_b: float, odds_ratio: float, expected: tuple[float, float]
) -> None:
    """The two chances, and what they come to among all."""
    a, b = conditional(np.array([p_a]), np.array([p_b]), odds_ratio=np.array([odds_ratio]))
    assert (a.item(), b.item()) == pytest.approx(expected, abs=1e-15)
    assert p_a * a.item() + (1 - p_a) * b.item() == pytest.approx(p_b, abs=1e-15)


def test_those_with_the_other_outcome_have_the_odds_that_are_stated(seed: int) -> None:
    """Among 400 people in each draw: 75 % with A and 25 % without, 50 % together."""
    first = _outcome(counterfactual=0.3, success_rate=0.5)
    a = _realised(first, seed=seed)
    linked = _outcome(
        counterfactual=0.4, success_rate=0.5, given={"outcome": "a", "odds_ratio": 9.0}
    )
    b = _realised(linked, seed=seed, upstream={"a": a})
    with_a, with_b = a.value[0][:, 0], b.value[0][:, 0]
    for chosen, chance in (
        (with_a, 0.75),
        (np.logical_not(with_a), 0.25),
        (np.ones_like(with_a), 0.5),
    ):
        number = chosen.sum()
        error = np.sqrt(chance * (1 - chance) / number)
        assert abs(with_b[chosen].mean() - chance) <= ERRORS * error
    assert b.expected.item() == pytest.approx(0.5)
    assert np.array_equal(b.achieved[0, 0], with_b.sum(axis=0))


def test_the_link_is_read_at_the_last_follow_up_before(seed: int) -> None:
    """With an odds ratio beyond all measure B is A at the follow-up before, not the one after."""
    first = _outcome(months=(6, 18), counterfactual=0.3, success_rate=0.5, persistence=0.0)
    a = _realised(first, seed=seed)
    sure = {"outcome": "a", "odds_ratio": 1e9}
    linked = _outcome(counterfactual=0.4, success_rate=0.5, given=sure)
    b = _realised(linked, seed=seed, upstream={"a": a})
    same = (b.value[0][:, :1] == a.value[0]).mean(axis=(0, 2))
    assert same[0] > 1 - 1e-4
    assert same[1] < 0.6


def test_an_effect_goes_through_a_progression_metric() -> None:
    """A gains 0.2; with 5 times the odds per unit, odds of 2/3 become 2/3 x 5^0.2."""
    first = _outcome(counterfactual=0.3, uplift=0.2)
    a = _realised(first, on=False)
    mediation = {"through": "a", "at_months": 12, "odds_ratio_per_unit": 5.0}
    linked = _outcome(counterfactual=0.4, mediation=mediation)
    b = _realised(linked, on=False, upstream={"a": a})
    odds = 2 / 3 * 5**0.2
    assert b.expected.item() == pytest.approx(odds / (1 + odds))
    assert b.counterfactual.item() == pytest.approx(0.4)


def test_what_goes_through_comes_on_top_of_the_effect_of_its_own() -> None:
    """First an uplift of 0.1 to even odds, then 5^0.2 on the odds."""
    first = _outcome(counterfactual=0.3, uplift=0.2)
    a = _realised(first, on=False)
    mediation = {"through": "a", "at_months": 12, "odds_ratio_per_unit": 5.0}
    linked = _outcome(counterfactual=0.4, uplift=0.1, mediation=mediation)
    b = _realised(linked, on=False, upstream={"a": a})
    odds = 5**0.2
    assert b.expected.item() == pytest.approx(odds / (1 + odds))


def test_a_better_first_outcome_harms_nobody_in_the_second(seed: int) -> None:
    """Raising the success rate of B person by person lowers nobody, link or not."""
    first = _outcome(counterfactual=0.3, success_rate=0.5)
    a = _realised(first, seed=seed)
    given = {"outcome": "a", "odds_ratio": 3.0}
    paths = [
        _realised(
            _outcome(counterfactual=0.4, success_rate=rate, given=given),
            seed=seed,
            upstream={"a": a},
        )
        for rate in (0.5, 0.55)
    ]
    assert np.all(paths[0].value[0] <= paths[1].value[0])
    assert paths[1].achieved.shape[-1] == BLOCK_DRAWS
