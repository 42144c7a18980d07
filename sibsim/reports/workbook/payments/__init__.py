"""Payments on a sheet of their own: what every line claims, when, and what limits leave of it.

One line after the other: what it reads of a measure, what it claims for that, and the period in
which each claim is paid. Then one row per period: what is owed by line, what each limit cuts, and
what each payer pays. Source: docs/model.md, section 9, and docs/payment-models.md.
"""

from __future__ import annotations

from sibsim.reports.workbook.payments.writing import write_payments

__all__ = ["write_payments"]
