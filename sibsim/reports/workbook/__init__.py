"""A workbook that recomputes the base case of a case with formulas of its own.

From the input sheet on everything is live: delivery, outcomes, what is measured and paid, capital,
savings and the budget of every party. A changed input gives what the library gives with the same
change. What the simulation finds stands beside it, and the case file is inside, so that an edited
workbook can be read back as a case.
"""

from __future__ import annotations

from sibsim.reports.workbook.writing import write_workbook

__all__ = ["write_workbook"]
