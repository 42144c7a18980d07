"""The `sibsim` command: cases, check, run, explain.

Exit 0 on success, 1 on a check that failed, 2 on bad input, with a plain message and no traceback.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sibsim.errors import SibsimError

if TYPE_CHECKING:
    import pandas as pd

SEED = 2026
"""Seed of a run that states none: two people who type the same see the same."""

DRAWS = 10_000
"""Draws of a run that states none: Monte Carlo errors of probabilities below half a point."""

CHECK_FAILED = 1
"""Exit code of a check that found something missing."""

BAD_INPUT = 2
"""Exit code of bad input."""

app = typer.Typer(
    help="Simulate social impact bonds: what is achieved, measured, paid, earned and saved.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

CaseName = Annotated[str, typer.Argument(help="Name of a shipped case, or path to a .toml file.")]


@app.command()
def cases() -> None:
    """List the cases that ship with sibsim."""
    from sibsim.casefile import list_cases

    for name, case in list_cases().items():
        typer.echo(f"{name}\n  {case!r}")


@app.command()
def check(case: CaseName) -> None:
    """Check a case file: what is complete, what is missing, what is only assumed."""
    from sibsim.casefile import load_case

    found = load_case(case).check()
    for line in found.lines():
        typer.echo(line)
    if not found.complete:
        raise typer.Exit(CHECK_FAILED)


@app.command()
def run(
    case: CaseName,
    *,
    draws: Annotated[int, typer.Option(help="Number of draws.")] = DRAWS,
    seed: Annotated[int, typer.Option(help="Seed of all chance.")] = SEED,
    sampling: Annotated[str, typer.Option(help="random, lhs or sobol.")] = "random",
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; by default CASE-results.")
    ] = None,
) -> None:
    """Simulate a case, print what it comes to and write a folder of results."""
    from rich.console import Console

    from sibsim.casefile import load_case
    from sibsim.reports.tables import tables

    loaded = load_case(case)
    results = loaded.simulate(draws=draws, rng=seed, sampling=sampling)  # type: ignore[arg-type]
    folder = out or Path(f"{loaded.name}-results")
    results.save(folder)
    console = Console(highlight=False)
    console.print(f"[bold]{loaded.head.title.in_language('en')}[/bold]")
    console.print(f"{draws:,} draws, seed {seed}; amounts in {loaded.head.currency}, current prices")
    for title, frame in tables(results).items():
        _print(console, title, frame)
    found = loaded.check()
    console.print(
        f"\n{len(found.assumed)} of {len(found.assumed) + len(found.published)} figures are "
        f"assumptions; `sibsim check {case}` says more. Results are in {folder}/"
    )


@app.command()
def explain(
    case: CaseName,
    *,
    draw: Annotated[int, typer.Option(help="Which draw, from 0.")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the run.")] = SEED,
    base: Annotated[bool, typer.Option("--base", help="The base case instead.")] = False,
) -> None:
    """Walk one draw line by line, from who came to who earned."""
    from rich.console import Console

    from sibsim.casefile import load_case

    loaded = load_case(case)
    if base:
        results = loaded.base_case()
    else:
        results = loaded.simulate(draws=draw + 1, rng=seed, keep="metrics")
    _print(Console(highlight=False), "step by step", results.explain(0 if base else draw))


def _print(console: object, title: str, frame: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("")
    for column in frame.columns:
        table.add_column(str(column), justify="right")
    for name, row in frame.iterrows():
        table.add_row(str(name), *map(str, row))
    if isinstance(console, Console):
        console.print()
        console.print(table)


def main() -> None:
    """Run the command; turn every fault of ours into a plain message and exit code 2."""
    try:
        app()
    except SibsimError as error:
        typer.echo(f"sibsim: {error}", err=True)
        sys.exit(BAD_INPUT)
