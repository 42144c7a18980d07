"""Every text of the library that is said in two languages has both."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import sibsim
from sibsim.core.words import Words

MODULES = sorted(
    each.name
    for each in pkgutil.walk_packages(sibsim.__path__, prefix="sibsim.")
    if not each.name.endswith("__main__")
)

ROOT = Path(sibsim.__file__).parent

SOURCES = sorted(ROOT.rglob("*.py"))

NOTHING = Words(da="", en="")
"""Stands where there is nothing to add to a sentence."""


def words_in(value: object, *, depth: int = 6) -> Iterator[Words]:
    """Yield the words in a value: itself, what a mapping, sequence or dataclass holds."""
    if isinstance(value, Words):
        yield value
    elif depth == 0 or isinstance(value, str | bytes | type):
        return
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from words_in(each, depth=depth - 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from words_in(each, depth=depth - 1)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from words_in(getattr(value, field.name, None), depth=depth - 1)


@pytest.mark.parametrize("name", MODULES)
def test_both_languages_are_there(name: str) -> None:
    """No words of a module lack Danish or English; words that say nothing say it in both."""
    for key, value in vars(importlib.import_module(name)).items():
        for words in words_in(value):
            if words != NOTHING:
                assert (words.da or "").strip(), f"{name}.{key}: {words}"
                assert (words.en or "").strip(), f"{name}.{key}: {words}"


def _calls(source: str) -> Iterator[ast.Call]:
    """Yield the calls that make words, those inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Words":
            yield node


def _lacks(call: ast.Call) -> bool:
    """Return whether words are made in one of the two languages; those in none say nothing."""
    return bool(call.args) or {each.arg for each in call.keywords} not in (set(), {"da", "en"})


@pytest.mark.parametrize("path", SOURCES, ids=[str(each.relative_to(ROOT)) for each in SOURCES])
def test_words_inside_functions_name_both_languages(path: Path) -> None:
    """Wherever words are made, Danish and English are given by name."""
    assert not [call.lineno for call in _calls(path.read_text("utf-8")) if _lacks(call)]


def test_words_of_one_language_are_seen() -> None:
    """The search looks inside functions, and finds a language that is missing."""
    (call,) = _calls("def f():\n    return Words(da='en')")
    assert _lacks(call)
    (call,) = _calls("x = [Words(da=a, en=b)]")
    assert not _lacks(call)
    assert sum(len(list(_calls(path.read_text("utf-8")))) for path in SOURCES) > 2_000


def test_there_are_words() -> None:
    """The search finds words in mappings and in dataclasses; a language that lacks is seen."""
    from sibsim.reports.document.words import HEADINGS

    assert len(list(words_in(HEADINGS))) == len(HEADINGS)
    assert [each.en for each in words_in([{"one": (Words(da="en"),)}])] == [None]
