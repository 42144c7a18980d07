"""How many people, of which arm, in how many clusters; and trials in which not all do as told."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from scipy.stats import norm

from sibsim.planning.designs import (
    assurance,
    minimum_detectable_effect,
    people_needed,
    power,
)
from sibsim.planning.table import design_table
from sibsim.planning.testing import mde_multiplier

Z = 1.959963984540054
TRIAL: dict[str, Any] = {"design": "randomised", "controls_per_participant": 1}
BLUNT = {"no_shows": 0.2, "crossovers": 0.05}
ITT = TRIAL | {"non_compliance": {**BLUNT, "estimand": "itt"}}
CACE = TRIAL | {"non_compliance": {**BLUNT, "estimand": "cace"}}


def test_the_power_of_a_trial_that_reports_everybody_as_allotted() -> None:
    """400 take part and 100 stay away, 5 % of 400 controls cross over: 0.75 x 8 points are left."""
    found = power(ITT, people=400, counterfactual=0.35, effect=0.08)
    treated = (400 * 0.43 * 0.57 + 100 * 0.35 * 0.65) / 500 + 0.8 * 0.2 * 0.08**2
    control = 0.05 * 0.43 * 0.57 + 0.95 * 0.35 * 0.65 + 0.05 * 0.95 * 0.08**2
    error = float(found.standard_error)
    # The spread between those who show up and those who do not may count, or not.
    assert abs(error - np.sqrt(treated / 500 + control / 400)) < 2e-4
    by_hand = norm.sf(Z - 0.06 / error) + norm.cdf(-Z - 0.06 / error)
    assert abs(found.power - by_hand) < 1e-12
    assert abs(found.power - 0.455) < 0.003
    assert abs(found.bias) < 1e-15
    assert abs(found.false_positive - 0.05) < 1e-12


@pytest.mark.parametrize(
    "result",
    [
        {"counterfactual": 0.35},
        {"counterfactual": 2.0, "kind": "count"},
        {"counterfactual": 20.0, "kind": "continuous", "sd": 8.0},
    ],
)
@pytest.mark.parametrize("sided", [1, 2])
def test_both_estimands_find_the_same_effect_on_participants(
    result: dict[str, Any], sided: Literal[1, 2]
) -> None:
    """CACE is ITT over 0.75 with its error over 0.75, so whatever is asked has one answer.

    At 200 people 50 stay away, so that 0.75 is exact.
    """
    effect = {"binary": 0.1, "count": 0.4, "continuous": 2.0}[result.get("kind", "binary")]
    asked: dict[str, Any] = {"people": 200, "sided": sided, **result}
    one, other = (power(each, effect=effect, **asked) for each in (ITT, CACE))
    np.testing.assert_allclose(one.standard_error, 0.75 * other.standard_error, rtol=1e-12)
    for name in ("power", "power_for_better", "false_positive", "size_adjusted_power"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12)
    functions: list[tuple[Any, dict[str, Any]]] = [
        (minimum_detectable_effect, {}),
        (assurance, {"effect": [0.5 * effect, effect]}),
    ]
    for function, more in functions:
        itt, cace = (function(each, **asked, **more) for each in (ITT, CACE))
        np.testing.assert_allclose(itt, cace, rtol=1e-6)
        assert np.isfinite(itt)
    asked["sizes"] = asked.pop("people")
    table = design_table({"itt": ITT, "cace": CACE}, effect=effect, **asked)
    for name in ("power", "size_adjusted_power", "minimum_detectable_effect", "assurance"):
        np.testing.assert_allclose(table[name][0], table[name][1], rtol=1e-5)


def test_a_weak_trial_has_a_detectable_effect_still() -> None:
    """Where a tenth of the effect is left, the smallest detected is ten times as large."""
    weak = TRIAL | {"non_compliance": {"no_shows": 0.5, "crossovers": 0.4, "estimand": "itt"}}
    asked: dict[str, Any] = {"people": 200, "counterfactual": 20.0, "kind": "continuous", "sd": 8.0}
    found = minimum_detectable_effect(weak, **asked)
    # No-shows are as many as participants; spread between them and the others adds to the error.
    assert found > mde_multiplier() * 8.0 * np.sqrt(1 / 400 + 1 / 200) / 0.1
    reached = power(weak, effect=float(found), **asked).size_adjusted_power
    assert abs(reached - 0.8) < 1e-4


def test_people_needed_agree_for_both_estimands() -> None:
    """About 920 for 8 points on participants, of whom 6 are left among those allotted."""
    one, other = (people_needed(each, counterfactual=0.35, effect=0.08) for each in (ITT, CACE))
    assert one.people is not None
    assert other.people is not None
    # Whole no-shows beside the participants move it by a person or two.
    assert abs(one.people - other.people) <= 2
    assert abs(one.people - 920) < 15


def test_people_of_both_arms_are_said() -> None:
    """Controls from outside come beside the participants; from those referred they are counted."""
    beside = people_needed(TRIAL, counterfactual=0.35, effect=0.08)
    assert beside.people is not None
    assert beside.people == beside.participants == beside.controls
    assert str(beside).startswith(f"needs {beside.people} participants and {beside.people} contr")
    five = people_needed(TRIAL | {"controls_per_participant": 5}, counterfactual=0.35, effect=0.08)
    assert five.people is not None
    assert five.controls == 5 * five.people
    referred = people_needed(
        TRIAL | {"controls_from": "referrals"}, counterfactual=0.35, effect=0.08
    )
    assert referred.people is not None
    assert referred.participants is not None
    assert abs(referred.people - 2 * beside.people) <= 2
    assert referred.participants + (referred.controls or 0) == referred.people
    assert referred.participants == -(-referred.people // 2)
    total = f"{referred.people:,}"
    assert str(referred).startswith(
        f"needs {total} people referred, of whom {referred.participants} are served and "
        f"{referred.controls} are controls, to detect 8 percentage points with 80 % power"
    )
    danish = referred.words.in_language("da")
    assert danish.startswith(f"kræver {total.replace(',', '.')} henviste, hvoraf")
    alone = people_needed("historical_baseline", counterfactual=0.35, effect=0.2)
    assert alone.controls is None
    assert str(alone).startswith(f"needs {alone.people} participants to detect")


def test_more_clusters_are_what_few_clusters_need() -> None:
    """5 points in 4 + 4 clusters: at no size; with 19 people in each so many are enough."""
    design: dict[str, Any] = {"design": "cluster_randomised", "controls_per_participant": 1}
    design["control_clusters"] = 4
    asked: dict[str, Any] = {"counterfactual": 0.3, "effect": 0.1}
    needed = people_needed(design, clusters={"number": 4, "icc": 0.05}, **asked)
    assert needed.people is None
    assert needed.participants is None
    assert needed.controls is None
    assert needed.people_per_cluster == 19
    assert needed.clusters is not None
    reached = [
        float(
            power(
                design | {"control_clusters": number},
                people=19 * number,
                clusters={"number": number, "icc": 0.05},
                **asked,
            ).size_adjusted_power
        )
        for number in (needed.clusters - 1, needed.clusters)
    ]
    assert reached[0] < 0.8 <= reached[1]
    arms = f"{needed.clusters} in each arm with 19 participants per cluster are enough"
    assert str(needed).endswith(f"more clusters help: {arms}")
    assert "flere klynger hjælper" in needed.words.in_language("da")
    # Design effect 1.9 of 0.45 / n by the normal test; t on 2 J - 2 degrees needs a little more.
    least = (Z + 0.8416) ** 2 * 0.45 * 1.9 / 0.1**2 / 19
    assert least < needed.clusters < least + 3


def test_more_clusters_of_participants_alone() -> None:
    """Controls by lot are in none; and where an unseen error stands in the way none are enough."""
    asked: dict[str, Any] = {"counterfactual": 0.3, "clusters": {"number": 3, "icc": 0.1}}
    needed = people_needed(TRIAL, effect=0.1, **asked)
    assert needed.people is None
    assert str(needed).endswith(f"{needed.clusters} with 9 participants per cluster are enough")
    unseen = {"mean": 0.0, "sd": 0.1}
    matched = {"design": "matched_comparison", "controls_per_participant": 1}
    blocked = people_needed(matched | {"residual_bias": unseen}, effect=0.1, **asked)
    assert blocked.clusters is None
    assert "more clusters" not in str(blocked)
