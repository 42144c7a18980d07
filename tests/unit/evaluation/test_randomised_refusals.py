"""What an individually randomised trial refuses, and how it says what it does."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sibsim.evaluation.base import Measurable
from sibsim.evaluation.randomised import Randomised

BY_RESULT = {"achieved": 0.1, "not_achieved": 0.3}


def _trial(**fields: object) -> Randomised:
    stated = {"design": "randomised", "outcome": "job", "controls_per_participant": 1.0}
    return Randomised.model_validate({**stated, **fields})


def _outcome(*, is_indicator: bool, by_person: bool) -> Measurable:
    return Measurable(is_indicator=is_indicator, by_person=by_person, follow_up_months=(12,))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"attrition": {"treated": 1.2}}, "attrition.treated\n.*less than or equal to 1"),
        ({"attrition": {"treated": {"achieved": 0.1}}}, "attrition.treated.not_achieved"),
        ({"attrition": {"treated": {"achieved": 2, "not_achieved": 0}}}, "treated.achieved"),
        ({"covariates_r2": 1.0}, "covariates_r2"),
        ({"controls_from": "queue"}, "outside"),
        ({"non_compliance": {"no_shows": 0.2}}, "estimand"),
        (
            {"non_compliance": {"no_shows": 0.6, "crossovers": 0.4, "estimand": "itt"}},
            "got no_shows . crossovers = 1;.*less than 1",
        ),
        (
            {
                "non_compliance": {"no_shows": 0.2, "estimand": "itt"},
                "attrition": {"control": BY_RESULT},
            },
            "one share, or drop non_compliance",
        ),
    ],
)
def test_options_that_make_no_sense_are_refused(fields: dict[str, Any], said: str) -> None:
    """Each fault says what was given, the rule and the way out."""
    with pytest.raises(ValidationError, match=said):
        _trial(**fields)


@pytest.mark.parametrize(
    ("outcome", "fields", "said"),
    [
        (_outcome(is_indicator=True, by_person=True), {"treated": BY_RESULT}, None),
        (_outcome(is_indicator=False, by_person=True), {"control": BY_RESULT}, "one share each"),
        (
            _outcome(is_indicator=True, by_person=False),
            {"treated": BY_RESULT},
            "simulate = 'people'",
        ),
        (_outcome(is_indicator=True, by_person=False), {"control": BY_RESULT}, None),
        (_outcome(is_indicator=False, by_person=True), {"treated": 0.2}, None),
    ],
)
def test_outcomes_whose_people_cannot_be_lost_so(
    outcome: Measurable, fields: dict[str, Any], said: str | None
) -> None:
    """Losses by result need a yes or no, and participants drawn one by one."""
    faults = list(_trial(attrition=fields).check_outcome(outcome))
    assert (said is None) == (not faults)
    assert said is None or said in faults[0]


def test_the_design_says_what_it_does() -> None:
    """The sentence names the options, in both languages."""
    design = _trial(
        controls_from="referrals",
        covariates_r2=0.2,
        non_compliance={"no_shows": 0.1, "estimand": "cace"},
    )
    assert design.describe() == (
        '"job" is measured by a randomised trial with 1 in the control group per participant, '
        "drawn among those referred, adjusted for what is known beforehand, converted to the "
        "effect on those who do as allotted (CACE)."
    )
    assert "omregnet til effekten" in design.describe("da")
    assert _trial().describe("da").endswith("1 i kontrolgruppen pr. deltager.")
