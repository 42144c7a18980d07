"""No figure that ships lacks status and provenance: every file of the data, row by row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import pytest

import sibsim as sib
from sibsim.case import Case
from sibsim.casefile import shipped_cases
from sibsim.core import catalogue
from sibsim.core.priors import priors
from sibsim.core.rules import Rule, rules_named
from sibsim.core.spec import Sourced, walk
from sibsim.deals.file import shipped_deals
from sibsim.outcomes.state_sets import list_state_sets, load_state_set
from sibsim.partnership import report

DATA = catalogue.root()

EVIDENCE = "evidence"
"""Folder of the studies, whose rows `test_evidence_data` checks."""

TABLES = sorted(
    path.relative_to(DATA).as_posix()
    for path in DATA.rglob("*.csv")
    if path.parent != DATA / EVIDENCE
)

CHECKED = {"cases", "deals", EVIDENCE, "priors.toml", "rules", "states", "templates"}
"""What lies in the data, each kind with a test below or, for evidence, beside."""

COLUMNS = (
    "name",
    "value",
    "unit",
    "valid_from",
    "valid_to",
    "price_year",
    "status",
    "source_title",
    "source_url",
    "source_year",
    "note",
)
"""Columns of a table of dated rules; the refund ladder has columns of its own."""

ADDRESS = re.compile(r"https?://[^\s.]+\.\S*[^\s.]")
"""A whole address; one that was shortened by dots is none."""

YEARS = range(1990, 2027)
"""Years a source can have: of publication, or of reading where it gives none."""

MONEY = re.compile(r"kr\.")
"""An amount of money, which has a price year; a ratio of two amounts has none."""

RATIO = "kr. back per kr."


class Reference(Protocol):
    """Where something was read."""

    @property
    def title(self) -> str:
        """Title."""

    @property
    def url(self) -> str | None:
        """Address; what ships has one."""

    @property
    def year(self) -> int:
        """Year."""


def rows_of(table: str) -> list[dict[str, str]]:
    """Return the rows of one table."""
    with (DATA / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def faults_of_source(title: str, *, url: str, year: int) -> Iterator[str]:
    """Yield what a source lacks."""
    if not title.strip():
        yield "no title"
    if not ADDRESS.fullmatch(url):
        yield f"address {url!r}"
    if year not in YEARS:
        yield f"year {year}"


def faults_of_provenance(row: Mapping[str, str]) -> Iterator[str]:
    """Yield what a row lacks of status, source and reason."""
    if row["status"] not in {"published", "assumption"}:
        yield f"status {row['status']!r}"
    if row["status"] == "published":
        year = int(row["source_year"]) if row["source_year"].isdecimal() else 0
        yield from faults_of_source(row["source_title"], url=row["source_url"], year=year)
    elif not row["note"].strip():
        yield "an assumption without a note"
    if not row["unit"].strip():
        yield "no unit"
    days = [date.fromisoformat(row[end]) for end in ("valid_from", "valid_to") if row[end]]
    if days != sorted(days):
        yield f"ends before it begins: {days}"


def faults_of_rule(row: Mapping[str, str]) -> Iterator[str]:
    """Yield what a row of dated rules lacks."""
    yield from faults_of_provenance(row)
    if not re.fullmatch(r"[a-z]{2}-[a-z0-9-]+(\.[a-z0-9-]+)*", row["name"]):
        yield f"name {row['name']!r}"
    if not re.fullmatch(r"-?\d+(\.\d+)?|inf", row["value"]):
        yield f"value {row['value']!r}"
    money = bool(MONEY.match(row["unit"])) and row["unit"] != RATIO
    if money != bool(row["price_year"]):
        yield f"price year {row['price_year']!r} of an amount in {row['unit']}"
    if row["price_year"] and int(row["price_year"]) not in YEARS:
        yield f"price year {row['price_year']}"


def overlaps(rows: list[Rule]) -> list[str]:
    """Return the names of rules of which two rows hold on one day."""
    ordered = sorted(rows, key=lambda row: (row.name, row.valid_from or date.min))
    return [
        old.name
        for old, new in pairwise(ordered)
        if old.name == new.name and (old.valid_to or date.max) >= (new.valid_from or date.min)
    ]


def assert_has_sources(sources: Mapping[str, Reference], *, where: str) -> None:
    """Assert that every source has title, whole address and year."""
    for name, source in sources.items():
        found = [*faults_of_source(source.title, url=source.url or "", year=source.year)]
        assert found == [], f"{where}.sources.{name}"


def assert_explains_itself(case: Case) -> None:
    """Assert that sources are whole and every assumption gives its reason."""
    assert_has_sources(case.sources, where=case.name)
    found = report(case)
    assert found.published
    assert found.unexplained == ()


def test_every_kind_of_data_is_checked() -> None:
    """Whoever adds a kind of data adds its check here."""
    assert {path.name for path in DATA.iterdir() if not path.name.startswith((".", "_"))} == CHECKED
    assert all(table.startswith("rules/") for table in TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_every_row_of_a_table_has_provenance(table: str) -> None:
    """Status, unit and period; title, whole address and year where it is published."""
    rows = rows_of(table)
    assert rows
    ladder = Path(table).stem == "refund_ladder"
    assert ladder or tuple(rows[0]) == COLUMNS
    check = faults_of_provenance if ladder else faults_of_rule
    assert [(number, *check(row)) for number, row in enumerate(rows, 2) if [*check(row)]] == []


@pytest.mark.parametrize(
    ("column", "broken"),
    [
        ("status", ""),
        ("status", "derived"),
        ("status", "assumption"),
        ("source_title", " "),
        ("source_url", ""),
        ("source_url", "https://sbst.dk/voksne/..."),
        ("source_url", "see the page"),
        ("source_year", ""),
        ("source_year", "undated"),
        ("unit", ""),
        ("value", "120 days"),
        ("value", "nan"),
        ("name", "Shelter days"),
        ("valid_to", "2020-01-01"),
        ("price_year", "2023"),
    ],
)
def test_a_broken_row_is_found(column: str, broken: str) -> None:
    """The check sees each fault in a row that is whole without it."""
    whole = next(row for row in rows_of("rules/denmark/refunds.csv") if row["value"] == "120")
    assert [*faults_of_rule({**whole, "note": ""})] == []
    assert [*faults_of_rule({**whole, "note": "", column: broken})] != []


def test_no_rule_has_two_rows_for_one_day() -> None:
    """The periods of one name do not overlap, over all tables."""
    assert overlaps(list(rules_named(""))) == []


def test_two_rows_for_one_day_are_found() -> None:
    """A row twice, or two open ones, overlap."""
    rows = [*rules_named("dk-net-tax-factor")]
    assert overlaps(rows * 2) == ["dk-net-tax-factor"]


@pytest.mark.parametrize("name", list_state_sets())
def test_every_row_of_a_set_of_states_has_provenance(name: str) -> None:
    """Each row and role states its status, with a source or a reason."""
    states = load_state_set(name)
    assert_has_sources(states.sources, where=name)
    for told in (*states.evidence.values(), *states.states.values()):
        assert "status" in told.model_fields_set
        assert told.note or told.status == "published"
        assert told.source is None or told.source in states.sources


def test_every_prior_has_provenance() -> None:
    """Each has a status, and a source with title, address and year."""
    for name, prior in priors().items():
        assert prior.status in {"published", "assumption"}, name
        assert [*faults_of_source(prior.source, url=prior.url, year=prior.year)] == [], name
        assert prior.note, name


@pytest.mark.parametrize("name", shipped_deals())
def test_every_figure_of_a_deal_has_provenance(name: str) -> None:
    """Published figures name their source; the deal says once what in it is assumed."""
    deal = sib.load_deal(name)
    assert_has_sources(deal.sources, where=name)
    assert {figure.source for figure in deal.published} <= set(deal.sources)
    agreed = {
        "payments": deal.contract.payments,
        "contract": deal.contract.terms,
        "capital": deal.contract.capital,
    }
    told = [*walk(agreed, Sourced), *walk(deal.indices, Sourced, path="indices")]
    bare = [path for path, each in told if not (each.source or each.note)]
    assert bare == [] or deal.about.note
    assert deal.sources


@pytest.mark.parametrize("name", shipped_cases())
def test_every_figure_of_a_case_has_provenance(name: str) -> None:
    """What is published names a source of the file; every assumption gives its reason."""
    assert_explains_itself(sib.load_case(name))


@pytest.mark.parametrize("kind", catalogue.names("templates"))
def test_every_figure_of_a_template_has_provenance(kind: str) -> None:
    """A case that is built from a template is as open as one that ships."""
    assert_explains_itself(sib.new_case(kind, municipality="Holbæk Kommune", size=100))
