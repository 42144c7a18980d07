"""How long an internal rate of return takes, beside one call per flow of pyxirr."""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sibsim.core.cashflow import irr
from tests.benchmarks.flows import PERIODS_PER_YEAR, SETS

DRAWS = 20_480


@pytest.mark.parametrize("name", SETS)
@pytest.mark.benchmark(group="irr of 20,480 flows of 40 quarters")
def test_irr(benchmark: BenchmarkFixture, name: str) -> None:
    """All flows at once."""
    rates = benchmark(irr, SETS[name](DRAWS), periods_per_year=PERIODS_PER_YEAR)
    assert np.isfinite(rates).all()


@pytest.mark.parametrize("name", SETS)
@pytest.mark.benchmark(group="irr of 20,480 flows of 40 quarters")
def test_pyxirr(benchmark: BenchmarkFixture, name: str) -> None:
    """The same flows, one call each; both find the same rates."""
    pyxirr = pytest.importorskip("pyxirr")
    flows = SETS[name](DRAWS)
    per_quarter = benchmark(lambda: [pyxirr.irr(flow) for flow in flows.T])
    rates = irr(flows, periods_per_year=PERIODS_PER_YEAR)
    effective = (1 + np.array(per_quarter)) ** PERIODS_PER_YEAR - 1
    np.testing.assert_allclose(effective, rates, rtol=0, atol=1e-9)  # pyxirr's own tolerance
