"""Prices over time: indices by calendar year, and public rules that hold between two dates.

An index turns an amount in the price level of the case's price year into a nominal amount; it steps
on 1 January. A *dated rule* is a published table with the dates it holds from and to, so that a
reform is a new set of rows. Rules come from the shipped data, each row with its source.

Assumption: an index is known; it is not a parameter with a distribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Self

import numpy as np
from annotated_types import Gt
from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from sibsim.core import catalogue
from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.spec import Frozen, Positive, Rate, Sourced, nearest
from sibsim.errors import ArgumentError, UnknownNameError

NO_INDEX = "none"
"""Says that an amount is stated in current prices and never indexed; it must be said."""

REFUND_FILE = "refund_ladder"
"""Name of the file of refund ladders in a country's folder of rules."""

Growth = Annotated[Rate, Gt(-1)]
"""Growth per year; 0.036 is 3.6 % a year."""


def _years_as_text(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(year): level for year, level in value.items()}
    return value


class Index(Sourced):
    """How a price level moves from one calendar year to the next.

    Either one growth rate per year, or a dated table of levels in any base.
    """

    per_year: Growth | None = None
    """Growth per year, the same every year; 0.036 is 3.6 %. Above -1, at most 1."""

    values: Annotated[Frozen[Positive], BeforeValidator(_years_as_text)] | None = None
    """Level by calendar year, such as `{ 2024 = 100, 2025 = 103.6 }`: no year left out."""

    then_per_year: Growth | None = None
    """Growth per year after the last year of `values`; without it later years are refused."""

    @model_validator(mode="after")
    def _state_one_form(self) -> Self:
        kind = "index"
        if (self.per_year is None) == (self.values is None):
            message = "needs either `per_year` or `values`, not both; an index has one form"
            raise PydanticCustomError(kind, message)
        if self.values is None:
            if self.then_per_year is not None:
                message = "`then_per_year` goes with `values`; leave it out beside `per_year`"
                raise PydanticCustomError(kind, message)
            return self
        bad = [year for year in self.values if not year.isdecimal()]
        if bad or not self.values:
            message = "got {year} in `values`; each key is a calendar year such as 2024"
            raise PydanticCustomError(kind, message, {"year": bad[0] if bad else "nothing"})
        years = sorted(map(int, self.values))
        missing = sorted(set(range(years[0], years[-1])) - set(years))
        if missing:
            message = "`values` lacks {year}; state every year between the first and the last"
            raise PydanticCustomError(kind, message, {"year": missing[0]})
        return self

    @property
    def goes_on(self) -> bool:
        """Whether the index is known for every later year."""
        return self.values is None or self.then_per_year is not None

    def problem(self, years: IntArray) -> str:
        """Say what keeps the index from covering calendar years, or nothing.

        Parameters
        ----------
        years
            Calendar years, any shape, not empty.
        """
        if self.values is None:
            return ""
        table = sorted(map(int, self.values))
        if np.min(years) < table[0]:
            return f"no level for {np.min(years)}; `values` begins in {table[0]}; add that year"
        if np.max(years) > table[-1] and not self.goes_on:
            return (
                f"no level for {np.max(years)}; `values` ends in {table[-1]}; "
                "add `then_per_year` or more years"
            )
        return ""

    def factor(self, years: IntArray, *, price_year: int) -> FloatArray:
        """Return how much prices of `years` exceed those of the price year.

        factor = (1 + r)^(year - price_year), or level(year) / level(price_year). It steps on
        1 January.

        Parameters
        ----------
        years
            Calendar years, any shape; usually `timeline.year_of_period`, (T,).
        price_year
            Calendar year whose price level the amounts are in.

        Returns
        -------
        factor
            Same shape as `years`; 1 in the price year.

        Raises
        ------
        ArgumentError
            If the dated table does not cover a year.
        """
        years = np.asarray(years)
        if self.values is None:
            return np.power(1.0 + (self.per_year or 0.0), years - price_year)
        problem = self.problem(np.append(years.ravel(), price_year))
        if problem:
            raise ArgumentError(problem)
        return self._levels(years) / self._levels(np.array(price_year))

    def _levels(self, years: IntArray) -> FloatArray:
        values: Mapping[str, float] = self.values or {}
        first, last = min(map(int, values)), max(map(int, values))
        table = np.array([values[str(year)] for year in range(first, last + 1)])
        after = np.maximum(years - last, 0)
        growth = np.power(1.0 + (self.then_per_year or 0.0), after)
        return np.asarray(table[np.minimum(years, last) - first] * growth)


def index_named(name: str, *, indices: Mapping[str, Index]) -> Index | None:
    """Return the index that a line names, or None where it says `none`.

    Raises
    ------
    UnknownNameError
        If the case has no index of that name; names the nearest one.
    """
    if name == NO_INDEX:
        return None
    if name not in indices:
        message = f"no index is named {name!r}{nearest(name, indices)}"
        raise UnknownNameError(message)
    return indices[name]


def index_factor(
    name: str, *, indices: Mapping[str, Index], years: IntArray, price_year: int
) -> FloatArray:
    """Return the factor of the index that a line names; ones where it says `none`.

    Parameters
    ----------
    name
        Name of the index, or `none`.
    indices
        The indices of the case.
    years
        Calendar years, any shape.
    price_year
        Calendar year whose price level the amounts are in.

    Raises
    ------
    UnknownNameError
        If the case has no index of that name.
    ArgumentError
        If the dated table of the index does not cover a year.
    """
    index = index_named(name, indices=indices)
    return np.ones(np.shape(years)) if index is None else index.factor(years, price_year=price_year)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The state's refund of a benefit by weeks on support, as it holds between two dates."""

    name: str
    """Name of the rule, such as `dk-refund`."""

    from_week: tuple[float, ...]
    """Week after which each step begins; the first is 0, the last step has no end."""

    state_share: tuple[float, ...]
    """Share that the state refunds on each step."""

    valid_from: date
    """First day the steps hold."""

    valid_to: date | None
    """Last day the steps hold; None: still in force."""

    source: str
    """Where the steps were read: title, year and address."""

    def covers(self, day: date) -> bool:
        """Return whether the steps hold on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@cache
def refund_ladders() -> tuple[Ladder, ...]:
    """Return every refund ladder that ships, by name and date."""
    grouped: dict[tuple[str, str], list[dict[str, str]]] = {}
    for country in catalogue.folders("rules"):
        if REFUND_FILE not in catalogue.names("rules", country):
            continue
        for row in catalogue.rows("rules", country, REFUND_FILE):
            grouped.setdefault((row["rule"], row["valid_from"]), []).append(row)
    return tuple(_ladder(grouped[key]) for key in sorted(grouped))


def refund_ladder(name: str, *, day: date) -> Ladder:
    """Return the refund ladder that holds on a day.

    Parameters
    ----------
    name
        Name of the rule, such as `dk-refund`.
    day
        The day.

    Raises
    ------
    UnknownNameError
        If no such rule ships; names the nearest one.
    ArgumentError
        If the rule does not hold on that day.
    """
    named = [ladder for ladder in refund_ladders() if ladder.name == name]
    if not named:
        known = sorted({ladder.name for ladder in refund_ladders()})
        hint = nearest(name, known) or f"; known are {', '.join(known)}"
        message = f"no refund ladder is named {name!r}{hint}"
        raise UnknownNameError(message)
    for ladder in named:
        if ladder.covers(day):
            return ladder
    spans = ", ".join(f"{each.valid_from} to {each.valid_to or 'today'}" for each in named)
    message = f"got {day}; the refund ladder {name!r} holds {spans}; move the case or drop it"
    raise ArgumentError(message)


def _ladder(rows: list[dict[str, str]]) -> Ladder:
    steps = sorted((float(row["from_week"]), float(row["state_share"])) for row in rows)
    first = rows[0]
    return Ladder(
        name=first["rule"],
        from_week=tuple(week for week, _ in steps),
        state_share=tuple(share for _, share in steps),
        valid_from=date.fromisoformat(first["valid_from"]),
        valid_to=date.fromisoformat(first["valid_to"]) if first["valid_to"] else None,
        source=f"{first['source_title']}, {first['source_year']}, {first['source_url']}",
    )
