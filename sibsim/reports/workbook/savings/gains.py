"""One gain counts once: of the routes to it only the one that releases most.

Lines of one gain that follow the same outcome are one route. The rule is that of WSIPP's trumping
(*Benefit-Cost Technical Documentation*, 2019). Of equal routes the first counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.accounts import settle
from sibsim.budget.savings import savings
from sibsim.core.stages import Context
from sibsim.core.streams import Layer, LayerName
from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.formulas import Formula, absolute, added, both, largest, total, where
from sibsim.reports.workbook.model import Live, Saving
from sibsim.reports.workbook.savings import words as w
from sibsim.reports.workbook.savings.references import titled
from sibsim.reports.workbook.sheets import Sheet

EQUAL = 1e-9
"""Routes that differ by this share of the largest are equal: sums of money are rounded."""


def write_gains(live: Live, sheet: Sheet, alone: Mapping[str, Saving]) -> dict[str, Saving]:
    """Write which route to each gain counts and return what each line saves then.

    Parameters
    ----------
    live
        The workbook.
    sheet
        Where it is written.
    alone
        What each line saves by itself.
    """
    found = dict(alone)
    routes: dict[str, dict[str, list[str]]] = {}
    for name, line in live.case.budget.items():
        if line.gain is not None:
            routes.setdefault(line.gain, {}).setdefault(line.follows, []).append(name)
    for gain, by_outcome in routes.items():
        sheet.row += 1
        sheet.heading(w.GAINS, note=w.GAINS_NOTE)
        live.fixed[f"gain.{gain}"] = w.WHY_BEYOND
        sheet.line(w.WHY_BEYOND)
        counts = _write_routes(live, sheet, by_outcome=by_outcome, alone=alone)
        for name, counted in counts.items():
            found[name] = _write_counted(live, sheet, name=name, saving=alone[name], counts=counted)
    return found


def _write_routes(
    live: Live,
    sheet: Sheet,
    *,
    by_outcome: Mapping[str, list[str]],
    alone: Mapping[str, Saving],
) -> dict[str, Formula]:
    """Write what each route releases and return by line whether it counts."""
    routes = list(by_outcome.values())
    outcomes = live.case.outcomes
    labels = [w.of(w.ROUTE, outcomes[name].title or name) for name in by_outcome]
    block = sheet.block(labels, title="")
    beyond = block.fixed(w.BEYOND, (sum(_beyond(live, name) for name in route) for route in routes))
    worth = block.column(
        w.WORTH,
        lambda row: (
            added([total(alone[name].released.all) for name in routes[row]]) + beyond.at(row)
        ),
    )
    margin = EQUAL * largest(*(absolute(worth.at(row)) for row in range(block.rows)))

    def counts_at(row: int) -> Formula:
        enough = worth.at(row) >= largest(worth.all) - margin
        if row == 0:
            return where(enough, 1, 0)
        return where(both(enough, total(counts.up_to(row - 1)).equals(0)), 1, 0)

    counts = block.reserve(w.COUNTS, kind="count", note=w.GAINS_NOTE)
    for row in range(block.rows):
        counts.set(row, counts_at(row))
    return {name: counts.at(row) for row, route in enumerate(routes) for name in route}


def _beyond(live: Live, name: str) -> float:
    """Return what a line by itself releases after the end of the case, from the base case."""
    case, worlds = live.case, live.base.worlds
    assert worlds is not None  # noqa: S101 - a base case keeps its world
    world, off = worlds[0], Layer(LayerName.CHANCE, on=False)
    alone = savings(
        {name: case.budget[name].model_copy(update={"gain": None})},
        paths=world.paths,
        participation_start=world.participation.start,
        standing=settle(case, world).standing,
        context=Context(case.timeline, world.values, off, off),
        indices=case.indices,
        price_year=case.head.price_year,
    )
    return float(alone.beyond_horizon[name][0])


def _write_counted(
    live: Live, sheet: Sheet, *, name: str, saving: Saving, counts: Formula
) -> Saving:
    """Write the columns of a line times whether it counts."""
    line = live.case.budget[name]
    sheet.heading(titled(line.title, name=name))
    block = sheet.block(live.case.timeline.labels, title=w.PERIOD)

    def counted(title: Words, column: Column) -> Column:
        return block.column(title, lambda t: column.at(t) * counts)

    def part(title: Words, column: Column | None) -> Column | None:
        return None if column is None else counted(title, column)

    elsewhere = block.column(w.ELSEWHERE, lambda t: saving.released.at(t) * (1 - counts))
    sums = (
        ("counted_elsewhere", w.SUM, total(elsewhere.all)),
        ("trumped", w.TRUMPED, 1 - counts),
    )
    for row, (metric, title, cell) in enumerate(sums):
        place = block.top + block.rows + 1 + row
        look = sheet.book.look("money" if row == 0 else "count", "total")
        sheet.put(place, 0, title, sheet.book.look("text"))
        live.totals[f"{metric}.{name}"] = sheet.put(place, block.width - 1, cell, look)
    sheet.row += len(sums)
    return Saving(
        gross=counted(w.GROSS, saving.gross),
        refund=part(w.REFUND, saving.refund),
        equalisation=part(w.EQUALISATION, saving.equalisation),
        guarantee=part(w.GUARANTEE, saving.guarantee),
        held_back=part(w.HELD_BACK, saving.held_back),
        held_back_of_state=part(w.HELD_BACK_STATE, saving.held_back_of_state),
        released=counted(w.RELEASED, saving.released),
    )
