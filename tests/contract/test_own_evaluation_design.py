"""The page on an own evaluation design is true: its code runs, registered from outside."""

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

PAGE = "own-evaluation-design"


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sib.Case:
    """Return Holbæk measured by the design of the page, installed as a package would."""
    point = EntryPoint("neighbour", "my_designs:Neighbour", "sibsim.evaluation")
    install(PAGE, module="my_designs", point=point, at=tmp_path, monkeypatch=monkeypatch)
    document = sib.load_case("holbaek").document
    document["measures"]["job"] = tomllib.loads(block(PAGE, name="measure"))["measures"]["job"]
    return build(document)


def test_the_design_errs_as_it_says(case: sib.Case) -> None:
    """The check of the page: 1 but for the luck of 4,096 draws and the spread of the true rates."""
    names: dict[str, object] = {"case": case}
    exec(block(PAGE, name="check"), names)  # noqa: S102 - the code of the page is what is tested
    assert names["ratio"] == pytest.approx(1.0, abs=0.05)


def test_the_unseen_difference_is_one_for_all_cohorts(case: sib.Case) -> None:
    """Reported less true comparison: the same everywhere, sd 0.04; none in the base case."""
    world = (case.simulate(draws=4_096, rng=2026, keep="world").worlds or ())[0]
    report, path = world.measured["job"], world.paths["job"]
    differs = report.comparison_sum / report.comparison_n - path.counterfactual
    np.testing.assert_allclose(differs, np.broadcast_to(differs[0, 0], differs.shape), atol=1e-12)
    assert differs.std() == pytest.approx(0.04, rel=0.05)  # 4.5 errors of an sd of 4,096 draws
    base = (case.base_case().worlds or ())[0]
    design = case.measures["job"]
    np.testing.assert_allclose(
        design.estimate(base.measured["job"]), design.truth(base.paths["job"]), atol=1e-12
    )


def test_the_design_says_itself_is_listed_and_is_diagnosed(case: sib.Case) -> None:
    """In both languages, among the designs, and by its words in a diagnosis."""
    assert "registers, against a neighbouring municipality" in case.measures["job"].describe("en")
    assert "opslag i registre mod en nabokommune" in case.measures["job"].describe("da")
    assert "neighbour" in models_of("evaluation")
    assert "against a neighbouring municipality" in str(case.diagnose("job", draws=512, rng=1))
