"""What the investors earn, from their flows on the nodes of time: rates, multiples, present values.

Section 11 of the mathematical description. Drawings of a period stand at its start, receipts at its
end. A spreadsheet looks for a rate of return from a guess, and gives up from a bad one where money
is lost; so the guess is worked out: with P received and N paid in all, at the mean dates d_P and
d_N (in periods), two steps of ln(1 + r) = ln(P / N) / (d_P - d_N), the second with amounts
discounted at the first. They are Newton's steps on ln(P / N), which falls with the rate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sibsim.core.cashflow import ROUNDING
from sibsim.core.words import Words
from sibsim.metrics import NOTHING_BACK
from sibsim.metrics import ROUNDING as HALF_A_CENT
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.capital.terms import periods_a_year
from sibsim.reports.workbook.formulas import (
    Formula,
    above_zero,
    added,
    both,
    cut,
    either,
    if_defined,
    lift,
    logarithm,
    power_of_e,
    rate_of_return,
    smallest,
    sum_product,
    total,
    where,
)
from sibsim.reports.workbook.model import Capital, Costs, Live, Periods
from sibsim.reports.workbook.sheets import Sheet

LARGEST_POWER = 500.0
"""Largest exponent of e that is tried: beyond 700 there is no such number."""

BLANK = Formula('""', math.nan)
"""An empty cell."""

HEADING = Words(da="Hvad investorerne tjener", en="What the investors earn")
FLOWS_NOTE = Words(
    da="Knude nr. j ligger ved starten af periode j: det, der trækkes dér, og det, der blev "
    "modtaget ved slutningen af perioden før.",
    en="Node j stands at the start of period j: what is drawn there, and what was received at the "
    "end of the period before.",
)
NODE = Words(da="knude", en="node")
END = Words(da="slutning", en="end")
NUMBER = Words(da="nr.", en="number")
YEARS = Words(da="år fra start", en="years from the start")
FACTOR = Words(da="diskonteringsfaktor", en="discount factor")
FACTOR_NOTE = Words(
    da="(1 + investorens kalkulationsrente) opløftet i minus år",
    en="(1 + the investor's discount rate) to the power of minus years",
)
FLOW = Words(da="strøm: {}", en="flow: {}")
FLOW_NOTE = Words(da="modtaget minus trukket", en="received less drawn")
RUNNING = Words(da="løbende sum: {}", en="running sum: {}")
BACK = Words(da="tilbage i nul: {}", en="paid back: {}")
BACK_NOTE = Words(
    da="1 fra den første knude, hvor den løbende sum er tilbage i nul efter at have været under",
    en="1 from the first node at which the running sum is back at zero after having been below",
)
ALL = Words(da="alle investeringer", en="all investments")
WHO = Words(da="investering", en="investment")
DRAWN = Words(da="trukket", en="drawn")
RECEIVED = Words(da="modtaget", en="received")
PROFIT = Words(da="overskud", en="profit")
PROFIT_NOTE = Words(da="modtaget minus trukket", en="received less drawn")
MULTIPLE = Words(da="modtaget / trukket", en="multiple")
PRESENT = Words(da="nutidsværdi", en="present value")
PEAK = Words(da="største udestående", en="peak capital")
PEAK_NOTE = Words(da="laveste løbende sum, uden fortegn", en="lowest running sum, without its sign")
PAYBACK = Words(da="år til pengene er tilbage", en="payback in years")
OWN = Words(da="egne omkostninger", en="own costs")
AFTER_OWN = Words(da="overskud efter egne omkostninger", en="profit after own costs")
LOSES = Words(da="taber (1 = ja)", en="loses (1 = yes)")
LOSES_ALL = Words(da="taber alt (1 = ja)", en="loses everything (1 = yes)")
RATE_HEADING = Words(da="Den interne rente, trin for trin", en="The rate of return, step by step")
RATE_NOTE = Words(
    da="Et regneark søger renten fra et gæt. Gættet er ln(modtaget / betalt) / (middeldato for det "
    "modtagne minus middeldato for det betalte), i perioder; andet trin diskonterer med første.",
    en="A spreadsheet looks for the rate from a guess. The guess is ln(received / paid) / (mean "
    "date of what is received less mean date of what is paid), in periods; the second step "
    "discounts with the first.",
)
NET_RECEIVED = Words(da="modtaget netto, trin {}", en="net received, step {}")
NET_PAID = Words(da="betalt netto, trin {}", en="net paid, step {}")
DATE_RECEIVED = Words(da="middeldato modtaget, trin {}", en="mean date received, step {}")
DATE_PAID = Words(da="middeldato betalt, trin {}", en="mean date paid, step {}")
GUESS = Words(da="ln(1 + rente), trin {}", en="ln(1 + rate), step {}")
PER_PERIOD = Words(da="intern rente pr. periode", en="rate of return per period")
FALLS = Words(da="nutidsværdi falder med renten (> 0)", en="value falls with the rate (> 0)")
FALLS_NOTE = Words(
    da="sum af knude gange diskonteret strøm; ellers er renten prisen på et lån og intet afkast",
    en="sum of node times discounted flow; else the rate is the price of a loan and no return",
)
PER_YEAR = Words(da="intern rente om året", en="rate of return a year")
PER_YEAR_NOTE = Words(
    da="(1 + rente pr. periode) opløftet i perioder om året, minus 1; tabes alt, er den -100 %",
    en="(1 + rate per period) to the power of periods a year, less 1; -100 % where all is lost",
)


@dataclass(frozen=True, eq=False)
class Scope:
    """Some tranches whose flows are looked at together."""

    title: Words
    """What they are called."""

    names: tuple[str, ...]
    """The tranches."""

    prefixes: tuple[str, ...]
    """What stands before the names of their metrics."""


def _scopes(live: Live) -> tuple[Scope, ...]:
    """Return all investments together, and each tranche; one row where they are the same."""
    agreed = live.case.contract.capital
    assert agreed is not None  # noqa: S101 - a workbook is of a case that runs
    invested = agreed.investments
    single = tuple(f"tranche.{name}." for name in invested if len(invested) == 1)
    found = [Scope(ALL, invested, ("investor_", *single))]
    for name in agreed.tranches:
        prefix = f"tranche.{name}."
        if prefix not in single:
            found.append(Scope(Words(da=name, en=name), (name,), (prefix,)))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Nodes:
    """The flows of the scopes."""

    block: Block
    """One row per node."""

    number: Column
    """Number of each node."""

    years: Column
    """Years from the start."""

    factor: Column | None
    """Discount factor; None without a discount rate."""

    flow: Sequence[Column]
    """Received less drawn, by scope."""

    running: Sequence[Column]
    """Its running sum, by scope."""


def write_returns(
    live: Live,
    sheet: Sheet,
    *,
    periods: Periods,
    costs: Costs,
    capital: Capital,
    fees: Mapping[str, Column],
) -> None:
    """Write what all investments and each tranche earn, and put the totals into the workbook.

    Parameters
    ----------
    live
        The workbook.
    sheet
        Where it is written.
    periods
        The periods.
    costs
        The cost lines, some of which investors pay themselves.
    capital
        What is drawn and received.
    fees
        Fees by guarantee.
    """
    scopes = _scopes(live)
    sheet.heading(HEADING, note=FLOWS_NOTE)
    nodes = _nodes(live, sheet, scopes, periods=periods, capital=capital)
    block = sheet.block([each.title for each in scopes], title=WHO)
    _figures(live, block, scopes, nodes=nodes, capital=capital, periods=periods)
    _after_costs(live, block, costs=costs, fees=fees)
    sheet.heading(RATE_HEADING, note=RATE_NOTE)
    block = sheet.block([each.title for each in scopes], title=WHO)
    _rates(live, block, scopes, nodes=nodes, periods=periods)


def _nodes(
    live: Live,
    sheet: Sheet,
    scopes: tuple[Scope, ...],
    *,
    periods: Periods,
    capital: Capital,
) -> Nodes:
    block = sheet.block([*live.case.timeline.labels, END], title=NODE)
    rows = range(periods.number + 1)
    number = block.column(NUMBER, rows, kind="count", style="plain")
    years = block.column(
        YEARS, (number.at(j) / periods_a_year(periods) for j in rows), kind="number"
    )
    factor = None
    if live.case.valuation is not None:
        rate = live.inputs["valuation.discount.investor"]
        cells = ((1 + rate) ** (-years.at(j)) for j in rows)
        factor = block.column(FACTOR, cells, kind="factor", note=FACTOR_NOTE)
    flows, sums = [], []
    for scope in scopes:
        title = _filled(FLOW, scope.title)
        cells = (_flow(scope, j, periods=periods, capital=capital) for j in rows)
        flow = block.column(title, cells, note=FLOW_NOTE)
        running = block.reserve(_filled(RUNNING, scope.title))
        for j in rows:
            running.set(j, running.before(j) + flow.at(j) if j else flow.at(j))
        flows.append(flow)
        sums.append(running)
    return Nodes(block, number, years, factor, flows, sums)


def _filled(pattern: Words, value: Words | str) -> Words:
    da, en = (value, value) if isinstance(value, str) else (value.da, value.en)
    return Words(da=(pattern.da or "").format(da), en=(pattern.en or "").format(en))


def _flow(scope: Scope, j: int, *, periods: Periods, capital: Capital) -> Formula:
    received = [capital.received[name] for name in scope.names if name in capital.received]
    drawn = [capital.drawn[name] for name in scope.names if name in capital.drawn]
    found = added([each.at(j - 1) for each in received]) if j else lift(0)
    if j < periods.number:
        for each in drawn:
            found = -each.at(j) if not j and each is drawn[0] else found - each.at(j)
    return found


def _figures(
    live: Live,
    block: Block,
    scopes: tuple[Scope, ...],
    *,
    nodes: Nodes,
    capital: Capital,
    periods: Periods,
) -> None:
    """Write every figure but the rate of return."""
    drawn, received = block.reserve(DRAWN), block.reserve(RECEIVED)
    columns = {
        "profit": block.reserve(PROFIT, note=PROFIT_NOTE),
        "multiple": block.reserve(MULTIPLE, kind="factor"),
        "npv": block.reserve(PRESENT),
        "peak_capital": block.reserve(PEAK, note=PEAK_NOTE),
        "payback_years": block.reserve(PAYBACK, kind="number"),
    }
    for row, scope in enumerate(scopes):
        put_in = drawn.set(row, _sum_of(capital.drawn, scope))
        out = received.set(row, _sum_of(capital.received, scope))
        flow = nodes.flow[row].all
        found = {
            "profit": total(flow),
            "multiple": if_defined(out / put_in),
            "peak_capital": -smallest(0, nodes.running[row].all),
            "payback_years": _payback(nodes, row, title=scope.title, periods=periods),
        }
        if nodes.factor is not None:
            found["npv"] = sum_product(flow, nodes.factor.all)
        for figure, formula in found.items():
            cell = columns[figure].set(row, formula)
            live.totals.update(dict.fromkeys((f"{each}{figure}" for each in scope.prefixes), cell))
    loses = block.reserve(LOSES, kind="count")
    all_lost = block.reserve(LOSES_ALL, kind="count")
    profit, multiple = live.totals["investor_profit"], columns["multiple"].at(0)
    live.totals["p_investor_loss"] = loses.set(0, where(profit < -HALF_A_CENT, 1, 0))
    nothing_back = both(drawn.at(0) > 0, multiple < NOTHING_BACK)
    live.totals["p_total_loss"] = all_lost.set(0, where(nothing_back, 1, 0))


def _sum_of(columns: Mapping[str, Column], scope: Scope) -> Formula:
    return total(0, *(columns[name].all for name in scope.names if name in columns))


def _payback(nodes: Nodes, row: int, *, title: Words, periods: Periods) -> Formula:
    """Write from when on the money is back, and return after how many years that is."""
    flow, running = nodes.flow[row], nodes.running[row]
    below = -ROUNDING * sum_product(above_zero(-flow.all))
    lowest = nodes.block.reserve(_filled(BACK, title), kind="count", note=BACK_NOTE)
    lowest.set(0, 0)
    for j in range(1, periods.number + 1):
        now_back = both(running.at(j - 1) < below, running.at(j) >= below)
        lowest.set(j, where(either(lowest.at(j - 1).equals(1), now_back), 1, 0))
    years = (periods.number + 1 - total(lowest.all)) / periods_a_year(periods)
    return where(lowest.at(periods.number).equals(1), years, BLANK)


def _after_costs(live: Live, block: Block, *, costs: Costs, fees: Mapping[str, Column]) -> None:
    """Write what is left to the investors after the costs that they pay themselves."""
    case = live.case
    agreed, problem = case.contract.capital, case.problem
    assert agreed is not None  # noqa: S101 - a workbook is of a case that runs
    assert problem is not None  # noqa: S101 - as above
    investors = {agreed.investor(name) for name in agreed.investments}
    borne = [
        costs.lines[name].all
        for name, line in case.costs.items()
        if line.payer in investors and line.payer != (line.payee or problem.provider)
    ]
    for name, column in fees.items():
        fee = agreed.guarantees[name].fee
        if fee is not None and fee.payer in investors:
            borne.append(column.all)
    own = block.reserve(OWN).set(0, total(0, *borne))
    cell = block.reserve(AFTER_OWN).set(0, live.totals["investor_profit"] - own)
    live.totals["investor_profit_after_costs"] = cell


def _rates(
    live: Live, block: Block, scopes: tuple[Scope, ...], *, nodes: Nodes, periods: Periods
) -> None:
    """Write the rate of return of every scope, and how it is found."""
    steps = [_Step(block, number) for number in ("1", "2")]
    rate = block.reserve(PER_PERIOD, kind="factor")
    falls = block.reserve(FALLS, note=FALLS_NOTE)
    yearly = block.reserve(PER_YEAR, kind="factor", note=PER_YEAR_NOTE)
    for row, scope in enumerate(scopes):
        flow, number = nodes.flow[row].all, nodes.number.all
        guess: Formula = lift(0)
        for step in steps:
            guess = step.write(row, flow, number=number, guess=guess, periods=periods)
        received, paid = steps[0].received.at(row), steps[0].paid.at(row)
        found = rate_of_return(flow, guess=power_of_e(guess) - 1)
        found = rate.set(row, where(received > 0, found, 0))
        slope = sum_product(flow, number, (1 + found) ** (-number))
        rises_late = falls.set(row, if_defined(slope))
        earned = if_defined(
            where(rises_late > 0, (1 + found) ** periods_a_year(periods) - 1, BLANK)
        )
        lost = where(paid > 0, -1, BLANK)
        cell = yearly.set(row, where(received > 0, earned, lost))
        live.totals.update(dict.fromkeys((f"{each}irr" for each in scope.prefixes), cell))


class _Step:
    """One step towards the rate of return: its columns."""

    def __init__(self, block: Block, number: str) -> None:
        self.received = block.reserve(_filled(NET_RECEIVED, number))
        self.paid = block.reserve(_filled(NET_PAID, number))
        self.date_received = block.reserve(_filled(DATE_RECEIVED, number), kind="number")
        self.date_paid = block.reserve(_filled(DATE_PAID, number), kind="number")
        self.guess = block.reserve(_filled(GUESS, number), kind="factor")

    def write(
        self, row: int, flow: Formula, *, number: Formula, guess: Formula, periods: Periods
    ) -> Formula:
        """Write one row and return ln(1 + rate) as it is guessed after the step."""
        weight = power_of_e(-number * guess)
        in_, out = above_zero(flow), above_zero(-flow)
        received = self.received.set(row, sum_product(in_, weight))
        paid = self.paid.set(row, sum_product(out, weight))
        late = self.date_received.set(
            row, where(received > 0, sum_product(in_, number, weight) / received, 0)
        )
        early = self.date_paid.set(row, where(paid > 0, sum_product(out, number, weight) / paid, 0))
        defined = both(received > 0, paid > 0, late > early)
        better = guess + logarithm(received / paid) / (late - early)
        most = LARGEST_POWER / (periods.number + 1)
        return self.guess.set(row, where(defined, cut(better, low=-most, high=most), guess))
