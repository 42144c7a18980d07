"""Diagnosing one design beside what it could be measured against.

`python -m tests.benchmarks.diagnosing` prints the ratios of medians, subjects measured in turn.
Yardsticks: a whole run of the same case with as many draws, which settles every line, the capital
and the budgets, but simulates each draw once and not twice; and a plain Python loop over the draws
that works out only the payments of a band, given estimates.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

import sibsim as sib
from sibsim.decisions.diagnosing.payment_under_error import payment_under_error
from sibsim.payments.linear_band import LinearBand
from tests.benchmarks.table import medians
from tests.small_case import BAND, SLOPE

DRAWS = 10_000
SEED = 1
ROUNDS = 7
EFFECT, ERROR = 0.1, 0.05

Subject = Callable[[], object]


def subjects() -> dict[str, Subject]:
    """Return the subjects by name, their inputs made beforehand."""
    case = sib.load_case("holbaek")
    line = LinearBand.model_validate(BAND)
    estimates = (
        EFFECT + ERROR * np.random.Generator(np.random.SFC64(SEED)).standard_normal(DRAWS)
    ).tolist()
    return {
        "diagnose": lambda: case.diagnose("job", designs={}, draws=DRAWS, rng=SEED),
        "simulate": lambda: case.simulate(draws=DRAWS, rng=SEED, keep="metrics", progress=False),
        "payments, simulation": lambda: payment_under_error(
            line, effect=EFFECT, standard_error=ERROR, mode="simulation", draws=DRAWS
        ),
        "payments, quadrature": lambda: payment_under_error(
            line, effect=EFFECT, standard_error=ERROR
        ),
        "payments, plain loop": lambda: [_plain(estimate) for estimate in estimates],
    }


def _plain(estimate: float) -> float:
    """Return what the band pays for one estimate, as a plain program would work it out."""
    people, comparison = 1_000.0, 0.5
    treated = people * (comparison + estimate)
    effect = (treated - people * comparison) / people
    return SLOPE * min(effect, 1.0) if effect >= 0.0 else 0.0


def main() -> None:
    """Print the times and their ratios."""
    taken = medians(subjects(), rounds=ROUNDS)
    for name, seconds in taken.items():
        sys.stdout.write(f"{name}: {1_000 * seconds:.1f} ms\n")
    ratio = taken["diagnose"] / taken["simulate"]
    sys.stdout.write(f"diagnose / simulate: {ratio:.2f}; target: under 0.5 s\n")


if __name__ == "__main__":
    main()
