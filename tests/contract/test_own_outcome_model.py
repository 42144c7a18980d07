"""The page on an own outcome model is true: its code runs, registered from outside."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.reports.models import models_of
from tests.pages import block, install

PAGE = "own-outcome-model"
COHORTS = (36, 54, 54, 36)
"""People of Holbæk's four waves as planned."""


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sib.Case:
    """Return Holbæk with the outcome of the page, installed as a package would."""
    point = EntryPoint("learning", "my_outcomes:Learning", "sibsim.outcomes")
    install(PAGE, module="my_outcomes", point=point, at=tmp_path, monkeypatch=monkeypatch)
    document = sib.load_case("holbaek").document
    document["outcomes"]["job"] = tomllib.loads(block(PAGE, name="outcome"))["outcomes"]["job"]
    return build(document)


def test_each_wave_closes_half_of_the_gap(case: sib.Case) -> None:
    """0.45, 0.525, 0.5625 and 0.58125: what four waves achieve, worked out by hand."""
    path = (case.base_case().worlds or ())[0].paths["job"]
    rates = np.array([0.45, 0.525, 0.5625, 0.58125])
    expected = np.array(COHORTS) * rates
    for position in range(3):
        np.testing.assert_allclose(path.achieved[:, position, 0], expected, rtol=1e-12)
        np.testing.assert_allclose(path.counterfactual[:, position, 0], 0.40, rtol=1e-12)


def test_people_achieve_what_the_law_says_on_average(case: sib.Case) -> None:
    """Simulated less expected, within five Monte Carlo errors in every wave and follow-up."""
    world = (case.simulate(draws=4_096, rng=2026, keep="world").worlds or ())[0]
    path = world.paths["job"]
    missed = path.achieved - path.people[:, np.newaxis] * path.expected
    error = missed.std(axis=-1) / np.sqrt(missed.shape[-1])
    assert (np.abs(missed.mean(axis=-1)) < 5 * error).all()


def test_the_model_is_paid_moved_and_listed(case: sib.Case) -> None:
    """Payment lines read it, a higher `best` pays more, and its name is known."""
    better = case.with_({"outcomes.job.best": 0.8})
    paid, more = (each.base_case().metric("payments.job")[0] for each in (case, better))
    assert 0 < paid < more
    assert "outcomes.job.learns" in case.quantities
    assert "learning" in models_of("outcomes")


def test_a_faulty_number_is_refused_with_its_path(case: sib.Case) -> None:
    """A rate in per cent says how a share is written."""
    with pytest.raises(sib.CaseError, match=r"outcomes\.job\.best.*write 0\.6"):
        case.with_({"outcomes.job.best": 60})
