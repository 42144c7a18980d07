"""Pictures of evidence: what is drawn is what the analysis says, in its order, on its scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from scipy.special import ndtri

from sibsim.errors import ArgumentError
from sibsim.evidence.influence import leave_one_out
from sibsim.evidence.meta import MetaAnalysis, meta_analysis
from sibsim.evidence.prior import Prior
from sibsim.evidence.reading import read_studies
from sibsim.evidence.small_studies import egger_test, pet_peese
from sibsim.evidence.studies import Studies
from sibsim.reports import evidence_plots as plots
from tests.pictures import assert_inside

mpl.use("Agg")

ESTIMATES = {"Small": (3.0, 0.6), "Middle": (2.0, 0.3), "Large": (0.9, 0.1)}
"""Odds ratio and standard error of its logarithm, by study."""


@pytest.fixture
def ax() -> Iterator[Axes]:
    """Return axes that are closed afterwards."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture(scope="module")
def studies() -> Studies:
    """Return three studies of an odds ratio."""
    rows = [
        {"study": name, "estimate": ratio, "standard_error": error, "outcome": "in work"}
        for name, (ratio, error) in ESTIMATES.items()
    ]
    return read_studies(rows, scale="odds_ratio")


@pytest.fixture(scope="module")
def found(studies: Studies) -> MetaAnalysis:
    """Return what the three found together; places differ."""
    analysis = meta_analysis(studies, method="dl")
    assert analysis.tau2 > 0
    return analysis


def squares(ax: Axes) -> PathCollection:
    """Return the marks of the studies."""
    (marks,) = (each for each in ax.collections if each.get_label() == "studies")
    return cast("PathCollection", marks)


def lines(ax: Axes, label: str) -> list[list[float]]:
    """Return both ends of each horizontal line with a label, (left, right, height)."""
    (drawn,) = (each for each in ax.collections if each.get_label() == label)
    ends = cast("LineCollection", drawn).get_segments()
    return [[each[0][0], each[1][0], each[0][1]] for each in ends]


def line(ax: Axes, label: str) -> Line2D:
    """Return the line with a label."""
    (drawn,) = (each for each in ax.lines if each.get_label() == label)
    return drawn


def names(ax: Axes) -> dict[str, float]:
    """Return what stands to the left, and how high."""
    labels = [each.get_text() for each in ax.get_yticklabels()]
    return dict(zip(labels, ax.get_yticks().tolist(), strict=True))


def texts(ax: Axes, place: float) -> list[str]:
    """Return the columns of text at one height, from the left."""
    return [
        each.get_text()
        for each in ax.texts
        if each.xy[1] == place and each.get_text()  # type: ignore[attr-defined]  # annotations have it
    ]


def test_a_forest_lists_the_studies_in_their_order_from_the_top(
    found: MetaAnalysis, ax: Axes
) -> None:
    """Then the mean, then the next place, below a gap; higher places are lower on the axis."""
    assert plots.forest(found, ax=ax) is ax
    assert list(names(ax)) == [*ESTIMATES, "mean over places", "next place"]
    heights = list(names(ax).values())
    assert np.diff(heights) == pytest.approx([1.0, 1.0, 1.6, 1.0])
    bottom, top = ax.get_ylim()
    assert bottom > heights[-1]
    assert top < heights[0]
    assert ax.get_title() == "in work"


def test_a_forest_draws_ratios_as_ratios_on_a_logarithmic_axis(
    found: MetaAnalysis, ax: Axes
) -> None:
    """Squares at exp of the estimate, intervals 1.96 errors of the logarithm to either side."""
    plots.forest(found, ax=ax)
    assert ax.get_xscale() == "log"
    assert "odds ratio; 1 is no effect" in ax.get_xlabel()
    centres = np.asarray(squares(ax).get_offsets())
    assert centres[:, 0] == pytest.approx([ratio for ratio, _ in ESTIMATES.values()])
    for (left, right, place), (ratio, error) in zip(
        lines(ax, "intervals"), ESTIMATES.values(), strict=True
    ):
        assert left == pytest.approx(ratio * np.exp(-1.959964 * error), rel=1e-6)
        assert right == pytest.approx(ratio * np.exp(1.959964 * error), rel=1e-6)
        assert place in names(ax).values()
    low, high = ax.get_xlim()
    assert low < min(left for left, *_ in lines(ax, "intervals"))
    assert high > max(right for _, right, _ in lines(ax, "intervals"))


def test_the_area_of_a_square_is_the_weight_of_its_study(found: MetaAnalysis, ax: Axes) -> None:
    """Twice the weight, twice the area."""
    plots.forest(found, ax=ax)
    areas = np.asarray(squares(ax).get_sizes())
    assert areas / areas.sum() == pytest.approx(found.weights)


def test_the_diamond_is_the_mean_and_the_bar_the_next_place(found: MetaAnalysis, ax: Axes) -> None:
    """The diamond spans the interval of the mean, the bar below that of the next place."""
    plots.forest(found, ax=ax)
    (diamond,) = (cast("Polygon", each) for each in ax.patches)
    corners = diamond.get_xy()
    mean, next_place = names(ax)["mean over places"], names(ax)["next place"]
    assert corners[:4, 0] == pytest.approx(
        np.exp([found.low, *[found.estimate] * 2, found.high])[[0, 1, 3, 2]]
    )
    assert corners[[0, 2], 1] == pytest.approx([mean, mean])
    ((left, right, place),) = lines(ax, "next place")
    assert (left, right) == pytest.approx((np.exp(found.next_low), np.exp(found.next_high)))
    assert place == next_place
    assert left < corners[:, 0].min() < corners[:, 0].max() < right


def test_figures_stand_beside_each_row(found: MetaAnalysis, ax: Axes) -> None:
    """Estimate with interval and weight; exp(ln 2 -+ 1.96 * 0.3) is 1.11 to 3.60."""
    plots.forest(found, ax=ax)
    middle = names(ax)["Middle"]
    assert texts(ax, middle) == ["2.00 (1.11 to 3.60)", f"{100 * found.weights[1]:.1f} %"]
    low, high = np.exp([found.next_low, found.next_high])
    assert texts(ax, names(ax)["next place"]) == [f"({low:.2f} to {high:.2f})"]


def test_a_difference_stands_on_a_plain_axis(ax: Axes) -> None:
    """No logarithm, and no effect is 0."""
    rows = [
        {"study": name, "estimate": value, "standard_error": 0.1}
        for name, value in (("A", -0.1), ("B", 0.2))
    ]
    plots.forest(meta_analysis(read_studies(rows, scale="risk_difference")), ax=ax)
    assert ax.get_xscale() == "linear"
    assert ax.get_xlabel() == "risk difference; 0 is no effect"
    assert np.asarray(squares(ax).get_offsets())[:, 0] == pytest.approx([-0.1, 0.2])


@pytest.mark.parametrize("error", [0.05, 0.5, 2.5], ids=["narrow", "usual", "wide"])
def test_a_ratio_has_readable_ticks_at_every_width(error: float, ax: Axes) -> None:
    """From intervals of a tenth to factors of thousands, between 3 and 12 labels are seen."""
    rows = [
        {"study": name, "estimate": value, "standard_error": error}
        for name, value in (("A", 1.1), ("B", 1.4))
    ]
    plots.forest(meta_analysis(read_studies(rows, scale="risk_ratio")), ax=ax)
    low, high = ax.get_xlim()
    seen = [each for each in ax.get_xticks() if low <= each <= high]
    assert 3 <= len(seen) <= 12
    assert len(ax.get_xticks(minor=True)) == 0


def test_leaving_one_out_names_whom_and_ends_with_all(studies: Studies, ax: Axes) -> None:
    """Each row is the meta-analysis without that study, the diamond that of all."""
    found = leave_one_out(studies, method="dl")
    assert plots.leave_one_out(found, ax=ax) is ax
    assert list(names(ax)) == [*(f"without {name}" for name in ESTIMATES), "with all"]
    centres = np.asarray(squares(ax).get_offsets())[:, 0]
    assert centres == pytest.approx([np.exp(each.estimate) for each in found.without])
    drawn = [[left, right] for left, right, _ in lines(ax, "intervals")]
    ends = [[np.exp(each.low), np.exp(each.high)] for each in found.without]
    assert np.array(drawn) == pytest.approx(np.array(ends))
    (diamond,) = (cast("Polygon", each) for each in ax.patches)
    assert diamond.get_xy()[0, 0] == pytest.approx(np.exp(found.whole.low))
    of_small = texts(ax, names(ax)["without Small"])
    assert of_small[1] == f"{100 * found.without[0].i2:.1f} %"


def test_a_funnel_has_the_surest_study_on_top(found: MetaAnalysis, ax: Axes) -> None:
    """Estimate against standard error, 0 at the top, ratios as ratios on a logarithmic axis."""
    assert plots.funnel(found, ax=ax) is ax
    offsets = np.asarray(squares(ax).get_offsets())
    assert offsets == pytest.approx(np.array(list(ESTIMATES.values())))
    bottom, top = ax.get_ylim()
    assert top == 0.0
    assert bottom > max(error for _, error in ESTIMATES.values())
    assert ax.get_xscale() == "log"
    assert ax.get_ylabel() == "standard error of its logarithm"


def test_the_limits_of_a_funnel_are_straight_on_the_additive_scale(
    found: MetaAnalysis, ax: Axes
) -> None:
    """From the mean at error 0 to 1.96 errors on either side at the bottom, as many each way."""
    plots.funnel(found, ax=ax)
    left = line(ax, "95 % of studies, were places alike")
    right = ax.lines[ax.lines.index(left) + 1]
    for side, drawn in ((-1.0, left), (1.0, right)):
        errors = np.asarray(drawn.get_ydata())
        ends = np.log(np.asarray(drawn.get_xdata()))
        assert ends == pytest.approx(found.estimate + side * ndtri(0.975) * errors)
    assert [each.get_label() for each in ax.lines if "Egger" in str(each.get_label())] == []


def test_the_line_of_egger_passes_through_the_regression(found: MetaAnalysis, ax: Axes) -> None:
    """It starts where a study without error would be (PET), rises by the slope of the test."""
    plots.funnel(found, egger_line=True, ax=ax)
    test = egger_test(found.studies)
    drawn = line(ax, f"Egger's test, p = {test.p:.3f}")
    ends, errors = np.log(np.asarray(drawn.get_xdata())), np.asarray(drawn.get_ydata())
    assert ends[0] == pytest.approx(pet_peese(found.studies).pet.estimate)
    assert (ends[1] - ends[0]) / (errors[1] - errors[0]) == pytest.approx(test.slope)


def test_a_funnel_is_refused_where_means_differ(ax: Axes) -> None:
    """With moderators there is no one mean to draw around."""
    rows = [
        {"study": name, "estimate": 1.0 + year / 10, "standard_error": 0.3, "year": float(year)}
        for name, year in (("A", 1), ("B", 2), ("C", 4))
    ]
    studies = read_studies(rows, scale="odds_ratio")
    with pytest.raises(ArgumentError, match="without moderators"):
        plots.funnel(meta_analysis(studies, moderators=["year"]), ax=ax)


def test_priors_show_the_mean_against_the_next_place(found: MetaAnalysis, ax: Axes) -> None:
    """Bars from quantile to quantile on the scale of readers, and how likely harm is."""
    shown = {"mean": found.prior(of="mean"), "next place": found.prior()}
    assert plots.priors(shown, ax=ax) is ax
    assert list(names(ax)) == list(shown)
    bars = [cast("Rectangle", each) for each in ax.patches]
    for (low, high), (wide, middle), prior in zip(
        [(0.05, 0.95)] * 2, (bars[:2], bars[2:]), shown.values(), strict=True
    ):
        for bar, levels in ((wide, (low, high)), (middle, (0.25, 0.75))):
            ends = list(prior.quantiles(levels).values())
            assert [bar.get_x(), bar.get_x() + bar.get_width()] == pytest.approx(ends)
    assert texts(ax, 1.0)[-1] == f"{100 * (shown['next place'].p_harm or 0):.0f} %"
    assert ax.get_xscale() == "log"


def test_priors_on_several_scales_are_refused(ax: Axes) -> None:
    """One axis shows one scale, and nothing shows none."""
    odds = Prior.of_normal(scale="odds_ratio", mean=0.4, sd=0.2, predictive=True)
    share = Prior.of_normal(scale="risk_difference", mean=0.1, sd=0.02, predictive=True)
    with pytest.raises(ArgumentError, match="odds_ratio, risk_difference"):
        plots.priors({"a": odds, "b": share}, ax=ax)
    with pytest.raises(ArgumentError, match="no priors"):
        plots.priors({}, ax=ax)


def test_a_share_has_no_line_of_no_effect(ax: Axes) -> None:
    """Of a success rate only a baseline tells what harm is."""
    form = {"dist": "beta", "alpha": 12, "beta": 8}
    plots.priors({"expert": Prior(scale="success_rate", form=form, predictive=True)}, ax=ax)
    assert ax.get_xlabel() == "success rate"
    assert len(texts(ax, 0.0)) == 1
    assert "harm" not in [each.get_text() for each in ax.texts]
    assert ax.get_xlim()[0] < min(cast("Rectangle", each).get_x() for each in ax.patches)


def test_makes_its_own_axes_as_high_as_the_studies_need(found: MetaAnalysis) -> None:
    """Without axes new ones are made and returned; nothing is shown."""
    import matplotlib.pyplot as plt

    drawn = plots.forest(found)
    assert isinstance(drawn, Axes)
    few, many = drawn.figure, plots.forest(_many(found.studies)).figure
    assert isinstance(few, Figure)
    assert isinstance(many, Figure)
    assert many.get_size_inches()[1] > few.get_size_inches()[1] + 2.0
    plt.close("all")


def _many(studies: Studies) -> MetaAnalysis:
    rows = [
        {"study": f"{name} {time}", "estimate": ratio, "standard_error": error}
        for time in range(5)
        for name, (ratio, error) in ESTIMATES.items()
    ]
    return meta_analysis(read_studies(rows, scale=studies.scale))


def test_a_danish_picture_is_in_danish(found: MetaAnalysis, studies: Studies) -> None:
    """Rows, columns, axes and legends; decimals have a comma."""
    import matplotlib.pyplot as plt

    forest = plots.forest(found, lang="da")
    assert list(names(forest))[-2:] == ["gennemsnit over steder", "næste sted"]
    assert texts(forest, names(forest)["Middle"])[0] == "2,00 (1,11 til 3,60)"
    assert forest.get_xlabel() == "oddsratio; 1 er ingen effekt"
    funnel = plots.funnel(found, egger_line=True, lang="da")
    p = f"{egger_test(found.studies).p:.3f}".replace(".", ",")
    assert line(funnel, f"Eggers test, p = {p}").get_linestyle() == ":"
    assert line(funnel, "95 % af studierne, hvis steder var ens").get_linestyle() == "--"
    assert funnel.get_ylabel() == "standardfejl på logaritmen"
    one_out = plots.leave_one_out(leave_one_out(studies, method="dl"), lang="da")
    assert list(names(one_out))[0::3] == ["uden Small", "med alle"]
    priors = plots.priors({"næste": found.prior()}, lang="da")
    assert "skade" in [each.get_text() for each in priors.texts]
    for each in (forest, funnel, one_out, priors):
        assert_inside(each)
    plt.close("all")


def test_a_hostile_study_breaks_no_forest() -> None:
    """Names of studies are cut and drawn as they stand, mathematics too."""
    import matplotlib.pyplot as plt

    rows = [
        {"study": name, "estimate": 2.0, "standard_error": 0.3, "outcome": "$x_$" * 2_500}
        for name in ("$\\alpha$ <b>", "_hidden " + "long " * 2_000)
    ]
    drawn = plots.forest(meta_analysis(read_studies(rows, scale="odds_ratio")))
    shown = list(names(drawn))
    assert shown[0] == r"\$\alpha\$ <b>"
    assert shown[1].endswith("…")
    drawn.figure.canvas.draw()
    plt.close("all")
