"""A case whose uncertain quantities are what has been learned: a new contract may begin from it.

What was learned is of this place and these people: no spread between places is put back.
The quantities stand in it as columns of one joint table, so that they keep their dependence, each
with the median as base value. Quantities that differ between cohorts stay as they were, as a case
file holds no joint table for each cohort, and so do drifts, which start again. A rank correlation
with a quantity of the table is left out: the dependence is in the rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.atoms import JointEmpirical
from sibsim.core.parameters import Quantity
from sibsim.core.wording import decimal, percent

if TYPE_CHECKING:
    from sibsim.forecast.learned import Change, Learned

OBSERVED = "observed"
"""Name of the joint table and key of the source, with a number behind it where it is taken."""

CASE_ROWS = 1024
"""Rows that a case file holds of each quantity, evenly taken of all: the share of draws below a
quantile of 5 % is then known within sqrt(0.05 x 0.95 / 1024), 0.7 percentage points, and a file
stays readable at once."""

TAKE_UP, VOLUME = "delivery.take_up", "delivery.volume"
"""Paths of the quantities that together say how many start."""

PROVENANCE = frozenset({"status", "source", "note", "base"})
"""Keys of a quantity that no longer hold after learning."""


def observed_table(case: Case) -> str | None:
    """Return the name of a joint table of a case that an earlier `observe` made; None: none."""
    made = re.compile(rf"{OBSERVED}(_\d+)?")
    return next((name for name in sorted(_tables(case)) if made.fullmatch(name)), None)


def table_name(plan: Case) -> str:
    """Return a name that no joint table and no source of a case has: `observed`, `observed_2`."""
    taken = _tables(plan) | set(plan.sources)
    names = (f"{OBSERVED}_{number}" for number in count(2))
    return OBSERVED if OBSERVED not in taken else next(n for n in names if n not in taken)


def _tables(case: Case) -> set[str]:
    """Return the names of the joint tables of a case."""
    laws = (each.distribution for each in case.quantities.values())
    return {each.rows for each in laws if isinstance(each, JointEmpirical)}


def updated(plan: Case, learned: Learned, *, name: str, last: date | None) -> Case:
    """Return a valid case in which the quantities that were learned about are what they now are.

    Parameters
    ----------
    plan
        The case before anything had happened.
    learned
        What was learned, with its joint rows.
    name
        Name of the table and key of its source.
    last
        Latest date of the observations; None: they have none.
    """
    known = {each.quantity: each for each in learned.changes}
    rows = {
        path: values[0]
        for path, values in learned.rows.items()
        if path in plan.quantities and not plan.quantities[path].per_cohort
    }
    if not rows:
        return plan
    volume = _as_many(plan, rows)
    changes: dict[str, Any] = {
        path: _table(plan.quantities[path], values, change=known[path], name=name, last=last)
        for path, values in {**rows, **volume}.items()
        if path in rows
    }
    changes |= {path: float(values[0]) for path, values in volume.items() if path not in rows}
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


def _as_many(plan: Case, rows: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return the volume with which as many start as was learned; empty where it stays as it is.

    What starts is size x volume x take-up / base take-up: a new base value of the take-up would
    change it, so the volume is multiplied by new over old base.
    """
    delivery = plan.delivery
    if delivery is None or TAKE_UP not in rows or delivery.guaranteed_referrals:
        return {}
    factor = float(np.median(rows[TAKE_UP])) / delivery.take_up.base_value
    if VOLUME in rows:
        return {VOLUME: rows[VOLUME] * factor}
    fixed = delivery.volume.is_fixed
    return {VOLUME: np.full(1, delivery.volume.base_value * factor)} if fixed else {}


def _table(
    quantity: Quantity, values: FloatArray, *, change: Change, name: str, last: date | None
) -> dict[str, Any]:
    """Return the table of a quantity with the values it has in the rows.

    Its note says which share of its variance is left: the weight that the plan's assumption still
    has in its mean, exactly so where all is normal; and how far the mean moved.
    """
    fields = type(quantity).model_fields.items()
    own = {each.alias or key for key, each in fields} - {"distribution"} - PROVENANCE
    before = quantity.table()
    stated = before if isinstance(before, dict) else {}
    kept = {key: value for key, value in stated.items() if key in own}
    until = f" up to {last}" if last else ""
    left, moved = percent(round(1.0 - change.learned, 2)), decimal(round(change.shift, 1))
    note = (
        f"what the plan assumed, updated by what was observed{until}: {left.en} of the plan's "
        f"variance is left, and the mean moved by {moved.en} of its standard deviations"
    )
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
