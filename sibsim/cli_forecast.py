"""The command that takes in what has really happened: observe."""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sibsim.console import console_of_terminal, plainly, print_figures, say

if TYPE_CHECKING:
    import pandas as pd

SEED = 2026
"""Seed of a run that states none: two people who type the same see the same."""

DRAWS = 10_000
"""Draws of a run that states none: Monte Carlo errors of probabilities below half a point."""

BRIDGE_METRIC = "investor_profit"
"""What is followed from the plan to the re-forecast."""

TITLES = {
    "goals": {"da": "sandsynlighed for ikke at nå målene", "en": "probability to miss each goal"},
    "reports": {
        "da": "det observerede over for planen",
        "en": "what was observed beside the plan",
    },
    "payments": {
        "da": "det betalte over for kontrakten",
        "en": "what was paid beside the contract",
    },
    "parameters": {
        "da": "usikre størrelser før og efter",
        "en": "uncertain quantities before and after",
    },
    "bridge": {
        "da": "fra planen til prognosen, efter årsag",
        "en": "from the plan to the re-forecast, by cause",
    },
}
"""Titles of the tables, in either language."""

CHANCES = {
    "goals": ("p_missed_plan", "mc_error_plan", "p_missed", "mc_error"),
    "reports": ("percentile",),
    "parameters": ("learned",),
}
"""Columns of probabilities and shares, by table."""

PARAMETERS = ["cohort", "p5_before", "p50_before", "p95_before"]
PARAMETERS += ["p5_after", "p50_after", "p95_after", "learned", "verdict"]
"""Columns of the table of uncertain quantities that fit a terminal."""

WHOLE_FROM = 100
"""Figures from this size on are shown without decimals, smaller ones with three digits."""

app = typer.Typer()


@app.command()
@plainly
def observe(
    case: Annotated[
        str,
        typer.Argument(metavar="CASE", help="Name of a shipped case, or path to a .toml file."),
    ],
    data: Annotated[
        Path, typer.Argument(metavar="DATA.csv", help="Table of what has really happened.")
    ],
    *,
    draws: Annotated[int, typer.Option("--draws", "-n", help="Number of draws.")] = DRAWS,
    seed: Annotated[
        int, typer.Option("--seed", "-s", help="Seed of all chance, 0 or above.")
    ] = SEED,
    lang: Annotated[
        str, typer.Option("--lang", help="Language of titles and texts: da or en.")
    ] = "en",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File for the updated case, for a new contract."),
    ] = None,
) -> None:
    """Re-forecast a case from its first results: early warnings, what was learned, why it differs.

    DATA.csv has one row per observation; the documentation describes its columns.
    """
    from sibsim.casefile import load_case, to_toml
    from sibsim.core.wording import language
    from sibsim.forecast.observed import observe as observed
    from sibsim.simulate import check_arguments

    spoken = language(lang)
    check_arguments(draws=draws, rng=seed, sampling="random", keep="metrics")
    found = observed(load_case(case), data, rng=seed)
    if out is not None:
        _write(out, to_toml(found.case))
    bridge = found.bridge(BRIDGE_METRIC, draws=draws)
    console = console_of_terminal()
    say(console, found.plan.head.title.in_language(spoken))
    console.print()
    for sentence in found.sentences(spoken, draws=draws):
        say(console, f"- {sentence}")
    tables = {
        "goals": found.goals(draws=draws),
        "reports": found.reports(),
        "payments": found.payments(),
        "parameters": found.parameters(spoken).reindex(columns=PARAMETERS),
        "bridge": bridge.table(),
    }
    for name, frame in tables.items():
        if len(frame):
            print_figures(console, TITLES[name][spoken], _as_text(frame, CHANCES.get(name, ())))
    console.print()
    say(console, bridge.sentence(spoken))
    if out is not None:
        say(console, f"the updated case is in {out}")


def _write(file: Path, text: str) -> None:
    from sibsim.errors import FileError

    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        message = f"{file} exists; name a new file"
        raise FileError(message) from None
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror or error}"
        raise FileError(message) from None


def _as_text(frame: pd.DataFrame, chances: Collection[str]) -> pd.DataFrame:
    """Return a frame as text, its rows named on one line; `chances`: columns of probabilities."""
    names = [
        ", ".join(str(part) for part in row) if isinstance(row, tuple) else str(row)
        for row in frame.index
    ]
    shown = frame.astype(object)
    for place, column in enumerate(frame.columns):
        chance = column in chances
        shown.isetitem(
            place, [_cell(value, chance=chance) for value in frame.iloc[:, place].tolist()]
        )
    shown.index = names
    return shown.rename(columns=lambda name: str(name).replace("_", " "))


def _cell(value: object, *, chance: bool) -> str:
    if not isinstance(value, int | float):
        return str(value)
    if math.isnan(value):
        return ""
    if chance:
        return f"{value:.0%}"
    whole = abs(value) >= WHOLE_FROM or float(value).is_integer()
    return f"{value + 0.0:,.0f}" if whole else f"{value:,.3g}"
