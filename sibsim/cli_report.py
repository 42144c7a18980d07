"""The command that writes what people look at: a workbook, a memo and a page of one run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sibsim.console import fail, plainly

SEED = 2026
"""Seed of a run that states none: two people who type the same see the same."""

DRAWS = 10_000
"""Draws of a run that states none: Monte Carlo errors of probabilities below half a point."""

ALL = "all"
"""The format that stands for every format."""

app = typer.Typer()

CaseName = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        help="Name of a shipped case, or path to a .toml file or to an edited workbook (.xlsx).",
    ),
]


@app.command()
@plainly
def report(
    case: CaseName,
    *,
    lang: Annotated[
        str, typer.Option("--lang", "-l", help="Language of the report: da or en.")
    ] = "en",
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="What is written: xlsx (a workbook with live formulas), docx (a memo), html (a "
            "page in one file) or all.",
        ),
    ] = ALL,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the files; made if it is not there.")
    ] = Path(),
    draws: Annotated[int, typer.Option("--draws", "-n", help="Number of draws.")] = DRAWS,
    seed: Annotated[int, typer.Option("--seed", "-s", help="Seed of all chance, 0 or above.")] = (
        SEED
    ),
) -> None:
    """Simulate a case and write a workbook, a memo and a page about it.

    The workbook recomputes the base case with formulas of its own; its input sheet can be edited
    and given to this command again in place of a case.
    """
    from sibsim.casefile import load_case
    from sibsim.core.wording import language
    from sibsim.reports.workbook.reading import case_from_workbook
    from sibsim.reports.writing import FORMATS, write_report
    from sibsim.simulate import check_arguments

    spoken = language(lang)
    if form not in {*FORMATS, ALL}:
        fail(f"--format: got {form!r}; it is one of {', '.join(FORMATS)} or {ALL}")
    check_arguments(draws=draws, rng=seed, sampling="random", keep="flows")
    targets = [
        out / f"{Path(case).stem}.{ending}" for ending in (FORMATS if form == ALL else (form,))
    ]
    _check_targets(targets, out=out, source=Path(case))
    load = case_from_workbook if Path(case).suffix.lower() == ".xlsx" else load_case
    results = load(case).simulate(draws=draws, rng=seed)
    for path in targets:
        # On one line, as paths are copied.
        typer.echo(write_report(results, path, lang=spoken))


def _check_targets(targets: list[Path], *, out: Path, source: Path) -> None:
    """Refuse, before anything is simulated, what cannot be written or would be lost."""
    if out.exists() and not out.is_dir():
        fail(f"--out: {out} is a file; name a folder")
    for path in targets:
        if path.exists() and source.exists() and path.samefile(source):
            fail(f"--out: {path} is the workbook that is read; name another folder")
