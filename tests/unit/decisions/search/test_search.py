"""Contract search on contracts whose best trade-offs are known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim import world
from sibsim.decisions.search import exploring
from sibsim.decisions.search.exploring import search_contracts
from sibsim.decisions.search.objectives import objective
from sibsim.decisions.search.pricing import Pricing, pricing_of
from sibsim.decisions.search.result import ERROR, ContractSearch
from sibsim.world import Setting
from tests.small_case import ERRORS, PEOPLE, RATE, VERIFIED, small_case

PRICE = 1_000.0
"""Low enough that the investors never get back what they put in, so that nothing is capped."""

PER_RESULT = {"model": "rate_card", "reads": "job", "pays_for": "achieved", "price": PRICE}

NET, PROFIT = "highest mean municipality_net", "highest mean investor_profit"
FOR_NOTHING = "lowest mean payments_total without effect"

TERM, WASTE = "payments.job.price", "payments.extra.price"

DRAWS = 512


def priced_case(*, extra: float | None = None) -> sib.Case:
    """Return the small contract with a price per result and perhaps a second line beside it."""
    case = small_case(design=VERIFIED, line=PER_RESULT)
    return case if extra is None else case.with_({"payments.extra": {**PER_RESULT, "price": extra}})


def searched(
    case: sib.Case,
    bounds: dict[Any, Any],
    *,
    seed: int,
    contracts: int = 40,
    objectives: Sequence[str] = (NET, PROFIT),
    subject_to: Sequence[str] = (),
) -> ContractSearch:
    """Search few contracts on few draws."""
    return search_contracts(
        case,
        bounds,
        objectives=objectives,
        subject_to=subject_to,
        contracts=contracts,
        draws=DRAWS,
        rng=seed,
    )


def column(found: ContractSearch, name: str) -> np.ndarray:
    """Return a column of all contracts."""
    return found.frame()[name].to_numpy(dtype=np.float64)


def test_a_price_that_one_gains_and_the_other_loses_is_always_a_trade_off(seed: int) -> None:
    """Net is A - p n and payment for nothing p n0 by the closed form, and no price is beaten."""
    found = searched(
        priced_case(), {TERM: (500, 4_000)}, seed=seed, objectives=(NET, PROFIT, FOR_NOTHING)
    )
    assert set(found.pareto) == set(range(40))
    price, net = column(found, TERM), column(found, "mean municipality_net")
    run = found.present.simulate(draws=DRAWS, rng=seed)
    results = run.metric("measured.job").mean()
    by_hand = net[0] - (price - PRICE) * results
    assert net == pytest.approx(by_hand, rel=1e-9)
    label = "mean payments_total without effect"
    for_nothing, error = column(found, label), column(found, ERROR + label)
    assert (np.abs(for_nothing - price * PEOPLE * RATE) < ERRORS * error).all()
    assert (error > 0).all()


def test_a_term_that_only_costs_is_driven_to_its_bound(seed: int) -> None:
    """Where the second line is weighed by nobody, trade-offs have it as low as it may be."""
    found = searched(
        priced_case(extra=2_000.0),
        {TERM: (500, 4_000), WASTE: (500, 4_000)},
        seed=seed,
        contracts=120,
        objectives=(NET, "highest mean payments.job"),
    )
    waste = column(found, WASTE)[list(found.pareto)]
    assert np.median(waste) == 500
    spread = column(found, WASTE)[found.frame()["origin"] == "spread"]
    assert np.median(spread) > 2_000
    assert 0 not in found.pareto
    assert found.dominating_present
    for number in found.dominating_present:
        assert number in found.pareto
        assert (found.costs[number] <= found.costs[0]).all()


def test_rows_are_what_their_case_gives_simulated_afresh(seed: int) -> None:
    """A row's figures are those of a run of its case with the same seed, to the bit."""
    case = sib.load_case("holbaek")
    found = searched(
        case,
        {TERM: (10_000, 40_000), "capital.tranches.dsi.return_cap.rate": (0.02, 0.2)},
        seed=seed,
        objectives=(NET, "lowest shortfall investor_profit"),
        subject_to=("median investor_irr >= -0.9",),
    )
    assert len({each.values for each in found.tried}) == 40
    for number in (0, found.pareto[0], 39):
        fresh = found.case(number).simulate(draws=DRAWS, rng=seed)
        tried = found.tried[number]
        for weighed, estimate in zip(found.question.objectives, tried.objectives, strict=True):
            assert weighed.of(fresh.metric(weighed.figure.metric)) == estimate
        rate = found.question.conditions[0].figure
        assert rate.of(fresh.metric("investor_irr")) == tried.conditions[0]
    price = found.case(39).read["payments"]["job"]["price"]
    assert price[0] == found.tried[39].values[0]
    assert np.array(price) / price[0] == pytest.approx([1, 22 / 16, 22 / 16])
    assert found.case(0) is case


def test_every_kind_of_term_is_repriced_and_never_simulated_again(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A price, threshold, cap, fixed payment and tranche: rows are fresh runs of their case."""
    cliff = {
        "model": "cliff",
        "inclusive": True,
        "pays": 1e6,
        "conditions": [{"reads": "job", "of": "rate", "at_months": 12, "at_least": 0.5}],
    }
    agreed = {"model": "fixed", "payments": [{"on": date(2024, 12, 31), "pays": 250_000}]}
    case = priced_case().with_({"payments.goal": cliff, "payments.fee": agreed})
    case = case.with_({"payments.job.limit": {"line": 60_000}})

    def once(*arguments: Any) -> Pricing:  # noqa: ANN401 - passed on as they are
        found = pricing_of(*arguments)
        monkeypatch.setattr(world, "outcomes_in", lambda *_, **__: pytest.fail("told again"))
        return found

    monkeypatch.setattr(exploring, "pricing_of", once)
    bounds = {
        TERM: (500, 4_000),
        "payments.goal.conditions.0.at_least": (0.3, 0.7),
        "payments.job.limit.line": (30_000, 120_000),
        "payments.fee.payments.0.pays": (100_000, 900_000),
        "capital.tranches.dsi.commitment.value": (3e6, 9e6),
    }
    found = searched(case, bounds, seed=seed, contracts=100)
    monkeypatch.undo()
    for number in (0, 1, 99):
        fresh = found.case(number).simulate(draws=DRAWS, rng=seed)
        tried = found.tried[number]
        for weighed, estimate in zip(found.question.objectives, tried.objectives, strict=True):
            assert weighed.of(fresh.metric(weighed.figure.metric)) == estimate


def test_the_same_seed_tries_the_same_contracts(seed: int) -> None:
    """A search is reproduced by its seed; the present contract comes first."""
    bounds = {TERM: (500, 4_000)}
    one, same, other = (
        searched(priced_case(), bounds, seed=each, contracts=20) for each in (seed, seed, seed + 1)
    )
    assert one.frame().equals(same.frame())
    assert not one.frame().equals(other.frame())
    assert one.tried[0].origin == "present"
    assert one.tried[0].values == (PRICE,)
    assert [each.origin for each in one.tried].count("spread") == 9
    assert [each.origin for each in one.tried].count("refined") == 10


def test_prices_move_in_proportion(seed: int) -> None:
    """Several paths in one term keep their proportions."""
    found = searched(
        priced_case(extra=2_000.0),
        {(TERM, WASTE): (500, 4_000)},
        seed=seed,
        contracts=20,
    )
    for number in range(20):
        payments = found.case(number).read["payments"]
        assert payments["extra"]["price"] == pytest.approx(2 * payments["job"]["price"])
    assert f"{TERM} + {WASTE}" in found.frame().columns


def test_conditions_leave_contracts_out(seed: int) -> None:
    """What does not meet a condition is no trade-off and is counted, the present one too."""
    found = searched(
        priced_case(),
        {TERM: (500, 4_000)},
        seed=seed,
        subject_to=("mean payments_total >= 100_000",),
    )
    frame = found.frame()
    meets = frame["mean payments_total"] >= 100_000
    assert 0 < meets.sum() < 40
    assert frame["meets"].tolist() == meets.tolist()
    assert set(found.pareto) == set(np.flatnonzero(meets))
    assert found.not_meeting == (~meets).sum()
    said = " ".join(found.sentences())
    assert "does not meet the conditions" in said
    assert f"{found.not_meeting} do not meet the conditions" in said


def test_conditions_that_nothing_meets_are_said(seed: int) -> None:
    """Without any contract that meets them there is no trade-off to tell."""
    found = searched(
        priced_case(),
        {TERM: (500, 4_000)},
        seed=seed,
        contracts=20,
        subject_to=("mean payments_total >= 1e9",),
    )
    assert found.pareto == ()
    assert found.table().empty
    assert "none of the 20 contracts tried meets the conditions" in " ".join(
        each.lower() for each in found.sentences()
    )


def test_contracts_that_the_case_refuses_are_counted_and_said(seed: int) -> None:
    """A rate above 1 is no rate: such contracts stand in the frame with the reason."""
    path = "capital.tranches.dsi.return_cap.rate"
    found = searched(priced_case(), {path: (0.01, 2.0)}, seed=seed)
    frame = found.frame()
    refused = frame["refusal"].notna()
    assert found.refused == refused.sum() > 0
    assert (frame.loc[refused, path] > 1).all()
    assert frame.loc[refused, "mean municipality_net"].isna().all()
    assert f"the case refuses {found.refused}" in " ".join(found.sentences())
    with pytest.raises(sib.CaseError):
        found.case(int(np.flatnonzero(refused)[0]))


def test_a_term_that_nothing_reads_is_refused(seed: int) -> None:
    """A limit that is never reached within its bounds moves no objective."""
    case = priced_case().with_({"contract.limit": {"contract": 1e12}})
    bounds = {TERM: (500, 4_000), "contract.limit.contract": (1e11, 1e13)}
    with pytest.raises(
        sib.ArgumentError, match=r"no objective moves with contract\.limit\.contract"
    ):
        searched(case, bounds, seed=seed)


def test_sentences_in_both_languages_and_tables(seed: int) -> None:
    """What today's contract gives and what trade-offs cost is said with errors."""
    found = searched(priced_case(), {TERM: (500, 4_000)}, seed=seed, objectives=(NET, FOR_NOTHING))
    assert found.pareto == (int(np.argmin(column(found, TERM))),)
    english, danish = found.sentences(), found.sentences("da")
    assert len(english) == len(danish) == 5
    assert english[0].startswith("The present contract gives the mean of the municipality's net")
    assert "±" in english[0]
    assert "mindst lige så gode" in danish[1]
    assert "512 draws" in english[-1]
    assert f"seed {seed}" in english[-1]
    table = found.table()
    assert list(table.index) == list(found.pareto)
    assert table["dominates_present"].all()
    assert repr(found).startswith(english[0])
    assert "<table" in found._repr_html_()
    with pytest.raises(sib.ArgumentError, match="lang: got 'fr'"):
        found.sentences("fr")


@pytest.mark.parametrize("number", [-1, 20, 1.0, "first"])
def test_a_number_that_was_not_tried_is_refused(number: Any, seed: int) -> None:  # noqa: ANN401 - anything that is no number of a contract
    """The error says which numbers there are."""
    found = searched(
        priced_case(), {TERM: (500, 4_000)}, seed=seed, contracts=20, objectives=(NET, PROFIT)
    )
    with pytest.raises(sib.ArgumentError, match=r"\(the present one\) to 19"):
        found.case(number)


def test_objectives_are_read_and_written() -> None:
    """An objective reads what it writes."""
    for text in (NET, FOR_NOTHING, "lowest P(municipality_net < 0)"):
        assert str(objective(text)) == text
        assert objective(objective(text)) == objective(text)
    assert objective(FOR_NOTHING).without_effect
    words = objective(FOR_NOTHING).words(currency="DKK")
    assert words.en == "the mean of payments in all without any effect"


def test_an_effect_that_cannot_be_undone_is_refused(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where people without effort still fare otherwise, the way out is to weigh something else."""
    monkeypatch.setattr(Setting, "with_effort", lambda self, _: self)
    bounds = {TERM: (500, 2_000)}
    with pytest.raises(sib.ArgumentError, match="leave 'without effect' out of the objectives"):
        searched(priced_case(), bounds, seed=seed, contracts=20, objectives=(NET, FOR_NOTHING))
    searched(priced_case(), bounds, seed=seed, contracts=20)
