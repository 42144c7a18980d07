"""A grant stated as an amount, beside contracts of many shapes."""

from __future__ import annotations

import pytest

import sibsim as sib


@pytest.mark.parametrize(
    ("name", "amount"),
    [("ballerup", 5e5), ("roskilde", 2e6), ("vejle", 2e6), ("viborg", 3e6), ("holbaek", 1e9)],
)
def test_a_grant_may_cover_whole_periods(name: str, amount: float) -> None:
    """What it pays in full leaves nothing to finance, and never less than nothing."""
    ways = sib.load_case(name).compare(grant=amount, draws=64)
    table = ways.table()["value"]
    assert table["net", "grant"] >= table["net", "contract"] - 1.0
