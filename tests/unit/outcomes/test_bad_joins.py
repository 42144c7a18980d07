"""What does not fit together in a case of outcomes is refused or asked about, with a way out."""

from __future__ import annotations

import pytest

import sibsim as sib
from sibsim.case import Case
from sibsim.errors import CaseError
from tests.people import OUT_OR_WORK

WEEKS = {
    "model": "time_in_states",
    "of": "labour",
    "among": "started",
    "states": ["out"],
    "unit": "weeks",
    "follow_up_months": [12, 24],
}
RATE_CARD = {"model": "rate_card", "reads": "weeks", "price": 10, "pays_for": "achieved"}
AVOIDED = {
    "model": "days_avoided",
    "reads": "weeks",
    "price": 1_500,
    "counts": "avoided",
    "floor": "contract",
}


def _case(**changes: object) -> Case:
    """Return Holbæk with people in two states and their weeks out of work."""
    measure = {"design": "randomised", "outcome": "weeks", "controls_per_participant": 1.0}
    stated = {"outcomes.labour": OUT_OR_WORK, "outcomes.weeks": WEEKS, "measures.weeks": measure}
    return sib.load_case("holbaek").with_({**stated, **changes})


def _stay(**changes: object) -> dict[str, object]:
    stay = {
        "model": "sustained",
        "of": "labour",
        "among": "started",
        "states": ["work"],
        "weeks": 26,
        "follow_up_months": [24],
    }
    return {**stay, **changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"budget.benefit.follows": "weeks"},
            (
                "budget.benefit.per: got 'month', but 'weeks' counts weeks; the amount is the "
                "price of one of them; write per = 'week'"
            ),
        ),
        (
            {"payments.weeks": RATE_CARD},
            (
                "payments.weeks: looks at who succeeds, but a result of outcomes.weeks is a number "
                "of weeks; read an outcome of yes or no"
            ),
        ),
        (
            {"payments.weeks": AVOIDED},
            (
                "payments.weeks: pays for days, but a result of outcomes.weeks is counted in "
                "weeks; read an outcome in days, or pay by any unit with savings_share"
            ),
        ),
        (
            {"outcomes.stay": _stay(gap_weeks=3)},
            (
                "outcomes.stay: got gap_weeks = 3 with a step of one month in 'labour'; what lasts "
                "3 weeks is not seen between two steps"
            ),
        ),
        (
            {
                "outcomes.labour": {**OUT_OR_WORK, "step": "quarter"},
                "outcomes.stay": _stay(weeks=20),
            },
            (
                "outcomes.stay: got weeks = 20, which steps of one quarter in 'labour' can only "
                "read as 26.1 weeks; write 26, or give 'labour' a shorter step"
            ),
        ),
        (
            {
                "outcomes.wellbeing.mediation": {
                    "through": "job",
                    "at_months": 24,
                    "odds_ratio_per_unit": 1.5,
                }
            },
            (
                "outcomes.wellbeing: is mediated by 'job' at 24 months, but is itself looked at "
                "after 12"
            ),
        ),
        (
            {"outcomes.labour.effects.0.to": ["work", "work"]},
            (
                "outcomes.labour.effects.0: got work, work; name each state once, or the effect "
                "acts twice"
            ),
        ),
        (
            {
                "outcomes.few": {
                    "model": "threshold",
                    "of": "weeks",
                    "among": "started",
                    "follow_up_months": [12],
                    "below": 60,
                }
            },
            (
                "outcomes.few: got below = 60, but a result of 'weeks' at 12 months lies from 0 to "
                "52.16 weeks, all on one side of it"
            ),
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, object], message: str) -> None:
    """Units, steps, dates, names and levels."""
    with pytest.raises(CaseError) as caught:
        _case(**changes)
    assert any(str(fault).startswith(message) for fault in caught.value.faults), caught.value


def test_harm_to_people_in_states_is_asked_about() -> None:
    """An odds ratio of 1.1 that may well be below 1 is confirmed, or stands as a question."""
    effect = {
        "scale": "odds_ratio",
        "p10": 0.5,
        "p50": 1.1,
        "p90": 2.0,
        "from": "out",
        "to": "work",
    }
    asked = "\n".join(_case(**{"outcomes.labour.effects": [effect]}).check().remarks)
    assert "P(that effect does harm) = 4" in asked
    meant = {**effect, "may_be_negative": True}
    assert "does harm" not in "\n".join(
        _case(**{"outcomes.labour.effects": [meant]}).check().remarks
    )


def test_a_stay_that_is_paid_at_every_follow_up_is_asked_about() -> None:
    """Whoever has stayed 26 weeks by 12 months has done so by 24 months too."""
    changes: dict[str, object] = {
        "outcomes.stay": _stay(follow_up_months=[12, 24]),
        "measures.stay": {"design": "verification", "outcome": "stay"},
        "payments.stay": {**RATE_CARD, "reads": "stay"},
    }
    asked = "\n".join(_case(**changes).check().remarks)
    assert "payments.stay: pays a person again at every follow-up" in asked
    once = {**RATE_CARD, "reads": "stay", "claims_per_person": 1}
    assert "pays a person again" not in "\n".join(
        _case(**{**changes, "payments.stay": once}).check().remarks
    )
