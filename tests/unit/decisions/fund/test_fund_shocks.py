"""Shared shocks: rank correlations, calendar months, what stays as it was, what is refused."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pytest
from scipy.stats import spearmanr

import sibsim as sib
from sibsim.core.arrays import FloatArray
from sibsim.core.stages import Context, Drift
from sibsim.decisions.fund.deals import seed_of
from sibsim.decisions.fund.leaning import leaning_of
from sibsim.decisions.fund.pooling import portfolio
from sibsim.decisions.fund.shocks import Lean, SharedNormals, Shock, layers_of, months_of_steps
from sibsim.errors import ArgumentError
from sibsim.world import believed
from tests.small_case import small_case

ERRORS = 5
BLOCKS = 2
RATE = "outcomes.job.counterfactual"
WORK = "drifts.labour_market"


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return the Holbæk case: quarters from January 2024, drift since 2023-12-31."""
    return sib.load_case("holbaek")


@pytest.fixture(scope="module")
def cases(case: sib.Case) -> dict[str, sib.Case]:
    """Return the same contract in quarters, and in months from half a year before."""
    earlier = case.with_({"period": "month", "start": date(2023, 7, 1)})
    return {"quarters": case, "months": earlier}


Told = dict[str, list[tuple[Context, Mapping[str, Drift]]]]


def told(cases: Mapping[str, sib.Case], shocks: Sequence[Shock], *, seed: int) -> Told:
    """Return values and drifts of every deal, block by block."""
    leaning = leaning_of(cases, shocks).of
    found: Told = {name: [] for name in cases}
    for block in range(BLOCKS):
        shared = SharedNormals(seed=seed, block=block)
        for position, (name, case) in enumerate(cases.items()):
            layers = layers_of(
                seed_of(seed, position=position), block=block, shared=shared.of(leaning[name])
            )
            found[name].append(believed(case, layers))
    return found


def values_of(found: Told, deal: str, path: str) -> FloatArray:
    """Return one quantity of a deal in all draws."""
    return np.concatenate([context.values[path][0] for context, _ in found[deal]])


def drift_at(found: Told, deal: str, day: date, case: sib.Case) -> FloatArray:
    """Return how far the labour market has moved by a date, in all draws."""
    when = np.array([[case.timeline.months_at(day)]])
    return np.concatenate([walks["labour_market"](when)[0] for _, walks in found[deal]])


def assert_spearman(x: FloatArray, y: FloatArray, expected: float) -> None:
    """Check a rank correlation within five standard errors.

    Of a Gaussian pair: (1 - r^2) sqrt((1 + r^2 / 2) / (n - 3)), Bonett and Wright 2000, "Sample
    size requirements for estimating Pearson, Kendall and Spearman correlations", Psychometrika 65.
    """
    error = (1 - expected**2) * math.sqrt((1 + expected**2 / 2) / (x.size - 3))
    assert abs(float(spearmanr(x, y).statistic) - expected) < ERRORS * error


def test_a_quantity_has_the_stated_rank_correlation_between_deals(
    cases: dict[str, sib.Case], seed: int
) -> None:
    """Spearman's is as stated, between deals and within one, and minus it against the shock."""
    shock = Shock(
        "method",
        of=["outcomes.*.counterfactual", "delivery.take_up"],
        against=["delivery.completion"],
        spearman=0.3,
    )
    found = told(cases, [shock], seed=seed)
    rate = values_of(found, "quarters", RATE)
    other = values_of(found, "months", RATE)
    assert_spearman(rate, other, 0.3)
    assert_spearman(rate, values_of(found, "months", "delivery.take_up"), 0.3)
    assert_spearman(rate, values_of(found, "quarters", "outcomes.wellbeing.counterfactual"), 0.3)
    assert_spearman(rate, values_of(found, "months", "delivery.completion"), -0.3)
    for path, expected in (("delivery.completion", 0.3), ("delivery.volume", 0.0)):
        first, second = (values_of(found, deal, path) for deal in cases)
        assert_spearman(first, second, expected)


def test_the_copula_is_converted_from_spearman(seed: int) -> None:
    """At 0.6 a Pearson correlation of 0.6 would give 0.58, seven errors below what is stated."""
    shock = Shock("work", of=["x"], spearman=0.6)
    pairs = []
    for block in range(20):
        shared = SharedNormals(seed=seed, block=block).of({"x": Lean(shock, shock.weight, 0, None)})
        deals = (layers_of(seed_of(seed, position=k), block=block, shared=shared) for k in (0, 1))
        pairs.append(np.concatenate([each.parameters.uniforms("x", rows=1) for each in deals]))
    first, second = np.concatenate(pairs, axis=1)
    assert_spearman(first, second, 0.6)
    assert shock.weight**2 == pytest.approx(2 * math.sin(math.pi * 0.6 / 6), rel=1e-12)


def test_no_distribution_changes_and_nothing_else_moves(
    cases: dict[str, sib.Case], seed: int
) -> None:
    """A matched quantity keeps its quantiles within five errors; others keep every bit."""
    shock = Shock("method", of=RATE, spearman=0.9)
    found, before = told(cases, [shock], seed=seed), told(cases, [], seed=seed)
    rate, was = values_of(found, "months", RATE), values_of(before, "months", RATE)
    assert not np.array_equal(rate, was)
    quantity = cases["months"].quantities[RATE]
    for level in (0.05, 0.5, 0.9):
        share = (rate < float(quantity.ppf(np.array([level]))[0])).mean()
        assert abs(share - level) < ERRORS * math.sqrt(level * (1 - level) / rate.size)
    for path in ("delivery.volume", "outcomes.wellbeing.uplift"):
        np.testing.assert_array_equal(
            values_of(found, "months", path), values_of(before, "months", path)
        )


def test_drifts_lean_on_the_same_calendar_months(cases: dict[str, sib.Case], seed: int) -> None:
    """Steps over the same years correlate as stated, over other years not; quarters or months."""
    found = told(cases, [Shock("work", of=["drifts.*"], spearman=0.4)], seed=seed)

    def moved(deal: str, first: int, last: int) -> FloatArray:
        at = (drift_at(found, deal, date(year, 1, 1), cases[deal]) for year in (first, last))
        before, after = at
        return after - before

    assert_spearman(moved("quarters", 2025, 2027), moved("months", 2025, 2027), 0.4)
    assert_spearman(moved("quarters", 2025, 2026), moved("months", 2026, 2027), 0.0)
    # Half of each lies in the same year: Pearson is halved, Spearman follows by its closed form.
    half = 6 / math.pi * math.asin(0.5 * 2 * math.sin(math.pi * 0.4 / 6) / 2)
    assert_spearman(moved("quarters", 2025, 2027), moved("months", 2026, 2028), half)
    variance = moved("months", 2025, 2027).var()
    assert abs(variance - 2 * 0.02**2) < ERRORS * variance * math.sqrt(2 / (BLOCKS * 4096))


def test_wholly_shared_drifts_are_one_path(cases: dict[str, sib.Case], seed: int) -> None:
    """With a rank correlation of 1 quarters and months give the same level at every quarter."""
    found = told(cases, [Shock("work", of=[WORK], spearman=1.0)], seed=seed)
    for day in (date(2024, 1, 1), date(2024, 4, 1), date(2030, 10, 1), date(2034, 12, 31)):
        quarters, months = (drift_at(found, deal, day, cases[deal]) for deal in cases)
        if day.day == 1:
            # Phi and its inverse keep 1e-12 of a step of 0.005.
            np.testing.assert_allclose(quarters, months, rtol=0, atol=1e-9)
        assert quarters.std() > 0
    apart = told(cases, [], seed=seed)
    day = date(2030, 10, 1)
    first, second = (drift_at(apart, deal, day, cases[deal]) for deal in cases)
    assert_spearman(first, second, 0.0)


def test_the_months_of_a_step_have_unit_length(cases: dict[str, sib.Case]) -> None:
    """Squares of a step's weights sum to 1; a quarter is three months alike; before it nothing."""
    case = cases["quarters"]
    first, weights = months_of_steps(case, since=-0.5)
    assert first == 2023 * 12 + 11
    assert weights.shape == (case.timeline.periods + 1, 3 * case.timeline.periods + 1)
    assert weights[0, 0] == 1.0
    assert weights[1, 1:4] == pytest.approx([1 / math.sqrt(3)] * 3)
    assert (weights**2).sum(axis=1) == pytest.approx(1.0)
    first, weights = months_of_steps(cases["months"], since=5.5)
    assert first == 2023 * 12 + 6
    assert not weights[:6].any()
    assert weights[6, 5] == 1.0
    assert (weights[7:] ** 2).sum(axis=1) == pytest.approx(1.0)


def test_what_is_odd_is_noted(case: sib.Case, seed: int) -> None:
    """A shock on one deal, a quantity correlated inside its deal, a drift beside quantities."""
    tied = case.with_({"correlations": [{"between": [RATE, "delivery.take_up"], "spearman": 0.5}]})
    fund = portfolio(
        {"a": tied, "b": small_case()},
        shocks=[Shock("work", of=["outcomes.*", "drifts.*"], spearman=0.2)],
        draws=50,
        rng=seed,
    )
    assert fund.leaning.alone == (("work", "a"),)
    assert fund.leaning.diluted == (("a", RATE),)
    said = " ".join(fund.sentences())
    assert 'The shock "work" reaches a only, so it ties no deals together.' in said
    assert f"not exactly as stated: {RATE} of a." in said
    assert "a drift is tied to other drifts only" in said


def test_a_table_of_rows_leans_on_no_shock(case: sib.Case) -> None:
    """What comes from one row of a joint table is left as it is and named; alone it is refused."""
    rows = {"dist": "joint", "values": [0.3, 0.4, 0.5], "rows": "learned", "base": 0.4}
    learned = case.with_({RATE: {**rows, "note": "three rows"}})
    cases = {"a": learned, "b": case}
    found = leaning_of(cases, [Shock("work", of=["outcomes.*.counterfactual"], spearman=0.2)])
    assert found.tables == (("a", RATE),)
    assert RATE not in found.of["a"]
    assert RATE in found.of["b"]
    with pytest.raises(ArgumentError, match="read from the rows of a joint table"):
        leaning_of({"a": learned}, [Shock("work", of=[RATE], spearman=0.2)])


@pytest.mark.parametrize("rho", [0, -0.2, 1.01, True, "0.3", float("nan")])
def test_a_rank_correlation_out_of_range_is_refused(rho: float) -> None:
    """It is above 0 and at most 1; the other direction is stated by `against`."""
    with pytest.raises(ArgumentError, match=r"spearman: got .*`against`"):
        Shock("work", of=["drifts.*"], spearman=rho)


def test_shocks_that_say_nothing_clear_are_refused(case: sib.Case) -> None:
    """No name, no pattern, no list, twice the same name, both ways, or one stream in two."""
    with pytest.raises(ArgumentError, match="a shock has a name"):
        Shock("", of=["drifts.*"], spearman=0.2)
    with pytest.raises(ArgumentError, match="moves something"):
        Shock("work", of=[], spearman=0.2)
    with pytest.raises(ArgumentError, match="against: got 7; it is a list of paths"):
        Shock("work", of=[RATE], against=7, spearman=0.2)  # type: ignore[arg-type] # refused
    work = Shock("work", of=["drifts.*"], spearman=0.2)
    with pytest.raises(ArgumentError, match="'work' twice"):
        portfolio([case], shocks=[work, work])
    with pytest.raises(ArgumentError, match=r"drifts.labour_market of holbaek in 'work' and in"):
        portfolio([case], shocks=[work, Shock("all", of=["*"], spearman=0.2)])
    with pytest.raises(ArgumentError, match="both ways"):
        portfolio([case], shocks=[Shock("x", of=["*"], against=["drifts.*"], spearman=0.2)])


def test_a_pattern_that_matches_nothing_is_refused(case: sib.Case) -> None:
    """With the nearest path, or because all that it matches is fixed."""
    slip = Shock("work", of=["drifts.labor_market"], spearman=0.2)
    with pytest.raises(ArgumentError, match=r"did you mean 'drifts\.labour_market'"):
        portfolio([case], shocks=[slip])
    far = Shock("work", of=["drifts.*", "zzz"], spearman=0.2)
    with pytest.raises(ArgumentError, match=r"'zzz' of 'work' matches no quantity.*known are"):
        portfolio([case], shocks=[far])
    with pytest.raises(ArgumentError, match="fixed in every deal"):
        portfolio([case], shocks=[Shock("size", of=["target_group.size"], spearman=0.2)])
