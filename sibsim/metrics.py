"""One number per draw: every metric of a case by its public name, from its world and accounts.

Money is nominal, in the case's currency, summed to the end of the case. A metric whose name begins
with `p_`, `limit_bound` or `trumped` is an indicator, its mean a probability. Cohorts that are not
served count nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np

from sibsim.accounts import Accounts
from sibsim.budget.ledger import by_year, realised_net
from sibsim.capital.postings import costs_borne
from sibsim.capital.returns import IRR_KINDS, METRICS, investor_metrics
from sibsim.case import Case
from sibsim.core.arrays import BoolArray, FloatArray, added, summed
from sibsim.core.cashflow import present_value
from sibsim.core.paths import OutcomePath
from sibsim.core.postings import BudgetResult
from sibsim.core.stages import World
from sibsim.core.timeline import Timeline
from sibsim.outcomes.goal import Goal
from sibsim.payments.settlement import Payments

PUBLIC_PARTIES = ("municipality", "region", "state")
"""Ledger parties whose nets are reported; together they are the public sector."""

GOAL_TOLERANCE = 1e-9
"""A goal of a share s of n people is met by s n - tolerance: s n is not exact in binary."""

ROUNDING = 0.005
"""Half an øre: a flow within it of zero is zero, whatever the rounding of sums."""

NOTHING_BACK = 1e-9
"""An investor who gets back less than this share has lost all: what costs leave of capital drawn up
front is zero but for the rounding of sums."""


Asked = Callable[[str], bool]
"""Whether a metric is asked for."""


def metrics_of(
    case: Case, world: World, accounts: Accounts, *, only: Collection[str] | None = None
) -> dict[str, FloatArray]:
    """Return metrics of one block, each (1 or D,).

    Parameters
    ----------
    case
        The case.
    world
        What chance decided.
    accounts
        The money that follows.
    only
        Names of the metrics that are asked for, of which those are returned that the case has, and
        nothing is worked out for others; None: every metric.
    """

    def asked(name: str) -> bool:
        return only is None or name in only

    found: dict[str, FloatArray] = {}
    heads = None if only is None else {_head(name) for name in only}
    for named, group in _GROUPS:
        if heads is None or heads & named:
            found |= group(case, world, accounts, asked)
    return found if only is None else {name: found[name] for name in only if name in found}


def _head(name: str) -> str:
    """Return the first part of the name of a metric, which says what group it is of."""
    return name.partition(".")[0]


def _achieved(case: Case, world: World, accounts: Accounts) -> dict[str, FloatArray]:
    """Return participants, what is achieved and additional, and which goals are reached."""
    served = accounts.standing.served
    found = {
        "participants": summed(world.participation.started * served),
        "costs_beyond_horizon": added(flow.lapsed for flow in world.costs),
        "p_terminated": (accounts.standing.cause > 0).astype(np.float64),
    }
    if world.missed is not None:
        found["reports_missed"] = world.missed
    if world.participation.turned_away is not None:
        found["turned_away"] = summed(world.participation.turned_away * served)
    for segment, group in world.participation.segments.items():
        found[f"participants.{segment}"] = summed(group.people["started"] * served)
    for name, path in world.paths.items():
        *earlier, last = summed(path.achieved * served[:, np.newaxis])
        for months, achieved in zip(path.follow_up_months, earlier, strict=False):
            found[f"achieved.{name}.{months}"] = achieved
        found[f"achieved.{name}"] = last
        found[f"additional.{name}"] = summed(path.additional[:, -1] * served)
        for segment, part in path.parts.items():
            found[f"achieved.{name}.{segment}"] = summed(part.achieved[:, -1] * served)
            found[f"additional.{name}.{segment}"] = summed(part.additional[:, -1] * served)
        found[f"people.{name}"] = summed(path.people * served)
        found[f"clipped.{name}"] = path.clipped
        goal = case.outcomes[name].goal
        if goal is not None:
            found[f"p_goal.{name}"] = _reached(path, goal=goal, served=served)
    return found


def _reached(path: OutcomePath, *, goal: Goal, served: BoolArray) -> FloatArray:
    """Return whether all who count together have reached a goal, (1 or D,).

    Sums are compared, or expectations: n > 0 and achieved >= level n - 1e-9, or at most the level.
    Nobody reaches nothing.
    """
    k = path.follow_up_months.index(goal.at_months)
    achieved = summed(path.achieved[:, k] * served)
    people = summed(path.people * served)
    if goal.mean_at_most is not None:
        enough = achieved <= goal.mean_at_most * people + GOAL_TOLERANCE
    else:
        level = goal.mean_at_least if goal.share is None else goal.share
        enough = achieved >= (level or 0.0) * people - GOAL_TOLERANCE
    return (enough & (people > 0)).astype(np.float64)


def _measured(case: Case, world: World, accounts: Accounts) -> dict[str, FloatArray]:
    """Return what is reported at the last follow-up of each measure, and its systematic error.

    The error is that of the reported rate or effect, as a probability, weighted by people.
    """
    served = accounts.standing.served
    found = {}
    for name, report in world.measured.items():
        path = world.paths[case.measures[name].outcome]
        people = path.people * served
        design, shown = case.measures[name], path.shown
        bias = (design.bias(shown) + design.truth(shown) - design.truth(path))[:, -1]
        found[f"measured.{name}"] = summed(report.treated_sum[:, -1] * served)
        found[f"measurement_bias.{name}"] = summed(people * bias) / np.maximum(summed(people), 1.0)
    return found


def paid_metrics(payments: Payments) -> dict[str, FloatArray]:
    """Return what is owed, paid, lapsed and returned, and whether each limit bound.

    Parameters
    ----------
    payments
        What a contract owes and pays.
    """
    by_line = {f"payments.{name}": _over_periods([paid]) for name, paid in payments.paid.items()}
    found = {
        "payments_due": _over_periods(payments.due.values()),
        "payments_total": added(by_line.values()),
        "payments_lapsed": added(payments.lapsed.values()),
        **by_line,
    }
    payers = dict.fromkeys(payer for _, payer in payments.paid_by)
    if len(payers) > 1:
        found |= {
            f"paid_by.{payer}": _over_periods(
                amount for (_, each), amount in payments.paid_by.items() if each == payer
            )
            for payer in payers
        }
    if payments.returned_to:
        found["payments_owed_back"] = _over_periods(payments.returned_to.values())
    found |= {
        f"limit_bound.{name}": (_over_periods([cut]) > ROUNDING).astype(np.float64)
        for name, cut in payments.cut.items()
    }
    return found


def _returned(accounts: Accounts) -> dict[str, FloatArray]:
    """Return what is really returned to the payers, where anything may be."""
    if not accounts.payments.returned_to:
        return {}
    lines = {f"payments.{name}.returned" for name, _ in accounts.payments.returned_to}
    returned = (each.amount for each in accounts.postings if each.line in lines)
    return {"payments_returned": _over_periods(returned)}


def _invested(case: Case, accounts: Accounts, asked: Asked) -> dict[str, FloatArray]:
    """Return what the investor earns, all tranches together and each by itself."""
    account, timeline = accounts.capital, case.timeline
    rate = case.valuation.discount.investor if case.valuation else None
    tranches = (f"tranche.{name}.{each}" for name in account.capital.tranches for each in METRICS)
    names = (*(f"investor_{each}" for each in METRICS), *IRR_KINDS, *tranches)
    found = investor_metrics(
        account,
        rate=rate,
        periods_per_year=timeline.periods_per_year,
        only={each for each in names if asked(each)} | {"investor_profit", "investor_multiple"},
    )
    profit = found["investor_profit"]
    if asked("investor_profit_after_costs"):
        own = costs_borne(account, accounts.postings, aside=case.lines_paid_aside)
        found["investor_profit_after_costs"] = profit - _over_periods(own)
    found["surplus"] = _over_periods([account.surplus])
    if accounts.standing.owes is not None:
        found["termination_paid"] = _over_periods([account.compensation])
    return {
        **found,
        "overrun": _over_periods([account.overrun]),
        "p_investor_loss": (profit < -ROUNDING).astype(np.float64),
        "p_total_loss": (found["investor_multiple"] < NOTHING_BACK).astype(np.float64),
    }


def _public(case: Case, accounts: Accounts, asked: Asked) -> dict[str, FloatArray]:
    """Return what each public budget gains or loses, counting only what can be realised."""
    timeline = case.timeline
    municipality = PUBLIC_PARTIES[0]
    rate = case.valuation.discount.municipality if case.valuation else None
    of_net = ("municipality_npv", "p_municipality_loss", "break_even_year")
    wanted = {
        party
        for party in PUBLIC_PARTIES
        if asked(f"{party}_net")
        or asked("public_net")
        or (party == municipality and any(map(asked, of_net)))
    }
    nets = {
        party: realised_net(accounts.postings, party, periods=timeline.periods)
        for party in PUBLIC_PARTIES
        if party in wanted
    }
    found = {f"{party}_net": _over_periods([net]) for party, net in nets.items()}
    if asked("public_net"):
        found["public_net"] = added(found.values())
    lines = [name for name, line in case.budget.items() if line.party == municipality]
    work_out: Mapping[str, Callable[[], FloatArray]] = {
        "municipality_realisable": lambda: _over_periods(
            accounts.saved.realisable[name] for name in lines
        ),
        "municipality_beyond_horizon": lambda: added(
            accounts.saved.beyond_horizon[name] for name in lines
        ),
        "municipality_npv": lambda: present_value(
            np.concatenate([np.zeros((1, nets[municipality].shape[1])), nets[municipality]]),
            rate=rate,
            periods_per_year=timeline.periods_per_year,
        ),
        "p_municipality_loss": lambda: (found[f"{municipality}_net"] < -ROUNDING).astype(
            np.float64
        ),
        "break_even_year": lambda: break_even_year(nets[municipality], timeline=timeline),
    }
    return found | {name: each() for name, each in work_out.items() if asked(name)}


def _to_the_state(case: Case, saved: BudgetResult) -> dict[str, FloatArray]:
    """Return what equalisation and the budget guarantee take of each line that states them."""
    found = {}
    for name, line in case.budget.items():
        for part, metric, stated in (
            ("equalisation", "equalisation", line.is_equalised),
            ("guarantee", "budget_guarantee", line.guarantee is not None),
        ):
            if stated:
                paid = [each for each in saved.postings if each.line == f"budget.{name}.{part}"]
                net = (each.amount if each.payer == line.party else -each.amount for each in paid)
                found[f"{metric}.{name}"] = _over_periods(net)
    return found


def _elsewhere(saved: BudgetResult) -> dict[str, FloatArray]:
    """Return what of each line with a gain another line counts, and whether another one does."""
    found = {}
    for name, amount in saved.elsewhere.items():
        found[f"counted_elsewhere.{name}"] = _over_periods([amount])
        found[f"trumped.{name}"] = (~saved.counts[name]).astype(np.float64)
    return found


def break_even_year(net: FloatArray, *, timeline: Timeline) -> FloatArray:
    """Return the calendar year from whose end on the cumulative net stays at zero or above, (D,).

    NaN where it is still below zero at the end of the case.

    Parameters
    ----------
    net
        Net of a party, (T, D).
    timeline
        The periods.
    """
    cumulative = np.cumsum(by_year(net, timeline), axis=0)
    below = cumulative < -ROUNDING
    years = np.array(timeline.years)
    last_below = len(years) - 1 - np.argmax(below[::-1], axis=0)
    position = np.where(below.any(axis=0), last_below + 1, 0)
    reached = position < len(years)
    return np.where(reached, years[np.minimum(position, len(years) - 1)], np.nan)


def _over_periods(amounts: Iterable[FloatArray]) -> FloatArray:
    """Return the sum over amounts and periods, (T, 1 or D) each, to (1 or D,), added in order."""
    return added(np.add.reduce(amount, axis=0) for amount in amounts)


_Group = Callable[[Case, World, Accounts, Asked], dict[str, FloatArray]]
"""Metrics that are worked out together, or of them those that are asked for."""

_GROUPS: tuple[tuple[frozenset[str], _Group], ...] = (
    (
        frozenset(
            (
                "participants",
                "costs_beyond_horizon",
                "p_terminated",
                "reports_missed",
                "turned_away",
                "achieved",
                "additional",
                "people",
                "clipped",
                "p_goal",
            )
        ),
        lambda case, world, accounts, _: _achieved(case, world, accounts),
    ),
    (
        frozenset(("measured", "measurement_bias")),
        lambda case, world, accounts, _: _measured(case, world, accounts),
    ),
    (
        frozenset(
            (
                "payments_due",
                "payments_total",
                "payments_lapsed",
                "payments",
                "paid_by",
                "payments_owed_back",
                "limit_bound",
            )
        ),
        lambda _case, _world, accounts, _: paid_metrics(accounts.payments),
    ),
    (
        frozenset(("payments_returned",)),
        lambda _case, _world, accounts, _: _returned(accounts),
    ),
    (
        frozenset(
            (
                *(f"investor_{figure}" for figure in METRICS),
                *IRR_KINDS,
                "tranche",
                "investor_profit_after_costs",
                "surplus",
                "termination_paid",
                "overrun",
                "p_investor_loss",
                "p_total_loss",
            )
        ),
        lambda case, _world, accounts, asked: _invested(case, accounts, asked),
    ),
    (
        frozenset(
            (
                *(f"{party}_net" for party in PUBLIC_PARTIES),
                "public_net",
                "municipality_realisable",
                "municipality_beyond_horizon",
                "municipality_npv",
                "p_municipality_loss",
                "break_even_year",
            )
        ),
        lambda case, _world, accounts, asked: _public(case, accounts, asked),
    ),
    (
        frozenset(("equalisation", "budget_guarantee")),
        lambda case, _world, accounts, _: _to_the_state(case, accounts.saved),
    ),
    (
        frozenset(("counted_elsewhere", "trumped")),
        lambda _case, _world, accounts, _: _elsewhere(accounts.saved),
    ),
)
"""Groups of metrics in the order of tables, each by the first parts of the names that it gives."""
