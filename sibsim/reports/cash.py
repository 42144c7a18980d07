"""Cash over time: what each party receives and pays, and the investor's life and mean return.

`investor` stands for all tranches together: receipts and guarantees less drawings, those of ledger
parties for what they receive less what they pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.budget.ledger import budget_table, by_year, party_net
from sibsim.budget.lines import NATURE
from sibsim.core.arrays import FloatArray
from sibsim.core.cashflow import irr, weighted_average_life
from sibsim.core.postings import Posting
from sibsim.core.spec import nearest
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.figures import QUANTILES
from sibsim.results import INVESTOR, Results

if TYPE_CHECKING:
    import pandas as pd


def kept_postings(results: Results) -> Sequence[Posting]:
    """Return the ledger of a run.

    Raises
    ------
    ArgumentError
        If the run kept metrics only.
    """
    if results.postings is None:
        message = "this run kept metrics only; run it with keep='flows' to see the ledger"
        raise ArgumentError(message)
    return results.postings


def check_party(results: Results, party: str) -> None:
    """Refuse a party that the ledger does not know.

    Raises
    ------
    ArgumentError
        If the run kept metrics only.
    UnknownNameError
        If the ledger knows no such party; names the nearest one.
    """
    named = {name for each in kept_postings(results) for name in (each.payer, each.payee)}
    known = named - {NATURE}
    if party not in known:
        hint = "" if party == INVESTOR else nearest(party, known | {INVESTOR})
        message = (
            f"the ledger has no party {party!r}{hint or '; it has ' + ', '.join(sorted(known))}"
        )
        raise UnknownNameError(message)


def party_flow(results: Results, party: str) -> FloatArray:
    """Return what a party receives less what it pays, (T, D).

    Parameters
    ----------
    results
        The run.
    party
        A ledger party, or `investor`.
    """
    postings = kept_postings(results)
    if party == INVESTOR:
        return _capital(results, "repayment", "guarantee") - _capital(results, "drawing")
    check_party(results, party)
    return party_net(postings, party)


def cash_flow_table(results: Results, *, party: str, by: Literal["period", "year"]) -> pd.DataFrame:
    """Return a party's flow over time: mean, p5, p50, p95 and the mean of the cumulative flow.

    Parameters
    ----------
    results
        The run.
    party
        A ledger party, or `investor`.
    by
        `period` or calendar `year`.
    """
    import pandas as pd

    index = _labels(results, by)
    flow = party_flow(results, party)
    if by == "year":
        flow = by_year(flow, results.case.timeline)
    quantiles = np.quantile(flow, list(QUANTILES.values()), axis=1)
    columns = {"mean": flow.mean(axis=1)}
    columns |= dict(zip(QUANTILES, quantiles, strict=True))
    columns["cumulative_mean"] = columns["mean"].cumsum()
    return pd.DataFrame(columns, index=pd.Index(index, name=by))


def party_budget(results: Results, *, party: str, by: Literal["period", "year"]) -> pd.DataFrame:
    """Return what each line brings or costs a party over time, as `budget_table` does.

    Parameters
    ----------
    results
        The run.
    party
        A ledger party.
    by
        `period` or calendar `year`.
    """
    columns = _labels(results, by)
    check_party(results, party)
    return budget_table(
        kept_postings(results),
        party=party,
        timeline=results.case.timeline,
        by=by,
        columns=columns,
    )


def irr_of_mean_flow(results: Results) -> float:
    """Return the internal rate of return of the investor's mean flow, effective annual."""
    mean = _investor_nodes(results).mean(axis=1)
    return float(irr(mean, periods_per_year=results.case.timeline.periods_per_year))


def mean_life(results: Results) -> FloatArray:
    """Return the mean time until the investor is repaid, by money, years, shape (D,)."""
    receipts = _capital(results, "repayment", "guarantee")
    nodes = np.vstack([np.zeros((1, receipts.shape[1])), receipts])
    years = results.case.timeline.periods_per_year
    return weighted_average_life(nodes, periods_per_year=years)


def _investor_nodes(results: Results) -> FloatArray:
    """Return drawings at the start and receipts at the end of periods, (T + 1, D)."""
    receipts = _capital(results, "repayment", "guarantee")
    nodes = np.zeros((len(receipts) + 1, receipts.shape[1]))
    nodes[:-1] -= _capital(results, "drawing")
    nodes[1:] += receipts
    return nodes


def _capital(results: Results, *movements: str) -> FloatArray:
    """Return the sum of the named movements of all investments, (T, D)."""
    capital = results.case.contract.capital
    invested = capital.investments if capital else ()
    guarantees = capital.guarantees if capital else {}
    owners = [name for name, each in guarantees.items() if each.tranche in invested]
    owners += invested
    lines = {f"capital.{name}.{movement}" for name in owners for movement in movements}
    found = [posting.amount for posting in kept_postings(results) if posting.line in lines]
    zero = np.zeros((results.case.timeline.periods, results.draws))
    return np.add(zero, sum(found, start=zero))


def _labels(results: Results, by: str) -> list[str]:
    """Return the names of the periods or calendar years."""
    timeline = results.case.timeline
    labels = {"period": timeline.labels, "year": [str(year) for year in timeline.years]}
    if by not in labels:
        message = f"by: got {by!r}; it is 'period' or 'year'"
        raise ArgumentError(message)
    return list(labels[by])
