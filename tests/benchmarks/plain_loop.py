"""The opponent: the standard case draw by draw in plain Python, as it is often written.

One draw after the other, one number at a time: no array runs over draws. What is the same in every
draw - costs, person-time weights, dates - is worked out once before the loop. Counts come from
`Generator.binomial`, one call per number, which is faster here than asking person by person.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from sibsim.budget.kernel import AtFollowUps
from sibsim.budget.weights import weights_of
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.prices import index_named
from tests.benchmarks.standard_case import (
    BANDS,
    COHORT_PEOPLE,
    CONTRACT_LIMIT,
    COUNTERFACTUALS,
    EVALUATION_LAG,
    FOLLOW_UP_MONTHS,
    INVESTOR_DISCOUNT,
    JUNIOR,
    JUNIOR_RATE,
    LINE_LIMIT,
    LOG_ODDS,
    MUNICIPAL_DISCOUNT,
    PAYMENT_LAG,
    PERSISTENCE,
    SAVED_PER_MONTH,
    SENIOR,
    SENIOR_RATE,
    YEAR_LIMIT,
)

PERIODS_PER_YEAR, MONTHS_PER_PERIOD = 4, 3
HALF_OERE = 0.005
LOGIT_90 = math.log(9.0)
NEWTON_STEPS, BISECTIONS = 50, 200
SMALL = 1e-12

Row = list[float]
Metrics = dict[str, float]


@dataclass(frozen=True)
class Fixed:
    """What is the same in every draw."""

    periods: int
    last: int
    first_year: int
    year_of_period: list[int]
    financed: Row
    own_costs: Row
    paid_in: list[int]
    weights: dict[str, list[list[Row]]]
    metalogs: dict[str, tuple[float, float, float]]


def fixed(case: Case) -> Fixed:
    """Return what is the same in every draw of the standard case."""
    timeline, terms = case.timeline, case.contract.terms
    base = case.base_case()
    assert terms is not None
    assert base.worlds is not None
    (world,) = base.worlds
    costs = [(flow.payer, flow.amount[:, 0]) for flow in world.costs]
    starts = world.participation.start[:, 0]
    months = starts + FOLLOW_UP_MONTHS[-1] + EVALUATION_LAG + PAYMENT_LAG
    weights = {
        name: [
            weights_of(
                line,
                kernel=AtFollowUps(FOLLOW_UP_MONTHS, line.lasts),
                start=float(start),
                timeline=timeline,
                index=index_named(line.index, indices=case.indices),
                price_year=case.head.price_year,
            )[0].tolist()
            for start in starts
        ]
        for name, line in case.budget.items()
        if line.lasts is not None
    }
    return Fixed(
        periods=timeline.periods,
        last=int(timeline.period_at(np.array(timeline.months_at(terms.last_payment)))),
        first_year=timeline.years[0],
        year_of_period=timeline.year_of_period.tolist(),
        financed=_added(amount for payer, amount in costs if payer is None),
        own_costs=_added(amount for payer, amount in costs if payer == "municipality"),
        paid_in=[int(each) // MONTHS_PER_PERIOD for each in months],
        weights=weights,
        metalogs={name: _metalog(**given) for name, given in COUNTERFACTUALS.items()},
    )


def run(case: Case, *, draws: int, seed: int) -> dict[str, Row]:
    """Simulate the standard case and return every metric, one number per draw."""
    known = fixed(case)
    rng, plain = np.random.Generator(np.random.SFC64(seed)), random.Random(seed)  # noqa: S311 - a simulation, no secret
    found: dict[str, Row] = {}
    for _ in range(draws):
        for name, value in _one_draw(known, rng=rng, plain=plain).items():
            found.setdefault(name, []).append(value)
    return found


def _one_draw(known: Fixed, *, rng: np.random.Generator, plain: random.Random) -> Metrics:
    metrics: Metrics = {
        "participants": float(sum(COHORT_PEOPLE)),
        "costs_beyond_horizon": 0.0,
        "p_terminated": 0.0,
    }
    due: dict[str, Row] = {}
    saved: dict[str, Row] = {}
    for name in COUNTERFACTUALS:
        without, with_it = _probabilities(name, known=known, plain=plain)
        treated = [_chain(people, with_it, rng=rng) for people in COHORT_PEOPLE]
        control = [_chain(people, without, rng=rng) for people in COHORT_PEOPLE]
        additional = [
            [number - people * without for number in cohort]
            for cohort, people in zip(treated, COHORT_PEOPLE, strict=True)
        ]
        for k, months in enumerate(FOLLOW_UP_MONTHS[:-1]):
            metrics[f"achieved.{name}.{months}"] = float(sum(cohort[k] for cohort in treated))
        metrics[f"achieved.{name}"] = float(sum(cohort[-1] for cohort in treated))
        metrics[f"additional.{name}"] = sum(cohort[-1] for cohort in additional)
        metrics[f"measured.{name}"] = metrics[f"achieved.{name}"]
        metrics[f"measurement_bias.{name}"] = 0.0
        metrics[f"people.{name}"] = float(sum(COHORT_PEOPLE))
        metrics[f"clipped.{name}"] = 0.0
        due[name] = _due(name, treated=treated, control=control, known=known)
        saved[name] = _saved(name, additional=additional, known=known)
    paid = _limited(due, known=known, metrics=metrics)
    surplus = _capital(paid, known=known, metrics=metrics)
    _public(saved, paid=paid, surplus=surplus, known=known, metrics=metrics)
    return metrics


def _metalog(p10: float, p50: float, p90: float) -> tuple[float, float, float]:
    low, mid, high = (math.log(p / (1.0 - p)) for p in (p10, p50, p90))
    return mid, (high - low) / (2 * LOGIT_90), (high + low - 2 * mid) / (0.8 * LOGIT_90)


def _probabilities(name: str, *, known: Fixed, plain: random.Random) -> tuple[float, float]:
    """Return the probability without and with the intervention."""
    first, second, third = known.metalogs[name]
    u = plain.random()
    odds = math.exp(first + (second + third * (u - 0.5)) * math.log(u / (1.0 - u)))
    treated_odds = odds * math.exp(plain.gauss(*LOG_ODDS[name]))
    return odds / (1.0 + odds), treated_odds / (1.0 + treated_odds)


def _chain(people: int, probability: float, *, rng: np.random.Generator) -> list[int]:
    """Return successes at each follow-up: luck is kept with the persistence, else drawn anew."""
    anew = (1.0 - PERSISTENCE) * probability
    number = int(rng.binomial(people, probability))
    counts = [number]
    for _ in FOLLOW_UP_MONTHS[1:]:
        stays = rng.binomial(number, PERSISTENCE + anew)
        number = int(stays + rng.binomial(people - number, anew))
        counts.append(number)
    return counts


def _due(name: str, *, treated: list[list[int]], control: list[list[int]], known: Fixed) -> Row:
    due = [0.0] * known.periods
    for cohort, people in enumerate(COHORT_PEOPLE):
        estimate = (treated[cohort][-1] - control[cohort][-1]) / people
        share = people / sum(COHORT_PEOPLE)
        due[known.paid_in[cohort]] += share * _band(estimate, points=BANDS[name])
    return due


def _band(estimate: float, *, points: tuple[tuple[float, float], ...]) -> float:
    at, pays = points[0]
    if estimate < at - 1e-9:
        return 0.0
    for next_at, next_pays in points[1:]:
        if estimate < next_at:
            return pays + max(estimate - at, 0.0) * (next_pays - pays) / (next_at - at)
        at, pays = next_at, next_pays
    return pays


def _saved(name: str, *, additional: list[list[float]], known: Fixed) -> Row:
    """Return what a budget line saves in each period; the last number lies beyond the horizon."""
    saved = [0.0] * (known.periods + 1)
    price = SAVED_PER_MONTH[name]
    for (first, second, third), weights in zip(additional, known.weights[name], strict=True):
        for t, (of_first, of_second, of_third) in enumerate(weights):
            saved[t] += price * (of_first * first + of_second * second + of_third * third)
    return saved


def _limited(due: dict[str, Row], *, known: Fixed, metrics: Metrics) -> dict[str, Row]:
    """Return what is paid after the limits on line, year and contract."""
    metrics["payments_due"] = sum(sum(row) for row in due.values())
    whole = [0] * known.periods
    paid: dict[str, Row] = {}
    for name, row in due.items():
        kept, cut = _cut({name: row}, cap=LINE_LIMIT, groups=whole)
        paid |= kept
        metrics[f"limit_bound.line.{name}"] = float(cut > HALF_OERE)
    paid, cut = _cut(paid, cap=YEAR_LIMIT, groups=known.year_of_period)
    metrics["limit_bound.year"] = float(cut > HALF_OERE)
    paid, cut = _cut(paid, cap=CONTRACT_LIMIT, groups=whole)
    metrics["limit_bound.contract"] = float(cut > HALF_OERE)
    for name, row in paid.items():
        metrics[f"payments.{name}"] = sum(row)
    metrics["payments_total"] = sum(sum(row) for row in paid.values())
    metrics["payments_lapsed"] = 0.0
    return paid


def _added(amounts: Iterable[FloatArray]) -> Row:
    """Return the sum of amounts by period."""
    return [float(sum(each)) for each in zip(*(amount.tolist() for amount in amounts), strict=True)]


def _cut(rows: dict[str, Row], *, cap: float, groups: list[int]) -> tuple[dict[str, Row], float]:
    """Return what a cap on the running total of each group leaves to each line, and the cut."""
    kept = {name: list(row) for name, row in rows.items()}
    total, group, lost = 0.0, None, 0.0
    for t, each in enumerate(groups):
        if each != group:
            total, group = 0.0, each
        claim = sum([row[t] for row in rows.values()])
        if claim == 0.0:
            continue
        total += claim
        excess = min(total - cap, claim)
        if excess > 0.0:
            lost += excess
            for row in kept.values():
                row[t] -= row[t] * excess / claim
    return kept, lost


def _capital(paid: dict[str, Row], *, known: Fixed, metrics: Metrics) -> Row:
    """Draw the tranches, repay them in order, and return the surplus of each period."""
    names, commitments = ("senior", "junior"), {"senior": SENIOR, "junior": JUNIOR}
    rates = {
        name: (1.0 + rate) ** (1.0 / PERIODS_PER_YEAR) - 1.0
        for name, rate in (("senior", SENIOR_RATE), ("junior", JUNIOR_RATE))
    }
    committed = left = float(SENIOR + JUNIOR)
    principal, accrued = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    drawn = {name: [0.0] * known.periods for name in names}
    received = {name: [0.0] * known.periods for name in names}
    surplus, held, overrun = [0.0] * known.periods, 0.0, 0.0
    for t, cost in enumerate(known.financed):
        called = min(cost, left)
        left -= called
        overrun += cost - called
        for name in names:
            drawn[name][t] = called * commitments[name] / committed
            principal[name] += drawn[name][t]
        if t > known.last:
            continue
        held += sum(row[t] for row in paid.values())
        for name in names:
            accrued[name] += (accrued[name] + principal[name]) * rates[name]
        for name in names:
            for claims in (principal, accrued):
                amount = min(held, claims[name])
                held -= amount
                claims[name] -= amount
                received[name][t] += amount
        if t == known.last:
            surplus[t], held = held, 0.0
    metrics["overrun"], metrics["surplus"] = overrun, sum(surplus)
    _investors(drawn, received=received, metrics=metrics)
    return surplus


def _investors(drawn: dict[str, Row], *, received: dict[str, Row], metrics: Metrics) -> None:
    for name, out in drawn.items():
        _figures(f"tranche.{name}.", out=out, back=received[name], metrics=metrics)
    out = [sum(each) for each in zip(*drawn.values(), strict=True)]
    back = [sum(each) for each in zip(*received.values(), strict=True)]
    _figures("investor_", out=out, back=back, metrics=metrics)
    gain = metrics["investor_profit"]
    metrics["investor_profit_after_costs"] = gain
    metrics["p_investor_loss"] = float(gain < -HALF_OERE)
    metrics["p_total_loss"] = float(gain < -HALF_OERE and sum(back) <= HALF_OERE)
    metrics["p_irr_several"] = 0.0
    metrics["p_irr_undefined"] = float(math.isnan(metrics["investor_irr"]))


def _figures(prefix: str, *, out: Row, back: Row, metrics: Metrics) -> None:
    """Add the figures of an investment; drawn at the start of a period, paid back at its end."""
    flows = [-amount for amount in out] + [0.0]
    for t, amount in enumerate(back):
        flows[t + 1] += amount
    running = list(accumulate(flows))
    slack = SMALL * sum(-flow for flow in flows if flow < 0.0)
    payback, below = math.nan, False
    for t, total in enumerate(running):
        below = below or total < -slack
        if below and total >= -slack:
            payback = t / PERIODS_PER_YEAR
            break
    gross = sum(out)
    metrics |= {
        f"{prefix}irr": irr(flows),
        f"{prefix}multiple": sum(back) / gross if gross > 0.0 else math.nan,
        f"{prefix}npv": _present_value(flows, annual=INVESTOR_DISCOUNT),
        f"{prefix}profit": running[-1],
        f"{prefix}peak_capital": max(-min(running), 0.0),
        f"{prefix}payback_years": payback,
    }


def _present_value(flows: Row, *, annual: float) -> float:
    factor = (1.0 + annual) ** (-1.0 / PERIODS_PER_YEAR)
    value = 0.0
    for flow in reversed(flows):
        value = value * factor + flow
    return value


def irr(flows: Row) -> float:
    """Return the effective annual internal rate of return: Newton in x = 1 / (1 + r), guarded."""
    if not any(flow > 0.0 for flow in flows):
        return -1.0 if any(flow < 0.0 for flow in flows) else math.nan
    x, low, high = 1.0, 0.0, math.inf
    for _ in range(NEWTON_STEPS + BISECTIONS):
        value = slope = 0.0
        for flow in reversed(flows):
            slope = slope * x + value
            value = value * x + flow
        low, high = (x, high) if value < 0.0 else (low, x)
        step = value / slope if slope > 0.0 else math.inf
        new = x - step
        if not low < new < high:
            new = (low + high) / 2.0 if math.isfinite(high) else 2.0 * x
        if abs(new - x) < SMALL * x:
            return float(new**-PERIODS_PER_YEAR - 1.0)
        x = new
    return math.nan


def _public(
    saved: dict[str, Row], *, paid: dict[str, Row], surplus: Row, known: Fixed, metrics: Metrics
) -> None:
    net = [0.0] * known.periods
    for t in range(known.periods):
        gains = sum(row[t] for row in saved.values())
        net[t] = gains + surplus[t] - sum(row[t] for row in paid.values()) - known.own_costs[t]
    total = sum(net)
    metrics |= {
        "municipality_net": total,
        "region_net": 0.0,
        "state_net": 0.0,
        "public_net": total,
        "municipality_realisable": sum(sum(row[:-1]) for row in saved.values()),
        "municipality_beyond_horizon": sum(row[-1] for row in saved.values()),
        "municipality_npv": _present_value([0.0, *net], annual=MUNICIPAL_DISCOUNT),
        "p_municipality_loss": float(total < -HALF_OERE),
        "break_even_year": _break_even_year(net, known=known),
    }


def _break_even_year(net: Row, *, known: Fixed) -> float:
    by_year = [0.0] * (known.year_of_period[-1] - known.first_year + 1)
    for year, amount in zip(known.year_of_period, net, strict=True):
        by_year[year - known.first_year] += amount
    position = 0
    for index, total in enumerate(accumulate(by_year)):
        if total < -HALF_OERE:
            position = index + 1
    return float(known.first_year + position) if position < len(by_year) else math.nan
