"""A memo and a page of 10,000 draws, as subjects to measure."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import sibsim as sib
from sibsim.reports.memo import write_memo
from sibsim.reports.page import write_page

DRAWS = 10_000
"""Size of the run that is reported on."""

LONGEST = 3.0
"""Seconds that either may take."""


def subjects(folder: Path | None = None) -> Mapping[str, Callable[[], None]]:
    """Return the writing of a memo and of a page, the run being there."""
    target = folder or Path(tempfile.mkdtemp())
    results = sib.load_case("holbaek").simulate(draws=DRAWS, rng=1)
    return {
        "memo": partial(write_memo, results, target / "memo.docx"),
        "page": partial(write_page, results, target / "page.html"),
    }
