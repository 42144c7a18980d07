"""The page: one HTML file that needs nothing beside it and runs nothing.

Text is escaped wherever it comes from, pictures are images in the file itself, and the page's own
policy forbids scripts and everything from a network (W3C, Content Security Policy Level 3, 2024).
The same results make the same bytes.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sibsim.errors import FileError
from sibsim.reports.document.made import made
from sibsim.reports.document.parts import (
    Bullets,
    Document,
    Figure,
    Link,
    Paragraph,
    Picture,
    Said,
    Table,
)
from sibsim.reports.document.pictures import rendered
from sibsim.reports.document.text import clean

if TYPE_CHECKING:
    from sibsim.results import Results

TEMPLATE = "page.html.j2"
"""The template of the page."""

KINDS: dict[str, type] = {
    "paragraph": Paragraph,
    "bullets": Bullets,
    "table": Table,
    "picture": Picture,
    "figure": Figure,
    "link": Link,
    "said": Said,
}
"""Kinds of blocks and pieces, as the template asks for them."""


def write_page(results: Results, path: str | Path, *, lang: str = "da") -> None:
    """Write the page on a run as one HTML file.

    Parameters
    ----------
    results
        A run that kept its flows, or a base case.
    path
        The file to write; one that is there is replaced.
    lang
        `da` or `en`.

    Raises
    ------
    ArgumentError
        If the language is neither, or the results are no run with its flows and no base case.
    FileError
        If the file cannot be written.
    """
    text = _html(made(results, lang=lang))
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise FileError(message) from None


def _html(said: Document) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sibsim.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests |= {
        name: lambda value, kind=kind: isinstance(value, kind) for name, kind in KINDS.items()
    }
    environment.globals["image"] = _image
    return environment.get_template(TEMPLATE).render(said=said)


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - whatever the template writes
    """Return text without forbidden characters; what the template has made itself as it is."""
    return clean(value) if type(value) is str else value


def _image(picture: Picture) -> str:
    """Return a picture as the address of an image that holds it."""
    held = base64.b64encode(rendered(picture, form="svg")).decode("ascii")
    return f"data:image/svg+xml;base64,{held}"
