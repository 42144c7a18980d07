"""A level on time in states: the exact law of a person's time, and the people who are drawn."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise, product
from typing import Any, Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Context
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.outcomes.states import MultiState
from sibsim.outcomes.threshold import SIDES, Threshold, ThresholdLaw
from tests.people_in_states import TIMELINE, derived, people, realise

ERRORS = 5
"""Monte Carlo standard errors within which a simulated share must lie."""

START = (0.25, 0.75)
"""Share in a shelter and at home on the day service starts."""

WITHOUT = ((0.7, 0.3), (0.1, 0.9))
"""Probability of each move in a month without the intervention."""

ODDS_RATIO = 3.0
"""What the intervention does to the odds of moving from the shelter home."""

MOVED = 0.3 / 0.7 * ODDS_RATIO / (1 + 0.3 / 0.7 * ODDS_RATIO)
WITH = ((1 - MOVED, MOVED), (0.1, 0.9))
"""The same with it."""

MONTH_DAYS = 365.25 / 12
MONTH_WEEKS = 13.04 / 3
QUARTER_WEEKS = 13.04

WHERE: Mapping[str, Any] = {
    "model": "states",
    "among": "started",
    "follow_up_months": [2, 4],
    "counts": ["home"],
    "states": ["shelter", "home"],
    "step": "month",
    "start_in": {"shelter": START[0], "home": START[1]},
    "transitions": {"shelter": {"home": 0.3}, "home": {"shelter": 0.1}},
    "effects": [{"from": "shelter", "to": "home", "scale": "odds_ratio", "value": ODDS_RATIO}],
}


class _Compares(Protocol):
    def __call__(self, time: FloatArray, level: float, /) -> NDArray[np.bool_]: ...


LIES: Mapping[str, _Compares] = {
    "below": operator.lt,
    "at_most": operator.le,
    "at_least": operator.ge,
    "above": operator.gt,
}
"""Each side as a plain comparison."""


def _paths(
    stated: Mapping[str, object],
    *,
    counted: str = "end",
    unit: str = "months",
    cumulative: bool = False,
    on: bool = False,
    seed: int = 0,
    values: Mapping[str, FloatArray] | None = None,
) -> tuple[OutcomePath, OutcomePath]:
    """Return the path of the time in a shelter and that of the threshold on it."""
    where = MultiState.model_validate({**WHERE, "counted": counted})
    time_model = derived(
        "time_in_states",
        states=["shelter"],
        follow_up_months=[2, 4],
        unit=unit,
        cumulative=cumulative,
    )
    time = realise(time_model, on=on, seed=seed, where=where, values=values).derived
    model = Threshold.model_validate(
        {
            "model": "threshold",
            "among": "started",
            "follow_up_months": [2, 4],
            "of": "time",
            **stated,
        }
    )
    assert not list(model.check_against(time_model, name="time"))
    context = Context(
        timeline=TIMELINE,
        values={},
        chance=Layer(LayerName.CHANCE, seed, on=on),
        measurement=Layer(LayerName.MEASUREMENT, seed, on=on),
    )
    here = replace(context.at("outcomes", "few"), upstream={"time": time})
    return time, model.realise(people(), context=here)


def _by_history(
    move: tuple[tuple[float, float], tuple[float, float]],
    *,
    counted: str,
    cumulative: bool,
    side: str,
    level: float,
) -> list[float]:
    """Return the probability of a side by the 32 histories of four months, one by one."""
    first = 0 if counted == "start" else 1
    found = []
    for begin, end in ((0, 2), (0 if cumulative else 2, 4)):
        chance = 0.0
        for history in product((0, 1), repeat=5):
            weight = START[history[0]]
            for before, after in pairwise(history):
                weight *= move[before][after]
            months = history[begin + first : end + first].count(0)
            chance += weight * bool(LIES[side](np.array(float(months)), level))
        found.append(chance)
    return found


@pytest.mark.parametrize("counted", ["start", "end"])
@pytest.mark.parametrize("cumulative", [False, True])
@pytest.mark.parametrize(
    ("side", "level"),
    [
        *product(SIDES, (0.2, 1.0, 1.5)),
        ("at_most", 0.0),
        ("above", 0.0),
        ("below", 2.0),
        ("at_least", 2.0),
    ],
)
def test_the_probability_is_that_of_every_history(
    *, counted: str, cumulative: bool, side: str, level: float
) -> None:
    """Without and with the intervention, on a whole number of steps and between two."""
    _, path = _paths({side: level}, counted=counted, cumulative=cumulative)
    for mean, move in ((path.expected, WITH), (path.counterfactual, WITHOUT)):
        known = _by_history(move, counted=counted, cumulative=cumulative, side=side, level=level)
        for cohort in mean[..., 0]:
            assert cohort.tolist() == pytest.approx(known, abs=1e-14)
    np.testing.assert_allclose(path.achieved, path.people[:, np.newaxis] * path.expected)


def test_no_day_in_a_shelter_is_a_level_of_zero() -> None:
    """At home after both of the first two months: (0.75 x 0.9 + 0.25 x 0.3) x 0.9 = 0.675."""
    _, none = _paths({"at_most": 0}, unit="days")
    _, some = _paths({"above": 0}, unit="days")
    assert none.counterfactual[0, 0, 0] == pytest.approx(0.675)
    assert none.expected[0, 0, 0] == pytest.approx((0.675 + 0.25 * MOVED) * 0.9)
    np.testing.assert_allclose(none.expected + some.expected, 1.0, atol=1e-15)
    np.testing.assert_allclose(none.counterfactual + some.counterfactual, 1.0, atol=1e-15)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("unit", "level"),
    [("months", 1.0), ("days", MONTH_DAYS), ("weeks", MONTH_WEEKS), ("days", 6.0)],
)
def test_the_people_drawn_have_that_probability(
    seed: int, *, side: str, unit: str, level: float
) -> None:
    """All cohorts and draws pooled lie within five standard errors; nobody is read wrongly."""
    time, path = _paths({side: level}, unit=unit, on=True, seed=seed)
    for spent, yes, law in zip(time.value, path.value, path.treated, strict=True):
        assert np.array_equal(yes, LIES[side](np.asarray(spent), level))
        share = law.mean[:, 0]
        # Persons are independent of each other; the follow-ups are looked at one by one.
        error = np.sqrt(share * (1 - share) / (len(yes) * BLOCK_DRAWS))
        assert np.all(np.abs(yes.mean(axis=(0, 2)) - share) <= ERRORS * error)
        assert np.all((share > 0) & (share < 1))


@pytest.mark.parametrize(("quarters", "weeks"), [(3, 39.12), (5, 65.2), (9, 117.36), (10, 130.4)])
@pytest.mark.parametrize("side", SIDES)
def test_a_level_in_weeks_means_whole_steps_in_spite_of_rounding(
    *, side: str, quarters: int, weeks: float
) -> None:
    """Five quarters are 65.2 weeks, though 5 x 13.04 is rounded to a little less."""
    stated = {"model": "threshold", "among": "started", "follow_up_months": [60], "of": "t"}
    model = Threshold.model_validate({**stated, side: weeks})
    where = MultiState.model_validate(
        {**WHERE, "counted": "end", "step": "quarter", "follow_up_months": [60]}
    )
    path = realise(
        derived("time_in_states", states=["shelter"], follow_up_months=[60], unit="weeks"),
        on=False,
        where=where,
    ).derived
    context = Context(
        timeline=TIMELINE,
        values={},
        chance=Layer(LayerName.CHANCE, on=False),
        measurement=Layer(LayerName.MEASUREMENT, on=False),
    )
    here = replace(context.at("outcomes", "few"), upstream={"t": path})
    law = model.realise(people(), context=here).treated[0]
    assert isinstance(law, ThresholdLaw)
    time = np.arange(21.0) * QUARTER_WEEKS
    yes = law.side.read(time[:, np.newaxis, np.newaxis])[:, 0, 0]
    assert np.array_equal(yes, LIES[side](np.arange(21.0), quarters))
    between = path.treated[0].at_least((quarters + (side in {"at_most", "above"}) - 0.5) * 13.04)
    share = between if side in {"at_least", "above"} else 1.0 - between
    np.testing.assert_array_equal(law.mean, share)


def test_uncertain_moves_have_a_probability_in_every_draw() -> None:
    """Each draw has the probability of a chain with its own odds ratio; without it they agree."""
    ratios = np.ones((1, BLOCK_DRAWS))
    ratios[0, 1] = ODDS_RATIO
    _, path = _paths({"at_most": 0}, values={"outcomes.where.effects.0": ratios})
    without, treated = (
        _by_history(move, counted="end", cumulative=False, side="at_most", level=0.0)
        for move in (WITHOUT, WITH)
    )
    assert path.expected[0, :, 0].tolist() == pytest.approx(without)
    assert path.expected[0, :, 1].tolist() == pytest.approx(treated)
    assert path.counterfactual[0, :, 0].tolist() == pytest.approx(without)
