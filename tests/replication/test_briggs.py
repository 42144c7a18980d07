"""The HIV cohort model of a textbook of decision modelling, as a multi-state outcome.

Briggs, Claxton and Sculpher (2006), Decision Modelling for Health Economic Evaluation, Oxford
University Press, example 2.5: zidovudine alone against zidovudine with lamivudine in the first two
years. The published outputs are those that the tests of the R package heemod
(https://github.com/aphp/heemod) hold its re-programming of the example to, with nine digits and
more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity
from sibsim.core.sampling import sample
from sibsim.core.spec import walk
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.outcomes.states import MultiState

YEARS = 20
"""Yearly cycles that are followed."""

ALIVE = ("c", "b", "a")
"""States alive, from the worst to the best."""

YEARLY_COST = {"a": 2756.0, "b": 3052.0, "c": 9007.0}
"""Direct medical and community care of a year in each state."""

ZIDOVUDINE, LAMIVUDINE = 2278.0, 2086.5
"""Yearly cost of each drug; lamivudine is given in the first two years only."""

LAMIVUDINE_YEARS = 2
"""Years with the second drug, and with its effect."""

DISCOUNT = 0.06
"""Rate at which costs are discounted; life years are not."""

COST_ALONE, COST_TOGETHER = 44_663.4535637, 50_601.6513312
"""Published discounted cost of a patient."""

LIFE_ALONE, LIFE_TOGETHER = 7.9912066, 8.9373889
"""Published life years of a patient."""

RATIO = 6_275.95560
"""Published cost of one more life year."""

EXACT = 1e-6
"""The published figures have eight digits at least; nothing is drawn, so nothing else differs."""

HIV: dict[str, Any] = {
    "model": "states",
    "among": "started",
    "follow_up_months": [12 * (year + 1) for year in range(YEARS)],
    "states": ["death", *ALIVE],
    "step": "year",
    "counts": ["a"],
    "counted": "end",
    "start_in": {"a": 1},
    "transitions": {
        "a": {"counts": {"a": 1251, "b": 350, "c": 116, "death": 17}},
        "b": {"counts": {"b": 731, "c": 512, "death": 15}},
        "c": {"counts": {"c": 1312, "death": 437}},
    },
    "effects": [
        {"from": "a", "to": ["b", "c", "death"], "scale": "risk_ratio", "value": 0.509},
        {"from": "b", "to": ["c", "death"], "scale": "risk_ratio", "value": 0.509},
        {"from": "c", "to": "death", "scale": "risk_ratio", "value": 0.509},
    ],
    "profile": {"until_months": 24},
}
"""Moves as they were counted, and the ratio on every worsening in the first two years."""


def _context(model: MultiState) -> Context:
    """Return the base case: every quantity at its base value, no chance."""
    quantities = dict(walk(model, Quantity, path="outcomes.hiv"))
    off = {name: Layer(name, on=False) for name in LayerName}
    values = sample(
        quantities, correlations=(), cohorts=1, layer=off[LayerName.PARAMETERS], method="random"
    )
    timeline = Timeline(start=date(2024, 1, 1), end=date(2043, 12, 31), period="quarter")
    chance, measurement = off[LayerName.CHANCE], off[LayerName.MEASUREMENT]
    return Context(timeline, values, chance, measurement, path="outcomes.hiv")


def _one_patient() -> Participation:
    one = np.ones((1, 1))
    return Participation(
        planned=np.ones(1),
        start=np.zeros((1, 1)),
        delay=np.zeros((1, 1)),
        referred=one,
        started=one,
        completed=one,
        completes=(one,),
    )


def _by_hand(share: dict[str, FloatArray], *, lamivudine: bool) -> tuple[float, float]:
    """Return the discounted cost and the life years, from the share in each state by year."""
    cost = life = 0.0
    for year in range(YEARS):
        alive = sum(float(share[state][year]) for state in ALIVE)
        drugs = ZIDOVUDINE + (LAMIVUDINE if lamivudine and year < LAMIVUDINE_YEARS else 0.0)
        care = sum(float(share[state][year]) * YEARLY_COST[state] for state in ALIVE)
        cost += (care + drugs * alive) / (1 + DISCOUNT) ** (year + 1)
        life += alive
    return cost, life


def _by_trace() -> list[dict[str, FloatArray]]:
    """Return the shares of the chains, with zidovudine alone and with both."""
    model = MultiState.model_validate(HIV)
    treated, untreated, clipped = model.chains(np.zeros((1, YEARS, 1)), context=_context(model))
    assert clipped.tolist() == [0]
    return [
        {state: chain.trace()[1:, model.names.index(state), 0] for state in ALIVE}
        for chain in (untreated[0], treated[0])
    ]


def _by_follow_up() -> list[dict[str, FloatArray]]:
    """Return the results at the end of every year, one outcome for each state."""
    alone, together = {}, {}
    for state in ALIVE:
        model = MultiState.model_validate(HIV | {"counts": [state]})
        path = model.realise(_one_patient(), context=_context(model))
        alone[state], together[state] = path.counterfactual[0, :, 0], path.achieved[0, :, 0]
    return [alone, together]


@pytest.mark.parametrize("shares", [_by_trace, _by_follow_up])
def test_the_published_costs_and_life_years(
    shares: Callable[[], list[dict[str, FloatArray]]],
) -> None:
    """Costs, life years and the cost of one more life year are the published ones."""
    alone, together = shares()
    cost_alone, life_alone = _by_hand(alone, lamivudine=False)
    cost_together, life_together = _by_hand(together, lamivudine=True)
    assert cost_alone == pytest.approx(COST_ALONE, rel=EXACT)
    assert cost_together == pytest.approx(COST_TOGETHER, rel=EXACT)
    assert life_alone == pytest.approx(LIFE_ALONE, rel=EXACT)
    assert life_together == pytest.approx(LIFE_TOGETHER, rel=EXACT)
    ratio = (cost_together - cost_alone) / (life_together - life_alone)
    assert ratio == pytest.approx(RATIO, rel=EXACT)


def test_one_effect_may_name_several_moves() -> None:
    """A single ratio on all worsening gives the same chains as one for each state that is left."""
    together = [
        {"from": ["a", "b", "c"], "to": ["b", "c", "death"], "scale": "risk_ratio", "value": 0.509}
    ]
    model = MultiState.model_validate(HIV | {"effects": together})
    (treated,), _, _ = model.chains(np.zeros((1, YEARS, 1)), context=_context(model))
    _, expected = _by_trace()
    for state in ALIVE:
        share = treated.trace()[1:, model.names.index(state), 0]
        np.testing.assert_allclose(share, expected[state], rtol=1e-14)


def test_a_hazard_ratio_is_another_model() -> None:
    """With a hazard ratio of 0.509 instead the cost is 50,518 and life is 8.896 years."""
    effects = [effect | {"scale": "hazard_ratio"} for effect in HIV["effects"]]
    model = MultiState.model_validate(HIV | {"effects": effects})
    (treated,), _, _ = model.chains(np.zeros((1, YEARS, 1)), context=_context(model))
    share = {state: treated.trace()[1:, model.names.index(state), 0] for state in ALIVE}
    cost, life = _by_hand(share, lamivudine=True)
    # Worked out once by a program of twenty lines from the same inputs; printed digits.
    assert cost == pytest.approx(50_518, abs=0.5)
    assert life == pytest.approx(8.896, abs=5e-4)
