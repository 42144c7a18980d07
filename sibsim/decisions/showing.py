"""How answers show themselves in a notebook: their sentences, with nothing of a case as markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def paragraphs(sentences: Iterable[str]) -> str:
    """Return sentences as paragraphs of HTML; nothing in them is markup."""
    return "".join(f"<p>{escape(each)}</p>" for each in sentences)
