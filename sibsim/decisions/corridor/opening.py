"""Which single change opens a zone where there is none: a limit relaxed, or another term changed.

Every change is closed by re-pricing the same worlds. A limit is relaxed to what its figure reaches
at best where all other conditions hold. Another term is looked at at 5/4, 2 and 4 times its value
and their inverses, the nearest first; at each of them the side that is shorter is made as well off
as possible by moving the term of the corridor (where the slacks of both sides, in proportion to the
largest that each takes over the grid of the search, cross). The first that leaves nobody short is
closed down to the smallest change that does (Brent's method).

The Monte Carlo error of a change is that of the figures of the two binding conditions, carried
through the inverse of their derivatives with respect to both terms (delta method); they are taken
as independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.statistics import Estimate
from sibsim.decisions.corridor.candidates import candidates
from sibsim.decisions.corridor.openings import Kind, Opening, Openings, Outcome
from sibsim.decisions.corridor.pricing import Changes
from sibsim.decisions.corridor.stretches import Stretch, common
from sibsim.decisions.crossing import crossing
from sibsim.errors import CaseError

if TYPE_CHECKING:
    from sibsim.decisions.corridor.result import Corridor
    from sibsim.decisions.terms import Term

FACTORS = (1.25, 2.0, 4.0)
"""How many times larger and smaller a term is looked at, the nearest first: beyond four times it is
another contract."""

AROUND = 1.5
"""A zone that opens is looked for within this factor of where it was first seen."""

BESIDE = 2.0
"""The term of the corridor is looked at this many times beyond the ends of both sides too."""

REFINED = 3
"""How often the value that leaves both sides equally well off is closed in on."""

CLOSE = 1e-4
"""A change is found when its bracket is this small in proportion, far below its error."""

SLOPE_STEP = 0.01
"""Derivatives are taken over one per cent to either side, as those of the ends are."""

UNDEFINED = -10.0
"""Margin where a figure is undefined: worse than any other, which is at least -1 on the grid."""


@dataclass(frozen=True, eq=False)
class _Other:
    """Another term that is changed while the term of the corridor moves."""

    found: Corridor
    term: Term

    def margins(self, value: float, changed: float) -> tuple[float, float]:
        """Return how well off each side is, in proportion; zero: just as well as it asks for."""
        investor, payer = (
            max(
                self.found.pricing.margin(side.numbers, value, others=self.changes(changed)),
                UNDEFINED,
            )
            for side in self.found.sides
        )
        return investor, payer

    def changes(self, changed: float) -> Changes:
        """Return what stands at the paths of the other term."""
        return self.term.changes(changed)

    def figures(self, value: float, changed: float) -> tuple[Estimate, ...]:
        """Return the figure of every condition."""
        return self.found.pricing.at(value, others=self.changes(changed))

    def best(self, changed: float, *, values: list[float]) -> tuple[float, float]:
        """Return the best margin of the side that is shorter, and the value that gives it."""
        seen = {value: self.margins(value, changed) for value in values}
        for _ in range(REFINED):
            if max(map(min, seen.values())) >= 0:
                break
            tried = _even(seen)
            if tried is None:
                break
            seen[tried] = self.margins(tried, changed)
        value = max(seen, key=lambda each: min(seen[each]))
        return min(seen[value]), value


def openings(found: Corridor) -> Openings:
    """Return which single change opens a zone, the smallest in proportion first.

    Parameters
    ----------
    found
        A corridor; where it has a zone there is nothing to open.
    """
    before = found.pricing.count
    rows: list[Opening] = []
    if not found.is_zone:
        rows += [_relaxed(found, number) for number in range(len(found.pricing.conditions))]
        others = candidates(found.case, besides=found.question.term)
        rows += [_changed(_Other(found, term)) for term in others]
    rows.sort(key=lambda each: (each.outcome != "opens", each.outcome, abs(each.in_proportion)))
    return Openings(found, tuple(rows), found.pricing.count - before)


def _relaxed(found: Corridor, number: int) -> Opening:
    """Relax one limit to the best that its figure reaches where all others hold."""
    asked = found.pricing.conditions[number]
    kind: Kind = "investor's limit"
    if number >= len(found.investor.conditions):
        kind = "payer's limit"
    others = [list(each) for position, each in enumerate(found.stretches) if position != number]
    where = reduce(common, others)
    values = {value for value in found.pricing.looked_at([number]) if _inside(value, where)}
    values |= {end for each in where for end in (each.low, each.high)}
    figures = {value: found.pricing.figure(number, value) for value in values}
    figures = {value: each for value, each in figures.items() if not np.isnan(each.value)}
    if not figures:
        return Opening(kind, asked, None, "does not open", present=asked.limit)
    at = max(figures, key=lambda each: asked.slack(figures[each].value))
    needed, size = figures[at].value, abs(asked.limit)
    if not size:
        size = abs(found.pricing.figure(number, found.present).value)
    return Opening(
        kind,
        asked,
        None,
        "opens",
        present=asked.limit,
        needed=needed,
        mc_error=_error_of_limit(found, number, at=at),
        in_proportion=(needed - asked.limit) / size if size else np.inf,
        at=at,
    )


def _inside(value: float, stretches: list[Stretch]) -> bool:
    return any(each.low <= value <= each.high for each in stretches)


def _error_of_limit(found: Corridor, number: int, *, at: float) -> float:
    """Return the error of a figure at an end of the other side, which has an error itself."""
    error, end = found.pricing.figure(number, at).mc_error, found.end_at(at)
    if end is None or np.isnan(end.mc_error):
        return error
    low, high = at * (1 - SLOPE_STEP), at * (1 + SLOPE_STEP)
    at_low, at_high = (found.pricing.figure(number, each).value for each in (low, high))
    return float(np.hypot(error, (at_high - at_low) / (high - low) * end.mc_error))


def _changed(other: _Other) -> Opening:
    """Change another term as little as opens a zone."""
    term, values = other.term, _values(other.found)
    last = {True: term.value, False: term.value}
    refusals: dict[bool, str] = {}
    opened: list[tuple[float, float]] = []
    for factor in FACTORS:
        for up in (True, False):
            if up in refusals:
                continue
            changed = term.value * (factor if up else 1 / factor)
            try:
                reached, value = other.best(changed, values=values)
                if reached >= 0:
                    opened.append(_closed(other, last[up], changed, near=value))
            except CaseError as fault:
                refusals[up] = str(fault.faults[0])
                continue
            last[up] = changed
        if opened:
            break
    tried = {"tried_lowest": last[False], "tried_highest": last[True]}
    why = "; ".join(dict.fromkeys(refusals.values()))
    if not opened:
        outcome: Outcome = "refused" if last[True] == last[False] else "does not open"
        return Opening("term", None, term, outcome, present=term.value, why=why, **tried)
    needed, at = min(opened, key=lambda each: abs(np.log(each[0] / term.value)))
    return Opening(
        "term",
        None,
        term,
        "opens",
        present=term.value,
        needed=needed,
        mc_error=_error(other, at, needed),
        in_proportion=needed / term.value - 1,
        at=at,
        why=why,
        **tried,
    )


def _values(found: Corridor) -> list[float]:
    """Return values of the term at which another one is tried: ends, present, and beyond them."""
    ends = [end.value for side in found.sides for end in (side.low_end, side.high_end) if end]
    inner = {found.present, *ends, *(each.at for each in found.shortfalls)}
    low, high = found.between
    return sorted({max(low, min(inner) / BESIDE), *inner, min(high, max(inner) * BESIDE)})


def _even(seen: dict[float, tuple[float, float]]) -> float | None:
    """Return where both sides would be equally well off between neighbours, if better than seen.

    Both margins are taken as straight lines between neighbours.
    """
    best, found = max(map(min, seen.values())), None
    for low, high in pairwise(sorted(seen)):
        at_low, at_high = (seen[each][0] - seen[each][1] for each in (low, high))
        if at_low * at_high >= 0:
            continue
        share = at_low / (at_low - at_high)
        reached = seen[low][0] + share * (seen[high][0] - seen[low][0])
        if reached > best:
            best, found = reached, low + share * (high - low)
    return found


def _closed(other: _Other, without: float, opened: float, *, near: float) -> tuple[float, float]:
    """Return the smallest change that opens a zone between two values, and where it opens."""
    low, high = other.found.between
    values = sorted({max(low, near / AROUND), near, min(high, near * AROUND)})
    seen: dict[float, tuple[float, float]] = {}

    def reached(changed: float) -> float:
        seen[changed] = other.best(changed, values=values)
        return seen[changed][0]

    if reached(without) >= 0:
        return without, seen[without][1]
    found = crossing(reached, low=without, high=opened, tolerance=CLOSE)
    holding = (each for each, (kept, _) in seen.items() if kept >= 0)
    needed = min(holding, key=lambda each: abs(each - found))
    return needed, seen[needed][1]


def _error(other: _Other, value: float, changed: float) -> float:
    """Return the Monte Carlo error of a change: those of the binding figures by the delta method.

    NaN where the figures do not move with the terms, or the case refuses one per cent more or less.
    """
    pricing, others = other.found.pricing, other.changes(changed)
    binding = [
        min(side.numbers, key=lambda each: pricing.margin([each], value, others=others))
        for side in other.found.sides
    ]
    try:
        slopes = np.array(
            [
                [_slope(other, each, value, changed, by) for by in ("value", "changed")]
                for each in binding
            ]
        )
    except CaseError:
        return np.nan
    errors = np.array([other.figures(value, changed)[each].mc_error for each in binding])
    if abs(np.linalg.det(slopes)) > 0:
        carried = np.linalg.inv(slopes)[1] * errors
        return float(np.hypot(*carried))
    return np.nan


def _slope(other: _Other, number: int, value: float, changed: float, by: str) -> float:
    """Return the derivative of a figure by the term of the corridor or by the other one."""
    low, high = (
        other.figures(*((value * factor, changed) if by == "value" else (value, changed * factor)))
        for factor in (1 - SLOPE_STEP, 1 + SLOPE_STEP)
    )
    moved = value if by == "value" else changed
    return (high[number].value - low[number].value) / (2 * SLOPE_STEP * moved)
