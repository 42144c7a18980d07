"""A ledger written down row by row, as the results of a run: budget tables are worked out on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

import sibsim as sib
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.postings import Frame, Posting, PostingKind

Amounts = Mapping[int, float | Sequence[float]]
"""Money by calendar year, the same in all draws or one amount per draw."""

CASE = sib.load_case("holbaek")
"""Whose dates, lines and titles the ledger has: quarters from 2024 to 2034."""


def row(
    payer: str,
    payee: str,
    line: str,
    amounts: Amounts,
    *,
    frame: Frame = "service",
    kind: PostingKind = "transfer",
) -> Posting:
    """Return one row of the ledger; half of a year's money in its first quarter, half in its last.

    Its amounts have one column unless a year differs by draw.
    """
    draws = max(np.size(amount) for amount in amounts.values())
    money: FloatArray = np.zeros((CASE.timeline.periods, draws))
    first = CASE.timeline.years[0]
    for year, amount in amounts.items():
        for quarter in (0, 3):
            money[4 * (year - first) + quarter] = np.asarray(amount) / 2
    return Posting(payer, payee, line, frame, kind, money)


def results_of(
    *ledger: Posting, draws: int = 2, case: Case = CASE, participants: float = 10.0
) -> sib.Results:
    """Return a ledger as the results of a run."""
    shape = (CASE.timeline.periods, draws)
    return sib.Results(
        kind="run",
        case=case,
        draws=draws,
        seed=1,
        sampling="random",
        metrics={"participants": np.full(draws, participants)},
        postings=tuple(
            Posting(
                each.payer,
                each.payee,
                each.line,
                each.frame,
                each.kind,
                np.broadcast_to(each.amount, shape),
            )
            for each in ledger
        ),
        worlds=None,
    )
