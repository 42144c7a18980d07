"""What lines owe in each period: the sum of claims, indexed, held back, and what is owed back.

Source: docs/model.md, section 9, clauses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sibsim.accounts import settle
from sibsim.core.wording import party_words
from sibsim.payments.settlement import Payments
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import (
    Formula,
    added,
    either,
    largest,
    sum_product,
    sum_where,
    total,
    where,
)
from sibsim.reports.workbook.payments import words
from sibsim.reports.workbook.payments.line import Claims, Line
from sibsim.reports.workbook.payments.reports import tested


@dataclass(frozen=True, eq=False)
class Test:
    """What a clause waits for, cells of the sheet."""

    passed: Formula
    """1 where the test is passed."""

    failed: Formula
    """1 where it is failed; what is not measured is neither."""

    period: Formula
    """Number of the period in which its result is paid on; 0: never."""


@dataclass(frozen=True, eq=False)
class Owing:
    """A line whose claims are written, and the tests of its clauses."""

    line: Line
    """The line."""

    title: str
    """What it is called."""

    claims: Sequence[Claims]
    """Its claims; none where what it owes is fixed."""

    lapsed: Formula | None = None
    """What lapses, where what it owes is fixed; None: it is not."""

    until: Test | None = None
    """What its holdback waits for."""

    unless: Test | None = None
    """What its clawback hangs on."""


@dataclass(frozen=True, eq=False)
class Due:
    """What a line owes."""

    amount: Column
    """By period."""

    lapsed: Formula
    """What lapses."""

    returned: Column | None
    """What the investors owe on it by its schedule, by period; None: nothing."""


def test_of(line: Line, *, clause: str) -> Test | None:
    """Write the test of a holdback or a clawback; None where the line has no such clause.

    Parameters
    ----------
    line
        The line.
    clause
        `holdback` or `clawback`.
    """
    spec = line.spec
    if clause == "holdback" and spec.holdback is not None:
        asked, field = spec.holdback.until, "holdback.until"
    elif clause == "clawback" and spec.clawback is not None:
        asked, field = spec.clawback.unless, "clawback.unless"
    else:
        return None
    result = tested(line, asked.reading(field=field))
    block = line.sheet.block([words.TEST], title="")
    block.column(words.NUMBER, [result.number], kind="number")
    block.column(words.BASE, [result.base], kind="number")
    level = line.cell(f"{field}.at_least", asked.at_least)
    reached = block.column(words.REACHED, [where(result.reaches(level), 1, 0)], kind="count").at(0)
    known = block.column(words.KNOWN, [where(result.known, 1, 0)], kind="count").at(0)
    period = line.dated(block, when=[result.when]).at(0)
    return Test(passed=reached, failed=known * (1 - reached), period=period)


def library_of(line: Line) -> Payments:
    """Return what the library pays in the base case of the line's contract."""
    worlds = line.live.base.worlds
    assert worlds is not None  # noqa: S101 - a base case keeps its world
    return settle(line.live.case, worlds[0]).payments


def write_due(owing: Owing, *, block: Block, number: Column) -> Due:
    """Write what a line owes in each period, before limits.

    Parameters
    ----------
    owing
        The line and its claims.
    block
        A block with one row per period.
    number
        Numbers of the periods, from 1.
    """
    if owing.lapsed is not None:
        fixed = library_of(owing.line).due[owing.line.name]
        amount = block.fixed(words.of(words.DUE, owing.title), fixed[:, 0])
        return Due(amount, owing.lapsed, None)
    line, title, claims = owing.line, owing.title, owing.claims
    both_ways = line.spec.may_be_returned
    is_due = not (both_ways or line.spec.index or owing.until)
    amount = block.column(
        words.of(words.DUE if is_due else words.CLAIMED_LINE, title),
        lambda t: added(
            [sum_where(each.amount.all, keys=each.period.all, key=number.at(t)) for each in claims]
        ),
        note=words.DUE_NOTE,
    )
    lapsed = added([total(each.lapsed.all) for each in claims])
    if line.spec.index is not None:
        claimed, factor = amount, line.periods.factors[line.spec.index]
        amount = block.column(
            words.of(words.INDEXED, title), lambda t: claimed.at(t) * factor.at(t)
        )
    returned = None
    if both_ways:
        signed_amount, lapsed = amount, largest(lapsed, 0)
        amount = block.column(words.of(words.DUE, title), lambda t: largest(signed_amount.at(t), 0))
        returned = block.column(
            words.of(words.BACK, title), lambda t: largest(-signed_amount.at(t), 0)
        )
    if owing.until is None:
        return Due(amount, lapsed, returned)
    return _held_back(owing, Due(amount, lapsed, returned), block=block, number=number)


def write_returned(
    owing: Owing,
    due: Due,
    *,
    paid: Mapping[str, Column],
    shares: Mapping[str, Formula],
    number: Column,
) -> list[Column]:
    """Write what the investors owe back to every payer of a line, in each period.

    The payer's share of what the schedule owes, and the share of what it has paid itself before
    the result of a failed test.

    Parameters
    ----------
    owing, due
        The line and what it owes.
    paid
        What is paid in each period, by payer.
    shares
        Share of each payer.
    number
        Numbers of the periods, from 1.
    """
    if not owing.line.spec.may_be_returned:
        return []
    if owing.lapsed is not None:
        return _returned_of_the_library(owing, block=number.block)
    line, clawback, test = owing.line, owing.line.spec.clawback, owing.unless

    def back(t: int, payer: str) -> Formula:
        parts = [] if due.returned is None else [due.returned.at(t) * shares[payer]]
        if clawback is not None and test is not None:
            before = sum_product(number.all < test.period, paid[payer].all)
            share = line.cell("clawback.share", clawback.share)
            now = number.at(t).equals(test.period)
            parts.append(where(now, test.failed * share * before, 0))
        return added(parts)

    found = []
    for payer in shares:
        title = words.of(words.BACK_TO, party_words(payer), owing.title)
        found.append(number.block.column(title, lambda t, payer=payer: back(t, payer)))  # type: ignore[misc]  # the loop's payer is kept
    return found


def _held_back(owing: Owing, due: Due, *, block: Block, number: Column) -> Due:
    """Write what is kept until the test, and released with it."""
    line, test, holdback = owing.line, owing.until, owing.line.spec.holdback
    assert test is not None  # noqa: S101 - asked for where it is
    assert holdback is not None  # noqa: S101 - as above
    share = line.cell("holdback.share", holdback.share)

    def kept(t: int) -> Formula:
        waits = either(number.at(t) < test.period, test.period.equals(0))
        return where(waits, share * due.amount.at(t), 0)

    held = block.column(words.of(words.HELD, owing.title), kept)
    released = block.column(
        words.of(words.RELEASED, owing.title),
        lambda t: where(number.at(t).equals(test.period), test.passed * total(held.all), 0),
    )
    amount = block.column(
        words.of(words.DUE, owing.title),
        lambda t: due.amount.at(t) - held.at(t) + released.at(t),
    )
    lost = where(test.period.equals(0), test.passed * total(held.all), 0)
    return Due(amount, due.lapsed + lost, due.returned)


def _returned_of_the_library(owing: Owing, *, block: Block) -> list[Column]:
    """Write what is owed back on the line in the base case as fixed values."""
    found = library_of(owing.line)
    return [
        block.fixed(words.of(words.BACK_TO, party_words(payer), owing.title), amount[:, 0])
        for (each, payer), amount in found.returned_to.items()
        if each == owing.line.name
    ]
