"""How far a long computation is, shown while a person is looking, in a terminal or a notebook.

Nothing is shown of what is over within two seconds, nor where nobody looks: a bar in a log file or
in the output of a script helps nobody. The bar is drawn by Rich, on the stream of errors, so that
what a command prints stays clean, and is gone when the work is done. A bar inside another is not
shown: only the outermost knows how far everything is.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator, Iterable
from contextvars import ContextVar
from time import monotonic
from typing import TypeVar

Item = TypeVar("Item")

LONG_SECONDS = 2.0
"""What takes longer than this is shown, if a person is looking: as long as one waits unasked."""

_watching: ContextVar[bool] = ContextVar("_watching", default=False)
"""Whether a computation around this one already says how far it is."""


def watched(
    items: Iterable[Item], *, total: int, what: str, show: bool | None = None
) -> Generator[Item, None, None]:
    """Pass items on, and show how many of them are done.

    Parameters
    ----------
    items
        What is worked on, one by one.
    total
        Number of items.
    what
        What is done with them, in a word: `simulating`.
    show
        Whether to show it; None: when a person is looking.
    """
    looking = show if show is not None else a_person_looks()
    if not looking or _watching.get():
        yield from items
        return
    mark = _watching.set(True)
    begun = monotonic()
    with contextlib.ExitStack() as stack:
        stack.callback(_watching.reset, mark)
        bar = None
        for done, item in enumerate(items, start=1):
            yield item
            if bar is None and monotonic() - begun > LONG_SECONDS:
                from rich.console import Console
                from rich.progress import Progress

                bar = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
                task = bar.add_task(what, total=total)
            if bar is not None:
                bar.update(task, completed=done)


def a_person_looks() -> bool:
    """Return whether what is written to the stream of errors is seen as it is written."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules
