"""The page of outcome models shows every model, and every example on it is valid and comes out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import sibsim as sib
from sibsim.core.spec import load_family_member
from sibsim.outcomes import MEMBERS
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.links import conditional

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "outcomes.md").read_text("utf-8")
HOLBAEK = tomllib.loads((ROOT / "data" / "cases" / "holbaek.toml").read_text("utf-8"))
BLOCKS = [tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]

SHOWN = dict(
    re.findall(r"```{outcome-model} (\w+)\n```.*?```toml\n(.*?)```", PAGE, re.DOTALL),
)
"""The example of each section, by the model that the section shows."""

MODELS = {name: tomllib.loads(text)["outcomes"] for name, text in SHOWN.items()}
EXAMPLES = {name: outcome for each in MODELS.values() for name, outcome in each.items()}
CHANGES = [block for block in BLOCKS if block.get("outcomes") not in MODELS.values()]

FUNNELS = {
    "reboot-west": {"early": 228, "second": 109, "third": 41, "fourth": 33, "fifth": 10},
    "mhep": {"job_start": 590, "six_weeks": 130},
    "essex": {"at_home": round(388 * (1 - 0.108))},
}
"""Numbers of people that the sources publish, by the key of the source and the outcome; the early
outcomes of Reboot West are 225 to 231, and MHEP publishes 22 % of 590."""


def test_every_model_has_its_section_and_example() -> None:
    """In the list at the top, as a section from the code, and as an example of that model."""
    assert re.findall(r"```{outcome-model} (\w+)", PAGE) == list(SHOWN)
    assert set(SHOWN) == set(MEMBERS)
    for name, outcomes in MODELS.items():
        assert [outcome["model"] for outcome in outcomes.values()] == [name]
        anchor = re.search(rf"^\| .* \| \[`{name}`\]\(#([\w-]+)\) \|$", PAGE, re.MULTILINE)
        assert anchor, name
        assert f"({anchor[1]})=\n" in PAGE


@pytest.mark.parametrize("name", MEMBERS)
def test_every_example_reads_as_an_outcome(name: str) -> None:
    """It is valid by itself."""
    member = load_family_member("sibsim.outcomes", "sibsim.outcomes", name)
    assert member is not None
    (outcome,) = MODELS[name].values()
    assert isinstance(member.model_validate(outcome), OutcomeModel)


def test_the_examples_stand_in_one_case() -> None:
    """What they read of each other is there, and the case runs."""
    base = _with({"outcomes": EXAMPLES}).base_case()
    for name in EXAMPLES:
        assert (base.metric(f"people.{name}") == HOLBAEK["target_group"]["size"]["value"]).all()
        assert (base.metric(f"achieved.{name}") > 0).all()


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_every_change_of_a_case_is_valid_and_runs(number: int) -> None:
    """Applied to Holbæk beside the examples of models."""
    base = _with({"outcomes": EXAMPLES}, CHANGES[number]).base_case()
    for name in CHANGES[number].get("outcomes", {}):
        assert (base.metric(f"achieved.{name}") > 0).all()


@pytest.mark.parametrize("source", FUNNELS)
def test_a_published_funnel_comes_out_to_the_person(source: str) -> None:
    """The expected numbers of the example are the published ones."""
    base = _published(source).base_case()
    for name, people in FUNNELS[source].items():
        found = base.metric(f"achieved.{name}")
        assert found.round() == people, name


@pytest.mark.parametrize("source", ["reboot-west", "mhep"])
def test_a_chain_of_shares_comes_out_link_by_link(source: str) -> None:
    """Of those who reach a step, the published share reaches the next, and nobody else does."""
    base = _published(source).base_case()
    people = base.metric("participants").item()
    reached = [base.metric(f"achieved.{name}") / people for name in FUNNELS[source]]
    counts = list(FUNNELS[source].values())
    for k in range(1, len(counts)):
        given, without = conditional(
            reached[k - 1], reached[k], odds_ratio=reached[k] * 0 + 1_000_000
        )
        assert given.item() == pytest.approx(counts[k] / counts[k - 1], abs=0.5 / counts[k - 1])
        assert people * without.item() < 0.01


def test_essex_starts_and_completes_as_published() -> None:
    """50 of 75 start in the first wave, 388 in all, of whom 335 complete."""
    base = _published("essex").base_case()
    delivery = base.explain().query("stage == 'delivery'")
    assert float(delivery["value"].iloc[0]) == pytest.approx(50, abs=0.01)
    assert "referred 75." in delivery["how"].iloc[0]
    assert base.metric("participants").round() == 388
    completed = [float(re.findall(r"completed ([\d.]+)", how)[0]) for how in delivery["how"]]
    assert round(sum(completed)) == 335


def test_the_printed_outcomes_are_those_of_the_case() -> None:
    """The table under `results.outcomes()` is what the command prints."""
    (change,) = [block for block in CHANGES if "misreporting" in str(block)]
    found = _with(change).base_case().outcomes().round(1).to_string()
    assert _printed("outcomes") == _trimmed(found)


def test_the_printed_selection_is_that_of_the_case() -> None:
    """What creaming and parking do to the line on jobs, with the counterfactuals that are named."""
    (change,) = [block for block in CHANGES if "selection" in str(block)]
    fixed = {"near": {"counterfactual": 0.46}, "far": {"counterfactual": 0.31}}
    rows = [f"{'creaming':>8} {'parking':>8} {'paid':>8} {'additional':>11} {'money':>11}"]
    for creaming, parking in ((0.0, 0.0), (0.4, 0.0), (0.0, 0.4), (0.4, 0.4)):
        selection = {"creaming": creaming, "parking": parking}
        target_group = {**change["target_group"], "selection": selection}
        case = _with({"target_group": target_group, "outcomes": {"job": {"segments": fixed}}})
        job = case.base_case().outcomes().loc["job"]
        rows.append(
            f"{creaming:8.1f} {parking:8.1f} {job['paid']:8.1f} {job['additional']:11.1f} "
            f"{job['money']:11,.0f}"
        )
    assert _printed("selection") == "\n".join(rows)


def test_links_are_as_the_page_says() -> None:
    """50 % and 25 % at an odds ratio of 3; 43.6 % with three points more."""
    one = sib.load_case("holbaek").base_case().metric("participants") * 0 + 1
    given, without = conditional(0.6 * one, 0.4 * one, odds_ratio=3 * one)
    assert (given.item(), without.item()) == pytest.approx((0.5, 0.25))
    (change,) = [block for block in CHANGES if "mastery" in block.get("outcomes", {})]
    base = _with({"outcomes": EXAMPLES}, change).base_case()
    share = base.metric("achieved.job_later") / base.metric("participants")
    assert share.round(3) == 0.436


def test_the_code_on_the_page_runs() -> None:
    """Every Python example, as it stands."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)  # noqa: S102 - the code is our own
    assert names["case"].base_case().metric("achieved.own") > 0
    assert not names["by_duration"].warnings
    assert names["by_month"].error < 1e-9


def _with(*changes: Mapping[str, Any]) -> sib.Case:
    """Return Holbæk with changes, one after the other; a table that is there is changed inside."""
    case, known = sib.load_case("holbaek"), dict(HOLBAEK)
    for change in changes:
        case = case.with_(dict(_paths(change, inside=known)))
        known = _merged(known, change)
    return case


def _paths(change: Mapping[str, Any], *, inside: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in change.items():
        there = inside.get(key)
        if isinstance(value, dict) and isinstance(there, dict) and "value" not in value:
            yield from ((f"{key}.{path}", new) for path, new in _paths(value, inside=there))
        else:
            yield key, value


def _merged(known: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    nested = {
        key: _merged(known[key], value)
        for key, value in change.items()
        if isinstance(value, dict) and isinstance(known.get(key), dict) and "value" not in value
    }
    return {**known, **change, **nested}


@cache
def _published(source: str) -> sib.Case:
    """Return Holbæk with the example of a published funnel."""
    (change,) = [block for block in CHANGES if source in block.get("sources", {})]
    return _with(change)


def _printed(name: str) -> str:
    """Return the text that stands on the page under a mark, without trailing spaces."""
    found = re.search(rf"<!-- printed: {name} -->\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert found, name
    return _trimmed(found[1])


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())
