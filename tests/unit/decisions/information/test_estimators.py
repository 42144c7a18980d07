"""Value of information on draws against closed forms, limits and repeated data."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import betaln, gammaln
from scipy.stats import norm

from sibsim.decisions.information.estimators import enbs, evpi, evppi, evsi
from sibsim.decisions.information.samples import LEAST_DRAWS
from sibsim.decisions.information.valued import Valued
from sibsim.errors import ArgumentError

DRAWS = 20_000

ERRORS = 5
"""Monte Carlo standard errors within which a figure must lie."""

Draws = NDArray[np.float64]


def assert_worth(found: Valued, expected: float) -> None:
    """Check a value within five errors, and what the fit may lose of it."""
    below, above = expected - found.value, found.value - expected
    assert found.mc_error > 0
    assert above < ERRORS * found.mc_error, (found, expected)
    assert below < ERRORS * found.mc_error + found.too_low_by, (found, expected)


def normal_pair(seed: int) -> tuple[dict[str, Draws], Draws, Draws]:
    """Return the net benefit p1 + p2 or nothing, p1 ~ N(0, 1) and p2 ~ N(0, sd 2)."""
    rng = np.random.default_rng(seed)
    p1, p2 = rng.normal(0, 1, DRAWS), rng.normal(0, 2, DRAWS)
    return {"do it": p1 + p2, "leave it": np.zeros(DRAWS)}, p1, p2


def test_perfect_information_of_two_normals(seed: int) -> None:
    """EVPI of a sum with standard deviation sqrt(5) and mean 0 is sqrt(5 / (2 pi))."""
    options, _, _ = normal_pair(seed)
    found = evpi(options)
    assert math.isclose(math.sqrt(5 / (2 * math.pi)), 0.8920621, abs_tol=1e-7)
    assert_worth(found, 0.8920621)
    assert found.too_low_by == 0
    assert abs(found.changes - 0.5) < ERRORS * 0.5 / math.sqrt(DRAWS)


def test_perfect_information_of_one_normal(seed: int) -> None:
    """EVPI of N(100, sd 400) against nothing is 114.53788."""
    inb = np.random.default_rng(seed).normal(100, 400, DRAWS)
    found = evpi({"do it": inb, "leave it": 0 * inb})
    z = 100 / 400
    assert math.isclose(400 * norm.pdf(z) - 100 * norm.cdf(-z), 114.53788, abs_tol=1e-5)
    assert_worth(found, 114.53788)
    assert found.best == "do it"


def test_partly_perfect_information_of_two_normals(seed: int) -> None:
    """EVPPI of each parameter is sd / sqrt(2 pi), and of both together EVPI."""
    options, p1, p2 = normal_pair(seed)
    assert_worth(evppi(options, {"p1": p1}), 0.3989423)
    assert_worth(evppi(options, {"p2": p2}), 0.7978846)
    assert_worth(evppi(options, {"p1": p1, "p2": p2}), 0.8920621)


def test_sample_information_of_a_normal_mean(seed: int) -> None:
    """EVSI of p1 from the mean of ten results with standard deviation 2 is 0.3371678."""
    options, p1, _ = normal_pair(seed)
    mean = p1 + np.random.default_rng(seed + 1).normal(0, 2 / math.sqrt(10), DRAWS)
    assert_worth(evsi(options, {"mean": mean}), 0.3371678)


@pytest.mark.parametrize("people", [3, 10, 50])
def test_sample_information_of_a_rate_is_the_beta_binomial_sum(people: int, seed: int) -> None:
    """EVSI of k of n achieving is the sum over k of what choosing by the posterior mean brings."""
    alpha, beta, worth, cost = 3.0, 5.0, 10.0, 4.0
    rng = np.random.default_rng(seed)
    rate = rng.beta(alpha, beta, DRAWS)
    net = worth * rate - cost + rng.normal(0, 1, DRAWS)
    results = rng.binomial(people, rate)
    found = evsi({"do it": net, "leave it": 0 * net}, {"achieved": results})
    k = np.arange(people + 1)
    ways = gammaln(people + 1) - gammaln(k + 1) - gammaln(people - k + 1)
    mass = np.exp(ways + betaln(alpha + k, beta + people - k) - betaln(alpha, beta))
    posterior = worth * (alpha + k) / (alpha + beta + people) - cost
    now = max(worth * alpha / (alpha + beta) - cost, 0.0)
    assert_worth(found, float(mass @ np.maximum(posterior, 0.0)) - now)


def test_three_options(seed: int) -> None:
    """With nothing, t - 1 and -t - 1 to choose from, knowing t is worth 2 E(t - 1)+."""
    rng = np.random.default_rng(seed)
    t, luck = rng.normal(0, 1, DRAWS), rng.normal(0, 1, (2, DRAWS))
    options = {"up": t - 1 + luck[0], "nothing": 0 * t, "down": -t - 1 + luck[1]}
    assert_worth(evppi(options, {"t": t}), 2 * float(norm.pdf(1) - norm.sf(1)))


def test_a_group_is_worth_more_than_its_parts(seed: int) -> None:
    """Of a product of two standard normals neither factor is worth anything, both are 1 / pi."""
    rng = np.random.default_rng(seed)
    x, y, luck = rng.normal(0, 1, (3, DRAWS))
    options = {"do it": x * y - 1e-3 + luck, "leave it": 0 * x}
    alone = evppi(options, {"x": x})
    assert abs(alone.value) < ERRORS * alone.mc_error + alone.too_low_by
    assert_worth(evppi(options, {"x": x, "y": y}), 1 / math.pi)


def test_a_parameter_of_few_values_has_a_level_for_each(seed: int) -> None:
    """No smooth curve is laid through 0 to 5 where only every second one is worth it."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 6, DRAWS)
    net = np.where(kind % 2 == 1, 3.0, -2.0) + rng.normal(0, 1, DRAWS)
    found = evppi({"do it": net, "leave it": 0 * net}, {"kind": kind})
    assert_worth(found, 3.0 / 2 - 0.5)
    assert found.terms == 6


def test_a_plateau_just_below_zero_is_worth_nothing(seed: int) -> None:
    """Where a capped gain never pays, no fitted curve may overshoot and choose it."""
    rng = np.random.default_rng(seed)
    effect, other = rng.normal(0, 1, (2, DRAWS))
    capped = np.minimum(4 * effect + other, 0.0) - 0.02
    found = evppi({"invest": capped, "stay out": 0 * capped}, {"effect": effect, "other": other})
    assert found.best == "stay out"
    assert abs(found.value) <= ERRORS * found.mc_error
    assert found.changes < 0.01


def test_nothing_is_worth_nothing(seed: int) -> None:
    """A parameter that cannot turn the choice is worth zero, and so is one that never varies."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 1, DRAWS)
    options = {"do it": 2 + rng.normal(0, 1, DRAWS), "leave it": np.zeros(DRAWS)}
    for values in (noise, np.ones(DRAWS)):
        found = evppi(options, {"noise": values})
        assert (found.value, found.mc_error, found.changes) == (0.0, 0.0, 0.0)
        assert found.best == "do it"


@pytest.mark.parametrize("problem", range(6))
def test_value_is_never_negative_and_never_falls(problem: int, seed: int) -> None:
    """On random problems it is at least zero, at most EVPI and rises with every parameter."""
    rng = np.random.default_rng([seed, problem])
    draws = 5_000
    known = {f"x{i}": rng.normal(0, 1, draws) for i in range(5)}
    x = np.column_stack(list(known.values()))
    options = {
        f"option {i}": rng.normal(0, 0.3)
        + x @ rng.normal(0, 0.5, 5)
        + rng.normal(0, 0.5) * x[:, 0] * x[:, 1]
        + np.minimum(x[:, 2], rng.normal(0, 1))
        + rng.normal(0, 1, draws)
        for i in range(3)
    }
    whole, before, error = evpi(options), 0.0, 0.0
    for number in range(1, 6):
        found = evppi(options, dict(list(known.items())[:number]))
        room = ERRORS * math.hypot(found.mc_error, error) + found.too_low_by
        assert found.value > before - room
        assert 0 - ERRORS * found.mc_error - found.too_low_by <= found.value <= whole.value
        before, error = found.value, found.mc_error


@pytest.mark.slow
def test_the_error_is_the_spread_over_data_sets(seed: int) -> None:
    """Over 200 sets of draws the estimates spread as the error says, about the true value."""
    rng = np.random.default_rng(seed)
    sets, draws, mean = 200, 2_000, 0.5
    found = []
    for _ in range(sets):
        p = rng.normal(0, 1, draws)
        net = mean + p + rng.normal(0, 2, draws)
        found.append(evppi({"do it": net, "leave it": 0 * net}, {"p": p}))
    values, errors = (np.array([getattr(f, n) for f in found]) for n in ("value", "mc_error"))
    expected = norm.pdf(mean) - mean * norm.sf(mean)
    spread = values.std(ddof=1)
    # The standard deviation of 200 estimates is itself known to 1 / sqrt(400) = 5 %.
    assert abs(errors.mean() / spread - 1) < ERRORS * 0.05
    bias, lost = values.mean() - expected, np.mean([f.too_low_by for f in found])
    assert -lost - ERRORS * spread / math.sqrt(sets) < bias < ERRORS * spread / math.sqrt(sets)
    covered = np.mean(np.abs(values - expected) < 1.96 * errors)
    assert abs(covered - 0.95) < ERRORS * math.sqrt(0.05 * 0.95 / sets)


@pytest.mark.slow
def test_what_a_fit_loses_is_told_where_options_are_equally_good(seed: int) -> None:
    """Of a worthless parameter near a tie, the mean estimate lacks what `too_low_by` says."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(100):
        noise, luck = rng.normal(0, 1, (2, 5_000))
        net = 0.05 + 2 * luck
        found.append(evppi({"do it": net, "leave it": 0 * net}, {"noise": noise}))
    values = np.array([each.value for each in found])
    error = values.std(ddof=1) / math.sqrt(len(values))
    assert values.mean() < 0
    assert -values.mean() < np.mean([each.too_low_by for each in found]) + ERRORS * error


def test_scale_and_common_luck_change_nothing(seed: int) -> None:
    """In thousandths it is a thousand times as much; what all options share drops out."""
    options, p1, _ = normal_pair(seed)
    shared = np.random.default_rng(seed + 1).normal(0, 50, DRAWS)
    found = evppi(options, {"p1": p1})
    scaled = evppi({name: 1000 * each for name, each in options.items()}, {"p1": 7 * p1 - 3})
    moved = evppi({name: each + shared for name, each in options.items()}, {"p1": p1})
    # Rounding may turn the choice in a draw or two where options are equally good.
    tolerance = 1e-3 * found.mc_error
    assert abs(scaled.value / 1000 - found.value) < tolerance
    assert abs(moved.value - found.value) < tolerance


def test_a_frame_says_the_same_as_a_mapping(seed: int) -> None:
    """Draws come as a mapping of columns or as a frame."""
    options, p1, _ = normal_pair(seed)
    framed = evppi(pd.DataFrame(options), pd.DataFrame({"p1": p1}))
    assert framed == evppi(options, {"p1": p1})


def test_net_benefit_of_sampling_is_arithmetic() -> None:
    """Three decisions at 10 each less a cost of 12 leave 18, with three times the error."""
    sample = Valued(10.0, 0.5, 0.2, 0.3, "do it", 1000, 5)
    found = enbs(sample, cost=12, decisions=3)
    assert (found.value, found.mc_error) == (18.0, 1.5)
    assert math.isclose(found.too_low_by, 0.6)


def test_how_a_value_is_said() -> None:
    """Value, error, what is best now and how often the choice changes, in both languages."""
    found = Valued(0.398942, 0.012345, 0.001, 0.5, "do it", 20_000, 5)
    assert found.sentence() == (
        "The value is 0.3989 (Monte Carlo error 0.01235); without that knowledge do it is best, "
        "and in 50 % of 20,000 draws it changes the choice."
    )
    assert found.sentence("da").startswith("Værdien er 0,3989 (Monte Carlo-fejl 0,01235)")
    assert "i 50 % af 20.000 trækninger" in found.sentence("da")
    assert found.sentence() in repr(found)
    assert "0.3989" in found._repr_html_()
    assert found.table().loc["do it", "terms"] == 5


def faults_of(options: object, known: object) -> str:
    """Return the message of the refusal."""
    with pytest.raises(ArgumentError) as refused:
        evppi(options, known)  # type: ignore[arg-type]  # what users may get wrong
    return str(refused.value)


def test_bad_draws_are_refused_all_at_once() -> None:
    """Every faulty column is named, with what is wrong and what to do."""
    fine = np.arange(2000.0)
    holed = np.where(fine == 3, np.nan, fine)
    message = faults_of({"a": holed, "b": "dear", "c": np.ones((2, 2))}, {"x": [np.inf, 1.0]})
    assert "net_benefit.a: 1 of 2000 draws are missing or infinite" in message
    assert "net_benefit.b: got 'dear'; it is one number per draw" in message
    assert "net_benefit.c: got an array of shape (2, 2)" in message
    assert "parameters.x: 1 of 2 draws" in message


def test_draws_that_do_not_fit_are_refused() -> None:
    """One option, columns of different length, no parameter and too few draws are refused."""
    fine = np.arange(2000.0)
    pair = {"a": fine, "b": -fine}
    assert "got 1 option(s)" in faults_of({"a": fine}, {"x": fine})
    assert "a 2000, b 3, x 2000" in faults_of({"a": fine, "b": [1, 2, 3]}, {"x": fine})
    assert "parameters: got none; name at least one" in faults_of(pair, {})
    assert "net_benefit: got 7" in faults_of(7, {"x": fine})
    few = {name: each[: LEAST_DRAWS - 1] for name, each in pair.items()}
    message = faults_of(few, {"x": fine[: LEAST_DRAWS - 1]})
    assert message == "got 999 draws; a relation can be fitted on at least 1,000; draw more"
    with pytest.raises(ArgumentError, match=r"summary: got none"):
        evsi(pair, {})
    with pytest.raises(ArgumentError, match="got 1 draws; an error takes at least 2"):
        evpi({"a": [1.0], "b": [2.0]})


def test_a_bad_cost_is_refused() -> None:
    """A negative cost and no decision are refused together."""
    sample = Valued(10.0, 0.5, 0.2, 0.3, "do it", 1000, 5)
    with pytest.raises(ArgumentError) as refused:
        enbs(sample, cost=-1, decisions=0)
    assert "cost: got -1" in str(refused.value)
    assert "decisions: got 0" in str(refused.value)
