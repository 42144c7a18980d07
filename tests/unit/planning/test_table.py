"""The table of designs over sizes against the functions that it puts together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sibsim.core.clusters import Clusters
from sibsim.errors import ArgumentError
from sibsim.planning.arguments import Better
from sibsim.planning.designs import assurance, minimum_detectable_effect, power
from sibsim.planning.standard import NAMES
from sibsim.planning.table import COLUMNS, design_table

PRIOR = {"p10": 0.02, "p50": 0.1, "p90": 0.2}
SIZES = [20, 120, 450]

# Splines of variances are exact for the effect that is asked about only where it is a node or the
# variance a cubic polynomial; a correlation of shares is neither.
CLOSE = 1e-5


@pytest.mark.parametrize(
    "result",
    [
        {"counterfactual": 0.3, "effect": 0.1, "drift_sd": 0.05},
        {"counterfactual": 0.6, "effect": -0.15, "sided": 1},
        {"counterfactual": 0.3, "effect": PRIOR, "clusters": Clusters(number=6, icc=0.04)},
        {"counterfactual": 2.0, "effect": -0.5, "kind": "count", "dispersion": 1.5},
        {"counterfactual": 20.0, "effect": 2.0, "kind": "continuous", "sd": 8.0},
    ],
)
def test_the_table_says_what_the_functions_say(result: dict[str, Any]) -> None:
    """Every design and size, every column."""
    table = design_table(sizes=SIZES, **result)
    assert tuple(table.columns) == COLUMNS
    assert list(table["design"].unique()) == list(NAMES)
    effect = result["effect"]
    asked = effect["p50"] if isinstance(effect, dict) else effect
    rest = {key: value for key, value in result.items() if key != "effect"}
    better: Better = "fewer" if asked < 0 else "more"
    for name in NAMES:
        rows = table[table["design"] == name]
        assert list(rows["people"]) == SIZES
        one = power(name, people=SIZES, effect=asked, **rest)
        for column in COLUMNS[2:9]:
            np.testing.assert_allclose(rows[column], getattr(one, column), atol=CLOSE, rtol=CLOSE)
        least = minimum_detectable_effect(name, people=SIZES, better=better, **rest)
        np.testing.assert_allclose(rows["minimum_detectable_effect"], least, atol=CLOSE, rtol=CLOSE)
        sure = assurance(name, people=SIZES, effect=effect, **rest)
        np.testing.assert_allclose(rows["assurance"], sure, atol=CLOSE)


def test_more_people_never_raise_the_error() -> None:
    """The same designs with more people; a shared error does not average out."""
    table = design_table(sizes=[50, 100, 200, 400, 800], counterfactual=0.3, effect=0.1)
    errors = table.pivot_table(index="design", columns="people", values="standard_error")
    assert np.all(np.diff(errors.to_numpy(), axis=1) <= 1e-12)
    assert errors.loc["matched_comparison", 800] > 0.1 * np.sqrt(0.21)


def test_the_long_frame_has_one_row_for_each_figure() -> None:
    """Ready to plot: design, people, what, value."""
    args: dict[str, Any] = {"sizes": [50, 100], "counterfactual": 0.3, "effect": 0.1}
    wide, long = (
        design_table(["randomised"], **args),
        design_table(["randomised"], long=True, **args),
    )
    assert list(long.columns) == ["design", "people", "what", "value"]
    assert len(long) == 2 * (len(COLUMNS) - 2)
    found = long[(long["what"] == "power") & (long["people"] == 100)]["value"]
    assert found.item() == wide["power"][1]


def test_designs_go_by_names_of_ones_own() -> None:
    """A mapping tells two trials apart; without one they may not be there twice."""
    few: dict[str, Any] = {"design": "randomised", "controls_per_participant": 1.0}
    many = few | {"controls_per_participant": 5.0}
    args: dict[str, Any] = {"sizes": 100, "counterfactual": 0.3, "effect": 0.1}
    table = design_table({"one control": few, "five controls": many}, **args)
    assert list(table["design"]) == ["one control", "five controls"]
    assert list(table["comparison_people"]) == [100.0, 500.0]
    assert table["power"][1] > table["power"][0]
    assert len(design_table(few, **args)) == 1
    assert list(design_table("randomised", **args)["design"]) == ["randomised"]
    with pytest.raises(ArgumentError, match=r"designs: got 'randomised'; .*twice"):
        design_table([few, many], **args)


def test_bad_input_is_refused() -> None:
    """Sizes, shares and effects as everywhere; several effects are no one effect."""
    args: dict[str, Any] = {"sizes": 100, "counterfactual": 0.3, "effect": 0.1}
    for changes, said in (
        ({"sizes": [1, 20]}, "sizes: got 1; a group needs 2"),
        ({"sizes": 20.5}, "people: got 20.5; people are whole"),
        ({"effect": [0.1, 0.2]}, "effect: got .*power is asked about one effect"),
        ({"effect": 0.9}, "effect: got 0.9"),
        ({"power": 80}, "power: got 80; .*write 0.8"),
    ):
        with pytest.raises(ArgumentError, match=said):
            design_table(["randomised"], **(args | changes))
