"""Reading a table of what has really happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sibsim as sib
from sibsim.forecast.observations import KINDS, Observations, read_observations
from tests.actuals import Row, counted, payment, person, result, two_cohorts

STARTED = counted("started", 50)


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return a contract with two cohorts of 50."""
    return two_cohorts()


def begun(date: str, *, cohort: int = 1) -> Row:
    """Return a row of the real start of a cohort."""
    return {"kind": "start", "cohort": cohort, "date": date}


def read(case: sib.Case, rows: object) -> Observations:
    """Return what a table says."""
    return read_observations(rows, case=case)


def faults_of(case: sib.Case, rows: Sequence[Row]) -> str:
    """Return every fault of a table."""
    with pytest.raises(sib.CaseError) as caught:
        read(case, rows)
    return "\n".join(map(str, caught.value.faults))


def test_each_kind_of_row_goes_where_it_belongs(case: sib.Case) -> None:
    """Counts and starts by cohort, results by follow-up, payments by quarter."""
    rows = [
        counted("referred", 60),
        STARTED,
        counted("completed", 41),
        {"kind": "start", "cohort": 1, "date": "2024-01-16"},
        {"kind": "start", "cohort": 2, "date": dt.date(2025, 2, 1)},
        result(20, 48),
        payment(150_000, "2025-05-20"),
        payment(50_000, "2025-06-20"),
    ]
    found = read(case, rows)
    facts = found.facts
    for given, expected in (
        (facts.referred, [60, np.nan]),
        (facts.started, [50, np.nan]),
        (facts.completed, [41, np.nan]),
        (facts.start, [15 / 31, 13.0]),
        (facts.reports["job"].treated_sum[:, 0], [20, np.nan]),
        (facts.reports["job"].treated_n[:, 0], [48, np.nan]),
    ):
        np.testing.assert_array_equal(given, expected)
    assert facts.paid["job"][:6].tolist() == [0, 0, 0, 0, 0, 200_000]
    assert np.isnan(facts.paid["job"][6:]).all()
    assert found.last == dt.date(2025, 6, 20)
    assert not found.is_empty


def test_nothing_is_nothing(case: sib.Case) -> None:
    """An empty table, and one of empty rows, know nothing."""
    assert read(case, []).is_empty
    assert read(case, pd.DataFrame({"kind": [None, np.nan]})).is_empty


def test_a_frame_a_file_and_a_list_say_the_same(case: sib.Case, tmp_path: Path) -> None:
    """Gaps of a frame are no values; a Danish spreadsheet writes semicolons and decimal commas."""
    rows = [STARTED, result(20, 48), payment(150_000.5, "2025-05-20")]
    frame = pd.DataFrame(rows)
    english, danish = tmp_path / "english.csv", tmp_path / "danish.csv"
    frame.to_csv(english, index=False)
    frame.to_csv(danish, index=False, sep=";", decimal=",", encoding="utf-8-sig")
    for given in (rows, frame, english, str(danish), iter(rows)):
        facts = read(case, given).facts
        assert facts.started[0] == 50
        assert facts.reports["job"].treated_sum[0, 0] == 20
        assert facts.paid["job"][5] == 150_000.5


def test_persons_are_summed(case: sib.Case) -> None:
    """Two of three who answered achieved it; who did not answer is in no report, and counted."""
    people = [person(1, 1), person("b", 0), person(3, 1), person(4, None)]
    found = read(case, [counted("started", 4), *people])
    report = found.facts.reports["job"]
    assert (report.treated_sum[0, 0], report.treated_n[0, 0]) == (2, 3)
    (note,) = found.notes
    assert note.en == "1 row of persons without a result is left out"
    assert note.da == "1 række om personer uden resultat er udeladt"


def test_who_completed_is_counted_where_it_is_said_of_everyone(case: sib.Case) -> None:
    """Two of three; said of two of three only it is a fault."""
    people = [person(n, 1, completed=done) for n, done in ((1, 1), (2, 0), (3, 1))]
    assert read(case, [counted("started", 3), *people]).facts.completed[0] == 2
    wrong = faults_of(case, [counted("started", 3), *people[:2]])
    assert wrong.startswith("row 2.completed: is said of 2 persons of cohort 1, of whom 3 started")
    twice = faults_of(case, [counted("started", 3), counted("completed", 2), *people])
    assert "row 2 counts who completed of cohort 1; keep one of the two" in twice


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"cohort": 1}], "row 1.kind: is missing"),
        ([{"kind": "strted", "cohort": 1, "people": 3}], "did you mean 'started'"),
        ([{"kind": 3}], "row 1.kind: is missing"),
        ([counted("started", 3.5)], "row 1.people: got 3.5; people are counted in whole numbers"),
        ([counted("started", -1)], "row 1.people: got -1; it must be at least 0"),
        ([counted("started", 5, cohort=3)], "row 1.cohort: got 3; there are 2 cohorts"),
        ([counted("started", 5, cohort=0)], "row 1.cohort: got 0; it must be at least 1"),
        ([STARTED | {"line": "job"}], "row 1.line: is not known here"),
        ([STARTED, STARTED], "row 2: states what row 1 states of cohort 1; keep one of them"),
        ([{"kind": "start", "cohort": 1, "date": "1/2-24"}], "such as 2024-01-31"),
        ([{"kind": "start", "cohort": 1, "date": "2044-01-01"}], "the case is from 2024-01-01"),
        ([payment(-1, "2025-01-01")], "row 1.amount: got -1; it must be at least 0"),
        ([begun("2025-01-01", cohort=2)], "row 1: cohort 2 has started and no row says when"),
        (
            [begun("2025-03-01"), begun("2025-01-01", cohort=2)],
            "row 2.date: cohort 2 starts before cohort 1, as row 1 says",
        ),
        ([payment(1, "2029-01-01")], "the contract pays nothing after contract.last_payment"),
        ([payment(1, "2023-12-31")], "row 1.date: got 2023-12-31; the case is from"),
        ([payment(1, "2025-01-01", line="jobb")], "did you mean 'job'"),
        ([counted("completed", 3)], "no row says how many of cohort 1 started"),
        ([counted("referred", 3), STARTED], "row 2.people: got 50 started; row 1 says that 3"),
        ([STARTED, counted("completed", 51)], "row 2.people: got 51 completed; row 1 says that 50"),
        ([result(2, 5)], "row 1: no row says how many of cohort 1 started"),
        ([STARTED, result(2, 51)], "row 2.people: got 51; job counts those started, of whom"),
        ([STARTED, result(6, 5)], "got 6 successes of 5 people"),
        ([STARTED, result(6, 5, measure="jobs")], "row 2.measure: got 'jobs'; it must name"),
        ([STARTED, result(2, 5, at_months=13)], "row 2.at_months: got 13; job is measured at 12"),
        ([STARTED, result(2, 5), person(1, 1)], "row 3: reports what an earlier row reports"),
        ([STARTED, person(1, 1), person(1, 0)], "row 3: person 1 has a result of job at 12 months"),
        ([STARTED, person(1, 1, cohort=2), person(1, 1)], "row 2 says 2 of person 1"),
        ([STARTED, person(1, 0.5)], "row 2.result: got 0.5; it is 1 for yes and 0 for no"),
        ([STARTED, person(1, 1, measure="jbo")], "row 2.measure: got 'jbo'; it must name"),
        ([STARTED, person(1, 1, completed=2)], "row 2.completed"),
    ],
)
def test_what_does_not_fit_is_named_by_its_row(case: sib.Case, rows: list[Row], told: str) -> None:
    """Path, what was given, the rule, the way out."""
    assert told in faults_of(case, rows)


def test_every_fault_is_said_at_once(case: sib.Case) -> None:
    """One reading reports all rows."""
    rows = [counted("started", 3.5), payment(-1, "2025-01-01", line="x"), result(2, 5, cohort=7)]
    found = faults_of(case, rows)
    assert [line.split(":")[0] for line in found.splitlines()] == [
        "row 1.people",
        "row 2.amount",
        "row 3.cohort",
    ]


def test_people_of_those_who_completed_are_counted_among_them() -> None:
    """A report on 45 is too much where 40 completed."""
    among = {"among": "completed", "counterfactual": 0.4, "uplift": 0.1}
    case = two_cohorts(outcome=among)
    rows = [STARTED, counted("completed", 40), result(20, 45)]
    assert "job counts those completed, of whom cohort 1 has 40" in faults_of(case, rows)
    assert read(case, [STARTED, result(20, 45)]).facts.started[0] == 50


@pytest.mark.parametrize("given", [b"rows", {"kind": "started"}, [1, 2], 3, None])
def test_what_is_no_table_is_refused(case: sib.Case, given: Any) -> None:  # noqa: ANN401 - wrong on purpose
    """One sentence says what is expected."""
    with pytest.raises(sib.ArgumentError, match="actuals are a frame, the path of a CSV file"):
        read(case, given)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no file"),
        (b"", "is empty"),
        (b"kind,people\n\xff\xfe,3\n", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    case: sib.Case, tmp_path: Path, content: bytes | None, told: str
) -> None:
    """Missing, empty, not text."""
    file = tmp_path / "actuals.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(sib.FileError, match=told):
        read(case, file)


def test_cells_of_a_file_are_told_apart(case: sib.Case, tmp_path: Path) -> None:
    """One bad cell is one fault; a cell beyond the last column is one too."""
    file = tmp_path / "actuals.csv"
    file.write_text(
        "kind,cohort,people\nstarted,1,many\nreferred,1,60\nstarted,2,50,9\n", encoding="utf-8"
    )
    with pytest.raises(sib.CaseError) as caught:
        read(case, file)
    assert [fault.path for fault in caught.value.faults] == [
        "row 1.people",
        "row 3.cells beyond the last column",
    ]


def test_every_kind_documents_its_columns() -> None:
    """Each field of each kind of row has a docstring."""
    for kind in KINDS.values():
        assert all(field.description for field in kind.model_fields.values())
