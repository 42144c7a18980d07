"""The regression against nested simulation of the whole pipeline, in plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sibsim as sib
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.decisions.information.case_value import value_of_information
from sibsim.decisions.information.deciding import OPTIONS
from sibsim.decisions.ways.figures import run_of
from sibsim.decisions.ways.flows import flows_of
from sibsim.decisions.worlds import Luck
from sibsim.world import setting, world_in

ERRORS = 5
"""Monte Carlo standard errors within which a figure must lie."""

OUTER = 40
"""Values of the parameter, at the middles of as many equal shares of its distribution: the value of
a choice is piecewise smooth in them, so that what the middles miss is of the order 1 / 40^2."""


@pytest.mark.slow
def test_a_parameter_of_a_shipped_case_against_nested_simulation(seed: int) -> None:
    """Told 40 times with the parameter fixed, 4,096 draws each, Holbæk gives the same EVPPI."""
    case, path = sib.load_case("holbaek"), "outcomes.job.transport.tau"
    options = OPTIONS["municipality"]
    values = case.quantities[path].ppf((np.arange(OUTER) + 0.5) / OUTER)
    net = np.empty((OUTER, len(options), BLOCK_DRAWS))
    for i, value in enumerate(values):
        found = setting(case, Luck.of(seed).layers(0), instead={path: float(value)})
        flows = flows_of(case, world_in(case, found), grant=None)
        ways = run_of(case, [(flows, BLOCK_DRAWS)]).ways
        net[i] = [ways[name].present_value for name in options]
    chosen = net.mean(axis=2).argmax(axis=1)
    best = int(net.mean(axis=(0, 2)).argmax())
    gained = (net[np.arange(OUTER), chosen] - net[:, best]).mean(axis=0)
    nested, error = gained.mean(), gained.std(ddof=1) / math.sqrt(BLOCK_DRAWS)
    regressed = value_of_information(
        case, for_="municipality", studies={}, draws=10_000, rng=seed + 1
    )
    found_value = next(each.valued for each in regressed.learned if each.name == path)
    room = ERRORS * math.hypot(error, found_value.mc_error) + found_value.too_low_by
    assert nested > 10 * error
    assert abs(found_value.value - nested) < room
