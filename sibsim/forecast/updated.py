"""A case whose uncertain quantities are what has been learned: a new contract may begin from it.

The quantities stand in it as columns of one joint table, so that they keep their dependence, each
with the median as base value. Quantities that differ between cohorts stay as they were, as a case
file holds no joint table for each cohort, and so do drifts. A rank correlation with a quantity of
the table is left out: the dependence is in the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import count
from typing import Any

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.atoms import JointEmpirical
from sibsim.core.parameters import Quantity

OBSERVED = "observed"
"""Name of the joint table and key of the source, with a number behind it where it is taken."""

CASE_ROWS = 1024
"""Rows that a case file holds of each quantity, evenly taken of all: the share of draws below a
quantile of 5 % is then known within sqrt(0.05 x 0.95 / 1024), 0.7 percentage points, and a file
stays readable at once."""

PROVENANCE = frozenset({"status", "source", "note", "base"})
"""Keys of a quantity that no longer hold after learning."""


def table_name(plan: Case) -> str:
    """Return a name that no joint table and no source of a case has: `observed`, `observed_2`."""
    tables = (each.distribution for each in plan.quantities.values())
    taken = {each.rows for each in tables if isinstance(each, JointEmpirical)} | set(plan.sources)
    names = (f"{OBSERVED}_{number}" for number in count(2))
    return OBSERVED if OBSERVED not in taken else next(n for n in names if n not in taken)


def updated(plan: Case, rows: Mapping[str, FloatArray], *, name: str, last: date | None) -> Case:
    """Return a valid case in which the quantities that were learned about are what they now are.

    Parameters
    ----------
    plan
        The case before anything had happened.
    rows
        Joint rows by path, (1 or C, N).
    name
        Name of the table and key of its source.
    last
        Latest date of the observations; None: they have none.
    """
    changes: dict[str, Any] = {
        path: _table(plan.quantities[path], values[0], name=name, last=last)
        for path, values in rows.items()
        if path in plan.quantities and not plan.quantities[path].per_cohort
    }
    if not changes:
        return plan
    kept = [
        each
        for each in plan.document.get("correlations", ())
        if not set(each["between"]) & set(changes)
    ]
    if len(kept) < len(plan.correlations):
        changes["correlations"] = kept
    sources = plan.document.get("sources", {})
    until = f" up to {last}" if last else ""
    year = (last or plan.timeline.start).year
    title = f"What was observed of {plan.head.title.in_language('en')}{until}"
    source = {"title": title, "year": year}
    return plan.with_({**changes, "sources": {**sources, name: source}})


def _table(
    quantity: Quantity, values: FloatArray, *, name: str, last: date | None
) -> dict[str, Any]:
    """Return the table of a quantity with the values it has in the rows."""
    own = set(type(quantity).model_fields) - {"distribution"} - PROVENANCE
    before = quantity.table()
    stated = before if isinstance(before, dict) else {}
    kept = {key: value for key, value in stated.items() if key in own}
    until = f" up to {last}" if last else ""
    note = f"what the plan assumed, updated by what was observed{until}"
    if quantity.note or quantity.source:
        note += f"; the plan: {', '.join(filter(None, (quantity.source, quantity.note)))}"
    step = max(len(values) // CASE_ROWS, 1)
    return {
        "dist": "joint",
        "rows": name,
        "values": values[::step].tolist(),
        "base": float(np.median(values)),
        **kept,
        "source": name,
        "note": note,
    }
