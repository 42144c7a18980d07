"""What a contract search found: every contract tried, and the best trade-offs among them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import Estimate
from sibsim.core.validation import shown
from sibsim.core.wording import language
from sibsim.decisions.search.asked import Question
from sibsim.decisions.search.pareto import dominating, non_dominated
from sibsim.decisions.showing import paragraphs
from sibsim.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd

Origin = Literal["present", "spread", "refined"]
"""Where a contract comes from: it is today's, spread over the bounds, or close to a trade-off."""

ERROR = "mc_error of "
"""Begin of the column of an error."""

PRESENT = 0
"""Number of the present contract."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One contract."""

    values: tuple[float, ...]
    """Value of every term: the number, or the first of several."""

    origin: Origin
    """Where it comes from."""

    objectives: tuple[Estimate, ...]
    """What is weighed, in order; empty where the case refuses it."""

    conditions: tuple[Estimate, ...]
    """What the conditions look at, in order; empty where the case refuses it."""

    refusal: str | None = None
    """Why the case refuses it; None: it does not."""


@dataclass(frozen=True, eq=False)
class ContractSearch:
    """Contracts within bounds, what each comes to on the same luck, and the best trade-offs."""

    present: Case
    """The case with the present contract."""

    question: Question
    """Terms with their bounds, what is weighed, conditions, numbers of contracts and draws, seed.
    """

    tried: tuple[Tried, ...]
    """Every contract; number 0 is the present one."""

    @cached_property
    def costs(self) -> FloatArray:
        """How bad each contract is in each objective, less is better, (N, K).

        NaN for one that the case refuses, that does not meet the conditions, or whose objective is
        undefined in every draw: nothing is compared with it.
        """
        weighed = self.question.objectives
        costs = np.full((len(self.tried), len(weighed)), np.nan)
        for row, each in enumerate(self.tried):
            if self.meets(row):
                pairs = zip(weighed, each.objectives, strict=True)
                costs[row] = [objective.cost(found.value) for objective, found in pairs]
        return costs

    @cached_property
    def pareto(self) -> tuple[int, ...]:
        """Numbers of the contracts that none dominates, best in the first objective first."""
        found = non_dominated(self.costs)
        order = np.lexsort(self.costs[found].T[::-1])
        return tuple(int(each) for each in found[order])

    @cached_property
    def dominating_present(self) -> tuple[int, ...]:
        """Numbers of the best trade-offs that dominate the present contract, in their order."""
        better = dominating(self.costs, row=PRESENT)
        return tuple(number for number in self.pareto if better[number])

    @property
    def refused(self) -> int:
        """How many contracts the case refuses."""
        return sum(each.refusal is not None for each in self.tried)

    @property
    def not_meeting(self) -> int:
        """How many contracts are valid and do not meet the conditions."""
        valid = [row for row, each in enumerate(self.tried) if each.refusal is None]
        return sum(not self.meets(row) for row in valid)

    @property
    def undefined(self) -> int:
        """How many contracts meet the conditions and have an objective that is never defined."""
        return sum(
            self.meets(row) and bool(np.isnan(self.costs[row]).any())
            for row in range(len(self.tried))
        )

    def meets(self, number: int) -> bool:
        """Return whether a contract is valid and meets every condition."""
        each = self.tried[number]
        return each.refusal is None and all(
            condition.slack(found.value) >= 0
            for condition, found in zip(self.question.conditions, each.conditions, strict=True)
        )

    def case(self, number: int) -> Case:
        """Return the case with a contract that was tried.

        Parameters
        ----------
        number
            Its number, the index of `table` and `frame`.

        Raises
        ------
        ArgumentError
            If there is no such number.
        CaseError
            If the case refuses the contract.
        """
        if type(number) is not int or not 0 <= number < len(self.tried):
            message = (
                f"number: got {shown(number)}; it is the number of a contract that was tried, 0 "
                f"(the present one) to {len(self.tried) - 1}, as in the index of frame()"
            )
            raise ArgumentError(message)
        if number == PRESENT:
            return self.present
        return self.present.with_(self.question.changes(self.tried[number].values))

    def table(self) -> pd.DataFrame:
        """Return the best trade-offs, the best in the first objective first.

        Returns
        -------
        DataFrame
            Index: number of the contract, 0 the present one. Columns: value of every term (of the
            first of several numbers), every objective with its Monte Carlo error behind it, and
            `dominates_present`: whether it is at least as good as the present contract in every
            objective and better in one.
        """
        frame = self.frame().loc[list(self.pareto)]
        question = self.question
        columns = [str(term) for term in question.terms]
        for each in question.objectives:
            columns += [each.label, ERROR + each.label]
        return frame[[*columns, "dominates_present"]]

    def frame(self) -> pd.DataFrame:
        """Return every contract that was tried, in the order of trying, ready to be drawn.

        Returns
        -------
        DataFrame
            Index: number. Columns: `origin` (`present`, `spread`, `refined`), value of every term,
            every objective and what every condition looks at, each with its Monte Carlo error;
            `meets`: whether it is valid and meets the conditions; `pareto`: whether nothing that
            meets them dominates it; `dominates_present`; `refusal`: why the case refuses it.
        """
        import pandas as pd

        better = dominating(self.costs, row=PRESENT)
        rows = [
            self._row(number)
            | {
                "meets": self.meets(number),
                "pareto": number in self.pareto,
                "dominates_present": bool(better[number]),
                "refusal": each.refusal,
            }
            for number, each in enumerate(self.tried)
        ]
        frame = pd.DataFrame(rows)
        frame.index.name = "contract"
        return frame

    def _row(self, number: int) -> dict[str, Any]:
        question, each = self.question, self.tried[number]
        row: dict[str, Any] = {"origin": each.origin}
        row |= {str(term): value for term, value in zip(question.terms, each.values, strict=True)}
        labels = [objective.label for objective in question.objectives]
        labels += [str(condition.figure) for condition in question.conditions]
        nothing = Estimate(np.nan, mc_error=np.nan, undefined=1.0)
        found = (*each.objectives, *each.conditions) or (nothing,) * len(labels)
        for label, estimate in zip(labels, found, strict=True):
            row |= {label: estimate.value, ERROR + label: estimate.mc_error}
        return row

    def sentences(self, lang: str = "en") -> list[str]:
        """Return what the present contract gives and what the best trade-offs cost, in sentences.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        from sibsim.decisions.search.words import sentences

        found = language(lang)
        return [each.say(found) for each in sentences(self)]

    def __repr__(self) -> str:
        """Return the sentences and the table as text."""
        table = self.table().to_string(float_format="{:,.4g}".format)
        return "\n".join([*self.sentences(), "", table])

    def _repr_html_(self) -> str:
        said = paragraphs(self.sentences())
        return said + self.table().to_html(border=0, float_format="{:,.4g}".format)
