"""The sheet of payments: line by line what is claimed, then period by period what is paid."""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.core.wording import party_words, said
from sibsim.metrics import ROUNDING
from sibsim.payments.payers import shares_of
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.formulas import Formula, added, largest, lift, total, where
from sibsim.reports.workbook.model import Delivery, Live, Measure, Payments, Periods, Standing
from sibsim.reports.workbook.payments import by_date, by_result, units, words
from sibsim.reports.workbook.payments.due import (
    Due,
    Owing,
    library_of,
    test_of,
    write_due,
    write_returned,
)
from sibsim.reports.workbook.payments.limits import Limiting, apply_limits, cut_by_person
from sibsim.reports.workbook.payments.line import Agreed, Line
from sibsim.reports.workbook.payments.rules import write_claims
from sibsim.reports.workbook.periods import position
from sibsim.reports.workbook.sheets import Sheet

MODELS = (units, by_result, by_date)
"""Modules that register the models whose claims are live."""


def write_payments(
    live: Live,
    periods: Periods,
    delivery: Delivery,
    measures: Mapping[str, Measure],
    standing: Standing,
) -> Payments:
    """Write the sheet of payments and return what is owed and paid in each period.

    Parameters
    ----------
    live
        The workbook.
    periods
        Time.
    delivery
        Who comes; a line by cohort pays each its share of those planned.
    measures
        What is reported, by measure.
    standing
        Which cohorts are served.
    """
    sheet = live.book.sheet(words.SHEET)
    sheet.heading(words.HEADING, note=words.HEADING_NOTE)
    agreed = _agreed(live, sheet, periods=periods)
    rules = live.case.describe(live.book.lang)["rule"]
    lines = []
    for name, spec in live.case.contract.payments.items():
        line = Line(live, periods, delivery, measures, standing, sheet, agreed, name, spec)
        title = title_of(live, name)
        sheet.heading(title, note=str(rules[name]))
        lines.append(_owing(line, title=title))
    return _by_period(live, sheet, periods=periods, lines=lines)


def title_of(live: Live, name: str) -> str:
    """Return what a line is called: its own title, else those of the outcomes that it reads.

    Parameters
    ----------
    live
        The workbook.
    name
        The line.
    """
    case, spec, lang = live.case, live.case.contract.payments[name], live.book.lang
    if spec.title is not None:
        return spec.title.in_language(lang)
    read = dict.fromkeys(case.measures[each.measure].outcome for each in spec.readings)
    titles = [said(case.outcomes[each].title or each, lang) for each in read]
    return ", ".join(dict.fromkeys(titles)) or name.replace("_", " ")


def _agreed(live: Live, sheet: Sheet, *, periods: Periods) -> Agreed:
    """Write when the contract pays."""
    terms = live.case.contract.terms
    assert terms is not None  # noqa: S101 - a case that runs has a contract
    get = live.inputs.get
    lag = get("contract.evaluation_lag_months", terms.evaluation_lag_months) + get(
        "contract.payment_lag_months", terms.payment_lag_months
    )
    last = position(live.inputs["contract.last_payment"], case_start=periods.case_start)
    block = sheet.block([words.LAG, words.LAST, words.END], title=words.AGREED)
    column = block.reserve(words.VALUE, kind="number")
    end = periods.start.at(periods.number - 1) + periods.months
    return Agreed(*(column.set(row, each) for row, each in enumerate((lag, last, end))))


def _owing(line: Line, *, title: str) -> Owing:
    """Write the claims of a line and the tests of its clauses."""
    trigger = line.spec.trigger
    claims = None
    if trigger is None or trigger.alpha is None:
        claims = write_claims(line.spec, line=line)
    if claims is None:
        line.live.fixed[f"payments.{line.name}"] = words.FIXED_LINE
        line.sheet.line(words.FIXED_LINE)
        lapsed = [library_of(line).lapsed[line.name][0]]
        block = line.sheet.block([words.LAPSED], title="")
        return Owing(line, title, [], lapsed=block.fixed(words.VALUE, lapsed).at(0))
    until, unless = (test_of(line, clause=each) for each in ("holdback", "clawback"))
    return Owing(line, title, claims, until=until, unless=unless)


def _by_period(live: Live, sheet: Sheet, *, periods: Periods, lines: list[Owing]) -> Payments:
    """Write what is owed, cut and paid in each period."""
    sheet.heading(words.BY_PERIOD, note=words.BY_PERIOD_NOTE)
    block = sheet.block(list(live.case.timeline.labels), title=words.PERIOD)
    number = block.column(
        words.NUMBER_OF_PERIOD, (float(t + 1) for t in range(block.rows)), kind="count"
    )
    due = {each.line.name: write_due(each, block=block, number=number) for each in lines}
    titles = {each.line.name: each.title for each in lines}
    shares = {each.line.name: _shares(live, each.line) for each in lines}
    left, cut = _after_person(live, lines, due)
    by_payer = {
        (name, payer): _part(left[name], share, payer=payer, title=titles[name])
        for name, of in shares.items()
        for payer, share in of.items()
    }
    limiting = Limiting(block, periods.year, by_payer, titles)
    if cut:
        limiting.cut["person"], limiting.called["person"] = cut, words.LIMIT_OF_PERSON
    apply_limits(live, limiting)
    paid = {
        key: block.column(words.of(words.PAID, party_words(key[1]), titles[key[0]]), column.at)
        for key, column in limiting.left.items()
    }
    whole = block.column(words.TOTAL, lambda t: added([each.at(t) for each in paid.values()]))
    found = Payments(due={name: each.amount for name, each in due.items()}, paid=paid, total=whole)
    back = [
        column
        for each in lines
        for column in write_returned(
            each,
            due[each.line.name],
            paid={payer: paid[each.line.name, payer] for payer in shares[each.line.name]},
            shares=shares[each.line.name],
            number=number,
        )
    ]
    _write_totals(live, sheet, found=found, due=due, titles=titles)
    _write_limits(live, sheet, limiting=limiting, back=back)
    return found


def _after_person(
    live: Live, lines: list[Owing], due: Mapping[str, Due]
) -> tuple[dict[str, Column], list[Column]]:
    """Write what the limit per person leaves of each line, and return it with what it cuts."""
    left = {name: each.amount for name, each in due.items()}
    lost = cut_by_person(live)
    if not lost:
        return left, []
    live.fixed["contract.limit.person"] = words.FIXED_PERSON
    columns = []
    for each in lines:
        name = each.line.name
        if name not in lost:
            continue
        block, owed = due[name].amount.block, due[name].amount
        cut = block.fixed(words.of(words.CUT_BY_PERSON, each.title), lost[name])
        columns.append(cut)
        left[name] = block.column(
            words.of(words.AFTER_PERSON, each.title),
            lambda t, owed=owed, cut=cut: largest(owed.at(t) - cut.at(t), 0),  # type: ignore[misc]  # the loop's columns are kept
        )
    return left, columns


def _shares(live: Live, line: Line) -> dict[str, Formula]:
    """Return the share of every payer of a line."""
    terms = live.case.contract.terms
    assert terms is not None  # noqa: S101 - a case that runs has a contract
    payer, path = terms.payer, "contract.payer"
    if line.spec.payer is not None:
        payer, path = line.spec.payer, f"payments.{line.name}.payer"
    return {
        name: live.inputs.get(f"{path}.{name}", share) for name, share in shares_of(payer).items()
    }


def _part(column: Column, share: Formula, *, payer: str, title: str) -> Column:
    """Write what one of several payers owes of a line; all of it where it pays alone."""
    if share.text == lift(1).text:
        return column
    return column.block.column(
        words.of(words.OF_PAYER, party_words(payer), title), lambda t: column.at(t) * share
    )


def _write_totals(
    live: Live,
    sheet: Sheet,
    *,
    found: Payments,
    due: Mapping[str, Due],
    titles: Mapping[str, str],
) -> None:
    """Write what is owed, paid and lapsed in all, by line and by payer."""
    sheet.heading(words.IN_ALL)
    block = sheet.block([*titles.values(), words.ALL_LINES], title=words.IN_ALL_LINE)
    last = block.rows - 1
    by_line = {
        name: [total(column.all) for (each, _), column in found.paid.items() if each == name]
        for name in titles
    }
    columns = {
        "payments_due": (words.DUE_IN_ALL, [total(each.amount.all) for each in due.values()]),
        "payments_total": (words.PAID_IN_ALL, [added(each) for each in by_line.values()]),
        "payments_lapsed": (words.LAPSED, [each.lapsed for each in due.values()]),
    }
    for metric, (title, cells) in columns.items():
        column = block.reserve(title)
        for row, cell in enumerate(cells):
            column.set(row, cell)
        live.totals[metric] = column.set(last, total(column.up_to(last - 1)) if last else lift(0))
        if metric == "payments_total":
            by_name = {f"payments.{name}": column.at(row) for row, name in enumerate(titles)}
            live.totals.update(by_name)
    payers = list(dict.fromkeys(payer for _, payer in found.paid))
    if len(payers) > 1:
        shared = sheet.block([party_words(payer) for payer in payers], title=words.PAYER)
        column = shared.reserve(words.PAID_IN_ALL)
        for row, payer in enumerate(payers):
            parts = [total(each.all) for (_, by), each in found.paid.items() if by == payer]
            live.totals[f"paid_by.{payer}"] = column.set(row, added(parts))


def _write_limits(live: Live, sheet: Sheet, *, limiting: Limiting, back: list[Column]) -> None:
    """Write what each limit cuts in all, whether it bound, and what is owed back in all."""
    if limiting.cut:
        block = sheet.block(list(limiting.called.values()), title=words.LIMIT)
        cut = block.column(
            words.CUT_IN_ALL,
            (added([total(each.all) for each in columns]) for columns in limiting.cut.values()),
        )
        bound = block.reserve(words.BOUND, kind="count")
        for row, name in enumerate(limiting.cut):
            live.totals[f"limit_bound.{name}"] = bound.set(row, where(cut.at(row) > ROUNDING, 1, 0))
    if back:
        block = sheet.block([words.OWED_BACK], title="")
        column = block.reserve(words.IN_ALL)
        live.totals["payments_owed_back"] = column.set(0, added([total(each.all) for each in back]))
