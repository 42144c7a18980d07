"""Diagnosis over several cohorts and follow-ups, clauses, uncertain effects and lost reports."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binom, multinomial, t

from sibsim.casefile import build
from sibsim.core.arrays import BoolArray, FloatArray
from tests.small_case import (
    BAND,
    DRAWS,
    PEOPLE,
    RATE,
    SLOPE,
    TRIAL,
    UPLIFT,
    assert_close,
    own,
    small_case,
)

ALPHA = 0.05
SHARES = np.arange(PEOPLE + 1) / PEOPLE
"""Shares of the participants who may succeed."""

COUNTED = RATE * (1 - RATE) / 400
"""Variance of the agreed rate, which 400 people show."""


def chances(rate: float | FloatArray) -> FloatArray:
    """Return the chance of each share at a success rate."""
    return np.asarray(binom.pmf(np.arange(PEOPLE + 1), PEOPLE, rate))


def least_shown(rate: float | FloatArray) -> FloatArray:
    """Return the difference to the agreed rate that a one-sided test finds, at a true rate."""
    return np.asarray(ndtri(1 - ALPHA) * np.sqrt(rate * (1 - rate) / PEOPLE + COUNTED))


def test_cohorts_weigh_by_their_people(seed: int) -> None:
    """20 and 80 people err as 100 do; of two equal halves the sd would be a quarter larger."""
    case = small_case(shares=(0.2, 0.8))
    row = own(case.diagnose(designs={}, draws=DRAWS, rng=seed))
    treated = RATE + UPLIFT
    assert_close(row, "bias", 0.0)
    assert_close(row, "sd", math.sqrt(treated * (1 - treated) / PEOPLE))


def test_what_is_deserved_is_of_each_cohort_follow_up_and_course(seed: int) -> None:
    """The same 10 points whatever happens anyway, which differs in all three."""
    outcome = {
        "counterfactual": [0.3, {"p10": 0.45, "p50": 0.5, "p90": 0.55}],
        "uplift": [0.3, UPLIFT],
        "follow_up_months": [6, 12],
        "persistence": 0.8,
    }
    document = small_case(outcome=outcome, design=TRIAL, shares=(0.2, 0.8)).document
    document["drifts"] = {"level": {"sd_per_year": 0.02, "since": date(2023, 6, 1)}}
    document["outcomes"]["job"]["drift"] = "level"
    row = own(build(document).diagnose(designs={}, draws=1_024, rng=seed))
    assert row.figures["deserved"].value == pytest.approx(SLOPE * UPLIFT)
    assert row.figures["deserved"].mc_error == pytest.approx(0.0, abs=1e-6)
    assert_close(row, "bias", 0.0)


CLUSTERS, ICC = 2, 0.04


def of_clusters(rate: float) -> FloatArray:
    """Return the chance of each number of successes among 100 in two clusters of 50.

    A person shares the cluster's result with probability sqrt(ICC), else has one of their own.
    """
    alike, each = math.sqrt(ICC), PEOPLE // CLUSTERS
    numbers = np.arange(each + 1)
    one = [binom.pmf(numbers, each, alike * luck + (1 - alike) * rate) for luck in (0, 1)]
    by_luck = (1 - rate) * one[0] + rate * one[1]
    return np.convolve(by_luck, by_luck)


def test_the_interval_of_few_clusters_is_that_of_t(seed: int) -> None:
    """Two clusters an arm leave 2 degrees of freedom, and a quantile of 4.30 and not 1.96.

    The stated variance is the true one times E, exponential with mean 1, so that the interval holds
    an error e with probability P(E >= (e / q sd)^2) = exp(-(e / q sd)^2).
    """
    case = small_case(
        outcome={
            "counterfactual": RATE,
            "uplift": UPLIFT,
            "clusters": {"number": CLUSTERS, "icc": ICC},
        },
        design={
            "design": "cluster_randomised",
            "controls_per_participant": 1,
            "control_clusters": CLUSTERS,
        },
    )
    row = own(case.diagnose(designs={}, draws=DRAWS, rng=seed))
    rates = (RATE + UPLIFT, RATE)
    design_effect = 1 + (PEOPLE / CLUSTERS - 1) * ICC
    variance = design_effect * sum(rate * (1 - rate) for rate in rates) / PEOPLE
    errors = np.subtract.outer(SHARES, SHARES) - UPLIFT
    chance = np.outer(*(of_clusters(rate) for rate in rates))
    quantile = t.ppf(0.975, 2 * CLUSTERS - 2)
    held = np.exp(-(errors**2) / (quantile**2 * variance))
    assert_close(row, "sd", math.sqrt(variance))
    assert_close(row, "coverage", float((held * chance).sum()))


def test_what_is_clawed_back_is_not_paid(seed: int) -> None:
    """Half is returned unless half of all succeed at 24 months, as they do or not at 12."""
    unless = {"reads": "job", "of": "rate", "at_months": 24, "at_least": 0.5}
    case = small_case(
        outcome={
            "counterfactual": RATE,
            "uplift": UPLIFT,
            "follow_up_months": [12, 24],
            "persistence": 1.0,
        },
        line={**BAND, "clawback": {"share": 0.5, "unless": unless}},
    )
    row = own(case.diagnose(designs={}, draws=DRAWS, rng=seed))
    paid = SLOPE * np.maximum(SHARES - RATE, 0.0) * np.where(SHARES < 0.5, 0.5, 1.0)
    treated, true = chances(RATE + UPLIFT), SLOPE * UPLIFT
    assert_close(row, "paid", float(paid @ treated))
    assert_close(row, "paid_for_nothing", float(paid @ chances(RATE)))
    assert_close(row, "overpaid", float(np.maximum(paid - true, 0.0) @ treated))
    assert_close(row, "underpaid", float(np.maximum(true - paid, 0.0) @ treated))
    assert row.figures["deserved"].value == pytest.approx(true)


def test_an_effect_that_may_be_harm(seed: int) -> None:
    """From -10 to 10 points: what is asked of effects is asked of the good half, money of all."""
    widest, points = 0.1, 2_000
    uplift = {"dist": "uniform", "min": -widest, "max": widest, "may_be_negative": True}
    case = small_case(outcome={"counterfactual": RATE, "uplift": uplift})
    row = own(case.diagnose(designs={}, draws=DRAWS, rng=seed))
    good = (np.arange(points) + 0.5) / points * widest
    for_good, for_harm = (chances(RATE + each[:, np.newaxis]) for each in (good, -good))
    paid, due = SLOPE * np.maximum(SHARES - RATE, 0.0), SLOPE * good[:, np.newaxis]
    nothing = SHARES <= RATE
    passed = SHARES - least_shown(RATE + good)[:, np.newaxis] >= RATE

    def mean(values: FloatArray | BoolArray, chance: FloatArray) -> float:
        return float((values * chance).sum(axis=1).mean())

    assert_close(row, "p_effect_unpaid", mean(nothing, for_good))
    assert_close(row, "p_deserved_unpaid", mean(nothing, for_good))
    assert_close(row, "unpaid_effect", mean(due * nothing, for_good))
    assert_close(row, "power", mean(passed, for_good))
    assert_close(row, "underpaid", mean(np.maximum(due - paid, 0.0), for_good) / 2)
    over = mean(np.maximum(paid - due, 0.0), for_good) + mean(paid, for_harm)
    assert_close(row, "overpaid", over / 2)
    assert_close(row, "deserved", SLOPE * widest / 4)


def test_a_trigger_that_tests_for_fewer(seed: int) -> None:
    """A lump sum for whatever is measured: only its test says that a fall is the effect."""
    line = {
        **BAND,
        "schedule": [{"at": -1.0, "pays": SLOPE}, {"at": 1.0, "pays": SLOPE}],
        "trigger": {"pooled": True, "alpha": ALPHA, "better": "fewer"},
    }
    outcome = {"counterfactual": RATE, "uplift": -UPLIFT}
    row = own(small_case(outcome=outcome, line=line).diagnose(designs={}, draws=DRAWS, rng=seed))
    chance, by_luck = (
        float((SHARES + least_shown(rate) <= RATE) @ chances(rate))
        for rate in (RATE - UPLIFT, RATE)
    )
    assert_close(row, "power", chance)
    assert_close(row, "p_effect_unpaid", 1 - chance)
    assert_close(row, "unpaid_effect", SLOPE * (1 - chance))
    assert_close(row, "false_positive", by_luck)


def test_a_report_that_is_lost_is_unpaid(seed: int) -> None:
    """20 people of whom 9 in 10 are lost: in 12 % of courses all are, and nothing is paid."""
    people, lost, treated = 20, 0.9, RATE + UPLIFT
    line = {
        "model": "rate_card",
        "reads": "job",
        "pays_for": "additional",
        "floor": "contract",
        "price": 1_000,
    }
    design = {**TRIAL, "attrition": {"treated": lost}}
    case = small_case(people=people, design=design, line=line)
    row = own(case.diagnose(designs={}, draws=DRAWS, rng=seed))
    good, bad, controls = np.meshgrid(*[np.arange(people + 1)] * 3, indexing="ij")
    seen = 1 - lost
    shares = [seen * treated, seen * (1 - treated), lost]
    chance = multinomial.pmf(
        np.stack([good, bad, people - good - bad], axis=-1), people, shares
    ) * binom.pmf(controls, people, RATE)
    difference = good / np.maximum(good + bad, 1) - controls / people
    unpaid = (good + bad == 0) | (difference <= 0)
    assert_close(row, "p_effect_unpaid", float(np.nansum(unpaid * chance)))
    assert_close(row, "not_measured", lost**people)
    both = (good + controls) / (good + bad + people)
    error = np.sqrt(both * (1 - both) * (1 / np.maximum(good + bad, 1) + 1 / people))
    passed = ~unpaid & (difference >= ndtri(1 - ALPHA) * error)
    assert_close(row, "power", float(np.nansum(passed * chance)))


def test_a_cohort_without_controls_is_left_out(seed: int) -> None:
    """2 and 6 controls of whom 6 in 10 are lost: the mean of what is compared has no bias."""
    lost, people = 0.6, 8
    case = small_case(
        people=people,
        outcome={"counterfactual": 0.1, "uplift": 0.6},
        design={**TRIAL, "attrition": {"control": lost}},
        shares=(0.25, 0.75),
    )
    row = own(case.diagnose(designs={}, draws=DRAWS, rng=seed))
    assert_close(row, "bias", 0.0)
    assert_close(row, "not_measured", lost**people)


def test_nothing_is_lost_where_everybody_is_followed(seed: int) -> None:
    """Without loss every course has an estimate."""
    row = own(small_case(design=TRIAL).diagnose(designs={}, draws=512, rng=seed))
    assert row.figures["not_measured"].value == 0.0
