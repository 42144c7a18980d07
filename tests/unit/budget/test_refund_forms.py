"""Flat shares, days a year and thresholds as refunds of budget lines, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.budget import refund_rules
from sibsim.budget.ledger import party_net
from sibsim.budget.refund import refund_problems
from sibsim.budget.refund_rules import thresholds_in_force
from sibsim.budget.terms import Refund
from sibsim.core.prices import Index
from sibsim.core.rules import Rule, rule
from sibsim.core.timeline import Timeline
from tests.refunds import MONTHS, ORE, QUARTERS, of_line, path_of, refunded, saved, total

SHELTER = "dk-shelter-refund"
MONTHLY: dict[str, Any] = {"amount": 1_000, "per": "month", "states": ["sick"]}
LASTS: dict[str, Any] = {"per": "month", "lasts": 12}


def test_a_flat_share_is_refunded_of_all() -> None:
    """Each draw has its own share; the municipality keeps the rest."""
    share = np.array([[0.0, 0.5, 1.0]])
    result = saved(
        {**MONTHLY, "refund": {"share": 0.5}},
        otherwise=[("sick", 6)],
        step="month",
        values={"refund.share": share},
    )
    np.testing.assert_allclose(refunded(result).sum(axis=0), 6_000 * share[0], atol=ORE)
    own = party_net(result.postings, "municipality").sum(axis=0)
    np.testing.assert_allclose(own, 6_000 * (1 - share[0]), atol=ORE)


def test_a_flat_share_ends_some_months_after_the_real_start() -> None:
    """From mid-February for twelve months, refunded for seven: 1.5, 3 and 2.5 of three months."""
    result = saved(
        {**MONTHLY, "refund": {"share": 0.4, "until_months": 7}, "lag_months": 3},
        otherwise=[("sick", 12)],
        step="month",
        start=1.5,
        timeline=QUARTERS,
    )
    expected = np.zeros(16)
    expected[1:4] = np.array([1.5, 3, 2.5]) * 400
    np.testing.assert_allclose(refunded(result)[:, 0], expected, atol=ORE)
    assert total(result, "citizens") == pytest.approx(-12_000, abs=ORE)


def test_it_is_prorated_for_additional_people_too() -> None:
    """After x months x people: 4.5, 13.5, 22.5 person-months; two thirds of the third quarter."""
    line = {**LASTS, "amount": 1_000, "refund": {"share": 0.4, "until_months": 8}}
    result = of_line(line, path=path_of(None, additional=12.0), timeline=QUARTERS)
    expected = [1_800, 5_400, 9_000 * 2 / 3, 0, 0]
    np.testing.assert_allclose(refunded(result)[:5, 0], expected, atol=ORE)


PLACE: dict[str, Any] = {
    "amount": 200_000,
    "states": ["shelter"],
    "per": "month",
    "refund": {"thresholds": "dk-expensive-cases"},
}
"""2,400,000 a year: 860,000, 1,680,000 and 2,120,000 are passed, 635,000 is refunded."""


def test_without_states_a_person_costs_the_amount_all_year_round() -> None:
    """Of 2,400,000 the state refunds 635,000, so of each month 635 / 2,400, draw by draw."""
    line = {**PLACE, **LASTS}
    del line["states"]
    amount = np.array([[200_000.0, 100_000.0, 0.0]])
    result = of_line(
        line, path=path_of(None, additional=12.0), timeline=QUARTERS, values={"amount": amount}
    )
    months = np.array([4.5, 13.5, 22.5, 31.5])[:, np.newaxis]
    shares = np.array([635 / 2_400, 85 / 1_200, 0.0])
    np.testing.assert_allclose(refunded(result)[:4], months * amount * shares, atol=ORE)


def test_thresholds_move_with_the_index_of_the_line() -> None:
    """At 10 % a year 860,000 of 2022 are 1,040,600 of 2024, and so on; 431,650 of 2,400,000.

    992,200 x 25 % above the first, to 2,032,800, and 367,200 x 50 % above the second.
    """
    in_2024 = 0.25 * (2_032_800 - 1_040_600) + 0.5 * (2_400_000 - 2_032_800)
    assert in_2024 == 431_650
    line = {**PLACE, **LASTS, "index": "wages"}
    del line["states"]
    found = of_line(line, path=path_of(None, additional=12.0), timeline=QUARTERS, price_year=2024)
    share = in_2024 / 2_400_000
    expected = 200_000 * share * np.array([4.5, 13.5, 22.5, 31.5])
    np.testing.assert_allclose(refunded(found)[:4, 0], expected, atol=ORE)
    # In 2025 the amount and the thresholds are 10 % higher, and the share is the same.
    np.testing.assert_allclose(refunded(found)[4, 0], 1.1 * 200_000 * share * 36, atol=ORE)
    in_places = saved(
        {**PLACE, "index": "wages"}, otherwise=[("shelter", 24)], step="month", price_year=2024
    )
    by_year = refunded(in_places)[:36, 0].reshape(3, 12).sum(axis=1)
    np.testing.assert_allclose(by_year, [1.1 * in_2024, 1.21 * in_2024, 0], atol=ORE)


OLD = Timeline(date(2021, 7, 1), date(2023, 12, 31), "month")
"""In 2021 the thresholds are 850,000, 1,660,000 and 2,090,000."""


def test_each_calendar_year_has_its_own_thresholds() -> None:
    """July to December 2021 at 400,000: 2,400,000, of which 650,000; 2022 and 2023 at 2022's."""
    in_2021 = 0.25 * 810_000 + 0.5 * 430_000 + 0.75 * 310_000
    assert in_2021 == 650_000
    result = saved(
        {**PLACE, "amount": 400_000}, otherwise=[("shelter", 12)], step="month", timeline=OLD
    )
    state = refunded(result)[:, 0]
    assert state[:6].sum() == pytest.approx(in_2021, abs=ORE)
    assert state[6:].sum() == pytest.approx(635_000, abs=ORE)
    for start in (6.0, 18.0, 30.0):
        line = {**PLACE, "amount": 400_000}
        later = saved(line, otherwise=[("shelter", 6)], step="month", start=start, timeline=OLD)
        during = 635_000 if start < OLD.periods else 0
        assert total(later, "state") == pytest.approx(during, abs=ORE)
        own = later.realisable["line"].sum() + later.beyond_horizon["line"].sum()
        assert own == pytest.approx(2_400_000 - 635_000, abs=ORE)
    line = {**PLACE, **LASTS}
    del line["states"]
    people = refunded(of_line(line, path=path_of(None, additional=12.0), timeline=OLD))[:8, 0]
    gross = 200_000 * (np.arange(8) + 0.5)
    shares = np.repeat([650 / 2_400, 635 / 2_400], [6, 2])
    np.testing.assert_allclose(people, gross * shares, atol=ORE)


def test_thresholds_that_change_within_a_year_hold_from_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twice the amounts from 1 July 2026 on: of 2026 the old ones hold, of 2027 the new ones."""

    def reformed(name: str, *, on: date | str) -> Rule:
        found = rule(name, on=on)
        new = str(on) >= "2026-07-01" and "threshold" in name
        return replace(found, value=2 * found.value) if new else found

    monkeypatch.setattr(refund_rules, "rule", reformed)
    (_, before), (_, after) = thresholds_in_force("dk-expensive-cases", timeline=MONTHS)
    assert (before, after) == (slice(0, 24), slice(24, None))


@pytest.mark.parametrize("start", [-3.0, -2.5])
def test_an_early_start_is_refunded_in_the_first_period(start: float) -> None:
    """Placed from the autumn before: 2025 is refunded, the months of 2024 are too few."""
    line = {**PLACE, "amount": 400_000}
    result = saved(line, otherwise=[("shelter", 9)], step="month", start=start)
    # 400,000 a month: 2,400,000 in six months of 2025, and 2,600,000 in six and a half.
    expected = 635_000 + (0 if start == -3.0 else 150_000)
    before = {-3.0: 85_000, -2.5: 35_000}[start]
    assert total(result, "state") == pytest.approx(expected + before, abs=ORE)
    first = refunded(result)[0, 0]
    assert first == pytest.approx(before, abs=ORE)


def _problems(timeline: Timeline = MONTHS, index: Index | None = None, **stated: Any) -> list[str]:  # noqa: ANN401 - any field of a refund
    refund = Refund.model_validate(stated)
    found = refund_problems(refund, index=index, price_year=2024, timeline=timeline)
    return [f"{field}: {problem}" for field, problem in found]


def test_problems_are_said_in_plain_words() -> None:
    """Unknown names with the nearest one, days that no rule covers, an index that begins later."""
    assert _problems(days="dk-shelter-refund", running_counts="old_limit") == []
    assert _problems(thresholds="dk-expensive-cases") == []
    assert _problems(share=0.5) == []
    (found,) = _problems(days="dk-shelter-refnd")
    assert found.startswith("days: got 'dk-shelter-refnd'; no such rule ships")
    assert found.endswith("did you mean 'dk-shelter-refund'?")
    unaligned = Timeline(date(2026, 2, 1), date(2028, 1, 31), "quarter")
    (found,) = _problems(unaligned, days="dk-shelter-refund", running_counts="old_limit")
    assert "changes within the period that opens on 2026-02-01" in found
    (found,) = _problems(thresholds="dk-expensive-case")
    assert found.startswith("thresholds: ")
    assert "dk-expensive-cases" in found
    early = Timeline(date(2020, 1, 1), date(2021, 12, 31), "quarter")
    (found,) = _problems(early, thresholds="dk-expensive-cases")
    assert found.startswith("thresholds: got 2020-01-01")
    assert "2021-01-01" in found
    index = Index.model_validate({"values": {"2024": 100, "2025": 103}, "then_per_year": 0.02})
    (found,) = _problems(index=index, thresholds="dk-expensive-cases")
    assert "thresholds in prices of 2022" in found
    (found,) = _problems(ladder="dk-refnd", weeks_before=4)
    assert found.startswith("ladder: no refund ladder is named 'dk-refnd'")


def test_what_holds_for_running_years_must_be_said_where_the_limit_changes() -> None:
    """It changes on 1 April 2026; before and after that date nothing needs to be said."""
    (found,) = _problems(days=SHELTER)
    assert found.startswith("running_counts: got none")
    for part in ("from 120 days to 90 days on 2026-04-01", "old_limit", "new_limit"):
        assert part in found
    (found,) = _problems(Timeline(date(2023, 1, 1), date(2024, 12, 31), "month"), days=SHELTER)
    assert "from no limit to 120 days on 2023-10-01" in found
    after = Timeline(date(2026, 4, 1), date(2027, 12, 31), "month")
    before = Timeline(date(2024, 1, 1), date(2026, 3, 31), "month")
    for timeline in (after, before):
        assert _problems(timeline, days=SHELTER) == []
