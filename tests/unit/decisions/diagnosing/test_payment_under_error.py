"""What one line pays under a normal error: closed forms, published figures, drawn estimates."""

from __future__ import annotations

import math
from datetime import date
from statistics import NormalDist
from typing import Any

import pytest

import sibsim as sib
from sibsim.decisions.diagnosing.payment_under_error import payment_under_error
from sibsim.payments.base import PaymentModel
from sibsim.payments.cliff import Cliff
from sibsim.payments.fixed import Fixed
from sibsim.payments.linear_band import LinearBand
from sibsim.payments.rate_card import RateCard
from sibsim.payments.step_table import StepTable
from sibsim.payments.two_sided import TwoSided

NORMAL = NormalDist()
EXACT = 1e-10
"""What the closed forms have to be met to."""

SPREAD = 1e-9
"""What standard deviations have to be met to: they are roots of differences of squares."""

PUBLISHED = 5e-8
"""Half a unit of the last digit of figures that are stated with seven decimals."""

LADDER = [
    (0.085, 4.8),
    (0.10, 9.6),
    (0.11, 10.08),
    (0.12, 10.176),
    (0.125, 10.272),
    (0.13, 10.368),
    (0.16, 10.944),
    (0.20, 11.712),
]
"""ABLE, Rikers Island, at launch: fall in days back in jail, and what the city pays, USD m."""


def band(*points: tuple[float, float], of: str = "effect", **more: object) -> LinearBand:
    """Return a band over all cohorts at twelve months."""
    schedule = [{"at": at, "pays": pays} for at, pays in points]
    table = {"reads": "days", "of": of, "at_months": 12, "pooled": True, "schedule": schedule}
    return LinearBand.model_validate({"model": "linear_band", **table, **more})


def ladder() -> StepTable:
    """Return the ladder of Rikers Island."""
    return StepTable.model_validate(
        {
            "model": "step_table",
            "reads": "days",
            "of": "reduction",
            "at_months": 12,
            "pooled": True,
            "inclusive": True,
            "schedule": [{"at": at, "pays": pays} for at, pays in LADDER],
        }
    )


def cliff(level: float, *, pays: float = 1.0, of: str = "reduction") -> Cliff:
    """Return a payment above one level."""
    condition = {"reads": "days", "of": of, "at_months": 12, "at_least": level}
    return Cliff.model_validate(
        {"model": "cliff", "pays": [pays], "inclusive": False, "conditions": [condition]}
    )


def above_zero(mean: float, sd: float) -> float:
    """Return E[max(0, X)] of a normal X."""
    return mean * NORMAL.cdf(mean / sd) + sd * NORMAL.pdf(mean / sd)


@pytest.mark.parametrize(("effect", "published"), [(0.0, 0.0199471), (0.1, 0.0962588)])
def test_a_band_is_the_closed_form(effect: float, published: float) -> None:
    """E[max(0, X)], with a cap at 0.15 less E[max(0, X - 0.15)]; paid for nothing at effect 0."""
    cap = 0.15 if effect else 10.0
    line = band((0.0, 0.0), (cap, cap))
    found = payment_under_error(line, effect=effect, standard_error=0.05)
    by_hand = above_zero(effect, 0.05) - above_zero(effect - cap, 0.05)
    assert found.expected == pytest.approx(by_hand, abs=EXACT)
    assert found.expected == pytest.approx(published, abs=PUBLISHED)
    assert found.p_paid == pytest.approx(NORMAL.cdf(effect / 0.05), abs=EXACT)


def test_spread_of_a_band() -> None:
    """At effect 0, E[max(0, X)^2] = s^2 / 2, so the variance is s^2 (1 / 2 - 1 / (2 pi))."""
    found = payment_under_error(band((0.0, 0.0), (9.0, 9.0)), effect=0.0, standard_error=0.05)
    assert found.sd == pytest.approx(0.05 * math.sqrt(0.5 - 0.5 / math.pi), abs=EXACT)


def test_a_band_in_money_that_jumps() -> None:
    """In kroner to 1e-10 of the amount: P(X >= a) f + slope E[max(0, X - a)] less that of the cap.

    100,000 at 3 points, rising to 1,500,000 at 20 points.
    """
    low, high, first, last = 0.03, 0.20, 1e5, 1.5e6
    slope = (last - first) / (high - low)
    found = payment_under_error(band((low, first), (high, last)), effect=0.08, standard_error=0.06)
    by_hand = first * NORMAL.cdf((0.08 - low) / 0.06)
    by_hand += slope * (above_zero(0.08 - low, 0.06) - above_zero(0.08 - high, 0.06))
    assert found.expected == pytest.approx(by_hand, rel=EXACT)
    assert found.p_paid == pytest.approx(NORMAL.cdf((0.08 - low) / 0.06), abs=EXACT)


@pytest.mark.parametrize(("effect", "published"), [(0.084, 0.5714237), (0.0, 0.0668072)])
def test_a_cliff_is_the_closed_form(effect: float, published: float) -> None:
    """Peterborough: P(estimate > 7.5 %) where the truth is 8.4 % or nothing, se 5 %."""
    found = payment_under_error(cliff(0.075, pays=4e6), effect=effect, standard_error=0.05)
    probability = NORMAL.cdf((effect - 0.075) / 0.05)
    assert found.p_paid == pytest.approx(probability, abs=EXACT)
    assert found.expected == pytest.approx(4e6 * probability, rel=EXACT)
    assert found.sd == pytest.approx(4e6 * math.sqrt(probability * (1 - probability)), rel=1e-9)
    assert found.p_paid == pytest.approx(published, abs=PUBLISHED)


@pytest.mark.parametrize(
    ("effect", "computed"), [(0.10, 5.7407098), (0.0, 0.3320392), (0.15, 9.3152881)]
)
def test_the_ladder_of_rikers_island(effect: float, computed: float) -> None:
    """What the city pays on average, USD m: the sum over steps of its rise times P(X >= step)."""
    found = payment_under_error(ladder(), effect=effect, standard_error=0.05)
    steps = [0.0, *(pays for _, pays in LADDER)]
    by_hand = sum(
        (pays - before) * NORMAL.cdf((effect - at) / 0.05)
        for (at, pays), before in zip(LADDER, steps, strict=False)
    )
    assert found.expected == pytest.approx(by_hand, abs=EXACT)
    assert found.expected == pytest.approx(computed, abs=PUBLISHED)


def test_a_rate_card_for_what_is_additional() -> None:
    """200 people at 20,000 each: 4 m x E[max(0, X)], whatever the comparison."""
    card = additional(price=20_000)
    for comparison in (0.2, 0.7):
        found = payment_under_error(
            card, effect=0.04, standard_error=0.06, people=200.0, comparison=comparison
        )
        assert found.expected == pytest.approx(4e6 * above_zero(0.04, 0.06), rel=EXACT)


def test_limit_of_a_line_cuts() -> None:
    """A limit at half the cap pays as a band that ends there."""
    limited = band((0.0, 0.0), (0.2, 2.0), limit={"line": 1.0})
    found = payment_under_error(limited, effect=0.1, standard_error=0.05)
    other = payment_under_error(band((0.0, 0.0), (0.1, 1.0)), effect=0.1, standard_error=0.05)
    assert found.expected == pytest.approx(other.expected, abs=EXACT)


def significant(alpha: float, *, lower_limit: float | None = None) -> dict[str, object]:
    """Return a trigger that tests."""
    limit = {} if lower_limit is None else {"lower_limit": lower_limit}
    return {"pooled": True, "alpha": alpha, "better": "more", **limit}


def additional(**more: object) -> RateCard:
    """Return 10,000 for each person who succeeds beyond the comparison: 10 m x of 1,000 people."""
    table = {"reads": "job", "pays_for": "additional", "floor": "contract", "price": 10_000}
    return RateCard.model_validate({"model": "rate_card", **table, **more})


def moments_from(level: float, mean: float, sd: float) -> tuple[float, float, float]:
    """Return P(X >= c), E[X; X >= c] and E[X^2; X >= c] of a normal X."""
    z = (level - mean) / sd
    chance, density = NORMAL.cdf(-z), NORMAL.pdf(z)
    return (
        chance,
        mean * chance + sd * density,
        (mean**2 + sd**2) * chance + sd * (mean + level) * density,
    )


@pytest.mark.parametrize(
    ("alpha", "lower_limit", "mean", "sd", "computed"),
    [
        (0.05, None, 0.06, 0.04, (423_359.43, 499_465)),
        (0.05, None, 0.0, 0.05, (51_567.82, 228_586)),
        (0.10, None, 0.0, 0.05, (87_749.17, 271_160)),
        (0.05, 0.02, 0.06, 0.04, (285_326.72, 492_456)),
        (0.05, None, 0.06, 1e-5, (600_000.0, 100.0)),
    ],
)
def test_a_rate_card_with_a_test(
    alpha: float,
    lower_limit: float | None,
    mean: float,
    sd: float,
    computed: tuple[float, float],
) -> None:
    """It pays 10 m X from c = q sd (+ lower limit) on: q sd is no figure of the line."""
    level = NORMAL.inv_cdf(1 - alpha) * sd + (lower_limit or 0.0)
    chance, first, second = moments_from(level, mean, sd)
    card = additional(trigger=significant(alpha, lower_limit=lower_limit))
    found = payment_under_error(card, effect=mean, standard_error=sd)
    assert found.p_paid == pytest.approx(chance, rel=EXACT)
    assert found.expected == pytest.approx(1e7 * first, rel=EXACT)
    assert found.sd == pytest.approx(1e7 * math.sqrt(second - first**2), rel=SPREAD)
    assert (round(found.expected, 2), round(found.sd)) == computed


@pytest.mark.parametrize(("alpha", "lower_limit"), [(0.10, None), (0.05, 0.02), (0.05, None)])
def test_a_band_with_a_test_and_a_limit(alpha: float, lower_limit: float | None) -> None:
    """1 m at .02 rising to 3 m at .08, no more than 2.5 m (reached at .065), from c on.

    With slope b = 2 m / .06 and K(x) = E[max(0, X - x)], c in between .02 and .065 or beyond:
    P(X >= c) y(c) + b (K(c) - K(.065)).
    """
    mean, sd, slope, cut = 0.06, 0.04, 2e6 / 0.06, 0.065
    level = NORMAL.inv_cdf(1 - alpha) * sd + (lower_limit or 0.0)
    start = min(level, cut)
    chance = NORMAL.cdf((mean - level) / sd)
    by_hand = chance * (1e6 + slope * (start - 0.02))
    if level < cut:
        by_hand += slope * (above_zero(mean - level, sd) - above_zero(mean - cut, sd))
    trigger = significant(alpha, lower_limit=lower_limit)
    line = band((0.02, 1e6), (0.08, 3e6), trigger=trigger, limit={"line": 2.5e6})
    found = payment_under_error(line, effect=mean, standard_error=sd)
    assert found.expected == pytest.approx(by_hand, rel=EXACT)
    assert found.p_paid == pytest.approx(chance, rel=EXACT)
    if alpha == 0.10:
        assert (round(found.expected, 2), round(found.sd)) == (1_435_048.67, 1_208_295)


@pytest.mark.parametrize(
    ("of", "better", "comparison"),
    [("uplift", "more", 0.25), ("uplift", "more", 0.8), ("reduction", "fewer", 0.25)],
)
def test_a_relative_change_with_a_test(of: str, better: str, comparison: float) -> None:
    """10 m X from c = q sd on, whatever the comparison: difference and error are both relative."""
    mean, sd, most = 0.06, 0.04, 0.9
    chance, first, _ = moments_from(NORMAL.inv_cdf(0.95) * sd, mean, sd)
    trigger = {**significant(0.05), "better": better}
    line = band((0.0, 0.0), (most, most * 1e7), of=of, trigger=trigger)
    found = payment_under_error(line, effect=mean, standard_error=sd, comparison=comparison)
    assert found.p_paid == pytest.approx(chance, rel=EXACT)
    assert found.expected == pytest.approx(1e7 * first, rel=EXACT)


def test_a_step_table_with_a_test() -> None:
    """1 m from c = q sd on, 3 m from .08 on."""
    mean, sd = 0.06, 0.04
    low, high = (NORMAL.cdf((mean - level) / sd) for level in (NORMAL.inv_cdf(0.95) * sd, 0.08))
    line = StepTable.model_validate(
        {
            "model": "step_table",
            "reads": "days",
            "of": "effect",
            "at_months": 12,
            "pooled": True,
            "inclusive": True,
            "schedule": [{"at": 0.02, "pays": 1e6}, {"at": 0.08, "pays": 3e6}],
            "trigger": significant(0.05),
        }
    )
    found = payment_under_error(line, effect=mean, standard_error=sd)
    assert found.expected == pytest.approx(1e6 * low + 2e6 * high, rel=EXACT)
    variance = 1e12 * (low - high) + 9e12 * high - found.expected**2
    assert found.sd == pytest.approx(math.sqrt(variance), rel=SPREAD)
    assert (round(found.expected, 2), round(found.sd)) == (1_059_488.30, 1_337_235)


@pytest.mark.parametrize(("mean", "sd"), [(0.06, 0.04), (0.0, 0.05), (0.035, 0.02)])
def test_what_crosses_zero_is_paid_from_there_on(mean: float, sd: float) -> None:
    """From -1 m at .02 to 3 m at .08 zero is at .035, which is no figure of the line."""
    line = TwoSided.model_validate(
        {
            "model": "two_sided",
            "reads": "job",
            "of": "effect",
            "at_months": 12,
            "pooled": True,
            "schedule": [{"at": 0.02, "pays": -1e6}, {"at": 0.08, "pays": 3e6}],
        }
    )
    found = payment_under_error(line, effect=mean, standard_error=sd)
    by_hand = 4e6 / 0.06 * (above_zero(mean - 0.02, sd) - above_zero(mean - 0.08, sd)) - 1e6
    assert found.p_paid == pytest.approx(NORMAL.cdf((mean - 0.035) / sd), abs=EXACT)
    assert found.expected == pytest.approx(by_hand, rel=EXACT)


@pytest.mark.parametrize("of", ["rate", "uplift"])
def test_reads_what_the_line_reads(of: str) -> None:
    """A rate and a relative rise are errors of that reading, not of the difference."""
    line = band((0.3, 0.0), (0.5, 2.0), of=of)
    found = payment_under_error(line, effect=0.4, standard_error=0.05, comparison=0.3)
    by_hand = 10 * (above_zero(0.1, 0.05) - above_zero(-0.1, 0.05))
    assert found.expected == pytest.approx(by_hand, abs=EXACT)


@pytest.mark.parametrize("line", [band((0.0, 0.0), (0.15, 0.15)), cliff(0.075), ladder()])
def test_simulation_agrees(line: PaymentModel, seed: int) -> None:
    """Drawn estimates come within five Monte Carlo errors of the closed form."""
    exact = payment_under_error(line, effect=0.08, standard_error=0.05)
    drawn = payment_under_error(
        line, effect=0.08, standard_error=0.05, mode="simulation", draws=20_000, rng=seed
    )
    assert abs(drawn.expected - exact.expected) < 5 * drawn.expected_mc_error
    assert abs(drawn.p_paid - exact.p_paid) < 5 * drawn.p_paid_mc_error
    assert drawn.expected_mc_error == pytest.approx(exact.sd / math.sqrt(20_000), rel=0.05)


def test_without_error_it_is_the_line_itself() -> None:
    """With a standard error of 0 the truth is paid for."""
    found = payment_under_error(band((0.0, 0.0), (0.2, 2.0)), effect=0.05, standard_error=0.0)
    assert found.expected == pytest.approx(0.5)
    assert (found.p_paid, found.sd) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"standard_error": -0.1}, "standard_error: got -0.1; a standard deviation is at least 0"),
        ({"people": 0}, "people: got 0; it is above 0"),
        ({"mode": "exact"}, "mode: got 'exact'; it is one of quadrature, simulation"),
        ({"mode": "simulation", "draws": 0}, "draws: got 0; it is a whole number from 1"),
    ],
)
def test_bad_arguments_are_refused(changes: dict[str, Any], words: str) -> None:
    """Each with the value, the rule and the way out."""
    asked: dict[str, Any] = {"effect": 0.1, "standard_error": 0.05, **changes}
    with pytest.raises(sib.ArgumentError, match=words):
        payment_under_error(band((0.0, 0.0), (0.2, 2.0)), **asked)


def test_a_line_of_no_result_is_refused() -> None:
    """A fixed payment reads nothing that could err."""
    line = Fixed.model_validate(
        {"model": "fixed", "payments": [{"on": date(2024, 1, 1), "pays": 1.0}]}
    )
    with pytest.raises(sib.ArgumentError, match=r"reads nothing; .* use\s+case\.diagnose"):
        payment_under_error(line, effect=0.1, standard_error=0.05)


def test_a_line_of_persons_is_refused() -> None:
    """An estimate does not say who succeeded twice."""
    line = RateCard.model_validate(
        {
            "model": "rate_card",
            "reads": "job",
            "pays_for": "achieved",
            "price": 1.0,
            "claims_per_person": 1,
        }
    )
    with pytest.raises(sib.ArgumentError, match="one person after the other"):
        payment_under_error(line, effect=0.1, standard_error=0.05)
