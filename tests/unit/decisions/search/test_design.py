"""Which contracts are tried."""

from __future__ import annotations

import numpy as np

from sibsim.decisions.search.design import (
    GENERATIONS,
    around,
    loneliest_first,
    sizes,
    spread,
    within,
)


def test_spread_is_a_latin_hypercube(seed: int) -> None:
    """Every term has one contract in each of as many equal parts of its bounds."""
    points = spread(number=40, terms=3, seed=seed)
    for column in points.T:
        assert sorted(np.floor(column * 40).astype(int)) == list(range(40))


def test_generations_close_in_on_their_parents(seed: int) -> None:
    """Generation g lies within 2^-g of its parents, which take turns."""
    places = np.array([[0.0, 0.5], [1.0, 0.5]])
    for generation in range(1, GENERATIONS + 1):
        found = around(
            places, parents=np.array([1, 0]), number=200, generation=generation, seed=seed
        )
        steps = np.abs(found - places[np.resize([1, 0], 200)])
        assert steps.max() <= 0.5**generation
        assert steps.max() > 0.9 * 0.5**generation


def test_loneliest_first_by_hand() -> None:
    """The ends come first, then what has the widest gap around it."""
    costs = np.array([[0.0, 10.0], [1.0, 9.0], [2.0, 5.0], [10.0, 0.0]])
    assert loneliest_first(costs).tolist() == [0, 3, 2, 1]
    assert loneliest_first(np.array([[1.0, 1.0], [1.0, 1.0]])).tolist() == [0, 1]


def test_sizes_share_out_all() -> None:
    """Generations hold all contracts of the second half, as evenly as may be."""
    assert sum(sizes(253)) == 253
    assert max(sizes(253)) - min(sizes(253)) <= 1


def test_steps_end_at_the_bounds_or_are_reflected() -> None:
    """A place beyond the bounds ends at them; where that contract is known it is reflected."""
    beyond = np.array([-0.25, 1.125])
    assert within(beyond, known=set()).tolist() == [0.0, 1.0]
    assert within(beyond, known={(0.0, 1.0)}).tolist() == [0.25, 0.875]
    assert within(np.array([0.3]), known={(0.0,)}).tolist() == [0.3]
