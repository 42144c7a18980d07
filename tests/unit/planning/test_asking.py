"""What planning is asked: keywords, clusters as tables, one number where one is meant."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

import sibsim.planning as room
from sibsim.core.clusters import Clusters
from sibsim.errors import ArgumentError
from sibsim.planning.designs import assurance, minimum_detectable_effect, people_needed, power
from sibsim.planning.proportions import power_of_proportions
from sibsim.planning.setting import Setting
from sibsim.planning.standard import NAMES, STANDARD_CLUSTERS, design_of, standard_designs
from sibsim.planning.table import design_table

TRIAL: dict[str, Any] = {"design": "randomised", "controls_per_participant": 1.0}
ASKED: dict[str, Any] = {"people": 40, "counterfactual": 0.3, "effect": 0.1}
FUNCTIONS: list[tuple[Callable[..., object], dict[str, Any]]] = [
    (power, ASKED),
    (assurance, ASKED),
    (minimum_detectable_effect, {"people": 40, "counterfactual": 0.3}),
    (people_needed, {"counterfactual": 0.3, "effect": 0.1}),
    (design_table, {"sizes": 40, "counterfactual": 0.3, "effect": 0.1}),
]


@pytest.mark.parametrize(("function", "asked"), FUNCTIONS)
def test_clusters_may_be_a_table(function: Callable[..., Any], asked: dict[str, Any]) -> None:
    """As in a case file; a bad one is refused with its field."""
    design = ["randomised"] if function is design_table else "randomised"
    table = function(design, clusters={"number": 6, "icc": 0.03}, **asked)
    made = function(design, clusters=Clusters(number=6, icc=0.03), **asked)
    alone = function(design, **asked)
    assert str(table) == str(made) != str(alone)
    for given, said in (
        ({"number": 6, "icc": 3}, r"^clusters.icc: got 3; an intraclass correlation"),
        ({"number": 1, "icc": 0.03}, r"^clusters.number: got 1; with one cluster"),
        ({"number": 6}, r"^clusters.icc: is missing; it must be stated"),
        (6, r"^clusters: got 6; it must be a table"),
    ):
        with pytest.raises(ArgumentError, match=said):
            function(design, clusters=given, **asked)


@pytest.mark.parametrize(("function", "asked"), FUNCTIONS)
def test_an_unknown_keyword_is_refused_by_the_function(
    function: Callable[..., Any], asked: dict[str, Any]
) -> None:
    """With the name of the function that was called and the nearest keyword."""
    name = function.__name__
    with pytest.raises(ArgumentError, match=rf"^{name}: got cluster, .*did you mean 'clusters'"):
        function("randomised", cluster={"number": 6, "icc": 0.03}, **asked)
    with pytest.raises(ArgumentError, match=rf"^{name}: got icc, which it does not take; known"):
        function("randomised", icc=0.03, **asked)


@pytest.mark.parametrize("name", ["counterfactual", "sd", "drift_sd", "alpha", "sided", "kind"])
def test_several_where_one_is_meant_are_refused(name: str) -> None:
    """In plain words that name the argument."""
    for several in ([0.1, 0.2], np.array([0.1, 0.2])):
        with pytest.raises(ArgumentError, match=rf"^{name}: got \[0.1, 0.2\]; "):
            power(TRIAL, **(ASKED | {name: several}))


def test_one_effect_and_one_power_are_asked_about() -> None:
    """People needed is one number for one effect."""
    with pytest.raises(ArgumentError, match=r"^effect: got \[0.1, 0.2\]; it is one number here"):
        people_needed(TRIAL, counterfactual=0.3, effect=[0.1, 0.2])  # type: ignore[arg-type]  # the wrong type is meant
    for function, asked in FUNCTIONS[2:]:
        with pytest.raises(ArgumentError, match=r"^power: got \[0.8, 0.9\]; it is one number"):
            function("randomised", power=[0.8, 0.9], **asked)


def test_nothing_is_refused() -> None:
    """No sizes, no effects, no designs, and what is no list of designs."""
    with pytest.raises(ArgumentError, match=r"^people: got \[\]; it holds one number or more"):
        power(TRIAL, **(ASKED | {"people": []}))
    with pytest.raises(ArgumentError, match=r"^effect: got \[\]; it holds one number or more"):
        power(TRIAL, **(ASKED | {"effect": []}))
    with pytest.raises(ArgumentError, match=r"^effect: got \[\]; it holds one number or more"):
        assurance(TRIAL, **(ASKED | {"effect": np.array([])}))
    with pytest.raises(ArgumentError, match=r"^people: got \[\]; it holds one number or more"):
        power_of_proportions(0.3, 0.4, people=[])
    args: dict[str, Any] = {"sizes": 40, "counterfactual": 0.3, "effect": 0.1}
    with pytest.raises(ArgumentError, match=r"^sizes: got \[\]; it holds one number or more"):
        design_table(TRIAL, **(args | {"sizes": []}))
    nothings: list[tuple[Any, str]] = [([], r"\[\]"), ({}, r"\{\}"), (5, "5")]
    for nothing, shown in nothings:
        with pytest.raises(ArgumentError, match=rf"^designs: got {shown}; they are a list"):
            design_table(nothing, **args)
    with pytest.raises(ArgumentError, match=r"^design: got 5; a design is a name"):
        design_table([5], **args)  # type: ignore[list-item]  # the wrong type is meant
    made = design_of("randomised", setting=Setting(40, 0.3, 0.1))
    assert list(design_table(made, **args)["design"]) == ["randomised"]


def test_a_kind_that_is_none_is_told_the_kinds() -> None:
    """And the docstrings list them."""
    with pytest.raises(ArgumentError, match="write 'binary', 'count' or 'continuous'"):
        power(TRIAL, kind="ordinal", **ASKED)  # type: ignore[arg-type]  # the wrong type is meant
    for kind in ("binary", "count", "continuous"):
        assert f'"{kind}"' in str(power.__doc__)


@pytest.mark.parametrize("name", NAMES)
def test_every_assumed_figure_has_its_reason(name: str) -> None:
    """In the note of the table, which is a design as it stands."""
    setting = Setting(120, 0.3, 0.1, clusters=STANDARD_CLUSTERS)
    table = standard_designs(setting=setting)[name]
    assert table["design"] == name
    assert design_of(table, setting=setting) == design_of(name, setting=setting)
    assert table["note"].endswith(".")
    said = {
        "historical_baseline": "400 people",
        "before_after": "0.2 sd",
        "matched_comparison": "sd 0.1",
        "difference_in_differences": "0.5",
        "cluster_randomised": "8 with ICC 0.05",
        "stepped_wedge": "ICC 0.05",
        "interrupted_time_series": "24 months before and 12 after",
        "synthetic_control": "20 donors",
    }
    assert said.get(name, "") in table["note"]


def test_the_standard_clusters_are_said() -> None:
    """In the note of the clusters and beside the table."""
    assert "8 with ICC 0.05" in str(STANDARD_CLUSTERS.note)
    assert 'clusters={"number": 8, "icc": 0.05}' in str(standard_designs.__doc__)
    assert (STANDARD_CLUSTERS.number, STANDARD_CLUSTERS.icc) == (8, 0.05)
    for long in (False, True):
        table = design_table(sizes=40, counterfactual=0.3, effect=0.1, long=long)
        assert list(table.attrs["assumptions"]) == list(NAMES)
        assert "8 with ICC 0.05" in table.attrs["assumptions"]["cluster_randomised"]
    own = design_table({"mine": TRIAL, "yours": "randomised"}, sizes=40, **_shares())
    assert list(own.attrs["assumptions"]) == ["yours"]
    tables = standard_designs(setting=Setting(40, 0.3, 0.1))
    together = design_table(tables, sizes=40, clusters=STANDARD_CLUSTERS, **_shares())
    assert list(together["design"]) == list(NAMES)


@pytest.mark.parametrize("answer", [room.DesignPower, room.PeopleNeeded])
def test_help_explains_every_figure_of_an_answer(
    answer: type[room.DesignPower | room.PeopleNeeded],
) -> None:
    """Under Attributes, since `help` shows no docstring of a field."""
    explained = str(inspect.getdoc(answer)).partition("Attributes\n")[2]
    for each in fields(answer):
        assert f"\n{each.name}\n    " in explained


def _shares() -> dict[str, Any]:
    return {"counterfactual": 0.3, "effect": 0.1}
