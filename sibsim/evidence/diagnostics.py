"""Whether the draws of a sampler may be trusted: checked before anyone sees them, else refused.

Split R-hat of ranks, in the bulk and folded at the median (chains that have not met, or differ in
width); effective sample size of ranks; Monte Carlo standard error of the mean; divergences (places
the sampler could not follow).

Sources: Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, Rank-normalization, folding, and
localization: an improved R-hat for assessing convergence of MCMC, Bayesian Analysis 16(2), also for
the two limits; Betancourt 2017, A conceptual introduction to Hamiltonian Monte Carlo, for
divergences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtri

from sibsim.core.arrays import FloatArray
from sibsim.errors import SamplingError

LARGEST_R_HAT = 1.01
"""R-hat from which chains have not met (Vehtari et al. 2021)."""

LEAST_ESS = 400.0
"""Effective draws that R-hat and quantiles need to be trusted: 100 for each of 4 chains (Vehtari et
al. 2021)."""

_RANK_OFFSET, _RANK_EXTENT = 0.375, 0.25
"""Blom's offset of ranks, (r - 3/8) / (S + 1/4), as Vehtari et al. use it."""

SHOWN = 3
"""Quantities that an error names of each kind; more would hide the advice."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How well the draws of one quantity are known."""

    name: str
    """The quantity."""

    r_hat: float
    """Split R-hat of ranks, the larger of bulk and folded; 1 where chains agree."""

    ess: float
    """Effective sample size of ranks: independent draws that would be worth as much."""

    mcse: float
    """Monte Carlo standard error of the mean, in the unit of the quantity."""


def diagnose(draws: Mapping[str, FloatArray]) -> tuple[Diagnosis, ...]:
    """Return how well each quantity is known.

    Parameters
    ----------
    draws
        Draws by name of the quantity, (chains, draws) each, at least 4 draws in a chain.
    """
    from sibsim.evidence.numpyro_quiet import effective_sample_size

    stacked = np.stack(list(draws.values()), axis=-1)
    halves = _split(stacked)
    ranks = _normal_ranks(halves)
    folded = _normal_ranks(np.abs(halves - np.median(stacked, axis=(0, 1))))
    r_hat = np.maximum(_r_hat(ranks), _r_hat(folded))
    # Of what does not vary neither is a number, which counts as untrusted. numpyro has no types.
    with np.errstate(invalid="ignore", divide="ignore"):
        ess, mean_ess = (
            cast("FloatArray", effective_sample_size(each)) for each in (ranks, halves)
        )
    mcse = stacked.std(axis=(0, 1), ddof=1) / np.sqrt(mean_ess)
    return tuple(
        Diagnosis(name=name, r_hat=float(r_hat[at]), ess=float(ess[at]), mcse=float(mcse[at]))
        for at, name in enumerate(draws)
    )


def refuse_untrusted(diagnoses: Sequence[Diagnosis], *, divergences: int, draws: int) -> None:
    """Refuse draws that may not be trusted.

    Parameters
    ----------
    diagnoses
        How well each quantity is known.
    divergences
        Steps that the sampler could not follow.
    draws
        Draws of all chains.

    Raises
    ------
    SamplingError
        If there is a divergence, an R-hat of 1.01 or more, or fewer than 400 effective draws; a
        value that cannot be computed counts as such.
    """
    apart = [each for each in diagnoses if not each.r_hat < LARGEST_R_HAT]
    few = [each for each in diagnoses if not each.ess >= LEAST_ESS]
    problems, ways_out = [], []
    if divergences:
        problems.append(f"{divergences} of {draws:,} draws diverged (none may)")
        ways_out.append("raise target_acceptance, such as to 0.999; state a tighter prior of tau")
    if apart:
        worst = sorted(apart, key=lambda each: -each.r_hat)
        values = [f"{each.name} {each.r_hat:.3f}" for each in worst]
        problems.append(f"R-hat is not below {LARGEST_R_HAT:g}: {_listed(values)}")
    if few:
        worst = sorted(few, key=lambda each: each.ess)
        values = [f"{each.name} {each.ess:.0f}" for each in worst]
        problems.append(f"effective draws are fewer than {LEAST_ESS:g}: {_listed(values)}")
    if apart or few:
        ways_out.append("take more draws and a longer warm_up; use fewer moderators")
    if problems:
        message = (
            f"the sampler's draws cannot be trusted: {'; '.join(problems)}; {'; '.join(ways_out)}"
        )
        raise SamplingError(message)


def _listed(values: Sequence[str]) -> str:
    more = len(values) - SHOWN
    return ", ".join(values[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _split(draws: FloatArray) -> FloatArray:
    """Return each chain as two, (2 chains, draws // 2, quantities)."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _normal_ranks(draws: FloatArray) -> FloatArray:
    """Return draws as normal quantiles of their ranks over all chains, same shape.

    Draws are continuous, so that ties have no rule; of a constant, all are zero.
    """
    flat = draws.reshape(-1, draws.shape[-1])
    ranks = np.argsort(np.argsort(flat, axis=0, kind="stable"), axis=0) + 1.0
    normal = ndtri((ranks - _RANK_OFFSET) / (len(flat) + _RANK_EXTENT))
    varies = np.ptp(flat, axis=0) > 0
    return np.where(varies, normal, 0.0).reshape(draws.shape)


def _r_hat(chains: FloatArray) -> FloatArray:
    """Return sqrt(((n - 1) / n W + B / n) / W), (quantities,); NaN where nothing varies."""
    length = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean(axis=0)
    between = chains.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt((length - 1) / length + between / within))
