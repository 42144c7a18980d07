"""The frozen arrays that rooms exchange, stage by stage.

Axes: P planned persons, C cohorts, K follow-ups, T periods, D draws. **The last axis is the draw**;
it may have length 1 where every draw is the same, and is then broadcast. With chance switched off
an indicator is a probability and a count an expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sibsim.core.arrays import BoolArray, FloatArray, Indicator
from sibsim.core.streams import Layer
from sibsim.core.timeline import Timeline

Among = Literal["referred", "started", "completed"]
"""Whom an outcome, cost or price counts."""

Frame = Literal["service", "transfers", "investment", "outside"]
"""Spending frame (Danish styringsområde): service, overførsler, anlæg, or outside all three."""


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

    def at(self, *names: str) -> Context:
        """Return the same context one or more steps down the path."""
        path = ".".join((self.path, *names) if self.path else names)
        return Context(self.timeline, self.values, self.chance, self.measurement, path)

    def value(self, field: str) -> FloatArray:
        """Return the value of the component's parameter `field`, shape (1 or C, 1 or D)."""
        return self.values[f"{self.path}.{field}"]

    def stream(self, *names: object) -> str:
        """Return the name of a stream of this component: its path, then `names`, by slashes."""
        return "/".join((self.path, *map(str, names)))


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

    def people(self, among: Among) -> FloatArray:
        """Return how many people count, (C, 1 or D)."""
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
            return member * self.completes[cohort][: len(index)]
        return member


@dataclass(frozen=True, slots=True)
class OutcomePath:
    """What is achieved, and what would have been anyway, for one outcome."""

    follow_up_months: tuple[int, ...]
    """Months from the start of service to each follow-up, K of them."""

    when: FloatArray
    """Date of each follow-up in months since the start of the case, (C, K, 1 or D)."""

    people: FloatArray
    """People who count per cohort, (C, 1 or D)."""

    member: tuple[Indicator, ...]
    """Per cohort, who counts, (P_c, 1 or D)."""

    value: tuple[Indicator, ...]
    """Per cohort, who has achieved the outcome at each follow-up, (P_c, K, 1 or D)."""

    achieved: FloatArray
    """People who have achieved the outcome, (C, K, 1 or D): member times value, summed."""

    expected: FloatArray
    """Probability with the intervention, (C, K, 1 or D)."""

    counterfactual: FloatArray
    """Probability without the intervention, (C, K, 1 or D)."""

    persistence: FloatArray
    """Probability of keeping one's luck from one follow-up to the next, (1 or C, 1 or D)."""

    clipped: FloatArray
    """How many probabilities had to be cut to [0, 1], (D,) or (1,)."""

    @property
    def additional(self) -> FloatArray:
        """Achieved less the expected counterfactual of the same people, (C, K, 1 or D)."""
        return self.achieved - self.people[:, np.newaxis] * self.counterfactual


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


@dataclass(frozen=True, slots=True)
class CostFlow:
    """One cost line of one cohort (or of all)."""

    line: str
    """Name of the cost line."""

    payer: str | None
    """Party that pays it itself; None: it is financed by the capital."""

    payee: str
    """Party that delivers it and uses the resources."""

    frame: Frame
    """Spending frame of the payer."""

    cohort: int | None
    """Cohort that causes it, which it ends with; None: it runs with the service as a whole."""

    survives: bool
    """Whether it is still paid after the contract has been terminated."""

    amount: FloatArray
    """Nominal cost, (T, 1 or D), never negative."""

    lapsed: FloatArray
    """Cost that falls outside the case and is in no period, before indexing, (1 or D,)."""

    at: FloatArray | None = None
    """Date of a cost paid once in months since the start of the case, (1 or D,); None: it has no
    date of its own."""


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


PostingKind = Literal["transfer", "production", "use", "memo"]
"""Money between parties; resources set free; resources used up; or a note that moves no money."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of the ledger: who pays whom how much, when."""

    payer: str
    """Party that pays. `nature` where resources are set free."""

    payee: str
    """Party that receives. `nature` where resources are used up."""

    line: str
    """What for: path of the line in the case, such as `payments.job`."""

    frame: Frame
    """Spending frame the payer and payee book it in."""

    kind: PostingKind
    """Transfer between parties, production or use of resources, or a memo row."""

    amount: FloatArray
    """Nominal amount, (T, 1 or D), never negative."""


def transfer(amount: FloatArray, *, payer: str, payee: str, line: str, frame: Frame) -> Posting:
    """Return a posting that moves money between parties; amount (T, 1 or D)."""
    return Posting(payer, payee, line, frame, "transfer", amount)


@dataclass(frozen=True, slots=True)
class BudgetResult:
    """What the budget lines gain and cost, nominal."""

    postings: tuple[Posting, ...]
    """Gross savings, the state's refund and memo rows; (T, 1 or D) each."""

    realisable: Mapping[str, FloatArray]
    """By line: what the party can take out of its budget after refunds, (T, D)."""

    beyond_horizon: Mapping[str, FloatArray]
    """By line: the same, cashed after the end of the case, within a hundred years, (D,)."""
