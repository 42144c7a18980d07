"""What moves money: cost flows, the lines of the ledger, what the budget lines gain.

T periods, D draws; the last axis is the draw, which may have length 1 where every draw is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sibsim.core.arrays import BoolArray, FloatArray

Frame = Literal["service", "transfers", "investment", "outside"]
"""Spending frame (Danish styringsområde): service, overførsler, anlæg, or outside all three."""


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
    """Gross savings, what of them goes to the state (refund, equalisation, budget guarantee) and
    memo rows; (T, 1 or D) each."""

    realisable: Mapping[str, FloatArray]
    """By line: what the party can take out of its budget of what does not go to the state, (T, D).
    """

    beyond_horizon: Mapping[str, FloatArray]
    """By line: the same, cashed after the end of the case, within a hundred years, (D,)."""

    elsewhere: Mapping[str, FloatArray] = field(default_factory=dict)
    """By line with a gain: what it could release but another route to the gain counts, (T, D)."""

    counts: Mapping[str, BoolArray] = field(default_factory=dict)
    """By line with a gain: whether it is of the route that counts, (D,)."""
