"""The evidence that ships: every row has provenance, and its figures agree with each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import get_args

import pytest

from sibsim.core import catalogue
from sibsim.errors import ArgumentError
from sibsim.evidence.shipped import COUNTS, FOLDER, Finding, Kind, findings, load_evidence
from sibsim.evidence.studies import RATIOS, StudyScale

NAMES = catalogue.names(FOLDER)

ROWS = [(name, each) for name in NAMES for each in findings(name)]

IDS = [f"{name}: {each.study}, {each.outcome}" for name, each in ROWS]

YEARS = range(1990, 2027)
"""Years a source can have."""

DESIGNS = {"randomised", "quasi_experimental", "mixed"}

SETTINGS = {"research", "practice"}

MOST_MONTHS = 120
"""No study here followed people for more than ten years."""

ADJUSTED = 0.25
"""Standard errors by which an estimate that was adjusted for covariates, as the published odds
ratio beside the counts of Hellström 2017 was, may lie from that of the plain counts: in a trial of
its size adjustment moves the log odds ratio by a few hundredths."""

NORMAL_95 = 1.959964
"""Errors within which a normal estimate lies in 95 % of cases."""

UNEVEN = 0.12
"""Share of the width of an interval by which its middle may lie off the estimate, on the additive
scale: printed limits are rounded to two figures, and exact intervals are a little uneven."""


def additive(finding: Finding, value: float) -> float:
    """Return a figure on the additive scale of its row."""
    return math.log(value) if finding.scale in RATIOS else value


def faults_of(finding: Finding) -> list[str]:
    """Return what a row lacks, in words."""
    whole = finding.source_url.startswith(("http://", "https://")) and "..." not in (
        finding.source_url
    )
    words = (finding.study, finding.intervention, finding.outcome, finding.country)
    wrong = {
        "title": not finding.source_title.strip(),
        "address": not whole or finding.source_url.split("//")[1].count(".") == 0,
        "year": finding.source_year not in YEARS,
        "status": finding.status not in {"published", "assumption"},
        "an assumption without its arithmetic": finding.status == "assumption"
        and "by us" not in finding.note,
        "words": not all(each.strip() for each in words),
        "kind": finding.kind not in get_args(Kind),
        "scale": finding.scale not in get_args(StudyScale),
        "design": finding.design not in DESIGNS,
        "setting": finding.setting not in SETTINGS,
        "months": not 0 < (finding.measured_at_months or 1) <= MOST_MONTHS,
        "a figure": finding.estimate is None and not finding.has_counts,
        "one limit": (finding.lower is None) != (finding.upper is None),
        "limits without their level": finding.lower is not None and finding.level is None,
        "some counts": 0 < sum(getattr(finding, name) is not None for name in COUNTS) < len(COUNTS),
    }
    return [what for what, found in wrong.items() if found]


def test_the_columns_are_those_of_a_finding() -> None:
    """Every table has the fields of `Finding`, in their order, and at least one row."""
    for name in NAMES:
        assert list(catalogue.rows(FOLDER, name)[0]) == [each.name for each in fields(Finding)]


@pytest.mark.parametrize(("name", "finding"), ROWS, ids=IDS)
def test_every_row_has_provenance(name: str, finding: Finding) -> None:
    """Title, whole address, year, status; the arithmetic where counts are ours; known words."""
    assert faults_of(finding) == [], name


@pytest.mark.parametrize(
    "broken",
    [
        {"source_title": " "},
        {"source_url": "see the page"},
        {"source_url": "https://example.org/..."},
        {"source_year": 1066},
        {"status": "derived"},
        {"status": "assumption", "note": "a guess"},
        {"kind": "review"},
        {"scale": "percent"},
        {"design": "trial"},
        {"setting": "clinic"},
        {"measured_at_months": 1_000.0},
        {"estimate": None},
        {"lower": None},
        {"level": None},
        {"events": 3.0},
    ],
)
def test_a_broken_row_is_found(broken: Mapping[str, object]) -> None:
    """The check sees each fault in a row that is whole without it."""
    whole = next(each for _, each in ROWS if each.study == "Brinchmann 2020")
    assert faults_of(whole) == []
    assert faults_of(replace(whole, **broken)) != []  # type: ignore[arg-type]  # meant to be wrong


@pytest.mark.parametrize(("name", "finding"), ROWS, ids=IDS)
def test_figures_agree_with_each_other(name: str, finding: Finding) -> None:
    """Counts fit into groups, intervals hold their estimate evenly, estimates follow from counts.

    A ratio lies above zero and a difference of shares within one.
    """
    if finding.has_counts:
        a, n, c, m = (getattr(finding, each) for each in COUNTS)
        assert 0 < a < n, name
        assert 0 < c < m, name
        assert all(float(each).is_integer() for each in (a, n, c, m)), name
    if finding.estimate is not None and finding.scale in RATIOS:
        assert finding.estimate > 0, name
    if finding.scale == "risk_difference":
        assert finding.estimate is not None, name
        assert abs(finding.estimate) < 1, name
    if finding.estimate is None or finding.lower is None or finding.upper is None:
        return
    low, mid, high = (
        additive(finding, value) for value in (finding.lower, finding.estimate, finding.upper)
    )
    assert low < mid < high, name
    assert abs(mid - (low + high) / 2) < UNEVEN * (high - low), name
    if finding.has_counts:
        assert finding.scale == "odds_ratio", name
        a, n, c, m = (getattr(finding, each) for each in COUNTS)
        plain = math.log(a * (m - c) / (c * (n - a)))
        assert abs(plain - mid) < ADJUSTED * (high - low) / (2 * NORMAL_95), name


def test_an_estimate_stands_beside_counts_somewhere() -> None:
    """Hellström 2017 has both, so that the comparison above is made."""
    both = [each.study for _, each in ROWS if each.has_counts and each.estimate is not None]
    assert both == ["Hellström 2017"]


@pytest.mark.parametrize(
    ("study", "shares"),
    [
        ("Drake 1999", ("60.8", "9.2")),
        ("Mueser 2004", ("73.9", "27.5")),
        ("Bond 2007", ("75.0", "33.7")),
        ("Davis 2012", ("76", "28")),
        ("Drake 2013", ("52.4", "33.0")),
        ("Hoffmann 2014", ("65", "33")),
        ("Bejerholm 2015", ("46", "11")),
        ("Poremski 2015", ("34", "22")),
        ("Viering 2015", ("32", "12")),
    ],
)
def test_counts_give_the_published_percentages(study: str, shares: tuple[str, str]) -> None:
    """Where whole numbers of people give the published per cents, ours do, to the printed digit."""
    finding = next(each for _, each in ROWS if each.study == study)
    a, n, c, m = (getattr(finding, each) for each in COUNTS)
    digits = len(shares[0].partition(".")[2])
    assert (f"{100 * a / n:.{digits}f}", f"{100 * c / m:.{digits}f}") == shares


@pytest.mark.parametrize(
    ("study", "treated", "compared"),
    [
        ("Latimer 2006", 47, 18),
        ("Christensen 2019", 59.9, 46.5),
        ("Hoff 2021", 56.2, 45),
        ("Christensen 2019, 30 months", 65, 53),
        ("At Home/Chez Soi, high needs", 73, 31),
    ],
)
def test_counts_lie_within_one_person_of_the_percentages(
    study: str, treated: float, compared: float
) -> None:
    """Where no whole numbers give the per cents, or several do, people are these made whole."""
    finding = next(each for _, each in ROWS if each.study == study)
    a, n, c, m = (getattr(finding, each) for each in COUNTS)
    assert abs(a - treated * n / 100) <= 0.5
    assert abs(c - compared * m / 100) <= 0.5


@pytest.mark.parametrize(
    ("study", "treated", "compared"),
    [("Gold 2006", 0.64, 0.26), ("Heslin 2011", 0.22, 0.11), ("Reme 2019", 0.374, 0.271)],
)
def test_estimates_without_arms_follow_from_the_percentages(
    study: str, treated: float, compared: float
) -> None:
    """Where no arms could be read, the odds ratio is that of the per cents, in two decimals."""
    finding = next(each for _, each in ROWS if each.study == study)
    odds_ratio = treated * (1 - compared) / (compared * (1 - treated))
    assert finding.estimate == pytest.approx(odds_ratio, abs=0.005)
    assert not finding.says_how_sure


def test_every_table_loads_or_says_why_not() -> None:
    """Tables of studies load; those without intervals or with several outcomes say so."""
    unloadable = {}
    for name in NAMES:
        try:
            assert load_evidence(name).number > 0
        except ArgumentError as error:
            unloadable[name] = str(error)
    assert set(unloadable) == {
        "active-labour-market",
        "family-treatment",
        "ips-primary-care",
        "mentoring",
    }
    assert "state one" in unloadable.pop("family-treatment")
    assert all("without an interval" in text for text in unloadable.values())
