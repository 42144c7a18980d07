"""How long the standard case takes, beside its yardsticks: `pytest tests/benchmarks`.

pytest-benchmark measures one subject after the other; ratios of subjects that were measured in turn
are in the table that `python -m tests.benchmarks.table` prints.
"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks import budget_tables, reporting, settling
from tests.benchmarks.subjects import COLD, Subject, cold, command, one_process, parallel

NAMES = ("simulate", "binomial reference", "plain loop", "simulate, worlds kept", "reprice")


@pytest.fixture(scope="module")
def subjects() -> dict[str, Subject]:
    """Make the subjects once."""
    return one_process()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.benchmark(group="standard case, 16,384 draws (plain loop: 512)")
def test_standard_case(
    benchmark: BenchmarkFixture, subjects: dict[str, Subject], name: str
) -> None:
    """One subject in this process."""
    assert benchmark(subjects[name])


@pytest.mark.parametrize("name", ["one thread", "two threads", "two processes"])
@pytest.mark.benchmark(group="standard case, 400,000 draws", min_rounds=3)
def test_parallel(benchmark: BenchmarkFixture, name: str) -> None:
    """The same draws, shared out or not."""
    with parallel() as subjects:
        benchmark(subjects[name])


@pytest.mark.parametrize("name", COLD)
@pytest.mark.benchmark(group="fresh interpreter")
def test_cold(benchmark: BenchmarkFixture, name: str) -> None:
    """Start of Python included."""
    benchmark(cold(COLD[name]))


@pytest.mark.parametrize("name", ["settle", "one pass"])
@pytest.mark.benchmark(group="large contract, about 100,000 draws")
def test_settling(benchmark: BenchmarkFixture, name: str) -> None:
    """Ten payment lines and four tranches, and one pass over their flows."""
    benchmark(settling.subjects()[name])


@pytest.mark.parametrize("name", ["first look", "tables", "one pass"])
@pytest.mark.benchmark(group="tables of a budget memo, 10,000 draws")
def test_budget_tables(benchmark: BenchmarkFixture, name: str) -> None:
    """All tables, from a ledger new or looked at, and one pass over its postings."""
    benchmark(budget_tables.subjects()[name])


@pytest.mark.parametrize("name", reporting.NAMES)
@pytest.mark.benchmark(group="reports on 10,000 draws", min_rounds=3)
def test_reporting(benchmark: BenchmarkFixture, name: str) -> None:
    """Workbook, memo, page and redraws, beside the run that they report on."""
    benchmark(reporting.subjects()[name])


@pytest.mark.benchmark(group="fresh interpreter")
def test_command(benchmark: BenchmarkFixture) -> None:
    """`sibsim run holbaek --draws 10000`."""
    benchmark(command)
