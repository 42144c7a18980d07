"""Value of information beside two packages of health economics, on the same draws.

`python -m tests.benchmarks.information` prints medians of subjects measured in turn, and what each
finds beside the exact value. The peers are an extra of their own: `pip install '.[peers]'`.

Two options, of which one has the incremental net benefit p1 + p2, p1 ~ N(0, 1), p2 ~ N(0, sd 2):
EVPI = sqrt(5 / (2 pi)), EVPPI = sd / sqrt(2 pi).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

import sibsim as sib
from sibsim.core.arrays import FloatArray
from tests.benchmarks.table import medians

DRAWS = 10_000
SEED = 1
ROUNDS = 7
SPREADS = {"p1": 1.0, "p2": 2.0}

Subject = Callable[[], float]


def draws() -> tuple[FloatArray, dict[str, FloatArray]]:
    """Return the incremental net benefit and the parameters that it is the sum of."""
    rng = np.random.default_rng(SEED)
    parameters = {name: rng.normal(0.0, sd, DRAWS) for name, sd in SPREADS.items()}
    return sum(parameters.values(), start=np.zeros(DRAWS)), parameters


def subjects() -> dict[str, Subject]:
    """Return our estimators and theirs, by name."""
    benefit, parameters = draws()
    options = {"nothing": np.zeros(DRAWS), "something": benefit}
    found: dict[str, Subject] = {
        "EVPI, sibsim": lambda: sib.decisions.evpi(options).value,
    }
    for name in SPREADS:
        found[f"EVPPI of {name}, sibsim"] = partial(_ours, options, {name: parameters[name]})
    return found | _heormodel(benefit, parameters) | _voiage(benefit, parameters)


def _ours(options: Mapping[str, FloatArray], parameters: Mapping[str, FloatArray]) -> float:
    return sib.decisions.evppi(options, parameters).value


def _heormodel(benefit: FloatArray, parameters: Mapping[str, FloatArray]) -> dict[str, Subject]:
    from heormodel.models import Outcomes
    from heormodel.voi import evpi, evppi

    index = pd.RangeIndex(DRAWS, name="iteration")
    nothing = pd.DataFrame({"nothing": np.zeros(DRAWS), "something": np.zeros(DRAWS)}, index=index)
    effects = nothing.assign(something=benefit)
    outcomes, table = Outcomes.from_wide(nothing, effects), pd.DataFrame(parameters, index=index)
    found: dict[str, Subject] = {"EVPI, heormodel": lambda: float(evpi(outcomes, wtp=1.0))}
    for name in SPREADS:
        found[f"EVPPI of {name}, heormodel"] = partial(evppi, outcomes, table, name, wtp=1.0)
    return found


def _voiage(benefit: FloatArray, parameters: Mapping[str, FloatArray]) -> dict[str, Subject]:
    from voiage.methods.basic import evpi, evppi

    options = np.stack([np.zeros(DRAWS), benefit], axis=1)
    found: dict[str, Subject] = {"EVPI, voiage": lambda: float(evpi(options))}
    for name in SPREADS:
        of = {name: parameters[name]}
        found[f"EVPPI of {name}, voiage"] = partial(evppi, options, of, [name])
    return found


def exact(name: str) -> float:
    """Return the closed form of a subject."""
    if name.startswith("EVPI"):
        return math.sqrt(sum(sd**2 for sd in SPREADS.values()) / (2 * math.pi))
    return next(sd for each, sd in SPREADS.items() if each in name) / math.sqrt(2 * math.pi)


def main() -> None:
    """Print the times and what is found."""
    found = subjects()
    taken = medians(found, rounds=ROUNDS)
    for name, subject in found.items():
        sys.stdout.write(
            f"{name}: {1_000 * taken[name]:.1f} ms, {subject():.5f} (exact {exact(name):.5f})\n"
        )


if __name__ == "__main__":
    main()
