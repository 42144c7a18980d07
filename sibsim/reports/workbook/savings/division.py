"""From what arises to what a party releases: lag, refund, equalisation, guarantee, budget year.

A budget takes out share x (1 - backfill) of what a year gains; a loss of the year counts in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sibsim.core.wording import index_words
from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import (
    Formula,
    added,
    largest,
    sum_where,
    where,
)
from sibsim.reports.workbook.model import Saving
from sibsim.reports.workbook.savings import words as w
from sibsim.reports.workbook.savings.person_time import Counting
from sibsim.reports.workbook.savings.refunds import Gross, Refunding
from sibsim.reports.workbook.savings.terms import Lag, Line


@dataclass(frozen=True, eq=False)
class Terms:
    """What stands above the periods of a line."""

    price: Formula
    """Money of a unit at the price level of the case."""

    lag: Lag
    """When it is cash."""

    counting: Counting
    """Writes time, days or money of a cohort."""

    refunding: Refunding | None
    """Writes the refund of a cohort; None: there is none."""

    kept: Formula
    """Share of a gain that can be taken out of the budget."""

    release_from: Formula | None
    """First day from which it is; None: from the first."""

    retained: Formula | None
    """Share that equalisation leaves; None: nothing is equalised."""


def write_division(line: Line, *, terms: Terms, block: Block) -> Saving:
    """Write the columns of a line and return what it saves.

    Parameters
    ----------
    line
        The line.
    terms
        What stands above its periods.
    block
        One row per period.
    """
    gross_arising, refund_arising = _arising(line, terms=terms, block=block)
    gross = _in_cash(block, w.GROSS, terms.lag, arising=gross_arising)
    refund = equalisation = guarantee = None
    if refund_arising is not None:
        refund = _in_cash(block, w.REFUND, terms.lag, arising=refund_arising)
    if terms.retained is not None:
        taken = 1 - terms.retained
        equalisation = block.column(
            w.EQUALISATION, lambda t: taken * gross.at(t), note=w.EQUALISATION_NOTE
        )
    before = block.column(
        w.OWN_BEFORE if _is_guaranteed(line) else w.OWN,
        lambda t: _less(gross.at(t), [each.at(t) for each in (refund, equalisation) if each]),
        note=w.OWN_NOTE,
    )
    own = before
    if _is_guaranteed(line):
        guarantee, own = _guaranteed(line, block=block, before=before)
    bound = _bound(line, terms=terms, block=block, before=before)
    held_back = block.column(
        w.HELD_BACK, lambda t: bound.at(t) * largest(own.at(t), 0), note=w.HELD_BACK_NOTE
    )
    to_state = [each for each in (refund, guarantee) if each]
    of_state = None
    if to_state:
        of_state = block.column(
            w.HELD_BACK_STATE,
            lambda t: bound.at(t) * added([largest(each.at(t), 0) for each in to_state]),
            note=w.HELD_BACK_STATE_NOTE,
        )
    released = block.column(w.RELEASED, lambda t: own.at(t) - held_back.at(t), note=w.RELEASED_NOTE)
    return Saving(gross, refund, equalisation, guarantee, held_back, of_state, released)


def _arising(line: Line, *, terms: Terms, block: Block) -> tuple[Column, Column | None]:
    """Write every cohort, then all together: gross and refund as they arise."""
    factor = None
    if line.spec.index in line.periods.factors:
        index = line.periods.factors[line.spec.index]
        factor = block.column(w.of(w.FACTOR, index_words(line.spec.index)), index.at, kind="factor")

    def worth(t: int) -> Formula:
        return terms.price if factor is None else terms.price * factor.at(t)

    gross: list[Column] = []
    refund: list[Column] = []
    for cohort in range(len(line.start)):
        counted = terms.counting(block, cohort)
        money = block.column(
            w.of(w.GROSS_OF, cohort + 1),
            (counted.units.at(t) * worth(t) for t in range(block.rows)),
            note=w.GROSS_OF_NOTE,
        )
        gross.append(money)
        if terms.refunding is not None:
            refund.append(terms.refunding(block, cohort, Gross(counted, money, worth)))
    return (
        _together(block, w.GROSS_ARISING, gross),
        _together(block, w.REFUND_ARISING, refund) if refund else None,
    )


def _together(block: Block, title: Words, columns: Sequence[Column]) -> Column:
    return block.column(
        title, lambda t: added([each.at(t) for each in columns]), note=w.ALL_COHORTS
    )


def _in_cash(block: Block, title: Words, lag: Lag, *, arising: Column) -> Column:
    return block.column(title, lambda t: lag.cashed(arising, t), note=w.CASH_NOTE)


def _less(whole: Formula, parts: Sequence[Formula]) -> Formula:
    for part in parts:
        whole = whole - part
    return whole


def _is_guaranteed(line: Line) -> bool:
    guarantee = line.spec.guarantee
    return guarantee is not None and guarantee.roll_out == "national"


def _guaranteed(line: Line, *, block: Block, before: Column) -> tuple[Column, Column]:
    """Write what the budget guarantee takes, and what is left of the own part."""
    guarantee = line.spec.guarantee
    assert guarantee is not None  # noqa: S101 - asked only of such lines
    on_list = guarantee.lists(line.live.case.timeline.starts[:-1])
    listed = block.column(
        w.ON_LIST,
        (float(each) for each in on_list),
        kind="count",
        note=f"{guarantee.rule}.{guarantee.benefit}",
        style="plain",
    )
    taken = block.column(w.GUARANTEE, lambda t: listed.at(t) * before.at(t))
    own = block.column(w.OWN, lambda t: before.at(t) - taken.at(t), note=w.OWN_NOTE)
    return taken, own


def _bound(line: Line, *, terms: Terms, block: Block, before: Column) -> Column:
    """Write the share of each period's gain that cannot be taken out of the budget."""
    years = line.periods.year
    gain = block.column(w.GAIN, lambda t: largest(before.at(t), 0))

    def in_year(column: Column, t: int) -> Formula:
        return sum_where(column.all, keys=years.all, key=years.at(t))

    own_year = block.column(w.OWN_YEAR, lambda t: in_year(before, t))
    gain_year = block.column(w.GAIN_YEAR, lambda t: in_year(gain, t))
    left = block.column(
        w.LEFT,
        lambda t: where(gain.at(t) > 0, largest(own_year.at(t), 0) / gain_year.at(t), 0),
        kind="factor",
        note=w.LEFT_NOTE,
    )

    def bound_at(t: int) -> Formula:
        kept = terms.kept
        if terms.release_from is not None:
            kept = where(line.periods.first_day.at(t) >= terms.release_from, kept, 0)
        return (1 - kept) * left.at(t)

    return block.column(w.BOUND, bound_at, kind="factor", note=w.BOUND_NOTE)
