"""Commands of a municipality: budget tables, ways of funding, new cases, dated rules."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sibsim.console import console_of_terminal, fail, plainly, print_figures, say
from sibsim.core.validation import listing_of

SEED = 2026
"""Seed of a run that states none: two people who type the same see the same."""

DRAWS = 10_000
"""Draws of a run that states none: Monte Carlo errors of probabilities below half a point."""

LIKELY = 0.8
"""Probability with which the amount to budget suffices unless another is asked for: assumption of
ours, between the median and the caution of a bank."""

if TYPE_CHECKING:
    import pandas as pd

TITLES = {
    "lines": {"da": "efter ramme og linje", "en": "by spending frame and line"},
    "totals": {"da": "med hvilken usikkerhed", "en": "with what spread"},
    "ceiling": {
        "da": "ændring i råderum under serviceloftet",
        "en": "change in room under the service ceiling",
    },
    "who saves": {"da": "hvem sparer", "en": "who saves"},
    "to budget": {
        "da": "at budgettere, så det slår til med {:.0%} sandsynlighed",
        "en": "to budget, so that it suffices with {:.0%}",
    },
}
"""Titles of the tables of a budget memo, in either language."""

CHANCE = "P("
"""Beginning of the name of a row or column of probabilities."""

app = typer.Typer()

CaseName = Annotated[
    str, typer.Argument(metavar="CASE", help="Name of a shipped case, or path to a .toml file.")
]

Draws = Annotated[int, typer.Option("--draws", "-n", help="Number of draws.")]

Seed = Annotated[int, typer.Option("--seed", "-s", help="Seed of all chance, 0 or above.")]

Spoken = Annotated[str, typer.Option("--lang", help="Language of titles and texts: da or en.")]


def _as_text(frame: pd.DataFrame, *, chance: bool = False) -> pd.DataFrame:
    """Return a frame of figures as text, its rows named on one line; `chance`: probabilities."""
    names = [
        ", ".join(str(part) for part in row if part) if isinstance(row, tuple) else str(row)
        for row in frame.index
    ]
    shown = frame.astype(object)
    for place, column in enumerate(frame.columns):
        cells = [
            _figure(value, chance=chance or str(column).startswith(CHANCE) or CHANCE in name)
            for name, value in zip(names, frame.iloc[:, place], strict=True)
        ]
        shown.isetitem(place, cells)
    shown.index = names
    return shown.rename(columns=lambda name: str(name).replace("_", " "))


def _figure(value: object, *, chance: bool) -> str:
    """Return a figure as text: a probability in per cent, anything else in whole units."""
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]  # a column holds numbers or text
    if math.isnan(number):
        return ""
    if math.isinf(number):
        return "never"
    return f"{number:.0%}" if chance else f"{round(number):,}"


@app.command()
@plainly
def budget(
    case: CaseName,
    *,
    party: Annotated[
        str, typer.Option("--party", help="Whose budget: municipality, region, state, ...")
    ] = "municipality",
    year: Annotated[
        int | None, typer.Option("--year", "-y", help="Budget year; by default the first year.")
    ] = None,
    prices: Annotated[
        str | None,
        typer.Option("--prices", help="Index of the case that turns amounts into fixed prices."),
    ] = None,
    expense_positive: Annotated[
        bool, typer.Option("--expense-positive", help="Expenses positive, savings negative.")
    ] = False,
    probability: Annotated[
        float,
        typer.Option("--probability", help="With which the amount to budget is to suffice."),
    ] = LIKELY,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    lang: Spoken = "en",
) -> None:
    """Print the tables of a budget memo: by line, service ceiling, who saves, what to budget."""
    from sibsim.casefile import load_case
    from sibsim.core.wording import language

    if not 0 < probability < 1:
        fail(f"--probability: got {probability:g}; it lies between 0 and 1, such as 0.8")
    results = load_case(case).simulate(draws=draws, rng=seed)
    found = results.municipal_budget(
        party,
        budget_year=year,
        prices=prices,
        sign="expense_positive" if expense_positive else "saving_positive",
        lang=lang,
    )
    tables = {
        "lines": found.lines(),
        "totals": found.totals(),
        "ceiling": found.service_ceiling(),
        "who saves": found.who_saves(),
        "to budget": found.amount_to_budget(probability),
    }
    spoken = language(lang)
    console = console_of_terminal()
    say(console, repr(found)[1:-1])
    for name, frame in tables.items():
        title = TITLES[name][spoken].format(probability)
        print_figures(console, title, _as_text(frame))


@app.command()
@plainly
def compare(
    case: CaseName,
    *,
    grant: Annotated[
        float | None,
        typer.Option(
            "--grant",
            help="Share of the delivery costs that a foundation gives, above 0 and at most 1; by "
            "default a quarter, an assumption.",
        ),
    ] = None,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    lang: Spoken = "en",
) -> None:
    """Compare the contract with own money, no cure no pay, and a grant beside it."""
    from sibsim.casefile import load_case
    from sibsim.core.wording import language

    spoken = language(lang)
    if grant is not None and not 0 < grant <= 1:
        fail(f"--grant: got {grant:g}; it is a share of the delivery costs, such as 0.25")
    found = load_case(case).compare(grant=grant, draws=draws, rng=seed)
    console = console_of_terminal()
    for figure, of_figure in found.table().groupby("figure", sort=False):
        print_figures(
            console,
            str(figure),
            _as_text(of_figure.droplevel("figure"), chance=str(figure).startswith("p_")),
        )
    print_figures(console, "the price of the contract against own money", _as_text(found.price()))
    console.print()
    for sentence in found.sentences(spoken):
        say(console, sentence)


@app.command()
@plainly
def new(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="employment, homelessness, placement, family or school."
        ),
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New .toml file to write.")],
    *,
    municipality: Annotated[
        str, typer.Option("--municipality", "-m", help="Name of the municipality.")
    ],
    size: Annotated[int, typer.Option("--size", "-n", help="Planned participants.")],
    start: Annotated[
        str | None,
        typer.Option("--start", help="First day, of a quarter, such as 2027-01-01, the default."),
    ] = None,
) -> None:
    """Write a complete case to start from, with comments that say what to replace."""
    from sibsim.presets import new_case

    try:
        day = date.fromisoformat(start) if start else None
    except ValueError:
        fail(f"--start: got {start!r}; a day is written as 2027-01-01")
    found = new_case(kind, municipality=municipality, size=size, start=day, path=file)
    console = console_of_terminal()
    say(console, f"wrote {file}: {found!r}")
    say(console, f"`sibsim check {file}` says what is only assumed, `sibsim run {file}` runs it")


@app.command()
@plainly
def rules(
    prefix: Annotated[
        str, typer.Argument(metavar="[PREFIX]", help="Beginning of the names of rules.")
    ] = "",
    *,
    on: Annotated[
        str | None, typer.Option("--on", help="Only what holds on this day, such as 2026-04-01.")
    ] = None,
) -> None:
    """List the dated public rules and rates that ship, each with its source."""
    from sibsim.core.rules import rules_named

    console = console_of_terminal()
    holding = rules_named(prefix, on=on)
    if not holding:
        spans = sorted({each.period for each in rules_named(prefix)})
        fail(f"on {on} none of the rules {prefix!r} holds; they hold {listing_of(spans)}")
    for each in holding:
        say(console, str(each))
        if each.note:
            say(console, f"  {each.note}")
