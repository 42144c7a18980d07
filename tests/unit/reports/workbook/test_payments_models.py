"""Every payment model that the sheet of payments writes as formulas."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sibsim.accounts import settle
from sibsim.case import Case
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.reports.workbook.model import Live
from tests.unit.reports.workbook.test_payments import assert_as_library, fixed_of, paid_by

COHORTS = (0.2, 0.3, 0.5)
"""Shares of cohorts that start half a year apart; the effect of the first is not the others'."""

OUTCOMES: Mapping[str, Mapping[str, Any]] = {
    "job": {
        "model": "binary",
        "follow_up_months": [12, 18, 24],
        "counterfactual": 0.42,
        "effect": {"scale": "risk_difference", "value": 0.11},
        "profile": {"full_after_months": 24, "hold_months": 36, "half_life_months": 72},
        "persistence": 0.8,
    },
    "days": {
        "model": "days",
        "follow_up_months": [12, 24],
        "lowest": 0,
        "window_days": 360,
        "counterfactual": 40,
        "effect": {"scale": "rate_ratio", "value": 0.6},
        "sd": 60,
        "share_lowest": 0.3,
        "share_bound": 0.01,
        "persistence": 0.5,
    },
    "arrests": {
        "model": "count",
        "follow_up_months": [12],
        "counterfactual": 1.5,
        "effect": {"scale": "rate_ratio", "value": 0.88},
        "dispersion": 1.2,
    },
    "points": {
        "model": "score",
        "follow_up_months": [12],
        "counterfactual": 2,
        "with_intervention": 13,
        "sd": 10,
        "reliability": 0.7,
    },
}
"""What is achieved; days and arrests fall, the others rise."""

EFFECT: Mapping[str, Any] = {"reads": "job", "of": "effect", "at_months": 12, "pooled": True}
CONDITION: Mapping[str, Any] = {"reads": "job", "of": "effect", "at_months": 24}
SCHEDULE = [{"at": 0.05, "pays": 400_000}, {"at": 0.10, "pays": 900_000}, {"at": 0.2, "pays": 2e6}]
CARD: Mapping[str, Any] = {"model": "rate_card", "reads": "job", "pays_for": "achieved"}
MORE: Mapping[str, Any] = {"model": "rate_card", "reads": "job", "pays_for": "additional"}
SAVED: Mapping[str, Any] = {
    "model": "savings_share",
    "reads": "days",
    "counts": "fewer",
    "unit": {"da": "dage", "en": "days"},
    "tariff": 900,
    "share": 0.7,
}
COUPON: Mapping[str, Any] = {
    "model": "coupon",
    "reads": "job",
    "of": "rate",
    "principal": 3_000_000,
    "table": "lines",
    "points": [{"at": 0.5, "rate": 0.03}, {"at": 0.6, "rate": 0.12}],
    "coupon_dates": [date(2025, 6, 30), date(2026, 6, 30), date(2027, 6, 30)],
}
BULLET: Mapping[str, Any] = {
    "model": "terminal_bullet",
    "principal": 2_000_000,
    "starts": date(2024, 1, 1),
    "matures": date(2027, 12, 31),
    "accrual": "simple",
    "protected": 0.6,
    "table": "lines",
    "points": [{"at": 0.05, "rate": 0.02}, {"at": 0.40, "rate": 0.09}],
    "components": [
        {"reads": "job", "of": "uplift", "at_months": 24, "weight": 0.66},
        {"reads": "days", "of": "reduction", "at_months": 12, "weight": 0.34},
    ],
}

LINES: Mapping[str, Mapping[str, Any]] = {
    "rate card": {**CARD, "price": [9_000, 8_000, 7_000]},
    "one price, some follow-ups": {**CARD, "price": 9_000, "follow_up_months": [12, 24]},
    "one cohort": {**CARD, "price": 9_000, "cohorts": [2]},
    "additional, cohort": {**MORE, "price": 50_000, "floor": "cohort"},
    "additional, follow-up": {**MORE, "price": [50_000, 40_000, 30_000], "floor": "follow_up"},
    "additional, contract": {**MORE, "price": 50_000, "floor": "contract", "cohorts": [1, 3]},
    "days avoided": {
        "model": "days_avoided",
        "reads": "days",
        "counts": "avoided",
        "price": 800,
        "floor": "contract",
    },
    "days reached": {"model": "days_avoided", "reads": "days", "counts": "reached", "price": 100},
    "saving": {**SAVED, "floor": "follow_up"},
    "saving, more": {**SAVED, "counts": "more", "floor": "cohort"},
    "milestone": {"model": "milestone", "reads": "job", "at_months": 12, "price": 4_000},
    "milestone for some": {
        "model": "milestone",
        "reads": "job",
        "at_months": 12,
        "price": 4_000,
        "most_people": 61,
    },
    "tiers": {
        "model": "volume_tiered",
        "reads": "job",
        "tiers": [{"up_to": 40, "price": 9_000}, {"up_to": 90, "price": 5_000}, {"price": 7_000}],
    },
    "progression": {
        "model": "progression",
        "reads": "points",
        "at_months": 12,
        "step": 3,
        "price": 2_000,
        "whole_steps": False,
    },
    "progression, most": {
        "model": "progression",
        "reads": "points",
        "at_months": 12,
        "step": 3,
        "price": 2_000,
        "whole_steps": False,
        "most_steps": 3,
    },
    "too few referred": {
        "model": "minimum_referrals",
        "reads": "job",
        "at_months": 12,
        "number": 200,
        "deemed_rate": 0.4,
        "price": 9_000,
        "survives_early_end": True,
    },
    "too few, early end": {
        "model": "minimum_referrals",
        "reads": "job",
        "at_months": 12,
        "number": 200,
        "deemed_rate": 0.4,
        "price": 9_000,
        "survives_early_end": False,
    },
    "band": {"model": "linear_band", **EFFECT, "schedule": SCHEDULE},
    "band by cohort": {"model": "linear_band", **EFFECT, "pooled": False, "schedule": SCHEDULE},
    "band, not reached": {
        "model": "linear_band",
        **EFFECT,
        "schedule": [{"at": 0.2, "pays": 9e5}],
    },
    "steps": {"model": "step_table", **EFFECT, "inclusive": True, "schedule": SCHEDULE},
    "steps on the edge": {
        "model": "step_table",
        **EFFECT,
        "inclusive": True,
        "at_months": 24,
        "of": "rate",
        "schedule": [{"at": 0.5, "pays": 4e5}, {"at": 0.53, "pays": 9e5}],
    },
    "steps past the edge": {
        "model": "step_table",
        **EFFECT,
        "inclusive": False,
        "at_months": 24,
        "of": "rate",
        "schedule": [{"at": 0.5, "pays": 4e5}, {"at": 0.53, "pays": 9e5}],
    },
    "table, nothing below": {
        "model": "interpolated_table",
        **EFFECT,
        "below": "nothing",
        "schedule": SCHEDULE,
    },
    "table, first below": {
        "model": "interpolated_table",
        **EFFECT,
        "below": "first",
        "of": "uplift",
        "schedule": [{"at": 0.4, "pays": 2e5}, {"at": 0.6, "pays": 9e5}],
    },
    "cliff": {
        "model": "cliff",
        "inclusive": True,
        "pays": [5e5, 8e5, 9e5],
        "conditions": [
            {**CONDITION, "at_least": [0.05, 0.10, 0.2]},
            {"reads": "days", "of": "reduction", "at_months": 12, "at_least": [0.1, 0.2, 0.3]},
        ],
    },
    "cliff on the edge": {
        "model": "cliff",
        "inclusive": True,
        "pays": 5e5,
        "conditions": [{**CONDITION, "at_least": 0.1100000005}],
    },
    "frequency": {
        "model": "frequency",
        "reads": "arrests",
        "at_months": 12,
        "price": 20_000,
        "cohort_level": 0.1,
        "pooled_level": 0.075,
    },
    "frequency, pooled": {
        "model": "frequency",
        "reads": "arrests",
        "at_months": 12,
        "price": 20_000,
        "cohort_level": 0.2,
        "pooled_level": 0.075,
    },
    "frequency, missed": {
        "model": "frequency",
        "reads": "arrests",
        "at_months": 12,
        "price": 20_000,
        "cohort_level": 0.5,
        "pooled_level": 0.4,
    },
    "fixed": {
        "model": "fixed",
        "payments": [{"on": date(2024, 3, 31), "pays": 2e5}, {"on": date(2026, 1, 1), "pays": 3e5}],
    },
    "coupon": COUPON,
    "coupon and principal": {
        **COUPON,
        "table": "steps",
        "minimum": {"rate": 0.05, "coupons": 2},
        "redemption": [{"at": 0.0, "share": 0.2}, {"at": 0.52, "share": 0.5}],
        "matures": date(2027, 12, 31),
    },
    "bullet": BULLET,
    "bullet, compound": {**BULLET, "accrual": "compound", "table": "steps"},
    "two-sided, owed back": {
        "model": "two_sided",
        **EFFECT,
        "schedule": [{"at": 0.05, "pays": -5e5}, {"at": 0.2, "pays": 9e5}],
    },
    "two-sided": {
        "model": "two_sided",
        **EFFECT,
        "schedule": [{"at": 0.0, "pays": -2e5}, {"at": 0.1, "pays": 9e5}],
    },
}
"""A line of every model, beside a plain rate card, by what it is."""

STRUCTURE = ("follow_up_months", "at_months", ".cohorts.", "minimum.coupons")
"""Numbers that say what there is, not how much."""

PAID: Mapping[str, Any] = {**CARD, "price": [9_000, 8_000, 7_000]}
"""A plain line."""


def case_of(
    lines: Mapping[str, Mapping[str, Any]], contract: Mapping[str, Any] | None = None
) -> Case:
    """Return a contract of some lines on three cohorts."""
    document = tomllib.loads(catalogue.text("cases", "holbaek"))
    starts = [date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1)]
    document["delivery"]["cohorts"] = [
        {"start": start, "share": share} for start, share in zip(starts, COHORTS, strict=True)
    ]
    document["delivery"]["volume"] = 0.9
    document["outcomes"] = {
        name: {"among": "started"} | dict(given) for name, given in OUTCOMES.items()
    }
    rates: Mapping[str, Mapping[str, float]] = {
        "job": {"rate": 0.42},
        "days": {"mean": 41},
        "arrests": {"mean": 1.5},
    }
    document["measures"] = {
        name: {
            "outcome": name,
            "design": "historical_baseline",
            "baseline": {**rate, "people": 400, "date": date(2023, 12, 31)},
        }
        for name, rate in rates.items()
    }
    document["measures"]["points"] = {"outcome": "points", "design": "verification"}
    document["payments"] = {name: dict(line) for name, line in lines.items()}
    document["contract"] = {**document["contract"], "limit": {}, **(contract or {})}
    document["budget"] = {}
    del document["drifts"]
    return build(document)


def unread_of(live: Live) -> set[str]:
    """Return the numbers of payment lines that no formula reads, but for what is structure."""
    stated = {path for path in live.inputs.cells if path.startswith("payments.")}
    return {
        path for path in stated - live.inputs.used if not any(each in path for each in STRUCTURE)
    }


def name_of(title: str) -> str:
    """Return the name of a line that a title can be."""
    return "".join(each if each.isalpha() else "_" for each in title)


@pytest.mark.parametrize("model", LINES)
def test_every_model_is_live(model: str, tmp_path: Path) -> None:
    """A line of the model owes in every period what the library says, and reads all its inputs."""
    case = case_of({name_of(model): LINES[model], "plain": PAID})
    found = paid_by(case, tmp_path)
    assert_as_library(found)
    assert not fixed_of(found.live)
    assert not unread_of(found.live)


def test_cohorts_that_are_not_served_claim_nothing(tmp_path: Path) -> None:
    """After an early end the two cohorts that have started are paid for, by every model."""
    stop = {"termination": {"cause": "policy", "on": date(2024, 9, 1)}}
    case = case_of({name_of(name): line for name, line in LINES.items()}, stop)
    found = paid_by(case, tmp_path)
    assert_as_library(found)
    assert not fixed_of(found.live)


def test_models_differ_from_nothing() -> None:
    """Check that all lines but those that miss their level owe something: comparisons can fail."""
    case = case_of({name_of(name): line for name, line in LINES.items()})
    worlds = case.base_case().worlds
    assert worlds is not None
    payments = settle(case, worlds[0]).payments
    nothing = {name for name, due in payments.due.items() if not due.any()}
    assert nothing == {
        name_of(name)
        for name in (
            "band, not reached",
            "saving, more",
            "frequency, missed",
            "two-sided, owed back",
        )
    }
