"""The rate card against hand-computed amounts and binomial closed forms."""

from __future__ import annotations

from dataclasses import replace
from math import comb
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.timeline import Timeline
from sibsim.core.wording import MeasureWords
from sibsim.errors import ArgumentError
from sibsim.payments.base import Claim, Terms, collect
from sibsim.payments.floors import Floor
from sibsim.payments.limits import ContractLimit
from sibsim.payments.rate_card import RateCard
from sibsim.payments.settlement import settle_payments
from tests.reported import TIMELINE, all_served, report, served_first, terms

WORDS = MeasureWords(outcome="job", design="register data", payer="Holbæk Kommune")

EXACT = 1e-9
"""Relative: sums of a few dozen products in double precision."""


def card(**fields: Any) -> RateCard:  # noqa: ANN401 - fields of a spec
    """Return a rate card that reads `job` and pays for what is achieved."""
    return RateCard(**({"reads": "job", "pays_for": "achieved", "price": 10_000} | fields))


def test_achieved_pays_price_times_number_when_due() -> None:
    """Two cohorts, three follow-ups: 16 x 20 + ... in the quarters three months after."""
    line = card(price=[16_000, 21_000, 21_000], follow_up_months=[12, 18, 24])
    measured = {"job": report([[20, 18, 15], [25, 24, 22]], months=(12, 18, 24))}
    due = line.due(measured, standing=all_served(2), terms=terms())
    by_quarter = {
        5: 20 * 16_000,
        7: 18 * 21_000 + 25 * 16_000,
        9: 15 * 21_000 + 24 * 21_000,
        11: 22 * 21_000,
    }
    expected = np.zeros(TIMELINE.periods)
    expected[list(by_quarter)] = list(by_quarter.values())
    np.testing.assert_array_equal(due.amount[:, 0], expected)
    assert due.lapsed.tolist() == [0.0]


def test_one_price_pays_every_follow_up_of_the_measure() -> None:
    """Without follow-ups of its own a line pays all of the measure's."""
    measured = {"job": report([[20, 18, 15]], months=(12, 18, 24))}
    due = card().due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == 53 * 10_000


def test_only_the_follow_ups_named_are_paid() -> None:
    """A subset pays its own follow-ups, each with its own price."""
    measured = {"job": report([[20, 18, 15]], months=(12, 18, 24))}
    line = card(price=[1_000, 2_000], follow_up_months=[12, 24])
    due = line.due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == 20 * 1_000 + 15 * 2_000


def test_cohorts_not_served_are_not_paid() -> None:
    """The second cohort never started."""
    measured = {"job": report([[20], [25]], months=(12,))}
    due = card().due(measured, standing=served_first(1, of=2), terms=terms())
    assert due.amount.sum() == 200_000


def test_what_falls_after_the_last_payment_date_lapses() -> None:
    """Due at month 15 is on the last date and is paid; due at 21 and beyond the case lapses."""
    measured = {"job": report([[20, 18, 15]], months=(12, 18, 240))}
    due = card().due(measured, standing=all_served(1), terms=terms(last=15.0))
    assert due.amount.sum() == 200_000
    assert due.lapsed.tolist() == [330_000.0]


@pytest.mark.parametrize(
    ("floor", "by_quarter"),
    [
        # Nets against 40 % of 50: cohort 1 (+5, -4), cohort 2 (-3, +6); prices 1,000 and 2,000.
        ("cohort", {5: 5_000, 9: 12_000}),
        ("follow_up", {7: 2_000, 9: 4_000}),
        ("contract", {9: 2_000 + 4_000}),
    ],
)
def test_additional_is_floored_where_the_contract_says(
    floor: Floor, by_quarter: dict[int, int]
) -> None:
    """A shortfall is set against a surplus within the floor's scope only, and dated by it."""
    line = card(pays_for="additional", floor=floor, price=[1_000, 2_000])
    measured = {"job": report([[25, 16], [17, 26]], months=(12, 18), rate=0.4)}
    due = line.due(measured, standing=all_served(2), terms=terms())
    expected = np.zeros(TIMELINE.periods)
    expected[list(by_quarter)] = list(by_quarter.values())
    np.testing.assert_allclose(due.amount[:, 0], expected, rtol=EXACT)


def test_contract_floor_sets_money_against_money() -> None:
    """A shortfall of 4 at 2,000 eats a surplus of 5 at 1,000: nothing is paid."""
    line = card(pays_for="additional", floor="contract", price=[1_000, 2_000])
    measured = {"job": report([[25, 16]], months=(12, 18), rate=0.4)}
    assert line.due(measured, standing=all_served(1), terms=terms()).amount.sum() == 0.0


@pytest.mark.parametrize("floor", ["follow_up", "contract"])
def test_pooled_floors_settle_when_the_last_served_cohort_is_measured(floor: Floor) -> None:
    """With the second cohort never served the first is settled at its own date."""
    line = card(pays_for="additional", floor=floor, price=1_000)
    measured = {"job": report([[25], [17]], months=(12,), rate=0.4)}
    due = line.due(measured, standing=served_first(1, of=2), terms=terms())
    np.testing.assert_allclose(due.amount[5], [5_000], rtol=EXACT)
    assert due.amount.sum() == due.amount[5].sum()


@pytest.mark.parametrize("floor", ["cohort", "follow_up", "contract"])
def test_nothing_is_additional_without_a_comparison(floor: Floor) -> None:
    """Where nobody is in the comparison nothing is paid."""
    line = card(pays_for="additional", floor=floor)
    measured = {"job": report([[25]], months=(12,))}
    assert line.due(measured, standing=all_served(1), terms=terms()).amount.sum() == 0.0


def binomial(people: int, probability: float) -> tuple[np.ndarray, np.ndarray]:
    """Return every possible count and its probability."""
    counts = np.arange(people + 1)
    ways = np.array([comb(people, int(count)) for count in counts], dtype=np.float64)
    return counts, ways * probability**counts * (1 - probability) ** (people - counts)


def test_mean_payment_for_achieved_is_price_times_expected_number() -> None:
    """Over all binomial counts the mean is price x n x p."""
    counts, weights = binomial(50, 0.37)
    measured = {"job": report(counts[np.newaxis, np.newaxis], months=(12,), draws=True)}
    due = card().due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum(axis=0) @ weights == pytest.approx(10_000 * 50 * 0.37, rel=EXACT)


def test_mean_payment_for_nothing_is_de_moivres_mean_deviation() -> None:
    """Without effect, E[max(0, X - np)] = v C(n, v) p^v (1-p)^(n-v+1), v = floor(np) + 1."""
    people, p = 50, 0.37
    counts, weights = binomial(people, p)
    measured = {"job": report(counts[np.newaxis, np.newaxis], months=(12,), rate=p, draws=True)}
    line = card(pays_for="additional", floor="cohort")
    v = int(people * p) + 1
    expected = v * comb(people, v) * p**v * (1 - p) ** (people - v + 1)
    due = line.due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum(axis=0) @ weights == pytest.approx(10_000 * expected, rel=EXACT)


def test_dates_that_differ_between_draws_are_posted_as_the_timeline_posts_them(
    seed: int,
) -> None:
    """Claims end in the same periods, and lapse in the same draws, as with `Timeline.post`."""
    rng = np.random.default_rng(seed)
    agreed = terms(lag=3.0, last=60.0)
    claims = [Claim(rng.uniform(0, 1e5, size=200), rng.uniform(0, 120, size=200)) for _ in range(3)]
    due = collect(claims, terms=agreed)
    posts = [TIMELINE.post(c.amount, c.when + 3.0, last=60.0) for c in claims]
    np.testing.assert_array_equal(due.amount, posts[0][0] + posts[1][0] + posts[2][0])
    np.testing.assert_array_equal(due.lapsed, posts[0][1] + posts[1][1] + posts[2][1])


def test_same_dates_written_once_or_per_draw_pay_the_same() -> None:
    """The fast way for dates that are the same in every draw gives the same bits."""
    amount = np.array([1.0, 2.0, 3.0])
    once = [Claim(amount, np.array([10.0])), Claim(amount, np.array([500.0]))]
    each = [Claim(amount, np.full(3, 10.0)), Claim(amount, np.full(3, 500.0))]
    due, same = collect(once, terms=terms()), collect(each, terms=terms())
    np.testing.assert_array_equal(due.amount, same.amount)
    np.testing.assert_array_equal(due.lapsed, same.lapsed)


def test_what_is_owed_before_the_case_begins_is_paid_in_its_first_period() -> None:
    """An early start can bring a measurement before the case; it never counts from the end."""
    due = collect([Claim(np.ones(1), np.full(1, -9.0))], terms=terms())
    assert due.amount[0].tolist() == [1.0]


def test_months_are_paid_in_their_own_month() -> None:
    """On a timeline of months an amount due at month 15 is in period 15."""
    months = Timeline(start=TIMELINE.start, end=TIMELINE.end, period="month")
    due = collect([Claim(np.ones(1), np.full(1, 12.0))], terms=Terms(months, lag_months=3.0))
    assert np.flatnonzero(due.amount[:, 0]).tolist() == [15]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"price": -5_000}, "got -5000; a price cannot be negative"),
        ({"price": [16_000, -1]}, "got -1; a price cannot be negative"),
        ({"price": "16000"}, "a price is a number or a list of numbers"),
        ({"price": True}, "got True; a price is a number"),
        ({"price": float("nan")}, "got nan; a price is a number"),
        ({"pays_for": "additional"}, "got no floor"),
        ({"floor": "cohort"}, "got floor = 'cohort'; what is achieved is never below zero"),
        ({"price": [1, 2], "follow_up_months": [12]}, "got 2 prices for 1 follow-ups"),
        ({"follow_up_months": []}, "follow-ups stand once each"),
        ({"follow_up_months": [18, 12]}, "got follow_up_months = [18, 12]"),
        ({"claims_per_person": 0}, "greater than or equal to 1"),
        (
            {"pays_for": "additional", "floor": "cohort", "in_order": True},
            "got claims_per_person or in_order; nobody can say which person is additional",
        ),
        ({"limit": {"line": -1}}, "greater than or equal to 0"),
    ],
)
def test_faults_say_value_rule_and_way_out(fields: dict[str, Any], message: str) -> None:
    """Each fault names what was given."""
    with pytest.raises(ValidationError) as caught:
        card(**fields)
    assert message in str(caught.value)


def test_pays_for_has_no_default() -> None:
    """Whether it pays for what would happen anyway must be said."""
    with pytest.raises(ValidationError, match="pays_for"):
        RateCard.model_validate({"reads": "job", "price": 10_000})


def test_follow_ups_are_checked_against_the_measure() -> None:
    """A list of prices of another length is said in words; what is read names its follow-ups."""
    assert card(follow_up_months=[12, 24]).check_follow_ups((12, 18, 24)) == ()
    assert card(follow_up_months=[12, 13]).readings[0].at_months == (12, 13)
    (never,) = card(in_order=True, claims_per_person=2).check_follow_ups((12, 18, 24))
    assert "later ones never pay; write follow_up_months = [12, 18]" in never
    assert card(in_order=True, claims_per_person=2).check_follow_ups((12, 18)) == ()
    (length,) = card(price=[1, 2]).check_follow_ups((12, 18, 24))
    assert "got 2 prices for the follow-ups [12, 18, 24]" in length


def test_follow_ups_paid_default_to_all() -> None:
    """The follow-ups paid are the line's own or else all of the measure's."""
    assert card().follow_ups((12, 18)) == (12, 18)
    assert card(follow_up_months=[18]).follow_ups((12, 18)) == (18,)


def test_person_prices_stand_at_the_measures_follow_ups() -> None:
    """A follow-up that is not paid has price zero; what is additional has no persons."""
    line = card(price=[16_000, 21_000], follow_up_months=[12, 24])
    assert line.person_prices((12, 18, 24)) == (16_000, 0.0, 21_000)
    assert card(pays_for="additional", floor="cohort").person_prices((12,)) is None


PEOPLE = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1], [1, 1, 1]], dtype=np.bool_)
"""Five people at three follow-ups, (P, K)."""


def by_person(line: RateCard, claims: np.ndarray = PEOPLE) -> list[float]:
    """Return what a line pays at 12, 18 and 24 months for one cohort of these people."""
    reported = report([claims.sum(axis=0)], months=(12, 18, 24), claims=(claims[..., np.newaxis],))
    due = line.due({"job": reported}, standing=all_served(1), terms=terms(lag=0.0))
    found: list[float] = due.amount[[4, 6, 8], 0].tolist()
    return found


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [300, 600, 1_600]),
        ({"claims_per_person": 1}, [300, 200, 400]),  # people 1, 4, 5; then 2; then 3
        ({"claims_per_person": 2}, [300, 600, 1_200]),  # all but the third claim of person 5
        ({"claims_per_person": 3}, [300, 600, 1_600]),
        ({"in_order": True}, [300, 400, 400]),  # people 1, 4, 5; then 1, 5; then 5
    ],
)
def test_claims_are_counted_person_by_person(fields: dict[str, Any], expected: list[float]) -> None:
    """Follow-ups in order, at prices of 100, 200 and 400."""
    assert by_person(card(price=[100, 200, 400], **fields)) == expected


def test_only_follow_ups_that_are_paid_come_first() -> None:
    """Person 4, away at month 18, is in order at 12 and 24; person 2 is at neither."""
    line = card(price=[100, 400], follow_up_months=[12, 24], in_order=True)
    assert by_person(line) == [300, 0, 800]


def test_with_chance_off_a_person_keeps_the_same_luck() -> None:
    """Probabilities .6, .5, .7: in order .6, .5, .5; one claim only .6, then nothing, then .1."""
    chances = np.array([[0.6, 0.5, 0.7]])
    in_order = by_person(card(price=100, in_order=True), chances)
    np.testing.assert_allclose(in_order, [60, 50, 50], rtol=EXACT)
    once = by_person(card(price=100, claims_per_person=1), chances)
    np.testing.assert_allclose(once, [60, 0, 10], rtol=EXACT, atol=EXACT)


def test_a_limit_per_person_cuts_what_the_line_really_claims() -> None:
    """Two claims of person 5 are 300; a limit of 250 cuts 50 of them."""
    line = card(price=[100, 200, 400], claims_per_person=2)
    claims = (PEOPLE[..., np.newaxis],)
    reported = report([PEOPLE.sum(axis=0)], months=(12, 18, 24), claims=claims)
    settled = settle_payments(
        {"job": line},
        measured={"job": reported},
        standing=all_served(1),
        limits=ContractLimit(person=250),
        terms=terms(),
    )
    # People 1 and 5 claim 300, 2 claims 600, 3 claims 400, 4 claims 500.
    assert settled.cut["person"].sum() == 50 + 350 + 150 + 250 + 50
    assert settled.due["job"].sum() == 2_100


@pytest.mark.parametrize("fields", [{"claims_per_person": 1}, {"in_order": True}])
def test_counting_by_person_needs_claims_by_person(fields: dict[str, Any]) -> None:
    """Sums cannot say who was successful before."""
    measured = {"job": report([[20, 18]], months=(12, 18))}
    with pytest.raises(ArgumentError, match="job: a line that pays by person needs results"):
        card(**fields).due(measured, standing=all_served(1), terms=terms())


def test_an_early_cheap_claim_can_use_up_a_dear_one() -> None:
    """Then one more success lowers what is paid, and the line does not declare otherwise."""
    once = card(price=[100, 200, 400], claims_per_person=1)
    better = PEOPLE.copy()
    better[2, 0] = True
    assert sum(by_person(once, better)) == sum(by_person(once)) - 300
    assert "monotone" not in once.properties
    for fields in ({"price": 100}, {"price": [4, 3, 3]}, {"in_order": True}):
        line = card(**({"price": [100, 200, 400], "claims_per_person": 1} | fields))
        assert "monotone" in line.properties


def test_describe_says_how_often_and_in_what_order_one_person_is_paid() -> None:
    """Both stand after the prices."""
    line = card(in_order=True, claims_per_person=2, follow_up_months=[12, 18, 24])
    assert line.describe("da", words=WORDS).endswith(
        "måneder efter indsatsens start, ved en senere opfølgning kun for den, der også opnåede "
        "det ved de tidligere, højst 2 gange for hver deltager."
    )
    assert line.describe("en", words=WORDS).endswith(
        "after the start of service, at a later follow-up only for those who achieved it at the "
        "earlier ones too, at most 2 times each participant."
    )
    assert "højst 1 gang for" in card(claims_per_person=1).describe("da", words=WORDS)


def test_it_says_when_it_needs_results_by_person() -> None:
    """A measure of sums can then be refused before anything is drawn."""
    assert card(in_order=True).needs_persons
    assert not card().needs_persons


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """The sentence has payer, goal, comparison, measurement, dates, prices and limit."""
    line = card(price=[16_000, 21_000], follow_up_months=[12, 24], limit={"line": 6_500_000})
    assert line.describe("da", words=WORDS) == (
        "Holbæk Kommune betaler for hver deltager, der har opnået »job«, uden fradrag for dem, "
        "der havde opnået det alligevel, målt ved register data: 16.000 kr. ved 12 og 21.000 kr. "
        "ved 24 måneder efter indsatsens start, i alt højst 6.500.000 kr."
    )
    assert line.describe("en", words=WORDS) == (
        'Holbæk Kommune pays for each participant who has achieved "job", without deducting '
        "those who would have achieved it anyway, measured by register data: DKK 16,000 at 12 "
        "and DKK 21,000 at 24 months after the start of service, at most DKK 6,500,000 in total."
    )


@pytest.mark.parametrize(
    ("fields", "danish"),
    [
        ({"price": 16_000}, "16.000 kr. ved hver opfølgning"),
        ({"price": [16_000, 21_000]}, "16.000 kr. og 21.000 kr. ved opfølgningerne i rækkefølge"),
        ({"follow_up_months": [12, 18, 24]}, "10.000 kr. ved 12, 18 og 24 måneder efter"),
        ({"pays_for": "additional", "floor": "contract"}, "opgjort for alle hold og opfølgninger"),
    ],
)
def test_describe_says_every_form_of_price(fields: dict[str, Any], danish: str) -> None:
    """One price, a list, with and without follow-ups, and the floor."""
    assert danish in card(**fields).describe("da", words=WORDS)


def test_describe_names_the_months_of_the_measure_where_the_line_names_none() -> None:
    """One follow-up is named by its month; a list of prices has its months."""
    once = replace(WORDS, follow_up_months=(12,))
    twice = replace(WORDS, follow_up_months=(12, 24))
    assert "DKK 16,000 at 12 months after the start of service" in card(price=16_000).describe(
        "en", words=once
    )
    assert "16.000 kr. ved 12 og 21.000 kr. ved 24 måneder" in card(
        price=[16_000, 21_000]
    ).describe("da", words=twice)
