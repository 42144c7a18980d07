"""What tests of documentation need: the code of a page, and a package installed from it."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from sibsim.core import spec

DOCS = Path(__file__).parents[1] / "docs"
"""The folder of pages."""


def block(page: str, *, name: str) -> str:
    """Return the code of a page that stands below `<!-- code: name -->`.

    Parameters
    ----------
    page
        Name of the page, such as `own-payment-model`.
    name
        Name of the block.
    """
    text = (DOCS / f"{page}.md").read_text("utf-8")
    found = re.search(rf"<!-- code: {name} -->\n\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def install(
    page: str, *, module: str, point: EntryPoint, at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Install a module of a page as a package would, by its entry point.

    Parameters
    ----------
    page
        Name of the page.
    module
        Name of the module and of its block.
    point
        How the package registers its class.
    at
        Empty folder for the module.
    monkeypatch
        Undoes it after the test.
    """
    (at / f"{module}.py").write_text(block(page, name=module), "utf-8")
    monkeypatch.syspath_prepend(at)

    def entry_points(*, group: str, name: str | None = None) -> tuple[EntryPoint, ...]:
        here = group == point.group and name in {None, point.name}
        return (point,) if here else ()

    monkeypatch.setattr(spec, "entry_points", entry_points)
