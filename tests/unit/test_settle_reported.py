"""Settling a contract on what was really reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sibsim as sib


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return the Holbæk case."""
    return sib.load_case("holbaek")


def test_pays_the_price_of_every_reported_success(case: sib.Case) -> None:
    """20 of 36 in work at 12 months and 18 fit for work: 20 x 16,000 + 18 x 12,000."""
    found = case.settle(
        [
            {"measure": "job", "cohort": 1, "at_months": 12, "achieved": 20, "people": 36},
            {"measure": "fit_for_work", "cohort": 1, "at_months": 12, "achieved": 18, "people": 36},
        ]
    )
    assert found.metric("payments.job")[0] == 20 * 16_000
    assert found.metric("payments.fit_for_work")[0] == 18 * 12_000
    assert found.metric("payments_total")[0] == 536_000
    # Measured in January 2025, known two months later, paid in the quarter that contains April.
    assert found.postings is not None
    (job,) = (each for each in found.postings if each.line == "payments.job")
    assert job.amount[:, 0].nonzero()[0].tolist() == [case.timeline.labels.index("2025Q2")]


def test_reports_equal_to_the_base_case_give_the_base_case(case: sib.Case) -> None:
    """Reporting what the base case expects pays and earns what the base case does."""
    base = case.base_case()
    assert base.worlds is not None
    rows = [
        {
            "measure": name,
            "cohort": c + 1,
            "at_months": months,
            "achieved": float(report.treated_sum[c, k, 0]),
            "people": float(report.treated_n[c, k, 0]),
        }
        for name, report in base.worlds[0].measured.items()
        for c in range(4)
        for k, months in enumerate(report.follow_up_months)
    ]
    found = case.settle(pd.DataFrame(rows))
    for name in ("payments_total", "investor_irr", "measured.wellbeing"):
        assert found.metric(name)[0] == pytest.approx(base.metric(name)[0], rel=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"measure": "jobb"}, "did you mean 'job'"),
        ({"cohort": 5}, "there are 4 cohorts"),
        ({"cohort": 1.5}, "whole number"),
        ({"at_months": 13}, "12, 18, 24"),
        ({"achieved": 37}, "got 37 successes of 36 people; each has 0 to 1"),
        ({"achieved": -1}, "got -1 successes of 36 people; each has 0 to 1"),
        ({"people": "many"}, "must be a number"),
        ({"achieved": float("nan")}, "is missing"),
        ({"achived": 3}, "did you mean 'achieved'"),
        ({"comparison_people": 5, "comparison_achieved": 1}, "leave it out"),
    ],
)
def test_wrong_rows_are_refused(case: sib.Case, change: dict[str, object], words: str) -> None:
    """A row that does not fit the case is named with what would fit."""
    row = {"measure": "job", "cohort": 1, "at_months": 12, "achieved": 20, "people": 36} | change
    with pytest.raises(sib.CaseError, match=words) as caught:
        case.settle([row])
    assert all(fault.path.startswith("row 1") for fault in caught.value.faults)


@pytest.mark.parametrize("given", ["reports.csv", b"reports", Path("reports.csv"), {"people": 36}])
def test_what_is_no_list_of_reports_is_refused_at_once(case: sib.Case, given: Any) -> None:  # noqa: ANN401 - wrong on purpose
    """A file's name, or one report without a list, is one fault that says what is expected."""
    with pytest.raises(sib.ArgumentError, match="reports are a frame or a list"):
        case.settle(given)


def test_all_faults_at_once_and_no_row_twice(case: sib.Case) -> None:
    """Every faulty row is reported, and the same report twice is a fault."""
    row = {"measure": "job", "cohort": 1, "at_months": 12, "achieved": 20, "people": 36}
    with pytest.raises(sib.CaseError) as caught:
        case.settle([row, row, row | {"cohort": 9}])
    assert [fault.path for fault in caught.value.faults] == ["row 2", "row 3.cohort"]


def test_baseline_of_the_contract_stays(case: sib.Case) -> None:
    """30 of 36 against the agreed 40 %: 30 - 0.4 x 36 = 15.6 additional, at 16,000."""
    additional = case.with_({"payments.job.pays_for": "additional", "payments.job.floor": "cohort"})
    row = {"measure": "job", "cohort": 1, "at_months": 12, "achieved": 30, "people": 36}
    found = additional.settle([row])
    assert found.metric("payments.job")[0] == pytest.approx(15.6 * 16_000, rel=1e-12)


def test_says_only_what_reports_can_say(case: sib.Case) -> None:
    """Outcomes and budgets are left out, and the result says that it is settled."""
    row = {"measure": "job", "cohort": 1, "at_months": 12, "achieved": 0, "people": 36}
    found = case.settle([row])
    assert found.kind == "settled"
    assert "settled" in repr(found)
    assert not [name for name in found.metrics if name.startswith(("p_goal", "municipality"))]
    assert found.summary()["mean"]["payments_total"] == 0.0


def test_numbers_are_checked_by_what_a_person_can_have(case: sib.Case) -> None:
    """2,900 nights of 36 people may be, 8,000 in half a year may not."""
    nights = {
        "model": "days",
        "among": "started",
        "follow_up_months": [6],
        "counterfactual": 40.0,
        "effect": {"scale": "rate_ratio", "value": 0.8},
        "sd": 55.0,
        "lowest": 0,
        "window_days": 183,
        "share_lowest": 0.4,
        "share_bound": 0.03,
    }
    measure = {"design": "verification", "outcome": "nights"}
    whole = case.with_({"outcomes.nights": nights, "measures.nights": measure})
    row = {"measure": "nights", "cohort": 1, "at_months": 6, "people": 36}
    settled = whole.settle([{**row, "achieved": 2_900}])
    assert settled.metric("measured.nights").item() == 2_900
    with pytest.raises(sib.CaseError, match="got 8000 days of 36 people; each has 0 to 183"):
        whole.settle([{**row, "achieved": 8_000}])


TESTED = {
    "measures.job": {
        "outcome": "job",
        "design": "matched_comparison",
        "controls_per_participant": 1,
        "residual_bias": {"mean": 0.0, "sd": 0.02},
    },
    "payments.job.trigger": {"pooled": True, "alpha": 0.05, "better": "more"},
    "outcomes.job.clusters": {"number": 6, "icc": 0.05},
}
"""Holbæk's line on jobs pays only for a significant difference to a matched comparison; its people
are in clusters, so that two proportions do not say how sure it is."""

TESTED_ROW = {
    "measure": "job",
    "cohort": 1,
    "at_months": 12,
    "achieved": 20,
    "people": 36,
    "comparison_achieved": 14,
    "comparison_people": 36,
}


@pytest.mark.parametrize(("error", "paid"), [(0.10, 20 * 16_000), (0.11, 0)])
def test_a_trigger_tests_with_the_error_that_is_reported(
    case: sib.Case, error: float, paid: float
) -> None:
    """20 / 36 - 14 / 36 = 0.167: 1.67 errors of 0.10 and 1.52 of 0.11, against 1.645."""
    found = case.with_(TESTED).settle([TESTED_ROW | {"standard_error": error}])
    assert found.metric("payments.job")[0] == paid


def test_a_trigger_needs_the_error_of_the_report(case: sib.Case) -> None:
    """The way out is the standard error of the report."""
    with pytest.raises(sib.CaseError, match="tests the difference"):
        case.with_(TESTED).settle([TESTED_ROW])


def test_all_reports_of_a_measure_state_their_error_or_none(case: sib.Case) -> None:
    """An error of some would count the others as exact."""
    rows = [TESTED_ROW | {"standard_error": 0.1}, TESTED_ROW | {"cohort": 2}]
    with pytest.raises(sib.CaseError, match="give it in all of them or in none"):
        case.with_({key: TESTED[key] for key in ("measures.job", "outcomes.job.clusters")}).settle(
            rows
        )


def test_what_a_design_errs_by_in_all_cohorts_stays_so_in_reports(case: sib.Case) -> None:
    """A stepped wedge is one analysis: 0.15 in two cohorts is 0.15 of both, not 0.15 / sqrt 2.

    Both cohorts differ by 0.2: 1.33 errors of 0.15, and would be 1.89 of 0.106, against 1.645.
    """
    wedge = {"outcome": "job", "design": "stepped_wedge", "people": 20, "tau": 0.05}
    changes = {
        "measures.job": {**wedge, "sequences": [2, 2]},
        "payments.job.trigger": {"pooled": True, "alpha": 0.05, "better": "more"},
    }
    row = {
        "measure": "job",
        "at_months": 12,
        "achieved": 20,
        "people": 40,
        "comparison_achieved": 12,
        "comparison_people": 40,
    }
    for error, paid in ((0.15, 0), (0.12, 40 * 16_000)):
        rows = [row | {"cohort": cohort, "standard_error": error} for cohort in (1, 2)]
        assert case.with_(changes).settle(rows).metric("payments.job")[0] == paid


def test_an_error_of_shares_is_at_most_one(case: sib.Case) -> None:
    """6 is 6 points."""
    with pytest.raises(sib.CaseError, match=r"write 0\.06"):
        case.with_(TESTED).settle([TESTED_ROW | {"standard_error": 6.0}])
