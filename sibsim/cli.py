"""The `sibsim` command: cases, check, run, explain, evaluate, price, observe, deals and the rest.

Exit 0 on success, 1 on a check that found something missing or a published figure missed, 2 on bad
input, with a plain message and no traceback, 130 when it is interrupted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sibsim import (
    cli_budgets,
    cli_deals,
    cli_decide,
    cli_evidence,
    cli_forecast,
    cli_models,
    cli_report,
)
from sibsim.console import CHECK_FAILED, console_of_terminal, plainly, print_frame, say

if TYPE_CHECKING:
    from sibsim.results import Results

SEED = 2026
"""Seed of a run that states none: two people who type the same see the same."""

DRAWS = 10_000
"""Draws of a run that states none: Monte Carlo errors of probabilities below half a point."""

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
@plainly
def cases() -> None:
    """List the cases that ship with sibsim."""
    from sibsim.partnership import PHASES, list_cases

    console = console_of_terminal()
    for name, row in list_cases().iterrows():
        console.print(name, style="bold")
        say(console, f"  {row['title']}")
        phases = f"{row['phases']} of {len(PHASES)} phases complete"
        where = row["municipality"] if isinstance(row["municipality"], str) else "any municipality"
        say(console, f"  {where}, {row['people']:,.0f} people, {row['years']}, {phases}")


@app.command()
@plainly
def check(case: CaseName) -> None:
    """Check a case: what is complete, what is missing, what is only assumed.

    Exits with 1 if one of the three phases of a partnership lacks anything.
    """
    from sibsim.casefile import load_case

    found = load_case(case).check()
    console = console_of_terminal()
    for line in found.lines():
        say(console, line)
    if not found.complete:
        raise typer.Exit(CHECK_FAILED)


@app.command()
@plainly
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
    results = loaded.simulate(draws=draws, rng=seed, sampling=sampling)  # type: ignore[arg-type]  # as checked
    results.save(folder)
    _show(results, case=case, folder=folder, replaced=replaced)


def _show(results: Results, *, case: str, folder: Path, replaced: bool) -> None:
    from sibsim.reports.tables import tables

    head, console = results.case.head, console_of_terminal()
    say(console, head.title.in_language("en"))
    how = f"{results.draws:,} draws, seed {results.seed}, sampling {results.sampling}"
    say(console, f"{how}; amounts in {head.currency}, current prices")
    for title, frame in tables(results).items():
        print_frame(console, title, frame)
    console.print()
    for sentence in results.answers()["answer"]:
        say(console, sentence)
    found = results.case.check()
    figures = len(found.assumed) + len(found.published)
    console.print()
    say(
        console,
        f"{len(found.assumed)} of {figures} figures of the case are assumptions; "
        f"`sibsim check {case}` says more",
    )
    place = f"{folder}, where they replaced earlier ones" if replaced else f"{folder}"
    say(console, f"results are in {place}; `sibsim explain {folder} --draw 0` walks one draw")


@app.command()
@plainly
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
    console = console_of_terminal()
    say(console, f"{results.case.head.title.in_language('en')}: {title}")
    for stage, of_stage in steps.groupby("stage", sort=False):
        print_frame(
            console, str(stage), of_stage.set_index("what")[["value", "how"]], left=("how",)
        )


def _run_to_explain(case: str, *, draw: int, seed: int, sampling: str, base: bool) -> Results:
    from sibsim.casefile import load_case
    from sibsim.core.sampling import NET_DRAWS
    from sibsim.storage import load_results

    if Path(case).is_dir():
        results = load_results(case)
        return results.base_case() if base else results
    loaded = load_case(case)
    if base:
        return loaded.base_case()
    whole_nets = (draw // NET_DRAWS + 1) * NET_DRAWS
    return loaded.simulate(draws=whole_nets, rng=seed, sampling=sampling, keep="metrics")  # type: ignore[arg-type]  # simulate checks it


@app.command()
@plainly
def evaluate(
    case: CaseName,
    *,
    measure: Annotated[
        str | None,
        typer.Option("--measure", "-m", help="Name of one measure; without it, all paid by."),
    ] = None,
    people: Annotated[
        list[int] | None,
        typer.Option(
            "--people",
            "-p",
            help="Another number of participants beside the case's own; may be given again.",
        ),
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", "-n", help="Number of simulated courses, at least 2.")
    ] = DRAWS,
    seed: Seed = SEED,
    lang: Annotated[
        str, typer.Option("--lang", help="Language of titles and sentences: da or en.")
    ] = "en",
) -> None:
    """Say how often and how much a case pays for nothing or leaves an effect unpaid.

    The case's evaluation design is compared with three others at the same numbers of people.
    """
    from sibsim.casefile import load_case
    from sibsim.core.wording import language
    from sibsim.decisions.diagnosing.diagnose import diagnose, measures_paid
    from sibsim.decisions.diagnosing.legend import legend

    loaded, spoken = load_case(case), language(lang)
    console = console_of_terminal()
    for name in (measure,) if measure else measures_paid(loaded) or (None,):
        found = diagnose(loaded, name, sizes=people, draws=draws, rng=seed)
        say(console, found.head(spoken))
        for title, frame in found.shown(spoken):
            print_frame(console, title, frame.rename(columns=lambda name: name.replace("_", "\n")))
        console.print()
        for sentence in found.sentences(spoken):
            say(console, sentence)
        console.print()
    for line in legend(spoken):
        say(console, line)


app.add_typer(cli_budgets.app)
app.add_typer(cli_decide.app)
app.add_typer(cli_report.app)
app.add_typer(cli_models.app)
app.add_typer(cli_deals.app)
app.add_typer(cli_evidence.app)
app.add_typer(cli_forecast.app)


def main() -> None:
    """Run the command; a terminal that lacks a letter shows a question mark for it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()
