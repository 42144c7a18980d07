"""What a level may be: a share of people lies in [0, 1], a mean in the bounds of the outcome.

A level is of what a report reads: of an outcome of yes or no a rate lies in [0, 1] and a difference
of two rates in [-1, 1]; of a number both are in the outcome's own unit and as far apart as a
result can be. A relative change is a share of anything, at least -1 and at most ten times. A
weighted score lies within the weighted bounds of its results. These are bounds of arithmetic, no
contract's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sibsim.core.spec import as_share, walk
from sibsim.core.wording import counted
from sibsim.payments.base import PaymentModel
from sibsim.payments.reading import EDGE_TOLERANCE, Of, Reading, unit_of
from sibsim.payments.schedule import Knot, PooledResult
from sibsim.payments.termination import Right, Termination, paths_of

LEAST_CHANGE, MOST_CHANGE = -1.0, 10.0
"""Bounds of a relative change: nothing is left of it, or ten times as much comes on top."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a person's result is, and how low and high it can be."""

    unit: str
    """What it is a number of; empty where it is yes or no."""

    lowest: float
    """Lowest result of a person, perhaps infinite."""

    highest: float
    """Highest result of a person, perhaps infinite."""

    def bounds(self, of: Of) -> tuple[float, float]:
        """Return the lowest and the highest of what is read of it."""
        if of == "rate":
            return self.lowest, self.highest
        if of == "effect":
            return self.lowest - self.highest, self.highest - self.lowest
        return LEAST_CHANGE, MOST_CHANGE


@dataclass(frozen=True, slots=True)
class StatedLevel:
    """A level that a contract states, and what it is a level of."""

    level: float
    """The level."""

    path: str
    """Where it stands, such as `payments.job.schedule.0.at`."""

    readings: tuple[Reading, ...]
    """The report that it is compared with, or the several of a weighted score."""

    weights: tuple[float, ...] = (1.0,)
    """Weight of each report; they sum to 1."""

    chosen_by: str = "of"
    """Field that says whether a rate or an effect is read."""

    def problem(self, results: Sequence[Counted]) -> str:
        """Return in words why it cannot be reached or missed; empty where it can.

        Parameters
        ----------
        results
            What each report counts, in the order of `readings`.
        """
        pairs = [
            each.bounds(reading.of) for each, reading in zip(results, self.readings, strict=True)
        ]
        low, high = (
            sum(weight * pair[side] for weight, pair in zip(self.weights, pairs, strict=True))
            for side in (0, 1)
        )
        if low - EDGE_TOLERANCE <= self.level <= high + EDGE_TOLERANCE:
            return ""
        units = {
            unit_of(reading.of, unit=each.unit)
            for each, reading in zip(results, self.readings, strict=True)
        }
        if units == {""}:
            return f"got {self.level:g}; {self._rule_of_shares(low, high)}"
        unit = units.pop() if len(units) == 1 else "points"
        return f"got {self.level:g}; {_rule_of_numbers(low, high, unit=unit)}"

    def _rule_of_shares(self, low: float, high: float) -> str:
        """Return the bound of a share that is broken, and the way out."""
        forms = {reading.of for reading in self.readings}
        if forms == {"rate"} and self.level < low:
            return (
                f"a rate lies in [0, 1]; write {self.chosen_by} = 'effect' for a difference to the "
                "comparison"
            )
        what = "an effect on a share" if forms == {"effect"} else "a level"
        bound = f"at least {low:g}" if self.level < low else f"at most {high:g}"
        return f"{what} is {bound}{as_share(self.level) or '; write a share'}"


def _rule_of_numbers(low: float, high: float, *, unit: str) -> str:
    """Return between what a mean or a difference of means lies, and the way out."""
    lowest, highest = (counted(bound, unit=unit).in_language("en") for bound in (low, high))
    within = f"lies between {low:g} and {highest}"
    where = f"is at least {lowest}" if math.isinf(high) else within
    return f"what is read {where}; write a level in {unit} within that"


def stated_levels(
    lines: Mapping[str, PaymentModel], *, rights: Sequence[Right]
) -> tuple[StatedLevel, ...]:
    """Return every level that a contract states, each once: of lines, clauses and rights to end.

    Parameters
    ----------
    lines
        Payment lines by name.
    rights
        Rights to end the contract early.
    """
    found = [each for name, line in lines.items() for each in _of_line(line, f"payments.{name}")]
    for path, right in paths_of(rights):
        if isinstance(right, Termination):
            read = (right.reading,)
            found.append(StatedLevel(right.below, f"{path}.below", read, chosen_by="compare"))
    return tuple(dict.fromkeys(found))


def _of_line(line: PaymentModel, path: str) -> Iterator[StatedLevel]:
    """Yield the levels of a line's tables and conditions, then those of its clauses."""
    read, weights = line.scored
    for where, knot in walk(line, Knot, path=path):
        yield StatedLevel(knot.at, f"{where}.at", read, weights)
    for where, each in walk(line, PooledResult, path=path):
        reading = each.reading(field=where)
        for number, level in enumerate(each.asked):
            position = f".{number}" if len(each.asked) > 1 else ""
            yield StatedLevel(level, f"{where}.at_least{position}", (reading,))
    if line.trigger is None:
        return
    for reading in line.readings:
        for field, (level, of) in line.trigger.levels.items():
            asked = Reading(reading.measure, of, reading.at_months)
            yield StatedLevel(level, f"{path}.trigger.{field}", (asked,))
