"""Five ways of paying for one small service worked out by hand, in the base case and draw by draw.

A hundred people start on 1 January 2024; 40 of them would have work after a year anyway, 50 with
the service. Plain floats, quarter by quarter; nothing of sibsim but the numbers they are compared
with. Money agrees to the cent (0.005): both sides do the same sums in another order.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.decisions.ways.comparison import Comparison
from tests.own_money import COMMITTED, PRICE, document

CENT = 0.005
QUARTERS = 12  # 2024 to 2026
RATE = 0.055  # of the municipality
DRAWS = 400

Row = list[float]


def row(amounts: dict[int, float]) -> Row:
    """Return amounts by quarter, 0 for the first of 2024."""
    return [amounts.get(quarter, 0.0) for quarter in range(QUARTERS)]


def savings(achieved: float) -> Row:
    """Return what can be taken out of the budget: half of a gain, all of a loss.

    The difference rises evenly over the first year and lasts half a year more.
    """
    gross = 5_000 * (achieved - 40) * 3  # a full quarter of all who work more
    own = [gross / 8, gross * 3 / 8, gross * 5 / 8, gross * 7 / 8, gross, gross]
    return row({quarter: 0.5 * max(each, 0) + min(each, 0) for quarter, each in enumerate(own)})


def cell(frame: pd.DataFrame, row: tuple[str, str], column: str) -> float:
    """Return one figure of a table with two levels of rows."""
    return float(dict(zip(frame.index, frame[column], strict=True))[row])


def repaid(paid: float, *, first: float, second: float) -> float:
    """Return what the investor gets of a payment at the end of quarter 5, at most 5 % a year.

    It puts in `first` at the start of quarter 0 and `second` at the start of quarter 4.
    """
    owed = (first * 1.05 + second) * math.sqrt(1.05)
    return min(paid, owed)


def contract(achieved: float, *, granted: float = 0.0) -> Row:
    """Return what the municipality gains under the contract, with a share of delivery granted."""
    paid = PRICE * achieved
    first, second = 200_000 * (1 - granted), 100_000 * (1 - granted)
    overrun = max(first + second - COMMITTED, 0.0)
    surplus = paid - repaid(paid, first=first, second=second - overrun)
    borne = row({0: 10_000, 1: 20_000, 4: overrun, 5: paid, 6: 30_000, 7: -surplus})
    return [saved - each for saved, each in zip(savings(achieved), borne, strict=True)]


def own_money(achieved: float) -> Row:
    """Return what it gains with its own money: all of delivery and the rooms, nothing else."""
    borne = row({0: 200_000, 1: 20_000, 4: 100_000})
    return [saved - each for saved, each in zip(savings(achieved), borne, strict=True)]


def no_cure_no_pay(achieved: float) -> Row:
    """Return what it gains where it pays the price of results, and its own costs."""
    borne = row({0: 10_000, 1: 20_000, 5: PRICE * achieved, 6: 30_000})
    return [saved - each for saved, each in zip(savings(achieved), borne, strict=True)]


def provider(achieved: float) -> Row:
    """Return what the provider gains with no cure, no pay."""
    return row({0: -200_000, 4: -100_000, 5: PRICE * achieved})


def by_hand(achieved: float) -> dict[str, Row]:
    """Return every way of paying, quarter by quarter."""
    return {
        "nothing": row({}),
        "own_money": own_money(achieved),
        "contract": contract(achieved),
        "no_cure_no_pay": no_cure_no_pay(achieved),
        "grant": contract(achieved, granted=0.4),
    }


def worth(flow: Row) -> float:
    """Return the present value: what moves in a quarter moves at its end."""
    return sum(each * math.pow(1 + RATE, -(t + 1) / 4) for t, each in enumerate(flow))


def deepest(flow: Row) -> float:
    """Return the largest running deficit."""
    return max(0.0, *(-sum(flow[: t + 1]) for t in range(QUARTERS)))


def years(flow: Row) -> Row:
    """Return the sums of calendar years."""
    return [sum(flow[t : t + 4]) for t in (0, 4, 8)]


def break_even(flow: Row) -> float:
    """Return the year from whose end on the running sum stays at zero or above."""
    running = np.cumsum(years(flow))
    stays = [year for year in range(3) if (running[year:] >= -CENT).all()]
    return 2024.0 + stays[0] if stays else np.nan


def price(achieved: float) -> dict[str, float]:
    """Return the price of the contract in its four parts."""
    evaluation, legal = worth(row({6: 30_000})), worth(row({0: 10_000}))
    paid = PRICE * achieved
    surplus = paid - repaid(paid, first=200_000, second=50_000)
    # Payments and the overrun, less what comes back, less delivery of 300,000.
    more = row({0: -200_000, 4: 50_000 - 100_000, 5: paid, 7: -surplus})
    premium = 50_000 + paid - surplus - 300_000
    return {
        "evaluation": evaluation,
        "management_and_legal": legal,
        "premium": premium,
        "value_of_time": worth(more) - premium,
    }


@cache
def found() -> Comparison:
    """Return the comparison of sibsim, with a grant of 40 % of delivery."""
    return build(document()).compare(grant=0.4, draws=DRAWS, rng=1)


@cache
def results() -> sib.Results:
    """Return the run itself, with the same seed."""
    return build(document()).simulate(draws=DRAWS, rng=1)


def test_base_case_of_every_way() -> None:
    """50 people in work: 500,000 is paid, 233,579.28 comes back after 5 % a year on 250,000."""
    table = found().table()["base"]
    for way, flow in by_hand(50).items():
        assert table["net", way] == pytest.approx(sum(flow), abs=CENT)
        assert table["present_value", way] == pytest.approx(worth(flow), abs=CENT)
        assert table["peak_cash", way] == pytest.approx(deepest(flow), abs=CENT)
        assert table["peak_year", way] == pytest.approx(max(0, -min(years(flow))), abs=CENT)
        assert table["p_loss", way] == (sum(flow) < -CENT)
    assert table["net", "own_money"] == pytest.approx(-20_000, abs=CENT)
    assert table["net", "contract"] == pytest.approx(-76_420.72, abs=CENT)
    assert table["net", "no_cure_no_pay"] == pytest.approx(-260_000, abs=CENT)
    assert table["provider_net", "no_cure_no_pay"] == pytest.approx(200_000, abs=CENT)
    assert found().base.granted[0] == pytest.approx(120_000, abs=CENT)


def test_single_draws_of_every_way() -> None:
    """Every draw follows from how many people have work in it, good draws and bad ones."""
    achieved = results().metric("achieved.job")
    assert achieved.min() < 40 < achieved.max()
    worst, best = int(achieved.argmin()), int(achieved.argmax())
    for draw in (*range(20), worst, best):
        for way, flow in by_hand(achieved[draw]).items():
            own = found().run.ways[way]
            assert own.net[draw] == pytest.approx(sum(flow), abs=CENT)
            assert own.peak_cash[draw] == pytest.approx(deepest(flow), abs=CENT)
            assert own.years[:, draw] == pytest.approx(years(flow), abs=CENT)
            assert own.break_even_year[draw] == pytest.approx(break_even(flow), nan_ok=True)
        net = found().run.provider.net[draw]
        assert net == pytest.approx(sum(provider(achieved[draw])), abs=CENT)


def test_parts_of_the_price() -> None:
    """Evaluation, legal, premium and value of time by hand; they sum to the price exactly."""
    run, achieved = found().run, results().metric("achieved.job")
    for values, base, people in ((found().base, True, 50.0), (run, False, achieved[7])):
        for part, amount in price(people).items():
            assert values.price[part][0 if base else 7] == pytest.approx(amount, abs=CENT)
    table = found().price()
    parts = ["evaluation", "management_and_legal", "premium", "value_of_time"]
    for column in ("base", "mean"):
        total = math.fsum(cell(table, ("price", part), column) for part in parts)
        assert cell(table, ("price", "total"), column) == pytest.approx(total, abs=CENT)
    gap = run.ways["own_money"].present_value - run.ways["contract"].present_value
    assert run.total == pytest.approx(gap, abs=CENT)
    others = cell(table, ("beside", "costs_of_others"), "base")
    assert others == pytest.approx(worth(row({1: 5_000})), abs=CENT)


def test_causes_of_the_premium_in_every_draw() -> None:
    """One payer who bears the overrun: all of the premium is payments less surplus and 250,000."""
    run, achieved = found().run, results().metric("achieved.job")
    payments = PRICE * achieved
    back = [repaid(paid, first=200_000, second=50_000) for paid in payments]
    earned = np.array(back) - COMMITTED
    assert run.causes["repayment_and_return"] == pytest.approx(earned, abs=CENT)
    for cause in ("overrun_borne_by_others", "outcomes_paid_by_others", "grants"):
        assert run.causes[cause] == pytest.approx(0.0, abs=CENT)
    table = found().price()
    whole = math.fsum(table.loc["premium of which"]["mean"])
    assert whole == pytest.approx(cell(table, ("price", "premium"), "mean"), abs=CENT)
    # Drawn at the start of a quarter, repaid at its end; the fund's own cost falls due in April.
    own = np.array(back) * 1.04**-1.5 - 200_000 - 50_000 / 1.04 - 5_000 * 1.04**-0.25
    assert run.investors == pytest.approx(own, abs=CENT)


def test_own_money_differs_from_the_contract_by_what_the_contract_moves() -> None:
    """Own money = contract + payments - surplus + overrun + costs of the contract - delivery."""
    metrics, run = results().metrics, found().run
    moved = metrics["payments_total"] - metrics["surplus"] + metrics["overrun"]
    expected = run.ways["contract"].net + moved + 40_000 - 300_000
    assert run.ways["own_money"].net == pytest.approx(expected, abs=CENT)
    given = run.ways["grant"].net - run.ways["contract"].net
    # It saves at most itself with the return that the investor would have earned on it.
    assert (given <= run.granted * 1.05**1.5 + CENT).all()
    assert (given >= -CENT).all()
    spent = metrics["payments_total"] - metrics["surplus"] + metrics["overrun"]
    no_cure = run.ways["contract"].net + spent - metrics["payments_total"]
    assert run.ways["no_cure_no_pay"].net == pytest.approx(no_cure, abs=CENT)


@pytest.mark.parametrize("name", ["by-hand", "holbaek"])
def test_contract_is_what_the_results_say(name: str) -> None:
    """The contract's row is the run itself, bit for bit, over more than one block too."""
    case = build(document()) if name == "by-hand" else sib.load_case(name)
    compared, run = case.compare(draws=5_000, rng=3), case.simulate(draws=5_000, rng=3)
    for values, results in ((compared.run, run), (compared.base, case.base_case())):
        way, metrics = values.ways["contract"], results.metrics
        assert np.array_equal(way.net, metrics["municipality_net"])
        assert np.array_equal(way.present_value, metrics["municipality_npv"])
        assert np.array_equal(way.loses, metrics["p_municipality_loss"])
        assert np.array_equal(way.break_even_year, metrics["break_even_year"], equal_nan=True)
    risk, table = run.risk().T["municipality_net"], compared.table()
    shortfall = ("expected_shortfall", "contract")
    assert cell(table, shortfall, "value") == risk["expected_shortfall"]
    assert cell(table, shortfall, "mc_error") == risk["expected_shortfall_mc_error"]
    whole = compared.run
    gap = whole.ways["own_money"].present_value - whole.ways["contract"].present_value
    assert whole.total + whole.early_end == pytest.approx(gap, abs=CENT)


def two_point() -> dict[str, Any]:
    """Return the case in which everybody gets work, and the team costs more in one case in ten."""
    read = document()
    read["outcomes"]["job"] |= {"counterfactual": 1.0, "uplift": 0.0}
    read["payments"]["job"]["price"] = 4_000
    read["costs"]["team"]["amount"] = {
        "dist": "discrete",
        "values": [200_000, 400_000],
        "probabilities": [0.9, 0.1],
        "base": 200_000,
        "unit": "DKK",
    }
    read["contract"]["overrun"] = "provider"
    return read


def test_two_points_of_luck(seed: int) -> None:
    """The provider loses 100,000 where the team is dear; so does who uses own money, all of it."""
    draws = 2_000
    case = build(two_point())
    compared = case.compare(draws=draws, rng=seed)
    dear = compared.run.provider.net < 0
    share = dear.mean()
    assert 5 * np.sqrt(0.1 * 0.9 / draws) > abs(share - 0.1)
    table = compared.table()["value"]
    assert table["p_provider_loss", "no_cure_no_pay"] == share
    # Cheap: 300,000 and rooms of 20,000; dear: 200,000 more. The worst twentieth is all dear.
    assert np.unique(compared.run.ways["own_money"].net) == pytest.approx([-520_000, -320_000])
    assert table["expected_shortfall", "own_money"] == pytest.approx(520_000)
    assert table["net", "own_money"] == pytest.approx(-320_000 - 200_000 * share)
    # The municipality pays 400,000 and gets back what 5 % a year on 250,000 leaves.
    surplus = 400_000 - (200_000 * 1.05 + 50_000) * 1.05**0.5
    assert compared.run.ways["contract"].net[~dear] == pytest.approx(surplus - 460_000)
    assert (
        cell(compared.table(), ("p_loss", "own_money"), "difference") == 0
    )  # it loses in every draw either way
