"""The report: what people read first."""

from __future__ import annotations

import numpy as np
import pytest

import sibsim as sib
from sibsim.reports.tables import text


@pytest.fixture(scope="module")
def run() -> sib.Results:
    """Return a run of the Holbæk case."""
    return sib.load_case("holbaek").simulate(draws=512, rng=7)


def test_report_holds_every_question_in_order(run: sib.Results) -> None:
    """Printing a run answers: achieved, paid, earned, gained, what can go wrong."""
    shown = str(run)
    titles = [
        "what is achieved",
        "what is paid",
        "what the investor earns",
        "what public budgets gain",
        "what can go wrong",
    ]
    places = [shown.index(title) for title in titles]
    assert places == sorted(places)


def test_what_never_happens_ranks_last(run: sib.Results) -> None:
    """More than half of the draws never pay back, so the median is never, not an early year."""
    payback = run.metric("investor_payback_years")
    undefined = np.isnan(payback).mean()
    assert undefined > 0.5
    assert run.summary()["p50"]["investor_payback_years"] == float("inf")
    assert "never" in str(run)


def test_settled_contract_reports_what_it_can() -> None:
    """A settled contract has no tables of outcomes or budgets."""
    case = sib.load_case("holbaek")
    row = {"measure": "job", "cohort": 1, "at_months": 12, "achieved": 20, "people": 36}
    shown = str(case.settle([row]))
    assert "what is paid" in shown
    assert "what is achieved" not in shown
    assert list(case.settle([row]).risk().index) == ["investor_profit"]


@pytest.mark.parametrize(
    ("metric", "value", "shown"),
    [
        ("payments_total", 1234567.4, "1,234,567"),
        ("investor_irr", 0.0378, "3.8%"),
        ("p_total_loss", 0.25, "25.0%"),
        ("limit_bound.year", 1.0, "100.0%"),
        ("break_even_year", 2028.0, "2028"),
        ("break_even_year", float("inf"), "never"),
        ("investor_npv", float("nan"), ""),
    ],
)
def test_values_are_written_as_people_write_them(metric: str, value: float, shown: str) -> None:
    """Money in whole units, rates in per cent, years as years."""
    assert text(value, metric=metric) == shown


def test_lines_of_one_outcome_and_limits_of_payers_are_told_apart() -> None:
    """Two untitled lines on one measure keep a row each; a payer's limit is named."""
    case = sib.load_case("holbaek").with_(
        {
            "payments.started": {
                "model": "milestone",
                "reads": "job",
                "at_months": 12,
                "price": 1_000,
            },
            "contract.limit": {"payer": {"municipality": 1_000_000}, "netting": 100_000},
        }
    )
    text = str(case.base_case())
    for row in ("(job)", "(started)", "what the municipality pays", "other public money"):
        assert row in text
