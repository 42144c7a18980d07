"""What is known of draws, against closed forms; and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.errors import SamplingError, SibsimError
from sibsim.evidence.diagnostics import Diagnosis, diagnose, refuse_untrusted

CHAINS, DRAWS = 4, 4_000


def autoregressive(rho: float, *, seed: int) -> FloatArray:
    """Return stationary draws of x_t = rho x_(t-1) + sqrt(1 - rho^2) e_t, sd 1."""
    noise = np.random.default_rng(seed).normal(size=(CHAINS, DRAWS))
    draws = np.empty_like(noise)
    draws[:, 0] = noise[:, 0]
    for t in range(1, DRAWS):
        draws[:, t] = rho * draws[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return draws


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_effective_draws_of_an_autoregression(rho: float, seed: int) -> None:
    """They are S (1 - rho) / (1 + rho), and the error of the mean sd / sqrt of it."""
    (known,) = diagnose({"x": autoregressive(rho, seed=seed)})
    exact = CHAINS * DRAWS * (1 - rho) / (1 + rho)
    # The estimate sums correlations up to where they vanish: it varies by a tenth at rho 0.9.
    assert known.ess == pytest.approx(exact, rel=0.3)
    assert known.mcse == pytest.approx(1 / np.sqrt(exact), rel=0.2)
    assert known.r_hat < 1.01


def test_chains_that_have_not_met(seed: int) -> None:
    """One chain of four moved by two deviations: R-hat of ranks near that of the draws by hand."""
    draws = np.random.default_rng(seed).normal(size=(CHAINS, DRAWS))
    draws[0] += 2.0
    (known,) = diagnose({"x": draws})
    # Between chains of mean 2, 0, 0, 0 the variance is 1, within 1: sqrt(1 + 1) by draws; of
    # normal ranks, of total variance 1 = W + B (3 / 4) with B / W = 1: W = 4 / 7 likewise.
    assert known.r_hat == pytest.approx(np.sqrt(2.0), rel=0.1)


def test_chains_of_different_width_and_halves_that_differ(seed: int) -> None:
    """Folding sees a wide chain with the same middle, splitting a chain that wanders."""
    generator = np.random.default_rng(seed)
    wide = generator.normal(size=(CHAINS, DRAWS))
    wide[0] *= 3.0
    wanders = generator.normal(size=(CHAINS, DRAWS)) + np.linspace(-1.0, 1.0, DRAWS)
    for known in diagnose({"wide": wide, "wanders": wanders}):
        assert known.r_hat > 1.05


def test_the_limits_themselves_are_trusted() -> None:
    """R-hat just below 1.01 and 400 effective draws pass; a hair beyond either does not."""

    def is_trusted(known: Diagnosis) -> bool:
        try:
            refuse_untrusted([known], divergences=0, draws=4_000)
        except SamplingError:
            return False
        return True

    assert is_trusted(Diagnosis("mu", 1.0099, 400.0, 0.1))
    assert not is_trusted(Diagnosis("mu", 1.0101, 400.0, 0.1))
    assert not is_trusted(Diagnosis("mu", 1.0099, 399.9, 0.1))


@pytest.mark.parametrize(
    ("known", "divergences", "says"),
    [
        (Diagnosis("mu", 1.01, 900.0, 0.1), 0, r"R-hat is not below 1.01: mu 1.010; take more"),
        (Diagnosis("tau", 1.0, 399.4, 0.1), 0, r"fewer than 400: tau 399; take more draws"),
        (Diagnosis("mu", 1.0, 900.0, 0.1), 3, r"3 of 4,000 draws diverged .*target_acceptance"),
        (Diagnosis("mu", float("nan"), float("nan"), 0.0), 0, r"mu nan.*mu nan"),
    ],
)
def test_untrusted_draws_are_refused(known: Diagnosis, divergences: int, says: str) -> None:
    """The error says which quantity, its value, and what to do; a constant counts as untrusted."""
    with pytest.raises(SamplingError, match=says) as refused:
        refuse_untrusted([known], divergences=divergences, draws=4_000)
    assert isinstance(refused.value, SibsimError)


def test_a_constant_is_no_draw() -> None:
    """What does not vary has no R-hat, without a warning, and is refused."""
    known = diagnose({"stuck": np.ones((CHAINS, 100))})
    with pytest.raises(SamplingError, match="stuck"):
        refuse_untrusted(known, divergences=0, draws=400)


def test_an_error_names_three_and_counts_the_rest() -> None:
    """Many quantities at once: the three worst, and how many more."""
    known = [Diagnosis(f"q{at}", 1.0, 10.0 * at, 0.1) for at in range(1, 8)]
    with pytest.raises(SamplingError, match=r"q1 10, q2 20, q3 30 and 4 more"):
        refuse_untrusted(known, divergences=0, draws=4_000)
