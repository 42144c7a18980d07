"""What is said of ways of paying: how amounts are written, and that words follow figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sibsim.casefile import build
from sibsim.core.amounts import chance, rounded
from sibsim.core.arrays import FloatArray
from sibsim.decisions.ways.comparison import Comparison, compare
from sibsim.decisions.ways.figures import PREMIUM_CAUSES, PRICE_PARTS, Way
from sibsim.errors import ArgumentError
from tests.own_money import document

DRAWS = 400


def way_of(net: FloatArray, *, cash: float = 0.0) -> Way:
    """Return a way of paying with a net of each draw, and the same cash need in all."""
    even = np.where(net < 0, np.nan, 2025.0)
    needed = np.full(net.shape, cash)
    return Way(net, net, needed, needed, even, net[np.newaxis], net)


@cache
def small() -> Comparison:
    """Return the comparison of the small case."""
    return compare(build(document()), draws=DRAWS, rng=1)


def told(
    ways: Mapping[str, Way],
    *,
    premium: float = 600_000.0,
    later: float = 0.0,
    cause: str = "repayment_and_return",
    investors: float = 0.0,
) -> Comparison:
    """Return a comparison with nets of one's own, a premium of one cause and a value of time."""
    found = small()
    price = {part: np.zeros(DRAWS) for part in PRICE_PARTS}
    price |= {"premium": np.full(DRAWS, premium), "value_of_time": np.full(DRAWS, later)}
    causes = {name: np.full(DRAWS, premium * (name == cause)) for name in PREMIUM_CAUSES}
    # Chance about the mean: a Monte Carlo error of 100,000 / sqrt(399), 5,006.
    luck = np.tile([-100_000.0, 100_000.0], DRAWS // 2)
    run = replace(
        found.run,
        ways={**found.run.ways, **ways},
        price=price,
        causes=causes,
        investors=investors + luck,
    )
    return replace(found, run=run)


def risky() -> dict[str, Way]:
    """Return own money that loses 2.1 m in one draw of four, a contract that does in one of 20."""
    own = np.array([-2_100_000.0] * 100 + [3_000_000.0] * 300)
    contract = np.array([-900_000.0] * 20 + [1_500_000.0] * 380)
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
    assert "falls from 25 % to 5 %" in english
    assert "improves from a loss" in english
    cost = "expected to be DKK 0.60 m dearer than own money in present value (5.5 % a year)"
    assert cost in english
    assert "fra 25 % til 5 %" in danish
    assert "fra et tab på 2,1 mio. kr. til et tab på 0,90 mio. kr." in danish
    assert "falder fra 25 % til 5 %" in danish
    cost = "forventet 0,60 mio. kr. dyrere end egne midler i nutidsværdi (5,5 % om året)"
    assert cost in danish


def test_what_rises_is_said_to_rise() -> None:
    """Swap the ways and the risk, the worst twentieth and the cash need are said to get worse."""
    ways = risky()
    ways = {"own_money": ways["contract"], "contract": ways["own_money"]}
    english, danish = (told(ways, premium=-600_000).sentences(lang)[3] for lang in ("en", "da"))
    assert "the risk of ending below zero rises from 5 % to 25 %" in english
    assert "the worst twentieth gets worse, from a loss of DKK 0.90 m to a loss" in english
    assert "the largest cash need rises from DKK 0.90 m to DKK 4.7 m" in english
    assert "risikoen for at ende under nul stiger fra 5 % til 25 %" in danish
    assert "den værste tyvendedel forværres fra et tab på 0,90 mio. kr." in danish
    assert "DKK 0.60 m cheaper" in english
    assert "costs nothing extra" not in english


def test_a_difference_within_chance_is_no_change() -> None:
    """From 55 to 54 % in other draws is the same, 55 %."""
    one = np.array([-1e6] * 220 + [1e6] * 180)
    other = np.array([1e6] * 184 + [-1e6] * 216)
    found = told({"own_money": way_of(one, cash=5e5), "contract": way_of(other, cash=5e5)})
    english, danish = (found.sentences(lang)[3] for lang in ("en", "da"))
    assert "the risk of ending below zero is about the same, 55 %," in english
    assert "risikoen for at ende under nul er den samme, 55 %," in danish
    assert "the largest cash need is about the same, DKK 0.50 m on average" in english
    assert "falls" not in english
    assert "falder" not in danish


def test_capital_is_subsidised_only_where_investors_expect_to_lose() -> None:
    """Two Monte Carlo errors are 10,013: a mean of -60,000 is a loss, one of -9,000 is not."""
    subsidised = told(risky(), premium=-600_000, investors=-60_000)
    english, danish = (subsidised.sentences(lang)[3] for lang in ("en", "da"))
    assert (
        "because investors on average do not get their money back with 4 % a year under the "
        "assumptions of the case (subsidised capital: its present value to them is DKK -60,000)"
    ) in english
    assert (
        "kontrakten er forventet 0,60 mio. kr. billigere end egne midler i nutidsværdi (5,5 % om "
        "året), fordi investorerne i gennemsnit ikke får deres penge igen med 4 % om året"
    ) in danish
    assert "støttet kapital: nutidsværdien for dem er -60.000 kr." in danish
    luck = told(risky(), premium=-600_000, investors=-9_000).sentences("en")[3]
    assert "subsidised" not in luck
    assert "payments before discounting are DKK 0.60 m below what capital finances" in luck
    dear = told(risky(), investors=-60_000).sentences("en")[3]
    assert "subsidised" not in dear
    assert "because" not in dear


@pytest.mark.parametrize(
    ("cause", "english", "danish"),
    [
        (
            "outcomes_paid_by_others",
            "others pay DKK 0.60 m for outcomes",
            "andre betaler 0,60 mio. kr. for resultater",
        ),
        (
            "overrun_borne_by_others",
            "others bear overruns of DKK 0.60 m",
            "andre bærer overskridelser på 0,60 mio. kr.",
        ),
        (
            "grants",
            "the grant of DKK 0.60 m in the case is not repaid",
            "casens tilskud på 0,60 mio. kr. ikke betales tilbage",
        ),
    ],
)
def test_the_cause_that_carries_a_cheaper_contract_is_named(
    cause: str, english: str, danish: str
) -> None:
    """Other payers, an overrun and a grant are no subsidy of the investors; both are said."""
    found = told(risky(), premium=-600_000, cause=cause)
    assert f", because {english}" in found.sentences("en")[3]
    assert f", fordi {danish}" in found.sentences("da")[3]
    assert "subsidised" not in found.sentences("en")[3]
    both = told(risky(), premium=-600_000, cause=cause, investors=-90_000)
    assert f"DKK -90,000), and because {english}" in both.sentences("en")[3]
    assert f"-90.000 kr.), og fordi {danish}" in both.sentences("da")[3]


def test_paying_later_can_carry_a_cheaper_contract() -> None:
    """A premium of 100,000 and 400,000 for paying later: cheaper at this rate, and only so."""
    found = told(risky(), premium=100_000, later=-400_000)
    english, danish = (found.sentences(lang)[3] for lang in ("en", "da"))
    assert "because Holbæk Kommune pays later, which is worth DKK 0.40 m at 5.5 % a year" in english
    assert "betaler senere, hvad der er 0,40 mio. kr. værd ved 5,5 % om året" in danish


def test_the_base_case_is_told_where_its_price_has_another_sign() -> None:
    """Dearer in the base case, and cheaper or no different over draws."""
    base = float(small().base.total[0])
    assert base > 0
    told_so = f"; in the base case the contract is {rounded(base, currency='DKK').en} dearer"
    assert told_so not in told(risky()).sentences("en")[3]
    assert told_so in told(risky(), premium=-600_000).sentences("en")[3]
    none = told(risky(), premium=0.0).sentences("en")[3]
    assert "cannot be told from zero in present value (5.5 % a year)" in none
    assert told_so in none


def test_result_of_a_way_in_words() -> None:
    """Mean, risk, worst twentieth, cash, break-even; a gain in the worst cases is said as one."""
    own = told(risky()).sentences("en")[1]
    assert "gains DKK 1.7 m on average and ends below zero in 25 % of simulations" in own
    assert "the loss in the worst twentieth is DKK 2.1 m" in own
    assert "half of all simulations break even by 2025" in own
    safe = told({"own_money": way_of(np.full(DRAWS, 700_000.0))}).sentences("en")[1]
    assert "even in the worst twentieth the gain is DKK 0.70 m" in safe
    poor = told({"own_money": way_of(np.full(DRAWS, -700_000.0))}).sentences("da")[1]
    assert "får Holbæk Kommune i gennemsnit et tab på 0,70 mio. kr." in poor
    assert "kun i under 1 % af forløbene er udgifterne tjent hjem" in poor


def test_strengths_follow_the_figures() -> None:
    """Swap the figures of two ways and what is said of them is swapped."""
    own, contract = risky()["own_money"], risky()["contract"]
    low = way_of(np.full(DRAWS, -3_000_000.0), cash=9_000_000)
    others = {"no_cure_no_pay": low, "grant": low}

    def placed(ways: Mapping[str, Way]) -> dict[str, str]:
        said = told({**ways, **others}).sentences("en")
        return {each.split(":")[0]: each for each in said if "best on" in each or "worst" in each}

    one = placed({"own_money": own, "contract": contract})
    other = placed({"own_money": contract, "contract": own})
    # The contract loses less often and needs less cash than any other; own money gains more.
    assert one["The contract"].startswith("The contract: best on the risk of ending below zero")
    assert "the largest cash need" in one["The contract"]
    assert one["Own money"] == "Own money: best on the mean result."
    assert other["Own money"].startswith("Own money: best on the risk of ending below zero")
    assert other["The contract"] == "The contract: best on the mean result."
    assert one["No cure, no pay"].startswith("No cure, no pay: worst on the mean result")


def test_a_grant_is_ranked_only_where_it_is_at_hand() -> None:
    """An assumed grant is free money and is left out; a stated one is a way like the others."""
    high = way_of(np.full(DRAWS, 9e6))
    assumed = told({**risky(), "grant": high})
    stated = replace(assumed, grant_is_assumed=False)
    begins = "Fondsstøtte ved siden af kontrakten: bedst på det gennemsnitlige resultat"
    assert not any(each.startswith(begins) for each in assumed.sentences("da"))
    assert any(each.startswith(begins) for each in stated.sentences("da"))
    best = "Own money: best on the mean result"
    assert any(each.startswith(best) for each in assumed.sentences("en"))
    assert not any(each.startswith(best) for each in stated.sentences("en"))


def test_ways_that_share_a_place_are_among_the_best() -> None:
    """Own money and the contract alike, no cure, no pay below both."""
    same, low = way_of(np.full(DRAWS, 1e6)), way_of(np.full(DRAWS, 5e5))
    found = told({"own_money": same, "contract": same, "no_cure_no_pay": low})
    danish = found.sentences("da")
    assert any(each.startswith("Egne midler: blandt de bedste på det ge") for each in danish)
    assert any(each.startswith("Resultatkontrakten: blandt de bedste på") for each in danish)
    assert any(each.startswith("No cure, no pay: dårligst på det ge") for each in danish)


def test_equal_ways_have_neither_strength_nor_weakness() -> None:
    """Where no figure differs, no way is praised."""
    same = way_of(np.linspace(-1e6, 2e6, DRAWS), cash=5e5)
    found = told(dict.fromkeys(("own_money", "contract", "no_cure_no_pay", "grant"), same))
    assert not any("best on" in each or "worst on" in each for each in found.sentences())


def test_unmarked_costs_are_said() -> None:
    """Without a line marked as a cost of the contract, nothing falls away with own money."""
    read = document()
    for line in read["costs"].values():
        line.pop("contract_cost", None)
    unmarked = build(read).compare(draws=DRAWS, rng=1)
    assert "contract_cost" in unmarked.sentences("en")[-1]
    assert not any("contract_cost" in each for each in small().sentences("en"))


def test_other_languages_are_refused() -> None:
    """Sentences are Danish or English."""
    with pytest.raises(ArgumentError, match="lang"):
        small().sentences("de")  # type: ignore[arg-type]  # what a user may type
