"""What a budget line can follow: the states that it names are states of its outcome."""

from __future__ import annotations

from collections.abc import Iterator

from sibsim.budget.lines import BudgetLine
from sibsim.core.spec import nearest
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.ladder import SupportLadder
from sibsim.outcomes.states import MultiState


def check_states(line: BudgetLine, outcome: OutcomeModel) -> Iterator[tuple[str, str]]:
    """Yield which field of a line that names states does not fit its outcome, and why.

    Parameters
    ----------
    line
        The line; one that names no states follows any outcome.
    outcome
        The outcome that it follows.
    """
    if line.states is None:
        return
    if not isinstance(outcome, MultiState):
        problem = (
            f"got states, but {line.follows!r} is of model {outcome.model!r}, which has none; "
            "follow an outcome of model 'states', or give `lasts` instead"
        )
        yield "states", problem
        return
    unknown = [name for name in line.states if name not in outcome.names]
    for name in unknown:
        instead = nearest(name, outcome.names) or f"; known are {', '.join(outcome.names)}"
        yield "states", f"got {name!r}; it is no state of {line.follows!r}{instead}"
    if line.refund is None or unknown:
        return
    support = outcome.with_role("support")
    off = [name for name in line.states if name not in support]
    if not support:
        way_out = (
            "another set has, or states of your own with support = [...]"
            if outcome.shipped
            else "name them there with support = [...]"
        )
        problem = (
            f"got a refund, but no state of {line.follows!r} is one of support, whose weeks the "
            f"ladder counts; {way_out}"
        )
        yield "refund", problem
    elif off:
        problem = (
            f"got a refund of time in {', '.join(off)}, which {line.follows!r} does not count as "
            f"support; of its states {', '.join(support)} are; drop the others, or give them a "
            "line without refund"
        )
        yield "refund", problem
    for problem in SupportLadder.check_step(outcome.step_months):
        yield "refund", problem
    if not outcome.by_person:
        problem = (
            f"got a refund, which depends on the weeks that each person has had, but "
            f"{line.follows!r} draws numbers of people; write simulate = 'people' there"
        )
        yield "refund", problem
