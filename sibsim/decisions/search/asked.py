"""What is asked of a contract search, checked before the first draw, every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TypeVar

from sibsim.case import Case
from sibsim.core.streams import Rng, seed_from
from sibsim.core.validation import shown
from sibsim.decisions.asking import Faults, check_draws, is_number
from sibsim.decisions.conditions import Condition, condition, known
from sibsim.decisions.repricing import metric_names
from sibsim.decisions.search.objectives import Objective, objective
from sibsim.decisions.terms import Term, overlap, term_of
from sibsim.errors import ArgumentError

Bounds = Mapping[str, tuple[float, float]] | Mapping[str | tuple[str, ...], tuple[float, float]]
"""Lowest and highest value of each term: of the number at a path, of the first of a list of them,
or of the first of several paths whose numbers keep their proportions."""

PER_TERM = 20
"""Least contracts per term: ten in the first half, the rule of Loeppky, Sacks and Welch 2009,
"Choosing the sample size of a computer experiment: a practical guide", Technometrics
51(4):366-376; and as many in the second."""

MOST_CONTRACTS = 10_000
"""More contracts than this take minutes to price and to compare with each other."""

FEWEST_OBJECTIVES = 2
"""With one objective there is nothing to trade; `solve` and `price_corridor` look for one."""

Found = TypeVar("Found")
"""What a text states."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in order."""

    terms: tuple[Term, ...]
    """The terms that move."""

    low: tuple[float, ...]
    """Lowest value of each term."""

    high: tuple[float, ...]
    """Highest value of each term."""

    objectives: tuple[Objective, ...]
    """What is weighed, at least two."""

    conditions: tuple[Condition, ...]
    """What a contract has to meet besides."""

    contracts: int
    """How many contracts are tried, the present one included."""

    draws: int
    """Number of draws (D)."""

    seed: int
    """Seed of the draws and of the contracts that are tried."""

    def changes(self, values: Sequence[float]) -> dict[str, float | list[float]]:
        """Return what stands at each path where the terms have these values."""
        found: dict[str, float | list[float]] = {}
        for term, value in zip(self.terms, values, strict=True):
            found |= term.changes(value)
        return found


def asked(
    case: Case,
    bounds: object,
    *,
    objectives: object,
    subject_to: object,
    contracts: object,
    draws: int,
    rng: Rng,
) -> Question:
    """Return what is asked, or refuse it with every fault.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    bounds, objectives, subject_to, contracts, draws, rng
        As in `search_contracts`.

    Raises
    ------
    ArgumentError, UnknownNameError
        If an argument is out of range; if a metric alone is unknown, the latter.
    """
    names = metric_names(case)
    faults = Faults()
    weighed = _each(faults, objectives, name="objectives", kind=objective)
    limits = _each(faults, subject_to, name="subject_to", kind=condition)
    for figure in [*(each.figure for each in weighed), *(each.figure for each in limits)]:
        faults.of(partial(known, figure, metrics=names))
    if len(set(weighed)) < FEWEST_OBJECTIVES and not faults:
        message = (
            f"objectives: got {len(set(weighed))}; a trade-off is between two or more; for one, "
            "see solve and price_corridor"
        )
        faults.add(ArgumentError(message))
    terms = _terms(faults, case, bounds)
    faults.of(partial(_check_number, contracts, terms=len(terms)))
    faults.of(
        partial(check_draws, draws, rng),
    )
    faults.refuse()
    assert isinstance(contracts, int)  # noqa: S101 - `_check_number` refuses all else
    return Question(
        terms=tuple(term for term, _, _ in terms),
        low=tuple(low for _, low, _ in terms),
        high=tuple(high for _, _, high in terms),
        objectives=tuple(weighed),
        conditions=tuple(limits),
        contracts=contracts,
        draws=draws,
        seed=seed_from(rng),
    )


def _each(faults: Faults, given: object, *, name: str, kind: Callable[..., Found]) -> list[Found]:
    """Return what every text of a list states."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        message = f"{name}: got {shown(given)}; it is a list of texts"
        faults.add(ArgumentError(message))
        return []
    found = [faults.of(partial(kind, each)) for each in given]
    return [each for each in found if each is not None]


def _terms(faults: Faults, case: Case, bounds: object) -> list[tuple[Term, float, float]]:
    """Return every term with its bounds."""
    if not isinstance(bounds, Mapping) or not bounds:
        message = (
            f"bounds: got {shown(bounds)}; it is a table of paths with a lowest and a highest "
            "value, such as {'payments.job.price': (10_000, 40_000)}"
        )
        faults.add(ArgumentError(message))
        return []
    found = []
    for path, given in bounds.items():
        term = faults.of(partial(term_of, case, path))
        if term is not None:
            ends = faults.of(partial(_ends, term, given))
            found += [(term, *ends)] if ends is not None else []
    for (one, _, _), (other, _, _) in combinations(found, 2):
        shared = [path for path in one.paths if any(overlap(path, each) for each in other.paths)]
        if shared:
            message = f"bounds: {shared[0]} stands in two terms; a number moves once"
            faults.add(ArgumentError(message))
    return found


def _ends(term: Term, given: object) -> tuple[float, float]:
    if (
        not isinstance(given, Sequence)
        or len(given) != 2  # noqa: PLR2004 - a pair
        or not all(map(is_number, given))
    ):
        message = (
            f"bounds: got {shown(given)} for {term}; they are the lowest and the highest value, "
            f"such as ({term.value / 2:,.6g}, {term.value * 2:,.6g})"
        )
        raise ArgumentError(message)
    low, high = map(float, given)
    if not low < high:
        message = (
            f"bounds: got {low:,.6g}, {high:,.6g} for {term}; the first must be below the second"
        )
        raise ArgumentError(message)
    if not low <= term.value <= high:
        message = (
            f"bounds: got {low:,.6g} to {high:,.6g} for {term}, which leave out what it is now, "
            f"{term.value:,.6g}; widen them, so that the present contract can be placed, or change "
            "the case first with case.with_"
        )
        raise ArgumentError(message)
    return low, high


def _check_number(contracts: object, *, terms: int) -> None:
    least = PER_TERM * max(1, terms)
    if type(contracts) is not int or not least <= contracts <= MOST_CONTRACTS:
        message = (
            f"contracts: got {shown(contracts)}; it is a whole number from {least} ({PER_TERM} for "
            f"each term that moves) to {MOST_CONTRACTS:,}"
        )
        raise ArgumentError(message)
