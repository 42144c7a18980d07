"""The sheet of savings, and the sheet of people that it reads."""

from sibsim.reports.workbook.savings.writing import write_savings

__all__ = ["write_savings"]
