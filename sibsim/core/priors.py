"""The shipped priors: how far real projects of this kind have come from their plans.

A prior is a quantile function, linear between the stated points. It is never used unless a case
names it. Source: INDIGO Impact Bond Dataset, Government Outcomes Lab, University of Oxford (2025).
"""

from __future__ import annotations

import tomllib
from functools import cache

from sibsim.core import catalogue
from sibsim.core.spec import Number, Spec, nearest
from sibsim.errors import UnknownNameError


class Prior(Spec):
    """One shipped prior."""

    title: str
    """What it is a distribution of."""

    unit: str
    """Unit of its values."""

    n: int
    """How many projects stand behind it."""

    points: dict[str, Number]
    """Quantile by its name, from `p0` to `p100`."""

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

    @property
    def levels(self) -> tuple[float, ...]:
        """Probabilities of the points."""
        return tuple(float(name.removeprefix("p")) / 100 for name in self.points)

    @property
    def values(self) -> tuple[float, ...]:
        """Quantiles at the points."""
        return tuple(self.points.values())


@cache
def priors() -> dict[str, Prior]:
    """Return every shipped prior by its name."""
    tables = tomllib.loads(catalogue.text("priors.toml"))
    sources = tables.pop("sources")
    found = {}
    for name, table in tables.items():
        source = sources[table["source"]]
        told = {"source": source["title"], "url": source["url"], "year": source["year"]}
        found[name] = Prior.model_validate({**table, **told})
    return found


def prior_named(name: str) -> Prior:
    """Return one shipped prior.

    Raises
    ------
    UnknownNameError
        If none has that name; names the nearest one.
    """
    known = priors()
    if name not in known:
        listed = f"; known are {', '.join(known)}"
        message = f"got prior = {name!r}; it is the name of a shipped prior"
        raise UnknownNameError(message + (nearest(name, known) or listed))
    return known[name]
