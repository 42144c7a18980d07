"""How far a contract goes: which cohorts are served, and when and why it ends early.

A step of its own between evaluation and payments. All cohorts are simulated, then those that the
early end keeps from starting are masked, which is exact. Assumes that cohorts under way at the end
are served in full, measured and paid, and that later ones never start. The service as a whole runs
on, and costs, until the last served cohort has finished its programme.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.stages import Standing
from sibsim.payments.termination import NO_END, Known, Right

MONEY = 2
"""Cause of an early end: the money has run out."""


def standing(
    rights: Sequence[Right],
    *,
    known: Known,
    stop_at: FloatArray | None = None,
    went_on: FloatArray | None = None,
) -> Standing:
    """Return which cohorts are served, and when and why the contract ends early.

    Parameters
    ----------
    rights
        The rights to end early; the earliest end counts, of several on one day the first listed.
    known
        What they are judged by.
    stop_at
        Date at which the money runs out in months since the start of the case, (1 or D,), infinite
        where it does not; None: never.
    went_on
        Date up to which the contract really went on, in the same months, (1 or D,): what would have
        ended it by then did not; None: nothing is known.

    Returns
    -------
    Standing
        A cohort is served when it starts before the end, and then in full.
    """
    end, cause, owes = NO_END, np.zeros(1), np.zeros(1)
    for right in rights:
        here = _not_yet(right.ends(known), went_on=went_on)
        earlier = here < end
        cause = np.where(earlier, right.code, cause)
        owes = np.where(earlier, right.owes or 0.0, owes)
        end = np.minimum(end, here)
    if stop_at is not None:
        stop_at = _not_yet(stop_at, went_on=went_on)
        earlier = stop_at < end
        cause, owes = np.where(earlier, MONEY, cause), np.where(earlier, 0.0, owes)
        end = np.minimum(end, stop_at)
    return Standing(
        served=known.participation.start < end,
        end=end,
        cause=cause.astype(np.int8),
        owes=owes if any(right.owes for right in rights) else None,
    )


def _not_yet(end: FloatArray, *, went_on: FloatArray | None) -> FloatArray:
    """Return the end, or none where the contract really went on until then, (1 or D,)."""
    return end if went_on is None else np.where(end <= went_on, np.inf, end)


def service_ends(
    standing: Standing, *, participation_start: FloatArray, programme_months: int
) -> FloatArray:
    """Return when the service as a whole ends in months since the start of the case, (1 or D,).

    max(early end, max over served cohorts of start + programme months); infinite without an early
    end. Costs of the service as a whole stop then; costs of a cohort go with the cohort.

    Parameters
    ----------
    standing
        Which cohorts are served, and the early end.
    participation_start
        Real start of each cohort in months since the start of the case, (C, 1 or D).
    programme_months
        Length of the programme of one participant.
    """
    finishes = np.where(standing.served, participation_start + programme_months, -np.inf)
    ends: FloatArray = np.maximum(standing.end, finishes.max(axis=0))
    return ends
