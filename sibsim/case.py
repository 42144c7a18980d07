"""A contract and a case: frozen compositions of the rooms' descriptions.

A case is a value. It is read from one TOML file, checked as a whole, and never changed: a variant
is a validated copy (`case.with_({...})`). A contract - payments, limits, capital - is complete in
itself, so that a published deal can be settled without a model of delivery; a case holds one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from sibsim.budget.lines import BudgetLine
from sibsim.capital.spec import Capital
from sibsim.core.parameters import Quantity
from sibsim.core.prices import Index
from sibsim.core.sampling import Correlation
from sibsim.core.spec import Frozen, family, walk
from sibsim.core.streams import Rng
from sibsim.core.timeline import Timeline
from sibsim.core.wording import Language
from sibsim.delivery.costs import CostLine
from sibsim.delivery.plan import Delivery
from sibsim.evaluation.base import EvaluationDesign
from sibsim.outcomes.base import OutcomeModel
from sibsim.payments.base import PaymentModel
from sibsim.sections import ContractTerms, Drift, Head, Problem, Source, TargetGroup, Valuation

if TYPE_CHECKING:
    import pandas as pd

    from sibsim.core.sampling import Method as Sampling
    from sibsim.decisions.scenarios import LowBaseHigh
    from sibsim.decisions.solve import At, Solution
    from sibsim.partnership import Report
    from sibsim.results import Keep, Results

SECTIONS: Mapping[str, Any] = {
    "problem": Problem,
    "target_group": TargetGroup,
    "delivery": Delivery,
    "costs": Frozen[CostLine],
    "outcomes": Frozen[Annotated[OutcomeModel, family("sibsim.outcomes", key="model")]],
    "drifts": Frozen[Drift],
    "measures": Frozen[Annotated[EvaluationDesign, family("sibsim.evaluation", key="design")]],
    "payments": Frozen[Annotated[PaymentModel, family("sibsim.payments", key="model")]],
    "budget": Frozen[BudgetLine],
    "contract": ContractTerms,
    "capital": Capital,
    "valuation": Valuation,
    "indices": Frozen[Index],
    "correlations": tuple[Correlation, ...],
    "sources": Frozen[Source],
}
"""The sections of a case file beside its first lines, in order, with what each is validated as."""


@dataclass(frozen=True)
class Contract:
    """What is owed and who funds it: terms, payment lines and capital."""

    terms: ContractTerms | None
    """Terms that hold for every line."""

    payments: Mapping[str, PaymentModel]
    """Payment lines by name."""

    capital: Capital | None
    """Tranches, order of repayment, surplus."""


@dataclass(frozen=True)
class Case:
    """One social outcome contract and everything assumed about it; a value, never changed."""

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

    def __hash__(self) -> int:
        """Return the hash of the case's file."""
        return hash(repr(self.read))

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild the case from its document when it crosses a process boundary."""
        from sibsim.casefile import rebuilt

        return rebuilt, (self.document,)

    def __repr__(self) -> str:
        """Return name, title, size, period and what can be done next."""
        return _summary_line(self)

    def _repr_html_(self) -> str:
        """Return the summary line and the table of sections for a notebook."""
        from sibsim.partnership import report

        return report(self)._repr_html_()

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
    def sections(self) -> Mapping[str, object]:
        """The valid sections by their name in the file."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        found |= {
            "contract": self.contract.terms,
            "payments": self.contract.payments,
            "capital": self.contract.capital,
        }
        return {name: found[name] for name in SECTIONS}

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """Every quantity of the case by its path, such as `outcomes.job.counterfactual`."""
        return dict(
            found
            for name, section in self.sections.items()
            for found in walk(section, Quantity, path=name)
        )

    def check(self) -> Report:
        """Say which of the three phases is complete, what is missing and what is only assumed."""
        from sibsim.partnership import report

        return report(self)

    def with_(self, changes: Mapping[str, Any]) -> Case:
        """Return a validated copy with other values.

        Parameters
        ----------
        changes
            New value by dotted path in the file, such as `{"payments.job.price": 20_000}`.

        Raises
        ------
        CaseError
            If a path leads nowhere or the changed case is invalid; holds every fault.
        """
        from sibsim.casefile import changed

        return changed(self, changes)

    def base_case(self) -> Results:
        """Return the deterministic twin: every quantity at its base value, no chance, one draw."""
        from sibsim.simulate import base_case

        return base_case(self)

    def simulate(
        self,
        *,
        draws: int = 10_000,
        rng: Rng = None,
        sampling: Sampling = "random",
        executor: Executor | None = None,
        keep: Keep = "flows",
        progress: bool | None = None,
    ) -> Results:
        """Simulate the case; see `sibsim.simulate.simulate` for the arguments."""
        from sibsim.simulate import simulate

        return simulate(
            self,
            draws=draws,
            rng=rng,
            sampling=sampling,
            executor=executor,
            keep=keep,
            progress=progress,
        )

    def settle(self, reported: Iterable[Mapping[str, object]] | pd.DataFrame) -> Results:
        """Settle the contract on really reported results; see `sibsim.reported.settle`."""
        from sibsim.reported import settle

        return settle(self, reported)

    def solve(
        self,
        path: str,
        *,
        for_: str,
        target: float,
        at: At = "median",
        between: tuple[float, float] | None = None,
        draws: int = 4096,
        rng: Rng = 0,
    ) -> Solution:
        """Find the value of a term at which a metric meets a target; see `decisions.solve`."""
        from sibsim.decisions.solve import solve

        return solve(
            self, path, for_=for_, target=target, at=at, between=between, draws=draws, rng=rng
        )

    def low_base_high(self, metric: str = "investor_irr") -> LowBaseHigh:
        """Return the base case with each uncertain quantity at its p10 and its p90."""
        from sibsim.decisions.scenarios import low_base_high

        return low_base_high(self, metric)

    def describe(self, lang: Language = "en") -> pd.DataFrame:
        """Return every payment rule as one sentence, in Danish (`da`) or English (`en`)."""
        from sibsim.partnership import payment_sentences

        return payment_sentences(self, lang=lang)


def _summary_line(case: Case) -> str:
    title = case.head.title.in_language("en")
    size = f", {case.target_group.size.base_value:,.0f} people" if case.target_group else ""
    years = f"{case.head.start.year}-{case.head.end.year}"
    return f"<Case {case.name}: {title}{size}, {years}, {case.head.currency}>"
