"""Indices step on 1 January; dated rules hold between their dates and say their source."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core import catalogue
from sibsim.core.prices import Index, Ladder, index_factor, refund_ladder
from sibsim.core.timeline import Timeline
from sibsim.errors import ArgumentError, UnknownNameError

ROUNDING = 1e-14
"""A power and a quotient of numbers near 1 are right to a few units of 2^-53."""


def test_rate_compounds_per_calendar_year() -> None:
    """The factor is (1 + r)^(year - price year): below 1 before it, 1 in it."""
    factor = Index(per_year=0.036).factor(np.array([2023, 2024, 2025, 2026]), price_year=2024)
    np.testing.assert_allclose(factor, [1 / 1.036, 1.0, 1.036, 1.073296], rtol=ROUNDING)


def test_index_steps_on_the_first_of_january() -> None:
    """Every period of a calendar year has that year's factor."""
    timeline = Timeline(date(2024, 7, 1), date(2025, 12, 31), "quarter")
    factor = Index(per_year=0.1).factor(timeline.year_of_period, price_year=2024)
    np.testing.assert_allclose(factor, [1.0, 1.0, 1.1, 1.1, 1.1, 1.1], rtol=ROUNDING)


def test_dated_table_is_relative_to_the_price_year() -> None:
    """Levels in any base give level(year) / level(price year), then growth after the last year."""
    index = Index(values={2024: 100, 2025: 103.6, 2026: 105}, then_per_year=0.02)
    factor = index.factor(np.array([2024, 2025, 2026, 2028]), price_year=2025)
    expected = [100 / 103.6, 1.0, 105 / 103.6, 105 * 1.02**2 / 103.6]
    np.testing.assert_allclose(factor, expected, rtol=ROUNDING)


def test_dated_table_reads_the_keys_of_a_case_file() -> None:
    """Keys of a TOML table are text; both forms are the same index."""
    assert Index(values={"2024": 100}) == Index(values={2024: 100})


@pytest.mark.parametrize(
    ("years", "words"), [([2023], "begins in 2024"), ([2026], "add `then_per_year`")]
)
def test_dated_table_refuses_years_it_does_not_know(years: list[int], words: str) -> None:
    """A year outside the table is an error, not the nearest level."""
    index = Index(values={2024: 100, 2025: 103.6})
    with pytest.raises(ArgumentError, match=words):
        index.factor(np.array(years), price_year=2024)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "either `per_year` or `values`"),
        ({"per_year": 0.1, "values": {2024: 1}}, "not both"),
        ({"per_year": 0.1, "then_per_year": 0.1}, "goes with `values`"),
        ({"values": {2024: 1, 2026: 1}}, "lacks 2025"),
        ({"values": {"soon": 1}}, "calendar year"),
        ({"values": {}}, "calendar year"),
        ({"per_year": -1.0}, "greater than -1"),
    ],
)
def test_index_has_one_form(fields: dict[str, Any], words: str) -> None:
    """A wrong form is a fault that says the way out."""
    with pytest.raises(ValidationError, match=words):
        Index(**fields)


def test_no_index_must_be_said() -> None:
    """`none` gives ones; any other unknown name is an error with the nearest name."""
    years = np.array([2024, 2030])
    indices = {"wages": Index(per_year=0.032)}
    assert index_factor("none", indices=indices, years=years, price_year=2024).tolist() == [1, 1]
    with pytest.raises(UnknownNameError, match="did you mean 'wages'"):
        index_factor("wage", indices=indices, years=years, price_year=2024)


def test_danish_refund_ladder_has_the_published_steps() -> None:
    """80, 40, 30 and 20 % after 0, 4, 26 and 52 weeks (LBK 221 of 12 Feb 2021 § 5)."""
    ladder = refund_ladder("dk-refund", day=date(2024, 1, 1))
    assert list(ladder.from_week) == [0, 4, 26, 52]
    assert list(ladder.state_share) == [0.8, 0.4, 0.3, 0.2]
    assert "LBK 221" in ladder.source
    assert "https://elov.dk/" in ladder.source


def test_refund_ladder_refuses_a_day_before_it_was_in_force() -> None:
    """The ladder holds from 4 January 2016, that day included."""
    assert refund_ladder("dk-refund", day=date(2016, 1, 4)).valid_from == date(2016, 1, 4)
    with pytest.raises(ArgumentError, match=r"holds 2016-01-04 to today"):
        refund_ladder("dk-refund", day=date(2016, 1, 3))


def test_unknown_refund_ladder_names_the_nearest() -> None:
    """A misspelt rule is refused with the nearest name."""
    with pytest.raises(UnknownNameError, match="did you mean 'dk-refund'"):
        refund_ladder("dk-refunds", day=date(2024, 1, 1))


def test_shipped_ladders_leave_no_gap_and_say_their_source() -> None:
    """Each step begins where the last one ended, the last has no end, every row has provenance."""
    for country in catalogue.folders("rules"):
        if "refund_ladder" not in catalogue.names("rules", country):
            continue
        rows = catalogue.rows("rules", country, "refund_ladder")
        for row in rows:
            assert row["status"] in {"published", "assumption"}
            assert row["source_title"]
            assert row["source_url"].startswith("https://")
            assert 2000 < int(row["source_year"]) < 2100
            assert 0 <= float(row["state_share"]) <= 1
            date.fromisoformat(row["valid_from"])
        for rule in {(row["rule"], row["valid_from"]) for row in rows}:
            steps = [row for row in rows if (row["rule"], row["valid_from"]) == rule]
            assert float(steps[0]["from_week"]) == 0
            assert [s["to_week"] for s in steps] == [*(s["from_week"] for s in steps[1:]), ""]


def test_ladder_holds_to_its_last_day() -> None:
    """Both dates of a dated rule are inclusive."""
    ladder = Ladder("old", (0.0,), (0.5,), date(2020, 1, 1), date(2020, 12, 31), "")
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2020, 12, 31), date(2021, 1, 1)]
    assert [ladder.covers(day) for day in days] == [False, True, True, False]
