"""The terms of capital: what is accepted, what is refused, and in which words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sibsim.capital.spec import Capital
from sibsim.core.validation import validated

CAP = {"basis": "irr", "rate": 0.05}
ON_CALL = {"kind": "senior", "commitment": 100, "return_cap": CAP}
FEE = {"at": [{"on": date(2024, 1, 1), "amount": 10}]}


def terms(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a case file
    """Return the terms of the example case with changes."""
    return {
        "recycle": False,
        "order": ["dsi.principal", "dsi.return"],
        "surplus": "municipality",
        "tranches": {"dsi": {"kind": "senior", "commitment": 6_900_000, "return_cap": CAP}},
        **changes,
    }


def faults(**changes: Any) -> list[str]:  # noqa: ANN401 - any part of a case file
    """Return the faults that changes to the terms cause."""
    capital, found = validated(terms(**changes), Capital, path="capital")
    assert (capital is None) == bool(found)
    return [str(fault) for fault in found]


def test_example_case_is_accepted_with_defaults() -> None:
    """The example's terms are valid; the investor is the tranche, the surplus waits."""
    capital = Capital.model_validate(terms())
    assert capital.levels == (("dsi.principal",), ("dsi.return",))
    assert capital.draw_levels == (("dsi",),)
    assert capital.investor("dsi") == "dsi"
    assert capital.surplus_at == "last_payment"
    assert capital.tranches["dsi"].drawdown == "as_needed"
    assert capital.tranches["dsi"].commitment.base_value == 6_900_000


def test_terms_survive_dump_and_validation() -> None:
    """A copy by dump and validation is the same value."""
    tranche = {"kind": "junior", "commitment": 1, "investor": "fund"}
    capital = Capital.model_validate(
        terms(
            order=[["dsi.principal", "b.principal"], "dsi.return", "b.return"],
            tranches={**terms()["tranches"], "b": tranche},
            guarantees={"g": {"guarantor": "city", "tranche": "b", "share": 0.5, "amount": 1}},
        )
    )
    assert Capital.model_validate(capital.model_dump()) == capital
    assert capital.investor("b") == "fund"


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        (["dsi.principal", "dsi.retrun"], "got 'dsi.retrun'; a claim is"),
        (["dsi.principal", "dsi.return", "dsi.return"], "got 'dsi.return' more than once"),
        (["dsi.principal", [], "dsi.return"], "got []; a level holds at least one claim"),
        (["dsi.return"], "has no 'dsi.principal'; every tranche needs a rank"),
        (["dsi.principal"], "has no 'dsi.return'; a return with a cap needs a rank"),
        (["costs", "dsi.principal", "dsi.return"], "got 'costs'; money pays later costs only"),
    ],
)
def test_faults_in_the_order_are_named_at_the_order(order: list[Any], problem: str) -> None:
    """Every fault in the waterfall stands at capital.order and says what is wrong."""
    assert any(fault.startswith(f"capital.order: {problem}") for fault in faults(order=order))


def test_all_faults_are_reported_at_once() -> None:
    """Faults of order, draw order and guarantees come in one report."""
    found = faults(
        order=["dsi.principal"],
        draw_order=["fund"],
        guarantees={"g": {"guarantor": "city", "tranche": "dsj", "share": 0.5, "amount": 1}},
    )
    paths = [fault.partition(":")[0] for fault in found]
    assert paths == [
        "capital.order",
        "capital.draw_order",
        "capital.draw_order",
        "capital.guarantees.g.tranche",
    ]
    assert "did you mean 'dsi'?" in found[-1]


def test_recycling_needs_the_rank_of_costs() -> None:
    """Recycling without `costs` in the order is refused, with it accepted."""
    assert "has no 'costs'" in faults(recycle=True)[0]
    assert not faults(recycle=True, order=["costs", "dsi.principal", "dsi.return"])


@pytest.mark.parametrize(
    "order", [["a.return", "a.principal"], [["a.principal", "a.return"]], ["a.return", []]]
)
def test_return_without_cap_must_be_last_and_alone(order: list[Any]) -> None:
    """A return that takes all that reaches it may stand before or beside nothing else."""
    found = faults(order=order, tranches={"a": {"kind": "junior", "commitment": 1}})
    assert any("a return without a cap takes all that reaches it" in fault for fault in found)


def test_returns_without_cap_may_share_the_last_level() -> None:
    """Two unlimited returns may rank equally at the end."""
    tranche = {"kind": "senior", "commitment": 1}
    order = ["a.principal", "b.principal", ["a.return", "b.return"]]
    assert not faults(order=order, tranches={"a": tranche, "b": tranche})


def test_tranche_without_cap_may_claim_principal_only() -> None:
    """A recoverable grant has no return in the order."""
    assert not faults(
        order=["a.principal"], tranches={"a": {"kind": "first_loss", "commitment": 1}}
    )


def test_uncertain_commitment_and_guarantee_are_refused() -> None:
    """A commitment and the amount of a guarantee are agreed, fixed numbers."""
    spread = {"p10": 1, "p50": 2, "p90": 3}
    tranche = {"kind": "senior", "commitment": spread, "return_cap": CAP}
    (fault,) = faults(tranches={"dsi": tranche})
    assert fault.startswith("capital.tranches.dsi.commitment: got a distribution")
    guarantee = {"guarantor": "city", "tranche": "dsi", "share": 0.5, "amount": spread}
    (fault,) = faults(guarantees={"g": guarantee})
    assert fault.startswith("capital.guarantees.g.amount: got a distribution")


def test_capital_needs_a_tranche() -> None:
    """Capital without a tranche is refused."""
    assert faults(tranches={}, order=[])[0].startswith("capital.tranches")


@pytest.mark.parametrize("rate", [-0.01, "0.05", float("nan")])
def test_rate_of_a_cap_is_a_number_of_zero_or_more(rate: object) -> None:
    """A negative, quoted or missing rate is refused."""
    tranche = {"kind": "senior", "commitment": 1, "return_cap": {"basis": "irr", "rate": rate}}
    (fault,) = faults(tranches={"dsi": tranche})
    assert fault.startswith("capital.tranches.dsi.return_cap.rate: got")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "grant"}, "got return_cap with kind = 'grant', which is never repaid"),
        ({"kind": "recoverable_grant"}, "got return_cap with kind = 'recoverable_grant'"),
        ({"kind": "deferred_fee"}, "got return_cap with kind = 'deferred_fee', which puts in no"),
        ({"kind": "deferred_fee", "return_cap": None}, "has no fee; a deferred fee says how"),
        ({"fee": FEE}, "got fee with kind = 'senior'; only a deferred_fee is earned"),
        ({"drawdown": "by_schedule"}, "got drawdown = 'by_schedule' with 0 entries in schedule"),
        ({"schedule": FEE["at"]}, "got drawdown = 'as_needed' with 1 entries in schedule"),
        (
            {"drawdown": "up_front", "revolving": True},
            "got revolving = true with drawdown = 'up_front'",
        ),
        (
            {
                "drawdown": "by_schedule",
                "schedule": [{"on": date(2024, 1, 1), "amount": 60}] * 2,
            },
            "schedule sums to 120.00, more than the commitment of 100.00",
        ),
        (
            {"coupon": {"rate": 0.06, "basis": "simple"}},
            "got a coupon of 0.06 with a return_cap of 0.05",
        ),
        ({"paid_from": ["job", "job"]}, "got a line twice in paid_from"),
    ],
)
def test_terms_that_a_tranche_cannot_have_are_refused(change: dict[str, Any], problem: str) -> None:
    """Every term that contradicts the kind or another term says which and what to do."""
    found = faults(tranches={"dsi": {**ON_CALL, **change}})
    assert any(fault.startswith(f"capital.tranches.dsi: {problem}") for fault in found), found


@pytest.mark.parametrize(
    ("cap", "problem"),
    [
        ({"basis": "irr"}, "has no rate; basis = 'irr' limits the return by it"),
        ({"basis": "multiple"}, "has no multiple; basis = 'multiple' limits"),
        ({"basis": "multiple", "multiple": 2, "rate": 0.1}, "got rate with basis = 'multiple'"),
        ({"basis": "simple", "multiple": 2, "rate": 0.1}, "got multiple with basis = 'simple'"),
    ],
)
def test_a_cap_states_what_its_basis_reads(cap: dict[str, Any], problem: str) -> None:
    """A rate for irr and simple, a multiple for multiple, and not both."""
    (fault,) = faults(tranches={"dsi": {**ON_CALL, "return_cap": cap}})
    assert fault.startswith(f"capital.tranches.dsi.return_cap: {problem}")


def test_a_multiple_below_one_is_refused() -> None:
    """Whoever may receive less than was drawn has no cap on a return."""
    cap = {"basis": "multiple", "multiple": 0.9}
    (fault,) = faults(tranches={"dsi": {**ON_CALL, "return_cap": cap}})
    assert fault == "capital.tranches.dsi.return_cap.multiple: got 0.9; it must be at least 1"


@pytest.mark.parametrize(
    ("fee", "problem"),
    [
        ({"per_year": 5}, "needs per_year, from and to, or at"),
        ({**FEE, "per_year": 5}, "got at beside per_year, from or to"),
        (
            {"per_year": 5, "from": date(2025, 1, 1), "to": date(2024, 1, 1)},
            "got from 2025-01-01 after to 2024-01-01",
        ),
    ],
)
def test_a_fee_is_so_much_a_year_or_on_dates(fee: dict[str, Any], problem: str) -> None:
    """A fee per year needs its dates; amounts on dates stand alone."""
    tranches = {"dsi": ON_CALL, "own": {"kind": "deferred_fee", "commitment": 10, "fee": fee}}
    found = faults(tranches=tranches, order=["dsi.principal", "dsi.return", "own.fee"])
    assert any(f"capital.tranches.own.fee: {problem}" in fault for fault in found), found


@pytest.mark.parametrize(
    ("tranche", "order", "problem"),
    [
        ({"kind": "grant"}, ["x.principal"], "got 'x.principal', which x does not claim"),
        ({"kind": "recoverable_grant"}, ["x.principal", "x.return"], "got 'x.return', which x"),
        ({"kind": "deferred_fee", "fee": FEE}, [], "has no 'x.fee'; a deferred fee needs a rank"),
        (
            {"kind": "junior"},
            ["x.principal", "x.coupon"],
            "got 'x.coupon', which x does not claim; remove it or give x a coupon",
        ),
        (
            {"kind": "junior", "coupon": {"rate": 0.02, "basis": "simple"}},
            ["x.principal"],
            "has no 'x.coupon'; a coupon needs a rank",
        ),
        (
            {"kind": "junior", "coupon": {"rate": 0.02, "basis": "simple"}, "return_cap": CAP},
            ["x.principal", "x.return", "x.coupon"],
            "got 'x.coupon' after or beside 'x.return'",
        ),
        (
            {"kind": "junior", "paid_from": ["job"]},
            [["dsi.principal", "x.principal"], "dsi.return"],
            "got 'dsi.principal' and 'x.principal' at one rank; claims of one rank are paid",
        ),
        (
            {"kind": "junior", "commitment": 1},
            ["x.principal", "x.return", "dsi.principal", "dsi.return"],
            "got 'x.return' before or beside other claims; a return without a cap takes all",
        ),
    ],
)
def test_claims_that_the_kind_has_not_or_that_are_never_paid_are_refused(
    tranche: dict[str, Any], order: list[Any], problem: str
) -> None:
    """Ranks fit the kinds: nobody claims what it cannot have or waits for what never comes."""
    order = (
        order
        if any("dsi" in str(each) for each in order)
        else ["dsi.principal", "dsi.return", *order]
    )
    found = faults(tranches={"dsi": ON_CALL, "x": {"commitment": 50, **tranche}}, order=order)
    assert any(fault.startswith(f"capital.order: {problem}") for fault in found), found


def test_an_unlimited_return_of_a_line_may_stand_before_the_common_claims() -> None:
    """It takes all of its own line and nothing of what the others wait for."""
    tranches = {"dsi": ON_CALL, "x": {"kind": "junior", "commitment": 1, "paid_from": ["job"]}}
    assert not faults(
        tranches=tranches, order=["x.principal", "x.return", "dsi.principal", "dsi.return"]
    )


def test_somebody_puts_money_in_and_a_deferred_fee_is_not_drawn() -> None:
    """Deferred fees alone pay no cost, and have no place in the order of drawing."""
    own = {"kind": "deferred_fee", "commitment": 10, "fee": FEE}
    (fault,) = faults(tranches={"own": own}, order=["own.fee"])
    assert fault.startswith("capital.tranches: holds deferred fees only")
    found = faults(
        tranches={"dsi": ON_CALL, "own": own},
        order=["dsi.principal", "dsi.return", "own.fee"],
        draw_order=["dsi", "own"],
    )
    assert found == [
        "capital.draw_order: got 'own', a deferred_fee; it puts in no money; remove it"
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, "g: has neither share, amount nor layer"),
        ({"amount": 101}, "g.amount: got 101; it covers more than the 100 that dsi can lose"),
        (
            {"layer": {"from": 0, "to": 120}},
            "g.layer: got 120; it covers more than the 100 that dsi can lose",
        ),
        ({"layer": {"from": 20, "to": 20}}, "g.layer: got to 20 with from 20; a layer ends above"),
        (
            {"share": 1, "fee": {"rate": 0.01, "payer": "city"}},
            "g: got 'city' as guarantor and as payer of the fee",
        ),
        ({"share": 1, "tranche": "gift"}, "g.tranche: got 'gift', a grant; it has no principal"),
    ],
)
def test_a_guarantee_covers_what_can_be_lost(change: dict[str, Any], problem: str) -> None:
    """A guarantee states a limit within the commitment of a tranche that is repaid."""
    found = faults(
        tranches={"dsi": ON_CALL, "gift": {"kind": "grant", "commitment": 5}},
        guarantees={"g": {"guarantor": "city", "tranche": "dsi", **change}},
    )
    assert any(fault.startswith(f"capital.guarantees.{problem}") for fault in found), found


def test_shares_of_the_surplus_sum_to_one() -> None:
    """Half to each is accepted, half and a third refused."""
    assert not faults(surplus={"municipality": 0.5, "provider": 0.3, "charity": 0.2})
    (fault,) = faults(surplus={"municipality": 0.5, "provider": 0.25})
    assert fault == "capital.surplus: got shares of the surplus that sum to 0.75; they sum to 1"
