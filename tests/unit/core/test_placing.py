"""Placing: blocks of any width come together in the order of their draws."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.core.placing import Ledger, Placed
from sibsim.core.postings import Posting
from sibsim.core.streams import BLOCK_DRAWS

LAST = 7
"""Draws in the last block."""

DRAWS = 2 * BLOCK_DRAWS + LAST


def _blocks(*kinds: str) -> list[FloatArray]:
    """Return blocks (2, 1 or more): `one` column, all columns the `same`, or all `different`."""
    column = np.array([[3.0], [np.pi]])
    number = np.arange(BLOCK_DRAWS, dtype=np.float64)
    made = {
        "one": column,
        "same": np.repeat(column, BLOCK_DRAWS, axis=1),
        "other": column + 1.0,
        "different": column + number,
    }
    return [made[kind] for kind in kinds]


def _widened(blocks: list[FloatArray]) -> FloatArray:
    wide = [np.broadcast_to(each, (2, BLOCK_DRAWS)) for each in blocks]
    return np.concatenate(wide, axis=1)[:, :DRAWS]


@pytest.mark.parametrize(
    ("kinds", "columns"),
    [
        (("one", "one", "one"), 1),
        (("one", "same", "one"), 1),
        (("same", "same", "same"), 1),
        (("one", "other", "one"), DRAWS),
        (("one", "one", "different"), DRAWS),
        (("different", "one", "same"), DRAWS),
        (("different", "different", "different"), DRAWS),
    ],
)
def test_blocks_come_together_in_order(kinds: tuple[str, ...], columns: int) -> None:
    """The whole is the blocks side by side; it is kept as one column while no draw differs."""
    blocks = _blocks(*kinds)
    placed = Placed(blocks[0], draws=DRAWS)
    for number, block in enumerate(blocks):
        first = number * BLOCK_DRAWS
        last = min(first + BLOCK_DRAWS, DRAWS)
        placed.place(block[:, : last - first], first=first, last=last)
    whole = placed.whole()
    assert np.array_equal(whole, _widened(blocks))
    assert (whole.strides[-1] == 0) == (columns == 1)


def test_one_draw_is_placed() -> None:
    """The base case has one block of one draw."""
    placed = Placed(np.array([2.0]), draws=1)
    placed.place(np.array([2.0]), first=0, last=1)
    assert placed.whole().tolist() == [2.0]


def test_a_ledger_gives_every_posting_whole() -> None:
    """By position, from the end, as a slice and one after another; twice the same."""
    amounts = [_blocks("one", "one", "one"), _blocks("different", "one", "other")]
    postings = [
        [Posting("a", "b", str(line), "service", "transfer", block) for block in blocks]
        for line, blocks in enumerate(amounts)
    ]
    ledger = Ledger(list(zip(*postings, strict=True)), draws=DRAWS)
    assert len(ledger) == 2
    for found in ([*ledger], ledger[:], [ledger[0], ledger[-1]]):
        for posting, line, blocks in zip(found, "01", amounts, strict=True):
            assert (posting.payer, posting.payee, posting.line) == ("a", "b", line)
            assert np.array_equal(posting.amount, _widened(blocks))
