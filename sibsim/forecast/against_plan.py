"""What was observed beside what the plan expected, what was paid beside what the contract gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts
from sibsim.evaluation.base import rate
from sibsim.forecast.observations import COUNTS
from sibsim.reported import expected_world, settled
from sibsim.world import layers_of, realise

if TYPE_CHECKING:
    import pandas as pd

NINE_TENTHS = {"plan_p5": 0.05, "plan_p95": 0.95}
"""Ends of the range that nine draws of the plan in ten lie in."""

TIE = 0.5
"""Draws of the plan that give exactly what came count half below it."""

ALL_LINES = "all lines"
"""Row of the sum over payment lines."""


def reports_table(plan: Case, facts: Facts, *, seed: int) -> pd.DataFrame:
    """Return each number that came beside what the plan expected of it.

    Parameters
    ----------
    plan
        The case before anything had happened.
    facts
        What has happened.
    seed
        Seed of the block of 4,096 draws of the plan that are looked at.

    Returns
    -------
    DataFrame
        Rows (what, cohort, at_months): `referred`, `started` and `completed` in people, with 0
        months; then by measure what was reported per person, a share or a mean result. `people`:
        those it is reported of. `plan_mean`, `plan_p5`, `plan_p95`: the plan. `came`: what came.
        `percentile`: share of the plan's draws below it, ties counting half.
    """
    import pandas as pd

    rows = dict(_rows(plan, facts, seed=seed))
    names = ["what", "cohort", "at_months"]
    columns = ["people", "plan_mean", *NINE_TENTHS, "came", "percentile"]
    index = pd.MultiIndex.from_tuples(list(rows), names=names) if rows else None
    frame = pd.DataFrame(list(rows.values()), columns=columns, index=index, dtype=np.float64)
    return frame if rows else frame.set_index(pd.MultiIndex.from_arrays([[], [], []], names=names))


def _rows(
    plan: Case, facts: Facts, *, seed: int
) -> Iterator[tuple[tuple[str, int, int], dict[str, float]]]:
    world = realise(plan, layers_of(seed=seed, block=0))
    for kind in COUNTS:
        known, expected = getattr(facts, kind), getattr(world.participation, kind)
        for c in np.flatnonzero(~np.isnan(known)).tolist():
            yield (kind, c + 1, 0), _beside(expected[c], came=known[c], people=known[c])
    for name, report in facts.reports.items():
        measured = world.measured[name]
        for c, k in np.argwhere(report.known).tolist():
            shares = rate(measured.treated_sum[c, k], number=measured.treated_n[c, k])
            nobody = np.broadcast_to(measured.treated_n[c, k] <= 0, shares.shape)
            people = float(report.treated_n[c, k])
            came = float(report.treated_sum[c, k]) / people if people else np.nan
            row = _beside(np.where(nobody, np.nan, shares), came=came, people=people)
            yield (name, c + 1, measured.follow_up_months[k]), row


def _beside(expected: FloatArray, *, came: float, people: float) -> dict[str, float]:
    row = {"people": float(people), "came": float(came)}
    defined = expected[~np.isnan(expected)]
    if not defined.size:
        return row
    below = (defined < came).mean() + TIE * (defined == came).mean()
    row |= {"plan_mean": float(defined.mean())}
    row |= {name: float(np.quantile(defined, at)) for name, at in NINE_TENTHS.items()}
    return row | {"percentile": np.nan if np.isnan(came) else float(below)}


def payments_table(plan: Case, facts: Facts) -> pd.DataFrame:
    """Return what was paid beside what the contract gives on the reports, line by line.

    The contract is settled on what was reported, of who really came and when, and on nothing else;
    costs are those of the base case.

    Parameters
    ----------
    plan
        The case before anything had happened.
    facts
        What has happened.

    Returns
    -------
    DataFrame
        One row per payment line and `all lines`. `through`: the last period that is compared, that
        of the last payment of the line, or of any line where none is listed. `paid`: what was paid
        (NaN: not listed). `contract`: what the contract gives up to then. `difference`: paid less
        that. Empty where no payment is listed.
    """
    import pandas as pd

    columns = ["through", "paid", "contract", "difference"]
    last = {name: int(np.flatnonzero(~np.isnan(paid))[-1]) for name, paid in facts.paid.items()}
    if not last:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="line"))
    postings = settled(
        plan, facts.reports, world=expected_world(plan, facts=facts.of_delivery())
    ).postings
    labels, rows = plan.timeline.labels, {}
    for name in plan.contract.payments:
        until = last.get(name, max(last.values()))
        given = sum(
            float(each.amount[: until + 1].sum())
            for each in postings or ()
            if each.line == f"payments.{name}"
        )
        paid = float(np.nansum(facts.paid[name])) if name in last else np.nan
        rows[name] = {
            "through": labels[until],
            "paid": paid,
            "contract": given,
            "difference": paid - given,
        }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    totals = {name: frame[name].sum() for name in ("paid", "contract")}
    listed = frame["difference"].sum()
    frame.loc[ALL_LINES] = {"through": labels[max(last.values())], **totals, "difference": listed}
    frame.index.name = "line"
    return frame
