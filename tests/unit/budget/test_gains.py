"""Routes to one gain by hand: in each draw the larger counts, and nothing else changes."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.budget.gains import check_gains, perhaps_one_gain, perhaps_same_time
from sibsim.budget.ledger import check_balance, parties, party_net
from sibsim.budget.lines import BudgetLine
from sibsim.budget.savings import savings
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.postings import BudgetResult, Posting
from sibsim.core.spec import walk
from sibsim.core.stages import Context, Standing
from sibsim.core.streams import Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.core.year_count import Counting
from sibsim.results import Results
from tests.faults import faults_of

Document = dict[str, Any]

CENT = 0.005
"""Hand calculations agree to the cent."""

TWO_YEARS = Timeline(date(2024, 1, 1), date(2025, 12, 31), "quarter")
"""Eight quarters."""

ONE_YEAR = Timeline(date(2024, 1, 1), date(2024, 12, 31), "quarter")
"""Four quarters."""

BY_JOB: dict[str, Any] = {
    "follows": "job",
    "gain": "benefit",
    "kind": "transfer",
    "party": "municipality",
    "counterparty": "citizens",
    "frame": "transfers",
    "amount": 10_000,
    "per": "month",
    "index": "none",
    "refund": {"ladder": "dk-refund", "weeks_before": 52},
    "lasts": 6,
}
"""A benefit of 10,000 a month, of which the state refunds 20 %; a job lasts 6 months."""

BY_FIT: dict[str, Any] = {**BY_JOB, "follows": "fit", "lasts": 9}
"""The same benefit, saved because of being declared fit, which lasts 9 months."""

ROUTES = {"by_job": BudgetLine(**BY_JOB), "by_fit": BudgetLine(**BY_FIT)}

# One more person is (9, 27, 45, 63) / 24 person-months in 2024, six in all, then 3 a quarter for
# as long as it lasts: 12 person-months by a job, 15 by being fit; the municipality keeps 80 %.
JOB = 10_000 * np.array([0.375, 1.125, 1.875, 2.625, 3, 3, 0, 0])
FIT = 10_000 * np.array([0.375, 1.125, 1.875, 2.625, 3, 3, 3, 0])

# Draw by draw, before the refund: 240,000 and 150,000; 120,000 and 150,000; 600,000 twice, a tie;
# nothing and a loss of 150,000.
IN_STATES: dict[str, Any] = {
    **{key: each for key, each in BY_JOB.items() if key not in {"refund", "lasts"}},
    "follows": "labour",
}
"""The same benefit, of which the municipality pays all, by time in states."""

BY_SICK = BudgetLine(**{**IN_STATES, "states": ["sick"]})
BY_CLARIFIED = BudgetLine(**{**IN_STATES, "amount": 5_000, "states": ["clarified", "waiting"]})
"""Half as much in two other states of the outcome."""

# Months less in the states, draw by draw, in money 80,000, 90,000, 480,000 and -100,000 of the
# sick and 70,000, 60,000, nothing and 50,000 of the others; together 150,000, 150,000, 480,000 and
# -50,000. Jobs save the municipality 192,000, 96,000, 480,000, a tie, and nothing.
LESS = {
    "sick": np.array([8.0, 9.0, 48.0, -10.0]),
    "clarified": np.array([10.0, 20.0, -4.0, 4.0]),
    "waiting": np.array([4.0, -8.0, 4.0, 6.0]),
}
STATES_COUNT = np.array([False, True, False, False])

MORE_JOBS = np.array([2.0, 1.0, 5.0, 0.0])
MORE_FIT = np.array([1.0, 1.0, 4.0, -1.0])
JOB_COUNTS = np.array([True, False, True, True])


def outcome(additional: FloatArray) -> OutcomePath:
    """Return an outcome of 10 people per cohort at 12 months; additional (C, 1 or D)."""
    cohorts = len(additional)
    without = np.full((cohorts, 1, 1), 0.4)
    return OutcomePath(
        follow_up_months=(12,),
        when=np.full((cohorts, 1, 1), 12.0),
        people=np.full((cohorts, 1), 10.0),
        member=(),
        value=(),
        achieved=additional[:, np.newaxis] + 4.0,
        expected=without,
        counterfactual=without,
        treated=(),
        untreated=(),
        clipped=np.zeros(1),
    )


@dataclass(frozen=True)
class Time:
    """Time less in states, all in the second of eight quarters."""

    step_months: float = 3.0
    steps: int = 8

    def more(self, states: tuple[str, ...]) -> FloatArray:
        """Return the person-months more, (1, 8, 4)."""
        found = np.zeros((1, self.steps, len(MORE_JOBS)))
        found[0, 1] = -np.sum([LESS[state] for state in states], axis=0)
        return found

    def more_by_band(
        self, states: tuple[str, ...], *, boundaries: tuple[float, ...], weeks_before: FloatArray
    ) -> FloatArray:
        """Refuse; no line of these has a refund."""
        del states, boundaries, weeks_before
        pytest.fail("no line of these has a refund")

    def more_counted(
        self, states: tuple[str, ...], *, counts: Sequence[Sequence[Counting]]
    ) -> FloatArray:
        """Refuse, as above."""
        del states, counts
        pytest.fail("no line of these has a refund")


def saved(
    lines: dict[str, BudgetLine],
    *,
    job: FloatArray = MORE_JOBS[np.newaxis],
    fit: FloatArray = MORE_FIT[np.newaxis],
    timeline: Timeline = TWO_YEARS,
    served: bool | list[list[bool]] = True,
) -> BudgetResult:
    """Return the savings; by default of the draws of the module's hand calculation."""
    values = {
        path: np.full((1, 1), quantity.base_value)
        for name, line in lines.items()
        for path, quantity in walk(line, Quantity, path=f"budget.{name}")
    }
    off = Layer(LayerName.CHANCE, on=False)
    return savings(
        lines,
        paths={
            "job": outcome(job),
            "fit": outcome(fit),
            "home": outcome(job),
            "labour": replace(outcome(job), occupancy=Time()),
        },
        participation_start=np.zeros((len(job), 1)),
        standing=Standing(
            served=np.array(served) & np.ones((len(job), 1), dtype=bool),
            end=np.array([np.inf]),
            cause=np.zeros(1, dtype=np.int8),
        ),
        context=Context(timeline, values, off, off),
        indices={},
        price_year=2024,
    )


def rows_of(result: BudgetResult, line: str) -> list[Posting]:
    """Return the postings of one line of the ledger."""
    return [posting for posting in result.postings if posting.line == line]


def test_the_larger_route_counts_in_each_draw() -> None:
    """A job counts where it saves more, or as much; being fit counts in the second draw only."""
    result = saved(ROUTES)
    assert result.counts["by_job"].tolist() == JOB_COUNTS.tolist()
    assert result.counts["by_fit"].tolist() == (~JOB_COUNTS).tolist()
    by_job = np.outer(JOB, MORE_JOBS * JOB_COUNTS)
    by_fit = np.outer(FIT, MORE_FIT * ~JOB_COUNTS)
    np.testing.assert_allclose(result.realisable["by_job"], 0.8 * by_job, atol=CENT)
    np.testing.assert_allclose(result.realisable["by_fit"], 0.8 * by_fit, atol=CENT)
    both = by_job + by_fit
    np.testing.assert_allclose(party_net(result.postings, "citizens"), -both, atol=CENT)
    np.testing.assert_allclose(party_net(result.postings, "municipality"), 0.8 * both, atol=CENT)


def test_refunds_follow_the_route_that_counts() -> None:
    """The state gains its 20 % of what counts, once, and loses nothing by a loss that does not."""
    result = saved(ROUTES)
    state = [0.2 * 240_000, 0.2 * 150_000, 0.2 * 600_000, 0.0]
    np.testing.assert_allclose(party_net(result.postings, "state").sum(axis=0), state, atol=CENT)


def test_what_is_not_counted_is_a_memo() -> None:
    """The memo holds what the party could have released; a loss stands on the other side."""
    result = saved(ROUTES)
    by_job = 0.8 * np.outer(JOB, MORE_JOBS * ~JOB_COUNTS)
    by_fit = 0.8 * np.outer(FIT, MORE_FIT * JOB_COUNTS)
    np.testing.assert_allclose(result.elsewhere["by_job"], by_job, atol=CENT)
    np.testing.assert_allclose(result.elsewhere["by_fit"], by_fit, atol=CENT)
    gain, loss = rows_of(result, "budget.by_fit.counted_elsewhere")
    assert {gain.kind, loss.kind} == {"memo"}
    assert (gain.payee, loss.payer) == ("municipality", "municipality")
    expected = [0.8 * 150_000, 0, 0.8 * 600_000, 0]
    np.testing.assert_allclose(gain.amount.sum(axis=0), expected, atol=CENT)
    np.testing.assert_allclose(loss.amount.sum(axis=0), [0, 0, 0, 0.8 * 150_000], atol=CENT)


def test_what_lies_beyond_the_horizon_decides_too() -> None:
    """Of one year 72,000 by jobs are more than 60,000; with later years 144,000 are less."""
    result = saved(ROUTES, job=np.array([[1.2]]), fit=np.array([[1.0]]), timeline=ONE_YEAR)
    assert result.counts["by_fit"].tolist() == [True]
    np.testing.assert_allclose(result.realisable["by_fit"].sum(axis=0), 48_000, atol=CENT)
    np.testing.assert_allclose(result.elsewhere["by_job"].sum(axis=0), 57_600, atol=CENT)
    np.testing.assert_allclose(result.beyond_horizon["by_fit"], [72_000], atol=CENT)
    assert result.beyond_horizon["by_job"].tolist() == [0.0]


def test_what_cannot_be_released_does_not_compete() -> None:
    """Of 240,000 gross 40 % can be released, less than 150,000; the rest is then no memo."""
    held = BudgetLine(**{**BY_JOB, "frame": "service", "share": 0.4, "refund": None})
    result = saved({"by_job": held, "by_fit": ROUTES["by_fit"]})
    assert result.counts["by_job"].tolist() == [False, False, False, True]
    (memo,) = rows_of(result, "budget.by_job.not_released")
    assert not memo.amount.any()
    np.testing.assert_allclose(
        result.elsewhere["by_job"].sum(axis=0), [96_000, 48_000, 240_000, 0], atol=CENT
    )


def test_only_cohorts_that_are_served_compete() -> None:
    """Jobs come from the first cohort; where that is not served, being fit counts."""
    result = saved(
        ROUTES,
        job=np.array([[2.0], [0.0]]),
        fit=np.array([[0.0], [1.5]]),
        served=[[True, False], [True, True]],
    )
    assert result.counts["by_job"].tolist() == [True, False]
    total = party_net(result.postings, "citizens").sum(axis=0)
    np.testing.assert_allclose(total, [-240_000, -225_000], atol=CENT)


def test_three_routes_and_two_gains_are_kept_apart(seed: int) -> None:
    """In every draw exactly one line of each gain counts, and it is the largest."""
    rng = np.random.default_rng(seed)
    job, fit = rng.normal(1.0, 2.0, (2, 3, 50))
    other = {"gain": "rent", "counterparty": "landlords", "amount": 4_000, "refund": None}
    lines = {
        "by_job": ROUTES["by_job"],
        "rent_by_job": BudgetLine(**{**BY_JOB, **other}),
        "by_fit": ROUTES["by_fit"],
        "rent_by_fit": BudgetLine(**{**BY_FIT, **other}),
        "by_home": BudgetLine(**{**BY_JOB, "follows": "home", "amount": 3_000, "lasts": 60}),
    }
    result = saved(lines, job=job, fit=fit)
    without = {name: line.model_copy(update={"gain": None}) for name, line in lines.items()}
    alone = saved(without, job=job, fit=fit)
    totals = {
        name: alone.realisable[name].sum(axis=0) + alone.beyond_horizon[name] for name in lines
    }
    for gain in ("benefit", "rent"):
        names = [name for name, line in lines.items() if line.gain == gain]
        assert np.all(sum(result.counts[name].astype(int) for name in names) == 1)
        counted = sum(
            result.realisable[name].sum(axis=0) + result.beyond_horizon[name] for name in names
        )
        largest = np.max([totals[name] for name in names], axis=0)
        np.testing.assert_allclose(counted, largest, atol=CENT)


def test_lines_that_follow_one_outcome_are_one_route() -> None:
    """Time in states counts in the second draw, where two lines together save more than jobs."""
    result = saved({"by_job": ROUTES["by_job"], "sick": BY_SICK, "clarified": BY_CLARIFIED})
    counted = {name: counts.tolist() for name, counts in result.counts.items()}
    in_states = STATES_COUNT.tolist()
    assert counted == {
        "by_job": (~STATES_COUNT).tolist(),
        "sick": in_states,
        "clarified": in_states,
    }
    found = {name: flows.sum(axis=0) for name, flows in result.realisable.items()}
    np.testing.assert_allclose(found["by_job"], [192_000, 0, 480_000, 0], atol=CENT)
    np.testing.assert_allclose(found["sick"], [0, 90_000, 0, 0], atol=CENT)
    np.testing.assert_allclose(found["clarified"], [0, 60_000, 0, 0], atol=CENT)
    other = {name: flows.sum(axis=0) for name, flows in result.elsewhere.items()}
    np.testing.assert_allclose(other["by_job"], [0, 96_000, 0, 0], atol=CENT)
    np.testing.assert_allclose(other["sick"], [80_000, 0, 480_000, -100_000], atol=CENT)
    np.testing.assert_allclose(other["clarified"], [70_000, 0, 0, 50_000], atol=CENT)


def test_of_equal_routes_the_one_that_is_named_first_counts() -> None:
    """A route stands where its first line stands."""
    result = saved({"sick": BY_SICK, "by_job": ROUTES["by_job"], "clarified": BY_CLARIFIED})
    with_tie = STATES_COUNT | [False, False, True, False]
    for name, counts in {"sick": with_tie, "by_job": ~with_tie, "clarified": with_tie}.items():
        assert result.counts[name].tolist() == counts.tolist()


def test_the_ledger_balances_in_every_draw(seed: int) -> None:
    """Transfers sum to zero; the party's net is what it can release and what it cannot."""
    rng = np.random.default_rng(seed)
    half = BudgetLine(**{**BY_JOB, "frame": "service", "share": 0.5})
    result = saved(
        {"by_job": half, "by_fit": ROUTES["by_fit"]},
        job=rng.normal(1.0, 2.0, (3, 64)),
        fit=rng.normal(1.0, 2.0, (3, 1)),
    )
    assert check_balance(result.postings) == ()
    total = sum(party_net(result.postings, party) for party in parties(result.postings))
    np.testing.assert_allclose(total, 0.0, atol=1e-6)
    held_back, of_state = rows_of(result, "budget.by_job.not_released")
    assert (held_back.payer, of_state.payer) == ("municipality", "state")
    own = sum(result.realisable.values()) + held_back.amount
    np.testing.assert_allclose(party_net(result.postings, "municipality"), own, atol=1e-6)


def test_a_draw_does_not_depend_on_the_others() -> None:
    """Each draw alone gives the same bits as among others."""
    together = saved(ROUTES)
    for draw in range(len(MORE_JOBS)):
        alone = saved(ROUTES, job=MORE_JOBS[[[draw]]], fit=MORE_FIT[[[draw]]])
        for one, all_ in zip(alone.postings, together.postings, strict=True):
            np.testing.assert_array_equal(one.amount[:, 0], all_.amount[:, draw])


def test_lines_without_a_gain_keep_every_bit() -> None:
    """A line that names no gain saves what it saves alone, and there is nothing to choose."""
    plain = {"plain": BudgetLine(**{**BY_JOB, "gain": None})}
    alone, among = saved(plain), saved({**ROUTES, **plain})
    assert alone.elsewhere == {}
    assert alone.counts == {}
    for line in ("budget.plain", "budget.plain.refund"):
        for one, other in zip(rows_of(alone, line), rows_of(among, line), strict=True):
            np.testing.assert_array_equal(one.amount, other.amount)
    assert not rows_of(among, "budget.plain.counted_elsewhere")


def test_lines_of_one_gain_agree() -> None:
    """Another party, counterparty or kind cannot reach the same gain; each is named."""
    place = {"kind": "resource", "counterparty": None}
    lines = {
        **ROUTES,
        "by_region": BudgetLine(**{**BY_FIT, "party": "region"}),
        "by_place": BudgetLine(**{**BY_FIT, **place}),
    }
    faults = {fault.path: fault.problem for fault in check_gains(lines, all_read=True)}
    assert set(faults) == {
        "budget.by_region.party",
        "budget.by_place.counterparty",
        "budget.by_place.kind",
    }
    assert faults["budget.by_region.party"].startswith(
        "got 'region'; budget.by_job reaches the same gain, 'benefit', with 'municipality';"
    )
    assert "got none; " in faults["budget.by_place.counterparty"]
    assert "got 'resource'; " in faults["budget.by_place.kind"]


def faults_of_lines(lines: dict[str, BudgetLine], *, all_read: bool = True) -> dict[str, str]:
    """Return what is wrong with the gains of lines, by path."""
    return {fault.path: fault.problem for fault in check_gains(lines, all_read=all_read)}


def test_lines_of_one_route_have_states_of_their_own() -> None:
    """States that both name, or a line without states, would count the same time twice."""
    job, sick, clarified = ROUTES["by_job"], BY_SICK, BY_CLARIFIED
    assert faults_of_lines({"job": job, "sick": sick, "clarified": clarified}) == {}
    both = sick.model_copy(update={"states": ("sick", "waiting")})
    found = faults_of_lines({"job": job, "clarified": clarified, "both": both})
    (path, problem), *others = found.items()
    assert (path, others) == ("budget.both.states", [])
    assert problem.startswith(
        "got ['sick', 'waiting']; budget.clarified follows 'labour' to the same gain, 'benefit', "
        "with waiting too;"
    )
    assert problem.endswith("name each state on one of the two")
    people = job.model_copy(update={"follows": "labour"})
    for pair in ({"sick": sick, "people": people}, {"people": people, "sick": sick}):
        first, second = pair
        (path, problem), *others = faults_of_lines({"job": job, **pair}).items()
        assert (path, others) == (f"budget.{second}.gain", [])
        assert problem.startswith(f"budget.{first} follows 'labour' to the same gain")
        assert "give both such states, drop one of the two, or give it another gain" in problem


def test_a_gain_needs_a_second_route() -> None:
    """Lines that all follow one outcome are one route, unless another line is not read yet."""
    lines = {"sick": BY_SICK, "clarified": BY_CLARIFIED}
    (path, problem), *others = faults_of_lines(lines).items()
    assert (path, others) == ("budget.sick.gain", [])
    assert problem.startswith(
        "got 'benefit', and all its lines, budget.sick, budget.clarified, follow 'labour';"
    )
    assert "there is only one route; drop `gain`" in problem
    assert faults_of_lines(lines, all_read=False) == {}


def test_two_lines_on_the_same_time_are_seen() -> None:
    """Lines alike that share states of one outcome are asked about, whatever their amounts."""
    shared = BY_SICK.model_copy(update={"gain": None, "states": ("waiting", "sick", "clarified")})
    lines = {"shared": shared, "clarified": BY_CLARIFIED}
    assert list(perhaps_same_time(lines)) == [("shared", "clarified", ("waiting", "clarified"))]
    assert list(perhaps_one_gain(lines)) == []
    for change in ({"party": "region"}, {"counterparty": "landlords"}, {"follows": "other"}):
        other = {**lines, "shared": shared.model_copy(update=change)}
        assert list(perhaps_same_time(other)) == []
    assert list(perhaps_same_time({"sick": BY_SICK, "clarified": BY_CLARIFIED})) == []
    assert list(perhaps_same_time(ROUTES)) == []


def test_tax_and_spending_are_never_one_saving() -> None:
    """More tax on people in work and less benefit to them are two gains, whatever the amounts."""
    plain = {key: each for key, each in BY_JOB.items() if key not in {"gain", "refund"}}
    tax = {"frame": "outside", "share": 1, "tax": {"rate": 0.5, "instead_of": 5_000}}
    benefit = BudgetLine(**plain)
    by_fit = BudgetLine(**{**plain, **tax, "follows": "fit", "amount": 25_000})
    assert by_fit.base_price == benefit.base_price == 10_000
    assert list(perhaps_one_gain({"benefit": benefit, "tax": by_fit})) == []
    by_job = by_fit.model_copy(update={"follows": "job"})
    assert list(perhaps_one_gain({"by_job": by_job, "by_fit": by_fit})) == [("by_job", "by_fit")]
    states = ("sick", "waiting")
    on_states = [each.model_copy(update={"states": states}) for each in (benefit, by_job)]
    assert list(perhaps_same_time(dict(zip(("benefit", "tax"), on_states, strict=True)))) == []


def test_what_goes_to_the_state_follows_the_route_that_counts() -> None:
    """Equalisation takes half of the tax of the route that counts, and of the other nothing."""
    tax = {"rate": 0.5, "equalisation": {"retained_share": 0.5}}
    change = {"frame": "outside", "share": 1, "refund": None, "tax": tax}
    lines = {"by_job": BudgetLine(**{**BY_JOB, **change}), "by_fit": BudgetLine(**BY_FIT | change)}
    result = saved(lines)
    for name, arises, more, counts in (
        ("by_job", JOB, MORE_JOBS, JOB_COUNTS),
        ("by_fit", FIT, MORE_FIT, ~JOB_COUNTS),
    ):
        gained = np.where(counts, 0.5 * arises[:, np.newaxis] * more, 0.0)
        to_state, back = rows_of(result, f"budget.{name}.equalisation")
        np.testing.assert_allclose(to_state.amount - back.amount, 0.5 * gained, atol=CENT)
        np.testing.assert_allclose(result.realisable[name], 0.5 * gained, atol=CENT)


def test_lines_without_a_price_per_unit_of_time_are_not_compared() -> None:
    """Money year by year, or per event, is no amount a month."""
    plain = {key: each for key, each in BY_JOB.items() if key not in {"gain", "refund"}}
    priced = {"amount", "per", "lasts"}
    years = {key: each for key, each in plain.items() if key not in priced}
    by_years = BudgetLine(**{**years, "follows": "fit", "per_year": [120_000], "from_months": 0})
    by_event = BudgetLine(**{**plain, "follows": "stays", "per": "event"})
    lines = {"month": BudgetLine(**plain), "years": by_years, "event": by_event}
    assert list(perhaps_one_gain(lines)) == []


@pytest.fixture
def document() -> Document:
    """Return the shipped case with a second route to its benefit, before it says so."""
    tables = tomllib.loads(catalogue.text("cases", "holbaek"))
    benefit = tables["budget"]["benefit"]
    tables["budget"]["benefit_fit"] = {**benefit, "follows": "fit_for_work"}
    return tables


def with_gain(document: Document) -> Document:
    """Let both lines name the gain; return the document."""
    for line in document["budget"].values():
        line["gain"] = "benefit"
    return document


def test_a_gain_of_one_line_is_a_fault(document: Document) -> None:
    """A slip of the pen is told, and a gain that one line alone names is to be dropped."""
    with_gain(document)["budget"]["benefit_fit"]["gain"] = "benefits"
    faults = faults_of(document)
    assert list(faults) == ["budget.benefit.gain", "budget.benefit_fit.gain"]
    assert "did you mean 'benefits'?" in faults["budget.benefit.gain"]
    assert "got 'benefits', which no other line names" in faults["budget.benefit_fit.gain"]
    del document["budget"]["benefit"]
    (problem,) = faults_of(document).values()
    assert problem.endswith("name it on the other line too, or drop it")


def test_a_fault_of_one_route_makes_no_fault_of_the_other(document: Document) -> None:
    """While the other line cannot be read, it may name the gain."""
    with_gain(document)["budget"]["benefit_fit"]["amount"] = -1
    assert list(faults_of(document)) == ["budget.benefit_fit.amount"]


def test_the_check_asks_about_two_lines_of_one_amount(document: Document) -> None:
    """The same saving by two outcomes is asked about until the gain is named, whatever the unit."""
    question = "if it is one gain, give both gain = '...'"
    per_year = document["budget"]["benefit_fit"]
    per_year |= {"per": "year", "amount": {"value": 12 * 12_326, "unit": "DKK"}}
    (asked,) = [each for each in build(document).check().remarks if question in each]
    assert asked.startswith(
        "budget.benefit and budget.benefit_fit save municipality the same amount by two outcomes;"
    )
    changed = deepcopy(document)
    changed["budget"]["benefit_fit"]["amount"]["value"] = 12 * 12_000
    for said in (changed, with_gain(document)):
        assert not [each for each in build(said).check().remarks if question in each]


DRAWS = 300
"""Enough for either route to count in many draws."""


def routes_of(document: Document) -> dict[str, Document]:
    """Return the case with each of its two lines alone, which then names no gain."""
    return {name: {**document, "budget": {name: line}} for name, line in document["budget"].items()}


def worth(results: Results) -> FloatArray:
    """Return what decides between the routes: what is released to the end and beyond."""
    found: FloatArray = results.metric("municipality_realisable") + results.metric(
        "municipality_beyond_horizon"
    )
    return found


@pytest.fixture(params=["base case", "run"])
def runs(request: pytest.FixtureRequest, document: Document) -> dict[str, Results]:
    """Return both routes together and each alone, on the same luck; or their base cases."""
    document["budget"]["benefit_fit"]["lasts"] = {"value": 36}
    alone = routes_of(document)
    documents = {**alone, "both": with_gain({**document, "budget": deepcopy(document["budget"])})}
    return {
        name: build(each).base_case()
        if request.param == "base case"
        else build(each).simulate(draws=DRAWS, rng=1, progress=False)
        for name, each in documents.items()
    }


def test_a_case_gains_what_the_larger_route_gains(runs: dict[str, Results]) -> None:
    """In every draw budgets are those of the larger route alone; metrics say which and how much."""
    job, fit, both = runs["benefit"], runs["benefit_fit"], runs["both"]
    by_job = worth(job) >= worth(fit)
    if both.kind == "run":
        assert DRAWS / 10 < by_job.sum() < DRAWS * 9 / 10
    for name in ("municipality_realisable", "municipality_net", "state_net", "break_even_year"):
        larger = np.where(by_job, job.metric(name), fit.metric(name))
        np.testing.assert_allclose(both.metric(name), larger, rtol=1e-12, atol=CENT)
    lost = {"benefit": ~by_job, "benefit_fit": by_job}
    for name, trumped in lost.items():
        np.testing.assert_array_equal(both.metric(f"trumped.{name}"), trumped)
        not_counted = np.where(trumped, runs[name].metric("municipality_realisable"), 0.0)
        np.testing.assert_allclose(
            both.metric(f"counted_elsewhere.{name}"), not_counted, rtol=1e-12, atol=CENT
        )
    new = set(both.metrics) - set(job.metrics)
    assert new == {f"{what}.{name}" for what in ("trumped", "counted_elsewhere") for name in lost}


def test_the_mean_of_the_larger_is_at_least_the_larger_mean(runs: dict[str, Results]) -> None:
    """Choosing draw by draw never lowers the mean, and in the base case changes nothing."""
    larger = max(worth(runs["benefit"]).mean(), worth(runs["benefit_fit"]).mean())
    if runs["both"].kind == "run":
        assert worth(runs["both"]).mean() > larger
    else:
        assert worth(runs["both"]).mean() == pytest.approx(larger)


def test_tables_show_the_memo_by_itself(runs: dict[str, Results]) -> None:
    """The memo is a row of its own, in no total; what is not released stays what it is."""
    table = runs["both"].budget("municipality")["total"]
    metrics = runs["both"].metrics
    elsewhere = sum(metrics[f"counted_elsewhere.{name}"].mean() for name in runs if name != "both")
    assert table["", "counted elsewhere"] == pytest.approx(elsewhere, abs=CENT)
    assert table["", "not released"] == 0.0
    net = metrics["municipality_net"].mean()
    assert table["", "total realisable"] == pytest.approx(net, abs=CENT)
    assert ("", "counted elsewhere") not in runs["both"].budget("state").index
    assert ("", "counted elsewhere") not in runs["benefit"].budget("municipality").index


def test_a_draw_explains_what_is_counted_elsewhere(runs: dict[str, Results]) -> None:
    """The memo stands by year, says what it is, and sums to the metric."""
    both = runs["both"]
    loser = "benefit" if both.metric("trumped.benefit")[0] else "benefit_fit"
    steps = both.explain(draw=0)
    rows = steps[steps["what"].str.startswith(f"budget.{loser}.")]
    assert rows["what"].str.contains("counted_elsewhere").all()
    assert rows["how"].str.contains("memo of what another line of the gain counts").all()
    paid = rows["how"].str.startswith("municipality")
    amounts = rows["value"].str.replace(",", "").astype(float).where(~paid, lambda x: -x)
    total = both.metric(f"counted_elsewhere.{loser}")[0]
    assert amounts.sum() == pytest.approx(total, abs=CENT * len(rows))
    shown = steps.set_index("what")["value"]
    assert shown[f"trumped.{loser}"] == "100.0%"


def test_trumping_is_a_probability(document: Document) -> None:
    """The summary gives the mean of the indicator with the error of a probability."""
    run = build(with_gain(document)).simulate(draws=DRAWS, rng=1, progress=False)
    summary = run.summary().loc["trumped.benefit_fit"]
    seen = run.metric("trumped.benefit_fit").sum()
    q = (seen + 2) / (DRAWS + 4)
    assert summary["mean"] == seen / DRAWS
    assert summary["mc_error"] == pytest.approx(np.sqrt(q * (1 - q) / (DRAWS + 4)))
    assert np.isnan(summary["p50"])
