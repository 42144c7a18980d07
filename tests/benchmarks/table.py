"""The table of ratios in `docs/speed.md`: `python -m tests.benchmarks.table`.

Subjects of one ratio are measured in turn, round after round, so that a noisy neighbour slows them
alike; the figure is the ratio of the medians. Nothing is asserted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

import numpy as np

from sibsim.core.streams import BLOCK_DRAWS
from tests.benchmarks import budget_tables, settling, subjects
from tests.benchmarks.subjects import DRAWS, FLOWS, LOOP_DRAWS, Subject

ROUNDS, PARALLEL_ROUNDS, COLD_ROUNDS = 11, 3, 5
MICRO, MILLI = 1e6, 1e3

EMPTY = "pass"
"""What a fresh interpreter does to show what its start alone takes."""


def medians(of: Mapping[str, Subject], *, rounds: int) -> dict[str, float]:
    """Return the median time of every subject in seconds, measured in turn after one warm-up."""
    taken: dict[str, list[float]] = {name: [] for name in of}
    for count in range(rounds + 1):
        for name, subject in of.items():
            begun = time.perf_counter()
            subject()
            if count:
                taken[name].append(time.perf_counter() - begun)
    return {name: float(np.median(times)) for name, times in taken.items()}


def rows() -> list[tuple[str, str, str, str]]:
    """Measure everything: what, target, measured, against what."""
    found = [*_standard_case(), _settling(), _budget_tables(), *_irr(), *_parallel(), *_cold()]
    found.append(
        (
            'a million draws, `keep="metrics"`, and `summary()`',
            "under 600 MB",
            f"{subjects.peak_megabytes():.0f} MB",
            "peak resident memory of the process",
        )
    )
    return found


def _standard_case() -> list[tuple[str, str, str, str]]:
    taken = medians(subjects.one_process(), rounds=ROUNDS)
    per_draw = {name: MICRO * time / DRAWS for name, time in taken.items()}
    per_draw["plain loop"] = MICRO * taken["plain loop"] / LOOP_DRAWS
    mine, reference = per_draw["simulate"], per_draw["binomial reference"]
    loop = per_draw["plain loop"]
    worlds, again = per_draw["simulate, worlds kept"], per_draw["reprice"]
    return [
        (
            "standard case, time per draw",
            "at most 1.5 x",
            f"{mine / reference:.2f} x ({mine:.1f} us)",
            f"NumPy's `binomial` for its 72 counts ({reference:.1f} us)",
        ),
        (
            "standard case, time per draw",
            "15 x faster",
            f"{loop / mine:.0f} x faster",
            f"the same case in a plain Python loop ({loop:.0f} us)",
        ),
        (
            "`reprice`",
            "2.5 x faster",
            f"{worlds / again:.1f} x faster ({again:.1f} us)",
            f'simulating with `keep="world"` ({worlds:.1f} us)',
        ),
    ]


def _settling() -> tuple[str, str, str, str]:
    taken = medians(settling.subjects(), rounds=ROUNDS)
    settle, one_pass = (MICRO * taken[name] / settling.DRAWS for name in ("settle", "one pass"))
    return (
        "settling 10 payment lines and 4 tranches, returns excluded",
        "at most 10 x",
        f"{settle / one_pass:.1f} x ({settle:.1f} us a draw)",
        f"one read-write pass of NumPy over the same flows ({one_pass:.2f} us)",
    )


def _budget_tables() -> tuple[str, str, str, str]:
    taken = medians(budget_tables.subjects(), rounds=budget_tables.ROUNDS)
    first, again, one_pass = (MILLI * taken[name] for name in ("first look", "tables", "one pass"))
    return (
        f"all tables of a budget memo, Holbæk, {budget_tables.DRAWS:,} draws",
        "under 50 ms",
        f"{first:.0f} ms ({again:.0f} ms once the ledger is put together)",
        f"one pass of NumPy over the postings ({one_pass:.1f} ms)",
    )


def _irr() -> list[tuple[str, str, str, str]]:
    taken = medians(subjects.irr_and_pyxirr(), rounds=ROUNDS)
    per_flow = {name: MICRO * time / FLOWS for name, time in taken.items()}
    theirs = per_flow.pop("pyxirr")
    found = [
        (
            f"`irr`, {name.replace('_', ' ')} flows of 40 quarters",
            "at most 0.6 us a flow",
            f"{time:.2f} us",
            "",
        )
        for name, time in per_flow.items()
    ]
    ratio = theirs / per_flow["dense"]
    found.append(
        (
            "`irr`, dense flows",
            "25 x faster",
            f"{ratio:.0f} x faster",
            f"pyxirr, one call per flow ({theirs:.1f} us)",
        )
    )
    return found


def _parallel() -> list[tuple[str, str, str, str]]:
    with subjects.parallel() as of:
        taken = medians(of, rounds=PARALLEL_ROUNDS)
    return [
        (
            f"400,000 draws in {name}",
            f"{target} x faster",
            f"{taken['one thread'] / taken[name]:.2f} x faster",
            "one thread",
        )
        for name, target in (("two processes", 1.7), ("two threads", 1.5))
    ]


def _cold() -> list[tuple[str, str, str, str]]:
    of: dict[str, Subject] = {name: subjects.cold(code) for name, code in subjects.COLD.items()}
    taken = medians(of | {"start": subjects.cold(EMPTY)}, rounds=COLD_ROUNDS)
    run = medians({"run": subjects.command}, rounds=COLD_ROUNDS)["run"]
    start = taken["start"]
    return [
        (
            "`import sibsim`",
            "under 0.05 s",
            f"{taken['import'] - start:.3f} s",
            f"a fresh interpreter that does nothing ({start:.3f} s), subtracted",
        ),
        (
            "import, load a case, base case",
            "under 0.9 s",
            f"{taken['base case']:.2f} s",
            "fresh interpreter, its start included",
        ),
        (
            "`sibsim run holbaek --draws 10000`",
            "under 5 s",
            f"{run:.1f} s",
            "fresh interpreter, its start included",
        ),
    ]


def main() -> None:
    """Print the table in Markdown."""
    lines = ["| What | Target | Measured | Against |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows()]
    lines.append(f"\nBlocks of {BLOCK_DRAWS:,} draws; medians of {ROUNDS} rounds in turn.")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
