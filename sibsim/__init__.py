"""Simulate social impact bonds: delivery, outcomes, evaluation, payments, capital and budgets.

Read a case from one TOML file, see its deterministic base case, simulate it, and ask what is
achieved, what is measured, what is paid, what the investor earns and what each public budget gains
or loses, with what probability.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sibsim import decisions, evidence, micro, planning
    from sibsim.case import Case
    from sibsim.casefile import load_case
    from sibsim.core.cashflow import irr, npv, xirr
    from sibsim.core.rules import list_rules, rule
    from sibsim.deals.deal import Deal, Settlement
    from sibsim.deals.file import list_deals, load_deal
    from sibsim.deals.replication import replicate
    from sibsim.decisions.diagnosing.diagnosands import Courses
    from sibsim.decisions.diagnosing.diagnosis import Diagnosis
    from sibsim.decisions.diagnosing.payment_under_error import payment_under_error
    from sibsim.decisions.ways.comparison import Comparison
    from sibsim.errors import (
        ArgumentError,
        CaseError,
        Fault,
        FileError,
        SamplingError,
        SibsimError,
        SolveError,
        UnknownNameError,
    )
    from sibsim.evaluation.before_after import regression_to_the_mean
    from sibsim.forecast.bridge import Bridge
    from sibsim.forecast.learned import Learned
    from sibsim.forecast.observed import Observed
    from sibsim.outcomes.days import fit_days
    from sibsim.outcomes.estimation import (
        transitions_from_durations,
        transitions_from_other_step,
    )
    from sibsim.outcomes.estimation_shares import transitions_from_shares
    from sibsim.outcomes.estimation_spells import transitions_from_spells
    from sibsim.outcomes.state_sets import list_state_sets, load_state_set
    from sibsim.partnership import list_cases
    from sibsim.presets import new_case
    from sibsim.reports.municipal import MunicipalBudget
    from sibsim.reports.workbook.reading import case_from_workbook
    from sibsim.results import Results
    from sibsim.sections import Contract
    from sibsim.storage import load_results

__version__ = "0.1.0"

_HOMES = {
    "ArgumentError": "sibsim.errors",
    "Bridge": "sibsim.forecast.bridge",
    "Case": "sibsim.case",
    "CaseError": "sibsim.errors",
    "Comparison": "sibsim.decisions.ways.comparison",
    "Contract": "sibsim.sections",
    "Courses": "sibsim.decisions.diagnosing.diagnosands",
    "Deal": "sibsim.deals.deal",
    "Diagnosis": "sibsim.decisions.diagnosing.diagnosis",
    "Fault": "sibsim.errors",
    "FileError": "sibsim.errors",
    "Learned": "sibsim.forecast.learned",
    "MunicipalBudget": "sibsim.reports.municipal",
    "Observed": "sibsim.forecast.observed",
    "Results": "sibsim.results",
    "SamplingError": "sibsim.errors",
    "Settlement": "sibsim.deals.deal",
    "SibsimError": "sibsim.errors",
    "SolveError": "sibsim.errors",
    "UnknownNameError": "sibsim.errors",
    "case_from_workbook": "sibsim.reports.workbook.reading",
    "fit_days": "sibsim.outcomes.days",
    "irr": "sibsim.core.cashflow",
    "list_cases": "sibsim.partnership",
    "list_deals": "sibsim.deals.file",
    "list_rules": "sibsim.core.rules",
    "list_state_sets": "sibsim.outcomes.state_sets",
    "load_case": "sibsim.casefile",
    "load_deal": "sibsim.deals.file",
    "load_results": "sibsim.storage",
    "load_state_set": "sibsim.outcomes.state_sets",
    "new_case": "sibsim.presets",
    "npv": "sibsim.core.cashflow",
    "payment_under_error": "sibsim.decisions.diagnosing.payment_under_error",
    "regression_to_the_mean": "sibsim.evaluation.before_after",
    "replicate": "sibsim.deals.replication",
    "rule": "sibsim.core.rules",
    "transitions_from_durations": "sibsim.outcomes.estimation",
    "transitions_from_other_step": "sibsim.outcomes.estimation",
    "transitions_from_shares": "sibsim.outcomes.estimation_shares",
    "transitions_from_spells": "sibsim.outcomes.estimation_spells",
    "xirr": "sibsim.core.cashflow",
}

_ROOMS = ("decisions", "evidence", "micro", "planning")
"""Modules that are public as a whole, each by its own `__all__`."""

__all__ = [
    "ArgumentError",
    "Bridge",
    "Case",
    "CaseError",
    "Comparison",
    "Contract",
    "Courses",
    "Deal",
    "Diagnosis",
    "Fault",
    "FileError",
    "Learned",
    "MunicipalBudget",
    "Observed",
    "Results",
    "SamplingError",
    "Settlement",
    "SibsimError",
    "SolveError",
    "UnknownNameError",
    "case_from_workbook",
    "decisions",
    "evidence",
    "fit_days",
    "irr",
    "list_cases",
    "list_deals",
    "list_rules",
    "list_state_sets",
    "load_case",
    "load_deal",
    "load_results",
    "load_state_set",
    "micro",
    "new_case",
    "npv",
    "payment_under_error",
    "planning",
    "regression_to_the_mean",
    "replicate",
    "rule",
    "transitions_from_durations",
    "transitions_from_other_step",
    "transitions_from_shares",
    "transitions_from_spells",
    "xirr",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__, "__version__"]
