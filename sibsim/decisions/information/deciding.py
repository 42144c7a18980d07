"""Who decides on a case between what, and what the quantities of the case are in every draw.

*The investor* invests or stays out: the present value, at its rate, of all that investors put in
and get back less the costs that they bear themselves, against nothing. *The municipality*, or
whoever is the authority of the case, signs the contract, uses its own money for the same service,
or does nothing: the present value, at its rate, of all it gains, savings that no budget can take
out left out (`ways.flows`).

A quantity that every cohort draws for itself is known by its mean over cohorts. A drift is known by
its mean over the cohorts and follow-ups of the outcomes that it moves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.spec import nearest
from sibsim.core.stages import World
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.core.validation import listing_of, shown
from sibsim.decisions.ways.figures import Run, run_of
from sibsim.decisions.ways.flows import Flows, flows_of
from sibsim.decisions.worlds import Luck
from sibsim.errors import ArgumentError
from sibsim.world import Setting, setting, world_in

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "municipality": ("contract", "own_money", "nothing"),
    "investor": ("invest", "stay_out"),
}
"""Between what each party decides, by party."""

DRIFTS = "drifts"
"""What the paths of drifts begin with."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """What each option brings and what is uncertain, draw by draw."""

    options: Mapping[str, FloatArray]
    """Present value of each option for who decides, (D,) each."""

    values: Mapping[str, FloatArray]
    """Value of each uncertain quantity, or of a whole drift, by path, (D,) each."""


def check_deciding(case: Case, for_: object) -> str:
    """Return who decides.

    Raises
    ------
    ArgumentError
        If nobody of that name decides, the case has no discount rate, or nothing is uncertain.
    """
    if not isinstance(for_, str) or for_ not in OPTIONS:
        near = nearest(for_, OPTIONS) if isinstance(for_, str) else ""
        message = f"for_: got {shown(for_)}; who decides is one of {', '.join(OPTIONS)}{near}"
        raise ArgumentError(message)
    if case.valuation is None or getattr(case.valuation.discount, for_) is None:
        message = (
            f"{case.name} states no discount rate of the {for_}; what an option is worth is a "
            f"present value; state valuation.discount.{for_}"
        )
        raise ArgumentError(message)
    if not uncertain_paths(case):
        message = (
            f"got {case.name}, in which no quantity is uncertain; there is nothing to learn; give "
            "one as p10, p50 and p90"
        )
        raise ArgumentError(message)
    return for_


def uncertain_paths(case: Case) -> tuple[str, ...]:
    """Return the paths of the uncertain quantities of a case, then of its drifts."""
    uncertain = (path for path, each in case.quantities.items() if not each.is_fixed)
    return (*uncertain, *(f"{DRIFTS}.{name}" for name in _moving(case)))


def _moving(case: Case) -> dict[str, list[str]]:
    """Return the outcomes that each drift moves, drifts that move none left out."""
    found = {
        name: [each for each, outcome in case.outcomes.items() if outcome.drift == name]
        for name in case.drifts
    }
    return {name: outcomes for name, outcomes in found.items() if outcomes}


def drawn(case: Case, *, for_: str, draws: int, luck: Luck) -> Drawn:
    """Return what each option brings and what is uncertain, block by block.

    Parameters
    ----------
    case
        A case that is complete enough to be run, with a discount rate.
    for_
        Who decides, one of `OPTIONS`.
    draws
        Number of draws (D).
    luck
        Seeds of the layers.
    """
    parts: list[dict[str, FloatArray]] = []
    run = run_of(case, _blocks(case, draws=draws, luck=luck, parts=parts))
    values = {
        path: np.concatenate([np.broadcast_to(each[path], (BLOCK_DRAWS,)) for each in parts])
        for path in parts[0]
    }
    return Drawn(
        _options(run, for_=for_),
        {path: each[:draws] for path, each in values.items()},
    )


def _blocks(
    case: Case, *, draws: int, luck: Luck, parts: list[dict[str, FloatArray]]
) -> Iterator[tuple[Flows, int]]:
    """Yield the flows of each block, after adding to `parts` what its quantities are."""
    for block in range(math.ceil(draws / BLOCK_DRAWS)):
        found = setting(case, luck.layers(block))
        world = world_in(case, found)
        parts.append(_known(case, found, world))
        yield flows_of(case, world, grant=None), min(BLOCK_DRAWS, draws - block * BLOCK_DRAWS)


def _options(run: Run, *, for_: str) -> dict[str, FloatArray]:
    if for_ == "investor":
        return {"invest": run.investors, "stay_out": np.zeros_like(run.investors)}
    return {name: run.ways[name].present_value for name in OPTIONS[for_]}


def _known(case: Case, found: Setting, world: World) -> dict[str, FloatArray]:
    values = {
        path: world.values[path].mean(axis=0)
        for path, each in case.quantities.items()
        if not each.is_fixed
    }
    for name, outcomes in _moving(case).items():
        moved = [found.walks[name](world.paths[each].when).mean(axis=(0, 1)) for each in outcomes]
        values[f"{DRIFTS}.{name}"] = np.mean(moved, axis=0)
    return values


def read_groups(case: Case, groups: object) -> dict[str, tuple[str, ...]]:
    """Return the groups of quantities by name.

    Parameters
    ----------
    case
        The case.
    groups
        Paths of uncertain quantities, or `drifts.<name>`, by the name of the group; None: none.

    Raises
    ------
    ArgumentError
        If a group is empty or names what is unknown or fixed; all faults at once.
    """
    if groups is None:
        return {}
    if not isinstance(groups, Mapping):
        message = (
            f"groups: got {shown(groups)}; give the paths of each group by its name, such as "
            "{'the effect': ['outcomes.job.effect']}"
        )
        raise ArgumentError(message)
    faults: list[str] = []
    found: dict[str, tuple[str, ...]] = {}
    uncertain = uncertain_paths(case)
    for name, paths in groups.items():
        given = [paths] if isinstance(paths, str) else paths
        if not isinstance(given, list | tuple) or not given:
            got = "no path" if given in ([], ()) else shown(given)
            faults.append(f"groups.{name}: got {got}; give a list of paths, of {_some(uncertain)}")
            continue
        faults += [
            f"groups.{name}: {_fault(case, path, uncertain=uncertain)}"
            for path in given
            if path not in uncertain
        ]
        found[str(name)] = tuple(given)
    if faults:
        raise ArgumentError("\n  ".join(faults))
    return found


def _fault(case: Case, path: object, *, uncertain: tuple[str, ...]) -> str:
    if isinstance(path, str) and path in case.quantities:
        return (
            f"got {path}, which is a fixed number, so that nothing can be learned of it; give it "
            "as p10, p50 and p90, or leave it out"
        )
    if isinstance(path, str) and path in {f"{DRIFTS}.{name}" for name in case.drifts}:
        return f"got {path}, which moves no outcome; leave it out"
    near = nearest(path, uncertain) if isinstance(path, str) else ""
    return f"got {shown(path)}; it is the path of an uncertain quantity, {_some(uncertain)}{near}"


def _some(names: tuple[str, ...]) -> str:
    return listing_of(list(names))
