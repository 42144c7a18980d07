"""Tables of studies: what is read, what is corrected and said, what is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sibsim.errors import ArgumentError, CaseError, FileError, UnknownNameError
from sibsim.evidence.reading import read_studies
from sibsim.evidence.studies import Studies, StudyScale
from tests.bcg import CASES_AND_OTHERS, LATITUDES, NAMES, bcg

EXACT = 1e-12
"""Relative; the same formula in the same order of magnitude."""

Z = 1.959963984540054
"""Normal quantile at 0.975."""


def counted(study: str, *cells: float, **others: object) -> dict[str, object]:
    """Return a row of counts."""
    names = ("events", "people", "comparison_events", "comparison_people")
    return {"study": study, **dict(zip(names, cells, strict=True)), **others}


def estimated(study: Any = "A", estimate: Any = 1.5, **others: Any) -> dict[str, Any]:  # noqa: ANN401 - also what is wrong
    """Return a row with an estimate."""
    return {"study": study, "estimate": estimate, **others}


def read(*rows: dict[str, Any], scale: StudyScale = "risk_ratio", **options: Any) -> Studies:  # noqa: ANN401 - what read_studies takes
    """Return the studies of rows."""
    return read_studies(rows, scale=scale, **options)


def faults_of(*rows: dict[str, Any], scale: StudyScale = "risk_ratio") -> dict[str, str]:
    """Return the problems by path."""
    with pytest.raises(CaseError) as caught:
        read(*rows, scale=scale)
    found: dict[str, str] = {}
    for fault in caught.value.faults:
        found[fault.path] = f"{found.get(fault.path, '')}{fault.problem}. "
    return found


def others_noted(found: Studies) -> tuple[str, ...]:
    """Return the notes but the one on standard errors and variances of ratios."""
    return tuple(each for each in found.notes if "as that of its logarithm" not in each)


def bcg_frame() -> pd.DataFrame:
    """Return the trials of BCG as a table."""
    cases, others, comparison_cases, comparison_others = CASES_AND_OTHERS.T
    return pd.DataFrame(
        {
            "study": NAMES,
            "events": cases.astype(int),
            "people": (cases + others).astype(int),
            "comparison_events": comparison_cases,
            "comparison_people": comparison_cases + comparison_others,
            "latitude": LATITUDES,
            "outcome": "tuberculosis",
        }
    )


def assert_same(found: Studies, expected: Studies) -> None:
    """Fail where two readings differ."""
    assert found.names == expected.names
    np.testing.assert_allclose(found.estimate, expected.estimate, rtol=EXACT)
    np.testing.assert_allclose(found.variance, expected.variance, rtol=EXACT)
    assert found.counts is not None
    assert expected.counts is not None
    np.testing.assert_array_equal(found.counts.events, expected.counts.events)
    np.testing.assert_array_equal(found.counts.comparison_people, expected.counts.comparison_people)
    assert found.moderators == expected.moderators
    assert found.outcome == expected.outcome
    assert found.notes == expected.notes


def test_a_frame_a_file_and_mappings_are_the_same(tmp_path: Path) -> None:
    """Counts, moderators and outcome of the BCG trials, by each way in."""
    frame = bcg_frame()
    path = tmp_path / "bcg.csv"
    frame.to_csv(path, index=False)
    mappings: Any = frame.to_dict("records")
    for given in (frame, path, str(path), mappings):
        assert_same(read_studies(given, scale="risk_ratio"), bcg())


@pytest.mark.parametrize(
    "figures",
    [
        {"standard_error": 0.2},
        {"variance": 0.04},
        {"lower": 1.5 * math.exp(-Z * 0.2), "upper": 1.5 * math.exp(Z * 0.2)},
        {"lower": 1.5 * math.exp(-0.328970725), "upper": 1.5 * math.exp(0.328970725), "level": 0.9},
    ],
)
def test_three_ways_to_say_how_sure(figures: dict[str, float]) -> None:
    """Standard error and variance of the logarithm; limits of the ratio."""
    found = read(estimated(**figures))
    assert found.estimate.tolist() == [pytest.approx(math.log(1.5), rel=EXACT)]
    assert found.variance.tolist() == [pytest.approx(0.04, rel=1e-8)]  # nine digits of z at 0.9
    assert found.counts is None
    assert others_noted(found) == ()


def test_a_difference_is_read_as_it_is() -> None:
    """No logarithm: 0.134 (0.062 to 0.206) has a standard error of 0.144 / 3.92."""
    found = read(estimated(estimate=0.134, lower=0.062, upper=0.206), scale="risk_difference")
    assert found.estimate.tolist() == [0.134]
    assert found.variance[0] == pytest.approx((0.144 / (2 * Z)) ** 2, rel=EXACT)


def test_rounded_limits_are_even_enough() -> None:
    """Printed limits raise no word, such as those of reviews of supported employment."""
    found = read(
        estimated("Frederick 2019", 1.63, lower=1.46, upper=1.82),
        estimated("Brinchmann 2020", 2.07, lower=1.82, upper=2.35),
        estimated("Metcalfe 2018", 2.31, lower=1.99, upper=2.69),
        estimated("mild conditions", 1.70, lower=1.23, upper=2.34),
        estimated("without decimals", 3, lower=1, upper=8),
    )
    assert found.notes == ()


def test_uneven_limits_are_said() -> None:
    """A middle of 1.55 instead of 1.50 on the log scale is not rounding, and is usable."""
    lower, upper = (1.55 * math.exp(sign * 0.4) for sign in (-1, 1))
    found = read(estimated(lower=round(lower, 3), upper=round(upper, 3)))
    (note,) = found.notes
    assert note.startswith("limits lie unevenly around the estimate, beyond rounding")
    assert note.endswith("1 study (A)")
    assert math.sqrt(found.variance[0]) == pytest.approx(0.4 / Z, rel=1e-3)  # three decimals


@pytest.mark.parametrize(
    ("row", "path", "problem"),
    [
        (estimated(estimate=-0.43, variance=0.1), ".estimate", "may be its logarithm"),
        (estimated(lower=-0.2, upper=2.0), ".lower", "may be its logarithm"),
        (estimated(estimate=0.49, lower=0.38, upper=0.60), "", "as those of a logarithm do"),
        (estimated(lower=1.6, upper=2.0), "", "lies between its limits"),
        (estimated(lower=1.49, upper=3.01), "", "far more to one side"),
        (estimated(lower=1.2), "", "gives one limit alone"),
        (estimated(), "", "how sure it is, none"),
        (estimated(variance=math.nan), "", "how sure it is, none"),
        (estimated(variance=0.1, standard_error=0.3), "", "standard_error and variance"),
        (estimated(variance=0.0), ".variance", "must be above 0"),
        (estimated(variance=-0.1), ".variance", "must be above 0"),
        (estimated(variance=math.inf), ".variance", "must be a finite number"),
        (estimated(standard_error=0.0), ".standard_error", "must be above 0"),
        (estimated(lower=1.0, upper=2.0, level=95), ".level", "write 0.95"),
        (estimated(variance=0.1, scale="odds_ratio"), ".scale", "cannot be mixed"),
        (estimated(variance=0.1, icc=0.02), "", "gives icc alone"),
        (estimated(variance=0.1, status="published"), ".status", "without a source"),
        (estimated(variance=0.1, events=3), "", "without people"),
        ({"study": "A"}, "", "has no figures"),
        (counted("A", 3, 0, 4, 10), ".people", "must be above 0"),
        (counted("A", -1, 10, 4, 10), ".events", "must be at least 0"),
        (counted("A", 3, 10, 14, 10), ".comparison_events", "swap the two"),
        (counted("A", 3, 10, 4, 10, estimate=1.5), "", "counts and an estimate"),
    ],
)
def test_faults_of_one_study(row: dict[str, object], path: str, problem: str) -> None:
    """Every impossible figure is refused where it stands, with the way out."""
    found = faults_of(row)
    assert problem in found[f"row 1 (A){path}"]


def test_counts_give_no_hazard_ratio() -> None:
    """Counts know no time."""
    found = faults_of(counted("A", 3, 10, 4, 10), scale="hazard_ratio")
    assert "no hazard_ratio follows" in found["row 1 (A)"]


def test_a_difference_in_per_cent_is_refused() -> None:
    """13.4 percentage points are 0.134."""
    found = faults_of(estimated(estimate=13.4, variance=0.1), scale="risk_difference")
    assert "write 0.134" in found["row 1 (A).estimate"]


def test_all_faults_at_once() -> None:
    """Rows without a name, doubles, missing moderators and impossible figures are one error."""
    found = faults_of(
        {"estimate": 1.2, "variance": 0.1, "latitude": 4},
        estimated("B", 1.2, variance=0.1),
        estimated("B", -1.2, variance=0.1, latitude=3),
    )
    assert found.keys() == {
        "row 1.study",
        "row 2 (B).latitude",
        "row 3 (B).estimate",
        "study B",
    }
    assert "stands 2 times" in found["study B"]


def test_a_misspelt_column_is_named() -> None:
    """A column that is nearly `variance` is no moderator of a study without variance."""
    found = faults_of(estimated(varience=0.1))
    assert "did you mean 'variance'" in found["column varience"]


def test_moderators_are_numbers_or_words() -> None:
    """Each column by itself; yes or no is 1 or 0."""
    found = read(
        estimated("A", variance=0.1, year=1999, design="trial", danish=False),
        estimated("B", variance=0.1, year=2019, design="cohort", danish=True),
    )
    assert found.moderators == {
        "year": (1999.0, 2019.0),
        "design": ("trial", "cohort"),
        "danish": (0.0, 1.0),
    }
    mixed = faults_of(
        estimated("A", variance=0.1, year=1999), estimated("B", variance=0.1, year="2o19")
    )
    assert "where other studies have a number" in mixed["row 2 (B).year"]


def test_months_are_a_moderator_where_all_state_them() -> None:
    """Half stated, it is said and no moderator."""
    both = read(
        estimated("A", variance=0.1, measured_at_months=12),
        estimated("B", variance=0.1, measured_at_months=24),
    )
    assert both.moderators == {"measured_at_months": (12.0, 24.0)}
    half = read(estimated("A", variance=0.1, measured_at_months=12), estimated("B", variance=0.2))
    assert half.moderators == {}
    assert "missing for 1 study (B)" in others_noted(half)[0]


def test_empty_cells_are_corrected_and_said() -> None:
    """0 of 10 counts as 0.5 of 11; the counts themselves stay."""
    found = read(counted("A", 0, 10, 4, 10), counted("B", 3, 10, 4, 12), scale="odds_ratio")
    assert found.estimate[0] == pytest.approx(math.log(0.5 * 6.5 / (10.5 * 4.5)), rel=EXACT)
    assert found.estimate[1] == pytest.approx(math.log(3 * 8 / (7 * 4)), rel=EXACT)
    assert found.notes == ("0.5 added to all four cells where one is empty: 1 study (A)",)
    assert found.counts is not None
    assert found.counts.events.tolist() == [0, 3]
    smaller = read(counted("A", 0, 10, 4, 10), scale="odds_ratio", correction=0.1)
    assert smaller.notes[0].startswith("0.1 added")


def test_no_correction_of_an_empty_cell_is_a_fault() -> None:
    """With correction 0 the study has no estimate."""
    with pytest.raises(CaseError, match=r"row 1 \(A\): got correction = 0"):
        read(counted("A", 0, 10, 4, 10), correction=0.0)
    with pytest.raises(ArgumentError, match="correction = -1"):
        read(counted("A", 1, 10, 4, 10), correction=-1)


def test_studies_that_show_no_ratio_are_left_out_and_said() -> None:
    """Their moderators and counts go with them; a difference keeps them."""
    rows = (
        counted("A", 0, 10, 0, 10, year=1),
        counted("B", 3, 10, 4, 12, year=2),
        counted("C", 10, 10, 5, 5, year=3),
    )
    found = read(*rows)
    assert found.names == ("B",)
    assert found.moderators == {"year": (2.0,)}
    assert found.counts is not None
    assert found.counts.people.tolist() == [10]
    (note,) = found.notes
    assert note.startswith("2 studies (A, C) left out: nobody, or everybody")
    assert read(*rows, scale="risk_difference").number == 3
    with pytest.raises(ArgumentError, match="none shows a ratio"):
        read(rows[0])


def test_clusters_raise_the_variance() -> None:
    """Cochrane Handbook 23.1.5: 1.576 times, for counts and for a stated variance."""
    cells = (63, 295, 84, 330)
    clusters = {"icc": 0.02, "cluster_size": 29.8}
    alone = read(counted("A", *cells))
    found = read(counted("A", *cells, **clusters), estimated("B", variance=0.1, **clusters))
    assert found.estimate[0] == pytest.approx(alone.estimate[0], rel=EXACT)
    assert found.variance[0] == pytest.approx(1.576 * alone.variance[0], rel=EXACT)
    assert found.variance[1] == pytest.approx(0.1576, rel=EXACT)
    assert found.notes[0] == "variance raised for clusters: 2 studies (A x 1.576, B x 1.576)"
    assert others_noted(found)[1].startswith("counts of 1 study (A) only")
    counts = read(counted("A", *cells, **clusters)).counts
    assert counts is not None
    assert counts.people[0] == pytest.approx(187.2, abs=0.05)  # as printed


OUTCOMES = (
    estimated("A", variance=0.1, outcome="in work"),
    estimated("A", 1.2, variance=0.1, outcome="in housing"),
    estimated("B", 1.7, variance=0.1, outcome="in work"),
)
"""Two studies, one of which has two outcomes."""


def test_mixed_outcomes_are_refused_until_one_is_chosen() -> None:
    """The fault names them; the choice leaves the others out and says so."""
    assert "in work, in housing" in faults_of(*OUTCOMES)["outcome"]
    found = read(*OUTCOMES, outcome="in work")
    assert found.names == ("A", "B")
    assert found.outcome == "in work"
    assert others_noted(found) == ("1 rows without this outcome left out",)
    with pytest.raises(UnknownNameError, match="did you mean 'in work'"):
        read(*OUTCOMES, outcome="at work")


def test_identical_figures_under_two_names_are_said() -> None:
    """It may be one study read twice."""
    found = read(counted("A", 3, 10, 4, 12), counted("B", 3, 10, 4, 12), counted("C", 3, 10, 5, 12))
    assert found.number == 3
    assert found.notes == ("the same figures under two names; is one counted twice? A and B",)


def test_sources_and_notes_are_kept() -> None:
    """By key of the source, or by study; assumptions are counted."""
    paper = {"source": "cochrane", "source_title": "A review", "source_year": 2020.0}
    found = read(
        estimated("A", variance=0.1, **paper, status="published"),
        estimated("B", variance=0.2, source="cochrane", source_url="https://example.org/review"),
        estimated("C", variance=0.3, source_title="A thesis", note="read in the abstract"),
        estimated("D", variance=0.4, status="assumption"),
    )
    assert found.sources == {
        "cochrane": {"title": "A review", "url": "https://example.org/review", "year": 2020},
        "C": {"title": "A thesis"},
    }
    assert others_noted(found) == (
        "figures that are assumptions: 1 study (D)",
        "C: read in the abstract",
    )
    differing = faults_of(
        estimated("A", variance=0.1, **paper),
        estimated("B", variance=0.1, **(paper | {"source_title": "Another"})),
    )
    assert "title that differ" in differing["source cochrane"]


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    """No rows, columns instead of rows, a number, words."""
    with pytest.raises(ArgumentError, match="got no studies"):
        read()
    for given in ({"study": ["A"]}, 3, b"study", ["A"]):
        with pytest.raises(ArgumentError, match="mapping"):
            read_studies(given, scale="risk_ratio")  # type: ignore[arg-type]  # the point
    with pytest.raises(FileError, match="there is no file"):
        read_studies(tmp_path / "none.csv", scale="risk_ratio")
    with pytest.raises(ArgumentError, match="got no scale; say what the figures are"):
        read_studies([estimated(variance=0.1)])
    with pytest.raises(UnknownNameError, match="did you mean 'odds_ratio'"):
        read(estimated(variance=0.1), scale="OR")  # type: ignore[arg-type]  # the point
    with pytest.raises(UnknownNameError, match="did you mean 'risk_ratio'"):
        read(estimated(variance=0.1), scale="riskratio")  # type: ignore[arg-type]  # the point


def test_files_as_danish_spreadsheets_write_them(tmp_path: Path) -> None:
    """Semicolons and decimal commas are the same table; names and keys stay words."""
    path = tmp_path / "studies.csv"
    read_alike = []
    for text in (
        "study;estimate;variance;lower;source_year;source\n1948;1,5;0,1;;1950;22\n;;;;;\n",
        "Study,ESTIMATE, variance ,lower,source_year,source\n1948,1.5,0.1,,1950,22\n",
    ):
        path.write_text(text, encoding="utf-8-sig")
        read_alike.append(read_studies(path, scale="risk_ratio"))
    for found in read_alike:
        assert found.names == ("1948",)
        assert found.sources == {"22": {"year": 1950}}
        assert found.estimate.tolist() == [pytest.approx(math.log(1.5), rel=EXACT)]
        assert found.variance.tolist() == [0.1]
    path.write_text("study;events\nA;638.000\n", encoding="utf-8")
    with pytest.raises(CaseError, match="points are not read as thousands; write 638000"):
        read_studies(path, scale="risk_ratio")
    path.write_text("study,estimate,variance\nA,1.5,big\n", encoding="utf-8")
    with pytest.raises(CaseError, match=r"row 1\.variance: got 'big'"):
        read_studies(path, scale="risk_ratio")


def test_a_frame_with_gaps_is_read() -> None:
    """Missing cells of a frame are missing, whichever way it marks them; a year is a name."""
    frame = pd.DataFrame(
        [counted("A", 3, 10, 4, 12), estimated("B", 1.5, standard_error=0.3, source_year=2019)]
    ).convert_dtypes()
    found = read_studies(frame, scale="odds_ratio")
    assert found.estimate[1] == pytest.approx(math.log(1.5), rel=EXACT)
    assert found.sources == {"B": {"year": 2019}}
    assert read(estimated(1948, variance=0.1)).names == ("1948",)
