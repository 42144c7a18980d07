"""What it is worth to know more before deciding on a case, against values worked out by hand."""

from __future__ import annotations

import math
from functools import cache

import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.decisions.information.case_value import value_of_information
from sibsim.decisions.information.result import Information, Learned
from sibsim.decisions.information.studies import Study
from sibsim.errors import ArgumentError, CaseError
from tests.unit.decisions.information.linear_case import (
    RATE,
    gain_at,
    line,
    linear_case,
    sample_value,
)

DRAWS = 8_000

ERRORS = 5
"""Monte Carlo standard errors within which a figure must lie."""

LOW, HIGH = 0.5, 0.7
"""The rate is uniform between them, with the price worth it from 0.59 on."""

ALPHA, BETA = 6.0, 4.0
"""Or it is Beta(6, 4), with mean 0.6."""

EFFECT = ["outcomes.job.effect", "outcomes.job.transport.tau"]


def row(found: Information, name: str) -> Learned:
    """Return what is said of one thing that may be learned."""
    return next(each for each in found.learned if each.name == name)


def assert_worth(found: Learned, expected: float) -> None:
    """Check a value within five errors, and what the fit may lose of it."""
    valued = found.valued
    assert valued.mc_error > 0
    assert valued.value - expected < ERRORS * valued.mc_error
    assert expected - valued.value < ERRORS * valued.mc_error + valued.too_low_by


@cache
def of_holbaek() -> Information:
    """Return what the municipality of Holbæk may learn, on few draws."""
    return value_of_information(
        sib.load_case("holbaek"),
        for_="municipality",
        groups={"the effect": EFFECT},
        studies={
            "own": Study(),
            "first cohort": Study(cohorts=1, cost=100_000),
            "everywhere": Study(cohorts=1, cost=100_000, decisions=10),
        },
        draws=4_000,
        rng=1,
    )


def test_the_gain_is_a_line() -> None:
    """Three true rates lie on one line, so that the values below are closed forms."""
    start, slope = line()
    # Exact but for the rounding of sums of øre over the periods.
    assert math.isclose(gain_at(0.6), start + 0.6 * slope, abs_tol=1.0)
    assert slope > 0
    assert LOW < -start / slope < HIGH


def test_knowing_a_uniform_rate(seed: int) -> None:
    """A rate uniform on [l, h], worth it from t on, is worth b (h - t)^2 / (2 (h - l)) - best."""
    start, slope = line()
    turn = -start / slope
    expected = slope * (HIGH - turn) ** 2 / (2 * (HIGH - LOW))
    expected -= max(start + slope * (LOW + HIGH) / 2, 0.0)
    case = linear_case({"dist": "uniform", "min": LOW, "max": HIGH})
    found = value_of_information(case, for_="investor", draws=DRAWS, rng=seed)
    for name in (RATE, "all parameters"):
        assert_worth(row(found, name), expected)
    assert row(found, "perfect foresight").valued.value > expected
    turned = (turn - LOW) / (HIGH - LOW)
    assert found.best == "invest"
    # Luck of 100 people is 0.05 of the rate; from 8,000 draws and some 25 fitted terms the turn is
    # known to 0.05 sqrt(25 / 8000) = 0.003, a seventieth of the range.
    turn_error = 0.05 * math.sqrt(25 / DRAWS) / (HIGH - LOW)
    assert abs(found.wrong.value - turned) < ERRORS * found.wrong.mc_error + turn_error


def test_seeing_a_first_cohort_is_the_beta_binomial_sum(seed: int) -> None:
    """Results of 10 and 40 people of a Beta rate are worth what exact calculation says."""
    case = linear_case({"dist": "beta", "alpha": ALPHA, "beta": BETA})
    studies = {
        str(people): Study({"target_group.size": people}, cost=50_000, decisions=3)
        for people in (10, 40)
    }
    found = value_of_information(case, for_="investor", studies=studies, draws=2 * DRAWS, rng=seed)
    values = []
    for name in studies:
        each = row(found, name)
        assert_worth(each, sample_value(int(name), alpha=ALPHA, beta=BETA))
        assert each.net is not None
        assert each.net.value == 3 * each.valued.value - 50_000
        assert each.net.mc_error == 3 * each.valued.mc_error
        values.append(each.valued.value)
    assert values[0] < values[1] < row(found, RATE).valued.value


def test_the_luck_of_a_study_is_not_that_of_the_contract(seed: int) -> None:
    """Where the rate is all but known, the case's own evaluation foretells nothing of its luck."""
    case = linear_case({"dist": "uniform", "min": 0.589, "max": 0.591})
    found = value_of_information(
        case, for_="investor", studies={"own": Study()}, draws=DRAWS, rng=seed
    )
    own, foresight = row(found, "own").valued, row(found, "perfect foresight").valued
    assert foresight.value > 100_000
    assert abs(own.value) < ERRORS * own.mc_error + own.too_low_by
    assert own.value < 0.2 * foresight.value


def test_the_table_tells_shares_and_costs() -> None:
    """Values stand beside errors, shares of all parameters, and net value where there is a cost."""
    found = of_holbaek()
    table = found.table()
    assert table.index.name == "learned"
    assert list(table["kind"][:2]) == ["bound", "all"]
    factors = table[table["kind"] == "factor"]
    assert list(factors["value"]) == sorted(factors["value"], reverse=True)
    assert set(EFFECT) | {"drifts.labour_market"} <= set(factors.index)
    assert table.loc["all parameters", "share"] == 1
    assert table.loc["the effect", "kind"] == "group"
    assert table.loc["perfect foresight", "value"] >= table["value"].max()
    once, often = table.loc["first cohort"], table.loc["everywhere"]
    assert often["value"] == once["value"]
    assert often["net"] == 10 * once["value"] - 100_000
    assert often["net_mc_error"] == 10 * once["mc_error"]
    assert table["net"].notna().sum() == 2
    frame = found.frame()
    assert list(frame["value"]) == sorted(frame["value"], reverse=True)
    assert (frame["high"] - frame["low"]).max() == pytest.approx(4 * table["mc_error"].max())


def test_a_group_is_worth_more_than_its_members() -> None:
    """Effect and how much of it holds here are worth more together; more people tell more."""
    table = of_holbaek().table()
    values = table["value"]
    assert values["the effect"] > values[EFFECT].max()
    # In expectation it rises; the difference of two estimates on the same draws errs by less.
    assert values["own"] > values["first cohort"] - ERRORS * table["mc_error"].max()


def test_what_is_best_now() -> None:
    """The options are the ways of paying, at the same figures as their comparison."""
    found = of_holbaek()
    ways = found.case.compare(draws=4_000, rng=1).run.ways
    for name, estimate in found.options.items():
        assert estimate.value == pytest.approx(ways[name].present_value.mean(), rel=1e-12)
    assert found.best == "contract"
    assert found.decision().loc["contract", "best"]
    assert 0 < found.wrong.value < 1


def test_the_same_seed_gives_the_same_values() -> None:
    """A seed makes the whole result, and prices nothing by luck of the machine."""
    case = linear_case({"dist": "uniform", "min": LOW, "max": HIGH})
    first, second = (
        value_of_information(case, for_="investor", draws=1_000, rng=7) for _ in range(2)
    )
    assert first.learned == second.learned


def test_sentences_in_english() -> None:
    """What is best, what is worth knowing, what studies net, and who bears their cost."""
    told = of_holbaek().sentences()
    assert told[0].startswith("On what is assumed now, the best for Holbæk Kommune is the contract")
    assert "with own money" in told[0]
    assert told[1].startswith("Knowing all that is uncertain for certain before deciding is worth")
    assert told[2].startswith("Worth most to know by itself: how much of the effect on")
    assert any(each.startswith("Knowing the effect for certain") for each in told)
    assert any("for 10 decisions and after a cost of DKK 0.10 m" in each for each in told)
    assert "borne by Holbæk Kommune" in " ".join(told)
    assert told[0] in repr(of_holbaek())
    assert "<table" in of_holbaek()._repr_html_()


def test_sentences_in_danish() -> None:
    """The same in Danish, with Danish numbers."""
    told = of_holbaek().sentences("da")
    assert told[0].startswith("Med det, der antages nu, er det bedste for Holbæk Kommune resultat")
    assert "ved egne midler" in told[0]
    assert "med en rente på 5,5 %" in told[0]
    assert any("for 10 beslutninger og efter en omkostning på 0,10 mio. kr." in t for t in told)
    with pytest.raises(ArgumentError, match="lang"):
        of_holbaek().sentences("de")  # type: ignore[arg-type]  # what users may get wrong


def test_an_investor_who_never_gains_learns_nothing() -> None:
    """In Holbæk the investor's present value is never above zero: everything is honestly zero."""
    found = value_of_information(sib.load_case("holbaek"), for_="investor", draws=2_000)
    assert found.best == "stay_out"
    assert not any(each.is_clear for each in found.learned)
    for each in found.learned:
        assert abs(each.valued.value) <= ERRORS * each.valued.mc_error
    told = " ".join(found.sentences())
    assert "changes the decision of the investor" in told
    assert "As a study, the case's own evaluation of a first cohort is looked at" in told


def refused(**arguments: object) -> str:
    """Return the message with which arguments are refused."""
    settled: dict[str, object] = {"for_": "municipality", "draws": 1_000, **arguments}
    with pytest.raises((ArgumentError, CaseError)) as found:
        value_of_information(sib.load_case("holbaek"), **settled)  # type: ignore[arg-type]  # wrong
    return str(found.value)


def test_notes_say_what_rows_are_called() -> None:
    """Few draws leave interactions out; rows are named as in the sentences, in both languages."""
    found = value_of_information(sib.load_case("holbaek"), for_="investor", draws=1_000, rng=1)
    english, danish = " ".join(found.sentences()), " ".join(found.sentences("da"))
    assert "For all that is uncertain, 50 interactions" in english
    assert "For alt det usikre er 50 samspil" in danish
    assert "For evalueringen af et første hold er 50 samspil" in danish


def test_bad_arguments_are_refused() -> None:
    """Who decides, draws and seeds that cannot be are refused with the way out."""
    assert "for_: got 'investors'; who decides is one of municipality, investor" in refused(
        for_="investors"
    )
    assert "did you mean 'investor'?" in refused(for_="investors")
    assert "draws: got 999; a relation is fitted on them; take at least 1,000" in refused(draws=999)
    assert "draws: got 0" in refused(draws=0)
    assert "rng: got -1" in refused(rng=-1)


def test_bad_groups_are_refused() -> None:
    """Unknown and fixed quantities, empty groups and taken names are told all at once."""
    message = refused(
        groups={
            "near": ["outcomes.job.efect"],
            "fixed": ["delivery.start_delay"],
            "none": [],
            "number": 3,
        }
    )
    assert "groups.near: got 'outcomes.job.efect'" in message
    assert "did you mean 'outcomes.job.effect'?" in message
    assert "groups.fixed: got delivery.start_delay, which is a fixed number" in message
    assert "groups.none: got no path" in message
    assert "groups.number: got 3; give a list of paths" in message
    assert "groups: got 3; give the paths of each group" in refused(groups=3)
    taken = refused(groups={"all parameters": EFFECT, "x": EFFECT}, studies={"x": Study()})
    assert "groups: got 'all parameters', which another row" in taken
    assert "studies: got 'x', which another row" in taken


def test_bad_studies_are_refused() -> None:
    """What is no study, costs less than nothing, or is no case is refused."""
    message = refused(
        studies={
            "table": {"cost": 3},
            "dear": Study(cost=-1, decisions=0, cohorts=0),
        }
    )
    assert "studies.table: got a table with cost; a study is sib.decisions.Study" in message
    for name in ("cost: got -1", "decisions: got 0", "cohorts: got 0"):
        assert f"studies.dear: {name}" in message
    assert "studies.long: cohorts: got 9; there are 4 cohorts" in refused(
        studies={"long": Study(cohorts=9)}
    )
    assert "target_group.size" in refused(studies={"few": Study({"target_group.size": 0})})
    assert "studies: got 3; give them by name" in refused(studies=3)


def test_a_case_in_which_nothing_is_uncertain_or_discounted_is_refused() -> None:
    """There is nothing to learn, or no present value to decide by."""
    with pytest.raises(ArgumentError, match="there is nothing to learn"):
        value_of_information(linear_case(0.6), for_="investor")
    document = sib.load_case("holbaek").document
    del document["valuation"]
    case = build(document)
    with pytest.raises(ArgumentError, match=r"state valuation\.discount\.investor"):
        value_of_information(case, for_="investor")
