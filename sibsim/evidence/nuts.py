"""The sampler: NUTS of numpyro, chains side by side in one compiled call, in double precision.

Double precision is switched on for the sampler alone, in its own thread, and is off again
afterwards: nothing else in the process that uses jax notices. Every call compiles its model, which
takes seconds. The same seed and version of jax give the same draws.

Sources: Hoffman and Gelman 2014, The No-U-Turn Sampler, Journal of Machine Learning Research 15;
Phan, Pradhan and Jankowiak 2019, Composable effects for flexible and accelerated probabilistic
programming in NumPyro.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.evidence.bayes import Run
from sibsim.evidence.numpyro_quiet import MCMC, NUTS

WARM_UP_DEPTH, DEPTH = 7, 10
"""Doublings of a path, at most, in the warm-up and afterwards. With numpyro's 10 the first paths of
a warm-up, whose steps are tiny until they are tuned, take most of the whole run."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the sampler drew."""

    draws: Mapping[str, FloatArray]
    """Draws by name of the site, (chains, draws, ...)."""

    noise: FloatArray
    """Standard normal numbers for places not in the studies, (chains, draws)."""

    divergences: int
    """Steps that the sampler could not follow."""


def sampled(
    model: Callable[..., None], columns: FloatArray, *, run: Run, model_arguments: Mapping[str, Any]
) -> Sample:
    """Return draws of the posterior of a model.

    Parameters
    ----------
    model
        The model.
    columns
        Columns of the terms, (k, q).
    run
        How to sample.
    model_arguments
        What the model takes besides: priors and data.
    """
    with jax.enable_x64(True):  # noqa: FBT003 - jax takes the state by position alone
        for_draws, for_noise = jax.random.split(jax.random.key(run.seed))
        sampler = MCMC(
            NUTS(
                model,
                target_accept_prob=run.target_acceptance,
                max_tree_depth=(WARM_UP_DEPTH, DEPTH),
            ),
            num_warmup=run.warm_up,
            num_samples=run.draws,
            num_chains=run.chains,
            chain_method="vectorized",
            progress_bar=False,
        )
        sampler.run(for_draws, columns, **model_arguments)
        drawn = sampler.get_samples(group_by_chain=True)
        diverging = sampler.get_extra_fields()["diverging"]
        noise = jax.random.normal(for_noise, (run.chains, run.draws))
        return Sample(
            draws={name: np.asarray(values) for name, values in drawn.items()},
            noise=np.asarray(noise),
            divergences=int(np.asarray(diverging).sum()),
        )
