"""Outcomes on a sheet of their own: what a person's result is, then what everybody's comes to.

One block per outcome with one row per follow-up works out the mean result of a person without and
with the intervention, step by step. A second one with one row per cohort and follow-up multiplies
it by the people who count: achieved = people x mean with, expected without = people x mean without,
additional = the difference. What follows no input stands there as a fixed value. Source:
docs/model.md, section 6.
"""

from __future__ import annotations

from sibsim.reports.workbook.outcomes import seen_states as _seen_states  # noqa: F401 - registers its functions
from sibsim.reports.workbook.outcomes.totals import write_outcome_totals
from sibsim.reports.workbook.outcomes.writing import SeenOutcome, write_outcomes

__all__ = ["SeenOutcome", "write_outcome_totals", "write_outcomes"]
