"""The assumptions: every figure that the case rests on, with its source or its reason."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibsim.core.parameters import BetweenPeople, Quantity
from sibsim.core.spec import Sourced, Spec, walk
from sibsim.core.wording import percent, said
from sibsim.decisions.drivers.ends import HIGH, LOW, ends_of
from sibsim.reports.document.material import Material
from sibsim.reports.document.more_words import ASSUMPTIONS
from sibsim.reports.document.names import called_in_case
from sibsim.reports.document.parts import (
    Block,
    Bullets,
    Figure,
    Link,
    Paragraph,
    Piece,
    Pieces,
    Row,
    Said,
    Table,
    headed,
    plain,
)
from sibsim.reports.document.words import CONTENT
from sibsim.reports.unit_words import unit_words
from sibsim.sections import Discount

COLUMNS = ("what", "low", "base", "high", "unit", "reason", "status")
"""Columns of the table."""


MIDDLE = 0.5
"""Between low and high of what differs between people."""

RATES = frozenset(
    ("rate", "per_year", "then_per_year", "sd_per_year", "share", "treated", "control", "audited")
) | frozenset(Discount.model_fields)
"""Fields of a line that are rates or shares."""

PRICES, PEOPLE = frozenset(("price",)), frozenset(("people",))
"""Fields of a line that are money, and persons."""

NUMBERS = frozenset(("mean", "sd", "multiple"))
"""Fields of a line that are other numbers which say most of it."""


def assumptions(material: Material) -> tuple[Block, ...]:
    """Return the table of all figures, how many give no reason, and the sources."""
    return tuple(_assumptions(material))


def _assumptions(material: Material) -> Iterator[Block]:
    found = material.case.check()
    shown = dict.fromkeys((*found.published, *found.assumed))
    parts = {
        path: each
        for name, section in material.case.sections.items()
        for path, each in walk(section, Sourced, path=name)
        if path in shown
    }
    yield Table(
        caption=material.word(ASSUMPTIONS["table"]),
        columns=headed(*(material.word(ASSUMPTIONS[each]) for each in COLUMNS)),
        rows=tuple(_row(material, path, part) for path, part in parts.items()),
        widths=(3.5, 1.4, 2.2, 1.4, 2.3, 5.2, 1.9),
        numbers=range(0),
        note=material.word(ASSUMPTIONS["note"]),
        source="case.check()",
    )
    if found.unexplained:
        number = Figure(str(len(found.unexplained)), "case.check().unexplained", "case")
        yield Paragraph(material.say(ASSUMPTIONS["remarks"], number=number))
    if material.case.sources:
        yield Paragraph(material.say(ASSUMPTIONS["sources"]))
        yield Bullets(tuple(_sources(material)))


def _row(material: Material, path: str, part: Sourced) -> Row:
    named = called_in_case(material.case, path, lang=material.lang)
    unit = getattr(part, "unit", None) or (getattr(part, "scale", None) or "").replace("_", " ")
    return Row(
        (
            (Said(*headed(named)),),
            *_values(material, path, part),
            (Said(said(unit_words(unit), material.lang)),) if unit else (),
            _reason(part),
            (material.word(ASSUMPTIONS[part.status]),),
        )
    )


def _values(material: Material, path: str, part: Sourced) -> tuple[Pieces, Pieces, Pieces]:
    """Return what a figure may be, and its base value; a line without a number has none."""
    if isinstance(part, Quantity):
        base = (material.quantity(part.base_value, path),)
        if part.is_fixed:
            return (), base, ()
        low, high = (material.quantity(each, path) for each in ends_of(part, (LOW, HIGH)))
        return (low,), base, (high,)
    if isinstance(part, BetweenPeople):
        levels = np.array([LOW, MIDDLE, HIGH])
        ends = (material.quantity(float(each), path) for each in part.distribution.ppf(levels))
        low, middle, high = ends
        return (low,), (middle,), (high,)
    pieces: list[Piece] = []
    for each in _stated(material, path, part):
        pieces += [" / ", each] if pieces else [each]
    return (), tuple(pieces) or (material.word(ASSUMPTIONS["by the file"]),), ()


def _stated(material: Material, path: str, part: Spec) -> Iterator[Figure]:
    """Yield the numbers of a line that say most of it: its rates, prices and sizes."""
    for name, given in part.fields_stated():
        if isinstance(given, Discount):
            yield from _stated(material, f"{path}.{name}", given)
        for value in given if isinstance(given, tuple) else (given,):
            if not isinstance(value, int | float) or isinstance(value, bool):
                continue
            if name in RATES:
                yield Figure(material.word(percent(value)), f"{path}.{name}", "case")
            elif name in PRICES:
                yield material.stated(float(value), f"{path}.{name}")
            elif name in PEOPLE:
                people = material.say(CONTENT["people"], size=material.number(float(value)))
                yield Figure(plain(people), f"{path}.{name}", "case")
            elif name in NUMBERS:
                yield material.quantity(float(value), f"{path}.{name}")


def _reason(part: Sourced) -> Pieces:
    """Return the source of a figure by its key, and the note of the case."""
    key = (Said(f"[{part.source}]"),) if part.source else ()
    note = (Said(part.note),) if part.note else ()
    between = (" ",) if key and note else ()
    return (*key, *between, *note)


def _sources(material: Material) -> Iterator[Pieces]:
    for key, source in material.case.sources.items():
        title = f"{source.title} ({source.year})"
        if source.url is None:
            none = material.word(ASSUMPTIONS["no address"])
            yield (Said(f"[{key}] {title}"), f", {none}")
        else:
            yield (Said(f"[{key}] {title}"), ": ", Link(source.url, source.url))
