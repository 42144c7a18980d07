"""Uncertain inputs with their provenance: a number or a distribution, where from, how sure.

A quantity is a *parameter*: one value per draw, shared by all cohorts unless it says `per_cohort`.
Its base value is the stated `base`, else the stated p50, else the median: the base case is the
most likely outcome, not the mean. Discrete, mixed and empirical distributions must state it.

A quantity that varies between people is no uncertainty: it is integrated out on a grid of 1,000
quantile midpoints, in the base case and in every draw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Real as RealNumber
from typing import Annotated, Any, Self

import numpy as np
from pydantic import (
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import Distribution, Fixed, fault, shown
from sibsim.core.forms import read_distribution
from sibsim.core.metalog import Metalog
from sibsim.core.spec import Flag, Number, Sourced, as_share, under

GRID_SIZE = 1000
"""Number of quantile midpoints over which a quantity between people is integrated."""


class Provenance(Sourced):
    """Where a figure comes from, and what it is counted in."""

    unit: str | None = None
    """Unit in words, such as `DKK per person-month`."""

    def _provenance(self) -> dict[str, Any]:
        fields = {name: field.default for name, field in Provenance.model_fields.items()}
        given = ((name, getattr(self, name)) for name in fields)
        return {name: value for name, value in given if value != fields[name]}


class Quantity(Provenance):
    """A number or a distribution, with its unit and provenance.

    Read from a plain number, `{value}`, three quantiles `{p10, p50, p90}`, two quantiles
    `{p10, p90, dist}`, a family `{dist, ...}` or a shipped prior `{prior}`, beside the provenance.
    """

    distribution: Distribution
    """What the value may be."""

    base: Number | None = None
    """Value in the base case; without it the median."""

    per_cohort: Flag = False
    """Whether every cohort draws its own value; otherwise all share one."""

    may_be_negative: Flag = False
    """Whether a value below zero is meant (an effect that may harm)."""

    @classmethod
    def fixed(cls, value: float) -> Self:
        """Return the quantity that a plain number stands for."""
        return cls(distribution=Fixed(value=value))

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: object) -> object:
        if isinstance(given, Mapping) and isinstance(given.get("distribution"), Distribution):
            return given
        return cls._split(given, support=REAL)

    @classmethod
    def _split(cls, given: object, *, support: Support) -> dict[str, Any]:
        """Return the fields that the form `given` stands for."""
        if _is_number(given):
            given = {"value": given}
        if not isinstance(given, Mapping):
            message = (
                f"got {given!r}; a quantity is a number or a table such as "
                "{p10 = ..., p50 = ..., p90 = ...}; write a number without quotation marks"
            )
            raise fault(message)
        named = set(cls.model_fields) - {"distribution"}
        form = {key: value for key, value in given.items() if key not in named}
        distribution = read_distribution(form, lower=support.lower, upper=support.upper)
        support.check(distribution)
        own = {key: value for key, value in given.items() if key in named}
        return {"distribution": distribution, **own}

    @model_validator(mode="after")
    def _check_base(self) -> Self:
        if self.base is None and self.distribution.needs_base:
            message = (
                f"got {self.distribution.words} without a base value; its median need not be a "
                "sensible base case; add base = <value>"
            )
            raise fault(message)
        if self.base is not None:
            lower, upper = self.distribution.support
            if not lower <= self.base <= upper:
                message = (
                    f"got base = {shown(self.base)}; the base value lies where the distribution "
                    f"does, in [{shown(lower)}, {shown(upper)}]; move it or the distribution"
                )
                raise fault(message)
        return self

    @model_serializer(mode="plain")
    def table(self) -> float | dict[str, Any]:
        """Return the form in which a case file states it: a number, or a table."""
        rest = self._provenance()
        if self.base is not None:
            rest["base"] = self.base
        for flag in ("per_cohort", "may_be_negative"):
            if getattr(self, flag):
                rest[flag] = True
        if self.is_fixed and not rest:
            return self.base_value
        return {**self.distribution.table(), **rest}

    @property
    def base_value(self) -> float:
        """Value in the base case: the stated one, else the median."""
        return self.distribution.median if self.base is None else self.base

    @property
    def is_fixed(self) -> bool:
        """Whether it is one number, the same in every draw."""
        return isinstance(self.distribution, Fixed)

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at the probabilities `u` in (0, 1), same shape, in its unit."""
        return self.distribution.ppf(u)

    def prob_below(self, x: float) -> float:
        """Return P(value < x), strictly below."""
        return float(self.distribution.cdf(np.array(np.nextafter(x, -np.inf))))


@dataclass(frozen=True, slots=True)
class Support:
    """The values a field allows; as an annotation it makes any form into a checked `Quantity`."""

    lower: float
    """Lowest allowed value."""

    upper: float
    """Highest allowed value."""

    def __str__(self) -> str:
        """Return the interval in the usual notation."""
        left = "(" if math.isinf(self.lower) else "["
        right = ")" if math.isinf(self.upper) else "]"
        return f"{left}{shown(self.lower)}, {shown(self.upper)}{right}"

    def read(self, given: object) -> Quantity:
        """Return the quantity that `given` stands for, refused where it leaves the support.

        Raises
        ------
        PydanticCustomError, ValidationError
            When the form is not known or a value lies outside the support.
        """
        form = given.table() if isinstance(given, Quantity) else given
        return Quantity.model_validate(Quantity._split(form, support=self))  # noqa: SLF001

    def check(self, distribution: Distribution) -> None:
        """Refuse a distribution that reaches outside the support."""
        lower, upper = distribution.support
        if lower < self.lower or upper > self.upper:
            reach, way_out = Support(lower, upper), "; give a number in that range"
            message = (
                f"got {shown(lower)}; allowed is {self}{self._as_share(lower) or way_out}"
                if lower == upper
                else f"got {distribution.words} that reaches over {reach}; allowed is {self}; "
                "give p10, p50 and p90, which stay inside, or a family that does"
                f"{self._as_share(upper)}"
            )
            raise fault(message)

    def _as_share(self, value: float) -> str:
        """Say how a percentage is written, where shares or their differences are allowed."""
        return as_share(value) if self.upper == 1 else ""

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read the given form against this support before the field's own validation."""
        return core_schema.no_info_before_validator_function(self.read, handler(source))


REAL = Support(-math.inf, math.inf)
"""Any finite number."""

Share = Annotated[Quantity, Support(0.0, 1.0)]
"""A share or probability in [0, 1]."""

Amount = Annotated[Quantity, Support(0.0, math.inf)]
"""A number of zero or more: people, months, money, a ratio."""

Difference = Annotated[Quantity, Support(-1.0, 1.0)]
"""A difference between two shares, in [-1, 1]."""

Real = Annotated[Quantity, REAL]
"""Any finite number."""


@dataclass(frozen=True, slots=True)
class OneOrEach:
    """Annotation of a field that takes one quantity or a list of them, faults at their position."""

    item: Any
    """Type of one item: `Share`, `Amount`, `Difference` or `Real`."""

    def read(self, given: object) -> Quantity | tuple[Quantity, ...]:
        """Return the quantity, or the tuple of quantities, that `given` stands for."""
        kind = tuple[self.item, ...] if isinstance(given, list | tuple) else self.item  # type: ignore[name-defined]
        return TypeAdapter(kind).validate_python(given)  # type: ignore[no-any-return]

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read one or each before the union, so that a fault names the item and not the union."""
        return core_schema.no_info_before_validator_function(self.read, handler(source))


Shares = Annotated[Quantity | tuple[Quantity, ...], OneOrEach(Share)]
"""One share, or a list with one share per follow-up."""

Differences = Annotated[Quantity | tuple[Quantity, ...], OneOrEach(Difference)]
"""One difference between shares, or a list with one per follow-up."""

Amounts = Annotated[Quantity | tuple[Quantity, ...], OneOrEach(Amount)]
"""One number of zero or more, or a list with one per follow-up."""

Reals = Annotated[Quantity | tuple[Quantity, ...], OneOrEach(Real)]
"""One number, or a list with one per follow-up."""


class BetweenPeople(Provenance):
    """A quantity of zero or more that differs from person to person.

    Read from a plain number (everyone the same) or from
    `{between_people = {p10, p50, p90}, unit, source, status, note}`: a log metalog on [0, inf).
    """

    distribution: Fixed | Metalog
    """How the quantity is spread over people."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: object) -> object:
        if isinstance(given, Mapping) and isinstance(given.get("distribution"), Distribution):
            return given
        rest: dict[str, Any] = {}
        form, key = given, ""
        if isinstance(given, Mapping):
            key = "between_people" if "between_people" in given else "value"
            rest = {name: value for name, value in given.items() if name != key}
            form = given.get(key)
        quantiles = {"p10", "p50", "p90"}
        if not _is_number(form) and not (isinstance(form, Mapping) and set(form) == quantiles):
            message = (
                f"got {given!r}; a quantity between people is a number (everyone the same) or "
                "{between_people = {p10 = ..., p50 = ..., p90 = ...}}"
            )
            raise fault(message)
        try:
            return {"distribution": Support(0.0, math.inf).read(form).distribution, **rest}
        except ValidationError as error:
            raise (under(error, step=key) if key else error) from None

    @model_serializer(mode="plain")
    def table(self) -> float | dict[str, Any]:
        """Return the form in which a case file states it: a number, or a table."""
        rest = self._provenance()
        if isinstance(self.distribution, Metalog):
            return {"between_people": self.distribution.table(), **rest}
        return {"value": self.distribution.value, **rest} if rest else self.distribution.value

    @cached_property
    def grid(self) -> FloatArray:
        """Values of 1,000 equally likely people, rising, read-only: quantiles (i + 1/2) / 1000."""
        values = self.distribution.ppf((np.arange(GRID_SIZE) + 0.5) / GRID_SIZE)
        values.flags.writeable = False
        return values


def _is_number(given: object) -> bool:
    return isinstance(given, RealNumber) and not isinstance(given, bool)
