"""Ends and zone of the corridor against contracts small enough to work out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

import sibsim as sib
from sibsim import world
from sibsim.core.statistics import Estimate
from sibsim.decisions.conditions import condition
from sibsim.decisions.corridor import search
from sibsim.decisions.corridor.pricing import Pricing
from sibsim.decisions.corridor.result import Corridor
from sibsim.decisions.corridor.search import price_corridor
from sibsim.decisions.terms import term_of
from sibsim.simulate import simulate
from tests.small_case import PEOPLE, VERIFIED, small_case

CARD = {"model": "rate_card", "reads": "job", "pays_for": "achieved", "price": 60_000}
"""One price for each of the people, all of whom achieve the outcome."""

TEAM, START_UP = 6_125_000, 450_000
COSTS = TEAM + START_UP
"""What the investor pays for, all of it at the start."""

EVALUATION = 300_000
"""What the municipality pays for the evaluation."""

PRICE = "payments.job.price"

CLOSE = 1e-3
"""Relative distance to the figure by hand: ten times the width at which a bracket is closed."""

DRAWS = 16
"""Enough where nothing is left to chance."""


def certain(changes: dict[str, Any] | None = None, *, price: float = 60_000) -> sib.Case:
    """Return the contract in which everybody achieves, costs fall due at once, no return is capped.

    Parameters
    ----------
    changes
        Other terms by path.
    price
        Price of an outcome.
    """
    case = small_case(
        outcome={"counterfactual": 0, "uplift": 1}, line={**CARD, "price": price}, design=VERIFIED
    )
    team = {"amount": TEAM, "per": "once", "at": case.head.start, "index": "none"}
    plain = {"costs.team": team, "capital.tranches.dsi.return_cap.rate": 1.0}
    return case.with_({**plain, **(changes or {})})


def spread() -> sib.Case:
    """Return a contract in which costs go on after the only payments, so that little comes back."""
    return small_case(
        outcome={"counterfactual": 0, "uplift": 1}, line={**CARD, "price": 20_000}, design=VERIFIED
    )


def corridor(case: sib.Case, term: Any = PRICE, **arguments: Any) -> Corridor:  # noqa: ANN401 - passed on as they are
    """Return the corridor of a case in which nothing is left to chance."""
    return price_corridor(case, term, **{"draws": DRAWS, "rng": 1, **arguments})


def test_ends_of_a_price_are_the_hand_calculation() -> None:
    """The investor needs costs / people; the payer gives what is left of its limit / people."""
    found = corridor(
        certain(), investor="mean investor_profit >= 0", payer="mean municipality_net >= -7.15e6"
    )
    assert found.lowest == pytest.approx(COSTS / PEOPLE, rel=CLOSE)
    assert found.highest == pytest.approx((7.15e6 - EVALUATION) / PEOPLE, rel=CLOSE)
    assert found.investor_end is not None
    assert found.payer_end is not None
    assert found.investor_end.value == found.lowest
    assert found.payer_end.value == found.highest
    assert found.headroom == pytest.approx(found.highest - found.lowest)
    assert found.investor_end.slope == pytest.approx(PEOPLE, rel=CLOSE)
    assert found.payer_end.slope == pytest.approx(-PEOPLE, rel=CLOSE)
    assert found.investor_end.mc_error == pytest.approx(0, abs=1e-6)
    assert "lies below" in found.sentence()


def test_room_under_the_ceiling_is_a_condition_of_the_payer() -> None:
    """All outcomes are paid in one year: 7 m of room are used up at 7 m / people."""
    found = corridor(
        certain(), investor="mean investor_profit >= 0", payer="mean ceiling_room >= -7e6"
    )
    assert found.highest == pytest.approx(7e6 / PEOPLE, rel=CLOSE)
    said = " ".join(found.sentences())
    assert "the change of room under the service ceiling in the worst year of at least" in said


def test_the_case_is_simulated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the one run no outcome is told again, for the corridor and for what would open it."""

    def once(*arguments: Any, **named: Any) -> sib.Results:  # noqa: ANN401 - passed on as they are
        run = simulate(*arguments, **named)
        monkeypatch.setattr(world, "outcomes_in", lambda *_, **__: pytest.fail("told again"))
        return run

    monkeypatch.setattr(search, "simulate", once)
    found = corridor(
        certain(), investor="mean investor_profit >= 0", payer="mean municipality_net >= -6.3e6"
    )
    assert not found.is_zone
    assert found.openings().rows


def test_an_end_holds_and_what_is_beyond_does_not() -> None:
    """Each end is on the side of its bracket that meets the condition, to the last krone."""
    found = corridor(
        certain(), investor="mean investor_profit >= 0", payer="mean municipality_net >= -7.15e6"
    )
    table = found.table()
    for end in ("investor_end", "payer_end", "zone_lowest", "zone_highest"):
        assert table.loc[end, "investor"]
        assert table.loc[end, "payer"]
    assert not table.loc["present", "investor"]
    frame = found.frame()
    beyond = frame[(frame["side"] == "investor") & (frame["value"] < found.lowest)]
    assert len(beyond)
    assert not beyond["holds"].any()


def test_gap_without_a_zone_is_the_hand_calculation() -> None:
    """Each side is short of its limit by the people times the gap in price."""
    found = corridor(
        certain(), investor="mean investor_profit >= 0", payer="mean municipality_net >= -6.3e6"
    )
    low, high = (6.3e6 - EVALUATION) / PEOPLE, COSTS / PEOPLE
    assert not found.is_zone
    assert found.headroom == pytest.approx(-(high - low), abs=CLOSE * low)
    by_side = {each.side.name: each for each in found.shortfalls}
    assert by_side["investor"].at == pytest.approx(low, rel=CLOSE)
    assert by_side["investor"].where == "highest"
    assert by_side["investor"].by == pytest.approx(COSTS - 6e6, rel=2 * CLOSE)
    assert by_side["payer"].at == pytest.approx(high, rel=CLOSE)
    assert by_side["payer"].where == "lowest"
    assert by_side["payer"].by == pytest.approx(COSTS - 6e6, rel=2 * CLOSE)
    said = " ".join(found.sentences())
    assert "the highest value that Holbæk Kommune accepts, the mean of the investor's" in said
    assert "their ends are DKK 5,7" in said


def test_a_limit_helps_the_investor_and_costs_the_payer() -> None:
    """Where the price is high, the limit of the contract is what is paid."""
    case = certain({"contract.limit": {"contract": 6_600_000}}, price=80_000)
    found = corridor(
        case,
        "contract.limit.contract",
        investor="mean investor_profit >= 0",
        payer="mean municipality_net >= -7e6",
    )
    assert found.lowest == pytest.approx(COSTS, rel=CLOSE)
    assert found.highest == pytest.approx(7e6 - EVALUATION, rel=CLOSE)
    assert "lies inside" in found.sentence()


def test_a_guarantee_helps_the_investor_and_costs_the_payer_nothing() -> None:
    """The investor needs the loss less what it bears itself; the payer holds everywhere."""
    guarantee = {"guarantor": "foundation", "tranche": "dsi", "amount": {"value": 300_000}}
    case = certain({"capital.guarantees": {"first": guarantee}})
    found = corridor(
        case,
        "capital.guarantees.first.amount.value",
        investor="mean investor_profit >= -200_000",
        payer="mean municipality_net >= -6.5e6",
    )
    assert found.lowest == pytest.approx(COSTS - 60_000 * PEOPLE - 200_000, rel=CLOSE)
    assert found.payer.holds == "everywhere"
    assert found.payer_end is None
    assert found.highest == found.between[1]
    assert "as far as was looked" in found.sentence()


def test_a_threshold_hurts_the_investor(seed: int) -> None:
    """P(Bin(100, 1/2) >= 50) = 0.54 and 0.46 at 51; 0.903 at 44 and 0.864 at 45.

    The errors of these shares over 20,000 draws are below 0.004, a tenth of the distance.
    """
    line = {
        "model": "cliff",
        "inclusive": True,
        "pays": 1e6,
        "conditions": [{"reads": "job", "of": "rate", "at_months": 12, "at_least": 0.48}],
    }
    case = small_case(line=line, design=VERIFIED)
    found = corridor(
        case,
        "payments.job.conditions.0.at_least",
        investor="mean payments_total >= 500_000",
        payer="mean payments_total <= 885_000",
        draws=20_000,
        rng=seed,
    )
    assert found.investor_end is not None
    assert found.payer_end is not None
    assert found.investor.low_end is None
    assert found.payer.high_end is None
    assert 0.50 - CLOSE <= found.investor_end.value < 0.51
    assert 0.44 - CLOSE <= found.payer_end.value <= 0.45
    assert (found.lowest, found.highest) == (found.payer_end.value, found.investor_end.value)
    assert found.between == (0.03, 0.96)


def test_prices_in_proportion_move_together() -> None:
    """Of a list and a second line, the first number names all: the rest keep their proportions."""
    second = {**CARD, "price": 15_000}
    case = certain({"payments.more": second})
    found = corridor(
        case,
        [PRICE, "payments.more.price"],
        investor="mean investor_profit >= 0",
        payer="mean municipality_net >= -1e7",
    )
    assert found.lowest == pytest.approx(COSTS / PEOPLE * 0.8, rel=CLOSE)
    assert "and another in proportion" in found.sentence()


def test_the_binding_condition_of_several_is_named() -> None:
    """Of two conditions of a side the later one is its end, whichever is stated first."""
    asked = ["mean investor_profit >= 100_000", "mean investor_profit >= 0"]
    for conditions in (asked, asked[::-1]):
        case = certain(price=66_000)
        found = corridor(case, investor=conditions, payer="mean municipality_net >= -1e7")
        assert found.lowest == pytest.approx((COSTS + 1e5) / PEOPLE, rel=CLOSE)
        table = found.table()
        assert table.loc["investor_end", "binding"] == "mean investor_profit >= 100,000"
        assert not table.loc["present", "investor"]


def test_a_side_that_never_holds_is_named() -> None:
    """No price makes the municipality gain: nothing is saved, and it pays for the evaluation."""
    found = corridor(certain(), investor="mean investor_profit >= 0")
    assert found.payer.holds == "nowhere"
    assert (found.investor.stretches, found.payer.stretches) == (1, 0)
    assert [each.side.name for each in found.shortfalls] == ["payer"]
    assert found.sentence() == (
        'There is no value of the price of "job" between DKK 3,750 and DKK 960,000 at which both '
        "sides' conditions hold: those of Holbæk Kommune never do."
    )
    assert "betingelser holder: Holbæk Kommune får aldrig sine opfyldt" in found.sentence("da")
    assert "The payer's condition is the default" in " ".join(found.sentences())


def test_both_sides_that_never_hold_are_named() -> None:
    """A return above the cap, and a gain where nothing is saved."""
    case = certain({"capital.tranches.dsi.return_cap.rate": 0.05})
    found = corridor(case, investor="median investor_irr >= 8 %")
    assert [each.side.name for each in found.shortfalls] == ["investor", "payer"]
    assert "neither those of the investor nor those of Holbæk Kommune" in found.sentence()
    assert "3 percentage points short of 8 %" in " ".join(found.sentences())


def test_a_return_that_is_capped_at_the_hurdle_meets_it() -> None:
    """A cap of 5 % is 0.04999999 in a draw but for rounding, and is no miss."""
    case = certain({"capital.tranches.dsi.return_cap.rate": 0.05})
    found = corridor(
        case, investor="median investor_irr >= 5 %", payer="mean municipality_net >= -1e7"
    )
    assert found.is_zone
    assert found.investor.stretches == 1


def test_a_term_that_nothing_reads_is_refused() -> None:
    """A limit of a contract that is never reached, looked at where it is not."""
    case = certain({"contract.limit": {"contract": 20_000_000}})
    with pytest.raises(sib.ArgumentError, match=r"no condition moves with it .* nothing reads it"):
        corridor(
            case,
            "contract.limit.contract",
            investor="mean investor_profit >= 0",
            between=(19e6, 30e6),
        )


def test_a_figure_that_is_undefined_does_not_hold() -> None:
    """It lies farther from its limit than any number, on either side of which an end is closed."""
    case = certain()
    nothing, little = Estimate(math.nan, math.nan, 1.0), Estimate(-0.5, 0.0, 0.9)
    pricing = Pricing(
        case.base_case(),
        term_of(case, PRICE),
        (condition("median investor_irr >= 2 %"),),
        grid=(1.0, 2.0),
        found={(1.0, "[]"): {0: nothing}, (2.0, "[]"): {0: little}},
    )
    assert pricing.slack(0, 1.0) == -math.inf
    assert pricing.slack(0, 2.0) == pytest.approx(-0.52)
    assert pricing.sizes == pytest.approx((0.52,))
    assert pricing.count == 0


def test_a_figure_that_is_never_defined_is_said() -> None:
    """What the investor is short of cannot be told where the figure exists in no draw."""
    found = corridor(spread(), investor="median investor_irr >= 2 %", between=(19_000, 21_000))
    assert found.investor.holds == "nowhere"
    assert "the median of the investor's rate of return is defined in no draw" in " ".join(
        found.sentences()
    )


def test_what_is_unusual_is_said() -> None:
    """Several zones and stretches, draws that a figure leaves out, an error that is not known."""
    found = corridor(
        certain(), investor="mean investor_profit >= 0", payer="mean municipality_net >= -7.15e6"
    )
    assert found.investor.low_end is not None
    figure = replace(found.investor.low_end.figure, undefined=0.25)
    end = replace(found.investor.low_end, figure=figure, mc_error=math.nan)
    odd = replace(found, zones=2, investor=replace(found.investor, low_end=end, stretches=3))
    said = odd.sentences()
    assert any(each.startswith("There are 2 separate zones") for each in said)
    assert any("hold on 3 separate stretches" in each for each in said)
    assert any("is defined in 75 % of the draws only" in each for each in said)
    assert any("the error of the end is not known" in each for each in said)
    assert len(odd.sentences("da")) == len(said)
    assert not any("separate" in each for each in found.sentences())
