"""How long a hierarchical model takes, from nothing: imports and compilation inside."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

RUN = """
import numpy as np
from sibsim.evidence.bayes import posterior
from sibsim.evidence.studies import Studies

generator = np.random.default_rng(60)
variance = generator.uniform(0.02, 0.3, 60)
effects = generator.normal(0.4, 0.3, 60)
studies = Studies(
    scale="odds_ratio",
    names=tuple(f"study {number}" for number in range(60)),
    estimate=effects + np.sqrt(variance) * generator.normal(size=60),
    variance=variance,
)
found = posterior(studies, draws=1_000, chains=4)
assert found.mu.shape == (4_000,)
"""
"""Sixty studies, four chains of a thousand draws, checked as always."""


@pytest.mark.benchmark(group="hierarchical model of 60 studies")
def test_sixty_studies_from_nothing(benchmark: BenchmarkFixture) -> None:
    """A new process that has compiled nothing answers; under 20 s on two cores."""
    done = benchmark.pedantic(  # type: ignore[no-untyped-call] # pytest-benchmark types it not
        lambda: subprocess.run([sys.executable, "-c", RUN], check=True), rounds=1, iterations=1
    )
    assert done.returncode == 0
