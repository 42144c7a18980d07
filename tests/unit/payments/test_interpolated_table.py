"""The interpolated table against the Newpin bond."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.wording import MeasureWords
from sibsim.payments.interpolated_table import InterpolatedTable
from sibsim.payments.linear_band import LinearBand
from sibsim.payments.reading import Result
from sibsim.payments.schedule import Point, by_lines
from tests.reported import all_served, report, terms

NEWPIN = (
    {"at": 0.55, "pays": 210_000},
    {"at": 0.60, "pays": 525_000},
    {"at": 0.65, "pays": 840_000},
    {"at": 0.70, "pays": 1_050_000},
)
"""Newpin's 3, 7.5, 12 and 15 % of AUD 7 m."""


def table(**fields: Any) -> InterpolatedTable:  # noqa: ANN401 - fields of a spec
    """Return Newpin's table on straight lines."""
    newpin = {
        "reads": "home",
        "of": "rate",
        "at_months": 12,
        "pooled": True,
        "below": "nothing",
        "schedule": NEWPIN,
    }
    return InterpolatedTable(**(newpin | fields))


def paid(line: InterpolatedTable | LinearBand, successes: float, *, people: float = 1000) -> float:
    """Return what one cohort is paid."""
    measured = {"home": report([[successes]], months=(12,), treated_n=people)}
    return float(line.due(measured, standing=all_served(1), terms=terms()).amount.sum())


@pytest.mark.parametrize(
    ("successes", "nothing", "first"),
    [
        (0, 0, 210_000),
        (549, 0, 210_000),
        (550, 210_000, 210_000),
        (600, 525_000, 525_000),
        (616, 625_800, 625_800),  # 7.5 + 4.5 x 1.6 / 5 = 8.94 % of 7 m; 8.9 % was paid
        (675, 945_000, 945_000),
        (900, 1_050_000, 1_050_000),
    ],
)
def test_newpins_lines(successes: float, nothing: float, first: float) -> None:
    """Of 1,000: on the line between two points, the stated rule below, flat above."""
    assert paid(table(), successes) == pytest.approx(nothing, rel=1e-12)
    assert paid(table(below="first"), successes) == pytest.approx(first, rel=1e-12)


def test_the_first_point_is_reached_by_every_tie() -> None:
    """For every N and each fifth k, k of N reach a first point of k / N and k - 1 do not."""
    for people in range(2, 501):
        counts = np.arange(people + 1.0)
        result = Result(counts, np.full(1, float(people)), np.zeros(1))
        for k in range(1, people + 1, 5):
            found = by_lines([Point.model_construct(at=k / people, pays=1.0)], result=result)
            np.testing.assert_array_equal(found, counts >= k)


def test_with_nothing_below_it_is_the_linear_band() -> None:
    """The two say the same where nothing is paid below the floor."""
    band = LinearBand(reads="home", of="rate", at_months=12, pooled=True, schedule=NEWPIN)
    counts = np.linspace(0, 1000, 101)
    assert [paid(table(), k) for k in counts] == [paid(band, k) for k in counts]


def test_nobody_measured_is_not_paid() -> None:
    """The least amount is for a measured result only."""
    assert paid(table(below="first"), 0, people=0) == 0


def test_what_holds_below_the_first_point_has_to_be_said() -> None:
    """There is no default for what a contract has to say."""
    fields = table().model_dump()
    del fields["below"]
    with pytest.raises(ValidationError, match="below"):
        InterpolatedTable.model_validate(fields)


def test_describe_says_what_is_paid_below_the_first_point() -> None:
    """Nothing, or the first amount up to the first point."""
    words = MeasureWords(outcome="home", design="registers", payer="NSW", currency="AUD")
    line = table(below="first", schedule=NEWPIN[:2])
    assert line.describe("da", words=words) == (
        "NSW betaler efter den målte andel for »home« 12 måneder efter indsatsens start, målt ved "
        "registers for alle hold under ét, når det sidste hold er målt: 210.000 AUD til og med "
        "55 % og 525.000 AUD ved 60 %, en ret linje derimellem og ikke mere over 60 %."
    )
    assert line.describe("en", words=words).endswith(
        "AUD 210,000 up to and including 55 % and AUD 525,000 at 60 %, a straight line in between "
        "and no more above 60 %."
    )
    assert "intet under 55 %, 210.000 AUD ved 55 %" in table().describe("da", words=words)
