"""What a case is made of: a frozen composition of the rooms' descriptions."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sibsim.budget.lines import BudgetLine
from sibsim.core.parameters import Quantity
from sibsim.core.prices import Index
from sibsim.core.sampling import Correlation
from sibsim.core.spec import walk
from sibsim.core.timeline import Timeline
from sibsim.delivery.costs import CostLine
from sibsim.delivery.plan import Delivery
from sibsim.evaluation.base import EvaluationDesign
from sibsim.outcomes.base import OutcomeModel
from sibsim.sections import SECTIONS, Contract, Drift, Head, Problem, Source, TargetGroup, Valuation


@dataclass(frozen=True)
class Composition:
    """The parts of a case, as values."""

    head: Head
    """Name, title, currency, price year and time."""

    problem: Problem | None
    """Who has the problem, who helps, who invests."""

    target_group: TargetGroup | None
    """Who the intervention is for, and how many."""

    delivery: Delivery | None
    """Cohorts, take-up, completion, volume and delay."""

    costs: Mapping[str, CostLine]
    """Cost lines by name."""

    outcomes: Mapping[str, OutcomeModel]
    """What happens without and with the intervention, by outcome."""

    drifts: Mapping[str, Drift]
    """Shared drifts of what would have happened anyway."""

    measures: Mapping[str, EvaluationDesign]
    """What the evaluator reports, by measure."""

    contract: Contract
    """What is owed and who funds it."""

    budget: Mapping[str, BudgetLine]
    """Who saves, by line."""

    valuation: Valuation | None
    """Discount rates."""

    indices: Mapping[str, Index]
    """Price indices by name."""

    correlations: tuple[Correlation, ...]
    """Rank correlations between uncertain quantities."""

    sources: Mapping[str, Source]
    """Where published figures were read."""

    read: Mapping[str, Any]
    """The case file as it was read; `document` gives a copy."""

    @property
    def document(self) -> dict[str, Any]:
        """A copy of the case file as read: plain tables, lists, numbers, texts and dates."""
        return copy.deepcopy(dict(self.read))

    @property
    def name(self) -> str:
        """Short name of the case."""
        return self.head.name

    @cached_property
    def timeline(self) -> Timeline:
        """The periods of the case."""
        return self.head.timeline

    @cached_property
    def served_size(self) -> float:
        """Participants planned to start, less those who become controls, of a case that runs.

        Where several measures take controls from those referred, they are the same people.
        """
        assert self.target_group is not None  # noqa: S101 - a case that runs has one
        shares = [design.served_share for design in self.measures.values()]
        return self.target_group.size.base_value * min(shares, default=1.0)

    @property
    def lines_paid_aside(self) -> frozenset[str]:
        """Ledger lines of costs that a stated party pays itself, so that capital does not."""
        return frozenset(
            f"costs.{name}" for name, cost in self.costs.items() if cost.payer is not None
        )

    @cached_property
    def sections(self) -> Mapping[str, object]:
        """The valid sections by their name in the file."""
        found = vars(self) | vars(self.contract) | {"contract": self.contract.terms}
        return {name: found[name] for name in SECTIONS}

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """Every quantity of the case by its path, such as `outcomes.job.counterfactual`."""
        return dict(
            found
            for name, section in self.sections.items()
            for found in walk(section, Quantity, path=name)
        )
