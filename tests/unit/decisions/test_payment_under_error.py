"""What one line pays under a normal error: closed forms, published figures, drawn estimates."""

from __future__ import annotations

import math
from datetime import date
from statistics import NormalDist
from typing import Any

import pytest

import sibsim as sib
from sibsim.decisions.payment_under_error import payment_under_error
from sibsim.payments.base import PaymentModel
from sibsim.payments.cliff import Cliff
from sibsim.payments.fixed import Fixed
from sibsim.payments.linear_band import LinearBand
from sibsim.payments.rate_card import RateCard
from sibsim.payments.step_table import StepTable

NORMAL = NormalDist()
EXACT = 1e-10
"""What the closed forms have to be met to."""

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
    card = RateCard.model_validate(
        {
            "model": "rate_card",
            "reads": "job",
            "pays_for": "additional",
            "floor": "contract",
            "price": 20_000,
        }
    )
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


def test_a_trigger_that_tests_knows_the_error() -> None:
    """Significance at 5 % is 1.645 standard errors: paid with probability 0.05 at effect 0."""
    trigger = {"pooled": True, "alpha": 0.05, "better": "more"}
    found = payment_under_error(
        band((0.0, 1.0), (1.0, 1.0), trigger=trigger), effect=0.0, standard_error=0.05
    )
    assert found.p_paid == pytest.approx(0.05, abs=1e-8)


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
