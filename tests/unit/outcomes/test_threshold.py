"""The threshold outcome: yes or no by another outcome's result of the same person."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from sibsim.core.paths import OutcomePath
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.binary import Binary
from sibsim.outcomes.count import Count
from sibsim.outcomes.days import Days
from sibsim.outcomes.days_law import DaysLaw
from sibsim.outcomes.score import Score
from sibsim.outcomes.threshold import Threshold
from tests.people import ERRORS, assert_moments, realised

FEW: dict[str, Any] = {
    "model": "threshold",
    "among": "started",
    "follow_up_months": [12],
    "of": "crimes",
    "below": 2,
}
CRIMES = Count.model_validate(
    {
        "model": "count",
        "among": "started",
        "follow_up_months": [6, 12],
        "counterfactual": 2.0,
        "effect": {"scale": "rate_ratio", "value": 0.5},
        "dispersion": 0.8,
        "persistence": 0.7,
    }
)
VALUES = {"counterfactual": 2.0, "effect": 0.5, "dispersion": 0.8, "persistence": 0.7}


def _model(**changes: object) -> Threshold:
    merged = FEW | changes
    return Threshold.model_validate({key: each for key, each in merged.items() if each is not None})


def _number(kind: type[OutcomeModel], values: dict[str, float], **more: object) -> OutcomeModel:
    """Return an outcome of a number with one follow-up."""
    common = {"model": kind.__name__.lower(), "among": "started", "follow_up_months": [12]}
    return kind.model_validate({**common, **values, **more})


def _paths(
    model: Threshold, *, seed: int = 0, chance: bool = False, **values: float
) -> tuple[OutcomePath, OutcomePath]:
    """Return the path of crimes and that of the threshold on it."""
    other = realised(CRIMES, VALUES | values, seed=seed, chance=chance)
    return other, realised(model, {}, seed=seed, chance=chance, upstream={"crimes": other})


@pytest.mark.parametrize(
    ("side", "level", "highest", "lower"),
    [
        ("below", 2, 1, True),
        ("at_most", 2, 2, True),
        ("at_least", 2, 1, False),
        ("above", 2, 2, False),
        ("below", 2.5, 2, True),
        ("above", 2.5, 2, False),
    ],
)
def test_each_side_has_its_probability(
    side: str, level: float, highest: int, *, lower: bool
) -> None:
    """Below and above leave the level out, at most and at least take it in."""
    _, path = _paths(_model(**{"below": None} | {side: level}))
    for found, mean in ((path.expected, 1.0), (path.counterfactual, 2.0)):
        known = stats.nbinom(0.8, 0.8 / (0.8 + mean))
        share = known.cdf(highest) if lower else known.sf(highest)
        np.testing.assert_allclose(found, share, rtol=1e-9)
    np.testing.assert_allclose(path.variance, path.expected * (1 - path.expected))
    np.testing.assert_allclose(path.achieved, path.people[:, np.newaxis] * path.expected)


@pytest.mark.parametrize("side", ["below", "at_most", "at_least", "above"])
def test_it_reads_the_events_of_the_same_person(seed: int, side: str) -> None:
    """A person is counted by the events that the other outcome has drawn for them."""
    other, path = _paths(_model(**{"below": None} | {side: 2}), seed=seed, chance=True)
    rule = {"below": np.less, "at_most": np.less_equal, "at_least": np.greater_equal}
    for events, yes in zip(other.value, path.value, strict=True):
        known = rule.get(side, np.greater)(events[:, 1:], 2)
        assert np.array_equal(yes, known)
    assert_moments(path.treated[1], path.value[1].astype(np.float64))


def test_fewer_than_six_shelter_days_in_half_a_year_is_a_level_on_days(seed: int) -> None:
    """The share with at most 5 days, by the law of the days and by the people drawn."""
    figures: dict[str, float] = {
        "counterfactual": 50.0,
        "sd": 55.0,
        "share_lowest": 0.3,
        "share_bound": 0.04,
    }
    days = Days.model_validate(
        figures
        | {
            "model": "days",
            "among": "started",
            "follow_up_months": [6],
            "with_intervention": 20.0,
            "lowest": 0,
            "window_days": 182,
        }
    )
    values = figures | {"with_intervention": 20.0}
    nights = realised(days, values, seed=seed, chance=True)
    model = _model(of="nights", below=6, follow_up_months=[6])
    path = realised(model, {}, seed=seed, chance=True, upstream={"nights": nights})
    law = nights.treated[0]
    assert isinstance(law, DaysLaw)
    np.testing.assert_allclose(path.expected[0, 0], law.cdf(0, columns=slice(0, 1))[5])
    assert np.array_equal(path.value[0], nights.value[0] <= 5)
    assert_moments(path.treated[1], path.value[1].astype(np.float64))


_DAYS: dict[str, float] = {
    "counterfactual": 50.0,
    "with_intervention": 30.0,
    "sd": 55.0,
    "share_lowest": 0.3,
    "share_bound": 0.1,
}
_SCORE: dict[str, float] = {"counterfactual": 2.0, "with_intervention": 5.0, "sd": 10.0}
_STEPS = {"counts": "steps", "minimum_important_change": 4, "most_steps": 3}


@pytest.mark.parametrize("side", ["below", "at_most", "at_least", "above"])
@pytest.mark.parametrize(
    ("other", "values", "levels"),
    [
        (CRIMES, VALUES, (0.5, 1, 3)),
        (_number(Days, _DAYS, lowest=0, window_days=182), _DAYS, (0.5, 1, 5, 181.5)),
        (_number(Score, _SCORE, reliability=1.0), _SCORE, (-3, 0, 7.5)),
        (_number(Score, _SCORE, reliability=1.0, **_STEPS), _SCORE, (0.5, 1, 2)),
    ],
    ids=["events", "days", "points", "steps"],
)
def test_every_number_has_the_law_of_the_people_drawn(
    seed: int,
    *,
    other: OutcomeModel,
    values: dict[str, float],
    levels: tuple[float, ...],
    side: str,
) -> None:
    """On each side of levels at and between results, pooled over people and draws."""
    path = realised(other, values, seed=seed, chance=True)
    for level in levels:
        model = _model(**{"below": None} | {side: level})
        found = realised(model, {}, seed=seed, chance=True, upstream={"crimes": path})
        base = realised(model, {}, upstream={"crimes": realised(other, values)})
        assert np.array_equal(base.expected, found.expected)
        for yes, law in zip(found.value, found.treated, strict=True):
            share = law.mean[0, 0]
            assert 0 < share < 1
            # The draws of people who are independent of each other.
            error = np.sqrt(share * (1 - share) / (len(yes) * BLOCK_DRAWS))
            assert abs(yes[:, 0].mean() - share) <= ERRORS * error, level


def test_controls_have_people_of_their_own(seed: int) -> None:
    """Drawn from the law without the intervention, by the law of the events."""
    _, path = _paths(_model(follow_up_months=[6, 12]), seed=seed, chance=True)
    layer = Layer(LayerName.MEASUREMENT, seed)
    drawn = path.untreated[0].draw(layer, stream="control/0", people=25)
    assert_moments(path.untreated[0], drawn.astype(np.float64))
    off = Layer(LayerName.MEASUREMENT, seed, on=False)
    mean = path.untreated[0].draw(off, stream="control/0", people=3)
    np.testing.assert_allclose(mean, np.broadcast_to(path.counterfactual[0], (3, 2, 1)))


def test_fewer_events_make_nobody_fail(seed: int) -> None:
    """Common random numbers carry through the level."""
    _, weak = _paths(_model(), seed=seed, chance=True)
    _, strong = _paths(_model(), seed=seed, chance=True, effect=0.4)
    assert np.all(strong.value[0] >= weak.value[0])
    assert np.any(strong.achieved > weak.achieved)


def test_alike_cohorts_share_one_law() -> None:
    """The probability is worked out once for cohorts that are alike."""
    _, path = _paths(_model())
    assert path.treated[0] is path.treated[1]


def test_what_it_cannot_read_is_said() -> None:
    """A follow-up of its own, yes or no, and a score with errors cannot be read."""
    assert _model().reads == ("crimes",)
    assert list(_model().check_against(CRIMES, name="crimes")) == []
    own = list(_model(follow_up_months=[12, 18]).check_against(CRIMES, name="crimes"))
    assert own == [
        "got a follow-up at 18 months; 'crimes' is looked at after 6, 12 months; use some of these"
    ]
    job = Binary.model_validate(
        {
            "model": "binary",
            "among": "started",
            "follow_up_months": [12],
            "counterfactual": 0.4,
            "uplift": 0.1,
        }
    )
    assert "yes or no already" in next(iter(_model().check_against(job, name="job")))
    score = {
        "model": "score",
        "among": "started",
        "follow_up_months": [12],
        "counterfactual": 0.0,
        "with_intervention": 2.0,
        "sd": 10.0,
    }
    noisy = Score.model_validate(score | {"reliability": 0.8})
    assert "minimum_important_change" in next(iter(_model().check_against(noisy, name="score")))
    exact = Score.model_validate(score | {"reliability": 1.0})
    assert list(_model().check_against(exact, name="score")) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"below": None}, "got none of them"),
        ({"at_least": 3}, "got below and at_least; state exactly one"),
        ({"below": "6"}, "number"),
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(changes: dict[str, Any], words: str) -> None:
    """One side, one level."""
    with pytest.raises(ValidationError, match=words):
        _model(**changes)
