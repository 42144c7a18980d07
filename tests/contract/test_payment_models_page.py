"""The page of payment models shows every model, and every example on it is a valid line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sibsim.core.spec import load_family_member
from sibsim.core.wording import MeasureWords
from sibsim.payments import MEMBERS
from sibsim.payments.base import PaymentModel

PAGE = (Path(__file__).parents[2] / "docs" / "payment-models.md").read_text("utf-8")
EXAMPLES = {
    line["model"]: line
    for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    for line in tomllib.loads(block)["payments"].values()
}


def test_every_model_has_its_section_and_example() -> None:
    """In the list at the top, as a section from the code, and as an example."""
    assert set(EXAMPLES) == set(MEMBERS)
    assert re.findall(r"```{payment-model} (\w+)", PAGE) == list(EXAMPLES)
    for name in MEMBERS:
        assert f"[`{name}`](#{name.replace('_', '-')})" in PAGE


@pytest.mark.parametrize("name", MEMBERS)
def test_every_example_is_valid_and_can_be_said(name: str) -> None:
    """It reads as a line, and says its rule in both languages."""
    member = load_family_member("sibsim.payments", "sibsim.payments", name)
    assert member is not None
    line = member.model_validate(EXAMPLES[name])
    assert isinstance(line, PaymentModel)
    titles = {reading.measure: reading.measure for reading in line.all_readings}
    words = MeasureWords(outcome="job", design="register data", payer="Holbæk", titles=titles)
    assert line.describe("da", words=words) != line.describe("en", words=words)
