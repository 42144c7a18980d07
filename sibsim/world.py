"""All the randomness: what happens in one block of draws, from quantities to reported results.

`realise` is the first of the two functions everything is made of; `accounts.settle` is the second.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from sibsim import conditioning
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.atoms import row_of
from sibsim.core.facts import Facts
from sibsim.core.paths import OutcomePath
from sibsim.core.postings import CostFlow
from sibsim.core.prices import NO_INDEX, index_factor
from sibsim.core.sampling import JOINT_ROWS, sample
from sibsim.core.sampling import Method as Sampling
from sibsim.core.stages import Context, Drift, Measurement, Participation, World
from sibsim.core.streams import Layer, LayerName
from sibsim.delivery import costs as delivery_costs
from sibsim.delivery import participation as delivery_participation
from sibsim.delivery.participation import NO_POOL
from sibsim.delivery.segments import divided
from sibsim.outcomes.base import OutcomeModel, in_order
from sibsim.outcomes.drift import random_walk

NOTHING_INSTEAD: Mapping[str, float | FloatArray] = MappingProxyType({})
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


@dataclass(frozen=True, slots=True)
class Setting:
    """Who comes and what holds for them, before anything is achieved."""

    context: Context
    """Time, values of the quantities and the layers of chance."""

    participation: Participation
    """Who comes and stays."""

    walks: Mapping[str, Drift]
    """How what would happen anyway moves, by drift."""

    def with_effort(self, factor: float) -> Setting:
        """Return the same setting, with the same luck, in which people get another effort.

        Effort multiplies an effect on its additive scale, so that an effort of zero undoes it.

        Parameters
        ----------
        factor
            What effort is multiplied by, at least 0; that of segments too.
        """
        groups = {
            name: group if group.effort is None else replace(group, effort=group.effort * factor)
            for name, group in self.participation.segments.items()
        }
        return replace(
            self,
            context=replace(self.context, effort=self.context.effort * factor),
            participation=replace(self.participation, segments=groups),
        )


def setting(
    case: Case,
    layers: Layers,
    *,
    sampling: Sampling = "random",
    instead: Mapping[str, float | FloatArray] = NOTHING_INSTEAD,
    facts: Facts | None = None,
    pool: Mapping[int, int] = NO_POOL,
) -> Setting:
    """Return who comes and what holds for them on one block.

    Parameters
    ----------
    case, layers, sampling, instead, facts
        As in `realise`.
    pool
        Number of people to simulate of some cohorts, by position, instead of those who start.
    """
    context, walks = believed(case, layers, sampling=sampling, instead=instead, facts=facts)
    target, delivery = case.target_group, case.delivery
    assert target is not None  # noqa: S101 - a case that runs has them, `check_complete`
    assert delivery is not None  # noqa: S101 - as above
    who = delivery_participation.realise(
        delivery, size=case.served_size, context=context.at("delivery"), facts=facts, pool=pool
    )
    if target.segments:
        who = divided(
            who,
            segments=target.segments,
            selection=target.selection,
            context=context.at("target_group"),
        )
    return Setting(context, who, walks)


def believed(
    case: Case,
    layers: Layers,
    *,
    sampling: Sampling = "random",
    instead: Mapping[str, float | FloatArray] = NOTHING_INSTEAD,
    facts: Facts | None = None,
) -> tuple[Context, dict[str, Drift]]:
    """Return the values of all quantities, with time and luck, and how each drift moves.

    Parameters
    ----------
    case, layers, sampling, instead, facts
        As in `realise`.
    """
    delivery, timeline = case.delivery, case.timeline
    assert delivery is not None  # noqa: S101 - a case that runs has one, `check_complete`
    values = sample(
        case.quantities,
        correlations=case.correlations,
        cohorts=len(delivery.cohorts),
        layer=layers.parameters,
        method=sampling,
    )
    values |= {path: np.atleast_2d(value) for path, value in instead.items()}
    rows, known = _known_rows(facts, layer=layers.parameters)
    values |= rows
    walks = {
        name: random_walk(
            sd_per_year=drift.sd_per_year,
            since=timeline.months_at(drift.since),
            name=f"drifts.{name}",
            layer=layers.parameters,
            timeline=timeline,
            known=known.get(name),
        )
        for name, drift in case.drifts.items()
    }
    return Context(timeline, values, layers.chance, layers.measurement), walks


def _known_rows(
    facts: Facts | None, *, layer: Layer
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return values and drifts by one joint row a draw; with the layer off by their medians."""
    if facts is None or not (facts.rows or facts.walks):
        return {}, {}
    tables = (facts.rows, facts.walks)
    if not layer.on:
        rows, walks = (
            {name: np.median(each, axis=1, keepdims=True) for name, each in table.items()}
            for table in tables
        )
        return rows, walks
    number = next(iter({**facts.rows, **facts.walks}.values())).shape[1]
    at = row_of(layer.uniforms(f"{JOINT_ROWS}/{facts.table}", rows=1)[0], number=number)
    rows, walks = ({name: each[:, at] for name, each in table.items()} for table in tables)
    return rows, walks


def outcomes_in(
    case: Case, found: Setting, *, only: Collection[str] | None = None
) -> dict[str, OutcomePath]:
    """Return what is achieved, by outcome, each after those that it reads.

    Parameters
    ----------
    case
        The case.
    found
        Who comes and what holds for them.
    only
        Names of the outcomes that are wanted; those that they read are found too. None: all.
    """
    paths: dict[str, OutcomePath] = {}
    for name in in_order(_with_read(case, only=case.outcomes if only is None else only)):
        outcome = case.outcomes[name]
        here = replace(
            found.context.at("outcomes", name),
            drift=found.walks.get(outcome.drift) if outcome.drift else None,
            upstream={each: paths[each] for each in outcome.reads},
        )
        paths[name] = outcome.realise(found.participation, context=here)
    return paths


def _with_read(case: Case, *, only: Collection[str]) -> dict[str, OutcomeModel]:
    """Return the outcomes of some names and all those that they read, in the case's order."""
    wanted, ahead = set(only), list(only)
    while ahead:
        more = set(case.outcomes[ahead.pop()].reads) - wanted
        wanted |= more
        ahead += more
    return {name: outcome for name, outcome in case.outcomes.items() if name in wanted}


def reports_in(
    case: Case,
    found: Setting,
    *,
    paths: Mapping[str, OutcomePath],
    only: Collection[str] | None = None,
) -> dict[str, Measurement]:
    """Return what is reported, by measure.

    Parameters
    ----------
    case, found
        As in `outcomes_in`.
    paths
        What is achieved, of the outcomes that are measured.
    only
        Names of the measures that are wanted; None: all.
    """
    return {
        name: design.measure(
            paths[design.outcome].shown,
            participation=found.participation,
            context=found.context.at("measures", name),
        )
        for name, design in case.measures.items()
        if only is None or name in only
    }


def costs_in(case: Case, found: Setting) -> tuple[CostFlow, ...]:
    """Return what delivery and evaluation cost, line by line.

    Parameters
    ----------
    case, found
        As in `outcomes_in`.
    """
    delivery, problem = case.delivery, case.problem
    assert delivery is not None  # noqa: S101 - a case that runs has them, `check_complete`
    assert problem is not None  # noqa: S101 - as above
    years = case.timeline.year_of_period
    return delivery_costs.realise(
        case.costs,
        participation=found.participation,
        programme_months=delivery.programme_months,
        factors={
            name: index_factor(
                name, indices=case.indices, years=years, price_year=case.head.price_year
            )
            for name in (NO_INDEX, *case.indices)
        },
        provider=problem.provider,
        context=found.context.at("costs"),
    )


def realise(
    case: Case,
    layers: Layers,
    *,
    sampling: Sampling = "random",
    instead: Mapping[str, float | FloatArray] = NOTHING_INSTEAD,
    facts: Facts | None = None,
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
        Values that quantities have instead, by path: a number, or (1 or C, 1 or D).
    facts
        What has really happened, which is frozen; None: nothing yet.
    """
    found = setting(case, layers, sampling=sampling, instead=instead, facts=facts)
    if facts is None:
        return world_in(case, found)
    more = setting(
        case,
        layers,
        sampling=sampling,
        instead=instead,
        facts=facts,
        pool=conditioning.pool_of(facts),
    )
    found, paths, measured, missed = _as_it_went(case, found, more=more, facts=facts)
    return World(
        participation=found.participation,
        paths={name: paths[name] for name in case.outcomes},
        measured=measured,
        costs=costs_in(case, found),
        values=found.context.values,
        paid=facts.paid,
        went_on=_last_start(found.participation, facts=facts),
        missed=missed,
    )


def world_in(case: Case, found: Setting) -> World:
    """Return everything that happens to those who come, where nothing has happened yet.

    Parameters
    ----------
    case, found
        As in `outcomes_in`.
    """
    paths = outcomes_in(case, found)
    return World(
        participation=found.participation,
        paths={name: paths[name] for name in case.outcomes},
        measured=reports_in(case, found, paths=paths),
        costs=costs_in(case, found),
        values=found.context.values,
    )


def _last_start(who: Participation, *, facts: Facts) -> FloatArray | None:
    """Return when the last cohort that has really started did, (1 or D,); None: none has."""
    begun = np.flatnonzero(np.nan_to_num(facts.started) > 0)
    return who.start[begun].max(axis=0) if len(begun) else None


def _as_it_went(
    case: Case, found: Setting, *, more: Setting, facts: Facts
) -> tuple[Setting, dict[str, OutcomePath], dict[str, Measurement], FloatArray]:
    """Return setting, outcomes and reports in which what has happened stands, and what is missed.

    Parameters
    ----------
    case
        The case.
    found
        Who came, in numbers.
    more
        The same, with more simulated people of cohorts that were seen.
    facts
        What has happened.
    """
    by_number = [name for name, outcome in case.outcomes.items() if not outcome.by_person]
    if not found.context.chance.on or not facts.seen:
        paths = outcomes_in(case, found)
        if not found.context.chance.on:
            paths = conditioning.expected_paths(case, paths, facts=facts)
        measured = reports_in(case, found, paths=paths)
        return found, paths, conditioning.as_reported(case, measured, facts=facts), np.zeros(1)
    simulated = outcomes_in(case, more)
    pool = conditioning.Pool(more.participation, simulated, reports_in(case, more, paths=simulated))
    chosen, missed = conditioning.choose(
        case, pool, facts=facts, words_of=found.context.chance.reader
    )
    who = conditioning.participation_of(found.participation, more.participation, chosen=chosen)
    found = replace(found, participation=who)
    paths = {
        name: conditioning.path_of(path, among=case.outcomes[name].among, who=who, chosen=chosen)
        for name, path in simulated.items()
    }
    if by_number:
        paths |= outcomes_in(case, found, only=by_number)
    measured = reports_in(case, found, paths=paths)
    measured = conditioning.as_reported(case, measured, facts=facts, pool=pool, chosen=chosen)
    return found, paths, measured, missed
