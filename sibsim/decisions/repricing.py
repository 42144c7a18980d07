"""Metrics of a contract on worlds that are given: what every search re-prices.

Only what is asked for is worked out: an investor's metric needs no budget, a budget's no rate of
return. `ceiling_room` is a metric here and not of a run, which it would cost time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from sibsim.accounts import settle
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.spec import nearest
from sibsim.core.stages import World
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.decisions.ceiling import ceiling_room
from sibsim.errors import UnknownNameError
from sibsim.metrics import metrics_of
from sibsim.results import Results
from sibsim.simulate import reprice

CEILING_ROOM = "ceiling_room"
"""Metric: change of the authority's room under the service ceiling in the calendar year in which
that is worst, below zero where room is taken; the figure `ceiling` of the contract in `compare`."""


def metric_names(of: Case | Results) -> tuple[str, ...]:
    """Return the names of all metrics that may be asked for.

    Parameters
    ----------
    of
        A case that is complete enough to be run, or a run.
    """
    run = of.base_case() if isinstance(of, Case) else of
    return (*run.metrics, CEILING_ROOM)


def priced(case: Case, world: World, *, metrics: Collection[str]) -> dict[str, FloatArray]:
    """Return metrics of one block of draws, (BLOCK_DRAWS,) each.

    Parameters
    ----------
    case
        The case.
    world
        What chance decided, of this case or of one that differs in its contract only.
    metrics
        Names of the metrics.

    Raises
    ------
    UnknownNameError
        If the case has no such metric.
    """
    accounts = settle(case, world)
    found = metrics_of(case, world, accounts, only=metrics)
    if CEILING_ROOM in metrics:
        found[CEILING_ROOM] = ceiling_room(case, accounts.postings)
    for name in metrics:
        if name not in found:
            known = (*metrics_of(case, world, accounts), CEILING_ROOM)
            message = f"there is no metric {name!r}{nearest(name, known)}"
            raise UnknownNameError(message)
    return {name: np.broadcast_to(found[name], (BLOCK_DRAWS,)) for name in metrics}


def repriced(run: Results, case: Case, *, metrics: Collection[str]) -> dict[str, FloatArray]:
    """Return metrics of another contract on the worlds of a run, (D,) each.

    Parameters
    ----------
    run
        A run that kept its worlds, or a base case.
    case
        A case that differs from the one that was run in its contract only.
    metrics
        Names of the metrics.

    Raises
    ------
    UnknownNameError, ArgumentError
        If the case has no such metric, or differs in more than its contract.
    """
    _refuse_other_worlds(run, case)
    parts = [priced(case, world, metrics=metrics) for world in run.worlds or ()]
    return {name: np.concatenate([each[name] for each in parts])[: run.draws] for name in metrics}


def _refuse_other_worlds(run: Results, case: Case) -> None:
    """Re-price no draw at all, which refuses what re-pricing all of them refuses."""
    reprice(replace(run, draws=0, worlds=None if run.worlds is None else ()), case)
