"""What is asked of a price corridor, checked before the first draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sibsim.case import Case
from sibsim.core.validation import shown
from sibsim.decisions.asking import Faults
from sibsim.decisions.conditions import Condition, condition, known
from sibsim.decisions.repricing import metric_names
from sibsim.decisions.terms import Term, reach, term_of
from sibsim.errors import ArgumentError, CaseError

PAYER = "mean municipality_net >= 0"
"""What the payer asks for where nobody says otherwise: that it loses nothing on average."""

Asked = str | Condition | Sequence[str | Condition]
"""One condition of a side, or several that must all hold."""

STEP = 2.0
"""Neighbours of the grid differ by this factor: what turns twice within it is not seen."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in order."""

    term: Term
    """The term."""

    investor: tuple[Condition, ...]
    """Conditions of the investor."""

    payer: tuple[Condition, ...]
    """Conditions of the payer."""

    grid: tuple[float, ...]
    """Values of the term at which both are looked at first, rising, the present one among them."""

    bounds_stated: bool
    """Whether the first and last of them were stated; else they are as wide as the case accepts."""


def asked(
    case: Case,
    term: str | Sequence[str],
    *,
    investor: Asked | None,
    payer: Asked,
    between: tuple[float, float] | None,
) -> Question:
    """Return what is asked, or refuse it with every fault.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    term, investor, payer, between
        As in `price_corridor`.

    Raises
    ------
    ArgumentError, UnknownNameError
        If an argument is out of range; if a metric alone is unknown, the latter.
    """
    names = metric_names(case)
    faults = Faults()
    sides = [
        faults.of(partial(_conditions, given, side=name, names=names))
        for name, given in (("investor", investor), ("payer", payer))
    ]
    moved = faults.of(partial(term_of, case, term))
    grid = faults.of(partial(_grid, case, moved, between=between)) if moved else None
    faults.refuse()
    assert moved and grid and sides[0] and sides[1]  # noqa: S101, PT018 - else there is a fault
    return Question(moved, sides[0], sides[1], grid, bounds_stated=between is not None)


def _conditions(given: object, *, side: str, names: Sequence[str]) -> tuple[Condition, ...]:
    each_given = [given] if isinstance(given, str | Condition) else given
    if not isinstance(each_given, Sequence) or not each_given:
        message = (
            f"{side}: got {'nothing' if given is None else shown(given)}; a hurdle is a side's own "
            f"and nobody can guess it; say what the {side} asks for, such as "
            f"{side} = 'median investor_irr >= 0.04', or several conditions that must all hold, as "
            "a list"
        )
        raise ArgumentError(message)
    found = tuple(condition(each) for each in each_given)
    for each in found:
        known(each.figure, metrics=names)
    return found


def _grid(case: Case, term: Term, *, between: tuple[float, float] | None) -> tuple[float, ...]:
    low, high = _bounds(case, term, between=between)
    grid = tuple(sorted({*_steps(low, term.value), *_steps(term.value, high)}))
    for value in grid:
        try:
            case.with_(term.changes(value))
        except CaseError as fault:
            message = (
                f"between: got {low:,.6g} to {high:,.6g}, but the case refuses {term} = "
                f"{value:,.6g}; narrow `between`\n  {fault}"
            )
            raise ArgumentError(message) from None
    return grid


def _steps(low: float, high: float) -> list[float]:
    """Return both ends and what lies between, in equal proportions of about a factor of two."""
    number = max(1, round(np.log(high / low) / np.log(STEP)))
    inner = (float(low * (high / low) ** (step / number)) for step in range(1, number))
    return [low, *inner, high]


def _bounds(case: Case, term: Term, *, between: tuple[float, float] | None) -> tuple[float, float]:
    if between is None:
        low, high = (term.value * reach(case, term, up=up) for up in (False, True))
        if low == high:
            message = (
                f"between: the case accepts neither half nor twice {term} = {term.value:,.6g}; "
                "give bounds with between = (lowest, highest)"
            )
            raise ArgumentError(message)
        return low, high
    if not _is_pair(between):
        message = (
            f"between: got {shown(between)}; it is the lowest and the highest value to look at, "
            "two numbers above zero"
        )
        raise ArgumentError(message)
    low, high = map(float, between)
    if not low < high:
        message = f"between: got {low:,.6g}, {high:,.6g}; the first must be below the second"
        raise ArgumentError(message)
    if not low <= term.value <= high:
        message = (
            f"between: got {low:,.6g} to {high:,.6g}, which leaves out what {term} is now, "
            f"{term.value:,.6g}; widen the bounds, so that today's contract can be placed"
        )
        raise ArgumentError(message)
    return low, high


def _is_pair(given: object) -> bool:
    """Return whether two finite numbers above zero are given."""
    if not isinstance(given, tuple | list) or len(given) != 2:  # noqa: PLR2004 - a pair
        return False
    return all(
        isinstance(each, int | float) and not isinstance(each, bool) and 0 < each < np.inf
        for each in given
    )
