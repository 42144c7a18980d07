"""Streams: binomial numbers, the one thing that is drawn by rejection."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName

ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""


@pytest.mark.parametrize(("number", "probability"), [(40.0, 0.02), (500.0, 0.3), (7.0, 0.9)])
def test_binomial_numbers_have_mean_and_variance(
    seed: int, number: float, probability: float
) -> None:
    """Mean n p and variance n p (1 - p), in whole numbers."""
    layer = Layer(LayerName.CHANCE, seed)
    found = layer.binomial("a", number=np.array([number]), probability=np.array([probability]))
    assert found.shape == (BLOCK_DRAWS,)
    assert found.dtype == np.float64
    assert (found % 1 == 0).all()
    variance = number * probability * (1 - probability)
    squares = (found - number * probability) ** 2
    assert abs(found.mean() - number * probability) < ERRORS * np.sqrt(variance / BLOCK_DRAWS)
    assert abs(squares.mean() - variance) < ERRORS * squares.std() / np.sqrt(BLOCK_DRAWS)


def test_binomial_numbers_of_every_draw(seed: int) -> None:
    """Each draw has its own number of trials and probability; 0 and 1 are sure."""
    number = np.arange(BLOCK_DRAWS, dtype=np.float64) % 5
    sure = np.arange(BLOCK_DRAWS, dtype=np.float64) % 2
    found = Layer(LayerName.CHANCE, seed).binomial("a", number=number, probability=sure)
    assert (found == number * sure).all()


def test_binomial_numbers_depend_on_the_stream_alone(seed: int) -> None:
    """The same name gives the same numbers, another name or block others."""

    def draw(name: str, *, block: int = 0) -> list[float]:
        layer = Layer(LayerName.CHANCE, seed, block)
        args = {"number": np.array([50.0]), "probability": np.array([0.5])}
        return [float(each) for each in layer.binomial(name, **args)]

    assert draw("a") == draw("a")
    assert draw("a") != draw("b")
    assert draw("a") != draw("a", block=1)


def test_binomial_numbers_without_chance_are_the_expectation() -> None:
    """7.5 trials at 0.2 are 1.5, on one column."""
    layer = Layer(LayerName.CHANCE, on=False)
    found = layer.binomial("a", number=np.array([7.5]), probability=np.array([0.2]))
    assert found.tolist() == [1.5]
