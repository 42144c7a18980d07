"""Arguments that all these analyses share: checked before anything is drawn, all at once."""

from __future__ import annotations

from collections.abc import Collection

from sibsim.case import Case
from sibsim.core.spec import nearest
from sibsim.core.validation import shown
from sibsim.decisions.repricing import metric_names
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.figures import NEVER, is_probability

DRAWS = 10_000
"""Draws of an analysis: Monte Carlo errors of probabilities below half a point."""


def check_metrics(case: Case, names: Collection[str] | None) -> None:
    """Refuse metrics that the case has not; None asks for none in particular.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there are none, one is named twice, or the case has not got one, with the nearest.
    """
    if names is None:
        return
    if isinstance(names, str) or not names or len(set(names)) < len(list(names)):
        message = f"metrics: got {shown(names)}; it is a list of names, each once, not empty"
        raise ArgumentError(message)
    has = metric_names(case)
    for name in names:
        if name not in has:
            message = f"metrics: there is no metric {name!r}{nearest(str(name), has)}"
            raise UnknownNameError(message)


def check_for(case: Case, metric: str) -> None:
    """Refuse a metric that has no worse end in the base case.

    Parameters
    ----------
    case
        The case.
    metric
        Name of the metric.

    Raises
    ------
    ArgumentError, UnknownNameError
        If the case has not got it, or it is an indicator or a date.
    """
    known = metric_names(case)
    if metric not in known:
        message = f"for_: there is no metric {metric!r}{nearest(str(metric), known)}"
        raise UnknownNameError(message)
    if is_probability(metric) or metric.endswith(NEVER):
        message = (
            f"for_: got {metric!r}, which jumps in the base case; name a metric that moves with "
            "every quantity, such as 'municipality_net'"
        )
        raise ArgumentError(message)
