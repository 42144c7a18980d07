"""What is stated of a simulated evaluation: what is needed, what is refused, and in which words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sibsim.errors import CaseError
from sibsim.evaluation.randomised import Randomised
from sibsim.micro.trial import people_of, simulate_evaluation

TRIAL: dict[str, Any] = {"design": "randomised", "controls_per_participant": 1.0}
SHARES: dict[str, Any] = {"people": 20, "counterfactual": 0.3, "effect": 0.1}
NUMBERS: dict[str, Any] = {"kind": "continuous", "sd": 1.0}
TIMES: dict[str, Any] = {"kind": "time_to_event", "follow_up_ends": 12.0}
OF_NO_RUN = ("replicates", "estimator", "alpha")
"""Arguments that `people_of` does not take."""


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"kind": "continuous"}, "sd: got None; how much a number varies between people does not"),
        ({"kind": "time_to_event"}, "follow_up_ends: got None; how many events are seen depends"),
        ({"sd": 1.0}, "sd: got 1.0; it belongs to a continuous result, and this one is binary"),
        ({"dispersion": 2}, "dispersion: got 2; it belongs to a count result, and this one is bin"),
        ({"follow_up_ends": 12}, "follow_up_ends: got 12; it belongs to a time_to_event result"),
        ({"enrolment_ends": 6}, "enrolment_ends: got 6; it belongs to a time_to_event result"),
        ({"design": "randomised"}, "design: got 'randomised'; people are made for a design whose"),
        ({"design": None}, "design: got None; people are made for a design whose fields are st"),
        ({"design": Randomised}, "write its table, such as {'design': 'randomised', 'controls_per"),
        ({"people": "a"}, "people: got 'a'; it must be a number; give one, without quotes"),
        ({"people": True}, "people: got true; it must be a number"),
        ({"people": np.inf}, "people: got inf; how much people differ"),
        ({"people": 10**400}, "give a whole number of them"),
        ({"counterfactual": "a"}, "counterfactual: got 'a'; it must be a number"),
        ({"counterfactual": None}, "counterfactual: got None; it must be a number"),
        ({"effect": [0.1]}, "effect: got [0.1]; it must be a number"),
        ({**NUMBERS, "effect": np.inf}, "effect: got inf; with the counterfactual it makes inf"),
        ({**NUMBERS, "counterfactual": np.nan}, "counterfactual: got nan; it must be a number"),
        ({**NUMBERS, "sd": "a"}, "sd: got 'a'; it must be a number"),
        ({**NUMBERS, "sd": np.nan}, "sd: got nan; it must be a number"),
        ({**TIMES, "effect": np.inf}, "effect: got inf; it is the logarithm of the hazard ratio"),
        ({"kind": ["binary"]}, "kind: got ['binary']; a result is one of binary, count"),
        ({"confounding": "a"}, "confounding: got 'a'; it must be a number"),
        ({"clusters": 5}, "clusters: got 5; it must be a table"),
        ({"rng": -1}, "rng: got -1; a seed is a whole number of at least 0"),
        ({"rng": "s"}, "rng: got 's'; a seed is a whole number of at least 0"),
        ({"rng": 1.5}, "rng: got 1.5; a seed is a whole number of at least 0"),
        ({"rng": True}, "rng: got true; a seed is a whole number of at least 0"),
        ({"replicates": "a"}, "replicates: got 'a'; their spread cannot be told from fewer than 2"),
        ({"replicates": 2.5}, "replicates: got 2.5; their spread"),
        ({"estimator": 5}, "estimator: got 5; an estimator is a function of the people of one rep"),
        ({"alpha": "a"}, "alpha: got 'a'; the level of a test is a probability between 0 and 1"),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(given: dict[str, Any], problem: str) -> None:
    """One fault, which names the argument, and the same where people are only looked at."""
    stated = {"design": TRIAL, **SHARES, **given}
    functions: list[Any] = [simulate_evaluation]
    if not any(name in given for name in OF_NO_RUN):
        functions.append(people_of)
    for function in functions:
        with pytest.raises(CaseError) as refused:
            function(**stated)
        assert [problem in str(fault) for fault in refused.value.faults] == [True]


def test_faults_of_every_sort_are_told_at_once() -> None:
    """A result that is not known, because the counterfactual is none, is no fault of the effect."""
    wrong: dict[str, Any] = {
        "people": "a",
        "counterfactual": "a",
        "kind": "continuous",
        "confounding": 2,
        "clusters": 5,
        "rng": -1,
        "replicates": "a",
        "estimator": 5,
        "alpha": 0,
    }
    with pytest.raises(CaseError) as refused:
        simulate_evaluation("randomised", effect=0.1, **wrong)  # type: ignore[arg-type]  # the wrong type is meant
    told = [fault.path for fault in refused.value.faults]
    assert sorted(told) == sorted({*wrong, "design", "sd"} - {"kind"})


def test_a_whole_number_may_be_written_in_any_way() -> None:
    """20 people and 3 replicates are the same as floats and as NumPy's integers."""
    types: list[Any] = [int, float, np.int64]
    seed: Any = np.int64(1)
    estimates = [
        simulate_evaluation(
            TRIAL, **{**SHARES, "people": as_type(20)}, replicates=as_type(3), rng=seed
        ).estimate
        for as_type in types
    ]
    assert np.array_equal(estimates[0], estimates[1])
    assert np.array_equal(estimates[0], estimates[2])


@pytest.mark.parametrize(
    ("kind", "written_out"),
    [
        ({"kind": "count"}, {"dispersion": np.inf}),
        ({"kind": "time_to_event", "follow_up_ends": 12.0}, {"enrolment_ends": 0.0}),
    ],
)
def test_what_is_left_out_is_as_documented(
    kind: dict[str, Any], written_out: dict[str, Any]
) -> None:
    """Events are Poisson without a dispersion; without an end of enrolment all enter at once."""
    left_out, stated = (
        people_of(TRIAL, **SHARES, **kind, **more, rng=1) for more in ({}, written_out)
    )
    pd.testing.assert_frame_equal(left_out, stated)
