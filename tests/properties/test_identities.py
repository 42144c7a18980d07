"""What holds for every case, in every draw: the ledger, the limits, what more success does."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sibsim.accounts import Accounts, settle
from sibsim.budget.ledger import by_year, check_balance, parties, party_net
from sibsim.capital.postings import ACCOUNT
from sibsim.capital.returns import investor_flows
from sibsim.case import Case
from sibsim.casefile import build, load_case
from sibsim.core.arrays import FloatArray
from sibsim.core.postings import Posting
from sibsim.core.rates import IrrCode, returns
from sibsim.core.stages import World
from sibsim.core.streams import BLOCK_DRAWS, LayerName
from sibsim.metrics import metrics_of
from sibsim.payments.rate_card import RateCard
from sibsim.payments.set_off import set_off
from sibsim.world import layers_of, realise
from tests.strategies import (
    EXAMPLES,
    MODELLED,
    START,
    WITH_CLAUSES,
    Document,
    Wanted,
    documents,
)

ROUNDING = 1e-9
"""Relative to the largest amount: sums of a few thousand amounts in double precision."""

RATE_ROUNDING = 1e-6
"""Of a rate of return where flows agree to `ROUNDING`: flat values lose three digits."""

SEEDS = st.integers(0, 2**32)
"""Seeds of blocks."""

ONE_ANALYSIS = ("stepped_wedge", "interrupted_time_series")
"""Designs that are one analysis of all cohorts, so that another cohort changes its one error."""

MONOTONE_LIMITS = tuple(
    frozenset(names.split())
    for names in (
        "",
        "line",
        "year",
        "contract",
        "person",
        "year contract",
        "line contract",
        "person contract",
    )
)
"""Limits under which more due is more paid; one that is used up before a full year is not."""

HIGHEST = {
    "odds_ratio": 4.0,
    "hazard_ratio": 4.0,
    "risk_ratio": 2.0,
    "risk_difference": 0.5,
    "standardised_difference": 1.0,
    "standardised_difference_cox": 1.0,
    "success_rate": 1.0,
}
"""Largest effect that a success probability is raised to, by scale."""

LINEAR = (
    "participants",
    "achieved.",
    "additional.",
    "measured.",
    "payments",
    "municipality_realisable",
)
"""Beginnings of the metrics that are linear in who succeeds where no limit binds."""

FREE_OF_UNIT = (
    "participants",
    "turned_away",
    "people.",
    "achieved.",
    "additional.",
    "measured.",
    "measurement_bias.",
    "clipped.",
    "p_goal.",
    "p_terminated",
    "p_total_loss",
)
"""Beginnings of the metrics that are not money."""

SIGN_OF = {"p_investor_loss": "investor_profit", "p_municipality_loss": "municipality_net"}
"""Metrics that say whether another one is below zero by more than half a coin."""

HALF_COIN = 0.005
"""Amounts within it of zero count as zero, in any currency."""

COUNTED_IN_COINS = ("limit_bound.", "break_even_year", "p_irr_undefined", "p_irr_several")
"""Beginnings of the metrics that turn on half a coin, or on rounding, in one period."""

RATES = ("irr", "multiple", "payback_years")
"""Ends of the metrics that are not money."""


class Block(NamedTuple):
    """One block of a case with its money."""

    case: Case
    world: World
    accounts: Accounts

    def metrics(self) -> dict[str, FloatArray]:
        """Return every metric."""
        return metrics_of(self.case, self.world, self.accounts)


def run(document: Document, seed: int, *, instead: Mapping[str, float] | None = None) -> Block:
    """Simulate one block of a case."""
    case = build(document)
    world = realise(case, layers_of(seed=seed, block=0), instead=instead or {})
    return Block(case, world, settle(case, world))


def with_(document: Document, path: str, value: Any) -> Document:  # noqa: ANN401 - any value
    """Return a copy of a document with another value at a path of keys."""
    copied = copy.deepcopy(document)
    *steps, last = path.split(".")
    here = copied
    for step in steps:
        here = here[step]
    here[last] = value
    return copied


def scale_of(accounts: Accounts) -> float:
    """Return the largest amount that moves, at least one unit of money."""
    return max(1.0, *(float(posting.amount.max()) for posting in accounts.postings))


def near(left: FloatArray, right: FloatArray, *, scale: float) -> bool:
    """Compare money up to rounding, whatever the width."""
    return np.allclose(left, right, rtol=ROUNDING, atol=ROUNDING * scale, equal_nan=True)


def same(left: FloatArray, right: FloatArray) -> bool:
    """Compare to the last bit, whatever the width."""
    first, second = np.broadcast_arrays(left, right)
    return np.array_equal(first, second, equal_nan=True)


def added(amounts: Iterable[FloatArray]) -> FloatArray:
    """Return the sum of arrays, whatever their width; zero if there are none."""
    return np.asarray(sum(amounts, start=np.zeros(1)))


def total(amounts: Mapping[str, FloatArray]) -> FloatArray:
    """Return the sum over names."""
    return added(amounts.values())


def ledger(postings: tuple[Posting, ...]) -> dict[tuple[str, ...], FloatArray]:
    """Return the ledger by line, kind and parties."""
    found: dict[tuple[str, ...], FloatArray] = {}
    for each in postings:
        key = (each.line, each.kind, each.payer, each.payee)
        found[key] = found.get(key, np.zeros(1)) + each.amount
    return found


def changed(before: Mapping[Any, FloatArray], after: Mapping[Any, FloatArray]) -> list[Any]:
    """Return the names whose numbers changed in any bit; none is what a test wants."""
    return [name for name, value in before.items() if not same(value, after[name])]


# ------------------------------------------------------------------------------ ledger and account


def assert_ledger_balances(accounts: Accounts) -> None:
    """Check that transfers sum to zero over parties, and all money to production less use."""
    postings, scale = accounts.postings, scale_of(accounts)
    assert check_balance(postings) == ()
    names = parties(postings)
    transfers = [each for each in postings if each.kind == "transfer"]
    moved = added(party_net(transfers, name) for name in names) if transfers else np.zeros(1)
    assert near(moved, np.zeros(1), scale=scale)
    made, used = (
        added(each.amount for each in postings if each.kind == kind)
        for kind in ("production", "use")
    )
    assert near(added(party_net(postings, name) for name in names), made - used, scale=scale)


@EXAMPLES
@given(documents(WITH_CLAUSES), SEEDS)
def test_ledger_sums_to_production_less_resources_used(document: Document, seed: int) -> None:
    """Transfers sum to zero over all parties in every period; all else is production and use."""
    assert_ledger_balances(run(document, seed).accounts)


@EXAMPLES
@given(documents(WITH_CLAUSES), SEEDS)
def test_contract_account_balances(document: Document, seed: int) -> None:
    """Money in = money out + balance in every period, in the ledger too; at the end it is empty."""
    accounts = run(document, seed).accounts
    account, scale = accounts.capital, scale_of(accounts)
    before = np.concatenate([np.zeros_like(account.balance[:1]), account.balance[:-1]])
    returned = [e.amount for e in accounts.postings if e.line.endswith(".returned")]
    costs = [e.amount for e in accounts.postings if e.line == "costs.financed"]
    money_in = before + total(account.drawn) + total(accounts.payments.paid) + account.compensation
    money_out = added((*returned, *costs)) + total(account.received) + account.surplus
    assert near(money_in, money_out + account.balance, scale=scale), "account"
    booked = np.cumsum(party_net(accounts.postings, ACCOUNT), axis=0)
    assert near(booked, account.balance, scale=scale), "ledger"
    assert near(account.balance[-1], np.zeros(1), scale=scale), "left at the end"
    assert account.balance.min() >= -ROUNDING * scale, "overdrawn"


@EXAMPLES
@given(documents(WITH_CLAUSES), SEEDS)
def test_every_financed_cost_is_funded_or_overrun(document: Document, seed: int) -> None:
    """What the capital is to finance, costs and what is owed back, is funded or overrun."""
    case, _, accounts = run(document, seed)
    account, payments = accounts.capital, accounts.payments
    financed = {f"costs.{name}" for name, line in case.costs.items() if line.payer is None}
    costs = added(e.amount for e in accounts.postings if e.line in financed and e.kind == "use")
    claims = set_off(payments).still_open.values()
    funded = (account.funded + account.overrun).sum(axis=0)
    assert near(costs.sum(axis=0) + added(claims), funded, scale=scale_of(accounts))
    if not payments.returned_to:
        assert near(costs, account.funded + account.overrun, scale=scale_of(accounts))


# --------------------------------------------------------------------------------------- payments


@EXAMPLES
@given(documents(WITH_CLAUSES), SEEDS)
def test_no_payment_exceeds_a_limit(document: Document, seed: int) -> None:
    """Paid + cut = due in every period, and nothing is paid above line, year or contract limit."""
    case, _, accounts = run(document, seed)
    payments, terms = accounts.payments, case.contract.terms
    scale = scale_of(accounts)
    due, paid = total(payments.due), total(payments.paid)
    assert terms is not None
    assert near(due, paid + total(payments.cut), scale=scale)
    for name, line in case.contract.payments.items():
        assert (payments.paid[name] <= payments.due[name] + ROUNDING * scale).all(), name
        assert (payments.paid[name] >= 0).all(), name
        if line.limit:
            most = line.limit.line * (1 + ROUNDING)
            assert (payments.paid[name].sum(axis=0) <= most).all(), name
    if terms.limit.year is not None:
        by_years = by_year(np.broadcast_to(paid, due.shape), case.timeline)
        assert (by_years <= terms.limit.year * (1 + ROUNDING)).all(), "year"
    if terms.limit.contract is not None:
        assert (paid.sum(axis=0) <= terms.limit.contract * (1 + ROUNDING)).all(), "contract"
    for payer, cap in terms.limit.payer.items():
        of_payer = added(each for (_, by), each in payments.paid_by.items() if by == payer)
        assert (of_payer.sum(axis=0) <= cap * (1 + ROUNDING)).all(), payer
    for (name, payer), back in payments.returned_to.items():
        most = payments.paid_by[name, payer].sum(axis=0) + ROUNDING * scale
        assert (back.sum(axis=0) <= most).all(), "returned"


@EXAMPLES
@given(documents(Wanted(limits=(frozenset({"person"}), frozenset({"person", "year"})))), SEEDS)
def test_nobody_is_paid_for_above_the_limit_per_person(document: Document, seed: int) -> None:
    """The rate cards pay for each person the sum of prices, at most the limit."""
    case, world, accounts = run(document, seed)
    terms = case.contract.terms
    assert terms is not None
    if terms.limit.person is None:
        return
    cards = {
        name: line
        for name, line in case.contract.payments.items()
        if isinstance(line, RateCard) and line.pays_for == "achieved"
    }
    most = np.zeros(1)
    last = case.timeline.months_at(terms.last_payment)
    for cohort, served in enumerate(accounts.standing.served):
        reports = [world.measured[line.reads] for line in cards.values()]
        claims = [(report.claims or ())[cohort] for report in reports]
        owed = np.zeros((max(map(len, claims), default=0), BLOCK_DRAWS))
        for line, report, claim in zip(cards.values(), reports, claims, strict=True):
            for months, price in line.prices(report.follow_up_months).items():
                k = report.follow_up_months.index(months)
                in_time = report.when[cohort, k] + terms.lag_months <= last
                owed[: len(claim)] += price * claim[:, k] * in_time
        most = most + np.minimum(owed, terms.limit.person).sum(axis=0) * served
    paid = added(accounts.payments.paid[name].sum(axis=0) for name in cards)
    scale = scale_of(accounts)
    assert (paid <= most + ROUNDING * scale).all()
    if terms.limit.year is None:
        assert near(paid, most, scale=scale)


@EXAMPLES
@given(documents(), SEEDS)
def test_nothing_is_paid_without_a_measurement(document: Document, seed: int) -> None:
    """A line pays only when a measurement of a served cohort falls due, by a card as it says."""
    case, world, accounts = run(document, seed)
    terms, timeline = case.contract.terms, case.timeline
    assert terms is not None
    last = timeline.months_at(terms.last_payment)
    for name, line in case.contract.payments.items():
        paid = accounts.payments.paid[name]
        report = world.measured[line.readings[0].measure]
        expected = np.zeros((timeline.periods, BLOCK_DRAWS), dtype=np.bool_)
        for months in line.follow_ups(report.follow_up_months):
            for when, served in zip(
                report.when[:, report.follow_up_months.index(months)],
                accounts.standing.served,
                strict=True,
            ):
                at, alive = np.broadcast_arrays(when + terms.lag_months, served, expected[0])[:2]
                here = np.flatnonzero(alive & (at <= last))
                expected[timeline.period_at(at[here]), here] = True
        assert not np.where(expected, 0.0, paid).any(), name
        if isinstance(line, RateCard) and line.pays_for == "achieved":
            successes = added(report.treated_sum * accounts.standing.served[:, np.newaxis])
            price = np.array(line.person_prices(report.follow_up_months))
            claimed = added(price[:, np.newaxis] * successes)
            owed = accounts.payments.due[name].sum(axis=0) + accounts.payments.lapsed[name]
            assert near(owed, claimed, scale=scale_of(accounts)), name


@EXAMPLES
@given(documents(Wanted(limits=MONOTONE_LIMITS)), SEEDS, st.data())
def test_raising_a_price_never_lowers_what_is_paid(
    document: Document, seed: int, data: st.DataObject
) -> None:
    """All amounts of one line times a factor above one: the contract pays as much or more."""
    low = run(document, seed)
    name = data.draw(st.sampled_from(sorted(document["payments"])), label="line")
    factor = data.draw(st.sampled_from([1.01, 1.5, 40.0]), label="factor")
    raised = with_(document, f"payments.{name}", _times(document["payments"][name], factor))
    line = low.case.contract.payments[name]
    assert "homogeneous" in line.properties
    assert "path_dependent" not in line.properties
    high = settle(build(raised), low.world)
    before, after = (total(each.payments.paid).sum(axis=0) for each in (low.accounts, high))
    assert (after >= before - ROUNDING * scale_of(high)).all()


def _times(line: Document, factor: float) -> Document:
    """Return a payment line with every amount that it owes times a factor."""
    found = copy.deepcopy(line)
    if "price" in found:
        price = found["price"]
        found["price"] = (
            [each * factor for each in price] if isinstance(price, list) else price * factor
        )
    for point in found.get("schedule", ()):
        point["pays"] *= factor
    return found


# ------------------------------------------------------------------------ probability of success


def _two_effects(
    document: Document, data: st.DataObject
) -> tuple[str, dict[str, float], dict[str, float]]:
    """Return an outcome, a lower and a higher value of what the intervention does to it."""
    name = data.draw(st.sampled_from(sorted(document["outcomes"])), label="outcome")
    outcome = document["outcomes"][name]
    field = next(key for key in ("effect", "uplift", "success_rate") if key in outcome)
    scale = outcome["effect"]["scale"] if field == "effect" else field
    least = 0.3 if scale.endswith("ratio") else 0.0 if scale == "success_rate" else -0.3
    most = HIGHEST.get(scale, 0.5)
    shares = sorted(data.draw(st.tuples(st.floats(0, 1), st.floats(0, 1)), label="shares"))
    low, high = (least + (most - least) * share for share in shares)
    path = f"outcomes.{name}.{field}"
    return name, {path: low}, {path: high}


@EXAMPLES
@given(documents(), SEEDS, st.data())
def test_raising_a_success_probability_lowers_no_count(
    document: Document, seed: int, data: st.DataObject
) -> None:
    """More effect: no draw achieves or reports less, and no other outcome notices."""
    name, less, more = _two_effects(document, data)
    low, high = (run(document, seed, instead=each).world for each in (less, more))
    assert (high.paths[name].achieved >= low.paths[name].achieved).all()
    assert same(high.paths[name].counterfactual, low.paths[name].counterfactual)
    for measure, design in document["measures"].items():
        if design["outcome"] == name:
            before, after = low.measured[measure], high.measured[measure]
            assert (after.treated_sum >= before.treated_sum).all(), measure
            if design["design"] not in MODELLED:
                assert same(after.comparison_sum, before.comparison_sum), measure
    for other in set(document["outcomes"]) - {name}:
        assert same(high.paths[other].achieved, low.paths[other].achieved), other


@EXAMPLES
@given(
    documents(Wanted(limits=(frozenset(),), termination=False, plain_capital=True, modelled=False)),
    SEEDS,
    st.data(),
)
def test_more_success_never_lowers_the_rate_of_return(
    document: Document, seed: int, data: st.DataObject
) -> None:
    """Where drawings do not depend on results and payments are monotone, so is the IRR.

    Not claimed under limits (they bring payments forward, which lowers a negative rate), for
    guarantees (they pay for failure) and over tranches with different caps (repaying the cheap one
    sooner leaves less on the dear one), nor for comparisons that go along with participants, nor
    where capital is drawn after the last payment (a loss that is sure weighs more on money that is
    back sooner); draws with several rates of return have no order.
    """
    _, less, more = _two_effects(document, data)
    low, high = (run(document, seed, instead=each) for each in (less, more))
    for name, drawn in low.accounts.capital.drawn.items():
        assert same(drawn, high.accounts.capital.drawn[name]), name
    per_year = low.case.timeline.periods_per_year
    before, after = (
        returns(investor_flows(each.accounts.capital), periods_per_year=per_year)
        for each in (low, high)
    )
    ordered: NDArray[np.bool_] = np.isin(before.code, (IrrCode.UNIQUE, IrrCode.TOTAL_LOSS))
    terms, timeline = low.case.contract.terms, low.case.timeline
    assert terms is not None
    last = int(timeline.period_at(np.array(timeline.months_at(terms.last_payment))))
    drawn_late = total(low.accounts.capital.drawn)[last + 1 :].any(axis=0)
    ordered = ordered & (after.code == IrrCode.UNIQUE) & ~drawn_late
    assert np.all((after.rate >= before.rate - RATE_ROUNDING) | ~ordered)


# ---------------------------------------------------------------------------------------- capital


@EXAMPLES
@given(documents(), SEEDS, st.data())
def test_splitting_a_tranche_into_equal_halves_changes_no_total(
    document: Document, seed: int, data: st.DataObject
) -> None:
    """Two halves of one investor, of equal rank, draw and receive together what the whole did."""
    name = data.draw(st.sampled_from(sorted(document["capital"]["tranches"])), label="tranche")
    whole = run(document, seed)
    case = build({**document, "capital": _halved(document["capital"], name)})
    halves = Block(case, whole.world, settle(case, whole.world))
    scale = scale_of(whole.accounts)
    before, after = whole.metrics(), halves.metrics()
    for metric, value in before.items():
        if not metric.startswith(("tranche.", "p_")) and not metric.endswith(RATES):
            assert near(value, after[metric], scale=scale), metric
    flows = (investor_flows(each.accounts.capital) for each in (whole, halves))
    assert near(*flows, scale=scale)
    for party in parties(whole.accounts.postings):
        nets = (party_net(each.accounts.postings, party) for each in (whole, halves))
        assert near(*nets, scale=scale), party


def _halved(capital: Document, name: str) -> Document:
    """Return capital in which a tranche, and each guarantee of it, is two."""
    twins = [f"{name}_first", f"{name}_second"]
    half = {**capital["tranches"][name], "commitment": capital["tranches"][name]["commitment"] / 2}
    half["investor"] = name

    def split(levels: list[Any]) -> list[list[str]]:
        listed = [[level] if isinstance(level, str) else level for level in levels]
        return [
            [
                claim.replace(name, twin, 1)
                for claim in level
                for twin in (twins if claim.partition(".")[0] == name else [name])
            ]
            for level in listed
        ]

    found = {
        **capital,
        "order": split(capital["order"]),
        "tranches": {
            **{key: each for key, each in capital["tranches"].items() if key != name},
            **dict.fromkeys(twins, half),
        },
        "guarantees": {
            f"{key}_{twin}": {**each, "tranche": twin, "amount": each["amount"] / 2}
            if each["tranche"] == name
            else each
            for key, each in capital.get("guarantees", {}).items()
            for twin in (twins if each["tranche"] == name else twins[:1])
        },
    }
    if "draw_order" in capital:
        found["draw_order"] = split(capital["draw_order"])
    return found


@EXAMPLES
@given(documents(), SEEDS, st.data())
def test_tranche_without_commitment_changes_no_bit(
    document: Document, seed: int, data: st.DataObject
) -> None:
    """A tranche of zero, at whatever rank, leaves every other number as it was."""
    capital = copy.deepcopy(document["capital"])
    empty = {"kind": "junior", "commitment": 0, "return_cap": {"basis": "irr", "rate": 0.1}}
    capital["tranches"] = {"empty": empty, **capital["tranches"]}
    for claim in ("empty.principal", "empty.return"):
        rank = data.draw(st.integers(0, len(capital["order"]) - 1), label=claim)
        capital["order"].insert(rank, claim)
    if "draw_order" in capital:
        capital["draw_order"].append("empty")
    before = run(document, seed)
    case = build({**document, "capital": capital})
    after = Block(case, before.world, settle(case, before.world))
    assert changed(before.metrics(), after.metrics()) == []
    lines = (ledger(each.accounts.postings) for each in (before, after))
    assert changed(*lines) == []


# --------------------------------------------------------------------------------------- currency


@EXAMPLES
@given(documents(WITH_CLAUSES), SEEDS, st.sampled_from([0.134, 7.46, 1e3]))
def test_currency_unit_scales_all_money_and_no_rate(
    document: Document, seed: int, unit: float
) -> None:
    """In another unit every amount is multiplied and everything else is as it was."""
    one, other = run(document, seed), run(_in_unit(document, unit), seed)
    scale = unit * scale_of(one.accounts)
    before, after = one.metrics(), other.metrics()
    for name, value in before.items():
        if name in SIGN_OF:
            clear = np.abs(before[SIGN_OF[name]]) > HALF_COIN * max(1.0, 1.0 / unit)
            assert same(value[clear], after[name][clear]), name
        elif name.startswith(FREE_OF_UNIT):
            assert near(value, after[name], scale=1.0), name
        elif not name.startswith(COUNTED_IN_COINS) and not name.endswith(RATES):
            assert near(unit * value, after[name], scale=scale), name
    flows, others = (investor_flows(each.accounts.capital) for each in (one, other))
    per_year = one.case.timeline.periods_per_year
    assert same_rate(unit * flows, others, per_year=per_year)


def same_rate(flows: FloatArray, others: FloatArray, *, per_year: int) -> bool:
    """Tell whether flows that agree up to rounding have one rate, where both have a single one.

    The rates agree, or the one solves the other up to `ROUNDING` of the largest flow at every
    node: where next to nothing comes back, a rounding moves the rate.
    """
    first, second = (returns(each, periods_per_year=per_year) for each in (flows, others))
    unique = (first.code == IrrCode.UNIQUE) & (second.code == IrrCode.UNIQUE)
    agree = np.isclose(first.rate, second.rate, rtol=RATE_ROUNDING, atol=RATE_ROUNDING)
    years = np.arange(len(flows))[:, np.newaxis] / per_year
    log_weight = -years * np.log1p(np.where(unique & ~agree, first.rate, 0.0))
    weight = np.exp(log_weight - log_weight.max(axis=0))
    left = np.abs((others * weight).sum(axis=0))
    largest = np.maximum(np.abs(flows).max(), np.abs(others).max())
    solves = left <= ROUNDING * largest * weight.sum(axis=0)
    return bool(np.all(agree | solves | ~unique))


MONEY_FIELDS = frozenset({"price", "pays", "commitment"})
"""Fields that hold money wherever they stand as numbers."""


def _in_unit(document: Document, unit: float) -> Document:
    """Return the case with every amount of money in another unit of the currency."""

    def scaled(value: Any) -> Any:  # noqa: ANN401 - a number, a list of them or a quantity
        if isinstance(value, dict):
            return {k: v if k in {"dist", "per_cohort"} else scaled(v) for k, v in value.items()}
        return [scaled(each) for each in value] if isinstance(value, list) else value * unit

    def walked(value: Any) -> Any:  # noqa: ANN401 - any part of a case
        if isinstance(value, list):
            return [walked(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            key: scaled(each)
            if key in {"amount", "limit", "per_year", "instead_of"}
            or (key in MONEY_FIELDS and isinstance(each, int | float | list))
            else walked(each)
            for key, each in value.items()
        }

    sections = ("costs", "payments", "budget", "contract", "capital")
    return {**document, **{name: walked(document[name]) for name in sections}}


# --------------------------------------------------------------------------------- what is added


@EXAMPLES
@given(documents(), SEEDS)
def test_adding_outcome_and_lines_changes_no_other_number(document: Document, seed: int) -> None:
    """An outcome with its measure, a line of each kind: what was there stays, to the last bit."""
    before, more = run(document, seed), copy.deepcopy(document)
    more["outcomes"] = {
        "an_extra": {
            "model": "binary",
            "among": "started",
            "follow_up_months": [3],
            "counterfactual": {"p10": 0.2, "p50": 0.3, "p90": 0.4},
            "uplift": 0.1,
            "drift": "walk",
        },
        **more["outcomes"],
    }
    more["measures"]["an_extra"] = {
        "outcome": "an_extra",
        "design": "randomised",
        "controls_per_participant": 1,
    }
    more["payments"]["free"] = {
        "model": "rate_card",
        "reads": "an_extra",
        "price": 0,
        "pays_for": "additional",
        "floor": "cohort",
    }
    more["costs"]["an_extra"] = {
        "amount": {"p10": 10, "p50": 20, "p90": 40},
        "per": "once",
        "at": START,
        "index": "none",
        "payer": "friends",
        "payee": "friends",
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
    after = run(more, seed)
    assert changed(before.metrics(), after.metrics()) == []
    lines = (ledger(each.accounts.postings) for each in (before, after))
    assert changed(*lines) == []


@EXAMPLES
@given(documents(), SEEDS)
def test_adding_a_later_cohort_changes_no_earlier_person(document: Document, seed: int) -> None:
    """Earlier cohorts come, stay, achieve, are reported and cost as before, to the last bit."""
    document = {**document, "correlations": []}
    size, cohorts = document["target_group"]["size"], document["delivery"]["cohorts"]
    more = with_(document, "target_group.size", size + 7)
    more["delivery"]["cohorts"] = [
        *({**each, "share": each["share"] * size / (size + 7)} for each in cohorts),
        {"start": cohorts[-1]["start"], "share": 7 / (size + 7)},
    ]
    before, after = (run(each, seed).world for each in (document, more))
    number = len(cohorts)
    for name in ("start", "referred", "started", "completed"):
        pair = (getattr(each.participation, name)[:number] for each in (before, after))
        assert same(*pair), name
    for name, path in before.paths.items():
        assert same(path.achieved, after.paths[name].achieved[:number]), name
        for own, now in zip(path.value, after.paths[name].value, strict=False):
            assert np.array_equal(own, now), name
    for name, report in before.measured.items():
        parts = ["treated_sum", "treated_n", "comparison_n"]
        if document["measures"][name]["design"] not in ONE_ANALYSIS:
            parts.append("comparison_sum")
        for part in parts:
            pair = (getattr(each.measured[name], part)[:number] for each in (before, after))
            assert same(*pair), (name, part)
        assert report.when.shape[0] == number
    costs = {(flow.line, flow.cohort): flow.amount for flow in after.costs}
    assert all(same(flow.amount, costs[flow.line, flow.cohort]) for flow in before.costs)


@EXAMPLES
@given(documents(Wanted(people=12)), SEEDS)
def test_adding_people_to_a_cohort_leaves_every_persons_luck(document: Document, seed: int) -> None:
    """Twice as many people: the first half of each cohort fares and is reported as before."""
    more = with_(document, "target_group.size", 2 * document["target_group"]["size"])
    before, after = (run(each, seed).world for each in (document, more))
    for few, many in zip(
        before.participation.completes, after.participation.completes, strict=True
    ):
        assert np.array_equal(few, many[: len(few)])
    for name, path in before.paths.items():
        for few, many in zip(path.value, after.paths[name].value, strict=True):
            assert np.array_equal(few, many[: len(few)]), name
    for name, report in before.measured.items():
        if report.claims is not None:
            now = after.measured[name].claims or ()
            member = before.paths[document["measures"][name]["outcome"]].member
            for few, many, who in zip(report.claims, now, member, strict=True):
                assert np.array_equal(few, many[: len(few)] * who[:, np.newaxis]), name


# --------------------------------------------------------------------------------- expected values


@pytest.mark.parametrize("on", [("CHANCE",), ("CHANCE", "MEASUREMENT")])
def test_chance_averages_to_the_base_case(on: tuple[str, ...], seed: int) -> None:
    """Where no limit binds, the mean over chance is the base case, within 5 standard errors."""
    case = load_case("holbaek").with_(
        {
            "delivery.volume": 0.93,
            "delivery.take_up": 0.85,
            "contract.limit": {},
            "payments.job.limit": {"line": 1e9},
            "outcomes.wellbeing.among": "completed",
            "outcomes.fit_for_work.among": "referred",
        }
    )
    layers = layers_of(seed=seed, block=0, on=frozenset(LayerName[name] for name in on))
    world = realise(case, layers)
    found = metrics_of(case, world, settle(case, world))
    base = case.base_case().metrics
    for name, values in found.items():
        if name.startswith(LINEAR):
            error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
            assert values.mean() == pytest.approx(
                base[name][0], abs=5 * error + ROUNDING * abs(base[name][0]) + 1e-6
            ), name
