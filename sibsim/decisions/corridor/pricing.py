"""Figures of the conditions of both sides at values of contract terms, on the same worlds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sibsim.core.statistics import Estimate
from sibsim.decisions.conditions import Condition
from sibsim.decisions.repricing import repriced
from sibsim.decisions.terms import Term
from sibsim.results import Results

ROUNDING = 1e-9
"""Share of the size of its slack by which rounding may make a figure miss a limit: a return that is
capped at 5 % is 0.04999999999999 in a draw, and a profit of nothing is 1e-9 kroner short of it."""

Changes = Mapping[str, float | list[float]]
"""What stands at paths of a case file instead."""


NO_OTHER: Changes = {}
"""No other term is changed."""


@dataclass(frozen=True, eq=False)
class Pricing:
    """Figures of conditions under other terms, remembered: no contract is priced twice."""

    run: Results
    """The run whose worlds are re-priced."""

    term: Term
    """The term that moves."""

    conditions: tuple[Condition, ...]
    """The conditions, those of the investor first."""

    grid: tuple[float, ...]
    """Values of the term over which the size of slacks is taken."""

    spent: list[tuple[str, ...]] = field(default_factory=list)
    """Metrics of each re-pricing, in order."""

    found: dict[tuple[float, str], dict[int, Estimate]] = field(default_factory=dict)
    """What was found so far: figures of conditions by their number, by the value of the term and
    the other changes."""

    def at(self, value: float, *, others: Changes = NO_OTHER) -> tuple[Estimate, ...]:
        """Return the figure of each condition where the contract has other terms.

        Parameters
        ----------
        value
            Value of the term.
        others
            New values of other terms by path.

        Raises
        ------
        CaseError
            If the case refuses them.
        """
        numbers = range(len(self.conditions))
        known = self._priced(numbers, value, others=others)
        return tuple(known[number] for number in numbers)

    def figure(self, number: int, value: float, *, others: Changes = NO_OTHER) -> Estimate:
        """Return the figure of one condition, which is cheaper than those of all.

        Parameters
        ----------
        number
            Number of the condition.
        value, others
            As in `at`.
        """
        return self._priced([number], value, others=others)[number]

    def _priced(
        self, numbers: Iterable[int], value: float, *, others: Changes
    ) -> dict[int, Estimate]:
        known = self.found.setdefault((value, repr(sorted(others.items()))), {})
        missing = [number for number in numbers if number not in known]
        if missing:
            asked = [self.conditions[number].figure for number in missing]
            case = self.run.case.with_({**self.term.changes(value), **others})
            names = tuple(dict.fromkeys(each.metric for each in asked))
            values = repriced(self.run, case, metrics=names)
            self.spent.append(names)
            for number, figure in zip(missing, asked, strict=True):
                known[number] = figure.of(values[figure.metric])
        return known

    @cached_property
    def sizes(self) -> tuple[float, ...]:
        """Return the size of each condition's slack: the largest over the grid, 1 where all are 0.

        Slacks of conditions in different units are compared in proportion to it.
        """
        found = []
        for number, each in enumerate(self.conditions):
            slacks = (abs(each.slack(self.at(value)[number].value)) for value in self.grid)
            found.append(max(filter(np.isfinite, slacks), default=0.0) or 1.0)
        return tuple(found)

    def slack(self, number: int, value: float, *, others: Changes = NO_OTHER) -> float:
        """Return by how much a condition is kept but for rounding; minus infinity if undefined.

        Parameters
        ----------
        number
            Number of the condition.
        value, others
            As in `at`.
        """
        slack = self.conditions[number].slack(self.figure(number, value, others=others).value)
        return -np.inf if np.isnan(slack) else slack + ROUNDING * self.sizes[number]

    def margin(self, numbers: Iterable[int], value: float, *, others: Changes = NO_OTHER) -> float:
        """Return the smallest slack of several conditions, in proportion to its size.

        Parameters
        ----------
        numbers
            Numbers of the conditions.
        value, others
            As in `at`.
        """
        return min(self.slack(each, value, others=others) / self.sizes[each] for each in numbers)

    def looked_at(self, numbers: Iterable[int]) -> tuple[float, ...]:
        """Return the values of the term at which conditions are known, nothing else being changed.

        Parameters
        ----------
        numbers
            Numbers of the conditions.

        Returns
        -------
        tuple of float
            The values, rising.
        """
        plain, wanted = repr(sorted(NO_OTHER.items())), set(numbers)
        return tuple(
            sorted(
                value
                for (value, others), known in self.found.items()
                if others == plain and wanted <= set(known)
            )
        )

    @property
    def count(self) -> int:
        """Return how many times a contract was re-priced."""
        return len(self.spent)
