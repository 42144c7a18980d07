"""The executed page on actuals: what it says of its tables, against hand calculations."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sibsim as sib
from sibsim.forecast.bridge import CAUSES
from sibsim.forecast.observations import KINDS
from sibsim.forecast.observed import Observed

PAGE = (Path(__file__).parents[2] / "docs" / "actuals.md").read_text("utf-8")

PRICES = {"job": {12: 16_000, 18: 22_000}, "fit_for_work": {12: 12_000}, "wellbeing": {12: 6_000}}
"""Price of a result in Holbæk, by line and follow-up."""


POINTS = 8
"""What 14 of 34 are known within, in percentage points."""


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Return the names that the cells of the page define, each cell run as it stands."""
    names: dict[str, Any] = {}
    with pd.option_context("display.float_format", pd.get_option("display.float_format")):
        for cell in re.findall(r"```{code-cell} python\n(.*?)```", PAGE, re.DOTALL):
            exec(compile(ast.parse(cell), "cell", "exec"), names)  # noqa: S102 - our own page
    return names


def test_every_kind_and_column_is_described() -> None:
    """Each kind of row stands in the table with each of its columns."""
    table = PAGE[: PAGE.index("The example:")]
    for kind, model in KINDS.items():
        (row,) = (line for line in table.splitlines() if re.match(rf"\|.*`{kind}`.*\|.*\|", line))
        assert {name for name in model.model_fields if f"`{name}`" not in row} == set()


def test_every_method_is_shown() -> None:
    """Each public method of what `observe` returns is called on the page."""
    methods = {
        name
        for name, member in vars(Observed).items()
        if callable(member) and not name.startswith("_")
    }
    assert {name for name in methods if f"observed.{name}(" not in PAGE} == set()


def test_the_steps_of_the_bridge_are_described() -> None:
    """In their order."""
    assert tuple(re.findall(r"^\| `(\w+)` \| .* \| .* \|$", PAGE, re.MULTILINE)[-5:]) == CAUSES


def test_the_figures_are_said_to_be_invented() -> None:
    """No table of this kind ships as data."""
    assert "**Every observed figure on this page is\ninvented**" in PAGE
    folder = Path(sib.__file__).parents[1] / "data"
    assert not list(folder.rglob("*invented*"))


@pytest.mark.slow
def test_payments_of_the_example_are_what_the_page_says(page: dict[str, Any]) -> None:
    """Results times prices, and one result of better wellbeing short."""
    observed = page["observed"]
    found = observed.payments()
    for name, prices in PRICES.items():
        report = observed.facts.reports[name]
        months = page["case"].outcomes[name].follow_up_months
        given = sum(
            float(pd.Series(report.treated_sum[:, months.index(at)]).sum()) * price
            for at, price in prices.items()
        )
        assert found.loc[name, "contract"] == given
    assert found.loc["all lines", "difference"] == -6_000
    assert found.loc["wellbeing", "difference"] == -6_000


@pytest.mark.slow
def test_the_example_shows_what_the_page_says(page: dict[str, Any]) -> None:
    """Fewer goals are reached than planned, nobody who came is forgotten, and steps sum."""
    observed, bridge = page["observed"], page["bridge"]
    goals = observed.goals(draws=4_096)
    assert (goals["p_missed"] > goals["p_missed_plan"]).all()
    table = bridge.table()
    assert table["change"].iloc[1:-1].sum() == pytest.approx(table["change"].iloc[-1])
    learned = observed.case.quantities["outcomes.fit_for_work.counterfactual"]
    assert learned.base_value < 0.50
    # The page rounds sqrt(0.41 x 0.59 / 34) = 0.084 to 8 points.
    assert round(100 * (0.41 * 0.59 / 34) ** 0.5) == POINTS
