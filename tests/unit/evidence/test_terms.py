"""Terms of a Bayesian meta-regression: columns, references, the place asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.studies import Studies
from sibsim.evidence.terms import (
    Regression,
    Term,
    design_bias,
    place_difference,
    practice_loss,
)

STUDIES = Studies(
    scale="odds_ratio",
    names=("a", "b", "c"),
    estimate=np.zeros(3),
    variance=np.ones(3),
    moderators={
        "design": ("randomised", "before_after", "quasi_experimental"),
        "setting": ("research", "research", "research"),
        "country": ("Denmark", "Norway", "Sweden"),
        "months": (12.0, 18.0, 24.0),
    },
)

TERMS = (
    design_bias(quasi_experimental=(0.0, 0.2), before_after=(0.2, 0.3)),
    practice_loss((-0.1, 0.2)),
    place_difference("Denmark", prior=(0.0, 0.3)),
    Term(moderator="months", prior=(0.0, 0.05), reference=18.0),
)


def test_columns_by_hand() -> None:
    """A word is 0 or 1 against the reference, a number its distance from it."""
    regression = Regression.of(STUDIES, terms=TERMS)
    assert regression.names == (
        "design: quasi_experimental",
        "design: before_after",
        "setting: practice",
        "country: Denmark",
        "months",
    )
    by_hand = [[0, 0, 0, 1, -6], [0, 1, 0, 0, 0], [1, 0, 0, 0, 6]]
    np.testing.assert_array_equal(regression.matrix, by_hand)
    assert regression.priors == ((0.0, 0.2), (0.2, 0.3), (-0.1, 0.2), (0.0, 0.3), (0.0, 0.05))


def test_a_place_by_hand() -> None:
    """The place asked about: randomised, in practice, Denmark, after a year."""
    regression = Regression.of(STUDIES, terms=TERMS)
    at: dict[str, float | str] = {
        "design": "randomised",
        "setting": "practice",
        "country": "Denmark",
        "months": 12,
    }
    np.testing.assert_array_equal(regression.row(at), [0, 0, 1, 1, -6])
    assert regression.row(at | {"country": "Iceland"})[3] == 0.0


def test_no_terms_are_no_columns() -> None:
    """Without terms there is nothing to state of a place."""
    regression = Regression.of(STUDIES, terms=())
    assert regression.matrix.shape == (3, 0)
    assert regression.row(None).shape == (0,)


def test_what_the_studies_do_not_tell() -> None:
    """A word in no study is its prior; a word in every study is not told from the mean."""
    regression = Regression.of(STUDIES, terms=TERMS)
    assert regression.unseen == ("setting: practice",)
    assert regression.inseparable == ()
    daily = replace(STUDIES, moderators={"setting": ("practice",) * 3})
    assert Regression.of(daily, terms=(TERMS[1],)).inseparable == ("setting: practice",)


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"moderator": "x", "prior": (0.0, 0.0)}, ArgumentError, r"terms.x: .* second above 0"),
        ({"moderator": "x", "prior": 0.5}, ArgumentError, r"terms.x: got 0.5"),
        ({"moderator": "x", "prior": (0, 1), "reference": "a"}, ArgumentError, "for words state"),
        ({"moderator": "x", "prior": {}, "reference": None}, ArgumentError, "no word"),
        (
            {"moderator": "x", "prior": {"a": (0, 1)}, "reference": "a"},
            ArgumentError,
            "one more word",
        ),
        ({"moderator": "x", "prior": {"a": (0, 1)}}, ArgumentError, "the reference 0.0"),
        (
            {"moderator": "x", "prior": {"a": (0, -1)}, "reference": None},
            ArgumentError,
            "terms.x.a",
        ),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    given: Mapping[str, object], error: type[Exception], says: str
) -> None:
    """A prior is a pair with a positive deviation; words have a reference of words."""
    with pytest.raises(error, match=says):
        Term(**given)  # type: ignore[arg-type] # wrong on purpose


@pytest.mark.parametrize(
    ("terms", "error", "says"),
    [
        ((Term(moderator="monthz", prior=(0, 1)),), UnknownNameError, "did you mean 'months'"),
        ((TERMS[3], TERMS[3]), ArgumentError, "twice"),
        ((Term(moderator="country", prior=(0, 1)),), ArgumentError, "'Denmark'; the term takes a"),
        (
            (design_bias(before_after=(0, 1)),),
            UnknownNameError,
            "of 'c': got 'quasi_experimental'.*state a prior",
        ),
    ],
)
def test_terms_that_do_not_fit_the_studies_are_refused(
    terms: tuple[Term, ...], error: type[Exception], says: str
) -> None:
    """Unknown moderators, the same one twice, words as numbers, words without a prior."""
    with pytest.raises(error, match=says):
        Regression.of(STUDIES, terms=terms)


@pytest.mark.parametrize(
    ("at", "error", "says"),
    [
        (None, ArgumentError, "got no design, setting, country, months"),
        ({"desing": "randomised"}, UnknownNameError, "did you mean 'design'"),
        (
            {"design": "random", "setting": "practice", "country": "Norway", "months": 1},
            UnknownNameError,
            "did you mean 'randomised'",
        ),
        (
            {"design": "randomised", "setting": "practice", "country": 1, "months": 1},
            UnknownNameError,
            "at.country: got 1",
        ),
        (
            {"design": "randomised", "setting": "practice", "country": "Norway", "months": "one"},
            ArgumentError,
            "at.months: got 'one'",
        ),
    ],
)
def test_a_place_that_is_not_said_is_refused(
    at: Mapping[str, float | str] | None, error: type[Exception], says: str
) -> None:
    """Every moderator of a term is stated, and nothing else."""
    with pytest.raises(error, match=says):
        Regression.of(STUDIES, terms=TERMS).row(at)
