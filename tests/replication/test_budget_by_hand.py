"""What a municipality's budget keeps, worked out step by step and held against whole cases.

Plain sums written out; nothing of sibsim but the numbers they are compared with. Ten of a hundred
people more than otherwise have a job twelve months after the start; all who are planned start, and
nothing is uncertain. Money agrees to the øre.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

import sibsim as sib
from tests.small_case import small_case

ORE = 0.005

NEW_YEAR = date(2025, 1, 1)
"""First day from which some savings are released."""

MORE_PEOPLE, FEWER_PEOPLE = 0.10, -0.10
"""Ten of a hundred more, or ten fewer, have a job than the 40 who would have one anyway."""

MONTHS_OF_2024 = 10 * 12 / 2
"""A straight rise from none to ten people over twelve months: half of ten times twelve."""

MONTHS_OF_2025 = 10 * 6
"""Ten people for the six months that it lasts after the follow-up."""

LINE: dict[str, Any] = {
    "follows": "job",
    "kind": "transfer",
    "party": "municipality",
    "counterparty": "citizens",
    "frame": "transfers",
    "index": "none",
}
BENEFIT: dict[str, Any] = {**LINE, "amount": 12_000, "per": "month", "lasts": 6}
"""A benefit of 12,000 a month."""

BENEFIT_2024, BENEFIT_2025 = 12_000 * MONTHS_OF_2024, 12_000 * MONTHS_OF_2025
"""720,000 kr. in either year."""


def run(
    lines: dict[str, dict[str, Any]],
    *,
    effect: float = MORE_PEOPLE,
    changes: Mapping[str, object] | None = None,
) -> sib.Results:
    """Return the base case with these budget lines and what else is changed."""
    case = small_case(outcome={"counterfactual": 0.40, "uplift": effect})
    stated = {f"budget.{name}": line for name, line in lines.items()}
    return case.with_({**stated, "delivery.start_delay": 0, **(changes or {})}).base_case()


def booked(base: sib.Results, party: str, line: str) -> dict[int, float]:
    """Return what a line of the ledger brings a party by year, where it brings anything."""
    row = base.budget(party, by="year").loc[(slice(None), line), :].drop(columns="total").sum()
    return {int(str(year)): float(money) for year, money in row.items() if money}


def realised(base: sib.Results) -> float:
    """Return what can be taken out of the municipality's budget until the end of the case."""
    return float(base.metric("municipality_realisable")[0])


def test_a_loss_does_not_shrink_with_the_cashable_share() -> None:
    """Of ten more in work 40 % is released, from 2025 on; of ten fewer all is lost, at once."""
    saved = BENEFIT_2024 + BENEFIT_2025
    assert saved == 1_440_000
    limited = {**BENEFIT, "share": 0.5, "backfill": 0.2, "release_from": NEW_YEAR}
    better, worse = (run({"benefit": limited}, effect=each) for each in (MORE_PEOPLE, FEWER_PEOPLE))
    assert realised(better) == pytest.approx(0.5 * 0.8 * BENEFIT_2025, abs=ORE)
    assert realised(worse) == pytest.approx(-saved, abs=ORE)
    # In cash nothing differs: the ledger carries the gross saving, the rest is a memo.
    assert booked(better, "municipality", "budget.benefit") == pytest.approx(
        {2024: BENEFIT_2024, 2025: BENEFIT_2025}, abs=ORE
    )


def test_tax_net_of_the_tax_on_the_benefit_and_of_equalisation() -> None:
    """A wage of 24,000 in place of a benefit of 12,000, at 25 %, of which a quarter is kept.

    Per person-month: 6,000 in tax on the wage less 3,000 on the benefit is 3,000; 2,250 of it is
    equalised and 750 kept. The benefit itself saves 12,000 beside it.
    """
    equalisation = {"on": True, "retained_share": 0.25}
    tax = {"rate": 0.25, "instead_of": 12_000, "equalisation": equalisation}
    wage = {**LINE, "frame": "outside", "share": 1, "per": "month", "lasts": 6, "amount": 24_000}
    base = run({"benefit": BENEFIT, "wage": {**wage, "tax": tax}})
    months = {2024: MONTHS_OF_2024, 2025: MONTHS_OF_2025}
    for party, line, per_month in (
        ("municipality", "budget.wage", 3_000),
        ("municipality", "budget.wage.equalisation", -2_250),
        ("state", "budget.wage.equalisation", 2_250),
        ("municipality", "budget.benefit", 12_000),
        ("citizens", "budget.benefit", -12_000),
        ("citizens", "budget.wage", -3_000),
    ):
        expected = {year: per_month * each for year, each in months.items()}
        assert booked(base, party, line) == pytest.approx(expected, abs=ORE)
    assert realised(base) == pytest.approx(12_750 * (MONTHS_OF_2024 + MONTHS_OF_2025), abs=ORE)
    assert base.metric("equalisation.wage")[0] == pytest.approx(2_250 * 120, abs=ORE)
    # Ten fewer in work: the state gives the equalised three quarters back.
    worse = run({"wage": {**wage, "tax": tax}}, effect=FEWER_PEOPLE)
    assert realised(worse) == pytest.approx(-750 * 120, abs=ORE)
    assert worse.metric("equalisation.wage")[0] == pytest.approx(-2_250 * 120, abs=ORE)


def test_a_national_roll_out_leaves_nothing_on_the_list_and_all_of_sickness_benefit() -> None:
    """Kontanthjælp is on the list of the budget guarantee, sickness benefit is not.

    After a flat refund of 20 % the municipality's own part is 9,600 of 12,000 a month.
    """
    own = 0.8 * (BENEFIT_2024 + BENEFIT_2025)
    assert own == 1_152_000
    line = {**BENEFIT, "refund": {"share": 0.2}}

    def everywhere(benefit: str, *, roll_out: str = "national", **more: object) -> sib.Results:
        guarantee = {"benefit": benefit, "roll_out": roll_out}
        return run({"benefit": {**line, "guarantee": guarantee, **more}})

    listed, sick = everywhere("kontanthjaelp"), everywhere("sygedagpenge")
    assert realised(listed) == pytest.approx(0.0, abs=ORE)
    assert listed.metric("budget_guarantee.benefit")[0] == pytest.approx(own, abs=ORE)
    assert booked(listed, "state", "budget.benefit.guarantee") == pytest.approx(
        {2024: 0.8 * BENEFIT_2024, 2025: 0.8 * BENEFIT_2025}, abs=ORE
    )
    assert booked(listed, "state", "budget.benefit.refund") == pytest.approx(
        {2024: 0.2 * BENEFIT_2024, 2025: 0.2 * BENEFIT_2025}, abs=ORE
    )
    assert realised(sick) == pytest.approx(own, abs=ORE)
    alone = everywhere("kontanthjaelp", roll_out="one_municipality")
    assert realised(alone) == pytest.approx(own, abs=ORE)


def test_the_yearly_consequences_of_a_calculation_by_calendar_year() -> None:
    """20,000, 15,000 and -2,000 kr. a person and year from a year after a start on 1 April 2024.

    Service starts a quarter late. The first of the years runs from April 2025 to March 2026, so
    that 2026 has a quarter of it and three quarters of the second; prices rise 2 % a year.
    """
    line = {**LINE, "index": "prices", "per_year": [20_000, 15_000, -2_000], "from_months": 12}
    changes = {"delivery.start_delay": 3, "indices.prices": {"per_year": 0.02}}
    base = run({"consequences": line}, changes=changes)
    by_year = {
        2025: 10 * (0.75 * 20_000) * 1.02,
        2026: 10 * (0.25 * 20_000 + 0.75 * 15_000) * 1.02**2,
        2027: 10 * (0.25 * 15_000 + 0.75 * -2_000) * 1.02**3,
        2028: 10 * (0.25 * -2_000) * 1.02**4,
    }
    assert by_year[2025] == 153_000
    assert booked(base, "municipality", "budget.consequences") == pytest.approx(by_year, abs=ORE)
    assert realised(base) == pytest.approx(sum(by_year.values()), abs=ORE)
    # Where the case ends earlier, what comes later lies beyond its horizon.
    long = {**line, "per_year": [1_000] * 30}
    base = run({"consequences": long}, changes=changes)
    after_2034 = sum(
        10 * 1_000 * 1.02 ** (year - 2024) * (0.25 if year == 2055 else 1.0)
        for year in range(2035, 2056)
    )
    assert base.metric("municipality_beyond_horizon")[0] == pytest.approx(after_2034, abs=ORE)


LABOUR: dict[str, Any] = {
    "model": "states",
    "among": "started",
    "follow_up_months": [4],
    "states": ["sick", "flexjob"],
    "step": "month",
    "counts": ["flexjob"],
    "counted": "end",
    "start_in": {"sick": 1.0},
    "transitions": {"sick": {"flexjob": 0.1}},
    "effects": [{"from": "sick", "to": "flexjob", "scale": "risk_ratio", "value": 2.0}],
}
"""Of a hundred sick 100 0.9^n are still so after n months, with the intervention 100 0.8^n."""

PERSON_MONTHS = 100 * sum(0.9**n - 0.8**n for n in (1, 2, 3, 4))
"""Months less on benefit and more in a flexjob: 10 + 17 + 21.7 + 24.65."""


def test_a_subsidy_of_the_state_that_people_enter_costs_beside_the_benefit_saved() -> None:
    """A benefit of 12,000 falls away and a flexjob subsidy of 7,000 is paid, two ordinary lines.

    More time in a flexjob is a negative saving. It counts in full and from the first day, whatever
    share of the benefit is released, from when, and whatever others fill.
    """
    assert pytest.approx(73.35) == PERSON_MONTHS
    common = {key: value for key, value in BENEFIT.items() if key != "lasts"}
    limited = {"share": 0.5, "backfill": 0.2, "release_from": NEW_YEAR}
    lines = {
        "benefit": {**common, "follows": "labour", "states": ["sick"]},
        "subsidy": {**common, "follows": "labour", "states": ["flexjob"], "amount": 7_000},
    }

    def labour(**more: dict[str, Any]) -> sib.Results:
        stated = {name: {**line, **more.get(name, {})} for name, line in lines.items()}
        return run(stated, changes={"outcomes.labour": LABOUR})

    base = labour()
    saved, cost = 12_000 * PERSON_MONTHS, 7_000 * PERSON_MONTHS
    assert booked(base, "municipality", "budget.benefit") == pytest.approx({2024: saved}, abs=ORE)
    assert booked(base, "municipality", "budget.subsidy") == pytest.approx({2024: -cost}, abs=ORE)
    assert realised(base) == pytest.approx(5_000 * PERSON_MONTHS, abs=ORE)
    # Nothing makes the subsidy cheaper, and nothing of the benefit is released before 2025.
    assert realised(labour(subsidy=limited)) == pytest.approx(saved - cost, abs=ORE)
    assert realised(labour(benefit=limited, subsidy=limited)) == pytest.approx(-cost, abs=ORE)


def test_support_in_work_costs_as_a_line_of_its_own() -> None:
    """Support of 1,500 a month for those in a job: fewer in it save, so that more of them cost."""
    service = {**LINE, "kind": "resource", "frame": "service", "share": 0.3}
    del service["counterparty"]
    support = {**service, "amount": 1_500, "per": "month", "lasts": 6, "saves": "fewer"}
    base = run({"benefit": BENEFIT, "support": support})
    cost = 1_500 * (MONTHS_OF_2024 + MONTHS_OF_2025)
    assert realised(base) == pytest.approx(BENEFIT_2024 + BENEFIT_2025 - cost, abs=ORE)
    assert booked(base, "municipality", "budget.support") == pytest.approx(
        {2024: -1_500 * MONTHS_OF_2024, 2025: -1_500 * MONTHS_OF_2025}, abs=ORE
    )
