"""Pictures of money and of what is at stake: what is drawn is what the results say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import sibsim as sib
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.reports import plots
from tests.pictures import bars, closing, heights, words_on

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close every figure afterwards."""
    yield from closing()


@pytest.fixture
def ax() -> Axes:
    """Return new axes."""
    import matplotlib.pyplot as plt

    return plt.subplots()[1]


@pytest.fixture(scope="module")
def run() -> sib.Results:
    """Return a short run of the Holbæk case."""
    return sib.load_case("holbaek").simulate(draws=64, rng=1)


def test_cumulative_cash_ends_at_the_profit(run: sib.Results, ax: Axes) -> None:
    """The last median is the median profit, the base case its own profit; ticks are in millions."""
    assert plots.cumulative_cash(run, "investor", ax=ax) is ax
    median, base, _ = (np.asarray(line.get_ydata()) for line in ax.lines)
    profit = run.metric("investor_profit")
    assert median[-1] == pytest.approx(np.median(profit))
    assert base[-1] == pytest.approx(run.case.base_case().metric("investor_profit")[0])
    assert ax.get_ylabel() == "DKK million, current prices"
    assert ax.yaxis.get_major_formatter()(-1_500_000, 0) == "-1.5"


@pytest.mark.parametrize("party", ["investor", "municipality", "state", "dsi"])
def test_cash_flow_bars_are_the_flows_of_the_table(run: sib.Results, ax: Axes, party: str) -> None:
    """In and out of each year add up to its mean flow, and the line ends at their sum."""
    plots.cash_flow(run, party, ax=ax)
    table = run.cash_flows(party)
    received, paid = heights(ax, "money in"), heights(ax, "money out")
    assert (received >= 0).all()
    assert (paid <= 0).all()
    assert paid.min() < 0 < received.max()
    scale = np.abs(received).max()
    assert received + paid == pytest.approx(table["mean"].to_numpy(), abs=1e-9 * scale)
    line = np.asarray(ax.lines[0].get_ydata())
    assert line[-1] == pytest.approx(table["cumulative_mean"].iloc[-1])


def test_the_deepest_point_is_the_most_that_the_investor_has_out(ax: Axes) -> None:
    """Of the base case it is the metric of that name, marked and said with its year."""
    base = sib.load_case("holbaek").base_case()
    plots.cash_flow(base, ax=ax, lang="da")
    (mark,) = (each for each in ax.lines if str(each.get_label()).startswith("lavest"))
    (lowest,) = np.asarray(mark.get_ydata())
    assert lowest == pytest.approx(-base.metric("investor_peak_capital")[0])
    millions = f"{lowest / 1e6:.1f}".replace(".", ",")
    assert str(mark.get_label()).startswith(f"lavest: {millions} mio. kr. (202")


def test_an_s_curve_rises_through_the_quantiles_of_the_summary(run: sib.Results, ax: Axes) -> None:
    """Marks stand at p5, p50 and p95, and half of the draws lie at or below the median."""
    plots.s_curve(run, "municipality_net", ax=ax)
    row = run.summary().loc["municipality_net"]
    marks = [each for each in ax.lines if each.get_marker() == "o"]
    places = [float(np.asarray(each.get_xdata())[0]) for each in marks]
    levels = [float(np.asarray(each.get_ydata())[0]) for each in marks]
    assert places == pytest.approx([row["p5"], row["p50"], row["p95"]])
    assert levels == [0.05, 0.5, 0.95]
    curve = ax.lines[0]
    shares = np.asarray(curve.get_ydata())[np.asarray(curve.get_xdata()) <= row["p50"]]
    assert shares.max() == pytest.approx(0.5)
    below = np.mean(run.metric("municipality_net") < 0)
    assert f"chance of less than DKK 0: {100 * below:.0f} %" in ax.get_xlabel()


def test_an_s_curve_of_the_rate_of_return_shows_the_hurdle(run: sib.Results, ax: Axes) -> None:
    """The line stands at the investor's discount rate of the case, in words in Danish too."""
    plots.s_curve(run, ax=ax, lang="da")
    (hurdle,) = (each for each in ax.lines if each.get_label() == "afkastkrav 4 %")
    assert list(np.asarray(hurdle.get_xdata())) == [0.04, 0.04]
    below = np.mean(run.metric("investor_irr") < 0.04)
    assert f"sandsynlighed for under 4 %: {100 * below:.0f} %" in ax.get_xlabel()


def test_undefined_draws_are_left_out_and_counted(run: sib.Results, ax: Axes) -> None:
    """Of 64 draws 16 without a rate leave a curve through 48, and the picture says so."""
    rates = np.r_[np.full(16, np.nan), np.linspace(-0.1, 0.05, 48)]
    plots.s_curve(replace(run, metrics=dict(run.metrics) | {"investor_irr": rates}), ax=ax)
    curve = np.asarray(ax.lines[0].get_ydata())
    assert len(curve) == 49
    assert curve[-1] == 1.0
    assert "16 of 64 simulations are undefined and left out" in ax.get_xlabel()


def test_a_date_that_may_never_come_keeps_its_place_below_one(run: sib.Results, ax: Axes) -> None:
    """Draws that never pay back rank last: the curve ends below 1 by their share."""
    plots.s_curve(run, "investor_payback_years", ax=ax)
    never = float(np.isnan(run.metric("investor_payback_years")).mean())
    assert 0 < never < 1
    assert np.asarray(ax.lines[0].get_ydata())[-1] == pytest.approx(1 - never)
    assert "these rank last" in ax.get_xlabel()


def test_where_no_rate_is_defined_the_picture_says_so(run: sib.Results, ax: Axes) -> None:
    """No curve, but the words."""
    nothing = dict(run.metrics) | {"investor_irr": np.full(64, np.nan)}
    plots.s_curve(replace(run, metrics=nothing), ax=ax)
    assert "undefined in every simulation" in words_on(ax)


def test_an_indicator_has_no_curve(run: sib.Results, ax: Axes) -> None:
    """It is yes or no in each draw; an unknown metric names the nearest."""
    with pytest.raises(ArgumentError, match="yes or no in every draw"):
        plots.s_curve(run, "p_investor_loss", ax=ax)
    with pytest.raises(UnknownNameError, match="investor_irr"):
        plots.s_curve(run, "investor_ir", ax=ax)


def test_who_saves_adds_up_to_the_nets_of_the_parties(run: sib.Results, ax: Axes) -> None:
    """Each party's bars sum to its net; gains stand above zero, losses below, on one another."""
    plots.who_saves(run, ax=ax)
    for name, metric in (("The municipality", "municipality_net"), ("The state", "state_net")):
        assert heights(ax, name).sum() == pytest.approx(run.metric(metric).mean())
    shown = ("The municipality", "The state", "Citizens")
    whole = np.sum([heights(ax, name) for name in shown], axis=0)
    (net,) = (each for each in ax.lines if each.get_label() == "net of the parties shown")
    assert np.asarray(net.get_ydata()) == pytest.approx(whole, abs=1e-6)
    for year in range(len(whole)):
        column = [bars(ax, name)[year] for name in shown]
        gains = sorted(each.get_y() for each in column if each.get_height() > 0)
        assert not gains or gains[0] == 0.0
        tops = [each.get_y() + each.get_height() for each in column if each.get_height() > 0]
        losses = [each for each in column if each.get_height() < 0]
        assert all(each.get_y() <= 0 for each in losses)
        assert sum(each.get_height() for each in column if each.get_height() > 0) == pytest.approx(
            max(tops, default=0.0)
        )


def test_makes_its_own_axes(run: sib.Results) -> None:
    """Without axes new ones are made and returned, nothing is shown; delegates draw the same."""
    found = plots.goals(run)
    assert isinstance(found, Axes)
    assert words_on(run.plot.goals()) == words_on(found)
    assert words_on(run.plot.s_curve("state_net", lang="da")) == words_on(
        plots.s_curve(run, "state_net", lang="da")
    )


def test_an_unknown_language_or_party_is_refused(run: sib.Results, ax: Axes) -> None:
    """In plain words, with the way out; a run without flows says how to keep them."""
    with pytest.raises(ArgumentError, match="one of da, en"):
        plots.goals(run, ax=ax, lang="de")
    with pytest.raises(UnknownNameError, match="municipality"):
        plots.cash_flow(run, "municipalty", ax=ax)
    with pytest.raises(ArgumentError, match="keep='flows'"):
        plots.who_saves(replace(run, postings=None), ax=ax)


def test_what_is_no_axes_is_refused(run: sib.Results) -> None:
    """A figure in place of its axes, as people write it, is told from axes."""
    with pytest.raises(ArgumentError, match="ax: got Figure, which is no axes to draw on"):
        plots.who_saves(run, ax=Figure())  # type: ignore[arg-type]  # what is tested


@pytest.mark.parametrize(
    ("party", "title"),
    [("contract", "Kontraktens konto"), ("dsi", "Den Sociale Investeringsfond")],
)
def test_parties_have_danish_names(run: sib.Results, ax: Axes, party: str, title: str) -> None:
    """The account and the investors are called as in tables."""
    plots.cash_flow(run, party, ax=ax, lang="da")
    assert ax.get_title(loc="left").startswith(title) or ax.get_title().startswith(title)


def test_a_metric_of_an_outcome_is_called_by_its_title(run: sib.Results, ax: Axes) -> None:
    """No name of the case file stands on a picture."""
    plots.s_curve(run, "achieved.job", ax=ax, lang="da")
    assert "Job, uddannelse eller selvforsørgelse" in ax.get_xlabel().replace("\n", " ")
