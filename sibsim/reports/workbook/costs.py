"""The sheet of costs: what each line costs in each period, and what capital finances.

Formulas follow section 5 of the model, cost = amount x units x factor of the index, and section 8
on what is still paid after an early end. A line without a payer is financed by the capital; where
the service stops when the money runs out, what the commitments do not cover is cut from all such
lines of a period alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.capital.spec import Capital
from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.cost_facts import Before, causes_of, facts_of, title_of
from sibsim.reports.workbook.cost_units import CostColumns
from sibsim.reports.workbook.delivery import Served, people_of
from sibsim.reports.workbook.formulas import Formula, added, smallest, total, where
from sibsim.reports.workbook.model import Costs, Live, Periods, Standing

SHEET = Words(da="Omkostninger", en="Costs")
"""Name of the sheet."""


def write_costs(live: Live, periods: Periods, delivery: Served, standing: Standing) -> Costs:
    """Write the sheet of costs and return what each line costs.

    Parameters
    ----------
    live, periods, delivery, standing
        The workbook and the parts of the base case before this one.
    """
    sheet = live.book.sheet(SHEET)
    sheet.heading(
        Words(da="Udgifter, løbende priser", en="Costs, current prices"),
        note=Words(
            da="Udgift = beløb gange enheder gange indeks i periodens år. En linje uden betaler "
            "finansieres af kapitalen.",
            en="Cost = amount times units times index in the year of the period. A line without a "
            "payer is financed by the capital.",
        ),
    )
    book = Before(live, periods, delivery, standing)
    facts = facts_of(book, sheet)
    people = causes_of(book, sheet)
    block = sheet.block(live.case.timeline.labels, title=Words(da="periode", en="period"))
    number = block.column(
        Words(da="nr.", en="no."),
        lambda row: periods.start.at(row) / periods.months,
        kind="count",
        note=Words(da="Perioden fra nul.", en="The period, from zero."),
    )
    writer = CostColumns(book, block, number=number, facts=facts, people=people)
    lines = {name: writer.line(name, line) for name, line in live.case.costs.items()}
    financed = _sum_of(
        block,
        Words(da="finansieres af kapitalen", en="financed by the capital"),
        [column for name, column in lines.items() if live.case.costs[name].payer is None],
    )
    terms, capital = live.case.contract.terms, live.case.contract.capital
    if terms is not None and capital is not None and terms.overrun == "stop":
        lines, financed = _within(live, block, lines, financed=financed, capital=capital)
    _totals(book, lapsed=writer.lapsed)
    return Costs(lines=lines, financed=financed)


def _within(
    live: Live,
    block: Block,
    lines: Mapping[str, Column],
    *,
    financed: Column,
    capital: Capital,
) -> tuple[dict[str, Column], Column]:
    """Cut what the commitments do not cover from all financed lines of a period alike."""
    committed = added(
        [
            live.inputs[f"capital.tranches.{name}.commitment"]
            for name, tranche in capital.tranches.items()
            if tranche.is_drawn
        ]
    )
    covered = block.column(
        Words(da="dækket af tilsagn til og med perioden", en="covered by commitments to date"),
        lambda row: smallest(total(financed.up_to(row)), committed),
    )
    share = block.column(
        Words(da="dækket andel", en="share covered"),
        lambda row: where(
            financed.at(row) > 0,
            (covered.at(row) - covered.before(row)) / financed.at(row),
            0,
        ),
        kind="factor",
    )
    after = {
        name: column
        if live.case.costs[name].payer is not None
        else block.column(
            Words(
                da=f"dækket: {title_of(name, live.case.costs[name]).in_language('da')}",
                en=f"covered: {title_of(name, live.case.costs[name]).in_language('en')}",
            ),
            [column.at(row) * share.at(row) for row in range(block.rows)],
        )
        for name, column in lines.items()
    }
    title = Words(da="finansieres af kapitalen, dækket", en="financed by the capital, covered")
    of_capital = [after[name] for name in lines if live.case.costs[name].payer is None]
    return after, _sum_of(block, title, of_capital)


def _sum_of(block: Block, title: Words, columns: list[Column]) -> Column:
    """Add the sum of some columns."""
    return block.column(
        title, lambda row: added([column.at(row) for column in columns]), style="total"
    )


def _totals(book: Before, *, lapsed: list[Formula]) -> None:
    """Write and keep the totals that are metrics of the library."""
    live, delivery, served = book.live, book.delivery, book.standing.served
    of_all = [people * here for people, here in zip(delivery.started, served, strict=True)]
    rows: dict[str, tuple[Words, Formula]] = {
        "participants": (Words(da="deltagere", en="participants"), added(of_all)),
        "costs_beyond_horizon": (
            Words(da="udgifter uden for sagens periode", en="costs outside the case"),
            added(lapsed),
        ),
    }
    if delivery.turned_away is not None:
        away = [delivery.turned_away.at(row) * here for row, here in enumerate(served)]
        rows["turned_away"] = (Words(da="afvist", en="turned away"), added(away))
    for name in delivery.segments:
        title = Words(da=f"deltagere: {name}", en=f"participants: {name}")
        of_segment = [people_of(delivery, each, name) for each in of_all]
        rows[f"participants.{name}"] = (title, added(of_segment))
    block = live.book.sheets[live.book.say(SHEET)].block(
        [title for title, _ in rows.values()], title=Words(da="i alt", en="total")
    )
    column = block.reserve(Words(da="værdi", en="value"), kind="number")
    for row, (name, (_, formula)) in enumerate(rows.items()):
        live.totals[name] = column.set(row, formula)
