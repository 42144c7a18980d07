"""Micro-simulation of a trial, beside a loop over formulas and beside the closed form.

`python -m tests.benchmarks.micro` prints the medians. The target: 1,000 replicates of a trial of
360 people under 2 seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from sibsim.evaluation.randomised import Randomised
from sibsim.micro.trial import simulate_evaluation
from sibsim.planning.findings import findings
from sibsim.planning.setting import Setting
from tests.benchmarks.subjects import Subject
from tests.benchmarks.table import medians

REPLICATES = 1000
PEOPLE = 180
"""In each arm."""

SHARES: Mapping[str, Any] = MappingProxyType({"counterfactual": 0.3, "effect": 0.1})
TRIAL = Randomised.model_validate(
    {"design": "randomised", "outcome": "job", "controls_per_participant": 1.0}
)
ROUNDS = 3


def by_formula() -> float:
    """Return the sd of the estimate by the loop that everybody writes: frames and formulas."""
    from statsmodels.formula.api import ols

    rng = np.random.default_rng(1)
    treated = np.repeat([1, 0], PEOPLE)
    found = np.empty(REPLICATES)
    for row in range(REPLICATES):
        outcome = (rng.random(2 * PEOPLE) < 0.3 + 0.1 * treated).astype(float)
        people = pd.DataFrame({"treated": treated, "outcome": outcome})
        fit = ols("outcome ~ treated", people).fit(cov_type="HC2")
        found[row] = fit.params["treated"]
    return float(found.std(ddof=1))


def by_people() -> float:
    """Return the same by the micro-simulation."""
    found = simulate_evaluation(TRIAL, people=PEOPLE, replicates=REPLICATES, rng=1, **SHARES)
    return float(found.estimate.std(ddof=1))


def closed_form() -> float:
    """Return the standard error that the design states."""
    return float(findings(TRIAL, setting=Setting(people=PEOPLE, **SHARES)).standard_error[0])


def subjects() -> dict[str, Subject]:
    """Return what is measured, by name."""
    return {
        f"{REPLICATES} replicates of {2 * PEOPLE} people": by_people,
        "the same by formulas": by_formula,
        "the closed form": closed_form,
    }


def main() -> None:
    """Print the median time of each, and what each says of the standard error."""
    taken = medians(subjects(), rounds=ROUNDS)
    for name, subject in subjects().items():
        print(f"{name:36s} {taken[name]:10.5f} s   standard error {subject():.5f}")  # noqa: T201 - its output


if __name__ == "__main__":
    main()
