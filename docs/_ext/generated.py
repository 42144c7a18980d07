"""Write pages of the documentation from the code and the data, each time they are read.

A page names what it wants in a comment, `<!-- generated: case-schema -->`; Sphinx reads the text in
its place. What is shown can thus not differ from what runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from docs._ext.case_schema import case_schema
from docs._ext.data_catalogue import data_catalogue
from docs._ext.replication_table import replication_table

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

TEXTS: Mapping[str, Callable[[], str]] = {
    "case-schema": case_schema,
    "data-catalogue": data_catalogue,
    "replication-table": replication_table,
}
"""What makes each generated text, by the name that a page says."""

PAGES = frozenset({"case-file-schema", "data-catalogue", "how-numbers-are-checked"})
"""Pages that hold one, which are read again in every build."""

_PLACE = re.compile(r"^<!-- generated: ([\w-]+) -->$", re.MULTILINE)


def filled(text: str) -> str:
    """Return the text of a page with everything that is generated in its place.

    Raises
    ------
    KeyError
        If it names what nothing makes.
    """
    return _PLACE.sub(lambda place: TEXTS[place[1]](), text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to the reading of pages."""
    app.connect("source-read", _fill)
    app.connect("env-get-outdated", _always)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _fill(_app: Sphinx, _page: str, source: list[str]) -> None:
    source[0] = filled(source[0])


def _always(app: Sphinx, env: BuildEnvironment, *_changes: set[str]) -> list[str]:
    del app
    return sorted(PAGES & env.found_docs)
