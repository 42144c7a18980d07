"""A party's budget by line, in the form of Copenhagen and by committee; and what to set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sibsim.errors import ArgumentError
from sibsim.figures import QUANTILES
from sibsim.metrics import ROUNDING
from sibsim.reports.municipal_money import Item, Role, Row, row_of
from sibsim.reports.municipal_presentation import Presentation, is_number
from sibsim.reports.municipal_words import FRAMES

if TYPE_CHECKING:
    import pandas as pd

SAVING_PARTS = ("gross", "refund", "equalisation", "guarantee", "not_released")
"""From the gross saving to what is realisable, in order."""

_ORDER: tuple[Role, ...] = ("saving", "payment", "surplus", "grant", "cost", "capital")
"""Order of rows in a frame."""

_INCOME: Mapping[Role, str] = {"grant": "income", "surplus": "income"}
"""What the item of a row is called where its line says its role already."""

_SECTIONS: Mapping[str, tuple[Role, ...]] = {
    "permanent": ("saving",),
    "temporary": ("payment", "surplus"),
    "implementation": ("grant", "cost", "capital"),
}
"""Sections of Copenhagen's form, with the one between for what ends with the contract."""


def lines_table(shown: Presentation) -> pd.DataFrame:
    """Return the budget by frame and line, from gross to realisable savings.

    Parameters
    ----------
    shown
        Whose money, and how it is shown.
    """
    rows: dict[tuple[str, ...], Row] = {}
    for frame in FRAMES:
        of_frame = [item for item in shown.items if item.frame == frame]
        for line in _by_line(of_frame):
            rows |= _line_rows(shown, line)
        if of_frame:
            key = (shown.frame_title(frame), shown.word("total"), "")
            rows[key] = row_of(of_frame, chance=True)
    rows[shown.word("all frames"), shown.word("total"), ""] = row_of(shown.items, chance=True)
    return shown.frame(rows, names=("frame", "line", "item"))


def _by_line(items: Iterable[Item]) -> list[list[Item]]:
    """Return the items of each line, lines in the order of tables."""
    found: dict[tuple[Role, str, str], list[Item]] = {}
    for item in sorted(items, key=lambda each: _ORDER.index(each.role)):
        part = "" if item.role == "saving" else item.part
        found.setdefault((item.role, item.name, part), []).append(item)
    return list(found.values())


def _line_rows(shown: Presentation, line: list[Item]) -> dict[tuple[str, ...], Row]:
    """Return the rows of one line: one, or of a saving each step from gross to realisable."""
    first = line[0]
    start = (shown.frame_title(first.frame), shown.line_title(first))
    whole = row_of(line)
    if first.role == "capital":
        return {(*start, shown.word(f"capital.{first.part}")): whole}
    if first.role != "saving":
        return {(*start, shown.word(_INCOME.get(first.role, first.role))): whole}
    steps = sorted(line, key=lambda item: SAVING_PARTS.index(item.part))
    rows: dict[tuple[str, ...], Row] = {
        (
            *start,
            shown.gross_title(item) if item.part == "gross" else shown.word(item.part),
        ): row_of([item])
        for item in steps
    }
    return rows | {(*start, shown.word("realisable")): whole}


def totals_table(shown: Presentation) -> pd.DataFrame:
    """Return mean, quantiles and the probability of a loss of the net of every column.

    Parameters
    ----------
    shown
        Whose money, and how it is shown.
    """
    net = shown.columns.shown(shown.net)
    turned = shown.turned(net)
    quantiles = np.quantile(turned, list(QUANTILES.values()), axis=1)
    rows = {shown.word("mean"): turned.mean(axis=1)}
    rows |= dict(zip(QUANTILES, quantiles, strict=True))
    rows[shown.chance_name] = np.array([shown.chance(each) for each in net])
    return shown.dressed(
        np.stack(list(rows.values())),
        keys=[(name,) for name in rows],
        names=("figure",),
        columns=shown.columns.names,
    )


def copenhagen_table(shown: Presentation) -> pd.DataFrame:
    """Return permanent and temporary changes, implementation costs and the total, with frames.

    Parameters
    ----------
    shown
        Whose money, and how it is shown.
    """
    rows: dict[tuple[str, ...], Row] = {}
    for section, roles in _SECTIONS.items():
        items = [item for item in shown.items if item.role in roles]
        for line in _by_line(items):
            first = line[0]
            one_row = first.role == "payment"
            title = shown.word("payments") if one_row else shown.line_title(first)
            key = (shown.word(section), title, shown.frame_title(first.frame))
            before = rows[key].flows if key in rows else ()
            rows[key] = Row((*before, *row_of(line).flows))
        total = (shown.word(section), shown.word(f"total {section}"), "")
        rows[total] = row_of(items, chance=True)
    rows[shown.word("impact"), shown.word("total"), ""] = row_of(shown.items, chance=True)
    table = shown.frame(rows, names=("section", "line", "frame"))
    table.attrs["payback_year"] = _payback_year(shown)
    return table


def _payback_year(shown: Presentation) -> int | None:
    """Return the calendar year from whose end on the mean gains so far stay at 0 or above."""
    years = shown.results.case.timeline.years
    so_far = np.cumsum(shown.columns.weight * shown.mean_of(item.flow for item in shown.items))
    short = np.flatnonzero(so_far * shown.unit < -ROUNDING)
    after = int(short[-1]) + 1 if len(short) else 0
    return years[after] if after < len(years) else None


def committees_table(shown: Presentation) -> pd.DataFrame:
    """Return the net of each committee, those that are stated first.

    Parameters
    ----------
    shown
        Whose money, and how it is shown.
    """
    found: dict[str | None, list[Item]] = {}
    for item in shown.items:
        found.setdefault(_committee(shown, item), []).append(item)
    ordered = sorted(found, key=lambda name: name is None)
    rows: dict[tuple[str, ...], Row] = {
        (name or shown.word("not stated"),): row_of(found[name], chance=True) for name in ordered
    }
    rows[(shown.word("total"),)] = row_of(shown.items, chance=True)
    return shown.frame(rows, names=("committee",))


def _committee(shown: Presentation, item: Item) -> str | None:
    """Return whose budget a row is: the line's own committee, else that of the contract.

    A line names the committee of the party that saves, or of the one that loses; the contract that
    of the authority.
    """
    case, party = shown.results.case, shown.party
    if item.role == "saving":
        line = case.budget[item.name]
        return line.committee if party in {line.party, line.counterparty} else None
    problem, terms = case.problem, case.contract.terms
    if item.role == "cost" and item.name in case.costs and problem is not None:
        cost = case.costs[item.name]
        if cost.committee is not None and (cost.payer or problem.provider) == party:
            return cost.committee
    of_authority = terms is not None and problem is not None and problem.authority == party
    return terms.committee if terms is not None and of_authority else None


def amount_table(shown: Presentation, probability: float) -> pd.DataFrame:
    """Return the smallest amounts that suffice with a probability.

    Parameters
    ----------
    shown
        Whose money, and how it is shown; what is set aside is positive whatever the sign.
    probability
        Probability that the amount is enough, between 0 and 1.

    Raises
    ------
    ArgumentError
        If the probability is not between 0 and 1.
    """
    if not (is_number(probability) and 0 < probability < 1):
        message = (
            f"probability: got {probability!r}; an amount is enough with a probability between 0 "
            "and 1; give one such as 0.9"
        )
        raise ArgumentError(message)
    paid = shown.sum_of(item.flow for item in shown.items if item.role == "payment")
    rows = [
        np.quantile(-shown.columns.shown(each), probability, axis=1, method="inverted_cdf") + 0.0
        for each in (paid, shown.net)
    ]
    table = shown.with_sign("expense_positive").dressed(
        np.stack(rows),
        keys=[(shown.word("payments"),), (shown.word("net cost"),)],
        names=("item",),
        columns=shown.columns.names,
    )
    table.attrs["probability"] = probability
    return table
