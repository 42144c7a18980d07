"""The page on an own payment model is true: its code runs, registered from outside."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from sibsim.casefile import build, load_case
from tests.pages import block, install

PAGE = "own-payment-model"


@pytest.fixture
def registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the module of the page as a package would, by its entry point."""
    point = EntryPoint("per_point", "my_payments:PerPoint", "sibsim.payments")
    install(PAGE, module="my_payments", point=point, at=tmp_path, monkeypatch=monkeypatch)


@pytest.mark.usefixtures("registered")
def test_the_model_of_the_page_settles_a_case() -> None:
    """Price x points above the floor; the rate at 24 months from the measured number itself."""
    document = load_case("holbaek").document
    document["payments"] = tomllib.loads(block(PAGE, name="line"))["payments"]
    found = build(document).base_case()
    rate = float(found.metric("measured.job")[0] / found.metric("participants")[0])
    expected = 100_000 * 100 * (rate - 0.30)
    assert found.metric("payments.job")[0] == pytest.approx(expected, rel=1e-12)
    rule = str(build(document).describe("en").loc["job", "rule"])
    assert "pays DKK 100,000 for every percentage point above 30 %" in rule
    assert "at most DKK 5,000,000 in total" in rule


@pytest.mark.usefixtures("registered")
def test_a_registered_name_is_offered_when_one_is_misspelt() -> None:
    """The nearest name may come from outside."""
    document = load_case("holbaek").document
    document["payments"]["job"]["model"] = "per_pont"
    with pytest.raises(ValueError, match="did you mean 'per_point'"):
        build(document)
