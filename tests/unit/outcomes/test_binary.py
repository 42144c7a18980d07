"""The binary outcome: probabilities by hand, people in common, faults in plain words."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Context, Drift, Participation
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.outcomes.binary import Binary
from sibsim.outcomes.binary_law import BinaryLaw

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2028, 12, 31), period="quarter")
JOB: dict[str, Any] = {
    "model": "binary",
    "among": "started",
    "follow_up_months": [12, 24],
    "counterfactual": 0.4,
    "uplift": 0.1,
    "persistence": 0.8,
}
ODDS_RATIO: dict[str, Any] = {"scale": "odds_ratio", "value": 2.0, "measured_at_months": 12}
ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""


def _people(completion: float = 0.5, *, on: bool = True) -> Participation:
    """Return two cohorts, 20 and 30 start, of 25 and 40 referred; the first half complete."""
    half = [(np.arange(n) < n * completion)[:, np.newaxis] for n in (20, 30)]
    off = [np.full((n, 1), completion) for n in (20, 30)]
    return Participation(
        planned=np.array([20.0, 30.0]),
        start=np.array([[0.0], [6.0]]),
        delay=np.zeros((1, 1)),
        referred=np.array([[25.0], [40.0]]),
        started=np.array([[20.0], [30.0]]),
        completed=np.array([[10.0], [15.0]]),
        completes=tuple(half if on else off),
    )


def _model(**changes: object) -> Binary:
    merged = JOB | changes
    return Binary.model_validate({key: each for key, each in merged.items() if each is not None})


def _realise(
    model: Binary,
    *,
    seed: int = 0,
    on: bool = False,
    drift: Drift | None = None,
    **values: object,
) -> OutcomePath:
    arrays = {
        f"outcomes.job.{name.replace('__', '.')}": np.atleast_2d(np.asarray(value, float))
        for name, value in values.items()
    }
    context = Context(
        TIMELINE,
        arrays,
        Layer(LayerName.CHANCE, seed, on=on),
        Layer(LayerName.MEASUREMENT, seed, on=on),
        path="outcomes.job",
    )
    return model.realise(_people(on=on), context=replace(context, drift=drift))


def test_the_base_case_is_the_expectation() -> None:
    """0.4 + 0.1 of 20 and of 30 people is 10 and 15, at both follow-ups."""
    path = _realise(_model(), counterfactual=0.4, uplift=0.1, persistence=0.8)
    assert path.expected.shape == (2, 2, 1)
    np.testing.assert_allclose(path.expected, 0.5, rtol=1e-15)
    np.testing.assert_allclose(path.achieved[..., 0], [[10, 10], [15, 15]], rtol=1e-14)
    np.testing.assert_allclose(path.additional[..., 0], [[2, 2], [3, 3]], rtol=1e-13)
    assert path.when[..., 0].tolist() == [[12, 24], [18, 30]]
    assert path.people.tolist() == [[20], [30]]
    assert path.clipped.tolist() == [0]


def test_a_list_gives_each_follow_up_its_value() -> None:
    """Counterfactual and uplift may be stated by follow-up."""
    model = _model(counterfactual=[0.4, 0.5], uplift=[0.1, 0.2])
    values: dict[str, Any] = {
        "counterfactual__0": 0.4,
        "counterfactual__1": 0.5,
        "uplift__0": 0.1,
        "uplift__1": 0.2,
        "persistence": 0.8,
    }
    path = _realise(model, **values)
    np.testing.assert_allclose(path.counterfactual[0, :, 0], [0.4, 0.5])
    np.testing.assert_allclose(path.expected[1, :, 0], [0.5, 0.7])


def test_an_odds_ratio_acts_on_the_odds() -> None:
    """Odds 2/3 doubled are 4/3: probability 4/7."""
    model = _model(uplift=None, effect=ODDS_RATIO)
    path = _realise(model, counterfactual=0.4, effect=2.0, persistence=0.8)
    np.testing.assert_allclose(path.expected, 4 / 7, rtol=1e-14)


def test_transport_carries_part_of_the_log_odds() -> None:
    """With tau 0.5 an odds ratio of 4 is 2 here; the noise multiplies it further."""
    model = _model(uplift=None, effect=ODDS_RATIO, transport={"tau": 0.5, "omega": 0.1})
    values: dict[str, Any] = {
        "counterfactual": 0.4,
        "effect": 4.0,
        "persistence": 0.8,
        "transport__tau": 0.5,
        "transport__omega": 0.1,
        "transport__noise": [[0.0, 2.0]],
    }
    path = _realise(model, **values)
    odds = path.expected / (1 - path.expected)
    by_hand = 2 / 3 * 2 * np.exp([0, 0.2])
    np.testing.assert_allclose(odds[1, 1], by_hand, rtol=1e-14)


def test_the_profile_fades_the_log_odds() -> None:
    """Measured at 12 months and halved every 12 months, ln OR is half at 24."""
    profile = {"full_after_months": 12, "half_life_months": 12}
    model = _model(uplift=None, effect=ODDS_RATIO, profile=profile)
    path = _realise(model, counterfactual=0.4, effect=2.0, persistence=0.8)
    odds = path.expected[0, :, 0] / (1 - path.expected[0, :, 0])
    np.testing.assert_allclose(odds, [2 / 3 * 2, 2 / 3 * math.sqrt(2)], rtol=1e-14)


def test_a_success_rate_leaves_the_counterfactual_alone() -> None:
    """A rate stated directly is the probability with the intervention."""
    model = _model(uplift=None, success_rate=0.55)
    path = _realise(model, counterfactual=0.4, success_rate=0.55, persistence=0.8)
    assert np.all(path.expected == 0.55)
    assert np.all(path.counterfactual == 0.4)


def test_drift_moves_the_counterfactual_by_date() -> None:
    """A drift of 0.01 per month since the start adds 0.12 at month 12 and 0.3 at month 30."""

    def drift(when: FloatArray) -> FloatArray:
        return 0.01 * when

    path = _realise(_model(), drift=drift, counterfactual=0.4, uplift=0.1, persistence=0.8)
    np.testing.assert_allclose(path.counterfactual[..., 0], [[0.52, 0.64], [0.58, 0.7]])
    np.testing.assert_allclose(path.expected, path.counterfactual + 0.1)


def test_what_leaves_the_unit_interval_is_cut_and_counted() -> None:
    """0.95 + 0.1 is cut in each of the four cells of the draw in which it happens."""
    path = _realise(_model(), counterfactual=[[0.4, 0.95]], uplift=0.1, persistence=0.8)
    assert path.clipped.tolist() == [0, 4]
    assert path.expected[0, 0].tolist() == [0.5, 1.0]


def test_drift_that_leaves_the_unit_interval_is_counted_once_per_cell() -> None:
    """A drift of -0.5 takes 0.4 to 0 in all four cells; the uplift then stays inside."""
    path = _realise(
        _model(),
        drift=lambda when: np.full(when.shape, -0.5),
        counterfactual=0.4,
        uplift=0.1,
        persistence=0.8,
    )
    assert path.clipped.tolist() == [4]
    assert np.all(path.counterfactual == 0)


@pytest.mark.parametrize(
    ("among", "people"), [("referred", 25), ("started", 20), ("completed", 10)]
)
def test_only_those_who_count_achieve(seed: int, among: str, people: int) -> None:
    """A sure success is achieved by exactly the people whom the outcome counts."""
    model = _model(among=among)
    path = _realise(model, seed=seed, on=True, counterfactual=0.4, uplift=0.6, persistence=0.8)
    assert np.all(path.achieved[0] == people)
    assert np.all(path.people[0] == people)


def test_achieved_is_binomial(seed: int) -> None:
    """Achieved has mean n p and variance n p (1 - p) in every cell."""
    path = _realise(_model(), seed=seed, on=True, counterfactual=0.4, uplift=0.1, persistence=0.8)
    for cohort, people in enumerate((20, 30)):
        variance = people * 0.25
        for achieved in path.achieved[cohort]:
            allowed = ERRORS * math.sqrt(variance / BLOCK_DRAWS)
            assert abs(achieved.mean() - people / 2) <= allowed
            # The sampling error of a variance is about variance x sqrt(2 / draws).
            assert abs(achieved.var() - variance) <= ERRORS * variance * math.sqrt(2 / BLOCK_DRAWS)


def test_raising_the_uplift_lowers_no_count(seed: int) -> None:
    """Common random numbers: a better effect means no fewer successes in any draw."""
    common: dict[str, Any] = {"counterfactual": 0.4, "persistence": 0.8}
    low = _realise(_model(), seed=seed, on=True, uplift=0.1, **common)
    high = _realise(_model(), seed=seed, on=True, uplift=0.11, **common)
    assert np.all(high.achieved >= low.achieved)
    assert np.any(high.achieved > low.achieved)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"uplift": None}, "exactly one of"),
        ({"success_rate": 0.5}, "uplift and success_rate; state exactly one"),
        ({"counterfactual": [0.4, 0.4, 0.4]}, "got 3 values of counterfactual for 2 follow-ups"),
        ({"uplift": [0.1]}, "got 1 values of uplift"),
        ({"persistence": None}, "several follow-ups without persistence"),
        ({"transport": {"tau": 0.5}}, "without an effect"),
        ({"counterfactual": 1.2}, "allowed is"),
        (
            {"uplift": None, "effect": {"scale": "risk_ratio", "value": 2.6}},
            "above 1 with probability 100.0%",
        ),
        (
            {
                "uplift": None,
                "effect": {"scale": "success_rate", "value": 0.6},
                "transport": {"tau": 0.5},
            },
            "stated for here",
        ),
        (
            {
                "uplift": None,
                "effect": ODDS_RATIO | {"measured_at_months": 0},
                "profile": {"full_after_months": 6},
            },
            "profile is zero",
        ),
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(changes: dict[str, Any], words: str) -> None:
    """Each rule of a binary outcome is a fault that says what is wrong."""
    with pytest.raises(ValidationError, match=words):
        _model(**changes)


def test_a_risk_ratio_that_stays_below_one_is_accepted() -> None:
    """0.4 x 2.4 is below 1; with tau 0.5 even 0.4 x 4^0.5 is."""
    _model(uplift=None, effect={"scale": "risk_ratio", "value": 2.4})
    four = {"scale": "risk_ratio", "value": 4.0}
    model = _model(uplift=None, effect=four, transport={"tau": 0.5})
    assert model.p_harm() == 0


def test_one_follow_up_needs_no_persistence() -> None:
    """With a single follow-up there is nothing to keep."""
    model = _model(follow_up_months=[12], persistence=None)
    law = _realise(model, counterfactual=0.4, uplift=0.1).treated[0]
    assert isinstance(law, BinaryLaw)
    assert np.all(law.persistence == 1)


def test_the_probability_of_harm() -> None:
    """Each form says how likely it does worse than nothing."""
    spread = {"dist": "uniform", "min": -0.1, "max": 0.3}
    assert _model(uplift=spread).p_harm() == pytest.approx(0.25)
    lognormal = ODDS_RATIO | {"dist": "lognormal", "log_mean": 0.2, "log_sd": 0.2}
    lognormal.pop("value")
    # Phi(-1) = 0.158655.
    assert _model(uplift=None, effect=lognormal).p_harm() == pytest.approx(0.158655, abs=1e-5)
    rate = {"dist": "uniform", "min": 0.3, "max": 0.5}
    assert _model(uplift=None, success_rate=rate).p_harm() == pytest.approx(0.5)
    assert not _model().harm_is_meant()
    assert _model(uplift=spread | {"may_be_negative": True}).harm_is_meant()
