"""The same seed gives the same bits: however the work is cut, whoever does it, in any process."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date
from multiprocessing import get_context
from typing import Any, Literal

import numpy as np
import pytest

from sibsim.case import Case
from sibsim.casefile import build, load_case
from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import BetweenPeople
from sibsim.core.sampling import Method
from sibsim.core.spec import walk
from sibsim.core.streams import LayerName
from sibsim.results import Results
from sibsim.simulate import simulate
from sibsim.world import layers_of, realise

DRAWS = 3 * 4096 + 512
"""Three whole logical blocks and a part of a fourth."""

METHODS: tuple[Method, ...] = ("random", "lhs", "sobol")
"""Ways of drawing parameters."""

INDEPENDENT: tuple[Method, ...] = ("random", "lhs")
"""Those in which a parameter's numbers depend on its own name alone."""

Kind = Literal["one thread", "four threads", "two processes"]
"""Who does the work."""

RICH: dict[str, Any] = {
    "schema": 1,
    "name": "rich",
    "title": {"en": "Delays, a trial, early termination, limits and three tranches"},
    "currency": "DKK",
    "price_year": 2024,
    "start": date(2024, 1, 1),
    "end": date(2029, 12, 31),
    "period": "quarter",
    "problem": {
        "authority": "municipality",
        "provider": "charity",
        "investors": {"bank": "A bank", "fund": "A fund"},
        "text": {"en": "A problem"},
    },
    "target_group": {"description": {"en": "People"}, "size": 60},
    "delivery": {
        "programme_months": 8,
        "cohorts": [
            {"start": date(2024, 7, 15), "share": 0.5},
            {"start": date(2025, 4, 1), "share": 0.3},
            {"start": date(2026, 3, 1), "share": 0.2},
        ],
        "volume": {"prior": "indigo-volume", "per_cohort": True},
        "start_delay": {"dist": "uniform", "min": -3, "max": 9},
        "take_up": {"p10": 0.7, "p50": 0.8, "p90": 0.9},
        "completion": {"dist": "beta", "alpha": 7, "beta": 3, "per_cohort": True},
    },
    "costs": {
        "team": {
            "amount": {"p10": 500_000, "p50": 600_000, "p90": 800_000},
            "per": "year",
            "from": date(2024, 7, 1),
            "to": date(2026, 12, 31),
            "index": "wages",
            "moves_with_start": True,
        },
        "places": {"amount": 900, "per": "person_period", "index": "wages"},
        "start": {
            "amount": {"p10": 4_000, "p50": 5_000, "p90": 6_500, "per_cohort": True},
            "per": "start",
            "index": "none",
        },
        "bonus": {"amount": 2_000, "per": "completion", "index": "none", "payee": "mentors"},
        "evaluation": {
            "amount": 200_000,
            "per": "once",
            "at": date(2027, 6, 30),
            "index": "none",
            "payer": "region",
            "payee": "evaluator",
            "survives_termination": True,
        },
    },
    "outcomes": {
        "job": {
            "model": "binary",
            "among": "started",
            "follow_up_months": [6, 12, 18],
            "counterfactual": [
                {"p10": 0.2, "p50": 0.3, "p90": 0.4},
                0.3,
                {"p10": 0.2, "p50": 0.3, "p90": 0.4, "per_cohort": True},
            ],
            "effect": {
                "scale": "odds_ratio",
                "p10": 1.2,
                "p50": 1.8,
                "p90": 2.9,
                "measured_at_months": 12,
            },
            "transport": {"tau": {"p10": 0.4, "p50": 0.8, "p90": 1.1}, "omega": 0.1},
            "profile": {"full_after_months": 6, "hold_months": 12, "half_life_months": 24},
            "persistence": {"p10": 0.6, "p50": 0.75, "p90": 0.9},
            "drift": "labour_market",
        },
        "home": {
            "model": "binary",
            "among": "completed",
            "follow_up_months": [6, 12],
            "counterfactual": {"p10": 0.4, "p50": 0.5, "p90": 0.6},
            "persistence": 0.5,
            "uplift": {"p10": -0.02, "p50": 0.1, "p90": 0.2, "may_be_negative": True},
            "goal": {"at_months": 12, "share": 0.5},
        },
    },
    "drifts": {"labour_market": {"sd_per_year": 0.03, "since": date(2023, 6, 30)}},
    "measures": {
        "trial": {
            "outcome": "job",
            "design": "randomised",
            "controls_per_participant": 0.8,
            "attrition": {"treated": 0.1, "control": 0.2},
        },
        "home": {
            "outcome": "home",
            "design": "verification",
            "sensitivity": 0.9,
            "specificity": 0.95,
            "missing": {"share": 0.1, "rule": "excluded"},
        },
    },
    "payments": {
        "job": {
            "model": "linear_band",
            "reads": "trial",
            "of": "effect",
            "at_months": 12,
            "pooled": False,
            "schedule": [{"at": 0.02, "pays": 200_000}, {"at": 0.25, "pays": 2_500_000}],
        },
        "more": {
            "model": "rate_card",
            "reads": "trial",
            "pays_for": "additional",
            "floor": "contract",
            "price": [10_000, 20_000, 30_000],
            "limit": {"line": 900_000},
        },
        "home": {"model": "rate_card", "reads": "home", "pays_for": "achieved", "price": 15_000},
    },
    "budget": {
        "benefit": {
            "follows": "job",
            "kind": "transfer",
            "party": "municipality",
            "counterparty": "citizens",
            "frame": "transfers",
            "amount": 12_000,
            "per": "month",
            "index": "wages",
            "lag_months": 2,
            "lasts": {"between_people": {"p10": 3, "p50": 12, "p90": 40}},
            "refund": {
                "ladder": "dk-refund",
                "weeks_before": {"between_people": {"p10": 10, "p50": 30, "p90": 80}},
            },
        },
        "shelter": {
            "follows": "home",
            "kind": "resource",
            "party": "region",
            "frame": "service",
            "amount": {"p10": 300, "p50": 400, "p90": 700},
            "per": "day",
            "index": "none",
            "lasts": 6,
            "share": {"p10": 0.3, "p50": 0.5, "p90": 0.7},
            "backfill": 0.2,
        },
    },
    "contract": {
        "payer": "municipality",
        "evaluation_lag_months": 2,
        "payment_lag_months": 1,
        "last_payment": date(2028, 6, 30),
        "limit": {"person": 25_000, "year": 1_800_000, "contract": 3_000_000},
        "overrun": "provider",
        "termination": {
            "measure": "trial",
            "at_months": 6,
            "compare": "effect",
            "below": 0.05,
            "notice_months": 2,
        },
    },
    "capital": {
        "recycle": True,
        "order": [
            ["senior.principal", "junior.principal"],
            "costs",
            "senior.return",
            "first.principal",
            "first.return",
            "junior.return",
        ],
        "draw_order": ["first", ["senior", "junior"]],
        "surplus": "charity",
        "tranches": {
            "senior": {
                "kind": "senior",
                "investor": "bank",
                "commitment": 900_000,
                "return_cap": {"basis": "irr", "rate": 0.05},
            },
            "junior": {
                "kind": "junior",
                "investor": "fund",
                "commitment": 600_000,
                "drawdown": "up_front",
            },
            "first": {
                "kind": "first_loss",
                "investor": "fund",
                "commitment": 200_000,
                "return_cap": {"basis": "simple", "rate": 0.0},
            },
        },
        "guarantees": {
            "state": {"guarantor": "state", "tranche": "senior", "share": 0.5, "amount": 300_000}
        },
    },
    "valuation": {"discount": {"municipality": 0.035, "investor": 0.04}},
    "indices": {"wages": {"per_year": 0.03}},
    "correlations": [{"between": ["delivery.take_up", "outcomes.home.uplift"], "spearman": 0.4}],
}
"""A case in which every stage does what it can do."""


@pytest.fixture(scope="module", params=["holbaek", "rich"])
def case(request: pytest.FixtureRequest) -> Case:
    """Return the shipped case, then the rich one."""
    return load_case("holbaek") if request.param == "holbaek" else build(RICH)


def numbers(results: Results) -> dict[str, np.ndarray[Any, Any]]:
    """Return every number of a run by name: metrics, then the ledger line by line."""
    found: dict[str, np.ndarray[Any, Any]] = dict(results.metrics)
    for each in results.postings or ():
        name = f"{each.line} {each.kind} {each.payer} > {each.payee}"
        found[name] = found.get(name, 0.0) + each.amount
    return found


def differing(before: Results, after: Results, *, draws: int | None = None) -> list[str]:
    """Return what is not the same to the last bit in the first draws; none is what tests want."""
    now = numbers(after)
    return [
        name
        for name, value in numbers(before).items()
        if not np.array_equal(value[..., :draws], now[name][..., :draws], equal_nan=True)
    ]


def workers(kind: Kind) -> Executor:
    """Return who does the work."""
    if kind == "two processes":
        return ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    return ThreadPoolExecutor(4 if kind == "four threads" else 1)


def test_rich_case_is_rich(seed: int) -> None:
    """In some draws and not in all it ends early, limits bind, capital is lost or repaid."""
    found = simulate(build(RICH), draws=4096, rng=seed, keep="metrics").metrics
    limits = {name for name in found if name.startswith("limit_bound.")}
    assert len(limits) == 4
    assert found["limit_bound.person"].any()
    often = {*limits - {"limit_bound.person"}, "p_terminated", "p_investor_loss"}
    for name in {*often, "p_municipality_loss"}:
        assert 0 < found[name].mean() < 1, name
    assert np.unique(found["overrun"]).size > 2


@pytest.mark.parametrize("sampling", METHODS)
def test_work_units_change_no_bit(case: Case, sampling: Method, seed: int) -> None:
    """Units of one, of three and of all logical blocks: the same numbers."""
    one, three, whole = (
        simulate(case, draws=DRAWS, rng=seed, sampling=sampling, blocks_per_unit=size)
        for size in (1, 3, 4)
    )
    assert differing(one, three) == []
    assert differing(one, whole) == []


@pytest.mark.parametrize("kind", ["one thread", "four threads", "two processes"])
def test_workers_change_no_bit(case: Case, kind: Kind, seed: int) -> None:
    """One thread, four threads or two new processes: the numbers of no executor at all."""
    methods: tuple[Method, ...] = METHODS if kind == "two processes" else INDEPENDENT
    with workers(kind) as executor:
        for sampling in methods:
            alone, together = (
                simulate(
                    case,
                    draws=DRAWS,
                    rng=seed,
                    sampling=sampling,
                    executor=each,
                    blocks_per_unit=1,
                )
                for each in (None, executor)
            )
            assert differing(alone, together) == [], sampling


@pytest.mark.parametrize("sampling", METHODS)
def test_short_run_is_the_beginning_of_a_long_one(case: Case, sampling: Method, seed: int) -> None:
    """A run of 1,000 draws is the first 1,000 of 10,000; two nets are the first of twenty."""
    few, many = (1_000, 10_000) if sampling == "random" else (1_024, 10_240)
    short, long = (simulate(case, draws=n, rng=seed, sampling=sampling) for n in (few, many))
    assert differing(short, long, draws=few) == []
    assert not np.array_equal(long.metric("payments_due")[:few], long.metric("payments_due")[-few:])


def test_another_seed_gives_other_numbers(case: Case, seed: int) -> None:
    """Seeds matter; otherwise every other test here would hold for a constant."""
    one, other = (simulate(case, draws=512, rng=each) for each in (seed, seed + 1))
    assert {"payments_due", "municipality_net"} <= set(differing(one, other))


@pytest.mark.parametrize("sampling", INDEPENDENT)
def test_adding_an_outcome_changes_no_other_number(case: Case, sampling: Method, seed: int) -> None:
    """A first outcome, measured and followed by a cost and a saving of others, leaves the rest."""
    more = copy.deepcopy(dict(case.document))
    extra = {
        "model": "binary",
        "among": "referred",
        "follow_up_months": [6],
        "counterfactual": {"p10": 0.2, "p50": 0.3, "p90": 0.4},
        "uplift": {"p10": 0.05, "p50": 0.1, "p90": 0.2},
    }
    more["outcomes"] = {"an_extra": extra, **more["outcomes"]}
    more["measures"]["an_extra"] = {
        "outcome": "an_extra",
        "design": "verification",
        "missing": {"share": 0.2, "rule": "excluded"},
    }
    more["budget"]["an_extra"] = {
        "follows": "an_extra",
        "kind": "resource",
        "party": "friends",
        "frame": "outside",
        "amount": {"p10": 10, "p50": 20, "p90": 40},
        "per": "month",
        "index": "none",
        "lasts": 3,
        "share": 1,
    }
    before, after = (
        simulate(each, draws=5_120, rng=seed, sampling=sampling) for each in (case, build(more))
    )
    assert differing(before, after) == []


@pytest.mark.parametrize("sampling", INDEPENDENT)
def test_adding_people_changes_no_earlier_cohort(case: Case, sampling: Method, seed: int) -> None:
    """One more cohort: in every draw the others achieve, report and cost the same."""
    more = copy.deepcopy(dict(case.document))
    target, delivery = more["target_group"], more["delivery"]
    size = case.target_group.size.base_value if case.target_group else 0.0
    target["size"] = size + 11
    for cohort in delivery["cohorts"]:
        cohort["share"] *= size / target["size"]
    last = delivery["cohorts"][-1]["start"]
    delivery["cohorts"].append({"start": last, "share": 11 / target["size"]})
    runs = (
        simulate(each, draws=512, rng=seed, sampling=sampling, keep="world")
        for each in (case, build(more))
    )
    (before,), (after,) = (each.worlds or () for each in runs)
    for name, path in before.paths.items():
        number = len(path.achieved)
        assert np.array_equal(path.achieved, after.paths[name].achieved[:number]), name
        assert np.array_equal(path.expected, after.paths[name].expected[:number]), name
    for name, report in before.measured.items():
        number = len(report.treated_sum)
        now = after.measured[name]
        assert np.array_equal(report.treated_sum, now.treated_sum[:number]), name
        assert np.array_equal(report.comparison_sum, now.comparison_sum[:number]), name
    costs = {(flow.line, flow.cohort): flow.amount for flow in after.costs}
    for flow in before.costs:
        assert np.array_equal(flow.amount, costs[flow.line, flow.cohort]), flow.line


def test_repricing_with_the_same_case_changes_no_bit(case: Case, seed: int) -> None:
    """Settling the same contract on the kept worlds gives the numbers of the run."""
    run = simulate(case, draws=5_120, rng=seed, keep="world")
    assert differing(run, run.reprice(case)) == []
    assert differing(run, run.reprice(build(dict(case.document)))) == []


def test_repricing_is_simulating_the_new_contract(case: Case, seed: int) -> None:
    """Another contract on the kept worlds: the numbers of a new run with the same seed."""
    other = case.with_({"contract.payment_lag_months": 2, "contract.limit": {"contract": 1e6}})
    run = simulate(case, draws=5_120, rng=seed, keep="world")
    repriced = run.reprice(other)
    assert differing(simulate(other, draws=5_120, rng=seed), repriced) == []
    assert not np.array_equal(run.metric("payments_total"), repriced.metric("payments_total"))


def test_case_survives_a_round_trip_to_another_process(case: Case, seed: int) -> None:
    """A pickled case is an equal case with the same numbers."""
    copied = pickle.loads(pickle.dumps(case))  # noqa: S301 - our own bytes
    assert copied == case
    assert hash(copied) == hash(case)
    runs = [simulate(each, draws=512, rng=seed) for each in (case, copied)]
    assert differing(*runs) == []


def test_equal_cases_stay_equal_whatever_was_run(case: Case, seed: int) -> None:
    """What a run keeps for the next one is no part of a case, and disturbs no variant of it."""
    twin = build(dict(case.document))
    uncertain = {"dist": "uniform", "min": -0.4, "max": 2.4}
    late, any_delay = (case.with_({"delivery.start_delay": each}) for each in (2, uncertain))
    first, *_ = (simulate(each, draws=512, rng=seed) for each in (case, late, any_delay))
    assert differing(first, simulate(twin, draws=512, rng=seed)) == []
    for each in (case, twin):
        assert all(kept.grid.size for _, kept in walk(each.budget, BetweenPeople))
    assert case == twin
    assert late != twin


def test_equal_outcomes_have_a_luck_of_their_own(seed: int) -> None:
    """Two outcomes that differ in their names alone are uncorrelated, given their probabilities.

    The correlation of independent counts over n draws has the standard error 1 / sqrt(n).
    """
    document = copy.deepcopy(RICH)
    document["outcomes"]["twin"] = document["outcomes"]["job"]
    layers = layers_of(seed=seed, block=0, on=frozenset({LayerName.CHANCE}))
    paths = realise(build(document), layers).paths
    one, other = (paths[name].achieved.reshape(-1, 4096) for name in ("job", "twin"))
    for counts in zip(one, other, strict=True):
        correlation: FloatArray = np.atleast_2d(np.corrcoef(counts))
        assert abs(correlation[0, 1]) < 5 / np.sqrt(4096)
