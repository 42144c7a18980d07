"""Checks across the parts of a case: what does not fit together is said before anything is run."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from sibsim.case import Case
from sibsim.casefile import build
from sibsim.consistency import HEAD, Unread, check_across
from sibsim.core import catalogue
from sibsim.errors import CaseError
from tests.faults import faults_of

Document = dict[str, Any]

TRIAL = {"outcome": "job", "design": "randomised", "controls_per_participant": 1}


@pytest.fixture
def document() -> Document:
    """Return the tables of a valid case, to be changed."""
    return tomllib.loads(catalogue.text("cases", "holbaek"))


def test_the_shipped_case_fits_together(document: Document) -> None:
    """Nothing is wrong with what ships."""
    assert faults_of(document) == {}


def test_a_measure_names_an_outcome_that_is_defined(document: Document) -> None:
    """An outcome that a payment's measure names but nobody defines is a fault of the measure."""
    document["measures"]["job"]["outcome"] = "jobs"
    faults = faults_of(document)
    assert list(faults) == ["measures.job.outcome"]
    assert "got 'jobs'; it must name an outcome in [outcomes]" in faults["measures.job.outcome"]
    assert "did you mean 'job'?" in faults["measures.job.outcome"]


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("outcomes.job", "drift"),
        ("payments.job", "reads"),
        ("budget.benefit", "follows"),
        ("costs.team", "index"),
        ("budget.benefit", "index"),
        ("indices.wages", "source"),
        ("target_group.size", "source"),
    ],
)
def test_every_name_that_is_used_is_defined(document: Document, section: str, key: str) -> None:
    """A name that nobody defines is a fault where it is used."""
    here: Any = document
    for step in section.split("."):
        here = here[step]
    here[key] = "nobody"
    assert list(faults_of(document)) == [f"{section}.{key}"]


def test_a_payment_after_the_last_payment_date_is_refused(document: Document) -> None:
    """The last cohort starts in July 2025; 24 months and 3 of lag fall in October 2027."""
    document["contract"]["last_payment"] = date(2027, 10, 1)
    assert faults_of(document) == {}
    document["contract"]["last_payment"] = date(2027, 9, 1)
    assert "due 1 months after contract.last_payment" in faults_of(document)["payments.job"]


def test_a_last_payment_outside_the_case_is_refused(document: Document) -> None:
    """The horizon bounds the last payment date."""
    document["contract"]["last_payment"] = date(2035, 1, 1)
    assert "runs from 2024-01-01 to 2034-12-31" in faults_of(document)["contract.last_payment"]


@pytest.mark.parametrize(
    ("line", "key", "day"),
    [
        ("team", "from", date(2023, 12, 31)),
        ("team", "to", date(2035, 1, 1)),
        ("start_up", "at", date(2023, 12, 31)),
        ("evaluation", "at", date(2035, 1, 1)),
    ],
)
def test_costs_outside_the_case_are_refused(
    document: Document, line: str, key: str, day: date
) -> None:
    """Money on a date outside the case would vanish; it is a fault."""
    document["costs"][line][key] = day
    faults = faults_of(document)
    assert list(faults) == [f"costs.{line}.{key}"]
    assert f"got {day}" in faults[f"costs.{line}.{key}"]


def test_a_cohort_outside_the_case_is_refused(document: Document) -> None:
    """A cohort starts while the case runs."""
    document["delivery"]["cohorts"][0]["start"] = date(2023, 7, 1)
    assert "delivery.cohorts.0.start" in faults_of(document)


@pytest.mark.parametrize("delay", [-3, 200])
def test_a_delay_out_of_the_case_is_refused(document: Document, delay: int) -> None:
    """A service that starts before or after its case is refused."""
    document["delivery"]["start_delay"] = delay
    assert list(faults_of(document)) == ["delivery.start_delay"]


def test_more_people_than_can_be_simulated_are_refused(document: Document) -> None:
    """The size times the reach that one draw in a thousand passes is bounded."""
    document["target_group"]["size"] = 90_000
    assert "every person is simulated" in faults_of(document)["target_group.size"]


@pytest.mark.parametrize(
    ("unit", "fits"),
    [
        ("DKK a month", True),
        ("EUR a month", False),
        ("1,000 USD", False),
        ("EUR/DKK", False),
        ("WHO points", True),
        ("euro", True),
    ],
)
def test_every_amount_is_in_the_currency_of_the_case(
    document: Document, unit: str, *, fits: bool
) -> None:
    """A unit that names another ISO currency is a fault; other words are not."""
    document["budget"]["benefit"]["amount"]["unit"] = unit
    faults = faults_of(document)
    assert list(faults) == ([] if fits else ["budget.benefit.amount.unit"])


def test_only_a_design_with_a_comparison_can_show_an_effect(document: Document) -> None:
    """What is additional cannot be read from verification, nor can an early end."""
    document["payments"]["wellbeing"] |= {"pays_for": "additional", "floor": "cohort"}
    document["contract"]["termination"] = {
        "measure": "fit_for_work",
        "at_months": 12,
        "compare": "effect",
        "below": 0.0,
        "notice_months": 1,
    }
    faults = faults_of(document)
    assert list(faults) == ["payments.wellbeing", "contract.termination"]
    assert all("compares with nothing" in problem for problem in faults.values())


def test_a_termination_reads_a_follow_up_of_its_measure(document: Document) -> None:
    """An early end on a follow-up that is not measured is refused, as is an unknown measure."""
    rule = {"measure": "job", "at_months": 13, "compare": "rate", "below": 0.2, "notice_months": 1}
    document["contract"]["termination"] = rule
    assert "choose among [12, 18, 24]" in faults_of(document)["contract.termination"]
    rule["measure"] = "jobs"
    assert list(faults_of(document)) == ["contract.termination.measure"]


def test_a_limit_per_person_needs_a_report_on_persons(document: Document) -> None:
    """A trial reports sums; a limit per person on what it pays could not be applied."""
    document["measures"]["job"] = TRIAL
    assert faults_of(document) == {}
    document["contract"]["limit"]["person"] = 20_000
    assert "reports sums, not persons" in faults_of(document)["contract.limit.person"]


@pytest.mark.parametrize(
    ("path", "name", "near"),
    [
        ("costs.evaluation.payer", "muncipality", "municipality"),
        ("costs.management.payer", "dsii", "dsi"),
        ("budget.benefit.party", "municipalty", "municipality"),
        ("budget.benefit.counterparty", "citizen", "citizens"),
        ("contract.payer", "municipalities", "municipality"),
        ("capital.surplus", "municipallity", "municipality"),
    ],
)
def test_a_misspelt_party_is_refused(document: Document, path: str, name: str, near: str) -> None:
    """Money of a misspelt party would be missing from the real one."""
    section, *middle, key = path.split(".")
    here: Any = document[section]
    for step in middle:
        here = here[step]
    here[key] = name
    faults = faults_of(document)
    assert list(faults) == [path]
    assert f"did you mean '{near}'?" in faults[path]


@pytest.mark.parametrize("name", ["nature", "contract"])
def test_reserved_parties_are_refused(document: Document, name: str) -> None:
    """The names that the ledger keeps for itself are nobody's."""
    document["costs"]["evaluation"]["payer"] = name
    document["contract"]["payer"] = name
    assert set(faults_of(document)) == {"costs.evaluation.payer", "contract.payer"}


def test_a_party_of_its_own_is_welcome(document: Document) -> None:
    """A party that is like no other needs no declaration."""
    document["costs"]["evaluation"]["payer"] = "foundation"
    assert faults_of(document) == {}


def correlated(*pairs: tuple[str, str, float]) -> list[Document]:
    """Return correlations as a case file states them."""
    return [{"between": [first, second], "spearman": rho} for first, second, rho in pairs]


def test_correlations_are_between_uncertain_quantities(document: Document) -> None:
    """Unknown names, fixed numbers and columns of joint tables cannot be correlated."""
    document["delivery"]["take_up"] = {
        "dist": "joint",
        "rows": "posterior",
        "values": [0.8, 0.9, 0.85],
        "base": 0.85,
    }
    document["correlations"] = correlated(
        ("outcomes.job.counterfactuel", "delivery.volume", 0.3),
        ("outcomes.job.persistence", "delivery.volume", 0.3),
        ("delivery.take_up", "delivery.volume", 0.3),
    )
    faults = faults_of(document)
    assert "did you mean 'outcomes.job.counterfactual'?" in faults["correlations.0.between"]
    assert "one number" in faults["correlations.1.between"]
    assert "joint table" in faults["correlations.2.between"]


def test_correlations_that_cannot_all_hold_are_refused(document: Document) -> None:
    """A matrix that is not positive definite is refused with one that is."""
    a, b, c = "delivery.volume", "delivery.take_up", "delivery.completion"
    document["correlations"] = correlated((a, b, 0.9), (b, c, 0.9), (a, c, -0.9))
    faults = faults_of(document)
    assert list(faults) == ["correlations"]


@pytest.mark.parametrize("section", ["costs.team", "budget.benefit"])
def test_an_index_covers_the_years_of_its_lines(document: Document, section: str) -> None:
    """A dated index that ends before the case does is refused where it is used."""
    first, name = section.split(".")
    document["indices"]["short"] = {"values": {"2024": 1.0, "2025": 1.03}}
    document[first][name]["index"] = "short"
    assert "ends in 2025" in faults_of(document)[f"{section}.index"]


def test_names_are_checked_without_dates_when_the_first_lines_are_at_fault(
    document: Document,
) -> None:
    """With unreadable first lines nothing is said of dates and currencies, all else of names."""
    document["measures"]["job"] = TRIAL
    case = build(document)
    assert check_across(case) == []
    document["measures"]["job"] = {**TRIAL, "outcome": "jobs"}
    document["end"] = date(2024, 3, 31)
    document["currency"] = "EURO"
    assert set(faults_of(document)) == {"currency", "measures.job.outcome"}


def test_what_could_not_be_read_hides_what_refers_to_it(document: Document) -> None:
    """A case without its measures has no unknown measures, if they are known to be unread."""
    document["measures"] = {}
    with pytest.raises(CaseError):
        build(document)
    document |= {"payments": {}}
    case: Case = build(document)
    unread = Unread(sections=frozenset({HEAD, "measures"}))
    assert check_across(case, unread=unread) == []
    assert unread.hides("measures.job.outcome")
    assert not unread.hides("outcomes.job")


def test_money_that_runs_out_does_not_depend_on_payments(document: Document) -> None:
    """A service that stops when the money is spent cannot be kept up by recycled payments."""
    document["contract"]["overrun"] = "stop"
    assert faults_of(document) == {}
    document["capital"] |= {
        "recycle": True,
        "order": ["costs", "dsi.principal", "dsi.return"],
    }
    faults = faults_of(document)
    assert list(faults) == ["contract.overrun"]
    assert "got 'stop' with capital.recycle = true" in faults["contract.overrun"]
    assert "let 'authority' or 'provider' bear the overrun" in faults["contract.overrun"]
    document["contract"]["overrun"] = "provider"
    assert faults_of(document) == {}


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("valuation.discount", "municipality"),
        ("valuation.discount", "investor"),
        ("capital.tranches.dsi.return_cap", "rate"),
        ("indices.wages", "per_year"),
        ("indices.wages", "then_per_year"),
        ("drifts.labour_market", "sd_per_year"),
    ],
)
def test_a_rate_in_per_cent_is_refused(document: Document, section: str, key: str) -> None:
    """5.5 a year is 550 per cent; who writes it means 0.055."""
    here: Any = document
    for step in section.split("."):
        here = here[step]
    if key == "then_per_year":
        del here["per_year"]
        here["values"] = {str(year): 100 for year in range(2024, 2035)}
    here[key] = 1
    assert faults_of(document) == {}
    here[key] = 5.5
    faults = faults_of(document)
    assert faults == {f"{section}.{key}": "got 5.5; it is a share a year: write 0.055"}
