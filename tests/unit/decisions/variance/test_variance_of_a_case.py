"""What a variance comes from: contracts whose shares can be worked out by hand, shipped cases."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.core.spec import PER_CENT
from sibsim.decisions.variance.estimators import Part, Share, one_at_a_time
from sibsim.decisions.variance.indices import SobolIndices, sobol_indices
from sibsim.decisions.variance.layers import LayerShares, variance_by_layer
from sibsim.decisions.variance.metric import anew
from sibsim.decisions.variance.words import share_words
from sibsim.decisions.worlds import Luck, factors_of, metrics_of_run, worlds_of
from tests.people import OUT_OR_WORK
from tests.small_case import ERRORS, small_case

DRAWS = 4_096

N, PRICE = 20, 10_000.0
"""People and price of a success."""

LOW, HIGH = 0.2, 0.8
"""The rate p is uniform between these."""

SENSITIVITY = 0.7
"""Share of successes that the check recognises: s."""

SIZE = HIGH - LOW
MEAN, VARIANCE = (LOW + HIGH) / 2.0, SIZE**2 / 12.0
"""Of p."""

SQUARE = LOW + SIZE / 3.0
"""E[g(u)^2] of g(u) = P(p > u): 1 below LOW, then falling to 0 at HIGH; its mean is that of p."""


def contract(*, sensitivity: float, **outcome: Any) -> sib.Case:  # noqa: ANN401 - a document
    """Return one price for each of twenty people who reports a success, of an uncertain rate."""
    uniform = {"dist": "uniform", "min": LOW, "max": HIGH}
    stated = {"counterfactual": uniform, "uplift": 0.0, **outcome}
    design = {"design": "verification", "sensitivity": sensitivity}
    line = {"model": "rate_card", "reads": "job", "pays_for": "achieved", "price": PRICE}
    return small_case(people=N, outcome=stated, design=design, line=line)


def by_hand(s: float) -> tuple[dict[str, Part], float, float]:
    """Return exact shares of each layer, of the interaction, and the standard deviation.

    Y = PRICE sum 1{u_i < p} 1{w_i < s}, variances in units of PRICE^2:
    E[Y | p] = N s p, E[Y | u] = s sum g(u_i), E[Y | w] = E[p] sum 1{w_i < s};
    E[Y | p, u] = s sum 1{u_i < p}, E[Y | u, w] = sum g(u_i) 1{w_i < s},
    E[Y | p, w] = p sum 1{w_i < s}.
    """
    whole = (N * s) ** 2 * VARIANCE + N * (s * MEAN - s**2 * (VARIANCE + MEAN**2))
    alone = {
        "parameters": (N * s) ** 2 * VARIANCE,
        "chance": N * s**2 * (SQUARE - MEAN**2),
        "measurement": N * MEAN**2 * s * (1.0 - s),
    }
    recognised = N * s * (1.0 - s) + (N * s) ** 2
    others = {
        "parameters": N * (s * SQUARE - s**2 * MEAN**2),
        "chance": (VARIANCE + MEAN**2) * recognised - (MEAN * N * s) ** 2,
        "measurement": s**2 * (N**2 * VARIANCE + N * (MEAN - MEAN**2 - VARIANCE)),
    }
    parts = {
        name: Part(Share(alone[name] / whole, 0.0), Share(1.0 - others[name] / whole, 0.0))
        for name in alone
    }
    return parts, 1.0 - sum(alone.values()) / whole, PRICE * sqrt(whole)


def assert_near(found: Share, expected: Share) -> None:
    """Check an estimate against an exact share, within five of its errors."""
    assert 0 < found.mc_error < 0.03
    assert abs(found.value - expected.value) < ERRORS * found.mc_error, (found, expected)


@pytest.fixture(scope="module")
def holbaek() -> sib.Case:
    """Return the Holbæk case."""
    return sib.load_case("holbaek")


@pytest.fixture(scope="module")
def layers(holbaek: sib.Case) -> LayerShares:
    """Return its shares by layer."""
    return variance_by_layer(holbaek, draws=DRAWS)


@pytest.fixture(scope="module")
def indices(holbaek: sib.Case) -> SobolIndices:
    """Return its indices."""
    return sobol_indices(holbaek, draws=1_024)


def test_layers_of_a_contract_worked_out_by_hand(seed: int) -> None:
    """All first orders, totals, the interaction and the deviation are those of the formulas."""
    parts, interaction, deviation = by_hand(SENSITIVITY)
    found = variance_by_layer(
        contract(sensitivity=SENSITIVITY), "payments_total", draws=DRAWS, rng=seed
    )
    for name, part in parts.items():
        assert_near(found.layers[name].first, part.first)
        assert_near(found.layers[name].total, part.total)
    assert_near(found.interaction, Share(interaction, 0.0))
    assert abs(found.deviation - deviation) < ERRORS * found.deviation_mc_error


def test_indices_of_a_contract_worked_out_by_hand(seed: int) -> None:
    """The one parameter, chance and measurement have the shares of the formulas."""
    parts, interaction, _ = by_hand(SENSITIVITY)
    found = sobol_indices(
        contract(sensitivity=SENSITIVITY), "payments_total", draws=DRAWS, rng=seed
    )
    names = {"parameters": "outcomes.job.counterfactual"}
    assert set(found.factors) == {names.get(name, name) for name in parts}
    for name, part in parts.items():
        assert_near(found.factors[names.get(name, name)].first, part.first)
        assert_near(found.factors[names.get(name, name)].total, part.total)
    assert_near(found.sum_of_first, Share(1.0 - interaction, 0.0))


def test_layer_that_does_not_exist_has_exactly_none(seed: int) -> None:
    """A check that is always right brings nothing, without error, and the sentence says so."""
    found = variance_by_layer(contract(sensitivity=1.0), "payments_total", draws=512, rng=seed)
    assert found.layers["measurement"] == Part(Share(0.0, 0.0), Share(0.0, 0.0))
    parts, interaction, _ = by_hand(1.0)
    # Chance alone leaves out n (b - a) (2 - (b - a)) / 12 of the binomial variance.
    whole = N**2 * VARIANCE + N * (MEAN - VARIANCE - MEAN**2)
    assert interaction == pytest.approx(N * SIZE * (2.0 - SIZE) / 12.0 / whole)
    assert_near(found.layers["chance"].first, parts["chance"].first)
    told = found.sentences()
    assert "nothing from the evaluator's errors of measurement" in told[0]
    assert told[1].startswith("Nothing changed in any of 512 draws when this was drawn anew: the")
    danish = found.sentences("da")
    assert "intet fra evaluators målefejl" in danish[0]
    assert danish[1].startswith("Intet ændrede sig i nogen af 512 trækninger")


def test_without_parameters_all_is_chance(seed: int) -> None:
    """A known rate leaves people's luck, and nothing for anything else or together."""
    found = variance_by_layer(
        contract(sensitivity=1.0, counterfactual=MEAN), "payments_total", draws=512, rng=seed
    )
    assert found.layers["chance"] == Part(Share(1.0, 0.0), Share(1.0, 0.0))
    assert found.layers["parameters"].total == Share(0.0, 0.0)
    assert abs(found.deviation - PRICE * sqrt(N) / 2.0) < ERRORS * found.deviation_mc_error


def test_controls_are_measurement_and_treated_are_chance(seed: int) -> None:
    """In a trial with known rates both arms bring half of the variance of the difference."""
    band = {
        "model": "linear_band",
        "reads": "job",
        "of": "effect",
        "at_months": 12,
        "pooled": True,
        "schedule": [{"at": -1.0, "pays": 0.0}, {"at": 1.0, "pays": 1e6}],
    }
    case = small_case(
        people=N,
        outcome={"counterfactual": 0.5, "uplift": 0.0},
        design={"design": "randomised", "controls_per_participant": 1},
        line=band,
    )
    found = variance_by_layer(case, "payments_total", draws=DRAWS, rng=seed)
    for name in ("chance", "measurement"):
        assert_near(found.layers[name].first, Share(0.5, 0.0))


def test_drifts_are_parameters(holbaek: sib.Case) -> None:
    """All factors drawn anew at once are the run whose parameters are drawn anew, to the bit."""
    factors = factors_of(holbaek)
    assert "drifts.labour_market" in factors
    streams = [each for names, _ in factors.values() for each in names]
    paths = [each for _, names in factors.values() for each in names]
    worlds = worlds_of(holbaek, draws=64, luck=Luck.of(1))
    anew_all = Luck(1, 1, 1, dict.fromkeys(streams, 2))
    found = worlds.otherwise(["municipality_net"], touched=paths, luck=anew_all)
    whole = metrics_of_run(holbaek, ["municipality_net"], draws=64, luck=Luck(2, 1, 1))
    assert np.array_equal(found["municipality_net"], whole["municipality_net"])


def test_all_parameters_as_one_factor_are_the_layer(layers: LayerShares, seed: int) -> None:
    """SALib's index of all parameters taken together agrees with the crossed runs of the layer."""
    other, name = anew(seed), layers.varying.metric

    def run(luck: Luck) -> Any:  # noqa: ANN401 - an array
        return metrics_of_run(layers.case, [name], draws=DRAWS, luck=luck)[name]

    mixed = {"parameters": run(Luck(other, seed, seed))}
    parts, _ = one_at_a_time(run(Luck.of(seed)), run(Luck.of(other)), mixed=mixed)
    for one, two in (
        (parts["parameters"].first, layers.layers["parameters"].first),
        (parts["parameters"].total, layers.layers["parameters"].total),
    ):
        error = sqrt(one.mc_error**2 + two.mc_error**2)
        assert abs(one.value - two.value) < ERRORS * error


def test_deviation_is_that_of_a_simulation(layers: LayerShares) -> None:
    """The variance that is shared out is that of the run with the same seed, within its error."""
    run = layers.case.simulate(draws=DRAWS, rng=0, keep="metrics").metric("municipality_net")
    error = np.std((run - run.mean()) ** 2) / sqrt(DRAWS) / (2.0 * run.std())
    assert abs(layers.deviation - run.std()) < ERRORS * error


def test_tables_and_frames(layers: LayerShares, indices: SobolIndices) -> None:
    """First orders of the layers sum to one; factors come with the largest total first."""
    table = layers.table()
    assert list(table.index) == ["parameters", "chance", "measurement", "interaction"]
    assert table["first"].sum() == pytest.approx(1.0)
    assert list(table["total"].isna()) == [False, False, False, True]
    table = indices.table()
    assert list(table["total"]) == sorted(table["total"], reverse=True)
    assert table.index.name == "factor"
    assert set(table.index) == {*factors_of(indices.case), "chance", "measurement"}
    for found, rows in ((layers, 7), (indices, 2 * len(table))):
        frame = found.frame()
        assert len(frame) == rows
        assert list(frame.columns[1:]) == ["order", "share", "mc_error"]
        assert not frame.isna().any().any()


def test_sentences_name_the_largest_factors(indices: SobolIndices) -> None:
    """Quantities are called what they are called everywhere, with both shares and their errors."""
    english, danish = indices.sentences(), indices.sentences("da")
    assert english[0].startswith("Of the variance of the municipality's net, each source taken")
    largest = next(iter(indices.factors.values()))
    first = f"{PER_CENT * largest.first.value:.1f} ± {PER_CENT * largest.first.mc_error:.1f} %"
    assert f"{first} from how much of the effect on" in english[0]
    assert "(with interplay " in english[0]
    assert "± is one Monte Carlo standard error" in english[0]
    assert first.replace(".", ",") + " fra hvor meget af effekten på »Job" in danish[0]
    assert english[1].startswith("Each alone, the factors bring ")
    assert english[-1].startswith("Nothing changed in any of 1,024 draws")
    assert "how many complete" in english[-1]
    assert "outcomes.job.effect" in repr(indices)
    assert "<table" in indices._repr_html_()


def test_layers_are_said_and_shown(layers: LayerShares) -> None:
    """The sentence has the deviation, all layers and the rest."""
    assert layers.sentences()[0].startswith(
        "Of the variance of the municipality's net (standard deviation DKK "
    )
    assert "only from their interplay comes " in layers.sentences()[0]
    assert "kun af deres samspil kommer " in layers.sentences("da")[0]
    assert "measurement" in repr(layers)
    assert "<table" in layers._repr_html_()


def test_share_is_said_with_its_error_and_never_clipped() -> None:
    """Zero is nothing only without error; noise below zero is shown as what it is."""
    said = {
        share: share_words(Share(*share)).en
        for share in [(0.1234, 0.012), (-0.02, 0.03), (2e-4, 1e-4), (0.0, 0.0), (0.3, 1e-5)]
    }
    assert list(said.values()) == [
        "12.3 ± 1.2 %",
        "-2 ± 3 % (not told from zero)",
        "under 0.1 %",
        "nothing",
        "30 ± 0.1 %",
    ]
    assert share_words(Share(-0.02, 0.03)).da == "-2 ± 3 % (ikke til at skelne fra nul)"


def test_correlated_quantities_are_one_factor_and_listed(holbaek: sib.Case, seed: int) -> None:
    """Quantities that go together are told anew together, and called by both names."""
    between = ["delivery.volume", "outcomes.job.effect"]
    case = holbaek.with_({"correlations": [{"between": between, "spearman": 0.5}]})
    found = sobol_indices(case, draws=512, rng=seed)
    assert " + ".join(between) in found.factors
    assert not {*between} & {*found.factors}
    assert "from how many come and the effect on" in found.sentences()[0]


def test_events_vary_too(seed: int) -> None:
    """The indicator of an event is shared out; its deviation is that of a probability."""
    case = contract(sensitivity=1.0)
    limit = PRICE * N * MEAN
    event = variance_by_layer(case, f"P(payments_total < {limit:.0f})", draws=DRAWS, rng=seed)
    run = case.simulate(draws=DRAWS, rng=seed, keep="metrics").metric("payments_total") < limit
    # Two estimates of sqrt(q (1 - q)), which is flat near a half: errors of a hundredth each.
    assert event.deviation == pytest.approx(float(run.std()), abs=0.01)
    assert "the event that payments in all is below DKK 0.10 m" in event.sentences()[0]
    assert "hændelsen at de samlede betalinger er under" in event.sentences("da")[0]
    named = variance_by_layer(sib.load_case("holbaek"), "p_municipality_loss", draws=512, rng=seed)
    assert "the event that the municipality loses" in named.sentences()[0]


def test_dates_that_never_come_rank_last_in_events(holbaek: sib.Case, seed: int) -> None:
    """An event of a date is defined in draws in which it never comes."""
    found = variance_by_layer(holbaek, "P(break_even_year <= 2030)", draws=512, rng=seed)
    assert 0 < found.deviation <= 0.51


def test_interplay_is_told_from_noise(indices: SobolIndices) -> None:
    """The rest is said to be interplay only where the first orders sum to clearly less than 1."""
    for total, en, da in (
        (Share(0.9, 0.04), "the rest comes only from their interplay", "resten kommer kun af"),
        (Share(0.9, 0.06), "interplay cannot be told from noise", "kan ikke skelnes fra støj"),
    ):
        found = replace(indices, sum_of_first=total)
        assert en in found.sentences()[1]
        assert da in found.sentences("da")[1]


def test_too_few_draws_are_said(indices: SobolIndices) -> None:
    """An error above five points leaves open what matters most, and the sentences say it."""
    wide = Part(Share(0.3, 0.06), Share(0.4, 0.02))
    told = replace(indices, factors={**indices.factors, "chance": wide}).sentences()[-1]
    assert told.startswith("The largest standard error is 6 %, so 1,024 draws are too few")
    assert not any("too few" in each for each in indices.sentences())


def test_luck_in_numbers_of_people_is_said(layers: LayerShares) -> None:
    """Outcomes drawn as numbers keep nobody's luck, which moves chance into the interplay."""
    for simulate, is_said in (("people", False), ("counts", True)):
        case = layers.case.with_({"outcomes.labour": {**OUT_OR_WORK, "simulate": simulate}})
        found = replace(layers, case=case)
        assert any("drawn as numbers" in each for each in found.sentences()) == is_said
        assert any("trækkes som antal" in each for each in found.sentences("da")) == is_said


def test_same_seed_gives_the_same_shares(seed: int) -> None:
    """The luck that is drawn anew follows from the seed."""
    case = contract(sensitivity=SENSITIVITY)
    found = [variance_by_layer(case, "payments_total", draws=512, rng=seed) for _ in range(2)]
    assert found[0].layers == found[1].layers
    assert anew(seed) != seed
    assert anew(seed) != anew(seed + 1)


@pytest.mark.slow
def test_errors_of_layers_are_the_spread_over_seeds() -> None:
    """The mean stated error of each share is its standard deviation over runs."""
    repeats = 100
    case = contract(sensitivity=SENSITIVITY)
    found = [variance_by_layer(case, "payments_total", draws=512, rng=s) for s in range(repeats)]
    shares = [
        [each for part in run.layers.values() for each in (part.first, part.total)]
        + [run.interaction, Share(run.deviation, run.deviation_mc_error)]
        for run in found
    ]
    values = np.array([[each.value for each in row] for row in shares])
    stated = np.array([[each.mc_error for each in row] for row in shares]).mean(axis=0)
    # A standard deviation of 100 numbers is known to 1 / sqrt(2 x 100) = 7 %; five of that.
    assert values.std(axis=0, ddof=1) == pytest.approx(stated, rel=ERRORS / sqrt(2 * repeats))
