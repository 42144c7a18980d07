"""Public rules by date: both sides of every reform, what is refused, and prices moved openly."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

import sibsim as sib
from sibsim.core import catalogue
from sibsim.core.rules import Rule, list_rules, rule, rules_named
from sibsim.errors import ArgumentError, UnknownNameError

PAGE = (Path(__file__).parents[3] / "docs" / "danish-rules.md").read_text("utf-8")

ROUNDING = 1e-14
"""A product and a quotient of two numbers are right to a few units of 2^-53."""


@pytest.mark.parametrize(
    ("name", "on", "value"),
    [
        ("dk-shelter-refund.days", "2023-09-30", math.inf),
        ("dk-shelter-refund.days", "2023-10-01", 120),
        ("dk-shelter-refund.days", "2026-03-31", 120),
        ("dk-shelter-refund.days", "2026-04-01", 90),
        ("dk-shelter-refund.share", "2015-01-01", 0.5),
        ("dk-shelter-refund.share", "2026-04-01", 0.5),
        ("dk-housing-first-refund.share", "2023-10-01", 0.5),
        ("dk-housing-first-refund.years", "2023-10-01", 2),
        ("dk-expensive-cases.threshold-1", "2021-12-31", 850_000),
        ("dk-expensive-cases.threshold-1", "2022-01-01", 860_000),
        ("dk-expensive-cases.threshold-2", "2021-12-31", 1_660_000),
        ("dk-expensive-cases.threshold-2", "2022-01-01", 1_680_000),
        ("dk-expensive-cases.threshold-3", "2021-01-01", 2_090_000),
        ("dk-expensive-cases.threshold-3", "2026-11-22", 2_120_000),
        ("dk-expensive-cases.share-1", "2021-01-01", 0.25),
        ("dk-expensive-cases.share-2", "2026-01-01", 0.5),
        ("dk-expensive-cases.share-3", "2026-01-01", 0.75),
        ("dk-benefit.kontanthjaelp.30-plus-without-dependants", "2025-06-30", 12_326),
        ("dk-benefit.kontanthjaelp.forhoejet-sats", "2025-07-01", 12_064),
        ("dk-benefit.uddannelseshjaelp.exists", "2025-06-30", 1),
        ("dk-benefit.uddannelseshjaelp.exists", "2025-07-01", 0),
        ("dk-benefit.dagpenge", "2024-12-31", 20_359),
        ("dk-benefit.dagpenge", "2025-01-01", 21_092),
        ("dk-benefit.dagpenge", "2025-12-31", 21_092),
        ("dk-benefit.dagpenge", "2026-01-01", 22_041),
        ("dk-benefit.sygedagpenge", "2022-12-31", 4_465),
        ("dk-benefit.sygedagpenge", "2023-12-31", 4_550),
        ("dk-benefit.sygedagpenge", "2024-01-01", 4_695),
        ("dk-budget-guarantee.kontanthjaelp", "2026-01-01", 1),
        ("dk-municipal-tax.average", "2025-12-31", 0.25068),
        ("dk-municipal-tax.average", "2026-01-01", 0.25049),
        ("dk-discount.rate-1", "2013-05-30", 0.05),
        ("dk-discount.rate-1", "2013-05-31", 0.04),
        ("dk-discount.rate-1", "2021-01-06", 0.04),
        ("dk-discount.rate-1", "2021-01-07", 0.035),
        ("dk-discount.rate-2", "2026-01-01", 0.025),
        ("dk-discount.rate-3", "2026-01-01", 0.015),
        ("dk-discount.from-year-2", "2026-01-01", 36),
        ("dk-discount.from-year-3", "2026-01-01", 71),
        ("dk-tax-distortion", "2016-03-17", 1.2),
        ("dk-tax-distortion", "2023-06-22", 1),
        ("dk-net-tax-factor", "2023-06-22", 1.28),
        ("dk-health-co-financing.activity-based", "2018-12-31", 1),
        ("dk-health-co-financing.activity-based", "2019-01-01", 0),
        ("dk-service-ceiling.saving-on-transfers-makes-room", "2026-01-01", 0),
        ("dk-service-ceiling.saving-on-services-makes-room", "2026-01-01", 1),
    ],
)
def test_a_rule_holds_from_its_first_day_to_its_last(name: str, on: str, value: float) -> None:
    """Both sides of a reform, as read in the sources."""
    found = rule(name, on=on)
    assert found.value == value
    assert found.covers(date.fromisoformat(on))


@pytest.mark.parametrize(
    ("name", "on", "holds"),
    [
        (
            "dk-benefit.kontanthjaelp.30-plus-without-dependants",
            "2025-07-01",
            "from 2024-01-01 to 2025-06-30",
        ),
        ("dk-benefit.kontanthjaelp.forhoejet-sats", "2025-06-30", "from 2025-07-01"),
        (
            "dk-benefit.sygedagpenge",
            "2025-01-01",
            "from 2023-01-01 to 2023-12-31, from 2024-01-01 to 2024-12-31",
        ),
        ("dk-expensive-cases.threshold-1", "2020-12-31", "from 2021-01-01 to 2021-12-31"),
        ("dk-tax-distortion", "2020-01-01", "from 1999-01-01 to 2016-03-17, from 2023-06-22"),
        ("dk-housing-first-refund.share", "2023-09-30", "from 2023-10-01"),
    ],
)
def test_a_day_that_no_row_covers_is_refused(name: str, on: str, holds: str) -> None:
    """The error says which days the rule does cover; no neighbour is taken instead."""
    with pytest.raises(ArgumentError, match=holds) as caught:
        rule(name, on=on)
    assert str(caught.value).startswith(f"got {on}; ")


def test_an_unknown_rule_names_the_nearest() -> None:
    """A misspelt name is refused, alone and as the beginning of names."""
    with pytest.raises(UnknownNameError, match=r"did you mean 'dk-shelter-refund\.days'"):
        rule("dk-shelter-refund.day", on="2024-01-01")
    with pytest.raises(UnknownNameError, match=r"list_rules\(\) shows every name"):
        rules_named("se-")


@pytest.mark.parametrize("on", ["1 April 2026", "2026-13-01", 2026, None])
def test_what_is_no_day_is_refused(on: object) -> None:
    """A day is a date or ISO text."""
    with pytest.raises(ArgumentError, match="a day is a date or text such as '2026-04-01'"):
        rule("dk-net-tax-factor", on=on)  # type: ignore[arg-type]  # a wrong type on purpose


@pytest.mark.parametrize(
    "on",
    ["2026-04-01", date(2026, 4, 1), datetime(2026, 4, 1, 0, 1)],  # noqa: DTZ001 - a day
)
def test_a_day_is_a_date_or_its_text(on: date | str) -> None:
    """A date, the same as text, or a moment of the day."""
    assert rule("dk-shelter-refund.days", on=on).value == 90


def test_sickness_benefit_is_not_on_the_list_of_the_guarantee() -> None:
    """The list of 2014 does not name it, and says of itself that it is old."""
    listed = rules_named("dk-budget-guarantee.")
    assert {each.name.rpartition(".")[2] for each in listed} == {
        "aktivering",
        "foertidspension",
        "integration",
        "kontanthjaelp",
        "ledighedsydelse",
        "revalidering",
    }
    for each in listed:
        assert "2014" in each.note
    with pytest.raises(UnknownNameError):
        rule("dk-budget-guarantee.sygedagpenge", on="2026-01-01")


def test_an_amount_is_moved_by_the_net_price_index_of_june() -> None:
    """134,081 kr. of 2018 are 134,081 x 118.8 / 102.7 = 155,100.51 kr. of 2024."""
    read = rule("dk-intervention.icm-and-flat.cost", on="2024-06-30")
    moved = read.in_prices_of(2024)
    assert (read.value, read.price_year, read.status) == (134_081, 2018, "published")
    assert moved.value == pytest.approx(155_100.51, abs=0.005)
    assert moved.value == pytest.approx(134_081 * 118.8 / 102.7, rel=ROUNDING)
    assert (moved.price_year, moved.status) == (2024, "assumption")
    for words in ("from 2018 to 2024", "118.8 / 102.7 = 1.1568", "read as 134,081", read.note):
        assert words in moved.note
    assert (moved.source, moved.valid_from) == (read.source, read.valid_from)


def test_june_stands_for_a_year_and_not_december() -> None:
    """4,550 kr. of 2023 are 4,550 x 118.8 / 117.6 = 4,596.43 kr. of 2024."""
    moved = rule("dk-benefit.sygedagpenge", on="2023-06-01").in_prices_of(2024)
    assert moved.value == pytest.approx(4_596.43, abs=0.005)


def test_there_and_back_is_the_same_amount() -> None:
    """Moving to other prices and back loses only rounding; to its own it changes nothing."""
    read = rule("dk-benefit.sygedagpenge", on="2023-06-01")
    assert read.in_prices_of(2023) is read
    back = read.in_prices_of(2019).in_prices_of(2023)
    assert back.value == pytest.approx(4_550, rel=ROUNDING)


@pytest.mark.parametrize(
    ("name", "on", "year", "missing"),
    [
        ("dk-benefit.sygedagpenge", "2024-01-01", 2026, 2026),
        ("dk-benefit.dagpenge", "2025-01-01", 2024, 2025),
        ("dk-intervention.cti.cost", "2024-01-01", 2024, 2017),
    ],
)
def test_a_year_beyond_the_index_is_refused(name: str, on: str, year: int, missing: int) -> None:
    """Neither the year of the amount nor the one asked for is extrapolated."""
    with pytest.raises(ArgumentError, match=rf"no level for {missing}; .*covers 2018 to 2024"):
        rule(name, on=on).in_prices_of(year)


def test_a_share_has_no_price_level() -> None:
    """Only an amount of money can be moved."""
    with pytest.raises(ArgumentError, match="only an amount of money has a price level"):
        rule("dk-municipal-tax.average", on="2025-01-01").in_prices_of(2024)


def test_a_rule_prints_with_its_days_and_source() -> None:
    """One line says number, unit, days and source; infinite is said in words."""
    new = str(rule("dk-shelter-refund.days", on="2026-04-01"))
    assert new.startswith("dk-shelter-refund.days: 90 (days a running year of each person")
    assert "from 2026-04-01; Social- og Boligstyrelsen: Omstilling af" in new
    old = str(rule("dk-shelter-refund.days", on="2020-01-01"))
    assert ": no limit (" in old
    assert ", up to 2023-09-30; " in old
    amount = str(rule("dk-benefit.dagpenge", on="2025-01-01"))
    assert "21,092 (kr. a month, 2025 prices), from 2025-01-01 to 2025-12-31; " in amount
    assert ", on any day; " in str(rule("dk-budget-guarantee.revalidering", on="2026-01-01"))


def test_the_table_shows_what_holds_on_a_day() -> None:
    """By prefix and day: one row per rule, with its source."""
    frame = sib.list_rules("dk-shelter-refund", on="2026-04-01")
    assert frame["name"].tolist() == [
        "dk-shelter-refund.counter-resets-after",
        "dk-shelter-refund.days",
        "dk-shelter-refund.share",
    ]
    assert frame["value"].tolist() == [1, 90, 0.5]
    assert frame["source"].str.contains("https://").all()
    assert len(sib.list_rules("dk-shelter-refund")) == 6
    assert (
        sib.list_rules("dk-benefit.dagpenge", on="2026-01-01")["price_year"].tolist() == [2026] * 2
    )


def test_the_whole_table_has_every_row() -> None:
    """Without a prefix nothing is left out, and what has no price level says so."""
    frame = list_rules()
    assert len(frame) == len(rules_named(""))
    assert frame["price_year"].isna().any()
    assert frame.columns.tolist()[:3] == ["name", "value", "unit"]


def every_reform() -> list[Rule]:
    """Return every row that follows an earlier row of its rule."""
    rows = rules_named("")
    return [new for old, new in pairwise(rows) if old.name == new.name]


@pytest.mark.parametrize("new", every_reform(), ids=lambda row: f"{row.name} {row.valid_from}")
def test_every_reform_changes_the_row_on_its_day(new: Rule) -> None:
    """On its first day the new row is found, the day before it is not."""
    assert new.valid_from is not None
    assert rule(new.name, on=new.valid_from) is new
    eve = new.valid_from - timedelta(days=1)
    holding = rules_named(new.name, on=eve)
    assert new not in holding
    assert [each.valid_to for each in holding if each.name == new.name] in ([eve], [])


def test_examples_of_the_page_come_to_what_they_say() -> None:
    """Each line of the page on Danish rules that shows a result has it."""
    space: dict[str, object] = {}
    compared = 0
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        for line in block.splitlines():
            code, _, shown = line.partition("  # ")
            if shown and not code.startswith("print"):
                assert repr(eval(code, space)) == shown, line  # noqa: S307 - our own page
                compared += 1
            else:
                exec(code, space)  # noqa: S102 - our own page
    assert compared > 10


def test_the_page_names_every_kind_of_rule_in_its_file() -> None:
    """The table of what ships leaves no rule out and promises none that is not there."""
    rows = re.findall(r"^\| (`\w+`)? ?\| (`dk-[^|]+) \|", PAGE, re.MULTILINE)
    promised: set[tuple[str, str]] = set()
    file = ""
    for first, prefixes in rows:
        file = first.strip("`") or file
        promised |= {(file, prefix) for prefix in re.findall(r"`(dk-[^`]+)`", prefixes)}
    folder = catalogue.folder("rules", "denmark")
    shipped = {
        (path.stem, row.get("name") or row["rule"])
        for path in folder.glob("*.csv")
        for row in catalogue.rows("rules", "denmark", path.stem)
    }
    held = {
        (file, name): {each for each in promised if each[0] == file and name.startswith(each[1])}
        for file, name in shipped
    }
    assert [key for key, found in held.items() if not found] == []
    assert set().union(*held.values()) == promised


def test_the_page_shows_the_error_as_it_is() -> None:
    """The message on the page is the one that is raised."""
    with pytest.raises(ArgumentError) as caught:
        rule("dk-benefit.sygedagpenge", on="2025-01-01")
    assert f"ArgumentError: {caught.value}" in " ".join(PAGE.split())
