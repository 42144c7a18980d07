"""The command that takes in what has really happened: observe."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sibsim.console import console_of_terminal, plainly, print_figures, say

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.core.wording import Language

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

CHANCES = frozenset(
    {"p_missed_plan", "mc_error_plan", "p_missed", "mc_error", "percentile", "learned"}
)
"""Columns of probabilities and shares; `mc_error` where it is of one."""

COUNTS = frozenset({"cohort", "at_months", "people"})
"""Columns of numbers; figures of all other columns of a row are in one unit."""

QUANTILES = ["p5_before", "p50_before", "p95_before", "p5_after", "p50_after", "p95_after"]
"""Columns of the table of uncertain quantities that are in its unit."""

HEADS = {
    "at_months": "efter måneder",
    "goal": "mål",
    "p_missed_plan": "ikke nået, plan",
    "mc_error_plan": "fejl, plan",
    "p_missed": "ikke nået, nu",
    "mc_error": "fejl",
    "reached": "nået",
    "people": "borgere",
    "plan_mean": "planens gennemsnit",
    "plan_p5": "planens p5",
    "plan_p95": "planens p95",
    "came": "kom",
    "percentile": "percentil",
    "through": "til og med",
    "paid": "betalt",
    "contract": "kontrakt",
    "difference": "forskel",
    "learned": "lært",
    "change": "ændring",
    "level": "niveau",
    **{f"p{level}_before": f"p{level} før" for level in (5, 50, 95)},
    **{f"p{level}_after": f"p{level} efter" for level in (5, 50, 95)},
}
"""Heads of columns in Danish; in English they are called by their names."""

ROWS = {
    "referred": "henviste",
    "started": "startede",
    "completed": "gennemførte",
    "all lines": "alle linjer",
}
"""Names of rows in Danish that the tables have in English."""

COHORT = {"da": "hold {}", "en": "cohort {}"}
"""A cohort by its number."""

MONTHS = {"da": "{} måneder", "en": "{} months"}
"""A follow-up."""

DIGITS = 3
"""Significant digits of the largest figure of a row; the others have as many decimals."""

MOST_DECIMALS = 6
"""Most decimals: what is smaller is rounding."""

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

    DATA.csv has one row per observation. Its column kind says of what, and which others it uses:

    referred, started, completed: cohort, people

    start: cohort, date

    result: measure, cohort, at_months, achieved, people; where a comparison is measured
    comparison_achieved, comparison_people; if stated standard_error

    payment: line, date, amount

    person: person, cohort, measure, at_months, result, completed

    A column note is free. The page "From first results to a re-forecast" (docs/actuals.md) has an
    example.
    """
    from sibsim.casefile import load_case, to_toml
    from sibsim.core.wording import language
    from sibsim.forecast.observed import observe as observed
    from sibsim.simulate import check_arguments

    spoken = language(lang)
    if out is not None:
        _check_new(out)
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
        "reports": _named(found.reports(), spoken),
        "payments": _named(found.payments(), spoken),
        "parameters": _with_verdict(found.parameters(spoken), spoken),
        "bridge": bridge.table(spoken),
    }
    for name, frame in tables.items():
        if len(frame):
            chances = CHANCES if name != "bridge" or bridge.is_rate else CHANCES - {"mc_error"}
            shown = _as_text(frame, chances=chances, lang=spoken)
            print_figures(console, TITLES[name][spoken], shown)
    console.print()
    say(console, bridge.sentence(spoken))
    if out is not None:
        say(console, f"the updated case is in {out}")


def _check_new(file: Path) -> None:
    """Refuse a file that is there or cannot be written, before anything is computed."""
    from sibsim.errors import FileError

    if file.exists():
        message = f"{file} exists; name a new file"
        raise FileError(message)
    if not os.access(file.parent, os.W_OK):
        message = f"{file} cannot be written: {file.parent} is no folder that can be written to"
        raise FileError(message)


def _write(file: Path, text: str) -> None:
    from sibsim.errors import FileError

    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror or error}"
        raise FileError(message) from None


def _named(frame: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Return a frame whose rows are named in words: cohort 1, 12 months."""
    return frame.set_axis([_name(row, lang) for row in frame.index])


def _name(row: object, lang: Language) -> str:
    """Return the name of a row: (what, cohort, months), or what alone; 0 months: none."""
    what, cohort, months = row if isinstance(row, tuple) else (row, None, None)
    parts = [ROWS.get(str(what), str(what)) if lang == "da" else str(what)]
    parts += [COHORT[lang].format(cohort)] if cohort else []
    parts += [MONTHS[lang].format(months)] if months else []
    return ", ".join(parts)


def _with_verdict(frame: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Return the table of uncertain quantities, the verdict in the name of the row."""
    cohorts = frame.get("cohort", [None] * len(frame))
    names = [
        f"{_name((path, None if cohort != cohort else cohort, None), lang)}: {verdict}"  # noqa: PLR0124 - only NaN differs from itself
        for path, cohort, verdict in zip(
            frame.index, cohorts, frame.get("verdict", []), strict=True
        )
    ]
    return frame.reindex(columns=[*QUANTILES, "learned"]).set_axis(names)


def _as_text(frame: pd.DataFrame, *, chances: Collection[str], lang: Language) -> pd.DataFrame:
    """Return a frame as text, without its empty columns.

    Parameters
    ----------
    frame
        Figures, and text.
    chances
        Columns of probabilities.
    lang
        Language of heads and numbers.
    """
    import pandas as pd

    alone = {*chances, *COUNTS}
    rows = [_row(dict(row), alone=alone, chances=chances, lang=lang) for _, row in frame.iterrows()]
    shown = pd.DataFrame(rows, index=frame.index, columns=frame.columns)
    shown = shown.loc[:, (shown != "").any()]
    heads = {name: str(name).replace("_", " ") for name in shown.columns}
    return shown.rename(columns=heads | HEADS if lang == "da" else heads)


def _row(
    row: Mapping[str, object],
    *,
    alone: Collection[str],
    chances: Collection[str],
    lang: Language,
) -> dict[str, str]:
    """Return the cells of a row as text; those that are not `alone` have the same decimals."""
    figures = [
        abs(value)
        for name, value in row.items()
        if name not in alone and isinstance(value, int | float) and math.isfinite(value)
    ]
    decimals = _decimals(max(figures, default=0.0))
    found = {}
    for name, value in row.items():
        if not isinstance(value, int | float):
            found[name] = str(value)
        elif math.isnan(value):
            found[name] = ""
        elif name in chances:
            found[name] = f"{round(value, 2) + 0.0:.0%}"
        else:
            places = 0 if name in alone or float(value).is_integer() else decimals
            found[name] = _number(f"{round(value, places) + 0.0:,.{places}f}", lang)
    return found


def _number(english: str, lang: Language) -> str:
    """Return a number as the language writes it."""
    from sibsim.core.amounts import in_both

    return in_both(english).in_language(lang)


def _decimals(largest: float) -> int:
    """Return how many decimals figures have of which this is the largest."""
    if largest == 0:
        return 0
    return min(max(DIGITS - 1 - math.floor(math.log10(largest)), 0), MOST_DECIMALS)
