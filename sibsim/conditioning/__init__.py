"""The room of conditioning: simulated people and reports in which what has happened stands."""

from __future__ import annotations

from sibsim.conditioning.paths import participation_of, path_of
from sibsim.conditioning.people import Pool, choose, pool_of
from sibsim.conditioning.reports import as_reported, expected_paths

__all__ = [
    "Pool",
    "as_reported",
    "choose",
    "expected_paths",
    "participation_of",
    "path_of",
    "pool_of",
]
