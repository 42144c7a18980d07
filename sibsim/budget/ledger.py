"""Reading the ledger: what each party gains, and its sum by calendar year, as plain arrays.

A ledger is a tuple of postings. A transfer counts minus at its payer and plus at its payee, so that
transfers sum to zero over all parties; over all parties the ledger sums to resources set free less
resources used. Memo rows move no money and count nowhere: a memo from a party to itself is what it
cannot take out of its budget, one from nature what another line of the same gain counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.budget.lines import NATURE
from sibsim.core.arrays import FloatArray
from sibsim.core.postings import Posting
from sibsim.core.timeline import Timeline
from sibsim.errors import Fault

if TYPE_CHECKING:
    import pandas as pd

_SIDE_OF_NATURE = {"transfer": (False, False), "production": (True, False), "use": (False, True)}
"""Whether nature stands as payer and as payee, by kind of posting."""

COUNTED_ELSEWHERE = "counted_elsewhere"
"""Last part of the line of a memo that says what another line of the same gain counts."""


def parties(postings: Iterable[Posting]) -> tuple[str, ...]:
    """Return the parties that money moves between, in the order they first appear."""
    names = (
        name
        for posting in postings
        if posting.kind != "memo"
        for name in (posting.payer, posting.payee)
        if name != NATURE
    )
    return tuple(dict.fromkeys(names))


def party_net(postings: Iterable[Posting], party: str) -> FloatArray:
    """Return what a party receives less what it pays; memo rows do not count.

    Parameters
    ----------
    postings
        The ledger, at least one posting.
    party
        The party.

    Returns
    -------
    net
        Shape (T, D).
    """
    postings = tuple(postings)
    whole = np.broadcast_shapes(*(posting.amount.shape for posting in postings))
    own = [each for each in postings if party in {each.payer, each.payee}]
    net = np.zeros(np.broadcast_shapes((whole[0], 1), *(each.amount.shape for each in own)))
    for posting in own:
        _book(net, posting=posting, party=party)
    return np.broadcast_to(net, whole)


def is_not_released(posting: Posting, *, party: str) -> bool:
    """Return whether a posting is the memo of what a party cannot take out of its budget."""
    return posting.kind == "memo" and posting.payer == posting.payee == party


def realised_net(postings: Iterable[Posting], party: str, *, periods: int) -> FloatArray:
    """Return a party's net flow less the savings that no budget can take out, (T, 1 or D).

    Parameters
    ----------
    postings
        The ledger, or some of it; nothing moves in an empty one.
    party
        The party.
    periods
        Number of periods (T).
    """
    postings = tuple(postings)
    if not postings:
        return np.zeros((periods, 1))
    net = party_net(postings, party)
    for posting in postings:
        if is_not_released(posting, party=party):
            net = net - posting.amount
    return net


def check_balance(postings: Iterable[Posting]) -> tuple[Fault, ...]:
    """Return what is wrong with a ledger; nothing when it is sound.

    Amounts are finite and not negative; nature pays for what is produced, receives what is used and
    takes part in nothing else; nobody pays itself, except in a memo row.
    """
    faults: list[Fault] = []
    for posting in postings:
        if not (np.isfinite(posting.amount).all() and (posting.amount >= 0.0).all()):
            problem = "an amount is negative or not finite; the sign is in who pays whom"
            faults.append(Fault(posting.line, problem))
        if posting.kind == "memo":
            continue
        if posting.payer == posting.payee:
            faults.append(Fault(posting.line, f"{posting.payer!r} pays itself"))
        nature = (posting.payer == NATURE, posting.payee == NATURE)
        if nature != _SIDE_OF_NATURE[posting.kind]:
            between = f"from {posting.payer!r} to {posting.payee!r}"
            faults.append(Fault(posting.line, f"a {posting.kind} cannot go {between}"))
    return tuple(faults)


def by_year(amount: FloatArray, timeline: Timeline) -> FloatArray:
    """Return the sums over the periods of each calendar year.

    Parameters
    ----------
    amount
        Shape (T, D).
    timeline
        The periods.

    Returns
    -------
    sums
        Shape (years, D), the years of `timeline.years`.
    """
    sums = np.zeros((len(timeline.years), amount.shape[-1]))
    for year, row in zip(timeline.year_of_period - timeline.years[0], amount, strict=True):
        sums[year] += row
    return sums


def yearly(postings: Iterable[Posting], timeline: Timeline) -> tuple[Posting, ...]:
    """Return the ledger by calendar year: postings that say the same are one.

    Parameters
    ----------
    postings
        The ledger.
    timeline
        The periods.

    Returns
    -------
    postings
        One for each payer, payee, line, frame and kind, in the order they first appear; amounts
        (years, 1 or D), the years of `timeline.years`, one column where no draw differs.
    """
    found: dict[tuple[str, str, str, str, str], Posting] = {}
    for each in postings:
        same_in_all_draws = each.amount.strides[-1] == 0
        amount = each.amount[:, :1] if same_in_all_draws else each.amount
        key = (each.payer, each.payee, each.line, each.frame, each.kind)
        sums = by_year(amount, timeline)
        before = found.get(key)
        found[key] = replace(each, amount=sums if before is None else before.amount + sums)
    return tuple(found.values())


def _book(net: FloatArray, *, posting: Posting, party: str) -> None:
    if posting.kind == "memo":
        return
    if posting.payee == party:
        net += posting.amount
    if posting.payer == party:
        net -= posting.amount


def budget_table(
    postings: Iterable[Posting],
    *,
    party: str,
    timeline: Timeline,
    by: Literal["period", "year"],
    columns: Sequence[str],
) -> pd.DataFrame:
    """Return what each line brings (+) or costs (-) a party over time, mean over draws.

    Parameters
    ----------
    postings
        The ledger.
    party
        The party.
    timeline
        The periods.
    by
        Whether a column is a period or a calendar year.
    columns
        Names of the columns.

    Returns
    -------
    DataFrame
        Rows (frame, line), then `total`, the memo `not released` and `total realisable`; where
        lines of the party share a gain also the memo `counted elsewhere`, which is in no total.
    """
    import pandas as pd

    rows: dict[tuple[str, str], FloatArray] = {}
    memos: dict[tuple[str, str], FloatArray] = {}
    held_back = np.zeros(timeline.periods)
    for each in postings:
        mean = each.amount.mean(axis=1)
        if is_not_released(each, party=party):
            held_back += mean
        sign = float(each.payee == party) - float(each.payer == party)
        if sign:
            memo = each.kind == "memo"
            key = ("", "counted elsewhere") if memo else (each.frame, each.line)
            found = memos if memo else rows
            found[key] = found.get(key, np.zeros(timeline.periods)) + sign * mean
    rows["", "total"] = np.sum(list(rows.values()), axis=0) + np.zeros(timeline.periods)
    rows["", "not released"] = -held_back
    rows["", "total realisable"] = rows["", "total"] - held_back
    rows |= memos
    if by == "year":
        rows = {key: by_year(row[:, np.newaxis], timeline)[:, 0] for key, row in rows.items()}
    frame = pd.DataFrame(
        list(rows.values()),
        index=pd.MultiIndex.from_tuples(rows, names=["frame", "line"]),
        columns=pd.Index(columns, name=by),
    )
    frame["total"] = frame.sum(axis=1)
    return frame
