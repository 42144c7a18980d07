"""The shipped priors: what was computed from the data, what is ours, and how they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.forms import read_distribution
from sibsim.core.parameters import Quantity
from sibsim.core.priors import CurvePrior, QuantilePrior, curve_named, prior_named, priors
from sibsim.errors import UnknownNameError


def test_every_prior_says_where_it_is_from_and_what_is_ours() -> None:
    """Each has a source with address and year, counts its projects and owns up to its own part."""
    for name, prior in priors().items():
        assert prior.url.startswith("https://"), name
        assert prior.source, name
        assert min(prior.year, prior.n) > 0, name
        assert prior.status == "assumption", name
        for words in ("computed from", "are ours"):
            assert words in prior.note, name


def test_seven_in_ten_projects_are_completed_as_planned() -> None:
    """72 % are not late; a quarter are 3 months late or more, a tenth 7, the latest 8."""
    overrun = read_distribution({"prior": "indigo-overrun"})
    levels = np.array([0.0, 0.5, 0.72, 0.75, 0.9, 1.0])
    np.testing.assert_allclose(overrun.ppf(levels), [0, 0, 0, 3, 7, 8], atol=1e-12)
    np.testing.assert_allclose(overrun.cdf(np.array([-0.1, 0.0, 3.0, 7.0])), [0, 0.72, 0.75, 0.9])
    assert prior_named("indigo-overrun").n == 29
    assert Quantity.model_validate({"prior": "indigo-overrun"}).base_value == 0


def test_the_ramp_up_is_the_median_over_projects() -> None:
    """Under a third of the plan after a quarter, then three quarters, nearly all after 4 years."""
    ramp_up = curve_named("indigo-ramp-up")
    assert ramp_up.n == 28
    assert list(ramp_up.months) == [3, 6, 9, 12, 18, 24, 30, 36, 48]
    assert list(ramp_up.values) == [0.29, 0.78, 0.72, 0.77, 0.84, 0.92, 0.96, 0.94, 0.99]
    spread = {each.months: (each.p10, each.p90) for each in ramp_up.curve if each.p10 is not None}
    assert spread == {
        3: (0, 2.7),
        12: (0.23, 1.26),
        24: (0.39, 1.55),
        36: (0.54, 1.5),
        48: (0.61, 1.21),
    }
    for each in ramp_up.curve:
        assert (each.p10 is None) == (each.p90 is None)
        assert each.p10 is None or each.p90 is None or each.p10 <= each.p50 <= each.p90


def test_priors_are_of_two_kinds() -> None:
    """A prior is of a number or of a curve, and each name leads to its own kind."""
    kinds = {name: type(each) for name, each in priors().items()}
    assert kinds.pop("indigo-ramp-up") is CurvePrior
    assert set(kinds.values()) == {QuantilePrior}


@pytest.mark.parametrize("name", ["indigo-ramp", "indigo-volume", "nothing"])
def test_a_name_that_is_no_curve_is_answered_with_the_known_ones(name: str) -> None:
    """A misspelt curve, or the prior of a number, is refused."""
    with pytest.raises(UnknownNameError, match=r"prior of a curve.*indigo-ramp-up"):
        curve_named(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("indigo-overun", "did you mean 'indigo-overrun'?"),
        ("indigo-ramp-up", "prior of a number"),
    ],
)
def test_a_name_that_is_no_number_is_answered_with_the_nearest(name: str, words: str) -> None:
    """A misspelt name, or a curve where a number is meant, is refused."""
    with pytest.raises(UnknownNameError, match=words.replace("?", r"\?")):
        prior_named(name)
