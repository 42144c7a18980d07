"""Worlds of a case, and the same worlds where something else holds, with the same luck.

A variant is worked out only as far as the change reaches: another cost touches no person, another
effect of one outcome no other outcome. Every stream of chance has a name of its own, so that what
is not reached is the same to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.atoms import JointEmpirical
from sibsim.core.sampling import JOINT_ROWS
from sibsim.core.stages import World
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.decisions.repricing import priced
from sibsim.world import (
    NOTHING_INSTEAD,
    Layers,
    Setting,
    believed,
    costs_in,
    outcomes_in,
    reports_in,
    setting,
    world_in,
)


@dataclass(frozen=True, slots=True)
class Luck:
    """Seeds of the three layers, each of which may be drawn anew while the others stay."""

    parameters: int
    """Seed of the parameters."""

    chance: int
    """Seed of what happens to people."""

    measurement: int
    """Seed of what the evaluator reports."""

    anew: Mapping[str, int] = field(default_factory=dict)
    """Seeds of parameters that have one of their own, by the name of their stream."""

    @classmethod
    def of(cls, seed: int) -> Luck:
        """Return the luck of a run of this seed."""
        return cls(seed, seed, seed)

    def layers(self, block: int) -> Layers:
        """Return the layers of a block."""
        parameters = Layer(LayerName.PARAMETERS, seed=self.parameters, block=block, seeds=self.anew)
        chance = Layer(LayerName.CHANCE, seed=self.chance, block=block)
        return Layers(
            parameters, chance, Layer(LayerName.MEASUREMENT, seed=self.measurement, block=block)
        )


@dataclass(frozen=True, slots=True)
class Told:
    """One block of draws: who came and what happened."""

    setting: Setting
    """Who comes and what holds for them."""

    world: World
    """What chance decided."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a change of quantities goes, where it stops before who comes."""

    outcomes: frozenset[str]
    """Outcomes that may be otherwise."""

    measures: frozenset[str]
    """Measures that may be otherwise, those of these outcomes included."""

    costs: bool
    """Whether costs may be otherwise."""


@dataclass(frozen=True, eq=False)
class Worlds:
    """What happens in every draw of a run, kept so that a change can be told with the same luck."""

    case: Case
    """The case."""

    draws: int
    """Number of draws (D)."""

    luck: Luck
    """Seeds of the run."""

    told: Sequence[Told]
    """The blocks."""

    def metrics(self, names: Collection[str], *, case: Case | None = None) -> dict[str, FloatArray]:
        """Return metrics of these worlds, (D,) each.

        Parameters
        ----------
        names
            Names of the metrics.
        case
            A case that differs from the one that was run in its contract only; None: that one.
        """
        found = (priced(case or self.case, each.world, metrics=names) for each in self.told)
        return self._joined(found)

    def otherwise(
        self,
        names: Collection[str],
        *,
        touched: Collection[str],
        instead: Mapping[str, float | FloatArray] = NOTHING_INSTEAD,
        luck: Luck | None = None,
    ) -> dict[str, FloatArray]:
        """Return metrics of the same draws where some quantities are otherwise, (D,) each.

        Parameters
        ----------
        names
            Names of the metrics.
        touched
            Paths of the quantities, or `drifts.<name>`, that are otherwise.
        instead
            Values that quantities have in every draw, by path: numbers, or (C, 1).
        luck
            Seeds, which differ from those of the run in `touched` only; None: those of the run.
        """
        found = (
            priced(
                self.case,
                retold(
                    self.case,
                    told,
                    layers=(luck or self.luck).layers(block),
                    touched=touched,
                    instead=instead,
                ),
                metrics=names,
            )
            for block, told in enumerate(self.told)
        )
        return self._joined(found)

    def _joined(self, blocks: Iterator[dict[str, FloatArray]]) -> dict[str, FloatArray]:
        return joined(blocks, draws=self.draws)


def joined(blocks: Iterator[dict[str, FloatArray]], *, draws: int) -> dict[str, FloatArray]:
    """Return metrics of blocks side by side, the last block cut to the number of draws, (D,) each.

    Parameters
    ----------
    blocks
        Metrics of each block, (BLOCK_DRAWS,) each.
    draws
        Number of draws (D).
    """
    parts = list(blocks)
    return {name: np.concatenate([each[name] for each in parts])[:draws] for name in parts[0]}


def worlds_of(case: Case, *, draws: int, luck: Luck) -> Worlds:
    """Return what happens in every draw.

    Parameters
    ----------
    case
        The case.
    draws
        Number of draws (D).
    luck
        Seeds of the layers.

    Raises
    ------
    ArgumentError
        If the case is not complete enough to be run.
    """
    check_complete(case)
    blocks = range(math.ceil(draws / BLOCK_DRAWS))
    return Worlds(case, draws, luck, [_told(case, luck.layers(block)) for block in blocks])


def metrics_of_run(
    case: Case, names: Collection[str], *, draws: int, luck: Luck
) -> dict[str, FloatArray]:
    """Return metrics of a run whose worlds are forgotten block by block, (D,) each.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    names
        Names of the metrics.
    draws, luck
        As in `worlds_of`.
    """
    blocks = range(math.ceil(draws / BLOCK_DRAWS))
    found = (
        priced(case, world_in(case, setting(case, luck.layers(block))), metrics=names)
        for block in blocks
    )
    return joined(found, draws=draws)


def _told(case: Case, layers: Layers) -> Told:
    found = setting(case, layers)
    return Told(found, world_in(case, found))


def retold(
    case: Case,
    told: Told,
    *,
    layers: Layers,
    touched: Collection[str],
    instead: Mapping[str, float | FloatArray] = NOTHING_INSTEAD,
) -> World:
    """Return the world of a block where some quantities are otherwise.

    Parameters
    ----------
    case
        The case.
    told
        The block as it was.
    layers
        Its layers, with other seeds of the streams of `touched` or the same.
    touched
        Paths of the quantities, or `drifts.<name>`, that are otherwise.
    instead
        Values that quantities have in every draw, by path: numbers, or (C, 1).
    """
    reach = reach_of(case, touched)
    if reach is None:
        return world_in(case, setting(case, layers, instead=instead))
    context, walks = believed(case, layers, instead=instead)
    found = replace(told.setting, context=context, walks=walks)
    paths = {**told.world.paths, **outcomes_in(case, found, only=reach.outcomes)}
    measured = {**told.world.measured}
    measured |= reports_in(case, found, paths=paths, only=reach.measures)
    return replace(
        told.world,
        paths=paths,
        measured=measured,
        costs=costs_in(case, found) if reach.costs else told.world.costs,
        values=context.values,
        saved=None,
    )


def reach_of(case: Case, touched: Collection[str]) -> Reach | None:
    """Return how far a change of quantities goes; None where it changes who comes or anything else.

    Parameters
    ----------
    case
        The case.
    touched
        Paths of quantities, or `drifts.<name>`.
    """
    outcomes, measures, costs = set[str](), set[str](), False
    for path in touched:
        section, _, rest = path.partition(".")
        name = rest.partition(".")[0]
        if section == "costs":
            costs = True
        elif section == "outcomes":
            outcomes.add(name)
        elif section == "drifts":
            outcomes |= {each for each, outcome in case.outcomes.items() if outcome.drift == name}
        elif section == "measures":
            measures.add(name)
        elif section != "budget":
            return None
    outcomes = _with_readers(case, outcomes)
    measures |= {name for name, design in case.measures.items() if design.outcome in outcomes}
    return Reach(frozenset(outcomes), frozenset(measures), costs)


def _with_readers(case: Case, outcomes: set[str]) -> set[str]:
    """Return outcomes with all that read them, at any remove."""
    while True:
        more = {name for name, each in case.outcomes.items() if outcomes & set(each.reads)}
        if more <= outcomes:
            return outcomes
        outcomes |= more


def factors_of(case: Case) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return what is uncertain, independent of each other: streams of each factor, and its paths.

    Quantities that are correlated, or columns of one table, are one factor, called by all their
    paths; so is every drift.

    Parameters
    ----------
    case
        The case.
    """
    uncertain = {path: each for path, each in case.quantities.items() if not each.is_fixed}
    order = [*uncertain, *(f"drifts.{name}" for name in case.drifts)]
    streams = {path: path for path in order}
    for path, quantity in uncertain.items():
        of = quantity.distribution
        if isinstance(of, JointEmpirical):
            streams[path] = f"{JOINT_ROWS}/{of.rows}"
    tied = [set(each.between) for each in case.correlations]
    tied += [{path for path in order if streams[path] == each} for each in set(streams.values())]
    groups: list[set[str]] = []
    for path in order:
        group = {path}.union(*(tie for tie in tied if path in tie))
        apart = [each for each in groups if not each & group]
        groups = [*apart, group.union(*(each for each in groups if each & group))]
    found = {}
    for group in sorted(groups, key=lambda each: min(map(order.index, each))):
        paths = tuple(sorted(group, key=order.index))
        found[" + ".join(paths)] = (tuple(sorted({streams[path] for path in paths})), paths)
    return found
