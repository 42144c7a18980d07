"""Gains in tax by hand: net of the tax on the lost benefit, and of what equalisation takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.budget.ledger import check_balance, parties, party_net
from sibsim.budget.lines import BudgetLine
from tests.unit.budget.test_savings import CENT, GROSS, row, saved
from tests.unit.budget.test_states import LESS, TWO, by_hand, net

WAGE: dict[str, Any] = {
    "follows": "job",
    "kind": "transfer",
    "party": "municipality",
    "counterparty": "citizens",
    "frame": "outside",
    "share": 1,
    "amount": 25_000,
    "per": "month",
    "index": "ten_percent",
    "lasts": 6,
    "tax": {"rate": 0.25, "instead_of": 12_000},
}
"""A wage of 25,000 a month in place of a benefit of 12,000, taxed at 25 %."""

# `GROSS` is 10,000 a month of two people; the tax is 25 % of 13,000 = 3,250 a month.
TAX = GROSS * 0.325


def equalised(**change: object) -> dict[str, Any]:
    """Return the line with three quarters of the gain equalised."""
    return {**WAGE, "tax": {**WAGE["tax"], "equalisation": {"retained_share": 0.25, **change}}}


def test_tax_by_hand() -> None:
    """What people pay more in tax, net of what they no longer pay on the benefit."""
    result = saved({"tax": BudgetLine(**WAGE)})
    np.testing.assert_allclose(row(result, "municipality"), TAX, atol=CENT)
    np.testing.assert_allclose(row(result, "citizens"), -TAX, atol=CENT)
    np.testing.assert_allclose(result.realisable["tax"][:, 0], TAX, atol=CENT)
    assert {each.frame for each in result.postings} == {"outside"}


def test_without_a_lost_benefit_all_of_the_income_is_taxed() -> None:
    """`instead_of` is 0 unless stated."""
    result = saved({"tax": BudgetLine(**{**WAGE, "tax": {"rate": 0.25}})})
    np.testing.assert_allclose(row(result, "municipality"), GROSS * 0.625, atol=CENT)


def test_a_wage_below_the_benefit_loses_tax() -> None:
    """Taxable income that falls costs at once, whatever can be released of a gain."""
    fields = {**WAGE, "share": 0.2, "tax": {"rate": 0.25, "instead_of": 35_000}}
    result = saved({"tax": BudgetLine(**fields)})
    np.testing.assert_allclose(row(result, "municipality"), -GROSS * 0.25, atol=CENT)
    np.testing.assert_allclose(result.realisable["tax"][:, 0], -GROSS * 0.25, atol=CENT)


@pytest.mark.parametrize("more", [2.0, -2.0])
def test_equalisation_by_hand(more: float) -> None:
    """Three quarters go to the state as a line of their own, or come back with a loss."""
    expected = TAX * more / 2.0
    line = BudgetLine(**equalised())
    result = saved({"tax": line}, additional=np.full((1, 1, 1), more))
    np.testing.assert_allclose(row(result, "citizens"), -expected, atol=CENT)
    np.testing.assert_allclose(row(result, "state"), 0.75 * expected, atol=CENT)
    np.testing.assert_allclose(row(result, "municipality"), 0.25 * expected, atol=CENT)
    np.testing.assert_allclose(result.realisable["tax"][:, 0], 0.25 * expected, atol=CENT)
    to_state, back = [e for e in result.postings if e.line == "budget.tax.equalisation"]
    assert (to_state.payer, to_state.payee, to_state.kind) == ("municipality", "state", "transfer")
    assert (back.payer, back.payee) == ("state", "municipality")
    paid, received = (to_state, back) if more > 0 else (back, to_state)
    np.testing.assert_allclose(paid.amount[:, 0], 0.75 * abs(expected), atol=CENT)
    assert not received.amount.any()
    assert check_balance(result.postings) == ()
    total = sum(party_net(result.postings, party) for party in parties(result.postings))
    np.testing.assert_allclose(total, 0.0, atol=CENT)


def test_equalisation_can_be_switched_off() -> None:
    """Off, the gain stands as if nothing were said of it."""
    result = saved({"tax": BudgetLine(**equalised(on=False))})
    np.testing.assert_allclose(row(result, "municipality"), TAX, atol=CENT)
    assert not any("equalisation" in each.line for each in result.postings)


def test_only_what_is_retained_can_be_held_back() -> None:
    """Share 0.6 releases 60 % of the retained quarter; the rest of it is the memo."""
    result = saved({"tax": BudgetLine(**{**equalised(), "share": 0.6})})
    np.testing.assert_allclose(result.realisable["tax"][:, 0], 0.15 * TAX, atol=CENT)
    (memo,) = [each for each in result.postings if each.kind == "memo"]
    np.testing.assert_allclose(memo.amount[:, 0], 0.10 * TAX, atol=CENT)


def test_each_draw_has_its_own_rate() -> None:
    """Rate, lost benefit and retained share may be uncertain."""
    values = {
        "budget.tax.tax.rate": np.array([[0.25, 0.2]]),
        "budget.tax.tax.instead_of": np.array([[12_000.0, 15_000.0]]),
        "budget.tax.tax.equalisation.retained_share": np.array([[0.25, 0.5]]),
    }
    result = saved({"tax": BudgetLine(**equalised())}, values=values)
    kept = np.stack((0.25 * TAX, 0.5 * GROSS * 0.2), axis=1)
    np.testing.assert_allclose(result.realisable["tax"], kept, atol=CENT)


def test_in_states_more_time_is_taxed() -> None:
    """Ten people have 1, 1.7 and 2.17 months more in a job; a wage of 4,000 is taxed at 25 %."""
    fields = {**WAGE, "amount": 4_000, "tax": {"rate": 0.25}, "index": "none", "follows": "where"}
    del fields["lasts"]
    result = by_hand(TWO, **fields, states=["job"])
    expected = [1_000 * LESS[:3].sum(), 1_000 * LESS[3], 0, 0, 0, 0, 0, 0]
    np.testing.assert_allclose(net(result, "municipality"), expected, atol=CENT)


def test_a_case_shows_what_equalisation_takes() -> None:
    """Its own metric, in the nets of municipality and state; the check asks where it is missing."""
    tax = {"rate": 0.25, "instead_of": 12_000}
    taken = {**tax, "equalisation": {"retained_share": 0.25}}
    common = {**WAGE, "index": "none"}
    case = sib.load_case("holbaek")
    without = case.with_({"budget.wage": {**common, "tax": tax}})
    with_it = case.with_({"budget.wage": {**common, "tax": taken}})
    before, plain, net_of = (each.base_case() for each in (case, without, with_it))
    gain = plain.metric("municipality_net") - before.metric("municipality_net")
    assert gain[0] > 0
    assert net_of.metric("equalisation.wage") == pytest.approx(0.75 * gain)
    for party, share in (("municipality", 0.25), ("state", 0.75)):
        own = net_of.metric(f"{party}_net") - before.metric(f"{party}_net")
        assert own == pytest.approx(share * gain)
    asked = "counts tax but not equalisation"
    assert any(asked in each for each in without.check().remarks)
    assert not any(asked in each for each in with_it.check().remarks)
