"""Pictures of a document as bytes, the same for the same results."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sibsim.reports.document.parts import Picture

SIZE = (7.2, 3.9)
"""Width and height in inches: the text width of a page, and low enough for two on one."""

DOTS = 200
"""Dots per inch of a picture in a memo: sharp in print."""


def rendered(picture: Picture, *, form: Literal["png", "svg"]) -> bytes:
    """Return a picture in a format, without the date on which it was drawn.

    Parameters
    ----------
    picture
        The picture.
    form
        `png` of 200 dots per inch, or `svg`, whose letters are paths and need no font.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    dated: dict[str, None] = {"Date": None} if form == "svg" else {}
    with mpl.rc_context({"svg.hashsalt": picture.name, "svg.fonttype": "path"}):
        figure = Figure(figsize=SIZE, layout="constrained")
        picture.draw(figure.subplots())
        held = io.BytesIO()
        figure.savefig(held, format=form, dpi=DOTS, metadata=dated)
    return held.getvalue()
