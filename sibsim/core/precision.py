"""How sure the difference between participants and comparison is, as an evaluator states it."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.stages import Measurement, Precision


def precision_of(report: Measurement, *, alike: bool = False) -> Precision:
    """Return what the report says of its error, or that of two groups of people.

    var = p1 (1 - p1) / n1 + p0 (1 - p0) / n0, p the observed shares, n the people; 0 where a group
    is of nobody. `alike`: both with the share of all people together.

    Parameters
    ----------
    report
        What is reported; without a precision of its own, of people who achieve the outcome or not.
    alike
        Whether it is asked how sure the difference would be if there were none.
    """
    if report.precision is not None:
        return report.precision
    groups = (
        (report.treated_sum, report.treated_n),
        (report.comparison_sum, report.comparison_n),
    )
    shares = [_share(total, of=number) for total, number in groups]
    if alike:
        everybody = report.treated_n + report.comparison_n
        shares = [_share(report.treated_sum + report.comparison_sum, of=everybody)] * 2
    own = sum(
        _share(share * (1.0 - share), of=number)
        for share, (_, number) in zip(shares, groups, strict=True)
    )
    return Precision(own=np.asarray(own), common=np.zeros((1, 1, 1)))


def pooled_difference(
    report: Measurement, *, position: int, served: BoolArray, alike: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Return the mean difference of all cohorts served, and its variance, (1 or D,) each.

    d = sum n_c d_c / n and var = (sum n_c^2 own_c + (sum n_c sqrt(common_c))^2) / n^2, n = sum n_c,
    d_c the difference in mean results and n_c the participants of a cohort; a cohort whose
    comparison is of nobody is left out. Zero where nobody is compared.

    Parameters
    ----------
    report
        What is reported.
    position
        Index of the follow-up.
    served
        Whether the cohort is served, (C, 1 or D).
    alike
        As in `precision_of`.
    """
    difference, people = differences(report, position=position)
    people = people * served
    precision = precision_of(report, alike=alike)
    own, common = (
        np.broadcast_to(each, (len(people), *each.shape[1:]))[:, min(position, each.shape[1] - 1)]
        for each in (precision.own, precision.common)
    )
    total = people.sum(axis=0)
    variance = (people**2 * own).sum(axis=0) + (people * np.sqrt(common)).sum(axis=0) ** 2
    base = np.where(total > 0, total, 1.0)
    return (people * difference).sum(axis=0) / base, variance / base**2


def passes(
    report: Measurement,
    *,
    position: int,
    served: BoolArray,
    alpha: float,
    sign: float,
    limit: float | None = None,
) -> BoolArray:
    """Return whether a one-sided test of all cohorts served is passed, (1 or D,).

    s d > 0 and s d >= q sd, sd that of no difference where two shares are compared; with a `limit`
    s d - q sd >= limit, sd that of the difference found. q is the quantile 1 - alpha of the normal
    distribution, or of t with the degrees of freedom of the evaluation. False where nothing is
    measured, and where no p-value can be as small as alpha.

    Parameters
    ----------
    report, position, served
        As in `pooled_difference`.
    alpha
        Level of the test.
    sign
        s, 1 where more is better and -1 where fewer is.
    limit
        Level that the lower limit has to reach; None: there is a difference at all.
    """
    difference, variance = pooled_difference(
        report, position=position, served=served, alike=limit is None
    )
    precision = precision_of(report)
    lower = sign * difference - stdtrit(precision.degrees, 1.0 - alpha) * np.sqrt(variance)
    passed = (sign * difference > 0) & (lower >= (limit or 0.0))
    return np.asarray(passed & (alpha >= precision.least_p))


def differences(report: Measurement, *, position: int) -> tuple[FloatArray, FloatArray]:
    """Return the difference in mean results of each cohort, and its participants, (C, 1 or D) each.

    Zero participants where the comparison is of nobody.

    Parameters
    ----------
    report, position
        As in `pooled_difference`.
    """
    people, others = report.treated_n[:, position], report.comparison_n[:, position]
    means = (
        _share(report.treated_sum[:, position], of=people),
        _share(report.comparison_sum[:, position], of=others),
    )
    known = (people > 0) & (others > 0)
    return np.where(known, means[0] - means[1], 0.0), np.where(known, people, 0.0)


def _share(number: FloatArray, *, of: FloatArray) -> FloatArray:
    """Return number / of, zero where `of` is."""
    return np.where(of > 0, number / np.where(of > 0, of, 1.0), 0.0)
