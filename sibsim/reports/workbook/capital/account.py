"""The contract's account by period: what is drawn for costs, what goes to whom, what is left.

Written from section 10 of the mathematical description, one column per step, so that a period can
be followed from left to right. Every term of the case file is live: drawings on need, up front and
by schedule, levels of drawing, what revolves, recycling, coupons, caps of each kind, deferred fees,
claims of one rank, lines that alone pay some tranche, surplus and guarantees. Three amounts are
taken from the library instead, where a contract has them: what payers owe at an early end, what is
set off against payments, and what is called back from the capital.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.accounts import settle
from sibsim.core.arrays import FloatArray, added
from sibsim.core.words import Words
from sibsim.payments.set_off import set_off
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.capital import words
from sibsim.reports.workbook.capital.drawing import Drawing
from sibsim.reports.workbook.capital.guarantees import write_fees, write_guarantees
from sibsim.reports.workbook.capital.lines import Lines, Setting
from sibsim.reports.workbook.capital.terms import write_terms
from sibsim.reports.workbook.capital.waterfall import Waterfall
from sibsim.reports.workbook.formulas import added as sum_of
from sibsim.reports.workbook.formulas import total
from sibsim.reports.workbook.model import Capital, Costs, Live, Payments, Periods, Standing
from sibsim.reports.workbook.returns import write_returns

EARLY_END = Words(
    da="Det, betalerne skylder, hvis kontrakten ender før tid, er bibliotekets tal og følger ikke "
    "input.",
    en="What the payers owe where the contract ends early is the library's figure and follows no "
    "input.",
)
OWED_BACK = Words(
    da="Det, investorerne skylder tilbage, som modregnes i betalinger eller kræves af kapitalen, "
    "er bibliotekets tal og følger ikke input.",
    en="What the investors owe back, set off against payments or called from the capital, is the "
    "library's figure and follows no input.",
)


A3 = 8
"""Excel's number of the paper: the account is wide."""


def write_capital(
    live: Live, periods: Periods, costs: Costs, payments: Payments, standing: Standing
) -> Capital:
    """Write the capital sheet: terms, account, guarantees, and what the investors earn.

    Parameters
    ----------
    live
        The workbook.
    periods
        The periods.
    costs
        What the capital finances.
    payments
        What is paid.
    standing
        How far the contract goes.
    """
    agreed = live.case.contract.capital
    assert agreed is not None  # noqa: S101 - a workbook is of a case that runs
    sheet = live.book.sheet(words.SHEET)
    sheet.heading(words.HEADING)
    sheet.heading(words.TERMS)
    terms = write_terms(sheet, live, agreed=agreed, periods=periods)
    sheet.heading(words.ACCOUNT, note=words.ACCOUNT_NOTE)
    block = sheet.block(list(live.case.timeline.labels), title=words.PERIOD)
    setting = Setting(
        live=live,
        agreed=agreed,
        terms=terms,
        periods=periods,
        costs=costs,
        payments=payments,
        standing=standing,
        lines=Lines(block),
        fixed=_fixed(live),
    )
    drawing, waterfall = Drawing(setting), Waterfall(setting)
    drawing.foresee()
    for t in range(periods.number):
        drawing.period(t)
        waterfall.period(t)
    by_guarantee, guarantees = write_guarantees(sheet, setting)
    fee_by_guarantee, fees = write_fees(setting)
    columns = setting.lines.columns
    found = Capital(
        funded=columns["funded"],
        overrun=columns["overrun"],
        drawn={
            name: columns[f"drawn.{name}"]
            for name, each in agreed.tranches.items()
            if each.is_drawn
        },
        received=_received(setting, waterfall, by_guarantee=by_guarantee),
        surplus=_surplus(setting),
        guarantees=guarantees,
        fees=fees,
    )
    sums = sheet.block([words.SURPLUS, words.OVERRUN], title=words.IN_ALL).reserve(words.IN_ALL)
    for row, name in enumerate(("surplus", "overrun")):
        live.totals[name] = sums.set(row, total(columns[name].all))
    write_returns(live, sheet, periods=periods, costs=costs, capital=found, fees=fee_by_guarantee)
    sheet.paper.set_paper(A3)
    return found


def _fixed(live: Live) -> dict[str, FloatArray]:
    """Return what no formula gives, one amount per period, and say so in the workbook."""
    assert live.base.worlds is not None  # noqa: S101 - a base case keeps its world
    accounts = settle(live.case, live.base.worlds[0])
    funding, found = accounts.funding, {}
    if accounts.standing.owes is not None:
        live.fixed["contract.termination.owes"] = EARLY_END
        found["compensation"] = funding.account.compensation[:, 0]
    if funding.set_off or funding.called:
        live.fixed["payments.owed_back"] = OWED_BACK
        kept = set_off(funding.payments).paid
        cut = {line: paid - kept[line] for line, paid in funding.payments.paid.items()}
        tranches = live.case.contract.capital.tranches if live.case.contract.capital else {}
        reserved = {line for each in tranches.values() for line in each.paid_from}
        shape = (live.case.timeline.periods, 1)
        common = (amount for line, amount in cut.items() if line not in reserved)
        found |= {f"set_off.{line}": -cut[line][:, 0] for line in reserved}
        found["set_off"] = -added(common, shape=shape)[:, 0]
        found["called"] = added(funding.called.values(), shape=shape)[:, 0]
    return found


def _received(
    setting: Setting, waterfall: Waterfall, *, by_guarantee: Mapping[str, Column]
) -> dict[str, Column]:
    """Write what every tranche receives in all, guarantees included."""
    found = {}
    for name, tranche in setting.agreed.tranches.items():
        if not tranche.parts:
            continue
        parts = [
            setting.lines.columns[key]
            for part in tranche.parts
            for key in waterfall.paid_columns.get(f"{name}.{part}", [])
        ]
        parts += [
            by_guarantee[each]
            for each, guarantee in setting.agreed.guarantees.items()
            if guarantee.tranche == name
        ]
        cells = [sum_of([each.at(t) for each in parts]) for t in range(setting.periods.number)]
        title = words.of(words.RECEIVED, name)
        found[name] = setting.lines.block.column(title, cells, note=words.RECEIVED_NOTE)
    return found


def _surplus(setting: Setting) -> dict[str, Column]:
    """Return what is released by party; written where several share it."""
    released = setting.lines.columns["surplus"]
    if isinstance(setting.agreed.surplus, str):
        return {setting.agreed.surplus: released}
    found = {}
    for party in setting.agreed.surplus:
        share = setting.live.inputs[f"capital.surplus.{party}"]
        cells = [released.at(t) * share for t in range(setting.periods.number)]
        found[party] = setting.lines.block.column(words.of(words.SURPLUS_TO, party), cells)
    return found
