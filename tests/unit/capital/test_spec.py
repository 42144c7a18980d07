"""The terms of capital: what is accepted, what is refused, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from sibsim.capital.spec import Capital
from sibsim.core.validation import validated

CAP = {"basis": "irr", "rate": 0.05}


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
