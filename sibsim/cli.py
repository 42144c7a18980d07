"""The `sibsim` command: cases, check, run, explain, models, deals, settle, replicate.

Exit 0 on success, 1 on a check that found something missing or a published figure missed, 2 on bad
input, with a plain message and no traceback, 130 when it is interrupted.
"""

from __future__ import annotations

import collections
import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sibsim.console import columns, console_of_terminal, figure, plainly, print_frame, say

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.deals.deal import Settlement
    from sibsim.reports.models import Family
    from sibsim.results import Results

SEED = 2026
"""Seed of a run that states none: two people who type the same see the same."""

DRAWS = 10_000
"""Draws of a run that states none: Monte Carlo errors of probabilities below half a point."""

CHECK_FAILED = 1
"""Exit code of a check that found something missing, or of a published figure missed."""

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
        say(
            console,
            f"  {row['municipality']}, {row['people']:,.0f} people, {row['years']}, {phases}",
        )


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
    results = loaded.simulate(draws=draws, rng=seed, sampling=sampling)  # type: ignore[arg-type]
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
        return results.case.base_case() if base else results
    loaded = load_case(case)
    if base:
        return loaded.base_case()
    whole_nets = (draw // NET_DRAWS + 1) * NET_DRAWS
    return loaded.simulate(draws=whole_nets, rng=seed, sampling=sampling, keep="metrics")  # type: ignore[arg-type]


@app.command()
@plainly
def payments(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="Name of a payment model.")
    ] = None,
) -> None:
    """List the payment models, or show what one pays and which keys it has."""
    _say_models("payments", model=model)


@app.command()
@plainly
def outcomes(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="Name of an outcome model.")
    ] = None,
) -> None:
    """List the outcome models, or show what one says of people and which keys it has."""
    _say_models("outcomes", model=model)


def _say_models(family: Family, *, model: str | None) -> None:
    """Say which models a family has, or what one of them is."""
    from sibsim.reports.models import about, keys_of, model_of, models_of

    console = console_of_terminal()
    if model is None:
        for name in models_of(family):
            console.print(name, style="bold")
            say(console, f"  {about(model_of(family, name=name)).splitlines()[0]}")
        return
    found = model_of(family, name=model)
    for paragraph in about(found).split("\n\n"):
        say(console, paragraph)
    for key in keys_of(family, model=found):
        console.print()
        console.print(f"{key.name} ({key.default})", style="bold")
        say(console, f"  {key.meaning}")


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


def main() -> None:
    """Run the command; a terminal that lacks a letter shows a question mark for it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()
