"""All tables of a budget memo against one pass of NumPy over the postings they are made from.

Holbæk with 10,000 draws whose ledger is kept. The tables are made from a ledger that nobody has
looked at, so that its blocks are put together first, and from one that somebody has. The yardstick
sums every posting that differs by draw over its periods, once. The table of `docs/speed.md` has the
medians (`tests.benchmarks.table`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

import sibsim as sib
from sibsim.accounts import settle
from sibsim.core.placing import Ledger
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.world import layers_of, realise

DRAWS = 10_000
SEED = 1
ROUNDS = 21

TABLES = (
    "lines",
    "totals",
    "copenhagen_form",
    "service_ceiling",
    "committees",
    "who_saves",
    "som_result",
    "views",
)
"""Every table that takes no argument."""

ENOUGH = 0.9
"""Probability of the amounts to set aside."""

INDEX = "wages"
"""Index of fixed prices."""


def all_tables(results: sib.Results) -> None:
    """Make every table of a memo of the municipality."""
    memo = results.municipal_budget(prices=INDEX)
    for name in TABLES:
        getattr(memo, name)()
    memo.amount_to_budget(ENOUGH)


def subjects() -> dict[str, Callable[[], object]]:
    """Return what is measured, by name."""
    case = sib.load_case("holbaek")
    blocks = [
        settle(case, realise(case, layers_of(seed=SEED, block=block))).postings
        for block in range(math.ceil(DRAWS / BLOCK_DRAWS))
    ]
    run = case.simulate(draws=DRAWS, rng=SEED, progress=False)
    assert run.postings is not None
    differing = [each.amount for each in run.postings if each.amount.strides[-1]]
    return {
        "first look": lambda: all_tables(replace(run, postings=Ledger(blocks, draws=DRAWS))),
        "tables": lambda: all_tables(run),
        "one pass": lambda: [np.add.reduce(amount, axis=0) for amount in differing],
    }
