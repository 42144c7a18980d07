"""The page on checks is true: its tests exist, and hold the figures that it shows."""

from __future__ import annotations

import re

import pytest

from docs._ext.generated import filled
from docs._ext.replication_table import replication_table
from sibsim.deals.replication import replicate
from tests.pages import DOCS

PAGE = (DOCS / "how-numbers-are-checked.md").read_text("utf-8")
TESTS = DOCS.parent / "tests"
_PUBLISHED = PAGE.partition("## Published figures of other kinds")[2].partition("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _PUBLISHED.splitlines()
    if line.startswith("| ") and "`" in line
]
"""Rows of the published figures: what, figures, source, tolerance, test."""


def test_every_test_that_is_named_exists() -> None:
    """Each is a file of tests."""
    named = set(re.findall(r"`((?:replication|unit|properties|matrix)/[\w/]+\.py)`", PAGE))
    assert [name for name in sorted(named) if not (TESTS / name).is_file()] == []


def test_every_replication_is_named() -> None:
    """A new file of replications has its row."""
    files = {f"`replication/{path.name}`" for path in (TESTS / "replication").glob("test_*.py")}
    unnamed = {name for name in files if name not in PAGE.replace("`tests/", "`")}
    assert unnamed == set()


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:40] for row in ROWS])
def test_the_test_holds_the_published_figure(row: list[str]) -> None:
    """Each figure stands in the code of the test that the row names."""
    code = (TESTS / row[4].strip("`")).read_text("utf-8")
    held = {_plain(number) for number in re.findall(r"-?\d[\d_,]*\.?\d*", code)}
    figures = [_plain(number) for number in re.findall(r"-?\d[\d,]*\.?\d*", row[1])]
    assert figures
    assert [number for number in figures if number not in held] == []


def test_the_table_of_contracts_is_that_of_the_library() -> None:
    """One line for each figure, with its verdict, and how many must be met and are missed."""
    rows = replicate()
    lines = [line for line in replication_table().splitlines() if line.startswith("| `")]
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(f"| `{row.deal}`: ")
        assert line.endswith(f" | {row.verdict} | {row.grade} |")
    assert "0 are missed" in replication_table()
    assert replication_table() in filled(PAGE)


def _plain(number: str) -> str:
    """Return a number as it is compared: no signs of thousands, no blank end of a list."""
    return number.replace("_", "").replace(",", "").lstrip("-")
