"""Tags that read the states: by hand, against a plain loop, and against every path of a chain."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from sibsim.core.luck import ROWS
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.outcomes.automaton import Automaton
from sibsim.outcomes.chain import Chain

ERRORS = 5
"""Monte Carlo standard errors within which a simulated share must lie."""

START = np.array([0.5, 0.25, 0.25])[:, np.newaxis]
UP = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [0.0, 0.1, 0.9]])[..., np.newaxis]
DOWN = np.array([[0.9, 0.0, 0.1], [0.6, 0.4, 0.0], [0.25, 0.25, 0.5]])[..., np.newaxis]
CHAIN = Chain(START, (UP, DOWN, UP, UP))

SPELL = Automaton(
    first=np.array([0, 0, 1]),
    then=np.array([[0, 0, 1], [0, 0, 2], [0, 0, 2]]),
)
"""How long the person has been in the best state without a break, at most two."""


def _random(seed: int, *, tags: int, states: int) -> Automaton:
    rng = np.random.default_rng(seed)
    return Automaton(rng.integers(0, tags, states), rng.integers(0, tags, (tags, states)))


def test_the_length_of_a_spell_by_hand() -> None:
    """In the best state at readings 1, 2, 3 and 5: 1, 2, at most 2, broken, 1."""
    history = np.array([0, 2, 2, 2, 1, 2], dtype=np.uint8)[np.newaxis, :, np.newaxis]
    assert SPELL.follow(history)[0, :, 0].tolist() == [0, 1, 2, 2, 0, 1]


def test_the_expected_length_of_a_spell_by_hand() -> None:
    """Of a quarter in the best state 0.9 stay; of a quarter in the middle one half come to it."""
    shares = SPELL.trace(Chain(START, (UP,)))[..., 0]
    np.testing.assert_array_equal(shares[0], [[0.5, 0.25, 0], [0, 0, 0.25], [0, 0, 0]])
    np.testing.assert_allclose(
        shares[1], [[0.3, 0.35, 0], [0, 0, 0.125], [0, 0, 0.225]], rtol=1e-14
    )


@pytest.mark.parametrize(("tags", "kind"), [(5, np.uint8), (256, np.uint8), (300, np.uint16)])
def test_following_is_the_plain_loop(seed: int, tags: int, kind: type) -> None:
    """Person by person and draw by draw, with tags that fit a byte and that do not."""
    automaton = _random(seed, tags=tags, states=4)
    people, readings, draws = ROWS + 3, 6, 3
    history = np.random.default_rng(seed).integers(0, 4, (people, readings, draws), dtype=np.uint8)
    found = automaton.follow(history)
    assert found.dtype == kind
    assert found.shape == history.shape
    for person, draw in product(range(people), range(draws)):
        tag = automaton.first[history[person, 0, draw]]
        assert found[person, 0, draw] == tag
        for n in range(1, readings):
            tag = automaton.then[tag, history[person, n, draw]]
            assert found[person, n, draw] == tag


def test_the_trace_is_the_sum_over_all_paths(seed: int) -> None:
    """Each of the 3^5 paths adds its probability to the tag and state that it ends with."""
    automaton = _random(seed, tags=7, states=3)
    expected = np.zeros((CHAIN.steps + 1, 7, 3))
    for n in range(CHAIN.steps + 1):
        for path in product(range(3), repeat=n + 1):
            probability = START[path[0], 0]
            tag = automaton.first[path[0]]
            for step, (before, after) in enumerate(pairwise(path)):
                probability *= CHAIN.transitions[step][before, after, 0]
                tag = automaton.then[tag, after]
            expected[n, tag, path[-1]] += probability
    found = automaton.trace(CHAIN)
    assert found.shape == (*expected.shape, 1)
    np.testing.assert_allclose(found[..., 0], expected, rtol=1e-12, atol=1e-16)


def test_the_sum_over_tags_is_the_trace_of_the_chain(seed: int) -> None:
    """Whatever the automaton reads, the chain moves as before."""
    shares = _random(seed, tags=40, states=3).trace(CHAIN)
    np.testing.assert_allclose(shares.sum(axis=1), CHAIN.trace(), rtol=1e-14)


def test_every_draw_has_its_own_column(seed: int) -> None:
    """The column of a draw is that of its own chain, bit by bit."""
    automaton = _random(seed, tags=4, states=3)
    both = np.concatenate([UP, DOWN], axis=-1)
    shares = automaton.trace(Chain(START, (both, UP, both)))
    assert shares.shape == (4, 4, 3, 2)
    for draw, each in enumerate((UP, DOWN)):
        alone = automaton.trace(Chain(START, (each, UP, each)))
        assert (shares[..., draw] == alone[..., 0]).all()


def test_people_have_the_tags_that_the_trace_expects(seed: int) -> None:
    """The share with each tag in each state lies within 5 errors of the expectation."""
    people = 30
    layer = Layer(LayerName.CHANCE, seed)
    history = CHAIN.people(layer, stream="outcomes.work/0", people=people)
    tags = SPELL.follow(history)
    expected = SPELL.trace(CHAIN)[..., 0]
    error = np.sqrt(expected * (1 - expected) / (people * BLOCK_DRAWS))
    for n, tag, state in np.ndindex(expected.shape):
        found = ((tags[:, n] == tag) & (history[:, n] == state)).mean()
        assert abs(found - expected[n, tag, state]) <= ERRORS * error[n, tag, state]
