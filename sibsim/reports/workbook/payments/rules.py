"""What a line claims, by the class of its model; models that no formula is known for claim nothing.

Other modules register their models here, as an analyst can for a model of their own.
"""

from __future__ import annotations

from functools import singledispatch

from sibsim.payments.base import PaymentModel
from sibsim.reports.workbook.payments.line import Claims, Line


@singledispatch
def write_claims(spec: PaymentModel, *, line: Line) -> list[Claims] | None:
    """Write what a line claims before index and limits; None: no formulas are known for it.

    Parameters
    ----------
    spec
        The terms of the line.
    line
        What it is written with.
    """
    del spec, line
    return None
