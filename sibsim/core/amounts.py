"""How sentences write amounts and chances, in Danish and English.

Amounts are rounded to what a budget memo says: millions with one decimal, smaller ones with two,
thousands below a hundred thousand.
"""

from __future__ import annotations

from sibsim.core.wording import KRONER, money, percent
from sibsim.core.words import Words

MILLION, HUNDRED_THOUSAND, THOUSAND = 1e6, 1e5, 1e3
"""Amounts from a hundred thousand on are said in millions."""

IN_THOUSANDS_FROM = 1e4
"""Smaller amounts are said in whole units, larger ones in round thousands."""

NO_MILLION_BELOW = 995_000.0
"""From here on an amount is said with one decimal of a million, below with two."""

TEN, TWENTY, HUNDRED = 10, 20, 100
"""Parts that a share of draws is said in."""

RARE = 0.05
"""Below one in twenty, and above nineteen, a share is said in hundredths."""

NEAR_AN_END = 0.075
"""Below the middle of 1 in 20 and 1 in 10, a share is nearer to 1 in 20."""

ALMOST = 0.005
"""Chances closer to none or to certainty than this are not said as 0 or 100 %; differences of
chances below it are none."""


def rounded(amount: float, *, currency: str) -> Words:
    """Return an amount as 2,1 mio. kr. and DKK 2.1 m; small ones in thousands or whole units."""
    size = abs(amount)
    if size >= HUNDRED_THOUSAND:
        digits = 1 if size >= NO_MILLION_BELOW else 2
        number = in_both(f"{amount / MILLION:,.{digits}f}")
        unit = "kr." if currency == KRONER else currency
        return Words(da=f"{number.da} mio. {unit}", en=f"{currency} {number.en} m")
    unit_size = THOUSAND if size >= IN_THOUSANDS_FROM else 1.0
    return money(round(amount / unit_size) * unit_size + 0.0, currency=currency)


def chance(probability: float) -> Words:
    """Return a chance in whole per cent; never 0 or 100 for what so few draws cannot tell."""
    if probability < ALMOST:
        return Words(da="under 1 %", en="under 1 %")
    if probability > 1.0 - ALMOST:
        return Words(da="over 99 %", en="over 99 %")
    return percent(round(probability, 2))


def in_plain_words(share: float) -> Words:
    """Return a share of draws as `i 7 af 10 forløb` and `in 7 of 10 simulations`.

    Tenths, at the ends twentieths; hundredths below 1 and above 19 in 20, where parts of ten say
    too little.

    Parameters
    ----------
    share
        Share of the draws, in [0, 1].
    """
    if share < ALMOST:
        return Words(da="i færre end 1 af 100 forløb", en="in fewer than 1 of 100 simulations")
    if share > 1.0 - ALMOST:
        return Words(da="i flere end 99 af 100 forløb", en="in more than 99 of 100 simulations")
    if not RARE <= share <= 1.0 - RARE:
        number = round(HUNDRED * share)
        return Words(da=f"i {number} af 100 forløb", en=f"in {number} of 100 simulations")
    if not NEAR_AN_END <= share <= 1.0 - NEAR_AN_END:
        number = 1 if share < NEAR_AN_END else TWENTY - 1
        return Words(da=f"i {number} af 20 forløb", en=f"in {number} of 20 simulations")
    # Of the whole per cents that stand beside it, halves to even, so that a chance and its
    # complement, 35 and 65 %, are 4 and 6 of 10.
    number = round(round(HUNDRED * share) / TEN)
    return Words(da=f"i {number} af 10 forløb", en=f"in {number} of 10 simulations")


def in_both(english: str) -> Words:
    """Return numbers in the English way of writing as both languages write them."""
    return Words(da=english.translate(str.maketrans(",.", ".,")), en=english)
