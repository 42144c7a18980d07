"""Settling a large contract against one pass of NumPy over the flows that it makes.

Ten payment lines and four tranches on the standard case's reports: three rate cards on what is
additional, three bands, a step table, an interpolated table, a volume-tiered price and a fixed
payment, with limits on every card, on the year and on the contract. The yardstick reads every array
of flows that the settlement returns, adds to it and writes it back.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from sibsim.accounts import pay_and_fund
from sibsim.casefile import build
from sibsim.core.arrays import FloatArray, added
from sibsim.core.stages import Standing
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.world import layers_of, realise
from tests.benchmarks.standard_case import BANDS, COHORT_PEOPLE, FOLLOW_UP_MONTHS, document

BLOCKS = 24
"""Blocks that are settled, about 100,000 draws."""

DRAWS = BLOCKS * BLOCK_DRAWS
CARD_PRICE, CARD_LIMIT, TIER = 20_000, 900_000, 100
TRANCHES = {
    "senior": ("senior", 4_000_000, 0.04),
    "mezzanine": ("mezzanine", 2_000_000, 0.05),
    "junior": ("junior", 2_000_000, 0.08),
    "first_loss": ("first_loss", 1_000_000, 0.10),
}


def large_contract() -> dict[str, Any]:
    """Return the standard case with ten payment lines and four tranches."""
    case = copy.deepcopy(document())
    lines: dict[str, Any] = {f"band_{name}": line for name, line in case["payments"].items()}
    for name in BANDS:
        lines[f"card_{name}"] = {
            "model": "rate_card",
            "reads": name,
            "pays_for": "additional",
            "floor": "cohort",
            "price": CARD_PRICE,
            "limit": {"line": CARD_LIMIT},
        }
    points = [{"at": at, "pays": pays / 2} for at, pays in BANDS["job"]]
    table = {"reads": "job", "of": "effect", "at_months": FOLLOW_UP_MONTHS[0], "pooled": True}
    lines |= {
        "steps": {"model": "step_table", "inclusive": True, "schedule": points, **table},
        "lines": {"model": "interpolated_table", "below": "nothing", "schedule": points, **table},
        "tiers": {
            "model": "volume_tiered",
            "reads": "education",
            "tiers": [{"up_to": TIER, "price": CARD_PRICE}, {"price": CARD_PRICE / 2}],
        },
        "fixed": {
            "model": "fixed",
            "payments": [{"on": date(2025, 1, 1), "pays": CARD_LIMIT}],
        },
    }
    case["payments"] = lines
    case["capital"]["tranches"] = {
        name: {
            "kind": kind,
            "commitment": commitment,
            "return_cap": {"basis": "irr", "rate": rate},
        }
        for name, (kind, commitment, rate) in TRANCHES.items()
    }
    case["capital"]["order"] = [
        f"{name}.{part}" for name in TRANCHES for part in ("return", "principal")
    ]
    case["capital"].pop("draw_order", None)
    return case


def subjects() -> dict[str, Callable[[], object]]:
    """Return the settlement of 100,000 draws and the pass over its flows."""
    case = build(large_contract(), where="the large contract")
    world = realise(case, layers_of(seed=1, block=0))
    cohorts = len(COHORT_PEOPLE)
    standing = Standing(
        served=np.ones((cohorts, 1), dtype=np.bool_),
        end=np.full(1, np.inf),
        cause=np.zeros(1, dtype=np.int8),
    )
    shape = (case.timeline.periods, 1)
    settle = partial(
        pay_and_fund,
        case.contract,
        measured=world.measured,
        standing=standing,
        costs=added((flow.amount for flow in world.costs), shape=shape),
        planned=world.participation.planned,
        timeline=case.timeline,
        factors={},
    )
    funding = settle()
    payments, account = funding.payments, funding.account
    flows: list[FloatArray] = [
        np.array(np.broadcast_to(each, (case.timeline.periods, BLOCK_DRAWS)))
        for table in (payments.due, payments.paid, payments.cut, account.drawn, account.received)
        for each in table.values()
    ]
    flows += [np.array(each) for each in (account.balance, account.surplus)]

    def one_pass() -> list[FloatArray]:
        return [np.add(flow, 1.0, out=flow) for flow in flows]

    return {"settle": partial(_repeat, settle), "one pass": partial(_repeat, one_pass)}


def _repeat(work: Callable[[], object]) -> None:
    """Do the work of every block; what one block made is gone before the next, as in a run."""
    for _ in range(BLOCKS):
        work()
