"""Text that is safe in every format: nothing that XML forbids or that turns what follows around.

Sources: XML 1.0 (W3C, 2008), 2.2 Characters; Unicode Standard Annex 9 (2023), explicit directional
embeddings, overrides and isolates.
"""

from __future__ import annotations

import re

_NOT_IN_XML = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
"""Control characters, halves of pairs and non-characters."""

_TURNING = "\u202a-\u202e\u2066-\u2069"
"""Embeddings, overrides and isolates, which reach beyond the text that they stand in."""

_UNWANTED = re.compile(f"[{_NOT_IN_XML}{_TURNING}]")

ELLIPSIS = "…"
"""Stands where a text was cut."""


def clean(text: str) -> str:
    """Return a text without characters that no format takes or that turn what follows around."""
    return _UNWANTED.sub("", text)


def shortened(text: str, longest: int) -> str:
    """Return a text of at most so many characters, on one line."""
    line = " ".join(clean(text).split())
    return line if len(line) <= longest else line[: longest - 1] + ELLIPSIS
