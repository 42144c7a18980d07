"""What is paid for, what is true and what is additional: three counts of the same outcomes.

By payment line, over the follow-ups and cohorts that it pays: *true* is what those who count have
achieved; *reported* is what the evaluator says of them; *paid* is what is reported and paid for, on
a line with a price for each result: its claims x the share of what they are worth at its prices
that is paid; *additional* is what is true less what would have been anyway. An outcome that is not
additional may be paid for, and one that is true may not be reported. Where a line pays for fewer
results than expected, such as days avoided, the money is set against how many fewer there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sibsim.accounts import Accounts
from sibsim.case import Case
from sibsim.core.arrays import FloatArray, summed
from sibsim.core.stages import Measurement, World
from sibsim.payments.base import PaymentModel
from sibsim.reports.replay import blocks_of
from sibsim.results import Results

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("true", "reported", "paid", "additional", "money")
"""What is counted for each line."""


def outcomes_table(results: Results) -> pd.DataFrame:
    """Return what each payment line pays for beside what is true and additional.

    Parameters
    ----------
    results
        The run or base case.
    """
    import pandas as pd

    lines = {name: line for name, line in results.case.contract.payments.items() if line.readings}
    totals = {name: np.zeros(len(COLUMNS)) for name in lines}
    for world, accounts, draws in blocks_of(results):
        for name, line in lines.items():
            counts = _counts(results.case, world, accounts, name=name, line=line)
            totals[name] += [
                np.broadcast_to(each, (max(draws, len(each)),))[:draws].sum() for each in counts
            ]
    table = pd.DataFrame(totals, index=list(COLUMNS), dtype=np.float64).T / results.draws
    table.index.name = "line"
    sign = [-1.0 if line.pays_for_fewer else 1.0 for line in lines.values()]
    for of, number in (("true", table["true"]), ("additional", table["additional"] * sign)):
        table[f"money_per_{of}"] = table["money"] / number.where(number > 0)
    return table


def _counts(
    case: Case, world: World, accounts: Accounts, *, name: str, line: PaymentModel
) -> tuple[FloatArray, ...]:
    """Return what stands in `COLUMNS` in every draw, (1 or D,) each."""
    reading = line.readings[0]
    report = world.measured[reading.measure]
    path = world.paths[case.measures[reading.measure].outcome]
    paid_at = reading.at_months or report.follow_up_months
    prices = line.person_prices(report.follow_up_months) or (1.0,) * len(report.follow_up_months)
    at = [
        k
        for k, (months, price) in enumerate(zip(report.follow_up_months, prices, strict=True))
        if months in paid_at and price > 0
    ]
    own = np.array([line.cohorts is None or c + 1 in line.cohorts for c in range(len(path.people))])
    counted = (accounts.standing.served & own[:, np.newaxis])[:, np.newaxis]
    money = summed(accounts.payments.paid[name])

    def total(cells: FloatArray) -> FloatArray:
        return summed(summed((cells * counted)[:, at]))

    return (
        total(path.achieved),
        total(report.treated_sum),
        _paid(line, report=report, money=money, total=total),
        total(path.additional),
        money,
    )


def _paid(
    line: PaymentModel,
    *,
    report: Measurement,
    money: FloatArray,
    total: Callable[[FloatArray], FloatArray],
) -> FloatArray:
    """Return how many of the reported results are paid for, (1 or D,); NaN: not by result.

    Claims x the share of what they are worth at the line's prices that is paid, at most all.

    Parameters
    ----------
    line
        The line.
    report
        What it reads.
    money
        What it is paid, (1 or D,).
    total
        The sum over the cohorts and follow-ups of the line.
    """
    prices = line.person_prices(report.follow_up_months)
    if prices is None:
        return np.full(1, np.nan)
    claims = line.as_paid(report).treated_sum
    number, worth = total(claims), total(claims * np.array(prices)[:, np.newaxis])
    share = np.divide(money, worth, out=np.zeros(np.broadcast(money, worth).shape), where=worth > 0)
    return number * np.minimum(share, 1.0)
