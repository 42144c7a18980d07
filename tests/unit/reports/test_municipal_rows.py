"""The rows of a budget memo: they sum to the total of every party, and say what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import sibsim as sib
from sibsim.budget.ledger import parties
from sibsim.core.postings import Posting
from tests.hand_made_ledger import CASE, results_of, row

CENT = 0.005
CASES = ("holbaek", "eftervaern", "aarhus-youth-early")

TAX: Mapping[str, Any] = {
    "follows": "job",
    "title": {"da": "Skat", "en": "Tax"},
    "kind": "transfer",
    "party": "municipality",
    "counterparty": "citizens",
    "frame": "outside",
    "amount": 20_000,
    "per": "month",
    "index": "none",
    "share": 1,
    "tax": {"rate": 0.25},
    "lasts": {"between_people": {"p10": 6, "p50": 24, "p90": 72}},
}
WITH_TAX = CASE.with_({"budget.tax": TAX})
GAIN = row("citizens", "municipality", "budget.tax", {2025: 30}, frame="outside")


def rows_of(*ledger: Posting, party: str = "municipality") -> list[tuple[str, ...]]:
    """Return what the rows of a ledger are called, with a tax line in the case."""
    memo = results_of(*ledger, case=WITH_TAX).municipal_budget(party, prices="none", unit=1)
    found: list[tuple[str, ...]] = memo.lines().index.tolist()
    return found


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("fixed", [False, True])
def test_the_rows_of_every_party_sum_to_its_total(name: str, fixed: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    """No row hides another: steps and single rows sum to the total of each column."""
    base = sib.load_case(name).base_case()
    assert base.postings is not None
    index = next(iter(base.case.indices)) if fixed else "none"
    for party in parties(base.postings):
        memo = base.municipal_budget(party, prices=index, unit=1)
        lines: Any = memo.lines()
        items = lines.index.get_level_values("item")
        summed = lines[(items != "") & (items != "realisable")][list(memo.columns.names)].sum()
        whole = lines.loc[("All frames", "total", ""), list(memo.columns.names)]
        assert summed.tolist() == pytest.approx(whole.tolist(), abs=CENT), party


def test_an_investor_pays_in_and_is_repaid() -> None:
    """Both are rows of the investor and of the account of the contract."""
    ledger = (
        row("fund", "contract", "capital.dsi.drawing", {2024: 90}, frame="outside"),
        row("contract", "fund", "capital.dsi.repayment", {2025: 95}, frame="outside"),
        row("town", "fund", "capital.loss.guarantee", {2026: 4}, frame="outside"),
        row("fund", "town", "capital.loss.guarantee_fee", {2026: 1}, frame="outside"),
    )
    run = results_of(*ledger)
    fund: Any = run.municipal_budget("fund", prices="none", unit=1).lines()["total"]
    assert fund["Outside the frames", "dsi", "capital paid in"] == -90
    assert fund["Outside the frames", "dsi", "capital repaid"] == 95
    assert fund["Outside the frames", "loss", "guarantee called"] == 4
    assert fund["Outside the frames", "loss: guarantee fee", "cost"] == -1
    danish: Any = run.municipal_budget("contract", prices="none", unit=1, lang="da").lines()
    account = danish["i alt"].loc["Uden for rammerne"].loc["dsi"]
    assert account.to_dict() == {"indskudt kapital": 90, "tilbagebetalt kapital": -95}


def test_what_is_outside_is_financing_where_it_is_tax_alone() -> None:
    """A fee beside the tax makes it a frame like others; the gross amount of a tax is a gain."""
    assert rows_of(GAIN)[0] == ("Financing (tax, equalisation)", "Tax", "gross gain")
    fee = row("municipality", "bank", "capital.g.guarantee_fee", {2025: 10}, frame="outside")
    assert rows_of(GAIN, fee)[0] == ("Outside the frames", "Tax", "gross gain")


def test_a_gross_amount_is_a_saving_only_to_whom_it_saves() -> None:
    """It is an effect where the line costs, and where it falls on another party."""
    saves = row("citizens", "municipality", "budget.benefit", {2025: 30}, frame="transfers")
    costs = row("municipality", "citizens", "budget.benefit", {2025: 30}, frame="transfers")
    assert rows_of(saves)[0][-1] == "gross saving"
    assert rows_of(costs)[0][-1] == "gross effect"
    assert rows_of(saves, party="citizens")[0][-1] == "gross effect"
    assert rows_of(costs, party="citizens")[0][-1] == "gross effect"


@pytest.mark.parametrize("payer", ["dsi", "region"])
def test_what_an_investor_pays_of_the_service_falls_on_the_authority(payer: str) -> None:
    """Without the contract nobody else would; a region outside the capital pays on."""
    case = CASE.with_({"costs.management.payer": payer, "costs.management.contract_cost": None})
    ledger = (
        row(payer, "intermediary", "costs.management", {2024: 7}),
        row("intermediary", "nature", "costs.management", {2024: 7}, kind="use"),
        row("municipality", "shop", "costs.evaluation", {2024: 1}),
    )
    memo = results_of(*ledger, case=case).municipal_budget(prices="none", unit=1)
    found: Any = memo.som_result()["total"].loc["without contract"]
    falls = payer == "dsi"
    assert found["Municipality", "costs"] == (-7 if falls else 0)
    if not falls:
        assert found["Region", "costs"] == -7


def test_a_region_behind_the_capital_pays_nothing_without_the_contract() -> None:
    """What it bears of the service as an investor is the authority's, and is counted once."""
    case = CASE.with_(
        {
            "capital.tranches.dsi.investor": "region",
            "problem.investors": {"region": "Regionen"},
            "costs.management.payer": "region",
            "costs.management.contract_cost": None,
        }
    )
    ledger = (
        row("region", "intermediary", "costs.management", {2024: 7}),
        row("intermediary", "nature", "costs.management", {2024: 7}, kind="use"),
        row("municipality", "shop", "costs.evaluation", {2024: 1}),
    )
    memo = results_of(*ledger, case=case).municipal_budget(prices="none", unit=1)
    found: Any = memo.som_result()["total"].loc["without contract"]
    assert found["Municipality", "costs"] == -7
    assert found["Regionen", "costs"] == 0
