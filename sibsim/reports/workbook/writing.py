"""Write the sheets of a workbook, each part on the cells of the parts before it."""

from __future__ import annotations

from pathlib import Path

from sibsim.core.wording import language
from sibsim.reports.payment_table import payment_table
from sibsim.reports.workbook.budget_form import write_budget_form
from sibsim.reports.workbook.capital.account import write_capital
from sibsim.reports.workbook.case_text import write_case_text
from sibsim.reports.workbook.costs import write_costs
from sibsim.reports.workbook.delivery import write_delivery
from sibsim.reports.workbook.front import begin_front, write_front
from sibsim.reports.workbook.inputs import write_inputs
from sibsim.reports.workbook.measures import write_measures
from sibsim.reports.workbook.model import Live
from sibsim.reports.workbook.outcomes import write_outcome_totals, write_outcomes
from sibsim.reports.workbook.parties import write_parties
from sibsim.reports.workbook.payment_sheet import write_payment_table
from sibsim.reports.workbook.payments import write_payments
from sibsim.reports.workbook.periods import write_periods
from sibsim.reports.workbook.savings import write_savings
from sibsim.reports.workbook.sheets import Book
from sibsim.reports.workbook.simulated import write_simulated
from sibsim.reports.workbook.standing import write_standing
from sibsim.reports.workbook.who_saves import write_who_saves
from sibsim.results import Results


def write_workbook(results: Results, path: str | Path, *, lang: str = "en") -> Live:
    """Write a workbook that recomputes the base case with live formulas.

    Parameters
    ----------
    results
        A run that kept its flows, or a base case.
    path
        The file; one that is there is overwritten.
    lang
        `da` (Danish) or `en` (English).

    Returns
    -------
    Live
        What was written: the cells of the inputs, the live totals by metric, and which parts of
        the case are values that follow no input, with the reason.

    Raises
    ------
    ArgumentError
        If the language is neither.
    """
    case, book = results.case, Book(Path(path), language(lang))
    front = begin_front(book)
    live = Live(book, case, results.base_case(), write_inputs(book, case))
    periods = write_periods(live)
    delivery = write_delivery(live, periods)
    outcomes = write_outcomes(live, periods, delivery)
    measures = write_measures(live, delivery, outcomes)
    standing = write_standing(live, periods, delivery, measures)
    write_outcome_totals(
        live, delivery=delivery, outcomes=outcomes, measures=measures, standing=standing
    )
    costs = write_costs(live, periods, delivery, standing)
    payments = write_payments(live, periods, delivery, measures, standing)
    capital = write_capital(live, periods, costs, payments, standing)
    savings = write_savings(live, periods, delivery, outcomes, standing)
    parties = write_parties(live, periods, costs, payments, capital, savings)
    write_budget_form(live, periods, parties)
    write_who_saves(live, periods, parties)
    write_payment_table(live, payment_table(case, lang=book.lang))
    write_simulated(live, results)
    write_case_text(book, case)
    live.inputs.finish(all_follows=not live.fixed)
    write_front(live, results, front)
    book.close()
    return live
