"""The sheet of parties: what each receives and pays, period by period, and what it comes to.

One block per party with a column for every line of the ledger that it has a part in, money received
positive; its net is what it can really take out of its budget. Resources are set free by nature and
used up by it, so that the nets of all parties and of nature sum to zero: the last column says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sibsim.budget.lines import NATURE
from sibsim.core.wording import said
from sibsim.core.words import Words
from sibsim.metrics import PUBLIC_PARTIES, ROUNDING
from sibsim.reports.municipal_money import Item, items_of
from sibsim.reports.municipal_parties import NOT_RELEASED
from sibsim.reports.municipal_presentation import Presentation
from sibsim.reports.municipal_words import WORDS
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.days import MONTHS
from sibsim.reports.workbook.formulas import (
    Formula,
    added,
    both,
    lift,
    sum_product,
    sum_where,
    total,
    where,
)
from sibsim.reports.workbook.live_ledger import PERIOD, Flow, flows_of
from sibsim.reports.workbook.model import (
    Capital,
    Costs,
    Live,
    Parties,
    PartyFlow,
    Payments,
    Periods,
    Saving,
)
from sibsim.reports.workbook.sheets import Sheet
from sibsim.reports.workbook.styles import Kind

SHEET = Words(da="Parter", en="Parties")
HEADING = Words(da="Hvem betaler hvem", en="Who pays whom")
NOTE = Words(
    da="Penge ind er positive. Det, der ikke kan realiseres, er en note: det flytter ingen penge.",
    en="Money in is positive. What is not released is a note: it moves no money.",
)
MOVED = Words(da="ind minus ud", en="received less paid")
HELD = Words(da="ikke realiserbart i alt", en="not released in all")
NET = Words(da="netto", en="net")
NET_NOTE = Words(
    da="ind minus ud minus det, der ikke kan realiseres",
    en="received less paid less what is not released",
)
SOCIETY_NOTE = Words(
    da="summen over alle parter = frigjorte minus forbrugte ressourcer",
    en="the sum over all parties = resources set free less resources used",
)
CHECK = Words(da="kontrol: skal være 0", en="check: must be 0")
CHECK_NOTE = Words(
    da="alle parters ind minus ud minus frigjorte og plus forbrugte ressourcer",
    en="received less paid of all parties, less resources set free, plus resources used",
)
NODE = Words(da="år efter start", en="years after the start")
DISCOUNT = Words(da="diskonteringsfaktor", en="discount factor")
DISCOUNT_NOTE = Words(
    da="(1 + rente) ^ -(år efter start), ved periodens slutning",
    en="(1 + rate) ^ -(years after the start), at the end of the period",
)
YEARS = Words(da="År for år", en="Year by year")
YEAR = Words(da="år", en="year")
SO_FAR = Words(da="kommunen indtil nu", en="the municipality so far")
STAYS = Words(da="bliver på nul eller over", en="stays at zero or above")
STAYS_NOTE = Words(
    da="1, når det akkumulerede beløb herfra og til casens slutning er mindst -0,005",
    en="1 where the cumulative amount from here to the end of the case is at least -0.005",
)
TOTALS = Words(da="I alt over hele casen", en="In total over the case")
TOTAL_NAMES: Mapping[str, Words] = {
    "municipality_net": Words(da="Kommunen, netto", en="Municipality, net"),
    "region_net": Words(da="Regionen, netto", en="Region, net"),
    "state_net": Words(da="Staten, netto", en="State, net"),
    "public_net": Words(da="Kommune, region og stat", en="Municipality, region and state"),
    "municipality_realisable": Words(
        da="Kommunens realiserbare besparelser", en="Realisable savings of the municipality"
    ),
    "municipality_npv": Words(da="Kommunen, nutidsværdi", en="Municipality, present value"),
    "p_municipality_loss": Words(
        da="Kommunen taber (1 = ja)", en="The municipality loses (1 = yes)"
    ),
    "break_even_year": Words(da="Kommunens break-even-år", en="Break-even year of municipality"),
}
"""Live totals by metric."""

KINDS: Mapping[str, Kind] = {"break_even_year": "year", "p_municipality_loss": "count"}
"""How totals are shown that are no money."""

NEVER = Formula('""', float("nan"))
"""An empty cell: there is no such year."""


def write_parties(  # noqa: PLR0917 - the parts in the order of the calculation
    live: Live,
    periods: Periods,
    costs: Costs,
    payments: Payments,
    capital: Capital,
    savings: Mapping[str, Saving],
) -> Parties:
    """Write what every party receives and pays and return it by party.

    Parameters
    ----------
    live
        The workbook.
    periods
        Time.
    costs, payments, capital, savings
        What moves money.
    """
    sheet = live.book.sheet(SHEET)
    sheet.heading(HEADING, note=NOTE)
    ledger = flows_of(live, sheet, costs=costs, payments=payments, capital=capital, savings=savings)
    flows: dict[str, list[PartyFlow]] = {}
    net: dict[str, Column] = {}
    moved: dict[str, Column] = {}
    for party in _parties(live, ledger):
        sheet.row += 1
        sheet.heading(presentation(live, party).party_title(party))
        block = sheet.block(live.case.timeline.labels, title=PERIOD)
        flows[party] = _write_flows(live, block, ledger=ledger, party=party)
        moved[party], net[party] = _write_net(block, flows[party])
    society = _write_check(live, sheet, ledger=ledger, moved=moved)
    _write_totals(live, sheet, periods=periods, net=net, savings=savings)
    return Parties(flows, net, society)


def presentation(live: Live, party: str) -> Presentation:
    """Return how the library's tables show the money of a party: its titles and years.

    Parameters
    ----------
    live
        The workbook.
    party
        A ledger party.
    """
    return live.base.municipal_budget(party, lang=live.book.lang, sign="expense_positive")


def _parties(live: Live, ledger: Sequence[Flow]) -> list[str]:
    """Return the parties, the authority and public ones first, as far as money moves."""
    problem = live.case.problem
    first = (problem.authority,) if problem else ()
    named = [name for flow in ledger for name in (flow.payer, flow.payee) if name != NATURE]
    order = dict.fromkeys((*first, *PUBLIC_PARTIES, *named))
    return [name for name in order if name in named]


def _write_flows(
    live: Live, block: Block, *, ledger: Sequence[Flow], party: str
) -> list[PartyFlow]:
    """Write a column for every line that a party has a part in."""
    shown = presentation(live, party)
    found = []
    for flow in ledger:
        if party not in {flow.payer, flow.payee}:
            continue
        (item,) = items_of([flow.posting()], party, weight=np.ones(1))
        gains = flow.payee == party and flow.kind != "memo"

        def amount(t: int, *, flow: Flow = flow, gains: bool = gains) -> Formula:
            cell = flow.amount.at(t)
            for each in flow.less:
                cell = cell - each.at(t)
            return cell if gains else -cell

        title = shown.line_title(item)
        part = item.part if item.part in WORDS else _capital_word(item)
        column = block.column(f"{title}: {shown.word(part)}" if part else title, amount)
        found.append(PartyFlow(item, column))
    return found


def _capital_word(item: Item) -> str:
    """Return the key of the word for a part of capital; empty where there is none."""
    key = f"capital.{item.part}"
    return key if item.role == "capital" and key in WORDS else ""


def _write_net(block: Block, flows: Sequence[PartyFlow]) -> tuple[Column, Column]:
    """Write what a party receives less what it pays, and that less what is not released."""
    held = [each.amount for each in flows if each.item.part == NOT_RELEASED]
    paid = [each.amount for each in flows if each.item.part != NOT_RELEASED]
    moved = block.column(MOVED, lambda t: total(*(each.at(t) for each in paid)))
    if not held:
        return moved, moved
    bound = block.column(HELD, lambda t: total(*(each.at(t) for each in held)))
    return moved, block.column(NET, lambda t: moved.at(t) + bound.at(t), note=NET_NOTE)


def _write_check(
    live: Live, sheet: Sheet, *, ledger: Sequence[Flow], moved: Mapping[str, Column]
) -> Column:
    """Write what all parties come to, which is resources set free less resources used."""
    sheet.row += 1
    sheet.heading(WORDS["society"], note=SOCIETY_NOTE)
    block = sheet.block(live.case.timeline.labels, title=PERIOD)

    def resources(kind: str) -> Column:
        columns = [flow.amount for flow in ledger if flow.kind == kind]
        return block.column(
            WORDS[kind], lambda t: total(*(each.at(t) for each in columns)) if columns else 0
        )

    free, used = resources("production"), resources("use")
    society = block.column(WORDS["society"], lambda t: free.at(t) - used.at(t))
    block.column(
        CHECK,
        lambda t: total(*(each.at(t) for each in moved.values())) - society.at(t),
        kind="number",
        note=CHECK_NOTE,
    )
    return society


def _write_totals(
    live: Live,
    sheet: Sheet,
    *,
    periods: Periods,
    net: Mapping[str, Column],
    savings: Mapping[str, Saving],
) -> None:
    """Write years, then totals, and give them to the workbook by metric."""
    municipality = PUBLIC_PARTIES[0]
    found: dict[str, Formula] = {
        f"{party}_net": total(net[party].all) if party in net else lift(0)
        for party in PUBLIC_PARTIES
    }
    lines = [name for name in savings if live.case.budget[name].party == municipality]
    found["municipality_realisable"] = added([total(savings[name].released.all) for name in lines])
    factor = _write_discount(live, sheet, periods=periods)
    if factor is not None and municipality in net:
        found["municipality_npv"] = sum_product(net[municipality].all, factor.all)
    reached = _write_years(live, sheet, periods=periods, net=net)
    sheet.heading(TOTALS)
    for name in TOTAL_NAMES:
        if name == "municipality_npv" and name not in found:
            continue
        if name == "public_net":
            cell = added([live.totals[f"{party}_net"] for party in PUBLIC_PARTIES])
        elif name == "p_municipality_loss":
            cell = where(live.totals["municipality_net"] < -ROUNDING, 1, 0)
        elif name == "break_even_year":
            cell = reached
        else:
            cell = found[name]
        title, kind = TOTAL_NAMES[name], KINDS.get(name, "money")
        live.totals[name] = _write_total(sheet, title, cell, kind=kind)
    _write_to_the_state(live, sheet, shown=presentation(live, next(iter(net))), savings=savings)


def _write_to_the_state(
    live: Live, sheet: Sheet, *, shown: Presentation, savings: Mapping[str, Saving]
) -> None:
    """Write what equalisation and the budget guarantee take of each line that states them."""
    for name, saving in savings.items():
        line = live.case.budget[name]
        taken: dict[str, tuple[str, Column | None]] = {}
        if line.is_equalised:
            taken[f"equalisation.{name}"] = ("equalisation", saving.equalisation)
        if line.guarantee is not None:
            taken[f"budget_guarantee.{name}"] = ("guarantee", saving.guarantee)
        for metric, (word, column) in taken.items():
            label = f"{said(line.title, shown.lang) or name}: {shown.word(word)}"
            cell = total(column.all) if column else lift(0)
            live.totals[metric] = _write_total(sheet, label, cell)


def _write_total(
    sheet: Sheet, title: Words | str, cell: Formula, *, kind: Kind = "money"
) -> Formula:
    book = sheet.book
    sheet.put(sheet.row, 0, title, book.look("text"))
    written = sheet.put(sheet.row, 1, cell, book.look(kind, "total"))
    sheet.row += 1
    return written


def _write_discount(live: Live, sheet: Sheet, *, periods: Periods) -> Column | None:
    """Write the discount factor of every period's end; None where no rate is stated."""
    path = "valuation.discount.municipality"
    if live.case.valuation is None or path not in live.inputs:
        return None
    rate = live.inputs[path]
    sheet.row += 1
    sheet.heading(DISCOUNT)
    block = sheet.block(live.case.timeline.labels, title=PERIOD)
    node = block.column(
        NODE, lambda t: (periods.start.at(t) + periods.months) / MONTHS, kind="number"
    )
    return block.column(
        DISCOUNT, lambda t: (1 + rate) ** (-node.at(t)), kind="factor", note=DISCOUNT_NOTE
    )


def _write_years(
    live: Live, sheet: Sheet, *, periods: Periods, net: Mapping[str, Column]
) -> Formula:
    """Write the net of every party by calendar year, and return the municipality's break-even."""
    years, keys = live.case.timeline.years, periods.year.all
    sheet.row += 1
    sheet.heading(YEARS)
    block = sheet.block([str(year) for year in years], title="")
    first = periods.year.at(0)
    year = block.column(YEAR, lambda row: first + row, kind="year")
    shown = presentation(live, next(iter(net)))
    for party, column in net.items():
        summed = block.column(
            shown.party_title(party),
            (sum_where(column.all, keys=keys, key=year.at(row)) for row in range(block.rows)),
        )
        if party == PUBLIC_PARTIES[0]:
            own = summed
    if PUBLIC_PARTIES[0] not in net:
        return first
    so_far = block.column(SO_FAR, lambda row: total(own.up_to(row)))
    stays = block.reserve(STAYS, kind="count", note=STAYS_NOTE)
    for row in reversed(range(block.rows)):
        enough = so_far.at(row) >= -ROUNDING
        last = row == block.rows - 1
        condition = enough if last else both(enough, stays.at(row + 1).equals(1))
        stays.set(row, where(condition, 1, 0))
    count = total(stays.all)
    return where(count > 0, year.at(block.rows - 1) + 1 - count, NEVER)
