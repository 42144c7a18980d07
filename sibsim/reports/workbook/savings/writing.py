"""The sheet of savings: for each line its terms, then one block with a row per period."""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.reports.workbook.model import Delivery, Live, Outcome, Periods, Saving, Standing
from sibsim.reports.workbook.savings import words as w
from sibsim.reports.workbook.savings.division import Terms, write_division
from sibsim.reports.workbook.savings.gains import write_gains
from sibsim.reports.workbook.savings.people import write_people
from sibsim.reports.workbook.savings.person_time import write_counting
from sibsim.reports.workbook.savings.references import titled
from sibsim.reports.workbook.savings.refunds import write_refunding
from sibsim.reports.workbook.savings.terms import Line, write_lag, write_price


def write_savings(
    live: Live,
    periods: Periods,
    delivery: Delivery,
    outcomes: Mapping[str, Outcome],
    standing: Standing,
) -> dict[str, Saving]:
    """Write what the budget lines save and return it by line.

    Parameters
    ----------
    live
        The workbook.
    periods
        Time.
    delivery
        Who comes.
    outcomes
        What is achieved, by outcome.
    standing
        How far the contract goes.
    """
    if not live.case.budget:
        return {}
    grids = write_people(live)
    sheet = live.book.sheet(w.SHEET)
    sheet.heading(w.HEADING, note=w.NOTE)
    found = {}
    for name, spec in live.case.budget.items():
        sheet.row += 1
        sheet.heading(titled(spec.title, name=name))
        line = Line(
            live=live,
            periods=periods,
            name=name,
            spec=spec,
            outcome=outcomes[spec.follows],
            start=delivery.start,
            served=standing.served,
            sheet=sheet,
            grids=grids,
        )
        terms = _write_terms(line)
        sheet.row += 1
        block = sheet.block(live.case.timeline.labels, title=w.PERIOD)
        found[name] = write_division(line, terms=terms, block=block)
    return write_gains(live, sheet, found)


def _write_terms(line: Line) -> Terms:
    """Write what stands above the periods of a line."""
    spec = line.spec
    price, lag = write_price(line), write_lag(line)
    share = line.term(w.SHARE, line.given("share", spec.share.base_value))
    backfill = line.term(w.BACKFILL, line.given("backfill", spec.backfill.base_value))
    kept = line.term(w.KEPT, share * (1 - backfill))
    release_from = retained = None
    if spec.release_from is not None:
        day = line.live.inputs[f"{line.path}.release_from"]
        release_from = line.term(w.RELEASE_FROM, day, kind="date")
    if spec.is_equalised and spec.tax is not None and spec.tax.equalisation is not None:
        stated = spec.tax.equalisation.retained_share.base_value
        retained = line.term(w.RETAINED, line.given("tax.equalisation.retained_share", stated))
    refunding = write_refunding(line)
    counting = write_counting(line)
    return Terms(price, lag, counting, refunding, kept, release_from, retained)
