"""How many were counted before: a running number over cohorts and follow-ups in order of date."""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import FloatArray, running_sums


def counted_before(number: FloatArray, *, when: FloatArray) -> FloatArray:
    """Return how many were counted before each, (N, 1 or D); the order may differ between draws.

    On the same date the first in the list is counted first.

    Parameters
    ----------
    number
        What is counted, (N, 1 or D).
    when
        Date of each count in months since the start of the case, (N, 1 or D).
    """
    number, when = np.broadcast_arrays(number, when)
    order = np.argsort(when, axis=0, kind="stable")
    sums = running_sums(np.take_along_axis(number, order, axis=0))
    before = np.zeros_like(sums)
    before[1:] = sums[:-1]
    found = np.empty_like(before)
    np.put_along_axis(found, order, before, axis=0)
    return found
