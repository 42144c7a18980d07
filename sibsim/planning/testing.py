r"""What a test of an estimate against zero finds, where the evaluator may err about the error.

The estimate is normal with mean m and standard deviation s. The evaluator divides it by a standard
error with expectation about v, estimated on nu degrees of freedom, and compares with the t
distribution. Then v T / s is noncentral t with nu degrees and noncentrality m / s, so

    P(T > k) = 1 - F(k v / s; nu, m / s),

F the noncentral t distribution function, the normal one where nu is infinite. With s = v this is
the usual power of a t test; with s > v, or with a bias in m, it is the real one.

Sources: Johnson and Welch 1940, "Applications of the non-central t-distribution", Biometrika
31(3-4):362-389; Bloom 1995, "Minimum detectable effects", Evaluation Review 19(5):547-556.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import nctdtr, ndtr, stdtrit

from sibsim.core.arrays import FloatArray
from sibsim.planning.arguments import ALPHA, POWER, Sided, inside, positive_or_infinite, tails

MOST_DEGREES = 1e6
"""With more degrees of freedom the t distribution is the normal one to six digits and more."""


def critical(alpha: ArrayLike, *, sided: Sided, degrees: ArrayLike = np.inf) -> FloatArray:
    """Return the value that a test statistic has to exceed: the t quantile 1 - alpha / sided."""
    level = 1.0 - inside("alpha", alpha) / tails(sided)
    return np.asarray(stdtrit(positive_or_infinite("degrees", degrees), level))


def above(level: ArrayLike, *, mean: ArrayLike, degrees: ArrayLike = np.inf) -> FloatArray:
    """Return P(T > level), T noncentral t with noncentrality `mean`; arguments broadcast."""
    level, mean, degrees = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in (level, mean, degrees))
    )
    found = np.asarray(ndtr(mean - level))
    few = degrees < MOST_DEGREES
    if few.any():
        # By the mirror image, so that a small probability is not 1 less nearly 1.
        exact = nctdtr(degrees[few], -mean[few], -level[few])
        # In the far tails the function gives up; the normal one is 0 or 1 there to all digits too.
        found[few] = np.where(np.isnan(exact), found[few], exact)
    return found


def power_of_test(
    ratio: ArrayLike,
    *,
    degrees: ArrayLike = np.inf,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
    strict: bool = True,
) -> FloatArray:
    """Return the power of a t or z test.

    Parameters
    ----------
    ratio
        Effect / standard error.
    degrees
        Degrees of freedom; infinite for a z test.
    alpha
        Level of the test, in (0, 1).
    sided
        1 or 2 directions; 1 looks for a positive effect.
    strict
        Whether significance in the wrong direction counts too, of a two-sided test.
    """
    level = critical(alpha, sided=sided, degrees=degrees)
    found = above(level, mean=ratio, degrees=degrees)
    if sided == 1 or not strict:
        return found
    return found + above(level, mean=-np.asarray(ratio, dtype=np.float64), degrees=degrees)


def mde_multiplier(
    *,
    degrees: ArrayLike = np.inf,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
    power: ArrayLike = POWER,
) -> FloatArray:
    """Return how many standard errors the minimum detectable effect is.

    t(1 - alpha / sided) + t(power), t the quantile of the t distribution: 2.8016 for a two-sided z
    test at 5 % with 80 % power (Bloom 1995). Arguments broadcast.

    Parameters
    ----------
    degrees
        Degrees of freedom, above 0; infinite for a z test.
    alpha
        Level of the test, in (0, 1).
    sided
        1 or 2 directions.
    power
        Probability of finding the effect, in (0, 1).
    """
    chance = stdtrit(positive_or_infinite("degrees", degrees), inside("power", power))
    return np.asarray(critical(alpha, sided=sided, degrees=degrees) + chance)
