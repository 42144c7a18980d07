"""What enters a case from evidence: forms, moves between places and scales, mixtures, sentences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

import sibsim as sib
from sibsim.core.arrays import FloatArray
from sibsim.core.effects import Scale, apply
from sibsim.errors import ArgumentError, CaseError, SibsimError, UnknownNameError
from sibsim.evidence.prior import LARGEST_EMPIRICAL, Prior, PriorScale
from sibsim.evidence.prior_mixture import mixture
from sibsim.evidence.prior_words import out_of

TRIAL: dict[str, dict[str, str | int]] = {
    "trial": {"title": "A trial", "url": "https://example.org/trial", "year": 2020}
}
KEPT = 0.5e-3
"""Half of the probability between two of a thousand kept values: how near a quantile of them is."""


def _odds(mean: float = 0.5, sd: float = 0.2, **rest: object) -> Prior:
    fields: dict[str, Any] = {"predictive": False, "measured_at_months": 18} | rest
    return Prior.of_normal(scale="odds_ratio", mean=mean, sd=sd, **fields)


@pytest.mark.parametrize(
    ("scale", "form"),
    [
        ("odds_ratio", {"dist": "lognormal", "log_mean": 0.1, "log_sd": 0.2}),
        ("rate_ratio", {"dist": "lognormal", "log_mean": 0.1, "log_sd": 0.2}),
        (
            "risk_difference",
            {"dist": "truncated_normal", "mean": 0.1, "sd": 0.2, "lower": -1.0, "upper": 1.0},
        ),
        ("mean_difference", {"dist": "normal", "mean": 0.1, "sd": 0.2}),
        ("standardised_difference", {"dist": "normal", "mean": 0.1, "sd": 0.2}),
    ],
)
def test_a_normal_effect_is_stated_on_its_scale(scale: PriorScale, form: dict[str, Any]) -> None:
    """A ratio is lognormal, a difference normal, one of shares kept inside [-1, 1]."""
    prior = Prior.of_normal(scale=scale, mean=0.1, sd=0.2, predictive=True, measured_at_months=6)
    known = {"scale": scale, **form, "measured_at_months": 6, "predictive": True}
    assert prior.table == known
    assert prior.quantity.model_dump() == known
    assert prior.p_harm == pytest.approx(ndtr(-0.5), abs=1e-5)  # 4.5 sd are cut off at 1
    sure = Prior.of_normal(scale=scale, mean=0.0, sd=0.0, predictive=False)
    assert sure.table == {"scale": scale, "value": 1.0 if sure.is_ratio else 0.0}
    assert sure.p_harm == 0


def test_harm_lies_where_the_outcome_is_worse() -> None:
    """Above 1 where fewer is better; without a baseline no harm is known of a plain share."""
    worse = _odds(better="lower")
    assert worse.p_harm == pytest.approx(ndtr(2.5))
    assert _odds().p_harm == pytest.approx(ndtr(-2.5))
    share = Prior(scale=None, form={"dist": "uniform", "min": 0.2, "max": 0.7})
    assert share.p_harm is None
    assert share.p_worse(0.4) == pytest.approx(0.4)


def test_draws_are_thinned_to_their_quantiles(seed: int) -> None:
    """Few are kept; of many a thousand quantiles, whose mean and deviation are theirs; a note."""
    few = Prior.of_draws(scale="odds_ratio", draws=np.array([2.0, 1.0, 4.0]), predictive=False)
    assert few.table == {
        "scale": "odds_ratio",
        "dist": "empirical",
        "values": [1.0, 2.0, 4.0],
        "base": 2.0,
    }
    assert few.notes == ()
    draws: FloatArray = np.exp(np.random.default_rng(seed).normal(0.5, 0.2, 20_000))
    many = Prior.of_draws(scale="odds_ratio", draws=draws, predictive=True, notes=("before",))
    values = np.array(many.table["values"])
    assert len(values) == LARGEST_EMPIRICAL
    assert many.table["base"] == np.median(draws)
    # Midpoint quantiles lose the outer half thousandth on either side.
    np.testing.assert_allclose(
        [values.mean(), values.std()], [draws.mean(), draws.std()], rtol=1e-2
    )
    assert many.notes[0] == "before"
    assert "20,000 draws are thinned to 1,000" in many.notes[1]


def test_it_sets_a_quantity_of_a_case_and_brings_its_source() -> None:
    """The changed case reads the table back, knows the source and simulates."""
    prior = _odds(status="published", source="trial", sources=TRIAL, note="why", predictive=True)
    case = sib.load_case("holbaek").with_(prior.changes("outcomes.job.effect"))
    effect: Any = case.quantities["outcomes.job.effect"]
    assert effect.table() == prior.table
    assert (effect.status, effect.source, effect.predictive) == ("published", "trial", True)
    assert case.sources["trial"].title == "A trial"
    assert case.base_case() is not None
    share = Prior(scale=None, form={"dist": "beta", "alpha": 12.0, "beta": 8.0}, predictive=True)
    assert share.changes("delivery.take_up") == {
        "delivery.take_up": {"dist": "beta", "alpha": 12.0, "beta": 8.0}
    }


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"scale": "odd_ratio"}, UnknownNameError, "did you mean 'odds_ratio'"),
        ({"status": "published"}, CaseError, "no source is named"),
        (
            {"status": "published", "source": "trial", "measured_at_months": None},
            CaseError,
            "without measured_at_months",
        ),
        ({"sources": {"trial": {"title": "A"}}}, ArgumentError, "title, url and year"),
        ({"sources": {"a.b": TRIAL["trial"]}}, ArgumentError, "a name without a dot"),
        ({"form": {"dist": "lognormal", "log_mean": 0.0, "log_sd": -1}}, CaseError, "above 0"),
        ({"form": {"dist": "normal", "mean": 1, "sd": 1}}, CaseError, "allowed is [0, inf)"),
        ({"form": {"dist": "empirical", "values": [1.0]}}, CaseError, "without a base value"),
    ],
)
def test_what_a_case_refuses_is_refused_at_once(
    changes: dict[str, Any], error: type[SibsimError], says: str
) -> None:
    """Each fault of a table says which rule it breaks."""
    given: dict[str, Any] = {
        "scale": "odds_ratio",
        "form": {"dist": "lognormal", "log_mean": 0.5, "log_sd": 0.2},
        "measured_at_months": 18,
    }
    with pytest.raises(error) as caught:
        Prior(**given | changes)
    assert says in str(caught.value)


def test_arguments_that_make_no_prior_are_refused() -> None:
    """A normal share, deviations below zero, draws that are none, levels outside (0, 1)."""
    with pytest.raises(ArgumentError, match="a share is not normal"):
        Prior.of_normal(scale="success_rate", mean=0.5, sd=0.1, predictive=False)
    with pytest.raises(ArgumentError, match="sd is 0 or more"):
        _odds(sd=-0.1)
    with pytest.raises(ArgumentError, match="sd is 0 or more"):
        _odds(mean=math.nan)
    for draws in ([], [1.0, math.inf], [[1.0]]):
        with pytest.raises(ArgumentError, match="finite numbers, at least one"):
            Prior.of_draws(scale="odds_ratio", draws=np.array(draws), predictive=False)
    with pytest.raises(ArgumentError, match="strictly between 0 and 1"):
        _odds().quantiles([0.1, 1.0])
    assert _odds().quantiles([0.5]) == pytest.approx({0.5: math.exp(0.5)})


def test_a_known_share_of_a_normal_effect_is_normal() -> None:
    """Mean tau m, deviation sqrt(tau^2 s^2 + omega^2) on the additive scale; it is ours then."""
    found = _odds(status="published", source="trial", sources=TRIAL, note="a trial")
    here = found.transported(0.5, omega=0.3, note="half is lost")
    assert here.form == {
        "dist": "lognormal",
        "log_mean": 0.25,
        "log_sd": pytest.approx(math.hypot(0.1, 0.3)),
    }
    assert (here.status, here.source, here.predictive) == ("assumption", "trial", True)
    assert here.note == "carried over with tau = 0.5, omega = 0.3; half is lost; a trial"
    assert not found.transported(0.5).predictive
    assert found.transported(0.0).form == {"value": 1.0}
    difference = Prior.of_normal(scale="mean_difference", mean=2.0, sd=1.0, predictive=False)
    assert difference.transported(0.5).form == {"dist": "normal", "mean": 1.0, "sd": 0.5}


def test_what_is_lost_on_the_way_is_lost_once() -> None:
    """An effect that was carried over puts the transport of its outcome at 1; others leave it."""
    here = _odds().transported(0.5)
    case = sib.load_case("holbaek").with_(here.changes("outcomes.job.effect"))
    assert case.quantities["outcomes.job.transport.tau"].base_value == 1
    assert not any("taken over in full" in each for each in _remarks(case))
    kept = sib.load_case("holbaek").with_(_odds().changes("outcomes.job.effect"))
    assert kept.quantities["outcomes.job.transport.tau"].base_value == 0.8
    both = mixture([(0.5, here), (0.5, _odds(carried_over=True))])
    assert "outcomes.a.transport" in both.changes("outcomes.a.effects.0")
    segment = here.changes("outcomes.a.segments.young.effect")
    assert "outcomes.a.segments.young.transport" in segment


def _remarks(case: sib.Case) -> tuple[str, ...]:
    return tuple(str(each) for each in case.check().remarks)


def test_an_uncertain_share_is_worked_out_on_quantiles(seed: int) -> None:
    """Quantiles of tau ln OR + N(0, omega) as in a million draws, within 5 of their errors."""
    rng = np.random.default_rng(seed)
    share = {"dist": "uniform", "min": 0.2, "max": 1.0}
    here = _odds(sd=0.3).transported(share, omega=0.1)  # type: ignore[arg-type] # any form of a quantity
    drawn = rng.uniform(0.2, 1.0, 10**6) * rng.normal(0.5, 0.3, 10**6) + rng.normal(0, 0.1, 10**6)
    for level, value in here.quantiles([0.05, 0.25, 0.5, 0.75, 0.95]).items():
        share_below = float((np.exp(drawn) < value).mean())
        allowed = 5 * math.sqrt(level * (1 - level) / 1e6) + KEPT
        assert abs(share_below - level) < allowed
    assert "tau = 0.6 (0.28 to 0.92), omega = 0.1" in str(here.note)
    unsure = _odds(sd=0.3).transported(0.5, omega={"dist": "uniform", "min": 0.0, "max": 0.4})  # type: ignore[dict-item] # any form of a quantity
    drawn = 0.5 * rng.normal(0.5, 0.3, 10**6)
    drawn += rng.uniform(0.0, 0.4, 10**6) * rng.normal(0.0, 1.0, 10**6)
    for level, value in unsure.quantiles([0.05, 0.25, 0.5, 0.75, 0.95]).items():
        share_below = float((np.exp(drawn) < value).mean())
        assert abs(share_below - level) < 5 * math.sqrt(level * (1 - level) / 1e6) + KEPT
    assert unsure.predictive
    assert "omega = 0.2 (0.04 to 0.36)" in str(unsure.note)
    differences = Prior.of_normal(scale="risk_difference", mean=0.9, sd=0.3, predictive=False)
    assert max(differences.transported(1.0, omega=0.2).table["values"]) <= 1


def test_transports_that_make_no_sense_are_refused() -> None:
    """A predictive effect, one that is here already, a share, a negative tau or omega."""
    for tau, omega in ((0.5, 0.1), (0.5, 0.0), (1.0, 0.0)):
        with pytest.raises(ArgumentError, match=r"take the mean \(of = 'mean'\) and give omega"):
            _odds(predictive=True).transported(tau, omega=omega)
    for here in (_odds().transported(0.5), _odds(carried_over=True)):
        with pytest.raises(ArgumentError, match="lost once; carry over the effect as it was found"):
            here.transported(0.5)
    with pytest.raises(CaseError, match=r"omega: got -0.1; allowed is \[0, inf\)"):
        _odds().transported(0.5, omega=-0.1)
    with pytest.raises(CaseError, match=r"tau: got -0.5; allowed is \[0, inf\)"):
        _odds().transported(-0.5)
    rate = Prior(scale="success_rate", form={"value": 0.5})
    with pytest.raises(ArgumentError, match="stated for here already"):
        rate.transported(0.5)


@pytest.mark.parametrize("scale", ["odds_ratio", "risk_difference", "hazard_ratio"])
def test_a_ratio_is_converted_at_the_baseline_of_its_study(scale: Scale) -> None:
    """At that baseline the same people succeed: quantile by quantile, on either scale."""
    ratio = Prior.of_normal(scale="risk_ratio", mean=math.log(1.6), sd=0.1, predictive=True)
    there = ratio.at_baseline(scale, p0=0.3)
    levels, p0 = [0.1, 0.5, 0.9], np.array([0.3])
    by_ratio, _ = apply(p0, np.array([*ratio.quantiles(levels).values()]), scale="risk_ratio")
    by_other, _ = apply(p0, np.array([*there.quantiles(levels).values()]), scale=scale)
    # An empirical quantile is up to half a thousandth of probability away.
    np.testing.assert_allclose(by_other, by_ratio, rtol=1e-3)
    assert there.predictive
    assert there.base is not None
    assert "converted from risk_ratio at a baseline of 0.3" in str(there.note)
    assert ratio.at_baseline("risk_ratio", p0=0.3) is ratio


def test_a_conversion_that_cannot_be_is_refused() -> None:
    """A ratio that lifts a share above 1, a baseline that is none, an effect on a mean."""
    ratio = Prior.of_normal(scale="risk_ratio", mean=math.log(2.0), sd=0.3, predictive=True)
    with pytest.raises(ArgumentError, match="take a baseline at which the effect is possible"):
        ratio.at_baseline("odds_ratio", p0=0.4)
    with pytest.raises(ArgumentError, match=r"got baseline = 1\.2"):
        ratio.at_baseline("odds_ratio", p0=1.2)
    with pytest.raises(ArgumentError, match="'rate_ratio'; only effects on a probability convert"):
        ratio.at_baseline("rate_ratio", p0=0.4)


def test_a_mixture_is_the_weighted_distribution() -> None:
    """Its distribution function is the weighted sum, its base value the median; both sources."""
    elsewhere = _odds(0.8, 0.1, source="trial", sources=TRIAL, predictive=True)
    here = _odds(0.3, 0.2, source="danish", note="nearest", predictive=True)
    both = mixture([(0.25, elsewhere), (0.75, here)], note="we trust the near one more")
    for value in (1.0, 1.4, 2.2):
        known = 0.25 * ndtr((math.log(value) - 0.8) / 0.1)
        known += 0.75 * ndtr((math.log(value) - 0.3) / 0.2)
        assert both.quantity.prob_below(value) == pytest.approx(known, rel=1e-9)
    assert both.quantity.prob_below(float(both.base or 0)) == pytest.approx(0.5, abs=1e-9)
    assert both.table["parts"][0] == {
        "weight": 0.25,
        "dist": "lognormal",
        "log_mean": 0.8,
        "log_sd": 0.1,
    }
    assert both.predictive
    assert both.table["source"] == "trial"
    assert both.note == (
        "mixture: weights 0.25, 0.75; sources trial, danish; we trust the near one more; nearest"
    )
    assert set(both.changes("x")) == {"x", "sources.trial"}
    assert mixture([(1.0, here)], base=1.2).table["base"] == 1.2
    sib.load_case("holbaek").with_(mixture([(1.0, _odds())]).changes("outcomes.job.effect"))


def test_parts_that_do_not_mix_are_refused() -> None:
    """Weights that do not sum to one, scales, times or directions that differ, nothing at all."""
    for weights in ([0.5, 0.6], [1.5, -0.5], []):
        with pytest.raises(ArgumentError, match="they sum to 1"):
            mixture([(weight, _odds()) for weight in weights])
    others: tuple[tuple[dict[str, Any], str], ...] = (
        ({"measured_at_months": 12}, "state measured_at_months"),
        ({"better": "lower"}, "give all the same"),
        ({"predictive": True}, r"take of = 'mean' for all or 'next_site' for all"),
        ({"carried_over": True}, r"carry each of the others over by Prior\.transported"),
    )
    for changes, says in others:
        with pytest.raises(ArgumentError, match=says):
            mixture([(0.5, _odds()), (0.5, _odds(**changes))])
    later = mixture([(0.5, _odds()), (0.5, _odds(measured_at_months=12))], measured_at_months=15)
    assert later.measured_at_months == 15
    ratio = Prior.of_normal(scale="risk_ratio", mean=0.5, sd=0.2, predictive=False)
    with pytest.raises(ArgumentError, match=r"by Prior\.at_baseline"):
        mixture([(0.5, _odds()), (0.5, ratio)], measured_at_months=18)
    share = {"scale": None, "form": {"dist": "beta", "alpha": 2.0, "beta": 3.0}}
    asked, counted = Prior(**share, predictive=True, carried_over=True), Prior(**share)  # type: ignore[arg-type] # fields of a prior
    assert mixture([(0.5, asked), (0.5, counted)]).predictive


def test_it_is_said_in_places_and_people() -> None:
    """By hand: ln OR 0.5, sd 0.39 harms 1 in 10; at 40 % without it, 52 with, 40 in the tail."""
    prior = _odds(0.5, 0.5 / 1.2815515655446004, predictive=True)
    assert prior.sentences("en", baseline=0.4) == (
        (
            "For the next municipality there is a 50 % chance of an odds ratio between 1.27 and "
            "2.15."
        ),
        (
            "Of 100 people 40 achieve it without the intervention and 52 with it; with a chance of "
            "1 in 10 fewer than 40."
        ),
        (
            "The chance that it sees harm, a worse result than without the intervention, is 1 in "
            "10 (as if 1 of 10 such municipalities saw it)."
        ),
    )
    assert prior.sentences("da", baseline=0.4) == (
        ("For den næste kommune er der 50 % sandsynlighed for en oddsratio mellem 1,27 og 2,15."),
        (
            "Af 100 mennesker når 40 målet uden indsatsen og 52 med den; med en sandsynlighed på "
            "1 ud af 10 færre end 40."
        ),
        (
            "Risikoen for skade, et dårligere resultat end uden indsatsen, er 1 ud af 10 (som hvis "
            "det gik sådan i 1 ud af 10 kommuner)."
        ),
    )
    average = _odds(0.5, 0.5 / 1.2815515655446004)
    assert average.sentences("en") == (
        "For the mean over places there is a 50 % chance of an odds ratio between 1.27 and 2.15.",
        (
            "The chance that the intervention harms on average over places is 1 in 10; a single "
            "place may lie further out."
        ),
    )
    assert average.sentences("da")[1].startswith("Risikoen for, at indsatsen i gennemsnit over")


def test_sentences_follow_the_scale_and_what_is_better() -> None:
    """Points for differences, per cent for rates, more than where fewer is better."""
    fewer = Prior.of_normal(
        scale="risk_difference", mean=-0.1, sd=0.04, predictive=True, better="lower"
    )
    said = fewer.sentences("en", baseline=0.3)
    assert "between -12.7 percentage points and -7.3 percentage points" in said[0]
    assert "30 achieve it without the intervention and 20 with it" in said[1]
    assert "en risikodifferens mellem -12,7 procentpoint" in fewer.sentences("da")[0]
    assert "more than 25" in said[1]
    rate = Prior(scale="success_rate", form={"dist": "uniform", "min": 0.3, "max": 0.8})
    assert "between 42.5 % and 67.5 %" in rate.sentences("en")[0]
    assert len(rate.sentences("en")) == 1
    assert "on average over places is 2 in 10" in rate.sentences("en", baseline=0.4)[2]
    days = Prior.of_normal(scale="mean_difference", mean=2.0, sd=1.0, predictive=True)
    with pytest.raises(ArgumentError, match="an effect on a mean"):
        days.sentences("en", baseline=0.4)
    with pytest.raises(ArgumentError, match=r"write 0\.4 for 40 of 100"):
        rate.sentences("en", baseline=40)
    with pytest.raises(ArgumentError, match="one of da, en"):
        rate.sentences("de")


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.1, "1 in 10"),
        (0.096, "1 in 10"),
        (0.052, "1 in 20"),
        (0.25, "5 in 20"),
        (0.07, "7 in 100"),
        (0.004, "4 in 1,000"),
        (0.0002, "fewer than 1 in 1,000"),
        (0.0, "fewer than 1 in 1,000"),
    ],
)
def test_a_probability_is_a_small_number_of_a_round_one(probability: float, words: str) -> None:
    """Out of the smallest number that is near enough."""
    assert out_of(probability).in_language("en") == words
