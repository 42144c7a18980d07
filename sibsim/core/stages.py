"""The frozen arrays that rooms exchange, stage by stage.

Axes: P planned persons, C cohorts, K follow-ups, T periods, D draws. **The last axis is the draw**;
it may have length 1 where every draw is the same, and is then broadcast. With chance switched off
an indicator is a probability and a count an expectation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sibsim.core.arrays import BoolArray, FloatArray, Indicator
from sibsim.core.paths import OutcomePath
from sibsim.core.postings import BudgetResult, CostFlow
from sibsim.core.streams import Layer
from sibsim.core.timeline import Timeline

Among = Literal["referred", "started", "completed"]
"""Whom an outcome, cost or price counts."""


Drift = Callable[[FloatArray], FloatArray]
"""D(t): what to add to the counterfactual probability at dates (C, K, 1 or D); same shape."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a stage may know: time, parameter values and the layers of chance."""

    timeline: Timeline
    """The periods of the case."""

    values: Mapping[str, FloatArray]
    """Value of every parameter by its path, each (1 or C, 1 or D) in the parameter's unit."""

    chance: Layer
    """Given the true rate, who succeeds?"""

    measurement: Layer
    """Given what happened, what does the evaluator report?"""

    path: str = ""
    """Path of the component that is being computed; prefixes names of values and streams."""

    effort: FloatArray = field(default_factory=lambda: np.ones((1, 1)))
    """Effort that people get as a share of the usual, (1 or C, 1 or D): multiplies an effect on its
    additive scale."""

    drift: Drift | None = None
    """How what would happen anyway has moved since the case's start; None: not at all."""

    upstream: Mapping[str, OutcomePath] = field(default_factory=dict)
    """The outcomes that this one reads, by name."""

    instead_of: str = ""
    """Path of the component that this one is a variant of and takes what it does not state from;
    empty: of none."""

    def at(self, *names: str) -> Context:
        """Return the same context one or more steps down the path."""
        rest = ".".join(names)
        return replace(
            self,
            path=f"{self.path}.{rest}" if self.path else rest,
            instead_of=f"{self.instead_of}.{rest}" if self.instead_of else "",
        )

    def variant(self, *names: str, effort: FloatArray | None) -> Context:
        """Return the context of a segment's variant of the component, down the path.

        Parameters
        ----------
        names
            The steps, the last of them the segment; its part of the outcomes that are read is read.
        effort
            Effort that the variant's people get, (1 or C, 1 or D); None: as everybody else.
        """
        return replace(
            self.at(*names),
            instead_of=self.path,
            effort=self.effort if effort is None else effort,
            upstream={
                name: path.parts.get(names[-1], path) for name, path in self.upstream.items()
            },
        )

    def value(self, field: str) -> FloatArray:
        """Return the value of the component's parameter `field`, shape (1 or C, 1 or D)."""
        own = self.values.get(f"{self.path}.{field}")
        return self.values[f"{self.instead_of}.{field}"] if own is None else own

    def stream(self, *names: object) -> str:
        """Return the name of a stream of this component: its path, then `names`, by slashes."""
        return "/".join((self.path, *map(str, names)))


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one segment of the target group."""

    within: tuple[Indicator, ...]
    """Per cohort, who belongs to it, (P_c, 1 or D)."""

    people: Mapping[Among, FloatArray]
    """People of it who are referred, started and completed per cohort, (C, 1 or D)."""

    share: FloatArray
    """Probability that a person who comes belongs to it, (1 or D,)."""

    effort: FloatArray | None
    """Effort that each gets as a share of the usual, (1, 1 or D); None: as everybody else."""


@dataclass(frozen=True, slots=True)
class Participation:
    """Who comes and stays."""

    planned: FloatArray
    """Participants planned to start per cohort, shape (C,)."""

    start: FloatArray
    """Real start of the cohort in months since the start of the case, (C, 1 or D)."""

    delay: FloatArray
    """Whole months by which the service starts late, (1, 1 or D); negative is early."""

    referred: FloatArray
    """People referred per cohort, (C, 1 or D)."""

    started: FloatArray
    """People who start per cohort, (C, 1 or D)."""

    completed: FloatArray
    """People who complete per cohort, (C, 1 or D)."""

    completes: tuple[Indicator, ...]
    """Per cohort, whether each person who could start would complete, (P_c, 1 or D)."""

    finish_delay: FloatArray = field(default_factory=lambda: np.zeros((1, 1)))
    """Whole months by which the service ends later than planned, (1, 1 or D), at least 0."""

    turned_away: FloatArray | None = None
    """People lost for want of a place, (C, 1 or D), in the wave at which they last found none: in
    sum, those who would have started less those who did. None: no capacity is stated."""

    segments: Mapping[str, Group] = field(default_factory=dict)
    """Who belongs to which segment of the target group, by its name; empty: there is only one."""

    only: Group | None = None
    """The segment that is looked at; None: everyone."""

    def people(self, among: Among) -> FloatArray:
        """Return how many people count, (C, 1 or D)."""
        if self.only is not None:
            return self.only.people[among]
        return {
            "referred": self.referred,
            "started": self.started,
            "completed": self.completed,
        }[among]

    def member(self, among: Among, *, cohort: int) -> Indicator:
        """Return who counts in a cohort, (P_c, 1 or D): the first n people, by index.

        With chance off the last person may count in part, so that the rows sum to n.
        """
        number = (self.referred if among == "referred" else self.started)[cohort]
        index = np.arange(np.ceil(number.max(initial=0.0)))[:, np.newaxis]
        whole = not np.any(number % 1)
        member: Indicator = index < number if whole else np.clip(number - index, 0.0, 1.0)
        if among == "completed":
            member = member * self.completes[cohort][: len(index)]
        if self.only is not None:
            member = member * self.only.within[cohort][: len(index)]
        return member

    def of_segment(self, name: str) -> Participation:
        """Return who comes and stays of one segment; its people keep their numbers."""
        return replace(self, segments={}, only=self.segments[name])


@dataclass(frozen=True, slots=True)
class Precision:
    """What the evaluator says of the error of the difference between participants and comparison.

    Known errors of sampling only: a bias that nobody sees is no part of it.
    """

    own: FloatArray
    """Variance of what errs in each cohort by itself, (C, K, 1 or D)."""

    common: FloatArray
    """Variance of what errs in the same way in all cohorts, (C, K, 1 or D)."""

    degrees: float = np.inf
    """Degrees of freedom of the t distribution that tests and limits are taken from; infinite: the
    normal distribution."""

    least_p: float = 0.0
    """Smallest p-value that the evaluation can come to; a test at a lower level never passes."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What the evaluator reports for one measure."""

    follow_up_months: tuple[int, ...]
    """Months from the start of service to each follow-up, K of them."""

    when: FloatArray
    """Date of each measurement in months since the start of the case, (C, K, 1 or D)."""

    treated_sum: FloatArray
    """Participants reported to have achieved the outcome, (C, K, 1 or D)."""

    treated_n: FloatArray
    """Participants in the report, (C, K, 1 or D)."""

    comparison_sum: FloatArray
    """Successes in the comparison, (C, K, 1 or D); zero where there is none."""

    comparison_n: FloatArray
    """People in the comparison, (C, K, 1 or D); zero where there is none."""

    claims: tuple[Indicator, ...] | None = None
    """Per cohort, who may be claimed at each follow-up, (P_c, K, 1 or D); None if never asked."""

    precision: Precision | None = None
    """What the evaluator says of the error of the difference; None: that of two independent groups
    of people who achieve the outcome or not, or of no comparison."""


@dataclass(frozen=True, slots=True)
class World:
    """All that chance decides on one block of draws."""

    participation: Participation
    """Who comes and stays."""

    paths: Mapping[str, OutcomePath]
    """What is achieved, by outcome."""

    measured: Mapping[str, Measurement]
    """What is reported, by measure."""

    costs: tuple[CostFlow, ...]
    """What delivery and evaluation cost."""

    values: Mapping[str, FloatArray]
    """Value of every quantity by its path, each (1 or C, 1 or D) in its unit."""

    paid: Mapping[str, FloatArray] = field(default_factory=dict)
    """What was really paid in each period, by payment line, (T,); NaN: not known."""

    went_on: FloatArray | None = None
    """Start of the last cohort that has really started, in months since the start of the case,
    (1 or D,): no right had ended the contract by then; None: nobody has."""

    missed: FloatArray | None = None
    """By how many results the simulated people miss what was reported of them, (1 or D,); None:
    nothing was."""

    saved: BudgetResult | None = None
    """What the budget lines gain if every cohort is served, which no contract changes; None: not
    worked out."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the contract goes: which cohorts are served, and when and why it ends early."""

    served: BoolArray
    """Whether the cohort is served at all, (C, 1 or D)."""

    end: FloatArray
    """Early end in months since the start of the case, (D,) or (1,); infinite: no early end."""

    cause: NDArray[np.int8]
    """Why it ends early, (D,) or (1,): 0 it does not, 1 result below the agreed level, 2 money, 3
    too few referrals, 4 policy."""

    owes: FloatArray | None = None
    """Share of the outstanding principal that the payers owe at the early end, (D,) or (1,); None:
    no right says so."""


@dataclass(frozen=True, slots=True)
class Due:
    """What one payment line claims before limits."""

    amount: FloatArray
    """Owed and payable in each period, (T, 1 or D)."""

    lapsed: FloatArray
    """Owed after the last payment date or beyond the horizon, never paid, (D,) or (1,)."""

    returned: FloatArray | None = None
    """Owed by the investors to the payer in each period, (T, 1 or D); None: nothing."""
