"""Arguments of a question about a case: checked before anything is drawn, said all at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeGuard, TypeVar

from sibsim.case import Case
from sibsim.decisions.conditions import Figure, figure, known
from sibsim.decisions.repricing import metric_names
from sibsim.errors import ArgumentError, SibsimError
from sibsim.simulate import check_arguments

LEAST_DRAWS = 2
"""Draws without which a Monte Carlo error cannot be told."""

NO_ERROR = "every figure stands with its Monte Carlo error, which fewer cannot tell"
"""Why a single draw is refused."""

LARGEST = sys.float_info.max
"""The largest number that a float can hold."""

Found = TypeVar("Found")
"""What a check returns."""


class Faults:
    """What is wrong with the arguments of one question, gathered to be said at once."""

    def __init__(self) -> None:
        """Gather nothing yet."""
        self._found: list[SibsimError] = []

    def of(self, check: Callable[[], Found]) -> Found | None:
        """Return what a check finds; None where it refuses, which is gathered."""
        try:
            return check()
        except SibsimError as fault:
            self._found.append(fault)
            return None

    def add(self, fault: SibsimError) -> None:
        """Gather a fault."""
        self._found.append(fault)

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self._found)

    def refuse(self) -> None:
        """Refuse the question if anything is wrong with it.

        Raises
        ------
        SibsimError
            The one fault as it is; an ArgumentError of all where there are several.
        """
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise ArgumentError("\n  ".join(map(str, self._found)))


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a finite number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -LARGEST <= value <= LARGEST


def check_all(*checks: Callable[[], object]) -> None:
    """Make every check; raise what one of them refuses, or all that several refuse in one.

    Parameters
    ----------
    checks
        Functions that raise where something is wrong.

    Raises
    ------
    SibsimError
        If one refuses; an ArgumentError if several do.
    """
    faults = Faults()
    for check in checks:
        faults.of(check)
    faults.refuse()


def check_draws(
    draws: int, rng: object, *, least: int = LEAST_DRAWS, reason: str = NO_ERROR
) -> None:
    """Refuse a number of draws, or a seed, that is out of range.

    Parameters
    ----------
    draws, rng
        As in `simulate`.
    least
        Fewest draws that will do.
    reason
        Why.

    Raises
    ------
    ArgumentError
        If one is out of range; both at once.
    """
    check_arguments(draws=draws, rng=rng, sampling="random", keep="world")
    if draws < least:
        message = f"draws: got {draws}; {reason}; take at least {least:,}"
        raise ArgumentError(message)


def asked_figure(case: Case, text: str | Figure) -> Figure:
    """Return the figure that is asked for.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    text
        The figure, as in `figure`.

    Raises
    ------
    ArgumentError, UnknownNameError
        If it is no figure, the mean of what has none, or of a metric that the case has not.
    """
    return known(figure(text), metrics=metric_names(case))
