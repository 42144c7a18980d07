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

NO_BREAK = "\u00a0"
"""A blank at which no line breaks."""

_AMOUNT = re.compile(
    r"(?<=\d) (?:%|mio\. kr\.|mio\.|kr\.)|\b(?:DKK|under|over) -?[\d.,]+(?: (?:m\b|%))?|(?<=\d) m\b"
)
"""Numbers with what belongs to them: 5 %, 2,1 mio. kr., DKK 2.1 m, under 1 %."""

ELLIPSIS = "…"
"""Stands where a text was cut."""


def clean(text: str) -> str:
    """Return a text without characters that no format takes or that turn what follows around."""
    return _UNWANTED.sub("", text)


def unbroken(text: str) -> str:
    """Return a text whose numbers stay on one line with their signs and units."""
    return _AMOUNT.sub(lambda found: found[0].replace(" ", NO_BREAK), text)


def shortened(text: str, longest: int) -> str:
    """Return a text of at most so many characters, on one line."""
    line = " ".join(clean(text).split())
    return line if len(line) <= longest else line[: longest - 1] + ELLIPSIS
