"""Low, base and high: what they assume, what they come to and how likely that is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.decisions.drivers.base_ends import of_base
from sibsim.decisions.drivers.ends import ends_of, surely
from sibsim.decisions.drivers.scenario_table import METRICS, scenarios
from sibsim.errors import ArgumentError, CaseError, UnknownNameError
from sibsim.simulate import base_case
from tests.small_case import ERRORS
from tests.unit.decisions.drivers.two_costs import EXACT, WIDTH, A, B, two_costs

DRAWS = 4096

FEW = 64


def test_low_and_high_of_a_linear_case_are_worked_out_by_hand(seed: int) -> None:
    """Both costs at p90 are low, at p10 high; P(U + V >= 1.8) = 0.2^2 / 2 = 0.02 on both sides."""
    case = two_costs()
    found = scenarios(case, draws=DRAWS, rng=seed)
    table, chances = found.table(), found.chances()
    net = table.loc["municipality_net"]
    assert net["low"] == pytest.approx(net["base"] - 0.8 * WIDTH, abs=EXACT)
    assert net["high"] == pytest.approx(net["base"] + 0.8 * WIDTH, abs=EXACT)
    for side, scenario in (("at_or_below", "low"), ("at_or_above", "high")):
        row = chances.loc[scenario]
        assert row[f"{side}_mc_error"] > 0
        assert abs(row[side] - 0.02) < ERRORS * row[f"{side}_mc_error"]
    assumed = found.assumptions()["value"]
    assert assumed["low", A] == ends_of(case.quantities[A], (0.9,))[0]
    assert assumed["high", B] == ends_of(case.quantities[B], (0.1,))[0]


def test_worse_is_judged_by_the_metric_that_is_named(seed: int) -> None:
    """More success is worse for who pays with no saving, and better for who is paid."""
    case = sib.load_case("holbaek")
    path = "outcomes.wellbeing.uplift"
    low, high = ends_of(case.quantities[path], (0.1, 0.9))
    payer = scenarios(case, draws=FEW, rng=seed).assumptions()["value"]
    paid = scenarios(case, for_="investor_profit", draws=FEW, rng=seed).assumptions()["value"]
    assert (payer["low", path], payer["high", path]) == (high, low)
    assert (paid["low", path], paid["high", path]) == (low, high)


def test_default_scenarios_are_base_cases_with_all_ends(seed: int) -> None:
    """Each is the base case with every quantity at its end; base is the base case itself."""
    case = sib.load_case("holbaek")
    found = scenarios(case, draws=FEW, rng=seed)
    assert list(found.table().index) == list(METRICS)
    for name, scenario in found.scenarios.items():
        values = {path: float(str(value)) for path, value in scenario.changes.items()}
        run = base_case(case, instead=values)
        for metric in METRICS:
            expected = run.metric(metric)[0]
            assert found.table().loc[metric, name] == pytest.approx(expected, nan_ok=True, rel=0)
    assert found.unmoved == ("delivery.completion",)
    assert any("does not move" in each for each in found.sentences())


def test_the_simulation_beside_is_that_of_the_case(seed: int) -> None:
    """Means, quantiles and shares are those of `simulate` on the same seed, with errors."""
    case = sib.load_case("holbaek")
    found = scenarios(case, draws=FEW, rng=seed, metrics=["municipality_net", "p_investor_loss"])
    run = case.simulate(draws=FEW, rng=seed, progress=False)
    net, row = run.metric("municipality_net"), found.table().loc["municipality_net"]
    assert row["mean"] == net.mean()
    for name, at in (("p5", 0.05), ("p50", 0.5), ("p95", 0.95)):
        assert row[name] == np.quantile(net, at)
        assert row[f"{name}_mc_error"] > 0
    assert found.chances().loc["low", "at_or_below"] == (net <= row["low"]).mean()
    indicator = found.table().loc["p_investor_loss"]
    assert indicator["mean"] == run.metric("p_investor_loss").mean()
    assert np.isnan(indicator["p50"])


def test_scenarios_of_ones_own_change_quantities_terms_and_plans(seed: int) -> None:
    """A quantity is set with the plan as it is; other changes are those of `with_`."""
    case = sib.load_case("holbaek")
    poor: dict[str, Any] = {"delivery.take_up": 0.8, "payments.job.price": [8e3, 9e3, 9e3]}
    more = {"recession": {"outcomes.job.counterfactual": 0.3, "target_group.size": 150}}
    found = scenarios(case, low=poor, more=more, draws=FEW, rng=seed, metrics=["payments_total"])
    table = found.table().loc["payments_total"]
    other = case.with_({"payments.job.price": poor["payments.job.price"]})
    expected = of_base(other, ["payments_total"], instead={"delivery.take_up": 0.8})
    assert table["low"] == expected["payments_total"]
    assert table["low"] < other.with_({"delivery.take_up": 0.8}).base_case().metric(
        "payments_total"
    )
    smaller = case.with_({"target_group.size": 150})
    recession = of_base(smaller, ["payments_total"], instead={"outcomes.job.counterfactual": 0.3})
    assert table["recession"] == recession["payments_total"]
    assert list(found.scenarios) == ["low", "base", "high", "recession"]
    assert found.scenarios["low"].is_stated
    assert not found.scenarios["high"].is_stated
    assert not any(each.startswith("In low every") for each in found.sentences())
    assert any(each.startswith("In high each") for each in found.sentences())


def test_ends_that_other_parts_were_not_checked_against_are_accepted(seed: int) -> None:
    """A mean at its p90 that would need another spread is one that the case holds possible."""
    case, path = sib.load_case("aarhus-violence"), "outcomes.refuge_days.counterfactual"
    (high,) = ends_of(case.quantities[path], (0.9,))
    with pytest.raises(CaseError, match="the sd lies between"):
        surely(case, path, value=high)
    found = scenarios(case, low={path: high}, draws=FEW, rng=seed)
    assert found.scenarios["low"].changes == {path: high}


def test_rates_that_a_cap_holds_down_count_as_as_high(seed: int) -> None:
    """A return at its cap is as high as in the high scenario, whatever the last digit says."""
    case = sib.load_case("holbaek")
    found = scenarios(case, for_="investor_irr", draws=DRAWS, rng=seed)
    irr = case.simulate(draws=DRAWS, rng=seed, progress=False).metric("investor_irr")
    assert found.scenarios["high"].metrics["investor_irr"] == pytest.approx(0.05, abs=1e-9)
    at_cap = (irr > 0.05 - 1e-6).mean()
    assert at_cap > 0.1
    assert found.chances().loc["high", "at_or_above"] == at_cap


def test_it_shows_itself(seed: int) -> None:
    """Sentences in both languages, a long frame, text and a table for a notebook."""
    found = scenarios(two_costs(), draws=FEW, rng=seed, metrics=["municipality_net"])
    assert found.sentences()[0].startswith(
        "In the scenario low, the municipality's net is DKK -0.7"
    )
    assert found.sentences("da")[0].startswith("I scenariet lavt er kommunens nettoresultat")
    frame = found.frame()
    assert list(frame["name"]) == ["low", "base", "high", "mean", "p5", "p50", "p95"]
    assert frame["mc_error"].isna().sum() == 3
    assert "municipality_net" in repr(found)
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"metrics": ["investor_ir"]}, UnknownNameError, "did you mean 'investor_irr'"),
        ({"metrics": []}, ArgumentError, "metrics: got"),
        ({"metrics": "investor_irr"}, ArgumentError, "metrics: got"),
        ({"for_": "municipality_ne"}, UnknownNameError, "for_.*did you mean 'municipality_net'"),
        ({"for_": "p_investor_loss"}, ArgumentError, "jumps in the base case"),
        ({"for_": "break_even_year"}, ArgumentError, "jumps in the base case"),
        ({"low": {}}, ArgumentError, "low: got an empty table"),
        ({"high": 3}, ArgumentError, "high: got 3"),
        ({"low": {"costs.audit.amoun": 3.0}}, CaseError, "did you mean 'amount'"),
        ({"low": {A: -3.0}}, CaseError, "allowed is"),
        ({"more": {}}, ArgumentError, "more: got an empty table"),
        ({"more": {"p5": {A: 3.0}}}, ArgumentError, "which the table has already"),
        ({"more": {"worst": {}}}, ArgumentError, "worst: got an empty table"),
        ({"draws": 1}, ArgumentError, "draws: got 1"),
        ({"draws": 1, "for_": "x", "low": {}}, ArgumentError, "(?s)draws.*for_.*low: got"),
    ],
)
def test_bad_input_is_refused(asked: dict[str, Any], error: type[Exception], said: str) -> None:
    """What cannot be done is refused in plain words, several faults at once."""
    with pytest.raises(error, match=said):
        scenarios(two_costs(), **asked)
