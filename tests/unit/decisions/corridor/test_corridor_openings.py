"""Which single change opens a zone, against figures by hand."""

from __future__ import annotations

import pytest

import sibsim as sib
from sibsim.decisions.corridor.candidates import candidates
from sibsim.decisions.corridor.openings import Openings
from sibsim.decisions.corridor.search import price_corridor
from sibsim.decisions.terms import term_of
from tests.small_case import PEOPLE, VERIFIED, small_case

PRICE = "payments.job.price"

GUARANTEE = "capital.guarantees.first.amount.value"

TEAM, START_UP, EVALUATION = 6_125_000, 450_000, 300_000
COSTS = TEAM + START_UP

PAYS = 6_000_000
"""What the payer accepts to pay for outcomes."""

CLOSE = 1e-3
"""Relative distance to the figure by hand: ten times the width at which a bracket is closed."""


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return a contract in which everybody achieves and a foundation guarantees 300,000."""
    card = {"model": "rate_card", "reads": "job", "pays_for": "achieved", "price": 50_000}
    case = small_case(outcome={"counterfactual": 0, "uplift": 1}, line=card, design=VERIFIED)
    guarantee = {"guarantor": "foundation", "tranche": "dsi", "amount": {"value": 300_000}}
    return case.with_(
        {
            "costs.team": {
                "amount": TEAM,
                "per": "once",
                "at": case.head.start,
                "index": "none",
            },
            "capital.tranches.dsi.return_cap.rate": 1.0,
            "capital.guarantees": {"first": guarantee},
        }
    )


@pytest.fixture(scope="module")
def found(case: sib.Case) -> Openings:
    """Return the changes where the investor needs 2,750 more a person than the payer accepts."""
    corridor = price_corridor(
        case,
        PRICE,
        investor="mean investor_profit >= 0",
        payer=f"mean municipality_net >= {-PAYS - EVALUATION}",
        draws=16,
        rng=1,
    )
    assert not corridor.is_zone
    return corridor.openings()


def test_a_larger_guarantee_opens_a_zone(found: Openings) -> None:
    """It has to cover all that the highest accepted price leaves unpaid, no krone more."""
    (row,) = (each for each in found.opening if each.kind == "term")
    assert row.name == GUARANTEE
    assert row.needed == pytest.approx(COSTS - PAYS, rel=2 * CLOSE)
    assert row.in_proportion == pytest.approx((COSTS - PAYS) / 300_000 - 1, rel=2 * CLOSE)
    assert row.at == pytest.approx(PAYS / PEOPLE, rel=CLOSE)


def test_a_relaxed_limit_opens_a_zone(found: Openings) -> None:
    """Either side has to give what the guarantee does not cover."""
    gap = COSTS - 300_000 - PAYS
    limits = {each.kind: each for each in found.opening if each.condition is not None}
    assert limits["investor's limit"].needed == pytest.approx(-gap, rel=5 * CLOSE)
    assert limits["payer's limit"].needed == pytest.approx(-PAYS - EVALUATION - gap, rel=CLOSE)
    assert limits["payer's limit"].in_proportion == pytest.approx(
        -gap / (PAYS + EVALUATION), rel=5 * CLOSE
    )


def test_the_smallest_change_comes_first(found: Openings) -> None:
    """Changes that open a zone are sorted by their proportion; what does not follows."""
    outcomes = [each.outcome for each in found.rows]
    assert outcomes == sorted(outcomes, key=["opens", "does not open", "refused"].index)
    sizes = [abs(each.in_proportion) for each in found.opening]
    assert sizes == sorted(sizes)
    assert found.opening[0].kind == "payer's limit"


def test_what_opens_none_is_told(found: Openings) -> None:
    """What one side wins of capital the other loses, so no such term opens a zone by itself."""
    table = found.table()
    assert table.loc["capital.tranches.dsi.commitment.value", "outcome"] == "does not open"
    assert table.loc["capital.tranches.dsi.return_cap.rate", "outcome"] == "does not open"
    assert "open none up to 4 times either way" in " ".join(found.sentences())


def test_an_opening_holds_when_it_is_applied(found: Openings, case: sib.Case) -> None:
    """With the guarantee that is needed there is a zone at the value that is named."""
    (row,) = (each for each in found.opening if each.kind == "term")
    again = price_corridor(
        case.with_({GUARANTEE: row.needed, PRICE: row.at}),
        PRICE,
        investor="mean investor_profit >= 0",
        payer=f"mean municipality_net >= {-PAYS - EVALUATION}",
        draws=16,
        rng=2,
    )
    assert again.is_zone
    assert again.lowest <= row.at <= again.highest


def test_with_a_zone_there_is_nothing_to_open(case: sib.Case) -> None:
    """Nothing is tried, and that is said."""
    corridor = price_corridor(
        case,
        PRICE,
        investor="mean investor_profit >= 0",
        payer="mean municipality_net >= -1e7",
        draws=16,
        rng=1,
    )
    found = corridor.openings()
    assert found.rows == ()
    assert found.repricings == 0
    assert found.sentences() == ["There is a zone already, so that there is nothing to open."]
    assert found.table().empty


def test_candidates_are_amounts_prices_shares_and_rates() -> None:
    """No date, lag, month or count; a list of prices and the amounts of a schedule are one term."""
    holbaek = sib.load_case("holbaek")
    found = candidates(holbaek, besides=term_of(holbaek, PRICE))
    assert [str(each) for each in found] == [
        "payments.job.limit.line",
        "payments.fit_for_work.price",
        "payments.wellbeing.price",
        "contract.limit.contract",
        "capital.tranches.dsi.commitment.value",
        "capital.tranches.dsi.return_cap.rate",
    ]
    vejle = sib.load_case("vejle")
    names = [
        each.paths for each in candidates(vejle, besides=term_of(vejle, "contract.limit.contract"))
    ]
    assert ("payments.plan.schedule.0.at", "payments.plan.schedule.1.at") in names
    assert ("payments.plan.schedule.0.pays", "payments.plan.schedule.1.pays") in names


def test_sentences_are_said_in_danish_too(found: Openings) -> None:
    """The smallest change comes first in Danish as in English."""
    danish = found.sentences("da")
    assert danish[0].startswith("En zone åbner, hvis grænsen for kommunens nettoresultat")
    assert len(danish) == len(found.sentences())
