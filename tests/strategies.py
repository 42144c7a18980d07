"""Random valid cases, as the plain tables that a TOML file gives.

Every case that `documents` draws is valid and runs. What makes it small - few people, five years -
keeps a block of draws at some hundredths of a second, so that hundreds of them can be tried.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from sibsim.case import Case
from sibsim.casefile import build
from sibsim.core.timeline import DAYS_PER_YEAR, MONTHS_PER_YEAR, shifted

Document = dict[str, Any]
"""A case file, or a part of it, as plain tables."""

START = date(2024, 1, 1)
"""Every case starts here, in the price year."""

PRICE_YEAR = 2024

PUBLIC = ("municipality", "region", "state")
"""Public parties."""

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
"""A whole case is a large example; that is meant."""

settings.register_profile(
    "ci", max_examples=200, deadline=None, derandomize=True, suppress_health_check=_SLOW
)
settings.register_profile("local", max_examples=25, deadline=None, suppress_health_check=_SLOW)

EXAMPLES = settings.get_profile("ci" if os.environ.get("CI") else "local")
"""How many cases a property is tried on: more where nobody waits."""


@dataclass(frozen=True)
class Wanted:
    """What a property needs of the cases that it is tried on."""

    limits: tuple[frozenset[str], ...] = ()
    """Sets of limits to choose from; none: any."""

    overrun: tuple[str, ...] = ("authority", "provider", "stop")
    """Who may bear costs beyond the commitments."""

    termination: bool = True
    """Whether the contract may be ended early."""

    plain_capital: bool = False
    """Whether all tranches earn at most one common rate (or all that is left), without recycling,
    guarantees and early surplus: then drawings and what all tranches get depend on sums only."""

    people: int = 20
    """Most people planned in one cohort."""

    modelled: bool = True
    """Whether a comparison may be the answer of a model, which goes along with participants."""

    clauses: bool = False
    """Whether lines may have triggers, holdbacks, clawbacks and indices, and the contract several
    payers, their limits and other public money that is set off; whether people may come in
    segments, wait for a place, move between states and be counted in days; and whether budget lines
    may be years, tax, days or weeks, under the budget guarantee or released late."""


ANYTHING = Wanted()
"""Any valid case without clauses."""

WITH_CLAUSES = Wanted(clauses=True)
"""Any valid case."""


def case_of(document: Document) -> Case:
    """Return the case of a document; fails the test when it is not valid."""
    return build(document)


def _share(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda x: round(x, 3))


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


@st.composite
def shares(
    draw: st.DrawFn, *, low: float = 0.05, high: float = 0.95, per_cohort: bool = True
) -> float | Document:
    """Draw a quantity in [low, high], uncertain more often than not."""
    form = draw(st.sampled_from(["number", "quantiles", "uniform", "beta"]))
    middle = draw(_share(low, high))
    if form == "number":
        return middle
    if form == "uniform":
        width = min(0.15, middle - low, high - middle)
        if width <= 0:
            return middle
        return {"dist": "uniform", "min": middle - width, "max": middle + width}
    if form == "beta":
        return {"dist": "beta", "alpha": 12 * middle, "beta": 12 * (1 - middle)}
    logit = math.log(middle / (1 - middle))
    spread, skew = draw(st.sampled_from([0.1, 0.4, 0.8])), draw(st.sampled_from([0.8, 1.0, 1.3]))
    return {
        "p10": _sigmoid(logit - spread),
        "p50": middle,
        "p90": _sigmoid(logit + skew * spread),
        **({"per_cohort": True} if per_cohort and draw(st.booleans()) else {}),
    }


@st.composite
def money(draw: st.DrawFn, *, low: int, high: int, per_cohort: bool = False) -> float | Document:
    """Draw an amount of money, uncertain half of the time."""
    amount = draw(st.integers(low, high))
    if amount == 0 or draw(st.booleans()):
        return amount
    skew = draw(st.sampled_from([1.2, 1.3, 1.5]))
    by_cohort = {"per_cohort": True} if per_cohort and draw(st.booleans()) else {}
    return {"p10": amount * 0.8, "p50": amount, "p90": amount * skew, **by_cohort}


@st.composite
def deliveries(draw: st.DrawFn, *, people: int) -> tuple[int, Document]:
    """Draw a plan and its size; whole people in each cohort."""
    planned = draw(st.lists(st.integers(3, people), min_size=1, max_size=4))
    total = sum(planned)
    gaps = [draw(st.integers(0, 6)), *(draw(st.integers(1, 6)) for _ in planned[1:])]
    months = list(accumulate(gaps))
    day = draw(st.sampled_from([1, 1, 15]))
    delays: list[float | Document] = [
        0,
        draw(st.integers(-months[0], 6)),
        {"dist": "uniform", "min": -months[0], "max": 7.5},
        {"dist": "discrete", "values": [0, 2, 9], "probabilities": [0.5, 0.3, 0.2], "base": 2},
    ]
    volumes: list[float | Document] = [
        1,
        0.87,
        {"prior": "indigo-volume"},
        {"dist": "uniform", "min": 0.5, "max": 1.4, "per_cohort": True},
    ]
    return total, {
        "programme_months": draw(st.integers(1, 12)),
        "cohorts": [
            {"start": shifted(START, months=at).replace(day=day), "share": number / total}
            for at, number in zip(months, planned, strict=True)
        ],
        "volume": draw(st.sampled_from(volumes)),
        "start_delay": draw(st.sampled_from(delays)),
        "take_up": draw(shares(low=0.6, high=0.95)),
        "completion": draw(st.one_of(st.sampled_from([0, 1]), shares())),
        "guaranteed_referrals": False,
    }


_COST_KINDS = ("year", "start", "person_period", "completion", "once")


@st.composite
def cost_lines(draw: st.DrawFn, *, months: int) -> Document:
    """Draw one cost line of any kind in a case of so many months."""
    per = draw(st.sampled_from(_COST_KINDS))
    dated = per in {"year", "once"}
    high = 300_000 if dated else 20_000
    line: Document = {
        "amount": draw(money(low=0, high=high, per_cohort=not dated)),
        "per": per,
        "index": draw(st.sampled_from(["none", "wages"])),
        "frame": draw(st.sampled_from(["service", "outside"])),
        "survives_termination": draw(st.booleans()),
    }
    at = draw(st.integers(0, min(18, months - 1)))
    first = shifted(START, months=at)
    if per == "year":
        after = draw(st.integers(at + 1, min(at + 30, months)))
        line |= {"from": first, "to": shifted(START, months=after) - timedelta(days=1)}
    elif per == "once":
        line["at"] = first + timedelta(days=draw(st.integers(0, 27)))
    if dated:
        line["moves_with_start"] = draw(st.booleans())
    payer = draw(st.sampled_from([None, None, "municipality", "region", "a"]))
    payee = draw(st.sampled_from([None, None, "evaluator"]))
    return line | {k: v for k, v in {"payer": payer, "payee": payee}.items() if v}


@st.composite
def effects(draw: st.DrawFn) -> Document:
    """Draw what the intervention does: an effect on some scale, an uplift or a success rate."""
    form = draw(
        st.sampled_from(
            [
                "odds_ratio",
                "hazard_ratio",
                "risk_ratio",
                "risk_difference",
                "uplift",
                "standardised_difference",
                "standardised_difference_cox",
                "success_rate",
                "stated",
            ]
        )
    )
    if form == "uplift":
        return {"uplift": {"p10": -0.05, "p50": 0.1, "p90": 0.25, "may_be_negative": True}}
    if form == "stated":
        return {"success_rate": draw(shares())}
    ratio: list[float | Document] = [
        draw(_share(0.5, 3)),
        {"dist": "lognormal", "log_mean": draw(_share(-0.2, 1)), "log_sd": draw(_share(0.05, 0.5))},
        {"p10": 1.1, "p50": 1.5, "p90": 2.4},
    ]
    additive: list[float | Document] = [
        draw(_share(-0.1, 0.3)),
        {"dist": "uniform", "min": -0.05, "max": 0.4, "may_be_negative": True},
    ]
    values: dict[str, list[float | Document]] = {
        "odds_ratio": ratio,
        "hazard_ratio": ratio,
        "risk_ratio": [draw(_share(0.6, 1.3))],
        "success_rate": [draw(shares())],
    }
    value = draw(st.sampled_from(values.get(form, additive)))
    effect = {"scale": form, **(value if isinstance(value, dict) else {"value": value})}
    effect["measured_at_months"] = draw(st.sampled_from([6, 12, 24]))
    profile = {
        "full_after_months": draw(st.sampled_from([0, 3, 9])),
        "hold_months": draw(st.sampled_from([0, 12])),
        **draw(st.sampled_from([{}, {"half_life_months": 24, "floor": 0.2}])),
    }
    tau: Document = {"tau": {"p10": 0.3, "p50": 0.8, "p90": 1.1}, "omega": 0.1}
    found: Document = {"effect": effect}
    if draw(st.booleans()):
        found["profile"] = profile
    if form not in {"success_rate", "risk_ratio"} and draw(st.booleans()):
        found["transport"] = tau
    return found


@st.composite
def outcomes(draw: st.DrawFn) -> Document:
    """Draw a binary outcome."""
    months = sorted(draw(st.sets(st.sampled_from([3, 6, 12, 18]), min_size=1, max_size=3)))
    effect = draw(effects())
    narrow = effect.get("effect", {}).get("scale") == "risk_ratio"
    counterfactual = draw(_share(0.05, 0.4) if narrow else shares())
    listed = draw(st.booleans())
    found: Document = {
        "model": "binary",
        "among": draw(st.sampled_from(["referred", "started", "completed"])),
        "follow_up_months": months,
        "counterfactual": [counterfactual] * len(months) if listed else counterfactual,
        **effect,
    }
    if len(months) > 1 or draw(st.booleans()):
        found["persistence"] = draw(st.one_of(st.sampled_from([0, 1, 0.7]), shares()))
    if draw(st.booleans()):
        found["drift"] = "walk"
    if draw(st.booleans()):
        found["goal"] = {"at_months": draw(st.sampled_from(months)), "share": draw(_share(0, 1))}
    return found


MODELLED: Mapping[str, Document] = {
    "before_after": {"regression_to_the_mean": 0.05, "correlation": 0.4},
    "stepped_wedge": {"sequences": [2, 2, 1], "people": 10, "tau": 0.05, "eta": 0.02},
    "matched_comparison": {
        "controls_per_participant": 1.5,
        "residual_bias": {"mean": 0.01, "sd": 0.05},
    },
    "difference_in_differences": {
        "controls_per_participant": 0.5,
        "periods_before": 2,
        "correlation": 0.5,
        "analysis": "ancova",
        "gap": 0.1,
        "trend": {"mean": 0.0, "sd": 0.03},
    },
    "regression_discontinuity": {
        "controls_per_participant": 2,
        "assignment": "uniform",
        "bandwidth": 0.5,
    },
    "interrupted_time_series": {
        "points_before": 8,
        "points_after": 4,
        "people_per_point": 30,
        "autocorrelation": 0.3,
        "shock_sd": 0.02,
        "change": "level",
    },
    "synthetic_control": {"donors": 20, "placebo_sd": 0.04},
}
"""Designs whose comparison is the answer of a model, one of each."""


@st.composite
def measures(draw: st.DrawFn, outcome: str, *, modelled: bool) -> Document:
    """Draw how an outcome is measured."""
    plain = ["verification", "historical_baseline", "randomised"]
    design = draw(st.sampled_from([*plain, *plain, *(MODELLED if modelled else ())]))
    found: Document = {"outcome": outcome, "design": design}
    if design in MODELLED:
        return found | MODELLED[design]
    if design == "historical_baseline":
        rate = draw(_share(0, 0.8))
        found["baseline"] = {"rate": rate, "people": 400, "date": date(2023, 12, 31)}
    elif design == "randomised":
        found["controls_per_participant"] = draw(st.sampled_from([0.3, 1, 1.5]))
        if draw(st.booleans()):
            found["attrition"] = {"treated": draw(_share(0, 0.4)), "control": draw(_share(0, 0.4))}
    elif draw(st.booleans()):
        rules = ["counts_as_not_achieved", "counts_as_achieved", "excluded"]
        found |= {
            "sensitivity": draw(_share(0.7, 1)),
            "specificity": draw(_share(0.7, 1)),
            "missing": {"share": draw(_share(0, 0.3)), "rule": draw(st.sampled_from(rules))},
        }
    return found


@st.composite
def payment_lines(draw: st.DrawFn, measured: Document, months: dict[str, list[int]]) -> Document:
    """Draw a payment line that reads one of the measures, with the follow-ups it has."""
    name = draw(st.sampled_from(sorted(measured)))
    own = months[measured[name]["outcome"]]
    compares = measured[name]["design"] != "verification"
    if draw(st.integers(0, 2)) == 0:
        of = draw(st.sampled_from(["rate", "effect"] if compares else ["rate"]))
        first = draw(_share(-0.1 if of == "effect" else 0.0, 0.5))
        pays = sorted(draw(st.lists(st.integers(0, 800_000), min_size=1, max_size=3)))
        return {
            "model": "linear_band",
            "reads": name,
            "of": of,
            "at_months": draw(st.sampled_from(own)),
            "pooled": draw(st.booleans()),
            "schedule": [{"at": first + 0.15 * i, "pays": each} for i, each in enumerate(pays)],
        }
    paid = sorted(draw(st.sets(st.sampled_from(own), min_size=1)))
    price = st.integers(0, 60_000)
    floor = draw(st.sampled_from([None, "cohort", "follow_up", "contract"] if compares else [None]))
    return {
        "model": "rate_card",
        "reads": name,
        "pays_for": "additional" if floor else "achieved",
        "follow_up_months": paid,
        "price": [draw(price) for _ in paid] if draw(st.booleans()) else draw(price),
        **({"floor": floor} if floor else {}),
    }


@st.composite
def budget_lines(draw: st.DrawFn, followed: list[str]) -> Document:
    """Draw a budget line."""
    party = draw(st.sampled_from(PUBLIC))
    transfer = draw(st.booleans())
    frame = draw(st.sampled_from(["transfers", "service"]))
    spread = {"between_people": {"p10": 3, "p50": 12, "p90": 40}}
    found: Document = {
        "follows": draw(st.sampled_from(followed)),
        "kind": "transfer" if transfer else "resource",
        "party": party,
        "frame": frame,
        "amount": draw(money(low=0, high=15_000)),
        "per": draw(st.sampled_from(["month", "week", "year", "day"])),
        "index": draw(st.sampled_from(["none", "wages"])),
        "lasts": draw(st.sampled_from([0, 10, spread])),
        "lag_months": draw(st.integers(0, 7)),
    }
    if transfer:
        others = [each for each in (*PUBLIC, "citizens") if each != party]
        found["counterparty"] = draw(st.sampled_from(others))
    if frame != "transfers" or draw(st.booleans()):
        found |= {
            "share": draw(shares(per_cohort=False)),
            "backfill": draw(shares(per_cohort=False)),
        }
    if party != "state" and draw(st.booleans()):
        weeks = {"between_people": {"p10": 10, "p50": 30, "p90": 80}}
        found["refund"] = {"ladder": "dk-refund", "weeks_before": weeks}
    return found


@st.composite
def capitals(draw: st.DrawFn, *, plain: bool, stops: bool) -> Document:
    """Draw tranches, claims, guarantees and surplus; nothing recycles where the service stops."""
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    rates = st.sampled_from([0.0, 0.04, 0.15])
    common = {"basis": "irr", "rate": draw(rates)}
    tranches: Document = {}
    for name in names:
        cap = (
            common
            if plain
            else {"basis": draw(st.sampled_from(["irr", "simple"])), "rate": draw(rates)}
        )
        tranches[name] = {
            "kind": "senior",
            "commitment": draw(st.integers(0, 900_000)),
            "drawdown": draw(st.sampled_from(["as_needed", "up_front"])),
            "return_cap": cap,
        }
    claims = [f"{name}.{part}" for name in names for part in ("principal", "return")]
    unlimited = draw(st.sampled_from([None, *([names[0]] if len(names) == 1 or not plain else [])]))
    if unlimited:
        del tranches[unlimited]["return_cap"]
        claims.remove(f"{unlimited}.return")
    recycle = not plain and not stops and draw(st.booleans())
    found: Document = {
        "recycle": recycle,
        "order": draw(orders([*claims, "costs"] if recycle else claims)),
        "surplus": draw(st.sampled_from(["municipality", "charity"])),
        "surplus_at": "last_payment"
        if plain
        else draw(st.sampled_from(["last_payment", "as_it_arises"])),
        "tranches": tranches,
    }
    if unlimited:
        found["order"].append(f"{unlimited}.return")
    if draw(st.booleans()):
        found["draw_order"] = draw(orders(names))
    if not plain and draw(st.booleans()):
        found["guarantees"] = {
            "promise": {
                "guarantor": "foundation",
                "tranche": (covered := draw(st.sampled_from(names))),
                "share": draw(_share(0, 1)),
                "amount": draw(st.integers(0, tranches[covered]["commitment"])),
                "of": draw(st.sampled_from(["drawn", "committed"])),
            }
        }
    return found


@st.composite
def orders(draw: st.DrawFn, names: list[str]) -> list[str | list[str]]:
    """Draw an order of names, some of equal rank."""
    levels: list[list[str]] = []
    for name in draw(st.permutations(names)):
        if levels and draw(st.integers(0, 3)) == 0:
            levels[-1].append(name)
        else:
            levels.append([name])
    return [level[0] if len(level) == 1 else level for level in levels]


@st.composite
def limits(draw: st.DrawFn, document: Document, *, wanted: Wanted) -> None:
    """Set limits in a document; a limit per person only where persons are claimed."""
    lines, measured = document["payments"], document["measures"]
    by_person = all(
        line.get("pays_for") != "achieved" or measured[line["reads"]]["design"] != "randomised"
        for line in lines.values()
    )
    kinds = st.sets(st.sampled_from(["person", "line", "year", "contract"]))
    chosen = draw(st.sampled_from(wanted.limits)) if wanted.limits else draw(kinds)
    found: Document = {}
    for kind in sorted(chosen):
        amount = draw(st.integers(0, 60_000 if kind == "person" else 1_200_000))
        if kind == "line":
            lines[draw(st.sampled_from(sorted(lines)))]["limit"] = {"line": amount}
        elif kind != "person" or by_person:
            found[kind] = amount
    document["contract"]["limit"] = found


@st.composite
def clauses(draw: st.DrawFn, document: Document, months: dict[str, list[int]]) -> None:
    """Set clauses of lines and payers in a document."""
    measured = document["measures"]
    for line in document["payments"].values():
        design = measured[line["reads"]]
        test = {
            "reads": line["reads"],
            "at_months": draw(st.sampled_from(months[design["outcome"]])),
            "at_least": draw(_share(0.2, 0.8)),
        }
        trigger: Document = {"pooled": draw(st.booleans()), "people": draw(st.integers(1, 30))}
        if design["design"] != "verification":
            trigger |= {"of": "effect", "at_least": draw(_share(-0.1, 0.2))}
            trigger |= {"alpha": draw(_share(0.05, 0.9)), "better": "more"}
        found = {
            "trigger": trigger,
            "holdback": {"share": draw(_share(0.1, 1)), "until": test},
            "clawback": {"share": draw(_share(0.1, 1)), "unless": test},
            "index": "wages",
            "payer": draw(st.sampled_from(["region", {"municipality": 0.4, "region": 0.6}])),
        }
        if document["contract"]["overrun"] == "stop":
            del found["clawback"]
        if "person" in document["contract"]["limit"]:
            del found["index"], found["holdback"]
        line |= {key: found[key] for key in draw(st.sets(st.sampled_from(sorted(found))))}
    terms = document["contract"]
    if draw(st.booleans()):
        terms["payer"] = {"municipality": 0.7, "state": 0.3}
        if draw(st.booleans()):
            terms["limit"]["payer"] = {"state": draw(st.integers(0, 400_000))}
    if draw(st.booleans()):
        terms["limit"]["netting"] = draw(st.integers(0, 400_000))


@st.composite
def terminations(draw: st.DrawFn, measured: Document, months: dict[str, list[int]]) -> Document:
    """Draw a right to end the contract early."""
    name = draw(st.sampled_from(sorted(measured)))
    compares = measured[name]["design"] != "verification"
    compare = draw(st.sampled_from(["rate", "effect"] if compares else ["rate"]))
    return {
        "measure": name,
        "at_months": draw(st.sampled_from(months[measured[name]["outcome"]])),
        "compare": compare,
        "below": draw(_share(0.2, 0.8) if compare == "rate" else _share(-0.1, 0.3)),
        "notice_months": draw(st.integers(0, 4)),
        **({"owes": draw(_share(0.1, 1))} if draw(st.booleans()) else {}),
    }


@st.composite
def troubles(draw: st.DrawFn, document: Document) -> None:
    """Add what goes wrong in delivery: few places, slow intake, a late end."""
    delivery = document["delivery"]
    if draw(st.booleans()):
        delivery["capacity"] = draw(st.integers(1, 40))
        if draw(st.booleans()):
            delivery["waiting_list"] = {"gives_up": draw(shares(per_cohort=False))}
    starts = {cohort["start"] for cohort in delivery["cohorts"]}
    if len(starts) > 1 and draw(st.booleans()):
        delivery["ramp_up"] = {"months": [3, 12], "share": [draw(_share(0.1, 0.9)), 1]}
    if draw(st.booleans()):
        delivery["finish_delay"] = draw(st.sampled_from([0, 4, {"prior": "indigo-overrun"}]))
        for line in document["costs"].values():
            if line["per"] == "year":
                line["runs_over"] = draw(st.booleans())


@st.composite
def segments(draw: st.DrawFn, document: Document) -> None:
    """Divide the target group in two that differ in one outcome, and are picked and parked."""
    share = draw(_share(0.1, 0.9))
    target = document["target_group"]
    target["segments"] = {
        "near": {"share": share, "difficulty": -0.5},
        "far": {"share": 1 - share, "difficulty": 0.8},
    }
    target["selection"] = {
        "creaming": draw(st.sampled_from([0, 0.4, {"p10": -0.1, "p50": 0.3, "p90": 0.8}])),
        "parking": draw(st.sampled_from([0, 0.5])),
    }
    first = document["outcomes"]["o0"]
    first["segments"] = {"far": {"counterfactual": draw(_share(0.05, 0.3))}}


@st.composite
def people_in_states(draw: st.DrawFn, document: Document) -> None:
    """Add people between benefit and work, what is read of them, and a line that follows them."""
    months = document["outcomes"]["o0"]["follow_up_months"]
    document["outcomes"]["labour"] = {
        "model": "states",
        "among": "started",
        "follow_up_months": months,
        "states": ["benefit", "study", "work"],
        "step": "month",
        "transitions": {
            "benefit": {"study": draw(_share(0, 0.1)), "work": draw(shares(low=0.02, high=0.2))},
            "study": {"benefit": 0.05, "work": 0.05},
            "work": {"benefit": draw(_share(0.01, 0.1))},
        },
        "counted": draw(st.sampled_from(["start", "end"])),
        "counts": ["work"],
        "start_in": {"benefit": 0.9, "study": 0.1},
        "effects": [{"scale": "odds_ratio", "value": 1.4, "from": "benefit", "to": "work"}],
        "support": ["benefit"],
        "self_support": ["work"],
    }
    read = {"of": "labour", "among": "started", "follow_up_months": months}
    document["outcomes"]["weeks"] = {
        "model": "time_in_states",
        "states": ["benefit"],
        "unit": "weeks",
        **read,
    }
    line = draw(budget_lines(["labour"]))
    line.pop("lasts")
    line.pop("refund", None)
    line["states"] = ["benefit"]
    if line["party"] != "state" and draw(st.booleans()):
        line["refund"] = {"ladder": "dk-refund", "weeks_before": draw(st.sampled_from([0, 30]))}
    document["budget"]["states"] = line


@st.composite
def nights(draw: st.DrawFn, document: Document) -> None:
    """Add days away from home, against controls, with a price for each one avoided."""
    months = document["outcomes"]["o0"]["follow_up_months"]
    between = [month - before for before, month in pairwise([0, *months])]
    windows = [round(each * DAYS_PER_YEAR / MONTHS_PER_YEAR) for each in between]
    document["outcomes"]["nights"] = {
        "model": "days",
        "among": "started",
        "follow_up_months": months,
        "counterfactual": [0.4 * window for window in windows],
        "effect": {"scale": "rate_ratio", "value": draw(_share(0.6, 1.1))},
        "sd": [0.34 * window for window in windows],
        "lowest": 0,
        "window_days": windows,
        "share_lowest": 0.3,
        "share_bound": 0.02,
        "persistence": 0.5,
    }
    document["measures"]["nights"] = {
        "outcome": "nights",
        "design": "randomised",
        "controls_per_participant": 1,
    }
    document["payments"]["nights"] = {
        "model": "days_avoided",
        "reads": "nights",
        "price": draw(st.integers(0, 900)),
        "counts": "avoided",
        "floor": draw(st.sampled_from(["cohort", "follow_up", "contract"])),
    }


PRICED = ("amount", "per", "lasts", "refund")
"""Fields of a budget line that money year by year stands instead of."""

OF_OUTCOMES = ("labour", "weeks", "nights")
"""Kinds of budget line that follow the outcome of that name."""


@st.composite
def public_finance(draw: st.DrawFn, document: Document) -> None:
    """Add lines of every other kind: years, tax, the guarantee, days, weeks, a late release."""
    outcomes = document["outcomes"]
    yes_or_no = sorted(name for name, each in outcomes.items() if each["model"] == "binary")
    kinds: dict[str, st.SearchStrategy[Document]] = {
        "late": st.just({}),
        "years": years(),
        "tax": taxes(),
        "guarantee": guarantees(),
        "labour": taxes(),
        "weeks": counted("week"),
        "nights": counted("day"),
    }
    for kind in [each for each in kinds if each in outcomes or each not in OF_OUTCOMES]:
        if draw(st.booleans()):
            followed = [kind] if kind in outcomes else yes_or_no
            line = draw(budget_lines(followed).filter(lambda each: each["party"] != "state"))
            if kind not in {"late", "guarantee"}:
                line.pop("refund", None)
            if kind == "labour":
                del line["lasts"]
                line["states"] = draw(st.sampled_from([["work"], ["work", "study"]]))
            else:
                line["saves"] = draw(st.sampled_from(["more", "fewer"]))
            if kind == "late" or draw(st.booleans()):
                line["release_from"] = shifted(START, months=draw(st.integers(0, 11)))
            line |= draw(kinds[kind])
            if "per_year" in line:
                line = {key: value for key, value in line.items() if key not in PRICED}
            document["budget"][f"finance_{kind}"] = line


@st.composite
def years(draw: st.DrawFn) -> Document:
    """Draw money year by year."""
    uncertain = {"dist": "normal", "mean": 1_000, "sd": 5_000}
    yearly = st.one_of(st.integers(-9_000, 9_000), st.just(uncertain))
    return {
        "per_year": draw(st.lists(yearly, min_size=1, max_size=5)),
        "from_months": draw(st.integers(0, 30)),
    }


@st.composite
def taxes(draw: st.DrawFn) -> Document:
    """Draw a gain in tax, equalised or not."""
    tax: Document = {"rate": draw(shares(per_cohort=False))}
    tax["instead_of"] = draw(money(low=0, high=9_000))
    if draw(st.booleans()):
        retained = draw(shares(per_cohort=False))
        tax["equalisation"] = {"on": draw(st.booleans()), "retained_share": retained}
    return {"tax": tax, "frame": "outside", "share": draw(_share(0.1, 1))}


@st.composite
def guarantees(draw: st.DrawFn) -> Document:
    """Draw what the budget guarantee does, of a benefit of the list or of none."""
    benefit = draw(st.sampled_from(["kontanthjaelp", "sygedagpenge"]))
    roll_out = draw(st.sampled_from(["one_municipality", "national"]))
    return {"guarantee": {"benefit": benefit, "roll_out": roll_out}}


@st.composite
def counted(draw: st.DrawFn, unit: str) -> Document:
    """Draw a price per unit that an outcome counts, part of it refunded or not."""
    refund = {"refund": {"share": draw(shares(per_cohort=False))}}
    return {"per": unit, **(refund if draw(st.booleans()) else {})}


def _named(prefix: str, parts: list[Document]) -> Document:
    return {f"{prefix}{index}": part for index, part in enumerate(parts)}


@st.composite
def documents(draw: st.DrawFn, wanted: Wanted = ANYTHING) -> Document:
    """Draw a valid case.

    Parameters
    ----------
    draw
        Given by hypothesis.
    wanted
        What the case has to be.
    """
    size, delivery = draw(deliveries(people=wanted.people))
    found = _named("o", draw(st.lists(outcomes(), min_size=1, max_size=3)))
    months = {name: each["follow_up_months"] for name, each in found.items()}
    measured = {f"m_{name}": draw(measures(name, modelled=wanted.modelled)) for name in found}
    if draw(st.booleans()):
        measured["again"] = draw(measures("o0", modelled=wanted.modelled))
    lines = draw(st.lists(payment_lines(measured, months), min_size=1, max_size=3))
    lags = {
        "evaluation_lag_months": draw(st.integers(0, 3)),
        "payment_lag_months": draw(st.integers(0, 3)),
    }
    last_start = delivery["cohorts"][-1]["start"]
    needed = max(max(each) for each in months.values()) + sum(lags.values()) + 1
    last = shifted(last_start.replace(day=1), months=needed + draw(st.integers(0, 3)))
    end = date(last.year + draw(st.integers(0, 1)), 12, 31)
    terms: Document = {
        "payer": draw(st.sampled_from(["municipality", "municipality", "state"])),
        **lags,
        "last_payment": last,
        "overrun": draw(st.sampled_from(wanted.overrun)),
    }
    if wanted.termination and draw(st.booleans()):
        terms["termination"] = draw(terminations(measured, months))
    capital = draw(capitals(plain=wanted.plain_capital, stops=terms["overrun"] == "stop"))
    document: Document = {
        "schema": 1,
        "name": "random",
        "title": {"en": "A random case"},
        "currency": "DKK",
        "price_year": PRICE_YEAR,
        "start": START,
        "end": end,
        "period": draw(st.sampled_from(["quarter", "quarter", "month"])),
        "problem": {
            "authority": "municipality",
            "provider": draw(st.sampled_from(["municipality", "charity"])),
            "investors": {name: f"Investor {name}" for name in capital["tranches"]},
            "text": {"en": "A problem"},
        },
        "target_group": {"description": {"en": "People"}, "size": size},
        "delivery": delivery,
        "costs": _named(
            "c", draw(st.lists(cost_lines(months=12 * (end.year - START.year + 1)), max_size=4))
        ),
        "outcomes": found,
        "drifts": {"walk": {"sd_per_year": draw(_share(0, 0.05)), "since": date(2023, 6, 30)}},
        "measures": measured,
        "payments": _named("p", lines),
        "budget": _named("b", draw(st.lists(budget_lines(sorted(found)), max_size=2))),
        "contract": terms,
        "capital": capital,
        "valuation": {"discount": {"municipality": 0.035, "investor": 0.04}},
        "indices": {"wages": {"per_year": 0.03}},
    }
    draw(limits(document, wanted=wanted))
    if wanted.clauses:
        draw(clauses(document, months))
        for more in (troubles, segments, people_in_states, nights, public_finance):
            if draw(st.integers(0, 3)) == 0:
                draw(more(document))
    correlated = ("delivery.take_up", "outcomes.o0.counterfactual")
    uncertain = all(
        isinstance(each, dict) for each in (delivery["take_up"], found["o0"]["counterfactual"])
    )
    if uncertain and draw(st.booleans()):
        document["correlations"] = [{"between": list(correlated), "spearman": 0.5}]
    return document
