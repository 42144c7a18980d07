"""What a careful reader should know or would ask about a multi-state outcome."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.stages import Context
from sibsim.outcomes.state_chains import moves_of
from sibsim.outcomes.stated import LIKELY_HARM, on_evidence
from sibsim.outcomes.transitions import TransitionEffect

if TYPE_CHECKING:
    from sibsim.outcomes.states import MultiState


def remarks_on(model: MultiState, *, context: Context) -> Iterator[str]:
    """Yield which effects act on which moves, whether they harm, and what is cut.

    Parameters
    ----------
    model
        The outcome.
    context
        At the path of the outcome, every quantity at its base value.
    """
    for effect in model.effects:
        moves = moves_of(model, effect)
        listed = ", ".join(f"{origin} to {target}" for origin, target in moves)
        yield f"{effect.scale} {effect.base_value:g} acts on {listed}"
        yield from _on_harm(model, effect, moves=moves)
    yield from on_evidence(model.effects, transport=model.transport, among=model.among)
    yield from _on_steps(model)
    yield from _on_cuts(model, context=context)


def _on_harm(
    model: MultiState, effect: TransitionEffect, *, moves: tuple[tuple[str, str], ...]
) -> Iterator[str]:
    """Yield how likely an effect moves people to worse states, by the order of the states."""
    better = {model.names.index(target) > model.names.index(origin) for origin, target in moves}
    lower = effect.prob_below(1.0)
    harm = max(lower if up else 1.0 - effect.prob_below(np.nextafter(1.0, 2.0)) for up in better)
    if harm > LIKELY_HARM and not effect.may_be_negative:
        yield (
            f"P(that effect does harm) = {harm:.1%}, by the order of the states; if that is meant, "
            "confirm it with may_be_negative = true"
        )


def _on_steps(model: MultiState) -> Iterator[str]:
    off = [
        f"{months} at {step * model.step_months:g}"
        for months, step in zip(model.follow_up_months, model.at, strict=True)
        if model.step_name != "week" and months != step * model.step_months
    ]
    if off:
        listed = ", ".join(off)
        yield f"follow-ups are read at the end of the nearest {model.step_name}: {listed}"


def _on_cuts(model: MultiState, *, context: Context) -> Iterator[str]:
    when = np.zeros((1, len(model.follow_up_months), 1))
    _, _, clipped = model.chains(when, context=context)
    if clipped.any():
        cells = model.steps * len(model.names)
        yield (
            f"{clipped[0]:.0f} of {cells} rows of probabilities (a state at a step) are cut in the "
            "base case, because moves out of the state sum above 1; use a shorter step, a smaller "
            "effect, or name fewer moves out of one state"
        )
