"""A workbook, a memo, a page and a movement of a slider, as subjects to measure.

The opponent is the simulation that they report on: a report that takes far longer than the run
would be the wait.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from pathlib import Path

import sibsim as sib
from sibsim.reports.explorer import Explorer

DRAWS = 10_000
"""Size of the run that is reported on."""


NAMES = (
    "simulation",
    "workbook",
    "memo",
    "page",
    "slider of the contract",
    "slider of a quantity",
)
"""What is measured."""


def subjects(folder: Path | None = None) -> Mapping[str, Callable[[], object]]:
    """Return the writing of each report, the run being there, one redraw, and the run itself."""
    target = folder or Path(tempfile.mkdtemp())
    case = sib.load_case("holbaek")
    results = case.simulate(draws=DRAWS, rng=1)
    explorer, steps = case.explore(), count()
    return {
        "simulation": partial(case.simulate, draws=DRAWS, rng=1),
        "workbook": partial(results.write_report, target / "report.xlsx", lang="da"),
        "memo": partial(results.write_report, target / "report.docx", lang="da"),
        "page": partial(results.write_report, target / "report.html", lang="da"),
        "slider of the contract": lambda: _moved(explorer, 0, step=next(steps)),
        "slider of a quantity": lambda: _moved(explorer, 1, step=next(steps)),
    }


def _moved(explorer: Explorer, which: int, *, step: int) -> None:
    """Move one of two sliders to another place."""
    slider = explorer.sliders[which]
    slider.value = slider.min + (step % 40 + 1) * slider.step
