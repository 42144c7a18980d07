"""A fund in plain Danish and English, every word from its figures and settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.amounts import chance, rounded
from sibsim.core.statistics import expected_shortfall, mc_error_of_mean, mc_error_of_quantile
from sibsim.core.wording import Sentence, decimal, listing, percent
from sibsim.core.words import Words
from sibsim.decisions.fund.shocks import DRIFTS

if TYPE_CHECKING:
    from sibsim.decisions.fund.concentration import Concentration
    from sibsim.decisions.fund.result import Portfolio

RATE_DIGITS = 3
"""Digits of a rate or share before it is written in per cent: tenths of one."""

ERROR_DIGITS = 4
"""Digits of the error of a rate before it is written in per cent: hundredths of one."""

_RESULT = Words(
    da="fonden giver tilsagn om {committed} til {deals}; investeringerne giver i gennemsnit et "
    "resultat på {profit} (± {error}), {median}, og som helhed taber de penge i {loss} af "
    "forløbene (før omkostninger og gebyrer, {draws} trækninger)",
    en="the fund commits {committed} to {deals}; the investments bring {profit} on average "
    "(± {error}), {median}, and as a whole they lose money in {loss} of simulations (before costs "
    "and fees, {draws} draws)",
)
_MEDIAN = Words(
    da="medianen af den interne rente er {rate} om året (± {error})",
    en="the median rate of return is {rate} a year (± {error})",
)
_NO_MEDIAN = Words(da="der er ingen intern rente", en="there is no rate of return")
_ONE_DEAL = Words(da="én aftale", en="one deal")
_DEALS = Words(da="{number} aftaler", en="{number} deals")
_TAIL = Words(
    da="i den værste tyvendedel er {result} i gennemsnit {amount} (± {error})",
    en="in the worst twentieth the mean {result} is {amount} (± {error})",
)
_LOSS = Words(da="tabet", en="loss")
_GAIN = Words(da="overskuddet", en="gain")
_INDEPENDENT = Words(
    da="aftalerne er antaget uafhængige af hinanden, da ingen fælles stød er angivet; følges de "
    "ad, hjælper det mindre at have flere",
    en="the deals are assumed to be independent of each other, as no shared shock is stated; if "
    "they move together, holding several helps less",
)
_EQUAL_LUCK = Words(
    da="alle aftaler har samme tilfældige tal, så alt går samme vej i dem; det er et scenarie og "
    "ingen prognose",
    en="all deals have the same random numbers, so that everything goes the same way in them; that "
    "is a scenario and no forecast",
)
_SHOCK = Words(
    da="stødet »{name}« er fælles for {number} størrelser i {deals}: to af dem, også i samme "
    "aftale, har en rangkorrelation (Spearman) på {spearman}{against}{mixed}",
    en='the shock "{name}" is shared by {number} quantities of {deals}: any two of them, of the '
    "same deal too, have a rank correlation (Spearman) of {spearman}{against}{mixed}",
)
_ONE_QUANTITY = Words(
    da="stødet »{name}« rammer kun én størrelse, så det binder intet sammen",
    en='the shock "{name}" reaches one quantity only, so it ties nothing together',
)
_AGAINST = Words(
    da=", med modsat fortegn hvor den ene bevæger sig imod det",
    en=", with the other sign where one of them moves against it",
)
_MIXED = Words(
    da="; en udvikling over tid (drift) er kun bundet til andre udviklinger, ikke til de øvrige "
    "størrelser",
    en="; a drift is tied to other drifts only, not to the other quantities",
)
_ALONE = Words(
    da="stødet »{name}« rammer kun {deal}, så det binder ingen aftaler sammen",
    en='the shock "{name}" reaches {deal} only, so it ties no deals together',
)
_DILUTED = Words(
    da="inden for deres aftale er disse størrelser desuden korreleret med andre, hvilket sker "
    "efter stødet, så rangkorrelationen mellem aftaler dér ikke er præcis som angivet: {paths}",
    en="inside their deal these quantities are also correlated with others, which is done after "
    "the shock, so that there the rank correlation between deals is not exactly as stated: {paths}",
)
_TABLES = Words(
    da="disse størrelser læses af rækkerne i en fælles tabel og følger intet stød, selv om et "
    "mønster rammer dem: {paths}",
    en="these quantities are read from the rows of a joint table and lean on no shock although a "
    "pattern matches them: {paths}",
)
_OF_DEAL = Words(da="{path} i {deal}", en="{path} of {deal}")
_COSTS = Words(
    da="fondens investorer står i gennemsnit tilbage med {net} (± {error}) efter omkostninger på "
    "{borne}, som de selv bærer, forvaltningsgebyrer på {fees} og resultathonorar på {carried}, og "
    "taber i {loss} af forløbene",
    en="the fund's investors are left with {net} on average (± {error}) after costs of {borne} "
    "that they bear themselves, management fees of {fees} and carried interest of {carried}, and "
    "lose in {loss} of simulations",
)
_NO_FEES = Words(
    da="der er hverken regnet med forvaltningsgebyr eller resultathonorar",
    en="no management fee and no carried interest are counted",
)
_RECYCLING = Words(
    da="det, der kommer tilbage, betaler først det, der skal bruges senere: der holdes så meget "
    "tilbage, som aftalerne i deres base case endnu skal trække, og resten udbetales",
    en="what comes back first pays what is needed later: as much is kept as the deals have still "
    "to draw in their base cases, and the rest is distributed",
)
_NO_RECYCLING = Words(
    da="det, der kommer tilbage, udbetales, når det kommer, og bruges ikke i andre aftaler",
    en="what comes back is distributed when it comes and used in no other deal",
)
_PAYERS = Words(
    da="kommunerne i aftalerne får i gennemsnit tilsammen {municipality} (± {error}), det "
    "offentlige som helhed {public} (± {public_error})",
    en="the municipalities of the deals together gain {municipality} on average (± {error}), the "
    "public sector as a whole {public} (± {public_error})",
)
_NO_RATE = Words(
    da="der er ingen nutidsværdi, da aftalerne ikke angiver samme rente for investoren; angiv "
    "`rate`",
    en="there is no present value, as the deals do not state the same rate of the investor; state "
    "`rate`",
)
_CONCENTRATION = Words(
    da="den største aftale er {largest} med {share} af tilsagnene; Herfindahls indeks er "
    "{herfindahl}, som {equal} lige store aftaler",
    en="the largest deal is {largest} with {share} of commitments; Herfindahl's index is "
    "{herfindahl}, that of {equal} equal deals",
)
_RISKIEST = Words(
    da="{riskiest} bidrager mest til fondens gennemsnitlige tab i den værste tyvendedel: {part} "
    "(± {error}) af {whole}, {share}",
    en="{riskiest} contributes most to the fund's mean loss in the worst twentieth: {part} "
    "(± {error}) of {whole}, {share}",
)
_NO_RISK = Words(
    da="fonden har overskud selv i den værste tyvendedel, så ingen aftale har en andel i et tab",
    en="the fund gains even in its worst twentieth, so that no deal has a share in a loss",
)
_BENEFIT = Words(
    da="lagt sammen er aftalernes gennemsnitlige tab i hver deres værste tyvendedel {benefit} "
    "(± {error}) større end fondens",
    en="added up, the mean losses of the deals in the worst twentieth of each are {benefit} "
    "(± {error}) larger than the fund's",
)


def sentences(fund: Portfolio) -> Iterator[Sentence]:
    """Yield what a fund comes to and what was assumed."""
    currency = fund.currency

    def amount(value: float) -> Words:
        return rounded(value, currency=currency)

    def mean(name: str) -> tuple[Words, Words]:
        values = fund.metrics[name]
        return amount(float(values.mean())), amount(mc_error_of_mean(values))

    profit, error = mean("profit")
    yield Sentence(
        _RESULT,
        {
            "deals": _count(len(fund.deals)),
            "committed": amount(float(fund.commitments.sum())),
            "profit": profit,
            "error": error,
            "median": _median(fund),
            "loss": chance(float(fund.metrics["p_loss"].mean())),
            "draws": _whole(fund.draws),
        },
    )
    worst = expected_shortfall(fund.metrics["profit"])
    yield Sentence(
        _TAIL,
        {
            "result": _LOSS if worst.value > 0 else _GAIN,
            "amount": amount(abs(worst.value)),
            "error": amount(worst.mc_error),
        },
    )
    yield from _dependence(fund)
    if len(fund.deals) > 1:
        yield from of_concentration(fund.concentration())
    net, error = mean("net_profit")
    yield Sentence(
        _COSTS,
        {
            "net": net,
            "error": error,
            "borne": mean("costs_borne")[0],
            "fees": mean("management_fees")[0],
            "carried": mean("carried_interest")[0],
            "loss": chance(float(fund.metrics["p_net_loss"].mean())),
        },
    )
    if not fund.fees.any:
        yield Sentence(_NO_FEES, {})
    yield Sentence(_RECYCLING if fund.recycling else _NO_RECYCLING, {})
    municipality, error = mean("municipality_net")
    public, public_error = mean("public_net")
    yield Sentence(
        _PAYERS,
        {
            "municipality": municipality,
            "error": error,
            "public": public,
            "public_error": public_error,
        },
    )
    if fund.rate is None:
        yield Sentence(_NO_RATE, {})


def _dependence(fund: Portfolio) -> Iterator[Sentence]:
    """Yield what the deals have in common, and what is to be known of it."""
    if fund.luck == "equal":
        yield Sentence(_EQUAL_LUCK, {})
    elif not fund.shocks and len(fund.deals) > 1:
        yield Sentence(_INDEPENDENT, {})
    for shock in fund.shocks:
        reached = [
            [path for path, lean in streams.items() if lean.shock is shock]
            for streams in fund.leaning.of.values()
        ]
        if sum(map(len, reached)) == 1:
            yield Sentence(_ONE_QUANTITY, {"name": shock.name})
            continue
        are_drifts = {path.startswith(DRIFTS) for paths in reached for path in paths}
        yield Sentence(
            _SHOCK,
            {
                "name": shock.name,
                "number": str(sum(map(len, reached))),
                "deals": _count(sum(map(bool, reached))),
                "spearman": decimal(shock.spearman),
                "against": _AGAINST if shock.against else "",
                "mixed": _MIXED if len(are_drifts) > 1 else "",
            },
        )
    for name, deal in fund.leaning.alone:
        yield Sentence(_ALONE, {"name": name, "deal": deal})
    for pattern, found in ((_DILUTED, fund.leaning.diluted), (_TABLES, fund.leaning.tables)):
        if found:
            yield Sentence(pattern, {"paths": listing([_of_deal(*each) for each in found])})


def _of_deal(deal: str, path: str) -> Words:
    return Words(
        da=_OF_DEAL.in_language("da").format(path=path, deal=deal),
        en=_OF_DEAL.in_language("en").format(path=path, deal=deal),
    )


def of_concentration(found: Concentration) -> Iterator[Sentence]:
    """Yield where the money and the risk of a fund sit."""
    largest = found.names.index(found.largest)
    yield Sentence(
        _CONCENTRATION,
        {
            "largest": found.largest,
            "share": _share(found.shares[largest]),
            "herfindahl": decimal(round(found.herfindahl, RATE_DIGITS)),
            "equal": decimal(round(1.0 / found.herfindahl, 1)),
        },
    )
    if found.shortfall.value <= 0:
        yield Sentence(_NO_RISK, {})
    else:
        riskiest = found.names.index(found.riskiest)
        part = found.contributions[riskiest]
        yield Sentence(
            _RISKIEST,
            {
                "riskiest": found.riskiest,
                "part": rounded(part.value, currency=found.currency),
                "error": rounded(part.mc_error, currency=found.currency),
                "whole": rounded(found.shortfall.value, currency=found.currency),
                "share": _share(found.risk_shares[riskiest]),
            },
            capital=False,
        )
    yield Sentence(
        _BENEFIT,
        {
            "benefit": rounded(found.benefit.value, currency=found.currency),
            "error": rounded(found.benefit.mc_error, currency=found.currency),
        },
    )


def _median(fund: Portfolio) -> Words:
    """Return what is said of the fund's rate of return."""
    irr = fund.metrics["irr"]
    defined = irr[~np.isnan(irr)]
    if not defined.size:
        return _NO_MEDIAN
    rate = percent(round(float(np.median(defined)), RATE_DIGITS) + 0.0)
    error = percent(round(mc_error_of_quantile(irr, probability=0.5), ERROR_DIGITS))
    return Words(
        da=_MEDIAN.in_language("da").format(rate=rate.da, error=error.da),
        en=_MEDIAN.in_language("en").format(rate=rate.en, error=error.en),
    )


def _share(value: float) -> Words:
    return percent(round(value, RATE_DIGITS) + 0.0)


def _whole(number: int) -> Words:
    english = f"{number:,}"
    return Words(da=english.replace(",", "."), en=english)


def _count(number: int) -> Words:
    """Return a number of deals."""
    if number == 1:
        return _ONE_DEAL
    return Words(
        da=_DEALS.in_language("da").format(number=number),
        en=_DEALS.in_language("en").format(number=number),
    )
