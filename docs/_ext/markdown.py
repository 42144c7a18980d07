"""Tables in Markdown, of text that may hold anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def cell(text: str) -> str:
    """Return a text on one line that opens no column of its own."""
    return " ".join(text.split()).replace("|", "\\|")


def plain(text: str) -> str:
    """Return a text whose signs Markdown shows as they are."""
    shown = "".join(f"\\{sign}" if sign in "\\`*_[]<>$#~" else sign for sign in text)
    return cell(shown)


def link(title: str, *, url: str | None) -> str:
    """Return a title that leads to an address, or the title where there is none."""
    return f"[{plain(title)}](<{url}>)" if url else plain(title)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table.

    Parameters
    ----------
    header
        Titles of the columns.
    rows
        Cells of each row, as Markdown.
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
