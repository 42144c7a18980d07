"""Arguments that all these analyses share: checked before anything is drawn, all at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import get_args

from sibsim.case import Case
from sibsim.core.spec import nearest
from sibsim.core.streams import Rng
from sibsim.core.validation import shown
from sibsim.decisions.conditions import Figure, figure, known
from sibsim.decisions.repricing import metric_names
from sibsim.errors import ArgumentError, CaseError, UnknownNameError
from sibsim.simulate import check_arguments

DRAWS = 10_000
"""Draws of an analysis: Monte Carlo errors of probabilities below half a point."""

LEAST_DRAWS = 2
"""Draws without which a Monte Carlo error cannot be told."""


def check_all(*checks: Callable[[], object]) -> None:
    """Make every check; raise what one of them refuses, or all that several refuse in one.

    Raises
    ------
    ArgumentError, UnknownNameError, CaseError
        If one refuses; an ArgumentError if several do.
    """
    faults: list[ArgumentError | UnknownNameError | CaseError] = []
    for check in checks:
        try:
            check()
        except (ArgumentError, UnknownNameError, CaseError) as fault:
            faults.append(fault)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ArgumentError("\n  ".join(map(str, faults)))


def check_draws(draws: int, rng: object) -> None:
    """Refuse a number of draws, or a seed, that is out of range.

    Raises
    ------
    ArgumentError
        If one is; both at once.
    """
    if isinstance(rng, bool) or not isinstance(rng, get_args(Rng)):
        message = f"rng: got {shown(rng)}; it is a seed, a numpy generator or None"
        raise ArgumentError(message)
    check_arguments(draws=draws, rng=rng, sampling="random", keep="world")
    if draws < LEAST_DRAWS:
        message = f"draws: got {draws}; a Monte Carlo error takes at least {LEAST_DRAWS}"
        raise ArgumentError(message)


def asked_figure(case: Case, text: str | Figure) -> Figure:
    """Return the figure that is asked for.

    Raises
    ------
    ArgumentError, UnknownNameError
        If it is no figure, the mean of what has none, or of a metric that the case has not.
    """
    return known(figure(text), metrics=metric_names(case))


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
