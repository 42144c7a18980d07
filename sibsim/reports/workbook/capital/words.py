"""What stands over the columns of the account, and how each is made."""

from __future__ import annotations

from sibsim.core.words import Words


def of(pattern: Words, *names: str) -> Words:
    """Return a title with names of tranches, lines or parties filled in.

    Parameters
    ----------
    pattern
        The title; `{}` stands for a name.
    names
        The names, in order.
    """
    da, en = (text or "" for text in (pattern.da, pattern.en))
    return Words(da=da.format(*names), en=en.format(*names))


SHEET = Words(da="Kapital", en="Capital")
HEADING = Words(
    da="Kapital: hvad der trækkes til udgifterne, og hvem betalingerne går til",
    en="Capital: what is drawn for the costs, and who the payments go to",
)
TERMS = Words(da="Vilkår", en="Terms")
ACCOUNT = Words(da="Kontraktens konto, periode for periode", en="The contract's account by period")
ACCOUNT_NOTE = Words(
    da="Udgifter og trækninger ligger ved periodens start, betalinger og tilbagebetaling ved dens "
    "slutning. Læs en række fra venstre mod højre.",
    en="Costs and drawings stand at the start of a period, payments and repayment at its end. Read "
    "a row from left to right.",
)
PERIOD = Words(da="periode", en="period")
OPEN = Words(da="betalinger løber", en="payments run")
OPEN_NOTE = Words(
    da="1 til og med perioden med sidste betalingsdag (contract.last_payment)",
    en="1 up to the period of the last day of payment (contract.last_payment)",
)
LAST = Words(da="sidste betaling", en="last payment")
LAST_NOTE = Words(da="1 i den sidste af dem", en="1 in the last of them")
COST = Words(da="udgift, der skal finansieres", en="cost to be financed")
CALLED = Words(da="kræves tilbage fra kapitalen", en="called back from the capital")
LATER = Words(da="senere udgifter", en="later costs")
LATER_NOTE = Words(
    da="hvad udgifterne i alle senere perioder kræver ud over, hvad der trækkes efter plan",
    en="what the costs of all later periods need beyond what is drawn by schedule",
)
AGREED = Words(da="trukket efter plan: {}", en="drawn as agreed: {}")
FROM_HELD = Words(da="betalt af kontoens penge", en="paid from money held")
UNSPENT_BEFORE = Words(da="ubrugt kapital på kontoen", en="unspent capital in the account")
FROM_UNSPENT = Words(da="betalt af ubrugt kapital", en="paid from unspent capital")
ROOM = Words(da="plads i tilsagn: {}", en="room of commitments: {}")
ROOM_NOTE = Words(
    da="tilsagn minus det, der er trukket før; af det, der kan trækkes igen, tilsagn minus "
    "udestående",
    en="commitments less what was drawn before; of what can be drawn again, commitments less what "
    "is outstanding",
)
LEVEL_DRAWN = Words(da="trækkes i alt: {}", en="drawn in all: {}")
DRAWN = Words(da="trukket: {}", en="drawn: {}")
DRAWN_NOTE = Words(
    da="udgiften, højst pladsen; flere på samme trin i forhold til deres tilsagn",
    en="the cost, at most the room; several of one level pro rata to their commitments",
)
NEXT_LEVEL = Words(da="tilbage at finansiere", en="left to finance")
OVERRUN = Words(da="ud over tilsagnene", en="beyond the commitments")
FUNDED = Words(da="betalt af kapitalen", en="paid by the capital")
PAID_IN = Words(da="betaling", en="payment")
LINE_PAID = Words(da="betaling: {}", en="payment: {}")
SET_OFF = Words(da="modregnet", en="set off")
COMPENSATION = Words(da="ved tidligt ophør", en="at an early end")
GIVEN_UP = Words(da="ubrugt kapital, der frigives", en="unspent capital released")
TO_SHARE = Words(da="penge til fordeling", en="money to share")
TO_SHARE_NOTE = Words(
    da="betalingen og det, der stod på kontoen", en="the payment and what was held"
)
BEFORE = {
    "principal": Words(da="{}: hovedstol før", en="{}: principal before"),
    "return": Words(da="{}: afkast til gode før", en="{}: return owed before"),
    "coupon": Words(da="{}: kupon til gode før", en="{}: coupon owed before"),
    "fee": Words(da="{}: honorar til gode før", en="{}: fee owed before"),
}
BEFORE_NOTE = {
    "principal": Words(
        da="hovedstolen efter forrige periode plus det, der er trukket",
        en="the principal after the period before, and what is drawn",
    ),
    "return": Words(
        da="det, der var til gode, med periodens afkast af hovedstolen (og af det, der er til "
        "gode, når renten er en intern rente)",
        en="what was owed, with the period's return on the principal (and on what is owed, where "
        "the rate is an internal one)",
    ),
    "coupon": Words(
        da="det, der var til gode, med periodens kupon", en="what was owed, with the coupon"
    ),
    "fee": Words(
        da="det, der var til gode, med det, der er optjent, højst tilsagnet i alt",
        en="what was owed, with what is earned, at most the commitment in all",
    ),
}
AFTER = {
    "principal": Words(da="{}: hovedstol efter", en="{}: principal after"),
    "return": Words(da="{}: afkast til gode efter", en="{}: return owed after"),
    "coupon": Words(da="{}: kupon til gode efter", en="{}: coupon owed after"),
    "fee": Words(da="{}: honorar til gode efter", en="{}: fee owed after"),
}
PAID = {
    "principal": Words(da="{}: afdrag", en="{}: principal repaid"),
    "return": Words(da="{}: afkast udbetalt", en="{}: return paid"),
    "coupon": Words(da="{}: kupon udbetalt", en="{}: coupon paid"),
    "fee": Words(da="{}: honorar udbetalt", en="{}: fee paid"),
}
PAID_NOTE = Words(
    da="det, der er til gode, højst de penge, der er tilbage; på samme trin i forhold til det, "
    "hver har til gode",
    en="what is owed, at most the money that is left; of one rank pro rata to what each is owed",
)
FROM_LINE = Words(da="{} (af {})", en="{} (from {})")
RANK_PAID = Words(da="trin {} i alt", en="rank {} in all")
SET_ASIDE = Words(da="sat til side til udgifter", en="set aside for costs")
SURPLUS = Words(da="overskud frigivet", en="surplus released")
SURPLUS_NOTE = Words(
    da="det, ingen har krav på, ved sidste betaling, eller løbende hvis det er aftalt",
    en="what nobody claims, at the last payment, or as it arises where that is agreed",
)
SURPLUS_TO = Words(da="overskud til {}", en="surplus to {}")
HELD = Words(da="står på kontoen", en="held in the account")
UNSPENT = Words(da="ubrugt kapital efter", en="unspent capital after")
GUARANTEED = Words(da="garanti: {}", en="guarantee: {}")
GUARANTEED_BY = Words(da="garanti fra {} til {}", en="guarantee from {} to {}")
FEE = Words(da="garantihonorar: {}", en="guarantee fee: {}")
FEE_BETWEEN = Words(da="garantihonorar fra {} til {}", en="guarantee fee from {} to {}")
RECEIVED = Words(da="{}: modtaget i alt", en="{}: received in all")
RECEIVED_NOTE = Words(
    da="afdrag, afkast, kupon og garanti", en="principal, return, coupon and guarantee"
)

LEFT = Words(da="tilbage efter krav", en="left after claims")
EARNED = Words(da="{}: honorar optjent", en="{}: fee earned")
IN_ALL = Words(da="i alt", en="in all")
