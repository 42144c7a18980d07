"""How the command speaks: lines wrapped to the terminal, tables, and plain messages of failure."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

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


def fail(message: str) -> None:
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
