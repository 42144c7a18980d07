"""Simulate social impact bonds: delivery, outcomes, evaluation, payments, capital and budgets.

Read a case from one TOML file, see its deterministic base case, simulate it, and ask what is
achieved, what is measured, what is paid, what the investor earns and what each public budget gains
or loses, with what probability.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sibsim.case import Case, Contract
    from sibsim.casefile import load_case
    from sibsim.core.cashflow import irr, npv, xirr
    from sibsim.deals.deal import Deal, Settlement
    from sibsim.deals.file import list_deals, load_deal
    from sibsim.deals.replication import replicate
    from sibsim.errors import (
        ArgumentError,
        CaseError,
        Fault,
        FileError,
        SibsimError,
        SolveError,
        UnknownNameError,
    )
    from sibsim.outcomes.days import fit_days
    from sibsim.outcomes.estimation import (
        transitions_from_durations,
        transitions_from_other_step,
    )
    from sibsim.outcomes.estimation_shares import transitions_from_shares
    from sibsim.outcomes.estimation_spells import transitions_from_spells
    from sibsim.outcomes.state_sets import list_state_sets, load_state_set
    from sibsim.partnership import list_cases
    from sibsim.results import Results
    from sibsim.storage import load_results

__version__ = "0.1.0"

_HOMES = {
    "ArgumentError": "sibsim.errors",
    "Case": "sibsim.case",
    "CaseError": "sibsim.errors",
    "Contract": "sibsim.case",
    "Deal": "sibsim.deals.deal",
    "Fault": "sibsim.errors",
    "FileError": "sibsim.errors",
    "Results": "sibsim.results",
    "Settlement": "sibsim.deals.deal",
    "SibsimError": "sibsim.errors",
    "SolveError": "sibsim.errors",
    "UnknownNameError": "sibsim.errors",
    "fit_days": "sibsim.outcomes.days",
    "irr": "sibsim.core.cashflow",
    "list_cases": "sibsim.partnership",
    "list_deals": "sibsim.deals.file",
    "list_state_sets": "sibsim.outcomes.state_sets",
    "load_case": "sibsim.casefile",
    "load_deal": "sibsim.deals.file",
    "load_results": "sibsim.storage",
    "load_state_set": "sibsim.outcomes.state_sets",
    "npv": "sibsim.core.cashflow",
    "replicate": "sibsim.deals.replication",
    "transitions_from_durations": "sibsim.outcomes.estimation",
    "transitions_from_other_step": "sibsim.outcomes.estimation",
    "transitions_from_shares": "sibsim.outcomes.estimation_shares",
    "transitions_from_spells": "sibsim.outcomes.estimation_spells",
    "xirr": "sibsim.core.cashflow",
}

__all__ = [
    "ArgumentError",
    "Case",
    "CaseError",
    "Contract",
    "Deal",
    "Fault",
    "FileError",
    "Results",
    "Settlement",
    "SibsimError",
    "SolveError",
    "UnknownNameError",
    "fit_days",
    "irr",
    "list_cases",
    "list_deals",
    "list_state_sets",
    "load_case",
    "load_deal",
    "load_results",
    "load_state_set",
    "npv",
    "replicate",
    "transitions_from_durations",
    "transitions_from_other_step",
    "transitions_from_shares",
    "transitions_from_spells",
    "xirr",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__, "__version__"]
