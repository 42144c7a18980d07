"""Any design's power: its own closed forms, real false positives, and what it cannot detect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy.stats import nct, norm, t

from sibsim.core.clusters import Clusters
from sibsim.core.parameters import Quantity
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.planning.designs import (
    assurance,
    minimum_detectable_effect,
    people_needed,
    power,
)
from sibsim.planning.findings import findings
from sibsim.planning.means import people_for_means
from sibsim.planning.proportions import power_of_proportions
from sibsim.planning.setting import Setting
from sibsim.planning.standard import NAMES, STANDARD_CLUSTERS, design_of, standard_designs
from sibsim.planning.testing import mde_multiplier

Z = 1.959963984540054
TRIAL = {"design": "randomised", "controls_per_participant": 1.0}
UNSEEN = {"mean": 0.0, "sd": 0.04}
MATCHED = {
    "design": "matched_comparison",
    "controls_per_participant": 5.0,
    "residual_bias": UNSEEN,
}


def test_the_power_of_a_trial_by_hand() -> None:
    """100 in each arm, 30 against 40 %: variance (0.24 + 0.21) / 100."""
    found = power(TRIAL, people=100, counterfactual=0.3, effect=0.1)
    error = np.sqrt(0.45 / 100)
    assert abs(found.standard_error - error) < 1e-15
    by_hand = norm.sf(Z - 0.1 / error) + norm.cdf(-Z - 0.1 / error)
    assert abs(found.power - by_hand) < 1e-12
    assert abs(found.false_positive - 0.05) < 1e-12
    # With its critical value from everybody's share it is the classical test with pooled shares,
    # which changes the power by less than a point here.
    pooled = power_of_proportions(0.3, 0.4, people=100)
    assert abs(found.size_adjusted_power - pooled) < 1e-12
    assert 0 < found.power_for_better - pooled < 0.01


def test_shapes_are_those_of_people_and_effects() -> None:
    """One number gives one number; sizes come first, then effects."""
    args: dict[str, Any] = {"counterfactual": 0.3}
    assert power(TRIAL, people=100, effect=0.1, **args).power.shape == ()
    both = power(TRIAL, people=[50, 100, 200], effect=[0.1, 0.2], **args)
    assert both.power.shape == (3, 2)
    assert np.all(np.diff(both.power, axis=0) > 0)
    alone = power(TRIAL, people=100, effect=0.2, **args)
    assert both.power[1, 1] == alone.power
    assert minimum_detectable_effect(TRIAL, people=[50, 100], **args).shape == (2,)


def test_one_sided_power_asks_for_the_better_direction() -> None:
    """At half alpha and one side it is the two-sided test without its wrong side."""
    two = power(TRIAL, people=80, counterfactual=0.5, effect=-0.1)
    one = power(TRIAL, people=80, counterfactual=0.5, effect=-0.1, alpha=0.025, sided=1)
    assert abs(one.power - two.power_for_better) < 1e-12
    wrong = power(TRIAL, people=80, counterfactual=0.5, effect=-0.1, sided=1, better="more")
    assert wrong.power < 0.01


def test_few_clusters_are_tested_by_t() -> None:
    """4 + 4 clusters: noncentral t on 6 degrees."""
    design = {
        "design": "cluster_randomised",
        "controls_per_participant": 1.0,
        "control_clusters": 4,
    }
    found = power(
        design,
        people=80,
        counterfactual=0.3,
        effect=0.2,
        clusters=Clusters(number=4, icc=0.05),
    )
    level, ratio = t.ppf(0.975, 6), 0.2 / found.standard_error
    by_hand = nct.sf(level, 6, ratio) + nct.cdf(-level, 6, ratio)
    assert abs(found.power - by_hand) < 1e-9
    assert abs(found.false_positive - 0.05) < 1e-9


def test_a_bias_that_nobody_sees_makes_false_positives() -> None:
    """The evaluator tests with the sampling error; the estimate moves by the bias as well."""
    found = power(MATCHED, people=400, counterfactual=0.3, effect=0.1)
    sampling = np.sqrt(0.21 / 400 + 0.21 / 2000)
    real = np.hypot(sampling, 0.04)
    assert abs(found.false_positive - 2 * norm.sf(Z * sampling / real)) < 1e-12
    assert found.false_positive > 0.25
    stated = np.sqrt(0.24 / 400 + 0.21 / 2000)
    assert abs(found.stated_error - stated) < 1e-15
    # A test with its level states the unseen error as well, so it has less power. Without an
    # effect 160 + 600 of all 2,400 achieve it.
    pooled = 760 / 2400
    none = np.sqrt(pooled * (1 - pooled) * (1 / 400 + 1 / 2000) + 0.04**2)
    by_hand = norm.sf((Z * none - 0.1) / np.hypot(stated, 0.04))
    assert abs(found.size_adjusted_power - by_hand) < 1e-12
    assert found.size_adjusted_power < found.power


def test_power_at_no_effect_is_the_share_of_false_positives() -> None:
    """Of a biased design too: people get better by themselves."""
    design: dict[str, Any] = {"design": "before_after", "correlation": 0.5}
    design["regression_to_the_mean"] = 0.1
    none = power(design, people=120, counterfactual=0.3, effect=0.0)
    assert none.power == none.false_positive
    assert none.false_positive > 0.5
    assert abs(none.rmse - np.hypot(0.1, none.standard_error)) < 1e-12
    # A test with its level takes the known bias off: 20 to 40 %, against 25 to 35 % without effect.
    some = power(design, people=120, counterfactual=0.3, effect=0.1)
    level = np.sqrt((0.2275 + 0.1875 - np.sqrt(0.2275 * 0.1875)) / 120)
    own = np.sqrt((0.24 + 0.16 - np.sqrt(0.24 * 0.16)) / 120)
    by_hand = norm.sf((Z * level - 0.1) / own)
    assert abs(some.size_adjusted_power - by_hand) < 1e-12
    assert some.power > by_hand
    # What nobody knows of the bias is no part of the evaluator's test, but of one with its level.
    design["regression_to_the_mean"] = {"mean": 0.1, "sd": 0.05}
    unsure = power(design, people=120, counterfactual=0.3, effect=0.1)
    assert abs(unsure.stated_error - some.stated_error) < 1e-15
    by_hand = norm.sf((Z * np.hypot(level, 0.05) - 0.1) / np.hypot(own, 0.05))
    assert abs(unsure.size_adjusted_power - by_hand) < 1e-12


def test_without_a_comparison_everything_is_read_as_effect() -> None:
    """What would have come about anyway is the bias; nothing is tested, so nothing is found."""
    found = power({"design": "verification"}, people=100, counterfactual=0.3, effect=0.1)
    assert abs(found.bias - 0.3) < 1e-15
    assert abs(found.rmse - np.hypot(0.3, np.sqrt(0.24 / 100))) < 1e-15
    for figure in ("power", "power_for_better", "false_positive", "size_adjusted_power"):
        assert np.isnan(getattr(found, figure))
    assert np.isnan(assurance("verification", people=100, counterfactual=0.3, effect=0.1))
    assert found.comparison_people == 0
    assert np.isnan(
        minimum_detectable_effect({"design": "verification"}, people=100, counterfactual=0.3)
    )
    needed = people_needed({"design": "verification"}, counterfactual=0.3, effect=0.1)
    assert needed.people is None
    assert "choose a design with a comparison" in str(needed)
    assert "vælg et design med en sammenligning" in needed.words.in_language("da")


@pytest.mark.parametrize("base", [0.1, 0.3, 0.5])
def test_the_detectable_effect_has_the_power(base: float) -> None:
    """And at equal variances it is the multiplier of Bloom times the standard error."""
    found = minimum_detectable_effect(TRIAL, people=[45, 180], counterfactual=base)
    reached = [
        float(power(TRIAL, people=n, counterfactual=base, effect=e).size_adjusted_power)
        for n, e in zip([45, 180], found, strict=True)
    ]
    np.testing.assert_allclose(reached, 0.8, atol=1e-6)
    number = minimum_detectable_effect(
        TRIAL, people=180, counterfactual=20.0, kind="continuous", sd=8.0
    )
    assert abs(number - mde_multiplier() * 8.0 * np.sqrt(2 / 180)) < 1e-6
    fewer = minimum_detectable_effect(TRIAL, people=180, counterfactual=0.5, better="fewer")
    more = minimum_detectable_effect(TRIAL, people=180, counterfactual=0.5)
    assert abs(fewer + more) < 1e-9


def test_people_needed_is_the_fewest() -> None:
    """One person fewer does not have the power; for means it is the z test's size."""
    needed = people_needed(TRIAL, counterfactual=0.3, effect=0.1)
    assert needed.people is not None
    sizes = [needed.people - 1, needed.people]
    found = power(TRIAL, people=sizes, counterfactual=0.3, effect=0.1).size_adjusted_power
    assert found[0] < 0.8 <= found[1]
    assert needed.participants == needed.controls == needed.people
    both = f"needs {needed.people} participants and {needed.people} controls to detect"
    assert str(needed) == f"{both} 10 percentage points with 80 % power"
    means = people_needed(TRIAL, counterfactual=20.0, effect=4.0, kind="continuous", sd=8.0)
    assert means.people is not None
    # A z test, so up to two people fewer than the t test of the classical formula.
    assert 0 <= np.ceil(people_for_means(0.5)) - means.people <= 2
    events = people_needed(TRIAL, counterfactual=2.0, effect=-0.5, kind="count", dispersion=1.0)
    # 1.5 and 2 events with it, 1.75 in both arms without an effect.
    own, none = np.sqrt(1.5 + 1.5**2 + 2.0 + 2.0**2), np.sqrt(2 * (1.75 + 1.75**2))
    assert events.people == np.ceil((Z * none + 0.8416212 * own) ** 2 / 0.25)


def test_what_no_size_can_show_is_said_with_what_can_be() -> None:
    """A shared error of 4 points: 5 points at no size, but 11.2 = 2.8016 x 4 at most sizes."""
    needed = people_needed(MATCHED, counterfactual=0.3, effect=0.05)
    assert needed.people is None
    assert abs(needed.floor - 0.04) < 1e-4
    # With 100,000 participants sampling still adds a hundredth of a point.
    assert abs(needed.detectable - 2.8016 * 0.04) < 0.0002
    said = str(needed)
    assert said.startswith(
        "cannot detect 5 percentage points at any size: its error does not fall below 4 percentage "
        "points; the smallest effect it detects with 80 % power is 11."
    )
    danish = needed.words.in_language("da")
    assert danish.startswith("kan ikke vise 5 procentpoint, uanset hvor mange der deltager")
    assert "increase" not in said
    reached = people_needed(MATCHED, counterfactual=0.3, effect=0.2)
    assert reached.people is not None
    assert "finds an effect where there is none" in str(reached)


def test_a_tiny_effect_is_out_of_reach_without_a_floor() -> None:
    """A trial's error falls without end; the answer says up to how many people was looked."""
    needed = people_needed(TRIAL, counterfactual=0.3, effect=0.001)
    assert needed.people is None
    assert needed.floor == 0
    assert "with up to 100,000 participants" in str(needed)


def test_one_analysis_does_not_get_better_with_participants() -> None:
    """A stepped wedge has the people of its clusters and periods, however many participate."""
    wedge = standard_designs(setting=Setting(200, 0.3, 0.0))["stepped_wedge"]
    needed = people_needed(wedge, counterfactual=0.3, effect=0.05)
    assert needed.people is None
    assert not needed.falls
    assert abs(needed.floor - needed.standard_error) < 1e-9
    assert "does not depend on the number of participants, only more clusters" in str(needed)
    assert "afhænger ikke af antallet af deltagere" in needed.words.in_language("da")
    large = people_needed(wedge, counterfactual=0.3, effect=0.4)
    assert str(large).startswith("detects 40 percentage points with 80 % power or more however")
    assert "uanset hvor mange der deltager" in large.words.in_language("da")
    assert people_needed("stepped_wedge", counterfactual=0.3, effect=0.2).falls


def test_a_placebo_test_with_few_places_finds_nothing() -> None:
    """1 / (donors + 1) above alpha: nothing is ever significant, and the answer says why."""
    few = {"design": "synthetic_control", "donors": 10, "placebo_sd": 0.02}
    assert power(few, people=100, counterfactual=0.3, effect=0.5).power == 0
    assert "its smallest p-value is 9.09 %" in str(
        people_needed(few, counterfactual=0.3, effect=0.3)
    )


def test_assurance_is_the_mean_over_the_prior() -> None:
    """Over draws exactly; over a quantity at its quantiles; a certain effect gives its power."""
    args: dict[str, Any] = {"people": 150, "counterfactual": 0.3}
    draws = np.array([-0.1, 0.0, 0.1, 0.2])
    each = power(TRIAL, effect=draws, better="more", **args).power_for_better
    assert abs(assurance(TRIAL, effect=draws, **args) - each.mean()) < 1e-12
    certain = assurance(TRIAL, effect=0.1, **args)
    assert abs(certain - power(TRIAL, effect=0.1, **args).power_for_better) < 1e-12
    table = {"p10": 0.0, "p50": 0.1, "p90": 0.2}
    found = assurance(TRIAL, effect=table, **args)
    assert found == assurance(TRIAL, effect=Quantity.model_validate(table), **args)
    # The power curve is bent, so the mean over the prior is not the power at its middle.
    assert 0.4 < found < 0.5
    assert assurance(TRIAL, effect=table, people=[50, 150], counterfactual=0.3)[1] == found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "result",
    [
        {"counterfactual": 0.3},
        {"counterfactual": 2.0, "kind": "count", "dispersion": 1.5},
        {"counterfactual": 20.0, "kind": "continuous", "sd": 8.0},
    ],
)
def test_every_standard_design_gives_its_own_closed_form(
    name: str, result: Mapping[str, Any]
) -> None:
    """Bias and standard error are the design's, at a known number of people."""
    given = dict(result)
    counterfactual = given.pop("counterfactual")
    needs = name == "cluster_randomised"
    setting = Setting(
        120, counterfactual, 0.1, clusters=STANDARD_CLUSTERS if needs else None, **given
    )
    design = design_of(name, setting=setting)
    path, people = setting.path(served=120.0), setting.participation(served=120.0)
    stated = design.standard_error(path, participation=people)[0, 0, 0]
    found = power(name, people=120, counterfactual=counterfactual, effect=0.1, **given)
    assert found.standard_error == stated > 0
    exact = findings(design, setting=setting)
    assert exact.bias[0] == found.bias
    assert np.isnan(found.power) if name == "verification" else 0 <= float(found.power) <= 1


def test_standard_designs_are_the_eleven() -> None:
    """All of them, by their own names."""
    assert tuple(standard_designs(setting=Setting(100, 0.3, 0.1))) == NAMES
    assert len(NAMES) == 11


ASKED: dict[str, Any] = {"people": 40, "counterfactual": 0.3, "effect": 0.1}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"people": 1}, "people: got 1; a group needs 2 people"),
        ({"people": 20.5}, "people: got 20.5; people are whole"),
        ({"counterfactual": 30}, "counterfactual: got 30; .*write 0.3"),
        ({"effect": 0.8}, "effect: got 0.8; .*share would be 1.1.* from -0.3 to 0.7"),
        ({"effect": 10}, "effect: got 10; .*write 0.1"),
        ({"alpha": 1}, "alpha: got 1"),
        ({"kind": "continuous"}, "sd: got None; how much a number varies"),
        ({"kind": "continuous", "sd": -2}, "sd: got -2; a standard deviation"),
        ({"sd": 1}, "sd: got 1; it belongs to a continuous result"),
        ({"kind": "ordinal"}, "kind: got 'ordinal'"),
        ({"kind": "count", "effect": -0.3}, "effect: got -0.3; with 0.3 events"),
        ({"kind": "count", "dispersion": 0}, "dispersion: got 0; it is above 0"),
        ({"drift_sd": -0.05}, "drift_sd: got -0.05; it is 0 or more; write 0 for none"),
        ({"better": "up"}, "better: got 'up'"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(changes: Mapping[str, Any], said: str) -> None:
    """The argument is named, with what was given, the rule and the way out."""
    with pytest.raises(ArgumentError, match=said):
        power(TRIAL, **(ASKED | dict(changes)))


def test_a_design_that_cannot_be_is_refused() -> None:
    """An unknown name, a table with a fault, a design that does not fit the result."""
    with pytest.raises(UnknownNameError, match="did you mean 'randomised'"):
        power("randomized", **ASKED)
    with pytest.raises(
        ArgumentError, match=r"design\.controls_per_participant: is missing; it must be stated"
    ):
        power({"design": "randomised"}, **ASKED)
    with pytest.raises(ArgumentError, match="design: got design = 'lottery'; known are"):
        power({"design": "lottery"}, **ASKED)
    with pytest.raises(ArgumentError, match="design: got 3; a design is a name"):
        power(3, **ASKED)  # type: ignore[arg-type]  # the wrong type is meant
    one = {"design": "cluster_randomised", "controls_per_participant": 1.0, "control_clusters": 1}
    with pytest.raises(ArgumentError, match="control_clusters: got 1"):
        power(one, **ASKED)
    with pytest.raises(ArgumentError, match=r"no clusters; .*clusters=\{'number'"):
        power(one | {"control_clusters": 4}, **ASKED)
    with pytest.raises(ArgumentError, match="effect: got 0; an effect of 0"):
        people_needed(TRIAL, counterfactual=0.3, effect=0.0)
    with pytest.raises(ArgumentError, match=r"effect: got dist = 'normal' .* \[-0.3, 0.7\]"):
        assurance(
            TRIAL,
            people=40,
            counterfactual=0.3,
            effect={"dist": "normal", "mean": 0.1, "sd": 0.1},
        )
