"""The capital in sentences: who puts money in, who is paid in which order, who covers a loss.

One sentence for each tranche, for the order of drawing, for each rank of the waterfall, for the
surplus and for each guarantee; every agreed parameter stands in one of them. Terms follow the
dictionary of Den Sociale Investeringsfond (https://socialeinvesteringer.nu/ordbog/, 2025) where it
has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sibsim.capital.checks import COSTS, split
from sibsim.capital.guarantee import Guarantee
from sibsim.capital.spec import Capital
from sibsim.capital.tranche import Coupon, Fee, Instalment, ReturnCap, Tranche
from sibsim.core.wording import (
    Sentence,
    called,
    day_words,
    decimal,
    listing,
    money,
    percent,
    said,
)
from sibsim.core.words import Words

KINDS = {
    "grant": Words(da="tilskud, som ikke betales tilbage", en="a grant that is not repaid"),
    "recoverable_grant": Words(
        da="tilskud, som betales tilbage uden afkast", en="a grant that is repaid without return"
    ),
    "first_loss": Words(da="kapital, der bærer det første tab", en="first-loss capital"),
    "junior": Words(da="efterstillet kapital", en="junior capital"),
    "mezzanine": Words(da="mezzaninkapital", en="mezzanine capital"),
    "senior": Words(da="seniorkapital", en="senior capital"),
}
"""What a tranche is called; a deferred fee has a sentence of its own."""

PARTS = {
    "principal": Words(da="hovedstolen til {name}", en="the principal of {name}"),
    "coupon": Words(da="kuponen til {name}{terms}", en="the coupon of {name}{terms}"),
    "return": Words(da="afkastet til {name}{terms}", en="the return of {name}{terms}"),
    "fee": Words(da="det udskudte honorar {name}", en="the deferred fee {name}"),
}
"""What a claim is called."""

Said = Words | str
"""A text in both languages, or the same in both."""


def sentences(
    capital: Capital, *, currency: str, parties: Mapping[str, Said]
) -> tuple[Sentence, ...]:
    """Return the capital as sentences: drawing, waterfall in order, surplus, guarantees.

    Parameters
    ----------
    capital
        The terms.
    currency
        ISO 4217 code of the case's currency.
    parties
        What ledger parties are called; who is missing is called as in the ledger.
    """
    return (
        *(_tranche(capital, name, currency=currency, parties=parties) for name in capital.tranches),
        *_drawing(capital, parties=parties),
        *_ranks(capital, parties=parties),
        _surplus(capital, parties=parties),
        *(
            _guarantee(capital, name, currency=currency, parties=parties)
            for name in capital.guarantees
        ),
    )


def _joined(da: str, en: str, /, **values: Said) -> Words:
    """Return a pattern in both languages, filled."""
    return Words(
        da=da.format(**{name: said(value, "da") for name, value in values.items()}),
        en=en.format(**{name: said(value, "en") for name, value in values.items()}),
    )


def _instalments(given: Sequence[Instalment], *, currency: str) -> Words:
    return listing(
        [
            _joined(
                "{amount} {day}",
                "{amount} on {day}",
                amount=money(each.amount, currency=currency),
                day=day_words(each.on),
            )
            for each in given
        ]
    )


def _tranche(
    capital: Capital, name: str, *, currency: str, parties: Mapping[str, Said]
) -> Sentence:
    tranche = capital.tranches[name]
    values: dict[str, Said] = {
        "investor": called(capital.investor(name), parties=parties),
        "name": name,
        "amount": money(tranche.commitment.base_value, currency=currency),
    }
    if tranche.fee is not None:
        pattern = Words(
            da="{investor} udskyder et honorar på højst {amount} ({name}), der optjenes med {fee}",
            en="{investor} defers a fee of at most {amount} ({name}), earned with {fee}",
        )
        return Sentence(pattern, values | {"fee": _fee(tranche.fee, currency=currency)})
    pattern = Words(
        da="{investor} stiller op til {amount} til rådighed som {kind}{called}, {drawn}",
        en="{investor} commits up to {amount} as {kind}{called}, {drawn}",
    )
    values["called"] = f" ({name})" if _has_others(capital, name) else ""
    drawn = _drawdown(tranche, currency=currency)
    return Sentence(pattern, values | {"kind": KINDS[tranche.kind], "drawn": drawn})


def _fee(fee: Fee, *, currency: str) -> Words:
    if fee.per_year is None or fee.from_ is None or fee.to is None:
        return _instalments(fee.at, currency=currency)
    return _joined(
        "{amount} om året fra {start} til {end}, så længe indsatsen varer",
        "{amount} a year from {start} to {end}, as long as the service lasts",
        amount=money(fee.per_year, currency=currency),
        start=day_words(fee.from_),
        end=day_words(fee.to),
    )


def _drawdown(tranche: Tranche, *, currency: str) -> Words:
    if tranche.drawdown == "up_front":
        return Words(da="der udbetales på én gang ved start", en="all drawn at the start")
    if tranche.drawdown == "by_schedule":
        return _joined(
            "der udbetales med {schedule}",
            "drawn with {schedule}",
            schedule=_instalments(tranche.schedule, currency=currency),
        )
    if tranche.revolving:
        return Words(
            da="der trækkes, når udgifter forfalder; afdrag kan trækkes igen, og beløbet er det "
            "højeste, der kan være udestående",
            en="drawn when costs fall due; what is repaid can be drawn again, and the amount is "
            "the most that may be outstanding",
        )
    return Words(da="der trækkes, når udgifter forfalder", en="drawn when costs fall due")


def _drawing(capital: Capital, *, parties: Mapping[str, Said]) -> Iterator[Sentence]:
    levels = [
        _level([_named(capital, name, parties=parties) for name in level])
        for level in capital.draw_levels
    ]
    if len(levels) > 1 or len(capital.draw_levels[0]) > 1:
        pattern = Words(
            da="Kapitalen trækkes i denne rækkefølge: {levels}",
            en="Capital is drawn in this order: {levels}",
        )
        said_in_order = Words(
            da="; derefter ".join(said(level, "da") for level in levels),
            en="; then ".join(said(level, "en") for level in levels),
        )
        yield Sentence(pattern, {"levels": said_in_order})
    if capital.recycle:
        yield Sentence(
            Words(
                da="Betalinger, der står på kontoen, dækker senere udgifter, før der trækkes "
                "kapital til dem",
                en="Payments held in the account pay later costs before capital is drawn for them",
            ),
            {},
        )


def _level(names: Sequence[Said]) -> Said:
    """Return the tranches of one level of drawing."""
    if len(names) == 1:
        return names[0]
    return _joined(
        "{names} i forhold til deres tilsagn",
        "{names} pro rata to their commitments",
        names=listing(names),
    )


def _ranks(capital: Capital, *, parties: Mapping[str, Said]) -> Iterator[Sentence]:
    for number, level in enumerate(capital.levels, start=1):
        pattern = Words(
            da="Betales som nr. {number}: {claims}{shared}{money}",
            en="Paid as number {number}: {claims}{shared}{money}",
        )
        shared = Words(da=", i forhold til hvad de har til gode", en=", pro rata to what is owed")
        if capital.is_unlimited(level[0]):
            shared = Words(da=", i forhold til det trukne", en=", pro rata to what is drawn")
        lines = () if level[0] == COSTS else capital.tranches[split(level[0])[0]].paid_from
        yield Sentence(
            pattern,
            {
                "number": str(number),
                "claims": listing([_claim(capital, claim, parties=parties) for claim in level]),
                "shared": shared if len(level) > 1 else "",
                "money": _reserved(lines) if lines else "",
            },
        )


def _reserved(lines: Sequence[str]) -> Words:
    """Say which payment lines alone pay a claim."""
    several = len(lines) > 1
    return _joined(
        ", kun af {line} {lines}{order}; hvad der er tilovers, går til de fælles midler",
        ", only from {line} {lines}{order}; what is left joins the common money",
        line=Words(da="betalingslinjerne", en="the payment lines")
        if several
        else Words(da="betalingslinjen", en="the payment line"),
        lines=listing(lines),
        order=Words(da=" i den rækkefølge", en=" in that order") if several else "",
    )


def _claim(capital: Capital, claim: str, *, parties: Mapping[str, Said]) -> Words:
    if claim == COSTS:
        return Words(
            da="der sættes penge til side til de udgifter, der endnu ikke er afholdt",
            en="money is set aside for the costs still to come",
        )
    name, part = split(claim)
    tranche, pattern = capital.tranches[name], PARTS[part]
    terms: Said = ""
    if part == "coupon" and tranche.coupon is not None:
        terms = _coupon(tranche.coupon)
    elif part == "return":
        terms = _cap(tranche.return_cap)
    shown = _named(capital, name, parties=parties)
    return _joined(pattern.da or "", pattern.en or "", name=shown, terms=terms)


def _named(capital: Capital, name: str, *, parties: Mapping[str, Said]) -> Said:
    """Return what a tranche is called: by its investor where that has no other one."""
    if _has_others(capital, name) or capital.tranches[name].fee is not None:
        return name
    return called(capital.investor(name), parties=parties)


def _has_others(capital: Capital, name: str) -> bool:
    """Return whether the investor of a tranche has another one, so that names tell them apart."""
    investor = capital.investor(name)
    return sum(capital.investor(each) == investor for each in capital.tranches) > 1


def _coupon(coupon: Coupon) -> Words:
    until: Said = ""
    if coupon.until:
        until = _joined(" til og med {day}", " until {day}", day=day_words(coupon.until))
    bases = {
        "simple": Words(da="uden rentes rente", en="simple"),
        "compound": Words(da="med rentes rente", en="compounding"),
    }
    return _joined(
        " ({rate} om året {basis} af den udestående hovedstol{until})",
        " ({rate} a year, {basis}, on the outstanding principal{until})",
        rate=percent(coupon.rate),
        basis=bases[coupon.basis],
        until=until,
    )


def _cap(cap: ReturnCap | None) -> Words:
    if cap is None:
        return Words(da=" (uden loft, alt hvad der er tilbage)", en=" (no cap, all that is left)")
    if cap.multiple is not None:
        return _joined(
            " (loft: der modtages i alt højst {multiple} gange det trukne)",
            " (cap: at most {multiple} times what is drawn is received in all)",
            multiple=decimal(cap.multiple),
        )
    bases = {
        "irr": Words(da="i intern rente om året", en="a year as internal rate of return"),
        "simple": Words(
            da="om året af den udestående hovedstol, uden rentes rente",
            en="a year of the outstanding principal, not compounding",
        ),
    }
    return _joined(
        " (afkastloft: {rate} {basis})",
        " (cap: {rate} {basis})",
        rate=percent(cap.rate or 0.0),
        basis=bases[cap.basis],
    )


def _surplus(capital: Capital, *, parties: Mapping[str, Said]) -> Sentence:
    shares = capital.surplus_shares
    receivers = [
        _joined(
            "{party} ({share})",
            "{party} ({share})",
            party=called(party, parties=parties),
            share=percent(share),
        )
        if len(shares) > 1
        else called(party, parties=parties)
        for party, share in shares.items()
    ]
    when = {
        "last_payment": Words(da="efter den sidste betaling", en="after the last payment"),
        "as_it_arises": Words(da="løbende", en="as it arises"),
    }
    pattern = Words(
        da="Hvad ingen har krav på, går {when} til {parties}",
        en="What nobody claims goes to {parties} {when}",
    )
    return Sentence(pattern, {"parties": listing(receivers), "when": when[capital.surplus_at]})


def _guarantee(
    capital: Capital, name: str, *, currency: str, parties: Mapping[str, Said]
) -> Sentence:
    guarantee = capital.guarantees[name]
    share = percent(1.0 if guarantee.share is None else guarantee.share)
    pattern = Words(
        da="{guarantor} garanterer {share} af tabet af hovedstol på {tranche}{layer}{most}"
        "{trigger}{fee} ({name})",
        en="{guarantor} guarantees {share} of the loss of principal of {tranche}{layer}{most}"
        "{trigger}{fee} ({name})",
    )
    values: dict[str, Said] = {
        "guarantor": called(guarantee.guarantor, parties=parties),
        "share": share,
        "tranche": _named(capital, guarantee.tranche, parties=parties),
        "name": name,
        "layer": "",
        "most": "",
        "trigger": "",
        "fee": "",
    }
    if guarantee.layer is not None:
        values["layer"] = _joined(
            " mellem {start} og {end}",
            " between {start} and {end}",
            start=money(guarantee.layer.from_, currency=currency),
            end=money(guarantee.layer.to, currency=currency),
        )
    if guarantee.amount is not None:
        values["most"] = _joined(
            ", højst {amount}{base}",
            ", at most {amount}{base}",
            amount=money(guarantee.amount.base_value, currency=currency),
            base=_base(guarantee),
        )
    if guarantee.trigger is not None:
        values["trigger"] = _joined(
            ", når mindst {share} af det trukne er tabt",
            ", once at least {share} of what is drawn is lost",
            share=percent(guarantee.trigger),
        )
    if guarantee.fee is not None:
        values["fee"] = _joined(
            "; {payer} betaler {rate} om året af {base}",
            "; {payer} pays {rate} a year of {base}",
            payer=called(guarantee.fee.payer, parties=parties),
            rate=percent(guarantee.fee.rate),
            base=_FEE_BASE[guarantee.of],
        )
    return Sentence(pattern, values)


def _base(guarantee: Guarantee) -> Words:
    if guarantee.of == "drawn":
        return Words(
            da=", nedsat til den andel af tilsagnet, der er trukket",
            en=", reduced to the share of the commitment that is drawn",
        )
    return Words(da=", uanset hvor meget der er trukket", en=", however much is drawn")


_FEE_BASE = {
    "drawn": Words(da="dækningen af det, der er trukket", en="the cover of what is drawn"),
    "committed": Words(da="dækningen af hele tilsagnet", en="the cover of the whole commitment"),
}
"""What the fee of a guarantee is a share of."""
