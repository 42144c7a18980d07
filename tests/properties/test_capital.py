"""What holds for every capital structure, in every draw and period."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sibsim.capital.account import CapitalAccount, settle_capital
from sibsim.capital.returns import attribution, investor_flows, investor_metrics
from sibsim.capital.spec import Capital
from sibsim.core.arrays import FloatArray
from sibsim.core.cashflow import present_value
from sibsim.core.timeline import Timeline

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2025, 12, 31), period="quarter")
PERIODS, DRAWS = 8, 3
PER_YEAR = 4
TOLERANCE = 1e-8
"""Money; amounts here stay below 1e4, so that rounding of a few hundred operations is 1e-10."""

MONEY = st.one_of(st.just(0.0), st.floats(0.01, 100.0))
PART = st.one_of(st.just(0.0), st.floats(0.01, 1.0))
"""Part of an amount; smaller ones leave the range in which a power of two scales to the bit."""

EXAMPLES = 60
"""Deals tried per property; four times as many found nothing more."""

Deal = tuple[dict[str, Any], FloatArray, FloatArray, int]


@st.composite
def amounts(draw: st.DrawFn, *, draws: int, last: int = PERIODS - 1) -> FloatArray:
    """Draw amounts by period, zero after `last`."""
    rows = st.lists(MONEY, min_size=draws, max_size=draws)
    found = np.array(draw(st.lists(rows, min_size=PERIODS, max_size=PERIODS)))
    found[last + 1 :] = 0.0
    return found


@st.composite
def tranches(draw: st.DrawFn, *, basis: str | None = None) -> dict[str, Any]:
    """Draw a tranche with a cap."""
    kinds = st.just(basis) if basis else st.sampled_from(["irr", "simple"])
    return {
        "kind": "senior",
        "commitment": draw(MONEY) * 2,
        "drawdown": draw(st.sampled_from(["as_needed", "as_needed", "up_front"])),
        "return_cap": {"basis": draw(kinds), "rate": draw(st.sampled_from([0.0, 0.03, 0.2]))},
    }


@st.composite
def orders(draw: st.DrawFn, claims: list[str]) -> list[list[str]]:
    """Draw an order of claims with equal ranks here and there."""
    levels: list[list[str]] = []
    for claim in draw(st.permutations(claims)):
        ranks_equally: bool = draw(st.booleans())
        if levels and ranks_equally:
            levels[-1].append(claim)
        else:
            levels.append([claim])
    return levels


@st.composite
def deals(
    draw: st.DrawFn, *, recycle: bool | None = None, basis: str | None = None, most: int = 3
) -> Deal:
    """Draw terms, costs, payments and the last payment's period."""
    names = ["a", "b", "c"][: draw(st.integers(1, most))]
    found = {name: draw(tranches(basis=basis)) for name in names}
    claims = [f"{name}.{part}" for name in names for part in ("principal", "return")]
    recycles = draw(st.booleans()) if recycle is None else recycle
    unlimited = draw(st.sampled_from([None, *names]))
    if unlimited:
        found[unlimited]["return_cap"] = None
        claims.remove(f"{unlimited}.return")
    order = draw(orders([*claims, "costs"] if recycles else claims))
    covered = draw(st.sampled_from(names))
    guarantee = {
        "guarantor": "g",
        "tranche": covered,
        "share": draw(st.floats(0, 1)),
        "amount": found[covered]["commitment"] * draw(PART),
        "of": draw(st.sampled_from(["drawn", "committed"])),
    }
    terms = {
        "recycle": recycles,
        "order": [*order, f"{unlimited}.return"] if unlimited else order,
        "surplus": "municipality",
        "surplus_at": draw(st.sampled_from(["last_payment", "as_it_arises"])),
        "tranches": found,
        "guarantees": {"g": guarantee},
    }
    last = draw(st.integers(0, PERIODS - 1))
    costs = draw(amounts(draws=draw(st.sampled_from([1, DRAWS]))))
    return terms, costs, draw(amounts(draws=DRAWS, last=last)), last


def settle(
    terms: dict[str, Any], costs: FloatArray, payments: FloatArray, last: int
) -> CapitalAccount:
    """Settle terms as they stand in a case file."""
    return settle_capital(
        Capital.model_validate(terms),
        costs=costs,
        payments={"line": payments},
        timeline=TIMELINE,
        last_payment_period=last,
        overrun="authority",
    )


def together(parts: dict[str, FloatArray] | Any, *names: str) -> FloatArray:  # noqa: ANN401
    """Return the sum over tranches, (T, D)."""
    total = sum((parts[name] for name in names or parts), start=np.zeros((PERIODS, 1)))
    return np.asarray(total)


def near(left: FloatArray, right: FloatArray) -> bool:
    """Compare amounts of money."""
    return np.allclose(left, right, rtol=0, atol=TOLERANCE)


def replay(account: CapitalAccount, name: str, *, last: int) -> tuple[FloatArray, FloatArray]:
    """Return the least and the final balance of a tranche's return-cap account, from its flows."""
    cap = account.capital.tranches[name].return_cap
    assert cap is not None
    assert cap.rate is not None
    balance = least = np.zeros(DRAWS)
    for t in range(last + 1):
        balance = (balance + account.drawn[name][t]) * (1 + cap.rate) ** (1 / PER_YEAR)
        balance = balance - account.received[name][t]
        least = np.minimum(least, balance)
    return least, balance


@given(deals())
@settings(max_examples=EXAMPLES, deadline=None)
def test_money_in_equals_money_out_plus_balance(deal: Deal) -> None:
    """The account balances in every draw and period, and no amount is negative."""
    _, costs, payments, _ = deal
    account = settle(*deal)
    before = np.vstack([np.zeros((1, account.balance.shape[1])), account.balance[:-1]])
    money_in = before + together(account.drawn) + payments
    money_out = account.funded + together(account.received) + account.surplus
    assert near(money_in - money_out, account.balance)
    assert near(account.funded + account.overrun, costs)
    flows = [*account.drawn.values(), *account.received.values(), account.surplus]
    assert min(flow.min() for flow in [*flows, account.balance, account.overrun]) >= -TOLERANCE
    assert near(account.balance[-1], np.zeros(1))


@given(deals())
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_more_is_drawn_than_committed(deal: Deal) -> None:
    """Drawings stay within the commitment of each tranche."""
    account = settle(*deal)
    for name, tranche in account.capital.tranches.items():
        drawn = account.drawn[name].sum(axis=0)
        assert (drawn <= tranche.commitment.base_value + TOLERANCE).all()


@given(deals(basis="irr"))
@settings(max_examples=EXAMPLES, deadline=None)
def test_nothing_is_received_beyond_the_cap(deal: Deal) -> None:
    """The return-cap account, replayed from the flows, never falls below zero."""
    account = settle(*deal)
    for name, tranche in account.capital.tranches.items():
        if tranche.return_cap:
            least, _ = replay(account, name, last=deal[-1])
            assert (least >= -TOLERANCE).all()


def one_change_of_sign(flows: FloatArray) -> NDArray[np.bool_]:
    """Return where money goes out first and then in: such flows have one internal rate, (D,)."""
    columns = (np.sign(column[np.abs(column) > TOLERANCE]) for column in flows.T)
    return np.array(
        [
            np.diff(signs).tolist().count(2.0) == np.count_nonzero(np.diff(signs)) == 1
            for signs in columns
        ]
    )


@given(deals(basis="irr"))
@settings(max_examples=EXAMPLES, deadline=None)
def test_tranche_paid_to_its_cap_earns_exactly_the_cap(deal: Deal) -> None:
    """Where all drawings fall before the last payment and all is paid, the IRR is the cap.

    With several changes of sign the value at the cap is still zero, but the rate is one of several.
    """
    terms, costs, payments, last = deal
    costs = costs.copy()
    costs[last + 1 :] = 0.0
    account = settle(terms, costs, payments, last)
    metrics = investor_metrics(account, rate=0.04, periods_per_year=PER_YEAR)
    for name, tranche in account.capital.tranches.items():
        if tranche.return_cap is None or tranche.return_cap.rate is None:
            continue
        _, final = replay(account, name, last=last)
        flows = investor_flows(account, tranches=[name])
        paid = np.abs(final) <= TOLERANCE
        at_cap = present_value(flows, rate=tranche.return_cap.rate, periods_per_year=PER_YEAR)
        assert near(at_cap[paid], np.zeros(1))
        irr = metrics[f"tranche.{name}.irr"][paid & one_change_of_sign(flows)]
        assert irr == pytest.approx(tranche.return_cap.rate, abs=1e-9)


@given(deals())
@settings(max_examples=EXAMPLES, deadline=None)
def test_guarantee_pays_at_most_its_share_of_the_loss_and_its_amount(deal: Deal) -> None:
    """A guarantee pays once, at the last payment, within share and amount."""
    account = settle(*deal)
    promise = account.capital.guarantees["g"]
    paid = account.guarantee_paid["g"]
    assert promise.amount is not None
    assert promise.share is not None
    most = np.minimum(promise.amount.base_value, promise.share * account.lost[promise.tranche])
    assert (paid[deal[-1]] <= most + TOLERANCE).all()
    assert near(np.delete(paid, deal[-1], axis=0), np.zeros(1))


def halved(levels: list[Any], name: str) -> list[list[str]]:
    """Return levels in which every mention of a tranche is two, with 1 and 2 appended."""
    flat = [[level] if isinstance(level, str) else level for level in levels]
    twins = [
        [(f"{name}{i}", part) for i in (1, 2)] if who == name else [(who, part)]
        for level in flat
        for who, part in ((claim.partition(".")[0], claim) for claim in level)
    ]
    pairs = iter(twins)
    return [
        [
            who if part == "costs" else f"{who}.{part.partition('.')[2]}"
            for _ in level
            for who, part in next(pairs)
        ]
        for level in flat
    ]


@given(deals())
@settings(max_examples=EXAMPLES, deadline=None)
def test_splitting_a_tranche_into_equal_halves_changes_no_total(deal: Deal) -> None:
    """Two halves of equal rank draw and receive together what the whole did."""
    terms, costs, payments, last = deal
    half = {**terms["tranches"]["a"], "commitment": terms["tranches"]["a"]["commitment"] / 2}
    rest = {name: each for name, each in terms["tranches"].items() if name != "a"}
    split = {
        **terms,
        "order": halved(terms["order"], "a"),
        "tranches": {"a1": half, "a2": half, **rest},
        "guarantees": {},
    }
    whole, parts = settle(*deal), settle(split, costs, payments, last)
    assert near(whole.drawn["a"], together(parts.drawn, "a1", "a2"))
    assert near(whole.received["a"], together(parts.received, "a1", "a2"))
    assert near(whole.surplus, parts.surplus)
    assert near(whole.balance, parts.balance)
    assert near(whole.overrun, parts.overrun)


@given(deals(), st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_tranche_without_commitment_changes_nothing(deal: Deal, data: st.DataObject) -> None:
    """A tranche of zero, wherever it ranks, leaves every other number as it was."""
    terms, costs, payments, last = deal
    empty = {**data.draw(tranches()), "commitment": 0.0}
    order = list(terms["order"])
    for part in ("principal", "return"):
        order.insert(data.draw(st.integers(0, len(order) - 1)), f"z.{part}")
    more = {**terms, "order": order, "tranches": {"z": empty, **terms["tranches"]}}
    before, after = settle(*deal), settle(more, costs, payments, last)
    for name in terms["tranches"]:
        assert np.array_equal(before.drawn[name], after.drawn[name])
        assert np.array_equal(before.received[name], after.received[name])
    assert np.array_equal(before.surplus, after.surplus)
    assert not after.drawn["z"].any()
    assert not after.received["z"].any()


@given(deals())
@settings(max_examples=EXAMPLES, deadline=None)
def test_scaling_money_scales_all_money_and_no_rate(deal: Deal) -> None:
    """In another currency unit, a power of two, every amount scales to the last bit."""
    terms, costs, payments, last = deal
    unit = 8.0
    scaled = {
        **terms,
        "tranches": {
            name: {**each, "commitment": each["commitment"] * unit}
            for name, each in terms["tranches"].items()
        },
        "guarantees": {"g": {**terms["guarantees"]["g"]}},
    }
    scaled["guarantees"]["g"]["amount"] *= unit
    one, other = settle(*deal), settle(scaled, costs * unit, payments * unit, last)
    assert np.array_equal(investor_flows(one) * unit, investor_flows(other))
    assert np.array_equal(one.surplus * unit, other.surplus)
    assert np.array_equal(one.overrun * unit, other.overrun)


@given(deals())
@settings(max_examples=EXAMPLES, deadline=None)
def test_width_of_a_run_changes_no_bit(deal: Deal) -> None:
    """Every draw settled alone gives the numbers it has among others."""
    terms, costs, payments, last = deal
    wide = settle(*deal)
    figures = investor_metrics(wide, rate=0.04, periods_per_year=PER_YEAR)
    for d in range(DRAWS):
        own = costs if costs.shape[1] == 1 else costs[:, d : d + 1]
        alone = settle(terms, own, payments[:, d : d + 1], last)
        assert np.array_equal(investor_flows(wide)[:, d : d + 1], investor_flows(alone))
        assert np.array_equal(wide.surplus[:, d : d + 1], alone.surplus)
        lone = investor_metrics(alone, rate=0.04, periods_per_year=PER_YEAR)
        for name, value in figures.items():
            column = np.broadcast_to(value, (DRAWS,))[d]
            assert np.array_equal(column, lone[name][0], equal_nan=True), name


@given(deals(recycle=False, basis="irr"), st.integers(0, PERIODS - 1), MONEY)
@settings(max_examples=EXAMPLES * 4, deadline=None)
def test_raising_a_payment_leaves_no_claim_larger(deal: Deal, period: int, more: float) -> None:
    """Where drawings do not depend on results, no tranche ends worse off.

    For a capped tranche that is its open claim at the cap's rate (its nominal receipts may fall,
    because earlier repayment earns less return); without a cap it is what it receives.
    """
    terms, costs, payments, last = deal
    assume(period <= last)
    raised = payments.copy()
    raised[period] += more
    low, high = settle(*deal), settle(terms, costs, raised, last)
    for name, tranche in low.capital.tranches.items():
        if tranche.return_cap:
            before, after = (replay(each, name, last=last)[1] for each in (low, high))
            assert (after <= before + TOLERANCE).all()
        else:
            before, after = (each.received[name].sum(axis=0) for each in (low, high))
            assert (after >= before - TOLERANCE).all()


# ------------------------------------------------------------------ structures with every feature

Structure = tuple[dict[str, Any], FloatArray, dict[str, FloatArray], int]
LINES = ("x", "y", "z")


@st.composite
def featured(draw: st.DrawFn, *, last: int) -> dict[str, Any]:
    """Draw a tranche with any drawing, coupon, cap and money."""
    commitment = draw(MONEY) * 2
    found: dict[str, Any] = {"kind": "junior", "commitment": commitment}
    match draw(st.sampled_from(["as_needed", "up_front", "by_schedule", "revolving"])):
        case "revolving":
            found["revolving"] = True
        case "by_schedule":
            periods = draw(st.lists(st.integers(0, last), min_size=1, max_size=3))
            share = commitment / len(periods)
            found |= {
                "drawdown": "by_schedule",
                "schedule": [{"on": TIMELINE.starts[t], "amount": share} for t in periods],
            }
        case drawdown:
            found["drawdown"] = drawdown
    caps: list[dict[str, Any] | None] = [
        {"basis": "irr", "rate": 0.2},
        {"basis": "simple", "rate": 0.2},
        {"basis": "multiple", "multiple": 1.3},
        None,
    ]
    found["return_cap"] = draw(st.sampled_from(caps))
    if draw(st.booleans()):
        found["coupon"] = {
            "rate": draw(st.sampled_from([0.0, 0.05, 0.2])),
            "basis": draw(st.sampled_from(["simple", "compound"])),
            "until": draw(st.sampled_from([None, date(2024, 8, 15)])),
        }
    found["paid_from"] = draw(st.sampled_from([[], [], ["x"], ["y", "x"]]))
    return found


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    """Draw terms with a grant and a deferred fee, costs, payments by line and the last period."""
    last = draw(st.integers(0, PERIODS - 1))
    names = ["a", "b"][: draw(st.integers(1, 2))]
    found = {name: draw(featured(last=last)) for name in names}
    claims = []
    for name, each in found.items():
        claims += [f"{name}.principal"]
        claims += [f"{name}.coupon"] if "coupon" in each else []
        claims += [f"{name}.return"] if each["return_cap"] else []
    recycles = draw(st.booleans())
    order = draw(st.permutations([*claims, "own.fee", *(["costs"] if recycles else [])]))
    for name in names:
        pair = [f"{name}.coupon", f"{name}.return"]
        if all(each in order for each in pair):
            places = sorted(order.index(each) for each in pair)
            order[places[0]], order[places[1]] = pair
    fee = {"at": [{"on": TIMELINE.starts[draw(st.integers(0, last))], "amount": draw(MONEY)}]}
    own = {"kind": "deferred_fee", "commitment": fee["at"][0]["amount"], "fee": fee}
    covered = draw(st.sampled_from(names))
    most = found[covered]["commitment"]
    guarantee = {
        "guarantor": "g",
        "tranche": covered,
        "share": draw(st.floats(0, 1)),
        "amount": most * draw(PART),
        "of": draw(st.sampled_from(["drawn", "committed"])),
        "trigger": draw(st.sampled_from([None, 0.0, 0.5])),
    }
    if most > 0 and draw(st.booleans()):
        guarantee["layer"] = {"from": most / 4, "to": most}
    terms = {
        "recycle": recycles,
        "order": order,
        "surplus": "municipality",
        "surplus_at": draw(st.sampled_from(["last_payment", "as_it_arises"])),
        "tranches": {"gift": {"kind": "grant", "commitment": draw(MONEY)}, "own": own, **found},
        "guarantees": {"g": guarantee},
    }
    payments = {line: draw(amounts(draws=DRAWS, last=last)) for line in LINES}
    return terms, draw(amounts(draws=draw(st.sampled_from([1, DRAWS])))), payments, last


def settle_lines(
    terms: dict[str, Any], costs: FloatArray, payments: dict[str, FloatArray], last: int
) -> CapitalAccount:
    """Settle terms whose payments come by line."""
    return settle_capital(
        Capital.model_validate(terms),
        costs=costs,
        payments=payments,
        timeline=TIMELINE,
        last_payment_period=last,
        overrun="authority",
    )


@given(structures())
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_structure_makes_or_loses_money(structure: Structure) -> None:
    """The account balances in every draw and period; what is not owed is not paid."""
    _, costs, payments, _ = structure
    account = settle_lines(*structure)
    before = np.vstack([np.zeros((1, account.balance.shape[1])), account.balance[:-1]])
    money_in = before + together(account.drawn) + together(payments)
    money_out = account.funded + together(account.received) + account.surplus
    assert near(money_in - money_out, account.balance)
    assert near(account.funded + account.overrun, costs)
    assert near(account.balance[-1], np.zeros(1))
    flows = [*account.drawn.values(), *account.received.values(), account.surplus]
    assert min(flow.min() for flow in [*flows, account.balance, account.overrun]) >= -TOLERANCE
    assert not account.received["gift"].any()
    assert not account.drawn["own"].any()
    owed = account.capital.tranches["own"].commitment.base_value
    assert (account.received["own"].sum(axis=0) <= owed + TOLERANCE).all()


@given(structures())
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_structure_passes_its_limits(structure: Structure) -> None:
    """Outstanding principal, what a line pays and every cap hold in each period and draw."""
    _, _, payments, last = structure
    account = settle_lines(*structure)
    for name, tranche in account.capital.tranches.items():
        drawn = np.cumsum(account.drawn[name], axis=0)
        received = np.cumsum(account.received[name], axis=0)
        limit = tranche.commitment.base_value
        if not tranche.revolving:
            assert (drawn <= limit + TOLERANCE).all()
        if tranche.paid_from:
            from_lines = np.cumsum(together(payments, *tranche.paid_from), axis=0)
            assert (received <= from_lines + TOLERANCE).all()
        cap = tranche.return_cap
        if cap and cap.multiple:
            assert (received <= cap.multiple * drawn + TOLERANCE).all()
        elif cap and cap.basis == "irr":
            least, _ = replay(account, name, last=last)
            assert (least >= -TOLERANCE).all()


@given(structures())
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_guarantee_pays_beyond_its_terms_or_for_whole_capital(structure: Structure) -> None:
    """Share, amount, layer and trigger limit what is paid; nothing lost is nothing paid."""
    account = settle_lines(*structure)
    promise = account.capital.guarantees["g"]
    lost, paid = account.lost[promise.tranche], account.guarantee_paid["g"].sum(axis=0)
    assert promise.amount is not None
    assert promise.share is not None
    assert (paid <= promise.amount.base_value + TOLERANCE).all()
    assert (paid <= promise.share * lost + TOLERANCE).all()
    if promise.layer is not None:
        assert not paid[lost <= promise.layer.from_].any()
        assert (paid <= promise.layer.to - promise.layer.from_ + TOLERANCE).all()
    if promise.trigger:
        drawn = account.drawn[promise.tranche][: structure[-1] + 1].sum(axis=0)
        limit = account.capital.tranches[promise.tranche].commitment.base_value
        enough = lost >= promise.trigger * np.minimum(drawn, limit) - TOLERANCE
        assert not np.where(enough, 0.0, paid).any()
    assert not paid[lost == 0].any()


@given(structures())
@settings(max_examples=EXAMPLES, deadline=None)
def test_width_of_a_run_changes_no_bit_of_any_structure(structure: Structure) -> None:
    """Every draw settled alone gives the numbers it has among others."""
    terms, costs, payments, last = structure
    wide = settle_lines(*structure)
    for d in range(DRAWS):
        own = costs if costs.shape[1] == 1 else costs[:, d : d + 1]
        alone = settle_lines(
            terms, own, {name: each[:, d : d + 1] for name, each in payments.items()}, last
        )
        for name, received in wide.received.items():
            assert np.array_equal(received[:, d : d + 1], alone.received[name])
        assert np.array_equal(wide.balance[:, d : d + 1], alone.balance)


@given(structures())
@settings(max_examples=EXAMPLES, deadline=None)
def test_halves_of_equal_rank_are_the_whole_in_any_structure(structure: Structure) -> None:
    """Two halves draw, accrue and receive together what the whole did, whatever its terms."""
    terms, costs, payments, last = structure
    half = dict(terms["tranches"]["a"])
    half["commitment"] /= 2
    if "schedule" in half:
        half["schedule"] = [
            {"on": each["on"], "amount": each["amount"] / 2} for each in half["schedule"]
        ]
    rest = {name: each for name, each in terms["tranches"].items() if name != "a"}
    split = {
        **terms,
        "order": halved(terms["order"], "a"),
        "tranches": {**rest, "a1": half, "a2": half},
        "guarantees": {},
    }
    whole, parts = settle_lines(*structure), settle_lines(split, costs, payments, last)
    assert near(whole.drawn["a"], together(parts.drawn, "a1", "a2"))
    assert near(whole.received["a"], together(parts.received, "a1", "a2"))
    assert near(whole.surplus, parts.surplus)
    assert near(whole.overrun, parts.overrun)


@given(structures())
@settings(max_examples=EXAMPLES, deadline=None)
def test_receipts_are_attributed_to_the_last_krone(structure: Structure) -> None:
    """What comes from lines, unspent capital and guarantees adds up to what is received."""
    _, _, payments, _ = structure
    account = settle_lines(*structure)
    names = account.capital.investments
    found = attribution(account, payments, tranches=names)
    received = together(account.received, *names).sum(axis=0)
    paid = together(account.guarantee_paid).sum(axis=0)
    assert near(sum(found.values(), start=np.zeros(1)), received + paid)


@given(deals(), st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_junior_gets_nothing_while_the_senior_is_owed(deal: Deal, data: st.DataObject) -> None:
    """Of two claims on principal the second is paid in a period only where the first is whole."""
    _, costs, payments, last = deal
    terms = {
        "recycle": False,
        "order": ["a.principal", "b.principal"],
        "surplus": "municipality",
        "tranches": {
            name: {"kind": "recoverable_grant", "commitment": data.draw(MONEY)} for name in "ab"
        },
    }
    account = settle(terms, costs, payments, last)
    drawn, received = (np.cumsum(each["a"], axis=0) for each in (account.drawn, account.received))
    owed = (drawn - received)[: last + 1]
    assert not np.where(owed > TOLERANCE, account.received["b"][: last + 1], 0.0).any()
