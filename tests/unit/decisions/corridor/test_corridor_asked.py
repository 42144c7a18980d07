"""What a price corridor refuses, all of it before the first draw."""

from __future__ import annotations

from typing import Any

import pytest

import sibsim as sib
from sibsim.decisions.corridor import search
from sibsim.decisions.corridor.search import price_corridor
from tests.small_case import small_case

PRICE = "payments.job.price"
HURDLE = "mean investor_profit >= 0"

CARD = {"model": "rate_card", "reads": "job", "pays_for": "achieved", "price": 20_000}


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return a contract with one price."""
    return small_case(line=CARD)


@pytest.fixture(autouse=True)
def no_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where anything is drawn."""

    def drawn(*_: object, **__: object) -> None:
        pytest.fail("something was drawn before the arguments were refused")

    monkeypatch.setattr(search, "simulate", drawn)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, r"investor: got nothing; .*investor = 'median investor_irr >= 0\.04'"),
        ({"investor": []}, "investor: got .*say what the investor asks for"),
        ({"investor": 4}, "investor: got 4"),
        ({"investor": "mean investor_irr >= 0.04"}, "write 'median investor_irr'"),
        ({"investor": "investor_profit > 0"}, "a condition is"),
        ({"investor": HURDLE, "payer": ""}, "a condition is"),
        ({"investor": HURDLE, "between": (30_000, 40_000)}, "leaves out what .* is now, 20,000"),
        ({"investor": HURDLE, "between": (30_000, 10_000)}, "first must be below the second"),
        ({"investor": HURDLE, "between": (0, 30_000)}, "two numbers above zero"),
        ({"investor": HURDLE, "between": 30_000}, "two numbers above zero"),
        ({"investor": HURDLE, "draws": 0}, "draws: got 0"),
        ({"investor": HURDLE, "rng": -1}, "rng: got -1"),
    ],
)
def test_arguments_out_of_range_are_refused(
    case: sib.Case, arguments: dict[str, Any], words: str
) -> None:
    """Each message says what was given, the rule and the way out."""
    with pytest.raises(sib.ArgumentError, match=words):
        price_corridor(case, PRICE, **arguments)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("payments.jobs.price", r"the case has no 'payments.jobs.price'; did you mean 'payments"),
        ("payments.job.prise", r"did you mean 'payments\.job\.price'"),
        ("payments.job.model", "got 'rate_card'; a term is a positive number"),
        ("payments.job", "got a table with model"),
        ("capital.tranches.dsi.commitment", r"take capital\.tranches\.dsi\.commitment\.value"),
        ("costs.team.amount.value", "changes what happens and not only what is paid"),
        ("outcomes.job.uplift", "changes what happens"),
        ("valuation.discount.investor", "is no term of a contract"),
        ([], "term: got"),
        (16_000, "term: got 16000; it is a path"),
        (None, "term: got None; it is a path"),
        (["payments.job.price", "payments.job.price"], "named twice"),
    ],
)
def test_terms_that_cannot_be_moved_are_refused(case: sib.Case, term: Any, words: str) -> None:  # noqa: ANN401 - what is varied
    """A term is a number, or several, that says what is paid; the nearest path is named."""
    with pytest.raises(sib.ArgumentError, match=words):
        price_corridor(case, term, investor=HURDLE)


@pytest.mark.parametrize("side", ["investor", "payer"])
def test_a_metric_that_does_not_exist_is_refused(case: sib.Case, side: str) -> None:
    """The nearest metric is named, on either side."""
    sides = {"investor": HURDLE, "payer": HURDLE, side: "mean investor_proft >= 0"}
    with pytest.raises(sib.UnknownNameError, match="did you mean 'investor_profit'"):
        price_corridor(case, PRICE, **sides)  # type: ignore[arg-type]  # sides are conditions


def test_several_faults_are_told_at_once(case: sib.Case) -> None:
    """A missing hurdle, a metric that is not there and a wrong path, in one message."""
    with pytest.raises(sib.ArgumentError) as caught:
        price_corridor(case, "payments.jb.price", payer="mean municipality_nets >= 0")
    for words in ("investor: got nothing", "municipality_nets", "payments.jb.price"):
        assert words in str(caught.value)


def test_bounds_that_the_case_refuses_are_refused(case: sib.Case) -> None:
    """A share cannot be above one, and the message says what the case says."""
    term = "capital.tranches.dsi.return_cap.rate"
    with pytest.raises(sib.ArgumentError, match=r"(?s)the case refuses .* = 2; narrow `between`"):
        price_corridor(case, term, investor=HURDLE, between=(0.01, 2))
