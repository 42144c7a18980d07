"""The shipped priors: how far real projects of this kind have come from their plans.

A prior is a quantile function, linear between the stated points, or a curve over months. It is
never used unless a case names it. Each says in its note which of its numbers are ours. Source:
INDIGO Impact Bond Dataset, Government Outcomes Lab, University of Oxford
(https://golab-indigo-data-store.herokuapp.com, 2025).
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Annotated, TypeVar

from pydantic import Field

from sibsim.core import catalogue
from sibsim.core.spec import Number, Positive, Spec, nearest
from sibsim.errors import UnknownNameError


class Prior(Spec):
    """What every shipped prior says about itself."""

    title: str
    """What it is a distribution or a curve of."""

    unit: str
    """Unit of its values."""

    n: int
    """How many projects stand behind it."""

    source: str
    """Title of the publication."""

    url: str
    """Address of the publication."""

    year: int
    """Year of the publication."""

    status: str
    """`published` or `assumption`."""

    note: str
    """Which part of it is ours."""


class QuantilePrior(Prior):
    """How one number is spread over projects."""

    points: dict[str, Number]
    """Quantile by its name, from `p0` to `p100`."""

    @property
    def levels(self) -> tuple[float, ...]:
        """Probabilities of the points."""
        return tuple(float(name.removeprefix("p")) / 100 for name in self.points)

    @property
    def values(self) -> tuple[float, ...]:
        """Quantiles at the points."""
        return tuple(self.points.values())


class CurvePoint(Spec):
    """Where projects are at one time."""

    months: Positive
    """Months from the start."""

    p10: Number | None = None
    """Value that one project in ten undercuts; None: not known."""

    p50: Number
    """Median over projects."""

    p90: Number | None = None
    """Value that one project in ten exceeds; None: not known."""


class CurvePrior(Prior):
    """How a number goes with time: the median over projects at each time."""

    curve: Annotated[tuple[CurvePoint, ...], Field(min_length=1)]
    """The points, in order of time."""

    @property
    def months(self) -> tuple[float, ...]:
        """Months of the points."""
        return tuple(point.months for point in self.curve)

    @property
    def values(self) -> tuple[float, ...]:
        """Medians at the points."""
        return tuple(point.p50 for point in self.curve)


@cache
def priors() -> dict[str, Prior]:
    """Return every shipped prior by its name."""
    tables = tomllib.loads(catalogue.text("priors.toml"))
    sources = tables.pop("sources")
    found: dict[str, Prior] = {}
    for name, table in tables.items():
        source = sources[table["source"]]
        told = {"source": source["title"], "url": source["url"], "year": source["year"]}
        kind = CurvePrior if "curve" in table else QuantilePrior
        found[name] = kind.model_validate({**table, **told})
    return found


def prior_named(name: str) -> QuantilePrior:
    """Return one shipped prior of a number.

    Raises
    ------
    UnknownNameError
        If none has that name; names the nearest one.
    """
    return _named(name, QuantilePrior, what="a number")


def curve_named(name: str) -> CurvePrior:
    """Return one shipped prior of a curve.

    Raises
    ------
    UnknownNameError
        If none has that name; names the nearest one.
    """
    return _named(name, CurvePrior, what="a curve")


_Kind = TypeVar("_Kind", bound=Prior)


def _named(name: str, kind: type[_Kind], *, what: str) -> _Kind:
    known = {key: each for key, each in priors().items() if isinstance(each, kind)}
    if name in priors() and name not in known:
        there = ", ".join(known)
        message = f"got prior = {name!r}, which is no prior of {what}; those of {what} are {there}"
        raise UnknownNameError(message)
    if name not in known:
        listed = f"; known are {', '.join(known)}"
        message = f"got prior = {name!r}; it is the name of a shipped prior of {what}"
        raise UnknownNameError(message + (nearest(name, known) or listed))
    return known[name]
