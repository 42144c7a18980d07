"""What every outcome states is checked where it is stated."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sibsim.outcomes.binary import Binary

JOB: dict[str, Any] = {
    "model": "binary",
    "among": "started",
    "follow_up_months": [12, 24],
    "counterfactual": 0.4,
    "uplift": 0.1,
    "persistence": 0.8,
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"follow_up_months": [24, 12]}, "rising order"),
        ({"follow_up_months": [12, 12]}, "rising order"),
        ({"follow_up_months": []}, "at least 1"),
        ({"follow_up_months": [0, 12]}, "greater than 0"),
        ({"follow_up_months": [12.5]}, "whole number|integer"),
        ({"among": "planned"}, "should be"),
        ({"goal": {"at_months": 18, "share": 0.5}}, "12, 24 months"),
        ({"goal": {"at_months": 24, "share": 1.5}}, "less than or equal to 1"),
    ],
)
def test_a_shape_that_makes_no_sense_is_refused(changes: dict[str, Any], words: str) -> None:
    """Follow-ups rise, somebody counts, and a goal is at a follow-up."""
    with pytest.raises(ValidationError, match=words):
        Binary.model_validate(JOB | changes)


def test_texts_may_be_plain_or_by_language() -> None:
    """A title is plain text, or Danish and English."""
    plain = Binary.model_validate(JOB | {"title": "Job"})
    both = Binary.model_validate(JOB | {"title": {"da": "Arbejde", "en": "Work"}})
    assert plain.title
    assert plain.title.in_language("da") == "Job"
    assert both.title
    assert both.title.in_language("da") == "Arbejde"
