"""The room of decisions: at which price, whether, what it hangs on, what to find out first.

Every function takes the case first and answers with a small frozen object that says itself in
sentences, in Danish and English, and as tables. Prices and limits are re-priced on the same worlds;
what changes the worlds themselves is compared on the same luck.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sibsim.decisions.breakeven.analysis import break_even
    from sibsim.decisions.breakeven.result import BreakEvenSet, Driver, SuccessRate
    from sibsim.decisions.conditions import Condition, Figure, condition, figure
    from sibsim.decisions.corridor.openings import Opening, Openings
    from sibsim.decisions.corridor.result import Corridor
    from sibsim.decisions.corridor.search import price_corridor
    from sibsim.decisions.drivers.grid import TwoWay, two_way
    from sibsim.decisions.drivers.one_way import Tornado, tornado
    from sibsim.decisions.drivers.scenario_table import Scenarios, scenarios
    from sibsim.decisions.drivers.switching import SwitchingValues, switching_values
    from sibsim.decisions.fund.concentration import Concentration
    from sibsim.decisions.fund.fees import Fees
    from sibsim.decisions.fund.pooling import portfolio
    from sibsim.decisions.fund.result import Portfolio
    from sibsim.decisions.fund.risk import Diversification
    from sibsim.decisions.fund.shocks import Shock
    from sibsim.decisions.information.case_value import value_of_information
    from sibsim.decisions.information.estimators import enbs, evpi, evppi, evsi
    from sibsim.decisions.information.result import Information, Learned
    from sibsim.decisions.information.studies import Study
    from sibsim.decisions.information.valued import Valued
    from sibsim.decisions.search.exploring import search_contracts
    from sibsim.decisions.search.result import ContractSearch
    from sibsim.decisions.stages.prototype import staging
    from sibsim.decisions.stages.staged import Staging
    from sibsim.decisions.variance.indices import SobolIndices, sobol_indices
    from sibsim.decisions.variance.layers import LayerShares, variance_by_layer

_HOMES = {
    "BreakEvenSet": "sibsim.decisions.breakeven.result",
    "Concentration": "sibsim.decisions.fund.concentration",
    "Condition": "sibsim.decisions.conditions",
    "ContractSearch": "sibsim.decisions.search.result",
    "Corridor": "sibsim.decisions.corridor.result",
    "Diversification": "sibsim.decisions.fund.risk",
    "Driver": "sibsim.decisions.breakeven.result",
    "Fees": "sibsim.decisions.fund.fees",
    "Figure": "sibsim.decisions.conditions",
    "Information": "sibsim.decisions.information.result",
    "LayerShares": "sibsim.decisions.variance.layers",
    "Learned": "sibsim.decisions.information.result",
    "Opening": "sibsim.decisions.corridor.openings",
    "Openings": "sibsim.decisions.corridor.openings",
    "Portfolio": "sibsim.decisions.fund.result",
    "Scenarios": "sibsim.decisions.drivers.scenario_table",
    "Shock": "sibsim.decisions.fund.shocks",
    "SobolIndices": "sibsim.decisions.variance.indices",
    "Staging": "sibsim.decisions.stages.staged",
    "Study": "sibsim.decisions.information.studies",
    "SuccessRate": "sibsim.decisions.breakeven.result",
    "SwitchingValues": "sibsim.decisions.drivers.switching",
    "Tornado": "sibsim.decisions.drivers.one_way",
    "TwoWay": "sibsim.decisions.drivers.grid",
    "Valued": "sibsim.decisions.information.valued",
    "break_even": "sibsim.decisions.breakeven.analysis",
    "condition": "sibsim.decisions.conditions",
    "enbs": "sibsim.decisions.information.estimators",
    "evpi": "sibsim.decisions.information.estimators",
    "evppi": "sibsim.decisions.information.estimators",
    "evsi": "sibsim.decisions.information.estimators",
    "figure": "sibsim.decisions.conditions",
    "portfolio": "sibsim.decisions.fund.pooling",
    "price_corridor": "sibsim.decisions.corridor.search",
    "scenarios": "sibsim.decisions.drivers.scenario_table",
    "search_contracts": "sibsim.decisions.search.exploring",
    "sobol_indices": "sibsim.decisions.variance.indices",
    "staging": "sibsim.decisions.stages.prototype",
    "switching_values": "sibsim.decisions.drivers.switching",
    "tornado": "sibsim.decisions.drivers.one_way",
    "two_way": "sibsim.decisions.drivers.grid",
    "value_of_information": "sibsim.decisions.information.case_value",
    "variance_by_layer": "sibsim.decisions.variance.layers",
}

__all__ = [
    "BreakEvenSet",
    "Concentration",
    "Condition",
    "ContractSearch",
    "Corridor",
    "Diversification",
    "Driver",
    "Fees",
    "Figure",
    "Information",
    "LayerShares",
    "Learned",
    "Opening",
    "Openings",
    "Portfolio",
    "Scenarios",
    "Shock",
    "SobolIndices",
    "Staging",
    "Study",
    "SuccessRate",
    "SwitchingValues",
    "Tornado",
    "TwoWay",
    "Valued",
    "break_even",
    "condition",
    "enbs",
    "evpi",
    "evppi",
    "evsi",
    "figure",
    "portfolio",
    "price_corridor",
    "scenarios",
    "search_contracts",
    "sobol_indices",
    "staging",
    "switching_values",
    "tornado",
    "two_way",
    "value_of_information",
    "variance_by_layer",
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
    return [*__all__]
