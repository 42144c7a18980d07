"""Savings by hand: one cohort, one follow-up, one benefit; then what must hold for any case."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.budget.ledger import by_year, check_balance, parties, party_net, realised_net
from sibsim.budget.lines import BudgetLine
from sibsim.budget.postings import divided
from sibsim.budget.savings import savings
from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.postings import BudgetResult
from sibsim.core.prices import Index, Ladder
from sibsim.core.spec import walk
from sibsim.core.stages import Context, Standing
from sibsim.core.streams import Layer, LayerName
from sibsim.core.timeline import Timeline

CENT = 0.005
"""Hand calculations agree to the cent."""

TWO_YEARS = Timeline(date(2024, 1, 1), date(2025, 12, 31), "quarter")
"""Eight quarters."""

INDICES = {"ten_percent": Index(per_year=0.1)}
"""An index that is easy to follow by hand."""

BENEFIT: dict[str, Any] = {
    "follows": "job",
    "kind": "transfer",
    "party": "municipality",
    "counterparty": "citizens",
    "frame": "transfers",
    "amount": 10_000,
    "per": "month",
    "index": "ten_percent",
    "lasts": 6,
}
"""A benefit of 10,000 a month; a job lasts 6 months after the follow-up."""

LADDER = {"ladder": "dk-refund", "weeks_before": 45}
"""Everyone has been on support for 45 weeks."""

# Two more people than otherwise have a job 12 months after the start on 1 January 2024.
# Person-months: 2 (u1^2 - u0^2) / 24 = 0.75, 2.25, 3.75, 5.25 in 2024, then 6 and 6 in 2025.
GROSS = np.array([7_500, 22_500, 37_500, 52_500, 66_000, 66_000, 0, 0.0])
# The first quarter has 7 weeks at 30 % and 6.04 at 20 %, later ones 20 %.
STATE = GROSS * np.array([(7 * 0.3 + 6.04 * 0.2) / 13.04, *[0.2] * 7])


def outcome(
    additional: FloatArray,
    *,
    months: tuple[int, ...],
    start: FloatArray,
    counted: bool = False,
) -> OutcomePath:
    """Return an outcome of 10 people per cohort with the given additional results."""
    cohorts = len(additional)
    people = np.full((cohorts, 1), 10.0)
    counterfactual = np.full((cohorts, len(months), 1), 0.4)
    return OutcomePath(
        follow_up_months=months,
        when=start[:, np.newaxis] + np.array(months, dtype=float)[:, np.newaxis],
        people=people,
        member=(),
        value=(),
        achieved=additional + 4.0,
        expected=counterfactual,
        counterfactual=counterfactual,
        treated=(),
        untreated=(),
        clipped=np.zeros(1),
        counted=counted,
    )


def context_of(
    lines: dict[str, BudgetLine],
    *,
    timeline: Timeline = TWO_YEARS,
    values: dict[str, FloatArray] | None = None,
) -> Context:
    """Return the base values of the lines, without any chance."""
    base = {
        path: np.full((1, 1), quantity.base_value)
        for name, line in lines.items()
        for path, quantity in walk(line, Quantity, path=f"budget.{name}")
    }
    return Context(
        timeline=timeline,
        values={**base, **(values or {})},
        chance=Layer(LayerName.CHANCE, on=False),
        measurement=Layer(LayerName.MEASUREMENT, on=False),
    )


def saved(
    lines: dict[str, BudgetLine],
    *,
    additional: FloatArray | None = None,
    months: tuple[int, ...] = (12,),
    start: FloatArray | None = None,
    timeline: Timeline = TWO_YEARS,
    served: bool | list[list[bool]] = True,
    values: dict[str, FloatArray] | None = None,
    counted: bool = False,
) -> BudgetResult:
    """Return the savings; by default of the case in the module's hand calculation."""
    additional = np.full((1, 1, 1), 2.0) if additional is None else additional
    start = np.zeros((len(additional), 1)) if start is None else start
    context = context_of(lines, timeline=timeline, values=values)
    standing = Standing(
        served=np.array(served) & np.ones((len(additional), 1), dtype=bool),
        end=np.array([np.inf]),
        cause=np.zeros(1, dtype=np.int8),
    )
    return savings(
        lines,
        paths={"job": outcome(additional, months=months, start=start, counted=counted)},
        participation_start=start,
        standing=standing,
        context=context,
        indices=INDICES,
        price_year=2024,
    )


def row(result: BudgetResult, party: str) -> FloatArray:
    """Return what a party gains per period in the first draw."""
    return party_net(result.postings, party)[:, 0]


def test_fewer_people_may_save_by_hand() -> None:
    """Two people fewer in care save what two more cost: the sign is all that turns."""
    line = BudgetLine(**BENEFIT, saves="fewer", refund=LADDER, share=0.5)
    fewer = saved({"place": line}, additional=np.full((1, 1, 1), -2.0))
    np.testing.assert_allclose(row(fewer, "municipality"), GROSS - STATE, atol=CENT)
    np.testing.assert_allclose(fewer.realisable["place"][:, 0], (GROSS - STATE) / 2, atol=CENT)
    more = saved({"place": line})
    np.testing.assert_allclose(row(more, "municipality"), STATE - GROSS, atol=CENT)
    np.testing.assert_allclose(more.realisable["place"][:, 0], STATE - GROSS, atol=CENT)


def test_gross_saving_by_hand() -> None:
    """The municipality keeps the benefit that citizens no longer draw; 2025 costs 10 % more."""
    result = saved({"benefit": BudgetLine(**BENEFIT)})
    np.testing.assert_allclose(row(result, "municipality"), GROSS, atol=CENT)
    np.testing.assert_allclose(row(result, "citizens"), -GROSS, atol=CENT)
    np.testing.assert_allclose(result.realisable["benefit"][:, 0], GROSS, atol=CENT)
    assert result.beyond_horizon["benefit"] == pytest.approx(0.0, abs=CENT)


def test_the_state_takes_its_share_by_hand() -> None:
    """The state no longer refunds its share, so it gains it and the municipality keeps the rest."""
    result = saved({"benefit": BudgetLine(**BENEFIT, refund=LADDER)})
    np.testing.assert_allclose(row(result, "state"), STATE, atol=CENT)
    np.testing.assert_allclose(row(result, "municipality"), GROSS - STATE, atol=CENT)
    np.testing.assert_allclose(row(result, "citizens"), -GROSS, atol=CENT)
    np.testing.assert_allclose(result.realisable["benefit"][:, 0], GROSS - STATE, atol=CENT)


def test_refund_counts_from_the_start_not_from_the_cash() -> None:
    """A lag moves both parts alike: the ladder week is that of the person-time."""
    result = saved({"benefit": BudgetLine(**BENEFIT, refund=LADDER, lag_months=3)})
    np.testing.assert_allclose(row(result, "state"), [0, *STATE[:-1]], atol=CENT)
    np.testing.assert_allclose(row(result, "citizens"), [0, *-GROSS[:-1]], atol=CENT)


def test_lag_of_a_month_by_hand() -> None:
    """Two thirds are cashed in the same quarter, a third in the next, in last year's prices."""
    result = saved({"benefit": BudgetLine(**BENEFIT, lag_months=1)})
    cash = [5_000, 17_500, 32_500, 47_500, 61_500, 66_000, 22_000, 0]
    np.testing.assert_allclose(row(result, "municipality"), cash, atol=CENT)


def test_what_is_cashed_after_the_end_is_beyond_the_horizon() -> None:
    """A case that ends in 2024 shows that year, and the rest in one sum at 2025 prices."""
    one_year = Timeline(date(2024, 1, 1), date(2024, 12, 31), "quarter")
    line = BudgetLine(**BENEFIT, refund=LADDER)
    result = saved({"benefit": line}, timeline=one_year)
    np.testing.assert_allclose(row(result, "citizens"), -GROSS[:4], atol=CENT)
    np.testing.assert_allclose(result.beyond_horizon["benefit"], [132_000 * 0.8], atol=CENT)
    line = BudgetLine(**BENEFIT, refund=LADDER, lag_months=1)
    result = saved({"benefit": line}, timeline=one_year)
    late = (132_000 + 52_500 / 3) * 0.8
    np.testing.assert_allclose(result.beyond_horizon["benefit"], [late], atol=CENT)


def test_fewer_people_than_otherwise_cost() -> None:
    """A negative difference turns every posting round and is felt in full."""
    line = BudgetLine(**BENEFIT, refund=LADDER, share=0.5, backfill=0.2)
    result = saved({"benefit": line}, additional=np.full((1, 1, 1), -2.0))
    np.testing.assert_allclose(row(result, "municipality"), STATE - GROSS, atol=CENT)
    np.testing.assert_allclose(row(result, "state"), -STATE, atol=CENT)
    np.testing.assert_allclose(row(result, "citizens"), GROSS, atol=CENT)
    np.testing.assert_allclose(result.realisable["benefit"][:, 0], STATE - GROSS, atol=CENT)
    assert check_balance(result.postings) == ()


def test_only_a_part_of_a_service_saving_is_released() -> None:
    """Share 0.6 and backfill 0.25 release 45 % of the party's own part; the rest is a memo."""
    fields = {**BENEFIT, "frame": "service", "share": 0.6, "backfill": 0.25}
    result = saved({"benefit": BudgetLine(**fields, refund=LADDER)})
    own = GROSS - STATE
    np.testing.assert_allclose(row(result, "municipality"), own, atol=CENT)
    np.testing.assert_allclose(result.realisable["benefit"][:, 0], 0.45 * own, atol=CENT)
    memo, of_state = [posting for posting in result.postings if posting.kind == "memo"]
    assert memo.line == of_state.line == "budget.benefit.not_released"
    np.testing.assert_allclose(memo.amount[:, 0], 0.55 * own, atol=CENT)


def test_the_state_goes_on_refunding_what_is_not_released() -> None:
    """What stays in the budget is still refunded: 55 % of the state's part is a memo of its own."""
    fields = {**BENEFIT, "frame": "service", "share": 0.6, "backfill": 0.25}
    result = saved({"benefit": BudgetLine(**fields, refund=LADDER)})
    np.testing.assert_allclose(row(result, "state"), STATE, atol=CENT)
    net = realised_net(result.postings, "state", periods=len(STATE))
    np.testing.assert_allclose(net[:, 0], 0.45 * STATE, atol=CENT)


def test_the_luck_of_a_quarter_is_set_off_within_its_year() -> None:
    """Gains of 300 and 100 less a loss of 200 are a year of 200, of which half is released."""
    line = BudgetLine(**{**BENEFIT, "frame": "service", "share": 0.5})
    own = np.array([300.0, -200.0, 0.0, 100.0, -50.0, 20.0, 0.0, 0.0, 40.0])[:, np.newaxis]
    found = divided(
        line, gross=own, refund=None, here=context_of({"benefit": line}).at("budget", "benefit")
    )
    assert found.held_back is not None
    # Of 2024: 300 and 100 bear the loss alike, 150 and 50 are left, half of each is held back.
    held_back = [75.0, 0.0, 0.0, 25.0, 0.0, 0.0, 0.0, 0.0, 20.0]
    np.testing.assert_allclose(found.held_back[:, 0], held_back, atol=CENT)
    # 2025 is a loss of 30, which counts in full.
    released = [225.0, -200.0, 0.0, 75.0, -50.0, 20.0, 0.0, 0.0, 20.0]
    np.testing.assert_allclose(found.released[:, 0], released, atol=CENT)


def test_where_nothing_stays_in_the_budget_the_state_notes_nothing() -> None:
    """A refund gained in a period or a year of loss is no refund of a saving that is not made."""
    line = BudgetLine(**{**BENEFIT, "frame": "service", "share": 0.5}, refund=LADDER)
    gross = np.array([-100.0, 40.0, 80.0, 0.0, -50.0, -10.0, 0.0, 0.0, 0.0])[:, np.newaxis]
    refund = np.array([30.0, 20.0, 20.0, 0.0, 15.0, 5.0, 0.0, 0.0, 0.0])[:, np.newaxis]
    found = divided(
        line, gross=gross, refund=refund, here=context_of({"benefit": line}).at("budget", "benefit")
    )
    assert found.held_back is not None
    assert found.held_back_of_state is not None
    # Own parts -130, 20, 60: the first year loses 50, so that nothing is held back of either.
    assert not found.held_back.any()
    assert not found.held_back_of_state.any()


def test_the_state_bears_its_part_of_a_loss_in_full() -> None:
    """A loss is no saving that could stay in a budget: the state refunds all of it."""
    fields = {**BENEFIT, "frame": "service", "share": 0.6, "backfill": 0.25}
    line = {"benefit": BudgetLine(**fields, refund=LADDER)}
    result = saved(line, additional=np.array([[[-2.0]]]))
    net = realised_net(result.postings, "state", periods=len(STATE))
    np.testing.assert_allclose(net[:, 0], -STATE, atol=CENT)


def test_resources_set_free_come_from_nature() -> None:
    """A resource has no counterparty: what is set free is produced, what is used is used up."""
    fields = {**BENEFIT, "kind": "resource", "frame": "service", "share": 1}
    del fields["counterparty"]
    additional = np.array([2.0, -2.0]).reshape(1, 1, 2)
    result = saved({"place": BudgetLine(**fields)}, additional=additional)
    kinds = {posting.kind: posting for posting in result.postings}
    np.testing.assert_allclose(kinds["production"].amount[:, 0], GROSS, atol=CENT)
    np.testing.assert_allclose(kinds["use"].amount[:, 1], GROSS, atol=CENT)
    assert parties(result.postings) == ("municipality",)
    assert check_balance(result.postings) == ()


@pytest.mark.parametrize(
    ("per", "amount"),
    [("year", 120_000), ("week", 10_000 * 3 / 13.04), ("day", 120_000 / 365.25)],
)
def test_amounts_in_other_units_of_time(per: str, amount: float) -> None:
    """12 months, 52.16 weeks or 365.25 days make a year."""
    result = saved({"benefit": BudgetLine(**{**BENEFIT, "per": per, "amount": amount})})
    np.testing.assert_allclose(row(result, "municipality"), GROSS, atol=CENT)


def test_a_late_start_moves_person_time_and_ladder_but_not_prices() -> None:
    """Start a quarter later: the same person-time a quarter later, at that quarter's prices."""
    line = {"benefit": BudgetLine(**BENEFIT, refund=LADDER)}
    result = saved(line, start=np.array([[3.0]]))
    later = [0, 7_500, 22_500, 37_500, 52_500 * 1.1, 66_000, 66_000, 0]
    np.testing.assert_allclose(row(result, "citizens"), -np.array(later), atol=CENT)
    np.testing.assert_allclose(row(result, "state")[1], STATE[0], atol=CENT)


def test_person_time_before_the_case_is_booked_in_the_first_period() -> None:
    """A service that starts two months early loses nothing."""
    result = saved({"benefit": BudgetLine(**BENEFIT)}, start=np.array([[-2.0]]))
    # 2 (5^2) / 24 person-months until 31 March.
    np.testing.assert_allclose(row(result, "municipality")[0], 50 / 24 * 10_000, atol=CENT)


def test_a_cohort_that_is_not_served_saves_nothing() -> None:
    """Only served cohorts count, draw by draw."""
    line = {"benefit": BudgetLine(**BENEFIT)}
    additional = np.full((2, 1, 2), 2.0)
    result = saved(line, additional=additional, served=[[True, True], [True, False]])
    net = party_net(result.postings, "municipality")
    np.testing.assert_allclose(net, np.stack((2 * GROSS, GROSS), axis=1), atol=CENT)


def test_savings_end_a_hundred_years_after_the_case() -> None:
    """An outcome that lasts for ever is followed for a century beyond the horizon."""
    line = BudgetLine(**{**BENEFIT, "index": "none", "lasts": 10_000})
    result = saved({"benefit": line})
    np.testing.assert_allclose(result.beyond_horizon["benefit"], [2 * 10_000 * 1_200], atol=CENT)


def test_a_new_ladder_holds_from_its_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 2025 another ladder refunds nothing; weeks are counted on."""

    def reformed(name: str, *, day: date) -> Ladder:
        steps = {2024: (0.5, 0.2), 2025: (0.5, 0.0)}[day.year]
        return Ladder(name, (0.0, 52.0), steps, date(day.year, 1, 1), None, "")

    monkeypatch.setattr("sibsim.budget.refund.refund_ladder", reformed)
    refund = {"ladder": "reformed", "weeks_before": 52}
    result = saved({"benefit": BudgetLine(**BENEFIT, refund=refund)})
    np.testing.assert_allclose(row(result, "state"), [*GROSS[:4] * 0.2, 0, 0, 0, 0], atol=CENT)


def random_case(seed: int, *, draws: int) -> dict[str, Any]:
    """Return three cohorts with three follow-ups, random differences and delayed starts."""
    rng = np.random.default_rng(seed)
    delay = rng.integers(-1, 4, (1, draws))
    return {
        "additional": rng.normal(1.0, 2.0, (3, 3, draws)),
        "months": (6, 12, 18),
        "start": np.array([[0.0], [5.0], [12.0]]) + delay,
        "values": {"budget.benefit.amount": rng.uniform(8_000, 12_000, (1, draws))},
    }


def random_lines() -> dict[str, BudgetLine]:
    """Return a benefit with a refund and a service with a share, both spread between people."""
    lasts = {"between_people": {"p10": 6, "p50": 24, "p90": 72}}
    place = {**BENEFIT, "kind": "resource", "frame": "service", "share": 0.6, "lasts": 3}
    del place["counterparty"]
    return {
        "benefit": BudgetLine(**{**BENEFIT, "lasts": lasts}, refund=LADDER, lag_months=1),
        "place": BudgetLine(**place),
    }


def test_the_ledger_balances_in_every_draw(seed: int) -> None:
    """Transfers sum to zero; over all parties the ledger is production less use."""
    result = saved(random_lines(), **random_case(seed, draws=64))
    assert check_balance(result.postings) == ()
    total = sum(party_net(result.postings, party) for party in parties(result.postings))
    sign = {"production": 1, "use": -1, "transfer": 0, "memo": 0}
    made = sum(sign[posting.kind] * posting.amount for posting in result.postings)
    np.testing.assert_allclose(total, made, rtol=0, atol=1e-6)
    own = sum(result.realisable.values()) + sum(
        posting.amount for posting in result.postings if posting.kind == "memo"
    )
    np.testing.assert_allclose(party_net(result.postings, "municipality"), own, atol=1e-6)


def test_a_draw_does_not_depend_on_the_others(seed: int) -> None:
    """Each draw alone gives the same bits as among others with other starts."""
    lines, case = random_lines(), random_case(seed, draws=12)
    together = saved(lines, **case)
    for draw in (0, 7):
        alone = saved(
            lines,
            additional=case["additional"][..., [draw]],
            months=case["months"],
            start=case["start"][:, [draw]],
            values={key: value[:, [draw]] for key, value in case["values"].items()},
        )
        for one, all_ in zip(alone.postings, together.postings, strict=True):
            np.testing.assert_array_equal(one.amount[:, 0], all_.amount[:, draw])
        for name, beyond in alone.beyond_horizon.items():
            assert beyond[0] == together.beyond_horizon[name][draw]


def test_savings_are_linear_in_people(seed: int) -> None:
    """Three times the additional people save three times as much, gross, in every period."""
    lines, case = random_lines(), random_case(seed, draws=8)
    once = saved(lines, **case)
    thrice = saved(lines, **{**case, "additional": 3.0 * case["additional"]})
    for one, three in zip(once.postings, thrice.postings, strict=True):
        np.testing.assert_allclose(three.amount, 3.0 * one.amount, rtol=1e-12, atol=1e-6)


def test_more_people_never_save_less(seed: int) -> None:
    """Raising any difference lowers no year's realisable saving."""
    lines, case = random_lines(), random_case(seed, draws=8)
    fewer = saved(lines, **case)
    for k in range(3):
        more = case["additional"].copy()
        more[:, k] += 1.0
        better = saved(lines, **{**case, "additional": more})
        for name, amount in better.realisable.items():
            before, after = (by_year(each, TWO_YEARS) for each in (fewer.realisable[name], amount))
            assert np.all(after >= before - CENT)
            assert np.all(better.beyond_horizon[name] >= fewer.beyond_horizon[name] - 1e-9)
