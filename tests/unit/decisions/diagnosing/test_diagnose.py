"""Diagnosis of small contracts against figures worked out by hand from the binomial."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binom

import sibsim as sib
from sibsim.casefile import build
from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.decisions.diagnosing.diagnosands import DIAGNOSANDS, Courses, figure
from tests.small_case import (
    AGAINST_RATE,
    BAND,
    BASELINE,
    DRAWS,
    PEOPLE,
    RATE,
    SLOPE,
    TRIAL,
    UPLIFT,
    VERIFIED,
    assert_close,
    own,
    small_case,
)

ALPHA = 0.05
SUCCESSES = np.arange(PEOPLE + 1)
"""How many of the participants may succeed."""


def mean_of(function: Callable[[FloatArray], FloatArray | BoolArray], *, rate: float) -> float:
    """Return the mean over binomial successes of a function of the share."""
    chance = binom.pmf(SUCCESSES, PEOPLE, rate)
    return float((function(SUCCESSES / PEOPLE) * chance).sum())


def band(share: FloatArray) -> FloatArray:
    """Return what the band pays for a share of participants, against the agreed 40 %."""
    return SLOPE * np.maximum(share - RATE, 0.0)


def stated_error(rate: float) -> float:
    """Return the standard error of participants' share against 40 % counted on 400, at a rate."""
    return math.sqrt(rate * (1 - rate) / PEOPLE + RATE * (1 - RATE) / 400)


def test_a_band_against_an_agreed_rate(seed: int) -> None:
    """Every figure in money is a sum over the number of successes among 100."""
    row = own(small_case().diagnose(designs={}, draws=DRAWS, rng=seed))
    treated, true = RATE + UPLIFT, SLOPE * UPLIFT
    nothing = float(binom.cdf(RATE * PEOPLE, PEOPLE, treated))
    assert_close(row, "p_paid_for_nothing", float(binom.sf(RATE * PEOPLE, PEOPLE, RATE)))
    assert_close(row, "paid_for_nothing", mean_of(band, rate=RATE))
    assert_close(row, "p_effect_unpaid", nothing)
    assert_close(row, "unpaid_effect", true * nothing)
    assert_close(row, "paid", mean_of(band, rate=treated))
    assert_close(row, "overpaid", mean_of(lambda x: np.maximum(band(x) - true, 0), rate=treated))
    assert_close(row, "underpaid", mean_of(lambda x: np.maximum(true - band(x), 0), rate=treated))
    assert row.figures["deserved"].value == pytest.approx(true, rel=1e-12)


def test_the_errors_of_an_agreed_rate(seed: int) -> None:
    """Bias zero, sd and rmse sqrt(p (1 - p) / n); coverage, power and false positives by sums."""
    row = own(small_case().diagnose(designs={}, draws=DRAWS, rng=seed))
    treated = RATE + UPLIFT
    assert_close(row, "bias", 0.0)
    assert_close(row, "sd", math.sqrt(treated * (1 - treated) / PEOPLE))
    assert_close(row, "rmse", math.sqrt(treated * (1 - treated) / PEOPLE))
    assert row.figures["stated_bias"].value == pytest.approx(0.0, abs=1e-12)

    def held(share: FloatArray) -> BoolArray:
        return np.asarray(np.abs(share - treated) <= ndtri(0.975) * stated_error(treated))

    def finds(rate: float) -> float:
        level = RATE + ndtri(1 - ALPHA) * stated_error(rate)
        return mean_of(lambda share: share >= level, rate=rate)

    assert_close(row, "coverage", mean_of(held, rate=treated))
    assert_close(row, "power", finds(treated))
    assert_close(row, "false_positive", finds(RATE))


def test_type_s_and_m_errors_of_an_agreed_rate(seed: int) -> None:
    """Given a two-sided test passed: the wrong sign, and the mean estimate over the truth."""
    weak = small_case(outcome={"counterfactual": RATE, "uplift": 0.02})
    row = own(weak.diagnose(designs={}, draws=DRAWS, rng=seed))

    def passed(share: FloatArray) -> BoolArray:
        return np.asarray(np.abs(share - RATE) >= ndtri(0.975) * stated_error(RATE + 0.02))

    chance = mean_of(passed, rate=RATE + 0.02)
    wrong = mean_of(lambda x: passed(x) * (x < RATE), rate=RATE + 0.02)
    size = mean_of(lambda x: passed(x) * np.abs(x - RATE), rate=RATE + 0.02)
    assert_close(row, "type_s", wrong / chance)
    assert_close(row, "type_m", size / chance / 0.02)
    assert row.figures["type_m"].value > 4


def test_error_of_a_ratio_is_that_of_the_chosen_courses(seed: int) -> None:
    """With one truth the Monte Carlo error of type M is sd(|e|) / t / sqrt(courses chosen)."""
    seen: list[Courses] = []

    def kept(found: Courses) -> FloatArray:
        seen.append(found)
        return found.paid

    row = own(small_case().diagnose(designs={}, draws=512, rng=seed, diagnosands={"kept": kept}))
    chosen = np.abs(seen[0].estimate[seen[0].stands_out == 1])
    # The sd is divided by n of all draws less one, which is 1 in 512 of it.
    by_hand = chosen.std() / UPLIFT / math.sqrt(len(chosen))
    assert row.figures["type_m"].mc_error == pytest.approx(by_hand, rel=2 / 512)


def test_a_wrong_baseline_is_a_bias(seed: int) -> None:
    """Five points too low, the agreed rate pays 50,000 on average for nothing at all, and more."""
    low = {**AGAINST_RATE, "baseline": {**BASELINE, "rate": RATE - 0.05}}
    row = own(small_case(design=low).diagnose(designs={}, draws=DRAWS, rng=seed))
    assert_close(row, "bias", 0.05)
    assert row.figures["stated_bias"].value == pytest.approx(0.05)
    nothing = mean_of(lambda x: SLOPE * np.maximum(x - RATE + 0.05, 0.0), rate=RATE)
    assert_close(row, "paid_for_nothing", nothing)

    def beyond(share: FloatArray) -> FloatArray:
        return SLOPE * (np.maximum(share - RATE + 0.05, 0.0) - UPLIFT)

    assert_close(row, "overpaid", mean_of(lambda x: np.maximum(beyond(x), 0), rate=RATE + UPLIFT))
    assert_close(row, "underpaid", mean_of(lambda x: np.maximum(-beyond(x), 0), rate=RATE + UPLIFT))
    assert row.figures["deserved"].value == pytest.approx(SLOPE * UPLIFT)


def test_without_chance_and_error_nothing_goes_wrong(seed: int) -> None:
    """All succeed with the intervention and none without: every error is zero."""
    sure = small_case(outcome={"counterfactual": 0.0, "uplift": 1.0}, design=TRIAL)
    figures = own(sure.diagnose(designs={}, draws=512, rng=seed)).figures
    for name in (
        "bias",
        "stated_bias",
        "sd",
        "rmse",
        "false_positive",
        "type_s",
        "p_paid_for_nothing",
        "p_effect_unpaid",
        "paid_for_nothing",
        "unpaid_effect",
        "overpaid",
        "underpaid",
    ):
        assert figures[name].value == 0.0, name
    assert figures["coverage"].value == figures["power"].value == figures["type_m"].value == 1.0
    assert figures["paid"].value == figures["deserved"].value == SLOPE


def test_a_large_trial_pays_for_nothing_every_other_time(seed: int) -> None:
    """A band from zero on an unbiased estimate pays (1 - P(tie)) / 2 of the time for nothing."""
    case = small_case(people=2_000, design=TRIAL)
    row = own(case.diagnose(designs={}, draws=4_096, rng=seed))
    # Two independent binomials of 2,000: the chance of a tie is 1 / sqrt(2 pi variance).
    tie = 1.0 / math.sqrt(2 * math.pi * 2 * 2_000 * RATE * (1 - RATE))
    assert_close(row, "p_paid_for_nothing", (1 - tie) / 2)
    assert row.figures["p_effect_unpaid"].value == 0.0
    sd = math.sqrt(2 * RATE * (1 - RATE) / 2_000)
    assert_close(row, "paid_for_nothing", SLOPE * sd / math.sqrt(2 * math.pi))


def test_the_contracts_own_trigger_is_the_test(seed: int) -> None:
    """Paid only from 13 points on: power and false positives are those of the point rule."""
    trigger = {"pooled": True, "of": "effect", "at_least": 0.13}
    case = small_case(line={**BAND, "trigger": trigger})
    row = own(case.diagnose(designs={}, draws=DRAWS, rng=seed))
    assert_close(row, "power", float(binom.sf(52, PEOPLE, RATE + UPLIFT)))
    assert_close(row, "false_positive", float(binom.sf(52, PEOPLE, RATE)))
    assert_close(row, "p_paid_for_nothing", float(binom.sf(52, PEOPLE, RATE)))
    assert_close(row, "p_effect_unpaid", float(binom.cdf(52, PEOPLE, RATE + UPLIFT)))


def test_a_line_that_pays_for_fewer_tests_downwards(seed: int) -> None:
    """A fall that is paid for is an effect; the test looks for fewer."""
    line = {**BAND, "of": "reduction"}
    case = small_case(outcome={"counterfactual": 0.5, "uplift": -0.2}, design=TRIAL, line=line)
    row = own(case.diagnose(designs={}, draws=2_048, rng=seed))
    assert row.figures["power"].value > 0.8
    assert row.figures["p_effect_unpaid"].value < 0.02
    assert row.figures["deserved"].value == pytest.approx(SLOPE * 0.4)


def test_verification_estimates_a_rate(seed: int) -> None:
    """Without a comparison nothing is tested; what is paid for nothing came about anyway."""
    line = {"model": "rate_card", "reads": "job", "pays_for": "achieved", "price": 1_000}
    case = small_case(design=VERIFIED, line=line)
    found = case.diagnose(designs={}, draws=DRAWS, rng=seed)
    row = own(found)
    assert_close(row, "paid_for_nothing", 1_000 * PEOPLE * RATE)
    assert_close(row, "paid", 1_000 * PEOPLE * (RATE + UPLIFT))
    assert row.figures["deserved"].value == pytest.approx(1_000 * PEOPLE * (RATE + UPLIFT))
    assert_close(row, "bias", 0.0)
    assert math.isnan(row.figures["power"].value)
    assert math.isnan(row.figures["type_s"].value)
    said = " ".join(found.sentences("en"))
    assert "no comparison, estimate and truth are participants' rate" in said
    assert "what is paid without an effect is for what would have come about anyway" in said


def test_paid_is_what_a_run_pays(seed: int) -> None:
    """The same luck as `simulate`: draw by draw the same payment, where no other limit binds."""
    case = sib.load_case("holbaek")
    courses: list[Courses] = []

    def kept(found: Courses) -> FloatArray:
        courses.append(found)
        return found.paid

    case.diagnose("fit_for_work", designs={}, draws=600, rng=seed, diagnosands={"kept": kept})
    run = case.simulate(draws=600, rng=seed, progress=False)
    free = (run.metric("limit_bound.contract") == 0) & (run.metric("p_terminated") == 0)
    assert free.sum() > 300
    paid = run.metric("payments.fit_for_work")
    assert np.array_equal(courses[0].paid[free], paid[free])


def test_limit_of_the_line_holds_for_all_three(seed: int) -> None:
    """No payment, deserved one or payment for nothing exceeds the line's own limit."""
    case = small_case(line={**BAND, "limit": {"line": 30_000}})
    figures = own(case.diagnose(designs={}, draws=1_024, rng=seed)).figures
    assert figures["deserved"].value == 30_000
    assert figures["paid"].value < 30_000
    assert 0 < figures["paid_for_nothing"].value < 30_000
    assert figures["overpaid"].value == 0.0


def test_more_draws_keep_the_earlier_ones(seed: int) -> None:
    """A run of N is the first N of a longer one, also across blocks."""
    seen: list[FloatArray] = []

    def kept(found: Courses) -> FloatArray:
        seen.append(found.estimate)
        return found.estimate

    for draws in (1_000, 5_000):
        small_case().diagnose(designs={}, draws=draws, rng=seed, diagnosands={"kept": kept})
    assert np.array_equal(seen[0], seen[1][:1_000])


def courses(**known: list[float]) -> Courses:
    """Return courses of which only some is known, and the rest is zero."""
    size = len(next(iter(known.values())))
    return Courses(
        **{each.name: np.array(known.get(each.name, [0.0] * size)) for each in fields(Courses)}
    )


def test_a_ratio_without_scatter_has_no_error() -> None:
    """Where every estimate that stands out is twice its truth, type M is 2, exactly."""
    seen = courses(
        estimate=[0.2, 0.4, 0.8, 0.1], truth=[0.1, 0.2, 0.4, 0.3], stands_out=[1, 1, 1, 0]
    )
    found = figure("type_m", DIAGNOSANDS["type_m"], courses=seen)
    assert found.value == pytest.approx(2.0, abs=1e-15)
    assert found.mc_error == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("p_effect_unpaid", 3 / 4),
        ("p_deserved_unpaid", 1 / 2),
        ("unpaid_effect", 600 / 4),
        ("underpaid", 600 / 5),
    ],
)
def test_unpaid_is_not_the_same_as_not_due(name: str, expected: float) -> None:
    """Four effects, of which two are due and one of these is not paid; the fifth has none."""
    seen = courses(effect=[1, 1, 1, 1, 0], deserved=[0, 0, 600, 900, 0], paid=[0, 0, 0, 900, 0])
    assert figure(name, DIAGNOSANDS[name], courses=seen).value == pytest.approx(expected)


GOAL = {
    "model": "cliff",
    "inclusive": True,
    "pays": [SLOPE],
    "conditions": [{"reads": "job", "of": "effect", "at_months": 12, "at_least": 0.10}],
}


def test_an_effect_below_the_goal_is_rightly_unpaid(seed: int) -> None:
    """A lift of 2 points where 10 are asked for: unpaid almost always, and never wrongly."""
    case = small_case(outcome={"counterfactual": RATE, "uplift": 0.02}, line=GOAL)
    found = case.diagnose(designs={}, draws=DRAWS, rng=seed)
    assert_close(own(found), "p_effect_unpaid", float(binom.cdf(49, PEOPLE, RATE + 0.02)))
    assert math.isnan(own(found).figures["p_deserved_unpaid"].value)
    said = " ".join(found.sentences("en"))
    assert "The true effect would not have been paid for in any simulation." in said
    assert "nothing is paid" not in said


def test_an_effect_above_the_goal_that_goes_unpaid(seed: int) -> None:
    """A lift of 15 points is due; unpaid with 49 successes of 100 or fewer, 14 % of the time."""
    case = small_case(outcome={"counterfactual": RATE, "uplift": 0.15}, line=GOAL)
    found = case.diagnose(designs={}, draws=DRAWS, rng=seed)
    missed = float(binom.cdf(49, PEOPLE, RATE + 0.15))
    assert_close(own(found), "p_deserved_unpaid", missed)
    assert_close(own(found), "unpaid_effect", SLOPE * missed)
    assert 0.12 < missed < 0.15
    english, danish = (" ".join(found.sentences(lang)) for lang in ("en", "da"))
    assert "Where the true effect would have been paid for, nothing is paid in 1 of 10" in english
    assert "over all simulations in which the intervention works, that leaves DKK" in english
    assert "betales der i 1 af 10 forløb (1" in danish
    assert "kr. af den betaling, den sande effekt berettiger til" in danish
    assert "Sammenlignet med betaling efter den sande effekt betales i gennemsnit" in danish


def test_a_line_that_reads_two_measures(seed: int) -> None:
    """A cliff on two conditions pays where both hold: the product of two binomial chances."""
    levels = [
        {"reads": name, "of": "rate", "at_months": 12, "at_least": 0.45} for name in ("job", "flat")
    ]
    line = {"model": "cliff", "pays": [SLOPE], "inclusive": True, "conditions": levels}
    document = small_case().document
    document["outcomes"]["flat"] = {**document["outcomes"]["job"]}
    document["measures"] = {name: {"outcome": name, **VERIFIED} for name in ("job", "flat")}
    document["payments"] = {"both": line}
    found = build(document).diagnose("flat", designs={}, draws=DRAWS, rng=seed)
    row = own(found)
    reached, anyway = (float(binom.sf(44, PEOPLE, rate)) for rate in (RATE + UPLIFT, RATE))
    assert found.lines == ("both",)
    assert_close(row, "p_paid_for_nothing", anyway**2)
    assert_close(row, "p_effect_unpaid", 1 - reached**2)
    assert_close(row, "p_deserved_unpaid", 1 - reached**2)
    assert_close(row, "unpaid_effect", SLOPE * (1 - reached**2))
    assert row.figures["deserved"].value == SLOPE
