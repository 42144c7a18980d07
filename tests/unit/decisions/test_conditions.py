"""Figures and conditions: every form, its value by hand, and what is refused with a way out."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sibsim as sib
from sibsim.decisions.conditions import Condition, Figure, condition, figure, known

VALUES = np.array([-30.0, -10.0, 0.0, 20.0, 40.0])
"""Their mean is 4, their median 0."""

FORMS: dict[str, Figure] = {
    "mean municipality_net": Figure("mean", "municipality_net"),
    "median investor_irr": Figure("quantile", "investor_irr", at=0.5),
    "p5 investor_profit": Figure("quantile", "investor_profit", at=0.05),
    "p95 tranche.dsi.irr": Figure("quantile", "tranche.dsi.irr", at=0.95),
    "shortfall investor_profit": Figure("shortfall", "investor_profit"),
    "P(municipality_net < 0)": Figure("probability", "municipality_net", at=0.0, event="<"),
    "P(payments.job >= 1_000_000)": Figure("probability", "payments.job", at=1e6, event=">="),
    "P(break_even_year <= 2,030)": Figure("probability", "break_even_year", at=2030, event="<="),
    "P( investor_irr > -2.5 % )": Figure("probability", "investor_irr", at=-0.025, event=">"),
    "  median   payback_years ": Figure("quantile", "payback_years", at=0.5),
    "p_investor_loss": Figure("mean", "p_investor_loss"),
    "mean p_investor_loss": Figure("mean", "p_investor_loss"),
    "limit_bound.total": Figure("mean", "limit_bound.total"),
}


@pytest.mark.parametrize("text", FORMS)
def test_every_form_of_a_figure_is_read(text: str) -> None:
    """A text says what is looked at of which metric."""
    assert figure(text) == FORMS[text]
    assert figure(FORMS[text]) is FORMS[text]


@pytest.mark.parametrize("text", FORMS)
def test_a_figure_reads_what_it_writes(text: str) -> None:
    """A figure written as text is the same figure when it is read again."""
    assert figure(str(FORMS[text])) == FORMS[text]


@pytest.mark.parametrize(
    ("text", "direction", "limit"),
    [
        ("median investor_irr >= 4 %", ">=", 0.04),
        ("median investor_irr>=4%", ">=", 0.04),
        ("median investor_irr >= 0.04", ">=", 0.04),
        ("mean municipality_net >= -1_500_000", ">=", -1.5e6),
        ("mean municipality_net >= 1.5e6", ">=", 1.5e6),
        ("P(municipality_net < 0) <= 25 %", "<=", 0.25),
        ("p_investor_loss <= 0.1", "<=", 0.1),
        ("mean municipality_net >= -1,500,000.5", ">=", -1500000.5),
        ("shortfall p_investor_loss <= -0.5", "<=", -0.5),
        ("P(municipality_net < 0) <= 100 %", "<=", 1.0),
    ],
)
def test_every_form_of_a_condition_is_read(text: str, direction: str, limit: float) -> None:
    """A condition is a figure, a direction and a limit; a per cent sign divides by a hundred."""
    found = condition(text)
    assert found.direction == direction
    assert found.limit == pytest.approx(limit, rel=1e-15)
    assert condition(str(found)) == found
    assert condition(found) is found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("investor_irr >= 0.04", "does not say what of investor_irr"),
        ("mean investor_irr >= 0.04", "write 'median investor_irr'"),
        ("mean break_even_year <= 2030", "write 'median break_even_year'"),
        ("median investor_irr = 0.04", "such as"),
        ("median investor_irr > 0.04", "such as"),
        ("median investor_irr >= high", "such as"),
        ("p0 investor_profit >= 0", "p1 to p99"),
        ("P(municipality_net) <= 0.1", "such as"),
        ("median investor_irr >= 4,5 %", "the decimal sign is a point"),
        ("P(municipality_net < 0) <= 0,25", "the decimal sign is a point"),
        ("P(municipality_net < 0) <= 0,125", "the decimal sign is a point"),
        ("P(municipality_net < 1,5) <= 0.25", "the decimal sign is a point"),
        ("mean municipality_net >= 1.000.000", "a comma parts thousands"),
        ("P(municipality_net < 0) <= 25", "such as 25 %"),
        ("P(municipality_net < 0) >= -0.1", "lies from 0 to 1"),
        ("p_investor_loss <= 40", "lies from 0 to 1"),
        ("", "such as"),
        (None, "such as"),
        (4.0, "such as"),
    ],
)
def test_what_is_no_condition_is_refused_with_the_way_out(text: str, words: str) -> None:
    """The error shows what was given and what a condition looks like."""
    with pytest.raises(sib.ArgumentError, match="got ") as error:
        condition(text)
    assert words in str(error.value)


def test_a_figure_without_a_form_is_refused() -> None:
    """A figure has no limit."""
    with pytest.raises(sib.ArgumentError, match="such as 'median investor_irr'"):
        figure("median investor_irr >= 0.04")


def test_a_number_in_a_figure_is_not_read_past_its_comma() -> None:
    """A decimal comma is refused and not read as one that parts thousands."""
    with pytest.raises(sib.ArgumentError, match="the decimal sign is a point"):
        figure("P(investor_irr < 4,5 %)")


def test_values_by_hand() -> None:
    """Mean, quantiles, shortfall and probabilities of five numbers."""
    assert figure("mean municipality_net").of(VALUES).value == 4
    assert figure("median municipality_net").of(VALUES).value == 0
    assert figure("p25 municipality_net").of(VALUES).value == -10
    assert figure("shortfall municipality_net").of(VALUES).value == 30
    for event, share in (("<", 0.4), ("<=", 0.6), (">", 0.4), (">=", 0.6)):
        assert figure(f"P(municipality_net {event} 0)").of(VALUES).value == share


def test_errors_by_hand() -> None:
    """The error of a mean is sd / sqrt(D), of a probability that of Agresti and Coull."""
    expected = VALUES.std(ddof=1) / math.sqrt(5)
    assert figure("mean municipality_net").of(VALUES).mc_error == pytest.approx(expected)
    share = (2 + 2) / (5 + 4)
    expected = math.sqrt(share * (1 - share) / (5 + 4))
    assert figure("P(municipality_net < 0)").of(VALUES).mc_error == pytest.approx(expected)
    indicator = (VALUES < 0).astype(np.float64)
    assert figure("p_municipality_loss").of(indicator).mc_error == pytest.approx(expected)


def test_undefined_draws_are_left_out_and_told() -> None:
    """A rate that is undefined in some draws is looked at in the others."""
    values = np.array([0.02, np.nan, 0.06, np.nan])
    found = figure("median investor_irr").of(values)
    assert found.value == pytest.approx(0.04)
    assert found.undefined == 0.5
    assert figure("P(investor_irr < 0.05)").of(values).value == 0.5


def test_a_figure_of_nothing_is_nothing_and_holds_no_condition() -> None:
    """A metric that is never defined meets neither a lower nor an upper limit."""
    values = np.full(4, np.nan)
    assert math.isnan(figure("median investor_irr").of(values).value)
    assert not condition("median investor_irr >= -0.9").holds(values)
    assert not condition("median investor_irr <= 0.9").holds(values)


def test_dates_that_never_come_rank_last() -> None:
    """Half of the draws that never break even leave the median finite, most of them infinite."""
    values = np.array([2026.0, 2028.0, np.nan])
    assert figure("median break_even_year").of(values).value == 2028
    assert figure("P(break_even_year <= 2026)").of(values).value == pytest.approx(1 / 3)
    assert figure("P(break_even_year > 2026)").of(values).value == pytest.approx(2 / 3)
    never = np.array([2026.0, np.nan, np.nan])
    assert figure("median break_even_year").of(never).value == math.inf
    assert not condition("median break_even_year <= 2040").holds(never)


def test_slack_and_holding() -> None:
    """A condition that is met to the number holds; slack is below zero where it does not."""
    least, most = condition("mean municipality_net >= 4"), condition("mean municipality_net <= 3")
    assert (least.slack(6.0), most.slack(6.0)) == (2.0, -3.0)
    assert least.holds(VALUES)
    assert not most.holds(VALUES)


def test_known_names_the_nearest() -> None:
    """A metric that a case has not is refused."""
    wanted = figure("median investor_irr")
    assert known(wanted, metrics=("investor_irr",)) is wanted
    with pytest.raises(sib.UnknownNameError, match="did you mean 'investor_irr'"):
        known(figure("median investor_ir"), metrics=("investor_irr", "surplus"))


def test_words_in_both_languages() -> None:
    """A figure and its value are said in Danish and English."""
    chance = figure("P(municipality_net < 0)").words(currency="DKK")
    assert chance.en == "the probability that the municipality's net is below DKK 0"
    assert chance.da is not None
    assert "sandsynligheden for at kommunens nettoresultat er under" in chance.da
    assert figure("median investor_irr").value_words(0.0412, currency="DKK").en == "4.1 %"
    assert figure("P(investor_irr < 0)").value_words(0.25, currency="DKK").da == "25 %"
    assert isinstance(condition("p_investor_loss <= 10 %"), Condition)


def test_a_rate_of_hundreds_of_per_cent_is_refused() -> None:
    """Who means 4 % and writes 4 is told how."""
    with pytest.raises(sib.ArgumentError, match=r"is 400 %; write it as 0\.04, or .* 4 %"):
        condition("median investor_irr >= 4")
