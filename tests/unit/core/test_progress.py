"""How far a long computation is: shown to a person who waits, and only then."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator

import pytest

from sibsim.core import progress
from sibsim.core.progress import watched


class _Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Callable[[], _Terminal]:
    """Return what puts a terminal in place on which a step takes a second.

    It is called in the test, as pytest replaces the streams after its fixtures.
    """
    return lambda: _put_in_place(monkeypatch)


def _put_in_place(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    stream = _Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    clock = iter(range(10_000))
    monkeypatch.setattr(progress, "monotonic", lambda: float(next(clock)))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return stream


def test_what_is_long_is_shown_while_somebody_looks(look: Callable[[], _Terminal]) -> None:
    """After two seconds the word for the work and the share that is done stand on the terminal."""
    terminal = look()
    assert list(watched(range(8), total=8, what="simulating")) == list(range(8))
    shown = terminal.getvalue()
    assert "simulating" in shown
    assert "100%" in shown


def test_what_is_short_is_not_shown(look: Callable[[], _Terminal]) -> None:
    """Work that is over before two seconds have passed leaves the terminal clean."""
    terminal = look()
    assert list(watched(range(2), total=2, what="simulating")) == [0, 1]
    assert not terminal.getvalue()


def test_nothing_is_shown_where_nobody_looks(look: Callable[[], _Terminal]) -> None:
    """Nor is anything where it is asked not to be, nor in a file."""
    terminal = look()
    assert list(watched(range(8), total=8, what="simulating", show=False)) == list(range(8))
    assert not terminal.getvalue()


def test_only_the_outermost_is_shown(look: Callable[[], _Terminal]) -> None:
    """A bar inside another would hide how far everything is."""
    terminal = look()

    def inner() -> Iterator[int]:
        yield from watched(range(8), total=8, what="of the part")

    for _ in watched(range(4), total=4, what="of the whole"):
        assert list(inner()) == list(range(8))
    assert "of the whole" in terminal.getvalue()
    assert "of the part" not in terminal.getvalue()


def test_after_the_outermost_the_next_is_shown_again(look: Callable[[], _Terminal]) -> None:
    """A computation that was left in the middle does not silence the ones after it."""
    terminal = look()
    left = watched(range(8), total=8, what="left")
    next(left)
    left.close()
    assert list(watched(range(8), total=8, what="again")) == list(range(8))
    assert "again" in terminal.getvalue()
