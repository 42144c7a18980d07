"""One block of draws after another: its money, its metrics, and their place in the results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sibsim.accounts import settle
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts
from sibsim.core.placing import Ledger, Placed
from sibsim.core.postings import Posting
from sibsim.core.sampling import Method as Sampling
from sibsim.core.stages import World
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError
from sibsim.metrics import metrics_of
from sibsim.partnership import missing_to_run
from sibsim.results import Keep, Results


@dataclass(frozen=True, slots=True)
class Part:
    """What one block found."""

    draws: int
    """Draws of the block that count."""

    metrics: dict[str, FloatArray]
    """One number per draw, (1 or D,) each."""

    postings: tuple[Posting, ...] | None
    """The ledger, if it is kept."""

    world: World | None
    """What chance decided, if it is kept."""


def account(case: Case, world: World, *, draws: int, keep: Keep) -> Part:
    """Return the money and the metrics of one block.

    Parameters
    ----------
    case
        The case.
    world
        What chance decided.
    draws
        How many of the block's draws count.
    keep
        What of it is kept.
    """
    accounts = settle(case, world)
    if keep == "world" and accounts.standing.served.all():
        world = replace(world, saved=accounts.saved)
    return Part(
        draws=draws,
        metrics=metrics_of(case, world, accounts),
        postings=accounts.postings if keep != "metrics" else None,
        world=world if keep == "world" else None,
    )


def assemble(
    case: Case,
    parts: Iterable[Part],
    *,
    draws: int,
    seed: int | None,
    sampling: Sampling,
    keep: Keep,
    facts: Facts | None = None,
) -> Results:
    """Place the parts by the index of their draws."""
    metrics: dict[str, Placed] = {}
    ledger: list[tuple[Posting, ...]] = []
    worlds: list[World] = []
    first = 0
    for part in parts:
        last = first + part.draws
        if not first:
            metrics = {name: Placed(each, draws=draws) for name, each in part.metrics.items()}
        for name, placed in metrics.items():
            placed.place(part.metrics[name][..., : part.draws], first=first, last=last)
        if part.postings is not None:
            ledger.append(part.postings)
        if part.world is not None:
            worlds.append(part.world)
        first = last
    return Results(
        kind="run" if seed is not None else "base case",
        case=case,
        draws=draws,
        seed=seed,
        sampling=sampling,
        metrics={name: placed.whole() for name, placed in metrics.items()},
        postings=Ledger(ledger, draws=draws) if ledger else None,
        worlds=tuple(worlds) if keep == "world" else None,
        facts=facts,
    )


def check_complete(case: Case) -> None:
    """Refuse a case that lacks a section without which there is nothing to run."""
    given: object = case
    if not isinstance(given, Case):
        message = f"got {shown(given)}; it is a case, such as sib.load_case('holbaek')"
        raise ArgumentError(message)
    missing = missing_to_run(case)
    if missing:
        message = (
            f"{case.name} is not complete enough to be run; it lacks {', '.join(missing)}; "
            "check the case for more (`sibsim check`, or case.check())"
        )
        raise ArgumentError(message)
