"""Metrics of a contract on worlds that are given: what every search re-prices."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from sibsim.accounts import settle
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.spec import nearest
from sibsim.core.stages import World
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.errors import UnknownNameError
from sibsim.metrics import metrics_of
from sibsim.results import Results
from sibsim.simulate import reprice


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
    found = metrics_of(case, world, settle(case, world))
    return {name: np.broadcast_to(_one(found, name), (BLOCK_DRAWS,)) for name in metrics}


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
    found = reprice(run, case)
    return {name: found.metric(name) for name in metrics}


def _one(found: dict[str, FloatArray], name: str) -> FloatArray:
    if name not in found:
        message = f"there is no metric {name!r}{nearest(name, found)}"
        raise UnknownNameError(message)
    return found[name]
