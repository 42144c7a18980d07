"""What is wrong in a first table of actuals, each said once and with a way out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

import sibsim as sib
from sibsim.forecast.observations import Observations, read_observations
from tests.actuals import Row, counted, payment, person, result, two_cohorts

STARTED = counted("started", 50)

START: Row = {"kind": "start", "cohort": 1, "date": "2024-02-01"}

MATCHED: Row = {
    "design": "matched_comparison",
    "outcome": "job",
    "controls_per_participant": 1,
    "residual_bias": {"mean": 0.0, "sd": 0.02},
}
"""A comparison that is a group of people apart."""

DIFFERENCE: Row = {
    "design": "difference_in_differences",
    "outcome": "job",
    "controls_per_participant": 1,
    "periods_before": 1,
    "correlation": 0.5,
    "analysis": "ancova",
    "trend": {"mean": 0.0, "sd": 0.02},
}
"""A comparison that is adjusted for results before."""


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return a contract with two cohorts of 50."""
    return two_cohorts()


def read(case: sib.Case, rows: object) -> Observations:
    """Return what a table says."""
    return read_observations(rows, case=case)


def faults_of(case: sib.Case, rows: Sequence[Row] | Path) -> list[str]:
    """Return every fault of a table."""
    with pytest.raises(sib.CaseError) as caught:
        read(case, rows)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            result(0.41, 34),
            "row 2.achieved: got 0.41; successes are counted in people; 41 % of 34 is 14",
        ),
        (
            result(13.5, 34),
            "row 2.achieved: got 13.5; successes are counted in people; write a whole number",
        ),
        (result(13, 33.5), "row 2.people: got 33.5; people are counted in whole numbers"),
    ],
)
def test_people_are_counted_whole(case: sib.Case, row: Row, told: str) -> None:
    """A share, half a success, half a person in the report."""
    assert faults_of(case, [STARTED, row]) == [told]


def test_a_settlement_takes_what_is_expected_and_no_share(case: sib.Case) -> None:
    """13.5 may be expected of 34; 0.41 is a share."""
    row = {"measure": "job", "cohort": 1, "at_months": 12, "achieved": 13.5, "people": 34}
    assert case.settle([row]).metric("payments.job")[0] == 135_000
    with pytest.raises(sib.CaseError, match="41 % of 34 is 14"):
        case.settle([row | {"achieved": 0.41}])


def test_only_a_comparison_that_is_no_count_may_be_a_fraction(case: sib.Case) -> None:
    """Of matched people 13.5 is half a person; a difference in differences is a rate times people.

    Its own participants are counted all the same.
    """
    rows = [STARTED, result(14, 34, comparison_achieved=13.5, comparison_people=34)]
    assert faults_of(case.with_({"measures.job": MATCHED}), rows) == [
        "row 2.comparison_achieved: got 13.5; successes are counted in people; write a whole number"
    ]
    adjusted = case.with_({"measures.job": DIFFERENCE})
    assert read(adjusted, rows).facts.reports["job"].comparison_sum[0, 0] == 13.5
    rows[1]["achieved"] = 14.5
    assert [each.split(":")[0] for each in faults_of(adjusted, rows)] == ["row 2.achieved"]


@pytest.mark.parametrize(
    "rows",
    [
        [START | {"date": "soon"}, START | {"cohort": 2, "date": "2025-02-01"}],
        [START | {"date": "2044-01-01"}, START | {"cohort": 2, "date": "2025-02-01"}],
        [counted("started", 3.5), counted("completed", 3)],
        [counted("started", 3, cohort=9), counted("completed", 3)],
        [counted("started", 3) | {"kind": "strted"}, counted("completed", 3)],
        [
            counted("started", 2),
            person(1, 1, completed=1),
            person(2, 1, completed=1) | {"at_months": 1.5},
        ],
    ],
)
def test_a_faulty_row_is_not_missed_elsewhere(case: sib.Case, rows: list[Row]) -> None:
    """One row is faulty, and there is one fault."""
    assert len(faults_of(case, rows)) == 1


def test_other_cohorts_are_missed_all_the_same(case: sib.Case) -> None:
    """What is wrong with a count of the first cohort says nothing of the second."""
    rows = [counted("started", 3.5), counted("completed", 3, cohort=2)]
    assert "no row says how many of cohort 2 started" in faults_of(case, rows)[1]


def test_a_strange_column_is_one_fault(case: sib.Case) -> None:
    """Its cells are read as those of the nearest column, so that nothing else is missing."""
    rows = [{"kind": "started", "cohort": c, "peple": 50} for c in (1, 2)]
    (told,) = faults_of(case, rows)
    assert told.startswith("column peple: got 'peple'; it must name a column")
    assert told.endswith("did you mean 'people'?")
    (told,) = faults_of(case, [{"kind": "started", "cohort": c, "xyzzy": 50} for c in (1, 2)])
    assert told.startswith("column xyzzy: ")


def test_a_note_is_free(case: sib.Case) -> None:
    """Any kind of row has it, and so has a row of nothing else."""
    rows = [STARTED | {"note": "as of June"}, {"note": "results to come"}]
    assert read(case, rows).facts.started[0] == 50


def test_a_date_may_have_a_midnight(case: sib.Case, tmp_path: Path) -> None:
    """As spreadsheets and frames write it as text."""
    file = tmp_path / "actuals.csv"
    file.write_text("kind,cohort,date\nstart,1,2024-02-01 00:00:00\n", encoding="utf-8")
    assert read(case, file).last == dt.date(2024, 2, 1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("45323", "got '45323'; it is Excel's number of a day; format it as 2024-02-01"),
        (45323.0, "got 45323.0; it is Excel's number of a day; format it as 2024-02-01"),
        ("1/2-24", "got '1/2-24'; it must be a date such as 2024-01-31"),
        (3, "got 3; it must be a date such as 2024-01-31"),
        ("2024-02-01 13:00", "it must be a date without a time of day, such as 2024-02-01"),
    ],
)
def test_what_is_no_date_says_how_one_is_written(case: sib.Case, given: object, told: str) -> None:
    """Nobody is told of quotes, which cells of a file do not have."""
    (found,) = faults_of(case, [START | {"date": given}])
    assert found.endswith(told)


def test_cells_of_a_file_are_told_of_no_quotes(case: sib.Case, tmp_path: Path) -> None:
    """A word, a percentage, a number of a day."""
    file = tmp_path / "actuals.csv"
    file.write_text(
        "kind,cohort,people,date,measure,at_months,achieved\n"
        "started,1,many,,,,\nresult,1,34,,job,12,41%\n",
        encoding="utf-8",
    )
    found = "\n".join(faults_of(case, file))
    assert "quotes" not in found
    assert "write a count such as 14, not 41%" in found


@pytest.mark.parametrize("name", ["310190-1234", "3101901234", 101901234.0, "999999-9999"])
def test_persons_are_not_named_by_cpr_numbers(case: sib.Case, name: object) -> None:
    """One fault for all of them, which does not repeat any."""
    rows = [counted("started", 2), person(name, 1), person(name, 0)]
    (told,) = faults_of(case, rows)
    assert told.startswith("column person: holds what looks like a CPR number in 2 rows")
    assert "1234" not in told


@pytest.mark.parametrize("name", [7, "b-12", "3113901234", "12345678901"])
def test_other_names_of_persons_are_fine(case: sib.Case, name: object) -> None:
    """Ten digits that begin with no day of a year are a number like others."""
    assert read(case, [counted("started", 1), person(name, 1)]).facts.reports["job"].known[0, 0]


def test_an_amount_far_above_the_plan_is_said(case: sib.Case) -> None:
    """The plan pays 500,000 (half of 100 people at 10,000): 5.1 m is more than ten times that."""
    (note,) = read(case, [STARTED, payment(5_100_000, "2025-05-20")]).notes
    assert note.en == (
        "row 2: DKK 5.1 m on line job is more than 10 times all that the plan expects of it "
        "(DKK 0.50 m); check the amount"
    )
    assert str(note.da).endswith("kontrollér beløbet")
    assert read(case, [STARTED, payment(4_900_000, "2025-05-20")]).notes == ()
