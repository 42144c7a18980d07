"""One gain counts once: of the lines that reach the same gain only the larger counts in a draw.

A benefit can be saved because a person has a job, and because the person is declared fit for work.
Lines that name the same `gain` are routes to one gain; added together they would count it twice. In
each draw the line counts whose realisable saving, summed over all periods and beyond the horizon,
is largest; of equal ones the first. The others save nothing in that draw, so a refund follows the
line that counts. A loss is compared as it is: of a loss and nothing, nothing counts.

This is the rule that WSIPP calls trumping (Washington State Institute for Public Policy,
*Benefit-Cost Technical Documentation*, 2019,
https://www.wsipp.wa.gov/TechnicalDocumentation/WsippBenefitCostTechnicalDocumentation.pdf).

Assumption: routes to one gain overlap in full; what one of them reaches, the other reaches too.
The mean over draws of the larger is at least the larger of the means, so where the routes are close
to each other the choice itself raises the mean. A case in which that matters states the better
route alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from math import isclose
from typing import NamedTuple

import numpy as np

from sibsim.budget.lines import PER_MONTH, BudgetLine
from sibsim.core.arrays import BoolArray, FloatArray, summed
from sibsim.core.spec import nearest
from sibsim.errors import Fault

_AGREE = ("party", "counterparty", "kind")
"""What lines of one gain have in common: it is one saving of one party from one source."""

_EQUAL = 1e-9
"""Savings that differ by this share of the largest are equal; sums of money round to 1e-12."""


class Saving(NamedTuple):
    """What a line saves, (T + 1, D) each; the last row is what lies beyond the horizon."""

    gross: FloatArray
    """Before the state's refund."""

    refund: FloatArray | None
    """What of it the state would have refunded; None on a line without a refund."""

    held_back: FloatArray | None
    """What of the party's own part cannot be taken out of its budget; None where all can."""

    released: FloatArray
    """What of it can."""

    def where(self, counts: BoolArray) -> Saving:
        """Return the saving in the draws in which it counts, and nothing in the others."""
        return Saving(
            np.where(counts, self.gross, 0.0),
            None if self.refund is None else np.where(counts, self.refund, 0.0),
            None if self.held_back is None else np.where(counts, self.held_back, 0.0),
            np.where(counts, self.released, 0.0),
        )


def lines_that_count(
    savings: Mapping[str, Saving], *, gains: Mapping[str, str]
) -> dict[str, BoolArray]:
    """Return in which draws each line is the one of its gain that counts.

    Parameters
    ----------
    savings
        What each line with a gain saves by itself, in the order of the lines.
    gains
        Name of the gain of each of them.

    Returns
    -------
    counts
        By line, (1 or D,): of the lines of one gain exactly one in every draw.
    """
    counts: dict[str, BoolArray] = {}
    for names in _by_gain(gains).values():
        totals = np.stack(np.broadcast_arrays(*(summed(savings[name].released) for name in names)))
        margin = _EQUAL * np.abs(totals).max(axis=0)
        first = np.argmax(totals >= totals.max(axis=0) - margin, axis=0)
        counts |= {name: first == position for position, name in enumerate(names)}
    return counts


def _by_gain(gains: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the lines of each gain, in their order."""
    found: dict[str, list[str]] = {}
    for name, gain in gains.items():
        found.setdefault(gain, []).append(name)
    return found


def gains_of(lines: Mapping[str, BudgetLine]) -> dict[str, str]:
    """Return the name of the gain of every line that names one."""
    return {name: line.gain for name, line in lines.items() if line.gain is not None}


def check_gains(lines: Mapping[str, BudgetLine], *, all_read: bool) -> list[Fault]:
    """Return a fault for each gain that one line alone names, and for lines that do not agree.

    Parameters
    ----------
    lines
        The lines by name.
    all_read
        Whether these are all lines of the case; if not, another may name the gain too.
    """
    by_gain = _by_gain(gains_of(lines))
    faults: list[Fault] = []
    for gain, (first, *others) in by_gain.items():
        if not others and all_read:
            near = nearest(gain, by_gain.keys() - {gain})
            problem = (
                f"got {gain!r}, which no other line names; a gain is what several lines reach"
                f"{near}; name it on the other line too, or drop it"
            )
            faults.append(Fault(f"budget.{first}.gain", problem))
        for name, field in ((name, field) for name in others for field in _AGREE):
            got, expected = getattr(lines[name], field), getattr(lines[first], field)
            if got != expected:
                problem = (
                    f"got {_stated(got)}; budget.{first} reaches the same gain, {gain!r}, with "
                    f"{_stated(expected)}; lines of one gain agree in party, counterparty and "
                    "kind; change one of them, or drop `gain`"
                )
                faults.append(Fault(f"budget.{name}.{field}", problem))
    return faults


def _stated(value: str | None) -> str:
    return "none" if value is None else repr(value)


def perhaps_one_gain(lines: Mapping[str, BudgetLine]) -> Iterator[tuple[str, str]]:
    """Yield each two lines that look like routes to one gain and do not say so.

    They follow different outcomes and save the same party, from the same counterparty and in the
    same way, the same amount a month at base values; nothing says that it is one gain.
    """
    for (name, line), (other_name, other) in combinations(lines.items(), 2):
        alike = all(getattr(line, field) == getattr(other, field) for field in _AGREE)
        declared = line.gain is not None and line.gain == other.gain
        if alike and not declared and line.follows != other.follows:
            monthly = [each.amount.base_value * PER_MONTH[each.per] for each in (line, other)]
            if isclose(*monthly):
                yield name, other_name
