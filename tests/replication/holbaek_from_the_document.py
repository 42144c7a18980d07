"""The base case of `holbaek` recomputed with the standard library alone, to be read like a sheet.

The arithmetic was written from the model document and the case file alone by somebody who had not
seen the code, and nothing here is taken from sibsim; only the layout has been tidied since. The
numbers in headings are the sections of the document. An `assert` marks what this case does not
use and what is therefore not worked out here.
"""

from __future__ import annotations

import csv
import math
import tomllib
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Table = dict[str, Any]
Row = list[float]
Rows = list[Row]

QUARTER = 3  # months
QUARTERS = 4  # a year
WEEKS = 13.04  # in a quarter
DAYS = 365.25  # in a year
PEOPLE = 1000  # of the grid between people
BEYOND = 100 * QUARTERS  # quarters that savings are followed beyond the case
CENT = 0.005


@dataclass(frozen=True)
class Found:
    """What the document leads to."""

    metrics: dict[str, float]
    """Every metric by its name."""

    investor: dict[int, float]
    """Receipts less drawings, by calendar year."""

    municipality: dict[str, dict[int, float]]
    """What each line brings the municipality, by calendar year; costs and payments are negative."""


# ---------------------------------------------------------------- 1. Time


@dataclass(frozen=True)
class Time:
    """Positions in months since the start, and quarters."""

    start: date
    end: date

    def position(self, day: date) -> float:
        """Return a date as months since the start of the case."""
        months = 12 * (day.year - self.start.year) + day.month - self.start.month
        return months + (day.day - 1) / monthrange(day.year, day.month)[1]

    def quarter(self, position: float) -> int:
        """Return the quarter of a position; a date on a boundary belongs to the one it opens."""
        return math.floor(position / QUARTER + 1e-9)

    def opens(self, quarter: int) -> date:
        """Return the first day of a quarter, also beyond the case."""
        months = self.start.month - 1 + quarter * QUARTER
        return date(self.start.year + months // 12, months % 12 + 1, 1)

    def year(self, quarter: int) -> int:
        """Return the calendar year of a quarter."""
        return self.opens(quarter).year

    @property
    def quarters(self) -> int:
        """How many quarters the case has."""
        return self.quarter(self.position(self.end)) + 1

    def empty(self) -> Row:
        """Return a row of zeros, one a quarter."""
        return [0.0] * self.quarters

    def by_year(self, row: Row) -> dict[int, float]:
        """Return the sums over the quarters of each calendar year."""
        sums = {self.year(t): 0.0 for t in range(self.quarters)}
        for t, amount in enumerate(row):
            sums[self.year(t)] += amount
        return sums


# ---------------------------------------------------------------- 3. Quantities


@dataclass(frozen=True)
class Given:
    """The case file and the named priors, as plain tables."""

    case: Table
    priors: Table

    def base(self, quantity: object) -> float:
        """Return a base value: the stated base, else the median."""
        if isinstance(quantity, int | float):
            return float(quantity)
        assert isinstance(quantity, dict)
        if "prior" in quantity:
            return float(self.priors[quantity["prior"]]["points"]["p50"])
        if quantity.get("dist") == "lognormal" and "log_mean" in quantity:
            return math.exp(quantity["log_mean"])
        return float(next(quantity[key] for key in ("base", "value", "p50") if key in quantity))

    def factor(self, index: str, year: int) -> float:
        """Return what an index multiplies an amount by in a calendar year."""
        if index == "none":
            return 1.0
        growth = float(self.case["indices"][index]["per_year"])
        return float((1 + growth) ** (year - self.case["price_year"]))


def grid(quantity: Table) -> Row:
    """Return the values of 1,000 people: the three-term metalog above 0."""
    z10, z50, z90 = (math.log(quantity["between_people"][p]) for p in ("p10", "p50", "p90"))
    a1, a2 = z50, (z90 - z10) / (2 * math.log(9))
    a3 = (z90 + z10 - 2 * z50) / (0.8 * math.log(9))
    chances = [(i + 0.5) / PEOPLE for i in range(PEOPLE)]
    return [math.exp(a1 + (a2 + a3 * (u - 0.5)) * math.log(u / (1 - u))) for u in chances]


# ---------------------------------------------------------------- 4. Delivery


def cohorts(given: Given, time: Time) -> tuple[Row, Row]:
    """Return the real start and the people of each cohort: 0, 6, 12, 18 and 36, 54, 54, 36."""
    delivery = given.case["delivery"]
    delay = math.floor(given.base(delivery["start_delay"]) + 0.5)
    assert delay == 0, "no cost line is moved here"
    starts, people = [], []
    for cohort in delivery["cohorts"]:
        number = given.base(given.case["target_group"]["size"]) * cohort["share"]
        number *= given.base(delivery["volume"])
        whole = abs(number - round(number)) < 1e-9
        starts.append(time.position(cohort["start"]) + delay)
        people.append(float(round(number)) if whole else number)
    assert not any(start % QUARTER for start in starts), "cohorts start with a quarter"
    return starts, people


# ---------------------------------------------------------------- 5. Costs


def costs(given: Given, time: Time) -> tuple[Row, dict[str, Row]]:
    """Return what the capital finances, and what each party pays itself, at starts of quarters."""
    financed, paid_by = time.empty(), dict[str, Row]()
    for line in given.case["costs"].values():
        row = paid_by.setdefault(line["payer"], time.empty()) if "payer" in line else financed
        for t, units in enumerate(_units(line, time)):
            factor = given.factor(line["index"], time.year(t))
            row[t] += given.base(line["amount"]) * units * factor
    return financed, paid_by


def _units(line: Table, time: Time) -> Row:
    """Return what a line is counted by in each quarter: years, or 1 where it is paid once."""
    assert line["per"] in ("year", "once")
    days = [line[key] for key in ("from", "to", "at") if key in line]
    assert time.start <= min(days) <= max(days) <= time.end, "nothing is beyond the horizon"
    row = time.empty()
    if line["per"] == "once":
        row[time.quarter(time.position(line["at"]))] = 1.0
        return row
    after = line["to"] + timedelta(days=1)
    for t in range(time.quarters):
        inside = min(after, time.opens(t + 1)) - max(line["from"], time.opens(t))
        row[t] = max(0, inside.days) / DAYS
    return row


# ---------------------------------------------------------------- 6. Outcomes


@dataclass(frozen=True)
class Outcome:
    """One outcome at its follow-ups; cohorts stand along the first axis."""

    months: list[int]
    without: float
    success: Row
    achieved: Rows
    additional: Rows


def outcomes(given: Given, people: Row) -> dict[str, Outcome]:
    """Return what is achieved and what is additional; the drift is 0 in the base case."""
    found = {}
    for name, stated in given.case["outcomes"].items():
        assert stated["among"] == "started"
        without = given.base(stated["counterfactual"])
        success = _with_intervention(given, stated, without=without)
        assert all(0 < p < 1 for p in success), "nothing is cut"
        found[name] = Outcome(
            months=stated["follow_up_months"],
            without=without,
            success=success,
            achieved=[[n * p for p in success] for n in people],
            additional=[[n * (p - without) for p in success] for n in people],
        )
    return found


def _with_intervention(given: Given, stated: Table, *, without: float) -> Row:
    """Return the probability with the intervention at each follow-up."""
    months = stated["follow_up_months"]
    if "uplift" in stated:
        return [without + given.base(stated["uplift"])] * len(months)
    effect = stated["effect"]
    assert effect["scale"] == "odds_ratio"
    course = [_profile(stated["profile"], month) for month in months]
    there = _profile(stated["profile"], effect["measured_at_months"])
    here = given.base(stated["transport"]["tau"]) * math.log(given.base(effect))
    odds = (1 - without) / without
    return [1 / (1 + odds * math.exp(-g / there * here)) for g in course]


def _profile(profile: Table, months: float) -> float:
    """Return the share of the full effect: a ramp, a hold, then half of it each half-life."""
    assert "floor" not in profile
    ramp, hold = profile["full_after_months"], profile["hold_months"]
    faded = float(max(months - ramp - hold, 0) / profile["half_life_months"])
    return float(min(months / ramp, 1.0) * 2.0**-faded)


def of_outcomes(given: Given, found: dict[str, Outcome], people: Row) -> dict[str, float]:
    """Return the metrics of outcomes."""
    out = {}
    for name, outcome in found.items():
        for k, month in enumerate(outcome.months):
            last = k == len(outcome.months) - 1
            key = f"achieved.{name}" if last else f"achieved.{name}.{month}"
            out[key] = sum(row[k] for row in outcome.achieved)
        goal = given.case["outcomes"][name]["goal"]
        k = outcome.months.index(goal["at_months"])
        reached = sum(row[k] for row in outcome.achieved)
        out |= {
            f"additional.{name}": sum(row[-1] for row in outcome.additional),
            f"people.{name}": sum(people),
            f"clipped.{name}": 0.0,
            f"p_goal.{name}": float(reached >= goal["share"] * sum(people) - 1e-9),
        }
    return out


# ---------------------------------------------------------------- 7. Evaluation


def reports(given: Given, found: dict[str, Outcome]) -> tuple[dict[str, Rows], dict[str, float]]:
    """Return the reported successes by measure, and the metrics of measures."""
    reported, out = {}, {}
    for name, measure in given.case["measures"].items():
        outcome = found[measure["outcome"]]
        if measure["design"] == "historical_baseline":
            kept, bias = 1.0, outcome.without - measure["baseline"]["rate"]
        else:
            assert measure["design"] == "verification"
            assert "sensitivity" not in measure
            missing = measure.get("missing", {"share": 0.0, "rule": "counts_as_not_achieved"})
            assert missing["rule"] == "counts_as_not_achieved"
            kept = 1 - missing["share"]
            bias = outcome.success[-1] * kept - outcome.success[-1]
        reported[name] = [[number * kept for number in row] for row in outcome.achieved]
        out[f"measured.{name}"] = sum(row[-1] for row in reported[name])
        out[f"measurement_bias.{name}"] = bias
    return reported, out


# ---------------------------------------------------------------- 9. Payments


def payments(
    given: Given, time: Time, *, starts: Row, found: dict[str, Outcome], reported: dict[str, Rows]
) -> tuple[dict[str, Row], dict[str, float]]:
    """Return what each line pays at ends of quarters, and the metrics of payments."""
    contract = given.case["contract"]
    lag = contract["evaluation_lag_months"] + contract["payment_lag_months"]
    last, lapsed = time.position(contract["last_payment"]), 0.0
    pay = {}
    for name, line in given.case["payments"].items():
        pay[name] = time.empty()
        months = found[given.case["measures"][line["reads"]]["outcome"]].months
        assert line["pays_for"] == "achieved"
        assert line.get("follow_up_months", months) == months
        prices = line["price"] if isinstance(line["price"], list) else [line["price"]] * len(months)
        for start, row in zip(starts, reported[line["reads"]], strict=True):
            for month, price, number in zip(months, prices, row, strict=True):
                owed, claim = start + month + lag, given.base(price) * number
                if owed > last + 1e-9 or time.quarter(owed) >= time.quarters:
                    lapsed += claim
                else:
                    pay[name][time.quarter(owed)] += claim
    out = {"payments_due": sum(map(sum, pay.values())), "payments_lapsed": lapsed}
    for name, line in given.case["payments"].items():
        if "limit" in line:
            cut = _limited([pay[name]], room=line["limit"]["line"])
            out[f"limit_bound.line.{name}"] = float(cut > CENT)
    cut = _limited(list(pay.values()), room=contract["limit"]["contract"])
    out["limit_bound.contract"] = float(cut > CENT)
    out |= {f"payments.{name}": sum(row) for name, row in pay.items()}
    out["payments_total"] = sum(map(sum, pay.values()))
    return pay, out


def _limited(rows: Rows, *, room: float) -> float:
    """Cut the rows in place, in the order of quarters, and return what was cut."""
    cut = 0.0
    for t in range(len(rows[0])):
        claimed = sum(row[t] for row in rows)
        share = max(0.0, (claimed - room) / claimed) if claimed > 0 else 0.0
        for row in rows:
            row[t] *= 1 - share
        cut, room = cut + share * claimed, room - (1 - share) * claimed
    return cut


# ---------------------------------------------------------------- 10. Capital


@dataclass(frozen=True)
class Account:
    """The account of the contract: drawn at starts, the rest at ends of quarters."""

    drawn: Row
    received: Row
    surplus: Row
    overrun: Row


def capital(given: Given, time: Time, *, financed: Row, paid: Row) -> Account:
    """Return the account: principal first, then a return that grows at the cap."""
    terms = given.case["capital"]
    tranche = terms["tranches"]["dsi"]
    assert terms["order"] == ["dsi.principal", "dsi.return"]
    assert not terms["recycle"]
    assert terms["surplus_at"] == "last_payment"
    assert tranche["return_cap"]["basis"] == "irr"
    left = given.base(tranche["commitment"])
    growth = (1 + tranche["return_cap"]["rate"]) ** (1 / QUARTERS)
    last = time.quarter(time.position(given.case["contract"]["last_payment"]))
    account = Account(*(time.empty() for _ in range(4)))
    principal = earned = held = 0.0
    for t, cost in enumerate(financed):
        account.drawn[t] = min(cost, left)
        account.overrun[t] = cost - account.drawn[t]
        left -= account.drawn[t]
        principal += account.drawn[t]
        if t > last:
            continue
        earned = earned * growth + principal * (growth - 1)
        held += paid[t]
        repaid = min(principal, held)
        returned = min(earned, held - repaid)
        principal, earned, held = principal - repaid, earned - returned, held - repaid - returned
        account.received[t] = repaid + returned
        if t == last:
            account.surplus[t], held = held, 0.0
    return account


# ---------------------------------------------------------------- 11. What the investor earns


def of_investor(given: Given, account: Account, *, own: Row) -> dict[str, float]:
    """Return the metrics of the investor; drawings at nodes 0 to T - 1, receipts at 1 to T."""
    flow = [
        received - drawn
        for received, drawn in zip([0.0, *account.received], [*account.drawn, 0.0], strict=True)
    ]
    running = [sum(flow[: j + 1]) for j in range(len(flow))]
    drawn, received = sum(account.drawn), sum(account.received)
    back = [
        j for j in range(len(flow)) if min(running[: j + 1]) < 0 and running[j] >= -1e-12 * drawn
    ]
    rate = given.case["valuation"]["discount"]["investor"]
    rates = _rates(flow)
    figures = {
        "irr": min(rates, key=abs) if rates else math.nan,
        "multiple": received / drawn,
        "npv": _present(flow, rate),
        "profit": sum(flow),
        "peak_capital": max(0.0, -min(running)),
        "payback_years": back[0] / QUARTERS if back else math.nan,
    }
    return {
        **{f"investor_{name}": value for name, value in figures.items()},
        **{f"tranche.dsi.{name}": value for name, value in figures.items()},
        "investor_profit_after_costs": sum(flow) - sum(own),
        "p_investor_loss": float(sum(flow) < -CENT),
        "p_total_loss": float(received == 0),
        "p_irr_undefined": float(not rates),
        "p_irr_several": float(len(rates) > 1),
        "surplus": sum(account.surplus),
        "overrun": sum(account.overrun),
    }


def _present(flow: Row, rate: float) -> float:
    return sum(float(x * (1 + rate) ** (-j / QUARTERS)) for j, x in enumerate(flow))


def _rates(flow: Row) -> Row:
    """Return the rates from -50 to 100 % a year at which the value falls through zero."""
    edges = [-0.5 + 0.001 * i for i in range(1501)]
    values = [_present(flow, rate) for rate in edges]
    roots = []
    for i in range(1500):
        if values[i] > 0 >= values[i + 1]:
            low, high = edges[i], edges[i + 1]
            for _ in range(200):
                middle = (low + high) / 2
                low, high = (middle, high) if _present(flow, middle) > 0 else (low, middle)
            roots.append((low + high) / 2)
    return roots


# ---------------------------------------------------------------- 12. Savings


def savings(given: Given, time: Time, *, starts: Row, data: Path) -> Callable[..., tuple[Row, Row]]:
    """Return how a budget line and an outcome give the gross saving and the refund, in cash."""
    far = time.quarters + BEYOND

    def of_line(line: Table, outcome: Outcome) -> tuple[Row, Row]:
        assert (line["per"], line["kind"]) == ("month", "transfer")
        assert "share" not in line
        assert "backfill" not in line
        lasts = grid(line["lasts"])
        survived = [_survived(lasts, QUARTER * i - outcome.months[-1]) for i in range(far + 1)]
        state = _state_shares(line["refund"], time=time, quarters=far, data=data)
        gross, refund = [0.0] * far, [0.0] * far
        for start, additional in zip(starts, outcome.additional, strict=True):
            first = int(start) // QUARTER
            until = [
                _rising(outcome.months, additional, QUARTER * i) + additional[-1] * survived[i]
                for i in range(far + 1)
            ]
            for i in range(far - first):
                factor = given.factor(line["index"], time.year(first + i))
                saved = (until[i + 1] - until[i]) * given.base(line["amount"]) * factor
                gross[first + i] += saved
                refund[first + i] += saved * state[i]
        return _cashed(gross, line["lag_months"]), _cashed(refund, line["lag_months"])

    return of_line


def _rising(months: list[int], additional: Row, since: float) -> float:
    """Return the person-months from the start until a month, those after the last one left out."""
    total, u0, d0 = 0.0, 0.0, 0.0
    for u1, d1 in zip(months, additional, strict=True):
        x = min(max(since - u0, 0.0), u1 - u0)
        total += d0 * x + (d1 - d0) * x * x / (2 * (u1 - u0))
        u0, d0 = u1, d1
    return total


def _survived(lasts: Row, months: float) -> float:
    """Return the months that an outcome lasts until then, mean over people."""
    return sum(min(v, max(months, 0.0)) for v in lasts) / PEOPLE


def _state_shares(refund: Table, *, time: Time, quarters: int, data: Path) -> Row:
    """Return the state's share in each quarter since the start of a cohort."""
    with (data / "rules/denmark/refund_ladder.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["rule"] == refund["ladder"]]
    in_force = (row["valid_from"] <= str(time.start) and not row["valid_to"] for row in rows)
    assert all(in_force), "one ladder, always in force"
    steps = sorted((float(row["from_week"]), float(row["state_share"])) for row in rows)
    weeks_before = grid(refund["weeks_before"])

    def refunded(weeks: float) -> float:
        total, before = 0.0, 0.0
        for boundary, share in steps:
            excess = sum(max(v + weeks - boundary, 0.0) for v in weeks_before) / PEOPLE
            total += (share - before) * excess
            before = share
        return total

    until = [refunded(WEEKS * i) for i in range(quarters + 1)]
    return [(until[i + 1] - until[i]) / WEEKS for i in range(quarters)]


def _cashed(row: Row, lag_months: int) -> Row:
    """Return when it is cashed, a lag of part of a quarter split between two quarters."""
    whole, rest = divmod(lag_months, QUARTER)
    late = rest / QUARTER
    parts = ((whole + 1, late), (whole, 1 - late))
    return [sum(part * row[t - k] for k, part in parts if t >= k) for t in range(len(row))]


# ---------------------------------------------------------------- 13, 14. Ledger and public metrics


def of_public(given: Given, time: Time, *, lines: dict[str, Row]) -> dict[str, float]:
    """Return the metrics of the municipality from what each line brings it, by quarter."""
    net = [sum(each) for each in zip(*lines.values(), strict=True)]
    rate = given.case["valuation"]["discount"]["municipality"]
    yearly = time.by_year(net)
    years = sorted(yearly)
    cumulative = [sum(yearly[y] for y in years if y <= until) for until in years]
    safe = [year for i, year in enumerate(years) if min(cumulative[i:]) >= -CENT]
    return {
        "municipality_net": sum(net),
        "municipality_npv": _present([0.0, *net], rate),
        "p_municipality_loss": float(sum(net) < -CENT),
        "break_even_year": float(safe[0]) if safe else math.nan,
    }


def replicate(data: Path) -> Found:
    """Return the base case of `holbaek` from the folder that holds its file and its rules."""
    given = Given(
        case=tomllib.loads((data / "cases/holbaek.toml").read_text(encoding="utf-8")),
        priors=tomllib.loads((data / "priors.toml").read_text(encoding="utf-8")),
    )
    case = given.case
    assert (case["period"], case["start"].day) == ("quarter", 1)
    time = Time(case["start"], case["end"])
    starts, people = cohorts(given, time)
    financed, paid_by = costs(given, time)
    found = outcomes(given, people)
    reported, measured = reports(given, found)
    pay, paid_out = payments(given, time, starts=starts, found=found, reported=reported)
    total = [sum(each) for each in zip(*pay.values(), strict=True)]
    account = capital(given, time, financed=financed, paid=total)
    line = case["budget"]["benefit"]
    gross, refund = savings(given, time, starts=starts, data=data)(line, found[line["follows"]])
    own = [g - r for g, r in zip(gross, refund, strict=True)]
    assert min(own) >= 0, "all of it can be taken out of the budget"
    horizon = time.quarters
    # The municipality delivers: financing in, costs out, overrun its own.
    lines = {
        "saving": gross[:horizon],
        "refund": [-amount for amount in refund[:horizon]],
        "payments": [-amount for amount in total],
        "own costs": [-amount for amount in paid_by["municipality"]],
        "surplus": account.surplus,
        "financing": account.drawn,
        "delivery": [-amount for amount in financed],
    }
    public = of_public(given, time, lines=lines)
    state = sum(refund[:horizon])
    metrics = {
        "participants": sum(people),
        "p_terminated": 0.0,
        "costs_beyond_horizon": 0.0,
        **of_outcomes(given, found, people),
        **measured,
        **paid_out,
        **of_investor(given, account, own=paid_by["dsi"]),
        **public,
        "municipality_realisable": sum(own[:horizon]),
        "municipality_beyond_horizon": sum(own[horizon:]),
        "region_net": 0.0,
        "state_net": state,
        "public_net": public["municipality_net"] + state,
    }
    investor = [r - d for r, d in zip(account.received, account.drawn, strict=True)]
    return Found(
        metrics=metrics,
        investor=time.by_year(investor),
        municipality={name: time.by_year(row) for name, row in lines.items()},
    )
