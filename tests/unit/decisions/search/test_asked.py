"""What a contract search refuses before the first draw."""

from __future__ import annotations

from typing import Any

import pytest

import sibsim as sib
from sibsim.decisions.search import exploring
from sibsim.decisions.search.exploring import search_contracts

PRICE = "payments.job.price"


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return the Holbæk case."""
    return sib.load_case("holbaek")


@pytest.fixture(autouse=True)
def nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail as soon as anything is drawn."""

    def refuse(*_: object) -> None:
        message = "drawn before everything was checked"
        raise AssertionError(message)

    monkeypatch.setattr(exploring, "pricing_of", refuse)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({PRICE: (20_000, 40_000)}, r"leave out what it is now, 16,000; widen them"),
        ({PRICE: (40_000, 10_000)}, "the first must be below the second"),
        ({PRICE: (16_000, 16_000)}, "the first must be below the second"),
        ({PRICE: 16_000}, "the lowest and the highest value"),
        ({PRICE: (1, 2, 3)}, "the lowest and the highest value"),
        ({PRICE: (1, float("inf"))}, "the lowest and the highest value"),
        ({"payments.jobb.price": (1, 2)}, "did you mean 'payments.job.price'"),
        ({"payments.job.model": (1, 2)}, "positive number"),
        ({"outcomes.job.uplift": (0.0, 1.0)}, "changes what happens and not only what is paid"),
        ({"delivery.volume": (1, 200)}, "changes what happens"),
        ({"title": (1, 2)}, "is no term of a contract"),
        (
            {"capital.tranches.dsi.commitment": (1, 2)},
            r"take capital.tranches.dsi.commitment\.value",
        ),
        ({PRICE: (1, 40_000), (PRICE,): (1, 40_000)}, "a number moves once"),
        ({}, "a table of paths"),
        (PRICE, "a table of paths"),
    ],
)
def test_bounds_that_are_none_are_refused(case: sib.Case, bounds: Any, words: str) -> None:  # noqa: ANN401 - anything given for bounds
    """The error says what was given and the way out."""
    with pytest.raises(sib.ArgumentError, match=words):
        search_contracts(case, bounds)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"objectives": ("highest mean municipality_net",)}, "between two or more"),
        ({"objectives": ("highest mean municipality_net",) * 2}, "between two or more"),
        ({"objectives": "highest mean municipality_net"}, "a list of texts"),
        ({"objectives": ("mean municipality_net", "lowest p_investor_loss")}, "'highest' or"),
        ({"objectives": (3, "lowest p_investor_loss")}, "got 3; an objective is"),
        ({"objectives": ("highest mean investor_irr", "lowest p_investor_loss")}, "no mean"),
        ({"subject_to": ("investor_irr >= 2 %",)}, "does not say what of investor_irr"),
        ({"subject_to": "median investor_irr >= 2 %"}, "a list of texts"),
        ({"contracts": 19}, "from 20"),
        ({"contracts": 10_001}, "to 10,000"),
        ({"contracts": 100.0}, "contracts: got 100"),
        ({"draws": 0}, "draws: got 0"),
        ({"rng": -1}, "a seed is a whole number"),
    ],
)
def test_other_arguments_are_checked(case: sib.Case, options: dict[str, Any], words: str) -> None:
    """Objectives, conditions and numbers out of range are refused."""
    with pytest.raises(sib.ArgumentError, match=words):
        search_contracts(case, {PRICE: (10_000, 40_000)}, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"objectives": ("highest mean municipality_ne", "lowest p_investor_loss")},
        {"subject_to": ("mean municipality_ne >= 0",)},
    ],
)
def test_unknown_metrics_name_the_nearest(case: sib.Case, options: dict[str, Any]) -> None:
    """A metric that the case has not is refused."""
    with pytest.raises(sib.UnknownNameError, match="did you mean 'municipality_net'"):
        search_contracts(case, {PRICE: (10_000, 40_000)}, **options)


def test_every_fault_is_named_at_once(case: sib.Case) -> None:
    """Faults of several arguments come in one error."""
    with pytest.raises(sib.ArgumentError) as error:
        search_contracts(
            case,
            {PRICE: (2, 1), "payments.wellbeing.price": (1, 2)},
            objectives=("highest mean nothing", "lowest p_investor_loss"),
            contracts=3,
            draws=0,
        )
    said = str(error.value)
    for words in ("below the second", "leave out", "no metric 'nothing'", "contracts:", "draws:"):
        assert words in said
