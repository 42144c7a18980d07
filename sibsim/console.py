"""How the command speaks: lines wrapped to the terminal, tables, and plain messages of failure."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import typer

from sibsim.errors import SibsimError

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

CHECK_FAILED = 1
"""Exit code of a check that found something missing, or of a published figure missed."""


BAD_INPUT = 2
"""Exit code of bad input."""

INTERRUPTED = 130
"""Exit code of a command that was interrupted: 128 and the number of the signal, by custom."""

PLAIN_FROM = 100
"""Figures from this size on are amounts, shown with two decimals; smaller ones are rates."""

WIDTHS = (13, 13, 11, 9)
"""Widths of the columns of a comparison with published figures."""

LONGEST_HEAD = 12
"""Names of columns of figures are wrapped here; most words are shorter."""

LONGEST_LINE = 100
"""Lines of text are wrapped here, also on a wider terminal."""

Parameters = ParamSpec("Parameters")


def plainly(command: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Let a command end with a plain message and an exit code, never with a traceback."""

    @functools.wraps(command)
    def plain(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SibsimError as error:
            fail(str(error))
        except MemoryError:
            fail("there is not enough memory; take fewer draws")
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None

    return plain


def fail(message: str) -> NoReturn:
    """End the command with a plain message."""
    typer.echo(f"sibsim: {message}", err=True)
    raise typer.Exit(BAD_INPUT) from None


def columns(*texts: str) -> str:
    """Return texts in columns, to the right."""
    return " ".join(f"{text:>{width}}" for text, width in zip(texts, WIDTHS, strict=True))


def figure(value: float | None) -> str:
    """Return a figure as text: amounts as they are, small ones with four decimals."""
    if value is None:
        return "-"
    if abs(value) >= PLAIN_FROM or value == 0:
        return f"{value:,.2f}".removesuffix(".00")
    return f"{value + 0.0:.4f}".replace("-0.0000", "0.0000")


def console_of_terminal() -> Console:
    """Return the console of this terminal; nothing in a text is markup."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def say(console: Console, line: str) -> None:
    """Print a line of text, wrapped to the terminal."""
    width = min(console.width, LONGEST_LINE)
    indent = "  " if not line.startswith(" ") else "    "
    wrapped = textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False)
    console.print(wrapped, soft_wrap=True)


def print_frame(
    console: Console, title: str, frame: pd.DataFrame, *, left: tuple[str, ...] = ()
) -> None:
    """Print a frame of text; columns of figures to the right."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("", overflow="fold")
    for column in frame.columns:
        figures = str(column) not in left
        table.add_column(
            str(column), justify="right" if figures else "left", no_wrap=figures, overflow="fold"
        )
    for row in frame.itertuples():
        table.add_row(*map(str, row))
    console.print()
    console.print(table)


def print_figures(console: Console, title: str, frame: pd.DataFrame) -> None:
    """Print a frame of text whose rows have long names.

    Each name stands beside its figures where all fits the terminal, else above them. Columns that
    do not fit side by side stand below, with their names again.
    """
    heads = [textwrap.wrap(str(name), LONGEST_HEAD) for name in frame.columns]
    widths = [max(map(len, (*head, *frame.iloc[:, place]))) + 2 for place, head in enumerate(heads)]
    longest = max((len(str(name)) for name in frame.index), default=0)
    beside = longest if longest + sum(widths) <= console.width else 0
    console.print()
    console.print(title, style="bold")
    for chunk in _that_fit(widths, width=console.width):
        deepest = max(len(heads[place]) for place in chunk)
        sizes = [widths[at] for at in chunk]
        for level in range(-deepest, 0):
            words = (heads[at][level] if len(heads[at]) >= -level else "" for at in chunk)
            _right(console, words, widths=sizes, name=" " * beside)
        for name, row in zip(frame.index, frame.to_numpy(), strict=True):
            if not any(row[at] for at in chunk):
                continue
            if not beside:
                say(console, str(name))
            own = f"{name!s:<{beside}}" if beside else ""
            _right(console, (row[at] for at in chunk), widths=sizes, name=own)


def _that_fit(widths: Sequence[int], *, width: int) -> Iterator[list[int]]:
    """Yield which columns stand side by side, in their order."""
    chunk: list[int] = []
    for place, each in enumerate(widths):
        if chunk and sum(widths[at] for at in chunk) + each > width:
            yield chunk
            chunk = []
        chunk.append(place)
    if chunk:
        yield chunk


def _right(console: Console, texts: Iterable[str], *, widths: Sequence[int], name: str) -> None:
    """Print texts in columns, to the right, after the name of their row."""
    line = "".join(f"{text:>{width}}" for text, width in zip(texts, widths, strict=True))
    console.print(name + line, soft_wrap=True)
