"""Numbers of people drawn by inversion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sibsim.core.inversion import binomial, poisson
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName

MEANS = (0.0, 0.3, 4.0, 57.5)


@pytest.mark.parametrize("mean", MEANS)
def test_poisson_numbers_are_the_quantiles(mean: float, seed: int) -> None:
    """Each number is the Poisson quantile of the uniform of its stream."""
    layer = Layer(LayerName.CHANCE, seed=seed)
    uniform = layer.uniforms("come", rows=1)[0]
    found = poisson(layer, stream="come", mean=np.full(1, mean))
    assert found.shape == (BLOCK_DRAWS,)
    assert np.array_equal(
        found, stats.poisson.ppf(uniform, mean) if mean else np.zeros(1) * uniform
    )


@pytest.mark.parametrize(
    ("number", "probability"), [(0, 0.4), (1, 0.5), (40, 0.9), (40, 1.0), (40, 0.0)]
)
def test_binomial_numbers_are_the_quantiles(number: int, probability: float, seed: int) -> None:
    """Each number is the binomial quantile of the uniform of its stream."""
    layer = Layer(LayerName.CHANCE, seed=seed)
    uniform = layer.uniforms("go_on", rows=1)[0]
    found = binomial(
        layer, stream="go_on", number=number, probability=np.full(BLOCK_DRAWS, probability)
    )
    assert np.array_equal(found, stats.binom.ppf(uniform, number, probability))


def test_a_higher_mean_lowers_no_number(seed: int) -> None:
    """The same luck with more expected never gives fewer."""
    layer = Layer(LayerName.CHANCE, seed=seed)
    low = poisson(layer, stream="come", mean=np.full(BLOCK_DRAWS, 12.0))
    assert np.all(poisson(layer, stream="come", mean=np.full(BLOCK_DRAWS, 12.5)) >= low)


def test_with_the_layer_off_a_number_is_its_expectation() -> None:
    """No luck: the mean, and the number times the probability."""
    off = Layer(LayerName.CHANCE, on=False)
    assert poisson(off, stream="come", mean=np.full(1, 3.7)) == 3.7
    assert binomial(off, stream="go_on", number=40, probability=np.full(1, 0.9)) == 36.0
