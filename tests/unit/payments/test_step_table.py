"""The step table against published ladders and integer arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import ndtr, ndtri

from sibsim.core.arrays import FloatArray
from sibsim.core.wording import MeasureWords
from sibsim.payments.step_table import StepTable
from tests.reported import all_served, report, served_first, terms

NEWPIN = (
    {"at": 0.55, "pays": 210_000},
    {"at": 0.60, "pays": 525_000},
    {"at": 0.65, "pays": 840_000},
    {"at": 0.70, "pays": 1_050_000},
)
"""Newpin's 3, 7.5, 12 and 15 % of AUD 7 m."""

PEOPLE = range(2, 501)
"""Numbers of people for which ties are checked."""

RIKERS = (
    (0.085, 4.8),
    (0.10, 9.6),
    (0.11, 10.08),
    (0.12, 10.176),
    (0.125, 10.272),
    (0.13, 10.368),
    (0.16, 10.944),
    (0.20, 11.712),
)
"""Rikers Island: what the city pays, USD m, from each reduction on."""


def table(**fields: Any) -> StepTable:  # noqa: ANN401 - fields of a spec
    """Return Newpin's table as steps on the pooled rate."""
    newpin = {
        "reads": "home",
        "of": "rate",
        "at_months": 12,
        "pooled": True,
        "inclusive": True,
        "schedule": NEWPIN,
    }
    return StepTable(**(newpin | fields))


def paid(line: StepTable, successes: FloatArray, *, people: float) -> FloatArray:
    """Return what one cohort is paid in every draw."""
    measured = {
        "home": report(
            successes[np.newaxis, np.newaxis], months=(12,), treated_n=people, draws=True
        )
    }
    total: FloatArray = line.due(measured, standing=all_served(1), terms=terms()).amount.sum(axis=0)
    return total


@pytest.mark.parametrize(
    ("successes", "inclusive", "exclusive"),
    [
        (549, 0, 0),
        (550, 210_000, 0),
        (551, 210_000, 210_000),
        (600, 525_000, 210_000),
        (616, 525_000, 525_000),
        (699, 840_000, 840_000),
        (700, 1_050_000, 840_000),
        (1000, 1_050_000, 1_050_000),
    ],
)
def test_newpins_bands(successes: int, inclusive: float, exclusive: float) -> None:
    """Of 1,000: each band from its lower edge; the edge is in it only where said."""
    count = np.array([float(successes)])
    assert paid(table(), count, people=1000) == inclusive
    assert paid(table(inclusive=False), count, people=1000) == exclusive


@pytest.mark.parametrize("inclusive", [True, False])
def test_a_tie_pays_as_said_for_every_number_of_people(*, inclusive: bool) -> None:
    """With an edge at each k / N that pays k, j of N pay j, or j - 1 where edges are not in."""
    for people in PEOPLE:
        counts = np.arange(people + 1.0)
        edges = [{"at": k / people, "pays": k} for k in range(1, people + 1)]
        expected = counts if inclusive else np.maximum(counts - 1, 0)
        found = paid(table(schedule=edges, inclusive=inclusive), counts, people=people)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("inclusive", [True, False])
def test_edges_in_per_cent_are_those_of_integer_arithmetic(*, inclusive: bool) -> None:
    """Of N people j reach i % where 100 j >= i N, or 100 j > i N, in whole numbers."""
    line = table(schedule=[{"at": i / 100, "pays": i} for i in range(1, 101)], inclusive=inclusive)
    for people in PEOPLE:
        counts = range(people + 1)
        expected = [
            100 * j // people if inclusive else max(100 * j - 1, 0) // people for j in counts
        ]
        found = paid(line, np.array(counts, dtype=np.float64), people=people)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("mean", "published"), [(0.10, 5.7407107), (0.0, 0.3320392), (0.15, 9.3152881)]
)
def test_rikers_ladder_under_normal_error(mean: float, published: float) -> None:
    """The mean is the sum of the steps x P(X >= edge)."""
    grid = 200_000
    line = table(schedule=[{"at": at, "pays": pays} for at, pays in RIKERS])
    found = paid(line, mean + 0.05 * ndtri((np.arange(grid) + 0.5) / grid), people=1.0).mean()
    steps = np.diff([0.0, *(pays for _, pays in RIKERS)])
    edges = np.array([at for at, _ in RIKERS])
    # Each edge is off by at most one of 200,000 equally likely values x its step.
    assert found == pytest.approx(steps @ ndtr((mean - edges) / 0.05), abs=12 / grid)
    assert found == pytest.approx(published, abs=1e-4)


def test_a_fall_is_read_against_the_comparison() -> None:
    """142 against 155 per 100 is a fall of 8.387 %: the step at 7.5 % and not that at 10 %."""
    line = table(of="reduction", schedule=[{"at": 0.075, "pays": 5}, {"at": 0.1, "pays": 9}])
    measured = {"home": report([[142]], months=(12,), treated_n=100, rate=1.55)}
    assert line.due(measured, standing=all_served(1), terms=terms()).amount.sum() == 5
    assert "monotone" not in line.properties
    assert "monotone" in table().properties


def test_by_cohort_pays_each_its_share_of_those_planned() -> None:
    """Planned 25 and 75: 60 and 70 % pay a quarter of 525,000 and three quarters of 1,050,000."""
    measured = {"home": report([[30], [35]], months=(12,))}
    line = table(pooled=False)
    due = line.due(measured, standing=all_served(2), terms=terms(planned=(25, 75)))
    np.testing.assert_allclose(due.amount[[5, 7], 0], [131_250, 787_500], rtol=1e-12)
    alone = line.due(measured, standing=served_first(1, of=2), terms=terms(planned=(25, 75)))
    assert alone.amount.sum() == pytest.approx(131_250, rel=1e-12)


def test_whether_an_edge_is_in_its_band_has_to_be_said() -> None:
    """There is no default for what a contract has to say."""
    fields = table().model_dump()
    del fields["inclusive"]
    with pytest.raises(ValidationError, match="inclusive"):
        StepTable.model_validate(fields)


def test_describe_says_the_bands_and_their_edges() -> None:
    """From an edge, or above it."""
    words = MeasureWords(outcome="home", design="registers", payer="NSW", currency="AUD")
    assert table(inclusive=False).describe("da", words=words) == (
        "NSW betaler efter den målte andel for »home« 12 måneder efter indsatsens start, målt ved "
        "registers for alle hold under ét, når det sidste hold er målt: intet til og med 55 %, "
        "210.000 AUD over 55 %, 525.000 AUD over 60 %, 840.000 AUD over 65 % og 1.050.000 AUD over "
        "70 %."
    )
    assert table().describe("en", words=words) == (
        'NSW pays by the measured rate of "home" 12 months after the start of service, measured by '
        "registers for all cohorts together, once the last cohort is measured: nothing below 55 %, "
        "AUD 210,000 from 55 %, AUD 525,000 from 60 %, AUD 840,000 from 65 % and AUD 1,050,000 "
        "from 70 %."
    )
