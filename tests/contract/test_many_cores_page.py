"""The page on many cores is true: its scripts run, and the executor changes no number."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sibsim as sib
from tests.pages import block

PAGE = "many-cores"


def _printed(name: str, *, at: Path) -> str:
    """Return what a script of the page prints."""
    script = at / f"{name}.py"
    script.write_text(block(PAGE, name=name), "utf-8")
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, check=True, timeout=300)
    return done.stdout.strip()


@pytest.mark.slow
def test_processes_give_the_number_of_one_core(tmp_path: Path) -> None:
    """To the last digit that is printed."""
    results = sib.load_case("holbaek").simulate(draws=20_000, rng=2026, keep="metrics")
    alone = results.summary().loc["municipality_net", "mean"]
    assert _printed("run_on_cores", at=tmp_path) == str(alone)


@pytest.mark.slow
def test_cases_side_by_side_give_their_own_numbers(tmp_path: Path) -> None:
    """One number for each case, that of the case alone."""
    alone = {}
    for name in ("holbaek", "svendborg"):
        results = sib.load_case(name).simulate(draws=2_000, rng=2026, keep="metrics")
        alone[name] = float(results.summary()["mean"].astype(float)["municipality_net"])
    assert _printed("run_many_cases", at=tmp_path) == str(alone)
