"""Sets of flows that benchmarks and accuracy tests share: 40 quarters, one column per draw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sibsim.core.arrays import FloatArray

NODES = 40
OUTFLOWS = 10
PERIODS_PER_YEAR = 4


def _uniforms(name: int, *, rows: int, draws: int) -> FloatArray:
    return np.random.Generator(np.random.SFC64(name)).random((rows, draws))


def dense(draws: int) -> FloatArray:
    """Return payments for ten quarters and receipts afterwards, no node zero, (40, draws)."""
    u = _uniforms(1, rows=NODES, draws=draws)
    flows = 20.0 + 80.0 * u
    flows[:OUTFLOWS] = -50.0 - 100.0 * u[:OUTFLOWS]
    return flows


def heavy_loss(draws: int) -> FloatArray:
    """Return the same payments, with receipts of a few per cent of them, (40, draws)."""
    u = _uniforms(2, rows=NODES, draws=draws)
    flows = 0.2 + 2.5 * u
    flows[:OUTFLOWS] = -50.0 - 100.0 * u[:OUTFLOWS]
    return flows


def tranche_like(draws: int) -> FloatArray:
    """Return three drawings, then yearly receipts until a cap is reached, mostly zeros."""
    u = _uniforms(3, rows=NODES + 1, draws=draws)
    flows = np.zeros((NODES, draws))
    flows[[0, 2, 4]] = -200.0 - 200.0 * u[[0, 2, 4]]
    left = -flows.sum(axis=0) * (1.0 + 0.5 * u[NODES])
    for node in range(8, NODES, 4):
        flows[node] = np.minimum(np.where(u[node - 1] < 0.8, 400.0 * u[node], 0.0), left)
        left -= flows[node]
    return flows


SETS: dict[str, Callable[[int], FloatArray]] = {
    "dense": dense,
    "heavy_loss": heavy_loss,
    "tranche_like": tranche_like,
}
