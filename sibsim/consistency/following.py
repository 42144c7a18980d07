"""What budget lines can follow: states of their outcome, whose people they take alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibsim.budget.lines import BudgetLine
from sibsim.core.distributions import Fixed, shown
from sibsim.core.parameters import BetweenPeople
from sibsim.core.spec import nearest
from sibsim.core.year_count import RunningYear
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
    refund = line.refund
    if line.states is None:
        if refund is not None and refund.days is not None:
            problem = (
                "got a refund for so many days a year of each person on a line without `states`; "
                "how long each person is there is known of states only; name the states in which "
                "the amount is paid, of an outcome of model 'states'"
            )
            yield "refund.days", problem
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
    if refund is None or unknown:
        return
    if refund.ladder is not None:
        yield from _check_ladder(line, outcome)
    if refund.days is not None:
        for problem in RunningYear.check_step(outcome.step_months):
            yield "refund.days", problem
    if refund.share is None and not outcome.by_person:
        problem = (
            f"got a refund, which depends on the time that each person has had, but "
            f"{line.follows!r} draws numbers of people; write simulate = 'people' there"
        )
        yield "refund", problem


def _check_ladder(line: BudgetLine, outcome: MultiState) -> Iterator[tuple[str, str]]:
    """Yield why the weeks of people in the states of a line cannot be counted on a ladder."""
    assert line.states is not None  # noqa: S101 - asked only of lines with states
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


def check_weeks_before(
    lines: Mapping[str, BudgetLine], *, outcomes: Mapping[str, OutcomeModel]
) -> Iterator[Fault]:
    """Yield a fault for each line that starts people's weeks on support unlike another one.

    A person has one count of weeks over all benefits, so lines with a ladder that follow the same
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
        weeks = None if line.refund is None else line.refund.weeks_before
        if weeks is None or not isinstance(outcomes.get(line.follows), MultiState):
            continue
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
