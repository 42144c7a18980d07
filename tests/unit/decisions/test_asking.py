"""What every question of a case refuses alike, before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import sibsim as sib
from sibsim.decisions.asking import is_number

PRICE = "payments.job.price"

QUESTIONS: dict[str, Callable[..., object]] = {
    "price_corridor": lambda case, **given: sib.decisions.price_corridor(
        case, PRICE, investor="mean investor_profit >= 0", **given
    ),
    "search_contracts": lambda case, **given: sib.decisions.search_contracts(
        case, {PRICE: (10_000, 20_000)}, **given
    ),
    "break_even": sib.decisions.break_even,
    "tornado": sib.decisions.tornado,
    "scenarios": sib.decisions.scenarios,
    "two_way": lambda case, **given: sib.decisions.two_way(
        case, PRICE, "delivery.take_up", **given
    ),
    "switching_values": sib.decisions.switching_values,
    "variance_by_layer": sib.decisions.variance_by_layer,
    "sobol_indices": sib.decisions.sobol_indices,
    "value_of_information": lambda case, **given: sib.decisions.value_of_information(
        case, for_="municipality", **given
    ),
    "staging": sib.decisions.staging,
}
"""Every question that is asked of one case."""


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return a case that every question can be asked of."""
    return sib.load_case("prototype-to-scale")


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_name_is_no_case(name: str) -> None:
    """The way out says how a case is loaded."""
    with pytest.raises(sib.ArgumentError, match=r"got 'holbaek'; it is a case, such as sib\.load"):
        QUESTIONS[name]("holbaek")


@pytest.mark.parametrize("rng", [-1, 0.5, "a"])
def test_a_seed_is_a_whole_number(rng: object) -> None:
    """Nothing else seeds a run."""
    with pytest.raises(sib.ArgumentError, match=r"rng: got .*; a seed is a whole number"):
        sib.decisions.tornado(sib.load_case("holbaek"), rng=rng)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("ask", [sib.decisions.break_even, sib.decisions.switching_values])
def test_a_target_is_in_the_unit_of_its_figure(case: sib.Case, ask: Callable[..., object]) -> None:
    """No probability is 25, and no rate of return 4, which would be 400 %."""
    with pytest.raises(sib.ArgumentError, match="target = 25; a probability lies from 0 to 1"):
        ask(case, "P(municipality_net < 0)", target=25)
    with pytest.raises(sib.ArgumentError, match=r"target = 4; a rate of return .* is 400 %"):
        ask(case, "median investor_irr", target=4)


@pytest.mark.parametrize(
    ("value", "is_one"),
    [(1, True), (0.5, True), (True, False), ("1", False), (float("nan"), False), (10**400, False)],
)
def test_numbers_are_finite(value: object, is_one: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Truth values, texts, NaN and what no float can hold are none."""
    assert is_number(value) is is_one


def test_text_of_a_case_is_no_markup() -> None:
    """A title stands in a notebook as it is written."""
    titled = sib.load_case("holbaek").with_({"outcomes.job.title": {"en": "Job <b>& more"}})
    for found in (
        sib.decisions.tornado(titled, draws=64),
        sib.decisions.price_corridor(titled, PRICE, investor="median investor_irr >= 0", draws=64),
        sib.decisions.variance_by_layer(titled, draws=512),
    ):
        shown = found._repr_html_()
        assert "Job <b>" not in shown
    assert "Job &lt;b&gt;&amp; more" in sib.decisions.tornado(titled, draws=64)._repr_html_()
