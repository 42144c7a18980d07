"""Every payment model runs through the same checks; each reads what the model declares."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import tomlkit
from pydantic import ValidationError

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import load_family_member
from sibsim.core.stages import Measurement, Standing
from sibsim.core.wording import MeasureWords
from sibsim.payments import MEMBERS
from sibsim.payments.base import PaymentModel
from sibsim.payments.limits import ContractLimit
from sibsim.payments.settlement import Payments, settle_payments
from tests.reported import all_served, report, served_first, terms

MONTHS = (12, 18, 24)
"""Follow-ups of the random reports."""

COHORTS = 3
"""Cohorts of the random reports."""

DRAWS = 300
"""Draws of the random reports: every limit binds in some and not in others."""

TERMS = terms(planned=(40.0, 50.0, 60.0))
"""Terms of every contract in the matrix."""

SUMS = 1e-9
"""Relative: sums of some hundred amounts in double precision."""

HOME = report([[30.0] * len(MONTHS)] * COHORTS, months=MONTHS, rate=0.4)
"""Report of a second measure, for lines that read several: six in ten against four in ten."""

WORDS = MeasureWords(
    outcome="job",
    design="register data",
    payer="Holbæk Kommune",
    titles={"job": "job", "home": "home"},
)

EXAMPLES: Mapping[str, tuple[dict[str, Any], ...]] = {
    "rate_card": (
        {"pays_for": "achieved", "price": 16_000.0},
        {"pays_for": "achieved", "price": (16_000.0, 21_000.0), "follow_up_months": (12, 24)},
        {"pays_for": "additional", "floor": "cohort", "price": 30_000.0},
        {"pays_for": "additional", "floor": "follow_up", "price": (9e3, 1e4, 2e4)},
        {"pays_for": "additional", "floor": "contract", "price": (9e3, 1e4, 2e4)},
        {"pays_for": "achieved", "price": (9e3, 1e4, 2e4), "claims_per_person": 2},
        {"pays_for": "achieved", "price": (9e3, 1e4, 2e4), "in_order": True},
    ),
    "linear_band": tuple(
        {
            "of": of,
            "pooled": pooled,
            "at_months": 18,
            "schedule": (
                {"at": first, "pays": 2e5},
                {"at": first + 0.1, "pays": 8e5},
                {"at": first + 0.3, "pays": 1e6},
            ),
        }
        for of, first in (("rate", 0.4), ("effect", 0.02))
        for pooled in (True, False)
    ),
    "step_table": tuple(
        {
            "of": of,
            "pooled": pooled,
            "inclusive": pooled,
            "at_months": 18,
            "schedule": (
                {"at": first, "pays": 2e5},
                {"at": first + 0.05, "pays": 8e5},
                {"at": first + 0.1, "pays": 1e6},
            ),
        }
        for of, first in (("rate", 0.45), ("effect", 0.02), ("reduction", 0.02))
        for pooled in (True, False)
    ),
    "interpolated_table": tuple(
        {
            "of": "rate",
            "pooled": pooled,
            "below": below,
            "at_months": 18,
            "schedule": ({"at": 0.48, "pays": 2e5}, {"at": 0.6, "pays": 8e5}),
        }
        for below in ("nothing", "first")
        for pooled in (True, False)
    ),
    "two_sided": tuple(
        {
            "of": "effect",
            "pooled": pooled,
            "at_months": 18,
            "schedule": ({"at": -0.1, "pays": -5e5}, {"at": 0.2, "pays": 1e6}),
        }
        for pooled in (True, False)
    ),
    "frequency": (
        {"at_months": 12, "price": 20_000.0, "cohort_level": 0.1, "pooled_level": 0.02},
        {"at_months": 12, "price": 20_000.0, "cohort_level": 0.4, "pooled_level": 0.01},
    ),
    "cliff": (
        {
            "pays": 1e6,
            "inclusive": True,
            "conditions": ({"reads": "job", "of": "rate", "at_months": 18, "at_least": 0.5},),
        },
        {
            "pays": (4e5, 1e6),
            "inclusive": False,
            "conditions": (
                {"reads": "job", "of": "uplift", "at_months": 24, "at_least": (0.0, 0.1)},
                {"reads": "home", "of": "effect", "at_months": 12, "at_least": (0.1, 0.15)},
            ),
        },
    ),
    "coupon": tuple(
        {
            "of": "rate",
            "principal": 1e6,
            "table": table,
            "points": ({"at": 0.45, "rate": 0.03}, {"at": 0.55, "rate": 0.1}),
            "coupon_dates": (date(2025, 7, 1), date(2026, 7, 1), date(2027, 7, 1)),
            **more,
        }
        for table, more in (
            ("steps", {"minimum": {"rate": 0.02, "coupons": 2}}),
            (
                "lines",
                {"redemption": ({"at": 0.5, "share": 0.75},), "matures": date(2027, 7, 1)},
            ),
        )
    ),
    "terminal_bullet": tuple(
        {
            "components": (
                {"reads": "job", "of": "rate", "at_months": 18, "weight": 0.7},
                {"reads": "home", "of": "effect", "at_months": 12, "weight": 0.3},
            ),
            "principal": 1e6,
            "table": table,
            "points": ({"at": 0.4, "rate": 0.02}, {"at": 0.45, "rate": 0.1}),
            "starts": date(2024, 1, 1),
            "matures": date(2028, 1, 1),
            "accrual": accrual,
            "protected": protected,
        }
        for table, accrual, protected in (("steps", "simple", 0.0), ("lines", "compound", 0.5))
    ),
    "milestone": (
        {"price": 2_000.0, "at_months": 12},
        {"price": 2_000.0, "at_months": 12, "most_people": 134},
    ),
    "sustained": (
        {"price": 9e3, "weeks": 26, "restart": True},
        {"price": 9e3, "weeks": 52, "restart": False},
    ),
    "progression": (
        {"price": 900.0, "step": 0.3, "at_months": 18, "whole_steps": True, "most_steps": 2},
        {"price": 900.0, "step": 0.3, "at_months": 18, "whole_steps": False, "most_steps": 2},
    ),
    "days_avoided": (
        *(
            {"price": 9e3, "counts": "avoided", "floor": floor}
            for floor in ("cohort", "follow_up", "contract")
        ),
        {"price": 9e3, "counts": "reached", "follow_up_months": (12, 24)},
        {"price": 9e3, "counts": "reached", "qualifying_days": 1.0},
    ),
    "volume_tiered": (
        {"tiers": ({"up_to": 20, "price": 9e3}, {"up_to": 110, "price": 4e3}, {"price": 2e4})},
        {"tiers": ({"up_to": 60, "price": 9e3}, {"price": 2e4}), "follow_up_months": (18,)},
    ),
    "mix_cap": (
        {
            "at_months": 12,
            "groups": (
                {"reads": "job", "price": 9e3, "at_most_share": 0.6},
                {"reads": "home", "price": 2e4, "at_most_share": 0.5},
            ),
        },
    ),
    "fixed": (
        {
            "payments": (
                {"on": date(2024, 7, 1), "pays": 4e5},
                {"on": date(2026, 7, 1), "pays": 3e5},
            )
        },
    ),
    "savings_share": (
        {
            "counts": "fewer",
            "unit": "weeks",
            "tariff": 3e4,
            "share": 0.5,
            "share_after_repayment": 0.2,
            "floor": "contract",
        },
        {
            "counts": "more",
            "unit": "weeks",
            "tariff": 3e4,
            "share": 0.5,
            "floor": "cohort",
            "follow_up_months": (12, 18),
        },
    ),
    "minimum_referrals": (
        {
            "at_months": 12,
            "number": 250.0,
            "price": 9e3,
            "deemed_rate": 0.4,
            "survives_early_end": True,
        },
    ),
}
"""Examples of each payment model; a new member adds its own."""

MONEY = frozenset({"price", "pays", "principal", "tariff"})
"""Fields of payment models that hold money."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "accrual": ("simple", "compound"),
    "below": ("nothing", "first"),
    "counts": ("avoided", "reached", "fewer", "more"),
    "floor": ("cohort", "follow_up", "contract"),
    "of": ("rate", "effect", "reduction", "uplift"),
    "pays_for": ("achieved", "additional"),
    "reads": ("job", "home"),
    "table": ("steps", "lines"),
    "unit": ("weeks", "months"),
}
"""What else may stand in a field that holds a word."""

BOUND = frozenset({"pays_for", "counts"})
"""Fields that some examples cannot change alone: with another word other fields are needed."""

PAIRED = frozenset({"reads", "weight"})
"""Fields whose values have to fit each other: they change places."""

FIELDS = 300
"""Least number of fields of the examples that are changed to see whether they are said."""

Path = tuple[str | int, ...]
"""Where a value stands in a description."""

LINES = [
    pytest.param(name, index, id=f"{name}-{index}")
    for name in MEMBERS
    for index in range(len(EXAMPLES[name]))
]


def model(name: str, fields: Mapping[str, Any]) -> PaymentModel:
    """Return a line of the payment model `name`."""
    member = load_family_member("sibsim.payments", "sibsim.payments", name)
    assert member is not None
    reads = {"reads": "job"} if "reads" in member.model_fields else {}
    line = member.model_validate({"model": name, **reads, **fields})
    assert isinstance(line, PaymentModel)
    return line


def times(value: Any, factor: float) -> Any:  # noqa: ANN401 - any table of a case
    """Return a description with every amount of money times a factor."""
    if isinstance(value, Mapping):
        return {
            key: scaled(inner, factor) if key in MONEY else times(inner, factor)
            for key, inner in value.items()
        }
    return tuple(times(inner, factor) for inner in value) if isinstance(value, tuple) else value


def scaled(amount: Any, factor: float) -> Any:  # noqa: ANN401 - a number or a list
    """Return one amount or each of a list times a factor."""
    return tuple(a * factor for a in amount) if isinstance(amount, tuple) else amount * factor


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401 - any table
    """Yield every number, date, flag and word of a description with where it stands."""
    if isinstance(value, Mapping):
        inner: Any = value.items()
    elif isinstance(value, tuple):
        inner = enumerate(value)
    else:
        yield path, value
        return
    for key, each in inner:
        yield from leaves(each, (*path, key))


def with_value(table: Any, path: Path, value: Any) -> Any:  # noqa: ANN401 - any table of a case
    """Return a description with another value at a path."""
    if not path:
        return value
    key, *rest = path
    if isinstance(table, Mapping):
        return {**table, key: with_value(table[key], tuple(rest), value)}
    return tuple(
        with_value(each, tuple(rest), value) if place == key else each
        for place, each in enumerate(table)
    )


def others(value: Any, *, field: str) -> tuple[Any, ...]:  # noqa: ANN401 - any value of a case
    """Return what else might stand in a field."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1)
    if isinstance(value, float):
        return tuple({value * 1.37, value / 1.37, value + 1, value + 0.01} - {value})
    if isinstance(value, date):
        return (value + timedelta(days=31), value - timedelta(days=31))
    return tuple(choice for choice in CHOICES[field] if choice != value)


def changes(name: str, index: int) -> dict[Path, list[PaymentModel]]:
    """Return by field of an example the lines that differ in it alone, as far as they are valid.

    Fields whose values have to fit each other, such as weights, change places.
    """
    example = EXAMPLES[name][index]
    found: dict[Path, list[PaymentModel]] = {}
    for path, value in leaves(example):
        field = next(key for key in reversed(path) if isinstance(key, str))
        tables = [with_value(example, path, other) for other in others(value, field=field)]
        tables += [
            with_value(with_value(example, path, there), where, value)
            for where, there in leaves(example)
            if where[-1] == path[-1] and path[-1] in PAIRED and there != value
        ]
        found[path] = []
        for table in tables:
            try:
                found[path].append(model(name, table))
            except ValidationError:
                continue
    return found


@pytest.fixture
def reported(seed: int) -> Measurement:
    """Return a random report with claims by person and a comparison."""
    rng = np.random.default_rng(seed)
    claims = tuple(rng.random((people, len(MONTHS), DRAWS)) < 0.5 for people in (30, 45, 60))
    successes = np.stack([claim.sum(axis=0) for claim in claims])
    rate = rng.uniform(0.3, 0.6, size=(COHORTS, 1, DRAWS))
    people = np.array([30.0, 45.0, 60.0])[:, np.newaxis, np.newaxis]
    people = people - rng.integers(0, 3, size=(COHORTS, 1, DRAWS))
    return report(successes, months=MONTHS, treated_n=people, rate=rate, draws=True, claims=claims)


def with_more(reported: Measurement, *, at: int, cohorts: Sequence[int], by: int) -> Measurement:
    """Return a report with more successes at one follow-up, of people who had none there."""
    sums = reported.treated_sum.copy()
    sums[list(cohorts), at] += by
    assert reported.claims is not None
    claims = [np.array(claim, dtype=np.bool_) for claim in reported.claims]
    for cohort in cohorts:
        without = ~claims[cohort][:, at]
        claims[cohort][:, at] |= np.cumsum(without, axis=0) <= by
    return replace(reported, treated_sum=sums, claims=tuple(claims))


def owed(line: PaymentModel, reported: Measurement, standing: Standing) -> FloatArray:
    """Return what a line owes in every draw over all periods."""
    due = line.due({"job": reported, "home": HOME}, standing=standing, terms=TERMS)
    total: FloatArray = due.amount.sum(axis=0) + due.lapsed
    return np.broadcast_to(total, (DRAWS,))


def contract(lines: dict[str, PaymentModel], reported: Measurement, **limits: float) -> Payments:
    """Settle a contract of several lines that read the same report."""
    return settle_payments(
        lines,
        measured={"job": reported, "home": HOME},
        standing=all_served(COHORTS),
        limits=ContractLimit(**limits),
        terms=TERMS,
    )


def test_every_member_has_examples() -> None:
    """No payment model ships unchecked."""
    assert set(EXAMPLES) == set(MEMBERS)


@pytest.mark.parametrize(("name", "index"), LINES)
def test_description_survives_a_round_trip(name: str, index: int) -> None:
    """Written as TOML and read again it is an equal line with the same hash."""
    line = model(name, EXAMPLES[name][index])
    text = tomlkit.dumps(line.model_dump(by_alias=True, exclude_none=True))
    again = type(line).model_validate(tomllib.loads(text))
    assert again == line
    assert hash(again) == hash(line)
    assert line.properties >= line.declares


@pytest.mark.parametrize(("name", "index"), LINES)
def test_amounts_are_never_negative_and_vary(name: str, index: int, reported: Measurement) -> None:
    """Money moves from payer to investor only, and the example is no empty one."""
    line = model(name, EXAMPLES[name][index])
    due = line.due({"job": reported, "home": HOME}, standing=all_served(COHORTS), terms=TERMS)
    assert (due.amount >= 0).all()
    assert due.amount.any()
    if line.readings:
        assert due.amount.shape == (TERMS.timeline.periods, DRAWS)
        assert np.ptp(due.amount.sum(axis=0)) > 0


@pytest.mark.parametrize(("name", "index"), LINES)
def test_only_follow_ups_that_are_paid_are_read(
    name: str, index: int, reported: Measurement
) -> None:
    """People and successes at other follow-ups change nothing; those at a paid one do."""
    line = model(name, EXAMPLES[name][index])
    if not line.readings:
        pytest.skip(f"{name} reads nothing")
    assert line.check_follow_ups(MONTHS) == ()
    for k, months in enumerate(MONTHS):
        more = with_more(reported, at=k, cohorts=range(COHORTS), by=20)
        people = reported.treated_n.copy()
        people[:, k] += 20
        changed = owed(line, replace(more, treated_n=people), all_served(COHORTS))
        same = np.array_equal(changed, owed(line, reported, all_served(COHORTS)))
        assert same == (months not in line.follow_ups(MONTHS))


@pytest.mark.parametrize(("name", "index"), LINES)
def test_one_more_success_never_lowers_what_a_monotone_line_owes(
    name: str, index: int, reported: Measurement
) -> None:
    """Raise each cohort and follow-up in turn."""
    line = model(name, EXAMPLES[name][index])
    if "monotone" not in line.properties:
        pytest.skip(f"{name} does not declare monotone")
    before = owed(line, reported, all_served(COHORTS))
    for cohort in range(COHORTS):
        for k in range(len(MONTHS)):
            more = with_more(reported, at=k, cohorts=(cohort,), by=1)
            after = owed(line, more, all_served(COHORTS))
            assert (after >= before * (1 - SUMS)).all()


@pytest.mark.parametrize(("name", "index"), LINES)
def test_all_prices_times_x_is_x_times_what_a_homogeneous_line_owes(
    name: str, index: int, reported: Measurement
) -> None:
    """The factor is no power of two, so that rounding shows."""
    line = model(name, EXAMPLES[name][index])
    if "homogeneous" not in line.properties:
        pytest.skip(f"{name} does not declare homogeneous")
    dearer = model(name, times(EXAMPLES[name][index], 1.7))
    np.testing.assert_allclose(
        owed(dearer, reported, all_served(COHORTS)),
        1.7 * owed(line, reported, all_served(COHORTS)),
        rtol=SUMS,
    )


@pytest.mark.parametrize(("name", "index"), LINES)
def test_an_additive_line_owes_the_sum_over_its_cohorts(
    name: str, index: int, reported: Measurement
) -> None:
    """All cohorts less all but the last is the last; where cohorts are pooled it is not."""
    line = model(name, EXAMPLES[name][index])
    everyone = owed(line, reported, all_served(COHORTS))
    parts = [
        Standing(
            served=(np.arange(COHORTS) == cohort)[:, np.newaxis],
            end=np.full(1, np.inf),
            cause=np.zeros(1, dtype=np.int8),
        )
        for cohort in range(COHORTS)
    ]
    together = sum(owed(line, reported, part) for part in parts)
    assert np.allclose(everyone, together, rtol=SUMS) == ("additive" in line.properties)


@pytest.mark.parametrize(("name", "index"), LINES)
def test_nothing_is_owed_without_measurement_unless_unconditional(
    name: str, index: int, reported: Measurement
) -> None:
    """With nobody in the report and nobody served, only an unconditional line pays."""
    line = model(name, EXAMPLES[name][index])
    empty = np.zeros_like(reported.treated_sum)
    assert reported.claims is not None
    unclaimed = tuple(np.zeros_like(claims) for claims in reported.claims)
    nobody = replace(reported, treated_sum=empty, treated_n=empty, claims=unclaimed)
    expected = "unconditional" in line.properties
    assert owed(line, nobody, all_served(COHORTS)).any() == expected
    assert owed(line, reported, served_first(0, of=COHORTS)).any() == expected


@pytest.mark.parametrize(("name", "index"), LINES)
def test_what_a_line_owes_does_not_depend_on_what_others_were_paid(
    name: str, index: int, reported: Measurement
) -> None:
    """Beside another line a path-independent line owes the same bits."""
    line = model(name, EXAMPLES[name][index])
    if "path_dependent" in line.properties:
        pytest.skip(f"{name} is path dependent")
    other = model("rate_card", {"pays_for": "achieved", "price": 7_000.0})
    alone = contract({"line": line}, reported)
    beside = contract({"other": other, "line": line}, reported, contract=1e5)
    np.testing.assert_array_equal(alone.due["line"], beside.due["line"])


@pytest.mark.parametrize(("name", "index"), LINES)
def test_cut_and_paid_make_up_what_is_due_and_no_limit_is_passed(
    name: str, index: int, reported: Measurement
) -> None:
    """In every draw and period; each limit binds in some draw."""
    line = model(name, EXAMPLES[name][index])
    owed_alone = np.median(owed(line, reported, all_served(COHORTS)))
    lines = {
        "line": model(name, {**EXAMPLES[name][index], "limit": {"line": 0.8 * owed_alone}}),
        "other": model("rate_card", {"pays_for": "achieved", "price": 7_000.0}),
    }
    limits = {"person": 10_000.0, "year": 500_000.0, "contract": 900_000.0}
    settled = contract(lines, reported, **limits)
    due, paid = (sum(table.values()) for table in (settled.due, settled.paid))
    np.testing.assert_allclose(sum(settled.cut.values()) + paid, due, rtol=SUMS, atol=1e-3)
    assert all((amount >= 0).all() for amount in (*settled.paid.values(), *settled.cut.values()))
    # The claims by person allow at most the cap for each of the 135 people.
    assert settled.cut["person"].any()
    assert (settled.paid["other"].sum(axis=0) <= 135 * limits["person"]).all()
    assert (settled.paid["line"].sum(axis=0) <= 0.8 * owed_alone * (1 + SUMS)).all()
    assert np.asarray(paid).sum(axis=0).max() <= limits["contract"] * (1 + SUMS)
    for year in TERMS.timeline.years:
        rows = TERMS.timeline.year_of_period == year
        assert np.asarray(paid)[rows].sum(axis=0).max() <= limits["year"] * (1 + SUMS)


@pytest.mark.parametrize(("name", "index"), LINES)
def test_raising_a_price_never_lowers_what_a_contract_pays(
    name: str, index: int, reported: Measurement
) -> None:
    """Homogeneous, path-independent lines beside another, under limits on year and contract."""
    line = model(name, EXAMPLES[name][index])
    if "homogeneous" not in line.properties or "path_dependent" in line.properties:
        pytest.skip(f"not claimed for {name}")
    dearer = model(name, times(EXAMPLES[name][index], 1.1))
    other = model("rate_card", {"pays_for": "achieved", "price": 7_000.0})
    totals = [
        sum(
            amount.sum(axis=0)
            for amount in contract(
                {"line": each, "other": other}, reported, year=800_000.0, contract=1_200_000.0
            ).paid.values()
        )
        for each in (line, dearer)
    ]
    assert (np.asarray(totals[1]) >= np.asarray(totals[0]) * (1 - SUMS)).all()


@pytest.mark.parametrize(("name", "index"), LINES)
def test_a_change_of_currency_unit_scales_all_money(
    name: str, index: int, reported: Measurement
) -> None:
    """Prices and limits times 7.46 give payments and cuts times 7.46."""
    rate = 7.46
    limits = {"person": 30_000.0, "year": 500_000.0, "contract": 900_000.0}
    settled = [
        contract(
            {
                "line": model(
                    name, {**times(EXAMPLES[name][index], by), "limit": {"line": 8e5 * by}}
                )
            },
            reported,
            **{key: cap * by for key, cap in limits.items()},
        )
        for by in (1.0, rate)
    ]
    np.testing.assert_allclose(
        settled[1].paid["line"], rate * settled[0].paid["line"], rtol=SUMS, atol=1e-3
    )
    for limit, cut in settled[0].cut.items():
        np.testing.assert_allclose(settled[1].cut[limit], rate * cut, rtol=SUMS, atol=1e-3)


@pytest.mark.parametrize(("name", "index"), LINES)
def test_the_order_of_lines_moves_only_rounding(
    name: str, index: int, reported: Measurement
) -> None:
    """Lines due on the same date are cut in proportion, whichever is named first."""
    line = model(name, EXAMPLES[name][index])
    other = model("rate_card", {"pays_for": "achieved", "price": 7_000.0})
    one = contract({"line": line, "other": other}, reported, person=2e4, contract=9e5)
    two = contract({"other": other, "line": line}, reported, person=2e4, contract=9e5)
    for key in ("line", "other"):
        np.testing.assert_allclose(one.paid[key], two.paid[key], rtol=SUMS, atol=1e-3)


@pytest.mark.parametrize(("name", "index"), LINES)
def test_rule_is_one_sentence_in_danish_and_in_english(name: str, index: int) -> None:
    """Two different sentences, each names outcome, payer, design and some money."""
    line = model(name, {**EXAMPLES[name][index], "limit": {"line": 6_500_000.0}})
    danish, english = (line.describe(lang, words=WORDS) for lang in ("da", "en"))
    assert danish != english
    for text, amount in ((danish, "6.500.000 kr."), (english, "DKK 6,500,000")):
        read = ("job", "register data") if line.readings else ()
        assert all(word in text for word in (*read, "Holbæk Kommune", amount))
        assert text.endswith(".")
        assert "{" not in text


@pytest.mark.parametrize(("name", "index"), LINES)
def test_every_field_is_said_in_both_languages(name: str, index: int) -> None:
    """Another number, date, flag or word gives another sentence, in Danish and in English."""
    line = model(name, EXAMPLES[name][index])
    for path, changed in changes(name, index).items():
        assert changed or path[-1] in BOUND, f"{path} is never changed"
        for other in changed:
            for lang in ("da", "en"):
                before, after = (each.describe(lang, words=WORDS) for each in (line, other))
                assert before != after, f"{path} is not said in {lang}: {after}"


def test_many_fields_are_changed() -> None:
    """The check of what is said is not an empty one."""
    checked = [
        path
        for name in MEMBERS
        for index in range(len(EXAMPLES[name]))
        for path, changed in changes(name, index).items()
        if changed
    ]
    assert len(checked) >= FIELDS


TIED: Mapping[str, dict[str, Any]] = {
    "linear_band": {
        "at_months": 12,
        "pooled": True,
        "schedule": ({"at": 0.0, "pays": 2e5}, {"at": 9.0, "pays": 1e6}),
    },
    "coupon": {
        "principal": 1e6,
        "table": "lines",
        "points": ({"at": 0.0, "rate": 0.03}, {"at": 9.0, "rate": 0.1}),
        "coupon_dates": (date(2025, 7, 1),),
    },
    "terminal_bullet": {
        "principal": 1e6,
        "table": "steps",
        "points": ({"at": 0.0, "rate": 0.02},),
        "starts": date(2024, 1, 1),
        "matures": date(2028, 1, 1),
        "accrual": "simple",
        "protected": 0.0,
    },
}
"""Lines that pay nothing below their first point and something on it."""

LEVELS = (1, 3, 7, 11, 14, 15, 28, 29, 30, 33, 35, 47, 55, 56, 57, 58, 59)
"""First points in per cent; many are no binary fractions."""

LARGEST = 500
"""Most people of a report whose ties are looked at."""


@pytest.mark.parametrize("of", ["rate", "effect"])
@pytest.mark.parametrize("name", TIED)
def test_a_result_on_the_first_point_is_paid_whatever_the_number_of_people(
    name: str, of: str
) -> None:
    """At p % are k of N if 100 k >= p N in whole numbers, for every k and every N of 2 to 500."""
    people = np.concatenate([np.full(n + 1, n) for n in range(2, LARGEST + 1)])
    reached = np.concatenate([np.arange(n + 1) for n in range(2, LARGEST + 1)])
    measured = {"job": report([[reached]], months=(12,), treated_n=people, rate=0.4, draws=True)}
    ties = 0
    for level in LEVELS:
        table = "schedule" if name == "linear_band" else "points"
        first, *more = TIED[name][table]
        fields: dict[str, Any] = {**TIED[name], table: ({**first, "at": level / 100}, *more)}
        if name == "terminal_bullet":
            fields["components"] = ({"reads": "job", "of": of, "at_months": 12, "weight": 1.0},)
        else:
            fields["of"] = of
        due = model(name, fields).due(measured, standing=all_served(1), terms=terms())
        needed = (level + (40 if of == "effect" else 0)) * people
        np.testing.assert_array_equal(due.amount.sum(axis=0) > 0, 100 * reached >= needed)
        ties += int((100 * reached == needed).sum())
    assert ties > 200
