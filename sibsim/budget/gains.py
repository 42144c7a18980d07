"""One gain counts once: of the routes to the same gain only the larger counts in a draw.

A benefit can be saved because a person has a job, and because the person is declared fit for work.
The lines of one `gain` that follow the same outcome are together one route to it; two routes added
would count it twice. A route has several lines where they follow different states of the outcome,
each with an amount of its own: what is lost in one state belongs to what is saved in another. In
each draw the route counts whose realisable saving, summed over its lines, all periods and beyond
the horizon, is largest; of equal ones the first. The lines of the others save nothing in that draw,
so refunds follow the route that counts. A loss is compared as it is: of a loss and nothing, nothing
counts.

This is the rule that WSIPP calls trumping (Washington State Institute for Public Policy,
*Benefit-Cost Technical Documentation*, 2019,
https://www.wsipp.wa.gov/TechnicalDocumentation/WsippBenefitCostTechnicalDocumentation.pdf).

Assumption: routes to one gain overlap in full; what one of them reaches, the other reaches too.
The mean over draws of the larger is at least the larger of the means, so where the routes are close
to each other the choice itself raises the mean. A case in which that matters states the better
route alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, combinations
from math import isclose

import numpy as np

from sibsim.budget.lines import PER_MONTH, BudgetLine
from sibsim.budget.postings import Saving
from sibsim.core.arrays import BoolArray, added, summed
from sibsim.core.spec import nearest
from sibsim.errors import Fault

_AGREE = ("party", "counterparty", "kind")
"""What lines of one gain have in common: it is one saving of one party from one source."""

_EQUAL = 1e-9
"""Savings that differ by this share of the largest are equal; sums of money round to 1e-12."""


def lines_that_count(
    savings: Mapping[str, Saving], *, lines: Mapping[str, BudgetLine]
) -> dict[str, BoolArray]:
    """Return in which draws each line is of the route of its gain that counts.

    Parameters
    ----------
    savings
        What each line with a gain saves by itself.
    lines
        All lines by name, in their order.

    Returns
    -------
    counts
        By line with a gain, (1 or D,): of the routes to one gain exactly one in every draw.
    """
    counts: dict[str, BoolArray] = {}
    for routes in _routes(lines).values():
        worth = (added(summed(savings[name].released) for name in route) for route in routes)
        totals = np.stack(np.broadcast_arrays(*worth))
        margin = _EQUAL * np.abs(totals).max(axis=0)
        first = np.argmax(totals >= totals.max(axis=0) - margin, axis=0)
        counts |= {name: first == i for i, route in enumerate(routes) for name in route}
    return counts


def _routes(lines: Mapping[str, BudgetLine]) -> dict[str, list[list[str]]]:
    """Return the routes to each gain, the names of their lines each, in the order of the lines."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, line in lines.items():
        if line.gain is not None:
            found.setdefault(line.gain, {}).setdefault(line.follows, []).append(name)
    return {gain: list(by_outcome.values()) for gain, by_outcome in found.items()}


def check_gains(lines: Mapping[str, BudgetLine], *, all_read: bool) -> list[Fault]:
    """Return a fault for each gain with one route, and for lines that do not go together.

    Lines of one gain agree in party, counterparty and kind; lines of one route have states of their
    own.

    Parameters
    ----------
    lines
        The lines by name.
    all_read
        Whether these are all lines of the case; if not, another may name the gain too.
    """
    by_gain = _routes(lines)
    faults: list[Fault] = []
    for routes in by_gain.values():
        if len(routes) == 1 and all_read:
            faults.append(_only_route(routes[0], lines=lines, gains=by_gain.keys()))
        faults += _disagreements(list(chain.from_iterable(routes)), lines=lines)
        for route in routes:
            for pair in _alike({name: lines[name] for name in route}):
                faults += _counted_twice(*pair, lines=lines)
    return faults


def _only_route(
    names: Sequence[str], *, lines: Mapping[str, BudgetLine], gains: Collection[str]
) -> Fault:
    """Return what is wrong with a gain to which there is one route."""
    first, *others = names
    gain = lines[first].gain
    assert gain is not None  # noqa: S101 - the lines of a route have one
    near = nearest(gain, set(gains) - {gain})
    if others:
        listed = ", ".join(f"budget.{name}" for name in names)
        problem = (
            f"got {gain!r}, and all its lines, {listed}, follow {lines[first].follows!r}; what "
            f"follows one outcome is one route, so there is only one route{near}; drop `gain`, or "
            "name it on a line that follows another outcome too"
        )
    else:
        problem = (
            f"got {gain!r}, which no other line names; a gain is what several lines reach"
            f"{near}; name it on the other line too, or drop it"
        )
    return Fault(f"budget.{first}.gain", problem)


def _disagreements(names: Sequence[str], *, lines: Mapping[str, BudgetLine]) -> Iterator[Fault]:
    """Yield where lines of one gain cannot be one saving."""
    first, *others = names
    for name, field in ((name, field) for name in others for field in _AGREE):
        got, expected = getattr(lines[name], field), getattr(lines[first], field)
        if got != expected:
            problem = (
                f"got {_stated(got)}; budget.{first} reaches the same gain, {lines[name].gain!r}, "
                f"with {_stated(expected)}; lines of one gain agree in party, counterparty and "
                "kind; change one of them, or drop `gain`"
            )
            yield Fault(f"budget.{name}.{field}", problem)


def _counted_twice(first: str, second: str, *, lines: Mapping[str, BudgetLine]) -> Iterator[Fault]:
    """Yield why two lines of one route cannot be added."""
    line, other = lines[first], lines[second]
    route = f"budget.{first} follows {line.follows!r} to the same gain, {line.gain!r}"
    both = _common(line.states, other.states)
    if line.states is None or other.states is None:
        problem = (
            f"{route}; lines that follow one outcome are added, so that the same people would "
            "count twice unless each line has `states` of its own; give both such states, drop "
            "one of the two, or give it another gain"
        )
        yield Fault(f"budget.{second}.gain", problem)
    elif both:
        problem = (
            f"got {list(other.states)}; {route}, with {', '.join(both)} too; lines that follow one "
            "outcome are added, so that the same time would count twice; name each state on one "
            "of the two"
        )
        yield Fault(f"budget.{second}.states", problem)


def _common(one: Sequence[str] | None, other: Sequence[str] | None) -> tuple[str, ...]:
    """Return the states that two lines both name."""
    return tuple(state for state in one or () if state in (other or ()))


def _stated(value: str | None) -> str:
    return "none" if value is None else repr(value)


def perhaps_one_gain(lines: Mapping[str, BudgetLine]) -> Iterator[tuple[str, str]]:
    """Yield each two lines that look like routes to one gain and do not say so.

    They follow different outcomes and save the same party, from the same counterparty and in the
    same way, the same amount a month at base values; nothing says that it is one gain.
    """
    for name, other_name in _alike(lines):
        line, other = lines[name], lines[other_name]
        declared = line.gain is not None and line.gain == other.gain
        if not declared and line.follows != other.follows:
            one, two = _per_month(line), _per_month(other)
            if one is not None and two is not None and isclose(one, two):
                yield name, other_name


def _per_month(line: BudgetLine) -> float | None:
    """Return the money per person-month at base values; None where no unit of time has a price."""
    if line.base_price is None or line.per not in PER_MONTH:
        return None
    return line.base_price * PER_MONTH[line.per]


def perhaps_same_time(
    lines: Mapping[str, BudgetLine],
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each two lines that save the same time in states of one outcome, and these states.

    They save the same party, from the same counterparty and in the same way, whatever the amounts.
    """
    for name, other_name in _alike(lines):
        line, other = lines[name], lines[other_name]
        states = _common(line.states, other.states)
        if states and line.follows == other.follows:
            yield name, other_name, states


def _alike(lines: Mapping[str, BudgetLine]) -> Iterator[tuple[str, str]]:
    """Yield the names of each two lines that could be one saving; tax and spending never are."""
    for (name, line), (other_name, other) in combinations(lines.items(), 2):
        both_tax_or_none = (line.tax is None) == (other.tax is None)
        if both_tax_or_none and all(
            getattr(line, field) == getattr(other, field) for field in _AGREE
        ):
            yield name, other_name
