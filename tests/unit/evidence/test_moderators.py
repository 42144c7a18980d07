"""Meta-regression: words, predictions, and everything that a meta-analysis refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import f

from sibsim.errors import ArgumentError, SibsimError, UnknownNameError
from sibsim.evidence.meta import meta_analysis
from sibsim.evidence.studies import Studies
from tests.bcg import bcg

DESIGNS = ("trial", "register", "trial", "register", "before-after", "trial")


def studies_of(*estimates: float, **moderators: tuple[float | str, ...]) -> Studies:
    """Return studies of a mean difference with variance 0.04."""
    return Studies(
        scale="mean_difference",
        names=tuple(f"study {number}" for number in range(len(estimates))),
        estimate=np.array(estimates),
        variance=np.full(len(estimates), 0.04),
        moderators=moderators,
    )


WITH_DESIGN = studies_of(1.0, 2.0, 1.4, 2.6, 5.0, 0.6, design=DESIGNS)


def test_words_compare_with_the_first_in_the_alphabet() -> None:
    """Means of the groups: before-after 5, register 2.3, trial 1."""
    found = meta_analysis(WITH_DESIGN, moderators=["design"], method="fixed")
    named = {each.name: each.estimate for each in found.coefficients}
    assert named == pytest.approx(
        {"intercept": 5.0, "design: register": 2.3 - 5.0, "design: trial": 1.0 - 5.0}
    )
    assert found.estimate == pytest.approx((5.0 + 2 * 2.3 + 3 * 1.0) / 6)
    assert "design: compared with 'before-after', the first in the alphabet" in found.notes
    place = found.predict({"design": "register"})
    assert place.estimate == pytest.approx(2.3)
    assert place.standard_error == pytest.approx(np.sqrt(0.04 / 2))
    assert place.sentence("en").startswith("At design: register: mean difference 2.30 (")


@pytest.mark.parametrize("knapp_hartung", [False, True])
def test_the_test_of_one_moderator_is_its_own(*, knapp_hartung: bool) -> None:
    """QM is the square of z, with Knapp-Hartung of t; the p-values are the same."""
    found = meta_analysis(bcg(), moderators="latitude", knapp_hartung=knapp_hartung)
    slope, tested = found.coefficients[1], found.moderator_test
    assert tested is not None
    assert tested.degrees == 1
    assert tested.statistic == pytest.approx((slope.estimate / slope.standard_error) ** 2)
    assert tested.p == pytest.approx(slope.p, rel=1e-9)


def test_the_test_of_several_coefficients_is_f() -> None:
    """With Knapp-Hartung the Wald statistic over their number, with k - p degrees of freedom."""
    found = meta_analysis(WITH_DESIGN, moderators="design", knapp_hartung=True)
    slopes = found.fit.coefficients[1:]
    wald = slopes @ np.linalg.inv(found.fit.covariance[1:, 1:]) @ slopes
    tested = found.moderator_test
    assert tested is not None
    assert tested.statistic == pytest.approx(wald / 2, rel=1e-9)
    assert tested.p == pytest.approx(f.sf(wald / 2, 2, 3), rel=1e-9)


def test_a_prediction_is_intercept_and_slope() -> None:
    """At latitude 30, with the covariance of both; outside the studies a note says so."""
    found = meta_analysis(bcg(), moderators="latitude")
    intercept, slope = found.coefficients
    place = found.predict({"latitude": 30.0})
    assert place.estimate == pytest.approx(intercept.estimate + 30 * slope.estimate)
    row = np.array([1.0, 30.0])
    assert place.standard_error == pytest.approx(np.sqrt(row @ found.fit.covariance @ row))
    assert place.notes == found.notes
    outside = found.predict({"latitude": 70})
    assert outside.notes[-1] == "latitude: outside what the studies have seen"


THREE = studies_of(0.0, 1.0, 0.4, year=(2001, 2005, 2010), same=(1, 1, 1), gap=(1.0, np.nan, 3.0))


@pytest.mark.parametrize(
    ("studies", "asked", "said"),
    [
        (studies_of(0.5), {}, "got 1; a meta-analysis puts at least 2 together; use the study"),
        (THREE, {"method": "REML"}, "got 'REML'; known are .*did you mean 'reml'"),
        (THREE, {"level": 95}, "level: got 95; it lies between 0 and 1; .*write 0.95"),
        (THREE, {"knapp_hartung": "hoc"}, "got 'hoc'; it is True, False or 'adhoc'"),
        (THREE, {"knapp_hartung": True, "method": "fixed"}, "take a random-effects method"),
        (THREE, {"moderators": "yaer"}, "got 'yaer'; these studies have .*did you mean 'year'"),
        (THREE, {"moderators": "same"}, "got 1 in every study; what does not vary"),
        (THREE, {"moderators": "gap"}, "got no number for study 1; every study needs one"),
        (THREE, {"moderators": ["year", "year"]}, "got 3 coefficients for 3 studies"),
        (
            studies_of(1, 2, 3, 4, mixed=("a", 1, "b", 2)),
            {"moderators": "mixed"},
            "got numbers and words",
        ),
        (
            studies_of(1, 2, 3, 5, year=(1, 2, 3, 4), months=(12, 24, 36, 48)),
            {"moderators": ("year", "months")},
            "got 'months' beside year; it says nothing that they do not say",
        ),
        (replace(THREE, variance=np.array([1.0, 0.0, 1.0])), {}, "got 0 for 'study 1'.*above 0"),
        (
            replace(THREE, variance=np.array([1e-10, 1.0, 1.0])),
            {},
            "got 1e-10 for 'study 0' and 1 for 'study 1'; no study is so much more certain",
        ),
        (replace(THREE, estimate=np.array([1.0, np.inf, 1.0])), {}, "got inf for 'study 1'"),
    ],
)
def test_refusals(studies: Studies, asked: dict[str, object], said: str) -> None:
    """What was given, the rule and the way out."""
    with pytest.raises(SibsimError, match=said):
        meta_analysis(studies, **asked)  # type: ignore[arg-type]  # wrong ones are tested


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ({}, "got no design, year"),
        ({"design": "trial", "year": 3.0, "place": 1.0}, "got 'place'"),
        ({"design": "trials", "year": 3.0}, "at.design: got 'trials'.*did you mean 'trial'"),
        ({"design": "trial", "year": "old"}, "at.year: got 'old'; it is a number"),
    ],
)
def test_places_that_are_refused(at: dict[str, float | str], said: str) -> None:
    """Every moderator is needed, and its value one that the studies could have."""
    years = (1.0, 2.0, 4.0, 3.0, 1.0, 9.0)
    studies = replace(WITH_DESIGN, moderators={"design": DESIGNS, "year": years})
    found = meta_analysis(studies, moderators=("design", "year"))
    with pytest.raises((ArgumentError, UnknownNameError), match=said):
        found.predict(at)


def test_without_moderators_there_is_nothing_to_predict_from() -> None:
    """The result itself says it of every place."""
    with pytest.raises(ArgumentError, match="without moderators"):
        meta_analysis(bcg()).predict({"latitude": 30.0})
