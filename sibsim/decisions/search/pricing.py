"""What a contract comes to on the worlds of one run, with the effect and without any."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.stages import World
from sibsim.core.statistics import Estimate
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.decisions.diagnosing.courses import check_undone
from sibsim.decisions.repricing import priced
from sibsim.decisions.search.asked import Question
from sibsim.decisions.search.objectives import WITHOUT_EFFECT
from sibsim.decisions.worlds import joined
from sibsim.errors import ArgumentError
from sibsim.simulate import simulate
from sibsim.world import layers_of, setting, world_in


@dataclass(frozen=True, eq=False)
class Pricing:
    """The worlds on which every contract is priced, with the same luck."""

    question: Question
    """What is asked."""

    worlds: tuple[World, ...]
    """What happens, by block of draws."""

    without: tuple[World, ...]
    """What happens where nobody gets any effect; empty where nobody asks."""

    def of(self, case: Case) -> tuple[tuple[Estimate, ...], tuple[Estimate, ...]]:
        """Return what is weighed and what the conditions look at.

        Parameters
        ----------
        case
            A case that differs from the one that was run in its contract only.
        """
        question = self.question
        usual = [each.figure.metric for each in question.objectives if not each.without_effect]
        usual += [each.figure.metric for each in question.conditions]
        other = [each.figure.metric for each in question.objectives if each.without_effect]
        found = self._metrics(case, usual, worlds=self.worlds)
        found_without = self._metrics(case, other, worlds=self.without)
        return (
            tuple(
                each.of((found_without if each.without_effect else found)[each.figure.metric])
                for each in question.objectives
            ),
            tuple(each.figure.of(found[each.figure.metric]) for each in question.conditions),
        )

    def _metrics(
        self, case: Case, names: Sequence[str], *, worlds: Sequence[World]
    ) -> Mapping[str, FloatArray]:
        wanted = tuple(dict.fromkeys(names))
        if not wanted:
            return {}
        blocks = (priced(case, world, metrics=wanted) for world in worlds)
        return joined(blocks, draws=self.question.draws)


def pricing_of(case: Case, question: Question) -> Pricing:
    """Return the worlds of one run, as they are and, if asked for, without any effect.

    Parameters
    ----------
    case
        The case.
    question
        What is asked.

    Raises
    ------
    ArgumentError
        If payment without effect is weighed and no effort does not undo an effect.
    """
    run = simulate(case, draws=question.draws, rng=question.seed, keep="world", progress=False)
    without: tuple[World, ...] = ()
    if any(each.without_effect for each in question.objectives):
        blocks = range(math.ceil(question.draws / BLOCK_DRAWS))
        without = tuple(without_effect(case, seed=question.seed, block=block) for block in blocks)
    return Pricing(question, run.worlds or (), without)


def without_effect(case: Case, *, seed: int, block: int) -> World:
    """Return what happens on a block with the same luck where nobody gets any effect.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    seed
        Seed of the run.
    block
        Which block.

    Raises
    ------
    ArgumentError
        If no effort does not undo the effect on an outcome that is measured.
    """
    found = setting(case, layers_of(seed=seed, block=block)).with_effort(0.0)
    world = world_in(case, found)
    for name in {design.outcome: None for design in case.measures.values()}:
        try:
            check_undone(name, path=world.paths[name])
        except ArgumentError as fault:
            message = f"{fault}; or leave '{WITHOUT_EFFECT}' out of the objectives"
            raise ArgumentError(message) from None
    return world
