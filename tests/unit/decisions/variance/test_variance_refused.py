"""What cannot be shared out is refused, with the way out."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.decisions.variance.indices import sobol_indices
from sibsim.decisions.variance.layers import variance_by_layer
from sibsim.errors import ArgumentError, UnknownNameError
from tests.small_case import small_case

Asked = Callable[..., Any]

BOTH = pytest.mark.parametrize("ask", [variance_by_layer, sobol_indices])


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return the Holbæk case."""
    return sib.load_case("holbaek")


@BOTH
def test_unknown_metric_names_the_nearest(ask: Asked, case: sib.Case) -> None:
    """Alone or in an event."""
    for metric in ("municipality_nett", "P(municipality_nett < 0)", "mean municipality_nett"):
        with pytest.raises(UnknownNameError, match="did you mean 'municipality_net'"):
            ask(case, metric)


@BOTH
@pytest.mark.parametrize(
    ("metric", "told"),
    [
        ("median investor_profit", r"one number of a whole run.*write the metric, 'investor_prof"),
        ("shortfall investor_profit", r"or an event, 'P\(investor_profit < NUMBER\)'"),
        ("investor_irr", r"no mean and so no variance; take investor_profit"),
        ("mean investor_irr", r"no mean and so no variance; take investor_profit"),
        ("break_even_year", r"or an event, 'P\(break_even_year < NUMBER\)'"),
        ("municipality_net >= 0", r"a figure is 'mean METRIC'"),
        (7, r"got 7; a figure is"),
    ],
)
def test_what_has_no_variance_is_refused(
    ask: Asked, case: sib.Case, metric: object, told: str
) -> None:
    """Figures of a whole run, rates, dates and conditions, before the first draw."""
    with pytest.raises(ArgumentError, match=told):
        ask(case, metric)


@BOTH
def test_undefined_draws_are_refused_and_counted(ask: Asked) -> None:
    """A metric that some draws do not have, alone or in an event."""
    case = sib.load_case("medvind")
    for metric in ("investor_multiple", "P(investor_irr < 0.04)"):
        with pytest.raises(
            ArgumentError, match=r"undefined in [\d,]+ of 512 draws; .*take a metri"
        ):
            ask(case, metric, draws=512)


@BOTH
def test_what_does_not_vary_is_refused(ask: Asked, case: sib.Case) -> None:
    """A constant metric, an event that never happens, a case with nothing uncertain."""
    with pytest.raises(ArgumentError, match=r"costs_beyond_horizon, which is 0 in every draw; the"):
        ask(case, "costs_beyond_horizon", draws=512)
    with pytest.raises(
        ArgumentError, match=r"in every draw.*take more draws, or the metric itself"
    ):
        ask(case, "P(municipality_net < -1e12)", draws=512)
    certain = small_case(outcome={"counterfactual": 1.0, "uplift": 0.0})
    with pytest.raises(ArgumentError, match="state what is uncertain in the case"):
        ask(certain, "payments_total", draws=512)


@BOTH
def test_draws_are_refused_together_with_the_metric(ask: Asked, case: sib.Case) -> None:
    """Few draws are refused with their reason; all faults are told at once."""
    few = r"draws: got 511; .* 1 / sqrt\(draws\); take at least 512"
    with pytest.raises(ArgumentError, match=few):
        ask(case, draws=511)
    with pytest.raises(ArgumentError) as refused:
        ask(case, "municipality_nett", draws=0, rng=-1)
    for told in ("draws: got 0", "rng: got -1", "there is no metric 'municipality_nett'"):
        assert told in str(refused.value)


@BOTH
def test_incomplete_case_is_refused(ask: Asked) -> None:
    """What is missing is named."""
    document = tomllib.loads(catalogue.text("cases", "holbaek"))
    for section in ("outcomes", "measures", "payments", "budget"):
        del document[section]
    with pytest.raises(ArgumentError, match="not complete enough to be run; it lacks outcomes"):
        ask(build(document))


@BOTH
def test_language_is_danish_or_english(ask: Asked, case: sib.Case) -> None:
    """Another language is refused."""
    found = ask(case, draws=512)
    with pytest.raises(ArgumentError, match="lang: got 'de'; it is one of da, en"):
        found.sentences("de")
