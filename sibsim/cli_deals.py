"""Commands for published contracts: deals, settle, replicate."""

from __future__ import annotations

import collections
import itertools
from typing import TYPE_CHECKING, Annotated

import typer

from sibsim.console import (
    CHECK_FAILED,
    columns,
    console_of_terminal,
    figure,
    plainly,
    print_frame,
    say,
)

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.deals.deal import Settlement

app = typer.Typer()

DealName = Annotated[
    str, typer.Argument(metavar="DEAL", help="Name of a shipped deal, or path to a .toml file.")
]


@app.command()
@plainly
def deals() -> None:
    """List the published contracts that ship with sibsim."""
    from sibsim.deals.file import list_deals

    console = console_of_terminal()
    for name, row in list_deals().iterrows():
        console.print(name, style="bold")
        say(console, f"  {row['title']}")
        say(
            console,
            f"  {row['place']}, {row['years']}, grade {row['grade']}; settlements: {row['runs']}; "
            f"published figures: {row['published']}",
        )


@app.command()
@plainly
def settle(
    deal: DealName,
    *,
    run: Annotated[
        str | None, typer.Option("--run", "-r", help="Name of the settlement; all without it.")
    ] = None,
) -> None:
    """Settle a published contract on what was really measured; no randomness."""
    from sibsim.deals.file import load_deal

    found, console = load_deal(deal), console_of_terminal()
    settled = [found.settle(name) for name in ([run] if run else found.runs)]
    say(console, f"{found.head.title.in_language('en')} ({found.about.place})")
    say(console, found.about.summary.in_language("en"))
    console.print()
    for rule in found.describe():
        say(console, f"- {rule}")
    for each in settled:
        print_frame(console, *_settlement(each))
    console.print()
    for title, points in (
        ("not public", found.about.not_public),
        ("conflict", found.about.conflicts),
    ):
        for point in points:
            say(console, f"{title}: {point}")


def _settlement(settlement: Settlement) -> tuple[str, pd.DataFrame]:
    """Return the title of a settlement and its figures as text."""
    import pandas as pd

    title = settlement.deal.runs[settlement.run].title.in_language("en")
    shown = {name: figure(value) for name, value in settlement.metrics.items()}
    return f"{settlement.run}: {title}", pd.DataFrame({"figure": shown})


@app.command()
@plainly
def replicate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DEAL]...", help="Shipped deals or paths; all without any."),
    ] = None,
) -> None:
    """Compare published figures with what settling each contract comes to.

    Exits with 1 if a forward or boundary figure graded A is missed. Inverse figures prove nothing.
    """
    from sibsim.deals.replication import replicate as compare

    rows, console = compare(names or ()), console_of_terminal()
    heading = columns("published", "computed", "difference", "tolerance")
    console.print(f"  {heading}  kind, grade, verdict", soft_wrap=True)
    for deal, of_deal in itertools.groupby(rows, key=lambda row: row.deal):
        console.print()
        console.print(deal, style="bold")
        for row in of_deal:
            say(console, f"  {row.figure}")
            figures = (row.published, row.computed, row.difference, row.tolerance)
            shown = columns(*map(figure, figures))
            end = f"{row.kind} {row.grade}: {row.verdict}"
            console.print(f"  {shown}  {end}", soft_wrap=True)
            if row.note and row.verdict != "reproduced":
                say(console, f"    {row.note}")
    console.print()
    counts = collections.Counter(row.verdict for row in rows)
    say(console, ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    failed = sum(row.fails for row in rows)
    say(console, f"{failed} forward or boundary figures graded A are missed")
    if failed:
        raise typer.Exit(CHECK_FAILED)
