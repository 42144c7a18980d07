"""The case that speed is measured on: as much of everything as a large contract has.

Four cohorts of 60, 80, 80 and 80 people, three binary outcomes looked at three times each, 40
quarters. Each outcome is evaluated by a trial with as many controls, so that 72 counts are drawn.
Three payment lines with limits on line, year and contract, two tranches with capped returns, three
budget lines, hence three internal rates of return: of each tranche and of both.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sibsim.case import Case
from sibsim.casefile import build

COHORT_PEOPLE = (60, 80, 80, 80)
FOLLOW_UP_MONTHS = (12, 18, 24)
PERSISTENCE = 0.8
LAST_FOLLOW_UP = FOLLOW_UP_MONTHS[-1]
EVALUATION_LAG, PAYMENT_LAG = 2, 1

LINE_LIMIT, YEAR_LIMIT, CONTRACT_LIMIT = 5_500_000, 6_500_000, 12_000_000
SENIOR, JUNIOR = 6_000_000, 3_000_000
SENIOR_RATE, JUNIOR_RATE = 0.04, 0.08
TEAM_PER_YEAR, START_UP, EVALUATION = 3_000_000, 450_000, 400_000
WAGES_PER_YEAR, BENEFITS_PER_YEAR = 0.032, 0.036
INVESTOR_DISCOUNT, MUNICIPAL_DISCOUNT = 0.04, 0.035

COUNTERFACTUALS: dict[str, dict[str, float]] = {
    "job": {"p10": 0.30, "p50": 0.40, "p90": 0.50},
    "education": {"p10": 0.15, "p50": 0.22, "p90": 0.30},
    "housing": {"p10": 0.40, "p50": 0.52, "p90": 0.62},
}
LOG_ODDS = {"job": (0.6, 0.2), "education": (0.5, 0.2), "housing": (0.7, 0.25)}
BANDS: dict[str, tuple[tuple[float, float], ...]] = {
    "job": ((0.02, 500_000.0), (0.10, 3_000_000.0), (0.20, 6_000_000.0)),
    "education": ((0.02, 300_000.0), (0.15, 3_000_000.0)),
    "housing": ((0.03, 500_000.0), (0.20, 4_000_000.0)),
}
SAVED_PER_MONTH = {"job": 12_326.0, "education": 4_000.0, "housing": 9_000.0}
LASTS_MONTHS = {"p10": 6.0, "p50": 24.0, "p90": 72.0}


def document() -> dict[str, Any]:
    """Return the case as its file would be read."""
    people = sum(COHORT_PEOPLE)
    starts = [date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1), date(2025, 7, 1)]
    return {
        "schema": 1,
        "name": "standard",
        "title": "The standard case of the benchmarks",
        "currency": "DKK",
        "price_year": 2024,
        "start": date(2024, 1, 1),
        "end": date(2033, 12, 31),
        "period": "quarter",
        "problem": {
            "authority": "municipality",
            "provider": "charity",
            "investors": {"fund": "Fund", "foundation": "Foundation"},
            "text": "None; it is a benchmark",
        },
        "target_group": {"description": "Adults on benefit", "size": people},
        "delivery": {
            "programme_months": 9,
            "cohorts": [
                {"start": start, "share": number / people}
                for start, number in zip(starts, COHORT_PEOPLE, strict=True)
            ],
            "volume": 1,
            "start_delay": 0,
            "take_up": 1,
            "completion": 0.8,
        },
        "costs": _costs(),
        "outcomes": {name: _outcome(name) for name in COUNTERFACTUALS},
        "measures": {
            name: {"outcome": name, "design": "randomised", "controls_per_participant": 1}
            for name in COUNTERFACTUALS
        },
        "payments": {name: _payment(name) for name in BANDS},
        "budget": {name: _budget_line(name) for name in SAVED_PER_MONTH},
        "contract": {
            "payer": "municipality",
            "evaluation_lag_months": EVALUATION_LAG,
            "payment_lag_months": PAYMENT_LAG,
            "last_payment": date(2029, 12, 31),
            "limit": {"year": YEAR_LIMIT, "contract": CONTRACT_LIMIT},
            "overrun": "authority",
        },
        "capital": _capital(),
        "valuation": {
            "discount": {"municipality": MUNICIPAL_DISCOUNT, "investor": INVESTOR_DISCOUNT}
        },
        "indices": {
            "wages": {"per_year": WAGES_PER_YEAR},
            "benefits": {"per_year": BENEFITS_PER_YEAR},
        },
    }


@cache
def standard_case() -> Case:
    """Return the case, built once."""
    return build(document(), where="the standard case")


def _costs() -> dict[str, Any]:
    return {
        "team": {
            "amount": TEAM_PER_YEAR,
            "per": "year",
            "from": date(2024, 1, 1),
            "to": date(2026, 6, 30),
            "index": "wages",
        },
        "start_up": {
            "amount": START_UP,
            "per": "once",
            "at": date(2024, 1, 1),
            "index": "none",
        },
        "evaluation": {
            "amount": EVALUATION,
            "per": "once",
            "at": date(2027, 9, 30),
            "index": "none",
            "payer": "municipality",
            "payee": "evaluator",
        },
    }


def _outcome(name: str) -> dict[str, Any]:
    log_mean, log_sd = LOG_ODDS[name]
    return {
        "model": "binary",
        "among": "started",
        "follow_up_months": list(FOLLOW_UP_MONTHS),
        "counterfactual": COUNTERFACTUALS[name],
        "effect": {
            "scale": "odds_ratio",
            "dist": "lognormal",
            "log_mean": log_mean,
            "log_sd": log_sd,
        },
        "persistence": PERSISTENCE,
    }


def _payment(name: str) -> dict[str, Any]:
    return {
        "model": "linear_band",
        "reads": name,
        "of": "effect",
        "at_months": LAST_FOLLOW_UP,
        "pooled": False,
        "schedule": [{"at": at, "pays": pays} for at, pays in BANDS[name]],
        "limit": {"line": LINE_LIMIT},
    }


def _budget_line(name: str) -> dict[str, Any]:
    return {
        "follows": name,
        "kind": "transfer",
        "party": "municipality",
        "counterparty": "citizens",
        "frame": "transfers",
        "amount": SAVED_PER_MONTH[name],
        "per": "month",
        "index": "benefits",
        "lasts": {"between_people": LASTS_MONTHS},
    }


def _capital() -> dict[str, Any]:
    return {
        "recycle": False,
        "order": ["senior.principal", "senior.return", "junior.principal", "junior.return"],
        "surplus": "municipality",
        "tranches": {
            "senior": {
                "kind": "senior",
                "investor": "fund",
                "commitment": SENIOR,
                "return_cap": {"basis": "irr", "rate": SENIOR_RATE},
            },
            "junior": {
                "kind": "junior",
                "investor": "foundation",
                "commitment": JUNIOR,
                "return_cap": {"basis": "irr", "rate": JUNIOR_RATE},
            },
        },
    }
