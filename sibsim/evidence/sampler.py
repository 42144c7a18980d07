"""Draws from a density that is known only as a number: an ensemble of walkers in numpyro.

The density is worked out by NumPy, for many points at once, so that it has no gradient. An affine
invariant ensemble needs none: half of the walkers move along the differences of the other half
(differential evolution) or towards and away from its members (the stretch move). Several ensembles
that know nothing of each other run side by side, so that their agreement can be checked.

R-hat takes all walkers of an ensemble as one chain, in order of time: it asks whether ensembles,
and the first and second half of each, agree. The effective sample size counts what walkers of one
ensemble have in common: the variance of a draw over that of the mean, the latter by the ensembles'
means step by step and their autocorrelation.

Sources: Goodman and Weare (2010), Communications in Applied Mathematics and Computational Science
5(1); Nelson, Ford and Payne (2014), The Astrophysical Journal Supplement Series 210(11), for
differential evolution. Limits as in `sibsim.evidence.diagnostics`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError, SamplingError
from sibsim.evidence.diagnostics import LARGEST_R_HAT, LEAST_ESS, diagnose
from sibsim.evidence.numpyro_quiet import AIES, effective_sample_size

LogDensity = Callable[[FloatArray], FloatArray]
"""Logarithm of a density, up to a constant, at points (W, dimensions): (W,)."""

ENSEMBLES = 4
"""Ensembles that know nothing of each other, as many as the usual number of chains."""

FEWEST_WALKERS = 256
"""Walkers of an ensemble, at least: a density worked out for many points at once costs little more
than for few, and steps are what takes time."""

WALKERS_PER_DIMENSION = 4
"""Walkers of an ensemble for each dimension, at least: twice what the method needs to move in all
directions."""

STEPS = 250
"""Steps of a run."""

WARM_UP = 3
"""Runs that are not kept before the first that is. Walkers that start where prior draws are most
likely come back slowly from the far end of a thin, bent ridge: in 12 dimensions the variance along
one is a tenth too large after one run, and as it should be, within 2 %, after three. R-hat, which
sees whether halves lie a quarter of a standard deviation apart, does not tell."""

MOST_DOUBLINGS = 3
"""How often a run that has not settled goes on, each time for twice as many steps, half of them
not kept."""

THINNED = 10
"""R-hat looks at every tenth step, by which walkers have hardly moved."""

MOST_REMEMBERED = 100_000
"""Points whose density is remembered: those where walkers stand are asked about again and again."""


@dataclass(frozen=True, eq=False)
class Sampled:
    """Draws from a density, and how far they can be trusted."""

    samples: FloatArray
    """The draws, (draws, dimensions)."""

    r_hat: FloatArray
    """R-hat of each dimension, (dimensions,); near 1 where the ensembles agree."""

    effective: FloatArray
    """Effective sample size of all steps kept, by dimension, (dimensions,)."""

    steps: int
    """Steps kept of each walker."""


def sample_density(
    log_density: LogDensity,
    *,
    dimensions: int,
    draws: int,
    seed: int,
    start: FloatArray | None = None,
) -> Sampled:
    """Return draws from a density that NumPy works out.

    Parameters
    ----------
    log_density
        Logarithm of the density; -infinity where it is 0.
    dimensions
        Number of dimensions, at least 1, on a scale on which a step of 1 is neither large nor
        small.
    draws
        Number of draws to return, at least 1, spread evenly over the steps and walkers.
    seed
        Seed, non-negative.
    start
        Where walkers start, at least `walkers_for(dimensions)` points, (points, dimensions); None:
        standard normal points.

    Raises
    ------
    ArgumentError
        If there are no dimensions, or too few points to start from.
    SamplingError
        If R-hat or the effective sample size stays bad, however long it runs.
    """
    if dimensions < 1 or draws < 1:
        message = f"got {dimensions} dimensions and {draws} draws; there is at least 1 of each"
        raise ArgumentError(message)
    points = _start(start, dimensions=dimensions, seed=seed)
    asked, kernel, run = _compiled(dimensions)
    asked.about(log_density)
    keys = jax.random.split(jax.random.key(seed % 2**32), ENSEMBLES)
    first = [
        kernel.init(jax.random.split(key, points.shape[1]), STEPS, init_params=jnp.asarray(each))
        for key, each in zip(keys, points, strict=True)
    ]
    state = jax.tree.map(lambda *each: jnp.stack(each), *first)
    for _ in range(WARM_UP - 1):
        state, _places = run(state)
    found = None
    for doubling in range(MOST_DOUBLINGS + 1):
        walked = []
        for part in range(2 << doubling):
            state, places = run(state)
            if part >= 1 << doubling:
                walked.append(np.asarray(places, dtype=np.float64))
        found = _judged(np.concatenate(walked), draws=draws)
        if found.r_hat.max() < LARGEST_R_HAT and found.effective.min() >= LEAST_ESS:
            return found
    assert found is not None  # noqa: S101 - the loop runs at least once
    message = (
        f"got R-hat up to {found.r_hat.max():.2f} and an effective sample size down to "
        f"{found.effective.min():.0f} after {found.steps} steps of {points.shape[1]} walkers; "
        f"R-hat is below {LARGEST_R_HAT:g} and the size at least {LEAST_ESS:g}; the data "
        "may fit in several ways that lie far apart, or lie beyond what the case holds possible: "
        "widen the distributions that they contradict, or fix quantities that they cannot tell "
        "apart"
    )
    raise SamplingError(message)


def walkers_for(dimensions: int) -> int:
    """Return the points that all ensembles together start from in some dimensions."""
    return ENSEMBLES * max(FEWEST_WALKERS, 2 * -(-WALKERS_PER_DIMENSION * dimensions // 2))


def _start(start: FloatArray | None, *, dimensions: int, seed: int) -> FloatArray:
    """Return where walkers start, (ensembles, walkers, dimensions)."""
    number = walkers_for(dimensions)
    if start is None:
        key = jax.random.fold_in(jax.random.key(seed % 2**32), 1)
        start = np.asarray(jax.random.normal(key, (number, dimensions)), dtype=np.float64)
    if start.shape[0] < number or start.shape[1:] != (dimensions,):
        message = (
            f"got {start.shape[0]} points to start from in {start.shape[1:]} dimensions; "
            f"{number} are needed in {dimensions}"
        )
        raise ArgumentError(message)
    return start[:number].reshape(-1, ENSEMBLES, dimensions).swapaxes(0, 1)


class _Asked:
    """The density that a compiled sampler asks about at the moment, and what it has answered.

    Half of what is asked about is where walkers stand, which has been worked out before.
    """

    def __init__(self) -> None:
        self.log_density: LogDensity | None = None
        self.known: dict[bytes, float] = {}

    def about(self, log_density: LogDensity) -> None:
        """Ask about another density."""
        self.log_density, self.known = log_density, {}

    def at(self, points: Any) -> Any:  # noqa: ANN401 - whatever kind of array JAX hands over
        """Return the negative log density at points (..., dimensions), (...)."""
        assert self.log_density is not None  # noqa: S101 - it is set before a run
        given = np.asarray(points)
        flat = np.ascontiguousarray(given.reshape(-1, given.shape[-1]))
        names = [row.tobytes() for row in flat]
        if not all(name in self.known for name in names):
            if len(self.known) > MOST_REMEMBERED:
                self.known.clear()
            values = self.log_density(flat.astype(np.float64))
            self.known.update(zip(names, np.broadcast_to(values, len(names)).tolist(), strict=True))
        return np.array([-self.known[name] for name in names], given.dtype).reshape(
            given.shape[:-1]
        )


@cache
def _compiled(dimensions: int) -> tuple[_Asked, Any, Callable[[Any], Any]]:
    """Return a sampler in some dimensions, its kernel, and a run of it, compiled at the first call.

    A run takes the state of all ensembles `STEPS` steps on and returns it, and where walkers were,
    (steps, ensembles, walkers, dimensions).
    """
    del dimensions
    asked = _Asked()

    def potential(point: Any) -> Any:  # noqa: ANN401 - a JAX array under a trace
        shape = jax.eval_shape(lambda each: each[..., 0], point)
        return jax.pure_callback(asked.at, shape, point, vmap_method="broadcast_all")

    kernel = AIES(potential_fn=potential, moves={AIES.DEMove(): 0.5, AIES.StretchMove(): 0.5})
    step: Callable[[Any], Any] = jax.vmap(lambda one: kernel.sample(one, (), {}))

    def one(state: Any, _: None) -> tuple[Any, Any]:  # noqa: ANN401 - the state of a numpyro kernel
        state = step(state)
        return state, state.z

    return asked, kernel, jax.jit(lambda state: jax.lax.scan(one, state, None, length=STEPS))


def _judged(walked: FloatArray, *, draws: int) -> Sampled:
    """Return the draws and their diagnostics.

    Parameters
    ----------
    walked
        Where walkers were, (steps, ensembles, walkers, dimensions).
    draws
        Number of draws to return.
    """
    dimensions = walked.shape[-1]
    means = walked.mean(axis=2).swapaxes(0, 1)
    of_mean = means.reshape(-1, dimensions).var(axis=0) / effective_sample_size(means)
    ensembles = walked[::THINNED].swapaxes(0, 1).reshape(walked.shape[1], -1, dimensions)
    agree = diagnose({str(at): ensembles[..., at] for at in range(dimensions)})
    flat = walked.reshape(-1, dimensions)
    at = np.linspace(0, len(flat) - 1, draws).round().astype(np.int64)
    return Sampled(
        samples=flat[at],
        r_hat=np.array([each.r_hat for each in agree]),
        effective=np.asarray(flat.var(axis=0) / of_mean, dtype=np.float64),
        steps=len(walked),
    )
