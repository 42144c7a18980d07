"""What is said of a fund, in Danish and English."""

from __future__ import annotations

import pytest

import sibsim as sib
from sibsim.decisions.fund.fees import Fees
from sibsim.decisions.fund.pooling import portfolio
from sibsim.decisions.fund.result import Portfolio
from sibsim.decisions.fund.shocks import Shock
from sibsim.errors import ArgumentError


@pytest.fixture(scope="module")
def fund() -> Portfolio:
    """Return two Holbæk deals and one of Ballerup, independent, without fees."""
    holbaek = sib.load_case("holbaek")
    cases = [holbaek, holbaek, sib.load_case("ballerup")]
    return portfolio(cases, draws=400, rng=1)


def test_independence_is_said_to_be_assumed(fund: Portfolio) -> None:
    """Without shocks the sentence says so, and that no fee is counted."""
    english, danish = " ".join(fund.sentences()), " ".join(fund.sentences("da"))
    assert "The deals are assumed to be independent of each other" in english
    assert "Aftalerne er antaget uafhængige af hinanden" in danish
    assert "No management fee and no carried interest are counted." in english
    assert "Der er hverken regnet med forvaltningsgebyr eller resultathonorar." in danish
    assert "What comes back is distributed when it comes" in english


def test_the_first_sentence_says_what_the_fund_comes_to(fund: Portfolio) -> None:
    """Commitments of 6.9 + 6.9 + 1.7 m, the number of deals and of draws."""
    english, danish = fund.sentences()[0], fund.sentences("da")[0]
    assert english.startswith("The fund commits DKK 15.5 m to 3 deals; the investments bring DKK")
    assert danish.startswith("Fonden giver tilsagn om 15,5 mio. kr. til 3 aftaler;")
    assert english.endswith("(before costs and fees, 400 draws).")
    assert "(±" in english


def test_every_language_says_as_much(fund: Portfolio) -> None:
    """Danish and English have the same sentences; each ends with one full stop."""
    assert len(fund.sentences()) == len(fund.sentences("da"))
    for said in (*fund.sentences(), *fund.sentences("da")):
        assert said.endswith(".")
        assert not said.endswith("..")
        assert "{" not in said
    with pytest.raises(ArgumentError, match="lang: got 'sv'"):
        fund.sentences("sv")  # type: ignore[arg-type] # refused


def test_shocks_fees_and_equal_luck_are_said() -> None:
    """What is shared by how many, what moves against it, that equal luck is a scenario."""
    case = sib.load_case("holbaek")
    shock = Shock(
        "labour market", of=["drifts.*"], against=["outcomes.job.counterfactual"], spearman=0.25
    )
    fees = Fees(of_committed=0.01, carried=0.1, hurdle=0.04)
    fund = portfolio(
        [case, case], shocks=[shock], fees=fees, recycling=True, luck="equal", draws=50, rng=1
    )
    english, danish = " ".join(fund.sentences()), " ".join(fund.sentences("da"))
    assert 'The shock "labour market" is shared by 4 quantities of 2 deals' in english
    assert "a rank correlation (Spearman) of 0.25, with the other sign" in english
    assert "en rangkorrelation (Spearman) på 0,25, med modsat fortegn" in danish
    assert "that is a scenario and no forecast" in english
    assert "independent" not in english
    assert "No management fee" not in english


def test_a_shock_on_one_quantity_is_said_to_tie_nothing() -> None:
    """One quantity has nothing to be correlated with, and no correlation is told."""
    case = sib.load_case("holbaek")
    shock = Shock("method", of=["outcomes.job.transport.tau"], spearman=0.3)
    fund = portfolio([case], shocks=[shock], draws=50, rng=1)
    english, danish = " ".join(fund.sentences()), " ".join(fund.sentences("da"))
    assert 'The shock "method" reaches one quantity only, so it ties nothing together.' in english
    assert "Stødet »method« rammer kun én størrelse, så det binder intet sammen." in danish
    assert "any two of them" not in english


def test_a_fund_of_one_deal_says_nothing_of_others(fund: Portfolio) -> None:
    """Neither independence nor concentration means anything for one deal."""
    said = " ".join(portfolio([sib.load_case("holbaek")], draws=50, rng=1).sentences())
    assert "to one deal" in said
    assert "independent" not in said
    assert "largest" not in said
    assert "The largest deal is holbaek with 44.5 % of commitments" in " ".join(fund.sentences())


def test_a_fund_shows_itself(fund: Portfolio) -> None:
    """Text and HTML hold the sentences and every deal."""
    text, html = repr(fund), fund._repr_html_()
    for name in ("holbaek", "holbaek (2)", "ballerup", "fund_net"):
        assert name in text
        assert name in html
    assert fund.sentences()[0] in text
    assert "<table" in html
