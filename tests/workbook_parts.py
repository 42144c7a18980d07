"""Parts of a live base case made from the library's figures, for tests of the parts after them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from sibsim.accounts import settle
from sibsim.case import Case
from sibsim.core.words import Words
from sibsim.payments.standing import service_ends
from sibsim.reports.payment_table import payment_table
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.budget_form import write_budget_form
from sibsim.reports.workbook.by_year import Table
from sibsim.reports.workbook.capital.account import write_capital
from sibsim.reports.workbook.days import months_later, year_of
from sibsim.reports.workbook.formulas import Formula
from sibsim.reports.workbook.inputs import write_inputs
from sibsim.reports.workbook.model import (
    Capital,
    Costs,
    Delivery,
    Live,
    Outcome,
    Parties,
    Payments,
    Periods,
    Saving,
    Standing,
)
from sibsim.reports.workbook.parties import write_parties
from sibsim.reports.workbook.payment_sheet import write_payment_table
from sibsim.reports.workbook.periods import write_periods
from sibsim.reports.workbook.savings import write_savings
from sibsim.reports.workbook.sheets import Book
from sibsim.reports.workbook.who_saves import write_who_saves

HALF_A_CENT = 0.005
"""Half an øre: the rounding of sums of some thousand amounts stays far below it."""


def live_of(case: Case, folder: Path, *, lang: str = "en") -> Live:
    """Begin a workbook of a case: the input sheet and the base case."""
    book = Book(folder / f"{case.name}-{lang}.xlsx", lang)  # type: ignore[arg-type]  # da or en
    return Live(book, case, case.base_case(), write_inputs(book, case))


def delivery_of(live: Live) -> Delivery:
    """Write who comes in the base case as plain numbers."""
    assert live.base.worlds is not None
    who = live.base.worlds[0].participation
    sheet = live.book.sheet(Words(da="Levering", en="Delivery"))
    sheet.heading("Delivery")
    block = sheet.block([f"cohort {c + 1}" for c in range(len(who.planned))], title="cohort")

    def column(title: str, values: np.ndarray) -> list[Formula]:
        numbers = np.broadcast_to(values, (len(who.planned), 1))[:, 0]
        found: Column = block.column(title, (float(n) for n in numbers), kind="number")
        return [found.at(row) for row in range(block.rows)]

    return Delivery(
        start=column("start", who.start),
        planned=column("planned", who.planned[:, np.newaxis]),
        referred=column("referred", who.referred),
        started=column("started", who.started),
        completed=column("completed", who.completed),
    )


def periods_of(live: Live) -> Periods:
    """Write the periods of the case, without an index."""
    timeline = live.case.timeline
    sheet = live.book.sheet(Words(da="Tid", en="Time"))
    number = timeline.periods
    first = live.inputs["start"]
    block = sheet.block([f"period {t + 1}" for t in range(number)], title="period")
    months = timeline.months_per_period
    days = block.column("first day", lambda t: months_later(first, t * months), kind="date")
    return Periods(
        first_day=days,
        start=block.column("start", (float(t * months) for t in range(number)), kind="count"),
        year=block.column("year", lambda t: year_of(days.at(t)), kind="year"),
        factors={},
        case_start=first,
        months=months,
        number=number,
    )


def standing_of(live: Live) -> Standing:
    """Return how far the contract goes in the base case, as plain numbers."""
    assert live.base.worlds is not None
    world, delivery = live.base.worlds[0], live.case.delivery
    found = settle(live.case, world).standing
    assert delivery is not None
    service = service_ends(
        found,
        participation_start=world.participation.start,
        programme_months=delivery.programme_months,
    )
    ends = float(service[0])
    return Standing(
        served=[Formula(str(int(each[0])), float(each[0])) for each in found.served],
        ends=Formula(repr(ends), ends) if np.isfinite(ends) else None,
    )


def costs_of(live: Live) -> Costs:
    """Write what the base case costs as plain numbers: by line, and what capital finances."""
    assert live.base.worlds is not None
    accounts = settle(live.case, live.base.worlds[0])
    periods = live.case.timeline.periods
    amounts = {name: np.zeros(periods) for name in live.case.costs}
    financed = np.zeros(periods)
    for flow in accounts.costs:
        amount = np.broadcast_to(flow.amount, (periods, flow.amount.shape[-1]))[:, 0]
        amounts[flow.line] += amount
        if flow.payer is None:
            financed += amount
    sheet = live.book.sheet(Words(da="Udgifter", en="Costs"))
    block = sheet.block(list(live.case.timeline.labels), title="period")
    lines = {name: block.column(name, map(float, each)) for name, each in amounts.items()}
    return Costs(lines=lines, financed=block.column("financed", map(float, financed)))


def payments_of(live: Live) -> Payments:
    """Write what is owed and paid in the base case as plain numbers."""
    assert live.base.worlds is not None
    found = settle(live.case, live.base.worlds[0]).payments
    periods = live.case.timeline.periods
    sheet = live.book.sheet(Words(da="Betaling", en="Payments"))
    block = sheet.block(list(live.case.timeline.labels), title="period")

    def column(title: str, amount: np.ndarray) -> Column:
        spread = np.broadcast_to(amount, (periods, amount.shape[-1]))[:, 0]
        return block.column(title, map(float, spread))

    total = sum(found.paid.values(), start=np.zeros((periods, 1)))
    return Payments(
        due={name: column(f"due {name}", amount) for name, amount in found.due.items()},
        paid={key: column(" ".join(key), amount) for key, amount in found.paid_by.items()},
        total=column("total", total),
    )


def capital_of(live: Live) -> Capital:
    """Write the capital on payments and costs of the library."""
    return write_capital(
        live, periods_of(live), costs_of(live), payments_of(live), standing_of(live)
    )


def assert_totals(live: Live) -> None:
    """Every live total equals the base case: money to half an øre, rates to nine digits."""
    for name, cell in live.totals.items():
        expected = float(live.base.metrics[name][0])
        found = cell.number
        if name.endswith(("irr", "multiple")):
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9, err_msg=name)
        else:
            np.testing.assert_allclose(found, expected, rtol=0, atol=HALF_A_CENT, err_msg=name)


def _grid(
    block: Block, title: str, values: np.ndarray, *, shape: tuple[int, int]
) -> list[list[Formula]]:
    """Write values by cohort and follow-up in a column and return its cells."""
    cohorts, follow_ups = shape
    full = np.broadcast_to(values[..., 0], shape)
    column = block.column(title, map(float, full.ravel()), kind="factor")
    return [[column.at(c * follow_ups + k) for k in range(follow_ups)] for c in range(cohorts)]


def outcomes_of(live: Live) -> dict[str, Outcome]:
    """Write what is achieved in the base case as plain numbers."""
    assert live.base.worlds is not None
    sheet = live.book.sheet(Words(da="Resultater", en="Outcomes"))
    found = {}
    for name, path in live.base.worlds[0].paths.items():
        cohorts, follow_ups = path.achieved.shape[0], len(path.follow_up_months)
        cells = [(c, k) for c in range(cohorts) for k in range(follow_ups)]
        sheet.heading(name)
        months = sheet.block([f"{k}" for k in range(follow_ups)], title="follow-up").column(
            "months", (float(each) for each in path.follow_up_months), kind="count"
        )
        block = sheet.block([f"{c}, {k}" for c, k in cells], title="cohort")

        grid = partial(_grid, block, shape=(cohorts, follow_ups))
        people = grid("people", np.broadcast_to(path.people[:, np.newaxis], path.achieved.shape))
        found[name] = Outcome(
            follow_up=[months.at(k) for k in range(follow_ups)],
            at=grid("at", path.when),
            people=[row[0] for row in people],
            without=grid("without", path.counterfactual),
            achieved_mean=grid("mean", path.expected),
            achieved=grid("achieved", path.achieved),
            additional=grid("additional", path.additional),
        )
    return found


@dataclass(frozen=True, eq=False)
class Public:
    """What budgets save and who pays whom, on parts made of the base case."""

    live: Live
    """The workbook."""

    periods: Periods
    """Time."""

    savings: dict[str, Saving]
    """By budget line."""

    parties: Parties
    """By party."""

    form: Table
    """The budget form."""

    who: Table
    """Who saves."""


def public_of(case: Case, folder: Path, *, lang: str = "en") -> Public:
    """Write savings, parties and the tables of budgets on figures of the base case."""
    live = live_of(case, folder, lang=lang)
    delivery, periods = delivery_of(live), write_periods(live)
    standing = standing_of(live)
    savings = write_savings(live, periods, delivery, outcomes_of(live), standing)
    costs, payments = costs_of(live), payments_of(live)
    capital = write_capital(live, periods, costs, payments, standing)
    live.totals.clear()
    parties = write_parties(live, periods, costs, payments, capital, savings)
    form, who = (
        write_budget_form(live, periods, parties),
        write_who_saves(live, periods, parties),
    )
    write_payment_table(live, payment_table(case, lang=lang))
    live.book.file.close()
    assert form is not None
    return Public(live, periods, savings, parties, form, who)
