"""By which year a case breaks even, against a plain loop over draws."""

from __future__ import annotations

import numpy as np
import pytest

import sibsim as sib
from sibsim.core.arrays import FloatArray
from sibsim.decisions.breakeven.analysis import break_even
from sibsim.decisions.breakeven.horizon import NETS, nets_by_year
from sibsim.decisions.breakeven.result import BreakEvenSet
from sibsim.decisions.worlds import Luck, Worlds, worlds_of

DRAWS = 700
NET = "municipality_net"


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    """Return worlds of a shipped case, of a part of a block."""
    return worlds_of(sib.load_case("holbaek"), draws=DRAWS, luck=Luck.of(5))


@pytest.fixture(scope="module")
def found(worlds: Worlds) -> BreakEvenSet:
    """Return the break-even set of the same worlds, by year only."""
    return break_even(worlds.case, drivers=["year"], draws=DRAWS, rng=5)


@pytest.fixture(scope="module")
def running(worlds: Worlds) -> FloatArray:
    """Return the municipality's net to the end of every year."""
    return nets_by_year(worlds, NET)


@pytest.mark.parametrize("metric", NETS)
def test_the_account_of_all_years_is_the_net(worlds: Worlds, metric: str) -> None:
    """What has come to the end of the case is the metric of the run."""
    whole = nets_by_year(worlds, metric)[-1]
    np.testing.assert_allclose(whole, worlds.metrics([metric])[metric], rtol=1e-9, atol=1e-3)


def test_chances_are_a_plain_count_of_draws(found: BreakEvenSet, running: FloatArray) -> None:
    """A draw has broken even by a year if its running net stays at zero or above from then on."""
    years = found.years()
    for position, year in enumerate(years.index):
        count = 0
        for draw in range(DRAWS):
            count += all(net >= -0.005 for net in running[position:, draw])
        assert years.loc[year, "p_broken_even"] == count / DRAWS


def test_draws_that_never_break_even_count_as_not(found: BreakEvenSet) -> None:
    """The last chance is below one, and the chances never fall."""
    chances = found.years()["p_broken_even"].to_numpy()
    run = found.case.simulate(draws=DRAWS, rng=5)
    never = np.isnan(run.metric("break_even_year")).mean()
    assert never > 0
    assert chances[-1] == pytest.approx(1 - never)
    assert (np.diff(chances) >= 0).all()


def test_the_median_year_ranks_never_last(found: BreakEvenSet) -> None:
    """It is the first year by whose end half of all draws have broken even."""
    chances = found.years()["p_broken_even"]
    assert found.by_year.median == chances.index[chances >= 0.5][0]


def test_the_figure_is_that_of_an_account_that_ends(
    found: BreakEvenSet, running: FloatArray
) -> None:
    """Mean and error of the running net, and the chance that it is at the target or above."""
    years = found.years()
    np.testing.assert_allclose(years["figure"], running.mean(axis=1))
    errors = running.std(axis=1, ddof=1) / np.sqrt(DRAWS)
    np.testing.assert_allclose(years["figure_mc_error"], errors, rtol=1e-2)
    np.testing.assert_allclose(years["p_target"], (running >= 0).mean(axis=1))


def test_the_year_is_the_first_from_which_the_figure_holds(found: BreakEvenSet) -> None:
    """The first year has a net above zero from what is drawn, and is not the one."""
    (driver,) = found.drivers
    figures = found.years()["figure"]
    assert figures.iloc[0] > 0 > figures.loc[driver.value - 1]
    assert (figures.loc[driver.value :] >= 0).all()
    assert driver.figure.value == figures.loc[driver.value]


def test_other_figures_have_chances_by_year_and_no_account() -> None:
    """The investor's profit is not kept by year; the municipality's break-even still is."""
    case = sib.load_case("holbaek")
    found = break_even(case, "mean investor_profit", drivers=["payments"], draws=DRAWS, rng=5)
    years = found.years()
    assert years["figure"].isna().all()
    assert years["p_broken_even"].notna().all()
