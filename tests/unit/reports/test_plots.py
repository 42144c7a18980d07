"""Pictures: what is drawn is what the results say."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes

import sibsim as sib
from sibsim.reports import plots

mpl.use("Agg")


@pytest.fixture
def ax() -> Iterator[Axes]:
    """Return axes that are closed afterwards."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture(scope="module")
def run() -> sib.Results:
    """Return a short run of the Holbæk case."""
    return sib.load_case("holbaek").simulate(draws=64, rng=1)


def test_cumulative_cash_ends_at_the_profit(run: sib.Results, ax: Axes) -> None:
    """The last median is the median profit, the base case its own profit, in millions."""
    assert plots.cumulative_cash(run, "investor", ax=ax) is ax
    median, base, _ = (np.asarray(line.get_ydata()) for line in ax.lines)
    profit = run.metric("investor_profit")
    assert median[-1] == pytest.approx(np.median(profit) / 1e6)
    assert base[-1] == pytest.approx(run.case.base_case().metric("investor_profit")[0] / 1e6)
    assert ax.get_ylabel() == "DKK million, current prices"


def test_goals_show_target_and_median(run: sib.Results, ax: Axes) -> None:
    """A goal's diamond stands at its target and its bar at the median share."""
    plots.goals(run, ax=ax)
    shares = run.metric("achieved.job") / run.metric("people.job")
    drawn = [float(np.asarray(line.get_xdata())[0]) for line in ax.lines]
    assert drawn[-2:] == pytest.approx([np.median(shares), 0.50])
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert any("24 months" in label for label in labels)


def test_makes_its_own_axes(run: sib.Results) -> None:
    """Without axes new ones are made and returned, nothing is shown."""
    import matplotlib.pyplot as plt

    found = plots.goals(run)
    assert isinstance(found, Axes)
    plt.close("all")
