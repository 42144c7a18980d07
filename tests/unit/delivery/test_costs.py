"""Cost lines against amounts worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.arrays import FloatArray
from sibsim.core.postings import CostFlow
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.delivery.costs import CostLine, realise

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2025, 12, 31), period="quarter")
ONES = np.ones(8)
CENT = 0.01


def _people(
    started: object,
    completed: object,
    *,
    start: object = ((0.0,), (6.0,)),
    delay: object = ((0.0,),),
    finish_delay: object = ((0.0,),),
) -> Participation:
    who = np.asarray(started, float)
    return Participation(
        planned=who[:, 0],
        start=np.asarray(start, float),
        delay=np.asarray(delay, float),
        finish_delay=np.asarray(finish_delay, float),
        referred=who,
        started=who,
        completed=np.asarray(completed, float),
        completes=(),
    )


PEOPLE = _people([[20], [30]], [[15], [24]])


def _flows(
    line: dict[str, Any],
    *,
    who: Participation = PEOPLE,
    factor: FloatArray = ONES,
    amount: object = None,
    months: int = 9,
) -> tuple[CostFlow, ...]:
    spec = CostLine.model_validate({"index": "none"} | line)
    value = np.atleast_2d(np.asarray(line["amount"] if amount is None else amount, float))
    off = Layer(LayerName.CHANCE, on=False)
    context = Context(TIMELINE, {"costs.x.amount": value}, off, off, path="costs")
    return realise(
        {"x": spec},
        participation=who,
        programme_months=months,
        factors={"none": ONES, "wages": factor},
        provider="provider",
        context=context,
    )


def test_a_line_per_year_is_prorated_by_days() -> None:
    """365.25 a year is 1 a day: 16 February to 10 April 2024 is 45 days and 10 days."""
    line = {"amount": 365.25, "per": "year", "from": date(2024, 2, 16), "to": date(2024, 4, 10)}
    (flow,) = _flows(line)
    assert flow.cohort is None
    np.testing.assert_allclose(flow.amount[:, 0], [45, 10, 0, 0, 0, 0, 0, 0], rtol=1e-14)


def test_a_line_that_moves_follows_the_delay_of_each_draw() -> None:
    """Moved by three months the same line runs from 16 May to 10 July."""
    who = _people([[20]], [[15]], start=[[0, 3]], delay=[[0, 3]])
    dates = {"from": date(2024, 2, 16), "to": date(2024, 4, 10)}
    line = {"amount": 365.25, "per": "year", "moves_with_start": True} | dates
    (flow,) = _flows(line, who=who)
    np.testing.assert_allclose(flow.amount[:4].T, [[45, 10, 0, 0], [0, 46, 10, 0]], rtol=1e-14)
    (fixed,) = _flows(line | {"moves_with_start": False}, who=who)
    assert fixed.amount.shape == (8, 1)


def test_a_line_that_runs_over_ends_later_in_each_draw() -> None:
    """16 February to 10 April, or to 10 July if late; moved, 16 May to 10 July or 10 October.

    Start and end are three months late by themselves or together, each in draws of their own.
    """
    who = _people(
        [[20]], [[15]], start=[[0, 3, 0, 3]], delay=[[0, 3, 0, 3]], finish_delay=[[0, 0, 3, 3]]
    )
    dates = {"from": date(2024, 2, 16), "to": date(2024, 4, 10)}
    line = {"amount": 365.25, "per": "year", "runs_over": True} | dates
    (flow,) = _flows(line | {"moves_with_start": True}, who=who)
    by_hand = [[45, 10, 0, 0], [0, 46, 10, 0], [45, 91, 10, 0], [0, 46, 92, 10]]
    np.testing.assert_allclose(flow.amount[:4].T, by_hand, rtol=1e-14)
    assert flow.lapsed.tolist() == [0, 0, 0, 0]
    (ends,) = _flows(line, who=who)
    np.testing.assert_allclose(ends.amount[:4].T, [by_hand[0]] * 2 + [by_hand[2]] * 2, rtol=1e-14)


def test_what_runs_over_the_end_of_the_case_is_counted_as_lapsed() -> None:
    """Two months after 2025 are 31 + 28 days."""
    who = _people([[20]], [[15]], finish_delay=[[2]])
    dates = {"from": date(2025, 12, 1), "to": date(2025, 12, 31)}
    (flow,) = _flows({"amount": 365.25, "per": "year", "runs_over": True} | dates, who=who)
    assert (flow.amount[7].tolist(), flow.lapsed.tolist()) == ([31], [59])


@pytest.mark.parametrize("per", ["year", "start", "person_period", "completion", "once"])
def test_no_other_line_costs_more_for_an_end_that_is_late(per: str) -> None:
    """Without `runs_over` an end that is late moves nothing."""
    dates = {
        "year": {"from": date(2024, 2, 16), "to": date(2024, 4, 10)},
        "once": {"at": date(2024, 4, 1)},
    }
    line = {"amount": 100, "per": per} | dates.get(per, {})
    late = _people([[20], [30]], [[15], [24]], finish_delay=[[0, 7]])
    for on_time, found in zip(_flows(line), _flows(line, who=late), strict=True):
        assert np.array_equal(on_time.amount, found.amount)


def test_a_line_once_falls_in_the_period_of_its_date() -> None:
    """A boundary date belongs to the period it opens."""
    (flow,) = _flows({"amount": 450, "per": "once", "at": date(2024, 4, 1)})
    assert flow.amount[:, 0].tolist() == [0, 450, 0, 0, 0, 0, 0, 0]


def test_lines_per_start_and_completion_follow_the_cohort() -> None:
    """Starts are paid when the cohort starts, completions the programme length later."""
    starts = _flows({"amount": 10, "per": "start"})
    assert [flow.cohort for flow in starts] == [0, 1]
    assert starts[0].amount[:, 0].tolist() == [200, 0, 0, 0, 0, 0, 0, 0]
    assert starts[1].amount[:, 0].tolist() == [0, 0, 300, 0, 0, 0, 0, 0]
    ends = _flows({"amount": 10, "per": "completion"})
    assert ends[0].amount[:, 0].tolist() == [0, 0, 0, 150, 0, 0, 0, 0]
    assert ends[1].amount[:, 0].tolist() == [0, 0, 0, 0, 0, 240, 0, 0]


def test_person_periods_fall_as_people_drop_out() -> None:
    """Of 20 over 9 months 5 drop out evenly: present 20 - 5 u / 9, so 19.17, 17.5, 15.83."""
    (first, second) = _flows({"amount": 1, "per": "person_period"})
    hand = [20 - 5 * middle / 9 for middle in (1.5, 4.5, 7.5)]
    np.testing.assert_allclose(first.amount[:, 0], [*hand, 0, 0, 0, 0, 0], atol=1e-12)
    # Over the programme: completers stay 3 periods, drop-outs half of that.
    np.testing.assert_allclose(second.amount.sum(), 24 * 3 + 6 * 1.5, rtol=1e-14)


def test_a_programme_that_starts_inside_a_period_is_split() -> None:
    """A start one month into the quarter leaves two of nine months in it."""
    who = _people([[10, 10]], [[10, 10]], start=[[1, 0]], delay=[[1, 0]])
    (flow,) = _flows({"amount": 3, "per": "person_period"}, who=who)
    np.testing.assert_allclose(flow.amount[:5, 0], [20, 30, 30, 10, 0], atol=1e-12)
    np.testing.assert_allclose(flow.amount[:5, 1], [30, 30, 30, 0, 0], atol=1e-12)


def test_the_index_factor_applies_by_period() -> None:
    """A wage-indexed line costs 3 % more in the second year."""
    factor = np.repeat([1.0, 1.03], 4)
    line = {"amount": 365.25, "per": "year", "from": date(2024, 1, 1), "to": date(2025, 12, 31)}
    (flow,) = _flows(line | {"index": "wages"}, factor=factor)
    assert flow.amount[0, 0] == 91
    assert abs(flow.amount[4, 0] - 90 * 1.03) < CENT


def test_an_amount_per_draw_and_per_cohort_is_used_where_it_belongs() -> None:
    """Amounts vary over draws, and over cohorts for lines that cohorts cause."""
    (flow,) = _flows({"amount": 1, "per": "once", "at": date(2024, 1, 1)}, amount=[[5, 6, 7]])
    assert flow.amount[0].tolist() == [5, 6, 7]
    line = {"amount": {"value": 1, "per_cohort": True}}
    starts = _flows(line | {"per": "start"}, amount=[[5], [6]])
    assert [float(each.amount.sum()) for each in starts] == [100, 180]
    served = _flows(line | {"per": "person_period"}, amount=[[1], [2]])
    np.testing.assert_allclose(
        [each.amount.sum() for each in served], [15 * 3 + 5 * 1.5, 2 * (24 * 3 + 6 * 1.5)]
    )


def test_parties_frame_and_survival_are_carried() -> None:
    """A line knows who pays, who is paid, in which frame, and whether it outlives the contract."""
    (plain,) = _flows({"amount": 1, "per": "once", "at": date(2024, 1, 1)})
    assert (plain.line, plain.payer, plain.payee) == ("x", None, "provider")
    assert (plain.frame, plain.survives) == ("service", False)
    extra = {"payer": "dsi", "payee": "office", "frame": "outside", "survives_termination": True}
    (stated,) = _flows({"amount": 1, "per": "once", "at": date(2024, 1, 1)} | extra)
    assert (stated.payer, stated.payee) == ("dsi", "office")
    assert (stated.frame, stated.survives) == ("outside", True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"amount": 1, "per": "year", "from": date(2024, 1, 1)}, "without 'to'"),
        ({"amount": 1, "per": "once"}, "without 'at'"),
        ({"amount": 1, "per": "start", "at": date(2024, 1, 1)}, "leave that date out"),
        ({"amount": 1, "per": "start", "moves_with_start": True}, "follows its cohort"),
        ({"amount": 1, "per": "start", "runs_over": True}, "only a line per year runs on"),
        (
            {"amount": 1, "per": "once", "at": date(2024, 1, 1), "runs_over": True},
            "only a line per year runs on",
        ),
        (
            {"amount": 1, "per": "year", "from": date(2024, 2, 1), "to": date(2024, 1, 1)},
            "ends after it begins",
        ),
        (
            {"amount": {"value": 1, "per_cohort": True}, "per": "once", "at": date(2024, 1, 1)},
            "it has one amount",
        ),
        ({"amount": -1, "per": "start"}, "allowed is"),
        ({"amount": 1, "per": "week"}, "should be"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(line: dict[str, Any], words: str) -> None:
    """Each rule of a cost line is a fault that says what is wrong."""
    with pytest.raises(ValidationError, match=words):
        CostLine.model_validate({"index": "none"} | line)


def test_the_index_must_be_said() -> None:
    """A line without an index is a fault, so that nobody forgets it."""
    with pytest.raises(ValidationError, match="index"):
        CostLine.model_validate({"amount": 1, "per": "start"})


def test_a_line_is_written_as_it_is_read() -> None:
    """The case file's key `from` comes back under its own name."""
    given = {"amount": 5.0, "per": "year", "from": date(2024, 1, 1), "to": date(2024, 6, 30)}
    line = CostLine.model_validate(given | {"index": "none"})
    assert line.model_dump(exclude_defaults=True) == given | {"index": "none"}
