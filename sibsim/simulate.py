"""Run a case: `world.realise`, then `accounts.settle`, block by block.

A logical block is 4,096 draws. A work unit is any run of whole blocks; results are placed by the
index of the draw, so executor, order and number of workers change no bit, and a run of N draws is
the prefix of every longer run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

from sibsim.blocks import Part, account, assemble, check_complete
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts
from sibsim.core.progress import watched
from sibsim.core.sampling import NET_DRAWS
from sibsim.core.sampling import Method as Sampling
from sibsim.core.streams import BLOCK_DRAWS, Rng, fault_of, seed_from
from sibsim.errors import ArgumentError
from sibsim.results import Keep, Results
from sibsim.world import NOTHING_INSTEAD, layers_of, realise

MOST_DRAWS = 100_000_000
"""More draws than this is surely a slip of the hand: it would run for hours."""

UNITS = 16
"""Work units that an executor is given: enough that a few workers end together."""

NET_METHODS = ("lhs", "sobol")
"""Ways of drawing whose draws come in nets."""


def base_case(
    case: Case,
    *,
    instead: Mapping[str, float | FloatArray] = NOTHING_INSTEAD,
    facts: Facts | None = None,
) -> Results:
    """Return the deterministic twin: base values, expectations, one draw.

    Parameters
    ----------
    case
        The case.
    instead
        Values that quantities have instead of their base values, by path: numbers, or (C, 1).
    facts
        What has really happened; None: nothing yet. What was reported stands; what the same people
        do later is what is expected of anybody.

    Raises
    ------
    ArgumentError
        If the case is not complete enough to be run.
    """
    check_complete(case)
    layers = layers_of(seed=0, block=0, on=frozenset())
    world = realise(case, layers, instead=instead, facts=facts)
    found = account(case, world, draws=1, keep="world")
    return assemble(case, [found], draws=1, seed=None, sampling="random", keep="world", facts=facts)


def simulate(
    case: Case,
    *,
    draws: int = 10_000,
    rng: Rng = None,
    sampling: Sampling = "random",
    executor: Executor | None = None,
    keep: Keep = "flows",
    progress: bool | None = None,
    blocks_per_unit: int | None = None,
    facts: Facts | None = None,
) -> Results:
    """Simulate a case.

    Parameters
    ----------
    case
        The case.
    draws
        Number of draws, at least 1; a run of N is the first N of every longer run.
    rng
        Seed, a generator to take one from, or None for a fresh one; recorded with the results.
    sampling
        How the parameters are drawn: `random`, `lhs` (Latin hypercube) or `sobol`; the last two
        in independently randomised nets of 512 draws, so `draws` must be a multiple of 512.
    executor
        Any `concurrent.futures.Executor`; None runs in this process.
    keep
        `metrics`, `flows` (the ledger too) or `world` (what chance decided too, for `reprice`).
    progress
        Whether to show progress; None: when the run is long and a person is looking.
    blocks_per_unit
        Blocks of one work unit; changes no number.
    facts
        What has really happened, which stands in every draw; None: nothing yet.

    Raises
    ------
    ArgumentError
        If an argument is out of range or the case is not complete enough to be run.
    """
    check_arguments(draws=draws, rng=rng, sampling=sampling, keep=keep)
    check_complete(case)
    seed = seed_from(rng)
    blocks = math.ceil(draws / BLOCK_DRAWS)
    size = blocks_per_unit or (max(1, blocks // UNITS) if executor else 1)
    units = [
        _Unit(case, seed, sampling, keep, draws, range(first, min(first + size, blocks)), facts)
        for first in range(0, blocks, size)
    ]
    found = executor.map(_run_unit, units) if executor else map(_run_unit, units)
    seen = watched(found, total=len(units), what="simulating", show=progress)
    return assemble(
        case,
        (part for unit in seen for part in unit),
        draws=draws,
        seed=seed,
        sampling=sampling,
        keep=keep,
        facts=facts,
    )


def reprice(results: Results, case: Case) -> Results:
    """Settle another contract on the worlds of a run: same luck, new terms.

    Parameters
    ----------
    results
        A run with `keep="world"`, or a base case.
    case
        A case that differs from the one that was run only in payments, contract, capital,
        valuation, sources and title.

    Raises
    ------
    ArgumentError
        If the worlds were not kept, or the new case would have had other worlds.
    """
    if results.worlds is None:
        message = "this run did not keep its worlds; run it with keep='world' to re-price it"
        raise ArgumentError(message)
    for name in sorted(WORLD_SECTIONS):
        if results.case.read.get(name) != case.read.get(name):
            message = (
                f"the new case differs in [{name}], which changes what happens and not only what "
                "is paid; simulate it with the same rng to compare with the same luck"
            )
            raise ArgumentError(message)
    check_complete(case)
    parts = (
        account(case, world, draws=min(BLOCK_DRAWS, results.draws - first), keep="world")
        for first, world in zip(range(0, results.draws, BLOCK_DRAWS), results.worlds, strict=True)
    )
    return assemble(
        case,
        parts,
        draws=results.draws,
        seed=results.seed,
        sampling=results.sampling,
        keep="world",
        facts=results.facts,
    )


WORLD_SECTIONS = frozenset(
    (
        "price_year",
        "start",
        "end",
        "period",
        "problem",
        "target_group",
        "delivery",
        "costs",
        "outcomes",
        "drifts",
        "measures",
        "budget",
        "indices",
        "correlations",
    )
)
"""Parts of a case file that decide its worlds; the others only say what is paid and to whom."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """A run of whole blocks, everything a worker needs."""

    case: Case
    seed: int
    sampling: Sampling
    keep: Keep
    draws: int
    blocks: range
    facts: Facts | None


def _run_unit(unit: _Unit) -> list[Part]:
    return [_run_block(unit, block) for block in unit.blocks]


def _run_block(unit: _Unit, block: int) -> Part:
    """Return what one block finds; its world, unless it is kept, is gone before the next begins."""
    layers = layers_of(seed=unit.seed, block=block)
    world = realise(unit.case, layers, sampling=unit.sampling, facts=unit.facts)
    draws = min(BLOCK_DRAWS, unit.draws - block * BLOCK_DRAWS)
    return account(unit.case, world, draws=draws, keep=unit.keep)


def check_arguments(*, draws: int, rng: object, sampling: str, keep: str) -> None:
    """Refuse arguments of a run that are out of range; all of them at once.

    Parameters
    ----------
    draws, rng, sampling, keep
        As in `simulate`.

    Raises
    ------
    ArgumentError
        If one of them is out of range.
    """
    faults = []
    if type(draws) is not int or not 1 <= draws <= MOST_DRAWS:
        faults.append(f"draws: got {draws!r}; it is a whole number from 1 to {MOST_DRAWS:,}")
    fault = fault_of(rng)
    if fault is not None:
        faults.append(fault)
    if sampling in NET_METHODS and draws % NET_DRAWS:
        faults.append(
            f"draws: got {draws}; with sampling = {sampling!r} they come in nets of {NET_DRAWS}; "
            f"take {-(-draws // NET_DRAWS) * NET_DRAWS}"
        )
    for name, value, known in (
        ("sampling", sampling, ("random", "lhs", "sobol")),
        ("keep", keep, ("metrics", "flows", "world")),
    ):
        if value not in known:
            faults.append(f"{name}: got {value!r}; it is one of {', '.join(known)}")
    if faults:
        raise ArgumentError("\n  ".join(faults))
