"""What a posterior says and gives to a case, on draws set by hand; and what `posterior` refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.assumptions import Assumptions
from sibsim.evidence.bayes import posterior
from sibsim.evidence.diagnostics import diagnose
from sibsim.evidence.heterogeneity_priors import HalfNormal
from sibsim.evidence.posteriors import Posterior
from sibsim.evidence.studies import Counts, Studies
from sibsim.evidence.terms import Regression, design_bias, place_difference, practice_loss

CHAINS, DRAWS = 4, 500

STUDIES = Studies(
    scale="odds_ratio",
    names=("a", "b"),
    estimate=np.array([0.5, 0.9]),
    variance=np.array([0.04, 0.09]),
    moderators={"setting": ("research", "practice")},
    sources={"review": {"title": "A review", "url": "https://example.org", "year": 2020}},
    notes=("b has a zero cell",),
)


def normal_draws(mean: float, *, sd: float, seed: int) -> FloatArray:
    """Return equally likely quantiles of a normal distribution in an order drawn at random."""
    levels = (np.arange(CHAINS * DRAWS) + 0.5) / (CHAINS * DRAWS)
    return np.random.default_rng(seed).permutation(mean + sd * ndtri(levels))


def by_hand(studies: Studies = STUDIES) -> Posterior:
    """Return a posterior with mu N(0.7, 0.2), a loss in practice N(-0.3, 0.1) and tau 0.4."""
    mu = normal_draws(0.7, sd=0.2, seed=1)
    loss = normal_draws(-0.3, sd=0.1, seed=2)
    tau = normal_draws(0.4, sd=0.01, seed=3)
    effects = np.stack([mu, mu + loss], axis=1)
    drawn = {"mu": mu, "tau": tau, "setting: practice": loss, "a": effects[:, 0], "b": mu + loss}
    regression = Regression.of(studies, terms=(practice_loss((-0.2, 0.2)),))
    return Posterior(
        studies=studies,
        model="normal",
        scale=studies.scale,
        assumptions=Assumptions(mu=(0.0, 1.0), tau=HalfNormal(0.5), coefficients=regression.priors),
        regression=regression,
        level=0.9,
        chains=CHAINS,
        mu=mu,
        tau=tau,
        coefficients={"setting: practice": loss},
        effects=effects,
        noise=normal_draws(0.0, sd=1.0, seed=4),
        diagnoses=diagnose({name: each.reshape(CHAINS, -1) for name, each in drawn.items()}),
        notes=studies.notes,
    )


def test_a_place_is_the_mean_and_its_terms() -> None:
    """In practice ln OR is 0.7 - 0.3, the next place wider by tau: quadrature of the deviations."""
    found = by_hand()
    np.testing.assert_array_equal(found.mean({"setting": "research"}), found.mu)
    there = found.mean({"setting": "practice"})
    np.testing.assert_array_equal(there, found.mu + found.coefficients["setting: practice"])
    next_site = found.next_site({"setting": "practice"})
    np.testing.assert_array_equal(next_site, there + found.tau * found.noise)
    # Independent orders leave a correlation of 1 / sqrt(2000), five of which are 0.11.
    assert next_site.std() == pytest.approx(np.sqrt(0.04 + 0.01 + 0.16), rel=0.11)


def test_a_posterior_with_terms_asks_which_place() -> None:
    """Nothing is predicted for a place that is not said."""
    with pytest.raises(ArgumentError, match="got no setting"):
        by_hand().next_site()


def test_the_table_by_hand() -> None:
    """Medians and the 90 % interval of mu in closed form, ratios beside them, none for tau."""
    table = by_hand().table(at={"setting": "practice"})
    assert list(table.index) == [
        "mu",
        "tau",
        "setting: practice",
        "a",
        "b",
        "mean there",
        "next place",
    ]
    assert list(table["of"]) == [
        "mean",
        "tau",
        "coefficient",
        "study",
        "study",
        "mean",
        "next place",
    ]
    mu = table.loc["mu"]
    # Quantiles between 2,000 equally likely values: right to 0.001 at these levels.
    low, high = 0.7 + 0.2 * ndtri(0.05), 0.7 + 0.2 * ndtri(0.95)
    found = (mu["low"], mu["median"], mu["high"], mu["sd"])
    np.testing.assert_allclose(found, (low, 0.7, high, 0.2), atol=1e-3)
    low_at_first = table["low"].to_numpy(dtype=np.float64)[0]
    assert mu["ratio_low"] == pytest.approx(float(np.exp(low_at_first)), rel=1e-12)
    assert table["ratio"].isna().tolist() == [False, True, False, False, False, False, False]
    assert table.loc["mean there", "median"] == pytest.approx(0.4, abs=0.03)
    assert (table["ess"] > 400).all()
    assert "next place" not in by_hand().table().index


def test_sentences() -> None:
    """In both languages: studies, place, effect with interval, next place."""
    at = {"setting": "practice"}
    low, high = (float(np.exp(q)) for q in np.quantile(by_hand().next_site(at), (0.05, 0.95)))
    mean = np.exp(np.quantile(by_hand().mean(at), (0.05, 0.5, 0.95)))
    assert by_hand().sentence("en", at=at) == (
        f"2 studies and priors, at setting practice: odds ratio {mean[1]:.2f} (90 % credible "
        f"interval {mean[0]:.2f} to {mean[2]:.2f}); in the next place between {low:.2f} and "
        f"{high:.2f}."
    )
    danish = by_hand().sentence("da", at=at)
    assert danish.startswith(
        "2 studier og a priori-fordelinger, ved setting practice: oddsratio 1,"
    )
    assert f"på det næste sted mellem {low:.2f} og {high:.2f}.".replace(".", ",")[:-1] in danish


def test_the_prior_is_the_draws_as_ratios() -> None:
    """Thinned to 1,000 quantiles, predictive, with source and notes; the mean is not predictive."""
    at = {"setting": "practice"}
    found = by_hand()
    prior = found.prior(at=at, measured_at_months=18, source="review")
    assert prior.predictive
    assert prior.base == pytest.approx(float(np.median(np.exp(found.next_site(at)))), rel=1e-12)
    values = np.array(prior.form["values"])
    assert prior.form["dist"] == "empirical"
    assert values.size == 1_000
    levels = (0.1, 0.5, 0.9)
    exact = np.quantile(np.exp(found.next_site(at)), levels)
    # A thousand quantiles stand for two thousand draws: neighbours of these levels are 0.5 % apart.
    np.testing.assert_allclose(np.quantile(values, levels), exact, rtol=0.005)
    assert prior.sources == STUDIES.sources
    assert "b has a zero cell" in prior.notes
    assert prior.carried_over
    assert "what is lost on the way is in the terms" in prior.notes[-2]
    elsewhere = found.prior(at={"setting": "research"}, measured_at_months=18, source="review")
    assert not elsewhere.carried_over
    assert "the case's own transport applies" in elsewhere.notes[-2]
    assert "Bayesian normal model" in str(prior.note)
    assert not found.prior(of="mean", at=at, measured_at_months=18, source="review").predictive
    with pytest.raises(UnknownNameError, match="did you mean 'mean'"):
        found.prior(of="meen", at=at, measured_at_months=18)  # type: ignore[arg-type] # wrong on purpose


def test_a_place_that_terms_speak_of_is_here() -> None:
    """A level of a place difference is here; another country, or a design, is not."""
    studies = replace(STUDIES, moderators={"country": ("Norway", "Spain"), "design": ("a", "b")})
    terms = (place_difference("Denmark", prior=(0.0, 0.1)), design_bias(reference="a", b=(0, 1)))
    drawn = normal_draws(-0.3, sd=0.1, seed=2)
    found = replace(
        by_hand(),
        studies=studies,
        regression=Regression.of(studies, terms=terms),
        coefficients={"country: Denmark": drawn, "design: b": drawn},
    )
    for country, here in (("Denmark", True), ("Norway", False)):
        prior = found.prior(at={"country": country, "design": "b"}, measured_at_months=18)
        assert prior.carried_over == here
        whole = found.prior(
            at={"country": country, "design": "b"}, measured_at_months=18, carried_over=False
        )
        assert not whole.carried_over


def test_the_spread_between_places_is_what_a_transport_takes() -> None:
    """Quantiles of tau, N(0.4, 0.01) here, by the names of a case file; tau mean + N(0, it)."""
    found = by_hand()
    assert found.between_places == pytest.approx(
        {"p10": 0.4 - 0.0128, "p50": 0.4, "p90": 0.4 + 0.0128}, abs=1e-4
    )
    mean = found.prior(of="mean", at={"setting": "research"}, measured_at_months=18)
    here = mean.transported(0.5, omega=found.between_places)
    low, high = (np.log(each) for each in here.quantiles((0.1, 0.9)).values())
    # The mean is N(0.7, 0.2); tau is so narrow that its mixture is normal to three decimals.
    assert high - low == pytest.approx(2 * 1.2816 * np.hypot(0.5 * 0.2, 0.4), rel=0.01)
    assert (high + low) / 2 == pytest.approx(0.35, abs=5e-3)


def test_risk_differences_stay_possible() -> None:
    """Draws beyond -1 or 1 are dropped and counted."""
    found = replace(by_hand(), scale="risk_difference", noise=normal_draws(0.0, sd=1.5, seed=4))
    at = {"setting": "research"}
    beyond = int((np.abs(found.next_site(at)) > 1).sum())
    assert beyond > 0
    prior = found.prior(at=at, measured_at_months=18, source="review")
    assert max(prior.form["values"]) <= 1.0
    assert any(f"{beyond:,} draws" in note for note in prior.notes)


COUNTS = Counts(
    events=np.array([3.0, 5]),
    people=np.array([10.0, 10]),
    comparison_events=np.array([1.0, 0]),
    comparison_people=np.array([10.0, 12]),
)


@pytest.mark.parametrize(
    ("changes", "given", "error", "says"),
    [
        ({}, {"model": "binomal"}, UnknownNameError, "did you mean 'binomial'"),
        ({}, {"level": 95}, ArgumentError, r"write 0.95"),
        ({}, {"draws": 9}, ArgumentError, "draws: got 9; .* from 10"),
        ({}, {"draws": 1e3}, ArgumentError, "draws: got 1000.0"),
        ({}, {"warm_up": 99}, ArgumentError, "warm_up: got 99"),
        ({}, {"chains": 1}, ArgumentError, "chains: got 1; .* from 2"),
        ({}, {"seed": -1}, ArgumentError, "seed: got -1"),
        ({}, {"seed": 2**63}, ArgumentError, "below 2.63"),
        ({}, {"target_acceptance": 1.0}, ArgumentError, "target_acceptance: got 1;"),
        ({}, {"mu": 0.3}, ArgumentError, "mu: got 0.3; a normal prior is"),
        ({}, {"tau": 0.3}, ArgumentError, r"tau: got 0.3; .* HalfNormal\(scale\)"),
        ({}, {"baseline": (0, 0)}, ArgumentError, "baseline: got"),
        ({}, {"model": "binomial"}, ArgumentError, "without counts"),
        ({"scale": "mean_difference"}, {}, ArgumentError, "mu: got none; a mean difference"),
        (
            {"scale": "mean_difference"},
            {"mu": (0, 5)},
            ArgumentError,
            "tau: got None; a mean difference has units",
        ),
        ({"variance": np.array([0.1, 0.0])}, {}, ArgumentError, "variance: got 0 for 'b'"),
        ({"estimate": np.array([np.nan, 0.0])}, {}, ArgumentError, "estimate: got nan for 'a'"),
        (
            {"counts": replace(COUNTS, events=np.array([3.0, 11]))},
            {"model": "binomial"},
            ArgumentError,
            "events: got 11 for 'b'; it is a whole number from 0 to the people",
        ),
        (
            {"counts": replace(COUNTS, people=np.array([10.5, 10]))},
            {"model": "binomial"},
            ArgumentError,
            "people: got 10.5 for 'a'",
        ),
        (
            {"names": (), "estimate": np.zeros(0), "variance": np.zeros(0), "moderators": {}},
            {},
            ArgumentError,
            "studies: got none",
        ),
    ],
)
def test_what_a_posterior_refuses(
    changes: Mapping[str, Any], given: Mapping[str, Any], error: type[Exception], says: str
) -> None:
    """Before anything is sampled, in plain words."""
    with pytest.raises(error, match=says):
        posterior(replace(STUDIES, **changes), **given)


@pytest.mark.slow
def test_the_notes_say_what_was_assumed(seed: int) -> None:
    """Priors that were not stated, few studies, terms that no study tells, the scale of counts."""
    one = Studies(
        scale="risk_ratio",
        names=("only",),
        estimate=np.array([0.4]),
        variance=np.array([0.05]),
        counts=Counts(
            events=np.array([30.0]),
            people=np.array([60.0]),
            comparison_events=np.array([20.0]),
            comparison_people=np.array([60.0]),
        ),
        moderators={"setting": ("research",)},
    )
    found = posterior(one, model="binomial", terms=[practice_loss((-0.2, 0.1))], seed=seed)
    said = " | ".join(found.notes)
    for part in (
        "priors not stated, weakly informative ones taken: mu normal(0, 2.82) and tau half-normal",
        "1 study says little of how much places differ",
        "works on the odds ratio; the studies state a risk ratio",
        "setting: practice: no study tells it",
    ):
        assert part in said
    # No study tells the loss, so that it is its prior: mean -0.2, 5 standard errors of 4,000 draws.
    assert found.coefficients["setting: practice"].mean() == pytest.approx(-0.2, abs=0.008)
