"""Which other terms of a contract may be changed to open a zone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sibsim.case import Case
from sibsim.decisions.term_words import key_of
from sibsim.decisions.terms import SECTIONS, Term, numbers_in, overlap

COUNTS = re.compile(r"(.*_)?(months|weeks|days|years|number|people|steps?|alpha)")
"""Keys of numbers that are no amount, price, share or rate: times, counts, the grain of a scale and
the level of a test."""

_KNOT = re.compile(r"(?P<line>.*\.schedule)\.[0-9]+\.(?P<part>[a-z_]+)")
"""Path of a number of a schedule, whose amounts, or levels, move together."""


def candidates(case: Case, *, besides: Term) -> list[Term]:
    """Return the other terms that are amounts, prices, shares or rates, in the order of the file.

    A list of prices is one term, as are the amounts of a schedule, and its levels. Numbers that are
    zero are left out, since no proportion changes them.

    Parameters
    ----------
    case
        The case.
    besides
        The term whose corridor is looked for.
    """
    groups: dict[str, dict[str, float | list[float]]] = {}
    for section in SECTIONS:
        for path, value in numbers_in(case.read.get(section, {}), path=section):
            if COUNTS.fullmatch(key_of(path)) or not _is_positive(value):
                continue
            if any(overlap(path, each) for each in besides.paths):
                continue
            knot = _KNOT.fullmatch(path)
            name = f"{knot['line']}.{knot['part']}" if knot else path
            groups.setdefault(name, {})[path] = value
    return [Term(tuple(group), tuple(group.values())) for group in groups.values()]


def _is_positive(value: float | Sequence[float]) -> bool:
    return all(each > 0 for each in (value if isinstance(value, Sequence) else [value]))
