"""Levels of shares and of numbers: what is refused, in which words, and what a mean is paid."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from sibsim.casefile import build
from sibsim.core import catalogue
from tests.faults import faults_of

Document = dict[str, Any]

COHORT_ALONE = 1
"""The reports below are of the first cohort; the others are not measured."""

HOURS: Document = {
    "title": {"da": "Færre timer", "en": "Fewer hours"},
    "model": "score",
    "among": "started",
    "follow_up_months": [12],
    "counterfactual": 3,
    "effect": {"scale": "mean_difference", "value": 9, "unit": "hours"},
    "sd": 11,
    "reliability": 1,
}
ABSENCE: Document = {
    "title": {"da": "Fraværsdage", "en": "Days of absence"},
    "model": "days",
    "among": "started",
    "follow_up_months": [12, 24],
    "window_days": [100, 200],
    "counterfactual": [42, 84],
    "sd": [10, 20],
    "share_lowest": 0.02,
    "share_bound": 0.01,
    "lowest": 0,
    "persistence": 0.5,
    "effect": {"scale": "rate_ratio", "value": 0.6, "unit": "ratio"},
}
BY_DAY: Document = {"outcome": "absence", "design": "randomised", "controls_per_participant": 1}


@pytest.fixture
def document() -> Document:
    """Return a case with a mean change in points and days of 100 and 200, both measured."""
    found = tomllib.loads(catalogue.text("cases", "holbaek"))
    found["outcomes"] |= {"hours": HOURS, "absence": ABSENCE}
    found["measures"] |= {
        "hours": {"outcome": "hours", "design": "verification"},
        "absence": BY_DAY,
    }
    return found


def pays(document: Document, **line: object) -> Document:
    """Return the case with one more line."""
    document["payments"]["more"] = line
    return document


def settled(document: Document, rows: list[Document], *, metric: str = "payments.more") -> float:
    """Return one figure of the case on reports of its first cohort."""
    reported = [{"cohort": COHORT_ALONE, **row} for row in rows]
    return float(build(document).settle(reported).metric(metric)[0])


BAND: Document = {"model": "linear_band", "at_months": 12, "pooled": True}
STEPS: Document = {"model": "step_table", "at_months": 12, "pooled": True, "inclusive": True}
CARD: Document = {"model": "rate_card", "reads": "wellbeing", "pays_for": "achieved", "price": 1}


@pytest.mark.parametrize(
    ("hours", "due"), [(3.9, 0), (4, 300_000), (8, 800_000), (12, 1_300_000), (20, 1_300_000)]
)
def test_a_band_on_a_mean_of_hours(document: Document, hours: float, due: float) -> None:
    """Half way between 4 and 12 hours is 300,000 + 1/2 x 1,000,000."""
    band = [{"at": 4, "pays": 300_000}, {"at": 12, "pays": 1_300_000}]
    pays(document, **BAND, reads="hours", of="rate", schedule=band)
    row = {"measure": "hours", "at_months": 12, "achieved": 20 * hours, "people": 20}
    assert settled(document, [row]) == pytest.approx(due, rel=1e-12)


@pytest.mark.parametrize(("points", "due"), [(8.5, 700), (8.49, 0), (100, 700)])
def test_a_cliff_on_a_mean_of_points(document: Document, points: float, due: float) -> None:
    """8.5 points on average are paid, a hundredth less is not."""
    asked = {"reads": "hours", "of": "rate", "at_months": 12, "at_least": 8.5}
    pays(document, model="cliff", inclusive=True, pays=700, conditions=[asked])
    row = {"measure": "hours", "at_months": 12, "achieved": 40 * points, "people": 40}
    assert settled(document, [row]) == due


@pytest.mark.parametrize(("days", "due"), [(34, 500), (36, 500), (33.9, 0)])
def test_a_table_on_an_effect_in_days(document: Document, days: float, due: float) -> None:
    """Six days fewer than the 40 of the comparison is the level; still fewer lie below it."""
    schedule = [{"at": -6, "pays": 500}]
    pays(document, **STEPS, reads="absence", of="effect", schedule=schedule)
    row = {
        "measure": "absence",
        "at_months": 12,
        "achieved": 30 * days,
        "people": 30,
        "comparison_achieved": 50 * 40,
        "comparison_people": 50,
    }
    assert settled(document, [row]) == due


@pytest.mark.parametrize(("days", "ended"), [(19.9, 1), (20, 0), (31, 0)])
def test_a_right_to_end_on_a_mean_of_days(document: Document, days: float, ended: float) -> None:
    """Below 20 days on average the contract ends, at 20 it does not."""
    document["contract"]["termination"] = {
        "measure": "absence",
        "at_months": 12,
        "compare": "rate",
        "below": 20,
        "notice_months": 3,
    }
    row = {
        "measure": "absence",
        "at_months": 12,
        "achieved": 40 * days,
        "people": 40,
        "comparison_achieved": 40 * 40,
        "comparison_people": 40,
    }
    assert settled(document, [row], metric="p_terminated") == ended


NEGATIVE_RATE = "a rate lies in [0, 1]; write {by} = 'effect' for a difference to the comparison"


@pytest.mark.parametrize(
    ("of", "level", "problem"),
    [
        ("rate", 0, ""),
        ("rate", 1, ""),
        ("rate", 55, "a level is at most 1; it is a share: write 0.55"),
        ("rate", 5, "a level is at most 1; it is a share: write 0.05"),
        ("rate", 500, "a level is at most 1; write a share"),
        ("rate", -0.1, NEGATIVE_RATE.format(by="of")),
        ("effect", -1, ""),
        ("effect", 5, "an effect on a share is at most 1; it is a share: write 0.05"),
        ("effect", -6, "an effect on a share is at least -1; it is a share: write -0.06"),
        ("reduction", 10, ""),
        ("uplift", 20, "a level is at most 10; it is a share: write 0.2"),
        ("uplift", -20, "a level is at least -1; it is a share: write -0.2"),
    ],
)
def test_a_level_of_a_share(document: Document, of: str, level: float, problem: str) -> None:
    """Of yes or no a rate lies in [0, 1], a difference in [-1, 1], a change in [-1, 10]."""
    pays(document, **BAND, reads="job", of=of, schedule=[{"at": level, "pays": 1}])
    faults = faults_of(document)
    said = {"payments.more.schedule.0.at": f"got {level}; {problem}"} if problem else {}
    assert faults == said


@pytest.mark.parametrize(
    ("months", "of", "level", "problem"),
    [
        (12, "rate", 100, ""),
        (12, "rate", 101, "lies between 0 and 100 days; write a level in days within that"),
        (24, "rate", 200, ""),
        (12, "rate", -1, "lies between 0 and 100 days"),
        (12, "effect", -100, ""),
        (12, "effect", -101, "lies between -100 and 100 days"),
        (12, "reduction", 20, "a level is at most 10; it is a share: write 0.2"),
    ],
)
def test_a_level_of_a_number(
    document: Document, months: int, of: str, level: float, problem: str
) -> None:
    """Days lie in the window of the follow-up that is read; a relative change is a share."""
    band = BAND | {"at_months": months}
    pays(document, **band, reads="absence", of=of, schedule=[{"at": level, "pays": 1}])
    faults = faults_of(document)
    assert list(faults) == (["payments.more.schedule.0.at"] if problem else [])
    assert problem in "".join(faults.values())


def test_a_change_in_points_has_no_bounds(document: Document) -> None:
    """A score can fall as far as it can rise."""
    schedule = [{"at": -5_000, "pays": 1}, {"at": 5_000, "pays": 2}]
    pays(document, **BAND, reads="hours", of="rate", schedule=schedule)
    assert faults_of(document) == {}


def bond(**table: object) -> Document:
    """Return what coupons and bullets have in common."""
    return {"principal": 1_000, "table": "steps", **table}


TOO_MUCH = {"at": 20, "rate": 0.05}
TEST: Document = {"reads": "wellbeing", "at_months": 12, "at_least": 20}


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (STEPS | {"schedule": [{"at": 20, "pays": 1}]}, "schedule.0.at"),
        (
            {
                "model": "interpolated_table",
                "at_months": 12,
                "pooled": True,
                "below": "first",
                "schedule": [{"at": 0.2, "pays": 1}, {"at": 20, "pays": 1}],
            },
            "schedule.1.at",
        ),
        (
            {
                "model": "two_sided",
                "at_months": 12,
                "pooled": True,
                "schedule": [{"at": 0.2, "pays": -1}, {"at": 20, "pays": 1}],
            },
            "schedule.1.at",
        ),
        (
            {"model": "coupon", **bond(points=[TOO_MUCH], coupon_dates=[date(2026, 1, 1)])},
            "points.0.at",
        ),
        (
            {
                "model": "coupon",
                **bond(points=[{"at": 0.5, "rate": 0.05}], coupon_dates=[date(2026, 1, 1)]),
                "redemption": [{"at": 20, "share": 1}],
                "matures": date(2027, 1, 1),
            },
            "redemption.0.at",
        ),
    ],
)
def test_every_table_has_the_bound(document: Document, line: Document, path: str) -> None:
    """20 of a share is refused in each kind of table, where it stands."""
    read = {"reads": "fit_for_work", "of": "rate"}
    pays(document, **read, **line)
    said = "got 20; a level is at most 1; it is a share: write 0.2"
    assert faults_of(document) == {f"payments.more.{path}": said}


@pytest.mark.parametrize(
    ("clause", "path"),
    [
        ({"trigger": {"pooled": True, "of": "rate", "at_least": 20}}, "trigger.at_least"),
        ({"holdback": {"share": 0.2, "until": TEST}}, "holdback.until.at_least"),
        ({"clawback": {"share": 0.2, "unless": TEST}}, "clawback.unless.at_least"),
    ],
)
def test_every_clause_has_the_bound(document: Document, clause: Document, path: str) -> None:
    """20 of a share is refused in each clause around a line, whatever the line pays for."""
    pays(document, **CARD, **clause)
    said = "got 20; a level is at most 1; it is a share: write 0.2"
    assert faults_of(document) == {f"payments.more.{path}": said}


def test_a_lower_limit_is_a_level_of_the_effect(document: Document) -> None:
    """A lead of 5 is 500 percentage points of a share, and 5 days of days."""
    trigger = {"pooled": True, "alpha": 0.05, "better": "more", "lower_limit": 5}
    measure = {"outcome": "wellbeing", "design": "randomised", "controls_per_participant": 1}
    document["measures"]["trial"] = measure
    pays(document, **BAND, reads="trial", of="effect", schedule=[{"at": 0, "pays": 1}])
    document["payments"]["more"]["trigger"] = trigger
    said = "got 5; an effect on a share is at most 1; it is a share: write 0.05"
    assert faults_of(document) == {"payments.more.trigger.lower_limit": said}
    document["payments"]["more"]["reads"] = "absence"
    assert faults_of(document) == {}


def test_each_condition_of_a_cliff_has_the_bound_of_what_it_reads(document: Document) -> None:
    """12 points pass beside a share of 0.5; the second level of the share, 75, does not."""
    conditions: list[Document] = [
        {"reads": "hours", "of": "rate", "at_months": 12, "at_least": [4, 12]},
        {"reads": "wellbeing", "of": "rate", "at_months": 12, "at_least": [0.5, 75]},
    ]
    pays(document, model="cliff", inclusive=True, pays=[1, 2], conditions=conditions)
    said = "got 75; a level is at most 1; it is a share: write 0.75"
    assert faults_of(document) == {"payments.more.conditions.1.at_least.1": said}


BEYOND = (
    "got 25.8; what is read lies between 0 and 25.75 points; write a level in points within that"
)


@pytest.mark.parametrize(
    ("reads", "level", "problem"),
    [
        (("wellbeing", "job"), 1, ""),
        (("wellbeing", "job"), 20, "got 20; a level is at most 1; it is a share: write 0.2"),
        (("wellbeing", "hours"), 20, ""),
        (("absence", "wellbeing"), 25.75, ""),
        (
            ("absence", "wellbeing"),
            25.8,
            BEYOND,
        ),
    ],
)
def test_a_score_lies_in_the_weighted_bounds(
    document: Document, reads: tuple[str, str], level: float, problem: str
) -> None:
    """A quarter of up to 100 days and three quarters of a share are at most 25.75."""
    components = [
        {"reads": name, "of": "rate", "at_months": 12, "weight": weight}
        for name, weight in zip(reads, (0.25, 0.75), strict=True)
    ]
    head = document["start"], document["contract"]["last_payment"]
    pays(
        document,
        model="terminal_bullet",
        **bond(points=[{"at": level, "rate": 0.05}]),
        components=components,
        starts=head[0],
        matures=head[1],
        accrual="simple",
        protected=0.0,
    )
    said = {"payments.more.points.0.at": problem} if problem else {}
    assert faults_of(document) == said


@pytest.mark.parametrize(
    ("measure", "compare", "below", "problem"),
    [
        ("job", "rate", -0.1, f"got -0.1; {NEGATIVE_RATE.format(by='compare')}"),
        ("job", "effect", -0.1, ""),
        ("job", "rate", 20, "got 20; a level is at most 1; it is a share: write 0.2"),
        ("hours", "rate", -20, ""),
        ("absence", "effect", -6, ""),
    ],
)
def test_a_right_to_end_has_the_bound_of_what_it_reads(
    document: Document, measure: str, compare: str, below: float, problem: str
) -> None:
    """A rate of a share is not negative; a mean change and an effect may be."""
    document["contract"]["termination"] = {
        "measure": measure,
        "at_months": 12,
        "compare": compare,
        "below": below,
        "notice_months": 3,
    }
    said = {"contract.termination.below": problem} if problem else {}
    assert faults_of(document) == said


def test_nothing_is_said_of_what_could_not_be_read(document: Document) -> None:
    """A level of an outcome with a fault of its own, or of an unknown measure, is left alone."""
    pays(document, **BAND, reads="absenc", of="rate", schedule=[{"at": 20, "pays": 1}])
    assert list(faults_of(document)) == ["payments.more.reads"]
    document["payments"]["more"]["reads"] = "absence"
    document["outcomes"]["absence"] = ABSENCE | {"sd": -1}
    assert list(faults_of(document)) == ["outcomes.absence.sd"]
