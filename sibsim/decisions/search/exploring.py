"""Search of contracts within bounds for the best trade-offs, by re-pricing one run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.progress import watched
from sibsim.core.streams import BLOCK_DRAWS, Rng
from sibsim.decisions.asking import Faults
from sibsim.decisions.conditions import Condition
from sibsim.decisions.search.asked import Bounds, Question, asked
from sibsim.decisions.search.design import around, loneliest_first, sizes, spread, within
from sibsim.decisions.search.objectives import OBJECTIVES, Objective
from sibsim.decisions.search.pricing import Pricing, pricing_of
from sibsim.decisions.search.result import ContractSearch, Origin, Tried
from sibsim.errors import ArgumentError, CaseError

CONTRACTS = 500
"""Contracts that are tried where nobody says otherwise: some ten seconds for a case of a few
payment lines."""


def search_contracts(
    case: Case,
    bounds: Bounds,
    *,
    objectives: Sequence[str | Objective] = OBJECTIVES,
    subject_to: Sequence[str | Condition] = (),
    contracts: int = CONTRACTS,
    draws: int = BLOCK_DRAWS,
    rng: Rng = 0,
) -> ContractSearch:
    """Search contracts within bounds for the best trade-offs between what the parties want.

    One run is simulated; every contract is priced on its worlds, so that contracts differ by their
    terms and never by luck. The first half of the contracts is spread evenly over the bounds, the
    present one among them; the second half lies ever closer to the trade-offs found.

    Parameters
    ----------
    case
        The case.
    bounds
        Lowest and highest value of every term that may move, by its dotted path in payments,
        contract or capital: a number, or the first of a list of numbers that is scaled as a whole.
        Several paths, as a tuple, move in fixed proportion.
    objectives
        What is weighed, at least two: `highest` or `lowest` and a figure, with `without effect` at
        its end where it is looked at as if nobody got any effect.
    subject_to
        Conditions that a contract has to meet besides, such as `median investor_irr >= 0.02`.
    contracts
        How many are tried, at least 20 for each term, at most 10,000.
    draws, rng
        Size of the run, and seed of the run and of the contracts that are tried.

    Raises
    ------
    ArgumentError, UnknownNameError
        If the bounds are no bounds of a term or leave out what it is now, nothing that is weighed
        moves with it, there is no such metric,
        there are too few contracts, or the effect cannot be undone; names every fault.
    """
    check_complete(case)
    question = asked(
        case,
        bounds,
        objectives=objectives,
        subject_to=subject_to,
        contracts=contracts,
        draws=draws,
        rng=rng,
    )
    return _Search(case, pricing_of(case, question)).run()


class _Search:
    """Contracts tried so far."""

    def __init__(self, case: Case, pricing: Pricing) -> None:
        """Begin with the present contract.

        Parameters
        ----------
        case
            The case.
        pricing
            The worlds.
        """
        self._case, self._pricing = case, pricing
        self._question: Question = pricing.question
        self._low = np.array(self._question.low)
        self._width = np.array(self._question.high) - self._low
        present = [term.value for term in self._question.terms]
        self._places: list[FloatArray] = [(np.array(present) - self._low) / self._width]
        self._tried = [self._priced(present, origin="present")]

    def run(self) -> ContractSearch:
        """Try all contracts."""
        question = self._question
        self._check_moves()
        first = question.contracts - question.contracts // 2
        terms = len(question.terms)
        self._try(spread(number=first - 1, terms=terms, seed=question.seed), origin="spread")
        for generation, number in enumerate(sizes(question.contracts - first), start=1):
            found = self._result()
            best = np.array(found.pareto, dtype=np.int64)
            parents = best[loneliest_first(found.costs[best])] if len(best) else np.array([0])
            self._try(
                around(
                    np.array(self._places),
                    parents=parents,
                    number=number,
                    generation=generation,
                    seed=question.seed,
                ),
                origin="refined",
            )
        return self._result()

    def _check_moves(self) -> None:
        """Refuse a term with which nothing that is weighed moves within its bounds."""
        present = [term.value for term in self._question.terms]
        faults = Faults()
        for number, term in enumerate(self._question.terms):
            ends = (self._question.low[number], self._question.high[number])
            changed = [[*present[:number], end, *present[number + 1 :]] for end in ends]
            tried = [self._priced(values, origin="spread") for values in changed]
            if {each.objectives for each in tried} == {self._tried[0].objectives}:
                message = (
                    f"bounds: no objective moves with {term} from {ends[0]:,.6g} to "
                    f"{ends[1]:,.6g}; nothing reads it there; leave it out, or widen its bounds"
                )
                faults.add(ArgumentError(message))
        faults.refuse()

    def _result(self) -> ContractSearch:
        return ContractSearch(self._case, self._question, tuple(self._tried))

    def _try(self, places: FloatArray, *, origin: Origin) -> None:
        for moved in watched(places, total=len(places), what=f"trying contracts ({origin})"):
            place = within(moved, known={tuple(each.tolist()) for each in self._places})
            values = np.minimum(self._low + place * self._width, self._question.high).tolist()
            self._places.append(place)
            self._tried.append(self._priced(values, origin=origin))

    def _priced(self, values: Sequence[float], *, origin: Origin) -> Tried:
        try:
            case = self._case.with_(self._question.changes(values))
        except CaseError as fault:
            return Tried(tuple(values), origin, (), (), refusal=str(fault.faults[0]))
        weighed, looked_at = self._pricing.of(case)
        return Tried(tuple(values), origin, weighed, looked_at)
