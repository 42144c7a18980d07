"""Pictures of evaluation and of what matters most: what is drawn is what the analyses say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer

import sibsim as sib
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import Estimate
from sibsim.decisions.drivers.one_way import Tornado, tornado
from sibsim.errors import ArgumentError
from sibsim.reports import plots
from tests.pictures import closing, words_on
from tests.small_case import BAND, TRIAL, VERIFIED, small_case

mpl.use("Agg")

COURSES = 1_000
"""Courses of a diagnosis, in ten groups of a hundred."""


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
def trial() -> sib.Case:
    """Return a case whose effect differs from draw to draw, measured in a randomised trial."""
    uplift = {"p10": 0.0, "p50": 0.1, "p90": 0.2, "unit": "share", "may_be_negative": True}
    return small_case(outcome={"counterfactual": 0.4, "uplift": uplift}, design=TRIAL)


@pytest.fixture(scope="module")
def found() -> Tornado:
    """Return what the municipality's net of the Holbæk case hangs on."""
    return tornado(sib.load_case("holbaek"), draws=64, rng=1)


def curve(ax: Axes, label: str) -> tuple[FloatArray, FloatArray]:
    """Return the points of a curve with error bars."""
    (points,) = (
        each.lines[0]
        for each in ax.containers
        if isinstance(each, ErrorbarContainer) and each.get_label() == label
    )
    return np.asarray(points.get_xdata()), np.asarray(points.get_ydata())


def test_power_rises_with_the_true_effect(trial: sib.Case, ax: Axes) -> None:
    """Points are groups of as many courses, so that their mean is the share of all courses."""
    assert plots.power_curve(trial, draws=COURSES, ax=ax) is ax
    effect, passed = curve(ax, "a one-sided test at 5 % is passed")
    assert len(effect) == 10
    assert (np.diff(effect) > 0).all()
    assert passed[-1] > passed[0] + 0.3
    (row,) = trial.diagnose(designs={}, draws=COURSES, diagnosands={"t": lambda c: c.truth}).rows
    assert effect.mean() == pytest.approx(row.figures["t"].value)
    good = (
        trial.diagnose(
            designs={},
            draws=COURSES,
            diagnosands={"s": lambda c: c.significant, "p": lambda c: c.paid > 0.005},
        )
        .rows[0]
        .figures
    )
    assert passed.mean() == pytest.approx(good["s"].value)
    assert curve(ax, "something is paid")[1].mean() == pytest.approx(good["p"].value)
    assert "true effect at 12 months, percentage points" in ax.get_xlabel()


def test_without_a_comparison_the_curve_is_of_payment_at_the_true_rate(ax: Axes) -> None:
    """Nothing tests anything: only payment is drawn, and the picture says what it shows."""
    verified = dict(BAND) | {"of": "rate"}
    plots.power_curve(small_case(design=VERIFIED, line=verified), draws=100, ax=ax, lang="da")
    words = " ".join(words_on(ax)).replace("\n", " ")
    assert "sand andel efter 12 mdr." in words
    assert "måles uden sammenligning" in words
    assert "ensidet test" not in words
    assert len(ax.containers) == 1


def test_payment_for_nothing_is_that_of_the_diagnosis(trial: sib.Case, ax: Axes) -> None:
    """At each number of participants, the case's own marked, the mean amount in words."""
    plots.false_payment_curve(trial, sizes=[50, 200], draws=COURSES, ax=ax)
    people, paid = curve(ax, "something is paid without effect")
    _, passed = curve(ax, "a one-sided test at 5 % is passed without effect")
    table = trial.diagnose(designs={}, sizes=[50, 200], draws=COURSES).table()
    assert list(people) == [50, 100, 200]
    assert paid == pytest.approx(table["p_paid_for_nothing"].to_numpy())
    assert passed == pytest.approx(table["false_positive"].to_numpy())
    assert "the case: 100" in words_on(ax)
    amount = table["paid_for_nothing"].loc[("case", 100)]
    assert f"{amount / 1000:.0f},000 is paid without effect" in ax.get_xlabel()


def test_too_few_courses_are_refused(trial: sib.Case, ax: Axes) -> None:
    """A curve through ten groups needs at least two in each."""
    with pytest.raises(ArgumentError, match="at least 20"):
        plots.power_curve(trial, draws=19, ax=ax)


def test_a_tornado_has_the_widest_bar_on_top(found: Tornado, ax: Axes) -> None:
    """Bars run from the reference to the figure at both ends, which stands beside them."""
    assert plots.tornado(found, ax=ax) is ax
    moving = [each for each in found.bars if each.moves]
    pairs = [each.get_x() + each.get_width() for each in ax.patches]  # type: ignore[attr-defined]  # bars are rectangles
    ends = [each.figure.value for bar in moving for each in (bar.low, bar.high)]
    assert pairs == pytest.approx(ends)
    assert {each.get_x() for each in ax.patches} == {found.reference.value}  # type: ignore[attr-defined]  # as above
    widths = np.abs(np.diff(np.array(ends).reshape(-1, 2), axis=1)).ravel()
    assert (np.diff(widths) <= 0).all()
    bottom, top = ax.get_ylim()
    assert bottom > top
    labels = [each.get_text().replace("\n", " ") for each in ax.get_yticklabels()]
    assert labels[0] == 'How much of the effect on "Job, education or self-sufficiency" holds here'
    written = {each.get_text() for each in ax.texts}
    assert f"DKK {ends[1] / 1e6:.1f} m" in written
    assert f"not shown, as they change nothing: {len(found.bars) - len(moving)}" in ax.get_xlabel()


def test_ends_on_one_side_of_the_reference_share_one_label(found: Tornado, ax: Axes) -> None:
    """Otherwise the value of one end would stand where no bar ends."""
    bar = found.bars[0]
    low = replace(bar.low, figure=Estimate(found.reference.value + 1e6, mc_error=0.0, undefined=0))
    high = replace(
        bar.high, figure=Estimate(found.reference.value + 2e6, mc_error=0.0, undefined=0)
    )
    plots.tornado(replace(found, bars=(replace(bar, low=low, high=high),)), ax=ax)
    (text,) = ax.texts
    assert " to " in text.get_text()
    assert text.xy[0] == found.reference.value + 2e6  # type: ignore[attr-defined]  # annotations have it


def test_a_quantity_without_a_defined_swing_is_counted(found: Tornado, ax: Axes) -> None:
    """It is not drawn, and the picture says so."""
    bar = found.bars[0]
    low = replace(bar.low, figure=Estimate(np.nan, mc_error=np.nan, undefined=1.0))
    plots.tornado(replace(found, bars=(replace(bar, low=low), *found.bars[1:])), ax=ax, lang="da")
    assert "ikke vist, fordi udslaget ikke er defineret: 1" in ax.get_xlabel()
