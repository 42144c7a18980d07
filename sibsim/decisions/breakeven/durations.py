"""How long an effect lasts: every duration that a case states of it, scaled together.

Durations are `lasts` of budget lines (months after the last follow-up, between people) and, in the
time profile of an outcome, `hold_months`, `half_life_months` and `until_months`. A ramp is no part
of them: how soon an effect comes is not how long it lasts. The course up to the date at which an
effect was measured stays as it is, since the profile is 1 there: an effect is not made shorter than
it was seen to last, and a half-life that runs before that date is left alone. It would make the
effect larger before the date as it makes it smaller after.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sibsim.case import Case
from sibsim.core.effects import TimeProfile

OF_PROFILE = ("hold_months", "half_life_months", "until_months")
"""Durations in a time profile."""

Stated = float | dict[str, object]
"""A number of months, or a table that holds it."""


@dataclass(frozen=True, slots=True)
class Duration:
    """One duration that a case states."""

    path: str
    """Dotted path in the case file."""

    stated: Stated
    """What stands there."""

    months: float
    """Months, the mean over people where they differ."""

    least: float = 0.0
    """Months that it lasts at least: until the effect was measured."""

    def months_at(self, factor: float) -> float:
        """Return the months when all durations are scaled by a factor."""
        return max(self.months * factor, self.least)

    def times(self, factor: float) -> Stated:
        """Return what stands there when all durations are scaled by a factor."""
        return _times(self.stated, self.months_at(factor) / self.months)


def durations_of(case: Case) -> tuple[Duration, ...]:
    """Return the durations above zero that a case states, those of budget lines first.

    Parameters
    ----------
    case
        The case.
    """
    found = []
    for name, line in case.budget.items():
        if line.lasts is not None:
            stated = case.read["budget"][name]["lasts"]
            months = float(line.lasts.grid.mean())
            found.append(Duration(f"budget.{name}.lasts", stated, months))
    for path, table, measured in _profiles(case.read.get("outcomes", {}), path="outcomes"):
        profile = TimeProfile.model_validate(table)
        seen = measured - profile.full_after_months
        least = {
            "hold_months": min(max(seen, 0.0), profile.hold_months),
            "half_life_months": 0.0 if seen <= profile.hold_months else math.inf,
            "until_months": measured,
        }
        found += [
            Duration(f"{path}.{key}", float(table[key]), float(table[key]), least[key])
            for key in OF_PROFILE
            if key in table and least[key] < math.inf
        ]
    return tuple(each for each in found if each.months > 0)


def _profiles(
    here: object, *, path: str, measured: float = 0.0
) -> Iterator[tuple[str, Mapping[str, Any], float]]:
    """Yield every time profile with its dotted path and the month its effect was measured at."""
    if isinstance(here, dict):
        measured = _measured_at(here) or measured
        for key, each in here.items():
            inner = f"{path}.{key}"
            if key == "profile" and isinstance(each, dict):
                yield inner, each, measured
            else:
                yield from _profiles(each, path=inner, measured=measured)
    elif isinstance(here, list):
        for index, each in enumerate(here):
            yield from _profiles(each, path=f"{path}.{index}", measured=measured)


def _measured_at(table: Mapping[str, Any]) -> float:
    """Return the last month at which an effect of an outcome was measured; 0: it does not say."""
    stated = [table.get("effect"), *table.get("effects", ())]
    months = [each.get("measured_at_months") for each in stated if isinstance(each, dict)]
    return max((float(each) for each in months if each is not None), default=0.0)


def _times(stated: Stated, factor: float) -> Stated:
    """Scale a number, the `value` of a table or its quantiles between people."""
    if not isinstance(stated, dict):
        return stated * factor
    quantiles = stated.get("between_people")
    if isinstance(quantiles, dict):
        scaled = {name: each * factor for name, each in quantiles.items()}
        return {**stated, "between_people": scaled}
    value = stated["value"]
    assert isinstance(value, int | float)  # noqa: S101 - a table without quantiles states a value
    return {**stated, "value": value * factor}
