"""What decisions cost, beside one simulation of the same case.

`python -m tests.benchmarks.deciding` prints medians of subjects measured in turn, and ratios.
The yardstick is `simulate` with as many draws, all metrics kept.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable

import sibsim as sib
from tests.benchmarks.table import medians

DRAWS, SEARCH_DRAWS = 10_000, 4_096
SEED = 1
ROUNDS, FEW_ROUNDS = 7, 3
CONTRACTS, DEALS = 500, 50
MEGABYTE = 2**20

PRICES = ("payments.job.price", "payments.fit_for_work.price", "payments.wellbeing.price")

Subject = Callable[[], object]


def subjects() -> dict[str, Subject]:
    """Return what is quick, by name, its inputs made beforehand."""
    case = sib.load_case("holbaek")
    run = case.simulate(draws=DRAWS, rng=SEED, keep="world", progress=False)
    other = case.with_({PRICES[1]: 21_000})
    return {
        "simulate": lambda: case.simulate(draws=DRAWS, rng=SEED, keep="metrics", progress=False),
        "reprice": lambda: run.reprice(other),
        "corridor": lambda: sib.decisions.price_corridor(
            case, PRICES[0], investor="median investor_irr >= 0.0", draws=DRAWS, rng=SEED
        ),
        "tornado": lambda: sib.decisions.tornado(case, draws=DRAWS, rng=SEED),
    }


def slow_subjects() -> dict[str, Subject]:
    """Return what takes seconds."""
    case = sib.load_case("holbaek")
    bounds = {PRICES[0]: (8_000.0, 40_000.0), PRICES[1]: (5_000.0, 40_000.0)}
    return {
        "search": lambda: sib.decisions.search_contracts(
            case, bounds, contracts=CONTRACTS, draws=SEARCH_DRAWS, rng=SEED
        ),
        "one deal": lambda: sib.decisions.portfolio([case], draws=DRAWS, rng=SEED),
        "portfolio": lambda: sib.decisions.portfolio(copies(DEALS), draws=DRAWS, rng=SEED),
    }


def copies(number: int) -> dict[str, sib.Case]:
    """Return a case as so many deals."""
    case = sib.load_case("holbaek")
    return {f"deal {count}": case for count in range(number)}


def peak_of(number: int) -> float:
    """Return the peak of memory that a portfolio of so many deals takes, in MB."""
    deals = copies(number)
    tracemalloc.start()
    sib.decisions.portfolio(deals, draws=DRAWS, rng=SEED)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / MEGABYTE


def main() -> None:
    """Print the times and their ratios."""
    taken = medians(subjects(), rounds=ROUNDS) | medians(slow_subjects(), rounds=FEW_ROUNDS)
    for name, seconds in taken.items():
        ratio = seconds / taken["simulate"]
        sys.stdout.write(f"{name}: {1_000 * seconds:.0f} ms, {ratio:.2f} x one simulation\n")
    for number in (1, DEALS):
        sys.stdout.write(f"peak memory, {number} deals: {peak_of(number):.0f} MB\n")


if __name__ == "__main__":
    main()
