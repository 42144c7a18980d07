"""The sheet of who saves: what every party gains or pays, year by year.

Savings count gross of what cannot be released, which stands under its party as a note. Transfers
sum to zero over parties; the last row is resources set free less resources used. Gains are
positive.
"""

from __future__ import annotations

from sibsim.capital.postings import ACCOUNT
from sibsim.core.words import Words
from sibsim.metrics import ROUNDING
from sibsim.reports.municipal_money import CITIZENS
from sibsim.reports.municipal_parties import NOT_RELEASED, without_work
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.by_year import BASE_CASE, Row, Table, write_by_year
from sibsim.reports.workbook.model import Live, Parties, Periods
from sibsim.reports.workbook.parties import presentation

SHEET = Words(da="HvemSparer", en="WhoSaves")
HEADING = Words(da="Hvem sparer", en="Who saves")


def write_who_saves(live: Live, periods: Periods, parties: Parties) -> Table:
    """Write what every party gains and pays by year.

    Parameters
    ----------
    live
        The workbook.
    periods
        Time.
    parties
        What every party receives and pays.
    """
    shown = presentation(live, next(iter(parties.flows))).with_sign("saving_positive")
    sheet = live.book.sheet(SHEET, tab="result")
    sheet.heading(HEADING, note=shown.caption)
    sheet.line(BASE_CASE)
    problem = live.case.problem
    investors = tuple(problem.investors) if problem else ()
    provider = (problem.provider,) if problem else ()
    named = dict.fromkeys((*shown.public_parties, CITIZENS, *investors, *provider))
    rows: list[Row] = []
    for name in named:
        if name in parties.flows:
            title, held = shown.party_title(name), _amounts(parties, name, held=True)
            bound = any(abs(each.values).max() > ROUNDING for each in held)
            whole = f"{title}, {shown.word('before release')}" if bound else title
            rows.append(Row(whole, amounts=_amounts(parties, name)))
            if held:
                rows.append(Row(f"{title}, {shown.word('held back')}", amounts=held, sign=-1.0))
    others = [name for name in parties.flows if name not in {*named, ACCOUNT}]
    if others:
        theirs = [column for name in others for column in _amounts(parties, name)]
        rows.append(Row(shown.word("others"), amounts=theirs))
    if ACCOUNT in parties.flows:
        rows.append(Row(shown.word("contract account"), amounts=_amounts(parties, ACCOUNT)))
    society = without_work(shown, "society")
    rows.append(Row(society, amounts=[parties.society], is_total=True))
    return write_by_year(live, periods, sheet, shown=shown, rows=rows, heads=(shown.word("party"),))


def _amounts(parties: Parties, party: str, *, held: bool = False) -> list[Column]:
    """Return what a party receives and pays, or what it cannot release."""
    flows = parties.flows[party]
    return [each.amount for each in flows if (each.item.part == NOT_RELEASED) == held]
