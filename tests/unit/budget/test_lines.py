"""A budget line says who saves what; what cannot be right is refused with the way out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

import sibsim as sib
from sibsim.budget.lines import BudgetLine, check_lines
from sibsim.core.prices import Index
from sibsim.core.timeline import Timeline
from tests.faults import faults_of

BENEFIT: dict[str, Any] = {
    "follows": "job",
    "kind": "transfer",
    "party": "municipality",
    "counterparty": "citizens",
    "frame": "transfers",
    "amount": 12_326,
    "per": "month",
    "index": "none",
    "lasts": 24,
}
"""A benefit that people in work no longer draw."""


TAX: dict[str, Any] = {"rate": 0.25, "instead_of": 12_000}
EQUALISED = {**TAX, "equalisation": {"retained_share": 0.25}}
OUTSIDE = {"frame": "outside", "share": 1}
FLAT = {"share": 0.5}
GUARANTEE = {"benefit": "kontanthjaelp", "roll_out": "national"}
YEARLY: dict[str, Any] = {
    **{key: value for key, value in BENEFIT.items() if key not in {"amount", "per", "lasts"}},
    "per_year": [20_000, -5_000],
    "from_months": 12,
}
"""Money year by year instead."""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"from_months": None}, "got `per_year` without `from_months`"),
        ({"per_year": []}, "at least 1 item"),
        ({"amount": 1_000}, "got `amount` beside `per_year`"),
        ({"amount": 1_000, "per": "month"}, "got `amount` and `per` beside"),
        ({"lasts": 6}, "got `lasts` beside"),
        ({"states": ["sick"]}, "got `states` beside"),
        ({"refund": FLAT}, "got `refund` beside"),
        ({**OUTSIDE, "tax": TAX}, "got `tax` beside"),
        ({"guarantee": GUARANTEE}, "got `guarantee` beside"),
    ],
)
def test_years_state_the_whole_saving(change: dict[str, Any], words: str) -> None:
    """Beside money year by year nothing else says how much and for how long."""
    assert BudgetLine(**YEARLY).base_price is None
    with pytest.raises(ValidationError, match=words):
        BudgetLine(**{**YEARLY, **change})


def test_transfers_are_cash_unless_stated() -> None:
    """On transfers the whole saving is released; a stated share or backfill changes that."""
    assert BudgetLine(**BENEFIT).releases_all
    assert not BudgetLine(**BENEFIT, share=0.9).releases_all
    assert not BudgetLine(**BENEFIT, backfill=0.1).releases_all


def test_survives_a_dump() -> None:
    """A line that is dumped and validated again is the same line."""
    line = BudgetLine(
        **{**BENEFIT, "lasts": {"between_people": {"p10": 6, "p50": 24, "p90": 72}}},
        refund={"ladder": "dk-refund", "weeks_before": 45},
    )
    assert BudgetLine.model_validate(line.model_dump(exclude_unset=True)) == line


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frame": "service"}, "needs `share`"),
        ({"counterparty": None}, "needs `counterparty`"),
        ({"kind": "resource"}, "a resource has none"),
        ({"counterparty": "municipality"}, "must differ"),
        ({"party": "nature"}, "stands for resources"),
        ({"party": "state", "refund": {"ladder": "dk-refund", "weeks_before": 0}}, "itself"),
        ({"amount": -1}, "allowed is"),
        ({"share": 1.5}, "allowed is"),
        ({"share": {"value": 0.5, "per_cohort": True}}, "per_cohort"),
        ({"lag_months": -1}, "greater than or equal to 0"),
        ({"lasts": None}, "lasts\n.*neither `lasts` nor `states`"),
        ({"states": ["sick"]}, "lasts\n.*`lasts` beside `states`"),
        ({"states": [], "lasts": None}, "states\n.*at least 1 item"),
        ({"states": ["sick", "sick"], "lasts": None}, "counts once"),
        ({"states": ["sick"], "lasts": None, "per": "event"}, "counts time in them"),
        ({"states": ["sick"], "lasts": None, "saves": "fewer"}, "more time in them costs"),
        ({"from_months": 6}, "got `from_months` without `per_year`"),
        ({"tax": TAX}, "write frame = 'outside'"),
        ({**OUTSIDE, "tax": TAX, "refund": FLAT}, "got `refund` beside `tax`"),
        ({**OUTSIDE, "tax": TAX, "guarantee": GUARANTEE}, "got `guarantee` beside `tax`"),
        ({**OUTSIDE, "party": "state", "tax": EQUALISED}, "cannot equalise itself"),
        ({"party": "state", "guarantee": GUARANTEE}, "cannot guarantee itself"),
        ({**OUTSIDE, "tax": {**TAX, "rate": 25}}, "it is a share: write 0.25"),
    ],
)
def test_refuses_what_cannot_be_right(change: dict[str, Any], words: str) -> None:
    """Each wrong line is a fault that names the way out."""
    with pytest.raises(ValidationError, match=words):
        BudgetLine(**{**BENEFIT, **change})


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("per", "got `amount` without `per`"),
        ("amount", "got neither `amount` nor `per_year`"),
        ("index", "Field required"),
        ("frame", "Field required"),
        ("kind", "Field required"),
    ],
)
def test_nothing_is_implied(field: str, words: str) -> None:
    """Unit of time, index, frame, kind and amount must be said."""
    with pytest.raises(ValidationError, match=words):
        BudgetLine(**{key: value for key, value in BENEFIT.items() if key != field})


def test_prices_must_be_known_while_the_lines_run() -> None:
    """An index that ends, a rule or day that the case does not have: a fault with its path."""
    refund = {"ladder": "dk-refund", "weeks_before": 0}
    lines = {
        "a": BudgetLine(**{**BENEFIT, "index": "ends_early"}),
        "b": BudgetLine(**{**BENEFIT, "index": "ends_with_case"}),
        "c": BudgetLine(**{**BENEFIT, "index": "goes_on"}, refund=refund),
        "d": BudgetLine(**BENEFIT, refund={**refund, "ladder": "dk-refunds"}),
        "e": BudgetLine(**BENEFIT, guarantee={**GUARANTEE, "rule": "dk-budget-guarante"}),
        "f": BudgetLine(**BENEFIT, release_from=date(2026, 1, 1)),
        "g": BudgetLine(**BENEFIT, guarantee=GUARANTEE, release_from=date(2025, 12, 31)),
    }
    indices = {
        "ends_early": Index(values={2024: 100}),
        "ends_with_case": Index(values={2024: 100, 2025: 102}),
        "goes_on": Index(
            values={2015: 99, **dict.fromkeys(range(2016, 2026), 100)}, then_per_year=0
        ),
    }
    today = Timeline(date(2024, 1, 1), date(2025, 12, 31), "quarter")
    faults = check_lines(lines, indices=indices, timeline=today, price_year=2024)
    assert [fault.path for fault in faults] == [
        "budget.a.index",
        "budget.b.index",
        "budget.d.refund.ladder",
        "budget.e.guarantee.rule",
        "budget.f.release_from",
    ]
    early = Timeline(date(2015, 1, 1), date(2016, 12, 31), "quarter")
    (fault,) = check_lines({"c": lines["c"]}, indices=indices, timeline=early, price_year=2016)
    assert fault.path == "budget.c.refund.ladder"
    assert "2016-01-04" in fault.problem


@pytest.mark.parametrize(
    ("name", "words"),
    [("wage", "did you mean 'wages'"), ("none", "leave it out for tables in current prices")],
)
def test_fixed_prices_need_an_index_of_the_case(name: str, words: str) -> None:
    """A name that is no index is a fault with the nearest one or the way out."""
    document = sib.load_case("holbaek").document
    document["valuation"]["prices"] = "wages"
    assert faults_of(document) == {}
    document["valuation"]["prices"] = name
    found = faults_of(document)
    assert list(found) == ["valuation.prices"]
    assert words in found["valuation.prices"]
