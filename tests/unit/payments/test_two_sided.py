"""The two-sided table: payments above zero, money back below it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.stages import Due
from sibsim.core.wording import MeasureWords
from sibsim.payments.limits import ContractLimit
from sibsim.payments.settlement import settle_payments
from sibsim.payments.two_sided import TwoSided
from tests.reported import all_served, report, terms


def line(**fields: Any) -> TwoSided:  # noqa: ANN401 - fields of a spec
    """Return a table from -500,000 at -10 points to 1 m at +20 points."""
    table = {
        "reads": "job",
        "of": "effect",
        "at_months": 12,
        "pooled": True,
        "schedule": [{"at": -0.1, "pays": -500_000}, {"at": 0.2, "pays": 1_000_000}],
    }
    return TwoSided(**(table | fields))


def due(successes: float, *, people: float = 100) -> Due:
    """Return what is due for successes of 100 people against a comparison of 40 %."""
    measured = {"job": report([[successes]], months=(12,), treated_n=people, rate=0.4)}
    return line().due(measured, standing=all_served(1), terms=terms())


@pytest.mark.parametrize(
    ("successes", "paid", "returned"),
    [
        (10, 0, 500_000),  # -30 points: no more than at -10
        (30, 0, 500_000),
        (35, 0, 250_000),
        (40, 0, 0),
        (46, 300_000, 0),
        (60, 1_000_000, 0),
        (90, 1_000_000, 0),
    ],
)
def test_money_goes_both_ways(successes: float, paid: float, returned: float) -> None:
    """50,000 a point, to the payer below zero and to the investors above."""
    found = due(successes)
    assert found.amount.sum() == pytest.approx(paid, abs=1e-6)
    back = 0.0 if found.returned is None else found.returned.sum()
    assert back == pytest.approx(returned, abs=1e-6)


def test_what_is_returned_stands_on_the_date_of_the_measurement_and_its_lags() -> None:
    """Measured after 12 months, settled three months later: the sixth quarter."""
    returned = due(35).returned
    assert returned is not None
    np.testing.assert_allclose(returned[5], [250_000])


def test_nobody_measured_owes_nothing_either_way() -> None:
    """The least amount is for a measured result only."""
    found = due(0, people=0)
    assert found.amount.sum() == 0
    assert found.returned is None or found.returned.sum() == 0


def test_by_cohort_a_bad_cohort_does_not_cut_what_a_good_one_is_paid() -> None:
    """-5 and +6 points, planned half each: 125,000 back, 150,000 paid, each on its day."""
    measured = {"job": report([[35], [46]], months=(12,), treated_n=100, rate=0.4)}
    found = line(pooled=False).due(
        measured, standing=all_served(2), terms=terms(planned=(50.0, 50.0))
    )
    assert found.returned is not None
    np.testing.assert_allclose(found.returned[[5, 7], 0], [125_000, 0], atol=1e-6)
    np.testing.assert_allclose(found.amount[[5, 7], 0], [0, 150_000], atol=1e-6)


def test_settled_money_back_is_owed_to_the_payer_and_no_limit_cuts_it() -> None:
    """A limit on what is paid leaves what is returned alone."""
    measured = {"job": report([[35]], months=(12,), treated_n=100, rate=0.4)}
    settled = settle_payments(
        {"job": line()},
        measured=measured,
        standing=all_served(1),
        limits=ContractLimit(contract=1.0),
        terms=terms(),
    )
    assert sum(each.sum() for each in settled.returned_to.values()) == pytest.approx(250_000)
    assert settled.paid["job"].sum() == 0


def test_a_table_that_never_goes_below_zero_is_refused() -> None:
    """It is an interpolated table, which has to say what holds below its first point."""
    with pytest.raises(ValidationError, match=r"got pays = 0\.0 at the first point"):
        line(schedule=[{"at": 0, "pays": 0}, {"at": 0.1, "pays": 5}])


def test_describe_says_who_pays_back() -> None:
    """Amounts below zero come back from the investors."""
    words = MeasureWords(outcome="job", design="registers", payer="Holbæk Kommune")
    assert line().describe("da", words=words) == (
        "Holbæk Kommune betaler efter den målte forskel til sammenligningen for »job« 12 måneder "
        "efter indsatsens start, målt ved registers for alle hold under ét, når det sidste hold er "
        "målt: 500.000 kr. tilbage fra investorerne til og med -10 procentpoint og 1.000.000 kr. "
        "ved 20 procentpoint, en ret linje derimellem og ikke mere over 20 procentpoint."
    )
    assert "DKK 500,000 back from the investors up to and including -10 percentage points" in (
        line().describe("en", words=words)
    )
