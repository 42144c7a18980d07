"""Room under the service ceiling: what an authority gains or loses of it in a calendar year.

What a posting stands under is its spending frame. Of those under the ceiling, refunds by the state
are left out, which is our reading of what the ceiling holds; without them the authority's own are
also the savings that are not released of its lines and that the ledger notes as the state's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sibsim.budget.ledger import by_year, realised_net
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.postings import Posting
from sibsim.core.timeline import Timeline

UNDER_CEILING = "service"
"""Spending frame that the service ceiling holds."""

REFUND = ".refund"
"""End of the ledger's line of a refund by the state, which is left out of the room."""

MEMO = ".not_released"
"""End of the ledger's line of what no budget can take out of a saving."""


def under_ceiling(postings: Iterable[Posting], *, case: Case) -> tuple[Posting, ...]:
    """Return what of a ledger the service ceiling holds, refunds by the state left out.

    Parameters
    ----------
    postings
        The ledger, or some of it.
    case
        A case that is complete enough to be run.
    """
    authority = _authority(case)
    own = {
        f"budget.{name}{MEMO}"
        for name, line in case.budget.items()
        if line.party == authority and line.guarantee is None
    }
    return tuple(
        replace(each, payer=authority, payee=authority) if each.line in own else each
        for each in postings
        if each.frame == UNDER_CEILING and not each.line.endswith(REFUND)
    )


def worst_year(room: FloatArray, *, timeline: Timeline) -> FloatArray:
    """Return what is gained in the calendar year in which that is least, (1 or D,).

    Parameters
    ----------
    room
        What the authority gains under the ceiling, (T, 1 or D).
    timeline
        The periods.
    """
    worst: FloatArray = by_year(room, timeline).min(axis=0)
    return worst


def ceiling_room(case: Case, postings: Iterable[Posting]) -> FloatArray:
    """Return the change of the authority's room in the year in which that is worst, (1 or D,).

    Below zero: room is taken.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    postings
        The whole ledger.
    """
    held = under_ceiling(postings, case=case)
    net = realised_net(held, _authority(case), periods=case.timeline.periods)
    return worst_year(net, timeline=case.timeline)


def _authority(case: Case) -> str:
    assert case.problem is not None  # noqa: S101 - a case that runs has one, `check_complete`
    return case.problem.authority
