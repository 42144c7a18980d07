"""Drivers that change money alone: what savings are worth, what is paid, what delivery costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray, added
from sibsim.core.stages import World
from sibsim.core.statistics import mc_error_of_mean
from sibsim.decisions.breakeven.levers import PART, Basis, Lever, Point, accepted
from sibsim.decisions.worlds import Told

MOST_MONEY = 10.0
"""Prices and costs are tried from nothing up to this many times what is assumed."""

LEAST_COST = 0.01
"""Costs are tried from this part of what is expected: without any there is no service to finance,
and no return on nothing."""


def prices(basis: Basis, lines: tuple[str, ...], *, name: str) -> Lever:
    """Return the driver of what budget lines are worth, of one in money, of several as a factor.

    Parameters
    ----------
    basis
        The case as it stands.
    lines
        Names of the budget lines.
    name
        Name of the driver.
    """
    case, one = basis.case, len(lines) == 1
    paths = {path for line in lines for path in price_paths(case, line)}
    drawn = basis.drawn(lambda told: _price(case, lines[0], told)) if one else None
    today, error = (1.0, 0.0) if drawn is None else (float(drawn.mean()), mc_error_of_mean(drawn))

    def at(factor: float) -> Point:
        def change(_: int, told: Told) -> World:
            values = {path: told.world.values[path] * factor for path in paths}
            return replace(told.world, values={**told.world.values, **values}, saved=None)

        value = today * factor + 0.0
        return Point(factor, value, value, basis.told(change, factor=factor), error * factor)

    uncertain = one and any(not case.quantities[path].is_fixed for path in paths)
    return Lever(
        name=name,
        unit=case.head.currency if one else "factor",
        now=1.0,
        low=0.0,
        high=MOST_MONEY,
        tolerance=PART,
        at=at,
        drawn=drawn if uncertain else None,
    )


def price_paths(case: Case, line: str) -> tuple[str, ...]:
    """Return the paths of the quantities that a budget line's price is proportional to."""
    spec, start = case.budget[line], f"budget.{line}"
    if spec.per_year is not None:
        return tuple(f"{start}.per_year.{year}" for year in range(len(spec.per_year)))
    return (f"{start}.amount", f"{start}.tax.instead_of") if spec.tax else (f"{start}.amount",)


def _price(case: Case, line: str, told: Told) -> FloatArray:
    """Return the amount of a line, or the sum of its years, the mean over cohorts: (1 or D,)."""
    paths = price_paths(case, line)
    of_years = case.budget[line].per_year is not None
    values = [told.world.values[path] for path in (paths if of_years else paths[:1])]
    return added(each.mean(axis=0) for each in values)


def payments(basis: Basis, amounts: Mapping[str, float | list[float]]) -> Lever:
    """Return the driver `payments`: all amounts of all payment lines, as a factor on the agreed.

    Parameters
    ----------
    basis
        The case as it stands.
    amounts
        The amounts by path in the case file.
    """
    case = basis.case

    def changes(factor: float) -> dict[str, object]:
        return {path: _scaled(each, factor) for path, each in amounts.items()}

    def at(factor: float) -> Point:
        paid = case.with_(changes(factor))
        metrics = basis.told(lambda _, told: told.world, factor=factor, case=paid)
        return Point(factor, factor, factor, metrics)

    return Lever(
        name="payments",
        unit="factor",
        now=1.0,
        low=accepted(case, changes, settings=[0.0, PART, 1.0]),
        high=MOST_MONEY,
        tolerance=PART,
        at=at,
        more_is_better=False,
    )


def costs(basis: Basis, lines: tuple[str, ...]) -> Lever:
    """Return the driver `costs`: what delivery costs in all, current prices.

    Parameters
    ----------
    basis
        The case as it stands.
    lines
        Names of the cost lines of delivery.
    """

    def total(told: Told) -> FloatArray:
        flows = [flow for flow in told.world.costs if flow.line in lines]
        return added(np.add.reduce(flow.amount, axis=0) for flow in flows)

    drawn = basis.drawn(total)
    today, error = float(drawn.mean()), mc_error_of_mean(drawn)

    def at(factor: float) -> Point:
        def change(_: int, told: Told) -> World:
            flows = (
                replace(flow, amount=flow.amount * factor, lapsed=flow.lapsed * factor)
                if flow.line in lines
                else flow
                for flow in told.world.costs
            )
            return replace(told.world, costs=tuple(flows))

        value = today * factor
        return Point(factor, value, value, basis.told(change, factor=factor), error * factor)

    return Lever(
        name="costs",
        unit=basis.case.head.currency,
        now=1.0,
        low=LEAST_COST,
        high=MOST_MONEY,
        tolerance=PART,
        at=at,
        drawn=drawn if np.ptp(drawn) > 0 else None,
        more_is_better=False,
    )


def _scaled(amount: float | list[float], factor: float) -> float | list[float]:
    return [each * factor for each in amount] if isinstance(amount, list) else amount * factor
