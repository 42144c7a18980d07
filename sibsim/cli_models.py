"""Commands that list the models of the open families: payments, outcomes, designs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sibsim.console import console_of_terminal, plainly, say

if TYPE_CHECKING:
    from sibsim.reports.models import Family

app = typer.Typer()


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


@app.command()
@plainly
def designs(
    design: Annotated[
        str | None, typer.Argument(metavar="[DESIGN]", help="Name of an evaluation design.")
    ] = None,
) -> None:
    """List the evaluation designs, or show what one compares and which keys it has."""
    _say_models("evaluation", model=design)


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
