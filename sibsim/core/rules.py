"""Public rules and rates as numbers that hold between two dates, each with its source.

A rule has a name, such as `dk-shelter-refund.days`, and one row per period in which its number
holds; a reform is a new row. What is read at another price level than a case's is moved openly, by
`Rule.in_prices_of`, and says so.

The rows ship in `data/rules/<country>/*.csv`; each gives title, address and year of what it was
read in. The steps of the refund ladder are several rows of one rule and are read by
`sibsim.core.prices`.

Assumption: a figure of a page that speaks of one year holds from 1 January to 31 December of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from sibsim.core import catalogue
from sibsim.core.prices import REFUND_FILE
from sibsim.core.spec import nearest
from sibsim.errors import ArgumentError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

NET_PRICE_INDEX = "dk-net-price-index."
"""What the names of the levels of the net price index begin with; year and month follow.

The socio-economic investment model (SØM) moves prices by the same index (Socialstyrelsen: FAQ -
Vidensdatabasen, priser,
https://socialstyrelsen.dk/tvaergaende-omrader/socialstyrelsens-viden/som-og-okonomiske-analyser/som/faq/faq-vidensdatabasen-priser,
2021)."""

INDEX_MONTH = "06"
"""Month whose level stands for a year: the middle of it, and the only one read for every year."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One number of a public rule, as it holds between two dates."""

    name: str
    """Name of the rule, such as `dk-shelter-refund.days`."""

    value: float
    """The number; infinite where a limit does not exist."""

    unit: str
    """Unit of the number, such as `kr. a month` or `share`."""

    valid_from: date | None
    """First day it holds; None: as far back as the source speaks."""

    valid_to: date | None
    """Last day it holds; None: still in force as far as the source says."""

    price_year: int | None
    """Calendar year of the price level of an amount of money; None: it is no amount of money."""

    status: str
    """`published`: read in the source; `assumption`: ours, `note` says why."""

    source_title: str
    """Title of what it was read in, with author or publisher."""

    source_url: str
    """Address of what it was read in."""

    source_year: int
    """Year that the source gives for it; where the source gives none, the year it was read."""

    note: str
    """What a reader must know before using it; may be empty."""

    @property
    def source(self) -> str:
        """Where it was read: title, year and address."""
        return f"{self.source_title}, {self.source_year}, {self.source_url}"

    @property
    def period(self) -> str:
        """The days it holds, in words."""
        if self.valid_from is None and self.valid_to is None:
            return "on any day"
        if self.valid_from is None:
            return f"up to {self.valid_to}"
        return f"from {self.valid_from}" + (f" to {self.valid_to}" if self.valid_to else "")

    def covers(self, day: date) -> bool:
        """Return whether it holds on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def in_prices_of(self, year: int) -> Rule:
        """Return the amount moved to the price level of another year, saying so in its note.

        value x I(year) / I(price year), I the net price index of June. What comes back is an
        assumption: the moved amount was read nowhere.

        Parameters
        ----------
        year
            Calendar year whose price level is wanted.

        Raises
        ------
        ArgumentError
            If it is no amount of money, or if the index does not cover one of the two years; names
            the years it covers.
        """
        if self.price_year is None:
            message = (
                f"got {self.name!r}, in {self.unit}; only an amount of money has a price level; "
                "take its value as it stands"
            )
            raise ArgumentError(message)
        if year == self.price_year:
            return self
        levels = _net_price_index()
        for each in (self.price_year, year):
            if each not in levels:
                message = (
                    f"no level for {each}; the net price index that ships covers "
                    f"{min(levels)} to {max(levels)}, and {self.name!r} is in {self.price_year} "
                    "prices; take a year of these, or move the amount by an index of your own"
                )
                raise ArgumentError(message)
        before, after = levels[self.price_year], levels[year]
        factor = after.value / before.value
        note = (
            f"moved from {self.price_year} to {year} prices by the net price index of June, "
            f"{after.value:g} / {before.value:g} = {factor:.4f} ({after.source}); "
            f"read as {self.value:,.15g}"
        )
        return replace(
            self,
            value=self.value * factor,
            price_year=year,
            status="assumption",
            note=f"{note}. {self.note}" if self.note else note,
        )

    def __str__(self) -> str:
        """Return the rule, its number, its days and its source as one line."""
        number = "no limit" if math.isinf(self.value) else f"{self.value:,.15g}"
        prices = f", {self.price_year} prices" if self.price_year else ""
        return f"{self.name}: {number} ({self.unit}{prices}), {self.period}; {self.source}"


def rule(name: str, *, on: date | str) -> Rule:
    """Return the number of a public rule that holds on a day, with its source.

    Parameters
    ----------
    name
        Name of the rule, such as `dk-shelter-refund.days`; `list_rules` shows them all.
    on
        The day, as a date or as text such as `2026-04-01`.

    Raises
    ------
    UnknownNameError
        If no such rule ships; names the nearest one.
    ArgumentError
        If `on` is no day, or if no row of the rule covers it; names the days the rule does cover.
    """
    day = _day(on)
    rows = _by_name().get(name, ())
    if not rows:
        raise _unknown(name)
    for each in rows:
        if each.covers(day):
            return each
    spans = ", ".join(each.period for each in rows)
    message = (
        f"got {day}; the rule {name!r} holds {spans}; ask for a day of these, and move an amount "
        "of money by `in_prices_of`"
    )
    raise ArgumentError(message)


def rules_named(prefix: str, *, on: date | str | None = None) -> tuple[Rule, ...]:
    """Return the rows of every rule whose name begins with a text, by name and first day.

    Parameters
    ----------
    prefix
        Beginning of the names, such as `dk-budget-guarantee.`; all rules where it is empty.
    on
        Only rows that hold on this day; None: the rows of every day.

    Raises
    ------
    UnknownNameError
        If no rule's name begins so; names the nearest one.
    ArgumentError
        If `on` is no day.
    """
    day = None if on is None else _day(on)
    found = [each for each in _rules() if each.name.startswith(prefix)]
    if not found:
        raise _unknown(prefix)
    return tuple(each for each in found if day is None or each.covers(day))


def list_rules(prefix: str = "", *, on: date | str | None = None) -> pd.DataFrame:
    """Return the public rules and rates that ship with sibsim, each with its source.

    Parameters
    ----------
    prefix
        Beginning of the names, such as `dk-benefit`; all rules where it is empty.
    on
        Only what holds on this day, as a date or text; None: every row.

    Returns
    -------
    DataFrame
        One row per rule and period: name, value, unit, first and last day, price year, status,
        source and note.

    Raises
    ------
    UnknownNameError
        If no rule's name begins so; names the nearest one.
    ArgumentError
        If `on` is no day.
    """
    import pandas as pd

    columns = ("name", "value", "unit", "valid_from", "valid_to", "price_year", "status", "source")
    rows = [
        [getattr(each, column) for column in (*columns, "note")]
        for each in rules_named(prefix, on=on)
    ]
    frame = pd.DataFrame(rows, columns=[*columns, "note"])
    return frame.astype({"price_year": "Int64"})


@cache
def _rules() -> tuple[Rule, ...]:
    found = [
        _read(row)
        for country in catalogue.folders("rules")
        for file in catalogue.names("rules", country)
        if file != REFUND_FILE
        for row in catalogue.rows("rules", country, file)
    ]
    return tuple(sorted(found, key=lambda each: (each.name, each.valid_from or date.min)))


@cache
def _by_name() -> Mapping[str, tuple[Rule, ...]]:
    return {name: tuple(rows) for name, rows in groupby(_rules(), key=attrgetter("name"))}


@cache
def _net_price_index() -> Mapping[int, Rule]:
    found = {}
    for each in rules_named(NET_PRICE_INDEX):
        year, month = each.name.removeprefix(NET_PRICE_INDEX).split("-")
        if month == INDEX_MONTH:
            found[int(year)] = each
    return found


def _read(row: Mapping[str, str]) -> Rule:
    return Rule(
        name=row["name"],
        value=float(row["value"]),
        unit=row["unit"],
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        price_year=int(row["price_year"]) if row["price_year"] else None,
        status=row["status"],
        source_title=row["source_title"],
        source_url=row["source_url"],
        source_year=int(row["source_year"]),
        note=row["note"],
    )


def _day(on: date | str) -> date:
    if isinstance(on, datetime):
        return on.date()
    if isinstance(on, date):
        return on
    try:
        return date.fromisoformat(on)
    except (TypeError, ValueError):
        message = f"got {on!r}; a day is a date or text such as '2026-04-01'; write it so"
        raise ArgumentError(message) from None


def _unknown(name: str) -> UnknownNameError:
    kinds = {each.partition(".")[0] for each in _by_name()}
    way_out = nearest(name, {*_by_name(), *kinds}) or "; list_rules() shows every name"
    return UnknownNameError(f"no public rule is named {name!r}{way_out}")
