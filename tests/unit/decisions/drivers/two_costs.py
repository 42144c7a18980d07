"""A case in which nothing is uncertain but two costs of the municipality, each with slope -1.

The municipality's net is N - a - b, a and b uniform on [200,000, 400,000] and independent: no
payment is worth more than a millionth of a krone, so that chance moves nothing that is seen.
"""

from __future__ import annotations

import sibsim as sib
from tests.small_case import BAND, small_case

LEAST, MOST = 200_000.0, 400_000.0
"""Ends of both distributions."""

WIDTH = MOST - LEAST

MIDDLE = (LEAST + MOST) / 2

SD = WIDTH / 12**0.5
"""Standard deviation of a uniform."""

A, B = "costs.evaluation.amount", "costs.audit.amount"
"""Paths of the two costs."""

EXACT = 1e-3
"""Rounding of sums of amounts of millions, and the payment: far below a krone."""


def two_costs() -> sib.Case:
    """Return the case."""
    nothing = [{"at": 0.0, "pays": 0.0}, {"at": 1.0, "pays": 1e-6}]
    case = small_case(line={**BAND, "schedule": nothing})
    cost = case.document["costs"]["evaluation"]
    cost["amount"] = {"dist": "uniform", "min": LEAST, "max": MOST}
    return case.with_({"costs.evaluation": cost, "costs.audit": cost})
