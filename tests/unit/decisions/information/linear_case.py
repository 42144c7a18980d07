"""A contract whose investor gains a line in the true rate, so that values can be worked out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import betaln, gammaln

import sibsim as sib
from sibsim.decisions.ways.comparison import compare
from tests.small_case import VERIFIED, small_case

RATE = "outcomes.job.success_rate"
"""Path of what is uncertain."""

CARD: Mapping[str, Any] = {
    "model": "rate_card",
    "reads": "job",
    "pays_for": "achieved",
    "follow_up_months": [12],
    "price": 120_000,
}

NO_CAP = {"basis": "multiple", "multiple": 50.0}
"""Fifty times the capital, which nothing here reaches."""


def linear_case(rate: float | Mapping[str, Any]) -> sib.Case:
    """Return the case: 100 people start, each achieves with the rate, 120,000 for each who does."""
    outcome = {"counterfactual": 0.1, "success_rate": rate}
    case = small_case(outcome=outcome, design=VERIFIED, line=CARD)
    return case.with_({"capital.tranches.dsi.return_cap": NO_CAP})


def gain_at(rate: float) -> float:
    """Return the investor's present value at a true rate, luck averaged out, after own costs."""
    return float(compare(linear_case(rate), draws=1).base.investors[0])


def line() -> tuple[float, float]:
    """Return a and b of the investor's present value a + b x rate."""
    slope = (gain_at(0.8) - gain_at(0.4)) / 0.4
    return gain_at(0.4) - 0.4 * slope, slope


def sample_value(people: int, *, alpha: float, beta: float) -> float:
    """Return what it is worth to see how many of some people achieve before investing.

    The rate is Beta(alpha, beta); sum over k of P(k) max(a + b (alpha + k) / (alpha + beta + n), 0)
    less the best without.
    """
    start, slope = line()
    k = np.arange(people + 1)
    ways = gammaln(people + 1) - gammaln(k + 1) - gammaln(people - k + 1)
    mass = np.exp(ways + betaln(alpha + k, beta + people - k) - betaln(alpha, beta))
    posterior = start + slope * (alpha + k) / (alpha + beta + people)
    now = max(start + slope * alpha / (alpha + beta), 0.0)
    return float(mass @ np.maximum(posterior, 0.0)) - now
