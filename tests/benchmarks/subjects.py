"""What is measured: one function without arguments per subject, its inputs made beforehand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sibsim.core.cashflow import irr
from sibsim.core.streams import BLOCK_DRAWS
from tests.benchmarks.binomial_reference import draw_counts, probabilities
from tests.benchmarks.flows import PERIODS_PER_YEAR, SETS
from tests.benchmarks.plain_loop import run
from tests.benchmarks.standard_case import standard_case

Subject = Callable[[], object]

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = 4
DRAWS = BLOCKS * BLOCK_DRAWS
LOOP_DRAWS = 512
FLOWS = 20_480
PARALLEL_DRAWS = 400_000
MEMORY_DRAWS = 1_000_000
WORKERS = 2
SEED = 1

COLD = {
    "import": "import sibsim",
    "base case": "import sibsim; sibsim.load_case('holbaek').base_case()",
}
"""What a fresh interpreter is asked to do."""

PEAK = f"""
import resource
from tests.benchmarks.standard_case import standard_case
case = standard_case()
case.simulate(draws={MEMORY_DRAWS}, rng=1, keep="metrics", progress=False).summary()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
"""Prints the most memory that the process ever held, in megabytes (Linux counts kilobytes)."""


def one_process() -> dict[str, Subject]:
    """Return the standard case and its yardsticks, by name."""
    case, counts = standard_case(), probabilities()
    rng = np.random.Generator(np.random.SFC64(SEED))
    kept = case.simulate(draws=DRAWS, rng=SEED, keep="world", progress=False)
    other = case.with_({"payments.job.limit.line": 4_000_000, "contract.limit.year": 5_000_000})
    return {
        "simulate": lambda: case.simulate(draws=DRAWS, rng=SEED, keep="metrics", progress=False),
        "binomial reference": lambda: [draw_counts(counts, rng=rng) for _ in range(BLOCKS)],
        "plain loop": lambda: run(case, draws=LOOP_DRAWS, seed=SEED),
        "simulate, worlds kept": lambda: case.simulate(
            draws=DRAWS, rng=SEED, keep="world", progress=False
        ),
        "reprice": lambda: kept.reprice(other),
    }


def irr_and_pyxirr() -> dict[str, Subject]:
    """Return `irr` of every set of flows, and pyxirr of the dense one, one call per flow."""
    import pyxirr

    dense = list(SETS["dense"](FLOWS).T.copy())
    own = {
        name: partial(irr, make(FLOWS), periods_per_year=PERIODS_PER_YEAR)
        for name, make in SETS.items()
    }
    return own | {"pyxirr": lambda: [pyxirr.irr(flow) for flow in dense]}


@contextmanager
def parallel() -> Iterator[dict[str, Subject]]:
    """Give the standard case with 400,000 draws in one thread, two threads and two processes.

    The processes have started and imported the package before they are measured.
    """
    case = standard_case()

    def subject(pool: ThreadPoolExecutor | ProcessPoolExecutor | None) -> Subject:
        return lambda: case.simulate(
            draws=PARALLEL_DRAWS,
            rng=SEED,
            keep="metrics",
            progress=False,
            executor=pool,
        )

    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(WORKERS))
        spawn = get_context("spawn")
        processes = stack.enter_context(ProcessPoolExecutor(WORKERS, mp_context=spawn))
        case.simulate(
            draws=WORKERS * BLOCK_DRAWS,
            rng=SEED,
            keep="metrics",
            progress=False,
            executor=processes,
        )
        yield {
            "one thread": subject(None),
            "two threads": subject(threads),
            "two processes": subject(processes),
        }


def cold(code: str) -> Subject:
    """Return a run of code in a fresh interpreter."""
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def command() -> None:
    """Run `sibsim run holbaek --draws 10000` in a fresh interpreter."""
    call = "from sibsim.cli import main; main()"
    with TemporaryDirectory() as folder:
        subprocess.run(
            [
                sys.executable,
                "-c",
                call,
                "run",
                "holbaek",
                "--draws",
                "10000",
                "--out",
                f"{folder}/out",
            ],
            check=True,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )


def peak_megabytes() -> float:
    """Return the peak memory of a million draws with their summary, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK], check=True, cwd=ROOT, capture_output=True, text=True
    )
    return float(done.stdout)
