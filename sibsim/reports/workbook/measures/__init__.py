"""Measures on a sheet of their own: what an evaluator is expected to report of each outcome.

The measurement layer is off: what stands here is the expected report, with every systematic error
in it. One block per measure, one row per cohort and follow-up: reported results X, people reported
M, the mean result Y / Z of the comparison, and what it leads to expect of those reported, M Y / Z.
Source: docs/model.md, section 7.
"""

from __future__ import annotations

from sibsim.reports.workbook.measures.writing import write_measures

__all__ = ["write_measures"]
