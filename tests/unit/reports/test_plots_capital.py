"""Pictures of people, capital and goals: what is drawn is what the results say."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes

import sibsim as sib
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.core.facts import Facts, Reports
from sibsim.errors import ArgumentError
from sibsim.reports import plots
from tests.pictures import closing, lengths, words_on

mpl.use("Agg")

ROUNDING = 1e-6
"""Half a millionth of a krone and more: sums of tens of millions are exact to far less."""


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


def posted(results: sib.Results, *lines: str) -> float:
    """Return the mean over draws of what the ledger holds on lines."""
    assert results.postings is not None
    found = [each.amount for each in results.postings if each.line in lines]
    assert found
    return float(sum(each.sum(axis=0).mean() for each in found))


def rows(ax: Axes) -> dict[str, float]:
    """Return the lengths of bars by the names beside them."""
    names = [each.get_text().replace("\n", " ") for each in ax.get_yticklabels()]
    return dict(zip(names, lengths(ax), strict=True))


def test_a_waterfall_starts_with_what_is_drawn_and_ends_at_zero(run: sib.Results, ax: Axes) -> None:
    """Every bar is a total of the ledger, each begins where the last one ended, the sum is zero."""
    assert plots.tranche_waterfall(run, ax=ax) is ax
    found, fund = rows(ax), "Den Sociale Investeringsfond"
    assert found[f"Drawn: {fund}"] == pytest.approx(posted(run, "capital.dsi.drawing"))
    assert found["Outcome payments"] == pytest.approx(run.metric("payments_total").mean())
    back = found[f"Principal: {fund}"] + found[f"Return: {fund}"]
    assert -back == pytest.approx(posted(run, "capital.dsi.repayment"))
    assert -found["Surplus beyond the return"] == pytest.approx(run.metric("surplus").mean())
    assert sum(found.values()) == pytest.approx(0.0, abs=ROUNDING)
    level = 0.0
    for bar in ax.patches:
        start = bar.get_x()  # type: ignore[attr-defined]  # bars are rectangles
        width = bar.get_width()  # type: ignore[attr-defined]  # as above
        assert start == pytest.approx(level, abs=ROUNDING)
        level = start + width
    assert level == pytest.approx(0.0, abs=ROUNDING)


def test_what_is_repaid_is_principal_before_return(ax: Axes) -> None:
    """Where all is repaid, principal is what was drawn, and the return the profit."""
    base = sib.load_case("holbaek").base_case()
    plots.tranche_waterfall(base, ax=ax)
    found, fund = rows(ax), "Den Sociale Investeringsfond"
    assert base.metric("investor_profit")[0] > 0
    assert -found[f"Principal: {fund}"] == pytest.approx(found[f"Drawn: {fund}"])
    assert -found[f"Return: {fund}"] == pytest.approx(base.metric("investor_profit")[0])


@pytest.mark.parametrize("name", sib.list_cases().index)
def test_the_waterfall_of_every_case_sums_to_zero(name: str, ax: Axes) -> None:
    """Of the base case, with the drawings of every tranche as the ledger has them."""
    base = sib.load_case(name).base_case()
    plots.tranche_waterfall(base, ax=ax)
    found, capital = rows(ax), base.case.contract.capital
    assert capital is not None
    assert sum(lengths(ax)) == pytest.approx(0.0, abs=ROUNDING)
    put_in = [f"capital.{each}.drawing" for each, of in capital.tranches.items() if of.is_drawn]
    drawn = [length for title, length in found.items() if title.startswith("Drawn: ")]
    assert sum(drawn) == pytest.approx(posted(base, *put_in))


def test_a_funnel_counts_what_the_tables_count(run: sib.Results, ax: Axes) -> None:
    """People who come, then true, reported and paid results of each line, with their numbers."""
    assert plots.payment_funnel(run, ax=ax) is ax
    referred, started, completed, *results = lengths(ax)
    assert started == pytest.approx(run.metric("participants").mean())
    assert referred > started > completed > 0
    table = run.outcomes()[["true", "reported", "paid"]].to_numpy()
    assert results == pytest.approx(table.ravel())
    words = words_on(ax)
    assert "Job, education or self-sufficiency (12, 18, 24 months)" in words
    assert f"{table[0, 0]:,.0f}" in words


def test_results_in_another_unit_stand_on_their_own_scale(ax: Axes) -> None:
    """Days are no people: the longest bar is as long as that of those who start, and it is said."""
    base = sib.load_case("school-and-family").base_case()
    plots.payment_funnel(base, ax=ax)
    started, absence = lengths(ax)[1], lengths(ax)[3:6]
    table = base.outcomes().loc["absence", ["true", "reported", "paid"]].to_numpy(dtype=float)
    counted = table[~np.isnan(table)]
    assert max(absence) == pytest.approx(started)
    scale = started / counted.max()
    assert absence[: len(counted)] == pytest.approx(list(counted * scale))
    assert any("own scale" in each for each in words_on(ax))


def test_goals_show_target_and_median(run: sib.Results, ax: Axes) -> None:
    """A goal's diamond stands at its target and its bar at the median share."""
    plots.goals(run, ax=ax)
    shares = run.metric("achieved.job") / run.metric("people.job")
    places = [float(np.asarray(line.get_xdata())[0]) for line in ax.lines]
    assert places[-2:] == pytest.approx([np.median(shares), 0.50])
    labels = [label.get_text() for label in ax.get_yticklabels()]
    chance = 100 * run.metric("p_goal.job").mean()
    assert labels[-1].endswith(
        f"24 months, target 50 %, median {100 * np.median(shares):.0f} %, P = {chance:.0f} %"
    )


def test_a_goal_that_is_a_mean_says_its_numbers(ax: Axes) -> None:
    """Weeks stand on a scale of their own, in the order of their values, and in words."""
    base = sib.load_case("svendborg").base_case()
    plots.goals(base, ax=ax, lang="da")
    mean = (base.metric("achieved.weeks_on_benefit") / base.metric("people.weeks_on_benefit"))[0]
    said = f"{mean:.1f}".replace(".", ",")
    (label,) = (each for each in words_on(ax) if "egen skala" in each)
    assert label.endswith(f"mål højst 37 uger, base case {said} uger: nås")
    places = [float(np.asarray(line.get_xdata())[0]) for line in ax.lines]
    median, target = places[2:4]
    assert mean < 37
    assert median < target
    assert target / median == pytest.approx(37 / mean)


def test_what_has_been_achieved_is_a_cross(run: sib.Results, ax: Axes) -> None:
    """Of reports of 28 in 50 and 12 in 30 people a cross stands at 40 of 80, said beside it."""
    unknown = np.full((4, 3), np.nan)
    achieved, people = unknown.copy(), unknown.copy()
    achieved[:2, 2], people[:2, 2] = (28, 12), (50, 30)
    facts = replace(Facts.nothing(4), reports={"job": Reports(achieved, people, *[unknown] * 3)})
    plots.goals(replace(run, facts=facts), ax=ax, lang="en")
    (cross,) = (each for each in ax.lines if each.get_marker() == "X")
    assert np.asarray(cross.get_xdata())[0] == pytest.approx(40 / 80)
    assert ax.get_yticklabels()[-1].get_text().endswith("achieved 50 % (of 80 people)")
    assert "achieved (cross)" in ax.get_title().replace("\n", " ")


def test_a_settlement_has_no_goals(run: sib.Results, ax: Axes) -> None:
    """Reports say nothing of outcomes; the error says what to draw instead."""
    with pytest.raises(ArgumentError, match=r"case\.base_case\(\)"):
        plots.goals(replace(run, kind="settled"), ax=ax)


def test_principal_comes_before_return_in_every_draw(run: sib.Results, ax: Axes) -> None:
    """What is repaid of a draw is what was received, at most what was drawn: some draws lose."""
    plots.tranche_waterfall(run, ax=ax)
    assert run.postings is not None
    drawn, received = (
        next(each.amount for each in run.postings if each.line == f"capital.dsi.{movement}").sum(
            axis=0
        )
        for movement in ("drawing", "repayment")
    )
    repaid = np.minimum(drawn, received).mean()
    assert repaid < drawn.mean()
    assert -rows(ax)["Principal: Den Sociale Investeringsfond"] == pytest.approx(repaid)


def test_what_is_owed_back_is_no_income_of_the_account(ax: Axes) -> None:
    """Payments stand less what is set off against them, and what the capital pays back is a cost.

    A fifth of what is paid for work is owed back, since nobody reaches 99 %.
    """
    unless = {"reads": "job", "at_months": 18, "at_least": 0.99}
    case = sib.load_case("holbaek").with_(
        {"payments.job.clawback": {"share": 0.2, "unless": unless}}
    )
    base = case.base_case()
    returned = base.metric("payments_returned")[0]
    assert returned > 0
    plots.tranche_waterfall(base, ax=ax)
    found = rows(ax)
    net = found["Outcome payments"] + found.get("Paid back to the payers", 0.0)
    assert net == pytest.approx(base.metric("payments_total")[0] - returned)
    assert sum(found.values()) == pytest.approx(0.0, abs=ROUNDING)


def test_a_goal_before_the_last_follow_up_reads_its_own(run: sib.Results, ax: Axes) -> None:
    """Of a goal at 12 months the median is that of 12 months, which others differ from."""
    case = run.case.with_({"outcomes.job.goal": {"at_months": 12, "share": 0.5}})
    results = case.simulate(draws=64, rng=1)
    plots.goals(results, ax=ax)
    share = np.median(results.metric("achieved.job.12") / results.metric("people.job"))
    last = np.median(results.metric("achieved.job") / results.metric("people.job"))
    assert share != last
    assert np.asarray(ax.lines[-2].get_xdata())[0] == pytest.approx(share)


def test_what_payments_do_not_cover_is_paid_back_from_the_capital(ax: Axes) -> None:
    """The job line alone, all owed back after its last payment: nothing is left to set off."""
    document = tomllib.loads(catalogue.text("cases", "holbaek"))
    for name in ("fit_for_work", "wellbeing"):
        del document["payments"][name], document["measures"][name]
    unless = {"reads": "job", "at_months": 24, "at_least": 0.99}
    document["payments"]["job"] |= {
        "follow_up_months": [12],
        "price": 16_000,
        "clawback": {"share": 1.0, "unless": unless},
    }
    base = build(document).base_case()
    plots.tranche_waterfall(base, ax=ax)
    found, returned = rows(ax), base.metric("payments_returned")[0]
    assert returned > 0
    assert found["Outcome payments"] == pytest.approx(base.metric("payments_total")[0])
    assert -found["Paid back to the payers"] == pytest.approx(returned)
    assert sum(found.values()) == pytest.approx(0.0, abs=ROUNDING)
