"""A service that is paid for in five ways, small enough to work out by hand.

A hundred people start on 1 January 2024; 40 of them would have work after a year anyway, 50 with
the service. An outside provider, one investor with a cap on its return, a small overrun.
"""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

from sibsim.core import catalogue

PRICE = 10_000.0
"""What the municipality pays for each who has work."""

COMMITTED = 250_000.0
"""What the investor puts in at most; delivery costs 300,000."""


def document() -> dict[str, Any]:
    """Return the case: an outside provider, one investor, a cap on the return, a small overrun."""
    read = tomllib.loads(catalogue.text("cases", "holbaek"))
    read |= {"name": "by-hand", "end": date(2026, 12, 31)}
    read["problem"] |= {"provider": "provider"}
    read["target_group"]["size"] = 100
    cohorts = [{"start": date(2024, 1, 1), "share": 1.0}]
    read["delivery"] |= {"cohorts": cohorts, "volume": 1, "take_up": 1, "completion": 1}
    once = {"per": "once", "index": "none"}
    read["costs"] = {
        "team": {**once, "amount": 200_000, "at": date(2024, 1, 1)},
        "coaches": {**once, "amount": 100_000, "at": date(2025, 1, 1)},
        "rooms": {**once, "amount": 20_000, "at": date(2024, 4, 1), "payer": "municipality"},
        "report": {
            **once,
            "amount": 30_000,
            "at": date(2025, 7, 1),
            "payer": "municipality",
            "payee": "evaluator",
            "contract_cost": "evaluation",
        },
        "lawyer": {
            **once,
            "amount": 10_000,
            "at": date(2024, 1, 1),
            "payer": "municipality",
            "payee": "lawyers",
            "contract_cost": "legal",
        },
        "fund": {
            **once,
            "amount": 5_000,
            "at": date(2024, 4, 1),
            "payer": "dsi",
            "payee": "intermediary",
            "contract_cost": "management",
        },
    }
    job = {"model": "binary", "among": "started", "follow_up_months": [12]}
    read["outcomes"] = {"job": {**job, "counterfactual": 0.4, "uplift": 0.1}}
    read["measures"] = {"job": {"outcome": "job", "design": "verification"}}
    read["payments"] = {
        "job": {"model": "rate_card", "reads": "job", "pays_for": "achieved", "price": PRICE}
    }
    read["budget"] = {
        "benefit": {
            "follows": "job",
            "kind": "transfer",
            "party": "municipality",
            "counterparty": "citizens",
            "frame": "transfers",
            "amount": 5_000,
            "per": "month",
            "index": "none",
            "lasts": 6,
            "share": 0.5,
        }
    }
    read["contract"] = {
        "payer": "municipality",
        "evaluation_lag_months": 2,
        "payment_lag_months": 1,
        "last_payment": date(2025, 12, 31),
        "overrun": "authority",
    }
    read["capital"]["tranches"]["dsi"]["commitment"] = COMMITTED
    del read["drifts"], read["indices"], read["valuation"]["prices"]
    return read
