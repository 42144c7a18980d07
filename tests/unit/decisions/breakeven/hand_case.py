"""A case whose break-even is worked out by hand.

Of n people 40 % would be in work anyway and 50 % are. One more in work is half of the 12 months to
the follow-up there on average, and all of the 24 months after it: 30 months of 10,000. Each person
costs 12,000, the service as a whole 640,000, and each who is in work 10,000 in payments:

    net = n (0.1 x 30 x 10,000 - 12,000 - 0.5 x 10,000) - 640,000 = 13,000 n - 640,000.
"""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import sibsim as sib
from sibsim.casefile import build
from sibsim.core import catalogue

PEOPLE, ANYWAY, UPLIFT = 100, 0.40, 0.10
PRICE, MONTHS_BEFORE, LASTS = 10_000.0, 6.0, 24.0
PER_PERSON, AS_A_WHOLE = 12_000.0, 640_000.0
PER_RESULT = 10_000.0
ERRORS = 5
"""Monte Carlo standard errors within which a figure must lie."""


def document() -> dict[str, Any]:
    """Return the case as a file holds it."""
    read = tomllib.loads(catalogue.text("cases", "holbaek"))
    read["target_group"]["size"] = PEOPLE
    cohorts = [{"start": read["start"], "share": 1.0}]
    read["delivery"] |= {"cohorts": cohorts, "volume": 1, "take_up": 1, "completion": 1}
    own = {"index": "none", "payer": "municipality", "payee": "deliverer"}
    read["costs"] = {
        "person": {"amount": PER_PERSON, "per": "start", **own},
        "whole": {"amount": AS_A_WHOLE, "per": "once", "at": date(2024, 1, 1), **own},
    }
    job = {"counterfactual": ANYWAY, "uplift": UPLIFT, "goal": {"at_months": 12, "share": 0.48}}
    read["outcomes"] = {
        "job": {"model": "binary", "among": "started", "follow_up_months": [12], **job}
    }
    read["measures"] = {"job": {"outcome": "job", "design": "verification"}}
    card = {"model": "rate_card", "reads": "job", "pays_for": "achieved", "price": PER_RESULT}
    read["payments"] = {"job": card}
    read["contract"]["limit"] = {}
    read["capital"]["surplus"] = "charity"
    read["budget"] = {
        "benefit": {
            "follows": "job",
            "kind": "transfer",
            "party": "municipality",
            "counterparty": "citizens",
            "frame": "transfers",
            "amount": PRICE,
            "per": "month",
            "index": "none",
            "lasts": LASTS,
        }
    }
    del read["drifts"]
    return read


def hand_case() -> sib.Case:
    """Return the case."""
    return build(document())
