"""What a staging refuses, before the first draw and with the way out."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.decisions.stages import courses
from sibsim.decisions.stages.decision import decision_of
from sibsim.decisions.stages.prototype import staging
from sibsim.errors import ArgumentError, UnknownNameError
from tests.two_cohorts import RIGHT, two_cohorts


@pytest.fixture(autouse=True)
def _no_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test that gets as far as drawing."""

    def drawn(*_: object, **__: object) -> None:
        pytest.fail("something was drawn")

    monkeypatch.setattr(courses, "setting", drawn)


def refused(case: sib.Case, **arguments: Any) -> str:  # noqa: ANN401 - wrong on purpose
    """Return why a staging is refused."""
    with pytest.raises(ArgumentError) as fault:
        staging(case, **arguments)
    return str(fault.value)


def test_one_cohort_leaves_nothing_to_scale() -> None:
    """A case with one cohort has no scale-up; the way out names the path."""
    message = refused(sib.load_case("ballerup"))
    assert "one cohort" in message
    assert "delivery.cohorts" in message


def test_unknown_measure_names_the_nearest() -> None:
    """A measure that is not of the case, with a right of its own or without, names the nearest."""
    for case in (two_cohorts(), two_cohorts(right=None)):
        with pytest.raises(UnknownNameError, match="did you mean 'job'"):
            staging(case, measure="jop")
    with pytest.raises(UnknownNameError, match="it is one of job"):
        staging(two_cohorts(), measure=["job"])  # type: ignore[arg-type] # wrong on purpose


def test_several_measures_ask_which_one_decides() -> None:
    """Without a right of its own a case with several measures does not choose by itself."""
    message = refused(sib.load_case("holbaek"))
    assert "measure is one of job, fit_for_work, wellbeing" in message


def test_follow_up_that_is_none_lists_those_there_are() -> None:
    """A month at which nothing is measured is refused with the follow-ups."""
    for months in (7, True, "6"):
        message = refused(two_cohorts(right=None, months=(1, 6)), at_months=months)
        assert "measured at 1, 6 months" in message


def test_result_that_comes_after_the_scale_up_started_is_refused() -> None:
    """Holbæk's second cohort starts half a year before job is measured: dates and ways out."""
    message = refused(sib.load_case("holbaek"), measure="job")
    assert "starts on 1 January 2024" in message
    assert "known on 1 March 2025" in message
    assert "next cohort starts on 1 July 2024" in message
    assert "delivery.cohorts.1 and all after it on 1 March 2025 or later" in message
    assert "at 4 months at most: outcomes.job.follow_up_months" in message


def test_way_out_of_a_late_result_is_one() -> None:
    """The sooner follow-up and the later date that the refusal names are accepted."""
    case = two_cohorts(right=None, months=(10, 12))
    message = refused(case, at_months=12)
    assert "judge by job at 10 months" in message
    assert "on 1 March 2025 or later" in message
    later = case.with_({"delivery.cohorts.1.start": date(2025, 3, 1)})
    for allowed, months in ((case, 10), (later, 12)):
        decision = decision_of(allowed, measure=None, at_months=months)
        assert decision.known <= decision.next_start


def test_notice_that_outlasts_the_wait_is_refused() -> None:
    """A stop that takes effect after the next cohort has started cannot keep it from starting."""
    message = refused(two_cohorts(right={**RIGHT, "notice_months": 5}))
    assert "a stop takes effect on 1 February 2025" in message
    decision = decision_of(
        two_cohorts(right={**RIGHT, "notice_months": 4}), measure=None, at_months=None
    )
    assert decision.known + 4 == decision.next_start


def test_right_on_another_measure_than_asked_is_said() -> None:
    """A contract that reads something else is not overruled; its own reading is named."""
    message = refused(two_cohorts(months=(1, 6)), at_months=1)
    assert "reads job at 6 months" in message
    assert "contract.termination.at_months" in message


def test_several_own_rights_ask_which_one_decides() -> None:
    """Two rights by a result are told apart by measure and follow-up."""
    document = tomllib.loads(catalogue.text("cases", "prototype-to-scale"))
    own = document["contract"]["termination"]
    document["contract"]["termination"] = [own, {**own, "at_months": 18}]
    message = refused(build(document))
    assert "going_on at 9 months and going_on at 18 months" in message
    decision = decision_of(build(document), measure=None, at_months=9)
    assert (decision.right.at_months, decision.is_own) == (9, True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"sizes": [100]}, "leaves nobody to scale to"),
        ({"sizes": [0]}, "a whole number of people from 1 to below 100"),
        ({"sizes": [12.5]}, "got 12.5; a first cohort is a whole number"),
        ({"sizes": 20}, "sizes: got 20; it is a list, such as [20, 60]"),
        ({"thresholds": [37]}, "is yes or no, so that it is at most 1; it is a share: write 0.37"),
        ({"thresholds": ["a"]}, "a threshold is a number"),
        ({"thresholds": [float("nan")]}, "a threshold is a number"),
        ({"thresholds": []}, "state at least one"),
        ({"thresholds": 0.4}, "it is a list, such as [0.3, 0.4]"),
        ({"investor": "investor_irr"}, "it is one of investor_npv, investor_profit"),
        ({"municipality": "municipality_nett"}, "did you mean 'municipality_net'"),
        ({"replications": 1}, "at least 2"),
        ({"draws": 100}, "at least 512"),
        ({"draws": 0}, "a whole number from 1"),
        ({"rng": -1}, "a seed is a whole number of at least 0"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, Any], expected: str) -> None:
    """Every argument out of range is refused with its rule."""
    assert expected in refused(two_cohorts(), **arguments)


def test_all_faults_are_said_at_once() -> None:
    """Several faults stand in one message."""
    message = refused(two_cohorts(), sizes=[0, 200], draws=3, investor="me")
    assert len(message.splitlines()) == 4


def test_present_values_need_a_discount_rate() -> None:
    """Without a valuation the investor cannot decide by present value; the way out is named."""
    document = two_cohorts().document
    del document["valuation"]
    message = refused(build(document))
    assert "valuation.discount" in message
    assert "investor='investor_profit'" in message
