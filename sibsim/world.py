"""All the randomness: what happens in one block of draws, from quantities to reported results.

`realise` is the first of the two functions everything is made of; `accounts.settle` is the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from sibsim.case import Case
from sibsim.core.paths import OutcomePath
from sibsim.core.prices import NO_INDEX, index_factor
from sibsim.core.sampling import Method as Sampling
from sibsim.core.sampling import sample
from sibsim.core.stages import Context, World
from sibsim.core.streams import Layer, LayerName
from sibsim.delivery import costs as delivery_costs
from sibsim.delivery import participation as delivery_participation
from sibsim.delivery.segments import divided
from sibsim.outcomes.base import in_order
from sibsim.outcomes.drift import random_walk

NOTHING_INSTEAD: Mapping[str, float] = MappingProxyType({})
"""Every quantity has its own value."""


ALL_LAYERS = frozenset(LayerName)
"""Every layer plays."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The three layers of uncertainty on one block."""

    parameters: Layer
    """What is the true success rate, effect, cost?"""

    chance: Layer
    """Given the true rate, who succeeds?"""

    measurement: Layer
    """Given what happened, what does the evaluator report?"""


def layers_of(*, seed: int, block: int, on: frozenset[LayerName] = ALL_LAYERS) -> Layers:
    """Return the layers of a block; those not in `on` are off and give expectations."""
    parameters, chance, measurement = (
        Layer(name, seed=seed, block=block, on=name in on) for name in LayerName
    )
    return Layers(parameters, chance, measurement)


def realise(
    case: Case,
    layers: Layers,
    *,
    sampling: Sampling = "random",
    instead: Mapping[str, float] = NOTHING_INSTEAD,
) -> World:
    """Return everything that chance decides on one block: the first of the two functions.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    layers
        The layers of the block.
    sampling
        How the parameters are drawn.
    instead
        Values that quantities have instead, the same in every draw, by path.
    """
    target, delivery, problem = case.target_group, case.delivery, case.problem
    assert target is not None  # noqa: S101 - a case that runs has them, `_check_complete`
    assert delivery is not None  # noqa: S101
    assert problem is not None  # noqa: S101
    timeline = case.timeline
    values = sample(
        case.quantities,
        correlations=case.correlations,
        cohorts=len(delivery.cohorts),
        layer=layers.parameters,
        method=sampling,
    )
    values |= {path: np.full((1, 1), value) for path, value in instead.items()}
    context = Context(timeline, values, layers.chance, layers.measurement)
    who = delivery_participation.realise(
        delivery, size=target.size.base_value, context=context.at("delivery")
    )
    if target.segments:
        who = divided(
            who,
            segments=target.segments,
            selection=target.selection,
            context=context.at("target_group"),
        )
    walks = {
        name: random_walk(
            sd_per_year=drift.sd_per_year,
            since=timeline.months_at(drift.since),
            name=f"drifts.{name}",
            layer=layers.parameters,
            timeline=timeline,
        )
        for name, drift in case.drifts.items()
    }
    paths: dict[str, OutcomePath] = {}
    for name in in_order(case.outcomes):
        outcome = case.outcomes[name]
        here = replace(
            context.at("outcomes", name),
            drift=walks.get(outcome.drift) if outcome.drift else None,
            upstream={each: paths[each] for each in outcome.reads},
        )
        paths[name] = outcome.realise(who, context=here)
    measured = {
        name: design.measure(
            paths[design.outcome].shown, participation=who, context=context.at("measures", name)
        )
        for name, design in case.measures.items()
    }
    years = timeline.year_of_period
    names = {NO_INDEX, *case.indices}
    costs = delivery_costs.realise(
        case.costs,
        participation=who,
        programme_months=delivery.programme_months,
        factors={
            name: index_factor(
                name, indices=case.indices, years=years, price_year=case.head.price_year
            )
            for name in names
        },
        provider=problem.provider,
        context=context.at("costs"),
    )
    paths = {name: paths[name] for name in case.outcomes}
    return World(participation=who, paths=paths, measured=measured, costs=costs, values=values)
