"""Payments that look at one person after the other: who may be claimed, and for how much.

With chance switched off a report holds each person's probabilities, p_k at follow-up k. A rule on
a person's successes is then priced as if each kept the same luck u at every follow-up: success at k
is u < p_k, so the probability of success at every one of them is the smallest p_k. That is exact
where luck is kept from one follow-up to the next (a persistence of 1). Where it is not, fewer
people succeed time after time and more succeed at least once: the base case is then an upper bound
for what needs an unbroken run (in order, sustained) and a lower bound for what pays a person only
so many times. The mean of draws with chance on is exact, so read that beside the base case. What is
counted at one follow-up alone is exact always.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, Indicator, summed
from sibsim.core.stages import Measurement
from sibsim.errors import ArgumentError


def claims_of(report: Measurement, *, measure: str) -> tuple[Indicator, ...]:
    """Return who may be claimed at each follow-up, by cohort, (P_c, K, 1 or D).

    Raises
    ------
    ArgumentError
        If the report has no claims by person.
    """
    if report.claims is None:
        message = (
            f"{measure}: a line that pays by person needs results by person, and this report has "
            "sums; in a deal write by_person = true for the run"
        )
        raise ArgumentError(message)
    return report.claims


def expected(claims: Indicator, *, rule: Callable[[BoolArray], BoolArray]) -> Indicator:
    """Return which claims a rule leaves, or with chance off how probable each of them is.

    sum over the levels l_1 < l_2 < ... of a person's probabilities of (l_i - l_{i-1}) x
    rule(p >= l_i): the mean of the rule over a luck that stays the same.

    Parameters
    ----------
    claims
        Who may be claimed, or the probability of it, (P, K, 1 or D).
    rule
        From who succeeds at each follow-up to who is paid for, both (P, K, 1 or D).
    """
    if claims.dtype == np.bool_:
        return rule(np.asarray(claims, dtype=np.bool_))
    total: FloatArray = np.zeros(claims.shape)
    before = 0.0
    for level in np.moveaxis(np.sort(claims, axis=1), 1, 0)[:, :, np.newaxis]:
        total += (level - before) * rule(claims >= level)
        before = level
    return total


def with_claims(report: Measurement, *, claims: tuple[Indicator, ...]) -> Measurement:
    """Return the report of these claims and of nothing else: sums are those of the claims.

    Parameters
    ----------
    report
        What is reported.
    claims
        What is claimed for each person, by cohort, (P_c, K, 1 or D).
    """
    sums = [summed(claim.astype(np.float64)) for claim in claims]
    return replace(report, treated_sum=np.stack(np.broadcast_arrays(*sums)), claims=claims)
