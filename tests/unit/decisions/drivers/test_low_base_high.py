"""The low, base and high table."""

from __future__ import annotations

import pytest

import sibsim as sib


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return the Holbæk case."""
    return sib.load_case("holbaek")


def test_ends_equal_the_case_with_that_value(case: sib.Case) -> None:
    """Each end is the base case of the case in which the quantity is fixed at its p10 or p90."""
    table = case.low_base_high("payments_total").table()
    for path in ("delivery.volume", "outcomes.wellbeing.uplift", "outcomes.job.counterfactual"):
        row = table.loc[path]
        for end in ("low", "high"):
            fixed = case.with_({path: float(str(row[end]))}).base_case()
            assert row[f"metric_{end}"] == pytest.approx(
                fixed.metric("payments_total")[0], rel=1e-12
            )


def test_every_uncertain_quantity_stands_once_widest_first(case: sib.Case) -> None:
    """All uncertain quantities, sorted by their swing."""
    table = case.low_base_high("investor_profit").table()
    uncertain = {path for path, each in case.quantities.items() if not each.is_fixed}
    assert set(table.index) == uncertain
    swing = (table["metric_high"] - table["metric_low"]).abs()
    assert swing.is_monotonic_decreasing


def test_shows_itself(case: sib.Case) -> None:
    """The table reads as text and in a notebook."""
    found = case.low_base_high("investor_irr")
    assert repr(found).startswith("investor_irr, base case 0.0378")
    assert "delivery.volume" in found._repr_html_()
