"""What a staging may be asked for; everything wrong with it at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sibsim.case import Case
from sibsim.core.spec import as_share, nearest
from sibsim.core.validation import shown
from sibsim.decisions.asking import check_draws
from sibsim.decisions.stages.decision import Decision
from sibsim.errors import ArgumentError

DRAWS = 10_000
"""Draws of a staging: Monte Carlo errors of chances below one in a hundred."""

Number = TypeVar("Number", bound=float)
"""What a list of arguments is of."""

LEAST_DRAWS = 512
"""Fewer draws than this tell too little of what reports lead to expect: the fit has up to a score
of terms, and twenty draws each."""

REPLICATIONS = 16
"""Times that the same parameters are told again: luck in an expected gain falls to a quarter."""

LEAST_REPLICATIONS = 2
"""Without two no standard error can be told."""

INVESTOR_METRICS = ("investor_npv", "investor_profit", "investor_profit_after_costs")
"""What an investor may decide by."""

PUBLIC_METRICS = ("municipality_net", "municipality_npv", "public_net")
"""What a municipality may decide by."""

EXAMPLES = {"thresholds": "0.3, 0.4", "sizes": "20, 60"}
"""What lists of arguments look like."""

PRESENT_VALUE = "npv"
"""End of the metrics that need a discount rate."""

SHOWN_METRICS = (
    "municipality_net",
    "municipality_npv",
    "investor_profit",
    "investor_npv",
    "public_net",
)
"""What every rule is weighed by; present values where the case states a discount rate."""


def listed(field: str, given: Iterable[Number] | None) -> list[Number]:
    """Return what is given as a list; nothing given is an empty one.

    Parameters
    ----------
    field
        Name of the argument.
    given
        Its value.

    Raises
    ------
    ArgumentError
        If it cannot be gone through.
    """
    if given is None:
        return []
    try:
        return list(given)
    except TypeError:
        message = f"{field}: got {shown(given)}; it is a list, such as [{EXAMPLES[field]}]"
        raise ArgumentError(message) from None


def metric_faults(case: Case, *, investor: str, municipality: str) -> Iterator[str]:
    """Yield what is wrong with the metrics by which the parties decide.

    Parameters
    ----------
    case
        The case.
    investor, municipality
        The metrics.
    """
    for field, name, among in (
        ("investor", investor, INVESTOR_METRICS),
        ("municipality", municipality, PUBLIC_METRICS),
    ):
        if name not in among:
            hint = nearest(str(name), among)
            yield f"{field}: got {shown(name)}{hint}; it is one of {', '.join(among)}"
        elif name.endswith(PRESENT_VALUE) and case.valuation is None:
            other = next(each for each in among if not each.endswith(PRESENT_VALUE))
            yield (
                f"{field}: got {name}, but {case.name} states no discount rate; state "
                f"valuation.discount, or take {field}={other!r}"
            )


def number_faults(*, draws: int, rng: object, replications: object) -> Iterator[str]:
    """Yield what is wrong with how much is simulated.

    Parameters
    ----------
    draws, rng, replications
        As in `staging`.
    """
    try:
        reason = "what reports lead to expect is fitted on them"
        check_draws(draws, rng, least=LEAST_DRAWS, reason=reason)
    except ArgumentError as fault:
        yield str(fault)
    if type(replications) is not int or replications < LEAST_REPLICATIONS:
        yield (
            f"replications: got {shown(replications)}; it is a whole number of at least "
            f"{LEAST_REPLICATIONS}, or the luck in them cannot be told"
        )


def threshold_faults(
    case: Case, decision: Decision, thresholds: Sequence[object] | None
) -> Iterator[str]:
    """Yield what is wrong with thresholds.

    Parameters
    ----------
    case
        The case.
    decision
        The decision after the first cohort.
    thresholds
        The thresholds; None: all results.
    """
    if thresholds is None:
        return
    if not thresholds:
        yield "thresholds: got none; state at least one, or leave them out for all results"
    outcome = case.outcomes[case.measures[decision.right.measure].outcome]
    for level in thresholds:
        if (
            isinstance(level, bool)
            or not isinstance(level, int | float)
            or not math.isfinite(level)
        ):
            yield f"thresholds: got {shown(level)}; a threshold is a number such as 0.4"
        elif not outcome.counted_in and abs(level) > 1:
            yield (
                f"thresholds: got {shown(level)}; {decision.right.measure} is yes or no, so that "
                f"it is at most 1{as_share(level)}"
            )
