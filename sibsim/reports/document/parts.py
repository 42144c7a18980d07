"""The parts that a document consists of, free of any format.

Text of a case is kept apart from the document's own words (`Said`), so that a page can isolate its
direction of writing, and a figure knows what it is a figure of (`Figure`).
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sibsim.core.wording import Language
from sibsim.core.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Basis = Literal["base case", "run", "case"]
"""What a figure comes from: the base case, the draws of a run, or the case file."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is written, and what it is a figure of."""

    text: str
    """The figure as it is written."""

    of: str
    """Metric and statistic such as `municipality_net, mean`, or a path in the case file."""

    basis: Basis
    """What it comes from."""


@dataclass(frozen=True, slots=True)
class Said:
    """Text of the case inside the document's own words."""

    text: str
    """The text."""


@dataclass(frozen=True, slots=True)
class Link:
    """An address on the web under a text."""

    text: str
    """What is shown."""

    url: str
    """The address, http or https."""


Piece = str | Said | Figure | Link
"""A stretch of text: the document's own words, text of the case, a figure, or a link."""

Pieces = tuple[Piece, ...]
"""Text in one paragraph, list item or cell."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    pieces: Pieces
    """Its text."""

    is_small: bool = False
    """Whether it is an explanation in small print."""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[Pieces, ...]
    """Its items."""

    is_numbered: bool = False
    """Whether the items are numbered."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    cells: tuple[Pieces, ...]
    """One cell per column."""

    kind: Literal["plain", "total", "group"] = "plain"
    """Whether it is an ordinary row, a total, or the title of the rows below it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table."""

    caption: str
    """What it shows."""

    columns: tuple[str, ...]
    """Titles of the columns."""

    rows: tuple[Row, ...]
    """Its rows."""

    widths: tuple[float, ...]
    """Relative widths of the columns."""

    numbers: range
    """Columns of numbers, which stand to the right."""

    note: str = ""
    """What a reader must know, below the table."""

    source: str = ""
    """Call that makes the figures, such as `results.summary()`; it stands at the end of the
    document, beside the number of the table."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, drawn when a format needs it."""

    name: str
    """Name of the function that draws it."""

    caption: str
    """What it shows."""

    alt: str
    """What it says, for those who do not see it."""

    draw: Callable[[Axes], object]
    """Draws it on axes."""


Block = Paragraph | Bullets | Table | Picture
"""What a section consists of."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its heading."""

    key: str
    """Name of the section, the same in every language."""

    title: str
    """Heading."""

    blocks: tuple[Block, ...]
    """What it says."""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document in one language."""

    lang: Language
    """Its language."""

    title: str
    """Title of the case."""

    subtitle: str
    """Whose document it is, and what it is."""

    box_title: str
    """Heading of the answer in short."""

    box: tuple[Block, ...]
    """The answer in short, and how sure it is."""

    sections: tuple[Section, ...]
    """The sections, in order."""

    contents_title: str
    """Heading of the table of contents."""

    colophon_title: str
    """Heading of what the figures come from."""

    colophon: tuple[tuple[str, str], ...]
    """What the figures come from, name and value: the run, then the call behind each table."""

    footer: str
    """The same on one line."""


def filled(words: Words, lang: Language, values: Mapping[str, Piece] | None = None) -> Pieces:
    """Return a pattern in a language as pieces, with values for its names.

    A full stop after a value that ends with one, such as `kr.`, is left out.

    Parameters
    ----------
    words
        The pattern; `{name}` stands for the value of that name.
    lang
        Language.
    values
        What fills it; plain text is text of the case.
    """
    return tuple(_pieces(words.in_language(lang), values or {}))


def _pieces(pattern: str, values: Mapping[str, Piece]) -> Iterator[Piece]:
    before = ""
    for own, name, _, _ in string.Formatter().parse(pattern):
        shown = own[1:] if before.endswith(".") and own.startswith(".") else own
        if shown:
            yield shown
        if name is not None:
            value = values[name]
            piece = Said(value) if isinstance(value, str) else value
            before = piece.text
            yield piece


def headed(*titles: str) -> tuple[str, ...]:
    """Return titles of columns or rows, each with a capital first."""
    return tuple(each[:1].upper() + each[1:] for each in titles)


def plain(pieces: Pieces) -> str:
    """Return pieces as plain text."""
    return "".join(each if isinstance(each, str) else each.text for each in pieces)
