"""Measurements before and after: published variance factors, and people drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.stages import Context
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.errors import ArgumentError
from sibsim.evaluation.panel import Panel, ancova_factor, difference_factor, post_factor
from tests.people import ERRORS, TIMELINE

# McKenzie 2012, Journal of Development Economics 99(2):210-221, and Frison and Pocock 1992: before,
# after, correlation; then the factors after alone, of the difference and with ANCOVA.
PUBLISHED = [
    (1, 1, 0.25, [1, 1.5, 0.9375]),
    (1, 1, 0.5, [1, 1.0, 0.75]),
    (1, 1, 0.75, [1, 0.5, 0.4375]),
    (3, 3, 0.25, [0.5, 0.5, 0.375]),
    (1, 3, 0.25, [0.5, 1.0, 0.4375]),
    (5, 5, 0.2, [0.36, 0.32, 0.248889]),
]


@pytest.mark.parametrize(("before", "after", "rho", "factors"), PUBLISHED)
def test_the_published_factors(before: int, after: int, rho: float, factors: list[float]) -> None:
    """To the six digits that are published."""
    found = (
        post_factor(after=after, correlation=rho),
        difference_factor(before=before, after=after, correlation=rho),
        ancova_factor(before=before, after=after, correlation=rho),
    )
    assert [each.item() for each in found] == pytest.approx(factors, abs=5e-7)


def test_factors_of_many_correlations_at_once() -> None:
    """With one measurement each the difference takes 2 / (1 + rho) of the variance of ANCOVA."""
    rho = np.array([0.0, 0.25, 0.5, 0.9])
    ratio = difference_factor(before=1, after=1, correlation=rho) / ancova_factor(
        before=1, after=1, correlation=rho
    )
    np.testing.assert_allclose(ratio, 2 / (1 + rho), rtol=1e-14)
    assert difference_factor(before=np.array([[1], [2], [4]]), after=2, correlation=rho).shape == (
        3,
        4,
    )


@pytest.mark.parametrize("before", [1, 3])
@pytest.mark.parametrize("rho", [0.0, 0.4, 0.8])
def test_a_panel_of_equal_variances_has_the_factors(before: int, rho: float) -> None:
    """Slope 0, 1 and rho / w give the three factors times v / n."""
    variance = np.full((1, 1, 1), 0.24)
    panel = Panel(variance, variance, np.full((1, 1, 1), 30.0), correlation=rho, times=before)
    best = rho / post_factor(after=before, correlation=rho).item()
    for slope, factor in (
        (0.0, post_factor(after=1, correlation=rho)),
        (1.0, difference_factor(before=before, after=1, correlation=rho)),
        (best, ancova_factor(before=before, after=1, correlation=rho)),
    ):
        found = panel.variance(slope=slope).item()
        assert found == pytest.approx(factor.item() * 0.24 / 30, rel=1e-12)


def test_the_variance_is_that_of_people(seed: int) -> None:
    """2,000 groups of 25 people with 3 normal results before (sd 2) and one after (sd 3)."""
    rho, people, groups, slope = 0.6, 25, 2000, 0.7
    random = np.random.default_rng(seed)
    lasting = random.standard_normal((groups, people, 1)) * np.sqrt(rho)
    results = lasting + random.standard_normal((groups, people, 4)) * np.sqrt(1 - rho)
    before, after = 2 * results[..., :3].mean(axis=(1, 2)), 3 * results[..., 3].mean(axis=1)
    panel = Panel(
        np.full((1, 1, 1), 9.0),
        np.full((1, 1, 1), 4.0),
        np.full((1, 1, 1), float(people)),
        correlation=rho,
        times=3,
    )
    stated = panel.variance(slope=slope).item()
    found = (after - slope * before).var()
    assert abs(found / stated - 1) <= ERRORS * np.sqrt(2 / groups)
    # A slope of a regression errs by sd / (sd of what explains x sqrt(groups)).
    along = (before * after).sum() / (after**2).sum()
    error = before.std() / (after.std() * np.sqrt(groups))
    assert abs(along - panel.slope.item()) <= ERRORS * error


def test_the_mean_before_goes_along_with_luck(seed: int) -> None:
    """Its variance and its covariance with the luck after are those of the panel."""
    random = np.random.default_rng(seed)
    after, before = np.full((2, 1, 1), 9.0), np.full((2, 1, 1), 4.0)
    people = np.array([[[25.0]], [[50.0]]])
    panel = Panel(after, before, people, correlation=0.6, times=3)
    luck = random.standard_normal((2, 1, BLOCK_DRAWS)) * np.sqrt(after / people)
    layer = Layer(LayerName.MEASUREMENT, seed)
    context = Context(TIMELINE, {}, layer, layer, path="measures.it")
    found = panel.error_before(luck, "before", context=context)
    for cohort, number in enumerate((25, 50)):
        variance = 4 * (1 + 2 * 0.6) / 3 / number
        relative = found[cohort].var() / variance - 1
        assert abs(relative) <= ERRORS * np.sqrt(2 / BLOCK_DRAWS)
        # The correlation is rho / sqrt(w), w = (1 + 2 rho) / 3.
        expected = 0.6 / np.sqrt(2.2 / 3)
        correlation = np.corrcoef(found[cohort, 0], luck[cohort, 0])[0, 1]
        assert abs(correlation - expected) <= ERRORS * (1 - expected**2) / np.sqrt(BLOCK_DRAWS)
    alone = np.corrcoef(*(found - panel.slope * luck)[:, 0])[0, 1]
    assert abs(alone) <= ERRORS / np.sqrt(BLOCK_DRAWS)


def test_people_who_do_not_differ_after_differ_before() -> None:
    """Without spread after nothing goes along with it, and the variance before is whole."""
    nothing, some = np.zeros((1, 1, 1)), np.full((1, 1, 1), 0.21)
    panel = Panel(nothing, some, np.full((1, 1, 1), 10.0), correlation=0.5)
    assert panel.slope.item() == 0
    assert panel.variance(slope=1.0).item() == pytest.approx(0.021)
    nobody = Panel(some, some, nothing, correlation=0.5)
    assert nobody.variance(slope=1.0).item() == 0


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"before": 0}, "got before = 0; people are measured 1 or more times"),
        ({"after": 0.5}, "got after = 0.5; people are measured 1 or more times"),
        ({"correlation": 1.2}, "got correlation = 1.2; .* lies in"),
        ({"correlation": np.array([0.5, -0.1])}, "lies in"),
    ],
)
def test_factors_refuse_what_cannot_be(fields: dict[str, float], rule: str) -> None:
    """The message says what was given and the rule."""
    given = {"before": 1, "after": 1, "correlation": 0.5} | fields
    for factor in (difference_factor, ancova_factor):
        with pytest.raises(ArgumentError, match=rule):
            factor(**given)
