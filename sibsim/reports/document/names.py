"""What the figures of a case are called, and how they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.amounts import in_both
from sibsim.core.wording import Language, said
from sibsim.core.words import Words
from sibsim.forecast.quantity_words import quantity_words
from sibsim.reports.document.more_words import NUMBER, PARTS, SECTIONS

if TYPE_CHECKING:
    from sibsim.case import Case

SIGNIFICANT = 4
"""Significant digits of numbers below a thousand: more than any assumption is known to."""

NOTHING = 1e-9
"""Numbers closer to zero than this are rounding errors of it."""

WHOLE_FROM = 1_000
"""Numbers from here on are written in whole units."""


def called_in_case(case: Case, path: str, *, lang: Language) -> str:
    """Return what a figure of a case is called.

    Parameters
    ----------
    case
        The case.
    path
        Path of the figure, such as `costs.team.amount`.
    lang
        Language.
    """
    section, *rest = path.split(".")
    words = quantity_words(case, path)
    if words.da != path and not (words.en or "").endswith(f": {'.'.join(rest[1:])}"):
        return words.in_language(lang)
    title = _title(case, section, rest, lang=lang)
    first = SECTIONS[section].in_language(lang).format(title=title) if section in SECTIONS else ""
    named = [_part(each, lang=lang) for each in rest if each in PARTS or each.isdigit()]
    if section == "outcomes":
        named = [_part(each, lang=lang) for each in rest[1:]]
    return ", ".join(each for each in (first, *named) if each) or path


def _part(key: str, *, lang: Language) -> str:
    """Return what a part of a line is called: by its key, or by its number in a list."""
    if key.isdigit():
        return NUMBER.in_language(lang).format(number=int(key) + 1)
    return PARTS[key].in_language(lang) if key in PARTS else key.replace("_", " ")


def _title(case: Case, section: str, rest: list[str], *, lang: Language) -> str:
    """Return the title of the line that a figure belongs to; its name where it has none."""
    names = [each for each in rest if each not in {"tranches", "guarantees"}]
    name = names[0] if names else ""
    if section == "measures" and name in case.measures:
        section, name = "outcomes", case.measures[name].outcome
    lines = case.sections.get(section)
    line = lines.get(name) if isinstance(lines, dict) else None
    title: Words | str | None = getattr(line, "title", None)
    if section == "capital" and case.problem and name in case.problem.investors:
        title = case.problem.investors[name]
    return said(title, lang) if title else name.replace("_", " ")


def written(value: float) -> Words:
    """Return a number of a case in both languages, to four significant digits."""
    if round(abs(value)) >= WHOLE_FROM:
        return in_both(f"{value:,.0f}")
    shown = 0.0 if abs(value) < NOTHING else value
    text = np.format_float_positional(shown, precision=SIGNIFICANT, fractional=False, trim="-")
    return in_both(text)
