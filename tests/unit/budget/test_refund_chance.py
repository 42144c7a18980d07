"""Refunds by days and thresholds of simulated people: means, draws, dates, segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.budget import refund_rules
from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.rules import Rule, rule
from sibsim.core.spec import walk
from sibsim.core.stages import Context, Group, Participation
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import Timeline
from tests.people_in_states import people, states
from tests.refunds import ORE, of_line, refunded

ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""

CASE = Timeline(date(2025, 1, 1), date(2028, 12, 31), "quarter")
APRIL_2026 = 5
"""First quarter of `CASE` with 90 days, not 120."""

START = np.array([[2.0], [8.5]])
"""Mid-September 2025 is in the middle of a step: one step lies on both sides of 1 April."""

DAYS: dict[str, Any] = {
    "states": ["benefit"],
    "amount": 1_000,
    "per": "day",
    "refund": {"days": "dk-shelter-refund", "running_counts": "new_limit", "days_before": 20},
}
PLACES: dict[str, Any] = {
    "states": ["sick", "benefit"],
    "amount": 150_000,
    "per": "month",
    "refund": {"thresholds": "dk-expensive-cases"},
}
BOTH = pytest.mark.parametrize("line", [DAYS, PLACES], ids=["days", "thresholds"])


def realised(
    *,
    seed: int | None = None,
    who: Participation | None = None,
    values: Mapping[str, FloatArray] | None = None,
    **changes: object,
) -> OutcomePath:
    """Return who is where of two cohorts, with chance on where a seed is given."""
    model = states(follow_up_months=[12], horizon_months=36, **changes)
    base = {
        f"outcomes.where.{path}": np.full((1, 1), quantity.base_value)
        for path, quantity in walk(model, Quantity)
    }
    context = Context(
        timeline=CASE,
        values=base | dict(values or {}),
        chance=Layer(LayerName.CHANCE, seed or 0, on=seed is not None),
        measurement=Layer(LayerName.MEASUREMENT, on=False),
        path="outcomes.where",
    )
    return model.realise(who or people(), context=context)


def state_of(
    line: dict[str, Any],
    path: OutcomePath,
    start: FloatArray = START,
    values: Mapping[str, FloatArray] | None = None,
) -> FloatArray:
    """Return what the state no longer refunds in each period, (T, 1 or D)."""
    return refunded(of_line(line, path=path, start=start, timeline=CASE, values=values))


@BOTH
@pytest.mark.parametrize("counted", ["start", "end"])
def test_the_mean_over_people_is_the_base_case(
    line: dict[str, Any], counted: str, seed: int
) -> None:
    """Each period's refund is right on average over 32 people in each of all draws."""
    base = state_of(line, realised(counted=counted))
    drawn = state_of(line, realised(counted=counted, seed=seed))
    assert base.shape[-1] == 1
    error = drawn.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
    assert np.all(np.abs(drawn.mean(axis=-1) - base[:, 0]) <= ERRORS * error + ORE)
    assert np.abs(base).sum() > 1_000
    assert error.sum() > 1


@BOTH
def test_without_an_effect_nothing_is_refunded_less(line: dict[str, Any], seed: int) -> None:
    """In expectation exactly, and with chance on average."""
    np.testing.assert_allclose(state_of(line, realised(effects=[])), 0.0, atol=1e-6)
    drawn = state_of(line, realised(effects=[], seed=seed))
    error = drawn.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
    assert np.all(np.abs(drawn.mean(axis=-1)) <= ERRORS * error + ORE)


@pytest.mark.parametrize("counts", ["new_limit", "old_limit"])
def test_a_change_of_the_limit_alters_the_flows_after_its_date_only(
    counts: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Beside a case whose limit stays at 120 days: the same to the last bit until 1 April 2026."""
    line = {**DAYS, "refund": {**DAYS["refund"], "running_counts": counts}}
    path = realised(seed=seed)
    changed = state_of(line, path)

    def never(name: str, *, on: date | str) -> Rule:
        found = rule(name.replace("never", "dk-shelter-refund"), on=on)
        return replace(found, value=120.0) if name.endswith(".days") else found

    monkeypatch.setattr(refund_rules, "rule", never)
    unchanged = state_of({**line, "refund": {**line["refund"], "days": "never"}}, path)
    np.testing.assert_array_equal(changed[:APRIL_2026], unchanged[:APRIL_2026])
    assert np.abs(changed[:APRIL_2026]).max() > 1_000
    later = np.abs(changed - unchanged)[APRIL_2026:].max(axis=-1)
    assert np.all(later[1:-1] > 1_000)
    # Of the first quarter a year that began in it loses at most what lies beyond 90 days.
    beyond = 500 * (3 * 365.25 / 12 - 90) * (20 + 12)
    assert (later[0] > beyond) == (counts == "new_limit")


def test_the_switch_matters_for_a_year_only(seed: int) -> None:
    """From April 2027 on every running year has begun under the new limit."""
    path = realised(seed=seed)
    new = state_of(DAYS, path)
    old = state_of({**DAYS, "refund": {**DAYS["refund"], "running_counts": "old_limit"}}, path)
    differs = np.abs(new - old).max(axis=-1) > ORE
    assert list(np.flatnonzero(differs)) == [5, 6, 7, 8]


@BOTH
@pytest.mark.parametrize("seed_of", [None, 1])
def test_draws_that_start_on_other_dates_are_what_they_would_be_alone(
    line: dict[str, Any], seed_of: int | None
) -> None:
    """Three delays, of which one moves a cohort over 1 April and over new year."""
    path = realised(seed=seed_of)
    delays = np.array([0.0, 2.0, 5.0])
    start = START + delays[np.arange(BLOCK_DRAWS) % 3]
    together = state_of(line, path, start)
    for position, months in enumerate(delays):
        alone = state_of(line, path, START + months)
        alone = np.broadcast_to(alone, together.shape)
        np.testing.assert_array_equal(together[:, position::3], alone[:, position::3])


def test_delays_and_amounts_that_vary_go_together(seed: int) -> None:
    """A threshold is passed by the amount of the draw, whatever draws start on the same date."""
    path = realised(seed=seed)
    draws = np.arange(BLOCK_DRAWS)
    amount = np.where(draws % 2, 150_000.0, 250_000.0)[np.newaxis]
    start = START + np.array([0.0, 2.0, 5.0])[draws % 3]
    together = state_of(PLACES, path, start, {"amount": amount})
    for draw in (0, 1, 2, 3, 4, 5, 4091):
        alone = state_of(PLACES, path, start[:, [draw]], {"amount": amount[:, [draw]]})
        np.testing.assert_allclose(together[:, draw], alone[:, draw], rtol=1e-12, atol=1e-6)


@BOTH
def test_probabilities_that_vary_by_draw_have_their_own_expectation(
    line: dict[str, Any],
) -> None:
    """Without chance each draw is the base case of its own probability."""
    field = "outcomes.where.transitions.benefit.job"
    varying = np.linspace(0.02, 0.2, BLOCK_DRAWS)[np.newaxis]
    together = state_of(line, realised(values={field: varying}))
    assert together.shape[-1] == BLOCK_DRAWS
    for draw in (0, 1000, BLOCK_DRAWS - 1):
        alone = state_of(line, realised(values={field: varying[:, [draw]]}))
        np.testing.assert_allclose(together[:, draw], alone[:, 0], rtol=1e-9, atol=1e-6)


@BOTH
def test_segments_add_up(line: dict[str, Any]) -> None:
    """A segment without effort saves nothing; the seven in ten others save seven tenths."""
    who = people()

    def group(share: float, effort: float) -> Group:
        number = who.started * share
        return Group(
            within=tuple(np.full((int(n), 1), share) for n in who.planned),
            people={"referred": number, "started": number, "completed": number},
            share=np.array([share]),
            effort=np.array([[effort]]),
        )

    divided = replace(who, segments={"old": group(0.3, 0.0), "young": group(0.7, 1.0)})
    whole, parts = state_of(line, realised()), state_of(line, realised(who=divided))
    np.testing.assert_allclose(parts, 0.7 * whole, atol=ORE)
    assert np.abs(whole).max() > 1_000
