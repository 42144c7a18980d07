"""Budget lines with a refund of people whose stays in states are known, for hand calculations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np

from sibsim.budget.ledger import check_balance, party_net
from sibsim.budget.lines import BudgetLine
from sibsim.budget.savings import savings
from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity
from sibsim.core.paths import Occupancy, OutcomePath
from sibsim.core.postings import BudgetResult
from sibsim.core.prices import Index
from sibsim.core.spec import walk
from sibsim.core.stages import Context, Standing
from sibsim.core.streams import Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.outcomes.chain import Chain
from sibsim.outcomes.occupancy import TimeInStates
from sibsim.outcomes.states import MultiState

ORE = 0.005
"""Hand calculations agree to the øre."""

DAY = 12 / 365.25
"""Months in a day."""

QUARTERS = Timeline(date(2024, 1, 1), date(2027, 12, 31), "quarter")
MONTHS = Timeline(date(2025, 1, 1), date(2028, 12, 31), "month")
APRIL_2026 = 15
"""First month of `MONTHS` in which a shelter stay is refunded for 90 days a year, not 120."""

NAMES = ("shelter", "sick", "cash", "job")
STATES: dict[str, Any] = {
    "model": "states",
    "among": "started",
    "states": NAMES,
    "counts": ["job"],
    "counted": "start",
    "support": ["sick", "cash"],
    "self_support": ["job"],
    "start_in": dict.fromkeys(NAMES, 0.25),
    "transitions": {},
}
OFF = Layer(LayerName.CHANCE, on=False)

Stay = tuple[str, int]
"""A state, and for how many steps a person is in it."""


class ByDay(MultiState):
    """States in steps of a day, which a case cannot state."""

    @property
    def step_months(self) -> float:
        """Length of a step in months."""
        return DAY


def chain(stays: Sequence[Stay], *, steps: int) -> Chain:
    """Return the chain of a person who surely spends these stays, and is in a job afterwards."""
    states = [NAMES.index(name) for name, number in stays for _ in range(number)]
    states += [NAMES.index("job")] * (steps + 1 - len(states))
    start = np.zeros((len(NAMES), 1))
    start[states[0]] = 1.0
    moves = []
    for here, there in pairwise(states):
        matrix = np.eye(len(NAMES))[:, :, np.newaxis]
        matrix[here] = 0.0
        matrix[here, there] = 1.0
        moves.append(matrix)
    return Chain(start, tuple(moves))


def saved(
    line: dict[str, Any],
    *,
    otherwise: Sequence[Stay],
    instead: Sequence[Stay] = (),
    start: float | FloatArray = 0.0,
    step: str = "week",
    timeline: Timeline = MONTHS,
    values: Mapping[str, FloatArray] | None = None,
    price_year: int = 2022,
) -> BudgetResult:
    """Return what one person saves who spends the stays `instead` of those `otherwise`."""
    steps = max(sum(number for _, number in stays) for stays in (otherwise, instead))
    kind, name = (ByDay, "week") if step == "day" else (MultiState, step)
    models = (
        kind.model_validate({**STATES, "step": name, "follow_up_months": [months]})
        for months in (12, 24, 36)
    )
    model = next(each for each in models if each.steps >= steps)
    one = np.ones((1, 1))
    occupancy = TimeInStates(
        model=model,
        people=one,
        member=(one,),
        treated=(chain(instead, steps=model.steps),),
        untreated=(chain(otherwise, steps=model.steps),),
        history=(),
        numbers=(),
        chance=OFF,
        streams=("",),
    )
    return of_line(
        line,
        path=path_of(occupancy),
        start=start,
        timeline=timeline,
        values=values,
        price_year=price_year,
    )


def path_of(occupancy: Occupancy | None, *, additional: float = 0.0) -> OutcomePath:
    """Return what one person achieves, in time or as so many additional people in a year."""
    one = np.ones((1, 1))
    nothing = np.zeros((1, 1, 1))
    return OutcomePath(
        follow_up_months=(12,),
        when=nothing,
        people=one,
        member=(one,),
        value=(),
        achieved=nothing + additional,
        expected=nothing,
        counterfactual=nothing,
        treated=(),
        untreated=(),
        clipped=np.zeros(1),
        occupancy=occupancy,
    )


def of_line(
    line: dict[str, Any],
    *,
    path: OutcomePath,
    start: float | FloatArray = 0.0,
    timeline: Timeline = MONTHS,
    values: Mapping[str, FloatArray] | None = None,
    price_year: int = 2022,
) -> BudgetResult:
    """Return what a line of the municipality saves of what is achieved."""
    stated = {
        "follows": "where",
        "kind": "transfer",
        "party": "municipality",
        "counterparty": "citizens",
        "frame": "transfers",
        "index": "none",
        **line,
    }
    model = BudgetLine.model_validate(stated)
    stated_values = {
        found: np.full((1, 1), quantity.base_value)
        for found, quantity in walk(model, Quantity, path="budget.line")
    }
    drawn = {f"budget.line.{field}": each for field, each in (values or {}).items()}
    result = savings(
        {"line": model},
        paths={"where": path},
        participation_start=np.array(start, ndmin=2),
        standing=Standing(
            served=np.ones((len(path.people), 1), dtype=np.bool_),
            end=np.array([np.inf]),
            cause=np.zeros(1, dtype=np.int8),
        ),
        context=Context(timeline, {**stated_values, **drawn}, OFF, OFF),
        indices={"wages": Index.model_validate({"per_year": 0.1})},
        price_year=price_year,
    )
    assert check_balance(result.postings) == ()
    return result


def refunded(result: BudgetResult) -> FloatArray:
    """Return what the state no longer refunds in each period, (T, 1 or D)."""
    return party_net(result.postings, "state")


def total(result: BudgetResult, party: str) -> float:
    """Return what a party gains over the whole case."""
    return float(party_net(result.postings, party).sum())
