"""Deals worked out by hand under the service ceiling, year by year.

The first has savings on benefits only, so that repaying the investor breaks the ceiling in a year
in which the municipality as a whole gains. In thousands, two draws that differ in 2026 alone:

| Year | Grant | Costs | Paid | Surplus | Gross | Refund | Room | Cash        |
|------|-------|-------|------|---------|-------|--------|------|-------------|
| 2024 | 600   | 600   |      |         |       |        | 0    | 0           |
| 2025 | 400   | 400   |      |         | 500   | 100    | 0    | 400         |
| 2026 |       |       | 700  |         | 1,250 | 250    | -700 | 300         |
|      |       |       |      |         | 600   | 120    | -700 | -220        |
| 2027 |       |       | 500  | 50      | 500   | 100    | -450 | -50         |
| 2028 |       |       |      |         | 200   | 40     | 0    | 160         |
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import sibsim as sib
from sibsim.core.postings import Posting
from sibsim.results import Sign
from tests.hand_made_ledger import Amounts, results_of, row

YEARS = ["2024", "2025", "2026", "2027", "2028"]
CENT = 0.005

DELIVERY = (
    row("contract", "municipality", "costs.financed", {2024: 600, 2025: 400}),
    row("municipality", "nature", "costs.team", {2024: 600, 2025: 400}, kind="use"),
    row("municipality", "contract", "payments.job", {2026: 700, 2027: 500}),
    row("contract", "municipality", "capital.surplus", {2027: 50}),
)
"""What the contract finances and pays."""

GROSS: Amounts = {2025: 500.0, 2026: (1250.0, 600.0), 2027: 500.0, 2028: 200.0}
REFUND: Amounts = {2025: 100.0, 2026: (250.0, 120.0), 2027: 100.0, 2028: 40.0}

ON_BENEFITS = (
    row("citizens", "municipality", "budget.benefit", GROSS, frame="transfers"),
    row("municipality", "state", "budget.benefit.refund", REFUND, frame="transfers"),
)
ON_SERVICES = (
    row("nature", "municipality", "budget.benefit", GROSS, kind="production"),
    row("municipality", "state", "budget.benefit.refund", REFUND),
)
HELD_BACK = row(
    "municipality", "municipality", "budget.benefit.not_released", {2026: 80, 2027: 90}, kind="memo"
)


def ceiling(
    *ledger: Posting, sign: Sign = "saving_positive", refunds_under_ceiling: bool = True
) -> pd.DataFrame:
    """Return the test of a deal in whole units and current prices."""
    shown = results_of(*ledger).municipal_budget(
        prices="none", unit=1, sign=sign, refunds_under_ceiling=refunds_under_ceiling
    )
    return shown.service_ceiling().loc[YEARS]


def test_a_saving_on_benefits_makes_no_room() -> None:
    """Room is short when the investor is repaid, although cash is positive on average."""
    found: Any = ceiling(*DELIVERY, *ON_BENEFITS)
    assert found["conditional grant of the investor"].tolist() == [600, 400, 0, 0, 0]
    assert found["costs under the ceiling"].tolist() == [-600, -400, 0, 0, 0]
    assert found["payments for outcomes"].tolist() == [0, 0, -700, -500, 0]
    assert found["surplus received"].tolist() == [0, 0, 0, 50, 0]
    assert found["savings on services released"].tolist() == [0, 0, 0, 0, 0]
    assert found["change in room under the ceiling"].tolist() == [0, 0, -700, -450, 0]
    assert found["transfers"].tolist() == [0, 400, (1000 + 480) / 2, 400, 160]
    assert found["cash net"].tolist() == [0, 400, (300 - 220) / 2, -50, 160]


def test_probabilities_tell_a_squeeze_from_a_loss() -> None:
    """In one of two draws of 2026 there is cash and no room, in 2027 there is neither."""
    found: Any = ceiling(*DELIVERY, *ON_BENEFITS)
    assert found["P(change < 0)"].tolist() == [0, 0, 1, 1, 0]
    assert found["P(change < 0, cash ≥ 0)"].tolist() == [0, 0, 0.5, 0, 0]
    assert found["services squeezed?"].tolist() == [
        "no",
        "no",
        "yes: there is cash, but less room",
        "yes: less room and less cash",
        "no",
    ]


def test_a_saving_on_services_makes_room() -> None:
    """The same deal saves on services: room is cash, and no year has cash without room."""
    found: Any = ceiling(*DELIVERY, *ON_SERVICES)
    assert found["savings on services released"].tolist() == [0, 400, 740, 400, 160]
    assert found["change in room under the ceiling"].tolist() == [0, 400, 40, -50, 160]
    assert found["change in room under the ceiling"].tolist() == found["cash net"].tolist()
    assert found["P(change < 0)"].tolist() == [0, 0, 0.5, 1, 0]
    assert found["P(change < 0, cash ≥ 0)"].tolist() == [0] * 5


def test_refunds_stand_outside_the_ceiling_unless_told() -> None:
    """By default gross savings on services make room; what is refunded less is cash alone."""
    apart: Any = ceiling(*DELIVERY, *ON_SERVICES, refunds_under_ceiling=False)
    under: Any = ceiling(*DELIVERY, *ON_SERVICES)
    default: Any = results_of(*DELIVERY, *ON_SERVICES).municipal_budget(prices="none", unit=1)
    assert default.service_ceiling().loc[YEARS].equals(apart)
    assert apart["savings on services released"].tolist() == [0, 500, 925, 500, 200]
    assert apart["change in room under the ceiling"].tolist() == [0, 500, 225, 50, 200]
    assert apart["refunds outside the ceiling"].tolist() == [0, -100, -185, -100, -40]
    assert apart["P(change < 0)"].tolist() == [0, 0, 0.5, 0, 0]
    assert apart["cash net"].tolist() == under["cash net"].tolist() == [0, 400, 40, -50, 160]
    assert under["refunds outside the ceiling"].tolist() == [0] * 5
    assert apart.attrs["refunds_under_ceiling"] is False
    assert apart.columns.name.endswith("refunds outside the ceiling")
    assert under.columns.name.endswith("refunds under the ceiling")


def test_a_squeeze_is_more_than_noise_and_half_a_unit() -> None:
    """Paid 1 or 99: mean -50, sd / sqrt(2) = 34.6, so that -50 is within two errors of zero."""
    paid = row("municipality", "contract", "payments.job", {2024: (1, 99), 2025: 0.4, 2026: 0.6})
    found: Any = ceiling(paid)
    assert found["change in room under the ceiling"].tolist() == [-50, -0.4, -0.6, 0, 0]
    words = ["about zero", "about zero", "yes: less room and less cash", "no", "no"]
    assert found["services squeezed?"].tolist() == words
    sure = row("municipality", "contract", "payments.job", {2024: (40, 60)})
    assert ceiling(sure)["services squeezed?"].iloc[0] == "yes: less room and less cash"


def test_the_grant_is_neutral_in_the_years_of_investment() -> None:
    """Income and costs cancel: without the grant the room of these years is what they cost."""
    with_grant: Any = ceiling(*DELIVERY, *ON_BENEFITS)["change in room under the ceiling"]
    without: Any = ceiling(*DELIVERY[1:], *ON_BENEFITS)["change in room under the ceiling"]
    assert with_grant[:2].tolist() == [0, 0]
    assert (with_grant - without).tolist() == [600, 400, 0, 0, 0]


def test_what_is_not_released_makes_no_room() -> None:
    """The memo belongs to the frame of its line: it takes room where the line is a service."""
    services: Any = ceiling(*DELIVERY, *ON_SERVICES, HELD_BACK)
    assert services["savings on services released"].tolist() == [0, 400, 660, 310, 160]
    assert services["change in room under the ceiling"].tolist() == [0, 400, -40, -140, 160]
    on_transfers = replace(HELD_BACK, frame="transfers")
    benefits: Any = ceiling(*DELIVERY, *ON_BENEFITS, on_transfers)
    assert benefits["change in room under the ceiling"].tolist() == [0, 0, -700, -450, 0]
    assert benefits["transfers"].tolist() == [0, 400, 660, 310, 160]
    assert benefits["cash net"].tolist() == services["cash net"].tolist()


def test_costs_outside_the_ceiling_take_no_room() -> None:
    """What is invested or stands outside the frames is paid in cash and takes no room."""
    building = row(
        "municipality", "nature", "costs.house", {2024: 90}, frame="investment", kind="use"
    )
    fee = row("municipality", "bank", "capital.g.guarantee_fee", {2025: 10}, frame="outside")
    found: Any = ceiling(*DELIVERY, *ON_BENEFITS, building, fee)
    assert found["investment"].tolist() == [-90, 0, 0, 0, 0]
    assert found["outside the frames"].tolist() == [0, -10, 0, 0, 0]
    assert found["change in room under the ceiling"].tolist() == [0, 0, -700, -450, 0]
    assert found["cash net"].tolist() == [-90, 390, 40, -50, 160]


def test_gains_are_positive_whatever_the_sign() -> None:
    """Room is no row of the budget: with expenses positive the test is the same, and says so."""
    gains: Any = ceiling(*DELIVERY, *ON_BENEFITS)
    expenses: Any = ceiling(*DELIVERY, *ON_BENEFITS, sign="expense_positive")
    assert gains.equals(expenses)
    assert "gains positive" in expenses.columns.name


def test_fixed_prices_by_hand() -> None:
    """Wages grow by 3.2 % a year from 2024: 700 paid in 2026 are 700 / 1.032^2 in 2024 prices."""
    shown = results_of(*DELIVERY, *ON_BENEFITS).municipal_budget(prices="wages", unit=1)
    room: Any = shown.service_ceiling()["change in room under the ceiling"]
    assert room["2026"] == pytest.approx(-700 / 1.032**2, abs=CENT)
    assert room["2027"] == pytest.approx(-450 / 1.032**3, abs=CENT)


@pytest.fixture(scope="module")
def base() -> sib.Results:
    """Return the base case of Holbæk, which saves on benefits only."""
    return sib.load_case("holbaek").base_case()


def test_holbaek_against_its_ledger(base: sib.Results) -> None:
    """Room is the service rows of the ledger, cash all of it, year by year."""
    found: Any = base.municipal_budget(prices="none", unit=1).service_ceiling()
    ledger: Any = base.budget("municipality", by="year").drop(columns="total")
    service = ledger.xs("service", level="frame").sum()
    room = found["change in room under the ceiling"]
    assert room.tolist() == pytest.approx(service.tolist(), abs=CENT)
    cash = ledger.loc[("", "total realisable")]
    assert found["cash net"].tolist() == pytest.approx(cash.tolist(), abs=CENT)


def test_holbaek_is_neutral_until_it_pays(base: sib.Results) -> None:
    """2024 has costs and a grant as large, 2026 payments and no room; one draw is 0 or 1."""
    found: Any = base.municipal_budget(prices="none", unit=1).service_ceiling()
    assert found.loc["2024", "conditional grant of the investor"] > 1_000_000
    assert found.loc["2024", "change in room under the ceiling"] == pytest.approx(0, abs=CENT)
    assert found.loc["2026", "change in room under the ceiling"] < -1_000_000
    assert set(found["P(change < 0)"]) == {0.0, 1.0}
