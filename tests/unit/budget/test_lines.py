"""A budget line says who saves what; what cannot be right is refused with the way out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from sibsim.budget.lines import BudgetLine, check_lines
from sibsim.core.prices import Index
from sibsim.core.timeline import Timeline

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
    ],
)
def test_refuses_what_cannot_be_right(change: dict[str, Any], words: str) -> None:
    """Each wrong line is a fault that names the way out."""
    with pytest.raises(ValidationError, match=words):
        BudgetLine(**{**BENEFIT, **change})


@pytest.mark.parametrize("field", ["per", "index", "frame", "kind", "amount"])
def test_nothing_is_implied(field: str) -> None:
    """Unit of time, index, duration, frame, kind and amount must be said."""
    with pytest.raises(ValidationError, match="Field required"):
        BudgetLine(**{key: value for key, value in BENEFIT.items() if key != field})


def test_prices_must_be_known_while_the_lines_run() -> None:
    """An index that ends, or a ladder that is not in force, is a fault with its path."""
    refund = {"ladder": "dk-refund", "weeks_before": 0}
    lines = {
        "a": BudgetLine(**{**BENEFIT, "index": "ends_early"}),
        "b": BudgetLine(**{**BENEFIT, "index": "ends_with_case"}),
        "c": BudgetLine(**{**BENEFIT, "index": "goes_on"}, refund=refund),
        "d": BudgetLine(**BENEFIT, refund={**refund, "ladder": "dk-refunds"}),
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
    ]
    early = Timeline(date(2015, 1, 1), date(2016, 12, 31), "quarter")
    (fault,) = check_lines({"c": lines["c"]}, indices=indices, timeline=early, price_year=2016)
    assert fault.path == "budget.c.refund.ladder"
    assert "2016-01-04" in fault.problem
