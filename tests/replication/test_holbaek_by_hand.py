"""The Holbæk base case worked out by hand, step by step, from the case file alone.

Plain floats and lists; nothing of sibsim but the numbers it is compared with. Money agrees to the
cent (0.005), rates to 1e-9: both sides do the same sums in another order.
"""

from __future__ import annotations

import csv
import math
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import sibsim as sib

DATA = Path(__file__).parents[2] / "data"
CENT = 0.005
RATE = 1e-9
QUARTERS = 44  # 2024 to 2034


@pytest.fixture(scope="module")
def doc() -> dict[str, Any]:
    """Return the case file as plain tables."""
    return tomllib.loads((DATA / "cases" / "holbaek.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def base() -> sib.Results:
    """Return the base case of sibsim."""
    return sib.load_case("holbaek").base_case()


def metric(base: sib.Results, name: str) -> float:
    """Return one metric of the base case."""
    return float(base.metric(name)[0])


def quarter_of(day: date) -> int:
    """Return the quarter that contains a day, 0 for the first of 2024."""
    return (day.year - 2024) * 4 + (day.month - 1) // 3


def first_day(quarter: int) -> date:
    """Return the first day of a quarter."""
    return date(2024 + quarter // 4, quarter % 4 * 3 + 1, 1)


def cohorts(doc: dict[str, Any]) -> list[tuple[float, float]]:
    """Return (people, start in months) of each cohort: 36, 54, 54 and 36 people."""
    size = doc["target_group"]["size"]["value"]
    return [
        (size * each["share"], (each["start"].year - 2024) * 12 + each["start"].month - 1)
        for each in doc["delivery"]["cohorts"]
    ]


def job_rates(doc: dict[str, Any]) -> tuple[float, float]:
    """Return the probability of a job without and with the service, the same at each follow-up."""
    job = doc["outcomes"]["job"]
    p0 = job["counterfactual"]["p50"]
    # The median of a log-normal is exp(log_mean); transport shrinks the logarithm. The profile is
    # full after 12 months and held for 36, so that it is 1 at 12, 18 and 24 as at 18 months.
    log_odds_ratio = job["transport"]["tau"]["p50"] * job["effect"]["log_mean"]
    odds = p0 / (1 - p0) * math.exp(log_odds_ratio)
    return p0, odds / (1 + odds)


def by_quarter() -> list[float]:
    """Return an empty row of quarters."""
    return [0.0] * QUARTERS


def costs(doc: dict[str, Any]) -> list[float]:
    """Return what the capital finances per quarter: the team, days / 365.25, and the start-up."""
    team, wages = doc["costs"]["team"], doc["indices"]["wages"]["per_year"]
    row = by_quarter()
    for quarter in range(10):  # January 2024 to June 2026, ten whole quarters
        days = (first_day(quarter + 1) - first_day(quarter)).days
        year = 2024 + quarter // 4
        row[quarter] = team["amount"]["value"] * days / 365.25 * (1 + wages) ** (year - 2024)
    row[0] += doc["costs"]["start_up"]["amount"]["value"]
    return row


def payments(doc: dict[str, Any]) -> dict[str, list[float]]:
    """Return what each line pays per quarter: price x successes, three months after measurement."""
    _, p1 = job_rates(doc)
    fit, well = doc["outcomes"]["fit_for_work"], doc["outcomes"]["wellbeing"]
    seen = 1 - doc["measures"]["wellbeing"]["missing"]["share"]
    rates = {
        "job": p1,
        "fit_for_work": fit["counterfactual"]["p50"] + fit["uplift"]["p50"],
        "wellbeing": (well["counterfactual"]["p50"] + well["uplift"]["p50"]) * seen,
    }
    contract = doc["contract"]
    lag = contract["evaluation_lag_months"] + contract["payment_lag_months"]
    rows = {}
    for name, line in doc["payments"].items():
        months = doc["outcomes"][name]["follow_up_months"]
        prices = line["price"] if isinstance(line["price"], list) else [line["price"]] * len(months)
        rows[name] = by_quarter()
        for people, start in cohorts(doc):
            for month, price in zip(months, prices, strict=True):
                rows[name][int(start + month + lag) // 3] += price * people * rates[name]
    return rows


def capital(doc: dict[str, Any]) -> tuple[list[float], list[float], float]:
    """Return drawings, repayments and surplus: principal first, then the return, capped at 5 %.

    A drawing stands at the start of its quarter, a receipt at the end. The account that caps the
    return grows by (1.05)^(1/4) a quarter.
    """
    growth = (1 + doc["capital"]["tranches"]["dsi"]["return_cap"]["rate"]) ** 0.25
    paid = [sum(each) for each in zip(*payments(doc).values(), strict=True)]
    left = doc["capital"]["tranches"]["dsi"]["commitment"]["value"]
    drawings, repayments, owed, held = by_quarter(), by_quarter(), 0.0, 0.0
    for quarter, cost in enumerate(costs(doc)):
        drawings[quarter] = min(cost, left)
        left -= drawings[quarter]
        owed = (owed + drawings[quarter]) * growth
        held += paid[quarter]
        repayments[quarter] = min(held, owed)
        owed -= repayments[quarter]
        held -= repayments[quarter]
    return drawings, repayments, held


def spread(triple: dict[str, float]) -> list[float]:
    """Return 1,000 people's values: the log metalog through three quantiles at the midpoints.

    ln x = a1 + a2 L + a3 (u - 1/2) L, L = ln(u / (1 - u)); exact at 10, 50 and 90 %.
    """
    low, middle, high = (math.log(triple[name]) for name in ("p10", "p50", "p90"))
    at_90 = math.log(9)
    a2 = (high - low) / (2 * at_90)
    a3 = (high + low - 2 * middle) / (2 * 0.4 * at_90)
    values = []
    for i in range(1000):
        u = (i + 0.5) / 1000
        logit = math.log(u / (1 - u))
        values.append(math.exp(middle + a2 * logit + a3 * (u - 0.5) * logit))
    return values


@cache
def ladder() -> list[tuple[float, float, float]]:
    """Return the steps of the refund ladder: from week, to week, share of the state."""
    text = (DATA / "rules/denmark/refund_ladder.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    steps = sorted((float(row["from_week"]), float(row["state_share"])) for row in rows)
    ends = [start for start, _ in steps[1:]] + [math.inf]
    return [(start, end, share) for (start, share), end in zip(steps, ends, strict=True)]


def refunded(weeks: float) -> float:
    """Return the integral of the state's share of the ladder over the first `weeks` weeks."""
    return sum(share * max(min(weeks, end) - start, 0.0) for start, end, share in ladder())


def savings(doc: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Return gross benefit saved and the refund that the state saves, per quarter of cash.

    Additional people rise in a line from 0 at the start to the follow-up at 12 months, stay the
    same to 24, then last as long as `lasts` says, person by person. The cash comes a month later:
    two thirds in the same quarter, one third in the next.
    """
    line = doc["budget"]["benefit"]
    p0, p1 = job_rates(doc)
    lasts = spread(line["lasts"]["between_people"])
    before = spread(line["refund"]["weeks_before"]["between_people"])
    growth = 1 + doc["indices"]["benefit_rates"]["per_year"]

    def person_months(months: float) -> float:
        """Return person-months per additional person from the start to `months` after it."""
        rising = min(max(months, 0.0), 12.0)
        level = min(max(months, 12.0), 24.0) - 12.0
        tail = sum(min(max(months - 24.0, 0.0), each) for each in lasts) / 1000
        return rising**2 / 24 + level + tail

    def state_share(since: float) -> float:
        """Return the state's mean share over the quarter that begins `since` months after start."""
        weeks = 13.04 / 3
        first, last = since * weeks, (since + 3) * weeks
        total = sum(refunded(each + last) - refunded(each + first) for each in before) / 1000
        return total / (last - first)

    gross, refund = [0.0] * (QUARTERS + 1), [0.0] * (QUARTERS + 1)
    for people, start in cohorts(doc):
        additional = people * (p1 - p0)
        for quarter in range(int(start) // 3, QUARTERS):
            since = quarter * 3 - start
            time = person_months(since + 3) - person_months(since)
            index = growth ** (quarter // 4)
            saved = additional * time * line["amount"]["value"] * index
            state = saved * state_share(since)
            for later, share in ((0, 2 / 3), (1, 1 / 3)):
                gross[quarter + later] += saved * share
                refund[quarter + later] += state * share
    return gross[:QUARTERS], refund[:QUARTERS]


def annual_rate(drawings: list[float], repayments: list[float]) -> float:
    """Return the effective annual rate at which drawings and repayments are worth the same."""

    def worth(rate: float) -> float:
        return math.fsum(
            received / (1 + rate) ** ((quarter + 1) / 4) - drawn / (1 + rate) ** (quarter / 4)
            for quarter, (drawn, received) in enumerate(zip(drawings, repayments, strict=True))
        )

    low, high = -0.9, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(middle) > 0 else (low, middle)
    return low


def test_outcomes(doc: dict[str, Any], base: sib.Results) -> None:
    """180 start; job 180 p1, of which 180 p0 anyway; the others p0 + uplift."""
    p0, p1 = job_rates(doc)
    assert metric(base, "participants") == pytest.approx(180, abs=RATE)
    assert metric(base, "achieved.job") == pytest.approx(180 * p1, abs=RATE)
    assert metric(base, "additional.job") == pytest.approx(180 * (p1 - p0), abs=RATE)
    assert metric(base, "achieved.fit_for_work") == pytest.approx(180 * 0.6, abs=RATE)
    assert metric(base, "measured.wellbeing") == pytest.approx(180 * 0.4 * 0.85, abs=RATE)


def test_payments(doc: dict[str, Any], base: sib.Results) -> None:
    """Every line pays its price for every reported success; no limit binds."""
    rows = payments(doc)
    for name, row in rows.items():
        assert metric(base, f"payments.{name}") == pytest.approx(sum(row), abs=CENT)
    total = sum(map(sum, rows.values()))
    assert metric(base, "payments_due") == pytest.approx(total, abs=CENT)
    assert metric(base, "payments_total") == pytest.approx(total, abs=CENT)


def test_payment_dates(doc: dict[str, Any], base: sib.Results) -> None:
    """The municipality pays for each line in the quarters that the lags lead to."""
    assert base.postings is not None
    for name, row in payments(doc).items():
        (posting,) = (each for each in base.postings if each.line == f"payments.{name}")
        assert posting.amount[:, 0] == pytest.approx(row, abs=CENT)


def test_investor(doc: dict[str, Any], base: sib.Results) -> None:
    """The investor draws the costs, is repaid principal then return, and earns this rate."""
    drawings, repayments, surplus = capital(doc)
    flow = [received - drawn for drawn, received in zip(drawings, repayments, strict=True)]
    assert base.party_flow("investor")[:, 0] == pytest.approx(flow, abs=CENT)
    assert metric(base, "investor_profit") == pytest.approx(sum(flow), abs=CENT)
    assert metric(base, "investor_irr") == pytest.approx(
        annual_rate(drawings, repayments), abs=RATE
    )
    assert metric(base, "investor_multiple") == pytest.approx(
        sum(repayments) / sum(drawings), abs=RATE
    )
    assert metric(base, "surplus") == pytest.approx(surplus, abs=CENT)


def test_investor_after_own_costs(doc: dict[str, Any], base: sib.Results) -> None:
    """The fund bears 60,000 a year of management, 1,461 days of it."""
    _, repayments, _ = capital(doc)
    management = doc["costs"]["management"]["amount"]["value"] * 1461 / 365.25
    profit = sum(repayments) - sum(costs(doc)) - management
    assert metric(base, "investor_profit_after_costs") == pytest.approx(profit, abs=CENT)


def test_budgets(doc: dict[str, Any], base: sib.Results) -> None:
    """Each public budget: benefit saved, the refund on it, payments, evaluation, grant, costs."""
    gross, refund = savings(doc)
    own = sum(gross) - sum(refund)
    paid = sum(map(sum, payments(doc).values()))
    evaluation = doc["costs"]["evaluation"]["amount"]["value"]
    drawings, _, surplus = capital(doc)
    financed = sum(drawings) - sum(costs(doc))
    net = own - paid - evaluation + financed + surplus
    assert metric(base, "municipality_realisable") == pytest.approx(own, abs=CENT)
    assert metric(base, "municipality_net") == pytest.approx(net, abs=CENT)
    assert metric(base, "state_net") == pytest.approx(sum(refund), abs=CENT)
    assert metric(base, "public_net") == pytest.approx(net + sum(refund), abs=CENT)


def test_break_even_and_present_value(doc: dict[str, Any], base: sib.Results) -> None:
    """The municipality's cumulative net by year, and its value at 5.5 % a year."""
    gross, refund = savings(doc)
    drawings, spent = capital(doc)[0], costs(doc)
    paid = [sum(each) for each in zip(*payments(doc).values(), strict=True)]
    net = [gross[t] - refund[t] - paid[t] + drawings[t] - spent[t] for t in range(QUARTERS)]
    evaluation = doc["costs"]["evaluation"]
    net[quarter_of(evaluation["at"])] -= evaluation["amount"]["value"]
    net[quarter_of(doc["contract"]["last_payment"])] += capital(doc)[2]
    rate = 1 + doc["valuation"]["discount"]["municipality"]
    value = sum(flow / rate ** ((t + 1) / 4) for t, flow in enumerate(net))
    assert metric(base, "municipality_npv") == pytest.approx(value, abs=CENT)
    years, cumulative = [], 0.0
    for year in range(2024, 2035):
        cumulative += sum(net[(year - 2024) * 4 : (year - 2023) * 4])
        years.append(cumulative >= 0)
    assert metric(base, "break_even_year") == 2024 + max(
        (i + 1 for i, fine in enumerate(years) if not fine), default=0
    )
