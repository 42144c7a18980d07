"""The world and the money behind a draw: kept, or realised again from the seed."""

from __future__ import annotations

from collections.abc import Iterator

from sibsim.accounts import Accounts, settle
from sibsim.core.stages import World
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.errors import ArgumentError
from sibsim.results import Results
from sibsim.world import layers_of, realise


def world_of(results: Results, *, block: int) -> World:
    """Return the world of one logical block of a run; of a base case or settlement block 0.

    Parameters
    ----------
    results
        The run, base case or settlement.
    block
        Index of the logical block.

    Raises
    ------
    ArgumentError
        If it was settled on reports that were not saved.
    """
    if results.worlds is not None:
        return results.worlds[block]
    if results.seed is not None:
        layers = layers_of(seed=results.seed, block=block)
        return realise(results.case, layers, sampling=results.sampling, facts=results.facts)
    if results.is_base_case:
        off = layers_of(seed=0, block=0, on=frozenset())
        return realise(results.case, off, facts=results.facts)
    message = "the reports of a settled contract are not saved; settle it again to explain it"
    raise ArgumentError(message)


def blocks_of(results: Results) -> Iterator[tuple[World, Accounts, int]]:
    """Yield the world and the money of every block of a run, and how many of its draws count.

    Parameters
    ----------
    results
        The run, base case or settlement.
    """
    for first in range(0, results.draws, BLOCK_DRAWS):
        world = world_of(results, block=first // BLOCK_DRAWS)
        yield world, settle(results.case, world), min(BLOCK_DRAWS, results.draws - first)
