"""The words of the tables of a budget memo, in Danish and English.

The Danish terms are those of municipal budgets and of Den Sociale Investeringsfond (*Ordbog*,
https://socialeinvesteringer.nu/ordbog/, 2026): styringsområde, overslagsår, varig ændring,
realiserbar.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sibsim.core.postings import Frame
from sibsim.core.wording import Language, index_words
from sibsim.core.words import Words

FRAMES: Mapping[Frame, Words] = {
    "service": Words(da="Service", en="Service"),
    "transfers": Words(da="Overførsler", en="Transfers"),
    "investment": Words(da="Anlæg", en="Investment"),
    "outside": Words(da="Uden for rammerne", en="Outside the frames"),
}
"""Spending frames, in the order of tables."""

FINANCING = Words(da="Finansiering (skat, udligning)", en="Financing (tax, equalisation)")
"""What stands outside the frames where it is gains in tax alone."""

POSITIVE: Mapping[Literal["saving_positive", "expense_positive"], Words] = {
    "saving_positive": Words(da="gevinster positive", en="gains positive"),
    "expense_positive": Words(da="udgifter positive", en="expenses positive"),
}
"""What is positive, by sign."""

WORDS: Mapping[str, Words] = {
    "earlier": Words(da="tidligere", en="earlier"),
    "later": Words(da="senere", en="later"),
    "total": Words(da="i alt", en="total"),
    "all frames": Words(da="Alle rammer", en="All frames"),
    "frame": Words(da="styringsområde", en="frame"),
    "line": Words(da="budgetlinje", en="line"),
    "item": Words(da="post", en="item"),
    "section": Words(da="afsnit", en="section"),
    "year": Words(da="år", en="year"),
    "figure": Words(da="nøgletal", en="figure"),
    "party": Words(da="part", en="party"),
    "view": Words(da="perspektiv", en="view"),
    "contract": Words(da="kontrakt", en="contract"),
    "committee": Words(da="udvalg", en="committee"),
    "not stated": Words(da="ikke oplyst", en="not stated"),
    "mean": Words(da="gennemsnit", en="mean"),
    "gross": Words(da="bruttobesparelse", en="gross saving"),
    "gross gain": Words(da="bruttogevinst", en="gross gain"),
    "gross effect": Words(da="bruttovirkning", en="gross effect"),
    "refund": Words(da="ændret statsrefusion", en="change in refund"),
    "equalisation": Words(da="udligning", en="equalisation"),
    "guarantee": Words(da="budgetgaranti", en="budget guarantee"),
    "not_released": Words(da="ikke realiserbar", en="not released"),
    "realisable": Words(da="realiserbar", en="realisable"),
    "payment": Words(da="betaling for resultater", en="payment for outcomes"),
    "surplus": Words(da="tilbageført overskud", en="surplus received"),
    "grant": Words(da="betinget tilskud fra investor", en="conditional grant of the investor"),
    "cost": Words(da="udgift", en="cost"),
    "income": Words(da="indtægt", en="income"),
    "capital.drawing": Words(da="indskudt kapital", en="capital paid in"),
    "capital.repayment": Words(da="tilbagebetalt kapital", en="capital repaid"),
    "capital.fee": Words(da="udskudt honorar", en="deferred fee"),
    "capital.guarantee": Words(da="indfriet garanti", en="guarantee called"),
    "overrun": Words(da="udgifter ud over tilsagnet", en="costs beyond the commitments"),
    "guarantee_fee": Words(da="garantiprovision", en="guarantee fee"),
    "termination": Words(da="betaling ved ophør før tid", en="payment at an early end"),
    "permanent": Words(da="Varige ændringer", en="Permanent changes"),
    "total permanent": Words(da="Samlet varig ændring", en="Total permanent change"),
    "temporary": Words(da="Midlertidige ændringer", en="Temporary changes"),
    "total temporary": Words(da="Samlet midlertidig ændring", en="Total temporary change"),
    "implementation": Words(da="Implementeringsomkostninger", en="Implementation costs"),
    "total implementation": Words(
        da="Samlede implementeringsomkostninger", en="Total implementation costs"
    ),
    "impact": Words(da="Samlet økonomisk påvirkning", en="Total economic impact"),
    "service costs": Words(da="udgifter under serviceloftet", en="costs under the ceiling"),
    "service savings": Words(
        da="realiserbare besparelser på service", en="savings on services released"
    ),
    "room": Words(
        da="ændring i råderum under serviceloftet", en="change in room under the ceiling"
    ),
    "refunds outside": Words(da="refusion uden for loftet", en="refunds outside the ceiling"),
    "refunds under": Words(da="refusion under loftet", en="refunds under the ceiling"),
    "transfers": Words(da="overførsler", en="transfers"),
    "investment": Words(da="anlæg", en="investment"),
    "outside": Words(da="uden for rammerne", en="outside the frames"),
    "cash": Words(da="netto i alt", en="cash net"),
    "squeezed": Words(da="fortrænges service?", en="services squeezed?"),
    "squeezed.yes": Words(
        da="ja: der er penge i alt, men mindre råderum",
        en="yes: there is cash, but less room",
    ),
    "squeezed.short": Words(
        da="ja: både mindre råderum og færre penge", en="yes: less room and less cash"
    ),
    "squeezed.zero": Words(da="omkring nul", en="about zero"),
    "squeezed.no": Words(da="nej", en="no"),
    "production": Words(da="frigjorte ressourcer", en="resources set free"),
    "use": Words(da="forbrugte ressourcer", en="resources used"),
    "society": Words(da="Samfundet i alt", en="Society as a whole"),
    "no work": Words(da="uden værdien af arbejde", en="without the value of work"),
    "before release": Words(
        da="før det, der ikke kan realiseres", en="before what cannot be released"
    ),
    "held back": Words(da="fradrag, som ikke kan realiseres", en="deducted, not released"),
    "others": Words(da="Øvrige parter", en="Others"),
    "without contract": Words(da="uden kontrakt", en="without contract"),
    "with contract": Words(da="med kontrakt", en="with contract"),
    "costs": Words(da="omkostninger", en="costs"),
    "payments": Words(da="betaling for resultater", en="payments for outcomes"),
    "consequences": Words(da="konsekvenser", en="consequences"),
    "net result": Words(da="nettoresultat", en="net result"),
    "net in totals": Words(da="= netto i totals()", en="= net in totals()"),
    "per participant": Words(da="pr. deltager", en="per participant"),
    "net cost": Words(da="nettoudgift", en="net cost"),
    "public": Words(da="Kommune, region og stat", en="Municipality, region and state"),
    "fiscal": Words(da="budgetøkonomisk", en="fiscal"),
    "societal": Words(da="samfundsøkonomisk", en="societal"),
    "net resources": Words(
        da="frigjorte mindre forbrugte ressourcer", en="resources set free less used"
    ),
    "market prices": Words(
        da="i markedspriser, nettoafgiftsfaktor", en="at market prices, net tax factor"
    ),
    "distortion": Words(da="skatteforvridningsfaktor", en="distortion by taxes, factor"),
    "net gain": Words(da="samfundsøkonomisk nettogevinst", en="net gain of society"),
    "present value": Words(da="nutidsværdi", en="present value"),
    "of present value": Words(da="af nutidsværdien", en="of present value"),
    "discounted to": Words(da="diskonteret til", en="discounted to"),
    "net tax factor": Words(da="nettoafgiftsfaktor", en="net tax factor"),
    "from year": Words(da="fra år", en="from year"),
    "municipality": Words(da="Kommunen", en="Municipality"),
    "region": Words(da="Regionen", en="Region"),
    "state": Words(da="Staten", en="State"),
    "citizens": Words(da="Borgerne", en="Citizens"),
    "contract account": Words(da="Kontraktens konto", en="Account of the contract"),
    "below": Words(da="P(netto < 0)", en="P(net < 0)"),
    "above": Words(da="P(netto > 0)", en="P(net > 0)"),
    "present below": Words(da="P(nutidsværdi < 0)", en="P(present value < 0)"),
    "no room": Words(da="P(ændring < 0)", en="P(change < 0)"),
    "no room, cash": Words(da="P(ændring < 0, netto ≥ 0)", en="P(change < 0, cash ≥ 0)"),
}
"""Words of rows and columns by what they stand for."""


def word(key: str, lang: Language) -> str:
    """Return what a row or column is called."""
    return WORDS[key].in_language(lang)


def frame_word(frame: Frame, lang: Language) -> str:
    """Return what a spending frame is called."""
    return FRAMES[frame].in_language(lang)


def caption(
    *,
    unit: str,
    currency: str,
    year: int,
    index: str | None,
    sign: Literal["saving_positive", "expense_positive"],
    lang: Language,
) -> str:
    """Return unit, prices and sign: `1,000 DKK, fixed 2024 prices (index of wages), ...`.

    Parameters
    ----------
    unit
        Currency that one figure stands for, such as `1,000`.
    currency
        Code of the currency.
    year
        Price year of the case.
    index
        Index that prices are fixed by; None: current prices.
    sign
        Which amounts are positive.
    lang
        Language.
    """
    if lang == "da":
        amount = f"{unit.translate(str.maketrans(',.', '.,'))} {currency}".replace("DKK", "kr.")
        prices = (
            f"faste {year}-priser (indeks for {index_words(index).da})"
            if index
            else "løbende priser"
        )
    else:
        amount = f"{unit} {currency}"
        prices = (
            f"fixed {year} prices (index of {index_words(index).en})" if index else "current prices"
        )
    return f"{amount}, {prices}, {POSITIVE[sign].in_language(lang)}"
