"""Matrices from durations and other steps: closed forms, nearest roots, faults in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from sibsim.errors import CaseError
from sibsim.outcomes.estimation import (
    TransitionMatrix,
    transitions_from_durations,
    transitions_from_other_step,
)
from sibsim.outcomes.matrix_roots import power_of, probabilities_near
from sibsim.outcomes.transitions import Table

EXACT = 1e-9
"""Rounding of roots and powers."""

SEARCHED = 1e-6
"""Where a search for the nearest matrix ends."""


def _rows(matrix: list[list[float]], *, names: str = "abc") -> dict[str, dict[str, float]]:
    return {i: dict(zip(names, row, strict=False)) for i, row in zip(names, matrix, strict=False)}


def _durations(**changes: Any) -> TransitionMatrix:  # noqa: ANN401 - any argument
    given: dict[str, Any] = {
        "months": {"ill": 10.0, "edu": 20.0},
        "moves": {"ill": {"edu": 0.4, "job": 0.6}, "edu": {"job": 1.0}},
        "states": ["ill", "edu", "job"],
        "step": "month",
        "statistic": "mean",
    } | changes
    return transitions_from_durations(given.pop("months"), **given)


def test_a_mean_duration_gives_a_constant_hazard() -> None:
    """A mean of 10 months means leaving with 1 - exp(-1/10) a month, 40 % of it to education."""
    result = _durations()
    leaves = 0.09516258196404048
    np.testing.assert_allclose(result.matrix[0], [1 - leaves, 0.4 * leaves, 0.6 * leaves])
    np.testing.assert_array_equal(result.matrix[2], [0, 0, 1])
    rows = result.transitions()
    assert set(rows) == {"ill", "edu"}
    TypeAdapter(Table).validate_python(rows)
    assert rows["ill"] == pytest.approx({"edu": 0.4 * leaves, "job": 0.6 * leaves})


def test_a_median_is_half_gone() -> None:
    """With a median of 6 months half are still there after six steps of a month."""
    result = _durations(months={"ill": 6.0, "edu": 20.0}, statistic="median")
    assert result.matrix[0, 0] ** 6 == pytest.approx(0.5)


@pytest.mark.parametrize(("step", "per_year"), [("week", 52.16), ("month", 12), ("quarter", 4)])
def test_the_share_still_there_does_not_depend_on_the_step(step: str, per_year: float) -> None:
    """After a year exp(-12/10) are still in a state with a mean of 10 months."""
    result = _durations(step=step)
    assert result.matrix[0, 0] ** per_year == pytest.approx(math.exp(-1.2))


def test_the_implied_durations_are_those_given() -> None:
    """A mean of 10 months implies a median of 10 ln 2; a state nobody leaves lasts for ever."""
    implied = _durations().durations()
    assert implied.loc["ill", "mean"] == pytest.approx(10)
    assert implied.loc["ill", "p50"] == pytest.approx(10 * math.log(2))
    assert implied.loc["ill", "p90"] == pytest.approx(10 * math.log(10))
    assert implied.loc["job", "p10"] == math.inf


def test_the_table_has_a_row_per_possible_move_or_stay() -> None:
    """Three moves and three stays."""
    table = _durations().table()
    assert list(table.index)[:3] == [("ill", "ill"), ("ill", "edu"), ("ill", "job")]
    assert len(table) == 6


def test_a_state_shorter_than_a_step_is_warned_of() -> None:
    """A mean of half a month in steps of a month."""
    result = _durations(months={"ill": 0.5, "edu": 20.0})
    assert "ill lasts 0.5 months, less than a month" in result.sentence()
    assert not _durations().warnings


def test_every_fault_of_durations_is_reported_at_once() -> None:
    """Unknown names, missing rows, sums other than 1 and moves that are none."""
    with pytest.raises(CaseError) as caught:
        _durations(
            months={"ill": 10.0, "edu": 20.0, "jb": 3.0},
            moves={"ill": {"edu": 0.4, "job": 0.5}, "edu": {"edu": 1.0}, "job": {"ill": 1.0}},
            statistic="mode",
        )
    message = str(caught.value)
    assert "statistic: got 'mode'; it must be 'mean' or 'median'" in message
    with pytest.raises(CaseError) as caught:
        _durations(
            months={"ill": 10.0, "edu": 20.0, "jb": 3.0},
            moves={"ill": {"edu": 0.4, "job": 0.5}, "edu": {"edu": 1.0}, "job": {"ill": 1.0}},
        )
    message = str(caught.value)
    assert "months.jb: got 'jb'; it must name a state" in message
    assert "moves.jb: is missing" in message
    assert "moves.ill: got shares that sum to 0.9" in message
    assert "moves.edu.edu: is no move" in message
    assert "moves.job: has no duration" in message
    assert len(caught.value.faults) == 5


@pytest.mark.parametrize("months", [0, -1, math.inf, "x"])
def test_a_duration_is_a_number_above_zero(months: object) -> None:
    """The fault names the state."""
    with pytest.raises(CaseError, match=r"months\.ill: got"):
        _durations(months={"ill": months, "edu": 20.0})


def test_states_and_steps_are_checked() -> None:
    """Two states at least, each once, and a step that is known."""
    with pytest.raises(CaseError, match="ill twice") as caught:
        _durations(states=["ill", "ill", "edu", "job"], step="day")
    assert "step: got 'day'; it must be week, month, quarter, year" in str(caught.value)
    with pytest.raises(CaseError, match="states: got"):
        _durations(states="ill")


def test_two_states_have_a_root_in_closed_form() -> None:
    """Leaving with 0.4 and 0.2 a year, eigenvalue 0.4: 2/3 (1 - 0.4^(1/12)) a month."""
    rows = {"a": {"b": 0.4}, "b": {"a": 0.2}}
    result = transitions_from_other_step(rows, states=["a", "b"], given_step="year", step="month")
    assert result.matrix[0, 1] == pytest.approx(2 / 3 * (1 - 0.4 ** (1 / 12)))
    assert result.matrix[1, 0] == pytest.approx(1 / 3 * (1 - 0.4 ** (1 / 12)))
    assert result.error < EXACT
    assert not result.warnings
    weekly = transitions_from_other_step(rows, states=["a", "b"], given_step="year", step="week")
    assert weekly.matrix[0, 1] == pytest.approx(2 / 3 * (1 - 0.4 ** (1 / 52.16)))


@pytest.mark.parametrize(
    "year",
    [
        [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7]],
        [[0.5, 0.3, 0.2], [0.0, 0.6, 0.4], [0.0, 0.0, 1.0]],
        [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]],
    ],
)
def test_twelve_months_are_the_year(year: list[list[float]]) -> None:
    """The twelfth power of the monthly matrix is the yearly one, singular ones too."""
    month = transitions_from_other_step(
        _rows(year), states=["a", "b", "c"], given_step="year", step="month"
    )
    np.testing.assert_allclose(np.linalg.matrix_power(month.matrix, 12), year, atol=EXACT)
    assert (month.matrix >= 0).all()
    back = transitions_from_other_step(
        month.transitions(),  # type: ignore[arg-type]  # rows of probabilities, none of counts
        states=["a", "b", "c"],
        given_step="month",
        step="year",
    )
    np.testing.assert_allclose(back.matrix, year, atol=EXACT)
    assert back.error == 0


def test_a_longer_step_is_a_power_whatever_its_roots() -> None:
    """A chain that changes sides 9 times in 10 has an exact year, although its root is another."""
    rows = {"a": {"b": 0.9}, "b": {"a": 0.9}}
    year = transitions_from_other_step(rows, states=["a", "b"], given_step="month", step="year")
    assert year.matrix[0, 0] == pytest.approx((1 + 0.8**12) / 2)
    assert not year.warnings


def test_where_there_is_no_root_the_nearest_and_its_error_are_given() -> None:
    """No even power has the eigenvalue -0.8; the nearest is 0, which is off by 0.4 in each cell."""
    rows = {"a": {"b": 0.9}, "b": {"a": 0.9}}
    result = transitions_from_other_step(rows, states=["a", "b"], given_step="year", step="month")
    assert result.error == pytest.approx(0.4, abs=SEARCHED)
    assert "No matrix of probabilities per month was found" in result.sentence()
    assert "off by up to 0.4" in result.sentence()


def test_negative_entries_are_moved_to_the_nearest_probabilities() -> None:
    """No direct way a - c in a year that has a - b - c: the root is negative, the result is not."""
    year = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])
    result = transitions_from_other_step(
        _rows(year.tolist()), states=["a", "b", "c"], given_step="year", step="month"
    )
    assert result.most_negative < 0
    assert (result.matrix >= 0).all()
    np.testing.assert_array_equal(result.matrix[2], [0, 0, 1])
    np.testing.assert_allclose(result.matrix.sum(axis=1), 1)
    far = np.abs(np.linalg.matrix_power(result.matrix, 12) - year)
    assert result.error == pytest.approx(far.max())
    projected = np.array([[1 - 0.0561, 0.0561, 0.0], [0.0, 1 - 0.0561, 0.0561], [0, 0, 1]])
    gap = np.linalg.matrix_power(projected, 12) - year
    assert (far**2).sum() <= (gap**2).sum()


def test_a_root_that_is_not_the_principal_one_is_found() -> None:
    """Going round three states is its own fourth power, though its principal root is negative."""
    rows = {"a": {"b": 1.0}, "b": {"c": 1.0}, "c": {"a": 1.0}}
    result = transitions_from_other_step(
        rows, states=["a", "b", "c"], given_step="year", step="quarter"
    )
    np.testing.assert_allclose(result.matrix, [[0, 1, 0], [0, 0, 1], [1, 0, 0]], atol=EXACT)
    assert result.error < EXACT
    assert not result.warnings


def test_a_row_is_moved_to_the_nearest_row_of_probabilities() -> None:
    """(0.6, 0.5, -0.1) loses 0.05 in the two cells that stay positive."""
    root = np.array([[0.6, 0.5, -0.1], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    near = probabilities_near(root, known=np.eye(3), power=0.3)
    np.testing.assert_allclose(near[0], [0.55, 0.45, 0.0])
    np.testing.assert_array_equal(near[1:], root[1:])


def test_a_power_of_a_singular_matrix_is_taken() -> None:
    """A matrix that is its own square is its own root."""
    same = np.array([[0.25, 0.75], [0.25, 0.75]])
    np.testing.assert_allclose(power_of(same, 1 / 12), same, atol=EXACT)
    thirds = np.full((3, 3), 1 / 3)
    np.testing.assert_allclose(power_of(thirds, 1 / 12), thirds, atol=EXACT)


def test_every_fault_of_a_known_matrix_is_reported_at_once() -> None:
    """A stated stay must make the row whole; moves alone may not exceed 1."""
    with pytest.raises(CaseError) as caught:
        transitions_from_other_step(
            {"a": {"a": 0.5, "b": 0.4}, "b": {"a": 0.7, "c": 0.6}, "d": {"a": 0.1}},
            states=["a", "b", "c"],
            given_step="decade",  # type: ignore[arg-type]  # the wrong type is meant
            step="month",
        )
    assert "given_step: got 'decade'" in str(caught.value)
    with pytest.raises(CaseError) as caught:
        transitions_from_other_step(
            {"a": {"a": 0.5, "b": 0.4}, "b": {"a": 0.7, "c": 0.6}, "d": {"a": 0.1}},
            states=["a", "b", "c"],
            given_step="year",
            step="month",
        )
    message = str(caught.value)
    assert "transitions.a: got shares that sum to 0.9" in message
    assert "transitions.b: got shares that sum to 1.3" in message
    assert "transitions.d: got 'd'; it must name a state" in message


@pytest.mark.parametrize("turned", [(0, 1, 2), (1, 2, 0), (2, 1, 0)])
def test_a_rounding_is_no_move(turned: tuple[int, ...]) -> None:
    """The month behind a year has two pairs without a move: none of 1e-17 is given for them."""
    month = np.array([[0.90, 0.10, 0.00], [0.05, 0.80, 0.15], [0.00, 0.03, 0.97]])
    month = month[np.ix_(turned, turned)]
    year = np.linalg.matrix_power(month, 12)
    found = transitions_from_other_step(
        _rows(year.tolist()), states=["a", "b", "c"], given_step="year", step="month"
    )
    np.testing.assert_array_equal(found.matrix > 0, month > 0)
    assert sum(len(row) for row in found.transitions().values()) == 4
    np.testing.assert_allclose(found.matrix.sum(axis=1), 1, atol=1e-15)


def test_a_step_is_one_name() -> None:
    """A list of one is none."""
    with pytest.raises(CaseError) as caught:
        transitions_from_other_step(
            {"a": {"b": 0.1}},
            states=["a", "b"],
            given_step=["year"],  # type: ignore[arg-type]  # the wrong type is meant
            step=["month"],  # type: ignore[arg-type]  # the wrong type is meant
        )
    assert "given_step: got ['year']; it must be week" in str(caught.value)
    assert " step: got ['month']; it must be week" in str(caught.value)
