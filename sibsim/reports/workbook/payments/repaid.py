"""From which period on a line pays another share because investors have their money back.

It is reckoned with the first share throughout, so that it needs the capital's account of another
contract: a number of the library.
"""

from __future__ import annotations

import numpy as np

from sibsim.accounts import settle
from sibsim.capital.account import ROUNDING
from sibsim.payments.savings_share import SavingsShare
from sibsim.reports.workbook.formulas import Formula
from sibsim.reports.workbook.payments import words
from sibsim.reports.workbook.payments.line import Line


def repaid_from(line: Line) -> Formula:
    """Write the number of the period after which investors are repaid, and return its cell.

    Receipts of all tranches that are investments reach all that is drawn, in a contract whose lines
    pay the first share throughout. The number of periods where they never do.

    Parameters
    ----------
    line
        A line that waits for it.
    """
    case, worlds = line.live.case, line.live.base.worlds
    assert worlds is not None  # noqa: S101 - a base case keeps its world
    first = {
        f"payments.{name}.share_after_repayment": spec.share
        for name, spec in case.contract.payments.items()
        if isinstance(spec, SavingsShare) and spec.share_after_repayment is not None
    }
    account = settle(case.with_(first), worlds[0]).capital
    investments = account.capital.investments
    drawn = sum(float(account.drawn[name].sum()) for name in investments)
    received = np.cumsum(sum(account.received[name][:, 0] for name in investments))
    repaid = (received >= drawn * (1 - ROUNDING)) & (drawn > 0)
    period = int(repaid.argmax()) + 1 if repaid.any() else line.periods.number
    line.live.fixed[f"payments.{line.name}.share_after_repayment"] = words.FIXED_REPAID
    block = line.sheet.block([words.REPAID_FROM], title="")
    return block.fixed(words.VALUE, [float(period)], kind="count").at(0)
