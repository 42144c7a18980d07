"""The budget guarantee by hand: what all municipalities save on a listed benefit goes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.budget.ledger import check_balance
from sibsim.budget.lines import BudgetLine
from sibsim.core.rules import Rule
from tests.unit.budget.test_savings import BENEFIT, CENT, GROSS, LADDER, STATE, row, saved

LISTED = {"benefit": "kontanthjaelp", "roll_out": "national"}


@pytest.mark.parametrize("more", [2.0, -2.0])
def test_a_national_roll_out_leaves_nothing_of_a_listed_benefit(more: float) -> None:
    """The state gets its refund back and the municipality's own part too, or pays it for a loss."""
    sign = more / 2.0
    line = BudgetLine(**BENEFIT, refund=LADDER, guarantee=LISTED)
    result = saved({"benefit": line}, additional=np.full((1, 1, 1), more))
    np.testing.assert_allclose(row(result, "citizens"), -sign * GROSS, atol=CENT)
    np.testing.assert_allclose(row(result, "state"), sign * GROSS, atol=CENT)
    np.testing.assert_allclose(row(result, "municipality"), 0.0, atol=CENT)
    np.testing.assert_array_equal(result.realisable["benefit"], 0.0)
    to_state, back = [e for e in result.postings if e.line == "budget.benefit.guarantee"]
    assert (to_state.payer, to_state.payee, to_state.kind) == ("municipality", "state", "transfer")
    assert (back.payer, back.payee) == ("state", "municipality")
    moved = to_state.amount[:, 0] - back.amount[:, 0]
    np.testing.assert_allclose(moved, sign * (GROSS - STATE), atol=CENT)
    assert check_balance(result.postings) == ()


@pytest.mark.parametrize(
    "guarantee",
    [
        {"benefit": "kontanthjaelp", "roll_out": "one_municipality"},
        {"benefit": "sygedagpenge", "roll_out": "national"},
    ],
)
def test_nothing_moves_where_one_saves_alone_or_the_benefit_is_not_listed(
    guarantee: dict[str, str],
) -> None:
    """One municipality keeps its saving, and all keep theirs on sickness benefit."""
    result = saved({"benefit": BudgetLine(**BENEFIT, refund=LADDER, guarantee=guarantee)})
    np.testing.assert_allclose(row(result, "municipality"), GROSS - STATE, atol=CENT)
    np.testing.assert_allclose(result.realisable["benefit"][:, 0], GROSS - STATE, atol=CENT)
    moved = [each.amount for each in result.postings if each.line.endswith(".guarantee")]
    assert not np.any(moved)


def test_the_list_of_the_day_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A benefit that leaves the list at the end of 2024 is kept from the next period on."""
    source = ("published", "", "", 2014, "")
    name, last = "list.kontanthjaelp", date(2024, 12, 31)
    rows = (
        Rule(name, 1.0, "", None, last, None, *source),
        Rule(name, 0.0, "", date(2025, 1, 1), None, None, *source),
        Rule("list.integration", 1.0, "", None, None, None, *source),
    )
    listed: Callable[[str], Any] = {"list.": rows}.__getitem__
    monkeypatch.setattr("sibsim.budget.terms.rules_named", listed)
    line = BudgetLine(**BENEFIT, refund=LADDER, guarantee={**LISTED, "rule": "list"})
    result = saved({"benefit": line})
    own = np.where(np.arange(8) < 4, 0.0, GROSS - STATE)
    np.testing.assert_allclose(row(result, "municipality"), own, atol=CENT)


def test_what_lies_beyond_the_horizon_goes_back_too() -> None:
    """Nothing is left of what is cashed after the end either, while the list holds."""
    long = {**BENEFIT, "lasts": 120}
    kept = saved({"benefit": BudgetLine(**long)})
    result = saved({"benefit": BudgetLine(**long, guarantee=LISTED)})
    assert kept.beyond_horizon["benefit"][0] > 0
    assert result.beyond_horizon["benefit"][0] == 0


def test_nothing_is_held_back_of_what_goes_to_the_state() -> None:
    """The party has no part to hold back; what it does not save the state does not gain either."""
    result = saved({"benefit": BudgetLine(**BENEFIT, guarantee=LISTED, share=0.5)})
    own, state = [each for each in result.postings if each.kind == "memo"]
    assert not own.amount.any()
    assert (state.payer, state.payee) == ("state", "state")
    np.testing.assert_allclose(state.amount[:, 0], 0.5 * row(result, "state"), atol=CENT)


@pytest.mark.parametrize(
    ("guarantee", "words"),
    [
        (LISTED, "leaves municipality nothing of what is saved on kontanthjaelp"),
        (
            {"benefit": "kontanthjaelp", "roll_out": "one_municipality"},
            "a national roll-out would leave nothing",
        ),
        (
            {"benefit": "sygedagpenge", "roll_out": "national"},
            "'sygedagpenge' is not on the list 'dk-budget-guarantee', read as of 2014",
        ),
    ],
)
def test_the_check_says_what_the_list_is(guarantee: dict[str, str], words: str) -> None:
    """It says what the guarantee leaves, and that the list is of 2014."""
    case = sib.load_case("holbaek").with_({"budget.benefit.guarantee": guarantee})
    (remark,) = [each for each in case.check().remarks if "dk-budget-guarantee" in each]
    assert words in remark
    assert "2014" in remark


def test_a_case_shows_what_the_guarantee_takes() -> None:
    """Its own metric, which leaves the municipality without the saving and the state with it."""
    case = sib.load_case("holbaek")
    alone = case.base_case()
    everywhere = case.with_({"budget.benefit.guarantee": LISTED}).base_case()
    own = alone.metric("municipality_realisable")
    assert everywhere.metric("municipality_realisable") == pytest.approx(0.0)
    assert everywhere.metric("budget_guarantee.benefit") == pytest.approx(own)
    for party, sign in (("municipality", -1), ("state", 1)):
        moved = everywhere.metric(f"{party}_net") - alone.metric(f"{party}_net")
        assert moved == pytest.approx(sign * own)
