"""Which drivers a case has, and why it lacks others; told before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sibsim.case import Case
from sibsim.core.words import Words
from sibsim.decisions.breakeven import money, people
from sibsim.decisions.breakeven.durations import durations_of
from sibsim.decisions.breakeven.effort import linked_outcomes
from sibsim.decisions.breakeven.horizon import NETS
from sibsim.decisions.breakeven.levers import Basis, Lever
from sibsim.decisions.terms import numbers_in

YEAR = "year"
"""Name of the driver that is the year in which the account ends."""

AMOUNTS = ("price", "pays", "tariff", "principal")
"""Keys under which payment lines state amounts of money; limits are none of them."""

_NO_DURATION = Words(
    da="casen angiver ikke, hvor længe en effekt varer (`lasts` på en budgetlinje, `hold_months`, "
    "`half_life_months` eller `until_months` i en profil)",
    en="the case states no duration of an effect (`lasts` of a budget line, `hold_months`, "
    "`half_life_months` or `until_months` of a profile)",
)
_NO_LINE = Words(da="casen har ingen budgetlinje", en="the case has no budget line")
_ONE_LINE = Words(
    da="casen har kun én budgetlinje; se {name}", en="the case has one budget line only; see {name}"
)
_NO_PAYMENT = Words(
    da="ingen betalingslinje angiver et beløb", en="no payment line states an amount"
)
_NO_COST = Words(
    da="ingen udgiftslinje er til indsatsen selv",
    en="no cost line is of the service itself",
)
_NO_YEARS = Words(
    da="{metric} føres ikke år for år; det gør {known}",
    en="{metric} is not kept year by year; {known} are",
)


@dataclass(frozen=True, eq=False)
class Drivers:
    """What a case may break even by."""

    levers: Mapping[str, Callable[[Basis], Lever]]
    """How each driver is moved, by its name."""

    missing: Mapping[str, Words]
    """Why the case lacks a driver, by its name."""

    has_year: bool
    """Whether the figure is kept account of year by year."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the drivers that the case has."""
        return (*self.levers, *((YEAR,) if self.has_year else ()))


def drivers_of(case: Case, *, metric: str) -> Drivers:
    """Return the drivers of a case in the order of tables, and those it lacks.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    metric
        Name of the metric whose figure is to break even.
    """
    found: dict[str, Callable[[Basis], Lever]] = {
        "participants": people.participants,
        "effect": people.effect,
    }
    missing: dict[str, Words] = {}
    for group in linked_outcomes(case):
        for outcome in group:
            kind, _ = people.kind_of(case, outcome)
            found[f"{kind}.{outcome}"] = partial(people.success, outcome=outcome, group=group)
    durations = durations_of(case)
    if durations:
        found["duration"] = partial(people.duration, durations=durations)
    else:
        missing["duration"] = _NO_DURATION
    lines = tuple(case.budget)
    found |= {
        f"price.{line}": partial(money.prices, lines=(line,), name=f"price.{line}")
        for line in lines
    }
    if len(lines) > 1:
        found["prices"] = partial(money.prices, lines=lines, name="prices")
    else:
        missing["prices"] = _filled(_ONE_LINE, name=f"price.{lines[0]}") if lines else _NO_LINE
    amounts = amounts_of(case)
    if amounts:
        found["payments"] = partial(money.payments, amounts=amounts)
    else:
        missing["payments"] = _NO_PAYMENT
    own = delivery_costs(case)
    if own:
        found["costs"] = partial(money.costs, lines=own)
    else:
        missing["costs"] = _NO_COST
    found["delay"] = people.delay
    if metric not in NETS:
        missing[YEAR] = _filled(_NO_YEARS, metric=metric, known=", ".join(NETS))
    return Drivers(found, missing, has_year=metric in NETS)


def amounts_of(case: Case) -> dict[str, float | list[float]]:
    """Return the amounts of money of all payment lines, by dotted path in the case file.

    Parameters
    ----------
    case
        The case.
    """
    found = numbers_in(case.read.get("payments", {}), path="payments")
    return {path: each for path, each in found if path.rsplit(".", 1)[-1] in AMOUNTS}


def delivery_costs(case: Case) -> tuple[str, ...]:
    """Return the cost lines of the service itself, those of the contract (evaluation) left out.

    Parameters
    ----------
    case
        The case.
    """
    return tuple(
        name
        for name, line in case.costs.items()
        if line.contract_cost is None and (not line.amount.is_fixed or line.amount.base_value > 0)
    )


def _filled(words: Words, **values: str) -> Words:
    return Words(da=(words.da or "").format(**values), en=(words.en or "").format(**values))
