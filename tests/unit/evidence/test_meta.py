"""Meta-analysis: by hand, against statsmodels, in words, as a prior."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2, t
from statsmodels.stats.meta_analysis import combine_effects

from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.expectation import PriorOf
from sibsim.evidence.meta import meta_analysis
from sibsim.evidence.studies import Studies, StudyScale
from sibsim.evidence.weighting import KnappHartung, Method
from tests.bcg import bcg


def studies_of(*estimates: float) -> Studies:
    """Return studies of a mean difference with variance 0.04."""
    return Studies(
        scale="mean_difference",
        names=tuple(f"study {number}" for number in range(len(estimates))),
        estimate=np.array(estimates),
        variance=np.full(len(estimates), 0.04),
    )


def test_two_studies_by_hand() -> None:
    """Mean 0.5, error 0.5 from s^2 = 0.5 over 2; tau^2 = 0.5 - 0.04."""
    found = meta_analysis(studies_of(0.0, 1.0))
    assert found.estimate == pytest.approx(0.5)
    assert found.tau2 == pytest.approx(0.46)
    assert found.standard_error == pytest.approx(0.5)
    assert found.i2 == pytest.approx(0.46 / 0.5)
    assert found.h2 == pytest.approx(0.5 / 0.04)
    assert found.q == pytest.approx(0.5 / 0.04)
    assert "2 studies hardly tell how much places differ" in found.notes[0]


@pytest.mark.parametrize(("method", "peer"), [("dl", "dl"), ("pm", "iterated")])
@pytest.mark.parametrize("knapp_hartung", [False, True])
def test_statsmodels_finds_the_same(method: Method, peer: str, *, knapp_hartung: bool) -> None:
    """tau^2, mean and its interval, to the tolerance of statsmodels' own search."""
    trials = bcg()
    theirs = combine_effects(trials.estimate, trials.variance, method_re=peer, use_t=knapp_hartung)
    ours = meta_analysis(trials, method=method, knapp_hartung=knapp_hartung)
    interval = theirs.conf_int()[3 if knapp_hartung else 1]
    assert ours.tau2 == pytest.approx(theirs.tau2, abs=1e-8)
    assert ours.estimate == pytest.approx(theirs.mean_effect_re, abs=1e-8)
    assert (ours.low, ours.high) == pytest.approx(tuple(interval), abs=1e-7)


def test_the_test_of_no_difference_is_chi_squared() -> None:
    """P(chi-squared with k - 1 degrees of freedom > Q)."""
    found = meta_analysis(studies_of(0.0, 0.3, 0.6, 0.1))
    assert found.q_degrees == 3
    assert found.q_p == pytest.approx(chi2.sf(found.q, 3), rel=1e-12)


def test_the_next_place_takes_the_quantile_of_the_mean() -> None:
    """Normal, and with Knapp-Hartung t with 12 degrees of freedom."""
    found = meta_analysis(bcg(), knapp_hartung=True, level=0.8)
    half = t.ppf(0.9, 12) * np.hypot(np.sqrt(found.tau2), found.standard_error)
    assert found.next_high - found.estimate == pytest.approx(half, rel=1e-12)
    assert found.next_standard_deviation == pytest.approx(half / t.ppf(0.9, 12), rel=1e-12)


def test_a_common_effect_is_the_same_in_the_next_place() -> None:
    """Its prediction is its interval, and a note says what that leaves out."""
    found = meta_analysis(bcg(), method="fixed")
    assert (found.next_low, found.next_high) == (found.low, found.high)
    assert found.i2 == pytest.approx(1 - 12 / found.q)
    assert any("a case needs a random-effects method" in note for note in found.notes)


def test_adhoc_never_narrows() -> None:
    """Where Knapp-Hartung makes errors smaller a note says so, and `adhoc` does not."""
    close = studies_of(0.5, 0.52, 0.48, 0.51, 0.49)
    asked: tuple[KnappHartung, ...] = (False, True, "adhoc")
    plain, scaled, adhoc = (meta_analysis(close, knapp_hartung=each) for each in asked)
    assert scaled.standard_error < plain.standard_error == adhoc.standard_error
    assert any("makes the standard errors smaller" in note for note in scaled.notes)
    assert not any("smaller" in note for note in adhoc.notes)
    scaled, adhoc = (meta_analysis(bcg(), method="dl", knapp_hartung=each) for each in asked[1:])
    assert scaled.standard_error == adhoc.standard_error


def test_knapp_hartung_of_two_studies_says_that_it_says_nothing() -> None:
    """The t of 1 degree of freedom reaches 12.7 errors."""
    found = meta_analysis(studies_of(0.0, 1.0), knapp_hartung=True)
    assert any("12.7 errors to either side" in note for note in found.notes)


def test_tau2_of_0_is_no_proof() -> None:
    """A note says how large it may be all the same."""
    found = meta_analysis(studies_of(0.5, 0.9, 0.4, 0.5, 0.5))
    assert found.tau2 == 0.0
    assert any("does not show that places are alike" in note for note in found.notes)


def test_table_shows_ratios_and_weights() -> None:
    """Studies, mean and next place; ratios are ratios and the weights are shares."""
    found = meta_analysis(bcg())
    table = found.table()
    assert list(table["of"]) == ["study"] * 13 + ["mean", "next place"]
    assert table["weight"].iloc[:13].sum() == pytest.approx(1)
    assert table.loc["mean", "estimate"] == pytest.approx(np.exp(found.estimate))
    assert table.loc["next place", "high"] == pytest.approx(np.exp(found.next_high))
    assert found.coefficients_table().loc["intercept", "estimate"] == found.estimate


def test_sentences() -> None:
    """In both languages, with commas and points where they belong."""
    found = meta_analysis(bcg())
    assert found.sentence("en") == (
        "13 studies: risk ratio 0.49 (95 % confidence interval 0.34 to 0.70); in the next place "
        "between 0.15 and 1.55; 92 % of the variation is between places."
    )
    assert found.sentence("da") == (
        "13 studier: relativ risiko 0,49 (95 %-konfidensinterval 0,34 til 0,70); på det næste sted "
        "mellem 0,15 og 1,55; 92 % af variationen er mellem steder."
    )
    regression = meta_analysis(bcg(), moderators="latitude", method="fixed")
    assert regression.sentence("en") == (
        "13 studies, the same effect assumed everywhere, at the mean of latitude: risk ratio 0.53 "
        "(95 % confidence interval 0.49 to 0.58)."
    )
    place = meta_analysis(bcg(), moderators="latitude").predict({"latitude": 30.5})
    assert place.sentence("da") == (
        "Ved latitude 30,5: relativ risiko 0,53 (95 %-konfidensinterval 0,43 til 0,65); på det "
        "næste sted mellem 0,30 og 0,95."
    )


def test_where_no_differences_are_found_the_sentence_does_not_say_that_there_are_none() -> None:
    """The next place has its interval, which is that of the mean; moderators leave no more."""
    alike = studies_of(0.5, 0.9, 0.4, 0.5, 0.5)
    found = meta_analysis(alike)
    mean = f"{found.shown(found.low):.2f} to {found.shown(found.high):.2f}"
    place = f"{found.shown(found.next_low):.2f} and {found.shown(found.next_high):.2f}"
    assert f"interval {mean}); in the next place between {place}; " in found.sentence("en")
    assert found.sentence("en").endswith(
        "; no differences between places were found, which with 5 studies does not mean that there "
        "are none."
    )
    assert found.sentence("da").endswith(
        "; der blev ikke fundet forskelle mellem steder, hvilket med 5 studier ikke betyder, at "
        "der ingen er."
    )
    years = replace(alike, moderators={"year": (2.0, 6.0, 1.0, 2.0, 2.0)})
    further = "no further differences between places were found"
    assert further in meta_analysis(years, moderators="year").sentence("en")


@pytest.mark.parametrize(("of", "predictive"), [("next_site", True), ("mean", False)])
def test_priors(of: PriorOf, *, predictive: bool) -> None:
    """The next site is lognormal with sqrt(tau^2 + se^2), the mean with se."""
    found = meta_analysis(bcg())
    prior = found.prior(of=of, measured_at_months=24)
    spread = np.hypot(np.sqrt(found.tau2) if predictive else 0.0, found.standard_error)
    assert prior.form["dist"] == "lognormal"
    assert prior.form["log_mean"] == pytest.approx(found.estimate)
    assert prior.form["log_sd"] == pytest.approx(spread)
    assert prior.predictive == predictive
    assert prior.note == "13 studies, random effects, restricted maximum likelihood"


@pytest.mark.parametrize("scale", ["risk_ratio", "mean_difference", "risk_difference"])
def test_with_knapp_hartung_the_printed_interval_enters_the_case(scale: StudyScale) -> None:
    """Its limits are quantiles of the prior at 2.5 and 97.5 %, its estimate the base value.

    A thousand values are kept, so that a quantile is half a thousandth of probability away at most;
    a normal prior would have the limits, 2.18 errors out at 12 degrees, at 1.5 %.
    """
    found = meta_analysis(replace(bcg(), scale=scale), knapp_hartung=True)
    ends: dict[PriorOf, tuple[float, float]] = {
        "mean": (found.low, found.high),
        "next_site": (found.next_low, found.next_high),
    }
    for of, (low, high) in ends.items():
        prior = found.prior(of=of, measured_at_months=24)
        assert prior.form["dist"] == "empirical"
        assert len(prior.form["values"]) == 1_000
        inside = 1.0
        if scale == "risk_difference":
            middle = (1.0 + found.estimate, 1.0 - found.estimate)
            sd = found.next_standard_deviation if of == "next_site" else found.standard_error
            inside = float(t.cdf(middle[1] / sd, 12) - t.cdf(-middle[0] / sd, 12))
            assert max(map(abs, prior.form["values"])) <= 1.0
        else:
            assert prior.base == pytest.approx(found.shown(found.estimate), rel=1e-12)
        if scale != "risk_difference" or low > -1:
            between = prior.quantity.prob_below(found.shown(high))
            between -= prior.quantity.prob_below(found.shown(low))
            assert between == pytest.approx(0.95 / inside, abs=2 * 0.5e-3)


def test_the_heaviest_tails_stay_numbers() -> None:
    """With 1 degree of freedom t reaches hundreds of errors: ratios stay finite and above 0."""
    two = replace(studies_of(0.0, 4.0), scale="odds_ratio")
    values = meta_analysis(two, knapp_hartung=True).prior(measured_at_months=1).form["values"]
    assert 0 < values[0] < values[-1] < np.inf


def test_the_next_place_of_a_common_effect_is_refused() -> None:
    """At a place too; its mean is not."""
    found = meta_analysis(bcg(), method="fixed")
    place = meta_analysis(bcg(), method="fixed", moderators="latitude").predict({"latitude": 30})
    for each in (found, place):
        with pytest.raises(ArgumentError, match=r"says that places are alike.*of = 'mean'"):
            each.prior(measured_at_months=24)
        assert not each.prior(of="mean", measured_at_months=24).predictive


def test_the_spread_between_places_is_tau() -> None:
    """The square root of tau^2; with the mean it makes up the next place where all is kept."""
    found = meta_analysis(bcg())
    assert found.between_places == pytest.approx(np.sqrt(found.tau2), rel=1e-12)
    mean = found.prior(of="mean", measured_at_months=24)
    here = mean.transported(1.0, omega=found.between_places)
    assert here.form == pytest.approx(found.prior(measured_at_months=24).form)
    assert here.predictive
    assert here.carried_over


def test_a_prior_of_something_else_is_refused() -> None:
    """With the nearest name."""
    with pytest.raises(UnknownNameError, match="did you mean 'next_site'"):
        meta_analysis(bcg()).prior(of="next_sites")  # type: ignore[arg-type]  # is refused


def test_nothing_heavy_is_imported() -> None:
    """Frequentist evidence loads no jax, no pandas and no scipy.stats."""
    code = (
        "import sys, sibsim.evidence.influence, sibsim.evidence.small_studies\n"
        "import sibsim.evidence.common_effect\n"
        "heavy = {'jax', 'numpyro', 'pandas', 'scipy.stats'}\n"
        "print(sorted(heavy.intersection(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
