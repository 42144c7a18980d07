r"""The part of an error that more draws of a re-forecast do not take away: the learning error.

What the parameters may be after learning is known by rows that are worth n independent draws, and
every draw of a re-forecast takes one of them. A figure then errs by two independent parts: the
*Monte Carlo error* of the draws given the rows, and the *learning error* of the rows,

.. math:: e^2 = e_{MC}^2 + e_{learning}^2, \quad e_{learning} \le \mathrm{sd} / \sqrt{n}.

sd is that of the figure over draws. Only what the rows decide of it errs by them, so that the bound
is reached where luck adds nothing.
"""

from __future__ import annotations

import math

from sibsim.core.statistics import ADDED_DRAWS, ADDED_SUCCESSES


def with_error_of_rows(mc_error: float, *, draws: int, independent: float) -> float:
    """Return e sqrt(1 + D / n), the error of a mean or median with that of the rows.

    An error e over D draws is sd / sqrt(D), so that the learning error is at most e sqrt(D / n).

    Parameters
    ----------
    mc_error
        Monte Carlo error e given the rows.
    draws
        Draws D that it is taken over.
    independent
        Independent draws n that the rows are worth; infinity where nothing was sampled.
    """
    return mc_error * math.sqrt(1.0 + draws / independent)


def with_error_of_share(mc_error: float, *, share: float, independent: float) -> float:
    """Return sqrt(e^2 + q (1 - q) / (n + 4)), the error of a probability with that of the rows.

    q = (n p + 2) / (n + 4), as in `mc_error_of_probability`: what none of so few rows gives is not
    called impossible.

    Parameters
    ----------
    mc_error
        Monte Carlo error e given the rows.
    share
        Share p of draws with the event.
    independent
        Independent draws n that the rows are worth; infinity where nothing was sampled.
    """
    if math.isinf(independent):
        return mc_error
    number = independent + ADDED_DRAWS
    q = (share * independent + ADDED_SUCCESSES) / number
    return math.sqrt(mc_error**2 + q * (1.0 - q) / number)
