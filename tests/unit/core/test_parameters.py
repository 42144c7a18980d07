"""Quantities: forms, base value, support, provenance, and the grid between people."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from sibsim.core.parameters import (
    Amount,
    BetweenPeople,
    Difference,
    Quantity,
    Real,
    Share,
    Shares,
    Support,
)
from sibsim.core.spec import Spec
from sibsim.core.validation import validated

TRIPLE = {"p10": 0.3, "p50": 0.4, "p90": 0.5}
COIN = {"dist": "discrete", "values": [1, 2], "probabilities": [0.5, 0.5]}
MIXED = {"dist": "mixture", "parts": [{"weight": 0.5, "value": 1}, {"weight": 0.5, **COIN}]}


class Section(Spec):
    """A section with every kind of field."""

    rate: Shares
    """A share, or one per follow-up."""

    volume: Amount = Quantity.fixed(1.0)
    """An amount."""

    lasts: BetweenPeople | None = None
    """Months."""


def read(kind: Any, form: object) -> Quantity:  # noqa: ANN401
    """Return the quantity that a form stands for."""
    quantity = TypeAdapter(kind).validate_python(form)
    assert isinstance(quantity, Quantity)
    return quantity


def problems(form: dict[str, Any]) -> list[str]:
    """Return the faults of a section as they are reported."""
    return [str(fault) for fault in validated(form, Section, path="part")[1]]


def test_plain_number_is_fixed() -> None:
    """A number is certain, is its own base value and is written back as a number."""
    quantity = read(Share, 1)
    assert quantity.is_fixed
    assert quantity.base_value == 1.0
    assert quantity.table() == 1.0
    assert quantity == Quantity.fixed(1.0)
    assert quantity.status == "assumption"


@pytest.mark.parametrize(
    ("form", "base"),
    [
        (TRIPLE, 0.4),
        ({**TRIPLE, "base": 0.45}, 0.45),
        ({"dist": "lognormal", "p10": 0.2, "p90": 0.8}, 0.4),
        ({"prior": "indigo-volume"}, 1.0),
        ({"dist": "beta", "alpha": 1, "beta": 1}, 0.5),
        ({**COIN, "base": 2}, 2.0),
    ],
)
def test_base_value_is_stated_or_the_median(form: dict[str, Any], base: float) -> None:
    """The stated base, else the stated p50, else the median."""
    # The table of Beta(1, 1) is exact to rounding.
    assert read(Amount, form).base_value == pytest.approx(base, rel=1e-12)


@pytest.mark.parametrize(
    "form",
    [
        COIN,
        {"dist": "empirical", "values": [1, 2]},
        {"dist": "joint", "rows": "a", "values": [1]},
        MIXED,
    ],
)
def test_lists_and_mixtures_must_state_a_base(form: dict[str, Any]) -> None:
    """Their median is no sensible base case."""
    with pytest.raises(ValidationError, match="add base"):
        read(Amount, form)


def test_base_outside_the_distribution_is_refused() -> None:
    """A base value that can never be drawn is a slip."""
    with pytest.raises(ValidationError, match=r"got base = 1\.2"):
        read(Share, {**TRIPLE, "base": 1.2})
    with pytest.raises(ValidationError, match=r"got base = 3"):
        read(Amount, {"value": 2, "base": 3})


@pytest.mark.parametrize(
    "form",
    [
        0.4,
        {"value": 0.4, "unit": "share", "status": "published", "source": "a", "note": "b"},
        {**TRIPLE, "per_cohort": True, "may_be_negative": True, "base": 0.41},
        {"dist": "beta", "p10": 0.2, "p90": 0.8},
        {**COIN, "base": 1.0, "values": (0.0, 1.0), "probabilities": (0.5, 0.5)},
    ],
)
def test_quantity_is_written_back_as_it_was_stated(form: object) -> None:
    """Dump and read give the same form, an equal quantity and an equal hash."""
    quantity = read(Share, form)
    again = read(Share, quantity.table())
    assert quantity.table() == form
    assert again == quantity
    assert hash(again) == hash(quantity)
    assert pickle.loads(pickle.dumps(quantity)) == quantity  # noqa: S301


def test_section_round_trip_keeps_lists_and_bounds() -> None:
    """A dumped section validates to itself, with the bounds of each field restored."""
    section = Section.model_validate(
        {
            "rate": [0.4, TRIPLE],
            "volume": TRIPLE,
            "lasts": {"between_people": {"p10": 6, "p50": 24, "p90": 72}},
        }
    )
    again = Section.model_validate(section.model_dump())
    assert again == section
    assert isinstance(section.rate, tuple)
    assert section.rate[1].distribution.support == (0.0, 1.0)
    assert section.volume.distribution.support == (0.0, np.inf)


def test_quantity_made_in_python_takes_the_bounds_of_its_field() -> None:
    """A quantity built without bounds is bounded when it enters a share."""
    free = read(Real, TRIPLE)
    assert Section(rate=free).rate == read(Share, TRIPLE)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"rate": [0.4, 1.4]}, "part.rate.1: got 1.4; allowed is [0, 1]"),
        ({"rate": "0.4"}, "part.rate: got '0.4'; a quantity is a number"),
        ({"rate": True}, "part.rate: got True; a quantity is a number"),
        ({"rate": float("nan")}, "part.rate: got nan; it must be a finite number"),
        ({"rate": 0.5, "volume": -1}, "part.volume: got -1; allowed is [0, inf)"),
        ({"rate": 0.5, "volume": {"dist": "normal", "mean": 3, "sd": 1}}, "over (-inf, inf)"),
        ({"rate": {"dist": "lognormal", "p10": 0.2, "p90": 0.4}}, "reaches over [0, inf)"),
        ({"rate": {"value": 0.5, "status": "published"}}, "part.rate: status is 'published'"),
        ({"rate": {"value": 0.5, "status": "guess"}}, "part.rate.status"),
        ({"rate": 0.5, "lasts": {"p10": 1}}, "part.lasts: got {'p10': 1}"),
        ({"rate": 0.5, "lasts": -3}, "part.lasts: got -3; allowed is [0, inf)"),
    ],
)
def test_faults_name_the_field_the_value_and_the_rule(form: dict[str, Any], says: str) -> None:
    """One fault each, at its own path."""
    (problem,) = problems(form)
    assert says in problem


def test_probability_below_is_strict() -> None:
    """P(value < x) leaves out a value equal to x."""
    coin = read(Amount, {**COIN, "base": 1})
    assert [coin.prob_below(x) for x in (1.0, 1.5, 2.0, 2.5)] == [0.0, 0.5, 0.5, 1.0]
    assert read(Real, 0).prob_below(0.0) == 0.0
    uplift = read(Difference, {"p10": -0.02, "p50": 0.10, "p90": 0.18})
    # Bisection is exact to rounding, and so is the metalog at p10.
    assert uplift.prob_below(-0.02) == pytest.approx(0.1, abs=1e-12)


def test_support_reads_as_an_interval() -> None:
    """Infinite ends are open."""
    assert str(Support(0.0, np.inf)) == "[0, inf)"


def test_everyone_is_the_same_when_a_number_is_stated() -> None:
    """The grid of a number is that number a thousand times."""
    weeks = TypeAdapter(BetweenPeople).validate_python(45)
    np.testing.assert_array_equal(weeks.grid, np.full(1000, 45.0))
    assert weeks.table() == 45.0


def test_grid_between_people_is_the_midpoints_of_the_log_metalog() -> None:
    """It rises, is read-only, and its ends are the quantiles at 0.0005 and 0.9995 by hand."""
    form = {"between_people": {"p10": 6.0, "p50": 24.0, "p90": 72.0}, "unit": "months"}
    months = BetweenPeople.model_validate(form)
    assert months.grid.shape == (1000,)
    assert np.all(np.diff(months.grid) > 0)
    assert months.grid[499] < 24.0 < months.grid[500]
    assert months.table() == form
    with pytest.raises(ValueError, match="read-only"):
        months.grid[0] = 1.0
    # z = ln 24 + (a2 + a3 (u - 1/2)) ln(u / (1 - u)), a2 = ln 12 / (2 ln 9),
    # a3 = ln(6 * 72 / 24^2) / (0.8 ln 9), at u = 0.0005 and 0.9995.
    a2, a3, odds = (
        math.log(12) / (2 * math.log(9)),
        math.log(0.75) / (0.8 * math.log(9)),
        math.log(1999),
    )
    ends = [24 * math.exp(-(a2 - 0.4995 * a3) * odds), 24 * math.exp((a2 + 0.4995 * a3) * odds)]
    # Only rounding separates the two.
    np.testing.assert_allclose(months.grid[[0, -1]], ends, rtol=1e-11)
