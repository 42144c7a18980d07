"""Simulation-based calibration: studies drawn from the priors, and how truths rank among draws.

Where model, sampler and code agree, the truth is as likely to have any rank among nearly
independent draws of its posterior as any other. All replications run in one compiled call, one
chain each. Talts, Betancourt, Simpson, Vehtari and Gelman 2018, Validating Bayesian inference
algorithms with simulation-based calibration, arXiv 1804.06788.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from numpyro.infer import MCMC, NUTS, Predictive
from scipy.stats import chisquare

from sibsim.core.arrays import FloatArray, IntArray

WARM_UP, KEPT, THINNING = 300, 99, 5
"""Draws of a chain before, kept, and one in how many is kept: five steps apart, draws of these
models correlate by about a tenth."""

DEPTH = 6
"""Doublings of a path, at most: all replications wait for the longest path among them."""

BINS = 10
"""Bins of ranks, each with as many ranks: 100 ranks give 10 to a bin."""

LEVEL = 1e-4
"""Probability that a right model fails one test of ranks."""


def replicated(
    model: Callable[..., None],
    columns: FloatArray,
    *,
    fixed: Mapping[str, Any],
    seen: tuple[str, ...],
    replications: int,
    seed: int,
) -> dict[str, IntArray]:
    """Return the rank of the truth among its draws in each replication, (replications,) by name.

    Ranked are `mu`, `tau`, the coefficients, the effect in the first study and in the next place.

    Parameters
    ----------
    model
        The model.
    columns
        Columns of the terms, (k, q).
    fixed
        Its arguments that are no data: priors, errors, people.
    seen
        Its arguments that are data.
    replications
        How many times studies are drawn.
    seed
        Seed.
    """
    ranked = ("mu", "tau", "effects", *(("beta",) if columns.shape[1] else ()))

    def drawn(key: jax.Array, data: Mapping[str, jax.Array]) -> dict[str, jax.Array]:
        sampler = MCMC(
            NUTS(model, target_accept_prob=0.9, max_tree_depth=DEPTH),
            num_warmup=WARM_UP,
            num_samples=KEPT * THINNING,
            thinning=THINNING,
            progress_bar=False,
        )
        sampler.run(key, columns, **fixed, **data)
        samples: dict[str, jax.Array] = sampler.get_samples()
        return {name: samples[name] for name in ranked}

    with jax.enable_x64(True):  # noqa: FBT003 - jax takes the state by position alone
        prior_key, key, noise_key = jax.random.split(jax.random.key(seed), 3)
        truth = Predictive(model, num_samples=replications)(prior_key, columns, **fixed)
        keys = jax.random.split(key, replications)
        draws = jax.jit(jax.vmap(drawn))(keys, {name: truth[name] for name in seen})
        noise = np.asarray(jax.random.normal(noise_key, (replications, KEPT + 1)))
        true = {name: np.asarray(truth[name]) for name in ranked}
        found = {name: np.asarray(draws[name]) for name in ranked}
    ranks = {name: _rank(true[name], found[name]) for name in ("mu", "tau")}
    ranks["effect"] = _rank(true["effects"][:, 0], found["effects"][..., 0])
    for column in range(columns.shape[1]):
        name = f"beta {column}"
        ranks[name] = _rank(true["beta"][:, column], found["beta"][..., column])
    ranks["next place"] = _rank(
        true["mu"] + true["tau"] * noise[:, -1], found["mu"] + found["tau"] * noise[:, :-1]
    )
    return ranks


def _rank(true: FloatArray, draws: FloatArray) -> IntArray:
    """Return how many draws (replications, kept) lie below the truth (replications,)."""
    return np.asarray((draws < true[:, np.newaxis]).sum(axis=1))


def p_of_uniform(ranks: IntArray) -> float:
    """Return the p-value of ranks from 0 to `KEPT` being uniform, by chi-squared over bins."""
    counts = np.bincount(ranks * BINS // (KEPT + 1), minlength=BINS)
    return float(chisquare(counts).pvalue)
