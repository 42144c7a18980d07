"""The executed page on evidence: what it says of its tables, and that it shows what there is."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import sibsim as sib
from sibsim.core import catalogue
from sibsim.evidence.heterogeneity_priors import HeterogeneityPrior
from sibsim.evidence.shipped import FOLDER
from sibsim.evidence.studies import StudyScale
from sibsim.evidence.study_rows import StudyRow
from sibsim.evidence.weighting import Method
from tests.replication.test_interval_coverage import CELLS, COVERAGE

mpl.use("Agg")

PAGE = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text("utf-8")

CELLS_OF_PAGE = re.findall(r"```{code-cell} python\n(.*?)```", PAGE, re.DOTALL)

SAMPLED = "evidence.posterior("
"""What makes a cell take tens of seconds; such cells are run by a test of their own."""

COLUMNS: Mapping[str, str] = {
    "mean: common effect": "mean, fixed z",
    "mean: REML": "mean, reml z",
    "mean: REML, Knapp-Hartung": "mean, reml kh",
    "mean: REML, ad hoc": "mean, reml adhoc",
    "mean: SJ, Knapp-Hartung": "mean, sj kh",
    "next place: REML": "next place, reml z",
    "next place: REML, Knapp-Hartung": "next place, reml kh",
    "next place: SJ, Knapp-Hartung": "next place, sj kh",
    "τ²: profile of Q": "tau^2, profile of Q",
}
"""Columns of the table of coverage, and what they are called where they are tested."""

LARGE = 5
"""Monte Carlo errors beyond which a difference is no chance."""


@pytest.fixture(scope="module")
def page() -> Iterator[dict[str, Any]]:
    """Return the names that the cells define, each cell run as it stands, none that samples."""
    import matplotlib.pyplot as plt

    names: dict[str, Any] = {}
    options = ("display.float_format", "display.max_colwidth")
    kept = [part for name in options for part in (name, pd.get_option(name))]
    with pd.option_context(*kept):
        for cell in CELLS_OF_PAGE:
            if SAMPLED not in cell:
                exec(compile(ast.parse(cell), "cell", "exec"), names)  # noqa: S102 - our own page
    yield names
    plt.close("all")


def rows_of(head: str) -> list[list[str]]:
    """Return the rows of the table whose head begins with this, as cells."""
    lines = PAGE[PAGE.index(f"| {head} |") :].splitlines()
    table = lines[: next(at for at, line in enumerate(lines) if not line.startswith("|"))]
    return [[each.strip() for each in line.strip("|").split("|")] for line in table]


def test_every_public_function_is_named() -> None:
    """Functions and priors of the room, all estimators and all scales stand on the page."""
    functions = {name for name in sib.evidence.__all__ if name[0].islower()}
    priors = {each.__name__ for each in get_args(HeterogeneityPrior)}
    for name in functions | priors | {*get_args(Method)} | {*get_args(StudyScale)}:
        assert re.search(rf"\b{name}\b", PAGE), name


def test_every_column_of_a_study_is_described() -> None:
    """The table of columns has those that are read, and no other."""
    described = re.findall(r"`(\w+)`", " ".join(row[0] for row in rows_of("Column")))
    assert set(described) == set(StudyRow.model_fields)


def test_the_table_of_coverage_is_the_tested_one() -> None:
    """Each figure equals that of the second implementation."""
    head, _, *rows = rows_of("k")
    assert head[2:] == list(COLUMNS)
    assert [(int(row[0]), float(row[1])) for row in rows] == list(CELLS)
    for at, name in enumerate(COLUMNS.values(), start=2):
        assert [float(row[at]) for row in rows] == list(COVERAGE[name])


def test_what_is_said_of_coverage_holds() -> None:
    """Extremes that the text names, rounded as it rounds them."""
    by_name = {name: dict(zip(CELLS, row, strict=True)) for name, row in COVERAGE.items()}
    common = by_name["mean, fixed z"]
    assert [round(common[k, 2.0]) for k in (5, 10, 30)] == [52, 57, 60]
    assert round(by_name["mean, reml z"][5, 2.0]) == 87
    knapp_hartung = by_name["mean, reml kh"].values()
    assert (min(knapp_hartung), max(knapp_hartung)) == (92.7, 95.1)
    assert max(by_name["mean, reml adhoc"].values()) == 99.7
    means = {name: min(row) for name, row in COVERAGE.items() if name.startswith("mean")}
    # Three Monte Carlo errors of 20,000 at 95 %.
    assert [name for name, low in means.items() if low > 94.5] == ["mean, reml adhoc"]
    following = by_name["next place, reml kh"]
    assert {round(following[k, spread]) for k in (5, 10, 30) for spread in (0.1, 0.5)} == {
        *(83, 87, 89)
    }
    assert following[5, 0.1] > following[10, 0.1] > following[30, 0.1]
    wide = by_name["next place, sj kh"]
    assert min(wide.values()) >= 92
    assert min(wide[k, 0.0] for k in (5, 10, 30)) >= 98


def test_every_table_of_evidence_is_listed(page: dict[str, Any]) -> None:
    """The list of what ships has every file."""
    assert page["ips"].number == 14
    assert page["danish"].number == 3
    assert set(sib.evidence.list_evidence()["name"]) == set(catalogue.names(FOLDER))


def test_a_risk_ratio_does_not_travel(page: dict[str, Any]) -> None:
    """2.07 at 23 % is 47.6 %, an odds ratio of 3.04; at 46.5 % it would be 96 %."""
    risk = 2.07 * 0.23
    assert page["odds_ratio"] == pytest.approx(risk / (1 - risk) / (0.23 / 0.77))
    assert round(100 * 2.07 * 0.465) == 96


def test_the_next_place_is_wider_than_the_mean(page: dict[str, Any]) -> None:
    """Worldwide it is; the three Danish trials alone show no difference between places."""
    found, alone = page["found"], page["by_themselves"]
    assert found.next_low < found.low < found.high < found.next_high
    assert alone.tau2 == 0
    assert (alone.next_low, alone.next_high) == (alone.low, alone.high)
    assert any("tau^2 is estimated at 0" in note for note in alone.notes)


def test_estimators_differ_less_than_intervals_are_wide(page: dict[str, Any]) -> None:
    """But the common effect, which lies close to the largest trial."""
    by_method, found = page["by_method"], page["found"]
    assert set(by_method.index) == set(get_args(Method))
    random = by_method.drop(index="fixed")["mean"]
    assert random.max() - random.min() < math.exp(found.high) - math.exp(found.low)
    largest = math.exp(found.studies.estimate[np.argmin(found.studies.variance)])
    assert largest == min(largest, *random)
    common = by_method.loc["fixed", "mean"]
    assert abs(common - largest) < abs(common - random.min())


def test_the_prior_of_tau_widens_the_next_danish_place(page: dict[str, Any]) -> None:
    """Quadrature with a published prior: harm becomes possible."""
    exact, alone = page["exact"], page["by_themselves"]
    low, high = exact.next_site.quantiles([0.025, 0.975])
    assert low < 0 < alone.next_low
    assert high > alone.next_high


def test_heterogeneity_is_refused_twice_and_entered_once(page: dict[str, Any]) -> None:
    """The case says that its effect is predictive; a spread between places beside it is a fault."""
    case = page["case"]
    assert case.document["outcomes"]["job"]["effect"]["predictive"] is True
    assert "christensen-2019" in case.document["sources"]
    with pytest.raises(sib.CaseError, match="count twice"):
        case.with_({"outcomes.job.transport": {"tau": 0.8, "omega": 0.3}})
    (remark,) = page["remarks"]
    assert "tau shrinks the differences between places as well" in remark


def test_how_far_the_two_ways_lie_apart(page: dict[str, Any]) -> None:
    """7 % whatever arrives; of the mean with omega 7, 9 and 15 %, the same only where all does."""
    harm = page["harm"]
    assert harm["next place, all of it"].to_numpy() == pytest.approx(0.07, abs=5e-3)
    assert harm["mean x tau + omega"].round(2).tolist() == [0.07, 0.09, 0.15]
    # Tau by three quantiles and independent of the mean, where it was neither.
    assert harm.loc["all"].max() - harm.loc["all"].min() < 0.01


def test_what_an_investor_gets(page: dict[str, Any]) -> None:
    """Half against fewer than a fifth lose; the next place adds where places differ much."""
    lost = page["results"]["loses money"]
    error = math.sqrt(0.25 / 2_048)
    assert lost["worldwide, next place"] < 0.2 < lost["Denmark, mean"] - LARGE * error
    assert lost["Denmark, next place"] == pytest.approx(0.5, abs=LARGE * error)
    assert lost["worldwide, next place"] > lost["worldwide, mean"]
    assert lost["Denmark, next place"] == pytest.approx(lost["Denmark, mean"], abs=LARGE * error)


@pytest.mark.slow
def test_what_is_lost_in_practice_is_told_by_its_prior(page: dict[str, Any]) -> None:
    """The mean in practice is that of the trials less 0.15, 36 % of it."""
    (cell,) = (each for each in CELLS_OF_PAGE if SAMPLED in each)
    names = dict(page)
    exec(compile(ast.parse(cell), "cell", "exec"), names)  # noqa: S102 - our own page
    practice, exact = names["practice"], names["exact"]
    there = practice.mean({"setting": "practice"})
    spread = math.hypot(exact.mu.sd, 0.15)
    # Draws are refused below 400 effective ones.
    assert there.mean() == pytest.approx(exact.mu.mean - 0.15, abs=LARGE * spread / math.sqrt(400))
    assert there.std() == pytest.approx(spread, rel=LARGE / math.sqrt(2 * 400))
    assert "its coefficient is its prior" in practice.notes[-1]
    assert round(100 * 0.15 / exact.mu.mean) == 36
    assert practice.prior(at={"setting": "practice"}, measured_at_months=18).carried_over
