"""What it costs to serve: lines per year, start, person-period, completion, or once.

A line without `payer` is the provider's and is financed by the capital; a line with a `payer` is
paid by that party itself. Amounts are in prices of the price year, times the factor of their index
in the calendar year of the period. Assumption: people who drop out leave evenly over the programme.
Where the service ends late, only lines that say so run on; nobody starts or stays longer for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import ConfigDict, Field, model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault
from sibsim.core.parameters import Amount
from sibsim.core.postings import CostFlow, Frame
from sibsim.core.spec import Date, Flag, Name, Spec
from sibsim.core.stages import Context, Participation
from sibsim.core.timeline import DAYS_PER_YEAR, shifted
from sibsim.core.words import Words

DEFAULT_FRAME: Frame = "service"
"""Spending frame of a line that states none: social services are service expenditure."""

Per = Literal["year", "start", "person_period", "completion", "once"]
"""What a cost line is counted by."""

_DATES = {"year": ("from", "to"), "once": ("at",)}
"""The dates that a line must state, by what it is counted by; the others state none."""


class CostLine(Spec):
    """One cost of the service or of its evaluation and management."""

    model_config: ClassVar[ConfigDict] = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    title: Words | None = None
    """Name in reports; None: its key with blanks for underscores."""

    amount: Amount
    """Cost per unit of `per`, in prices of the price year, at least 0."""

    per: Per
    """Counted by `year`, `start`, `person_period`, `completion`, or `once`."""

    from_: Date | None = Field(default=None, alias="from")
    """First day of a line per year."""

    to: Date | None = None
    """Last day of a line per year, included."""

    at: Date | None = None
    """Day of a line paid once."""

    index: str
    """Name of the index that the amount follows, or `none`."""

    frame: Frame = DEFAULT_FRAME
    """Spending frame of the payer."""

    payer: Name | None = None
    """Party that pays it itself; without it the capital finances it."""

    payee: Name | None = None
    """Party that delivers it; without it the provider."""

    moves_with_start: Flag = False
    """Whether a line per year or once moves with the first cohort's delay."""

    runs_over: Flag = False
    """Whether a line per year runs on for the months by which the service ends late."""

    segment: Name | None = None
    """Segment of the target group whose people alone are counted; without it everyone is."""

    survives_termination: Flag = False
    """Whether it is still paid after the contract has been terminated."""

    contract_cost: Literal["evaluation", "management", "legal"] | None = None
    """What the line pays for where it is a cost of the contract and not of the service: it falls
    away where a municipality uses its own money. Without `payer` the capital finances it, and who
    pays for outcomes bears it with the payments. None: it is a cost of the service."""

    committee: str | None = None
    """Political committee of the payer whose budget it is; without it that of the contract."""

    note: str | None = None
    """Anything a reader must know."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        given = {"from": self.from_, "to": self.to, "at": self.at}
        needed = _DATES.get(self.per, ())
        absent = [name for name in needed if given[name] is None]
        extra = [name for name, day in given.items() if day is not None and name not in needed]
        message = ""
        if absent:
            message = f"got per = {self.per!r} without {absent[0]!r}; state that date"
        elif extra:
            message = f"got {extra[0]!r} with per = {self.per!r}; leave that date out"
        elif self.from_ and self.to and self.to < self.from_:
            message = f"got from = {self.from_}, to = {self.to}; a line ends after it begins"
        elif not needed and self.moves_with_start:
            message = (
                f"got moves_with_start with per = {self.per!r}; such a line follows its cohort "
                "anyway; leave it out"
            )
        elif self.runs_over and self.per != "year":
            message = (
                f"got runs_over with per = {self.per!r}; only a line per year runs on when the "
                "service ends late; leave it out"
            )
        elif needed and self.segment is not None:
            message = (
                f"got a segment with per = {self.per!r}; only what is counted by people has one; "
                "leave it out"
            )
        elif needed and self.amount.per_cohort:
            message = f"got an amount per cohort with per = {self.per!r}; it has one amount"
        if message:
            raise fault(message)
        return self


@dataclass(frozen=True, slots=True)
class _Line:
    """One line with what its arithmetic needs."""

    spec: CostLine
    who: Participation
    months: int
    amount: FloatArray
    factor: FloatArray
    context: Context


def realise(
    lines: Mapping[str, CostLine],
    *,
    participation: Participation,
    programme_months: int,
    factors: Mapping[str, FloatArray],
    provider: str,
    context: Context,
) -> tuple[CostFlow, ...]:
    """Return the nominal cost flows of all lines; those of cohorts one by one.

    Parameters
    ----------
    lines
        The lines by name.
    participation
        Who comes and stays.
    programme_months
        Length of the programme of one participant.
    factors
        Factor of every index by name, shape (T,); `none` included.
    provider
        Ledger party of the provider: the payee of lines that name none.
    context
        At the path of the cost section.
    """
    flows: list[CostFlow] = []
    for name, spec in lines.items():
        line = _Line(
            spec=spec,
            who=participation.of_segment(spec.segment) if spec.segment else participation,
            months=programme_months,
            amount=context.at(name).value("amount"),
            factor=factors[spec.index][:, np.newaxis],
            context=context,
        )
        flows.extend(
            CostFlow(
                line=name,
                payer=spec.payer,
                payee=spec.payee or provider,
                frame=spec.frame,
                cohort=cohort,
                survives=spec.survives_termination,
                amount=amount * line.factor,
                lapsed=lapsed,
                at=_paid_at(line) if spec.per == "once" else None,
            )
            for cohort, amount, lapsed in _ARITHMETIC[spec.per](line)
        )
    return tuple(flows)


_Flows = list[tuple[int | None, FloatArray, FloatArray]]
"""By cohort, before indexing: cost (T, 1 or D), and what falls outside the case (1 or D,)."""


def _per_year(line: _Line) -> _Flows:
    """Return amount x days / 365.25, both end dates inclusive; the last one moves if it is late."""
    first, last, timeline = line.spec.from_, line.spec.to, line.context.timeline
    if first is None or last is None:
        return []
    one_day = timedelta(days=1)

    def years(moved: FloatArray) -> FloatArray:
        delay, *late = (int(months) for months in moved)
        after = shifted(last + one_day, months=sum(late))
        inside = timeline.days_in_periods(first, after - one_day, shift=delay)
        opens, closes = (shifted(day, months=delay) for day in (first, after))
        return np.append(inside, (closes - opens).days - inside.sum()) / DAYS_PER_YEAR

    late = [line.who.finish_delay[0]] if line.spec.runs_over else []
    moved = np.stack(np.broadcast_arrays(_shift(line), *late))
    cost = _by_value(moved, years) * line.amount[0]
    return [(None, cost[:-1], cost[-1])]


def _once(line: _Line) -> _Flows:
    return [(None, *line.context.timeline.post(line.amount[0], _paid_at(line)))]


def _paid_at(line: _Line) -> FloatArray:
    """Return the date of a line paid once in months since the start of the case, (1 or D,)."""
    assert line.spec.at is not None  # noqa: S101 - such a line has it, `CostLine` checks
    return line.context.timeline.months_at(line.spec.at) + _shift(line)


def _per_start(line: _Line) -> _Flows:
    return _on_dates(line, people=line.who.people("started"), months=line.who.start)


def _per_completion(line: _Line) -> _Flows:
    return _on_dates(line, people=line.who.people("completed"), months=line.who.start + line.months)


def _on_dates(line: _Line, *, people: FloatArray, months: FloatArray) -> _Flows:
    due = people * line.amount
    post = line.context.timeline.post
    return [(cohort, *post(due[cohort], months[cohort])) for cohort in range(len(due))]


def _per_person_period(line: _Line) -> _Flows:
    r"""Return amount x person-periods served.

    Of n who start and m who complete, n - (n - m) u / L are present u months after the start; a
    period of l months that overlaps [a, b] of the L programme months holds
    [n (b - a) - (n - m) (b^2 - a^2) / (2 L)] / l person-periods.
    """
    who, timeline = line.who, line.context.timeline
    started, completed = who.people("started"), who.people("completed")
    length = timeline.months_per_period
    edges = length * np.arange(timeline.periods + 1.0)
    flows: _Flows = []
    for cohort, starts in enumerate(who.start):

        def overlap(power: int, starts: FloatArray = starts) -> FloatArray:
            def between(start: FloatArray) -> FloatArray:
                return np.diff(np.clip(edges - start, 0.0, line.months) ** power)

            return _by_value(starts, between)

        begun = started[cohort]
        left = begun - completed[cohort]
        months = begun * overlap(1) - left * overlap(2) / (2 * line.months)
        price = line.amount[min(cohort, len(line.amount) - 1)] / length
        inside = np.maximum(months, 0.0)
        outside = line.months * (begun - left / 2) - inside.sum(axis=0)
        flows.append((cohort, inside * price, np.maximum(outside, 0.0) * price))
    return flows


_ARITHMETIC: dict[str, Callable[[_Line], _Flows]] = {
    "year": _per_year,
    "start": _per_start,
    "person_period": _per_person_period,
    "completion": _per_completion,
    "once": _once,
}


def _shift(line: _Line) -> FloatArray:
    """Return the whole months by which a line moves, (1 or D,)."""
    return line.who.delay[0] if line.spec.moves_with_start else np.zeros(1)


def _by_value(values: FloatArray, column: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Return one column (T,) per draw of `values`, computed once per distinct value: (T, D).

    Parameters
    ----------
    values
        Numbers, (D,), or several of each draw, (n, D).
    column
        What a number, or n of them, comes to.
    """
    distinct, position = np.unique(values, axis=-1, return_inverse=True)
    return np.stack([column(value) for value in distinct.T], axis=1)[:, position]
