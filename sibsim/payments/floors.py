"""What lies beyond the comparison, priced and floored at zero where the contract says.

A shortfall is set against a surplus only within the scope of the floor: one cohort at one
follow-up, all cohorts at one follow-up, or the whole contract. More units than the comparison leads
to expect can be what is paid for (people in work) or fewer (days in care). Cuyahoga's investors
were paid nothing as days in foster care did not fall
(https://nff.org/blog/results-and-reflections-cuyahoga-pay-success-project, 2020).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.stages import Measurement
from sibsim.core.words import Words
from sibsim.payments.base import Claim
from sibsim.payments.reading import additional, last_date

Floor = Literal["cohort", "follow_up", "contract"]
"""Where a shortfall is set against a surplus before the floor at zero."""

FLOOR_WORDS: Mapping[Floor, Words] = {
    "cohort": Words(
        da="for hvert hold og hver opfølgning for sig og aldrig under nul",
        en="for each cohort and follow-up by itself and never below zero",
    ),
    "follow_up": Words(
        da="ved hver opfølgning for alle hold under ét, når det sidste hold er målt, og aldrig "
        "under nul",
        en="at each follow-up for all cohorts together, once the last cohort is measured, and "
        "never below zero",
    ),
    "contract": Words(
        da="for alle hold og opfølgninger under ét efter den sidste måling og aldrig under nul",
        en="for all cohorts and follow-ups together after the last measurement and never below "
        "zero",
    ),
}
"""The scope of a floor, after `settled` and `opgjort`."""


def floored(
    report: Measurement,
    *,
    prices: Mapping[int, float],
    floor: Floor,
    served: BoolArray,
    fewer: bool = False,
) -> Iterator[Claim]:
    """Yield price x units beyond the comparison, never below zero.

    Parameters
    ----------
    report
        What is reported.
    prices
        Price of one unit at each follow-up that is paid, by months from the start of service.
    floor
        Where a shortfall is set against a surplus.
    served
        Whether the cohort is served, (C, 1 or D).
    fewer
        Whether units below the comparison are paid for, not units above it.
    """
    nets: list[tuple[FloatArray, FloatArray]] = []
    for months, price in prices.items():
        k = report.follow_up_months.index(months)
        units = additional(report, position=k)
        units = -units if fewer else units
        if floor == "cohort":
            for cohort, each in enumerate(served):
                yield Claim(price * np.maximum(units[cohort], 0.0) * each, report.when[cohort, k])
            continue
        net = price * (units * served).sum(axis=0)
        nets.append((net, last_date(report.when[:, k], served=served)))
    if floor == "follow_up":
        for net, when in nets:
            yield Claim(np.maximum(net, 0.0), when)
    elif floor == "contract":
        total, latest = nets[0]
        for net, when in nets[1:]:
            total = total + net
            latest = np.maximum(latest, when)
        yield Claim(np.maximum(total, 0.0), latest)
