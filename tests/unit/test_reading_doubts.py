"""What may be wrong with a table of studies though each figure is possible."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sibsim.errors import CaseError
from sibsim.evidence.reading import read_studies
from sibsim.evidence.studies import Studies, StudyScale


def estimated(study: str, estimate: float, **others: object) -> dict[str, Any]:
    """Return a row with an estimate."""
    return {"study": study, "estimate": estimate, **others}


def counted(study: str, *cells: float) -> dict[str, Any]:
    """Return a row of counts."""
    names = ("events", "people", "comparison_events", "comparison_people")
    return {"study": study, **dict(zip(names, cells, strict=True))}


def read(*rows: dict[str, Any], scale: StudyScale = "odds_ratio") -> Studies:
    """Return the studies of rows."""
    return read_studies(rows, scale=scale)


@pytest.mark.parametrize("sure", [{"standard_error": 0.25}, {"variance": 0.0625}])
def test_the_error_of_a_ratio_is_said_to_be_of_its_logarithm(sure: dict[str, float]) -> None:
    """0.588 exp(-+1.96 x 0.25) is 0.36 to 0.96; exp(0.588) is 1.80."""
    (note,) = read(estimated("A", 0.588, **sure)).notes
    assert note == (
        "standard_error or variance of a ratio is read as that of its logarithm: 1 study (A: 0.588 "
        "(0.36 to 0.96); if 0.588 is a logarithm write 1.80)"
    )
    assert read(estimated("A", 0.588, **sure), scale="mean_difference").notes == ()


def test_what_no_logarithm_can_be_is_not_asked_about() -> None:
    """A logarithm of 800 has no ratio; the errors are still counted."""
    (note,) = read(
        estimated("A", 800, standard_error=0.1),
        estimated("B", 2, standard_error=1e4),
        estimated("C", 2, lower=1, upper=4),
    ).notes
    assert "2 studies (A: 800 (657.61 to 973.22), B: 2 (0.00 to inf); if 2 is" in note


@pytest.mark.parametrize(
    ("estimate", "lower", "upper", "ratios"),
    [
        (0.588, 0.095, 1.065, r"1.8 \(1.1 to 2.9\)"),
        (0.588, 0.35, 0.83, r"1.8 \(1.42 to 2.29\)"),
        (0.49, 0.38, 0.60, r"1.63 \(1.46 to 1.82\)"),
    ],
)
def test_limits_that_are_nearly_even_as_printed_may_be_of_a_logarithm(
    estimate: float, lower: float, upper: float, ratios: str
) -> None:
    """Refused, with the ratios that they would be."""
    with pytest.raises(CaseError, match=f"if it is one, write the ratios {ratios}"):
        read(estimated("A", estimate, lower=lower, upper=upper))


@pytest.mark.parametrize(
    "figures",
    [
        (1.8, 1.1, 2.9),
        (1.2, 0.98, 1.45),
        (0.95, 0.90, 1.00),
        (0.22, 0.06, 0.88),
        (*(math.exp(each) for each in (0.5, 0.45, 0.56)),),
    ],
)
def test_ratios_with_their_own_limits_are_no_logarithms(figures: tuple[float, ...]) -> None:
    """Also near 1 and in narrow intervals, where both scales are nearly the same."""
    estimate, lower, upper = figures
    assert read(estimated("A", estimate, lower=lower, upper=upper)).number == 1


def test_large_limits_are_no_logarithm() -> None:
    """500 (100 to 900) has no ratio exp(900) to be shown."""
    with pytest.raises(CaseError, match="far more to one side"):
        read(estimated("A", 500, lower=100, upper=900))


def test_a_name_in_another_case_is_the_same_study() -> None:
    """Blanks and case tell no two studies apart."""
    rows = [
        estimated(name, 1.0 + number / 10, lower=0.5, upper=3.0)
        for number, name in enumerate(("Hoff 2021", " hoff  2021 ", "Drake"))
    ]
    with pytest.raises(CaseError, match="study Hoff 2021: stands 2 times"):
        read(*rows)


def test_a_total_is_refused() -> None:
    """Its counts are the sum of all others; a study that happens to be large is kept."""
    rows = counted("North", 30, 60, 21, 60), counted("South", 12, 40, 9, 38)
    with pytest.raises(CaseError, match="study I alt: has the sum of all others"):
        read(*rows, counted("I alt", 42, 100, 30, 98))
    assert read(*rows, counted("West", 42, 100, 30, 99)).number == 3
    twins = read(rows[0], {**rows[0], "study": "Again"})
    assert "the same figures under two names" in twins.notes[0]


def test_studies_are_short_to_read_and_have_a_table() -> None:
    """One line in a terminal; ratios with their intervals, counts and moderators in the table."""
    rows = [
        counted("North", 30, 60, 21, 60) | {"outcome": "in work", "design": "trial"},
        counted("South", 12, 40, 9, 38) | {"outcome": "in work", "design": "cohort"},
    ]
    found = read(*rows)
    assert repr(found) == "<2 studies, odds ratio, in work>"
    assert repr(read(counted("North", 30, 60, 21, 60))) == "<1 study, odds ratio>"
    table = found.table()
    north = table.loc["North"]
    error = math.sqrt(1 / 30 + 1 / 30 + 1 / 21 + 1 / 39)
    ratio = 30 * 39 / (30 * 21)
    assert north["estimate"] == pytest.approx(ratio)
    assert north["low"] == pytest.approx(ratio * math.exp(-1.959963985 * error))
    assert north["high"] == pytest.approx(ratio * math.exp(1.959963985 * error))
    assert north["standard_error"] == pytest.approx(error)
    assert table["people"].tolist() == [60, 40]
    assert table["design"].tolist() == ["trial", "cohort"]
    assert "people" not in read(estimated("A", 2, lower=1, upper=4)).table()
