"""What budget lines can follow: states of their outcome, whose people they take alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibsim.budget.lines import BudgetLine
from sibsim.core.distributions import Fixed, shown
from sibsim.core.parameters import BetweenPeople
from sibsim.core.spec import nearest
from sibsim.errors import Fault
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


def check_weeks_before(
    lines: Mapping[str, BudgetLine], *, outcomes: Mapping[str, OutcomeModel]
) -> Iterator[Fault]:
    """Yield a fault for each line that starts people's weeks on support unlike another one.

    A person has one count of weeks over all benefits, so lines with a refund that follow the same
    outcome of states start it alike.

    Parameters
    ----------
    lines
        The lines by name.
    outcomes
        The outcomes that they follow, by name.
    """
    first: dict[str, tuple[str, BetweenPeople]] = {}
    for name, line in lines.items():
        if line.refund is None or not isinstance(outcomes.get(line.follows), MultiState):
            continue
        weeks = line.refund.weeks_before
        other, expected = first.setdefault(line.follows, (name, weeks))
        if weeks.distribution != expected.distribution:
            problem = (
                f"got {_weeks(weeks)}; budget.{other} follows {line.follows!r} too, with "
                f"{_weeks(expected)}; a person has one count of weeks over all benefits; give both "
                "the same"
            )
            yield Fault(f"budget.{name}.refund.weeks_before", problem)


def _weeks(weeks: BetweenPeople) -> str:
    """Return the weeks as a case file states them, without where they are from."""
    if isinstance(weeks.distribution, Fixed):
        return f"{shown(weeks.distribution.value)} weeks"
    quantiles = ", ".join(
        f"{name} = {shown(each)}" for name, each in weeks.distribution.table().items()
    )
    return f"{quantiles} weeks"
