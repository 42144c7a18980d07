"""Reading pictures back: what is written on them, and whether it stands inside the figure."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

ONE_PIXEL = 1.0
"""Rounding of the place of text when it is drawn."""


def drawn(ax: Axes) -> Figure:
    """Return the figure of axes after it has been laid out and drawn."""
    figure = ax.figure
    assert isinstance(figure, Figure)
    figure.canvas.draw()
    return figure


def words_on(ax: Axes) -> set[str]:
    """Return every text that is seen: title, axes, ticks, legend and labels."""
    drawn(ax)
    legend = ax.get_legend()
    low, high = sorted(ax.get_ylim())
    ticks = [
        label
        for tick, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
        if low <= tick <= high
    ]
    found: list[Text] = [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.texts, *ticks]
    found += legend.get_texts() if legend else []
    return {each.get_text() for each in found if each.get_text()}


def assert_inside(ax: Axes) -> None:
    """Check that nothing that is drawn leaves the figure."""
    figure = drawn(ax)
    box = ax.get_tightbbox()
    assert box is not None
    assert box.x0 >= figure.bbox.x0 - ONE_PIXEL
    assert box.x1 <= figure.bbox.x1 + ONE_PIXEL
    assert box.y0 >= figure.bbox.y0 - ONE_PIXEL
    assert box.y1 <= figure.bbox.y1 + ONE_PIXEL


def bars(ax: Axes, label: str) -> list[Rectangle]:
    """Return the bars of a series."""
    (found,) = (
        each
        for each in ax.containers
        if isinstance(each, BarContainer) and each.get_label() == label
    )
    return list(found)


def heights(ax: Axes, label: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the heights of the bars of a series, below zero where they hang down."""
    return np.array([each.get_height() for each in bars(ax, label)], dtype=np.float64)


def lengths(ax: Axes) -> list[float]:
    """Return the lengths of all horizontal bars in the order in which they were drawn."""
    return [each.get_width() for each in ax.patches if isinstance(each, Rectangle)]


def closing() -> Iterator[None]:
    """Close every figure afterwards."""
    yield
    plt.close("all")
