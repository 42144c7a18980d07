"""Sentences in Danish and English: patterns that are filled, numbers the way each writes them.

A part of a case says what it is as a `Sentence`: one pattern per language and the values that fill
it. The pattern stands with the part it describes, so that a new part changes no other file. How
money, shares and lists are written stands here. Assumes the Danish convention (16.000 kr.; 8,5 %)
and the English one (DKK 16,000; 8.5 %).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, cast, get_args

from sibsim.core.words import Words
from sibsim.errors import ArgumentError

Language = Literal["da", "en"]
"""A language a sentence can be said in: Danish or English."""

KRONER = "DKK"
"""The currency that Danish writes as `kr.` after the amount."""

SHARE_DIGITS = 10
"""Significant digits of a percentage: more than anyone writes, fewer than rounding error shows."""


_MONTHS = {
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "en": "January February March April May June July August September October November December",
}
"""The months in order."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in both languages: a pattern and the values that fill it."""

    pattern: Words
    """The sentence without full stop; `{name}` stands for the value of that name."""

    values: Mapping[str, Words | str]
    """What fills the pattern; a plain string is the same in both languages."""

    capital: bool = True
    """Whether it begins with a capital; not where it begins with the key of a party."""

    def say(self, lang: Language) -> str:
        """Return the sentence in `lang`, with one full stop and, if asked, a capital first."""
        filled = {name: said(value, lang) for name, value in self.values.items()}
        text = self.pattern.in_language(lang).format(**filled)
        first = text[:1].upper() if self.capital else text[:1]
        return first + text[1:] + ("" if text.endswith(".") else ".")


@dataclass(frozen=True, slots=True)
class MeasureWords:
    """What a sentence about a measure needs to know from other parts of the case."""

    payer: Words | str
    """Who pays: `Holbæk Kommune`, `the municipality`."""

    outcome: Words | str = ""
    """Title of the outcome that is measured; empty where the line reads none."""

    design: Words | str = ""
    """How it is measured: `register data against the baseline of 40 %`."""

    currency: str = KRONER
    """ISO 4217 code of the case's currency."""

    follow_up_months: tuple[int, ...] = ()
    """Follow-ups of the measure, in months from the start of service; empty if not known."""

    titles: Mapping[str, Words | str] = field(default_factory=dict)
    """Title of the outcome of every measure, by measure, for lines that read several."""

    units: Mapping[str, str] = field(default_factory=dict)
    """What a person's result is a number of, such as `days`, by measure; empty or missing where it
    is yes or no."""

    def unit(self, measure: str) -> str:
        """Return what a person's result is a number of; empty where it is yes or no."""
        return self.units.get(measure, "")


PARTIES: Mapping[str, Words] = {
    "municipality": Words(da="kommunen", en="the municipality"),
    "region": Words(da="regionen", en="the region"),
    "state": Words(da="staten", en="the state"),
    "citizens": Words(da="borgerne", en="citizens"),
    "county": Words(da="amtet", en="the county"),
    "city": Words(da="byen", en="the city"),
    "province": Words(da="provinsen", en="the province"),
    "provider": Words(da="leverandøren", en="the provider"),
}
"""Ledger parties that stand for a kind of party, in words."""


def named(name: str, known: Mapping[str, Words]) -> Words:
    """Return the words for a name of the case file; its blanks instead of underscores if none.

    Parameters
    ----------
    name
        The name.
    known
        Words by name.
    """
    plain = name.replace("_", " ")
    return known.get(name, Words(da=plain, en=plain))


INDICES: Mapping[str, Words] = {
    "net_prices": Words(da="nettopriser", en="net prices"),
    "wages": Words(da="lønninger", en="wages"),
    "benefit_rates": Words(da="satsregulering", en="benefit rates"),
}
"""Indices that shipped cases and new ones have, in words."""


def index_words(name: str) -> Words:
    """Return what an index is called: `nettopriser`, or its name with blanks."""
    return named(name, INDICES)


def party_words(name: str) -> Words:
    """Return what a ledger party is called: `kommunen`, or its key with blanks."""
    return named(name, PARTIES)


def language(lang: str) -> Language:
    """Return a language that sentences can be said in.

    Raises
    ------
    ArgumentError
        If it is neither Danish nor English.
    """
    for known in get_args(Language):
        if lang == known:
            return cast("Language", known)
    message = f"lang: got {lang!r}; it is one of {', '.join(get_args(Language))}"
    raise ArgumentError(message)


def said(value: Words | str, lang: Language) -> str:
    """Return a value in `lang`; a plain string is the same in both languages."""
    return value if isinstance(value, str) else value.in_language(lang)


def money(amount: float, *, currency: str = KRONER) -> Words:
    """Return an amount as 16.000 kr. and DKK 16,000; decimals only where there are any."""
    english = f"{amount:,.2f}".removesuffix(".00")
    danish = _danish(english)
    unit = "kr." if currency == KRONER else currency
    return Words(da=f"{danish} {unit}", en=f"{currency} {english}")


def decimal(number: float) -> Words:
    """Return a number as 0,5 and 0.5."""
    english = f"{number:.{SHARE_DIGITS}g}"
    return Words(da=_danish(english), en=english)


UNITS: Mapping[str, tuple[Words, Words]] = {
    "events": (Words(da="hændelse", en="event"), Words(da="hændelser", en="events")),
    "days": (Words(da="dag", en="day"), Words(da="dage", en="days")),
    "weeks": (Words(da="uge", en="week"), Words(da="uger", en="weeks")),
    "months": (Words(da="måned", en="month"), Words(da="måneder", en="months")),
    "points": (Words(da="point", en="point"), Words(da="point", en="points")),
    "steps": (Words(da="trin", en="step"), Words(da="trin", en="steps")),
}
"""What results are counted in, one of it and several."""


def counted(number: float, *, unit: str) -> Words:
    """Return a number of a unit as 8,5 point and 8.5 points.

    Parameters
    ----------
    number
        The number.
    unit
        What it is a number of, by its English plural; one that is not known stands as it is.
    """
    figure = decimal(number)
    one, several = UNITS.get(unit, (Words(da=unit, en=unit),) * 2)
    word = one if abs(number) == 1 else several
    return Words(da=f"{figure.da} {word.da}", en=f"{figure.en} {word.en}")


def percent(share: float) -> Words:
    """Return a share as 8,5 % and 8.5 %."""
    number = decimal(100 * share)
    return Words(da=f"{number.da} %", en=f"{number.en} %")


def percentage_points(difference: float) -> Words:
    """Return a difference of two shares as 3 procentpoint and 3 percentage points."""
    number = decimal(100 * difference)
    unit = "percentage point" if number.en in {"1", "-1"} else "percentage points"
    return Words(da=f"{number.da} procentpoint", en=f"{number.en} {unit}")


def day_words(day: date) -> Words:
    """Return a date as den 1. juli 2025 and 1 July 2025."""
    danish, english = (_MONTHS[lang].split()[day.month - 1] for lang in ("da", "en"))
    return Words(da=f"den {day.day}. {danish} {day.year}", en=f"{day.day} {english} {day.year}")


def listing(items: Sequence[Words | str]) -> Words:
    """Return items as `a, b og c` and `a, b and c`."""
    return Words(da=_listed(items, "da", "og"), en=_listed(items, "en", "and"))


def together(shares: Mapping[str, float], *, parties: Mapping[str, Words | str]) -> Words | str:
    """Return who pays, several as one subject with their shares.

    Parameters
    ----------
    shares
        Share of each payer, by ledger party.
    parties
        What ledger parties are called; who is missing is called as in the ledger.
    """
    if len(shares) == 1:
        return called(next(iter(shares)), parties=parties)
    named = []
    for name, share in shares.items():
        party, part = called(name, parties=parties), percent(share)
        named.append(
            Words(da=f"{said(party, 'da')} ({part.da})", en=f"{said(party, 'en')} ({part.en})")
        )
    payers = listing(named)
    return Words(
        da=f"betalerne i fællesskab, {payers.da},", en=f"the group of payers, {payers.en},"
    )


def called(name: str, *, parties: Mapping[str, Words | str]) -> Words | str:
    """Return what a ledger party is called: by the name given to it, else as in the ledger."""
    return parties.get(name) or party_words(name)


def designs_words(designs: Sequence[tuple[Words | str, Words | str]]) -> Words | str:
    """Return how results are measured: one design, or each with the title of its outcome.

    Parameters
    ----------
    designs
        Title of the outcome and design of every measure that is read, at least one.
    """
    if len(designs) == 1:
        return designs[0][1]
    return listing(
        [
            Words(
                da=f"{said(design, 'da')} (»{said(title, 'da')}«)",
                en=f'{said(design, "en")} ("{said(title, "en")}")',
            )
            for title, design in designs
        ]
    )


def _listed(items: Sequence[Words | str], lang: Language, conjunction: str) -> str:
    *first, last = [said(item, lang) for item in items]
    return f"{', '.join(first)} {conjunction} {last}" if first else last


def _danish(english: str) -> str:
    return english.translate(str.maketrans(",.", ".,"))
