"""Money from time in states, to the krone by hand; chance, segments, an early end."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.budget.ledger import check_balance, parties, party_net
from sibsim.budget.lines import BudgetLine
from sibsim.budget.savings import savings
from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.parameters import Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.postings import BudgetResult
from sibsim.core.prices import Index, Ladder
from sibsim.core.spec import walk
from sibsim.core.stages import Context, Group, Participation, Standing
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.outcomes.states import MultiState

ORE = 0.005
"""Hand calculations agree to the øre."""

ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""

TWO_YEARS = Timeline(date(2024, 1, 1), date(2025, 12, 31), "quarter")
FIVE_MONTHS = Timeline(date(2024, 1, 1), date(2024, 5, 31), "month")
LONG = Timeline(date(2024, 1, 1), date(2028, 12, 31), "quarter")

TWO: dict[str, Any] = {
    "model": "states",
    "among": "started",
    "follow_up_months": [4],
    "states": ["sick", "job"],
    "step": "month",
    "counts": ["job"],
    "counted": "start",
    "support": ["sick"],
    "self_support": ["job"],
    "start_in": {"sick": 1.0},
    "transitions": {"sick": {"job": 0.1}},
    "effects": [{"from": "sick", "to": "job", "scale": "risk_ratio", "value": 2.0}],
}
"""Of ten sick, 10 0.9^n are still sick in month n without, 10 0.8^n with the intervention."""

LESS = np.array([0.0, 1.0, 1.7, 2.17])
"""Person-months less in the sick state, by step: 10 (0.9^n - 0.8^n)."""

THREE: dict[str, Any] = {
    **TWO,
    "follow_up_months": [3],
    "states": ["sick", "study", "job"],
    "transitions": {"sick": {"study": 0.25, "job": 0.5}},
    "effects": [{"from": "sick", "to": "job", "scale": "risk_ratio", "value": 1.2}],
}
"""Of ten sick, 10 0.25^n are still sick in month n without, 10 0.15^n with: 0, 1 and 0.4 less."""

MOVING: dict[str, Any] = {
    **TWO,
    "follow_up_months": [12],
    "horizon_months": 48,
    "states": ["sick", "benefit", "study", "job"],
    "support": ["sick", "benefit"],
    "start_in": {"sick": 0.6, "benefit": 0.4},
    "transitions": {
        "sick": {"benefit": 0.1, "job": 0.1},
        "benefit": {"sick": 0.05, "study": 0.05, "job": 0.08},
        "study": {"benefit": 0.1, "job": 0.1},
        "job": {"sick": 0.04, "benefit": 0.06},
    },
    "effects": [{"from": ["sick", "benefit"], "to": "job", "scale": "odds_ratio", "value": 2.0}],
}
"""People who come and go for four years."""

LINE: dict[str, Any] = {
    "follows": "where",
    "states": ["sick"],
    "kind": "transfer",
    "party": "municipality",
    "counterparty": "citizens",
    "frame": "transfers",
    "amount": 1_000,
    "per": "month",
    "index": "none",
}
INDICES = {"ten_percent": Index(per_year=0.1)}
MONTH_WEEKS = 13.04 / 3


def people(planned: tuple[float, ...] = (10.0,), *, start: float = 0.0) -> Participation:
    """Return cohorts half a year apart in which everyone starts and completes."""
    number = np.array(planned)[:, np.newaxis]
    return Participation(
        planned=np.array(planned),
        start=start + np.arange(0.0, 6.0 * len(planned), 6.0)[:, np.newaxis],
        delay=np.zeros((1, 1)),
        referred=number,
        started=number,
        completed=number,
        completes=tuple(np.ones((int(n), 1), dtype=np.bool_) for n in planned),
    )


def realised(
    stated: Mapping[str, Any], *, who: Participation, seed: int | None = None
) -> OutcomePath:
    """Return what happens, with chance on where a seed is given."""
    model = MultiState.model_validate(stated)
    values = {
        f"outcomes.where.{path}": np.full((1, 1), quantity.base_value)
        for path, quantity in walk(model, Quantity)
    }
    chance = Layer(LayerName.CHANCE, seed or 0, on=seed is not None)
    off = Layer(LayerName.MEASUREMENT, on=False)
    context = Context(LONG, values, chance, off, path="outcomes.where")
    return model.realise(who, context=context)


def saved(
    path: OutcomePath,
    *,
    who: Participation,
    lines: Mapping[str, Mapping[str, Any]],
    timeline: Timeline = TWO_YEARS,
    served: BoolArray | None = None,
) -> BudgetResult:
    """Return what lines save, each with what it states beside `LINE`."""
    budget = {name: BudgetLine.model_validate({**LINE, **stated}) for name, stated in lines.items()}
    values = {
        found: np.full((1, 1), quantity.base_value)
        for name, line in budget.items()
        for found, quantity in walk(line, Quantity, path=f"budget.{name}")
    }
    off = Layer(LayerName.CHANCE, on=False)
    all_served = np.ones((len(who.planned), 1), dtype=np.bool_)
    return savings(
        budget,
        paths={"where": path},
        participation_start=who.start,
        standing=Standing(
            all_served if served is None else served,
            end=np.array([np.inf]),
            cause=np.zeros(1, dtype=np.int8),
        ),
        context=Context(timeline, values, off, off),
        indices=INDICES,
        price_year=2024,
    )


def by_hand(
    stated: Mapping[str, Any],
    *,
    start: float = 0.0,
    timeline: Timeline = TWO_YEARS,
    **line: Any,  # noqa: ANN401 - any field of a line
) -> BudgetResult:
    """Return what one line saves of ten people, in the base case."""
    who = people(start=start)
    return saved(realised(stated, who=who), who=who, timeline=timeline, lines={"line": line})


def net(result: BudgetResult, party: str) -> FloatArray:
    """Return what a party gains in each period in the first draw."""
    return party_net(result.postings, party)[:, 0]


def test_what_is_saved_is_the_time_less_in_the_state() -> None:
    """Months lie evenly: of a step that crosses a quarter half is saved before and half after."""
    result = by_hand(TWO, start=1.5)
    gross = np.array([500, 500 + 1_700 + 2_170, 0, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(net(result, "municipality"), gross, atol=ORE)
    np.testing.assert_allclose(net(result, "citizens"), -gross, atol=ORE)
    np.testing.assert_allclose(result.realisable["line"][:, 0], gross, atol=ORE)
    assert result.beyond_horizon["line"] == pytest.approx(0.0, abs=ORE)


def test_a_step_may_be_credited_to_the_state_at_its_end() -> None:
    """Then what differs after a step counts for the step: 1, 1.7, 2.17 and 2.465 months."""
    result = by_hand({**TWO, "counted": "end"}, timeline=FIVE_MONTHS)
    np.testing.assert_allclose(net(result, "municipality"), [1_000, 1_700, 2_170, 2_465, 0])


def test_index_and_lag_are_as_for_other_lines() -> None:
    """Service starts in mid-November: 4.37 months arise in 2025, at 1,100, cashed a month later."""
    result = by_hand(TWO, start=10.5, index="ten_percent", lag_months=1)
    expected = [0, 0, 0, 500 * 2 / 3, 500 / 3 + 4_807 * 2 / 3, 4_807 / 3, 0, 0]
    np.testing.assert_allclose(net(result, "municipality"), expected, atol=ORE)


def test_an_early_start_is_booked_in_the_first_period() -> None:
    """Two of four steps lie before the case; they count in its first month."""
    result = by_hand(TWO, start=-2.0, timeline=FIVE_MONTHS)
    np.testing.assert_allclose(net(result, "municipality"), [1_000 + 1_700, 2_170, 0, 0, 0])


def test_what_lies_beyond_the_case_is_told_apart() -> None:
    """The case ends after two of the four steps; the last step is the end of all saving."""
    short = Timeline(date(2024, 1, 1), date(2024, 2, 29), "month")
    result = by_hand(TWO, timeline=short)
    np.testing.assert_allclose(net(result, "municipality"), [0, 1_000], atol=ORE)
    assert result.beyond_horizon["line"] == pytest.approx(1_700 + 2_170)
    later = by_hand(TWO, timeline=short, index="ten_percent", lag_months=12)
    assert later.beyond_horizon["line"] == pytest.approx(1_000 + 1_700 + 2_170)


def test_time_more_in_a_state_costs() -> None:
    """A subsidy paid in a job is a loss of what the benefit gains, and none of it is held back."""
    who = people()
    result = saved(
        realised(TWO, who=who),
        who=who,
        timeline=FIVE_MONTHS,
        lines={"sick": {"share": 0.5}, "job": {"states": ["job"]}},
    )
    np.testing.assert_allclose(net(result, "municipality"), 0.0, atol=ORE)
    np.testing.assert_allclose(result.realisable["sick"][:4, 0], LESS * 500)
    np.testing.assert_allclose(result.realisable["job"][:4, 0], -LESS * 1_000)


def test_the_refund_follows_each_persons_weeks() -> None:
    """20 weeks before: of the second month 1.65 weeks are in the band to 26, at 40 %, else 30 %."""
    refund = {"ladder": "dk-refund", "weeks_before": 20}
    result = by_hand(THREE, timeline=FIVE_MONTHS, refund=refund)
    upper = 26 - 20 - MONTH_WEEKS
    share = (upper * 0.4 + (MONTH_WEEKS - upper) * 0.3) / MONTH_WEEKS
    assert share == pytest.approx(0.338037, abs=1e-6)
    state = np.array([0, 1_000 * share, 400 * 0.3, 0, 0])
    np.testing.assert_allclose(net(result, "state"), state, atol=ORE)
    gross = np.array([0, 1_000, 400, 0, 0])
    np.testing.assert_allclose(net(result, "municipality"), gross - state, atol=ORE)
    np.testing.assert_allclose(net(result, "citizens"), -gross, atol=ORE)


def test_weeks_before_differ_between_people() -> None:
    """The state's part is the mean over people of their own: the mean over fixed weeks before."""
    spread = {"between_people": {"p10": 5, "p50": 20, "p90": 60}}
    line = BudgetLine.model_validate(
        {**LINE, "refund": {"ladder": "dk-refund", "weeks_before": spread}}
    )
    assert line.refund is not None
    assert line.refund.weeks_before is not None
    grid = line.refund.weeks_before.grid
    who = people()
    path = realised(THREE, who=who)
    assert path.occupancy is not None
    boundaries = (4.0, 26.0, 52.0)
    each = [
        path.occupancy.more_by_band(
            ("sick",), boundaries=boundaries, weeks_before=np.array([weeks])
        )
        for weeks in grid[::100]
    ]
    together = path.occupancy.more_by_band(
        ("sick",), boundaries=boundaries, weeks_before=grid[::100]
    )
    np.testing.assert_allclose(together, np.mean(each, axis=0), rtol=1e-12, atol=1e-14)


def test_a_new_ladder_holds_from_its_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 2025 a ladder with other steps refunds 10 % after week 30 and nothing before it."""

    def reformed(name: str, *, day: date) -> Ladder:
        edge, shares = {2024: (26.0, (0.5, 0.2)), 2025: (30.0, (0.0, 0.1))}[day.year]
        return Ladder(name, (0.0, edge), shares, date(day.year, 1, 1), None, "")

    monkeypatch.setattr("sibsim.budget.refund.refund_ladder", reformed)
    refund = {"ladder": "reformed", "weeks_before": 26}
    result = by_hand(THREE, start=10.5, refund=refund)
    # The second step, weeks 30.35 to 34.69 of which half lies in 2025, then the third.
    expected = [0, 0, 0, 500 * 0.2, 500 * 0.1 + 400 * 0.1, 0, 0, 0]
    np.testing.assert_allclose(net(result, "state"), expected, atol=ORE)


def test_whoever_recovers_for_a_year_begins_the_ladder_again() -> None:
    """All are in a job for months 1 to 12 and sick again: the state refunds 80 % once more.

    The intervention keeps one in ten in the job in month 13: 1 person-month less, of which 4 weeks
    are refunded at 80 % and the rest, of the 13.04 / 3 weeks of a month, at 40 %.
    """
    stated = {
        **TWO,
        "follow_up_months": [14],
        "start_in": {"sick": 1.0},
        "transitions": {"sick": {"job": 1.0}},
        "later": [{"from_month": 12.2, "transitions": {"job": {"sick": 1.0}, "sick": {}}}],
        "effects": [{"from": "job", "to": "sick", "scale": "risk_ratio", "value": 0.9}],
    }
    refund = {"ladder": "dk-refund", "weeks_before": 100}
    result = by_hand(stated, timeline=TWO_YEARS, refund=refund)
    share = (4 * 0.8 + (MONTH_WEEKS - 4) * 0.4) / MONTH_WEEKS
    np.testing.assert_allclose(net(result, "state"), [0, 0, 0, 0, 1_000 * share, 0, 0, 0])


REFUNDED: dict[str, Any] = {
    "states": ["sick", "benefit"],
    "refund": {
        "ladder": "dk-refund",
        "weeks_before": {"between_people": {"p10": 4, "p50": 20, "p90": 60}},
    },
}


def test_the_mean_over_people_is_the_base_case(seed: int) -> None:
    """With every quantity fixed each period's gross saving and refund are right on average."""
    who = people((30.0, 20.0), start=1.0)
    lines: dict[str, dict[str, Any]] = {"both": REFUNDED, "sick": {"states": ["sick"]}}
    base = saved(realised(MOVING, who=who), who=who, timeline=LONG, lines=lines)
    drawn = saved(realised(MOVING, who=who, seed=seed), who=who, timeline=LONG, lines=lines)
    assert base.postings[0].amount.shape[-1] == 1
    for party in ("municipality", "state", "citizens"):
        expected, found = (party_net(each.postings, party) for each in (base, drawn))
        error = found.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
        assert np.all(np.abs(found.mean(axis=-1) - expected[:, 0]) <= ERRORS * error + ORE)
        assert np.abs(expected).sum() > 1_000
        assert error.sum() > 1


def test_the_ledger_adds_up_in_every_draw(seed: int) -> None:
    """Transfers between parties sum to zero; bands sum to the time, and the refund lies between."""
    who = people((12.0, 8.0))
    path = realised(MOVING, who=who, seed=seed)
    result = saved(path, who=who, timeline=LONG, lines={"line": REFUNDED})
    assert check_balance(result.postings) == ()
    total = sum(party_net(result.postings, party) for party in parties(result.postings))
    np.testing.assert_allclose(total, 0.0, atol=1e-6)
    assert path.occupancy is not None
    more = path.occupancy.more(("sick", "benefit"))
    bands = path.occupancy.more_by_band(
        ("sick", "benefit"), boundaries=(4.0, 26.0, 52.0), weeks_before=np.array([10.0])
    )
    assert more.shape == (2, 48, BLOCK_DRAWS)
    np.testing.assert_allclose(bands.sum(axis=0), more, atol=1e-9)


def test_without_an_effect_no_band_differs_however_long_ago_self_support_was(seed: int) -> None:
    """Seven months in a job, five more three years later: the count starts again in both."""
    stated = {
        **TWO,
        "horizon_months": 56,
        "start_in": {"job": 1.0},
        "transitions": {"job": {}},
        "effects": [],
        "later": [
            {"from_month": 6.2, "transitions": {"job": {"sick": 1.0}}},
            {"from_month": 46.2, "transitions": {"sick": {"job": 1.0}, "job": {}}},
            {"from_month": 51.2, "transitions": {"sick": {}, "job": {"sick": 1.0}}},
        ],
    }
    path = realised(stated, who=people(), seed=seed)
    assert path.occupancy is not None
    bands = path.occupancy.more_by_band(
        ("sick",), boundaries=(4.0, 26.0, 52.0), weeks_before=np.array([30.0])
    )
    np.testing.assert_allclose(bands, 0.0, atol=1e-9)


def test_what_is_known_of_time_crosses_a_process_boundary(seed: int) -> None:
    """Pickled and read again it says the same."""
    path = realised(MOVING, who=people((12.0,)), seed=seed)
    again = pickle.loads(pickle.dumps(path.occupancy))  # noqa: S301 - made here
    assert path.occupancy is not None
    np.testing.assert_array_equal(again.more(("sick",)), path.occupancy.more(("sick",)))


def test_a_cohort_that_is_not_served_saves_nothing(seed: int) -> None:
    """In the draws in which the second cohort is not served only the first one saves."""
    who = people((12.0, 8.0))
    path = realised(MOVING, who=who, seed=seed)
    served = np.ones((2, BLOCK_DRAWS), dtype=np.bool_)
    served[1, ::2] = False
    masked = saved(path, who=who, served=served, lines={"line": REFUNDED}).realisable["line"]
    whole = saved(path, who=who, lines={"line": REFUNDED}).realisable["line"]
    first = saved(
        path, who=who, served=np.array([[True], [False]]), lines={"line": REFUNDED}
    ).realisable["line"]
    np.testing.assert_allclose(masked[:, ::2], first[:, ::2], atol=ORE)
    np.testing.assert_allclose(masked[:, 1::2], whole[:, 1::2], atol=ORE)
    assert np.abs(whole - first).max() > ORE


def test_delays_move_the_money(seed: int) -> None:
    """Draws that start on different dates are each what they would be alone."""
    who = people((12.0, 8.0))
    path = realised(MOVING, who=who, seed=seed)
    delay = np.array([0.0, 2.0, 5.0])[np.arange(BLOCK_DRAWS) % 3]
    late = saved(path, who=replace(who, start=who.start + delay), lines={"line": REFUNDED})
    for position, months in enumerate((0.0, 2.0, 5.0)):
        alone = saved(path, who=replace(who, start=who.start + months), lines={"line": REFUNDED})
        for together, apart in zip(late.postings, alone.postings, strict=True):
            np.testing.assert_array_equal(
                together.amount[:, position::3], apart.amount[:, position::3]
            )


def test_segments_add_up() -> None:
    """A segment without effort saves nothing; the seven in ten others save seven tenths."""
    who = people()
    whole = saved(realised(TWO, who=who), who=who, timeline=FIVE_MONTHS, lines={"line": {}})

    def group(share: float, effort: float) -> Group:
        number = who.started * share
        return Group(
            within=(np.full((10, 1), share),),
            people={"referred": number, "started": number, "completed": number},
            share=np.array([share]),
            effort=np.array([[effort]]),
        )

    divided = replace(who, segments={"old": group(0.3, 0.0), "young": group(0.7, 1.0)})
    path = realised(TWO, who=divided)
    result = saved(path, who=divided, timeline=FIVE_MONTHS, lines={"line": {}})
    np.testing.assert_allclose(net(result, "municipality")[:4], 0.7 * LESS * 1_000)
    np.testing.assert_allclose(net(whole, "municipality")[:4], LESS * 1_000)
    assert path.occupancy is not None
    assert (path.occupancy.steps, path.occupancy.step_months) == (4, 1.0)
    bands = path.occupancy.more_by_band(("sick",), boundaries=(4.0,), weeks_before=np.array([0.0]))
    np.testing.assert_allclose(bands.sum(axis=0)[0, :, 0], -0.7 * LESS, atol=1e-12)
