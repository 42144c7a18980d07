"""The `sibsim` command: cases, check, run, explain, deals, settle, replicate.

Exit 0 on success, 1 on a check that found something missing or a published figure missed, 2 on bad
input, with a plain message and no traceback, 130 when it is interrupted.
"""

from __future__ import annotations

import functools
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from sibsim.errors import SibsimError

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sibsim.deals.deal import Settlement
    from sibsim.results import Results

SEED = 2026
"""Seed of a run that states none: two people who type the same see the same."""

DRAWS = 10_000
"""Draws of a run that states none: Monte Carlo errors of probabilities below half a point."""

CHECK_FAILED = 1
"""Exit code of a check that found something missing."""

BAD_INPUT = 2
"""Exit code of bad input."""

INTERRUPTED = 130
"""Exit code of a command that was interrupted: 128 and the number of the signal, by custom."""

PLAIN_FROM = 100
"""Figures from this size on are amounts, shown with two decimals; smaller ones are rates."""

LONGEST_LINE = 100
"""Lines of text are wrapped here, also on a wider terminal."""

app = typer.Typer(
    help="Simulate social impact bonds: what is achieved, measured, paid, earned and saved.",
    epilog="Exit codes: 0 success, 1 something is missing (check) or missed (replicate), "
    "2 bad input, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

CaseName = Annotated[
    str, typer.Argument(metavar="CASE", help="Name of a shipped case, or path to a .toml file.")
]

CaseOrFolder = Annotated[
    str,
    typer.Argument(
        metavar="CASE", help="Name of a shipped case, path to a .toml file, or folder of results."
    ),
]

Seed = Annotated[int, typer.Option("--seed", "-s", help="Seed of all chance, 0 or above.")]

Sampling = Annotated[
    str,
    typer.Option(
        help="How parameters are drawn: random, lhs or sobol; the last two in multiples of 512."
    ),
]

Parameters = ParamSpec("Parameters")


def _plainly(command: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Let a command end with a plain message and an exit code, never with a traceback."""

    @functools.wraps(command)
    def plain(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SibsimError as error:
            _fail(str(error))
        except MemoryError:
            _fail("there is not enough memory; take fewer draws")
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None

    return plain


def _fail(message: str) -> None:
    typer.echo(f"sibsim: {message}", err=True)
    raise typer.Exit(BAD_INPUT) from None


def _version(*, asked: bool) -> None:
    if asked:
        from sibsim import __version__

        typer.echo(f"sibsim {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda value: _version(asked=value),
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    del version


@app.command()
@_plainly
def cases() -> None:
    """List the cases that ship with sibsim."""
    from sibsim.partnership import PHASES, list_cases

    console = _console()
    for name, row in list_cases().iterrows():
        console.print(name, style="bold")
        _say(console, f"  {row['title']}")
        phases = f"{row['phases']} of {len(PHASES)} phases complete"
        _say(
            console,
            f"  {row['municipality']}, {row['people']:,.0f} people, {row['years']}, {phases}",
        )


@app.command()
@_plainly
def check(case: CaseName) -> None:
    """Check a case: what is complete, what is missing, what is only assumed.

    Exits with 1 if one of the three phases of a partnership lacks anything.
    """
    from sibsim.casefile import load_case

    found = load_case(case).check()
    console = _console()
    for line in found.lines():
        _say(console, line)
    if not found.complete:
        raise typer.Exit(CHECK_FAILED)


@app.command()
@_plainly
def run(
    case: CaseName,
    *,
    draws: Annotated[int, typer.Option("--draws", "-n", help="Number of draws.")] = DRAWS,
    seed: Seed = SEED,
    sampling: Sampling = "random",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder for the results, new or with results to replace; by default "
            "NAME-results, after the name of the shipped case or of the file.",
        ),
    ] = None,
) -> None:
    """Simulate a case, print what it comes to and save the results in a folder.

    The folder can be read with sibsim.load_results, and with sibsim explain.
    """
    from sibsim.casefile import load_case
    from sibsim.simulate import check_arguments
    from sibsim.storage import bytes_of, check_folder

    check_arguments(draws=draws, rng=seed, sampling=sampling, keep="flows")
    loaded = load_case(case)
    folder = out or Path(f"{Path(case).stem}-results")
    check_folder(folder, needed=bytes_of(loaded.base_case(), draws=draws))
    replaced = folder.is_dir() and any(folder.iterdir())
    results = loaded.simulate(draws=draws, rng=seed, sampling=sampling)  # type: ignore[arg-type]
    results.save(folder)
    _show(results, case=case, folder=folder, replaced=replaced)


def _show(results: Results, *, case: str, folder: Path, replaced: bool) -> None:
    from sibsim.reports.tables import tables

    head, console = results.case.head, _console()
    _say(console, head.title.in_language("en"))
    how = f"{results.draws:,} draws, seed {results.seed}, sampling {results.sampling}"
    _say(console, f"{how}; amounts in {head.currency}, current prices")
    for title, frame in tables(results).items():
        _print(console, title, frame)
    found = results.case.check()
    figures = len(found.assumed) + len(found.published)
    console.print()
    _say(
        console,
        f"{len(found.assumed)} of {figures} figures of the case are assumptions; "
        f"`sibsim check {case}` says more",
    )
    place = f"{folder}, where they replaced earlier ones" if replaced else f"{folder}"
    _say(console, f"results are in {place}; `sibsim explain {folder} --draw 0` walks one draw")


@app.command()
@_plainly
def explain(
    case: CaseOrFolder,
    *,
    draw: Annotated[int, typer.Option("--draw", "-d", min=0, help="Which draw, from 0.")] = 0,
    seed: Seed = SEED,
    sampling: Sampling = "random",
    base: Annotated[bool, typer.Option("--base", help="The base case instead of a draw.")] = False,
) -> None:
    """Walk one draw line by line, from who came to who earned.

    From a folder of results the draw is one of that run, and its seed and sampling hold.
    """
    results = _run_to_explain(case, draw=draw, seed=seed, sampling=sampling, base=base)
    steps = results.explain(0 if base else draw)
    title = "base case" if base else f"draw {draw} of seed {results.seed}"
    console = _console()
    _say(console, f"{results.case.head.title.in_language('en')}: {title}")
    for stage, of_stage in steps.groupby("stage", sort=False):
        _print(console, str(stage), of_stage.set_index("what")[["value", "how"]], left=("how",))


def _run_to_explain(case: str, *, draw: int, seed: int, sampling: str, base: bool) -> Results:
    from sibsim.casefile import load_case
    from sibsim.core.sampling import NET_DRAWS
    from sibsim.storage import load_results

    if Path(case).is_dir():
        results = load_results(case)
        return results.case.base_case() if base else results
    loaded = load_case(case)
    if base:
        return loaded.base_case()
    whole_nets = (draw // NET_DRAWS + 1) * NET_DRAWS
    return loaded.simulate(draws=whole_nets, rng=seed, sampling=sampling, keep="metrics")  # type: ignore[arg-type]


DealName = Annotated[
    str, typer.Argument(metavar="DEAL", help="Name of a shipped deal, or path to a .toml file.")
]


@app.command()
@_plainly
def deals() -> None:
    """List the published contracts that ship with sibsim."""
    from sibsim.deals.file import list_deals

    console = _console()
    for name, row in list_deals().iterrows():
        console.print(name, style="bold")
        _say(console, f"  {row['title']}")
        _say(
            console,
            f"  {row['place']}, {row['years']}, grade {row['grade']}, {row['runs']} settlements, "
            f"{row['published']} published figures",
        )


@app.command()
@_plainly
def settle(
    deal: DealName,
    *,
    run: Annotated[
        str | None, typer.Option("--run", "-r", help="Name of the settlement; all without it.")
    ] = None,
) -> None:
    """Settle a published contract on what was really measured; no randomness."""
    from sibsim.deals.file import load_deal

    found, console = load_deal(deal), _console()
    settled = [found.settle(name) for name in ([run] if run else found.runs)]
    _say(console, f"{found.head.title.in_language('en')} ({found.about.place})")
    _say(console, found.about.summary.in_language("en"))
    console.print()
    for rule in found.describe():
        _say(console, f"- {rule}")
    for each in settled:
        _print(console, *_settlement(each))
    console.print()
    for title, points in (
        ("not public", found.about.not_public),
        ("conflict", found.about.conflicts),
    ):
        for point in points:
            _say(console, f"{title}: {point}")


def _settlement(settlement: Settlement) -> tuple[str, pd.DataFrame]:
    """Return the title of a settlement and its figures as text."""
    import pandas as pd

    title = settlement.deal.runs[settlement.run].title.in_language("en")
    shown = {name: f"{value:,.4f}" for name, value in settlement.metrics.items()}
    return f"{settlement.run}: {title}", pd.DataFrame({"figure": shown})


@app.command()
@_plainly
def replicate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DEAL]...", help="Shipped deals or paths; all without any."),
    ] = None,
) -> None:
    """Compare published figures with what settling each contract comes to.

    Exits with 1 if a forward or boundary figure graded A is missed. Inverse figures prove nothing.
    """
    from sibsim.deals.replication import as_frame
    from sibsim.deals.replication import replicate as compare

    rows = compare(names or ())
    console = _console()
    frame = as_frame(rows).fillna({"computed": float("nan")})
    shown = frame[["kind", "published", "computed", "difference", "tolerance", "grade", "verdict"]]
    for column in ("published", "computed", "difference", "tolerance"):
        shown = shown.assign(**{column: [_figure(value) for value in frame[column]]})
    shown = shown.set_axis([f"{row.deal}: {row.figure}" for row in rows], axis="index")
    _print(console, "published contracts", shown, left=("kind", "verdict"))
    console.print()
    counts = frame["verdict"].value_counts()
    _say(console, ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    for row in rows:
        if row.note:
            _say(console, f"{row.deal}, {row.figure}: {row.note}")
    if any(row.fails for row in rows):
        raise typer.Exit(CHECK_FAILED)


def _figure(value: float) -> str:
    """Return a figure as text: money without decimals, rates with four, nothing for none."""
    if value != value:  # noqa: PLR0124 - NaN is the only number that differs from itself
        return ""
    return f"{value:,.2f}" if abs(value) >= PLAIN_FROM else f"{value:.4f}"


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def _say(console: Console, line: str) -> None:
    width = min(console.width, LONGEST_LINE)
    indent = "  " if not line.startswith(" ") else "    "
    wrapped = textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False)
    console.print(wrapped, soft_wrap=True)


def _print(
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


def main() -> None:
    """Run the command; a terminal that lacks a letter shows a question mark for it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()
