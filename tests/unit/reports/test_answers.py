"""One sentence per party: every figure in it from the run, in both languages, for every kind."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core.amounts import chance, rounded
from sibsim.errors import ArgumentError
from sibsim.reports.answers import answers
from tests.own_money import document

DRAWS = 600


@cache
def holbaek() -> sib.Results:
    """Return a run of the shipped case."""
    return sib.load_case("holbaek").simulate(draws=DRAWS, rng=1)


def told(results: sib.Results, party: str, *, lang: str = "en") -> str:
    """Return what one party is answered."""
    return str(answers(results, lang=lang)["answer"][party])


def kroner(amount: float, *, lang: str = "en") -> str:
    """Return an amount as sentences write it."""
    return rounded(amount, currency="DKK").in_language(lang)


def with_capital() -> dict[str, Any]:
    """Return the small case with two investors, a grant, a deferred fee and a guarantee."""
    read = document()
    read["problem"]["investors"] = {"dsi": "Den Sociale Investeringsfond", "bank": "Banken"}
    read["capital"] = {
        "recycle": False,
        "order": [["dsi.principal", "bank.principal"], "dsi.return", "waiting.fee"],
        "surplus": "municipality",
        "tranches": {
            "dsi": {
                "kind": "senior",
                "commitment": 200_000,
                "return_cap": {"basis": "irr", "rate": 0.05},
            },
            "bank": {"kind": "recoverable_grant", "commitment": 80_000},
            "gift": {"kind": "grant", "investor": "lauritzen", "commitment": 40_000},
            "waiting": {
                "kind": "deferred_fee",
                "investor": "provider",
                "commitment": 10_000,
                "fee": {"at": [{"on": date(2024, 6, 1), "amount": 10_000}]},
            },
        },
        "guarantees": {
            "backing": {"guarantor": "bikuben", "tranche": "dsi", "amount": 50_000},
        },
    }
    return read


def test_municipality_of_a_run() -> None:
    """What it pays with its range, saves, ends with, how often below zero, and when it is even."""
    run = holbaek()
    metrics = run.metrics
    paid, net = metrics["payments_total"], metrics["municipality_net"]
    low, high = np.quantile(paid, [0.05, 0.95])
    saved = float(metrics["municipality_realisable"].mean())
    loses = chance(float(metrics["p_municipality_loss"].mean()))
    ranked = np.where(np.isnan(metrics["break_even_year"]), np.inf, metrics["break_even_year"])
    year = np.quantile(ranked, 0.5, method="inverted_cdf")
    text = told(run, "municipality")
    assert text.startswith(f"Holbæk Kommune pays {kroner(float(paid.mean()))} on average")
    assert f"(90 %: {kroner(float(low))} to {kroner(float(high))}) for outcomes" in text
    assert f"gets {kroner(float(metrics['surplus'].mean()))} back" in text
    assert f"saves {kroner(saved)} on average that can be taken out of a budget by 2034" in text
    assert f"breaks even by {year:.0f} in half of all simulations; ends with" in text
    assert text.endswith(
        f"ends with a net gain of {kroner(float(net.mean()))} on average; in {loses.en} of "
        "simulations the result is negative."
    )


def test_municipality_in_danish() -> None:
    """Point for thousands, comma for decimals, `mio. kr.` after the amount."""
    run = holbaek()
    text = told(run, "municipality", lang="da")
    paid = float(run.metrics["payments_total"].mean())
    assert text.startswith(f"Holbæk Kommune betaler i gennemsnit {kroner(paid, lang='da')} (90 %:")
    assert "mio. kr." in text
    assert "DKK" not in text
    years = run.metrics["break_even_year"]
    year = np.quantile(np.where(np.isnan(years), np.inf, years), 0.5, method="inverted_cdf")
    assert f"har tjent pengene hjem senest i {year:.0f} i halvdelen af forløbene; ender" in text
    net, loses = run.metrics["municipality_net"], run.metrics["p_municipality_loss"]
    assert text.endswith(
        f"ender med en nettogevinst på {kroner(float(net.mean()), lang='da')} i gennemsnit; i "
        f"{chance(float(loses.mean())).da} af forløbene er resultatet negativt."
    )
    assert told(run, "citizens", lang="da").startswith("Borgerne modtager ")


def test_parties_are_called_by_the_name_that_the_case_gives() -> None:
    """A fund that pays is called by its name; without one by its key, as it is written."""
    read = document()
    read["contract"] |= {"payer": {"municipality": 0.6, "dsi_udviklingsfond": 0.4}}
    run = build(read).simulate(draws=5, rng=1)
    assert told(run, "dsi_udviklingsfond", lang="da").startswith("dsi udviklingsfond betaler")
    base = build(read).base_case()
    assert told(base, "dsi_udviklingsfond").startswith("Base case: dsi udviklingsfond pays")
    read["problem"]["investors"]["dsi_udviklingsfond"] = "DSI's Udviklingsfond"
    named = build(read).simulate(draws=5, rng=1)
    assert told(named, "dsi_udviklingsfond").startswith("DSI's Udviklingsfond pays")


def test_investor_of_a_run() -> None:
    """Money back, median return, loss when it loses, and costs of its own beside it."""
    run = holbaek()
    profit, rate = run.metrics["investor_profit"], run.metrics["investor_irr"]
    lost = -float(profit[profit < -0.005].mean())
    own = profit - run.metrics["investor_profit_after_costs"]
    text = told(run, "dsi")
    assert text.startswith("Den Sociale Investeringsfond puts in")
    back = chance(float((profit >= -0.005).mean())).en
    assert f"gets its money back in {back} of simulations" in text
    assert f"median return of {100 * round(float(np.median(rate)), 3):.1f} % a year" in text
    assert f"loses {kroner(lost)} on average when it loses" in text
    assert f"bears costs of {kroner(float(own.mean()))} itself" in text


def test_state_and_citizens() -> None:
    """The state's net is its metric; citizens receive the benefits less that are saved."""
    run = holbaek()
    net = float(run.metric("state_net").mean())
    assert told(run, "state").startswith(
        f"The state ends with a net gain of {kroner(net)} on average; in "
    )
    less = -float(run.party_flow("citizens").sum(axis=0).mean())
    assert f"receive {kroner(less)} less on average" in told(run, "citizens")
    assert "region" not in answers(run).index


def test_base_case_has_no_chances() -> None:
    """What happens there, without averages, ranges, cases or medians."""
    base = sib.load_case("holbaek").base_case()
    for lang, words in (("en", "on average|cases|median"), ("da", "gennemsnit|tilfælde|median")):
        for party in ("municipality", "state", "dsi", "citizens"):
            text = told(base, party, lang=lang)
            assert text.startswith("Base case: ")
            assert not any(word in text for word in words.split("|"))
    assert "a return of 3.8 % a year" in told(base, "dsi")


def test_settled_contract_speaks_to_date() -> None:
    """What is paid and has come back; nothing is said of savings, which reports do not tell."""
    case = build(document())
    row = {"measure": "job", "cohort": 1, "at_months": 12, "achieved": 55, "people": 100}
    settled = case.settle([row])
    text = told(settled, "municipality")
    assert text.startswith("To date: Holbæk Kommune pays DKK 0.55 m for outcomes")
    assert "saves" not in text
    assert told(settled, "dsi", lang="da").startswith("Til dato: Den Sociale Investeringsfond")
    nothing = case.settle([{**row, "achieved": 0}])
    assert "pays nothing for outcomes" in told(nothing, "municipality")
    assert "a return of -100.0 % a year" in told(nothing, "dsi")


def test_everybody_behind_the_capital_is_answered() -> None:
    """Investors by name, who gives a grant, who defers a fee, who guarantees, and the provider."""
    base = build(with_capital()).base_case()
    rows = answers(base)["answer"]
    assert list(rows.index) == [
        "municipality",
        "citizens",
        "dsi",
        "bank",
        "lauritzen",
        "provider",
        "bikuben",
    ]
    assert "gives DKK 38,000 and gets nothing back" in rows["lauritzen"]
    assert rows["bank"].startswith("Base case: Banken puts in DKK 75,000; gets DKK 75,000 back")
    assert "gets DKK 10,000 of its deferred fee" in rows["provider"]
    assert "pays nothing on its guarantee" in rows["bikuben"]


def test_guarantor_who_pays() -> None:
    """Where results fail to come, the guarantee pays its 50,000 and is said to."""
    read = with_capital()
    read["payments"]["job"]["price"] = 1_000
    base = build(read).base_case()
    assert "pays DKK 50,000 on its guarantee" in told(base, "bikuben")
    run = build(read).simulate(draws=50, rng=1)
    assert "in over 99 % of simulations, then DKK 50,000 on average" in told(run, "bikuben")
    assert "betaler på sin garanti i over 99 % af forløbene" in told(run, "bikuben", lang="da")


def test_guarantor_who_pays_at_times() -> None:
    """How often it pays, how much then, and how much over all cases."""
    read = with_capital()
    read["payments"]["job"]["price"] = 5_000
    run = build(read).simulate(draws=200, rng=1)
    assert run.postings is not None
    line = next(each for each in run.postings if each.line == "capital.backing.guarantee")
    paid = line.amount.sum(axis=0)
    assert 0 < (paid > 0).mean() < 1
    then, mean = float(paid[paid > 0].mean()), float(paid.mean())
    often = chance(float((paid > 0).mean())).en
    expected = f"in {often} of simulations, then {kroner(then)} on average, and {kroner(mean)} on"
    assert expected in told(run, "bikuben")


def test_several_tranches_of_one_investor_are_one_answer() -> None:
    """Halves of one loan in two tranches earn their investor what the whole loan earns."""
    read = document()
    half = {**read["capital"]["tranches"]["dsi"], "commitment": 125_000, "investor": "dsi"}
    read["capital"]["tranches"] = {"one": half, "two": dict(half)}
    read["capital"]["order"] = [["one.principal", "two.principal"], ["one.return", "two.return"]]
    split, whole = (build(each).simulate(draws=50, rng=1) for each in (read, document()))
    assert told(split, "dsi") == told(whole, "dsi")


def test_no_capital_is_drawn() -> None:
    """An investor whose money nobody needs is told so, and has no return."""
    read = document()
    for name in ("team", "coaches"):
        read["costs"][name]["payer"] = "municipality"
    assert "puts in no money" in told(build(read).base_case(), "dsi")
    assert "skyder ingen penge ind" in told(build(read).simulate(draws=5, rng=1), "dsi", lang="da")


def test_without_budget_lines_nothing_is_said_to_be_saved() -> None:
    """A case without savings or valuation is answered all the same."""
    read = document()
    read["budget"] = {}
    del read["valuation"]
    text = told(build(read).simulate(draws=20, rng=1), "municipality")
    assert "has no savings in the figures" in text
    assert "does not break even by the end of 2026 in most simulations" in text


@pytest.mark.parametrize("name", ["holbaek", "medvind", "guldborgsund", "viborg", "ballerup"])
def test_what_the_authority_is_told_adds_up(name: str) -> None:
    """Savings and what comes back less payments and own costs are the net, to what is shown."""
    base = sib.load_case(name).base_case()
    assert base.case.problem is not None
    text = told(base, base.case.problem.authority).replace("\n", " ")

    def said(pattern: str) -> float:
        found = re.search(pattern.replace("AMOUNT", r"DKK ([\d.,]+)( m)?"), text)
        if found is None:
            return 0.0
        return float(found[1].replace(",", "")) * (1e6 if found[2] else 1.0)

    net = said("net gain of AMOUNT") - said("net loss of AMOUNT")
    saved = said("saves AMOUNT") - said("extra expenditure of AMOUNT")
    back = said("gets AMOUNT back") + said("gets AMOUNT of the surplus")
    parts = saved + back - said("pays AMOUNT for outcomes") - said("pays costs of AMOUNT itself")
    # Six amounts, each to half of the last digit that is shown: a tenth of a million at most.
    assert parts == pytest.approx(net, abs=6 * 50_000)
    assert net != 0


def test_provider_and_other_payers() -> None:
    """A provider whose costs are covered neither gains nor loses; a state that pays is told so."""
    read = document()
    read["contract"] |= {"payer": {"municipality": 0.6, "state": 0.4}}
    base = build(read).base_case()
    assert told(base, "provider") == "Base case: the provider neither gains nor loses."
    assert "the state pays DKK 0.20 m for outcomes" in told(base, "state")
    assert "pays DKK 0.30 m for outcomes" in told(base, "municipality")


def test_surplus_that_goes_to_the_provider() -> None:
    """Who has paid nothing gets a share of the surplus; only a payer gets anything back."""
    read = document()
    read["capital"]["surplus"] = "provider"
    base = build(read).base_case()
    surplus = kroner(float(base.metric("surplus")[0]))
    assert f"gets {surplus} of the surplus" in told(base, "provider")
    assert "back" not in told(base, "municipality")
    assert f"gets {surplus} back" in told(build(document()).base_case(), "municipality")


def test_what_cannot_be_answered_is_refused() -> None:
    """A run that kept metrics only has no ledger; other languages are not spoken."""
    case = build(document())
    with pytest.raises(ArgumentError, match="kept metrics only"):
        answers(case.simulate(draws=2, rng=1, keep="metrics"))
    with pytest.raises(ArgumentError, match="lang"):
        answers(case.base_case(), lang="de")


def test_who_is_never_below_zero_is_told_so() -> None:
    """MedVind's base case has no year below zero, so that no year pays anything back."""
    base = sib.load_case("medvind").base_case()
    assert "is not below zero at the end of any year" in told(base, "municipality")
    assert "er ikke i minus ved udgangen af noget år" in told(base, "municipality", lang="da")
    assert "breaks even" not in told(base, "municipality")
