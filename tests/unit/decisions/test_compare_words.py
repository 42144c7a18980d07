"""What is said of ways of paying: how amounts are written, and that words follow figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sibsim.casefile import build
from sibsim.core.arrays import FloatArray
from sibsim.decisions.compare import Comparison, compare
from sibsim.decisions.compare_amounts import chance, rounded
from sibsim.decisions.compare_figures import PRICE_PARTS, Way
from sibsim.errors import ArgumentError
from tests.own_money import document

TWENTY = 20


def way_of(net: FloatArray, *, cash: float = 0.0) -> Way:
    """Return a way of paying with a net of each draw, and the same cash need in all."""
    even = np.where(net < 0, np.nan, 2025.0)
    needed = np.full(net.shape, cash)
    return Way(net, net, needed, needed, even, net[np.newaxis])


@cache
def small() -> Comparison:
    """Return the comparison of the small case."""
    return compare(build(document()), draws=TWENTY, rng=1)


def told(ways: Mapping[str, Way], *, premium: float = 600_000.0) -> Comparison:
    """Return a comparison with nets of one's own and a price that is all premium."""
    found = small()
    price = {part: np.zeros(TWENTY) for part in PRICE_PARTS}
    price["premium"] = np.full(TWENTY, premium)
    return replace(found, run=replace(found.run, ways={**found.run.ways, **ways}, price=price))


def risky() -> dict[str, Way]:
    """Return own money that loses 2.1 m in one draw of four, a contract that does in one of 20."""
    own = np.array([-2_100_000.0] * 5 + [3_000_000.0] * 15)
    contract = np.array([-900_000.0] + [1_500_000.0] * 19)
    return {
        "own_money": way_of(own, cash=4_700_000),
        "contract": way_of(contract, cash=900_000),
    }


@pytest.mark.parametrize(
    ("amount", "danish", "english"),
    [
        (2_140_000, "2,1 mio. kr.", "DKK 2.1 m"),
        (-1_234_567_890, "-1.234,6 mio. kr.", "DKK -1,234.6 m"),
        (996_000, "1,0 mio. kr.", "DKK 1.0 m"),
        (640_400, "0,64 mio. kr.", "DKK 0.64 m"),
        (84_400, "84.000 kr.", "DKK 84,000"),
        (9_876.4, "9.876 kr.", "DKK 9,876"),
        (-0.3, "0 kr.", "DKK 0"),
    ],
)
def test_amounts_are_rounded_as_each_language_writes_them(
    amount: float, danish: str, english: str
) -> None:
    """Point and comma change places between Danish and English; small amounts keep their digits."""
    words = rounded(amount, currency="DKK")
    assert (words.da, words.en) == (danish, english)


def test_other_currencies_keep_their_code() -> None:
    """In Danish the code follows the amount, in English it goes before."""
    words = rounded(2_140_000, currency="EUR")
    assert (words.da, words.en) == ("2,1 mio. EUR", "EUR 2.1 m")


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(0.0, "under 1 %"), (0.004, "under 1 %"), (0.306, "31 %"), (0.9, "90 %"), (1.0, "over 99 %")],
)
def test_chances_are_never_said_to_be_none_or_certain(probability: float, expected: str) -> None:
    """A number of draws cannot tell 0 or 100 %."""
    assert chance(probability).en == expected


def test_what_the_contract_buys_and_costs() -> None:
    """From 25 to 5 %, from a loss of 2.1 to one of 0.90 m, for 0.60 m."""
    english, danish = (told(risky()).sentences(lang)[3] for lang in ("en", "da"))
    assert "from 25 % to 5 %" in english
    assert "from a loss of DKK 2.1 m to a loss of DKK 0.90 m" in english
    assert "from DKK 4.7 m to DKK 0.90 m" in english
    assert "that costs DKK 0.60 m in present value" in english
    assert "fra 25 % til 5 %" in danish
    assert "fra et tab på 2,1 mio. kr. til et tab på 0,90 mio. kr." in danish
    assert "det koster 0,60 mio. kr. i nutidsværdi" in danish


def test_capital_below_its_costs_is_called_subsidised() -> None:
    """A price below zero is called so; one of zero cannot be told from nothing."""
    assert "subsidised" in told(risky(), premium=-600_000.0).sentences("en")[3]
    assert "kapitalen er støttet" in told(risky(), premium=-600_000.0).sentences("da")[3]
    assert "subsidised" not in told(risky()).sentences("en")[3]
    assert "cannot be told from zero" in told(risky(), premium=0.0).sentences("en")[3]


def test_result_of_a_way_in_words() -> None:
    """Mean, risk, worst twentieth, cash, break-even; a gain in the worst cases is said as one."""
    own = told(risky()).sentences("en")[1]
    assert "gains DKK 1.7 m on average and ends below zero in 25 % of cases" in own
    assert "the loss in the worst twentieth is DKK 2.1 m" in own
    assert "half of all cases break even by 2025" in own
    safe = told({"own_money": way_of(np.full(TWENTY, 700_000.0))}).sentences("en")[1]
    assert "even in the worst twentieth the gain is DKK 0.70 m" in safe
    poor = told({"own_money": way_of(np.full(TWENTY, -700_000.0))}).sentences("da")[1]
    assert "får Holbæk Kommune i gennemsnit et tab på 0,70 mio. kr." in poor
    assert "kun under 1 % af tilfældene er i nul" in poor


def test_strengths_follow_the_figures() -> None:
    """Swap the figures of two ways and what is said of them is swapped."""
    own, contract = risky()["own_money"], risky()["contract"]
    low = way_of(np.full(TWENTY, -3_000_000.0), cash=9_000_000)
    others = {"no_cure_no_pay": low, "grant": low}

    def strengths(ways: Mapping[str, Way]) -> dict[str, str]:
        said = told({**ways, **others}).sentences("en")
        return {each.split(":")[0]: each for each in said if "no other way" in each}

    one = strengths({"own_money": own, "contract": contract})
    other = strengths({"own_money": contract, "contract": own})
    # The contract loses less often and needs less cash than any other; own money gains more.
    best, _, worst = one["The contract"].partition("none does worse")
    assert "the risk of ending below zero" in best
    assert "the largest cash need" in best
    assert not worst
    assert "the mean result" in one["Own money"]
    assert "the largest cash need" in other["Own money"].partition("none does worse")[0]
    assert "the largest cash need" not in other.get("The contract", "")


def test_equal_ways_have_neither_strength_nor_weakness() -> None:
    """Where no figure differs, no way is praised."""
    same = way_of(np.linspace(-1e6, 2e6, TWENTY), cash=5e5)
    found = told(dict.fromkeys(("own_money", "contract", "no_cure_no_pay", "grant"), same))
    assert not any("no other way" in each or "none does" in each for each in found.sentences())


def test_unmarked_costs_are_said() -> None:
    """Without a line marked as a cost of the contract, nothing falls away with own money."""
    read = document()
    for line in read["costs"].values():
        line.pop("contract_cost", None)
    unmarked = build(read).compare(draws=TWENTY, rng=1)
    assert "contract_cost" in unmarked.sentences("en")[-1]
    assert not any("contract_cost" in each for each in small().sentences("en"))


def test_other_languages_are_refused() -> None:
    """Sentences are Danish or English."""
    with pytest.raises(ArgumentError, match="lang"):
        small().sentences("de")  # type: ignore[arg-type]  # what a user may type
