"""The page of evaluation designs shows every design, and every example measures Holbæk."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import sibsim as sib
from sibsim.evaluation import MEMBERS

PAGE = (Path(__file__).parents[2] / "docs" / "evaluation-designs.md").read_text("utf-8")
SHOWN = dict(
    re.findall(r"```{evaluation-design} (\w+)\n```.*?```toml\n(.*?)```", PAGE, re.DOTALL),
)
"""The example of each section, by the design that the section shows."""


def _flat(table: dict[str, Any]) -> dict[str, Any]:
    """Return the measures and outcomes of an example as changes of a case."""
    changes = {f"measures.{name}": measure for name, measure in table["measures"].items()}
    for name, outcome in table.get("outcomes", {}).items():
        changes |= {f"outcomes.{name}.{key}": value for key, value in outcome.items()}
    return changes


def test_every_design_has_its_section_and_example() -> None:
    """In the list at the top, as a section from the code, and as an example of that design."""
    assert re.findall(r"```{evaluation-design} (\w+)", PAGE) == list(SHOWN)
    assert set(SHOWN) == set(MEMBERS)
    for name, text in SHOWN.items():
        assert [each["design"] for each in tomllib.loads(text)["measures"].values()] == [name]
        assert f"[`{name}`](#{name.replace('_', '-')})" in PAGE
        assert f"({name.replace('_', '-')})=\n" in PAGE


@pytest.mark.parametrize("name", MEMBERS)
def test_every_example_measures_a_case_and_can_be_said(name: str, seed: int) -> None:
    """Beside Holbæk's own measures it is valid, is drawn, and says itself in both languages."""
    example = tomllib.loads(SHOWN[name])
    case = sib.load_case("holbaek").with_(_flat(example))
    (measure,) = example["measures"]
    design = case.measures[measure]
    assert design.describe("da") != design.describe("en")
    world = (case.simulate(draws=1, rng=seed, keep="world").worlds or ())[0]
    truth = design.truth(world.paths[design.outcome])
    missed = design.estimate(world.measured[measure]) - truth
    stated = design.standard_error(world.paths[design.outcome], participation=world.participation)
    # Errors vary with the parameters of a draw; over a block their mean square is that of the se.
    bias = design.bias(world.paths[design.outcome])
    square = ((missed - bias) ** 2 / stated**2).mean()
    assert square == pytest.approx(1.0, abs=0.15)
