"""Settling a contract on what was really reported."""

from __future__ import annotations

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
    for name in ("payments_total", "investor_irr", "municipality_net"):
        assert found.metric(name)[0] == pytest.approx(base.metric(name)[0], rel=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"measure": "jobb"}, "known are job"),
        ({"cohort": 5}, "cohorts 1 to 4"),
        ({"at_months": 13}, "12, 18, 24"),
        ({"achieved": 37}, "from 0 to the people counted"),
        ({"achieved": -1}, "from 0 to the people counted"),
        ({"people": "many"}, "from 0 to the people counted"),
        ({"achieved": float("nan")}, "from 0 to the people counted"),
    ],
)
def test_wrong_rows_are_refused(case: sib.Case, change: dict[str, object], words: str) -> None:
    """A row that does not fit the case is named with what would fit."""
    row = {"measure": "job", "cohort": 1, "at_months": 12, "achieved": 20, "people": 36} | change
    with pytest.raises(sib.ArgumentError, match=f"row 1: .*{words}"):
        case.settle([row])
