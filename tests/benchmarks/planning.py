"""The table of designs over sizes, beside a plain double loop.

Run as `python -m tests.benchmarks.planning`. The loop calls the public functions one by one, as a
reader would who does not know the table. Both are measured in turn, round after round; figures are
medians in seconds. Nothing is asserted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from sibsim.planning.designs import assurance, minimum_detectable_effect, power
from sibsim.planning.standard import NAMES
from sibsim.planning.table import design_table

SIZES = np.unique(np.geomspace(20, 2000, 20).astype(int))
COUNTERFACTUAL, EFFECT = 0.3, 0.1
ROUNDS = 5


def table() -> None:
    """Make the table of 11 designs x 20 sizes."""
    found = design_table(sizes=SIZES, counterfactual=COUNTERFACTUAL, effect=EFFECT)
    assert len(found) == len(NAMES) * len(SIZES)


def loop() -> None:
    """Work out the same figures, one design and size after the other."""
    for name in NAMES:
        for size in SIZES:
            people = int(size)
            power(name, people=people, counterfactual=COUNTERFACTUAL, effect=EFFECT)
            minimum_detectable_effect(name, people=people, counterfactual=COUNTERFACTUAL)
            assurance(name, people=people, counterfactual=COUNTERFACTUAL, effect=EFFECT)


def taken(subject: Callable[[], None]) -> float:
    """Return how long a subject takes in seconds."""
    begun = time.perf_counter()
    subject()
    return time.perf_counter() - begun


def main() -> None:
    """Print both medians and their ratio."""
    table()
    rounds = [(taken(table), taken(loop)) for _ in range(ROUNDS)]
    together, apart = (float(np.median(times)) for times in zip(*rounds, strict=True))
    sys.stdout.write(
        f"{len(NAMES)} designs x {len(SIZES)} sizes, target under 0.5 s\n"
        f"design_table: {together:.3f} s\n"
        f"plain double loop: {apart:.3f} s, {apart / together:.1f} times as long\n"
    )


if __name__ == "__main__":
    main()
