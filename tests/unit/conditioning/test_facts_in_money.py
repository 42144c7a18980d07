"""What was reported and paid stands: comparisons, stated errors, claims, payments, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import factorial

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts
from sibsim.core.precision import precision_of
from sibsim.errors import ArgumentError
from sibsim.payments.settlement import Payments
from sibsim.results import Results
from sibsim.simulate import reprice, simulate
from tests.happened import (
    DRAWS,
    EACH,
    ONE_YEAR,
    RATE_CARD,
    TWO_YEARS,
    assert_mean,
    facts,
    reports,
    world_given,
)
from tests.small_case import AGAINST_RATE, TRIAL, VERIFIED, small_case

PAID_IN = 5
"""Period in which the result at 12 months is paid, 2025Q2."""

TWICE: Mapping[str, object] = {**ONE_YEAR, "follow_up_months": [12, 24], "persistence": 0.5}
"""An outcome at two follow-ups, a year apart."""


def twice(*, design: Mapping[str, object] = VERIFIED, **line: object) -> sib.Case:
    """Return a contract on 20 people that pays at both follow-ups."""
    card = {**EACH, "follow_up_months": [12, 24], **line}
    return small_case(people=20, outcome=TWICE, design=design, line=card)


def paid_by_now(case: sib.Case, amount: float, *, in_period: int = PAID_IN) -> FloatArray:
    """Return an amount in one period, nothing in those before, unknown in those to come."""
    paid = np.full(case.timeline.periods, np.nan)
    paid[:in_period] = 0.0
    paid[in_period] = amount
    return paid


def of_line(results: Results, name: str) -> FloatArray:
    """Return the postings of one line, (T, D)."""
    assert results.postings is not None
    found = [each.amount for each in results.postings if each.line == name]
    return np.asarray(sum(found))


def known(achieved: float = 10, people: float = 20, *, times: int = 1) -> Facts:
    """Return that 20 started and what was reported of them, once or at both follow-ups."""
    report = reports({(0, k): (achieved, people) for k in range(times)}, shape=(1, 2))
    return facts(1, started={0: 20}, job=report)


def test_reports_stand_and_others_are_simulated(seed: int) -> None:
    """A report is the same in every draw; what has none goes on varying."""
    case = small_case(
        people=20, outcome=TWO_YEARS, design=VERIFIED, line=RATE_CARD, shares=(0.5, 0.5)
    )
    report = reports({(0, 0): (6, 9)}, shape=(2, 3))
    world = world_given(case, facts(2, started={0: 10}, job=report), seed=seed)
    measured = world.measured["job"]
    assert np.all(measured.treated_sum[0, 0] == 6)
    assert np.all(measured.treated_n[0, 0] == 9)
    assert np.ptp(measured.treated_sum[0, 1]) > 0
    assert np.ptp(measured.treated_sum[1, 0]) > 0


def test_comparisons_stand(seed: int) -> None:
    """The comparison of a report is as reported, sum and people; later ones are simulated."""
    line = {**EACH, "pays_for": "additional", "floor": "contract", "follow_up_months": [12, 24]}
    case = small_case(people=40, outcome=TWICE, design=TRIAL, line=line)
    report = reports({(0, 0): (12, 20)}, shape=(1, 2), comparison={(0, 0): (7, 23)})
    measured = world_given(case, facts(1, started={0: 20}, job=report), seed=seed).measured["job"]
    assert np.all(measured.comparison_sum[0, 0] == 7)
    assert np.all(measured.comparison_n[0, 0] == 23)
    assert np.ptp(measured.comparison_sum[0, 1]) > 0


@pytest.mark.parametrize("design", [AGAINST_RATE, TRIAL])
def test_the_error_of_a_report_is_as_stated(design: Mapping[str, object], seed: int) -> None:
    """A stated standard error, squared, is the variance; other reports keep that of the plan."""
    line = {**EACH, "pays_for": "additional", "floor": "contract"}
    case = small_case(people=80, outcome=ONE_YEAR, design=design, line=line, shares=(0.5, 0.5))
    stated, without = (
        reports(
            {(0, 0): (22, 40)},
            shape=(2, 1),
            comparison={(0, 0): (10, 40)},
            standard_error=errors,
        )
        for errors in ({(0, 0): 0.07}, {})
    )
    came = {0: 40.0, 1: 40.0}
    found, plain = (
        world_given(case, facts(2, started=came, job=each), seed=seed).measured["job"]
        for each in (stated, without)
    )
    assert found.precision is not None
    plan = precision_of(plain)
    variance, planned = (each.own + each.common for each in (found.precision, plan))
    np.testing.assert_allclose(variance[0, 0], 0.07**2, rtol=1e-12)
    np.testing.assert_allclose(variance[1, 0], planned[1, 0], rtol=1e-12)
    shared = (plan.common / planned)[0, 0]
    np.testing.assert_allclose(found.precision.common[0, 0] / variance[0, 0], shared, rtol=1e-12)


def test_a_claim_of_a_person_goes_with_the_report(seed: int) -> None:
    """Claims sum to what was reported, also where a report is not what is so."""
    case = small_case(
        people=40,
        outcome=TWO_YEARS,
        design={**VERIFIED, "missing": {"share": 0.3, "rule": "counts_as_not_achieved"}},
        line=RATE_CARD,
    )
    report = reports({(0, 0): (9, 40), (0, 1): (14, 40)}, shape=(1, 3))
    world = world_given(case, facts(1, started={0: 40}, job=report), seed=seed)
    claims = world.measured["job"].claims
    assert claims is not None
    assert np.all(claims[0].sum(axis=0)[:2] == np.array([[9], [14]]))
    assert world.paths["job"].achieved[0, 0].mean() > 9.0


def test_claims_per_person_pay_as_the_report_says(seed: int) -> None:
    """9 of 14 at both follow-ups pay twice 90,000; the 6 whom nobody reported have no claim."""
    case = twice(claims_per_person=2)
    found = simulate(case, draws=DRAWS, rng=seed, facts=known(9, 14, times=2))
    assert np.all(found.metric("reports_missed") == 0)
    np.testing.assert_allclose(found.metric("payments_total"), 180_000)
    world = world_given(case, known(9, 14), seed=seed)
    claims = world.measured["job"].claims
    assert claims is not None
    assert not claims[0][14:, 0].any()
    assert claims[0][14:, 1].any()


def test_claims_per_person_where_missing_results_are_left_out(seed: int) -> None:
    """14 reported at both follow-ups pay twice 140,000 wherever the sums are met."""
    design = {**VERIFIED, "missing": {"share": 0.3, "rule": "excluded"}}
    case = twice(design=design, claims_per_person=2)
    found = simulate(case, draws=DRAWS, rng=seed, facts=known(14, 20, times=2))
    met = found.metric("reports_missed") == 0
    assert met.mean() > 0.95
    np.testing.assert_allclose(found.metric("payments_total")[met], 280_000)


def test_a_claim_paid_once_is_not_paid_again(seed: int) -> None:
    """One claim a person: 9 are paid at 12 months, at 24 the k who had not succeeded then.

    A person succeeds at both follow-ups or neither with 0.375 each, at one of them with 0.125.
    """
    found = simulate(twice(claims_per_person=1), draws=DRAWS, rng=seed, facts=known(9, 20, times=2))
    new = np.arange(10)
    ways = np.array(
        [1 / (factorial(k) ** 2 * factorial(9 - k) * factorial(11 - k)) for k in range(10)]
    )
    law = ways * 0.375 ** (20 - 2 * new) * 0.125 ** (2 * new)
    law /= law.sum()
    mean = law @ new
    paid = found.metric("payments_total") / 10_000
    assert_mean(paid - 9, mean=mean, variance=law @ (new - mean) ** 2)


def test_payments_made_stand(seed: int) -> None:
    """What was really paid stands in its period, whatever the contract gives, and adds up."""
    case = small_case(people=20, outcome=TWO_YEARS, design=VERIFIED, line=RATE_CARD)
    report = reports({(0, 0): (6, 20)}, shape=(1, 3))
    unpaid = facts(1, started={0: 20}, job=report)
    made = replace(unpaid, paid={"job": paid_by_now(case, 77_000.0)})
    results = simulate(case, draws=DRAWS, rng=seed, facts=made)
    plain = simulate(case, draws=DRAWS, rng=seed, facts=unpaid)
    for metric in ("payments_total", "payments_due"):
        more = results.metric(metric) - plain.metric(metric)
        np.testing.assert_allclose(more, 77_000.0 - 60_000.0)
    assert np.all(of_line(results, "payments.job")[PAID_IN] == 77_000.0)


def test_what_was_paid_above_a_limit_stands(seed: int) -> None:
    """160,000 were paid where 150,000 are the limit: that stands, and no more is paid."""
    case = twice().with_({"contract.limit": {"contract": 150_000}})
    made = replace(known(), paid={"job": paid_by_now(case, 160_000.0)})
    results = simulate(case, draws=64, rng=seed, facts=made)
    np.testing.assert_allclose(results.metric("payments_total"), 160_000)


def test_what_was_paid_beyond_the_contract_is_owed_too() -> None:
    """Owed is paid and cut: 160 instead of 100, by four fifths and one; 20 of nothing, evenly."""
    given = np.array([[100.0], [0.0], [50.0]])
    shares = {("job", "state"): given * 0.8, ("job", "region"): given * 0.2}
    cut = {"contract": np.array([[0.0], [0.0], [30.0]])}
    plan = Payments(
        due={"job": given + cut["contract"]},
        paid={"job": given},
        lapsed={},
        cut=cut,
        paid_by=shares,
        returned_to={},
    )
    found = plan.as_made({"job": np.array([160.0, 20.0, np.nan])})
    np.testing.assert_allclose(found.paid["job"][:, 0], [160, 20, 50])
    np.testing.assert_allclose(found.due["job"], found.paid["job"] + cut["contract"])
    np.testing.assert_allclose(found.paid_by["job", "state"][:, 0], [128, 10, 40])
    np.testing.assert_allclose(found.paid_by["job", "region"][:, 0], [32, 10, 10])


def test_a_limit_that_runs_on_counts_payments_made(seed: int) -> None:
    """150,000 at most and 140,000 made, though 100,000 were due: at most 10,000 more."""
    case = twice().with_({"contract.limit": {"contract": 150_000}})
    plain = simulate(case, draws=DRAWS, rng=seed, facts=known())
    assert np.all(of_line(plain, "payments.job")[PAID_IN] == 100_000)
    made = replace(known(), paid={"job": paid_by_now(case, 140_000.0)})
    results = simulate(case, draws=DRAWS, rng=seed, facts=made)
    paid = of_line(results, "payments.job")
    assert np.all(paid[PAID_IN] == 140_000)
    assert paid[PAID_IN + 1 :].sum(axis=0).max() == 10_000
    assert results.metric("payments_total").max() == 150_000


def test_payers_share_what_was_paid_as_they_share_the_line(seed: int) -> None:
    """80 and 20 %: of 77,000 they pay 61,600 and 15,400, of 30,000 that nobody owed 24,000."""
    case = twice(payer={"municipality": 0.8, "state": 0.2})
    paid = paid_by_now(case, 77_000.0)
    paid[PAID_IN - 2] = 30_000.0
    results = simulate(case, draws=64, rng=seed, facts=replace(known(), paid={"job": paid}))
    assert results.postings is not None
    by_payer = {each.payer: each.amount for each in results.postings if each.line == "payments.job"}
    for payer, share in (("municipality", 0.8), ("state", 0.2)):
        np.testing.assert_allclose(by_payer[payer][PAID_IN], 77_000 * share)
        np.testing.assert_allclose(by_payer[payer][PAID_IN - 2], 30_000 * share)


def test_a_new_contract_without_the_line_that_was_paid_is_refused(seed: int) -> None:
    """Payments were made on a line: a contract that has it not can price the worlds no more."""
    case = twice()
    made = replace(known(), paid={"job": paid_by_now(case, 70_000.0)})
    results = simulate(case, draws=64, rng=seed, keep="world", facts=made)
    same = reprice(results, case)
    np.testing.assert_array_equal(same.metric("payments_total"), results.metric("payments_total"))
    dearer = reprice(results, case.with_({"payments.job.price": 12_000}))
    later = results.metric("payments_total") - 70_000
    np.testing.assert_allclose(dearer.metric("payments_total"), 70_000 + 1.2 * later)
    document = case.document
    document["payments"] = {"jobs": document["payments"]["job"]}
    with pytest.raises(ArgumentError, match=r"'job'.*did you mean 'jobs'.*observe the case again"):
        reprice(results, build(document))
