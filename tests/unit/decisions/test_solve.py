"""Finding a term that meets a target by settling the same worlds again."""

from __future__ import annotations

import math
import tomllib

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core import catalogue

DRAWS = 512


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return the Holbæk case."""
    return sib.load_case("holbaek")


def test_base_case_price_is_the_hand_calculation(case: sib.Case) -> None:
    """All that is paid goes to the investor, so (drawings + profit - other lines) / successes."""
    base = case.base_case()
    others = base.metric("payments_total") - base.metric("payments.wellbeing")
    drawn = base.metric("payments_total") - base.metric("investor_profit")
    by_hand = (drawn + 300_000 - others) / base.metric("measured.wellbeing")
    found = case.solve("payments.wellbeing.price", for_="investor_profit", target=3e5, at="base")
    assert found.value == pytest.approx(float(by_hand[0]), rel=1e-5)


def test_list_keeps_its_proportions(case: sib.Case, seed: int) -> None:
    """A price list is scaled as a whole and the median meets the target on the same draws."""
    found = case.solve(
        "payments.job.price", for_="investor_irr", target=0.03, at="median", draws=DRAWS, rng=seed
    )
    assert isinstance(found.value, list)
    assert np.array(found.value) / found.value[0] == pytest.approx([1, 22 / 16, 22 / 16])
    again = found.case.simulate(draws=DRAWS, rng=seed, keep="metrics")
    assert np.nanmedian(again.metric("investor_irr")) == pytest.approx(found.achieved, abs=1e-12)
    assert found.achieved == pytest.approx(0.03, abs=1e-4)
    assert "investor_irr" in str(found)


def test_mean_is_solved_too(case: sib.Case, seed: int) -> None:
    """The mean of a metric can be the target."""
    found = case.solve(
        "payments.fit_for_work.price",
        for_="payments.fit_for_work",
        target=1e6,
        at="mean",
        draws=DRAWS,
        rng=seed,
    )
    assert found.achieved == pytest.approx(1e6, rel=1e-5)


def test_out_of_reach_says_what_the_ends_reach(case: sib.Case, seed: int) -> None:
    """The return is capped at 5 %, so no price gives 6 %; the message says what the ends give."""
    with pytest.raises(sib.SolveError, match=r"the ends give .* and 0\.05"):
        case.solve("payments.job.price", for_="investor_irr", target=0.06, draws=DRAWS, rng=seed)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("payments.jobb.price", "the case has no"),
        ("payments.job.model", "positive number"),
        ("capital.tranches.dsi.commitment", r"commitment\.value"),
    ],
)
def test_path_must_lead_to_a_number(case: sib.Case, path: str, words: str) -> None:
    """What is solved for is a number or a list of numbers."""
    with pytest.raises(sib.ArgumentError, match=words):
        case.solve(path, for_="investor_irr", target=0.04)


def test_bounds_in_order(case: sib.Case) -> None:
    """The first bound lies below the second."""
    with pytest.raises(sib.ArgumentError, match="below the second"):
        case.solve("payments.job.price", for_="investor_irr", target=0.04, between=(2.0, 1.0))


def test_solution_is_precise(case: sib.Case) -> None:
    """The bracket closes to a millionth of the value."""
    found = case.solve("payments.job.price", for_="payments.job", target=5e6, at="base")
    assert math.isclose(found.achieved, 5e6, rel_tol=2e-6)


def test_search_stays_within_what_a_case_accepts(case: sib.Case) -> None:
    """Sixteen times a rate of 0.08 is no rate; the search ends at eight times, 0.64."""
    path = "capital.tranches.dsi.return_cap.rate"
    dear = case.with_({path: 0.08, "payments.job.limit.line": 9e6})
    with pytest.raises(sib.SolveError, match=r"between 0\.005 and 0\.64"):
        dear.solve(path, for_="investor_profit", target=1e9, at="base")


def test_a_metric_that_is_never_defined_meets_no_target(seed: int) -> None:
    """Without discount rates there is no present value to aim at."""
    document = tomllib.loads(catalogue.text("cases", "holbaek"))
    del document["valuation"]
    bare = build(document)
    with pytest.raises(sib.SolveError, match="investor_npv is undefined in every draw"):
        bare.solve("payments.job.price", for_="investor_npv", target=0.0, draws=DRAWS, rng=seed)
