"""What experts say as a distribution: exact, nearest, pooled, said back, refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import beta as beta_function
from scipy.special import betainc, betaincinv, ndtri

import sibsim as sib
from sibsim.errors import ArgumentError
from sibsim.evidence.elicitation import (
    EXACT,
    SURELY,
    Family,
    elicit_citizens,
    elicit_quantiles,
    pool,
)
from sibsim.evidence.prior import Prior
from sibsim.evidence.prior_words import said_back

SHAPES = [(12.0, 8.0), (0.5, 0.5), (1.0, 1.0), (0.3, 4.0), (300.0, 20.0), (2e4, 3e4)]


def _beta(alpha: float, beta: float, **rest: Any) -> Prior:  # noqa: ANN401 - any field of a prior
    return Prior(scale=None, form={"dist": "beta", "alpha": alpha, "beta": beta}, **rest)


@pytest.mark.parametrize(("alpha", "beta"), SHAPES)
@pytest.mark.parametrize("levels", [(10, 90), (5, 95), (25, 75), (50, 90), (2.5, 50)])
def test_two_quantiles_determine_a_beta(
    alpha: float, beta: float, levels: tuple[float, float]
) -> None:
    """The shapes that made the quantiles are found again."""
    stated = {f"p{level:g}": float(betaincinv(alpha, beta, level / 100)) for level in levels}
    found = elicit_quantiles(stated, family="beta")
    at = found.form["alpha"], found.form["beta"]
    for level in levels:
        below = betainc(*at, stated[f"p{level:g}"])
        assert below == pytest.approx(level / 100, abs=EXACT)
    # Probabilities to 1e-9 leave the shapes this far open, most where the beta is narrow.
    np.testing.assert_allclose(at, (alpha, beta), rtol=1e-4)
    assert found.notes == ()


def test_two_quantiles_determine_a_lognormal() -> None:
    """By hand: ln 1.2 and ln 2.7 at one in ten on either side."""
    found = elicit_quantiles({"p90": 2.7, "p10": 1.2}, family="lognormal", scale="odds_ratio")
    sd = math.log(2.7 / 1.2) / (2 * 1.2815515655446004)
    assert found.form == {
        "dist": "lognormal",
        "log_mean": pytest.approx(0.5 * math.log(1.2 * 2.7), rel=1e-12),
        "log_sd": pytest.approx(sd, rel=1e-12),
    }
    assert found.predictive
    assert found.table["predictive"] is True
    assert found.table["scale"] == "odds_ratio"
    assert elicit_quantiles({"p10": 1.2, "p90": 2.7}, family="lognormal").table == found.form


@pytest.mark.parametrize("family", ["beta", "lognormal"])
def test_three_quantiles_of_a_member_are_met(family: Family) -> None:
    """Where one distribution has all of them it is found, and the note says so."""
    levels = np.array([0.05, 0.5, 0.9])
    made = betaincinv(7.0, 3.0, levels) if family == "beta" else np.exp(0.4 + 0.3 * ndtri(levels))
    stated = dict(zip(("p5", "p50", "p90"), map(float, made), strict=True))
    found = elicit_quantiles(stated, family=family)
    first, second = (7.0, 3.0) if family == "beta" else (0.4, 0.3)
    _, *shapes = found.form.values()
    np.testing.assert_allclose(shapes, (first, second), rtol=1e-6)
    assert len(found.notes) == 1
    assert "which a reader would see" not in found.notes[0]


@pytest.mark.parametrize(("family", "high"), [("beta", 0.7), ("lognormal", 0.7)])
def test_the_nearest_by_probability_is_taken_where_none_fits(family: Family, high: float) -> None:
    """No neighbouring member has a smaller sum of squares; a miss that shows is said."""
    stated = {"p10": 0.3, "p50": 0.4, "p90": high}
    found = elicit_quantiles(stated, family=family)

    def squares(prior: Prior) -> float:
        below = prior.quantity.distribution.cdf(np.array([*stated.values()]))
        return float(((below - np.array([0.1, 0.5, 0.9])) ** 2).sum())

    least = squares(found)
    for key in list(found.form)[1:]:
        for factor in (0.99, 1.01):
            near = Prior(scale=None, form={**found.form, key: found.form[key] * factor})
            assert squares(near) > least
    assert "nearest to p10 = 0.3, p50 = 0.4, p90 = 0.7 misses" in found.notes[0]
    assert "which a reader would see; state p10, p50 and p90 in the case" in found.notes[0]


@pytest.mark.parametrize(
    ("stated", "changes", "says"),
    [
        ({"p10": 0.3}, {}, "at least two are needed"),
        ({}, {}, "got none; at least two"),
        ({"p10": 0.3, "low": 0.5}, {}, "named by its probability in per cent"),
        ({"p0": 0.3, "p90": 0.5}, {}, "p1 to p99"),
        ({"p100": 0.3, "p10": 0.1}, {}, "p1 to p99"),
        ({"p10": 0.5, "p90": 0.3}, {}, "a higher quantile is a higher value"),
        ({"p10": 0.4, "p90": 0.4}, {}, "a higher quantile is a higher value"),
        ({"p10": 30, "p90": 50}, {}, "it is a share: write 0.5"),
        ({"p10": 0.0, "p90": 0.5}, {}, "strictly between 0 and 1"),
        ({"p10": math.nan, "p90": 0.5}, {}, "strictly between 0 and 1"),
        ({"p10": -1.0, "p90": 0.5}, {"family": "lognormal"}, "strictly between 0 and inf"),
        ({"p10": 0.3, "p90": 0.5}, {"family": "gamma"}, "it is 'beta' for a share"),
        ({"p10": 0.3, "p90": 0.5}, {"scale": "odds_ratio"}, "'odds_ratio' with family = 'beta'"),
        (
            {"p10": 0.3, "p90": 0.5},
            {"family": "lognormal", "scale": "risk_difference"},
            "write p10, p50 and p90 into the case",
        ),
    ],
)
def test_quantiles_that_make_no_distribution_are_refused(
    stated: dict[str, float], changes: dict[str, Any], says: str
) -> None:
    """Each rule is a message that says what is wrong and what to write."""
    with pytest.raises(ArgumentError) as caught:
        elicit_quantiles(stated, **{"family": "beta", **changes})
    assert says in str(caught.value)


def test_a_beta_that_cannot_be_found_is_refused() -> None:
    """Quantiles at the rounding of a double leave no shape to find."""
    with pytest.raises(ArgumentError, match="no beta distribution was found with these"):
        elicit_quantiles({"p10": 1e-300, "p90": 2e-300}, family="beta")


def test_how_many_of_twenty_is_a_beta() -> None:
    """12 of 20 in the middle, one in twenty outside 7 and one outside 16: near by probability."""
    found = elicit_citizens(likely=12, surely_at_least=7, surely_at_most=16, scale="success_rate")
    below = found.quantity.distribution.cdf(np.array([7, 12, 16]) / 20)
    np.testing.assert_allclose(below, [SURELY, 0.5, 1 - SURELY], atol=0.01)  # noted: 0.8 points
    assert "up to 0.82 percentage points" in found.notes[0]
    assert found.table["note"] == "elicited: surely at least 7, likely 12, surely at most 16 of 20"
    assert found.table["scale"] == "success_rate"
    same = elicit_citizens(likely=60, surely_at_least=35, surely_at_most=80, of=100, note="asked")
    assert same.form == pytest.approx(found.form)
    assert str(same.note).endswith("of 100; asked")
    assert found.carried_over
    assert not elicit_citizens(
        surely_at_least=7, surely_at_most=16, likely=12, carried_over=False
    ).carried_over


def test_what_an_expert_says_is_about_here() -> None:
    """A ratio puts the transport of its outcome at 1; a success rate takes none."""
    ratio = elicit_quantiles(
        {"p10": 1.2, "p90": 2.7}, family="lognormal", scale="odds_ratio", measured_at_months=18
    )
    case = sib.load_case("holbaek").with_(ratio.changes("outcomes.job.effect"))
    assert case.quantities["outcomes.job.transport.tau"].base_value == 1
    assert not any("tau" in str(each) for each in case.check().remarks)
    rate = elicit_citizens(surely_at_least=7, surely_at_most=16, likely=12, scale="success_rate")
    assert [*rate.changes("outcomes.job.effect")] == ["outcomes.job.effect"]


def test_luck_of_one_group_is_not_what_an_expert_is_asked_of() -> None:
    """Binomial, n = 20, p = 0.6: 7 or fewer have 2.1 %, 8 have 5.7 %; 15 have 94.9 %, 16 98.4 %.

    So luck alone ranges from 8 to 16: 8 to 16 and 9 to 15 are noted, 7 to 16 is not. Where an end
    says nothing there is no range to compare.
    """
    for least, most in ((8, 16), (9, 15)):
        found = elicit_citizens(surely_at_least=least, surely_at_most=most, likely=12)
        assert f"the range of {least} to {most} is no wider than luck alone" in found.notes[0]
        assert "one group of 20 (8 to 16)" in found.notes[0]
    for least, most in ((7, 16), (11, 20)):
        found = elicit_citizens(surely_at_least=least, surely_at_most=most, likely=12)
        assert not any("luck" in note for note in found.notes)


def test_surely_none_or_all_says_nothing() -> None:
    """It is left out and noted; the other two are met exactly."""
    low = elicit_citizens(likely=5, surely_at_least=0, surely_at_most=12)
    below = low.quantity.distribution.cdf(np.array([0.25, 0.6]))
    np.testing.assert_allclose(below, [0.5, 0.95], atol=EXACT)
    assert "what says nothing (surely at least 0, at most all) is left out" in low.notes[0]
    high = elicit_citizens(likely=15, surely_at_least=8, surely_at_most=20)
    np.testing.assert_allclose(
        [high.form["alpha"], high.form["beta"]], [low.form["beta"], low.form["alpha"]], rtol=1e-5
    )


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ((7, 7, 16), "they rise from 0 to 20"),
        ((12, 13, 16), "they rise from 0 to 20"),
        ((12, 7, 21), "they rise from 0 to 20"),
        ((12, -1, 16), "they rise from 0 to 20"),
        ((math.nan, 7, 16), "they rise from 0 to 20"),
        ((12, 0, 20), "only says what is in the middle"),
    ],
)
def test_numbers_of_citizens_that_make_no_sense_are_refused(
    numbers: tuple[float, float, float], says: str
) -> None:
    """Out of order, beyond all of them, or nothing but the middle."""
    likely, least, most = numbers
    with pytest.raises(ArgumentError, match=says):
        elicit_citizens(likely=likely, surely_at_least=least, surely_at_most=most)
    with pytest.raises(ArgumentError, match="ask about 20"):
        elicit_citizens(likely=0.5, surely_at_least=0.1, surely_at_most=0.9, of=1)


def test_it_is_said_back_in_citizens_and_municipalities() -> None:
    """12 of 20, one in ten below 8 of 20; harm where the rate is below the counterfactual."""
    found = elicit_citizens(likely=12, surely_at_least=7, surely_at_most=16)
    assert said_back(found, counterfactual=0.42) == (
        (
            "You say: in the long run 12 of every 20 citizens succeed; with a chance of 1 in 10 it "
            "is fewer than 8 of every 20."
        ),
        (
            "The chance that it sees harm, a worse result than without the intervention, is 1 in "
            "10 (as if 1 of 10 such municipalities saw it)."
        ),
    )
    assert said_back(found, lang="da") == (
        (
            "Du siger: i det lange løb lykkes det for 12 af hver 20 borgere; med en sandsynlighed "
            "på 1 ud af 10 er det færre end 8 af hver 20."
        ),
    )
    fewer = elicit_citizens(likely=8, surely_at_least=4, surely_at_most=13, better="lower")
    assert said_back(fewer, of=100)[0] == (
        "You say: in the long run it happens to 40 of every 100 citizens; with a chance of 1 in 10 "
        "it is more than 59 of every 100."
    )
    with pytest.raises(ArgumentError, match="only a share is counted in citizens"):
        said_back(elicit_quantiles({"p10": 1.2, "p90": 2.0}, family="lognormal"))
    with pytest.raises(ArgumentError, match=r"write 0\.4 for 40 of 100"):
        said_back(found, counterfactual=42)


def test_a_linear_pool_is_a_mixture() -> None:
    """P(x) is the mean of what each says; equal weights unless stated."""
    one, two = _beta(12.0, 8.0), _beta(3.0, 9.0)
    both = pool([one, two])
    known = 0.5 * (betainc(12.0, 8.0, 0.4) + betainc(3.0, 9.0, 0.4))
    assert both.quantity.prob_below(0.4) == pytest.approx(known, rel=1e-9)
    assert [part["weight"] for part in both.table["parts"]] == [0.5, 0.5]
    weighted = pool([one, two], weights=[0.8, 0.2], note="the first has run it")
    assert "weights 0.8, 0.2; the first has run it" in weighted.table["note"]
    sib.load_case("holbaek").with_(both.changes("outcomes.job.counterfactual"))


def test_a_logarithmic_pool_of_betas_is_the_normalised_product() -> None:
    """Its density over the product f1^0.7 f2^0.3 is one number everywhere."""
    one, two = _beta(12.0, 8.0), _beta(3.0, 9.0)
    both = pool([one, two], weights=[0.7, 0.3], method="logarithmic")
    assert both.form == {"dist": "beta", "alpha": pytest.approx(9.3), "beta": pytest.approx(8.3)}
    assert str(both.note).startswith("logarithmic pool: weights 0.7, 0.3")

    def density(x: float, alpha: float, beta: float) -> float:
        return float(x ** (alpha - 1) * (1 - x) ** (beta - 1) / beta_function(alpha, beta))

    def product(x: float) -> float:
        return math.pow(density(x, 12.0, 8.0), 0.7) * math.pow(density(x, 3.0, 9.0), 0.3)

    area, _ = quad(product, 0.0, 1.0)
    below, _ = quad(product, 0.0, 0.5)
    assert both.quantity.prob_below(0.5) == pytest.approx(below / area, rel=1e-7)


def test_a_logarithmic_pool_of_lognormals_weighs_by_precision() -> None:
    """By hand: w / s^2 is 0.5 and 2, so the mean is 0.8 of the way and the variance 1 / 2.5."""
    one = Prior.of_normal(scale="odds_ratio", mean=0.0, sd=1.0, predictive=True)
    two = Prior.of_normal(scale="odds_ratio", mean=1.0, sd=0.5, predictive=True)
    both = pool([one, two], method="logarithmic")
    assert both.form["log_mean"] == pytest.approx(0.8, rel=1e-12)
    assert both.form["log_sd"] == pytest.approx(2.5**-0.5, rel=1e-12)
    assert both.quantity.base_value == pytest.approx(math.exp(0.8))
    assert pool([two, two], method="logarithmic").form == pytest.approx(two.form)


def test_experts_that_do_not_pool_are_refused() -> None:
    """Nobody, weights for others, families that differ, a method that is none."""
    one = _beta(12.0, 8.0)
    sure = Prior(scale=None, form={"value": 0.4})
    with pytest.raises(ArgumentError, match="got 0 for 0 experts"):
        pool([])
    with pytest.raises(ArgumentError, match="got 1 for 2 experts"):
        pool([one, one], weights=[1.0])
    with pytest.raises(ArgumentError, match="they sum to 1"):
        pool([one, one], weights=[0.5, 0.6])
    with pytest.raises(ArgumentError, match="got a number, beta; a logarithmic pool is of betas"):
        pool([one, sure], method="logarithmic")
    with pytest.raises(ArgumentError, match="use method = 'linear'"):
        pool([sure, sure], method="logarithmic")
    with pytest.raises(ArgumentError, match="it is one of linear, logarithmic"):
        pool([one], method="log")  # type: ignore[arg-type] # a name that is not known
