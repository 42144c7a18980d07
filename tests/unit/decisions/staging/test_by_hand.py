"""A staged case whose chances are binomial tails and whose option has a closed form."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
import pytest

from sibsim.core.statistics import Estimate
from sibsim.decisions.stages.prototype import staging
from sibsim.decisions.stages.staged import Staging
from tests.small_case import ERRORS
from tests.two_cohorts import COST, FIRST, LEVEL, PRICE, RATES, TOTAL, two_cohorts

BAD, GOOD = RATES
DRAWS = 4_000
INVESTOR = "investor_profit"
SIZES = (10, FIRST, 40, 60)
EXACT = 1e-6
"""A ten-thousandth of an øre: money is a sum of whole amounts, rounded in binary only."""


def by_hand(seed: int, *, sizes: Sequence[int] | None = None) -> Staging:
    """Return the staging of the case by hand."""
    return staging(two_cohorts(), sizes=sizes, investor=INVESTOR, draws=DRAWS, rng=seed)


def p_below(level: float, *, people: int, rate: float) -> float:
    """Return the chance that fewer than a share of people succeed: a binomial tail."""
    enough = int(np.ceil(level * people - 1e-9))
    return sum(comb(people, k) * rate**k * (1 - rate) ** (people - k) for k in range(enough))


def each(people: int, rate: float) -> float:
    """Return what so many people are expected to bring the investor."""
    return people * (PRICE * rate - COST)


def worth(level: float, *, people: int = FIRST) -> float:
    """Return the investor's expected profit where less than a level ends the contract."""
    return sum(
        probability
        * (
            each(people, rate)
            + (1 - p_below(level, people=people, rate=rate)) * each(TOTAL - people, rate)
        )
        for rate, probability in RATES.items()
    )


def best_level(people: int) -> float:
    """Return the level with the highest expected profit, by the best of all of them."""
    return max((k / people for k in range(people + 2)), key=lambda t: worth(t, people=people))


def assert_near(found: Estimate, expected: float) -> None:
    """Check a figure against what it should be, within five Monte Carlo errors."""
    assert found.mc_error > 0
    assert abs(found.value - expected) < ERRORS * found.mc_error, (found, expected)


def test_errors_of_the_rule_are_binomial_tails(seed: int) -> None:
    """A good programme is stopped with P(Bin(20, 0.6) <= 9), a bad one scaled beyond it at 0.3."""
    table = by_hand(seed).table()
    stopped = p_below(LEVEL, people=FIRST, rate=GOOD)
    scaled = 1 - p_below(LEVEL, people=FIRST, rate=BAD)
    for figure, expected in (
        (f"p_stop_good.{INVESTOR}", stopped),
        (f"p_scale_bad.{INVESTOR}", scaled),
    ):
        value, error = table[["value", "mc_error"]].loc[[("contract", figure)]].to_numpy()[0]
        assert_near(Estimate(value, mc_error=error, undefined=0), expected)


def test_value_of_the_right_has_its_closed_form(seed: int) -> None:
    """The rule is worth what it brings less the best of always scaling, stopping and nothing."""
    found = by_hand(seed)
    mean_rate = sum(rate * probability for rate, probability in RATES.items())
    always = each(TOTAL, mean_rate)
    weighed = found.weighed("contract", INVESTOR)
    assert_near(weighed.mean, worth(LEVEL))
    assert_near(weighed.against_scaling, worth(LEVEL) - always)
    assert always > each(FIRST, mean_rate) > 0
    assert_near(weighed.option, worth(LEVEL) - always)
    stopped = found.weighed("stop always", INVESTOR)
    assert_near(stopped.mean, each(FIRST, mean_rate))
    assert_near(stopped.against_scaling, each(FIRST, mean_rate) - always)


def test_option_is_against_the_best_of_the_blind_choices(seed: int) -> None:
    """For who loses by every start, doing nothing is best, and no rule has a positive value."""
    found = by_hand(seed)
    for rule in found.rules:
        weighed = found.weighed(rule, "municipality_net")
        assert weighed.option == weighed.mean
        assert weighed.mean.value < 0
    nothing = found.weighed("do nothing", "municipality_net")
    assert (nothing.mean.value, nothing.option.value) == (0.0, 0.0)
    scaled = found.weighed("scale always", "municipality_net")
    assert nothing.against_scaling.value == pytest.approx(-scaled.mean.value, abs=EXACT)


def test_every_threshold_has_its_closed_form(seed: int) -> None:
    """Each of the 21 possible results as a threshold brings what the binomial says."""
    found = by_hand(seed).thresholds()
    assert np.isinf(found.index[-1])
    shown = found[found.index < 1]
    assert len(shown) > FIRST / 2
    for level, row in shown.iterrows():
        mean = Estimate(row[INVESTOR], mc_error=row[f"{INVESTOR}_mc_error"], undefined=0)
        assert_near(mean, worth(float(str(level))))


def test_best_threshold_and_reports_are_the_best_rule(seed: int) -> None:
    """One report of a fixed number of people: the best threshold is the best rule there is."""
    found = by_hand(seed)
    best = worth(best_level(FIRST))
    assert best > worth(LEVEL) * 1.001
    assert_near(found.weighed(f"threshold {INVESTOR}", INVESTOR).mean, best)
    assert_near(found.weighed(f"reports {INVESTOR}", INVESTOR).mean, best)
    assert_near(found.weighed("contract", INVESTOR).mean, worth(LEVEL))


def test_good_programmes_are_those_of_the_high_rate(seed: int) -> None:
    """What is true decides which programme is good, whatever its first cohort showed."""
    found = by_hand(seed)
    truth = found.courses.truth[INVESTOR]
    assert truth.is_good.mean() == pytest.approx(RATES[GOOD], abs=ERRORS * 0.5 / DRAWS**0.5)
    assert truth.unsure == 0.0
    good = truth.expected[truth.is_good]
    error = good.std() / len(good) ** 0.5
    assert abs(good.mean() - each(TOTAL - FIRST, GOOD)) < ERRORS * error
    spread = PRICE * ((TOTAL - FIRST) * GOOD * (1 - GOOD) / found.replications) ** 0.5
    # A standard deviation of n draws errs by about 1 / sqrt(2 n) of itself.
    assert good.std() == pytest.approx(spread, rel=ERRORS / (2 * len(good)) ** 0.5)
    # The mean of squared errors is unbiased; each of 16 varies by sqrt(2 / 15) of it.
    squared = float(np.square(truth.error[truth.is_good]).mean())
    assert squared == pytest.approx(spread**2, rel=ERRORS * (2 / 15 / len(good)) ** 0.5)


def test_a_larger_first_cohort_errs_less(seed: int) -> None:
    """By size: value and chances of both errors at the contract's level are binomial."""
    found = by_hand(seed, sizes=SIZES).sizes()
    before = 1.0
    for people in SIZES:
        row = found.loc[[(people, "contract", INVESTOR)]].iloc[0]
        stopped = p_below(LEVEL, people=people, rate=GOOD)
        scaled = 1 - p_below(LEVEL, people=people, rate=BAD)
        for name, expected in (
            ("value", worth(LEVEL, people=people)),
            ("p_stop_good", stopped),
            ("p_scale_bad", scaled),
        ):
            estimate = Estimate(row[name], mc_error=row[f"{name}_mc_error"], undefined=0)
            assert_near(estimate, expected)
        assert row["p_stop_good"] + row["p_scale_bad"] < before
        before = row["p_stop_good"] + row["p_scale_bad"]


def test_best_size_weighs_errors_against_people_served_blindly(seed: int) -> None:
    """The size with the highest mean is best, and others lie below it by their difference."""
    found = by_hand(seed, sizes=SIZES)
    best, table = found.best_size(INVESTOR), found.sizes()
    values = {people: worth(best_level(people), people=people) for people in SIZES}
    assert best.people == max(values, key=lambda people: values[people]) == FIRST
    for people, value in values.items():
        row = table.loc[[(people, "threshold", INVESTOR)]].iloc[0]
        gap = value - values[FIRST]
        assert row["below_best"] == pytest.approx(
            gap, abs=ERRORS * row["below_best_mc_error"] + EXACT
        )
        assert (row["below_best"] == 0.0) == (people == FIRST)
