"""Commands that ask what to decide: at which price, what breaks even, what the answer hangs on."""

from __future__ import annotations

from typing import Annotated

import typer

from sibsim.console import console_of_terminal, figure, plainly, print_figures, say

SEED = 2026
"""Seed of a run that states none: two people who type the same see the same."""

DRAWS = 10_000
"""Draws of a run that states none: Monte Carlo errors of probabilities below half a point."""

BREAK_EVEN_DRAWS = 4_096
"""Draws of a break-even set, which simulates again at every value that it looks at."""

MUNICIPALITY = "mean municipality_net"
"""What is looked at unless something else is asked for."""

ENDS = ["low", "high", "at_low", "at_high"]
"""Columns of a tornado that are shown."""

app = typer.Typer()

CaseName = Annotated[
    str, typer.Argument(metavar="CASE", help="Name of a shipped case, or path to a .toml file.")
]

Draws = Annotated[int, typer.Option("--draws", "-n", help="Number of draws.")]

Seed = Annotated[int, typer.Option("--seed", "-s", help="Seed of all chance, 0 or above.")]

Spoken = Annotated[str, typer.Option("--lang", help="Language of the sentences: da or en.")]

Asked = Annotated[
    str,
    typer.Option(
        "--figure",
        "-f",
        help="What is looked at, such as 'mean municipality_net', 'median investor_irr' or "
        "'P(municipality_net < 0)'.",
    ),
]


@app.command()
@plainly
def price(
    case: CaseName,
    terms: Annotated[
        list[str],
        typer.Argument(
            metavar="TERM...",
            help="Path of a price, limit or other number of the contract, such as "
            "payments.job.price; several move in proportion.",
        ),
    ],
    *,
    investor: Annotated[
        list[str],
        typer.Option(
            "--investor",
            help="What the investor asks for, such as 'median investor_irr >= 0.04'; may be given "
            "again.",
        ),
    ],
    payer: Annotated[
        list[str] | None,
        typer.Option(
            "--payer",
            help="What the payer asks for; without it 'mean municipality_net >= 0'. May be given "
            "again.",
        ),
    ] = None,
    openings: Annotated[
        bool,
        typer.Option("--openings", help="Say which single change makes a zone, if there is none."),
    ] = False,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    lang: Spoken = "en",
) -> None:
    """Say at which values of a price or another term both sides' conditions hold."""
    from sibsim.casefile import load_case
    from sibsim.core.wording import language
    from sibsim.decisions.corridor.asked import PAYER
    from sibsim.decisions.corridor.search import price_corridor

    spoken = language(lang)
    found = price_corridor(
        load_case(case), terms, investor=investor, payer=payer or PAYER, draws=draws, rng=seed
    )
    _say_all(found.sentences(spoken))
    if openings:
        _say_all(found.openings().sentences(spoken))


@app.command("break-even")
@plainly
def break_even(
    case: CaseName,
    *,
    wanted: Asked = MUNICIPALITY,
    target: Annotated[
        float, typer.Option("--target", "-t", help="What the figure has to come to.")
    ] = 0.0,
    drivers: Annotated[
        list[str] | None,
        typer.Option(
            "--driver", "-d", help="One driver, such as participants; may be given again."
        ),
    ] = None,
    draws: Draws = BREAK_EVEN_DRAWS,
    seed: Seed = SEED,
    lang: Spoken = "en",
) -> None:
    """Say what must be true for a case to break even, one driver at a time."""
    from sibsim.casefile import load_case
    from sibsim.core.wording import language
    from sibsim.decisions.breakeven import analysis

    spoken = language(lang)
    found = analysis.break_even(
        load_case(case), wanted, target=target, drivers=drivers, draws=draws, rng=seed
    )
    _say_all(found.sentences(spoken))


@app.command()
@plainly
def tornado(
    case: CaseName,
    *,
    wanted: Asked = MUNICIPALITY,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    lang: Spoken = "en",
) -> None:
    """Say what the answer hangs on most: each uncertain quantity low and high, one at a time."""
    from sibsim.casefile import load_case
    from sibsim.core.wording import language
    from sibsim.decisions.drivers import one_way

    spoken = language(lang)
    found = one_way.tornado(load_case(case), wanted, draws=draws, rng=seed)
    _say_all(found.sentences(spoken))
    print_figures(console_of_terminal(), str(found.figure), found.table()[ENDS].map(figure))


def _say_all(sentences: list[str]) -> None:
    console = console_of_terminal()
    for sentence in sentences:
        say(console, sentence)
