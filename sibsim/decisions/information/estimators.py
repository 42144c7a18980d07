r"""Value of information on draws: perfect, partly perfect, of a sample, and net of its cost.

With options o, net benefit B_o and what may become known X,

    EVPI = E[max_o B_o] - max_o E[B_o],
    EVPPI(X) = E[max_o E(B_o | X)] - max_o E[B_o],

and EVSI the same with X the results of a study, simulated once in every draw from that draw's
parameters. E(B_o | X) - E(B_o* | X), o* the option that is best on average, is fitted by regression
(`regression`) on other draws. It decides which option c is chosen in a draw; what is averaged is
what that choice really brings there:

    EVPPI = mean_d (B_{c(X_d), d} - B_{o*, d}), error sd / sqrt(D).

The mean of the fitted maximum would be too high, since a maximum rewards errors of the fit; this is
too low, by what wrong choices lose near the line where options are equally good: a term of order
r / D for r terms. That loss is estimated as mean_d sum_j s_dj psi(|a_dj| / s_dj), where a is the
fitted difference of the chosen option and option j, s its standard error and
psi(z) = phi(z) - z (1 - Phi(z)). No term is taken off or added. Since the choice in a draw does not
depend on the draw's own luck, the draws' differences are independent given the fits, and their
standard deviation holds what the fit's coefficients add.

Sources: Strong, Oakley and Brennan (2014), "Estimating multiparameter partial expected value of
perfect information from a probabilistic sensitivity analysis sample: a nonparametric regression
approach", Medical Decision Making 34(3):311-326; Strong, Oakley, Brennan and Breeze (2015),
"Estimating the expected value of sample information using the probabilistic sensitivity analysis
sample: a fast, nonparametric regression-based method", Medical Decision Making 35(5):570-583.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, IntArray
from sibsim.core.statistics import mc_error_of_mean
from sibsim.core.validation import shown
from sibsim.decisions.asking import is_number
from sibsim.decisions.information.regression import Fit, basis_of, fitted
from sibsim.decisions.information.samples import read_samples
from sibsim.decisions.information.valued import Valued
from sibsim.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sibsim.decisions.information.samples import Samples


def evpi(net_benefit: Samples) -> Valued:
    """Return what it is worth to foresee everything: E[max_o B_o] - max_o E[B_o].

    Where the draws differ in luck too it is foreseen as well; see `evppi` for parameters only.

    Parameters
    ----------
    net_benefit
        Net benefit of each option in every draw, (D,) each: a mapping or a frame.

    Raises
    ------
    ArgumentError
        If there are fewer than two options, or a column is not one finite number per draw.
    """
    return foreseen(read_samples(net_benefit)[0])


def evppi(net_benefit: Samples, parameters: Samples) -> Valued:
    """Return what it is worth to know some parameters: E[max_o E(B_o | X)] - max_o E[B_o].

    Parameters
    ----------
    net_benefit
        Net benefit of each option in every draw, (D,) each: a mapping or a frame.
    parameters
        Value of each parameter of the group in the same draws, (D,) each.

    Raises
    ------
    ArgumentError
        As in `evpi`; if there are fewer than 1,000 draws, or no parameter.
    """
    return known(*read_samples(net_benefit, known=parameters))


def evsi(net_benefit: Samples, summary: Samples) -> Valued:
    """Return what it is worth to have the results of a study before choosing.

    Parameters
    ----------
    net_benefit
        Net benefit of each option in every draw, (D,) each: a mapping or a frame.
    summary
        Figures that sum up the study's data, simulated once in every draw with that draw's
        parameters and with luck of their own, (D,) each.

    Raises
    ------
    ArgumentError
        As in `evppi`.
    """
    return known(*read_samples(net_benefit, known=summary, called="summary"))


def enbs(sample: Valued, *, cost: float, decisions: float = 1.0) -> Valued:
    """Return what a study is worth net of what it costs: n EVSI - cost.

    Parameters
    ----------
    sample
        What its results are worth for one decision, from `evsi`.
    cost
        What the study costs whoever decides, in the unit of the net benefit, at least 0.
    decisions
        Number n of decisions of this kind that the results serve, above 0.

    Raises
    ------
    ArgumentError
        If the cost is negative or the number of decisions not positive.
    """
    faults = study_faults(cost=cost, decisions=decisions)
    if faults:
        raise ArgumentError("\n  ".join(faults))
    return replace(
        sample,
        value=decisions * sample.value - cost,
        mc_error=decisions * sample.mc_error,
        too_low_by=decisions * sample.too_low_by,
    )


def study_faults(*, cost: object, decisions: object) -> list[str]:
    """Return what is wrong with the cost of a study and the number of decisions it serves."""
    faults = []
    if not is_number(cost) or not 0 <= cost < np.inf:
        faults.append(f"cost: got {shown(cost)}; it is an amount of money of at least 0")
    if not is_number(decisions) or not 0 < decisions < np.inf:
        faults.append(
            f"decisions: got {shown(decisions)}; it is a number above 0 of decisions that the "
            "results serve, such as 1"
        )
    return faults


def foreseen(options: Mapping[str, FloatArray]) -> Valued:
    """Return what it is worth to foresee every draw.

    Parameters
    ----------
    options
        Net benefit of each option, (D,) each, checked.
    """
    best, _, gains = gains_of(options)
    gained = np.maximum(gains.max(axis=1), 0.0)
    return _valued(gained, best=best, changed=gained > 0)


def known(options: Mapping[str, FloatArray], quantities: Mapping[str, FloatArray]) -> Valued:
    """Return what it is worth to know some quantities.

    Parameters
    ----------
    options
        Net benefit of each option, (D,) each, checked.
    quantities
        What is known, (D,) each, checked.
    """
    best, _, gains = gains_of(options)
    basis = basis_of(quantities)
    fit = fitted(basis, gains)
    expected = np.column_stack([np.zeros(len(gains)), fit.expected])
    brought = np.column_stack([np.zeros(len(gains)), gains])
    choice = expected.argmax(axis=1)
    found = _valued(
        brought[np.arange(len(gains)), choice],
        best=best,
        changed=choice > 0,
    )
    return replace(
        found,
        too_low_by=_lost(fit, expected, choice=choice),
        terms=basis.terms,
        left_out=basis.left_out,
    )


def gains_of(options: Mapping[str, FloatArray]) -> tuple[str, list[str], FloatArray]:
    """Return the option that is best on average, the others, and what they gain on it, (D, M).

    Parameters
    ----------
    options
        Net benefit of each option, (D,) each.
    """
    best = max(options, key=lambda name: options[name].mean())
    others = [name for name in options if name != best]
    return best, others, np.column_stack([options[name] - options[best] for name in others])


def _valued(gained: FloatArray, *, best: str, changed: BoolArray) -> Valued:
    return Valued(
        value=float(gained.mean()),
        mc_error=mc_error_of_mean(gained),
        too_low_by=0.0,
        changes=float(changed.mean()),
        best=best,
        draws=gained.size,
        terms=0,
    )


def _lost(fit: Fit, expected: FloatArray, *, choice: IntArray) -> float:
    """Return what choosing by a fit loses on average, at most.

    Parameters
    ----------
    fit
        The fit.
    expected
        Fitted gain of every option on the best, that of the best first, (D, O).
    choice
        The option that is chosen, (D,).
    """
    from scipy.special import ndtr

    options = expected.shape[1]
    residual = np.zeros((options, options))
    residual[1:, 1:] = fit.residual
    own = np.diag(residual)
    apart = own[:, np.newaxis] + own - 2.0 * residual
    error = np.sqrt(np.maximum(apart[choice], 0.0) * fit.leverage[:, np.newaxis])
    ahead = np.take_along_axis(expected, choice[:, np.newaxis], axis=1) - expected
    z = np.divide(ahead, error, out=np.full_like(ahead, np.inf), where=error > 0)
    sure = np.isinf(z)
    z = np.where(sure, 0.0, z)
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    loss = np.where(sure, 0.0, error * (density - z * ndtr(-z)))
    return float(loss.sum(axis=1).mean())
