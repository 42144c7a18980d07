"""The sheet of the budget form: what a municipality takes into its budget, as Copenhagen's has it.

Columns are those of the form (`1.000 kr. p/l`, Styringsområde, the budget year and three estimate
years); here later years and the total stand beside them. Sections: permanent changes, what is paid
for outcomes and ends with the contract, and what it takes to deliver. Expense is positive, the
usual convention of Danish budgets. Source: City of Copenhagen, *Investeringsforslag*, read 2026,
https://docplayer.dk/amp/135920601-Faelles-administration-mellem-ungdomsskolen-og-ungdommens-uddannelsesvejledning.html.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.core.wording import money
from sibsim.core.words import Words
from sibsim.reports.municipal_money import Role
from sibsim.reports.municipal_presentation import Presentation
from sibsim.reports.workbook.by_year import BASE_CASE, Row, Table, write_by_year
from sibsim.reports.workbook.model import Live, Parties, PartyFlow, Periods
from sibsim.reports.workbook.parties import presentation

SHEET = Words(da="Budgetskema", en="BudgetForm")
ABOUT = Words(
    da="Budgetvirkningen i Københavns Kommunes opstilling",
    en="Effect on the budget in the form of the City of Copenhagen",
)
FRAME = Words(da="Styringsområde", en="Frame")
SECTIONS: Mapping[str, tuple[Role, ...]] = {
    "permanent": ("saving",),
    "temporary": ("payment", "surplus"),
    "implementation": ("grant", "cost", "capital"),
}
"""Sections of the form and what stands in them, in order."""


def write_budget_form(live: Live, periods: Periods, parties: Parties) -> Table | None:
    """Write the budget form of the authority; None where it has no money.

    Parameters
    ----------
    live
        The workbook.
    periods
        Time.
    parties
        What every party receives and pays.
    """
    problem = live.case.problem
    party = problem.authority if problem else ""
    if party not in parties.flows:
        return None
    shown = presentation(live, party)
    sheet = live.book.sheet(SHEET, tab="result", about=ABOUT)
    sheet.heading(shown.title, note=shown.caption)
    sheet.line(BASE_CASE)
    rows: list[Row] = []
    sections: list[int] = []
    for section, roles in SECTIONS.items():
        mine = [each for role in roles for each in parties.flows[party] if each.item.role == role]
        rows.append(Row(shown.word(section)))
        first = len(rows)
        for (title, frame), flows in _by_line(live, party=party, flows=mine).items():
            rows.append(Row(title, frame, [each.amount for each in flows]))
        lines = range(first, len(rows))
        sections.append(len(rows))
        rows.append(Row(shown.word(f"total {section}"), "", rows=list(lines), is_total=True))
    rows.append(Row(shown.word("impact"), "", rows=sections, is_total=True))
    return write_by_year(
        live, periods, sheet, shown=shown, rows=rows, heads=(_head(live, shown), FRAME)
    )


def _head(live: Live, shown: Presentation) -> Words:
    """Return what one figure stands for, as the form's first cell says: `1.000 kr. p/l`."""
    unit = money(shown.unit, currency=live.case.head.currency)
    da, en = (
        (" p/l", ", fixed prices") if shown.prices else (", løbende priser", ", current prices")
    )
    return Words(da=f"{unit.da}{da}", en=f"{unit.en}{en}")


def _by_line(
    live: Live, *, party: str, flows: list[PartyFlow]
) -> dict[tuple[str, str], list[PartyFlow]]:
    """Return the lines of the ledger that stand in one row, by its title and frame."""
    shown = presentation(live, party)
    found: dict[tuple[str, str], list[PartyFlow]] = {}
    for each in flows:
        item = each.item
        title = shown.word("payments") if item.role == "payment" else shown.line_title(item)
        found.setdefault((title, shown.frame_title(item.frame)), []).append(each)
    return found
