"""Pages that are written from code and data hold all of it, and say it as the models do."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, get_args

import pytest
from annotated_types import Ge, Gt, Le, Lt

from docs._ext import forms
from docs._ext.generated import PAGES, TEXTS, filled
from sibsim.casefile import load_case, shipped_cases
from sibsim.core import catalogue
from sibsim.core.parameters import Share, Shares
from sibsim.core.priors import priors
from sibsim.core.spec import Date, Money, Months, Name, Rate
from sibsim.reports.models import Family, keys_of, model_of, models_of
from sibsim.sections import SECTIONS
from tests.pages import DOCS


def _section(text: str, *, title: str) -> str:
    """Return what stands below a heading, to the next of its kind or above."""
    level = title.partition(" ")[0]
    found = re.search(
        rf"^{re.escape(title)}\n(.*?)(?=^#{{2,{len(level)}}} |\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert found is not None, title
    return found[1]


def test_every_section_of_a_case_file_has_its_heading() -> None:
    """In the order of the file, after the first lines."""
    headings = re.findall(r"^## `\[+(\w+)", _made("case-schema"), re.MULTILINE)
    assert headings == list(SECTIONS)


@pytest.mark.parametrize("family", get_args(Family))
def test_every_model_shows_every_key(family: Family) -> None:
    """All keys of its own, in its own section."""
    section = {"outcomes": "outcomes", "evaluation": "measures", "payments": "payments"}[family]
    text = _section(_made("case-schema"), title=f"## `[{section}.NAME]`")
    for name in models_of(family):
        shown = re.findall(r"^\| `(.*?)` \|", _section(text, title=f"### `{name}`"), re.MULTILINE)
        plain = {re.sub(r"\[\]|\.NAME", "", key) for key in shown}
        model = model_of(family, name=name)
        keys = {key.name for key in keys_of(family, model=model)}
        assert keys - plain == {key for key in keys if key.split(".")[0] == "segments"}


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Money, "number, 0 or more"),
        (Months, "whole number, 0 or more"),
        (Rate, "number, at most 1"),
        (Date, "date"),
        (Name, "name"),
        (Share, "quantity, 0 to 1"),
        (Shares, "quantity, 0 to 1; or a list of them"),
        (Share | None, "quantity, 0 to 1"),
        (tuple[Money, ...], "list of: number, 0 or more"),
        (Annotated[float, Gt(0), Le(1)], "number, above 0, at most 1"),
        (Annotated[float, Ge(0), Lt(1), Le(1)], "number, 0 or more, below 1"),
        (Annotated[float, Ge(0), Gt(0)], "number, above 0"),
    ],
)
def test_a_form_says_kind_and_range(annotation: object, words: str) -> None:
    """Of ends at one value the one that leaves it out holds; of several the tightest."""
    assert forms.form(annotation) == words


def test_no_text_shows_python() -> None:
    """Neither objects nor what stands for a default that is not there."""
    for name in TEXTS:
        assert not re.search(r"Undefined|object at 0x|<class|FieldInfo|typing\.", _made(name))


def test_the_catalogue_holds_every_file() -> None:
    """Every case, template, deal, table of evidence and rules, set of states and prior."""
    text = _made("data-catalogue")
    folders = ("cases", "templates", "deals", "evidence", "states")
    names = [name for folder in folders for name in catalogue.names(folder)]
    names += [*catalogue.names("rules", "denmark"), *priors()]
    assert [name for name in names if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize("name", shipped_cases())
def test_a_case_is_counted_as_its_check_counts(name: str) -> None:
    """People, and figures published and assumed; each source with its address."""
    case = load_case(name)
    found = case.check()
    (row,) = re.findall(
        rf"^\| `{name}` \| .*\| (\S+) \| (\d+) \| (\d+) \|$", _cases(), re.MULTILINE
    )
    assert case.target_group is not None
    size = f"{case.target_group.size.base_value:g}"
    assert row == (size, str(len(found.published)), str(len(found.assumed)))
    (sources,) = re.findall(rf"^- `{name}`: (.*)$", _cases(), re.MULTILINE)
    for source in case.sources.values():
        assert source.url is None or f"(<{source.url}>)" in sources


def test_pages_are_filled_and_read_again() -> None:
    """Each page that names a generated text is one that is read in every build."""
    naming = {
        page.stem
        for page in DOCS.glob("*.md")
        if filled(page.read_text("utf-8")) != page.read_text("utf-8")
    }
    assert naming == PAGES
    with pytest.raises(KeyError, match="nothing"):
        filled("<!-- generated: nothing -->")


@cache
def _made(name: str) -> str:
    """Return a generated text, made once."""
    return TEXTS[name]()


def _cases() -> str:
    """Return the part of the catalogue on cases."""
    return _section(_made("data-catalogue"), title="## Cases")
